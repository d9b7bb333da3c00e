// Decide: what a command means for a case. Pure: the same inputs give the same
// outcome. Start reading at decide.cc.
#ifndef STEPWELL_ENGINE_DECIDE_H_
#define STEPWELL_ENGINE_DECIDE_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/command.h"
#include "engine/event.h"
#include "engine/state.h"
#include "engine/world.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

// What a command comes to.
struct Decided {
  // Set when the domain said no: then there are no events.
  std::optional<Rejection> rejection;
  std::vector<Event> events;
  // Of what was accepted: why less comes of it than was asked for. Empty: it
  // all does.
  std::string remark;
  // Crisis information that the patient's screen must show now; none = none.
  TemplateId show_now;
};

struct Outcome : Decided {
  // The state after the events; the given one after a rejection.
  CaseState state;
};

// Decides what `command` means for the case at `now`. `state` is consumed: the
// new state comes back in the outcome. `history` is needed for VoidEvent only:
// the case's log, or as much of it as there is, but the events of the command
// that recorded the target at least: what stood before them comes back from
// what else is there. A Status is returned
// when the work could not be done at all: a stale expected version (kAborted),
// a document that never comes to rest (kResourceExhausted); the state is then
// lost and is to be loaded again.
absl::StatusOr<Outcome> Decide(const protocol::Protocol& protocol,
                               CaseState state, const World& world,
                               const Command& command, Instant now,
                               std::span<const Event> history = {});

// The same where the state is: `state` becomes the new one. `decided` is filled
// anew, in the room that it has. After an error the state is lost.
absl::Status DecideInPlace(const protocol::Protocol& protocol, CaseState& state,
                           const World& world, const Command& command,
                           Instant now, std::span<const Event> history,
                           Decided& decided);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_DECIDE_H_
