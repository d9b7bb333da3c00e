#include "protocol/hash.h"

#include <algorithm>
#include <vector>

namespace stepwell::protocol {
namespace {

constexpr std::string_view kTextMembers[] = {"title",   "text",   "source",
                                             "sources", "author", "approver",
                                             "content", "$schema"};
constexpr std::string_view kTopMembers[] = {"version", "status", "language",
                                            "imports"};

bool IsLogic(json::Value parent, std::string_view key) {
  const auto is_key = [key](std::string_view name) { return name == key; };
  if (std::any_of(std::begin(kTextMembers), std::end(kTextMembers), is_key)) {
    return false;
  }
  return parent.index() != 0 ||
         std::none_of(std::begin(kTopMembers), std::end(kTopMembers), is_key);
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
    if (IsLogic(value, member.key())) members.push_back(member);
  }
  std::sort(members.begin(), members.end(),
            [](json::Value a, json::Value b) { return a.key() < b.key(); });
  out.BeginObject();
  for (const json::Value member : members) {
    out.Key(member.key());
    Write(member, out);
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
