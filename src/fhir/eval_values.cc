#include "fhir/eval_values.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "fhir/read_element.h"

namespace stepwell::fhir {

namespace fp = ::stepwell::fhirpath;

namespace {

// FHIR's spelling of a System type: Boolean -> boolean, Quantity stays.
std::string FhirSpelling(fp::Kind kind) {
  std::string name(fp::SystemTypeName(kind));
  if (kind != fp::Kind::kQuantity && kind != fp::Kind::kTypeInfo) {
    name[0] = static_cast<char>(name[0] + 32);
  }
  return name;
}

// A text as what `type` says.
std::optional<fp::Value> FromText(std::string_view text, fp::TypeId type) {
  switch (type) {
    case fp::kDateType:
      if (const auto date = fp::ParseDate(text)) return fp::Value::Date(*date);
      return std::nullopt;
    case fp::kDateTimeType:
      if (const auto moment = fp::ParseDateTime(text))
        return fp::Value::DateTime(*moment);
      return std::nullopt;
    case fp::kTimeType:
      if (const auto time = fp::ParseTime(text)) return fp::Value::Time(*time);
      return std::nullopt;
    default:
      return fp::Value::String(text);
  }
}

std::optional<fp::Value> FromNumber(json::Value number, fp::TypeId type) {
  const auto whole = number.int64_value();
  if (whole && type != fp::kDecimalType) return fp::Value::Integer(*whole);
  const auto decimal = fp::Decimal::Parse(number.number_text());
  if (!decimal) return std::nullopt;
  return fp::Value::Of(*decimal);
}

std::optional<fp::Value> FromJson(json::Value value, fp::TypeId type) {
  if (value.is_bool()) return fp::Value::Boolean(value.bool_value());
  if (value.is_number()) return FromNumber(value, type);
  if (value.is_string()) return FromText(value.string_value(), type);
  return std::nullopt;
}

}  // namespace

void WriteItem(const fp::Value& item, const fp::EvaluateOptions& options,
               const R4Model* model, json::Writer* out) {
  out->BeginObject();
  if (!item.is_node()) {
    out->Key("type").String(FhirSpelling(item.kind()));
    out->Key("value").String(fp::ToLiteral(item)).EndObject();
    return;
  }
  const fp::Node node = item.node();
  const auto& source =
      static_cast<const JsonSource&>(*options.sources[node.source]);
  const json::Value value = source.JsonOf(node.index);
  const auto plain = source.Primitive(node.index);
  const bool scalar = value && !value.is_object() && plain;
  const fp::TypeId type = source.TypeOf(node.index);
  std::string name;
  if (type != fp::kAnyType && type < fp::kFirstModelType) {
    name = FhirSpelling(static_cast<fp::Kind>(type));
  } else if (type != fp::kAnyType && model != nullptr) {
    name = model->TypeName(type);
  } else if (scalar) {
    const bool overlong = value.is_number() && plain->is(fp::Kind::kString);
    name = FhirSpelling(overlong ? fp::Kind::kDecimal : plain->kind());
  } else {
    const json::Value resource =
        value ? value.Find("resourceType") : json::Value();
    name =
        resource.is_string() ? std::string(resource.string_value()) : "Element";
  }
  out->Key("type").String(name).Key("value");
  if (scalar) {
    out->String(fp::ToLiteral(*plain));
  } else {
    out->Raw(source.ToText(node.index));
  }
  out->EndObject();
}

std::string ItemsToJson(std::span<const fp::Value> items,
                        const fp::EvaluateOptions& options,
                        const R4Model* model) {
  json::Writer out;
  out.BeginArray();
  for (const fp::Value& item : items) WriteItem(item, options, model, &out);
  out.EndArray();
  return out.Take();
}

absl::Status ItemsFromJson(std::string_view text, fp::TypeId type,
                           fp::Collection* out) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document, json::Parse(text));
  if (!document.root().is_array()) {
    return InvalidInput("expected a JSON array of values");
  }
  for (const json::Value value : json::Children(document.root())) {
    auto item = FromJson(value, type);
    const fp::TypeId kind =
        item ? fp::SystemTypeOf(item->kind()) : fp::kAnyType;
    if (!item || (type != fp::kAnyType && kind != type)) {
      return InvalidInput(absl::StrCat("the value at ", value.pointer(),
                                       " is not of the declared type"));
    }
    out->push_back(*std::move(item));
  }
  return absl::OkStatus();
}

absl::StatusOr<Tree> ReadTree(std::string_view text, const R4Model* model,
                              uint16_t number) {
  STEPWELL_ASSIGN_OR_RETURN(json::Document document, json::Parse(text));
  Tree tree;
  tree.document = std::make_unique<json::Document>(std::move(document));
  tree.source = std::make_unique<JsonSource>(*tree.document, model, number);
  const json::Value named = tree.document->root().Find("resourceType");
  if (model != nullptr && named.is_string()) {
    const auto type = model->FindType(named.string_value());
    if (!type || !model->IsResource(*type) || model->IsAbstract(*type)) {
      return InvalidInput(absl::StrCat("\"", Shown(named.string_value()),
                                       "\" is no resource of R4 (the "
                                       "model \"none\" takes any JSON)"));
    }
  }
  return tree;
}

absl::Status HostVariables::Read(std::string_view text, const R4Model* model,
                                 uint16_t first) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document, json::Parse(text));
  if (!document.root().is_object()) {
    return InvalidInput("expected an object of names with their values");
  }
  for (const json::Value value : json::Children(document.root())) {
    fp::Variable variable{std::string(value.key())};
    variable.many = value.is_array();
    fp::Collection items;
    if (value.is_array()) {
      for (const json::Value item : json::Children(value)) {
        STEPWELL_RETURN_IF_ERROR(Add(item, model, first, &items));
      }
    } else {
      STEPWELL_RETURN_IF_ERROR(Add(value, model, first, &items));
      if (!items.empty()) {
        variable.type = items[0].is_node() ? trees_.back().source->root_type()
                                           : fp::SystemTypeOf(items[0].kind());
      }
    }
    declared_.push_back(std::move(variable));
    values_.push_back(std::move(items));
  }
  return absl::OkStatus();
}

absl::Status HostVariables::Add(json::Value value, const R4Model* model,
                                uint16_t first, fp::Collection* out) {
  if (value.is_null()) return absl::OkStatus();
  if (value.is_array()) {
    return InvalidInput(absl::StrCat("an array inside an array at ",
                                     value.pointer(), " is no collection"));
  }
  if (trees_.size() == kItemsMax) {
    return TooLarge(
        absl::StrCat("more than ", kItemsMax, " values of variables"));
  }
  const auto number = static_cast<uint16_t>(first + trees_.size());
  STEPWELL_ASSIGN_OR_RETURN(Tree tree,
                            ReadTree(json::ToText(value), model, number));
  // A plain value is one of FHIRPath's own; its text stays the tree's.
  const auto plain =
      value.is_object() ? std::nullopt : tree.source->Primitive(0);
  out->push_back(plain ? *plain : fp::Value::Of(tree.source->root()));
  trees_.push_back(std::move(tree));
  return absl::OkStatus();
}

}  // namespace stepwell::fhir
