// Mathematics. A result that does not exist or cannot be held is empty.
#include "fhirpath/vm.h"

namespace stepwell::fhirpath {
namespace {

using Arguments = std::span<Collection>;

// The input as a plain number, or a quantity where `quantity` allows it.
// False after Fail; *out stays empty for an empty input.
bool NumberOf(Vm& vm, const Collection& items, std::string_view what,
              bool quantity, std::optional<Value>* out) {
  out->reset();
  if (items.empty()) return true;
  if (!vm.AtMostOne(items, what)) return false;
  auto plain = vm.Plain(items[0]);
  if (!plain && vm.LacksValue(items[0])) return true;
  if (!plain ||
      !(plain->is_number() || (quantity && plain->is(Kind::kQuantity)))) {
    return vm.Fail(std::string(what) + " takes a number");
  }
  *out = std::move(plain);
  return true;
}

void Set(std::optional<Value> result, Collection* out) {
  out->clear();
  if (result) out->push_back(std::move(*result));
}

void SetDecimal(const std::optional<Decimal>& result, Collection* out) {
  out->clear();
  if (result) out->push_back(Value::Of(*result));
}

bool Abs(Vm& vm, Collection& input, Arguments) {
  std::optional<Value> number;
  if (!NumberOf(vm, input, "abs()", true, &number)) return false;
  if (!number) return input.clear(), true;
  if (number->is(Kind::kInteger)) {
    const int64_t n = number->integer();
    const auto size = n < 0 ? Negated(n) : n;
    Set(size ? std::optional(Value::Integer(*size)) : std::nullopt, &input);
  } else if (number->is(Kind::kDecimal)) {
    input.SetOnly(Value::Of(number->decimal().Abs()));
  } else {
    Quantity quantity = number->quantity();
    quantity.value = quantity.value.Abs();
    input.SetOnly(Value::Of(std::move(quantity)));
  }
  return true;
}

template <Decimal::Rounding rounding>
bool ToWhole(Vm& vm, Collection& input, Arguments) {
  std::optional<Value> number;
  if (!NumberOf(vm, input, "this function", false, &number)) return false;
  if (!number) return input.clear(), true;
  const auto whole = number->number().Rescaled(0, rounding)->ToInt64();
  const bool fits = whole && (number->is(Kind::kInteger) ||
                              (*whole <= INT32_MAX && *whole >= INT32_MIN));
  Set(fits ? std::optional(Value::Integer(*whole)) : std::nullopt, &input);
  return true;
}

bool Round(Vm& vm, Collection& input, Arguments arguments) {
  std::optional<Value> number;
  std::optional<int64_t> digits = 0;
  if (!NumberOf(vm, input, "round()", false, &number)) return false;
  if (!arguments.empty() && !arguments[0].empty() &&
      !vm.IntegerOf(arguments[0], "round()", &digits)) {
    return false;
  }
  if (!number || !digits) return input.clear(), true;
  if (*digits < 0) return vm.Fail("round() takes no negative precision");
  const Decimal value = number->number();
  if (*digits >= value.scale()) {
    input.SetOnly(Value::Of(value));
    return true;
  }
  SetDecimal(
      value.Rescaled(static_cast<int>(*digits), Decimal::Rounding::kHalfUp),
      &input);
  return true;
}

using Function = std::optional<Decimal> (*)(const Decimal&);

template <Function function>
bool Apply(Vm& vm, Collection& input, Arguments) {
  std::optional<Value> number;
  if (!NumberOf(vm, input, "this function", false, &number)) return false;
  if (!number) return input.clear(), true;
  if (!vm.Step(200)) return false;
  SetDecimal(function(number->number()), &input);
  return true;
}

bool Log(Vm& vm, Collection& input, Arguments arguments) {
  std::optional<Value> number, base;
  if (!NumberOf(vm, input, "log()", false, &number) ||
      !NumberOf(vm, arguments[0], "log()", false, &base) || !vm.Step(200)) {
    return false;
  }
  if (!number || !base) return input.clear(), true;
  SetDecimal(Logarithm(number->number(), base->number()), &input);
  return true;
}

bool PowerOf(Vm& vm, Collection& input, Arguments arguments) {
  std::optional<Value> number, exponent;
  if (!NumberOf(vm, input, "power()", false, &number) ||
      !NumberOf(vm, arguments[0], "power()", false, &exponent) ||
      !vm.Step(200)) {
    return false;
  }
  if (!number || !exponent) return input.clear(), true;
  const auto result = Power(number->number(), exponent->number());
  if (result && number->is(Kind::kInteger) && exponent->is(Kind::kInteger) &&
      exponent->integer() >= 0) {
    const auto whole = result->ToInt64();
    const bool fits = whole && *whole <= INT32_MAX && *whole >= INT32_MIN;
    Set(fits ? std::optional(Value::Integer(*whole)) : std::nullopt, &input);
    return true;
  }
  SetDecimal(result, &input);
  return true;
}

constexpr Takes kV = Takes::kValues;
constexpr Gives kF = Gives::kFixed;
constexpr Missing kMay = Missing::kPossible;

const Builtin kTable[] = {
    {"abs", 0, 0, kV, Gives::kInputItem, kAnyType, false, Missing::kAsInput,
     Abs},
    {"ceiling", 0, 0, kV, kF, kIntegerType, false, kMay,
     ToWhole<Decimal::Rounding::kCeiling>},
    {"floor", 0, 0, kV, kF, kIntegerType, false, kMay,
     ToWhole<Decimal::Rounding::kFloor>},
    {"truncate", 0, 0, kV, kF, kIntegerType, false, kMay,
     ToWhole<Decimal::Rounding::kTruncate>},
    {"round", 0, 1, kV, kF, kDecimalType, false, kMay, Round},
    {"sqrt", 0, 0, kV, kF, kDecimalType, false, kMay, Apply<SquareRoot>},
    {"exp", 0, 0, kV, kF, kDecimalType, false, kMay, Apply<Exponential>},
    {"ln", 0, 0, kV, kF, kDecimalType, false, kMay, Apply<NaturalLog>},
    {"log", 1, 1, kV, kF, kDecimalType, false, kMay, Log},
    {"power", 1, 1, kV, Gives::kUnknown, kAnyType, false, kMay, PowerOf},
};

}  // namespace

std::span<const Builtin> MathBuiltins() { return kTable; }

}  // namespace stepwell::fhirpath
