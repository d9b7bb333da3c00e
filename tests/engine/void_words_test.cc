// Words that are taken back: what stands without them, and who hears of what
// was done on them. No yes stands that nobody has said.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/case_support.h"
#include "engine/clinical.h"
#include "engine/view.h"
#include "support/shared_data.h"

namespace stepwell::engine {
namespace {

constexpr PersonId kMother(2), kFather(3);

class WordsGone : public CaseTest {
 protected:
  // A child of twelve is referred by a GP who gets letters.
  void Begin() {
    ASSERT_OK_AND_ASSIGN(auto loaded, protocol::LoadProtocol(
                                          testing::ReadFileText(
                                              STEPWELL_SOURCE_DIR
                                              "/tests/protocols/handover.json"),
                                          protocol::BuiltInCatalogue()));
    protocol_ = loaded.protocol;
    ASSERT_NE(protocol_, nullptr);
    now_ = *ParseInstant("2026-03-02T09:00:00Z");
    sharing_ = protocol_->FindPurpose("sharing");
    feedback_ = protocol_->FindPurpose("feedback");
    Refer(1);
    Tell("age", 12);
  }

  // A letter that may say what a guardian has said, without a name.
  void Refer(uint64_t id, std::vector<ConsentState> consents = {}) {
    ReceiveReferral referral;
    referral.person = PersonId(1);
    referral.referral.id = ReferralId(id);
    referral.referral.referrer = "dr";
    referral.referral.route = protocol_->FindRoute("gp");
    referral.referral.received_at = now_;
    referral.referral.wait_from = now_;
    referral.consents = std::move(consents);
    Take(Role::kIntegration, referral);
  }
  ConsentState Unnamed(bool given) const {
    ConsentState told;
    told.purpose = sharing_;
    told.given = given;
    told.by = "guardian";
    return told;
  }

  void Take(Role role, CommandBody body,
            std::optional<Instant> at = std::nullopt) {
    ASSERT_EQ(Do(role, std::move(body), log_, at), "");
    Keep();
  }
  void Keep() { log_.insert(log_.end(), last_.begin(), last_.end()); }
  void Wait(Duration duration) {
    Pass(duration);
    Keep();
  }
  void Tell(const std::string& fact, int64_t value,
            std::optional<Instant> at = std::nullopt) {
    Take(Role::kStaff,
         RecordFact{protocol_->FindFact(fact),
                    {protocol::FactValue::Kind::kInteger, value, ""}},
         at);
  }
  std::optional<int64_t> Known(const CaseState& state,
                               const std::string& fact) const {
    for (const FactState& known : state.facts) {
      if (known.fact == protocol_->FindFact(fact)) return known.value.number;
    }
    return std::nullopt;
  }
  // The number of the word.
  uint64_t Say(PurposeId purpose, bool given, PersonId of = {},
               std::optional<Instant> at = std::nullopt) {
    RecordConsent word;
    word.consent_purpose = purpose;
    word.given = given;
    if (of != PersonId()) {
      word.by = "guardian";
      word.related = of;
    }
    Take(Role::kStaff, word, at);
    return Last<ConsentRecorded>();
  }
  void TakeBack(uint64_t seq) { Take(Role::kStaff, VoidEvent{seq}); }

  template <class E>
  uint64_t Last() const {
    for (size_t i = log_.size(); i-- > 0;) {
      if (std::holds_alternative<E>(log_[i].body)) return log_[i].seq;
    }
    return 0;
  }
  Answer3 Sharing() const { return ConsentOf(*protocol_, state_, sharing_); }
  // Those that the last command opened, each on a line.
  std::string Reviews() const {
    std::string notes;
    for (const ItemState& item : state_.items) {
      if (item.key.element == protocol_->review_element &&
          item.opened_seq >= last_.front().seq) {
        absl::StrAppend(&notes, item.note, "\n");
      }
    }
    return notes;
  }
  // What is clinically so now is what the case stands on.
  void ExpectOneTruth() {
    const auto past = ClinicallyAt(log_, now_);
    ASSERT_TRUE(past.has_value());
    for (uint16_t i = 0; i < protocol_->purposes.size(); ++i) {
      EXPECT_EQ(ConsentOf(*protocol_, past->state, PurposeId(i)),
                ConsentOf(*protocol_, state_, PurposeId(i)));
    }
    EXPECT_EQ(past->state.safe_contact, state_.safe_contact);
    for (const protocol::Fact& fact : protocol_->facts) {
      EXPECT_EQ(Known(past->state, fact.id), Known(state_, fact.id));
    }
  }

  // A letter to the referrer, or a message to the patient, has come.
  void Deliver() {
    ASSERT_FALSE(state_.pending_effects.empty());
    Take(Role::kIntegration,
         SettleEffect{state_.pending_effects.back().effect, true, ""});
  }
  void WriteLetter() {
    ASSERT_EQ(Staff("call", ItemVerb::kOpen), "");
    Keep();
    ASSERT_EQ(Staff("call", ItemVerb::kComplete), "");
    Keep();
    Deliver();
  }

  std::vector<Event> log_;
  PurposeId sharing_, feedback_;
};

TEST_F(WordsGone, APersonHearsOfALetterThatLeftOnAConsentOfNobody) {
  Begin();
  const uint64_t yes = Say(feedback_, true);
  WriteLetter();
  TakeBack(yes);
  EXPECT_EQ(
      Reviews(),
      absl::StrCat(
          "letters have left, or may have, on the consent of event ", yes,
          ", which was taken back; one\n"
          "what was known of the patient was taken back; of feedback the yes "
          "of the patient (event ",
          yes, "): it was yes and is not known\n"));
  ASSERT_EQ(Recorded<Voided>().size(), 1u);
  EXPECT_EQ(std::get<Voided>(Recorded<Voided>()[0].body).effects_sent.size(),
            1u);
}

TEST_F(WordsGone, ALetterThatAnEarlierYesBearsIsNobodysConcern) {
  Begin();
  Say(feedback_, true);
  Wait(WallDays(1));
  const uint64_t again = Say(feedback_, true);
  WriteLetter();
  TakeBack(again);
  EXPECT_EQ(Reviews(), "");
}

TEST_F(WordsGone, APersonHearsOfAMessageThatWentWhereAnotherPatientWishes) {
  Begin();
  Tell("age", 31);
  SetSafeContact wish;
  wish.contact.channels = {"sms"};
  Take(Role::kStaff, wish);
  const uint64_t sms = Last<SafeContactNoted>();
  Wait(WallDays(7));  // a reminder
  const auto asked = Recorded<EffectRequested>();
  ASSERT_FALSE(asked.empty());
  ASSERT_EQ(std::get<EffectRequested>(asked[0].body).safe_contact,
            wish.contact);
  Deliver();
  TakeBack(sms);
  EXPECT_NE(Reviews().find("messages have left"), std::string::npos);
}

TEST_F(WordsGone, AWithdrawalThatDisappearsIsToldWithWhatFollows) {
  Begin();
  Take(Role::kStaff, RelatePerson{kMother, "guardian"});
  Take(Role::kStaff, RelatePerson{kFather, "guardian"});
  Say(sharing_, true, kMother);
  const uint64_t no = Say(sharing_, false, kFather);
  EXPECT_EQ(Sharing(), Answer3::kNo);
  TakeBack(no);
  EXPECT_EQ(Sharing(), Answer3::kYes);
  EXPECT_EQ(Reviews(),
            absl::StrCat("what was known of the patient was taken back; of "
                         "sharing the no of the guardian (event ",
                         no, "): it was no and is yes\n"));
  ExpectOneTruth();
  // Also where a yes of the same person stands again.
  Wait(WallDays(1));
  const uint64_t hers = Say(sharing_, false, kMother);
  TakeBack(hers);
  EXPECT_EQ(Sharing(), Answer3::kYes);
  EXPECT_NE(Reviews(), "");
}

TEST_F(WordsGone, AFactThatSaidWhoDecidesIsToldWithTheAnswer) {
  Begin();
  Take(Role::kStaff, RelatePerson{kMother, "guardian"});
  Say(sharing_, true, kMother);
  Wait(WallDays(1));
  Tell("age", 31);
  EXPECT_EQ(Sharing(), Answer3::kUnknown);
  TakeBack(Last<FactRecorded>());
  EXPECT_EQ(Sharing(), Answer3::kYes);
  EXPECT_EQ(Reviews(),
            "what was known of the patient was taken back; the consent to "
            "sharing was not known and is yes\n");
}

TEST_F(WordsGone, AWordWithoutANameThatGaveWayDoesNotComeBack) {
  Begin();
  Take(Role::kStaff, RelatePerson{kMother, "guardian"});
  Take(Role::kStaff, RelatePerson{kFather, "guardian"});
  Say(sharing_, true, kMother);
  Refer(2, {Unnamed(true)});
  Wait(WallDays(1));
  Refer(3, {Unnamed(true)});
  const uint64_t second = Last<ConsentRecorded>();
  Wait(WallDays(1));
  Say(sharing_, false, kMother);
  TakeBack(second);
  Take(Role::kStaff, RelatePerson{kMother, "guardian", true});
  EXPECT_EQ(Sharing(), Answer3::kUnknown);
  ExpectOneTruth();
}

TEST_F(WordsGone, ARefusalWithoutANameStandsWhenTheNameThatTookItsPlaceIsGone) {
  Begin();
  Take(Role::kStaff, RelatePerson{kMother, "guardian"});
  Take(Role::kStaff, RelatePerson{kFather, "guardian"});
  Refer(2, {Unnamed(false)});
  Wait(WallDays(1));
  const uint64_t yes = Say(sharing_, true, kMother);
  EXPECT_EQ(Sharing(), Answer3::kYes);
  TakeBack(yes);
  EXPECT_EQ(Sharing(), Answer3::kNo);
  ExpectOneTruth();
  // Where it had ended beside a word with a name, as well.
  Wait(WallDays(1));
  Say(sharing_, true, kFather);
  EXPECT_EQ(Sharing(), Answer3::kYes);
  TakeBack(Last<ConsentRecorded>());
  EXPECT_EQ(Sharing(), Answer3::kNo);
  ExpectOneTruth();
}

TEST_F(WordsGone, AnOlderWordWithANameStandsWhenTheOneWithoutIsGone) {
  Begin();
  const Instant begun = now_;
  Take(Role::kStaff, RelatePerson{kMother, "guardian"});
  Take(Role::kStaff, RelatePerson{kFather, "guardian"});
  Wait(WallDays(3));
  Refer(2, {Unnamed(true)});
  const uint64_t unnamed = Last<ConsentRecorded>();
  Say(sharing_, false, kMother, begun + WallDays(1));
  EXPECT_EQ(Sharing(), Answer3::kYes);
  TakeBack(unnamed);
  EXPECT_EQ(Sharing(), Answer3::kNo);
  ExpectOneTruth();
}

TEST_F(WordsGone, AWordThatWasReplacedIsTakenBackAndNeverComesBack) {
  Begin();
  const uint64_t wrong = Say(feedback_, true);
  WriteLetter();
  Wait(WallDays(1));
  const uint64_t no = Say(feedback_, false);
  TakeBack(wrong);
  // It had stood for a day.
  EXPECT_NE(Reviews().find("letters have left"), std::string::npos);
  EXPECT_EQ(ConsentOf(*protocol_, state_, feedback_), Answer3::kNo);
  ExpectOneTruth();
  TakeBack(no);
  EXPECT_EQ(ConsentOf(*protocol_, state_, feedback_), Answer3::kUnknown);
  ExpectOneTruth();
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{wrong}, log_), "not_voidable");
}

TEST_F(WordsGone, AWordThatCameTooLateIsTakenBackAsWell) {
  Begin();
  const Instant begun = now_;
  Wait(WallDays(5));
  Tell("age", 14);
  const uint64_t newer = Last<FactRecorded>();
  Tell("age", 13, begun + WallDays(1));
  TakeBack(Last<FactRecorded>());
  EXPECT_EQ(Known(state_, "age"), 14);
  TakeBack(newer);
  EXPECT_EQ(Known(state_, "age"), 12);
  ExpectOneTruth();
  SetSafeContact wish;
  wish.contact.channels = {"letter"};
  Take(Role::kPatient, wish);
  wish.contact.channels = {"sms"};
  Take(Role::kStaff, wish, begun + WallDays(1));
  const uint64_t sms = Last<SafeContactNoted>();
  TakeBack(sms);
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{sms}, log_), "not_voidable");
  ExpectOneTruth();
}

TEST_F(WordsGone, OfTwoEqualWordsTheOneThatIsMeantIsTakenBack) {
  Begin();
  const uint64_t first = Say(feedback_, true);
  const uint64_t second = Say(feedback_, true);
  TakeBack(first);
  EXPECT_TRUE(
      std::get<Voided>(Recorded<Voided>()[0].body).consents_restored.empty());
  TakeBack(second);
  EXPECT_EQ(ConsentOf(*protocol_, state_, feedback_), Answer3::kUnknown);
}

TEST_F(WordsGone, AFactThatIsConfirmedStandsWithoutTheFirstWord) {
  Begin();
  Wait(WallDays(1));
  Tell("age", 13);
  const uint64_t first = Last<FactRecorded>();
  Wait(WallDays(2));
  Tell("age", 13);
  TakeBack(first);
  EXPECT_EQ(Known(state_, "age"), 13);
  EXPECT_EQ(Reviews(), "");
  TakeBack(Last<FactRecorded>());
  EXPECT_EQ(Known(state_, "age"), 12);
  ExpectOneTruth();
}

TEST_F(WordsGone, ALogWithoutItsEndGivesNoWordTwice) {
  Begin();
  const uint64_t first = Say(feedback_, true);
  Wait(WallDays(1));
  Say(feedback_, false);
  const std::vector<Event> part(log_.begin(), log_.end() - 1);
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{first}, part), "not_voidable");
}

class FactsGone : public WordsGone {};

TEST_F(FactsGone, AFactThatAResponseHadReplacedComesBackOnlyWhileItStands) {
  Open("icbt_base");
  Keep();
  Tell("problem", 2);
  const uint64_t word = Last<FactRecorded>();
  Wait(WallDays(1));
  Take(Role::kPatient, IntakeForm());
  EXPECT_EQ(Known(state_, "problem"), 1);
  Wait(WallDays(1));
  TakeBack(Last<ResponseReceived>());
  EXPECT_EQ(Known(state_, "problem"), 2);
  ExpectOneTruth();
  TakeBack(word);
  EXPECT_EQ(Known(state_, "problem"), std::nullopt);
  ExpectOneTruth();
}

}  // namespace
}  // namespace stepwell::engine
