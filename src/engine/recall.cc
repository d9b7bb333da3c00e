// One function a verb: what its first events say of the command.
#include "engine/recall.h"

#include <string_view>
#include <utility>
#include <variant>

namespace stepwell::engine {
namespace {

using Events = std::span<const Event>;

// The first event of the kind; nullptr when there is none.
template <class E>
const E* FirstOf(Events events) {
  for (const Event& event : events) {
    if (const auto* found = std::get_if<E>(&event.body)) return found;
  }
  return nullptr;
}

// The case as it is once the command has opened what it works on.
ElementId ElementOf(Events events, const CaseState& before, uint32_t item) {
  if (item < before.items.size()) return before.items[item].key.element;
  uint32_t next = static_cast<uint32_t>(before.items.size());
  for (const Event& event : events) {
    const auto* opened = std::get_if<ItemOpened>(&event.body);
    if (opened != nullptr && next++ == item) return opened->key.element;
  }
  return {};
}

// Which one of a repeated item; nothing: the command has opened it.
std::optional<uint16_t> OccurrenceOf(const CaseState& before, uint32_t item) {
  if (item >= before.items.size()) return std::nullopt;
  return before.items[item].key.occurrence;
}

std::optional<CommandBody> Referral(Events events) {
  ReceiveReferral c;
  bool attached = false;
  for (const Event& event : events) {
    if (const auto* opened = std::get_if<CaseOpened>(&event.body)) {
      c.person = opened->person;
    } else if (const auto* came = std::get_if<ReferralAttached>(&event.body)) {
      c.referral = came->referral;
      attached = true;
    } else if (const auto* zone = std::get_if<ZoneNoted>(&event.body)) {
      c.zone = zone->zone;
    } else if (const auto* said = std::get_if<ConsentRecorded>(&event.body)) {
      c.consents.push_back({said->consent_purpose, said->given, {}});
    } else if (const auto* fact = std::get_if<FactRecorded>(&event.body)) {
      c.facts.push_back({fact->fact, fact->value, 0});
    } else if (std::holds_alternative<DeathNoted>(event.body)) {
      c.died = true;
      break;
    } else if (attached) {
      break;  // what follows is what came of it
    }
  }
  if (!attached) return std::nullopt;
  return c;
}

std::optional<CommandBody> Response(Events events, const CaseState& before) {
  const auto* received = FirstOf<ResponseReceived>(events);
  if (received == nullptr) return std::nullopt;
  SubmitResponse c;
  c.response_id = received->response_id;
  c.instrument = received->instrument;
  if (received->fit == ResponseFit::kItem) {
    c.element = ElementOf(events, before, received->item);
  }
  c.answers = received->answers;
  c.language = received->language;
  c.raw_key = received->raw_key;
  c.problems = received->problems;
  return c;
}

std::optional<CommandBody> OfPatient(Events events, const CaseState& before) {
  PatientItem c;
  for (const Event& event : events) {
    if (const auto* done = std::get_if<ItemDone>(&event.body)) {
      c.element = ElementOf(events, before, done->item);
      c.done = true;
      break;
    }
    if (const auto* told = std::get_if<ItemProgressed>(&event.body)) {
      c.element = ElementOf(events, before, told->item);
      c.percent = told->percent;
      c.seconds = told->seconds;
    } else if (const auto* begun = std::get_if<ItemStarted>(&event.body)) {
      c.element = ElementOf(events, before, begun->item);
    } else if (const auto* saved = std::get_if<ItemDrafted>(&event.body)) {
      c.element = ElementOf(events, before, saved->item);
      c.draft = saved->draft_key;  // its text says nothing to the case
    } else if (const auto* ended = std::get_if<DraftEnded>(&event.body)) {
      c.element = ElementOf(events, before, ended->item);
      c.draft = "";
    }
  }
  if (c.element.IsNone()) return std::nullopt;
  return c;
}

// Of the work of staff what ends an item, begins it or opens it.
std::optional<CommandBody> Work(Events events, const CaseState& before) {
  WorkItem c;
  for (const Event& event : events) {
    if (const auto* fact = std::get_if<FactRecorded>(&event.body)) {
      c.fact = fact->value;
    } else if (const auto* done = std::get_if<ItemDone>(&event.body)) {
      c.element = ElementOf(events, before, done->item);
      c.occurrence = OccurrenceOf(before, done->item);
      c.outcome = done->outcome;
      c.minutes = done->minutes;
      return c;
    } else if (const auto* ended = std::get_if<ItemEnded>(&event.body)) {
      c.element = ElementOf(events, before, ended->item);
      c.occurrence = OccurrenceOf(before, ended->item);
      c.action = ended->status == ItemStatus::kSkipped ? ItemVerb::kSkip
                                                       : ItemVerb::kCancel;
      return c;
    } else if (const auto* begun = std::get_if<ItemStarted>(&event.body)) {
      c.element = ElementOf(events, before, begun->item);
      c.occurrence = OccurrenceOf(before, begun->item);
      c.action = ItemVerb::kStart;
      return c;
    } else if (const auto* opened = std::get_if<ItemOpened>(&event.body)) {
      c.element = opened->key.element;
      c.action = ItemVerb::kOpen;
      return c;
    }
  }
  return std::nullopt;
}

std::optional<CommandBody> Fact(Events events) {
  const auto* fact = FirstOf<FactRecorded>(events);
  if (fact == nullptr) return std::nullopt;
  return RecordFact{fact->fact, fact->value};
}

std::optional<CommandBody> Fire(Events events) {
  const auto* fired = FirstOf<ClockFired>(events);
  if (fired == nullptr) return std::nullopt;
  return FireClock{fired->clock, fired->due};
}

std::optional<CommandBody> Alert(Events events) {
  const auto* stepped = FirstOf<AlertStepped>(events);
  if (stepped == nullptr) return std::nullopt;
  HandleAlert c;
  c.alert = stepped->alert;
  c.action = stepped->stage == AlertStage::kAcknowledged
                 ? AlertVerb::kAcknowledge
             : stepped->stage == AlertStage::kAssessed ? AlertVerb::kAssess
                                                       : AlertVerb::kClose;
  c.outcome = stepped->outcome;
  c.minutes = stepped->minutes;
  return c;
}

std::optional<CommandBody> Message(Events events) {
  const auto* received = FirstOf<MessageReceived>(events);
  if (received == nullptr) return std::nullopt;
  ReceiveMessage c;
  c.message_id = received->message_id;
  c.thread = received->thread;
  c.body_key = received->body_key;
  return c;
}

std::optional<CommandBody> BodyOf(std::string_view verb, Events events,
                                  const CaseState& before) {
  if (verb == ReceiveReferral::kVerb) return Referral(events);
  if (verb == SubmitResponse::kVerb) return Response(events, before);
  if (verb == PatientItem::kVerb) return OfPatient(events, before);
  if (verb == WorkItem::kVerb) return Work(events, before);
  if (verb == RecordFact::kVerb) return Fact(events);
  if (verb == FireClock::kVerb) return Fire(events);
  if (verb == HandleAlert::kVerb) return Alert(events);
  if (verb == ReceiveMessage::kVerb) return Message(events);
  return std::nullopt;
}

}  // namespace

std::optional<Command> RecallCommand(Events events, const CaseState& before) {
  if (events.empty()) return std::nullopt;
  const auto* recorded = std::get_if<CommandRecorded>(&events[0].body);
  if (recorded == nullptr) return std::nullopt;
  auto body = BodyOf(recorded->verb, events.subspan(1), before);
  if (!body) return std::nullopt;
  Command command;
  command.envelope = recorded->envelope;
  command.case_id = before.id;
  if (!before.Exists()) {
    if (const auto* opened = FirstOf<CaseOpened>(events)) {
      command.case_id = opened->id;
    }
  }
  command.body = *std::move(body);
  return command;
}

}  // namespace stepwell::engine
