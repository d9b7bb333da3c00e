// Internal. Elements that many resources share, written with a json::Writer.
// Keys of a resource come in the order of R4; what is unknown is left out.
#ifndef STEPWELL_FHIR_WRITE_ELEMENT_H_
#define STEPWELL_FHIR_WRITE_ELEMENT_H_

#include <optional>
#include <string>
#include <string_view>

#include "engine/types.h"
#include "fhir/export.h"
#include "fhir/systems.h"
#include "json/json.h"
#include "stepwell/time.h"

namespace stepwell::fhir {

// HL7's own systems.
inline constexpr std::string_view kLoinc = "http://loinc.org";
inline constexpr std::string_view kUcum = "http://unitsofmeasure.org";
inline constexpr std::string_view kTerminology =
    "http://terminology.hl7.org/CodeSystem/";
inline constexpr std::string_view kDataAbsentReason =
    "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

struct Concept {
  std::string system;
  std::string code;  // empty: `text` only
  std::string display;
  std::string text;
};
// A code of one of our own systems.
Concept Own(std::string_view system, std::string_view code,
            std::string_view text = "");
Concept Hl7(std::string_view system, std::string_view code);

// `text` as FHIR's string type takes it: no control character but tab and line
// ends (U+FFFD instead).
std::string CleanText(std::string_view text);
bool IsCode(std::string_view text);  // as R4's code: no blank at an end, ...

// An open resource: "resourceType" and "id" are written.
json::Writer BeginResource(const char* type, std::string_view id);
WrittenResource EndResource(json::Writer& w, const char* type,
                            std::string_view id);

// Nothing is written for a text of blanks.
void PutText(json::Writer& w, const char* key, std::string_view text);
void PutCoding(json::Writer& w, const Concept& value);
void PutConcept(json::Writer& w, const char* key, const Concept& value);
// The same as the only element of a list.
void PutConcepts(json::Writer& w, const char* key, const Concept& value);
void PutReference(json::Writer& w, const char* key, std::string_view type,
                  std::string_view id);
void PutReferences(json::Writer& w, const char* key, std::string_view type,
                   std::string_view id);
// Without a literal: the thing is no resource of the export.
void PutLogical(json::Writer& w, const char* key, const char* type,
                const Identifier& identifier, std::string_view display = "");
void PutIdentifier(json::Writer& w, const Identifier& identifier);
// A referrer: "system|value" as an identifier, an absolute URL as a reference,
// anything else as a name.
void PutReferrer(json::Writer& w, const char* key, const std::string& text);

// Nothing is written for an instant that no calendar has ("never").
void PutInstant(json::Writer& w, const char* key, Instant at);
// What may have come as a date alone: midnight UTC to the microsecond is
// written as the date, for no finer precision was ever known.
void PutClinicalTime(json::Writer& w, const char* key, Instant at);
// Written unless both ends are out of the calendar; never with an end before
// its start (the end gives way).
void PutPeriod(json::Writer& w, const char* key, Instant start, Instant end);

// restriction.period.end of a Task.
void PutDeadline(json::Writer& w, Instant due);

// The parts of an export that every writer needs.
struct WriteContext {
  const ExportedPerson& person;
  std::vector<WrittenResource>& out;
  std::vector<ExportNote>& notes;
  std::string patient_id;
  std::string case_id;

  const engine::CaseState& state() const { return *person.state; }
  const protocol::Protocol& protocol() const { return *person.protocol; }
  // The event with this number, or nullptr.
  const engine::Event* EventAt(uint64_t seq) const;
  // The command that event `seq` belongs to, or nullptr.
  const engine::Envelope* EnvelopeOf(uint64_t seq) const;
  std::string OutcomeName(protocol::OutcomeId outcome) const;
  std::string ElementName(protocol::ElementId element) const;
  std::string InstrumentUrl(protocol::InstrumentRef instrument) const;
  // "CASE-r0" of the response that event `seq` stored; empty when a later one
  // has replaced it.
  std::string ResponseIdOf(uint64_t seq) const;
  std::string EpisodeId(size_t episode) const;  // from 1

  void PutPatient(json::Writer& w, const char* key) const;
  // {"type": "Practitioner", ...} of a member of staff; nothing for nobody.
  void PutStaff(json::Writer& w, const char* key, StaffId staff) const;
  Identifier StaffIdentifier(StaffId staff) const;
  // groupIdentifier: the case.
  void PutCase(json::Writer& w) const;
  // performerType (the pool) and owner of a Task.
  void PutOwner(json::Writer& w, const engine::Owner& owner) const;
  // A reference to somebody of the role, as the value of an array.
  static void PutRelated(json::Writer& w, const std::string& role);
};

// A Patient, with the parts of the personal data that are legal R4.
void WritePatient(const WriteContext& context);
// ServiceRequest, its Consents and the Task that tracks it.
void WriteReferrals(const WriteContext& context);
void WriteResponses(const WriteContext& context);
// EpisodeOfCare with the history of its status.
void WriteEpisodes(const WriteContext& context);
// A Task for each item.
void WriteItems(const WriteContext& context);
// Observations.
void WriteScores(const WriteContext& context);
// DetectedIssue, Flag and the Task of whoever looks after it.
void WriteAlerts(const WriteContext& context);
// Communications: messages of both sides, notifications to the patient,
// letters to the referrer; and the Task to answer.
void WriteMessages(const WriteContext& context);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_WRITE_ELEMENT_H_
