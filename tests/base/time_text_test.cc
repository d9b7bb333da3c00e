#include "base/time_text.h"

#include <gtest/gtest.h>

#include "base/time_support.h"

namespace stepwell {
namespace {

using testing::Stockholm;
using testing::ZoneOf;

TEST(InstantText, IsReadWithOffsetOrZone) {
  const Instant nine{1'772'438'400'000'000};  // 2026-03-02T08:00:00Z
  EXPECT_EQ(ParseInstant("2026-03-02T08:00:00Z"), nine);
  EXPECT_EQ(ParseInstant("2026-03-02T09:00:00+01:00"), nine);
  EXPECT_EQ(ParseInstant("2026-03-02T09:00+01:00"), nine);
  EXPECT_EQ(ParseInstant("2026-03-01T23:30:00-08:30"), nine);
  EXPECT_EQ(ParseInstant("2026-03-02t08:00:00z"), nine);
  EXPECT_EQ(ParseInstant("2026-03-02T08:00:00-00:00"), nine);
  EXPECT_EQ(ParseInstant("2026-03-02T09:00", Stockholm()), nine);
  EXPECT_EQ(ParseInstant("2026-03-02T09:00:00", Stockholm()), nine);
  // An offset in the text wins over the zone.
  EXPECT_EQ(ParseInstant("2026-03-02T08:00:00Z", Stockholm()), nine);
  // Without a zone a local time names no instant.
  EXPECT_EQ(ParseInstant("2026-03-02T09:00"), std::nullopt);
}

TEST(InstantText, KeepsMicroseconds) {
  const Instant base = *ParseInstant("2026-03-02T08:00:00Z");
  EXPECT_EQ(ParseInstant("2026-03-02T08:00:00.5Z"),
            base + Microseconds(500'000));
  EXPECT_EQ(ParseInstant("2026-03-02T08:00:00.000001Z"),
            base + Microseconds(1));
  EXPECT_EQ(ParseInstant("2026-03-02T08:00:00.0000001Z"), std::nullopt);
  EXPECT_EQ(FormatInstantUtc(base + Microseconds(500'000)),
            "2026-03-02T08:00:00.500Z");
  EXPECT_EQ(FormatInstantUtc(base + Microseconds(1)),
            "2026-03-02T08:00:00.000001Z");
  EXPECT_EQ(FormatInstantUtc(Instant{-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(InstantText, ReadsALeapSecondAsTheNextMinute) {
  EXPECT_EQ(ParseInstant("2016-12-31T23:59:60Z"),
            ParseInstant("2017-01-01T00:00:00Z"));
}

TEST(InstantText, RefusesAllElse) {
  for (const char* bad : {"",
                          "2026-03-02",
                          "2026-03-02T",
                          "2026-03-02T9:00Z",
                          "2026-03-02T24:00Z",
                          "2026-03-02T09:60Z",
                          "2026-03-02T09:00:61Z",
                          "2026-02-29T09:00Z",
                          "2026-03-02 09:00Z",
                          "2026-03-02T09:00Zx",
                          "2026-03-02T09:00+1:00",
                          "2026-03-02T09:00+01",
                          "2026-03-02T09:00+0100",
                          "2026-03-02T09:00:00.Z",
                          "2026-03-02T09:00+24:00",
                          "2026-03-02T09:00+01:60",
                          "2026-03-02T-9:00Z",
                          "2026-03-02T09:00+01:00 ",
                          "T09:00Z",
                          "\xff\xfe",
                          "2026-03-02T09:00:Z"}) {
    EXPECT_EQ(ParseInstant(bad), std::nullopt) << bad;
    EXPECT_EQ(ParseInstant(bad, Stockholm()), std::nullopt) << bad;
  }
}

TEST(InstantText, SurvivesTheRoundTripInEveryZone) {
  for (const Zone& zone : AllZones()) {
    for (int64_t us :
         {int64_t{0}, int64_t{1'772'438'400'000'000},
          int64_t{951'782'400'123'456}, int64_t{31'536'000'500'000},
          kInstantMax.us - Hours(24).us, kInstantMin.us + Hours(24).us}) {
      const Instant instant{us};
      EXPECT_EQ(ParseInstant(FormatInstant(instant, zone)), instant)
          << FormatInstant(instant, zone) << " " << zone.name();
    }
  }
  EXPECT_EQ(FormatInstant(Instant{0}, ZoneOf("America/St_Johns")),
            "1969-12-31T20:30:00-03:30");
  // Never is no date that can be read back, but it can be printed.
  EXPECT_EQ(FormatInstantUtc(Instant::Never()),
            "294247-01-10T04:00:54.775807Z");
}

}  // namespace
}  // namespace stepwell
