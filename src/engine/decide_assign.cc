// Whose case it is: by the policy of a pool, or by a person who names somebody.
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"

namespace stepwell::engine {

namespace {

// Who is named against leave, needs or limit is named with a reason.
bool RefuseNamed(Macrostep& m, const AssignCase& c, const CaseNeeds& needs) {
  const std::string lack = m.world.LackOf(c.staff, needs);
  const int limit = m.world.LimitOf(c.pool, c.staff);
  if (!m.world.IsMember(c.pool, c.staff)) {
    m.Reject("not_a_member", "the member of staff is not of this pool");
  } else if (m.world.HasLeft(c.staff, m.due_now)) {
    m.Reject("has_left", "the member of staff has left the service");
  } else if (!m.command.envelope.reason.empty()) {
    return false;
  } else if (m.world.IsOnLeave(c.staff, m.due_now)) {
    m.Reject("on_leave",
             "the member of staff is on leave: pass it with a reason");
  } else if (!lack.empty()) {
    m.Reject("lacks_skill",
             absl::StrCat("the case needs ", lack, ": pass it with a reason"));
  } else if (limit > 0 && m.state.owner.staff != c.staff &&
             m.world.CaseloadOf(c.staff) >= limit) {
    m.Reject("caseload_full", absl::StrCat("the caseload limit is ", limit,
                                           ": pass it with a reason"));
  } else {
    return false;
  }
  return true;
}

// Nobody of the pool would find the case in its queue.
bool RefuseEmpty(Macrostep& m, PoolId pool) {
  if (m.world.HasMembers(pool, m.due_now) ||
      !m.command.envelope.reason.empty()) {
    return false;
  }
  m.Reject("pool_empty",
           absl::StrCat("nobody works in the pool ", m.protocol.at(pool).id,
                        ": pass it with a reason"));
  return true;
}

}  // namespace

void Macrostep::AssignBy(PoolId pool, StaffId except) {
  const Chosen chosen =
      world.ForCase({pool, state.needs, state.owner.staff, except}, due_now);
  Assign({OwnerKind::kPool, pool, chosen.staff}, chosen.why);
}

void Handle(Macrostep& m, const AssignCase& c) {
  if (c.pool.IsNone()) {
    m.Reject("unknown_pool", "the protocol of the case has no such pool");
    return;
  }
  const CaseNeeds needs = c.needs.value_or(m.state.needs);
  if (c.staff.value == 0 ? RefuseEmpty(m, c.pool) : RefuseNamed(m, c, needs)) {
    return;
  }
  if (needs != m.state.needs) m.Emit(NeedsStated{needs});
  if (c.staff.value == 0) {
    m.AssignBy(c.pool, c.except);
  } else {
    m.Assign({OwnerKind::kPool, c.pool, c.staff});
  }
}

}  // namespace stepwell::engine
