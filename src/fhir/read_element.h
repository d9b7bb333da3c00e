// Internal. Small readings of FHIR elements that resources share. They take
// any JSON: what is not of the expected shape reads as absent, unless said.
#ifndef STEPWELL_FHIR_READ_ELEMENT_H_
#define STEPWELL_FHIR_READ_ELEMENT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/import.h"
#include "json/json.h"
#include "stepwell/time.h"

namespace stepwell::fhir {

// The member as text, or empty when it is absent or no string.
std::string_view StringOf(json::Value object, std::string_view key);

// The elements of a repeating element; a lone object counts as one.
std::vector<json::Value> ListOf(json::Value object, std::string_view key);

// At most `bytes` of `text` without cutting a character, for messages.
std::string Shown(std::string_view text, size_t bytes = 80);

// An Identifier element; none without a value.
Identifier ReadIdentifier(json::Value element, std::string_view source);
// The business identifiers of a resource, the one to be its key first: those
// with a system before those without, old ones last, else as in the text.
std::vector<Identifier> ReadIdentifiers(json::Value resource,
                                        std::string_view source);

struct Coding {
  std::string_view system, code, display;
};
Coding ReadCoding(json::Value element);
// The codings of CodeableConcepts (one or a list) under `key`.
std::vector<Coding> CodingsOf(json::Value object, std::string_view key);
// The code of this system in the codings under `key`, or empty.
std::string_view CodeIn(json::Value object, std::string_view key,
                        std::string_view system);

// The first extension of this URL on the element, or absent.
json::Value FindExtension(json::Value element, std::string_view url);
// The data-absent-reason of an element or empty: "not-applicable".
std::string_view AbsentReason(json::Value element);

// The key of something that must be understood before the resource is used
// (a modifierExtension, implicitRules), anywhere but in contained resources;
// its path from `resource` on; empty when there is none.
std::string FindModifier(json::Value resource);

// A date or dateTime of R4: "2026", "2026-03", "2026-03-02", or a date and
// time with "Z" or an offset.
struct FhirTime {
  bool legal = false;
  std::optional<Date> date;  // of a full date, in the text's own zone
  std::optional<Instant> instant;
};
FhirTime ParseFhirTime(std::string_view text);
inline constexpr std::string_view kTimeHint =
    "2026, 2026-03, 2026-03-02 or 2026-03-02T09:00:00+01:00";

// "QuestionnaireResponse" -> "questionnaire_response".
std::string SnakeCase(std::string_view type);
// "Patient" of "https://ehr.example/fhir/Patient/1" or "Patient/1"; or empty.
std::string_view TypeInReference(std::string_view reference);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_READ_ELEMENT_H_
