// A live service begins with what somebody approved; what exists goes on.
#include <gmock/gmock.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "stepwell/scenario.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::stepwell::testing::StatusIs;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using Code = absl::StatusCode;

// `minimal` as a clinic would take it over.
std::string Clinic(const std::string& members) {
  return absl::StrCat(
      R"({"protocol":"clinic","base":"minimal@1","version":"2",)", members,
      "}");
}
std::string Approved() {
  return Clinic(R"("status":"approved","author":"A","approver":"Dr B")");
}

class Approval : public HostTest {
 protected:
  absl::Status Create(const std::string& protocol, bool prototype) {
    ServiceOptions options;
    options.protocol = protocol;
    options.prototype = prototype;
    auto service = Service::Create(Url(), options, now_);
    if (service.ok()) service_ = *std::move(service);
    return service.status();
  }
};

TEST_F(Approval, LiveServicesBeginWithWhatIsApproved) {
  EXPECT_OK(Create(Approved(), false));
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(health.warnings, Not(Contains(HasSubstr("approved"))));
}

TEST_F(Approval, DraftsAndReviewsAreRefusedAndLeaveNoStore) {
  for (const std::string status : {"draft", "reviewed"}) {
    EXPECT_THAT(
        Create(Clinic(absl::StrCat(R"("status":")", status, "\"")), false),
        StatusIs(Code::kFailedPrecondition,
                 absl::StrCat("the protocol clinic 2 is ", status,
                              " and not approved")));
    EXPECT_FALSE(std::filesystem::exists(Path()));
  }
}

TEST_F(Approval, PrototypesMayBeginWithADraftAndHealthSaysSo) {
  EXPECT_OK(Create(Clinic(R"("status":"reviewed")"), true));
  for (int opened = 0; opened < 2; ++opened) {
    ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
    EXPECT_THAT(health.warnings,
                Contains("the protocol clinic 2 is reviewed and not approved: "
                         "this service is a prototype"));
    service_.reset();
    ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  }
}

TEST_F(Approval, WhatIsRetiredBeginsNoServiceAndNoPrototype) {
  for (const bool prototype : {false, true}) {
    EXPECT_THAT(
        Create(Clinic(R"("status":"retired")"), prototype),
        StatusIs(Code::kFailedPrecondition, "no new service begins with it"));
    EXPECT_FALSE(std::filesystem::exists(Path()));
  }
}

// A play is no deployment; the store that it leaves is as good as any that was
// made before its protocol was retired.
TEST_F(Approval, WhatRunsOnARetiredProtocolGoesOn) {
  ScenarioOptions play;
  play.store = Url();
  play.protocol = Clinic(R"("status":"retired")");
  ASSERT_OK_AND_ASSIGN(
      const ScenarioResult played,
      PlayScenario("clock 2026-03-02T09:00 Europe/Stockholm\n"
                   "> register_person {\"person\":{\"system\":\"urn:clinic\","
                   "\"value\":\"p-1\"}}\n",
                   play));
  EXPECT_TRUE(played.ok) << played.message;
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  const Reply reply =
      Do(R"({"id":"r","command":"receive_referral","route":"self",)"
         R"("actor":{"role":"integration"},)"
         R"("person":{"system":"urn:clinic","value":"p-1"}})");
  EXPECT_EQ(reply.kind, Reply::Kind::kAccepted);
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(health.violations, ::testing::IsEmpty());
  EXPECT_THAT(health.warnings,
              Contains("the protocol clinic 2 is retired: move its cases to "
                       "the version that replaced it"));
}

TEST(ApprovalOfADocument, IsPartOfItsCheck) {
  ASSERT_OK_AND_ASSIGN(const ProtocolCheck check, CheckProtocol(Approved()));
  EXPECT_EQ(check.status, "approved");
  EXPECT_THAT(ToJson(check), HasSubstr(R"("status":"approved")"));
}

}  // namespace
}  // namespace stepwell::host
