// What a decision may know beyond its own case: who is on duty and who has
// room. The service room fills it from the service's own stream.
#ifndef STEPWELL_ENGINE_WORLD_H_
#define STEPWELL_ENGINE_WORLD_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/assignment.h"
#include "engine/types.h"

namespace stepwell::engine {

// A group as whoever wants a seat in it sees it.
struct GroupView {
  std::string kind;  // of the protocol's groups
  Instant starts_at;
  uint32_t places = 0, seated = 0, waiting = 0;
  bool takes_bookings = false;  // it has not begun, nor was it called off
};

// How much of the limits at the door is used now.
struct IntakeView {
  std::optional<int64_t> places;  // that there are; nothing: no limit
  int64_t taken = 0;
  std::vector<int64_t> started;  // in this period, by Intake::throttles
};

// A case that somebody of a pool is to take.
struct Sought {
  PoolId pool;
  const CaseNeeds& needs;
  int32_t weight;   // in hundredths of a case
  StaffId present;  // has it now, or had it last
  StaffId except;   // does not get it
  StaffId counted;  // in whose caseload the world counts it already
};

// Whom the policy of a pool chooses for a case, and why.
struct Chosen {
  StaffId staff;  // 0 = nobody: it lies in the queue
  AssignmentChoice why;
};

class World {
 public:
  virtual ~World() = default;
  // A member of the pool who is on duty at `now`; 0 = nobody is named.
  virtual StaffId OnDuty(PoolId pool, Instant now) const = 0;
  // The next of them after that member, who is silent; 0: there is nobody else.
  virtual StaffId NextOnDuty(PoolId, StaffId, Instant) const {
    return StaffId(0);
  }
  // Who takes a case by the policy of the pool: of its members those who are
  // there, have what it needs, and have room.
  virtual Chosen ForCase(const Sought& sought, Instant now) const = 0;
  // Has begun and not left, and is of the pool or acts for somebody who is.
  virtual bool IsMember(PoolId pool, StaffId staff, Instant now) const = 0;
  // Is of the pool, here or not: acting for somebody is not enough.
  virtual bool BelongsTo(PoolId, StaffId) const { return false; }
  // Somebody of it is not on leave: at work now, or when their hours begin.
  virtual bool IsAttended(PoolId pool, Instant now) const {
    return OnDuty(pool, now).value != 0;
  }
  virtual bool IsOnLeave(StaffId, Instant) const { return false; }
  // They are here, in hours of their own or of a pool of theirs.
  virtual bool IsAtHand(StaffId, Instant) const { return false; }
  // Who does their work meanwhile; 0 = nobody is named, or they are there.
  virtual StaffId CoverOf(StaffId, Instant) const { return StaffId(0); }
  // What happens by itself is held (docs/decisions/0046-safe-mode.md).
  virtual bool IsSafeMode() const { return false; }
  virtual bool HasLeft(StaffId, Instant) const { return false; }
  // What they complete may need a second person's sign.
  virtual bool IsNew(StaffId, Instant) const { return false; }
  // They are registered, and begin later.
  virtual bool IsToCome(StaffId, Instant) const { return false; }
  // False: the register has people, and nobody of the pool works here.
  virtual bool HasMembers(PoolId, Instant) const { return true; }
  // The first skill, language or site that they do not have; empty: none.
  virtual std::string LackOf(StaffId, const CaseNeeds&) const { return ""; }
  // The most that their cases may weigh in the pool, in hundredths; 0 = no
  // limit.
  virtual int LimitOf(PoolId, StaffId, Instant) const { return 0; }
  // What the cases weigh that a member of staff owns now, in hundredths.
  virtual int LoadOf(StaffId staff) const = 0;
  // The newest time that the service is sure of: when its clocks were last
  // advanced. A caller's time far beyond it is doubted (docs/internals/
  // time.md). Never: the caller's time is taken as it is.
  virtual Instant ConfirmedTime() const { return Instant::Never(); }
  // Another case has booked the slot.
  virtual bool IsSlotTaken(const std::string&) const { return false; }
  // They are registered as dead.
  virtual bool HasDied(PersonId) const { return false; }
  // Nothing for whoever does not ask who is next.
  virtual std::optional<IntakeView> Intake() const { return std::nullopt; }
  // Phases of the version of the case in which it has a place by the newest
  // version of the service: a queue counts those too who were in care before
  // there was one. Empty: the case's own version says all.
  virtual std::span<const PhaseId> PlacesByNewest() const { return {}; }
  // Nothing when there is no such group.
  virtual std::optional<GroupView> Group(const std::string&) const {
    return std::nullopt;
  }
};

// A case of that weight keeps them within their limit in the pool.
inline bool HasRoom(const World& world, PoolId pool, StaffId staff,
                    int32_t weight, Instant now) {
  const int limit = world.LimitOf(pool, staff, now);
  return limit == 0 || world.LoadOf(staff) + weight <= limit;
}

// A member of the pool, or of one along its fallbacks.
inline bool StandsBehind(const protocol::Protocol& protocol, const World& world,
                         PoolId pool, StaffId staff, Instant now) {
  for (size_t i = 0; i <= protocol.pools.size() && !pool.IsNone(); ++i) {
    if (world.IsMember(pool, staff, now)) return true;
    pool = protocol.at(pool).fallback;
  }
  return false;
}

inline bool IsOpen(const protocol::Protocol& protocol, PoolId pool,
                   Instant now) {
  const protocol::CalendarRef hours = protocol.at(pool).calendar;
  return hours.IsNone() || protocol.calendars[hours.value].calendar.IsOpen(now);
}

// Somebody of the pool, or of one along its fallbacks, is at work, and the pool
// is open.
inline bool IsAnybodyOnDuty(const protocol::Protocol& protocol,
                            const World& world, PoolId pool, Instant now) {
  for (size_t i = 0; i <= protocol.pools.size() && !pool.IsNone(); ++i) {
    if (IsOpen(protocol, pool, now) && world.OnDuty(pool, now).value != 0) {
      return true;
    }
    pool = protocol.at(pool).fallback;
  }
  return false;
}

// Who is on duty in a pool; nobody: staff 0.
struct OnDutyIn {
  PoolId pool;
  StaffId staff;
};
// The first of the pool and those along its fallbacks of whom somebody is; else
// the first of them that is open, else the pool that was meant.
inline OnDutyIn FirstOnDuty(const protocol::Protocol& protocol,
                            const World& world, PoolId pool, Instant now) {
  PoolId queue;
  PoolId candidate = pool;
  for (size_t i = 0; i <= protocol.pools.size() && !candidate.IsNone(); ++i) {
    if (IsOpen(protocol, candidate, now)) {
      const StaffId staff = world.OnDuty(candidate, now);
      if (staff.value != 0) return {candidate, staff};
      if (queue.IsNone()) queue = candidate;
    }
    candidate = protocol.at(candidate).fallback;
  }
  return {queue.IsNone() ? pool : queue, StaffId()};
}

// The last of the pool and those along its fallbacks of whom somebody is.
inline OnDutyIn LastOnDuty(const protocol::Protocol& protocol,
                           const World& world, PoolId pool, Instant now) {
  OnDutyIn last;
  for (size_t i = 0; i <= protocol.pools.size() && !pool.IsNone(); ++i) {
    const StaffId staff =
        IsOpen(protocol, pool, now) ? world.OnDuty(pool, now) : StaffId();
    if (staff.value != 0) last = {pool, staff};
    pool = protocol.at(pool).fallback;
  }
  return last;
}

// `to` lies along the fallbacks of `from`. Of pools that stand in for each
// other none is further than the other.
inline bool IsFurther(const protocol::Protocol& protocol, PoolId from,
                      PoolId to) {
  if (to.IsNone() || from == to) return false;
  const auto leads = [&protocol](PoolId at, PoolId there) {
    for (size_t i = 0; i <= protocol.pools.size() && !at.IsNone(); ++i) {
      at = protocol.at(at).fallback;
      if (at == there) return true;
    }
    return false;
  };
  return leads(from, to) && !leads(to, from);
}

// They work here still, though perhaps not now: what they have taken on is
// known to them.
inline bool IsStillHere(const World& world, StaffId staff, Instant now) {
  return staff.value != 0 && !world.HasLeft(staff, now) &&
         !world.IsOnLeave(staff, now);
}

// A world in which no staff is registered: all work lies with the pools.
class EmptyWorld final : public World {
 public:
  StaffId OnDuty(PoolId, Instant) const override { return StaffId(0); }
  Chosen ForCase(const Sought&, Instant) const override { return {}; }
  bool IsMember(PoolId, StaffId, Instant) const override { return false; }
  int LoadOf(StaffId) const override { return 0; }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_WORLD_H_
