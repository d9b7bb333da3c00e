#include "fhir/json_source.h"

#include <algorithm>

#include "base/strings.h"

namespace stepwell::fhir {

Siblings::Siblings(json::Value object) {
  bool any = false;
  for (json::Value member : json::Children(object)) {
    any = any || member.key().substr(0, 1) == "_";
  }
  if (!any) return;
  for (json::Value member : json::Children(object)) {
    members_.emplace(member.key(), member);
  }
}

json::Value Siblings::Find(std::string_view key) const {
  const auto found = members_.find(key);
  return found == members_.end() ? json::Value() : found->second;
}

json::Value Siblings::FindExtra(std::string_view key) const {
  return members_.empty() ? json::Value() : Find("_" + std::string(key));
}

namespace fp = ::stepwell::fhirpath;

namespace {

// A scalar as the System value that FHIR type `type` asks for; a text that
// does not fit stays a String, for validators to find.
std::optional<fp::Value> ScalarOf(json::Value value, fp::TypeId system) {
  if (value.is_bool()) return fp::Value::Boolean(value.bool_value());
  if (value.is_number()) {
    const auto integer = value.int64_value();
    if (integer && system != fp::kDecimalType) {
      return fp::Value::Integer(*integer);
    }
    const auto decimal = fp::Decimal::Parse(value.number_text());
    if (decimal) return fp::Value::Of(*decimal);
    // It is there, and nothing can be reckoned with it.
    return fp::Value::BorrowedString(value.number_text());
  }
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = value.string_value();
  if (system == fp::kDateType) {
    if (const auto date = fp::ParseDate(text)) return fp::Value::Date(*date);
  } else if (system == fp::kDateTimeType) {
    if (const auto moment = fp::ParseDateTime(text, fp::LeapSecond::kLegal)) {
      return fp::Value::DateTime(*moment);
    }
  } else if (system == fp::kTimeType) {
    if (const auto time = fp::ParseTime(text, fp::LeapSecond::kLegal))
      return fp::Value::Time(*time);
  }
  return fp::Value::BorrowedString(text);
}

constexpr size_t kUnitBytesMax = 256;  // a longer one is none

bool HasContent(json::Value value) { return value && !value.is_null(); }

// UCUM codes that FHIR takes as calendar durations.
std::string_view CalendarWord(std::string_view code) {
  if (code == "a") return "year";
  if (code == "mo") return "month";
  return "";
}

}  // namespace

JsonSource::JsonSource(const json::Document& document, const R4Model* model,
                       uint16_t number, fp::TypeId root_type)
    : model_(model), number_(number) {
  elements_.reserve(document.size());
  links_.reserve(document.size());
  elements_.emplace_back().value = document.root();
  links_.emplace_back().type = root_type;
  AddChildren(0);
  ReadPlain(0);
  IndexEntries();
  IndexContained();
}

void JsonSource::AddChildren(uint32_t parent) {
  const json::Value value = elements_[parent].value;
  const json::Value extra = elements_[parent].extra;
  uint32_t last = 0;
  if (value.is_object()) {
    const json::Value named = value.Find("resourceType");
    if (named.is_string()) {
      elements_[parent].resource = true;
      if (model_ != nullptr) {
        const auto type = model_->FindType(named.string_value());
        if (type) links_[parent].type = *type;
      }
    }
    const Siblings siblings(value);
    for (json::Value member : json::Children(value)) {
      const std::string_view key = member.key();
      if (key == "resourceType" && elements_[parent].resource) continue;
      if (!key.empty() && key[0] == '_') {
        // Merged into its sibling, unless it has none.
        if (!siblings.Find(key.substr(1))) {
          AddMember(parent, json::Value(), member, key.substr(1), &last);
        }
        continue;
      }
      AddMember(parent, member, siblings.FindExtra(key), key, &last);
    }
  }
  if (extra.is_object()) {
    elements_[parent].scattered |= value.is_object();
    for (json::Value member : json::Children(extra)) {
      AddMember(parent, member, json::Value(), member.key(), &last);
    }
  }
  IndexChildren(parent);
}

void JsonSource::IndexChildren(uint32_t node) {
  constexpr size_t kFew = 64;
  size_t count = 0;
  for (uint32_t i = links_[node].first_child; i != 0; i = links_[i].next) {
    ++count;
  }
  if (count <= kFew) return;
  elements_[node].indexed = true;
  for (uint32_t i = links_[node].first_child; i != 0; i = links_[i].next) {
    by_name_[{node, elements_[i].name}].push_back(i);
  }
}

JsonSource::Meaning JsonSource::MeaningOf(uint32_t parent, std::string_view key,
                                          bool* known) {
  *known = true;
  if (model_ == nullptr) return {key, 0, fp::kAnyType};
  const fp::TypeId owner = links_[parent].type;
  if (owner != fp::kAnyType) {
    if (const auto element = model_->FindJsonKey(owner, key)) {
      return {element->name, element->id, element->type};
    }
    *known = false;
  }
  return {key, R4Model::NameId(key), fp::kAnyType};
}

void JsonSource::AddMember(uint32_t parent, json::Value value,
                           json::Value extra, std::string_view key,
                           uint32_t* last) {
  bool known;
  const Meaning meaning = MeaningOf(parent, key, &known);
  elements_[parent].scattered |= meaning.name != key;
  if (!known && key != "fhir_comments") {
    unknown_keys_.push_back((value ? value : extra).pointer());
  }
  if (!value.is_array() && !extra.is_array()) {
    return AddElement(parent, value, extra, meaning, last);
  }
  json::Value item = value.is_array() ? value.first_child() : json::Value();
  json::Value more = extra.is_array() ? extra.first_child() : json::Value();
  while (item || more) {
    AddElement(parent, item, more, meaning, last);
    if (item) item = item.next_sibling();
    if (more) more = more.next_sibling();
  }
}

void JsonSource::AddElement(uint32_t parent, json::Value value,
                            json::Value extra, const Meaning& meaning,
                            uint32_t* last) {
  if (!HasContent(value)) value = json::Value();
  if (!HasContent(extra)) extra = json::Value();
  if (!value && !extra) return;
  const uint32_t index = static_cast<uint32_t>(elements_.size());
  Element& element = elements_.emplace_back();
  element.value = value;
  element.extra = extra;
  element.name = meaning.name;
  element.parent = parent;
  Link& link = links_.emplace_back();
  link.name_id = meaning.name_id;
  link.type = meaning.type;
  (*last == 0 ? links_[parent].first_child : links_[*last].next) = index;
  *last = index;
  // As deep as the JSON, which its reader bounds.
  AddChildren(index);
  ReadPlain(index);
}

void JsonSource::ReadPlain(uint32_t node) {
  const fp::TypeId type = links_[node].type;
  const fp::TypeId system =
      model_ == nullptr || type == fp::kAnyType ? fp::kAnyType
      : type < fp::kFirstModelType              ? type
                                                : model_->SystemType(type);
  Element& element = elements_[node];
  if (system == fp::kQuantityType) {
    element.reads = Reads::kQuantity;
  } else if (auto plain = ScalarOf(element.value, system)) {
    element.reads = Reads::kPlain;
    element.plain = *std::move(plain);
  }
}

json::Value JsonSource::JsonOf(uint32_t node) const {
  return elements_[node].value;
}

void JsonSource::Member(uint32_t node, uint32_t member_id,
                        std::string_view name, fp::Collection& out) const {
  if (elements_[node].indexed) {
    IndexedMember(node, member_id, name, out);
  } else {
    ScannedMember(node, member_id, name, out);
  }
  // Without a model `Patient.name` starts at the resource all the same.
  if (model_ != nullptr) return;
  const Element& owner = elements_[node];
  if (owner.resource && out.empty() &&
      owner.value.Find("resourceType").string_value() == name) {
    out.push_back(fp::Value::Of(fp::Node{number_, node}));
  }
}

// The upper half of an id asks for one type of a choice: `valueQuantity`.
void JsonSource::IndexedMember(uint32_t node, uint32_t member_id,
                               std::string_view name,
                               fp::Collection& out) const {
  const uint32_t name_id = member_id & 0xFFFF;
  const uint32_t choice = member_id >> 16;
  const auto named =
      by_name_.find({node, name_id == 0 ? name : R4Model::NameOf(name_id)});
  if (named == by_name_.end()) return;
  for (const uint32_t i : named->second) {
    if (choice != 0 && choice != links_[i].type) continue;
    out.push_back(fp::Value::Of(fp::Node{number_, i}));
  }
}

void JsonSource::ScannedMember(uint32_t node, uint32_t member_id,
                               std::string_view name,
                               fp::Collection& out) const {
  const bool scattered = elements_[node].scattered;
  const uint32_t name_id = member_id & 0xFFFF;
  const uint32_t choice = member_id >> 16;
  bool found = false;
  for (uint32_t i = links_[node].first_child; i != 0; i = links_[i].next) {
    const Link& child = links_[i];
    const bool named =
        member_id == 0 ? elements_[i].name == name : child.name_id == name_id;
    if (!named) {
      if (found && !scattered) break;
      continue;
    }
    found = true;
    if (choice != 0 && choice != child.type) continue;
    out.push_back(fp::Value::Of(fp::Node{number_, i}));
  }
}

void JsonSource::AllChildren(uint32_t node, fp::Collection& out) const {
  for (uint32_t i = links_[node].first_child; i != 0; i = links_[i].next) {
    out.push_back(fp::Value::Of(fp::Node{number_, i}));
  }
}

uint32_t JsonSource::Find(uint32_t node, std::string_view name) const {
  if (elements_[node].indexed) {
    const auto named = by_name_.find({node, name});
    return named == by_name_.end() ? 0 : named->second.front();
  }
  for (uint32_t i = links_[node].first_child; i != 0; i = links_[i].next) {
    if (elements_[i].name == name) return i;
  }
  return 0;
}

json::Value JsonSource::Text(uint32_t node, std::string_view name) const {
  const uint32_t child = Find(node, name);
  if (child == 0 || !elements_[child].value.is_string()) return json::Value();
  return elements_[child].value;
}

// FHIR's rule: the UCUM code is the unit, years and months are calendar
// durations; a quantity of another system goes by its unit text.
std::optional<fp::Value> JsonSource::QuantityOf(uint32_t node) const {
  const uint32_t value = Find(node, "value");
  if (value == 0 || Find(node, "comparator") != 0) return std::nullopt;
  const json::Value number = elements_[value].value;
  if (!number.is_number()) return std::nullopt;
  const auto decimal = fp::Decimal::Parse(number.number_text());
  if (!decimal) return std::nullopt;
  fp::Quantity quantity{*decimal, "1", false};
  const json::Value system = Text(node, "system");
  const json::Value code = Text(node, "code");
  const json::Value unit = Text(node, "unit");
  const bool ucum =
      system && system.string_value() == "http://unitsofmeasure.org";
  if (code && (ucum || !system)) {
    quantity.unit = code.string_value();
    const std::string_view word = CalendarWord(quantity.unit);
    if (!word.empty()) {
      quantity.unit = word;
      quantity.calendar = true;
    }
  } else if (unit) {
    quantity.unit = unit.string_value();
  } else if (code) {
    quantity.unit = code.string_value();
  }
  if (quantity.unit.size() > kUnitBytesMax) return std::nullopt;
  return fp::Value::Of(std::move(quantity));
}

std::optional<fp::Value> JsonSource::Primitive(uint32_t node) const {
  const Element& element = elements_[node];
  if (element.reads == Reads::kPlain) return element.plain;
  if (element.reads == Reads::kQuantity) return QuantityOf(node);
  return std::nullopt;
}

const fp::Value* JsonSource::HeldPrimitive(uint32_t node) const {
  const Element& element = elements_[node];
  return element.reads == Reads::kPlain ? &element.plain : nullptr;
}

bool JsonSource::LacksValue(uint32_t node) const {
  const Element& element = elements_[node];
  if (element.reads == Reads::kQuantity) return !QuantityOf(node).has_value();
  return element.reads == Reads::kNothing && !element.value;
}

fp::TypeId JsonSource::TypeOf(uint32_t node) const { return links_[node].type; }

std::string_view JsonSource::NameOf(uint32_t node) const {
  return elements_[node].name;
}

uint32_t JsonSource::ResourceOf(uint32_t node) const {
  while (node != 0 && !elements_[node].resource) node = elements_[node].parent;
  return node;
}

uint32_t JsonSource::RootResourceOf(uint32_t node) const {
  node = ResourceOf(node);
  while (node != 0 && elements_[node].name == "contained") {
    node = ResourceOf(elements_[node].parent);
  }
  return node;
}

std::string JsonSource::PathOf(uint32_t node) const {
  const Element& element = elements_[node];
  if (node == 0) {
    const json::Value named = element.value.Find("resourceType");
    return named.is_string() ? std::string(named.string_value()) : "$";
  }
  uint32_t position = 0;
  uint32_t same = 0;
  for (uint32_t i = links_[element.parent].first_child; i != 0;
       i = links_[i].next) {
    if (elements_[i].name != element.name) continue;
    if (i == node) position = same;
    ++same;
  }
  std::string path = PathOf(element.parent) + "." + std::string(element.name);
  const json::Value value = element.value ? element.value : element.extra;
  const std::string pointer = value.pointer();
  const std::string last = pointer.substr(pointer.rfind('/') + 1);
  const bool in_array = !last.empty() && last[0] >= '0' && last[0] <= '9';
  if (in_array) path += "[" + std::to_string(position) + "]";
  return path;
}

// --- References -------------------------------------------------------------

void JsonSource::Resolve(uint32_t node, std::string_view reference,
                         fp::Collection& out) const {
  if (reference.empty()) {
    const Element& element = elements_[node];
    const json::Value text =
        element.value.is_string() ? element.value : Text(node, "reference");
    if (!text) return;
    reference = text.string_value();
  }
  const uint32_t found = FindReference(node, reference);
  if (found != UINT32_MAX) {
    out.push_back(fp::Value::Of(fp::Node{number_, found}));
  }
}

uint32_t JsonSource::FindReference(uint32_t from,
                                   std::string_view reference) const {
  if (!reference.empty() && reference[0] == '#') {
    return FindContained(from, reference.substr(1));
  }
  return FindEntry(reference);
}

uint32_t JsonSource::FindContained(uint32_t from, std::string_view id) const {
  const uint32_t holder = RootResourceOf(from);
  if (id.empty()) return holder;
  const auto found = contained_.find(std::pair(holder, std::string(id)));
  return found == contained_.end() ? UINT32_MAX : found->second;
}

void JsonSource::IndexContained() {
  for (uint32_t i = 1; i < elements_.size(); ++i) {
    if (elements_[i].name != "contained") continue;
    if (const json::Value id = Text(i, "id")) {  // the first one stays
      contained_.emplace(
          std::pair(elements_[i].parent, std::string(id.string_value())), i);
    }
  }
}

void JsonSource::IndexEntries() {
  for (uint32_t i = links_[0].first_child; i != 0; i = links_[i].next) {
    if (elements_[i].name != "entry") continue;
    const uint32_t resource = Find(i, "resource");
    if (resource == 0) continue;
    const auto add = [this, resource](std::string text) {
      entries_.emplace(std::move(text), resource);  // the first one stays
    };
    if (const json::Value full = Text(i, "fullUrl")) {
      add(std::string(full.string_value()));
    }
    if (const json::Value url = Text(resource, "url")) {
      std::string text(url.string_value());
      if (const json::Value version = Text(resource, "version")) {
        add(text + "|" + std::string(version.string_value()));
      }
      add(std::move(text));
    }
    const json::Value named = elements_[resource].value.Find("resourceType");
    const json::Value id = Text(resource, "id");
    if (id && named.is_string()) {
      add(std::string(named.string_value()) + "/" +
          std::string(id.string_value()));
    }
  }
}

// A version that is asked for must be the one that is there.
uint32_t JsonSource::FindEntry(std::string_view reference) const {
  const auto found = entries_.find(ToAbsl(reference));
  return found == entries_.end() ? UINT32_MAX : found->second;
}

std::string JsonSource::ToText(uint32_t node) const {
  const Element& element = elements_[node];
  const json::Value value = element.value ? element.value : element.extra;
  return json::ToText(value);
}

}  // namespace stepwell::fhir
