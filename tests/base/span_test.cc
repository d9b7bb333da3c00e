#include "base/span.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

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

WorkCalendar Office(const Zone& zone) {
  WorkCalendarSpec spec;
  spec.zone = &zone;
  for (int day = 0; day < 5; ++day) {
    spec.week[day] = {{Hours(8).us, Hours(17).us}};
  }
  return *WorkCalendar::Make(spec);
}

Span Parsed(std::string_view text) {
  const auto span = ParseSpan(text);
  EXPECT_THAT(span, testing::IsOk());
  return span.value_or(Span{});
}

std::string After(const char* from, const char* span) {
  const WorkCalendar office = Office(Stockholm());
  return Text(AddSpan(At(from), Parsed(span), Stockholm(), &office));
}

TEST(SpanText, IsReadAndWritten) {
  const std::pair<const char*, Span> kForms[] = {
      {"30 minutes", {30, SpanUnit::kMinutes}},
      {"48 hours", {48, SpanUnit::kHours}},
      {"42 days", {42, SpanUnit::kDays}},
      {"26 weeks", {26, SpanUnit::kWeeks}},
      {"3 months", {3, SpanUnit::kMonths}},
      {"2 workdays", {2, SpanUnit::kWorkdays}},
      {"16 workhours", {16, SpanUnit::kWorkhours}},
      {"1 hour", {1, SpanUnit::kHours}},
      {"1 workday", {1, SpanUnit::kWorkdays}},
      {"0 days", {0, SpanUnit::kDays}}};
  for (const auto& [text, span] : kForms) {
    EXPECT_EQ(Parsed(text), span);
    EXPECT_EQ(FormatSpan(span), text);
  }
  EXPECT_EQ(Parsed("1 hours"), (Span{1, SpanUnit::kHours}));
  EXPECT_EQ(Parsed("2 hour"), (Span{2, SpanUnit::kHours}));
  EXPECT_TRUE(NeedsCalendar(Parsed("2 workdays")));
  EXPECT_TRUE(NeedsCalendar(Parsed("2 workhours")));
  EXPECT_FALSE(NeedsCalendar(Parsed("2 days")));
}

TEST(SpanText, ThatIsNoneListsTheLegalForms) {
  for (const char* bad :
       {"", "48", "48hours", "48  hours", " 48 hours", "48 hours ", "48 Hours",
        "48h", "-1 days", "+1 days", "1.5 hours", "two days", "2 years",
        "2 days 3 hours", "2 \xff", "99999999999999999999 days", "hours 2"}) {
    EXPECT_THAT(ParseSpan(bad), StatusIs(kInvalid, "\"2 workdays\"")) << bad;
  }
  EXPECT_THAT(ParseSpan("101 years"), StatusIs(kInvalid, "no time budget"));
  EXPECT_THAT(ParseSpan("5300000 weeks"),
              StatusIs(kInvalid, "longer than 100 years (5300 weeks)"));
  EXPECT_LT(ParseSpan(std::string(100'000, 'x')).status().message().size(),
            500u);
}

TEST(SpanText, SaysHowToWriteAnIsoDuration) {
  EXPECT_THAT(ParseSpan("P2D"), StatusIs(kInvalid, "write \"2 days\""));
  EXPECT_THAT(ParseSpan("PT48H"), StatusIs(kInvalid, "write \"48 hours\""));
  EXPECT_THAT(ParseSpan("PT30M"), StatusIs(kInvalid, "write \"30 minutes\""));
  EXPECT_THAT(ParseSpan("P3M"), StatusIs(kInvalid, "write \"3 months\""));
  EXPECT_THAT(ParseSpan("P26W"), StatusIs(kInvalid, "write \"26 weeks\""));
  for (const char* other : {"P1Y2M", "P", "PT", "PD", "P1DT2H"}) {
    EXPECT_THAT(ParseSpan(other), StatusIs(kInvalid, "\"2 workdays\""));
  }
}

TEST(Span, HoursAreWallTimeAndDaysAreDates) {
  // The clocks go forward on 29 March 2026.
  EXPECT_EQ(After("2026-03-28T09:00", "24 hours"), "2026-03-29T10:00:00+02:00");
  EXPECT_EQ(After("2026-03-28T09:00", "1 day"), "2026-03-29T09:00:00+02:00");
  EXPECT_EQ(After("2026-03-28T09:00", "90 minutes"),
            "2026-03-28T10:30:00+01:00");
  EXPECT_EQ(After("2026-03-02T09:00", "26 weeks"), "2026-08-31T09:00:00+02:00");
  EXPECT_EQ(After("2026-03-02T09:00", "42 days"), "2026-04-13T09:00:00+02:00");
  EXPECT_EQ(After("2026-03-02T09:00", "0 days"), "2026-03-02T09:00:00+01:00");
  EXPECT_EQ(After("2026-03-06T17:00", "2 workdays"),
            "2026-03-10T17:00:00+01:00");
  EXPECT_EQ(After("2026-03-06T17:00", "16 workhours"),
            "2026-03-10T15:00:00+01:00");
}

TEST(Span, MeetsGapAndFold) {
  EXPECT_EQ(After("2026-03-28T02:30", "1 day"), "2026-03-29T03:00:00+02:00");
  EXPECT_EQ(After("2026-10-24T02:30", "1 day"), "2026-10-25T02:30:00+02:00");
  EXPECT_EQ(After("2026-10-25T02:30:00+02:00", "1 day"),
            "2026-10-26T02:30:00+01:00");
  // A start in the repeated hour counts from its end.
  EXPECT_EQ(After("2026-10-25T02:10:00+01:00", "1 day"),
            "2026-10-26T03:00:00+01:00");
}

TEST(Span, MonthsAreClampedToTheEndOfTheMonth) {
  EXPECT_EQ(After("2026-01-15T09:00", "3 months"), "2026-04-15T09:00:00+02:00");
  EXPECT_EQ(After("2026-01-28T23:00", "1 month"), "2026-02-28T23:00:00+01:00");
  EXPECT_EQ(After("2026-01-31T09:00", "1 month"),
            "2026-02-28T23:59:59.999999+01:00");
  EXPECT_EQ(After("2024-01-31T09:00", "1 month"),
            "2024-02-29T23:59:59.999999+01:00");
  EXPECT_EQ(After("2024-01-29T09:00", "1 month"), "2024-02-29T09:00:00+01:00");
  EXPECT_EQ(After("2024-02-29T09:00", "48 months"),
            "2028-02-29T09:00:00+01:00");
  EXPECT_EQ(After("2026-02-01T00:00", "1 month"), "2026-03-01T00:00:00+01:00");
}

TEST(Span, GivesNothingWhereThereIsNoEnd) {
  const Instant from = At("2026-03-02T09:00");
  WorkCalendarSpec closed;
  closed.zone = &Stockholm();
  const WorkCalendar never = *WorkCalendar::Make(closed);
  const auto end = [&](Span span, const WorkCalendar* calendar = nullptr) {
    return AddSpan(from, span, Stockholm(), calendar);
  };
  EXPECT_EQ(end({2, SpanUnit::kWorkdays}), std::nullopt);
  EXPECT_EQ(end({2, SpanUnit::kWorkhours}), std::nullopt);
  EXPECT_EQ(end({2, SpanUnit::kWorkdays}, &never), std::nullopt);
  EXPECT_EQ(end({2, SpanUnit::kWorkhours}, &never), std::nullopt);
  EXPECT_EQ(end({-1, SpanUnit::kHours}), std::nullopt);
  EXPECT_EQ(end({std::numeric_limits<int64_t>::max(), SpanUnit::kWeeks}),
            std::nullopt);
  EXPECT_EQ(AddSpan(Instant::Never(), {1, SpanUnit::kHours}, Stockholm(), {}),
            std::nullopt);
  EXPECT_EQ(AddSpan(kInstantMax, {1, SpanUnit::kHours}, Stockholm(), {}),
            std::nullopt);
  EXPECT_EQ(AddSpan(kInstantMax, {1, SpanUnit::kDays}, Stockholm(), {}),
            std::nullopt);
  EXPECT_EQ(
      AddSpanShare(from, {2, SpanUnit::kWorkhours}, 75, Stockholm(), nullptr),
      std::nullopt);
  EXPECT_EQ(AddSpanShare(from, {2, SpanUnit::kHours}, -1, Stockholm(), nullptr),
            std::nullopt);
}

TEST(SpanShare, IsOfTheAmountOrOfTheElapsedTime) {
  const WorkCalendar office = Office(Stockholm());
  const auto share = [&](const char* from, const char* span, int percent) {
    return Text(
        AddSpanShare(At(from), Parsed(span), percent, Stockholm(), &office));
  };
  EXPECT_EQ(share("2026-03-02T09:00", "48 hours", 75),
            "2026-03-03T21:00:00+01:00");
  EXPECT_EQ(share("2026-03-02T09:00", "10 minutes", 33),
            "2026-03-02T09:03:18+01:00");
  EXPECT_EQ(share("2026-03-06T16:00", "4 workhours", 50),
            "2026-03-09T09:00:00+01:00");
  // Two days across the change of the clocks are 47 hours.
  EXPECT_EQ(share("2026-03-28T09:00", "2 days", 50),
            "2026-03-29T09:30:00+02:00");
  // Friday 17:00 to Tuesday 17:00 are 96 hours.
  EXPECT_EQ(share("2026-03-06T17:00", "2 workdays", 75),
            "2026-03-09T17:00:00+01:00");
  EXPECT_EQ(share("2026-03-06T17:00", "2 workdays", 150),
            "2026-03-12T17:00:00+01:00");
  EXPECT_EQ(share("2026-03-02T09:00", "3 weeks", 0),
            "2026-03-02T09:00:00+01:00");
  // A third of 28 days and 14:59:59.999999, without the rest of a microsecond.
  EXPECT_EQ(share("2026-01-31T09:00", "1 month", 33),
            "2026-02-09T19:42:35.999999+01:00");
}

TEST(SpanShare, OfAllIsTheWhole) {
  const WorkCalendar office = Office(Stockholm());
  std::mt19937_64 random(3);
  for (const char* text : {"7 minutes", "48 hours", "42 days", "26 weeks",
                           "3 months", "2 workdays", "16 workhours"}) {
    for (int i = 0; i < 300; ++i) {
      const Instant from =
          At("2020-01-01T00:00:00Z") + Microseconds(random() % Hours(80000).us);
      const Span span = Parsed(text);
      ASSERT_EQ(AddSpanShare(from, span, 100, Stockholm(), &office),
                AddSpan(from, span, Stockholm(), &office));
    }
  }
}

TEST(SpanShare, IsWrittenInPercent) {
  EXPECT_EQ(*ParsePercent("75%"), 75);
  EXPECT_EQ(*ParsePercent("0%"), 0);
  EXPECT_EQ(*ParsePercent("150%"), 150);
  for (const char* bad :
       {"", "%", "75", "75 %", "-5%", "1001%", "7.5%", "x%"}) {
    EXPECT_THAT(ParsePercent(bad), StatusIs(kInvalid, "\"75%\"")) << bad;
  }
}

Span RandomSpan(std::mt19937_64& random) {
  constexpr int64_t kMax[] = {100'000, 3000, 500, 60, 40, 200, 2000};
  const auto unit = static_cast<SpanUnit>(random() % 7);
  const int64_t max = kMax[static_cast<size_t>(unit)];
  return {static_cast<int64_t>(random() % static_cast<uint64_t>(max)), unit};
}

// A later start never gives an earlier end, nor an earlier rung.
TEST(Span, IsMonotoneOverRandomInstants) {
  std::mt19937_64 random(1);
  for (const char* name :
       {"Europe/Stockholm", "America/Havana", "America/Sao_Paulo",
        "Australia/Lord_Howe", "Pacific/Apia", "America/New_York",
        "Africa/Cairo", "Europe/Dublin"}) {
    const Zone& zone = ZoneOf(name);
    const WorkCalendar office = Office(zone);
    for (int round = 0; round < 40'000; ++round) {
      const Span span = RandomSpan(random);
      Instant a = At("1990-01-01T00:00:00Z") +
                  Microseconds(random() % Hours(24 * 18'000).us);
      // Most pairs lie where it is hard: around changes of the clocks, at ends
      // of months, and with an end around a change.
      const auto change = NextChange(zone, a);
      if (round % 4 == 0 && change) {
        a = change->at + Minutes(static_cast<int64_t>(random() % 480) - 240);
      } else if (round % 4 == 1 && change && span.unit == SpanUnit::kDays) {
        a = change->at - WallDays(span.amount) + Minutes(random() % 240) -
            Minutes(120);
      } else if (round % 4 == 2) {
        CivilFields fields = FieldsOf(ToLocal(zone, a).date);
        a = FromLocal(
            zone, {*MakeDate(static_cast<int>(fields.year), fields.month, 28),
                   Minutes(random() % 5760).us});
      }
      const Instant b = a + Minutes(random() % (round % 2 == 0 ? 180 : 4000));
      const auto end_a = AddSpan(a, span, zone, &office);
      const auto end_b = AddSpan(b, span, zone, &office);
      ASSERT_TRUE(end_a && end_b);
      ASSERT_LE(*end_a, *end_b)
          << FormatSpan(span) << " in " << name << " from " << Text(a, zone)
          << " and " << Text(b, zone) << " to " << Text(end_a, zone) << " and "
          << Text(end_b, zone);
      ASSERT_GE(*end_a, a);
      const int percent = static_cast<int>(random() % 101);
      ASSERT_LE(AddSpanShare(a, span, percent, zone, &office),
                AddSpanShare(b, span, percent, zone, &office))
          << FormatSpan(span) << " " << percent << "% " << Text(a, zone);
    }
  }
}

}  // namespace
}  // namespace stepwell
