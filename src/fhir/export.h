// What a service holds about one person, written as FHIR R4 resources. Pure:
// values in, texts out; docs/guides/fhir-export.md says what becomes what.
//
//   ExportedPerson person = ...;                    // the host fills it
//   for (const WrittenResource& one : WritePerson(person)) ...
//   WriteEntry(one, base, &bundle_text);            // a line of a transaction
//
// The same values give the same bytes. Ids of resources are made from ids of
// the service, so that a later export replaces an earlier one.
#ifndef STEPWELL_FHIR_EXPORT_H_
#define STEPWELL_FHIR_EXPORT_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/event.h"
#include "engine/service_stream.h"
#include "engine/state.h"
#include "fhir/import.h"
#include "protocol/protocol.h"

namespace stepwell::fhir {

// Everything that is exported of a person. What it points at must outlive the
// call that it is given to.
struct ExportedPerson {
  PersonId id;
  // In the systems of import.h; the one that made the id first. Empty after
  // erasure.
  std::vector<Identifier> identifiers;
  std::string personal;  // the erasable JSON; empty: none, or erased
  bool died = false;
  std::string zone;      // by its IANA name; empty: not known
  PersonId merged_into;  // 0: the record stands for itself

  // The person's case; null when there is none.
  const engine::CaseState* state = nullptr;
  const protocol::Protocol* protocol = nullptr;
  std::span<const engine::Event> events;  // of the case, ascending
  // The identifiers under which senders know each referral.
  std::vector<std::pair<ReferralId, std::vector<Identifier>>> referral_keys;
  // Those that were taken back here and have come for nobody else since.
  std::vector<ReferralId> taken_back;

  std::function<std::string(StaffId)> staff_name;
  // A text that the store keeps apart from the log: a message, or input that
  // could not be read in full, by its key.
  std::function<std::optional<std::string>(std::string_view key)> document;
};

struct WrittenResource {
  std::string type;
  std::string id;
  std::string json;
};

// What was kept in the service and could not be written, for people.
struct ExportNote {
  std::string resource;  // "Patient/..."
  std::string reason;
};

// The Patient, then what the case holds: referrals, episodes, tasks,
// responses, scores, alerts, messages.
std::vector<WrittenResource> WritePerson(const ExportedPerson& person,
                                         std::vector<ExportNote>* notes);

// One response of the case, by its place in the state; `events` need hold the
// event of it only. Nothing when that is not there.
std::optional<WrittenResource> WriteResponse(const ExportedPerson& person,
                                             size_t response);

// Input that fitted nowhere, as a Task with the input attached: it is filed
// under nobody, for nobody knows whose it is.
WrittenResource WriteParked(const engine::ParkedState& parked, size_t ordinal,
                            std::optional<std::string> raw,
                            std::string_view staff);

// One entry of a transaction: a PUT under the resource's own id.
std::string TransactionEntry(const WrittenResource& resource,
                             std::string_view base_url);

// The base URL of a service that names none.
std::string DefaultBase(std::string_view tenant);

std::string ReferralResourceId(ReferralId id);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_EXPORT_H_
