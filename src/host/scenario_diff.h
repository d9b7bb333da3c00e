// Internal: what a failed expectation of a scenario file is told: how it
// differs from what came nearest.
#ifndef STEPWELL_HOST_SCENARIO_DIFF_H_
#define STEPWELL_HOST_SCENARIO_DIFF_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace stepwell::host {

// The first word and every other word of `expected` stand in the event's line.
bool EventMatches(const std::string& expected, const std::string& event);

// An error when no event has that name, or not those fields: a line that can
// never be met would say nothing by being missed.
absl::Status CheckEventLine(const std::string& expected);

// A command of a scenario and the events that came of it.
struct ScenarioStep {
  int line = 0;
  std::string command;  // as the script has it
  std::vector<std::string> events;
  // The line of the script that each event has met; 0: none yet.
  std::vector<int> met_by;
};

// Why `expected` is not among the events of `now`: lines that begin with a new
// line. `before` and `after` are the steps of the other commands.
std::string EventDifference(const std::string& expected,
                            const ScenarioStep& now,
                            std::span<const ScenarioStep> before,
                            std::span<const ScenarioStep> after);

// The first events, one a line, and how many there are besides.
std::string EventList(const std::vector<std::string>& events);

// Entries that were expected (`-`), and that came instead (`+`), one a line;
// empty when that would tell no more than the lists themselves.
std::string ListDifference(const std::vector<std::string>& expected,
                           const std::vector<std::string>& got);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_SCENARIO_DIFF_H_
