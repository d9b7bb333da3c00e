// NHS Talking Therapies, England: what becomes of one course by the national
// definitions, and the counts of many. Sources: NHS England's measure metadata
// (M-numbers), its dashboard SQL, and PMC8411661 and PMC5942544; what is from
// memory is marked so in AnxietyMeasures() and docs/reference/measures.md.
#ifndef STEPWELL_METRICS_NHS_TT_H_
#define STEPWELL_METRICS_NHS_TT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stepwell::metrics {

inline constexpr std::string_view kNhsTtId = "nhs-tt";
inline constexpr std::string_view kNhsTtVersion = "2026-07";

// Scores are in ten-thousandths of a point, dates in days since 1970-01-01.
inline constexpr int32_t kPoint = 10'000;
inline constexpr int32_t kNone = INT32_MIN;  // a missing score, date or number

struct Thresholds {
  int32_t caseness;  // at or above: a case
  int32_t change;    // a change of so much is reliable (>=)
};
inline constexpr Thresholds kPhq9{10 * kPoint, 6 * kPoint};
inline constexpr int32_t kPhq9Max = 27;

// The other numbers of the definitions: M076, M052-M055, CDP_B03; waits in
// days.
struct NhsTtLimits {
  int32_t contacts, short_wait, long_wait, second_wait;
};
inline constexpr NhsTtLimits kNhsTtLimits{2, 42, 126, 90};

// An anxiety measure that a presenting complaint may call for.
struct AnxietyMeasure {
  std::string_view id;
  std::string_view title;
  Thresholds thresholds;
  int32_t min, max;  // least and greatest score
  bool whole;        // scores are whole numbers
  bool verified;
  // Complaints (ICD-10 or SNOMED CT codes) that are measured with it.
  std::string_view complaints;
  // The shipped document that asks it, where that has another id.
  std::string_view questionnaire = id;
};
// The first is GAD-7: what every other falls back to.
std::span<const AnxietyMeasure> AnxietyMeasures();
// By its id or that of its questionnaire, without regard to case.
std::optional<size_t> AnxietyMeasureNamed(std::string_view id);
// The measure that a complaint calls for, its code with or without the dot and
// in any case; nothing where the table does not have it: GAD-7 then.
std::optional<size_t> AnxietyMeasureFor(std::string_view complaint);

struct Complaint {
  std::string_view code;  // empty: not populated
  bool primary = false;
  int32_t date = kNone;
  int64_t id = 0;
};
// The one that counts (M204): populated first, primary before secondary,
// latest date, highest id. Nothing when there is none at all.
std::optional<size_t> PresentingComplaint(std::span<const Complaint> list);

// First and last score; kNone where one is missing.
struct ScorePairOf {
  int32_t first = kNone, last = kNone;
  bool paired() const { return first != kNone && last != kNone; }
};

enum class Reliable : uint8_t {
  kImproved,
  kDeteriorated,
  kNoChange,
  kUnclassified,  // no pair of scores of both measures
};
std::string_view ReliableName(Reliable reliable);

// One measure improves and the other deteriorates: the definition calls it no
// change; a service may count it apart.
struct CourseOutcome {
  bool at_caseness = false;      // at the first score of either measure
  bool not_at_caseness = false;  // both first scores there and below
  bool recovered = false;
  bool mixed = false;
  Reliable reliable = Reliable::kUnclassified;
  bool reliable_recovery() const {
    return recovered && reliable == Reliable::kImproved;
  }
};
CourseOutcome OutcomeOf(ScorePairOf phq9, ScorePairOf anxiety,
                        Thresholds anxiety_thresholds);

// Columns of courses; an empty span is a column that is not there.
struct CourseColumns {
  size_t rows = 0;
  std::span<const int32_t> phq9_first, phq9_last, gad7_first, gad7_last;
  std::span<const int32_t> contacts;  // treatment contacts, no follow-up
  std::span<const uint8_t> specific;  // index of AnxietyMeasures(), 0 = GAD-7
  std::span<const int32_t> specific_first, specific_last;
  std::span<const int32_t> referral, first_treatment, second_treatment;
  std::span<const int32_t> discharged;
  std::span<const int32_t> minutes;
};

// Only what ended, or began, in these days counts; kNone is no bound.
struct Period {
  int32_t from = kNone, to = kNone;  // both days belong to it
  bool Contains(int32_t day) const {
    return (from == kNone || day >= from) && (to == kNone || day <= to);
  }
  bool IsEverything() const { return from == kNone && to == kNone; }
};

// A share with what is missing for it.
struct Ratio {
  uint64_t numerator = 0, denominator = 0;
  uint64_t missing = 0;  // of the denominator: nothing was known
  bool operator==(const Ratio&) const = default;
};

// Sums for a pre-post effect, exact: in ten-thousandths of a point, and in
// their squares.
struct EffectSums {
  uint64_t pairs = 0;
  uint64_t first = 0, first2 = 0, last = 0;
  // (mean first - mean last) / SD of first scores (n - 1); nothing with fewer
  // than two pairs or no spread.
  std::optional<double> size() const;
};

struct NhsCounts {
  uint64_t courses = 0;   // ended in the period; without bounds all
  uint64_t started = 0;   // first treatment in the period; without bounds also
                          // those with a contact and no date of it
  uint64_t finished = 0;  // ended in the period, two contacts or more
  uint64_t contacts_missing = 0;  // of `courses`
  bool starts_known = false;      // there is a column of first treatments
  uint64_t at_caseness = 0, not_at_caseness = 0, recovered = 0;
  uint64_t not_cases_unpaired = 0;  // of not_at_caseness: no pair of scores
  uint64_t reliable_recovery = 0, improved = 0, deteriorated = 0;
  uint64_t no_change = 0, unclassified = 0, mixed = 0;
  // Of finished courses; of those that started in the period.
  Ratio wait6_finished, wait18_finished, wait6_started, wait18_started;
  Ratio second_wait_over_90;
  // Reliable recovery by estimand, among those at caseness.
  Ratio completers, carried_forward, all_started;
  EffectSums phq9, gad7;
  uint64_t minutes = 0, minutes_known = 0;
  void Add(const NhsCounts& other);
};

// `group` (empty: all are group 0) gives the group of each row.
std::vector<NhsCounts> CountCourses(const CourseColumns& columns,
                                    std::span<const uint32_t> group,
                                    size_t groups, const Period& period);

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_NHS_TT_H_
