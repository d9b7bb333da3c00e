// The project's own code systems, identifier systems and extensions: neutral
// URLs, there are no pages behind them.
#ifndef STEPWELL_FHIR_SYSTEMS_H_
#define STEPWELL_FHIR_SYSTEMS_H_

#include <string>
#include <string_view>

#include "fhir/import.h"

namespace stepwell::fhir {

inline constexpr std::string_view kProjectBase = "https://stepwell.dev/fhir";

// Before the name of a code system ("task-code").
inline constexpr std::string_view kCodeSystems =
    "https://stepwell.dev/fhir/CodeSystem/";
// Before the name of an identifier system. Those of PublicIdentifier, and:
//   person, case, referral  an id of the service
//   response                the host's id of a response, when it has no system
//   event                   "CASE/seq": a response that has no id
//   staff, pool             a member of staff, a pool, by name
//   message                 the host's id of a message
inline constexpr std::string_view kIdentifierSystems =
    "https://stepwell.dev/fhir/sid/";
inline constexpr std::string_view kExtensions =
    "https://stepwell.dev/fhir/StructureDefinition/";
inline constexpr std::string_view kQuestionnaires =
    "https://stepwell.dev/fhir/Questionnaire/";

// HL7's extension of a Patient: an IANA time zone as valueCode.
inline constexpr std::string_view kZoneExtension =
    "http://hl7.org/fhir/StructureDefinition/timezone";

// HL7's extension of a ServiceRequest: why its status is what it is.
inline constexpr std::string_view kStatusReasonExtension =
    "http://hl7.org/fhir/StructureDefinition/request-statusReason";

// kCodeSystems + name.
std::string OwnCodeSystem(std::string_view name);
// kIdentifierSystems + name.
std::string OwnSystem(std::string_view name);

// An identifier of the service as R4 can say it: a system that is no URI
// ("reference", "content", none, a name with blanks) goes under a URI of ours,
// and so does a value with control characters. The second is the inverse of
// the first.
Identifier PublicIdentifier(const Identifier& identifier);
Identifier InternalIdentifier(const Identifier& identifier);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_SYSTEMS_H_
