// Types, conversions, and the functions FHIR adds to every element.
#include "fhirpath/quantity.h"
#include "fhirpath/vm.h"

namespace stepwell::fhirpath {
namespace {

using Arguments = std::span<Collection>;

bool Type(Vm& vm, Collection& input, Arguments) {
  for (Value& item : input) {
    if (!vm.Step()) return false;
    item = Value::Of(vm.InfoOf(item));
  }
  return true;
}

std::optional<Value> ToBoolean(const Value& v) {
  if (v.is(Kind::kBoolean)) return v;
  if (v.is_number()) {
    const Decimal n = v.number();
    if (Compare(n, Decimal(1)) == 0) return Value::Boolean(true);
    if (n.zero()) return Value::Boolean(false);
    return std::nullopt;
  }
  if (!v.is(Kind::kString)) return std::nullopt;
  std::string text(v.string());
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  for (std::string_view yes : {"true", "t", "yes", "y", "1", "1.0"}) {
    if (text == yes) return Value::Boolean(true);
  }
  for (std::string_view no : {"false", "f", "no", "n", "0", "0.0"}) {
    if (text == no) return Value::Boolean(false);
  }
  return std::nullopt;
}

std::optional<Value> ToInteger(const Value& v) {
  if (v.is(Kind::kInteger)) return v;
  if (v.is(Kind::kBoolean)) return Value::Integer(v.boolean() ? 1 : 0);
  if (!v.is(Kind::kString)) return std::nullopt;
  const std::string_view text = v.string();
  if (text.find_first_of(".eE") != std::string_view::npos) {
    return std::nullopt;
  }
  const auto number = Decimal::Parse(text);
  const auto integer = number ? number->ToInt64() : std::nullopt;
  if (!integer || *integer > INT32_MAX || *integer < INT32_MIN) {
    return std::nullopt;
  }
  return Value::Integer(*integer);
}

std::optional<Value> ToDecimal(const Value& v) {
  if (v.is(Kind::kDecimal)) return v;
  if (v.is(Kind::kInteger)) return Value::Of(Decimal(v.integer()));
  if (v.is(Kind::kBoolean)) {
    return Value::Of(Decimal(int128{v.boolean() ? 10 : 0}, 1));
  }
  if (!v.is(Kind::kString)) return std::nullopt;
  if (v.string().find_first_of("eE") != std::string_view::npos) {
    return std::nullopt;
  }
  const auto number = Decimal::Parse(v.string());
  if (!number) return std::nullopt;
  return Value::Of(*number);
}

std::optional<Value> ToStringValue(const Value& v) {
  if (v.is(Kind::kString)) return v;
  if (v.is(Kind::kTypeInfo)) return std::nullopt;
  return Value::String(ToLiteral(v));
}

std::optional<Value> ToDate(const Value& v) {
  if (v.is(Kind::kDate)) return v;
  if (v.is(Kind::kDateTime)) {
    Temporal t = v.temporal();
    Temporal date;
    date.year = t.year;
    date.month = t.month;
    date.day = t.day;
    date.precision = std::min(t.precision, Precision::kDay);
    return Value::Date(date);
  }
  if (!v.is(Kind::kString)) return std::nullopt;
  const auto date = ParseDate(v.string());
  if (!date) return std::nullopt;
  return Value::Date(*date);
}

std::optional<Value> ToDateTime(const Value& v) {
  if (v.is(Kind::kDateTime)) return v;
  if (v.is(Kind::kDate)) return Value::DateTime(v.temporal());
  if (!v.is(Kind::kString)) return std::nullopt;
  const auto moment = ParseDateTime(v.string());
  if (!moment) return std::nullopt;
  return Value::DateTime(*moment);
}

std::optional<Value> ToTime(const Value& v) {
  if (v.is(Kind::kTime)) return v;
  if (!v.is(Kind::kString)) return std::nullopt;
  const auto time = ParseTime(v.string());
  if (!time) return std::nullopt;
  return Value::Time(*time);
}

std::optional<Value> ToQuantity(const Value& v) {
  if (v.is(Kind::kQuantity)) return v;
  if (v.is_number()) return Value::Of(Quantity{v.number(), "1", false});
  if (v.is(Kind::kBoolean)) {
    return Value::Of(
        Quantity{Decimal(int128{v.boolean() ? 10 : 0}, 1), "1", false});
  }
  if (!v.is(Kind::kString)) return std::nullopt;
  auto quantity = ParseQuantity(v.string());
  if (!quantity) return std::nullopt;
  return Value::Of(*std::move(quantity));
}

using Converter = std::optional<Value> (*)(const Value&);

template <Converter convert>
bool Convert(Vm& vm, Collection& input, Arguments) {
  if (input.empty()) return true;
  if (!vm.AtMostOne(input, "a conversion")) return false;
  const auto plain = vm.Plain(input[0]);
  auto result = plain ? convert(*plain) : std::nullopt;
  if (result) {
    input.SetOnly(std::move(*result));
  } else {
    input.clear();
  }
  return true;
}

template <Converter convert>
bool Converts(Vm& vm, Collection& input, Arguments) {
  if (input.empty()) return true;
  if (!vm.AtMostOne(input, "a conversion")) return false;
  const auto plain = vm.Plain(input[0]);
  if (!plain && vm.LacksValue(input[0])) return input.clear(), true;
  input.SetOnly(Value::Boolean(plain && convert(*plain)));
  return true;
}

// toQuantity(unit) and convertsToQuantity(unit).
std::optional<Value> InUnit(Vm& vm, const Collection& input,
                            Arguments arguments) {
  const auto plain = vm.Plain(input[0]);
  auto quantity = plain ? ToQuantity(*plain) : std::nullopt;
  if (!quantity || arguments.empty() || arguments[0].empty()) return quantity;
  std::optional<Value> unit;
  if (!vm.StringOf(arguments[0], "toQuantity()", &unit) || !unit) {
    return std::nullopt;
  }
  auto converted = ConvertQuantity(quantity->quantity(), unit->string());
  if (!converted) return std::nullopt;
  return Value::Of(*std::move(converted));
}

bool ConvertQuantityTo(Vm& vm, Collection& input, Arguments arguments) {
  if (input.empty()) return true;
  if (!vm.AtMostOne(input, "toQuantity()")) return false;
  auto result = InUnit(vm, input, arguments);
  input.clear();
  if (result) input.push_back(std::move(*result));
  return true;
}

bool ConvertsToQuantity(Vm& vm, Collection& input, Arguments arguments) {
  if (input.empty()) return true;
  if (!vm.AtMostOne(input, "convertsToQuantity()")) return false;
  if (vm.LacksValue(input)) return input.clear(), true;
  const bool fine = InUnit(vm, input, arguments).has_value();
  input.SetOnly(Value::Boolean(fine));
  return true;
}

// A plain value of its own: not a complex node that reads as a quantity.
std::optional<Value> OwnValue(Vm& vm, const Collection& input) {
  if (input.size() != 1) return std::nullopt;
  auto plain = vm.Plain(input[0]);
  if (plain && input[0].is_node() && plain->is(Kind::kQuantity)) return {};
  return plain;
}

bool HasValue(Vm& vm, Collection& input, Arguments) {
  const bool has = OwnValue(vm, input).has_value();
  input.SetOnly(Value::Boolean(has));
  return true;
}

bool GetValue(Vm& vm, Collection& input, Arguments) {
  auto value = OwnValue(vm, input);
  input.clear();
  if (value) input.push_back(std::move(*value));
  return true;
}

bool Extension(Vm& vm, Collection& input, Arguments arguments) {
  std::optional<Value> url;
  if (!vm.StringOf(arguments[0], "extension()", &url)) return false;
  const Op& op = vm.op();
  Loan kept(vm), extensions(vm);
  Collection found;
  for (const Value& item : input) {
    extensions->clear();
    if (!vm.Members(item, op.b, "extension", &*extensions)) return false;
    for (Value& extension : *extensions) {
      if (!vm.Step()) return false;
      found.clear();
      if (!vm.Members(extension, op.c, "url", &found)) return false;
      if (!url || found.size() != 1) continue;
      std::optional<Value> read;
      const Value* plain = vm.PlainIn(found[0], &read);
      if (plain != nullptr && plain->is(Kind::kString) &&
          plain->string() == url->string()) {
        kept->push_back(std::move(extension));
      }
    }
  }
  input.swap(*kept);
  return true;
}

bool Resolve(Vm& vm, Collection& input, Arguments) {
  Collection out;
  for (const Value& item : input) {
    if (!vm.Step()) return false;
    if (item.is_node()) {
      const Source* source = vm.SourceOf(item.node());
      if (source != nullptr) source->Resolve(item.node().index, "", out);
    } else if (item.is(Kind::kString)) {
      for (const Source* source : vm.options().sources) {
        source->Resolve(0, item.string(), out);
        break;
      }
    }
  }
  input = std::move(out);
  return true;
}

constexpr Takes kValues = Takes::kValues;
constexpr Missing kAsInput = Missing::kAsInput;
constexpr Missing kPossible = Missing::kPossible;
constexpr TypeId kBool = kBooleanType;

const Builtin kTable[] = {
    {"is", 1, 1, Takes::kType, Gives::kFixed, kBool, false, kAsInput},
    {"as", 1, 1, Takes::kType, Gives::kInput, kAnyType, true, kPossible},
    {"ofType", 1, 1, Takes::kType, Gives::kInput, kAnyType, true, kPossible},
    {"type", 0, 0, kValues, Gives::kFixed, kTypeInfoType, true, kAsInput, Type},
    {"toBoolean", 0, 0, kValues, Gives::kFixed, kBool, false, kPossible,
     Convert<ToBoolean>},
    {"toInteger", 0, 0, kValues, Gives::kFixed, kIntegerType, false, kPossible,
     Convert<ToInteger>},
    {"toDecimal", 0, 0, kValues, Gives::kFixed, kDecimalType, false, kPossible,
     Convert<ToDecimal>},
    {"toString", 0, 0, kValues, Gives::kFixed, kStringType, false, kPossible,
     Convert<ToStringValue>},
    {"toDate", 0, 0, kValues, Gives::kFixed, kDateType, false, kPossible,
     Convert<ToDate>},
    {"toDateTime", 0, 0, kValues, Gives::kFixed, kDateTimeType, false,
     kPossible, Convert<ToDateTime>},
    {"toTime", 0, 0, kValues, Gives::kFixed, kTimeType, false, kPossible,
     Convert<ToTime>},
    {"toQuantity", 0, 1, kValues, Gives::kFixed, kQuantityType, false,
     kPossible, ConvertQuantityTo},
    {"convertsToBoolean", 0, 0, kValues, Gives::kFixed, kBool, false, kAsInput,
     Converts<ToBoolean>},
    {"convertsToInteger", 0, 0, kValues, Gives::kFixed, kBool, false, kAsInput,
     Converts<ToInteger>},
    {"convertsToDecimal", 0, 0, kValues, Gives::kFixed, kBool, false, kAsInput,
     Converts<ToDecimal>},
    {"convertsToString", 0, 0, kValues, Gives::kFixed, kBool, false, kAsInput,
     Converts<ToStringValue>},
    {"convertsToDate", 0, 0, kValues, Gives::kFixed, kBool, false, kAsInput,
     Converts<ToDate>},
    {"convertsToDateTime", 0, 0, kValues, Gives::kFixed, kBool, false, kAsInput,
     Converts<ToDateTime>},
    {"convertsToTime", 0, 0, kValues, Gives::kFixed, kBool, false, kAsInput,
     Converts<ToTime>},
    {"convertsToQuantity", 0, 1, kValues, Gives::kFixed, kBool, false, kAsInput,
     ConvertsToQuantity},
    {"hasValue", 0, 0, kValues, Gives::kFixed, kBool, false, Missing::kNever,
     HasValue},
    {"getValue", 0, 0, kValues, Gives::kUnknown, kAnyType, false, kPossible,
     GetValue},
    {"extension", 1, 1, kValues, Gives::kUnknown, kAnyType, true, kPossible,
     Extension},
    {"resolve", 0, 0, kValues, Gives::kUnknown, kAnyType, true, kPossible,
     Resolve},
};

}  // namespace

std::span<const Builtin> TypeBuiltins() { return kTable; }

}  // namespace stepwell::fhirpath
