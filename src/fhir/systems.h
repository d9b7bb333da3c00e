// The project's own code systems, identifier systems and extensions: neutral
// URLs, there are no pages behind them.
#ifndef STEPWELL_FHIR_SYSTEMS_H_
#define STEPWELL_FHIR_SYSTEMS_H_

#include <string>
#include <string_view>

namespace stepwell::fhir {

inline constexpr std::string_view kProjectBase = "https://stepwell.dev/fhir";

// Before the name of a code system ("task-code").
inline constexpr std::string_view kCodeSystems =
    "https://stepwell.dev/fhir/CodeSystem/";
// Before the name of an identifier system. Those of `PublicSystem` and:
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

// kIdentifierSystems + name.
std::string OwnSystem(std::string_view name);

// Systems of the service that are no URI ("reference", "content", none, a name
// with blanks) under a URI of ours; others as they are. The second is the
// inverse of the first.
std::string PublicSystem(std::string_view system);
std::string InternalSystem(std::string_view system);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_SYSTEMS_H_
