// Names of commands that are kept apart: what is simulated never counts as
// live.
#ifndef STEPWELL_SERVICE_COMMAND_NAMES_H_
#define STEPWELL_SERVICE_COMMAND_NAMES_H_

#include <string_view>

namespace stepwell::service {

// What the ids of simulated commands begin with. Effects derive their ids from
// their command, so none of a simulation has the id of a live one.
inline constexpr std::string_view kSimulatedPrefix = "sim/";

constexpr bool IsSimulated(std::string_view command_id) {
  return command_id.substr(0, kSimulatedPrefix.size()) == kSimulatedPrefix;
}

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_COMMAND_NAMES_H_
