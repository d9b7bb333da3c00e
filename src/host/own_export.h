// Internal to the host: what this service says of a person and an answer in
// its export, so that an import knows its own words again.
#ifndef STEPWELL_HOST_OWN_EXPORT_H_
#define STEPWELL_HOST_OWN_EXPORT_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "fhir/export.h"
#include "fhir/import.h"
#include "runtime/runtime.h"

namespace stepwell::host {

// External ids as runtime/person_commands.cc writes them: kind and prefix.
inline constexpr uint32_t kPersonTarget = 1;
inline constexpr uint32_t kReferralTarget = 2;
absl::StatusOr<std::vector<fhir::Identifier>> IdentifiersOf(
    runtime::Runtime& runtime, uint32_t kind, uint64_t target);

// Fills in identifiers, personal data and whether the person has died.
absl::Status ReadIdentity(runtime::Runtime& runtime,
                          const engine::PersonState& state,
                          fhir::ExportedPerson& person);

// Also by the names that the export gives: "Patient/ID" behind any base, and
// the identifier of whom no other identifier names.
absl::StatusOr<std::optional<PersonId>> FindPerson(runtime::Runtime& runtime,
                                                   const fhir::Identifier& key);

// A name that the export gave this person; not kept as an identifier.
bool IsOwnName(const fhir::Identifier& identifier, PersonId person);
// The id that a person gets who is registered under this first identifier.
PersonId PersonOf(const fhir::Identifier& first);

// The id of a response in its case, from its key.
std::string ResponseIdOf(const fhir::Identifier& key);

// True when taking this in would change nothing: the service would say the
// same of it.
absl::StatusOr<bool> HoldsPerson(runtime::Runtime& runtime,
                                 const fhir::ImportedPerson& person);
absl::StatusOr<bool> HoldsResponse(runtime::Runtime& runtime, CaseId case_id,
                                   const fhir::ImportedResponse& response);

// The person's referral that the key names: the sender's own, or the one of
// the export. 0 when there is none.
absl::StatusOr<ReferralId> FindReferral(runtime::Runtime& runtime,
                                        const engine::PersonState& person,
                                        const fhir::Identifier& key);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_OWN_EXPORT_H_
