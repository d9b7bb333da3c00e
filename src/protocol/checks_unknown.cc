// Checks of decisions: what is not known ends nothing and clears nobody, and
// somebody hears of a course that goes wrong.
#include <algorithm>
#include <set>
#include <string>

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
  if (element.predict == nullptr) return outcomes;
  const Prediction& predict = *element.predict;
  if (predict.on_unknown == OnUnknown::kRaise) outcomes.push_back(predict.red);
  // A mean that stands in for what is missing may tip it to any side.
  if (predict.linear &&
      std::any_of(predict.linear->terms.begin(), predict.linear->terms.end(),
                  [](const LinearTerm& term) { return term.mean; })) {
    for (const OutcomeId colour :
         {predict.green, predict.yellow, predict.red}) {
      outcomes.push_back(colour);
    }
  }
  return outcomes;
}

// Facts and milestones that come about because something is not known, directly
// or through each other.
class Guesses {
 public:
  explicit Guesses(const Protocol& protocol) : protocol_(protocol) {
    size_t before = 0;
    do {
      before = marked_.size();
      for (const Element& element : protocol.elements) {
        if (element.by_data && !element.fact.IsNone() &&
            (!OutcomesOfUnknown(element).empty() || Reads(element))) {
          marked_.insert("facts." + protocol.at(element.fact).id);
        }
      }
      for (const Rule& rule : protocol.rules) {
        if (IsGuess(rule.guard)) Take(rule.actions);
      }
    } while (marked_.size() != before);
  }

  // The guard takes what is not known for true, or reads what does.
  bool IsGuess(const Guard& guard) const {
    return guard.program != nullptr &&
           (guard.on_unknown == OnUnknown::kRaise || Reads(guard));
  }
  // Some criterion or row of the decision reads it.
  bool Reads(const Element& element) const {
    const auto reads = [this](const auto& row) { return Reads(row.guard); };
    return std::any_of(element.criteria.begin(), element.criteria.end(),
                       reads) ||
           (element.table != nullptr &&
            std::any_of(element.table->rules.begin(),
                        element.table->rules.end(), reads));
  }

 private:
  bool Reads(const Guard& guard) const {
    if (guard.program == nullptr) return false;
    const auto& paths = guard.program->reads();
    return std::any_of(paths.begin(), paths.end(), [this](const auto& path) {
      return path.size() > 1 && marked_.count(path[0] + "." + path[1]) != 0;
    });
  }

  void Take(const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      if (action.kind == ActionKind::kSetFact) {
        marked_.insert("facts." + protocol_.at(action.fact).id);
      } else if (action.kind == ActionKind::kMilestone) {
        marked_.insert("milestones." +
                       protocol_.milestones[action.milestone.value].id);
      }
    }
  }

  const Protocol& protocol_;
  std::set<std::string> marked_;  // "facts.bad"
};

constexpr char kEndsUnknown[] =
    "write ask or block there, for a term unknown, or open a person's "
    "decision here";

constexpr char kAdmitsUnknown[] =
    "write ask or block there, or open a person's decision here";

// What a rule must not do because something is not known.
struct Step {
  const char* does;  // "end care"
  const char* hint;
};
constexpr Step kEnding = {"end care", kEndsUnknown};
constexpr Step kEntering = {"let somebody into treatment", kAdmitsUnknown};

// An outcome of the rule's decision that comes of what is not known.
void CheckOutcomeOfUnknown(Loading& loading, const Rule& rule,
                           const Guesses& guesses, const Step& step) {
  const Protocol& protocol = loading.protocol;
  const Element& element = protocol.at(ElementId(rule.on.argument));
  std::vector<OutcomeId> outcomes = OutcomesOfUnknown(element);
  if (guesses.Reads(element)) outcomes = element.outcomes;
  for (const OutcomeId outcome : outcomes) {
    if (!rule.on.outcome.IsNone() && rule.on.outcome != outcome) continue;
    AddError(loading.issues, "unknown_decides",
             absl::StrCat(rule.pointer, "/on"),
             absl::StrCat("`", element.id, "` comes to `",
                          protocol.outcomes[outcome.value],
                          "` by `raise` or a mean when something is not "
                          "known, and this would ",
                          step.does, " by itself"),
             step.hint);
    return;
  }
}

void CheckStep(Loading& loading, const Rule& rule, const Guesses& guesses,
               const Step& step) {
  if (guesses.IsGuess(rule.guard)) {
    AddError(loading.issues, "unknown_decides", rule.pointer + "/if",
             absl::StrCat("this would ", step.does,
                          " by itself because something is not known"),
             step.hint);
  }
  if (rule.on.kind == TriggerKind::kDecision) {
    CheckOutcomeOfUnknown(loading, rule, guesses, step);
  }
}

bool Ends(const Rule& rule) {
  return std::any_of(rule.actions.begin(), rule.actions.end(),
                     [](const Action& action) {
                       return action.kind == ActionKind::kCloseCase ||
                              action.kind == ActionKind::kAnswerReferrals;
                     });
}

// What a person decides is theirs, whatever a table proposes.
void CheckUnknownSteps(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const Guesses guesses(protocol);
  for (const Rule& rule : protocol.rules) {
    const bool decided = rule.on.kind == TriggerKind::kDecision;
    if (decided && !protocol.at(ElementId(rule.on.argument)).by_data) continue;
    if (decided && Ends(rule)) {
      CheckStep(loading, rule, guesses, kEnding);
    } else if (IsEntry(protocol, rule)) {
      CheckStep(loading, rule, guesses, kEntering);
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
  CheckUnknownSteps(loading);
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
