#include "engine/safe_mode.h"

#include <algorithm>

namespace stepwell::engine {

namespace {

bool IsAboutRisk(const protocol::Protocol& protocol, const CaseState& state,
                 const Subject& subject) {
  if (subject.kind == SubjectKind::kAlert) return true;
  if (subject.kind != SubjectKind::kItem ||
      subject.ordinal >= state.items.size()) {
    return false;
  }
  const protocol::ElementId element = state.items[subject.ordinal].key.element;
  return element == protocol.risk.screen_element ||
         element == protocol.risk.missing_element;
}

bool IsOfRisk(const protocol::Action& action) {
  return action.kind == protocol::ActionKind::kRaiseAlert ||
         action.kind == protocol::ActionKind::kEscalateRisk;
}

// It draws the eyes of staff to what waits for them, and does nothing else.
bool CallsStaff(const protocol::Action& action) {
  switch (action.kind) {
    case protocol::ActionKind::kPriority:
    case protocol::ActionKind::kEscalate:
      return true;
    case protocol::ActionKind::kNotify:
      return action.to == protocol::Recipient::kOwner ||
             action.to == protocol::Recipient::kPool;
    default:
      return IsOfRisk(action);
  }
}

bool OnlyCallsStaff(const protocol::ClockDef& def) {
  return def.window == nullptr &&
         std::all_of(def.ladder.begin(), def.ladder.end(),
                     [](const protocol::Rung& rung) {
                       return std::all_of(rung.actions.begin(),
                                          rung.actions.end(), CallsStaff);
                     });
}

}  // namespace

bool IsOfRisk(const protocol::Protocol& protocol, const CaseState& state,
              const ClockState& clock) {
  if (IsAboutRisk(protocol, state, clock.subject)) return true;
  if (clock.def.IsNone()) return false;
  const auto& ladder = protocol.at(clock.def).ladder;
  return std::any_of(
      ladder.begin(), ladder.end(), [](const protocol::Rung& rung) {
        return std::any_of(
            rung.actions.begin(), rung.actions.end(),
            [](const protocol::Action& action) { return IsOfRisk(action); });
      });
}

bool FiresInSafeMode(const protocol::Protocol& protocol, const CaseState& state,
                     uint64_t clock) {
  if (clock >= kInnerClocks[0]) {
    return clock != kHeldClock && clock != kWeekClock && clock != kQuietClock;
  }
  for (const ClockState& each : state.clocks) {
    if (each.ordinal != clock) continue;
    return each.subject.kind == SubjectKind::kMessage ||
           IsOfRisk(protocol, state, each) ||
           (!each.def.IsNone() && OnlyCallsStaff(protocol.at(each.def)));
  }
  return true;  // of the index only: an advance names it
}

}  // namespace stepwell::engine
