// Validation of FHIR texts.
#include "stepwell/fhir.h"

#include <string>

#include "outcome.h"
#include "text.h"

using stepwell::capi::Answer;
using stepwell::capi::TextCall;

stepwell_status stepwell_fhir_validate(const char* text, size_t text_len,
                                       char** result_json, size_t* result_len,
                                       stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    std::string_view given;
    STEPWELL_CAPI_TRY(stepwell::capi::TakeText(text, text_len, "text", &given));
    return ToJson(stepwell::ValidateFhir(given));
  });
}
