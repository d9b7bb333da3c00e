// What was so earlier and is entered later: the later word stands, and the case
// says the same of now on both axes of time.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/case_support.h"
#include "engine/clinical.h"
#include "engine/view.h"

namespace stepwell::engine {
namespace {

class OlderWord : public CaseTest {
 protected:
  void Take(Role role, CommandBody body,
            std::optional<Instant> at = std::nullopt) {
    ASSERT_EQ(Do(role, std::move(body), log_, at), "");
    log_.insert(log_.end(), last_.begin(), last_.end());
  }

  void Begin() {
    Open("icbt_base");
    log_ = last_;
    fact_ = protocol_->FindFact("parallel_therapy");
    ASSERT_FALSE(fact_.IsNone());
    purpose_ = protocol_->FindPurpose("feedback");
    ASSERT_FALSE(purpose_.IsNone());
    begun_ = now_;
  }

  void Tell(bool value, std::optional<Instant> at = std::nullopt) {
    Take(Role::kStaff, RecordFact{fact_, Truth(value)}, at);
  }
  static protocol::FactValue Truth(bool value) {
    return {protocol::FactValue::Kind::kBoolean, value ? 1 : 0, ""};
  }

  static std::vector<std::pair<FactId, protocol::FactValue>> Facts(
      const CaseState& state) {
    std::vector<std::pair<FactId, protocol::FactValue>> facts;
    for (const FactState& fact : state.facts) {
      facts.emplace_back(fact.fact, fact.value);
    }
    std::sort(facts.begin(), facts.end(), [](const auto& a, const auto& b) {
      return a.first.value < b.first.value;
    });
    return facts;
  }

  CaseState ClinicallyThen(Instant at) {
    auto past = ClinicallyAt(log_, at);
    EXPECT_TRUE(past.has_value());
    return past ? past->state : CaseState();
  }

  // What is clinically so now is what the case stands on.
  void ExpectOneTruth() {
    const CaseState was = ClinicallyThen(now_);
    EXPECT_EQ(Facts(was), Facts(state_));
    EXPECT_EQ(was.consents, state_.consents);
    EXPECT_EQ(was.safe_contact, state_.safe_contact);
    EXPECT_EQ(was.safe_contact_at, state_.safe_contact_at);
  }

  std::vector<Event> log_;
  FactId fact_;
  PurposeId purpose_;
  Instant begun_;
};

TEST_F(OlderWord, AFactIsWhatWasSaidLast) {
  Begin();
  Pass(WallDays(10));
  log_.insert(log_.end(), last_.begin(), last_.end());
  Tell(true);
  Tell(false, begun_ + WallDays(3));
  ASSERT_EQ(Recorded<FactRecorded>().size(), 1u);
  EXPECT_TRUE(std::get<FactRecorded>(Recorded<FactRecorded>()[0].body).outdone);
  ASSERT_NE(Latest("review"), nullptr);
  EXPECT_EQ(Facts(state_).back().second, Truth(true));
  ExpectOneTruth();
  // In between it was otherwise.
  EXPECT_EQ(Facts(ClinicallyThen(begun_ + WallDays(4))).back().second,
            Truth(false));
}

TEST_F(OlderWord, WhatTheNewerOneReplacedAndWhatCameLateStandWithoutIt) {
  Begin();
  Pass(WallDays(10));
  log_.insert(log_.end(), last_.begin(), last_.end());
  Tell(true);
  const uint64_t newer = Recorded<FactRecorded>()[0].seq;
  Tell(false, begun_ + WallDays(3));
  Take(Role::kStaff, VoidEvent{newer});
  EXPECT_EQ(Facts(state_).back().second, Truth(false));
  ExpectOneTruth();
}

TEST_F(OlderWord, AWordSaidAgainIsOfTheLaterTime) {
  Begin();
  Tell(true);
  Pass(WallDays(10));
  log_.insert(log_.end(), last_.begin(), last_.end());
  Tell(true);
  Tell(false, begun_ + WallDays(3));
  EXPECT_EQ(Facts(state_).back().second, Truth(true));
  ExpectOneTruth();
}

TEST_F(OlderWord, ARefusalAndASafeWayStandAgainstPaperNotesOfBefore) {
  Begin();
  Pass(WallDays(10));
  log_.insert(log_.end(), last_.begin(), last_.end());
  SetSafeContact letters;
  letters.contact.channels = {"letter"};
  letters.contact.leave_messages = false;
  Take(Role::kPatient, letters);
  RecordConsent no;
  no.consent_purpose = purpose_;
  no.given = false;
  Take(Role::kPatient, no);
  const CaseState said = state_;
  SetSafeContact phone;
  phone.contact.channels = {"phone", "sms"};
  Take(Role::kStaff, phone, begun_ + WallDays(1));
  RecordConsent yes = no;
  yes.given = true;
  Take(Role::kStaff, yes, begun_ + WallDays(1));
  EXPECT_EQ(state_.safe_contact, said.safe_contact);
  EXPECT_EQ(state_.consents, said.consents);
  EXPECT_FALSE(MayBeWritten(*protocol_, state_, now_));
  ExpectOneTruth();
  // Said today, it counts.
  Take(Role::kStaff, yes);
  Take(Role::kStaff, phone);
  EXPECT_TRUE(MayBeWritten(*protocol_, state_, now_));
  EXPECT_EQ(state_.safe_contact, phone.contact);
  ExpectOneTruth();
}

}  // namespace
}  // namespace stepwell::engine
