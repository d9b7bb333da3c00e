// Instants and durations: strong 64-bit microseconds, UTC. Time is always an
// argument; nothing in this library reads a clock on its own.
#ifndef STEPWELL_TIME_H_
#define STEPWELL_TIME_H_

#include <compare>
#include <cstdint>
#include <limits>

namespace stepwell {

// A length of wall time in microseconds.
struct Duration {
  int64_t us = 0;
  auto operator<=>(const Duration&) const = default;
};

constexpr Duration Microseconds(int64_t n) { return {n}; }
constexpr Duration Seconds(int64_t n) { return {n * 1'000'000}; }
constexpr Duration Minutes(int64_t n) { return Seconds(n * 60); }
constexpr Duration Hours(int64_t n) { return Minutes(n * 60); }
// Days of exactly 24 hours. Calendar days are `Date` arithmetic.
constexpr Duration WallDays(int64_t n) { return Hours(n * 24); }

constexpr Duration operator+(Duration a, Duration b) { return {a.us + b.us}; }
constexpr Duration operator-(Duration a, Duration b) { return {a.us - b.us}; }
constexpr Duration operator*(Duration a, int64_t n) { return {a.us * n}; }

// A point in time: microseconds since 1970-01-01T00:00:00Z.
struct Instant {
  int64_t us = 0;
  auto operator<=>(const Instant&) const = default;
  // Later than any instant that a service can reach: "no deadline".
  static constexpr Instant Never() {
    return {std::numeric_limits<int64_t>::max()};
  }
  constexpr bool IsNever() const { return *this == Never(); }
};

constexpr Instant operator+(Instant t, Duration d) { return {t.us + d.us}; }
constexpr Instant operator-(Instant t, Duration d) { return {t.us - d.us}; }
constexpr Duration operator-(Instant a, Instant b) { return {a.us - b.us}; }

// The years 1 to 9999, UTC: what text can write and calendars reckon with.
inline constexpr Instant kInstantMin{-62'135'596'800'000'000};
inline constexpr Instant kInstantMax{253'402'300'799'999'999};
constexpr bool IsInCalendarRange(Instant t) {
  return t >= kInstantMin && t <= kInstantMax;
}

// A date without time or zone: days since 1970-01-01 (proleptic Gregorian).
struct Date {
  int32_t days = 0;
  auto operator<=>(const Date&) const = default;
};

constexpr Date operator+(Date d, int32_t days) { return {d.days + days}; }
constexpr int32_t operator-(Date a, Date b) { return a.days - b.days; }

}  // namespace stepwell

#endif  // STEPWELL_TIME_H_
