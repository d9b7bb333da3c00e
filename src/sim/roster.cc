#include "sim/roster.h"

#include <algorithm>

#include "base/date.h"
#include "base/work_calendar.h"

namespace stepwell::sim {
namespace {

constexpr double kMinuteUs = 60e6;

double MinutesBetween(Instant from, Instant to) {
  return static_cast<double>((to - from).us) / kMinuteUs;
}
Duration OfMinutes(double minutes) {
  return Microseconds(RoundToInt(minutes * kMinuteUs));
}

// Hours of the calendar, one stretch a local day.
std::vector<Stretch> HoursOf(const WorkCalendar& calendar, Instant start,
                             Instant end) {
  std::vector<Stretch> stretches;
  Date date = ToLocal(calendar.zone(), start).date;
  const Date last = ToLocal(calendar.zone(), end).date;
  for (; date <= last; date = date + 1) {
    for (const OpenHours& hours : calendar.HoursOn(date)) {
      Stretch stretch;
      stretch.open = std::max(
          start, FirstAtOrAfter(calendar.zone(), {date, hours.open_us}));
      stretch.close = std::min(
          end, FirstAtOrAfter(calendar.zone(), {date, hours.close_us}));
      if (stretch.open < stretch.close) stretches.push_back(stretch);
    }
  }
  return stretches;
}

std::vector<Stretch> WithoutLeave(std::vector<Stretch> stretches,
                                  const std::vector<Member::Leave>& leave) {
  for (const Member::Leave& away : leave) {
    std::vector<Stretch> left;
    for (const Stretch& stretch : stretches) {
      Stretch before = stretch, after = stretch;
      before.close = std::min(stretch.close, away.from);
      after.open = std::max(stretch.open, away.to);
      if (before.open < before.close) left.push_back(before);
      if (after.open < after.close) left.push_back(after);
    }
    stretches = std::move(left);
  }
  return stretches;
}

void JoinTouching(std::vector<Stretch>& stretches) {
  std::vector<Stretch> joined;
  for (const Stretch& stretch : stretches) {
    if (!joined.empty() && joined.back().close == stretch.open) {
      joined.back().close = stretch.close;
    } else {
      joined.push_back(stretch);
    }
  }
  stretches = std::move(joined);
}

// Open minutes of a week without holidays.
double WeekMinutes(const WorkCalendar& calendar) {
  int64_t us = 0;
  for (const auto& day : calendar.spec().week) {
    for (const OpenHours& hours : day) us += hours.close_us - hours.open_us;
  }
  return static_cast<double>(us) / kMinuteUs;
}

}  // namespace

Shift::Shift(const Protocol& protocol, const Member& member, Instant start,
             Instant end) {
  const protocol::CalendarRef ref = protocol.at(member.pools[0]).calendar;
  const WorkCalendar calendar = ref.IsNone()
                                    ? WorkCalendar::AlwaysOpen(*protocol.zone)
                                    : protocol.calendars[ref.value].calendar;
  stretches_ = WithoutLeave(HoursOf(calendar, start, end), member.leave);
  const double week = WeekMinutes(calendar);
  is_limited_ = member.weekly_minutes < week;
  if (is_limited_) {
    minutes_a_minute_ = member.weekly_minutes / week;
  } else {
    JoinTouching(stretches_);  // day and night is one long stretch
  }
  for (Stretch& stretch : stretches_) {
    stretch.budget =
        MinutesBetween(stretch.open, stretch.close) * minutes_a_minute_;
  }
  planned_.resize(stretches_.size());
}

size_t Shift::StretchAt(Instant now) const {
  const auto after = std::upper_bound(
      stretches_.begin(), stretches_.end(), now,
      [](Instant t, const Stretch& stretch) { return t < stretch.close; });
  return static_cast<size_t>(after - stretches_.begin());
}

int64_t Shift::Enter(Instant now) {
  while (current_ < stretches_.size() && stretches_[current_].close <= now) {
    // What was worked too much today is missing tomorrow.
    used_ = std::max(0.0, used_ - stretches_[current_].budget);
    ++current_;
  }
  if (current_ == stretches_.size() || now < stretches_[current_].open) {
    return -1;
  }
  return static_cast<int64_t>(current_);
}

double Shift::Left() const {
  if (current_ == stretches_.size()) return 0;
  const Stretch& stretch = stretches_[current_];
  return stretch.budget - stretch.booked - used_;
}

Instant Shift::Finish(Instant now, double minutes) const {
  Duration left = OfMinutes(minutes);
  Instant at = now;
  for (size_t i = StretchAt(now); i < stretches_.size(); ++i) {
    at = std::max(at, stretches_[i].open);
    const Duration here = stretches_[i].close - at;
    if (left <= here) return at + left;
    left = left - here;
    at = stretches_[i].close;
  }
  return at + left;
}

Shift::Slot Shift::FirstSlot(Instant earliest, double minutes) const {
  for (size_t i = StretchAt(earliest); i < stretches_.size(); ++i) {
    const Stretch& stretch = stretches_[i];
    // A first slot that lies before `earliest` is lost.
    const Instant free = stretch.open + OfMinutes(planned_[i]);
    const Instant at = std::max(free, earliest);
    const double used = MinutesBetween(stretch.open, at);
    const double room =
        std::min(MinutesBetween(stretch.open, stretch.close) - used,
                 stretch.budget - planned_[i]);
    if (minutes <= room ||
        (planned_[i] == 0 && used == 0 && minutes > stretch.budget)) {
      return {at, i};
    }
  }
  return {};
}

void Shift::Book(const Slot& slot, double minutes) {
  Stretch& stretch = stretches_[slot.stretch];
  stretch.booked += minutes;
  planned_[slot.stretch] = MinutesBetween(stretch.open, slot.at) + minutes;
}

void Shift::Unbook(Instant at, double minutes) {
  const size_t i = StretchAt(at);
  if (i == stretches_.size()) return;
  stretches_[i].booked = std::max(0.0, stretches_[i].booked - minutes);
}

double Shift::CapacityBetween(Instant from, Instant to) const {
  double minutes = 0;
  for (const Stretch& stretch : stretches_) {
    const Instant open = std::max(from, stretch.open);
    const Instant close = std::min(to, stretch.close);
    if (open < close) minutes += MinutesBetween(open, close);
  }
  return minutes * minutes_a_minute_;
}

}  // namespace stepwell::sim
