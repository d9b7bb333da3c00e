#include "service/sight.h"

#include <algorithm>

#include "service/world.h"

namespace stepwell::service {

namespace {

bool Holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool LeadsTo(const protocol::Protocol& protocol, protocol::PoolId pool,
             const std::vector<std::string>& own) {
  for (size_t i = 0; i <= protocol.pools.size() && !pool.IsNone(); ++i) {
    if (Holds(own, protocol.at(pool).id)) return true;
    pool = protocol.at(pool).fallback;
  }
  return false;
}

}  // namespace

std::vector<std::string> PoolsOf(Versions versions) {
  std::vector<std::string> pools;
  for (const auto& protocol : versions) {
    for (const protocol::Pool& pool : protocol->pools) {
      if (!Holds(pools, pool.id)) pools.push_back(pool.id);
    }
  }
  return pools;
}

bool IsDeserted(const protocol::Protocol& protocol, protocol::PoolId pool,
                const engine::ServiceState& service, Instant now) {
  for (size_t i = 0; i <= protocol.pools.size() && !pool.IsNone(); ++i) {
    const std::string& name = protocol.at(pool).id;
    if (std::any_of(service.staff.begin(), service.staff.end(),
                    [&](const engine::StaffState& staff) {
                      return IsHere(staff, now) &&
                             ActsIn(service, staff, name, now);
                    })) {
      return false;
    }
    pool = protocol.at(pool).fallback;
  }
  return true;
}

Sight::Sight(Versions versions, const engine::ServiceState& service,
             StaffId viewer, Instant now)
    : service_(service), viewer_(viewer) {
  const engine::StaffState& staff = service.staff[viewer.value - 1];
  pools_ = staff.pools;
  for (const std::string& pool : ActingPools(service, staff, now)) {
    if (!Sees(pool)) pools_.push_back(pool);
  }
  const std::vector<std::string> own = pools_;
  const Caseloads none;
  for (const auto& protocol : versions) {
    const ServiceWorld world(*protocol, service, none);
    for (const protocol::Pool& pool : protocol->pools) {
      if (Sees(pool.id)) continue;
      const protocol::PoolId id = protocol->FindPool(pool.id);
      if (LeadsTo(*protocol, id, own)) {
        pools_.push_back(pool.id);
        continue;
      }
      if (IsDeserted(*protocol, id, service, now) &&
          !Holds(deserted_, pool.id)) {
        deserted_.push_back(pool.id);
      }
      if (!engine::IsAnybodyOnDuty(*protocol, world, id, now) &&
          !Holds(unguarded_, pool.id)) {
        unguarded_.push_back(pool.id);
      }
    }
  }
}

bool Sight::Sees(std::string_view pool) const { return Holds(pools_, pool); }

bool Sight::Finds(std::string_view pool) const {
  return Sees(pool) || Holds(deserted_, pool);
}

bool Sight::FindsAlerts(std::string_view pool) const {
  return Finds(pool) || Holds(unguarded_, pool);
}

bool Sight::Sees(StaffId member) const {
  if (member == viewer_) return true;
  const std::vector<std::string>& theirs =
      service_.staff[member.value - 1].pools;
  return !theirs.empty() &&
         std::all_of(theirs.begin(), theirs.end(),
                     [this](const std::string& pool) { return Sees(pool); });
}

StaffId DoerOf(Sights& sights, StaffId member) {
  const engine::ServiceState& service = sights.service();
  StaffId doer = member;
  for (size_t i = 0; i <= service.staff.size() && doer.value != 0; ++i) {
    const engine::StaffState& staff = service.staff[doer.value - 1];
    if (IsHere(staff, sights.now())) {
      return doer == member || sights.Of(doer).Sees(member) ? doer : StaffId();
    }
    doer = CoverOf(staff, sights.now());
  }
  return StaffId();
}

bool Sights::IsAtHand(StaffId member) const {
  const Caseloads none;
  return std::any_of(
      versions_.begin(), versions_.end(), [&](const auto& protocol) {
        return ServiceWorld(*protocol, service_, none).IsAtHand(member, now_);
      });
}

const Sight& Sights::Of(StaffId member) {
  return of_.try_emplace(member, versions_, service_, member, now_)
      .first->second;
}

}  // namespace stepwell::service
