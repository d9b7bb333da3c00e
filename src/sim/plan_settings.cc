// Values put into a plan by their path: "arrivals.self.per_year".
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/numbers.h"
#include "base/status.h"
#include "base/strings.h"
#include "json/json.h"
#include "protocol/reader.h"
#include "sim/plan.h"

namespace stepwell::sim {
namespace {

std::vector<std::string> PartsOf(const std::string& path) {
  if (!path.empty() && path.front() == '/') {
    // A JSON pointer, too.
    std::vector<std::string> parts =
        absl::StrSplit(path.substr(1), absl::ByChar('/'));
    for (std::string& part : parts) {
      for (const auto& [from, to] :
           {std::pair("~1", "/"), std::pair("~0", "~")}) {
        for (size_t at; (at = part.find(from)) != part.npos;) {
          part.replace(at, 2, to);
        }
      }
    }
    return parts;
  }
  return absl::StrSplit(path, absl::ByChar('.'));
}

// The element of a list by its id or its position; the member by its name.
json::Value Step(json::Value value, const std::string& part) {
  if (value.is_object()) return value.Find(part);
  const std::optional<int64_t> position = ParseDigits(part);
  int64_t i = 0;
  for (const json::Value element : json::Children(value)) {
    const json::Value id = element.Find("id");
    if (id.is_string() ? id.string_value() == part : position == i) {
      return element;
    }
    ++i;
  }
  // A list whose elements have ids may be addressed by position as well.
  return position && value.is_array() ? value.at(static_cast<size_t>(*position))
                                      : json::Value();
}

std::vector<std::string> NamesIn(json::Value value) {
  std::vector<std::string> names;
  for (const json::Value child : json::Children(value)) {
    const json::Value id = child.Find("id");
    if (value.is_object()) {
      names.push_back(std::string(child.key()));
    } else if (id.is_string()) {
      names.push_back(std::string(id.string_value()));
    }
  }
  return names;
}

// Copies `value`; where the path ends, what is given stands instead.
void Copy(json::Value value, json::Value place, const std::string& member,
          const std::string& text, json::Writer& out) {
  const bool here = value.index() == place.index();
  if (value.is_object()) {
    out.BeginObject();
    bool done = false;
    for (const json::Value child : json::Children(value)) {
      out.Key(child.key());
      if (here && child.key() == member) {
        out.Raw(text);
        done = true;
      } else {
        Copy(child, place, member, text, out);
      }
    }
    if (here && !done) out.Key(member).Raw(text);
    out.EndObject();
  } else if (value.is_array()) {
    const json::Value target = here ? Step(value, member) : json::Value();
    out.BeginArray();
    for (const json::Value child : json::Children(value)) {
      if (target && child.index() == target.index()) {
        out.Raw(text);
      } else {
        Copy(child, place, member, text, out);
      }
    }
    out.EndArray();
  } else {
    out.Raw(json::Canonical(value));
  }
}

absl::Status Misled(const std::string& path, std::string_view reached,
                    const std::string& part, json::Value at) {
  const std::string hint = protocol::SuggestName(part, NamesIn(at));
  return InvalidInput(absl::StrCat(
      "set ", path, ": ", reached.empty() ? "the plan" : ToAbsl(reached),
      " has no `", part, "`", hint.empty() ? "" : "; ", hint));
}

absl::StatusOr<std::string> ApplyOne(std::string_view document,
                                     const std::string& path,
                                     const std::string& text) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document plan, json::Parse(document));
  const auto given = json::Parse(text);
  if (!given.ok()) {
    return InvalidInput(absl::StrCat(
        "set ", path, ": `", text, "` is no JSON value: ",
        std::string(given.status().message()), "; texts stand in quotes"));
  }
  const std::vector<std::string> parts = PartsOf(path);
  json::Value at = plan.root();
  std::string reached;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const json::Value next = Step(at, parts[i]);
    if (!next) return Misled(path, reached, parts[i], at);
    absl::StrAppend(&reached, reached.empty() ? "" : ".", parts[i]);
    at = next;
  }
  const std::string& last = parts.back();
  if (last.empty() || !(at.is_object() || (at.is_array() && Step(at, last)))) {
    return Misled(path, reached, last, at);
  }
  json::Writer out;
  Copy(plan.root(), at, last, json::Canonical(given->root()), out);
  return out.Take();
}

}  // namespace

absl::StatusOr<std::string> ApplySettings(std::string_view document,
                                          const Settings& settings) {
  std::string text(document);
  for (const auto& [path, value] : settings) {
    STEPWELL_ASSIGN_OR_RETURN(text, ApplyOne(text, path, value));
  }
  return text;
}

}  // namespace stepwell::sim
