// Instants as text and back (RFC 3339).
#ifndef STEPWELL_TIME_TEXT_H_
#define STEPWELL_TIME_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "stepwell/time.h"

namespace stepwell {

// "2026-03-02T09:00:00+01:00" in the IANA zone; UTC ("...Z") when the zone is
// empty or unknown to the compiled-in zone data. "never" for Instant::Never().
std::string TimeText(Instant instant, std::string_view zone = "");

// Reads "2026-03-02T09:00:00Z", with an offset, or local ("2026-03-02T09:00")
// when an IANA zone is given. nullopt when it is no such text or zone.
std::optional<Instant> TimeFromText(std::string_view text,
                                    std::string_view zone = "");

}  // namespace stepwell

#endif  // STEPWELL_TIME_TEXT_H_
