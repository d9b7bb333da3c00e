#include "base/strings.h"
#include "fhirpath/program.h"
#include "re2/re2.h"

namespace stepwell::fhirpath {

std::unique_ptr<re2::RE2> MakePattern(std::string_view text, bool full) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_max_mem(4 << 20);
  // (?<name>...) is RE2's (?P<name>...).
  std::string pattern;
  for (size_t i = 0; i < text.size(); ++i) {
    pattern += text[i];
    if (text.substr(i, 3) == "(?<" && i + 3 < text.size() &&
        text[i + 3] != '=' && text[i + 3] != '!' &&
        (i == 0 || text[i - 1] != '\\')) {
      pattern += "?P";
      ++i;
    }
  }
  if (full) pattern = "^(?:" + pattern + ")$";
  return std::make_unique<re2::RE2>(pattern, options);
}

std::string PatternProblem(const re2::RE2& pattern) {
  std::string part = pattern.error_arg();
  // As it was written, before MakePattern.
  if (const size_t at = part.find("(?P<"); at != std::string::npos) {
    part.erase(at + 2, 1);
  }
  const std::string at = part.empty() ? "" : " at `" + part + "`";
  switch (pattern.error_code()) {
    case re2::RE2::ErrorBadEscape:
      return "there is no such escape" + at + " (back-references are none)";
    case re2::RE2::ErrorBadCharClass:
    case re2::RE2::ErrorBadCharRange:
      return "wrong range or class of characters" + at;
    case re2::RE2::ErrorMissingBracket:
      return "`]` is missing" + at;
    case re2::RE2::ErrorMissingParen:
    case re2::RE2::ErrorUnexpectedParen:
      return "`(` and `)` do not match" + at;
    case re2::RE2::ErrorTrailingBackslash:
      return "it ends with a single `\\`";
    case re2::RE2::ErrorRepeatArgument:
    case re2::RE2::ErrorRepeatOp:
      return "there is nothing that can be repeated" + at;
    case re2::RE2::ErrorRepeatSize:
      return "more than 1000 repetitions" + at;
    case re2::RE2::ErrorBadPerlOp:
      return "this is not supported (nor is look-around)" + at;
    case re2::RE2::ErrorBadUTF8:
      return "it is no UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "wrong name of a group" + at;
    case re2::RE2::ErrorPatternTooLarge:
      return "it needs too much memory";
    default:
      return "it cannot be compiled";
  }
}

}  // namespace stepwell::fhirpath
