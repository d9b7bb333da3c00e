// Scoring: answers in, score out. Pure, exact and without opinion: missing is
// never zero, a missing risk item is unknown and never no.
#ifndef STEPWELL_INSTRUMENTS_SCORE_H_
#define STEPWELL_INSTRUMENTS_SCORE_H_

#include <cstdint>
#include <optional>
#include <span>

#include "absl/container/inlined_vector.h"
#include "instruments/answers.h"
#include "instruments/instrument.h"

namespace stepwell::instruments {

enum class Tri : uint8_t { kFalse, kTrue, kUnknown };

enum class MissingPolicy : uint8_t {
  kDocument,  // the document's default: strict unless it says otherwise
  kStrict,    // a score only when every counted item is answered
  kProrate,   // prorate where the document declares it, strict elsewhere
};

// What the answers alone do not tell.
struct ScoreContext {
  Sex sex = Sex::kUnknown;
  MissingPolicy missing = MissingPolicy::kDocument;
  std::optional<int32_t> age;  // years; norm tables ask for it
  // Replaces the threshold of every risk marker: a service's policy.
  std::optional<int32_t> risk_at_least;
};

struct ScaleScore {
  // Exact value, and the published one after the scale's rounding; bands and
  // cut-offs read `score`. Both absent when no score can be given.
  std::optional<Rational> exact;
  std::optional<Rational> score;
  int16_t band = -1;  // index into Scale::bands; -1 = no score or no bands
  bool prorated = false;
  uint16_t answered = 0;  // counted items with a value
  uint16_t counted = 0;   // items that belong to the scale for this person
  int64_t sum = 0;        // of the counted values, reversed where declared
  // The document's FHIRPath and its declarative rule disagree: no score.
  bool rules_disagree = false;
  Rational min, max;  // range of the score for this person
};

struct ScoreResult {
  absl::InlinedVector<ScaleScore, 1> scales;  // as Instrument::scales()
  absl::InlinedVector<Tri, 8> flags;          // as Instrument::flags()
  absl::InlinedVector<Tri, 2> risks;          // as Instrument::risk_markers()
  int16_t tier = -1;                          // index into Tiers::ids
  // Required items without a usable answer, ascending; out_of_range are those
  // with a value outside their set (not scored; the caller keeps the value).
  absl::InlinedVector<uint16_t, 4> missing;
  absl::InlinedVector<uint16_t, 4> out_of_range;
  // Answered although the item does not apply to this person: not counted.
  absl::InlinedVector<uint16_t, 4> ignored;
  // Answered although skipped by the skip logic: counted all the same.
  absl::InlinedVector<uint16_t, 4> against_skip;
  // Nothing required is missing and nothing is out of range. With items that
  // were rightly skipped, complete is not the same as all answered.
  bool complete = false;

  // The total, or nullptr when the instrument has none.
  const ScaleScore* total(const Instrument& instrument) const {
    return instrument.has_total() ? &scales[0] : nullptr;
  }
  // True if any marker is, else unknown if any is, else false; false without
  // markers.
  Tri risk() const;
};

// `answers` has one slot an item (missing slots at the end count as missing,
// further ones are not read).
ScoreResult Score(const Instrument& instrument, std::span<const Answer> answers,
                  const ScoreContext& context = {});

// The id of the total's band or of the tier; empty when there is none.
std::string_view BandId(const Instrument& instrument,
                        const ScoreResult& result);
std::string_view TierId(const Instrument& instrument,
                        const ScoreResult& result);

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_SCORE_H_
