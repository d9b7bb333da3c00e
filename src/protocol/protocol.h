// A protocol: one service written down as a JSON document (see
// docs/formats/protocol.md), checked and compiled into immutable tables. The
// engine, the simulator and the metrics all read this one value.
#ifndef STEPWELL_PROTOCOL_PROTOCOL_H_
#define STEPWELL_PROTOCOL_PROTOCOL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/fingerprint.h"
#include "base/span.h"
#include "base/work_calendar.h"
#include "base/zone.h"
#include "fhirpath/fhirpath.h"
#include "instruments/instrument.h"
#include "protocol/symbols.h"
#include "stepwell/issue.h"

namespace stepwell::protocol {

// A text in languages, in document order: {"en", "Start"}, {"sv", "Start"}.
using Texts = std::vector<std::pair<std::string, std::string>>;

// What a guard does when it is neither true nor false.
enum class OnUnknown : uint8_t {
  kBlock,  // nothing happens; explain shows the unknown leaf
  kAsk,    // a question is opened to somebody
  kRaise,  // treated as the unsafe answer
};

struct Guard {
  std::string text;  // FHIRPath; empty = always true
  std::shared_ptr<const fhirpath::Program> program;  // null when text is empty
  OnUnknown on_unknown = OnUnknown::kBlock;
  // A score, or an answer, that is older than this is unknown.
  std::optional<Span> max_age;
};

enum class ActionKind : uint8_t {
  kMove,             // phase
  kOpen,             // element: opens an item (an occurrence of it)
  kCancel,           // element: cancels its open items
  kMilestone,        // milestone
  kSetFact,          // fact, value
  kNotify,           // to + template
  kStartClock,       // clock
  kStopClock,        // clock
  kAssign,           // pool: the case gets an owner from it
  kEscalate,         // pool: the subject (item, alert, message) moves there
  kEscalateRisk,     // pool: every open alert not yet assessed moves there
  kPriority,         // amount: raises the subject's priority
  kRaiseAlert,       // tier
  kAnswerReferrals,  // outcome: every unanswered referral gets a disposition
  kCloseCase,        // outcome = the reason; only after a person's decision
  kEnrol,            // program: a new enrolment, unless one is running
  kEndEnrolment,     // program: the running one ends
  kChooseSet,        // program, number = the set
  kGuide,            // program, number = the level of guidance
};

// Whom a notification speaks to.
enum class Recipient : uint8_t {
  kPatient,
  kOwner,
  kPool,
  kReferrer,
  kService,
  kRelated,  // everybody who is on file in a role of related persons
};

// Whoever is written to at home, and not at work.
constexpr bool IsPatientsSide(Recipient to) {
  return to == Recipient::kPatient || to == Recipient::kRelated;
}

struct FactValue {
  enum class Kind : uint8_t { kNone, kBoolean, kInteger, kText, kDate };
  Kind kind = Kind::kNone;
  int64_t number = 0;  // boolean (0/1), integer, days since 1970
  std::string text;
  bool operator==(const FactValue&) const = default;

  // Fields for the codecs; see engine/types.h.
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "kind", s.kind);
    v(2, "number", s.number);
    v(3, "text", s.text);
  }
};

// "true", "34", "2026-03-02", the text itself; "" of no value.
std::string FactText(const FactValue& value);

struct Action {
  ActionKind kind = ActionKind::kMove;
  PhaseId phase;
  ElementId element;
  MilestoneId milestone;
  FactId fact;
  FactValue value;
  ClockDefId clock;
  PoolId pool;
  TierId tier;
  OutcomeId outcome;
  TemplateId message_template;
  ProgramRef program;
  uint8_t number = 0;  // of a set or a level of the program
  Recipient to = Recipient::kPatient;
  std::string role;  // kRelated
  // A reminder asks the patient for something: never sent while a risk alert
  // is open.
  bool reminder = false;
  int amount = 0;
  std::optional<Span> valid_for;  // of a notification
};

// What can set a rule, a clock's start or a clock's end in motion.
enum class TriggerKind : uint8_t {
  kReferralReceived,  // argument: route or none = any
  kPhaseEntered,      // phase
  kPhaseLeft,         // phase
  kItemAvailable,     // element
  kItemDone,          // element
  kItemSkipped,       // element
  kItemExpired,       // element
  kDecision,          // element + outcome
  kResponse,          // instrument (scored)
  kNoShow,            // element
  kMilestone,         // milestone
  kFact,              // fact
  kPatientActive,     // any act of the patient
  kProgramStarted,    // program: an enrolment
  kProgramCompleted,  // program
  kProgramEnded,      // program: without being complete
  kAlertRaised,       // tier or none = any
  kAlertClosed,       // none
  kMessageReceived,   // none
  kCaseReopened,      // none
  kCasePaused,        // none
  kCaseResumed,       // none
  kConsent,           // purpose: said anew, or its time is over
  kBooked,            // element: an appointment has a time
  kCancelled,         // element: an appointment was cancelled in time
  kLateCancelled,     // element: ... with less notice than asked for
  kSeriesCompleted,   // element: as many sessions as it has are over
  kGroupStarted,      // element: the group of the appointment begins
  kGroupShort,        // element: ... has too few to begin, or was called off
  kTransferred,       // none: the receiving service has confirmed
  kTransferFailed,    // none: it was taken back, or refused there
  kFollowUpAnswered,  // clock: all that its window asks for has been answered
  kFollowUpMissed,    // clock: its window has closed, and something has not
  kProgramActive,     // program or none = any: the patient works on it
};
inline constexpr size_t kTriggerKinds =
    static_cast<size_t>(TriggerKind::kProgramActive) + 1;

// Its argument is an element.
constexpr bool IsOfItem(TriggerKind kind) {
  switch (kind) {
    case TriggerKind::kItemAvailable:
    case TriggerKind::kItemDone:
    case TriggerKind::kItemSkipped:
    case TriggerKind::kItemExpired:
    case TriggerKind::kDecision:
    case TriggerKind::kNoShow:
    case TriggerKind::kBooked:
    case TriggerKind::kCancelled:
    case TriggerKind::kLateCancelled:
    case TriggerKind::kSeriesCompleted:
    case TriggerKind::kGroupStarted:
    case TriggerKind::kGroupShort:
      return true;
    default:
      return false;
  }
}

struct Trigger {
  TriggerKind kind = TriggerKind::kPatientActive;
  uint16_t argument = 0xFFFF;  // a symbol of the kind above; 0xFFFF = any
  OutcomeId outcome;           // kDecision only
  bool operator==(const Trigger&) const = default;
};

struct Rule {
  std::string id;
  Trigger on;
  Guard guard;
  std::vector<Action> actions;
  std::string pointer;  // where it stands in the document
};

enum class LatePolicy : uint8_t { kFire, kCoalesce, kShift };

// The two rungs that a follow-up window adds to a ladder, the first and the
// last one.
enum class RungKind : uint8_t { kStep, kOpens, kCloses };

// One step of a clock's ladder.
struct Rung {
  RungKind kind = RungKind::kStep;
  // Of a step exactly one of the two: a share of the budget, or a span after
  // the rung before it.
  std::optional<int> percent;
  std::optional<Span> after;
  std::optional<Span> repeat;      // the last rung only: again and again
  bool speaks_to_patient = false;  // or to those who belong to them
  std::vector<Action> actions;
  std::string pointer;
};

// When a follow-up is measured: from some time before the due date of its
// clock to some time after it. The clock's `start` is what it is anchored on.
struct Window {
  std::vector<ElementId> items;  // what is asked for; opened with it
  std::optional<Span> before;    // absent: it opens when it is due
  Span after;
  bool last_anchor = false;   // the anchor's last time counts, not its first
  bool early_counts = true;   // what is answered before is not asked again
  bool items_expire = false;  // with the window; else they stay open
};

// What an instance of the clock is about.
enum class ClockScope : uint8_t { kCase, kItem, kAlert, kMessage, kParked };

struct ClockDef {
  std::string id;
  Span budget;
  CalendarRef calendar;       // for work days and hours; may be none
  bool patient_zone = false;  // days, weeks, months are those of the patient
  bool pauses = false;        // stands still while the case is paused
  LatePolicy late = LatePolicy::kFire;
  std::vector<Rung> ladder;  // never empty
  // Case clocks start and stop by themselves.
  std::vector<Trigger> start;
  std::vector<Trigger> stop;
  std::vector<Trigger> reset;
  std::string source;  // where the number comes from, or "assumption"
  std::string pointer;
  bool is_window = false;  // known from the first pass on
  std::shared_ptr<const Window> window;
};

enum class ItemKind : uint8_t {
  kQuestionnaire,
  kModule,
  kTask,
  kMessage,  // a letter or message that staff must write
  kAppointment,
  kDecision,
};

enum class ItemMode : uint8_t {
  kAuto,           // becomes available by itself
  kOffered,        // the patient may take it
  kDiscretionary,  // only by a rule, a rung or a clinician
};

// Whose work it is.
enum class Performer : uint8_t {
  kPatient,
  kOwner,
  kPool,
  kRelated,  // a related person, on the patient's side
};
// Work that waits for somebody outside the service.
inline bool IsOutside(Performer performer) {
  return performer == Performer::kPatient || performer == Performer::kRelated;
}

// When a module of a program may be taken. "Before" is the module that comes
// before it in the plan of the enrolment, or those that it names in `needs`.
enum class ReleasePolicy : uint8_t {
  kImmediate,
  kOnHomework,  // when the homework of the module before is handed in
  kOnApproval,  // when a therapist has checked it
  kManual,      // when a clinician unlocks it
  kWeekly,      // one after the other, `every` span from the enrolment on
  kOnMastery,   // when a score since the module before says so
  kOnDate,      // on a date: one that is written down, or that a fact names
};

// What a score must be before a module is released.
struct Mastery {
  InstrumentRef instrument;
  std::optional<int> at_least, at_most;
};

// A criterion of an automatic decision.
struct Criterion {
  std::string id;
  Guard guard;
  // Asked of those who came by one of these routes; empty: of everybody.
  std::vector<RouteId> routes;
};

// How two people meet. Numbers are part of the log format.
enum class ContactMode : uint8_t {
  kNone = 0,  // not said
  kMessage = 1,
  kPhone = 2,
  kVideo = 3,
  kVisit = 4,
};

// The rules of an appointment, and of a series of them.
struct Booking {
  std::vector<ContactMode> modes;  // that are allowed, the usual one first
  bool slots_only = false;         // only times that the host offers
  std::optional<Span> notice;      // called off with less: late
  std::optional<int> reschedules_max;
  // How many missed appointments of an episode are offered again; absent: all.
  std::optional<int> make_ups;
  ClockDefId make_up_due;  // runs from a miss until the make-up is over
  // Clocks that end, or begin, at the time of the appointment and move with it.
  std::vector<ClockDefId> before, after;
  int sessions = 0;  // of a series; 0 = a single appointment
  Span every;        // the pace at which its sessions are proposed
  int group = -1;    // place in Protocol::groups: met in a group of this kind
};

// A kind of group whose members take part together.
struct GroupKind {
  std::string id;
  std::string title;
  int minimum = 1;  // it does not begin with fewer
  int places = 1;   // it never has more
  // How long before the start it is settled whether it begins.
  std::optional<Span> settle;
  std::string pointer;
};

// How a case is handed over to another service.
struct Transfer {
  bool allowed = false;
  PurposeId purpose;      // that the patient must have consented to
  ElementId ask;          // opened where they have not
  TemplateId letter;      // what the receiver is sent
  ClockDefId clock;       // runs until the receiver has confirmed
  OutcomeId disposition;  // of the referrals and of the case then
};

// intake.h: the queue at the door.
struct Intake;

// supervision.h: second signs, and reviews that are drawn.
struct Supervision;

// decisions.h: what a decision goes by other than criteria.
struct DecisionTable;
struct Prediction;

struct Element {
  std::string id;
  ItemKind kind = ItemKind::kTask;
  ItemMode mode = ItemMode::kAuto;
  PhaseId phase;  // none: belongs to no phase (discretionary)
  Performer performer = Performer::kPool;
  PoolId pool;                   // kPool
  std::string role;              // kRelated
  std::vector<ElementId> needs;  // done (or skipped) before
  Guard when;
  InstrumentRef instrument;  // questionnaire
  ClockDefId due;            // clock started when it becomes available
  int priority = 0;
  bool counts_as_contact = false;  // a treatment contact for the waits

  // Repetition: a new occurrence every `every`, counted from when the item
  // first became available; the one before expires then when unanswered.
  std::optional<Span> every;

  // Of a program: its modules, their exercises and the checks of them.
  ProgramRef program;
  uint16_t module = 0;  // position in the program's document
  std::string content;  // the host's name for the material
  ReleasePolicy release = ReleasePolicy::kImmediate;
  bool chained = false;   // `needs` names no module: the one before counts
  bool optional = false;  // the program is complete without it
  uint8_t set = 0xFF;     // taken only where this set was chosen; 0xFF = none
  Mastery mastery;        // kOnMastery
  std::optional<int64_t> date;       // kOnDate: days since 1970
  FactId date_fact;                  // or the fact that holds it
  std::vector<ElementId> exercises;  // of a module
  ElementId check;        // of a module: the therapist's check of its homework
  ElementId checks;       // of a check: the module it is about
  ElementId exercise_of;  // of an exercise: its module

  // Of an appointment; null: no rules of its own.
  std::shared_ptr<const Booking> booking;

  ClockDefId window;  // of the follow-up that asks for it

  // Decisions.
  std::vector<OutcomeId> outcomes;
  std::vector<Criterion> criteria;  // not empty: decided automatically as
                                    // eligible / ineligible / undetermined
  // At most one of the two. A table beside outcomes of a person's proposes.
  std::shared_ptr<const DecisionTable> table;
  std::shared_ptr<const Prediction> predict;
  // Decided by criteria, a table or a prediction as soon as they can tell.
  bool by_data = false;
  std::string approver;  // who answers for endings without a person; or empty
  ElementId question;    // opened while undetermined (on_unknown: ask)
  FactId fact;           // set by what a question is answered, or a decision
                         // comes to

  bool keep_on_exit = false;  // stays open when its phase is left
  std::string title;          // in the protocol's language
  Texts titles;
  std::string pointer;

  // Every clock that runs for an item of it.
  std::vector<ClockDefId> Clocks() const {
    std::vector<ClockDefId> clocks;
    if (!due.IsNone()) clocks.push_back(due);
    if (booking == nullptr) return clocks;
    clocks.insert(clocks.end(), booking->before.begin(), booking->before.end());
    clocks.insert(clocks.end(), booking->after.begin(), booking->after.end());
    if (!booking->make_up_due.IsNone()) clocks.push_back(booking->make_up_due);
    return clocks;
  }
};

struct Phase {
  std::string id;
  std::string title;
  TrackId track;
  std::vector<ElementId> elements;  // in document order
  bool keeps = false;               // on_exit: keep; its items say so, too
  bool resume = true;               // on_reentry: resume (false = restart)
  // Written out as "resume": what is done stays done in a new episode too.
  bool carries = false;
  bool final = false;  // no further work is expected here
  std::string pointer;
};

struct Track {
  std::string id;
  PhaseId initial;
  std::vector<PhaseId> phases;
};

struct Fact {
  std::string id;
  FactValue::Kind kind = FactValue::Kind::kBoolean;
  bool carry = false;  // survives into the next episode
  // Filled from an instrument's item when it is answered.
  InstrumentRef instrument;
  uint16_t instrument_item = 0xFFFF;
};

struct Route {
  std::string id;
  std::string title;
  std::vector<PurposeId> consents;     // asked for on this route
  std::vector<std::string> documents;  // required kinds
  bool referrer_feedback = false;      // the referrer is owed letters
  // How people of this way in hear of the service, when a referral says
  // nothing of it.
  std::string information_source;
  // The wait that the law counts: from the referral's own time, and of several
  // referrals from the earliest.
  ClockDefId legal_clock;
};

// What a consent purpose says beyond its name.
struct PurposeRule {
  std::optional<Span> valid_for;  // then it is not known again
  // Below this age, in years by the fact, a related person of the role decides
  // and not the patient. Empty role: always the patient.
  std::string guardian;
  int below = 0;
  FactId age;  // an integer, or a date: the day of birth
};

// A role of the people who belong to a patient.
struct RelatedRole {
  std::string id;
  std::string title;
};

struct Milestone {
  std::string id;
  std::string title;
};

// What a case weighs in a caseload, unless its level of guidance says another
// weight: in hundredths of a case.
inline constexpr int32_t kCaseWeight = 100;

// A group of staff that shares work.
// Who of a pool gets a case that nobody is named for.
enum class AssignmentPolicy : uint8_t {
  kLeastCaseload,  // whoever has the least caseload
  kContinuity,     // whose it is already, or was last; else the least caseload
  kManual,         // it lies in the queue until a person gives it to somebody
  kRoundRobin,     // whoever comes after whom it was given to last
};

struct Pool {
  std::string id;
  std::string role;
  CalendarRef calendar;  // when somebody of it is on duty
  int caseload_max = 0;  // 0 = no limit
  AssignmentPolicy assignment = AssignmentPolicy::kLeastCaseload;
  PoolId fallback;      // who is asked when nobody is on duty
  uint64_t number = 0;  // from its id: the same in every version and place
};

uint64_t PoolNumber(std::string_view pool);

struct Tier {
  std::string id;
  int severity = 0;
  PoolId pool;
  // Deadlines of the three human steps; each clock's ladder escalates.
  ClockDefId acknowledge;
  ClockDefId assess;
  ClockDefId close;
  int priority = 0;
};

// How a risk screen re-tiers the alert: the first true guard wins.
struct ScreenRule {
  Guard guard;
  TierId tier;
};

struct RiskPolicy {
  std::vector<Tier> tiers;
  TierId unscreened;         // tier of a bare risk answer
  InstrumentRef screen;      // instrument of the risk screen
  ElementId screen_element;  // opened with an unscreened alert
  std::vector<ScreenRule> screen_rules;
  ElementId missing_element;        // opened when a risk item is unanswered
  TemplateId show_now;              // crisis information for the screen
  std::vector<OutcomeId> outcomes;  // of an assessment
  // How long a mark "reviewed, unchanged" may hold; absent: the limit.
  std::optional<Span> reviewed_max;
};

struct Imported {
  std::string name;  // the name in this protocol
  std::string id;    // the catalogue id
  std::string version;
};

struct ImportedInstrument : Imported {
  std::shared_ptr<const instruments::Instrument> instrument;
};

// A program, and the item that takes it in: when an enrolment begins by itself.
struct ImportedProgram : Imported {
  std::vector<ElementId> modules;  // in the order of the document
  // Modules, each followed by its check and its exercises.
  std::vector<ElementId> elements;
  std::vector<std::string> sets;  // modules that only some are given
  std::optional<Span> every;      // the pace of weekly modules
  // The item that takes it. Without one nobody can be enrolled.
  bool used = false;
  std::string item;  // its name
  PhaseId phase;     // none: only by a rule or a person
  ItemMode mode = ItemMode::kAuto;
  std::vector<ElementId> needs;
  Guard when;
  bool keep_on_exit = false;
  // Levels of guidance, the first one being that of a new enrolment; empty: no
  // levels. The homework is checked at those whose bit is set.
  std::vector<std::string> guidance;
  uint32_t checked_levels = ~uint32_t{0};
  // What a case weighs in a caseload at each level, in hundredths of a case.
  std::vector<uint16_t> weights;
};

struct ImportedCalendar : Imported {
  WorkCalendar calendar;
};

// The type of the view that guards read: the model for FHIRPath and the
// meaning of its member ids.
class CaseViewModel;

// When nothing is sent to patients: from a time of day to another, over
// midnight where that comes earlier.
struct QuietHours {
  int from = 0, to = 0;  // minutes of the day; they differ
  bool patient_zone = false;
};

// How far back the clinical time of a command may lie; absent: as far as it
// will. Of patients and referrers what lies further back is taken as the limit,
// of all others it is refused.
struct Backdating {
  std::optional<Span> staff, integration, referrer, patient;
  struct OfCommand {
    std::string verb;
    Span max;
  };
  std::vector<OfCommand> commands;  // of staff, instead of `staff`
  PoolId beyond;  // whose members go further back, with a reason
};
// The commands of staff that may have a limit of their own.
inline constexpr std::string_view kBackdatedCommands[] = {
    "assign_case",      "change_appointment", "change_enrolment",
    "close_message",    "file_document",      "offer_slots",
    "pause_case",       "record_consent",     "record_fact",
    "relate_person",    "resume_case",        "send_message",
    "set_safe_contact", "transfer_case",      "void_event",
    "work_item"};

struct Protocol {
  std::string id;
  std::string version;
  std::string status;  // draft, reviewed, approved, retired
  std::string author, approver;
  std::string language;  // of texts that name none; "en"
  std::string title;     // in that language
  // The pin: of the rendered canonical document and of all it imports.
  Fingerprint hash;
  Fingerprint logic_hash;  // the same without titles, texts and sources
  std::string document;    // the rendered canonical JSON, overlays applied
  // Every catalogue file that was read, sorted by path: with `document` all
  // that it takes to load this protocol again (CatalogueOf).
  std::vector<std::pair<std::string, std::string>> imports;
  const Zone* zone = nullptr;  // the service's zone

  std::vector<Track> tracks;
  std::vector<Phase> phases;
  std::vector<Element> elements;
  std::vector<ClockDef> clocks;
  std::vector<Rule> rules;
  std::vector<Milestone> milestones;
  std::vector<Fact> facts;
  std::vector<Route> routes;
  std::vector<Pool> pools;
  std::vector<ImportedInstrument> instruments;
  std::vector<ImportedProgram> programs;
  std::vector<ImportedCalendar> calendars;
  std::vector<GroupKind> groups;
  // Instruments whose scores of the episode before count in the next.
  std::vector<InstrumentRef> carried;
  std::vector<std::string> purposes;        // consent purposes
  std::vector<std::string> purpose_titles;  // by PurposeId; may be empty
  std::vector<PurposeRule> purpose_rules;   // by PurposeId
  std::vector<RelatedRole> related;
  std::vector<std::string> document_kinds;  // that routes require, once each
  std::vector<std::string> outcomes;        // decision outcomes, reasons
  std::vector<std::string> templates;       // message templates
  std::vector<Texts> template_texts;        // by TemplateId
  // The items that a message of the template is about, by TemplateId; empty:
  // any, or none.
  std::vector<std::vector<ElementId>> template_items;
  RiskPolicy risk;

  PoolId intake_pool;   // owner of a new case
  PoolId lead_pool;     // reviews: voided effects, misfits
  PoolId parking_pool;  // owner of input that fits nowhere
  ClockDefId parking_clock;
  ClockDefId reply_clock;      // of patient messages
  ClockDefId review_clock;     // of reviews and pause reviews
  ElementId review_element;    // built in: something a person must look at
  PurposeId feedback_purpose;  // consent needed for letters to the referrer
  std::optional<QuietHours> quiet_hours;
  std::optional<Backdating> backdating;
  Transfer transfer;
  std::shared_ptr<const Intake> intake;  // null: nobody waits for their turn
  std::shared_ptr<const Supervision> supervision;  // null: there is none
  std::vector<ClockDefId> windows;                 // the clocks that have one

  std::shared_ptr<const CaseViewModel> view;

  // Rules that a trigger may set off, in document order; by kind.
  const std::vector<uint16_t>& RulesFor(TriggerKind kind) const {
    return rules_by_trigger[static_cast<size_t>(kind)];
  }
  std::vector<std::vector<uint16_t>> rules_by_trigger;
  // Clocks of the case that a trigger may start, stop or reset, likewise.
  const std::vector<uint16_t>& ClocksFor(TriggerKind kind) const {
    return clocks_by_trigger[static_cast<size_t>(kind)];
  }
  std::vector<std::vector<uint16_t>> clocks_by_trigger;

  const Element& at(ElementId which) const { return elements[which.value]; }
  const Phase& at(PhaseId which) const { return phases[which.value]; }
  const Track& at(TrackId which) const { return tracks[which.value]; }
  const ClockDef& at(ClockDefId which) const { return clocks[which.value]; }
  const Pool& at(PoolId which) const { return pools[which.value]; }
  const Tier& at(TierId which) const { return risk.tiers[which.value]; }
  const Fact& at(FactId which) const { return facts[which.value]; }
  const Route& at(RouteId which) const { return routes[which.value]; }
  const ImportedInstrument& at(InstrumentRef which) const {
    return instruments[which.value];
  }
  const ImportedProgram& at(ProgramRef which) const {
    return programs[which.value];
  }

  // Whatever must be finished before the element opens, as far as the document
  // alone says it: its needs, those of its program, the module before.
  std::vector<ElementId> WaitsFor(const Element& element) const;
  // Somebody of the service has something to do then.
  bool GiveWork(const std::vector<Action>& actions) const;

  // Obligations, reviews and what is asked because of risk outlive their phase
  // and their episode.
  bool Outlives(ElementId item) const;
  // A rule may still do it when the case has just closed, by what happened
  // before: letters and what is owed. Nothing else begins then.
  bool HoldsAfterClosing(const Action& action) const;
  // The clock begins with an event of the case, not with an item, an alert, a
  // message or a transfer.
  bool IsOfCase(ClockDefId clock) const;

  // Symbols by name; none when there is no such name.
  ElementId FindElement(std::string_view name) const;
  PhaseId FindPhase(std::string_view track, std::string_view phase) const;
  MilestoneId FindMilestone(std::string_view name) const;
  FactId FindFact(std::string_view name) const;
  RouteId FindRoute(std::string_view name) const;
  PoolId FindPool(std::string_view name) const;
  TierId FindTier(std::string_view name) const;
  OutcomeId FindOutcome(std::string_view name) const;
  PurposeId FindPurpose(std::string_view name) const;
  TemplateId FindTemplate(std::string_view name) const;
  // By the name in the protocol or the catalogue id, without regard to case.
  InstrumentRef FindInstrument(std::string_view name) const;
  ProgramRef FindProgram(std::string_view name) const;
  // By the item that takes it.
  ProgramRef FindProgramItem(std::string_view name) const;
};

// Outcomes every protocol has, before its own: automatic decisions end in one
// of the first three.
inline constexpr OutcomeId kEligible{0};
inline constexpr OutcomeId kIneligible{1};
inline constexpr OutcomeId kUndetermined{2};
// Dispositions and reasons the engine itself writes.
inline constexpr OutcomeId kAnsweredTwice{3};  // a second door, same case

struct LoadResult {
  std::shared_ptr<const Protocol> protocol;  // null when an issue is an error
  Issues issues;
};

// Where imports come from: "programs/icbt-depression.json" -> bytes. The
// default reads the compiled-in catalogue.
using CatalogueReader =
    std::function<std::optional<std::string>(std::string_view path)>;
CatalogueReader BuiltInCatalogue();
// Reads these files only: a stored protocol with what it imported.
CatalogueReader CatalogueOf(
    std::vector<std::pair<std::string, std::string>> files);

// Reads, overlays, checks and compiles. Author mistakes are issues, all of
// them; Status is for texts that are no JSON at all. An overlay names its base
// ("base": "icbt_base@1") and patches it by id.
absl::StatusOr<LoadResult> LoadProtocol(std::string_view json,
                                        const CatalogueReader& catalogue);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_PROTOCOL_H_
