// Compiled by tests/sim/tests.cmake, with and without MISUSE: a simulated
// effect has no way into a live outbox.
#include "runtime/runtime.h"
#include "sim/outbox.h"
#include "store/store.h"

namespace stepwell {

void Put(const sim::SimulatedEffect& simulated,
         const engine::EffectRequested& live) {
  store::StreamWrite write;
  runtime::EffectPayload payload;
  payload.effect = live;
  write.outbox.push_back({live.effect, live.valid_until, ""});
#if MISUSE == 1
  payload.effect = simulated;
#elif MISUSE == 2
  write.outbox.push_back(simulated);
#elif MISUSE == 3
  write.outbox.push_back({simulated, live.valid_until, ""});
#elif MISUSE == 4
  engine::Command command;
  command.body = engine::SettleEffect{simulated, true, ""};
#elif MISUSE == 5
  write.outbox.push_back({simulated.id(), live.valid_until, ""});
#elif MISUSE == 6
  write.outbox.push_back({simulated.Delivered().effect, live.valid_until, ""});
#elif MISUSE == 7
  store::CommitRequest request;
  request.outbox_acknowledged.push_back(simulated.id());
#endif
  (void)simulated;
}

}  // namespace stepwell
