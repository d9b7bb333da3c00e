// Decisions as a user reads them: in the case, in an explanation, and as they
// were known at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "json/json.h"
#include "stepwell/service.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DecisionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ServiceOptions options;
    options.protocol = testing::ReadFileText(
        absl::StrCat(STEPWELL_SOURCE_DIR, "/tests/protocols/decisions.json"));
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create("memory:", options, now_));
    Do(R"("command":"add_staff","actor":{"role":"integration"},)"
       R"("staff":"tom","pools":["team"])");
    Do(R"("command":"register_person","actor":{"role":"integration"},)"
       R"("person":{"system":"s","value":"1"})");
    Do(R"("command":"receive_referral","actor":{"role":"integration"},)"
       R"("person":{"system":"s","value":"1"},"route":"self")");
  }

  Reply Do(const std::string& members) {
    auto reply = service_->Submit(
        absl::StrCat("{\"id\":\"c", ++commands_, "\",", members, "}"), now_);
    EXPECT_OK(reply);
    return reply.ok() ? *reply : Reply();
  }
  Reply Answer(const std::string& instrument, const std::string& answers) {
    return Do(absl::StrCat(
        R"("command":"submit_response","actor":{"role":"patient"},)"
        R"("person":{"system":"s","value":"1"},"response_id":"r)",
        commands_, R"(","instrument":")", instrument, R"(","answers":)",
        answers));
  }
  Reply Staff(const std::string& members) {
    return Do(absl::StrCat(
        R"("command":"work_item","actor":{"role":"staff","staff":"tom"},)"
        R"("person":{"system":"s","value":"1"},)",
        members));
  }
  Explanation Explain(const std::string& item,
                      std::optional<Instant> as_of = std::nullopt) {
    auto told = service_->Explain("s|1", item, now_, as_of);
    EXPECT_OK(told);
    return told.ok() ? *told : Explanation();
  }

  std::unique_ptr<Service> service_;
  Instant now_{1'772'442'000'000'000};  // 2026-03-02T09:00:00Z
  int commands_ = 0;
};

TEST_F(DecisionsTest, AreReadWithWhatTheySaw) {
  Answer("intake", R"({"problem":1})");
  const Explanation waits = Explain("triage");
  EXPECT_EQ(waits.state, "available");
  EXPECT_THAT(waits.reasons,
              Contains("too_young: facts.age < 18; facts.age = unknown"));
  ASSERT_EQ(waits.decisions.size(), 1u);
  EXPECT_EQ(waits.decisions[0].outcome, "undetermined");

  const Instant before = now_;
  now_ = now_ + Hours(1);
  Answer("intake", R"({"age":34,"problem":1,"parallel_therapy":false})");
  const Explanation done = Explain("triage");
  EXPECT_EQ(done.state, "done");
  ASSERT_EQ(done.decisions.size(), 2u);
  const DecisionEntry& decision = done.decisions[1];
  EXPECT_EQ(decision.item, "triage");
  EXPECT_EQ(decision.outcome, "accepted");
  EXPECT_TRUE(decision.automatic);
  EXPECT_EQ(decision.actor, "patient");
  EXPECT_EQ(decision.at, now_);
  EXPECT_THAT(decision.rules, ElementsAre("otherwise"));
  EXPECT_THAT(decision.inputs,
              ElementsAre("facts.age = 34", "facts.parallel_therapy = false"));

  // What was known an hour ago, and before there was a case.
  const Explanation then = Explain("triage", before);
  EXPECT_EQ(then.state, "available");
  EXPECT_EQ(then.reasons, waits.reasons);
  EXPECT_EQ(then.decisions.size(), 1u);
  EXPECT_EQ(ToJson(then), ToJson(waits));
  EXPECT_EQ(service_->Explain("s|1", "triage", now_, before - Seconds(1))
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

TEST_F(DecisionsTest, OfAPersonKeepWhatWasProposed) {
  Answer("intake", R"({"age":34,"problem":1,"parallel_therapy":false})");
  Answer("phq9", "[1,1,1,1,1,1,1,1,0]");
  Staff(R"("item":"adapt","action":"open","reason":"she asked")");
  Answer("phq9", "[2,2,2,2,1,1,1,1,0]");
  EXPECT_THAT(Explain("adapt").reasons,
              Contains(HasSubstr("step_up is proposed by much_worse")));
  const Reply refused =
      Staff(R"("item":"adapt","action":"complete","outcome":"pause")");
  EXPECT_EQ(refused.kind, Reply::Kind::kRejected);
  EXPECT_EQ(refused.code, "reason_required");
  Staff(R"("item":"adapt","action":"complete","outcome":"pause",)"
        R"("reason":"she travels")");
  const Explanation done = Explain("adapt");
  ASSERT_EQ(done.decisions.size(), 1u);
  EXPECT_EQ(done.decisions[0].outcome, "pause");
  EXPECT_EQ(done.decisions[0].proposed, "step_up");
  EXPECT_EQ(done.decisions[0].reason, "she travels");
  EXPECT_EQ(done.decisions[0].actor, "tom");
  EXPECT_FALSE(done.decisions[0].automatic);
  EXPECT_THAT(done.decisions[0].inputs,
              ElementsAre("phq9.first = 8", "phq9.score = 12"));
}

TEST_F(DecisionsTest, StandInTheCaseAsItWasKnown) {
  Answer("intake", R"({"age":34,"problem":1,"parallel_therapy":false})");
  ASSERT_OK_AND_ASSIGN(const CaseSummary before,
                       service_->QueryCase("s|1", now_));
  const Instant then = now_;
  now_ = now_ + Hours(3);
  Answer("phq9", "[1,2,2,1,1,1,1,1,0]");
  Staff(R"("item":"ask_motivation","action":"complete","value":3)");
  ASSERT_OK_AND_ASSIGN(const CaseSummary after,
                       service_->QueryCase("s|1", now_));
  ASSERT_EQ(after.decisions.size(), 2u);
  EXPECT_THAT(after.decisions[1].outcomes,
              ElementsAre("sleep", "rest", "mood"));
  EXPECT_THAT(ToJson(after), HasSubstr("\"outcomes\":[\"sleep\",\"rest\""));

  ASSERT_OK_AND_ASSIGN(const CaseSummary past,
                       service_->QueryCase("s|1", now_, then));
  EXPECT_EQ(ToJson(past), ToJson(before));
  EXPECT_THAT(past.scores, IsEmpty());
  // As of now it is as it stands.
  ASSERT_OK_AND_ASSIGN(const CaseSummary present,
                       service_->QueryCase("s|1", now_, now_));
  EXPECT_EQ(ToJson(present), ToJson(after));
}

}  // namespace
}  // namespace stepwell::host
