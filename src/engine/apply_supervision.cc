// Apply: second signs, and what has been read.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "engine/event.h"
#include "engine/state.h"

namespace stepwell::engine {

void ApplyTo(CaseState& state, const SignAsked& e, Instant at) {
  if (e.item >= state.items.size()) return;
  ItemState& item = state.items[e.item];
  state.signs.push_back(
      {e.item, e.by, item.owner, e.clock, e.outcome, e.minutes, e.value, at});
  item.status = ItemStatus::kActive;
}

void EndSign(CaseState& state, uint32_t item) {
  std::erase_if(state.signs,
                [item](const SignState& sign) { return sign.item == item; });
}

// One without an id cannot be said to have been read.
void ApplyTo(CaseState& state, const MessageSent& e, Instant at) {
  if (e.message_id.empty()) return;
  state.unread.push_back({e.message_id, e.thread, at});
}

void ApplyTo(CaseState& state, const MessageRead& e, Instant at) {
  if (e.message < state.messages.size()) {
    state.messages[e.message].read_at = at;
  } else {
    std::erase_if(state.unread, [&](const UnreadState& unread) {
      return unread.id == e.message_id;
    });
    state.unread_ids.Forget();
  }
}

bool CaseState::HasMessage(std::string_view given) {
  const auto is_in = [given](const auto& list, IdIndex& ids) {
    const auto begin = static_cast<ptrdiff_t>(ids.Begin(list, given));
    return std::any_of(list.begin() + begin, list.end(),
                       [given](const auto& row) { return row.id == given; });
  };
  return is_in(messages, message_ids) || is_in(unread, unread_ids);
}

// One whose id was another's is kept under that id and its own number.
const MessageState* CaseState::Received(std::string_view given,
                                        std::string_view body_key,
                                        size_t begin) const {
  for (size_t i = begin; i < messages.size() && !given.empty(); ++i) {
    const MessageState& known = messages[i];
    if (known.body_key == body_key &&
        (known.id == given ||
         known.id == absl::StrCat(ToAbsl(given), "/", i))) {
      return &known;
    }
  }
  return nullptr;
}

}  // namespace stepwell::engine
