#include "service/world.h"

#include <algorithm>

namespace stepwell::service {

bool IsOnLeave(const engine::StaffState& staff, Instant now) {
  return std::any_of(staff.leave.begin(), staff.leave.end(),
                     [&](const engine::LeaveState& leave) {
                       return leave.from <= now && now < leave.to;
                     });
}

int LimitOf(const protocol::Pool& pool, const engine::StaffState* staff) {
  return staff != nullptr && staff->caseload_max ? *staff->caseload_max
                                                 : pool.caseload_max;
}

StaffId CoverOf(const engine::StaffState& staff, Instant now) {
  for (const engine::LeaveState& leave : staff.leave) {
    if (leave.from <= now && now < leave.to) return leave.cover;
  }
  return StaffId(0);
}

namespace {

bool IsOf(const engine::StaffState& staff, std::string_view pool) {
  return std::find(staff.pools.begin(), staff.pools.end(), pool) !=
         staff.pools.end();
}

}  // namespace

bool WorksIn(const engine::StaffState& staff, std::string_view pool,
             Instant now) {
  return staff.left_at > now && IsOf(staff, pool);
}

const engine::StaffState* ServiceWorld::Find(StaffId staff) const {
  return staff.value == 0 || staff.value > service_.staff.size()
             ? nullptr
             : &service_.staff[staff.value - 1];
}

bool ServiceWorld::IsMember(protocol::PoolId pool, StaffId staff) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr && IsOf(*known, protocol_.at(pool).id);
}

bool ServiceWorld::IsOnLeave(StaffId staff, Instant now) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr && service::IsOnLeave(*known, now);
}

StaffId ServiceWorld::CoverOf(StaffId staff, Instant now) const {
  const engine::StaffState* const known = Find(staff);
  return known == nullptr ? StaffId(0) : service::CoverOf(*known, now);
}

bool ServiceWorld::HasLeft(StaffId staff, Instant now) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr && known->left_at <= now;
}

bool ServiceWorld::IsNew(StaffId staff, Instant now) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr && known->new_until && now < *known->new_until;
}

bool ServiceWorld::HasMembers(protocol::PoolId pool, Instant now) const {
  return service_.staff.empty() ||
         std::any_of(service_.staff.begin(), service_.staff.end(),
                     [&](const engine::StaffState& staff) {
                       return WorksIn(staff, protocol_.at(pool).id, now);
                     });
}

std::string ServiceWorld::LackOf(StaffId staff,
                                 const engine::CaseNeeds& needs) const {
  const engine::StaffState* const known = Find(staff);
  if (known == nullptr) return "";
  const auto first_without = [](const std::vector<std::string>& wanted,
                                const std::vector<std::string>& has) {
    for (const std::string& one : wanted) {
      if (std::find(has.begin(), has.end(), one) == has.end()) return one;
    }
    return std::string();
  };
  const std::string skill = first_without(needs.skills, known->skills);
  return skill.empty() ? first_without(needs.languages, known->languages)
                       : skill;
}

int ServiceWorld::LimitOf(protocol::PoolId pool, StaffId staff) const {
  return service::LimitOf(protocol_.at(pool), Find(staff));
}

StaffId ServiceWorld::OnDuty(protocol::PoolId pool, Instant now) const {
  for (uint32_t i = 0; i < service_.staff.size(); ++i) {
    const engine::StaffState& staff = service_.staff[i];
    if (WorksIn(staff, protocol_.at(pool).id, now) &&
        !service::IsOnLeave(staff, now)) {
      return StaffId(i + 1);
    }
  }
  return StaffId(0);
}

bool ServiceWorld::MayTake(const engine::Sought& sought, StaffId staff,
                           Instant now, engine::AssignmentChoice& why) const {
  const engine::StaffState& member = *Find(staff);
  if (!WorksIn(member, protocol_.at(sought.pool).id, now) ||
      staff == sought.except) {
    return false;
  }
  ++why.members;
  const int limit = LimitOf(sought.pool, staff);
  if (service::IsOnLeave(member, now)) {
    ++why.on_leave;
  } else if (!LackOf(staff, sought.needs).empty()) {
    ++why.lacking;
  } else if (limit > 0 && staff != sought.present &&
             CaseloadOf(staff) >= limit) {
    ++why.full;
  } else {
    return true;
  }
  return false;
}

engine::Chosen ServiceWorld::ForCase(const engine::Sought& sought,
                                     Instant now) const {
  using protocol::AssignmentPolicy;
  const AssignmentPolicy policy = protocol_.at(sought.pool).assignment;
  engine::Chosen best;
  for (uint32_t i = 1; i <= service_.staff.size(); ++i) {
    const StaffId staff(i);
    if (!MayTake(sought, staff, now, best.why)) continue;
    const int load = CaseloadOf(staff);
    const bool stays =
        policy == AssignmentPolicy::kContinuity && staff == sought.present;
    if (best.why.by == engine::ChosenBy::kContinuity ||
        (best.staff.value != 0 && !stays && load >= best.why.caseload)) {
      continue;
    }
    best.staff = staff;
    best.why.by =
        stays ? engine::ChosenBy::kContinuity : engine::ChosenBy::kCaseload;
    best.why.caseload = load;
  }
  if (policy != AssignmentPolicy::kManual) return best;
  best.staff = StaffId(0);
  best.why.by = engine::ChosenBy::kManual;
  best.why.caseload = 0;
  return best;
}

int ServiceWorld::CaseloadOf(StaffId staff) const {
  const auto it = caseload_.find(staff.value);
  return it == caseload_.end() ? 0 : it->second;
}

}  // namespace stepwell::service
