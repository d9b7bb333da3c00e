#include "fhir/r4_model.h"

#include <algorithm>

#include "fhir/r4_model_data.h"

namespace stepwell::fhir {
namespace {

using fhirpath::kAnyType;
using fhirpath::kFirstModelType;
using fhirpath::TypeId;

const r4::TypeRow* RowOf(TypeId type) {
  if (type < kFirstModelType) return nullptr;
  const size_t row = type - kFirstModelType;
  return row < r4::kTypeCount ? &r4::kTypes[row] : nullptr;
}

TypeId IdOf(uint16_t row) {
  if (row == r4::kNone) return kAnyType;
  if (row >= r4::kSystemBase) return row - r4::kSystemBase;
  return kFirstModelType + row;
}

std::string_view Name(uint16_t id) { return r4::kNames + r4::kNameOffsets[id]; }

// The position of `name` among the sorted names; kNone when absent.
uint16_t FindName(std::string_view name) {
  const uint16_t* begin = r4::kNameOffsets;
  const uint16_t* end = begin + r4::kNameCount;
  const uint16_t* found = std::lower_bound(
      begin, end, name, [](uint16_t offset, std::string_view wanted) {
        return std::string_view(r4::kNames + offset) < wanted;
      });
  if (found == end || std::string_view(r4::kNames + *found) != name) {
    return r4::kNone;
  }
  return static_cast<uint16_t>(found - begin);
}

const r4::MemberRow* FindOwn(const r4::TypeRow& row, uint16_t name) {
  const r4::MemberRow* begin = r4::kMembers + row.first;
  const r4::MemberRow* end = begin + row.count;
  const r4::MemberRow* found = std::lower_bound(
      begin, end, name, [](const r4::MemberRow& member, uint16_t wanted) {
        return member.name < wanted;
      });
  return found != end && found->name == name ? found : nullptr;
}

const r4::MemberRow* FindInherited(const r4::TypeRow* row, uint16_t name) {
  while (row != nullptr) {
    if (const r4::MemberRow* found = FindOwn(*row, name)) return found;
    row = row->base == r4::kNone ? nullptr : &r4::kTypes[row->base];
  }
  return nullptr;
}

fhirpath::Model::Member ToMember(const r4::MemberRow& row) {
  fhirpath::Model::Member member;
  member.id = row.name + 1u;
  member.type = IdOf(row.type);
  member.many = (row.flags & r4::kMany) != 0;
  member.nullable = (row.flags & r4::kRequired) == 0;
  return member;
}

// Several candidates as one: the type only when all agree.
void Merge(const r4::MemberRow& row,
           std::optional<fhirpath::Model::Member>* merged) {
  const fhirpath::Model::Member member = ToMember(row);
  if (!*merged) {
    *merged = member;
    return;
  }
  if ((*merged)->type != member.type) (*merged)->type = kAnyType;
  (*merged)->many = (*merged)->many || member.many;
  (*merged)->nullable = true;
}

// Types whose items may be of any subtype that has more elements.
bool IsOpen(const r4::TypeRow& row) {
  return row.abstract != 0 && row.kind != r4::kBackbone;
}

bool IsBelow(const r4::TypeRow* row, const r4::TypeRow* base) {
  while (row != base && row->base != r4::kNone) row = &r4::kTypes[row->base];
  return row == base;
}

std::optional<fhirpath::Model::Member> FindNamed(TypeId owner,
                                                 std::string_view name) {
  const uint16_t id = FindName(name);
  if (id == r4::kNone) return std::nullopt;
  const r4::TypeRow* row = RowOf(owner);
  std::optional<fhirpath::Model::Member> merged;
  if (row != nullptr && row->kind == r4::kChoice) {
    for (uint16_t i = 0; i < row->count; ++i) {
      const auto* found =
          FindInherited(&r4::kTypes[r4::kChoices[row->first + i]], id);
      if (found != nullptr) Merge(*found, &merged);
    }
    return merged;
  }
  if (row != nullptr) {
    if (const r4::MemberRow* found = FindInherited(row, id)) {
      return ToMember(*found);
    }
    if (!IsOpen(*row)) return std::nullopt;
  }
  for (size_t i = 0; i < r4::kTypeCount; ++i) {
    const r4::TypeRow& type = r4::kTypes[i];
    if (type.kind == r4::kChoice || (row != nullptr && !IsBelow(&type, row))) {
      continue;
    }
    if (const auto* found = FindOwn(type, id)) Merge(*found, &merged);
  }
  return merged;
}

R4Model::Element ToElement(const r4::MemberRow& row) {
  R4Model::Element element;
  element.name = Name(row.name);
  element.id = row.name + 1u;
  element.type = IdOf(row.type);
  element.many = (row.flags & r4::kMany) != 0;
  element.required = (row.flags & r4::kRequired) != 0;
  element.choice = (row.flags & r4::kIsChoice) != 0;
  if (row.value_set != 0) {
    element.value_set =
        r4::kValueSets + r4::kValueSetOffsets[row.value_set - 1];
  }
  return element;
}

}  // namespace

std::optional<fhirpath::Model::Member> R4Model::FindMember(
    TypeId owner, std::string_view name) const {
  const auto member = FindNamed(owner, name);
  return member || !json_names_ ? member : FindChoiceMember(owner, name);
}

// `valueQuantity` of `owner`, or of whatever type has it.
std::optional<fhirpath::Model::Member> R4Model::FindChoiceMember(
    TypeId owner, std::string_view name) const {
  const r4::TypeRow* row = RowOf(owner);
  const bool any = row == nullptr || IsOpen(*row);
  for (size_t i = 0; i < (any ? r4::kTypeCount : 1); ++i) {
    const TypeId type = any ? IdOf(static_cast<uint16_t>(i)) : owner;
    const auto element = FindJsonKey(type, name);
    if (!element || !element->choice) continue;
    Member member;
    member.id = element->id | element->type << 16;
    member.type = element->type;
    member.many = element->many;
    return member;
  }
  return std::nullopt;
}

std::vector<std::string> R4Model::MemberNames(TypeId owner) const {
  std::vector<std::string> names;
  for (const Element& element : Elements(owner)) {
    names.emplace_back(element.name);
  }
  return names;
}

std::string R4Model::TypeName(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  while (row != nullptr && row->kind == r4::kBackbone) {
    row = &r4::kTypes[row->base];
  }
  return row == nullptr ? "" : std::string(Name(row->name));
}

std::string R4Model::TypePath(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  if (row == nullptr) return "";
  if (row->kind == r4::kChoice) {
    std::string text;
    for (TypeId choice : ChoiceTypes(type)) {
      text += (text.empty() ? "" : " or ") + TypeName(choice);
    }
    return text;
  }
  const std::string name(Name(row->name));
  return row->owner == r4::kNone ? name
                                 : TypePath(IdOf(row->owner)) + "." + name;
}

std::optional<fhirpath::TypeId> R4Model::FindType(std::string_view name) const {
  const uint16_t id = FindName(name);
  if (id == r4::kNone) return std::nullopt;
  for (size_t i = 0; i < r4::kTypeCount; ++i) {
    const r4::TypeRow& row = r4::kTypes[i];
    if (row.kind == r4::kBackbone || row.kind == r4::kChoice) break;
    if (row.name == id) return IdOf(static_cast<uint16_t>(i));
  }
  return std::nullopt;
}

bool R4Model::IsSubtype(TypeId type, TypeId base) const {
  while (type != base) {
    const r4::TypeRow* row = RowOf(type);
    if (row == nullptr || row->base == r4::kNone) return false;
    type = IdOf(row->base);
  }
  return true;
}

fhirpath::TypeId R4Model::BaseType(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  if (row != nullptr && row->kind == r4::kBackbone) {
    row = &r4::kTypes[row->base];
  }
  return row == nullptr ? kAnyType : IdOf(row->base);
}

fhirpath::TypeId R4Model::SystemType(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  if (row == nullptr || row->kind == r4::kChoice) return kAnyType;
  // The root of the chain decides: code -> string, Age -> Quantity.
  while (row->base != r4::kNone && r4::kTypes[row->base].base != r4::kNone) {
    row = &r4::kTypes[row->base];
  }
  const std::string_view name = Name(row->name);
  if (name == "Quantity") return fhirpath::kQuantityType;
  if (row->kind != r4::kPrimitive) return kAnyType;
  if (name == "boolean") return fhirpath::kBooleanType;
  if (name == "integer") return fhirpath::kIntegerType;
  if (name == "decimal") return fhirpath::kDecimalType;
  if (name == "date") return fhirpath::kDateType;
  if (name == "dateTime" || name == "instant") return fhirpath::kDateTimeType;
  if (name == "time") return fhirpath::kTimeType;
  return fhirpath::kStringType;
}

fhirpath::TypeSet R4Model::SystemTypes(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  if (row == nullptr) return fhirpath::kAnyTypes;
  if (row->kind == r4::kChoice) {
    fhirpath::TypeSet types = 0;
    for (const TypeId choice : ChoiceTypes(type)) types |= SystemTypes(choice);
    return types;
  }
  // An Element may be of any datatype.
  if (IsOpen(*row) && row->kind != r4::kResource) return fhirpath::kAnyTypes;
  const TypeId system = SystemType(type);
  return system == kAnyType ? fhirpath::TypeSet{0} : fhirpath::TypeBit(system);
}

fhirpath::TypeId R4Model::ExtensionType() const {
  return FindType("Extension").value_or(kAnyType);
}

fhirpath::TypeId R4Model::ResourceType() const {
  return FindType("Resource").value_or(kAnyType);
}

bool R4Model::IsPrimitive(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  return row != nullptr && row->kind == r4::kPrimitive;
}

bool R4Model::IsResource(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  return row != nullptr && row->kind == r4::kResource;
}

bool R4Model::IsAbstract(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  return row != nullptr && row->abstract != 0;
}

std::vector<R4Model::Element> R4Model::Elements(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  if (row == nullptr || row->kind == r4::kChoice) return {};
  std::vector<Element> elements;
  if (row->base != r4::kNone) elements = Elements(IdOf(row->base));
  for (uint16_t i = 0; i < row->count; ++i) {
    const Element own = ToElement(r4::kMembers[row->first + i]);
    const auto same =
        std::find_if(elements.begin(), elements.end(),
                     [&own](const Element& held) { return held.id == own.id; });
    if (same != elements.end()) {
      *same = own;
    } else {
      elements.push_back(own);
    }
  }
  return elements;
}

std::optional<R4Model::Element> R4Model::FindJsonKey(
    TypeId owner, std::string_view key) const {
  const r4::TypeRow* row = RowOf(owner);
  if (row == nullptr || row->kind == r4::kChoice) return std::nullopt;
  const uint16_t id = FindName(key);
  if (id != r4::kNone) {
    const r4::MemberRow* found = FindInherited(row, id);
    if (found != nullptr && (found->flags & r4::kIsChoice) == 0) {
      return ToElement(*found);
    }
  }
  for (; row != nullptr;
       row = row->base == r4::kNone ? nullptr : &r4::kTypes[row->base]) {
    for (uint16_t i = 0; i < row->count; ++i) {
      const r4::MemberRow& member = r4::kMembers[row->first + i];
      const std::string_view name = Name(member.name);
      if ((member.flags & r4::kIsChoice) == 0 || key.size() <= name.size() ||
          key.substr(0, name.size()) != name) {
        continue;
      }
      const std::string_view rest = key.substr(name.size());
      const r4::TypeRow& choice = r4::kTypes[member.type];
      for (uint16_t c = 0; c < choice.count; ++c) {
        const uint16_t type = r4::kChoices[choice.first + c];
        std::string wanted(Name(r4::kTypes[type].name));
        if (wanted[0] >= 'a') wanted[0] = static_cast<char>(wanted[0] - 32);
        if (wanted != rest) continue;
        Element element = ToElement(member);
        element.type = IdOf(type);
        return element;
      }
    }
  }
  return std::nullopt;
}

std::vector<fhirpath::TypeId> R4Model::ChoiceTypes(TypeId type) const {
  const r4::TypeRow* row = RowOf(type);
  std::vector<TypeId> types;
  if (row == nullptr || row->kind != r4::kChoice) return types;
  for (uint16_t i = 0; i < row->count; ++i) {
    types.push_back(IdOf(r4::kChoices[row->first + i]));
  }
  return types;
}

uint32_t R4Model::NameId(std::string_view name) {
  const uint16_t id = FindName(name);
  return id == r4::kNone ? 0 : id + 1u;
}

std::string_view R4Model::NameOf(uint32_t id) {
  return id == 0 || id > r4::kNameCount ? ""
                                        : Name(static_cast<uint16_t>(id - 1));
}

}  // namespace stepwell::fhir
