#include "engine/caseload.h"

#include <algorithm>

namespace stepwell::engine {

int32_t WeightOf(const protocol::Protocol& protocol, const CaseState& state) {
  int32_t heaviest = -1;
  for (const EnrolmentState& enrolment : state.enrolments) {
    if (!enrolment.IsRunning() || enrolment.episode != state.episode()) {
      continue;
    }
    const auto& weights = protocol.at(enrolment.program).weights;
    heaviest = std::max<int32_t>(heaviest, enrolment.guidance < weights.size()
                                               ? weights[enrolment.guidance]
                                               : protocol::kCaseWeight);
  }
  return heaviest < 0 ? protocol::kCaseWeight : heaviest;
}

}  // namespace stepwell::engine
