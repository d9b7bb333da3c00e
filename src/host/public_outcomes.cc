// Outcomes of tables: courses, and counts that somebody else has published.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "host/discretion.h"
#include "host/outcomes_report.h"
#include "host/table_input.h"
#include "json/json.h"
#include "metrics/course_table.h"
#include "metrics/measures.h"
#include "metrics/published.h"
#include "stepwell/measure.h"

namespace stepwell {
namespace {

constexpr std::string_view kCountsDefinition = "nhs-tt-counts";

InstrumentReport ReportOf(const OutcomesRequest& request,
                          const metrics::CourseTable& table,
                          const std::vector<metrics::NhsCounts>& groups) {
  host::OutcomesContent content;
  for (const metrics::NhsCounts& group : groups) {
    content.all.counts.Add(group);
  }
  for (size_t i = 0; i < table.group_names.size(); ++i) {
    content.groups.push_back({table.group_names[i], groups[i], std::nullopt});
  }
  content.by = request.by;
  content.from = request.from;
  content.to = request.to;
  content.suppress_below = request.suppress_below;
  if (table.complaints_given > 0) {
    content.complaints = {table.complaints_given, table.complaints_known};
  }
  return host::WriteOutcomes(content);
}

absl::StatusOr<InstrumentReport> OutcomesOfCounts(
    const OutcomesRequest& request, std::string_view csv) {
  if (!request.by.empty() || !request.from.empty() || !request.to.empty()) {
    return InvalidInput("a table of counts has no groups and no period");
  }
  STEPWELL_ASSIGN_OR_RETURN(const auto rows, metrics::ReadPublished(csv));
  InstrumentReport report;
  json::Writer w;
  w.BeginObject().Key("definition").String(kCountsDefinition);
  w.Key("rows").BeginArray();
  for (const metrics::PublishedRow& row : rows) {
    report.ok = report.ok || !row.figures.empty();
    w.BeginObject().Key("label").String(row.label);
    w.Key("line").UInt(row.line).Key("measures").BeginArray();
    report.rows.emplace_back(row.label, "");
    const std::vector<bool> kept_back =
        host::KeepBack({{row.counts, row.figures}}, request.suppress_below)[0]
            .figures;
    for (size_t i = 0; i < row.figures.size(); ++i) {
      const metrics::MeasureFigure& figure = row.figures[i];
      const bool hidden = kept_back[i];
      host::WriteFigure(w, figure, /*whole=*/false, hidden);
      report.rows.emplace_back("  " + std::string(figure.definition->id),
                               host::ShownFigure(figure, hidden));
    }
    w.EndArray().EndObject();
  }
  w.EndArray();
  w.Key("version").String(metrics::kNhsTtVersion).EndObject();
  report.json = w.Take();
  return report;
}

}  // namespace

absl::StatusOr<InstrumentReport> OutcomesOfTable(
    const OutcomesRequest& request) {
  std::string kept;
  STEPWELL_ASSIGN_OR_RETURN(const std::string_view csv,
                            host::TableText(request, kept));
  if (request.definition == kCountsDefinition) {
    return OutcomesOfCounts(request, csv);
  }
  if (request.definition != metrics::kNhsTtId) {
    return NotFound(absl::StrCat("there is no definition \"",
                                 request.definition,
                                 "\"; nhs-tt or nhs-tt-counts"));
  }
  STEPWELL_ASSIGN_OR_RETURN(const metrics::Period period,
                            host::PeriodOf(request.from, request.to));
  STEPWELL_ASSIGN_OR_RETURN(const metrics::CourseTable table,
                            metrics::ReadCourses(csv, request.by));
  const bool bounded = !request.from.empty() || !request.to.empty();
  if (bounded && table.view().discharged.empty()) {
    return InvalidInput(
        "a period bounds when courses ended: the table needs the column "
        "\"discharged\"");
  }
  return ReportOf(request, table,
                  metrics::CountCourses(table.view(), table.group,
                                        table.group_names.size(), period));
}

std::string MeasuresPage() { return metrics::MeasuresPage(); }

}  // namespace stepwell
