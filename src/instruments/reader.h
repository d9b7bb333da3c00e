// Internal: reads the members of one JSON object and reports what is wrong
// with them. A member nobody asked for is an unknown field.
#ifndef STEPWELL_INSTRUMENTS_READER_H_
#define STEPWELL_INSTRUMENTS_READER_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/rational.h"
#include "json/json.h"
#include "stepwell/issue.h"

namespace stepwell::instruments {

class ObjectReader {
 public:
  // An issue when `value` is no object; all members are then absent.
  ObjectReader(json::Value value, Issues& issues);
  // Reports the members that were not asked for.
  ~ObjectReader();
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  json::Value value() const { return value_; }
  std::string pointer() const { return value_.pointer(); }
  // Where a member is or would be.
  std::string PointerTo(std::string_view key) const;

  // The member, or absent.
  json::Value Get(std::string_view key);
  // The member; a missing one is an issue.
  json::Value Need(std::string_view key);

  // A non-empty string; empty text when it is absent or wrong (then with an
  // issue).
  std::string Text(std::string_view key);
  std::string NeedText(std::string_view key);
  // A name: [a-z][a-z0-9_]*, with hyphens when `hyphens`.
  std::string NeedName(std::string_view key, bool hyphens = false);
  bool Bool(std::string_view key, bool otherwise);
  std::optional<int32_t> Int(std::string_view key, int32_t min, int32_t max);
  std::optional<int32_t> NeedInt(std::string_view key, int32_t min,
                                 int32_t max);
  std::optional<Rational> Number(std::string_view key);
  std::optional<Rational> NeedNumber(std::string_view key);
  std::optional<double> Real(std::string_view key, double min, double max);
  // The index of the string among `choices`; an issue names them.
  std::optional<size_t> Choice(std::string_view key,
                               std::initializer_list<std::string_view> choices);
  // An array; absent when missing or of another type (then with an issue).
  json::Value Array(std::string_view key);
  json::Value NeedArray(std::string_view key);

  void Error(std::string_view key, std::string code, std::string message,
             std::string hint = "");
  Issues& issues() { return issues_; }

 private:
  json::Value value_;
  Issues& issues_;
  std::vector<std::string_view> asked_;
};

// True for [A-Za-z][A-Za-z0-9_]* of at most limits::kNameBytesMax bytes; with
// hyphens inside when `hyphens`.
bool IsName(std::string_view text, bool hyphens, bool upper);

// What a JSON value is called in messages.
std::string_view TypeName(json::Value value);

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_READER_H_
