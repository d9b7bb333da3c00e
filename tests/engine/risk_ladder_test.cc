// Ladders that speak to the patient: those of risk wait for no delivery, and
// none waits for a word to a person who has died.
#include <gtest/gtest.h>

#include <variant>

#include "engine/case_support.h"

namespace stepwell::engine {
namespace {

constexpr char kAlertRung[] =
    R"({"at": "100%", "do": [{"notify": {"to": "team", "template": "alert_open"}}],
       "repeat": "1 hour"})";
constexpr char kAlertSpeaks[] =
    R"({"at": "50%", "do": [{"notify": {"to": "patient", "template": "crisis_info", "valid_for": "3 days"}}]},
      {"at": "100%", "repeat": "1 hour", "do": [
        {"notify": {"to": "patient", "template": "crisis_info", "valid_for": "3 days"}},
        {"notify": {"to": "team", "template": "alert_open"}}]})";
constexpr char kWorkRung[] = R"({"at": "100%", "do": [{"priority": 10}]})";
constexpr char kWorkSpeaks[] =
    R"({"at": "50%", "do": [{"notify": {"to": "patient", "template": "reminder", "valid_for": "3 days"}}]},
      {"at": "100%", "do": [{"notify": {"to": "patient", "template": "reminder"}}, {"priority": 10}]})";

class RiskLadder : public CaseTest {
 protected:
  void OpenSpeaking() {
    Open("minimal", {{kAlertRung, kAlertSpeaks}, {kWorkRung, kWorkSpeaks}});
    Answer("risk", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 3});
  }
  size_t Words(protocol::Recipient to) const {
    size_t count = 0;
    for (const Event& event : Recorded<EffectRequested>()) {
      const auto& asked = std::get<EffectRequested>(event.body);
      count += asked.to == to && asked.subject.kind == SubjectKind::kAlert;
    }
    return count;
  }
};

TEST_F(RiskLadder, WaitsForNoDeliveryOnlyItsWordToThePatientDoes) {
  OpenSpeaking();
  Pass(Minutes(30));
  EXPECT_EQ(Words(protocol::Recipient::kPatient), 1u);
  EXPECT_FALSE(ClockOf("alert")->next_due.IsNever());
  // Nobody confirms: the team is told every hour all the same.
  for (int hour = 0; hour < 5; ++hour) {
    Pass(Minutes(hour == 0 ? 30 : 60));
    EXPECT_EQ(Words(protocol::Recipient::kPool), 1u) << hour;
    EXPECT_EQ(Words(protocol::Recipient::kPatient), 0u) << hour;
    EXPECT_EQ(Recorded<EffectSuppressed>().size(), 1u) << hour;
  }
  // Once it has arrived the next rung speaks again.
  for (const PendingEffectState& effect :
       std::vector<PendingEffectState>(state_.pending_effects)) {
    if (!effect.to_patient) continue;
    EXPECT_EQ(Do(Role::kIntegration, SettleEffect{effect.effect, true, ""}),
              "");
  }
  Pass(Hours(1));
  EXPECT_EQ(Words(protocol::Recipient::kPatient), 1u);
}

TEST_F(RiskLadder, SpeaksAgainWhenItsWordHasRunOut) {
  OpenSpeaking();
  Pass(Minutes(30));
  Pass(Hours(70));
  EXPECT_EQ(Words(protocol::Recipient::kPatient), 0u);
  Pass(Hours(4));
  EXPECT_EQ(Words(protocol::Recipient::kPatient), 1u);
}

TEST_F(RiskLadder, GoesOnAfterADeath) {
  OpenSpeaking();
  Pass(Minutes(35));
  EXPECT_EQ(Do(Role::kIntegration, NoteDeath{}), "");
  ASSERT_NE(ClockOf("alert"), nullptr);
  Pass(Hours(3));
  EXPECT_GE(Words(protocol::Recipient::kPool), 1u);
  EXPECT_EQ(Words(protocol::Recipient::kPatient), 0u);
}

TEST_F(RiskLadder, NeitherDoThatOfAMessageAndOfWork) {
  Open("minimal", {{kAlertRung, kAlertSpeaks}, {kWorkRung, kWorkSpeaks}});
  Answer("calm", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 0});
  Do(Role::kPatient, ReceiveMessage{"m", "", "body"});
  Pass(WallDays(1));  // half of the budget
  for (const ClockState& clock : state_.clocks) {
    EXPECT_FALSE(clock.next_due.IsNever()) << clock.ordinal;
  }
  Pass(WallDays(1));
  EXPECT_EQ(Latest("call")->priority, 10);
  EXPECT_EQ(state_.messages.at(0).priority, 10);
  EXPECT_EQ(Recorded<EffectSuppressed>().size(), 2u);
}

TEST_F(RiskLadder, OfAPauseGoesOnWhenADeathRecallsItsWord) {
  Open("minimal", {{kWorkRung, kWorkSpeaks}});
  Do(Role::kStaff, PauseCase{now_ + WallDays(3)});
  Pass(WallDays(3));
  ASSERT_NE(ClockOf("work"), nullptr);
  ASSERT_NE(ClockOf("work")->waits_for_effect, 0u);
  EXPECT_EQ(Do(Role::kIntegration, NoteDeath{}), "");
  EXPECT_EQ(ClockOf("work")->waits_for_effect, 0u);
  EXPECT_EQ(ClockOf("work")->next_due, now_);
}

}  // namespace
}  // namespace stepwell::engine
