// Taking back what an event did, by deltas on the state. The past is never
// re-decided: what cannot be undone by itself is put before a person.
#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/clock_history.h"
#include "engine/handlers.h"
#include "engine/standing.h"
#include "engine/void_referral.h"
#include "engine/void_words.h"

namespace stepwell::engine {
namespace {

// What the events of the target's command did, from the target on.
struct Deltas {
  const Macrostep& m;
  const CaseState& state;
  Voided& out;
  std::vector<AlertRetiered>& retiered;
  bool stays_done = false;  // an item that does not reopen
  ItemKey done = {};        // of the last item that was done

  void operator()(const ResponseReceived&, uint64_t seq) {
    out.responses.push_back(seq);
  }
  void operator()(const ScoreRecorded&, uint64_t seq) {
    out.scores.push_back(seq);
  }
  void operator()(const MilestoneReached& e, uint64_t seq) {
    for (const MilestoneState& milestone : state.milestones) {
      if (milestone.milestone == e.milestone && milestone.seq == seq) {
        out.milestones.push_back(e.milestone);
      }
    }
  }
  void operator()(const FactRecorded& e, uint64_t seq) {
    for (const FactState& fact : state.facts) {
      if (fact.fact == e.fact && fact.seq == seq) out.facts.push_back(e.fact);
    }
  }
  void operator()(const ItemDone& e, uint64_t seq) {
    if (e.item < state.items.size()) done = state.items[e.item].key;
    if (e.item < state.items.size() &&
        state.items[e.item].status == ItemStatus::kDone &&
        state.items[e.item].ended_seq == seq) {
      if (!MayReopen(state.items[e.item])) {
        stays_done = true;
        return;
      }
      out.items_reopened.push_back(e.item);
    }
  }
  // An item that ended because of what is taken back.
  void operator()(const ItemEnded& e, uint64_t seq) {
    if (e.item < state.items.size() && IsBookedAgain(e.item) &&
        state.items[e.item].ended_seq == seq &&
        MayReopen(state.items[e.item])) {
      out.items_reopened.push_back(e.item);
    }
  }
  // One of several that ask for the present care, and not answered yet.
  void operator()(const ReferralAttached& e, uint64_t) {
    bool found = false, others = false;
    for (const Referral& referral : state.referrals) {
      if (referral.episode != state.episode() || referral.ended_as) continue;
      if (referral.id != e.referral.id) {
        others = true;
      } else {
        found = referral.IsOwedAnswer();
      }
    }
    if (found && others && !state.IsClosed()) {
      out.referrals.push_back(e.referral.id);
    }
  }
  void operator()(const ConsentRecorded& e, uint64_t seq) {
    // It was said for itself.
    if (out.referrals.empty() && seq != out.target) return;
    for (const ConsentState& said : state.consents) {
      if (IsSameWord(said, e) && said.given == e.given &&
          said.at == At(seq).at && IsLastOfItsTime(m, At(seq))) {
        out.consents.push_back(said);
      }
    }
  }
  void operator()(const SafeContactNoted& e, uint64_t seq) {
    out.safe_contact = seq == out.target && state.safe_contact == e.contact &&
                       state.safe_contact_at == At(seq).at &&
                       IsLastOfItsTime(m, At(seq));
  }
  void operator()(const AppointmentChanged& e, uint64_t) {
    if (e.item < state.items.size() && (e.missed || e.keeps_seat) &&
        state.items[e.item].appointment == e.status &&
        state.items[e.item].appointment_at == e.starts_at) {
      out.bookings_restored.push_back(e.item);
    }
  }
  void operator()(const AlertStepped& e, uint64_t seq) {
    if (e.alert >= state.alerts.size()) return;
    const AlertState& alert = state.alerts[e.alert];
    if (alert.stage != e.stage || alert.stepped_seq != seq) return;
    out.alerts_before.push_back({e.alert, StageBefore(e.stage), {}, 0});
  }
  void operator()(const AlertRaised&, uint64_t seq) {
    for (uint32_t i = 0; i < state.alerts.size(); ++i) {
      if (state.alerts[i].raised_seq == seq) out.alerts_marked.push_back(i);
    }
  }
  void operator()(const AlertEvidenceAdded& e, uint64_t) {
    out.alerts_marked.push_back(e.alert);
  }
  void operator()(const AlertRetiered& e, uint64_t) { retiered.push_back(e); }
  void operator()(const EffectRequested& e, uint64_t) {
    out.effects_sent.push_back(e.effect);
  }
  void operator()(const ModuleCompleted& e, uint64_t) {
    if (!IsOfEarlierEnrolment(done)) out.modules.push_back(e.program);
  }
  void operator()(const ProgramCompleted& e, uint64_t) {
    if (!IsOfEarlierEnrolment(done)) out.programs.push_back(e.program);
  }
  void operator()(const FollowUpAnswered&, uint64_t seq) {
    out.window_answers.push_back(seq);
  }
  template <class E>
  void operator()(const E&, uint64_t) {}

 private:
  const Event& At(uint64_t seq) const {
    return *std::ranges::find(m.history, seq, &Event::seq);
  }
  bool IsBookedAgain(uint32_t item) const {
    return std::find(out.bookings_restored.begin(), out.bookings_restored.end(),
                     item) != out.bookings_restored.end();
  }
  // The program was taken again since: what counts in it now is of that taking.
  bool IsOfEarlierEnrolment(const ItemKey& key) const {
    return key.enrolment > 0 && key.enrolment <= state.enrolments.size() &&
           std::any_of(state.enrolments.begin() + key.enrolment,
                       state.enrolments.end(), [&](const auto& later) {
                         return later.program ==
                                state.enrolments[key.enrolment - 1u].program;
                       });
  }
  static AlertStage StageBefore(AlertStage stage) {
    return static_cast<AlertStage>(static_cast<uint8_t>(stage) - 1);
  }
  // Where the case has gone on, the patient is asked nothing for the past, and
  // nothing is decided by itself; a person may still take their step again.
  bool MayReopen(const ItemState& item) const {
    if (IsOfEarlierEnrolment(item.key)) return !item.owner.IsPatient();
    if (m.IsCurrent(item.key)) return true;
    return !state.IsClosed() && item.key.episode == state.episode() &&
           !item.owner.IsPatient() && !m.protocol.at(item.key.element).by_data;
  }
};

// An alert that was raised for the response later, by an amendment, and one
// that it became evidence of then.
void MarkLaterAlerts(const Macrostep& m, Voided& voided) {
  const auto mark = [&](uint32_t alert) {
    if (alert < m.state.alerts.size() &&
        !Contains(voided.alerts_marked, alert)) {
      voided.alerts_marked.push_back(alert);
    }
  };
  for (const Event& event : m.log) {
    if (event.seq <= m.history.back().seq) continue;
    if (const auto* more = std::get_if<AlertEvidenceAdded>(&event.body)) {
      if (more->response_seq == voided.target) mark(more->alert);
    } else if (const auto* raised = std::get_if<AlertRaised>(&event.body)) {
      if (raised->response_seq != voided.target) continue;
      for (uint32_t i = 0; i < m.state.alerts.size(); ++i) {
        if (m.state.alerts[i].raised_seq == event.seq) mark(i);
      }
    }
  }
}

bool IsVoidable(const EventBody& body) {
  return std::holds_alternative<ResponseReceived>(body) ||
         std::holds_alternative<FactRecorded>(body) ||
         std::holds_alternative<ConsentRecorded>(body) ||
         std::holds_alternative<SafeContactNoted>(body) ||
         std::holds_alternative<MilestoneReached>(body) ||
         std::holds_alternative<ItemDone>(body) ||
         std::holds_alternative<AlertStepped>(body) ||
         std::holds_alternative<AppointmentChanged>(body) ||
         std::holds_alternative<ReferralAttached>(body);
}

bool WasTakenBack(const Macrostep& m, uint64_t target) {
  return std::any_of(m.log.begin(), m.log.end(), [target](const Event& event) {
    const auto* voided = std::get_if<Voided>(&event.body);
    return voided != nullptr && voided->target == target;
  });
}

// The finished item is open again by the deltas: nothing newer has replaced it.
bool Reopens(const Event& done, const Voided& voided) {
  const uint32_t item = std::get<ItemDone>(done.body).item;
  return std::find(voided.items_reopened.begin(), voided.items_reopened.end(),
                   item) != voided.items_reopened.end();
}

// Something has happened to the item since the command that opened it.
bool IsTakenUp(const Macrostep& m, uint32_t item) {
  const uint64_t first = m.history.front().seq, last = m.history.back().seq;
  const ItemState& state = m.state.items[item];
  if (state.opened_seq < first || state.opened_seq > last) return true;
  // A log without its end cannot say who has begun it.
  const bool to_the_end = m.log.back().seq + m.events.size() == m.state.version;
  if (!to_the_end && state.status != ItemStatus::kAvailable) return true;
  return std::any_of(m.log.begin(), m.log.end(), [&](const Event& event) {
    if (event.seq <= last) return false;
    const auto* changed = std::get_if<AppointmentChanged>(&event.body);
    const auto* begun = std::get_if<ItemStarted>(&event.body);
    return (changed != nullptr && changed->item == item) ||
           (begun != nullptr && begun->item == item);
  });
}

// The response to the instrument that is clinically the latest one when
// `voided` is taken back and `restored` stands again; 0 when there is none, or
// when its answers are held all along.
uint64_t LatestWithout(const CaseState& state, InstrumentRef instrument,
                       uint64_t voided, uint64_t restored) {
  const ScoreState* latest = nullptr;
  for (const ScoreState& score : state.scores) {
    const bool stands = score.response_seq == restored || !score.is_void;
    if (score.instrument != instrument || score.response_seq == 0 ||
        score.response_seq == voided || !stands) {
      continue;
    }
    if (latest == nullptr || IsLater(score, *latest)) latest = &score;
  }
  if (latest == nullptr) return 0;
  const bool held =
      std::any_of(state.answers.begin(), state.answers.end(),
                  [&](const AnswersState& answers) {
                    return answers.response_seq == latest->response_seq;
                  });
  return held ? 0 : latest->response_seq;
}

// A response that stands: neither taken back nor amended since.
bool Stands(const CaseState& state, uint64_t target) {
  for (const ResponseState& response : state.responses) {
    if (response.seq == target) return !response.is_void;
  }
  return false;
}

// What stood before and stands again: the facts, the consents, the wish how to
// be reached, the version of a response that an amendment replaced, and of each
// instrument the answers that are the latest now. False when the version before
// is not in the log that there is.
bool RestoreBefore(const Macrostep& m, Voided& voided) {
  const Standing standing(m.log, voided.target);
  for (const FactId fact : voided.facts) {
    const auto before = standing.FactBefore(fact, voided.target);
    if (before) voided.facts_restored.push_back(*before);
  }
  RestoreWords(m, standing, voided);
  bool whole = true;
  for (const uint64_t response : voided.responses) {
    const Event* event = standing.At(response);
    const auto& body = std::get<ResponseReceived>(event->body);
    const Event* before = standing.VersionBefore(response);
    if (before != nullptr) voided.responses_restored.push_back(before->seq);
    whole = whole && (before != nullptr || body.fit != ResponseFit::kAmendment);
    const uint64_t latest = LatestWithout(m.state, body.instrument, response,
                                          before == nullptr ? 0 : before->seq);
    const Event* answered = latest == 0 ? nullptr : standing.At(latest);
    if (answered == nullptr) continue;
    voided.answers_restored.push_back(
        {body.instrument, latest,
         std::get<ResponseReceived>(answered->body).answers});
  }
  return whole;
}

// The assessment that the acknowledgement which is taken back did not begin: it
// goes on. nullptr: there is none.
const ClockState* BegunBefore(const Macrostep& m, const AlertBefore& before) {
  if (before.stage != AlertStage::kRaised) return nullptr;
  const auto starts = [](const Event& event, uint32_t clock) {
    const auto* started = std::get_if<ClockStarted>(&event.body);
    return started != nullptr && started->clock == clock;
  };
  for (const ClockState& clock : m.state.clocks) {
    if (clock.subject == Subject{SubjectKind::kAlert, before.alert} &&
        std::none_of(
            m.history.begin(), m.history.end(),
            [&](const Event& event) { return starts(event, clock.ordinal); })) {
      return &clock;
    }
  }
  return nullptr;
}

// The steps that led to where the alerts are again, and their new deadlines.
void DateAlerts(const Macrostep& m, Voided& voided) {
  const Standing standing(m.log, voided.target);
  for (AlertBefore& before : voided.alerts_before) {
    const AlertState& alert = m.state.alerts[before.alert];
    const ClockDefId clock = ClockOf(m.protocol.at(alert.tier), before.stage);
    before.deadline =
        clock.IsNone() ? Instant::Never() : m.DueOf(clock, m.risk_now);
    if (const ClockState* begun = BegunBefore(m, before)) {
      before.deadline = std::min(before.deadline, begun->due);
    }
    const Event* step = standing.LastBefore<AlertStepped>(
        voided.target, [&](const AlertStepped& earlier) {
          return earlier.alert == before.alert && earlier.stage == before.stage;
        });
    if (step != nullptr) before.stepped_seq = step->seq;
  }
}

// Of a series one session is open: the next one, which opened because this one
// was over, is withdrawn. False when somebody has taken it up since.
bool WithdrawNext(const Macrostep& m, Voided& voided) {
  for (const uint32_t reopened : voided.items_reopened) {
    const ItemKey& key = m.state.items[reopened].key;
    const auto& booking = m.protocol.at(key.element).booking;
    if (booking == nullptr || booking->sessions == 0) continue;
    for (uint32_t i = reopened + 1; i < m.state.items.size(); ++i) {
      const ItemState& next = m.state.items[i];
      if (next.key.element != key.element || next.withdrawn) continue;
      if (!IsOpen(next.status) || IsTakenUp(m, i)) return false;
      voided.items_withdrawn.push_back(i);
    }
  }
  return true;
}

// What was held, or missed, is booked as it was before: it may be held, missed
// or moved again. What has ended since by something else stays ended.
void RestoreBookings(const Macrostep& m, Voided& voided) {
  const auto& reopened = voided.items_reopened;
  std::erase_if(voided.bookings_restored, [&](uint32_t item) {
    return !IsOpen(m.state.items[item].status) &&
           std::find(reopened.begin(), reopened.end(), item) == reopened.end();
  });
  for (const uint32_t item : voided.items_reopened) {
    if (m.state.items[item].appointment == AppointmentStatus::kHeld) {
      voided.bookings_restored.push_back(item);
    }
  }
}

// Those that the command started about the item run no more.
void StopStarted(Macrostep& m, uint64_t target, const Subject& subject) {
  for (const Event& event : m.history) {
    const auto* started = std::get_if<ClockStarted>(&event.body);
    if (started != nullptr && event.seq > target &&
        started->subject == subject && m.FindClock(started->clock) != nullptr) {
      m.StopClock(started->clock);
    }
  }
}

// Clocks of what is as it was before.
void StartClocksAgain(Macrostep& m, const Voided& voided) {
  for (const uint32_t ordinal : voided.items_withdrawn) {
    m.StopClocks({SubjectKind::kItem, ordinal});
  }
  for (const uint32_t ordinal : voided.items_reopened) {
    const ElementId id = m.state.items[ordinal].key.element;
    const ClockDefId due = m.protocol.at(id).due;
    if (due.IsNone()) continue;
    m.StartClock(due, {SubjectKind::kItem, ordinal}, m.TimeFor(id));
  }
  for (const uint32_t ordinal : voided.bookings_restored) {
    const Subject subject = {SubjectKind::kItem, ordinal};
    StopStarted(m, voided.target, subject);
    const ItemState item = m.state.items[ordinal];
    const auto& booking = m.protocol.at(item.key.element).booking;
    if (booking == nullptr || item.appointment != AppointmentStatus::kBooked) {
      continue;
    }
    for (const ClockDefId def : booking->after) {
      m.StartClock(def, subject, item.appointment_at);
    }
    // Of what leads up to it that which has not begun; the rest has been said.
    for (const ClockDefId def : booking->before) {
      if (m.BeginsBefore(def, item.appointment_at) > m.due_now) {
        m.StartClockBefore(def, subject, item.appointment_at);
      }
    }
  }
  for (const AlertBefore& before : voided.alerts_before) {
    const Subject subject = {SubjectKind::kAlert, before.alert};
    const AlertState& alert = m.state.alerts[before.alert];
    const ClockDefId clock = ClockOf(m.protocol.at(alert.tier), alert.stage);
    const ClockState* begun = BegunBefore(m, before);
    std::vector<ClockState> clocks;
    if (begun != nullptr) clocks.push_back(*begun);
    m.RunClocks(before.alert, clocks);
    if (!clock.IsNone()) m.StartClock(clock, subject, m.risk_now);
  }
}

// What the trigger waits for is among what is taken back.
bool IsTakenBack(const Macrostep& m, const Voided& voided,
                 const protocol::Trigger& trigger) {
  const auto holds = [&](const auto& list, auto id) {
    return std::find(list.begin(), list.end(), id) != list.end();
  };
  switch (trigger.kind) {
    case protocol::TriggerKind::kMilestone:
      return holds(voided.milestones, MilestoneId(trigger.argument));
    case protocol::TriggerKind::kProgramCompleted:
      return holds(voided.programs, ProgramRef(trigger.argument));
    case protocol::TriggerKind::kItemDone:
    case protocol::TriggerKind::kDecision:
      return std::any_of(voided.items_reopened.begin(),
                         voided.items_reopened.end(), [&](uint32_t item) {
                           return m.state.items[item].key.element ==
                                  ElementId(trigger.argument);
                         });
    default:
      return false;
  }
}

// Stops the clocks that the command started by what is now taken back: when it
// happens again, they start from then. True when there were any.
bool StopClocksOf(Macrostep& m, const Voided& voided) {
  bool any = false;
  for (const Event& event : m.history) {
    const auto* started = std::get_if<ClockStarted>(&event.body);
    if (started == nullptr || event.seq < voided.target ||
        started->def.IsNone()) {
      continue;
    }
    const protocol::ClockDef& def = m.protocol.at(started->def);
    const bool taken_back =
        std::any_of(def.start.begin(), def.start.end(),
                    [&](const protocol::Trigger& trigger) {
                      return IsTakenBack(m, voided, trigger);
                    });
    if (!taken_back) continue;
    // A follow-up that is over is withdrawn all the same: it was about a day
    // on which nothing ended or began.
    if (def.window != nullptr) m.WithdrawWindow(started->clock);
    if (m.FindClock(started->clock) != nullptr) m.StopClock(started->clock);
    any = true;
  }
  return any;
}

// One of the milestones that ended it is taken back.
bool IsStoppedBy(const Macrostep& m, const protocol::ClockDef& def,
                 const Voided& voided) {
  return std::any_of(
      def.stop.begin(), def.stop.end(), [&](const protocol::Trigger& trigger) {
        return trigger.kind == protocol::TriggerKind::kMilestone &&
               IsTakenBack(m, voided, trigger);
      });
}

// A wait that a milestone ended runs on, to the deadline that it had, when the
// milestone is taken back: else nobody would hear that it is over. True when
// there was one.
bool RunOn(Macrostep& m, const Voided& voided) {
  bool any = false;
  if (m.state.IsClosed()) return any;
  for (const Event& event : m.history) {
    const auto* stopped = std::get_if<ClockStopped>(&event.body);
    if (stopped == nullptr || event.seq < voided.target) continue;
    const auto clock = ClockBefore(m.log, stopped->clock, event.seq);
    if (!clock || clock->def.IsNone() ||
        clock->subject.kind != SubjectKind::kCase ||
        !IsStoppedBy(m, m.protocol.at(clock->def), voided) ||
        m.state.ClockOfCase(clock->def) != nullptr) {
      continue;
    }
    m.RunOn(AsRested(m, *clock, event.seq));
    any = true;
  }
  return any;
}

// An alert that a screen put into its tier goes back to the tier it came from,
// with that tier's clock: what tiered it was never said. True when there were
// any; those that are closed by now are for the review.
bool RestoreTiers(Macrostep& m, const std::vector<AlertRetiered>& retiered) {
  for (const AlertRetiered& e : retiered) {
    const AlertState& alert = m.state.alerts[e.alert];
    if (alert.stage == AlertStage::kClosed || alert.tier != e.tier) continue;
    m.RetierAlert(e.alert,
                  e.from.IsNone() ? m.protocol.risk.unscreened : e.from,
                  /*taken_back=*/true);
  }
  return !retiered.empty();
}

void Append(const std::vector<uint64_t>& more, std::vector<uint64_t>& list) {
  list.insert(list.end(), more.begin(), more.end());
}

// What is to be taken back is still there to be.
bool IsFound(const Event& target, const Voided& voided) {
  const EventBody& body = target.body;
  if (std::holds_alternative<ItemDone>(body)) return Reopens(target, voided);
  if (std::holds_alternative<AlertStepped>(body)) {
    return !voided.alerts_before.empty();
  }
  if (std::holds_alternative<AppointmentChanged>(body)) {
    return !voided.bookings_restored.empty();
  }
  if (std::holds_alternative<ReferralAttached>(body)) {
    return !voided.referrals.empty();
  }
  return std::holds_alternative<ResponseReceived>(body) ||
         !voided.facts.empty() || !voided.consents.empty() ||
         voided.safe_contact || !voided.milestones.empty();
}

// What the case went on to do may stand on what is taken back: a milestone, or
// a track that has moved since.
bool OthersStandOn(const Macrostep& m, const Voided& voided) {
  return !voided.milestones.empty() ||
         std::any_of(m.state.tracks.begin(), m.state.tracks.end(),
                     [&](const TrackState& track) {
                       return track.entered_seq > voided.target;
                     });
}

// The facts and the wish that have no value before the one that is taken back.
std::string UnknownBy(const Macrostep& m, const Voided& voided) {
  std::string unknown;
  for (const FactId fact : voided.facts) {
    const bool restored = std::any_of(
        voided.facts_restored.begin(), voided.facts_restored.end(),
        [&](const FactState& before) { return before.fact == fact; });
    if (!restored) {
      absl::StrAppend(&unknown, "; ", m.protocol.at(fact).id,
                      " is not known any more");
    }
  }
  if (voided.safe_contact && !voided.safe_contact_restored) {
    absl::StrAppend(&unknown,
                    "; how they may be reached is not known any more");
  }
  return unknown;
}

// Nobody is left to believe what was taken back. `known`: of the consents,
// before it was.
void TellTakenBack(Macrostep& m, const Voided& voided, bool stays_done,
                   const std::vector<Answer3>& known) {
  const std::string unknown =
      absl::StrCat(UnknownBy(m, voided), ConsentsLost(m, voided, known));
  if (stays_done || OthersStandOn(m, voided)) {
    m.OpenReview(absl::StrCat("event ", voided.target,
                              " was taken back, and the case has gone on "
                              "since: is it where it belongs?"),
                 unknown);
  } else if (!unknown.empty()) {
    m.OpenReview(
        absl::StrCat("what was known of the patient was taken back", unknown));
  }
}

void RejectVoid(Macrostep& m) {
  m.Reject(
      "not_voidable",
      "facts, consents and safe contact can be taken back; responses, "
      "milestones, finished items, missed appointments, sessions of a group "
      "that were left out and steps of an alert as long as nothing newer has "
      "replaced them; the patient's items and automatic decisions while their "
      "phase lasts, a session of a series while nobody has taken up the next; "
      "a referral while it is owed an answer and another asks for the same "
      "care");
}

// False when it was refused.
bool MayBeTakenBack(Macrostep& m, const Event& target) {
  const bool response = std::holds_alternative<ResponseReceived>(target.body);
  if (WasTakenBack(m, target.seq)) {
    m.Reject("not_voidable",
             absl::StrCat("event ", target.seq, " was taken back already"));
  } else if (!IsVoidable(target.body) ||
             (response && !Stands(m.state, target.seq))) {
    RejectVoid(m);
  }
  return !m.rejection;
}

// Something is to be taken back, or a word that must not come back.
bool HasEffect(const Macrostep& m, const Event& target, const Voided& voided) {
  return IsFound(target, voided) || IsHistory(m, target);
}

}  // namespace

void Handle(Macrostep& m, const VoidEvent& c) {
  if (m.command.envelope.reason.empty()) {
    m.Reject("reason_required", "taking an event back needs a reason");
    return;
  }
  m.history = CommandIn(m.log, c.target);
  const auto target = std::ranges::find(m.history, c.target, &Event::seq);
  if (target == m.history.end()) {
    m.Reject("unknown_event", "the case has no such event");
    return;
  }
  if (!MayBeTakenBack(m, *target)) return;
  Voided voided;
  voided.target = c.target;
  std::vector<AlertRetiered> retiered;
  Deltas deltas{m, m.state, voided, retiered};
  for (const Event& event : m.history) {
    if (event.seq < c.target) continue;
    if (event.seq > c.target && StandsAlone(target->body)) break;
    std::visit([&](const auto& body) { deltas(body, event.seq); }, event.body);
  }
  RestoreBookings(m, voided);
  MarkLaterAlerts(m, voided);
  if (!HasEffect(m, *target, voided) || !WithdrawNext(m, voided)) {
    RejectVoid(m);
    return;
  }
  DateAlerts(m, voided);
  const bool whole = RestoreBefore(m, voided);
  const bool has_sent = !voided.effects_sent.empty();
  const LeftOnWord left = HasLeftOn(m, *target, voided);
  Append(left.letters, voided.effects_sent);
  Append(left.messages, voided.effects_sent);
  const std::vector<Referral> referrals = m.state.referrals;
  const std::vector<Answer3> known = KnownConsents(m);
  m.Emit(voided);
  for (const FactId fact : voided.facts) m.FollowFact(fact);
  StartClocksAgain(m, voided);
  const bool stopped = StopClocksOf(m, voided);
  const bool runs_on = RunOn(m, voided);
  if (!voided.window_answers.empty()) m.ListenAgain();
  const bool restored = RestoreTiers(m, retiered);
  const bool unreferred = TakeBackReferrals(m, voided, referrals);
  if (unreferred) {
    m.OpenReview(absl::StrCat("the referral of event ", c.target,
                              " was taken back: look at the work, milestones, "
                              "messages and deadlines that it caused"));
  } else if (stopped || runs_on || restored || !voided.alerts_marked.empty() ||
             has_sent) {
    m.OpenReview(absl::StrCat("event ", c.target,
                              " was taken back: look at the alerts, messages "
                              "and deadlines that it caused"));
  }
  if (!whole) {
    m.OpenReview(absl::StrCat("event ", c.target,
                              " was taken back, and the answers before it are "
                              "not here to stand again"));
  }
  TellOfLeft(m, voided, left);
  TellTakenBack(m, voided, deltas.stays_done, known);
}

}  // namespace stepwell::engine
