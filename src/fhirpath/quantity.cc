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

// `word` may be in the plural.
const Calendar* FindCalendar(std::string_view word) {
  for (const Calendar& entry : kCalendar) {
    const std::string_view unit = entry.word;
    if (word.substr(0, unit.size()) != unit) continue;
    if (word.size() == unit.size() || word.substr(unit.size()) == "s") {
      return &entry;
    }
  }
  return nullptr;
}

// A quoted word counts as the word: 1 'month'.
const Calendar* CalendarOf(const Quantity& q) { return FindCalendar(q.unit); }

bool YearOrMonth(const Calendar* entry) {
  return entry != nullptr && entry->unit <= TimeUnit::kMonth;
}

std::string_view CodeOf(const Quantity& q) {
  const Calendar* entry = CalendarOf(q);
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

// In a calculation that has no date to start from a year is 365 days and a
// month 30 (FHIRPath N1, toQuantity()).
std::optional<Unit> UnitOf(const Quantity& q, bool in_days) {
  const Calendar* entry = CalendarOf(q);
  if (!in_days || !YearOrMonth(entry)) return ParseUnit(CodeOf(q));
  auto day = ParseUnit("d");
  const auto days = Multiply(
      day->numerator, Decimal(entry->unit == TimeUnit::kYear ? 365 : 30));
  if (!days) return std::nullopt;
  day->numerator = *days;
  return day;
}

// Years and months both: a year is 12 months.
std::optional<Pair> InMonths(const Quantity& a, const Quantity& b) {
  const auto months = [](const Quantity& q) {
    const bool year = CalendarOf(q)->unit == TimeUnit::kYear;
    return year ? Multiply(q.value, Decimal(12)) : q.value;
  };
  const auto x = months(a);
  const auto y = months(b);
  return x && y ? std::optional(Pair{*x, *y}) : std::nullopt;
}

// Both values in the same unit; nothing when the kinds differ. With `loose`
// a calendar year is a UCUM year.
std::optional<Pair> Common(const Quantity& a, const Quantity& b, bool loose) {
  if (a.unit == b.unit) return Pair{a.value, b.value};
  const Calendar* of_a = CalendarOf(a);
  const Calendar* of_b = CalendarOf(b);
  if (YearOrMonth(of_a) && YearOrMonth(of_b)) return InMonths(a, b);
  const bool both = of_a != nullptr && of_b != nullptr;
  if ((YearOrMonth(of_a) || YearOrMonth(of_b)) && !both && !loose) {
    return std::nullopt;
  }
  const auto unit_a = UnitOf(a, both);
  const auto unit_b = UnitOf(b, both);
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
  if (unit.size() > kUnitBytesMax) return std::nullopt;
  Quantity target{Decimal(1), std::string(unit), false};
  if (const Calendar* entry = FindCalendar(unit)) {
    target.unit = entry->word;
    target.calendar = true;
  }
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

// The result has the finer of the two units.
std::optional<Quantity> AddQuantities(const Quantity& a, const Quantity& b,
                                      bool subtract) {
  Quantity left = a, right = b;
  if (a.unit != b.unit) {
    const auto units = Common({Decimal(1), a.unit, a.calendar},
                              {Decimal(1), b.unit, b.calendar}, false);
    if (!units) return std::nullopt;
    const bool finer = Compare(units->a, units->b) <= 0;
    const auto converted =
        finer ? ConvertQuantity(b, a.unit) : ConvertQuantity(a, b.unit);
    if (!converted) return std::nullopt;
    (finer ? right : left) = *converted;
  }
  const auto sum = subtract ? Subtract(left.value, right.value)
                            : Add(left.value, right.value);
  if (!sum) return std::nullopt;
  left.value = *sum;
  return left;
}

std::optional<Quantity> MultiplyQuantities(const Quantity& a,
                                           const Quantity& b) {
  const auto product = Multiply(a.value, b.value);
  if (!product) return std::nullopt;
  if (CodeOf(b) == "1") return Quantity{*product, a.unit, a.calendar};
  if (CodeOf(a) == "1") return Quantity{*product, b.unit, b.calendar};
  auto unit = CombineUnits(CodeOf(a), CodeOf(b), false);
  if (!unit) return std::nullopt;
  return Quantity{*product, *std::move(unit), false};
}

std::optional<Quantity> DivideQuantities(const Quantity& a, const Quantity& b) {
  const auto quotient = Divide(a.value, b.value);
  if (!quotient) return std::nullopt;
  if (CodeOf(b) == "1") return Quantity{*quotient, a.unit, a.calendar};
  if (CodeOf(a) == CodeOf(b)) return Quantity{*quotient, "1", false};
  auto unit = CombineUnits(CodeOf(a), CodeOf(b), true);
  if (!unit) return std::nullopt;
  return Quantity{*quotient, *std::move(unit), false};
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
    if (text.size() > kUnitBytesMax) return std::nullopt;
    if (text.find('\'') != std::string_view::npos) return std::nullopt;
    return Quantity{*value, std::string(text), false};
  }
  if (!spaced) return std::nullopt;
  if (const Calendar* entry = FindCalendar(text)) {
    return Quantity{*value, std::string(entry->word), true};
  }
  return std::nullopt;
}

std::optional<TimeUnit> TimeUnitOf(const Quantity& quantity) {
  if (const Calendar* entry = CalendarOf(quantity)) return entry->unit;
  for (const Calendar& entry : kCalendar) {
    if (entry.code == quantity.unit && entry.unit >= TimeUnit::kWeek) {
      return entry.unit;
    }
  }
  return std::nullopt;
}

std::string_view CalendarUnit(std::string_view word) {
  const Calendar* entry = FindCalendar(word);
  return entry == nullptr ? std::string_view() : entry->word;
}

}  // namespace stepwell::fhirpath
