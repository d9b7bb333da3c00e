// Whether a service keeps up with those who come: its minutes, its places, the
// trend of those who wait (docs/decisions/0016-simulated-staff.md).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/statistics.h"
#include "sim/study.h"
#include "sim/text.h"

namespace stepwell::sim {
namespace {

using Replications = std::vector<Replication>;

// A queue that grows by more than this share of the minutes there are, or of
// the people who come, in every likely case, is no noise.
constexpr double kGrowthShare = 0.05;
// ... and who came three quarters into the time waits longer than who came to
// the empty service, by more than this share of a quarter. A queue that takes
// in 5 % more than it lets out has fallen back by 5 % of the time, so by a
// tenth of a quarter when half of the time lies between the two.
constexpr double kLongerShare = 0.1;
// A pool whose places are taken to this share has no room: one that has is at
// this share only with demand at the limit, as with minutes.
constexpr double kFullShare = 0.995;
// Places change hands in working hours, so one that has no room may be at less:
// then those who wait for a place must become more.
constexpr double kNearlyFullShare = 0.95;
// Of the places: fewer who wait for one are those of an ordinary day.
constexpr double kWaitingShare = 0.01;

struct Sum {
  std::vector<double> values;
  double mean() const { return MeanInterval(values).mean; }
  // Above zero in every likely case.
  bool IsPositive() const {
    if (values.empty()) return false;
    const Interval interval = MeanInterval(values);
    return interval.low.value_or(interval.mean) > 0;
  }
};

void JudgeMinutes(const Protocol& protocol, const Replications& replications,
                  Verdict& verdict) {
  for (size_t t = 0; t < replications[0].teams.size(); ++t) {
    const std::string& name = protocol.at(replications[0].teams[t].pool).id;
    Sum growth, offered, capacity;
    for (const Replication& one : replications) {
      offered.values.push_back(one.teams[t].offered);
      capacity.values.push_back(one.teams[t].capacity);
      growth.values.push_back(one.teams[t].growth);
    }
    const double minutes = capacity.mean();
    if (minutes <= 0) {
      if (offered.mean() > 0) {
        verdict.Say(absl::StrCat("team ", name, " has no minutes"));
      }
    } else if (offered.mean() >= minutes) {
      verdict.Say(absl::StrCat("team ", name, " is offered ",
                               Fixed(100 * offered.mean() / minutes, 0),
                               " % of the minutes it has"));
    } else if (growth.mean() > kGrowthShare * minutes && growth.IsPositive()) {
      verdict.Say(absl::StrCat("the work that waits for team ", name,
                               " keeps growing"));
    }
  }
}

// How those who wait for one thing become more and wait longer.
struct Trend {
  Sum growth, longer;  // people at a time; days
  double came = 0, before = 0, after = 0;
};

Trend TrendOf(const Replications& replications, size_t wait) {
  Trend trend;
  for (const Replication& one : replications) {
    const WaitTrend& here = one.trends[wait];
    const double n = static_cast<double>(replications.size());
    trend.growth.values.push_back(here.waiting[1] - here.waiting[0]);
    trend.before += here.waiting[0] / n;
    trend.after += here.waiting[1] / n;
    trend.came += here.came / n;
    if (here.days[0] && here.days[1]) {
      trend.longer.values.push_back(*here.days[1] - *here.days[0]);
    }
  }
  return trend;
}

void JudgePlaces(const Protocol& protocol, const Replications& replications,
                 Verdict& verdict) {
  for (size_t p = 0; p < replications[0].places.size(); ++p) {
    Sum taken, places, growth, waiting;
    for (const Replication& one : replications) {
      const PlacesLoad& load = one.places[p];
      taken.values.push_back(load.taken);
      places.values.push_back(load.places);
      growth.values.push_back(load.waiting[1] - load.waiting[0]);
      waiting.values.push_back((load.waiting[0] + load.waiting[1]) / 2);
    }
    const double share = taken.mean() / places.mean();
    const double few = kWaitingShare * places.mean();
    const bool is_full = share >= kFullShare && waiting.mean() > few;
    const bool grows =
        share >= kNearlyFullShare && growth.mean() > few && growth.IsPositive();
    if (!is_full && !grows) continue;
    verdict.Say(absl::StrCat(
        "the caseload of pool ", protocol.at(replications[0].places[p].pool).id,
        " is full, ", Fixed(waiting.mean() + growth.mean() / 2, 0),
        " wait for a place at the end after ",
        Fixed(waiting.mean() - growth.mean() / 2, 0),
        " in the middle of the time"));
  }
}

void JudgeWaits(const Plan& plan, const Replications& replications,
                Verdict& verdict) {
  const double quarter =
      static_cast<double>((plan.to - plan.start).us) / 86'400e6 / 4;
  for (size_t i = 0; i < plan.waits.size(); ++i) {
    const Trend trend = TrendOf(replications, i);
    const bool becomes_more = trend.came > 0 &&
                              trend.growth.mean() > kGrowthShare * trend.came &&
                              trend.growth.IsPositive();
    const bool takes_longer = trend.longer.IsPositive() &&
                              trend.longer.mean() > kLongerShare * quarter;
    if (!becomes_more || !takes_longer) continue;
    verdict.Say(absl::StrCat(
        plan.waits[i].id, ": those who wait become more, ",
        Fixed(trend.after, 0), " at a time in the last quarter after ",
        Fixed(trend.before, 0), " in the one before, and wait longer"));
  }
}

}  // namespace

void Verdict::Say(const std::string& text) {
  unstable = true;
  absl::StrAppend(&note, note.empty() ? "" : "; ", text);
}

Verdict Judge(const Protocol& protocol, const Plan& plan,
              const Replications& replications) {
  Verdict verdict;
  JudgeMinutes(protocol, replications, verdict);
  JudgePlaces(protocol, replications, verdict);
  JudgeWaits(plan, replications, verdict);
  return verdict;
}

}  // namespace stepwell::sim
