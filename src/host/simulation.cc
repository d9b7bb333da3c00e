// The public face of simulation.
#include "stepwell/simulation.h"

#include "base/status.h"

namespace stepwell {

absl::StatusOr<SimulationResult> Simulate(const SimulationOptions&) {
  return absl::UnimplementedError("simulation is being built");
}

absl::StatusOr<PlanCheck> CheckPlan(const SimulationOptions&) {
  return absl::UnimplementedError("simulation is being built");
}

}  // namespace stepwell
