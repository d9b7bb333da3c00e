// The switches of a clinician, and the commands that may set one in a case as
// it is now.
#ifndef STEPWELL_TESTS_SWITCHES_CANDIDATES_SUPPORT_H_
#define STEPWELL_TESTS_SWITCHES_CANDIDATES_SUPPORT_H_

#include <string>
#include <vector>

#include "protocol/protocol.h"
#include "stepwell/case.h"

namespace stepwell::testing {

struct Switch {
  const char* name;
  const char* before;               // what must have happened; nullptr: nothing
  std::vector<const char*> events;  // that must come of it, in this order
};
const std::vector<Switch>& Switches();

// Members of commands, without id, actor and case, best first.
std::vector<std::string> Candidates(const std::string& name,
                                    const protocol::Protocol& protocol,
                                    const CaseSummary& summary, Instant now);

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_SWITCHES_CANDIDATES_SUPPORT_H_
