// What goes on while the service is in safe mode: whatever watches over risk,
// what patients wait for from people, and what calls on staff.
#ifndef STEPWELL_ENGINE_SAFE_MODE_H_
#define STEPWELL_ENGINE_SAFE_MODE_H_

#include <cstdint>

#include "engine/state.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

// Its ladder raises or escalates risk, or it is about an alert or a screen.
bool IsOfRisk(const protocol::Protocol& protocol, const CaseState& state,
              const ClockState& clock);

// Whether the clock, by its number, fires in safe mode. The others wait for the
// end of it as in a gap without ticks.
bool FiresInSafeMode(const protocol::Protocol& protocol, const CaseState& state,
                     uint64_t clock);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_SAFE_MODE_H_
