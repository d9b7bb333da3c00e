#include "protocol/hash.h"

#include <algorithm>
#include <vector>

namespace stepwell::protocol {
namespace {

// Texts, and where things come from: `name` is that of a holiday or of a
// predictor's model, which is `model` with all that is said of it.
constexpr std::string_view kTextMembers[] = {
    "title",       "text",           "source", "sources", "author",
    "approver",    "content",        "mark",   "note",    "name",
    "week_source", "holiday_source", "model",  "$schema"};
constexpr std::string_view kTopMembers[] = {"version", "status", "language"};
// The member that holds a document's own name says what it is; the import says
// what it is called. Of a pool it comes first: its `calendar` is where it
// works. The name of a protocol is that of the service.
constexpr std::string_view kKinds[] = {"program", "instrument", "pool",
                                       "calendar"};

bool IsOwnName(json::Value document, std::string_view key) {
  const auto kind = std::find_if(
      std::begin(kKinds), std::end(kKinds),
      [document](std::string_view name) { return bool(document.Find(name)); });
  return kind != std::end(kKinds) && *kind == key;
}

}  // namespace

bool IsLogicMember(json::Value parent, std::string_view key) {
  const auto is_key = [key](std::string_view name) { return name == key; };
  if (std::any_of(std::begin(kTextMembers), std::end(kTextMembers), is_key)) {
    return false;
  }
  if (parent.index() != 0) return true;
  return !IsOwnName(parent, key) &&
         std::none_of(std::begin(kTopMembers), std::end(kTopMembers), is_key);
}

namespace {

// What a name stands for, without the version: "phq-9@1" -> "phq-9".
void WriteImports(json::Value imports, json::Writer& out) {
  out.BeginObject();
  for (const json::Value section : json::Children(imports)) {
    out.Key(section.key()).BeginObject();
    for (const json::Value name : json::Children(section)) {
      const std::string_view text =
          name.is_string() ? name.string_value() : std::string_view();
      out.Key(name.key()).String(text.substr(0, text.find('@')));
    }
    out.EndObject();
  }
  out.EndObject();
}

void Write(json::Value value, json::Writer& out) {
  if (value.is_array()) {
    out.BeginArray();
    for (const json::Value element : json::Children(value)) {
      Write(element, out);
    }
    out.EndArray();
    return;
  }
  if (!value.is_object()) {
    out.Raw(json::Canonical(value));
    return;
  }
  std::vector<json::Value> members;
  for (const json::Value member : json::Children(value)) {
    const bool own = value.index() == 0 && member.key() == "documents";
    if (!own && IsLogicMember(value, member.key())) members.push_back(member);
  }
  std::sort(members.begin(), members.end(),
            [](json::Value a, json::Value b) { return a.key() < b.key(); });
  out.BeginObject();
  for (const json::Value member : members) {
    out.Key(member.key());
    if (value.index() == 0 && member.key() == "imports") {
      WriteImports(member, out);
    } else {
      Write(member, out);
    }
  }
  out.EndObject();
}

}  // namespace

std::string CanonicalLogic(json::Value value) {
  json::Writer out;
  Write(value, out);
  return out.Take();
}

}  // namespace stepwell::protocol
