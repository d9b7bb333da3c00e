// Tables of courses: columns in, counts and measures out; the page of measures.
#include "metrics/course_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "metrics/measures.h"
#include "support/chance.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::metrics {
namespace {

constexpr char kHead[] =
    "phq9_first,phq9_last,gad7_first,gad7_last,treatment_contacts";

NhsCounts Count(const std::string& csv, const Period& period = {}) {
  const auto table = ReadCourses(csv, "");
  EXPECT_OK(table.status());
  return CountCourses(table->view(), {}, 1, period)[0];
}

std::string Error(const std::string& csv, std::string_view by = "") {
  return std::string(ReadCourses(csv, by).status().message());
}

const MeasureFigure& Figure(const std::vector<MeasureFigure>& figures,
                            std::string_view id) {
  for (const MeasureFigure& figure : figures) {
    if (figure.definition->id == id) return figure;
  }
  ADD_FAILURE() << id;
  return figures[0];
}

TEST(Courses, CountsKeepMissingScoresInTheDenominator) {
  const NhsCounts c = Count(std::string(kHead) +
                            "\n15,6,12,5,3\n22,14,18,12,2\n5,4,3,2,2\n"
                            "12,,10,,4\n12,3,10,3,1\n9,8,,,\n");
  EXPECT_EQ(c.courses, 6u);
  EXPECT_EQ(c.finished, 4u);
  EXPECT_EQ(c.contacts_missing, 1u);
  EXPECT_EQ(c.not_at_caseness, 1u);
  EXPECT_EQ(c.recovered, 1u);
  EXPECT_EQ(c.unclassified, 1u);
  const auto figures = FiguresOf(c);
  EXPECT_EQ(Figure(figures, "recovery").tenths, 333u);
  EXPECT_EQ(Figure(figures, "recovery").ratio.missing, 1u);
  EXPECT_EQ(Figure(figures, "reliable_improvement").tenths, 500u);
  // Completers 1 of 2, carried forward 1 of 3, all who started 2 of 4.
  EXPECT_EQ(Figure(figures, "reliable_recovery_completers").tenths, 500u);
  EXPECT_EQ(Figure(figures, "reliable_recovery_carried_forward").tenths, 333u);
  EXPECT_EQ(Figure(figures, "reliable_recovery_all_started").tenths, 500u);
  EXPECT_EQ(EstimandGapTenths(c), 0);
  EXPECT_FALSE(EstimandGapTenths(NhsCounts()).has_value());
}

// Who was no case is outside the denominator of recovery, and so no part of
// what is missing of it either.
TEST(Courses, WhatIsMissingIsAPartOfTheDenominator) {
  const NhsCounts c = Count(std::string(kHead) +
                            "\n15,6,12,5,3\n12,,10,,4\n,7,,3,2\n"
                            "5,,3,,2\n6,4,4,,2\n7,,,2,2\n");
  const auto figures = FiguresOf(c);
  EXPECT_EQ(c.not_at_caseness, 2u);
  EXPECT_EQ(c.unclassified, 5u);
  for (const char* id : {"recovery", "reliable_recovery"}) {
    const Ratio& ratio = Figure(figures, id).ratio;
    EXPECT_EQ(ratio.denominator, 4u) << id;
    EXPECT_EQ(ratio.missing, 3u) << id;
  }
  EXPECT_EQ(Figure(figures, "reliable_improvement").ratio.missing, 5u);
  const auto none = FiguresOf(Count(std::string(kHead) + "\n5,,3,,2\n"));
  EXPECT_EQ(Figure(none, "recovery").ratio, (Ratio{0, 0, 0}));
}

TEST(Courses, ThePairedSpecificMeasureDecidesElseGad7) {
  const std::string head =
      std::string(kHead) + ",specific_measure,specific_first,specific_last\n";
  // SPIN: a case from 19; a fall of 10 is reliable.
  EXPECT_EQ(Count(head + "5,5,3,3,2,spin,25,15\n").improved, 1u);
  EXPECT_EQ(Count(head + "5,5,3,3,2,spin,25,16\n").improved, 0u);
  EXPECT_EQ(Count(head + "5,5,3,3,2,spin,25,\n").at_caseness, 0u);
  EXPECT_EQ(Count(head + "5,5,9,3,2,spin,25,\n").recovered, 1u);
  EXPECT_EQ(Count(head + "5,5,3,3,2,mi,2.3,1.57\n").recovered, 1u);
  EXPECT_EQ(Count(head + "5,5,3,3,2,mi,2.3,1.57\n").improved, 1u);
  EXPECT_EQ(Count(head + "5,5,3,3,2,mi,2.3,1.58\n").improved, 0u);
  const std::string complaints =
      std::string(kHead) + ",complaints,specific_first,specific_last\n";
  EXPECT_EQ(Count(complaints + "5,5,3,3,2,F40.1/primary/2025-01-01/1; "
                               "F32/secondary/2025-02-01/2,25,15\n")
                .improved,
            1u);
  EXPECT_EQ(Count(complaints + "5,5,3,3,2,,25,15\n").improved, 0u);
}

TEST(Courses, ThePeriodBoundsEndsAndStarts) {
  const std::string csv =
      std::string(kHead) +
      ",referral_received,first_treatment,second_treatment,discharged\n"
      "15,6,12,5,3,2025-01-01,2025-02-12,2025-06-01,2025-07-01\n"
      "15,6,12,5,3,2025-01-01,2025-02-13,,\n";
  const NhsCounts all = Count(csv);
  EXPECT_EQ(all.finished, 1u);
  EXPECT_EQ(all.started, 2u);
  EXPECT_EQ(all.wait6_started.numerator, 1u);
  EXPECT_EQ(all.second_wait_over_90.numerator, 1u);
  // Days since 1970: 2025-02-13 is 20132.
  EXPECT_EQ(Count(csv, {20132, kNone}).started, 1u);
  EXPECT_EQ(Count(csv, {kNone, 20132}).finished, 0u);
  // Courses are those that ended in it; without bounds also who is still there.
  EXPECT_EQ(all.courses, 2u);
  EXPECT_EQ(Count(csv, {20132, kNone}).courses, 1u);
  EXPECT_EQ(Count(csv, {kNone, 20132}).courses, 0u);
}

// Who had contacts has begun, though nobody knows when.
TEST(Courses, AStartThatNobodyDatedIsAMissingOne) {
  const std::string csv = std::string(kHead) +
                          ",referral_received,first_treatment,discharged\n"
                          "15,6,12,5,3,2025-01-01,2025-02-01,2025-07-01\n"
                          "15,6,12,5,3,2025-01-01,,2025-07-01\n"
                          "15,6,12,5,0,2025-01-01,,2025-07-01\n"
                          "15,6,12,5,,2025-01-01,,2025-07-01\n";
  const NhsCounts all = Count(csv);
  EXPECT_TRUE(all.starts_known);
  EXPECT_EQ(all.started, 2u);
  EXPECT_EQ(all.wait6_started, (Ratio{1, 2, 1}));
  EXPECT_EQ(all.wait6_finished, (Ratio{1, 2, 1}));
  const NhsCounts year = Count(csv, {20089, 20453});  // 2025
  EXPECT_EQ(year.started, 1u);
  EXPECT_EQ(year.wait6_started, (Ratio{1, 1, 0}));
  EXPECT_EQ(year.contacts_missing, 1u);
  EXPECT_EQ(Count(csv, {20454, kNone}).contacts_missing, 0u);
  const NhsCounts none = Count(std::string(kHead) + "\n15,6,12,5,3\n");
  EXPECT_FALSE(none.starts_known);
  EXPECT_EQ(none.started, 0u);
}

// The definition calls it no change; a service may tell it apart.
TEST(Courses, OneUpAndOneDownIsAFigureOfItsOwn) {
  const auto figures = FiguresOf(
      Count(std::string(kHead) + "\n15,6,8,14,3\n15,6,12,5,3\n15,,12,,2\n"));
  EXPECT_EQ(Figure(figures, "mixed_change").ratio, (Ratio{1, 3, 1}));
  EXPECT_EQ(Figure(figures, "no_reliable_change").ratio, (Ratio{1, 3, 1}));
}

TEST(Courses, LostMinutesDoNotLowerTheirMean) {
  std::string whole = std::string(kHead) + ",minutes\n", gaps = whole;
  for (int i = 0; i < 100; ++i) {
    const std::string row = "15,6,12,5,3,";
    whole += row + std::to_string(200 + i % 10) + "\n";
    gaps += row + (i % 10 < 3 ? "" : std::to_string(204)) + "\n";
  }
  const auto all = FiguresOf(Count(whole)), few = FiguresOf(Count(gaps));
  const MeasureFigure& minutes = Figure(few, "therapist_minutes");
  EXPECT_DOUBLE_EQ(*Figure(all, "therapist_minutes").value, 204.5);
  EXPECT_DOUBLE_EQ(*minutes.value, 204);
  EXPECT_EQ(minutes.ratio.missing, 30u);
  EXPECT_EQ(minutes.ratio.denominator, 70u);
}

TEST(Courses, TheEffectUsesTheSdOfFirstScores) {
  const auto figures = FiguresOf(
      Count(std::string(kHead) + "\n10,5,8,8,2\n14,5,8,8,2\n12,,8,,2\n"));
  const MeasureFigure& phq9 = Figure(figures, "effect_phq9");
  // Means 12 and 5, SD of 10 and 14 is sqrt(8).
  EXPECT_NEAR(*phq9.value, 7 / std::sqrt(8.0), 1e-12);
  EXPECT_EQ(phq9.ratio.missing, 1u);
  EXPECT_FALSE(Figure(figures, "effect_gad7").value.has_value());
}

// 1 of 3 less 1 of 6 is 16.67 points, not the difference of what is printed.
TEST(Courses, TheGapIsOfTheSharesThemselves) {
  NhsCounts counts;
  counts.completers = {1, 3, 0};
  counts.all_started = {1, 6, 0};
  EXPECT_EQ(EstimandGapTenths(counts), 167);
  counts.completers = {1, 6, 0};
  counts.all_started = {1, 3, 0};
  EXPECT_EQ(EstimandGapTenths(counts), -167);
  counts.completers = {1, 4, 0};  // 25 less 24.95: half of a tenth, up
  counts.all_started = {499, 2000, 0};
  EXPECT_EQ(EstimandGapTenths(counts), 1);
  counts.completers = {499, 2000, 0};
  counts.all_started = {1, 4, 0};
  EXPECT_EQ(EstimandGapTenths(counts), 0);
  counts.all_started = {};
  EXPECT_EQ(EstimandGapTenths(counts), std::nullopt);
}

TEST(Courses, GroupsAddUpToAll) {
  std::string csv = "team," + std::string(kHead) + "\n";
  for (int i = 0; i < 50; ++i) {
    csv += (i % 3 == 0 ? "north," : "south,") + std::to_string(8 + i % 12) +
           "," + std::to_string(i % 9) + ",9," + std::to_string(i % 11) + "," +
           std::to_string(i % 4) + "\n";
  }
  ASSERT_OK_AND_ASSIGN(const CourseTable table, ReadCourses(csv, "team"));
  const auto groups =
      CountCourses(table.view(), table.group, table.group_names.size(), {});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(table.group_names[0], "north");
  NhsCounts sum;
  for (const NhsCounts& group : groups) sum.Add(group);
  const NhsCounts all = CountCourses(table.view(), {}, 1, {})[0];
  EXPECT_EQ(sum.finished, all.finished);
  EXPECT_EQ(sum.recovered, all.recovered);
  EXPECT_EQ(sum.completers.denominator, all.completers.denominator);
  EXPECT_EQ(sum.phq9.first2, all.phq9.first2);
}

// Whole blocks are counted by other loops than single courses.
TEST(Courses, BlocksCountWhatSingleCoursesCount) {
  std::string csv = std::string(kHead) +
                    ",specific_measure,specific_first,specific_last,"
                    "referral_received,first_treatment,second_treatment,"
                    "discharged,minutes\n";
  testing::Chance chance(5);
  const auto below = [&](int n) { return chance.Below(n); };
  const auto maybe = [&](const std::string& text) {
    return below(8) == 0 ? std::string() : text;
  };
  const auto day = [&](int month) {
    return maybe("2025-0" + std::to_string(month + below(2)) + "-1" +
                 std::to_string(below(10)));
  };
  const char* measures[] = {"", "gad-7", "spin", "pcl-5", "mi"};
  for (int i = 0; i < 5000; ++i) {
    for (const int n : {28, 28, 22, 22, 5}) {
      csv += maybe(std::to_string(below(n))) + ",";
    }
    csv += std::string(measures[below(5)]) + "," +
           maybe(std::to_string(1 + below(5))) + "," +
           maybe(std::to_string(1 + below(5))) + "," + day(1) + "," + day(3) +
           "," + day(5) + "," + day(7) + "," +
           maybe(std::to_string(below(600))) + "\n";
  }
  ASSERT_OK_AND_ASSIGN(const CourseTable table, ReadCourses(csv, ""));
  const std::vector<uint32_t> one(table.rows, 0);
  for (const bool whole : {true, false}) {
    CourseColumns columns = table.view();
    if (!whole) {
      columns.specific = {};
      columns.discharged = columns.minutes = columns.referral = {};
      columns.first_treatment = columns.second_treatment = {};
    }
    // 2025-03-20 to 2025-07-15.
    for (const Period& period : {Period{}, Period{20167, 20284}}) {
      const NhsCounts blocks = CountCourses(columns, {}, 1, period)[0];
      const NhsCounts single = CountCourses(columns, one, 1, period)[0];
      const auto a = FiguresOf(blocks), b = FiguresOf(single);
      for (size_t i = 0; i < a.size(); ++i) {
        const std::string id(a[i].definition->id);
        EXPECT_EQ(a[i].ratio.numerator, b[i].ratio.numerator) << id;
        EXPECT_EQ(a[i].ratio.denominator, b[i].ratio.denominator) << id;
        EXPECT_EQ(a[i].ratio.missing, b[i].ratio.missing) << id;
        EXPECT_EQ(a[i].value, b[i].value) << id;
        EXPECT_EQ(a[i].tenths, b[i].tenths) << id;
        EXPECT_LE(a[i].ratio.missing, a[i].missing_of) << id;
      }
      EXPECT_EQ(blocks.courses, single.courses);
      EXPECT_EQ(blocks.started, single.started);
      EXPECT_EQ(blocks.starts_known, single.starts_known);
      EXPECT_EQ(blocks.mixed, single.mixed);
      EXPECT_EQ(blocks.contacts_missing, single.contacts_missing);
      EXPECT_EQ(blocks.unclassified, single.unclassified);
      EXPECT_EQ(blocks.at_caseness, single.at_caseness);
      EXPECT_EQ(blocks.not_at_caseness, single.not_at_caseness);
      EXPECT_GT(blocks.finished, 100u);
    }
  }
}

// Ten that were no cases at first, without last scores, have left the
// denominator of recovery: nothing is missing of it.
TEST(Courses, OnlyWhatIsInTheDenominatorIsMissingOfIt) {
  std::string csv = std::string(kHead) + "\n15,6,12,5,3\n";
  for (int i = 0; i < 10; ++i) csv += "4,,3,,2\n";
  const auto none = FiguresOf(Count(csv));
  EXPECT_EQ(Figure(none, "recovery").ratio, (Ratio{1, 1, 0}));
  EXPECT_EQ(Figure(none, "reliable_improvement").ratio, (Ratio{1, 11, 10}));
  // A case without a last score, and one of whom no first score tells.
  const auto two = FiguresOf(Count(csv + "20,,12,,2\n4,,,,2\n"));
  EXPECT_EQ(Figure(two, "recovery").ratio, (Ratio{1, 3, 2}));
  EXPECT_EQ(Figure(two, "reliable_recovery").ratio, (Ratio{1, 3, 2}));
}

// As data frames write whole numbers in a column with gaps.
TEST(Courses, WholeNumbersMayHaveAPoint) {
  const std::string head = std::string(kHead) + ",minutes\n";
  const NhsCounts plain = Count(head + "15,6,12,5,3,60\n");
  const NhsCounts pointed = Count(head + "15.0,6.0,12.0,5.0,3.0,60.0\n");
  EXPECT_EQ(pointed.recovered, 1u);
  EXPECT_EQ(pointed.recovered, plain.recovered);
  EXPECT_EQ(pointed.minutes, plain.minutes);
  EXPECT_THAT(Error(head + "15.5,6,12,5,3,60\n"),
              ::testing::HasSubstr("prorated"));
  EXPECT_THAT(Error(head + "15,6,12,5,-3.0,60\n"),
              ::testing::HasSubstr("treatment_contacts"));
}

TEST(Courses, DaysAreInTheirOrder) {
  const std::string head =
      std::string(kHead) +
      ",referral_received,first_treatment,second_treatment,discharged\n"
      "15,6,12,5,3,";
  const auto fails = [&](const std::string& days, const char* says) {
    EXPECT_THAT(Error(head + days + "\n"), ::testing::HasSubstr(says)) << days;
  };
  fails("2025-05-01,2025-05-10,2025-05-20,2024-01-01", "\"discharged\"");
  fails("2025-05-01,,,2024-01-01", "lies before referral_received");
  fails("2025-05-01,,2025-04-20,", "lies before referral_received");
  fails(",2025-05-10,,2025-05-09", "lies before first_treatment");
  fails(",,2025-05-10,2025-05-09", "lies before second_treatment");
  EXPECT_EQ(
      Count(head + "2025-05-01,2025-05-01,2025-05-01,2025-05-01\n").finished,
      1u);
}

TEST(Courses, AWaitNeedsBothDatesAsColumns) {
  const NhsCounts one =
      Count(std::string(kHead) + ",first_treatment\n15,6,12,5,3,2025-04-20\n");
  EXPECT_EQ(one.started, 1u);
  EXPECT_EQ(one.wait6_finished, Ratio());
  EXPECT_EQ(one.wait6_started, Ratio());
  const NhsCounts second =
      Count(std::string(kHead) + ",second_treatment\n15,6,12,5,3,2025-04-20\n");
  EXPECT_EQ(second.second_wait_over_90, Ratio());
}

TEST(Courses, ComplaintsAreCountedAndThoseThatAreKnown) {
  const std::string head =
      std::string(kHead) + ",complaints,specific_first,specific_last\n";
  const auto row = [](const std::string& complaint) {
    return "5,5,5,5,3," + complaint + ",40,20\n";
  };
  for (const char* code : {"F40.1", "F401", "f40.1", "f401"}) {
    EXPECT_EQ(
        Count(head + row(std::string(code) + "/primary/2025-01-01/1")).improved,
        1u)
        << code;
  }
  ASSERT_OK_AND_ASSIGN(
      const CourseTable table,
      ReadCourses(head + row("F401/primary/2025-01-01/1") +
                      row("Z99/primary/2025-01-01/1") + row("NA") + row(""),
                  ""));
  EXPECT_EQ(table.complaints_given, 2u);
  EXPECT_EQ(table.complaints_known, 1u);
  EXPECT_EQ(table.specific, (std::vector<uint8_t>{1, 0, 0, 0}));
}

TEST(Courses, SpecificScoresBelongToAMeasure) {
  const std::string columns =
      ",specific_measure,specific_first,specific_last\n";
  const std::string head = std::string(kHead) + columns + "5,5,5,5,3,";
  for (const char* measure : {"pdss", "pdss-sr", "PDSS"}) {
    EXPECT_EQ(Count(head + measure + ",14,0\n").recovered, 1u) << measure;
  }
  EXPECT_THAT(Error(head + "mi,0.5,1\n"), ::testing::HasSubstr("1 to 5"));
  EXPECT_THAT(Error(head + "spin,18.5,1\n"), ::testing::HasSubstr("not whole"));
  EXPECT_THAT(Error(head + "gad-7,99999,1\n"), ::testing::HasSubstr("0 to 21"));
  EXPECT_THAT(Error(std::string(kHead) +
                    ",specific_first,specific_last\n5,5,5,5,3,40,20\n"),
              ::testing::HasSubstr("whose scores they are"));
}

TEST(Courses, ABadTableIsAnErrorThatNamesItsPlace) {
  const std::string head = std::string(kHead) + "\n";
  EXPECT_THAT(Error("a\n1\n"), ::testing::HasSubstr("phq9_first"));
  EXPECT_THAT(Error(head), ::testing::HasSubstr("no courses"));
  EXPECT_THAT(Error(head + "1,2,3,4\n"), ::testing::HasSubstr("line 2"));
  EXPECT_THAT(Error(head + "28,2,3,4,2\n"),
              ::testing::HasSubstr("line 2: column \"phq9_first\": \"28\""));
  EXPECT_THAT(Error(head + "1,2,22,4,2\n"), ::testing::HasSubstr("0 to 21"));
  EXPECT_THAT(Error(head + "1,2,3,4.5,2\n"), ::testing::HasSubstr("prorated"));
  EXPECT_THAT(Error(head + "1,NaN,3,4,2\n"), ::testing::HasSubstr("NaN"));
  EXPECT_THAT(Error(head + "1,2,3,4,-1\n"), ::testing::HasSubstr("contacts"));
  EXPECT_THAT(Error(head + "1,2,3,4,2\n", "team"),
              ::testing::HasSubstr("no column \"team\""));
  const std::string dates =
      std::string(kHead) + ",referral_received,first_treatment\n1,2,3,4,2,";
  EXPECT_THAT(Error(dates + "2025-02-30,\n"), ::testing::HasSubstr("no date"));
  EXPECT_THAT(Error(dates + "2025-02-03,2025-02-02\n"),
              ::testing::HasSubstr("lies before referral_received"));
  EXPECT_THAT(Error(std::string(kHead) + ",specific_measure\n1,2,3,4,2,spin\n"),
              ::testing::HasSubstr("specific_first"));
  const std::string specific =
      std::string(kHead) +
      ",specific_measure,complaints,specific_first,specific_last\n1,2,3,4,2,";
  EXPECT_THAT(Error(specific + "ocd,,1,1\n"), ::testing::HasSubstr("it has"));
  EXPECT_THAT(Error(specific + "spin,,69,1\n"),
              ::testing::HasSubstr("0 to 68"));
  EXPECT_THAT(Error(specific + "spin,,x,1\n"), ::testing::HasSubstr("score"));
  for (const char* bad : {"F32", "F32/primary/2025-01-01", "F32/x/2025-01-01/1",
                          "F32/primary/2025-13-01/1", "F32/primary/x/y/z"}) {
    EXPECT_THAT(Error(specific + "," + bad + ",1,1\n"),
                ::testing::HasSubstr("complaints"));
  }
}

// STEPWELL_WRITE=1 writes the page.
TEST(Measures, ThePageIsWhatTheDefinitionsSay) {
  const auto path =
      std::filesystem::path(STEPWELL_SOURCE_DIR) / "docs/reference/measures.md";
  if (std::getenv("STEPWELL_WRITE") != nullptr) {
    std::ofstream(path) << MeasuresPage();
  }
  EXPECT_EQ(testing::ReadFileText(path), MeasuresPage());
}

TEST(Measures, EachHasASourceAndAnEstimand) {
  for (const MeasureDefinition* m : NhsTtMeasures()) {
    EXPECT_FALSE(m->source.empty() || m->estimand.empty() ||
                 m->missing.empty() || m->denominator.empty())
        << m->id;
  }
}

}  // namespace
}  // namespace stepwell::metrics
