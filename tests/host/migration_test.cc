// A newer version is deployed: new cases begin with it, open ones go over when
// they are told to, each once. Killed in the middle: tests/migration.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::stepwell::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using Code = absl::StatusCode;
using Changes = std::vector<std::pair<std::string, std::string>>;

constexpr char kFirst[] = R"("version": "1", "status": "draft")";

std::string Version(const std::string& version, Changes changes = {}) {
  changes.push_back({kFirst, absl::StrCat("\"version\": \"", version,
                                          "\", \"status\": \"draft\"")});
  return absl::StrReplaceAll(
      CatalogueDocument("protocols/minimal.json").value(), changes);
}

// The call has another name, and what stands before it moves every number.
const Changes kRenamed = {
    {"\"call\"", "\"talk\""},
    {R"({"id": "open", "items": [)",
     R"({"id": "open", "items": [{"id": "first", "kind": "task",
       "who": "team", "mode": "discretionary", "due": "work"},)"}};

// Who works is of another pool.
const Changes kOtherPool = {
    {R"("pools": {"team": "team@1"})", R"("pools": {"crew": "team@1"})"},
    {"\"team\"", "\"crew\""}};

std::string Plan(const std::string& from, const std::string& to,
                 const std::string& members = "") {
  return absl::StrCat(R"({"migration":"m","reason":"a better call","from":")",
                      "minimal@", from, R"(","to":"minimal@)", to, "\"",
                      members.empty() ? "" : ",", members, "}");
}
const std::string kMembers = R"("items":{"call":"talk"})";

class Versions : public HostTest {
 protected:
  void Create(const std::string& url) {
    ServiceOptions options;
    options.protocol = Version("1");
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(url, options, now_));
    Enter("anna", R"("team")");
  }

  void Enter(const std::string& staff, const std::string& pools) {
    Do(absl::StrCat(
        R"({"id":"s)", staff, pools.size(),
        R"(","command":"add_staff","actor":{"role":"integration"},)",
        R"("staff":")", staff, R"(","pools":[)", pools, "]}"));
  }

  // A case of the person; `answers` to the PHQ-9 when there are any.
  std::string Refer(const std::string& who, const std::string& answers = "") {
    const std::string host = R"("actor":{"role":"integration"},)";
    const std::string person = absl::StrCat(
        R"("person":{"system":"urn:clinic","value":")", who, "\"}");
    Do(absl::StrCat(R"({"id":"p)", who, R"(","command":"register_person",)",
                    host, person, "}"));
    const std::string id = Do(absl::StrCat(R"({"id":"r)", who,
                                           R"(","command":"receive_referral",)",
                                           host, person, R"(,"route":"self"})"))
                               .case_id;
    if (!answers.empty()) {
      Do(absl::StrCat(R"({"id":"a)", who, R"(","command":"submit_response",)",
                      R"("actor":{"role":"patient"},"case":")", id,
                      R"(","response_id":"x)", who,
                      R"(","instrument":"phq9","answers":[)", answers, "]}"));
    }
    return id;
  }

  DeployResult Deploy(const std::string& document) {
    DeployOptions options;
    options.protocol = document;
    options.prototype = true;
    options.actor = "lead";
    options.reason = "the call is better";
    auto result = service_->Deploy(options, now_);
    EXPECT_OK(result);
    return result.ok() ? *result : DeployResult();
  }

  std::vector<WorkLine> List(WorklistQuery query) {
    const auto found = service_->QueryWorklist(query, now_);
    EXPECT_OK(found);
    return found.ok() ? found->lines : std::vector<WorkLine>();
  }

  absl::StatusOr<MigrationReport> Migrate(const std::string& plan, bool apply,
                                          uint64_t cases_max = 0,
                                          const std::string& after = "") {
    MigrationOptions options;
    options.migration = plan;
    options.actor = "lead";
    options.apply = apply;
    options.cases_max = cases_max;
    options.after = after;
    return service_->Migrate(options, now_);
  }
};

constexpr char kCalm[] = "1,1,1,1,1,1,1,1,0";
constexpr char kAtRisk[] = "1,1,1,1,1,1,1,1,2";

TEST_F(Versions, OneVersionIsOneDocument) {
  Create("memory:");
  DeployOptions options;
  options.actor = "lead";
  options.prototype = true;
  options.protocol = Version("1", kRenamed);
  EXPECT_THAT(
      service_->Deploy(options, now_),
      StatusIs(Code::kFailedPrecondition, "give what has changed another"));
  // Texts may change within a version.
  Deploy(Version("2", kRenamed));
  Changes retitled = kRenamed;
  retitled.push_back({R"({"en": "The smallest service: ask, call, decide"})",
                      R"({"en": "The smallest service"})"});
  EXPECT_TRUE(Deploy(Version("2", retitled)).deployed);
}

TEST_F(Versions, NewCasesBeginWithItAndOldOnesStay) {
  Create("memory:");
  const std::string before = Refer("old", kCalm);
  const DeployResult deployed = Deploy(Version("2", kRenamed));
  EXPECT_TRUE(deployed.deployed);
  EXPECT_EQ(deployed.version, "2");
  EXPECT_EQ(deployed.open_cases_elsewhere, 1u);
  EXPECT_FALSE(Deploy(Version("2", kRenamed)).deployed);
  const std::string after = Refer("new", kCalm);
  ASSERT_OK_AND_ASSIGN(const CaseSummary old_case,
                       service_->QueryCase(before, now_));
  ASSERT_OK_AND_ASSIGN(const CaseSummary new_case,
                       service_->QueryCase(after, now_));
  EXPECT_EQ(old_case.open_items.at(0).what, "call");
  EXPECT_EQ(new_case.open_items.at(0).what, "talk");
  EXPECT_EQ(new_case.protocol_hash, deployed.hash);
  // The old case goes on under its own names.
  Do(absl::StrCat(
      R"({"id":"w1","command":"work_item","actor":{"role":"staff",)",
      R"("staff":"anna"},"case":")", before,
      R"(","item":"call","action":"complete"})"));
  ExpectHealthy();
}

// Cases stay on a version whose pools the new one has not.
TEST_F(Versions, PoolsOfCasesThatStayAreStaffedAndSeen) {
  Create(Url());
  const std::string before = Refer("old");
  const DeployResult deployed = Deploy(Version("2", kOtherPool));
  EXPECT_THAT(deployed.pools_elsewhere, ElementsAre("team"));
  EXPECT_THAT(ToJson(deployed), HasSubstr(R"("pools_elsewhere":["team"])"));
  Enter("bo", R"("crew")");
  // Its risk lies with anna, of the pool that the new version has not.
  Do(absl::StrCat(R"({"id":"a","command":"submit_response","case":")", before,
                  R"(","actor":{"role":"patient"},"response_id":"a",)",
                  R"("instrument":"phq9","answers":[)", kAtRisk, "]}"));
  EXPECT_THAT(List({.viewer = "bo", .whose = "team"}), IsEmpty());
  EXPECT_THAT(List({.viewer = "anna", .whose = "team"}), Not(IsEmpty()));
  Enter("bo", R"("crew","team")");
  EXPECT_THAT(List({.viewer = "bo", .whose = "team"}), Not(IsEmpty()));
  EXPECT_THAT(Try(R"({"id":"typo","command":"add_staff","staff":"bo",)"
                  R"("actor":{"role":"integration"},"pools":["tema"]})")
                  .status(),
              StatusIs(Code::kInvalidArgument, "did you mean `team`?"));
}

TEST_F(Versions, QueuesOfCasesThatStayAreAmongWhatIsUnowned) {
  Create(Url());
  const std::string before = Refer("old");
  Enter("anna", "");
  Deploy(Version("2", kOtherPool));
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(health.warnings,
              IsSupersetOf({"risk comes to the pool crew, which has no member",
                            "risk comes to the pool team, which has no "
                            "member"}));
  EXPECT_THAT(List({.whose = "unowned"}), IsEmpty());
  Do(absl::StrCat(R"({"id":"m","command":"receive_message","case":")", before,
                  R"(","actor":{"role":"patient"},"message_id":"m",)",
                  R"("text":"are you there?"})"));
  EXPECT_THAT(List({.whose = "unowned"}), Not(IsEmpty()));
  EXPECT_THAT(List({.owner = "team"}), Not(IsEmpty()));
}

TEST_F(Versions, OnlyANewerVersionOfTheSameServiceIsDeployed) {
  Create("memory:");
  DeployOptions options;
  options.protocol = Version("2");
  EXPECT_THAT(service_->Deploy(options, now_).status(),
              StatusIs(Code::kFailedPrecondition, "not approved"));
  options.prototype = true;
  options.protocol = "catalogue:icbt_base";
  EXPECT_THAT(service_->Deploy(options, now_).status(),
              StatusIs(Code::kFailedPrecondition, "another service"));
}

TEST_F(Versions, ADryRunSaysWhatWouldHappenAndWritesNothing) {
  Create("memory:");
  Refer("fresh");
  const std::string called = Refer("called", kCalm);
  Deploy(Version("2", kRenamed));
  ASSERT_OK_AND_ASSIGN(const CaseSummary before,
                       service_->QueryCase(called, now_));
  ASSERT_OK_AND_ASSIGN(const MigrationReport dry,
                       Migrate(Plan("1", "2"), false));
  EXPECT_EQ(dry.fine, 1u);
  EXPECT_EQ(dry.choice, 1u);
  ASSERT_EQ(dry.reasons.size(), 1u);
  EXPECT_EQ(dry.reasons[0].reason,
            "items: call is nothing in version 2: say what becomes of it");
  EXPECT_EQ(dry.reasons[0].example, called);
  EXPECT_FALSE(dry.applied);
  ASSERT_OK_AND_ASSIGN(const CaseSummary after,
                       service_->QueryCase(called, now_));
  EXPECT_EQ(ToJson(before), ToJson(after));
  ASSERT_OK_AND_ASSIGN(const MigrationReport full,
                       Migrate(Plan("1", "2", kMembers), false));
  EXPECT_EQ(full.fine, 2u);
  ExpectHealthy();
}

TEST_F(Versions, WhatGoesOverKeepsItsWorkItsTimesAndItsHistory) {
  Create(Url());
  const std::string id = Refer("one", kAtRisk);
  const std::string closed = Refer("two", kCalm);
  const Instant earlier = now_;
  now_ = now_ + Minutes(10);
  Deploy(Version("2", kRenamed));
  ASSERT_OK_AND_ASSIGN(const CaseSummary before, service_->QueryCase(id, now_));
  ASSERT_OK_AND_ASSIGN(const MigrationReport done,
                       Migrate(Plan("1", "2", kMembers), true));
  EXPECT_EQ(done.fine, 2u);
  EXPECT_TRUE(done.applied);
  ASSERT_OK_AND_ASSIGN(const CaseSummary after, service_->QueryCase(id, now_));
  ASSERT_EQ(after.open_items.size(), before.open_items.size());
  ASSERT_EQ(after.open_alerts.size(), 1u);
  EXPECT_EQ(after.open_alerts[0].due, before.open_alerts[0].due);
  EXPECT_EQ(after.open_items[0].due, before.open_items[0].due);
  std::vector<std::string> items, lines;
  for (const WorkLine& line : after.open_items) items.push_back(line.what);
  EXPECT_THAT(items, Contains("talk"));
  EXPECT_THAT(items, Not(Contains("call")));
  // Events keep the names that they were written under.
  for (const auto& event : after.timeline) lines.push_back(event.text);
  EXPECT_THAT(lines, Contains(HasSubstr("ItemOpened item=call")));
  EXPECT_THAT(lines, Contains(HasSubstr("Migrated from=")));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("item=talk"))));
  ASSERT_OK_AND_ASSIGN(const CaseSummary then,
                       service_->QueryCase(id, now_, earlier));
  EXPECT_EQ(then.protocol_hash, before.protocol_hash);
  // Again: nothing is done twice.
  ASSERT_OK_AND_ASSIGN(const MigrationReport again,
                       Migrate(Plan("1", "2", kMembers), true));
  EXPECT_EQ(again.fine, 0u);
  EXPECT_EQ(again.there, 2u);
  ASSERT_OK_AND_ASSIGN(const CaseSummary same, service_->QueryCase(id, now_));
  EXPECT_EQ(same.version, after.version);
  ExpectHealthy();
  service_.reset();
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  Do(absl::StrCat(
      R"({"id":"w1","command":"work_item","actor":{"role":"staff",)",
      R"("staff":"anna"},"case":")", id,
      R"(","item":"talk","action":"complete"})"));
  // What was done before can still be taken back.
  uint64_t response = 0;
  for (const auto& event : same.timeline) {
    if (event.event == "ResponseReceived") response = event.seq;
  }
  Do(absl::StrCat(
      R"({"id":"v1","command":"void_event","reason":"the wrong patient",)",
      R"("actor":{"role":"staff","staff":"anna"},"case":")", id,
      R"(","target":)", response, "}"));
  ExpectHealthy();
  ASSERT_OK_AND_ASSIGN(const ServiceSummary figures, service_->Summarise(now_));
  EXPECT_EQ(figures.cases, 2u);
  ExportOptions everything;
  EXPECT_OK(ExportText(*service_, everything, now_, nullptr));
}

TEST_F(Versions, BatchesGoOnWhereTheLastOneStopped) {
  Create("memory:");
  for (int i = 0; i < 5; ++i) Refer(absl::StrCat("n", i), kCalm);
  Deploy(Version("2", kRenamed));
  uint64_t moved = 0;
  std::string after;
  int batches = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const MigrationReport batch,
                         Migrate(Plan("1", "2", kMembers), true, 2, after));
    EXPECT_LE(batch.fine, 2u);
    moved += batch.fine;
    after = batch.next;
    ++batches;
  } while (!after.empty());
  EXPECT_EQ(moved, 5u);
  EXPECT_EQ(batches, 3);
  ExpectHealthy();
}

TEST_F(Versions, MistakesAreErrorsThatSayWhatIsWrong) {
  Create("memory:");
  EXPECT_THAT(Migrate(Plan("1", "2"), false).status(),
              StatusIs(Code::kFailedPrecondition, "deploy it first"));
  Deploy(Version("2", kRenamed));
  EXPECT_THAT(Migrate(Plan("0", "2"), false).status(),
              StatusIs(Code::kFailedPrecondition, "never had a version"));
  EXPECT_THAT(Migrate("{}", false).status(),
              StatusIs(Code::kInvalidArgument, "does not say \"from\""));
  EXPECT_THAT(
      Migrate(Plan("1", "2", R"("items":{"cal":"talk"})"), false).status(),
      StatusIs(Code::kInvalidArgument, "no item `cal`"));
  EXPECT_THAT(Migrate(Plan("1", "2"), false, 1, "x").status(),
              StatusIs(Code::kInvalidArgument, "earlier batch"));
}

TEST_F(Versions, ParkedInputKeepsItsClockUnderTheNewVersion) {
  Create("memory:");
  const Reply parked = *Try(
      R"({"id":"x1","command":"submit_response","case":"ZZZZZZZZZZZZZ",)"
      R"("actor":{"role":"patient"},"response_id":"q","instrument":"phq9",)"
      R"("answers":[1]})");
  EXPECT_EQ(parked.kind, Reply::Kind::kParked);
  Deploy(Version(
      "2", {{R"("clocks": [)",
             R"("clocks": [{"id": "other", "budget": "9 days",
       "source": "assumption", "ladder": [{"at": "100%",
       "do": [{"priority": 1}]}]},)"},
            {R"("due": "work", "counts)", R"("due": "other", "counts)"}}));
  now_ = now_ + Hours(3);
  ASSERT_OK_AND_ASSIGN(const AdvanceResult advanced,
                       service_->Advance(now_, {}));
  EXPECT_THAT(advanced.failed, IsEmpty());
  EXPECT_GE(advanced.fired, 1u);
  ASSERT_OK_AND_ASSIGN(const OutboxPage page, service_->Outbox(0, 10));
  ASSERT_FALSE(page.effects.empty());
  EXPECT_EQ(page.effects[0].message_template, "alert_open");
}

// Another process deploys and migrates while this one has the case in memory
// under the old version.
TEST_F(Versions, WhatComesInMeanwhileIsReadInTheNewNames) {
  Create(Url());
  const std::string id = Refer("one", kCalm);
  ASSERT_OK(service_->QueryCase(id, now_).status());
  {
    std::unique_ptr<Service> here = std::move(service_);
    ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
    Deploy(Version("2", kRenamed));
    ASSERT_OK_AND_ASSIGN(const MigrationReport done,
                         Migrate(Plan("1", "2", kMembers), true));
    EXPECT_EQ(done.fine, 1u);
    service_ = std::move(here);
  }
  // The form has another number by now; the answer is scored, and its risk met.
  const Reply answered = Do(absl::StrCat(
      R"({"id":"late","command":"submit_response","actor":{"role":"patient"},)",
      R"("case":")", id, R"(","response_id":"late","instrument":"phq9",)",
      R"("item":"form","answers":[)", kAtRisk, "]}"));
  EXPECT_THAT(answered.events, Contains("AlertRaised"));
  const std::string work = absl::StrCat(
      R"("command":"work_item","actor":{"role":"staff","staff":"anna"},)",
      R"("case":")", id, R"(","action":"complete","item":)");
  EXPECT_THAT(Try(absl::StrCat(R"({"id":"w1",)", work, R"("call"})")).status(),
              StatusIs(Code::kInvalidArgument, "did you mean `talk`?"));
  Do(absl::StrCat(R"({"id":"w2",)", work, R"("talk"})"));
  // New cases begin with what the other process deployed.
  const std::string fresh = Refer("two", kCalm);
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(fresh, now_));
  EXPECT_EQ(summary.open_items.at(0).what, "talk");
  ExpectHealthy();
}

TEST_F(Versions, ADraftOfTheMigrationComesFromTheNames) {
  ASSERT_OK_AND_ASSIGN(const MigrationDraft draft,
                       DraftMigration(Version("1"), Version("2", kRenamed)));
  EXPECT_THAT(draft.unmapped, ElementsAre("items: call"));
  EXPECT_THAT(draft.document, HasSubstr(R"("to": "minimal@2")"));
}

TEST_F(Versions, HealthNamesHoursThatTheNewestVersionDoesNotKnow) {
  Create(Url());
  constexpr char kAlways[] = R"({"always": "always@1"})";
  constexpr char kTwo[] = R"({"always": "always@1", "clinic": "weekdays@1"})";
  Deploy(Version("2", {{kAlways, kTwo}}));
  Do(R"({"id":"hours","command":"add_staff","staff":"bo","pools":["team"],)"
     R"("actor":{"role":"integration"},"calendar":"clinic"})");
  const auto told = Contains(HasSubstr("the calendar clinic of bo"));
  ASSERT_OK_AND_ASSIGN(const Health before, service_->CheckHealth(now_));
  EXPECT_THAT(before.warnings, Not(told));
  Deploy(Version("3"));
  ASSERT_OK_AND_ASSIGN(const Health after, service_->CheckHealth(now_));
  EXPECT_THAT(after.warnings, told);
  Do(R"({"id":"gone","command":"add_staff","staff":"bo","pools":["team"],)"
     R"("actor":{"role":"integration"},"calendar":"clinic",)"
     R"("left_at":"2026-03-02T00:00:00Z"})");
  ASSERT_OK_AND_ASSIGN(const Health left, service_->CheckHealth(now_));
  EXPECT_THAT(left.warnings, Not(told));
}

}  // namespace
}  // namespace stepwell::host
