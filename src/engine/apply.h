// Apply: the only code that changes a case's state.
#ifndef STEPWELL_ENGINE_APPLY_H_
#define STEPWELL_ENGINE_APPLY_H_

#include "engine/event.h"
#include "engine/state.h"

namespace stepwell::engine {

// Changes `state` by `event`. Total: every event a store can hold is accepted;
// one that points nowhere changes nothing but the version. Reads no protocol,
// no clock and no expression.
void Apply(const Event& event, CaseState& state);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_APPLY_H_
