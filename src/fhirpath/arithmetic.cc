// Order and arithmetic of plain values.
#include "fhirpath/quantity.h"
#include "fhirpath/vm.h"

namespace stepwell::fhirpath {
namespace {

Ordering ToOrdering(int order) {
  return order < 0   ? Ordering::kLess
         : order > 0 ? Ordering::kGreater
                     : Ordering::kEqual;
}

constexpr bool Fits32(int64_t n) { return n >= INT32_MIN && n <= INT32_MAX; }

// Integers have 32 bits; a host's longer ones keep 64.
std::optional<Value> Checked(bool overflow, int64_t result, int64_t a,
                             int64_t b) {
  if (overflow) return std::nullopt;
  if (!Fits32(result) && Fits32(a) && Fits32(b)) return std::nullopt;
  return Value::Integer(result);
}

std::optional<Value> IntegerArithmetic(Code code, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = false;
  switch (code) {
    case Code::kAdd:
      overflow = __builtin_add_overflow(a, b, &result);
      return Checked(overflow, result, a, b);
    case Code::kSubtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      return Checked(overflow, result, a, b);
    case Code::kMultiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      return Checked(overflow, result, a, b);
    case Code::kDiv:
      if (b == 0 || (a == INT64_MIN && b == -1)) return std::nullopt;
      return Checked(false, a / b, a, b);
    case Code::kMod:
      if (b == 0) return std::nullopt;
      return Value::Integer(b == -1 ? 0 : a % b);
    default:
      return std::nullopt;
  }
}

std::optional<Value> ToValue(const std::optional<Decimal>& result) {
  if (!result) return std::nullopt;
  return Value::Of(*result);
}

std::optional<Value> ToValue(std::optional<Quantity> result) {
  if (!result) return std::nullopt;
  return Value::Of(*std::move(result));
}

std::optional<Value> DecimalArithmetic(Code code, const Decimal& a,
                                       const Decimal& b) {
  switch (code) {
    case Code::kAdd:
      return ToValue(Add(a, b));
    case Code::kSubtract:
      return ToValue(Subtract(a, b));
    case Code::kMultiply:
      return ToValue(Multiply(a, b));
    case Code::kDivide:
      return ToValue(Divide(a, b));
    case Code::kMod:
      return ToValue(Remainder(a, b));
    case Code::kDiv: {
      const auto quotient = DivideTruncated(a, b);
      const auto integer = quotient ? quotient->ToInt64() : std::nullopt;
      if (!integer || !Fits32(*integer)) return std::nullopt;
      return Value::Integer(*integer);
    }
    default:
      return std::nullopt;
  }
}

// False: these cannot be combined at all.
bool QuantityArithmetic(Code code, const Quantity& a, const Quantity& b,
                        std::optional<Value>* out) {
  switch (code) {
    case Code::kAdd:
    case Code::kSubtract:
      *out = ToValue(AddQuantities(a, b, code == Code::kSubtract));
      return true;
    case Code::kMultiply:
      *out = ToValue(MultiplyQuantities(a, b));
      return true;
    case Code::kDivide:
      *out = ToValue(DivideQuantities(a, b));
      return true;
    default:
      return false;
  }
}

// False: the quantity is no time that can be added.
bool TemporalArithmetic(Code code, const Value& a, const Quantity& b,
                        std::optional<Value>* out) {
  const auto unit = TimeUnitOf(b);
  if (!unit) return false;
  const bool is_time = a.is(Kind::kTime);
  if (is_time && *unit <= TimeUnit::kDay) return false;
  Decimal amount = code == Code::kSubtract ? b.value.Negated() : b.value;
  // UCUM seconds count whole; calendar seconds keep their fraction.
  if (!b.calendar) amount = *amount.Rescaled(0, Decimal::Rounding::kTruncate);
  const auto sum = AddUnits(a.temporal(), amount, *unit, is_time);
  if (!sum) return true;
  *out = is_time             ? Value::Time(*sum)
         : a.is(Kind::kDate) ? Value::Date(*sum)
                             : Value::DateTime(*sum);
  return true;
}

}  // namespace

Quantity AsQuantity(const Value& value) {
  if (value.is(Kind::kQuantity)) return value.quantity();
  return {value.number(), "1", false};
}

std::optional<int64_t> Negated(int64_t n) {
  const auto negated = IntegerArithmetic(Code::kSubtract, 0, n);
  return negated ? std::optional(negated->integer()) : std::nullopt;
}

bool CompareValues(const Value& a, const Value& b, Ordering* out) {
  if (a.is(Kind::kInteger) && b.is(Kind::kInteger)) {
    *out = a.integer() < b.integer()   ? Ordering::kLess
           : a.integer() > b.integer() ? Ordering::kGreater
                                       : Ordering::kEqual;
    return true;
  }
  if (a.is_number() && b.is_number()) {
    *out = ToOrdering(Compare(a.number(), b.number()));
    return true;
  }
  if ((a.is_number() || a.is(Kind::kQuantity)) &&
      (b.is_number() || b.is(Kind::kQuantity))) {
    *out = CompareQuantities(AsQuantity(a), AsQuantity(b))
               .value_or(Ordering::kUnknown);
    return true;
  }
  if (a.is_temporal() && b.is_temporal()) {
    if (a.is(Kind::kTime) != b.is(Kind::kTime)) return false;
    *out = Compare(a.temporal(), b.temporal());
    return true;
  }
  if (a.is(Kind::kString) && b.is(Kind::kString)) {
    *out = ToOrdering(a.string().compare(b.string()));
    return true;
  }
  return false;
}

bool Arithmetic(Code code, const Value& a, const Value& b,
                std::optional<Value>* out) {
  out->reset();
  if (a.is(Kind::kInteger) && b.is(Kind::kInteger) && code != Code::kDivide) {
    *out = IntegerArithmetic(code, a.integer(), b.integer());
    return true;
  }
  if (a.is_number() && b.is_number()) {
    *out = DecimalArithmetic(code, a.number(), b.number());
    return true;
  }
  if (code == Code::kAdd && a.is(Kind::kString) && b.is(Kind::kString)) {
    *out = Value::Text(a.string(), b.string());
    return true;
  }
  const bool a_measure = a.is_number() || a.is(Kind::kQuantity);
  const bool b_measure = b.is_number() || b.is(Kind::kQuantity);
  if (a_measure && b_measure) {
    return QuantityArithmetic(code, AsQuantity(a), AsQuantity(b), out);
  }
  if (a.is_temporal() && b.is(Kind::kQuantity) &&
      (code == Code::kAdd || code == Code::kSubtract)) {
    return TemporalArithmetic(code, a, b.quantity(), out);
  }
  return false;
}

}  // namespace stepwell::fhirpath
