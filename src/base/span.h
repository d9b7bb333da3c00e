// Time budgets as protocols write them: "48 hours", "26 weeks", "2 workdays".
#ifndef STEPWELL_BASE_SPAN_H_
#define STEPWELL_BASE_SPAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/work_calendar.h"
#include "base/zone.h"
#include "stepwell/time.h"

namespace stepwell {

enum class SpanUnit {
  kMinutes,    // wall time: what a stopwatch shows
  kHours,      // wall time
  kDays,       // local calendar dates, same local time of day
  kWeeks,      // seven of those days
  kMonths,     // local calendar months, same day, clamped to the month's end
  kWorkdays,   // WorkCalendar::AddWorkDays: close of business
  kWorkhours,  // WorkCalendar::AddWorkTime
};

struct Span {
  int64_t amount = 0;  // 0 up to limits::kSpanYearsMax years
  SpanUnit unit = SpanUnit::kHours;
  bool operator==(const Span&) const = default;
};

// True for workdays and workhours: AddSpan then needs a calendar.
bool NeedsCalendar(Span span);
// In local calendar dates.
bool CountsDates(Span span);

// A whole number, one blank, a unit: "48 hours", "1 workday". Singular and
// plural are both read. The error lists the legal forms and, for ISO 8601
// durations ("P2D"), says how to write them here.
absl::StatusOr<Span> ParseSpan(std::string_view text);
// "48 hours", "1 workday".
std::string FormatSpan(Span span);

// The end of a budget that begins at `from`. A later `from` never gives an
// earlier end; where calendars leave a choice, it is made for that:
//   - the time of day is skipped in spring: the instant of the change;
//   - it comes twice in autumn: the first time; a start in the repeated hour
//     counts from the end of that hour;
//   - the day does not exist in the month: its last day, and as the end of a
//     budget that is its last microsecond (31 January 09:00 + 1 month = end of
//     28 February), because 28 January 23:00 must not end after it.
// Workdays and workhours use `calendar` and its zone, all else `zone`. Nothing
// when a calendar is needed and null or never opens, when the amount is not
// legal, or when start or end lie outside the years 1 to 9999.
std::optional<Instant> AddSpan(Instant from, Span span, const Zone& zone,
                               const WorkCalendar* calendar);

// From when a budget of wall time, days or weeks ends at `end`: AddSpan of what
// it gives is `end`, but where the change of a clock leaves no such instant.
Instant SubtractSpan(Instant end, Span span, const Zone& zone);

// "75%": 0 to limits::kPercentMax.
absl::StatusOr<int> ParsePercent(std::string_view text);

// The instant at which `percent` of the budget is used, for the rungs of a
// ladder: of wall time and workhours the share of the amount; of all others
// the share of the wall time between `from` and the full end, rounded down to
// whole microseconds. More than 100 percent lies after the end.
std::optional<Instant> AddSpanShare(Instant from, Span span, int percent,
                                    const Zone& zone,
                                    const WorkCalendar* calendar);

}  // namespace stepwell

#endif  // STEPWELL_BASE_SPAN_H_
