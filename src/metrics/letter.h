// What a letter to whoever referred can say in figures: waits, contacts, what
// was done of the treatment, first and last scores. Nothing about risk, nothing
// of what the patient wrote, and no way to reach them.
#ifndef STEPWELL_METRICS_LETTER_H_
#define STEPWELL_METRICS_LETTER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "metrics/course.h"
#include "protocol/protocol.h"

namespace stepwell::metrics {

struct LetterDefinition {
  std::string_view name;
  std::string_view unit;
  std::string_view formula;
  std::string_view missing;  // why there is no value, when there is none
};
inline constexpr std::string_view kLetterId = "stepwell-letter";
inline constexpr std::string_view kLetterVersion = "1";
// In the order of Letter::figures.
std::span<const LetterDefinition> LetterDefinitions();

struct LetterFigure {
  std::optional<int64_t> value;  // absent: not known, which is not zero
  std::optional<int64_t> of;     // that it is a part of
  bool operator==(const LetterFigure&) const = default;
};

// The first and the last score of an instrument, in total.
struct LetterScore {
  engine::InstrumentRef instrument;
  const Course::Score* first = nullptr;
  const Course::Score* last = nullptr;  // null: there is one only
};

struct Letter {
  uint16_t episode = 0;  // from 1
  std::vector<LetterFigure> figures;
  std::vector<LetterScore> scores;
};

// About the course that the referral led to, with the days from its own wait;
// without one, about the latest course. Nothing when there is none. `protocol`
// is the one that the case is on; days are those of its zone.
std::optional<Letter> LetterOf(const Course& course,
                               const protocol::Protocol& protocol,
                               ReferralId referral);

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_LETTER_H_
