// Supervision: what new members of staff complete is signed by a second
// person, and some of what each member does is drawn for review. A part of
// Protocol.
#ifndef STEPWELL_PROTOCOL_SUPERVISION_H_
#define STEPWELL_PROTOCOL_SUPERVISION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/protocol.h"

namespace stepwell::protocol {

// What of a new member waits for a second person, and for whom it waits.
struct SecondSign {
  std::vector<ItemKind> kinds;
  bool homework = false;  // the checks of modules, which are tasks
  PoolId pool;
  ClockDefId due;  // runs from the first sign to the second

  bool Asks(const Element& element) const;
};

// What reviews are drawn from.
enum class DrawnFrom : uint8_t {
  kThreads,   // messages of a member to a patient, by thread
  kFeedback,  // checks of homework that a member did
  kCases,     // cases that a member had at the end of the month
};

struct ChecklistQuestion {
  std::string id;
  std::string text;  // in the protocol's language
};

// So many a member and month, each as a task.
struct DrawnReview {
  std::string id;
  ElementId item;
  DrawnFrom from = DrawnFrom::kThreads;
  int number = 0;
  std::vector<ChecklistQuestion> checklist;
};

struct Supervision {
  std::shared_ptr<const SecondSign> second_sign;  // null: nothing is signed
  std::vector<DrawnReview> reviews;

  // nullptr: the item is no review.
  const DrawnReview* ReviewOf(ElementId item) const;
  const DrawnReview* FindReview(std::string_view id) const;
};

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_SUPERVISION_H_
