// Helpers of the time tests: terse instants, and zones by name.
#ifndef STEPWELL_TESTS_BASE_TIME_SUPPORT_H_
#define STEPWELL_TESTS_BASE_TIME_SUPPORT_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/time_text.h"
#include "base/zone.h"

namespace stepwell::testing {

inline const Zone& ZoneOf(std::string_view name) {
  const Zone* zone = FindZone(name);
  EXPECT_NE(zone, nullptr) << name;
  return zone == nullptr ? UtcZone() : *zone;
}

inline const Zone& Stockholm() { return ZoneOf("Europe/Stockholm"); }

// "2026-03-02T09:00" in `zone`, or a full RFC 3339 text.
inline Instant At(std::string_view text, const Zone& zone = Stockholm()) {
  const auto instant = ParseInstant(text, zone);
  EXPECT_TRUE(instant.has_value()) << text;
  return instant.value_or(Instant{});
}

inline std::string Text(std::optional<Instant> instant,
                        const Zone& zone = Stockholm()) {
  return instant ? FormatInstant(*instant, zone) : "nothing";
}

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_BASE_TIME_SUPPORT_H_
