// Items: what opens when, for whom, and how it ends.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/macrostep.h"

namespace stepwell::engine {

using protocol::Element;
using protocol::ItemKind;
using protocol::ItemMode;
using protocol::Performer;
using protocol::ReleasePolicy;
using protocol::TriggerKind;

Owner Macrostep::OnDuty(PoolId pool) const {
  PoolId candidate = pool;
  Owner open_queue;
  for (size_t i = 0; i <= protocol.pools.size(); ++i) {
    if (candidate.IsNone()) break;
    const protocol::Pool& definition = protocol.at(candidate);
    const bool open =
        definition.calendar.IsNone() ||
        protocol.calendars[definition.calendar.value].calendar.IsOpen(risk_now);
    if (open) {
      const StaffId staff = world.OnDuty(candidate, risk_now);
      if (staff.value != 0) return {OwnerKind::kPool, candidate, staff};
      if (open_queue.IsNobody()) {
        open_queue = {OwnerKind::kPool, candidate, {}};
      }
    }
    candidate = definition.fallback;
  }
  // An open queue of the chain; failing that the pool that was meant.
  return open_queue.IsNobody() ? Owner{OwnerKind::kPool, pool, {}} : open_queue;
}

Owner Macrostep::OwnerIn(PoolId pool, const Subject& about) const {
  const Owner on_duty = OnDuty(pool);
  if (on_duty.pool == pool || IsAboutRisk(about)) return on_duty;
  // Deadlines in working time end when the clinic closes: what can wait is for
  // the pool in the morning, and not for those on call at night.
  const bool has_members = world.OnDuty(pool, risk_now).value != 0;
  return has_members ? Owner{OwnerKind::kPool, pool, {}} : on_duty;
}

Owner Macrostep::OwnerFor(const Element& element) const {
  switch (element.performer) {
    case Performer::kPatient:
      return Patient();
    case Performer::kOwner:
      return state.owner;
    case Performer::kPool:
      return {OwnerKind::kPool, element.pool, {}};
  }
  return state.owner;
}

uint32_t Macrostep::OpenItem(ElementId id, std::string note) {
  const Element& element = protocol.at(id);
  uint16_t occurrence = 1;
  for (const ItemState& item : state.items) {
    if (item.key.element == id && item.key.episode == state.episode()) {
      occurrence = static_cast<uint16_t>(item.key.occurrence + 1);
    }
  }
  const uint32_t ordinal = static_cast<uint32_t>(state.items.size());
  ItemOpened opened;
  opened.key = {id, state.episode(), occurrence};
  opened.owner = OwnerFor(element);
  opened.priority = static_cast<int8_t>(element.priority);
  opened.note = std::move(note);
  const Instant from = TimeFor(id);
  if (!element.due.IsNone()) opened.due = DueOf(element.due, from);
  if (!element.program.IsNone() && element.module == 0 &&
      element.kind == ItemKind::kModule && occurrence == 1) {
    Emit(EnrolmentStarted{element.program});
  }
  Emit(std::move(opened));
  const Subject subject = {SubjectKind::kItem, ordinal};
  if (!element.due.IsNone()) StartClock(element.due, subject, from);
  if (element.every && occurrence == 1) StartCadence(id, from);
  Raise(TriggerKind::kItemAvailable, id.value, {}, subject, now);
  return ordinal;
}

void Macrostep::FinishItem(uint32_t ordinal, OutcomeId outcome,
                           std::optional<int32_t> minutes) {
  const ElementId id = state.items[ordinal].key.element;
  const Element& element = protocol.at(id);
  const Subject subject = {SubjectKind::kItem, ordinal};
  Emit(ItemDone{ordinal, outcome, minutes});
  StopClocks(subject);
  if (element.kind == ItemKind::kModule && !element.program.IsNone()) {
    Emit(ModuleCompleted{element.program, element.module});
  }
  CompleteProgram(id);
  if (element.kind == ItemKind::kMessage) {
    protocol::Action letter;
    letter.kind = protocol::ActionKind::kNotify;
    letter.to = protocol::Recipient::kReferrer;
    Notify(letter, {TriggerKind::kItemDone, id.value, outcome, subject},
           UINT32_MAX);
  }
  Raise(TriggerKind::kItemDone, id.value, outcome, subject);
  if (!outcome.IsNone()) {
    Raise(TriggerKind::kDecision, id.value, outcome, subject);
  }
}

void Macrostep::CompleteProgram(ElementId id) {
  const Element& element = protocol.at(id);
  const ElementId module = element.checks.IsNone() ? id : element.checks;
  const ProgramRef program = protocol.at(module).program;
  if (program.IsNone()) return;
  for (ElementId other : protocol.programs[program.value].modules) {
    const ItemState* item = LatestItem(protocol, state, other);
    if (item == nullptr || (item->status != ItemStatus::kDone &&
                            item->status != ItemStatus::kSkipped)) {
      return;
    }
    const ElementId check = protocol.at(other).check;
    if (item->status == ItemStatus::kDone && !check.IsNone() &&
        !IsFinished(check)) {
      return;
    }
  }
  for (const EnrolmentState& enrolment : state.enrolments) {
    if (enrolment.program != program || enrolment.completed) continue;
    Emit(ProgramCompleted{program});
    Raise(TriggerKind::kProgramCompleted, program.value);
    return;
  }
}

void Macrostep::EndItem(uint32_t ordinal, ItemStatus status) {
  const ElementId id = state.items[ordinal].key.element;
  const Subject subject = {SubjectKind::kItem, ordinal};
  Emit(ItemEnded{ordinal, status});
  StopClocks(subject);
  if (status == ItemStatus::kSkipped) {
    CompleteProgram(id);
    Raise(TriggerKind::kItemSkipped, id.value, {}, subject);
  } else if (status == ItemStatus::kExpired) {
    Raise(TriggerKind::kItemExpired, id.value, {}, subject, now);
  }
}

int64_t Macrostep::OpenItemOf(ElementId element) const {
  for (size_t i = state.items.size(); i-- > 0;) {
    if (state.items[i].key.element == element &&
        IsOpen(state.items[i].status)) {
      return static_cast<int64_t>(i);
    }
  }
  return -1;
}

bool Macrostep::OpensFor(const Element& element) const {
  if (!state.died_at) return true;
  return element.performer != Performer::kPatient &&
         (element.kind == ItemKind::kMessage ||
          (element.kind == ItemKind::kDecision && !element.by_data));
}

bool Macrostep::Outlives(ElementId id) const {
  const Element& element = protocol.at(id);
  return element.kind == ItemKind::kMessage || element.keep_on_exit ||
         id == protocol.review_element || IsAboutRisk(id);
}

bool Macrostep::IsCurrent(const ItemKey& key) const {
  if (Outlives(key.element)) return true;
  if (state.IsClosed()) return false;
  const PhaseId phase = protocol.at(key.element).phase;
  if (phase.IsNone()) return key.episode == state.episode();
  const protocol::Phase& of = protocol.at(phase);
  return (key.episode == state.episode() || of.carries) &&
         state.tracks[of.track.value].phase == phase;
}

void Macrostep::CancelItems(ElementId element) {
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    if (state.items[i].key.element == element &&
        IsOpen(state.items[i].status)) {
      EndItem(i, ItemStatus::kCancelled);
    }
  }
}

void Macrostep::OpenReview(std::string topic, std::string_view details) {
  for (const ItemState& item : state.items) {
    if (item.key.element == protocol.review_element && IsOpen(item.status) &&
        item.note.starts_with(topic) &&
        (item.note.size() == topic.size() || item.note[topic.size()] == ';')) {
      return;
    }
  }
  topic += details;
  OpenItem(protocol.review_element, std::move(topic));
}

bool Macrostep::IsFinished(ElementId element) const {
  const ItemState* item = LatestItem(protocol, state, element);
  return item != nullptr && (item->status == ItemStatus::kDone ||
                             item->status == ItemStatus::kSkipped);
}

bool Macrostep::NeedsMet(const Element& element) const {
  return std::all_of(element.needs.begin(), element.needs.end(),
                     [&](ElementId need) { return IsFinished(need); });
}

bool Macrostep::Released(const Element& element) const {
  if (element.kind != ItemKind::kModule || element.program.IsNone() ||
      element.release == ReleasePolicy::kImmediate) {
    return true;
  }
  if (element.release == ReleasePolicy::kManual) return false;
  if (element.module == 0) return true;
  const auto& modules = protocol.programs[element.program.value].modules;
  const ElementId before = modules[element.module - 1];
  const ItemState* item = LatestItem(protocol, state, before);
  if (item == nullptr) return false;
  if (item->status == ItemStatus::kSkipped) return true;
  if (item->status != ItemStatus::kDone) return false;
  if (element.release == ReleasePolicy::kOnHomework) return true;
  const ElementId check = protocol.at(before).check;
  return check.IsNone() || IsFinished(check);
}

// Whether an element of the phase that has had an item may have another by
// itself.
bool Macrostep::OpensAgain(const ItemState& latest,
                           const protocol::Phase& phase,
                           const TrackState& track) const {
  const bool other_episode = latest.key.episode != state.episode();
  if ((other_episode && !phase.carries) ||
      (!phase.resume && latest.opened_seq < track.entered_seq)) {
    return true;  // the phase starts afresh
  }
  // What leaving the phase cancelled opens again when it is entered again.
  return latest.status == ItemStatus::kCancelled &&
         latest.ended_seq < track.entered_seq;
}

bool Macrostep::OpenAvailable() {
  bool any = false;
  // One pass over the items instead of one an element: each element stands in
  // one phase, so what opens below is not asked for again.
  latest_.assign(protocol.elements.size(), -1);
  for (size_t i = 0; i < state.items.size(); ++i) {
    const uint16_t element = state.items[i].key.element.value;
    if (element < latest_.size()) latest_[element] = static_cast<int32_t>(i);
  }
  const auto begun = [&](ElementId need) { return latest_[need.value] >= 0; };
  for (size_t t = 0; t < state.tracks.size(); ++t) {
    if (state.tracks[t].phase.IsNone()) continue;
    const protocol::Phase& phase = protocol.at(state.tracks[t].phase);
    for (ElementId id : phase.elements) {
      const int32_t latest = latest_[id.value];
      if (latest >= 0 && !OpensAgain(state.items[static_cast<size_t>(latest)],
                                     phase, state.tracks[t])) {
        continue;
      }
      const Element& element = protocol.at(id);
      if (element.mode != ItemMode::kAuto || !OpensFor(element) ||
          !std::all_of(element.needs.begin(), element.needs.end(), begun)) {
        continue;
      }
      if (!NeedsMet(element) || !Released(element)) continue;
      if (guards_.Evaluate(element.when) != fhirpath::Tri::kTrue) continue;
      OpenItem(id);
      any = true;
    }
  }
  return any;
}

}  // namespace stepwell::engine
