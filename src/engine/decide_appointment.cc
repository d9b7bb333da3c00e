// Appointments: slots are offered; times and seats are booked, moved, called
// off and missed.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"
#include "protocol/case_view.h"

namespace stepwell::engine {

using protocol::Booking;
using protocol::ContactMode;
using protocol::ItemKind;
using protocol::TriggerKind;

namespace {

bool IsPatient(const Macrostep& m) {
  return m.command.envelope.actor.role == Role::kPatient;
}

// What the patient wants, whoever passes it on.
bool IsPatientsWish(const Macrostep& m) {
  return IsPatient(m) || !m.command.envelope.on_behalf_of.empty();
}

bool IsTaken(const ItemState& item) {
  return item.appointment == AppointmentStatus::kBooked ||
         item.appointment == AppointmentStatus::kWaiting;
}

// The step can be taken of it: what has no time is booked, in a slot that is
// offered for it; what has one is moved and called off.
bool Fits(const Macrostep& m, const ChangeAppointment& c, uint32_t ordinal) {
  const bool books = c.action == AppointmentVerb::kBook ||
                     c.action == AppointmentVerb::kPropose;
  if (IsTaken(m.state.items[ordinal])) return !books;
  const AppointmentState* known = m.state.AppointmentOf(ordinal);
  return books &&
         (c.slot.empty() ||
          (known != nullptr &&
           std::any_of(known->offered.begin(), known->offered.end(),
                       [&](const Slot& s) { return s.id == c.slot; })));
}

// Of several that are open the patient means one that their step fits: the next
// that they can still come to, or else the last.
uint32_t MeantByPatient(const Macrostep& m, const ChangeAppointment& c,
                        const std::vector<uint32_t>& open) {
  const auto after = [&](uint32_t ordinal) {
    const ItemState& item = m.state.items[ordinal];
    const bool ahead = IsTaken(item) && item.appointment_at > SaidAt(m);
    return std::pair(!Fits(m, c, ordinal),
                     ahead ? item.appointment_at : Instant::Never());
  };
  uint32_t meant = open.back();
  for (const uint32_t each : open) {
    if (after(each) < after(meant)) meant = each;
  }
  return meant;
}

// The open appointment that is meant, or -1 when it was refused.
int64_t FindOpen(Macrostep& m, ElementId element,
                 std::optional<uint16_t> occurrence,
                 const ChangeAppointment* wish = nullptr) {
  std::vector<uint32_t> open;
  if (!element.IsNone() &&
      m.protocol.at(element).kind == ItemKind::kAppointment) {
    open = m.OpenItemsOf(element, occurrence);
  }
  if (open.empty()) {
    m.Reject("appointment_not_open", "there is no such open appointment");
    return -1;
  }
  if (IsPatient(m) && wish != nullptr) return MeantByPatient(m, *wish, open);
  return AskWhich(m, open, occurrence) ? -1 : int64_t{open.back()};
}

// The one that is named was called off before: said twice it is off once.
bool IsOffAlready(const Macrostep& m, const ChangeAppointment& c) {
  if (c.action != AppointmentVerb::kCancel || !c.occurrence) return false;
  const auto named = std::find_if(
      m.state.items.rbegin(), m.state.items.rend(), [&](const ItemState& item) {
        return item.key.element == c.element &&
               item.key.occurrence == *c.occurrence &&
               item.key.episode == m.state.episode();
      });
  return named != m.state.items.rend() &&
         (named->appointment == AppointmentStatus::kCancelled ||
          named->appointment == AppointmentStatus::kLateCancelled);
}

std::string NamesOf(const std::vector<ContactMode>& modes) {
  std::string names;
  for (ContactMode mode : modes) {
    absl::StrAppend(
        &names, names.empty() ? "" : ", ",
        protocol::kContactModeNames[static_cast<size_t>(mode)].data());
  }
  return names;
}

// How they will meet: as asked, as the slot says, as before, as is usual.
// Refused when that is none of the modes that are allowed.
bool ChooseMode(Macrostep& m, const Booking* booking, ContactMode asked,
                ContactMode slot, ContactMode before,
                AppointmentChanged& changed) {
  changed.mode = asked != ContactMode::kNone  ? asked
                 : slot != ContactMode::kNone ? slot
                                              : before;
  if (booking == nullptr || booking->modes.empty()) return true;
  if (changed.mode == ContactMode::kNone) changed.mode = booking->modes[0];
  if (std::find(booking->modes.begin(), booking->modes.end(), changed.mode) !=
      booking->modes.end()) {
    return true;
  }
  m.Reject("mode_not_allowed", absl::StrCat("this appointment meets by: ",
                                            NamesOf(booking->modes)));
  return false;
}

// The time of a booking: a slot that is offered and free, or a free time where
// the protocol lets one be chosen.
bool ChooseTime(Macrostep& m, const ChangeAppointment& c,
                const Booking* booking, const AppointmentState* known,
                AppointmentChanged& changed, ContactMode* slot_mode) {
  if (c.slot.empty()) {
    if (booking != nullptr && booking->slots_only &&
        changed.status == AppointmentStatus::kBooked) {
      m.Reject("slot_required", "it is booked in one of the slots offered");
      return false;
    }
    changed.starts_at = c.starts_at;
  } else {
    const Slot* slot = nullptr;
    for (size_t i = 0; known != nullptr && i < known->offered.size(); ++i) {
      if (known->offered[i].id == c.slot) slot = &known->offered[i];
    }
    if (slot == nullptr) {
      m.Reject("slot_gone", "the slot is not offered, or no longer");
      return false;
    }
    if (known->slot != c.slot && m.world.IsSlotTaken(c.slot)) {
      m.Reject("slot_taken", "somebody else has booked the slot: take another");
      return false;
    }
    changed.starts_at = slot->starts_at;
    changed.slot = slot->id;
    changed.place = slot->place;
    changed.staff = slot->staff;
    changed.minutes = slot->minutes;
    *slot_mode = slot->mode;
  }
  // The service also enters what was arranged, or held, and not booked here.
  const bool outside = IsOutsider(m.command.envelope.actor.role);
  if (changed.starts_at >= (outside ? m.due_now : SaidAt(m))) return true;
  m.Reject("time_in_past",
           outside ? "an appointment lies in the future"
                   : "an appointment lies ahead of when it was arranged: `at` "
                     "says when that was");
  return false;
}

bool RefuseMoves(Macrostep& m, const Booking* booking,
                 const AppointmentState* known) {
  if (booking == nullptr || !booking->reschedules_max || known == nullptr ||
      known->moved < *booking->reschedules_max) {
    return false;
  }
  // A clinician may, and says why.
  if (!IsPatient(m) && !m.command.envelope.reason.empty()) return false;
  m.Reject("reschedules_used_up",
           absl::StrCat("it was moved ", known->moved,
                        " times already: staff may move it with a reason, or "
                        "it is called off"));
  return true;
}

// Less notice than the protocol asks for, by the patient's wish.
bool IsShortNotice(const Macrostep& m, const Booking* booking,
                   const ItemState& item) {
  return IsPatientsWish(m) && booking != nullptr && booking->notice &&
         m.After(*booking->notice, nullptr, SaidAt(m)) > item.appointment_at;
}

// Moving is no way around a miss: not after the time, nor with less notice than
// calling off needs.
bool RefuseLateMove(Macrostep& m, const Booking* booking,
                    const ItemState& item) {
  const bool begun = item.appointment_at <= SaidAt(m);
  if (begun && (IsPatientsWish(m) || m.command.envelope.reason.empty())) {
    m.Reject("appointment_begun",
             "its time has come: it is held, or a no-show; staff may move it "
             "with a reason");
    return true;
  }
  if (begun || !IsShortNotice(m, booking, item)) return false;
  m.Reject("notice_too_short",
           "it is too near to be moved: it can be called off, which counts as "
           "missed, and booked anew");
  return true;
}

// Another appointment of the case has a seat in the group, or waits for one.
bool HasSeat(const Macrostep& m, const std::string& group) {
  return std::any_of(m.state.appointments.begin(), m.state.appointments.end(),
                     [&](const AppointmentState& other) {
                       return other.group == group &&
                              IsOpen(m.state.items[other.item].status);
                     });
}

// A seat while there are some, else a place on the waiting list.
void TakeSeat(Macrostep& m, const ChangeAppointment& c, uint32_t ordinal) {
  const Booking* booking = m.protocol.at(c.element).booking.get();
  if (booking == nullptr || booking->group < 0 || c.group.empty()) {
    m.Reject("group_required",
             c.group.empty() ? "it is booked by the group that it is a seat in"
                             : "this appointment is no seat in a group");
    return;
  }
  const std::optional<GroupView> group = m.world.Group(c.group);
  const std::string& kind =
      m.protocol.groups[static_cast<size_t>(booking->group)].id;
  if (!group || group->kind != kind) {
    m.Reject("unknown_group",
             absl::StrCat("there is no such group of the kind ", kind));
    return;
  }
  if (!group->takes_bookings) {
    m.Reject("group_closed", "the group has begun, or was called off");
    return;
  }
  if (HasSeat(m, c.group)) {
    m.Reject("already_booked",
             "the case has its seat in this group by another appointment");
    return;
  }
  AppointmentChanged changed{ordinal, AppointmentStatus::kWaiting,
                             group->starts_at};
  changed.group = c.group;
  const AppointmentState* known = m.state.AppointmentOf(ordinal);
  if (!ChooseMode(m, booking, c.mode, ContactMode::kNone,
                  known == nullptr ? ContactMode::kNone : known->mode,
                  changed)) {
    return;
  }
  // A free seat is the first's on the waiting list, where there is one.
  const bool seated = group->waiting == 0 && group->seated < group->places;
  if (seated) changed.status = AppointmentStatus::kBooked;
  m.ChangeBooking(std::move(changed));
  if (seated) {
    m.Raise(TriggerKind::kBooked, c.element.value, {},
            {SubjectKind::kItem, ordinal});
  }
}

bool IsOfGroup(const Macrostep& m, const ChangeAppointment& c) {
  const Booking* booking = m.protocol.at(c.element).booking.get();
  return !c.group.empty() || (booking != nullptr && booking->group >= 0);
}

void TakeTime(Macrostep& m, const ChangeAppointment& c, uint32_t ordinal,
              AppointmentStatus status) {
  const Booking* booking = m.protocol.at(c.element).booking.get();
  const AppointmentState* known = m.state.AppointmentOf(ordinal);
  AppointmentChanged changed{ordinal, status, {}};
  ContactMode slot_mode = ContactMode::kNone;
  if (!ChooseTime(m, c, booking, known, changed, &slot_mode) ||
      !ChooseMode(m, booking, c.mode, slot_mode,
                  known == nullptr ? ContactMode::kNone : known->mode,
                  changed)) {
    return;
  }
  const bool was_booked =
      m.state.items[ordinal].appointment == AppointmentStatus::kBooked;
  changed.moved = was_booked && status == AppointmentStatus::kBooked;
  const std::string held = known != nullptr ? known->slot : "";
  if (changed.slot != held) {
    changed.took = changed.slot;
    changed.freed = held;
  }
  m.ChangeBooking(std::move(changed));
  if (status == AppointmentStatus::kBooked) {
    m.Raise(TriggerKind::kBooked, c.element.value, {},
            {SubjectKind::kItem, ordinal});
  }
}

// Whoever it is for must still have time to take the place: less notice than
// the protocol asks for counts as a miss, when it is the patient's wish.
void CallOff(Macrostep& m, const ChangeAppointment& c, uint32_t ordinal) {
  const ItemState& item = m.state.items[ordinal];
  const bool waits = item.appointment == AppointmentStatus::kWaiting;
  if (item.appointment != AppointmentStatus::kBooked && !waits) {
    m.Reject("not_booked", "there is no booking to call off");
    return;
  }
  if (!waits && item.appointment_at <= SaidAt(m)) {
    m.Reject("appointment_begun",
             "its time has come: it is held, or a no-show");
    return;
  }
  const Booking* booking = m.protocol.at(c.element).booking.get();
  if (!waits && IsShortNotice(m, booking, item)) {
    m.MissAppointment(ordinal, AppointmentStatus::kLateCancelled,
                      TriggerKind::kLateCancelled);
    return;
  }
  m.CancelBooking(ordinal);
}

void ChangeMode(Macrostep& m, const ChangeAppointment& c, uint32_t ordinal) {
  const ItemState& item = m.state.items[ordinal];
  const AppointmentState* known = m.state.AppointmentOf(ordinal);
  if (c.mode == ContactMode::kNone) {
    m.Reject("mode_required", "say how they will meet");
    return;
  }
  AppointmentChanged changed{ordinal, item.appointment, item.appointment_at};
  if (!ChooseMode(m, m.protocol.at(c.element).booking.get(), c.mode,
                  ContactMode::kNone, ContactMode::kNone, changed)) {
    return;
  }
  if (known != nullptr) {
    changed.slot = known->slot;
    changed.group = known->group;
    changed.place = known->place;
    changed.staff = known->staff;
    changed.minutes = known->minutes;
  }
  m.Emit(std::move(changed));
}

void NoShow(Macrostep& m, uint32_t ordinal) {
  const ItemState& item = m.state.items[ordinal];
  if (IsPatient(m)) {
    m.Reject("not_for_role", "that nobody came is said by staff or host");
  } else if (item.appointment != AppointmentStatus::kBooked ||
             SaidAt(m) < item.appointment_at) {
    m.Reject("not_booked",
             "a no-show needs a booking whose time has come (`at`, or now)");
  } else {
    m.MissAppointment(ordinal, AppointmentStatus::kNoShow,
                      TriggerKind::kNoShow);
  }
}

void Act(Macrostep& m, const ChangeAppointment& c, uint32_t ordinal) {
  const AppointmentStatus status = m.state.items[ordinal].appointment;
  const bool booked = status == AppointmentStatus::kBooked;
  switch (c.action) {
    case AppointmentVerb::kPropose:
    case AppointmentVerb::kBook:
      if (booked || status == AppointmentStatus::kWaiting) {
        m.Reject("already_booked", "reschedule it, or call it off first");
      } else if (IsOfGroup(m, c) && c.action == AppointmentVerb::kPropose) {
        m.Reject("group_required",
                 "a seat in a group is booked, and not proposed");
      } else if (IsOfGroup(m, c)) {
        TakeSeat(m, c, ordinal);
      } else {
        TakeTime(m, c, ordinal,
                 c.action == AppointmentVerb::kBook
                     ? AppointmentStatus::kBooked
                     : AppointmentStatus::kProposed);
      }
      return;
    case AppointmentVerb::kReschedule:
      if (!booked) {
        m.Reject("not_booked", "there is no booking to change");
      } else if (IsOfGroup(m, c)) {
        m.Reject("already_booked",
                 "it is a seat in a group: call it off, then book another");
      } else if (const Booking* booking =
                     m.protocol.at(c.element).booking.get();
                 !RefuseLateMove(m, booking, m.state.items[ordinal]) &&
                 !RefuseMoves(m, booking, m.state.AppointmentOf(ordinal))) {
        TakeTime(m, c, ordinal, AppointmentStatus::kBooked);
      }
      return;
    case AppointmentVerb::kNoShow:
      NoShow(m, ordinal);
      return;
    case AppointmentVerb::kCancel:
      CallOff(m, c, ordinal);
      return;
    case AppointmentVerb::kMode:
      ChangeMode(m, c, ordinal);
      return;
  }
  m.Reject("unknown_action",
           "appointments are proposed, booked, rescheduled, cancelled or "
           "missed, and meet in another mode");
}

const char* WhyNoGroup(GroupNews news) {
  return news == GroupNews::kShort    ? " has too few to begin"
         : news == GroupNews::kNoSeat ? " begins and has no place free"
                                      : " was called off";
}

// The case loses its seat or its turn. What a group that is called off has held
// by then is still to be recorded: its time has come, and it stays booked.
void LoseSeat(Macrostep& m, uint32_t ordinal, GroupNews news,
              AppointmentChanged changed) {
  const ItemState& item = m.state.items[ordinal];
  changed.starts_at = item.appointment_at;
  if (news == GroupNews::kCalledOff && item.appointment_at <= m.due_now &&
      item.appointment == AppointmentStatus::kBooked) {
    changed.group.clear();
    m.Emit(std::move(changed));
  } else {
    // Whoever waited has lost no appointment: they never had one.
    changed.status = item.appointment == AppointmentStatus::kWaiting
                         ? AppointmentStatus::kNone
                         : AppointmentStatus::kCancelled;
    m.ChangeBooking(std::move(changed));
  }
}

void TellMember(Macrostep& m, const NoteGroup& c, uint32_t ordinal,
                ContactMode mode) {
  const ElementId id = m.state.items[ordinal].key.element;
  const Subject subject = {SubjectKind::kItem, ordinal};
  m.Emit(GroupTold{ordinal, c.group, c.news});
  AppointmentChanged changed{ordinal, AppointmentStatus::kBooked, c.starts_at};
  changed.group = c.group;
  changed.mode = mode;
  switch (c.news) {
    case GroupNews::kSeated:
      m.ChangeBooking(std::move(changed));
      m.Raise(TriggerKind::kBooked, id.value, {}, subject);
      return;
    case GroupNews::kStarted:
      m.Raise(TriggerKind::kGroupStarted, id.value, {}, subject);
      return;
    case GroupNews::kShort:
    case GroupNews::kCalledOff:
    case GroupNews::kNoSeat:
      // Nobody is lost: the appointment is open again, and a person looks.
      LoseSeat(m, ordinal, c.news, std::move(changed));
      m.Raise(TriggerKind::kGroupShort, id.value, {}, subject);
      m.OpenReview(absl::StrCat("the group of ", m.protocol.at(id).id,
                                WhyNoGroup(c.news)));
      return;
  }
}

}  // namespace

Instant SaidAt(const Macrostep& m) { return std::min(m.fact_at(), m.due_now); }

void Handle(Macrostep& m, const ChangeAppointment& c) {
  if (IsOffAlready(m, c)) {
    m.remark = "it was called off before: nothing is changed";
  } else if (const int64_t found = FindOpen(m, c.element, c.occurrence, &c);
             found >= 0) {
    Act(m, c, static_cast<uint32_t>(found));
  }
  if (!m.rejection && IsPatient(m)) m.Raise(TriggerKind::kPatientActive);
}

void Handle(Macrostep& m, const OfferSlots& c) {
  const int64_t found = FindOpen(m, c.element, c.occurrence);
  if (found < 0) return;
  for (const Slot& slot : c.slots) {
    const auto same = std::count_if(
        c.slots.begin(), c.slots.end(),
        [&slot](const Slot& other) { return other.id == slot.id; });
    if (slot.id.empty() || same != 1) {
      m.Reject("slot_id", "each slot has an id of its own");
      return;
    }
  }
  m.Emit(SlotsOffered{static_cast<uint32_t>(found), c.slots});
}

void Handle(Macrostep& m, const NoteGroup& c) {
  for (uint32_t i = 0; i < m.state.items.size(); ++i) {
    const AppointmentState* known = m.state.AppointmentOf(i);
    if (known == nullptr || known->group != c.group ||
        !IsOpen(m.state.items[i].status)) {
      continue;
    }
    TellMember(m, c, i, known->mode);
    return;
  }
  // The appointment has ended meanwhile: its seat was given back.
}

}  // namespace stepwell::engine
