// What a member of staff may look at: work of the pools that they belong to or
// stand behind. Pure.
#ifndef STEPWELL_SERVICE_SIGHT_H_
#define STEPWELL_SERVICE_SIGHT_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/service_stream.h"
#include "protocol/protocol.h"

namespace stepwell::service {

// Of a service whose cases stay on the version they began with.
using Versions = std::span<const std::shared_ptr<const protocol::Protocol>>;

// The pools of all of them, each once: work may lie with any.
std::vector<std::string> PoolsOf(Versions versions);

class Sight {
 public:
  // The register must outlive it.
  Sight(Versions versions, const engine::ServiceState& service, StaffId viewer);

  // Pools whose queue the viewer sees: their own, and those that lead to one of
  // theirs by the `fallback`s of some version.
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
