// Messages of the patient, and those of staff that the patient has not read.
// Part of CaseState.
#ifndef STEPWELL_ENGINE_MESSAGE_STATE_H_
#define STEPWELL_ENGINE_MESSAGE_STATE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "engine/types.h"

namespace stepwell::engine {

struct MessageState {
  std::string id;  // the host's id of the message
  MessageStatus status = MessageStatus::kOpen;
  Owner owner;
  int8_t priority = 0;
  Instant received_at;
  Instant due = Instant::Never();
  std::string body_key;
  std::string thread;
  std::optional<Instant> read_at = {};  // by staff
  bool operator==(const MessageState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "id", s.id);
    v(2, "status", s.status);
    v(3, "owner", s.owner);
    v(4, "priority", s.priority);
    v(5, "received_at", s.received_at);
    v(6, "due", s.due);
    v(7, "body_key", s.body_key);
    v(8, "thread", s.thread);
    v(9, "read_at", s.read_at);
  }
};

// A message of staff that the patient has not read.
struct UnreadState {
  std::string id;  // the host's id of the message
  std::string thread;
  Instant sent_at;
  bool operator==(const UnreadState&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "id", s.id);
    v(2, "thread", s.thread);
    v(3, "sent_at", s.sent_at);
  }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_MESSAGE_STATE_H_
