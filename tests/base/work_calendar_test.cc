#include "base/work_calendar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/time_support.h"
#include "support/matchers.h"

namespace stepwell {
namespace {

using testing::At;
using testing::StatusIs;
using testing::Stockholm;
using testing::Text;
using testing::ZoneOf;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

OpenHours FromTo(int64_t open_minutes, int64_t close_minutes) {
  return {Minutes(open_minutes).us, Minutes(close_minutes).us};
}

WorkCalendarSpec OfficeSpec(const Zone& zone = Stockholm()) {
  WorkCalendarSpec spec;
  spec.zone = &zone;
  for (int day = 0; day < 5; ++day) spec.week[day] = {FromTo(480, 1020)};
  return spec;
}

WorkCalendar Made(WorkCalendarSpec spec) {
  auto calendar = WorkCalendar::Make(std::move(spec));
  EXPECT_THAT(calendar, testing::IsOk());
  return *std::move(calendar);
}

// Monday to Friday, 08:00 to 17:00, in Stockholm.
WorkCalendar Office() { return Made(OfficeSpec()); }

TEST(WorkCalendar, IsOpenFromOpeningUntilJustBeforeClosing) {
  const WorkCalendar office = Office();
  EXPECT_FALSE(office.IsOpen(At("2026-03-02T07:59:59.999999")));
  EXPECT_TRUE(office.IsOpen(At("2026-03-02T08:00")));
  EXPECT_TRUE(office.IsOpen(At("2026-03-02T16:59:59.999999")));
  EXPECT_FALSE(office.IsOpen(At("2026-03-02T17:00")));
  EXPECT_FALSE(office.IsOpen(At("2026-03-01T12:00")));  // a Sunday
  EXPECT_FALSE(office.IsOpen(Instant::Never()));
}

TEST(WorkCalendar, FindsTheNextOpening) {
  const WorkCalendar office = Office();
  const auto next = [&](const char* from) {
    return Text(office.NextOpen(At(from)));
  };
  EXPECT_EQ(next("2026-03-02T09:00"), "2026-03-02T09:00:00+01:00");
  EXPECT_EQ(next("2026-03-02T07:00"), "2026-03-02T08:00:00+01:00");
  EXPECT_EQ(next("2026-03-06T17:00"), "2026-03-09T08:00:00+01:00");
}

TEST(WorkDays, EndAtCloseOfBusiness) {
  const WorkCalendar office = Office();
  const auto after = [&](const char* from, int64_t n) {
    return Text(office.AddWorkDays(At(from), n));
  };
  // 2026-03-06 is a Friday.
  EXPECT_EQ(after("2026-03-06T17:00", 2), "2026-03-10T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-06T09:00", 2), "2026-03-10T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-07T10:00", 2), "2026-03-10T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-08T23:00", 1), "2026-03-09T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-09T07:00", 1), "2026-03-10T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-09T00:00", 5), "2026-03-16T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-06T09:00", 0), "2026-03-06T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-06T17:00", 0), "2026-03-09T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-07T10:00", 0), "2026-03-09T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-06T09:00", -1), "nothing");
  // Across the change of the clocks on Sunday the 29th.
  EXPECT_EQ(after("2026-03-27T16:00", 1), "2026-03-30T17:00:00+02:00");
}

TEST(WorkDays, PassHolidaysAndHeedDatesWithOwnHours) {
  WorkCalendarSpec spec = OfficeSpec();
  // Easter 2026: Good Friday 3 April, Easter Monday 6 April; Thursday half.
  spec.holidays = {*MakeDate(2026, 4, 6), *MakeDate(2026, 4, 3)};
  spec.extra = {{*MakeDate(2026, 4, 2), {FromTo(480, 720)}},
                {*MakeDate(2026, 4, 11), {FromTo(600, 840)}}};
  const WorkCalendar office = Made(spec);
  EXPECT_EQ(Text(office.AddWorkDays(At("2026-04-01T12:00"), 1)),
            "2026-04-02T12:00:00+02:00");
  EXPECT_EQ(Text(office.AddWorkDays(At("2026-04-01T12:00"), 2)),
            "2026-04-07T17:00:00+02:00");
  EXPECT_EQ(Text(office.AddWorkDays(At("2026-04-10T12:00"), 1)),
            "2026-04-11T14:00:00+02:00");  // a working Saturday
  EXPECT_EQ(Text(office.AddWorkTime(At("2026-04-02T11:00"), Hours(2))),
            "2026-04-07T09:00:00+02:00");
  // An extra date wins over a holiday of the same date.
  spec.extra.push_back({*MakeDate(2026, 4, 6), {FromTo(480, 540)}});
  EXPECT_TRUE(Made(spec).IsOpen(At("2026-04-06T08:30")));
}

TEST(WorkTime, RunsOnlyWhileOpen) {
  const WorkCalendar office = Office();
  const auto after = [&](const char* from, Duration work) {
    return Text(office.AddWorkTime(At(from), work));
  };
  EXPECT_EQ(after("2026-03-06T16:00", Hours(2)), "2026-03-09T09:00:00+01:00");
  EXPECT_EQ(after("2026-03-06T17:00", Hours(16)), "2026-03-10T15:00:00+01:00");
  // Exactly a day ends at the close, not at the next opening.
  EXPECT_EQ(after("2026-03-06T08:00", Hours(9)), "2026-03-06T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-06T08:00", Hours(45)), "2026-03-12T17:00:00+01:00");
  EXPECT_EQ(after("2026-03-06T08:00", Hours(9) + Microseconds(1)),
            "2026-03-09T08:00:00.000001+01:00");
  EXPECT_EQ(after("2026-03-07T03:00", Duration{}), "2026-03-07T03:00:00+01:00");
  EXPECT_EQ(after("2026-03-06T08:00", Hours(-1)), "nothing");
}

TEST(WorkTime, IsRealTimeAcrossChangesOfTheClocks) {
  WorkCalendarSpec spec;
  spec.zone = &Stockholm();
  spec.week[6] = {FromTo(60, 300)};  // Sundays 01:00 to 05:00: a night shift
  const WorkCalendar night = Made(spec);
  // Spring: the shift of 29 March lasts three hours.
  EXPECT_EQ(
      night.WorkTimeBetween(At("2026-03-28T00:00"), At("2026-03-30T00:00")),
      Hours(3));
  EXPECT_EQ(Text(night.AddWorkTime(At("2026-03-29T00:00"), Hours(2))),
            "2026-03-29T04:00:00+02:00");
  // Autumn: that of 25 October lasts five.
  EXPECT_EQ(
      night.WorkTimeBetween(At("2026-10-24T00:00"), At("2026-10-26T00:00")),
      Hours(5));
  EXPECT_EQ(Text(night.AddWorkTime(At("2026-10-25T00:00"), Hours(3))),
            "2026-10-25T03:00:00+01:00");
  EXPECT_TRUE(night.IsOpen(At("2026-10-25T02:30:00+01:00")));
}

TEST(WorkTime, LosesHoursThatLieInTheGap) {
  WorkCalendarSpec spec;
  spec.zone = &Stockholm();
  spec.week[6] = {FromTo(120, 180)};  // Sundays 02:00 to 03:00
  const WorkCalendar calendar = Made(spec);
  // 29 March has no such hour: it is no working day, and 5 April is.
  EXPECT_EQ(Text(calendar.AddWorkDays(At("2026-03-28T12:00"), 1)),
            "2026-04-05T03:00:00+02:00");
  EXPECT_EQ(Text(calendar.NextOpen(At("2026-03-28T12:00"))),
            "2026-04-05T02:00:00+02:00");
  // 25 October has it twice; open from the first 02:00 to 03:00.
  EXPECT_EQ(
      calendar.WorkTimeBetween(At("2026-10-24T12:00"), At("2026-10-26T12:00")),
      Hours(2));
}

TEST(WorkTime, DayAndNightIsWallTime) {
  for (const char* name :
       {"Europe/Stockholm", "America/Havana", "America/Sao_Paulo",
        "Pacific/Apia", "Australia/Lord_Howe", "UTC"}) {
    const WorkCalendar always = WorkCalendar::AlwaysOpen(ZoneOf(name));
    const Instant from = At("1999-03-02T09:13:07.000001Z");
    for (int64_t hours : {1, 24, 1000, 8766, 87660, 200000}) {
      EXPECT_EQ(always.AddWorkTime(from, Hours(hours)), from + Hours(hours))
          << name;
      EXPECT_EQ(always.WorkTimeBetween(from, from + Hours(hours)), Hours(hours))
          << name;
      EXPECT_EQ(always.NextOpen(from + Hours(hours)), from + Hours(hours));
      EXPECT_TRUE(always.IsOpen(from + Hours(hours)));
    }
  }
  // Close of business is midnight.
  EXPECT_EQ(Text(WorkCalendar::AlwaysOpen(Stockholm())
                     .AddWorkDays(At("2026-03-06T09:00"), 1)),
            "2026-03-08T00:00:00+01:00");
}

TEST(WorkCalendar, ThatNeverOpensGivesNothing) {
  WorkCalendarSpec spec;
  spec.zone = &Stockholm();
  const WorkCalendar never = Made(spec);
  const Instant from = At("2026-03-02T09:00");
  EXPECT_EQ(never.AddWorkTime(from, Hours(1)), std::nullopt);
  EXPECT_EQ(never.AddWorkDays(from, 1), std::nullopt);
  EXPECT_EQ(never.AddWorkDays(from, 0), std::nullopt);
  EXPECT_EQ(never.NextOpen(from), std::nullopt);
  EXPECT_EQ(never.WorkTimeBetween(kInstantMin, Instant::Never()), Hours(0));
  // One open day in all time: before it, it is found; after it, nothing is.
  spec.extra = {{*MakeDate(2030, 5, 1), {FromTo(480, 540)}}};
  const WorkCalendar once = Made(spec);
  EXPECT_EQ(Text(once.AddWorkTime(from, Hours(1))),
            "2030-05-01T09:00:00+02:00");
  EXPECT_EQ(Text(once.AddWorkDays(from, 1)), "2030-05-01T09:00:00+02:00");
  EXPECT_EQ(once.AddWorkTime(from, Hours(2)), std::nullopt);
  EXPECT_EQ(once.AddWorkDays(from, 2), std::nullopt);
}

TEST(WorkCalendar, RefusesAmountsAndInstantsOutOfReach) {
  const WorkCalendar office = Office();
  const Instant from = At("2026-03-02T09:00");
  const Duration huge{std::numeric_limits<int64_t>::max()};
  EXPECT_EQ(office.AddWorkTime(from, huge), std::nullopt);
  EXPECT_EQ(office.AddWorkDays(from, std::numeric_limits<int64_t>::max()),
            std::nullopt);
  EXPECT_EQ(office.AddWorkTime(Instant::Never(), Hours(1)), std::nullopt);
  EXPECT_EQ(office.AddWorkDays(Instant::Never(), 1), std::nullopt);
  EXPECT_EQ(office.NextOpen({std::numeric_limits<int64_t>::min()}),
            std::nullopt);
  EXPECT_EQ(office.WorkTimeBetween(from, from + Hours(3)),
            Duration{} - office.WorkTimeBetween(from + Hours(3), from));
  EXPECT_GT(office.WorkTimeBetween(kInstantMin, Instant::Never()),
            Hours(8000 * 52 * 45));
}

TEST(WorkCalendar, ExplainsWhatIsWrong) {
  const auto with_monday = [](std::vector<OpenHours> hours) {
    WorkCalendarSpec spec = OfficeSpec();
    spec.week[0] = std::move(hours);
    return WorkCalendar::Make(spec);
  };
  EXPECT_THAT(with_monday({FromTo(480, 720), FromTo(700, 900)}),
              StatusIs(kInvalid, "08:00-12:00 and 11:40-15:00 of monday"));
  EXPECT_THAT(with_monday({FromTo(480, 480)}), StatusIs(kInvalid, "empty"));
  EXPECT_THAT(with_monday({FromTo(1000, 480)}), StatusIs(kInvalid, "empty"));
  EXPECT_THAT(with_monday({FromTo(480, 1441)}),
              StatusIs(kInvalid, "split them at midnight"));
  EXPECT_THAT(with_monday({FromTo(-1, 480)}), StatusIs(kInvalid, "monday"));
  EXPECT_THAT(WorkCalendar::Make({}), StatusIs(kInvalid, "time zone"));
  WorkCalendarSpec twice = OfficeSpec();
  twice.extra = {{Date{1}, {}}, {Date{1}, {FromTo(1, 2)}}};
  EXPECT_THAT(WorkCalendar::Make(twice), StatusIs(kInvalid, "1970-01-02"));
  WorkCalendarSpec many = OfficeSpec();
  many.holidays.resize(20'000);
  EXPECT_THAT(WorkCalendar::Make(many),
              StatusIs(absl::StatusCode::kResourceExhausted, "10000"));
}

TEST(WorkCalendar, SortsAndJoinsHours) {
  WorkCalendarSpec spec = OfficeSpec();
  spec.week[0] = {FromTo(720, 1020), FromTo(480, 720)};
  spec.holidays = {Date{9}, Date{3}, Date{9}};
  EXPECT_EQ(Made(spec).spec().week[0],
            (std::vector<OpenHours>{FromTo(480, 1020)}));
  EXPECT_EQ(Made(spec).spec().holidays, (std::vector<Date>{{3}, {9}}));
}

// --- Against a second, plain implementation: minute by minute. ------------

// Open when the clock on the wall, read once a minute, lies in the hours. Only
// for calendars whose hours do not begin or end within a gap or a fold, where
// the wall clock alone does not say.
bool PlainIsOpen(const WorkCalendarSpec& spec, Instant t) {
  const LocalTime local = ToLocal(*spec.zone, t);
  const std::vector<OpenHours>* hours =
      &spec.week[static_cast<size_t>(WeekdayOf(local.date))];
  static const std::vector<OpenHours> kClosed;
  if (std::count(spec.holidays.begin(), spec.holidays.end(), local.date)) {
    hours = &kClosed;
  }
  for (const ExtraDay& day : spec.extra) {
    if (day.date == local.date) hours = &day.hours;
  }
  return std::any_of(hours->begin(), hours->end(), [&](const OpenHours& h) {
    return h.open_us <= local.us_of_day && local.us_of_day < h.close_us;
  });
}

WorkCalendarSpec RandomSpec(std::mt19937& random, const Zone& zone, Date near) {
  // Hours on multiples of 15 minutes, none between 23:00 and 04:00 unless the
  // day is open all around, so that no change of the clocks cuts into an edge.
  WorkCalendarSpec spec;
  spec.zone = &zone;
  const auto hours = [&]() -> std::vector<OpenHours> {
    if (random() % 3 == 0) return {};
    if (random() % 8 == 0) return {FromTo(0, 1440)};
    const int64_t open = 240 + 15 * (random() % 40);
    const int64_t close = open + 15 * (1 + random() % 8);
    const int64_t again = close + 15 * (1 + random() % 4);
    std::vector<OpenHours> result = {FromTo(open, close)};
    if (random() % 2 == 0) result.push_back(FromTo(again, again + 60));
    return result;
  };
  for (auto& day : spec.week) day = hours();
  for (int i = 0; i < 4; ++i) {
    spec.holidays.push_back(near + static_cast<int32_t>(random() % 40));
  }
  spec.extra = {{near + static_cast<int32_t>(random() % 20), hours()},
                {near + 20 + static_cast<int32_t>(random() % 20), hours()}};
  return spec;
}

class PlainReference : public ::testing::TestWithParam<const char*> {};

TEST_P(PlainReference, AgreesMinuteByMinute) {
  const Zone& zone = ZoneOf(GetParam());
  std::mt19937 random(20260302);
  for (int round = 0; round < 24; ++round) {
    // Half of the rounds span a change of the clocks.
    Instant start = At("2010-01-01T00:00:00Z") + Hours(24 * (random() % 9000));
    if (const auto change = NextChange(zone, start); change && round % 2 == 0) {
      start = change->at - Hours(24 * (1 + random() % 20));
    }
    start = start + Minutes(random() % 1440);
    const WorkCalendarSpec spec =
        RandomSpec(random, zone, ToLocal(zone, start).date);
    const WorkCalendar calendar = Made(spec);
    const int64_t checked = static_cast<int64_t>(random() % 997) + 60;
    int64_t open_minutes = 0;
    for (int64_t minute = 0; minute < 40 * 1440; ++minute) {
      const Instant t = start + Minutes(minute);
      const bool open = PlainIsOpen(spec, t);
      if (minute % checked == 0) {
        ASSERT_EQ(calendar.WorkTimeBetween(start, t), Minutes(open_minutes))
            << Text(start, zone) << " to " << Text(t, zone);
        ASSERT_EQ(calendar.IsOpen(t), open) << Text(t, zone);
      }
      if (!open) continue;
      if (++open_minutes % checked == 0) {
        ASSERT_EQ(calendar.AddWorkTime(start, Minutes(open_minutes)),
                  t + Minutes(1))
            << Text(start, zone) << " + " << open_minutes << " minutes";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Zones, PlainReference,
                         ::testing::Values("Europe/Stockholm",
                                           "America/New_York",
                                           "Australia/Sydney", "Asia/Kolkata",
                                           "Australia/Lord_Howe", "UTC"));

// Working days counted one date at a time, without knowing of weeks.
TEST(WorkDays, AgreeWithCountingDates) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    const Instant start =
        At("2015-01-01T00:00:00Z") + Minutes(random() % (20 * 525'600));
    const Date date = ToLocal(Stockholm(), start).date;
    const WorkCalendar calendar = Made(RandomSpec(random, Stockholm(), date));
    Date day = date;
    int64_t n = 0;
    for (int i = 0; i < 800; ++i) {
      day = day + 1;
      const auto hours = calendar.HoursOn(day);
      if (hours.empty()) continue;
      ASSERT_EQ(calendar.AddWorkDays(start, ++n),
                FromLocal(Stockholm(), {day, hours.back().close_us}));
    }
  }
}

// A calendar whose hours begin and end within gaps and folds.
WorkCalendarSpec NightSpec(const Zone& zone) {
  WorkCalendarSpec spec;
  spec.zone = &zone;
  for (auto& day : spec.week) {
    day = {FromTo(0, 20),    FromTo(45, 135),    FromTo(150, 170),
           FromTo(600, 660), FromTo(1395, 1425), FromTo(1430, 1440)};
  }
  return spec;
}

TEST(WorkCalendar, IsMonotoneAndAddsUpAroundEveryChange) {
  std::mt19937 random(11);
  for (const char* name :
       {"Europe/Stockholm", "America/Havana", "America/Sao_Paulo",
        "Pacific/Apia", "Australia/Lord_Howe", "America/St_Johns",
        "Africa/Cairo", "Asia/Gaza", "Antarctica/Troll", "Europe/Dublin"}) {
    const Zone& zone = ZoneOf(name);
    const WorkCalendar calendar = Made(NightSpec(zone));
    Instant at = At("1985-01-01T00:00:00Z");
    while (const auto change = NextChange(zone, at)) {
      at = change->at;
      if (at > At("2040-01-01T00:00:00Z")) break;
      const Duration work = Minutes(random() % 600);
      std::optional<Instant> time, days, next;
      for (int minutes = -1600; minutes <= 1600; minutes += 17) {
        const Instant t = at + Minutes(minutes);
        const auto later = calendar.AddWorkTime(t, work);
        ASSERT_TRUE(later.has_value());
        ASSERT_GE(later, time) << name << " " << Text(t, zone);
        ASSERT_EQ(calendar.WorkTimeBetween(t, *later), work);
        const auto day = calendar.AddWorkDays(t, minutes % 3 + 2);
        ASSERT_TRUE(day.has_value());
        const auto two_days = calendar.AddWorkDays(t, 2);
        ASSERT_GE(two_days, days) << name << " " << Text(t, zone);
        const auto open = calendar.NextOpen(t);
        ASSERT_GE(open, next);
        ASSERT_EQ(*open == t, calendar.IsOpen(t))
            << name << " " << Text(t, zone);
        time = later, days = two_days, next = open;
      }
    }
  }
}

TEST(WorkTime, AddsUpOverRandomSpans) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 3000; ++round) {
    const Instant a = At("2000-01-01T00:00:00Z") +
                      Microseconds(random() % Hours(24 * 9000).us);
    const Instant b = a + Microseconds(random() % Hours(24 * 2000).us);
    const Instant middle = a + Microseconds(random() % ((b - a).us + 1));
    const WorkCalendar calendar = Office();
    ASSERT_EQ(calendar.WorkTimeBetween(a, middle) +
                  calendar.WorkTimeBetween(middle, b),
              calendar.WorkTimeBetween(a, b));
    const Duration work = calendar.WorkTimeBetween(a, b);
    const auto end = calendar.AddWorkTime(a, work);
    ASSERT_TRUE(end.has_value());
    ASSERT_LE(*end, b);
    ASSERT_EQ(calendar.WorkTimeBetween(*end, b), Hours(0));
  }
}

TEST(WorkCalendar, HasAsManyDatesOfItsOwnAsTheLimitSays) {
  WorkCalendarSpec spec = OfficeSpec();
  for (size_t i = 0; i < limits::kCalendarDatesMax; ++i) {
    spec.holidays.push_back(Date{static_cast<int32_t>(i)});
  }
  EXPECT_OK(WorkCalendar::Make(spec));
  spec.extra.push_back({Date{-1}, {}});
  EXPECT_THAT(WorkCalendar::Make(spec),
              StatusIs(absl::StatusCode::kResourceExhausted, "10000"));
}

TEST(WorkCalendar, CountsNoFurtherThanItReaches) {
  const WorkCalendar office = WorkCalendar::AlwaysOpen(UtcZone());
  const int64_t days = limits::kCalendarReachYearsMax * 366;
  const Instant from = At("2026-03-02T00:00:00Z");
  EXPECT_EQ(office.AddWorkDays(from, days + 1), from + WallDays(days + 2));
  EXPECT_EQ(office.AddWorkDays(from, days + 2), std::nullopt);
}

}  // namespace
}  // namespace stepwell
