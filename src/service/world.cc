#include "service/world.h"

#include <algorithm>

namespace stepwell::service {

bool IsOnLeave(const engine::StaffState& staff, Instant now) {
  return std::any_of(staff.leave.begin(), staff.leave.end(),
                     [&](const engine::LeaveState& leave) {
                       return leave.from <= now && now < leave.to;
                     });
}

namespace {

constexpr int kFullTime = 100;

int TimeOf(const engine::StaffState& staff) {
  return staff.share.value_or(kFullTime);
}

// A pool's limit is of people who work full time. A percent of a case is what
// weights are counted in.
int LimitAtRest(const protocol::Pool& pool, const engine::StaffState& staff) {
  static_assert(kFullTime == protocol::kCaseWeight);
  return staff.caseload_max ? *staff.caseload_max * protocol::kCaseWeight
                            : pool.caseload_max * TimeOf(staff);
}

}  // namespace

int LimitOf(const protocol::Pool& pool, const engine::StaffState* staff,
            Instant now) {
  if (staff == nullptr) return pool.caseload_max * protocol::kCaseWeight;
  const int limit = LimitAtRest(pool, *staff);
  for (const engine::RampStep& step : staff->ramp_up) {
    if (step.until <= now) continue;
    const int then = step.caseload_max * protocol::kCaseWeight;
    return limit == 0 ? then : std::min(limit, then);
  }
  return limit;
}

StaffId CoverOf(const engine::StaffState& staff, Instant now) {
  if (staff.left_at <= now) return staff.cover.value_or(StaffId(0));
  for (const engine::LeaveState& leave : staff.leave) {
    if (leave.from <= now && now < leave.to) return leave.cover;
  }
  return StaffId(0);
}

namespace {

bool HasBegun(const engine::StaffState& staff, Instant now) {
  return !staff.starts_at || *staff.starts_at <= now;
}

bool Holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsOf(const engine::StaffState& staff, std::string_view pool) {
  return Holds(staff.pools, pool);
}

bool ActsFor(const engine::ServiceState& service,
             const engine::StaffState& staff, std::string_view pool,
             Instant now) {
  return std::any_of(
      staff.delegations.begin(), staff.delegations.end(),
      [&](const engine::DelegationState& one) {
        return one.from <= now && now < one.to && Holds(one.pools, pool) &&
               one.of.value != 0 && one.of.value <= service.staff.size() &&
               WorksIn(service.staff[one.of.value - 1], pool, now);
      });
}

}  // namespace

std::vector<std::string> ActingPools(const engine::ServiceState& service,
                                     const engine::StaffState& staff,
                                     Instant now) {
  std::vector<std::string> pools;
  for (const engine::DelegationState& one : staff.delegations) {
    for (const std::string& pool : one.pools) {
      if (!Holds(pools, pool) && ActsFor(service, staff, pool, now)) {
        pools.push_back(pool);
      }
    }
  }
  return pools;
}

bool IsHere(const engine::StaffState& staff, Instant now) {
  return HasBegun(staff, now) && now < staff.left_at && !IsOnLeave(staff, now);
}

bool ActsIn(const engine::ServiceState& service,
            const engine::StaffState& staff, std::string_view pool,
            Instant now) {
  return HasBegun(staff, now) && now < staff.left_at &&
         (IsOf(staff, pool) || ActsFor(service, staff, pool, now));
}

bool WorksIn(const engine::StaffState& staff, std::string_view pool,
             Instant now) {
  return HasBegun(staff, now) && now < staff.left_at && IsOf(staff, pool);
}

const engine::StaffState* ServiceWorld::Find(StaffId staff) const {
  return staff.value == 0 || staff.value > service_.staff.size()
             ? nullptr
             : &service_.staff[staff.value - 1];
}

bool ServiceWorld::IsMember(protocol::PoolId pool, StaffId staff,
                            Instant now) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr &&
         ActsIn(service_, *known, protocol_.at(pool).id, now);
}

bool ServiceWorld::BelongsTo(protocol::PoolId pool, StaffId staff) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr && IsOf(*known, protocol_.at(pool).id);
}

bool ServiceWorld::IsAttended(protocol::PoolId pool, Instant now) const {
  return std::any_of(service_.staff.begin(), service_.staff.end(),
                     [&](const engine::StaffState& staff) {
                       return ActsIn(service_, staff, protocol_.at(pool).id,
                                     now) &&
                              !service::IsOnLeave(staff, now);
                     });
}

bool ServiceWorld::IsAtWork(const engine::StaffState& staff,
                            Instant now) const {
  if (staff.calendar.empty()) return true;
  for (const protocol::Protocol* version : {&protocol_, newest_}) {
    if (version == nullptr) continue;
    for (const protocol::ImportedCalendar& hours : version->calendars) {
      if (hours.name == staff.calendar) return hours.calendar.IsOpen(now);
    }
  }
  return true;
}

bool ServiceWorld::IsAtHand(StaffId staff, Instant now) const {
  const engine::StaffState* const known = Find(staff);
  if (known == nullptr || !IsHere(*known, now)) return false;
  if (!known->calendar.empty()) return IsAtWork(*known, now);
  return std::any_of(
      known->pools.begin(), known->pools.end(), [&](const std::string& name) {
        const protocol::PoolId pool = protocol_.FindPool(name);
        return !pool.IsNone() && engine::IsOpen(protocol_, pool, now);
      });
}

bool ServiceWorld::IsOnLeave(StaffId staff, Instant now) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr && service::IsOnLeave(*known, now);
}

StaffId ServiceWorld::CoverOf(StaffId staff, Instant now) const {
  const engine::StaffState* away = Find(staff);
  for (size_t i = 0; i < service_.staff.size() && away != nullptr; ++i) {
    const StaffId cover = service::CoverOf(*away, now);
    away = Find(cover);
    if (away != nullptr && IsHere(*away, now)) return cover;
  }
  return StaffId(0);
}

bool ServiceWorld::HasLeft(StaffId staff, Instant now) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr && known->left_at <= now;
}

bool ServiceWorld::IsNew(StaffId staff, Instant now) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr && known->new_until && now < *known->new_until;
}

bool ServiceWorld::IsToCome(StaffId staff, Instant now) const {
  const engine::StaffState* const known = Find(staff);
  return known != nullptr && !HasBegun(*known, now);
}

bool ServiceWorld::HasMembers(protocol::PoolId pool, Instant now) const {
  return service_.staff.empty() ||
         std::any_of(service_.staff.begin(), service_.staff.end(),
                     [&](const engine::StaffState& staff) {
                       return ActsIn(service_, staff, protocol_.at(pool).id,
                                     now);
                     });
}

std::string ServiceWorld::LackOf(StaffId staff,
                                 const engine::CaseNeeds& needs) const {
  const engine::StaffState* const known = Find(staff);
  if (known == nullptr) return "";
  const auto first_without = [](const std::vector<std::string>& wanted,
                                const std::vector<std::string>& has) {
    for (const std::string& one : wanted) {
      if (!Holds(has, one)) return one;
    }
    return std::string();
  };
  std::string lack = first_without(needs.skills, known->skills);
  if (lack.empty()) lack = first_without(needs.languages, known->languages);
  if (lack.empty() && !needs.site.empty()) {
    lack = first_without({needs.site}, known->sites);
  }
  return lack;
}

int ServiceWorld::LimitOf(protocol::PoolId pool, StaffId staff,
                          Instant now) const {
  return service::LimitOf(protocol_.at(pool), Find(staff), now);
}

StaffId ServiceWorld::NextOnDuty(protocol::PoolId pool, StaffId after,
                                 Instant now) const {
  const std::string& name = protocol_.at(pool).id;
  const auto count = static_cast<uint32_t>(service_.staff.size());
  StaffId acting;
  for (uint32_t n = 0; n < count; ++n) {
    const uint32_t i = (after.value + n) % count;
    if (StaffId(i + 1) == after) continue;
    const engine::StaffState& staff = service_.staff[i];
    if (!ActsIn(service_, staff, name, now) || service::IsOnLeave(staff, now) ||
        !IsAtWork(staff, now)) {
      continue;
    }
    if (IsOf(staff, name)) return StaffId(i + 1);
    if (acting.value == 0) acting = StaffId(i + 1);
  }
  return acting;
}

bool ServiceWorld::MayTake(const engine::Sought& sought, StaffId staff,
                           Instant now, engine::AssignmentChoice& why) const {
  const engine::StaffState& member = *Find(staff);
  if (!WorksIn(member, protocol_.at(sought.pool).id, now) ||
      staff == sought.except) {
    return false;
  }
  ++why.members;
  if (service::IsOnLeave(member, now)) {
    ++why.on_leave;
  } else if (!LackOf(staff, sought.needs).empty()) {
    ++why.lacking;
  } else if (!engine::HasRoom(*this, sought.pool, staff,
                              staff == sought.counted ? 0 : sought.weight,
                              now)) {
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
  const bool by_turn = policy == AssignmentPolicy::kRoundRobin;
  const auto comes_first = [&](StaffId one, StaffId other) {
    return by_turn
               ? TurnsBefore(sought.pool, one) < TurnsBefore(sought.pool, other)
               : HasLess(one, other);
  };
  engine::Chosen best;
  bool alike = true;  // full time, and each case one case
  for (uint32_t i = 1; i <= service_.staff.size(); ++i) {
    const StaffId staff(i);
    if (!MayTake(sought, staff, now, best.why)) continue;
    alike = alike && TimeOf(*Find(staff)) == kFullTime &&
            caseloads_.Of(staff).beyond == 0;
    const bool stays =
        policy == AssignmentPolicy::kContinuity && staff == sought.present;
    if (best.why.by == engine::ChosenBy::kContinuity ||
        (best.staff.value != 0 && !stays && !comes_first(staff, best.staff))) {
      continue;
    }
    best.staff = staff;
    best.why.by = stays     ? engine::ChosenBy::kContinuity
                  : by_turn ? engine::ChosenBy::kTurn
                            : engine::ChosenBy::kCaseload;
  }
  if (best.why.by == engine::ChosenBy::kTurn) {
    const StaffId last = caseloads_.LastTurn(protocol_.at(sought.pool).id);
    if (last.value != 0) best.why.after = last;
  }
  if (policy == AssignmentPolicy::kManual) {
    best.staff = StaffId(0);
    best.why.by = engine::ChosenBy::kManual;
  }
  const Caseload has = caseloads_.Of(best.staff);
  best.why.caseload = has.cases;
  if (!alike && best.staff.value != 0) best.why.load = has.load();
  return best;
}

uint32_t ServiceWorld::TurnsBefore(protocol::PoolId pool, StaffId staff) const {
  const auto all = static_cast<uint32_t>(service_.staff.size());
  const StaffId last = caseloads_.LastTurn(protocol_.at(pool).id);
  return (staff.value + all - last.value - 1) % all;
}

bool ServiceWorld::HasLess(StaffId one, StaffId other) const {
  const auto load_for = [this](StaffId staff, StaffId time_of) {
    return int64_t{LoadOf(staff)} * TimeOf(*Find(time_of));
  };
  return load_for(one, other) < load_for(other, one);
}

}  // namespace stepwell::service
