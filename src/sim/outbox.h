// The outbox of a simulation: effects that reach nobody. A SimulatedEffect is
// a type of its own without a way back: no live outbox takes it, nothing
// converts it into what one takes, and this room may not include the rooms
// that have one (tools/rooms.txt). A simulated command is named `sim/...`,
// which the runtime refuses.
#ifndef STEPWELL_SIM_OUTBOX_H_
#define STEPWELL_SIM_OUTBOX_H_

#include <cstdint>

#include "engine/command.h"
#include "engine/event.h"

namespace stepwell::sim {

// Names a simulated effect among those of its simulation. It is no number: an
// outbox row has no place for it.
class SimulatedEffectId {
 public:
  explicit SimulatedEffectId(uint64_t value) : value_(value) {}
  bool operator==(const SimulatedEffectId&) const = default;

 private:
  friend class SimulatedEffect;
  uint64_t value_;
};

class Simulator;

class SimulatedEffect {
 public:
  explicit SimulatedEffect(const engine::EffectRequested& requested)
      : id_(requested.effect),
        subject_(requested.subject),
        to_patient_(protocol::IsPatientsSide(requested.to)),
        // A rung of a ladder that speaks to the patient reminds them.
        reminds_(to_patient_ && requested.clock != UINT32_MAX) {}

  SimulatedEffectId id() const { return id_; }
  const engine::Subject& subject() const { return subject_; }
  bool to_patient() const { return to_patient_; }
  bool reminds() const { return reminds_; }

 private:
  friend class Simulator;
  // The command by which its own simulation settles it.
  engine::SettleEffect Delivered() const {
    return engine::SettleEffect{id_.value_, true, ""};
  }

  SimulatedEffectId id_;
  engine::Subject subject_;
  bool to_patient_, reminds_;
};

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_OUTBOX_H_
