#include "engine/backdating.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/span.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "base/zone.h"

namespace stepwell::engine {
namespace {

using protocol::Backdating;

// What patients say, whoever passes it on.
bool IsPatientInput(const CommandBody& body) {
  return std::holds_alternative<SubmitResponse>(body) ||
         std::holds_alternative<PatientItem>(body) ||
         std::holds_alternative<ReceiveMessage>(body);
}

// What must get through, whenever it is said to have happened.
bool IsTakenAllTheSame(const Command& command) {
  return IsOutsider(command.envelope.actor.role) ||
         IsPatientInput(command.body) ||
         std::holds_alternative<ReceiveReferral>(command.body) ||
         std::holds_alternative<HandleAlert>(command.body) ||
         std::holds_alternative<FlagRisk>(command.body) ||
         std::holds_alternative<NoteDeath>(command.body) ||
         std::holds_alternative<NoteRecords>(command.body) ||
         std::holds_alternative<NoteZone>(command.body) ||
         std::holds_alternative<NoteGroup>(command.body);
}

// Nothing is claimed, or it is history that is declared as such: of a case that
// is adopted, or in a document of another system, which bears its own time.
bool IsNoClaim(const Command& command) {
  const Envelope& envelope = command.envelope;
  return !envelope.at || envelope.actor.role == Role::kSystem ||
         std::holds_alternative<AdoptCase>(command.body) ||
         (IsPatientInput(command.body) && !envelope.source_document.empty());
}

// Steps with an item, a program or an alert of the case. What is known of the
// patient, and what they have answered and written, may be older than it.
bool IsOfTheCase(const CommandBody& body) {
  return std::holds_alternative<WorkItem>(body) ||
         std::holds_alternative<PatientItem>(body) ||
         std::holds_alternative<ChangeAppointment>(body) ||
         std::holds_alternative<ChangeEnrolment>(body) ||
         std::holds_alternative<HandleAlert>(body);
}

// From when the case was there: its opening, or the referral that led to it.
Instant BeganAt(const CaseState& state) {
  Instant began = state.episodes.empty() ? Instant::Never()
                                         : state.episodes.front().opened_at;
  for (const Referral& referral : state.referrals) {
    began = std::min(began, referral.received_at);
  }
  return began;
}

const char* RoleWord(Role role) {
  return role == Role::kIntegration ? "other systems" : "staff";
}

std::optional<Span> LimitOf(const Backdating& policy, const Command& command,
                            std::string_view verb) {
  const Role role = command.envelope.actor.role;
  if (role == Role::kReferrer) return policy.referrer;
  if (role == Role::kIntegration) return policy.integration;
  if (role == Role::kPatient || IsPatientInput(command.body)) {
    return policy.patient;
  }
  for (const Backdating::OfCommand& of : policy.commands) {
    if (of.verb == verb) return of.max;
  }
  return policy.staff;
}

// So far back; of days the first one counts from its beginning.
Instant Earliest(const Span& span, Instant now, const Zone& zone) {
  const Instant limit = SubtractSpan(now, span, zone);
  return CountsDates(span) ? StartOfDay(zone, ToLocal(zone, limit).date)
                           : limit;
}

// Later today is a date of today, or a clock that runs fast: it is now.
Instant Latest(Instant now, const Zone& zone) {
  return std::max(now + Minutes(limits::kStaffSkewMinutesMax),
                  EndOfDay(zone, ToLocal(zone, now).date));
}

ClinicalTime Taken(TimeRuling ruling, Instant claimed, Instant taken,
                   Instant limit) {
  ClinicalTime time;
  time.at = taken;
  time.ruled = ClinicalTimeRuled{ruling, claimed, taken, limit};
  return time;
}

ClinicalTime Refused(Rejection rejection) {
  ClinicalTime time;
  time.rejection = std::move(rejection);
  return time;
}

}  // namespace

ClinicalTime RuleOnTime(const protocol::Protocol& protocol,
                        const CaseState& state, const World& world,
                        const Command& command, std::string_view verb,
                        Instant now) {
  if (IsNoClaim(command)) return {};
  const Actor& actor = command.envelope.actor;
  const Instant claimed = *command.envelope.at;
  const bool taken = IsTakenAllTheSame(command);
  if (claimed > Latest(now, *protocol.zone)) {
    if (taken) return Taken(TimeRuling::kInFuture, claimed, now, now);
    return Refused(
        Rejection{"at_in_future",
                  "`at` lies on a day to come: record what has happened"});
  }
  const Instant began =
      IsOfTheCase(command.body) ? BeganAt(state) : kInstantMin;
  if (claimed < began && !taken) {
    return Refused(Rejection{
        "at_before_case",
        absl::StrCat("the case is there since ", FormatInstantUtc(began),
                     ": nothing of it was done before; a note may say so")});
  }
  const std::optional<Span> span =
      protocol.backdating ? LimitOf(*protocol.backdating, command, verb)
                          : std::nullopt;
  const Instant limit = std::max(
      began, span ? Earliest(*span, now, *protocol.zone) : kInstantMin);
  if (claimed >= limit) return {};
  if (taken) return Taken(TimeRuling::kLimited, claimed, limit, limit);
  const Backdating& policy = *protocol.backdating;
  const bool somebody_may = !policy.beyond.IsNone();
  if (somebody_may && actor.role == Role::kStaff &&
      !command.envelope.reason.empty() &&
      world.IsMember(policy.beyond, actor.staff, now)) {
    return Taken(TimeRuling::kBeyond, claimed, claimed, limit);
  }
  return Refused(Rejection{
      "backdated_too_far",
      absl::StrCat(
          RoleWord(actor.role), " may back-date ", ToAbsl(verb), " by ",
          FormatSpan(*span), ": to ", FormatInstantUtc(limit),
          " at the earliest; ",
          somebody_may
              ? absl::StrCat("further back it takes a member of the pool ",
                             protocol.at(policy.beyond).id, ", with a reason")
              : "write what happened before into a note")});
}

}  // namespace stepwell::engine
