// Checks of endings: care ends by a person's decision. What time, data or the
// patient bring about is followed through milestones and phases.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// Ends care, or tells a referrer that it ended.
bool IsEnding(const Action& action) {
  return action.kind == ActionKind::kCloseCase ||
         action.kind == ActionKind::kAnswerReferrals;
}

bool IsPersonsDecision(const Protocol& protocol, const Trigger& trigger) {
  if (trigger.kind != TriggerKind::kDecision) return false;
  const Element& element = protocol.at(ElementId(trigger.argument));
  // Or one without a person, for which somebody answers by name.
  if (element.by_data) return !element.approver.empty();
  return !IsOutside(element.performer);
}

void ReportEndings(Loading& loading, const std::vector<Action>& actions,
                   const std::string& pointer) {
  for (size_t i = 0; i < actions.size(); ++i) {
    if (!IsEnding(actions[i])) continue;
    AddError(loading.issues, "ending_without_person",
             absl::StrCat(pointer, "/do/", i),
             "this ends care without a person's decision",
             "open a decision item of staff here, and end on "
             "\"decision:item=outcome\"; or let somebody answer for it: "
             "`automatic`: {\"approver\": ...} on the decision");
  }
}

// What data, time or the patient alone can bring about.
bool IsNobodysAct(const Protocol& protocol, const Trigger& on) {
  switch (on.kind) {
    case TriggerKind::kDecision:
      return !IsPersonsDecision(protocol, on);
    case TriggerKind::kItemAvailable:
    case TriggerKind::kItemExpired:
    case TriggerKind::kNoShow:
    case TriggerKind::kBooked:
    case TriggerKind::kCancelled:
    case TriggerKind::kLateCancelled:
    case TriggerKind::kSeriesCompleted:
    case TriggerKind::kGroupStarted:
    case TriggerKind::kGroupShort:
    case TriggerKind::kResponse:
    case TriggerKind::kFact:
    case TriggerKind::kPatientActive:
    case TriggerKind::kProgramActive:
    case TriggerKind::kReferralReceived:
    case TriggerKind::kProgramStarted:
    case TriggerKind::kProgramCompleted:
    case TriggerKind::kMessageReceived:
    case TriggerKind::kAlertRaised:
    case TriggerKind::kFollowUpAnswered:
    case TriggerKind::kFollowUpMissed:
      return true;
    case TriggerKind::kItemDone:
      return IsOutside(protocol.at(ElementId(on.argument)).performer);
    default:
      return false;
  }
}

// Tracks whose end is the end of care: those that come to it when a case is
// closed; where none does, all that have work.
std::set<uint16_t> TracksOfCare(const Protocol& protocol) {
  std::set<uint16_t> closed, working;
  for (const Rule& rule : protocol.rules) {
    if (!Has(rule.actions, ActionKind::kCloseCase)) continue;
    for (const Action& action : rule.actions) {
      if (action.kind == ActionKind::kMove && protocol.at(action.phase).final) {
        closed.insert(protocol.at(action.phase).track.value);
      }
    }
  }
  for (const Phase& phase : protocol.phases) {
    if (!phase.elements.empty()) working.insert(phase.track.value);
  }
  return closed.empty() ? working : closed;
}

// Their final phases.
std::set<uint16_t> EndPhases(const Protocol& protocol) {
  const std::set<uint16_t> tracks = TracksOfCare(protocol);
  std::set<uint16_t> ends;
  for (size_t i = 0; i < protocol.phases.size(); ++i) {
    const Phase& phase = protocol.phases[i];
    if (phase.final && tracks.count(phase.track.value) != 0) {
      ends.insert(static_cast<uint16_t>(i));
    }
  }
  return ends;
}

// Which rules run without any person's act, directly or through a milestone or
// a phase that comes about so.
class Unattended {
 public:
  explicit Unattended(const Protocol& protocol)
      : protocol_(protocol), rules_(protocol.rules.size()) {
    for (const ClockDef& clock : protocol.clocks) {
      for (const Rung& rung : clock.ladder) Take(rung.actions);
    }
    bool news = true;
    while (news) {
      news = false;
      for (size_t i = 0; i < rules_.size(); ++i) {
        if (rules_[i] || !Happens(protocol.rules[i].on)) continue;
        rules_[i] = news = true;
        Take(protocol.rules[i].actions);
      }
    }
  }

  bool Has(size_t rule) const { return rules_[rule]; }

 private:
  void Take(const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      if (action.kind == ActionKind::kMilestone) {
        milestones_.insert(action.milestone.value);
      } else if (action.kind == ActionKind::kMove) {
        phases_.insert(action.phase.value);
      } else if (action.kind == ActionKind::kEndEnrolment) {
        programs_.insert(action.program.value);
      }
    }
  }

  bool Happens(const Trigger& on) const {
    switch (on.kind) {
      case TriggerKind::kMilestone:
        return milestones_.count(on.argument) != 0;
      case TriggerKind::kPhaseEntered:
        return phases_.count(on.argument) != 0;
      case TriggerKind::kPhaseLeft:
        return Leaves(PhaseId(on.argument));
      case TriggerKind::kProgramEnded:
        return programs_.count(on.argument) != 0;
      default:
        return IsNobodysAct(protocol_, on);
    }
  }

  bool Leaves(PhaseId phase) const {
    const Track& track = protocol_.at(protocol_.at(phase).track);
    return std::any_of(track.phases.begin(), track.phases.end(),
                       [&](PhaseId to) {
                         return to != phase && phases_.count(to.value) != 0;
                       });
  }

  const Protocol& protocol_;
  std::vector<bool> rules_;
  std::set<uint16_t> milestones_, phases_, programs_;
};

// The phase goes to its end, and everything in it, without anybody's word.
void ReportEndMoves(Loading& loading, const std::set<uint16_t>& ends,
                    const std::vector<Action>& actions,
                    const std::string& pointer) {
  for (size_t i = 0; i < actions.size(); ++i) {
    if (actions[i].kind != ActionKind::kMove ||
        ends.count(actions[i].phase.value) == 0) {
      continue;
    }
    AddError(loading.issues, "ending_without_person",
             absl::StrCat(pointer, "/do/", i),
             "this moves to the end of care without a person's decision",
             "open a decision item of staff here, and move on "
             "\"decision:item=outcome\"");
  }
}

}  // namespace

void CheckEndings(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const std::set<uint16_t> ends = EndPhases(protocol);
  const Unattended unattended(protocol);
  bool closes = false;
  for (size_t i = 0; i < protocol.rules.size(); ++i) {
    const Rule& rule = protocol.rules[i];
    closes = closes || Has(rule.actions, ActionKind::kCloseCase);
    if (!IsPersonsDecision(protocol, rule.on)) {
      ReportEndings(loading, rule.actions, rule.pointer);
    }
    if (unattended.Has(i)) {
      ReportEndMoves(loading, ends, rule.actions, rule.pointer);
    }
  }
  for (const ClockDef& clock : protocol.clocks) {
    for (const Rung& rung : clock.ladder) {
      ReportEndings(loading, rung.actions, rung.pointer);
      ReportEndMoves(loading, ends, rung.actions, rung.pointer);
    }
  }
  if (!closes) {
    AddWarning(loading.issues, "never_closes", "/rules",
               "no rule closes a case",
               "close it on a decision: {\"close_case\": \"completed\"}");
  }
}

}  // namespace stepwell::protocol
