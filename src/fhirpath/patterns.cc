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

}  // namespace stepwell::fhirpath
