// The shipped calendars: holidays on the days that the law names.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/time/civil_time.h"
#include "base/catalogue.h"
#include "instruments/answers.h"
#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

// Published dates of Easter Sunday.
const std::map<int, absl::CivilDay> kEaster = {
    {2025, absl::CivilDay(2025, 4, 20)},
    {2026, absl::CivilDay(2026, 4, 5)},
    {2027, absl::CivilDay(2027, 3, 28)},
    {2028, absl::CivilDay(2028, 4, 16)}};

absl::CivilDay SaturdayFrom(absl::CivilDay day) {
  return absl::NextWeekday(day - 1, absl::Weekday::saturday);
}

std::set<std::string> ExpectedHolidays() {
  std::set<std::string> out;
  const auto add = [&](absl::CivilDay day, const char* name) {
    out.insert(
        DateAnswerText(static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1))) +
        " " + name);
  };
  for (const auto& [year, easter] : kEaster) {
    const absl::CivilDay midsummer = SaturdayFrom(absl::CivilDay(year, 6, 20));
    add(absl::CivilDay(year, 1, 1), "New Year's Day");
    add(absl::CivilDay(year, 1, 6), "Epiphany");
    add(easter - 2, "Good Friday");
    add(easter, "Easter Sunday");
    add(easter + 1, "Easter Monday");
    add(absl::CivilDay(year, 5, 1), "Labour Day");
    add(easter + 39, "Ascension Day");
    add(easter + 49, "Whit Sunday");
    add(absl::CivilDay(year, 6, 6), "National Day");
    add(midsummer - 1, "Midsummer Eve");
    add(midsummer, "Midsummer Day");
    add(SaturdayFrom(absl::CivilDay(year, 10, 31)), "All Saints' Day");
    add(absl::CivilDay(year, 12, 24), "Christmas Eve");
    add(absl::CivilDay(year, 12, 25), "Christmas Day");
    add(absl::CivilDay(year, 12, 26), "Second Day of Christmas");
    add(absl::CivilDay(year, 12, 31), "New Year's Eve");
  }
  return out;
}

TEST(StockholmClinic, IsClosedOnSwedishHolidays) {
  ASSERT_OK_AND_ASSIGN(
      const json::Document document,
      json::Parse(FindCatalogueFile("calendars/stockholm-clinic.json")));
  const json::Value root = document.root();
  EXPECT_EQ(root.Find("zone").string_value(), "Europe/Stockholm");
  EXPECT_EQ(*root.Find("holiday_years").Find("first").int64_value(), 2025);
  EXPECT_EQ(*root.Find("holiday_years").Find("last").int64_value(), 2028);
  std::set<std::string> found;
  std::string last;
  for (json::Value day : json::Children(root.Find("holidays"))) {
    const std::string date(day.Find("date").string_value());
    EXPECT_LT(last, date);
    last = date;
    const std::string name(day.Find("name").string_value());
    found.insert(date + " " + name);
    // The eves are closed by custom, not by law: they say so.
    EXPECT_EQ(name.find("Eve") != std::string::npos &&
                  name.find("Eve") + 3 == name.size(),
              bool(day.Find("mark")))
        << name;
  }
  EXPECT_EQ(found, ExpectedHolidays());
}

TEST(Always, IsOpenEveryHour) {
  ASSERT_OK_AND_ASSIGN(const json::Document document,
                       json::Parse(FindCatalogueFile("calendars/always.json")));
  const json::Value week = document.root().Find("week");
  EXPECT_EQ(week.size(), 7u);
  for (json::Value day : json::Children(week)) {
    EXPECT_EQ(json::ToText(day), R"([["00:00","24:00"]])");
  }
}

}  // namespace
}  // namespace stepwell::instruments
