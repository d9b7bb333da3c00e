// What a host sees of follow-up windows: in the case, in the portal, and in
// the figures of the service.
#include <gmock/gmock.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::host {
namespace {

class FollowUpTest : public HostTest {
 protected:
  void Begin() {
    ServiceOptions options;
    options.protocol = testing::ReadFileText(
        STEPWELL_SOURCE_DIR "/tests/protocols/follow_ups.json");
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(Url(), options, now_));
    const std::string host = R"("actor":{"role":"integration"},)";
    const std::string person =
        R"("person":{"system":"urn:clinic","value":"p-1"})";
    Do(R"({"id":"s1","command":"add_staff",)" + host +
       R"("staff":"anna","pools":["team"]})");
    Do(R"({"id":"p1","command":"register_person",)" + host + person + "}");
    case_ = Do(R"({"id":"r1","command":"receive_referral",)" + host + person +
               R"(,"route":"self"})")
                .case_id;
    Do(Patient("a0", R"("answers":[1,1,1,1,1,1,1,1,0])"));
    Do(Staff("w1",
             R"("command":"work_item","item":"call","action":"complete")"));
    Do(Staff("f1", R"("command":"record_fact","fact":"began","value":true)"));
  }
  void Wait(int days) {
    for (; days > 0; days -= 50) {
      now_ = now_ + WallDays(days < 50 ? days : 50);
      ASSERT_OK(service_->Advance(now_, {}));
    }
  }
  FollowUpEntry Window() {
    const auto summary = service_->QueryCase(case_, now_);
    EXPECT_OK(summary);
    if (!summary.ok() || summary->follow_ups.size() != 1) {
      ADD_FAILURE() << "one window";
      return {};
    }
    return summary->follow_ups.front();
  }
  // "early on_time late missed ahead suspended"
  std::string Figures() {
    const auto summary = service_->Summarise(now_);
    EXPECT_OK(summary);
    if (!summary.ok() || summary->follow_ups.empty()) return "";
    const ServiceSummary::FollowUp& f = summary->follow_ups.front();
    return absl::StrCat(f.early, f.on_time, f.late, f.missed, f.ahead,
                        f.suspended);
  }
  void TakeBack(const std::string& event) {
    ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                         service_->QueryCase(case_, now_));
    uint64_t seq = 0;
    for (const TimelineEntry& entry : summary.timeline) {
      if (entry.event == event) seq = entry.seq;
    }
    Do(Staff(absl::StrCat("void", seq),
             absl::StrCat(R"("command":"void_event","target":)", seq)));
  }
};

TEST_F(FollowUpTest, IsToldInTheCaseThePortalAndTheFigures) {
  Begin();
  EXPECT_EQ(Window().window, "three_months");
  EXPECT_EQ(Window().state, "planned");
  EXPECT_EQ(Figures(), "000010");
  const Instant closes = Window().closes;
  Wait(85);
  EXPECT_EQ(Window().state, "open");
  ASSERT_OK_AND_ASSIGN(const Portal portal, service_->QueryPortal(case_, now_));
  ASSERT_EQ(portal.entries.size(), 1u);
  EXPECT_EQ(portal.entries[0].window, "three_months");
  EXPECT_EQ(portal.entries[0].closes, closes);
  Do(Patient("a1", R"("item":"fu_form","answers":[1,1,0,0,0,0,0,0,0])"));
  EXPECT_EQ(Window().state, "answered");
  EXPECT_EQ(Window().timing, "on_time");
  EXPECT_EQ(Figures(), "010000");
  TakeBack("ResponseReceived");
  EXPECT_EQ(Window().state, "open");
  EXPECT_EQ(Window().timing, "");
  EXPECT_EQ(Figures(), "000010");
  Wait(60);
  EXPECT_EQ(Window().state, "missed");
  EXPECT_EQ(Figures(), "000100");
  Do(Patient("a2", R"("item":"fu_form","answers":[1,1,0,0,0,0,0,0,0])"));
  EXPECT_EQ(Window().timing, "late");
  EXPECT_EQ(Figures(), "001000");
  ExpectHealthy();
}

TEST_F(FollowUpTest, ARefusalNamesTheLimitAndWhoMayGoFurther) {
  Begin();
  Wait(50);
  const auto reply =
      Try(Staff("w2", R"("command":"work_item","item":"talk","action":"open",)"
                      R"("at":"2026-03-02")"));
  ASSERT_OK(reply);
  EXPECT_EQ(reply->kind, Reply::Kind::kRejected);
  EXPECT_EQ(reply->code, "backdated_too_far");
  EXPECT_THAT(reply->reason, ::testing::StartsWith(
                                 "staff may back-date work_item by 14 days"));
  EXPECT_THAT(reply->reason, ::testing::HasSubstr("the pool heads"));
}

TEST_F(FollowUpTest, OfACaseThatClosesIsNeitherAheadNorMissed) {
  Begin();
  Do(Staff("w2", R"("command":"work_item","item":"ending",)"
                 R"("action":"complete","outcome":"helped")"));
  EXPECT_EQ(Window().state, "suspended");
  EXPECT_EQ(Figures(), "000001");
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
