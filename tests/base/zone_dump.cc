// Prints what the compiled zones say, for zone_oracle.py to judge:
//   version 2026a
//   zone Europe/Stockholm
//   i SECONDS OFFSET                 an instant and its offset
//   f LOCAL SECONDS                  FromLocal of a local time, in the first
//                                    or only occurrence, or moved by the gap
// Instants and local times lie at every change from 2000 to 2040 and a second
// before and after it, and at both ends of its gap or fold.
#include <cstdio>

#include "base/zone.h"

namespace stepwell {
namespace {

constexpr Instant kFrom{946'684'800'000'000};     // 2000-01-01T00:00:00Z
constexpr Instant kUntil{2'240'611'200'000'000};  // 2041-01-01T00:00:00Z

long long SecondsOf(int64_t us) { return us / 1'000'000; }

void DumpInstant(const Zone& zone, Instant instant) {
  std::printf("i %lld %lld\n", SecondsOf(instant.us),
              SecondsOf(OffsetAt(zone, instant).us));
}

void DumpLocal(const Zone& zone, Instant as_if_utc) {
  const Instant instant = FromLocal(zone, ToLocal(UtcZone(), as_if_utc));
  std::printf("f %lld %lld\n", SecondsOf(as_if_utc.us), SecondsOf(instant.us));
}

void DumpZone(const Zone& zone) {
  std::printf("zone %.*s\n", static_cast<int>(zone.name().size()),
              zone.name().data());
  DumpInstant(zone, kFrom);
  Instant at = kFrom;
  while (const auto change = NextChange(zone, at)) {
    at = change->at;
    if (at >= kUntil) break;
    for (int second = -1; second <= 1; ++second) {
      DumpInstant(zone, at + Seconds(second));
      DumpLocal(zone, at + change->before + Seconds(second));
      DumpLocal(zone, at + change->after + Seconds(second));
    }
  }
  // A grid over the years finds changes that the table lacks.
  for (at = kFrom; at < kUntil; at = at + WallDays(5)) DumpInstant(zone, at);
}

void DumpAll() {
  std::printf("version %.*s\n", static_cast<int>(TzdataVersion().size()),
              TzdataVersion().data());
  for (const Zone& zone : AllZones()) DumpZone(zone);
}

}  // namespace
}  // namespace stepwell

int main() {
  stepwell::DumpAll();
  return 0;
}
