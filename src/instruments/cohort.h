// Change in a cohort: pairs of scores from a table, judged by one method whose
// constants are given or, where they are not, taken from the cohort itself.
#ifndef STEPWELL_INSTRUMENTS_COHORT_H_
#define STEPWELL_INSTRUMENTS_COHORT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "instruments/change_rule.h"
#include "instruments/instrument.h"
#include "instruments/score_report.h"

namespace stepwell::instruments {

struct CohortPair {
  std::optional<Rational> pre, post;
};

struct CohortRequest {
  ChangeMethod method = ChangeMethod::kJacobsonTruax;
  Direction direction = Direction::kLowerIsBetter;
  // What is absent of SDs, means and correlation comes from the cohort: from
  // the pairs with both scores, SDs with n - 1.
  ChangeConstants constants;
  // kA and kC take a clinical group that is absent from the first scores.
  std::optional<CutoffRule> cutoff;
  std::optional<Group> clinical, functional;
  // A last score of this or better is remission; kPercent only.
  std::optional<Rational> remission;
  // Of the questionnaire whose scores they are, where it is known: its scores
  // lie in this range, and its reliability is used.
  const Instrument* instrument = nullptr;
  uint16_t scale = 0;  // whose scores, of instrument->scales()
  const Reliability* reliability = nullptr;
};

struct CohortChange {
  std::array<uint64_t, kChangeClasses> counts{};  // by ChangeClass
  uint64_t rows = 0;                              // pairs given
  uint64_t missing = 0;  // of them without one of the scores: kUndefined too
  // Response (improved by the percentage) and remission, and pairs with
  // neither ("failure" in Forsell 2019); counted when remission is asked for.
  uint64_t remitted = 0, failed = 0;
  std::optional<Group> clinical;       // that the cutoff was made of
  ChangeConstants constants;           // as they were used
  std::optional<ChangeRule> rule;      // that judged them; never absent
  std::vector<std::string> estimated;  // names of what came from the cohort
};

// kInvalidArgument as ChangeRule::Make, and when the cohort cannot give what
// the method needs (fewer than two pairs, no spread).
absl::StatusOr<CohortChange> ChangeOfCohort(
    const CohortRequest& request, const std::vector<CohortPair>& pairs);

// A cell as a score, read to six decimals; nothing when it is no number of at
// most nine digits before the point (NaN and infinities are none).
std::optional<Rational> ParseScore(std::string_view text);

// The reliability of the scale that is used unless another is given, or null.
const Reliability* DefaultReliability(const Instrument& instrument,
                                      uint16_t scale);

// The table's two columns as pairs, and their report: what `stepwell change
// FILE.csv` prints (docs/reference/cli.md). Errors name line and column.
struct TableChangeRequest {
  CohortRequest cohort;
  std::string pre_column, post_column;
};
absl::StatusOr<Report> TableChange(const TableChangeRequest& request,
                                   std::string_view csv);
// The same over pairs that are there already.
absl::StatusOr<Report> CohortReport(const CohortRequest& request,
                                    const std::vector<CohortPair>& pairs);

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_COHORT_H_
