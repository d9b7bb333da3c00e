// The parts of a score's report that few instruments have: norms, tiers,
// FHIRPath, subscales alone; and what options and contexts do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "instruments/score_report.h"
#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

std::shared_ptr<const Instrument> Shipped(const char* id) {
  return *LoadCatalogueInstrument(id);
}

// Two items of 0 to `max`, and what `members` say of them.
std::shared_ptr<const Instrument> Made(const std::string& members,
                                       int max = 3) {
  const auto loaded = LoadInstrument(absl::StrCat(
      R"({"instrument": "x", "version": "1", "title": "X",
          "respondent": "patient", "direction": "lower_is_better",
          "licence": {"status": "own", "holder": "Us", "source": "Here",
                      "text_included": false},
          "value_sets": [{"id": "v", "min": 0, "max": )",
      max, R"(}],
          "items": [{"id": "a", "kind": "choice", "values": "v"},
                    {"id": "b", "kind": "choice", "values": "v"}], )",
      members, "}"));
  EXPECT_OK(loaded.status());
  for (const Issue& issue : loaded->issues) {
    ADD_FAILURE() << issue.pointer << " " << issue.message;
  }
  return loaded->instrument;
}

struct Shown {
  bool ok;
  json::Document document;
  std::string rows;  // "label: value" each
  json::Value root() const { return document.root(); }
  json::Value details() const { return root().Find("details"); }
};

Shown Show(const Instrument& instrument, const char* answers,
           const ScoreOptions& options = {}) {
  const auto report = ScoreJson(instrument, answers, options);
  EXPECT_OK(report.status());
  auto document = json::Parse(report->json);
  EXPECT_OK(document.status()) << report->json;
  Shown out{report->ok, *std::move(document), ""};
  for (const ReportRow& row : report->rows) {
    absl::StrAppend(&out.rows, row.label, ": ", row.value, "\n");
  }
  return out;
}

ScoreOptions Context(const char* context) {
  ScoreOptions options;
  options.context = context;
  return options;
}

std::string NormsDocument() {
  return R"("score": {"method": "sum"},
    "subscales": [{"id": "first", "method": "sum", "items": ["a"]}],
    "norms": [
      {"id": "t", "source": "manual", "mark": "unverified", "edition": "2",
       "groups": [{"sex": "female", "age_from": 8, "age_to": 9,
                   "table": [[0, 40], [4, 65.5]]}],
       "bands": [{"id": "usual", "from": 0}, {"id": "raised", "from": 65}]},
      {"id": "t", "subscale": "first", "source": "manual",
       "mark": "unverified", "groups": [{"from": 0, "values": [30, 50]}]}])";
}

TEST(ScoreReport, NormsAreTheVendorsForThePersonAndTheScore) {
  const auto made = Made(NormsDocument());
  const Shown girl =
      Show(*made, "[1,3]", Context(R"({"sex": "female", "age": 9})"));
  const json::Value norm = girl.details().Find("norms").Find("score").Find("t");
  EXPECT_EQ(*norm.Find("value").double_value(), 65.5);
  EXPECT_EQ(norm.Find("band").string_value(), "raised");
  EXPECT_EQ(json::ToText(norm.Find("source")),
            R"({"edition":"2","mark":"unverified","source":"manual"})");
  const json::Value part = girl.details().Find("norms").Find("first").Find("t");
  EXPECT_EQ(*part.Find("value").int64_value(), 50);
  EXPECT_TRUE(part.Find("band").is_null());  // this norm has no bands
}

// Nobody else's table is taken, and nothing is interpolated.
TEST(ScoreReport, WithoutATableForThemThereIsNoNorm) {
  const auto made = Made(NormsDocument());
  const auto value = [&](const char* answers, const char* context) {
    const Shown shown = Show(*made, answers, Context(context));
    return json::ToText(
        shown.details().Find("norms").Find("score").Find("t").Find("value"));
  };
  EXPECT_EQ(value("[1,3]", R"({"sex": "female", "age": 8})"), "65.5");
  EXPECT_EQ(value("[1,3]", R"({"sex": "female", "age": 10})"), "null");
  EXPECT_EQ(value("[1,3]", R"({"sex": "male", "age": 9})"), "null");
  EXPECT_EQ(value("[1,3]", R"({"sex": "female"})"), "null");
  EXPECT_EQ(value("[1,2]", R"({"sex": "female", "age": 9})"), "null");
  EXPECT_EQ(value("[1,null]", R"({"sex": "female", "age": 9})"), "null");
}

TEST(ScoreReport, AnAgeIsAWholeNumberOfYears) {
  const auto made = Made(NormsDocument());
  for (const char* bad : {R"({"age": -1})", R"({"age": 151})",
                          R"({"age": 8.5})", R"({"age": "8"})"}) {
    EXPECT_THAT(ScoreJson(*made, "[1,3]", Context(bad)),
                StatusIs(kInvalid, "whole number of years"))
        << bad;
  }
  EXPECT_OK(ScoreJson(*made, "[1,3]", Context(R"({"age": 150})")));
}

TEST(ScoreReport, ATierIsShownWhereThereIsNoScore) {
  const auto screen = Shipped("risk-screen");
  const Shown high = Show(*screen, "[1,0,0,0]");
  EXPECT_TRUE(high.ok);
  EXPECT_EQ(high.details().Find("tier").string_value(), "high");
  EXPECT_TRUE(high.root().Find("score").is_null());
  EXPECT_THAT(high.rows, HasSubstr("tier: high\n"));
  // What is not answered leaves it open, and the answer is "no".
  const Shown open = Show(*screen, "[null,null,0,0]");
  EXPECT_FALSE(open.ok);
  EXPECT_EQ(open.details().Find("tier").string_value(), "unknown");
}

// Agrees wherever the loader can try; 977 lies outside of that.
TEST(ScoreReport, RulesThatDisagreeAreSaidToAndGiveNoScore) {
  const auto made = Made(
      R"x("score": {"method": "sum", "fhirpath": "iif(a = 977, 0, a + b)"})x",
      9999);
  EXPECT_FALSE(Show(*made, "[5,6]").details().Find("rules_disagree"));
  const Shown other = Show(*made, "[977,6]");
  EXPECT_FALSE(other.ok);
  EXPECT_TRUE(other.root().Find("score").is_null());
  EXPECT_TRUE(other.details().Find("rules_disagree").bool_value());
}

TEST(ScoreReport, ASubscaleWithoutAScoreHasNoBand) {
  const auto hads = Shipped("hads");
  const Shown shown = Show(*hads, "[null,1,1,1,1,1,1,1,1,1,1,1,1,1]");
  EXPECT_EQ(json::ToText(shown.details().Find("bands")),
            R"({"anxiety":null,"depression":"normal"})");
  EXPECT_FALSE(shown.ok);  // no total, and not complete
}

TEST(ScoreReport, OtherProfilesKeepTheirFlags) {
  const std::string cutoff =
      R"("kind": "caseness", "source": "s", "mark": "assumption", )";
  const auto made = Made(absl::StrCat(
      R"("score": {"method": "sum"}, "profiles": [
          {"id": "here", "cutoffs": [{"id": "case", )",
      cutoff, R"("at_least": 2}]},
          {"id": "there", "cutoffs": [{"id": "far", )",
      cutoff, R"("at_least": 5}]}])"));
  EXPECT_EQ(json::ToText(Show(*made, "[1,2]").root().Find("flags")),
            R"({"case":true})");
  ScoreOptions options;
  options.profile = "there";
  const Shown there = Show(*made, "[1,2]", options);
  EXPECT_EQ(json::ToText(there.root().Find("flags")), R"({"far":false})");
  EXPECT_EQ(there.details().Find("profile").string_value(), "there");
}

TEST(ScoreReport, WhereThereAreNoProfilesOrCodingsItSaysSo) {
  const auto made = Made(R"("score": {"method": "sum"})");
  ScoreOptions options;
  options.profile = "mars";
  EXPECT_THAT(ScoreJson(*made, "[0,0]", options),
              StatusIs(kNotFound, "it has none"));
  options = {};
  options.coding = "0-3";
  EXPECT_THAT(ScoreJson(*made, "[0,0]", options),
              StatusIs(kInvalid, "x is coded without a name, not 0-3"));
  EXPECT_OK(ScoreJson(*Shipped("phq-9"), "[0,0,0,0,0,0,0,0,0]", options));
}

// What does not apply leaves the score only where somebody says so.
TEST(ScoreReport, AFlagThatIsFalseChangesNothing) {
  const auto wsas = Shipped("wsas");
  const char* all = "[8,2,2,2,2]";
  const Shown applies =
      Show(*wsas, all, Context(R"({"work_not_applicable": false})"));
  EXPECT_EQ(*applies.root().Find("score").int64_value(), 16);
  EXPECT_EQ(applies.details().Find("ignored").size(), 0u);
  const Shown not_asked = Show(*wsas, "[null,2,2,2,2]",
                               Context(R"({"work_not_applicable": true})"));
  EXPECT_EQ(*not_asked.root().Find("score").int64_value(), 8);
  EXPECT_EQ(not_asked.details().Find("ignored").size(), 0u);  // none was given
}

TEST(ScoreReport, AnswersByItemMayCarryAContextToo) {
  const auto wsas = Shipped("wsas");
  const Shown shown = Show(*wsas, R"({"answers": {"q2": 2, "q3": 2, "q4": 2,
      "q5": 2}, "context": {"work_not_applicable": true}})");
  EXPECT_EQ(*shown.root().Find("score").int64_value(), 8);
  EXPECT_THAT(ScoreJson(*wsas, R"({"answers": [1,1,1,1,1], "context": []})"),
              StatusIs(kInvalid, "the context is an object"));
}

// The code is that of the item, under whatever name its answer came, and not
// of what else was wrong.
TEST(ScoreReport, TheErrorIsThatOfTheFirstUnusableItem) {
  const auto phq = Shipped("phq-9");
  const auto error = [&](const char* answers) {
    const Shown shown = Show(*phq, answers);
    return absl::StrCat(std::string(shown.root().Find("error").string_value()),
                        " ", *shown.root().Find("item").int64_value());
  };
  EXPECT_EQ(error(R"({"/44250-9": "often"})"), "wrong_type 1");
  EXPECT_EQ(error(R"({"zz": 1, "q3": 9, "q2": 1.5})"), "not_integer 2");
  EXPECT_EQ(error(R"({"q1": 5, "Q1": 1, "q3": 9})"), "out_of_range 1");
}

TEST(PreparedOptions, AreWhatTheyMeanForManyResponses) {
  const auto phq = Shipped("phq-9");
  ScoreOptions options = Context(R"({"sex": "female", "age": 40})");
  options.risk_threshold = 2;
  options.missing = MissingPolicy::kStrict;
  options.profile = "nhs-tt";
  ASSERT_OK_AND_ASSIGN(const PreparedOptions prepared,
                       PrepareOptions(*phq, options));
  EXPECT_EQ(prepared.context.sex, Sex::kFemale);
  EXPECT_EQ(prepared.context.age, 40);
  EXPECT_EQ(prepared.context.risk_at_least, 2);
  EXPECT_EQ(prepared.context.missing, MissingPolicy::kStrict);
  EXPECT_EQ(prepared.profile, 0);
  ASSERT_OK_AND_ASSIGN(const PreparedOptions none, PrepareOptions(*phq, {}));
  EXPECT_EQ(none.context.sex, Sex::kUnknown);
  EXPECT_FALSE(none.context.age.has_value());
}

TEST(PreparedOptions, RefuseWhatOneResponseIsRefusedFor) {
  const auto phq = Shipped("phq-9");
  ScoreOptions options;
  options.coding = "1-4";
  EXPECT_THAT(PrepareOptions(*phq, options), StatusIs(kInvalid, "0-3"));
  options = {};
  options.risk_threshold = 4;
  EXPECT_THAT(PrepareOptions(*phq, options), StatusIs(kInvalid, "1 to 3"));
  options = {};
  options.profile = "mars";
  EXPECT_THAT(PrepareOptions(*phq, options), StatusIs(kNotFound, "nhs-tt"));
  EXPECT_THAT(PrepareOptions(*phq, Context("{")), StatusIs(kInvalid, "JSON"));
  EXPECT_THAT(PrepareOptions(*phq, Context(R"({"colour": true})")),
              StatusIs(kInvalid, "colour"));
}

// One person does not work; that says nothing of the others.
TEST(PreparedOptions, WhatDoesNotApplyIsSaidOfEachPerson) {
  const auto wsas = Shipped("wsas");
  EXPECT_THAT(
      PrepareOptions(*wsas, Context(R"({"work_not_applicable": true})")),
      StatusIs(kInvalid, "differs by person"));
  EXPECT_OK(
      PrepareOptions(*wsas, Context(R"({"work_not_applicable": false})")));
}

}  // namespace
}  // namespace stepwell::instruments
