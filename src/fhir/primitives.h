// Internal. The formats of R4's primitive types.
#ifndef STEPWELL_FHIR_PRIMITIVES_H_
#define STEPWELL_FHIR_PRIMITIVES_H_

#include <string>
#include <string_view>

#include "json/json.h"

namespace stepwell::fhir {

// What is wrong with `value` as this primitive ("code", "dateTime"); empty
// when nothing is.
std::string PrimitiveProblem(std::string_view type, json::Value value);
// The same of a type that is a JSON string.
std::string PrimitiveProblem(std::string_view type, std::string_view text);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_PRIMITIVES_H_
