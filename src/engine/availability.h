// What an item waits for: needs, locks, the releases of a program's modules.
// Pure reading of one case, for the engine, for explanations and for what the
// patient is offered.
#ifndef STEPWELL_ENGINE_AVAILABILITY_H_
#define STEPWELL_ENGINE_AVAILABILITY_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/state.h"
#include "engine/view.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

template <class T>
bool Contains(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// The index of the enrolment that the program's items belong to now: the last
// one of the episode (of any, when the program's phase carries over); -1 when
// there is none.
int32_t EnrolmentOf(const protocol::Protocol& protocol, const CaseState& state,
                    ProgramRef program);
// The same when it is running, else -1.
int32_t RunningEnrolmentOf(const protocol::Protocol& protocol,
                           const CaseState& state, ProgramRef program);

// The modules of the enrolment in the order in which they are taken.
std::vector<ElementId> SequenceOf(const protocol::Protocol& protocol,
                                  const EnrolmentState& enrolment);
// The same one by one: calls `visit` until it returns false.
template <class Visit>
void EachModule(const protocol::Protocol& protocol,
                const EnrolmentState& enrolment, Visit visit) {
  if (!enrolment.sequence.empty()) {
    for (const ElementId id : enrolment.sequence) {
      if (!visit(id)) return;
    }
    return;
  }
  for (const ElementId id : protocol.at(enrolment.program).modules) {
    const uint8_t set = protocol.at(id).set;
    const bool chosen = set == 0xFF || Contains(enrolment.sets, set);
    if (chosen && !visit(id)) return;
  }
}
// Whether a therapist looks at the homework at this level of guidance.
bool IsChecked(const protocol::Protocol& protocol,
               const EnrolmentState& enrolment);

// What the patient may take now, in the order of the document.
std::vector<ElementId> OfferedItems(const protocol::Protocol& protocol,
                                    const CaseState& state, Instant now);

class Availability {
 public:
  // Both must outlive it; the state may change between calls.
  Availability(const protocol::Protocol& protocol, const CaseState& state)
      : protocol_(protocol), state_(state) {}

  // Done or skipped.
  bool IsFinished(ElementId element) const;
  bool NeedsMet(const protocol::Element& element) const;
  // A clinician withholds it.
  bool IsLocked(ElementId element) const;
  // Of a program that goes on wherever the case is: a booster.
  bool IsOutside(ElementId element) const;
  // The module is in the sequence of the enrolment, and an exercise whose
  // module is.
  bool IsPartOf(const EnrolmentState& enrolment, ElementId element) const;
  // A module is released; an exercise's module has been opened; a check is
  // owed for what was handed in.
  bool IsReleased(const EnrolmentState& enrolment, ElementId element) const;

  // The patient may take it of their own accord: it is of where the case is,
  // nothing holds it back, and they have not had it yet.
  bool IsOffered(ElementId element, GuardEvaluator& guards) const;

  // Of a module: it and the exercises that it needs are done, or it is skipped.
  bool IsHandedIn(ElementId module) const;
  // ... and looked at, where somebody does.
  bool IsApproved(const EnrolmentState& enrolment, ElementId module) const;
  // What must be handed in before: the modules of `needs`, or the one before
  // it in the sequence that is not optional.
  std::vector<ElementId> ModulesBefore(const EnrolmentState& enrolment,
                                       ElementId module) const;
  // Weekly modules ahead of it in the sequence: so many weeks does it wait. All
  // of them when `module` is none.
  size_t WeeksBefore(const EnrolmentState& enrolment, ElementId module) const;
  // The score since the module before was opened says so; unknown is no.
  bool IsMastered(const EnrolmentState& enrolment, ElementId module) const;

 private:
  bool IsModuleReleased(const EnrolmentState& enrolment,
                        ElementId module) const;

  const protocol::Protocol& protocol_;
  const CaseState& state_;
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_AVAILABILITY_H_
