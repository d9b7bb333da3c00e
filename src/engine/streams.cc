// Apply for the person and service streams.
#include <algorithm>
#include <utility>

#include "engine/group.h"
#include "engine/person.h"
#include "engine/service_stream.h"

namespace stepwell::engine {
namespace {

struct PersonApplier {
  const PersonEvent& event;
  PersonState& state;

  void operator()(const CommandRecorded&) {}
  void operator()(const PersonRegistered& e) { state.id = e.id; }
  void operator()(const ReferralNoted& e) {
    // One that was on file as ended can be asked for anew.
    auto& known = state.referrals;
    if (std::find(known.begin(), known.end(), e.referral) == known.end()) {
      known.push_back(e.referral);
    }
  }
  void operator()(const CaseLinked& e) { state.case_id = e.case_id; }
  void operator()(const PersonDied&) { state.died_at = event.at; }
  void operator()(const PersonZoneNoted& e) { state.zone = e.zone; }
  void operator()(const PersonMerged& e) { state.merged_into = e.into; }
  void operator()(const PersonTakenIn& e) {
    state.taken_in.push_back(e.person);
  }
  void operator()(const PersonUnmerged&) { state.merged_into = PersonId(); }
  void operator()(const PersonGivenBack& e) {
    std::erase(state.taken_in, e.person);
  }
};

struct ServiceApplier {
  const ServiceEvent& event;
  ServiceState& state;

  void operator()(const CommandRecorded&) {}
  void operator()(const ServiceOpened& e) {
    state.opened_at = event.at;
    state.tenant = e.tenant;
  }
  void operator()(const ProtocolDeployed& e) {
    state.protocols.push_back(e.deployed);
  }
  void operator()(const StaffAdded& e) {
    const StaffId known = state.FindStaff(e.staff.reference);
    if (known.value == 0) {
      state.staff.push_back(e.staff);
    } else {
      StaffState& entry = state.staff[known.value - 1];
      std::vector<LeaveState> leave = std::move(entry.leave);
      std::vector<DelegationState> acting = std::move(entry.delegations);
      entry = e.staff;
      entry.leave = std::move(leave);
      entry.delegations = std::move(acting);
    }
  }
  void operator()(const LeaveSet& e) {
    if (e.staff.value == 0 || e.staff.value > state.staff.size()) return;
    std::vector<LeaveState>& known = state.staff[e.staff.value - 1].leave;
    std::erase_if(known, [&e](const LeaveState& leave) {
      return leave.from == e.leave.from;
    });
    known.push_back(e.leave);
  }
  void operator()(const ActingSet& e) {
    if (e.staff.value == 0 || e.staff.value > state.staff.size()) return;
    auto& known = state.staff[e.staff.value - 1].delegations;
    std::erase_if(known, [&e](const DelegationState& delegation) {
      return delegation.from == e.delegation.from &&
             delegation.of == e.delegation.of;
    });
    known.push_back(e.delegation);
  }
  void operator()(const InputParked& e) { state.parked.push_back(e.parked); }
  void operator()(const ParkedClockFired& e) {
    if (e.parked >= state.parked.size()) return;
    ParkedState& parked = state.parked[e.parked];
    parked.next_rung = e.next_rung;
    parked.next_due = e.next_due;
    parked.owner_pool = e.owner_pool;
    parked.owner = e.owner;
    parked.priority = e.priority;
  }
  void operator()(const ParkedSettled& e) {
    if (e.parked >= state.parked.size()) return;
    state.parked[e.parked].open = false;
    state.parked[e.parked].next_due = Instant::Never();
  }
  void operator()(const ParkedNotified& e) {
    if (!e.passes_on || e.parked >= state.parked.size()) return;
    state.parked[e.parked].owner_pool = e.pool;
    state.parked[e.parked].owner = e.staff;
  }
  void operator()(const CasesReassigned&) {}
  void operator()(const ReviewsDrawn& e) {
    state.drawn_months.push_back(e.month);
  }
  void operator()(const SafeModeSet& e) {
    state.safe_since.reset();
    if (e.on) state.safe_since = event.recorded;
    // An earlier version did not say who, and its row has nothing of it.
    if (e.by.empty()) return;
    (e.on ? state.safe_on : state.safe_off) =
        SafeModeSwitch{event.recorded, e.by, e.reason};
  }
};

struct GroupApplier {
  const GroupEvent& event;
  GroupState& state;

  SeatState* Seat(CaseId id) {
    const auto it =
        std::find_if(state.seats.begin(), state.seats.end(),
                     [&](const SeatState& seat) { return seat.case_id == id; });
    return it == state.seats.end() ? nullptr : &*it;
  }

  void operator()(const CommandRecorded&) {}
  void operator()(const GroupOpened& e) {
    state.id = e.id;
    state.kind = e.kind;
    state.starts_at = e.starts_at;
    state.settle_at = e.settle_at;
    state.minimum = e.minimum;
    state.places = e.places;
  }
  void operator()(const SeatTaken& e) {
    if (Seat(e.case_id) == nullptr) {
      state.seats.push_back({e.case_id, e.waiting, false});
    }
  }
  void operator()(const SeatLeft& e) {
    std::erase_if(state.seats, [&](const SeatState& seat) {
      return seat.case_id == e.case_id;
    });
  }
  void operator()(const GroupSettled& e) {
    state.status = e.status;
    for (SeatState& seat : state.seats) seat.told = false;
  }
  void operator()(const MemberTold& e) {
    SeatState* seat = Seat(e.case_id);
    if (seat == nullptr) return;
    if (e.news == GroupNews::kSeated) {
      seat->waiting = false;
    } else {
      seat->told = true;
    }
  }
};

}  // namespace

const SeatState* GroupState::NextToTell() const {
  const bool promote = status == GroupStatus::kOpen && Seated() < places;
  for (const SeatState& seat : seats) {
    if (status == GroupStatus::kOpen ? promote && seat.waiting : !seat.told) {
      return &seat;
    }
  }
  return nullptr;
}

Instant GroupState::NextDue() const {
  if (NextToTell() != nullptr) return last_at;
  return status == GroupStatus::kOpen ? settle_at : Instant::Never();
}

void Apply(const GroupEvent& event, GroupState& state) {
  std::visit(GroupApplier{event, state}, event.body);
  state.version = event.seq;
  if (state.last_at < event.recorded) state.last_at = event.recorded;
}

void Apply(const PersonEvent& event, PersonState& state) {
  std::visit(PersonApplier{event, state}, event.body);
  state.version = event.seq;
  if (state.last_at < event.recorded) state.last_at = event.recorded;
}

void Apply(const ServiceEvent& event, ServiceState& state) {
  std::visit(ServiceApplier{event, state}, event.body);
  state.version = event.seq;
  if (state.last_at < event.recorded) state.last_at = event.recorded;
}

}  // namespace stepwell::engine
