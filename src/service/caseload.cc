#include "service/caseload.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "engine/caseload.h"

namespace stepwell::service {

CaseShare ShareOf(const protocol::Protocol& protocol,
                  const engine::CaseState& state) {
  if (!state.Exists() || state.IsClosed() || state.owner.staff.value == 0) {
    return {};
  }
  return {state.owner.staff, engine::WeightOf(protocol, state)};
}

std::string CaseloadCounter(StaffId staff) {
  return absl::StrCat(ToAbsl(kCaseloadPrefix), staff.value);
}

std::string WeightCounter(StaffId staff) {
  return absl::StrCat(ToAbsl(kWeightPrefix), staff.value);
}

std::string TurnCounter(std::string_view pool) {
  return absl::StrCat(ToAbsl(kTurnPrefix), ToAbsl(pool));
}

std::optional<TurnTaken> TurnIn(const protocol::Protocol& protocol,
                                const engine::CaseAssigned& assigned) {
  if (!assigned.choice || assigned.choice->by != engine::ChosenBy::kTurn) {
    return std::nullopt;
  }
  return TurnTaken{protocol.at(assigned.owner.pool).id,
                   assigned.choice->after.value_or(StaffId(0)),
                   assigned.owner.staff};
}

StaffId MemberOf(std::string_view counter) {
  for (const std::string_view prefix : {kCaseloadPrefix, kWeightPrefix}) {
    uint32_t staff = 0;
    if (counter.starts_with(prefix) &&
        absl::SimpleAtoi(ToAbsl(counter.substr(prefix.size())), &staff)) {
      return StaffId(staff);
    }
  }
  return StaffId(0);
}

StaffId Caseloads::LastTurn(std::string_view pool) const {
  const auto it = turns_.find(ToAbsl(pool));
  return StaffId(it == turns_.end() ? 0 : static_cast<uint32_t>(it->second));
}

void Caseloads::Take(std::string_view counter, int64_t change) {
  if (counter.starts_with(kTurnPrefix)) {
    turns_[std::string(counter.substr(kTurnPrefix.size()))] += change;
    return;
  }
  const StaffId staff = MemberOf(counter);
  if (staff.value == 0) return;
  Caseload& of = of_[staff.value];
  (counter.starts_with(kCaseloadPrefix) ? of.cases : of.beyond) +=
      static_cast<int>(change);
}

}  // namespace stepwell::service
