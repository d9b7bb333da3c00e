#include "stepwell/tables.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "host/log_tables.h"
#include "host/rescore.h"
#include "json/json.h"
#include "stepwell/requests.h"
#include "wire/members.h"

namespace stepwell {
namespace {

using Type = Column::Type;

// Who sent the referrals; of one that names nobody, its route.
std::string ReceiversOf(const WorkLine& line) {
  std::string text;
  for (const LetterReceiver& one : line.to) {
    absl::StrAppend(&text, text.empty() ? "" : ", ",
                    one.referrer.empty() ? one.route : one.referrer);
  }
  return text;
}

absl::StatusOr<Table> WorklistTable(Service& service, std::string_view text,
                                    Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(WorklistQuery query, WorklistQueryFromJson(text));
  Table table{"worklist",
              {{"kind", Type::kText},       {"case", Type::kText},
               {"person", Type::kText},     {"what", Type::kText},
               {"title", Type::kText},      {"pool", Type::kText},
               {"staff", Type::kText},      {"priority", Type::kInteger},
               {"state", Type::kText},      {"since", Type::kTime},
               {"due", Type::kTime},        {"overdue", Type::kBool},
               {"ordinal", Type::kInteger}, {"note", Type::kText},
               {"homework", Type::kBool},   {"claimed", Type::kBool},
               {"follow_up", Type::kTime},  {"of", Type::kText},
               {"thread", Type::kText},     {"unread", Type::kBool},
               {"letter", Type::kBool},     {"to", Type::kText},
               {"withheld", Type::kText},   {"occurrence", Type::kInteger}}};
  do {
    STEPWELL_ASSIGN_OR_RETURN(const Worklist page,
                              service.QueryWorklist(query, now));
    for (const WorkLine& line : page.lines) {
      auto column = table.columns.begin();
      (column++)->Text(line.kind);
      (column++)->TextOrNull(line.case_id);
      (column++)->TextOrNull(line.person_id);
      (column++)->Text(line.what);
      (column++)->TextOrNull(line.title);
      (column++)->TextOrNull(line.owner_pool);
      (column++)->TextOrNull(line.owner_staff);
      (column++)->Integer(line.priority);
      (column++)->Text(line.state);
      (column++)->Time(line.since);
      (column++)->Time(line.due);
      (column++)->Bool(line.overdue);
      (column++)->Integer(line.ordinal);
      (column++)->TextOrNull(line.note);
      (column++)->Bool(line.homework);
      (column++)->Bool(line.claimed);
      (column++)->Time(line.follow_up);
      (column++)->TextOrNull(line.of);
      (column++)->TextOrNull(line.thread);
      (column++)->Bool(line.unread);
      (column++)->Bool(line.letter);
      (column++)->TextOrNull(ReceiversOf(line));
      (column++)->TextOrNull(line.withheld);
      line.occurrence > 0 ? column->Integer(line.occurrence) : column->Null();
    }
    query.after = page.next;
  } while (!query.after.empty());
  return table;
}

// The columns of an event, after those that say whose it is.
void AddEntry(const TimelineEntry& entry,
              std::vector<Column>::iterator column) {
  (column++)->Integer(static_cast<int64_t>(entry.seq));
  (column++)->Time(entry.at);
  (column++)->Time(entry.recorded);
  (column++)->Text(entry.event);
  (column++)->TextOrNull(entry.actor);
  (column++)->Text(entry.text);
  (column++)->Text(entry.json);
}

absl::StatusOr<Table> TimelineTable(Service& service, std::string_view text,
                                    Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(text.empty() ? "{}" : text));
  wire::Members members(document.root(), /*lenient=*/false);
  members.Need("who", "a case id, a person id, or system|value");
  const std::string who = members.TextOr("who");
  members.Finish();
  STEPWELL_RETURN_IF_ERROR(members.status());
  STEPWELL_ASSIGN_OR_RETURN(const CaseSummary summary,
                            service.QueryCase(who, now));
  Table table{"timeline",
              {{"case", Type::kText},
               {"seq", Type::kInteger},
               {"at", Type::kTime},
               {"recorded", Type::kTime},
               {"event", Type::kText},
               {"actor", Type::kText},
               {"text", Type::kText},
               {"json", Type::kText}}};
  for (const TimelineEntry& entry : summary.timeline) {
    auto column = table.columns.begin();
    (column++)->Text(summary.case_id);
    AddEntry(entry, column);
  }
  return table;
}

// The service's own stream.
absl::StatusOr<Table> ServiceLogTable(Service& service,
                                      std::string_view query) {
  constexpr size_t kPage = 1000;
  if (!query.empty() && query != "{}") {
    return InvalidInput("the table service_log takes no query");
  }
  Table table{"service_log",
              {{"seq", Type::kInteger},
               {"at", Type::kTime},
               {"recorded", Type::kTime},
               {"event", Type::kText},
               {"actor", Type::kText},
               {"text", Type::kText},
               {"json", Type::kText}}};
  uint64_t after = 0;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const std::vector<TimelineEntry> entries,
                              service.QueryServiceLog(after, kPage));
    for (const TimelineEntry& entry : entries) {
      AddEntry(entry, table.columns.begin());
      after = entry.seq;
    }
    if (entries.size() < kPage) return table;
  }
}

absl::StatusOr<Table> LogTableOf(Service& service, std::string_view name,
                                 std::string_view text, Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(LogTableRequest request,
                            LogTableRequestFromJson(text));
  request.table = std::string(name);
  return service.QueryLogTable(request, now);
}

// A measure a row, of all (no group) and of each group.
absl::StatusOr<Table> OutcomesTable(Service& service, std::string_view text,
                                    Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const LogOutcomesRequest request,
                            LogOutcomesRequestFromJson(text));
  STEPWELL_ASSIGN_OR_RETURN(const InstrumentReport report,
                            service.QueryOutcomes(request, now));
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(report.json));
  Table table{"outcomes",
              {{"group", Type::kText},
               {"id", Type::kText},
               {"definition", Type::kText},
               {"unit", Type::kText},
               {"numerator", Type::kInteger},
               {"denominator", Type::kInteger},
               {"missing", Type::kInteger},
               {"missing_share", Type::kNumber},
               {"value", Type::kNumber},
               {"suppressed", Type::kBool}}};
  const auto add = [&](json::Value group, json::Value measures) {
    for (const json::Value figure : json::Children(measures)) {
      auto column = table.columns.begin();
      const auto words = [&](json::Value value) {
        value ? (column++)->Text(value.string_value()) : (column++)->Null();
      };
      const auto whole = [&](const char* key) {
        const auto number = figure.Find(key).int64_value();
        number ? (column++)->Integer(*number) : (column++)->Null();
      };
      const json::Value percent = figure.Find("percent");
      words(group);
      for (const char* key : {"id", "definition", "unit"}) {
        words(figure.Find(key));
      }
      for (const char* key : {"numerator", "denominator", "missing"}) {
        whole(key);
      }
      (column++)->Number(figure.Find("missing_share").double_value());
      (column++)->Number(
          (percent ? percent : figure.Find("value")).double_value());
      (column++)->Bool(static_cast<bool>(figure.Find("suppressed")));
    }
  };
  add({}, document.root().Find("measures"));
  for (const json::Value group :
       json::Children(document.root().Find("groups"))) {
    add(group.Find("name"), group.Find("measures"));
  }
  return table;
}

// One figure a row.
class Figures {
 public:
  void Add(const char* section, std::string_view name, const char* statistic,
           std::optional<double> value) {
    auto column = table_.columns.begin();
    (column++)->Text(section);
    (column++)->Text(name);
    (column++)->Text(statistic);
    (column++)->Number(value);
  }
  void Count(std::string_view name, uint64_t count) {
    Add("counts", name, "count", static_cast<double>(count));
  }
  Table Take() { return std::move(table_); }

 private:
  Table table_{"summary",
               {{"section", Type::kText},
                {"name", Type::kText},
                {"statistic", Type::kText},
                {"value", Type::kNumber}}};
};

absl::StatusOr<Table> SummaryTable(Service& service, Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const ServiceSummary s, service.Summarise(now));
  Figures figures;
  figures.Count("referrals", s.referrals);
  figures.Count("cases", s.cases);
  figures.Count("started", s.started);
  figures.Count("completed", s.completed);
  figures.Count("closed", s.closed);
  figures.Count("modules_done", s.modules_done);
  figures.Count("alerts", s.alerts);
  figures.Count("voided_responses", s.voided_responses);
  for (const ServiceSummary::FollowUp& window : s.follow_ups) {
    const auto count = [&](const char* what, uint64_t number) {
      figures.Add("follow_ups", window.window, what,
                  static_cast<double>(number));
    };
    count("early", window.early);
    count("on_time", window.on_time);
    count("late", window.late);
    count("missed", window.missed);
    count("ahead", window.ahead);
    count("suspended", window.suspended);
  }
  for (const ServiceSummary::Wait& wait : s.waits) {
    figures.Add("waits", wait.name, "n", static_cast<double>(wait.n));
    figures.Add("waits", wait.name, "waiting",
                static_cast<double>(wait.waiting));
    figures.Add("waits", wait.name, "median_days", wait.median_days);
    figures.Add("waits", wait.name, "mean_days", wait.mean_days);
  }
  for (const ServiceSummary::Change& change : s.changes) {
    const std::string& name = change.instrument;
    figures.Add("changes", name, "pairs", static_cast<double>(change.pairs));
    figures.Add("changes", name, "unpaired",
                static_cast<double>(change.unpaired));
    figures.Add("changes", name, "mean_first", change.mean_first);
    figures.Add("changes", name, "mean_last", change.mean_last);
    figures.Add("changes", name, "mean_change", change.mean_change);
  }
  figures.Add("minutes", "staff", "sum", static_cast<double>(s.minutes));
  figures.Add("minutes", "staff", "recorded",
              static_cast<double>(s.minutes_recorded));
  figures.Add("minutes", "staff", "missing",
              static_cast<double>(s.minutes_missing));
  figures.Add("minutes", "staff", "per_patient", s.minutes_per_patient);
  return figures.Take();
}

Table MeasuresTable(const char* name,
                    const std::vector<SimulationMeasure>& measures) {
  Table table{name,
              {{"name", Type::kText},
               {"stratum", Type::kText},
               {"statistic", Type::kText},
               {"unit", Type::kText},
               {"mean", Type::kNumber},
               {"low", Type::kNumber},
               {"high", Type::kNumber},
               {"n", Type::kInteger},
               {"note", Type::kText}}};
  for (const SimulationMeasure& measure : measures) {
    auto column = table.columns.begin();
    (column++)->Text(measure.name);
    (column++)->TextOrNull(measure.stratum);
    (column++)->Text(measure.statistic);
    (column++)->TextOrNull(measure.unit);
    (column++)->Number(measure.mean);
    (column++)->Number(measure.low);
    (column++)->Number(measure.high);
    (column++)->Integer(static_cast<int64_t>(measure.n));
    (column++)->TextOrNull(measure.note);
  }
  return table;
}

Table ReplicationsTable(const SimulationResult& result) {
  Table table{"replications",
              {{"replication", Type::kInteger},
               {"name", Type::kText},
               {"stratum", Type::kText},
               {"statistic", Type::kText},
               {"value", Type::kNumber}}};
  for (const SimulationReplication& one : result.replications) {
    auto column = table.columns.begin();
    (column++)->Integer(one.replication);
    (column++)->Text(one.name);
    (column++)->TextOrNull(one.stratum);
    (column++)->Text(one.statistic);
    (column++)->Number(one.value);
  }
  return table;
}

}  // namespace

absl::StatusOr<Table> ServiceTable(Service& service, std::string_view name,
                                   std::string_view query, Instant now) {
  if (name == "outcomes") return OutcomesTable(service, query, now);
  if (host::FindLogTable(name) != nullptr) {
    return LogTableOf(service, name, query, now);
  }
  if (name == "worklist") return WorklistTable(service, query, now);
  if (name == "timeline") return TimelineTable(service, query, now);
  if (name == "service_log") return ServiceLogTable(service, query);
  if (name != "summary") {
    return InvalidInput(
        absl::StrCat("a service has no table \"", ToAbsl(name),
                     "\": worklist, timeline, summary, ",
                     "outcomes, service_log, or one of the log ",
                     "(docs/formats/tables.md)"));
  }
  if (!query.empty()) {
    return InvalidInput("the table summary takes no query");
  }
  return SummaryTable(service, now);
}

std::vector<std::string> LogTableNames() {
  std::vector<std::string> names;
  for (const host::TableSpec& spec : host::LogTableSpecs()) {
    if (spec.name != host::kRescored) names.emplace_back(spec.name);
  }
  return names;
}

absl::StatusOr<Table> SimulationTable(const SimulationResult& result,
                                      std::string_view name) {
  if (name == "measures") return MeasuresTable("measures", result.measures);
  if (name == "differences") {
    if (result.against) {
      return MeasuresTable("differences", result.against->differences);
    }
    return InvalidInput("the simulation was compared with none (`against`)");
  }
  if (name == "replications") return ReplicationsTable(result);
  return InvalidInput(
      absl::StrCat("a simulation has no table \"", ToAbsl(name),
                   "\": measures, replications or differences"));
}

}  // namespace stepwell
