// Internal to the engine: one macrostep, from a command's first event until
// the case is quiet. Handlers (decide_*.cc) use it to emit events; nothing
// else changes the state.
#ifndef STEPWELL_ENGINE_MACROSTEP_H_
#define STEPWELL_ENGINE_MACROSTEP_H_

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "engine/apply.h"
#include "engine/availability.h"
#include "engine/clock_history.h"
#include "engine/command.h"
#include "engine/decide.h"
#include "engine/decisions.h"
#include "engine/event.h"
#include "engine/state.h"
#include "engine/view.h"
#include "engine/world.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

// Something that happened and may set rules and clocks in motion.
struct Signal {
  protocol::TriggerKind kind = protocol::TriggerKind::kPatientActive;
  uint16_t argument = 0xFFFF;
  OutcomeId outcome;
  Subject subject;         // what the actions are about
  bool while_open = true;  // it happened before the case closed
  Instant at = {};         // when it happened
};

// Events that say what was the case: they bear the clinical time of the fact
// that they are or follow from. All others say what the service does in
// consequence, and that happens now (docs/internals/time.md).
template <class E>
inline constexpr bool kIsFact = false;
#define STEPWELL_FACT(name) \
  template <>               \
  inline constexpr bool kIsFact<name> = true
STEPWELL_FACT(CommandRecorded);
STEPWELL_FACT(ReferralAttached);
STEPWELL_FACT(ConsentRecorded);
STEPWELL_FACT(FactRecorded);
STEPWELL_FACT(MilestoneReached);
STEPWELL_FACT(ItemStarted);
STEPWELL_FACT(ItemDone);
STEPWELL_FACT(ModuleCompleted);
STEPWELL_FACT(ProgramCompleted);
STEPWELL_FACT(AppointmentChanged);
STEPWELL_FACT(SlotsOffered);
STEPWELL_FACT(TransferEnded);
STEPWELL_FACT(DecisionRecorded);
STEPWELL_FACT(ResponseReceived);
STEPWELL_FACT(ScoreRecorded);
STEPWELL_FACT(AlertStepped);
STEPWELL_FACT(MessageReceived);
STEPWELL_FACT(MessageSettled);
STEPWELL_FACT(MessageSent);
STEPWELL_FACT(MessageRead);
STEPWELL_FACT(EffectSettled);
STEPWELL_FACT(DeathNoted);
STEPWELL_FACT(ZoneNoted);
STEPWELL_FACT(ItemProgressed);
STEPWELL_FACT(InputKept);
STEPWELL_FACT(ItemDrafted);
STEPWELL_FACT(DocumentFiled);
STEPWELL_FACT(RelatedPersonNoted);
STEPWELL_FACT(SafeContactNoted);
STEPWELL_FACT(SignAsked);
STEPWELL_FACT(SignSettled);
STEPWELL_FACT(ReviewAnswered);
#undef STEPWELL_FACT

class Macrostep {
 public:
  Macrostep(const protocol::Protocol& protocol_in, CaseState& state_in,
            const World& world_in, const Command& command_in, Instant now_in,
            std::vector<Event> room = {});

  // Appends the event and applies it: the one way to change the state.
  // Returns its sequence number.
  template <class E>
  uint64_t Emit(E body) {
    return Append(std::move(body), kIsFact<E> ? fact_at_ : now);
  }

  // The same for what happened at a time of its own, before the case came here.
  template <class E>
  uint64_t EmitAt(E body, Instant at) {
    return Append(std::move(body), std::min(at, now));
  }

  // Something happened, at the time of the fact in hand unless `at` says when.
  void Raise(protocol::TriggerKind kind, uint16_t argument = 0xFFFF,
             OutcomeId outcome = {}, Subject subject = {},
             std::optional<Instant> at = std::nullopt);
  void Reject(std::string code, std::string reason);

  // Works until nothing more happens. kResourceExhausted past the step limit.
  absl::Status Settle();
  // Opens what is possible, and nothing follows from anything that happened.
  void SettleInSilence();

  const protocol::Protocol& protocol;
  CaseState& state;
  const Availability available;
  const World& world;
  const Command& command;
  // Before the command the case was in care, and counted in their caseload.
  const bool was_open;
  const StaffId counted;
  const Instant now;
  // From when deadlines count. `now` may lie ahead of the truth when somebody's
  // clock was wrong: the time that this caller gives, and for risk no more than
  // can be trusted of it. Then they are too early, never lost.
  Instant due_now, risk_now;
  std::vector<Event> events;
  std::optional<Rejection> rejection;
  std::string remark;  // of what is accepted: Decided
  TemplateId show_now;
  // Of a void: all of the case's log that there is, and the events of the
  // command that recorded its target.
  std::span<const Event> log, history;

  // --- items (items.cc)
  // Opens an occurrence of the element; returns its ordinal.
  uint32_t OpenItem(ElementId element, std::string note = "");
  // Something other than a clinician may open the element now: a rule, a rung,
  // a rhythm, a row, what a decision asks.
  bool MayOpen(ElementId element);
  void FinishItem(uint32_t ordinal, OutcomeId outcome,
                  std::optional<int32_t> minutes);
  void EndItem(uint32_t ordinal, ItemStatus status);
  // Nothing when the item has no draft.
  void EndDraft(uint32_t ordinal, DraftEnd how);
  // --- appointments (appointments.cc)
  // Changes the booking of an appointment; its clocks follow its time.
  void ChangeBooking(AppointmentChanged changed);
  // It was missed, or called off too late: counts, and is offered again as
  // often as its protocol says.
  void MissAppointment(uint32_t ordinal, AppointmentStatus status,
                       protocol::TriggerKind kind);
  void HoldAppointment(uint32_t ordinal);
  // One session of a group that has begun: whoever does not come to it keeps
  // the seat for those that follow.
  bool KeepsSeat(uint32_t ordinal) const;
  // It was called off in time.
  void CancelBooking(uint32_t ordinal);
  // Gives back the slot or the seat of an appointment that ends.
  void ReleaseBooking(uint32_t ordinal, bool keeps_seat = false);
  // The sessions of the series that are over, in this episode.
  int SessionsOver(ElementId element) const;
  // The next session of a series is proposed at its pace.
  void ProposeSession(uint32_t ordinal);
  // Says so when the session was the last of its series.
  void CompleteSeries(ElementId element);
  // The key that the next occurrence of the element has.
  ItemKey NextKey(ElementId element) const;
  // An element that has not opened is left out: as if it had been skipped.
  void SkipAhead(ElementId element);
  // The patient may take it of their own accord.
  bool IsOffered(ElementId element) {
    return available.IsOffered(element, guards_);
  }
  // The open item of the element, the latest of several; or -1.
  int64_t OpenItemOf(ElementId element) const;
  // All open items of the element, of one occurrence when it is named.
  std::vector<uint32_t> OpenItemsOf(ElementId element,
                                    std::optional<uint16_t> occurrence) const;
  // Care ends with the patient's life: of what opens by itself only letters and
  // people's decisions still do, which end it.
  bool OpensFor(const protocol::Element& element) const;
  // Obligations, reviews and open risk outlive their phase and their episode.
  bool Outlives(ElementId element) const;
  // The item is of where the case is now: of its episode and of a phase that is
  // active, or of what outlives both.
  bool IsCurrent(const ItemKey& key) const;
  // An occurrence before this one, in the same enrolment, was done.
  bool WasDoneBefore(uint32_t ordinal) const;
  // Cancels the open items of the element.
  void CancelItems(ElementId element);
  // Puts something before a person. One open review a topic: the same question
  // is not asked twice, whatever its details are by now.
  void OpenReview(std::string topic, std::string_view details = {});
  // Opens what has become available; true when anything happened.
  bool OpenAvailable();
  // --- decisions (decisions.cc)
  // What the criteria, table or prediction of a decision come to now.
  Weighed Weigh(ElementId element);
  // Records the decision, with what opens with it, and ends its item.
  void FinishDecision(uint32_t ordinal, const Weighed& weighed,
                      std::optional<int32_t> minutes);
  // Something unknown asks for the decision's question, and it may open.
  bool Asks(const protocol::Element& element, const Weighed& weighed);
  // Opens it then; true when it did.
  bool AskAbout(const protocol::Element& element, const Weighed& weighed);
  // The week has come that decision points wait for. Where the case is over, or
  // elsewhere, they are not made and wait no more; the others come with it.
  void EndWaits();
  // Brings back what was put off: the item, or all whose date has come.
  void ReturnItem(uint32_t ordinal);
  void ReturnDeferred();
  // Re-evaluates automatic decisions; true when anything happened.
  bool DecideAutomatically();

  Owner OwnerFor(const protocol::Element& element) const;
  // Whoever the work lies with has left the service, or is of its pool no more
  // and does not stand behind it.
  bool IsNoMore(const Owner& owner) const;
  // Whom new work of the case goes to: its owner, or the pool when they are of
  // it no more.
  Owner CaseOwner() const;
  // The pool, or the one along its fallbacks that is on duty now.
  Owner OnDuty(PoolId pool) const;
  // The last along its fallbacks of whom somebody is; nobody when no one is.
  Owner LastOnDuty(PoolId pool) const;
  // Who gets work of the pool that is about this: risk goes to whoever is on
  // duty; other work waits in the queue of a pool that is closed for now. While
  // nobody is there, it stays with whoever has it and is. `passes`: it goes
  // there; else they are only named.
  Owner OwnerIn(PoolId pool, const Subject& about, bool passes) const;
  // While nobody of a pool is on duty that it would come to: whoever has it and
  // is at hand, else the last of its chain who is on duty; nobody when no one
  // is. `passes`: from who is silent to a colleague of theirs.
  Owner WhoIsThere(const Owner& holder, const Subject& about,
                   bool passes) const;
  // Who has what it is about.
  Owner HolderOf(const Subject& about) const;
  // They are there for it: at hand where it is about risk, else not away.
  bool IsThere(const Owner& holder, const Subject& about) const;
  // Further along the fallbacks of the pool than the pool itself.
  bool IsBeyond(const Owner& owner, PoolId pool) const;
  // An alert, or a question that is asked because of risk.
  bool IsAboutRisk(const Subject& subject) const;
  bool IsAboutRisk(ElementId element) const;
  // Its ladder stands for risk: it is about some, or raises or escalates some.
  bool IsOfRisk(const ClockState& clock) const;
  // Its ladder may stand still until a word has reached the patient: that of
  // the care itself, and of no risk.
  bool MayWait(const ClockState& clock) const;

  // --- enrolments (enrolments.cc)
  // False when an enrolment in the program is running. Without guidance: that
  // of the enrolment before. `outside`: it goes on wherever the case is.
  bool Enrol(ProgramRef program, std::optional<uint8_t> guidance,
             std::string language, bool outside = false);
  void EndEnrolment(uint16_t enrolment);
  void ChangeEnrolment(EnrolmentChanged changed);
  void ChooseSet(ProgramRef program, uint8_t set);
  void Guide(ProgramRef program, uint8_t level);
  // The clocks of modules that time releases run as the sequence wants them to.
  void ArmReleases(uint16_t enrolment);
  void StopReleases(uint16_t enrolment);
  void FireRelease(const ClockState& clock);
  // Says so when this was the last open part of its program.
  void CompleteProgram(ElementId id);

  // --- clocks (clocks.cc)
  void StartClock(ClockDefId def, Subject subject, Instant from);
  // One as it is given, under a new number.
  void StartAs(const ClockState& clock, const Subject& subject);
  // A clock of the case, as it would start.
  ClockState Fresh(ClockDefId def, Instant from) const;
  // While the case is paused, a clock that has just been started waits with it.
  void StandStill(uint32_t ordinal);
  // With the deadline of what the clock is about, which stands while it does.
  void ChangeClock(ClockChanged changed);
  const Instant* DeadlineBy(const ClockState& clock) const;
  // A clock of the appointment that ends at its time, and when it begins.
  Instant BeginsBefore(ClockDefId def, Instant time) const;
  void StartClockBefore(ClockDefId def, Subject subject, Instant time);
  // It is one of those that count down to an appointment of its item.
  bool CountsDown(const ClockState& clock) const;
  // The time of the appointment that it counts down to now; Never: of none.
  Instant LeadsUpTo(const ClockState& clock) const;
  void StartCadence(ElementId element, Instant from);
  // A clock without a definition: a cadence, or one that releases modules.
  void StartRhythm(const Subject& subject, Instant from, Instant due);
  bool IsRunning(const Subject& subject) const;
  // The clock is one of the care itself: it ends with the patient's life.
  bool IsOfPatient(const Subject& subject) const;
  void StopClocks(Subject subject);
  void StopClocksOf(ClockDefId def);
  void StopClock(uint32_t ordinal);
  // What ends it has been reached, and latched: it would end no more.
  bool IsOver(const protocol::ClockDef& def) const;
  // A clock that was stopped by mistake runs as it did, under a new number.
  void RunOn(const ClockState& clock);
  // The clock began that much earlier: what is due comes no later than before.
  void PutBack(ClockState clock, Duration earlier);
  void PauseClocks();
  // What was left of each budget when the case was paused counts from now.
  void ResumeClocks();
  // A clock with a definition, as it goes on after it stood still.
  ClockChanged GoesOn(const ClockState& clock, const Rest& rest) const;
  // Where `end` is after a pause, by the unit that it was counted in; without a
  // definition by the service's days.
  Instant AfterPause(Instant end, const Rest& rest, SpanUnit unit,
                     const protocol::ClockDef* def) const;
  // When the next rung of a clock that goes on is due.
  Instant RungAfterPause(const ClockState& clock, const Rest& rest,
                         const ClockChanged& changed) const;
  // The pace of a cadence, or of a program that releases modules.
  Span RhythmOf(const Subject& subject) const;
  Instant DueOf(ClockDefId def, Instant from) const;
  Instant FirstRungDue(ClockDefId def, Instant started, Instant due) const;
  // When rung `rung` is due, the one before having been due at `previous`.
  Instant RungDue(const protocol::ClockDef& def, size_t rung, Instant started,
                  Instant due, Instant previous) const;
  // When the ladder alone, without gaps and waits, has its rung due.
  Instant PlannedRung(const protocol::ClockDef& def, size_t rung,
                      Instant started, Instant due) const;
  // When the next rung is due, counted from a delivery just now.
  Instant PlannedAfter(const ClockState& clock) const;
  // When the next rung is due by the ladder alone; never before now.
  Instant Planned(const ClockState& clock) const;
  Instant After(const Span& span, const protocol::ClockDef* def,
                Instant from) const;
  // Whose days the clock counts: the patient's where it says so and the case
  // knows them, else the service's.
  const Zone& ZoneFor(const protocol::ClockDef* def) const;
  // An effect has come to its end. Ladders that waited for it go on: from its
  // delivery at the distance that they have, so that there is no burst; by
  // their plan when it ran out.
  void EndEffect(const EffectSettled& settled);
  // It is not sent any more. False when it has left, or was settled before.
  bool StopEffect(uint64_t effect, const char* why);
  // From when a deadline of the subject, of a new item of the element, counts.
  Instant TimeFor(const Subject& subject) const;
  Instant TimeFor(ElementId element) const;

  // --- follow-up windows (follow_ups.cc)
  // What has become of the clocks of windows is noted; true when anything was.
  bool NoteWindows();
  // A step of its clock is due.
  void FireWindow(const ClockState& clock, uint8_t rung);
  // Counts for the window that asks for the element, if there is one.
  void AnswerWindow(ElementId element, uint32_t item, bool skipped);
  // The case closes, or is opened again.
  void SuspendWindows();
  void ResumeWindows();
  // What started the clock was taken back, or answers to windows were.
  void WithdrawWindow(uint32_t clock);
  // Windows that were open before the case came here ask for what is neither
  // open nor done since.
  void AskAdopted();
  void ListenAgain();
  Instant WindowOpens(const protocol::ClockDef& def, Instant started,
                      Instant due) const;
  Instant WindowCloses(const protocol::ClockDef& def, Instant due) const;

  // --- alerts (alerts.cc)
  // `flag_seq`: of the RiskFlagged that it comes of.
  void RaiseAlert(TierId tier, uint64_t response_seq, uint64_t flag_seq = 0);
  // `taken_back`: what put it into another tier was never said.
  void RetierAlert(uint32_t ordinal, TierId tier, bool taken_back = false);
  // What a disclosure makes of an alert: it is to be acknowledged, and no
  // deadline that nobody has met moves later.
  struct Rearming {
    Owner owner;
    Instant deadline;
    std::vector<ClockState> clocks;  // that run then: RunClocks
    bool tells = false;              // whoever has it
  };
  Rearming RaisingOf(TierId tier) const;
  Rearming RearmingOf(uint32_t ordinal, TierId tier,
                      bool taken_back = false) const;
  void Rearm(uint32_t ordinal, const Rearming& again);
  void TellHolder(uint32_t ordinal);
  // These clocks of the alert run, in this order, and no others.
  void RunClocks(uint32_t ordinal, const std::vector<ClockState>& clocks);
  // Under "reviewed, unchanged" nobody is called to close the alert; `asks`:
  // evidence came, and as the mark ends somebody is.
  void KeepToMark(uint32_t ordinal, bool asks);
  // The clock of the alert was due then: the end of its mark, perhaps.
  void EndMark(uint32_t ordinal, Instant due);
  void StepAlert(uint32_t ordinal, AlertStage stage, OutcomeId outcome,
                 std::optional<int32_t> minutes);
  void EscalateAlert(uint32_t ordinal, PoolId pool);
  // A question about risk that staff are to ask, and have not.
  bool IsAskedOfStaff(const Subject& subject) const;
  void EscalateQuestion(const PendingEffectState& effect);
  // A notification about risk reached nobody: whoever stands behind gets the
  // alert, or the question, and is told. False when nothing waits.
  bool EscalateUndelivered(const PendingEffectState& effect);

  // --- tracks, milestones, facts, people (actions.cc)
  // Returns the phase of a move that was not made because another one had moved
  // its track; none when all was done.
  PhaseId Perform(const std::vector<protocol::Action>& actions,
                  const Signal& cause, uint32_t clock = UINT32_MAX);
  // False when another one has moved the track in this microstep.
  bool Move(PhaseId phase);
  void Latch(MilestoneId milestone);
  // `response_seq`: of the answer that says it.
  void SetFact(FactId fact, const FactValue& value, uint64_t response_seq = 0);
  // What follows of a fact that is another one now, or not known any more.
  void FollowFact(FactId fact);
  // The owner's open work and messages follow the case.
  void Assign(CaseAssigned assigned);
  // decide_assign.cc: by the policy of the pool, which passes over `except`.
  void AssignBy(PoolId pool, StaffId except = {},
                std::vector<std::string> passed = {});
  // It is back with whoever had it, in whose caseload it did not count.
  void ComeBack();
  // What a policy chose, or who got the case back, is looked at again with what
  // the case weighs by now. True when it was chosen anew: for want of room, or
  // because it has become lighter and had found nobody.
  bool KeepToLimit();
  // Sends what has waited for the end of quiet hours; returns the clocks whose
  // words they are.
  std::vector<uint32_t> ReleaseHeld();
  // What waits for the end of quiet hours is not sent any more.
  void DropHeld(const char* why);
  // --- the queue at the door (intake.cc)
  // Keeps the place of the case up with what is known of it; true when it
  // changed.
  bool NoteIntake();
  // Out of the queue, into care.
  void Admit(bool by_person);
  // What has not reached them is for nobody now: they are not of the role.
  void StopWordsTo(PersonId person, const std::string& role, const char* why);
  // A person is asked to enter somebody of the role: nobody is on file in it.
  void AskForRelated(const std::string& role, std::string_view what);
  // --- consents (consents.cc)
  // A word of a role of which one person is on file is theirs.
  void NoteConsent(PurposeId purpose, bool given, const std::string& by,
                   PersonId related = {});
  // Whose consent counts, by the age as it is known now. `news`: rules hear of
  // it.
  void NoteConsentAges(bool news = true);
  // The case asks for a consent that a guardian decides, and nobody is on file:
  // no portal shows it, so a person enters somebody.
  void AskForGuardians();
  // Letters whose consent does not hold any more are not sent; a person looks
  // at what they were about.
  void StopLetters();
  // What was valid until now is known no more.
  void EndValidity();
  // Whoever calls it knows that a person has decided it, or answers for it.
  void CloseCase(OutcomeId reason);
  void AnswerReferrals(OutcomeId disposition);
  void HandOver(const std::string& to, const std::string& body_key);
  // Nothing when no transfer is under way.
  void EndTransfer(bool confirmed);
  void StartTracks();

  const ClockState* FindClock(uint32_t ordinal) const;

  // When the fact in hand happened.
  Instant fact_at() const { return fact_at_; }
  void set_fact_at(Instant at) { fact_at_ = at; }

 private:
  // By whose policy the case was given in this command, and at what weight.
  struct Given {
    PoolId pool;
    StaffId except;
    int32_t weight;
  };

  template <class E>
  uint64_t Append(E&& body, Instant at) {
    Apply(
        events.emplace_back(state.version + 1, at, now, std::forward<E>(body)),
        state);
    return state.version;
  }

  // The actions end care, and nobody has decided that or answers for it. True
  // when a person is asked instead.
  bool RefuseEnding(const std::vector<protocol::Action>& actions,
                    const Signal& cause);
  // It is waited for.
  bool IsAhead(ClockDefId window) const;
  void PlanWindow(ClockDefId id, const ClockState& clock);
  // It asks for nothing that was answered before. `silent`: nobody is told.
  void OpenWindow(const ClockState& clock, bool silent = false);
  void MissWindow(ClockDefId id);
  void CancelAsked(const FollowUpState& before);
  // `first`: the event that told it before the window moved, or 0.
  void TellAnswer(ElementId element, uint32_t item, bool skipped, Instant at,
                  uint64_t first);
  // The anchor has come again while its clock runs, and this time counts.
  bool MovesWindow(ClockDefId id);
  // Its first anchor counts, and has been.
  bool IsWindowOver(ClockDefId id) const;
  void RunRules(const Signal& signal);
  void TellNotMade(const protocol::Rule& rule, PhaseId to);
  // The case has closed, and rules begin nothing more. The ladders (`clock`) of
  // what outlives the episode go on.
  bool IsTooLate(const protocol::Action& action, uint32_t clock) const;
  void RunClockTriggers(const Signal& signal);
  void PerformOnProgram(const protocol::Action& action);
  void Notify(const protocol::Action& action, const Signal& cause,
              uint32_t clock);
  // The role of related persons that a word is for: what a ladder says of their
  // work is for them and not for the patient. nullptr: for none.
  const std::string* RoleOf(const protocol::Action& action,
                            const Subject& subject, uint32_t clock) const;
  // A letter to the referrer of each referral that is owed one.
  void Write(const protocol::Action& action, const Signal& cause,
             uint32_t clock);
  // To one recipient, whom the effect names.
  void Say(const protocol::Action& action, const Signal& cause, uint32_t clock,
           EffectRequested effect);
  // Why a notification is not sent now; nullptr: it is.
  const char* WhyNot(protocol::Recipient to, bool reminder,
                     uint32_t clock) const;
  void PlaceInQueue();
  // --- quiet hours (quiet.cc)
  // When the quiet hours end in which `at` lies; nothing: it lies in none.
  std::optional<Instant> QuietUntil(Instant at, protocol::Recipient to) const;
  // True when the word waits for the end of quiet hours, or is not sent at all
  // because it is not valid so long.
  bool Hold(const EffectRequested& effect, bool reminder,
            std::optional<Instant> deferred_from);
  // A word of the clock to the patient, of an earlier rung, may still arrive.
  bool IsUndelivered(uint32_t clock) const;
  // Gives the effect its id and asks for it.
  void Request(EffectRequested effect);
  // Until when a ladder's word to the patient counts when the protocol does
  // not say: until the ladder would speak to them again.
  Instant ValidInLadder(uint32_t clock) const;
  void EscalateSubject(PoolId pool, const Subject& subject);
  void RaisePriority(int amount, const Subject& subject);
  bool OpensAgain(const ItemState& latest, const protocol::Phase& phase,
                  const TrackState& track) const;
  // By itself, now: its needs, its release and its guard allow it.
  bool OpensNow(ElementId element);
  // The enrolment releases it; begins one where that happens by itself.
  bool OpensInProgram(ElementId element);
  bool MayEnrol(ProgramRef program);
  // `latest` ended before the module that it belongs to was opened once more.
  bool IsOfEarlierModule(ElementId element, const ItemState& latest) const;
  // `latest` is over, and the series has sessions left.
  bool IsNextSession(ElementId element, const ItemState& latest) const;
  // The program's elements open apart from those of any phase: it has none, or
  // its enrolment goes on outside it.
  bool IsTakenAnywhere(size_t program) const;
  // Brings `latest_` and `enrolment_` up to the state.
  void LookAtItems();
  // Opens what may open of the elements of the phase that the track is in, or
  // (no track) of a program that belongs to no phase.
  bool OpenEach(const std::vector<ElementId>& elements,
                const TrackState* track);
  // The running enrolment as it is, to be changed; without one a person is
  // told `what` was wanted.
  std::optional<EnrolmentChanged> ToChange(ProgramRef program,
                                           const char* what);
  void ArmDate(uint16_t enrolment, ElementId module);
  void Release(uint16_t enrolment, ElementId module);
  void NextWeek(uint16_t enrolment, Instant from);
  bool WeeksLeft(uint16_t enrolment) const;
  // Puts a case that would be lost in silence before a person; true when it
  // did. What only the patient may do, or not, is no plan.
  bool AskWhatIsNext();
  // Who has open work: a person of the service, or else whoever is treated, and
  // more than to measure again.
  enum class AtWork { kNobody, kPatient, kStaff };
  AtWork WhoIsAtWork() const;
  // A clock runs that will lead to work of a person.
  bool WaitsForClock() const;
  bool LeadsToWork(const ClockState& clock) const;
  // What was left out, and nothing came of it since: the topic of a review.
  std::string LeftOut(bool at_work);
  // A phase of treatment in which no program runs, nor was completed; asked
  // when nobody is at work.
  std::string Untreated() const;
  // Of a running program nothing is open, and only a person lets it go on: the
  // topic of a review.
  std::string StandsStill() const;
  bool WasReviewed(std::string_view topic, uint64_t since_seq,
                   Instant since) const;
  // When the fact in hand happened: the clinical time of the command while its
  // handler runs, then that of the signal whose rules run.
  Instant fact_at_;
  absl::InlinedVector<Signal, 8> signals_;
  size_t next_signal_ = 0;
  uint64_t moved_tracks_ = 0;  // tracks moved in this microstep
  std::optional<Given> given_;
  GuardEvaluator guards_;
  // Of OpenAvailable: the latest item by element, the enrolment by program
  // (from 1), and how much of the state they know of.
  absl::InlinedVector<int32_t, 96> latest_;
  absl::InlinedVector<int32_t, 8> enrolment_;
  size_t items_known_ = 0, enrolments_known_ = 0;
  uint16_t episode_known_ = 0;
};

// The clock that guards the step an alert is in.
ClockDefId ClockOf(const protocol::Tier& tier, AlertStage stage);
// The enrolment as it is, to be changed.
EnrolmentChanged AsItIs(const CaseState& state, uint16_t enrolment);
// Puts the modules of the set that are not there yet at the end.
void AddSet(const protocol::Protocol& protocol, ProgramRef program, uint8_t set,
            std::vector<ElementId>& sequence);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_MACROSTEP_H_
