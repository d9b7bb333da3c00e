// Internal. Names that Questionnaires are written and read by.
#ifndef STEPWELL_FHIR_QUESTIONNAIRE_PARTS_H_
#define STEPWELL_FHIR_QUESTIONNAIRE_PARTS_H_

#include <string_view>

#include "base/status.h"
#include "json/json.h"
#include "stepwell/issue.h"

namespace stepwell::fhir {

inline constexpr std::string_view kOrdinalValue =
    "http://hl7.org/fhir/StructureDefinition/ordinalValue";
inline constexpr std::string_view kItemWeight =
    "http://hl7.org/fhir/StructureDefinition/itemWeight";
inline constexpr std::string_view kMinValue =
    "http://hl7.org/fhir/StructureDefinition/minValue";
inline constexpr std::string_view kMaxValue =
    "http://hl7.org/fhir/StructureDefinition/maxValue";
inline constexpr std::string_view kVariable =
    "http://hl7.org/fhir/StructureDefinition/variable";
inline constexpr std::string_view kCalculatedExpression =
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
    "sdc-questionnaire-calculatedExpression";
// valueString: canonical JSON of the instrument document's members that R4
// has no place for; on the Questionnaire and on each item.
inline constexpr std::string_view kScoringExtension =
    "https://stepwell.dev/fhir/StructureDefinition/instrument-scoring";
inline constexpr std::string_view kItemExtension =
    "https://stepwell.dev/fhir/StructureDefinition/instrument-item";
// Answers that have no code of LOINC's: the value's id or number.
inline constexpr std::string_view kAnswerSystem =
    "https://stepwell.dev/fhir/CodeSystem/answer";
inline constexpr std::string_view kScoreLinkId = "score";

// Holds the form's calculatedExpression against the document that was made of
// it: on complete answers, and with one item unanswered. What is found are
// warnings.
void CheckForm(json::Value questionnaire, std::string_view document,
               Issues& issues);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_QUESTIONNAIRE_PARTS_H_
