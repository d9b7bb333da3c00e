// What stands again when a word is taken back, and what was done on it
// meanwhile. A yes stands only where somebody has said it, and nobody has taken
// it back.
#include "engine/void_words.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "engine/handlers.h"
#include "engine/view.h"

namespace stepwell::engine {
namespace {

// Of the same purpose, by whomever of the role.
bool IsOfRole(const ConsentState& one, const ConsentRecorded& e) {
  return one.purpose == e.consent_purpose && one.by == e.by;
}

bool RanOut(const Macrostep& m, const std::optional<Instant>& valid_until) {
  return valid_until && *valid_until <= m.due_now;
}

// Whoever said it was no related person in that role any more since.
bool HasLapsed(const Macrostep& m, const Event& said) {
  const auto& word = std::get<ConsentRecorded>(said.body);
  if (word.related != PersonId() && !m.state.IsOnFile(word.related, word.by)) {
    return true;
  }
  return std::any_of(m.log.begin(), m.log.end(), [&](const Event& event) {
    const auto* lapsed = std::get_if<ConsentLapsed>(&event.body);
    return lapsed != nullptr && event.seq > said.seq &&
           lapsed->consent_purpose == word.consent_purpose &&
           lapsed->by == word.by && lapsed->related == word.related;
  });
}

ConsentState AsSaid(const Macrostep& m, const Event& said) {
  const auto& word = std::get<ConsentRecorded>(said.body);
  return {word.consent_purpose,
          word.given,
          said.at,
          word.valid_until,
          RanOut(m, word.valid_until) || HasLapsed(m, said),
          word.by,
          word.related};
}

// The words of a role for a purpose, without the one that is gone.
class Words {
 public:
  Words(const Macrostep& m, const Standing& standing, const ConsentState& gone)
      : m_(m), standing_(standing), gone_(gone) {}

  // The last one that they, or nobody knows who, have said; one that their
  // leaving has not ended, if there is any.
  const Event* LastOf(PersonId related) const {
    const Event* counts = Last([&](const Event& event, const auto& word) {
      return word.related == related && !HasLapsed(m_, event);
    });
    if (counts != nullptr) return counts;
    return Last([&](const Event&, const auto& word) {
      return word.related == related;
    });
  }

  // What nobody knows who said gives way to a word that has a name.
  bool GaveWay(const Event& unnamed) const {
    const Event* named = Last([&](const Event& event, const auto& word) {
      return word.related != PersonId() &&
             std::pair(event.at, event.seq) >
                 std::pair(unnamed.at, unnamed.seq);
    });
    if (named != nullptr) return true;
    // The log need not be whole.
    return std::any_of(m_.state.consents.begin(), m_.state.consents.end(),
                       [&](const ConsentState& said) {
                         return said.purpose == gone_.purpose &&
                                said.by == gone_.by &&
                                said.related != PersonId() &&
                                said.related != gone_.related &&
                                said.at > unnamed.at;
                       });
  }

  // What they had said themselves.
  ConsentState Before() const {
    ConsentState before = gone_;
    before.at = Instant();
    before.valid_until.reset();
    before.ended = true;
    const Event* said = LastOf(gone_.related);
    if (said == nullptr) return before;
    before = AsSaid(m_, *said);
    // It had ended before it was taken back, and not by its time.
    before.ended = before.ended ||
                   (gone_.ended && !RanOut(m_, gone_.valid_until)) ||
                   (gone_.related == PersonId() && GaveWay(*said));
    return before;
  }

  // What others of the role had said, and what it was that kept it down.
  std::vector<ConsentState> Others() const {
    std::vector<ConsentState> others;
    if (gone_.by.empty()) return others;
    if (gone_.related != PersonId()) {
      const Event* unnamed = LastOf(PersonId());
      if (unnamed != nullptr && !GaveWay(*unnamed)) Add(*unnamed, others);
      return others;
    }
    for (const RelatedState& related : m_.state.related) {
      if (related.role != gone_.by || related.ended_at) continue;
      const Event* named = LastOf(related.person);
      if (named != nullptr) Add(*named, others);
    }
    return others;
  }

 private:
  template <class Fits>
  const Event* Last(Fits fits) const {
    return standing_.WordBefore<ConsentRecorded>(
        Standing::kAnySeq, [&](const Event& event, const ConsentRecorded& e) {
          return IsOfRole(gone_, e) && fits(event, e);
        });
  }

  // Unless it stands as it is, or they have said something since.
  void Add(const Event& event, std::vector<ConsentState>& others) const {
    const ConsentState said = AsSaid(m_, event);
    // What nobody knows who said went with the last of the role.
    const bool left = said.related == PersonId() && gone_.ended &&
                      m_.state.RelatedAs(said.by).empty();
    if (said.ended || left) return;
    for (const ConsentState& known : m_.state.consents) {
      if (!IsSameWord(known, std::get<ConsentRecorded>(event.body))) continue;
      const bool later = known.at > said.at;
      if (later || (known.at == said.at && !known.ended)) return;
    }
    others.push_back(said);
  }

  const Macrostep& m_;
  const Standing& standing_;
  const ConsentState& gone_;
};

// The word counted from one event to another.
struct Stretch {
  uint64_t from = 0;
  uint64_t to = UINT64_MAX;
};

// Until something else was said that was not too late, and stands.
template <class E, class Fits>
Stretch StretchOf(const Macrostep& m, const Event& word, Fits fits) {
  const Standing standing(m.log, 0);
  if (std::get<E>(word.body).outdone) {
    // It counts once the later ones are taken back.
    if (IsHistory(m, word)) return {word.seq, word.seq};
    return {word.seq};
  }
  for (const Event& event : m.log) {
    const auto* next = std::get_if<E>(&event.body);
    if (next != nullptr && event.seq > word.seq && !next->outdone &&
        !standing.IsTakenBack(event.seq) && fits(*next)) {
      return {word.seq, event.seq};
    }
  }
  return {word.seq};
}

// The ids of what was asked for then, fits, and has left, or may have: whether
// it came is not known of what has expired.
template <class Fits>
void AddLeft(const Macrostep& m, const Stretch& stretch, Fits fits,
             std::vector<uint64_t>& left) {
  std::vector<uint64_t> asked;
  for (const Event& event : m.log) {
    if (const auto* effect = std::get_if<EffectRequested>(&event.body)) {
      if (event.seq > stretch.from && event.seq < stretch.to && fits(*effect)) {
        asked.push_back(effect->effect);
      }
    } else if (const auto* ended = std::get_if<EffectSettled>(&event.body)) {
      const bool gone = ended->delivered || ended->expired;
      if (gone && Contains(asked, ended->effect) &&
          !Contains(left, ended->effect)) {
        left.push_back(ended->effect);
      }
    }
  }
}

// The letter is sent with that consent only.
bool NeedsConsent(const Macrostep& m, const EffectRequested& effect,
                  PurposeId purpose) {
  if (effect.kind != EffectKind::kLetter) return false;
  return purpose == (effect.to == protocol::Recipient::kService
                         ? m.protocol.transfer.purpose
                         : m.protocol.feedback_purpose);
}

// They had said yes before as well.
bool WasYesBefore(const Macrostep& m, const Event& word) {
  const ConsentState said = AsSaid(m, word);
  const Event* before = Standing(m.log, word.seq)
                            .WordBefore<ConsentRecorded>(
                                word.seq, [&](const Event&, const auto& e) {
                                  return IsSameWord(said, e);
                                });
  if (before == nullptr) return false;
  const ConsentState known = AsSaid(m, *before);
  return known.given && !known.ended;
}

// Letters on a yes that nobody, or somebody else, has said.
void AddLetters(const Macrostep& m, const Event& word,
                std::vector<uint64_t>& letters) {
  const auto& said = std::get<ConsentRecorded>(word.body);
  if (!said.given || WasYesBefore(m, word)) return;
  const ConsentState of = AsSaid(m, word);
  const Stretch stretch = StretchOf<ConsentRecorded>(
      m, word, [&](const ConsentRecorded& e) { return IsSameWord(of, e); });
  AddLeft(
      m, stretch,
      [&](const EffectRequested& effect) {
        return NeedsConsent(m, effect, said.consent_purpose);
      },
      letters);
}

std::vector<PurposeId> Purposes(const std::vector<ConsentState>& consents) {
  std::vector<PurposeId> purposes;
  for (const ConsentState& said : consents) purposes.push_back(said.purpose);
  return purposes;
}

bool IsPending(const CaseState& state, uint64_t effect) {
  return std::ranges::find(state.pending_effects, effect,
                           &PendingEffectState::effect) !=
         state.pending_effects.end();
}

// A message that waits in the outbox bears the wish that is taken back.
bool IsBorneByWords(const Macrostep& m, const Voided& voided) {
  const Event* word = Standing(m.log, 0).At(voided.target);
  const auto* wish =
      word == nullptr ? nullptr : std::get_if<SafeContactNoted>(&word->body);
  return wish != nullptr &&
         std::any_of(m.log.begin(), m.log.end(), [&](const Event& event) {
           const auto* asked = std::get_if<EffectRequested>(&event.body);
           return asked != nullptr && event.seq > voided.target &&
                  asked->safe_contact == wish->contact &&
                  asked->safe_contact != m.state.safe_contact &&
                  IsPending(m.state, asked->effect);
         });
}

std::string Count(size_t count) {
  return count == 1 ? "; one" : absl::StrCat("; ", count);
}

std::string_view TextOf(Answer3 answer) {
  if (answer == Answer3::kYes) return "yes";
  return answer == Answer3::kNo ? "no" : "not known";
}

}  // namespace

bool IsSameWord(const ConsentState& said, const ConsentRecorded& e) {
  return IsOfRole(said, e) && said.related == e.related;
}

bool IsLastOfItsTime(const Macrostep& m, const Event& word) {
  const Standing standing(m.log, 0);
  const Event* last = nullptr;
  if (const auto* said = std::get_if<ConsentRecorded>(&word.body)) {
    last = standing.WordBefore<ConsentRecorded>(
        Standing::kAnySeq, [&](const Event& event, const ConsentRecorded& e) {
          return event.at == word.at && e.related == said->related &&
                 e.consent_purpose == said->consent_purpose && e.by == said->by;
        });
  } else if (std::holds_alternative<SafeContactNoted>(word.body)) {
    last = standing.WordBefore<SafeContactNoted>(
        Standing::kAnySeq,
        [&](const Event& event, const auto&) { return event.at == word.at; });
  }
  return last == nullptr || last->seq <= word.seq;
}

bool IsHistory(const Macrostep& m, const Event& word) {
  // Nothing is missing after it, so that nobody takes it back twice.
  const uint64_t after = m.log.back().seq - word.seq;
  const auto place = std::ranges::find(m.log, word.seq, &Event::seq);
  if (place == m.log.end() ||
      static_cast<uint64_t>(m.log.end() - place) != after + 1 ||
      m.log.back().seq + m.events.size() != m.state.version ||
      Standing(m.log, 0).IsTakenBack(word.seq)) {
    return false;
  }
  if (const auto* said = std::get_if<ConsentRecorded>(&word.body)) {
    return std::none_of(m.state.consents.begin(), m.state.consents.end(),
                        [&](const ConsentState& known) {
                          return IsSameWord(known, *said) &&
                                 known.at == word.at &&
                                 IsLastOfItsTime(m, word);
                        });
  }
  if (const auto* wish = std::get_if<SafeContactNoted>(&word.body)) {
    return m.state.safe_contact != wish->contact ||
           m.state.safe_contact_at != word.at || !IsLastOfItsTime(m, word);
  }
  const auto* fact = std::get_if<FactRecorded>(&word.body);
  return fact != nullptr &&
         std::ranges::find(m.state.facts, word.seq, &FactState::seq) ==
             m.state.facts.end();
}

void RestoreWords(const Macrostep& m, const Standing& standing,
                  Voided& voided) {
  for (const ConsentState& gone : voided.consents) {
    const Words words(m, standing, gone);
    voided.consents_restored.push_back(words.Before());
    for (ConsentState& other : words.Others()) {
      voided.consents_restored.push_back(std::move(other));
    }
  }
  if (!voided.safe_contact) return;
  const Event* said = standing.WordBefore<SafeContactNoted>(
      Standing::kAnySeq, [](const auto&, const auto&) { return true; });
  if (said == nullptr) return;
  voided.safe_contact_restored = std::get<SafeContactNoted>(said->body).contact;
  voided.safe_contact_at = said->at;
}

LeftOnWord HasLeftOn(const Macrostep& m, const Event& target,
                     const Voided& voided) {
  LeftOnWord left;
  for (const Event& event : m.history) {
    const auto* said = std::get_if<ConsentRecorded>(&event.body);
    if (said == nullptr || event.seq < target.seq) continue;
    const bool gone = std::any_of(
        voided.consents.begin(), voided.consents.end(),
        [&](const ConsentState& of) { return IsSameWord(of, *said); });
    if (gone || event.seq == target.seq) AddLetters(m, event, left.letters);
  }
  if (const auto* wish = std::get_if<SafeContactNoted>(&target.body);
      wish != nullptr && voided.safe_contact_restored != wish->contact) {
    const Stretch stretch = StretchOf<SafeContactNoted>(
        m, target, [](const auto&) { return true; });
    AddLeft(
        m, stretch,
        [&](const EffectRequested& effect) {
          return effect.safe_contact == wish->contact;
        },
        left.messages);
  }
  return left;
}

void TellOfLeft(Macrostep& m, const Voided& voided, const LeftOnWord& left) {
  if (!left.letters.empty()) {
    m.OpenReview(absl::StrCat("letters have left, or may have, on the consent "
                              "of event ",
                              voided.target, ", which was taken back"),
                 Count(left.letters.size()));
  }
  if (!left.messages.empty()) {
    m.OpenReview(absl::StrCat("messages have left, or may have, in the way to "
                              "reach the patient of event ",
                              voided.target, ", which was taken back"),
                 Count(left.messages.size()));
  }
  if (IsBorneByWords(m, voided)) {
    m.OpenReview(
        "how the patient may be reached was taken back, and messages in the "
        "outbox still say it");
  }
}

std::string ConsentsLost(const Macrostep& m, const Voided& voided,
                         const std::vector<Answer3>& before) {
  std::string lost;
  for (const ConsentState& gone : voided.consents) {
    const auto is_same = [&](const ConsentState& known) {
      return known.purpose == gone.purpose && known.by == gone.by &&
             known.related == gone.related;
    };
    const auto now =
        std::find_if(m.state.consents.begin(), m.state.consents.end(), is_same);
    const bool unknown = now == m.state.consents.end() || now->ended;
    const Answer3 was = before[gone.purpose.value];
    const Answer3 is = ConsentOf(m.protocol, m.state, gone.purpose);
    if (was == is && gone.given && !unknown) continue;
    absl::StrAppend(&lost, "; of ", m.protocol.purposes[gone.purpose.value],
                    " the ", gone.given ? "yes" : "no", " of the ",
                    gone.by.empty() ? "patient" : gone.by, " (event ",
                    voided.target, "): it was ", ToAbsl(TextOf(was)),
                    " and is ", ToAbsl(TextOf(is)));
  }
  // A fact may say who decides.
  const std::vector<Answer3> now = KnownConsents(m);
  for (uint16_t i = 0; i < now.size(); ++i) {
    const bool told = Contains(Purposes(voided.consents), PurposeId(i));
    if (told || now[i] == before[i]) continue;
    absl::StrAppend(&lost, "; the consent to ", m.protocol.purposes[i], " was ",
                    ToAbsl(TextOf(before[i])), " and is ",
                    ToAbsl(TextOf(now[i])));
  }
  return lost;
}

}  // namespace stepwell::engine
