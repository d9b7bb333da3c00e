#include "scenarios/files_support.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "support/shared_data.h"

namespace stepwell::testing {

namespace {

std::vector<std::string> ProtocolsOf(const std::string& text) {
  std::vector<std::string> protocols;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::ConsumePrefix(&line, "# protocol:") &&
        !absl::ConsumePrefix(&line, "# also:")) {
      continue;
    }
    line = absl::StripAsciiWhitespace(line);
    absl::ConsumePrefix(&line, "catalogue:");
    protocols.emplace_back(line);
  }
  return protocols;
}

std::vector<ScenarioFile> ReadAll() {
  std::vector<ScenarioFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(STEPWELL_SOURCE_DIR) / "tests/scenarios")) {
    if (entry.path().extension() != ".scenario") continue;
    ScenarioFile file;
    file.name = entry.path().stem().string();
    file.path = entry.path().string();
    file.text = ReadFileText(entry.path());
    file.protocols = ProtocolsOf(file.text);
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

}  // namespace

std::string ProtocolGiven(const std::string& name) {
  if (!name.ends_with(".json")) return "catalogue:" + name;
  return ReadFileText(std::filesystem::path(STEPWELL_SOURCE_DIR) /
                      "tests/scenarios" / name);
}

const std::vector<ScenarioFile>& ScenarioFiles() {
  static const auto* const files = new std::vector<ScenarioFile>(ReadAll());
  return *files;
}

std::string ScenarioText(const ScenarioFile& file,
                         const std::string& protocol) {
  std::string text;
  bool replaced = false;
  for (absl::string_view line : absl::StrSplit(file.text, '\n')) {
    const bool left_out = replaced;
    replaced = false;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    absl::string_view names = parts.first;
    if (absl::ConsumePrefix(&names, "# on ")) {
      const bool instead = absl::ConsumeSuffix(&names, " instead");
      const std::vector<absl::string_view> on = absl::StrSplit(names, ' ');
      if (std::count(on.begin(), on.end(), protocol) > 0) {
        line = parts.second;
        replaced = instead;
      } else {
        replaced = left_out;
      }
    } else if (left_out) {
      line = "";
    }
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace stepwell::testing
