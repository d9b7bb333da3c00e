// The published measures: what each counts, of whom, and who says so. The one
// list from which figures, their names and docs/reference/measures.md come.
#ifndef STEPWELL_METRICS_MEASURES_H_
#define STEPWELL_METRICS_MEASURES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/nhs_tt.h"

namespace stepwell::metrics {

// A whole number of tenths of a per cent, rounded half up; nothing of nothing.
std::optional<uint64_t> PercentTenths(uint64_t numerator, uint64_t denominator);

enum class MeasureUnit : uint8_t { kPercent, kEffectSize, kMinutes };
std::string_view MeasureUnitName(MeasureUnit unit);

struct MeasureDefinition {
  std::string_view id;
  std::string_view nhs;  // NHS England's number; may be empty
  MeasureUnit unit;
  std::string_view numerator;
  std::string_view denominator;
  std::string_view estimand;  // of whom, and what an absent value means
  std::string_view missing;   // what its missing share counts
  std::string_view source;
  bool verified;
  std::string_view set = kNhsTtId, version = kNhsTtVersion;
};
std::vector<const MeasureDefinition*> NhsTtMeasures();

struct MeasureFigure {
  const MeasureDefinition* definition = nullptr;
  Ratio ratio;                     // effect: numerator = denominator = pairs
  uint64_t missing_of = 0;         // what ratio.missing is a part of
  bool missing_known = true;       // false: published counts do not tell it
  std::optional<uint64_t> tenths;  // kPercent
  std::optional<double> value;     // effect size; mean minutes
  bool operator==(const MeasureFigure&) const = default;
};
// One figure a definition, in their order.
std::vector<MeasureFigure> FiguresOf(const NhsCounts& counts);

// Reliable recovery of completers less that of all who started, in tenths of a
// percentage point: what the choice of estimand is worth.
std::optional<int64_t> EstimandGapTenths(const NhsCounts& counts);

// docs/reference/measures.md, whole.
std::string MeasuresPage();

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_MEASURES_H_
