// Whether the staff keep up: what came in against the minutes there are.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/simulator.h"

namespace stepwell::sim {
namespace {

constexpr double kDayUs = 86'400e6;

}  // namespace

void Simulator::CountLinesThatWait() {
  for (Case& one : cases_) {
    for (Line& line : one.lines) CountLine(line, /*is_over=*/false);
  }
}

std::vector<double> Simulator::Backlog() const {
  std::vector<double> minutes(protocol_.pools.size());
  for (const Case& one : cases_) {
    for (const Line& line : one.lines) {
      if (line.team >= 0)
        minutes[static_cast<size_t>(line.team)] += line.minutes;
    }
  }
  return minutes;
}

std::vector<double> Simulator::Unowned() const {
  std::vector<double> lines(protocol_.pools.size());
  for (const Case& one : cases_) {
    for (const Line& line : one.lines) {
      if (line.unowned) ++lines[line.pool.value];
    }
  }
  return lines;
}

std::vector<TeamLoad> Simulator::Teams() const {
  const std::vector<double> backlog = Backlog();
  std::vector<TeamLoad> teams;
  for (uint16_t p = 0; p < protocol_.pools.size(); ++p) {
    TeamLoad load;
    load.pool = PoolId(p);
    bool any = false;
    for (const Worker& worker : workers_) {
      if (worker.team != static_cast<int16_t>(p)) continue;
      any = true;
      load.offered += worker.worked_late;
      load.capacity += worker.shift->CapacityBetween(middle_, plan_.to);
    }
    if (!any) continue;
    load.growth = backlog[p] - backlog_at_middle_[p];
    load.offered += load.growth;
    teams.push_back(load);
  }
  return teams;
}

// Before the caseload of a member changes, and at the end.
void Simulator::CountPlaces(uint32_t member) {
  if (member >= workers_.size()) return;
  Worker& worker = workers_[member];
  const Instant since = std::max(worker.counted_at, middle_);
  if (now_ > since) {
    worker.case_days_late += static_cast<double>((now_ - since).us) / kDayUs *
                             world_.LoadOf(StaffId(member + 1)) /
                             protocol::kCaseWeight;
  }
  worker.counted_at = now_;
}

std::vector<PlacesLoad> Simulator::Places() {
  const double days = static_cast<double>((plan_.to - middle_).us) / kDayUs;
  const std::vector<double> unowned = Unowned();
  std::vector<PlacesLoad> all;
  for (uint16_t p = 0; p < protocol_.pools.size(); ++p) {
    const int limit = protocol_.pools[p].caseload_max;
    if (limit == 0 || members_of_[p].empty()) continue;
    PlacesLoad load;
    load.pool = PoolId(p);
    load.waiting[0] = unowned_at_middle_[p];
    load.waiting[1] = unowned[p];
    for (const uint32_t member : members_of_[p]) {
      CountPlaces(member);
      load.taken += workers_[member].case_days_late / days;
      load.places += limit;
    }
    all.push_back(load);
  }
  return all;
}

void Simulator::AddLoads() {
  result_.teams = Teams();
  result_.places = Places();
  CountLinesThatWait();
  result_.trends = collector_.Trends();
  result_.figures = collector_.Finish();
  for (const TeamLoad& load : result_.teams) {
    Figure figure{"load", absl::StrCat("team ", protocol_.at(load.pool).id),
                  "offered_to_capacity", "share", std::nullopt};
    figure.absent = "the team has no minutes";
    if (load.capacity > 0) figure.value = load.offered / load.capacity;
    result_.figures.push_back(std::move(figure));
  }
  for (const PlacesLoad& load : result_.places) {
    result_.figures.push_back(
        {"load", absl::StrCat("caseload ", protocol_.at(load.pool).id),
         "places_taken", "share", load.taken / load.places, Range::kShare});
  }
}

}  // namespace stepwell::sim
