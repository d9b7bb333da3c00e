// Scenario files: a service played from a text, with what is expected of it
// (docs/formats/scenario.md). `stepwell run` and the tests play them.
#ifndef STEPWELL_SCENARIO_H_
#define STEPWELL_SCENARIO_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "stepwell/time.h"

namespace stepwell {

struct ScenarioOptions {
  // A protocol document or "catalogue:NAME"; empty: the script's own line.
  std::string protocol;
  std::string store = "memory:";
};

// What the player called, for whoever does the same by another way.
struct ScenarioCall {
  enum class Kind : uint8_t {
    kCreate,   // a service; `text` is its protocol
    kSubmit,   // `text` is the command
    kAdvance,  // to `now`
  };
  Kind kind = Kind::kSubmit;
  Instant now;
  std::string text;
  bool catch_up = false;
};
// One line of a file of calls (docs/reference/cli.md, run).
std::string ToJson(const ScenarioCall& call);

struct ScenarioResult {
  bool ok = true;
  // Of the first expectation that failed: its line, what was expected and how
  // that differs from what came.
  int line = 0;
  std::string message;
  std::string log;  // the events of the cases, one line each
  uint64_t commands = 0, events = 0, expectations = 0;
  std::vector<ScenarioCall> calls;
  // Case and the hash of its state at the end (CaseSummary::state_hash), of
  // every case that the script spoke of, in order of their ids.
  std::vector<std::pair<std::string, std::string>> cases;
};
std::string ToJson(const ScenarioResult& result);

// What the script's line "# protocol:" names: "catalogue:NAME", or a file
// beside the script, whose document the caller gives in the options. Empty
// without such a line.
std::string ScenarioProtocol(std::string_view script);

// A status means that the script itself cannot be read or played.
absl::StatusOr<ScenarioResult> PlayScenario(std::string_view script,
                                            const ScenarioOptions& options);

}  // namespace stepwell

#endif  // STEPWELL_SCENARIO_H_
