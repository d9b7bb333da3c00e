// Checks of safety: who is asked at night, when a ladder ends.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "protocol/coverage.h"
#include "protocol/loading.h"
#include "protocol/supervision.h"

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
      const std::string& last = clock.ladder.back().pointer;
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
  AddError(loading.issues, "ladder_never_ends", clock.ladder.back().pointer,
           "the ladder ends although the receiver may never confirm the "
           "transfer",
           "let the last rung `repeat`");
}

// A patient waits for what waits for a second sign.
void CheckSecondSign(Loading& loading) {
  const auto& supervision = loading.protocol.supervision;
  if (supervision == nullptr || !supervision->second_sign) return;
  CheckUnheard(loading, supervision->second_sign->due, "a second sign");
}

void CheckRiskQuestions(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const RiskPolicy& risk = protocol.risk;
  if (risk.tiers.empty()) return;  // nothing that the service asks is of risk
  CheckUnheard(loading, protocol.parking_clock, "input that fits no case");
  if (!risk.screen_element.IsNone() &&
      protocol.at(risk.screen_element).performer == Performer::kRelated) {
    AddError(loading.issues, "risk_not_wired", "/risk/screen_element",
             absl::StrCat("`", protocol.at(risk.screen_element).id,
                          "` would ask somebody else about the patient's own "
                          "risk, who may not even be on file"),
             "let the patient answer it, or a pool that asks them");
  }
  if (risk.missing_element.IsNone()) return;
  const Element& question = protocol.at(risk.missing_element);
  if (question.due.IsNone()) {
    AddError(loading.issues, "tells_nobody", "/risk/missing_element",
             absl::StrCat("`", question.id,
                          "` has no `due`: nobody would hear of an unanswered "
                          "risk question"));
  }
  CheckUnheard(loading, question.due, "an unanswered risk question");
  if (question.performer == Performer::kOwner) {
    AddError(loading.issues, "risk_not_wired", "/risk/missing_element",
             absl::StrCat("`", question.id,
                          "` is for the owner of the case, who may be off "
                          "duty, and a new case may have none"),
             "name a task whose `who` is a pool");
  }
  if (IsOutside(question.performer)) {
    AddError(loading.issues, "risk_not_wired", "/risk/missing_element",
             absl::StrCat("`", question.id,
                          "` is for the patient, who left the risk question "
                          "unanswered: nobody else would know"),
             "name a task whose `who` is a pool");
  }
}

// Nobody takes a question about risk back but who answers it.
void CheckCancelled(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const RiskPolicy& risk = protocol.risk;
  const auto visit = [&](const std::vector<Action>& actions,
                         const std::string& pointer) {
    for (size_t i = 0; i < actions.size(); ++i) {
      const ElementId id = actions[i].element;
      if (actions[i].kind != ActionKind::kCancel ||
          (id != risk.screen_element && id != risk.missing_element &&
           id != protocol.review_element)) {
        continue;
      }
      AddError(loading.issues, "risk_not_wired",
               absl::StrCat(pointer, "/do/", i, "/cancel"),
               absl::StrCat("`", protocol.at(id).id,
                            "` asks about risk, or is for a person to look "
                            "at: cancelled, nobody would"),
               "let it be answered, or have its clock escalate it");
    }
  };
  for (const Rule& rule : protocol.rules) visit(rule.actions, rule.pointer);
  for (const ClockDef& clock : protocol.clocks) {
    for (const Rung& rung : clock.ladder) visit(rung.actions, rung.pointer);
  }
}

// The engine takes a clock as one of risk when a rung of it raises an alert or
// passes alerts on.
bool RaisesAlerts(const ClockDef& clock) {
  return std::any_of(clock.ladder.begin(), clock.ladder.end(),
                     [](const Rung& rung) {
                       return Has(rung.actions, ActionKind::kRaiseAlert) ||
                              Has(rung.actions, ActionKind::kEscalateRisk);
                     });
}

// The clocks that stand for risk: of every tier, of the questions about it, and
// those that raise alerts.
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
  for (size_t i = 0; i < protocol.clocks.size(); ++i) {
    if (RaisesAlerts(protocol.clocks[i])) {
      add(ClockDefId(static_cast<uint16_t>(i)));
    }
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

// When the rules on something come up.
enum class ComesUp { kInTime, kWhenClosed, kNever };

// By every list of actions that reaches the milestone: the case may be closed
// when its rules come up, and what a list reaches after it has closed the case
// sets off none.
ComesUp RulesOn(const Protocol& protocol, MilestoneId milestone) {
  bool in_time = false, when_closed = false, never = false;
  const auto visit = [&](const std::vector<Action>& actions) {
    bool closed = false;
    for (const Action& action : actions) {
      closed = closed || action.kind == ActionKind::kCloseCase;
      if (action.kind != ActionKind::kMilestone ||
          action.milestone != milestone) {
        continue;
      }
      never = never || closed;
      const bool closes = Has(actions, ActionKind::kCloseCase);
      when_closed = when_closed || (closes && !closed);
      in_time = in_time || !closes;
    }
  };
  for (const Rule& rule : protocol.rules) visit(rule.actions);
  for (const ClockDef& clock : protocol.clocks) {
    for (const Rung& rung : clock.ladder) visit(rung.actions);
  }
  return in_time || (!when_closed && !never) ? ComesUp::kInTime
         : when_closed                       ? ComesUp::kWhenClosed
                                             : ComesUp::kNever;
}

// `heard`: what holds after the end is still done. The rule is reported where
// nothing of it is, else each action that is left out.
void ReportAfterClosing(Loading& loading, const Rule& rule, bool heard) {
  const auto report = [&](const std::string& pointer) {
    AddWarning(loading.issues, "never_fires", pointer,
               absl::StrCat("the case is closed before the rule `", rule.id,
                            "` comes up"),
               "put it before the rule that closes the case, on the same "
               "decision; only letters and what is owed go out later");
  };
  std::vector<std::string> left_out;
  for (size_t i = 0; i < rule.actions.size(); ++i) {
    if (heard && loading.protocol.HoldsAfterClosing(rule.actions[i])) continue;
    left_out.push_back(absl::StrCat(rule.pointer, "/do/", i));
  }
  if (left_out.size() == rule.actions.size()) {
    report(rule.pointer);
    return;
  }
  for (const std::string& pointer : left_out) report(pointer);
}

// What a rule begins after the case is closed: work written as an afterthought.
// Letters and what is owed still go out then.
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
    const ComesUp comes = rule.on.kind == TriggerKind::kMilestone
                              ? RulesOn(protocol, MilestoneId(rule.on.argument))
                          : late ? ComesUp::kWhenClosed
                                 : ComesUp::kInTime;
    if (comes != ComesUp::kInTime) {
      ReportAfterClosing(loading, rule, comes == ComesUp::kWhenClosed);
    }
    if (rule.on.kind == TriggerKind::kDecision && rule.guard.text.empty() &&
        Has(rule.actions, ActionKind::kCloseCase)) {
      closing.push_back(&rule);
    }
  }
}

}  // namespace

void CheckSafety(Loading& loading) {
  const RiskPolicy& risk = loading.protocol.risk;
  CheckAlertClocks(loading);
  CheckRiskClocks(loading);
  CheckRiskQuestions(loading);
  CheckCancelled(loading);
  CheckTransfer(loading);
  CheckSecondSign(loading);
  for (size_t i = 0; i < risk.tiers.size(); ++i) {
    CheckPoolChain(loading, risk.tiers[i], i);
  }
  CheckAfterClosing(loading);
}

}  // namespace stepwell::protocol
