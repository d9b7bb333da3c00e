// AdoptCase: what was before is recorded with its dates and sets nothing in
// motion: no signal is raised, so no rule, clock or letter comes of it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/declared.h"
#include "engine/handlers.h"
#include "engine/scoring.h"

namespace stepwell::engine {
namespace {

bool HasEnded(ItemStatus status) { return !IsOpen(status); }

bool IsStaffed(const Owner& owner) {
  return owner.kind == OwnerKind::kPool && !owner.pool.IsNone();
}

// What the service's rules say no to. The names are those of the protocol
// already.
class Checks {
 public:
  Checks(Macrostep& m, const AdoptCase& c) : m_(m), c_(c) {}

  bool Refused() {
    CheckCase();
    CheckOwner(c_.owner, "the case");
    for (const AdoptedItem& item : c_.items) CheckItem(item);
    for (const AdoptedAlert& alert : c_.alerts) CheckAlert(alert);
    for (const AdoptedClock& clock : c_.clocks) CheckClock(clock);
    for (const AdoptedScore& score : c_.scores) CheckScore(score);
    CheckTimes();
    return m_.rejection.has_value();
  }

 private:
  // The first reason counts.
  void Reject(const char* code, std::string reason) {
    if (!m_.rejection) m_.rejection = Rejection{code, std::move(reason)};
  }

  void CheckCase() {
    if (!m_.state.episodes.empty()) {
      Reject("case_known", "the person has a case here already");
    }
    if (m_.command.envelope.actor.role != Role::kStaff &&
        m_.command.envelope.actor.role != Role::kIntegration) {
      Reject("not_for_role", "a case is adopted by staff or host");
    }
    for (const PhaseId phase : c_.phases) {
      if (!m_.protocol.at(phase).final) continue;
      Reject("phase_final",
             absl::StrCat(m_.protocol.at(phase).id,
                          " is where care has ended: only patients in "
                          "treatment are adopted"));
    }
    for (size_t i = 0; i < c_.enrolments.size(); ++i) {
      for (size_t k = 0; k < i; ++k) {
        if (c_.enrolments[k].program == c_.enrolments[i].program &&
            c_.enrolments[k].IsRunning()) {
          Reject("already_enrolled",
                 absl::StrCat(m_.protocol.at(c_.enrolments[i].program).name,
                              ": one that runs stands last"));
        }
      }
    }
  }

  void CheckOwner(const Owner& owner, const char* what) {
    if (!IsStaffed(owner)) {
      Reject("owner_required", absl::StrCat(what, " needs an owner"));
    } else if (owner.staff.value != 0 &&
               !m_.world.BelongsTo(owner.pool, owner.staff)) {
      Reject("not_a_member",
             absl::StrCat("the owner of ", what, " is no member of ",
                          m_.protocol.at(owner.pool).id));
    } else if (m_.world.HasLeft(owner.staff, m_.due_now)) {
      Reject("has_left", absl::StrCat("the owner of ", what, " has left"));
    }
  }

  void CheckItem(const AdoptedItem& item) {
    const protocol::Element& element = m_.protocol.at(item.element);
    const bool enrolled = std::any_of(
        c_.enrolments.begin(), c_.enrolments.end(),
        [&](const EnrolmentState& e) { return e.program == element.program; });
    if (!element.program.IsNone() && !enrolled) {
      Reject("enrolment_required",
             absl::StrCat(element.id,
                          " is of a program that nobody is in: "
                          "declare the enrolment"));
    }
    if (HasEnded(item.status)) return;
    const bool elsewhere =
        !element.phase.IsNone() && !m_.Outlives(item.element) &&
        std::find(c_.phases.begin(), c_.phases.end(), element.phase) ==
            c_.phases.end();
    if (elsewhere) {
      Reject("item_elsewhere",
             absl::StrCat(element.id, " is open, and is of the phase ",
                          m_.protocol.at(element.phase).id,
                          ", in which the case is not"));
    }
    const auto twice = std::count_if(
        c_.items.begin(), c_.items.end(), [&](const AdoptedItem& other) {
          return other.element == item.element && !HasEnded(other.status);
        });
    if (twice > 1) {
      Reject("item_open", absl::StrCat(element.id, " is open twice"));
    }
  }

  // Change is counted from it: no score that the questionnaire cannot give.
  void CheckScore(const AdoptedScore& score) {
    const auto& instrument = *m_.protocol.at(score.instrument).instrument;
    if (!instrument.has_total()) {
      Reject("score_out_of_range",
             absl::StrCat(instrument.id(), " has no total score"));
      return;
    }
    const instruments::Scale& total = instrument.scales()[0];
    const instruments::Rational given{score.score.numerator,
                                      score.score.denominator};
    if (given >= total.min && given <= total.max) return;
    Reject("score_out_of_range",
           absl::StrCat("a score of ", instrument.id(), " lies between ",
                        total.min.ToDouble(), " and ", total.max.ToDouble()));
  }

  void CheckAlert(const AdoptedAlert& alert) {
    const std::string what =
        absl::StrCat("the open alert ", m_.protocol.at(alert.tier).id);
    if (!IsStaffed(alert.owner)) {
      Reject("alert_without_owner",
             absl::StrCat(what, " needs a pool, or a member of one"));
    } else {
      CheckOwner(alert.owner, what.c_str());
    }
    const auto same = std::count_if(
        c_.alerts.begin(), c_.alerts.end(),
        [&](const AdoptedAlert& other) { return other.tier == alert.tier; });
    if (same > 1) Reject("alert_open", absl::StrCat(what, " stands twice"));
    if (alert.stage == AlertStage::kClosed) {
      Reject("alert_closed", absl::StrCat(what, " is closed: leave it out"));
    }
    if (alert.stage == AlertStage::kAssessed && alert.outcome.IsNone()) {
      Reject("outcome_required",
             absl::StrCat(what, " was assessed: say with which outcome"));
    }
  }

  void CheckClock(const AdoptedClock& clock) {
    const protocol::ClockDef& def = m_.protocol.at(clock.def);
    if (!m_.protocol.IsOfCase(clock.def)) {
      Reject("not_a_case_clock",
             absl::StrCat(def.id,
                          " is no clock of the case: it goes with an item, an "
                          "alert, a message or a transfer"));
    }
    const auto same = std::count_if(
        c_.clocks.begin(), c_.clocks.end(),
        [&](const AdoptedClock& other) { return other.def == clock.def; });
    if (same > 1) Reject("clock_runs", absl::StrCat(def.id, " stands twice"));
  }

  void NotLater(Instant at, const std::string& what) {
    if (at > m_.now) {
      Reject("in_the_future",
             absl::StrCat(what,
                          " lies in the future: what is declared has "
                          "happened"));
    }
  }

  void CheckTimes() {
    for (const Referral& referral : c_.referrals) {
      NotLater(referral.received_at, "a referral");
    }
    for (const Instant entered : c_.entered) NotLater(entered, "a phase");
    for (const MilestoneState& reached : c_.milestones) {
      NotLater(reached.at, m_.protocol.milestones[reached.milestone.value].id);
    }
    for (const AdoptedItem& item : c_.items) {
      NotLater(item.opened_at, m_.protocol.at(item.element).id);
      NotLater(item.ended_at, m_.protocol.at(item.element).id);
    }
    for (const AdoptedScore& score : c_.scores) {
      NotLater(score.at, "a score of " + m_.protocol.at(score.instrument).name);
    }
    for (const EnrolmentState& e : c_.enrolments) {
      NotLater(e.started_at, m_.protocol.at(e.program).name);
    }
    for (const AdoptedAlert& alert : c_.alerts) {
      NotLater(alert.raised_at, "an alert");
    }
    for (const AdoptedClock& clock : c_.clocks) {
      NotLater(clock.started_at, m_.protocol.at(clock.def).id);
    }
  }

  Macrostep& m_;
  const AdoptCase& c_;
};

bool SpeaksOutside(const protocol::Action& action) {
  return action.kind == protocol::ActionKind::kNotify &&
         (protocol::IsPatientsSide(action.to) ||
          action.to == protocol::Recipient::kReferrer);
}

// The last step of a clock that ran out before the go-live would write to the
// patient, or to whoever referred, of an old date. It is spent; one that comes
// again and again comes from now on.
void Spend(const Macrostep& m, const protocol::ClockDef& def,
           ClockAdopted& adopted) {
  const auto& repeat = def.ladder.back().repeat;
  if (repeat) {
    adopted.next_due = m.After(*repeat, &def, m.due_now);
  } else {
    adopted.next_rung = static_cast<uint8_t>(def.ladder.size());
    adopted.next_due = Instant::Never();
  }
}

// A running clock: steps that are past were taken where it ran before. One
// that is overdue takes its last step here, when that is for staff.
void Adopt(Macrostep& m, ClockDefId id, Subject subject, Instant started,
           Instant due) {
  const protocol::ClockDef& def = m.protocol.at(id);
  ClockAdopted adopted;
  adopted.clock = m.state.next_clock;
  adopted.def = id;
  adopted.subject = subject;
  adopted.started_at = std::min(started, due);
  adopted.due = due;
  const size_t rungs = def.ladder.size();
  Instant planned = due;
  for (size_t rung = 0; rung < rungs; ++rung) {
    planned = m.PlannedRung(def, rung, adopted.started_at, due);
    adopted.next_rung = static_cast<uint8_t>(rung);
    if (planned > m.due_now) break;
  }
  adopted.next_due = std::max(planned, m.due_now);
  if (rungs == 0) {
    m.Emit(adopted);
    return;
  }
  const auto& last = def.ladder.back().actions;
  const bool spent = planned <= m.due_now &&
                     std::any_of(last.begin(), last.end(), SpeaksOutside);
  if (spent) Spend(m, def, adopted);
  m.Emit(adopted);
  if (spent && !std::all_of(last.begin(), last.end(), SpeaksOutside)) {
    // What else the step would have done is for a person to look at.
    m.OpenReview(absl::StrCat("the clock ", def.id,
                              " had run out before the case came here"));
  }
}

void AdoptClock(Macrostep& m, const AdoptedClock& clock) {
  if (clock.left_out) return;
  const protocol::ClockDef& def = m.protocol.at(clock.def);
  Instant due;
  if (clock.due) {
    due = *clock.due;
  } else if (!clock.remaining.empty()) {
    due = m.After(ParseSpan(clock.remaining).value_or(def.budget), &def,
                  m.due_now);
  } else {
    due = m.DueOf(clock.def, clock.started_at);
  }
  Adopt(m, clock.def, {}, clock.started_at, due);
}

// The wait that the law counts runs whether it was declared or not, unless what
// ends it has happened.
void AdoptLegalWait(Macrostep& m, const AdoptCase& c) {
  for (const Referral& referral : c.referrals) {
    const ClockDefId def = m.protocol.at(referral.route).legal_clock;
    if (def.IsNone() || c.DeclarationOf(def) != nullptr ||
        m.state.ClockOfCase(def) != nullptr ||
        Declared(m.protocol, m.state).IsOver(def)) {
      continue;
    }
    // Of several referrals the earliest counts.
    Instant from = referral.wait_from;
    for (const Referral& other : c.referrals) {
      if (m.protocol.at(other.route).legal_clock == def) {
        from = std::min(from, other.wait_from);
      }
    }
    from = std::min(from, m.now);
    Adopt(m, def, {}, from, m.DueOf(def, from));
  }
}

// Nobody is lost because the old system had no such clock, or it was forgotten.
void AskForClocks(Macrostep& m, const AdoptCase& c) {
  const std::vector<std::string> names =
      UndeclaredClocks(m.protocol, m.state, c);
  if (names.empty()) return;
  m.OpenReview("clocks that would run were not declared",
               absl::StrCat("; ", absl::StrJoin(names, "; ")));
}

void AdoptEnrolment(Macrostep& m, const EnrolmentState& e) {
  m.EmitAt(EnrolmentStarted{e.program, e.guidance, e.language}, e.started_at);
  const uint16_t number = static_cast<uint16_t>(m.state.enrolments.size());
  if (!e.sequence.empty() || !e.sets.empty()) {
    m.EmitAt(EnrolmentChanged{number, e.program, e.guidance, e.language,
                              e.sequence, e.sets},
             e.started_at);
  }
}

// After its items: what is over is over with them.
void EndAdopted(Macrostep& m, uint16_t index, const EnrolmentState& e) {
  if (e.completed) {
    m.EmitAt(ProgramCompleted{e.program}, e.ended_at.value_or(m.now));
  } else if (e.ended_at) {
    m.EmitAt(EnrolmentEnded{static_cast<uint16_t>(index + 1), e.program},
             *e.ended_at);
  }
}

void AdoptItem(Macrostep& m, const AdoptedItem& item) {
  const protocol::Element& element = m.protocol.at(item.element);
  const uint32_t ordinal = static_cast<uint32_t>(m.state.items.size());
  const bool open = !HasEnded(item.status);
  ItemOpened opened;
  opened.key = m.NextKey(item.element);
  opened.owner = m.OwnerFor(element);
  opened.priority = static_cast<int8_t>(element.priority);
  if (open && !element.due.IsNone()) {
    opened.due = item.due.value_or(m.DueOf(element.due, m.due_now));
  }
  const Instant due = opened.due;
  m.EmitAt(std::move(opened), item.opened_at);
  switch (item.status) {
    case ItemStatus::kAvailable:
      break;
    case ItemStatus::kActive:
      m.EmitAt(ItemStarted{ordinal}, item.opened_at);
      break;
    case ItemStatus::kDone:
      m.EmitAt(ItemDone{ordinal, item.outcome, item.minutes}, item.ended_at);
      if (element.kind == protocol::ItemKind::kModule &&
          !element.program.IsNone() && !m.WasDoneBefore(ordinal)) {
        m.EmitAt(ModuleCompleted{element.program, element.module},
                 item.ended_at);
      }
      break;
    case ItemStatus::kSkipped:
    case ItemStatus::kExpired:
    case ItemStatus::kCancelled:
      m.EmitAt(ItemEnded{ordinal, item.status}, item.ended_at);
      break;
  }
  if (open && !element.due.IsNone()) {
    Adopt(m, element.due, {SubjectKind::kItem, ordinal}, item.opened_at, due);
  }
}

// A repeated item of a phase that the case is in goes on in its rhythm.
void AdoptCadences(Macrostep& m, const AdoptCase& c) {
  for (const AdoptedItem& item : c.items) {
    const protocol::Element& element = m.protocol.at(item.element);
    const Subject cadence = {SubjectKind::kCadence, item.element.value};
    const bool current =
        element.phase.IsNone() || std::find(c.phases.begin(), c.phases.end(),
                                            element.phase) != c.phases.end();
    if (!element.every || !current || m.IsRunning(cadence)) continue;
    Instant last = item.opened_at;
    for (const AdoptedItem& other : c.items) {
      if (other.element == item.element) last = std::max(last, other.opened_at);
    }
    const Instant due = m.After(*element.every, nullptr, last);
    // A turn that is past was not taken, or is not declared: the rhythm begins
    // anew.
    m.StartCadence(item.element, due > m.due_now ? last : m.due_now);
  }
}

void AdoptScore(Macrostep& m, const AdoptedScore& score) {
  const instruments::Instrument& instrument =
      *m.protocol.at(score.instrument).instrument;
  ScoreRecorded recorded;
  recorded.instrument = score.instrument;
  recorded.score = score.score;
  const instruments::Rational exact{score.score.numerator,
                                    score.score.denominator};
  recorded.rounded = exact.RoundHalfUp();
  recorded.band = BandOf(instrument, exact);
  // The answers are not here: what they said of risk is not known.
  if (!instrument.risk_markers().empty()) recorded.risk = Answer3::kUnknown;
  m.EmitAt(std::move(recorded), score.at);
}

void AdoptAlert(Macrostep& m, const AdoptedAlert& alert) {
  const uint32_t ordinal = static_cast<uint32_t>(m.state.alerts.size());
  const ClockDefId clock = ClockOf(m.protocol.at(alert.tier), alert.stage);
  const Instant deadline = alert.deadline.value_or(m.DueOf(clock, m.risk_now));
  m.EmitAt(AlertRaised{alert.tier, alert.owner, deadline, 0}, alert.raised_at);
  if (alert.stage != AlertStage::kRaised) {
    AlertStepped stepped;
    stepped.alert = ordinal;
    stepped.stage = alert.stage;
    stepped.outcome = alert.outcome;
    stepped.owner = alert.owner;
    stepped.deadline = deadline;
    m.EmitAt(stepped, alert.raised_at);
  }
  Adopt(m, clock, {SubjectKind::kAlert, ordinal}, alert.raised_at, deadline);
}

std::vector<std::string> LeftOut(const Macrostep& m, const AdoptCase& c) {
  std::vector<std::string> names;
  for (const AdoptedClock& clock : c.clocks) {
    if (clock.left_out) names.push_back(m.protocol.at(clock.def).id);
  }
  return names;
}

void AdoptBasics(Macrostep& m, const AdoptCase& c) {
  Instant opened = m.now;
  for (const Referral& referral : c.referrals) {
    opened = std::min(opened, referral.received_at);
  }
  m.EmitAt(CaseOpened{m.command.case_id, c.person, m.protocol.hash, c.owner,
                      static_cast<uint16_t>(m.protocol.tracks.size()),
                      LeftOut(m, c)},
           opened);
  for (Referral referral : c.referrals) {
    const OutcomeId answer = referral.disposition;
    referral.disposition = {};
    const ReferralId id = referral.id;
    const Instant answered = referral.answered_at;
    const Instant received = referral.received_at;
    m.EmitAt(ReferralAttached{AsAttached(m, std::move(referral))}, received);
    if (!answer.IsNone()) m.EmitAt(ReferralAnswered{id, answer}, answered);
  }
  if (!c.zone.empty()) m.Emit(ZoneNoted{c.zone});
  for (const ConsentState& consent : c.consents) {
    const auto& valid_for =
        m.protocol.purpose_rules[consent.purpose.value].valid_for;
    ConsentRecorded said{consent.purpose, consent.given, {}, consent.by};
    if (consent.given && valid_for) {
      said.valid_until = m.After(*valid_for, nullptr, consent.at);
    }
    m.EmitAt(std::move(said), consent.at);
  }
  for (const FactState& fact : c.facts) {
    m.Emit(FactRecorded{fact.fact, fact.value});
  }
  m.NoteConsentAges(/*news=*/false);
  for (uint16_t t = 0; t < c.phases.size(); ++t) {
    m.EmitAt(TrackMoved{TrackId(t), {}, c.phases[t]}, c.entered[t]);
  }
  for (const MilestoneState& reached : c.milestones) {
    m.EmitAt(MilestoneReached{reached.milestone}, reached.at);
  }
}

}  // namespace

void Handle(Macrostep& m, const AdoptCase& c) {
  if (Checks(m, c).Refused()) return;
  AdoptBasics(m, c);
  for (const EnrolmentState& enrolment : c.enrolments) {
    AdoptEnrolment(m, enrolment);
  }
  for (const AdoptedItem& item : c.items) AdoptItem(m, item);
  for (uint16_t i = 0; i < c.enrolments.size(); ++i) {
    EndAdopted(m, i, c.enrolments[i]);
    m.ArmReleases(i);
  }
  for (const AdoptedScore& score : c.scores) AdoptScore(m, score);
  for (const AdoptedClock& clock : c.clocks) AdoptClock(m, clock);
  AdoptLegalWait(m, c);
  AskForClocks(m, c);
  for (const AdoptedAlert& alert : c.alerts) AdoptAlert(m, alert);
  AdoptCadences(m, c);
  for (const Referral& referral : std::vector<Referral>(m.state.referrals)) {
    AskForDocuments(m, referral, /*missing=*/false);
  }
  m.AskForGuardians();
  m.NoteWindows();
  m.AskAdopted();
  m.SettleInSilence();
}

}  // namespace stepwell::engine
