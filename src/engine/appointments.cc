// Appointments: their clocks, what a miss comes to, series of sessions, and
// what is given back when one ends.
#include <algorithm>

#include "engine/macrostep.h"

namespace stepwell::engine {

using protocol::Booking;
using protocol::Element;
using protocol::TriggerKind;

Instant Macrostep::BeginsBefore(ClockDefId def, Instant time) const {
  const protocol::ClockDef& clock = protocol.at(def);
  return SubtractSpan(time, clock.budget, ZoneFor(&clock));
}

void Macrostep::StartClockBefore(ClockDefId def, Subject subject,
                                 Instant time) {
  if (state.died_at && IsOfPatient(subject)) return;
  ClockStarted started;
  started.clock = state.next_clock;
  started.def = def;
  started.subject = subject;
  started.started_at = BeginsBefore(def, time);
  started.due = time;
  started.next_due = FirstRungDue(def, started.started_at, time);
  Emit(started);
}

bool Macrostep::CountsDown(const ClockState& clock) const {
  if (clock.def.IsNone() || clock.subject.kind != SubjectKind::kItem ||
      clock.subject.ordinal >= state.items.size()) {
    return false;
  }
  const ElementId id = state.items[clock.subject.ordinal].key.element;
  const auto& booking = protocol.at(id).booking;
  return booking != nullptr && Contains(booking->before, clock.def);
}

Instant Macrostep::LeadsUpTo(const ClockState& clock) const {
  if (!CountsDown(clock)) return Instant::Never();
  // The same clock may stand for other deadlines of the item too.
  const ItemState& item = state.items[clock.subject.ordinal];
  return item.appointment == AppointmentStatus::kBooked &&
                 clock.due == item.appointment_at
             ? clock.due
             : Instant::Never();
}

void Macrostep::ChangeBooking(AppointmentChanged changed) {
  const uint32_t ordinal = changed.item;
  const bool booked = changed.status == AppointmentStatus::kBooked;
  const Instant time = changed.starts_at;
  const ElementId id = state.items[ordinal].key.element;
  Emit(std::move(changed));
  const auto& booking = protocol.at(id).booking;
  if (booking == nullptr) return;
  const Subject subject = {SubjectKind::kItem, ordinal};
  for (size_t i = state.clocks.size(); i-- > 0;) {
    const ClockState& clock = state.clocks[i];
    const auto names = [&clock](const std::vector<ClockDefId>& clocks) {
      return std::find(clocks.begin(), clocks.end(), clock.def) != clocks.end();
    };
    if (clock.subject == subject && !clock.def.IsNone() &&
        (names(booking->before) || names(booking->after))) {
      StopClock(clock.ordinal);
    }
  }
  if (!booked) return;
  // What leads up to a time that is past comes too late to be of use.
  if (time > due_now) {
    for (ClockDefId def : booking->before) StartClockBefore(def, subject, time);
  }
  for (ClockDefId def : booking->after) StartClock(def, subject, time);
}

void Macrostep::MissAppointment(uint32_t ordinal, AppointmentStatus status,
                                TriggerKind kind) {
  const ElementId id = state.items[ordinal].key.element;
  const Subject subject = {SubjectKind::kItem, ordinal};
  const AppointmentState* known = state.AppointmentOf(ordinal);
  AppointmentChanged changed{ordinal, status,
                             state.items[ordinal].appointment_at};
  changed.missed = true;
  if (known != nullptr) {
    changed.freed = known->slot;
    changed.group = known->group;
  }
  changed.keeps_seat =
      status == AppointmentStatus::kLateCancelled && KeepsSeat(ordinal);
  // A session of a group is not held again for one of its members.
  const bool of_group =
      changed.keeps_seat ||
      (!changed.group.empty() && status == AppointmentStatus::kNoShow);
  ChangeBooking(std::move(changed));
  Raise(kind, id.value, {}, subject);
  const auto& booking = protocol.at(id).booking;
  if (booking == nullptr || (!booking->make_ups && !of_group)) return;
  if (of_group || MissedOf(state, id) > *booking->make_ups) {
    EndItem(ordinal, ItemStatus::kExpired);
  } else if (!booking->make_up_due.IsNone()) {
    StartClock(booking->make_up_due, subject, due_now);
  }
}

bool Macrostep::KeepsSeat(uint32_t ordinal) const {
  const ItemState& item = state.items[ordinal];
  const auto& booking = protocol.at(item.key.element).booking;
  const AppointmentState* known = state.AppointmentOf(ordinal);
  if (booking == nullptr || booking->sessions == 0 || known == nullptr ||
      known->group.empty() || item.appointment != AppointmentStatus::kBooked) {
    return false;
  }
  const std::optional<GroupView> group = world.Group(known->group);
  return group && !group->takes_bookings;
}

void Macrostep::CancelBooking(uint32_t ordinal) {
  const ElementId id = state.items[ordinal].key.element;
  AppointmentChanged changed{ordinal, AppointmentStatus::kCancelled,
                             state.items[ordinal].appointment_at};
  if (const AppointmentState* known = state.AppointmentOf(ordinal)) {
    changed.freed = known->slot;
    changed.group = known->group;
  }
  const bool keeps_seat = KeepsSeat(ordinal);
  changed.keeps_seat = keeps_seat;
  ChangeBooking(std::move(changed));
  Raise(TriggerKind::kCancelled, id.value, {}, {SubjectKind::kItem, ordinal});
  // The group meets without them, and they come to the next session.
  if (keeps_seat) EndItem(ordinal, ItemStatus::kSkipped);
}

void Macrostep::HoldAppointment(uint32_t ordinal) {
  AppointmentChanged held{ordinal, AppointmentStatus::kHeld,
                          state.items[ordinal].appointment_at};
  if (const AppointmentState* known = state.AppointmentOf(ordinal)) {
    held.mode = known->mode;
    held.freed = known->slot;
    held.group = known->group;
    held.place = known->place;
    held.staff = known->staff;
    held.minutes = known->minutes;
  }
  ChangeBooking(std::move(held));
}

void Macrostep::ReleaseBooking(uint32_t ordinal, bool keeps_seat) {
  const ItemState& item = state.items[ordinal];
  const AppointmentState* known = state.AppointmentOf(ordinal);
  if (known == nullptr) return;
  const bool seated = !known->group.empty() &&
                      (item.appointment == AppointmentStatus::kBooked ||
                       item.appointment == AppointmentStatus::kWaiting);
  if (known->slot.empty() && !seated) return;
  AppointmentChanged changed{ordinal, AppointmentStatus::kCancelled,
                             item.appointment_at};
  changed.freed = known->slot;
  if (seated) changed.group = known->group;
  changed.keeps_seat = keeps_seat;
  Emit(std::move(changed));
}

int Macrostep::SessionsOver(ElementId element) const {
  return static_cast<int>(std::count_if(
      state.items.begin(), state.items.end(), [&](const ItemState& item) {
        return item.key.element == element &&
               item.key.episode == state.episode() && !IsOpen(item.status) &&
               item.status != ItemStatus::kCancelled;
      }));
}

void Macrostep::ProposeSession(uint32_t ordinal) {
  const ItemKey key = state.items[ordinal].key;
  const auto& booking = protocol.at(key.element).booking;
  if (booking == nullptr || booking->sessions == 0) return;
  for (uint32_t i = ordinal; i-- > 0;) {
    const ItemState& before = state.items[i];
    if (before.key.element != key.element || before.withdrawn) continue;
    if (before.key.episode != key.episode ||
        before.appointment == AppointmentStatus::kNone) {
      return;
    }
    AppointmentChanged proposed{
        ordinal, AppointmentStatus::kProposed,
        After(booking->every, nullptr, before.appointment_at)};
    if (const AppointmentState* known = state.AppointmentOf(i)) {
      proposed.mode = known->mode;
      proposed.group = known->group;
    }
    // Whoever has a seat in a group has it for all of its sessions, and one
    // that is past was held or missed. Another time is for people to find, and
    // without the group there is none.
    if (!proposed.group.empty()) {
      proposed.status = AppointmentStatus::kBooked;
    } else if (booking->group >= 0 || proposed.starts_at <= due_now) {
      return;
    }
    ChangeBooking(std::move(proposed));
    return;
  }
}

void Macrostep::CompleteSeries(ElementId element) {
  const auto& booking = protocol.at(element).booking;
  if (booking != nullptr && booking->sessions > 0 &&
      SessionsOver(element) == booking->sessions) {
    Raise(TriggerKind::kSeriesCompleted, element.value);
  }
}

bool Macrostep::IsNextSession(ElementId id, const ItemState& latest) const {
  const auto& booking = protocol.at(id).booking;
  return booking != nullptr && booking->sessions > 0 &&
         latest.key.episode == state.episode() && !IsOpen(latest.status) &&
         latest.status != ItemStatus::kCancelled &&
         SessionsOver(id) < booking->sessions;
}

}  // namespace stepwell::engine
