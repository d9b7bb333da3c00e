// What of a case waits for a second sign, and what reviews of staff are about.
// Part of CaseState.
#ifndef STEPWELL_ENGINE_SUPERVISION_STATE_H_
#define STEPWELL_ENGINE_SUPERVISION_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/types.h"

namespace stepwell::engine {

// What a new member of staff has completed, and nobody else has signed yet.
struct SignState {
  uint32_t item = 0;  // its ordinal
  StaffId by;
  Owner from;  // whose it was then
  uint32_t clock = 0;
  OutcomeId outcome;
  std::optional<int32_t> minutes;
  FactValue value;
  Instant at;
  bool operator==(const SignState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "item", s.item);
    v(2, "by", s.by);
    v(3, "from", s.from);
    v(4, "clock", s.clock);
    v(5, "outcome", s.outcome);
    v(6, "minutes", s.minutes);
    v(7, "value", s.value);
    v(8, "at", s.at);
  }
};

// What an item of a review is about.
struct DrawnState {
  uint32_t item = 0;  // its ordinal
  StaffId of;
  std::string month;
  std::string about;
  bool operator==(const DrawnState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "item", s.item);
    v(2, "of", s.of);
    v(3, "month", s.month);
    v(4, "about", s.about);
  }
};

// The one of the item with that ordinal; nullptr when there is none.
template <class Part>
const Part* OfItem(const std::vector<Part>& parts, uint32_t item) {
  for (const Part& part : parts) {
    if (part.item == item) return &part;
  }
  return nullptr;
}

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_SUPERVISION_STATE_H_
