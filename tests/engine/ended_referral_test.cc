// Care that had ended before the referral came here: it is on file, and
// nothing begins because of it.
#include <gtest/gtest.h>

#include "engine/case_support.h"
#include "engine/view.h"

namespace stepwell::engine {
namespace {

class EndedReferral : public CaseTest {
 protected:
  ReceiveReferral Ended(uint64_t id, EndedAs how = EndedAs::kCompleted) {
    ReceiveReferral c = Asking(id, "gp");
    c.referral.ended_as = how;
    return c;
  }

  ReceiveReferral Asking(uint64_t id, const char* route) {
    ReceiveReferral c;
    c.person = PersonId(1);
    c.referral.id = ReferralId(id);
    c.referral.route = protocol_->FindRoute(route);
    c.referral.received_at = c.referral.wait_from = now_;
    return c;
  }
};

TEST_F(EndedReferral, OfANewPersonIsACaseThatIsClosedAndAsksForNothing) {
  Load("icbt_base");
  ReceiveReferral c = Ended(1, EndedAs::kRevoked);
  c.referral.disposition = protocol_->FindOutcome("dropped_out");
  ASSERT_FALSE(c.referral.disposition.IsNone());
  c.consents = {{protocol_->FindPurpose("care"), true, now_}};
  EXPECT_EQ(Do(Role::kIntegration, c), "");
  EXPECT_TRUE(state_.IsClosed());
  EXPECT_EQ(state_.episodes[0].reason, c.referral.disposition);
  ASSERT_EQ(state_.referrals.size(), 1u);
  EXPECT_EQ(state_.referrals[0].ended_as, EndedAs::kRevoked);
  EXPECT_EQ(state_.referrals[0].episode, 0);
  EXPECT_FALSE(state_.referrals[0].IsOwedAnswer());
  EXPECT_TRUE(state_.items.empty());
  EXPECT_TRUE(state_.clocks.empty());
  EXPECT_TRUE(state_.pending_effects.empty());
  EXPECT_TRUE(state_.milestones.empty());
  EXPECT_EQ(state_.consents.size(), 1u);
  ASSERT_FALSE(state_.tracks[0].phase.IsNone());
  EXPECT_TRUE(protocol_->at(state_.tracks[0].phase).final);
}

TEST_F(EndedReferral, IsFollowedByCareOfItsOwnWhenSomebodyAsksAgain) {
  Load("icbt_base");
  EXPECT_EQ(Do(Role::kIntegration, Ended(1)), "");
  EXPECT_EQ(Do(Role::kIntegration, Asking(2, "self")), "");
  EXPECT_FALSE(state_.IsClosed());
  EXPECT_EQ(state_.episode(), 2);
  EXPECT_TRUE(IsOpen(Latest("screen_phq9")->status));
  ASSERT_NE(LatestReferral(state_), nullptr);
  EXPECT_EQ(LatestReferral(state_)->id, ReferralId(2));
}

TEST_F(EndedReferral, ThatIsAskedForAnewBeginsCare) {
  Load("icbt_base");
  EXPECT_EQ(Do(Role::kIntegration, Ended(1)), "");
  EXPECT_EQ(Do(Role::kIntegration, Asking(1, "gp")), "");
  EXPECT_FALSE(state_.IsClosed());
  ASSERT_EQ(state_.referrals.size(), 1u);
  EXPECT_FALSE(state_.referrals[0].ended_as.has_value());
  EXPECT_EQ(state_.referrals[0].episode, 2);
  EXPECT_TRUE(IsOpen(Latest("screen_phq9")->status));
  // Now it is one like others.
  EXPECT_EQ(Do(Role::kIntegration, Asking(1, "gp")), "referral_known");
  EXPECT_EQ(Do(Role::kIntegration, Ended(1)), "referral_known");
}

TEST_F(EndedReferral, OfConsentsARefusalCountsAndAYesOnlyWhereNothingIsKnown) {
  Load("icbt_base");
  const PurposeId feedback = protocol_->FindPurpose("feedback");
  const auto file = [&](uint64_t id, bool given) {
    ReceiveReferral c = Ended(id);
    c.consents = {{feedback, given, now_}};
    EXPECT_EQ(Do(Role::kIntegration, c), "");
    EXPECT_EQ(state_.consents.size(), 1u);
    return state_.consents[0].given;
  };
  EXPECT_TRUE(file(1, true));
  EXPECT_FALSE(file(2, false));
  EXPECT_FALSE(file(3, true));
}

TEST_F(EndedReferral, ChangesNothingOfTheCareThatGoesOn) {
  Open("icbt_base");
  ReceiveReferral door = Asking(2, "self");
  door.consents = {{protocol_->FindPurpose("feedback"), true, now_}};
  EXPECT_EQ(Do(Role::kIntegration, door), "");
  const CaseState before = state_;
  ReceiveReferral c = Ended(3);
  c.consents = {{protocol_->FindPurpose("feedback"), false, now_},
                {protocol_->FindPurpose("care"), true, now_}};
  c.facts = {
      {protocol_->FindFact("age"), {FactValue::Kind::kInteger, 12, ""}, 0}};
  EXPECT_EQ(Do(Role::kIntegration, c), "");
  EXPECT_EQ(state_.items, before.items);
  EXPECT_EQ(state_.clocks, before.clocks);
  EXPECT_EQ(state_.facts, before.facts);
  EXPECT_EQ(state_.consents, before.consents);
  EXPECT_EQ(state_.tracks, before.tracks);
  EXPECT_EQ(state_.referrals.size(), before.referrals.size() + 1);
  EXPECT_EQ(LatestReferral(state_)->id, ReferralId(2));
  EXPECT_EQ(Do(Role::kIntegration, c), "referral_known");
}

TEST_F(EndedReferral, IsNotAnsweredWithTheReferralsOfTheCareThatEnds) {
  Open("icbt_base");
  EXPECT_EQ(Do(Role::kIntegration, Ended(2)), "");
  EXPECT_EQ(Staff("withdrawal", ItemVerb::kOpen), "");
  EXPECT_EQ(Staff("withdrawal", ItemVerb::kComplete, "withdrawn"), "");
  EXPECT_TRUE(state_.IsClosed());
  EXPECT_FALSE(state_.referrals[0].disposition.IsNone());
  EXPECT_TRUE(state_.referrals[1].disposition.IsNone());
}

TEST_F(EndedReferral, LeavesNoRiskWithoutAnOwner) {
  Load("icbt_base");
  EXPECT_EQ(Do(Role::kIntegration, Ended(1)), "");
  Answer("then", "phq9", {3, 3, 3, 3, 3, 3, 3, 3, 3});
  ASSERT_EQ(state_.alerts.size(), 1u);
  EXPECT_FALSE(state_.alerts[0].owner.pool.IsNone());
  EXPECT_NE(ClockOf("ack_urgent"), nullptr);
  EXPECT_EQ(state_.scores.size(), 1u);
}

TEST_F(EndedReferral, OfOneWhoHasDiedTellsTheCase) {
  Load("icbt_base");
  ReceiveReferral c = Ended(1);
  c.died = true;
  EXPECT_EQ(Do(Role::kIntegration, c), "");
  EXPECT_TRUE(state_.died_at.has_value());
  EXPECT_TRUE(state_.items.empty());
}

}  // namespace
}  // namespace stepwell::engine
