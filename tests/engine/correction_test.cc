// What stands again when something is taken back, with all of the log and with
// less; and what a pause may be.
#include <gtest/gtest.h>

#include <algorithm>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "engine/case_support.h"
#include "engine/clinical.h"
#include "engine/standing.h"

namespace stepwell::engine {
namespace {

class Correction : public CaseTest {
 protected:
  // All that was recorded, by the commands that `Keep` was called after.
  void Keep() { log_.insert(log_.end(), last_.begin(), last_.end()); }
  template <class E>
  uint64_t Last() const {
    for (size_t i = log_.size(); i-- > 0;) {
      if (std::holds_alternative<E>(log_[i].body)) return log_[i].seq;
    }
    return 0;
  }
  const ItemState* Review(const std::string& note) const {
    for (const ItemState& item : state_.items) {
      if (item.key.element == protocol_->review_element &&
          item.note.starts_with(note)) {
        return &item;
      }
    }
    return nullptr;
  }
  std::optional<Ratio> Score() const {
    for (const ScoreState& score : state_.scores) {
      if (!score.is_void) return score.score;
    }
    return std::nullopt;
  }

  std::vector<Event> log_;
};

TEST_F(Correction, AVersionThatIsNotInTheLogDoesNotStandAgainUnheard) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 0});
  Answer("a", "phq9", {2, 2, 2, 2, 2, 2, 2, 2, 0});
  Keep();  // the amendment alone
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{Last<ResponseReceived>()}, log_), "");
  EXPECT_EQ(Score(), std::nullopt);
  EXPECT_NE(Review("event "), nullptr);
}

TEST_F(Correction, AnAmendmentOfAnAmendmentGivesWayToTheFirst) {
  Open("minimal");
  Keep();
  std::vector<uint64_t> versions;
  for (int value = 0; value < 3; ++value) {
    Answer("a", "phq9", std::vector<int>(9, value == 0 ? 1 : 0));
    Keep();
    versions.push_back(Last<ResponseReceived>());
  }
  for (size_t i = versions.size(); i-- > 1;) {
    EXPECT_EQ(Do(Role::kStaff, VoidEvent{versions[i]}, log_), "");
    Keep();
    ASSERT_EQ(state_.responses.size(), 1u);
    EXPECT_EQ(state_.responses[0].seq, versions[i - 1]);
    EXPECT_FALSE(state_.responses[0].is_void);
    ASSERT_EQ(state_.answers.size(), 1u);
    EXPECT_EQ(state_.answers[0].response_seq, versions[i - 1]);
  }
  EXPECT_EQ(Score(), (Ratio{9, 1}));
}

TEST_F(Correction, TheAnswersBeforeStandAgainWithTheirScore) {
  Open("minimal");
  Keep();
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 0});
  Keep();
  const uint64_t first = Last<ResponseReceived>();
  Pass(WallDays(1));
  Keep();
  Answer("b", "phq9", {2, 2, 2, 2, 2, 2, 2, 2, 0});
  Keep();
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{Last<ResponseReceived>()}, log_), "");
  ASSERT_EQ(state_.answers.size(), 1u);
  EXPECT_EQ(state_.answers[0].response_seq, first);
  ASSERT_FALSE(state_.answers[0].answers.empty());
  EXPECT_EQ(state_.answers[0].answers[0].number, 1);
}

TEST_F(Correction, WhatWentAfterItsAmendmentIsClinicallyNotThere) {
  Open("minimal");
  Keep();
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 0});
  Keep();
  const uint64_t first = Last<ResponseReceived>();
  Pass(WallDays(2));
  Keep();
  Answer("a", "phq9", {2, 2, 2, 2, 2, 2, 2, 2, 0});
  Keep();
  Pass(WallDays(1));
  Keep();
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{Last<ResponseReceived>()}, log_), "");
  Keep();
  const auto between = ClinicallyAt(log_, now_);
  ASSERT_TRUE(between.has_value());
  EXPECT_FALSE(between->state.answers.empty());
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{first}, log_), "");
  Keep();
  const auto past = ClinicallyAt(log_, now_);
  ASSERT_TRUE(past.has_value());
  EXPECT_TRUE(past->state.answers.empty());
  EXPECT_TRUE(std::ranges::all_of(past->state.scores, &ScoreState::is_void));
  EXPECT_EQ(Score(), std::nullopt);
}

TEST_F(Correction, AStepOfAnAlertThatHasMovedOnStays) {
  Open("minimal");
  Keep();
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 2});
  Keep();
  HandleAlert step;
  step.action = AlertVerb::kAcknowledge;
  EXPECT_EQ(Do(Role::kStaff, step), "");
  Keep();
  const uint64_t acknowledged = Last<AlertStepped>();
  // Another disclosure begins the life of the alert anew.
  Answer("b", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 3});
  Keep();
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{acknowledged}, log_), "not_voidable");
  EXPECT_EQ(state_.alerts[0].stage, AlertStage::kRaised);
}

TEST_F(Correction, APauseIsReviewedWithinItsLimit) {
  Open("minimal");
  const Duration most = WallDays(limits::kPauseReviewDaysMax);
  EXPECT_EQ(Do(Role::kStaff, PauseCase{now_ + most + Microseconds(1)}),
            "review_too_late");
  EXPECT_EQ(Do(Role::kStaff, PauseCase{now_ + most}), "");
}

}  // namespace
}  // namespace stepwell::engine
