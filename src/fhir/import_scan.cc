// Brackets and strings, nothing else: one pass, no recursion.
#include "fhir/import_scan.h"

#include <cstddef>

namespace stepwell::fhir {
namespace {

constexpr size_t kNone = std::string_view::npos;

size_t SkipBlanks(std::string_view text, size_t at) {
  const size_t next = text.find_first_not_of(" \t\r\n", at);
  return next == kNone ? text.size() : next;
}

// Behind the string that begins at `at`, or kNone.
size_t SkipString(std::string_view text, size_t at) {
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return kNone;
}

// Behind the object or array that begins at `at`, or kNone.
size_t SkipBrackets(std::string_view text, size_t at) {
  size_t depth = 0;
  for (size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      i = SkipString(text, i);
      if (i == kNone) return kNone;
      --i;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return i + 1;
    }
  }
  return kNone;
}

// Behind the value that begins at `at`, or kNone.
size_t SkipValue(std::string_view text, size_t at) {
  if (at >= text.size()) return kNone;
  if (text[at] == '"') return SkipString(text, at);
  if (text[at] == '{' || text[at] == '[') return SkipBrackets(text, at);
  const size_t end = text.find_first_of(",]} \t\r\n", at);
  return end == at ? kNone : end == kNone ? text.size() : end;
}

// At the comma or the closing bracket behind a value: the place to go on, with
// `*done` at the bracket; kNone for anything else.
size_t NextElement(std::string_view text, size_t at, char close, bool* done) {
  at = SkipBlanks(text, at);
  if (at >= text.size()) return kNone;
  *done = text[at] == close;
  if (!*done && text[at] != ',') return kNone;
  return SkipBlanks(text, at + 1);
}

}  // namespace

std::string_view ScannedObject::Find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return value;
  }
  return {};
}

std::string_view ScannedObject::FindString(std::string_view key) const {
  const std::string_view value = Find(key);
  if (value.size() < 2 || value.front() != '"') return {};
  return value.substr(1, value.size() - 2);
}

ScannedObject ScanObject(std::string_view text) {
  ScannedObject out;
  size_t at = SkipBlanks(text, 0);
  if (at >= text.size() || text[at] != '{') return out;
  at = SkipBlanks(text, at + 1);
  bool done = at < text.size() && text[at] == '}';
  if (done) at = SkipBlanks(text, at + 1);
  while (!done) {
    if (at >= text.size() || text[at] != '"') return out;
    const size_t key_end = SkipString(text, at);
    if (key_end == kNone) return out;
    const std::string_view key = text.substr(at + 1, key_end - at - 2);
    at = SkipBlanks(text, key_end);
    if (at >= text.size() || text[at] != ':') return out;
    at = SkipBlanks(text, at + 1);
    const size_t end = SkipValue(text, at);
    if (end == kNone) return out;
    const std::string_view value = text.substr(at, end - at);
    at = NextElement(text, end, '}', &done);
    if (at == kNone) return out;
    out.members.emplace_back(key, value);
  }
  out.whole = at == text.size();
  return out;
}

bool ScanArray(std::string_view text, std::vector<std::string_view>* elements) {
  elements->clear();
  size_t at = SkipBlanks(text, 0);
  if (at >= text.size() || text[at] != '[') return false;
  at = SkipBlanks(text, at + 1);
  bool done = at < text.size() && text[at] == ']';
  if (done) at = SkipBlanks(text, at + 1);
  while (!done) {
    const size_t end = SkipValue(text, at);
    if (end == kNone) return false;
    elements->push_back(text.substr(at, end - at));
    at = NextElement(text, end, ']', &done);
    if (at == kNone) return false;
  }
  return at == text.size();
}

}  // namespace stepwell::fhir
