// The statistical methods of change. A rule is made once from its constants
// and judges any number of pairs. Some methods need what only a cohort has:
// they cannot tell anything about one live case, and are refused for it.
//
//   ASSIGN(rule, ChangeRule::Make(ChangeMethod::kJacobsonTruax, constants,
//                                 direction, ChangeRule::Use::kOneCase));
//   rule.Judge(Rational(18), Rational(9)).change;
#ifndef STEPWELL_INSTRUMENTS_CHANGE_RULE_H_
#define STEPWELL_INSTRUMENTS_CHANGE_RULE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "instruments/change.h"

namespace stepwell::instruments {

// Formulas: reference implementation of the R package clinicalsignificance
// (R/calc_rci_*.R), with s = SD of first scores, r = reliability, SEM =
// s sqrt(1-r), Sdiff = sqrt(2) SEM, SEP = s sqrt(1-r^2), M = mean.
enum class ChangeMethod : uint8_t {
  kJacobsonTruax,        // (post-pre)/Sdiff
  kGulliksenLordNovick,  // ((post-Mpre) - r(pre-Mpre))/SEP
  kEdwardsNunnally,      // (post - (r(pre-Mpre)+Mpre))/SEM
  // The same over sqrt(r^2 s^2 (1-r) + s^2 (1-r_post)).
  kNunnallyKotsch,
  kHsuLinnLord,  // ((post-Mpost) - r(pre-Mpre))/SEP
  // ((post-pre)R + (Mpost-Mpre)(1-R))/(sqrt(R) Sdiff), R the reliability of
  // the difference, from both SDs, SEM and the correlation of the scores.
  kHagemanArrindell,
  kPercent,  // PercentChange
  kMcid,     // ThresholdChange by an anchor's minimal important difference
};
inline constexpr size_t kChangeMethods = 8;
// "jt", "gln", "en", "nk", "hll", "ha", "percent", "mcid".
std::string_view ChangeMethodName(ChangeMethod method);
std::optional<ChangeMethod> ChangeMethodFromName(std::string_view name);
// Who described it, and when.
std::string_view ChangeMethodSource(ChangeMethod method);
// False for HLL and HA: they need the cohort's mean of last scores or its
// correlation. GLN, EN and NK fit one case when mean and SD are constants.
bool FitsOneCase(ChangeMethod method);
// False for kPercent and kMcid.
bool IsReliableChangeIndex(ChangeMethod method);

// SDs and critical values lie in what keeps every derived number finite and
// inside 64 bits.
inline constexpr double kSdMin = 1e-9, kSdMax = 1e9, kCriticalMax = 1e3;

struct ChangeConstants {
  double reliability = 0;  // of the instrument; say which kind was used
  std::optional<double> reliability_post;  // NK; default: the same
  std::optional<double> sd_pre, sd_post;   // sd_post: HA
  std::optional<double> mean_pre, mean_post;
  std::optional<double> correlation;  // of first and last scores: HA
  std::optional<double> critical;     // default 1.96; HA 1.645, one-sided
  std::optional<Rational> by;         // kPercent: per cent; kMcid: points
  std::optional<double> cutoff;       // between clinical and functional range
};

class ChangeRule {
 public:
  enum class Use : uint8_t { kOneCase, kCohort };
  // kInvalidArgument when the method does not fit one case and is to be used
  // for one, when a constant that it needs is absent, and when a number means
  // nothing (SD below kSdMin, reliability outside [0, 1), not finite).
  static absl::StatusOr<ChangeRule> Make(ChangeMethod method,
                                         const ChangeConstants& constants,
                                         Direction direction, Use use);

  struct Verdict {
    std::optional<double> index;  // of the reliable change methods
    ChangeClass change = ChangeClass::kUndefined;
  };
  // Reals are judged as the method defines it: |index| above the critical
  // value, strictly. Whole numbers by Jacobson-Truax with >= on
  // smallest_integer_change(), which says the same.
  Verdict Judge(const std::optional<Rational>& pre,
                const std::optional<Rational>& post) const;

  ChangeMethod method() const { return method_; }
  const ChangeConstants& constants() const { return constants_; }
  double critical() const;
  double sem() const { return sem_; }
  double s_diff() const;                               // sqrt(2) * sem
  double min_detectable() const;                       // critical * s_diff
  int64_t smallest_integer_change() const;             // points, >=
  double denominator() const { return denominator_; }  // of the index
  // Of the difference; HA only.
  std::optional<double> difference_reliability() const { return r_dd_; }

 private:
  ChangeRule(ChangeMethod method, const ChangeConstants& constants,
             Direction direction)
      : method_(method), constants_(constants), direction_(direction) {}
  absl::Status CheckIndexConstants() const;
  absl::Status Prepare();
  double IndexOf(double pre, double post) const;
  ChangeClass ClassOfIndex(double index, const Rational& pre,
                           const Rational& post) const;

  ChangeMethod method_;
  ChangeConstants constants_;
  Direction direction_;
  double sem_ = 0, denominator_ = 1;
  std::optional<double> r_dd_;
};

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_CHANGE_RULE_H_
