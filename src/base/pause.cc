#include "base/pause.h"

#include <algorithm>

#include "base/numbers.h"

namespace stepwell {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

// As far from `resumed` by the local clock as `end` is from `paused`.
Instant MoveByDates(Instant end, Instant paused, Instant resumed,
                    const Zone& zone) {
  const auto local_us = [&](Instant at) {
    const LocalTime local = ToLocal(zone, at);
    return int64_t{local.date.days} * kDayUs + local.us_of_day;
  };
  const int64_t us = local_us(end) + local_us(resumed) - local_us(paused);
  const int64_t days = FloorDiv(us, kDayUs);
  return FirstAtOrAfter(zone,
                        {Date{static_cast<int32_t>(days)}, us - days * kDayUs});
}

// The most working days after `paused` that are over by `end`.
int64_t WorkDaysLeft(Instant paused, Instant end,
                     const WorkCalendar& calendar) {
  int64_t over = 0;
  int64_t beyond = (end - paused).us / kDayUs + 3;
  while (beyond - over > 1) {
    const int64_t middle = over + (beyond - over) / 2;
    const auto close = calendar.AddWorkDays(paused, middle);
    (close && *close <= end ? over : beyond) = middle;
  }
  return over;
}

}  // namespace

Instant EndAfterPause(Instant end, SpanUnit unit, Instant paused,
                      Instant resumed, const Zone& zone,
                      const WorkCalendar* calendar) {
  if (end.IsNever()) return end;
  const Instant moved = end + (resumed - paused);
  if (!IsInCalendarRange(end) || !IsInCalendarRange(moved)) return moved;
  switch (unit) {
    case SpanUnit::kMinutes:
    case SpanUnit::kHours:
      return moved;
    case SpanUnit::kDays:
    case SpanUnit::kWeeks:
    case SpanUnit::kMonths:
      return MoveByDates(end, paused, resumed, zone);
    case SpanUnit::kWorkdays:
      if (calendar == nullptr) return moved;
      if (end <= paused) return end;
      return calendar
          ->AddWorkDays(resumed, WorkDaysLeft(paused, end, *calendar))
          .value_or(moved);
    case SpanUnit::kWorkhours:
      if (calendar == nullptr) return moved;
      if (end <= paused) return end;
      return calendar
          ->AddWorkTime(resumed, calendar->WorkTimeBetween(paused, end))
          .value_or(moved);
  }
  return moved;
}

}  // namespace stepwell
