// Messages of staff: written from a template, in answer to the patient's; what
// either side has read; and what is closed without an answer.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/handlers.h"

namespace stepwell::engine {
namespace {

bool ByPerson(Macrostep& m) {
  if (m.command.envelope.actor.role == Role::kStaff) return true;
  m.Reject("person_required", "this step is taken by a member of staff");
  return false;
}

int64_t FindMessage(const Macrostep& m, const std::string& id) {
  const std::vector<MessageState>& messages = m.state.messages;
  size_t i = m.state.message_ids.Begin(messages, id);
  for (; i < messages.size(); ++i) {
    if (messages[i].id == id) return static_cast<int64_t>(i);
  }
  return -1;
}

void SettleMessage(Macrostep& m, uint32_t ordinal, MessageStatus status,
                   std::optional<int32_t> minutes) {
  m.Emit(MessageSettled{ordinal, status, minutes});
  m.StopClocks({SubjectKind::kMessage, ordinal});
}

// The template that the message is written from, and what it is about. True
// when that was refused.
bool RefuseTemplate(Macrostep& m, const SendMessage& c, MessageSent& sent) {
  sent.element = c.element;
  if (c.message_template.empty()) return false;
  sent.message_template = m.protocol.FindTemplate(c.message_template);
  if (sent.message_template.IsNone()) {
    m.Reject("unknown_template",
             absl::StrCat("the protocol of the case has no template \"",
                          c.message_template, "\""));
    return true;
  }
  const std::vector<ElementId>& about =
      m.protocol.template_items[sent.message_template.value];
  if (c.element.IsNone() && about.size() == 1) sent.element = about.front();
  if (about.empty() || Contains(about, sent.element)) return false;
  const auto name = [&m](std::string* out, ElementId id) {
    absl::StrAppend(out, m.protocol.at(id).id);
  };
  m.Reject("template_not_for",
           absl::StrCat(c.message_template,
                        " is written for: ", absl::StrJoin(about, ", ", name)));
  return true;
}

}  // namespace

void Handle(Macrostep& m, const SendMessage& c) {
  if (!ByPerson(m) || RefuseMinutes(m, c.minutes)) return;
  int64_t answered = -1;
  if (!c.answers.empty()) {
    answered = FindMessage(m, c.answers);
    if (answered < 0) {
      m.Reject("unknown_message", "the case has no such message");
      return;
    }
  }
  // Else reading one of them would be reading the other.
  if (m.state.HasMessage(c.message_id)) {
    m.Reject("message_known",
             absl::StrCat("the case has a message ", c.message_id, " already"));
    return;
  }
  MessageSent sent{c.message_id, c.thread, c.body_key, c.minutes};
  if (RefuseTemplate(m, c, sent)) return;
  m.Emit(std::move(sent));
  if (answered >= 0 && m.state.messages[static_cast<size_t>(answered)].status ==
                           MessageStatus::kOpen) {
    SettleMessage(m, static_cast<uint32_t>(answered), MessageStatus::kAnswered,
                  std::nullopt);
  }
}

void Handle(Macrostep& m, const CloseMessage& c) {
  if (!ByPerson(m) || RefuseMinutes(m, c.minutes)) return;
  const int64_t message = FindMessage(m, c.message_id);
  if (message < 0 || m.state.messages[static_cast<size_t>(message)].status !=
                         MessageStatus::kOpen) {
    m.Reject("message_not_open", "there is no such open message");
  } else if (m.command.envelope.reason.empty()) {
    m.Reject("reason_required",
             "closing a message without an answer needs a reason");
  } else {
    SettleMessage(m, static_cast<uint32_t>(message), MessageStatus::kClosed,
                  c.minutes);
  }
}

// Whoever wrote it has not read it by that; what was read is read.
void Handle(Macrostep& m, const ReadMessage& c) {
  const Role role = m.command.envelope.actor.role;
  const int64_t message = FindMessage(m, c.message_id);
  const bool unread = std::any_of(
      m.state.unread.begin(), m.state.unread.end(),
      [&](const UnreadState& sent) { return sent.id == c.message_id; });
  if (role != Role::kPatient && message >= 0) {
    if (m.state.messages[static_cast<size_t>(message)].read_at) return;
    m.Emit(MessageRead{static_cast<uint32_t>(message), c.message_id});
  } else if (role != Role::kStaff && unread) {
    m.Emit(MessageRead{UINT32_MAX, c.message_id});
  } else if (role == Role::kStaff) {
    m.Reject("unknown_message", "the case has no such message of the patient");
  } else if (role != Role::kPatient) {
    m.Reject("unknown_message",
             "the case has no such message that somebody has still to read");
  }
}

}  // namespace stepwell::engine
