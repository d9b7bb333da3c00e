#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "cli.h"
#include "stepwell/error.h"
#include "stepwell/time_text.h"

namespace stepwell::cli {
namespace {

bool HasColour() {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* terminal = std::getenv("TERM");
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return isatty(STDOUT_FILENO) == 1;
}

// Code points: good enough for names in European languages.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Padded(std::string_view text, size_t width) {
  std::string out(text);
  const size_t have = Width(text);
  if (have < width) out.append(width - have, ' ');
  return out;
}

const char* SeverityWord(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kInformation:
      break;
  }
  return "note";
}

}  // namespace

CLI::App* AddVerb(CLI::App& parent, Common& common, const std::string& name,
                  const std::string& description) {
  CLI::App* verb = parent.add_subcommand(name, description);
  verb->add_option_function<std::string>(
          "--format",
          [&common](const std::string& format) {
            common.json = format == "json";
          },
          "text (for people) or json (docs/reference/cli.md)")
      ->check(CLI::IsMember({"text", "json"}))
      ->trigger_on_parse();
  return verb;
}

void OnRun(CLI::App* verb, Common& common, std::function<int()> run) {
  verb->final_callback(
      [&common, run = std::move(run)] { common.exit_code = run(); });
}

std::string Plain(std::string_view text) {
  std::string out(text);
  for (size_t i = 0; i < out.size(); ++i) {
    const auto at = [&](size_t k) {
      return k < out.size() ? static_cast<unsigned char>(out[k]) : 0;
    };
    const bool c0 = at(i) < 0x20 || at(i) == 0x7F;
    const bool c1 = at(i) == 0xC2 && at(i + 1) >= 0x80 && at(i + 1) < 0xA0;
    // Those that turn the direction of writing: U+202A to E, U+2066 to 9.
    const bool turns =
        at(i) == 0xE2 &&
        ((at(i + 1) == 0x80 && at(i + 2) >= 0xAA && at(i + 2) <= 0xAE) ||
         (at(i + 1) == 0x81 && at(i + 2) >= 0xA6 && at(i + 2) <= 0xA9));
    if (c0 || c1 || turns) out.replace(i, c0 ? 1 : c1 ? 2 : 3, " ");
  }
  return out;
}

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void PrintLine(std::string_view text) {
  Print(text);
  Print("\n");
}

int Fail(const Common& common, const absl::Status& status) {
  const std::string message(status.message());
  const std::string line =
      common.json
          ? absl::StrCat("{\"error\":{\"code\":", Quote(ErrorCode(status)),
                         ",\"message\":", Quote(message), "}}")
          : absl::StrCat("stepwell: ", Plain(message));
  std::fprintf(stderr, "%s\n", line.c_str());
  return kUsage;
}

int Fail(const Common& common, std::string_view message) {
  return Fail(common, absl::InvalidArgumentError(
                          absl::string_view(message.data(), message.size())));
}

void Note(std::string_view message) {
  std::fprintf(stderr, "stepwell: %s\n", Plain(message).c_str());
}

std::string Toned(Tone tone, std::string_view text) {
  static const bool has_colour = HasColour();
  const char* code = tone == Tone::kBold    ? "1"
                     : tone == Tone::kGood  ? "32"
                     : tone == Tone::kBad   ? "31"
                     : tone == Tone::kQuiet ? "2"
                                            : "";
  if (!has_colour || *code == '\0') return std::string(text);
  return absl::StrCat("\x1b[", code, "m", std::string(text), "\x1b[0m");
}

void Table::Print(std::string_view indent) const {
  std::vector<size_t> widths;
  for (const std::string& title : header_) widths.push_back(Width(title));
  for (const auto& [tone, row] : rows_) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  const auto print = [&](const std::vector<std::string>& row, Tone tone) {
    std::string line;
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      line += Padded(Plain(row[i]), widths[i]);
      if (i + 1 < widths.size()) line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    cli::Print(indent);
    PrintLine(Toned(tone, line));
  };
  print(header_, Tone::kBold);
  for (const auto& [tone, row] : rows_) print(row, tone);
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Clock(Instant instant, const std::string& zone) {
  if (instant.IsNever() || instant.us == 0) return "-";
  std::string text = TimeText(instant, zone);
  if (text.size() < 16) return text;
  text.resize(16);
  text[10] = ' ';
  return text;
}

std::string Join(const std::vector<std::string>& texts, std::string_view glue) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += glue;
    out += text;
  }
  return out;
}

std::string Count(uint64_t n, std::string_view noun) {
  return absl::StrCat(n, " ", std::string(noun), n == 1 ? "" : "s");
}

void PrintIssues(const Issues& issues) {
  for (const Issue& issue : issues) {
    const bool error = issue.severity == Severity::kError;
    PrintLine(absl::StrCat(
        Toned(error ? Tone::kBad : Tone::kBold, SeverityWord(issue.severity)),
        " ", issue.pointer.empty() ? "(document)" : issue.pointer, " ",
        issue.code));
    PrintLine(absl::StrCat("  ", issue.message));
    if (!issue.hint.empty()) PrintLine(absl::StrCat("  -> ", issue.hint));
  }
}

}  // namespace stepwell::cli
