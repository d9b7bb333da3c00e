// The arithmetic of change; formulas as in Jacobson & Truax (1991), JCCP 59.
#include "instruments/change.h"

#include <cmath>

#include "base/status.h"

namespace stepwell::instruments {

std::string_view ChangeClassName(ChangeClass change) {
  static constexpr std::string_view kNames[] = {"recovered", "improved",
                                                "unchanged", "deteriorated",
                                                "harmed",    "undefined"};
  return kNames[static_cast<size_t>(change)];
}

namespace {

// A fraction whose parts do not overflow whatever two numbers a user gives.
struct Wide {
  __int128 num = 0;
  __int128 den = 1;
};

// post - pre, positive when the person is better off.
Wide Gain(const Rational& pre, const Rational& post, Direction direction) {
  const __int128 rise = static_cast<__int128>(post.num) * pre.den -
                        static_cast<__int128>(pre.num) * post.den;
  return {direction == Direction::kHigherIsBetter ? rise : -rise,
          static_cast<__int128>(pre.den) * post.den};
}

ChangeClass ClassOf(const Wide& gain, const Wide& by) {
  const __int128 threshold = by.num * gain.den;
  if (gain.num * by.den >= threshold) return ChangeClass::kImproved;
  if (-gain.num * by.den >= threshold) return ChangeClass::kDeteriorated;
  return ChangeClass::kUnchanged;
}

}  // namespace

ChangeClass ThresholdChange(const std::optional<Rational>& pre,
                            const std::optional<Rational>& post,
                            const Rational& by, Direction direction) {
  if (!pre.has_value() || !post.has_value() || direction == Direction::kNone) {
    return ChangeClass::kUndefined;
  }
  return ClassOf(Gain(*pre, *post, direction), {by.num, by.den});
}

ChangeClass PercentChange(const std::optional<Rational>& pre,
                          const std::optional<Rational>& post,
                          const Rational& percent, Direction direction) {
  if (!pre.has_value() || !post.has_value() || pre->num == 0 ||
      direction == Direction::kNone) {
    return ChangeClass::kUndefined;
  }
  const __int128 size = pre->num < 0 ? -pre->num : pre->num;
  const Wide by{size * percent.num,
                static_cast<__int128>(percent.den) * 100 * pre->den};
  return ClassOf(Gain(*pre, *post, direction), by);
}

absl::StatusOr<double> ClinicalCutoff(CutoffRule rule,
                                      const std::optional<Group>& clinical,
                                      const std::optional<Group>& functional,
                                      Direction direction) {
  if (direction == Direction::kNone) {
    return InvalidInput("a cutoff needs a direction: which scores are better");
  }
  if ((rule != CutoffRule::kB && !clinical.has_value()) ||
      (rule != CutoffRule::kA && !functional.has_value())) {
    return InvalidInput(
        "cutoff a needs the clinical mean and SD, b the functional ones, c "
        "both");
  }
  for (const std::optional<Group>& group : {clinical, functional}) {
    if (group.has_value() && !(std::isfinite(group->mean) &&
                               std::isfinite(group->sd) && group->sd > 0)) {
      return InvalidInput("a group has a finite mean and an SD above 0");
    }
  }
  const double towards_health =
      direction == Direction::kHigherIsBetter ? 1.0 : -1.0;
  switch (rule) {
    case CutoffRule::kA:
      return clinical->mean + towards_health * 2 * clinical->sd;
    case CutoffRule::kB:
      return functional->mean - towards_health * 2 * functional->sd;
    default:  // kC
      break;
  }
  return (clinical->sd * functional->mean + functional->sd * clinical->mean) /
         (clinical->sd + functional->sd);
}

ChangeClass WithCutoff(ChangeClass change, double cutoff, double pre,
                       double post, Direction direction) {
  const double sign = direction == Direction::kHigherIsBetter ? 1.0 : -1.0;
  const double before = sign * (pre - cutoff), after = sign * (post - cutoff);
  if (change == ChangeClass::kImproved && before < 0 && after > 0) {
    return ChangeClass::kRecovered;
  }
  if (change == ChangeClass::kDeteriorated && before > 0 && after < 0) {
    return ChangeClass::kHarmed;
  }
  return change;
}

}  // namespace stepwell::instruments
