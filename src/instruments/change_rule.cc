// Constants checked once, then one formula a method.
#include "instruments/change_rule.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace stepwell::instruments {
namespace {

constexpr double kTwoSided95 = 1.96, kOneSided95 = 1.645;

struct MethodFacts {
  std::string_view name;
  std::string_view source;
  bool one_case;
  bool needs_mean;
};
constexpr MethodFacts kMethods[kChangeMethods] = {
    {"jt", "Jacobson and Truax 1991, JCCP 59:12-19", true, false},
    {"gln", "Gulliksen, Lord and Novick, in Hsu 1989", true, true},
    {"en", "Edwards, Yarvis, Mueller, Zingale and Wagman 1978; Speer 1992",
     true, true},
    {"nk", "Nunnally and Kotsch 1983", true, true},
    {"hll", "Hsu, Linn and Lord, in Hsu 1989 and 1999", false, true},
    {"ha", "Hageman and Arrindell 1999", false, true},
    {"percent", "percentage of the first score", true, false},
    {"mcid", "minimal important difference by an anchor", true, false},
};

const MethodFacts& FactsOf(ChangeMethod method) {
  return kMethods[static_cast<size_t>(method)];
}

bool IsReliability(double r) { return r >= 0 && r < 1; }

bool IsSd(const std::optional<double>& sd) {
  return sd.has_value() && *sd >= kSdMin && *sd <= kSdMax;
}

bool IsFinite(const std::optional<double>& x) {
  return x.has_value() && std::isfinite(*x);
}

absl::Status Needs(ChangeMethod method, std::string_view what) {
  return InvalidInput(absl::StrCat("the method ",
                                   ToAbsl(ChangeMethodName(method)), " needs ",
                                   ToAbsl(what)));
}

}  // namespace

std::string_view ChangeMethodName(ChangeMethod method) {
  return FactsOf(method).name;
}

std::string_view ChangeMethodSource(ChangeMethod method) {
  return FactsOf(method).source;
}

std::optional<ChangeMethod> ChangeMethodFromName(std::string_view name) {
  for (size_t i = 0; i < kChangeMethods; ++i) {
    if (kMethods[i].name == name) return static_cast<ChangeMethod>(i);
  }
  return std::nullopt;
}

bool FitsOneCase(ChangeMethod method) { return FactsOf(method).one_case; }

bool IsReliableChangeIndex(ChangeMethod method) {
  return method != ChangeMethod::kPercent && method != ChangeMethod::kMcid;
}

absl::StatusOr<ChangeRule> ChangeRule::Make(ChangeMethod method,
                                            const ChangeConstants& constants,
                                            Direction direction, Use use) {
  if (direction == Direction::kNone) {
    return InvalidInput("a change needs a direction: which scores are better");
  }
  if (use == Use::kOneCase && !FitsOneCase(method)) {
    return InvalidInput(absl::StrCat(
        "the method ", ToAbsl(ChangeMethodName(method)),
        " is a statistic of a cohort and says nothing of one case; jt, gln, "
        "en, nk, percent and mcid do"));
  }
  if (constants.cutoff.has_value() && !std::isfinite(*constants.cutoff)) {
    return InvalidInput("the cutoff must be a finite number");
  }
  ChangeRule rule(method, constants, direction);
  if (IsReliableChangeIndex(method)) {
    STEPWELL_RETURN_IF_ERROR(rule.CheckIndexConstants());
    STEPWELL_RETURN_IF_ERROR(rule.Prepare());
    return rule;
  }
  if (!constants.by.has_value() || *constants.by <= Rational(0)) {
    return Needs(method, method == ChangeMethod::kPercent
                             ? "a percentage above 0"
                             : "a number of points above 0");
  }
  return rule;
}

absl::Status ChangeRule::CheckIndexConstants() const {
  const ChangeConstants& c = constants_;
  if (!IsSd(c.sd_pre)) {
    return Needs(method_, "the SD of first scores, from 1e-9 to 1e9");
  }
  if (!IsReliability(c.reliability) ||
      !IsReliability(c.reliability_post.value_or(0))) {
    return InvalidInput("a reliability must be at least 0 and below 1");
  }
  if (c.critical.has_value() &&
      !(*c.critical > 0 && *c.critical <= kCriticalMax)) {
    return InvalidInput("the critical value must be above 0, at most 1,000");
  }
  if (FactsOf(method_).needs_mean && !IsFinite(c.mean_pre)) {
    return Needs(method_, "the mean of first scores");
  }
  if (!FitsOneCase(method_) && !IsFinite(c.mean_post)) {
    return Needs(method_, "the mean of last scores");
  }
  if (method_ == ChangeMethod::kHagemanArrindell &&
      (!IsSd(c.sd_post) || !IsFinite(c.correlation) ||
       std::abs(*c.correlation) > 1)) {
    return Needs(method_,
                 "the SD of last scores, above 0, and the correlation of "
                 "first and last scores");
  }
  return absl::OkStatus();
}

absl::Status ChangeRule::Prepare() {
  const double s = *constants_.sd_pre, r = constants_.reliability;
  sem_ = s * std::sqrt(1 - r);
  switch (method_) {
    case ChangeMethod::kGulliksenLordNovick:
    case ChangeMethod::kHsuLinnLord:
      denominator_ = s * std::sqrt(1 - r * r);
      break;
    case ChangeMethod::kEdwardsNunnally:
      denominator_ = sem_;
      break;
    case ChangeMethod::kNunnallyKotsch:
      denominator_ =
          s * std::sqrt(r * r * (1 - r) +
                        (1 - constants_.reliability_post.value_or(r)));
      break;
    case ChangeMethod::kHagemanArrindell: {
      // Reliable variance over all variance of the difference; that of each
      // occasion is its variance less the squared SEM.
      const double post = *constants_.sd_post, error = 2 * sem_ * sem_;
      const double all =
          s * s + post * post - 2 * s * post * *constants_.correlation;
      if (!(all > error)) {
        return InvalidInput(
            "the differences vary no more than the error of measurement: the "
            "method ha is undefined");
      }
      r_dd_ = (all - error) / all;
      denominator_ = std::sqrt(*r_dd_) * s_diff();
      break;
    }
    default:
      denominator_ = s_diff();
  }
  return absl::OkStatus();
}

double ChangeRule::critical() const {
  return constants_.critical.value_or(
      method_ == ChangeMethod::kHagemanArrindell ? kOneSided95 : kTwoSided95);
}

double ChangeRule::s_diff() const { return std::sqrt(2.0) * sem_; }

double ChangeRule::min_detectable() const { return critical() * s_diff(); }

int64_t ChangeRule::smallest_integer_change() const {
  // "Above min_detectable" on whole numbers, said with >=.
  return static_cast<int64_t>(std::floor(min_detectable())) + 1;
}

double ChangeRule::IndexOf(double pre, double post) const {
  const ChangeConstants& c = constants_;
  switch (method_) {
    case ChangeMethod::kJacobsonTruax:
      return (post - pre) / denominator_;
    case ChangeMethod::kHsuLinnLord:
      return ((post - *c.mean_post) - c.reliability * (pre - *c.mean_pre)) /
             denominator_;
    case ChangeMethod::kHagemanArrindell:
      return ((post - pre) * *r_dd_ +
              (*c.mean_post - *c.mean_pre) * (1 - *r_dd_)) /
             denominator_;
    default:  // GLN, EN, NK: from the true score that is expected
      return (post - (c.reliability * (pre - *c.mean_pre) + *c.mean_pre)) /
             denominator_;
  }
}

ChangeClass ChangeRule::ClassOfIndex(double index, const Rational& pre,
                                     const Rational& post) const {
  if (method_ == ChangeMethod::kJacobsonTruax && pre.IsInteger() &&
      post.IsInteger()) {
    return ThresholdChange(pre, post, Rational(smallest_integer_change()),
                           direction_);
  }
  const double gain = direction_ == Direction::kHigherIsBetter ? index : -index;
  if (gain > critical()) return ChangeClass::kImproved;
  return gain < -critical() ? ChangeClass::kDeteriorated
                            : ChangeClass::kUnchanged;
}

ChangeRule::Verdict ChangeRule::Judge(
    const std::optional<Rational>& pre,
    const std::optional<Rational>& post) const {
  Verdict out;
  if (!pre.has_value() || !post.has_value()) return out;
  const double first = pre->ToDouble(), last = post->ToDouble();
  if (method_ == ChangeMethod::kPercent) {
    out.change = PercentChange(pre, post, *constants_.by, direction_);
  } else if (method_ == ChangeMethod::kMcid) {
    out.change = ThresholdChange(pre, post, *constants_.by, direction_);
  } else {
    out.index = IndexOf(first, last);
    out.change = ClassOfIndex(*out.index, *pre, *post);
  }
  if (constants_.cutoff.has_value()) {
    out.change =
        WithCutoff(out.change, *constants_.cutoff, first, last, direction_);
  }
  return out;
}

}  // namespace stepwell::instruments
