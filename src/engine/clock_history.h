// Internal to the engine: clocks as the log tells of them.
#ifndef STEPWELL_ENGINE_CLOCK_HISTORY_H_
#define STEPWELL_ENGINE_CLOCK_HISTORY_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/event.h"
#include "engine/state.h"

namespace stepwell::engine {

class Macrostep;

// A pause of the case.
struct Rest {
  Instant from, to;
};

// The clock as it ran before the event with that number; nothing when the log
// does not hold its start.
std::optional<ClockState> ClockBefore(std::span<const Event> log,
                                      uint32_t ordinal, uint64_t seq);

// The pauses of the case that ended after the event with that number.
std::vector<Rest> RestsSince(std::span<const Event> log, uint64_t seq);

// A clock that ran at the event with that number, as it would run by now: it
// would have stood still in each pause that has ended since. What was overdue
// by then stays so.
ClockState AsRested(const Macrostep& m, ClockState clock, uint64_t seq);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_CLOCK_HISTORY_H_
