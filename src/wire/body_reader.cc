#include "wire/body_reader.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/blank.h"
#include "base/date.h"
#include "base/fingerprint.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "protocol/supervision.h"

namespace stepwell::wire {

constexpr char kUnlike[] =
    " would be like no other: it is empty, or has spaces around it";

std::optional<Instant> ReadDayEnd(Members& members, std::string_view key,
                                  const Names& names) {
  const json::Value value = members.Get(key);
  if (!value.is_string()) return members.Time(key);
  const auto date = ParseDate(value.string_value());
  if (!date) return members.Time(key);
  const Zone& zone =
      names.protocol == nullptr ? UtcZone() : *names.protocol->zone;
  return FirstAtOrAfter(zone, {Date{date->days + 1}, 0});
}

engine::ReferralDocument ReadDocument(Members& members, const Names& names) {
  engine::ReferralDocument document;
  members.Need("kind", "what it is: \"referral_letter\"");
  document.kind = members.TextOr("kind");
  if (members.Get("kind").is_string() && document.kind.empty()) {
    members.Fail(members.pointer() + "/kind", "a kind is not empty");
  }
  document.hash = members.TextOr("hash");
  document.verified_by = members.TextOr("verified_by");
  document.valid_until = ReadDayEnd(members, "valid_until", names);
  return document;
}

void ReadDocuments(BodyReader& r, std::vector<std::string>& kinds,
                   std::vector<engine::ReferralDocument>& papers) {
  const json::Value list = r.Get("documents");
  if (!list) return;
  if (!list.is_array()) r.Fail(list, "`documents` is an array");
  for (const json::Value value : json::Children(list)) {
    if (value.is_string()) {
      kinds.emplace_back(value.string_value());
    } else if (value.is_object()) {
      Members document(value, r.lenient());
      papers.push_back(ReadDocument(document, r.names()));
      kinds.push_back(papers.back().kind);
      document.Finish();
      r.Take(document);
    } else {
      r.Fail(value, "a document is its kind, or an object with `kind`");
    }
  }
}
namespace {

using protocol::FactValue;

constexpr size_t kSlotsMax = 200;  // of one offer

template <class Table>
std::vector<std::string> IdsOf(const Table& table) {
  std::vector<std::string> ids;
  for (const auto& entry : table) ids.push_back(entry.id);
  return ids;
}

}  // namespace

engine::ElementId BodyReader::Element(std::string_view key, bool needed) {
  if (needed) Need(key, "the item's name in the protocol");
  const std::optional<std::string> name = Text(key);
  if (!name || protocol() == nullptr) return {};
  const engine::ElementId found = protocol()->FindElement(*name);
  if (found.IsNone()) FailName(key, *name, IdsOf(protocol()->elements));
  return found;
}

engine::OutcomeId BodyReader::Outcome(std::string_view key,
                                      engine::ElementId element) {
  const std::optional<std::string> name = Text(key);
  if (!name || protocol() == nullptr) return {};
  const engine::OutcomeId found = protocol()->FindOutcome(*name);
  if (!found.IsNone()) return found;
  std::vector<std::string> known;
  const auto& fitting = element.IsNone() ? protocol()->risk.outcomes
                                         : protocol()->at(element).outcomes;
  for (const engine::OutcomeId outcome : fitting) {
    known.push_back(protocol()->outcomes[outcome.value]);
  }
  FailName(key, *name, known.empty() ? protocol()->outcomes : known);
  return {};
}

engine::PoolId BodyReader::Pool(std::string_view key) {
  Need(key, "a pool of the protocol");
  const std::optional<std::string> name = Text(key);
  if (!name) return {};
  const engine::PoolId found = protocol()->FindPool(*name);
  if (found.IsNone()) FailName(key, *name, IdsOf(protocol()->pools));
  return found;
}

engine::ProgramRef BodyReader::Program(std::string_view key, bool needed) {
  if (needed) Need(key, "a program of the protocol");
  const std::optional<std::string> name = Text(key);
  if (!name) return {};
  const engine::ProgramRef found = protocol()->FindProgram(*name);
  if (found.IsNone()) {
    std::vector<std::string> known;
    for (const auto& program : protocol()->programs) {
      known.push_back(program.name);
    }
    FailName(key, *name, known);
  }
  return found;
}

std::vector<engine::ElementId> BodyReader::Modules(std::string_view key,
                                                   engine::ProgramRef program) {
  std::vector<engine::ElementId> modules;
  const json::Value list = Get(key);
  if (!list || program.IsNone()) return modules;
  if (!list.is_array()) {
    Fail(list, "a list of names of modules");
    return modules;
  }
  const auto& own = protocol()->at(program).modules;
  for (const json::Value value : json::Children(list)) {
    const engine::ElementId found =
        value.is_string() ? protocol()->FindElement(value.string_value())
                          : engine::ElementId();
    if (std::find(own.begin(), own.end(), found) == own.end()) {
      Fail(value,
           absl::StrCat("is no module of ", protocol()->at(program).name));
    } else {
      modules.push_back(found);
    }
  }
  return modules;
}

std::optional<uint8_t> BodyReader::NumberIn(
    std::string_view key, const std::vector<std::string>& known) {
  const std::optional<std::string> name = Text(key);
  if (!name) return std::nullopt;
  const auto it = std::find(known.begin(), known.end(), *name);
  if (it != known.end()) return static_cast<uint8_t>(it - known.begin());
  FailName(key, *name, known);
  return std::nullopt;
}

engine::FactId BodyReader::FactName(std::string_view key) {
  const std::optional<std::string> name = Text(key);
  if (!name) return {};
  const engine::FactId found = protocol()->FindFact(*name);
  if (found.IsNone()) FailName(key, *name, IdsOf(protocol()->facts));
  return found;
}

engine::PurposeId BodyReader::ConsentPurpose(std::string_view key) {
  const std::optional<std::string> name = Text(key);
  if (!name) return {};
  const engine::PurposeId found = protocol()->FindPurpose(*name);
  if (found.IsNone()) FailName(key, *name, protocol()->purposes);
  return found;
}

std::string BodyReader::RelatedRole(std::string_view key) {
  const std::string role = TextOr(key);
  const auto& known = protocol()->related;
  const bool is_known =
      std::any_of(known.begin(), known.end(),
                  [&](const auto& each) { return each.id == role; });
  if (role.empty() || is_known) return role;
  FailName(key, role, IdsOf(known));
  return "";
}

PersonId BodyReader::RelatedPerson(std::string_view key) {
  const json::Value value =
      Need(key, "{\"system\": ..., \"value\": ...} or {\"id\": ...}");
  if (!value) return {};
  Members p(value, lenient());
  PersonId person;
  if (value.Find("id")) {
    const std::string text = p.TextOr("id");
    uint64_t id = 0;
    if (!IdFromText(text, &id) || id == 0) {
      p.Fail(value, Shown(text) + " is no person id",
             "person ids have 13 letters and digits");
    }
    person = PersonId(id);
    p.Finish();
  } else if (value.is_object()) {
    const auto identifier = Members::IdentifierOf(value, p);
    if (identifier && names_.find_person) {
      person = names_.find_person(identifier->system, identifier->value);
      if (person == PersonId()) {
        p.Fail(value, "nobody is known by this identifier",
               "register the person first");
      }
    }
  }
  Take(p);
  return person;
}

std::optional<Instant> BodyReader::DayEnd(std::string_view key) {
  return ReadDayEnd(*this, key, names_);
}

std::vector<std::string> BodyReader::ComparedTexts(std::string_view key) {
  std::vector<std::string> texts = TextList(key);
  for (size_t i = 0; i < texts.size(); ++i) {
    if (IsBlank(texts[i]) || absl::StripAsciiWhitespace(texts[i]) != texts[i]) {
      Fail(absl::StrCat(pointer(), "/", ToAbsl(key), "/", i),
           Shown(texts[i]) + kUnlike);
    }
  }
  return texts;
}

std::string BodyReader::ComparedText(std::string_view key) {
  std::string text = TextOr(key);
  if (absl::StripAsciiWhitespace(text) != text) {
    Fail(absl::StrCat(pointer(), "/", ToAbsl(key)), Shown(text) + kUnlike);
  }
  return text;
}

StaffId BodyReader::Staff(std::string_view key) {
  const std::optional<std::string> name = Text(key);
  if (!name) return StaffId(0);
  const StaffId staff =
      names_.find_staff ? names_.find_staff(*name) : StaffId(0);
  if (staff.value == 0) {
    Refuse(absl::StrCat(pointer(), "/", ToAbsl(key)), "unknown_staff",
           absl::StrCat(Shown(*name), " is not in the staff register"),
           "add_staff enters a member");
  }
  return staff;
}

std::vector<engine::Slot> BodyReader::Slots(std::string_view key) {
  std::vector<engine::Slot> slots;
  const json::Value list =
      Need(key, "a list of times: {\"id\": ..., \"starts_at\": ...}");
  if (list && (!list.is_array() || list.size() > kSlotsMax)) {
    Fail(list, absl::StrCat("a list of at most ", kSlotsMax, " times"));
    return slots;
  }
  for (const json::Value value : json::Children(list)) {
    if (!value.is_object()) {
      Fail(value, "a slot is an object");
      continue;
    }
    Members member(value, lenient());
    engine::Slot slot;
    member.Need("id", "the host's id of the slot");
    slot.id = member.TextOr("id");
    member.Need("starts_at", "its time");
    slot.starts_at = member.Time("starts_at").value_or(Instant{});
    slot.minutes = static_cast<uint16_t>(
        member.Integer("minutes", 0, 24 * 60).value_or(0));
    slot.mode = member.Enum<engine::ContactMode>("mode").value_or(slot.mode);
    slot.place = member.TextOr("place");
    if (const auto name = member.Text("staff")) {
      if (names_.find_staff) slot.staff = names_.find_staff(*name);
      if (slot.staff.value == 0) {
        member.Fail(value.pointer() + "/staff",
                    absl::StrCat(Shown(*name), " is not in the staff register"),
                    "add_staff enters a member");
      }
    }
    member.Finish();
    Take(member);
    slots.push_back(std::move(slot));
  }
  return slots;
}

std::optional<uint16_t> BodyReader::Occurrence() {
  const std::optional<int64_t> n = Integer("occurrence", 1, 65534);
  if (!n) return std::nullopt;
  return static_cast<uint16_t>(*n);
}

std::optional<int32_t> BodyReader::Minutes() {
  const std::optional<int64_t> minutes = Integer("minutes", 0, 24 * 60);
  if (!minutes) return std::nullopt;
  return static_cast<int32_t>(*minutes);
}

std::optional<int32_t> BodyReader::MinutesSaid() {
  const std::optional<int64_t> minutes =
      Integer("minutes", INT32_MIN, INT32_MAX);
  if (!minutes) return std::nullopt;
  return static_cast<int32_t>(*minutes);
}

std::vector<engine::ChecklistAnswer> BodyReader::Checklist(
    std::string_view key, engine::ElementId review) {
  std::vector<engine::ChecklistAnswer> answers;
  const json::Value value = Get(key);
  if (!value || review.IsNone()) return answers;
  const auto& supervision = protocol()->supervision;
  const protocol::DrawnReview* drawn =
      supervision == nullptr ? nullptr : supervision->ReviewOf(review);
  if (drawn == nullptr || drawn->checklist.empty()) {
    Fail(value, "the item has no checklist");
    return answers;
  }
  std::vector<std::string> known;
  for (const auto& question : drawn->checklist) known.push_back(question.id);
  Members given(value, lenient());
  for (const std::string& question : known) {
    if (const auto said = given.Enum<engine::Checked>(question)) {
      answers.push_back({question, *said});
    }
  }
  given.Finish();
  Take(given);
  return answers;
}

uint64_t BodyReader::EffectId(std::string_view key) {
  const json::Value value = Get(key);
  uint64_t id = 0;
  if (value.is_string()) {
    if (IdFromText(value.string_value(), &id)) return id;
    if (const auto digits = ParseDigits(value.string_value())) {
      return static_cast<uint64_t>(*digits);
    }
  } else if (value.int64_value().value_or(-1) >= 0) {
    return static_cast<uint64_t>(*value.int64_value());
  }
  if (value) Fail(value, "expected the `effect_id` of the outbox");
  return 0;
}

std::optional<FactValue> ReadFact(json::Value value, FactValue::Kind kind,
                                  Members& mistakes) {
  FactValue fact;
  fact.kind = kind;
  switch (kind) {
    case FactValue::Kind::kBoolean:
      if (!value.is_bool()) break;
      fact.number = value.bool_value() ? 1 : 0;
      return fact;
    case FactValue::Kind::kInteger:
      if (!value.is_number() || !value.int64_value()) break;
      fact.number = *value.int64_value();
      return fact;
    case FactValue::Kind::kText:
      if (!value.is_string()) break;
      fact.text = std::string(value.string_value());
      return fact;
    case FactValue::Kind::kDate: {
      if (!value.is_string()) break;
      const std::optional<Date> date = ParseDate(value.string_value());
      if (!date) break;
      fact.number = date->days;
      return fact;
    }
    case FactValue::Kind::kNone:
      break;
  }
  const std::string expected =
      kind == FactValue::Kind::kDate      ? "a date like \"1985-06-30\""
      : kind == FactValue::Kind::kInteger ? "a whole number"
      : kind == FactValue::Kind::kBoolean ? "true or false"
                                          : "a string";
  mistakes.Fail(value, absl::StrCat("this fact is ", expected));
  return std::nullopt;
}

std::optional<FactValue> BodyReader::Fact(json::Value value,
                                          engine::FactId fact) {
  return ReadFact(value, protocol()->at(fact).kind, *this);
}

void BodyReader::FinishCommand() {
  // `now` belongs to whoever submits a file of commands; see command.md.
  Finish({"id", "command", "actor", "on_behalf_of", "purpose",
          "source_document", "cause", "reason", "at", "case", "person",
          "expected_version", "now"});
}

}  // namespace stepwell::wire
