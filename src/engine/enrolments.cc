// Enrolments: one taking of a program each. Which modules it has in which
// order, when each is released, and how it ends.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/macrostep.h"

namespace stepwell::engine {

using protocol::ImportedProgram;
using protocol::ReleasePolicy;
using protocol::TriggerKind;

EnrolmentChanged AsItIs(const CaseState& state, uint16_t enrolment) {
  const EnrolmentState& is = state.enrolments[enrolment];
  return {static_cast<uint16_t>(enrolment + 1),
          is.program,
          is.guidance,
          is.language,
          is.sequence,
          is.sets};
}

void AddSet(const protocol::Protocol& protocol, ProgramRef program, uint8_t set,
            std::vector<ElementId>& sequence) {
  for (const ElementId id : protocol.at(program).modules) {
    if (protocol.at(id).set == set && !Contains(sequence, id)) {
      sequence.push_back(id);
    }
  }
}

bool Macrostep::Enrol(ProgramRef program, std::optional<uint8_t> guidance,
                      std::string language, bool outside) {
  const int32_t last = EnrolmentOf(protocol, state, program);
  if (last >= 0 && state.enrolments[static_cast<size_t>(last)].IsRunning()) {
    return false;
  }
  EnrolmentStarted started;
  started.program = program;
  // A new taking is guided as the one before was.
  const size_t levels = protocol.at(program).guidance.size();
  if (guidance && *guidance >= levels) guidance.reset();
  started.guidance = guidance.value_or(
      last < 0 ? uint8_t{0}
               : state.enrolments[static_cast<size_t>(last)].guidance);
  started.language = std::move(language);
  started.outside = outside;
  Emit(std::move(started));
  ArmReleases(static_cast<uint16_t>(state.enrolments.size() - 1));
  Raise(TriggerKind::kProgramStarted, program.value);
  return true;
}

void Macrostep::EndEnrolment(uint16_t enrolment) {
  const ProgramRef program = state.enrolments[enrolment].program;
  const uint16_t number = static_cast<uint16_t>(enrolment + 1);
  Emit(EnrolmentEnded{number, program});
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    // What staff still owe the patient, the check of what was handed in, stays.
    if (item.key.enrolment == number && IsOpen(item.status) &&
        item.owner.IsPatient()) {
      EndItem(i, ItemStatus::kCancelled);
    }
  }
  StopReleases(enrolment);
  Raise(TriggerKind::kProgramEnded, program.value);
}

void Macrostep::ChangeEnrolment(EnrolmentChanged changed) {
  const uint16_t number = changed.enrolment;
  const uint16_t enrolment = static_cast<uint16_t>(number - 1);
  const bool checked = IsChecked(protocol, state.enrolments[enrolment]);
  Emit(std::move(changed));
  const EnrolmentState& now_is = state.enrolments[enrolment];
  // What is no longer part of it is asked for no more.
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    if (item.key.enrolment == number && item.status == ItemStatus::kAvailable &&
        item.owner.IsPatient() &&
        !available.IsPartOf(now_is, item.key.element)) {
      EndItem(i, ItemStatus::kCancelled);
    }
  }
  ArmReleases(enrolment);
  // What was handed in waits for no check any more: it may have been the last.
  if (checked && !IsChecked(protocol, now_is) && now_is.modules_done > 0) {
    CompleteProgram(protocol.at(now_is.program).modules.front());
  }
}

std::optional<EnrolmentChanged> Macrostep::ToChange(ProgramRef program,
                                                    const char* what) {
  const int32_t found = RunningEnrolmentOf(protocol, state, program);
  if (found >= 0) return AsItIs(state, static_cast<uint16_t>(found));
  OpenReview(absl::StrCat(what, " for ", protocol.at(program).name,
                          ", in which nobody is enrolled"));
  return std::nullopt;
}

void Macrostep::ChooseSet(ProgramRef program, uint8_t set) {
  auto changed = ToChange(program, "modules were chosen");
  if (!changed || Contains(changed->sets, set)) return;
  changed->sets.push_back(set);
  std::sort(changed->sets.begin(), changed->sets.end());
  // A sequence of its own gets the modules at its end.
  if (!changed->sequence.empty()) {
    AddSet(protocol, program, set, changed->sequence);
  }
  ChangeEnrolment(*std::move(changed));
}

void Macrostep::Guide(ProgramRef program, uint8_t level) {
  auto changed = ToChange(program, "guidance was changed");
  if (!changed || changed->guidance == level) return;
  changed->guidance = level;
  ChangeEnrolment(*std::move(changed));
}

void Macrostep::StopReleases(uint16_t enrolment) {
  for (size_t i = state.clocks.size(); i-- > 0;) {
    const Subject& subject = state.clocks[i].subject;
    if (subject.kind == SubjectKind::kRelease &&
        subject.ordinal >> 16 == enrolment) {
      StopClock(state.clocks[i].ordinal);
    }
  }
}

void Macrostep::ArmReleases(uint16_t index) {
  if (!state.enrolments[index].IsRunning() || state.died_at) return;
  for (const ElementId id : SequenceOf(protocol, state.enrolments[index])) {
    if (protocol.at(id).release == ReleasePolicy::kOnDate) ArmDate(index, id);
  }
  const Subject pace = ReleaseSubject(index, kNextWeekly);
  const EnrolmentState& enrolment = state.enrolments[index];
  if (IsRunning(pace) || !protocol.at(enrolment.program).every) return;
  Span past = *protocol.at(enrolment.program).every;
  past.amount *= enrolment.weeks;
  NextWeek(index, past.amount == 0
                      ? enrolment.started_at
                      : After(past, nullptr, enrolment.started_at));
}

void Macrostep::Release(uint16_t index, ElementId module) {
  Emit(ModuleReleased{static_cast<uint16_t>(index + 1),
                      state.enrolments[index].program, module});
}

void Macrostep::NextWeek(uint16_t index, Instant from) {
  const Span every = *protocol.at(state.enrolments[index].program).every;
  // Where the sequence has grown after its last week, time has gone on without
  // it: what should have been released by now is.
  while (WeeksLeft(index)) {
    const Instant due = After(every, nullptr, from);
    if (due > due_now) {
      StartRhythm(ReleaseSubject(index, kNextWeekly), from, due);
      return;
    }
    Release(index, {});
    from = due;
  }
}

bool Macrostep::WeeksLeft(uint16_t index) const {
  const EnrolmentState& enrolment = state.enrolments[index];
  const size_t weekly = available.WeeksBefore(enrolment, ElementId());
  // The first weekly module is there from the beginning.
  return weekly > enrolment.weeks + 1u;
}

void Macrostep::ArmDate(uint16_t index, ElementId id) {
  const EnrolmentState& enrolment = state.enrolments[index];
  if (Contains(enrolment.released, id)) return;
  std::optional<int64_t> days = protocol.at(id).date;
  for (const FactState& fact : state.facts) {
    if (!days && fact.fact == protocol.at(id).date_fact &&
        fact.value.kind == FactValue::Kind::kDate) {
      days = fact.value.number;
    }
  }
  if (!days) {
    StopClocks(ReleaseSubject(index, id.value));  // it is not known any more
    return;
  }
  const Date date{static_cast<int32_t>(*days)};
  const Instant due = FirstAtOrAfter(*protocol.zone, {date, 0});
  const Subject subject = ReleaseSubject(index, id.value);
  for (const ClockState& clock : std::vector<ClockState>(state.clocks)) {
    if (clock.subject != subject) continue;
    if (clock.due == due) return;
    StopClock(clock.ordinal);  // the date is another one now
  }
  if (due <= due_now) {
    Release(index, id);
  } else {
    StartRhythm(subject, due_now, due);
  }
}

void Macrostep::FireRelease(const ClockState& clock) {
  const uint16_t index = static_cast<uint16_t>(clock.subject.ordinal >> 16);
  const ElementId element(static_cast<uint16_t>(clock.subject.ordinal));
  ClockFired fired;
  fired.clock = clock.ordinal;
  fired.subject = clock.subject;
  fired.due = clock.next_due;
  Emit(fired);
  StopClock(clock.ordinal);
  Release(index, IsDate(clock.subject) ? element : ElementId());
  // The next week counts from this one, so that a pause moves them all.
  if (!IsDate(clock.subject) && state.enrolments[index].IsRunning()) {
    NextWeek(index, clock.next_due);
  }
}

bool Macrostep::OpensInProgram(ElementId id) {
  const ProgramRef program = protocol.at(id).program;
  int32_t index = EnrolmentOf(protocol, state, program);
  if (index < 0) {
    if (!MayEnrol(program)) return false;
    Enrol(program, std::nullopt, "");
    index = static_cast<int32_t>(state.enrolments.size()) - 1;
  }
  return available.IsReleased(state.enrolments[static_cast<size_t>(index)], id);
}

bool Macrostep::MayEnrol(ProgramRef program) {
  const ImportedProgram& of = protocol.at(program);
  return of.mode == protocol::ItemMode::kAuto && !state.died_at &&
         std::all_of(
             of.needs.begin(), of.needs.end(),
             [&](ElementId need) { return available.IsFinished(need); }) &&
         guards_.Opens(of.when);
}

void Macrostep::CompleteProgram(ElementId id) {
  const ProgramRef program = protocol.at(id).program;
  if (program.IsNone()) return;
  const int32_t index = RunningEnrolmentOf(protocol, state, program);
  if (index < 0) return;
  const EnrolmentState& enrolment =
      state.enrolments[static_cast<size_t>(index)];
  bool complete = true;
  EachModule(protocol, enrolment, [&](ElementId other) {
    complete =
        protocol.at(other).optional || available.IsApproved(enrolment, other);
    return complete;
  });
  if (!complete) return;
  Emit(ProgramCompleted{program});
  StopReleases(static_cast<uint16_t>(index));
  Raise(TriggerKind::kProgramCompleted, program.value);
}

}  // namespace stepwell::engine
