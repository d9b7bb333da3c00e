// Decision tables: rows of a guard and what follows, first or collect.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/decisions.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kTableFields[] = {"hit", "rules", "otherwise"};
constexpr std::string_view kRuleFields[] = {"id",         "title",   "if",
                                            "on_unknown", "max_age", "outcome",
                                            "outcomes",   "open",    "source"};
constexpr std::string_view kHits[] = {"first", "collect"};

// What a row comes to: one outcome, or those that a collecting table gathers.
std::vector<OutcomeId> ReadRowOutcomes(Loading& loading, ObjectReader& row,
                                       HitPolicy hit) {
  const bool first = hit == HitPolicy::kFirst;
  const std::string_view other = first ? "outcomes" : "outcome";
  if (row.Has(other)) {
    row.Error(other, "unknown_field",
              first ? "a row of a table that takes the first true one has one "
                      "outcome"
                    : "a row of a table that collects has a list",
              first ? "write `outcome`" : "write `outcomes`");
    return {};
  }
  if (first) {
    const auto id =
        ReadName<OutcomeId>(loading, row, "outcome", loading.outcomes, true);
    return id.IsNone() ? std::vector<OutcomeId>() : std::vector{id};
  }
  row.Need("outcomes");
  std::vector<OutcomeId> outcomes =
      ReadNames<OutcomeId>(loading, row, "outcomes", loading.outcomes);
  if (row.Get("outcomes").is_array() && row.Get("outcomes").size() == 0) {
    row.Error("outcomes", "missing_field", "a row comes to something",
              "name an outcome");
  }
  return outcomes;
}

TableRule ReadRow(Loading& loading, json::Value value, HitPolicy hit,
                  NameTable& names) {
  ObjectReader row(value, "a row of a table", kRuleFields, loading.issues);
  TableRule rule;
  rule.pointer = value.pointer();
  rule.id = ReadId(row, names);
  if (rule.id == kOtherwise || rule.id == kUnknownRule) {
    row.Error("id", "bad_name",
              absl::StrCat("`", rule.id, "` has a meaning of its own here"),
              "choose another name");
  }
  rule.guard = ReadDecisionGuard(loading, row, "this row");
  rule.outcomes = ReadRowOutcomes(loading, row, hit);
  rule.opens = ReadNames<ElementId>(loading, row, "open", loading.elements);
  return rule;
}

// A person chooses among `outcomes`: a table beside them proposes one.
void CheckProposals(Loading& loading, ObjectReader& object,
                    const std::vector<OutcomeId>& chosen,
                    const DecisionTable& table) {
  if (table.hit == HitPolicy::kCollect) {
    object.Error("hit", "unknown_value",
                 "a person chooses one outcome: a table that proposes cannot "
                 "collect",
                 "leave `outcomes` of the item out, or write \"first\"");
  }
  const auto check = [&](OutcomeId outcome, const std::string& pointer) {
    if (std::find(chosen.begin(), chosen.end(), outcome) != chosen.end()) {
      return;
    }
    AddError(loading.issues, "unknown_reference", pointer,
             absl::StrCat("`", loading.outcomes.names()[outcome.value],
                          "` is none of the item's `outcomes`"),
             "what a table proposes can be chosen");
  };
  for (size_t i = 0; i < table.rules.size(); ++i) {
    const std::string row = absl::StrCat(object.pointer(), "/rules/", i);
    for (const OutcomeId outcome : table.rules[i].outcomes) {
      check(outcome, row + "/outcome");
    }
    if (!table.rules[i].opens.empty()) {
      AddError(loading.issues, "unknown_field", row + "/open",
               "a table that proposes opens nothing",
               "open it by a rule on `decision:item=outcome`");
    }
  }
  for (const OutcomeId outcome : table.otherwise) {
    check(outcome, object.PointerTo("otherwise"));
  }
}

}  // namespace

void DeclareOutcomesOf(json::Value item,
                       const std::function<void(json::Value)>& declare) {
  const json::Value table = item.Find("table");
  for (const json::Value row : json::Children(table.Find("rules"))) {
    declare(row.Find("outcome"));
    for (const json::Value name : json::Children(row.Find("outcomes"))) {
      declare(name);
    }
  }
  declare(table.Find("otherwise"));
}

void AddOutcomes(Element& element, const std::vector<OutcomeId>& outcomes) {
  for (const OutcomeId outcome : outcomes) {
    if (std::find(element.outcomes.begin(), element.outcomes.end(), outcome) ==
        element.outcomes.end()) {
      element.outcomes.push_back(outcome);
    }
  }
}

void ReadTable(Loading& loading, ObjectReader& object, Element& element) {
  ObjectReader reader(object.Object("table"), "`table`", kTableFields,
                      loading.issues);
  auto table = std::make_shared<DecisionTable>();
  table->hit = static_cast<HitPolicy>(reader.Choice("hit", kHits).value_or(0));
  NameTable names("row");
  const json::Value rules = reader.NeedArray("rules");
  for (const json::Value row : json::Children(rules)) {
    table->rules.push_back(ReadRow(loading, row, table->hit, names));
  }
  if (rules && rules.size() == 0) {
    reader.Error("rules", "missing_field", "a table has at least one row");
  }
  const auto otherwise =
      ReadName<OutcomeId>(loading, reader, "otherwise", loading.outcomes, true);
  if (!otherwise.IsNone()) table->otherwise = {otherwise};
  if (!element.by_data) {
    CheckProposals(loading, reader, element.outcomes, *table);
  } else {
    for (const TableRule& rule : table->rules) {
      AddOutcomes(element, rule.outcomes);
    }
    AddOutcomes(element, table->otherwise);
    AddOutcomes(element, {kUndetermined});
  }
  element.table = std::move(table);
}

}  // namespace stepwell::protocol
