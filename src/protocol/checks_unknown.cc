// Checks of decisions: what is not known ends nothing and clears nobody, and
// somebody hears of a course that goes wrong.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "protocol/decisions.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// Below it clinicians found a prediction of no use: Forsell et al. 2022,
// Internet Interventions, 100554 (the bar that they compare with is 67 %).
const fhirpath::Decimal kUsefulAccuracy(67, 2);

// The outcomes that a decision comes to because something is not known.
std::vector<OutcomeId> OutcomesOfUnknown(const Element& element) {
  std::vector<OutcomeId> outcomes;
  for (const Criterion& criterion : element.criteria) {
    if (criterion.guard.on_unknown == OnUnknown::kRaise) {
      outcomes.push_back(kIneligible);
    }
  }
  if (element.table != nullptr) {
    for (const TableRule& rule : element.table->rules) {
      if (rule.guard.on_unknown != OnUnknown::kRaise) continue;
      outcomes.insert(outcomes.end(), rule.outcomes.begin(),
                      rule.outcomes.end());
    }
  }
  if (element.predict != nullptr &&
      element.predict->on_unknown == OnUnknown::kRaise) {
    outcomes.push_back(element.predict->red);
  }
  return outcomes;
}

// What a person decides is theirs, whatever a table proposes.
void CheckEndings(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  for (const Rule& rule : protocol.rules) {
    if (rule.on.kind != TriggerKind::kDecision) continue;
    const Element& element = protocol.at(ElementId(rule.on.argument));
    const bool ends = std::any_of(
        rule.actions.begin(), rule.actions.end(), [](const Action& action) {
          return action.kind == ActionKind::kCloseCase ||
                 action.kind == ActionKind::kAnswerReferrals;
        });
    if (!ends || !element.by_data) continue;
    for (const OutcomeId outcome : OutcomesOfUnknown(element)) {
      if (!rule.on.outcome.IsNone() && rule.on.outcome != outcome) continue;
      AddError(loading.issues, "unknown_decides",
               absl::StrCat(rule.pointer, "/on"),
               absl::StrCat("`", element.id, "` comes to `",
                            protocol.outcomes[outcome.value],
                            "` by `raise` when something is not known, and "
                            "this would end care by itself"),
               "write ask or block there, or open a person's decision here");
      break;
    }
  }
}

void CheckCleared(Loading& loading, const Element& element) {
  if (element.table == nullptr) return;
  const auto& rules = element.table->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    const auto& outcomes = rules[i].outcomes;
    if (rules[i].guard.on_unknown != OnUnknown::kRaise ||
        std::find(outcomes.begin(), outcomes.end(), kEligible) ==
            outcomes.end()) {
      continue;
    }
    AddError(loading.issues, "unknown_decides",
             absl::StrCat(element.pointer, "/table/rules/", i, "/on_unknown"),
             "this row would call somebody eligible because something is not "
             "known",
             "write ask or block");
  }
}

// A red course opens work of a person's: that is what it is computed for.
void CheckHeard(Loading& loading, ElementId id) {
  const Protocol& protocol = loading.protocol;
  const Element& element = protocol.at(id);
  const auto opens_work = [&](const Action& action) {
    return action.kind == ActionKind::kRaiseAlert ||
           (action.kind == ActionKind::kOpen &&
            !IsOutside(protocol.at(action.element).performer));
  };
  for (const Rule& rule : protocol.rules) {
    if (rule.on.kind == TriggerKind::kDecision &&
        rule.on.argument == id.value &&
        (rule.on.outcome.IsNone() || rule.on.outcome == element.predict->red) &&
        std::any_of(rule.actions.begin(), rule.actions.end(), opens_work)) {
      return;
    }
  }
  AddError(loading.issues, "prediction_unheard",
           absl::StrCat(element.pointer, "/predict"),
           absl::StrCat("no rule opens work for a person when `", element.id,
                        "` is red"),
           absl::StrCat("add a rule on `decision:", element.id,
                        "=red` that opens a decision of the owner's with the "
                        "adaptations as its outcomes"));
}

void CheckUseful(Loading& loading, const Element& element) {
  if (!element.predict->linear ||
      fhirpath::Compare(element.predict->linear->model.balanced_accuracy,
                        kUsefulAccuracy) >= 0) {
    return;
  }
  AddWarning(
      loading.issues, "weak_prediction",
      absl::StrCat(element.pointer, "/predict/linear/model/balanced_accuracy"),
      "with a balanced accuracy under 0.67 a prediction is hardly of "
      "use to a therapist (Forsell et al. 2022)");
}

}  // namespace

void CheckUnknown(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  CheckEndings(loading);
  for (size_t i = 0; i < protocol.elements.size(); ++i) {
    const ElementId id(static_cast<uint16_t>(i));
    const Element& element = protocol.at(id);
    CheckCleared(loading, element);
    if (element.predict == nullptr) continue;
    CheckHeard(loading, id);
    CheckUseful(loading, element);
  }
}

}  // namespace stepwell::protocol
