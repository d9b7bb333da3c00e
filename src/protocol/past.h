// Internal: what can lie behind a case that is in a phase: milestones, items,
// programs that come about there or in a phase from which a way leads to it.
// What a clinician does by hand counts; of what it cannot tell it says yes.
#ifndef STEPWELL_PROTOCOL_PAST_H_
#define STEPWELL_PROTOCOL_PAST_H_

#include <map>
#include <vector>

#include "protocol/protocol.h"
#include "protocol/reach.h"

namespace stepwell::protocol {

class Past {
 public:
  // Both outlive this.
  Past(const Protocol& protocol, const Reach& reach)
      : protocol_(protocol), reach_(reach) {}

  bool MayBeReached(MilestoneId milestone, PhaseId here) const;
  bool MayHaveOpened(ElementId element, PhaseId here) const;
  bool MayHaveRun(ProgramRef program, PhaseId here) const;
  // Something starts the clock of the case.
  bool MayRun(ClockDefId clock) const;
  bool entered(PhaseId phase) const { return reach_.entered(phase); }

 private:
  std::vector<bool> ReachedIn(PhaseId here) const;
  bool Ran(size_t clock, PhaseId here, const std::vector<bool>& reached) const;
  bool Happened(const Trigger& trigger, PhaseId here,
                const std::vector<bool>& reached) const;
  bool IsStarted(ClockDefId clock) const;
  bool Was(PhaseId phase, PhaseId here) const;

  const Protocol& protocol_;
  const Reach& reach_;
  // By phase: the milestones that may be reached there. Found when asked for.
  mutable std::map<uint16_t, std::vector<bool>> reached_;
};

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_PAST_H_
