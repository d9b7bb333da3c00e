// Half surrogates mended in the text, and objects without ambiguous members.
#include "json/lenient.h"

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"

namespace stepwell::json {
namespace {

constexpr size_t kEscape = 6;  // \uXXXX

// The code unit of the escape at `at`; nullopt when there is none.
std::optional<unsigned> UnitAt(std::string_view text, size_t at) {
  if (at + kEscape > text.size() || text[at] != '\\' || text[at + 1] != 'u') {
    return std::nullopt;
  }
  unsigned unit = 0;
  for (const char c : text.substr(at + 2, 4)) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      unit = unit * 16 + static_cast<unsigned>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      unit = unit * 16 + static_cast<unsigned>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return unit;
}

bool IsHigh(unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLow(unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void Write(Value value, Writer& writer) {
  if (value.is_array()) {
    writer.BeginArray();
    for (const Value child : Children(value)) Write(child, writer);
    writer.EndArray();
    return;
  }
  if (!value.is_object()) {
    writer.Raw(ToText(value));
    return;
  }
  writer.BeginObject();
  for (const Member& member : MembersOf(value)) {
    writer.Key(member.key);
    if (member.values.size() > 1) writer.BeginArray();
    for (const Value one : member.values) Write(one, writer);
    if (member.values.size() > 1) writer.EndArray();
  }
  writer.EndObject();
}

}  // namespace

std::string WithWholeSurrogates(std::string_view text) {
  std::string mended(text);
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;  // stands in strings only
    const std::optional<unsigned> unit = UnitAt(text, i);
    if (!unit) {
      ++i;  // an escape of one character, itself perhaps a backslash
      continue;
    }
    const std::optional<unsigned> next = UnitAt(text, i + kEscape);
    const bool pair = IsHigh(*unit) && next && IsLow(*next);
    if (!pair && (IsHigh(*unit) || IsLow(*unit))) {
      mended.replace(i, kEscape, "\\ufffd");
    }
    i += (pair ? 2 : 1) * kEscape - 1;
  }
  return mended;
}

std::vector<Member> MembersOf(Value object) {
  std::vector<Member> members;
  absl::flat_hash_map<absl::string_view, size_t> places;
  for (const Value child : Children(object)) {
    const auto [it, fresh] =
        places.try_emplace(ToAbsl(child.key()), members.size());
    if (fresh) members.push_back({child.key(), {}});
    members[it->second].values.push_back(child);
  }
  return members;
}

std::string Unambiguous(Value value) {
  Writer writer;
  Write(value, writer);
  return writer.Take();
}

}  // namespace stepwell::json
