// Whether the staff keep up: what came in against the minutes there are.
#include <algorithm>

#include "sim/simulator.h"

namespace stepwell::sim {

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

}  // namespace stepwell::sim
