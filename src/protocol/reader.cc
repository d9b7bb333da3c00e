#include "protocol/reader.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "base/strings.h"

namespace stepwell::protocol {
namespace {

// Words that FHIRPath reads as operators: a fact called `div` could not be
// read in a guard.
constexpr std::string_view kReservedWords[] = {
    "and", "as", "contains", "div", "false", "implies",
    "in",  "is", "mod",      "or",  "true",  "xor"};

// How many edits (insert, delete, replace, swap) turn `a` into `b`; stops
// caring above 3.
size_t EditDistance(std::string_view a, std::string_view b) {
  if (a.size() > b.size() + 3 || b.size() > a.size() + 3) return 9;
  std::vector<std::vector<size_t>> d(a.size() + 1,
                                     std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1,
                          d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string_view TypeName(json::Type type) {
  switch (type) {
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
  return "a value";
}

std::string_view TypeName(json::Value value) {
  return value ? TypeName(value.type()) : "nothing";
}

void WrongType(json::Value value, std::string_view expected, Issues& issues) {
  AddError(issues, "wrong_type", value.pointer(),
           absl::StrCat("expected ", ToAbsl(expected), ", found ",
                        ToAbsl(TypeName(value))));
}

std::string Below(std::string pointer, std::string_view key) {
  pointer += '/';
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string SuggestName(std::string_view wrong,
                        std::span<const std::string_view> known) {
  if (known.empty() || wrong.size() > limits::kNameBytesMax) return "";
  std::string_view best;
  size_t least = 9;
  for (const std::string_view name : known) {
    const size_t distance = EditDistance(wrong, name);
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  if (least <= 1 + wrong.size() / 4) {
    return absl::StrCat("did you mean `", ToAbsl(best), "`?");
  }
  if (known.size() > 24) return "";
  std::vector<std::string> names(known.begin(), known.end());
  return absl::StrCat("known here: ", absl::StrJoin(names, ", "));
}

std::string SuggestName(std::string_view wrong,
                        const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  return SuggestName(wrong, views);
}

ObjectReader::ObjectReader(json::Value value, std::string_view what,
                           Issues& issues)
    : value_(value), what_(what), issues_(issues) {
  if (value.is_object()) return;
  if (value) WrongType(value, "an object", issues);
  value_ = json::Value();
}

ObjectReader::ObjectReader(json::Value value, std::string_view what,
                           FieldList fields, Issues& issues)
    : ObjectReader(value, what, issues) {
  for (const json::Value member : json::Children(value_)) {
    if (std::find(fields.begin(), fields.end(), member.key()) != fields.end()) {
      continue;
    }
    AddError(issues, "unknown_field", member.pointer(),
             absl::StrCat(ToAbsl(what), " has no field `", ToAbsl(member.key()),
                          "`"),
             SuggestName(member.key(), fields));
  }
}

std::string ObjectReader::PointerTo(std::string_view key) const {
  return Below(value_ ? value_.pointer() : "", key);
}

void ObjectReader::Error(std::string_view key, std::string code,
                         std::string message, std::string hint) {
  AddError(issues_, std::move(code), PointerTo(key), std::move(message),
           std::move(hint));
}

json::Value ObjectReader::Need(std::string_view key) {
  const json::Value member = Get(key);
  if (!member && ok()) {
    AddError(issues_, "missing_field", pointer(),
             absl::StrCat(what_, " needs the field `", ToAbsl(key), "`"));
  }
  return member;
}

json::Value ObjectReader::Typed(std::string_view key, json::Type type) {
  const json::Value member = Get(key);
  if (!member || member.is(type)) return member;
  WrongType(member, TypeName(type), issues_);
  return json::Value();
}

namespace {

bool FitsText(json::Value text, Issues& issues) {
  if (text.string_value().size() <= limits::kTextBytesMax) return true;
  AddError(
      issues, "too_long", text.pointer(),
      absl::StrCat("a text has at most ", limits::kTextBytesMax, " bytes"));
  return false;
}

}  // namespace

std::optional<std::string_view> ObjectReader::Text(std::string_view key) {
  const json::Value member = Typed(key, json::Type::kString);
  if (!member) return std::nullopt;
  if (!FitsText(member, issues_)) return std::nullopt;
  return member.string_value();
}

std::optional<std::string_view> ObjectReader::NeedText(std::string_view key) {
  if (!Need(key)) return std::nullopt;
  return Text(key);
}

bool ObjectReader::Bool(std::string_view key, bool otherwise) {
  const json::Value member = Typed(key, json::Type::kBool);
  return member ? member.bool_value() : otherwise;
}

std::optional<int64_t> ObjectReader::Int(std::string_view key, int64_t min,
                                         int64_t max) {
  const json::Value member = Typed(key, json::Type::kNumber);
  if (!member) return std::nullopt;
  const std::optional<int64_t> number = member.int64_value();
  if (number && *number >= min && *number <= max) return number;
  Error(key, "out_of_range",
        absl::StrCat("expected a whole number from ", min, " to ", max,
                     ", found ", ToAbsl(member.number_text())));
  return std::nullopt;
}

json::Value ObjectReader::Array(std::string_view key) {
  return Typed(key, json::Type::kArray);
}

json::Value ObjectReader::NeedArray(std::string_view key) {
  return Need(key) ? Array(key) : json::Value();
}

json::Value ObjectReader::Object(std::string_view key) {
  return Typed(key, json::Type::kObject);
}

json::Value ObjectReader::NeedObject(std::string_view key) {
  return Need(key) ? Object(key) : json::Value();
}

void ObjectReader::CheckTexts(std::string_view key) {
  ReadTexts(Get(key), "", issues_);
}

std::optional<size_t> ObjectReader::Choice(std::string_view key,
                                           FieldList choices) {
  const std::optional<std::string_view> text = Text(key);
  if (!text) return std::nullopt;
  const auto it = std::find(choices.begin(), choices.end(), *text);
  if (it != choices.end()) return it - choices.begin();
  Error(
      key, "unknown_value",
      absl::StrCat("`", ToAbsl(*text), "` is no value of `", ToAbsl(key), "`"),
      SuggestName(*text, choices));
  return std::nullopt;
}

Texts ReadTexts(json::Value value, std::string_view language, Issues& issues) {
  Texts texts;
  if (!value) return texts;
  if (value.is_string()) {
    if (FitsText(value, issues)) {
      texts.emplace_back(language, value.string_value());
    }
    return texts;
  }
  if (!value.is_object()) {
    WrongType(value, "a string or an object of languages", issues);
    return texts;
  }
  for (const json::Value text : json::Children(value)) {
    if (!text.is_string()) {
      WrongType(text, "a string", issues);
    } else if (FitsText(text, issues)) {
      texts.emplace_back(text.key(), text.string_value());
    }
  }
  return texts;
}

std::string TextIn(const Texts& texts, std::string_view language) {
  for (const auto& [name, text] : texts) {
    if (name == language) return text;
  }
  return texts.empty() ? "" : texts.front().second;
}

bool CheckName(std::string_view name, const std::string& pointer,
               Issues& issues) {
  const auto error = [&](std::string hint) {
    AddError(
        issues, "bad_name", pointer,
        absl::StrCat("`", ToAbsl(name.substr(0, 80)), "` cannot be a name"),
        std::move(hint));
    return false;
  };
  if (name.find('-') != std::string_view::npos) {
    std::string fixed(name.substr(0, 80));
    std::replace(fixed.begin(), fixed.end(), '-', '_');
    return error(absl::StrCat("a hyphen is a subtraction in a guard; write `",
                              fixed, "`"));
  }
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto legal = [&](char c) {
    return lower(c) || (c >= '0' && c <= '9') || c == '_';
  };
  if (name.empty() || name.size() > limits::kNameBytesMax || !lower(name[0]) ||
      !std::all_of(name.begin(), name.end(), legal)) {
    return error(absl::StrCat(
        "names are lower-case letters, digits and underscores, begin with a "
        "letter and have at most ",
        limits::kNameBytesMax, " bytes"));
  }
  if (std::find(std::begin(kReservedWords), std::end(kReservedWords), name) !=
      std::end(kReservedWords)) {
    return error("this word is an operator of the guard language");
  }
  return true;
}

}  // namespace stepwell::protocol
