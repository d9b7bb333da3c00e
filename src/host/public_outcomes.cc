// Outcomes of tables: the counts and measures as JSON, and as rows for people.
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "instruments/answers.h"
#include "json/json.h"
#include "metrics/course_table.h"
#include "metrics/measures.h"
#include "metrics/published.h"
#include "stepwell/measure.h"

namespace stepwell {
namespace {

using metrics::MeasureFigure;
using metrics::MeasureUnit;
using metrics::NhsCounts;

constexpr std::string_view kCountsDefinition = "nhs-tt-counts";

// Keeps back what would tell of few people: a small count, and one whose
// complement is small.
class Discretion {
 public:
  explicit Discretion(uint64_t below) : below_(below) {}
  bool Hides(uint64_t count) const { return count > 0 && count < below_; }
  bool Hides(const MeasureFigure& figure) const {
    const metrics::Ratio& r = figure.ratio;
    if (figure.definition->unit != MeasureUnit::kPercent) {
      return Hides(r.denominator) || Hides(r.missing);
    }
    return Hides(r.numerator) || Hides(r.denominator) || Hides(r.missing) ||
           (r.denominator > r.numerator && Hides(r.denominator - r.numerator));
  }
  void Write(json::Writer& w, uint64_t count) const {
    Hides(count) ? w.Null() : w.UInt(count);
  }

 private:
  uint64_t below_;
};

std::string Tenths(int64_t tenths) {
  const int64_t size = std::abs(tenths);
  return absl::StrCat(tenths < 0 ? "-" : "", size / 10,
                      size % 10 == 0 ? "" : absl::StrCat(".", size % 10));
}

// What the missing share is a part of.
uint64_t MissingOf(const MeasureFigure& figure) {
  return figure.definition->unit == MeasureUnit::kPercent
             ? figure.ratio.denominator
             : figure.ratio.denominator + figure.ratio.missing;
}

void WriteValue(json::Writer& w, const MeasureFigure& figure, bool hidden) {
  const bool percent = figure.definition->unit == MeasureUnit::kPercent;
  w.Key(percent ? "percent" : "value");
  if (hidden || (percent ? !figure.tenths : !figure.value)) {
    w.Null();
  } else if (percent) {
    w.Raw(Tenths(static_cast<int64_t>(*figure.tenths)));
  } else {
    w.Double(*figure.value);
  }
}

void WriteFigure(json::Writer& w, const MeasureFigure& figure, bool whole,
                 const Discretion& discretion) {
  const metrics::MeasureDefinition& d = *figure.definition;
  const bool hidden = discretion.Hides(figure);
  const auto count = [&](const char* key, uint64_t value) {
    w.Key(key);
    hidden ? w.Null() : w.UInt(value);
  };
  w.BeginObject();
  w.Key("definition")
      .String(absl::StrCat(ToAbsl(metrics::kNhsTtId), "@",
                           ToAbsl(metrics::kNhsTtVersion), "/", ToAbsl(d.id)));
  count("denominator", figure.ratio.denominator);
  if (whole) w.Key("estimand").String(d.estimand);
  w.Key("id").String(d.id);
  if (whole) w.Key("mark").String(d.verified ? "verified" : "unverified");
  count("missing", figure.ratio.missing);
  w.Key("missing_share");
  const uint64_t of = MissingOf(figure);
  hidden || of == 0 ? w.Null()
                    : w.Double(static_cast<double>(figure.ratio.missing) /
                               static_cast<double>(of));
  if (whole && !d.nhs.empty()) w.Key("nhs").String(d.nhs);
  count("numerator", figure.ratio.numerator);
  if (whole) w.Key("source").String(d.source);
  if (hidden) w.Key("suppressed").Bool(true);
  w.Key("unit").String(metrics::MeasureUnitName(d.unit));
  WriteValue(w, figure, hidden);
  w.EndObject();
}

void WriteCounts(json::Writer& w, const NhsCounts& counts,
                 const Discretion& discretion) {
  const std::pair<const char*, uint64_t> kCounts[] = {
      {"at_caseness", counts.at_caseness},
      {"contacts_missing", counts.contacts_missing},
      {"courses", counts.courses},
      {"deteriorated", counts.deteriorated},
      {"finished", counts.finished},
      {"improved", counts.improved},
      {"mixed", counts.mixed},
      {"no_change", counts.no_change},
      {"not_at_caseness", counts.not_at_caseness},
      {"recovered", counts.recovered},
      {"reliable_recovery", counts.reliable_recovery},
      {"started", counts.started},
      {"unclassified", counts.unclassified},
  };
  w.Key("counts").BeginObject();
  for (const auto& [name, count] : kCounts) {
    w.Key(name);
    discretion.Write(w, count);
  }
  w.EndObject();
}

void WriteMeasures(json::Writer& w, const NhsCounts& counts, bool whole,
                   const Discretion& discretion) {
  w.Key("measures").BeginArray();
  for (const MeasureFigure& figure : metrics::FiguresOf(counts)) {
    WriteFigure(w, figure, whole, discretion);
  }
  w.EndArray();
}

void WriteGap(json::Writer& w, const NhsCounts& counts,
              const Discretion& discretion) {
  bool hidden = false;
  for (const MeasureFigure& figure : metrics::FiguresOf(counts)) {
    const std::string_view id = figure.definition->id;
    hidden = hidden || ((id == "reliable_recovery_completers" ||
                         id == "reliable_recovery_all_started") &&
                        discretion.Hides(figure));
  }
  const auto gap = metrics::EstimandGapTenths(counts);
  w.Key("estimand_gap");
  gap.has_value() && !hidden ? w.Raw(Tenths(*gap)) : w.Null();
}

absl::StatusOr<int32_t> DayOf(const char* what, const std::string& text) {
  if (text.empty()) return metrics::kNone;
  if (const auto day = instruments::ParseDateAnswer(text)) return *day;
  return InvalidInput(
      absl::StrCat(what, " is a date (YYYY-MM-DD), not \"", text, "\""));
}

std::string ShownFigure(const MeasureFigure& figure, bool hidden) {
  const metrics::Ratio& r = figure.ratio;
  if (hidden) return "kept back: few people";
  std::string text = "none";
  if (figure.tenths.has_value()) {
    text = absl::StrCat(Tenths(static_cast<int64_t>(*figure.tenths)), " % (",
                        r.numerator, " of ", r.denominator, ")");
  } else if (figure.value.has_value()) {
    text = absl::StrFormat("%.2f (of %d)", *figure.value, r.denominator);
  }
  if (r.missing > 0) {
    absl::StrAppend(&text, ", missing ",
                    Tenths(static_cast<int64_t>(
                        *metrics::PercentTenths(r.missing, MissingOf(figure)))),
                    " %");
  }
  return text;
}

void AddRows(const NhsCounts& counts, const std::string& indent,
             const Discretion& discretion, InstrumentReport& report) {
  report.rows.emplace_back(
      indent + "finished courses",
      discretion.Hides(counts.finished)
          ? "kept back: few people"
          : absl::StrCat(counts.finished, " of ", counts.courses));
  for (const MeasureFigure& figure : metrics::FiguresOf(counts)) {
    report.rows.emplace_back(indent + std::string(figure.definition->id),
                             ShownFigure(figure, discretion.Hides(figure)));
  }
}

InstrumentReport ReportOf(const OutcomesRequest& request,
                          const metrics::CourseTable& table,
                          const std::vector<NhsCounts>& groups) {
  const Discretion discretion(request.suppress_below);
  NhsCounts all;
  for (const NhsCounts& group : groups) all.Add(group);
  InstrumentReport report;
  report.ok = all.finished > 0;
  json::Writer w;
  w.BeginObject().Key("by");
  request.by.empty() ? w.Null() : w.String(request.by);
  WriteCounts(w, all, discretion);
  w.Key("definition").String(metrics::kNhsTtId);
  WriteGap(w, all, discretion);
  w.Key("groups").BeginArray();
  AddRows(all, "", discretion, report);
  for (size_t i = 0; i < table.group_names.size(); ++i) {
    w.BeginObject();
    WriteCounts(w, groups[i], discretion);
    WriteGap(w, groups[i], discretion);
    WriteMeasures(w, groups[i], /*whole=*/false, discretion);
    w.Key("name").String(table.group_names[i]).EndObject();
    report.rows.emplace_back(
        request.by, table.group_names[i].empty() ? "-" : table.group_names[i]);
    AddRows(groups[i], "  ", discretion, report);
  }
  w.EndArray();
  WriteMeasures(w, all, /*whole=*/true, discretion);
  w.Key("period").BeginObject();
  w.Key("from");
  request.from.empty() ? w.Null() : w.String(request.from);
  w.Key("to");
  request.to.empty() ? w.Null() : w.String(request.to);
  w.EndObject();
  w.Key("suppress_below").UInt(request.suppress_below);
  w.Key("version").String(metrics::kNhsTtVersion).EndObject();
  report.json = w.Take();
  return report;
}

absl::StatusOr<InstrumentReport> OutcomesOfCounts(
    const OutcomesRequest& request) {
  if (!request.by.empty() || !request.from.empty() || !request.to.empty()) {
    return InvalidInput("a table of counts has no groups and no period");
  }
  STEPWELL_ASSIGN_OR_RETURN(const auto rows,
                            metrics::ReadPublished(request.csv));
  const Discretion discretion(request.suppress_below);
  InstrumentReport report;
  json::Writer w;
  w.BeginObject().Key("definition").String(kCountsDefinition);
  w.Key("rows").BeginArray();
  for (const metrics::PublishedRow& row : rows) {
    report.ok = report.ok || !row.figures.empty();
    w.BeginObject().Key("label").String(row.label);
    w.Key("line").UInt(row.line).Key("measures").BeginArray();
    report.rows.emplace_back(row.label, "");
    for (const MeasureFigure& figure : row.figures) {
      WriteFigure(w, figure, /*whole=*/false, discretion);
      report.rows.emplace_back("  " + std::string(figure.definition->id),
                               ShownFigure(figure, discretion.Hides(figure)));
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
  if (request.definition == kCountsDefinition) return OutcomesOfCounts(request);
  if (request.definition != metrics::kNhsTtId) {
    return NotFound(absl::StrCat("there is no definition \"",
                                 request.definition,
                                 "\"; nhs-tt or nhs-tt-counts"));
  }
  metrics::Period period;
  STEPWELL_ASSIGN_OR_RETURN(period.from, DayOf("from", request.from));
  STEPWELL_ASSIGN_OR_RETURN(period.to, DayOf("to", request.to));
  STEPWELL_ASSIGN_OR_RETURN(const metrics::CourseTable table,
                            metrics::ReadCourses(request.csv, request.by));
  return ReportOf(request, table,
                  metrics::CountCourses(table.view(), table.group,
                                        table.group_names.size(), period));
}

std::string MeasuresPage() { return metrics::MeasuresPage(); }

}  // namespace stepwell
