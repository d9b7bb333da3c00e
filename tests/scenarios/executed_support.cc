#include "scenarios/executed_support.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/catalogue.h"
#include "base/strings.h"
#include "protocol/protocol_support.h"
#include "stepwell/protocol.h"
#include "stepwell/scenario.h"
#include "support/schema_paths.h"

namespace stepwell::testing {

using json::Value;

namespace {

std::string TextOf(Value line, const char* key) {
  return std::string(line.Find(key).string_value());
}

std::vector<ExecutedLine> ReadLines(Value lines) {
  std::vector<ExecutedLine> read;
  for (const Value line : json::Children(lines)) {
    ExecutedLine one;
    for (auto& [key, text] : {std::pair{"schema", &one.schema},
                              {"path", &one.path},
                              {"protocol", &one.protocol},
                              {"file", &one.file},
                              {"at", &one.at},
                              {"rename", &one.rename},
                              {"scenario", &one.scenario},
                              {"test", &one.test},
                              {"why", &one.why}}) {
      if (line.Find(key)) *text = TextOf(line, key);
    }
    if (const Value set = line.Find("set")) one.set = json::ToText(set);
    for (const Value more : json::Children(line.Find("also"))) {
      one.also.push_back({TextOf(more, "at"), json::ToText(more.Find("set"))});
    }
    read.push_back(std::move(one));
  }
  return read;
}

void WriteLines(const std::vector<ExecutedLine>& lines, std::string& out) {
  for (size_t i = 0; i < lines.size(); ++i) {
    const ExecutedLine& line = lines[i];
    absl::StrAppend(&out, i == 0 ? "" : ",", "\n    {");
    const char* glue = "";
    const auto add = [&](const char* key, const std::string& json) {
      absl::StrAppend(&out, glue, "\"", key, "\": ", json);
      glue = ", ";
    };
    for (const auto& [key, text] : {std::pair{"schema", &line.schema},
                                    {"path", &line.path},
                                    {"protocol", &line.protocol},
                                    {"file", &line.file},
                                    {"at", &line.at}}) {
      if (!text->empty()) add(key, json::Quote(*text));
    }
    if (!line.set.empty()) add("set", line.set);
    std::string also;
    for (const auto& [at, set] : line.also) {
      absl::StrAppend(&also, also.empty() ? "" : ", ",
                      "{\"at\": ", json::Quote(at), ", \"set\": ", set, "}");
    }
    if (!also.empty()) add("also", absl::StrCat("[", also, "]"));
    for (const auto& [key, text] : {std::pair{"rename", &line.rename},
                                    {"scenario", &line.scenario},
                                    {"test", &line.test},
                                    {"why", &line.why}}) {
      if (!text->empty()) add(key, json::Quote(*text));
    }
    out += "}";
  }
}

bool IsKey(const std::string& text, size_t end) {
  if (text[end] != '"') return false;
  const size_t next = text.find_first_not_of(" \n", end + 1);
  return next != std::string::npos && text[next] == ':';
}

// Every place where `name` stands as a whole word, but for keys and for texts
// in guards.
std::string Renamed(const std::string& text, const std::string& name,
                    const std::string& to) {
  std::string out;
  size_t from = 0;
  for (size_t at = text.find(name); at != std::string::npos;
       at = text.find(name, at + name.size())) {
    const size_t end = at + name.size();
    const bool whole = (at == 0 || !IsNameByte(text[at - 1])) &&
                       (end == text.size() || !IsNameByte(text[end]));
    if (!whole || text[at - 1] == '\'' || IsKey(text, end)) continue;
    out += text.substr(from, at - from) + to;
    from = end;
  }
  return out + text.substr(from);
}

// The document of the catalogue among those that the protocol brings along.
std::string BroughtAlong(const std::string& protocol, const std::string& file,
                         const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(file, '/');
  const std::string& kind = parts[0];
  const std::string id(absl::StripSuffix(parts[1], ".json"));
  const auto read = json::Parse(protocol);
  std::vector<protocol::Change> changes;
  if (!read->root().Find("documents")) changes.push_back({"/documents", "{}"});
  if (!read->root().Find("documents").Find(kind)) {
    changes.push_back({"/documents/" + kind, "{}"});
  }
  changes.push_back({absl::StrCat("/documents/", kind, "/", id), text});
  return protocol::Changed(protocol, changes);
}

std::string TextOfProtocol(const std::string& protocol) {
  const std::string given = ProtocolGiven(protocol);
  absl::string_view name = given;
  if (!absl::ConsumePrefix(&name, "catalogue:")) return given;
  return std::string(
      FindCatalogueFile(absl::StrCat("protocols/", name, ".json")));
}

std::shared_ptr<const json::Document> Read(std::string_view text) {
  auto read = json::Parse(text);
  if (!read.ok()) return nullptr;
  return std::make_shared<const json::Document>(*std::move(read));
}

}  // namespace

Value ValueAt(Value root, std::string_view pointer) {
  Value at = root;
  for (absl::string_view token : absl::StrSplit(ToAbsl(pointer), '/')) {
    if (token.empty()) continue;
    uint32_t index = 0;
    if (at.is_array()) {
      at = absl::SimpleAtoi(token, &index) ? at.at(index) : Value();
    } else {
      at = at.Find(ToStd(token));
    }
  }
  return at;
}

bool IsNameByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool ExecutedLine::operator<(const ExecutedLine& other) const {
  return std::tie(schema, path) < std::tie(other.schema, other.path);
}

ExecutedTable ReadExecuted(Value root) {
  return {ReadLines(root.Find("watched")), ReadLines(root.Find("elsewhere")),
          ReadLines(root.Find("silent"))};
}

std::string WriteExecuted(const ExecutedTable& table) {
  std::string out = "{\n  \"watched\": [";
  WriteLines(table.watched, out);
  out += "\n  ],\n  \"elsewhere\": [";
  WriteLines(table.elsewhere, out);
  out += "\n  ],\n  \"silent\": [";
  WriteLines(table.silent, out);
  return out + "\n  ]\n}\n";
}

std::vector<Place> PlacesOf(const std::string& protocol) {
  std::vector<Place> places;
  const auto document = Read(TextOfProtocol(protocol));
  if (document == nullptr) return places;
  places.push_back({"protocol", protocol, "", "", document});
  for (const auto& [kind, schema] : {std::pair{"programs", "program"},
                                     {"pools", "pool"},
                                     {"calendars", "calendar"}}) {
    const Value brought = document->root().Find("documents").Find(kind);
    for (const Value own : json::Children(brought)) {
      places.push_back({schema, protocol, "", own.pointer(), document});
    }
    for (const Value import :
         json::Children(document->root().Find("imports").Find(kind))) {
      if (!import.is_string()) continue;
      const std::string text(import.string_value());
      const std::string id = text.substr(0, text.find('@'));
      if (brought.Find(id)) continue;
      const std::string file = absl::StrCat(kind, "/", id, ".json");
      const auto found = Read(FindCatalogueFile(file));
      if (found != nullptr) {
        places.push_back({schema, protocol, file, "", found});
      }
    }
  }
  return places;
}

std::string WithIds(Value root, std::string_view pointer) {
  std::string out;
  Value at = root;
  for (absl::string_view token : absl::StrSplit(ToAbsl(pointer), '/')) {
    if (token.empty()) continue;
    const bool element = at.is_array();
    at = ValueAt(at, ToStd(token));
    if (!at) return "";
    const Value id = at.Find("id");
    absl::StrAppend(
        &out, "/",
        element && id.is_string() ? ToAbsl(id.string_value()) : token);
  }
  return out;
}

std::string WithNumbers(Value root, std::string_view pointer) {
  Value at = root;
  for (absl::string_view token : absl::StrSplit(ToAbsl(pointer), '/')) {
    if (token.empty()) continue;
    Value next;
    if (at.is_array()) {
      for (const Value element : json::Children(at)) {
        if (element.Find("id").is_string() &&
            element.Find("id").string_value() == ToStd(token)) {
          next = element;
        }
      }
    }
    at = next ? next : ValueAt(at, ToStd(token));
    if (!at) return "";
  }
  return at.pointer();
}

std::optional<std::string> ChangedProtocol(const ExecutedLine& line) {
  const std::string protocol = TextOfProtocol(line.protocol);
  const std::string text =
      line.file.empty() ? protocol : std::string(FindCatalogueFile(line.file));
  const auto document = Read(text);
  if (document == nullptr) return std::nullopt;
  const Value root = document->root();
  std::string at = WithNumbers(root, line.at);
  if (at.empty() && !line.set.empty()) {  // a member that is not there yet
    const size_t slash = line.at.rfind('/');
    const std::string parent = WithNumbers(root, line.at.substr(0, slash));
    if (parent.empty() && slash != 0) return std::nullopt;
    at = parent + line.at.substr(slash);
  }
  if (at.empty()) return std::nullopt;
  std::string changed;
  if (line.rename.empty()) {
    std::vector<protocol::Change> changes = {{at, line.set}};
    for (const auto& [other, set] : line.also) {
      const std::string known = WithNumbers(root, other);
      changes.push_back({known.empty() ? other : known, set});
    }
    changed = protocol::Changed(text, changes);
  } else {
    const std::string name(ValueAt(root, at).string_value());
    changed = Renamed(text, name, line.rename);
  }
  return line.file.empty() ? changed
                           : BroughtAlong(protocol, line.file, changed);
}

std::optional<std::string> LogicHash(const std::string& document) {
  const auto check = CheckProtocol(document);
  if (!check.ok() || !check->ok) return std::nullopt;
  return check->logic_hash;
}

bool Notices(const ScenarioFile& file, const std::string& protocol,
             const std::string& document) {
  ScenarioOptions options;
  options.protocol = document;
  const auto result = PlayScenario(ScenarioText(file, protocol), options);
  return !result.ok() || !result->ok;
}

}  // namespace stepwell::testing
