// Dates, times and date-times of partial precision, with or without an
// offset, as FHIRPath has them. Fractions of a second keep six digits.
#ifndef STEPWELL_FHIRPATH_TEMPORAL_H_
#define STEPWELL_FHIRPATH_TEMPORAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fhirpath/decimal.h"
#include "stepwell/time.h"

namespace stepwell::fhirpath {

enum class Precision : uint8_t { kYear, kMonth, kDay, kHour, kMinute, kSecond };

// One layout for the three types; a time has no date part and a precision of
// hour or finer, a date one of day or coarser.
struct Temporal {
  int16_t year = 0;
  uint8_t month = 1;
  uint8_t day = 1;
  uint8_t hour = 0;
  uint8_t minute = 0;
  uint8_t second = 0;
  Precision precision = Precision::kYear;
  uint32_t microsecond : 24 = 0;
  uint32_t fraction_digits : 7 = 0;  // as written, 0..6
  uint32_t has_offset : 1 = 0;
  int16_t offset_minutes = 0;
};

// What a comparison of partial values can say.
enum class Ordering : uint8_t { kLess, kEqual, kGreater, kUnknown };

// The readers accept exactly one value in FHIRPath's form without `@`:
// `2014-01`, `14:30:00.5`, `2014-01-01T08:00+02:00`, `2014T`.
// FHIR's data may have a leap second, 23:59:60; FHIRPath's literals have none.
enum class LeapSecond : uint8_t { kNone, kLegal };
inline bool IsLeapSecond(const Temporal& value) { return value.second == 60; }
std::optional<Temporal> ParseDate(std::string_view text);
std::optional<Temporal> ParseTime(std::string_view text,
                                  LeapSecond leap = LeapSecond::kNone);
// A bare date is accepted as a date-time too.
std::optional<Temporal> ParseDateTime(std::string_view text,
                                      LeapSecond leap = LeapSecond::kNone);
// Reads as much of `text` as is a literal after its `@`, a leap second too;
// returns the bytes read, 0 when it is none. `kind` is 'd' date, 't' time, 'x'
// date-time.
size_t ScanTemporal(std::string_view text, Temporal* out, char* kind);

std::string DateToText(const Temporal& value);
std::string TimeToText(const Temporal& value);
std::string DateTimeToText(const Temporal& value);

Ordering Compare(const Temporal& a, const Temporal& b);
// Same precision and same instant or civil value.
bool Equivalent(const Temporal& a, const Temporal& b);

// The instant with millisecond text in the zone `offset_minutes` east.
Temporal FromInstant(Instant instant, int offset_minutes);

enum class TimeUnit : uint8_t {
  kYear,
  kMonth,
  kWeek,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kMillisecond
};
// `value` plus `amount` units by the calendar rules of the specification:
// decimals count for seconds and milliseconds only, a finer unit than the
// value has is counted in whole steps of its precision, the last day of the
// month stands in for a missing one. Times wrap around. Nothing when the
// year leaves 1..9999.
std::optional<Temporal> AddUnits(const Temporal& value, const Decimal& amount,
                                 TimeUnit unit, bool is_time);

int64_t DaysFromCivil(int year, int month, int day);
int DaysInMonth(int year, int month);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_TEMPORAL_H_
