// The calls of a scenario under a virtual clock: cases are kept in memory,
// decided by the kernel, and their clocks wait in the event calendar of the
// simulator. No service, no store: what is of all cases, as the queue at the
// door, is done here as a host with tables of its own does it.
#ifndef STEPWELL_TESTS_DOORS_VIRTUAL_SUPPORT_H_
#define STEPWELL_TESTS_DOORS_VIRTUAL_SUPPORT_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/intake.h"
#include "json/json.h"
#include "protocol/protocol.h"
#include "sim/event_calendar.h"
#include "stepwell/kernel.h"
#include "stepwell/scenario.h"

namespace stepwell::testing {

class VirtualService {
 public:
  // What cannot be done here is kUnimplemented, with the verb: what is no
  // affair of a case (the register of persons, parked input).
  absl::Status Do(const ScenarioCall& call);
  // The hash of the state by case.
  std::map<std::string, std::string> Hashes() const;

 private:
  struct Case {
    std::string id, person, state;  // person as the commands name it
    std::vector<std::string> records;
    std::map<uint32_t, Instant> clocks;
  };
  struct Due {
    size_t at = 0;  // the case
    uint32_t clock = 0;
  };

  absl::Status Submit(const std::string& text, Instant now);
  absl::Status Decide(size_t at, const std::string& command, Instant now);
  absl::Status Advance(Instant to);
  absl::Status LetIn(Instant now);
  engine::IntakeView LimitsNow(Instant now) const;
  absl::Status ServiceVerb(const std::string& verb, json::Value command);
  size_t CaseOf(json::Value command);
  void Keep(size_t at, const KernelDecision& decision);
  void Count(json::Value counters);

  std::shared_ptr<const Protocol> protocol_;
  std::shared_ptr<const protocol::Protocol> compiled_;  // whose queue it is
  KernelWorld world_;
  std::vector<Case> cases_;
  sim::EventCalendar<Due> calendar_;
  std::map<std::string, int64_t, std::less<>> counters_;
  std::set<std::string> command_ids_;
  std::map<std::string, std::string> zones_;  // of persons
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_DOORS_VIRTUAL_SUPPORT_H_
