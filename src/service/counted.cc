#include "service/counted.h"

#include <variant>

#include "service/caseload.h"
#include "service/projection.h"

namespace stepwell::service {

void CountCase(const protocol::Protocol& protocol,
               const engine::CaseState& state, Counts& counts) {
  ++counts[state.IsClosed() ? kCasesClosed : kCasesOpen];
  const CaseShare share = ShareOf(protocol, state);
  if (share.staff.value != 0) {
    ++counts[CaseloadCounter(share.staff)];
    counts[WeightCounter(share.staff)] += share.weight - protocol::kCaseWeight;
  }
  for (const engine::Referral& referral : state.referrals) {
    if (referral.ended_as) continue;  // asks for nothing
    ++counts[kReferralsIn];
    if (!referral.disposition.IsNone()) ++counts[kReferralsAnswered];
  }
  for (const engine::AppointmentState& booked : state.appointments) {
    if (!booked.slot.empty()) ++counts[SlotCounter(booked.slot)];
  }
  if (const engine::IntakeState* place = state.Place()) {
    ++counts[place->waiting ? kIntakeWaiting : kIntakePlaces];
  }
  for (const engine::AlertState& alert : state.alerts) {
    if (alert.stage != engine::AlertStage::kClosed) ++counts[kAlertsOpen];
  }
}

void EventCount::Take(const engine::Event& event, VersionOf version) {
  if (const auto* opened = std::get_if<engine::CaseOpened>(&event.body)) {
    pin_ = opened->protocol;
  } else if (const auto* moved = std::get_if<engine::Migrated>(&event.body)) {
    pin_ = moved->to;
  } else if (std::holds_alternative<engine::CommandRecorded>(event.body)) {
    turned_.clear();
  } else if (std::holds_alternative<engine::IntakePlaced>(event.body)) {
    ++counts_[kIntakePlaced];
  } else if (const auto* given =
                 std::get_if<engine::CaseAssigned>(&event.body)) {
    if (given->choice && given->choice->by == engine::ChosenBy::kTurn) {
      TakeTurn(version(pin_), *given);
    }
  } else if (const auto* admitted =
                 std::get_if<engine::CaseAdmitted>(&event.body)) {
    for (const engine::CountedStart& start : admitted->starts) {
      ++counts_[StartsCounter(start.throttle, start.period)];
    }
  }
}

// Of several in a command the last one had the turn. Each of a pool goes on
// from the one before: what they moved it by adds up to whose it is.
void EventCount::TakeTurn(const protocol::Protocol* under,
                          const engine::CaseAssigned& assigned) {
  if (under == nullptr) return;
  const auto turn = TurnIn(*under, assigned);
  if (!turn) return;
  const std::string name = TurnCounter(turn->pool);
  const int64_t moved = int64_t{turn->now.value} - int64_t{turn->before.value};
  counts_[name] += moved - turned_[name];
  turned_[name] = moved;
}

}  // namespace stepwell::service
