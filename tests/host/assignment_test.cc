// Whose case it is and why; and the cases of somebody who leaves, as a batch.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>
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
using ::testing::StartsWith;

class AssignmentTest : public HostTest {
 protected:
  void Open(const std::string& url, const std::string& name = "assignment") {
    ServiceOptions options;
    options.protocol = testing::ReadFileText(
        absl::StrCat(STEPWELL_SOURCE_DIR, "/tests/protocols/", name, ".json"));
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
              ElementsAre("nobody of few could take it, of 0 members",
                          "its reason has passed: pool_empty"));
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
  // Whose it stays was chosen too: the explanation is of the last choice.
  Assign("a21", R"("pool":"known","staff":"anna","reason":"she goes on")");
  EXPECT_EQ(Why().reasons.at(0), "given to anna by tea: she goes on");
  Assign("a22", R"("pool":"known")");
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
    EXPECT_THAT(reply.reason,
                StartsWith("went to others: 2; to the queues of their pools: "
                           "0; stayed: 2; caseload_full 2: "));
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
  // Nobody does it: it is unowned, for the host and for those of the pool.
  AddStaff("bea", R"("pools":["few"],"caseload_max":1,"skills":["none"])");
  AddStaff("kim", R"("pools":["known"])");
  query.whose = "unowned";
  query.kind = "patient";
  const std::pair<const char*, size_t> seen[] = {
      {"", 1}, {"bea", 1}, {"kim", 0}};
  for (const auto& [viewer, lines] : seen) {
    query.viewer = viewer;
    const auto list = service_->QueryWorklist(query, now_);
    ASSERT_OK(list);
    EXPECT_EQ(list->lines.size(), lines) << viewer;
    EXPECT_EQ(list->total, lines) << viewer;
  }
  now_ = now_ + Hours(1);
  AddStaff("bea", R"("pools":[])");
  // There is nobody else in the pool, and then there is.
  EXPECT_THAT(Reassign("b1", R"("from":"anna","reason":"she has left")").reason,
              StartsWith("went to others: 0; to the queues of their pools: 0; "
                         "stayed: 1; pool_empty 1: "));
  EXPECT_TRUE(warned());
  AddStaff("bo", R"("pools":["few"])");
  EXPECT_EQ(Reassign("b2", R"("from":"anna","reason":"she has left")").reason,
            "went to others: 1; to the queues of their pools: 0; stayed: 0");
  EXPECT_FALSE(warned());
}

TEST_F(AssignmentTest, TheLeastCaseloadIsByWeightAndWorkingTime) {
  Open("memory:", "programs");
  AddStaff("tea", R"("pools":["team"])");
  AddStaff("bo", R"("pools":["team"])");
  const auto assign = [this](int number) {
    NewCase(number);
    Assign(absl::StrCat("a", number), R"("pool":"team")");
    return Why().reasons.at(0);
  };
  auto record = [this, said = 0](const std::string& fact) mutable {
    Do(absl::StrCat(R"({"id":"f)", ++said, R"(","command":)",
                    R"("record_fact","actor":{"role":"integration"},"case":")",
                    case_, R"(","fact":)", fact, "}"));
  };
  EXPECT_EQ(assign(1), "tea had the fewest cases, 0, of 2 members");
  record(R"("wants","value":"course")");
  record(R"("alone","value":true)");  // half a case
  EXPECT_EQ(assign(2),
            "bo had the least caseload by weight and working time, 0.00 in 0 "
            "cases, of 2 members");
  EXPECT_EQ(assign(3),
            "tea had the least caseload by weight and working time, 0.50 in 1 "
            "case, of 2 members");
  EXPECT_THAT(assign(4), HasSubstr("bo had the least"));
  now_ = now_ + Hours(1);
  AddStaff("bo", R"("pools":["team"],"share":50)");
  EXPECT_THAT(assign(5),
              HasSubstr("tea had the least"));  // 1.50, not 2 of half
  EXPECT_THAT(assign(6), HasSubstr("tea had the least"));
  EXPECT_THAT(assign(7), HasSubstr("tea had the least"));
  EXPECT_THAT(assign(8), HasSubstr("bo had the least"));
  ExpectHealthy();
}

TEST_F(AssignmentTest, ATurnIsToldWithWhoseItWasBefore) {
  for (const std::string& url : {std::string("memory:"), Url()}) {
    const Instant began = now_;
    Open(url);
    AddStaff("tea", R"("pools":["team"])");
    AddStaff("anna", R"("pools":["by_turn"])");
    AddStaff("bo", R"("pools":["by_turn"])");
    NewCase(1);
    Assign("a1", R"("pool":"by_turn")");
    EXPECT_EQ(Why().reasons.at(0), "it was the turn of anna, of 2 members");
    NewCase(2);
    Assign("a2", R"("pool":"by_turn","site":"")");
    EXPECT_EQ(Why().reasons.at(0),
              "it was the turn of bo after anna, of 2 members");
    NewCase(3);
    Assign("a3", R"("pool":"by_turn")");
    EXPECT_EQ(Why().state, "anna");
    ExpectHealthy();
    service_.reset();
    now_ = began;
  }
}

TEST_F(AssignmentTest, TermsThatMakeNoSenseAreToldWithTheirPlace) {
  Open("memory:");
  AddStaff("anna", R"("pools":["few"])");
  const std::pair<const char*, const char*> mistakes[] = {
      {R"("weekly_minutes":100,"direct_minutes":60,"admin_minutes":41)",
       "their parts, 101 (at /weekly_minutes)"},
      {R"("direct_minutes":10080,"admin_minutes":1)", "their parts, 10081"},
      {R"("share":0)", "(at /share)"},
      {R"("calendar":"")", "(at /calendar)"},
      {R"("starts_at":"2026-03-02T08:00:00Z","new_until":"2026-03-02T08:00:00Z")",
       "has begun before (at /new_until)"},
      {R"("starts_at":"2026-03-02T08:00:00Z","ramp_up":[)"
       R"({"until":"2026-03-02T08:00:00Z","caseload_max":1}])",
       "(at /ramp_up/0/until)"},
      {R"("starts_at":"2026-03-02T08:00:00Z","left_at":"2026-03-02T08:00:00Z")",
       "has begun before (at /left_at)"},
      {R"("cover":"anna")", "needs `left_at`"},
      {R"("ramp_up":{})", "at most 50 steps"},
      {R"("ramp_up":[{"until":"2026-03-02T08:00:00Z"}])",
       "needs `caseload_max`"},
      {R"("ramp_up":[{"until":"2026-03-02T08:00:00Z","caseload_max":2},)"
       R"({"until":"2026-03-02T08:00:00Z","caseload_max":3}])",
       "(at /ramp_up/1/until)"}};
  for (const auto& [members, told] : mistakes) {
    const auto reply = Try(absl::StrCat(
        R"({"id":"x","command":"add_staff","actor":{"role":"integration"},)",
        R"("staff":"cleo","pools":["few"],)", members, "}"));
    EXPECT_EQ(reply.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(reply.status().message()), HasSubstr(told));
  }
}

TEST_F(AssignmentTest, NamesThatAreLikeNoOtherAreToldWithTheirPlace) {
  Open("memory:");
  AddStaff("anna", R"("pools":["few"])");
  NewCase(1);
  const std::pair<const char*, const char*> mistakes[] = {
      {R"("assign_case","pool":"few","site":" north")", "(at /site)"},
      {R"("assign_case","pool":"few","skills":[" "])", "(at /skills/0)"},
      {R"("set_acting","staff":"anna","for":"anna","pool":"fwe",)"
       R"("from":"2026-03-02T08:00:00Z","to":"2026-03-03T08:00:00Z")",
       "(at /pool)"}};
  for (const auto& [body, told] : mistakes) {
    const auto reply =
        Try(absl::StrCat(R"({"id":"x","actor":{"role":"integration"},"case":")",
                         case_, R"(","command":)", body, "}"));
    EXPECT_EQ(reply.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(reply.status().message()), HasSubstr(told));
  }
}

TEST_F(AssignmentTest, WhoWasRegisteredElsewhereIsKnown) {
  Open(Url());
  AddStaff("anna", R"("pools":["few"])");
  NewCase(1);
  ASSERT_OK_AND_ASSIGN(const auto other, Service::Open(Url()));
  ASSERT_OK(other->QueryCase(case_, now_));
  AddStaff("bo", R"("pools":["few"])");
  const auto reply = other->Submit(
      absl::StrCat(R"({"id":"a1","command":"assign_case","case":")", case_,
                   R"(","actor":{"role":"staff","staff":"anna"},)",
                   R"("pool":"few","staff":"bo"})"),
      now_);
  ASSERT_OK(reply);
  EXPECT_EQ(reply->code, "");
}

TEST_F(AssignmentTest, WhoStandsOutsideIsNotToldWhoWorksHere) {
  Open("memory:");
  AddStaff("anna", R"("pools":["few"])");
  NewCase(1);
  const auto said_of = [&](const char* staff, const std::string& body) {
    const auto reply = Try(absl::StrCat(
        R"({"id":")", staff, body.size(), R"(","actor":{"role":"referrer",)",
        R"("reference":"r"},"case":")", case_, R"(","staff":")", staff,
        R"(","command":)", body, "}"));
    EXPECT_OK(reply);
    EXPECT_EQ(reply->code, "not_for_role");
    return reply->reason;
  };
  for (const char* body :
       {R"("set_leave","from":"2026-03-02T00:00:00Z","to":)"
        R"("2026-03-20T00:00:00Z")",
        R"("set_acting","for":"anna","from":"2026-03-02T00:00:00Z","to":)"
        R"("2026-03-20T00:00:00Z")",
        R"("assign_case","pool":"few")"}) {
    EXPECT_EQ(said_of("nobody", body), said_of("anna", body));
  }
}

TEST_F(AssignmentTest, AnIdThatWasUsedIsToldBeforeAName) {
  Open("memory:");
  AddStaff("anna", R"("pools":["few"])");
  NewCase(1);
  const auto assign = [&](const char* id, const char* staff) {
    return Try(absl::StrCat(R"({"id":")", id, R"(","command":"assign_case",)",
                            R"("actor":{"role":"integration"},"case":")", case_,
                            R"(","pool":"few","staff":")", staff, R"("})"));
  };
  EXPECT_OK(assign("a", "anna"));
  EXPECT_EQ(assign("a", "nobody").status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Try(R"({"id":"a","command":"set_leave","staff":"nobody",)"
                R"("actor":{"role":"integration"},)"
                R"("from":"2026-03-02T00:00:00Z",)"
                R"("to":"2026-03-20T00:00:00Z"})")
                .status()
                .code(),
            absl::StatusCode::kAlreadyExists);
  // The refusal of a name is not kept: the same command may be right later.
  ASSERT_OK_AND_ASSIGN(const Reply unknown, assign("b", "bo"));
  EXPECT_EQ(unknown.code, "unknown_staff");
  AddStaff("bo", R"("pools":["few"])");
  ASSERT_OK_AND_ASSIGN(const Reply known, assign("b", "bo"));
  EXPECT_EQ(known.code, "");
}

TEST_F(AssignmentTest, RefusalsOfTheRegisterNameTheirPlace) {
  Open("memory:");
  AddStaff("anna", R"("pools":["few"])");
  AddStaff("kim", R"("pools":["known"],"left_at":"2026-03-03T00:00:00Z")");
  const std::tuple<const char*, const char*, const char*> refusals[] = {
      {R"("add_staff","pools":["few"],"calendar":"nights")", "unknown_calendar",
       "(at /calendar)"},
      {R"("add_staff","pools":["few"],"left_at":"2026-03-09T00:00:00Z",)"
       R"("cover":"kim")",
       "cover_away", "(at /cover)"},
      {R"("set_leave","from":"2026-03-02T00:00:00Z",)"
       R"("to":"2026-03-20T00:00:00Z","cover":"kim")",
       "cover_away", "(at /cover)"},
      {R"("set_leave","from":"2026-03-02T00:00:00Z",)"
       R"("to":"2026-03-02T00:00:00Z")",
       "leave_range", "(at /to)"},
      {R"("set_acting","for":"anna","from":"2026-03-02T00:00:00Z",)"
       R"("to":"2028-03-02T00:00:00Z")",
       "acting_range", "(at /to)"},
      {R"("set_acting","for":"anna","pool":"known",)"
       R"("from":"2026-03-02T00:00:00Z","to":"2026-03-03T00:00:00Z")",
       "not_a_member", "(at /pool)"}};
  AddStaff("bo", R"("pools":["few"])");
  for (const auto& [body, code, place] : refusals) {
    const auto reply = Try(absl::StrCat(
        R"({"id":")", code, place, std::string(body).size(),
        R"(","actor":{"role":"integration"},"staff":"bo","command":)", body,
        "}"));
    ASSERT_OK(reply);
    EXPECT_EQ(reply->code, code) << body;
    EXPECT_THAT(reply->reason, HasSubstr(place)) << body;
  }
}

TEST_F(AssignmentTest, AnEntryIsCorrectedAfterBothHaveLeft) {
  Open("memory:");
  AddStaff("bo", R"("pools":["few","known"])");
  AddStaff("anna", R"("pools":["few"],"left_at":"2026-03-10T00:00:00Z",)"
                   R"("cover":"bo")");
  now_ = now_ + Hours(1);
  AddStaff("bo", R"("pools":["few","known"],"left_at":"2026-03-12T00:00:00Z")");
  const auto correct = [&](const char* id, const char* left_at) {
    const auto reply = Try(absl::StrCat(
        R"({"id":")", id, R"(","command":"add_staff","staff":"anna",)",
        R"("actor":{"role":"integration"},"pools":["few"],"cover":"bo",)",
        R"("left_at":")", left_at, R"("})"));
    EXPECT_OK(reply);
    return reply->code;
  };
  // Until then it is asked who covers, and for how long.
  EXPECT_EQ(correct("early", "2026-03-13T00:00:00Z"), "cover_away");
  now_ = now_ + WallDays(20);
  EXPECT_EQ(correct("late", "2026-03-13T00:00:00Z"), "");
}

TEST_F(AssignmentTest, WhoBeginsLaterSeesNoList) {
  Open("memory:");
  AddStaff("lou", R"("pools":["few"],"starts_at":"2026-03-09T00:00:00Z")");
  WorklistQuery query;
  query.viewer = "lou";
  EXPECT_EQ(service_->QueryWorklist(query, now_).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_OK(service_->QueryWorklist(query, now_ + WallDays(7)));
}

TEST_F(AssignmentTest, ACoverWhoLeavesIsAWarning) {
  Open("memory:");
  AddStaff("tea", R"("pools":["team"])");
  AddStaff("anna", R"("pools":["few"])");
  AddStaff("bo", R"("pools":["few"])");
  Do(R"({"id":"l1","command":"set_leave","actor":{"role":"integration"},)"
     R"("staff":"anna","from":"2026-03-02T00:00:00Z",)"
     R"("to":"2026-03-20T00:00:00Z","cover":"bo"})");
  const auto warning = [&] {
    const auto health = service_->CheckHealth(now_);
    EXPECT_OK(health);
    for (const std::string& told : health->warnings) {
      if (absl::StrContains(told, " covers for ")) return told;
    }
    return std::string();
  };
  EXPECT_EQ(warning(), "");
  now_ = now_ + Hours(1);
  AddStaff("bo", R"("pools":["few"],"left_at":"2026-03-10T00:00:00Z")");
  EXPECT_EQ(warning(),
            "bo covers for anna until 2026-03-20T00:00:00Z, and leaves before: "
            "name another cover");
  now_ = now_ + WallDays(9);
  EXPECT_EQ(warning(),
            "bo covers for anna until 2026-03-20T00:00:00Z, and has left: name "
            "another cover");
  now_ = now_ + WallDays(9);
  EXPECT_EQ(warning(), "");
}

}  // namespace
}  // namespace stepwell::host
