// Change of one case: edges of >=, undefined percentages, classes by cutoff.
#include "instruments/change.h"

#include <gtest/gtest.h>

#include <cmath>

#include "instruments/score_report.h"
#include "json/json.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

constexpr Direction kLower = Direction::kLowerIsBetter;
constexpr Direction kHigher = Direction::kHigherIsBetter;

TEST(ThresholdChange, AChangeOfExactlyTheThresholdCounts) {
  for (int pre = 0; pre <= 27; ++pre) {
    for (int post = 0; post <= 27; ++post) {
      const ChangeClass expected = pre - post >= 6 ? ChangeClass::kImproved
                                   : post - pre >= 6
                                       ? ChangeClass::kDeteriorated
                                       : ChangeClass::kUnchanged;
      EXPECT_EQ(ThresholdChange(Rational(pre), Rational(post), 6, kLower),
                expected);
      // Higher is better: the mirror image.
      EXPECT_EQ(ThresholdChange(Rational(post), Rational(pre), 6, kHigher),
                expected);
    }
  }
}

TEST(ThresholdChange, IsExactForProratedScores) {
  // 11.25 - 5.25 is 6 exactly; in thirds nothing is lost either.
  EXPECT_EQ(ThresholdChange(Rational(45, 4), Rational(21, 4), 6, kLower),
            ChangeClass::kImproved);
  EXPECT_EQ(ThresholdChange(Rational(19, 3), Rational(1, 3), 6, kLower),
            ChangeClass::kImproved);
  EXPECT_EQ(ThresholdChange(Rational(19, 3), Rational(10, 30), 6, kLower),
            ChangeClass::kImproved);
  EXPECT_EQ(ThresholdChange(Rational(19, 3), Rational(11, 30), 6, kLower),
            ChangeClass::kUnchanged);
}

TEST(ThresholdChange, AMissingScoreIsUndefined) {
  EXPECT_EQ(ThresholdChange(std::nullopt, Rational(1), 6, kLower),
            ChangeClass::kUndefined);
  EXPECT_EQ(ThresholdChange(Rational(1), std::nullopt, 6, kLower),
            ChangeClass::kUndefined);
  EXPECT_EQ(ThresholdChange(Rational(9), Rational(1), 6, Direction::kNone),
            ChangeClass::kUndefined);
}

TEST(PercentChange, IsUndefinedFromZeroAndExactAtTheEdge) {
  const Rational half(50);
  EXPECT_EQ(PercentChange(Rational(0), Rational(9), half, kLower),
            ChangeClass::kUndefined);
  EXPECT_EQ(PercentChange(Rational(0), Rational(0), half, kLower),
            ChangeClass::kUndefined);
  EXPECT_EQ(PercentChange(Rational(15), Rational(8), half, kLower),
            ChangeClass::kUnchanged);
  EXPECT_EQ(PercentChange(Rational(16), Rational(8), half, kLower),
            ChangeClass::kImproved);
  EXPECT_EQ(PercentChange(Rational(8), Rational(12), half, kLower),
            ChangeClass::kDeteriorated);
  EXPECT_EQ(PercentChange(Rational(8), Rational(12), half, kHigher),
            ChangeClass::kImproved);
  EXPECT_EQ(PercentChange(std::nullopt, Rational(12), half, kHigher),
            ChangeClass::kUndefined);
}

TEST(ClinicalCutoff, UsesTheFunctionalSdForB) {
  const Group clinical{40, 10}, functional{60, 5};
  EXPECT_DOUBLE_EQ(
      *ClinicalCutoff(CutoffRule::kA, clinical, functional, kHigher), 60);
  // With the clinical SD it would be 40.
  EXPECT_DOUBLE_EQ(
      *ClinicalCutoff(CutoffRule::kB, clinical, functional, kHigher), 50);
  EXPECT_DOUBLE_EQ(
      *ClinicalCutoff(CutoffRule::kC, clinical, functional, kHigher),
      (10.0 * 60 + 5.0 * 40) / 15);
  EXPECT_DOUBLE_EQ(
      *ClinicalCutoff(CutoffRule::kB, functional, clinical, kLower), 60);
}

TEST(ClinicalCutoff, SaysWhatItNeeds) {
  const Group group{40, 10};
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(ClinicalCutoff(CutoffRule::kA, {}, group, kLower),
              testing::StatusIs(invalid, "clinical"));
  EXPECT_THAT(ClinicalCutoff(CutoffRule::kB, group, {}, kLower),
              testing::StatusIs(invalid, "functional"));
  EXPECT_THAT(ClinicalCutoff(CutoffRule::kC, group, Group{1, 0}, kLower),
              testing::StatusIs(invalid, "SD"));
  EXPECT_THAT(ClinicalCutoff(CutoffRule::kC, group, Group{NAN, 1}, kLower),
              testing::StatusIs(invalid, "finite"));
  EXPECT_THAT(ClinicalCutoff(CutoffRule::kC, group, group, Direction::kNone),
              testing::StatusIs(invalid, "direction"));
}

TEST(ChangeReport, ShowsEveryRuleOfTheProfile) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  ASSERT_OK_AND_ASSIGN(const Report report,
                       ChangeJson(*phq, Rational(15), Rational(9)));
  EXPECT_TRUE(report.ok);
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(report.json));
  const json::Value cutoffs = document.root().Find("cutoffs");
  EXPECT_EQ(cutoffs.at(0).Find("id").string_value(), "caseness");
  EXPECT_TRUE(cutoffs.at(0).Find("pre").bool_value());
  EXPECT_FALSE(cutoffs.at(0).Find("post").bool_value());
  EXPECT_EQ(cutoffs.at(1).Find("class").string_value(), "improved");
  const json::Value jt = document.root().Find("indexes").Find("jt");
  ASSERT_EQ(jt.size(), 2u);
  EXPECT_EQ(*jt.at(0).Find("smallest_integer_change").int64_value(), 6);
  EXPECT_EQ(jt.at(0).Find("class").string_value(), "improved");
  // By the retest reliability the same six points are no reliable change.
  EXPECT_EQ(*jt.at(1).Find("smallest_integer_change").int64_value(), 7);
  EXPECT_EQ(jt.at(1).Find("class").string_value(), "unchanged");
}

TEST(ChangeReport, AMissingScoreIsUndefinedAndABadOneRefused) {
  const auto phq = *LoadCatalogueInstrument("phq-9");
  ASSERT_OK_AND_ASSIGN(const Report report,
                       ChangeJson(*phq, Rational(15), std::nullopt));
  EXPECT_FALSE(report.ok);
  EXPECT_NE(report.json.find(R"("class":"undefined")"), std::string::npos);
  EXPECT_NE(report.json.find(R"("post":"unknown")"), std::string::npos);
  EXPECT_THAT(ChangeJson(*phq, Rational(28), Rational(1)),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "27"));
  EXPECT_THAT(ChangeJson(*phq, Rational(31, 2), Rational(1)),
              testing::StatusIs(absl::StatusCode::kInvalidArgument,
                                "first score 15.5 comes from no answers"));
  EXPECT_THAT(ChangeJson(*phq, Rational(2), Rational(1), {"nowhere", ""}),
              testing::StatusIs(absl::StatusCode::kNotFound, "profile"));
  const auto screen = *LoadCatalogueInstrument("risk-screen");
  EXPECT_THAT(ChangeJson(*screen, Rational(2), Rational(1)),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "total"));
}

// "label: value" a row.
std::string RowsOf(const absl::StatusOr<Report>& report) {
  std::string text;
  for (const ReportRow& row : report->rows) {
    text += row.label + ": " + row.value + "\n";
  }
  return text;
}

// What people read says as much as the JSON, of subscales alone too.
TEST(ChangeReport, TellsPeopleOfScoresBandsAndThresholds) {
  const auto hads = *LoadCatalogueInstrument("hads");
  EXPECT_EQ(
      RowsOf(ChangeJson(*hads, Rational(12), Rational(5), {"", "anxiety"})),
      "first score: 12, abnormal\nlast score: 5, normal\n"
      "anxiety_case: yes, then no\n");
  EXPECT_EQ(
      RowsOf(ChangeJson(*hads, Rational(12), std::nullopt, {"", "anxiety"})),
      "first score: 12, abnormal\nlast score: missing\n"
      "anxiety_case: yes, then unknown\n");
  const auto dass = *LoadCatalogueInstrument("dass-21");
  EXPECT_EQ(RowsOf(ChangeJson(*dass, Rational(14), Rational(8), {"", "D"})),
            "first score: 14, moderate\nlast score: 8, normal\n"
            "change: not judged: the document has no cut-off and no SD for "
            "it\n");
  const auto audit = *LoadCatalogueInstrument("audit-c");
  EXPECT_NE(RowsOf(ChangeJson(*audit, Rational(4), Rational(3)))
                .find("(male): yes, then no\n"),
            std::string::npos);
}

}  // namespace
}  // namespace stepwell::instruments
