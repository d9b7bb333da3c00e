// Letters to referrers, as a host meets them: which referral they are about,
// and who sent it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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

}  // namespace
}  // namespace stepwell::host
