// Internal: reads the members of a command or request, strictly (the first
// mistake is a status) or leniently (every mistake is a problem).
#ifndef STEPWELL_WIRE_MEMBERS_H_
#define STEPWELL_WIRE_MEMBERS_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "json/json.h"
#include "stepwell/time.h"
#include "wire/command_json.h"
#include "wire/names.h"

namespace stepwell::wire {

class Members {
 public:
  // `object` is absent or an object; anything else is a mistake.
  Members(json::Value object, bool lenient);

  bool lenient() const { return lenient_; }
  // Strict: the first mistake.
  const absl::Status& status() const { return status_; }
  std::vector<std::string>& problems() { return problems_; }
  // Lenient: the values that were a mistake.
  std::vector<engine::UnreadMember>& unread() { return unread_; }

  // A mistake at `place`. `hint` says what would be right; may be empty.
  void Fail(const std::string& pointer, std::string_view message,
            std::string_view hint = "");
  // The same; the value is kept as it came.
  void Fail(json::Value value, std::string_view message,
            std::string_view hint = "");
  // A mistake that the service answers with a rejection of this code.
  void Refuse(const std::string& pointer, const char* code,
              std::string_view message, std::string_view hint);
  // Takes over the mistakes of an inner object.
  void Take(Members& inner);

  // The member, noted as known; absent when it is not there or null.
  json::Value Get(std::string_view key);
  // The same; its absence is a mistake. `what` is put after "needs".
  json::Value Need(std::string_view key, std::string_view what);

  // The member is of some actions only: with another one nothing comes of it,
  // which is a mistake.
  template <class E>
  void OnlyOf(std::string_view key, E action,
              std::initializer_list<E> actions) {
    if (std::find(actions.begin(), actions.end(), action) != actions.end()) {
      return;
    }
    std::vector<std::string> of;
    for (const E each : actions) of.emplace_back(EnumName(each));
    FailUnused(key, EnumName(action), of);
  }

  // Each gives nothing when the member is absent or is no such value (which
  // is a mistake).
  std::optional<std::string> Text(std::string_view key);
  std::string TextOr(std::string_view key, std::string fallback = "");
  std::optional<bool> Bool(std::string_view key);
  std::optional<int64_t> Integer(std::string_view key, int64_t min,
                                 int64_t max);
  std::optional<Instant> Time(std::string_view key);
  std::vector<std::string> TextList(std::string_view key);
  // {"treatment": true, ...}
  std::vector<std::pair<std::string, bool>> BoolMap(std::string_view key);
  std::optional<Identifier> ReadIdentifier(std::string_view key);
  static std::optional<Identifier> IdentifierOf(json::Value value,
                                                Members& mistakes);

  template <class E>
  std::optional<E> Enum(std::string_view key) {
    const std::optional<std::string> name = Text(key);
    if (!name) return std::nullopt;
    const std::optional<E> value = EnumFromName<E>(*name);
    if (!value) FailName(key, *name, NamesOfEnum<E>());
    return value;
  }

  // "`itme` is not known; did you mean `item`?"
  void FailName(std::string_view key, const std::string& name,
                const std::vector<std::string>& known);

  void FailNameAt(const std::string& pointer, const std::string& name,
                  const std::vector<std::string>& known);

  // Every member that was not asked for is a mistake; `also` are known too.
  void Finish(const std::vector<std::string_view>& also = {});

  const std::string& pointer() const { return pointer_; }

 private:
  void FailUnused(std::string_view key, std::string_view action,
                  const std::vector<std::string>& of);
  void WrongType(json::Value value, std::string_view expected);
  void Keep(json::Value value);

  json::Value object_;
  std::string pointer_;
  bool lenient_;
  absl::Status status_;
  std::vector<std::string> problems_;
  std::vector<engine::UnreadMember> unread_;
  std::vector<std::string_view> known_;
};

// The code of Members::Refuse that the status carries; empty: none.
std::string RejectionIn(const absl::Status& status);

// Whom {"id": ...} or {"system": ..., "value": ...} names.
std::optional<PersonSelector> ReadSelector(json::Value value,
                                           Members& mistakes);

// `text`, shortened for a message.
std::string Shown(std::string_view text);

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_MEMBERS_H_
