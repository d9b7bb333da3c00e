// Internal to base: the shape of the generated table in zone_data.cc.
#ifndef STEPWELL_BASE_ZONE_DATA_H_
#define STEPWELL_BASE_ZONE_DATA_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "base/zone.h"

namespace stepwell::zone_data {

// The `week`-th `weekday` (0 = Sunday; week 5 = the last one) of `month`, at
// `seconds` of local time after its midnight (may be negative or beyond 24 h).
struct YearlyDate {
  int8_t month;
  int8_t week;
  int8_t weekday;
  int32_t seconds;
};

// What holds after the last explicit change, for ever. Summer time may be the
// smaller offset (Dublin); without summer time both offsets are equal.
struct Rule {
  int32_t standard_offset;
  int32_t summer_offset;
  YearlyDate start;  // in local standard time
  YearlyDate end;    // in local summer time
};

// The offsets of one or more zones since 1970: `count` explicit changes at
// kTimes[first...], then the rule.
struct Course {
  uint16_t first;
  uint16_t count;
  uint8_t start_offset;  // index into `offsets`
  uint8_t rule;
};

struct Tables {
  std::string_view version;
  std::span<const uint32_t> times;  // seconds since 1970
  std::span<const uint8_t> offset_indexes;
  std::span<const int32_t> offsets;  // seconds east of UTC
  std::span<const Rule> rules;
  std::span<const Course> courses;
  std::span<const Zone> zones;  // sorted by name
};

struct Maker {
  static constexpr Zone Make(std::string_view name, uint16_t course) {
    return Zone(name, course);
  }
};

extern const Tables kTables;

}  // namespace stepwell::zone_data

#endif  // STEPWELL_BASE_ZONE_DATA_H_
