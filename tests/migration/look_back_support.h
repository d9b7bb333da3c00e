// A service whose PHQ-9 has a band that began too high, and amendments of it.
#ifndef STEPWELL_TESTS_MIGRATION_LOOK_BACK_SUPPORT_H_
#define STEPWELL_TESTS_MIGRATION_LOOK_BACK_SUPPORT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "migration/clinic_support.h"
#include "stepwell/service.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"

namespace stepwell::testing {

inline constexpr int kWrongFrom = 18, kRightFrom = 15;  // moderately severe
inline constexpr char kAmendment[] =
    R"({"migration":"band_15","reason":"the band began at 18","approver":
        "Dr. Lind","from":"minimal@1","to":"minimal@2"})";

// The smallest service with a PHQ-9 of its own, whose moderately severe band
// begins at `from`, with an alert and a table that hang on the band.
inline std::string Protocol(const std::string& version, int from) {
  const std::string instrument = absl::StrReplaceAll(
      CatalogueDocument("instruments/phq-9.json").value(),
      {{R"("version": "1")", absl::StrCat("\"version\": \"1.", version, "\"")},
       {R"("to": 14)", absl::StrCat("\"to\": ", from - 1)},
       {R"("from": 15)", absl::StrCat("\"from\": ", from)}});
  return absl::StrReplaceAll(
      CatalogueDocument("protocols/minimal.json").value(),
      {{R"("version": "1", "status")",
        absl::StrCat("\"version\": \"", version, "\", \"status\"")},
       {R"("imports": {)",
        absl::StrCat(R"("documents": {"instruments": {"phq-9": )", instrument,
                     R"(}}, "imports": {)")},
       {R"("phq9": "phq-9@1")",
        absl::StrCat(R"("phq9": "phq-9@1.)", version, "\"")},
       {R"("rules": [)",
        R"("rules": [{"id": "heavy", "on": "response:phq9",
          "if": "phq9.band = 'moderately_severe' or phq9.band = 'severe'",
          "on_unknown": "raise", "do": [{"raise_alert": "high"}]},)"}});
}

class LookBackTest : public ClinicTest {
 protected:
  void SetUp() override {
    std::string name =
        (std::filesystem::temp_directory_path() / "stepwell-look-XXXXXX")
            .string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    service_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string Url() const {
    return "sqlite:" + (folder_ / "clinic.db").string();
  }

  void Create(const std::string& url) {
    Found(url, Protocol("1", kWrongFrom), R"("team")");
  }

  void Deploy(int from, const std::string& version = "2") {
    DeployOptions newer;
    newer.protocol = Protocol(version, from);
    newer.prototype = true;
    ASSERT_OK(service_->Deploy(newer, now_).status());
  }

  void Answer(const std::string& id, const std::string& name,
              const std::vector<int>& answers) {
    Do(absl::StrCat(R"({"id":"a)", name, R"(","command":"submit_response",)",
                    R"("actor":{"role":"patient"},"case":")", id,
                    R"(","response_id":"x)", name,
                    R"(","instrument":"phq9","answers":[)",
                    absl::StrJoin(answers, ","), "]}"));
  }

  void CloseCase(const std::string& id, const std::string& name) {
    const std::string work = absl::StrCat(
        R"(","command":"work_item","actor":{"role":"staff","staff":"anna"},)",
        R"("case":")", id, R"(","action":"complete","item":")");
    Do(absl::StrCat(R"({"id":"c)", name, work, R"(call"})"));
    Do(absl::StrCat(R"({"id":"e)", name, work,
                    R"(ending","outcome":"helped"})"));
  }

  AmendmentReport Amend(bool apply, bool closed = true) {
    AmendmentOptions options;
    options.amendment = kAmendment;
    options.actor = "lead";
    options.apply = apply;
    options.closed = closed;
    auto report = service_->Amend(options, now_);
    EXPECT_OK(report);
    return report.ok() ? *std::move(report) : AmendmentReport();
  }

  // A service with `cases` cases of random answers to one or two forms; some
  // closed. Fills in what plain arithmetic expects.
  void Fill(uint64_t cases) {
    std::mt19937 random(4711);
    for (uint64_t n = 0; n < cases; ++n) {
      const std::string id = Refer(n);
      const int forms = 1 + static_cast<int>(random() % 2);
      uint64_t affected = 0;
      for (int form = 0; form < forms; ++form) {
        std::vector<int> answers(9);
        int sum = 0;
        for (int item = 0; item < 8; ++item) {
          sum += answers[static_cast<size_t>(item)] =
              static_cast<int>(random() % 4);
        }
        Answer(id, absl::StrCat(n, "_", form), answers);
        affected += sum >= kRightFrom && sum < kWrongFrom;
      }
      if (affected > 0) expected_[id] = affected;
      if (random() % 10 == 0) CloseCase(id, absl::StrCat(n));
    }
  }

  void ExpectExactly(const AmendmentReport& report) {
    ASSERT_EQ(report.cases.size(), expected_.size());
    for (const LookBackCase& line : report.cases) {
      const auto found = expected_.find(line.case_id);
      ASSERT_NE(found, expected_.end()) << line.case_id << " is not affected";
      uint64_t bands = 0, alerts = 0;
      for (const LookBackCase::Difference& d : line.differences) {
        if (d.kind == "band") {
          ++bands;
          EXPECT_EQ(d.before, "moderate");
          EXPECT_EQ(d.after, "moderately_severe");
        } else {
          ASSERT_EQ(d.kind, "alert");
          ++alerts;
          EXPECT_EQ(d.what, "high");
          EXPECT_TRUE(d.act);
        }
      }
      EXPECT_EQ(bands, found->second) << line.case_id;
      EXPECT_EQ(alerts, found->second) << line.case_id;
      EXPECT_EQ(line.action, "alert");
    }
  }

  void ExpectHealthy() {
    ASSERT_OK_AND_ASSIGN(const Verification replayed, service_->Verify());
    EXPECT_THAT(replayed.differences, ::testing::IsEmpty());
    ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
    EXPECT_THAT(health.violations, ::testing::IsEmpty());
  }

  // A process of its own applies the amendment and is killed after a while.
  void KillAfter(useconds_t microseconds) {
    service_.reset();
    const pid_t child = fork();
    if (child == 0) {
      auto mine = Service::Open(Url());
      AmendmentOptions options;
      options.amendment = kAmendment;
      options.apply = options.closed = true;
      if (mine.ok()) (void)(*mine)->Amend(options, now_);
      _exit(0);
    }
    usleep(microseconds);
    kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  }

  std::filesystem::path folder_;
  std::map<std::string, uint64_t> expected_;  // affected responses, by case
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_MIGRATION_LOOK_BACK_SUPPORT_H_
