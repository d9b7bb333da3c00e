#include "base/work_calendar.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/limits.h"
#include "base/numbers.h"
#include "base/status.h"
#include "base/strings.h"

namespace stepwell {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;
constexpr int32_t kDaysPerYear = 366;  // rounded up: for bounds only

std::string ClockText(int64_t us) {
  const int64_t minutes = us / 60'000'000;
  return absl::StrFormat("%02d:%02d", minutes / 60, minutes % 60);
}

std::string HoursText(const OpenHours& hours) {
  return absl::StrCat(ClockText(hours.open_us), "-", ClockText(hours.close_us));
}

// Sorts `hours`, joins those that touch; `day` names them in errors.
absl::Status Normalize(std::vector<OpenHours>& hours, std::string_view day) {
  std::sort(hours.begin(), hours.end());
  std::vector<OpenHours> joined;
  for (const OpenHours& next : hours) {
    if (next.open_us < 0 || next.close_us > kDayUs) {
      return InvalidInput(absl::StrCat(
          "opening hours of ", ToAbsl(day), " go beyond the day",
          "; they lie between 00:00 and 24:00, so split them at midnight"));
    }
    if (next.open_us >= next.close_us) {
      return InvalidInput(absl::StrCat("opening hours ", HoursText(next),
                                       " of ", ToAbsl(day),
                                       " are empty; they close after they"
                                       " open"));
    }
    if (!joined.empty() && next.open_us < joined.back().close_us) {
      return InvalidInput(
          absl::StrCat("opening hours ", HoursText(joined.back()), " and ",
                       HoursText(next), " of ", ToAbsl(day), " overlap"));
    }
    if (!joined.empty() && next.open_us == joined.back().close_us) {
      joined.back().close_us = next.close_us;
    } else {
      joined.push_back(next);
    }
  }
  hours = std::move(joined);
  return absl::OkStatus();
}

absl::Status NormalizeExtra(std::vector<ExtraDay>& extra) {
  std::sort(
      extra.begin(), extra.end(),
      [](const ExtraDay& a, const ExtraDay& b) { return a.date < b.date; });
  for (size_t i = 0; i < extra.size(); ++i) {
    const std::string day = FormatDate(extra[i].date);
    if (i > 0 && extra[i - 1].date == extra[i].date) {
      return InvalidInput(absl::StrCat(
          "the date ", day,
          " has two entries with hours of its own; put them into one"));
    }
    STEPWELL_RETURN_IF_ERROR(Normalize(extra[i].hours, day));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WorkCalendar> WorkCalendar::Make(WorkCalendarSpec spec) {
  if (spec.zone == nullptr) {
    return InvalidInput("a work calendar needs a time zone");
  }
  if (spec.holidays.size() + spec.extra.size() > limits::kCalendarDatesMax) {
    return TooLarge(absl::StrCat("a work calendar has at most ",
                                 limits::kCalendarDatesMax,
                                 " holidays and dates with own hours"));
  }
  for (size_t i = 0; i < spec.week.size(); ++i) {
    STEPWELL_RETURN_IF_ERROR(
        Normalize(spec.week[i], WeekdayName(static_cast<Weekday>(i))));
  }
  std::sort(spec.holidays.begin(), spec.holidays.end());
  spec.holidays.erase(std::unique(spec.holidays.begin(), spec.holidays.end()),
                      spec.holidays.end());
  STEPWELL_RETURN_IF_ERROR(NormalizeExtra(spec.extra));
  return WorkCalendar(std::move(spec));
}

WorkCalendar WorkCalendar::AlwaysOpen(const Zone& zone) {
  WorkCalendarSpec spec;
  spec.zone = &zone;
  spec.week.fill({{0, kDayUs}});
  return WorkCalendar(std::move(spec));
}

WorkCalendar::WorkCalendar(WorkCalendarSpec spec) : spec_(std::move(spec)) {
  exceptions_ = spec_.extra;
  for (const Date holiday : spec_.holidays) {
    exceptions_.push_back({holiday, {}});
  }
  // Stable: an extra day stays before a holiday of the same date and is kept.
  std::stable_sort(
      exceptions_.begin(), exceptions_.end(),
      [](const ExtraDay& a, const ExtraDay& b) { return a.date < b.date; });
  exceptions_.erase(std::unique(exceptions_.begin(), exceptions_.end(),
                                [](const ExtraDay& a, const ExtraDay& b) {
                                  return a.date == b.date;
                                }),
                    exceptions_.end());
  for (size_t i = 0; i < 7; ++i) {
    for (const OpenHours& hours : spec_.week[i]) {
      day_us_[i] += hours.close_us - hours.open_us;
    }
    week_us_ += day_us_[i];
    week_days_ += day_us_[i] > 0 ? 1 : 0;
  }
}

// A walk over dates that knows which of them are plain: ordinary days of the
// week without a change of the clocks, whose open time is what the week says.
// Runs of them are passed in whole weeks.
class WorkCalendar::Walk {
 public:
  Walk(const WorkCalendar& calendar, Date start)
      : calendar_(calendar), start_(start), date_(start) {
    FindBreak();
  }

  Date date() const { return date_; }
  // The start is never plain: part of it may lie before the walk begins.
  bool IsPlain() const { return date_ < break_ && date_ > start_; }
  int64_t PlainUs() const { return calendar_.day_us_[WeekdayIndex()]; }
  // How many whole plain weeks lie ahead.
  int32_t PlainWeeks() const { return IsPlain() ? (break_ - date_) / 7 : 0; }

  void Advance(int32_t days) {
    date_ = date_ + days;
    if (date_ > break_) FindBreak();
  }

  // Whether the office has been closed for so long that it never opens, or
  // the walk has gone too far.
  bool IsHopeless() const {
    return date_ - open_ > limits::kCalendarIdleYearsMax * kDaysPerYear ||
           date_ - start_ > limits::kCalendarReachYearsMax * kDaysPerYear;
  }
  void SawOpen() { open_ = date_; }

 private:
  size_t WeekdayIndex() const { return static_cast<size_t>(WeekdayOf(date_)); }

  // Sets break_ to the first date from date_ on that is not ordinary.
  void FindBreak() {
    const auto& exceptions = calendar_.exceptions_;
    const auto exception = std::lower_bound(
        exceptions.begin(), exceptions.end(), date_,
        [](const ExtraDay& a, Date date) { return a.date < date; });
    break_ = {std::numeric_limits<int32_t>::max()};
    if (exception != exceptions.end()) break_ = exception->date;
    break_ = std::min(break_, NextClockChange());
  }

  // The first date from date_ on that a change of the clocks touches.
  Date NextClockChange() const {
    const Zone& zone = calendar_.zone();
    Instant probe = FromLocal(zone, {date_, 0}) - WallDays(2);
    while (const auto change = NextChange(zone, probe)) {
      const auto touched = [&](Duration offset) -> Date {
        return {
            static_cast<int32_t>(FloorDiv((change->at + offset).us, kDayUs))};
      };
      if (touched(std::max(change->before, change->after)) >= date_) {
        return std::max(date_,
                        touched(std::min(change->before, change->after)));
      }
      probe = change->at;
    }
    return {std::numeric_limits<int32_t>::max()};
  }

  const WorkCalendar& calendar_;
  Date start_;
  Date date_;
  Date break_;
  Date open_ = start_;  // last date seen open
};

template <class Visit>
void WorkCalendar::VisitOpen(Date date, Visit visit) const {
  for (const OpenHours& hours : HoursOn(date)) {
    const OpenStretch stretch = {
        FirstAtOrAfter(zone(), {date, hours.open_us}),
        FirstAtOrAfter(zone(), {date, hours.close_us})};
    // Hours that lie in a spring gap altogether are no open time.
    if (stretch.open < stretch.close) visit(stretch);
  }
}

std::span<const OpenHours> WorkCalendar::HoursOn(Date date) const {
  const auto exception =
      std::lower_bound(exceptions_.begin(), exceptions_.end(), date,
                       [](const ExtraDay& a, Date b) { return a.date < b; });
  if (exception != exceptions_.end() && exception->date == date) {
    return exception->hours;
  }
  return spec_.week[static_cast<size_t>(WeekdayOf(date))];
}

std::optional<Instant> WorkCalendar::CloseOn(Date date) const {
  const auto hours = HoursOn(date);
  for (size_t i = hours.size(); i > 0; --i) {
    const Instant close = FirstAtOrAfter(zone(), {date, hours[i - 1].close_us});
    if (FirstAtOrAfter(zone(), {date, hours[i - 1].open_us}) < close) {
      return close;
    }
  }
  return std::nullopt;
}

bool WorkCalendar::IsOpen(Instant instant) const {
  if (!IsInCalendarRange(instant)) return false;
  bool open = false;
  const auto look = [&](const OpenStretch& stretch) {
    open = open || (stretch.open <= instant && instant < stretch.close);
  };
  // While an hour before midnight is repeated, the hours of the next date may
  // have begun already.
  const Date date = ToLocal(zone(), instant).date;
  VisitOpen(date, look);
  if (!open) VisitOpen(date + 1, look);
  return open;
}

std::optional<Instant> WorkCalendar::NextOpen(Instant from) const {
  const auto worked = AddWorkTime(from, Microseconds(1));
  if (!worked) return std::nullopt;
  return *worked - Microseconds(1);
}

std::optional<Instant> WorkCalendar::AddWorkTime(Instant from,
                                                 Duration work) const {
  if (work.us < 0 || !IsInCalendarRange(from)) return std::nullopt;
  if (work.us == 0) return from;
  int64_t left = work.us;
  std::optional<Instant> end;
  const auto use = [&](const OpenStretch& stretch) {
    if (end) return;
    const Instant open = std::max(stretch.open, from);
    const int64_t us = (stretch.close - open).us;
    if (us >= left) {
      end = open + Microseconds(left);
    } else {
      left -= std::max<int64_t>(us, 0);
    }
  };
  for (Walk walk(*this, ToLocal(zone(), from).date); !walk.IsHopeless();) {
    // Something is always left for a day that is looked at closely.
    const int64_t fit =
        week_us_ > 0 ? (left - 1) / week_us_ : walk.PlainWeeks();
    if (const auto weeks = std::min<int64_t>(walk.PlainWeeks(), fit);
        weeks > 0) {
      left -= weeks * week_us_;
      walk.Advance(static_cast<int32_t>(weeks) * 7);
      if (week_us_ > 0) walk.SawOpen();
      continue;
    }
    const int64_t before = left;
    if (walk.IsPlain() && walk.PlainUs() < left) {
      left -= walk.PlainUs();
    } else {
      VisitOpen(walk.date(), use);
    }
    if (end) return end;
    if (left != before) walk.SawOpen();
    walk.Advance(1);
  }
  return std::nullopt;
}

std::optional<Instant> WorkCalendar::AddWorkDays(Instant from,
                                                 int64_t n) const {
  if (n < 0 || !IsInCalendarRange(from)) return std::nullopt;
  // The latest date shown so far: the date of `from`, also while an hour
  // across midnight is repeated.
  const Date base = LatestLocal(zone(), from).date;
  int64_t left = n;
  for (Walk walk(*this, n == 0 ? base : base + 1); !walk.IsHopeless();) {
    const int64_t fit =
        week_days_ > 0 ? (left - 1) / week_days_ : walk.PlainWeeks();
    if (const auto weeks = std::min<int64_t>(walk.PlainWeeks(), fit);
        weeks > 0) {
      left -= weeks * week_days_;
      walk.Advance(static_cast<int32_t>(weeks) * 7);
      if (week_days_ > 0) walk.SawOpen();
      continue;
    }
    if (walk.IsPlain() && left > 1) {
      // Only the last day's close is of interest.
      if (walk.PlainUs() > 0) {
        walk.SawOpen();
        --left;
      }
    } else if (const auto close = CloseOn(walk.date())) {
      walk.SawOpen();
      if (n == 0 ? *close > from : --left == 0) return close;
    }
    walk.Advance(1);
  }
  return std::nullopt;
}

Duration WorkCalendar::WorkTimeBetween(Instant a, Instant b) const {
  a = std::clamp(a, kInstantMin, kInstantMax);
  b = std::clamp(b, kInstantMin, kInstantMax);
  if (b < a) return Microseconds(0) - WorkTimeBetween(b, a);
  int64_t total = 0;
  const auto add = [&](const OpenStretch& stretch) {
    const Duration us = std::min(stretch.close, b) - std::max(stretch.open, a);
    total += std::max<int64_t>(us.us, 0);
  };
  const Date last = LatestLocal(zone(), b).date;
  for (Walk walk(*this, ToLocal(zone(), a).date); walk.date() <= last;) {
    // Dates before the last one are over at `b`.
    const int32_t weeks = std::min(walk.PlainWeeks(), (last - walk.date()) / 7);
    if (weeks > 0) {
      total += weeks * week_us_;
      walk.Advance(weeks * 7);
      continue;
    }
    if (walk.IsPlain() && walk.date() < last) {
      total += walk.PlainUs();
    } else {
      VisitOpen(walk.date(), add);
    }
    walk.Advance(1);
  }
  return {total};
}

}  // namespace stepwell
