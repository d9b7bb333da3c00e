// Quantities: comparison and arithmetic by unit, calendar durations.
#include "fhirpath/quantity.h"

#include <algorithm>

namespace stepwell::fhirpath {
namespace {

struct Calendar {
  std::string_view word;
  std::string_view code;  // the UCUM unit of the same length, or nearly
  TimeUnit unit;
};

constexpr Calendar kCalendar[] = {
    {"year", "a", TimeUnit::kYear},
    {"month", "mo", TimeUnit::kMonth},
    {"week", "wk", TimeUnit::kWeek},
    {"day", "d", TimeUnit::kDay},
    {"hour", "h", TimeUnit::kHour},
    {"minute", "min", TimeUnit::kMinute},
    {"second", "s", TimeUnit::kSecond},
    {"millisecond", "ms", TimeUnit::kMillisecond},
};

const Calendar* FindCalendar(std::string_view word) {
  for (const Calendar& entry : kCalendar) {
    if (entry.word == word) return &entry;
  }
  return nullptr;
}

bool YearOrMonth(const Quantity& q) {
  return q.calendar && (q.unit == "year" || q.unit == "month");
}

std::string_view CodeOf(const Quantity& q) {
  const Calendar* entry = q.calendar ? FindCalendar(q.unit) : nullptr;
  return entry == nullptr ? std::string_view(q.unit) : entry->code;
}

struct Pair {
  Decimal a;
  Decimal b;
};

std::optional<Decimal> InBase(const Decimal& value, const Unit& unit) {
  auto product = Multiply(value, unit.numerator);
  if (!product || Compare(unit.denominator, Decimal(1)) == 0) return product;
  return Divide(*product, unit.denominator);
}

// Both values in the same unit; nothing when the kinds differ. With `loose`
// a calendar year is a UCUM year.
std::optional<Pair> Common(const Quantity& a, const Quantity& b, bool loose) {
  if (a.calendar == b.calendar && a.unit == b.unit) {
    return Pair{a.value, b.value};
  }
  if (YearOrMonth(a) && YearOrMonth(b)) {
    const auto months = [](const Quantity& q) {
      return q.unit == "year" ? Multiply(q.value, Decimal(12)) : q.value;
    };
    const auto x = months(a);
    const auto y = months(b);
    return x && y ? std::optional(Pair{*x, *y}) : std::nullopt;
  }
  if ((YearOrMonth(a) || YearOrMonth(b)) && !loose) return std::nullopt;
  const auto unit_a = ParseUnit(CodeOf(a));
  const auto unit_b = ParseUnit(CodeOf(b));
  if (!unit_a || !unit_b || unit_a->powers != unit_b->powers) {
    return std::nullopt;
  }
  const auto x = InBase(a.value, *unit_a);
  const auto y = InBase(b.value, *unit_b);
  if (!x || !y) return std::nullopt;
  return Pair{*x, *y};
}

}  // namespace

bool EquivalentDecimals(const Decimal& a, const Decimal& b) {
  const Decimal x = a.Stripped();
  const Decimal y = b.Stripped();
  const int scale = std::min(x.scale(), y.scale());
  return Compare(*x.Rescaled(scale, Decimal::Rounding::kHalfUp),
                 *y.Rescaled(scale, Decimal::Rounding::kHalfUp)) == 0;
}

std::optional<Ordering> CompareQuantities(const Quantity& a,
                                          const Quantity& b) {
  const auto pair = Common(a, b, false);
  if (!pair) return std::nullopt;
  const int order = Compare(pair->a, pair->b);
  return order < 0   ? Ordering::kLess
         : order > 0 ? Ordering::kGreater
                     : Ordering::kEqual;
}

std::optional<bool> EqualQuantities(const Quantity& a, const Quantity& b) {
  const auto order = CompareQuantities(a, b);
  if (!order) return std::nullopt;
  return *order == Ordering::kEqual;
}

bool EquivalentQuantities(const Quantity& a, const Quantity& b) {
  const auto pair = Common(a, b, true);
  return pair && EquivalentDecimals(pair->a, pair->b);
}

bool ComparableUnits(const Quantity& a, const Quantity& b) {
  return Common({Decimal(1), a.unit, a.calendar},
                {Decimal(1), b.unit, b.calendar}, true)
      .has_value();
}

std::optional<Quantity> ConvertQuantity(const Quantity& value,
                                        std::string_view unit) {
  Quantity target{Decimal(1), std::string(unit), false};
  if (FindCalendar(unit) != nullptr) target.calendar = true;
  if (CodeOf(value) == CodeOf(target)) {
    target.value = value.value;
    return target;
  }
  const auto pair = Common(value, target, false);
  if (!pair) return std::nullopt;
  const auto quotient = Divide(pair->a, pair->b);
  if (!quotient) return std::nullopt;
  target.value = *quotient;
  return target;
}

std::optional<Quantity> AddQuantities(const Quantity& a, const Quantity& b,
                                      bool subtract) {
  Quantity other = b;
  if (a.unit != b.unit || a.calendar != b.calendar) {
    const auto converted =
        ConvertQuantity(b, a.calendar ? std::string_view(a.unit) : CodeOf(a));
    if (!converted) return std::nullopt;
    other = *converted;
  }
  const auto sum =
      subtract ? Subtract(a.value, other.value) : Add(a.value, other.value);
  if (!sum) return std::nullopt;
  return Quantity{*sum, a.unit, a.calendar};
}

std::optional<Quantity> MultiplyQuantities(const Quantity& a,
                                           const Quantity& b) {
  const auto product = Multiply(a.value, b.value);
  if (!product) return std::nullopt;
  if (CodeOf(b) == "1") return Quantity{*product, a.unit, a.calendar};
  if (CodeOf(a) == "1") return Quantity{*product, b.unit, b.calendar};
  std::string unit(CodeOf(a));
  if (unit == CodeOf(b)) {
    unit += "2";
    if (ParseUnit(unit)) return Quantity{*product, unit, false};
    unit = CodeOf(a);
  }
  unit += "." + std::string(CodeOf(b));
  if (!ParseUnit(unit)) return std::nullopt;
  return Quantity{*product, unit, false};
}

std::optional<Quantity> DivideQuantities(const Quantity& a, const Quantity& b) {
  const auto quotient = Divide(a.value, b.value);
  if (!quotient) return std::nullopt;
  if (CodeOf(b) == "1") return Quantity{*quotient, a.unit, a.calendar};
  if (CodeOf(a) == CodeOf(b)) return Quantity{*quotient, "1", false};
  std::string denominator(CodeOf(b));
  if (denominator.find_first_of("./") != std::string::npos) {
    denominator = "(" + denominator + ")";
  }
  std::string unit(CodeOf(a) == "1" ? "" : CodeOf(a));
  unit += "/" + denominator;
  if (!ParseUnit(unit)) return std::nullopt;
  return Quantity{*quotient, unit, false};
}

std::optional<Quantity> ParseQuantity(std::string_view text) {
  const auto trim = [&text] {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  };
  trim();
  size_t end = 0;
  while (end < text.size() &&
         (text[end] == '+' || text[end] == '-' || text[end] == '.' ||
          (text[end] >= '0' && text[end] <= '9'))) {
    ++end;
  }
  const auto value = Decimal::Parse(text.substr(0, end));
  if (!value) return std::nullopt;
  text.remove_prefix(end);
  const bool spaced = !text.empty() && text.front() == ' ';
  trim();
  if (text.empty()) return Quantity{*value, "1", false};
  if (text.front() == '\'') {
    if (text.size() < 3 || text.back() != '\'') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    if (text.find('\'') != std::string_view::npos) return std::nullopt;
    return Quantity{*value, std::string(text), false};
  }
  if (!spaced) return std::nullopt;
  for (const Calendar& entry : kCalendar) {
    const bool plural = text.size() == entry.word.size() + 1 &&
                        text.back() == 's' &&
                        text.substr(0, entry.word.size()) == entry.word;
    if (text == entry.word || plural) {
      return Quantity{*value, std::string(entry.word), true};
    }
  }
  return std::nullopt;
}

std::optional<TimeUnit> TimeUnitOf(const Quantity& quantity) {
  for (const Calendar& entry : kCalendar) {
    // A quoted calendar word counts as the word: 1 'month'.
    if (quantity.unit == entry.word ||
        quantity.unit == std::string(entry.word) + "s") {
      return entry.unit;
    }
    if (!quantity.calendar && entry.code == quantity.unit &&
        entry.unit >= TimeUnit::kWeek) {
      return entry.unit;
    }
  }
  return std::nullopt;
}

}  // namespace stepwell::fhirpath
