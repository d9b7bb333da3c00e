// Requests as JSON texts, for surfaces that speak JSON (the C interface).
// Unknown members and wrong types are kInvalidArgument with a JSON pointer; an
// empty text means the defaults; a member that is null counts as left out.
#ifndef STEPWELL_REQUESTS_H_
#define STEPWELL_REQUESTS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "stepwell/diagram.h"
#include "stepwell/export.h"
#include "stepwell/expression.h"
#include "stepwell/instrument.h"
#include "stepwell/measure.h"
#include "stepwell/service.h"

namespace stepwell {

// {"as": "svg"|"dot"|"mermaid","language"}
absl::StatusOr<DiagramOptions> DiagramOptionsFromJson(std::string_view text);
// {"owner","include_pools","overdue_only","kind","limit","after","with_text",
// "viewer","whose","due","priority_min","priority_max","deferred",
// "with_counts"}
absl::StatusOr<WorklistQuery> WorklistQueryFromJson(std::string_view text);
// {"context": {...},"coding","profile","missing","risk_threshold"}
absl::StatusOr<ScoreRequest> ScoreRequestFromJson(std::string_view text);
// {"pre","post","profile"}: numbers, or null = missing
absl::StatusOr<ChangeRequest> ChangeRequestFromJson(std::string_view text);
// {"csv","pre","post","method",...} as stepwell_instrument_change has it;
// nothing when there is no "csv" and the table does not come as columns either.
absl::StatusOr<std::optional<TableChangeRequest>> TableChangeRequestFromJson(
    std::string_view text, bool has_columns = false);
// {"definition","by","from","to","suppress_below"}
absl::StatusOr<OutcomesRequest> OutcomesRequestFromJson(std::string_view text);
// {"definition","by","from","to","suppress_below","complaint","core_modules",
// "as_known_at": a time with an offset,"log_head","as_corrected"}
absl::StatusOr<LogOutcomesRequest> LogOutcomesRequestFromJson(
    std::string_view text);
// The same with {"format": "outcomes"}; nothing when `text` has another format.
absl::StatusOr<std::optional<LogOutcomesRequest>> OutcomesExportFromJson(
    std::string_view text);
// {"as_known_at": a time with an offset,"complaint","instrument": {...}}
absl::StatusOr<LogTableRequest> LogTableRequestFromJson(std::string_view text);
// {"model": "r4"|"none","context","questionnaire": {...},"variables": {...},
// "offset_minutes"}
absl::StatusOr<ExpressionOptions> ExpressionOptionsFromJson(
    std::string_view text);

// {"format": "fhir","layout","who","types": [...],"base_url","after",
// "persons_max"}
absl::StatusOr<ExportOptions> ExportOptionsFromJson(std::string_view text);
// {"arrivals.self.per_year": 3000, ...}: paths into a plan with the values to
// put there, in the order of the text.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
PlanSettingsFromJson(std::string_view text);

}  // namespace stepwell

#endif  // STEPWELL_REQUESTS_H_
