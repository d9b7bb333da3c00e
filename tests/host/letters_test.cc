// Letters as a host meets them. To referrers: which referral they are about,
// and who sent it. To a service that takes a case over: which, and what was
// written to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "host/export_support.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::HasSubstr;

class LettersTest : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    Begin();
    Refer("dr-a", "R-1");
    Refer("dr-b", "R-2");
    Do(Staff("l1", R"("command":"work_item","item":"letter_accepted",)"
                   R"("action":"open")"));
    Do(Staff("l2", R"("command":"work_item","item":"letter_accepted",)"
                   R"("action":"complete")"));
  }

  void Refer(const std::string& referrer, const std::string& referral) {
    Do(absl::StrCat(
        R"({"id":")", referrer, R"(","command":"receive_referral",)",
        R"("actor":{"role":"integration"},"route":"gp",)",
        R"("person":{"system":"urn:clinic","value":"p-1"},"referrer":")",
        referrer, R"(","referral":{"system":"urn:gp","value":")", referral,
        R"("},"consents":{"feedback":true}})"));
  }

  std::vector<Effect> Letters() {
    const auto page = service_->Outbox(0, 10);
    EXPECT_OK(page);
    std::vector<Effect> letters;
    if (!page.ok()) return letters;
    for (const Effect& effect : page->effects) {
      if (effect.kind == "letter") letters.push_back(effect);
    }
    return letters;
  }
};

using Names = std::vector<std::pair<std::string, std::string>>;

TEST_F(LettersTest, EachNamesItsReferralAndWhoSentIt) {
  const std::vector<Effect> letters = Letters();
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[0].referrer, "dr-a");
  EXPECT_EQ(letters[0].referral_identifiers, (Names{{"urn:gp", "R-1"}}));
  EXPECT_EQ(letters[1].referrer, "dr-b");
  EXPECT_EQ(letters[1].referral_identifiers, (Names{{"urn:gp", "R-2"}}));
  EXPECT_NE(letters[0].referral_id, letters[1].referral_id);
  ASSERT_OK_AND_ASSIGN(const OutboxPage page, service_->Outbox(0, 10));
  EXPECT_THAT(ToJson(page),
              HasSubstr(absl::StrCat(
                  R"("to":"referrer","referral":")", letters[0].referral_id,
                  R"(","referrer":"dr-a","referral_identifiers":)",
                  R"([{"system":"urn:gp","value":"R-1"}])")));
  ExpectHealthy();
}

TEST_F(LettersTest, OfAReferralThatIsTakenBackNoneIsOffered) {
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(case_, now_));
  uint64_t attached = 0;
  for (const TimelineEntry& entry : summary.timeline) {
    if (entry.event == "ReferralAttached") attached = entry.seq;
  }
  Do(Staff("v1",
           absl::StrCat(R"("command":"void_event","target":)", attached)));
  const std::vector<Effect> letters = Letters();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].referrer, "dr-a");
  ExpectHealthy();
}

std::string Phq9(const char* id, const char* answers) {
  return absl::StrCat(R"("response_id":")", id, R"(","answers":)", answers);
}

TEST_F(LettersTest, BringTheirFiguresAsTheyWereKnownThen) {
  const std::string first = Letters()[0].letter;
  EXPECT_THAT(first, HasSubstr(R"("definitions":"stepwell-letter@1")"));
  EXPECT_THAT(first, HasSubstr(R"("route":"gp","referrer":"dr-a")"));
  EXPECT_THAT(first, HasSubstr(R"("outcome":null)"));
  // What there is none of is a number; what is not known is none.
  EXPECT_THAT(first, HasSubstr(R"("name":"contacts","unit":"contacts",)"
                               R"("value":0,)"));
  EXPECT_THAT(first,
              HasSubstr(R"("name":"days_to_first_contact","unit":"days",)"
                        R"("value":null,"missing":"no treatment contact)"));
  EXPECT_THAT(first, HasSubstr(R"("scores":[])"));

  Do(Patient("a1", Phq9("r1", "[2,2,2,2,2,1,1,1,0]")));
  now_ = now_ + Hours(24 * 14);
  ASSERT_OK(service_->Advance(now_, {}).status());
  Do(Patient("a2", Phq9("r2", "[1,1,1,1,0,0,0,0,0]")));
  EXPECT_EQ(Letters()[0].letter, first) << "it is offered again";

  Do(Staff("l3", R"("command":"work_item","item":"letter_ended",)"
                 R"("action":"open")"));
  Do(Staff("l4", R"("command":"work_item","item":"letter_ended",)"
                 R"("action":"complete")"));
  ASSERT_EQ(Letters().size(), 4u);
  const std::string later = Letters()[2].letter;
  EXPECT_THAT(later, HasSubstr(R"("name":"phq9","first_at":"2026-03-02T)"));
  EXPECT_THAT(later, HasSubstr(R"("last_at":"2026-03-16T)"));
  EXPECT_THAT(later, HasSubstr(R"("pre":13)"));
  EXPECT_THAT(later, HasSubstr(R"("post":4)"));
  EXPECT_THAT(later, HasSubstr(R"("kind":"reliable_change")"));
  EXPECT_THAT(later, HasSubstr(R"("class":"improved")"));
  ASSERT_OK_AND_ASSIGN(const OutboxPage page, service_->Outbox(0, 100));
  EXPECT_THAT(ToJson(page), HasSubstr(R"("letter":)" + later));
}

// One score is no change, and a risk screen is nobody's to read but staff's.
TEST_F(LettersTest, SayNothingOfRiskAndNoChangeOfOneScore) {
  Do(Patient("a1", Phq9("r1", "[2,2,2,2,2,1,1,1,1]")));
  Do(absl::StrCat(R"({"id":"a2","command":"submit_response","case":")", case_,
                  R"(","actor":{"role":"patient"},"response_id":"r2",)"
                  R"("instrument":"risk_screen","answers":)"
                  R"({"plan":1,"intent":1,"means":1,"when":2}})"));
  ASSERT_OK_AND_ASSIGN(const Explanation before,
                       service_->Explain(case_, "letter_ended", now_));
  ASSERT_EQ(before.letters.size(), 2u);
  EXPECT_THAT(before.letters[0], HasSubstr(R"("post":null,"pre":14)"));
  EXPECT_THAT(before.letters[0],
              ::testing::Not(HasSubstr("\"class\":\"unchanged\"")));
  EXPECT_THAT(before.letters[0], ::testing::Not(HasSubstr("risk")));
  EXPECT_THAT(before.letters[1], HasSubstr(R"("referrer":"dr-b")"));
  EXPECT_THAT(ToJson(before), HasSubstr(R"("letters":[{"definitions")"));
  // As it was known before the answers.
  ASSERT_OK_AND_ASSIGN(
      const Explanation then,
      service_->Explain(case_, "letter_ended", now_ + Hours(1), now_));
  EXPECT_EQ(then.letters.size(), 2u);
}

TEST_F(LettersTest, AreListedWithWhomTheyAreOwedTo) {
  Do(Staff("l3", R"("command":"work_item","item":"letter_ended",)"
                 R"("action":"open")"));
  WorklistQuery query;
  query.kind = "letter";
  query.with_counts = true;
  ASSERT_OK_AND_ASSIGN(Worklist list, service_->QueryWorklist(query, now_));
  ASSERT_EQ(list.lines.size(), 1u);
  EXPECT_EQ(list.lines[0].what, "letter_ended");
  EXPECT_TRUE(list.lines[0].letter);
  EXPECT_EQ(list.lines[0].withheld, "");
  ASSERT_EQ(list.lines[0].to.size(), 2u);
  EXPECT_EQ(list.lines[0].to[0].referrer, "dr-a");
  EXPECT_EQ(list.lines[0].to[1].route, "gp");
  ASSERT_EQ(list.counts.size(), 1u);
  EXPECT_EQ(list.counts[0].kind, "letter");
  EXPECT_THAT(ToJson(list), HasSubstr(R"("letter":true,"to":[{"referral":)"));
  // Late is late by its own clock; and items have letters among them.
  const Instant due = list.lines[0].due;
  query.due = "overdue";
  ASSERT_OK_AND_ASSIGN(list, service_->QueryWorklist(query, due));
  EXPECT_EQ(list.lines.size(), 0u);
  ASSERT_OK_AND_ASSIGN(list, service_->QueryWorklist(query, due + Hours(1)));
  EXPECT_EQ(list.lines.size(), 1u);
  query.kind = "item";
  ASSERT_OK_AND_ASSIGN(list, service_->QueryWorklist(query, due + Hours(1)));
  EXPECT_EQ(list.lines.back().what, "letter_ended");

  Do(Staff("no", R"("command":"record_consent","given":false,)"
                 R"("consent_purpose":"feedback")"));
  query = {};
  query.kind = "letter";
  ASSERT_OK_AND_ASSIGN(list, service_->QueryWorklist(query, now_));
  EXPECT_EQ(list.lines[0].withheld, "no consent to letters");
  ASSERT_OK_AND_ASSIGN(const Explanation why,
                       service_->Explain(case_, "letter_ended", now_));
  EXPECT_EQ(why.withheld, "no consent to letters");
  EXPECT_TRUE(why.letters.empty());
  EXPECT_TRUE(Letters().empty()) << "what waited was withdrawn";
}

class TransferLetterTest : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    std::ifstream file("tests/protocols/transfer.json");
    ServiceOptions options;
    options.protocol = std::string(std::istreambuf_iterator<char>(file), {});
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(Url(), options, now_));
    const std::string host =
        R"("actor":{"role":"integration"},)"
        R"("person":{"system":"urn:clinic","value":"p-1"}})";
    Do(R"({"id":"s1","command":"add_staff","staff":"anna","pools":["team"],)"
       R"("actor":{"role":"integration"}})");
    Do(R"({"id":"p1","command":"register_person",)" + host);
    case_ =
        Do(R"({"id":"r1","command":"receive_referral","route":"self",)" + host)
            .case_id;
    Do(Staff("c1", R"("command":"record_consent",)"
                   R"("consent_purpose":"sharing","given":true)"));
  }

  void HandOver(const std::string& id, const std::string& letter) {
    Do(Staff(id,
             absl::StrCat(R"("command":"transfer_case","action":"hand_over",)"
                          R"("to":"psychiatry",)",
                          letter)));
  }

  Effect Letter() {
    const auto page = service_->Outbox(0, 10);
    EXPECT_OK(page);
    if (!page.ok() || page->effects.size() != 1) {
      ADD_FAILURE() << "not one letter";
      return {};
    }
    return page->effects[0];
  }
};

TEST_F(TransferLetterTest, SaysToWhomItGoesAndWhatWasWritten) {
  HandOver("t1", R"("text":"History, scores and plan.")");
  const Effect letter = Letter();
  EXPECT_EQ(letter.to, "service");
  EXPECT_EQ(letter.receiver, "psychiatry");
  EXPECT_EQ(letter.text, "History, scores and plan.");
  ASSERT_OK_AND_ASSIGN(const OutboxPage page, service_->Outbox(0, 10));
  EXPECT_THAT(ToJson(page),
              HasSubstr(absl::StrCat(
                  R"("receiver":"psychiatry","body_key":")", letter.body_key,
                  R"(","text":"History, scores and plan.")")));
  // So it does when the receiver has confirmed before it is delivered.
  Do(Staff("t2", R"("command":"transfer_case","action":"confirm")"));
  EXPECT_EQ(Letter().text, "History, scores and plan.");
  ExpectHealthy();
}

TEST_F(TransferLetterTest, WhatTheHostKeepsIsNamed) {
  HandOver("t1", R"("body_key":"letters/77")");
  EXPECT_EQ(Letter().body_key, "letters/77");
  EXPECT_EQ(Letter().text, "");
}

TEST_F(TransferLetterTest, GoesOutAsACommunication) {
  HandOver("t1", R"("text":"History, scores and plan.")");
  const std::string exported = Ndjson(*service_);
  EXPECT_THAT(exported, HasSubstr(R"("code":"transfer-letter")"));
  EXPECT_THAT(exported, HasSubstr(R"("recipient":[{"display":"psychiatry"}])"));
  EXPECT_THAT(
      exported,
      HasSubstr(
          R"("payload":[{"contentString":"History, scores and plan."}])"));
}

// What is written to one receiver after the other does not come at once.
TEST_F(TransferLetterTest, APageEndsWhenItsLettersAreLong) {
  const std::string text(65'000, 'x');
  constexpr int kLetters = 18;
  for (int i = 0; i < kLetters; ++i) {
    HandOver(absl::StrCat("t", i), absl::StrCat(R"("text":")", text, i, "\""));
    Do(Staff(absl::StrCat("w", i), R"("command":"transfer_case",)"
                                   R"("action":"confirm")"));
    Do(absl::StrCat(
        R"({"id":"r)", i,
        R"(x","command":"receive_referral","route":"self",)"
        R"("actor":{"role":"integration"},"consents":{"sharing":true},)"
        R"("person":{"system":"urn:clinic","value":"p-1"}})"));
  }
  size_t letters = 0, pages = 0;
  uint64_t after = 0;
  for (;;) {
    ASSERT_OK_AND_ASSIGN(const OutboxPage page, service_->Outbox(after, 1000));
    if (page.effects.empty()) break;
    ++pages;
    letters += page.effects.size();
    after = page.next;
  }
  EXPECT_EQ(letters, size_t{kLetters});
  EXPECT_EQ(pages, 2u);
}

}  // namespace
}  // namespace stepwell::host
