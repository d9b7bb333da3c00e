// What is taken back leaves no trace in the figures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <variant>
#include <vector>

#include "engine/case_support.h"

namespace stepwell::engine {
namespace {

class TakenBack : public CaseTest {
 protected:
  // Takes back the last item that was done, with the command that did it.
  std::string TakeBack(const std::vector<Event>& command) {
    for (const Event& event : command) {
      if (std::holds_alternative<ItemDone>(event.body)) {
        return Do(Role::kStaff, VoidEvent{event.seq}, command);
      }
    }
    return "nothing was done";
  }
  void StartTreatmentNow() {
    EXPECT_EQ(Staff("start_treatment", ItemVerb::kComplete), "");
  }
  void HandIn(const std::string& module) {
    EXPECT_EQ(Do(Role::kPatient,
                 PatientItem{protocol_->FindElement(module), true, "", {}, {}}),
              "");
  }
};

TEST_F(TakenBack, AModuleThatWasNotDoneDoesNotCount) {
  Open("icbt_base");
  StartTreatment();
  HandIn("m1");
  ASSERT_EQ(state_.enrolments.size(), 1u);
  EXPECT_EQ(state_.enrolments[0].modules_done, 1);
  const std::vector<Event> handed_in = last_;
  EXPECT_EQ(TakeBack(handed_in), "");
  EXPECT_EQ(state_.enrolments[0].modules_done, 0);
  EXPECT_TRUE(IsOpen(Latest("m1")->status));
  EXPECT_EQ(TakeBack(handed_in), "not_voidable");
  EXPECT_EQ(state_.enrolments[0].modules_done, 0);
  HandIn("m1");
  EXPECT_EQ(state_.enrolments[0].modules_done, 1);
}

TEST_F(TakenBack, AProgramIsNotCompletedByACheckThatWasNone) {
  Open("icbt_base");
  StartTreatment();
  for (int i = 1; i <= 10; ++i) {
    HandIn(absl::StrCat("m", i));
    EXPECT_EQ(Staff(absl::StrCat("m", i, "_check"), ItemVerb::kComplete), "");
  }
  ASSERT_TRUE(state_.enrolments[0].completed);
  EXPECT_EQ(TakeBack(std::vector<Event>(last_)), "");
  EXPECT_FALSE(state_.enrolments[0].completed);
  EXPECT_EQ(state_.enrolments[0].modules_done, 10);
  for (const MilestoneState& milestone : state_.milestones) {
    EXPECT_NE(milestone.milestone, protocol_->FindMilestone("completed"));
  }
  // The letter about the end was asked for: a person looks at it.
  EXPECT_EQ(state_.items.back().key.element, protocol_->review_element);
}

TEST_F(TakenBack, ClocksOfAMilestoneStartAgainWithIt) {
  Open("icbt_base");
  ComeToStart();
  EXPECT_EQ(Staff("start_treatment", ItemVerb::kComplete), "");
  ASSERT_NE(ClockOf("follow_up"), nullptr);
  EXPECT_EQ(TakeBack(std::vector<Event>(last_)), "");
  EXPECT_EQ(ClockOf("follow_up"), nullptr);
  Pass(WallDays(3));
  EXPECT_EQ(Staff("start_treatment", ItemVerb::kComplete), "");
  ASSERT_NE(ClockOf("follow_up"), nullptr);
  EXPECT_EQ(ClockOf("follow_up")->started_at, now_);
}

TEST_F(TakenBack, AnItemOfAPhaseThatWasLeftIsAPersonsOrNobodys) {
  Open("icbt_base");
  ComeToStart();
  // The patient's homework, and the automatic decision, lie behind.
  EXPECT_EQ(Staff("eligibility", ItemVerb::kOpen), "");
  EXPECT_TRUE(IsOpen(Latest("eligibility")->status));
  EXPECT_TRUE(Recorded<DecisionRecorded>().empty());
  EXPECT_EQ(Staff("eligibility", ItemVerb::kCancel), "");
  StartTreatmentNow();
  HandIn("m1");
  const std::vector<Event> handed_in = last_;
  EXPECT_EQ(Staff("dormancy", ItemVerb::kOpen), "");
  EXPECT_EQ(Staff("dormancy", ItemVerb::kComplete, "rest"), "");
  EXPECT_EQ(TakeBack(handed_in), "not_voidable");
}

TEST_F(TakenBack, AScreenOfAnEarlyLogPutsItsAlertBackAmongTheUnscreened) {
  Open("icbt_base");
  Answer("first", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 2});
  ASSERT_EQ(state_.alerts.size(), 1u);
  Answer("screen", "risk_screen", {0, 0, 0});
  ASSERT_EQ(state_.alerts[0].tier, protocol_->FindTier("moderate"));
  std::vector<Event> command = last_;
  uint64_t response = 0;
  for (Event& event : command) {
    if (auto* e = std::get_if<AlertRetiered>(&event.body)) {
      EXPECT_EQ(e->from, protocol_->risk.unscreened);
      e->from = {};  // such logs did not say
    }
    if (std::holds_alternative<ResponseReceived>(event.body)) {
      response = event.seq;
    }
  }
  EXPECT_EQ(Staff("risk_form", ItemVerb::kOpen), "");
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{response}, command), "");
  EXPECT_EQ(state_.alerts[0].tier, protocol_->risk.unscreened);
  EXPECT_EQ(state_.alerts[0].stage, AlertStage::kRaised);
  EXPECT_NE(ClockOf("ack_urgent"), nullptr);
}

// A doctor was written to, and the referral is of another patient.
class LetterOfAWrongReferral : public TakenBack {
 protected:
  void SetUp() override {
    Open("icbt_base");
    Keep();
    ReceiveReferral second;
    second.person = PersonId(1);
    second.referral.id = ReferralId(2);
    second.referral.route = protocol_->FindRoute("gp");
    second.referral.referrer = "dr";
    second.referral.received_at = second.referral.wait_from = now_;
    second.consents = {{protocol_->FindPurpose("feedback"), true, {}}};
    Do(Role::kIntegration, second);
    attached_ = Recorded<ReferralAttached>().at(0).seq;
    Keep();
    // The patient's own word outlives what came with the referral.
    Do(Role::kPatient,
       RecordConsent{protocol_->FindPurpose("feedback"), true, "", {}});
    Keep();
    EXPECT_EQ(Staff("letter_accepted", ItemVerb::kOpen), "");
    Keep();
    EXPECT_EQ(Staff("letter_accepted", ItemVerb::kComplete), "");
    Keep();
    const std::vector<Event> letters = Recorded<EffectRequested>();
    ASSERT_EQ(letters.size(), 1u);
    letter_ = std::get<EffectRequested>(letters[0].body);
    EXPECT_EQ(letter_.referral, ReferralId(2));
    EXPECT_EQ(letter_.referrer, "dr");
  }

  void Keep() { log_.insert(log_.end(), last_.begin(), last_.end()); }

  std::vector<std::string> ReviewsAfterVoid() {
    EXPECT_EQ(Do(Role::kStaff, VoidEvent{attached_}, log_), "");
    std::vector<std::string> notes;
    for (const ItemState& item : state_.items) {
      if (item.key.element == protocol_->review_element) {
        notes.push_back(item.note);
      }
    }
    return notes;
  }

  std::vector<Event> log_;
  uint64_t attached_ = 0;
  EffectRequested letter_;
};

constexpr char kGone[] =
    "a letter about the patient has gone to the referrer of a referral that "
    "was taken back";

TEST_F(LetterOfAWrongReferral, StaysHere) {
  EXPECT_THAT(ReviewsAfterVoid(), ::testing::Not(::testing::Contains(kGone)));
  ASSERT_EQ(Recorded<EffectSettled>().size(), 1u);
  EXPECT_TRUE(state_.pending_effects.empty());
}

TEST_F(LetterOfAWrongReferral, ThatHasLeftIsForAPerson) {
  EXPECT_EQ(Do(Role::kIntegration, SettleEffect{letter_.effect, true, ""}), "");
  Keep();
  EXPECT_THAT(ReviewsAfterVoid(), ::testing::Contains(kGone));
}

// Letters of early versions name no referral.
TEST_F(LetterOfAWrongReferral, ThatDoesNotSayWhoseItIsStaysHereToo) {
  state_.pending_effects[0].referral = ReferralId();
  EXPECT_THAT(ReviewsAfterVoid(),
              ::testing::Contains(
                  "a letter was not sent: it may be to the referrer of a "
                  "referral that was taken back"));
  EXPECT_TRUE(state_.pending_effects.empty());
}

}  // namespace
}  // namespace stepwell::engine
