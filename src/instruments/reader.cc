// Member by member: type, range and presence, each with its own issue.
#include "instruments/reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "base/strings.h"

namespace stepwell::instruments {

std::string_view TypeName(json::Value value) {
  switch (value.type()) {
    case json::Type::kNull:
      return "null";
    case json::Type::kBool:
      return "a boolean";
    case json::Type::kNumber:
      return "a number";
    case json::Type::kString:
      return "a string";
    case json::Type::kArray:
      return "an array";
    case json::Type::kObject:
      return "an object";
  }
  return "?";
}

bool IsName(std::string_view text, bool hyphens, bool upper) {
  if (text.empty() || text.size() > limits::kNameBytesMax) return false;
  const auto letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (upper && c >= 'A' && c <= 'Z');
  };
  if (!letter(text[0]) || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '_' ||
           (hyphens && c == '-');
  });
}

ObjectReader::ObjectReader(json::Value value, Issues& issues)
    : value_(value), issues_(issues) {
  if (value && !value.is_object()) {
    AddError(
        issues_, "wrong_type", value.pointer(),
        absl::StrCat("expected an object, found ", ToAbsl(TypeName(value))));
  }
}

ObjectReader::~ObjectReader() {
  if (!value_.is_object()) return;
  for (json::Value member : json::Children(value_)) {
    if (std::find(asked_.begin(), asked_.end(), member.key()) != asked_.end()) {
      continue;
    }
    std::vector<std::string> known(asked_.begin(), asked_.end());
    std::sort(known.begin(), known.end());
    AddError(
        issues_, "unknown_field", member.pointer(),
        absl::StrCat("there is no field \"", ToAbsl(member.key()), "\" here"),
        absl::StrCat("fields here: ", absl::StrJoin(known, ", ")));
  }
}

std::string ObjectReader::PointerTo(std::string_view key) const {
  const json::Value member = value_.Find(key);
  if (member) return member.pointer();
  return absl::StrCat(pointer(), "/", ToAbsl(key));
}

void ObjectReader::Error(std::string_view key, std::string code,
                         std::string message, std::string hint) {
  AddError(issues_, std::move(code), PointerTo(key), std::move(message),
           std::move(hint));
}

json::Value ObjectReader::Get(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
    asked_.push_back(key);
  }
  return value_.Find(key);
}

json::Value ObjectReader::Need(std::string_view key) {
  const json::Value member = Get(key);
  if (!member && value_.is_object()) {
    AddError(issues_, "missing_field", pointer(),
             absl::StrCat("the field \"", ToAbsl(key), "\" is required"));
  }
  return member;
}

namespace {

// Reports a member of the wrong type; true when it is there and right.
bool Check(ObjectReader& reader, json::Value member, json::Type type,
           std::string_view expected) {
  if (!member) return false;
  if (member.is(type)) return true;
  AddError(reader.issues(), "wrong_type", member.pointer(),
           absl::StrCat("expected ", ToAbsl(expected), ", found ",
                        ToAbsl(TypeName(member))));
  return false;
}

std::string CheckedText(ObjectReader& reader, json::Value member) {
  if (!Check(reader, member, json::Type::kString, "a string")) return "";
  const std::string_view text = member.string_value();
  if (text.empty()) {
    AddError(reader.issues(), "empty_text", member.pointer(),
             "the text is empty", "leave the field out instead");
  } else if (text.size() > limits::kTextBytesMax) {
    AddError(reader.issues(), "text_too_long", member.pointer(),
             absl::StrCat("the text has ", text.size(), " bytes; at most ",
                          limits::kTextBytesMax, " are accepted"));
    return "";
  }
  return std::string(text);
}

std::optional<int32_t> CheckedInt(ObjectReader& reader, json::Value member,
                                  int32_t min, int32_t max) {
  if (!Check(reader, member, json::Type::kNumber, "an integer")) {
    return std::nullopt;
  }
  const std::optional<int64_t> number = member.int64_value();
  if (!number.has_value() || *number < min || *number > max) {
    AddError(reader.issues(), "number_out_of_range", member.pointer(),
             absl::StrCat("expected an integer from ", min, " to ", max,
                          ", found ", ToAbsl(member.number_text())));
    return std::nullopt;
  }
  return static_cast<int32_t>(*number);
}

std::optional<Rational> CheckedNumber(ObjectReader& reader,
                                      json::Value member) {
  if (!Check(reader, member, json::Type::kNumber, "a number")) {
    return std::nullopt;
  }
  const std::optional<Rational> number = ParseRational(member.number_text());
  if (!number.has_value()) {
    AddError(reader.issues(), "number_out_of_range", member.pointer(),
             absl::StrCat(ToAbsl(member.number_text()), " has too many digits"),
             "at most nine digits before and six after the point");
  }
  return number;
}

}  // namespace

std::string ObjectReader::Text(std::string_view key) {
  return CheckedText(*this, Get(key));
}

std::string ObjectReader::NeedText(std::string_view key) {
  return CheckedText(*this, Need(key));
}

std::string ObjectReader::NeedName(std::string_view key, bool hyphens) {
  const json::Value member = Need(key);
  const std::string text = CheckedText(*this, member);
  if (!text.empty() && !IsName(text, hyphens, /*upper=*/false)) {
    Error(key, "bad_name", absl::StrCat("\"", text, "\" is no name"),
          hyphens ? "lower-case letters, digits, hyphens and underscores, "
                    "a letter first"
                  : "lower-case letters, digits and underscores, a letter "
                    "first");
  }
  return text;
}

bool ObjectReader::Bool(std::string_view key, bool otherwise) {
  const json::Value member = Get(key);
  if (!Check(*this, member, json::Type::kBool, "true or false")) {
    return otherwise;
  }
  return member.bool_value();
}

std::optional<int32_t> ObjectReader::Int(std::string_view key, int32_t min,
                                         int32_t max) {
  return CheckedInt(*this, Get(key), min, max);
}

std::optional<int32_t> ObjectReader::NeedInt(std::string_view key, int32_t min,
                                             int32_t max) {
  return CheckedInt(*this, Need(key), min, max);
}

std::optional<Rational> ObjectReader::Number(std::string_view key) {
  return CheckedNumber(*this, Get(key));
}

std::optional<Rational> ObjectReader::NeedNumber(std::string_view key) {
  return CheckedNumber(*this, Need(key));
}

std::optional<double> ObjectReader::Real(std::string_view key, double min,
                                         double max) {
  const json::Value member = Get(key);
  if (!Check(*this, member, json::Type::kNumber, "a number")) {
    return std::nullopt;
  }
  const std::optional<double> number = member.double_value();
  if (!number.has_value() || *number < min || *number > max) {
    Error(key, "number_out_of_range",
          absl::StrCat("expected a number from ", min, " to ", max, ", found ",
                       ToAbsl(member.number_text())));
    return std::nullopt;
  }
  return number;
}

std::optional<size_t> ObjectReader::Choice(
    std::string_view key, std::initializer_list<std::string_view> choices) {
  const std::string text = Text(key);
  if (text.empty()) return std::nullopt;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (choices.begin()[i] == text) return i;
  }
  const std::vector<std::string> names(choices.begin(), choices.end());
  Error(key, "unknown_value", absl::StrCat("\"", text, "\" is not known here"),
        absl::StrCat("one of: ", absl::StrJoin(names, ", ")));
  return std::nullopt;
}

json::Value ObjectReader::Array(std::string_view key) {
  const json::Value member = Get(key);
  return Check(*this, member, json::Type::kArray, "an array") ? member
                                                              : json::Value();
}

json::Value ObjectReader::NeedArray(std::string_view key) {
  const json::Value member = Need(key);
  return Check(*this, member, json::Type::kArray, "an array") ? member
                                                              : json::Value();
}

}  // namespace stepwell::instruments
