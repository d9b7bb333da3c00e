// Why an item is where it is: each unmet condition with its present value, and
// what would unblock it.
#ifndef STEPWELL_ENGINE_EXPLAIN_H_
#define STEPWELL_ENGINE_EXPLAIN_H_

#include <string>
#include <vector>

#include "engine/state.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

struct ItemExplanation {
  std::string state;  // blocked, available, active, done, ...
  std::vector<std::string> reasons;
  std::vector<std::string> would_open;
};

ItemExplanation ExplainItem(const protocol::Protocol& protocol,
                            const CaseState& state, ElementId element,
                            Instant now);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_EXPLAIN_H_
