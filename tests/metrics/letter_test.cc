// What a letter to whoever referred can say in figures.
#include "metrics/letter.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "metrics/course_support.h"

namespace stepwell::metrics {
namespace {

using namespace engine;  // NOLINT: the events' names

// Noon in Stockholm.
constexpr Instant kNoon{1'772'449'200'000'000};
constexpr ReferralId kDoctor{7}, kSelf{8};

class LetterTest : public CourseFixture {
 protected:
  LetterTest() : CourseFixture(kNoon) {}
  void SetUp() override {
    CourseFixture::SetUp();
    Take(0, CaseOpened{});
    Refer(0, kDoctor);
    Refer(3, kSelf);
  }

  void Refer(double day, ReferralId id) {
    ReferralAttached attached;
    attached.referral.id = id;
    attached.referral.route = RouteId(0);
    attached.referral.wait_from = Day(day);
    Take(day, attached);
  }
  void Contact(double day) {
    ItemOpened opened;
    opened.key.element = protocol_->FindElement("call_inactive");
    Take(day, opened);
    Take(day,
         ItemDone{static_cast<uint32_t>(course_.items.size() - 1), {}, 10});
  }
  uint64_t Score(double day, const char* instrument, int points,
                 bool prorated = false) {
    ScoreRecorded score;
    for (uint16_t i = 0; i < protocol_->instruments.size(); ++i) {
      if (protocol_->instruments[i].id == instrument) {
        score.instrument = InstrumentRef(i);
      }
    }
    score.score = Ratio{points, 1};
    score.prorated = prorated;
    return Take(day, score);
  }

  // "7 of 10"; "-": not known.
  std::string Figure(std::string_view name, ReferralId referral = kDoctor) {
    const auto letter = LetterOf(course_, *protocol_, referral);
    if (!letter) return "no letter";
    const auto definitions = LetterDefinitions();
    EXPECT_EQ(letter->figures.size(), definitions.size());
    for (size_t i = 0; i < definitions.size(); ++i) {
      if (definitions[i].name != name) continue;
      const LetterFigure& figure = letter->figures[i];
      if (!figure.value) {
        EXPECT_FALSE(definitions[i].missing.empty());
        return "-";
      }
      std::string text = std::to_string(*figure.value);
      if (figure.of) text += " of " + std::to_string(*figure.of);
      return text;
    }
    return "no figure";
  }
};

TEST_F(LetterTest, WhatIsNotKnownIsNoZeroAndWhatThereIsNoneOfIsOne) {
  EXPECT_EQ(Figure("days_to_first_contact"), "-");
  EXPECT_EQ(Figure("days_first_to_second_contact"), "-");
  EXPECT_EQ(Figure("contacts"), "0");
  EXPECT_EQ(Figure("modules_completed"), "-");
  EXPECT_EQ(Figure("forms_completed"), "-");
  EXPECT_EQ(Figure("days_in_care"), "-");
  EXPECT_EQ(Figure("contacts", ReferralId{9}), "no letter");
}

TEST_F(LetterTest, EachReferralHasItsOwnWait) {
  Contact(7);
  EXPECT_EQ(Figure("days_first_to_second_contact"), "-");
  Contact(21);
  Take(30, EpisodeClosed{});
  Contact(40);  // after the end
  EXPECT_EQ(Figure("days_to_first_contact"), "7");
  EXPECT_EQ(Figure("days_to_first_contact", kSelf), "4");
  EXPECT_EQ(Figure("days_first_to_second_contact", kSelf), "14");
  EXPECT_EQ(Figure("contacts"), "2");
  EXPECT_EQ(Figure("days_in_care"), "30");
  EXPECT_EQ(Figure("days_in_care", kSelf), "27");
  // Nobody named: the latest course, from its earliest wait.
  EXPECT_EQ(Figure("days_to_first_contact", ReferralId()), "7");
}

TEST_F(LetterTest, ALaterEpisodeIsAnotherCourse) {
  Contact(7);
  Take(30, EpisodeClosed{});
  EpisodeOpened again;
  again.episode = 2;
  Take(60, again);
  Refer(60, ReferralId{9});
  Score(61, "phq-9", 12);
  EXPECT_EQ(Figure("contacts", ReferralId{9}), "0");
  EXPECT_EQ(Figure("contacts", kDoctor), "1");
  const auto first = LetterOf(course_, *protocol_, kDoctor);
  const auto second = LetterOf(course_, *protocol_, ReferralId{9});
  EXPECT_EQ(first->episode, 1);
  EXPECT_TRUE(first->scores.empty());
  EXPECT_EQ(second->episode, 2);
  EXPECT_EQ(second->scores.size(), 1u);
}

TEST_F(LetterTest, ScoresAreTheFirstAndTheLastThatStand) {
  Score(1, "phq-9", 15, /*prorated=*/true);
  Score(8, "phq-9", 11);
  Score(22, "phq-9", 6);
  Score(2, "gad-7", 9);
  Score(2, "risk-screen", 3);        // for staff to read
  course_.scores[2].is_void = true;  // taken back
  const auto letter = LetterOf(course_, *protocol_, kDoctor);
  ASSERT_TRUE(letter);
  ASSERT_EQ(letter->scores.size(), 2u);
  for (const LetterScore& score : letter->scores) {
    const std::string& id = protocol_->at(score.instrument).id;
    if (id == "phq-9") {
      EXPECT_EQ(score.first->value, 15);
      EXPECT_TRUE(score.first->prorated);
      ASSERT_NE(score.last, nullptr);
      EXPECT_EQ(score.last->value, 11);
    } else {
      EXPECT_EQ(id, "gad-7");
      EXPECT_EQ(score.first->value, 9);
      EXPECT_EQ(score.last, nullptr) << "one score is no change";
    }
  }
}

}  // namespace
}  // namespace stepwell::metrics
