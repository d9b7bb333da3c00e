// The JSON Schema of events, from the field lists of the events themselves:
// the mirror of wire/json_fields.h.
#ifndef STEPWELL_TESTS_SCHEMAS_EVENT_SCHEMA_H_
#define STEPWELL_TESTS_SCHEMAS_EVENT_SCHEMA_H_

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "json/json.h"
#include "wire/binary.h"
#include "wire/json_fields.h"
#include "wire/names.h"

namespace stepwell::testing {

class FieldSchema {
 public:
  explicit FieldSchema(json::Writer& out) : out_(out) {}

  // Called by Fields, once a member.
  template <class T>
  void operator()(uint32_t, const char* key, const T&) {
    const std::string_view name = key;
    out_.Key(name);
    Schema<T>(name);
    if (AlwaysWritten<T>(name)) required_.emplace_back(name);
    if (name == "element") has_element_ = true;
    const bool item =
        std::is_same_v<T, uint32_t> && name == "item" && !has_element_;
    const bool module = std::is_same_v<T, uint16_t> && name == "module";
    if (item || module) Named("element");
  }

  void Named(const char* key) {
    out_.Key(key).BeginObject().Key("type").String("string").EndObject();
  }
  const std::vector<std::string>& required() const { return required_; }

 private:
  template <class T>
  static constexpr bool AlwaysWritten(std::string_view name) {
    if constexpr (wire::IsOptional<T>::value) return false;
    if constexpr (std::is_same_v<T, uint8_t>) {
      return name != "band" && name != "tier" && name != "guidance";
    }
    if constexpr (std::is_same_v<T, uint16_t>) {
      return name != "item" && name != "enrolment";
    }
    if constexpr (std::is_same_v<T, uint64_t>) return !wire::IsEffectName(name);
    if constexpr (std::is_same_v<T, engine::Answer3>) return name != "risk";
    return std::is_same_v<T, bool> || std::is_enum_v<T> ||
           std::is_same_v<T, std::string> || wire::IsVector<T>::value;
  }

  void Type(std::initializer_list<const char*> types) {
    out_.BeginObject().Key("type");
    if (types.size() == 1) {
      out_.String(*types.begin());
    } else {
      out_.BeginArray();
      for (const char* type : types) out_.String(type);
      out_.EndArray();
    }
    out_.EndObject();
  }

  template <class T>
  void Schema(std::string_view name) {
    if constexpr (wire::IsOptional<T>::value) {
      Schema<typename T::value_type>(name);
    } else if constexpr (std::is_same_v<T, uint8_t>) {
      name == "band" || name == "tier" || name == "guidance"
          ? Type({"string"})
          : Type({"integer"});
    } else if constexpr (std::is_same_v<T, uint16_t>) {
      name == "item" ? Type({"string"}) : Type({"integer"});
    } else if constexpr (std::is_same_v<T, uint64_t>) {
      wire::IsEffectName(name) ? Type({"string"}) : Type({"integer"});
    } else if constexpr (std::is_same_v<T, std::vector<uint64_t>>) {
      Array([&] { Schema<uint64_t>(name); });
    } else if constexpr (std::is_same_v<T, std::vector<uint16_t>> ||
                         std::is_same_v<T, std::vector<uint8_t>>) {
      Array([&] { Type({"string"}); });
    } else if constexpr (wire::IsVector<T>::value) {
      Array([&] { Schema<typename T::value_type>(""); });
    } else {
      Plain<T>();
    }
  }

  template <class Inner>
  void Array(const Inner& inner) {
    out_.BeginObject().Key("type").String("array").Key("items");
    inner();
    out_.EndObject();
  }

  template <class T>
  void Plain() {
    if constexpr (std::is_same_v<T, bool>) {
      Type({"boolean"});
    } else if constexpr (std::is_enum_v<T>) {
      out_.BeginObject().Key("enum").BeginArray();
      for (const std::string& name : wire::NamesOfEnum<T>()) out_.String(name);
      out_.EndArray().EndObject();
    } else if constexpr (std::is_integral_v<T>) {
      Type({"integer"});
    } else if constexpr (std::is_same_v<T, Instant>) {
      Type({"string", "null", "integer"});
    } else if constexpr (std::is_same_v<T, protocol::FactValue>) {
      Type({"boolean", "integer", "string", "null"});
    } else if constexpr (std::is_same_v<T, engine::Ratio>) {
      Type({"number", "object"});
    } else if constexpr (std::is_same_v<T, std::string> ||
                         std::is_same_v<T, Fingerprint> ||
                         wire::IsSymbol<T>::value ||
                         wire::IsStrongId<T>::value) {
      Type({"string"});
    } else {
      Object<T>();
    }
  }

  template <class T>
  void Object() {
    out_.BeginObject().Key("type").String("object");
    out_.Key("properties").BeginObject();
    FieldSchema inner(out_);
    T value;
    T::Fields(value, inner);
    if constexpr (std::is_same_v<T, engine::Subject>) inner.Named("element");
    out_.EndObject();
    WriteRequired(inner.required());
    out_.EndObject();
  }

  void WriteRequired(const std::vector<std::string>& names) {
    out_.Key("required").BeginArray();
    for (const std::string& name : names) out_.String(name);
    out_.EndArray();
    out_.Key("additionalProperties").Bool(false);
  }

  template <class Body>
  friend void EventSchema(json::Writer& out);

  json::Writer& out_;
  std::vector<std::string> required_;
  bool has_element_ = false;  // named before the item is
};

template <class Body>
void EventSchema(json::Writer& out) {
  out.BeginObject().Key("title").String(Body::kName);
  out.Key("type").String("object").Key("properties").BeginObject();
  FieldSchema fields(out);
  out.Key("seq").BeginObject().Key("type").String("integer").EndObject();
  for (const char* key : {"at", "recorded"}) {
    out.Key(key).BeginObject().Key("type").BeginArray();
    out.String("string").String("integer").EndArray().EndObject();
  }
  out.Key("event").BeginObject().Key("const").String(Body::kName).EndObject();
  Body body;
  Body::Fields(body, fields);
  out.EndObject();
  std::vector<std::string> required = {"seq", "at", "recorded", "event"};
  required.insert(required.end(), fields.required().begin(),
                  fields.required().end());
  fields.WriteRequired(required);
  out.EndObject();
}

template <class Variant, size_t... I>
void EventSchemas(json::Writer& out, std::index_sequence<I...>) {
  (EventSchema<std::variant_alternative_t<I, Variant>>(out), ...);
}

template <class Variant>
void EventSchemas(json::Writer& out) {
  EventSchemas<Variant>(
      out, std::make_index_sequence<std::variant_size_v<Variant>>());
}

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_SCHEMAS_EVENT_SCHEMA_H_
