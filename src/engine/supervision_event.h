// Events of supervision: second signs, and reviews that were drawn. Part of
// EventBody.
#ifndef STEPWELL_ENGINE_SUPERVISION_EVENT_H_
#define STEPWELL_ENGINE_SUPERVISION_EVENT_H_

#include <optional>
#include <string>
#include <vector>

#include "engine/event_macro.h"
#include "engine/types.h"

namespace stepwell::engine {

struct CaseState;

// A new member of staff has completed it. What follows waits for a second
// person; until then it is work of `owner`.
struct SignAsked {
  using Self = SignAsked;
  uint32_t item = 0;
  StaffId by;
  Owner owner;
  uint32_t clock = 0;  // runs until it is settled
  OutcomeId outcome;
  std::optional<int32_t> minutes;
  FactValue value;  // none: the item asks for none
  STEPWELL_EVENT(130, "SignAsked") {
    v(1, "item", s.item);
    v(2, "by", s.by);
    v(3, "owner", s.owner);
    v(4, "clock", s.clock);
    v(5, "outcome", s.outcome);
    v(6, "minutes", s.minutes);
    v(7, "value", s.value);
  }
};

// The second person has signed it, and what follows follows; or has given it
// back, to be completed anew.
struct SignSettled {
  using Self = SignSettled;
  uint32_t item = 0;
  bool given = false;
  Owner owner;                     // whose work it is again, or was
  std::optional<int32_t> minutes;  // of the second person
  STEPWELL_EVENT(131, "SignSettled") {
    v(1, "item", s.item);
    v(2, "given", s.given);
    v(3, "owner", s.owner);
    v(4, "minutes", s.minutes);
  }
};

// The item reviews what a member of staff did in a month.
struct ReviewDrawn {
  using Self = ReviewDrawn;
  uint32_t item = 0;
  StaffId of;
  std::string month;  // "2026-03"
  std::string about;  // a thread, a check of homework; empty: the case
  STEPWELL_EVENT(132, "ReviewDrawn") {
    v(1, "item", s.item);
    v(2, "of", s.of);
    v(3, "month", s.month);
    v(4, "about", s.about);
  }
};

struct ReviewAnswered {
  using Self = ReviewAnswered;
  uint32_t item = 0;
  std::vector<ChecklistAnswer> checklist;
  STEPWELL_EVENT(133, "ReviewAnswered") {
    v(1, "item", s.item);
    v(2, "checklist", s.checklist);
  }
};

// apply_supervision.cc: the part of Apply that is about the sign itself.
void ApplyTo(CaseState& state, const SignAsked& e, Instant at);
// Nothing of the item waits for a second sign any more.
void EndSign(CaseState& state, uint32_t item);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_SUPERVISION_EVENT_H_
