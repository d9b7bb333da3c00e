// Persons, their keys, and the ways in which other resources name them.
#include <string>

#include "base/date.h"
#include "fhir/import_support.h"

namespace stepwell::fhir {
namespace {

std::string Patient(const std::string& members) {
  return R"({"resourceType":"Patient",)" + members + "}";
}

std::string Request(const std::string& subject,
                    const std::string& members = "") {
  return R"({"resourceType":"ServiceRequest","id":"r1","status":"active",)"
         R"("intent":"order","subject":)" +
         subject + members + "}";
}

std::string Entries(const std::vector<std::pair<std::string, std::string>>&
                        urls_and_resources) {
  std::string text =
      R"({"resourceType":"Bundle","type":"collection","entry":[)";
  for (const auto& [url, resource] : urls_and_resources) {
    if (text.back() == '}') text += ",";
    text += R"({"fullUrl":")" + url + R"(","resource":)" + resource + "}";
  }
  return text + "]}";
}

constexpr const char* kIdentified =
    R"("identifier":[{"system":"urn:example:patient","value":"t1"}])";

TEST(ImportPerson, ElementsAreReadAndThePersonalOnesKeptApart) {
  const ImportBatch batch = MustRead(Patient(
      R"("id":"p1","name":[{"family":"Testsson 01"}],"gender":"female",)"
      R"("telecom":[{"value":"t@example.invalid"}],)"
      R"("address":[{"city":"Testby"}],"birthDate":"1990-02-28",)"
      R"("communication":[{"language":{"coding":[{"code":"en"}]}},)"
      R"({"language":{"coding":[{"code":"sv"}]},"preferred":true}],)"
      R"("deceasedDateTime":"2026-01",)" +
      std::string(kIdentified)));
  const auto person = Only<ImportedPerson>(batch);
  EXPECT_EQ(person.birth_date, MakeDate(1990, 2, 28));
  EXPECT_EQ(person.sex, "female");
  EXPECT_EQ(person.language, "sv");
  EXPECT_TRUE(person.deceased);
  EXPECT_EQ(person.personal_json,
            R"({"address":[{"city":"Testby"}],)"
            R"("name":[{"family":"Testsson 01"}],)"
            R"("telecom":[{"value":"t@example.invalid"}]})");
}

// A Patient with HL7's time zone extension.
ImportBatch InZone(const std::string& name) {
  return MustRead(
      Patient(R"("id":"p1","extension":[{"url":"urn:other","valueCode":"UTC"},)"
              R"({"url":"http://hl7.org/fhir/StructureDefinition/timezone",)"
              R"("valueCode":")" +
              name + R"("}],)" + kIdentified));
}

TEST(ImportPerson, TheTimeZoneIsThatOfTheExtension) {
  EXPECT_EQ(Only<ImportedPerson>(InZone("Australia/Perth")).zone,
            "Australia/Perth");
}

TEST(ImportPerson, ATimeZoneThatIsNoneIsNotedAndUnknown) {
  const ImportBatch batch = InZone("Europe/Stokholm");
  EXPECT_EQ(Only<ImportedPerson>(batch).zone, "");
  ASSERT_EQ(batch.notes.size(), 1u);
  EXPECT_EQ(batch.notes[0].code, "unknown_zone");
  EXPECT_NE(batch.notes[0].reason.find("Stokholm"), std::string::npos);
}

TEST(ImportPerson, PartialDatesOfBirthAreKept) {
  for (const char* text : {"1990", "1990-05"}) {
    const auto person = Only<ImportedPerson>(MustRead(
        Patient(R"("id":"p","birthDate":")" + std::string(text) + "\"")));
    EXPECT_EQ(person.birth_date_text, text);
    EXPECT_FALSE(person.birth_date.has_value());
  }
}

TEST(ImportPerson, AnExtensionInThePlaceOfADateOfBirthIsTolerated) {
  const ImportBatch batch = MustRead(Patient(
      R"("id":"p","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/)"
      R"(StructureDefinition/data-absent-reason","valueCode":"unknown"}]})"));
  EXPECT_FALSE(Only<ImportedPerson>(batch).birth_date.has_value());
  EXPECT_TRUE(batch.notes.empty()) << Show(batch.notes);
}

TEST(ImportPerson, AWrongDateOfBirthIsUnknownAndNoted) {
  for (const char* date : {"\"1990-02-29\"", "\"28.2.1990\"", "1990", "\"\"",
                           "\"1990-02-28T00:00:00Z\"", "[]"}) {
    const ImportBatch batch =
        MustRead(Patient(R"("id":"p","birthDate":)" + std::string(date)));
    EXPECT_EQ(Only<ImportedPerson>(batch).birth_date_text, "") << date;
    EXPECT_TRUE(Has(batch.notes, "birth_date_unreadable", "Patient.birthDate"))
        << date;
  }
  // A leap day that exists.
  EXPECT_EQ(Only<ImportedPerson>(
                MustRead(Patient(R"("id":"p","birthDate":"1992-02-29")")))
                .birth_date,
            MakeDate(1992, 2, 29));
}

TEST(ImportPerson, TheKeyIsAnIdentifierWithASystemThenAName) {
  const auto key = [](const std::string& text, const std::string& source) {
    ReadOptions options;
    options.source = source;
    return Only<ImportedPerson>(MustRead(text, options)).identifiers.front();
  };
  EXPECT_EQ(key(Patient(R"("identifier":[{"value":"7"},{"system":"urn:a",)"
                        R"("value":"old","use":"old"},{"system":"urn:b",)"
                        R"("value":"8"}])"),
                ""),
            (Identifier{"urn:b", "8"}));
  EXPECT_EQ(key(Patient(R"("identifier":[{"value":"7"}])"), "clinic"),
            (Identifier{"clinic", "7"}));
  EXPECT_EQ(key(Entries({{"urn:uuid:1-2", Patient(R"("id":"p1")")}}), ""),
            (Identifier{"reference", "urn:uuid:1-2"}));
  EXPECT_EQ(key(Patient(R"("id":"p1")"), ""),
            (Identifier{"reference", "Patient/p1"}));
  EXPECT_EQ(key(Patient(R"("id":"p1")"), "https://ehr.example/fhir/"),
            (Identifier{"reference", "https://ehr.example/fhir/Patient/p1"}));
  EXPECT_EQ(key(Entries({{"https://ehr.example/fhir/Patient/p1",
                          Patient(R"("id":"p1")")}}),
                ""),
            (Identifier{"reference", "https://ehr.example/fhir/Patient/p1"}));
}

TEST(ImportPerson, EveryWayToNameTheSubjectIsFollowed) {
  const std::string patient =
      Patient(R"("id":"p1",)" + std::string(kIdentified));
  const std::string ehr = "https://ehr.example/fhir/";
  for (const char* subject :
       {R"({"reference":"Patient/p1"})",
        R"({"reference":"Patient/p1/_history/3"})",
        R"({"reference":"https://ehr.example/fhir/Patient/p1"})",
        R"({"reference":"Patient?identifier=urn:example:patient|t1"})",
        R"({"identifier":{"system":"urn:example:patient","value":"t1"}})",
        R"({"reference":"Patient/gone","identifier":)"
        R"({"system":"urn:example:patient","value":"t1"}})"}) {
    const ImportBatch batch =
        MustRead(Entries({{ehr + "Patient/p1", patient},
                          {ehr + "ServiceRequest/r1", Request(subject)}}));
    EXPECT_EQ(Only<ImportedReferral>(batch).subject,
              (Identifier{"urn:example:patient", "t1"}))
        << subject << Show(batch.refused);
  }
  const ImportBatch urn = MustRead(Entries(
      {{"urn:uuid:6ba7", patient},
       {"urn:uuid:9d34", Request(R"({"reference":"urn:uuid:6ba7"})")}}));
  EXPECT_EQ(Only<ImportedReferral>(urn).subject.value, "t1");
}

TEST(ImportPerson, AContainedPatientBecomesAnEntry) {
  const ImportBatch batch =
      MustRead(Request("{\"reference\":\"#p\"}",
                       R"(,"contained":[{"resourceType":"Patient","id":"p",)" +
                           std::string(kIdentified) +
                           R"(},{"resourceType":"Patient","id":"other"}])"));
  ASSERT_EQ(batch.entries.size(), 2u);
  EXPECT_EQ(batch.entries[0].path, "ServiceRequest.contained[0]");
  EXPECT_EQ(batch.hoisted, 1u);
  EXPECT_EQ(Only<ImportedReferral>(batch).subject.value, "t1");
  EXPECT_TRUE(IsAccountedFor(batch));
  // Without an identifier its owner names it.
  const ImportBatch nameless = MustRead(
      Request("{\"reference\":\"#p\"}",
              R"(,"contained":[{"resourceType":"Patient","id":"p"}])"));
  EXPECT_EQ(Only<ImportedReferral>(nameless).subject,
            (Identifier{"reference", "ServiceRequest/r1#p"}));
}

TEST(ImportPerson, TwoServersMayHaveTheSameId) {
  const ImportBatch batch = MustRead(Entries(
      {{"https://a.example/Patient/1", Patient(R"("id":"1","gender":"male")")},
       {"https://b.example/Patient/1", Patient(R"("id":"1")")},
       {"https://b.example/ServiceRequest/r1",
        Request(R"({"reference":"Patient/1"})")}}));
  EXPECT_EQ(All<ImportedPerson>(batch).size(), 2u);
  EXPECT_EQ(Only<ImportedReferral>(batch).subject.value,
            "https://b.example/Patient/1");
  // A third server's reference must not find either.
  const ImportBatch third =
      MustRead(Entries({{"https://a.example/Patient/1", Patient(R"("id":"1")")},
                        {"https://c.example/ServiceRequest/r1",
                         Request(R"({"reference":"Patient/1"})")}}));
  EXPECT_TRUE(Has(third.refused, "subject_unresolved",
                  "Bundle.entry[1].resource.subject"));
}

TEST(ImportPerson, OnePersonTwiceIsOneAndTheLaterWins) {
  const ImportBatch batch = MustRead(Entries(
      {{"https://a.example/Patient/1",
        Patient(R"("id":"1","gender":"male","birthDate":"1990-05-01",)"
                R"("name":[{"family":"Old"}],)" +
                std::string(kIdentified))},
       {"https://b.example/Patient/9",
        Patient(R"("id":"9","birthDate":"1990","name":[{"family":"New"}],)" +
                std::string(kIdentified))},
       {"https://a.example/ServiceRequest/r1",
        Request(R"({"reference":"Patient/1"})")}}));
  const auto person = Only<ImportedPerson>(batch);
  EXPECT_EQ(person.personal_json, R"({"name":[{"family":"New"}]})");
  EXPECT_EQ(person.sex, "male");
  EXPECT_EQ(person.birth_date_text, "1990-05-01");
  ASSERT_EQ(person.identifiers.size(), 3u);
  EXPECT_EQ(person.identifiers[1].value, "https://b.example/Patient/9");
  EXPECT_EQ(person.identifiers[2].value, "https://a.example/Patient/1");
  EXPECT_EQ(Only<ImportedReferral>(batch).subject.value, "t1");
  EXPECT_TRUE(Has(batch.notes, "merged", "Bundle.entry[0].resource"));
  EXPECT_TRUE(IsAccountedFor(batch));
}

TEST(ImportPerson, TheSameIdentifierWithAnotherDateOfBirthIsAMismatch) {
  const ImportBatch batch = MustRead(Entries(
      {{"https://a.example/Patient/1",
        Patient(R"("id":"1","birthDate":"1990-05-01",)" +
                std::string(kIdentified))},
       {"https://a.example/Patient/2",
        Patient(R"("id":"2","birthDate":"1962-01-01",)" +
                std::string(kIdentified))},
       {"https://a.example/ServiceRequest/r1",
        Request(R"({"reference":"Patient/2"})")},
       {"https://a.example/QuestionnaireResponse/q1",
        R"({"resourceType":"QuestionnaireResponse","id":"q1",)"
        R"("status":"completed","subject":{"reference":"Patient/2"}})"}}));
  EXPECT_EQ(All<ImportedPerson>(batch).size(), 1u);
  EXPECT_TRUE(Has(batch.refused, "person_mismatch",
                  "Bundle.entry[1].resource.birthDate"));
  EXPECT_TRUE(Has(batch.refused, "subject_refused",
                  "Bundle.entry[2].resource.subject"));
  // The answers are kept, and under nobody's name.
  const auto response = Only<ImportedResponse>(batch);
  EXPECT_TRUE(response.subject.IsNone());
  EXPECT_FALSE(response.subject_found);
  // Nor does the report tell what it must not.
  EXPECT_EQ(Show(batch.refused).find("1962"), std::string::npos);
}

TEST(ImportPerson, ReferenceAndIdentifierOfTwoPersonsAreAMismatch) {
  const ImportBatch batch = MustRead(
      BundleOf({Patient(R"("id":"p1",)" + std::string(kIdentified)),
                Patient(R"("id":"p2")"),
                Request(R"({"reference":"Patient/p2","identifier":)"
                        R"({"system":"urn:example:patient","value":"t1"}})")}));
  EXPECT_TRUE(Has(batch.refused, "subject_mismatch",
                  "Bundle.entry[2].resource.subject"));
}

TEST(ImportPerson, ASharedIdentifierFindsNobody) {
  const std::string shared = R"(,{"system":"urn:family","value":"f"}])";
  const ImportBatch batch = MustRead(BundleOf(
      {Patient(R"("identifier":[{"system":"urn:a","value":"1"})" + shared),
       Patient(R"("identifier":[{"system":"urn:a","value":"2"})" + shared),
       Request(R"({"identifier":{"system":"urn:family","value":"f"}})")}));
  EXPECT_EQ(All<ImportedPerson>(batch).size(), 2u);
  EXPECT_TRUE(Has(batch.notes, "identifier_shared",
                  "Bundle.entry[1].resource.identifier"));
  EXPECT_TRUE(Has(batch.refused, "subject_ambiguous",
                  "Bundle.entry[2].resource.subject"));
}

TEST(ImportPerson, AReferralNeedsAPersonOfTheTextOrAKnownOne) {
  const std::string text = Request(R"({"reference":"Patient/p7"})");
  const ImportBatch alone = MustRead(text);
  EXPECT_TRUE(
      Has(alone.refused, "subject_unresolved", "ServiceRequest.subject"));
  ReadOptions options;
  options.source = "ehr";
  std::vector<Identifier> asked;
  options.is_known_person = [&asked](const Identifier& identifier) {
    asked.push_back(identifier);
    return true;
  };
  const Identifier wanted{"reference", "ehr/Patient/p7"};
  EXPECT_EQ(Only<ImportedReferral>(MustRead(text, options)).subject, wanted);
  EXPECT_EQ(asked, std::vector<Identifier>{wanted});
  for (const char* subject :
       {R"({"reference":"Group/g"})", R"({"display":"somebody"})", "\"p1\"",
        R"({"reference":"#nobody"})", "{}", "null"}) {
    EXPECT_EQ(MustRead(Request(subject), options).refused.size(), 1u)
        << subject;
  }
}

}  // namespace
}  // namespace stepwell::fhir
