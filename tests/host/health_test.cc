// What health says beyond broken laws: risk that comes to nobody, and times
// that lie ahead.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kRisk[] = R"("answers":[1,1,1,1,1,1,1,1,3])";
constexpr char kAdd[] =
    R"({"command":"add_staff","actor":{"role":"integration"},)";

TEST_F(HostTest, HealthNamesThePoolsThatRiskComesToWithoutAMember) {
  Begin();
  const std::string add = kAdd;
  Do(add + R"("id":"h1","staff":"anna","pools":["therapists"]})");
  Do(Patient("h2", kRisk));
  ASSERT_OK_AND_ASSIGN(const Health before, service_->CheckHealth(now_));
  EXPECT_THAT(before.violations, IsEmpty());
  EXPECT_EQ(before.open_alerts, 1u);
  EXPECT_EQ(before.unstaffed_alerts, 1u);
  EXPECT_THAT(before.warnings, Contains(HasSubstr("alert 0 lies with duty")));
  EXPECT_THAT(before.warnings, Contains(HasSubstr("on_call_fallback")));
  Do(add + R"("id":"h3","staff":"dora","pools":["duty","lead"]})");
  ASSERT_OK_AND_ASSIGN(const Health staffed, service_->CheckHealth(now_));
  EXPECT_EQ(staffed.unstaffed_alerts, 0u);
  EXPECT_THAT(staffed.warnings, ElementsAre(HasSubstr("prototype"),
                                            HasSubstr("on_call_fallback")));
  Do(add + R"("id":"h4","staff":"otto","pools":["on_call_fallback"]})");
  ASSERT_OK_AND_ASSIGN(const Health whole, service_->CheckHealth(now_));
  EXPECT_THAT(whole.warnings,
              ElementsAre("the protocol icbt_base 1 is draft and not approved: "
                          "this service is a prototype"));
}

// It was due before anybody here could know of it.
TEST_F(HostTest, AClockThatWasBegunLateIsBehindFromThenOn) {
  Begin();
  ASSERT_OK(service_->Advance(now_, {}));
  now_ = now_ + Minutes(1);
  const std::string person =
      R"("person":{"system":"urn:clinic","value":"late"})";
  Do(R"({"id":"l1","command":"register_person","actor":{"role":"integration"},)" +
     person + "}");
  Do(R"({"id":"l2","command":"receive_referral","actor":{"role":"referrer"},)" +
     person + R"(,"route":"gp","wait_from":"2025-06-02T09:00:00Z"})");
  ASSERT_OK_AND_ASSIGN(const Health at_once, service_->CheckHealth(now_));
  EXPECT_EQ(at_once.oldest_due_unfired_us, 0);
  EXPECT_THAT(at_once.warnings, Not(Contains(HasSubstr("did not fire"))));
  now_ = now_ + Minutes(5);
  ASSERT_OK_AND_ASSIGN(const Health waits, service_->CheckHealth(now_));
  EXPECT_EQ(waits.oldest_due_unfired_us, Minutes(5).us);
  EXPECT_THAT(waits.warnings, Not(Contains(HasSubstr("did not fire"))));
  ASSERT_OK_AND_ASSIGN(const AdvanceResult fired, service_->Advance(now_, {}));
  EXPECT_GT(fired.fired, 0u);
  ASSERT_OK_AND_ASSIGN(const Health after, service_->CheckHealth(now_));
  EXPECT_EQ(after.oldest_due_unfired_us, 0);
}

// They are not told, and whoever is of the pool is not told that it is theirs.
TEST_F(HostTest, HealthNamesTheWorkOfWhoIsOfThePoolNoMore) {
  Begin();
  const std::string add = kAdd;
  Do(Patient("h1", kRisk));  // it comes to anna, who is of duty
  const auto said = Contains(
      HasSubstr("of the work that lies with anna, 1 piece is of a pool"));
  ASSERT_OK_AND_ASSIGN(const Health before, service_->CheckHealth(now_));
  EXPECT_THAT(before.warnings, Not(said));
  // While somebody works in the pool: else all find it among what is unowned.
  Do(add + R"("id":"h3","staff":"ben","pools":["duty"]})");
  Do(add + R"("id":"h2","staff":"anna","pools":["therapists"]})");
  ASSERT_OK_AND_ASSIGN(const Health after, service_->CheckHealth(now_));
  EXPECT_THAT(after.warnings, said);
}

TEST_F(HostTest, HealthNamesParkedRiskThatNobodyTakes) {
  Begin();
  const std::string add = kAdd;
  Do(add + R"("id":"h1","staff":"dora","pools":["duty","admin"]})");
  const auto park = [&](const std::string& id, const std::string& answers) {
    const auto reply =
        Try(R"({"id":")" + id +
            R"(","command":"submit_response","actor":{"role":"patient"},)"
            R"("person":{"system":"urn:clinic","value":"nobody"},)"
            R"("instrument":"phq9","response_id":")" +
            id + R"(",)" + answers + "}");
    ASSERT_OK(reply);
    EXPECT_EQ(reply->kind, Reply::Kind::kParked);
  };
  park("yes", kRisk);
  park("harmless", R"("answers":[1,1,1,1,1,1,1,1,0])");
  park("unknown", R"("answers":[1,1,1,1,1,1,1,1,null])");
  ASSERT_OK_AND_ASSIGN(const Health before, service_->CheckHealth(now_));
  EXPECT_EQ(before.parked, 3u);
  EXPECT_THAT(before.warnings, Not(Contains(HasSubstr("parked"))));
  now_ = now_ + WallDays(8);
  ASSERT_OK(service_->Advance(now_, {}));
  ASSERT_OK_AND_ASSIGN(const Health late, service_->CheckHealth(now_));
  EXPECT_THAT(late.warnings,
              Contains(HasSubstr("yes discloses risk and is overdue")));
  EXPECT_THAT(late.warnings,
              Contains(HasSubstr("unknown may disclose risk and is overdue")));
  EXPECT_THAT(late.warnings, Not(Contains(HasSubstr("harmless"))));
  // The ladder leaves it with who is there, and not with a pool without people.
  EXPECT_THAT(late.warnings, Contains(HasSubstr("it lies with duty")));
  Do(add + R"("id":"h2","staff":"dora","pools":["admin"]})");
  Do(add + R"("id":"h3","staff":"anna","pools":["therapists"]})");
  ASSERT_OK_AND_ASSIGN(const Health alone, service_->CheckHealth(now_));
  EXPECT_THAT(alone.warnings,
              Contains(HasSubstr("yes discloses risk and lies with duty, which "
                                 "has no member")));
}

// One sender's wrong clock does not move the deadline of the next.
TEST_F(HostTest, ParkedInputIsDueByItsOwnTime) {
  Begin();
  const auto park = [&](const std::string& id, Instant now) {
    EXPECT_OK(service_->Submit(
        R"({"id":")" + id +
            R"(","command":"receive_message","actor":{"role":"patient"},)"
            R"("person":{"system":"urn:clinic","value":"nobody"},)"
            R"("message_id":")" +
            id + R"(","text":"help"})",
        now));
  };
  park("early", now_ + WallDays(50));
  park("later", now_ + Hours(1));
  WorklistQuery query;
  query.kind = "parked";
  ASSERT_OK_AND_ASSIGN(const Worklist lines,
                       service_->QueryWorklist(query, now_));
  ASSERT_EQ(lines.lines.size(), 2u);
  for (const auto& line : lines.lines) {
    EXPECT_LT(line.due, now_ + WallDays(14)) << line.note;
  }
}

// Messages and steps of alerts are work too.
TEST_F(HostTest, TheSummaryCountsTheMinutesOfMessagesAndAlerts) {
  Begin();
  Do(std::string(kAdd) +
     R"("id":"h1","staff":"dora","pools":["duty","therapists"]})");
  Do(Patient("h2", kRisk));
  const std::string by =
      R"("actor":{"role":"staff","staff":"dora"},"case":")" + case_ + "\",";
  Do(R"({"id":"h3","command":"handle_alert","action":"acknowledge",)" + by +
     R"("alert":0})");
  Do(R"({"id":"h4","command":"handle_alert","action":"assess",)" + by +
     R"("alert":0,"outcome":"no_danger","minutes":30,"reason":"talked"})");
  Do(R"({"id":"h5","command":"send_message",)" + by +
     R"("message_id":"m","text":"How are you?","minutes":7})");
  ASSERT_OK_AND_ASSIGN(const ServiceSummary summary, service_->Summarise(now_));
  EXPECT_EQ(summary.minutes, 37u);
  EXPECT_EQ(summary.minutes_recorded, 2u);
  EXPECT_EQ(summary.minutes_missing, 1u);  // of the acknowledgement
  // It counts as another step of an alert, 30 minutes.
  EXPECT_EQ(summary.minutes_per_patient, 67.0);
}

TEST_F(HostTest, HealthNamesTheCaseWhoseTimeLiesAhead) {
  Begin();
  const Instant now = now_;
  now_ = now + Hours(2);
  Do(Patient("h1", kRisk));
  now_ = now;
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(health.violations,
              ElementsAre(AllOf(
                  HasSubstr(case_ + ": 14: the stream's time lies 120 minutes "
                                    "ahead"),
                  HasSubstr("set it right; work on the case goes on"))));
}

TEST_F(HostTest, HealthTellsOfAnAlertThatWhoeverIsAtHandHasTaken) {
  Begin();
  const std::string add = kAdd;
  Do(add + R"("id":"h1","staff":"anna","pools":["therapists"]})");
  Do(Patient("h2", kRisk));
  Do(Staff("h3", R"("command":"handle_alert","alert":0,)"
                 R"("action":"acknowledge")"));
  Do(add + R"("id":"h4","staff":"dora","pools":["duty"]})");
  const auto told = Contains(AllOf(
      HasSubstr("of the work that lies with anna, 1 piece is of a pool that "
                "they do not belong to: "),
      HasSubstr("an alert by its next step")));
  ASSERT_OK_AND_ASSIGN(const Health taken, service_->CheckHealth(now_));
  EXPECT_THAT(taken.warnings, told);
  Do(absl::StrCat(R"({"id":"h5","command":"handle_alert","case":")", case_,
                  R"(","actor":{"role":"staff","staff":"dora"},"alert":0,)",
                  R"("action":"assess","outcome":"safety_plan"})"));
  ASSERT_OK_AND_ASSIGN(const Health over, service_->CheckHealth(now_));
  EXPECT_THAT(over.warnings, Not(told));
}

TEST_F(HostTest, HealthNamesActingThatNothingComesOf) {
  Begin();
  const std::string add = kAdd;
  Do(add + R"("id":"h1","staff":"dora","pools":["duty"]})");
  Do(add + R"("id":"h2","staff":"tess","pools":["therapists"]})");
  Do(R"({"id":"h3","command":"set_acting","actor":{"role":"integration"},)"
     R"("staff":"tess","for":"dora","from":"2026-03-02T00:00:00Z",)"
     R"("to":"2026-03-09T00:00:00Z"})");
  Do(Patient("h4", kRisk));
  const auto acting = [this] {
    const auto health = service_->CheckHealth(now_);
    EXPECT_OK(health);
    for (const std::string& told : health->warnings) {
      if (told.find(" acts for ") != told.npos) return told;
    }
    return std::string();
  };
  EXPECT_EQ(acting(), "");
  Do(add + R"("id":"h5","staff":"dora","pools":["lead"]})");
  EXPECT_EQ(acting(),
            "tess acts for dora until 2026-03-09T00:00:00Z, who does not work "
            "there: nothing comes of it, register who does");
  Do(add + R"("id":"h6","staff":"dora","pools":["duty"],)" +
     R"("left_at":"2026-03-02T00:00:00Z"})");
  EXPECT_THAT(acting(), HasSubstr(", who has left: nothing comes of it"));
  now_ = now_ + WallDays(8);
  EXPECT_EQ(acting(), "");
}

// What they took while they acted lies with them, and is theirs no more.
TEST_F(HostTest, HealthNamesTheWorkOfWhoActsForNobodyAnyMore) {
  Begin();
  const std::string add = kAdd;
  Do(add + R"("id":"h1","staff":"dora","pools":["duty"]})");
  Do(add + R"("id":"h2","staff":"anna","pools":["therapists"]})");
  Do(R"({"id":"h3","command":"set_acting","actor":{"role":"integration"},)"
     R"("staff":"anna","for":"dora","from":"2026-03-02T00:00:00Z",)"
     R"("to":"2026-03-02T10:00:00Z"})");
  Do(Patient("h4", kRisk));
  Do(Staff("h5", R"("command":"handle_alert","alert":0,)"
                 R"("action":"acknowledge")"));
  const auto told = Contains(HasSubstr("of the work that lies with anna, 1"));
  ASSERT_OK_AND_ASSIGN(const Health acting, service_->CheckHealth(now_));
  EXPECT_THAT(acting.warnings, Not(told));
  now_ = now_ + Hours(1);
  ASSERT_OK_AND_ASSIGN(const Health over, service_->CheckHealth(now_));
  EXPECT_THAT(over.warnings, told);
}

TEST_F(HostTest, HealthNamesWorkThatLiesWithPoolsOfWhichNobodyIsHere) {
  Begin();
  const auto lies = Contains(
      HasSubstr(" with duty, and nobody of it, or behind it, is here"));
  const auto comes = Contains(HasSubstr(
      "risk comes to the pool duty, and nobody of it, or behind it, is here"));
  ASSERT_OK_AND_ASSIGN(const Health there, service_->CheckHealth(now_));
  EXPECT_THAT(there.warnings, Not(comes));
  const Reply away =
      Do(R"({"id":"h1","command":"set_leave","actor":{"role":"integration"},)"
         R"("staff":"anna","from":"2026-03-02T00:00:00Z",)"
         R"("to":"2026-03-09T00:00:00Z"})");
  EXPECT_EQ(away.reason,
            "nobody of therapists, duty, or of a pool behind, is here then");
  Do(Patient("h2", kRisk));
  ASSERT_OK_AND_ASSIGN(const Health alone, service_->CheckHealth(now_));
  EXPECT_THAT(alone.warnings, lies);
  EXPECT_THAT(alone.warnings, comes);
  const std::string add = kAdd;
  Do(add + R"("id":"h3","staff":"lena","pools":["lead"]})");
  ASSERT_OK_AND_ASSIGN(const Health behind, service_->CheckHealth(now_));
  EXPECT_THAT(behind.warnings, Not(lies));
  EXPECT_THAT(behind.warnings, Not(comes));
}

}  // namespace
}  // namespace stepwell::host
