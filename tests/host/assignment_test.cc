// Whose case it is and why; and the cases of somebody who leaves, as a batch.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AssignmentTest : public HostTest {
 protected:
  void Open(const std::string& url) {
    ServiceOptions options;
    options.protocol = testing::ReadFileText(
        STEPWELL_SOURCE_DIR "/tests/protocols/assignment.json");
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(url, options, now_));
  }
  void AddStaff(const std::string& name, const std::string& members) {
    Do(absl::StrCat(R"({"id":"s-)", name, now_.us,
                    R"(","command":"add_staff",)",
                    R"("actor":{"role":"integration"},"staff":")", name, "\",",
                    members, "}"));
  }
  std::string NewCase(int number) {
    const std::string who = absl::StrCat(
        R"("actor":{"role":"integration"},"person":{"system":"s",)",
        R"("value":")", number, R"("})");
    Do(absl::StrCat(R"({"id":"p)", number, R"(","command":"register_person",)",
                    who, "}"));
    case_ = Do(absl::StrCat(R"({"id":"r)", number,
                            R"(","command":"receive_referral",)", who,
                            R"(,"route":"self"})"))
                .case_id;
    return case_;
  }
  void Assign(const std::string& id, const std::string& members) {
    Do(absl::StrCat(R"({"id":")", id, R"(","command":"assign_case","actor":)",
                    R"({"role":"staff","staff":"tea"},"case":")", case_, "\",",
                    members, "}"));
  }
  Reply Reassign(const std::string& id, const std::string& members) {
    return Do(absl::StrCat(R"({"id":")", id, R"(","command":"reassign_cases",)",
                           R"("actor":{"role":"integration"},)", members, "}"));
  }
  Explanation Why() {
    const auto why = service_->Explain(case_, "owner", now_);
    EXPECT_OK(why);
    return why.ok() ? *why : Explanation();
  }
};

TEST_F(AssignmentTest, WhyItWasThemIsWhatWasSeenThen) {
  Open("memory:");
  AddStaff("tea", R"("pools":["team"])");
  NewCase(1);
  EXPECT_EQ(Why().state, "team");
  EXPECT_THAT(Why().reasons, ElementsAre("the case began with team"));
  ASSERT_OK_AND_ASSIGN(
      const Reply refused,
      Try(absl::StrCat(R"({"id":"a","command":"assign_case","actor":{"role":)",
                       R"("staff","staff":"tea"},"case":")", case_,
                       R"(","pool":"few"})")));
  EXPECT_EQ(refused.code, "pool_empty");
  EXPECT_EQ(refused.reason,
            "nobody works in the pool few: pass it with a reason");
  Assign("a0", R"("pool":"few","reason":"two begin on Monday")");
  EXPECT_THAT(Why().reasons,
              ElementsAre("nobody of few could take it, of 0 members"));
  AddStaff("anna", R"("pools":["few","known","by_hand"],"skills":["trauma"])");
  AddStaff("bo", R"("pools":["few"],"caseload_max":1)");
  AddStaff("carin", R"("pools":["few"])");
  Do(R"({"id":"l1","command":"set_leave","actor":{"role":"integration"},)"
     R"("staff":"carin","from":"2026-03-02T00:00:00Z",)"
     R"("to":"2026-03-20T00:00:00Z"})");
  Assign("a1", R"("pool":"few","skills":["trauma"])");
  EXPECT_EQ(Why().state, "anna");
  EXPECT_THAT(
      Why().reasons,
      ElementsAre("anna had the fewest cases, 0, of 3 members; 1 on leave; 1 "
                  "without what the case needs",
                  "the case needs trauma"));
  // The register changes, and what was seen does not.
  AddStaff("dora", R"("pools":["few"],"skills":["trauma"])");
  EXPECT_THAT(Why().reasons.at(0), HasSubstr("of 3 members"));
  Assign("a2", R"("pool":"known")");
  EXPECT_THAT(Why().reasons.at(0), HasSubstr("is continuity"));
  Assign("a3", R"("pool":"few","staff":"bo","reason":"he knows her")");
  EXPECT_THAT(Why().reasons.at(0), "given to bo by tea: he knows her");
  Assign("a4", R"("pool":"by_hand")");
  EXPECT_THAT(Why().reasons.at(0), HasSubstr("a person of by_hand"));
  ExpectHealthy();
}

TEST_F(AssignmentTest, ABatchHoldsLimitsAndIsDoneOnce) {
  for (const std::string& url : {std::string("memory:"), Url()}) {
    const Instant began = now_;
    Open(url);
    AddStaff("tea", R"("pools":["team"])");
    AddStaff("anna", R"("pools":["few"],"caseload_max":5)");
    std::vector<std::string> cases;
    for (int i = 0; i < 4; ++i) {
      cases.push_back(NewCase(i));
      Assign(absl::StrCat("a", i), R"("pool":"few")");
    }
    AddStaff("bo", R"("pools":["few"])");  // the pool's limit is 2
    const std::string batch = R"("from":"anna","to":"bo","reason":"part time")";
    const Reply reply = Reassign("b1", batch);
    EXPECT_EQ(reply.reason,
              "went to others: 2; to the queues of their pools: 0; stayed: 2");
    const Reply again = Reassign("b1", batch);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.reason, reply.reason);
    AddStaff("cy", R"("pools":["few"],"caseload_max":1)");
    // Not to Anna herself, who has room.
    EXPECT_EQ(Reassign("b2", R"("from":"anna","reason":"she leaves")").reason,
              "went to others: 1; to the queues of their pools: 1; stayed: 0");
    EXPECT_EQ(Reassign("b3", R"("from":"bo","to":"anna","over_limits":true,)"
                             R"("reason":"back")")
                  .reason,
              "went to others: 2; to the queues of their pools: 0; stayed: 0");
    ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                         service_->QueryCase(cases.front(), now_));
    EXPECT_THAT(ToJson(summary), HasSubstr(R"("cause":"b3")"));
    ExpectHealthy();
    service_.reset();
    now_ = began;
  }
}

TEST_F(AssignmentTest, WhatLiesWithSomebodyWhoHasLeftIsAWarning) {
  Open("memory:");
  AddStaff("anna", R"("pools":["few"])");
  NewCase(1);
  Do(absl::StrCat(R"({"id":"a","command":"assign_case","actor":{"role":)",
                  R"("integration"},"case":")", case_, R"(","pool":"few"})"));
  now_ = now_ + Hours(1);
  AddStaff("anna", R"("pools":["few"],"left_at":"2026-03-02T12:00:00Z")");
  const auto warned = [&] {
    const auto health = service_->CheckHealth(now_);
    EXPECT_OK(health);
    return health.ok() && absl::StrContains(ToJson(*health), "anna has left");
  };
  EXPECT_FALSE(warned());
  now_ = now_ + Hours(3);
  EXPECT_TRUE(warned());
  WorklistQuery query;
  query.viewer = "anna";
  EXPECT_EQ(service_->QueryWorklist(query, now_).status().code(),
            absl::StatusCode::kFailedPrecondition);
  // There is nobody else in the pool, and then there is.
  EXPECT_EQ(Reassign("b1", R"("from":"anna","reason":"she has left")").reason,
            "went to others: 0; to the queues of their pools: 0; stayed: 1");
  EXPECT_TRUE(warned());
  AddStaff("bo", R"("pools":["few"])");
  EXPECT_EQ(Reassign("b2", R"("from":"anna","reason":"she has left")").reason,
            "went to others: 1; to the queues of their pools: 0; stayed: 0");
  EXPECT_FALSE(warned());
}

}  // namespace
}  // namespace stepwell::host
