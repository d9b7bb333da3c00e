// Foreign, damaged and repeated texts: nothing crashes, everything is
// accounted for, the same text gives the same values.
#include <filesystem>
#include <string>
#include <vector>

#include "base/random.h"
#include "fhir/import_support.h"
#include "json/json.h"
#include "support/shared_data.h"

namespace stepwell::fhir {
namespace {

using ::stepwell::testing::ReadFileText;
using ::stepwell::testing::SharedPath;

std::vector<std::filesystem::path> FilesOf(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path root = SharedPath(folder);
  if (!std::filesystem::exists(root)) return files;
  for (const auto& file : std::filesystem::directory_iterator(root)) {
    if (file.path().extension() == ".json" ||
        file.path().extension() == ".ndjson") {
      files.push_back(file.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Skips, or fails where the data are required.
bool IsMissing(const std::vector<std::filesystem::path>& files) {
  if (!files.empty()) return false;
  EXPECT_EQ(std::getenv("STEPWELL_REQUIRE_SHARED"), nullptr)
      << "the shared conformance data are required and not there";
  return true;
}

std::string Demo() {
  return ReadFileText(std::filesystem::path(STEPWELL_SOURCE_DIR) /
                      "examples/demo/referrals.json");
}

TEST(ImportSurvival, OfficialExamplesAreAccountedFor) {
  const auto files = FilesOf("fhir/examples-r4");
  if (IsMissing(files)) GTEST_SKIP() << "no shared data";
  std::vector<std::string> all;
  for (const auto& file : files) {
    const std::string text = ReadFileText(file);
    const ImportBatch batch = MustRead(text);
    EXPECT_TRUE(IsAccountedFor(batch)) << file;
    EXPECT_EQ(batch.read, 1u) << file;
    for (const Finding& refused : batch.refused) {
      EXPECT_NE(refused.path, "") << file;
      EXPECT_NE(refused.resource, "") << file;
      EXPECT_NE(refused.hint, "") << file;
      EXPECT_EQ(refused.resource.find("QuestionnaireResponse"),
                std::string::npos);
    }
    all.push_back(text);
  }
  const ImportBatch batch = MustRead(BundleOf(all));
  EXPECT_TRUE(IsAccountedFor(batch));
  EXPECT_EQ(batch.read, files.size());
  // 11 files and one Patient that a response contains.
  EXPECT_EQ(All<ImportedPerson>(batch).size(), 12u) << Show(batch.refused);
  EXPECT_EQ(batch.hoisted, 1u);
  EXPECT_EQ(All<ImportedResponse>(batch).size(), 3u);
}

TEST(ImportSurvival, SyntheaExportsAreAccountedFor) {
  const auto files = FilesOf("fhir/synthea-10");
  if (IsMissing(files)) GTEST_SKIP() << "no shared data";
  std::string all;
  size_t lines = 0;
  for (const auto& file : files) {
    const std::string text = ReadFileText(file);
    const ImportBatch batch = MustRead(text);
    EXPECT_TRUE(IsAccountedFor(batch)) << file;
    EXPECT_TRUE(batch.refused.empty()) << file << Show(batch.refused);
    lines += batch.read;
    all += text;
  }
  const ImportBatch batch = MustRead(all);
  EXPECT_EQ(batch.read, lines);
  EXPECT_EQ(All<ImportedPerson>(batch).size(), 13u);
  for (const ImportedPerson& person : All<ImportedPerson>(batch)) {
    EXPECT_TRUE(person.birth_date.has_value());
    EXPECT_GE(person.identifiers.size(), 2u);
  }
}

TEST(ImportSurvival, TheDemoBundleHasItsCases) {
  const ImportBatch batch = MustRead(Demo());
  EXPECT_TRUE(IsAccountedFor(batch));
  EXPECT_EQ(All<ImportedPerson>(batch).size(), 39u);
  const auto referrals = All<ImportedReferral>(batch);
  EXPECT_EQ(referrals.size(), 39u);
  ASSERT_EQ(batch.refused.size(), 1u) << Show(batch.refused);
  EXPECT_EQ(batch.refused[0].code, "unknown_code");
  EXPECT_EQ(batch.refused[0].resource, "ServiceRequest/r023");
  EXPECT_EQ(batch.hoisted, 1u);
  size_t two_doors = 0, letters = 0;
  for (const ImportedReferral& referral : referrals) {
    two_doors += referral.subject.value == "test-05";
    letters += referral.documents.size() == 1 &&
               referral.documents[0] == "referral_letter";
    EXPECT_EQ(referral.documents.size(), referral.route == "gp" ? 1u : 0u);
    EXPECT_TRUE(referral.authored.has_value());
    EXPECT_EQ(referral.referrer.empty(), referral.route == "self");
    ASSERT_FALSE(referral.consents.empty());
    EXPECT_EQ(referral.consents[0], (ImportedConsent{"care", true}));
  }
  EXPECT_EQ(two_doors, 2u);
  EXPECT_GE(letters, 10u);
}

TEST(ImportSurvival, TheDemoAnswersFitTheirInstruments) {
  const ImportBatch batch = MustRead(Demo());
  size_t at_risk = 0, unknown = 0, complete = 0;
  for (const ImportedResponse& response : All<ImportedResponse>(batch)) {
    const auto instrument =
        instruments::LoadCatalogueInstrument(response.instrument);
    ASSERT_THAT(instrument, testing::IsOk());
    const auto raw = RawAnswersOf(response, **instrument);
    const auto match = instruments::MatchAnswers(**instrument, raw);
    EXPECT_TRUE(match.problems.empty()) << response.key.value;
    unknown += !response.subject_found;
    if (response.subject_found) {
      EXPECT_TRUE(response.problems.empty()) << Show(response.problems);
    }
    if (response.instrument != "phq-9") continue;
    const auto item9 = match.answers[*(*instrument)->FindItem("q9")];
    ASSERT_EQ(item9.state, instruments::Answer::State::kValue);
    at_risk += item9.value > 0;
    complete += match.answers[*(*instrument)->FindItem("q1")].state ==
                instruments::Answer::State::kValue;
  }
  EXPECT_EQ(at_risk, 1u);
  EXPECT_EQ(unknown, 1u);
  EXPECT_EQ(complete, 35u);
}

TEST(ImportSurvival, TheSameTextGivesTheSameValues) {
  const std::string text = Demo();
  const std::string first = Summary(MustRead(text));
  EXPECT_EQ(Summary(MustRead(text)), first);
  // Nor do the order of members and white space matter.
  const auto document = json::Parse(text);
  ASSERT_THAT(document, testing::IsOk());
  EXPECT_EQ(Summary(MustRead(json::Canonical(document->root()))), first);
  EXPECT_EQ(Summary(MustRead(json::ToText(document->root(), true))), first);
}

// Another value in the place of a text or number: JSON stays JSON.
std::string MutateValue(std::string text, const RandomWords& words) {
  static constexpr const char* kValues[] = {"null",
                                            "true",
                                            "-1.50",
                                            "1e9",
                                            "{}",
                                            "[]",
                                            "\"#p17\"",
                                            "\"Patient/p01\"",
                                            "\"\"",
                                            "[{}]",
                                            "\"2026-02-30\"",
                                            "\"ServiceRequest\"",
                                            "\"QuestionnaireResponse\"",
                                            "{\"reference\":\"Group/1\"}",
                                            "99999999999999999999"};
  const size_t colon = text.find(": \"", words[0] % text.size());
  if (colon == std::string::npos) return text;
  const size_t end = text.find('"', colon + 3);
  return text.replace(colon + 2, end - colon - 1,
                      kValues[words[1] % std::size(kValues)]);
}

// Other bytes anywhere.
std::string MutateBytes(std::string text, const RandomWords& words) {
  static constexpr const char* kPieces[] = {
      "\"", "{", "}", "[", "]", ",", ":", "null", "\\u0000", "\xFF", "\n"};
  const size_t at = words[0] % text.size();
  const size_t length = std::min<size_t>(words[1] % 40, text.size() - at);
  switch (words[2] % 4) {
    case 0:
      return text.insert(at, kPieces[words[3] % std::size(kPieces)]);
    case 1:
      return text.erase(at, length);
    case 2:
      return text.replace(at, length, kPieces[words[3] % std::size(kPieces)]);
    default:
      return text.insert(words[3] % text.size(), text.substr(at, length));
  }
}

// The seed makes a failure repeatable.
std::string Mutate(std::string text, const RandomStream& stream, uint32_t run) {
  const uint32_t changes = 1 + stream.Words(run, 0, 0)[0] % 6;
  for (uint32_t i = 0; i < changes && !text.empty(); ++i) {
    const RandomWords words = stream.Words(run, 1, i);
    text = run % 2 == 0 ? MutateValue(std::move(text), words)
                        : MutateBytes(std::move(text), words);
  }
  return text;
}

TEST(ImportSurvival, DamagedTextsNeverCrashAndStayAccountedFor) {
  // A part of the demo with every kind of entry, so that a run is short.
  const ImportBatch whole = MustRead(Demo());
  std::string text = Demo();
  const size_t from = text.find(
      "{\"fullUrl\": \"https://ehr.example/fhir/"
      "ServiceRequest/r017");
  const size_t to = text.find(
      "{\"fullUrl\": \"https://ehr.example/fhir/"
      "QuestionnaireResponse/q17-gad-7");
  ASSERT_NE(from, std::string::npos);
  ASSERT_LT(from, to);
  const std::string entries = text.substr(from, to - from - 2);
  const std::string bundle =
      R"({"resourceType":"Bundle","type":"collection","entry":[)" + entries +
      "]}";
  ASSERT_EQ(MustRead(bundle).read, 3u);
  std::string lines = entries;
  for (size_t at; (at = lines.find("},\n{")) != std::string::npos;) {
    lines.replace(at, 4, "}\n{");
  }
  const RandomStream stream{20260112, 0};
  size_t survived = 0, responses = 0;
  for (uint32_t run = 0; run < 3000; ++run) {
    const auto batch =
        ReadFhir(Mutate(run % 3 == 0 ? lines : bundle, stream, run));
    if (!batch.ok()) continue;
    ++survived;
    EXPECT_TRUE(IsAccountedFor(*batch)) << run;
    responses += All<ImportedResponse>(*batch).size();
    for (const Finding& refused : batch->refused) {
      EXPECT_NE(refused.path, "") << run;
      EXPECT_NE(refused.reason, "") << run;
    }
  }
  EXPECT_GT(survived, 1000u);
  EXPECT_GT(responses, 1000u);
}

}  // namespace
}  // namespace stepwell::fhir
