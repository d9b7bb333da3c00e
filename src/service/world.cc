#include "service/world.h"

#include <algorithm>

namespace stepwell::service {

bool IsOnLeave(const engine::StaffState& staff, Instant now) {
  return std::any_of(staff.leave.begin(), staff.leave.end(),
                     [&](const engine::LeaveState& leave) {
                       return leave.from <= now && now < leave.to;
                     });
}

StaffId CoverOf(const engine::StaffState& staff, Instant now) {
  for (const engine::LeaveState& leave : staff.leave) {
    if (leave.from <= now && now < leave.to) return leave.cover;
  }
  return StaffId(0);
}

bool ServiceWorld::IsMember(const engine::StaffState& staff,
                            protocol::PoolId pool) const {
  const std::string& name = protocol_.at(pool).id;
  return std::find(staff.pools.begin(), staff.pools.end(), name) !=
         staff.pools.end();
}

bool ServiceWorld::IsMember(protocol::PoolId pool, StaffId staff) const {
  return staff.value != 0 && staff.value <= service_.staff.size() &&
         IsMember(service_.staff[staff.value - 1], pool);
}

bool ServiceWorld::IsOnLeave(StaffId staff, Instant now) const {
  return staff.value != 0 && staff.value <= service_.staff.size() &&
         service::IsOnLeave(service_.staff[staff.value - 1], now);
}

StaffId ServiceWorld::CoverOf(StaffId staff, Instant now) const {
  return staff.value == 0 || staff.value > service_.staff.size()
             ? StaffId(0)
             : service::CoverOf(service_.staff[staff.value - 1], now);
}

StaffId ServiceWorld::OnDuty(protocol::PoolId pool, Instant now) const {
  for (uint32_t i = 0; i < service_.staff.size(); ++i) {
    const engine::StaffState& staff = service_.staff[i];
    if (IsMember(staff, pool) && !service::IsOnLeave(staff, now))
      return StaffId(i + 1);
  }
  return StaffId(0);
}

StaffId ServiceWorld::ForNewCase(protocol::PoolId pool, Instant now) const {
  const int limit = protocol_.at(pool).caseload_max;
  StaffId best(0);
  int best_load = 0;
  for (uint32_t i = 0; i < service_.staff.size(); ++i) {
    const engine::StaffState& staff = service_.staff[i];
    if (!IsMember(staff, pool) || service::IsOnLeave(staff, now)) continue;
    const int load = CaseloadOf(StaffId(i + 1));
    if (limit > 0 && load >= limit) continue;
    if (best.value == 0 || load < best_load) {
      best = StaffId(i + 1);
      best_load = load;
    }
  }
  return best;
}

int ServiceWorld::CaseloadOf(StaffId staff) const {
  const auto it = caseload_.find(staff.value);
  return it == caseload_.end() ? 0 : it->second;
}

}  // namespace stepwell::service
