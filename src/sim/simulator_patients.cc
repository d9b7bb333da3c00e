// What virtual patients do: forms, modules, messages; and what they no longer
// do once they have left.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/simulator.h"

namespace stepwell::sim {

using protocol::Element;
using protocol::ItemKind;

namespace {

constexpr double kDayUs = 86'400e6;

Instant AfterDays(Instant from, double days) {
  return from + Microseconds(RoundToInt(std::min(days, 40'000.0) * kDayUs));
}

}  // namespace

void Simulator::OnItemOpened(uint32_t slot, uint32_t ordinal) {
  Case& one = cases_[slot];
  one.planned.resize(ordinal + 1);
  const engine::ItemState& item = one.state.items[ordinal];
  if (!item.owner.IsPatient() || !engine::IsOpen(item.status)) return;
  const Element& element = protocol_.at(item.key.element);
  if (element.kind == ItemKind::kModule && !element.program.IsNone()) {
    if (!one.patient.has_left) PlanModule(slot, ordinal, element);
    return;
  }
  const int16_t index = plan_.behaviour_of[item.key.element.value];
  if (index < 0) return;
  const Behaviour& behaviour = plan_.behaviours[static_cast<size_t>(index)];
  const uint32_t name = NameDraw(item.key.element);
  const double u = behaviour.together
                       ? one.patient.Draw(behaviour.draw_answers, 0)
                       : one.patient.Draw(behaviour.draw_answers + name,
                                          item.key.occurrence);
  const double share =
      one.patient.has_left ? behaviour.after_drop_out : behaviour.answers;
  if (u >= share) {
    if (behaviour.leaves) one.patient.has_left = true;
    return;
  }
  one.planned[ordinal] = 1;
  // What is done together is done in one sitting.
  const double days = behaviour.delay.Sample(
      one.patient.Draw(behaviour.draw_delay + (behaviour.together ? 0 : name),
                       item.key.occurrence));
  PlanAct(AfterDays(now_, days), kPatients, Act::kDoItem, slot, ordinal);
}

void Simulator::PlanModule(uint32_t slot, uint32_t ordinal,
                           const Element& element) {
  Case& one = cases_[slot];
  const ModuleBehaviour& modules = plan_.modules[element.program.value];
  const uint32_t times = one.state.items[ordinal].key.occurrence;
  const size_t m = element.module;
  if (one.patient.Draw(modules.draw_drop_out[m], times) < modules.drop_out[m]) {
    one.patient.has_left = one.patient.dropped_out = true;
    return;
  }
  const double days = modules.hands_in_after.Sample(
      one.patient.Draw(modules.draw_duration[m], times));
  if (modules.opens) {
    const double opens = modules.opens_after.Sample(
        one.patient.Draw(modules.draw_opens[m], times));
    if (opens < days) {
      PlanAct(AfterDays(now_, opens), kPatients, Act::kOpenItem, slot, ordinal);
    }
  }
  one.planned[ordinal] = 1;
  PlanAct(AfterDays(now_, days), kPatients, Act::kDoItem, slot, ordinal);
}

// A reminder moves some of those who had not meant to answer.
void Simulator::OnReminded(uint32_t slot, const SimulatedEffect& effect) {
  Case& one = cases_[slot];
  const bool of_item = effect.subject().kind == engine::SubjectKind::kItem;
  for (uint32_t i = 0; i < one.state.items.size(); ++i) {
    const engine::ItemState& item = one.state.items[i];
    if (!item.owner.IsPatient() || !engine::IsOpen(item.status) ||
        one.planned[i] != 0 || (of_item && effect.subject().ordinal != i)) {
      continue;
    }
    const int16_t index = plan_.behaviour_of[item.key.element.value];
    if (index < 0) continue;
    const Behaviour& behaviour = plan_.behaviours[static_cast<size_t>(index)];
    if (one.patient.dropped_out || behaviour.reminded <= 0) continue;
    const uint32_t name = behaviour.together ? 0 : NameDraw(item.key.element);
    const uint32_t times =
        behaviour.together ? 0 : uint32_t{item.key.occurrence};
    if (one.patient.Draw(behaviour.draw_reminded + name, times) >=
        behaviour.reminded) {
      continue;
    }
    one.patient.has_left = false;
    one.planned[i] = 1;
    const double days = behaviour.delay.Sample(one.patient.Draw(
        behaviour.draw_delay + NameDraw(item.key.element), 1000 + times));
    PlanAct(AfterDays(now_, days), kPatients, Act::kDoItem, slot, i);
  }
}

void Simulator::PlanMessage(uint32_t slot) {
  Case& one = cases_[slot];
  if (plan_.messages.per_week <= 0 || one.patient.message_planned) return;
  one.patient.message_planned = true;
  const double u =
      one.patient.Draw(plan_.messages.draw_gap, one.patient.messages);
  PlanAct(AfterDays(now_, -Log(1 - u) * 7 / plan_.messages.per_week), kPatients,
          Act::kWrite, slot, 0);
}

absl::Status Simulator::WriteMessage(uint32_t slot) {
  Case& one = cases_[slot];
  one.patient.message_planned = false;
  const bool in_phase =
      std::any_of(one.state.tracks.begin(), one.state.tracks.end(),
                  [&](const engine::TrackState& track) {
                    return track.phase == plan_.messages.phase;
                  });
  if (!in_phase || one.patient.has_left) return absl::OkStatus();
  const uint32_t number = one.patient.messages++;
  PlanMessage(slot);
  return Submit(slot, engine::ReceiveMessage{absl::StrCat("m", number), "", ""},
                PatientOf(slot));
}

absl::Status Simulator::OpenModule(uint32_t slot, uint32_t ordinal) {
  Case& one = cases_[slot];
  const engine::ItemState& item = one.state.items[ordinal];
  if (item.status != engine::ItemStatus::kAvailable || one.patient.has_left) {
    return absl::OkStatus();
  }
  return Submit(slot, engine::PatientItem{item.key.element, false, "", {}, {}},
                PatientOf(slot));
}

absl::Status Simulator::DoItem(uint32_t slot, uint32_t ordinal) {
  Case& one = cases_[slot];
  one.planned[ordinal] = 0;
  const engine::ItemState& item = one.state.items[ordinal];
  if (!engine::IsOpen(item.status)) return absl::OkStatus();
  const ElementId id = item.key.element;
  engine::Actor who = PatientOf(slot);
  if (item.owner.kind == engine::OwnerKind::kRelated) {
    who.role = engine::Role::kIntegration;  // it passes on what they say
  }
  if (protocol_.at(id).kind == ItemKind::kQuestionnaire) {
    return Respond(slot, id, who);
  }
  return Submit(slot, engine::PatientItem{id, true, "", {}, {}}, who);
}

absl::Status Simulator::Respond(uint32_t slot, ElementId element,
                                engine::Actor actor) {
  Case& one = cases_[slot];
  const InstrumentRef instrument = protocol_.at(element).instrument;
  const uint32_t occasion = one.patient.occasions[instrument.value]++;
  const double weeks =
      one.patient.started_at
          ? static_cast<double>((now_ - *one.patient.started_at).us) /
                (7 * kDayUs)
          : 0;
  engine::SubmitResponse body;
  body.response_id = absl::StrCat(protocol_.at(instrument).name, "-", occasion);
  body.instrument = instrument;
  body.element = element;
  body.answers =
      one.patient.Answer(plan_, protocol_, instrument, occasion, weeks);
  return Submit(slot, std::move(body), std::move(actor));
}

}  // namespace stepwell::sim
