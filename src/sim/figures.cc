// What the courses of one replication add up to.
#include "sim/figures.h"

#include <algorithm>

namespace stepwell::sim {
namespace {

using metrics::Activity;
using metrics::Course;

constexpr double kDayUs = 86'400e6;
// When it was clear that no more modules follow; absent while some may.
std::optional<Instant> EndOfTreatment(const Course& course,
                                      const Protocol& protocol) {
  std::optional<Instant> end;
  for (const Course::Item& item : course.items) {
    if (protocol.at(item.element).kind != protocol::ItemKind::kModule) continue;
    // Taken away from the patient; after one that is done the next may come.
    const bool taken = !engine::IsOpen(item.status) &&
                       item.status != engine::ItemStatus::kDone;
    end.reset();
    if (taken) end = item.ended_at;
  }
  if (!course.programs_completed.empty()) {
    end = course.programs_completed.back();
  } else if (!end && !course.is_open) {
    end = course.closed_at;
  }
  if (end && !course.modules_done.empty()) {
    end = std::max(*end, course.modules_done.back().at);
  }
  return end;
}

double DaysOf(Duration length) {
  return static_cast<double>(length.us) / kDayUs;
}

// The days of [from, to) that lie in [begin, end).
double DaysWithin(Instant from, Instant to, Instant begin, Instant end) {
  const Instant a = std::max(from, begin), b = std::min(to, end);
  return a < b ? DaysOf(b - a) : 0;
}

// Instruments first, then flags, then rules.
size_t IndexOf(const Course::AlertSource& source, size_t instruments) {
  if (source.from == Course::AlertFrom::kFlag) return instruments;
  return source.instrument.IsNone() ? instruments + 1 : source.instrument.value;
}

}  // namespace

Collector::Collector(const Protocol& protocol, const Plan& plan)
    : protocol_(protocol),
      plan_(plan),
      waits_(plan.waits.size()),
      trends_(plan.waits.size()),
      minutes_of_team_(protocol.pools.size()),
      alerts_of_pool_(protocol.pools.size()),
      alerts_of_tier_(protocol.risk.tiers.size()),
      alerts_from_(protocol.instruments.size() + 2),
      overdue_of_team_(protocol.pools.size()),
      changes_(plan.changes.size()) {}

void Collector::Take(const Course& course) {
  ++cases_;
  const bool measured = IsMeasured(course.referred_at);
  referrals_ += measured ? 1 : 0;
  closed_ += !course.is_open && IsMeasured(course.closed_at) ? 1 : 0;
  TakeWaits(course);
  TakeTreatment(course);
  TakeMinutes(course);
  TakeAlerts(course);
}

void Collector::TakeWaits(const Course& course) {
  for (size_t i = 0; i < plan_.waits.size(); ++i) {
    const WaitMeasure& measure = plan_.waits[i];
    const auto wait =
        metrics::WaitOf(course, measure.from, measure.to, plan_.to);
    if (!wait) continue;
    TakeTrend(*wait, i);
    if (!IsMeasured(wait->from)) continue;
    if (wait->from < plan_.arrivals_end) waits_[i].push_back(*wait);
  }
}

void Collector::TakeTrend(const metrics::Wait& wait, size_t measure) {
  TrendSums& sums = trends_[measure];
  const Duration quarter = Quarter();
  const Instant middle = plan_.to - quarter * 2;
  const Instant late = plan_.to - quarter;
  const Instant end = wait.from + wait.length;
  sums.waiting_days[0] += DaysWithin(wait.from, end, middle, late);
  sums.waiting_days[1] += DaysWithin(wait.from, end, late, plan_.to);
  if (wait.from >= middle) ++sums.came;
  const bool is_early = wait.from < plan_.start + quarter;
  if (is_early || (wait.from >= middle && wait.from < late)) {
    const size_t which = is_early ? 0 : 1;
    ++sums.followed[which];
    sums.days[which] += DaysOf(std::min(wait.length, quarter));
  }
}

Duration Collector::Quarter() const {
  return {(plan_.to - plan_.start).us / 4};
}

void Collector::TakeTreatment(const Course& course) {
  std::optional<Instant> started;
  for (const Course::Item& item : course.items) {
    const protocol::Element& element = protocol_.at(item.element);
    if (element.kind == protocol::ItemKind::kModule && !started) {
      started = item.opened_at;
    }
  }
  if (!started || !IsMeasured(*started)) return;
  if (!course.enrolments.empty()) TakeModules(course, *started);
  for (size_t i = 0; i < plan_.changes.size(); ++i) {
    const auto pair = metrics::FirstAndLast(course, plan_.changes[i]);
    if (!pair.last) continue;
    ++changes_[i].pairs;
    changes_[i].first += *pair.first;
    changes_[i].last += *pair.last;
  }
}

void Collector::TakeModules(const Course& course, Instant started) {
  const std::optional<Instant> end = EndOfTreatment(course, protocol_);
  const Duration seen = end.value_or(plan_.to) - started;
  for (metrics::FollowUp* one : {&modules_, &modules_squares_, &completed_}) {
    one->AddPerson(seen, end.has_value());
  }
  // The square grows by 2n - 1 with the n-th module.
  double square_growth = 1;
  for (const Course::ModuleDone& done : course.modules_done) {
    modules_.Add(done.at - started, 1);
    modules_squares_.Add(done.at - started, square_growth);
    square_growth += 2;
  }
  if (!course.programs_completed.empty()) completed_.Add(seen, 1);
}

void Collector::AddToMinutes(Activity activity, StaffId by, int32_t minutes) {
  const auto a = static_cast<size_t>(activity);
  minutes_[a] += minutes;
  if (by.value == 0 || by.value > plan_.staff.size()) return;
  const PoolId team = plan_.staff[by.value - 1].pools[0];
  minutes_of_team_[team.value][a] += minutes;
}

void Collector::TakeMinutes(const Course& course) {
  for (const Course::Item& item : course.items) {
    if (!metrics::IsStaffWork(item) || !item.minutes ||
        !IsMeasured(item.ended_at)) {
      continue;
    }
    AddToMinutes(item.activity, item.ended_by, *item.minutes);
  }
  for (const Course::Effort& effort : course.efforts) {
    if (!effort.minutes || !IsMeasured(effort.at)) continue;
    AddToMinutes(effort.activity, effort.by, *effort.minutes);
  }
}

void Collector::TakeAlerts(const Course& course) {
  bool had_one = false;
  for (const Course::Alert& alert : course.alerts) {
    size_t kind = static_cast<size_t>(alert.kind);
    if (alert.kind == Course::AlertKind::kRaised) {
      kind = had_one ? 1 : 0;
      had_one = true;
    }
    if (!IsMeasured(alert.at)) continue;
    ++alerts_[kind];
    ++alerts_of_tier_[alert.tier.value][kind];
    ++alerts_from_[IndexOf(alert.source, protocol_.instruments.size())][kind];
    PoolId pool = alert.owner.pool;
    const uint32_t staff = alert.owner.staff.value;
    if (pool.IsNone() && staff > 0 && staff <= plan_.staff.size()) {
      pool = plan_.staff[staff - 1].pools[0];
    }
    if (!pool.IsNone()) ++alerts_of_pool_[pool.value][kind];
  }
}

void Collector::TakeLine(service::WorkKind kind, int team,
                         const service::LineDeadlines& deadlines, Instant now,
                         bool is_over) {
  const bool was_overdue = deadlines.WasOverdue();
  // In time, or without a deadline, it may still become late.
  if (!was_overdue && (!is_over || deadlines.due.IsNever())) return;
  if (!IsMeasured(was_overdue ? deadlines.overdue_from : now)) return;
  const auto count = [was_overdue](Punctuality& one) {
    ++one.all;
    one.overdue += was_overdue ? 1 : 0;
  };
  count(overdue_);
  if (team >= 0) count(overdue_of_team_[static_cast<size_t>(team)]);
  // Whether somebody has read a message makes no other work of it.
  if (kind == service::WorkKind::kUnread) kind = service::WorkKind::kMessage;
  for (size_t k = 0; k < kLineKinds.size(); ++k) {
    if (kLineKinds[k].kind == kind) count(overdue_of_kind_[k]);
  }
}

}  // namespace stepwell::sim
