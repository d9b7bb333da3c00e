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

#include "absl/container/flat_hash_map.h"
#include "engine/service_stream.h"
#include "engine/world.h"
#include "protocol/protocol.h"

namespace stepwell::service {

// The first three must outlive the view, and so must the places.
class ServiceWorld final : public engine::World {
 public:
  ServiceWorld(const protocol::Protocol& protocol,
               const engine::ServiceState& service,
               const absl::flat_hash_map<uint32_t, int>& caseload,
               Instant confirmed = Instant::Never(),
               std::span<const protocol::PhaseId> places = {})
      : protocol_(protocol),
        service_(service),
        caseload_(caseload),
        confirmed_(confirmed),
        places_(places) {}

  // The first of the register who is a member and not on leave.
  StaffId OnDuty(protocol::PoolId pool, Instant now) const override;
  engine::Chosen ForCase(const engine::Sought& sought,
                         Instant now) const override;
  bool IsMember(protocol::PoolId pool, StaffId staff) const override;
  bool IsOnLeave(StaffId staff, Instant now) const override;
  StaffId CoverOf(StaffId staff, Instant now) const override;
  bool IsSafeMode() const override { return service_.safe_since.has_value(); }
  bool HasLeft(StaffId staff, Instant now) const override;
  bool IsNew(StaffId staff, Instant now) const override;
  bool HasMembers(protocol::PoolId pool, Instant now) const override;
  std::string LackOf(StaffId staff,
                     const engine::CaseNeeds& needs) const override;
  int LimitOf(protocol::PoolId pool, StaffId staff) const override;
  int CaseloadOf(StaffId staff) const override;
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
  // Counts them in `why`; true when they may take the case.
  bool MayTake(const engine::Sought& sought, StaffId staff, Instant now,
               engine::AssignmentChoice& why) const;

  const protocol::Protocol& protocol_;
  const engine::ServiceState& service_;
  const absl::flat_hash_map<uint32_t, int>& caseload_;
  const Instant confirmed_;
  const std::span<const protocol::PhaseId> places_;
  std::string taken_slot_;
  PersonId dead_;
  std::map<std::string, engine::GroupView> groups_;
  std::optional<engine::IntakeView> intake_;
};

bool IsOnLeave(const engine::StaffState& staff, Instant now);
// Is of the pool, and has not left the service; on leave or not.
bool WorksIn(const engine::StaffState& staff, std::string_view pool,
             Instant now);
// The most cases of a member in the pool; 0: no limit. Nullptr: of any member.
int LimitOf(const protocol::Pool& pool, const engine::StaffState* staff);
// Who covers for them now; 0: nobody, or they are there.
StaffId CoverOf(const engine::StaffState& staff, Instant now);

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_WORLD_H_
