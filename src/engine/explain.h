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
  // blocked, available, active, done, ...; of a program blocked, running,
  // completed or ended.
  std::string state;
  std::vector<std::string> reasons;
  std::vector<std::string> would_open;
};

ItemExplanation ExplainItem(const protocol::Protocol& protocol,
                            const CaseState& state, ElementId element,
                            Instant now);

// Of the item that takes a program: whether anybody is enrolled, and why not.
ItemExplanation ExplainProgram(const protocol::Protocol& protocol,
                               const CaseState& state, ProgramRef program,
                               Instant now);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_EXPLAIN_H_
