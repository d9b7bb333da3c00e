// Internal to the host: names for the wire, and where texts are kept.
#ifndef STEPWELL_HOST_NAMES_H_
#define STEPWELL_HOST_NAMES_H_

#include <string>
#include <vector>

#include "engine/command.h"
#include "engine/state.h"
#include "json/json.h"
#include "protocol/protocol.h"
#include "runtime/runtime.h"
#include "wire/names.h"

namespace stepwell::host {

// `runtime`, `protocol` and `state` must outlive the names.
wire::Names NamesFor(runtime::Runtime& runtime,
                     const protocol::Protocol* protocol,
                     const engine::CaseState* state);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_NAMES_H_
