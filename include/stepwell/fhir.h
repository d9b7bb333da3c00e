// Is a FHIR R4 resource legal? Names of elements, types, cardinalities and
// formats, codes of required bindings, and the invariants of the definitions.
//
//   stepwell::FhirValidation validation = stepwell::ValidateFhir(text);
//   for (const auto& result : validation.results)
//     for (const auto& issue : result.issues) Show(issue);
//
// Not checked are profiles, other terminology, and whether references lead
// anywhere outside the resource: docs/guides/fhir-validate.md. Any bytes give
// a result; time and memory are bounded by the text. Thread-safe.
#ifndef STEPWELL_FHIR_H_
#define STEPWELL_FHIR_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "stepwell/issue.h"

namespace stepwell {

// An issue of an OperationOutcome.
struct FhirIssue {
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  // Of http://hl7.org/fhir/issue-type: structure, required, value,
  // code-invalid, invariant, too-long.
  std::string code;
  // What was broken: the key of an invariant ("pat-1"), or a word of ours
  // ("missing", "format_date"). Stable.
  std::string key;
  std::string expression;  // FHIRPath: "Patient.contact[0]"; may be empty
  std::string message;     // for people
};

struct FhirResult {
  uint64_t line = 0;     // of NDJSON, from 1; 0: the text is one resource
  std::string resource;  // "Patient/p1", "Patient", or empty
  std::vector<FhirIssue> issues;
};
// An OperationOutcome, itself a legal resource.
std::string ToOperationOutcome(const FhirResult& result);

struct FhirValidation {
  bool valid = true;  // no errors; warnings do not count
  uint64_t resources = 0, errors = 0, warnings = 0;
  // Those that have issues.
  std::vector<FhirResult> results;
};
std::string ToJson(const FhirValidation& validation);

// `text`: one resource (a Bundle with all its entries too), or NDJSON.
FhirValidation ValidateFhir(std::string_view text);

// An instrument (an id of the catalogue, or a document) as an R4
// Questionnaire: docs/guides/questionnaires.md. kInvalidArgument when the
// document has mistakes.
absl::StatusOr<std::string> QuestionnaireOfInstrument(
    std::string_view instrument);

// A Questionnaire as an instrument document. What was left out, and that the
// form's own rule counts what is missing as 0, are warnings; with an error
// among the issues there is no document.
struct QuestionnaireImport {
  std::string document;
  Issues issues;
};
absl::StatusOr<QuestionnaireImport> InstrumentOfQuestionnaire(
    std::string_view questionnaire);

}  // namespace stepwell

#endif  // STEPWELL_FHIR_H_
