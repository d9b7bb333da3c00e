// Texts taken apart: Bundles of all types, NDJSON, lone resources, damage.
#include <string>

#include "base/date.h"
#include "base/limits.h"
#include "fhir/import_support.h"

namespace stepwell::fhir {
namespace {

using ::stepwell::testing::IsOk;
using ::stepwell::testing::StatusIs;

constexpr const char* kPatient =
    R"({"resourceType":"Patient","id":"p1",)"
    R"("identifier":[{"system":"urn:example:patient","value":"t1"}]})";
constexpr const char* kRequest =
    R"({"resourceType":"ServiceRequest","id":"r1","status":"active",)"
    R"("intent":"order","subject":{"reference":"Patient/p1"}})";
constexpr const char* kResponse =
    R"({"resourceType":"QuestionnaireResponse","id":"q1",)"
    R"("status":"completed","subject":{"reference":"Patient/p1"},)"
    R"("questionnaire":"http://x.example/Questionnaire/phq-9",)"
    R"("item":[{"linkId":"q9","answer":[{"valueInteger":1}]}]})";

TEST(ImportBundle, EveryTypeOfBundleIsRead) {
  for (const char* type : {"collection", "transaction", "batch", "searchset",
                           "message", "document"}) {
    const ImportBatch batch =
        MustRead(std::string(R"({"resourceType":"Bundle","type":")") + type +
                 R"(","entry":[{"resource":)" + kPatient + "}]}");
    EXPECT_EQ(All<ImportedPerson>(batch).size(), 1u) << type;
    EXPECT_TRUE(batch.notes.empty()) << Show(batch.notes);
  }
  const ImportBatch unknown =
      MustRead(R"({"resourceType":"Bundle","entry":[{"resource":)" +
               std::string(kPatient) + "}]}");
  EXPECT_EQ(All<ImportedPerson>(unknown).size(), 1u);
  EXPECT_TRUE(Has(unknown.notes, "bundle_type", "Bundle.type"));
}

TEST(ImportBundle, PersonsComeBeforeReferralsBeforeResponses) {
  const ImportBatch batch = MustRead(BundleOf(
      {kResponse, R"({"resourceType":"Observation"})", kRequest, kPatient}));
  ASSERT_EQ(batch.entries.size(), 4u);
  EXPECT_EQ(batch.entries[0].kind(), Entry::kPerson);
  EXPECT_EQ(batch.entries[0].path, "Bundle.entry[3].resource");
  EXPECT_EQ(batch.entries[0].resource, "Patient/p1");
  EXPECT_EQ(batch.entries[1].kind(), Entry::kReferral);
  EXPECT_EQ(batch.entries[2].kind(), Entry::kResponse);
  EXPECT_EQ(batch.entries[3].kind(), Entry::kIgnored);
  EXPECT_EQ(batch.read, 4u);
}

TEST(ImportBundle, LinesAreReadWithBothLineEnds) {
  for (const char* end : {"\n", "\r\n"}) {
    const ImportBatch batch =
        MustRead(std::string(kPatient) + end + end + kRequest + end +
                 R"({"resourceType":"ServiceRequest","status":7})" + end);
    EXPECT_EQ(batch.read, 3u);
    EXPECT_EQ(All<ImportedPerson>(batch).size(), 1u);
    EXPECT_EQ(Only<ImportedReferral>(batch).subject.value, "t1");
    EXPECT_EQ(batch.entries[1].path, "line 3");
    EXPECT_TRUE(Has(batch.refused, "unknown_code", "line 4: status"))
        << Show(batch.refused);
  }
}

TEST(ImportBundle, ALoneResourceIsReadUnderItsType) {
  const ImportBatch batch = MustRead(kPatient);
  ASSERT_EQ(batch.entries.size(), 1u);
  EXPECT_EQ(batch.entries[0].path, "Patient");
  EXPECT_EQ(batch.read, 1u);
  // With a byte order mark, as Windows writes it.
  EXPECT_EQ(MustRead(std::string("\xEF\xBB\xBF") + kPatient).read, 1u);
}

TEST(ImportBundle, BundlesInBundlesAndInLinesAreOpened) {
  const ImportBatch nested = MustRead(BundleOf({BundleOf({kPatient})}));
  ASSERT_EQ(nested.entries.size(), 1u);
  EXPECT_EQ(nested.entries[0].path,
            "Bundle.entry[0].resource.entry[0].resource");
  const ImportBatch line = MustRead(BundleOf({kPatient}) + "\n" + kRequest);
  ASSERT_EQ(line.entries.size(), 2u);
  EXPECT_EQ(line.entries[0].path, "line 1: Bundle.entry[0].resource");
}

TEST(ImportBundle, NoJsonIsAnErrorThatSaysWhere) {
  EXPECT_THAT(ReadFhir(""), StatusIs(absl::StatusCode::kInvalidArgument,
                                     "the text is empty"));
  EXPECT_THAT(ReadFhir(" \n"), StatusIs(absl::StatusCode::kInvalidArgument,
                                        "the text is empty"));
  EXPECT_THAT(ReadFhir("<Patient/>"),
              StatusIs(absl::StatusCode::kInvalidArgument, "XML"));
  EXPECT_THAT(ReadFhir("patients: 3"),
              StatusIs(absl::StatusCode::kInvalidArgument, "not a JSON text"));
  const std::string cut =
      BundleOf({kPatient, kResponse}).substr(0, BundleOf({kPatient}).size());
  EXPECT_THAT(ReadFhir(cut),
              StatusIs(absl::StatusCode::kInvalidArgument, "not a JSON text"));
}

TEST(ImportBundle, JsonThatIsNoResourceIsRefused) {
  for (const char* text : {"3", "null", "\"x\"", "{}", "[7]"}) {
    const ImportBatch batch = MustRead(text);
    EXPECT_EQ(batch.refused.size(), 1u) << text;
    EXPECT_TRUE(batch.entries.empty()) << text;
  }
  EXPECT_EQ(MustRead("[]").read, 0u);
  EXPECT_EQ(MustRead(R"({"resourceType":"Bundle","type":"collection"})").read,
            0u);
}

TEST(ImportBundle, OneMalformedEntryHurtsNoOther) {
  const std::string text =
      R"({"resourceType":"Bundle","type":"collection","entry":[7,{},)"
      R"({"resource":null},{"resource":{"id":"x"}},)"
      R"({"resource":{"resourceType":"Patient"}},{"resource":)" +
      std::string(kPatient) + "}]}";
  const ImportBatch batch = MustRead(text);
  EXPECT_EQ(All<ImportedPerson>(batch).size(), 1u);
  EXPECT_EQ(batch.read, 6u);
  EXPECT_TRUE(Has(batch.refused, "not_an_object", "Bundle.entry[0]"));
  EXPECT_TRUE(Has(batch.refused, "no_resource", "Bundle.entry[1]"));
  EXPECT_TRUE(Has(batch.refused, "not_an_object", "Bundle.entry[2].resource"));
  EXPECT_TRUE(
      Has(batch.refused, "no_resource_type", "Bundle.entry[3].resource"));
  EXPECT_TRUE(Has(batch.refused, "nameless", "Bundle.entry[4].resource"));
  EXPECT_TRUE(IsAccountedFor(batch));
}

// A key twice, bytes that are no UTF-8 and depth stop the strict parser for
// the whole text; the entries beside must not pay for it.
TEST(ImportBundle, AnEntryThatNoParserTakesCostsOnlyItself) {
  const std::string twice = R"({"resourceType":"Patient","id":"a","id":"b"})";
  const std::string bytes =
      "{\"resourceType\":\"Patient\",\"id\":\"\xFF\xFE\"}";
  const std::string deep = R"({"resourceType":"Patient","x":)" +
                           std::string(300, '[') + std::string(300, ']') + "}";
  for (const std::string& bad : {twice, bytes, deep}) {
    const ImportBatch batch = MustRead(BundleOf({bad, kPatient, kRequest}));
    EXPECT_EQ(All<ImportedPerson>(batch).size(), 1u);
    EXPECT_EQ(All<ImportedReferral>(batch).size(), 1u);
    EXPECT_TRUE(Has(batch.refused, "unreadable", "Bundle.entry[0].resource"))
        << Show(batch.refused);
    EXPECT_TRUE(Has(batch.notes, "bundle_damaged", "Bundle"));
    EXPECT_TRUE(IsAccountedFor(batch));
  }
}

TEST(ImportBundle, UnreadableAnswersOfAPatientAreKeptAsTheyCame) {
  const std::string bad =
      R"({"resourceType":"QuestionnaireResponse","id":"a","id":"b"})";
  for (const std::string& text :
       {BundleOf({kPatient, bad}), std::string(kPatient) + "\n" + bad, bad}) {
    const ImportBatch batch = MustRead(text);
    const auto response = Only<ImportedResponse>(batch);
    EXPECT_EQ(response.raw, bad);
    EXPECT_EQ(response.key.system, kContentSystem);
    ASSERT_EQ(response.problems.size(), 1u);
    EXPECT_EQ(response.problems[0].code, "unreadable");
    EXPECT_TRUE(batch.refused.empty());
  }
  // A line that is cut off at the end of a file.
  const ImportBatch cut = MustRead(std::string(kPatient) + "\n" +
                                   std::string(kResponse).substr(0, 80));
  EXPECT_EQ(Only<ImportedResponse>(cut).raw,
            std::string(kResponse).substr(0, 80));
}

TEST(ImportBundle, EntriesWithoutAResourceAreTold) {
  const ImportBatch batch =
      MustRead(R"({"resourceType":"Bundle","type":"batch","entry":[)"
               R"({"request":{"method":"DELETE","url":"Patient/p1"}},)"
               R"({"request":{"method":"GET","url":"Patient"}},)"
               R"({"request":{"method":"PUT","url":"Patient/p2"}}]})");
  EXPECT_TRUE(Has(batch.notes, "deletion", "Bundle.entry[0]"));
  EXPECT_TRUE(Has(batch.refused, "no_resource", "Bundle.entry[2]"));
  EXPECT_EQ(All<Ignored>(batch).size(), 2u);
  EXPECT_TRUE(IsAccountedFor(batch));
}

TEST(ImportBundle, OtherTypesAreCounted) {
  const ImportBatch batch = MustRead(BundleOf(
      {R"({"resourceType":"Observation"})", R"({"resourceType":"Encounter"})",
       R"({"resourceType":"Observation"})"}));
  const std::vector<std::pair<std::string, uint64_t>> wanted = {
      {"Encounter", 1}, {"Observation", 2}};
  EXPECT_EQ(batch.ignored_types, wanted);
  EXPECT_EQ(All<Ignored>(batch).size(), 3u);
}

TEST(ImportBundle, TheNewestVersionOfAHistoryWins) {
  const std::string patient =
      R"({"resourceType":"Patient","id":"p1","gender":")";
  const ImportBatch batch = MustRead(
      R"({"resourceType":"Bundle","type":"history","entry":[{"resource":)" +
      patient + R"(female"}},{"resource":)" + patient + R"(male"}}]})");
  EXPECT_EQ(Only<ImportedPerson>(batch).sex, "female");
}

TEST(ImportBundle, TooManyEntriesAreAnErrorBeforeAnythingIsRead) {
  std::string text;
  for (size_t i = 0; i <= limits::kFhirEntriesMax; ++i) {
    text += "{\"resourceType\":\"Basic\"}\n";
  }
  EXPECT_THAT(ReadFhir(text),
              StatusIs(absl::StatusCode::kResourceExhausted, "split it"));
  text.resize(text.size() -
              std::string("{\"resourceType\":\"Basic\"}\n").size());
  EXPECT_EQ(MustRead(text).read, limits::kFhirEntriesMax);
}

TEST(ImportBundle, ADocumentThatIsTooLargeIsAnError) {
  std::string text = BundleOf({kPatient});
  text.insert(text.size() - 1, std::string(limits::kJsonBytesMax, ' '));
  EXPECT_THAT(ReadFhir(text), StatusIs(absl::StatusCode::kResourceExhausted,
                                       "at most 67108864"));
}

TEST(ImportBundle, LinesTogetherMayBeLargerThanOneDocument) {
  const std::string line =
      R"({"resourceType":"Basic","x":")" + std::string(1 << 20, 'x') + "\"}\n";
  std::string text;
  while (text.size() <= limits::kJsonBytesMax) text += line;
  EXPECT_EQ(MustRead(text + kPatient).read, text.size() / line.size() + 1);
}

}  // namespace
}  // namespace stepwell::fhir
