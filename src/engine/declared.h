// Internal to the engine: what a case that is adopted says of its past.
#ifndef STEPWELL_ENGINE_DECLARED_H_
#define STEPWELL_ENGINE_DECLARED_H_

#include <string>
#include <vector>

#include "engine/adoption.h"
#include "engine/state.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

// By the state of the case, once all that was declared is in it.
class Declared {
 public:
  Declared(const protocol::Protocol& protocol, const CaseState& state)
      : protocol_(protocol), state_(state) {}

  // A clock of the case has begun, as far as is told, and has not ended.
  bool HasBegun(ClockDefId clock) const;
  // What ends the clock lies behind the case.
  bool IsOver(ClockDefId clock) const;

 private:
  bool HasEntered(PhaseId phase) const;
  bool HasLeft(PhaseId phase) const;
  bool HasHappened(const protocol::Trigger& trigger) const;
  bool WasLeftWith(const protocol::Trigger& by) const;
  bool LiesBehind(const protocol::Trigger& on) const;

  const protocol::Protocol& protocol_;
  const CaseState& state_;
};

// The clocks that would run by what was declared, do not, and of which nothing
// was said; in the order of the protocol.
std::vector<std::string> UndeclaredClocks(const protocol::Protocol& protocol,
                                          const CaseState& state,
                                          const AdoptCase& c);

// What whoever declares the case may have forgotten; empty: nothing.
std::string UndeclaredInWords(const protocol::Protocol& protocol,
                              const CaseState& state, const AdoptCase& c);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_DECLARED_H_
