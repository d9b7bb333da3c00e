#include "protocol/approval.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace stepwell::protocol {

absl::Status CheckDeployable(const Protocol& protocol, Deployment deployment) {
  if (protocol.status == "approved") return absl::OkStatus();
  const std::string name =
      absl::StrCat("the protocol ", protocol.id, " ", protocol.version, " is ",
                   protocol.status);
  if (protocol.status == "retired") {
    return Precondition(absl::StrCat(
        name,
        ": no new service begins with it; services that run on it go on. "
        "Take the version that replaced it"));
  }
  if (deployment == Deployment::kPrototype) return absl::OkStatus();
  return Precondition(absl::StrCat(
      name,
      " and not approved: a live service needs the `status` \"approved\" and "
      "its `approver`. To try it out, say that it is a prototype "
      "(`prototype`; on the command line --prototype)"));
}

std::string StatusWarning(const Protocol& protocol) {
  if (protocol.status == "approved") return "";
  const bool retired = protocol.status == "retired";
  return absl::StrCat("the protocol ", protocol.id, " ", protocol.version,
                      " is ", protocol.status,
                      retired ? ": move its cases to the version that replaced "
                                "it"
                              : " and not approved: this service is a "
                                "prototype");
}

}  // namespace stepwell::protocol
