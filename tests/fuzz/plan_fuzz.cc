// Any bytes as a plan of a shipped protocol: issues or a status, never a crash.
// seeds: catalogue/plans
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/catalogue.h"
#include "protocol/protocol.h"
#include "sim/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const stepwell::protocol::Protocol> protocol =
      stepwell::protocol::LoadProtocol(
          stepwell::FindCatalogueFile("protocols/icbt_sweden.json"),
          stepwell::protocol::BuiltInCatalogue())
          ->protocol;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto plan = stepwell::sim::LoadPlan(text, {}, protocol);
  if (plan.ok() &&
      (plan->plan == nullptr) != stepwell::HasError(plan->issues)) {
    std::abort();
  }
  // A path and a value that come from outside, too.
  const size_t half = size / 2;
  (void)stepwell::sim::ApplySettings(
      R"({"a": [{"id": "x", "n": 1}], "b": {"c": 2}})",
      {{std::string(text.substr(0, half)), std::string(text.substr(half))}});
  return 0;
}
