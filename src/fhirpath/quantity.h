// Internal: UCUM units and calendar durations.
#ifndef STEPWELL_FHIRPATH_QUANTITY_H_
#define STEPWELL_FHIRPATH_QUANTITY_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "fhirpath/value.h"

namespace stepwell::fhirpath {

// A unit as a factor (numerator / denominator) over base dimensions:
// m, g, s, rad, K, C, cd, and one for each arbitrary unit ([iU]).
struct Unit {
  static constexpr int kDimensions = 9;
  Decimal numerator = Decimal(1);
  Decimal denominator = Decimal(1);
  std::array<int8_t, kDimensions> powers{};
};

// The unit a UCUM code means; nothing when it is not among the known ones.
std::optional<Unit> ParseUnit(std::string_view code);

// The unit of a product or quotient: `mg` and `/mL` give `mg/mL`, `mg/mL` and
// `mL` give `mg`. Nothing when one of the two is not known.
std::optional<std::string> CombineUnits(std::string_view a, std::string_view b,
                                        bool divide);
// The singular of a calendar unit in singular or plural, or empty.
std::string_view CalendarUnit(std::string_view word);

// Nothing when the units are of different kinds, or mix calendar years or
// months with UCUM's.
std::optional<Ordering> CompareQuantities(const Quantity& a, const Quantity& b);
// Nothing: cannot be told.
std::optional<bool> EqualQuantities(const Quantity& a, const Quantity& b);
bool EquivalentQuantities(const Quantity& a, const Quantity& b);
bool ComparableUnits(const Quantity& a, const Quantity& b);
// `value` in `unit`; nothing when it cannot be converted.
std::optional<Quantity> ConvertQuantity(const Quantity& value,
                                        std::string_view unit);
std::optional<Quantity> AddQuantities(const Quantity& a, const Quantity& b,
                                      bool subtract);
std::optional<Quantity> MultiplyQuantities(const Quantity& a,
                                           const Quantity& b);
std::optional<Quantity> DivideQuantities(const Quantity& a, const Quantity& b);
// A longer unit is none.
inline constexpr size_t kUnitBytesMax = 256;
// `4 days`, `1.5 'mg'`, `7`.
std::optional<Quantity> ParseQuantity(std::string_view text);
// The unit for date arithmetic, if it is one.
std::optional<TimeUnit> TimeUnitOf(const Quantity& quantity);
// Equivalence of decimals: at the precision of the less precise.
bool EquivalentDecimals(const Decimal& a, const Decimal& b);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_QUANTITY_H_
