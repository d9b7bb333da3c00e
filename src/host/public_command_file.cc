#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_text.h"
#include "json/json.h"
#include "stepwell/command_file.h"

namespace stepwell {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(kBlank) == text.npos;
}

absl::StatusOr<std::optional<Instant>> NowOf(json::Value command) {
  const json::Value now = command.Find("now");
  if (!now || now.is_null()) return std::optional<Instant>();
  const std::optional<Instant> instant =
      now.is_string() ? ParseInstant(now.string_value()) : std::nullopt;
  if (instant) return instant;
  return InvalidInput("`now` is a time like 2026-03-02T09:00:00+01:00",
                      {now.pointer(), std::nullopt});
}

absl::StatusOr<std::vector<FileCommand>> ReadLines(std::string_view text) {
  std::vector<FileCommand> commands;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.size() ? end : end + 1);
    if (IsBlank(line)) continue;
    FileCommand command;
    command.json = std::string(line);
    command.place = absl::StrCat("line ", number);
    const auto document = json::Parse(line);
    if (!document.ok()) {
      command.problem = std::string(document.status().message());
    } else {
      auto now = NowOf(document->root());
      if (!now.ok()) return Annotate(now.status(), command.place);
      command.now = *now;
    }
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace

absl::StatusOr<std::vector<FileCommand>> ReadCommandFile(
    std::string_view text) {
  if (IsBlank(text)) {
    return InvalidInput("there is no command: the text is empty");
  }
  // A first line that is an object by itself, with more after it: a command a
  // line. Such a file may be longer than one document may be.
  const size_t begin = text.find_first_not_of(kBlank);
  const size_t end = text.find('\n', begin);
  if (end != text.npos && !IsBlank(text.substr(end)) &&
      json::Parse(text.substr(begin, end - begin)).ok()) {
    return ReadLines(text);
  }
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document, json::Parse(text));
  const json::Value root = document.root();
  std::vector<FileCommand> commands;
  if (!root.is_array()) {
    STEPWELL_ASSIGN_OR_RETURN(const auto now, NowOf(root));
    commands.push_back({std::string(text), now, ""});
    return commands;
  }
  for (json::Value value : json::Children(root)) {
    STEPWELL_ASSIGN_OR_RETURN(const auto now, NowOf(value));
    commands.push_back({json::ToText(value), now, value.pointer()});
  }
  return commands;
}

}  // namespace stepwell
