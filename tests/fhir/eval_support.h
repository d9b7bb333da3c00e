// One expression over one resource, as `stepwell eval` prints it.
#ifndef STEPWELL_TESTS_FHIR_EVAL_SUPPORT_H_
#define STEPWELL_TESTS_FHIR_EVAL_SUPPORT_H_

#include <optional>
#include <string>
#include <string_view>

#include "fhir/eval.h"

namespace stepwell::fhir {

// now() is 1970.
inline std::string Json(std::string_view expression,
                        std::optional<std::string_view> resource = std::nullopt,
                        std::string_view context = "", bool model = true) {
  EvalRequest request;
  request.expression = expression;
  request.resource = resource;
  request.context = context;
  request.r4_model = model;
  request.now = Instant{0};
  return Eval(request).json;
}

}  // namespace stepwell::fhir

#endif  // STEPWELL_TESTS_FHIR_EVAL_SUPPORT_H_
