// Opening, loading, remembering.
#include "runtime/runtime.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "engine/apply.h"
#include "protocol/load_stored.h"
#include "runtime/rows.h"
#include "service/command_names.h"
#include "service/projection.h"
#include "wire/record.h"

namespace stepwell::runtime {

using store::StreamKey;
using store::StreamKind;

namespace {

constexpr StreamKey kServiceStream = {StreamKind::kService, 1};
// States kept in memory under their version; beyond it all are dropped.
constexpr size_t kCachedCasesMax = 200'000;
// A protocol with what it imports.
constexpr size_t kImportsMax = 10'000;
// How often a command is tried again after another writer won.
constexpr int kTriesMax = 16;

}  // namespace

void KeepProtocol(const protocol::Protocol& protocol,
                  store::CommitRequest& request) {
  const std::string key = ToHex(protocol.hash);
  request.documents.push_back({"protocol", key, protocol.document});
  for (const auto& [path, text] : protocol.imports) {
    request.documents.push_back({"protocol/" + key, path, text});
  }
}

std::string ContentOf(const engine::Command& command) {
  const Fingerprint print = FingerprintOf(wire::EncodeCommand(command));
  return std::string(reinterpret_cast<const char*>(print.bytes.data()),
                     print.bytes.size());
}

absl::StatusOr<std::unique_ptr<Runtime>> Runtime::Create(
    std::unique_ptr<store::Store> store, const std::string& tenant,
    std::shared_ptr<const protocol::Protocol> protocol, Instant now) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(store)));
  runtime->current_ = protocol;
  runtime->protocols_.push_back(protocol);
  engine::Envelope envelope;
  envelope.command_id = "service/open";
  store::CommitRequest request;
  KeepProtocol(*protocol, request);
  STEPWELL_ASSIGN_OR_RETURN(
      const Receipt receipt,
      runtime->CommitService(
          envelope, "open_service",
          {engine::ServiceOpened{tenant},
           engine::ProtocolDeployed{
               {protocol->hash, protocol->id, protocol->version}}},
          Receipt(), "", now, std::move(request)));
  (void)receipt;
  return runtime;
}

absl::StatusOr<std::unique_ptr<Runtime>> Runtime::Open(
    std::unique_ptr<store::Store> store) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(store)));
  STEPWELL_RETURN_IF_ERROR(runtime->Reload());
  if (runtime->service_.protocols.empty()) {
    return Precondition("the store holds no service: create one first");
  }
  return runtime;
}

absl::Status Runtime::Reload() {
  STEPWELL_ASSIGN_OR_RETURN(const auto row, store_->LoadState(kServiceStream));
  if (row) {
    STEPWELL_ASSIGN_OR_RETURN(service_, wire::DecodeServiceState(row->bytes));
  }
  caseloads_.Clear();
  for (const std::string_view prefix :
       {service::kCaseloadPrefix, service::kWeightPrefix,
        service::kTurnPrefix}) {
    STEPWELL_ASSIGN_OR_RETURN(const auto counters, store_->Counters(prefix));
    for (const auto& [name, value] : counters) caseloads_.Take(name, value);
  }
  // Another process may have deployed a newer version.
  if (!service_.protocols.empty() &&
      (current_ == nullptr ||
       current_->hash != service_.protocols.back().hash)) {
    STEPWELL_ASSIGN_OR_RETURN(current_,
                              ProtocolOf(service_.protocols.back().hash));
  }
  return absl::OkStatus();
}

absl::Status Runtime::Refresh() {
  STEPWELL_ASSIGN_OR_RETURN(const auto row, store_->LoadState(kServiceStream));
  return row && row->version != service_.version ? Reload() : absl::OkStatus();
}

store::StreamCheck Runtime::ServiceSeen() const {
  return {kServiceStream, service_.version};
}

absl::StatusOr<Receipt> Runtime::Retrying(
    CaseId about, absl::FunctionRef<absl::StatusOr<Receipt>()> attempt) {
  for (int i = 0;; ++i) {
    absl::StatusOr<Receipt> receipt = attempt();
    const bool lost = store::CheckFailureOf(receipt.status()).check !=
                      store::FailedCheck::kNone;
    if (!lost || i == kTriesMax) return receipt;
    cases_.erase(about);
    STEPWELL_RETURN_IF_ERROR(Reload());
  }
}

Receipt RefusalOfAbsent(const engine::ServiceState& service,
                        const engine::Envelope& envelope, Instant now) {
  Receipt receipt;
  const engine::Actor& actor = envelope.actor;
  if (actor.role != engine::Role::kStaff || actor.staff.value == 0 ||
      actor.staff.value > service.staff.size()) {
    return receipt;
  }
  const engine::StaffState& staff = service.staff[actor.staff.value - 1];
  // What is of the service takes effect now, whatever time it names.
  if (staff.left_at <= now) {
    receipt.code = "has_left";
    receipt.reason = "who gives the command has left the service";
  } else if (staff.starts_at && now < *staff.starts_at) {
    receipt.code = "not_begun";
    receipt.reason = "who gives the command begins later";
  }
  if (!receipt.code.empty()) receipt.kind = ReceiptKind::kRejected;
  return receipt;
}

absl::StatusOr<Receipt> Runtime::Once(
    const engine::Envelope& envelope, const std::string& fingerprint,
    Instant now, absl::FunctionRef<absl::StatusOr<Receipt>()> attempt) {
  return Retrying(CaseId(), [&]() -> absl::StatusOr<Receipt> {
    STEPWELL_ASSIGN_OR_RETURN(const std::optional<Receipt> earlier,
                              FindReceipt(envelope.command_id, fingerprint));
    if (earlier) return *earlier;
    STEPWELL_RETURN_IF_ERROR(CheckAhead(now));
    const Receipt absent = RefusalOfAbsent(service_, envelope, now);
    if (absent.code.empty()) return attempt();
    return Remember(absent, envelope.command_id, fingerprint, {},
                    {ServiceSeen()});
  });
}

Basis Runtime::BasisAt(Instant now) const {
  return {service_, caseloads_, now};
}

void Runtime::TakeCounters(const store::CommitRequest& request) {
  for (const store::CounterWrite& counter : request.counters) {
    caseloads_.Take(counter.name, counter.delta);
  }
}

absl::StatusOr<std::shared_ptr<const protocol::Protocol>> Runtime::ProtocolOf(
    const Fingerprint& hash) {
  for (const auto& known : protocols_) {
    if (known->hash == hash) return known;
  }
  const std::string key = ToHex(hash);
  STEPWELL_ASSIGN_OR_RETURN(const auto document,
                            store_->GetDocument("protocol", key));
  if (!document) {
    return Corrupt(absl::StrCat("the store lacks protocol ", key));
  }
  // Its imports come from the store too: a newer catalogue changes no case.
  const std::string space = "protocol/" + key;
  std::vector<std::pair<std::string, std::string>> imports;
  STEPWELL_ASSIGN_OR_RETURN(const auto paths,
                            store_->ListDocuments(space, "", kImportsMax));
  for (const std::string& path : paths) {
    STEPWELL_ASSIGN_OR_RETURN(const auto text,
                              store_->GetDocument(space, path));
    imports.push_back({path, text.value_or("")});
  }
  STEPWELL_ASSIGN_OR_RETURN(
      const protocol::LoadResult loaded,
      protocol::LoadStored(*document,
                           protocol::CatalogueOf(std::move(imports))));
  if (loaded.protocol != nullptr && loaded.protocol->hash != hash) {
    return Corrupt(absl::StrCat("protocol ", key, " loads as ",
                                ToHex(loaded.protocol->hash)));
  }
  if (loaded.protocol == nullptr) {
    return Corrupt(absl::StrCat(
        "protocol ", key, " no longer loads: ",
        loaded.issues.empty() ? "" : loaded.issues.front().message));
  }
  protocols_.push_back(loaded.protocol);
  return loaded.protocol;
}

absl::StatusOr<std::vector<std::shared_ptr<const protocol::Protocol>>>
Runtime::Versions() {
  std::vector<std::shared_ptr<const protocol::Protocol>> versions = {current_};
  const auto& deployed = service_.protocols;
  for (auto it = deployed.rbegin(); it != deployed.rend(); ++it) {
    auto version = ProtocolOf(it->hash);
    if (absl::IsDataLoss(version.status())) continue;
    STEPWELL_RETURN_IF_ERROR(version.status());
    if (std::find(versions.begin(), versions.end(), *version) ==
        versions.end()) {
      versions.push_back(*std::move(version));
    }
  }
  return versions;
}

absl::StatusOr<Runtime::Loaded> Runtime::LoadCase(CaseId id) {
  const auto cached = cases_.find(id);
  if (cached != cases_.end()) {
    STEPWELL_ASSIGN_OR_RETURN(const auto row,
                              store_->LoadState({StreamKind::kCase, id.value}));
    if (!row || row->version != cached->second.state.version) {
      cases_.erase(cached);
    }
  }
  return CachedCase(id);
}

absl::StatusOr<Runtime::Loaded> Runtime::CachedCase(CaseId id) {
  auto cached = cases_.find(id);
  if (cached == cases_.end()) {
    STEPWELL_ASSIGN_OR_RETURN(HeldCase held, ReadCase(id));
    if (cases_.size() >= kCachedCasesMax) cases_.clear();
    cached = cases_.emplace(id, std::move(held)).first;
  }
  const HeldCase& held = cached->second;
  Loaded loaded{&held.state, held.row, nullptr};
  STEPWELL_ASSIGN_OR_RETURN(loaded.protocol, ProtocolOf(held.state.protocol));
  return loaded;
}

absl::StatusOr<Runtime::HeldCase> Runtime::ReadCase(CaseId id) {
  const StreamKey stream{StreamKind::kCase, id.value};
  STEPWELL_ASSIGN_OR_RETURN(const auto row, store_->LoadState(stream));
  if (!row) {
    return NotFound(absl::StrCat("there is no case ", IdToText(id.value)));
  }
  HeldCase held;
  STEPWELL_ASSIGN_OR_RETURN(held.state, wire::DecodeState(row->bytes));
  held.row.bytes = row->bytes.size();
  while (held.state.version < row->version) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto records,
        store_->ReadRecords(stream, held.state.version + 1,
                            row->version - held.state.version));
    for (const std::string& record : records) {
      STEPWELL_ASSIGN_OR_RETURN(const engine::Event event,
                                wire::DecodeEvent(record));
      if (event.seq != held.state.version + 1) {
        return Corrupt(absl::StrCat("case ", IdToText(id.value), ": record ",
                                    held.state.version + 1,
                                    " says it is number ", event.seq));
      }
      engine::Apply(event, held.state);
      held.row.behind += record.size();
    }
    if (records.empty()) {
      return Corrupt(absl::StrCat("the log of case ", IdToText(id.value),
                                  " ends before its version"));
    }
  }
  return held;
}

absl::StatusOr<engine::CaseState> Runtime::StoredCase(CaseId id) {
  STEPWELL_ASSIGN_OR_RETURN(HeldCase held, ReadCase(id));
  return std::move(held.state);
}

absl::StatusOr<engine::PersonState> Runtime::LoadPerson(PersonId id) {
  STEPWELL_ASSIGN_OR_RETURN(engine::PersonState person, StoredPerson(id));
  while (person.merged_into != PersonId()) {
    STEPWELL_ASSIGN_OR_RETURN(person, StoredPerson(person.merged_into));
  }
  return person;
}

absl::StatusOr<std::vector<PersonId>> Runtime::RecordsOf(PersonId record) {
  std::vector<PersonId> records = {record};
  for (size_t i = 0; i < records.size(); ++i) {
    STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState person,
                              StoredPerson(records[i]));
    records.insert(records.end(), person.taken_in.begin(),
                   person.taken_in.end());
  }
  return records;
}

absl::StatusOr<std::vector<CaseId>> Runtime::CasesRelatedTo(
    const std::vector<PersonId>& records) {
  std::vector<CaseId> cases;
  for (const PersonId record : records) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto rows, store_->ExternalIdsOf(kRelatedTarget, record.value));
    for (const store::ExternalIdRow& row : rows) {
      uint64_t id = 0;
      if (!IdFromText(row.value, &id)) {
        return Corrupt("the index of related persons is damaged");
      }
      if (std::find(cases.begin(), cases.end(), CaseId(id)) == cases.end()) {
        cases.push_back(CaseId(id));
      }
    }
  }
  return cases;
}

absl::StatusOr<bool> Runtime::AreOne(PersonId a, PersonId b) {
  if (a == b) return true;
  STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState first, LoadPerson(a));
  STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState second, LoadPerson(b));
  return first.id == second.id;
}

absl::StatusOr<engine::PersonState> Runtime::StoredPerson(PersonId id) {
  STEPWELL_ASSIGN_OR_RETURN(const auto row,
                            store_->LoadState({StreamKind::kPerson, id.value}));
  if (!row) {
    return NotFound(absl::StrCat("there is no person ", IdToText(id.value)));
  }
  return wire::DecodePersonState(row->bytes);
}

absl::StatusOr<std::optional<PersonId>> Runtime::FindPerson(
    const PersonReference& reference) {
  STEPWELL_ASSIGN_OR_RETURN(const auto record, RecordOf(reference));
  if (!record) return record;
  const auto person = LoadPerson(*record);
  if (person.status().code() == absl::StatusCode::kNotFound) return record;
  STEPWELL_RETURN_IF_ERROR(person.status());
  return std::optional<PersonId>(person->id);
}

absl::StatusOr<std::optional<PersonId>> Runtime::RecordOf(
    const PersonReference& reference) {
  STEPWELL_ASSIGN_OR_RETURN(
      const auto row,
      store_->FindExternalId("person:" + reference.system, reference.value));
  if (!row) return std::optional<PersonId>();
  return std::optional<PersonId>(PersonId(row->target));
}

absl::StatusOr<std::vector<engine::Event>> Runtime::ReadEvents(
    CaseId id, uint64_t from_seq, size_t limit) {
  STEPWELL_ASSIGN_OR_RETURN(
      const auto records,
      store_->ReadRecords({StreamKind::kCase, id.value}, from_seq, limit));
  std::vector<engine::Event> events;
  events.reserve(records.size());
  for (const std::string& record : records) {
    STEPWELL_ASSIGN_OR_RETURN(engine::Event event, wire::DecodeEvent(record));
    events.push_back(std::move(event));
  }
  return events;
}

absl::StatusOr<std::optional<Receipt>> Runtime::FindReceipt(
    std::string_view command_id, std::string_view fingerprint) {
  if (service::IsSimulated(command_id)) {
    return absl::AlreadyExistsError(absl::StrCat(
        "command id \"", ToAbsl(command_id),
        "\" is one of a simulation: a live service takes none of these"));
  }
  STEPWELL_ASSIGN_OR_RETURN(const auto row, store_->FindCommand(command_id));
  if (!row) return std::optional<Receipt>();
  if (row->fingerprint != fingerprint) {
    return absl::AlreadyExistsError(
        absl::StrCat("command id \"", ToAbsl(command_id),
                     "\" was used before with other content: use a new id"));
  }
  STEPWELL_ASSIGN_OR_RETURN(Receipt receipt, ReceiptOf(*row));
  return std::optional<Receipt>(std::move(receipt));
}

absl::StatusOr<Receipt> Runtime::Remember(
    Receipt receipt, std::string_view command_id, std::string_view fingerprint,
    std::vector<uint64_t> effects, std::vector<store::StreamCheck> read) {
  store::CommitRequest request;
  request.unchanged.assign(read.begin(), read.end());
  request.outbox_acknowledged = std::move(effects);
  request.command =
      ToCommandRow(std::string(command_id), std::string(fingerprint), receipt);
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  return receipt;
}

absl::StatusOr<Instant> Runtime::Confirmed(Instant now, Instant last_at) {
  if (now - confirmed_ > Hours(limits::kTimeTrustedHoursMax) ||
      last_at - now > Minutes(limits::kStaffSkewMinutesMax)) {
    STEPWELL_ASSIGN_OR_RETURN(confirmed_, LastAdvance());
  }
  return confirmed_;
}

absl::Status Runtime::CheckAhead(Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed, Confirmed(now));
  if (now - confirmed <= WallDays(limits::kAdvanceDaysMax)) {
    return absl::OkStatus();
  }
  return Precondition(absl::StrCat(
      "clock_ahead: the time given is more than ", limits::kAdvanceDaysMax,
      " days after the clocks were last advanced (",
      FormatInstantUtc(confirmed), "): is it right? Then advance first"));
}

absl::StatusOr<Instant> Runtime::LastAdvance() {
  STEPWELL_ASSIGN_OR_RETURN(const int64_t us,
                            store_->Counter("advance/last_us"));
  return us == 0 ? service_.opened_at : Instant{us};
}

}  // namespace stepwell::runtime
