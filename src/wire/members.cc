#include "wire/members.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "protocol/reader.h"

namespace stepwell::wire {

using protocol::Below;
using protocol::SuggestName;

constexpr char kRejectionUrl[] = "stepwell/rejection";

std::string Shown(std::string_view text) {
  constexpr size_t kBytesMax = 60;
  if (text.size() <= kBytesMax) return absl::StrCat("`", ToAbsl(text), "`");
  return absl::StrCat("`", ToAbsl(BeginningOf(text, kBytesMax)), "...`");
}

Members::Members(json::Value object, bool lenient)
    : object_(object), lenient_(lenient) {
  if (!object) return;
  pointer_ = object.pointer();
  if (!object.is_object()) {
    WrongType(object, "an object");
    object_ = json::Value();
  }
}

void Members::Fail(const std::string& pointer, std::string_view message,
                   std::string_view hint) {
  std::string text(message);
  if (!hint.empty()) absl::StrAppend(&text, "; ", ToAbsl(hint));
  if (!lenient_) {
    if (status_.ok()) status_ = InvalidInput(text, {pointer, std::nullopt});
  } else if (problems_.size() < limits::kCommandProblemsMax) {
    problems_.push_back(pointer.empty() ? text
                                        : absl::StrCat(pointer, ": ", text));
  }
}

void Members::Refuse(const std::string& pointer, const char* code,
                     std::string_view message, std::string_view hint) {
  const bool is_first = status_.ok();
  Fail(pointer, message, hint);
  if (is_first && !status_.ok()) {
    status_.SetPayload(kRejectionUrl, absl::Cord(code));
  }
}

std::string RejectionIn(const absl::Status& status) {
  const auto code = status.GetPayload(kRejectionUrl);
  return code ? std::string(*code) : "";
}

void Members::Fail(json::Value value, std::string_view message,
                   std::string_view hint) {
  Fail(value.pointer(), message, hint);
  Keep(value);
}

void Members::Keep(json::Value value) {
  if (!lenient_ || !value || unread_.size() >= limits::kCommandProblemsMax) {
    return;
  }
  const std::string pointer = value.pointer();
  for (const engine::UnreadMember& known : unread_) {
    if (known.pointer == pointer) return;
  }
  unread_.push_back(
      {std::string(BeginningOf(pointer, limits::kStoredNameBytesMax)),
       std::string(
           BeginningOf(json::ToText(value), limits::kAnswerTextBytesMax))});
}

void Members::Take(Members& inner) {
  if (status_.ok()) status_ = inner.status_;
  for (std::string& problem : inner.problems_) {
    if (problems_.size() >= limits::kCommandProblemsMax) break;
    problems_.push_back(std::move(problem));
  }
  for (engine::UnreadMember& member : inner.unread_) {
    if (unread_.size() >= limits::kCommandProblemsMax) break;
    unread_.push_back(std::move(member));
  }
}

void Members::WrongType(json::Value value, std::string_view expected) {
  Fail(value, absl::StrCat("expected ", ToAbsl(expected), ", found ",
                           ToAbsl(protocol::TypeName(value))));
}

json::Value Members::Get(std::string_view key) {
  known_.push_back(key);
  const json::Value value = object_.Find(key);
  return value.is_null() ? json::Value() : value;
}

json::Value Members::Need(std::string_view key, std::string_view what) {
  const json::Value value = Get(key);
  if (!value) {
    Fail(Below(pointer_, key), absl::StrCat("needs `", ToAbsl(key), "`"), what);
  }
  return value;
}

void Members::FailUnused(std::string_view key, std::string_view action,
                         const std::vector<std::string>& of) {
  const json::Value value = Get(key);
  if (!value) return;
  Fail(value,
       absl::StrCat("`", ToAbsl(action), "` makes no use of `", ToAbsl(key),
                    "`"),
       absl::StrCat("it belongs to ", absl::StrJoin(of, ", ")));
}

std::optional<std::string> Members::Text(std::string_view key) {
  const json::Value value = Get(key);
  if (!value) return std::nullopt;
  if (!value.is_string()) {
    WrongType(value, "a string");
    return std::nullopt;
  }
  if (value.string_value().size() > limits::kTextBytesMax) {
    Fail(value,
         absl::StrCat("a text has at most ", limits::kTextBytesMax, " bytes"));
    return std::nullopt;
  }
  return std::string(value.string_value());
}

std::string Members::TextOr(std::string_view key, std::string fallback) {
  return Text(key).value_or(std::move(fallback));
}

std::optional<bool> Members::Bool(std::string_view key) {
  const json::Value value = Get(key);
  if (!value) return std::nullopt;
  if (value.is_bool()) return value.bool_value();
  WrongType(value, "true or false");
  return std::nullopt;
}

std::optional<int64_t> Members::Integer(std::string_view key, int64_t min,
                                        int64_t max) {
  const json::Value value = Get(key);
  if (!value) return std::nullopt;
  if (!value.is_number()) {
    WrongType(value, "a whole number");
    return std::nullopt;
  }
  const std::optional<int64_t> number = value.int64_value();
  if (!number || *number < min || *number > max) {
    Fail(value, absl::StrCat("expected a whole number from ", min, " to ", max,
                             ", found ", ToAbsl(value.number_text())));
    return std::nullopt;
  }
  return number;
}

std::optional<Instant> Members::Time(std::string_view key) {
  const std::optional<std::string> text = Text(key);
  if (!text) return std::nullopt;
  const std::optional<Instant> instant = ParseInstant(*text);
  if (!instant) {
    Fail(object_.Find(key), absl::StrCat(Shown(*text), " is no time"),
         "write it like 2026-03-02T09:00:00+01:00 or 2026-03-02T08:00:00Z");
  }
  return instant;
}

std::vector<std::string> Members::TextList(std::string_view key) {
  std::vector<std::string> texts;
  const json::Value list = Get(key);
  if (!list) return texts;
  if (!list.is_array()) {
    WrongType(list, "an array of strings");
    return texts;
  }
  for (json::Value value : json::Children(list)) {
    if (value.is_string()) {
      texts.emplace_back(value.string_value());
    } else {
      WrongType(value, "a string");
    }
  }
  return texts;
}

std::vector<std::pair<std::string, bool>> Members::BoolMap(
    std::string_view key) {
  std::vector<std::pair<std::string, bool>> map;
  const json::Value object = Get(key);
  if (!object) return map;
  if (!object.is_object()) {
    WrongType(object, "an object of true or false");
    return map;
  }
  for (json::Value value : json::Children(object)) {
    if (value.is_bool()) {
      map.emplace_back(std::string(value.key()), value.bool_value());
    } else {
      WrongType(value, "true or false");
    }
  }
  return map;
}

std::optional<Identifier> Members::IdentifierOf(json::Value value,
                                                Members& mistakes) {
  Members inner(value, mistakes.lenient());
  Identifier identifier;
  identifier.system = inner.TextOr("system");
  inner.Need("value", "an identifier is {\"system\": ..., \"value\": ...}");
  identifier.value = inner.TextOr("value");
  if (identifier.value.empty() && inner.status().ok()) {
    inner.Fail(value, "the `value` of an identifier is empty");
  }
  inner.Finish();
  mistakes.Take(inner);
  if (identifier.value.empty()) return std::nullopt;
  return identifier;
}

std::optional<Identifier> Members::ReadIdentifier(std::string_view key) {
  const json::Value value = Get(key);
  if (!value) return std::nullopt;
  return IdentifierOf(value, *this);
}

std::optional<PersonSelector> ReadSelector(json::Value value,
                                           Members& mistakes) {
  Members inner(value, mistakes.lenient());
  std::optional<PersonSelector> selector;
  if (value.Find("id")) {
    const std::optional<std::string> text = inner.Text("id");
    uint64_t id = 0;
    if (text && IdFromText(*text, &id) && id != 0) {
      selector = PersonSelector{PersonId(id), {}};
    } else if (text) {
      inner.Fail(value, Shown(*text) + " is no person id",
                 "person ids have 13 letters and digits; an identifier is "
                 "{\"system\": ..., \"value\": ...}");
    }
    inner.Finish();
  } else if (value.is_object()) {
    const auto identifier = Members::IdentifierOf(value, inner);
    if (identifier) selector = PersonSelector{{}, *identifier};
  }
  mistakes.Take(inner);
  return selector;
}

void Members::FailName(std::string_view key, const std::string& name,
                       const std::vector<std::string>& known) {
  FailNameAt(Below(pointer_, key), name, known);
  Keep(object_.Find(key));
}

void Members::FailNameAt(const std::string& pointer, const std::string& name,
                         const std::vector<std::string>& known) {
  Fail(pointer, absl::StrCat(Shown(name), " is not known here"),
       SuggestName(name, known));
}

void Members::Finish(const std::vector<std::string_view>& also) {
  known_.insert(known_.end(), also.begin(), also.end());
  std::sort(known_.begin(), known_.end());
  known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
  for (json::Value member : json::Children(object_)) {
    if (std::binary_search(known_.begin(), known_.end(), member.key())) {
      continue;
    }
    Fail(member, absl::StrCat("there is no member ", Shown(member.key())),
         SuggestName(member.key(), known_));
    if (!lenient_) return;
  }
}

}  // namespace stepwell::wire
