// Internal: which protocols a service may begin with.
#ifndef STEPWELL_PROTOCOL_APPROVAL_H_
#define STEPWELL_PROTOCOL_APPROVAL_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {

enum class Deployment : uint8_t {
  kLive,       // only what is approved
  kPrototype,  // what is still a draft or under review, too
};

// kFailedPrecondition, with what would be right, unless `protocol` may be
// deployed so. What is retired never may: cases that run on it go on.
absl::Status CheckDeployable(const Protocol& protocol, Deployment deployment);

// What a service that runs on it should be told again and again: "the protocol
// minimal 1 is a draft ..."; empty when it is approved.
std::string StatusWarning(const Protocol& protocol);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_APPROVAL_H_
