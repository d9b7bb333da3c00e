// Clocks: budgets, ladders, pauses, cadences. A deadline is computed here and
// recorded in the event, so that a later zone database cannot change the past.
#include <algorithm>

#include "engine/macrostep.h"

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
  if (state.paused_at && protocol.at(def).pauses) {
    Emit(ClockChanged{started.clock, from, started.due, Instant::Never(),
                      due_now, 0});
  }
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
  if (state.paused_at && !IsDate(subject)) {
    Emit(ClockChanged{started.clock, from, due, Instant::Never(), due_now, 0});
  }
}

bool Macrostep::IsRunning(const Subject& subject) const {
  return std::any_of(
      state.clocks.begin(), state.clocks.end(),
      [&](const ClockState& clock) { return clock.subject == subject; });
}

void Macrostep::StopClock(uint32_t ordinal) { Emit(ClockStopped{ordinal}); }

void Macrostep::PutBack(ClockState clock, Duration earlier) {
  const ClockDef& def = protocol.at(clock.def);
  ClockChanged changed;
  changed.clock = clock.ordinal;
  changed.started_at = clock.started_at - earlier;
  changed.due = std::min(clock.due, DueOf(clock.def, changed.started_at));
  changed.paused_at = clock.paused_at;
  changed.waits_for_effect = clock.waits_for_effect;
  changed.next_due = clock.next_due;
  if (!clock.next_due.IsNever()) {
    changed.next_due = std::min(
        clock.next_due,
        PlannedRung(def, clock.next_rung, changed.started_at, changed.due));
  }
  Emit(changed);
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
    // A cadence keeps its place in `due`: resuming goes on from there.
    Emit(ClockChanged{clock.ordinal, clock.started_at,
                      clock.def.IsNone() ? clock.next_due : clock.due,
                      Instant::Never(), due_now, clock.waits_for_effect});
  }
}

void Macrostep::ResumeClocks() {
  for (const ClockState& clock : std::vector<ClockState>(state.clocks)) {
    if (!clock.paused_at) continue;
    const Duration paused = std::max(due_now - *clock.paused_at, Duration{0});
    ClockChanged changed;
    changed.clock = clock.ordinal;
    changed.started_at = clock.started_at + paused;
    changed.due = clock.due + paused;
    changed.waits_for_effect = clock.waits_for_effect;
    if (clock.def.IsNone()) {
      changed.next_due = changed.due;
    } else if (clock.waits_for_effect != 0 ||
               clock.next_rung >= protocol.at(clock.def).ladder.size()) {
      changed.next_due = Instant::Never();  // it waits, or is used up
    } else {
      changed.next_due =
          std::max(due_now, PlannedRung(protocol.at(clock.def), clock.next_rung,
                                        changed.started_at, changed.due));
    }
    Emit(changed);
  }
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
    Emit(ClockChanged{clock.ordinal, clock.started_at, clock.due,
                      clock.paused_at ? Instant::Never() : next,
                      clock.paused_at, 0});
  }
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
