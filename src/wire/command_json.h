// Commands as JSON (docs/formats/command.md), read in two phases: the head
// says who asks what of which case; the body needs that case's protocol.
//
//   ASSIGN(CommandText command, ReadCommandText(text));
//   ASSIGN(CommandHead head, ReadCommandHead(command));
//   ... find case and protocol, names ...
//   ResolveHead(head, names);
//   ASSIGN(CommandBody read,
//          ReadCommandBody(head, command.document.root(), names));
//   engine::Command asked{head.envelope, case_id, read.body};
//
// Two tempers. Of staff and host a mistake is an InvalidInput with its JSON
// pointer and what would be right. Of a patient nothing is refused: what is
// wrong becomes a problem beside what could be read.
#ifndef STEPWELL_WIRE_COMMAND_JSON_H_
#define STEPWELL_WIRE_COMMAND_JSON_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "base/date.h"
#include "engine/command.h"
#include "engine/service_stream.h"
#include "json/json.h"
#include "wire/names.h"

namespace stepwell::wire {

class Members;

// A name that an outside system gives: an identifier of a person, a referral.
struct Identifier {
  std::string system, value;
  bool operator==(const Identifier&) const = default;
};

// Whom a command means: by the id of this service or by an identifier.
struct PersonSelector {
  PersonId id;  // 0 = by identifier
  Identifier identifier;
  bool operator==(const PersonSelector&) const = default;
};

struct CommandHead {
  std::string verb;
  // With actor.role; actor.staff once ResolveHead was called. `command_id` is
  // empty only when a patient's command came without one.
  engine::Envelope envelope;
  std::string staff;  // the actor's staff reference, as given
  std::optional<CaseId> case_id;
  std::string case_text;  // as given, when it is no case id (patients only)
  std::optional<PersonSelector> person;
  std::optional<uint64_t> expected_version;
  std::optional<Date> at_date;  // `at` as given, when it is a day
  // Patient input: nothing of it is refused. Also what says that a patient
  // sent it and has a verb that is none.
  bool from_patient = false;
  std::vector<std::string> problems;         // patient input only
  std::vector<engine::UnreadMember> unread;  // the same, as it came
  std::string as_sent;                       // see CommandText
};

// Parses the text of one command; errors say the byte or the limit.
absl::StatusOr<json::Document> ParseCommand(std::string_view text);

// The same, but of a patient's command not even the text is refused for what
// strict JSON forbids and a reader can still see.
struct CommandText {
  json::Document document;
  // Set when the text was not strict: it as it came, and what is told of it.
  std::string as_sent;
  std::vector<std::string> problems;
  // Some object names a key twice: which value was meant cannot be said, not
  // even whose case it is. A person must look.
  bool ambiguous = false;
};
absl::StatusOr<CommandText> ReadCommandText(std::string_view text);

absl::StatusOr<CommandHead> ReadCommandHead(json::Value command);
// With what is told of the text.
absl::StatusOr<CommandHead> ReadCommandHead(const CommandText& text);

// Looks the actor's staff reference up; an unknown one is an error (of a
// patient's command a problem). An `at` that is a day is one of the service's.
absl::Status ResolveHead(CommandHead& head, const Names& names);

// submit_response, patient_item, receive_message.
bool IsPatientVerb(std::string_view verb);
// Verbs that the service handles itself: ReadServiceBody.
bool IsServiceVerb(std::string_view verb);
// Every verb that may be submitted, sorted. Not among them is what the service
// says itself (fire_clock, note_death and the like).
std::vector<std::string> CommandVerbs();

struct CommandBody {
  engine::CommandBody body;
  std::vector<std::string> problems;  // patient input only; with those of head
  // Of send_message and receive_message: the text, when it came along. Whoever
  // stores it sets `body_key`.
  std::string text;
};

// A command to a case. `names.protocol` is the case's, or null for patient
// input whose case is not known.
absl::StatusOr<CommandBody> ReadCommandBody(const CommandHead& head,
                                            json::Value command,
                                            const Names& names);

struct RegisterPerson {
  std::vector<Identifier> identifiers;  // at least one
  std::optional<Date> birth_date;
  std::string sex;   // female, male, other, unknown; empty = not given
  std::string name;  // erasable, like all of this
  std::string zone;  // an IANA name that is compiled in; empty = not given
  std::optional<bool> died;  // false: said to live
};
// The parts that must be erasable, as JSON: {"birth_date":...,"name":...}.
// Empty when there are none.
std::string PersonalJson(const RegisterPerson& person);

// Two persons who are one: what names `merged` means the head's person.
struct MergePersons {
  PersonSelector merged;
};
// The head's person was merged into another and is none of theirs.
struct UnmergePersons {};

// What a related person of a role said, as a referral tells it.
struct RelatedConsent {
  std::string purpose, role;
  bool given = false;
  bool operator==(const RelatedConsent&) const = default;
};

struct ReceiveReferral {
  std::string route;  // checked against the protocol when there is one
  std::string referrer;
  std::optional<Identifier> identifier;  // the sender's, of the referral
  std::optional<Instant> received_at;    // default: now
  std::optional<Instant> wait_from;      // default: received_at
  std::string information_source;
  std::vector<std::string> documents;                  // kinds
  std::vector<engine::ReferralDocument> papers;        // of which more is told
  std::vector<std::pair<std::string, bool>> consents;  // by purpose
  std::vector<RelatedConsent> related_consents;
  std::vector<std::pair<std::string, engine::FactValue>> facts;  // by name
  std::string zone;  // of the person, as in RegisterPerson
};

struct AddStaff {
  std::string staff;
  std::vector<std::string> pools, skills, languages;
  std::optional<int32_t> weekly_minutes, caseload_max, share;
  std::optional<Instant> starts_at, left_at, new_until;
  StaffId cover;  // once they have left
  std::string calendar;
  std::vector<std::string> sites;
  std::optional<int32_t> direct_minutes, supervision_minutes, admin_minutes;
  std::vector<engine::RampStep> ramp_up;
};

// The reviews of the month that begins on that day.
struct DrawReviews {
  Date first;
};

// Of an entry in the register: of `add_staff`, and of the world of the kernel.
std::optional<int32_t> ReadShare(Members& members);
std::vector<engine::RampStep> ReadRampUp(Members& members);
struct StaffTerms {
  std::optional<Instant> starts_at, left_at, new_until;
  bool has_cover = false;  // once they have left
};
// Fails what does not fit together.
void CheckTerms(const StaffTerms& terms,
                const std::vector<engine::RampStep>& ramp_up, Members& members);

// All cases of a member to others, as one batch.
struct ReassignCases {
  StaffId from;
  std::string pool;          // of which pool; empty: of all
  StaffId to;                // none: by the policy of each case's pool
  bool over_limits = false;  // the reason passes limits, leave and needs
};

struct SetSafeMode {
  bool on = false;
};

// Which parked input: by its number on the worklist or by its receipt.
struct ParkedSelector {
  std::optional<uint32_t> ordinal;
  std::string receipt;
};
struct FileParked {
  ParkedSelector parked;  // filed to the head's case
};
struct DismissParked {
  ParkedSelector parked;
  std::string outcome;  // of what may disclose risk
};
// Somebody acts for another, for a time.
struct SetActing {
  StaffId staff, of;
  std::string pool;  // empty: all of theirs
  Instant from, to;
};

struct SetLeave {
  std::string staff;
  Instant from, to;
  StaffId cover;
};

// A group of a kind that the protocol declares.
struct OpenGroup {
  std::string group;  // the host's id, unique in the service
  std::string kind;
  Instant starts_at;
  std::optional<int32_t> minimum, places;  // default: as the protocol says
};
struct CallOffGroup {
  std::string group;
};

using ServiceBody =
    std::variant<RegisterPerson, ReceiveReferral, AddStaff, FileParked,
                 DismissParked, SetLeave, SetActing, engine::AdoptCase,
                 OpenGroup, CallOffGroup, MergePersons, UnmergePersons,
                 ReassignCases, DrawReviews, SetSafeMode>;

absl::StatusOr<ServiceBody> ReadServiceBody(const CommandHead& head,
                                            json::Value command,
                                            const Names& names);

// What the readable risk items of a questionnaire say, whatever else is wrong
// with the command: for input that is parked. kNo when no instrument with risk
// items is meant.
engine::Answer3 ScanRisk(json::Value command, const Names& names);
// The `answers` of a command; when they are there twice those that disclose
// more. Absent when there are none.
json::Value RiskiestAnswers(json::Value command, const Names& names);

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_COMMAND_JSON_H_
