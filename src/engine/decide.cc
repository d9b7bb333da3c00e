// The main flow: time and version are checked, the handler of the command
// emits what follows at once, the macrostep runs until the case is quiet.
#include "engine/decide.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/time_text.h"
#include "engine/backdating.h"
#include "engine/handlers.h"
#include "engine/macrostep.h"
#include "engine/safe_mode.h"

namespace stepwell::engine {
namespace {

// Acts of the patient, and facts of the world: never refused.
bool IsNeverRefused(const Command& command) {
  return command.envelope.actor.role != Role::kStaff;
}

const char* VerbOf(const CommandBody& body) {
  return std::visit([](const auto& c) { return c.kVerb; }, body);
}

// A clock that was stopped, moved or already fired has nothing to do; nor has
// one that waits for the end of safe mode.
bool IsStaleFire(const protocol::Protocol& protocol, const CaseState& state,
                 const World& world, const Command& command, Instant now) {
  const auto* fire = std::get_if<FireClock>(&command.body);
  if (fire == nullptr) return false;
  if (world.IsSafeMode() && !FiresInSafeMode(protocol, state, fire->clock)) {
    return true;
  }
  if (fire->clock >= kInnerClocks[0]) return now < state.InnerDue(fire->clock);
  for (const ClockState& clock : state.clocks) {
    if (clock.ordinal == fire->clock) return now < clock.next_due;
  }
  return true;
}

// The end of the times that are believed without doubt.
Instant TrustedUntil(const World& world) {
  const Instant confirmed = world.ConfirmedTime();
  return confirmed.IsNever() ? confirmed
                             : confirmed + Hours(limits::kTimeTrustedHoursMax);
}

// A time too far ahead counts as the furthest that can be true.
Instant Believed(const World& world, Instant now) {
  const Instant confirmed = world.ConfirmedTime();
  return confirmed.IsNever()
             ? now
             : std::min(now, confirmed + WallDays(limits::kAdvanceDaysMax));
}

// Switches of the service, and who belongs to a patient: not for them to say.
bool IsForStaff(const CommandBody& body) {
  return std::holds_alternative<WorkItem>(body) ||
         std::holds_alternative<ChangeEnrolment>(body) ||
         std::holds_alternative<AssignCase>(body) ||
         std::holds_alternative<PauseCase>(body) ||
         std::holds_alternative<ResumeCase>(body) ||
         std::holds_alternative<RecordFact>(body) ||
         std::holds_alternative<VoidEvent>(body) ||
         std::holds_alternative<OfferSlots>(body) ||
         std::holds_alternative<RelatePerson>(body) ||
         std::holds_alternative<NoteRecords>(body) ||
         std::holds_alternative<AdmitCase>(body) ||
         std::holds_alternative<SettleEffect>(body);
}

// What the patient wishes and reads, and when they come: not for a referrer to
// say.
bool IsForPatient(const CommandBody& body) {
  return std::holds_alternative<SetSafeContact>(body) ||
         std::holds_alternative<ReadMessage>(body) ||
         std::holds_alternative<RecordConsent>(body) ||
         std::holds_alternative<ChangeAppointment>(body);
}

bool IsNewsOfPersons(const CommandBody& body) {
  return std::holds_alternative<NoteDeath>(body) ||
         std::holds_alternative<NoteRecords>(body);
}

// Whose clock is wrong is known up to what is confirmed. Beyond it the case's
// own time is as doubtful as the caller's, and locks nobody out. Nobody is
// locked out of a risk alert, either; and what has become known of persons is
// true whatever the clock of whoever registers it says.
bool IsTooLate(const CaseState& state, const World& world,
               const Command& command, Instant now) {
  const Instant sure = std::min(state.last_at, world.ConfirmedTime());
  return !IsNeverRefused(command) &&
         !std::holds_alternative<HandleAlert>(command.body) &&
         !std::holds_alternative<FlagRisk>(command.body) &&
         !IsNewsOfPersons(command.body) &&
         sure - now > Minutes(limits::kStaffSkewMinutesMax);
}

// What anybody may bring: a risk, and what a patient says or does.
bool IsBroughtBy(const CommandBody& body) {
  return std::holds_alternative<HandleAlert>(body) ||
         std::holds_alternative<FlagRisk>(body) ||
         std::holds_alternative<SubmitResponse>(body) ||
         std::holds_alternative<PatientItem>(body) ||
         std::holds_alternative<ReceiveMessage>(body) || IsNewsOfPersons(body);
}

// What is told of a time that is past, and not done by being sent: a word to
// the patient goes out now, and a decision moves the case now.
bool IsTold(const protocol::Protocol& protocol, const CommandBody& body) {
  if (const auto* work = std::get_if<WorkItem>(&body)) {
    return (work->action == ItemVerb::kStart ||
            work->action == ItemVerb::kComplete ||
            work->action == ItemVerb::kSign ||
            work->action == ItemVerb::kReturn) &&
           !work->element.IsNone() &&
           protocol.at(work->element).kind == protocol::ItemKind::kTask;
  }
  return std::holds_alternative<ChangeAppointment>(body) ||
         std::holds_alternative<RecordFact>(body) ||
         std::holds_alternative<RecordConsent>(body) ||
         std::holds_alternative<FileDocument>(body) ||
         std::holds_alternative<RelatePerson>(body) ||
         std::holds_alternative<SetSafeContact>(body) ||
         std::holds_alternative<CloseMessage>(body);
}

// Since when there is what the command is told of: nothing is done with it
// before.
Instant ThereSince(const CaseState& state, const CommandBody& body) {
  Instant since;
  const auto ask = [&](ElementId element) {
    for (const ItemState& item : state.items) {
      if (item.key.element != element || !IsOpen(item.status)) continue;
      since = std::max(since, item.opened_at);
    }
  };
  if (const auto* work = std::get_if<WorkItem>(&body)) ask(work->element);
  if (const auto* met = std::get_if<ChangeAppointment>(&body)) {
    ask(met->element);
  }
  if (const auto* closed = std::get_if<CloseMessage>(&body)) {
    for (const MessageState& message : state.messages) {
      if (message.id == closed->message_id) since = message.received_at;
    }
  }
  return since;
}

// Who does not work here (any more, or yet) does nothing with the case.
std::optional<Rejection> CheckPresence(const protocol::Protocol& protocol,
                                       const CaseState& state,
                                       const World& world,
                                       const Command& command, Instant now) {
  const Actor& actor = command.envelope.actor;
  if (actor.role != Role::kStaff || IsBroughtBy(command.body)) {
    return std::nullopt;
  }
  // What they did before they left is still told.
  const Instant done =
      IsTold(protocol, command.body)
          ? std::clamp(command.envelope.at.value_or(now),
                       std::min(ThereSince(state, command.body), now), now)
          : now;
  if (world.HasLeft(actor.staff, done)) {
    return Rejection{"has_left", "who gives the command has left the service"};
  }
  if (world.IsToCome(actor.staff, now)) {
    return Rejection{"not_begun", "who gives the command begins later"};
  }
  return std::nullopt;
}

std::optional<Rejection> CheckCaller(const protocol::Protocol& protocol,
                                     const CaseState& state, const World& world,
                                     const Command& command, Instant now) {
  if (command.person && *command.person != state.person) {
    return Rejection{"wrong_person",
                     "the case belongs to another person than the command "
                     "names; nothing was filed"};
  }
  const Role role = command.envelope.actor.role;
  if (IsOutsider(role) && IsForStaff(command.body)) {
    return Rejection{"not_for_role",
                     absl::StrCat(VerbOf(command.body),
                                  " is for staff and host, not for patients "
                                  "and referrers")};
  }
  if (role == Role::kReferrer && IsForPatient(command.body)) {
    return Rejection{"not_for_role",
                     absl::StrCat(VerbOf(command.body),
                                  " is for the patient, staff and host, not "
                                  "for referrers")};
  }
  if (IsTooLate(state, world, command, now)) {
    return Rejection{
        "clock_behind",
        absl::StrCat("the time given, ", FormatInstantUtc(now),
                     ", is more than ", limits::kStaffSkewMinutesMax,
                     " minutes before the last event of the case, and before "
                     "the clocks were last advanced: set the caller's clock "
                     "right")};
  }
  return CheckPresence(protocol, state, world, command, now);
}

}  // namespace

absl::StatusOr<Outcome> Decide(const protocol::Protocol& protocol,
                               CaseState state, const World& world,
                               const Command& command, Instant now,
                               std::span<const Event> history) {
  Outcome outcome;
  STEPWELL_RETURN_IF_ERROR(
      DecideInPlace(protocol, state, world, command, now, history, outcome));
  outcome.state = std::move(state);
  return outcome;
}

absl::Status DecideInPlace(const protocol::Protocol& protocol, CaseState& state,
                           const World& world, const Command& command,
                           Instant now, std::span<const Event> history,
                           Decided& decided) {
  decided.rejection.reset();
  decided.events.clear();
  decided.remark.clear();
  decided.show_now = {};
  if (!state.Exists() &&
      !std::holds_alternative<ReceiveReferral>(command.body) &&
      !std::holds_alternative<AdoptCase>(command.body)) {
    return NotFound("there is no such case");
  }
  if (command.expected_version && *command.expected_version != state.version) {
    return Conflict(absl::StrCat("the case is at version ", state.version,
                                 ", not at ", *command.expected_version,
                                 ": read it again"));
  }
  if (IsStaleFire(protocol, state, world, command, now))
    return absl::OkStatus();
  if (state.Exists()) {
    decided.rejection = CheckCaller(protocol, state, world, command, now);
    if (decided.rejection) return absl::OkStatus();
  }
  const Instant last_at = state.last_at;
  const uint64_t version = state.version;
  // Time in a stream never decreases: an earlier `now` counts as the last.
  const Instant effective = std::max(Believed(world, now), last_at);

  // What the caller says of other times is measured by the caller's own.
  const Instant said = std::min(now, effective);
  const ClinicalTime time =
      RuleOnTime(protocol, state, world, command, VerbOf(command.body), said);
  if (time.rejection) {
    decided.rejection = time.rejection;
    return absl::OkStatus();
  }

  Macrostep m(protocol, state, world, command, effective,
              std::move(decided.events));
  if (time.at) m.set_fact_at(*time.at);
  m.log = history;
  m.due_now = said;
  m.risk_now = std::min(now, TrustedUntil(world));
  m.Emit(CommandRecorded{command.envelope, VerbOf(command.body)});
  if (now != effective) m.Emit(SkewRecorded{now});
  if (time.ruled) m.Emit(*time.ruled);
  std::visit([&](const auto& body) { Handle(m, body); }, command.body);
  if (m.rejection) {
    decided.rejection = std::move(m.rejection);
    state.version = version;
    state.last_at = last_at;
    return absl::OkStatus();
  }
  // Nothing is decided on what has run out, however late its own clock is.
  if (state.ValidityEndsAt() <= m.due_now) m.EndValidity();
  STEPWELL_RETURN_IF_ERROR(m.Settle());
  decided.events = std::move(m.events);
  decided.remark = std::move(m.remark);
  decided.show_now = m.show_now;
  return absl::OkStatus();
}

}  // namespace stepwell::engine
