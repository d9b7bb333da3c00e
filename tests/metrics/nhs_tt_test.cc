// NHS Talking Therapies: one course by the rules, the shared vectors, and the
// published percentages from their counts.
#include "metrics/nhs_tt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/csv.h"
#include "instruments/answers.h"
#include "json/json.h"
#include "metrics/measures.h"
#include "metrics/published.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::metrics {
namespace {

constexpr Thresholds kGad7{8 * kPoint, 4 * kPoint};

ScorePairOf Points(int first, int last) {
  return {first < 0 ? kNone : first * kPoint, last < 0 ? kNone : last * kPoint};
}

// A second reading of the rules, in plain words and numbers.
Reliable PlainReliable(int p1, int p2, int a1, int a2) {
  const bool phq_up = p2 >= p1 + 6, phq_down = p1 >= p2 + 6;
  const bool anx_up = a2 >= a1 + 4, anx_down = a1 >= a2 + 4;
  if ((phq_down && !anx_up) || (anx_down && !phq_up)) {
    return Reliable::kImproved;
  }
  if ((phq_up && !anx_down) || (anx_up && !phq_down)) {
    return Reliable::kDeteriorated;
  }
  return Reliable::kNoChange;
}

TEST(NhsCourse, EveryPairOfScoresIsWhatTheRulesSay) {
  for (int p1 = 0; p1 <= 27; ++p1) {
    for (int p2 = 0; p2 <= 27; ++p2) {
      for (int a1 = 0; a1 <= 21; ++a1) {
        for (int a2 = 0; a2 <= 21; ++a2) {
          const CourseOutcome o =
              OutcomeOf(Points(p1, p2), Points(a1, a2), kGad7);
          const bool is_case = p1 >= 10 || a1 >= 8;
          ASSERT_EQ(o.at_caseness, is_case);
          ASSERT_EQ(o.not_at_caseness, !is_case);
          ASSERT_EQ(o.recovered, is_case && p2 < 10 && a2 < 8);
          ASSERT_EQ(o.reliable, PlainReliable(p1, p2, a1, a2))
              << p1 << " " << p2 << " " << a1 << " " << a2;
        }
      }
    }
  }
}

TEST(NhsCourse, MissingScoresAreNeitherCaseNorRecovery) {
  const auto outcome = [](int p1, int p2, int a1, int a2) {
    return OutcomeOf(Points(p1, p2), Points(a1, a2), kGad7);
  };
  EXPECT_TRUE(outcome(12, -1, -1, -1).at_caseness);
  EXPECT_FALSE(outcome(5, -1, -1, -1).at_caseness);
  EXPECT_FALSE(outcome(5, -1, -1, -1).not_at_caseness);
  EXPECT_TRUE(outcome(5, -1, 3, -1).not_at_caseness);
  EXPECT_FALSE(outcome(12, 2, 10, -1).recovered);
  EXPECT_EQ(outcome(12, 2, 10, -1).reliable, Reliable::kUnclassified);
}

TEST(NhsCourse, SharedVectors) {
  constexpr char kFile[] = "scoring_vectors.json";
  STEPWELL_NEEDS_SHARED(kFile);
  const std::string text = testing::ReadFileText(testing::SharedPath(kFile));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(text));
  int checked = 0;
  const auto score = [](json::Value v) {
    return v.is_null() ? -1 : static_cast<int>(*v.int64_value());
  };
  for (json::Value v : json::Children(document.root().Find("nhs_outcomes"))) {
    const std::string id(v.Find("id").string_value());
    const json::Value phq = v.Find("phq9"), anxiety = v.Find("anxiety");
    const json::Value expect = v.Find("expect");
    const CourseOutcome o =
        OutcomeOf(Points(score(phq.at(0)), score(phq.at(1))),
                  Points(score(anxiety.at(0)), score(anxiety.at(1))), kGad7);
    EXPECT_EQ(o.at_caseness, expect.Find("at_caseness").bool_value()) << id;
    EXPECT_EQ(o.recovered, expect.Find("recovered").bool_value()) << id;
    EXPECT_EQ(ReliableName(o.reliable), expect.Find("reliable").string_value())
        << id;
    EXPECT_EQ(o.reliable_recovery(),
              expect.Find("reliable_recovery").bool_value())
        << id;
    ++checked;
  }
  EXPECT_GE(checked, 6);
}

struct OneCourse {
  std::vector<int32_t> score = {kNone}, contacts = {2};
  std::vector<int32_t> referral = {kNone}, first = {kNone}, second = {kNone};

  NhsCounts Count() const {
    CourseColumns c;
    c.rows = 1;
    c.phq9_first = c.phq9_last = c.gad7_first = c.gad7_last = score;
    c.contacts = contacts;
    c.referral = referral;
    c.first_treatment = first;
    c.second_treatment = second;
    return CountCourses(c, {}, 1, {})[0];
  }
};

TEST(NhsCourse, WaitingVectors) {
  constexpr char kFile[] = "scoring_vectors.json";
  STEPWELL_NEEDS_SHARED(kFile);
  const std::string text = testing::ReadFileText(testing::SharedPath(kFile));
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(text));
  int checked = 0;
  for (json::Value v : json::Children(document.root().Find("waiting"))) {
    OneCourse course;
    const auto day = [&](const char* key) {
      const json::Value date = v.Find(key);
      return date ? *instruments::ParseDateAnswer(date.string_value()) : kNone;
    };
    course.referral = {day("referral")};
    course.first = {day("first_treatment")};
    course.second = {day("second_treatment")};
    const NhsCounts counts = course.Count();
    if (v.Find("within6")) {
      const bool in6 = v.Find("within6").bool_value();
      const bool in18 = v.Find("within18").bool_value();
      EXPECT_EQ(counts.wait6_finished.numerator, in6 ? 1u : 0u);
      EXPECT_EQ(counts.wait6_started.numerator, in6 ? 1u : 0u);
      EXPECT_EQ(counts.wait18_finished.numerator, in18 ? 1u : 0u);
      EXPECT_EQ(counts.wait18_started.numerator, in18 ? 1u : 0u);
    } else {
      EXPECT_EQ(counts.second_wait_over_90.denominator, 1u);
      EXPECT_EQ(counts.second_wait_over_90.numerator,
                v.Find("over90").bool_value() ? 1u : 0u);
    }
    ++checked;
  }
  EXPECT_GE(checked, 3);
}

TEST(NhsCourse, WaitsTurnOnTheDay) {
  for (const int days : {41, 42, 43, 90, 91, 125, 126, 127}) {
    OneCourse course;
    course.referral = {0};
    course.first = {days};
    course.second = {days + days};
    const NhsCounts counts = course.Count();
    EXPECT_EQ(counts.wait6_finished.numerator, days <= 42 ? 1u : 0u) << days;
    EXPECT_EQ(counts.wait18_started.numerator, days <= 126 ? 1u : 0u) << days;
    EXPECT_EQ(counts.second_wait_over_90.numerator, days > 90 ? 1u : 0u);
  }
}

TEST(NhsCourse, TwoContactsFinishACourse) {
  for (const int contacts : {0, 1, 2, 3}) {
    OneCourse course;
    course.contacts = {contacts};
    EXPECT_EQ(course.Count().finished, contacts >= 2 ? 1u : 0u);
  }
  OneCourse unknown;
  unknown.contacts = {kNone};
  EXPECT_EQ(unknown.Count().finished, 0u);
  EXPECT_EQ(unknown.Count().contacts_missing, 1u);
}

TEST(AnxietyMeasures, FollowFromTheComplaint) {
  const auto id = [](const char* code) {
    return std::string(
        AnxietyMeasures()[AnxietyMeasureFor(code).value_or(0)].id);
  };
  EXPECT_EQ(id("F40.0"), "mi");
  EXPECT_EQ(id("F40.1"), "spin");
  EXPECT_EQ(id("F41.0"), "pdss");
  EXPECT_EQ(id("F42"), "oci");
  EXPECT_EQ(id("F42.1"), "oci");
  EXPECT_EQ(id("F43.1"), "pcl-5");
  EXPECT_EQ(id("F45.2"), "hai");
  EXPECT_EQ(id("f401"), "spin");
  EXPECT_EQ(id("F410"), "pdss");
  EXPECT_EQ(AnxietyMeasureFor("F32.9"), 0u);
  EXPECT_EQ(AnxietyMeasureFor("F321"), 0u);
  EXPECT_FALSE(AnxietyMeasureFor("Z00").has_value());
  EXPECT_FALSE(AnxietyMeasureFor("").has_value());
  for (const char* other : {"F32", "F32.1", "F33", "F41.1", "F41.2", "", "F4",
                            "F41", "F45.21X", "Z00"}) {
    EXPECT_EQ(id(other), std::string(other) == "F45.21X" ? "hai" : "gad-7")
        << other;
  }
}

TEST(AnxietyMeasures, TheTieBreakOfComplaints) {
  const Complaint none{"", true, 30, 9}, old{"F32", true, 10, 1},
      late{"F40.1", true, 20, 1}, later_id{"F42", true, 20, 2},
      secondary{"F41.0", false, 99, 99};
  const auto chosen = [](std::vector<Complaint> list) {
    return list[*PresentingComplaint(list)].code;
  };
  EXPECT_EQ(chosen({none, secondary}), "F41.0");    // populated first
  EXPECT_EQ(chosen({secondary, old}), "F32");       // then primary
  EXPECT_EQ(chosen({old, late}), "F40.1");          // then the latest
  EXPECT_EQ(chosen({later_id, late, old}), "F42");  // then the highest id
  EXPECT_FALSE(PresentingComplaint({}).has_value());
}

TEST(Percent, RoundsHalfUpInWholeNumbers) {
  EXPECT_EQ(PercentTenths(1, 2000), 1u);  // 0.05 %
  EXPECT_EQ(PercentTenths(1, 2001), 0u);
  EXPECT_EQ(PercentTenths(321061, 635185), 505u);
  EXPECT_EQ(PercentTenths(5, 5), 1000u);
  EXPECT_FALSE(PercentTenths(0, 0).has_value());
}

// "50.5" and "31" in tenths.
std::optional<uint64_t> PublishedTenths(std::string_view field) {
  if (field.empty() || field == "NULL" || field == "*") return std::nullopt;
  return static_cast<uint64_t>(std::stod(std::string(field)) * 10 + 0.5);
}

TEST(Published, EveryPercentageOfEnglandComesOutOfItsCounts) {
  constexpr char kFile[] = "nhs_tt_england_annual.csv";
  STEPWELL_NEEDS_SHARED(kFile);
  const std::string text = testing::ReadFileText(testing::SharedPath(kFile));
  ASSERT_OK_AND_ASSIGN(const auto rows, ReadPublished(text));
  ASSERT_OK_AND_ASSIGN(CsvReader csv, CsvReader::Open(text));
  const std::map<std::string_view, const char*> columns = {
      {"recovery", "recovery_percentage"},
      {"reliable_recovery", "reliable_recovery_percentage"},
      {"reliable_improvement", "improvement_percentage"},
      {"reliable_deterioration", "deterioration_percentage"},
      {"no_reliable_change", "no_reliable_change_percentage"}};
  int checked = 0, whole_rows = 0;
  for (const PublishedRow& row : rows) {
    ASSERT_TRUE(*csv.Next());
    ASSERT_EQ(row.line, csv.line());
    whole_rows += row.figures.size() == columns.size();
    for (const MeasureFigure& figure : row.figures) {
      const auto published = PublishedTenths(
          csv.field(*csv.Find(columns.at(figure.definition->id))));
      // A share of nobody is published as nothing or as 0.
      if (!figure.tenths.has_value()) continue;
      ASSERT_TRUE(published.has_value()) << row.line;
      EXPECT_EQ(figure.tenths, published)
          << "line " << row.line << ", " << figure.definition->id;
      ++checked;
    }
  }
  EXPECT_EQ(rows.size(), 540u);
  EXPECT_GE(whole_rows, 300);
  EXPECT_GE(checked, 1500);
}

TEST(Published, WrongCountsAreErrors) {
  const std::string head =
      "finished_course_treatment_count,not_at_caseness_count,recovery_count,"
      "reliable_recovery_count,improvement_count,no_reliable_change_count,"
      "deterioration_count\n";
  EXPECT_THAT(ReadPublished(head + "10,1,2,1,5,4,x\n").status().message(),
              ::testing::HasSubstr("line 2"));
  EXPECT_THAT(ReadPublished(head + "10,11,2,1,5,4,1\n").status().message(),
              ::testing::HasSubstr("more than the 10 finished"));
  EXPECT_THAT(ReadPublished("a\n1\n").status().message(),
              ::testing::HasSubstr("no column"));
  // None of these can be: of one case five recover; more recover reliably than
  // recover, or improve; 24 outcomes of 10 courses.
  for (const char* row : {"10,9,5,0,5,4,1", "10,1,5,8,8,1,1", "10,1,5,5,4,4,1",
                          "10,1,5,1,8,8,8", "10,1,0,0,NULL,8,8"}) {
    EXPECT_THAT(ReadPublished(head + row + "\n").status().message(),
                ::testing::HasSubstr("line 2"))
        << row;
  }
  ASSERT_OK_AND_ASSIGN(const auto rows,
                       ReadPublished(head + "10,NULL,2,1,5,4,*\nNULL,,,,,,\n"));
  EXPECT_EQ(rows[0].figures.size(), 2u);
  EXPECT_TRUE(rows[1].figures.empty());
}

// Finished, not at caseness, recovered, reliably so, improved, no change,
// deteriorated.
TEST(Published, WhatIsMissingIsKnownWhereTheCountsTellIt) {
  const std::string head =
      "finished_course_treatment_count,not_at_caseness_count,recovery_count,"
      "reliable_recovery_count,improvement_count,no_reliable_change_count,"
      "deterioration_count\n";
  const auto missing = [&](const char* row, const char* measure) {
    const auto rows = ReadPublished(head + row + "\n");
    EXPECT_OK(rows.status());
    for (const MeasureFigure& figure : (*rows)[0].figures) {
      if (figure.definition->id != measure) continue;
      return figure.missing_known ? static_cast<int>(figure.ratio.missing) : -1;
    }
    ADD_FAILURE() << measure;
    return -2;
  };
  EXPECT_EQ(missing("10,1,5,4,5,2,1", "reliable_improvement"), 2);
  EXPECT_EQ(missing("10,0,5,4,5,,1", "reliable_improvement"), -1);
  EXPECT_EQ(missing("10,0,5,4,5,*,1", "recovery"), -1);
  // Whether the two without a pair were cases is not told, unless all were.
  EXPECT_EQ(missing("10,1,5,4,5,2,1", "recovery"), -1);
  EXPECT_EQ(missing("10,0,5,4,5,2,1", "recovery"), 2);
  EXPECT_EQ(missing("10,1,5,4,5,4,1", "recovery"), 0);
}

}  // namespace
}  // namespace stepwell::metrics
