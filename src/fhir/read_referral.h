// Internal. ServiceRequests and what hangs on them.
#ifndef STEPWELL_FHIR_READ_REFERRAL_H_
#define STEPWELL_FHIR_READ_REFERRAL_H_

#include <variant>
#include <vector>

#include "fhir/bundle.h"
#include "fhir/import.h"
#include "fhir/read_person.h"
#include "fhir/read_questionnaire.h"

namespace stepwell::fhir {

// What readers of resources look things up in.
struct ReadContext {
  const ReferenceIndex& references;
  const PersonRegister& persons;
  const ReadOptions& options;
  QuestionnaireIndex* questionnaires;
  InstrumentNames* names;
  std::vector<Finding>* notes;
};

// A referral, why it is none, or why it cannot be taken.
using ReferralReading = std::variant<ImportedReferral, Ignored, Finding>;
ReferralReading ReadReferral(const Resource& resource,
                             const ReadContext& context);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_READ_REFERRAL_H_
