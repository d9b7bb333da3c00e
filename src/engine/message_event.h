// Events of messages, of the patient and to them. Part of EventBody.
#ifndef STEPWELL_ENGINE_MESSAGE_EVENT_H_
#define STEPWELL_ENGINE_MESSAGE_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "engine/event_macro.h"
#include "engine/types.h"

namespace stepwell::engine {

struct CaseState;

struct MessageReceived {
  using Self = MessageReceived;
  std::string message_id;
  std::string thread;
  std::string body_key;  // where the host or the store keeps the text
  Owner owner;
  Instant due = Instant::Never();
  STEPWELL_EVENT(31, "MessageReceived") {
    v(1, "message_id", s.message_id);
    v(2, "thread", s.thread);
    v(3, "body_key", s.body_key);
    v(4, "owner", s.owner);
    v(5, "due", s.due);
  }
};

struct MessageSettled {
  using Self = MessageSettled;
  uint32_t message = 0;
  MessageStatus status = MessageStatus::kAnswered;
  std::optional<int32_t> minutes;
  STEPWELL_EVENT(32, "MessageSettled") {
    v(1, "message", s.message);
    v(2, "status", s.status);
    v(3, "minutes", s.minutes);
  }
};

struct MessageMoved {
  using Self = MessageMoved;
  uint32_t message = 0;
  Owner owner;
  int8_t priority = 0;
  STEPWELL_EVENT(33, "MessageMoved") {
    v(1, "message", s.message);
    v(2, "owner", s.owner);
    v(3, "priority", s.priority);
  }
};

// A message that staff wrote to the patient.
struct MessageSent {
  using Self = MessageSent;
  std::string message_id;
  std::string thread;
  std::string body_key;
  std::optional<int32_t> minutes;
  TemplateId message_template = {};  // that it was written from
  ElementId element = {};            // the module or homework it is about
  STEPWELL_EVENT(34, "MessageSent") {
    v(1, "message_id", s.message_id);
    v(2, "thread", s.thread);
    v(3, "body_key", s.body_key);
    v(4, "minutes", s.minutes);
    v(5, "message_template", s.message_template);
    v(6, "element", s.element);
  }
};

// A message has been read: of the patient by staff, or of staff by the patient.
struct MessageRead {
  using Self = MessageRead;
  uint32_t message = UINT32_MAX;  // of the patient; none: of staff
  std::string message_id;
  STEPWELL_EVENT(134, "MessageRead") {
    v(1, "message", s.message);
    v(2, "message_id", s.message_id);
  }
};

// apply_supervision.cc: what the patient has still to read, and has read.
void ApplyTo(CaseState& state, const MessageSent& e, Instant at);
void ApplyTo(CaseState& state, const MessageRead& e, Instant at);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_MESSAGE_EVENT_H_
