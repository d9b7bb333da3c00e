#include "sim/figures.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace stepwell::sim {
namespace {

using metrics::Activity;
using metrics::Course;

constexpr double kDayUs = 86'400e6;
// The first alert of a person, later ones and new evidence, and what was passed
// on because nobody acted in time.
constexpr const char* kAlertNames[] = {"first", "repeated", "escalated"};

double Count(uint64_t n) { return static_cast<double>(n); }

std::optional<double> Ratio(double above, double below) {
  if (below == 0) return std::nullopt;
  return above / below;
}

size_t MembersOf(const Plan& plan, PoolId pool) {
  return static_cast<size_t>(std::count_if(
      plan.staff.begin(), plan.staff.end(), [&](const Member& member) {
        return std::find(member.pools.begin(), member.pools.end(), pool) !=
               member.pools.end();
      }));
}

void Collect(const std::vector<protocol::Action>& actions,
             std::vector<PoolId>& pools) {
  for (const protocol::Action& action : actions) {
    if (action.kind == protocol::ActionKind::kAssign) {
      pools.push_back(action.pool);
    }
  }
}

}  // namespace

size_t TherapistsOf(const Protocol& protocol, const Plan& plan) {
  std::vector<PoolId> pools;
  for (const protocol::Rule& rule : protocol.rules) {
    Collect(rule.actions, pools);
  }
  for (const protocol::ClockDef& clock : protocol.clocks) {
    for (const protocol::Rung& rung : clock.ladder)
      Collect(rung.actions, pools);
  }
  return static_cast<size_t>(std::count_if(
      plan.staff.begin(), plan.staff.end(), [&](const Member& member) {
        return std::any_of(
            member.pools.begin(), member.pools.end(), [&](PoolId pool) {
              return std::find(pools.begin(), pools.end(), pool) != pools.end();
            });
      }));
}

Collector::Collector(const Protocol& protocol, const Plan& plan)
    : protocol_(protocol),
      plan_(plan),
      waits_(plan.waits.size()),
      alerts_of_pool_(protocol.pools.size()),
      changes_(plan.changes.size()) {}

double Collector::Weeks() const {
  return static_cast<double>((plan_.to - plan_.from).us) / (7 * kDayUs);
}

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
        metrics::WaitOf(course, measure.from, measure.to, plan_.to, protocol_);
    if (!wait || !IsMeasured(wait->from)) continue;
    if (wait->from < plan_.arrivals_end) waits_[i].push_back(*wait);
  }
}

void Collector::TakeTreatment(const Course& course) {
  std::optional<Instant> started;
  for (const Course::Item& item : course.items) {
    const protocol::Element& element = protocol_.at(item.element);
    if (element.kind == protocol::ItemKind::kModule && !started) {
      started = item.opened_at;
    }
  }
  if (course.enrolments > 0 && started && IsMeasured(*started)) {
    ++started_;
    const double modules = course.modules_done;
    modules_ += course.modules_done;
    modules_squares_ += modules * modules;
    completed_ += course.programs_completed > 0 ? 1 : 0;
    if (!course.is_open || course.programs_completed > 0) {
      ++ended_;
      modules_ended_ += course.modules_done;
      modules_squares_ended_ += modules * modules;
    }
  }
  if (!started || !IsMeasured(*started)) return;
  for (size_t i = 0; i < plan_.changes.size(); ++i) {
    const auto pair = metrics::FirstAndLast(course, plan_.changes[i]);
    if (!pair.last) continue;
    ++changes_[i].pairs;
    changes_[i].first += *pair.first;
    changes_[i].last += *pair.last;
  }
}

void Collector::TakeMinutes(const Course& course) {
  for (const Course::Item& item : course.items) {
    if (!metrics::IsStaffWork(item, protocol_) || !item.minutes ||
        !IsMeasured(item.ended_at)) {
      continue;
    }
    const Activity activity = metrics::ActivityOf(protocol_.at(item.element));
    minutes_[static_cast<size_t>(activity)] += *item.minutes;
  }
  for (const Course::Effort& effort : course.efforts) {
    if (!effort.minutes || !IsMeasured(effort.at)) continue;
    minutes_[static_cast<size_t>(effort.activity)] += *effort.minutes;
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
    if (!alert.owner.pool.IsNone()) ++alerts_of_pool_[alert.owner.pool.value];
  }
}

std::vector<Figure> Collector::Finish() const {
  std::vector<Figure> figures;
  AddWaits(figures);
  AddTreatment(figures);
  AddMinutes(figures);
  AddAlerts(figures);
  return figures;
}

void Collector::AddWaits(std::vector<Figure>& figures) const {
  const auto add = [&](const std::string& id, const char* statistic,
                       const char* unit, std::optional<double> value) {
    figures.push_back({"wait", id, statistic, unit, value});
  };
  figures.push_back(
      {"referrals", "all", "count", "persons", Count(referrals_)});
  figures.push_back({"started", "all", "count", "persons", Count(started_)});
  figures.push_back({"closed", "all", "count", "persons", Count(closed_)});
  for (size_t i = 0; i < plan_.waits.size(); ++i) {
    const metrics::WaitFigures f = metrics::FiguresOf(waits_[i], plan_.to);
    const std::string& id = plan_.waits[i].id;
    add(id, "mean", "days", f.mean_days);
    add(id, "p50", "days", f.median_days);
    add(id, "p90", "days", f.p90_days);
    add(id, "share_within_6_weeks", "share", f.share_6_weeks);
    add(id, "share_within_18_weeks", "share", f.share_18_weeks);
    add(id, "reached", "persons", Count(f.reached));
    add(id, "still_waiting", "persons", Count(f.waiting));
    add(id, "left", "persons", Count(f.left));
  }
}

void Collector::AddTreatment(std::vector<Figure>& figures) const {
  const auto modules = [&](const char* who, uint64_t n, uint64_t sum,
                           double squares) {
    const auto mean = Ratio(Count(sum), Count(n));
    std::optional<double> sd;
    if (n > 1) {
      const double spread = squares - Count(n) * *mean * *mean;
      sd = std::sqrt(std::max(0.0, spread) / (Count(n) - 1));
    }
    figures.push_back({"modules_completed", who, "mean", "modules", mean});
    figures.push_back({"modules_completed", who, "sd", "modules", sd});
  };
  modules("all", started_, modules_, modules_squares_);
  modules("ended", ended_, modules_ended_, modules_squares_ended_);
  figures.push_back({"program_completed", "started", "share", "share",
                     Ratio(Count(completed_), Count(started_))});
  for (size_t i = 0; i < plan_.changes.size(); ++i) {
    const Change& change = changes_[i];
    const std::string& name = protocol_.at(plan_.changes[i]).name;
    const double n = Count(change.pairs);
    figures.push_back(
        {"change", name, "first_mean", "points", Ratio(change.first, n)});
    figures.push_back(
        {"change", name, "last_mean", "points", Ratio(change.last, n)});
    figures.push_back({"change", name, "mean", "points",
                       Ratio(change.last - change.first, n)});
  }
}

void Collector::AddMinutes(std::vector<Figure>& figures) const {
  double all = 0;
  for (size_t a = 0; a < metrics::kActivities; ++a) {
    all += minutes_[a];
    figures.push_back({"staff_minutes",
                       metrics::ActivityName(static_cast<Activity>(a)),
                       "per_week", "minutes", minutes_[a] / Weeks()});
  }
  figures.push_back(
      {"staff_minutes", "all", "per_week", "minutes", all / Weeks()});
}

void Collector::AddAlerts(std::vector<Figure>& figures) const {
  const double therapist_weeks =
      Count(TherapistsOf(protocol_, plan_)) * Weeks();
  const auto load = [&](const char* stratum, uint64_t alerts) {
    figures.push_back({"alert_load", stratum, "per_therapist_week", "alerts",
                       Ratio(Count(alerts), therapist_weeks)});
  };
  uint64_t all = 0;
  for (size_t k = 0; k < 3; ++k) {
    all += alerts_[k];
    load(kAlertNames[k], alerts_[k]);
  }
  load("all", all);
  for (size_t p = 0; p < protocol_.pools.size(); ++p) {
    const size_t members = MembersOf(plan_, PoolId(static_cast<uint16_t>(p)));
    if (members == 0) continue;
    figures.push_back({"alert_load",
                       absl::StrCat("pool ", protocol_.pools[p].id),
                       "per_member_week", "alerts",
                       Count(alerts_of_pool_[p]) / (Count(members) * Weeks())});
  }
}

}  // namespace stepwell::sim
