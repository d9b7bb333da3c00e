// Opening hours of an office in one time zone, and arithmetic on them. Working
// time is real elapsed time while the office is open, so an interval across a
// daylight-saving change counts what a stopwatch would show. Everything here
// is monotone: a later start never gives an earlier result.
#ifndef STEPWELL_BASE_WORK_CALENDAR_H_
#define STEPWELL_BASE_WORK_CALENDAR_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "base/zone.h"
#include "stepwell/time.h"

namespace stepwell {

// Open from `open_us` until just before `close_us`, both in microseconds of
// local time since midnight, at most 24 hours. The office opens at the first
// instant that shows the opening time or later, and closes likewise: an hour
// skipped in spring is lost from the interval, one repeated in autumn counts
// twice when the interval goes on past it.
struct OpenHours {
  int64_t open_us = 0;
  int64_t close_us = 0;
  auto operator<=>(const OpenHours&) const = default;
};

// A date with hours of its own: half a day, or a working Saturday.
struct ExtraDay {
  Date date;
  std::vector<OpenHours> hours;
  bool operator==(const ExtraDay&) const = default;
};

struct WorkCalendarSpec {
  const Zone* zone = nullptr;
  std::array<std::vector<OpenHours>, 7> week;  // by Weekday, Monday first
  std::vector<Date> holidays;                  // closed all day
  std::vector<ExtraDay> extra;                 // win over week and holidays
  bool operator==(const WorkCalendarSpec&) const = default;
};

// Immutable; may be shared by threads.
class WorkCalendar {
 public:
  // Sorts hours and dates and joins hours that touch. An error names the
  // interval or date that is wrong: no zone, empty or overlapping hours, hours
  // beyond the day, a date that has two extra entries, too many dates.
  static absl::StatusOr<WorkCalendar> Make(WorkCalendarSpec spec);
  // Open day and night.
  static WorkCalendar AlwaysOpen(const Zone& zone);

  const Zone& zone() const { return *spec_.zone; }
  const WorkCalendarSpec& spec() const { return spec_; }
  // The hours of that date, in order; empty when it is closed.
  std::span<const OpenHours> HoursOn(Date date) const;

  bool IsOpen(Instant instant) const;
  // `from` itself when the office is open then.
  std::optional<Instant> NextOpen(Instant from) const;
  // The earliest instant until which the office has been open for `work` since
  // `from`: full days end at the close, not at the next opening. No work ends
  // at `from`.
  std::optional<Instant> AddWorkTime(Instant from, Duration work) const;
  // Close of business on the n-th working day after the local date of `from`,
  // whatever the hour of `from` and whether that date is a working day. No days
  // (n = 0) means the next close of business after `from`.
  //   Friday   17:00 + 2 workdays = Tuesday close
  //   Saturday 10:00 + 2 workdays = Tuesday close
  //   Sunday   23:00 + 1 workday  = Monday close
  //   Monday   07:00 + 1 workday  = Tuesday close
  //   Friday   09:00 + 0 workdays = Friday close; after it, Monday close
  // A working day is a date on which the office is open at all.
  std::optional<Instant> AddWorkDays(Instant from, int64_t n) const;
  // Open time from `a` to `b`; negative when `b` is the earlier one. Both are
  // taken as within the years 1 to 9999.
  Duration WorkTimeBetween(Instant a, Instant b) const;

  // The three that return an optional give nothing when the amount is negative,
  // when `from` is outside the years 1 to 9999, when the office does not open
  // for limits::kCalendarIdleYearsMax years, or when the result lies further
  // than limits::kCalendarReachYearsMax years on.

  bool operator==(const WorkCalendar&) const = default;

 private:
  explicit WorkCalendar(WorkCalendarSpec spec);

  // A stretch of time in which the office is open, as instants.
  struct OpenStretch {
    Instant open;
    Instant close;
  };
  // Calls `visit(OpenStretch)` for the open time of `date`, in order.
  template <class Visit>
  void VisitOpen(Date date, Visit visit) const;
  // Close of business; nothing when `date` has no open time.
  std::optional<Instant> CloseOn(Date date) const;
  class Walk;

  WorkCalendarSpec spec_;
  std::vector<ExtraDay> exceptions_;  // holidays and extra days, sorted
  std::array<int64_t, 7> day_us_{};   // open time of an ordinary weekday
  int64_t week_us_ = 0;
  int week_days_ = 0;  // weekdays with open time
};

}  // namespace stepwell

#endif  // STEPWELL_BASE_WORK_CALENDAR_H_
