// Change between two scores of one person by constants that a document or the
// caller fixes: thresholds, percentages, and the cutoffs between the clinical
// and the functional range. instruments/change_rule.h has the statistical
// methods.
#ifndef STEPWELL_INSTRUMENTS_CHANGE_H_
#define STEPWELL_INSTRUMENTS_CHANGE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "instruments/instrument.h"
#include "instruments/rational.h"

namespace stepwell::instruments {

// Undefined stands for a change that cannot be named: a score is missing, or
// a percentage of nothing is asked for.
enum class ChangeClass : uint8_t {
  kRecovered,  // improved, and from the clinical into the functional range
  kImproved,
  kUnchanged,
  kDeteriorated,
  kHarmed,  // deteriorated, and out of the functional range
  kUndefined,
};
inline constexpr size_t kChangeClasses = 6;
std::string_view ChangeClassName(ChangeClass change);

// A change of at least `by` points (>=, exact) is one; kImproved, kUnchanged
// or kDeteriorated.
ChangeClass ThresholdChange(const std::optional<Rational>& pre,
                            const std::optional<Rational>& post,
                            const Rational& by, Direction direction);

// A change of at least `percent` of the first score. Undefined when the first
// score is 0.
ChangeClass PercentChange(const std::optional<Rational>& pre,
                          const std::optional<Rational>& post,
                          const Rational& percent, Direction direction);

enum class CutoffRule : uint8_t {
  kA,  // 2 SD of the clinical group beyond its mean, towards health
  kB,  // 2 SD of the functional group within its mean (its own SD)
  kC,  // where the two distributions cross, weighted by both SDs
};

struct Group {
  double mean = 0;
  double sd = 0;
};

// Jacobson & Truax 1991; cutoff b with the functional group's SD. kA needs
// `clinical`, kB `functional`, kC both.
absl::StatusOr<double> ClinicalCutoff(CutoffRule rule,
                                      const std::optional<Group>& clinical,
                                      const std::optional<Group>& functional,
                                      Direction direction);

// kImproved becomes kRecovered when the change went from the clinical into the
// functional range, kDeteriorated kHarmed the other way round. Strict on both
// sides: a score on the cutoff is in neither range.
ChangeClass WithCutoff(ChangeClass change, double cutoff, double pre,
                       double post, Direction direction);

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_CHANGE_H_
