// IANA time zones, compiled into the library from a named tzdata release.
// Nothing reads the host's zone files, so the same input gives the same local
// time on any machine. Offsets are exact from 1970 on; for instants before,
// a zone's offset at the start of 1970 is used.
#ifndef STEPWELL_BASE_ZONE_H_
#define STEPWELL_BASE_ZONE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/date.h"
#include "stepwell/time.h"

namespace stepwell {

namespace zone_data {
struct Maker;
}

// One named zone of the compiled table: immutable, lives for ever, compared by
// address (two names of the same place are two zones).
class Zone {
 public:
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  std::string_view name() const { return name_; }
  // Row of the compiled table; of use to zone.cc only.
  uint16_t course() const { return course_; }

 private:
  friend struct zone_data::Maker;
  constexpr Zone(std::string_view name, uint16_t course)
      : name_(name), course_(course) {}

  std::string_view name_;
  uint16_t course_;
};

// The release compiled in, such as "2026a".
std::string_view TzdataVersion();

// The zone of exactly this name ("Europe/Stockholm"), or null when there is
// none. There is no fallback: an unknown zone is the caller's error to report.
const Zone* FindZone(std::string_view iana_name);
const Zone& UtcZone();
// All zones, sorted by name.
std::span<const Zone> AllZones();

// What the clock on the wall shows.
struct LocalTime {
  Date date;
  int64_t us_of_day = 0;  // 0 .. 24 h; 24 h means the next midnight
  auto operator<=>(const LocalTime&) const = default;
};

// East of UTC.
Duration OffsetAt(const Zone& zone, Instant instant);
LocalTime ToLocal(const Zone& zone, Instant instant);

// The instant at which the zone's clocks show `local`.
//   In the spring gap no clock shows it: the time is moved forward by the gap
//   (02:30 becomes 03:30), as RFC 5545 and most libraries do.
//   In the autumn fold clocks show it twice: the first occurrence.
// Because of the gap this is not monotone (02:59 gives a later instant than
// 03:00): it is for reading what people wrote. Deadlines use FirstAtOrAfter.
Instant FromLocal(const Zone& zone, LocalTime local);

// The first instant at which clocks show `local` or later: in the gap the
// instant of the change, in the fold the first occurrence. A later `local`
// never gives an earlier instant.
Instant FirstAtOrAfter(const Zone& zone, LocalTime local);

// The first instant of the day, and the last one.
Instant StartOfDay(const Zone& zone, Date date);
Instant EndOfDay(const Zone& zone, Date date);

// The latest local time that clocks have shown up to `instant`. It differs from
// ToLocal only while an hour is repeated, where it stays at the last
// microsecond before the repetition. A later instant never gives an earlier
// local time, and FirstAtOrAfter(l) <= i exactly when l <= LatestLocal(i).
LocalTime LatestLocal(const Zone& zone, Instant instant);

// A change of the offset.
struct ZoneChange {
  Instant at;
  Duration before;
  Duration after;
  bool operator==(const ZoneChange&) const = default;
};
// The first change after `instant`; nothing when there is none any more.
std::optional<ZoneChange> NextChange(const Zone& zone, Instant instant);
// The last change at or before `instant`; nothing when there is none since
// 1970.
std::optional<ZoneChange> LastChange(const Zone& zone, Instant instant);

}  // namespace stepwell

#endif  // STEPWELL_BASE_ZONE_H_
