// An import that meets the export of the same service compares what came with
// what the service would write: equal means that there is nothing to do.
#include "host/own_export.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/strings.h"
#include "fhir/systems.h"
#include "json/json.h"

namespace stepwell::host {

using fhir::Identifier;
using fhir::ImportedAnswer;
using fhir::ImportedPerson;
using fhir::ImportedResponse;

namespace {

constexpr std::string_view kPatient = "Patient/";

// The id in "Patient/ID" or "https://.../Patient/ID"; 0 when it is none.
PersonId OwnId(const Identifier& key) {
  uint64_t id = 0;
  std::string_view text = key.value;
  if (key.system == fhir::OwnSystem("person")) {
    return IdFromText(text, &id) ? PersonId(id) : PersonId();
  }
  if (key.system != fhir::kReferenceSystem) return PersonId();
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return PersonId();
  const size_t type = slash + 1 - std::min(slash + 1, kPatient.size());
  if (text.substr(type, slash + 1 - type) != kPatient ||
      (type > 0 && text[type - 1] != '/')) {
    return PersonId();
  }
  return IdFromText(text.substr(slash + 1), &id) ? PersonId(id) : PersonId();
}

// The only body of this kind that the text holds, read as an import reads it.
template <class Body>
absl::StatusOr<Body> ReadBack(const fhir::WrittenResource& resource) {
  STEPWELL_ASSIGN_OR_RETURN(fhir::ImportBatch batch,
                            fhir::ReadFhir(resource.json));
  for (fhir::Entry& entry : batch.entries) {
    if (auto* body = std::get_if<Body>(&entry.body)) return std::move(*body);
  }
  return Internal("an exported resource does not read back");
}

bool SameAnswers(const std::vector<ImportedAnswer>& a,
                 const std::vector<ImportedAnswer>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ImportedAnswer& x, const ImportedAnswer& y) {
                      return x.link_id == y.link_id && x.type == y.type &&
                             x.value == y.value && x.system == y.system &&
                             x.ordinal == y.ordinal;
                    });
}

// The extensions of the resource: raw input that could not be read.
std::string ExtensionsOf(const ImportedResponse& response) {
  const auto document = json::Parse(response.raw);
  if (!document.ok()) return response.raw;
  const json::Value extensions = document->root().Find("extension");
  return extensions ? json::Canonical(extensions) : "";
}

bool SameResponse(const ImportedResponse& a, const ImportedResponse& b) {
  return a.status == b.status && a.questionnaire == b.questionnaire &&
         a.version == b.version && a.language == b.language &&
         a.authored_text == b.authored_text &&
         SameAnswers(a.answers, b.answers) &&
         ExtensionsOf(a) == ExtensionsOf(b);
}

// The response of a case that the key names; its size when there is none.
size_t FindResponse(const engine::CaseState& state, const Identifier& key) {
  const std::string id = ResponseIdOf(key);
  const std::string own = absl::StrCat(IdToText(state.id.value), "/");
  uint64_t seq = 0;
  if (key.system == fhir::OwnSystem("event") && key.value.rfind(own, 0) == 0 &&
      !absl::SimpleAtoi(key.value.substr(own.size()), &seq)) {
    seq = 0;
  }
  size_t i = 0;
  for (; i < state.responses.size(); ++i) {
    const engine::ResponseState& response = state.responses[i];
    if (response.id.empty() ? response.seq == seq : response.id == id) break;
  }
  return i;
}

}  // namespace

absl::StatusOr<std::vector<Identifier>> IdentifiersOf(runtime::Runtime& runtime,
                                                      uint32_t kind,
                                                      uint64_t target) {
  const std::string_view prefix =
      kind == kPersonTarget ? "person:" : "referral:";
  STEPWELL_ASSIGN_OR_RETURN(const auto rows,
                            runtime.store().ExternalIdsOf(kind, target));
  std::vector<Identifier> identifiers;
  for (const store::ExternalIdRow& row : rows) {
    if (row.system.rfind(prefix, 0) != 0) continue;
    identifiers.push_back({row.system.substr(prefix.size()), row.value});
  }
  return identifiers;
}

absl::Status ReadIdentity(runtime::Runtime& runtime,
                          const engine::PersonState& state,
                          fhir::ExportedPerson& person) {
  person.id = state.id;
  person.died = state.died_at.has_value();
  person.zone = state.zone;
  person.merged_into = state.merged_into;
  STEPWELL_ASSIGN_OR_RETURN(
      person.identifiers,
      IdentifiersOf(runtime, kPersonTarget, state.id.value));
  // The one that the id was derived from goes first: whoever takes the export
  // in derives the same id.
  std::stable_partition(person.identifiers.begin(), person.identifiers.end(),
                        [&state](const Identifier& identifier) {
                          return PersonOf(identifier) == state.id;
                        });
  STEPWELL_ASSIGN_OR_RETURN(
      const auto personal,
      runtime.store().GetDocument("person", IdToText(state.id.value)));
  person.personal = personal.value_or("");
  return absl::OkStatus();
}

absl::StatusOr<std::optional<PersonId>> FindPerson(runtime::Runtime& runtime,
                                                   const Identifier& key) {
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<PersonId> known,
                            runtime.FindPerson({key.system, key.value}));
  if (known) return known;
  const PersonId own = OwnId(key);
  if (own == PersonId()) return std::optional<PersonId>();
  const auto state = runtime.LoadPerson(own);
  if (state.ok()) return std::optional<PersonId>(state->id);
  if (state.status().code() == absl::StatusCode::kNotFound) {
    return std::optional<PersonId>();
  }
  return state.status();
}

PersonId PersonOf(const Identifier& first) {
  return PersonId(DeriveId("person", first.system, first.value));
}

bool IsOwnName(const Identifier& identifier, PersonId person) {
  return OwnId(identifier) == person && person != PersonId();
}

std::string ResponseIdOf(const Identifier& key) {
  if (key.system == fhir::OwnSystem("response")) return key.value;
  return absl::StrCat(key.system, "|", key.value);
}

absl::StatusOr<bool> HoldsPerson(runtime::Runtime& runtime,
                                 const ImportedPerson& person) {
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<PersonId> known,
                            FindPerson(runtime, person.identifiers.front()));
  if (!known) return false;
  for (const Identifier& identifier : person.identifiers) {
    STEPWELL_ASSIGN_OR_RETURN(const auto found,
                              FindPerson(runtime, identifier));
    if (found != known) return false;
  }
  // The record that came, also when it was merged into another since.
  const Identifier& first = person.identifiers.front();
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<PersonId> record,
                            runtime.RecordOf({first.system, first.value}));
  STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState state,
                            runtime.StoredPerson(record.value_or(*known)));
  fhir::ExportedPerson ours;
  STEPWELL_RETURN_IF_ERROR(ReadIdentity(runtime, state, ours));
  std::vector<fhir::ExportNote> notes;
  STEPWELL_ASSIGN_OR_RETURN(
      const ImportedPerson read,
      ReadBack<ImportedPerson>(fhir::WritePerson(ours, &notes).front()));
  return read.birth_date_text == person.birth_date_text &&
         read.sex == person.sex && read.deceased == person.deceased &&
         read.language == person.language &&
         (person.zone.empty() || read.zone == person.zone) &&
         read.personal_json == person.personal_json;
}

absl::StatusOr<ReferralId> FindReferral(runtime::Runtime& runtime,
                                        const engine::PersonState& person,
                                        const Identifier& key) {
  const auto theirs = [&person](ReferralId id) {
    return std::find(person.referrals.begin(), person.referrals.end(), id) !=
           person.referrals.end();
  };
  uint64_t own = 0;
  if (key.system == fhir::OwnSystem("referral") &&
      IdFromText(key.value, &own) && theirs(ReferralId(own))) {
    return ReferralId(own);
  }
  STEPWELL_ASSIGN_OR_RETURN(
      const auto known,
      runtime.store().FindExternalId("referral:" + key.system, key.value));
  const ReferralId id(known ? known->target : 0);
  return theirs(id) ? id : ReferralId();
}

absl::StatusOr<bool> HoldsResponse(runtime::Runtime& runtime, CaseId case_id,
                                   const ImportedResponse& response) {
  STEPWELL_ASSIGN_OR_RETURN(const auto loaded, runtime.LoadCase(case_id));
  const size_t index = FindResponse(*loaded.state, response.key);
  if (index == loaded.state->responses.size()) return false;
  STEPWELL_ASSIGN_OR_RETURN(
      std::vector<engine::Event> events,
      runtime.ReadEvents(case_id, loaded.state->responses[index].seq, 1));
  STEPWELL_RETURN_IF_ERROR(runtime.IntoCurrentNumbers(*loaded.state, events));
  fhir::ExportedPerson ours;
  ours.id = loaded.state->person;
  ours.state = loaded.state;
  ours.protocol = loaded.protocol.get();
  ours.events = events;
  absl::Status failed;
  ours.document = [&](std::string_view key) {
    auto found = runtime.store().GetDocument("raw", key);
    if (found.ok()) return *std::move(found);
    failed = found.status();
    return std::optional<std::string>();
  };
  const std::optional<fhir::WrittenResource> written =
      fhir::WriteResponse(ours, index);
  STEPWELL_RETURN_IF_ERROR(failed);
  if (!written) return false;
  STEPWELL_ASSIGN_OR_RETURN(const ImportedResponse read,
                            ReadBack<ImportedResponse>(*written));
  return SameResponse(read, response);
}

}  // namespace stepwell::host
