#include "base/date.h"

#include <gtest/gtest.h>

#include <limits>

namespace stepwell {
namespace {

TEST(Date, NamesOnlyDaysThatExist) {
  EXPECT_EQ(MakeDate(1970, 1, 1), Date{0});
  EXPECT_EQ(MakeDate(2024, 2, 29), Date{19782});
  EXPECT_EQ(MakeDate(2000, 2, 29), Date{11016});
  EXPECT_EQ(MakeDate(2025, 2, 29), std::nullopt);
  EXPECT_EQ(MakeDate(1900, 2, 29), std::nullopt);
  EXPECT_EQ(MakeDate(2025, 4, 31), std::nullopt);
  EXPECT_EQ(MakeDate(2025, 13, 1), std::nullopt);
  EXPECT_EQ(MakeDate(2025, 0, 1), std::nullopt);
  EXPECT_EQ(MakeDate(2025, 1, 0), std::nullopt);
  EXPECT_EQ(MakeDate(0, 1, 1), std::nullopt);
  EXPECT_EQ(MakeDate(10000, 1, 1), std::nullopt);
}

// The plainest calendar there is: count the days one by one.
TEST(Date, AgreesWithCountingDays) {
  Date date = *MakeDate(1599, 12, 31);
  int weekday = static_cast<int>(Weekday::kFriday);
  for (int year = 1600; year < 2400; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= DaysInMonth(year, month); ++day) {
        date = date + 1;
        weekday = (weekday + 1) % 7;
        ASSERT_EQ(MakeDate(year, month, day), date);
        ASSERT_EQ(FieldsOf(date), (CivilFields{year, month, day}));
        ASSERT_EQ(static_cast<int>(WeekdayOf(date)), weekday);
      }
    }
  }
}

TEST(Date, HoldsDatesFarBeyondTheCommonYears) {
  const Date last{std::numeric_limits<int32_t>::max()};
  const Date first{std::numeric_limits<int32_t>::min()};
  EXPECT_EQ(FieldsOf(last).year, 5881580);
  EXPECT_EQ(FieldsOf(first).year, -5877641);
  EXPECT_EQ(AddMonths(last, 12), last);
  EXPECT_EQ(AddMonths(first, std::numeric_limits<int64_t>::min()), first);
}

TEST(Date, AddsMonthsClampedToTheMonthsEnd) {
  const auto plus = [](const char* from, int64_t months) {
    return FormatDate(AddMonths(*ParseDate(from), months));
  };
  EXPECT_EQ(plus("2026-01-31", 1), "2026-02-28");
  EXPECT_EQ(plus("2024-01-31", 1), "2024-02-29");
  EXPECT_EQ(plus("2024-02-29", 12), "2025-02-28");
  EXPECT_EQ(plus("2024-02-29", 48), "2028-02-29");
  EXPECT_EQ(plus("2026-11-30", 3), "2027-02-28");
  EXPECT_EQ(plus("2026-03-31", -1), "2026-02-28");
  EXPECT_EQ(plus("2026-03-15", -15), "2024-12-15");
}

TEST(Date, ReadsOnlyTheOneForm) {
  EXPECT_EQ(ParseDate("2026-03-02"), MakeDate(2026, 3, 2));
  for (const char* bad :
       {"", "2026-3-2", "2026-03-2", "2026-02-29", "2026/03/02", "2026-03-02 ",
        "2026-03-02T", "-026-03-02", "2026-+3-02", "2026-0x-02", "0000-01-01",
        "2026-00-10", "2026-10-00"}) {
    EXPECT_EQ(ParseDate(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(FormatDate(*ParseDate("0001-01-01")), "0001-01-01");
  EXPECT_EQ(FormatDate(*ParseDate("9999-12-31")), "9999-12-31");
}

}  // namespace
}  // namespace stepwell
