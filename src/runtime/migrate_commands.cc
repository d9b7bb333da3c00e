// A newer version of the protocol: it is deployed for new cases, and open
// cases go over to it one by one, each in a transaction of its own.
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "engine/migrate.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/world.h"

namespace stepwell::runtime {

// Cases, reports and letters name what they went by as id and version.
absl::Status Runtime::CheckVersionIsNew(const protocol::Protocol& protocol) {
  for (const engine::DeployedProtocol& known : service_.protocols) {
    if (known.version != protocol.version || known.hash == protocol.hash) {
      continue;
    }
    STEPWELL_ASSIGN_OR_RETURN(const auto earlier, ProtocolOf(known.hash));
    if (earlier->logic_hash == protocol.logic_hash) continue;
    return Precondition(absl::StrCat(
        protocol.id, " ", protocol.version,
        " runs here with other content: give what has changed another version "
        "(texts, titles and sources alone may change within one)"));
  }
  return absl::OkStatus();
}

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
    STEPWELL_RETURN_IF_ERROR(CheckVersionIsNew(*protocol));
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
  STEPWELL_RETURN_IF_ERROR(NotePlaces(envelope, now));
  return deployed;
}

absl::StatusOr<CaseMigration> Runtime::MigrateCase(
    CaseId id, const protocol::Protocol& to,
    const protocol::Migration& migration, engine::Envelope envelope,
    Instant now, MigrateMode mode) {
  CaseMigration result;
  envelope.on_behalf_of = migration.approver;
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
    const service::ServiceWorld world = WorldOf(to, confirmed);
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
    STEPWELL_RETURN_IF_ERROR(
        CommitMoved(id, to, loaded, std::move(moved), now));
    return Receipt();
  };
  STEPWELL_RETURN_IF_ERROR(Retrying(id, attempt).status());
  return result;
}

absl::Status Runtime::CommitMoved(CaseId id, const protocol::Protocol& protocol,
                                  const Loaded& before,
                                  engine::MigratedCase moved, Instant now) {
  const service::CaseShare share =
      service::ShareOf(*before.protocol, *before.state);
  store::CommitRequest request;
  request.unchanged.push_back(ServiceSeen());
  StateRow row = before.row;
  AddCaseWrite(protocol, share, before.state->version, moved.events,
               moved.state, &row, BasisAt(now), request);
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  TakeCounters(request);
  cases_[id] = {std::move(moved.state), row};
  return absl::OkStatus();
}

absl::StatusOr<engine::LookBack> Runtime::LookBackOn(
    const Loaded& loaded, const std::vector<engine::Event>& events,
    const protocol::Protocol& to, const protocol::Migration* migration) {
  std::vector<std::shared_ptr<const protocol::Protocol>> kept;
  std::vector<engine::VersionInTime> versions;
  for (const engine::EarlierPin& pin : loaded.state->earlier_pins) {
    STEPWELL_ASSIGN_OR_RETURN(auto earlier, ProtocolOf(pin.protocol));
    versions.push_back({pin.until_seq, earlier.get()});
    kept.push_back(std::move(earlier));
  }
  versions.push_back({0, loaded.protocol.get()});
  return engine::LookBackOver(events, versions, to, migration);
}

namespace {

const engine::Amended* AmendedBy(const std::vector<engine::Event>& events,
                                 const std::string& amendment) {
  for (const engine::Event& event : events) {
    const auto* amended = std::get_if<engine::Amended>(&event.body);
    if (amended != nullptr && amended->amendment == amendment) return amended;
  }
  return nullptr;
}

// The tiers of a case's own version by those of the corrected one: of the same
// name, or the one that becomes it.
std::vector<protocol::TierId> TiersBack(const protocol::Protocol& own,
                                        const protocol::Protocol& to,
                                        const protocol::Migration* migration) {
  std::vector<protocol::TierId> tiers(to.risk.tiers.size());
  for (uint16_t i = 0; i < own.risk.tiers.size(); ++i) {
    const protocol::TierId tier(i);
    const protocol::TierId becomes =
        migration == nullptr ? tier : migration->tables.Map(tier);
    if (!becomes.IsNone()) tiers[becomes.value] = tier;
  }
  return tiers;
}

}  // namespace

absl::StatusOr<engine::MigratedCase> Runtime::Amended(
    const Loaded& loaded, const protocol::Protocol& to,
    const protocol::Migration* migration, const engine::Amendment& amendment,
    engine::Envelope envelope, Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed, Confirmed(now));
  const bool moves = migration != nullptr && !loaded.state->IsClosed();
  const protocol::Protocol& under = moves ? to : *loaded.protocol;
  const service::ServiceWorld world = WorldOf(under, confirmed);
  if (moves) {
    return engine::MigrateCase(*loaded.protocol, to, *migration, *loaded.state,
                               world, std::move(envelope), now, &amendment);
  }
  return engine::AmendInPlace(under, TiersBack(under, to, migration),
                              *loaded.state, world, std::move(envelope), now,
                              amendment);
}

absl::StatusOr<CaseAmendment> Runtime::AmendCase(
    CaseId id, const protocol::Protocol& to,
    const protocol::Migration& document, const protocol::Migration* migration,
    engine::Envelope envelope, Instant now, MigrateMode mode) {
  using Outcome = CaseMigration::Outcome;
  CaseAmendment result;
  envelope.command_id =
      absl::StrCat("amend/", document.id, "/", IdToText(id.value));
  envelope.on_behalf_of = document.approver;
  if (envelope.reason.empty()) envelope.reason = document.reason;
  const auto attempt = [&]() -> absl::StatusOr<Receipt> {
    STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(id));
    result = CaseAmendment();
    result.open = !loaded.state->IsClosed();
    const bool there = loaded.state->protocol == to.hash;
    const bool from =
        migration != nullptr && loaded.state->protocol == migration->from;
    if (!there && !from) return Receipt();
    STEPWELL_ASSIGN_OR_RETURN(const std::vector<engine::Event> events,
                              ReadEvents(id, 1, SIZE_MAX));
    const engine::Amended* before = AmendedBy(events, document.id);
    result.outcome = there ? Outcome::kThere : Outcome::kFine;
    if (before != nullptr) {
      result.done = true;
      result.differences = before->differences;
      return Receipt();
    }
    // One that began under the corrected version was never under another.
    if (there && loaded.state->earlier_pins.empty()) return Receipt();
    engine::Amendment amendment{document.id, document.approver, {}};
    STEPWELL_ASSIGN_OR_RETURN(
        amendment.found,
        LookBackOn(loaded, events, to, there ? nullptr : migration));
    result.differences = amendment.found.differences;
    result.asked = amendment.found.asked;
    result.not_asked = amendment.found.not_asked;
    STEPWELL_ASSIGN_OR_RETURN(engine::MigratedCase moved,
                              Amended(loaded, to, there ? nullptr : migration,
                                      amendment, envelope, now));
    result.reasons = std::move(moved.reasons);
    if (moved.verdict != engine::MigrationVerdict::kFine) {
      result.outcome = moved.verdict == engine::MigrationVerdict::kChoice
                           ? Outcome::kChoice
                           : Outcome::kRefused;
      return Receipt();
    }
    if (mode == MigrateMode::kDryRun) return Receipt();
    const protocol::Protocol& under = result.open ? to : *loaded.protocol;
    STEPWELL_RETURN_IF_ERROR(
        CommitMoved(id, under, loaded, std::move(moved), now));
    result.done = true;
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
