// Every risk answer has its alert, and the invariants see it when one has not.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/case_support.h"

namespace stepwell::engine {
namespace {

class Disclosure : public CaseTest {
 protected:
  void Disclose(const std::string& id) {
    Answer(id, "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 1});
  }
  void Handle(AlertVerb action) {
    HandleAlert handle;
    handle.action = action;
    handle.outcome = protocol_->risk.outcomes[0];
    handle.until = now_ + WallDays(7);
    EXPECT_EQ(Do(Role::kStaff, handle), "");
  }
  void Assess() {
    Handle(AlertVerb::kAcknowledge);
    Handle(AlertVerb::kAssess);
  }
  bool Broken(const CaseState& state) const {
    return !BrokenInvariants(*protocol_, state, now_).empty();
  }
};

TEST_F(Disclosure, ASecondOneReArmsTheAlertThatIsOpen) {
  Open("minimal");
  Disclose("first");
  Assess();
  Disclose("second");
  ASSERT_EQ(state_.alerts.size(), 1u);
  EXPECT_EQ(state_.alerts[0].stage, AlertStage::kRaised);
  EXPECT_EQ(state_.alerts[0].evidence, 2);
  Assess();  // a person acts on both
}

TEST_F(Disclosure, OneMoreMovesNoDeadlineThatNobodyHasMet) {
  Open("minimal");
  Disclose("first");
  const auto clock = [this] {
    return *std::find_if(
        state_.clocks.begin(), state_.clocks.end(), [](const ClockState& each) {
          return each.subject == Subject{SubjectKind::kAlert, 0};
        });
  };
  const ClockState before = clock();
  const Instant deadline = state_.alerts[0].deadline;
  for (int i = 0; i < 3; ++i) {
    Pass(Duration{(before.due - now_).us / 2});
    Disclose(absl::StrCat("more", i));
    EXPECT_EQ(state_.alerts[0].deadline, deadline);
    EXPECT_EQ(clock().ordinal, before.ordinal);
  }
  EXPECT_EQ(state_.alerts[0].evidence, 4);
  Assess();
  Disclose("after");  // what a person has begun starts over
  EXPECT_GT(state_.alerts[0].deadline, deadline);
  EXPECT_NE(clock().ordinal, before.ordinal);
}

TEST_F(Disclosure, OneUnderAReviewedMarkIsLoggedThere) {
  Open("minimal");
  Disclose("first");
  Assess();
  Handle(AlertVerb::kReviewedUnchanged);
  Disclose("second");
  EXPECT_EQ(state_.alerts[0].stage, AlertStage::kAssessed);
  ASSERT_EQ(state_.alerts[0].joined.size(), 1u);
  EXPECT_FALSE(state_.alerts[0].joined[0].rearmed);
  Pass(WallDays(8));
  Disclose("third");
  EXPECT_EQ(state_.alerts[0].stage, AlertStage::kRaised);
}

TEST_F(Disclosure, AnAlertOfAnEarlierAnswerIsNoExcuse) {
  Open("minimal");
  Disclose("first");
  Disclose("second");
  CaseState forgotten = state_;
  forgotten.alerts[0].joined.clear();
  EXPECT_TRUE(Broken(forgotten));
  CaseState other = state_;
  other.alerts[0].response_seq = 0;
  EXPECT_TRUE(Broken(other));
}

TEST_F(Disclosure, LoggedWithoutAMarkOrNotReArmedIsSeen) {
  Open("minimal");
  Disclose("first");
  Assess();
  Disclose("second");
  CaseState logged = state_;
  logged.alerts[0].joined[0].rearmed = false;
  EXPECT_TRUE(Broken(logged));
  CaseState expired = logged;
  expired.alerts[0].joined[0].reviewed_until = now_ - Hours(1);
  EXPECT_TRUE(Broken(expired));
  CaseState assessed = state_;
  assessed.alerts[0].stage = AlertStage::kAssessed;
  EXPECT_TRUE(Broken(assessed));
}

TEST_F(Disclosure, AMissingRiskAnswerIsAskedFor) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1});
  ASSERT_NE(Latest("ask_risk"), nullptr);
  CaseState unasked = state_;
  for (ItemState& item : unasked.items) {
    if (item.key.element == protocol_->risk.missing_element) {
      item.key.element = protocol_->FindElement("call");
    }
  }
  EXPECT_TRUE(Broken(unasked));
}

TEST_F(Disclosure, TheQuestionAboutARuleIsAskedOnceWhateverItsDetails) {
  Open(
      "minimal",
      {{R"({"id": "helped",)",
        R"({"id": "worse", "on": "patient.active", "if": "phq9.answers.q8 > phq9.answers.q7", "on_unknown": "ask", "do": [{"open": "call"}]},
    {"id": "helped",)"}});
  for (int i = 0; i < 5; ++i) {
    // Another unknown each time: the details differ.
    std::vector<int> answers(static_cast<size_t>(i), 1);
    Answer(absl::StrCat("a", i), "phq9", answers);
  }
  const auto reviews = std::count_if(
      state_.items.begin(), state_.items.end(), [&](const ItemState& item) {
        return item.note.starts_with("rule worse");
      });
  EXPECT_EQ(reviews, 1);
}

}  // namespace
}  // namespace stepwell::engine
