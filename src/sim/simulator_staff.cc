// What virtual staff do: they take the first line of their worklists when they
// are at work and have minutes left, and submit what a real person would.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/caseload.h"
#include "metrics/course.h"
#include "sim/simulator.h"

namespace stepwell::sim {

using protocol::Element;
using protocol::ItemKind;
using service::WorkKey;
using service::WorkKind;

namespace {

// What the engine takes as the minutes of one piece of work.
constexpr int32_t kMinutesRecordedMax = 1440;
constexpr char kReason[] = "simulated";

std::optional<int32_t> Recorded(double minutes) {
  return std::min(kMinutesRecordedMax,
                  static_cast<int32_t>(RoundToInt(minutes)));
}

}  // namespace

// --- the register

void Simulator::AddStaff() {
  members_of_.resize(protocol_.pools.size());
  team_of_pool_.assign(protocol_.pools.size(), -1);
  for (uint32_t m = 0; m < plan_.staff.size(); ++m) {
    const Member& member = plan_.staff[m];
    engine::StaffState staff;
    staff.reference = member.id;
    for (const PoolId pool : member.pools) {
      staff.pools.push_back(protocol_.at(pool).id);
      members_of_[pool.value].push_back(m);
      // A team is named after the first pool of its members.
      if (team_of_pool_[pool.value] < 0) {
        team_of_pool_[pool.value] = static_cast<int16_t>(member.pools[0].value);
      }
    }
    for (const Member::Leave& leave : member.leave) {
      staff.leave.push_back({leave.from, leave.to});
    }
    service_.staff.push_back(std::move(staff));
    Worker worker;
    worker.shift = std::make_unique<Shift>(protocol_, member, plan_.start,
                                           plan_.to + WallDays(366));
    worker.team = static_cast<int16_t>(member.pools[0].value);
    workers_.push_back(std::move(worker));
    PlanShift(m);
  }
  for (uint32_t m = 0; m < plan_.staff.size(); ++m) {
    const uint16_t first = plan_.staff[m].pools[0].value;
    team_of_pool_[first] = static_cast<int16_t>(first);
  }
}

void Simulator::PlanShift(uint32_t member) {
  Worker& worker = workers_[member];
  const auto& stretches = worker.shift->stretches();
  if (worker.next_stretch == stretches.size()) return;
  calendar_.Add(stretches[worker.next_stretch++].open, kStaff,
                {Act::kShift, member, 0, 0});
}

// --- lines

const Work* Simulator::WorkOf(ElementId element) const {
  const int16_t index = plan_.work_of[element.value];
  // What rules decide is nobody's work.
  if (index < 0 || protocol_.at(element).by_data) return nullptr;
  return &plan_.works[static_cast<size_t>(index)];
}

float Simulator::ExpectedMinutes(uint32_t slot, uint64_t key) const {
  const engine::CaseState& state = cases_[slot].state;
  const uint32_t ordinal = service::OrdinalOfKey(key);
  switch (service::KindOfKey(key)) {
    case WorkKind::kItem: {
      const Work* work = WorkOf(state.items[ordinal].key.element);
      return work == nullptr ? 0.0f : static_cast<float>(work->minutes.Mean());
    }
    case WorkKind::kAlert: {
      const auto stage = static_cast<size_t>(state.alerts[ordinal].stage);
      double minutes = 0;
      for (size_t step = stage - 1; step < 3; ++step) {
        minutes += plan_.alerts.minutes[step].Mean();
      }
      return static_cast<float>(minutes);
    }
    case WorkKind::kMessage:
      return static_cast<float>(plan_.messages.minutes.Mean());
    case WorkKind::kParked:
    case WorkKind::kWaiting:
    case WorkKind::kHomework:
    case WorkKind::kUnread:
    case WorkKind::kLetter:
    case WorkKind::kPatient:
      break;
  }
  return 0;
}

bool Simulator::IsWorkable(uint32_t slot,
                           const service::WorkEntry& entry) const {
  if (entry.kind != WorkKind::kItem) return true;
  const engine::ItemState& item = cases_[slot].state.items[entry.ordinal];
  if (WorkOf(item.key.element) == nullptr) return false;
  // A booked appointment waits in a diary, not in a list.
  return item.appointment != engine::AppointmentStatus::kBooked;
}

Simulator::Line* Simulator::FindLine(uint32_t slot, uint64_t key) {
  for (Line& line : cases_[slot].lines) {
    if (line.key == key) return &line;
  }
  return nullptr;
}

void Simulator::RemoveLine(uint32_t slot, uint64_t key) {
  Line* line = FindLine(slot, key);
  if (line == nullptr) return;
  CountLine(*line, /*is_over=*/true);
  cases_[slot].lines.erase(cases_[slot].lines.begin() +
                           (line - cases_[slot].lines.data()));
}

void Simulator::CountLine(Line& line, bool is_over) {
  line.deadlines.PassTo(now_);
  collector_.TakeLine(line.kind, line.team, line.deadlines, now_, is_over);
}

void Simulator::SetLine(uint32_t slot, const service::WorkEntry& entry) {
  Case& one = cases_[slot];
  const uint64_t key = WorkKey(entry.kind, entry.ordinal);
  Line* line = FindLine(slot, key);
  if (line == nullptr) {
    one.lines.push_back({});
    line = &one.lines.back();
    line->key = key;
  }
  line->stamp = ++next_stamp_;
  line->kind = entry.filter;
  line->deadlines.PassTo(now_);
  line->deadlines.due = entry.due;
  line->minutes = ExpectedMinutes(slot, key);
  const uint32_t staff = entry.owner.staff.value;
  const PoolId pool = entry.owner.pool;
  line->team = staff > 0       ? workers_[staff - 1].team
               : pool.IsNone() ? int16_t{-1}
                               : team_of_pool_[pool.value];
  line->pool = pool;
  line->unowned =
      staff == 0 && !pool.IsNone() && entry.kind == WorkKind::kItem &&
      protocol_.at(one.state.items[entry.ordinal].key.element).performer ==
          protocol::Performer::kOwner;
  if (line->taken || !IsWorkable(slot, entry)) return;
  const QueuedLine queued = {entry.priority, entry.due,  one.state.id, key,
                             slot,           line->stamp};
  if (staff > 0) {
    workers_[staff - 1].own.Add(queued);
    Wake(staff - 1);
  } else if (!pool.IsNone()) {
    (line->unowned ? unowned_lists_ : pool_lists_)[pool.value].Add(queued);
    WakePool(pool);
  }
}

// --- looking for work

void Simulator::Wake(uint32_t member) {
  Worker& worker = workers_[member];
  if (worker.step != Step::kNone || worker.look_planned) return;
  worker.look_planned = true;
  calendar_.Add(now_, kStaff, {Act::kLook, member, 0, 0});
}

// One who is free: whoever takes a line wakes the next.
void Simulator::WakePool(PoolId pool) {
  for (const uint32_t member : members_of_[pool.value]) {
    Worker& worker = workers_[member];
    if (worker.step != Step::kNone || worker.look_planned) continue;
    if (worker.shift->Enter(now_) < 0) continue;
    Wake(member);
    return;
  }
}

LineList* Simulator::BestList(uint32_t member, QueuedLine* line) {
  const auto is_live = [&](const QueuedLine& queued) {
    const Case& one = cases_[queued.slot];
    if (!one.used || one.state.id != queued.case_id) return false;
    for (const Line& known : one.lines) {
      if (known.key == queued.key) {
        return known.stamp == queued.stamp && !known.taken;
      }
    }
    return false;
  };
  LineList* best = nullptr;
  const auto has_room = [&](PoolId pool, uint32_t slot) {
    return engine::HasRoom(world_, pool, StaffId(member + 1),
                           engine::WeightOf(protocol_, cases_[slot].state),
                           now_);
  };
  const auto consider = [&](LineList& list, PoolId unowned = {}) {
    const QueuedLine* first = list.First(is_live);
    if (first == nullptr) return;
    if (!unowned.IsNone() && !has_room(unowned, first->slot)) return;
    if (best == nullptr || QueuedLine::Later(*line, *first)) {
      best = &list;
      *line = *first;
    }
  };
  consider(workers_[member].own);
  for (const PoolId pool : plan_.staff[member].pools) {
    consider(pool_lists_[pool.value]);
    consider(unowned_lists_[pool.value], pool);
  }
  return best;
}

absl::Status Simulator::Look(uint32_t member) {
  Worker& worker = workers_[member];
  while (worker.step == Step::kNone) {
    if (!worker.due_appointments.empty()) {
      const What what = worker.due_appointments.front();
      worker.due_appointments.erase(worker.due_appointments.begin());
      absl::Status status = StartAppointment(member, what);
      if (!status.ok()) return status;
      continue;
    }
    if (worker.shift->Enter(now_) < 0) return absl::OkStatus();
    QueuedLine line;
    LineList* list = BestList(member, &line);
    if (list == nullptr) return absl::OkStatus();
    // Risk is looked at whatever minutes are left.
    if (worker.shift->is_limited() && worker.shift->Left() <= 0 &&
        service::KindOfKey(line.key) != WorkKind::kAlert) {
      return absl::OkStatus();
    }
    list->RemoveFirst();
    FindLine(line.slot, line.key)->taken = true;
    absl::Status status = Begin(member, line);
    if (!status.ok()) return status;
    for (const PoolId pool : plan_.staff[member].pools) WakePool(pool);
  }
  return absl::OkStatus();
}

absl::Status Simulator::Begin(uint32_t member, const QueuedLine& line) {
  const uint32_t ordinal = service::OrdinalOfKey(line.key);
  switch (service::KindOfKey(line.key)) {
    case WorkKind::kItem:
      return BeginItem(member, line.slot, ordinal);
    case WorkKind::kAlert:
      BeginAlert(member, line.slot, ordinal);
      return absl::OkStatus();
    case WorkKind::kMessage:
      BeginAnswer(member, line.slot, ordinal);
      return absl::OkStatus();
    case WorkKind::kParked:
    case WorkKind::kWaiting:
    case WorkKind::kHomework:
    case WorkKind::kUnread:
    case WorkKind::kLetter:
    case WorkKind::kPatient:
      break;
  }
  return absl::OkStatus();
}

void Simulator::Occupy(uint32_t member, Step step, uint32_t slot, uint64_t key,
                       double minutes) {
  Worker& worker = workers_[member];
  worker.step = step;
  worker.slot = slot;
  worker.key = key;
  worker.minutes = minutes;
  ++cases_[slot].pending;
  const Instant end = worker.shift->Finish(now_, minutes);
  calendar_.Add(end, kWorkEnds, {Act::kFree, member, 0, 0});
}

absl::Status Simulator::BeginItem(uint32_t member, uint32_t slot,
                                  uint32_t ordinal) {
  const auto item = [&]() -> const engine::ItemState& {
    return cases_[slot].state.items[ordinal];
  };
  const ElementId id = item().key.element;
  const Element& element = protocol_.at(id);
  const Work& work = *WorkOf(id);
  const engine::Owner owner = item().owner;
  if (element.performer == protocol::Performer::kOwner &&
      owner.staff.value == 0) {
    // Whoever begins the owner's work becomes the owner.
    absl::Status status =
        Submit(slot, engine::AssignCase{owner.pool, StaffId(member + 1)},
               ActorOf(member));
    if (!status.ok()) return status;
  }
  const uint64_t key = WorkKey(WorkKind::kItem, ordinal);
  const uint32_t name = NameDraw(id);
  const Patient& patient = cases_[slot].patient;
  if (element.kind == ItemKind::kAppointment) {
    const uint32_t index = 64u * item().key.occurrence + patient.appointments;
    Occupy(member, Step::kBook, slot, key,
           work.booking.Sample(patient.Draw(work.draw_booking + name, index)));
    return absl::OkStatus();
  }
  if (work.starts && item().status == engine::ItemStatus::kAvailable) {
    engine::WorkItem start;
    start.element = id;
    start.occurrence = item().key.occurrence;
    start.action = engine::ItemVerb::kStart;
    absl::Status status = Submit(slot, start, ActorOf(member));
    if (!status.ok()) return status;
  }
  Occupy(member, Step::kWork, slot, key,
         work.minutes.Sample(cases_[slot].patient.Draw(work.draw_minutes + name,
                                                       item().key.occurrence)));
  return absl::OkStatus();
}

void Simulator::BeginAlert(uint32_t member, uint32_t slot, uint32_t ordinal) {
  const engine::AlertState& alert = cases_[slot].state.alerts[ordinal];
  const auto step = static_cast<size_t>(alert.stage) - 1;
  const uint32_t index = 256u * ordinal + alert.evidence;
  Occupy(member, Step::kAlert, slot, WorkKey(WorkKind::kAlert, ordinal),
         plan_.alerts.minutes[step].Sample(cases_[slot].patient.Draw(
             plan_.alerts.draw_minutes[step], index)));
}

void Simulator::BeginAnswer(uint32_t member, uint32_t slot, uint32_t ordinal) {
  Occupy(member, Step::kAnswer, slot, WorkKey(WorkKind::kMessage, ordinal),
         plan_.messages.minutes.Sample(
             cases_[slot].patient.Draw(plan_.messages.draw_minutes, ordinal)));
}

// --- ending work

absl::Status Simulator::Finish(uint32_t member) {
  Worker& worker = workers_[member];
  const Step step = worker.step;
  const uint32_t slot = worker.slot;
  const uint64_t key = worker.key;
  worker.shift->Enter(now_);
  worker.shift->Use(worker.minutes);
  if (now_ >= middle_) worker.worked_late += worker.minutes;
  worker.step = Step::kNone;
  --cases_[slot].pending;
  absl::Status status;
  // The line may have gone meanwhile: the case left the phase, or closed.
  Line* line = FindLine(slot, key);
  if (line != nullptr) {
    line->taken = false;
    const uint32_t ordinal = service::OrdinalOfKey(key);
    if (step == Step::kAlert) {
      status = FinishAlert(member, slot, ordinal);
    } else if (step == Step::kAnswer) {
      status = FinishAnswer(member, slot, ordinal);
    } else if (step == Step::kBook) {
      status = FinishBooking(member, slot, ordinal);
    } else {
      status = FinishItem(member, slot, ordinal);
    }
  }
  if (!status.ok()) return status;
  ReleaseIfOver(slot);
  return Look(member);
}

OutcomeId Simulator::ChooseOutcome(uint32_t slot, const Work& work,
                                   ElementId element,
                                   uint32_t occurrence) const {
  const Case& one = cases_[slot];
  for (const Outcomes& outcomes : work.outcomes) {
    if (outcomes.if_left && !one.patient.has_left) continue;
    if (!outcomes.after.IsNone() &&
        std::none_of(one.state.milestones.begin(), one.state.milestones.end(),
                     [&](const engine::MilestoneState& reached) {
                       return reached.milestone == outcomes.after;
                     })) {
      continue;
    }
    return outcomes.shares.At(
        one.patient.Draw(work.draw_outcome + NameDraw(element), occurrence));
  }
  return {};
}

absl::Status Simulator::FinishItem(uint32_t member, uint32_t slot,
                                   uint32_t ordinal) {
  const Case& one = cases_[slot];
  const engine::ItemState& item = one.state.items[ordinal];
  const ElementId id = item.key.element;
  const Element& element = protocol_.at(id);
  const Work& work = *WorkOf(id);
  if (element.kind == ItemKind::kQuestionnaire &&
      !plan_.answers[element.instrument.value].instrument.IsNone()) {
    return Respond(slot, id, ActorOf(member));  // asked, and filled in
  }
  engine::WorkItem body;
  body.element = id;
  body.occurrence = item.key.occurrence;
  body.minutes = Recorded(workers_[member].minutes);
  if (element.kind == ItemKind::kDecision) {
    body.outcome = ChooseOutcome(slot, work, id, item.key.occurrence);
  } else if (id == protocol_.risk.missing_element &&
             !plan_.alerts.outcomes.empty()) {
    // A question about risk ends as the assessment of an alert does.
    body.outcome = plan_.alerts.outcomes.At(one.patient.Draw(
        work.draw_outcome + NameDraw(id), item.key.occurrence));
  }
  if (!element.fact.IsNone() && element.kind != ItemKind::kDecision) {
    protocol::FactValue fact;
    fact.kind = protocol_.at(element.fact).kind;
    fact.number = work.fact.At(
        one.patient.Draw(work.draw_fact + NameDraw(id), item.key.occurrence));
    body.fact = fact;
  }
  if (element.kind == ItemKind::kAppointment) {
    ++cases_[slot].patient.appointments;
  }
  // Whatever a table proposes, the shares of the plan decide.
  return Submit(slot, std::move(body), ActorOf(member),
                element.table == nullptr ? "" : "as the plan has it");
}

absl::Status Simulator::FinishAlert(uint32_t member, uint32_t slot,
                                    uint32_t ordinal) {
  const Case& one = cases_[slot];
  const engine::AlertState& alert = one.state.alerts[ordinal];
  engine::HandleAlert body;
  body.alert = ordinal;
  body.minutes = Recorded(workers_[member].minutes);
  if (alert.stage == engine::AlertStage::kRaised) {
    body.action = engine::AlertVerb::kAcknowledge;
  } else if (alert.stage == engine::AlertStage::kAcknowledged) {
    body.action = engine::AlertVerb::kAssess;
    body.outcome = plan_.alerts.outcomes.At(one.patient.Draw(
        plan_.alerts.draw_outcome, 256u * ordinal + alert.evidence));
  } else {
    body.action = engine::AlertVerb::kClose;
  }
  return Submit(slot, body, ActorOf(member), kReason);
}

absl::Status Simulator::FinishAnswer(uint32_t member, uint32_t slot,
                                     uint32_t ordinal) {
  engine::SendMessage body;
  body.message_id = absl::StrCat("r", ordinal);
  body.answers = cases_[slot].state.messages[ordinal].id;
  body.minutes = Recorded(workers_[member].minutes);
  return Submit(slot, std::move(body), ActorOf(member));
}

// The earliest free slot: of the owner, or of anybody in the pool.
absl::Status Simulator::FinishBooking(uint32_t member, uint32_t slot,
                                      uint32_t ordinal) {
  const Case& one = cases_[slot];
  const engine::ItemState& item = one.state.items[ordinal];
  const ElementId id = item.key.element;
  const Work& work = *WorkOf(id);
  const uint32_t index = 64u * item.key.occurrence + one.patient.appointments;
  const double notice = work.notice.Sample(
      one.patient.Draw(work.draw_booking + 1 + NameDraw(id), index));
  const Instant earliest = now_ + Microseconds(RoundToInt(notice * 86'400e6));
  const double minutes = work.minutes.Mean();
  uint32_t chosen = member;
  Shift::Slot best;
  const auto consider = [&](uint32_t who) {
    const Shift::Slot found = workers_[who].shift->FirstSlot(earliest, minutes);
    if (found.at < best.at) {
      best = found;
      chosen = who;
    }
  };
  if (item.owner.staff.value > 0) {
    consider(item.owner.staff.value - 1);
  } else {
    for (const uint32_t who : members_of_[item.owner.pool.value]) consider(who);
  }
  // No slot within the time that is simulated: it stays unbooked.
  if (best.at.IsNever()) return absl::OkStatus();
  workers_[chosen].shift->Book(best, minutes);
  ++cases_[slot].pending;
  calendar_.Add(best.at, kStaff, {Act::kAppointment, slot, ordinal, chosen});
  engine::ChangeAppointment books{id, engine::AppointmentVerb::kBook, best.at};
  books.occurrence = item.key.occurrence;
  return Submit(slot, std::move(books), ActorOf(member));
}

// `what.life` is the member whose diary the appointment stands in.
absl::Status Simulator::StartAppointment(uint32_t member, const What& what) {
  Worker& worker = workers_[member];
  if (worker.step != Step::kNone) {
    worker.due_appointments.push_back(what);
    return absl::OkStatus();
  }
  const uint32_t slot = what.who, ordinal = what.item;
  Case& one = cases_[slot];
  --one.pending;
  const engine::ItemState& item = one.state.items[ordinal];
  const ElementId id = item.key.element;
  const Work& work = *WorkOf(id);
  worker.shift->Unbook(item.appointment_at, work.minutes.Mean());
  if (item.appointment != engine::AppointmentStatus::kBooked ||
      !engine::IsOpen(item.status)) {
    ReleaseIfOver(slot);
    return absl::OkStatus();
  }
  const uint32_t index = 64u * item.key.occurrence + one.patient.appointments;
  if (one.patient.Draw(work.draw_no_show + NameDraw(id), index) <
      work.no_show) {
    ++one.patient.appointments;
    engine::ChangeAppointment missed{id, engine::AppointmentVerb::kNoShow,
                                     now_};
    missed.occurrence = item.key.occurrence;
    return Submit(slot, std::move(missed), ActorOf(member));
  }
  const uint64_t key = WorkKey(WorkKind::kItem, ordinal);
  Line* line = FindLine(slot, key);
  if (line != nullptr) line->taken = true;
  Occupy(member, Step::kHold, slot, key,
         work.minutes.Sample(
             one.patient.Draw(work.draw_minutes + NameDraw(id), index)));
  return absl::OkStatus();
}

}  // namespace stepwell::sim
