// Facts bear the time at which they happened; what the service does in
// consequence happens now (docs/internals/time.md).
#include <gtest/gtest.h>

#include <variant>

#include "engine/case_support.h"

namespace stepwell::engine {
namespace {

using FactTime = CaseTest;

TEST_F(FactTime, AnAnswerIsOfItsTimeAndWhatItOpensIsOfNow) {
  Open("minimal");
  const Instant before = now_;
  Pass(WallDays(5));
  Answer("late", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 1}, before + Hours(1));
  for (const Event& event : last_) {
    const bool fact = std::holds_alternative<CommandRecorded>(event.body) ||
                      std::holds_alternative<ResponseReceived>(event.body) ||
                      std::holds_alternative<ScoreRecorded>(event.body) ||
                      std::holds_alternative<ItemDone>(event.body);
    EXPECT_EQ(event.at, fact ? before + Hours(1) : now_) << event.seq;
    EXPECT_EQ(event.recorded, now_);
  }
  EXPECT_EQ(Latest("form")->ended_at, before + Hours(1));
  EXPECT_EQ(Latest("call")->opened_at, now_);
  ASSERT_EQ(state_.alerts.size(), 1u);
  EXPECT_EQ(state_.alerts[0].raised_at, now_);
}

TEST_F(FactTime, AMilestoneIsOfTheFactThatReachesItAndThePhaseOfNow) {
  Open("icbt_base");
  ComeToStart();
  const Instant opened = now_;
  Pass(WallDays(1));
  EXPECT_EQ(
      Staff("start_treatment", ItemVerb::kComplete, "", opened + Hours(2)), "");
  const MilestoneId started = protocol_->FindMilestone("started");
  ASSERT_EQ(Recorded<MilestoneReached>().size(), 1u);
  EXPECT_EQ(Recorded<MilestoneReached>()[0].at, opened + Hours(2));
  for (const MilestoneState& milestone : state_.milestones) {
    if (milestone.milestone == started) {
      EXPECT_EQ(milestone.at, opened + Hours(2));
    }
  }
  EXPECT_EQ(state_.tracks[0].entered_at, now_);
  EXPECT_EQ(Latest("m1")->opened_at, now_);
  // A clock that a milestone starts counts from it; one that the phase starts
  // counts from the entry.
  EXPECT_EQ(ClockOf("follow_up")->started_at, opened + Hours(2));
  EXPECT_EQ(ClockOf("inactivity")->started_at, now_);
}

TEST_F(FactTime, TheLegalWaitStartsWithTheReferral) {
  Open("icbt_base", {}, WallDays(30));
  EXPECT_EQ(ClockOf("wait_to_start")->started_at, now_ - WallDays(30));
  EXPECT_EQ(state_.episodes[0].opened_at, now_);
  EXPECT_EQ(Latest("screen_phq9")->opened_at, now_);
}

TEST_F(FactTime, NewsOfLongAgoDoesNotPutADeadlineBack) {
  Open("icbt_base");
  StartTreatment();
  Pass(WallDays(5));
  ReceiveMessage message;
  message.message_id = "today";
  Do(Role::kPatient, message);
  const Instant today = now_;
  EXPECT_EQ(ClockOf("inactivity")->started_at, today);
  Pass(WallDays(1));
  Answer("old", "gad7", {0, 0, 0, 0, 0, 0, 0}, today - WallDays(3));
  EXPECT_EQ(ClockOf("inactivity")->started_at, today);
  Answer("newer", "gad7", {0, 0, 0, 0, 0, 0, 0}, today + Hours(3));
  EXPECT_EQ(ClockOf("inactivity")->started_at, today + Hours(3));
}

}  // namespace
}  // namespace stepwell::engine
