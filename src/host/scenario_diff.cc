// Expected lines against events, and lists against lists.
#include "host/scenario_diff.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "wire/event_json.h"

namespace stepwell::host {
namespace {

constexpr size_t kEventsShown = 12;
constexpr size_t kEntriesCompared = 200;
constexpr size_t kCommandBytesShown = 60;

// The words of an event line; a quoted value with blanks is one word.
std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
    if (c == ' ' && !quoted) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back().push_back(c);
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// The expected words that are not in the event; nothing for another event.
std::optional<std::vector<std::string>> Missing(const std::string& expected,
                                                const std::string& event) {
  const std::vector<std::string> want = Words(expected);
  const std::vector<std::string> have = Words(event);
  if (want.empty() || have.empty() || want[0] != have[0]) return std::nullopt;
  std::vector<std::string> missing;
  for (size_t i = 1; i < want.size(); ++i) {
    if (std::find(have.begin() + 1, have.end(), want[i]) == have.end()) {
      missing.push_back(want[i]);
    }
  }
  return missing;
}

std::string FieldOf(const std::string& word) {
  return word.substr(0, word.find('='));
}

std::string ValueOf(const std::string& word) {
  const size_t at = word.find('=');
  return at == std::string::npos ? "" : word.substr(at + 1);
}

// "owner: expected dora, was anna".
std::string FieldDifference(const std::string& word, const std::string& event) {
  const std::string field = FieldOf(word);
  std::vector<std::string> fields;
  for (const std::string& have : Words(event)) {
    if (have.find('=') == std::string::npos) continue;
    if (FieldOf(have) == field) {
      return absl::StrCat(field, ": expected ", ValueOf(word), ", was ",
                          ValueOf(have));
    }
    fields.push_back(FieldOf(have));
  }
  return absl::StrCat(field, ": the event has no such field; it has ",
                      fields.empty() ? "none" : absl::StrJoin(fields, ", "));
}

// The event of the same name in which the fewest fields differ; of equal ones
// the first that no line has met.
std::string Nearest(const std::string& expected, const ScenarioStep& step) {
  std::vector<std::string> least;
  size_t best = step.events.size();
  for (size_t i = 0; i < step.events.size(); ++i) {
    auto missing = Missing(expected, step.events[i]);
    if (!missing || missing->empty() || step.met_by[i] != 0) continue;
    if (best < step.events.size() && missing->size() >= least.size()) continue;
    least = *std::move(missing);
    best = i;
  }
  if (best == step.events.size()) return "";
  std::string text = absl::StrCat("\nthe nearest is: ", step.events[best]);
  for (const std::string& word : least) {
    absl::StrAppend(&text, "\n  ", FieldDifference(word, step.events[best]));
  }
  return text;
}

// It did happen, but a line of the script was met by it or by a later one.
std::string OutOfOrder(const std::string& expected, const ScenarioStep& step) {
  std::string text;
  for (size_t i = 0; i < step.events.size(); ++i) {
    if (!EventMatches(expected, step.events[i])) continue;
    if (step.met_by[i] == 0) {
      const auto later =
          std::find_if(step.met_by.begin() + static_cast<std::ptrdiff_t>(i),
                       step.met_by.end(), [](int line) { return line != 0; });
      return absl::StrCat("\nit came, but before what line ", *later,
                          " expects: put it above that line");
    }
    text = absl::StrCat("\nit came once for each line that expects it: line ",
                        step.met_by[i], " has met the last one");
  }
  return text;
}

std::string Elsewhere(const std::string& expected, const char* when,
                      const ScenarioStep& step) {
  for (const std::string& event : step.events) {
    if (!EventMatches(expected, event)) continue;
    const std::string_view command =
        BeginningOf(step.command, kCommandBytesShown);
    return absl::StrCat("\nit came of ", when, " command, line ", step.line,
                        ": ", ToAbsl(command),
                        command.size() < step.command.size() ? "..." : "");
  }
  return "";
}

}  // namespace

bool EventMatches(const std::string& expected, const std::string& event) {
  const auto missing = Missing(expected, event);
  return missing && missing->empty();
}

absl::Status CheckEventLine(const std::string& expected) {
  const std::vector<std::string> words = Words(expected);
  const std::string name = words.empty() ? "" : words[0];
  const auto known = wire::EventWords(name);
  if (!known) {
    return InvalidInput(absl::StrCat("there is no event `", name, "`"));
  }
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string field = FieldOf(words[i]);
    if (std::find(known->begin(), known->end(), field) == known->end()) {
      return InvalidInput(absl::StrCat(name, " has no field `", field, "`"));
    }
  }
  return absl::OkStatus();
}

std::string EventList(const std::vector<std::string>& events) {
  std::string text;
  for (size_t i = 0; i < std::min(events.size(), kEventsShown); ++i) {
    absl::StrAppend(&text, "\n  ", events[i]);
  }
  if (events.size() > kEventsShown) {
    absl::StrAppend(&text, "\n  and ", events.size() - kEventsShown, " more");
  }
  return text;
}

std::string EventDifference(const std::string& expected,
                            const ScenarioStep& now,
                            std::span<const ScenarioStep> before,
                            std::span<const ScenarioStep> after) {
  std::string text = OutOfOrder(expected, now);
  if (!text.empty()) return text;
  text = Nearest(expected, now);
  if (text.empty()) {
    text = now.events.empty()
               ? "\nthe command recorded no events of the case"
               : absl::StrCat("\nthe command recorded:", EventList(now.events));
  }
  std::string earlier;
  for (auto step = before.rbegin(); step != before.rend() && earlier.empty();
       ++step) {
    earlier = Elsewhere(expected, "an earlier", *step);
  }
  std::string later;
  for (const ScenarioStep& step : after) {
    if (later.empty()) later = Elsewhere(expected, "a later", step);
  }
  return absl::StrCat(text, earlier, later);
}

std::string ListDifference(const std::vector<std::string>& expected,
                           const std::vector<std::string>& got) {
  const size_t n = expected.size(), m = got.size();
  if (n == 0 || m == 0 || (n == 1 && m == 1)) return "";
  if (n > kEntriesCompared || m > kEntriesCompared) return "";
  // The longest common part of what is left of both.
  std::vector<std::vector<uint32_t>> common(n + 1,
                                            std::vector<uint32_t>(m + 1));
  for (size_t i = n; i-- > 0;) {
    for (size_t j = m; j-- > 0;) {
      common[i][j] = expected[i] == got[j]
                         ? common[i + 1][j + 1] + 1
                         : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string text;
  size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && expected[i] == got[j]) {
      absl::StrAppend(&text, "\n    ", expected[i]);
      ++i, ++j;
    } else if (j == m || (i < n && common[i + 1][j] >= common[i][j + 1])) {
      absl::StrAppend(&text, "\n  - ", expected[i++]);
    } else {
      absl::StrAppend(&text, "\n  + ", got[j++]);
    }
  }
  return text;
}

}  // namespace stepwell::host
