// What random services found, each as a short story of one case.
#include <gtest/gtest.h>

#include <algorithm>
#include <variant>
#include <vector>

#include "engine/case_support.h"

namespace stepwell::engine {
namespace {

using Mended = CaseTest;

TEST_F(Mended, AUsedUpLadderStaysUsedUpAfterAPause) {
  Open("icbt_base");
  Pass(WallDays(40));
  ASSERT_NE(ClockOf("forms_wait"), nullptr);
  ASSERT_TRUE(ClockOf("forms_wait")->next_due.IsNever());
  Do(Role::kStaff, PauseCase{now_ + WallDays(5)});
  Do(Role::kStaff, ResumeCase{});
  EXPECT_TRUE(ClockOf("forms_wait")->next_due.IsNever());
  Pass(WallDays(40));
}

TEST_F(Mended, ACadenceKeepsItsPlaceThroughAPause) {
  Open("icbt_base");
  StartTreatment();
  Pass(WallDays(7));
  Pass(WallDays(8));  // the third week
  ASSERT_EQ(Latest("weekly_phq9")->key.occurrence, 3);
  Do(Role::kStaff, PauseCase{now_ + WallDays(10)});
  Pass(WallDays(3));
  Do(Role::kStaff, ResumeCase{});
  Pass(WallDays(5));  // six of the seven days without the pause
  EXPECT_EQ(Latest("weekly_phq9")->key.occurrence, 3);
  Pass(WallDays(1));
  EXPECT_EQ(Latest("weekly_phq9")->key.occurrence, 4);
}

TEST_F(Mended, APhaseLeftAndEnteredInOneInstantHasItsWorkAgain) {
  Open("icbt_base");
  StartTreatment();
  EXPECT_EQ(Staff("dormancy", ItemVerb::kOpen), "");
  EXPECT_EQ(Staff("dormancy", ItemVerb::kComplete, "rest"), "");
  EXPECT_FALSE(IsOpen(Latest("m1")->status));
  ReceiveMessage message;
  message.message_id = "hello";
  Do(Role::kPatient, message);
  EXPECT_TRUE(IsOpen(Latest("m1")->status));
  EXPECT_TRUE(IsOpen(Latest("weekly_phq9")->status));
}

TEST_F(Mended, AnAnswerIsTakenBackOnceAndNotAfterItWasAmended) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 0});
  const std::vector<Event> first = last_;
  const auto response =
      std::find_if(first.begin(), first.end(), [](const Event& event) {
        return std::holds_alternative<ResponseReceived>(event.body);
      });
  ASSERT_NE(response, first.end());
  Answer("a", "phq9", {2, 2, 2, 2, 2, 2, 2, 2, 0});
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{response->seq}, first), "not_voidable");
  const auto done =
      std::find_if(first.begin(), first.end(), [](const Event& event) {
        return std::holds_alternative<ItemDone>(event.body);
      });
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{done->seq}, first), "");
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{done->seq}, first), "not_voidable");
}

TEST_F(Mended, ACaseWithoutWorkOrClockIsPutBeforeAPerson) {
  Open("minimal");
  EXPECT_EQ(Staff("form", ItemVerb::kSkip), "");
  EXPECT_EQ(Staff("call", ItemVerb::kSkip), "");
  EXPECT_EQ(Staff("ending", ItemVerb::kCancel), "");
  const ItemState& review = state_.items.back();
  EXPECT_EQ(review.key.element, protocol_->review_element);
  EXPECT_TRUE(IsOpen(review.status));
}

TEST_F(Mended, WhatOnlyThePatientMayDoIsNoPlan) {
  Open("minimal");
  Pass(WallDays(15));
  EXPECT_EQ(Staff("call", ItemVerb::kCancel), "");
  EXPECT_TRUE(IsOpen(Latest("form")->status));
  const ItemState& review = state_.items.back();
  EXPECT_EQ(review.key.element, protocol_->review_element);
  EXPECT_EQ(review.note, "nothing is planned for this case");
}

}  // namespace
}  // namespace stepwell::engine
