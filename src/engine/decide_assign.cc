// Whose case it is: by the policy of a pool, or by a person who names somebody.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
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

// "12", "12.50"
std::string InCases(int hundredths) {
  const int rest = hundredths % protocol::kCaseWeight;
  return absl::StrCat(hundredths / protocol::kCaseWeight, rest == 0 ? "" : ".",
                      rest == 0 ? "" : absl::StrFormat("%02d", rest));
}

std::vector<Obstacle> AgainstNamed(const Macrostep& m, const AssignCase& c,
                                   const CaseNeeds& needs) {
  std::vector<Obstacle> against;
  if (!m.world.BelongsTo(c.pool, c.staff)) {
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
  if (m.counted != c.staff && !m.state.IsClosed() &&
      !HasRoom(m.world, c.pool, c.staff, WeightOf(m.protocol, m.state),
               m.due_now)) {
    against.push_back(Rejected(
        "caseload_full",
        absl::StrCat("the caseload limit is ",
                     InCases(m.world.LimitOf(c.pool, c.staff, m.due_now)))));
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
  const int32_t weight = WeightOf(protocol, state);
  const Chosen chosen = world.ForCase(
      {pool, state.needs, weight, state.owner.staff, except, counted}, due_now);
  Assign(
      {{OwnerKind::kPool, pool, chosen.staff}, chosen.why, std::move(passed)});
  given_ = {pool, except, weight};
}

void Macrostep::ComeBack() {
  const auto [kind, pool, staff] = state.owner;
  if (staff.value == 0 || pool.IsNone()) return;
  const bool is_there = world.BelongsTo(pool, staff) &&
                        !world.HasLeft(staff, due_now) &&
                        !world.IsToCome(staff, due_now);
  if (is_there) {
    given_ = {pool, StaffId(0), WeightOf(protocol, state)};
  } else {
    AssignBy(pool);
  }
}

bool Macrostep::KeepToLimit() {
  if (!given_) return false;
  const Given given = *std::exchange(given_, std::nullopt);
  const StaffId staff = state.owner.staff;
  const int32_t weight = WeightOf(protocol, state);
  const bool fits =
      staff.value == 0 ? weight >= given.weight
                       : staff == counted ||
                             HasRoom(world, given.pool, staff, weight, due_now);
  if (fits) return false;
  AssignBy(given.pool, given.except);
  return true;
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
