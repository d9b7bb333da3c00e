// Finds, for a path of a schema, a change of a document that a scenario
// notices: whatever stands there is taken out, or becomes another valid value.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "scenarios/executed_support.h"
#include "support/schema_paths.h"

namespace stepwell::testing {

using json::Value;

namespace {

constexpr size_t kOccurrencesTried = 12;
constexpr size_t kChangesTried = 150;
constexpr int kPlaysMax = 1500;

// The values at one path of a schema, in one place, in document order.
std::vector<Value> Occurrences(const Place& place, Value schema,
                               const std::string& path) {
  std::vector<Value> found;
  const auto visit = [&](auto&& self, Value value) -> void {
    const std::string pointer = value.pointer().substr(place.prefix.size());
    if (!pointer.empty() && SchemaPathAt(schema, pointer) == path) {
      found.push_back(value);
    }
    for (const Value child : json::Children(value)) self(self, child);
  };
  Value root = place.document->root();
  for (absl::string_view token : absl::StrSplit(place.prefix, '/')) {
    if (!token.empty()) root = root.Find(std::string(token));
  }
  visit(visit, root);
  return found;
}

void AddNumbers(Value value, std::vector<std::string>& sets) {
  const auto number = value.double_value();
  if (!number) return;
  if (const auto whole = value.int64_value()) {
    for (const int64_t other : {*whole + 1, *whole - 1, *whole * 2, *whole + 10,
                                *whole * 10, int64_t{1}, int64_t{0}}) {
      if (other != *whole) sets.push_back(absl::StrCat(other));
    }
    return;
  }
  for (const double other : {*number * 2, -*number, *number / 2}) {
    sets.push_back(absl::StrCat(other));
  }
}

// "14 days" -> "28 days", "30%" -> "15%".
void AddSpans(const std::string& text, std::vector<std::string>& sets) {
  const size_t end = text.find_first_not_of("0123456789");
  int number = 0;
  if (end == 0 || end == std::string::npos ||
      !absl::SimpleAtoi(text.substr(0, end), &number)) {
    return;
  }
  for (const int other : {number * 2, number / 2, number + 1}) {
    if (other == number || other == 0) continue;
    sets.push_back(json::Quote(absl::StrCat(other, text.substr(end))));
  }
}

// Every name that the document declares or imports.
std::vector<std::string> NamesIn(Value root) {
  std::set<std::string> names;
  const auto visit = [&](auto&& self, Value value) -> void {
    if (value.key() == "id" && value.is_string()) {
      names.insert(json::ToText(value));
    }
    for (const Value child : json::Children(value)) self(self, child);
  };
  visit(visit, root);
  for (const Value section : json::Children(root.Find("imports"))) {
    for (const Value name : json::Children(section)) {
      names.insert(json::Quote(name.key()));
    }
  }
  return {names.begin(), names.end()};
}

// The words of the schema, what else stands at such a place, and, where a name
// stands, the other names.
void AddStrings(const Place& place, Value value, Value schema,
                const std::string& path, std::vector<std::string>& sets) {
  const std::string text(value.string_value());
  Value node = schema;
  for (absl::string_view token : absl::StrSplit(path, '/')) {
    if (!token.empty()) node = node.Find(std::string(token));
  }
  for (const Value word :
       json::Children(FollowedRef(schema, node).Find("enum"))) {
    if (word.is_string()) sets.push_back(json::ToText(word));
  }
  AddSpans(text, sets);
  for (const Value other : Occurrences(place, schema, path)) {
    sets.push_back(json::ToText(other));
  }
  if (std::all_of(text.begin(), text.end(), IsNameByte)) {
    for (const std::string& name : NamesIn(place.document->root())) {
      sets.push_back(name);
    }
  }
  for (const char* guard : {"true", "false"}) {
    sets.push_back(json::Quote(guard));
  }
  sets.push_back(json::Quote(absl::StrCat("(", text, ").not()")));
  sets.push_back(json::Quote(absl::StrCat("(", text, ") + 100")));
}

void AddArrays(Value value, std::vector<std::string>& sets) {
  sets.push_back("[]");
  for (size_t out = 0; out < value.size() && value.size() > 1; ++out) {
    std::string rest;
    size_t i = 0;
    for (const Value element : json::Children(value)) {
      if (i++ == out) continue;
      absl::StrAppend(&rest, rest.empty() ? "" : ",", json::ToText(element));
    }
    sets.push_back(absl::StrCat("[", rest, "]"));
  }
}

// The element of an array that has this value and nothing else, as an action
// has; empty when there is none.
std::string OnlyMemberOf(const Place& place, Value value) {
  const Value root = place.document->root();
  const std::string pointer = value.pointer();
  const std::string parent = pointer.substr(0, pointer.rfind('/'));
  const std::string array = parent.substr(0, parent.rfind('/'));
  if (parent.empty() || !ValueAt(root, array).is_array() ||
      !ValueAt(root, parent).is_object() || ValueAt(root, parent).size() != 1) {
    return "";
  }
  return WithIds(root, parent);
}

// Scenarios of the protocol, those first that name what stands at `at`.
std::vector<const ScenarioFile*> FilesFor(const std::string& protocol,
                                          const std::string& at) {
  std::vector<std::pair<int, const ScenarioFile*>> ranked;
  const std::vector<std::string> tokens = absl::StrSplit(at, '/');
  for (const ScenarioFile& file : ScenarioFiles()) {
    if (std::count(file.protocols.begin(), file.protocols.end(), protocol) ==
        0) {
      continue;
    }
    int rank = 0;
    for (const std::string& token : tokens) {
      if (token.size() > 3 && absl::StrContains(file.text, token)) --rank;
    }
    ranked.push_back({rank, &file});
  }
  std::stable_sort(
      ranked.begin(), ranked.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const ScenarioFile*> files;
  for (const auto& [rank, file] : ranked) files.push_back(file);
  return files;
}

std::vector<std::string> AllProtocols() {
  std::set<std::string> names;
  for (const ScenarioFile& file : ScenarioFiles()) {
    names.insert(file.protocols.begin(), file.protocols.end());
  }
  return {names.begin(), names.end()};
}

class Search {
 public:
  Search(std::string schema, std::string path, int& plays)
      : schema_name_(std::move(schema)),
        path_(std::move(path)),
        schema_(SchemaOf(schema_name_)),
        plays_(plays) {}

  // The first value at the path in each document, then the second, ...
  std::optional<ExecutedLine> Run() {
    std::vector<Place> places;
    for (const std::string& protocol : AllProtocols()) {
      for (Place& place : PlacesOf(protocol)) {
        if (place.schema == schema_name_) places.push_back(std::move(place));
      }
    }
    for (size_t n = 0; n < kOccurrencesTried; ++n) {
      for (const Place& place : places) {
        const std::vector<Value> values =
            Occurrences(place, schema_.root(), path_);
        if (n >= values.size()) continue;
        if (auto line = Of(place, values[n])) return line;
      }
    }
    return std::nullopt;
  }

 private:
  // A change of the value, or else of what stands in it.
  std::optional<ExecutedLine> Of(const Place& place, Value value) {
    const std::string here = SchemaPathAt(
        schema_.root(), value.pointer().substr(place.prefix.size()));
    size_t tried = 0;
    for (const ExecutedLine& line : ChangesOf(place, value, here)) {
      if (++tried > kChangesTried || plays_ > kPlaysMax) break;
      if (auto watched = Try(line)) return watched;
    }
    size_t children = 0;
    for (const Value child : json::Children(value)) {
      if (++children > kOccurrencesTried) break;
      if (auto line = Of(place, child)) return line;
    }
    return std::nullopt;
  }

  std::optional<ExecutedLine> Try(ExecutedLine line) {
    line.path = path_;
    const auto document = ChangedProtocol(line);
    const auto logic = document ? LogicHash(*document) : std::nullopt;
    if (!logic || logic == Unchanged(line)) return std::nullopt;
    for (const ScenarioFile* file : FilesFor(line.protocol, line.at)) {
      if (++plays_ > kPlaysMax) return std::nullopt;
      if (!Notices(*file, line.protocol, *document)) continue;
      line.scenario = file->name;
      return line;
    }
    return std::nullopt;
  }

  // The hash of the logic without the change: nobody can notice an equal one.
  const std::string& Unchanged(ExecutedLine line) {
    std::string& hash = unchanged_[line.protocol + " " + line.file];
    if (hash.empty()) {
      line.rename.clear();
      line.at = "/version";
      line.set = "\"1\"";
      hash = LogicHash(*ChangedProtocol(line)).value_or("none");
    }
    return hash;
  }

  const std::string schema_name_, path_;
  const json::Document schema_;
  int& plays_;
  std::map<std::string, std::string> unchanged_;  // by document
};

}  // namespace

std::vector<ExecutedLine> ChangesOf(const Place& place, Value value,
                                    const std::string& schema_path) {
  const json::Document schema = SchemaOf(place.schema);
  std::vector<std::string> sets;
  if (value.is_bool()) sets.push_back(value.bool_value() ? "false" : "true");
  if (value.is_number()) AddNumbers(value, sets);
  if (value.is_string()) {
    AddStrings(place, value, schema.root(), schema_path, sets);
  }
  if (value.is_array()) AddArrays(value, sets);
  ExecutedLine line;
  line.schema = place.schema;
  line.protocol = place.protocol;
  line.file = place.file;
  line.at = WithIds(place.document->root(), value.pointer());
  std::vector<ExecutedLine> lines;
  if (value.is_string() && value.key() == "id") {
    lines.push_back(line);
    lines.back().rename = std::string(value.string_value()) + "_renamed";
  }
  lines.push_back(line);  // taken out
  if (const std::string action = OnlyMemberOf(place, value); !action.empty()) {
    lines.push_back(line);
    lines.back().at = action;
  }
  std::set<std::string> seen = {json::ToText(value)};
  for (const std::string& set : sets) {
    if (!seen.insert(set).second) continue;
    lines.push_back(line);
    lines.back().set = set;
  }
  return lines;
}

std::optional<ExecutedLine> FindWatched(const std::string& schema,
                                        const std::string& path, int& plays) {
  return Search(schema, path, plays).Run();
}

}  // namespace stepwell::testing
