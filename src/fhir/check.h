// Is a resource legal R4? The structural check: names of elements, types,
// cardinalities, the formats of primitives, codes of required bindings. Not
// checked are profiles, terminology beyond required bindings, and narrative.
#ifndef STEPWELL_FHIR_CHECK_H_
#define STEPWELL_FHIR_CHECK_H_

#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"

namespace stepwell::fhir {

enum class CheckSeverity : uint8_t { kError, kWarning };

// As an issue of an OperationOutcome.
struct CheckIssue {
  CheckSeverity severity = CheckSeverity::kError;
  // Of http://hl7.org/fhir/issue-type: structure, required, value,
  // code-invalid, invariant, not-found, too-long.
  std::string code;
  // structure_unknown, choice_twice, ..., or the key of an invariant: stable.
  std::string key;
  std::string expression;  // FHIRPath of the element: Patient.name[0].use
  std::string message;
};

// Issues in document order; empty: the structure is legal. `document` is one
// resource.
std::vector<CheckIssue> CheckStructure(const json::Document& document);

bool HasError(const std::vector<CheckIssue>& issues);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_CHECK_H_
