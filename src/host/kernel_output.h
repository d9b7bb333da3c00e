// Internal to the host: what the kernel hands back.
#ifndef STEPWELL_HOST_KERNEL_OUTPUT_H_
#define STEPWELL_HOST_KERNEL_OUTPUT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event.h"
#include "engine/state.h"
#include "host/command_parts.h"
#include "protocol/protocol.h"
#include "runtime/runtime.h"
#include "stepwell/kernel.h"
#include "wire/names.h"

namespace stepwell::host {

// A command that was decided.
struct KernelStep {
  std::string command_id;
  service::CaseShare before;  // what the case counted in caseloads
  uint64_t version_before = 0;
  std::vector<engine::Event> events;
  engine::CaseState state;  // afterwards
  runtime::Receipt receipt;
  std::vector<KeptText> texts;
  std::vector<std::string> warnings;  // about the world
};

// `state_before` are the bytes that came in: they go back after a rejection.
absl::StatusOr<KernelDecision> Output(const protocol::Protocol& protocol,
                                      const KernelStep& step,
                                      const wire::Names& names,
                                      std::string_view state_before,
                                      Instant now);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_KERNEL_OUTPUT_H_
