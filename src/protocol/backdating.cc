// How far the clinical time of a command may lie back.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {"staff",   "integration", "referrer",
                                        "patient", "commands",    "beyond",
                                        "source"};
constexpr std::string_view kCommandFields[] = {"id", "max"};

std::optional<Span> ReadLimit(ObjectReader& object, std::string_view key) {
  const std::optional<Span> span = ReadSpan(object, key, false);
  if (span && span->unit == SpanUnit::kMonths) {
    object.Error(key, "bad_span", "months cannot be counted back from a date",
                 "count hours, days or weeks");
    return std::nullopt;
  }
  return span;
}

void ReadCommand(Loading& loading, json::Value value, Backdating& policy) {
  ObjectReader object(value, "a command", kCommandFields, loading.issues);
  const auto id = object.NeedText("id");
  object.Need("max");
  const std::optional<Span> max = ReadLimit(object, "max");
  if (!id) return;
  const auto* known = std::find(std::begin(kBackdatedCommands),
                                std::end(kBackdatedCommands), *id);
  if (known == std::end(kBackdatedCommands)) {
    const std::vector<std::string_view> all(std::begin(kBackdatedCommands),
                                            std::end(kBackdatedCommands));
    object.Error("id", "unknown_value",
                 absl::StrCat("`", ToAbsl(id->substr(0, 80)),
                              "` is no command of staff"),
                 SuggestName(*id, all));
    return;
  }
  const bool twice = std::any_of(
      policy.commands.begin(), policy.commands.end(),
      [&](const Backdating::OfCommand& of) { return of.verb == *id; });
  if (twice) {
    object.Error("id", "duplicate_id",
                 absl::StrCat("`", ToAbsl(*id), "` has a limit already"));
  } else if (max) {
    policy.commands.push_back({std::string(*id), *max});
  }
}

}  // namespace

void ReadBackdating(Loading& loading) {
  const json::Value value = loading.root.Find("backdating");
  if (!value) return;
  ObjectReader object(value, "`backdating`", kFields, loading.issues);
  if (!object.ok()) return;
  Backdating policy;
  policy.staff = ReadLimit(object, "staff");
  policy.integration = ReadLimit(object, "integration");
  policy.referrer = ReadLimit(object, "referrer");
  policy.patient = ReadLimit(object, "patient");
  for (const json::Value command : json::Children(object.Array("commands"))) {
    ReadCommand(loading, command, policy);
  }
  policy.beyond = ReadName<PoolId>(loading, object, "beyond", loading.pools);
  ReadSource(loading, object, "this limit");
  loading.protocol.backdating = std::move(policy);
}

}  // namespace stepwell::protocol
