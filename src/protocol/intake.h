// The queue at the door: who waits in which order, and what lets the next one
// in. A part of Protocol.
#ifndef STEPWELL_PROTOCOL_INTAKE_H_
#define STEPWELL_PROTOCOL_INTAKE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/protocol.h"

namespace stepwell::protocol {

// Whom the guard holds for comes before all of the classes behind. The last
// class has no guard: everybody else.
struct IntakeClass {
  std::string id;
  std::string title;
  Guard guard;
};

enum class ThrottlePeriod : uint8_t { kDay, kWeek, kMonth };

// No more than `starts` in a day, a week from Monday or a month of the zone.
struct Throttle {
  std::string id;
  int starts = 0;
  ThrottlePeriod per = ThrottlePeriod::kMonth;
  const Zone* zone = nullptr;
  // Of those who came by no other route than these; empty: of all.
  std::vector<RouteId> routes;
};

// Whom the guard holds for is let in only while so many places are free.
struct CapacityRule {
  std::string id;
  Guard guard;
  int free_min = 1;
};

struct Capacity {
  int places = 0;  // 0: those of the pool
  PoolId pool;     // the caseloads of its members who are not on leave
  std::vector<PhaseId> held_in;  // a case in one of these has a place
  std::vector<CapacityRule> rules;
  bool IsLimit() const { return places > 0 || !pool.IsNone(); }
};

struct Intake {
  PhaseId phase;  // whoever is in it stands in the queue
  PhaseId to;     // where they go when it is their turn
  std::vector<IntakeClass> classes;
  std::vector<Throttle> throttles;
  Capacity capacity;

  const Throttle* FindThrottle(std::string_view id) const;
  const CapacityRule* FindRule(std::string_view id) const;
  bool Holds(PhaseId phase) const;  // a case that is there has a place
};

// The day on which the period began that `now` lies in: its name, for ever.
std::string PeriodOf(const Throttle& throttle, Instant now);
// When the next one begins.
Instant NextPeriod(const Throttle& throttle, Instant now);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_INTAKE_H_
