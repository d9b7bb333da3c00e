// The closed list of what rules and ladders may do.
#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::Action;
using protocol::ActionKind;
using protocol::Element;
using protocol::ItemKind;
using protocol::Recipient;
using protocol::TriggerKind;

namespace {

// A decision by data for which somebody answers by name, whoever or whatever
// set it off.
bool IsApproved(const protocol::Protocol& protocol, const Signal& cause) {
  if (cause.kind != TriggerKind::kDecision) return false;
  const Element& decision = protocol.at(ElementId(cause.argument));
  return decision.by_data && !decision.approver.empty();
}

// What the wait for the receiver of the case opens says who is to be asked.
void OpenBy(Macrostep& m, ElementId element, uint32_t clock) {
  if (!m.MayOpen(element)) return;
  const ClockState* running = m.FindClock(clock);
  const bool of_transfer = m.state.transfer && running != nullptr &&
                           !running->def.IsNone() &&
                           running->def == m.protocol.transfer.clock;
  m.OpenItem(element, of_transfer
                          ? absl::StrCat("transfer to ", m.state.transfer->to)
                          : "");
}

// A rule does not say again what is known.
void SetByRule(Macrostep& m, const Action& action) {
  const bool is_known = std::any_of(
      m.state.facts.begin(), m.state.facts.end(), [&](const FactState& known) {
        return known.fact == action.fact && known.value == action.value;
      });
  if (!is_known) m.SetFact(action.fact, action.value);
}

}  // namespace

// Ending care is human: what reached this point without a person is put before
// one. It is carried through whole, or nothing of it is done.
bool Macrostep::RefuseEnding(const std::vector<Action>& actions,
                             const Signal& cause) {
  const auto ending =
      std::find_if(actions.begin(), actions.end(), [](const Action& action) {
        return action.kind == ActionKind::kCloseCase;
      });
  if (ending == actions.end() || state.IsClosed() ||
      command.envelope.actor.role == Role::kStaff ||
      IsApproved(protocol, cause)) {
    return false;
  }
  OpenReview(absl::StrCat("closing the case as ",
                          protocol.outcomes[ending->outcome.value],
                          " needs a person's decision"));
  return true;
}

PhaseId Macrostep::Perform(const std::vector<Action>& actions,
                           const Signal& cause, uint32_t clock) {
  PhaseId not_made;
  if (RefuseEnding(actions, cause)) return not_made;
  for (const Action& action : actions) {
    if (IsTooLate(action, clock)) continue;
    switch (action.kind) {
      case ActionKind::kMove:
        if (!state.IsClosed() && !Move(action.phase)) not_made = action.phase;
        break;
      case ActionKind::kOpen:
        OpenBy(*this, action.element, clock);
        break;
      case ActionKind::kCancel:
        CancelItems(action.element);
        break;
      case ActionKind::kMilestone:
        Latch(action.milestone);
        break;
      case ActionKind::kSetFact:
        SetByRule(*this, action);
        break;
      case ActionKind::kNotify:
        Notify(action, cause, clock);
        break;
      case ActionKind::kStartClock:
        StopClocksOf(action.clock);
        StartClock(action.clock, {}, due_now);
        break;
      case ActionKind::kStopClock:
        StopClocksOf(action.clock);
        break;
      case ActionKind::kAssign:
        AssignBy(action.pool);
        break;
      case ActionKind::kEscalate:
        EscalateSubject(action.pool, cause.subject);
        break;
      case ActionKind::kEscalateRisk:
        for (uint32_t i = 0; i < state.alerts.size(); ++i) {
          if (state.alerts[i].stage < AlertStage::kAssessed) {
            EscalateAlert(i, action.pool);
          }
        }
        break;
      case ActionKind::kPriority:
        RaisePriority(action.amount, cause.subject);
        break;
      case ActionKind::kRaiseAlert:
        RaiseAlert(action.tier, 0);
        break;
      case ActionKind::kAnswerReferrals:
        AnswerReferrals(action.outcome);
        break;
      case ActionKind::kCloseCase:
        CloseCase(action.outcome);
        break;
      case ActionKind::kEnrol:
      case ActionKind::kEndEnrolment:
      case ActionKind::kChooseSet:
      case ActionKind::kGuide:
        PerformOnProgram(action);
        break;
    }
  }
  return not_made;
}

bool Macrostep::IsTooLate(const Action& action, uint32_t clock) const {
  return clock == UINT32_MAX && state.IsClosed() &&
         !protocol.HoldsAfterClosing(action);
}

bool Macrostep::MayOpen(ElementId id) {
  const Element& element = protocol.at(id);
  return OpenItemOf(id) < 0 && !available.IsLocked(id) &&
         !(state.died_at && OwnerFor(element).IsPatient()) &&
         guards_.Opens(element.when);
}

void Macrostep::PerformOnProgram(const Action& action) {
  switch (action.kind) {
    case ActionKind::kEnrol:
      if (!state.died_at) Enrol(action.program, std::nullopt, "");
      return;
    case ActionKind::kEndEnrolment: {
      const int32_t running =
          RunningEnrolmentOf(protocol, state, action.program);
      if (running >= 0) EndEnrolment(static_cast<uint16_t>(running));
      return;
    }
    case ActionKind::kChooseSet:
      ChooseSet(action.program, action.number);
      return;
    case ActionKind::kGuide:
      Guide(action.program, action.number);
      return;
    default:
      return;
  }
}

const char* Macrostep::WhyNot(Recipient to, bool reminder,
                              uint32_t clock) const {
  if (to == Recipient::kReferrer) {
    return MayBeWritten(protocol, state, due_now) ? nullptr
                                                  : "no consent to letters";
  }
  if (!protocol::IsPatientsSide(to)) return nullptr;
  if (state.died_at) return "the person has died";
  if (reminder && HasOpenAlert(state)) return "a risk alert is open";
  const ClockState* ladder = FindClock(clock);
  if (ladder == nullptr) return nullptr;
  if (LeadsUpTo(*ladder) <= due_now) return "the appointment is past";
  const bool waits =
      std::any_of(state.held_effects.begin(), state.held_effects.end(),
                  [&](const HeldEffect& held) { return held.clock == clock; });
  return waits || (!MayWait(*ladder) && IsUndelivered(clock))
             ? "the word before is not delivered"
             : nullptr;
}

const std::string* Macrostep::RoleOf(const Action& action,
                                     const Subject& subject,
                                     uint32_t clock) const {
  if (action.to == Recipient::kRelated) return &action.role;
  const bool of_ladder = clock != UINT32_MAX;
  if (action.to != Recipient::kPatient || !of_ladder ||
      subject.kind != SubjectKind::kItem ||
      subject.ordinal >= state.items.size()) {
    return nullptr;
  }
  const Element& element =
      protocol.at(state.items[subject.ordinal].key.element);
  return element.performer == protocol::Performer::kRelated ? &element.role
                                                            : nullptr;
}

void Macrostep::Notify(const Action& action, const Signal& cause,
                       uint32_t clock) {
  const std::string* role = RoleOf(action, cause.subject, clock);
  const Recipient to = role == nullptr ? action.to : Recipient::kRelated;
  const auto suppress = [&](const char* why) {
    Emit(EffectSuppressed{action.message_template,
                          cause.subject,
                          why,
                          {},
                          {},
                          role == nullptr ? "" : *role,
                          {}});
  };
  if (const char* why = WhyNot(to, action.reminder, clock)) {
    suppress(why);
    // Whoever has written a letter hears at once that it goes to nobody.
    if (to == Recipient::kReferrer &&
        !IsOutsider(command.envelope.actor.role)) {
      remark = absl::StrCat("no letter is sent: ", why);
    }
    return;
  }
  EffectRequested effect;
  effect.to = to;
  if (to == Recipient::kReferrer) {
    Write(action, cause, clock);
  } else if (role == nullptr) {
    Say(action, cause, clock, std::move(effect));
  } else {
    const std::vector<PersonId> there = state.RelatedAs(*role);
    if (there.empty()) {
      suppress("nobody is on file in the role");
      AskForRelated(*role, "are to be written to");
    }
    effect.role = *role;
    for (const PersonId person : there) {
      effect.related = person;
      Say(action, cause, clock, effect);
    }
  }
}

void Macrostep::Write(const Action& action, const Signal& cause,
                      uint32_t clock) {
  EffectRequested letter;
  letter.kind = EffectKind::kLetter;
  letter.to = Recipient::kReferrer;
  std::vector<EffectRequested> letters;
  for (const Referral* referral : WrittenTo(protocol, state)) {
    letter.referral = referral->id;
    letter.referrer = referral->referrer;
    letters.push_back(letter);
  }
  // What staff have written is not lost: the host asks them whom it is for.
  if (letters.empty()) letters.push_back(std::move(letter));
  for (EffectRequested& each : letters) {
    Say(action, cause, clock, std::move(each));
  }
}

void Macrostep::Say(const Action& action, const Signal& cause, uint32_t clock,
                    EffectRequested effect) {
  const Recipient to = effect.to;
  effect.message_template = action.message_template;
  effect.subject = cause.subject;
  effect.clock = clock;
  if (to == Recipient::kPool) {
    effect.owner = OwnerIn(action.pool, cause.subject, /*passes=*/false);
  } else if (to == Recipient::kOwner) {
    effect.owner = CaseOwner();
  }
  if (action.valid_for) {
    effect.valid_until =
        After(*action.valid_for, nullptr, TimeFor(cause.subject));
  } else if (protocol::IsPatientsSide(to)) {
    effect.valid_until = ValidInLadder(clock);
  }
  const ClockState* ladder = FindClock(clock);
  if (ladder != nullptr && protocol::IsPatientsSide(to)) {
    effect.valid_until = std::min(effect.valid_until, LeadsUpTo(*ladder));
  }
  if (Hold(effect, action.reminder, std::nullopt)) return;
  Request(std::move(effect));
}

bool WasAskedNow(const Macrostep& m, uint64_t effect) {
  return std::any_of(m.events.begin(), m.events.end(), [&](const Event& event) {
    const auto* asked = std::get_if<EffectRequested>(&event.body);
    return asked != nullptr && asked->effect == effect;
  });
}

bool Macrostep::IsUndelivered(uint32_t clock) const {
  return std::any_of(state.pending_effects.begin(), state.pending_effects.end(),
                     [&](const PendingEffectState& effect) {
                       return effect.clock == clock && effect.to_patient &&
                              effect.valid_until > due_now &&
                              !WasAskedNow(*this, effect.effect);
                     });
}

void Macrostep::Request(EffectRequested effect) {
  if (effect.to == Recipient::kPatient) {
    effect.safe_contact = state.safe_contact;
  } else {
    effect.cover = world.CoverOf(effect.owner.staff, TimeFor(effect.subject));
  }
  effect.effect =
      DeriveId("effect", command.envelope.command_id,
               absl::StrCat(state.id.value, "/", state.version + 1));
  Emit(std::move(effect));
}

Instant Macrostep::ValidInLadder(uint32_t ordinal) const {
  const ClockState* clock = FindClock(ordinal);
  if (clock == nullptr || clock->def.IsNone()) return Instant::Never();
  const std::vector<protocol::Rung>& ladder = protocol.at(clock->def).ladder;
  if (clock->next_rung >= ladder.size() ||
      !ladder[clock->next_rung].speaks_to_patient) {
    return Instant::Never();
  }
  if (clock->next_due > due_now) return clock->next_due;
  // The ladder is late: it speaks once, then at its own distance.
  const Instant planned = PlannedAfter(*clock);
  return planned > due_now ? planned : due_now + Hours(24);
}

void Macrostep::EscalateSubject(PoolId pool, const Subject& subject) {
  switch (subject.kind) {
    case SubjectKind::kAlert:
      if (subject.ordinal < state.alerts.size()) {
        EscalateAlert(subject.ordinal, pool);
      }
      return;
    case SubjectKind::kItem: {
      if (subject.ordinal >= state.items.size()) return;
      const ItemState& item = state.items[subject.ordinal];
      // A patient's item stays the patient's: what moves is who looks after.
      if (item.owner.IsPatient()) {
        OpenReview(
            absl::StrCat(protocol.at(item.key.element).id, " is overdue"));
        return;
      }
      if (IsAboutRisk(subject) && IsBeyond(item.owner, pool)) {
        // As an alert it does not go back from where it has come.
        if (world.IsAtHand(item.owner.staff, risk_now)) return;
        pool = item.owner.pool;
      }
      Emit(ItemMoved{subject.ordinal, OwnerIn(pool, subject, /*passes=*/true),
                     item.priority});
      ReturnItem(subject.ordinal);
      return;
    }
    case SubjectKind::kMessage: {
      if (subject.ordinal >= state.messages.size()) return;
      const MessageState& message = state.messages[subject.ordinal];
      Emit(MessageMoved{subject.ordinal,
                        OwnerIn(pool, subject, /*passes=*/true),
                        message.priority});
      return;
    }
    case SubjectKind::kCase:
    case SubjectKind::kCadence:
    case SubjectKind::kParked:
    case SubjectKind::kRelease:
      return;
  }
}

void Macrostep::RaisePriority(int amount, const Subject& subject) {
  const auto raised = [&](int8_t priority) {
    return static_cast<int8_t>(std::clamp(priority + amount, -100, 100));
  };
  if (subject.kind == SubjectKind::kItem &&
      subject.ordinal < state.items.size()) {
    const ItemState& item = state.items[subject.ordinal];
    Emit(ItemMoved{subject.ordinal, item.owner, raised(item.priority)});
  } else if (subject.kind == SubjectKind::kMessage &&
             subject.ordinal < state.messages.size()) {
    const MessageState& message = state.messages[subject.ordinal];
    Emit(
        MessageMoved{subject.ordinal, message.owner, raised(message.priority)});
  }
}

bool Macrostep::Move(PhaseId to) {
  const TrackId track = protocol.at(to).track;
  // A track moves at most once in a microstep: the first rule wins.
  static_assert(limits::kTracksMax <= 64);
  const uint64_t bit = uint64_t{1} << track.value;
  const PhaseId from = state.tracks[track.value].phase;
  if (from == to) return true;
  if ((moved_tracks_ & bit) != 0) return false;
  moved_tracks_ |= bit;
  if (!from.IsNone()) {
    for (ElementId id : protocol.at(from).elements) {
      const Element& element = protocol.at(id);
      if (element.every) {
        StopClocks({SubjectKind::kCadence, id.value});
      }
      // Obligations to others always stay.
      if (!element.keep_on_exit && element.kind != ItemKind::kMessage &&
          !available.IsOutside(id)) {
        CancelItems(id);
      }
    }
    Raise(TriggerKind::kPhaseLeft, from.value, {}, {}, now);
  }
  Emit(TrackMoved{track, from, to});
  // A repeated item that was met before resumes its rhythm.
  for (ElementId id : protocol.at(to).elements) {
    const ItemState* item = LatestItem(protocol, state, id);
    if (protocol.at(id).every && item != nullptr &&
        item->key.episode == state.episode()) {
      StartCadence(id, due_now);
    }
  }
  Raise(TriggerKind::kPhaseEntered, to.value, {}, {}, now);
  return true;
}

void Macrostep::StartTracks() {
  for (uint16_t t = 0; t < protocol.tracks.size(); ++t) {
    const PhaseId initial = protocol.tracks[t].initial;
    const PhaseId from = state.tracks[t].phase;
    if (from == initial) continue;
    Emit(TrackMoved{TrackId(t), from, initial});
    Raise(TriggerKind::kPhaseEntered, initial.value, {}, {}, now);
  }
}

void Macrostep::Latch(MilestoneId milestone) {
  if (state.Reached(milestone) != nullptr) return;
  Emit(MilestoneReached{milestone});
  Raise(TriggerKind::kMilestone, milestone.value);
}

void Macrostep::SetFact(FactId fact, const FactValue& value,
                        uint64_t response_seq) {
  const auto known =
      std::find_if(state.facts.begin(), state.facts.end(),
                   [&](const FactState& each) { return each.fact == fact; });
  const bool is_known = known != state.facts.end();
  const bool is_same = is_known && known->value == value;
  // Of two answers IsSaidLater has found the later one.
  const bool of_answers =
      is_known && response_seq != 0 && known->response_seq != 0;
  if (is_known && !of_answers && fact_at_ < known->at) {
    // It stands again if what came later is taken back.
    Emit(FactRecorded{fact, value, response_seq, true});
    if (!is_same) AskForOlder(*this, protocol.at(fact).id);
    return;
  }
  if (is_same) {
    // Said again it is known also when the first word is taken back. What a
    // person has recorded stands on no answer.
    const bool again =
        known->at < fact_at_ && (response_seq == 0 || of_answers);
    if (again) Emit(FactRecorded{fact, value, response_seq});
    return;
  }
  Emit(FactRecorded{fact, value, response_seq});
  FollowFact(fact);
  Raise(TriggerKind::kFact, fact.value);
}

void Macrostep::FollowFact(FactId fact) {
  // Modules may be released on the date that it holds.
  for (size_t i = 0; i < state.enrolments.size(); ++i) {
    if (protocol.at(fact).kind == FactValue::Kind::kDate &&
        state.enrolments[i].IsRunning() &&
        state.enrolments[i].episode == state.episode()) {
      ArmReleases(static_cast<uint16_t>(i));
    }
  }
  if (std::any_of(protocol.purpose_rules.begin(), protocol.purpose_rules.end(),
                  [&](const auto& rule) { return rule.age == fact; })) {
    NoteConsentAges();
  }
}

void Macrostep::Assign(CaseAssigned assigned) {
  const Owner before = state.owner;
  const Owner owner = assigned.owner;
  // Whose it stays is a choice as well when somebody asks for it, or it counts
  // in their caseload from now on; what a rule finds as it is is none.
  const bool stays = owner == before && was_open && owner.staff == counted;
  if (stays && !std::holds_alternative<AssignCase>(command.body)) return;
  Emit(std::move(assigned));
  if (owner == before) return;
  // The owner's open work and the messages follow the case; what they had
  // claimed of a pool goes back to its queue.
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    if (!IsOpen(item.status)) continue;
    // What waits for a second sign stays with the pool of the sign.
    const bool follows = protocol.at(item.key.element).performer ==
                             protocol::Performer::kOwner &&
                         state.SignOf(i) == nullptr;
    if (follows) {
      Emit(ItemMoved{i, owner, item.priority});
    } else if (item.claimed && item.owner.staff == before.staff &&
               owner.staff != before.staff) {
      Emit(ItemReleased{i, {OwnerKind::kPool, item.owner.pool, {}}});
    } else {
      continue;
    }
    ReturnItem(i);
  }
  for (uint32_t i = 0; i < state.messages.size(); ++i) {
    const MessageState& message = state.messages[i];
    if (message.status == MessageStatus::kOpen && message.owner == before) {
      Emit(MessageMoved{i, owner, message.priority});
    }
  }
}

void Macrostep::AnswerReferrals(OutcomeId disposition) {
  for (size_t i = 0; i < state.referrals.size(); ++i) {
    if (state.referrals[i].IsOwedAnswer()) {
      Emit(ReferralAnswered{state.referrals[i].id, disposition});
    }
  }
}

void Macrostep::CloseCase(OutcomeId reason) {
  if (state.IsClosed()) return;
  AnswerReferrals(reason);
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    if (IsOpen(item.status) && !Outlives(item.key.element)) {
      EndItem(i, ItemStatus::kCancelled);
    }
  }
  for (size_t i = state.clocks.size(); i-- > 0;) {
    const SubjectKind kind = state.clocks[i].subject.kind;
    if (kind == SubjectKind::kCase || kind == SubjectKind::kCadence ||
        kind == SubjectKind::kRelease) {
      StopClock(state.clocks[i].ordinal);
    }
  }
  SuspendWindows();
  ResumeClocks();  // of what outlives the episode: its pause ends with it
  Emit(EpisodeClosed{state.episode(), reason});
  EndTransfer(/*confirmed=*/false);
}

}  // namespace stepwell::engine
