// Items and the values they may take.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "instruments/loader.h"

namespace stepwell::instruments {

void InstrumentLoader::LoadValueSets(ObjectReader& reader) {
  for (json::Value value : json::Children(reader.Array("value_sets"))) {
    ObjectReader object(value, issues_);
    const std::string id = object.NeedName("id");
    ValueSet set = LoadValueSet(object);
    set.id = id;
    const auto index = static_cast<uint16_t>(out_->value_sets_.size());
    if (!id.empty() && !value_set_ids_.emplace(id, index).second) {
      object.Error("id", "duplicate_id",
                   absl::StrCat("there is already a value set \"", id, "\""));
    }
    if (index >= limits::kInstrumentItemsMax) {
      object.Error("id", "too_many", "too many value sets");
      return;
    }
    out_->value_sets_.push_back(std::move(set));
  }
}

ValueSet InstrumentLoader::LoadValueSet(ObjectReader& reader) {
  ValueSet set;
  const json::Value list = reader.Array("values");
  const auto min = reader.Int("min", -kValueMax, kValueMax);
  const auto max = reader.Int("max", -kValueMax, kValueMax);
  if (list) {
    set.listed = LoadListedValues(list);
    if (min.has_value() || max.has_value()) {
      reader.Error("values", "both_forms",
                   "a value set has either values or min and max");
    }
    if (!set.listed.empty()) {
      set.min = set.listed.front().value;
      set.max = set.listed.back().value;
    }
    return set;
  }
  if (!reader.Get("min") || !reader.Get("max")) {
    if (reader.value().is_object()) {
      AddError(issues_, "missing_field", reader.pointer(),
               "a value set needs values, or min and max");
    }
    return set;
  }
  if (!min.has_value() || !max.has_value()) return set;
  set.min = *min;
  set.max = *max;
  if (set.min > set.max) {
    reader.Error("max", "empty_range",
                 absl::StrCat("max ", set.max, " is less than min ", set.min));
  }
  return set;
}

std::vector<AnswerValue> InstrumentLoader::LoadListedValues(json::Value array) {
  std::vector<AnswerValue> listed;
  absl::flat_hash_set<std::string> names;
  for (json::Value value : json::Children(array)) {
    AnswerValue answer;
    if (const auto number = value.int64_value();
        number.has_value() && std::abs(*number) <= kValueMax) {
      answer.value = static_cast<int32_t>(*number);
    } else {
      ObjectReader object(value, issues_);
      answer.value =
          object.NeedInt("value", -kValueMax, kValueMax)
              .value_or(listed.empty() ? 0 : listed.back().value + 1);
      if (object.Get("id")) answer.id = object.NeedName("id");
      Claim(names, answer.id, object.PointerTo("id"), "a value");
      answer.codes = LoadCodes(object);
    }
    if (!listed.empty() && answer.value <= listed.back().value) {
      AddError(issues_, "values_not_ascending", value.pointer(),
               absl::StrCat("the value ", answer.value, " follows ",
                            listed.back().value),
               "list the values once each, in ascending order");
    }
    listed.push_back(std::move(answer));
  }
  if (listed.empty() || listed.size() > limits::kInstrumentValuesMax) {
    AddError(issues_, listed.empty() ? "empty_list" : "too_many",
             array.pointer(),
             absl::StrCat("a value set lists 1 to ",
                          limits::kInstrumentValuesMax, " values"));
  }
  return listed;
}

void InstrumentLoader::LoadItems(ObjectReader& reader) {
  const json::Value list = reader.NeedArray("items");
  for (json::Value value : json::Children(list)) {
    if (out_->items_.size() >= limits::kInstrumentItemsMax) {
      AddError(issues_, "too_many", value.pointer(),
               absl::StrCat("an instrument has at most ",
                            limits::kInstrumentItemsMax, " items"));
      break;
    }
    LoadItem(value);
  }
  if (list && list.size() == 0) {
    AddError(issues_, "empty_list", list.pointer(),
             "an instrument has at least one item");
  }
  LoadSkipRules();
  LoadRequireOneOf(reader);
}

void InstrumentLoader::LoadItem(json::Value value) {
  ObjectReader reader(value, issues_);
  const auto index = static_cast<uint16_t>(out_->items_.size());
  Item item;
  item.id = reader.NeedName("id");
  reader.Need("kind");
  if (const auto kind = reader.Choice(
          "kind", {"choice", "integer", "boolean", "text", "date"})) {
    item.kind = static_cast<ItemKind>(*kind);
  }
  reader.Text("note");
  LoadItemValues(reader, item);
  LoadItemConditions(reader, item);
  item.link_id = reader.Text("link_id");
  item.codes = LoadCodes(reader);
  if (!item.id.empty() && !item_ids_.emplace(item.id, index).second) {
    reader.Error("id", "duplicate_id",
                 absl::StrCat("there is already an item \"", item.id, "\""));
  } else {
    NameItem(item.id, index, value);
  }
  if (!item.link_id.empty()) NameItem(item.link_id, index, value);
  for (const Code& code : item.codes) {
    if (code.system == "loinc") NameItem(code.code, index, value);
  }
  out_->items_.push_back(std::move(item));
  LoadRisk(reader, index);
}

void InstrumentLoader::NameItem(std::string_view name, uint16_t item,
                                json::Value where) {
  const std::string lower = absl::AsciiStrToLower(ToAbsl(name));
  if (lower.empty()) return;
  const auto [it, added] = out_->item_names_.emplace(lower, item);
  if (added || it->second == item) return;
  AddError(issues_, "duplicate_code", where.pointer(),
           absl::StrCat("\"", lower, "\" already names the item \"",
                        out_->items_[it->second].id, "\""),
           "ids, linkIds and LOINC codes of items must differ");
}

void InstrumentLoader::LoadItemValues(ObjectReader& reader, Item& item) {
  const json::Value values = reader.Get("values");
  const bool numeric =
      item.kind != ItemKind::kText && item.kind != ItemKind::kDate;
  item.scored = reader.Bool("scored", numeric);
  item.required = reader.Bool("required", item.scored);
  item.reverse = reader.Bool("reverse", false);
  if (!numeric) {
    if (values || item.scored || item.reverse) {
      AddError(issues_, "not_numeric", reader.pointer(),
               "a text or date item has no values and is never scored");
    }
    return;
  }
  if (values.is_string()) {
    const auto it = value_set_ids_.find(ToAbsl(values.string_value()));
    if (it == value_set_ids_.end()) {
      AddError(issues_, "unknown_reference", values.pointer(),
               absl::StrCat("there is no value set \"",
                            ToAbsl(values.string_value()), "\""));
      return;
    }
    item.values = it->second;
    return;
  }
  ValueSet set;
  if (values) {
    ObjectReader inner(values, issues_);
    set = LoadValueSet(inner);
  } else if (item.kind == ItemKind::kBoolean) {
    set.max = 1;
  } else {
    reader.Need("values");
  }
  if (item.kind == ItemKind::kBoolean && (set.min != 0 || set.max != 1)) {
    AddError(issues_, "wrong_type", reader.PointerTo("values"),
             "a boolean item has the values 0 and 1");
  }
  item.values = static_cast<uint16_t>(out_->value_sets_.size());
  out_->value_sets_.push_back(std::move(set));
}

void InstrumentLoader::LoadItemConditions(ObjectReader& reader, Item& item) {
  if (const json::Value value = reader.Get("not_applicable")) {
    if (value.is_string()) {
      item.not_applicable = true;
      item.not_applicable_flag = reader.NeedName("not_applicable");
    } else {
      item.not_applicable = reader.Bool("not_applicable", false);
    }
  }
  if (const auto sex = reader.Choice("only_for", {"female", "male"})) {
    item.only_for = *sex == 0 ? Sex::kFemale : Sex::kMale;
  }
  if (reader.Get("group")) item.group = reader.NeedName("group");
  if (const json::Value skip = reader.Array("skip_if")) {
    skip_rules_.emplace_back(static_cast<uint16_t>(out_->items_.size()), skip);
  }
}

void InstrumentLoader::LoadRisk(ObjectReader& reader, uint16_t item) {
  const json::Value value = reader.Get("risk");
  if (!value) return;
  ObjectReader object(value, issues_);
  RiskMarker marker;
  marker.item = item;
  marker.id = object.NeedName("id");
  Claim(flag_ids_, marker.id, object.PointerTo("id"), "a flag");
  const auto at_least = object.NeedInt("at_least", -kValueMax, kValueMax);
  marker.at_least = at_least.value_or(1);
  marker.provenance = LoadProvenance(object);
  if (!IsNumeric(item)) {
    AddError(issues_, "not_numeric", value.pointer(),
             "a risk marker needs an item with numbers");
  } else if (at_least.has_value() &&
             (*at_least <= SetOf(item).min || *at_least > SetOf(item).max)) {
    object.Error("at_least", "outside_values",
                 absl::StrCat("the threshold must lie above ", SetOf(item).min,
                              " and at most at ", SetOf(item).max));
  }
  out_->risks_.push_back(std::move(marker));
}

void InstrumentLoader::LoadSkipRules() {
  for (const auto& [index, list] : skip_rules_) {
    for (json::Value value : json::Children(list)) {
      ObjectReader reader(value, issues_);
      SkipRule rule;
      const json::Value items = reader.NeedArray("sum_of");
      rule.sum_of = LoadItemList(items, /*numeric=*/true);
      rule.equals = reader.NeedInt("equals", -kValueMax, kValueMax).value_or(0);
      if (std::find(rule.sum_of.begin(), rule.sum_of.end(), index) !=
          rule.sum_of.end()) {
        AddError(issues_, "self_reference", items.pointer(),
                 "an item cannot decide about itself");
      }
      out_->items_[index].skip.push_back(std::move(rule));
    }
  }
}

std::vector<uint16_t> InstrumentLoader::LoadItemList(json::Value array,
                                                     bool numeric) {
  std::vector<uint16_t> items;
  for (json::Value name : json::Children(array)) {
    const std::optional<uint16_t> item = ItemNamed(name, numeric);
    if (!item.has_value()) continue;
    if (std::find(items.begin(), items.end(), *item) != items.end()) {
      AddError(issues_, "duplicate_id", name.pointer(),
               absl::StrCat("the item \"", ToAbsl(name.string_value()),
                            "\" stands here twice"));
      continue;
    }
    items.push_back(*item);
  }
  if (array && array.size() == 0) {
    AddError(issues_, "empty_list", array.pointer(), "the list is empty");
  }
  return items;
}

std::optional<uint16_t> InstrumentLoader::ItemNamed(json::Value name,
                                                    bool numeric) {
  if (!name) return std::nullopt;
  if (!name.is_string()) {
    AddError(issues_, "wrong_type", name.pointer(),
             absl::StrCat("expected the id of an item, found ",
                          ToAbsl(TypeName(name))));
    return std::nullopt;
  }
  const auto it = item_ids_.find(ToAbsl(name.string_value()));
  if (it == item_ids_.end()) {
    AddError(
        issues_, "unknown_reference", name.pointer(),
        absl::StrCat("there is no item \"", ToAbsl(name.string_value()), "\""));
    return std::nullopt;
  }
  if (numeric && !IsNumeric(it->second)) {
    AddError(issues_, "not_numeric", name.pointer(),
             absl::StrCat("the item \"", it->first, "\" has no numbers"));
    return std::nullopt;
  }
  return it->second;
}

void InstrumentLoader::LoadRequireOneOf(ObjectReader& reader) {
  for (json::Value group : json::Children(reader.Array("require_one_of"))) {
    if (!group.is_array()) {
      AddError(issues_, "wrong_type", group.pointer(),
               "expected an array of item ids");
      continue;
    }
    out_->require_one_of_.push_back(LoadItemList(group, /*numeric=*/false));
  }
}

}  // namespace stepwell::instruments
