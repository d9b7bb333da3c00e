// Dates of the proleptic Gregorian calendar: fields, weekdays, months, text.
#ifndef STEPWELL_BASE_DATE_H_
#define STEPWELL_BASE_DATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stepwell/time.h"

namespace stepwell {

enum class Weekday {
  kMonday,
  kTuesday,
  kWednesday,
  kThursday,
  kFriday,
  kSaturday,
  kSunday
};

struct CivilFields {
  int64_t year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
  bool operator==(const CivilFields&) const = default;
};

// Nothing when there is no such day ("2025-02-29") or the year is not 1..9999.
std::optional<Date> MakeDate(int year, int month, int day);
CivilFields FieldsOf(Date date);

// Monday is day 0 of the week, as in ISO 8601.
constexpr Weekday WeekdayOf(Date date) {
  // 1970-01-01 was a Thursday.
  const int64_t shifted = (int64_t{date.days} + 3) % 7;
  return static_cast<Weekday>(shifted < 0 ? shifted + 7 : shifted);
}
// "monday" ... "sunday".
std::string_view WeekdayName(Weekday weekday);

// The same day of another month, or that month's last day when it is shorter
// (31 January + 1 month = 28 or 29 February). Clamped to what a Date holds.
Date AddMonths(Date date, int64_t months);

bool IsLeapYear(int64_t year);
int DaysInMonth(int64_t year, int month);

// "2026-03-02", exactly so; years 0001 to 9999.
std::optional<Date> ParseDate(std::string_view text);
std::string FormatDate(Date date);

}  // namespace stepwell

#endif  // STEPWELL_BASE_DATE_H_
