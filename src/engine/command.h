// Commands to a case: imperatives. Staff and host get a Rejection when the
// domain says no; patient input is never rejected.
#ifndef STEPWELL_ENGINE_COMMAND_H_
#define STEPWELL_ENGINE_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/adoption.h"
#include "engine/event.h"
#include "engine/types.h"

namespace stepwell::engine {

#define STEPWELL_COMMAND(verb)                  \
  static constexpr const char* kVerb = verb;    \
  bool operator==(const Self&) const = default; \
  template <class S, class V>                   \
  static constexpr void Fields([[maybe_unused]] S& s, [[maybe_unused]] V&& v)

// Opens a case for a person by a referral, or attaches the referral to the
// case that is open, or opens a new episode of a closed one.
struct ReceiveReferral {
  using Self = ReceiveReferral;
  PersonId person;
  Referral referral;
  std::vector<ConsentState> consents;
  std::vector<FactState> facts;  // known at the door: age
  bool died = false;             // the person, before the referral came
  std::string zone;              // of the person; empty = not known
  STEPWELL_COMMAND("receive_referral") {
    v(1, "person", s.person);
    v(2, "referral", s.referral);
    v(3, "consents", s.consents);
    v(4, "facts", s.facts);
    v(5, "died", s.died);
    v(6, "zone", s.zone);
  }
};

// A patient's answers to a questionnaire.
struct SubmitResponse {
  using Self = SubmitResponse;
  std::string response_id;
  InstrumentRef instrument;  // none: not known to this protocol
  ElementId element;         // the item meant, when the caller says so
  std::vector<GivenAnswer> answers;
  std::string language;
  std::string raw_key;
  std::vector<std::string> problems;  // found while reading
  STEPWELL_COMMAND("submit_response") {
    v(1, "response_id", s.response_id);
    v(2, "instrument", s.instrument);
    v(3, "element", s.element);
    v(4, "answers", s.answers);
    v(5, "language", s.language);
    v(6, "raw_key", s.raw_key);
    v(7, "problems", s.problems);
  }
};

// A patient opens or hands in a module, does another item of theirs, or saves
// what they have of it so far.
struct PatientItem {
  using Self = PatientItem;
  ElementId element;
  bool done = false;                // false: opened
  std::string name;                 // as given, when there is no such element
  std::optional<uint8_t> percent;   // how far they are, 0 to 100
  std::optional<uint32_t> seconds;  // at it in all
  // The text of a draft; empty: the one that there is is thrown away. Whoever
  // runs the engine keeps it under the key that the events name.
  std::optional<std::string> draft = {};
  Unread unread = {};
  STEPWELL_COMMAND("patient_item") {
    v(1, "element", s.element);
    v(2, "done", s.done);
    v(3, "name", s.name);
    v(4, "percent", s.percent);
    v(5, "seconds", s.seconds);
    v(6, "draft", s.draft);
    v(7, "unread", s.unread);
  }
};

struct ReceiveMessage {
  using Self = ReceiveMessage;
  std::string message_id;
  std::string thread;
  std::string body_key;
  Unread unread = {};
  STEPWELL_COMMAND("receive_message") {
    v(1, "message_id", s.message_id);
    v(2, "thread", s.thread);
    v(3, "body_key", s.body_key);
    v(4, "unread", s.unread);
  }
};

enum class ItemVerb : uint8_t {
  kOpen = 1,  // add: from the catalogue of the protocol
  kStart = 2,
  kComplete = 3,  // with an outcome for decisions
  kSkip = 4,
  kCancel = 5,
  kUnlock = 6,     // release a module by hand; let go what was locked
  kClaim = 7,      // take it on, from the queue or from a colleague
  kLock = 8,       // withhold it until it is unlocked
  kRepeat = 9,     // once more, what is finished
  kRelease = 10,   // back to the queue
  kDefer = 11,     // `until` a date
  kHandOver = 12,  // to `pool`, to `staff` of it
  kSign = 13,      // what a new member has completed; it is done then
  kReturn = 14,    // it is completed anew
};

// Staff work on an item.
struct WorkItem {
  using Self = WorkItem;
  ElementId element;
  std::optional<uint16_t> occurrence;  // default: the only open one
  ItemVerb action = ItemVerb::kComplete;
  OutcomeId outcome;
  std::optional<int32_t> minutes;
  std::optional<FactValue> fact;  // the answer to an open question
  std::optional<Instant> until = {};
  PoolId pool = {};  // none: the one whose it is
  StaffId staff = {};
  std::vector<ChecklistAnswer> checklist = {};  // of a review
  STEPWELL_COMMAND("work_item") {
    v(1, "element", s.element);
    v(2, "occurrence", s.occurrence);
    v(3, "action", s.action);
    v(4, "outcome", s.outcome);
    v(5, "minutes", s.minutes);
    v(6, "fact", s.fact);
    v(7, "until", s.until);
    v(8, "pool", s.pool);
    v(9, "staff", s.staff);
    v(10, "checklist", s.checklist);
  }
};

// What a member of staff did in a month is to be reviewed. The service sends
// it when it draws reviews; nobody submits it.
struct DrawReview {
  using Self = DrawReview;
  ElementId element;
  StaffId of;
  std::string month, about;
  std::string note;  // what the item says of it
  STEPWELL_COMMAND("draw_review") {
    v(1, "element", s.element);
    v(2, "of", s.of);
    v(3, "month", s.month);
    v(4, "about", s.about);
    v(5, "note", s.note);
  }
};

enum class EnrolmentVerb : uint8_t {
  kStart = 1,
  kEnd = 2,
  kSwitch = 3,    // end it and start `to`
  kReorder = 4,   // `modules`, in this order, before what is left
  kInclude = 5,   // `modules` and `sets` that were left out
  kExclude = 6,   // `modules` that have not begun
  kGuidance = 7,  // another level
  kLanguage = 8,  // of the material
};

// A clinician begins, ends or tailors the taking of a program.
struct ChangeEnrolment {
  using Self = ChangeEnrolment;
  ProgramRef program;
  EnrolmentVerb action = EnrolmentVerb::kStart;
  ProgramRef to;
  std::vector<ElementId> modules;
  std::vector<uint8_t> sets;
  std::optional<uint8_t> guidance;
  std::string language;
  STEPWELL_COMMAND("change_enrolment") {
    v(1, "program", s.program);
    v(2, "action", s.action);
    v(3, "to", s.to);
    v(4, "modules", s.modules);
    v(5, "sets", s.sets);
    v(6, "guidance", s.guidance);
    v(7, "language", s.language);
  }
};

enum class AppointmentVerb : uint8_t {
  kPropose = 1,
  kBook = 2,
  kReschedule = 3,
  kNoShow = 4,
  kCancel = 5,  // the booking, or the seat in a group; not the item
  kMode = 6,    // meet in another way
};

struct ChangeAppointment {
  using Self = ChangeAppointment;
  ElementId element;
  AppointmentVerb action = AppointmentVerb::kPropose;
  Instant starts_at;
  ContactMode mode = ContactMode::kNone;
  std::string slot = {};   // instead of `starts_at`: one of those offered
  std::string group = {};  // instead of either: a seat in it
  std::optional<uint16_t> occurrence = {};  // which one of a repeated item
  STEPWELL_COMMAND("change_appointment") {
    v(1, "element", s.element);
    v(2, "action", s.action);
    v(3, "starts_at", s.starts_at);
    v(4, "mode", s.mode);
    v(5, "slot", s.slot);
    v(6, "group", s.group);
    v(7, "occurrence", s.occurrence);
  }
};

// The times among which the patient or staff book; they replace earlier ones.
struct OfferSlots {
  using Self = OfferSlots;
  ElementId element;
  std::vector<Slot> slots;
  std::optional<uint16_t> occurrence = {};  // which one of a repeated item
  STEPWELL_COMMAND("offer_slots") {
    v(1, "element", s.element);
    v(2, "slots", s.slots);
    v(3, "occurrence", s.occurrence);
  }
};

// What a group that the case is in has come to. The service sends it; nobody
// submits it.
struct NoteGroup {
  using Self = NoteGroup;
  std::string group;
  GroupNews news = GroupNews::kSeated;
  Instant starts_at;
  STEPWELL_COMMAND("note_group") {
    v(1, "group", s.group);
    v(2, "news", s.news);
    v(3, "starts_at", s.starts_at);
  }
};

// A person lets the case in before its turn, whatever the limits are.
struct AdmitCase {
  using Self = AdmitCase;
  STEPWELL_COMMAND("admit_case") {}
};

// It is the turn of the case. The service sends it; nobody submits it.
struct ReleaseCase {
  using Self = ReleaseCase;
  STEPWELL_COMMAND("release_case") {}
};

// A version with a queue has become the newest one, and the case is on another:
// whether it has a place is looked at. The service sends it; nobody submits it.
struct NotePlace {
  using Self = NotePlace;
  STEPWELL_COMMAND("note_place") {}
};

enum class TransferVerb : uint8_t {
  kHandOver = 1,
  kConfirm = 2,   // the receiver has it
  kWithdraw = 3,  // taken back, or refused there
};

// Hands the case over to another service.
struct TransferCase {
  using Self = TransferCase;
  TransferVerb action = TransferVerb::kHandOver;
  std::string to;
  std::string body_key;
  STEPWELL_COMMAND("transfer_case") {
    v(1, "action", s.action);
    v(2, "to", s.to);
    v(3, "body_key", s.body_key);
  }
};

enum class AlertVerb : uint8_t {
  kAcknowledge = 1,
  kAssess = 2,
  kClose = 3,
  kReviewedUnchanged = 4,
};

struct HandleAlert {
  using Self = HandleAlert;
  uint32_t alert = 0;
  AlertVerb action = AlertVerb::kAcknowledge;
  OutcomeId outcome;
  Instant until;  // kReviewedUnchanged
  std::optional<int32_t> minutes;
  STEPWELL_COMMAND("handle_alert") {
    v(1, "alert", s.alert);
    v(2, "action", s.action);
    v(3, "outcome", s.outcome);
    v(4, "until", s.until);
    v(5, "minutes", s.minutes);
  }
};

// Staff write to the patient; a message they reply to is answered.
struct SendMessage {
  using Self = SendMessage;
  std::string message_id;
  std::string thread;
  std::string body_key;
  std::string answers;  // id of the patient's message, or empty
  std::optional<int32_t> minutes;
  std::string message_template = {};  // by name; empty: none
  ElementId element = {};             // the module or homework it is about
  STEPWELL_COMMAND("send_message") {
    v(1, "message_id", s.message_id);
    v(2, "thread", s.thread);
    v(3, "body_key", s.body_key);
    v(4, "answers", s.answers);
    v(5, "minutes", s.minutes);
    v(6, "message_template", s.message_template);
    v(7, "element", s.element);
  }
};

// Somebody has read a message: staff that of the patient, the patient that of
// staff.
struct ReadMessage {
  using Self = ReadMessage;
  std::string message_id;
  STEPWELL_COMMAND("read_message") { v(1, "message_id", s.message_id); }
};

// Closes a patient's message without an answer; the reason is required.
struct CloseMessage {
  using Self = CloseMessage;
  std::string message_id;
  std::optional<int32_t> minutes = {};
  STEPWELL_COMMAND("close_message") {
    v(1, "message_id", s.message_id);
    v(2, "minutes", s.minutes);
  }
};

struct AssignCase {
  using Self = AssignCase;
  PoolId pool;
  StaffId staff;                        // none: the pool's policy chooses
  std::optional<CaseNeeds> needs = {};  // none: as they are known
  StaffId except = {};                  // whom the policy does not choose
  STEPWELL_COMMAND("assign_case") {
    v(1, "pool", s.pool);
    v(2, "staff", s.staff);
    v(3, "needs", s.needs);
    v(4, "except", s.except);
  }
};

struct PauseCase {
  using Self = PauseCase;
  Instant review_at;  // a pause always has one
  STEPWELL_COMMAND("pause_case") { v(1, "review_at", s.review_at); }
};

struct ResumeCase {
  using Self = ResumeCase;
  STEPWELL_COMMAND("resume_case") {}
};

struct RecordFact {
  using Self = RecordFact;
  FactId fact;
  FactValue value;
  STEPWELL_COMMAND("record_fact") {
    v(1, "fact", s.fact);
    v(2, "value", s.value);
  }
};

struct RecordConsent {
  using Self = RecordConsent;
  PurposeId consent_purpose;
  bool given = false;
  std::string by;         // a role of related persons; empty = the patient
  PersonId related = {};  // who of the role; none: the only one
  STEPWELL_COMMAND("record_consent") {
    v(1, "consent_purpose", s.consent_purpose);
    v(2, "given", s.given);
    v(3, "by", s.by);
    v(4, "related", s.related);
  }
};

// A document of a referral: it came later, or somebody has looked at it.
struct FileDocument {
  using Self = FileDocument;
  ReferralId referral;  // 0: the latest one that is of this episode
  ReferralDocument document;
  STEPWELL_COMMAND("file_document") {
    v(1, "referral", s.referral);
    v(2, "document", s.document);
  }
};

// Somebody is a related person of the patient in a role of the protocol, or is
// no longer.
struct RelatePerson {
  using Self = RelatePerson;
  PersonId related;
  std::string role;
  bool ended = false;
  STEPWELL_COMMAND("relate_person") {
    v(1, "related", s.related);
    v(2, "role", s.role);
    v(3, "ended", s.ended);
  }
};

// How the patient may be reached.
struct SetSafeContact {
  using Self = SetSafeContact;
  SafeContact contact;
  STEPWELL_COMMAND("set_safe_contact") { v(1, "contact", s.contact); }
};

// Takes back what one event did. It needs the case's log, which the runtime
// reads.
struct VoidEvent {
  using Self = VoidEvent;
  uint64_t target = 0;
  STEPWELL_COMMAND("void_event") { v(1, "target", s.target); }
};

// The world's answer to an effect.
struct SettleEffect {
  using Self = SettleEffect;
  uint64_t effect = 0;
  bool delivered = false;
  std::string detail;
  STEPWELL_COMMAND("settle_effect") {
    v(1, "effect", s.effect);
    v(2, "delivered", s.delivered);
    v(3, "detail", s.detail);
  }
};

// A clock that is due.
struct FireClock {
  using Self = FireClock;
  uint32_t clock = 0;
  Instant due;
  STEPWELL_COMMAND("fire_clock") {
    v(1, "clock", s.clock);
    v(2, "due", s.due);
  }
};

// The person has died. The service sends it to the case when it registers the
// death; nobody submits it.
struct NoteDeath {
  using Self = NoteDeath;
  STEPWELL_COMMAND("note_death") {}
};

// The person's time zone has become known, or is another one. Sent like
// NoteDeath, when the service registers it.
struct NoteZone {
  using Self = NoteZone;
  std::string zone;
  STEPWELL_COMMAND("note_zone") { v(1, "zone", s.zone); }
};

// What became of records that related persons are on file by, or that the
// patient was known by. The service sends it when it registers a death, merges
// records or parts them; nobody submits it.
struct NoteRecords {
  using Self = NoteRecords;
  std::vector<PersonId> records;
  PersonId person;      // whom they stand for from here on
  bool died = false;    // the person: of no role any more
  bool parted = false;  // they were taken for somebody else until now
  STEPWELL_COMMAND("note_records") {
    v(1, "records", s.records);
    v(2, "person", s.person);
    v(3, "died", s.died);
    v(4, "parted", s.parted);
  }
};

// A possible risk in free text, seen by the host's classifier or by a person.
struct FlagRisk {
  using Self = FlagRisk;
  std::string source;  // in which message, answers, call, ...
  // By its name; one that the protocol of the case does not have counts as
  // none, so that no misspelling loses a flag.
  std::string tier;
  STEPWELL_COMMAND("flag_risk") {
    v(1, "source", s.source);
    v(2, "tier", s.tier);
  }
};

#undef STEPWELL_COMMAND

using CommandBody =
    std::variant<ReceiveReferral, SubmitResponse, PatientItem, ReceiveMessage,
                 WorkItem, ChangeEnrolment, ChangeAppointment, HandleAlert,
                 SendMessage, CloseMessage, AssignCase, PauseCase, ResumeCase,
                 RecordFact, RecordConsent, VoidEvent, SettleEffect, FireClock,
                 NoteDeath, NoteZone, AdoptCase, FileDocument, RelatePerson,
                 SetSafeContact, OfferSlots, NoteGroup, TransferCase, AdmitCase,
                 ReleaseCase, NotePlace, NoteRecords, DrawReview, ReadMessage,
                 FlagRisk>;

// A risk answer that fitted nowhere, and is filed by a person now: how its
// alert stands, that nobody has acknowledged since it came.
struct Waited {
  Instant since, due;
  uint8_t next_rung = 0;
  Instant next_due;
  std::string pool;
  StaffId staff;
};

struct Command {
  Envelope envelope;
  CaseId case_id;
  CommandBody body;
  // The person the caller means; checked against the case when given.
  std::optional<PersonId> person;
  // Optimistic concurrency of the caller: the version it saw.
  std::optional<uint64_t> expected_version;
  std::optional<Waited> waited = {};
};

// The domain says no: a normal result with a stable code.
struct Rejection {
  std::string code;
  std::string reason;
  bool operator==(const Rejection&) const = default;
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_COMMAND_H_
