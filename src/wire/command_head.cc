// Phase one: who asks what of which case.
#include <algorithm>
#include <array>

#include "base/blank.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/strings.h"
#include "base/zone.h"
#include "json/lenient.h"
#include "wire/command_json.h"
#include "wire/members.h"

namespace stepwell::wire {
namespace {

using engine::Role;

constexpr std::array<std::string_view, 3> kPatientVerbs = {
    "submit_response", "patient_item", "receive_message"};
constexpr std::array<std::string_view, 15> kServiceVerbs = {
    "register_person", "receive_referral", "add_staff",       "file_parked",
    "dismiss_parked",  "set_leave",        "adopt_case",      "open_group",
    "call_off_group",  "merge_persons",    "unmerge_persons", "reassign_cases",
    "draw_reviews",    "set_safe_mode",    "set_acting"};

template <size_t N>
bool IsIn(const std::array<std::string_view, N>& table, std::string_view verb) {
  return std::find(table.begin(), table.end(), verb) != table.end();
}

template <size_t... I>
void AddVerbs(std::vector<std::string>& verbs, std::index_sequence<I...>) {
  (verbs.emplace_back(
       std::variant_alternative_t<I, engine::CommandBody>::kVerb),
   ...);
}

bool IsKnownVerb(std::string_view verb) {
  const std::vector<std::string> verbs = CommandVerbs();
  return std::binary_search(verbs.begin(), verbs.end(), verb);
}

// A patient sent it, or at least something that says so: then a verb that
// cannot be read loses nothing.
bool IsFromPatient(json::Value command, std::string_view verb) {
  for (const json::Value member : json::Children(command)) {
    if (member.key() == "command" && member.is_string() &&
        IsPatientVerb(member.string_value())) {
      return true;
    }
  }
  const json::Value role = command.Find("actor").Find("role");
  return role.is_string() && role.string_value() == "patient" &&
         !IsKnownVerb(verb);
}

// A day counts to its end: here by UTC, by the service's clocks once those are
// known (ResolveHead).
void ReadAt(Members& m, CommandHead& head) {
  const json::Value at = m.Get("at");
  head.at_date =
      at.is_string() ? ParseDate(at.string_value()) : std::optional<Date>();
  head.envelope.at =
      head.at_date ? EndOfDay(UtcZone(), *head.at_date) : m.Time("at");
}

// A patient's command may leave its actor out; nobody else's may.
void ReadActor(Members& m, CommandHead& head) {
  const json::Value actor =
      m.lenient() ? m.Get("actor")
                  : m.Need("actor",
                           "for example {\"role\": \"staff\", \"staff\": "
                           "\"anna\"}");
  head.envelope.actor.role = m.lenient() ? Role::kPatient : Role::kIntegration;
  if (!actor) return;
  Members a(actor, m.lenient());
  if (!m.lenient())
    a.Need("role",
           "one of patient, staff, referrer, "
           "integration, system");
  if (const auto role = a.Enum<Role>("role")) head.envelope.actor.role = *role;
  head.staff = a.TextOr("staff");
  head.envelope.actor.reference = a.TextOr("reference");
  if (a.status().ok() && actor.is_object()) {
    const bool is_staff = head.envelope.actor.role == Role::kStaff;
    if (is_staff && head.staff.empty()) {
      a.Fail(actor, "staff act under their name",
             "add \"staff\": the reference of the register");
    } else if (!is_staff && !head.staff.empty()) {
      a.Fail(actor, "`staff` belongs to the role staff");
    }
  }
  a.Finish();
  m.Take(a);
}

void ReadCase(Members& m, CommandHead& head) {
  const std::optional<std::string> text = m.Text("case");
  if (!text) return;
  uint64_t id = 0;
  if (IdFromText(*text, &id) && id != 0) {
    head.case_id = CaseId(id);
    return;
  }
  head.case_text = *text;
  m.Fail(m.pointer() + "/case", Shown(*text) + " is no case id",
         "case ids have 13 letters and digits");
}

void ReadPerson(Members& m, CommandHead& head) {
  const json::Value value = m.Get("person");
  if (value) head.person = ReadSelector(value, m);
}

}  // namespace

bool IsPatientVerb(std::string_view verb) { return IsIn(kPatientVerbs, verb); }
bool IsServiceVerb(std::string_view verb) { return IsIn(kServiceVerbs, verb); }

std::vector<std::string> CommandVerbs() {
  std::vector<std::string> verbs(kServiceVerbs.begin(), kServiceVerbs.end());
  AddVerbs(
      verbs,
      std::make_index_sequence<std::variant_size_v<engine::CommandBody>>());
  std::sort(verbs.begin(), verbs.end());
  verbs.erase(std::unique(verbs.begin(), verbs.end()), verbs.end());
  std::erase(verbs, "fire_clock");
  std::erase(verbs, "note_death");
  std::erase(verbs, "note_records");
  std::erase(verbs, "note_zone");
  std::erase(verbs, "note_group");
  std::erase(verbs, "release_case");
  std::erase(verbs, "note_place");
  std::erase(verbs, "draw_review");
  return verbs;
}

absl::StatusOr<json::Document> ParseCommand(std::string_view text) {
  json::ParseOptions options;
  options.bytes_max = limits::kCommandBytesMax;
  return json::Parse(text, options);
}

absl::StatusOr<CommandText> ReadCommandText(std::string_view text) {
  absl::StatusOr<json::Document> strict = ParseCommand(text);
  if (strict.ok()) return CommandText{*std::move(strict), "", {}, false};
  json::ParseOptions options;
  options.bytes_max = limits::kCommandBytesMax;
  absl::StatusOr<json::LenientDocument> read =
      json::ParseLenient(text, options);
  if (!read.ok()) return strict.status();
  const json::Value root = read->document.root();
  const json::Value verb = root.Find("command");
  if (!root.is_object() ||
      !IsFromPatient(root, verb.is_string() ? verb.string_value() : "")) {
    return strict.status();
  }
  CommandText command{std::move(read->document), std::string(text), {}, false};
  if (read->mended) {
    command.problems.push_back(
        "half of a surrogate pair stood in a text: U+FFFD stands for it");
  }
  for (const std::string& pointer : read->repeated_keys) {
    command.problems.push_back(pointer + ": the key is there twice");
    command.ambiguous = true;
  }
  return command;
}

absl::StatusOr<CommandHead> ReadCommandHead(json::Value command) {
  if (!command.is_object()) {
    return InvalidInput("a command is a JSON object",
                        {command.pointer(), std::nullopt});
  }
  CommandHead head;
  const json::Value verb = command.Find("command");
  if (verb.is_string()) head.verb = verb.string_value();
  head.from_patient = IsFromPatient(command, head.verb);
  Members m(command, head.from_patient);
  m.Need("command", "its verb, for example \"work_item\"");
  if (verb && !verb.is_string()) {
    m.Fail(verb, "the verb of a command is a string");
  } else if (verb) {
    if (head.verb == "fire_clock") {
      m.Fail(verb, "clocks are fired by advancing the service");
    } else if (!IsKnownVerb(head.verb)) {
      m.FailName("command", head.verb, CommandVerbs());
    }
  }
  m.Need("id", "a text that is unique to this command");
  head.envelope.command_id = m.TextOr("id");
  if (command.Find("id").is_string() && head.envelope.command_id.empty()) {
    m.Fail(command.Find("id"), "the `id` of a command is not empty");
  } else if (head.envelope.command_id.size() > limits::kStoredNameBytesMax) {
    m.Fail(command.Find("id"), "the `id` of a command is too long");
    head.envelope.command_id.clear();
  }
  ReadActor(m, head);
  head.envelope.on_behalf_of = m.TextOr("on_behalf_of");
  head.envelope.purpose = m.TextOr("purpose");
  head.envelope.source_document = m.TextOr("source_document");
  head.envelope.cause = m.TextOr("cause");
  head.envelope.reason = m.TextOr("reason");
  // A reason of which nobody sees anything is none.
  if (IsBlank(head.envelope.reason)) head.envelope.reason.clear();
  ReadAt(m, head);
  ReadCase(m, head);
  ReadPerson(m, head);
  if (const auto version = m.Integer("expected_version", 0, INT64_MAX)) {
    head.expected_version = static_cast<uint64_t>(*version);
  }
  STEPWELL_RETURN_IF_ERROR(m.status());
  head.problems = std::move(m.problems());
  head.unread = std::move(m.unread());
  return head;
}

absl::StatusOr<CommandHead> ReadCommandHead(const CommandText& text) {
  STEPWELL_ASSIGN_OR_RETURN(CommandHead head,
                            ReadCommandHead(text.document.root()));
  head.problems.insert(head.problems.begin(), text.problems.begin(),
                       text.problems.end());
  head.as_sent = text.as_sent;
  return head;
}

absl::Status ResolveHead(CommandHead& head, const Names& names) {
  if (head.at_date && names.protocol != nullptr) {
    head.envelope.at = EndOfDay(*names.protocol->zone, *head.at_date);
  }
  if (head.staff.empty()) return absl::OkStatus();
  const StaffId staff =
      names.find_staff ? names.find_staff(head.staff) : StaffId(0);
  head.envelope.actor.staff = staff;
  if (staff.value != 0) return absl::OkStatus();
  const std::string message =
      Shown(head.staff) +
      " is not in the staff register; add_staff enters a member";
  if (!head.from_patient) {
    return InvalidInput(message, {"/actor/staff", std::nullopt});
  }
  head.problems.push_back("/actor/staff: " + message);
  head.unread.push_back({"/actor/staff", json::Quote(head.staff)});
  return absl::OkStatus();
}

}  // namespace stepwell::wire
