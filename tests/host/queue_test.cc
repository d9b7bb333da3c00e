// The queue at the door is let in in order and to its limits: by threads on one
// service, by two processes on one file, and when one of them is killed. What
// is told of a place counts the others and names nobody.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "host/host_support.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::host {
namespace {

constexpr int kCases = 16;
constexpr int kPlaces = 5;  // of the protocol, as its throttles

class QueueTest : public HostTest {
 protected:
  static std::string Document() {
    return testing::ReadFileText(STEPWELL_SOURCE_DIR
                                 "/tests/protocols/intake.json");
  }
  // The places alone limit the intake.
  static std::string WithoutThrottles() {
    std::string text = Document();
    const size_t from = text.find("\"throttles\"");
    const size_t to = text.find("\"capacity\"");
    return text.erase(from, to - from);
  }

  void Create(const std::string& url, const std::string& document) {
    ServiceOptions options;
    options.protocol = document;
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(url, options, now_));
  }

  static std::string Host(int i, const char* what, const std::string& rest) {
    return absl::StrCat(R"({"id":")", what, i, R"(","command":")", what,
                        R"(","actor":{"role":"integration"},)",
                        R"("person":{"system":"urn:clinic","value":"p-)", i,
                        "\"}", rest, "}");
  }
  // One of the lowest class, of whom all is known.
  static std::string Refer(int i, const std::string& facts =
                                      R"("perinatal":false,"at_risk":false)") {
    return Host(i, "receive_referral",
                absl::StrCat(R"(,"route":"self","facts":{"in_area":true,)",
                             facts, "}"));
  }
  void AddStaff(const std::string& name, const char* pool,
                const std::string& terms = "") {
    Do(absl::StrCat(R"({"id":"s-)", name, R"(","command":"add_staff",)",
                    R"("actor":{"role":"integration"},"staff":")", name,
                    R"(","pools":[")", pool, "\"]", terms, "}"));
  }
  void Register() {
    AddStaff("anna", "team");
    for (int i = 0; i < kCases; ++i) Do(Host(i, "register_person", ""));
  }
  void ReferAll() {
    for (int i = 0; i < kCases; ++i) cases_.push_back(Do(Refer(i)).case_id);
  }

  void Finish(const std::string& who) {
    const std::string by = absl::StrCat(
        R"("command":"work_item","actor":{"role":"staff","staff":"anna"},)",
        R"("action":"complete","case":")", who, "\",");
    Do(absl::StrCat(R"({"id":"t-)", who, "\",", by, R"("item":"treat"})"));
    Do(absl::StrCat(R"({"id":"f-)", who, "\",", by,
                    R"("item":"finish","outcome":"helped"})"));
  }

  Worklist Queue() {
    WorklistQuery query;
    query.kind = "waiting";
    const auto queue = service_->QueryWorklist(query, now_);
    EXPECT_OK(queue);
    return queue.ok() ? *queue : Worklist();
  }
  // How many are in care, by what each case says of itself.
  int InCare() {
    int in_care = 0;
    for (const std::string& who : cases_) {
      const auto place = service_->Explain(who, "queue", now_);
      EXPECT_OK(place);
      in_care += place.ok() && place->state == "in_care" ? 1 : 0;
    }
    return in_care;
  }
  std::string Why(const std::string& who) {
    const auto place = service_->Explain(who, "queue", now_);
    EXPECT_OK(place);
    if (!place.ok()) return "";
    return absl::StrCat(place->state, ": ", absl::StrJoin(place->reasons, "; "),
                        " -> ", absl::StrJoin(place->would_open, "; "));
  }

  void ExpectAsManyAsPlaces() {
    EXPECT_EQ(InCare(), kPlaces);
    EXPECT_EQ(Queue().total, static_cast<uint64_t>(kCases - kPlaces));
    const auto verification = service_->Verify();
    ASSERT_OK(verification);
    EXPECT_TRUE(verification->differences.empty()) << ToJson(*verification);
  }

  // A process of its own that advances; `killed`: in the middle of it.
  pid_t AdvanceElsewhere(bool killed) {
    const pid_t child = fork();
    if (child != 0) return child;
    auto own = Service::Open(Url());
    if (!own.ok()) _exit(1);
    for (int i = 0; i < kCases; ++i) {
      AdvanceOptions one;
      one.clocks_max = 1;  // stops after each case that is let in
      const auto advanced = (*own)->Advance(now_, one);
      if (!advanced.ok()) _exit(2);
      if (killed && i == 1) kill(getpid(), SIGKILL);
      if (!advanced->more) break;
    }
    _exit(0);
  }
  static int ExitOf(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::vector<std::string> cases_;
};

TEST_F(QueueTest, ThreadsAndProcessesLetInNoMoreThanThereAre) {
  Create(Url(), WithoutThrottles());
  Register();
  std::vector<std::thread> threads;
  for (int i = 0; i < kCases; ++i) {
    threads.emplace_back([&, i] {
      EXPECT_OK(service_->Submit(Refer(i), now_));
      EXPECT_OK(service_->Advance(now_, {}));
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_OK_AND_ASSIGN(cases_, service_->ListCases("", 100));
  ASSERT_EQ(cases_.size(), static_cast<size_t>(kCases));
  ExpectAsManyAsPlaces();
  // Two are discharged: two processes fill their places, and no third.
  service_.reset();
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  int gone = 0;
  for (const std::string& who : cases_) {
    const auto place = service_->Explain(who, "queue", now_);
    ASSERT_OK(place);
    if (place->state != "in_care" || gone == 2) continue;
    case_ = who;
    Do(Staff(absl::StrCat("t", gone),
             R"("command":"work_item","item":"treat","action":"complete")"));
    Do(Staff(absl::StrCat("f", gone++),
             R"("command":"work_item","item":"finish","action":"complete",)"
             R"("outcome":"helped")"));
  }
  ASSERT_EQ(gone, 2);
  service_.reset();
  const pid_t one = AdvanceElsewhere(false);
  const pid_t two = AdvanceElsewhere(false);
  EXPECT_EQ(ExitOf(one), 0);
  EXPECT_EQ(ExitOf(two), 0);
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  EXPECT_EQ(InCare(), kPlaces);
  EXPECT_EQ(Queue().total, static_cast<uint64_t>(kCases - kPlaces - 2));
  ExpectHealthy();
}

TEST_F(QueueTest, AKilledAdvanceIsTakenUpByTheNext) {
  Create(Url(), WithoutThrottles());
  Register();
  ReferAll();
  service_.reset();
  EXPECT_EQ(ExitOf(AdvanceElsewhere(true)), -1);
  ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  EXPECT_EQ(InCare(), 2);
  ASSERT_OK(service_->Advance(now_, {}));
  ExpectAsManyAsPlaces();
  ExpectHealthy();
}

TEST_F(QueueTest, TheOrderIsClassThenWaitThenCase) {
  Create("memory:", WithoutThrottles());
  Register();
  for (int i = 0; i < 9; ++i) {
    now_ = now_ + Minutes(1);
    const char* facts = i == 8   ? R"("perinatal":true,"at_risk":false)"
                        : i == 7 ? R"("perinatal":false,"at_risk":true)"
                                 : R"("perinatal":false,"at_risk":false)";
    cases_.push_back(Do(Refer(i, facts)).case_id);
  }
  std::vector<std::string> order;
  for (const WorkLine& line : Queue().lines) order.push_back(line.case_id);
  std::vector<std::string> expected = {cases_[8], cases_[7]};
  expected.insert(expected.end(), cases_.begin(), cases_.begin() + 7);
  EXPECT_EQ(order, expected);
  EXPECT_EQ(Queue().lines[1].note, "position 2 of 9");
  EXPECT_EQ(Queue().lines[1].what, "at_risk");
  // By pages too, and nowhere on a worklist.
  WorklistQuery page;
  page.kind = "waiting";
  page.limit = 4;
  ASSERT_OK_AND_ASSIGN(const Worklist first,
                       service_->QueryWorklist(page, now_));
  page.after = first.next;
  ASSERT_OK_AND_ASSIGN(const Worklist second,
                       service_->QueryWorklist(page, now_));
  ASSERT_EQ(second.lines.size(), 4u);
  EXPECT_EQ(second.lines[0].case_id, expected[4]);
  EXPECT_EQ(second.lines[0].note, "position 5 of 9");
  ASSERT_OK_AND_ASSIGN(const Worklist work,
                       service_->QueryWorklist(WorklistQuery(), now_));
  for (const WorkLine& line : work.lines) EXPECT_NE(line.kind, "waiting");
  EXPECT_EQ(work.total, work.lines.size());
  ASSERT_OK(service_->Advance(now_, {}));
  EXPECT_EQ(Queue().lines[0].case_id, expected[kPlaces]);
  ExpectHealthy();
}

TEST_F(QueueTest, APlaceIsExplainedByCountsAndNotByPeople) {
  Create("memory:", Document());
  Register();
  ReferAll();
  ASSERT_OK(service_->Advance(now_, {}));
  // Two a month may start of those who refer themselves.
  EXPECT_EQ(InCare(), 2);
  const std::string last = Queue().lines.back().case_id;
  const std::string why = Why(last);
  EXPECT_TRUE(why.starts_with("waiting: position 14 of 14, class ordinary"))
      << why;
  EXPECT_NE(why.find("before it are 13 of its class who came before it"),
            std::string::npos)
      << why;
  // 13 before it, two a month, none left in March: the seventh month from now.
  EXPECT_NE(why.find("self_monthly: 2 of 2 starts of the period from "
                     "2026-03-01 are used, 13 before it wait for one"),
            std::string::npos)
      << why;
  EXPECT_NE(why.find("from 2026-10-01T00:00:00-04:00"), std::string::npos)
      << why;
  EXPECT_NE(why.find("it will be too long"), std::string::npos) << why;
  for (const std::string& who : cases_) {
    EXPECT_EQ(why.find(who), std::string::npos) << why;
  }
  EXPECT_TRUE(Why(cases_.front()).size() > 0);
}

TEST_F(QueueTest, ThePlacesOfAPoolAreThoseOfItsMembersOnDuty) {
  std::string document = WithoutThrottles();
  document = absl::StrReplaceAll(
      document,
      {{R"("places": 5, "held_in": ["pathway/care"], "source": "assumption")",
        R"("pool": "small", "held_in": ["pathway/care"])"},
       {R"("facts": [)",
        R"("imports": {"pools": {"small": "small@1"}}, "documents": {"pools":
           {"small": {"pool": "small", "version": "1", "role": "therapist",
                      "calendar": "always", "caseload_max": 2,
                      "source": "assumption"}}}, "facts": [)"}});
  Create("memory:", document);
  Register();
  ReferAll();
  ASSERT_OK(service_->Advance(now_, {}));
  EXPECT_EQ(InCare(), 0);  // nobody works there yet
  const std::string why = Why(cases_[0]);
  EXPECT_NE(why.find("there are no places: the pool small has no member"),
            std::string::npos)
      << why;
  const auto warnings = [&] {
    return absl::StrJoin(service_->CheckHealth(now_)->warnings, "\n");
  };
  const std::string none = "the queue has no place to give: the pool small has";
  EXPECT_NE(warnings().find(none + " no member"), std::string::npos);
  AddStaff("bo", "small");
  EXPECT_EQ(warnings().find(none), std::string::npos);
  AddStaff("cy", "small");
  ASSERT_OK(service_->Advance(now_, {}));
  EXPECT_EQ(InCare(), 4);
  // Part time, and somebody who begins tomorrow with one case.
  AddStaff("dee", "small", R"(,"share":50)");
  AddStaff("eli", "small",
           R"(,"starts_at":"2026-03-03T00:00:00Z","ramp_up":[)"
           R"({"until":"2026-03-10T00:00:00Z","caseload_max":1}])");
  ASSERT_OK(service_->Advance(now_, {}));
  EXPECT_EQ(InCare(), 5);
  for (const int in_care : {6, 7}) {
    now_ = now_ + WallDays(in_care == 6 ? 1 : 8);
    ASSERT_OK(service_->Advance(now_, {}));
    EXPECT_EQ(InCare(), in_care);
  }
  ExpectHealthy();
}

// Who was in care before there was a queue has a place as well, and gives it
// back.
TEST_F(QueueTest, AQueueOfANewVersionCountsWhoIsInCareAlready) {
  std::string before = WithoutThrottles();
  before = before.substr(0, before.find("\"intake\": {"));
  before = before.substr(0, before.rfind(',')) + "}";
  before = absl::StrReplaceAll(before, {{R"([{"move": "pathway/waiting"}]},
    {"id": "queue_up")",
                                         R"([{"move": "pathway/waiting"}]},
    {"id": "at_once", "on": "phase.entered:pathway/waiting",
     "do": [{"move": "pathway/care"}]},
    {"id": "queue_up")"}});
  Create("memory:", before);
  Register();
  for (int i = 0; i < 4; ++i) cases_.push_back(Do(Refer(i)).case_id);
  DeployOptions options;
  options.protocol = absl::StrReplaceAll(
      WithoutThrottles(),
      {{R"("version": "1", "base")", R"("version": "2", "base")"}});
  options.prototype = true;
  ASSERT_OK_AND_ASSIGN(const DeployResult deployed,
                       service_->Deploy(options, now_));
  EXPECT_EQ(deployed.open_cases_elsewhere, 4u);
  ExpectHealthy();
  for (int i = 4; i < 8; ++i) cases_.push_back(Do(Refer(i)).case_id);
  ASSERT_OK(service_->Advance(now_, {}));
  EXPECT_EQ(Queue().lines.size(), 3u);  // five places, four taken before
  // Nothing is noted twice, and one of the old version gives its place back.
  ASSERT_OK(service_->Deploy(options, now_));
  Finish(cases_[0]);
  ASSERT_OK(service_->Advance(now_, {}));
  EXPECT_EQ(Queue().lines.size(), 2u);
  ExpectHealthy();
}

// The class of those who are severe began too high.
TEST_F(QueueTest, TheLookBackListsWhoStoodInAWrongClass) {
  const std::string right = absl::StrReplaceAll(
      WithoutThrottles(),
      {{R"("version": "1", "base")", R"("version": "2", "base")"}});
  Create("memory:",
         absl::StrReplaceAll(WithoutThrottles(), {{">= 20", ">= 25"}}));
  Register();
  for (int i = 0; i < 8; ++i) cases_.push_back(Do(Refer(i)).case_id);
  const auto answers = [&](const std::string& who, const char* each) {
    Do(absl::StrCat(R"({"id":"r)", who, R"(","command":"submit_response",)",
                    R"("actor":{"role":"patient"},"case":")", who,
                    R"(","instrument":"phq9","answers":[)",
                    absl::StrJoin(std::vector<std::string>(8, each), ","),
                    ",0]}"));
  };
  const std::vector<WorkLine> lines = Queue().lines;
  const std::string first = lines[0].case_id;
  answers(first, "3");
  answers(lines[1].case_id, "1");
  ASSERT_OK(service_->Advance(now_, {}));
  ASSERT_EQ(InCare(), kPlaces);
  const std::string last = Queue().lines.back().case_id;
  answers(last, "3");
  EXPECT_EQ(Queue().lines.back().case_id, last);

  DeployOptions deploy;
  deploy.protocol = right;
  deploy.prototype = true;
  ASSERT_OK(service_->Deploy(deploy, now_).status());
  AmendmentOptions options;
  options.amendment =
      R"({"migration":"severe_20","from":"intake@1","to":"intake@2",
          "reason":"the class began at 25","approver":"Dr. Lind"})";
  ASSERT_OK_AND_ASSIGN(const AmendmentReport report,
                       service_->Amend(options, now_));
  std::vector<std::string> found;
  for (const LookBackCase& line : report.cases) {
    ASSERT_EQ(line.differences.size(), 1u);
    const auto& [event, at, kind, what, before, after, act] =
        line.differences[0];
    EXPECT_EQ(absl::StrCat(kind, " ", what, ": ", before, " -> ", after),
              "place class: ordinary -> severe");
    EXPECT_FALSE(act);
    found.push_back(line.case_id);
  }
  // One who waited so until they were let in, and one who still waits.
  EXPECT_THAT(found, ::testing::UnorderedElementsAre(first, last));
  options.apply = true;
  ASSERT_OK(service_->Amend(options, now_).status());
  EXPECT_EQ(Queue().lines.front().case_id, last);
  ExpectHealthy();
}

TEST_F(QueueTest, TheQueueIsAskedForAsAWhole) {
  Create("memory:", Document());
  WorklistQuery query;
  query.kind = "waiting";
  query.owner = "team";
  EXPECT_THAT(service_->QueryWorklist(query, now_),
              testing::StatusIs(absl::StatusCode::kInvalidArgument,
                                "the whole service"));
  query.owner = "";
  query.overdue_only = true;
  EXPECT_FALSE(service_->QueryWorklist(query, now_).ok());
}

TEST_F(QueueTest, AnAdvanceSaysWhenTheNextPeriodOpens) {
  Create("memory:", Document());
  Register();
  for (int i = 0; i < 3; ++i) cases_.push_back(Do(Refer(i)).case_id);
  ASSERT_OK_AND_ASSIGN(const AdvanceResult held, service_->Advance(now_, {}));
  EXPECT_EQ(held.fired, 2u);
  // Nothing else of them is due before the first of April in New York but the
  // reminder of a form.
  now_ = TimeFromText("2026-04-01T03:59:59Z").value();
  ASSERT_OK_AND_ASSIGN(const AdvanceResult before, service_->Advance(now_, {}));
  EXPECT_EQ(before.next_due, TimeFromText("2026-04-01T04:00:00Z").value());
  EXPECT_EQ(InCare(), 2);
  now_ = before.next_due;
  ASSERT_OK(service_->Advance(now_, {}));
  EXPECT_EQ(InCare(), 3);
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
