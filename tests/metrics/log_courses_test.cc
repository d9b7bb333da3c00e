// Courses of a case in the columns of the published measures, and what only a
// log can tell: minutes by the piece, adherence.
#include "metrics/log_courses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/course_support.h"

namespace stepwell::metrics {
namespace {

using namespace engine;  // NOLINT: the events' names
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int32_t kStartDay = 19'675;  // of kStart

class LogCoursesTest : public CourseFixture {
 protected:
  void SetUp() override {
    CourseFixture::SetUp();
    phq9_ = protocol_->FindInstrument("phq9");
    gad7_ = protocol_->FindInstrument("gad7");
  }

  void Open(double day, const char* route = "self") {
    Take(day, CaseOpened{});
    Refer(day, route);
  }
  void Refer(double day, const char* route = "self") {
    Referral referral;
    referral.route = protocol_->FindRoute(route);
    referral.wait_from = Day(day);
    Take(day, ReferralAttached{referral});
  }

  // A finished item of staff; its ordinal.
  uint32_t Work(double day, const char* element,
                std::optional<int32_t> minutes) {
    ItemOpened opened;
    opened.key.element = protocol_->FindElement(element);
    Take(day, opened);
    const auto ordinal = static_cast<uint32_t>(course_.items.size() - 1);
    Take(day, ItemDone{ordinal, {}, minutes});
    return ordinal;
  }

  // The seq of the ScoreRecorded.
  uint64_t Score(double day, InstrumentRef instrument, int64_t points,
                 const std::string& id = "",
                 std::optional<double> recorded = {}) {
    ResponseReceived received;
    received.response_id = id;
    received.instrument = instrument;
    ScoreRecorded score;
    score.instrument = instrument;
    score.response_seq = Take(day, received, recorded);
    score.score = engine::Ratio{points, 1};
    return Take(day, score, recorded);
  }

  std::vector<LogCourse> Courses(const LogCourseOptions& options = {}) const {
    return CoursesOf(course_, *protocol_, options);
  }
  LogCourse Only() const {
    const auto courses = Courses();
    EXPECT_EQ(courses.size(), 1u);
    return courses.empty() ? LogCourse() : courses[0];
  }

  InstrumentRef phq9_, gad7_;
};

int32_t At(const LogCourse& course, CourseColumn column) {
  return course.number(column);
}

TEST_F(LogCoursesTest, ACourseHasTheColumnsOfATable) {
  Open(0);
  Score(1, phq9_, 15);
  Score(1, gad7_, 12);
  Work(20, "contact", 30);
  Score(25, phq9_, 11);
  Work(125, "m1_check", 12);
  Score(126, gad7_, 4);
  Score(126, phq9_, 7);
  Take(130, EpisodeClosed{1, {}});
  const LogCourse course = Only();
  EXPECT_EQ(course.route, "self");
  EXPECT_EQ(At(course, CourseColumn::kPhq9First), 15 * kPoint);
  EXPECT_EQ(At(course, CourseColumn::kPhq9Last), 7 * kPoint);
  EXPECT_EQ(At(course, CourseColumn::kGad7First), 12 * kPoint);
  EXPECT_EQ(At(course, CourseColumn::kGad7Last), 4 * kPoint);
  EXPECT_EQ(At(course, CourseColumn::kContacts), 2);
  EXPECT_EQ(At(course, CourseColumn::kReferral), kStartDay);
  EXPECT_EQ(At(course, CourseColumn::kFirstTreatment), kStartDay + 20);
  EXPECT_EQ(At(course, CourseColumn::kSecondTreatment), kStartDay + 125);
  EXPECT_EQ(At(course, CourseColumn::kDischarged), kStartDay + 130);
  const CourseTable table = TableOf({course}, {});
  const NhsCounts counts = CountCourses(table.view(), {}, 1, {})[0];
  EXPECT_EQ(counts.finished, 1u);
  EXPECT_EQ(counts.reliable_recovery, 1u);
  EXPECT_EQ(counts.second_wait_over_90.numerator, 1u);
  EXPECT_EQ(counts.wait6_finished.numerator, 1u);
}

// What is missing is missing: no score, no end, one contact only.
TEST_F(LogCoursesTest, WhatThereIsNotIsMissing) {
  Open(0);
  Score(1, phq9_, 15);
  const LogCourse course = Only();
  EXPECT_EQ(At(course, CourseColumn::kPhq9First), 15 * kPoint);
  EXPECT_EQ(At(course, CourseColumn::kPhq9Last), kNone);
  EXPECT_EQ(At(course, CourseColumn::kGad7First), kNone);
  EXPECT_EQ(At(course, CourseColumn::kContacts), 0);
  EXPECT_EQ(At(course, CourseColumn::kFirstTreatment), kNone);
  EXPECT_EQ(At(course, CourseColumn::kDischarged), kNone);
}

// Its day is that of the service: 23:50 UTC is the next morning in Stockholm.
TEST_F(LogCoursesTest, DaysAreThoseOfTheZone) {
  Open(0);
  const double late = 1 + (23.0 + 50.0 / 60 - (22 + 800.0 / 3600)) / 24;
  Work(late, "contact", 30);
  const auto sweden =
      protocol::LoadProtocol(FindCatalogueFile("protocols/icbt_sweden.json"),
                             protocol::BuiltInCatalogue());
  ASSERT_TRUE(sweden.ok());
  const auto there = CoursesOf(course_, *sweden->protocol, {});
  ASSERT_EQ(there.size(), 1u);
  EXPECT_EQ(At(Only(), CourseColumn::kFirstTreatment), kStartDay + 1);
  EXPECT_EQ(At(there[0], CourseColumn::kFirstTreatment), kStartDay + 2);
}

// The first answer is corrected after the last one was given: it stays the
// first. A correction that names its own time is of that.
TEST_F(LogCoursesTest, AnAmendmentIsOfTheTimeOfWhatItReplaces) {
  Open(0);
  Score(1, phq9_, 20, "r1");
  Score(50, phq9_, 9, "r2");
  Score(60, phq9_, 18, "r1");
  EXPECT_EQ(At(Only(), CourseColumn::kPhq9First), 18 * kPoint);
  EXPECT_EQ(At(Only(), CourseColumn::kPhq9Last), 9 * kPoint);
  Score(55, phq9_, 17, "r1", 70);
  EXPECT_EQ(At(Only(), CourseColumn::kPhq9First), 9 * kPoint);
  EXPECT_EQ(At(Only(), CourseColumn::kPhq9Last), 17 * kPoint);
}

// A form on paper that is noted late counts when it was filled in.
TEST_F(LogCoursesTest, ALateNoteCountsWhenItHappened) {
  Open(0);
  Score(50, phq9_, 9);
  Score(1, phq9_, 20, "", 60);
  EXPECT_EQ(At(Only(), CourseColumn::kPhq9First), 20 * kPoint);
  EXPECT_EQ(At(Only(), CourseColumn::kPhq9Last), 9 * kPoint);
}

TEST_F(LogCoursesTest, ASafetyAmendmentCorrectsTheScore) {
  Open(0);
  const uint64_t first = Score(1, phq9_, 20);
  Score(50, phq9_, 9);
  Amended amended;
  CorrectedScore corrected;
  corrected.seq = first;
  corrected.score = engine::Ratio{21, 2};
  amended.scores = {corrected};
  Take(60, amended);
  EXPECT_EQ(At(Only(), CourseColumn::kPhq9First), 21 * kPoint / 2);
  EXPECT_EQ(At(Only(), CourseColumn::kPhq9Last), 9 * kPoint);
}

// As a table of courses takes none; what is left out is counted.
TEST_F(LogCoursesTest, AProratedScoreIsNone) {
  Open(0);
  ScoreRecorded score;
  score.instrument = phq9_;
  score.score = engine::Ratio{45, 4};
  score.prorated = true;
  Take(1, score);
  Score(2, phq9_, 12);
  Take(20, score);
  const LogCourse course = Only();
  EXPECT_EQ(At(course, CourseColumn::kPhq9First), 12 * kPoint);
  EXPECT_EQ(At(course, CourseColumn::kPhq9Last), kNone);
  EXPECT_EQ(course.prorated, 2u);
  EXPECT_EQ(FirstAndLast(course_, phq9_).first, 11.25);
}

TEST_F(LogCoursesTest, AnEpisodeIsACourseOfItsOwn) {
  Open(0);
  Score(1, phq9_, 15);
  Work(10, "contact", 30);
  Take(30, EpisodeClosed{1, {}});
  Score(40, phq9_, 3);  // after the end: of no course's change
  Take(100, EpisodeOpened{2, {}});
  Refer(95, "gp");
  Score(101, phq9_, 12);
  const auto courses = Courses();
  ASSERT_EQ(courses.size(), 2u);
  EXPECT_EQ(At(courses[0], CourseColumn::kPhq9Last), kNone);
  EXPECT_EQ(At(courses[0], CourseColumn::kContacts), 1);
  EXPECT_EQ(courses[0].route, "self");
  EXPECT_EQ(At(courses[1], CourseColumn::kPhq9First), 12 * kPoint);
  EXPECT_EQ(At(courses[1], CourseColumn::kContacts), 0);
  EXPECT_EQ(At(courses[1], CourseColumn::kReferral), kStartDay + 95);
  EXPECT_EQ(courses[1].route, "gp");
}

TEST_F(LogCoursesTest, CareThatEndedElsewhereIsNoCourse) {
  Take(0, CaseOpened{});
  Take(0, EpisodeClosed{1, {}});
  Take(0, EndedReferralFiled{});
  EXPECT_THAT(Courses(), IsEmpty());
}

TEST_F(LogCoursesTest, TheComplaintCallsForItsMeasure) {
  Open(0);
  FactRecorded fact;
  fact.fact = protocol_->FindFact("problem");
  ASSERT_FALSE(fact.fact.IsNone());
  fact.value.kind = FactValue::Kind::kText;
  fact.value.text = "F40.1";
  Take(1, fact);
  EXPECT_EQ(Only().specific, 0);
  const auto courses = Courses({"problem"});
  ASSERT_EQ(courses.size(), 1u);
  EXPECT_EQ(AnxietyMeasures()[courses[0].specific].id, "spin");
}

// A migration gives the case other numbers; what happened stays what it was.
TEST_F(LogCoursesTest, AMigrationChangesNoCourse) {
  Open(0);
  Score(1, phq9_, 15);
  Work(10, "contact", 30);
  const LogCourse before = Only();
  Migrated migrated;  // the two instruments change places; items are unknown
  migrated.tables.instruments.resize(protocol_->instruments.size());
  for (uint16_t i = 0; i < protocol_->instruments.size(); ++i) {
    migrated.tables.instruments[i] = InstrumentRef(i);
  }
  migrated.tables.instruments[phq9_.value] = gad7_;
  migrated.tables.instruments[gad7_.value] = phq9_;
  migrated.tables.items.resize(protocol_->elements.size());
  Take(20, migrated);
  const LogCourse after = Only();
  EXPECT_EQ(At(after, CourseColumn::kGad7First), 15 * kPoint);
  EXPECT_EQ(At(after, CourseColumn::kPhq9First), kNone);
  EXPECT_EQ(At(after, CourseColumn::kContacts), 1);
  EXPECT_EQ(after.work, before.work);
}

// Every third piece without minutes, of both kinds alike: neither mean moves,
// and the missing third is shown.
TEST_F(LogCoursesTest, MinutesLeftOutDoNotLowerTheMean) {
  for (const bool dropped : {false, true}) {
    LogCounts counts;
    for (int n = 0; n < 10; ++n) {
      course_ = Course();
      Open(0);
      for (int piece = 0; piece < 6; ++piece) {
        const bool known = !dropped || piece % 3 != 0;
        const bool is_contact = piece < 3;
        const int32_t minutes = is_contact ? 40 : 10;
        Work(10 + piece, is_contact ? "contact" : "m1_check",
             known ? std::optional(minutes) : std::nullopt);
      }
      Take(30, EpisodeClosed{1, {}});
      counts.Add(Only(), {}, std::nullopt);
    }
    const auto figures = FiguresOf(counts, false);
    ASSERT_EQ(figures[0].definition->id, "therapist_minutes");
    EXPECT_DOUBLE_EQ(*figures[0].value, 3 * 40 + 3 * 10);
    ASSERT_EQ(figures[1].definition->id, "minutes_per_piece");
    EXPECT_DOUBLE_EQ(*figures[1].value, 25);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(figures[i].missing_of, 60u);
      EXPECT_EQ(figures[i].ratio.missing, dropped ? 20u : 0u);
    }
  }
}

// Where nothing is known of a kind it counts as the mean of all: leaving a
// whole kind out does not make the course cheap either.
TEST_F(LogCoursesTest, AKindWithoutMinutesCountsAsTheMeanOfAll) {
  Open(0);
  Work(10, "contact", 40);
  Work(11, "m1_check", std::nullopt);
  Take(30, EpisodeClosed{1, {}});
  LogCounts counts;
  counts.Add(Only(), {}, std::nullopt);
  EXPECT_DOUBLE_EQ(*FiguresOf(counts, false)[0].value, 80);
  EXPECT_FALSE(FiguresOf(LogCounts(), false)[0].value);
}

// Optional modules, and those of a set that is chosen, are no part of what was
// planned, and do not make up for it.
TEST_F(LogCoursesTest, AdherenceCountsWhatEverybodyIsGiven) {
  auto protocol = std::make_shared<protocol::Protocol>(*protocol_);
  const std::vector<ElementId>& modules = protocol->programs[0].modules;
  ASSERT_GE(modules.size(), 5u);
  const auto element = [&](size_t m) -> protocol::Element& {
    return protocol->elements[modules[m].value];
  };
  element(3).optional = true;
  element(4).set = 0;
  protocol_ = protocol;
  Open(0);
  EnrolmentStarted enrolment;
  enrolment.program = ProgramRef(0);
  Take(5, enrolment);
  for (const size_t m : {0, 1, 3, 4}) {
    Take(10, ModuleCompleted{ProgramRef(0), element(m).module});
  }
  for (const ItemStatus status :
       {ItemStatus::kDone, ItemStatus::kExpired, ItemStatus::kCancelled}) {
    ItemOpened opened;
    opened.key.element = protocol_->FindElement("weekly_phq9");
    opened.owner = Patient();
    Take(11, opened);
    const auto ordinal = static_cast<uint32_t>(course_.items.size() - 1);
    if (status == ItemStatus::kDone) {
      Take(12, ItemDone{ordinal, {}, std::nullopt});
    } else {
      Take(12, ItemEnded{ordinal, status});
    }
  }
  Work(20, "contact", 30);
  Take(30, EpisodeClosed{1, {}});
  LogCounts counts;
  counts.Add(Only(), {}, 4);
  counts.Add(Only(), {}, 5);
  counts.Add(Only(), Period{kNone, kStartDay}, 4);  // ended later
  EXPECT_EQ(counts.modules.numerator, 2 * 2u);
  EXPECT_EQ(counts.modules.denominator, 2 * (modules.size() - 2));
  EXPECT_EQ(Only().modules_done, 4u);
  EXPECT_EQ(counts.forms, (metrics::Ratio{2, 4, 0}));
  EXPECT_EQ(counts.core_dose, (metrics::Ratio{1, 2, 0}));
  EXPECT_EQ(counts.finished, 0u);  // one contact only
  EXPECT_EQ(FiguresOf(counts, true).back().definition->id, "core_dose");
  EXPECT_EQ(FiguresOf(counts, false).back().definition->id, "forms_completed");
}

TEST_F(LogCoursesTest, TheTherapistIsWhoWasResponsibleLastInPerson) {
  Open(0);
  CaseAssigned to;
  to.owner.staff = StaffId(3);
  Take(2, to);
  to.owner.staff = StaffId(4);
  Take(3, to);
  to.owner.staff = {};
  Take(4, to);
  Take(30, EpisodeClosed{1, {}});
  to.owner.staff = StaffId(5);
  Take(31, to);
  EXPECT_EQ(Only().therapist, StaffId(4));
}

// What is hashed is all that the rules are: whatever of it is told otherwise
// gives another hash.
TEST(DefinitionHashes, AreOfAllThatTheRulesSay) {
  const auto texts = DefinitionTexts();
  const auto hashes = DefinitionHashes();
  ASSERT_EQ(hashes.size(), 2u);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(hashes[0].first, kNhsTtId);
  EXPECT_EQ(hashes[1].first, kLogMeasuresId);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(hashes[i].second, FingerprintOf(texts[i].second));
  }
  const std::string& nhs = texts[0].second;
  for (const char* line :
       {"\nphq-9 100000 60000 27\n", "\ncontacts 2\n", "\nwaits 42 126 90\n",
        "\ngad-7 80000 40000 0 210000 F32 F33 F41.1 F41.2 gad-7 whole "
        "verified\n",
        "\npdss 80000 50000 0 280000 F41.0 pdss-sr whole from memory\n"}) {
    EXPECT_THAT(nhs, HasSubstr(line));
  }
  const auto all_of = [](const std::vector<const MeasureDefinition*>& measures,
                         const std::string& text) {
    size_t marks = 0;
    for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) ++marks;
    EXPECT_GE(marks, measures.size());
    for (const MeasureDefinition* m : measures) {
      for (const std::string_view part :
           {m->id, m->numerator, m->denominator, m->estimand, m->missing,
            m->source, m->version}) {
        EXPECT_THAT(text, HasSubstr(std::string(part)));
      }
      EXPECT_THAT(text,
                  HasSubstr(std::string(m->version) +
                            (m->verified ? " verified\n" : " from memory\n")));
    }
  };
  all_of(NhsTtMeasures(), nhs);
  all_of(LogMeasures(), texts[1].second);
}

}  // namespace
}  // namespace stepwell::metrics
