// Definitions and their figures, side by side so that they cannot part.
#include "metrics/measures.h"

namespace stepwell::metrics {
namespace {

constexpr std::string_view kMetadata =
    "NHS England measure metadata, edition 2026-07 (bennettoxford/nhstt "
    "f65c91b)";
// What is counted of whom reproduces the published shares; how one course is
// judged from its two pairs of scores is known at second hand.
constexpr std::string_view kCaseRule =
    "counts and denominators: NHS England measure metadata, edition 2026-07 "
    "(bennettoxford/nhstt f65c91b); the rule for one course from memory";
constexpr std::string_view kFinished =
    "finished courses: ended in the period with two or more treatment "
    "contacts, follow-up not counted (M076)";
constexpr std::string_view kCases =
    "finished courses less those not at caseness at the first score";
constexpr std::string_view kAllFinished =
    "all who finished; without a pair of scores: stays in the denominator, in "
    "no numerator";
constexpr std::string_view kUnpaired =
    "finished courses without a pair of scores of both measures";
constexpr std::string_view kUnpairedCases =
    "courses of the denominator without a pair of scores of both measures";
constexpr std::string_view kNoWait =
    "courses of the denominator without one of the dates";
constexpr std::string_view kStarted =
    "courses with their first treatment in the period; without one also those "
    "that had a contact and have no date of it";
constexpr std::string_view kFirstForLast =
    "courses of the denominator without a pair of scores: the first stands for "
    "the last where there is one";
// Choices of this project, side by side because a figure hangs on them.
constexpr std::string_view kOwnEstimand =
    "own estimand; the rule for one course from memory";

struct Entry {
  MeasureDefinition definition;
  Ratio (*ratio)(const NhsCounts&);
  std::optional<double> (*value)(const NhsCounts&);
};

Ratio OfFinished(uint64_t numerator, const NhsCounts& c) {
  return {numerator, c.finished, c.unclassified};
}
Ratio OfCases(uint64_t numerator, const NhsCounts& c) {
  return {numerator, c.finished - c.not_at_caseness,
          c.unclassified - c.not_cases_unpaired};
}
Ratio OfPairs(const EffectSums& sums, const NhsCounts& c) {
  return {sums.pairs, sums.pairs, c.finished - sums.pairs};
}

constexpr MeasureUnit kPercent = MeasureUnit::kPercent;

constexpr Entry kEntries[] = {
    {{"recovery", "M192", kPercent,
      "recovered: at caseness first, below both thresholds last", kCases,
      kAllFinished, kUnpairedCases, kCaseRule, false},
     [](const NhsCounts& c) { return OfCases(c.recovered, c); },
     nullptr},
    {{"reliable_recovery", "M195", kPercent, "recovered and reliably improved",
      kCases, kAllFinished, kUnpairedCases, kCaseRule, false},
     [](const NhsCounts& c) { return OfCases(c.reliable_recovery, c); },
     nullptr},
    {{"reliable_improvement", "M186", kPercent,
      "one measure falls by its threshold or more (>=) and the other does not "
      "rise by its own",
      kFinished, kAllFinished, kUnpaired, kCaseRule, false},
     [](const NhsCounts& c) { return OfFinished(c.improved, c); },
     nullptr},
    {{"reliable_deterioration", "M1010", kPercent,
      "one measure rises by its threshold or more (>=) and the other does not "
      "fall by its own",
      kFinished, kAllFinished, kUnpaired, kCaseRule, false},
     [](const NhsCounts& c) { return OfFinished(c.deteriorated, c); },
     nullptr},
    {{"no_reliable_change", "", kPercent,
      "a pair of scores of both measures and neither of the two; one measure "
      "up and the other down counts here",
      kFinished, kAllFinished, kUnpaired, kCaseRule, false},
     [](const NhsCounts& c) { return OfFinished(c.no_change, c); },
     nullptr},
    {{"mixed_change", "", kPercent,
      "one measure falls by its threshold or more and the other rises by its "
      "own: a part of no_reliable_change, for services that tell it apart",
      kFinished, kAllFinished, kUnpaired,
      "own count of what the definition leaves open; the rule for one course "
      "from memory",
      false},
     [](const NhsCounts& c) { return OfFinished(c.mixed, c); },
     nullptr},
    {{"wait_6_weeks_finished", "M052-M053", kPercent,
      "first treatment at most 42 days after the referral was received",
      kFinished, "all who finished: by completion", kNoWait, kMetadata, true},
     [](const NhsCounts& c) { return c.wait6_finished; },
     nullptr},
    {{"wait_18_weeks_finished", "M054-M055", kPercent,
      "first treatment at most 126 days after the referral was received",
      kFinished, "all who finished: by completion", kNoWait, kMetadata, true},
     [](const NhsCounts& c) { return c.wait18_finished; },
     nullptr},
    {{"wait_6_weeks_started", "M036", kPercent,
      "first treatment at most 42 days after the referral was received",
      kStarted, "all who started: by start", kNoWait, kMetadata, true},
     [](const NhsCounts& c) { return c.wait6_started; },
     nullptr},
    {{"wait_18_weeks_started", "M037", kPercent,
      "first treatment at most 126 days after the referral was received",
      kStarted, "all who started: by start", kNoWait, kMetadata, true},
     [](const NhsCounts& c) { return c.wait18_started; },
     nullptr},
    {{"second_wait_over_90_days", "CDP_B03", kPercent,
      "more than 90 days from the first to the second treatment",
      "second treatments in the period", "all who had a second treatment",
      kNoWait, "Core Data Pack SQL (nhsengland/Talking-Therapies 8458b2e)",
      true},
     [](const NhsCounts& c) { return c.second_wait_over_90; },
     nullptr},
    {{"reliable_recovery_completers", "", kPercent,
      "recovered and reliably improved",
      "finished courses at caseness with a pair of scores of both measures",
      "completers: those without a last score are left out",
      "none, by definition", kOwnEstimand, false},
     [](const NhsCounts& c) { return c.completers; },
     nullptr},
    {{"reliable_recovery_carried_forward", "", kPercent,
      "recovered and reliably improved", "finished courses at caseness",
      "last observation carried forward: with first and last scores alone an "
      "absent last score is the first",
      kFirstForLast, kOwnEstimand, false},
     [](const NhsCounts& c) { return c.carried_forward; },
     nullptr},
    {{"reliable_recovery_all_started", "", kPercent,
      "recovered and reliably improved",
      "courses at caseness that ended in the period with one treatment contact "
      "or more",
      "all who started: an absent last score is the first", kFirstForLast,
      kOwnEstimand, false},
     [](const NhsCounts& c) { return c.all_started; },
     nullptr},
    {{"effect_phq9", "", MeasureUnit::kEffectSize,
      "mean of first less mean of last PHQ-9 scores",
      "SD of the first scores (n - 1)",
      "finished courses with a pair of PHQ-9 scores",
      "finished courses without the pair",
      "NHS Talking Therapies PROMs tables 2024-25, recomputed", true},
     [](const NhsCounts& c) { return OfPairs(c.phq9, c); },
     [](const NhsCounts& c) { return c.phq9.size(); }},
    {{"effect_gad7", "", MeasureUnit::kEffectSize,
      "mean of first less mean of last GAD-7 scores",
      "SD of the first scores (n - 1)",
      "finished courses with a pair of GAD-7 scores",
      "finished courses without the pair",
      "NHS Talking Therapies PROMs tables 2024-25, recomputed", true},
     [](const NhsCounts& c) { return OfPairs(c.gad7, c); },
     [](const NhsCounts& c) { return c.gad7.size(); }},
    {{"therapist_minutes", "", MeasureUnit::kMinutes,
      "therapist minutes of finished courses",
      "finished courses whose minutes are known",
      "mean of those known: to leave minutes out must not lower it",
      "finished courses without minutes",
      "NHS England IET dashboard (nhsengland/Talking-Therapies 8458b2e)", true},
     [](const NhsCounts& c) {
       return Ratio{c.minutes, c.minutes_known, c.finished - c.minutes_known};
     },
     [](const NhsCounts& c) {
       return c.minutes_known == 0
                  ? std::nullopt
                  : std::optional(static_cast<double>(c.minutes) /
                                  static_cast<double>(c.minutes_known));
     }},
};

}  // namespace

std::optional<uint64_t> PercentTenths(uint64_t numerator,
                                      uint64_t denominator) {
  if (denominator == 0) return std::nullopt;
  return (2000 * numerator + denominator) / (2 * denominator);
}

std::string_view MeasureUnitName(MeasureUnit unit) {
  static constexpr std::string_view kNames[] = {"percent", "effect_size",
                                                "minutes"};
  return kNames[static_cast<size_t>(unit)];
}

std::vector<const MeasureDefinition*> NhsTtMeasures() {
  std::vector<const MeasureDefinition*> out;
  for (const Entry& entry : kEntries) out.push_back(&entry.definition);
  return out;
}

std::vector<MeasureFigure> FiguresOf(const NhsCounts& counts) {
  std::vector<MeasureFigure> out;
  for (const Entry& entry : kEntries) {
    MeasureFigure figure;
    figure.definition = &entry.definition;
    figure.ratio = entry.ratio(counts);
    figure.missing_of = entry.definition.unit == MeasureUnit::kPercent
                            ? figure.ratio.denominator
                            : figure.ratio.denominator + figure.ratio.missing;
    if (entry.value != nullptr) {
      figure.value = entry.value(counts);
    } else {
      figure.tenths =
          PercentTenths(figure.ratio.numerator, figure.ratio.denominator);
    }
    out.push_back(figure);
  }
  return out;
}

// Of the shares as they are, not as they are printed; half up.
std::optional<int64_t> EstimandGapTenths(const NhsCounts& counts) {
  const auto whole = [](uint64_t n) { return static_cast<int64_t>(n); };
  const int64_t a = whole(counts.completers.numerator);
  const int64_t b = whole(counts.completers.denominator);
  const int64_t c = whole(counts.all_started.numerator);
  const int64_t d = whole(counts.all_started.denominator);
  if (b == 0 || d == 0) return std::nullopt;
  const int64_t twice = 2000 * (a * d - c * b) + b * d, of = 2 * b * d;
  return twice >= 0 ? twice / of : -((of - 1 - twice) / of);
}

}  // namespace stepwell::metrics
