// The stream of one group: who has a seat in it, who waits for one, and what it
// has come to. The same rules as for cases.
#ifndef STEPWELL_ENGINE_GROUP_H_
#define STEPWELL_ENGINE_GROUP_H_

#include <string>
#include <variant>
#include <vector>

#include "engine/event.h"
#include "engine/event_macro.h"

namespace stepwell::engine {

enum class GroupStatus : uint8_t {
  kOpen = 1,       // takes bookings
  kStarted = 2,    // enough came: it begins, or has begun
  kShort = 3,      // too few to begin
  kCalledOff = 4,  // by the service
};

struct GroupOpened {
  using Self = GroupOpened;
  std::string id;    // the host's, unique in the service
  std::string kind;  // by name: groups outlive a protocol
  Instant starts_at;
  Instant settle_at;  // when it is settled whether it begins
  uint32_t minimum = 1;
  uint32_t places = 1;
  STEPWELL_EVENT(401, "GroupOpened") {
    v(1, "id", s.id);
    v(2, "kind", s.kind);
    v(3, "starts_at", s.starts_at);
    v(4, "settle_at", s.settle_at);
    v(5, "minimum", s.minimum);
    v(6, "places", s.places);
  }
};

struct SeatTaken {
  using Self = SeatTaken;
  CaseId case_id;
  bool waiting = false;  // on the list, until a seat is free
  STEPWELL_EVENT(402, "SeatTaken") {
    v(1, "case", s.case_id);
    v(2, "waiting", s.waiting);
  }
};

struct SeatLeft {
  using Self = SeatLeft;
  CaseId case_id;
  STEPWELL_EVENT(403, "SeatLeft") { v(1, "case", s.case_id); }
};

struct GroupSettled {
  using Self = GroupSettled;
  GroupStatus status = GroupStatus::kStarted;
  STEPWELL_EVENT(404, "GroupSettled") { v(1, "status", s.status); }
};

// The case knows, by an event of its own in the same commit.
struct MemberTold {
  using Self = MemberTold;
  CaseId case_id;
  GroupNews news = GroupNews::kSeated;
  STEPWELL_EVENT(405, "MemberTold") {
    v(1, "case", s.case_id);
    v(2, "news", s.news);
  }
};

using GroupEventBody = std::variant<CommandRecorded, GroupOpened, SeatTaken,
                                    SeatLeft, GroupSettled, MemberTold>;

struct GroupEvent {
  uint64_t seq = 0;
  Instant at, recorded;
  GroupEventBody body;
  bool operator==(const GroupEvent&) const = default;
};

struct SeatState {
  CaseId case_id;
  bool waiting = false;
  bool told = false;  // of what the group has come to
  bool operator==(const SeatState&) const = default;
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "case", s.case_id);
    v(2, "waiting", s.waiting);
    v(3, "told", s.told);
  }
};

struct GroupState {
  uint64_t version = 0;
  Instant last_at;
  std::string id;
  std::string kind;
  GroupStatus status = GroupStatus::kOpen;
  Instant starts_at, settle_at;
  uint32_t minimum = 1, places = 1;
  std::vector<SeatState> seats;  // in the order in which they came
  bool operator==(const GroupState&) const = default;

  uint32_t Seated() const {
    uint32_t seated = 0;
    for (const SeatState& seat : seats) seated += seat.waiting ? 0 : 1;
    return seated;
  }
  uint32_t Waiting() const {
    return static_cast<uint32_t>(seats.size()) - Seated();
  }
  const SeatState* SeatOf(CaseId who) const {
    for (const SeatState& seat : seats) {
      if (seat.case_id == who) return &seat;
    }
    return nullptr;
  }
  // Who is next to be told something; nullptr when all know all.
  const SeatState* NextToTell() const;
  // When the group has something to do; Never when it has not.
  Instant NextDue() const;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "version", s.version);
    v(2, "last_at", s.last_at);
    v(3, "id", s.id);
    v(4, "kind", s.kind);
    v(5, "status", s.status);
    v(6, "starts_at", s.starts_at);
    v(7, "settle_at", s.settle_at);
    v(8, "minimum", s.minimum);
    v(9, "places", s.places);
    v(10, "seats", s.seats);
  }
};

// Total, like Apply for cases.
void Apply(const GroupEvent& event, GroupState& state);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_GROUP_H_
