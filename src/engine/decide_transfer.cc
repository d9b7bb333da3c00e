// Handing a case over to another service: nobody is let go before the receiver
// has confirmed.
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::TriggerKind;

namespace {

bool MayBeSent(const Macrostep& m) {
  const PurposeId purpose = m.protocol.transfer.purpose;
  return purpose.IsNone() ||
         ConsentOf(m.protocol, m.state, purpose, m.due_now) == Answer3::kYes;
}

void Begin(Macrostep& m, const TransferCase& c) {
  const protocol::Transfer& transfer = m.protocol.transfer;
  if (m.command.envelope.actor.role != Role::kStaff) {
    m.Reject("person_required", "a person decides to hand a case over");
  } else if (m.command.envelope.reason.empty()) {
    m.Reject("reason_required", "handing a case over needs a reason");
  } else if (c.to.empty()) {
    m.Reject("receiver_required", "say in `to` which service receives it");
  } else if (m.state.transfer) {
    m.Reject("transfer_running",
             absl::StrCat("it is being handed over to ", m.state.transfer->to));
  } else if (!MayBeSent(m)) {
    // Nothing leaves without the patient's word, and nobody is forgotten.
    m.remark =
        "it is not handed over yet, and nothing is sent: the patient is asked "
        "for consent first; hand it over again when they have given it";
    if (m.OpenItemOf(transfer.ask) < 0) {
      m.OpenItem(transfer.ask, absl::StrCat("transfer to ", c.to));
    }
  } else {
    m.HandOver(c.to, c.body_key);
  }
}

}  // namespace

void Macrostep::HandOver(const std::string& to, const std::string& body_key) {
  EffectRequested letter;
  letter.kind = EffectKind::kLetter;
  letter.to = protocol::Recipient::kService;
  letter.message_template = protocol.transfer.letter;
  letter.receiver = to;
  letter.body_key = body_key;
  Request(std::move(letter));
  const auto& asked = std::get<EffectRequested>(events.back().body);
  Emit(TransferAsked{to, body_key, asked.effect});
  StopClocksOf(protocol.transfer.clock);
  StartClock(protocol.transfer.clock, {}, due_now);
}

void Macrostep::EndTransfer(bool confirmed) {
  if (!state.transfer) return;
  const TransferState transfer = *state.transfer;
  // What has not left stays here: it would tell a stranger of the patient.
  if (!confirmed) StopEffect(transfer.effect, "the case is not handed over");
  Emit(TransferEnded{confirmed});
  StopClocksOf(protocol.transfer.clock);
  Raise(confirmed ? TriggerKind::kTransferred : TriggerKind::kTransferFailed);
  if (!confirmed) {
    OpenReview("a transfer did not come about",
               absl::StrCat("; to ", transfer.to));
  }
}

void Handle(Macrostep& m, const TransferCase& c) {
  if (RefuseClosed(m)) return;
  if (IsFromOutside(m)) {
    m.Reject("not_for_role", "a transfer is for staff and host");
  } else if (!m.protocol.transfer.allowed) {
    m.Reject("no_transfer",
             "the protocol does not say how cases are handed "
             "over");
  } else if (c.action == TransferVerb::kHandOver) {
    Begin(m, c);
  } else if (!m.state.transfer) {
    m.Reject("no_transfer", "the case is not being handed over");
  } else if (c.action == TransferVerb::kConfirm &&
             m.state.transfer->undelivered) {
    // Nobody there has the patient: here they are not let go.
    m.Reject("letter_not_delivered",
             absl::StrCat("the letter to ", m.state.transfer->to,
                          " was withdrawn or did not arrive: withdraw the "
                          "transfer, and hand the case over again"));
  } else if (c.action == TransferVerb::kConfirm) {
    m.EndTransfer(true);
    m.CloseCase(m.protocol.transfer.disposition);
  } else if (m.command.envelope.reason.empty()) {
    m.Reject("reason_required", "say why it did not come about");
  } else {
    m.EndTransfer(false);
  }
}

}  // namespace stepwell::engine
