// What has happened to a case before it came here: it says where it stands, and
// what lies behind it follows from the protocol.
#include "engine/declared.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace stepwell::engine {

using protocol::Trigger;
using protocol::TriggerKind;

// The case has been through the phase before, or is in it: phases stand in the
// order of the course.
bool Declared::HasEntered(PhaseId phase) const {
  const protocol::Phase& of = protocol_.at(phase);
  const auto& phases = protocol_.at(of.track).phases;
  const auto place = [&](PhaseId which) {
    return std::find(phases.begin(), phases.end(), which);
  };
  return place(phase) <= place(state_.tracks[of.track.value].phase);
}

bool Declared::HasLeft(PhaseId phase) const {
  return HasEntered(phase) &&
         state_.tracks[protocol_.at(phase).track.value].phase != phase;
}

// What was declared says that it has happened.
bool Declared::HasHappened(const Trigger& trigger) const {
  const auto any_item = [&](ItemStatus status) {
    return std::any_of(
        state_.items.begin(), state_.items.end(), [&](const ItemState& item) {
          return item.key.element.value == trigger.argument &&
                 item.status == status &&
                 (trigger.outcome.IsNone() || trigger.outcome == item.outcome);
        });
  };
  const auto any_enrolment = [&](auto has) {
    return std::any_of(state_.enrolments.begin(), state_.enrolments.end(),
                       [&](const EnrolmentState& enrolment) {
                         return enrolment.program.value == trigger.argument &&
                                has(enrolment);
                       });
  };
  switch (trigger.kind) {
    case TriggerKind::kReferralReceived:
      return std::any_of(state_.referrals.begin(), state_.referrals.end(),
                         [&](const Referral& referral) {
                           return trigger.argument == 0xFFFF ||
                                  referral.route.value == trigger.argument;
                         });
    case TriggerKind::kPhaseEntered:
      return HasEntered(PhaseId(trigger.argument));
    case TriggerKind::kPhaseLeft:
      return HasLeft(PhaseId(trigger.argument));
    case TriggerKind::kMilestone:
      return state_.Reached(MilestoneId(trigger.argument)) != nullptr;
    case TriggerKind::kItemDone:
    case TriggerKind::kDecision:
      return any_item(ItemStatus::kDone);
    case TriggerKind::kItemSkipped:
      return any_item(ItemStatus::kSkipped);
    case TriggerKind::kProgramStarted:
      return any_enrolment([](const EnrolmentState&) { return true; });
    case TriggerKind::kProgramCompleted:
      return any_enrolment([](const EnrolmentState& e) { return e.completed; });
    default:
      return false;
  }
}

// What is done in a phase was done when the case left it, declared or not.
bool Declared::WasLeftWith(const Trigger& by) const {
  if (HasHappened(by)) return true;
  if ((by.kind != TriggerKind::kItemDone &&
       by.kind != TriggerKind::kDecision) ||
      !by.outcome.IsNone()) {
    return false;
  }
  const protocol::Element& element = protocol_.at(ElementId(by.argument));
  return element.mode == protocol::ItemMode::kAuto &&
         element.when.text.empty() && !element.phase.IsNone() &&
         HasLeft(element.phase);
}

// It lies behind a case that has come further. A milestone was reached where a
// rule without a guard reaches it there. False of what cannot be told.
bool Declared::LiesBehind(const Trigger& on) const {
  if (on.kind != TriggerKind::kMilestone || HasHappened(on)) {
    return WasLeftWith(on);
  }
  return std::any_of(
      protocol_.rules.begin(), protocol_.rules.end(),
      [&](const protocol::Rule& rule) {
        return rule.guard.text.empty() && WasLeftWith(rule.on) &&
               std::any_of(rule.actions.begin(), rule.actions.end(),
                           [&](const protocol::Action& action) {
                             return action.kind ==
                                        protocol::ActionKind::kMilestone &&
                                    action.milestone.value == on.argument;
                           });
      });
}

bool Declared::IsOver(ClockDefId clock) const {
  const auto& stop = protocol_.at(clock).stop;
  return std::any_of(stop.begin(), stop.end(),
                     [&](const Trigger& on) { return LiesBehind(on); });
}

bool Declared::HasBegun(ClockDefId clock) const {
  const protocol::ClockDef& def = protocol_.at(clock);
  if (std::none_of(def.start.begin(), def.start.end(),
                   [&](const Trigger& on) { return LiesBehind(on); })) {
    return false;
  }
  // What runs from the phase that the case is in is not ended by its having
  // left another one before.
  const bool present =
      std::any_of(def.start.begin(), def.start.end(), [&](const Trigger& on) {
        return on.kind == TriggerKind::kPhaseEntered &&
               !HasLeft(PhaseId(on.argument)) &&
               HasEntered(PhaseId(on.argument));
      });
  return std::none_of(def.stop.begin(), def.stop.end(), [&](const Trigger& on) {
    return !(present && on.kind == TriggerKind::kPhaseLeft) && LiesBehind(on);
  });
}

std::vector<std::string> UndeclaredClocks(const protocol::Protocol& protocol,
                                          const CaseState& state,
                                          const AdoptCase& c) {
  const Declared declared(protocol, state);
  std::vector<std::string> names;
  for (uint16_t i = 0; i < protocol.clocks.size(); ++i) {
    const ClockDefId clock(i);
    if (protocol.IsOfCase(clock) && c.DeclarationOf(clock) == nullptr &&
        state.ClockOfCase(clock) == nullptr && declared.HasBegun(clock)) {
      names.push_back(protocol.clocks[i].id);
    }
  }
  return names;
}

std::string UndeclaredInWords(const protocol::Protocol& protocol,
                              const CaseState& state, const AdoptCase& c) {
  const auto clocks = UndeclaredClocks(protocol, state, c);
  if (clocks.empty()) return "";
  return absl::StrCat("clocks that would run were not declared: ",
                      absl::StrJoin(clocks, ", "));
}

}  // namespace stepwell::engine
