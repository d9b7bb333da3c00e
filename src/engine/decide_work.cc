// Whose work an item is: claim, release, hand over; and put off until a date.
#include <string>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/time_text.h"
#include "engine/handlers.h"

namespace stepwell::engine {

namespace {

StaffId ActorOf(const Macrostep& m) {
  const Actor& actor = m.command.envelope.actor;
  return actor.role == Role::kStaff ? actor.staff : StaffId(0);
}

// A claim rests while whoever has it is on leave, and ends when they leave the
// service or the pool.
bool ClaimedByAnother(const Macrostep& m, const ItemState& item) {
  const StaffId owner = item.owner.staff;
  return item.claimed && owner != ActorOf(m) &&
         !m.world.IsOnLeave(owner, m.due_now) && !m.IsNoMore(item.owner);
}

bool HasReason(Macrostep& m, const char* what) {
  if (!m.command.envelope.reason.empty()) return true;
  m.Reject("reason_required", absl::StrCat(what, " needs a reason"));
  return false;
}

std::string PoolName(const Macrostep& m, PoolId pool) {
  return pool.IsNone() ? "no pool" : m.protocol.at(pool).id;
}

// Somebody else's work is moved by whoever stands behind its pool. True when it
// was refused.
bool RefuseMoving(Macrostep& m, const ItemState& item) {
  const PoolId pool = item.owner.pool;
  const bool leads =
      !pool.IsNone() &&
      StandsBehind(m.protocol, m.world, m.protocol.at(pool).fallback,
                   ActorOf(m), m.due_now);
  return !leads && RefuseClaimed(m, item);
}

void Claim(Macrostep& m, const ItemState& item, uint32_t ordinal) {
  const StaffId staff = ActorOf(m);
  if (staff.value == 0) {
    m.Reject("person_required", "work is claimed by a member of staff");
  } else if (m.world.HasLeft(staff, m.due_now)) {
    m.Reject("has_left", "who claims it has left the service");
  } else if (m.world.IsToCome(staff, m.due_now)) {
    m.Reject("not_begun", "who claims it begins later");
  } else if (!item.owner.pool.IsNone() &&
             !StandsBehind(m.protocol, m.world, item.owner.pool, staff,
                           m.due_now)) {
    m.Reject("not_a_member", absl::StrCat("it is claimed by a member of ",
                                          PoolName(m, item.owner.pool),
                                          ", or of a pool that stands behind"));
  } else if (!RefuseOwnWork(m, ordinal) && !RefuseClaimed(m, item) &&
             (!item.claimed || item.owner.staff != staff)) {
    m.Emit(ItemClaimed{ordinal, {OwnerKind::kPool, item.owner.pool, staff}});
    m.ReturnItem(ordinal);
  }
}

void Release(Macrostep& m, const ItemState& item, uint32_t ordinal) {
  if (item.owner.staff.value == 0) {
    m.Reject("not_claimed", "it lies in the queue of its pool");
  } else if (!RefuseMoving(m, item) &&
             (item.owner.staff == ActorOf(m) ||
              HasReason(m, "releasing another's work"))) {
    m.Emit(ItemReleased{ordinal, {OwnerKind::kPool, item.owner.pool, {}}});
    m.ReturnItem(ordinal);
  }
}

// The queue of a pool in which somebody works takes all work; a member takes
// what they can do.
bool RefuseReceiver(Macrostep& m, const Owner& to) {
  if (to.staff.value == 0) {
    if (m.world.HasMembers(to.pool, m.due_now)) return false;
    m.Reject("pool_empty",
             absl::StrCat("nobody works in the pool ", PoolName(m, to.pool)));
    return true;
  }
  if (!m.world.BelongsTo(to.pool, to.staff) &&
      !m.world.IsMember(to.pool, to.staff, m.due_now)) {
    m.Reject("not_a_member", absl::StrCat("the member of staff is not of ",
                                          PoolName(m, to.pool)));
    return true;
  }
  if (m.world.HasLeft(to.staff, m.due_now)) {
    m.Reject("has_left", "the member of staff has left the service");
    return true;
  }
  if (m.world.IsToCome(to.staff, m.due_now)) {
    m.Reject("not_begun", "the member of staff begins later");
    return true;
  }
  if (!m.world.IsOnLeave(to.staff, m.due_now)) return false;
  m.Reject("on_leave", "the member of staff is on leave");
  return true;
}

void HandOver(Macrostep& m, const WorkItem& c, const ItemState& item,
              uint32_t ordinal) {
  const Owner to = {OwnerKind::kPool,
                    c.pool.IsNone() ? item.owner.pool : c.pool, c.staff};
  if (c.pool.IsNone() && c.staff.value == 0) {
    m.Reject("owner_required", "handing over names a pool, a member, or both");
  } else if (!RefuseMoving(m, item) && !RefuseReceiver(m, to) &&
             HasReason(m, "handing over")) {
    m.Emit(ItemMoved{ordinal, to, item.priority});
    m.ReturnItem(ordinal);
  }
}

void Defer(Macrostep& m, const WorkItem& c, const ItemState& item,
           uint32_t ordinal) {
  const Instant latest = m.due_now + WallDays(limits::kPauseReviewDaysMax);
  if (m.IsAboutRisk(item.key.element) ||
      item.key.element == m.protocol.review_element) {
    m.Reject("item_needed", "it is asked for safety: it is not put off");
  } else if (RefuseClaimed(m, item)) {
    return;
  } else if (!c.until) {
    m.Reject("follow_up_required", "what is put off comes back on a date");
  } else if (*c.until <= m.due_now) {
    m.Reject("time_in_past", "the date is one to come");
  } else if (*c.until > latest) {
    m.Reject("follow_up_too_late",
             absl::StrCat("it comes back by ", FormatInstantUtc(latest)));
  } else if (HasReason(m, "putting off")) {
    m.Emit(ItemDeferred{ordinal, *c.until});
  }
}

}  // namespace

bool RefuseMinutes(Macrostep& m, std::optional<int32_t> minutes) {
  if (!minutes || (*minutes >= 0 && *minutes <= 24 * 60)) return false;
  m.Reject("minutes_out_of_range", "minutes lie between 0 and 1440");
  return true;
}

bool RefuseClaimed(Macrostep& m, const ItemState& item) {
  if (!ClaimedByAnother(m, item)) return false;
  m.Reject("claimed_by_another",
           absl::StrCat(m.protocol.at(item.key.element).id,
                        " is claimed by another member of staff: they release "
                        "it or hand it over"));
  return true;
}

bool HandleOwnership(Macrostep& m, const WorkItem& c, uint32_t ordinal) {
  if (c.action != ItemVerb::kClaim && c.action != ItemVerb::kRelease &&
      c.action != ItemVerb::kDefer && c.action != ItemVerb::kHandOver) {
    return false;
  }
  const ItemState item = m.state.items[ordinal];
  if (item.owner.IsPatient()) {
    m.Reject("patient_item", "the patient's work has no other owner");
  } else if (c.action == ItemVerb::kClaim) {
    Claim(m, item, ordinal);
  } else if (c.action == ItemVerb::kRelease) {
    Release(m, item, ordinal);
  } else if (c.action == ItemVerb::kDefer) {
    Defer(m, c, item, ordinal);
  } else {
    HandOver(m, c, item, ordinal);
  }
  return true;
}

void Macrostep::ReturnItem(uint32_t ordinal) {
  if (!state.items[ordinal].follow_up.IsNever()) Emit(ItemReturned{ordinal});
}

void Macrostep::ReturnDeferred() {
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    if (IsOpen(item.status) && item.follow_up <= due_now) ReturnItem(i);
  }
}

}  // namespace stepwell::engine
