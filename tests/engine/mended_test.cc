// What random services found, each as a short story of one case.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/time_text.h"
#include "engine/decide.h"
#include "engine/invariants.h"
#include "support/matchers.h"

namespace stepwell::engine {
namespace {

class Mended : public ::testing::Test {
 protected:
  void Open(const std::string& protocol) {
    ASSERT_OK_AND_ASSIGN(
        auto loaded,
        protocol::LoadProtocol(
            FindCatalogueFile(absl::StrCat("protocols/", protocol, ".json")),
            protocol::BuiltInCatalogue()));
    protocol_ = loaded.protocol;
    ASSERT_NE(protocol_, nullptr);
    now_ = *ParseInstant("2026-03-02T09:00:00Z");
    ReceiveReferral referral;
    referral.person = PersonId(1);
    referral.referral.id = ReferralId(1);
    referral.referral.route = protocol_->FindRoute("self");
    Do(Role::kIntegration, referral);
  }

  // "" or the code of the rejection. The invariants hold afterwards.
  std::string Do(Role role, CommandBody body, std::span<const Event> of = {}) {
    Command command;
    command.case_id = CaseId(7);
    command.envelope.command_id = absl::StrCat("c", ++commands_);
    command.envelope.actor.role = role;
    command.envelope.reason = "test";
    command.body = std::move(body);
    auto outcome = Decide(*protocol_, state_, EmptyWorld(), command, now_, of);
    EXPECT_OK(outcome);
    if (!outcome.ok()) return "error";
    state_ = outcome->state;
    last_ = outcome->events;
    EXPECT_EQ(BrokenInvariants(*protocol_, state_, now_),
              std::vector<std::string>());
    return outcome->rejection ? outcome->rejection->code : "";
  }

  // Moves on and fires what is due, in order of time.
  void Pass(Duration duration) {
    now_ = now_ + duration;
    for (int i = 0; i < 1000; ++i) {
      const auto next = std::min_element(
          state_.clocks.begin(), state_.clocks.end(),
          [](const auto& a, const auto& b) { return a.next_due < b.next_due; });
      if (next == state_.clocks.end() || next->next_due > now_) return;
      Do(Role::kSystem, FireClock{next->ordinal, next->next_due});
    }
    FAIL() << "the clocks never come to rest";
  }

  std::string Staff(const std::string& element, ItemVerb action,
                    const std::string& outcome = "") {
    WorkItem work;
    work.element = protocol_->FindElement(element);
    work.action = action;
    work.outcome = protocol_->FindOutcome(outcome);
    return Do(Role::kStaff, work);
  }

  std::string Answer(const std::string& id, const std::string& instrument,
                     const std::vector<int>& answers) {
    SubmitResponse response;
    response.response_id = id;
    response.instrument = protocol_->FindInstrument(instrument);
    for (uint16_t i = 0; i < answers.size(); ++i) {
      response.answers.push_back({i, answers[i], "", ""});
    }
    return Do(Role::kPatient, response);
  }

  const ItemState* Latest(const std::string& element) const {
    const ElementId id = protocol_->FindElement(element);
    for (auto it = state_.items.rbegin(); it != state_.items.rend(); ++it) {
      if (it->key.element == id) return &*it;
    }
    return nullptr;
  }
  const ClockState* ClockOf(const std::string& name) const {
    for (const ClockState& clock : state_.clocks) {
      if (!clock.def.IsNone() && protocol_->at(clock.def).id == name) {
        return &clock;
      }
    }
    return nullptr;
  }

  void StartTreatment() {
    const auto& form =
        *protocol_->at(protocol_->FindInstrument("intake")).instrument;
    SubmitResponse intake;
    intake.response_id = "form";
    intake.instrument = protocol_->FindInstrument("intake");
    intake.answers = {{*form.FindItem("age"), 34, "", ""},
                      {*form.FindItem("parallel_therapy"), 0, "", ""},
                      {*form.FindItem("problem"), 1, "", ""}};
    Do(Role::kPatient, intake);
    Answer("first", "phq9", {2, 2, 2, 2, 1, 1, 1, 1, 0});
    Do(Role::kStaff,
       ChangeAppointment{protocol_->FindElement("video_assessment"),
                         AppointmentVerb::kBook, now_ + Hours(1)});
    EXPECT_EQ(Staff("video_assessment", ItemVerb::kComplete), "");
    EXPECT_EQ(Staff("inclusion", ItemVerb::kComplete, "include"), "");
    EXPECT_EQ(Staff("start_treatment", ItemVerb::kComplete), "");
    ASSERT_NE(Latest("weekly_phq9"), nullptr);
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  CaseState state_;
  std::vector<Event> last_;
  Instant now_;
  int commands_ = 0;
};

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

}  // namespace
}  // namespace stepwell::engine
