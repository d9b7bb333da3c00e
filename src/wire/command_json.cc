// Phase two: the body of a command to a case, by the names of its protocol.
// One reader a verb.
#include "wire/command_json.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/blank.h"
#include "base/limits.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "protocol/quiet_hours.h"
#include "protocol/reader.h"
#include "wire/body_reader.h"
#include "wire/given_answers.h"

namespace stepwell::wire {
namespace {

using engine::FactValue;
using protocol::InstrumentRef;

constexpr int64_t kSecondsMax = 100 * 24 * 3600;  // at one item

// The instrument that a response is to: by its name, else by the item it is
// said to answer.
InstrumentRef InstrumentOf(BodyReader& r, engine::ElementId element) {
  InstrumentRef by_item;
  if (!element.IsNone()) by_item = r.protocol()->at(element).instrument;
  const std::optional<std::string> name = r.Text("instrument");
  if (!name) {
    if (by_item.IsNone()) {
      r.Fail(r.pointer() + "/instrument",
             "needs `instrument`, the questionnaire's name");
    }
    return by_item;
  }
  if (r.protocol() == nullptr) return InstrumentRef();
  const InstrumentRef found = r.protocol()->FindInstrument(*name);
  if (found.IsNone()) {
    std::vector<std::string> known;
    for (const auto& instrument : r.protocol()->instruments) {
      known.push_back(instrument.name);
    }
    r.FailName("instrument", *name, known);
    return by_item;
  }
  if (!by_item.IsNone() && by_item != found) {
    r.Fail(r.pointer() + "/item",
           absl::StrCat("the item does not ask for ", *name));
  }
  return found;
}

void Read(BodyReader& r, engine::SubmitResponse& c) {
  c.response_id = r.TextOr("response_id", r.head().envelope.command_id);
  c.language = r.TextOr("language");
  c.element = r.Element("item", /*needed=*/false);
  c.instrument = InstrumentOf(r, c.element);
  const json::Value answers =
      r.Need("answers", "an array in item order or an object by item");
  if (c.instrument.IsNone()) {
    c.answers = UnknownAnswers(answers);
    return;
  }
  GivenAnswers given =
      ReadGivenAnswers(*r.protocol()->at(c.instrument).instrument, answers);
  c.answers = std::move(given.answers);
  for (const std::string& problem : given.problems) {
    r.Fail(r.pointer() + "/answers", problem);
  }
}

// Any JSON value: what it means is the patient's program's to know. An empty
// one throws away what was saved before.
std::optional<std::string> ReadDraft(BodyReader& r) {
  const json::Value draft = r.Get("draft");
  if (!draft) return std::nullopt;
  const bool empty =
      (draft.is_string() && draft.string_value().empty()) ||
      ((draft.is_object() || draft.is_array()) && draft.size() == 0);
  if (empty) return "";
  std::string text = json::Canonical(draft);
  if (text.size() <= limits::kTextBytesMax) return text;
  r.Fail(draft, absl::StrCat("a draft has at most ", limits::kTextBytesMax,
                             " bytes: it was not saved"));
  return std::nullopt;
}

void Read(BodyReader& r, engine::PatientItem& c) {
  c.element = r.Element("item", /*needed=*/true);
  if (c.element.IsNone()) c.name = r.TextOr("item");
  c.done = r.Bool("done").value_or(false);
  if (const auto percent = r.Integer("percent", 0, 100)) {
    c.percent = static_cast<uint8_t>(*percent);
  }
  if (const auto seconds = r.Integer("seconds", 0, kSecondsMax)) {
    c.seconds = static_cast<uint32_t>(*seconds);
  }
  c.draft = ReadDraft(r);
}

// An id that says nothing is none.
std::string IdOr(BodyReader& r, std::string_view key) {
  std::string id = r.TextOr(key);
  return id.empty() ? r.head().envelope.command_id : id;
}

void Read(BodyReader& r, engine::ReceiveMessage& c) {
  c.message_id = IdOr(r, "message_id");
  c.thread = r.TextOr("thread");
  c.body_key = r.TextOr("body_key");
}

void CheckUse(BodyReader& r, engine::ItemVerb action) {
  using enum engine::ItemVerb;
  r.OnlyOf("occurrence", action,
           {kStart, kComplete, kSkip, kCancel, kClaim, kRelease, kDefer,
            kHandOver, kSign, kReturn});
  r.OnlyOf("outcome", action, {kComplete});
  r.OnlyOf("value", action, {kComplete});
  r.OnlyOf("checklist", action, {kComplete});
  r.OnlyOf("minutes", action, {kComplete, kSign, kReturn});
  r.OnlyOf("until", action, {kDefer});
  r.OnlyOf("pool", action, {kHandOver});
  r.OnlyOf("member", action, {kHandOver});
}

void CheckUse(BodyReader& r, engine::EnrolmentVerb action) {
  using enum engine::EnrolmentVerb;
  r.OnlyOf("to", action, {kSwitch});
  r.OnlyOf("modules", action, {kReorder, kInclude, kExclude});
  r.OnlyOf("set", action, {kInclude});
  r.OnlyOf("guidance", action, {kStart, kSwitch, kGuidance});
  r.OnlyOf("language", action, {kStart, kSwitch, kLanguage});
}

void CheckUse(BodyReader& r, engine::AppointmentVerb action) {
  // Of what a patient wishes nothing is refused for what stands beside it.
  if (r.head().envelope.actor.role == engine::Role::kPatient) return;
  using enum engine::AppointmentVerb;
  for (const char* when : {"starts_at", "slot", "group"}) {
    r.OnlyOf(when, action, {kPropose, kBook, kReschedule});
  }
  r.OnlyOf("mode", action, {kPropose, kBook, kReschedule, kMode});
}

void CheckUse(BodyReader& r, engine::TransferVerb action) {
  for (const char* letter : {"to", "text", "body_key"}) {
    r.OnlyOf(letter, action, {engine::TransferVerb::kHandOver});
  }
}

void CheckUse(BodyReader& r, engine::AlertVerb action) {
  using enum engine::AlertVerb;
  r.OnlyOf("outcome", action, {kAssess});
  r.OnlyOf("until", action, {kReviewedUnchanged});
  r.OnlyOf("minutes", action, {kAcknowledge, kAssess, kClose});
}

void Read(BodyReader& r, engine::FlagRisk& c) {
  r.Need("source", "where it was seen: the id of a message, of answers, ...");
  c.source = r.TextOr("source");
  c.tier = r.TextOr("tier");
}

void Read(BodyReader& r, engine::WorkItem& c) {
  c.element = r.Element("item", /*needed=*/true);
  c.occurrence = r.Occurrence();
  r.Need(
      "action",
      "open, start, complete, skip, cancel, claim, release, defer, hand_over, "
      "lock, unlock, repeat, sign or return");
  c.action = r.Enum<engine::ItemVerb>("action").value_or(c.action);
  CheckUse(r, c.action);
  c.outcome = r.Outcome("outcome", c.element);
  c.minutes = r.MinutesSaid();
  c.until = r.Time("until");
  if (r.Get("pool")) c.pool = r.Pool("pool");
  c.staff = r.Staff("member");
  c.checklist = r.Checklist("checklist", c.element);
  if (const json::Value value = r.Get("value")) {
    if (c.element.IsNone()) return;
    const engine::FactId fact = r.protocol()->at(c.element).fact;
    if (fact.IsNone()) {
      r.Fail(value, "the item asks for no value");
    } else {
      c.fact = r.Fact(value, fact);
    }
  }
}

void Read(BodyReader& r, engine::ChangeEnrolment& c) {
  c.program = r.Program("program", /*needed=*/true);
  r.Need("action",
         "start, end, switch, reorder, include, exclude, guidance or language");
  c.action = r.Enum<engine::EnrolmentVerb>("action").value_or(c.action);
  CheckUse(r, c.action);
  const bool switches = c.action == engine::EnrolmentVerb::kSwitch;
  c.to = r.Program("to", switches);
  c.modules = r.Modules("modules", c.program);
  c.language = r.TextOr("language");
  if (c.program.IsNone()) return;
  const protocol::ImportedProgram& program = r.protocol()->at(c.program);
  if (const auto set = r.NumberIn("set", program.sets)) c.sets = {*set};
  const engine::ProgramRef guided =
      switches && !c.to.IsNone() ? c.to : c.program;
  c.guidance = r.NumberIn("guidance", r.protocol()->at(guided).guidance);
}

void Read(BodyReader& r, engine::ChangeAppointment& c) {
  c.element = r.Element("item", /*needed=*/true);
  r.Need("action", "propose, book, reschedule, cancel, mode or no_show");
  c.action = r.Enum<engine::AppointmentVerb>("action").value_or(c.action);
  CheckUse(r, c.action);
  c.occurrence = r.Occurrence();
  c.slot = r.TextOr("slot");
  c.group = r.TextOr("group");
  c.mode = r.Enum<engine::ContactMode>("mode").value_or(c.mode);
  const bool takes_time = c.action == engine::AppointmentVerb::kPropose ||
                          c.action == engine::AppointmentVerb::kBook ||
                          c.action == engine::AppointmentVerb::kReschedule;
  if (takes_time && c.slot.empty() && c.group.empty()) {
    r.Need("starts_at", "the time of the appointment, or `slot` or `group`");
  }
  c.starts_at = r.Time("starts_at").value_or(Instant{});
}

void Read(BodyReader& r, engine::TransferCase& c) {
  r.Need("action", "hand_over, confirm or withdraw");
  c.action = r.Enum<engine::TransferVerb>("action").value_or(c.action);
  CheckUse(r, c.action);
  if (c.action == engine::TransferVerb::kHandOver) {
    r.Need("to", "the receiving service, as the host names it");
  }
  c.to = r.TextOr("to");
  c.body_key = r.TextOr("body_key");
}

void Read(BodyReader& r, engine::OfferSlots& c) {
  c.element = r.Element("item", /*needed=*/true);
  c.occurrence = r.Occurrence();
  c.slots = r.Slots("slots");
}

void Read(BodyReader& r, engine::HandleAlert& c) {
  r.Need("alert", "its number on the worklist");
  c.alert = static_cast<uint32_t>(
      r.Integer("alert", 0, UINT32_MAX - 1).value_or(UINT32_MAX));
  r.Need("action", "acknowledge, assess, close or reviewed_unchanged");
  c.action = r.Enum<engine::AlertVerb>("action").value_or(c.action);
  CheckUse(r, c.action);
  c.outcome = r.Outcome("outcome", engine::ElementId());
  if (c.action == engine::AlertVerb::kReviewedUnchanged) {
    r.Need("until", "the time the mark ends at");
  }
  c.until = r.Time("until").value_or(Instant{});
  c.minutes = r.MinutesSaid();
}

void Read(BodyReader& r, engine::SendMessage& c) {
  c.message_id = IdOr(r, "message_id");
  c.thread = r.TextOr("thread");
  c.body_key = r.TextOr("body_key");
  c.answers = r.TextOr("answers");
  c.minutes = r.MinutesSaid();
  c.message_template = r.TextOr("template");
  c.element = r.Element("item", /*needed=*/false);
}

void Read(BodyReader& r, engine::ReadMessage& c) {
  r.Need("message_id", "the message that was read");
  c.message_id = r.TextOr("message_id");
}

void Read(BodyReader& r, engine::CloseMessage& c) {
  r.Need("message_id", "the patient's message");
  c.message_id = r.TextOr("message_id");
  c.minutes = r.MinutesSaid();
}

void Read(BodyReader& r, engine::AssignCase& c) {
  c.pool = r.Pool("pool");
  c.staff = r.Staff("staff");
  const bool says = r.Get("skills") || r.Get("languages") || r.Get("site");
  engine::CaseNeeds needs{r.ComparedTexts("skills"),
                          r.ComparedTexts("languages"), r.ComparedText("site")};
  if (says) c.needs = std::move(needs);
}

void Read(BodyReader& r, engine::PauseCase& c) {
  r.Need("review_at", "a pause always has a time it is reviewed at");
  c.review_at = r.Time("review_at").value_or(Instant{});
}

void Read(BodyReader&, engine::ResumeCase&) {}

void Read(BodyReader& r, engine::RecordFact& c) {
  r.Need("fact", "its name in the protocol");
  c.fact = r.FactName("fact");
  const json::Value value = r.Need("value", "of the fact's type");
  if (value && !c.fact.IsNone()) {
    c.value = r.Fact(value, c.fact).value_or(FactValue());
  }
}

void Read(BodyReader& r, engine::RecordConsent& c) {
  r.Need("consent_purpose", "one of the purposes of the protocol");
  c.consent_purpose = r.ConsentPurpose("consent_purpose");
  r.Need("given", "true or false");
  c.given = r.Bool("given").value_or(false);
  c.by = r.RelatedRole("by");
  if (!r.Get("related")) return;
  if (c.by.empty()) {
    r.Fail(r.pointer() + "/related", "`related` goes with `by`");
  }
  c.related = r.RelatedPerson("related");
}

void Read(BodyReader& r, engine::FileDocument& c) {
  c.document = ReadDocument(r, r.names());
  const std::string referral = r.TextOr("referral");
  uint64_t id = 0;
  if (referral.empty()) return;
  if (!IdFromText(referral, &id) || id == 0) {
    r.Fail(r.pointer() + "/referral", Shown(referral) + " is no referral id",
           "referral ids have 13 letters and digits; leave it out for the "
           "latest one that needs the document");
  }
  c.referral = ReferralId(id);
}

void Read(BodyReader& r, engine::RelatePerson& c) {
  c.related = r.RelatedPerson("related");
  r.Need("role", "one of the roles in `related` of the protocol");
  c.role = r.RelatedRole("role");
  c.ended = r.Bool("ended").value_or(false);
}

void Read(BodyReader& r, engine::VoidEvent& c) {
  r.Need("target", "the `seq` of the event");
  c.target =
      static_cast<uint64_t>(r.Integer("target", 1, INT64_MAX).value_or(0));
}

void Read(BodyReader& r, engine::SettleEffect& c) {
  r.Need("effect", "the `effect_id` of the outbox");
  c.effect = r.EffectId("effect");
  r.Need("delivered", "true or false");
  c.delivered = r.Bool("delivered").value_or(false);
  c.detail = r.TextOr("detail");
}

// A list without a way in it says nothing that could be meant. A patient's is
// kept, whatever it is, and is never taken for "by any way".
void ReadChannels(BodyReader& r, engine::SafeContact& contact) {
  const json::Value given = r.Get("channels");
  if (!given) return;
  contact.channels = r.TextList("channels");
  const size_t blank = std::erase_if(contact.channels, IsBlank);
  const bool patient = r.head().envelope.actor.role == engine::Role::kPatient;
  if (!patient && (blank > 0 || (given.is_array() && given.size() == 0))) {
    r.Fail(given, "a way has a name, and a list names at least one",
           "`channels` is left out when every way is fine");
  }
  contact.no_channel = contact.channels.empty();
}

void Read(BodyReader& r, engine::SetSafeContact& c) {
  ReadChannels(r, c.contact);
  c.contact.leave_messages = r.Bool("leave_messages").value_or(true);
  const json::Value quiet = r.Get("quiet");
  if (!quiet) return;
  Members hours(quiet, r.lenient());
  const auto minute = [&](std::string_view key) -> int32_t {
    hours.Need(key, "a time of day: \"21:00\"");
    const std::string text = hours.TextOr(key);
    const std::optional<int64_t> us = ParseTimeOfDay(text);
    if (!us && hours.Get(key).is_string()) {
      hours.Fail(hours.Get(key), Shown(text) + " is no time of day",
                 "from 00:00 to 24:00");
    }
    return static_cast<int32_t>(us.value_or(0) / 60'000'000);
  };
  c.contact.quiet_from = minute("from");
  c.contact.quiet_to = minute("to");
  if (hours.status().ok() && !protocol::LeavesTimeToSpeak(
                                 *c.contact.quiet_from, *c.contact.quiet_to)) {
    hours.Fail(quiet,
               absl::StrCat("a day has at least ", protocol::kSpeakingHoursMin,
                            " hours in which words to the patient are sent"),
               "other times, or the protocol's when `quiet` is left out");
  }
  hours.Finish();
  r.Take(hours);
}

// The service builds these itself; the others the head refuses.
void Read(BodyReader&, engine::ReceiveReferral&) {}
void Read(BodyReader&, engine::AdoptCase&) {}
void Read(BodyReader&, engine::FireClock&) {}
void Read(BodyReader&, engine::NoteDeath&) {}
void Read(BodyReader&, engine::NoteZone&) {}
void Read(BodyReader&, engine::NoteRecords&) {}
void Read(BodyReader&, engine::NoteGroup&) {}
void Read(BodyReader&, engine::ReleaseCase&) {}
void Read(BodyReader&, engine::NotePlace&) {}
void Read(BodyReader&, engine::DrawReview&) {}
// All that it says stands in its head.
void Read(BodyReader&, engine::AdmitCase&) {}

template <size_t I = 0>
bool EmplaceVerb(std::string_view verb, engine::CommandBody& body) {
  if constexpr (I == std::variant_size_v<engine::CommandBody>) {
    return false;
  } else {
    using Alternative = std::variant_alternative_t<I, engine::CommandBody>;
    if (verb != Alternative::kVerb) return EmplaceVerb<I + 1>(verb, body);
    body.emplace<I>();
    return true;
  }
}

// Staff say something with it. What a patient sends without a text is a message
// all the same, and somebody looks at it.
void NeedText(BodyReader& r, const std::string& text,
              const engine::CommandBody& body) {
  const auto* sent = std::get_if<engine::SendMessage>(&body);
  const auto* transfer = std::get_if<engine::TransferCase>(&body);
  const bool letter = transfer != nullptr &&
                      transfer->action == engine::TransferVerb::kHandOver;
  if (sent == nullptr && !letter) return;
  if (!IsBlank(text)) return;
  if (!(letter ? transfer->body_key : sent->body_key).empty()) return;
  const char* member =
      r.Get("text") || !r.Get("body_key") ? "/text" : "/body_key";
  r.Fail(r.pointer() + member,
         letter ? "the letter is empty" : "the message is empty",
         "send the text, or the `body_key` under which the host keeps it");
}

// Texts may come along with a message; whoever stores them names the key.
std::string TakeText(BodyReader& r, engine::CommandBody& body) {
  const bool has_text = std::holds_alternative<engine::SendMessage>(body) ||
                        std::holds_alternative<engine::ReceiveMessage>(body) ||
                        std::holds_alternative<engine::TransferCase>(body);
  if (!has_text) return "";
  std::string text = r.TextOr("text");
  NeedText(r, text, body);
  const json::Value key = r.Get("body_key");
  if (text.empty() || !key) return text;
  r.Fail(key, "there is a `text` too",
         "send the text, or the `body_key` under which the host keeps it");
  // Of a patient the text is the message; the key is kept as it came.
  if (auto* message = std::get_if<engine::ReceiveMessage>(&body)) {
    message->body_key.clear();
  }
  return text;
}

// What of the command nobody has read, but for what is kept in another way.
engine::Unread UnreadOf(const CommandHead& head, BodyReader& r,
                        const std::vector<std::string>& problems,
                        std::string_view but) {
  engine::Unread unread;
  unread.members = head.unread;
  unread.members.insert(unread.members.end(), r.unread().begin(),
                        r.unread().end());
  std::erase_if(unread.members, [&](const engine::UnreadMember& member) {
    return member.pointer == but;
  });
  for (engine::UnreadMember& member : unread.members) {
    if (member.pointer == "/draft") member.text.clear();  // nobody's to read
  }
  if (!unread.members.empty()) unread.problems = problems;
  return unread;
}

}  // namespace

absl::StatusOr<CommandBody> ReadCommandBody(const CommandHead& head,
                                            json::Value command,
                                            const Names& names) {
  CommandBody out;
  if (IsServiceVerb(head.verb) || head.verb == "fire_clock" ||
      head.verb == "note_death" || head.verb == "note_zone" ||
      head.verb == "note_records" || head.verb == "note_group" ||
      head.verb == "release_case" || head.verb == "note_place" ||
      head.verb == "draw_review" || !EmplaceVerb(head.verb, out.body)) {
    return Internal(absl::StrCat(head.verb, " is no command to a case"));
  }
  if (names.protocol == nullptr && !head.from_patient) {
    return Internal("a command to a case is read with its protocol");
  }
  BodyReader r(head, command, names);
  std::visit([&r](auto& body) { Read(r, body); }, out.body);
  out.text = TakeText(r, out.body);
  r.FinishCommand();
  STEPWELL_RETURN_IF_ERROR(r.status());
  out.problems = head.problems;
  out.problems.insert(out.problems.end(), r.problems().begin(),
                      r.problems().end());
  if (auto* response = std::get_if<engine::SubmitResponse>(&out.body)) {
    response->problems = out.problems;
  } else if (auto* item = std::get_if<engine::PatientItem>(&out.body)) {
    // Of an item that there is not, the engine says so by its name.
    item->unread =
        UnreadOf(head, r, out.problems, item->name.empty() ? "" : "/item");
  } else if (auto* message = std::get_if<engine::ReceiveMessage>(&out.body)) {
    // What was no text is the message, all the same.
    message->unread = UnreadOf(head, r, out.problems, "/text");
  }
  return out;
}

}  // namespace stepwell::wire
