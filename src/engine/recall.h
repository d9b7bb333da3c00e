// Internal to the engine: the command that a stretch of a case's log came of,
// so that it can be asked again of other documents.
#ifndef STEPWELL_ENGINE_RECALL_H_
#define STEPWELL_ENGINE_RECALL_H_

#include <optional>
#include <span>

#include "engine/command.h"
#include "engine/event.h"
#include "engine/state.h"

namespace stepwell::engine {

// `events` begin with the command's CommandRecorded and end before the next
// one's; `before` is the state that it met. Nothing for the verbs that leave no
// more than consequences in the log, or that no rule asks anything of:
// enrolments, appointments, consents, messages of staff, assignments, pauses.
std::optional<Command> RecallCommand(std::span<const Event> events,
                                     const CaseState& before);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_RECALL_H_
