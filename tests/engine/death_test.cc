// A person has died: nothing more is sent to them, and a person ends the care.
#include <gtest/gtest.h>

#include <variant>
#include <vector>

#include "engine/case_support.h"

namespace stepwell::engine {
namespace {

using Death = CaseTest;

TEST_F(Death, CallsBackWhatWaitedToBeSent) {
  Open("minimal");
  Pass(WallDays(7));
  ASSERT_EQ(state_.pending_effects.size(), 1u);
  ASSERT_TRUE(state_.pending_effects[0].to_patient);
  EXPECT_EQ(Do(Role::kIntegration, NoteDeath{}), "");
  EXPECT_TRUE(state_.pending_effects.empty());
  ASSERT_EQ(Recorded<EffectSettled>().size(), 1u);
  EXPECT_TRUE(state_.died_at.has_value());
  EXPECT_TRUE(IsOpen(Latest("review")->status));
  EXPECT_EQ(Do(Role::kIntegration, NoteDeath{}), "death_noted");
}

TEST_F(Death, StopsTheClocksOfTheCareAndStartsNoneAgain) {
  Open("icbt_base");
  StartTreatment();
  EXPECT_EQ(Do(Role::kIntegration, NoteDeath{}), "");
  EXPECT_EQ(ClockOf("inactivity"), nullptr);
  EXPECT_EQ(ClockOf("weekly_answer"), nullptr);
  EXPECT_NE(ClockOf("work_due"), nullptr);  // of the review
  // Somebody sends in what lay ready: it is kept, and reminds of nothing.
  Answer("late", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 0});
  EXPECT_EQ(ClockOf("inactivity"), nullptr);
  Pass(WallDays(30));
  for (const Event& event : Recorded<EffectRequested>()) {
    EXPECT_NE(std::get<EffectRequested>(event.body).to,
              protocol::Recipient::kPatient);
  }
}

TEST_F(Death, KeepsARiskThatWasDisclosedInItsOwnersHands) {
  Open("icbt_base");
  Answer("risk", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 3});
  EXPECT_EQ(Do(Role::kIntegration, NoteDeath{}), "");
  EXPECT_NE(ClockOf("ack_urgent"), nullptr);
  Pass(Hours(1));
  EXPECT_FALSE(Recorded<AlertEscalated>().empty());
}

TEST_F(Death, LeavesWhatWasUndeterminedUndecided) {
  Open("icbt_base");
  const auto& form =
      *protocol_->at(protocol_->FindInstrument("intake")).instrument;
  SubmitResponse intake;
  intake.response_id = "form";
  intake.instrument = protocol_->FindInstrument("intake");
  intake.answers = {{*form.FindItem("parallel_therapy"), 0, "", ""},
                    {*form.FindItem("problem"), 1, "", ""}};
  Do(Role::kPatient, intake);
  Answer("worry", "gad7", {1, 1, 1, 1, 1, 1, 1});
  Answer("life", "wsas", {2, 2, 2, 2, 2});
  Answer("first", "phq9", {2, 2, 2, 2, 1, 1, 1, 1, 0});
  ASSERT_TRUE(IsOpen(Latest("eligibility")->status));  // the age is not known
  EXPECT_EQ(Do(Role::kIntegration, NoteDeath{}), "");
  intake.answers.push_back({*form.FindItem("age"), 34, "", ""});
  Do(Role::kPatient, intake);
  EXPECT_TRUE(Recorded<DecisionRecorded>().empty());
  EXPECT_TRUE(IsOpen(Latest("eligibility")->status));
  EXPECT_EQ(Latest("video_assessment"), nullptr);
}

}  // namespace
}  // namespace stepwell::engine
