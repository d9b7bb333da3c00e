// What a case weighs in the caseload of whoever has it. Pure.
#ifndef STEPWELL_ENGINE_CASELOAD_H_
#define STEPWELL_ENGINE_CASELOAD_H_

#include <cstdint>

#include "engine/state.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

// In hundredths of a case. As much as the heaviest level of guidance at which a
// program is running; one case while none runs.
int32_t WeightOf(const protocol::Protocol& protocol, const CaseState& state);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_CASELOAD_H_
