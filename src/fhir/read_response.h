// Internal. QuestionnaireResponses: read whatever can be read, refuse nothing.
#ifndef STEPWELL_FHIR_READ_RESPONSE_H_
#define STEPWELL_FHIR_READ_RESPONSE_H_

#include <string_view>

#include "fhir/bundle.h"
#include "fhir/import.h"
#include "fhir/read_referral.h"

namespace stepwell::fhir {

ImportedResponse ReadResponse(const Resource& resource,
                              const ReadContext& context);

// The canonical of a response ("url|version"), of old forms too; may be empty.
std::string_view CanonicalOf(json::Value response);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_READ_RESPONSE_H_
