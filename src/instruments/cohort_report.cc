// The report on a cohort's change: counts, and every number that they rest on.
#include <map>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "instruments/cohort.h"
#include "json/json.h"

namespace stepwell::instruments {
namespace {

using Numbers = std::map<std::string, double>;

void Put(Numbers& out, const char* name, const std::optional<double>& value) {
  if (value.has_value()) out[name] = *value;
}

Numbers ParametersOf(const CohortChange& change) {
  Numbers out;
  const ChangeConstants& c = change.constants;
  const ChangeRule& rule = *change.rule;
  if (!IsReliableChangeIndex(rule.method())) {
    out[rule.method() == ChangeMethod::kPercent ? "percent" : "points"] =
        c.by->ToDouble();
    return out;
  }
  out["critical"] = rule.critical();
  out["denominator"] = rule.denominator();
  out["reliability"] = c.reliability;
  out["sem"] = rule.sem();
  Put(out, "correlation", c.correlation);
  Put(out, "difference_reliability", rule.difference_reliability());
  Put(out, "mean_post", c.mean_post);
  Put(out, "mean_pre", c.mean_pre);
  Put(out, "sd_post", c.sd_post);
  Put(out, "sd_pre", c.sd_pre);
  if (rule.method() == ChangeMethod::kNunnallyKotsch) {
    out["reliability_post"] = c.reliability_post.value_or(c.reliability);
  }
  if (rule.method() == ChangeMethod::kJacobsonTruax) {
    out["min_detectable"] = rule.min_detectable();
    out["s_diff"] = rule.s_diff();
    out["smallest_integer_change"] =
        static_cast<double>(rule.smallest_integer_change());
  }
  return out;
}

void WriteGroup(json::Writer& w, const char* key,
                const std::optional<Group>& group) {
  if (!group.has_value()) return;
  w.Key(key).BeginObject();
  w.Key("mean").Double(group->mean).Key("sd").Double(group->sd).EndObject();
}

void WriteCutoff(json::Writer& w, const CohortRequest& request,
                 const CohortChange& change) {
  w.Key("cutoff");
  if (!request.cutoff.has_value()) {
    w.Null();
    return;
  }
  static constexpr std::string_view kRules[] = {"a", "b", "c"};
  w.BeginObject();
  WriteGroup(w, "clinical", change.clinical);
  WriteGroup(w, "functional", request.functional);
  w.Key("rule").String(kRules[static_cast<size_t>(*request.cutoff)]);
  w.Key("value").Double(*change.constants.cutoff).EndObject();
}

// Without a cutoff nobody can be said to have recovered or been harmed.
bool IsKnown(ChangeClass change, const CohortRequest& request) {
  return request.cutoff.has_value() ||
         (change != ChangeClass::kRecovered && change != ChangeClass::kHarmed);
}

void WriteCounts(json::Writer& w, const CohortRequest& request,
                 const CohortChange& change) {
  std::map<std::string_view, size_t> by_name;
  for (size_t i = 0; i < kChangeClasses; ++i) {
    by_name[ChangeClassName(static_cast<ChangeClass>(i))] = i;
  }
  w.Key("counts").BeginObject();
  for (const auto& [name, i] : by_name) {
    w.Key(name);
    IsKnown(static_cast<ChangeClass>(i), request) ? w.UInt(change.counts[i])
                                                  : w.Null();
  }
  w.EndObject();
}

// A coefficient is alpha or of a retest, read in its source or not: whoever
// reads the counts is told.
void WriteReliability(json::Writer& w, const CohortRequest& request) {
  w.Key("reliability_from");
  if (request.instrument == nullptr || request.reliability == nullptr) {
    w.Null();
    return;
  }
  const Reliability& used = *request.reliability;
  w.BeginObject().Key("instrument").String(request.instrument->id());
  w.Key("kind").String(used.kind);
  w.Key("mark").String(MarkName(used.provenance.mark));
  w.Key("population").String(used.population);
  w.Key("source").String(used.provenance.source);
  w.Key("version").String(request.instrument->version()).EndObject();
}

std::string JsonOf(const CohortRequest& request, const CohortChange& change) {
  json::Writer w;
  w.BeginObject().Key("better").String(
      request.direction == Direction::kHigherIsBetter ? "higher" : "lower");
  WriteCounts(w, request, change);
  WriteCutoff(w, request, change);
  w.Key("estimated").BeginArray();
  for (const std::string& name : change.estimated) w.String(name);
  w.EndArray();
  w.Key("fit_for").String(FitsOneCase(request.method) ? "one_case" : "cohort");
  w.Key("method").String(ChangeMethodName(request.method));
  w.Key("missing").UInt(change.missing);
  w.Key("n").UInt(change.rows - change.missing);
  w.Key("parameters").BeginObject();
  for (const auto& [name, value] : ParametersOf(change)) {
    w.Key(name).Double(value);
  }
  w.EndObject();
  WriteReliability(w, request);
  if (request.remission.has_value()) {
    w.Key("remission").BeginObject();
    w.Key("failed").UInt(change.failed).Key("remitted").UInt(change.remitted);
    w.Key("threshold").Raw(ToJsonNumber(*request.remission)).EndObject();
  }
  w.Key("rows").UInt(change.rows);
  w.Key("source").String(ChangeMethodSource(request.method)).EndObject();
  return w.Take();
}

std::string Share(uint64_t part, uint64_t of) {
  if (of == 0) return absl::StrCat(part);
  const uint64_t tenths = (2000 * part + of) / (2 * of);  // half up
  return absl::StrCat(part, " (", tenths / 10, ".", tenths % 10, " %)");
}

std::vector<ReportRow> RowsOf(const CohortRequest& request,
                              const CohortChange& change) {
  std::vector<ReportRow> rows;
  const uint64_t n = change.rows - change.missing;
  rows.push_back(
      {"method", absl::StrCat(ToAbsl(ChangeMethodName(request.method)), ", ",
                              ToAbsl(ChangeMethodSource(request.method)))});
  rows.push_back({"pairs", absl::StrCat(n, " of ", change.rows, " rows")});
  for (size_t i = 0; i < kChangeClasses; ++i) {
    const auto which = static_cast<ChangeClass>(i);
    if (!IsKnown(which, request)) continue;
    // Pairs without a score are no part of the whole.
    rows.push_back({std::string(ChangeClassName(which)),
                    which == ChangeClass::kUndefined
                        ? absl::StrCat(change.counts[i])
                        : Share(change.counts[i], n)});
  }
  if (request.remission.has_value()) {
    rows.push_back({"remission", Share(change.remitted, n)});
    rows.push_back({"neither response nor remission", Share(change.failed, n)});
  }
  if (change.constants.cutoff.has_value()) {
    rows.push_back({"cutoff", absl::StrCat(*change.constants.cutoff)});
  }
  for (const auto& [name, value] : ParametersOf(change)) {
    rows.push_back({absl::StrCat("  ", name), absl::StrCat(value)});
  }
  for (const std::string& name : change.estimated) {
    rows.push_back({"from the table", name});
  }
  if (const Reliability* used = request.reliability) {
    rows.push_back(
        {"reliability",
         absl::StrCat(used->kind, used->population.empty() ? "" : " in ",
                      used->population, ", ",
                      ToAbsl(MarkName(used->provenance.mark)), ": ",
                      used->provenance.source)});
  }
  return rows;
}

}  // namespace

absl::StatusOr<Report> CohortReport(const CohortRequest& request,
                                    const std::vector<CohortPair>& pairs) {
  STEPWELL_ASSIGN_OR_RETURN(const CohortChange change,
                            ChangeOfCohort(request, pairs));
  Report report;
  report.ok = change.missing < change.rows;
  report.json = JsonOf(request, change);
  report.rows = RowsOf(request, change);
  return report;
}

}  // namespace stepwell::instruments
