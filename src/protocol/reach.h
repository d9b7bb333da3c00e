// Internal: what can happen at all in a protocol, as far as its structure
// tells: which phases are entered, which items open, which rules run. Guards
// are taken as true, but for the phases that they name. What a clinician may
// do by hand counts only where nothing else is said.
#ifndef STEPWELL_PROTOCOL_REACH_H_
#define STEPWELL_PROTOCOL_REACH_H_

#include <map>
#include <string_view>
#include <vector>

#include "protocol/protocol.h"

namespace stepwell::protocol {

using PhaseSet = std::vector<PhaseId>;

// Why an item never brings such an event about, whether or not it opens; null:
// it may.
const char* WhyNeverOf(const Element& element, TriggerKind kind);

// The phases of `track` in which the trigger can happen.
PhaseSet PhasesOf(const Protocol& protocol, const Track& track,
                  const Trigger& trigger);
// The phases of `track` in which the rule can run: its guard may name some.
PhaseSet PhasesOf(const Protocol& protocol, const Track& track,
                  const Rule& rule);

class Reach {
 public:
  // The protocol is without errors so far and outlives this. Of one that is
  // larger than any service everything is taken to happen.
  explicit Reach(const Protocol& protocol);

  // The phase is the first of its track, or something moves to it.
  bool entered(PhaseId phase) const {
    return gave_up_ || entered_[phase.value];
  }
  // Something moves from it to another phase.
  bool left(PhaseId phase) const;
  // From `from` the phase `to` can come up, at once or later.
  bool leads(PhaseId from, PhaseId to) const;
  // The item opens by itself, by an action, or only by hand.
  bool opens(ElementId element) const {
    return gave_up_ || opens_[element.value];
  }
  // Some action, question or duty names it for opening.
  bool has_opener(ElementId element) const { return opener_[element.value]; }
  bool runs(size_t rule) const { return gave_up_ || runs_[rule]; }
  // Some action reaches it, if that action ever runs.
  bool has_reacher(MilestoneId milestone) const {
    return reacher_[milestone.value];
  }
  bool raised(TierId tier) const { return gave_up_ || raised_[tier.value]; }
  // The phases of `track` in which the rule can run, found once.
  const PhaseSet& PhasesOfRule(const Track& track, size_t rule);
  // ... in which the steps of the clock can come.
  PhaseSet PhasesOfClock(const Track& track, size_t clock) const;
  // The item waits for `need` in vain: it never ends before this opens.
  bool NeverMet(ElementId element, ElementId need) const;
  bool MayHappen(const Trigger& trigger) const;

 private:
  void FindOpeners();
  bool Step();
  bool StepRules();
  bool StepClocks();
  bool StepElements();
  bool StepIntake();
  bool ClockRuns(size_t clock) const;
  bool OpenWith(const Element& element);
  bool MayOpen(size_t element) const;
  bool Perform(const std::vector<Action>& actions);
  template <class PhasesOn>
  bool Move(PhaseId to, PhasesOn phases_on);
  void Number();
  void Close();

  const Protocol& protocol_;
  bool gave_up_ = false;
  std::vector<bool> entered_, opens_, opener_, runs_, reached_, reacher_,
      raised_, clock_started_;
  std::vector<std::vector<ElementId>> due_;  // by clock: items it is due for
  std::vector<size_t> place_;                // of a phase in its track
  // By phase: where one move leads, where any number of them does; by place.
  std::vector<std::vector<bool>> edge_, path_;
  // By rule: the phases in which it can run, by number of the track.
  std::vector<std::map<size_t, PhaseSet>> rule_phases_;
};

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_REACH_H_
