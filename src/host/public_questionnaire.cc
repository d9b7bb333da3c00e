// Instruments as Questionnaires and back.
#include <utility>

#include "base/status.h"
#include "fhir/questionnaire.h"
#include "instruments/document.h"
#include "stepwell/fhir.h"

namespace stepwell {

absl::StatusOr<std::string> QuestionnaireOfInstrument(
    std::string_view instrument) {
  STEPWELL_ASSIGN_OR_RETURN(const std::string document,
                            instruments::WholeDocument(instrument));
  return fhir::WriteQuestionnaire(document);
}

absl::StatusOr<QuestionnaireImport> InstrumentOfQuestionnaire(
    std::string_view questionnaire) {
  STEPWELL_ASSIGN_OR_RETURN(fhir::QuestionnaireReading read,
                            fhir::ReadQuestionnaire(questionnaire));
  return QuestionnaireImport{std::move(read.document), std::move(read.issues)};
}

}  // namespace stepwell
