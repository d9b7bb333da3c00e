#include "base/zone.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "base/numbers.h"
#include "base/zone_data.h"

namespace stepwell {
namespace {

using zone_data::Course;
using zone_data::kTables;
using zone_data::Rule;
using zone_data::YearlyDate;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDaySeconds = 86'400;

// A change of the offset, in seconds since 1970 and seconds east of UTC.
struct Step {
  int64_t at;
  int32_t before;
  int32_t after;
  // From this local time on, `after` is the offset that reads it: the end of
  // the gap or of the fold.
  int64_t LocalEnd() const { return at + std::max(before, after); }
};

const Course& CourseOf(const Zone& zone) {
  return kTables.courses[zone.course()];
}

const Rule& RuleOf(const Course& course) { return kTables.rules[course.rule]; }

bool HasSummer(const Rule& rule) {
  return rule.standard_offset != rule.summer_offset;
}

std::span<const uint32_t> TimesOf(const Course& course) {
  return kTables.times.subspan(course.first, course.count);
}

int32_t StartOffset(const Course& course) {
  return kTables.offsets[course.start_offset];
}

// The offset after `passed` of the course's explicit changes.
int32_t OffsetAfter(const Course& course, size_t passed) {
  if (passed == 0) return StartOffset(course);
  return kTables.offsets[kTables.offset_indexes[course.first + passed - 1]];
}

Step StepAt(const Course& course, size_t index) {
  return {TimesOf(course)[index], OffsetAfter(course, index),
          OffsetAfter(course, index + 1)};
}

// How many explicit changes have happened at `seconds`.
size_t Passed(const Course& course, int64_t seconds) {
  const auto times = TimesOf(course);
  // Most questions are about times since the last change of law.
  if (times.empty() || seconds >= times.back()) return times.size();
  return static_cast<size_t>(
      std::upper_bound(times.begin(), times.end(), seconds,
                       [](int64_t a, uint32_t b) { return a < int64_t{b}; }) -
      times.begin());
}

// The first explicit change whose gap or fold is not over at local time
// `local`; the count of changes when all are.
size_t PassedLocally(const Course& course, int64_t local) {
  size_t low = 0;
  size_t high = course.count;
  if (high > 0 && local >= StepAt(course, high - 1).LocalEnd()) return high;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (local >= StepAt(course, middle).LocalEnd()) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Whether the yearly rule, not the table, speaks for what follows.
bool RuleSpeaks(const Course& course, size_t passed) {
  return passed == course.count && course.count > 0 &&
         HasSummer(RuleOf(course));
}

int64_t YearOf(int64_t local_seconds) {
  return FieldsOf({static_cast<int32_t>(FloorDiv(local_seconds, kDaySeconds))})
      .year;
}

// Local seconds of a rule's date in `year`. Weekdays repeat every 400 years.
int64_t LocalSecondsOf(const YearlyDate& date, int64_t year) {
  namespace chrono = std::chrono;
  const int64_t cycle = FloorDiv(year - 1970, 400);
  const chrono::year_month month(
      chrono::year(static_cast<int>(year - cycle * 400)),
      chrono::month(static_cast<unsigned>(date.month)));
  const chrono::weekday weekday(static_cast<unsigned>(date.weekday));
  const chrono::sys_days day =
      date.week == 5
          ? chrono::sys_days(month / weekday[chrono::last])
          : chrono::sys_days(month / weekday[static_cast<unsigned>(date.week)]);
  return (day.time_since_epoch().count() + cycle * 146'097) * kDaySeconds +
         date.seconds;
}

// The two changes that the rule makes in `year`, in order of time.
std::array<Step, 2> RuleSteps(const Rule& rule, int64_t year) {
  const int32_t standard = rule.standard_offset;
  const int32_t summer = rule.summer_offset;
  const Step start = {LocalSecondsOf(rule.start, year) - standard, standard,
                      summer};
  const Step end = {LocalSecondsOf(rule.end, year) - summer, summer, standard};
  if (end.at < start.at) return {end, start};
  return {start, end};
}

int32_t OffsetSeconds(const Zone& zone, int64_t seconds) {
  const Course& course = CourseOf(zone);
  const size_t passed = Passed(course, seconds);
  if (!RuleSpeaks(course, passed)) return OffsetAfter(course, passed);
  const Rule& rule = RuleOf(course);
  const auto steps = RuleSteps(rule, YearOf(seconds + rule.standard_offset));
  const bool between = seconds >= steps[0].at && seconds < steps[1].at;
  return between ? steps[0].after : steps[1].after;
}

// How to read a local time: the offset (in gap and fold the one before the
// change), and the change if the time lies in its gap.
struct Reading {
  int32_t offset;
  std::optional<int64_t> gap_at;
};

Reading ReadBefore(const Step& step, int64_t local) {
  if (local < step.at + step.before) return {step.before, std::nullopt};
  return {step.before, step.at};
}

Reading ReadLocal(const Zone& zone, int64_t local) {
  const Course& course = CourseOf(zone);
  const size_t passed = PassedLocally(course, local);
  if (passed < course.count) return ReadBefore(StepAt(course, passed), local);
  if (!RuleSpeaks(course, passed)) {
    return {OffsetAfter(course, passed), std::nullopt};
  }
  const auto steps = RuleSteps(RuleOf(course), YearOf(local));
  for (const Step& step : steps) {
    if (local < step.LocalEnd()) return ReadBefore(step, local);
  }
  return {steps[1].after, std::nullopt};
}

int64_t SecondsOf(LocalTime local) {
  return int64_t{local.date.days} * kDaySeconds +
         FloorDiv(local.us_of_day, kSecond);
}

std::optional<Step> LastStep(const Course& course, int64_t seconds) {
  const size_t passed = Passed(course, seconds);
  if (passed == 0) return std::nullopt;
  const Step explicit_step = StepAt(course, passed - 1);
  if (!RuleSpeaks(course, passed)) return explicit_step;
  const Rule& rule = RuleOf(course);
  const int64_t year = YearOf(seconds + rule.standard_offset);
  const auto steps = RuleSteps(rule, year);
  const Step step = seconds >= steps[1].at   ? steps[1]
                    : seconds >= steps[0].at ? steps[0]
                                             : RuleSteps(rule, year - 1)[1];
  return step.at > explicit_step.at ? step : explicit_step;
}

std::optional<Step> NextStep(const Course& course, int64_t seconds) {
  const size_t passed = Passed(course, seconds);
  if (passed < course.count) return StepAt(course, passed);
  if (!RuleSpeaks(course, passed)) return std::nullopt;
  const Rule& rule = RuleOf(course);
  const int64_t year = YearOf(seconds + rule.standard_offset);
  for (const Step& step : RuleSteps(rule, year)) {
    if (step.at > seconds) return step;
  }
  return RuleSteps(rule, year + 1)[0];
}

// Instants beyond what an int64 holds become the nearest end.
Instant InstantOf(int64_t seconds, int64_t us) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max() / kSecond;
  if (seconds >= kMax) return Instant::Never();
  if (seconds <= -kMax) return {std::numeric_limits<int64_t>::min()};
  return {seconds * kSecond + us};
}

LocalTime LocalTimeOf(int64_t local_seconds, int64_t us) {
  const int64_t days = FloorDiv(local_seconds, kDaySeconds);
  return {{static_cast<int32_t>(days)},
          (local_seconds - days * kDaySeconds) * kSecond + us};
}

ZoneChange ChangeOf(const Step& step) {
  return {{step.at * kSecond}, Seconds(step.before), Seconds(step.after)};
}

}  // namespace

std::string_view TzdataVersion() { return kTables.version; }

std::span<const Zone> AllZones() { return kTables.zones; }

const Zone* FindZone(std::string_view iana_name) {
  const auto zones = AllZones();
  const auto found =
      std::lower_bound(zones.begin(), zones.end(), iana_name,
                       [](const Zone& zone, std::string_view name) {
                         return zone.name() < name;
                       });
  if (found == zones.end() || found->name() != iana_name) return nullptr;
  return &*found;
}

const Zone& UtcZone() {
  // The generator refuses a table without it.
  static const Zone& utc = *FindZone("UTC");
  return utc;
}

Duration OffsetAt(const Zone& zone, Instant instant) {
  return Seconds(OffsetSeconds(zone, FloorDiv(instant.us, kSecond)));
}

LocalTime ToLocal(const Zone& zone, Instant instant) {
  const int64_t seconds = FloorDiv(instant.us, kSecond);
  return LocalTimeOf(seconds + OffsetSeconds(zone, seconds),
                     FloorMod(instant.us, kSecond));
}

Instant FromLocal(const Zone& zone, LocalTime local) {
  const int64_t seconds = SecondsOf(local);
  return InstantOf(seconds - ReadLocal(zone, seconds).offset,
                   FloorMod(local.us_of_day, kSecond));
}

Instant FirstAtOrAfter(const Zone& zone, LocalTime local) {
  const int64_t seconds = SecondsOf(local);
  const Reading reading = ReadLocal(zone, seconds);
  if (reading.gap_at) return InstantOf(*reading.gap_at, 0);
  return InstantOf(seconds - reading.offset,
                   FloorMod(local.us_of_day, kSecond));
}

Instant StartOfDay(const Zone& zone, Date date) {
  return FirstAtOrAfter(zone, {date, 0});
}

Instant EndOfDay(const Zone& zone, Date date) {
  return Instant{StartOfDay(zone, date + 1).us - 1};
}

LocalTime LatestLocal(const Zone& zone, Instant instant) {
  const int64_t seconds = FloorDiv(instant.us, kSecond);
  const auto step = LastStep(CourseOf(zone), seconds);
  if (step && seconds + step->after < step->at + step->before) {
    return LocalTimeOf(step->at + step->before - 1, kSecond - 1);
  }
  return ToLocal(zone, instant);
}

std::optional<ZoneChange> NextChange(const Zone& zone, Instant instant) {
  const auto step = NextStep(CourseOf(zone), FloorDiv(instant.us, kSecond));
  if (!step || step->at > std::numeric_limits<int64_t>::max() / kSecond) {
    return std::nullopt;
  }
  return ChangeOf(*step);
}

std::optional<ZoneChange> LastChange(const Zone& zone, Instant instant) {
  const auto step = LastStep(CourseOf(zone), FloorDiv(instant.us, kSecond));
  if (!step) return std::nullopt;
  return ChangeOf(*step);
}

}  // namespace stepwell
