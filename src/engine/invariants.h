// The laws that hold for every case after every event (docs/safety). Checked
// in tests after every command and by `stepwell service health`.
#ifndef STEPWELL_ENGINE_INVARIANTS_H_
#define STEPWELL_ENGINE_INVARIANTS_H_

#include <span>
#include <string>
#include <vector>

#include "engine/state.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

// What is broken, one line each with the number of the invariant; empty is
// well. Written from the laws, not from the engine: it shares no code with it.
// `by_newest`: World::PlacesByNewest of whoever keeps the case.
std::vector<std::string> BrokenInvariants(
    const protocol::Protocol& protocol, const CaseState& state, Instant now,
    std::span<const PhaseId> by_newest = {});

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_INVARIANTS_H_
