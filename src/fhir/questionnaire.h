// Instruments as FHIR R4 Questionnaires, out and in. What R4 and SDC can say
// (items, options with ordinalValue and itemWeight, a calculatedExpression) is
// said so; the rest of the scoring travels in extensions of the project, so
// that a form that comes back scores the same. docs/guides/fhir-export.md.
#ifndef STEPWELL_FHIR_QUESTIONNAIRE_H_
#define STEPWELL_FHIR_QUESTIONNAIRE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "stepwell/issue.h"

namespace stepwell::fhir {

// `document` is a whole instrument document without mistakes. Wording goes out
// only when its licence block says that it is included.
absl::StatusOr<std::string> WriteQuestionnaire(std::string_view document);

struct QuestionnaireReading {
  std::string document;  // an instrument document; empty when there are errors
  // What was left out or taken for granted are warnings:
  //   missing_as_zero     the form's expression gives a score although an item
  //                       is unanswered; here none is given
  //   expression_differs  on complete answers it gives another score
  //   expression_fails    it could not be evaluated
  //   direction_unknown, texts_left_out, item_left_out, no_weights,
  //   condition_left_out
  Issues issues;
};
// A status means that the text is no JSON or no Questionnaire.
absl::StatusOr<QuestionnaireReading> ReadQuestionnaire(std::string_view json);

// Whether a JSON object is a Questionnaire, by its resourceType.
bool IsQuestionnaire(std::string_view json);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_QUESTIONNAIRE_H_
