// Internal to the engine: whether the clinical time of a command is believed:
// no day to come is, and what is past by the policy of the protocol. Without a
// policy every time up to now is.
#ifndef STEPWELL_ENGINE_BACKDATING_H_
#define STEPWELL_ENGINE_BACKDATING_H_

#include <optional>
#include <string_view>

#include "engine/command.h"
#include "engine/state.h"
#include "engine/world.h"

namespace stepwell::engine {

struct ClinicalTime {
  std::optional<Instant> at;  // instead of what the envelope says
  std::optional<ClinicalTimeRuled> ruled;
  std::optional<Rejection> rejection;
};

// Staff and other systems are refused; what patients and referrers send, a
// referral and whatever is about an alert or a death is taken as of the limit,
// or as of now, with a word of it in the log. So is, of what is done with the
// things of a case, what lies before the case: nothing of it was there.
ClinicalTime RuleOnTime(const protocol::Protocol& protocol,
                        const CaseState& state, const World& world,
                        const Command& command, std::string_view verb,
                        Instant now);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_BACKDATING_H_
