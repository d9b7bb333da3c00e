// ServiceRequests: what is taken in, what is refused, what asks for nothing.
#include <string>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/time_text.h"
#include "fhir/import_support.h"

namespace stepwell::fhir {
namespace {

using ::testing::ElementsAre;

constexpr const char* kPatient =
    R"({"resourceType":"Patient","id":"p1",)"
    R"("identifier":[{"system":"urn:example:patient","value":"t1"}]})";

// A request about p1 with these members instead of, or beside, the usual ones.
std::string Request(
    const std::string& members,
    const std::string& codes = R"("status":"active","intent":"order")") {
  return R"({"resourceType":"ServiceRequest","id":"r1",)" + codes +
         R"(,"subject":{"reference":"Patient/p1"})" +
         (members.empty() ? "" : "," + members) + "}";
}

ImportBatch Read(const std::string& request) {
  return MustRead(BundleOf({kPatient, request}));
}

ImportedReferral Taken(const std::string& members) {
  const ImportBatch batch = Read(Request(members));
  EXPECT_TRUE(batch.refused.empty()) << Show(batch.refused);
  return Only<ImportedReferral>(batch);
}

std::string At(const char* element) {
  return std::string("Bundle.entry[1].resource.") + element;
}

std::string Coded(const char* key, std::string_view system, const char* code) {
  return std::string("\"") + key + R"(":[{"coding":[{"system":")" +
         std::string(system) + R"(","code":")" + code + R"("}]}])";
}

TEST(ImportReferral, TheRouteIsSaidOrToldFromTheRequester) {
  EXPECT_EQ(Taken("").route, "gp");
  EXPECT_EQ(Taken(R"("requester":{"reference":"Practitioner/x"})").route, "gp");
  EXPECT_EQ(Taken(R"("requester":{"reference":"Patient/p1"})").route, "self");
  EXPECT_EQ(Taken(R"("requester":{"reference":"RelatedPerson/m"})").route,
            "self");
  EXPECT_EQ(Taken(R"("requester":{"type":"Patient","display":"x"})").route,
            "self");
  EXPECT_EQ(Taken(Coded("category", kRouteSystem, "specialist") +
                  R"(,"requester":{"reference":"Patient/p1"})")
                .route,
            "specialist");
  EXPECT_EQ(Taken(R"("code":{"coding":[{"system":")" +
                  std::string(kRouteSystem) + R"(","code":"self"}]})")
                .route,
            "self");
}

TEST(ImportReferral, TheReferrerIsAnIdentifierBeforeAReference) {
  EXPECT_EQ(Taken(R"("requester":{"reference":"Practitioner/x","identifier":)"
                  R"({"system":"urn:hpr","value":"9"}})")
                .referrer,
            "urn:hpr|9");
  EXPECT_EQ(Taken(R"("requester":{"reference":"Practitioner/x"})").referrer,
            "Practitioner/x");
  EXPECT_EQ(Taken(R"("requester":{"display":"Ward 3"})").referrer, "Ward 3");
  EXPECT_EQ(Taken(R"("requester":{"reference":"Patient/p1"})").referrer, "");
  const ImportBatch batch = MustRead(
      BundleOf({kPatient,
                R"({"resourceType":"Practitioner","id":"x",)"
                R"("identifier":[{"system":"urn:hpr","value":"9"}]})",
                Request(R"("requester":{"reference":"Practitioner/x"})")}));
  EXPECT_EQ(Only<ImportedReferral>(batch).referrer, "urn:hpr|9");
}

TEST(ImportReferral, TimesAreInstantsDatesOrText) {
  const auto full =
      Taken(R"("authoredOn":"2026-01-12T09:30:00.123456789+01:00")");
  EXPECT_EQ(full.authored, ParseInstant("2026-01-12T08:30:00.123456Z"));
  EXPECT_EQ(full.authored_date, MakeDate(2026, 1, 12));
  const auto date = Taken(R"("authoredOn":"2028-02-29")");
  EXPECT_FALSE(date.authored.has_value());
  EXPECT_EQ(date.authored_date, MakeDate(2028, 2, 29));
  const auto month = Taken(R"("authoredOn":"2026-01")");
  EXPECT_FALSE(month.authored_date.has_value());
  EXPECT_EQ(month.authored_text, "2026-01");
  EXPECT_EQ(Taken("").authored_text, "");
}

TEST(ImportReferral, WrongTimesAreRefusedWithTheirPath) {
  for (const char* time :
       {"\"2026-02-29\"", "\"2026-13\"", "\"2026-01-12T09:30:00\"",
        "\"2026-01-12T09:30+01:00\"", "\"12 January\"", "\"\"", "20260112",
        "\"2026-01-12T25:00:00Z\"", "\"2026-1-2\"", "\"0000\""}) {
    const ImportBatch batch =
        Read(Request(R"("authoredOn":)" + std::string(time)));
    EXPECT_TRUE(Has(batch.refused, "bad_time", At("authoredOn"))) << time;
    EXPECT_EQ(batch.refused[0].resource, "ServiceRequest/r1");
    EXPECT_NE(batch.refused[0].hint, "");
  }
}

TEST(ImportReferral, CodesOfRequiredBindingsAreChecked) {
  const auto refused = [](const std::string& codes) {
    return Read(Request("", codes)).refused;
  };
  EXPECT_TRUE(Has(refused(R"("intent":"order")"), "missing", At("status")));
  EXPECT_TRUE(Has(refused(R"("status":"acitve","intent":"order")"),
                  "unknown_code", At("status")));
  EXPECT_TRUE(Has(refused(R"("status":["active"],"intent":"order")"),
                  "unknown_code", At("status")));
  EXPECT_TRUE(Has(refused(R"("status":"active")"), "missing", At("intent")));
  EXPECT_TRUE(Has(refused(R"("status":"active","intent":"wish")"),
                  "unknown_code", At("intent")));
  EXPECT_TRUE(
      Has(refused(R"("status":"active","intent":"order","priority":"now")"),
          "unknown_code", At("priority")));
  EXPECT_TRUE(
      Has(refused(R"("status":"active","intent":"order","doNotPerform":"x")"),
          "wrong_type", At("doNotPerform")));
  EXPECT_EQ(Taken(R"("priority":"urgent")").priority, "urgent");
}

TEST(ImportReferral, AModifierIsRefusedWhereverItStands) {
  EXPECT_TRUE(
      Has(Read(Request(R"("modifierExtension":[{"url":"urn:x"}])")).refused,
          "modifier", At("modifierExtension")));
  EXPECT_TRUE(Has(Read(Request(R"("implicitRules":"urn:x")")).refused,
                  "modifier", At("implicitRules")));
  EXPECT_TRUE(
      Has(Read(Request(R"("note":[{"text":"a"},{"modifierExtension":[{}]}])"))
              .refused,
          "modifier", At("note[1].modifierExtension")));
  // An empty list modifies nothing, and ordinary extensions are tolerated.
  Taken(R"("modifierExtension":[],"extension":[{"url":"urn:x"}],)"
        R"("_authoredOn":{"extension":[{"url":"urn:y"}]})");
}

TEST(ImportReferral, RequestsThatAskForNothingAreIgnoredWithANote) {
  const std::pair<const char*, const char*> cases[] = {
      {"revoked", "withdrawn"},
      {"entered-in-error", "withdrawn"},
      {"draft", "not_asked"},
      {"completed", "not_asked"}};
  for (const auto& [status, code] : cases) {
    const ImportBatch batch = Read(Request(
        "", R"("intent":"order","status":")" + std::string(status) + "\""));
    EXPECT_EQ(Only<Ignored>(batch).code, code);
    EXPECT_TRUE(Has(batch.notes, code, At("status"))) << status;
  }
  EXPECT_TRUE(Has(Read(Request(R"("doNotPerform":true)")).notes, "not_asked",
                  At("doNotPerform")));
  EXPECT_TRUE(Taken(R"("doNotPerform":false)").key.value.size() > 0);
  const ImportBatch held =
      Read(Request("", R"("status":"on-hold","intent":"order")"));
  EXPECT_EQ(Only<ImportedReferral>(held).status, "on-hold");
  EXPECT_TRUE(Has(held.notes, "status", At("status")));
}

TEST(ImportReferral, OrdersForTheLaboratoryAreNoReferrals) {
  const std::string lab =
      Coded("category", "http://snomed.info/sct", "108252007");
  const ImportBatch batch = Read(Request(lab));
  EXPECT_EQ(Only<Ignored>(batch).code, "not_ours");
  // Unless somebody says by which route it comes in.
  std::string both = Coded("category", kRouteSystem, "gp");
  both.insert(both.size() - 1, R"(,{"coding":[{"system":)"
                               R"("http://snomed.info/sct",)"
                               R"("code":"108252007"}]})");
  EXPECT_EQ(Taken(both).route, "gp");
}

TEST(ImportReferral, ConsentsAndDocumentsComeWithIt) {
  const std::string purpose(kConsentPurposeSystem);
  const std::string category =
      R"(,"category":[{"coding":[{"system":")" + purpose + R"(","code":")";
  const auto referral = Taken(
      R"("contained":[{"resourceType":"Consent","id":"a","status":"active")" +
      category + R"(care"}]}]},{"resourceType":"Consent","id":"b",)" +
      R"("status":"active","provision":{"type":"deny"})" + category +
      R"(feedback"}]}]},{"resourceType":"DocumentReference","id":"c",)" +
      R"("type":{"coding":[{"system":")" + std::string(kDocumentKindSystem) +
      R"(","code":"referral_letter"}]}},{"resourceType":)" +
      R"("QuestionnaireResponse","id":"d","questionnaire":"urn:x:phq-9"}],)" +
      R"("supportingInfo":[{"reference":"#a"},{"reference":"#b"},)" +
      R"({"reference":"#c"},{"reference":"#d"},{"reference":)" +
      R"("Observation/1"},{"reference":"Observation/2"}])");
  EXPECT_THAT(referral.consents,
              ElementsAre(ImportedConsent{"care", true},
                          ImportedConsent{"feedback", false}));
  EXPECT_THAT(referral.documents,
              ElementsAre("observation", "phq-9", "referral_letter"));
}

TEST(ImportReferral, WhatComesWithItIsReadUpToItsLimit) {
  static_assert(limits::kFhirSupportMax == 1'000);
  const auto note = [](size_t count) {
    std::string list;
    for (size_t i = 0; i < count; ++i) {
      absl::StrAppend(&list, i == 0 ? "" : ",", R"({"reference":"Observation/)",
                      i, "\"}");
    }
    return Has(Read(Request(R"("supportingInfo":[)" + list + "]")).notes,
               "too_many", At("supportingInfo[1000]"));
  };
  EXPECT_FALSE(note(limits::kFhirSupportMax));
  EXPECT_TRUE(note(limits::kFhirSupportMax + 1));
}

TEST(ImportReferral, AnotherPersonsConsentIsNotTaken) {
  const ImportBatch batch = Read(Request(
      R"("contained":[{"resourceType":"Consent","id":"a","status":"active",)"
      R"("patient":{"reference":"Patient/p2"},)" +
      Coded("category", kConsentPurposeSystem, "care") +
      R"(}],"supportingInfo":[{"reference":"#a"}])"));
  EXPECT_TRUE(Only<ImportedReferral>(batch).consents.empty());
  EXPECT_TRUE(Has(batch.notes, "consent_mismatch", At("supportingInfo[0]")));
}

TEST(ImportReferral, ReasonAndSourceOfInformationAreRead) {
  const auto referral = Taken(
      Coded("category", kInformationSourceSystem, "website") +
      R"(,"reasonCode":[{"text":"Low mood"},{"coding":[{"display":"Worry"}]}])");
  EXPECT_EQ(referral.information_source, "website");
  EXPECT_EQ(referral.reason_text, "Low mood; Worry");
}

TEST(ImportReferral, OneRequestTwiceIsOneAndTheLaterWins) {
  const std::string identified =
      R"("identifier":[{"system":"urn:r","value":"1"}],"priority":")";
  const ImportBatch batch =
      MustRead(BundleOf({kPatient, Request(identified + "routine\""),
                         Request(identified + "urgent\"")}));
  EXPECT_EQ(Only<ImportedReferral>(batch).priority, "urgent");
  EXPECT_TRUE(Has(batch.notes, "merged", "Bundle.entry[1].resource"));
  EXPECT_TRUE(IsAccountedFor(batch));
}

TEST(ImportReferral, OneIdentifierForTwoPersonsIsAMismatch) {
  const std::string identified =
      R"("identifier":[{"system":"urn:r","value":"1"}])";
  std::string other = Request(identified);
  other.replace(other.find("Patient/p1"), 10, "Patient/p2");
  const ImportBatch batch =
      MustRead(BundleOf({kPatient, R"({"resourceType":"Patient","id":"p2"})",
                         Request(identified), other}));
  EXPECT_EQ(Only<ImportedReferral>(batch).subject.value, "t1");
  EXPECT_TRUE(Has(batch.refused, "referral_mismatch",
                  "Bundle.entry[3].resource.subject"));
}

TEST(ImportReferral, ContentIsTheSameWheneverItWasExported) {
  const auto print = [](const std::string& members) {
    return Read(Request(members)).entries[1].fingerprint;
  };
  EXPECT_EQ(print(""), print(R"("meta":{"versionId":"3"},"text":{"div":"x"})"));
  EXPECT_NE(print(""), print(R"("priority":"urgent")"));
}

}  // namespace
}  // namespace stepwell::fhir
