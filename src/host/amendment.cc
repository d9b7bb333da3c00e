// A safety amendment: the look-back over all cases, and the correction of those
// that are open.
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_text.h"
#include "host/migration_plans.h"
#include "host/service_impl.h"
#include "json/json.h"

namespace stepwell {
namespace host {
namespace {

using runtime::CaseAmendment;
using Outcome = runtime::CaseMigration::Outcome;

constexpr size_t kPage = 1000;

// What is done, or would be, for the differences of a case.
const char* ActionOf(const std::vector<engine::Difference>& differences) {
  const char* action = "";
  for (const engine::Difference& d : differences) {
    if (!d.act) continue;
    if (d.kind == "alert") return "alert";
    action = "task";
  }
  return action;
}

class Amender {
 public:
  Amender(runtime::Runtime& runtime, const AmendmentOptions& options,
          Instant now)
      : runtime_(runtime), options_(options), now_(now) {}

  absl::StatusOr<AmendmentReport> Run() {
    STEPWELL_ASSIGN_OR_RETURN(plans_, LoadPlans(runtime_, options_.amendment));
    if (plans_.by_hash.empty()) {
      return Precondition("the corrected version is the one that cases are on");
    }
    document_ = plans_.by_hash.begin()->second.get();
    if (document_->approver.empty()) {
      return InvalidInput(
          "a safety amendment reaches every open case: it needs `approver`, "
          "the clinician who answers for it",
          {"/approver", {}});
    }
    STEPWELL_ASSIGN_OR_RETURN(AmendmentReport report,
                              Pass(runtime::MigrateMode::kDryRun));
    // All or none: a case that cannot follow would stay uncorrected in silence.
    if (!options_.apply || report.choice + report.refused > 0) return report;
    STEPWELL_ASSIGN_OR_RETURN(report, Pass(runtime::MigrateMode::kApply));
    report.applied = true;
    return report;
  }

 private:
  absl::StatusOr<AmendmentReport> Pass(runtime::MigrateMode mode) {
    report_ = AmendmentReport();
    reasons_.clear();
    report_.amendment = document_->id;
    report_.from = plans_.from;
    report_.to = plans_.to_name;
    report_.approver = document_->approver;
    report_.reason = document_->reason;
    uint64_t after = 0;
    while (true) {
      STEPWELL_ASSIGN_OR_RETURN(
          const auto streams,
          runtime_.store().ListStreams(store::StreamKind::kCase, after, kPage));
      for (const store::StreamKey& key : streams) {
        STEPWELL_RETURN_IF_ERROR(One(CaseId(key.id), mode));
        after = key.id;
      }
      if (streams.size() < kPage) break;
    }
    for (auto& [key, line] : reasons_) report_.reasons.push_back(line);
    return std::move(report_);
  }

  absl::Status One(CaseId id, runtime::MigrateMode mode) {
    STEPWELL_ASSIGN_OR_RETURN(const auto loaded, runtime_.LoadCase(id));
    const Fingerprint pin = loaded.state->protocol;
    const protocol::Migration* migration = plans_.From(pin);
    const bool concerned = migration != nullptr || pin == plans_.to->hash;
    if (loaded.state->IsClosed() && (!options_.closed || !concerned)) {
      return absl::OkStatus();
    }
    if (!concerned) {
      ++report_.elsewhere;
      return absl::OkStatus();
    }
    STEPWELL_ASSIGN_OR_RETURN(
        const CaseAmendment found,
        runtime_.AmendCase(id, *plans_.to, *document_, migration,
                           ByHost(options_.actor, ""), now_, mode));
    Count(id, found);
    return absl::OkStatus();
  }

  void Count(CaseId id, const CaseAmendment& found) {
    if (!found.open) {
      ++report_.closed;
    } else if (found.outcome == Outcome::kFine) {
      ++report_.fine;
    } else if (found.outcome == Outcome::kThere) {
      ++report_.there;
    } else if (found.outcome == Outcome::kChoice) {
      ++report_.choice;
    } else if (found.outcome == Outcome::kRefused) {
      ++report_.refused;
    }
    report_.asked += found.asked;
    report_.not_asked += found.not_asked;
    const bool choice = found.outcome == Outcome::kChoice;
    for (const std::string& reason : found.reasons) {
      auto& line = reasons_[{choice ? "choice" : "refused", reason}];
      line.verdict = choice ? "choice" : "refused";
      line.reason = reason;
      if (line.cases++ == 0) line.example = CaseText(id);
    }
    if (!found.differences.empty()) AddCase(id, found);
  }

  void AddCase(CaseId id, const CaseAmendment& found) {
    LookBackCase line;
    line.case_id = CaseText(id);
    line.open = found.open;
    line.action = ActionOf(found.differences);
    for (const engine::Difference& d : found.differences) {
      line.differences.push_back(
          {d.seq, d.at, d.kind, d.what, d.before, d.after, d.act});
    }
    report_.alerts += line.action == "alert";
    report_.tasks += line.action == "task";
    report_.cases.push_back(std::move(line));
  }

  runtime::Runtime& runtime_;
  const AmendmentOptions& options_;
  const Instant now_;
  MigrationPlans plans_;
  const protocol::Migration* document_ = nullptr;
  std::map<std::pair<std::string, std::string>, MigrationReport::Reason>
      reasons_;
  AmendmentReport report_;
};

void WriteCase(json::Writer& w, const LookBackCase& line) {
  w.BeginObject();
  w.Key("case_id").String(line.case_id);
  w.Key("open").Bool(line.open);
  w.Key("action").String(line.action);
  w.Key("differences").BeginArray();
  for (const LookBackCase::Difference& d : line.differences) {
    w.BeginObject();
    w.Key("event").UInt(d.event);
    w.Key("at").String(FormatInstantUtc(d.at));
    w.Key("kind").String(d.kind).Key("what").String(d.what);
    w.Key("before").String(d.before).Key("after").String(d.after);
    w.Key("act").Bool(d.act);
    w.EndObject();
  }
  w.EndArray();
  w.EndObject();
}

}  // namespace

absl::StatusOr<AmendmentReport> ServiceImpl::Amend(
    const AmendmentOptions& options, Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
  return Amender(*runtime_, options, now).Run();
}

}  // namespace host

std::string ToJson(const AmendmentReport& report) {
  json::Writer w;
  w.BeginObject();
  w.Key("amendment").String(report.amendment);
  w.Key("from").String(report.from).Key("to").String(report.to);
  w.Key("approver").String(report.approver);
  w.Key("reason").String(report.reason);
  w.Key("applied").Bool(report.applied);
  w.Key("fine").UInt(report.fine).Key("choice").UInt(report.choice);
  w.Key("refused").UInt(report.refused).Key("there").UInt(report.there);
  w.Key("closed").UInt(report.closed).Key("elsewhere").UInt(report.elsewhere);
  w.Key("alerts").UInt(report.alerts).Key("tasks").UInt(report.tasks);
  w.Key("asked").UInt(report.asked).Key("not_asked").UInt(report.not_asked);
  w.Key("reasons").BeginArray();
  for (const MigrationReport::Reason& line : report.reasons) {
    host::WriteReason(w, line);
  }
  w.EndArray();
  w.Key("cases").BeginArray();
  for (const LookBackCase& line : report.cases) host::WriteCase(w, line);
  w.EndArray();
  w.EndObject();
  return w.Take();
}

std::string ToText(const AmendmentReport& report) {
  std::string text = absl::StrCat(report.amendment, ": ", report.from, " -> ",
                                  report.to, ", approved by ", report.approver,
                                  ": ", report.reason, "\n");
  for (const LookBackCase& line : report.cases) {
    absl::StrAppend(&text, line.case_id, line.open ? "" : " (closed)",
                    line.action.empty() ? "" : ": ", line.action, "\n");
    for (const LookBackCase::Difference& d : line.differences) {
      absl::StrAppend(&text, "  ", FormatInstantUtc(d.at), "  event ", d.event,
                      "  ", d.kind, " ", d.what, ": ", d.before, " -> ",
                      d.after, d.act ? "  (act)" : "", "\n");
    }
  }
  return text;
}

}  // namespace stepwell
