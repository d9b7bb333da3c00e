// Decisions: what a person is asked to choose, and what data settle.
#include "protocol/decisions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kCriterionFields[] = {
    "id", "title", "if", "on_unknown", "routes", "max_age", "source"};
constexpr std::string_view kAutomaticFields[] = {"approver"};
constexpr std::string_view kData[] = {"criteria", "table", "predict"};

void ReadCriteria(Loading& loading, ObjectReader& object, Element& element) {
  NameTable names("criterion");
  for (const json::Value value : json::Children(object.Array("criteria"))) {
    ObjectReader criterion(value, "a criterion", kCriterionFields,
                           loading.issues);
    Criterion result;
    result.id = ReadId(criterion, names);
    result.guard = ReadDecisionGuard(loading, criterion, "a criterion");
    result.routes =
        ReadNames<RouteId>(loading, criterion, "routes", loading.routes);
    if (criterion.Has("routes") && result.routes.empty()) {
      criterion.Error("routes", "missing_field",
                      "a criterion that is asked of nobody says nothing",
                      "leave `routes` out: then it is asked of all");
    }
    element.criteria.push_back(std::move(result));
  }
}

bool Asks(const Element& element) {
  const auto asks = [](const auto& rule) {
    return rule.guard.on_unknown == OnUnknown::kAsk;
  };
  return std::any_of(element.criteria.begin(), element.criteria.end(), asks) ||
         (element.table != nullptr &&
          std::any_of(element.table->rules.begin(), element.table->rules.end(),
                      asks)) ||
         (element.predict != nullptr &&
          element.predict->on_unknown == OnUnknown::kAsk);
}

// An ending without a person has somebody who answers for it.
void ReadAutomatic(Loading& loading, ObjectReader& object, Element& element) {
  if (!object.Has("automatic")) return;
  ObjectReader automatic(object.Object("automatic"), "`automatic`",
                         kAutomaticFields, loading.issues);
  element.approver = automatic.NeedText("approver").value_or("");
  if (automatic.Has("approver") && element.approver.empty()) {
    automatic.Error("approver", "missing_field",
                    "somebody answers for what happens without a person",
                    "the name and role of who approved it");
  }
  if (!element.by_data) {
    object.Error("automatic", "unknown_field",
                 "a person takes this decision: it is not automatic",
                 "it belongs to a decision of criteria, of a table without "
                 "`outcomes`, or of a prediction");
  }
}

// A decision sets a fact to the name of its outcome.
void CheckFact(Loading& loading, ObjectReader& object, const Element& element) {
  if (element.fact.IsNone() ||
      loading.protocol.at(element.fact).kind == FactValue::Kind::kText) {
    return;
  }
  object.Error("fact", "wrong_type",
               absl::StrCat("the fact `", loading.protocol.at(element.fact).id,
                            "` cannot hold an outcome"),
               "its `type` must be string");
}

// Which kinds of decision there are; false, with an issue, for any other mix.
bool CheckShape(Loading& loading, ObjectReader& object) {
  const auto given =
      std::count_if(std::begin(kData), std::end(kData),
                    [&](std::string_view field) { return object.Has(field); });
  const bool chosen = object.Has("outcomes");
  if (given <= 1 && (chosen || given == 1) &&
      !(chosen && (object.Has("criteria") || object.Has("predict")))) {
    return true;
  }
  AddError(loading.issues, "missing_field", object.pointer(),
           "a decision has `outcomes`, `criteria`, `table` or `predict`, and "
           "no two of them but a `table` beside `outcomes`",
           "`outcomes` when a person decides, with a `table` that proposes; "
           "`criteria` (outcomes eligible, ineligible, undetermined), `table` "
           "or `predict` when the data do");
  return false;
}

}  // namespace

Guard ReadDecisionGuard(Loading& loading, ObjectReader& object,
                        std::string_view what) {
  object.Need("if");
  object.CheckTexts("title");
  Guard guard = ReadGuard(loading, object, "if", GuardUse::kCriterion);
  if (HasNumber(guard.text) || guard.max_age || object.Has("source")) {
    ReadSource(loading, object, absl::StrCat("a number of ", ToAbsl(what)));
  }
  return guard;
}

bool IsByData(const ObjectReader& object) {
  return object.Has("criteria") || object.Has("predict") ||
         (object.Has("table") && !object.Has("outcomes"));
}

void ReadDecision(Loading& loading, ObjectReader& object, Element& element) {
  element.outcomes =
      ReadNames<OutcomeId>(loading, object, "outcomes", loading.outcomes);
  element.question =
      ReadName<ElementId>(loading, object, "question", loading.elements);
  element.by_data = IsByData(object);
  if (!CheckShape(loading, object)) return;
  if (object.Has("criteria")) {
    ReadCriteria(loading, object, element);
    element.outcomes = {kEligible, kIneligible, kUndetermined};
  }
  if (object.Has("table")) ReadTable(loading, object, element);
  if (object.Has("predict")) ReadPrediction(loading, object, element);
  ReadAutomatic(loading, object, element);
  CheckFact(loading, object, element);
  if (Asks(element) && !object.Has("question")) {
    AddError(loading.issues, "missing_field", object.pointer(),
             "this decision asks when something is unknown, but there is no "
             "question",
             "add `question`: the item that is opened then");
  }
}

}  // namespace stepwell::protocol
