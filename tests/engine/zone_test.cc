// Clocks in the patient's zone: whose dates count, from when, and what stays.
#include <gtest/gtest.h>

#include "engine/case_support.h"

namespace stepwell::engine {
namespace {

// Summer in Stockholm is from 29 March to 25 October 2026; the service of
// icbt_base is on UTC.
class PatientZone : public CaseTest {
 protected:
  Instant FollowUpDue() {
    EXPECT_NE(ClockOf("follow_up"), nullptr);
    return ClockOf("follow_up") == nullptr ? Instant::Never()
                                           : ClockOf("follow_up")->due;
  }
};

TEST_F(PatientZone, WeeksAreThoseOfThePatient) {
  Open("icbt_base");
  EXPECT_EQ(Do(Role::kIntegration, NoteZone{"Europe/Stockholm"}), "");
  EXPECT_EQ(state_.zone, "Europe/Stockholm");
  StartTreatment();
  // 10:00 in Stockholm, in winter and in summer.
  EXPECT_EQ(FollowUpDue(), *ParseInstant("2026-08-31T08:00:00Z"));
  // A clock that does not say so counts as the service does.
  EXPECT_EQ(ClockOf("treatment_length")->due,
            *ParseInstant("2026-06-01T09:00:00Z"));
}

TEST_F(PatientZone, WithoutOneTheServiceCounts) {
  Open("icbt_base");
  StartTreatment();
  EXPECT_EQ(FollowUpDue(), *ParseInstant("2026-08-31T09:00:00Z"));
}

TEST_F(PatientZone, OneThatIsNoLongerKnownIsTheServices) {
  Open("icbt_base");
  EXPECT_EQ(Do(Role::kIntegration, NoteZone{"Europe/Atlantis"}), "");
  StartTreatment();
  EXPECT_EQ(FollowUpDue(), *ParseInstant("2026-08-31T09:00:00Z"));
}

TEST_F(PatientZone, AReferralBringsIt) {
  Open("icbt_base");
  ReceiveReferral second;
  second.person = PersonId(1);
  second.referral.id = ReferralId(2);
  second.referral.route = protocol_->FindRoute("self");
  second.referral.received_at = second.referral.wait_from = now_;
  second.zone = "Europe/Stockholm";
  EXPECT_EQ(Do(Role::kIntegration, second), "");
  EXPECT_EQ(Recorded<ZoneNoted>().size(), 1u);
  second.referral.id = ReferralId(3);
  EXPECT_EQ(Do(Role::kIntegration, second), "");
  EXPECT_TRUE(Recorded<ZoneNoted>().empty());  // nothing new
  StartTreatment();
  EXPECT_EQ(FollowUpDue(), *ParseInstant("2026-08-31T08:00:00Z"));
}

TEST_F(PatientZone, AMoveLeavesRunningDeadlinesAndCountsFromThenOn) {
  Open("icbt_base");
  now_ = *ParseInstant("2026-04-20T09:00:00Z");
  StartTreatment();
  const Instant due = FollowUpDue();
  EXPECT_EQ(due, *ParseInstant("2026-10-19T09:00:00Z"));
  EXPECT_EQ(Do(Role::kIntegration, NoteZone{"Europe/Stockholm"}), "");
  EXPECT_EQ(FollowUpDue(), due);
  now_ = due;
  Pass(Duration{0});
  // The window closes four weeks of Stockholm later, over the end of summer,
  // when that day ends.
  EXPECT_EQ(ClockOf("follow_up")->next_due,
            *ParseInstant("2026-11-16T22:59:59.999999Z"));
}

}  // namespace
}  // namespace stepwell::engine
