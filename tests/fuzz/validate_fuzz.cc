// Any bytes as FHIR: the validation ends and gives a result that can be
// written.
// seeds: tests/fuzz/corpus/fhir
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "stepwell/fhir.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const stepwell::FhirValidation validation = stepwell::ValidateFhir(text);
  if (stepwell::ToJson(validation).empty()) std::abort();
  if (validation.valid != (validation.errors == 0)) std::abort();
  return 0;
}
