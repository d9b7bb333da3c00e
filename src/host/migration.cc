// A newer version of the protocol: deploying it, drafting a migration, and
// moving open cases over.
#include "protocol/migration.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/strings.h"
#include "host/migration_plans.h"
#include "host/protocol_impl.h"
#include "host/service_impl.h"
#include "protocol/approval.h"

namespace stepwell {
namespace host {

void WriteReason(json::Writer& w, const MigrationReport::Reason& line) {
  w.BeginObject();
  w.Key("verdict").String(line.verdict).Key("reason").String(line.reason);
  w.Key("cases").UInt(line.cases).Key("example").String(line.example);
  w.EndObject();
}

MigrationDraft DraftOf(const protocol::Protocol& from,
                       const protocol::Protocol& to) {
  protocol::AutoPlan plan = protocol::PlanByNames(from, to);
  MigrationDraft draft;
  draft.document = std::move(plan.document);
  for (const protocol::Unmapped& what : plan.unmapped) {
    draft.unmapped.push_back(absl::StrCat(
        what.kind, ": ", what.name, what.why.empty() ? "" : ": ", what.why));
  }
  return draft;
}

void WriteDraft(json::Writer& w, const MigrationDraft& draft) {
  w.BeginObject();
  w.Key("document").String(draft.document);
  w.Key("unmapped").BeginArray();
  for (const std::string& what : draft.unmapped) w.String(what);
  w.EndArray();
  w.EndObject();
}

namespace {

using runtime::CaseMigration;

constexpr size_t kPage = 1000;

// Moves cases and keeps count of what becomes of them.
class Mover {
 public:
  Mover(runtime::Runtime& runtime, const MigrationOptions& options, Instant now)
      : runtime_(runtime), options_(options), now_(now) {}

  absl::StatusOr<MigrationReport> Run() {
    STEPWELL_ASSIGN_OR_RETURN(plans_, LoadPlans(runtime_, options_.migration));
    report_.from = plans_.from;
    report_.to = plans_.to_name;
    report_.applied = options_.apply;
    uint64_t after = 0;
    if (!options_.after.empty() && !IdFromText(options_.after, &after)) {
      return InvalidInput("`after` is not one that an earlier batch gave");
    }
    uint64_t looked_at = 0;
    while (true) {
      STEPWELL_ASSIGN_OR_RETURN(
          const auto streams,
          runtime_.store().ListStreams(store::StreamKind::kCase, after, kPage));
      for (const store::StreamKey& key : streams) {
        if (options_.cases_max != 0 && looked_at == options_.cases_max) {
          report_.next = IdToText(after);
          return Finish();
        }
        STEPWELL_RETURN_IF_ERROR(One(CaseId(key.id)));
        after = key.id;
        ++looked_at;
      }
      if (streams.size() < kPage) return Finish();
    }
  }

 private:
  absl::Status One(CaseId id) {
    STEPWELL_ASSIGN_OR_RETURN(const auto loaded, runtime_.LoadCase(id));
    if (loaded.state->protocol == plans_.to->hash) {
      ++report_.there;
      return absl::OkStatus();
    }
    const protocol::Migration* migration = plans_.From(loaded.state->protocol);
    if (migration == nullptr || loaded.state->IsClosed()) {
      ++report_.not_concerned;
      return absl::OkStatus();
    }
    STEPWELL_ASSIGN_OR_RETURN(
        const CaseMigration moved,
        runtime_.MigrateCase(id, *plans_.to, *migration,
                             ByHost(options_.actor, ""), now_,
                             options_.apply ? runtime::MigrateMode::kApply
                                            : runtime::MigrateMode::kDryRun));
    Count(id, moved);
    return absl::OkStatus();
  }

  void Count(CaseId id, const CaseMigration& moved) {
    switch (moved.outcome) {
      case CaseMigration::Outcome::kFine:
        ++report_.fine;
        return;
      case CaseMigration::Outcome::kThere:
        ++report_.there;
        return;
      case CaseMigration::Outcome::kNotOpen:
        ++report_.not_concerned;
        return;
      case CaseMigration::Outcome::kChoice:
        ++report_.choice;
        break;
      case CaseMigration::Outcome::kRefused:
        ++report_.refused;
        break;
    }
    const bool choice = moved.outcome == CaseMigration::Outcome::kChoice;
    for (const std::string& reason : moved.reasons) {
      auto& line = reasons_[{choice ? "choice" : "refused", reason}];
      if (line.cases++ == 0) line.example = CaseText(id);
    }
  }

  MigrationReport Finish() {
    for (auto& [key, line] : reasons_) {
      line.verdict = key.first;
      line.reason = key.second;
      report_.reasons.push_back(std::move(line));
    }
    return std::move(report_);
  }

  runtime::Runtime& runtime_;
  const MigrationOptions& options_;
  const Instant now_;
  MigrationPlans plans_;
  std::map<std::pair<std::string, std::string>, MigrationReport::Reason>
      reasons_;
  MigrationReport report_;
};

}  // namespace

absl::StatusOr<DeployResult> ServiceImpl::Deploy(const DeployOptions& options,
                                                 Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(const auto protocol,
                            CompileDocument(options.protocol));
  STEPWELL_RETURN_IF_ERROR(protocol::CheckDeployable(
      *protocol, options.prototype ? protocol::Deployment::kPrototype
                                   : protocol::Deployment::kLive));
  DeployResult result{
      protocol->id, protocol->version, ToHex(protocol->hash), false, 0, {}};
  engine::Envelope envelope = ByHost(options.actor, options.reason);
  envelope.command_id = absl::StrCat("deploy/", result.hash);
  STEPWELL_ASSIGN_OR_RETURN(result.deployed,
                            runtime_->Deploy(envelope, protocol, now));
  std::set<std::string> missing;
  STEPWELL_RETURN_IF_ERROR(
      ForEachCase([&](CaseId, const engine::CaseState& state,
                      const protocol::Protocol& own) -> absl::Status {
        if (state.protocol == protocol->hash || state.IsClosed()) {
          return absl::OkStatus();
        }
        ++result.open_cases_elsewhere;
        for (const protocol::Pool& pool : own.pools) {
          if (protocol->FindPool(pool.id).IsNone()) missing.insert(pool.id);
        }
        return absl::OkStatus();
      }));
  result.pools_elsewhere.assign(missing.begin(), missing.end());
  return result;
}

absl::StatusOr<MigrationReport> ServiceImpl::Migrate(
    const MigrationOptions& options, Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
  return Mover(*runtime_, options, now).Run();
}

}  // namespace host

absl::StatusOr<MigrationDraft> DraftMigration(std::string_view from,
                                              std::string_view to) {
  STEPWELL_ASSIGN_OR_RETURN(const auto before, host::CompileDocument(from));
  STEPWELL_ASSIGN_OR_RETURN(const auto after, host::CompileDocument(to));
  return host::DraftOf(*before, *after);
}

std::string ToJson(const DeployResult& result) {
  json::Writer w;
  w.BeginObject();
  w.Key("protocol").String(result.protocol);
  w.Key("version").String(result.version);
  w.Key("hash").String(result.hash);
  w.Key("deployed").Bool(result.deployed);
  w.Key("open_cases_elsewhere").UInt(result.open_cases_elsewhere);
  w.Key("pools_elsewhere").BeginArray();
  for (const std::string& pool : result.pools_elsewhere) w.String(pool);
  w.EndArray();
  w.EndObject();
  return w.Take();
}

std::string ToJson(const MigrationReport& report) {
  json::Writer w;
  w.BeginObject();
  w.Key("from").String(report.from).Key("to").String(report.to);
  w.Key("applied").Bool(report.applied);
  w.Key("fine").UInt(report.fine).Key("choice").UInt(report.choice);
  w.Key("refused").UInt(report.refused).Key("there").UInt(report.there);
  w.Key("not_concerned").UInt(report.not_concerned);
  w.Key("reasons").BeginArray();
  for (const MigrationReport::Reason& line : report.reasons) {
    host::WriteReason(w, line);
  }
  w.EndArray();
  w.Key("next").String(report.next);
  w.EndObject();
  return w.Take();
}

std::string ToJson(const MigrationDraft& draft) {
  json::Writer w;
  host::WriteDraft(w, draft);
  return w.Take();
}

}  // namespace stepwell
