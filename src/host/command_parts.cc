#include "host/command_parts.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "host/service_impl.h"
#include "wire/event_json.h"
#include "wire/members.h"

namespace stepwell::host {

using runtime::ReceiptKind;

std::string DerivedId(const std::string& id, std::string_view content) {
  return absl::StrCat(id, "/", IdToText(DeriveId("command", id, content)));
}

std::optional<engine::Waited> WaitedAs(const engine::ParkedState& parked) {
  if (parked.risk != engine::Answer3::kYes) return std::nullopt;
  return engine::Waited{parked.parked_at, parked.due,        parked.next_rung,
                        parked.next_due,  parked.owner_pool, parked.owner};
}

std::string ForStaffText(std::string_view verb) {
  return absl::StrCat(ToAbsl(verb),
                      " is for staff and host, not for patients and referrers");
}

std::optional<runtime::Receipt> RefusalIn(const wire::CommandHead& head,
                                          const absl::Status& status) {
  std::string code = wire::RejectionIn(status);
  if (code.empty()) return std::nullopt;
  runtime::Receipt receipt;
  receipt.kind = ReceiptKind::kRejected;
  const bool is_outsider = engine::IsOutsider(head.envelope.actor.role);
  receipt.code = is_outsider ? "not_for_role" : std::move(code);
  receipt.reason =
      is_outsider ? ForStaffText(head.verb) : std::string(status.message());
  return receipt;
}

runtime::PersonReference ToReference(const wire::Identifier& identifier) {
  return {identifier.system, identifier.value};
}

runtime::NewReferral ToNewReferral(const wire::CommandHead& head,
                                   const wire::ReceiveReferral& body,
                                   PersonId person, std::string content,
                                   Instant now) {
  runtime::NewReferral command;
  command.envelope = head.envelope;
  command.person = person;
  command.route = body.route;
  command.content = std::move(content);
  if (body.identifier) command.key = ToReference(*body.identifier);
  command.referral.referrer = body.referrer;
  command.referral.received_at = body.received_at.value_or(now);
  command.referral.wait_from =
      body.wait_from.value_or(command.referral.received_at);
  command.referral.information_source = body.information_source;
  command.referral.documents = body.documents;
  command.referral.papers = body.papers;
  command.consents = body.consents;
  for (const wire::RelatedConsent& said : body.related_consents) {
    command.told_consents.push_back({said.purpose, said.role, said.given});
  }
  command.facts = body.facts;
  command.zone = body.zone;
  return command;
}

std::string RawOf(const wire::CommandHead& head, json::Value root) {
  return head.as_sent.empty() ? json::Canonical(root) : head.as_sent;
}

namespace {

// Under the key that stands there, or one of its own that is put there.
void Keep(std::string bytes, std::string& key, std::vector<KeptText>& kept) {
  if (bytes.empty() || !key.empty()) return;
  key = ToHex(FingerprintOf(bytes));
  kept.push_back({key, std::move(bytes)});
}

// What was not understood is kept; a draft that was saved is erased when it is
// over, and no copy of it stays behind.
std::string RawOfItem(const wire::CommandHead& head, json::Value root,
                      const engine::PatientItem& item) {
  if (!item.draft || !head.as_sent.empty()) return RawOf(head, root);
  json::Writer w;
  w.BeginObject();
  for (const json::Value member : json::Children(root)) {
    if (member.key() == "draft") continue;
    w.Key(member.key()).Raw(json::Canonical(member));
  }
  w.EndObject();
  return w.Take();
}

}  // namespace

std::vector<KeptText> TextsToKeep(const wire::CommandHead& head,
                                  json::Value root,
                                  const std::vector<std::string>& problems,
                                  const std::string& text,
                                  engine::Command& command) {
  std::vector<KeptText> kept;
  if (auto* message = std::get_if<engine::ReceiveMessage>(&command.body)) {
    // Its text is none, is too long for one, or could not be told apart: all
    // that came is the message.
    const bool whole =
        text.empty() && !(problems.empty() && head.as_sent.empty());
    Keep(whole ? RawOf(head, root) : text, message->body_key, kept);
    if (!message->unread.members.empty()) {
      Keep(RawOf(head, root), message->unread.raw_key, kept);
    }
  } else if (auto* item = std::get_if<engine::PatientItem>(&command.body)) {
    if (!item->unread.members.empty()) {
      Keep(RawOfItem(head, root, *item), item->unread.raw_key, kept);
    }
  } else if (auto* sent = std::get_if<engine::SendMessage>(&command.body)) {
    Keep(text, sent->body_key, kept);
  } else if (auto* transfer =
                 std::get_if<engine::TransferCase>(&command.body)) {
    Keep(text, transfer->body_key, kept);
  } else if (auto* response =
                 std::get_if<engine::SubmitResponse>(&command.body)) {
    response->problems = problems;
    // What could not be read in full is kept as it came.
    if (!problems.empty()) Keep(RawOf(head, root), response->raw_key, kept);
  }
  return kept;
}

Reply ReplyOf(const std::string& command_id, const runtime::Receipt& receipt,
              const protocol::Protocol* protocol) {
  Reply reply;
  reply.kind = receipt.kind == ReceiptKind::kAccepted ? Reply::Kind::kAccepted
               : receipt.kind == ReceiptKind::kParked ? Reply::Kind::kParked
                                                      : Reply::Kind::kRejected;
  reply.repeated = receipt.repeated;
  reply.command_id = command_id;
  reply.case_id = CaseText(receipt.case_id);
  reply.person_id = PersonText(receipt.person);
  reply.receipt = receipt.receipt;
  reply.version = receipt.version;
  reply.code = receipt.code;
  reply.reason = receipt.reason;
  for (uint16_t type : receipt.events) {
    reply.events.push_back(wire::EventName(type));
  }
  if (protocol != nullptr && !receipt.show_now.IsNone() &&
      receipt.show_now.value < protocol->template_texts.size()) {
    reply.show_now = protocol->template_texts[receipt.show_now.value];
  }
  return reply;
}

}  // namespace stepwell::host
