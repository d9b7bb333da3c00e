#include "engine/availability.h"

#include <algorithm>

namespace stepwell::engine {

using protocol::Element;
using protocol::ReleasePolicy;

int32_t EnrolmentOf(const protocol::Protocol& protocol, const CaseState& state,
                    ProgramRef program) {
  const PhaseId phase = protocol.at(program).phase;
  const bool carries = !phase.IsNone() && protocol.at(phase).carries;
  for (size_t i = state.enrolments.size(); i-- > 0;) {
    const EnrolmentState& enrolment = state.enrolments[i];
    if (enrolment.program == program &&
        (carries || enrolment.episode == state.episode())) {
      return static_cast<int32_t>(i);
    }
  }
  return -1;
}

int32_t RunningEnrolmentOf(const protocol::Protocol& protocol,
                           const CaseState& state, ProgramRef program) {
  const int32_t index = EnrolmentOf(protocol, state, program);
  return index >= 0 && state.enrolments[static_cast<size_t>(index)].IsRunning()
             ? index
             : -1;
}

std::vector<ElementId> SequenceOf(const protocol::Protocol& protocol,
                                  const EnrolmentState& enrolment) {
  std::vector<ElementId> sequence;
  EachModule(protocol, enrolment, [&](ElementId id) {
    sequence.push_back(id);
    return true;
  });
  return sequence;
}

bool IsChecked(const protocol::Protocol& protocol,
               const EnrolmentState& enrolment) {
  return (protocol.at(enrolment.program).checked_levels >> enrolment.guidance &
          1u) != 0;
}

bool Availability::IsFinished(ElementId element) const {
  const ItemState* item = LatestItem(protocol_, state_, element);
  return item != nullptr && (item->status == ItemStatus::kDone ||
                             item->status == ItemStatus::kSkipped);
}

bool Availability::NeedsMet(const Element& element) const {
  return std::all_of(element.needs.begin(), element.needs.end(),
                     [&](ElementId need) { return IsFinished(need); });
}

bool Availability::IsLocked(ElementId element) const {
  if (state_.locks.empty()) return false;
  const ProgramRef program = protocol_.at(element).program;
  const int32_t enrolment =
      program.IsNone() ? -1 : EnrolmentOf(protocol_, state_, program);
  return std::any_of(
      state_.locks.begin(), state_.locks.end(), [&](const LockState& lock) {
        return lock.element == element && lock.episode == state_.episode() &&
               lock.enrolment == enrolment + 1;
      });
}

bool Availability::IsOutside(ElementId element) const {
  const ProgramRef program = protocol_.at(element).program;
  if (program.IsNone()) return false;
  const int32_t index = EnrolmentOf(protocol_, state_, program);
  return index >= 0 && state_.enrolments[static_cast<size_t>(index)].outside;
}

bool Availability::IsPartOf(const EnrolmentState& enrolment,
                            ElementId element) const {
  const Element& of = protocol_.at(element);
  const ElementId module = !of.exercise_of.IsNone() ? of.exercise_of
                           : !of.checks.IsNone()    ? of.checks
                                                    : element;
  bool found = false;
  EachModule(protocol_, enrolment, [&](ElementId id) {
    found = found || id == module;
    return !found;
  });
  return found;
}

bool Availability::IsHandedIn(ElementId module) const {
  const ItemState* item = LatestItem(protocol_, state_, module);
  if (item == nullptr) return false;
  if (item->status == ItemStatus::kSkipped) return true;
  if (item->status != ItemStatus::kDone) return false;
  const auto& exercises = protocol_.at(module).exercises;
  return std::all_of(exercises.begin(), exercises.end(), [&](ElementId id) {
    return protocol_.at(id).optional || IsFinished(id);
  });
}

bool Availability::IsApproved(const EnrolmentState& enrolment,
                              ElementId module) const {
  if (!IsHandedIn(module)) return false;
  const ElementId check = protocol_.at(module).check;
  return check.IsNone() || !IsChecked(protocol_, enrolment) ||
         LatestItem(protocol_, state_, module)->status ==
             ItemStatus::kSkipped ||
         IsFinished(check);
}

std::vector<ElementId> Availability::ModulesBefore(
    const EnrolmentState& enrolment, ElementId module) const {
  const Element& element = protocol_.at(module);
  if (!element.chained) return element.needs;
  std::vector<ElementId> before;
  EachModule(protocol_, enrolment, [&](ElementId id) {
    if (id == module) return false;
    if (!protocol_.at(id).optional) before.assign(1, id);
    return true;
  });
  return before;
}

size_t Availability::WeeksBefore(const EnrolmentState& enrolment,
                                 ElementId module) const {
  size_t before = 0;
  EachModule(protocol_, enrolment, [&](ElementId id) {
    if (id == module) return false;
    if (protocol_.at(id).release == ReleasePolicy::kWeekly) ++before;
    return true;
  });
  return before;
}

bool Availability::IsMastered(const EnrolmentState& enrolment,
                              ElementId module) const {
  uint64_t since = 0;
  for (const ElementId id : ModulesBefore(enrolment, module)) {
    const ItemState* item = LatestItem(protocol_, state_, id);
    if (item != nullptr) since = std::max(since, item->opened_seq);
  }
  const protocol::Mastery& mastery = protocol_.at(module).mastery;
  const ScoreState* latest = nullptr;
  for (const ScoreState& score : state_.scores) {
    if (score.instrument == mastery.instrument && !score.is_void &&
        score.episode == state_.episode() && score.seq > since &&
        (latest == nullptr || IsLater(score, *latest))) {
      latest = &score;
    }
  }
  if (latest == nullptr || !latest->score) return false;
  const auto& [numerator, denominator] = *latest->score;
  return (!mastery.at_least || numerator >= *mastery.at_least * denominator) &&
         (!mastery.at_most || numerator <= *mastery.at_most * denominator);
}

bool Availability::IsModuleReleased(const EnrolmentState& enrolment,
                                    ElementId id) const {
  const Element& module = protocol_.at(id);
  if (!IsPartOf(enrolment, id) || !NeedsMet(module)) return false;
  const auto all = [&](auto holds) {
    const std::vector<ElementId> before = ModulesBefore(enrolment, id);
    return std::all_of(before.begin(), before.end(), holds);
  };
  switch (module.release) {
    case ReleasePolicy::kImmediate:
      return true;
    case ReleasePolicy::kManual:
      return false;
    case ReleasePolicy::kWeekly:
      return enrolment.weeks >= WeeksBefore(enrolment, id);
    case ReleasePolicy::kOnDate:
      return Contains(enrolment.released, id);
    case ReleasePolicy::kOnHomework:
      return all([&](ElementId before) { return IsHandedIn(before); });
    case ReleasePolicy::kOnApproval:
      return all(
          [&](ElementId before) { return IsApproved(enrolment, before); });
    case ReleasePolicy::kOnMastery:
      return ModulesBefore(enrolment, id).empty() ||
             (all([&](ElementId before) { return IsHandedIn(before); }) &&
              IsMastered(enrolment, id));
  }
  return false;
}

bool Availability::IsReleased(const EnrolmentState& enrolment,
                              ElementId id) const {
  const Element& element = protocol_.at(id);
  if (!element.checks.IsNone()) {
    const ItemState* module = LatestItem(protocol_, state_, element.checks);
    return IsChecked(protocol_, enrolment) && module != nullptr &&
           module->status == ItemStatus::kDone && NeedsMet(element);
  }
  // What staff owe for work that was handed in outlives the enrolment.
  if (!enrolment.IsRunning()) return false;
  if (element.exercise_of.IsNone()) return IsModuleReleased(enrolment, id);
  const ItemState* module = LatestItem(protocol_, state_, element.exercise_of);
  return module != nullptr && module->status != ItemStatus::kSkipped &&
         module->status != ItemStatus::kCancelled;
}

bool Availability::IsOffered(ElementId id, GuardEvaluator& guards) const {
  const Element& element = protocol_.at(id);
  const PhaseId phase = element.phase;
  if (element.mode != protocol::ItemMode::kOffered || state_.IsClosed() ||
      state_.died_at || element.performer != protocol::Performer::kPatient ||
      (!phase.IsNone() && !IsOutside(id) &&
       state_.tracks[protocol_.at(phase).track.value].phase != phase)) {
    return false;
  }
  const ItemState* latest = LatestItem(protocol_, state_, id);
  if (latest != nullptr && latest->status != ItemStatus::kCancelled) {
    return false;
  }
  const ProgramRef program = element.program;
  if (program.IsNone()) {
    if (!NeedsMet(element)) return false;
  } else {
    const int32_t index = EnrolmentOf(protocol_, state_, program);
    if (index < 0 ||
        !IsReleased(state_.enrolments[static_cast<size_t>(index)], id)) {
      return false;
    }
  }
  return !IsLocked(id) && guards.Opens(element.when);
}

std::vector<ElementId> OfferedItems(const protocol::Protocol& protocol,
                                    const CaseState& state, Instant now) {
  const Availability available(protocol, state);
  GuardEvaluator guards(protocol, state, now);
  std::vector<ElementId> offered;
  for (uint16_t i = 0; i < protocol.elements.size(); ++i) {
    if (available.IsOffered(ElementId(i), guards)) {
      offered.emplace_back(i);
    }
  }
  return offered;
}

}  // namespace stepwell::engine
