// Internal to the engine: what follows when a referral is taken back.
#ifndef STEPWELL_ENGINE_VOID_REFERRAL_H_
#define STEPWELL_ENGINE_VOID_REFERRAL_H_

#include <vector>

#include "engine/event.h"
#include "engine/state.h"

namespace stepwell::engine {

class Macrostep;

// `before` are the referrals of the case before `voided`. True when it took any
// back.
bool TakeBackReferrals(Macrostep& m, const Voided& voided,
                       const std::vector<Referral>& before);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_VOID_REFERRAL_H_
