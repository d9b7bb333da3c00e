// Internal to the host: outcomes as JSON and as rows for people, of a table or
// of a log. Counts of few people are kept back, with what would tell them.
#ifndef STEPWELL_HOST_OUTCOMES_REPORT_H_
#define STEPWELL_HOST_OUTCOMES_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "json/json.h"
#include "metrics/log_courses.h"
#include "metrics/measures.h"
#include "stepwell/instrument.h"

namespace stepwell::host {

// The counts of one group, or of all.
struct OutcomeGroup {
  std::string name;
  metrics::NhsCounts counts;
  std::optional<metrics::LogCounts> log;  // of a log
};

// Courses with a presenting complaint, and those whose complaint calls for a
// measure of the table: the others are measured with GAD-7.
struct ComplaintCounts {
  uint64_t given = 0, known = 0;
};

struct OutcomesContent {
  OutcomeGroup all;
  std::vector<OutcomeGroup> groups;
  std::string by;        // what makes the groups; empty: nothing
  std::string from, to;  // of the period; empty: no bound
  uint32_t suppress_below = 0;
  std::optional<ComplaintCounts> complaints;  // where there are any
  // Of a log: how many modules are the core dose, and members of the report
  // that are JSON already. Empty: there is no such member.
  std::optional<uint32_t> core_modules;
  std::string stamp, as_corrected;
};

// What is printed of a group, in order.
std::vector<metrics::MeasureFigure> FiguresOf(const OutcomeGroup& group,
                                              bool core_dose);
InstrumentReport WriteOutcomes(const OutcomesContent& content);

// A figure without its group; `whole`: with what its definition says of it.
void WriteFigure(json::Writer& w, const metrics::MeasureFigure& figure,
                 bool whole, bool hidden);
// "none" and the like included.
std::string ShownFigure(const metrics::MeasureFigure& figure, bool hidden);

// A period as a request names its days; empty: no bound.
absl::StatusOr<metrics::Period> PeriodOf(const std::string& from,
                                         const std::string& to);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_OUTCOMES_REPORT_H_
