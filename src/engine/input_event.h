// Events of what a patient sends that is no answer: what could not be read,
// drafts of what is not handed in yet, and what somebody saw a risk in. Part of
// engine/event.h.
#ifndef STEPWELL_ENGINE_INPUT_EVENT_H_
#define STEPWELL_ENGINE_INPUT_EVENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engine/event_macro.h"
#include "engine/types.h"

namespace stepwell::engine {

// The part of a patient's command that could not be read; the rest of it did
// what it says.
struct InputKept {
  using Self = InputKept;
  std::vector<UnreadMember> members;
  std::vector<std::string> problems;  // what is wrong, with places
  std::string raw_key;  // where all that came is kept, beside the log
  STEPWELL_EVENT(53, "InputKept") {
    v(1, "members", s.members);
    v(2, "problems", s.problems);
    v(3, "raw_key", s.raw_key);
  }
};

// The patient has saved what they have of an item so far. Its text is kept
// beside the log, under the key, and no longer than there is a draft.
struct ItemDrafted {
  using Self = ItemDrafted;
  uint32_t item = 0;
  std::string draft_key;
  std::string replaced_key;  // of the draft before: its text is erased
  STEPWELL_EVENT(54, "ItemDrafted") {
    v(1, "item", s.item);
    v(2, "draft_key", s.draft_key);
    v(3, "replaced_key", s.replaced_key);
  }
};

// There is no draft any more: its text is erased.
struct DraftEnded {
  using Self = DraftEnded;
  uint32_t item = 0;
  std::string draft_key;
  DraftEnd how = DraftEnd::kHandedIn;
  STEPWELL_EVENT(55, "DraftEnded") {
    v(1, "item", s.item);
    v(2, "draft_key", s.draft_key);
    v(3, "how", s.how);
  }
};

// Somebody has seen a possible risk in what the patient wrote or said: the
// alert that is raised, or starts over, in the same command comes of it.
struct RiskFlagged {
  using Self = RiskFlagged;
  std::string source;     // a message or answers by the host's id, a call, ...
  std::string said_tier;  // as it was named; empty: nothing was said
  TierId tier;            // that it counts as; none: the protocol has no tiers
  STEPWELL_EVENT(140, "RiskFlagged") {
    v(1, "source", s.source);
    v(2, "said_tier", s.said_tier);
    v(3, "tier", s.tier);
  }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_INPUT_EVENT_H_
