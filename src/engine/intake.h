// The queue at the door as one case sees it: what keeps it waiting.
#ifndef STEPWELL_ENGINE_INTAKE_H_
#define STEPWELL_ENGINE_INTAKE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/intake_event.h"
#include "engine/state.h"
#include "engine/view.h"
#include "engine/world.h"
#include "protocol/intake.h"

namespace stepwell::engine {

enum class HoldKind : uint8_t {
  kThrottle,  // as many have started in this period as may
  kPlaces,    // no place is free
  kRule,      // fewer places are free than its rule asks for
  kHeld,      // it is paused, or what decides on it is not known
};

struct Hold {
  HoldKind kind = HoldKind::kPlaces;
  std::string name;  // of the throttle or rule
  bool operator==(const Hold&) const = default;
};

// Empty: the case may be let in when nobody comes before it.
std::vector<Hold> HoldsOf(const protocol::Intake& intake,
                          const IntakeState& place, const IntakeView& view);

// What is known of the case, or of the service, puts it elsewhere than its
// state says: into the queue, out of it, or into a place.
bool IsPlaceStale(const protocol::Protocol& protocol, const CaseState& state,
                  const World& world);

// Where the case stands in the queue by what is known of it, and which guards
// nobody can tell.
struct FoundPlace {
  IntakePlaced placed;
  std::vector<std::pair<std::string, const protocol::Guard*>> asked;
};
FoundPlace PlaceOf(const protocol::Protocol& protocol, const CaseState& state,
                   GuardEvaluator& guards);

// The most places that may be taken once the case is let in; nothing: as many
// as come.
std::optional<int64_t> PlacesTakenMax(const protocol::Intake& intake,
                                      const IntakeState& place,
                                      const IntakeView& view);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_INTAKE_H_
