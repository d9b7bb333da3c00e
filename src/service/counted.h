// What the counters of a store should say of its cases, counted from their logs
// and from what these fold to. Whoever checks counters counts by this.
#ifndef STEPWELL_SERVICE_COUNTED_H_
#define STEPWELL_SERVICE_COUNTED_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/functional/function_ref.h"
#include "base/fingerprint.h"
#include "engine/event.h"
#include "engine/state.h"
#include "protocol/protocol.h"

namespace stepwell::service {

using Counts = std::map<std::string, int64_t>;

// Adds what one case counts, as its state says.
void CountCase(const protocol::Protocol& protocol,
               const engine::CaseState& state, Counts& counts);

// Adds what has happened in one case and no state holds: how often the queue at
// the door has changed, starts, and whose turn it was. It is shown all events
// of the case, in order.
class EventCount {
 public:
  using VersionOf =
      absl::FunctionRef<const protocol::Protocol*(const Fingerprint&)>;
  explicit EventCount(Counts& counts) : counts_(counts) {}
  // `version`: of the protocol, nullptr when there is none such; it is asked
  // for what is of no use without names.
  void Take(const engine::Event& event, VersionOf version);

 private:
  void TakeTurn(const protocol::Protocol* under,
                const engine::CaseAssigned& assigned);

  Counts& counts_;
  Fingerprint pin_ = {};  // the version that the case is on
  Counts turned_;         // by the command so far
};

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_COUNTED_H_
