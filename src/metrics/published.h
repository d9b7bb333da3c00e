// Published tables of NHS Talking Therapies counts: the same definitions over
// counts that somebody else made.
#ifndef STEPWELL_METRICS_PUBLISHED_H_
#define STEPWELL_METRICS_PUBLISHED_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metrics/measures.h"

namespace stepwell::metrics {

struct PublishedRow {
  size_t line = 0;
  std::string label;  // the text columns, joined by " / "
  NhsCounts counts;   // 0 where the row has none
  // Recovery, reliable recovery, improvement, deterioration, no change: those
  // whose counts the row has.
  std::vector<MeasureFigure> figures;
};

// Columns as NHS England names them: finished_course_treatment_count,
// not_at_caseness_count, recovery_count, reliable_recovery_count,
// improvement_count, no_reliable_change_count, deterioration_count. NULL (not
// reported), * (suppressed) and an empty field are missing. Counts that cannot
// be (more recovered than cases) are kInvalidArgument and name the line. How
// much is missing for a figure is known where the row's counts tell it.
absl::StatusOr<std::vector<PublishedRow>> ReadPublished(std::string_view csv);

}  // namespace stepwell::metrics

#endif  // STEPWELL_METRICS_PUBLISHED_H_
