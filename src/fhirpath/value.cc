#include "fhirpath/value.h"

#include <algorithm>

namespace stepwell::fhirpath {
namespace {

struct StringBlob : Blob {
  explicit StringBlob(std::string t) : text(std::move(t)) {}
  const std::string text;
};

struct QuantityBlob : Blob {
  explicit QuantityBlob(Quantity q) : quantity(std::move(q)) {}
  const Quantity quantity;
};

struct TypeInfoBlob : Blob {
  explicit TypeInfoBlob(TypeInfo i) : info(std::move(i)) {}
  const TypeInfo info;
};

std::string QuantityToText(const Quantity& quantity) {
  std::string text = quantity.value.ToString() + " ";
  if (!quantity.calendar) return text + "'" + quantity.unit + "'";
  const bool one = Compare(quantity.value, Decimal(1)) == 0;
  return text + quantity.unit + (one ? "" : "s");
}

}  // namespace

Value Value::String(std::string text) {
  auto* blob = new StringBlob(std::move(text));
  Value value(Kind::kString);
  value.SetText(blob->text);
  value.SetBlob(blob);
  return value;
}

Value Value::Of(Quantity quantity) {
  Value value(Kind::kQuantity);
  value.SetBlob(new QuantityBlob(std::move(quantity)));
  return value;
}

Value Value::Of(TypeInfo info) {
  Value value(Kind::kTypeInfo);
  value.SetBlob(new TypeInfoBlob(std::move(info)));
  return value;
}

const Quantity& Value::quantity() const {
  return static_cast<const QuantityBlob*>(blob())->quantity;
}

const TypeInfo& Value::type_info() const {
  return static_cast<const TypeInfoBlob*>(blob())->info;
}

void Value::Drop() {
  Blob* held = const_cast<Blob*>(blob());
  if (held->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete held;
  }
  owns_ = false;
}

void Collection::Grow(size_t needed) {
  const size_t capacity = std::max(needed, capacity_ * 2);
  Value* values = new Value[capacity];
  std::move(begin(), end(), values);
  delete[] heap_;
  heap_ = values;
  capacity_ = capacity;
}

std::string ToLiteral(const Value& value) {
  switch (value.kind()) {
    case Kind::kNode:
      return "";
    case Kind::kBoolean:
      return value.boolean() ? "true" : "false";
    case Kind::kInteger:
      return std::to_string(value.integer());
    case Kind::kDecimal:
      return value.decimal().ToString();
    case Kind::kString:
      return std::string(value.string());
    case Kind::kDate:
      return DateToText(value.temporal());
    case Kind::kDateTime:
      return DateTimeToText(value.temporal());
    case Kind::kTime:
      return TimeToText(value.temporal());
    case Kind::kQuantity:
      return QuantityToText(value.quantity());
    case Kind::kTypeInfo:
      return value.type_info().space + "." + value.type_info().name;
  }
  return "";
}

std::string_view SystemTypeName(Kind kind) {
  switch (kind) {
    case Kind::kNode:
      return "";
    case Kind::kBoolean:
      return "Boolean";
    case Kind::kInteger:
      return "Integer";
    case Kind::kDecimal:
      return "Decimal";
    case Kind::kString:
      return "String";
    case Kind::kDate:
      return "Date";
    case Kind::kDateTime:
      return "DateTime";
    case Kind::kTime:
      return "Time";
    case Kind::kQuantity:
      return "Quantity";
    case Kind::kTypeInfo:
      return "TypeInfo";
  }
  return "";
}

}  // namespace stepwell::fhirpath
