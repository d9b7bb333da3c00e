// Patient: identifiers, and of the personal data what is legal R4.
#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "fhir/check.h"
#include "fhir/read_element.h"
#include "fhir/systems.h"
#include "fhir/write_element.h"

namespace stepwell::fhir {
namespace {

class PatientWriter {
 public:
  explicit PatientWriter(const WriteContext& context) : context_(context) {}

  void Write() {
    const ExportedPerson& person = context_.person;
    absl::StatusOr<json::Document> parsed = absl::NotFoundError("");
    if (!person.personal.empty()) parsed = json::Parse(person.personal);
    const json::Value personal = parsed.ok() ? parsed->root() : json::Value{};
    const json::Value resource = personal.Find("resource");
    w_ = BeginResource("Patient", context_.patient_id);
    WriteZone();
    WriteIdentifiers();
    WriteMerged();
    Copy(resource, "name");
    WriteName(personal);
    Copy(resource, "telecom");
    WriteSex(personal);
    WriteBirthDate(personal);
    if (person.died) w_.Key("deceasedBoolean").Bool(true);
    Copy(resource, "address");
    Copy(resource, "contact");
    WriteLanguage(personal);
    context_.out.push_back(EndResource(w_, "Patient", context_.patient_id));
  }

 private:
  void Note(std::string_view element) {
    context_.notes.push_back(
        {absl::StrCat("Patient/", context_.patient_id),
         absl::StrCat(ToAbsl(element),
                      " as it is kept is no legal R4: left out")});
  }

  void WriteZone() {
    if (context_.person.zone.empty()) return;
    w_.Key("extension").BeginArray().BeginObject();
    w_.Key("url").String(kZoneExtension);
    w_.Key("valueCode").String(context_.person.zone);
    w_.EndObject().EndArray();
  }

  void WriteIdentifiers() {
    w_.Key("identifier").BeginArray();
    for (const Identifier& identifier : context_.person.identifiers) {
      PutIdentifier(w_, PublicIdentifier(identifier));
    }
    // Whom no identifier names goes by the service's own id.
    if (context_.person.identifiers.empty()) {
      PutIdentifier(w_, {OwnSystem("person"), context_.patient_id});
    }
    w_.EndArray();
  }

  // A record that was merged is not in use: another replaces it.
  void WriteMerged() {
    const PersonId into = context_.person.merged_into;
    if (into == PersonId()) return;
    w_.Key("active").Bool(false);
    w_.Key("link").BeginArray().BeginObject();
    PutReference(w_, "other", "Patient", IdToText(into.value));
    w_.Key("type").String("replaced-by");
    w_.EndObject().EndArray();
  }

  // A member as it came, when it is legal.
  void Copy(json::Value resource, const char* key) {
    const json::Value value = resource.Find(key);
    if (!value) return;
    const std::string text = json::Canonical(value);
    const std::string probe =
        absl::StrCat("{\"resourceType\":\"Patient\",\"", key, "\":", text, "}");
    const absl::StatusOr<json::Document> document = json::Parse(probe);
    if (!document.ok() || HasError(CheckStructure(*document))) {
      return Note(key);
    }
    w_.Key(key).Raw(text);
  }

  // The name of a person who was registered by a command: one text.
  void WriteName(json::Value personal) {
    const std::string_view name = StringOf(personal, "name");
    if (name.empty()) return;
    w_.Key("name").BeginArray().BeginObject();
    PutText(w_, "text", name);
    w_.EndObject().EndArray();
  }

  void WriteSex(json::Value personal) {
    const std::string_view sex = StringOf(personal, "sex");
    if (sex.empty()) return;
    for (const char* code : {"female", "male", "other", "unknown"}) {
      if (sex == code) {
        w_.Key("gender").String(code);
        return;
      }
    }
    Note("gender");
  }

  void WriteBirthDate(json::Value personal) {
    const std::string_view text = StringOf(personal, "birth_date");
    if (text.empty()) return;
    if (!ParseFhirTime(text).legal || text.size() > 10) {
      return Note("birthDate");
    }
    w_.Key("birthDate").String(text);
  }

  void WriteLanguage(json::Value personal) {
    const std::string_view language = StringOf(personal, "language");
    if (language.empty()) return;
    if (!IsCode(language)) return Note("communication");
    w_.Key("communication").BeginArray().BeginObject();
    PutConcept(w_, "language",
               {"urn:ietf:bcp:47", std::string(language), "", ""});
    w_.Key("preferred").Bool(true);
    w_.EndObject().EndArray();
  }

  const WriteContext& context_;
  json::Writer w_;
};

}  // namespace

void WritePatient(const WriteContext& context) {
  PatientWriter(context).Write();
}

}  // namespace stepwell::fhir
