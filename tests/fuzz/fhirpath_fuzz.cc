// Any bytes: issues with a column inside the text, or a program that a bounded
// evaluation over a few plain values ends with a value or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fhirpath/fhirpath.h"

namespace {

using stepwell::fhirpath::Value;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto compiled = stepwell::fhirpath::Compile(text, {});
  Require((compiled.program == nullptr) == !compiled.issues.empty());
  for (const auto& issue : compiled.issues) {
    Require(!issue.message.empty());
    Require(issue.column >= 1 &&
            issue.column <= static_cast<int>(text.size()) + 1);
  }
  if (compiled.program == nullptr) return 0;
  stepwell::fhirpath::EvaluateOptions options;
  options.limits = {.steps_max = 20'000, .items_max = 20'000};
  (void)stepwell::fhirpath::EvaluateOver(*compiled.program, {}, options);
  const Value values[] = {Value::Integer(3), Value::Boolean(true)};
  (void)stepwell::fhirpath::EvaluateOver(*compiled.program, values, options);
  return 0;
}
