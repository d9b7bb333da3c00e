// A newer version of the protocol: it is deployed for new cases, and open
// cases go over to it one by one, each in a transaction of its own.
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "engine/migrate.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/world.h"

namespace stepwell::runtime {

absl::StatusOr<bool> Runtime::Deploy(
    const engine::Envelope& envelope,
    std::shared_ptr<const protocol::Protocol> protocol, Instant now) {
  bool deployed = false;
  const auto attempt = [&]() -> absl::StatusOr<Receipt> {
    STEPWELL_RETURN_IF_ERROR(Refresh());
    if (current_->hash == protocol->hash) return Receipt();
    if (current_->id != protocol->id) {
      return Precondition(
          absl::StrCat("the service runs ", current_->id, ", and this is ",
                       protocol->id, ": another service, not a newer version"));
    }
    STEPWELL_RETURN_IF_ERROR(CheckAhead(now));
    store::CommitRequest request;
    KeepProtocol(*protocol, request);
    STEPWELL_ASSIGN_OR_RETURN(
        Receipt receipt,
        CommitService(envelope, "deploy_protocol",
                      {engine::ProtocolDeployed{
                          {protocol->hash, protocol->id, protocol->version}}},
                      Receipt(), "", now, std::move(request)));
    deployed = true;
    return receipt;
  };
  STEPWELL_RETURN_IF_ERROR(Retrying(CaseId(), attempt).status());
  if (deployed) {
    // What is loaded from the store has passed the checks of a stored text.
    STEPWELL_ASSIGN_OR_RETURN(current_, ProtocolOf(protocol->hash));
  }
  return deployed;
}

absl::StatusOr<CaseMigration> Runtime::MigrateCase(
    CaseId id, const protocol::Protocol& to,
    const protocol::Migration& migration, engine::Envelope envelope,
    Instant now, MigrateMode mode) {
  CaseMigration result;
  envelope.command_id = absl::StrCat("migrate/", ToHex(to.hash).substr(0, 16),
                                     "/", IdToText(id.value));
  const auto attempt = [&]() -> absl::StatusOr<Receipt> {
    STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(id));
    result = CaseMigration();
    if (loaded.state->protocol != migration.from || loaded.state->IsClosed()) {
      result.outcome = loaded.state->protocol == to.hash
                           ? CaseMigration::Outcome::kThere
                           : CaseMigration::Outcome::kNotOpen;
      return Receipt();
    }
    STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed, Confirmed(now));
    const service::ServiceWorld world(to, service_, caseload_, confirmed);
    STEPWELL_ASSIGN_OR_RETURN(
        engine::MigratedCase moved,
        engine::MigrateCase(*loaded.protocol, to, migration, *loaded.state,
                            world, envelope, now));
    result.reasons = std::move(moved.reasons);
    if (moved.verdict != engine::MigrationVerdict::kFine) {
      result.outcome = moved.verdict == engine::MigrationVerdict::kChoice
                           ? CaseMigration::Outcome::kChoice
                           : CaseMigration::Outcome::kRefused;
      return Receipt();
    }
    result.outcome = CaseMigration::Outcome::kFine;
    if (mode == MigrateMode::kDryRun) return Receipt();
    store::CommitRequest request;
    request.unchanged.push_back(ServiceSeen());
    AddCaseWrite(to, loaded.state->owner, loaded.state->version, moved.events,
                 moved.state, request);
    LimitCaseload(to, moved.events, moved.state, request);
    STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
    TakeCounters(request);
    cases_[id] = std::move(moved.state);
    return Receipt();
  };
  STEPWELL_RETURN_IF_ERROR(Retrying(id, attempt).status());
  return result;
}

absl::Status Runtime::IntoCurrentNumbers(const engine::CaseState& state,
                                         std::vector<engine::Event>& events) {
  for (const engine::EarlierPin& pin : state.earlier_pins) {
    size_t count = 0;
    while (count < events.size() && events[count].seq < pin.until_seq) ++count;
    if (count == 0) continue;
    STEPWELL_ASSIGN_OR_RETURN(const std::vector<engine::Event> at,
                              ReadEvents(state.id, pin.until_seq, 1));
    const auto* migrated =
        at.empty() ? nullptr : std::get_if<engine::Migrated>(&at[0].body);
    if (migrated == nullptr) {
      return Corrupt(absl::StrCat("event ", pin.until_seq, " of case ",
                                  IdToText(state.id.value),
                                  " is not the migration that it should be"));
    }
    engine::IntoNumbersOf(*migrated, std::span(events).first(count));
  }
  return absl::OkStatus();
}

}  // namespace stepwell::runtime
