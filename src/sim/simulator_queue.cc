// The queue at the door: whoever's turn it is is let in, by the same rules and
// in the same order as the live service does it.
#include <algorithm>

#include "service/queue.h"
#include "sim/simulator.h"

namespace stepwell::sim {

using service::WorkKey;
using service::WorkKind;

void Simulator::TakeQueue(uint32_t slot,
                          const service::Projection& projection) {
  Case& one = cases_[slot];
  const auto leave = [&] {
    if (one.queued) queue_.erase(*one.queued);
    one.queued.reset();
  };
  for (const uint64_t key : projection.work_removed) {
    if (key == WorkKey(WorkKind::kWaiting, 0)) leave();
  }
  for (const service::WorkEntry& entry : projection.work_set) {
    if (entry.kind != WorkKind::kWaiting) continue;
    leave();
    one.queued = Queued{-entry.priority, entry.due, one.state.id, slot};
    queue_.insert(*one.queued);
    PlanLetIn(now_);
  }
  for (const auto& [name, change] : projection.counters) {
    if (!name.starts_with("intake/")) continue;
    queue_counters_[name] += change;
    if (name == service::kIntakePlaces && change < 0) PlanLetIn(now_);
  }
}

void Simulator::PlanLetIn(Instant at) {
  if (let_in_planned_ <= at) return;
  let_in_planned_ = at;
  calendar_.Add(at, kQueue, {Act::kLetIn, 0, 0, 0});
}

absl::Status Simulator::LetIn() {
  // One that was planned for later and came about sooner has nothing to do.
  if (let_in_planned_ > now_) return absl::OkStatus();
  let_in_planned_ = Instant::Never();
  const protocol::Intake& intake = *protocol_.intake;
  const auto counter = [this](std::string_view name) -> int64_t {
    const auto it = queue_counters_.find(name);
    return it == queue_counters_.end() ? 0 : it->second;
  };
  engine::IntakeView view =
      service::LimitsNow(protocol_, service_, caseloads_, now_, counter);
  Instant opening = Instant::Never();
  for (auto next = queue_.begin(); next != queue_.end();) {
    const Queued queued = *next;
    const engine::IntakeState* place = cases_[queued.slot].state.Place();
    if (!engine::HoldsOf(intake, *place, view).empty()) {
      opening = std::min(opening, service::NextOpening(intake, view, now_));
      if (service::IsClosedToAll(intake, view)) break;
      ++next;
      continue;
    }
    world_.TakeIntake(view);
    absl::Status status = Submit(queued.slot, engine::ReleaseCase{}, {});
    if (!status.ok()) return status;
    view = service::LimitsNow(protocol_, service_, caseloads_, now_, counter);
    next = queue_.upper_bound(queued);
  }
  if (!opening.IsNever()) PlanLetIn(opening);
  return absl::OkStatus();
}

}  // namespace stepwell::sim
