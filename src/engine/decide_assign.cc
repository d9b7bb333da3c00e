// Whose case it is: by the policy of a pool, or by a person who names somebody.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/caseload.h"
#include "engine/handlers.h"

namespace stepwell::engine {

namespace {

// What stands against it that the pool gets the case, or whoever is named.
struct Obstacle {
  const char* code;
  std::string reason;
  bool may_pass;  // with a reason
};

Obstacle Rejected(const char* code, std::string reason, bool may_pass = true) {
  return {code, std::move(reason), may_pass};
}

std::vector<Obstacle> AgainstNamed(const Macrostep& m, const AssignCase& c,
                                   const CaseNeeds& needs) {
  std::vector<Obstacle> against;
  if (!m.world.IsMember(c.pool, c.staff, m.due_now)) {
    against.push_back(Rejected(
        "not_a_member", "the member of staff is not of this pool", false));
  }
  if (m.world.HasLeft(c.staff, m.due_now)) {
    against.push_back(Rejected(
        "has_left", "the member of staff has left the service", false));
  }
  if (m.world.IsToCome(c.staff, m.due_now)) {
    against.push_back(
        Rejected("not_begun", "the member of staff begins later"));
  }
  if (m.world.IsOnLeave(c.staff, m.due_now)) {
    against.push_back(Rejected("on_leave", "the member of staff is on leave"));
  }
  const std::string lack = m.world.LackOf(c.staff, needs);
  if (!lack.empty()) {
    against.push_back(
        Rejected("lacks_skill", absl::StrCat("the case needs ", lack)));
  }
  if (m.state.owner.staff != c.staff &&
      !HasRoom(m.world, c.pool, c.staff, WeightOf(m.protocol, m.state),
               m.due_now)) {
    against.push_back(
        Rejected("caseload_full",
                 absl::StrCat("the caseload limit is ",
                              m.world.LimitOf(c.pool, c.staff, m.due_now))));
  }
  return against;
}

// Nobody of the pool would find the case in its queue.
std::vector<Obstacle> AgainstPool(const Macrostep& m, PoolId pool) {
  if (m.world.HasMembers(pool, m.due_now)) return {};
  return {Rejected("pool_empty", absl::StrCat("nobody works in the pool ",
                                              m.protocol.at(pool).id))};
}

// What the reason of the command has passed; nothing when it was refused.
std::optional<std::vector<std::string>> Passed(
    Macrostep& m, const std::vector<Obstacle>& against) {
  std::vector<std::string> passed;
  for (const Obstacle& obstacle : against) {
    if (!obstacle.may_pass) {
      m.Reject(obstacle.code, obstacle.reason);
      return std::nullopt;
    }
    if (m.command.envelope.reason.empty()) {
      m.Reject(obstacle.code,
               absl::StrCat(obstacle.reason, ": pass it with a reason"));
      return std::nullopt;
    }
    passed.emplace_back(obstacle.code);
  }
  return passed;
}

}  // namespace

void Macrostep::AssignBy(PoolId pool, StaffId except,
                         std::vector<std::string> passed) {
  const Chosen chosen = world.ForCase(
      {pool, state.needs, WeightOf(protocol, state), state.owner.staff, except},
      due_now);
  Assign(
      {{OwnerKind::kPool, pool, chosen.staff}, chosen.why, std::move(passed)});
}

void Handle(Macrostep& m, const AssignCase& c) {
  if (c.pool.IsNone()) {
    m.Reject("unknown_pool", "the protocol of the case has no such pool");
    return;
  }
  const CaseNeeds needs = c.needs.value_or(m.state.needs);
  auto passed = Passed(m, c.staff.value == 0 ? AgainstPool(m, c.pool)
                                             : AgainstNamed(m, c, needs));
  if (!passed) return;
  if (needs != m.state.needs) m.Emit(NeedsStated{needs});
  if (c.staff.value == 0) {
    m.AssignBy(c.pool, c.except, *std::move(passed));
  } else {
    m.Assign({{OwnerKind::kPool, c.pool, c.staff},
              std::nullopt,
              *std::move(passed)});
  }
}

}  // namespace stepwell::engine
