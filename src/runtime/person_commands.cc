// Commands that concern a person: registering, referring. A referral writes
// the person's stream and the case's in one commit.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "engine/declared.h"
#include "runtime/person_writer.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/world.h"
#include "wire/binary.h"
#include "wire/record.h"

namespace stepwell::runtime {

using store::StreamKey;
using store::StreamKind;

namespace {

constexpr uint32_t kPersonTarget = 1;
constexpr uint32_t kReferralTarget = 2;

std::string Print(std::string_view content) {
  const Fingerprint print = FingerprintOf(content);
  return std::string(reinterpret_cast<const char*>(print.bytes.data()),
                     print.bytes.size());
}

std::string EnvelopeContent(engine::Envelope envelope) {
  envelope.command_id.clear();
  std::string content;
  wire::EncodeTo(envelope, content);
  return content;
}

const char* DeathOf(const RegisterPerson& command) {
  if (!command.died) return "";
  return *command.died ? "died" : "lives";
}

bool Died(const RegisterPerson& command) {
  return command.died.value_or(false);
}

std::string ContentOf(const RegisterPerson& command) {
  std::string content = EnvelopeContent(command.envelope);
  for (const PersonReference& reference : command.identifiers) {
    absl::StrAppend(&content, reference.system, "\n", reference.value, "\n");
  }
  absl::StrAppend(&content, command.personal, DeathOf(command));
  if (!command.zone.empty()) absl::StrAppend(&content, "zone ", command.zone);
  return Print(content);
}

std::string ContentOf(const NewReferral& command) {
  if (!command.content.empty()) return Print(command.content);
  std::string content = EnvelopeContent(command.envelope);
  absl::StrAppend(&content, command.person.value, "\n", command.route, "\n");
  wire::EncodeTo(command.referral, content);
  if (command.key) {
    absl::StrAppend(&content, command.key->system, "\n", command.key->value);
  }
  for (const auto& [purpose, given] : command.consents) {
    absl::StrAppend(&content, "\n", purpose, given ? "+" : "-");
  }
  for (const NewReferral::ToldConsent& said : command.told_consents) {
    absl::StrAppend(&content, "\n", said.role, "\n", said.purpose,
                    said.given ? "+" : "-");
    if (said.at) absl::StrAppend(&content, said.at->us);
  }
  for (const auto& [name, value] : command.facts) {
    absl::StrAppend(&content, "\n", name, "=");
    wire::EncodeTo(value, content);
  }
  absl::StrAppend(&content, command.outcome.empty() ? "" : "\noutcome ",
                  command.outcome);
  if (!command.zone.empty()) absl::StrAppend(&content, "\n", command.zone);
  return Print(content);
}

// The person's side of a referral.
store::StreamWrite NotedReferral(engine::PersonState person,
                                 const NewReferral& command,
                                 ReferralId referral, CaseId case_id,
                                 Instant now) {
  const bool has_case = person.case_id.value != 0;
  PersonWriter writer(std::move(person), command.person, now, command.envelope);
  writer.Emit(engine::CommandRecorded{command.envelope, "receive_referral"});
  writer.Emit(engine::ReferralNoted{referral, command.route, case_id});
  if (!has_case) writer.Emit(engine::CaseLinked{case_id});
  writer.NoteZone(command.zone);
  return writer.Finish();
}

Receipt Refusal(PersonId person, std::string code, std::string reason) {
  Receipt receipt;
  receipt.kind = ReceiptKind::kRejected;
  receipt.person = person;
  receipt.code = std::move(code);
  receipt.reason = std::move(reason);
  return receipt;
}

Receipt RefusalOfTwo() {
  return Refusal(PersonId(), "identifier_conflict",
                 "the identifiers belong to two different persons: if they are "
                 "one, merge_persons makes them one");
}

// Taking a death back is not built: nothing of it is taken in silence.
Receipt RefusalOfDead(PersonId person) {
  return Refusal(
      person, "death_registered",
      "the person is registered as dead, which no command takes back: leave "
      "`died` out to correct other data; if they live, refer them under "
      "another identifier and close the case that has stopped");
}

// The identifier of a referral was used before: for this person, or not.
Receipt RefusalOfKnown(const engine::PersonState& person, ReferralId known) {
  const bool theirs =
      std::find(person.referrals.begin(), person.referrals.end(), known) !=
      person.referrals.end();
  return theirs ? Refusal(person.id, "referral_known",
                          "a referral with this identifier was taken in before")
                : Refusal(person.id, "referral_identifier_conflict",
                          "the identifier names another person's referral");
}

Receipt RefusalOfRoute(const NewReferral& command) {
  return Refusal(
      command.person, "unknown_route",
      absl::StrCat("the protocol has no route \"", command.route, "\""));
}

// The referral is on file as ended, and is asked for now.
bool IsAskedAnew(const engine::CaseState& state, ReferralId known,
                 const NewReferral& command) {
  return !command.referral.ended_as &&
         std::any_of(state.referrals.begin(), state.referrals.end(),
                     [&](const engine::Referral& referral) {
                       return referral.id == known && referral.ended_as;
                     });
}

// What the case is told. No clock of the dead counts their days any more.
engine::CommandBody NewsFor(const RegisterPerson& command, bool untold) {
  if (untold) return engine::NoteDeath{};
  return engine::NoteZone{command.zone};
}

// The same of another person.
template <class Command>
Command As(PersonId person, Command command) {
  command.person = person;
  return command;
}

// The sender's identifier of the referral; it may have been taken back before.
void KeepKey(const NewReferral& command, ReferralId id, bool taken_back,
             store::CommitRequest& request) {
  if (command.key) {
    request.external_ids.push_back({"referral:" + command.key->system,
                                    command.key->value, kReferralTarget,
                                    id.value});
  }
  if (taken_back) {
    request.documents.push_back(
        {kTakenBackSpace, IdToText(id.value), std::nullopt});
  }
}

// Of the person, to what came with the referral.
void AddWhatIsKnown(const engine::PersonState& person,
                    engine::ReceiveReferral& referral) {
  referral.died = person.died_at.has_value();
  if (referral.zone.empty()) referral.zone = person.zone;
}

}  // namespace

engine::ReceiveReferral ToReferral(const protocol::Protocol& protocol,
                                   const NewReferral& command, Instant now) {
  engine::ReceiveReferral body;
  body.person = command.person;
  body.referral = command.referral;
  if (body.referral.id == ReferralId()) {
    body.referral.id =
        ReferralId(DeriveId("referral", command.envelope.command_id));
  }
  body.referral.route = protocol.FindRoute(command.route);
  if (body.referral.ended_as) {
    body.referral.disposition = protocol.FindOutcome(command.outcome);
  }
  body.zone = command.zone;
  for (const auto& [name, given] : command.consents) {
    const protocol::PurposeId purpose = protocol.FindPurpose(name);
    if (!purpose.IsNone()) body.consents.push_back({purpose, given, now});
  }
  for (const NewReferral::ToldConsent& said : command.told_consents) {
    const protocol::PurposeId purpose = protocol.FindPurpose(said.purpose);
    if (purpose.IsNone()) continue;
    body.consents.push_back({purpose, said.given, said.at.value_or(now),
                             std::nullopt, false, said.role});
  }
  for (const auto& [name, value] : command.facts) {
    const protocol::FactId fact = protocol.FindFact(name);
    if (!fact.IsNone() && protocol.at(fact).kind == value.kind) {
      body.facts.push_back({fact, value, 0});
    }
  }
  return body;
}

void NameReferrals(const std::string& command_id, engine::AdoptCase& body) {
  for (size_t i = 0; i < body.referrals.size(); ++i) {
    body.referrals[i].id = ReferralId(
        DeriveId("referral", command_id, absl::StrCat("adopted/", i)));
  }
}

PersonId PersonOf(const PersonReference& reference) {
  return PersonId(DeriveId("person", reference.system, reference.value));
}

CaseId CaseOf(PersonId person, const std::string& tenant) {
  return CaseId(DeriveId("case", IdToText(person.value), tenant));
}

absl::StatusOr<Receipt> Runtime::Register(const RegisterPerson& command,
                                          Instant now) {
  if (command.identifiers.empty()) {
    return InvalidInput("a person needs at least one identifier");
  }
  const std::string fingerprint = ContentOf(command);
  const auto attempt = [&] { return TryRegister(command, fingerprint, now); };
  // A death is never refused for its time, or for who tells it.
  return Died(command) ? Retrying(CaseId(), attempt)
                       : Once(command.envelope, fingerprint, now, attempt);
}

absl::StatusOr<Receipt> Runtime::TryRegister(const RegisterPerson& command,
                                             const std::string& fingerprint,
                                             Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(
      const std::optional<Receipt> earlier,
      FindReceipt(command.envelope.command_id, fingerprint));
  if (earlier) return *earlier;
  // One of the identifiers may be known: then the others join it.
  STEPWELL_ASSIGN_OR_RETURN(const std::vector<PersonId> found,
                            PersonsOf(command.identifiers));
  if (found.size() > 1) {
    return Remember(RefusalOfTwo(), command.envelope.command_id, fingerprint);
  }
  const bool known = !found.empty();
  const PersonId id =
      known ? found.front() : PersonOf(command.identifiers.front());
  engine::PersonState state;
  if (known) {
    STEPWELL_ASSIGN_OR_RETURN(state, LoadPerson(id));
  }
  if (state.died_at && !command.died.value_or(true)) {
    return Remember(RefusalOfDead(id), command.envelope.command_id, fingerprint,
                    {}, {{{StreamKind::kPerson, id.value}, state.version}});
  }
  store::CommitRequest request;
  const bool dies = Died(command) && !state.died_at;
  const bool moves = !command.zone.empty() && command.zone != state.zone;
  std::vector<HeldCase> after;
  STEPWELL_ASSIGN_OR_RETURN(const bool untold, IsUntold(command, state));
  if (state.case_id.value != 0 && (untold || (moves && !Died(command)))) {
    STEPWELL_ASSIGN_OR_RETURN(
        const engine::Outcome outcome,
        NoteInCase(command.envelope, state.case_id, NewsFor(command, untold),
                   now, after, request));
    if (outcome.rejection && outcome.rejection->code != "death_noted") {
      return Remember(
          Refusal(id, outcome.rejection->code, outcome.rejection->reason),
          command.envelope.command_id, fingerprint, {},
          {{{StreamKind::kPerson, id.value}, state.version},
           {{StreamKind::kCase, state.case_id.value}, outcome.state.version}});
    }
  }
  if (Died(command) && known) {
    STEPWELL_RETURN_IF_ERROR(
        TellOfDeath(command.envelope, state, now, after, request));
  }
  if (!known || dies || moves || !after.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed, Confirmed(now));
    PersonWriter writer(
        std::move(state), id,
        std::min(now, confirmed + WallDays(limits::kAdvanceDaysMax)),
        command.envelope);
    writer.Emit(engine::CommandRecorded{command.envelope, "register_person"});
    if (!known) writer.Emit(engine::PersonRegistered{id});
    if (dies) writer.Emit(engine::PersonDied{});
    writer.NoteZone(command.zone);
    request.streams.push_back(writer.Finish());
  }
  STEPWELL_RETURN_IF_ERROR(KeepIdentity(command, id, request));
  Receipt receipt;
  receipt.person = id;
  request.command =
      ToCommandRow(command.envelope.command_id, fingerprint, receipt);
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  TakeCounters(request);
  for (HeldCase& held : after) cases_[held.state.id] = std::move(held);
  return receipt;
}

absl::Status Runtime::KeepIdentity(const RegisterPerson& command, PersonId id,
                                   store::CommitRequest& request) {
  for (const PersonReference& reference : command.identifiers) {
    // One that is known stays with its record, also when that was merged.
    STEPWELL_ASSIGN_OR_RETURN(const auto record, RecordOf(reference));
    if (record) continue;
    request.external_ids.push_back({"person:" + reference.system,
                                    reference.value, kPersonTarget, id.value});
  }
  if (!command.personal.empty()) {
    request.documents.push_back(
        {"person", IdToText(id.value), command.personal});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PersonId>> Runtime::PersonsOf(
    const std::vector<PersonReference>& references) {
  std::vector<PersonId> persons;
  for (const PersonReference& reference : references) {
    STEPWELL_ASSIGN_OR_RETURN(const std::optional<PersonId> found,
                              FindPerson(reference));
    if (found &&
        std::find(persons.begin(), persons.end(), *found) == persons.end()) {
      persons.push_back(*found);
    }
  }
  return persons;
}

absl::StatusOr<bool> Runtime::IsUntold(const RegisterPerson& command,
                                       const engine::PersonState& person) {
  if (!Died(command) || person.case_id.value == 0) return false;
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(person.case_id));
  return !loaded.state->died_at.has_value();
}

absl::StatusOr<engine::Outcome> Runtime::NoteInCase(
    const engine::Envelope& envelope, CaseId id, engine::CommandBody news,
    Instant now, std::vector<HeldCase>& after, store::CommitRequest& request) {
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(id));
  const service::CaseShare before =
      service::ShareOf(*loaded.protocol, *loaded.state);
  const uint64_t version_before = loaded.state->version;
  STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed,
                            Confirmed(now, loaded.state->last_at));
  // Of the cases of one commit each sees what those before it were given.
  service::Caseloads caseloads = caseloads_;
  for (const store::CounterWrite& counter : request.counters) {
    caseloads.Take(counter.name, counter.delta);
  }
  const service::ServiceWorld world =
      WorldOf(*loaded.protocol, confirmed, &caseloads);
  const char* const verb =
      std::visit([](const auto& body) { return body.kVerb; }, news);
  const engine::Command command{envelope, id, std::move(news), std::nullopt,
                                std::nullopt};
  STEPWELL_ASSIGN_OR_RETURN(
      engine::Outcome outcome,
      engine::Decide(*loaded.protocol, *loaded.state, world, command, now));
  if (outcome.rejection) return outcome;
  if (after.empty()) request.unchanged.push_back(ServiceSeen());
  StateRow row = loaded.row;
  AddCaseWrite(*loaded.protocol, before, version_before, outcome.events,
               outcome.state, &row, Basis{service_, caseloads, now}, request);
  after.push_back({std::move(outcome.state), row});
  STEPWELL_RETURN_IF_ERROR(
      AddSeats(envelope, verb, id, outcome.events, now, request));
  return outcome;
}

absl::Status Runtime::TellRelated(const engine::Envelope& envelope,
                                  const std::vector<PersonId>& records,
                                  const engine::NoteRecords& news, CaseId but,
                                  Instant now, std::vector<HeldCase>& after,
                                  store::CommitRequest& request) {
  STEPWELL_ASSIGN_OR_RETURN(const std::vector<CaseId> cases,
                            CasesRelatedTo(records));
  for (const CaseId id : cases) {
    STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(id));
    const auto& related = loaded.state->related;
    const bool on_file = std::any_of(
        related.begin(), related.end(), [&](const engine::RelatedState& one) {
          return !one.ended_at && std::find(records.begin(), records.end(),
                                            one.person) != records.end();
        });
    if (!on_file || id == but) continue;
    STEPWELL_RETURN_IF_ERROR(
        NoteInCase(envelope, id, news, now, after, request).status());
  }
  return absl::OkStatus();
}

absl::Status Runtime::TellOfDeath(const engine::Envelope& envelope,
                                  const engine::PersonState& person,
                                  Instant now, std::vector<HeldCase>& after,
                                  store::CommitRequest& request) {
  STEPWELL_ASSIGN_OR_RETURN(const auto records, RecordsOf(person.id));
  return TellRelated(envelope, records, {records, person.id, true, false},
                     person.case_id, now, after, request);
}

absl::StatusOr<Receipt> Runtime::Refer(const NewReferral& command,
                                       Instant now) {
  const std::string fingerprint = ContentOf(command);
  return Once(command.envelope, fingerprint, now,
              [&]() -> absl::StatusOr<Receipt> {
                return TryRefer(command, fingerprint, now);
              });
}

absl::StatusOr<ReferralId> Runtime::KnownReferral(const NewReferral& command) {
  if (!command.key) return ReferralId();
  STEPWELL_ASSIGN_OR_RETURN(
      const auto known,
      store_->FindExternalId("referral:" + command.key->system,
                             command.key->value));
  return known ? ReferralId(known->target) : ReferralId();
}

absl::StatusOr<bool> Runtime::WasTakenBack(ReferralId referral) {
  if (referral == ReferralId()) return false;
  STEPWELL_ASSIGN_OR_RETURN(
      const auto mark,
      store_->GetDocument(kTakenBackSpace, IdToText(referral.value)));
  return mark.has_value();
}

absl::StatusOr<Receipt> Runtime::TryRefer(const NewReferral& command,
                                          const std::string& fingerprint,
                                          Instant now) {
  const std::string& command_id = command.envelope.command_id;
  STEPWELL_ASSIGN_OR_RETURN(auto person, LoadPerson(command.person));
  if (person.id != command.person) {  // merged since the command was read
    return TryRefer(As(person.id, command), fingerprint, now);
  }
  // The sender's own identifier: the same referral is taken in once.
  STEPWELL_ASSIGN_OR_RETURN(const ReferralId known, KnownReferral(command));
  const bool has_case = person.case_id.value != 0;
  const CaseId case_id =
      has_case ? person.case_id : CaseOf(command.person, service_.tenant);
  HeldCase held;
  std::shared_ptr<const protocol::Protocol> protocol = current_;
  if (has_case) {
    STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(case_id));
    held = {*loaded.state, loaded.row};
    protocol = loaded.protocol;
  }
  STEPWELL_ASSIGN_OR_RETURN(const bool taken_back, WasTakenBack(known));
  if (known != ReferralId() && !taken_back &&
      !IsAskedAnew(held.state, known, command)) {
    return Remember(RefusalOfKnown(person, known), command_id, fingerprint);
  }
  engine::ReceiveReferral body = ToReferral(*protocol, command, now);
  if (known != ReferralId()) body.referral.id = known;
  AddWhatIsKnown(person, body);
  if (body.referral.route.IsNone()) {
    return Remember(RefusalOfRoute(command), command_id, fingerprint);
  }
  const engine::Command decided{command.envelope, case_id, body, std::nullopt,
                                std::nullopt};
  const service::CaseShare before = service::ShareOf(*protocol, held.state);
  const uint64_t version_before = held.state.version;
  STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed, Confirmed(now));
  const service::ServiceWorld world = WorldOf(*protocol, confirmed);
  STEPWELL_ASSIGN_OR_RETURN(
      engine::Outcome outcome,
      engine::Decide(*protocol, std::move(held.state), world, decided, now));
  if (outcome.rejection) {
    return Remember(
        Refusal(command.person, outcome.rejection->code,
                outcome.rejection->reason),
        command_id, fingerprint, {},
        {{{StreamKind::kPerson, command.person.value}, person.version},
         {{StreamKind::kCase, case_id.value}, version_before}});
  }
  Receipt receipt;
  receipt.person = command.person;
  receipt.case_id = case_id;
  receipt.protocol = protocol->hash;
  receipt.version = outcome.state.version;
  receipt.events = TypesOf(outcome.events);
  store::CommitRequest request;
  request.unchanged.push_back(ServiceSeen());
  request.streams.push_back(NotedReferral(std::move(person), command,
                                          body.referral.id, case_id, now));
  AddCaseWrite(*protocol, before, version_before, outcome.events, outcome.state,
               &held.row, BasisAt(now), request);
  KeepKey(command, body.referral.id, taken_back, request);
  request.command = ToCommandRow(command_id, fingerprint, receipt);
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  TakeCounters(request);
  cases_[case_id] = {std::move(outcome.state), held.row};
  return receipt;
}

namespace {

store::StreamWrite NotedAdoption(engine::PersonState person,
                                 const engine::Envelope& envelope,
                                 const protocol::Protocol& protocol,
                                 const engine::AdoptCase& body, CaseId case_id,
                                 Instant now) {
  PersonWriter writer(std::move(person), body.person, now, envelope);
  writer.Emit(engine::CommandRecorded{envelope, "adopt_case"});
  for (const engine::Referral& referral : body.referrals) {
    writer.Emit(engine::ReferralNoted{referral.id,
                                      protocol.at(referral.route).id, case_id});
  }
  writer.Emit(engine::CaseLinked{case_id});
  return writer.Finish();
}

}  // namespace

absl::StatusOr<Receipt> Runtime::Adopt(const engine::Envelope& envelope,
                                       PersonId person, engine::AdoptCase body,
                                       std::string_view content, Instant now) {
  body.person = person;
  NameReferrals(envelope.command_id, body);
  const std::string fingerprint = Print(content);
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    return TryAdopt(envelope, body, fingerprint, now);
  });
}

absl::StatusOr<Receipt> Runtime::TryAdopt(const engine::Envelope& envelope,
                                          const engine::AdoptCase& body,
                                          const std::string& fingerprint,
                                          Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(engine::PersonState person,
                            LoadPerson(body.person));
  if (person.id != body.person) {  // merged since the command was read
    return TryAdopt(envelope, As(person.id, body), fingerprint, now);
  }
  const auto refuse = [&](const engine::Rejection& no) {
    return Remember(
        Refusal(body.person, no.code, no.reason), envelope.command_id,
        fingerprint, {},
        {{{StreamKind::kPerson, body.person.value}, person.version}});
  };
  if (person.case_id.value != 0) {
    return refuse({"case_known", "the person has a case here already"});
  }
  if (person.died_at) {
    return Remember(RefusalOfDead(body.person), envelope.command_id,
                    fingerprint);
  }
  const std::shared_ptr<const protocol::Protocol> protocol = current_;
  const CaseId case_id = CaseOf(body.person, service_.tenant);
  engine::Command command{envelope, case_id, body, std::nullopt, std::nullopt};
  auto& adopted = std::get<engine::AdoptCase>(command.body);
  if (adopted.zone.empty()) adopted.zone = person.zone;
  STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed, Confirmed(now));
  const service::ServiceWorld world = WorldOf(*protocol, confirmed);
  STEPWELL_ASSIGN_OR_RETURN(
      engine::Outcome outcome,
      engine::Decide(*protocol, engine::CaseState(), world, command, now));
  if (outcome.rejection) return refuse(*outcome.rejection);
  Receipt receipt;
  receipt.person = body.person;
  receipt.case_id = case_id;
  receipt.protocol = protocol->hash;
  receipt.version = outcome.state.version;
  receipt.reason = engine::UndeclaredInWords(*protocol, outcome.state, adopted);
  receipt.events = TypesOf(outcome.events);
  store::CommitRequest request;
  request.unchanged.push_back(ServiceSeen());
  request.streams.push_back(NotedAdoption(std::move(person), envelope,
                                          *protocol, body, case_id, now));
  StateRow row;
  AddCaseWrite(*protocol, {}, 0, outcome.events, outcome.state, &row,
               BasisAt(now), request);
  request.command = ToCommandRow(envelope.command_id, fingerprint, receipt);
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  TakeCounters(request);
  cases_[case_id] = {std::move(outcome.state), row};
  return receipt;
}

}  // namespace stepwell::runtime
