// Elements that many resources share, as R4 JSON.
#include "fhir/write_element.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "fhir/import.h"
#include "fhir/primitives.h"

namespace stepwell::fhir {

Concept Own(std::string_view system, std::string_view code,
            std::string_view text) {
  return {absl::StrCat(ToAbsl(kCodeSystems), ToAbsl(system)), std::string(code),
          "", std::string(text)};
}

Concept Hl7(std::string_view system, std::string_view code) {
  return {absl::StrCat(ToAbsl(kTerminology), ToAbsl(system)), std::string(code),
          "", ""};
}

std::string CleanText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (control && c != '\t' && c != '\n' && c != '\r') {
      out += "\xEF\xBF\xBD";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

bool IsCode(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  bool blank = false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || (c == ' ' && blank)) {
      return false;
    }
    blank = c == ' ';
  }
  return true;
}

json::Writer BeginResource(const char* type, std::string_view id) {
  json::Writer w;
  w.BeginObject();
  w.Key("resourceType").String(type);
  w.Key("id").String(id);
  return w;
}

WrittenResource EndResource(json::Writer& w, const char* type,
                            std::string_view id) {
  w.EndObject();
  return {type, std::string(id), w.Take()};
}

void PutText(json::Writer& w, const char* key, std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
  w.Key(key).String(CleanText(text));
}

void PutCoding(json::Writer& w, const Concept& value) {
  w.BeginObject();
  PutText(w, "system", value.system);
  w.Key("code").String(value.code);
  PutText(w, "display", value.display);
  w.EndObject();
}

void PutConcept(json::Writer& w, const char* key, const Concept& value) {
  if (value.code.empty() && value.text.empty()) return;
  if (key != nullptr) w.Key(key);
  w.BeginObject();
  if (!value.code.empty()) {
    w.Key("coding").BeginArray();
    PutCoding(w, value);
    w.EndArray();
  }
  PutText(w, "text", value.text);
  w.EndObject();
}

void PutConcepts(json::Writer& w, const char* key, const Concept& value) {
  if (value.code.empty() && value.text.empty()) return;
  w.Key(key).BeginArray();
  PutConcept(w, nullptr, value);
  w.EndArray();
}

void PutReference(json::Writer& w, const char* key, std::string_view type,
                  std::string_view id) {
  if (id.empty()) return;
  if (key != nullptr) w.Key(key);
  w.BeginObject();
  w.Key("reference").String(absl::StrCat(ToAbsl(type), "/", ToAbsl(id)));
  w.EndObject();
}

void PutReferences(json::Writer& w, const char* key, std::string_view type,
                   std::string_view id) {
  if (id.empty()) return;
  w.Key(key).BeginArray();
  PutReference(w, nullptr, type, id);
  w.EndArray();
}

void PutIdentifier(json::Writer& w, const Identifier& identifier) {
  w.BeginObject();
  PutText(w, "system", identifier.system);
  w.Key("value").String(CleanText(identifier.value));
  w.EndObject();
}

void PutLogical(json::Writer& w, const char* key, const char* type,
                const Identifier& identifier, std::string_view display) {
  if (key != nullptr) w.Key(key);
  w.BeginObject();
  if (type != nullptr) w.Key("type").String(type);
  if (!identifier.IsNone()) {
    w.Key("identifier");
    PutIdentifier(w, identifier);
  }
  PutText(w, "display", display);
  w.EndObject();
}

void PutReferrer(json::Writer& w, const char* key, const std::string& text) {
  const size_t bar = text.rfind('|');
  if (bar != std::string::npos && bar + 1 < text.size()) {
    return PutLogical(
        w, key, nullptr,
        PublicIdentifier({text.substr(0, bar), text.substr(bar + 1)}));
  }
  const bool url =
      text.find("://") != std::string::npos || text.rfind("urn:", 0) == 0;
  if (url && PrimitiveProblem("uri", text).empty()) {
    if (key != nullptr) w.Key(key);
    w.BeginObject();
    w.Key("reference").String(text);
    w.EndObject();
  } else if (text.find('/') != std::string::npos) {
    // A relative reference: to a server that is not this export's base.
    PutLogical(w, key, nullptr,
               PublicIdentifier({std::string(kReferenceSystem), text}));
  } else {
    PutLogical(w, key, nullptr, {}, text);
  }
}

void PutInstant(json::Writer& w, const char* key, Instant at) {
  if (IsInCalendarRange(at)) w.Key(key).String(FormatInstantUtc(at));
}

void PutClinicalTime(json::Writer& w, const char* key, Instant at) {
  if (!IsInCalendarRange(at)) return;
  constexpr int64_t kDay = 86'400'000'000;
  if (at.us % kDay != 0) return PutInstant(w, key, at);
  w.Key(key).String(FormatDate(Date{static_cast<int32_t>(at.us / kDay)}));
}

void PutPeriod(json::Writer& w, const char* key, Instant start, Instant end) {
  const bool has_start = IsInCalendarRange(start);
  const bool has_end = IsInCalendarRange(end) && !(has_start && end < start);
  if (!has_start && !has_end) return;
  w.Key(key).BeginObject();
  if (has_start) PutInstant(w, "start", start);
  if (has_end) PutInstant(w, "end", end);
  w.EndObject();
}

void PutDeadline(json::Writer& w, Instant due) {
  if (!IsInCalendarRange(due)) return;
  w.Key("restriction").BeginObject();
  PutPeriod(w, "period", Instant::Never(), due);
  w.EndObject();
}

const engine::Event* WriteContext::EventAt(uint64_t seq) const {
  const auto found =
      std::lower_bound(person.events.begin(), person.events.end(), seq,
                       [](const engine::Event& event, uint64_t wanted) {
                         return event.seq < wanted;
                       });
  return found != person.events.end() && found->seq == seq ? &*found : nullptr;
}

const engine::Envelope* WriteContext::EnvelopeOf(uint64_t seq) const {
  for (; seq > 0; --seq) {
    const engine::Event* event = EventAt(seq);
    if (event == nullptr) return nullptr;
    const auto* command = std::get_if<engine::CommandRecorded>(&event->body);
    if (command != nullptr) return &command->envelope;
  }
  return nullptr;
}

std::string WriteContext::OutcomeName(protocol::OutcomeId outcome) const {
  const auto& names = protocol().outcomes;
  return outcome.value < names.size() ? names[outcome.value] : "";
}

std::string WriteContext::ElementName(protocol::ElementId element) const {
  const auto& elements = protocol().elements;
  return element.value < elements.size() ? elements[element.value].id : "";
}

std::string WriteContext::InstrumentUrl(
    protocol::InstrumentRef instrument) const {
  if (instrument.IsNone()) return "";
  const protocol::ImportedInstrument& imported = protocol().at(instrument);
  return absl::StrCat(ToAbsl(kQuestionnaires), imported.id, "|",
                      imported.version);
}

std::string WriteContext::ResponseIdOf(uint64_t seq) const {
  const auto& responses = state().responses;
  for (size_t i = 0; i < responses.size(); ++i) {
    if (responses[i].seq == seq) return absl::StrCat(case_id, "-r", i);
  }
  // A version that another has replaced, or that was taken back.
  const engine::Event* event = EventAt(seq);
  const auto* received =
      event == nullptr ? nullptr
                       : std::get_if<engine::ResponseReceived>(&event->body);
  for (size_t i = 0; received != nullptr && i < responses.size(); ++i) {
    if (responses[i].id == received->response_id) {
      return absl::StrCat(case_id, "-r", i);
    }
  }
  return "";
}

std::string WriteContext::EpisodeId(size_t episode) const {
  return absl::StrCat(case_id, "-e", episode);
}

void WriteContext::PutPatient(json::Writer& w, const char* key) const {
  PutReference(w, key, "Patient", patient_id);
}

Identifier WriteContext::StaffIdentifier(StaffId staff) const {
  if (staff.value == 0 || !person.staff_name) return {};
  return {OwnSystem("staff"), person.staff_name(staff)};
}

void WriteContext::PutStaff(json::Writer& w, const char* key,
                            StaffId staff) const {
  const Identifier identifier = StaffIdentifier(staff);
  if (!identifier.IsNone()) PutLogical(w, key, "Practitioner", identifier);
}

void WriteContext::PutCase(json::Writer& w) const {
  w.Key("groupIdentifier");
  PutIdentifier(w, {OwnSystem("case"), case_id});
}

void WriteContext::PutRelated(json::Writer& w, const std::string& role) {
  w.BeginObject();
  w.Key("type").String("RelatedPerson");
  w.Key("identifier").BeginObject();
  w.Key("system").String(kRelatedRoleSystem);
  w.Key("value").String(role).EndObject();
  w.EndObject();
}

void WriteContext::PutOwner(json::Writer& w, const engine::Owner& owner) const {
  if (owner.kind == engine::OwnerKind::kRelated) {
    w.Key("owner").BeginObject();  // whoever it is, it is not the patient
    w.Key("type").String("RelatedPerson");
    w.Key("display").String("related person").EndObject();
    return;
  }
  if (owner.IsPatient()) return PutPatient(w, "owner");
  if (!owner.pool.IsNone()) {
    PutConcepts(w, "performerType", Own("pool", protocol().at(owner.pool).id));
  }
  PutStaff(w, "owner", owner.staff);
}

}  // namespace stepwell::fhir
