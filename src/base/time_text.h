// Instants as text: RFC 3339, and what forms and scenario files write.
#ifndef STEPWELL_BASE_TIME_TEXT_H_
#define STEPWELL_BASE_TIME_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/zone.h"
#include "stepwell/time.h"

namespace stepwell {

// An RFC 3339 date-time with "Z" or an offset: "2026-03-02T09:00:00+01:00".
// Seconds may be left out; a fraction has one to six digits. Years 0001 to
// 9999. A leap second (":60") is read as the first instant of the next minute.
// Nothing when the text is anything else.
std::optional<Instant> ParseInstant(std::string_view text);
// The same, and a time without offset ("2026-03-02T09:00") is local in `zone`
// by the rules of FromLocal.
std::optional<Instant> ParseInstant(std::string_view text, const Zone& zone);

// A time of day, "08:30", as microseconds since midnight; "24:00" is the next
// midnight. Nothing when the text is anything else.
std::optional<int64_t> ParseTimeOfDay(std::string_view text);

// "2026-03-02T09:00:00+01:00"; a fraction of three or six digits only when it
// is not zero. Offsets with seconds (before 1972 only) are rounded down to
// minutes, and the time shown with them, so the text always names the instant.
std::string FormatInstant(Instant instant, const Zone& zone);
// "2026-03-02T08:00:00Z".
std::string FormatInstantUtc(Instant instant);

}  // namespace stepwell

#endif  // STEPWELL_BASE_TIME_TEXT_H_
