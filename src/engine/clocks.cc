// Clocks: budgets, ladders, pauses, cadences. A deadline is computed here and
// recorded in the event, so that a later zone database cannot change the past.
#include <algorithm>
#include <utility>

#include "base/pause.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::ClockDef;
using protocol::Rung;

Instant Macrostep::After(const Span& span, const ClockDef* def,
                         Instant from) const {
  const WorkCalendar* calendar =
      def == nullptr || def->calendar.IsNone()
          ? nullptr
          : &protocol.calendars[def->calendar.value].calendar;
  const std::optional<Instant> due =
      AddSpan(from, span, ZoneFor(def), calendar);
  // A calendar that never opens again: due at once rather than never.
  return due.value_or(from);
}

const Zone& Macrostep::ZoneFor(const ClockDef* def) const {
  const Zone* zone = def != nullptr && def->patient_zone && !state.zone.empty()
                         ? FindZone(state.zone)
                         : nullptr;
  return zone == nullptr ? *protocol.zone : *zone;
}

Instant Macrostep::DueOf(ClockDefId def, Instant from) const {
  const ClockDef& clock = protocol.at(def);
  return After(clock.budget, &clock, from);
}

Instant Macrostep::RungDue(const ClockDef& def, size_t rung, Instant started,
                           Instant due, Instant previous) const {
  const Rung& step = def.ladder[rung];
  if (step.kind == protocol::RungKind::kOpens) {
    return WindowOpens(def, started, due);
  }
  if (step.kind == protocol::RungKind::kCloses) {
    return WindowCloses(def, due);
  }
  if (step.after) return After(*step.after, &def, previous);
  const int percent = step.percent.value_or(100);
  if (percent == 100) return due;
  // A share of the elapsed time between start and deadline: it moves with
  // them when the clock has been paused.
  const __int128 span = due.us - started.us;
  return Instant{started.us + static_cast<int64_t>(span * percent / 100)};
}

Instant Macrostep::FirstRungDue(ClockDefId def, Instant started,
                                Instant due) const {
  return RungDue(protocol.at(def), 0, started, due, started);
}

Instant Macrostep::TimeFor(const Subject& subject) const {
  return IsAboutRisk(subject) ? risk_now : due_now;
}

Instant Macrostep::TimeFor(ElementId element) const {
  return IsAboutRisk(element) ? risk_now : due_now;
}

bool Macrostep::IsOfPatient(const Subject& subject) const {
  return subject.kind == SubjectKind::kCase ||
         subject.kind == SubjectKind::kCadence ||
         subject.kind == SubjectKind::kRelease ||
         (subject.kind == SubjectKind::kItem &&
          subject.ordinal < state.items.size() &&
          state.items[subject.ordinal].owner.IsPatient());
}

// The deadline that worklists show, where the clock is that of it.
const Instant* Macrostep::DeadlineBy(const ClockState& clock) const {
  const uint32_t about = clock.subject.ordinal;
  if (clock.def.IsNone()) return nullptr;
  if (state.IsSignClock(clock.ordinal)) return nullptr;
  if (clock.subject.kind == SubjectKind::kMessage) {
    return about < state.messages.size() ? &state.messages[about].due : nullptr;
  }
  if (clock.subject.kind != SubjectKind::kItem || about >= state.items.size() ||
      protocol.at(state.items[about].key.element).due != clock.def) {
    return nullptr;
  }
  return &state.items[about].due;
}

void Macrostep::ChangeClock(ClockChanged changed) {
  const ClockState* clock = FindClock(changed.clock);
  const Instant* shown = clock == nullptr ? nullptr : DeadlineBy(*clock);
  if (shown != nullptr) {
    Instant due = changed.paused_at ? Instant::Never() : changed.due;
    // What is late stays late: a pause takes no duty away.
    if (*shown <= due_now) due = std::min(due, *shown);
    if (due != *shown) changed.subject_due = due;
  }
  Emit(std::move(changed));
}

void Macrostep::StandStill(uint32_t ordinal) {
  if (!state.paused_at) return;
  const ClockState& clock = *FindClock(ordinal);
  ChangeClock({ordinal, clock.started_at, clock.due, Instant::Never(), due_now,
               0, clock.next_due});
}

void Macrostep::StartClock(ClockDefId def, Subject subject, Instant from) {
  if (state.died_at && IsOfPatient(subject)) return;
  ClockStarted started;
  started.clock = state.next_clock;
  started.def = def;
  started.subject = subject;
  started.started_at = from;
  started.due = DueOf(def, from);
  started.next_due = FirstRungDue(def, from, started.due);
  Emit(started);
  // What the patient writes in a pause is answered in it.
  if (protocol.at(def).pauses && subject.kind != SubjectKind::kMessage) {
    StandStill(started.clock);
  }
}

void Macrostep::StartAs(const ClockState& clock, const Subject& subject) {
  const uint32_t ordinal = state.next_clock;
  if (clock.next_rung == 0) {
    Emit(ClockStarted{ordinal, clock.def, subject, clock.started_at, clock.due,
                      clock.next_due});
  } else {
    Emit(ClockAdopted{ordinal, clock.def, subject, clock.started_at, clock.due,
                      clock.next_rung, clock.next_due});
  }
  if (protocol.at(clock.def).pauses) StandStill(ordinal);
}

ClockState Macrostep::Fresh(ClockDefId def, Instant from) const {
  ClockState clock;
  clock.def = def;
  clock.started_at = from;
  clock.due = DueOf(def, from);
  clock.next_due = FirstRungDue(def, from, clock.due);
  return clock;
}

void Macrostep::StartCadence(ElementId element, Instant from) {
  const Subject cadence = {SubjectKind::kCadence, element.value};
  if (state.died_at || IsRunning(cadence)) return;  // opened by hand before
  StartRhythm(cadence, from, After(*protocol.at(element).every, nullptr, from));
}

void Macrostep::StartRhythm(const Subject& subject, Instant from, Instant due) {
  ClockStarted started;
  started.clock = state.next_clock;
  started.subject = subject;
  started.started_at = from;
  started.due = due;
  started.next_due = due;
  Emit(started);
  // A rhythm stands still while the case does; a date stays what it is.
  if (!IsDate(subject)) StandStill(started.clock);
}

bool Macrostep::IsRunning(const Subject& subject) const {
  return std::any_of(
      state.clocks.begin(), state.clocks.end(),
      [&](const ClockState& clock) { return clock.subject == subject; });
}

bool Macrostep::IsOver(const ClockDef& def) const {
  return std::any_of(
      def.stop.begin(), def.stop.end(), [this](const protocol::Trigger& stop) {
        return stop.kind == protocol::TriggerKind::kMilestone &&
               state.Reached(MilestoneId(stop.argument)) != nullptr;
      });
}

void Macrostep::RunOn(const ClockState& clock) {
  ClockAdopted again;
  again.clock = state.next_clock;
  again.def = clock.def;
  again.subject = clock.subject;
  again.started_at = clock.started_at;
  again.due = clock.due;
  again.next_rung = clock.next_rung;
  again.next_due = clock.next_due.IsNever() ? Planned(clock) : clock.next_due;
  Emit(again);
  if (protocol.at(clock.def).pauses) StandStill(again.clock);
}

namespace {

// A word of the ladder that reminds the patient of something.
bool Reminds(const Macrostep& m, ClockDefId def, TemplateId word) {
  if (def.IsNone()) return false;
  for (const Rung& rung : m.protocol.at(def).ladder) {
    for (const protocol::Action& action : rung.actions) {
      if (action.kind == protocol::ActionKind::kNotify && action.reminder &&
          action.message_template == word) {
        return true;
      }
    }
  }
  return false;
}

// The words to the patient that have not left and of which `holds` is true.
template <class Holds>
void StopWords(Macrostep& m, const char* why, Holds holds) {
  for (const PendingEffectState& pending :
       std::vector<PendingEffectState>(m.state.pending_effects)) {
    if (pending.to_patient && holds(pending) &&
        !WasAskedNow(m, pending.effect)) {
      m.StopEffect(pending.effect, why);
    }
  }
}

}  // namespace

void Macrostep::StopClock(uint32_t ordinal) {
  const ClockState* clock = FindClock(ordinal);
  const bool before = clock != nullptr && CountsDown(*clock);
  const ClockDefId def = clock == nullptr ? ClockDefId() : clock->def;
  Emit(ClockStopped{ordinal});
  if (state.pending_effects.empty()) return;
  // It was of what is done, moved or called off: nobody is to read it now.
  StopWords(*this, "what it reminds of is done",
            [&](const PendingEffectState& pending) {
              return pending.clock == ordinal &&
                     (before || Reminds(*this, def, pending.message_template));
            });
}

void StopReminders(Macrostep& m, const char* why) {
  StopWords(m, why, [&m](const PendingEffectState& pending) {
    const ClockState* clock = m.FindClock(pending.clock);
    return clock != nullptr && Reminds(m, clock->def, pending.message_template);
  });
}

void Macrostep::PutBack(ClockState clock, Duration earlier) {
  const ClockDef& def = protocol.at(clock.def);
  ClockChanged changed;
  changed.clock = clock.ordinal;
  changed.started_at = clock.started_at - earlier;
  changed.due = std::min(clock.due, DueOf(clock.def, changed.started_at));
  changed.paused_at = clock.paused_at;
  changed.waits_for_effect = clock.waits_for_effect;
  changed.held_due = clock.held_due;
  changed.next_due = clock.next_due;
  if (!clock.next_due.IsNever()) {
    changed.next_due = std::min(
        clock.next_due,
        PlannedRung(def, clock.next_rung, changed.started_at, changed.due));
  } else if (clock.held_due) {
    changed.held_due = std::min(
        *clock.held_due,
        PlannedRung(def, clock.next_rung, changed.started_at, changed.due));
  }
  ChangeClock(std::move(changed));
}

void Macrostep::StopClocks(Subject subject) {
  for (size_t i = state.clocks.size(); i-- > 0;) {
    if (state.clocks[i].subject == subject) {
      StopClock(state.clocks[i].ordinal);
    }
  }
}

void Macrostep::StopClocksOf(ClockDefId def) {
  for (size_t i = state.clocks.size(); i-- > 0;) {
    if (state.clocks[i].def == def &&
        state.clocks[i].subject.kind == SubjectKind::kCase) {
      StopClock(state.clocks[i].ordinal);
    }
  }
}

void Macrostep::PauseClocks() {
  for (const ClockState& clock : std::vector<ClockState>(state.clocks)) {
    const bool pauses = clock.def.IsNone() ? !IsDate(clock.subject)
                                           : protocol.at(clock.def).pauses;
    if (!pauses || clock.paused_at) continue;
    // What is already overdue stays due: a pause takes no duty away.
    if (clock.next_due <= due_now) continue;
    ChangeClock({clock.ordinal, clock.started_at, clock.due, Instant::Never(),
                 due_now, clock.waits_for_effect,
                 clock.next_due.IsNever() ? std::nullopt
                                          : std::optional(clock.next_due)});
  }
}

Instant Macrostep::AfterPause(Instant end, const Rest& rest, SpanUnit unit,
                              const ClockDef* def) const {
  const WorkCalendar* calendar =
      def == nullptr || def->calendar.IsNone()
          ? nullptr
          : &protocol.calendars[def->calendar.value].calendar;
  return EndAfterPause(end, unit, rest.from, std::max(rest.to, rest.from),
                       ZoneFor(def), calendar);
}

Instant Macrostep::RungAfterPause(const ClockState& clock, const Rest& rest,
                                  const ClockChanged& changed) const {
  const ClockDef& def = protocol.at(clock.def);
  if (clock.waits_for_effect != 0 || clock.next_rung >= def.ladder.size()) {
    return Instant::Never();  // it waits, or is used up
  }
  const Rung& rung = def.ladder[clock.next_rung];
  // States of early versions do not say when it was due.
  const Instant planned =
      PlannedRung(def, clock.next_rung, changed.started_at, changed.due);
  if (!clock.held_due) return std::max(rest.to, planned);
  if (!rung.after && rung.percent.value_or(100) != 100) {
    return std::max(rest.to, planned);  // a share of what has moved
  }
  const SpanUnit unit = rung.after ? rung.after->unit : def.budget.unit;
  return std::max(rest.to, AfterPause(*clock.held_due, rest, unit, &def));
}

ClockChanged Macrostep::GoesOn(const ClockState& clock,
                               const Rest& rest) const {
  const ClockDef& def = protocol.at(clock.def);
  const SpanUnit unit = def.budget.unit;
  ClockChanged changed;
  changed.clock = clock.ordinal;
  changed.waits_for_effect = clock.waits_for_effect;
  // What lies before the pause moves with it; the calendar is for what is left.
  changed.started_at =
      AfterPause(clock.started_at, rest,
                 NeedsCalendar(def.budget) ? SpanUnit::kHours : unit, &def);
  changed.due = AfterPause(clock.due, rest, unit, &def);
  changed.next_due = RungAfterPause(clock, rest, changed);
  return changed;
}

void Macrostep::ResumeClocks() {
  for (const ClockState& clock : std::vector<ClockState>(state.clocks)) {
    if (!clock.paused_at) continue;
    const Rest rest = {*clock.paused_at, due_now};
    if (!clock.def.IsNone()) {
      ChangeClock(GoesOn(clock, rest));
      continue;
    }
    // A rhythm goes on from its place.
    const SpanUnit unit = RhythmOf(clock.subject).unit;
    ClockChanged changed;
    changed.clock = clock.ordinal;
    changed.waits_for_effect = clock.waits_for_effect;
    changed.started_at = AfterPause(clock.started_at, rest, unit, nullptr);
    changed.due =
        AfterPause(clock.held_due.value_or(clock.due), rest, unit, nullptr);
    changed.next_due = changed.due;
    ChangeClock(std::move(changed));
  }
}

Span Macrostep::RhythmOf(const Subject& subject) const {
  if (subject.kind == SubjectKind::kRelease) {
    const size_t enrolment = subject.ordinal >> 16;
    if (enrolment < state.enrolments.size()) {
      const auto& every =
          protocol.at(state.enrolments[enrolment].program).every;
      if (every) return *every;
    }
    return {1, SpanUnit::kWeeks};
  }
  const ElementId element(static_cast<uint16_t>(subject.ordinal));
  return protocol.at(element).every.value_or(Span{1, SpanUnit::kWeeks});
}

const ClockState* Macrostep::FindClock(uint32_t ordinal) const {
  for (const ClockState& clock : state.clocks) {
    if (clock.ordinal == ordinal) return &clock;
  }
  return nullptr;
}

void Macrostep::EndEffect(const EffectSettled& settled) {
  Emit(settled);
  for (const ClockState& clock : std::vector<ClockState>(state.clocks)) {
    if (clock.waits_for_effect != settled.effect) continue;
    const Instant next = settled.expired ? Planned(clock) : PlannedAfter(clock);
    // A clock that is paused goes on when the case does.
    ClockChanged changed{clock.ordinal, clock.started_at, clock.due,
                         next,          clock.paused_at,  0};
    if (clock.paused_at) {
      changed.next_due = Instant::Never();
      if (!next.IsNever()) changed.held_due = next;
    }
    Emit(changed);
  }
}

bool Macrostep::StopEffect(uint64_t effect, const char* why) {
  const bool waits =
      std::any_of(state.pending_effects.begin(), state.pending_effects.end(),
                  [effect](const PendingEffectState& pending) {
                    return pending.effect == effect;
                  });
  if (waits) EndEffect({effect, false, why, true});
  return waits;
}

Instant Macrostep::PlannedRung(const ClockDef& def, size_t rung,
                               Instant started, Instant due) const {
  Instant at = started;
  for (size_t i = 0; i <= rung; ++i) at = RungDue(def, i, started, due, at);
  return at;
}

Instant Macrostep::Planned(const ClockState& clock) const {
  const ClockDef& def = protocol.at(clock.def);
  if (clock.next_rung >= def.ladder.size()) return Instant::Never();
  return std::max(
      due_now, PlannedRung(def, clock.next_rung, clock.started_at, clock.due));
}

Instant Macrostep::PlannedAfter(const ClockState& clock) const {
  const ClockDef& def = protocol.at(clock.def);
  if (clock.next_rung >= def.ladder.size()) return Instant::Never();
  // The distance that the ladder has between the two rungs, from now.
  const Instant planned =
      PlannedRung(def, clock.next_rung, clock.started_at, clock.due);
  const Instant before =
      clock.next_rung == 0
          ? clock.started_at
          : PlannedRung(def, clock.next_rung - 1u, clock.started_at, clock.due);
  const Duration distance = std::max(planned - before, Duration{0});
  return std::max(planned, due_now + distance);
}

}  // namespace stepwell::engine
