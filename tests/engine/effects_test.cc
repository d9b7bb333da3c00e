// Effects that nobody confirms, or that fail: ladders go on, risk escalates.
#include <gtest/gtest.h>

#include <set>
#include <variant>

#include "engine/case_support.h"

namespace stepwell::engine {
namespace {

// The shipped clock of the questionnaire, with more rungs.
constexpr char kRung[] =
    R"({"at": "100%", "do": [{"notify": {"to": "patient", "template": "reminder", "reminder": true, "valid_for": "3 days"}}]})";
constexpr char kThreeRungs[] =
    R"({"at": "100%", "do": [{"notify": {"to": "patient", "template": "reminder", "reminder": true, "valid_for": "3 days"}}]},
      {"after": "7 days", "do": [{"notify": {"to": "patient", "template": "reminder", "reminder": true}}]},
      {"after": "7 days", "do": [{"notify": {"to": "patient", "template": "reminder", "reminder": true}}]})";

class Effects : public CaseTest {
 protected:
  void OpenWithLadder() {
    Open("minimal", {{R"("7 days", "late": "coalesce")", R"("7 days")"},
                     {kRung, kThreeRungs}});
  }
  size_t Asked() const { return Recorded<EffectRequested>().size(); }
  size_t Expired() const {
    size_t count = 0;
    for (const Event& event : Recorded<EffectSettled>()) {
      count += std::get<EffectSettled>(event.body).expired ? 1 : 0;
    }
    return count;
  }
};

TEST_F(Effects, ALadderGoesOnWhenNobodyConfirmsItsWord) {
  OpenWithLadder();
  const Instant start = now_;
  Pass(WallDays(7));
  EXPECT_EQ(Asked(), 1u);
  ASSERT_EQ(state_.pending_effects.size(), 1u);
  EXPECT_TRUE(ClockOf("answer")->next_due.IsNever());
  Pass(WallDays(2));
  EXPECT_EQ(Expired(), 0u);
  Pass(WallDays(1));
  EXPECT_EQ(Expired(), 1u);
  EXPECT_TRUE(state_.pending_effects.empty());
  // It speaks again when it would have, not at once.
  EXPECT_GT(ClockOf("answer")->next_due, now_);
  Pass(start + WallDays(15) - now_);
  EXPECT_EQ(Asked(), 1u);
  // Without `valid_for` a word of a ladder counts until the next one.
  EXPECT_EQ(state_.EffectsExpireAt(), state_.pending_effects[0].valid_until);
  EXPECT_FALSE(state_.EffectsExpireAt().IsNever());
  Pass(WallDays(7));
  EXPECT_EQ(Expired(), 1u);
  EXPECT_EQ(Asked(), 1u);
  // The last one waits for nobody.
  ASSERT_EQ(state_.pending_effects.size(), 1u);
  EXPECT_TRUE(state_.EffectsExpireAt().IsNever());
}

TEST_F(Effects, AGapGivesOneWordToThePatient) {
  OpenWithLadder();
  Pass(WallDays(90));
  EXPECT_EQ(Asked(), 1u);
  Pass(WallDays(3));
  EXPECT_EQ(Expired(), 1u);
  EXPECT_EQ(Asked(), 1u);
  Pass(WallDays(200));
  EXPECT_EQ(Expired(), 1u);
  EXPECT_EQ(Asked(), 1u);
}

TEST_F(Effects, ADeliveryKeepsTheDistanceOfTheLadder) {
  OpenWithLadder();
  Pass(WallDays(9));
  const uint64_t effect = state_.pending_effects.at(0).effect;
  EXPECT_EQ(Do(Role::kIntegration, SettleEffect{effect, true, ""}), "");
  EXPECT_EQ(ClockOf("answer")->next_due, now_ + WallDays(7));
  EXPECT_TRUE(state_.EffectsExpireAt().IsNever());
  // Between the second and the third as well.
  Pass(WallDays(7));
  Pass(WallDays(1));
  const uint64_t second = state_.pending_effects.at(0).effect;
  EXPECT_EQ(Do(Role::kIntegration, SettleEffect{second, true, ""}), "");
  EXPECT_EQ(ClockOf("answer")->next_due, now_ + WallDays(7));
}

TEST_F(Effects, WhatHasRunOutIsSettledOnce) {
  OpenWithLadder();
  Pass(WallDays(7));
  const uint64_t effect = state_.pending_effects.at(0).effect;
  Pass(WallDays(4));
  EXPECT_EQ(Do(Role::kIntegration, SettleEffect{effect, true, ""}),
            "effect_settled");
  Do(Role::kSystem, FireClock{kExpiryClock, now_});
  EXPECT_TRUE(last_.empty());
}

TEST_F(Effects, APausedLadderGoesOnWithTheCase) {
  Open("icbt_base");
  ComeToStart();
  EXPECT_EQ(Staff("start_treatment", ItemVerb::kComplete), "");
  Pass(WallDays(7));  // the reminder of the silent patient, valid for 5 days
  ASSERT_FALSE(state_.EffectsExpireAt().IsNever());
  Do(Role::kStaff, PauseCase{now_ + WallDays(30)});
  Pass(WallDays(6));
  EXPECT_TRUE(state_.EffectsExpireAt().IsNever());
  Do(Role::kStaff, ResumeCase{});
  EXPECT_FALSE(ClockOf("inactivity")->next_due.IsNever());
}

// The first word about an alert is short-lived.
constexpr char kWord[] =
    R"({"id": "ack_urgent", "budget": "30 minutes", "source": "assumption", "ladder": [
      {"at": "50%", "do": [{"notify": {"to": "duty", "template": "alert_waits"}}]})";
constexpr char kShortWord[] =
    R"({"id": "ack_urgent", "budget": "30 minutes", "source": "assumption", "ladder": [
      {"at": "50%", "do": [{"notify": {"to": "duty", "template": "alert_waits", "valid_for": "5 minutes"}}]})";

TEST_F(Effects, AnUnconfirmedWordAboutRiskEscalates) {
  Open("icbt_base", {{kWord, kShortWord}});
  Answer("r", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 2});
  ASSERT_EQ(state_.alerts.size(), 1u);
  Pass(Minutes(15));
  EXPECT_EQ(Asked(), 1u);
  EXPECT_EQ(state_.alerts[0].escalations, 0);
  const PoolId duty = state_.alerts[0].owner.pool;
  Pass(Minutes(5));
  EXPECT_EQ(Expired(), 1u);
  EXPECT_EQ(state_.alerts[0].escalations, 1);
  EXPECT_NE(state_.alerts[0].owner.pool, duty);
  // Whoever has it now is told, and somebody looks why nobody confirmed.
  EXPECT_EQ(Asked(), 1u);
  EXPECT_EQ(state_.items.back().key.element, protocol_->review_element);
}

TEST_F(Effects, AWordAboutRiskThatAPersonHasActedOnEndsInSilence) {
  Open("icbt_base", {{kWord, kShortWord}});
  Answer("r", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 2});
  Pass(Minutes(15));
  Do(Role::kStaff, HandleAlert{0, AlertVerb::kAcknowledge, {}, {}, {}});
  Pass(Minutes(5));
  EXPECT_EQ(Expired(), 1u);
  EXPECT_EQ(state_.alerts[0].escalations, 0);
}

TEST_F(Effects, AFailedWordAboutRiskGoesUpTheLineAndThenToAPerson) {
  Open("icbt_base");
  Answer("r", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 2});
  Pass(Minutes(15));
  int hops = 0;
  while (!state_.pending_effects.empty() && hops < 10) {
    const uint64_t effect = state_.pending_effects.front().effect;
    EXPECT_EQ(Do(Role::kIntegration, SettleEffect{effect, false, "no line"}),
              "");
    ++hops;
  }
  EXPECT_GT(hops, 1);
  EXPECT_LT(hops, 10);
  EXPECT_EQ(state_.alerts[0].escalations, hops);
  size_t reviews = 0;
  for (const ItemState& item : state_.items) {
    reviews += item.key.element == protocol_->review_element ? 1 : 0;
  }
  EXPECT_EQ(reviews, 1u);
}

// A question about risk that staff are to ask goes on in the same way, and no
// alert with it.
TEST_F(Effects, AFailedWordAboutARiskAnswerLeftOutGoesUpTheLine) {
  Open("icbt_base");
  Answer("r", "phq9", {1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_TRUE(state_.alerts.empty());
  Pass(Hours(2));
  ASSERT_EQ(state_.pending_effects.size(), 1u);
  const auto holder = [this] { return Latest("ask_risk")->owner.pool; };
  PoolId pool = holder();
  const TemplateId word = state_.pending_effects[0].message_template;
  int hops = 0;
  while (!state_.pending_effects.empty() && hops < 10) {
    const PendingEffectState effect = state_.pending_effects.front();
    EXPECT_EQ(effect.owner.pool, pool);
    EXPECT_EQ(effect.message_template, word);
    EXPECT_EQ(
        Do(Role::kIntegration, SettleEffect{effect.effect, false, "no line"}),
        "");
    ++hops;
    if (state_.pending_effects.empty()) break;
    pool = protocol_->at(pool).fallback;
    EXPECT_EQ(holder(), pool);
  }
  EXPECT_EQ(hops, 3);  // duty, lead, on call
  EXPECT_EQ(state_.items.back().key.element, protocol_->review_element);
  // Once it was asked a word that fails is a word that failed.
  Pass(Hours(2));
  ASSERT_EQ(state_.pending_effects.size(), 1u);
  EXPECT_EQ(holder(), pool);  // the rung of the lead takes it from nobody
  EXPECT_EQ(Staff("ask_risk", ItemVerb::kComplete, "no_danger"), "");
  Do(Role::kIntegration,
     SettleEffect{state_.pending_effects[0].effect, false, "no line"});
  EXPECT_TRUE(state_.pending_effects.empty());
}

TEST_F(Effects, TwoOfOneRuleHaveTwoIds) {
  Open("minimal",
       {{R"({"id": "helped", "on": "decision:ending=helped", "do": [)",
         R"({"id": "helped", "on": "decision:ending=helped", "do": [
            {"notify": {"to": "team", "template": "alert_open"}},
            {"notify": {"to": "team", "template": "alert_open"}}, )"}});
  Answer("a", "phq9", {0, 0, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(Staff("call", ItemVerb::kComplete), "");
  EXPECT_EQ(Staff("ending", ItemVerb::kComplete, "helped"), "");
  std::set<uint64_t> ids;
  for (const Event& event : Recorded<EffectRequested>()) {
    ids.insert(std::get<EffectRequested>(event.body).effect);
  }
  EXPECT_EQ(Asked(), 2u);
  EXPECT_EQ(ids.size(), 2u);
}

}  // namespace
}  // namespace stepwell::engine
