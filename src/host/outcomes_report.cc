#include "host/outcomes_report.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "host/corrections_text.h"
#include "host/discretion.h"
#include "instruments/answers.h"

namespace stepwell::host {
namespace {

using metrics::MeasureFigure;
using metrics::MeasureUnit;
using metrics::NhsCounts;

constexpr char kKeptBack[] = "kept back: few people";

// What is kept back of all, then of each group.
std::vector<Hidden> HiddenOf(const OutcomesContent& content) {
  const bool core_dose = content.core_modules.has_value();
  std::vector<ShownNumbers> rows;
  rows.push_back({content.all.counts, FiguresOf(content.all, core_dose)});
  for (const OutcomeGroup& group : content.groups) {
    rows.push_back({group.counts, FiguresOf(group, core_dose)});
  }
  return KeepBack(rows, content.suppress_below);
}

std::string Tenths(int64_t tenths) {
  const int64_t size = std::abs(tenths);
  return absl::StrCat(tenths < 0 ? "-" : "", size / 10,
                      size % 10 == 0 ? "" : absl::StrCat(".", size % 10));
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

// One group, or all (`whole`), into the report.
class GroupWriter {
 public:
  GroupWriter(json::Writer& w, const OutcomeGroup& group, const Hidden& hidden,
              bool core_dose)
      : w_(w),
        group_(group),
        hidden_(hidden),
        figures_(FiguresOf(group, core_dose)) {}

  void Counts() {
    w_.Key("counts").BeginObject();
    for (size_t i = 0; i < kCountNames; ++i) {
      w_.Key(kCounts[i].name);
      // Without dates of first treatments nobody knows who started.
      const bool unknown = i == kStartedCount && !group_.counts.starts_known;
      hidden_.counts[i] || unknown ? w_.Null()
                                   : w_.UInt(group_.counts.*kCounts[i].count);
    }
    w_.EndObject();
  }

  void Gap() {
    bool hidden = false;
    for (size_t i = 0; i < figures_.size(); ++i) {
      const std::string_view id = figures_[i].definition->id;
      hidden = hidden ||
               (hidden_.figures[i] && (id == "reliable_recovery_completers" ||
                                       id == "reliable_recovery_all_started"));
    }
    const auto gap = metrics::EstimandGapTenths(group_.counts);
    w_.Key("estimand_gap");
    gap.has_value() && !hidden ? w_.Raw(Tenths(*gap)) : w_.Null();
  }

  void Measures(bool whole) {
    w_.Key("measures").BeginArray();
    for (size_t i = 0; i < figures_.size(); ++i) {
      WriteFigure(w_, figures_[i], whole, hidden_.figures[i]);
    }
    w_.EndArray();
  }

  void Rows(const std::string& indent, InstrumentReport& report) const {
    const NhsCounts& counts = group_.counts;
    const bool hidden =
        hidden_.counts[kFinishedCount] || hidden_.counts[kCoursesCount];
    report.rows.emplace_back(
        indent + "finished courses",
        hidden ? std::string(kKeptBack)
               : absl::StrCat(counts.finished, " of ", counts.courses));
    if (counts.contacts_missing > 0) {
      report.rows.emplace_back(
          indent + "contacts not known",
          hidden_.counts[kContactsMissingCount]
              ? std::string(kKeptBack)
              : absl::StrCat(counts.contacts_missing, " of ", counts.courses));
    }
    for (size_t i = 0; i < figures_.size(); ++i) {
      report.rows.emplace_back(indent + std::string(figures_[i].definition->id),
                               ShownFigure(figures_[i], hidden_.figures[i]));
    }
  }

 private:
  json::Writer& w_;
  const OutcomeGroup& group_;
  const Hidden& hidden_;
  std::vector<MeasureFigure> figures_;
};

void TextOrNull(json::Writer& w, const char* key, const std::string& text) {
  w.Key(key);
  text.empty() ? w.Null() : w.String(text);
}

}  // namespace

std::vector<MeasureFigure> FiguresOf(const OutcomeGroup& group,
                                     bool core_dose) {
  std::vector<MeasureFigure> figures = metrics::FiguresOf(group.counts);
  if (!group.log) return figures;
  std::vector<MeasureFigure> of_log = metrics::FiguresOf(*group.log, core_dose);
  // The minutes of a log are known by the piece.
  std::erase_if(figures, [&](const MeasureFigure& figure) {
    return figure.definition->id == of_log[0].definition->id;
  });
  figures.insert(figures.end(), of_log.begin(), of_log.end());
  return figures;
}

void WriteFigure(json::Writer& w, const MeasureFigure& figure, bool whole,
                 bool hidden) {
  const metrics::MeasureDefinition& d = *figure.definition;
  const auto count = [&](const char* key, uint64_t value) {
    w.Key(key);
    hidden ? w.Null() : w.UInt(value);
  };
  w.BeginObject();
  w.Key("definition")
      .String(absl::StrCat(ToAbsl(d.set), "@", ToAbsl(d.version), "/",
                           ToAbsl(d.id)));
  count("denominator", figure.ratio.denominator);
  if (whole) w.Key("estimand").String(d.estimand);
  w.Key("id").String(d.id);
  if (whole) w.Key("mark").String(d.verified ? "verified" : "unverified");
  w.Key("missing");
  hidden || !figure.missing_known ? w.Null() : w.UInt(figure.ratio.missing);
  w.Key("missing_share");
  hidden || !figure.missing_known || figure.missing_of == 0
      ? w.Null()
      : w.Double(static_cast<double>(figure.ratio.missing) /
                 static_cast<double>(figure.missing_of));
  if (whole && !d.nhs.empty()) w.Key("nhs").String(d.nhs);
  count("numerator", figure.ratio.numerator);
  if (whole) w.Key("source").String(d.source);
  if (hidden) w.Key("suppressed").Bool(true);
  w.Key("unit").String(metrics::MeasureUnitName(d.unit));
  WriteValue(w, figure, hidden);
  w.EndObject();
}

std::string ShownFigure(const MeasureFigure& figure, bool hidden) {
  const metrics::Ratio& r = figure.ratio;
  if (hidden) return kKeptBack;
  std::string text = "none";
  if (figure.tenths.has_value()) {
    text = absl::StrCat(Tenths(static_cast<int64_t>(*figure.tenths)), " % (",
                        r.numerator, " of ", r.denominator, ")");
  } else if (figure.value.has_value()) {
    text = absl::StrFormat("%.2f (of %d)", *figure.value, r.denominator);
  }
  const auto missing = metrics::PercentTenths(r.missing, figure.missing_of);
  if (!figure.missing_known) {
    absl::StrAppend(&text, ", missing not known");
  } else if (r.missing > 0 && missing.has_value()) {
    absl::StrAppend(&text, ", missing ", Tenths(static_cast<int64_t>(*missing)),
                    " %");
  }
  return text;
}

namespace {

absl::StatusOr<int32_t> DayOf(const char* what, const std::string& text) {
  if (text.empty()) return metrics::kNone;
  if (const auto day = instruments::ParseDateAnswer(text)) return *day;
  return InvalidInput(
      absl::StrCat(what, " is a date (YYYY-MM-DD), not \"", text, "\""));
}

void WriteComplaints(json::Writer& w, const ComplaintCounts& counts,
                     uint32_t below) {
  const bool hidden =
      IsFew(counts.known, below) || IsFew(counts.given - counts.known, below);
  w.Key("complaints").BeginObject();
  w.Key("given");
  hidden ? w.Null() : w.UInt(counts.given);
  w.Key("known");
  hidden ? w.Null() : w.UInt(counts.known);
  w.EndObject();
}

}  // namespace

absl::StatusOr<metrics::Period> PeriodOf(const std::string& from,
                                         const std::string& to) {
  metrics::Period period;
  STEPWELL_ASSIGN_OR_RETURN(period.from, DayOf("from", from));
  STEPWELL_ASSIGN_OR_RETURN(period.to, DayOf("to", to));
  if (period.to != metrics::kNone && period.from > period.to) {
    return InvalidInput(absl::StrCat("the period ends (", to,
                                     ") before it begins (", from,
                                     "): nothing can be in it"));
  }
  return period;
}

InstrumentReport WriteOutcomes(const OutcomesContent& content) {
  const std::vector<Hidden> hidden = HiddenOf(content);
  const bool core_dose = content.core_modules.has_value();
  InstrumentReport report;
  report.ok = content.all.counts.finished > 0;
  json::Writer w;
  w.BeginObject();
  if (!content.as_corrected.empty()) {
    w.Key("as_corrected").Raw(content.as_corrected);
  }
  TextOrNull(w, "by", content.by);
  if (content.complaints) {
    WriteComplaints(w, *content.complaints, content.suppress_below);
  }
  if (core_dose) w.Key("core_modules").UInt(*content.core_modules);
  GroupWriter all(w, content.all, hidden[0], core_dose);
  all.Counts();
  w.Key("definition").String(metrics::kNhsTtId);
  all.Gap();
  w.Key("groups").BeginArray();
  all.Rows("", report);
  for (size_t i = 0; i < content.groups.size(); ++i) {
    const OutcomeGroup& group = content.groups[i];
    GroupWriter one(w, group, hidden[i + 1], core_dose);
    w.BeginObject();
    one.Counts();
    one.Gap();
    one.Measures(/*whole=*/false);
    w.Key("name").String(group.name).EndObject();
    report.rows.emplace_back(content.by, group.name.empty() ? "-" : group.name);
    one.Rows("  ", report);
  }
  w.EndArray();
  if (!content.as_corrected.empty()) {
    for (auto& row : CorrectionRows(content.as_corrected, content.by)) {
      report.rows.push_back(std::move(row));
    }
  }
  all.Measures(/*whole=*/true);
  w.Key("period").BeginObject();
  TextOrNull(w, "from", content.from);
  TextOrNull(w, "to", content.to);
  w.EndObject();
  if (!content.stamp.empty()) w.Key("stamp").Raw(content.stamp);
  w.Key("suppress_below").UInt(content.suppress_below);
  w.Key("version").String(metrics::kNhsTtVersion).EndObject();
  report.json = w.Take();
  return report;
}

}  // namespace stepwell::host
