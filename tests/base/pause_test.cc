// What was left of a budget counts on after a pause.
#include "base/pause.h"

#include <gtest/gtest.h>

#include <random>

#include "base/time_support.h"
#include "support/matchers.h"

namespace stepwell {
namespace {

using testing::At;
using testing::Stockholm;
using testing::Text;

// Monday to Friday, 08:00 to 17:00; closed on Good Friday 2026.
WorkCalendar Office() {
  WorkCalendarSpec spec;
  spec.zone = &Stockholm();
  for (int day = 0; day < 5; ++day) {
    spec.week[day] = {{Hours(8).us, Hours(17).us}};
  }
  spec.holidays = {*MakeDate(2026, 4, 3)};
  return *WorkCalendar::Make(spec);
}

struct Case {
  const char* end;
  SpanUnit unit;
  const char* paused;
  const char* resumed;
  const char* expected;
};

const Case kCases[] = {
    // Two workdays from Wednesday, paused for a day: both are still to come.
    {"2026-03-27T17:00", SpanUnit::kWorkdays, "2026-03-25T09:00",
     "2026-03-26T09:00", "2026-03-30T17:00:00+02:00"},
    // One is left, and Good Friday is none.
    {"2026-03-27T17:00", SpanUnit::kWorkdays, "2026-03-26T09:00",
     "2026-04-02T09:00", "2026-04-06T17:00:00+02:00"},
    // On its last day none is left: it ends at the next close of business.
    {"2026-03-27T17:00", SpanUnit::kWorkdays, "2026-03-27T10:00",
     "2026-03-28T10:00", "2026-03-30T17:00:00+02:00"},
    // A weekend is no part of it, before the pause or after.
    {"2026-03-30T17:00", SpanUnit::kWorkdays, "2026-03-28T10:00",
     "2026-03-29T10:00", "2026-03-30T17:00:00+02:00"},
    {"2026-03-30T17:00", SpanUnit::kWorkdays, "2026-03-28T10:00",
     "2026-03-31T10:00", "2026-04-01T17:00:00+02:00"},
    // Five hours of Thursday and two of Friday are left: one on Monday, six on
    // Tuesday.
    {"2026-03-27T10:00", SpanUnit::kWorkhours, "2026-03-26T12:00",
     "2026-03-30T16:00", "2026-03-31T14:00:00+02:00"},
    // Dates keep their hour across the change of the clocks.
    {"2026-04-02T09:00", SpanUnit::kDays, "2026-03-26T09:00",
     "2026-03-30T09:00", "2026-04-06T09:00:00+02:00"},
    {"2026-04-02T09:00", SpanUnit::kWeeks, "2026-03-26T15:00",
     "2026-03-30T10:00", "2026-04-06T04:00:00+02:00"},
    {"2026-11-02T09:00", SpanUnit::kMonths, "2026-10-02T09:00",
     "2026-10-05T09:00", "2026-11-05T09:00:00+01:00"},
    // Wall time is what a stopwatch shows.
    {"2026-03-27T09:00", SpanUnit::kHours, "2026-03-26T09:00",
     "2026-03-30T09:00", "2026-03-31T09:00:00+02:00"},
};

TEST(Pause, WhatWasLeftCountsFromTheResumption) {
  const WorkCalendar office = Office();
  for (const Case& c : kCases) {
    EXPECT_EQ(Text(EndAfterPause(At(c.end), c.unit, At(c.paused), At(c.resumed),
                                 Stockholm(), &office)),
              c.expected)
        << c.end << " " << c.paused << " " << c.resumed;
  }
}

// A pause of no time changes no end, and a longer one brings none forward.
TEST(Pause, IsMonotoneOverRandomBudgets) {
  const WorkCalendar office = Office();
  std::mt19937_64 random(7);
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
  };
  for (int i = 0; i < 3'000; ++i) {
    const Instant start = At("2026-01-01T00:00") + Minutes(below(500'000));
    const Span span = {below(30) + 1, static_cast<SpanUnit>(below(7))};
    const auto end = AddSpan(start, span, Stockholm(), &office);
    ASSERT_TRUE(end.has_value());
    const Instant paused =
        start + Minutes(below((*end - start).us / 60'000'000 + 1));
    if (paused >= *end) continue;
    Instant before = *end;
    Instant resumed = paused;
    for (int step = 0; step < 4; ++step) {
      const Instant moved =
          EndAfterPause(*end, span.unit, paused, resumed, Stockholm(), &office);
      if (step == 0) {
        // In a repeated hour the local clock shows the first.
        EXPECT_LE(*end - moved, Hours(1)) << FormatSpan(span);
        EXPECT_GE(*end, moved);
      } else {
        EXPECT_GE(moved, before) << FormatSpan(span);
        EXPECT_GE(moved, resumed);
      }
      before = moved;
      resumed = resumed + Hours(below(200));
    }
  }
}

TEST(Pause, WithoutItsCalendarWallTimeCounts) {
  const Instant end = At("2026-03-27T17:00");
  const Instant paused = At("2026-03-25T09:00");
  EXPECT_EQ(EndAfterPause(end, SpanUnit::kWorkdays, paused, paused + Hours(24),
                          Stockholm(), nullptr),
            end + Hours(24));
  EXPECT_EQ(EndAfterPause(Instant::Never(), SpanUnit::kDays, paused, paused,
                          Stockholm(), nullptr),
            Instant::Never());
}

}  // namespace
}  // namespace stepwell
