// Commands to one case.
#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/world.h"

namespace stepwell::runtime {
namespace {

// The related person whom the command names; none: it names nobody.
PersonId RelatedIn(const engine::CommandBody& body) {
  if (const auto* relate = std::get_if<engine::RelatePerson>(&body)) {
    return relate->related;
  }
  const auto* consent = std::get_if<engine::RecordConsent>(&body);
  return consent == nullptr ? PersonId() : consent->related;
}

// The id under which it is kept what the patient sent. One that names an answer
// to another questionnaire, or another message, gets an addition.
std::string KeptUnder(const engine::Command& command,
                      const engine::Decided& decided,
                      const engine::CaseState& state) {
  const auto& events = decided.events;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (const auto* response =
            std::get_if<engine::ResponseReceived>(&event->body)) {
      return response->response_id;
    }
    if (const auto* message =
            std::get_if<engine::MessageReceived>(&event->body)) {
      return message->message_id;
    }
  }
  if (const auto* response =
          std::get_if<engine::SubmitResponse>(&command.body)) {
    return response->response_id;
  }
  const auto* message = std::get_if<engine::ReceiveMessage>(&command.body);
  if (message == nullptr) return "";
  // Sent before; or refused.
  const engine::MessageState* kept =
      state.Received(message->message_id, message->body_key);
  return kept == nullptr ? message->message_id : kept->id;
}

}  // namespace

Receipt ReceiptFor(const engine::Command& command,
                   const engine::Decided& decided,
                   const engine::CaseState& state) {
  Receipt receipt;
  receipt.case_id = state.id;
  receipt.person = state.person;
  receipt.version = state.version;
  receipt.protocol = state.protocol;
  receipt.show_now = decided.show_now;
  if (decided.rejection) {
    receipt.kind = ReceiptKind::kRejected;
    receipt.code = decided.rejection->code;
    receipt.reason = decided.rejection->reason;
  } else {
    receipt.reason = decided.remark;
  }
  receipt.receipt = KeptUnder(command, decided, state);
  receipt.events = TypesOf(decided.events);
  return receipt;
}

namespace {

// What gets through whatever time is given: what patients send, and a risk.
bool IsNeverAhead(const engine::CommandBody& body) {
  return std::holds_alternative<engine::SubmitResponse>(body) ||
         std::holds_alternative<engine::PatientItem>(body) ||
         std::holds_alternative<engine::ReceiveMessage>(body) ||
         std::holds_alternative<engine::FlagRisk>(body);
}

}  // namespace

absl::StatusOr<Receipt> Runtime::SubmitToCase(const engine::Command& command,
                                              Instant now,
                                              std::string_view content) {
  const std::string fingerprint =
      content.empty() ? ContentOf(command) : std::string(content);
  std::optional<Fingerprint> pin;
  return Retrying(command.case_id, [&]() -> absl::StatusOr<Receipt> {
    STEPWELL_ASSIGN_OR_RETURN(
        const std::optional<Receipt> earlier,
        FindReceipt(command.envelope.command_id, fingerprint));
    if (earlier) return *earlier;
    if (!IsNeverAhead(command.body)) STEPWELL_RETURN_IF_ERROR(CheckAhead(now));
    if (RelatedIn(command.body) == PersonId()) {
      return TryCase(command, fingerprint, now, pin);
    }
    engine::Command known = command;
    STEPWELL_RETURN_IF_ERROR(NameWhoItIs(known.body));
    return TryCase(known, fingerprint, now, pin);
  });
}

absl::Status Runtime::NameWhoItIs(engine::CommandBody& body) {
  const auto person = LoadPerson(RelatedIn(body));
  // Somebody unknown is nobody's related person: the decision says so.
  if (absl::IsNotFound(person.status())) return absl::OkStatus();
  STEPWELL_RETURN_IF_ERROR(person.status());
  if (auto* relate = std::get_if<engine::RelatePerson>(&body)) {
    relate->related = person->id;
  } else if (auto* consent = std::get_if<engine::RecordConsent>(&body)) {
    consent->related = person->id;
  }
  return absl::OkStatus();
}

namespace {

// The groups in which open appointments of the element have a seat, or wait for
// one.
std::vector<std::string> GroupsOf(const engine::CaseState& state,
                                  engine::ElementId element) {
  std::vector<std::string> groups;
  for (const engine::AppointmentState& booked : state.appointments) {
    const engine::ItemState& item = state.items[booked.item];
    if (item.key.element == element && IsOpen(item.status) &&
        !booked.group.empty()) {
      groups.push_back(booked.group);
    }
  }
  return groups;
}

}  // namespace

absl::Status Runtime::LookUp(const engine::Command& command, Instant now,
                             service::ServiceWorld& world) {
  const auto* relate = std::get_if<engine::RelatePerson>(&command.body);
  if (relate != nullptr && !relate->ended) {
    STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState person,
                              LoadPerson(relate->related));
    if (person.died_at) world.TakeDead(relate->related);
    return absl::OkStatus();
  }
  const auto* work = std::get_if<engine::WorkItem>(&command.body);
  const auto* change = std::get_if<engine::ChangeAppointment>(&command.body);
  if (work == nullptr && change == nullptr) return absl::OkStatus();
  std::vector<std::string> ids;
  if (change != nullptr && change->action == engine::AppointmentVerb::kBook) {
    if (!change->group.empty()) ids.push_back(change->group);
  } else {
    STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, CachedCase(command.case_id));
    ids = GroupsOf(*loaded.state,
                   work != nullptr ? work->element : change->element);
  }
  for (const std::string& id : ids) {
    STEPWELL_ASSIGN_OR_RETURN(const auto group, FindGroup(id));
    if (!group) continue;
    engine::GroupView view = {group->kind, group->starts_at, group->places,
                              group->Seated(), group->Waiting()};
    view.takes_bookings =
        group->status == engine::GroupStatus::kOpen && group->starts_at > now;
    world.TakeGroup(id, std::move(view));
  }
  if (change == nullptr || change->slot.empty()) return absl::OkStatus();
  STEPWELL_ASSIGN_OR_RETURN(
      const int64_t booked,
      store_->Counter(service::SlotCounter(change->slot)));
  if (booked > 0) world.TakeSlot(change->slot);
  return absl::OkStatus();
}

absl::StatusOr<Receipt> Runtime::TryCase(const engine::Command& command,
                                         const std::string& fingerprint,
                                         Instant now,
                                         std::optional<Fingerprint>& pin) {
  STEPWELL_ASSIGN_OR_RETURN(Loaded loaded, CachedCase(command.case_id));
  if (!pin) pin = loaded.state->protocol;
  if (command.expected_version &&
      *command.expected_version != loaded.state->version) {
    // The caller may have seen what this process has not.
    STEPWELL_ASSIGN_OR_RETURN(loaded, LoadCase(command.case_id));
  }
  if (*pin != loaded.state->protocol) {
    // The command's numbers are of the version that it was read under.
    return Conflict(
        "the case went over to another version of its protocol meanwhile: send "
        "the command again");
  }
  std::vector<engine::Event> history;
  if (const auto* target = std::get_if<engine::VoidEvent>(&command.body)) {
    STEPWELL_ASSIGN_OR_RETURN(history, LogOf(command.case_id, target->target));
  }
  STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed,
                            Confirmed(now, loaded.state->last_at));
  service::ServiceWorld world = WorldOf(*loaded.protocol, confirmed);
  STEPWELL_RETURN_IF_ERROR(LookUp(command, now, world));
  // The state moves out of the cache and comes back when all went well.
  auto cached = cases_.extract(command.case_id);
  HeldCase& held = cached.mapped();
  const service::CaseShare before =
      service::ShareOf(*loaded.protocol, held.state);
  const uint64_t version_before = held.state.version;
  STEPWELL_RETURN_IF_ERROR(engine::DecideInPlace(
      *loaded.protocol, held.state, world, command, now, history, decided_));
  Receipt receipt = ReceiptFor(command, decided_, held.state);
  store::CommitRequest request;
  request.command =
      ToCommandRow(command.envelope.command_id, fingerprint, receipt);
  request.unchanged.push_back(ServiceSeen());
  if (decided_.events.empty()) {
    // A refusal is of the case as it stands, not as it was seen here.
    request.unchanged.push_back(
        {{store::StreamKind::kCase, command.case_id.value}, version_before});
  } else {
    AddCaseWrite(*loaded.protocol, before, version_before, decided_.events,
                 held.state, &held.row, BasisAt(now), request);
    AddDraft(command, decided_.events, request);
    STEPWELL_RETURN_IF_ERROR(AddSeats(command.envelope, "change_appointment",
                                      command.case_id, decided_.events, now,
                                      request));
  }
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  TakeCounters(request);
  cases_.insert(std::move(cached));
  return receipt;
}

absl::StatusOr<std::vector<engine::Event>> Runtime::LogOf(CaseId id,
                                                          uint64_t target) {
  std::vector<engine::Event> log;
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, CachedCase(id));
  if (target == 0 || target > loaded.state->version) return log;
  STEPWELL_ASSIGN_OR_RETURN(log, ReadEvents(id, 1, loaded.state->version));
  STEPWELL_RETURN_IF_ERROR(IntoCurrentNumbers(*loaded.state, log));
  return log;
}

}  // namespace stepwell::runtime
