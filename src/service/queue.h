// The queue at the door over all cases: how much of its limits is used, whose
// turn it is, and what is to be told of somebody's place. Pure.
#ifndef STEPWELL_SERVICE_QUEUE_H_
#define STEPWELL_SERVICE_QUEUE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/intake.h"
#include "engine/service_stream.h"
#include "protocol/intake.h"
#include "service/caseload.h"

namespace stepwell::service {

// The value of a counter; 0 when there is none.
using CounterOf = std::function<int64_t(std::string_view name)>;

// The limits of the protocol and what is used of them.
engine::IntakeView LimitsNow(const protocol::Protocol& protocol,
                             const engine::ServiceState& service,
                             const Caseloads& caseloads, Instant now,
                             const CounterOf& counter);

// The places that there are now. Those of a pool are what the limits of its
// members allow who are not on leave; a case that weighs more than one leaves
// fewer for the others, and one that weighs less leaves more.
int64_t PlacesNow(const protocol::Protocol& protocol,
                  const engine::ServiceState& service,
                  const Caseloads& caseloads, Instant now);
// Why the pool has no place to give: "the pool therapists has no member".
std::string WhoIsMissing(const protocol::Protocol& protocol,
                         const engine::ServiceState& service, Instant now);

// Nobody at all can be let in, whoever it is.
bool IsClosedToAll(const protocol::Intake& intake,
                   const engine::IntakeView& view);

// When the first throttle opens of which nothing is left; Never when all let
// somebody in.
Instant NextOpening(const protocol::Intake& intake,
                    const engine::IntakeView& view, Instant now);

// Who stands before a case, as counts: never who they are.
struct Ahead {
  uint64_t all = 0;
  std::map<std::string, uint64_t> by_class;
  std::map<std::string, uint64_t> by_throttle;
  void Count(const engine::IntakeState& place);
};

// What keeps the case in the queue, in words, and what would let it in.
struct QueueWords {
  std::vector<std::string> reasons, would_open;
  // When it can be let in if all before it are: by the throttles alone, since
  // nobody knows when a place is given back.
  Instant not_before;
};
QueueWords WordsOf(const protocol::Protocol& protocol,
                   const engine::CaseState& state,
                   const engine::ServiceState& service,
                   const engine::IntakeView& view, const Ahead& ahead,
                   uint64_t total, Instant now);

// The running wait that the law counts, of the case; nullptr when none runs.
const engine::ClockState* LegalClockOf(const protocol::Protocol& protocol,
                                       const engine::CaseState& state);

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_QUEUE_H_
