// The rules of one course, and one pass over many.
#include "metrics/nhs_tt.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

namespace stepwell::metrics {
namespace {

constexpr int32_t kDays6Weeks = 42, kDays18Weeks = 126;  // M052-M055
constexpr int32_t kSecondWaitDays = 90;  // Core Data Pack CDP_B03: above
constexpr int32_t kContactsMin = 2;      // M076

// PMC5942544 table 2 with M198 and M204 for which complaint calls for which
// measure (verified); numbers verified for GAD-7 only (PMC8411661 table 1).
constexpr AnxietyMeasure kMeasures[] = {
    {"gad-7",
     "GAD-7",
     {8 * kPoint, 4 * kPoint},
     21 * kPoint,
     true,
     "F32 F33 F41.1 F41.2"},
    {"spin", "SPIN", {19 * kPoint, 10 * kPoint}, 68 * kPoint, false, "F40.1"},
    {"pdss", "PDSS", {8 * kPoint, 5 * kPoint}, 28 * kPoint, false, "F41.0"},
    {"oci",
     "OCI, 42 items",
     {40 * kPoint, 32 * kPoint},
     168 * kPoint,
     false,
     "F42"},
    {"pcl-5", "PCL-5", {32 * kPoint, 10 * kPoint}, 80 * kPoint, false, "F43.1"},
    {"ies-r",
     "IES-R (before PCL-5)",
     {33 * kPoint, 9 * kPoint},
     88 * kPoint,
     false,
     ""},
    {"hai",
     "HAI, short",
     {18 * kPoint, 4 * kPoint},
     54 * kPoint,
     false,
     "F45.2"},
    {"mi",
     "Mobility Inventory, alone",
     {23 * kPoint / 10, 73 * kPoint / 100},
     5 * kPoint,
     false,
     "F40.0"},
};

bool IsNamedIn(std::string_view list, std::string_view code) {
  size_t at = 0;
  while (at < list.size()) {
    const size_t end = std::min(list.find(' ', at), list.size());
    const std::string_view one = list.substr(at, end - at);
    // F42.1 belongs to F42, F41.1 does not belong to F41.
    if (code == one ||
        (code.size() > one.size() && code.substr(0, one.size()) == one &&
         (code[one.size()] == '.' ||
          one.find('.') != std::string_view::npos))) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

int32_t At(std::span<const int32_t> column, size_t row) {
  return column.empty() ? kNone : column[row];
}

}  // namespace

std::span<const AnxietyMeasure> AnxietyMeasures() { return kMeasures; }

std::optional<size_t> AnxietyMeasureNamed(std::string_view id) {
  for (size_t i = 0; i < std::size(kMeasures); ++i) {
    if (kMeasures[i].id == id) return i;
  }
  return std::nullopt;
}

size_t AnxietyMeasureFor(std::string_view complaint) {
  for (size_t i = 0; i < std::size(kMeasures); ++i) {
    if (IsNamedIn(kMeasures[i].complaints, complaint)) return i;
  }
  return 0;
}

std::optional<size_t> PresentingComplaint(std::span<const Complaint> list) {
  const auto rank = [](const Complaint& c) {
    return std::tuple(!c.code.empty(), c.primary, c.date, c.id);
  };
  std::optional<size_t> best;
  for (size_t i = 0; i < list.size(); ++i) {
    if (!best.has_value() || rank(list[i]) > rank(list[*best])) best = i;
  }
  return best;
}

std::string_view ReliableName(Reliable reliable) {
  static constexpr std::string_view kNames[] = {"improved", "deteriorated",
                                                "no_change", "unclassified"};
  return kNames[static_cast<size_t>(reliable)];
}

CourseOutcome OutcomeOf(ScorePairOf phq9, ScorePairOf anxiety,
                        Thresholds thresholds) {
  CourseOutcome out;
  const bool both_first = phq9.first != kNone && anxiety.first != kNone;
  // kNone lies below every threshold: a missing score makes nobody a case.
  out.at_caseness =
      phq9.first >= kPhq9.caseness || anxiety.first >= thresholds.caseness;
  out.not_at_caseness = both_first && !out.at_caseness;
  if (!phq9.paired() || !anxiety.paired()) return out;
  out.recovered = out.at_caseness && phq9.last < kPhq9.caseness &&
                  anxiety.last < thresholds.caseness;
  const int32_t phq9_fall = phq9.first - phq9.last;
  const int32_t anxiety_fall = anxiety.first - anxiety.last;
  const bool better =
      phq9_fall >= kPhq9.change || anxiety_fall >= thresholds.change;
  const bool worse =
      -phq9_fall >= kPhq9.change || -anxiety_fall >= thresholds.change;
  out.mixed = better && worse;
  out.reliable = better == worse ? Reliable::kNoChange
                 : better        ? Reliable::kImproved
                                 : Reliable::kDeteriorated;
  return out;
}

std::optional<double> EffectSums::size() const {
  if (pairs < 2) return std::nullopt;
  const auto n = static_cast<double>(pairs);
  const double variance = (first2 - first * first / n) / (n - 1);
  if (!(variance > 0)) return std::nullopt;
  return (first - last) / n / std::sqrt(variance);
}

namespace {

void AddEffect(ScorePairOf pair, EffectSums& sums) {
  if (!pair.paired()) return;
  const double first = pair.first / static_cast<double>(kPoint);
  ++sums.pairs;
  sums.first += first;
  sums.first2 += first * first;
  sums.last += pair.last / static_cast<double>(kPoint);
}

// `days` counts when it is known; a wait that is not known stays in the
// denominator, as a missing one, and in no numerator.
void AddWait(int32_t from, int32_t to, int32_t days_max, Ratio& ratio) {
  ++ratio.denominator;
  if (from == kNone || to == kNone) {
    ++ratio.missing;
    return;
  }
  ratio.numerator += to - from <= days_max;
}

void AddRatio(const Ratio& other, Ratio& ratio) {
  ratio.numerator += other.numerator;
  ratio.denominator += other.denominator;
  ratio.missing += other.missing;
}

struct Row {
  ScorePairOf phq9, gad7, anxiety;
  Thresholds thresholds;
};

Row RowOf(const CourseColumns& c, size_t i) {
  Row row{{c.phq9_first[i], c.phq9_last[i]},
          {c.gad7_first[i], c.gad7_last[i]},
          {},
          kMeasures[0].thresholds};
  row.anxiety = row.gad7;
  if (c.specific.empty() || c.specific[i] == 0) return row;
  const ScorePairOf specific{At(c.specific_first, i), At(c.specific_last, i)};
  if (specific.paired()) {
    row.anxiety = specific;
    row.thresholds = kMeasures[c.specific[i]].thresholds;
  }
  return row;
}

void AddOutcome(const CourseOutcome& outcome, NhsCounts& counts) {
  counts.at_caseness += outcome.at_caseness;
  counts.not_at_caseness += outcome.not_at_caseness;
  counts.recovered += outcome.recovered;
  counts.reliable_recovery += outcome.reliable_recovery();
  counts.improved += outcome.reliable == Reliable::kImproved;
  counts.deteriorated += outcome.reliable == Reliable::kDeteriorated;
  counts.no_change += outcome.reliable == Reliable::kNoChange;
  counts.unclassified += outcome.reliable == Reliable::kUnclassified;
  counts.mixed += outcome.mixed;
}

// What a person's reliable recovery is when an absent last score is taken to
// be the first one.
bool CarriedForward(Row row) {
  if (row.phq9.last == kNone) row.phq9.last = row.phq9.first;
  if (row.anxiety.last == kNone) row.anxiety.last = row.anxiety.first;
  return OutcomeOf(row.phq9, row.anxiety, row.thresholds).reliable_recovery();
}

void AddEstimands(const Row& row, const CourseOutcome& outcome, bool finished,
                  NhsCounts& counts) {
  if (!outcome.at_caseness) return;
  const bool missing = outcome.reliable == Reliable::kUnclassified;
  const bool carried =
      missing ? CarriedForward(row) : outcome.reliable_recovery();
  const auto add = [&](bool value, Ratio& ratio) {
    ++ratio.denominator;
    ratio.numerator += value;
    ratio.missing += missing;
  };
  add(carried, counts.all_started);
  if (!finished) return;
  add(carried, counts.carried_forward);
  if (!missing) add(outcome.reliable_recovery(), counts.completers);
}

void AddFinished(const CourseColumns& c, size_t i, const Row& row,
                 const CourseOutcome& outcome, NhsCounts& counts) {
  ++counts.finished;
  AddOutcome(outcome, counts);
  AddEffect(row.phq9, counts.phq9);
  AddEffect(row.gad7, counts.gad7);
  if (!c.referral.empty() && !c.first_treatment.empty()) {
    AddWait(c.referral[i], c.first_treatment[i], kDays6Weeks,
            counts.wait6_finished);
    AddWait(c.referral[i], c.first_treatment[i], kDays18Weeks,
            counts.wait18_finished);
  }
  if (!c.minutes.empty() && c.minutes[i] != kNone) {
    ++counts.minutes_known;
    counts.minutes += static_cast<uint64_t>(c.minutes[i]);
  }
}

void AddStarted(const CourseColumns& c, size_t i, NhsCounts& counts) {
  ++counts.started;
  AddWait(At(c.referral, i), c.first_treatment[i], kDays6Weeks,
          counts.wait6_started);
  AddWait(At(c.referral, i), c.first_treatment[i], kDays18Weeks,
          counts.wait18_started);
}

void AddSecondWait(const CourseColumns& c, size_t i, const Period& period,
                   NhsCounts& counts) {
  const int32_t second = At(c.second_treatment, i);
  if (second == kNone || !period.Contains(second)) return;
  ++counts.second_wait_over_90.denominator;
  const int32_t first = At(c.first_treatment, i);
  if (first == kNone) {
    ++counts.second_wait_over_90.missing;
  } else {
    counts.second_wait_over_90.numerator += second - first > kSecondWaitDays;
  }
}

void AddCourse(const CourseColumns& c, size_t i, const Period& period,
               NhsCounts& counts) {
  ++counts.courses;
  const int32_t contacts = c.contacts[i];
  counts.contacts_missing += contacts == kNone;
  if (const int32_t start = At(c.first_treatment, i);
      start != kNone && period.Contains(start)) {
    AddStarted(c, i, counts);
  }
  AddSecondWait(c, i, period, counts);
  const int32_t end = At(c.discharged, i);
  const bool ended =
      c.discharged.empty() || (end != kNone && period.Contains(end));
  if (!ended || contacts < 1) return;
  const bool finished = contacts >= kContactsMin;
  const Row row = RowOf(c, i);
  const CourseOutcome outcome =
      OutcomeOf(row.phq9, row.anxiety, row.thresholds);
  AddEstimands(row, outcome, finished, counts);
  if (finished) AddFinished(c, i, row, outcome, counts);
}

}  // namespace

void NhsCounts::Add(const NhsCounts& other) {
  for (const auto member :
       {&NhsCounts::courses, &NhsCounts::started, &NhsCounts::finished,
        &NhsCounts::contacts_missing, &NhsCounts::at_caseness,
        &NhsCounts::not_at_caseness, &NhsCounts::recovered,
        &NhsCounts::reliable_recovery, &NhsCounts::improved,
        &NhsCounts::deteriorated, &NhsCounts::no_change,
        &NhsCounts::unclassified, &NhsCounts::mixed, &NhsCounts::minutes,
        &NhsCounts::minutes_known}) {
    this->*member += other.*member;
  }
  for (const auto member :
       {&NhsCounts::wait6_finished, &NhsCounts::wait18_finished,
        &NhsCounts::wait6_started, &NhsCounts::wait18_started,
        &NhsCounts::second_wait_over_90, &NhsCounts::completers,
        &NhsCounts::carried_forward, &NhsCounts::all_started}) {
    AddRatio(other.*member, this->*member);
  }
  for (const auto member : {&NhsCounts::phq9, &NhsCounts::gad7}) {
    EffectSums& sums = this->*member;
    sums.pairs += (other.*member).pairs;
    sums.first += (other.*member).first;
    sums.first2 += (other.*member).first2;
    sums.last += (other.*member).last;
  }
}

std::vector<NhsCounts> CountCourses(const CourseColumns& columns,
                                    std::span<const uint32_t> group,
                                    size_t groups, const Period& period) {
  std::vector<NhsCounts> counts(std::max<size_t>(groups, 1));
  for (size_t i = 0; i < columns.rows; ++i) {
    AddCourse(columns, i, period, counts[group.empty() ? 0 : group[i]]);
  }
  return counts;
}

}  // namespace stepwell::metrics
