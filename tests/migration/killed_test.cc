// A service on a file is killed while it moves its open cases over to a newer
// version. What had gone over has gone over whole, and the next run does the
// rest. STEPWELL_MIGRATION_CASES sets how many cases there are (300; `./dev
// long` asks for 10,000).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "stepwell/service.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"

namespace stepwell::testing {
namespace {

using ::testing::IsEmpty;

constexpr int kKills = 8;
constexpr char kPlan[] =
    R"({"migration":"m","reason":"a better call","from":"minimal@1",
        "to":"minimal@2","items":{"call":"talk"}})";

uint64_t Cases() {
  const char* cases = std::getenv("STEPWELL_MIGRATION_CASES");
  return cases == nullptr ? 300 : std::strtoull(cases, nullptr, 10);
}

// The call has another name, and what stands before it moves every number.
std::string Second() {
  return absl::StrReplaceAll(
      CatalogueDocument("protocols/minimal.json").value(),
      {{R"("version": "1", "status")", R"("version": "2", "status")"},
       {"\"call\"", "\"talk\""},
       {R"({"id": "open", "items": [)",
        R"({"id": "open", "items": [{"id": "first", "kind": "task",
          "who": "team", "mode": "discretionary", "due": "work"},)"}});
}

class Killed : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name =
        (std::filesystem::temp_directory_path() / "stepwell-moved-XXXXXX")
            .string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    now_ = TimeFromText("2026-03-02T09:00:00Z").value();
    ServiceOptions options;
    options.protocol = "catalogue:minimal";
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(Url(), options, now_));
  }
  void TearDown() override {
    service_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string Url() const {
    return "sqlite:" + (folder_ / "clinic.db").string();
  }

  void Do(const std::string& command) {
    ASSERT_OK_AND_ASSIGN(const Reply reply, service_->Submit(command, now_));
    ASSERT_EQ(reply.kind, Reply::Kind::kAccepted) << command << reply.reason;
  }

  // A third has just come, a third is to be called, a third has an open alert.
  void Refer(uint64_t n) {
    const std::string host = R"("actor":{"role":"integration"},)";
    const std::string person =
        absl::StrCat(R"("person":{"system":"urn:clinic","value":")", n, "\"}");
    Do(absl::StrCat(R"({"id":"p)", n, R"(","command":"register_person",)", host,
                    person, "}"));
    Do(absl::StrCat(R"({"id":"r)", n, R"(","command":"receive_referral",)",
                    host, person, R"(,"route":"self"})"));
    if (n % 3 == 0) return;
    Do(absl::StrCat(R"({"id":"a)", n, R"(","command":"submit_response",)",
                    R"("actor":{"role":"patient"},)", person,
                    R"(,"response_id":"x)", n, R"(","instrument":"phq9",)",
                    R"("answers":[1,1,1,1,1,1,1,1,)", n % 3 == 1 ? 0 : 2,
                    "]}"));
  }

  MigrationReport Migrate(bool apply) {
    MigrationOptions options;
    options.migration = kPlan;
    options.apply = apply;
    auto report = service_->Migrate(options, now_);
    EXPECT_OK(report);
    return report.ok() ? *report : MigrationReport();
  }

  // A process of its own migrates and is killed after a while; whether it was
  // still at work.
  bool KillAfter(useconds_t microseconds) {
    const pid_t child = fork();
    if (child == 0) {
      auto mine = Service::Open(Url());
      MigrationOptions options;
      options.migration = kPlan;
      options.apply = true;
      if (mine.ok()) (void)(*mine)->Migrate(options, now_);
      _exit(0);
    }
    usleep(microseconds);
    kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
  }

  std::filesystem::path folder_;
  std::unique_ptr<Service> service_;
  Instant now_;
};

TEST_F(Killed, GoesOnWhereItWas) {
  const uint64_t cases = Cases();
  for (uint64_t n = 0; n < cases; ++n) Refer(n);
  DeployOptions newer;
  newer.protocol = Second();
  newer.prototype = true;
  ASSERT_OK(service_->Deploy(newer, now_).status());
  const auto begin = std::chrono::steady_clock::now();
  const MigrationReport dry = Migrate(false);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  std::printf("dry run: %llu cases in %.3f s\n",
              static_cast<unsigned long long>(cases), took.count());
  EXPECT_EQ(dry.fine, cases);
  uint64_t there = 0;
  int interrupted = 0, partly = 0;
  for (int round = 0; round < kKills; ++round) {
    service_.reset();
    interrupted += KillAfter(static_cast<useconds_t>(
        10'000 + 30 * cases * static_cast<uint64_t>(round)));
    ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
    const MigrationReport rest = Migrate(false);
    EXPECT_EQ(rest.fine + rest.there, cases);
    EXPECT_GE(rest.there, there);
    partly += rest.there > 0 && rest.fine > 0;
    there = rest.there;
    ASSERT_OK_AND_ASSIGN(const Verification replayed, service_->Verify());
    EXPECT_THAT(replayed.differences, IsEmpty());
  }
  std::printf(
      "killed %d times at work, %d times with some moved: %llu of "
      "%llu\n",
      interrupted, partly, static_cast<unsigned long long>(there),
      static_cast<unsigned long long>(cases));
  EXPECT_GT(interrupted, 0);
  EXPECT_GT(partly, 0) << "no kill came in the middle";
  const MigrationReport done = Migrate(true);
  EXPECT_EQ(done.there, there);
  EXPECT_EQ(done.fine, cases - there);
  EXPECT_EQ(done.choice + done.refused + done.not_concerned, 0u);
  EXPECT_EQ(Migrate(false).there, cases);
  ASSERT_OK_AND_ASSIGN(const Verification replayed, service_->Verify());
  EXPECT_THAT(replayed.differences, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(health.violations, IsEmpty());
  EXPECT_EQ(health.open_cases, cases);
}

}  // namespace
}  // namespace stepwell::testing
