// The state of a case, a person or the service as JSON, for people who look
// into a store. Programs read the log or the service's queries.
#ifndef STEPWELL_WIRE_STATE_JSON_H_
#define STEPWELL_WIRE_STATE_JSON_H_

#include <string>

#include "engine/person.h"
#include "engine/service_stream.h"
#include "engine/state.h"
#include "wire/names.h"

namespace stepwell::wire {

std::string StateToJson(const engine::CaseState& state, const Names& names);
std::string StateToJson(const engine::PersonState& state, const Names& names);
std::string StateToJson(const engine::ServiceState& state, const Names& names);

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_STATE_JSON_H_
