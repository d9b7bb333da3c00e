// How many cases somebody has, what these weigh, and whose turn it was: as the
// counters say.
#ifndef STEPWELL_SERVICE_CASELOAD_H_
#define STEPWELL_SERVICE_CASELOAD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "engine/event.h"
#include "engine/state.h"
#include "protocol/protocol.h"

namespace stepwell::service {

// What a case counts in caseloads, and in whose; nobody's: in none.
struct CaseShare {
  StaffId staff;
  int32_t weight = 0;  // in hundredths of a case
  bool operator==(const CaseShare&) const = default;
};
// Of a closed case, and of one that is not there: nothing.
CaseShare ShareOf(const protocol::Protocol& protocol,
                  const engine::CaseState& state);

inline constexpr std::string_view kCaseloadPrefix = "caseload/";
inline constexpr std::string_view kWeightPrefix = "weight/";
std::string CaseloadCounter(StaffId staff);  // "caseload/7": cases
// "weight/7": what these weigh beyond one each, in hundredths; may be negative.
std::string WeightCounter(StaffId staff);

// "turn/few": the number of the member whom the last case of the pool went to,
// where its policy goes by turns.
inline constexpr std::string_view kTurnPrefix = "turn/";
std::string TurnCounter(std::string_view pool);
// Who had the turn before, and has it by an assignment; none: it went by
// something else.
struct TurnTaken {
  std::string pool;
  StaffId before, now;
};
std::optional<TurnTaken> TurnIn(const protocol::Protocol& protocol,
                                const engine::CaseAssigned& assigned);
// Whose caseload or weight it counts; 0: it counts something else.
StaffId MemberOf(std::string_view counter);

struct Caseload {
  int cases = 0;
  int beyond = 0;
  // What they weigh, in hundredths of a case.
  int load() const { return protocol::kCaseWeight * cases + beyond; }
};

class Caseloads {
 public:
  Caseload Of(StaffId staff) const {
    const auto it = of_.find(staff.value);
    return it == of_.end() ? Caseload() : it->second;
  }
  StaffId LastTurn(std::string_view pool) const;
  // The counter has changed so much; nothing when it is none of these.
  void Take(std::string_view counter, int64_t change);
  void Take(const TurnTaken& turn) { turns_[turn.pool] = turn.now.value; }
  void Set(StaffId staff, const Caseload& load) { of_[staff.value] = load; }
  void Clear() { *this = {}; }

 private:
  absl::flat_hash_map<uint32_t, Caseload> of_;
  absl::flat_hash_map<std::string, int64_t> turns_;  // by pool
};

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_CASELOAD_H_
