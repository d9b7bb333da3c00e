// The world as the engine may know it, from the service's own stream and the
// caseload counters.
#ifndef STEPWELL_SERVICE_WORLD_H_
#define STEPWELL_SERVICE_WORLD_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/service_stream.h"
#include "engine/world.h"
#include "protocol/protocol.h"
#include "service/caseload.h"

namespace stepwell::service {

// What it is made of must outlive the view. `newest`: the version of new cases.
class ServiceWorld final : public engine::World {
 public:
  ServiceWorld(const protocol::Protocol& protocol,
               const engine::ServiceState& service, const Caseloads& caseloads,
               Instant confirmed = Instant::Never(),
               std::span<const protocol::PhaseId> places = {},
               const protocol::Protocol* newest = nullptr)
      : protocol_(protocol),
        service_(service),
        caseloads_(caseloads),
        confirmed_(confirmed),
        places_(places),
        newest_(newest) {}

  // The first of the register who is a member, at work and not on leave; when
  // there is none, who acts for one.
  StaffId OnDuty(protocol::PoolId pool, Instant now) const override {
    return NextOnDuty(pool, StaffId(0), now);
  }
  StaffId NextOnDuty(protocol::PoolId pool, StaffId after,
                     Instant now) const override;
  engine::Chosen ForCase(const engine::Sought& sought,
                         Instant now) const override;
  bool IsMember(protocol::PoolId pool, StaffId staff,
                Instant now) const override;
  bool BelongsTo(protocol::PoolId pool, StaffId staff) const override;
  bool IsAttended(protocol::PoolId pool, Instant now) const override;
  bool IsOnLeave(StaffId staff, Instant now) const override;
  bool IsAtHand(StaffId staff, Instant now) const override;
  StaffId CoverOf(StaffId staff, Instant now) const override;
  bool IsSafeMode() const override { return service_.safe_since.has_value(); }
  bool HasLeft(StaffId staff, Instant now) const override;
  bool IsNew(StaffId staff, Instant now) const override;
  bool IsToCome(StaffId staff, Instant now) const override;
  bool HasMembers(protocol::PoolId pool, Instant now) const override;
  std::string LackOf(StaffId staff,
                     const engine::CaseNeeds& needs) const override;
  int LimitOf(protocol::PoolId pool, StaffId staff, Instant now) const override;
  int LoadOf(StaffId staff) const override {
    return caseloads_.Of(staff).load();
  }
  Instant ConfirmedTime() const override { return confirmed_; }
  bool IsSlotTaken(const std::string& slot) const override {
    return slot == taken_slot_;
  }
  std::optional<engine::GroupView> Group(const std::string& id) const override {
    const auto group = groups_.find(id);
    return group == groups_.end() ? std::nullopt : std::optional(group->second);
  }
  bool HasDied(PersonId person) const override {
    return person == dead_ && person != PersonId();
  }
  // What the store says of the groups, the slot or the person that a command
  // asks for.
  void TakeGroup(std::string id, engine::GroupView view) {
    groups_.insert_or_assign(std::move(id), std::move(view));
  }
  void TakeSlot(std::string slot) { taken_slot_ = std::move(slot); }
  void TakeDead(PersonId person) { dead_ = person; }
  // How much of the limits at the door is used, for whoever is next.
  std::optional<engine::IntakeView> Intake() const override { return intake_; }
  void TakeIntake(engine::IntakeView view) { intake_ = std::move(view); }
  std::span<const protocol::PhaseId> PlacesByNewest() const override {
    return places_;
  }

 private:
  const engine::StaffState* Find(StaffId staff) const;
  // A smaller caseload, for the time that each of them works.
  bool HasLess(StaffId one, StaffId other) const;
  // Members who come before their turn, after whom the last case went to.
  uint32_t TurnsBefore(protocol::PoolId pool, StaffId staff) const;
  // At work by hours of their own, as the version of the case has them, else
  // the newest; where neither knows these, whenever their pool is.
  bool IsAtWork(const engine::StaffState& staff, Instant now) const;
  // Counts them in `why`; true when they may take the case.
  bool MayTake(const engine::Sought& sought, StaffId staff, Instant now,
               engine::AssignmentChoice& why) const;

  const protocol::Protocol& protocol_;
  const engine::ServiceState& service_;
  const Caseloads& caseloads_;
  const Instant confirmed_;
  const std::span<const protocol::PhaseId> places_;
  const protocol::Protocol* const newest_;
  std::string taken_slot_;
  PersonId dead_;
  std::map<std::string, engine::GroupView> groups_;
  std::optional<engine::IntakeView> intake_;
};

// Acting for somebody is for a time: of a year at most.
inline constexpr int kActingDaysMax = 366;

bool IsOnLeave(const engine::StaffState& staff, Instant now);
// Has begun and not left, and is of the pool or acts for somebody who is.
bool ActsIn(const engine::ServiceState& service,
            const engine::StaffState& staff, std::string_view pool,
            Instant now);
// Acts for somebody in these pools: as long as it was said, and as they work
// there themselves.
std::vector<std::string> ActingPools(const engine::ServiceState& service,
                                     const engine::StaffState& staff,
                                     Instant now);
// Has begun, has not left, and is not on leave.
bool IsHere(const engine::StaffState& staff, Instant now);
// Is of the pool, has begun and has not left the service; on leave or not.
bool WorksIn(const engine::StaffState& staff, std::string_view pool,
             Instant now);
// The most that the cases of a member may weigh in the pool then, in
// hundredths; 0: no limit. Nullptr: of any member.
int LimitOf(const protocol::Pool& pool, const engine::StaffState* staff,
            Instant now);
// Who does their work now, because they are on leave or have left; 0: nobody,
// or they are there.
StaffId CoverOf(const engine::StaffState& staff, Instant now);

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_WORLD_H_
