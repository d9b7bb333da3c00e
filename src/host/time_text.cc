#include "stepwell/time_text.h"

#include "base/time_text.h"
#include "base/zone.h"

namespace stepwell {

std::string TimeText(Instant instant, std::string_view zone) {
  if (instant.IsNever()) return "never";
  const Zone* found = zone.empty() ? nullptr : FindZone(zone);
  return found == nullptr ? FormatInstantUtc(instant)
                          : FormatInstant(instant, *found);
}

std::optional<Instant> TimeFromText(std::string_view text,
                                    std::string_view zone) {
  if (zone.empty()) return ParseInstant(text);
  const Zone* found = FindZone(zone);
  if (found == nullptr) return std::nullopt;
  return ParseInstant(text, *found);
}

}  // namespace stepwell
