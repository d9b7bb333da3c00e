// Internal: reads the members of one JSON object of a protocol document and
// reports what is wrong with them. Every object has a closed list of fields;
// anything else is an unknown field.
#ifndef STEPWELL_PROTOCOL_READER_H_
#define STEPWELL_PROTOCOL_READER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/json.h"
#include "protocol/protocol.h"
#include "stepwell/issue.h"

namespace stepwell::protocol {

using FieldList = std::span<const std::string_view>;

class ObjectReader {
 public:
  // An issue when `value` is no object (all members are then absent) and one
  // for each member that is not in `fields`. `what` names the object in
  // messages: "a clock". The list must outlive the reader.
  ObjectReader(json::Value value, std::string_view what, FieldList fields,
               Issues& issues);
  // The same for an object whose fields are checked elsewhere.
  ObjectReader(json::Value value, std::string_view what, Issues& issues);

  bool ok() const { return value_.is_object(); }
  json::Value value() const { return value_; }
  std::string pointer() const { return value_.pointer(); }
  // Where a member is or would be.
  std::string PointerTo(std::string_view key) const;

  bool Has(std::string_view key) const { return bool(value_.Find(key)); }
  // The member, or absent. Get does not look at the type.
  json::Value Get(std::string_view key) const { return value_.Find(key); }
  // The member; a missing one is an issue.
  json::Value Need(std::string_view key);

  // Text; nothing when absent or of another type (then with an issue).
  std::optional<std::string_view> Text(std::string_view key);
  std::optional<std::string_view> NeedText(std::string_view key);
  bool Bool(std::string_view key, bool otherwise);
  std::optional<int64_t> Int(std::string_view key, int64_t min, int64_t max);
  // The array, or absent (with an issue when of another type).
  json::Value Array(std::string_view key);
  json::Value NeedArray(std::string_view key);
  json::Value Object(std::string_view key);
  json::Value NeedObject(std::string_view key);
  // The type of a text in languages that nothing else reads.
  void CheckTexts(std::string_view key);
  // The index of the text among `choices`; an issue names them.
  std::optional<size_t> Choice(std::string_view key, FieldList choices);

  Issues& issues() { return issues_; }
  void Error(std::string_view key, std::string code, std::string message,
             std::string hint = "");

 private:
  json::Value Typed(std::string_view key, json::Type type);
  json::Value value_;
  std::string what_;
  Issues& issues_;
};

// What a JSON value is called in messages: "a number".
std::string_view TypeName(json::Type type);
std::string_view TypeName(json::Value value);

// An issue of code wrong_type at `value`.
void WrongType(json::Value value, std::string_view expected, Issues& issues);

// Text in languages: {"en": "...", "sv": "..."}, or a string in `language`.
Texts ReadTexts(json::Value value, std::string_view language, Issues& issues);
// The text in `language`, else the first one, else empty.
std::string TextIn(const Texts& texts, std::string_view language);

// [a-z][a-z0-9_]*, at most limits::kNameBytesMax bytes; no word that FHIRPath
// keeps for itself. An issue of code bad_name at `pointer` when it is not.
bool CheckName(std::string_view name, const std::string& pointer,
               Issues& issues);

// "did you mean `x`?", or the list of known names when it is short, or "".
std::string SuggestName(std::string_view wrong,
                        std::span<const std::string_view> known);
std::string SuggestName(std::string_view wrong,
                        const std::vector<std::string>& known);

// `pointer` + "/" + key, with the key escaped after RFC 6901.
std::string Below(std::string pointer, std::string_view key);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_READER_H_
