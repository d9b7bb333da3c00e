// Change between two scores of one person, by constants that a document or
// the caller fixes. Methods that need a cohort's means have no place here:
// they cannot tell anything about one live case.
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
std::string_view ChangeClassName(ChangeClass change);

// --- The threshold rule ---------------------------------------------------

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

// --- Jacobson and Truax ---------------------------------------------------

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

struct JacobsonTruaxConstants {
  double sd = 0;           // of first scores
  double reliability = 0;  // of the instrument; say which kind was used
  double critical = 1.96;
  std::optional<double> cutoff;  // between clinical and functional range
};

struct JacobsonTruaxResult {
  double sem = 0;             // sd * sqrt(1 - reliability)
  double s_diff = 0;          // sqrt(2) * sem
  double min_detectable = 0;  // critical * s_diff
  // The smallest whole number of points that is a reliable change (>=).
  int64_t smallest_integer_change = 0;
  std::optional<double> index;  // (post - pre) / s_diff
  bool reliable = false;        // |index| > critical, strictly
  ChangeClass change = ChangeClass::kUndefined;
};

// kInvalidArgument when sd <= 0, reliability is not within [0, 1), or a
// number is not finite. Missing scores leave index empty.
absl::StatusOr<JacobsonTruaxResult> JacobsonTruax(
    const JacobsonTruaxConstants& constants, std::optional<double> pre,
    std::optional<double> post, Direction direction);

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_CHANGE_H_
