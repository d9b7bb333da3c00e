// What the tests of the simulator share: plans and their protocols, loaded.
#ifndef STEPWELL_TESTS_SIM_SIM_SUPPORT_H_
#define STEPWELL_TESTS_SIM_SIM_SUPPORT_H_

#include <memory>
#include <string>
#include <vector>

#include "json/json.h"
#include "sim/plan.h"
#include "sim/simulator.h"
#include "stepwell/simulation.h"

namespace stepwell::sim {

struct Loaded {
  std::shared_ptr<const Protocol> protocol;
  std::shared_ptr<const Plan> plan;
  Issues issues;
};
// "catalogue:NAME" or documents. A status or an error of the protocol fails
// the test; errors of the plan are in `issues`.
Loaded LoadBoth(const std::string& protocol, const std::string& plan,
                const Settings& settings = {});

// The shared vectors of queueing and statistics, and one of them by its id.
inline constexpr char kQueueingVectors[] = "queueing_vectors.json";
json::Document QueueingVectors();
json::Value VectorOf(const json::Document& vectors, const std::string& id);

std::string CatalogueText(const std::string& path);

// The service of M/M/c: one piece of work a person, `servers` members day and
// night, hours as the unit of time. `days` are measured after `warm_up`.
std::string QueueProtocol();
struct QueuePlan {
  double arrivals_per_hour = 0.5;
  std::string minutes = R"({"exponential": {"mean": 60}})";
  int servers = 1;
  double warm_up_days = 20, days = 1000;
};
std::string PlanText(const QueuePlan& plan);

// The shipped Swedish service by its shipped plan.
SimulationOptions ShippedOptions(uint32_t replications, uint32_t threads);

// The measure, or a failed test.
const SimulationMeasure& MeasureOf(const SimulationResult& result,
                                   const std::string& name,
                                   const std::string& stratum,
                                   const std::string& statistic);

// The number in the environment, for the big counts of `./dev long`.
uint64_t CountFrom(const char* variable, uint64_t otherwise);
bool IsLong();

}  // namespace stepwell::sim

#endif  // STEPWELL_TESTS_SIM_SIM_SUPPORT_H_
