// lowBoundary(), highBoundary(), precision(): what a value of limited
// precision may really be.
#include <algorithm>

#include "fhirpath/vm.h"

namespace stepwell::fhirpath {
namespace {

using Arguments = std::span<Collection>;

constexpr int kDecimalDefault = 8;

// The bound nearer to zero is cut, the other rounded half up.
std::optional<Decimal> DecimalBoundary(const Decimal& value, int digits,
                                       bool high) {
  if (value.scale() >= Decimal::kDigitsMax) return std::nullopt;
  const Decimal half(int128{5}, value.scale() + 1);
  const Decimal magnitude = value.Abs();
  const bool outward = value.zero() || high != value.negative();
  const auto bound = outward ? Add(magnitude, half) : Subtract(magnitude, half);
  if (!bound) return std::nullopt;
  const auto scaled =
      bound->Rescaled(digits, outward ? Decimal::Rounding::kHalfUp
                                      : Decimal::Rounding::kTruncate);
  if (!scaled) return std::nullopt;
  const bool negative = value.zero() ? !high : value.negative();
  return negative ? scaled->Negated() : *scaled;
}

struct Field {
  int digits;
  Precision precision;
};
constexpr Field kDateFields[] = {
    {4, Precision::kYear}, {6, Precision::kMonth}, {8, Precision::kDay}};
constexpr Field kDateTimeFields[] = {
    {4, Precision::kYear},   {6, Precision::kMonth},   {8, Precision::kDay},
    {10, Precision::kHour},  {12, Precision::kMinute}, {14, Precision::kSecond},
    {17, Precision::kSecond}};
constexpr Field kTimeFields[] = {{2, Precision::kHour},
                                 {4, Precision::kMinute},
                                 {6, Precision::kSecond},
                                 {9, Precision::kSecond}};

std::span<const Field> FieldsOf(Kind kind) {
  if (kind == Kind::kDate) return kDateFields;
  if (kind == Kind::kTime) return kTimeFields;
  return kDateTimeFields;
}

void FillHigh(Temporal* t, Precision from) {
  if (from < Precision::kMonth) t->month = 12;
  if (from < Precision::kDay) {
    t->day = static_cast<uint8_t>(DaysInMonth(t->year, t->month));
  }
  if (from < Precision::kHour) t->hour = 23;
  if (from < Precision::kMinute) t->minute = 59;
  if (from < Precision::kSecond) t->second = 59;
}

std::optional<Temporal> TemporalBoundary(const Value& value, int digits,
                                         bool high) {
  Temporal t = value.temporal();
  const Field* field = nullptr;
  for (const Field& entry : FieldsOf(value.kind())) {
    if (entry.digits == digits) field = &entry;
  }
  if (field == nullptr) return std::nullopt;
  if (high) {
    // Milliseconds are what the finest precision counts.
    if (t.precision < Precision::kSecond) {
      t.microsecond = 999'000;
    } else if (t.fraction_digits < 3) {
      t.microsecond += t.fraction_digits == 0   ? 999'000
                       : t.fraction_digits == 1 ? 99'000
                                                : 9'000;
    }
    FillHigh(&t, t.precision);
  }
  t.precision = field->precision;
  t.fraction_digits = digits == 17 || digits == 9 ? 3 : 0;
  t.microsecond = t.fraction_digits == 3 ? t.microsecond / 1000 * 1000 : 0;
  if (t.precision < Precision::kHour) {
    t.has_offset = 0;
  } else if (value.is(Kind::kDateTime) && !t.has_offset) {
    t.has_offset = 1;
    t.offset_minutes = static_cast<int16_t>(high ? -12 * 60 : 14 * 60);
  }
  return t;
}

Value OfKind(Kind kind, const Temporal& t) {
  return kind == Kind::kDate   ? Value::Date(t)
         : kind == Kind::kTime ? Value::Time(t)
                               : Value::DateTime(t);
}

bool Boundary(Vm& vm, Collection& input, Arguments arguments, bool high) {
  const std::string_view what = high ? "highBoundary()" : "lowBoundary()";
  std::optional<int64_t> asked;
  if (!arguments.empty() && !vm.IntegerOf(arguments[0], what, &asked)) {
    return false;
  }
  if (!vm.AtMostOne(input, what)) return false;
  if (input.empty()) return true;
  const auto plain = vm.Plain(input[0]);
  const bool lacks = !plain && vm.LacksValue(input[0]);
  input.clear();
  if (lacks) return true;
  if (!plain) return vm.Fail(std::string(what) + " takes a plain value");
  if (asked && (*asked < 0 || *asked > Decimal::kDigitsMax)) return true;
  if (plain->is_number() || plain->is(Kind::kQuantity)) {
    const int digits = static_cast<int>(asked.value_or(kDecimalDefault));
    if (plain->is_number()) {
      const auto bound = DecimalBoundary(plain->number(), digits, high);
      if (bound) input.push_back(Value::Of(*bound));
      return true;
    }
    Quantity quantity = plain->quantity();
    const auto bound = DecimalBoundary(quantity.value, digits, high);
    if (!bound) return true;
    quantity.value = *bound;
    input.push_back(Value::Of(std::move(quantity)));
    return true;
  }
  if (!plain->is_temporal()) {
    return vm.Fail(std::string(what) +
                   " takes a number, quantity, date or time");
  }
  const int most = FieldsOf(plain->kind()).back().digits;
  const auto bound =
      TemporalBoundary(*plain, static_cast<int>(asked.value_or(most)), high);
  if (bound) input.push_back(OfKind(plain->kind(), *bound));
  return true;
}

bool LowBoundary(Vm& vm, Collection& input, Arguments arguments) {
  return Boundary(vm, input, arguments, false);
}
bool HighBoundary(Vm& vm, Collection& input, Arguments arguments) {
  return Boundary(vm, input, arguments, true);
}

// Digits after the point, or digits of a date and time.
bool PrecisionOf(Vm& vm, Collection& input, Arguments) {
  if (!vm.AtMostOne(input, "precision()")) return false;
  if (input.empty()) return true;
  const auto plain = vm.Plain(input[0]);
  if (!plain && vm.LacksValue(input[0])) return input.clear(), true;
  if (plain && plain->is_number()) {
    input.SetOnly(Value::Integer(plain->number().scale()));
    return true;
  }
  if (plain && plain->is(Kind::kQuantity)) {
    input.SetOnly(Value::Integer(plain->quantity().value.scale()));
    return true;
  }
  if (!plain || !plain->is_temporal()) {
    return vm.Fail("precision() takes a number, quantity, date or time");
  }
  const Temporal t = plain->temporal();
  int digits = 0;
  for (const Field& field : FieldsOf(plain->kind())) {
    if (field.precision != t.precision) continue;
    digits = field.digits;
    break;
  }
  if (t.fraction_digits > 0) digits += static_cast<int>(t.fraction_digits);
  input.SetOnly(Value::Integer(digits));
  return true;
}

constexpr Takes kV = Takes::kValues;
constexpr Missing kMay = Missing::kPossible;

const Builtin kTable[] = {
    {"lowBoundary", 0, 1, kV, Gives::kUnknown, kAnyType, false, kMay,
     LowBoundary},
    {"highBoundary", 0, 1, kV, Gives::kUnknown, kAnyType, false, kMay,
     HighBoundary},
    {"precision", 0, 0, kV, Gives::kFixed, kIntegerType, false,
     Missing::kAsInput, PrecisionOf},
};

}  // namespace

std::span<const Builtin> BoundaryBuiltins() { return kTable; }

}  // namespace stepwell::fhirpath
