#include "base/date.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "absl/strings/str_format.h"
#include "base/numbers.h"

namespace stepwell {
namespace {

// The calendar repeats after 400 years to the day and the weekday, so any date
// is worked out within the range that std::chrono holds.
constexpr int64_t kCycleYears = 400;
constexpr int64_t kCycleDays = 146'097;

int64_t DaysOf(int64_t year, int month, int day) {
  const int64_t cycle = FloorDiv(year - 1970, kCycleYears);
  const std::chrono::year_month_day civil(
      std::chrono::year(static_cast<int>(year - cycle * kCycleYears)),
      std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(static_cast<unsigned>(day)));
  return std::chrono::sys_days(civil).time_since_epoch().count() +
         cycle * kCycleDays;
}

}  // namespace

std::optional<Date> MakeDate(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
      day > DaysInMonth(year, month)) {
    return std::nullopt;
  }
  return Date{static_cast<int32_t>(DaysOf(year, month, day))};
}

CivilFields FieldsOf(Date date) {
  const int64_t cycle = FloorDiv(date.days, kCycleDays);
  const std::chrono::year_month_day civil(
      std::chrono::sys_days(std::chrono::days(date.days - cycle * kCycleDays)));
  return {static_cast<int>(civil.year()) + cycle * kCycleYears,
          static_cast<int>(static_cast<unsigned>(civil.month())),
          static_cast<int>(static_cast<unsigned>(civil.day()))};
}

std::string_view WeekdayName(Weekday weekday) {
  static constexpr std::string_view kNames[] = {
      "monday", "tuesday",  "wednesday", "thursday",
      "friday", "saturday", "sunday"};
  return kNames[static_cast<size_t>(weekday)];
}

Date AddMonths(Date date, int64_t months) {
  // Far beyond the years of any Date; keeps the sums below from overflowing.
  constexpr int64_t kMonthsMax = int64_t{12} * 20'000'000;
  const CivilFields from = FieldsOf(date);
  const int64_t month = from.year * 12 + from.month - 1 +
                        std::clamp(months, -kMonthsMax, kMonthsMax);
  const int64_t year = FloorDiv(month, 12);
  const int of_year = static_cast<int>(FloorMod(month, 12)) + 1;
  const int day = std::min(from.day, DaysInMonth(year, of_year));
  return {static_cast<int32_t>(std::clamp<int64_t>(
      DaysOf(year, of_year, day), std::numeric_limits<int32_t>::min(),
      std::numeric_limits<int32_t>::max()))};
}

bool IsLeapYear(int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int DaysInMonth(int64_t year, int month) {
  if (month == 2) return IsLeapYear(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::optional<Date> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const auto year = ParseDigits(text.substr(0, 4));
  const auto month = ParseDigits(text.substr(5, 2));
  const auto day = ParseDigits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  return MakeDate(static_cast<int>(*year), static_cast<int>(*month),
                  static_cast<int>(*day));
}

std::string FormatDate(Date date) {
  const CivilFields fields = FieldsOf(date);
  return absl::StrFormat("%04d-%02d-%02d", fields.year, fields.month,
                         fields.day);
}

}  // namespace stepwell
