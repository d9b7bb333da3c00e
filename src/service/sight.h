// What a member of staff may look at: work of the pools that they belong to or
// stand behind. Pure.
#ifndef STEPWELL_SERVICE_SIGHT_H_
#define STEPWELL_SERVICE_SIGHT_H_

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/service_stream.h"
#include "protocol/protocol.h"

namespace stepwell::service {

// Of a service whose cases stay on the version they began with.
using Versions = std::span<const std::shared_ptr<const protocol::Protocol>>;

// The pools of all of them, each once: work may lie with any.
std::vector<std::string> PoolsOf(Versions versions);

// Nobody of the pool, nor of those behind it, is here: they have left, have not
// begun, or are on leave.
bool IsDeserted(const protocol::Protocol& protocol, protocol::PoolId pool,
                const engine::ServiceState& service, Instant now);

class Sight {
 public:
  // The register must outlive it.
  Sight(Versions versions, const engine::ServiceState& service, StaffId viewer,
        Instant now);

  // Pools whose queue the viewer sees: their own, those in which they act for
  // somebody now, and those that lead to one of these by the `fallback`s of
  // some version.
  const std::vector<std::string>& pools() const { return pools_; }
  bool Sees(std::string_view pool) const;
  // Those that nobody sees, since nobody is there nor behind it: what lies in
  // these all may find.
  const std::vector<std::string>& deserted() const { return deserted_; }
  bool Finds(std::string_view pool) const;
  // Those in which nobody is on duty now, nor behind them: their alerts are for
  // whoever is at hand.
  const std::vector<std::string>& unguarded() const { return unguarded_; }
  bool FindsAlerts(std::string_view pool) const;
  // The list of a member is seen by whoever sees all of their pools: it holds
  // work of each of them.
  bool Sees(StaffId member) const;

 private:
  const engine::ServiceState& service_;
  const StaffId viewer_;
  std::vector<std::string> pools_;
  std::vector<std::string> deserted_, unguarded_;
};

// The sights of the members, each made when it is first asked for.
class Sights {
 public:
  // The register must outlive them.
  Sights(std::vector<std::shared_ptr<const protocol::Protocol>> versions,
         const engine::ServiceState& service, Instant now)
      : versions_(std::move(versions)), service_(service), now_(now) {}

  Versions versions() const { return versions_; }
  const engine::ServiceState& service() const { return service_; }
  Instant now() const { return now_; }
  const Sight& Of(StaffId member);
  // Here, in hours of their own or of a pool of theirs.
  bool IsAtHand(StaffId member) const;

 private:
  const std::vector<std::shared_ptr<const protocol::Protocol>> versions_;
  const engine::ServiceState& service_;
  const Instant now_;
  std::map<StaffId, Sight> of_;
};

// Who does the work of the member now: they themselves; while they are away,
// who covers for them, or for these, and is here and may see it. 0: nobody.
StaffId DoerOf(Sights& sights, StaffId member);

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_SIGHT_H_
