// Decisions: what criteria and tables come to, and what follows when the data
// decide by themselves.
#include "engine/decisions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/macrostep.h"
#include "protocol/decisions.h"

namespace stepwell::engine {

using fhirpath::Tri;
using protocol::Element;
using protocol::HitPolicy;
using protocol::OnUnknown;
using protocol::TableRule;
using protocol::TriggerKind;

namespace {

void TakeRow(Weighed& weighed, const TableRule& rule) {
  DecisionRecorded& decision = weighed.decision;
  decision.rules.push_back(rule.id);
  for (const OutcomeId outcome : rule.outcomes) {
    if (std::find(decision.outcomes.begin(), decision.outcomes.end(),
                  outcome) == decision.outcomes.end()) {
      decision.outcomes.push_back(outcome);
    }
  }
  weighed.opens.insert(weighed.opens.end(), rule.opens.begin(),
                       rule.opens.end());
}

// The rows in order. One that is unknown holds the table up, unless it says
// `raise`: then it counts as true. It is never passed over as if it were false.
Weighed WeighTable(const protocol::DecisionTable& table,
                   GuardEvaluator& guards) {
  Weighed weighed;
  DecisionRecorded& decision = weighed.decision;
  const bool first = table.hit == HitPolicy::kFirst;
  std::vector<std::string> unknown;
  for (const TableRule& rule : table.rules) {
    const Tri truth = guards.Evaluate(rule.guard);
    decision.criteria.push_back(AnswerOf(truth));
    AddLines(decision.inputs, guards.Read(rule.guard));
    if (truth == Tri::kFalse) continue;
    if (truth == Tri::kUnknown) {
      AddUnmet(weighed, guards, rule.id, rule.guard);
      if (rule.guard.on_unknown != OnUnknown::kRaise) {
        unknown.push_back(rule.id);
        weighed.ask = weighed.ask || rule.guard.on_unknown == OnUnknown::kAsk;
        if (first) break;
        continue;
      }
    }
    TakeRow(weighed, rule);
    if (first) break;
  }
  if (!unknown.empty()) {
    decision.rules = std::move(unknown);
    decision.outcomes.clear();
    decision.outcome = protocol::kUndetermined;
    weighed.opens.clear();
    return weighed;
  }
  if (decision.rules.empty()) {
    decision.rules.push_back(protocol::kOtherwise);
    decision.outcomes = table.otherwise;
  }
  decision.outcome = decision.outcomes.front();
  if (first) decision.outcomes.clear();  // `outcome` says it
  return weighed;
}

// What was opened for another reason is still to be done: only a decision says
// in the note what is to be found out.
void CloseQuestion(Macrostep& m, ElementId question) {
  if (question.IsNone() || m.IsAboutRisk(question)) return;
  for (uint32_t i = 0; i < m.state.items.size(); ++i) {
    const ItemState& item = m.state.items[i];
    if (item.key.element == question && IsOpen(item.status) &&
        !item.note.empty()) {
      m.EndItem(i, ItemStatus::kCancelled);
    }
  }
}

}  // namespace

Answer3 AnswerOf(Tri truth) {
  return truth == Tri::kTrue    ? Answer3::kYes
         : truth == Tri::kFalse ? Answer3::kNo
                                : Answer3::kUnknown;
}

void AddUnmet(Weighed& weighed, GuardEvaluator& guards, const std::string& id,
              const protocol::Guard& guard) {
  for (const std::string& line : guards.Unmet(guard)) {
    weighed.unmet.push_back(absl::StrCat(id, ": ", line));
  }
}

void AddLines(std::vector<std::string>& to, std::vector<std::string> lines) {
  for (std::string& line : lines) {
    if (std::find(to.begin(), to.end(), line) == to.end()) {
      to.push_back(std::move(line));
    }
  }
}

Weighed WeighDecision(const protocol::Protocol& protocol,
                      const CaseState& state, GuardEvaluator& guards,
                      ElementId id, Instant now) {
  const Element& element = protocol.at(id);
  Weighed weighed;
  if (element.table != nullptr) {
    weighed = WeighTable(*element.table, guards);
  } else if (element.predict != nullptr) {
    weighed = WeighPrediction(protocol, state, guards, id, now);
  } else {
    weighed = WeighCriteria(protocol, state, element, guards);
  }
  weighed.decision.element = id;
  weighed.decision.automatic = element.by_data;
  return weighed;
}

Weighed Macrostep::Weigh(ElementId id) {
  return WeighDecision(protocol, state, guards_, id, now);
}

void Macrostep::FinishDecision(uint32_t ordinal, const Weighed& weighed,
                               std::optional<int32_t> minutes) {
  const DecisionRecorded& decision = weighed.decision;
  const Element& element = protocol.at(decision.element);
  Emit(decision);
  CloseQuestion(*this, element.question);
  for (const ElementId open : weighed.opens) {
    if (MayOpen(open)) OpenItem(open);
  }
  if (!element.fact.IsNone()) {
    protocol::FactValue value;
    value.kind = protocol::FactValue::Kind::kText;
    value.text = protocol.outcomes[decision.outcome.value];
    SetFact(element.fact, value);
  }
  FinishItem(ordinal, decision.outcome, minutes);
  for (const OutcomeId outcome : decision.outcomes) {
    if (outcome == decision.outcome) continue;  // FinishItem said it
    Raise(TriggerKind::kDecision, decision.element.value, outcome,
          {SubjectKind::kItem, ordinal});
  }
}

bool Macrostep::Asks(const Element& element, const Weighed& weighed) {
  return weighed.ask && !element.question.IsNone() && MayOpen(element.question);
}

// Asks when what a decision reads is not known, and nobody is asking yet.
bool Macrostep::AskAbout(const Element& element, const Weighed& weighed) {
  if (!Asks(element, weighed)) return false;
  OpenItem(element.question, absl::StrJoin(weighed.unmet, "\n"));
  return true;
}

void Macrostep::EndWaits() {
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    const bool due =
        IsOpen(item.status) && item.again_at && *item.again_at <= now;
    const bool settles =
        !state.IsClosed() && !state.died_at && IsCurrent(item.key);
    if (!due || settles) continue;
    DecisionRecorded over;
    over.element = item.key.element;
    over.outcome = protocol::kUndetermined;
    over.automatic = true;
    Emit(std::move(over));
  }
}

bool Macrostep::DecideAutomatically() {
  if (state.died_at) return false;  // what still comes in is a person's to read
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ElementId id = state.items[i].key.element;
    const Element& element = protocol.at(id);
    if (!IsOpen(state.items[i].status)) continue;
    if (!element.by_data && element.table == nullptr) continue;
    // Of a phase that was left: open by a person's hand, and for a person.
    if (!IsCurrent(state.items[i].key)) continue;
    const Weighed weighed = Weigh(id);
    const OutcomeId outcome = weighed.decision.outcome;
    if (!element.by_data) {
      // A table that proposes: a person decides, and is helped to.
      if (AskAbout(element, weighed)) return true;
      continue;
    }
    if (outcome != protocol::kUndetermined) {
      // In safe mode it is open to a person, and made by data afterwards.
      if (world.IsSafeMode()) {
        if (!state.held_since) Emit(DecisionsHeld{true});
        continue;
      }
      FinishDecision(i, weighed, std::nullopt);
      return true;
    }
    const bool again = state.items[i].outcome == outcome;
    const bool waits_on =
        again && state.items[i].again_at == weighed.decision.again_at;
    // As before, and somebody is asking, or nobody may.
    if (waits_on && !Asks(element, weighed)) continue;
    Emit(weighed.decision);
    AskAbout(element, weighed);
    if (!again) {
      Raise(TriggerKind::kDecision, id.value, outcome, {SubjectKind::kItem, i});
    }
    return true;
  }
  return false;
}

}  // namespace stepwell::engine
