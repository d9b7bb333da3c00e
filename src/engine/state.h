// The state of one case: what its events add up to. Only Apply changes it.
#ifndef STEPWELL_ENGINE_STATE_H_
#define STEPWELL_ENGINE_STATE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/assignment.h"
#include "engine/follow_up.h"
#include "engine/id_index.h"
#include "engine/message_state.h"
#include "engine/supervision_state.h"
#include "engine/types.h"

namespace stepwell::engine {

struct Episode {
  Instant opened_at;
  std::optional<Instant> closed_at;
  OutcomeId reason;
  bool operator==(const Episode&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "opened_at", s.opened_at);
    v(2, "closed_at", s.closed_at);
    v(3, "reason", s.reason);
  }
};

struct TrackState {
  PhaseId phase;
  Instant entered_at;
  uint64_t entered_seq = 0;  // of the event: clinical times may be out of order
  bool operator==(const TrackState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "phase", s.phase);
    v(2, "entered_at", s.entered_at);
    v(3, "entered_seq", s.entered_seq);
  }
};

struct ItemState {
  ItemKey key;
  ItemStatus status = ItemStatus::kAvailable;
  Owner owner;
  int8_t priority = 0;
  Instant opened_at;
  Instant due = Instant::Never();
  Instant ended_at;
  OutcomeId outcome;
  AppointmentStatus appointment = AppointmentStatus::kNone;
  Instant appointment_at;
  // Minutes of work; absent is missing, never 0.
  std::optional<int32_t> minutes;
  // What the patient's own device tells: how far they are, and how long they
  // have been at it.
  std::optional<uint8_t> percent;
  std::optional<uint32_t> seconds;
  std::string note;                        // what a review is about
  uint64_t opened_seq = 0, ended_seq = 0;  // of the events
  // It had opened because of what was taken back: as if it had never been.
  bool withdrawn = false;
  // Of a decision point that is open too early: when its first row is due.
  std::optional<Instant> again_at = {};
  bool claimed = false;                  // by the member of staff who owns it
  Instant follow_up = Instant::Never();  // put off until then
  bool operator==(const ItemState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "key", s.key);
    v(2, "status", s.status);
    v(3, "owner", s.owner);
    v(4, "priority", s.priority);
    v(5, "opened_at", s.opened_at);
    v(6, "due", s.due);
    v(7, "ended_at", s.ended_at);
    v(8, "outcome", s.outcome);
    v(9, "appointment", s.appointment);
    v(10, "appointment_at", s.appointment_at);
    v(11, "minutes", s.minutes);
    v(12, "note", s.note);
    v(13, "opened_seq", s.opened_seq);
    v(14, "ended_seq", s.ended_seq);
    v(15, "percent", s.percent);
    v(16, "seconds", s.seconds);
    v(17, "withdrawn", s.withdrawn);
    v(18, "again_at", s.again_at);
    v(19, "claimed", s.claimed);
    v(20, "follow_up", s.follow_up);
  }
};

// What there is to an appointment beside its time, of those that have more.
struct AppointmentState {
  uint32_t item = 0;  // its ordinal
  ContactMode mode = ContactMode::kNone;
  uint16_t missed = 0;  // no-shows and late cancellations
  uint16_t moved = 0;   // how often its time was changed
  std::string slot;     // of the booking
  std::string group;    // that it has a seat in, or waits for one
  std::string place;
  StaffId staff;
  uint16_t minutes = 0;
  std::vector<Slot> offered;
  bool operator==(const AppointmentState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "item", s.item);
    v(2, "mode", s.mode);
    v(3, "missed", s.missed);
    v(4, "moved", s.moved);
    v(5, "slot", s.slot);
    v(6, "group", s.group);
    v(7, "place", s.place);
    v(8, "staff", s.staff);
    v(9, "minutes", s.minutes);
    v(10, "offered", s.offered);
  }
};

// What the patient has written of an item and not handed in. The text lies
// beside the log: it is nobody's answer.
struct DraftState {
  uint32_t item = 0;  // its ordinal
  std::string key;    // of the text; empty when the draft was abandoned
  Instant since, at;  // the first time it was saved, and the last
  std::optional<Instant> abandoned_at;  // its item ended without it
  bool operator==(const DraftState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "item", s.item);
    v(2, "key", s.key);
    v(3, "since", s.since);
    v(4, "at", s.at);
    v(5, "abandoned_at", s.abandoned_at);
  }
};

// A handing over that the receiver has not confirmed yet.
struct TransferState {
  std::string to;
  std::string body_key;
  uint64_t effect = 0;
  Instant asked_at;
  bool undelivered = false;  // the letter was withdrawn, or did not arrive
  bool operator==(const TransferState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "to", s.to);
    v(2, "body_key", s.body_key);
    v(3, "effect", s.effect);
    v(4, "asked_at", s.asked_at);
    v(5, "undelivered", s.undelivered);
  }
};

// Where the case stands at the door: in the queue, or with a place in care.
struct IntakeState {
  bool waiting = false;  // what follows is of the queue
  std::string intake_class;
  uint16_t rank = 0;
  Instant waits_from;
  Instant joined_at;
  std::vector<std::string> throttles, rules, unknown;
  bool held = false;
  bool operator==(const IntakeState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "waiting", s.waiting);
    v(2, "class", s.intake_class);
    v(3, "rank", s.rank);
    v(4, "waits_from", s.waits_from);
    v(5, "joined_at", s.joined_at);
    v(6, "throttles", s.throttles);
    v(7, "rules", s.rules);
    v(8, "unknown", s.unknown);
    v(9, "held", s.held);
  }
};

struct ClockState {
  uint32_t ordinal = 0;  // unique in the case, never reused
  ClockDefId def;        // none for cadences
  Subject subject;
  Instant started_at;
  Instant due;  // when the whole budget is used up
  uint8_t next_rung = 0;
  Instant next_due;  // Never: waits for something
  std::optional<Instant> paused_at;
  uint64_t waits_for_effect = 0;  // a rung waits until this was delivered
  // When the next rung was due as the clock was paused; nothing when it waited.
  std::optional<Instant> held_due = {};
  bool operator==(const ClockState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "ordinal", s.ordinal);
    v(2, "def", s.def);
    v(3, "subject", s.subject);
    v(4, "started_at", s.started_at);
    v(5, "due", s.due);
    v(6, "next_rung", s.next_rung);
    v(7, "next_due", s.next_due);
    v(8, "paused_at", s.paused_at);
    v(9, "waits_for_effect", s.waits_for_effect);
    v(10, "held_due", s.held_due);
  }
};

// A risk answer that joined an open alert.
struct JoinedRisk {
  uint64_t response_seq = 0;
  uint64_t seq = 0;  // of the event that logged it
  Instant at;        // when it was logged
  bool rearmed = true;
  // The mark "reviewed, unchanged" as it stood then.
  std::optional<Instant> reviewed_until;
  bool operator==(const JoinedRisk&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "response_seq", s.response_seq);
    v(2, "seq", s.seq);
    v(3, "at", s.at);
    v(4, "rearmed", s.rearmed);
    v(5, "reviewed_until", s.reviewed_until);
  }
};

struct AlertState {
  TierId tier;
  AlertStage stage = AlertStage::kRaised;
  Owner owner;
  Instant raised_at;
  Instant deadline;       // of the step it is in
  uint16_t evidence = 1;  // risk answers that led here
  uint16_t escalations = 0;
  OutcomeId outcome;                      // of the assessment
  std::optional<Instant> reviewed_until;  // "reviewed, unchanged"
  uint64_t response_seq = 0;       // the event with the first risk answer
  bool evidence_void = false;      // some of its evidence was taken back
  std::vector<JoinedRisk> joined;  // in order; the first answer is not here
  uint64_t raised_seq = 0;         // of the event that raised it
  uint64_t stepped_seq = 0;        // of the last step that a person took
  bool operator==(const AlertState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "tier", s.tier);
    v(2, "stage", s.stage);
    v(3, "owner", s.owner);
    v(4, "raised_at", s.raised_at);
    v(5, "deadline", s.deadline);
    v(6, "evidence", s.evidence);
    v(7, "escalations", s.escalations);
    v(8, "outcome", s.outcome);
    v(9, "reviewed_until", s.reviewed_until);
    v(10, "response_seq", s.response_seq);
    v(11, "evidence_void", s.evidence_void);
    v(12, "joined", s.joined);
    v(13, "raised_seq", s.raised_seq);
    v(14, "stepped_seq", s.stepped_seq);
  }
};

struct ScoreState {
  InstrumentRef instrument;
  uint16_t episode = 0;
  uint64_t seq = 0;  // of the ScoreRecorded event
  uint64_t response_seq = 0;
  Instant at;
  std::optional<Ratio> score;  // absent: not scorable
  uint8_t band = 0xFF;         // index in the instrument; 0xFF = none
  uint8_t tier = 0xFF;         // index in the instrument; 0xFF = none
  Answer3 risk = Answer3::kNo;
  bool is_void = false;
  bool operator==(const ScoreState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "instrument", s.instrument);
    v(2, "episode", s.episode);
    v(3, "seq", s.seq);
    v(4, "at", s.at);
    v(5, "score", s.score);
    v(6, "band", s.band);
    v(7, "risk", s.risk);
    v(8, "is_void", s.is_void);
    v(9, "response_seq", s.response_seq);
    v(10, "tier", s.tier);
  }
};

// What came clinically later, and of what came at one time what was recorded
// later. Of the present episode rather than of one before.
inline bool IsLater(const ScoreState& a, const ScoreState& b) {
  return std::tie(a.episode, a.at, a.seq) > std::tie(b.episode, b.at, b.seq);
}

// The latest valid answers to an instrument, for guards.
struct AnswersState {
  InstrumentRef instrument;
  uint64_t response_seq = 0;
  std::vector<GivenAnswer> answers;
  bool operator==(const AnswersState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "instrument", s.instrument);
    v(2, "response_seq", s.response_seq);
    v(3, "answers", s.answers);
  }
};

// A response that was received: its id makes a later one an amendment.
struct ResponseState {
  std::string id;
  uint64_t seq = 0;
  InstrumentRef instrument;
  uint32_t item = UINT32_MAX;  // the item it answered
  bool is_void = false;
  bool operator==(const ResponseState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "id", s.id);
    v(2, "seq", s.seq);
    v(3, "instrument", s.instrument);
    v(4, "item", s.item);
    v(5, "is_void", s.is_void);
  }
};

struct MilestoneState {
  MilestoneId milestone;
  Instant at;
  uint64_t seq = 0;
  bool operator==(const MilestoneState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "milestone", s.milestone);
    v(2, "at", s.at);
    v(3, "seq", s.seq);
  }
};

struct FactState {
  FactId fact;
  FactValue value;  // none: the answer that said it was taken back
  uint64_t seq = 0;
  uint64_t response_seq = 0;  // of the answer that says it; 0 = none does
  Instant at = {};            // when it was so
  bool operator==(const FactState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "fact", s.fact);
    v(2, "value", s.value);
    v(3, "seq", s.seq);
    v(4, "response_seq", s.response_seq);
    v(5, "at", s.at);
  }
};

// What the patient, or a related person of a role, said of one purpose.
struct ConsentState {
  PurposeId purpose;
  bool given = false;
  Instant at;
  std::optional<Instant> valid_until = {};  // not known again from then on
  bool ended = false;                       // its time is over
  std::string by = {};    // a role of related persons; empty = the patient
  PersonId related = {};  // who of the role; none: it was not told
  bool operator==(const ConsentState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "purpose", s.purpose);
    v(2, "given", s.given);
    v(3, "at", s.at);
    v(4, "valid_until", s.valid_until);
    v(5, "ended", s.ended);
    v(6, "by", s.by);
    v(7, "related", s.related);
  }
};

// Somebody who belongs to the patient: a guardian, an emergency contact.
struct RelatedState {
  PersonId person;
  std::string role;  // by name: it outlives a protocol
  Instant since;
  std::optional<Instant> ended_at;
  std::optional<PersonId> one_with = {};  // the record was merged into theirs
  bool operator==(const RelatedState&) const = default;

  PersonId Whom() const { return one_with.value_or(person); }

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "person", s.person);
    v(2, "role", s.role);
    v(3, "since", s.since);
    v(4, "ended_at", s.ended_at);
    v(5, "one_with", s.one_with);
  }
};

// From when on the patient's own consent counts for the purpose, and no
// guardian's.
struct ConsentAgeState {
  PurposeId purpose;
  std::optional<Instant> from;  // absent: by what is known, not yet
  bool reached = false;         // that time has come
  bool operator==(const ConsentAgeState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "purpose", s.purpose);
    v(2, "from", s.from);
    v(3, "reached", s.reached);
  }
};

// One taking of a program. It is running until it is complete or has ended.
struct EnrolmentState {
  ProgramRef program;
  uint16_t episode = 0;
  Instant started_at;
  uint16_t modules_done = 0;
  bool completed = false;
  std::optional<Instant> ended_at;  // without being complete
  uint8_t guidance = 0;             // level, as the program numbers them
  std::string language;             // of its material; empty = the patient's
  std::vector<ElementId>
      sequence;               // modules in order; empty: as the document says
  std::vector<uint8_t> sets;  // of modules that were chosen
  uint16_t weeks = 0;         // weekly releases so far
  std::vector<ElementId> released;  // modules whose date has come
  // Begun outside the program's phase: it goes on wherever the case is.
  bool outside = false;
  bool operator==(const EnrolmentState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "program", s.program);
    v(2, "episode", s.episode);
    v(3, "started_at", s.started_at);
    v(4, "modules_done", s.modules_done);
    v(5, "completed", s.completed);
    v(6, "ended_at", s.ended_at);
    v(7, "guidance", s.guidance);
    v(8, "language", s.language);
    v(9, "sequence", s.sequence);
    v(10, "sets", s.sets);
    v(11, "weeks", s.weeks);
    v(12, "released", s.released);
    v(13, "outside", s.outside);
  }

  bool IsRunning() const { return !completed && !ended_at; }
};

// An item that a clinician withholds: it opens neither by itself nor by a rule
// until it is unlocked.
struct LockState {
  ElementId element;
  uint16_t episode = 0;
  uint16_t enrolment = 0;  // as in ItemKey
  uint64_t seq = 0;
  bool operator==(const LockState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "element", s.element);
    v(2, "episode", s.episode);
    v(3, "enrolment", s.enrolment);
    v(4, "seq", s.seq);
  }
};

// An effect that was requested and is not yet known to be delivered.
struct PendingEffectState {
  uint64_t effect = 0;
  Subject subject;
  bool to_patient = false;  // or to somebody who belongs to them
  uint32_t clock = UINT32_MAX;
  Instant valid_until = Instant::Never();
  TemplateId message_template;
  Owner owner;               // of the staff who are told
  bool letter = false;       // to whoever referred
  std::string role = {};     // of the related person it is for
  PersonId related = {};     // none: nobody's
  ReferralId referral = {};  // of a letter: the one that it is about
  bool operator==(const PendingEffectState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "effect", s.effect);
    v(2, "subject", s.subject);
    v(3, "to_patient", s.to_patient);
    v(4, "clock", s.clock);
    v(5, "valid_until", s.valid_until);
    v(6, "message_template", s.message_template);
    v(7, "owner", s.owner);
    v(8, "letter", s.letter);
    v(9, "role", s.role);
    v(10, "related", s.related);
    v(11, "referral", s.referral);
  }
};

// The protocol that the case was on until the event `until_seq`, which moved it
// to another version: the numbers in the events before it are of this one.
struct EarlierPin {
  Fingerprint protocol;
  uint64_t until_seq = 0;
  bool operator==(const EarlierPin&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "protocol", s.protocol);
    v(2, "until_seq", s.until_seq);
  }
};

// The number under which a case asks to be woken when one of its effects is no
// longer valid. It is no clock of the protocol: FireClock with it settles what
// has run out.
inline constexpr uint32_t kExpiryClock = UINT32_MAX;
// The same for consents and documents whose time is over, and for the day from
// which the patient's own consent counts.
inline constexpr uint32_t kValidityClock = UINT32_MAX - 1;
// And for words to the patient that wait for the end of quiet hours.
inline constexpr uint32_t kQuietClock = UINT32_MAX - 2;
// And for the week that a decision point waits for.
inline constexpr uint32_t kWeekClock = UINT32_MAX - 3;
// And for work that was put off until a date.
inline constexpr uint32_t kFollowUpClock = UINT32_MAX - 4;
// And for the end of the safe mode, when a decision waits for it.
inline constexpr uint32_t kHeldClock = UINT32_MAX - 5;
inline constexpr uint32_t kInnerClocks[] = {kHeldClock,     kFollowUpClock,
                                            kWeekClock,     kQuietClock,
                                            kValidityClock, kExpiryClock};

struct CaseState {
  uint64_t version = 0;  // number of events
  CaseId id;
  PersonId person;
  Fingerprint protocol;  // the pin
  Instant last_at;       // time in the stream never decreases
  Owner owner;
  std::vector<Episode> episodes;
  std::vector<Referral> referrals;
  std::vector<TrackState> tracks;
  std::vector<ItemState> items;    // index = the item's ordinal
  std::vector<ClockState> clocks;  // running ones only
  uint32_t next_clock = 0;
  std::vector<AlertState> alerts;      // index = the alert's ordinal
  std::vector<MessageState> messages;  // index = the message's ordinal
  std::vector<ScoreState> scores;
  std::vector<AnswersState> answers;
  std::vector<ResponseState> responses;
  std::vector<MilestoneState> milestones;
  std::vector<FactState> facts;
  std::vector<ConsentState> consents;
  std::vector<EnrolmentState> enrolments;
  std::vector<LockState> locks;
  std::vector<PendingEffectState> pending_effects;
  std::optional<Instant> paused_at;
  std::optional<Instant> died_at;  // the person; never taken back by events
  std::string zone;  // of the person, by its IANA name; empty = not known
  std::vector<EarlierPin> earlier_pins;  // in order; empty: never migrated
  std::vector<RelatedState> related;
  std::vector<ConsentAgeState> consent_ages;
  std::vector<HeldEffect> held_effects;
  std::optional<SafeContact> safe_contact;
  Instant safe_contact_at;                     // when they said so
  CaseNeeds needs;                             // of whoever takes the case
  std::optional<Instant> held_since;           // decisions wait for a safe end
  std::vector<AppointmentState> appointments;  // by item
  std::optional<TransferState> transfer;
  std::vector<DraftState> drafts;         // one an item at most
  std::vector<IntakeState> intake;        // one, or none: most cases have none
  std::vector<FollowUpState> follow_ups;  // by anchor; the last of each counts
  std::vector<SignState> signs;           // one an item at most
  std::vector<DrawnState> drawn;          // in order
  std::vector<UnreadState> unread;        // in order
  IdIndex message_ids, unread_ids, response_ids;  // of these lists
  bool operator==(const CaseState&) const = default;

  // The score of the response with that number; nullptr when there is none.
  const ScoreState* ScoreOf(uint64_t response_seq) const {
    for (auto score = scores.rbegin(); score != scores.rend(); ++score) {
      if (score->response_seq == response_seq) return &*score;
    }
    return nullptr;
  }

  // When the milestone was reached in this episode; nullptr: not yet.
  const MilestoneState* Reached(MilestoneId which) const {
    for (const MilestoneState& milestone : milestones) {
      if (milestone.milestone == which) return &milestone;
    }
    return nullptr;
  }
  // The clock of the case itself with this definition; nullptr: none runs.
  const ClockState* ClockOfCase(ClockDefId def) const {
    for (const ClockState& clock : clocks) {
      if (clock.def == def && clock.subject.kind == SubjectKind::kCase) {
        return &clock;
      }
    }
    return nullptr;
  }

  // consents.cc: who is on file in the role, each person once, by however many
  // records.
  std::vector<PersonId> RelatedAs(std::string_view role) const;
  // Whom the record of a related person stands for.
  PersonId Whom(PersonId record) const;
  bool IsOnFile(PersonId record, std::string_view role) const;
  // The record by which they are on file in the role; none when they are not.
  PersonId RecordOf(PersonId whom, std::string_view role) const;

  // Where the case stands at the door; nullptr: neither in the queue nor with
  // one of the places.
  const IntakeState* Place() const {
    return intake.empty() ? nullptr : &intake.front();
  }

  // What more there is to the appointment; nullptr when there is nothing.
  const AppointmentState* AppointmentOf(uint32_t item) const {
    return OfItem(appointments, item);
  }
  // The id is that of a message of the patient, or of one that they have still
  // to read. What they have read is in the log alone, and its id is free again.
  bool HasMessage(std::string_view id);
  // What the patient sent before with these; nullptr: it is another message.
  // `begin`: of the messages before none has the id.
  const MessageState* Received(std::string_view id, std::string_view body_key,
                               size_t begin = 0) const;
  // The draft of the item, also one that was abandoned; nullptr: none.
  const DraftState* DraftOf(uint32_t item) const {
    return OfItem(drafts, item);
  }
  // What waits for a second sign on the item; nullptr: nothing does.
  const SignState* SignOf(uint32_t item) const { return OfItem(signs, item); }
  // The clock is of a second sign: the patient waits for the item and not for
  // that, so it moves no deadline of the item.
  bool IsSignClock(uint32_t clock) const {
    return std::any_of(
        signs.begin(), signs.end(),
        [clock](const SignState& sign) { return sign.clock == clock; });
  }
  // What the item reviews; nullptr: it is no review that was drawn.
  const DrawnState* DrawnAs(uint32_t item) const { return OfItem(drawn, item); }
  bool Exists() const { return version > 0; }
  bool IsClosed() const {
    return !episodes.empty() && episodes.back().closed_at.has_value();
  }
  uint16_t episode() const { return static_cast<uint16_t>(episodes.size()); }
  // When the first of the pending effects runs out; Never when none does.
  Instant EffectsExpireAt() const {
    Instant first = Instant::Never();
    for (const PendingEffectState& effect : pending_effects) {
      if (effect.valid_until < first) first = effect.valid_until;
    }
    return first;
  }
  // When the first of what is valid for a time only runs out.
  Instant ValidityEndsAt() const;
  // When a clock of kInnerClocks is due.
  Instant InnerDue(uint32_t clock) const {
    return clock == kHeldClock       ? held_since.value_or(Instant::Never())
           : clock == kFollowUpClock ? FollowUpAt()
           : clock == kWeekClock     ? WeekComesAt()
           : clock == kQuietClock    ? QuietEndsAt()
           : clock == kValidityClock ? ValidityEndsAt()
                                     : EffectsExpireAt();
  }
  // When the first of the work that was put off comes back.
  Instant FollowUpAt() const {
    Instant first = Instant::Never();
    for (const ItemState& item : items) {
      if (IsOpen(item.status) && item.follow_up < first) first = item.follow_up;
    }
    return first;
  }
  // When the first of the decision points that wait for it is due.
  Instant WeekComesAt() const {
    Instant first = Instant::Never();
    for (const ItemState& item : items) {
      if (IsOpen(item.status) && item.again_at && *item.again_at < first) {
        first = *item.again_at;
      }
    }
    return first;
  }
  // When the first of the words that wait for it may be sent.
  Instant QuietEndsAt() const {
    Instant first = Instant::Never();
    for (const HeldEffect& held : held_effects) {
      if (held.until < first) first = held.until;
    }
    return first;
  }

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "version", s.version);
    v(2, "id", s.id);
    v(3, "person", s.person);
    v(4, "protocol", s.protocol);
    v(5, "last_at", s.last_at);
    v(6, "owner", s.owner);
    v(7, "episodes", s.episodes);
    v(8, "referrals", s.referrals);
    v(9, "tracks", s.tracks);
    v(10, "items", s.items);
    v(11, "clocks", s.clocks);
    v(12, "next_clock", s.next_clock);
    v(13, "alerts", s.alerts);
    v(14, "messages", s.messages);
    v(15, "scores", s.scores);
    v(16, "answers", s.answers);
    v(17, "responses", s.responses);
    v(18, "milestones", s.milestones);
    v(19, "facts", s.facts);
    v(20, "consents", s.consents);
    v(21, "enrolments", s.enrolments);
    v(22, "pending_effects", s.pending_effects);
    v(23, "paused_at", s.paused_at);
    v(24, "died_at", s.died_at);
    v(25, "zone", s.zone);
    v(26, "locks", s.locks);
    v(27, "earlier_pins", s.earlier_pins);
    v(28, "related", s.related);
    v(29, "consent_ages", s.consent_ages);
    v(30, "held_effects", s.held_effects);
    v(31, "safe_contact", s.safe_contact);
    v(32, "appointments", s.appointments);
    v(33, "transfer", s.transfer);
    v(34, "drafts", s.drafts);
    v(35, "intake", s.intake);
    v(38, "follow_ups", s.follow_ups);
    v(40, "needs", s.needs);
    v(41, "safe_contact_at", s.safe_contact_at);
    v(42, "held_since", s.held_since);
    v(50, "signs", s.signs);
    v(51, "drawn", s.drawn);
    v(52, "unread", s.unread);
  }
};

inline Instant CaseState::ValidityEndsAt() const {
  Instant first = Instant::Never();
  const auto take = [&first](bool over, const std::optional<Instant>& at) {
    if (!over && at && *at < first) first = *at;
  };
  for (const ConsentState& consent : consents) {
    take(consent.ended || !consent.given, consent.valid_until);
  }
  for (const ConsentAgeState& age : consent_ages) take(age.reached, age.from);
  for (const Referral& referral : referrals) {
    if (referral.episode != episode()) continue;
    for (const ReferralDocument& paper : referral.papers) {
      take(paper.ended, paper.valid_until);
    }
  }
  return first;
}

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_STATE_H_
