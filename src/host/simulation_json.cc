// The results of simulations as canonical JSON (docs/reference/cli.md).
#include <string>

#include "json/json.h"
#include "stepwell/simulation.h"

namespace stepwell {
namespace {

using json::Writer;

void Text(Writer& w, const char* key, const std::string& text) {
  if (!text.empty()) w.Key(key).String(text);
}

void Number(Writer& w, const char* key, const std::optional<double>& number) {
  w.Key(key);
  if (number) {
    w.Double(*number);
  } else {
    w.Null();
  }
}

void IssueList(Writer& w, const char* key, const Issues& issues) {
  static constexpr const char* kSeverities[] = {"error", "warning",
                                                "information"};
  w.Key(key).BeginArray();
  for (const Issue& issue : issues) {
    w.BeginObject();
    w.Key("code").String(issue.code);
    Text(w, "hint", issue.hint);
    w.Key("message").String(issue.message);
    w.Key("pointer").String(issue.pointer);
    w.Key("severity").String(kSeverities[static_cast<size_t>(issue.severity)]);
    w.EndObject();
  }
  w.EndArray();
}

void Measure(Writer& w, const SimulationMeasure& measure) {
  w.BeginObject();
  Number(w, "high", measure.high);
  Number(w, "low", measure.low);
  Number(w, "mean", measure.mean);
  w.Key("n").UInt(measure.n);
  w.Key("name").String(measure.name);
  Text(w, "note", measure.note);
  w.Key("statistic").String(measure.statistic);
  w.Key("stratum").String(measure.stratum);
  w.Key("unit").String(measure.unit);
  w.EndObject();
}

void Measures(Writer& w, const char* key,
              const std::vector<SimulationMeasure>& measures) {
  w.Key(key).BeginArray();
  for (const SimulationMeasure& measure : measures) Measure(w, measure);
  w.EndArray();
}

void Replication(Writer& w, const SimulationReplication& row) {
  w.BeginObject();
  w.Key("name").String(row.name);
  w.Key("replication").UInt(row.replication);
  w.Key("statistic").String(row.statistic);
  w.Key("stratum").String(row.stratum);
  Number(w, "value", row.value);
  w.EndObject();
}

void Manifest(Writer& w, const SimulationManifest& manifest) {
  w.Key("manifest").BeginObject();
  w.Key("plan").String(manifest.plan);
  w.Key("plan_hash").String(manifest.plan_hash);
  w.Key("protocol").String(manifest.protocol);
  w.Key("protocol_hash").String(manifest.protocol_hash);
  w.Key("replications").UInt(manifest.replications);
  w.Key("seed").UInt(manifest.seed);
  w.Key("tzdata").String(manifest.tzdata);
  w.Key("version").String(manifest.version);
  w.EndObject();
}

}  // namespace

std::string ToJson(const SimulationResult& result) {
  Writer w;
  w.BeginObject();
  if (result.against) {
    w.Key("against").BeginObject();
    Measures(w, "differences", result.against->differences);
    Manifest(w, result.against->manifest);
    Measures(w, "measures", result.against->measures);
    w.EndObject();
  }
  w.Key("cases").UInt(result.cases);
  w.Key("commands").UInt(result.commands);
  w.Key("events").UInt(result.events);
  Manifest(w, result.manifest);
  Measures(w, "measures", result.measures);
  w.Key("ok").Bool(result.ok);
  IssueList(w, "plan_issues", result.plan_issues);
  IssueList(w, "protocol_issues", result.protocol_issues);
  w.Key("replications").BeginArray();
  for (const SimulationReplication& row : result.replications) {
    Replication(w, row);
  }
  w.EndArray();
  w.Key("sentences").BeginArray();
  for (const std::string& sentence : result.sentences) w.String(sentence);
  w.EndArray().EndObject();
  return w.Take();
}

std::string ToJson(const PlanCheck& check) {
  Writer w;
  w.BeginObject();
  Text(w, "hash", check.hash);
  w.Key("ok").Bool(check.ok);
  Text(w, "plan", check.plan);
  IssueList(w, "plan_issues", check.plan_issues);
  IssueList(w, "protocol_issues", check.protocol_issues);
  w.EndObject();
  return w.Take();
}

}  // namespace stepwell
