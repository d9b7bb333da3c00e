// Internal to the engine: a word of the patient or of a guardian that is taken
// back: a consent, or how the patient may be reached.
#ifndef STEPWELL_ENGINE_VOID_WORDS_H_
#define STEPWELL_ENGINE_VOID_WORDS_H_

#include <string>
#include <vector>

#include "engine/event.h"
#include "engine/standing.h"
#include "engine/state.h"

namespace stepwell::engine {

class Macrostep;

// Of the same purpose, and of whoever said that.
bool IsSameWord(const ConsentState& said, const ConsentRecorded& e);

// No other word for it, said at the same time, has been recorded since: what
// the state holds of that time is this one.
bool IsLastOfItsTime(const Macrostep& m, const Event& word);

// Something was said after it and stands, or it was too late when it was told:
// to take it back changes nothing now, and it never comes back. `log` has all
// that came after it.
bool IsHistory(const Macrostep& m, const Event& word);

// Into `voided`: the consents and the wish that stand without those that it
// takes back, and nothing, at no time, where nothing else was said.
void RestoreWords(const Macrostep& m, const Standing& standing, Voided& voided);

// Letters and messages that have left, or may have, on the word of `target`.
// `voided`: the consents that are taken back with it.
struct LeftOnWord {
  std::vector<uint64_t> letters;   // effects
  std::vector<uint64_t> messages;  // effects, to the patient's side
};
LeftOnWord HasLeftOn(const Macrostep& m, const Event& target,
                     const Voided& voided);

// A person hears of what has left, and of what waits in the outbox and still
// bears the wish that is taken back.
void TellOfLeft(Macrostep& m, const Voided& voided, const LeftOnWord& left);

// Of each consent that is taken back, and of others that changed by it, what
// was known `before` and is now, for a review; nothing of one whose answer is
// the same, unless a refusal is gone or theirs is not known any more.
std::string ConsentsLost(const Macrostep& m, const Voided& voided,
                         const std::vector<Answer3>& before);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_VOID_WORDS_H_
