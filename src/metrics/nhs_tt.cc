// The rules of one course, and one pass over many.
#include "metrics/nhs_tt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/strings.h"

namespace stepwell::metrics {
namespace {

constexpr int32_t kDays6Weeks = kNhsTtLimits.short_wait;
constexpr int32_t kDays18Weeks = kNhsTtLimits.long_wait;
constexpr int32_t kSecondWaitDays = kNhsTtLimits.second_wait;  // above
constexpr int32_t kContactsMin = kNhsTtLimits.contacts;

// PMC5942544 table 2 with M198 and M204 for which complaint calls for which
// measure (verified); numbers verified for GAD-7 only (PMC8411661 table 1).
constexpr AnxietyMeasure kMeasures[] = {
    {"gad-7",
     "GAD-7",
     {8 * kPoint, 4 * kPoint},
     0,
     21 * kPoint,
     true,
     true,
     "F32 F33 F41.1 F41.2"},
    {"spin",
     "SPIN",
     {19 * kPoint, 10 * kPoint},
     0,
     68 * kPoint,
     true,
     false,
     "F40.1"},
    {"pdss",
     "PDSS",
     {8 * kPoint, 5 * kPoint},
     0,
     28 * kPoint,
     true,
     false,
     "F41.0",
     "pdss-sr"},
    {"oci",
     "OCI, 42 items",
     {40 * kPoint, 32 * kPoint},
     0,
     168 * kPoint,
     true,
     false,
     "F42"},
    {"pcl-5",
     "PCL-5",
     {32 * kPoint, 10 * kPoint},
     0,
     80 * kPoint,
     true,
     false,
     "F43.1"},
    {"ies-r",
     "IES-R (before PCL-5)",
     {33 * kPoint, 9 * kPoint},
     0,
     88 * kPoint,
     true,
     false,
     ""},
    {"hai",
     "HAI, short",
     {18 * kPoint, 4 * kPoint},
     0,
     54 * kPoint,
     true,
     false,
     "F45.2"},
    {"mi",
     "Mobility Inventory, alone",
     {23 * kPoint / 10, 73 * kPoint / 100},
     1 * kPoint,
     5 * kPoint,
     false,
     false,
     "F40.0"},
};

// "f40.1" and "F401" are the same code.
std::string PlainCode(std::string_view code) {
  std::string out;
  for (const char c : code) {
    if (c != '.') out.push_back(absl::ascii_toupper(c));
  }
  return out;
}

// F42.1 belongs to F42, F41 does not belong to F41.1.
bool IsNamedIn(std::string_view list, std::string_view code) {
  size_t at = 0;
  while (at < list.size()) {
    const size_t end = std::min(list.find(' ', at), list.size());
    const std::string one = PlainCode(list.substr(at, end - at));
    if (code.substr(0, one.size()) == one) return true;
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
    if (absl::EqualsIgnoreCase(ToAbsl(kMeasures[i].id), ToAbsl(id)) ||
        absl::EqualsIgnoreCase(ToAbsl(kMeasures[i].questionnaire),
                               ToAbsl(id))) {
      return i;
    }
  }
  return std::nullopt;
}

std::optional<size_t> AnxietyMeasureFor(std::string_view complaint) {
  const std::string code = PlainCode(complaint);
  for (size_t i = 0; i < std::size(kMeasures); ++i) {
    if (IsNamedIn(kMeasures[i].complaints, code)) return i;
  }
  return std::nullopt;
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
  // Exact up to here: n * sum of squares - square of sum.
  using Wide = unsigned __int128;
  const Wide spread =
      static_cast<Wide>(pairs) * first2 - static_cast<Wide>(first) * first;
  if (spread == 0) return std::nullopt;
  const auto n = static_cast<double>(pairs);
  const double variance = static_cast<double>(spread) / n / (n - 1);
  const double fall = static_cast<double>(first) - static_cast<double>(last);
  return fall / n / std::sqrt(variance);
}

namespace {

void AddEffect(ScorePairOf pair, EffectSums& sums) {
  if (!pair.paired()) return;
  const auto first = static_cast<uint64_t>(pair.first);
  ++sums.pairs;
  sums.first += first;
  sums.first2 += first * first;
  sums.last += static_cast<uint64_t>(pair.last);
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
  counts.not_cases_unpaired +=
      outcome.not_at_caseness && outcome.reliable == Reliable::kUnclassified;
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

// Waits and minutes of a finished course.
void AddFinishedDates(const CourseColumns& c, size_t i, NhsCounts& counts) {
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

void AddFinished(const CourseColumns& c, size_t i, const Row& row,
                 const CourseOutcome& outcome, NhsCounts& counts) {
  ++counts.finished;
  AddOutcome(outcome, counts);
  AddEffect(row.phq9, counts.phq9);
  AddEffect(row.gad7, counts.gad7);
  AddFinishedDates(c, i, counts);
}

void AddStarted(const CourseColumns& c, size_t i, NhsCounts& counts) {
  ++counts.started;
  if (c.referral.empty()) return;  // no waits, as of finished courses
  AddWait(c.referral[i], c.first_treatment[i], kDays6Weeks,
          counts.wait6_started);
  AddWait(c.referral[i], c.first_treatment[i], kDays18Weeks,
          counts.wait18_started);
}

void AddSecondWait(const CourseColumns& c, size_t i, const Period& period,
                   NhsCounts& counts) {
  if (c.first_treatment.empty()) return;
  const int32_t second = At(c.second_treatment, i);
  if (second == kNone || !period.Contains(second)) return;
  ++counts.second_wait_over_90.denominator;
  const int32_t first = c.first_treatment[i];
  if (first == kNone) {
    ++counts.second_wait_over_90.missing;
  } else {
    counts.second_wait_over_90.numerator += second - first > kSecondWaitDays;
  }
}

// Whoever had a contact has begun, though nobody wrote down when: such a course
// is in no period, and without bounds it is one whose wait is missing.
bool HasStarted(const CourseColumns& c, size_t i, const Period& period) {
  if (c.first_treatment.empty()) return false;
  const int32_t start = c.first_treatment[i];
  return start != kNone ? period.Contains(start)
                        : period.IsEverything() && c.contacts[i] >= 1;
}

// What counts by the day on which it was, whatever became of the course.
void AddDates(const CourseColumns& c, size_t i, const Period& period,
              NhsCounts& counts) {
  if (HasStarted(c, i, period)) AddStarted(c, i, counts);
  AddSecondWait(c, i, period, counts);
}

void AddCourse(const CourseColumns& c, size_t i, const Period& period,
               NhsCounts& counts) {
  const int32_t contacts = c.contacts[i];
  AddDates(c, i, period, counts);
  const int32_t end = At(c.discharged, i);
  const bool ended =
      c.discharged.empty() || (end != kNone && period.Contains(end));
  if (ended || period.IsEverything()) {
    ++counts.courses;
    counts.contacts_missing += contacts == kNone;
  }
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
        &NhsCounts::unclassified, &NhsCounts::not_cases_unpaired,
        &NhsCounts::mixed, &NhsCounts::minutes, &NhsCounts::minutes_known}) {
    this->*member += other.*member;
  }
  starts_known = starts_known || other.starts_known;
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

namespace {

// --- Whole blocks of one group
//
// The same rules as AddCourse in loops of a fixed length without branches,
// which compilers make vectors of; a test holds the two together. Truths are 0
// and -1, so that a sum of them is a count below zero; they have two bytes, so
// that a vector holds twice as many of them as of scores.

constexpr size_t kBlock = 512;
using Lane = int32_t;
using Mark = int16_t;
using Marks = std::array<Mark, kBlock>;

Mark Truth(bool value) { return static_cast<Mark>(-static_cast<Mark>(value)); }
// All bits of a score, or none.
Lane Mask(bool value) { return -static_cast<Lane>(value); }

// Differences of scores of which one may be kNone: they wrap.
Lane Fall(Lane first, Lane last) {
  return static_cast<Lane>(static_cast<uint32_t>(first) -
                           static_cast<uint32_t>(last));
}

struct Block {
  // Of the anxiety measure: a column's own scores, or those selected below.
  const Lane* anxiety_first = nullptr;
  const Lane* anxiety_last = nullptr;
  std::array<Lane, kBlock> selected_first, selected_last, caseness, change;
  // Of the courses: of the period; ended in it with a contact; finished.
  Marks counted, ended, finished;
};

// The anxiety measure of each row, and its thresholds.
void SelectAnxiety(const CourseColumns& c, size_t from, Block& block) {
  if (c.specific.empty()) {
    block.anxiety_first = c.gad7_first.data() + from;
    block.anxiety_last = c.gad7_last.data() + from;
    if (from > 0) return;  // the thresholds are there
    block.caseness.fill(kMeasures[0].thresholds.caseness);
    block.change.fill(kMeasures[0].thresholds.change);
    return;
  }
  for (size_t i = 0; i < kBlock; ++i) {
    const Row row = RowOf(c, from + i);
    block.selected_first[i] = row.anxiety.first;
    block.selected_last[i] = row.anxiety.last;
    block.caseness[i] = row.thresholds.caseness;
    block.change[i] = row.thresholds.change;
  }
  block.anxiety_first = block.selected_first.data();
  block.anxiety_last = block.selected_last.data();
}

void FindEnds(const CourseColumns& c, size_t from, const Period& period,
              Block& block) {
  const Lane* __restrict contacts = c.contacts.data() + from;
  Mark* __restrict counted = block.counted.data();
  Mark* __restrict ended = block.ended.data();
  Mark* __restrict finished = block.finished.data();
  block.ended.fill(Truth(true));
  if (!c.discharged.empty()) {
    const Lane* __restrict day = c.discharged.data() + from;
    const Lane low = period.from;
    const Lane high = period.to == kNone ? INT32_MAX : period.to;
    for (size_t i = 0; i < kBlock; ++i) {
      ended[i] =
          static_cast<Mark>(Truth(day[i] != kNone) & Truth(day[i] >= low) &
                            Truth(day[i] <= high));
    }
  }
  const Mark all = Truth(period.IsEverything());
  for (size_t i = 0; i < kBlock; ++i) {
    counted[i] = static_cast<Mark>(ended[i] | all);
    ended[i] = static_cast<Mark>(ended[i] & Truth(contacts[i] >= 1));
    finished[i] =
        static_cast<Mark>(ended[i] & Truth(contacts[i] >= kContactsMin));
  }
}

// What is so of each course, as truths: both first scores are there, both pairs
// are; at caseness first; below both thresholds last, reliably better and worse
// by one measure. An absent last score is taken to be the first one: whoever
// counts pairs only asks for `pair` too.
struct Facts {
  Marks known, pair, cases, below, better, worse;
};

void FindFacts(const Lane* __restrict p1, const Lane* __restrict p2,
               const Block& block, Facts& facts) {
  const Lane* __restrict a1 = block.anxiety_first;
  const Lane* __restrict a2 = block.anxiety_last;
  const Lane* __restrict top = block.caseness.data();
  const Lane* __restrict change = block.change.data();
  Mark* __restrict known = facts.known.data();
  Mark* __restrict pair = facts.pair.data();
  Mark* __restrict cases = facts.cases.data();
  Mark* __restrict below = facts.below.data();
  Mark* __restrict better = facts.better.data();
  Mark* __restrict worse = facts.worse.data();
  for (size_t i = 0; i < kBlock; ++i) {
    const Lane p_last = Mask(p2[i] != kNone), a_last = Mask(a2[i] != kNone);
    const Lane p_end = (p2[i] & p_last) | (p1[i] & ~p_last);
    const Lane a_end = (a2[i] & a_last) | (a1[i] & ~a_last);
    const Lane both = Mask(p1[i] != kNone) & Mask(a1[i] != kNone);
    known[i] = static_cast<Mark>(both);
    pair[i] = static_cast<Mark>(both & p_last & a_last);
    cases[i] = static_cast<Mark>(Mask(p1[i] >= kPhq9.caseness) |
                                 Mask(a1[i] >= top[i]));
    below[i] =
        static_cast<Mark>(Mask(p_end < kPhq9.caseness) & Mask(a_end < top[i]));
    const Lane p_fall = Fall(p1[i], p_end), a_fall = Fall(a1[i], a_end);
    better[i] = static_cast<Mark>(Mask(p_fall >= kPhq9.change) |
                                  Mask(a_fall >= change[i]));
    worse[i] = static_cast<Mark>(Mask(p_fall <= -kPhq9.change) |
                                 Mask(a_fall <= -change[i]));
  }
}

// Sums of truths: a block has fewer courses than a Mark can count.
struct Sums {
  Mark finished = 0, cases = 0, not_cases = 0, not_cases_unpaired = 0;
  Mark recovered = 0;
  Mark reliable_recovery = 0, improved = 0, deteriorated = 0, mixed = 0;
  Mark judged = 0, all = 0, all_yes = 0, all_missing = 0, carried_yes = 0;
  Mark completers = 0;
};

void AddTruth(int truth, Mark& sum) { sum = static_cast<Mark>(sum + truth); }

Sums SumFacts(const Facts& facts, const Block& block) {
  const Mark* __restrict fin = block.finished.data();
  const Mark* __restrict ended = block.ended.data();
  const Mark* __restrict k = facts.known.data();
  const Mark* __restrict p = facts.pair.data();
  const Mark* __restrict c = facts.cases.data();
  const Mark* __restrict l = facts.below.data();
  const Mark* __restrict b = facts.better.data();
  const Mark* __restrict w = facts.worse.data();
  Sums s;
  for (size_t i = 0; i < kBlock; ++i) {
    const int yes = k[i] & c[i] & l[i] & b[i] & ~w[i];
    const int judged = fin[i] & p[i];
    AddTruth(fin[i], s.finished);
    AddTruth(fin[i] & c[i], s.cases);
    AddTruth(fin[i] & k[i] & ~c[i], s.not_cases);
    AddTruth(fin[i] & k[i] & ~c[i] & ~p[i], s.not_cases_unpaired);
    AddTruth(judged & c[i] & l[i], s.recovered);
    AddTruth(judged & yes, s.reliable_recovery);
    AddTruth(judged & b[i] & ~w[i], s.improved);
    AddTruth(judged & w[i] & ~b[i], s.deteriorated);
    AddTruth(judged & b[i] & w[i], s.mixed);
    AddTruth(judged, s.judged);
    AddTruth(judged & c[i], s.completers);
    AddTruth(fin[i] & yes, s.carried_yes);
    AddTruth(ended[i] & c[i], s.all);
    AddTruth(ended[i] & yes, s.all_yes);
    AddTruth(ended[i] & c[i] & ~p[i], s.all_missing);
  }
  return s;
}

uint64_t Count(Lane sum) { return static_cast<uint64_t>(-sum); }

void AddSums(const Sums& s, NhsCounts& counts) {
  counts.finished += Count(s.finished);
  counts.at_caseness += Count(s.cases);
  counts.not_at_caseness += Count(s.not_cases);
  counts.not_cases_unpaired += Count(s.not_cases_unpaired);
  counts.recovered += Count(s.recovered);
  counts.reliable_recovery += Count(s.reliable_recovery);
  counts.improved += Count(s.improved);
  counts.deteriorated += Count(s.deteriorated);
  counts.no_change += Count(s.judged - s.improved - s.deteriorated);
  counts.unclassified += Count(s.finished - s.judged);
  counts.mixed += Count(s.mixed);
  AddRatio({Count(s.all_yes), Count(s.all), Count(s.all_missing)},
           counts.all_started);
  AddRatio({Count(s.carried_yes), Count(s.cases),
            Count(s.cases) - Count(s.completers)},
           counts.carried_forward);
  AddRatio({Count(s.reliable_recovery), Count(s.completers), 0},
           counts.completers);
}

// The courses of the period, and how many of them have no number of contacts.
void AddCounted(const Lane* __restrict contacts, const Mark* __restrict counted,
                NhsCounts& counts) {
  Lane courses = 0, missing = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    courses += counted[i];
    missing += counted[i] & Mask(contacts[i] == kNone);
  }
  counts.courses += Count(courses);
  counts.contacts_missing += Count(missing);
}

void SumEffect(const Lane* __restrict first, const Lane* __restrict last,
               const Mark* __restrict finished, EffectSums& sums) {
  uint64_t sum_first = 0, sum_first2 = 0, sum_last = 0;
  Lane pairs = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    const Lane pair =
        finished[i] & Mask(first[i] != kNone) & Mask(last[i] != kNone);
    const auto one = static_cast<uint32_t>(first[i] & pair);
    pairs += pair;
    sum_first += one;
    sum_first2 += static_cast<uint64_t>(one) * one;
    sum_last += static_cast<uint32_t>(last[i] & pair);
  }
  sums.pairs += Count(pairs);
  sums.first += sum_first;
  sums.first2 += sum_first2;
  sums.last += sum_last;
}

void AddBlock(const CourseColumns& c, size_t from, const Period& period,
              Block& block, NhsCounts& counts) {
  FindEnds(c, from, period, block);
  SelectAnxiety(c, from, block);
  const Lane* p1 = c.phq9_first.data() + from;
  const Lane* p2 = c.phq9_last.data() + from;
  Facts facts;
  FindFacts(p1, p2, block, facts);
  AddSums(SumFacts(facts, block), counts);
  AddCounted(c.contacts.data() + from, block.counted.data(), counts);
  SumEffect(p1, p2, block.finished.data(), counts.phq9);
  SumEffect(c.gad7_first.data() + from, c.gad7_last.data() + from,
            block.finished.data(), counts.gad7);
  if (c.referral.empty() && c.first_treatment.empty() &&
      c.second_treatment.empty() && c.minutes.empty()) {
    return;
  }
  for (size_t i = from; i < from + kBlock; ++i) {
    AddDates(c, i, period, counts);
    if (block.finished[i - from] != 0) AddFinishedDates(c, i, counts);
  }
}

using AddBlockFunction = void (*)(const CourseColumns&, size_t, const Period&,
                                  Block&, NhsCounts&);

#if defined(__x86_64__)
// The same loops, all within one function, for vectors of twice the width. What
// they count are whole numbers: the same on every machine.
[[gnu::target("avx2"), gnu::flatten]] void AddBlockWide(const CourseColumns& c,
                                                        size_t from,
                                                        const Period& period,
                                                        Block& block,
                                                        NhsCounts& counts) {
  AddBlock(c, from, period, block, counts);
}

AddBlockFunction BlockAdder() {
  return __builtin_cpu_supports("avx2") ? AddBlockWide : AddBlock;
}
#else
AddBlockFunction BlockAdder() { return AddBlock; }
#endif

}  // namespace

std::vector<NhsCounts> CountCourses(const CourseColumns& columns,
                                    std::span<const uint32_t> group,
                                    size_t groups, const Period& period) {
  std::vector<NhsCounts> counts(std::max<size_t>(groups, 1));
  for (NhsCounts& one : counts) {
    one.starts_known = columns.rows == 0 || !columns.first_treatment.empty();
  }
  size_t i = 0;
  if (group.empty()) {
    Block block;
    const AddBlockFunction add_block = BlockAdder();
    for (; i + kBlock <= columns.rows; i += kBlock) {
      add_block(columns, i, period, block, counts[0]);
    }
  }
  for (; i < columns.rows; ++i) {
    AddCourse(columns, i, period, counts[group.empty() ? 0 : group[i]]);
  }
  return counts;
}

}  // namespace stepwell::metrics
