// Internal to the host: the state of a case as bytes that leave the library.
#ifndef STEPWELL_HOST_KERNEL_STATE_H_
#define STEPWELL_HOST_KERNEL_STATE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/state.h"

namespace stepwell::host {

//   sealed = "SWKS" version:u8=1 tag:8 state
// `tag` are the first bytes of the fingerprint of `state`, a state row as
// wire/record.h writes it. The engine trusts what it decodes; the tag keeps
// bytes from it that were damaged outside.
std::string SealState(const engine::CaseState& state);
absl::StatusOr<engine::CaseState> UnsealState(std::string_view sealed);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_KERNEL_STATE_H_
