// Any bytes as a command, a world, a state or a record of the kernel: an error
// or a decision, never a crash.
// seeds: tests/fuzz/corpus/wire
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stepwell/kernel.h"

namespace {

using stepwell::Instant;

constexpr Instant kNow{1'772'442'000'000'000};

// A case that exists, made once.
struct Fixture {
  std::shared_ptr<const stepwell::Protocol> protocol;
  stepwell::KernelWorld world;
  stepwell::KernelDecision opened;

  Fixture() {
    auto compiled = stepwell::Protocol::Compile("catalogue:icbt_base");
    if (!compiled.ok()) std::abort();
    protocol = *compiled;
    world.staff.push_back({"anna", {"therapists", "duty"}, 0, {}});
    auto decided = stepwell::DecideKernel(
        *protocol,
        {"",
         R"({"id":"r","actor":{"role":"integration"},)"
         R"("command":"receive_referral","route":"self",)"
         R"("person":{"system":"s","value":"1"}})",
         {}},
        world, kNow);
    if (!decided.ok() || !decided->accepted) std::abort();
    opened = *std::move(decided);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Fixture& fixture = *new Fixture;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto decided = stepwell::DecideKernel(*fixture.protocol,
                                              {fixture.opened.state, bytes, {}},
                                              fixture.world, kNow);
  if (decided.ok() && decided->accepted) {
    // What was decided folds to the state that came with it.
    const std::vector<std::string_view> records(decided->records.begin(),
                                                decided->records.end());
    const auto folded = stepwell::FoldKernel(fixture.opened.state, records);
    if (!folded.ok() || *folded != decided->state) std::abort();
  }
  (void)stepwell::DecideKernel(*fixture.protocol, {"", bytes, {}},
                               fixture.world, kNow);
  (void)stepwell::DecideKernel(*fixture.protocol, {bytes, "{}", {bytes}},
                               fixture.world, kNow);
  (void)stepwell::KernelWorldFromJson(bytes);
  const std::string_view record[] = {bytes};
  (void)stepwell::FoldKernel(fixture.opened.state, record);
  (void)stepwell::FoldKernel(bytes, record);
  return 0;
}
