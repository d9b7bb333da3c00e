#include "base/zone.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/time_support.h"

namespace stepwell {
namespace {

using testing::At;
using testing::Stockholm;
using testing::Text;
using testing::ZoneOf;

TEST(Zones, AreFoundByTheirExactNameOnly) {
  ASSERT_NE(FindZone("Europe/Stockholm"), nullptr);
  EXPECT_EQ(FindZone("Europe/Stockholm")->name(), "Europe/Stockholm");
  EXPECT_NE(FindZone("US/Eastern"), nullptr);  // an old name
  EXPECT_NE(FindZone("Etc/GMT+8"), nullptr);
  for (const char* unknown :
       {"", "Europe/Atlantis", "europe/stockholm", "Europe/Stockholm ",
        "localtime", "Factory", "posixrules", "CEST", "+01:00", "Zulu/"}) {
    EXPECT_EQ(FindZone(unknown), nullptr) << unknown;
  }
  EXPECT_EQ(&UtcZone(), FindZone("UTC"));
  EXPECT_GT(AllZones().size(), 400u);
  for (const Zone& zone : AllZones()) EXPECT_EQ(FindZone(zone.name()), &zone);
}

TEST(Zones, NameTheirRelease) {
  EXPECT_EQ(TzdataVersion().size(), 5u);
  EXPECT_EQ(TzdataVersion().substr(0, 2), "20");
}

TEST(LocalTime, SkipsAnHourInSpring) {
  EXPECT_EQ(Text(At("2026-03-29T00:59:59Z")), "2026-03-29T01:59:59+01:00");
  EXPECT_EQ(Text(At("2026-03-29T01:00:00Z")), "2026-03-29T03:00:00+02:00");
  // No clock shows 02:30: moved forward by the gap.
  EXPECT_EQ(Text(At("2026-03-29T02:30")), "2026-03-29T03:30:00+02:00");
  const LocalTime half_past_two = {*MakeDate(2026, 3, 29), Minutes(150).us};
  EXPECT_EQ(Text(FirstAtOrAfter(Stockholm(), half_past_two)),
            "2026-03-29T03:00:00+02:00");
}

TEST(LocalTime, RepeatsAnHourInAutumn) {
  EXPECT_EQ(Text(At("2026-10-25T00:30:00Z")), "2026-10-25T02:30:00+02:00");
  EXPECT_EQ(Text(At("2026-10-25T01:30:00Z")), "2026-10-25T02:30:00+01:00");
  // Two clocks show 02:30: the first.
  EXPECT_EQ(Text(At("2026-10-25T02:30")), "2026-10-25T02:30:00+02:00");
  const LocalTime latest = LatestLocal(Stockholm(), At("2026-10-25T01:30:00Z"));
  EXPECT_EQ(latest.date, *MakeDate(2026, 10, 25));
  EXPECT_EQ(latest.us_of_day, Hours(3).us - 1);
}

TEST(LocalTime, HoldsInZonesWithOddRules) {
  // Dublin's summer is its standard time; Lord Howe moves by half an hour;
  // Samoa had no 30 December 2011; Monrovia's offset had seconds.
  EXPECT_EQ(Text(At("2026-07-01T12:00:00Z"), ZoneOf("Europe/Dublin")),
            "2026-07-01T13:00:00+01:00");
  EXPECT_EQ(Text(At("2026-01-01T12:00:00Z"), ZoneOf("Australia/Lord_Howe")),
            "2026-01-01T23:00:00+11:00");
  EXPECT_EQ(Text(At("2026-07-01T12:00:00Z"), ZoneOf("Australia/Lord_Howe")),
            "2026-07-01T22:30:00+10:30");
  EXPECT_EQ(Text(At("2011-12-30T09:00", ZoneOf("Pacific/Apia")),
                 ZoneOf("Pacific/Apia")),
            "2011-12-31T09:00:00+14:00");
  EXPECT_EQ(OffsetAt(ZoneOf("Africa/Monrovia"), At("1971-01-01T00:00:00Z")),
            Seconds(-2670));
}

TEST(LocalTime, FollowsTheRuleForEver) {
  EXPECT_EQ(Text(At("2400-07-01T12:00:00Z")), "2400-07-01T14:00:00+02:00");
  EXPECT_EQ(Text(At("9999-12-31T12:00:00Z")), "9999-12-31T13:00:00+01:00");
}

TEST(LocalTime, SurvivesTheEndsOfTime) {
  for (const Zone& zone : AllZones()) {
    EXPECT_EQ(FromLocal(zone, ToLocal(zone, Instant::Never())),
              Instant::Never());
    const Instant first{std::numeric_limits<int64_t>::min()};
    EXPECT_EQ(FromLocal(zone, ToLocal(zone, first)), first);
    EXPECT_EQ(FromLocal(zone, {{std::numeric_limits<int32_t>::max()}, 0}),
              Instant::Never());
    LatestLocal(zone, Instant::Never());
    FirstAtOrAfter(zone, {{std::numeric_limits<int32_t>::min()}, 0});
  }
  EXPECT_EQ(NextChange(UtcZone(), At("2026-03-02T09:00")), std::nullopt);
  EXPECT_EQ(NextChange(Stockholm(), Instant::Never()), std::nullopt);
}

TEST(ZoneChanges, AreWalkedForwardAndBack) {
  for (const Zone& zone : AllZones()) {
    Instant at = kInstantMin;
    Duration offset = OffsetAt(zone, at);
    while (const auto change = NextChange(zone, at)) {
      if (change->at > At("2110-01-01T00:00:00Z")) break;
      ASSERT_GT(change->at, at) << zone.name();
      ASSERT_NE(change->before, change->after);
      ASSERT_EQ(change->before, offset) << zone.name();
      ASSERT_EQ(OffsetAt(zone, change->at - Microseconds(1)), change->before);
      ASSERT_EQ(OffsetAt(zone, change->at), change->after);
      ASSERT_EQ(LastChange(zone, change->at), change);
      at = change->at;
      offset = change->after;
      ASSERT_EQ(LastChange(zone, at + Hours(1)), change);
    }
  }
}

// Around every change of every zone: the promises of the header, each checked
// through ToLocal alone.
TEST(LocalTime, KeepsItsPromisesAroundEveryChange) {
  for (const Zone& zone : AllZones()) {
    Instant at = At("1999-12-01T00:00:00Z");
    while (const auto change = NextChange(zone, at)) {
      at = change->at;
      if (at > At("2041-01-01T00:00:00Z")) break;
      LocalTime latest{{std::numeric_limits<int32_t>::min()}, 0};
      Instant first{std::numeric_limits<int64_t>::min()};
      for (int minutes = -300; minutes <= 300; minutes += 15) {
        const Instant t = at + Minutes(minutes);
        const LocalTime local = ToLocal(zone, t);
        ASSERT_GE(LatestLocal(zone, t), latest) << zone.name();
        latest = LatestLocal(zone, t);
        ASSERT_GE(latest, local);
        // Of the instants that show this time, FromLocal gives the first.
        const Instant back = FromLocal(zone, local);
        ASSERT_LE(back, t);
        ASSERT_EQ(ToLocal(zone, back), local);
        // Wall clock readings in order, through gap and fold.
        const LocalTime reading = ToLocal(UtcZone(), t + change->before);
        ASSERT_GE(FirstAtOrAfter(zone, reading), first) << zone.name();
        first = FirstAtOrAfter(zone, reading);
        ASSERT_GE(ToLocal(zone, first), reading);
        ASSERT_LT(LatestLocal(zone, first - Microseconds(1)), reading);
      }
    }
  }
}

}  // namespace
}  // namespace stepwell
