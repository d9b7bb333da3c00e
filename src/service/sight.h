// What a member of staff may look at: work of the pools that they belong to or
// stand behind. Pure.
#ifndef STEPWELL_SERVICE_SIGHT_H_
#define STEPWELL_SERVICE_SIGHT_H_

#include <string>
#include <string_view>
#include <vector>

#include "engine/service_stream.h"
#include "protocol/protocol.h"

namespace stepwell::service {

class Sight {
 public:
  // The register must outlive it.
  Sight(const protocol::Protocol& protocol, const engine::ServiceState& service,
        StaffId viewer);

  // Pools whose queue the viewer sees: their own, and those that lead to one of
  // theirs by `fallback`.
  const std::vector<std::string>& pools() const { return pools_; }
  bool Sees(std::string_view pool) const;
  // The list of a member is seen by whoever sees all of their pools: it holds
  // work of each of them.
  bool Sees(StaffId member) const;

 private:
  const engine::ServiceState& service_;
  const StaffId viewer_;
  std::vector<std::string> pools_;
};

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_SIGHT_H_
