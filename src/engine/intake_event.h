// Events of the queue at the door: a part of event.h, which says what holds for
// all. Classes, throttles and rules go by name: the queue outlives a protocol.
#ifndef STEPWELL_ENGINE_INTAKE_EVENT_H_
#define STEPWELL_ENGINE_INTAKE_EVENT_H_

#include <string>
#include <vector>

#include "engine/event_macro.h"
#include "engine/types.h"

namespace stepwell::engine {

// The case stands in the queue, anew or at another place of it.
struct IntakePlaced {
  using Self = IntakePlaced;
  bool joined = false;  // it was not in the queue before
  std::string intake_class;
  uint16_t rank = 0;   // of the class; 0 comes first
  Instant waits_from;  // in a class whoever has waited longest comes first
  std::vector<std::string> throttles;  // that count its start
  std::vector<std::string> rules;      // of capacity that concern it
  std::vector<std::string> unknown;    // classes and rules that nobody can tell
  bool held = false;                   // it keeps its place, and is not let in
  STEPWELL_EVENT(80, "IntakePlaced") {
    v(1, "joined", s.joined);
    v(2, "class", s.intake_class);
    v(3, "rank", s.rank);
    v(4, "waits_from", s.waits_from);
    v(5, "throttles", s.throttles);
    v(6, "rules", s.rules);
    v(7, "unknown", s.unknown);
    v(8, "held", s.held);
  }
};

// A start that a throttle counts.
struct CountedStart {
  std::string throttle;
  std::string period;  // its first day
  bool operator==(const CountedStart&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "throttle", s.throttle);
    v(2, "period", s.period);
  }
};

// Its turn has come, or a person has let it in before.
struct CaseAdmitted {
  using Self = CaseAdmitted;
  std::string intake_class;
  Instant waits_from;
  std::vector<CountedStart> starts;
  bool by_person = false;  // whatever the limits were
  STEPWELL_EVENT(81, "CaseAdmitted") {
    v(1, "class", s.intake_class);
    v(2, "waits_from", s.waits_from);
    v(3, "starts", s.starts);
    v(4, "by_person", s.by_person);
  }
};

// The case has one of the places of the service.
struct PlaceTaken {
  using Self = PlaceTaken;
  STEPWELL_EVENT(82, "PlaceTaken") {}
};

// It has left the queue by another way than its turn, or given its place back.
struct IntakeLeft {
  using Self = IntakeLeft;
  bool had_place = false;
  STEPWELL_EVENT(83, "IntakeLeft") { v(1, "had_place", s.had_place); }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_INTAKE_EVENT_H_
