// Ladders that speak to the patient: those of risk wait for no delivery, and
// none waits for a word to a person who has died.
#include <gtest/gtest.h>

#include <set>
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

// Day and night by turns, each standing in for the other.
constexpr char kByTurns[] = R"("documents": {
  "calendars": {
    "days": {"calendar": "days", "version": "1", "zone": "Europe/Stockholm",
      "week": {"monday": [["08:00", "20:00"]], "tuesday": [["08:00", "20:00"]],
        "wednesday": [["08:00", "20:00"]], "thursday": [["08:00", "20:00"]],
        "friday": [["08:00", "20:00"]], "saturday": [["08:00", "20:00"]],
        "sunday": [["08:00", "20:00"]]}},
    "nights": {"calendar": "nights", "version": "1", "zone": "Europe/Stockholm",
      "week": {"monday": [["00:00", "08:00"], ["20:00", "24:00"]],
        "tuesday": [["00:00", "08:00"], ["20:00", "24:00"]],
        "wednesday": [["00:00", "08:00"], ["20:00", "24:00"]],
        "thursday": [["00:00", "08:00"], ["20:00", "24:00"]],
        "friday": [["00:00", "08:00"], ["20:00", "24:00"]],
        "saturday": [["00:00", "08:00"], ["20:00", "24:00"]],
        "sunday": [["00:00", "08:00"], ["20:00", "24:00"]]}}},
  "pools": {
    "team": {"pool": "team", "version": "1", "role": "clinician",
      "calendar": "days", "fallback": "night"},
    "night": {"pool": "night", "version": "1", "role": "clinician",
      "calendar": "nights", "fallback": "team"}}},
  "routes": [)";
constexpr char kAlertMoves[] =
    R"({"at": "100%", "repeat": "1 hour", "do": [
        {"escalate_risk": "night"},
        {"notify": {"to": "team", "template": "alert_open"}}]})";

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

TEST_F(RiskLadder, OfPoolsByTurnsComesToTheOneOnDuty) {
  Open(
      "minimal",
      {{R"("pools": {"team": "team@1"})",
        R"("pools": {"team": "team@1", "night": "night@1"})"},
       {R"("calendars": {"always": "always@1"})",
        R"("calendars": {"always": "always@1", "days": "days@1", "nights": "nights@1"})"},
       {R"("routes": [)", kByTurns},
       {kAlertRung, kAlertMoves}});
  Answer("risk", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 3});
  std::set<uint16_t> owners;
  for (int hour = 0; hour < 24; ++hour) {
    Pass(Hours(1));
    const protocol::PoolId pool = state_.alerts.at(0).owner.pool;
    owners.insert(pool.value);
    const auto calendar = protocol_->at(pool).calendar;
    EXPECT_TRUE(protocol_->calendars[calendar.value].calendar.IsOpen(now_))
        << hour;
  }
  EXPECT_EQ(owners.size(), 2u);
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

TEST_F(RiskLadder, GoesOnWhenADeathRecallsItsWord) {
  Open("minimal", {{kWorkRung, kWorkSpeaks}});
  Do(Role::kStaff, PauseCase{now_ + WallDays(3)});
  // As early logs have it: the clock of a pause spoke to the patient as well.
  for (ClockState& clock : state_.clocks) {
    if (clock.def != protocol_->review_clock) continue;
    clock.next_rung = 1;
    clock.next_due = Instant::Never();
    clock.waits_for_effect = 99;
    PendingEffectState word;
    word.effect = 99;
    word.to_patient = true;
    word.clock = clock.ordinal;
    state_.pending_effects.push_back(word);
  }
  Pass(WallDays(4));
  ASSERT_EQ(ClockOf("work")->waits_for_effect, 99u);
  EXPECT_EQ(Do(Role::kIntegration, NoteDeath{}), "");
  EXPECT_EQ(ClockOf("work")->waits_for_effect, 0u);
  EXPECT_EQ(ClockOf("work")->next_due, now_);
}

TEST_F(RiskLadder, IsThatOfTheReviewAndNotOfThePauseBeforeIt) {
  Open("minimal", {{kWorkRung, kWorkSpeaks}});
  Do(Role::kStaff, PauseCase{now_ + WallDays(3)});
  Pass(WallDays(3));
  EXPECT_EQ(Latest("review")->note, "the pause of the case is up for review");
  EXPECT_TRUE(Recorded<EffectRequested>().empty());
  for (const ClockState& clock : state_.clocks) {
    EXPECT_EQ(clock.waits_for_effect, 0u);
  }
}

}  // namespace
}  // namespace stepwell::engine
