// Internal: at which hours somebody of some pools is on duty.
#ifndef STEPWELL_PROTOCOL_COVERAGE_H_
#define STEPWELL_PROTOCOL_COVERAGE_H_

#include <optional>
#include <vector>

#include "protocol/loading.h"

namespace stepwell::protocol {

// A pool and those that it falls back on, each once. `round`: the last one
// falls back on one of them.
struct PoolChain {
  std::vector<PoolId> pools;
  bool round = false;
};
PoolChain ChainOf(const Protocol& protocol, PoolId pool);

// An instant at which none of the pools is open; nothing when, by turns or one
// alone, some of them is open at every hour. Looked at are more than a year,
// with all changes of the clocks, and every date for which some calendar has
// hours of its own. Calendars may be of different zones.
std::optional<Instant> FirstGap(const Loading& loading,
                                const std::vector<PoolId>& pools);

// "team -> duty -> nobody"
std::string NamesOf(const Protocol& protocol, const PoolChain& chain);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_COVERAGE_H_
