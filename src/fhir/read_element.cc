// Readings of elements: total functions over any JSON.
#include "fhir/read_element.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "fhir/systems.h"

namespace stepwell::fhir {

std::string_view StringOf(json::Value object, std::string_view key) {
  const json::Value value = object.Find(key);
  return value.is_string() ? value.string_value() : std::string_view{};
}

std::vector<json::Value> ListOf(json::Value object, std::string_view key) {
  const json::Value value = object.Find(key);
  if (value.is_object()) return {value};
  std::vector<json::Value> list;
  if (!value.is_array()) return list;
  for (json::Value child : json::Children(value)) list.push_back(child);
  return list;
}

std::string Shown(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  return absl::StrCat(ToAbsl(BeginningOf(text, bytes)), "...");
}

Identifier ReadIdentifier(json::Value element, std::string_view source) {
  const std::string_view value = StringOf(element, "value");
  if (value.empty()) return {};
  const std::string_view system = StringOf(element, "system");
  if (system.empty()) return {std::string(source), std::string(value)};
  return InternalIdentifier({std::string(system), std::string(value)});
}

std::vector<Identifier> ReadIdentifiers(json::Value resource,
                                        std::string_view source) {
  std::vector<Identifier> ranked[4];
  size_t read = 0;
  for (json::Value element : ListOf(resource, "identifier")) {
    if (++read > limits::kFhirIdentifiersMax) break;
    Identifier identifier = ReadIdentifier(element, source);
    if (identifier.IsNone()) continue;
    const bool old = StringOf(element, "use") == "old";
    const bool nameless = StringOf(element, "system").empty();
    ranked[(old ? 2 : 0) + (nameless ? 1 : 0)].push_back(std::move(identifier));
  }
  std::vector<Identifier> all;
  for (std::vector<Identifier>& rank : ranked) {
    for (Identifier& identifier : rank) {
      if (std::find(all.begin(), all.end(), identifier) == all.end()) {
        all.push_back(std::move(identifier));
      }
    }
  }
  return all;
}

Coding ReadCoding(json::Value element) {
  return {StringOf(element, "system"), StringOf(element, "code"),
          StringOf(element, "display")};
}

std::vector<Coding> CodingsOf(json::Value object, std::string_view key) {
  std::vector<Coding> codings;
  for (json::Value concept_value : ListOf(object, key)) {
    for (json::Value coding : ListOf(concept_value, "coding")) {
      codings.push_back(ReadCoding(coding));
    }
  }
  return codings;
}

std::string_view CodeIn(json::Value object, std::string_view key,
                        std::string_view system) {
  for (const Coding& coding : CodingsOf(object, key)) {
    if (coding.system == system && !coding.code.empty()) return coding.code;
  }
  return {};
}

json::Value FindExtension(json::Value element, std::string_view url) {
  for (json::Value extension : ListOf(element, "extension")) {
    if (StringOf(extension, "url") == url) return extension;
  }
  return {};
}

std::string_view AbsentReason(json::Value element) {
  return StringOf(
      FindExtension(
          element,
          "http://hl7.org/fhir/StructureDefinition/data-absent-reason"),
      "valueCode");
}

namespace {

// Depth is bounded by the JSON parser.
std::string FindModifierBelow(json::Value value, bool is_resource) {
  for (json::Value child : json::Children(value)) {
    const std::string_view key = child.key();
    if (is_resource && (key == "contained" || key == "text")) continue;
    if ((key == "modifierExtension" && child.size() > 0) ||
        (is_resource && key == "implicitRules")) {
      return std::string(key);
    }
    if (!child.is_array() && !child.is_object()) continue;
    std::string below = FindModifierBelow(child, false);
    if (below.empty()) continue;
    if (!value.is_array())
      return absl::StrCat(ToAbsl(key), below[0] == '[' ? "" : ".", below);
    size_t index = 0;
    for (json::Value sibling : json::Children(value)) {
      if (sibling.index() == child.index()) break;
      ++index;
    }
    return absl::StrCat("[", index, "].", below);
  }
  return "";
}

bool IsDigits(std::string_view text, size_t from, size_t count) {
  if (text.size() < from + count) return false;
  return ParseDigits(text.substr(from, count)).has_value();
}

// Servers write fractions of any length; a microsecond is our grain.
std::string WithShortFraction(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::string(text);
  size_t end = dot + 1;
  while (end < text.size() && absl::ascii_isdigit(text[end])) ++end;
  const size_t kept = std::min(end, dot + 7);
  return absl::StrCat(ToAbsl(text.substr(0, kept)), ToAbsl(text.substr(end)));
}

}  // namespace

std::string FindModifier(json::Value resource) {
  return FindModifierBelow(resource, true);
}

FhirTime ParseFhirTime(std::string_view text) {
  FhirTime out;
  if (!IsDigits(text, 0, 4)) return out;
  if (text.size() <= 7) {
    // A year, or a year and a month: legal, and no date.
    const std::string full =
        absl::StrCat(ToAbsl(text), text.size() == 4 ? "-01-01" : "-01");
    out.legal =
        (text.size() == 4 || text.size() == 7) && ParseDate(full).has_value();
    return out;
  }
  out.date = ParseDate(text.substr(0, 10));
  if (text.size() == 10) {
    out.legal = out.date.has_value();
    return out;
  }
  const bool has_seconds = text.size() > 18 && text[10] == 'T' &&
                           text[16] == ':' && IsDigits(text, 17, 2);
  if (has_seconds && out.date.has_value()) {
    out.instant = ParseInstant(WithShortFraction(text));
  }
  out.legal = out.instant.has_value();
  if (!out.legal) out.date.reset();
  return out;
}

std::string SnakeCase(std::string_view type) {
  std::string out;
  for (const char c : type) {
    if (absl::ascii_isupper(c) && !out.empty()) out.push_back('_');
    out.push_back(absl::ascii_tolower(c));
  }
  return out;
}

std::string_view TypeInReference(std::string_view reference) {
  reference = reference.substr(0, reference.find("/_history/"));
  const size_t question = reference.find('?');
  if (question != std::string_view::npos) return reference.substr(0, question);
  const size_t id = reference.rfind('/');
  if (id == std::string_view::npos) return {};
  const std::string_view head = reference.substr(0, id);
  const size_t type = head.rfind('/');
  const std::string_view name =
      type == std::string_view::npos ? head : head.substr(type + 1);
  return !name.empty() && absl::ascii_isupper(name[0]) ? name
                                                       : std::string_view{};
}

}  // namespace stepwell::fhir
