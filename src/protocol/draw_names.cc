#include "protocol/draw_names.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/draw_text.h"
#include "protocol/draw_words.h"
#include "protocol/overlay.h"

namespace stepwell::protocol {
namespace {

struct Verb {
  std::string_view action;
  Word word;
  std::string_view section;  // of the name that the action gives
};
constexpr Verb kVerbs[] = {
    {"move", Word::kMoves, "phases"},
    {"open", Word::kOpens, "items"},
    {"cancel", Word::kCancels, "items"},
    {"milestone", Word::kReaches, "milestones"},
    {"set", Word::kSets, ""},
    {"notify", Word::kTells, ""},
    {"start_clock", Word::kStartsClock, "clocks"},
    {"stop_clock", Word::kStopsClock, "clocks"},
    {"assign", Word::kAssigns, ""},
    {"escalate", Word::kEscalates, ""},
    {"escalate_risk", Word::kEscalatesRisk, ""},
    {"priority", Word::kPriority, ""},
    {"raise_alert", Word::kRaises, ""},
    {"answer_referrals", Word::kAnswers, ""},
    {"close_case", Word::kEndsCare, ""},
};

std::string_view IdOf(json::Value object) {
  const json::Value id = object.Find("id");
  return id.is_string() ? id.string_value() : std::string_view();
}

// A document that was parsed before.
json::Document Again(std::string_view text) {
  return json::Parse(text).value_or(json::Parse("{}").value());
}

}  // namespace

Names::Names(const Protocol& protocol, std::string_view language)
    : language_(language.empty() ? protocol.language : language),
      own_language_(protocol.language),
      document_(Again(protocol.document)) {
  for (const json::Value name :
       json::Children(root().Find("imports").Find("programs"))) {
    if (!name.is_string()) continue;
    const auto wanted = SplitVersion(name.string_value());
    if (!wanted) continue;
    const std::string path =
        absl::StrCat("programs/", ToAbsl(wanted->id), ".json");
    for (const auto& [file, text] : protocol.imports) {
      if (file != path) continue;
      programs_.emplace(std::string(name.key()), Again(text));
    }
  }
  Collect();
}

void Names::Note(std::string_view section, std::string_view id,
                 json::Value object) {
  const std::string title = TextOf(object, "title");
  if (title.empty()) return;
  titles_.emplace(absl::StrCat(ToAbsl(section), " ", ToAbsl(id)), title);
}

void Names::Collect() {
  for (const std::string_view section :
       {"routes", "milestones", "purposes", "facts", "clocks", "rules",
        "related"}) {
    for (const json::Value part : json::Children(root().Find(section))) {
      Note(section, IdOf(part), part);
    }
  }
  const auto items = [&](json::Value list) {
    for (const json::Value item : json::Children(list)) {
      Note("items", IdOf(item), item);
      const json::Value name = item.Find("program");
      if (!name.is_string()) continue;
      const json::Value prefix = item.Find("prefix");
      for (const json::Value module :
           json::Children(Program(name.string_value()).Find("modules"))) {
        const std::string id =
            absl::StrCat(ToAbsl(prefix.is_string() ? prefix.string_value()
                                                   : std::string_view()),
                         ToAbsl(IdOf(module)));
        Note("items", id, module);
      }
    }
  };
  for (const json::Value track : json::Children(root().Find("tracks"))) {
    Note("tracks", IdOf(track), track);
    for (const json::Value phase : json::Children(track.Find("phases"))) {
      Note("phases",
           absl::StrCat(ToAbsl(IdOf(track)), "/", ToAbsl(IdOf(phase))), phase);
      items(phase.Find("items"));
    }
  }
  items(root().Find("items_anywhere"));
}

json::Value Names::Program(std::string_view name) const {
  const auto it = programs_.find(name);
  return it == programs_.end() ? json::Value() : it->second.root();
}

std::string Names::Of(std::string_view section, std::string_view id) const {
  const auto it = titles_.find(absl::StrCat(ToAbsl(section), " ", ToAbsl(id)));
  if (it != titles_.end()) return it->second;
  // A phase is known by its track too, and shown without it.
  return std::string(id.substr(id.rfind('/') + 1));
}

std::string Names::TextOf(json::Value object, std::string_view member) const {
  const json::Value text = object.Find(member);
  if (text.is_string()) return ShownText(text.string_value());
  for (const std::string* language : {&language_, &own_language_}) {
    const json::Value found = text.Find(*language);
    if (found.is_string()) return ShownText(found.string_value());
  }
  const json::Value any = text.first_child();
  return any.is_string() ? ShownText(any.string_value()) : "";
}

std::string Names::Operand(std::string_view key, json::Value value,
                           std::string_view words) const {
  if (key == "notify") {
    const json::Value to = value.Find("to"), text = value.Find("template"),
                      reminder = value.Find("reminder");
    const std::string_view whom =
        to.is_string() ? to.string_value() : std::string_view();
    const std::string_view shown =
        whom == "patient"    ? Say(Word::kPatient, words)
        : whom == "owner"    ? Say(Word::kOwner, words)
        : whom == "referrer" ? Say(Word::kReferrer, words)
                             : whom;
    std::string out(shown);
    if (text.is_string()) {
      absl::StrAppend(&out, ": ", ToAbsl(text.string_value()));
    }
    if (reminder.is_bool() && reminder.bool_value()) {
      absl::StrAppend(&out, " (", ToAbsl(Say(Word::kReminder, words)), ")");
    }
    return out;
  }
  if (key == "set") {
    const json::Value fact = value.Find("fact"), given = value.Find("value");
    if (!fact.is_string() || !given) return ShownText(json::Canonical(value));
    return ShownText(absl::StrCat(ToAbsl(fact.string_value()), " = ",
                                  json::Canonical(given)));
  }
  if (key == "priority") return absl::StrCat("+", json::Canonical(value));
  return value.is_string() ? ShownText(value.string_value())
                           : ShownText(json::Canonical(value));
}

std::string Names::ActionInWords(json::Value action,
                                 std::string_view words) const {
  const json::Value operand = action.first_child();
  if (!operand) return "";
  const std::string_view key = operand.key();
  for (const Verb& verb : kVerbs) {
    if (verb.action != key) continue;
    const std::string what = verb.section.empty() || !operand.is_string()
                                 ? Operand(key, operand, words)
                                 : Of(verb.section, operand.string_value());
    return absl::StrCat(ToAbsl(Say(verb.word, words)), " ", what);
  }
  return absl::StrCat(ToAbsl(key), " ", Operand(key, operand, words));
}

}  // namespace stepwell::protocol
