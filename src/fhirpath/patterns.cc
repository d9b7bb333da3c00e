#include "base/strings.h"
#include "fhirpath/program.h"
#include "re2/re2.h"

namespace stepwell::fhirpath {

std::unique_ptr<re2::RE2> MakePattern(std::string_view text, bool full) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_max_mem(4 << 20);
  std::string pattern(text);
  if (full) pattern = "^(?:" + pattern + ")$";
  return std::make_unique<re2::RE2>(pattern, options);
}

}  // namespace stepwell::fhirpath
