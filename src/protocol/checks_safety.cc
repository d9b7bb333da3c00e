// Checks of safety: who is asked at night, when a ladder ends, who may end
// care.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "protocol/coverage.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// Says to a member of staff that there is work, or gives it to somebody else.
// More priority alone says nothing; a word to the patient helps nobody decide.
bool TellsStaff(const Rung& rung) {
  return std::any_of(rung.actions.begin(), rung.actions.end(),
                     [](const Action& action) {
                       return action.kind == ActionKind::kEscalate ||
                              action.kind == ActionKind::kEscalateRisk ||
                              (action.kind == ActionKind::kNotify &&
                               (action.to == Recipient::kOwner ||
                                action.to == Recipient::kPool));
                     });
}

constexpr char kTellHint[] =
    "add {\"notify\": {\"to\": \"owner\", \"template\": ...}} or "
    "{\"escalate\": ...} to it";

void CheckAlertClocks(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  std::vector<ClockDefId> seen;
  for (const Tier& tier : protocol.risk.tiers) {
    for (const ClockDefId id : {tier.acknowledge, tier.assess, tier.close}) {
      if (std::find(seen.begin(), seen.end(), id) != seen.end()) continue;
      seen.push_back(id);
      const ClockDef& clock = protocol.at(id);
      const std::string last =
          absl::StrCat(clock.pointer, "/ladder/", clock.ladder.size() - 1);
      if (!TellsStaff(clock.ladder.back())) {
        AddError(loading.issues, "tells_nobody", last,
                 absl::StrCat("this rung tells no member of staff of an alert "
                              "(tier ",
                              tier.id, ")"),
                 kTellHint);
      }
      if (clock.ladder.back().repeat) continue;
      AddError(loading.issues, "ladder_never_ends", last,
               absl::StrCat("after this rung nobody is told of an alert any "
                            "more (tier ",
                            tier.id, ")"),
               "give the last rung a `repeat`, for example \"1 hours\"");
    }
  }
}

// What may hide a risk behind it is heard of when nobody takes it: a question
// about risk, and input that could not be filed.
void CheckUnheard(Loading& loading, ClockDefId id, std::string_view what) {
  if (id.IsNone()) return;
  const ClockDef& clock = loading.protocol.at(id);
  if (std::any_of(clock.ladder.begin(), clock.ladder.end(), TellsStaff)) return;
  AddError(loading.issues, "tells_nobody",
           absl::StrCat(clock.pointer, "/ladder"),
           absl::StrCat("no rung tells a member of staff that ", ToAbsl(what),
                        " waits"),
           kTellHint);
}

// Whoever is handed over is looked after until the receiver has confirmed.
void CheckTransfer(Loading& loading) {
  const Transfer& transfer = loading.protocol.transfer;
  if (!transfer.allowed) return;
  CheckUnheard(loading, transfer.clock, "an unconfirmed transfer");
  const ClockDef& clock = loading.protocol.at(transfer.clock);
  if (clock.ladder.back().repeat) return;
  AddError(loading.issues, "ladder_never_ends",
           absl::StrCat(clock.pointer, "/ladder/", clock.ladder.size() - 1),
           "the ladder ends although the receiver may never confirm the "
           "transfer",
           "let the last rung `repeat`");
}

void CheckRiskQuestions(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const RiskPolicy& risk = protocol.risk;
  if (risk.tiers.empty()) return;  // nothing that the service asks is of risk
  CheckUnheard(loading, protocol.parking_clock, "input that fits no case");
  if (risk.missing_element.IsNone()) return;
  const Element& question = protocol.at(risk.missing_element);
  if (question.due.IsNone()) {
    AddError(loading.issues, "tells_nobody", "/risk/missing_element",
             absl::StrCat("`", question.id,
                          "` has no `due`: nobody would hear of an unanswered "
                          "risk question"));
  }
  CheckUnheard(loading, question.due, "an unanswered risk question");
  if (IsOutside(question.performer)) {
    AddError(loading.issues, "risk_not_wired", "/risk/missing_element",
             absl::StrCat("`", question.id,
                          "` is for the patient, who left the risk question "
                          "unanswered: nobody else would know"),
             "name a task whose `who` is a pool");
  }
}

// The clocks that stand for risk: of every tier, and of the questions about it.
std::vector<ClockDefId> RiskClocks(const Protocol& protocol) {
  std::vector<ClockDefId> clocks;
  const auto add = [&clocks](ClockDefId id) {
    if (!id.IsNone() &&
        std::find(clocks.begin(), clocks.end(), id) == clocks.end()) {
      clocks.push_back(id);
    }
  };
  const RiskPolicy& risk = protocol.risk;
  for (const Tier& tier : risk.tiers) {
    add(tier.acknowledge);
    add(tier.assess);
    add(tier.close);
  }
  for (const ElementId id : {risk.screen_element, risk.missing_element}) {
    if (!id.IsNone()) add(protocol.at(id).due);
  }
  return clocks;
}

// Risk does not wait: its clocks run on in a pause, and every rung fires.
void CheckRiskClocks(Loading& loading) {
  for (const ClockDefId id : RiskClocks(loading.protocol)) {
    const ClockDef& clock = loading.protocol.at(id);
    if (clock.pauses) {
      AddError(loading.issues, "risk_clock_pauses",
               absl::StrCat(clock.pointer, "/pauses"),
               absl::StrCat("the clock `", clock.id,
                            "` watches over risk and would stand still while "
                            "the case is paused"),
               "leave `pauses` out, or give risk a clock of its own");
    }
    if (clock.late != LatePolicy::kFire) {
      AddError(loading.issues, "risk_clock_late",
               absl::StrCat(clock.pointer, "/late"),
               absl::StrCat("the clock `", clock.id,
                            "` watches over risk: after a gap each of its "
                            "rungs fires"),
               "leave `late` out, or write \"fire\"");
    }
  }
}

// Somebody answers at every hour: the pool, its fallback, and so on, by turns
// or one that never closes.
void CheckPoolChain(Loading& loading, const Tier& tier, size_t index) {
  const Protocol& protocol = loading.protocol;
  const std::string pointer = absl::StrCat("/risk/tiers/", index, "/pool");
  const PoolChain chain = ChainOf(protocol, tier.pool);
  const std::optional<Instant> gap = FirstGap(loading, chain.pools);
  if (!gap) return;
  const std::string names = NamesOf(protocol, chain);
  if (chain.round) {
    AddError(loading.issues, "cycle", pointer,
             absl::StrCat("these pools fall back on each other: ", names));
    return;
  }
  AddError(loading.issues, "pool_chain_closed", pointer,
           absl::StrCat("nobody is on duty at some hours, as on ",
                        FormatInstant(*gap, *protocol.zone), ": ", names),
           "let the last `fallback` be a pool whose calendar is always open, "
           "or let the pools cover day and night by turns");
}

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

bool Has(const std::vector<Action>& actions, ActionKind kind) {
  return std::any_of(
      actions.begin(), actions.end(),
      [kind](const Action& action) { return action.kind == kind; });
}

// True when every list of actions that reaches the milestone closes the case
// as well: a closed case runs no rules, so nothing hears of the milestone.
bool OnlyReachedWhenClosing(const Protocol& protocol, MilestoneId milestone) {
  bool reached = false, open = false;
  const auto visit = [&](const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      if (action.kind != ActionKind::kMilestone ||
          action.milestone != milestone) {
        continue;
      }
      reached = true;
      open = open || !Has(actions, ActionKind::kCloseCase);
    }
  };
  for (const Rule& rule : protocol.rules) visit(rule.actions);
  for (const ClockDef& clock : protocol.clocks) {
    for (const Rung& rung : clock.ladder) visit(rung.actions);
  }
  return reached && !open;
}

// Rules that would run after the case is closed: letters written as an
// afterthought are the usual case.
void CheckAfterClosing(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  std::vector<const Rule*> closing;
  for (const Rule& rule : protocol.rules) {
    const bool late =
        std::any_of(closing.begin(), closing.end(), [&](const Rule* earlier) {
          return rule.on.kind == TriggerKind::kDecision &&
                 earlier->on.argument == rule.on.argument &&
                 (earlier->on.outcome == rule.on.outcome ||
                  earlier->on.outcome.IsNone());
        });
    const bool unheard =
        rule.on.kind == TriggerKind::kMilestone &&
        OnlyReachedWhenClosing(protocol, MilestoneId(rule.on.argument));
    if (late || unheard) {
      AddWarning(loading.issues, "never_fires", rule.pointer,
                 absl::StrCat("the case is closed before the rule `", rule.id,
                              "` comes up"),
                 "put it before the rule that closes the case, on the same "
                 "decision");
    }
    if (rule.on.kind == TriggerKind::kDecision && rule.guard.text.empty() &&
        Has(rule.actions, ActionKind::kCloseCase)) {
      closing.push_back(&rule);
    }
  }
}

// Final phases that a case is closed in: to come there is the end of care.
std::vector<PhaseId> EndPhases(const Protocol& protocol) {
  std::vector<PhaseId> phases;
  for (const Rule& rule : protocol.rules) {
    if (!Has(rule.actions, ActionKind::kCloseCase)) continue;
    for (const Action& action : rule.actions) {
      if (action.kind == ActionKind::kMove && protocol.at(action.phase).final &&
          std::find(phases.begin(), phases.end(), action.phase) ==
              phases.end()) {
        phases.push_back(action.phase);
      }
    }
  }
  return phases;
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
    case TriggerKind::kReferralReceived:
    case TriggerKind::kProgramCompleted:
    case TriggerKind::kMessageReceived:
      return true;
    case TriggerKind::kItemDone:
      return IsOutside(protocol.at(ElementId(on.argument)).performer);
    default:
      return false;
  }
}

// The phase goes to its end, and everything in it, without anybody's word.
void ReportEndMoves(Loading& loading, const std::vector<PhaseId>& ends,
                    const std::vector<Action>& actions,
                    const std::string& pointer) {
  for (size_t i = 0; i < actions.size(); ++i) {
    if (actions[i].kind != ActionKind::kMove ||
        std::find(ends.begin(), ends.end(), actions[i].phase) == ends.end()) {
      continue;
    }
    AddError(loading.issues, "ending_without_person",
             absl::StrCat(pointer, "/do/", i),
             "this moves to the phase in which cases are closed without a "
             "person's decision",
             "open a decision item of staff here, and move on "
             "\"decision:item=outcome\"");
  }
}

void CheckEndings(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const std::vector<PhaseId> ends = EndPhases(protocol);
  bool closes = false;
  for (const Rule& rule : protocol.rules) {
    closes = closes || Has(rule.actions, ActionKind::kCloseCase);
    if (!IsPersonsDecision(protocol, rule.on)) {
      ReportEndings(loading, rule.actions, rule.pointer);
    }
    if (IsNobodysAct(protocol, rule.on)) {
      ReportEndMoves(loading, ends, rule.actions, rule.pointer);
    }
  }
  for (const ClockDef& clock : protocol.clocks) {
    for (size_t i = 0; i < clock.ladder.size(); ++i) {
      const std::string rung = absl::StrCat(clock.pointer, "/ladder/", i);
      ReportEndings(loading, clock.ladder[i].actions, rung);
      ReportEndMoves(loading, ends, clock.ladder[i].actions, rung);
    }
  }
  if (!closes) {
    AddWarning(loading.issues, "never_closes", "/rules",
               "no rule closes a case",
               "close it on a decision: {\"close_case\": \"completed\"}");
  }
}

}  // namespace

void CheckSafety(Loading& loading) {
  const RiskPolicy& risk = loading.protocol.risk;
  CheckAlertClocks(loading);
  CheckRiskClocks(loading);
  CheckRiskQuestions(loading);
  CheckTransfer(loading);
  for (size_t i = 0; i < risk.tiers.size(); ++i) {
    CheckPoolChain(loading, risk.tiers[i], i);
  }
  CheckEndings(loading);
  CheckAfterClosing(loading);
}

}  // namespace stepwell::protocol
