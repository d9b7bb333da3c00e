// Any bytes as a table of scores, of courses, of published counts, or as a
// Questionnaire: an error, or figures that add up.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fhir/questionnaire.h"
#include "instruments/cohort.h"
#include "instruments/instrument.h"
#include "json/json.h"
#include "metrics/course_table.h"
#include "metrics/measures.h"
#include "metrics/published.h"

namespace {

namespace si = stepwell::instruments;
namespace sm = stepwell::metrics;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckChange(std::string_view text) {
  for (size_t i = 0; i < si::kChangeMethods; ++i) {
    si::TableChangeRequest request;
    request.pre_column = "pre";
    request.post_column = "post";
    request.cohort.method = static_cast<si::ChangeMethod>(i);
    request.cohort.constants.reliability = 0.8;
    request.cohort.constants.by = 5;
    request.cohort.cutoff = si::CutoffRule::kC;
    request.cohort.functional = si::Group{8, 8};
    const auto report = si::TableChange(request, text);
    if (report.ok()) Require(stepwell::json::Parse(report->json).ok());
  }
}

void CheckFigures(const std::vector<sm::MeasureFigure>& figures) {
  for (const sm::MeasureFigure& figure : figures) {
    if (figure.definition->unit != sm::MeasureUnit::kPercent) continue;
    Require(figure.ratio.numerator <= figure.ratio.denominator);
    Require(figure.tenths.has_value() == (figure.ratio.denominator > 0));
    Require(figure.tenths.value_or(0) <= 1000);
  }
}

void CheckCourses(std::string_view text) {
  const auto table = sm::ReadCourses(text, "team");
  if (!table.ok()) return;
  const size_t groups = table->group_names.size();
  sm::NhsCounts sum;
  for (const sm::NhsCounts& counts :
       sm::CountCourses(table->view(), table->group, groups, {})) {
    sum.Add(counts);
  }
  Require(sum.courses == table->rows);
  Require(sum.improved + sum.deteriorated + sum.no_change + sum.unclassified ==
          sum.finished);
  Require(sm::CountCourses(table->view(), {}, 1, {})[0].recovered ==
          sum.recovered);
  CheckFigures(sm::FiguresOf(sum));
}

void CheckForm(std::string_view text) {
  const auto read = stepwell::fhir::ReadQuestionnaire(text);
  if (!read.ok()) return;
  Require(read->document.empty() == stepwell::HasError(read->issues));
  if (read->document.empty()) return;
  const auto loaded = si::LoadInstrument(read->document);
  Require(loaded.ok() && loaded->instrument != nullptr);
  Require(stepwell::fhir::WriteQuestionnaire(read->document).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckChange(text);
  CheckCourses(text);
  CheckForm(text);
  if (const auto rows = sm::ReadPublished(text); rows.ok()) {
    for (const sm::PublishedRow& row : *rows) CheckFigures(row.figures);
  }
  return 0;
}
