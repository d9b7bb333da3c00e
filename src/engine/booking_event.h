// Events of appointments, groups and transfers: a part of event.h, which says
// what holds for all.
#ifndef STEPWELL_ENGINE_BOOKING_EVENT_H_
#define STEPWELL_ENGINE_BOOKING_EVENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engine/event_macro.h"
#include "engine/types.h"

namespace stepwell::engine {

struct AppointmentChanged {
  using Self = AppointmentChanged;
  uint32_t item = 0;
  AppointmentStatus status = AppointmentStatus::kNone;
  Instant starts_at;
  // What follows is none in early logs.
  ContactMode mode = ContactMode::kNone;
  bool moved = false;      // a booking was moved to another time
  bool missed = false;     // it counts as missed
  std::string slot = {};   // of the booking; empty: a free time
  std::string took = {};   // the slot that this change has taken
  std::string freed = {};  // the slot that it has given back
  std::string group = {};  // that the seat is in
  std::string place = {};
  StaffId staff = {};
  uint16_t minutes = 0;
  // One session of a group that has begun is called off, and not the seat.
  bool keeps_seat = false;
  STEPWELL_EVENT(17, "AppointmentChanged") {
    v(1, "item", s.item);
    v(2, "status", s.status);
    v(3, "starts_at", s.starts_at);
    v(4, "mode", s.mode);
    v(5, "moved", s.moved);
    v(6, "slot", s.slot);
    v(7, "took", s.took);
    v(8, "freed", s.freed);
    v(9, "group", s.group);
    v(10, "place", s.place);
    v(11, "staff", s.staff);
    v(12, "minutes", s.minutes);
    v(13, "missed", s.missed);
    v(14, "keeps_seat", s.keeps_seat);
  }
};

// The times among which an open appointment is booked; earlier offers end.
struct SlotsOffered {
  using Self = SlotsOffered;
  uint32_t item = 0;
  std::vector<Slot> slots;
  STEPWELL_EVENT(67, "SlotsOffered") {
    v(1, "item", s.item);
    v(2, "slots", s.slots);
  }
};

enum class GroupNews : uint8_t {
  kSeated = 1,     // from the waiting list
  kStarted = 2,    // it begins
  kShort = 3,      // too few to begin
  kCalledOff = 4,  // by the service
  kNoSeat = 5,     // it begins, and whoever waited has no place in it
};

// What the group that the appointment is in has come to.
struct GroupTold {
  using Self = GroupTold;
  uint32_t item = 0;
  std::string group;
  GroupNews news = GroupNews::kSeated;
  STEPWELL_EVENT(68, "GroupTold") {
    v(1, "item", s.item);
    v(2, "group", s.group);
    v(3, "news", s.news);
  }
};

// The case is handed over; it is open, and owned here, until the receiver has
// confirmed.
struct TransferAsked {
  using Self = TransferAsked;
  std::string to;        // the receiving service, as the host names it
  std::string body_key;  // where the letter is kept; may be empty
  uint64_t effect = 0;   // the letter, or its data, on its way
  STEPWELL_EVENT(69, "TransferAsked") {
    v(1, "to", s.to);
    v(2, "body_key", s.body_key);
    v(3, "effect", s.effect);
  }
};

struct TransferEnded {
  using Self = TransferEnded;
  bool confirmed = false;  // else it was taken back, or refused there
  STEPWELL_EVENT(70, "TransferEnded") { v(1, "confirmed", s.confirmed); }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_BOOKING_EVENT_H_
