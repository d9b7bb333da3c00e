#include "host/lines.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "host/service_impl.h"
#include "protocol/intake.h"
#include "service/deadlines.h"
#include "wire/binary.h"

namespace stepwell::host {

using service::WorkKind;

const char* KindName(WorkKind kind) {
  switch (kind) {
    case WorkKind::kItem:
      return "item";
    case WorkKind::kAlert:
      return "alert";
    case WorkKind::kMessage:
      return "message";
    case WorkKind::kParked:
      return "parked";
    case WorkKind::kWaiting:
      return "waiting";
    case WorkKind::kHomework:
      return "homework";
    case WorkKind::kUnread:
      return "unread";
    case WorkKind::kPatient:
      return "patient";
    case WorkKind::kLetter:
      return "letter";
  }
  return "";
}

namespace {

// `due` is set by whoever knows the case: when the wait that the law counts is
// over.
void FillWaiting(const runtime::WorkPayload& payload,
                 const protocol::Protocol& protocol, WorkLine& line) {
  if (payload.intake.empty()) return;
  const engine::IntakeState& place = payload.intake[0];
  line.what = place.intake_class;
  line.title = place.intake_class;
  if (protocol.intake != nullptr) {
    for (const protocol::IntakeClass& one : protocol.intake->classes) {
      if (one.id == place.intake_class && !one.title.empty()) {
        line.title = one.title;
      }
    }
  }
  line.state = place.held ? "held" : "waiting";
  line.since = place.waits_from;
  line.due = Instant::Never();
  line.overdue = false;
}

// What the patient is to do next, if anything has a deadline.
void FillPatient(const runtime::WorkPayload& payload,
                 const protocol::Protocol& protocol, WorkLine& line) {
  if (payload.element.IsNone()) {
    line.title = "Patient in care";
    return;
  }
  line.what = protocol.at(payload.element).id;
  line.title = protocol.at(payload.element).title;
}

}  // namespace

absl::StatusOr<runtime::WorkPayload> ReadPayload(const store::WorkRow& row) {
  runtime::WorkPayload payload;
  if (!wire::DecodeFrom(row.payload, payload)) {
    return Corrupt("a line of the worklist is damaged");
  }
  return payload;
}

WorkLine LineOf(const store::WorkLine& line,
                const runtime::WorkPayload& payload,
                const protocol::Protocol* protocol, std::string staff_name,
                Instant now) {
  WorkLine result;
  const WorkKind kind = service::KindOfKey(line.row.key);
  result.kind = KindName(kind);
  result.ordinal = service::OrdinalOfKey(line.row.key);
  result.owner_pool = payload.pool;
  result.owner_staff = std::move(staff_name);
  result.priority = line.row.priority;
  result.since = payload.since;
  result.due = line.row.due;
  result.overdue = service::IsOverdue(line.row.due, now);
  result.state = payload.state;
  result.note = payload.note;
  result.claimed = payload.claimed;
  result.follow_up = payload.follow_up;
  if (!payload.follow_up.IsNever()) result.priority += service::kDeferredBelow;
  result.what = payload.text;
  if (kind == WorkKind::kParked || protocol == nullptr) {
    result.title = "Input that fits nowhere";
    return result;
  }
  result.case_id = CaseText(CaseId(line.stream.id));
  result.person_id = PersonText(payload.person);
  if (kind == WorkKind::kWaiting) {
    FillWaiting(payload, *protocol, result);
    return result;
  }
  if (kind == WorkKind::kPatient) {
    FillPatient(payload, *protocol, result);
  } else if (kind == WorkKind::kItem) {
    result.homework =
        line.row.kind == static_cast<uint32_t>(WorkKind::kHomework);
    result.letter = line.row.kind == static_cast<uint32_t>(WorkKind::kLetter);
    result.what = protocol->at(payload.element).id;
    result.occurrence = payload.occurrence;
    result.title = protocol->at(payload.element).title;
  } else if (kind == WorkKind::kAlert) {
    result.what = protocol->at(payload.tier).id;
    result.title = "Risk alert";
  } else {
    result.title = "Message from the patient";
    result.thread = payload.thread;
    result.unread = line.row.kind == static_cast<uint32_t>(WorkKind::kUnread);
  }
  return result;
}

Effect EffectOf(const store::OutboxRow& row,
                const runtime::EffectPayload& payload,
                const wire::Names& names) {
  Effect effect;
  effect.effect_id = IdToText(row.effect);
  effect.kind = wire::EnumName(payload.effect.kind);
  effect.to = wire::EnumName(payload.effect.to);
  effect.role = payload.effect.role;
  if (payload.effect.related != PersonId()) {
    effect.related_id = PersonText(payload.effect.related);
  }
  if (payload.effect.referral != ReferralId()) {
    effect.referral_id = IdToText(payload.effect.referral.value);
  }
  effect.referrer = payload.effect.referrer;
  effect.receiver = payload.effect.receiver;
  effect.body_key = payload.effect.body_key;
  effect.case_id = CaseText(payload.case_id);
  effect.person_id = PersonText(payload.person);
  effect.valid_until = row.valid_until;
  const StaffId staff = payload.effect.owner.staff;
  if (staff.value != 0) effect.owner_staff = names.staff_name(staff);
  if (payload.case_id.value == 0) {  // about parked input
    effect.owner_pool = payload.pool;
    effect.message_template = payload.message_template;
    effect.about = payload.receipt;
    return effect;
  }
  effect.owner_pool = wire::NameOf(names, payload.effect.owner.pool);
  effect.cover = wire::NameOf(names, payload.effect.cover);
  effect.message_template =
      wire::NameOf(names, payload.effect.message_template);
  effect.about = wire::NameOf(names, payload.effect.subject);
  if (payload.effect.safe_contact) {
    effect.channels = payload.effect.safe_contact->channels;
    effect.no_channel = payload.effect.safe_contact->no_channel;
    effect.leave_messages = payload.effect.safe_contact->leave_messages;
  }
  if (payload.effect.deferred_from) {
    effect.deferred_from = *payload.effect.deferred_from;
  }
  return effect;
}

std::string CursorText(const store::WorkLine& line) {
  return absl::StrCat(line.row.priority, ".", line.row.due.us, ".",
                      static_cast<int>(line.stream.kind), ".", line.stream.id,
                      ".", line.row.key);
}

absl::StatusOr<store::WorkCursor> ReadCursor(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  store::WorkCursor cursor;
  int kind = 0;
  if (parts.size() != 5 || !absl::SimpleAtoi(parts[0], &cursor.priority) ||
      !absl::SimpleAtoi(parts[1], &cursor.due.us) ||
      !absl::SimpleAtoi(parts[2], &kind) ||
      !absl::SimpleAtoi(parts[3], &cursor.stream.id) ||
      !absl::SimpleAtoi(parts[4], &cursor.key)) {
    return InvalidInput("the cursor is not one that a worklist gave");
  }
  cursor.stream.kind = static_cast<store::StreamKind>(kind);
  return cursor;
}

bool WorkBefore(const store::WorkLine& a, const store::WorkLine& b) {
  if (a.row.priority != b.row.priority) return a.row.priority > b.row.priority;
  if (a.row.due != b.row.due) return a.row.due < b.row.due;
  if (a.stream != b.stream) return a.stream < b.stream;
  return a.row.key < b.row.key;
}

}  // namespace stepwell::host
