// Events: everything that can happen to a case, in the past participle. An
// event carries every fact that replay needs, computed deadlines included.
//
// kType and kVersion are part of the log format: a number is never reused, a
// change of meaning is a new version (docs/formats/log.md). To add an event:
// the struct and the variant here, Apply in apply.cc, a golden record. The
// compiler names the places that are missing.
#ifndef STEPWELL_ENGINE_EVENT_H_
#define STEPWELL_ENGINE_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/assignment.h"
#include "engine/booking_event.h"
#include "engine/event_door.h"
#include "engine/event_macro.h"
#include "engine/event_versions.h"
#include "engine/follow_up.h"
#include "engine/input_event.h"
#include "engine/intake_event.h"
#include "engine/message_event.h"
#include "engine/state.h"
#include "engine/supervision_event.h"
#include "engine/types.h"
#include "engine/void_event.h"

namespace stepwell::engine {

// The command that the following events belong to, up to the next one.
struct CommandRecorded {
  using Self = CommandRecorded;
  Envelope envelope;
  std::string verb;
  STEPWELL_EVENT(1, "CommandRecorded") {
    v(1, "envelope", s.envelope);
    v(2, "verb", s.verb);
  }
};

struct CaseOpened {
  using Self = CaseOpened;
  CaseId id;
  PersonId person;
  Fingerprint protocol;
  Owner owner;
  uint16_t tracks = 0;
  // Of an adopted case: clocks that were said not to run, by name.
  std::vector<std::string> clocks_left_out = {};
  STEPWELL_EVENT(2, "CaseOpened") {
    v(1, "case", s.id);
    v(2, "person", s.person);
    v(3, "protocol", s.protocol);
    v(4, "owner", s.owner);
    v(5, "tracks", s.tracks);
    v(6, "clocks_left_out", s.clocks_left_out);
  }
};

// A new episode of a case that was closed.
struct EpisodeOpened {
  using Self = EpisodeOpened;
  uint16_t episode = 1;
  std::vector<FactId> facts_dropped;  // those that do not carry over
  STEPWELL_EVENT(3, "EpisodeOpened") {
    v(1, "episode", s.episode);
    v(2, "facts_dropped", s.facts_dropped);
  }
};

struct EpisodeClosed {
  using Self = EpisodeClosed;
  uint16_t episode = 1;
  OutcomeId reason;
  STEPWELL_EVENT(4, "EpisodeClosed") {
    v(1, "episode", s.episode);
    v(2, "reason", s.reason);
  }
};

struct TrackMoved {
  using Self = TrackMoved;
  TrackId track;
  PhaseId from;  // none when the track starts
  PhaseId to;
  STEPWELL_EVENT(8, "TrackMoved") {
    v(1, "track", s.track);
    v(2, "from", s.from);
    v(3, "to", s.to);
  }
};

// Without a value: the answer that said it was taken back by an amendment.
struct FactRecorded {
  using Self = FactRecorded;
  FactId fact;
  FactValue value;
  uint64_t response_seq = 0;  // of the answer that says it; 0 = none does
  bool outdone = false;       // something later is known: it is history
  STEPWELL_EVENT(9, "FactRecorded") {
    v(1, "fact", s.fact);
    v(2, "value", s.value);
    v(3, "response_seq", s.response_seq);
    v(4, "outdone", s.outdone);
  }
};

struct MilestoneReached {
  using Self = MilestoneReached;
  MilestoneId milestone;
  STEPWELL_EVENT(10, "MilestoneReached") { v(1, "milestone", s.milestone); }
};

struct CaseAssigned {
  using Self = CaseAssigned;
  Owner owner;
  std::optional<AssignmentChoice> choice = {};  // none: a person named them
  // What stood against it, by the codes of rejections, and was passed with the
  // reason of the command.
  std::vector<std::string> passed = {};
  STEPWELL_EVENT(11, "CaseAssigned") {
    v(1, "owner", s.owner);
    v(2, "choice", s.choice);
    v(3, "passed", s.passed);
  }
};

// The item's ordinal is the number of items before it.
struct ItemOpened {
  using Self = ItemOpened;
  ItemKey key;
  Owner owner;
  int8_t priority = 0;
  Instant due = Instant::Never();
  std::string note;
  STEPWELL_EVENT(12, "ItemOpened") {
    v(1, "key", s.key);
    v(2, "owner", s.owner);
    v(3, "priority", s.priority);
    v(4, "due", s.due);
    v(5, "note", s.note);
  }
};

struct ItemStarted {
  using Self = ItemStarted;
  uint32_t item = 0;
  STEPWELL_EVENT(13, "ItemStarted") { v(1, "item", s.item); }
};

struct ItemDone {
  using Self = ItemDone;
  uint32_t item = 0;
  OutcomeId outcome;
  std::optional<int32_t> minutes;
  STEPWELL_EVENT(14, "ItemDone") {
    v(1, "item", s.item);
    v(2, "outcome", s.outcome);
    v(3, "minutes", s.minutes);
  }
};

// An item left its life in another way: skipped, expired, cancelled.
struct ItemEnded {
  using Self = ItemEnded;
  uint32_t item = 0;
  ItemStatus status = ItemStatus::kCancelled;
  STEPWELL_EVENT(15, "ItemEnded") {
    v(1, "item", s.item);
    v(2, "status", s.status);
  }
};

// Where an item now lies: another owner, another priority.
struct ItemMoved {
  using Self = ItemMoved;
  uint32_t item = 0;
  Owner owner;
  int8_t priority = 0;
  STEPWELL_EVENT(16, "ItemMoved") {
    v(1, "item", s.item);
    v(2, "owner", s.owner);
    v(3, "priority", s.priority);
  }
};

// A decision that rules made or a person took, with what it was based on.
struct DecisionRecorded {
  using Self = DecisionRecorded;
  ElementId element;
  OutcomeId outcome;
  bool automatic = false;
  // Per criterion, or row of the table, in order; a first-hit table is read no
  // further than the row that settles it. Empty where neither was asked.
  std::vector<Answer3> criteria;
  // All that was read, as `path = value` texts. In early logs: what the unmet
  // criteria saw.
  std::vector<std::string> inputs;
  // Ids of the criteria or rows that settled it, "otherwise" when no row held.
  std::vector<std::string> rules;
  // All outcomes of a table that collects; the first one is `outcome`.
  std::vector<OutcomeId> outcomes;
  OutcomeId proposed;  // what the table said to the person who decided
  // Of a prediction: the number that was compared, and how it came about.
  std::string value;
  std::vector<std::string> working;
  // Of a decision point that waits for its first row: when that is due.
  std::optional<Instant> again_at = {};
  STEPWELL_EVENT(18, "DecisionRecorded") {
    v(1, "element", s.element);
    v(2, "outcome", s.outcome);
    v(3, "automatic", s.automatic);
    v(4, "criteria", s.criteria);
    v(5, "inputs", s.inputs);
    v(6, "rules", s.rules);
    v(7, "outcomes", s.outcomes);
    v(8, "proposed", s.proposed);
    v(9, "value", s.value);
    v(10, "working", s.working);
    v(11, "again_at", s.again_at);
  }
};

enum class ResponseFit : uint8_t {
  kItem = 0,        // it answered an open item
  kUnasked = 1,     // nothing asked for it; kept and scored
  kAmendment = 2,   // an earlier response with this id is replaced
  kUnreadable = 3,  // kept raw; could not be scored
};

struct ResponseReceived {
  using Self = ResponseReceived;
  std::string response_id;
  InstrumentRef instrument;  // none: no instrument of this protocol
  ResponseFit fit = ResponseFit::kItem;
  uint32_t item = UINT32_MAX;
  std::vector<GivenAnswer> answers;
  std::string language;
  std::string raw_key;                // where the raw payload is kept, if it is
  std::vector<std::string> problems;  // what was wrong with it
  STEPWELL_EVENT(19, "ResponseReceived") {
    v(1, "response_id", s.response_id);
    v(2, "instrument", s.instrument);
    v(3, "fit", s.fit);
    v(4, "item", s.item);
    v(5, "answers", s.answers);
    v(6, "language", s.language);
    v(7, "raw_key", s.raw_key);
    v(8, "problems", s.problems);
  }
};

struct ScoreRecorded {
  using Self = ScoreRecorded;
  uint64_t response_seq = 0;
  InstrumentRef instrument;
  std::optional<Ratio> score;
  std::optional<int64_t> rounded;
  bool prorated = false;
  uint8_t band = 0xFF;
  uint8_t tier = 0xFF;
  Answer3 risk = Answer3::kNo;
  std::vector<uint16_t> missing;       // items without a usable answer
  std::vector<std::string> flags_set;  // named rules that hold
  // Of an amendment that came in a later one; 0 = the present episode.
  uint16_t episode = 0;
  STEPWELL_EVENT(20, "ScoreRecorded") {
    v(1, "response_seq", s.response_seq);
    v(2, "instrument", s.instrument);
    v(3, "score", s.score);
    v(4, "rounded", s.rounded);
    v(5, "prorated", s.prorated);
    v(6, "band", s.band);
    v(7, "risk", s.risk);
    v(8, "missing", s.missing);
    v(9, "flags_set", s.flags_set);
    v(10, "tier", s.tier);
    v(11, "episode", s.episode);
  }
};

struct ClockStarted {
  using Self = ClockStarted;
  uint32_t clock = 0;  // ordinal
  ClockDefId def;
  Subject subject;
  Instant started_at;
  Instant due;
  Instant next_due;
  STEPWELL_EVENT(21, "ClockStarted") {
    v(1, "clock", s.clock);
    v(2, "def", s.def);
    v(3, "subject", s.subject);
    v(4, "started_at", s.started_at);
    v(5, "due", s.due);
    v(6, "next_due", s.next_due);
  }
};

struct ClockFired {
  using Self = ClockFired;
  uint32_t clock = 0;
  ClockDefId def;
  Subject subject;
  uint8_t rung = 0;
  Instant due;  // when it should have fired
  uint8_t next_rung = 0;
  Instant next_due;  // Never: the ladder is used up, or it waits
  uint64_t waits_for_effect = 0;
  STEPWELL_EVENT(22, "ClockFired") {
    v(1, "clock", s.clock);
    v(2, "def", s.def);
    v(3, "subject", s.subject);
    v(4, "rung", s.rung);
    v(5, "due", s.due);
    v(6, "next_rung", s.next_rung);
    v(7, "next_due", s.next_due);
    v(8, "waits_for_effect", s.waits_for_effect);
  }
};

struct ClockStopped {
  using Self = ClockStopped;
  uint32_t clock = 0;
  STEPWELL_EVENT(23, "ClockStopped") { v(1, "clock", s.clock); }
};

// A clock's deadlines moved: pause, resume, a delivery it waited for, void.
struct ClockChanged {
  using Self = ClockChanged;
  uint32_t clock = 0;
  Instant started_at;
  Instant due;
  Instant next_due;
  std::optional<Instant> paused_at;
  uint64_t waits_for_effect = 0;
  std::optional<Instant> held_due = {};  // when it was due as it was paused
  // The deadline of the item or message that it is about, where that moves with
  // it: never, while it stands still. Earlier logs left it where it was.
  std::optional<Instant> subject_due = {};
  STEPWELL_EVENT(24, "ClockChanged") {
    v(1, "clock", s.clock);
    v(2, "started_at", s.started_at);
    v(3, "due", s.due);
    v(4, "next_due", s.next_due);
    v(5, "paused_at", s.paused_at);
    v(6, "waits_for_effect", s.waits_for_effect);
    v(7, "held_due", s.held_due);
    v(8, "subject_due", s.subject_due);
  }
};

// The alert's ordinal is the number of alerts before it.
struct AlertRaised {
  using Self = AlertRaised;
  TierId tier;
  Owner owner;
  Instant deadline;
  uint64_t response_seq = 0;
  uint64_t flag_seq = 0;  // of the RiskFlagged that it comes of; 0: none
  STEPWELL_EVENT(25, "AlertRaised") {
    v(1, "tier", s.tier);
    v(2, "owner", s.owner);
    v(3, "deadline", s.deadline);
    v(4, "response_seq", s.response_seq);
    v(5, "flag_seq", s.flag_seq);
  }
};

// New evidence for an open alert. Re-armed: its life starts over, unless a
// person marked it "reviewed, unchanged".
struct AlertEvidenceAdded {
  using Self = AlertEvidenceAdded;
  uint32_t alert = 0;
  uint64_t response_seq = 0;
  bool rearmed = true;
  Owner owner;
  Instant deadline;
  uint64_t flag_seq = 0;
  STEPWELL_EVENT(26, "AlertEvidenceAdded") {
    v(1, "alert", s.alert);
    v(2, "response_seq", s.response_seq);
    v(3, "rearmed", s.rearmed);
    v(4, "owner", s.owner);
    v(5, "deadline", s.deadline);
    v(6, "flag_seq", s.flag_seq);
  }
};

struct AlertRetiered {
  using Self = AlertRetiered;
  uint32_t alert = 0;
  TierId tier;
  Owner owner;
  Instant deadline;
  TierId from;  // none in early logs: then the unscreened one
  STEPWELL_EVENT(27, "AlertRetiered") {
    v(1, "alert", s.alert);
    v(2, "tier", s.tier);
    v(3, "owner", s.owner);
    v(4, "deadline", s.deadline);
    v(5, "from", s.from);
  }
};

// One step of the alert's life was taken by a person.
struct AlertStepped {
  using Self = AlertStepped;
  uint32_t alert = 0;
  AlertStage stage = AlertStage::kAcknowledged;
  OutcomeId outcome;
  Owner owner;
  Instant deadline;
  std::optional<int32_t> minutes;
  STEPWELL_EVENT(28, "AlertStepped") {
    v(1, "alert", s.alert);
    v(2, "stage", s.stage);
    v(3, "outcome", s.outcome);
    v(4, "owner", s.owner);
    v(5, "deadline", s.deadline);
    v(6, "minutes", s.minutes);
  }
};

struct AlertEscalated {
  using Self = AlertEscalated;
  uint32_t alert = 0;
  Owner owner;
  STEPWELL_EVENT(29, "AlertEscalated") {
    v(1, "alert", s.alert);
    v(2, "owner", s.owner);
  }
};

struct AlertReviewed {
  using Self = AlertReviewed;
  uint32_t alert = 0;
  Instant until;  // evidence of this tier is logged, not re-arming, until then
  STEPWELL_EVENT(30, "AlertReviewed") {
    v(1, "alert", s.alert);
    v(2, "until", s.until);
  }
};

struct EnrolmentStarted {
  using Self = EnrolmentStarted;
  ProgramRef program;
  uint8_t guidance = 0;  // level, as the program numbers them
  std::string language;  // of its material; empty = the patient's
  bool outside = false;  // of the program's phase, for whoever took it before
  STEPWELL_EVENT(35, "EnrolmentStarted") {
    v(1, "program", s.program);
    v(2, "guidance", s.guidance);
    v(3, "language", s.language);
    v(4, "outside", s.outside);
  }
};

struct ModuleCompleted {
  using Self = ModuleCompleted;
  ProgramRef program;
  uint16_t module = 0;
  STEPWELL_EVENT(36, "ModuleCompleted") {
    v(1, "program", s.program);
    v(2, "module", s.module);
  }
};

struct CasePaused {
  using Self = CasePaused;
  Instant review_at;
  STEPWELL_EVENT(37, "CasePaused") { v(1, "review_at", s.review_at); }
};

struct CaseResumed {
  using Self = CaseResumed;
  STEPWELL_EVENT(38, "CaseResumed") {}
};

enum class EffectKind : uint8_t { kNotify = 1, kLetter = 2 };

// Something the outside world is asked to do. It leaves through the outbox.
struct EffectRequested {
  using Self = EffectRequested;
  uint64_t effect = 0;  // stable, never reused
  EffectKind kind = EffectKind::kNotify;
  protocol::Recipient to = protocol::Recipient::kPatient;
  Owner owner;  // of kOwner and kPool
  TemplateId message_template;
  Subject subject;
  Instant valid_until = Instant::Never();
  uint32_t clock = UINT32_MAX;              // the clock whose rung asked for it
  std::optional<SafeContact> safe_contact;  // of the patient it is for
  std::optional<Instant> deferred_from;     // it was due then, in quiet hours
  std::string role = {};                    // of kRelated
  PersonId related = {};                    // of kRelated: who of the role
  StaffId cover = {};  // does the work of the owner, who is on leave
  // Of kReferrer: the referral that the letter is about, and who sent it. None:
  // no referral of the episode names anybody, or it is of an early version.
  ReferralId referral = {};
  std::string referrer = {};
  // Of kService: the service that the case is handed over to, and where the
  // host or the store keeps what was written to it.
  std::string receiver = {};
  std::string body_key = {};
  STEPWELL_EVENT(39, "EffectRequested") {
    v(1, "effect", s.effect);
    v(2, "kind", s.kind);
    v(3, "to", s.to);
    v(4, "owner", s.owner);
    v(5, "message_template", s.message_template);
    v(6, "subject", s.subject);
    v(7, "valid_until", s.valid_until);
    v(8, "clock", s.clock);
    v(9, "safe_contact", s.safe_contact);
    v(10, "deferred_from", s.deferred_from);
    v(11, "role", s.role);
    v(12, "related", s.related);
    v(13, "cover", s.cover);
    v(14, "referral", s.referral);
    v(15, "referrer", s.referrer);
    v(16, "receiver", s.receiver);
    v(17, "body_key", s.body_key);
  }
};

// A word that was due and deliberately not sent, or not yet.
struct EffectSuppressed {
  using Self = EffectSuppressed;
  TemplateId message_template;
  Subject subject;
  std::string why;
  std::optional<HeldEffect> held;        // it waits for the end of quiet hours
  std::optional<Instant> deferred_from;  // it had waited since then
  std::string role = {};                 // it was for related persons of it
  PersonId related = {};                 // who of them; none: nobody is on file
  STEPWELL_EVENT(40, "EffectSuppressed") {
    v(1, "message_template", s.message_template);
    v(2, "subject", s.subject);
    v(3, "why", s.why);
    v(4, "held", s.held);
    v(5, "deferred_from", s.deferred_from);
    v(6, "role", s.role);
    v(7, "related", s.related);
  }
};

struct EffectSettled {
  using Self = EffectSettled;
  uint64_t effect = 0;
  bool delivered = false;
  std::string detail;
  bool expired = false;  // nobody confirmed it as long as it was valid
  STEPWELL_EVENT(41, "EffectSettled") {
    v(1, "effect", s.effect);
    v(2, "delivered", s.delivered);
    v(3, "detail", s.detail);
    v(4, "expired", s.expired);
  }
};

// A command that came with an earlier time than the stream's last, or with one
// so far ahead that it cannot be true.
struct SkewRecorded {
  using Self = SkewRecorded;
  Instant claimed;
  STEPWELL_EVENT(42, "SkewRecorded") { v(1, "claimed", s.claimed); }
};

// Every module is done or skipped, and every homework is checked.
struct ProgramCompleted {
  using Self = ProgramCompleted;
  ProgramRef program;
  STEPWELL_EVENT(44, "ProgramCompleted") { v(1, "program", s.program); }
};

// The person of the case has died: nothing is sent to them from here on.
struct DeathNoted {
  using Self = DeathNoted;
  STEPWELL_EVENT(45, "DeathNoted") {}
};

// Whose days the clocks with the patient's zone count from here on. Deadlines
// that are running stay where they are.
struct ZoneNoted {
  using Self = ZoneNoted;
  std::string zone;  // an IANA name
  STEPWELL_EVENT(46, "ZoneNoted") { v(1, "zone", s.zone); }
};

// An enrolment ended without being complete.
struct EnrolmentEnded {
  using Self = EnrolmentEnded;
  uint16_t enrolment = 0;  // its number, from 1
  ProgramRef program;
  STEPWELL_EVENT(48, "EnrolmentEnded") {
    v(1, "enrolment", s.enrolment);
    v(2, "program", s.program);
  }
};

// How an enrolment is given from here on: all of it, also what is as before.
struct EnrolmentChanged {
  using Self = EnrolmentChanged;
  uint16_t enrolment = 0;  // its number, from 1
  ProgramRef program;
  uint8_t guidance = 0;
  std::string language;
  std::vector<ElementId> sequence;  // empty: as the document says
  std::vector<uint8_t> sets;
  STEPWELL_EVENT(49, "EnrolmentChanged") {
    v(1, "enrolment", s.enrolment);
    v(2, "program", s.program);
    v(3, "guidance", s.guidance);
    v(4, "language", s.language);
    v(5, "sequence", s.sequence);
    v(6, "sets", s.sets);
  }
};

// The time of a module has come: of the next weekly one, or (with `element`)
// of one that has a date.
struct ModuleReleased {
  using Self = ModuleReleased;
  uint16_t enrolment = 0;  // its number, from 1
  ProgramRef program;
  ElementId element;  // none: the next weekly one
  STEPWELL_EVENT(50, "ModuleReleased") {
    v(1, "enrolment", s.enrolment);
    v(2, "program", s.program);
    v(3, "element", s.element);
  }
};

// A clinician withholds an item, or lets it go.
struct ItemLocked {
  using Self = ItemLocked;
  ElementId element;
  uint16_t episode = 0;
  uint16_t enrolment = 0;  // as in ItemKey
  bool locked = false;
  STEPWELL_EVENT(51, "ItemLocked") {
    v(1, "element", s.element);
    v(2, "episode", s.episode);
    v(3, "enrolment", s.enrolment);
    v(4, "locked", s.locked);
  }
};

// How far the patient is with an item, and for how long they have been at it
// in all; what is not told stays as it was.
struct ItemProgressed {
  using Self = ItemProgressed;
  uint32_t item = 0;
  std::optional<uint8_t> percent;
  std::optional<uint32_t> seconds;
  STEPWELL_EVENT(52, "ItemProgressed") {
    v(1, "item", s.item);
    v(2, "percent", s.percent);
    v(3, "seconds", s.seconds);
  }
};

// A member of staff has taken it on: nobody else does it.
struct ItemClaimed {
  using Self = ItemClaimed;
  uint32_t item = 0;
  Owner owner;
  STEPWELL_EVENT(90, "ItemClaimed") {
    v(1, "item", s.item);
    v(2, "owner", s.owner);
  }
};

// It lies in the queue again.
struct ItemReleased {
  using Self = ItemReleased;
  uint32_t item = 0;
  Owner owner;
  STEPWELL_EVENT(91, "ItemReleased") {
    v(1, "item", s.item);
    v(2, "owner", s.owner);
  }
};

// Put off until a date. Its deadline stays, and who is late is late.
struct ItemDeferred {
  using Self = ItemDeferred;
  uint32_t item = 0;
  Instant until;
  STEPWELL_EVENT(92, "ItemDeferred") {
    v(1, "item", s.item);
    v(2, "until", s.until);
  }
};

// That date has come, or somebody took it up before.
struct ItemReturned {
  using Self = ItemReturned;
  uint32_t item = 0;
  STEPWELL_EVENT(93, "ItemReturned") { v(1, "item", s.item); }
};

// What the case needs of whoever takes it, from now on.
struct NeedsStated {
  using Self = NeedsStated;
  CaseNeeds needs;
  STEPWELL_EVENT(110, "NeedsStated") { v(1, "needs", s.needs); }
};

// A decision that is made by data waits for the end of the safe mode of the
// service; or is waited for no more.
struct DecisionsHeld {
  using Self = DecisionsHeld;
  bool held = false;
  STEPWELL_EVENT(111, "DecisionsHeld") { v(1, "held", s.held); }
};

using EventBody = std::variant<
    CommandRecorded, CaseOpened, EpisodeOpened, EpisodeClosed, ReferralAttached,
    ReferralAnswered, ConsentRecorded, TrackMoved, FactRecorded,
    MilestoneReached, CaseAssigned, ItemOpened, ItemStarted, ItemDone,
    ItemEnded, ItemMoved, AppointmentChanged, DecisionRecorded,
    ResponseReceived, ScoreRecorded, ClockStarted, ClockFired, ClockStopped,
    ClockChanged, AlertRaised, AlertEvidenceAdded, AlertRetiered, AlertStepped,
    AlertEscalated, AlertReviewed, MessageReceived, MessageSettled,
    MessageMoved, MessageSent, EnrolmentStarted, ModuleCompleted, CasePaused,
    CaseResumed, EffectRequested, EffectSuppressed, EffectSettled, SkewRecorded,
    Voided, ProgramCompleted, DeathNoted, ZoneNoted, EndedReferralFiled,
    EnrolmentEnded, EnrolmentChanged, ModuleReleased, ItemLocked,
    ItemProgressed, Migrated, Amended, ClockAdopted, ValidityEnded,
    DocumentFiled, RelatedPersonNoted, ConsentAgeNoted, SafeContactNoted,
    SlotsOffered, GroupTold, TransferAsked, TransferEnded, InputKept,
    ItemDrafted, DraftEnded, IntakePlaced, CaseAdmitted, PlaceTaken, IntakeLeft,
    FollowUpChanged, FollowUpAnswered, ClinicalTimeRuled, ConsentLapsed,
    ItemClaimed, ItemReleased, ItemDeferred, ItemReturned, NeedsStated,
    RelatedIdentified, SignAsked, SignSettled, ReviewDrawn, ReviewAnswered,
    MessageRead, DecisionsHeld, RiskFlagged>;

// An event in its stream.
struct Event {
  uint64_t seq = 0;
  Instant at;        // when it happened: docs/internals/time.md
  Instant recorded;  // when it was written down
  EventBody body;
  bool operator==(const Event&) const = default;

  Event() = default;
  // The body is made where it stays.
  template <class E>
  Event(uint64_t seq_in, Instant at_in, Instant recorded_in, E&& body_in)
      : seq(seq_in),
        at(at_in),
        recorded(recorded_in),
        body(std::forward<E>(body_in)) {}
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_EVENT_H_
