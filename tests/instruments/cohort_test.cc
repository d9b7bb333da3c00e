// Change in a cohort: tables in, counts out; what is estimated and what a bad
// table gets.
#include "instruments/cohort.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TableChangeRequest Request(ChangeMethod method = ChangeMethod::kJacobsonTruax) {
  TableChangeRequest out;
  out.pre_column = "pre";
  out.post_column = "post";
  out.cohort.method = method;
  out.cohort.constants.reliability = 0.8;
  return out;
}

// First scores 20, 18, 16, 14, 12: mean 16, SD sqrt(10).
constexpr char kTable[] =
    "id,pre,post\n1,20,6\n2,18,17\n3,16,4\n4,14,26\n5,12,12\n6,15,\n7,NA,3\n";

TEST(Cohort, CountsClassesAndTakesTheSdFromItsPairs) {
  ASSERT_OK_AND_ASSIGN(const Report report, TableChange(Request(), kTable));
  EXPECT_TRUE(report.ok);
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  const json::Value root = document.root();
  EXPECT_EQ(json::ToText(root.Find("counts")),
            R"({"deteriorated":1,"harmed":null,"improved":2,"recovered":null,)"
            R"("unchanged":2,"undefined":2})");
  EXPECT_EQ(*root.Find("n").int64_value(), 5);
  EXPECT_EQ(*root.Find("rows").int64_value(), 7);
  EXPECT_EQ(*root.Find("missing").int64_value(), 2);
  EXPECT_EQ(json::ToText(root.Find("estimated")), R"(["sd_pre"])");
  EXPECT_NEAR(*root.Find("parameters").Find("sd_pre").double_value(),
              std::sqrt(10.0), 1e-12);
  EXPECT_EQ(root.Find("fit_for").string_value(), "one_case");
  EXPECT_TRUE(root.Find("cutoff").is_null());
}

TEST(Cohort, TheCutoffSplitsImprovedAndTellsItsNumbers) {
  TableChangeRequest request = Request();
  request.cohort.cutoff = CutoffRule::kC;
  request.cohort.functional = Group{8, 8};
  request.cohort.constants.sd_pre = 3;
  ASSERT_OK_AND_ASSIGN(const Report report, TableChange(request, kTable));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  const json::Value cutoff = document.root().Find("cutoff");
  // (sqrt(10) 8 + 8 16) / (sqrt(10) + 8)
  const double s = std::sqrt(10.0);
  EXPECT_NEAR(*cutoff.Find("value").double_value(), (s * 8 + 8 * 16) / (s + 8),
              1e-12);
  EXPECT_EQ(cutoff.Find("rule").string_value(), "c");
  EXPECT_EQ(*document.root().Find("counts").Find("recovered").int64_value(), 2);
  // 14 -> 26: it was in the clinical range before.
  EXPECT_EQ(*document.root().Find("counts").Find("harmed").int64_value(), 0);
}

// The clinical group alone makes cutoff a: its mean less two of its SDs.
TEST(Cohort, ACutoffOfTheClinicalGroupTellsThatGroupOnly) {
  TableChangeRequest request = Request();
  request.cohort.cutoff = CutoffRule::kA;
  request.cohort.clinical = Group{16, 3};
  ASSERT_OK_AND_ASSIGN(const Report report, TableChange(request, kTable));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  EXPECT_EQ(json::ToText(document.root().Find("cutoff")),
            R"({"clinical":{"mean":16,"sd":3},"rule":"a","value":10})");
}

TEST(Cohort, NunnallyAndKotschUseTheReliabilityOfLastScores) {
  TableChangeRequest request = Request(ChangeMethod::kNunnallyKotsch);
  const auto post = [&] {
    const auto report = TableChange(request, kTable);
    EXPECT_OK(report.status());
    const auto document = json::Parse(report->json);
    return *document->root()
                .Find("parameters")
                .Find("reliability_post")
                .double_value();
  };
  EXPECT_EQ(post(), 0.8);  // that of first scores, unless it is given
  request.cohort.constants.reliability_post = 0.7;
  EXPECT_EQ(post(), 0.7);
}

// Constants that were given by hand are nobody's reliability, though the
// questionnaire is known.
TEST(Cohort, AReliabilityByHandIsOfNoDocument) {
  ASSERT_OK_AND_ASSIGN(const auto gad7, LoadCatalogueInstrument("gad-7"));
  TableChangeRequest request = Request();
  request.cohort.instrument = gad7.get();
  ASSERT_OK_AND_ASSIGN(const Report report,
                       TableChange(request, "pre,post\n20,6\n18,0\n21,21\n"));
  EXPECT_THAT(report.json, ::testing::HasSubstr(R"("reliability_from":null)"));
}

// A percentage or points have no reliability, and an index has neither.
TEST(Cohort, TheParametersAreThoseOfTheMethod) {
  TableChangeRequest request = Request(ChangeMethod::kPercent);
  request.cohort.constants.by = 30;
  ASSERT_OK_AND_ASSIGN(const Report percent, TableChange(request, kTable));
  EXPECT_THAT(percent.json,
              ::testing::HasSubstr(R"("parameters":{"percent":30})"));
  request.cohort.method = ChangeMethod::kJacobsonTruax;
  ASSERT_OK_AND_ASSIGN(const Report index, TableChange(request, kTable));
  EXPECT_THAT(index.json, ::testing::Not(::testing::HasSubstr("percent\":")));
}

TEST(Cohort, HsuLinnLordAndHagemanArrindellUseTheCohort) {
  for (const ChangeMethod method :
       {ChangeMethod::kHsuLinnLord, ChangeMethod::kHagemanArrindell}) {
    ASSERT_OK_AND_ASSIGN(const Report report,
                         TableChange(Request(method), kTable));
    EXPECT_THAT(report.json, ::testing::HasSubstr(R"("fit_for":"cohort")"));
    EXPECT_THAT(report.json, ::testing::HasSubstr(R"("mean_post":13)"));
  }
}

TEST(Cohort, ResponseRemissionAndNeither) {
  TableChangeRequest request = Request(ChangeMethod::kPercent);
  request.cohort.constants.by = 50;
  request.cohort.remission = 12;
  ASSERT_OK_AND_ASSIGN(const Report report, TableChange(request, kTable));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  const json::Value remission = document.root().Find("remission");
  EXPECT_EQ(*remission.Find("remitted").int64_value(), 3);
  EXPECT_EQ(*remission.Find("failed").int64_value(), 2);
  request.cohort.direction = Direction::kHigherIsBetter;
  ASSERT_OK_AND_ASSIGN(const Report higher, TableChange(request, kTable));
  EXPECT_THAT(higher.json, ::testing::HasSubstr(R"("remitted":3)"));
  request = Request();
  request.cohort.remission = 12;
  EXPECT_THAT(TableChange(request, kTable),
              testing::StatusIs(kInvalid, "percent"));
}

// Of 0 there is no percentage: nobody can say that such a pair failed.
TEST(Cohort, APercentageOfNothingIsNoFailure) {
  TableChangeRequest request = Request(ChangeMethod::kPercent);
  request.cohort.constants.by = 50;
  request.cohort.remission = 5;
  ASSERT_OK_AND_ASSIGN(const Report report,
                       TableChange(request, "pre,post\n0,10\n20,18\n0,3\n"));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  EXPECT_EQ(*document.root().Find("counts").Find("undefined").int64_value(), 2);
  const json::Value remission = document.root().Find("remission");
  EXPECT_EQ(*remission.Find("failed").int64_value(), 1);
  EXPECT_EQ(*remission.Find("remitted").int64_value(), 1);
}

constexpr char kOfParts[] = R"({
  "instrument": "parts", "version": "1", "title": "Parts",
  "respondent": "patient", "direction": "lower_is_better",
  "licence": {"status": "own", "holder": "Us", "source": "Here",
              "text_included": false},
  "value_sets": [{"id": "level", "min": 0, "max": 3}],
  "items": [{"id": "a", "kind": "choice", "values": "level"},
            {"id": "b", "kind": "choice", "values": "level"}],
  "score": {"method": "sum"},
  "subscales": [{"id": "first", "method": "sum", "items": ["a"]}],
  "reliability": [{"subscale": "first", "kind": "alpha", "value": 0.8,
                   "source": "s", "mark": "unverified"}]})";

// A questionnaire that is known gives the range of its scores, and whose
// reliability was used is told.
TEST(Cohort, ScoresAreThoseOfTheQuestionnaire) {
  ASSERT_OK_AND_ASSIGN(const auto gad7, LoadCatalogueInstrument("gad-7"));
  TableChangeRequest request = Request();
  request.cohort.instrument = gad7.get();
  request.cohort.reliability = DefaultReliability(*gad7, 0);
  ASSERT_NE(request.cohort.reliability, nullptr);
  ASSERT_OK_AND_ASSIGN(const Report report,
                       TableChange(request, "pre,post\n20,6\n18,0\n21,21\n"));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  const json::Value from = document.root().Find("reliability_from");
  EXPECT_EQ(from.Find("instrument").string_value(), "gad-7");
  EXPECT_EQ(from.Find("kind").string_value(), "alpha");
  EXPECT_EQ(from.Find("mark").string_value(), "unverified");
  EXPECT_FALSE(from.Find("source").string_value().empty());
  for (const char* bad : {"22,6", "6,22", "-1,6", "6,21.5"}) {
    EXPECT_THAT(
        TableChange(request, absl::StrCat("pre,post\n1,1\n", bad, "\n")),
        testing::StatusIs(kInvalid, "outside 0 to 21"))
        << bad;
  }
  ASSERT_OK_AND_ASSIGN(const Report plain, TableChange(Request(), kTable));
  EXPECT_THAT(plain.json, ::testing::HasSubstr(R"("reliability_from":null)"));
  ASSERT_OK_AND_ASSIGN(const auto dass, LoadCatalogueInstrument("dass-21"));
  // Of a subscale, whose scores end at 42 here; it has no total.
  ASSERT_OK_AND_ASSIGN(request.cohort.scale, ScaleNamed(*dass, "A"));
  EXPECT_EQ(DefaultReliability(*dass, request.cohort.scale), nullptr);
  request.cohort.instrument = dass.get();
  EXPECT_OK(TableChange(request, "pre,post\n40,6\n18,0\n22,22\n"));
  EXPECT_THAT(TableChange(request, "pre,post\n44,6\n18,0\n22,22\n"),
              testing::StatusIs(kInvalid, "outside 0 to 42"));
  EXPECT_THAT(ScaleNamed(*dass, ""), testing::StatusIs(kInvalid, "D, A, S"));
  ASSERT_OK_AND_ASSIGN(const LoadResult parts, LoadInstrument(kOfParts));
  ASSERT_NE(parts.instrument, nullptr) << parts.issues[0].message;
  ASSERT_EQ(parts.instrument->reliabilities().size(), 1u);
  EXPECT_EQ(DefaultReliability(*parts.instrument, 0), nullptr);
  EXPECT_NE(DefaultReliability(*parts.instrument, 1), nullptr);  // of a part
  ASSERT_OK_AND_ASSIGN(const auto srs, LoadCatalogueInstrument("srs"));
  EXPECT_EQ(DefaultReliability(*srs, 0), nullptr);  // nothing is known
}

TEST(Cohort, OneColumnIsNoPairOfScores) {
  TableChangeRequest request = Request();
  request.post_column = request.pre_column;
  EXPECT_THAT(TableChange(request, kTable),
              testing::StatusIs(kInvalid, "one column"));
}

TEST(Cohort, DecimalsAreExact) {
  // 2.3 - 1.6 is 0.7 and not a little less.
  TableChangeRequest request = Request(ChangeMethod::kMcid);
  request.cohort.constants.by = Rational(7, 10);
  ASSERT_OK_AND_ASSIGN(const Report report,
                       TableChange(request, "pre,post\n2.3,1.6\n1,1\n"));
  EXPECT_THAT(report.json, ::testing::HasSubstr(R"("improved":1)"));
}

TEST(Cohort, ReadsSixDecimalsAndNoWords) {
  EXPECT_EQ(*ParseScore("8.33333333333333"), Rational(8333333, 1000000));
  EXPECT_EQ(*ParseScore("-1e2"), Rational(-100));
  for (const char* bad : {"NaN", "nan", "inf", "1,5", "12 ", " 12", "x", "1e20",
                          "--1", "0x10", "12345678901"}) {
    EXPECT_FALSE(ParseScore(bad).has_value()) << bad;
  }
}

TEST(Cohort, ABadTableIsAnErrorThatNamesItsPlace) {
  const auto error = [](std::string_view csv) {
    return std::string(TableChange(Request(), csv).status().message());
  };
  EXPECT_THAT(error(""), ::testing::HasSubstr("empty"));
  EXPECT_THAT(error("pre,post\n"), ::testing::HasSubstr("no rows"));
  EXPECT_THAT(error("pre,last\n1,2\n"),
              ::testing::HasSubstr("no column \"post\"; it has pre, last"));
  EXPECT_THAT(error("pre,post\n1,2\n3\n"),
              ::testing::HasSubstr("line 3: the row has 1 field, the header "
                                   "has 2 fields"));
  EXPECT_THAT(error("pre,post\n1,2,3\n"), ::testing::HasSubstr("line 2"));
  EXPECT_THAT(error("pre,post\n1,2\n1,NaN\n"),
              ::testing::HasSubstr("line 3: column \"post\": \"NaN\""));
  EXPECT_THAT(error("pre,post\n1,two\n"), ::testing::HasSubstr("\"two\""));
  EXPECT_THAT(error("pre,pre\n1,2\n"), ::testing::HasSubstr("two columns"));
  EXPECT_THAT(error("pre,\n1,2\n"), ::testing::HasSubstr("no name"));
  EXPECT_THAT(error("pre,post\n5,1\n"), ::testing::HasSubstr("sd_pre"));
  EXPECT_THAT(error("pre,post\n5,1\n5,2\n"), ::testing::HasSubstr("vary"));
}

TEST(Cohort, OnlyMissingScoresGiveNoAnswer) {
  TableChangeRequest request = Request();
  request.cohort.constants.sd_pre = 5;
  ASSERT_OK_AND_ASSIGN(const Report report,
                       TableChange(request, "pre,post\n5,\n,3\n"));
  EXPECT_FALSE(report.ok);
  EXPECT_THAT(report.json, ::testing::HasSubstr(R"("undefined":2)"));
}

// An index of first scores needs no spread of the last ones; what it lacks is
// named as it is.
TEST(Cohort, AnEstimateAsksForTheSpreadThatItUsesOnly) {
  constexpr char kWell[] = "pre,post\n20,5\n18,5\n15,5\n22,5\n";
  ASSERT_OK_AND_ASSIGN(const Report jt, TableChange(Request(), kWell));
  EXPECT_THAT(jt.json, ::testing::HasSubstr(R"("improved":4)"));
  TableChangeRequest en = Request(ChangeMethod::kEdwardsNunnally);
  en.cohort.constants.sd_pre = 3;
  ASSERT_OK_AND_ASSIGN(const Report mean, TableChange(en, "pre,post\n20,5\n"));
  EXPECT_THAT(mean.json, ::testing::HasSubstr(R"("estimated":["mean_pre"])"));
  const auto error = [](ChangeMethod method, const char* csv) {
    return std::string(TableChange(Request(method), csv).status().message());
  };
  EXPECT_THAT(error(ChangeMethod::kHagemanArrindell, kWell),
              ::testing::HasSubstr("last scores do not vary"));
  EXPECT_THAT(
      error(ChangeMethod::kJacobsonTruax, "pre,post\n9,5\n9,4\n9,3\n"),
      ::testing::HasSubstr("sd_pre must be taken from the table, which has 3 "
                           "pairs whose first scores do not vary"));
  EXPECT_THAT(error(ChangeMethod::kJacobsonTruax, "pre,post\n9,5\n"),
              ::testing::HasSubstr("which has 1 pairs; give"));
}

}  // namespace
}  // namespace stepwell::instruments
