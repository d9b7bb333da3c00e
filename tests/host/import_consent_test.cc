// Consents that come with a referral of somebody else: they are of their own
// time, and none of them says yes to what the patient has refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ImportConsent : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    Begin();
    now_ = now_ + WallDays(10);
    EXPECT_OK(service_->Advance(now_, {}));
  }

  // The request of a doctor, with a consent to letters; `members` of that.
  void Import(const std::string& id, const std::string& members) {
    const auto report = service_->Import(
        absl::StrCat(
            R"({"resourceType":"Bundle","type":"collection","entry":[)",
            R"({"resource":{"resourceType":"Patient","id":"p","identifier":[)",
            R"({"system":"urn:clinic","value":"p-1"}]}},{"resource":)",
            R"({"resourceType":"ServiceRequest","id":")", id,
            R"(","identifier":[{"system":"urn:ref","value":")", id,
            R"("}],"contained":[{"resourceType":"Consent","id":"c",)",
            R"("category":[{"coding":[{"system":)",
            R"("https://stepwell.dev/fhir/CodeSystem/consent-purpose",)",
            R"("code":"feedback"}]}],)", members,
            R"(}],"status":"active","intent":"proposal","category":[{"coding":)",
            R"([{"system":"https://stepwell.dev/fhir/CodeSystem/)",
            R"(referral-route","code":"gp"}]}],"subject":{"reference":)",
            R"("Patient/p"},"requester":{"identifier":{"system":"urn:gp",)",
            R"("value":"dr2"}},"supportingInfo":[{"reference":"#c"}]}}]})"),
        ImportOptions(), now_);
    ASSERT_OK(report);
    EXPECT_TRUE(report->refused.empty()) << ToJson(*report);
    EXPECT_EQ(report->referrals, 1u);
  }

  std::string Timeline() {
    const auto summary = service_->QueryCase(case_, now_);
    EXPECT_OK(summary);
    std::string text;
    for (const TimelineEntry& entry : summary->timeline) {
      absl::StrAppend(&text, entry.text, "\n");
    }
    return text;
  }

  // The patient's own word of letters to the referrer.
  void Say(std::string_view given) {
    Do(absl::StrCat(
        R"({"id":"c1","command":"record_consent","actor":{"role":"patient"},)",
        R"("case":")", case_, R"(","consent_purpose":"feedback","given":)",
        std::string(given), "}"));
  }
};

constexpr char kYes[] = R"("status":"active")";
constexpr char kNo[] = R"("status":"rejected")";

TEST_F(ImportConsent, AYesBeforeTheRefusalIsHistory) {
  Say("false");
  now_ = now_ + WallDays(1);
  Import("r1", absl::StrCat(kYes, R"(,"dateTime":"2026-03-03T09:00:00Z")"));
  EXPECT_THAT(Timeline(), HasSubstr("a referral says yes to what was refused"));
  EXPECT_THAT(Timeline(),
              Not(HasSubstr("consent_purpose=feedback given=true")));
  ExpectHealthy();
}

TEST_F(ImportConsent, ARefusalIsOfItsOwnDay) {
  Say("true");
  Import("r1", absl::StrCat(kNo, R"(,"dateTime":"2026-03-03")"));
  EXPECT_THAT(Timeline(), HasSubstr("outdone=true"));
  // Of today, and of no day that anybody knows, it counts.
  Import("r2", absl::StrCat(kNo, R"(,"dateTime":"2026-03-12")"));
  EXPECT_THAT(Timeline(), HasSubstr("given=false outdone=false"));
  ExpectHealthy();
}

TEST_F(ImportConsent, ATimeThatIsNoneCountsAsNow) {
  Import("r1", absl::StrCat(kYes, R"(,"dateTime":"last week")"));
  EXPECT_THAT(Timeline(), HasSubstr("consent_purpose=feedback given=true"));
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
