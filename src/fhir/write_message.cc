// Communications: what patients and staff wrote to each other, what the
// service told patients and those who belong to them, and the letters to
// referrers and to services that take a case over.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "fhir/write_element.h"

namespace stepwell::fhir {
namespace {

using engine::EffectRequested;
using engine::EffectSettled;
using engine::MessageReceived;
using engine::MessageSent;
using engine::MessageStatus;
using protocol::Recipient;

class MessageWriter {
 public:
  explicit MessageWriter(const WriteContext& context)
      : context_(context), state_(context.state()) {}

  void Write() {
    for (const engine::Event& event : context_.person.events) {
      if (const auto* settled = std::get_if<EffectSettled>(&event.body)) {
        settled_[settled->effect] = &event;
      }
    }
    uint32_t received = 0;
    for (const engine::Event& event : context_.person.events) {
      if (const auto* message = std::get_if<MessageReceived>(&event.body)) {
        WriteReceived(event, *message, received++);
      } else if (const auto* sent = std::get_if<MessageSent>(&event.body)) {
        WriteSent(event, *sent);
      } else if (const auto* effect =
                     std::get_if<EffectRequested>(&event.body)) {
        if (protocol::IsPatientsSide(effect->to) ||
            effect->to == Recipient::kReferrer ||
            effect->to == Recipient::kService) {
          WriteEffect(event, *effect);
        }
      }
    }
  }

 private:
  std::string MessageId(uint32_t ordinal) const {
    return absl::StrCat(context_.case_id, "-m", ordinal);
  }

  void PutMessageIdentifier(json::Writer& w, const std::string& id) {
    if (id.empty()) return;
    w.Key("identifier").BeginArray();
    PutIdentifier(w, {OwnSystem("message"), id});
    w.EndArray();
  }

  // The text is kept apart from the log; after erasure it is not there.
  void PutBody(json::Writer& w, const std::string& key) {
    if (key.empty() || !context_.person.document) return;
    const auto text = context_.person.document(key);
    if (!text || text->find_first_not_of(" \t\r\n") == std::string::npos) {
      return;
    }
    w.Key("payload").BeginArray().BeginObject();
    w.Key("contentString").String(CleanText(*text));
    w.EndObject().EndArray();
  }

  void PutRecipientPatient(json::Writer& w) {
    w.Key("recipient").BeginArray();
    context_.PutPatient(w, nullptr);
    w.EndArray();
  }

  void WriteReceived(const engine::Event& event, const MessageReceived& message,
                     uint32_t ordinal) {
    const std::string id = MessageId(ordinal);
    json::Writer w = BeginResource("Communication", id);
    PutMessageIdentifier(w, message.message_id);
    w.Key("status").String("completed");
    PutConcepts(w, "category", Own("communication", "patient-message"));
    context_.PutPatient(w, "subject");
    PutClinicalTime(w, "sent", event.at);
    PutInstant(w, "received", event.recorded);
    context_.PutPatient(w, "sender");
    PutBody(w, message.body_key);
    context_.out.push_back(EndResource(w, "Communication", id));
    if (ordinal < state_.messages.size()) WriteReplyTask(ordinal);
  }

  void WriteReplyTask(uint32_t ordinal) {
    const engine::MessageState& message = state_.messages[ordinal];
    const std::string id = MessageId(ordinal);
    json::Writer w = BeginResource("Task", id);
    context_.PutCase(w);
    const bool open = message.status == MessageStatus::kOpen;
    // Closed with a reason instead of an answer: the task was cancelled.
    w.Key("status").String(open ? "ready"
                           : message.status == MessageStatus::kAnswered
                               ? "completed"
                               : "cancelled");
    w.Key("intent").String("order");
    PutConcept(w, "code", Own("task-code", "reply-message"));
    PutReference(w, "focus", "Communication", id);
    context_.PutPatient(w, "for");
    PutInstant(w, "authoredOn", message.received_at);
    context_.PutOwner(w, message.owner);
    PutDeadline(w, message.due);
    context_.out.push_back(EndResource(w, "Task", id));
  }

  // The message that was settled by the same command, if one was.
  int64_t AnsweredBy(uint64_t seq) const {
    for (;; ++seq) {
      const engine::Event* next = context_.EventAt(seq + 1);
      if (next == nullptr ||
          std::holds_alternative<engine::CommandRecorded>(next->body)) {
        return -1;
      }
      const auto* settled = std::get_if<engine::MessageSettled>(&next->body);
      if (settled != nullptr) return settled->message;
    }
  }

  void WriteSent(const engine::Event& event, const MessageSent& message) {
    const std::string id = absl::StrCat(context_.case_id, "-t", event.seq);
    json::Writer w = BeginResource("Communication", id);
    PutMessageIdentifier(w, message.message_id);
    const int64_t answered = AnsweredBy(event.seq);
    if (answered >= 0) {
      PutReferences(w, "inResponseTo", "Communication",
                    MessageId(static_cast<uint32_t>(answered)));
    }
    w.Key("status").String("completed");
    PutConcepts(w, "category", Own("communication", "therapist-message"));
    context_.PutPatient(w, "subject");
    PutClinicalTime(w, "sent", event.at);
    PutRecipientPatient(w);
    if (const engine::Envelope* by = context_.EnvelopeOf(event.seq)) {
      context_.PutStaff(w, "sender", by->actor.staff);
    }
    PutBody(w, message.body_key);
    context_.out.push_back(EndResource(w, "Communication", id));
  }

  void WriteEffect(const engine::Event& event, const EffectRequested& effect) {
    const std::string id =
        absl::StrCat(context_.case_id, "-n", IdToText(effect.effect));
    const auto found = settled_.find(effect.effect);
    const engine::Event* settled =
        found == settled_.end() ? nullptr : found->second;
    const auto* how = settled == nullptr
                          ? nullptr
                          : std::get_if<EffectSettled>(&settled->body);
    const bool feedback = effect.to == Recipient::kReferrer;
    const std::vector<Answered> answered =
        feedback ? AnsweredBy(event, effect) : std::vector<Answered>();
    json::Writer w = BeginResource("Communication", id);
    w.Key("identifier").BeginArray();
    PutIdentifier(w, {OwnSystem("effect"), IdToText(effect.effect)});
    w.EndArray();
    if (feedback) PutBasedOn(w, answered);
    // In the outbox until somebody says what became of it.
    w.Key("status").String(how == nullptr   ? "preparation"
                           : how->delivered ? "completed"
                                            : "not-done");
    if (how != nullptr && !how->delivered) {
      PutConcept(w, "statusReason",
                 Own("not-delivered", how->expired ? "expired" : "failed",
                     how->detail));
    }
    PutConcepts(w, "category", CategoryOf(effect.to));
    context_.PutPatient(w, "subject");
    PutTopic(w, effect);
    if (how != nullptr && how->delivered) PutInstant(w, "sent", settled->at);
    if (feedback) {
      PutReferrers(w, answered);
    } else if (effect.to == Recipient::kService) {
      PutReceiver(w, effect);
    } else if (effect.to == Recipient::kRelated) {
      w.Key("recipient").BeginArray();
      WriteContext::PutRelated(w, effect.role);
      w.EndArray();
    } else {
      PutRecipientPatient(w);
    }
    context_.out.push_back(EndResource(w, "Communication", id));
  }

  static Concept CategoryOf(Recipient to) {
    return to == Recipient::kReferrer
               ? Own("communication", "referrer-feedback")
           : to == Recipient::kService
               ? Own("communication", "transfer-letter")
               : Hl7("communication-category", "notification");
  }

  // An early version does not say who takes the case over.
  void PutReceiver(json::Writer& w, const EffectRequested& letter) {
    if (!letter.receiver.empty()) {
      w.Key("recipient").BeginArray();
      PutReferrer(w, nullptr, letter.receiver);
      w.EndArray();
    }
    PutBody(w, letter.body_key);
  }

  // What it says: the template, or the piece of work that was to be written.
  void PutTopic(json::Writer& w, const EffectRequested& effect) {
    const protocol::Protocol& protocol = context_.protocol();
    if (effect.message_template.value < protocol.templates.size()) {
      return PutConcept(
          w, "topic",
          Own("template",
              absl::StrCat(protocol.id, "/",
                           protocol.templates[effect.message_template.value])));
    }
    if (effect.subject.kind == engine::SubjectKind::kItem &&
        effect.subject.ordinal < state_.items.size()) {
      const protocol::Element& element =
          protocol.at(state_.items[effect.subject.ordinal].key.element);
      PutConcept(w, "topic",
                 Own("step", absl::StrCat(protocol.id, "/", element.id),
                     element.title));
    }
  }

  // A referral that a letter answers, and who is to read it.
  struct Answered {
    ReferralId referral;
    std::string referrer;
  };

  // The one that the letter names; of one of an early version, which names
  // none, those of the episode in which it was written whose route owes the
  // referrer feedback.
  std::vector<Answered> AnsweredBy(const engine::Event& event,
                                   const EffectRequested& letter) const {
    if (letter.referral != ReferralId()) {
      return {{letter.referral, letter.referrer}};
    }
    uint16_t episode = 0;
    for (const engine::Event& before : context_.person.events) {
      if (before.seq > event.seq) break;
      if (std::holds_alternative<engine::CaseOpened>(before.body) ||
          std::holds_alternative<engine::EpisodeOpened>(before.body)) {
        ++episode;
      }
    }
    std::vector<Answered> found;
    for (const engine::Referral& referral : state_.referrals) {
      const auto& routes = context_.protocol().routes;
      if (referral.episode == episode && referral.route.value < routes.size() &&
          routes[referral.route.value].referrer_feedback) {
        found.push_back({referral.id, referral.referrer});
      }
    }
    return found;
  }

  // One that was taken back may be another patient's by now.
  bool IsWritten(ReferralId id) const {
    const std::vector<ReferralId>& gone = context_.person.taken_back;
    return std::find(gone.begin(), gone.end(), id) != gone.end() ||
           std::any_of(
               state_.referrals.begin(), state_.referrals.end(),
               [id](const engine::Referral& one) { return one.id == id; });
  }

  void PutBasedOn(json::Writer& w, std::vector<Answered> answered) {
    std::erase_if(answered, [this](const Answered& one) {
      return !IsWritten(one.referral);
    });
    if (answered.empty()) return;
    w.Key("basedOn").BeginArray();
    for (const Answered& one : answered) {
      PutReference(w, nullptr, "ServiceRequest",
                   ReferralResourceId(one.referral));
    }
    w.EndArray();
  }

  static void PutReferrers(json::Writer& w,
                           const std::vector<Answered>& answered) {
    bool any = false;
    for (const Answered& one : answered) {
      if (one.referrer.empty()) continue;
      if (!any) w.Key("recipient").BeginArray();
      any = true;
      PutReferrer(w, nullptr, one.referrer);
    }
    if (any) w.EndArray();
  }

  const WriteContext& context_;
  const engine::CaseState& state_;
  std::map<uint64_t, const engine::Event*> settled_;
};

}  // namespace

void WriteMessages(const WriteContext& context) {
  MessageWriter(context).Write();
}

}  // namespace stepwell::fhir
