// The report of `stepwell score`: exact bytes, and what it refuses.
#include "instruments/score_report.h"

#include <gtest/gtest.h>

#include <string>

#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

const auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string WithoutFingerprint(std::string text) {
  const std::string key = R"("fingerprint":")";
  const size_t at = text.find(key);
  return at == std::string::npos ? text : text.erase(at + key.size(), 64);
}

TEST(ScoreReport, IsOneSortedObject) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  ASSERT_OK_AND_ASSIGN(const Report report,
                       ScoreJson(*phq, "[1,1,1,1,1,1,1,1,null]"));
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(WithoutFingerprint(report.json),
            R"({"band":null,"complete":false,"details":{"against_skip":[],)"
            R"("band_source":{"edition":"2001","mark":"verified","source":)"
            R"("Kroenke, Spitzer and Williams 2001; LOINC 44261-6"},)"
            R"("coding":"0-3","fingerprint":"","ignored":[],"item9":null,)"
            R"("max":27,"mean":null,"min":0,"n_answered":8,"n_items":9,)"
            R"("out_of_range":[],"problems":[],"profile":"nhs-tt","raw":null,)"
            R"("risk":"unknown"},"flags":{"caseness":"unknown","mds":false,)"
            R"("ods":false,"remission":false,"risk_item9":"unknown"},)"
            R"("instrument":"phq-9","missing":["q9"],"prorated":false,)"
            R"("score":null,"score_exact":null,"subscales":{},"version":"1"})");
}

TEST(ScoreReport, OutOfRangeIsNamedByItsPlaceFromOne) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  ASSERT_OK_AND_ASSIGN(const Report report,
                       ScoreJson(*phq, "[0,1,5,0,0,0,0,0,9]"));
  EXPECT_FALSE(report.ok);
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  const json::Value root = document.root();
  EXPECT_EQ(root.Find("error").string_value(), "out_of_range");
  EXPECT_EQ(*root.Find("item").int64_value(), 3);
  EXPECT_TRUE(root.Find("score").is_null());
  EXPECT_EQ(root.Find("details").Find("problems").size(), 2u);
  EXPECT_EQ(root.Find("flags").Find("risk_item9").string_value(), "unknown");
}

TEST(ScoreReport, AFileMayCarryItsContext) {
  const auto wsas = *LoadCatalogueInstrument("wsas");
  ASSERT_OK_AND_ASSIGN(const Report report,
                       ScoreJson(*wsas, R"({"answers": [8, 2, 2, 2, 2],
                           "context": {"work_not_applicable": true}})"));
  EXPECT_TRUE(report.ok);
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  EXPECT_EQ(*document.root().Find("score").int64_value(), 8);
  EXPECT_EQ(
      document.root().Find("details").Find("ignored").at(0).string_value(),
      "q1");
}

// Whatever else stands beside the answers is no part of them: a coding that is
// not read would be a number without a word.
TEST(ScoreReport, BesideTheAnswersOnlyTheContextMayStand) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  for (const char* more : {R"("q1": 3)", R"("coding": "1-5")", R"("x": 3)"}) {
    EXPECT_THAT(
        ScoreJson(*phq, std::string(R"({"answers": [1,1,1,1,1,1,1,1,1], )") +
                            more + "}"),
        testing::StatusIs(kInvalid, "beside `answers`"))
        << more;
  }
}

// The digits of a state of health, 32, have no mean of 16.
TEST(ScoreReport, DigitsHaveNoMean) {
  ASSERT_OK_AND_ASSIGN(const LoadResult loaded, LoadInstrument(R"({
    "instrument": "state", "version": "1", "title": "State",
    "respondent": "patient", "direction": "lower_is_better",
    "licence": {"status": "own", "holder": "Us", "source": "Here",
                "text_included": false},
    "value_sets": [{"id": "level", "min": 1, "max": 5}],
    "items": [{"id": "a", "kind": "choice", "values": "level"},
              {"id": "b", "kind": "choice", "values": "level"}],
    "score": {"method": "digits"}})"));
  ASSERT_NE(loaded.instrument, nullptr);
  ASSERT_OK_AND_ASSIGN(const Report report,
                       ScoreJson(*loaded.instrument, "[3,2]"));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  EXPECT_EQ(*document.root().Find("score").int64_value(), 32);
  EXPECT_TRUE(document.root().Find("details").Find("mean").is_null());
}

// Ids are matched without regard to case.
TEST(ScoreReport, AProfileIsFoundInAnyCase) {
  const auto phq = *LoadCatalogueInstrument("PHQ-9");
  ScoreOptions options;
  options.profile = "NHS-TT";
  EXPECT_OK(ScoreJson(*phq, "[0,0,0,0,0,0,0,0,0]", options).status());
}

TEST(ScoreReport, RefusesWhatItCannotUnderstand) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  const auto wsas = *LoadCatalogueInstrument("wsas");
  const std::string nine = "[0,0,0,0,0,0,0,0,0]";
  using testing::StatusIs;
  EXPECT_THAT(ScoreJson(*phq, ""), StatusIs(kInvalid, "JSON"));
  EXPECT_THAT(ScoreJson(*phq, "[0,1"), StatusIs(kInvalid, "JSON"));
  EXPECT_THAT(ScoreJson(*phq, "[0]"), StatusIs(kInvalid, "9 or 10"));
  EXPECT_THAT(ScoreJson(*phq, std::string(2u << 20, ' ')),
              StatusIs(absl::StatusCode::kResourceExhausted, "bytes"));
  ScoreOptions options;
  options.coding = "1-4";
  EXPECT_THAT(ScoreJson(*phq, nine, options), StatusIs(kInvalid, "0-3"));
  options = {};
  options.profile = "mars";
  EXPECT_THAT(ScoreJson(*phq, nine, options),
              StatusIs(absl::StatusCode::kNotFound, "nhs-tt"));
  for (const char* bad :
       {"[]", R"({"sex": 1})", R"({"sex": "f"})", R"({"colour": true})",
        R"({"work_not_applicable": true})", "{"}) {
    options = {};
    options.context = bad;
    EXPECT_THAT(ScoreJson(*phq, nine, options), StatusIs(kInvalid, "")) << bad;
  }
  options.context = R"({"work_not_applicable": 1})";
  EXPECT_THAT(ScoreJson(*wsas, "[1,1,1,1,1]", options),
              StatusIs(kInvalid, "/work_not_applicable"));
}

TEST(ScoreReport, TheOtherCodingIsAnotherDocument) {
  ASSERT_OK_AND_ASSIGN(const auto k10, LoadCatalogueInstrument("K10", "0-4"));
  EXPECT_EQ(k10->id(), "k10-0-4");
  ASSERT_OK_AND_ASSIGN(const Report report,
                       ScoreJson(*k10, "[0,0,0,0,0,0,0,0,0,0]"));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  EXPECT_EQ(*document.root().Find("score").int64_value(), 0);
  ASSERT_OK_AND_ASSIGN(const auto other, LoadCatalogueInstrument("k10", "2-6"));
  EXPECT_EQ(other->id(), "k10");
}

TEST(ScoreReport, RowsTellPeopleTheSame) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  ASSERT_OK_AND_ASSIGN(const Report report,
                       ScoreJson(*phq, "[2,2,2,2,2,2,2,0,0]"));
  std::string all;
  for (const ReportRow& row : report.rows) {
    all += row.label + "=" + row.value + ";";
  }
  EXPECT_NE(all.find("score=14 of 27, moderate;"), std::string::npos) << all;
  EXPECT_NE(all.find("risk_item9=no;"), std::string::npos) << all;
}

// A mean of what was answered beside a score that is none would be a score in
// disguise.
TEST(ScoreReport, WithoutAScoreThereIsNoMean) {
  const auto pdss = *LoadCatalogueInstrument("pdss-sr");
  const auto mean = [&](const char* answers) {
    const auto report = ScoreJson(*pdss, answers);
    EXPECT_OK(report.status());
    const auto document = json::Parse(report->json);
    return json::ToText(document->root().Find("details").Find("mean"));
  };
  EXPECT_EQ(mean("[1,1,1,1,1,1,1]"), "1");
  EXPECT_EQ(mean("[1,1,1,null,1,1,1]"), "null");
  EXPECT_EQ(mean("[1,1,1,9,1,1,1]"), "null");
}

TEST(ScoreReport, ARiskThresholdLiesWithinItsItem) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  const auto score = [](const Instrument& instrument, const char* answers,
                        int32_t threshold) {
    ScoreOptions options;
    options.risk_threshold = threshold;
    return ScoreJson(instrument, answers, options).status();
  };
  for (const int32_t none : {-5, 0, 4, 99}) {
    EXPECT_EQ(score(*phq, "[0,0,0,0,0,0,0,0,3]", none).code(), kInvalid)
        << none;
  }
  for (const int32_t good : {1, 2, 3}) {
    EXPECT_OK(score(*phq, "[0,0,0,0,0,0,0,0,3]", good));
  }
  const auto gad = *LoadCatalogueInstrument("gad-7");
  EXPECT_EQ(score(*gad, "[0,0,0,0,0,0,0]", 1).code(), kInvalid);
}

TEST(ScoreReport, TheErrorSaysWhatIsWrongWithTheAnswer) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  for (const auto& [answers, code] :
       {std::pair(R"({"q1":1,"Q1":2})", "answered_twice"),
        {R"({"q1":1.5})", "not_integer"},
        {R"({"q1":"often"})", "wrong_type"},
        {R"({"q1":{"system":"http://loinc.org","code":"x"}})", "unknown_code"},
        {R"({"q1":true})", "wrong_type"},
        {R"({"q1":"not_applicable"})", "not_applicable_refused"},
        {R"({"q1":4})", "out_of_range"}}) {
    ASSERT_OK_AND_ASSIGN(const Report report, ScoreJson(*phq, answers));
    ASSERT_OK_AND_ASSIGN(const json::Document document,
                         json::Parse(report.json));
    EXPECT_EQ(document.root().Find("error").string_value(), code) << answers;
    EXPECT_EQ(*document.root().Find("item").int64_value(), 1) << answers;
  }
}

}  // namespace
}  // namespace stepwell::instruments
