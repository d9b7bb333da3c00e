// However staff come, leave, cover and act for each other: every piece of work
// is on the list of somebody who is there, or is unowned.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "host/host_support.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::host {
namespace {

constexpr int kStaff = 6;

class NothingUnseen : public HostTest {
 protected:
  void Open() {
    ServiceOptions options;
    options.protocol = testing::ReadFileText(
        STEPWELL_SOURCE_DIR "/tests/protocols/assignment.json");
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create("memory:", options, now_));
  }
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(dice_() % n); }
  std::string Anybody() { return absl::StrCat("s", Below(kStaff)); }
  std::string Later(int days) {
    return TimeText(now_ + Hours(1 + static_cast<int>(Below(24)) +
                                 24 * static_cast<int>(Below(days))));
  }
  // What is refused is part of the game.
  Reply Say(const std::string& members) {
    const auto reply =
        Try(absl::StrCat(R"({"id":"c)", ++commands_, "\",", members, "}"));
    return reply.ok() ? *reply : Reply();
  }
  Reply Host(const std::string& members) {
    return Say(absl::StrCat(R"("actor":{"role":"integration"},)", members));
  }

  void Enter(const std::string& who) {
    std::vector<std::string> pools;
    for (const char* pool : {"few", "known", "by_turn", "team"}) {
      if (Below(3) == 0) pools.push_back(absl::StrCat("\"", pool, "\""));
    }
    std::string terms;
    if (Below(3) == 0) {
      absl::StrAppend(&terms, R"(,"left_at":")", Later(40), "\"");
      if (Below(2) == 0) {
        absl::StrAppend(&terms, R"(,"cover":")", Anybody(), "\"");
      }
    } else if (Below(4) == 0) {
      absl::StrAppend(&terms, R"(,"starts_at":")", Later(20), "\"");
    }
    Host(absl::StrCat(R"("command":"add_staff","staff":")", who,
                      R"(","pools":[)", absl::StrJoin(pools, ","), "]", terms));
  }
  void Leave() {
    const std::string who = Anybody(), from = Later(3), to = Later(30);
    const std::string cover =
        Below(3) == 0 ? "" : absl::StrCat(R"(,"cover":")", Anybody(), "\"");
    if (Host(absl::StrCat(R"("command":"set_leave","staff":")", who,
                          R"(","from":")", from, R"(","to":")", to, "\"",
                          cover))
            .kind == Reply::Kind::kAccepted) {
      leaves_[who][from] = to;
    }
  }
  void Act() {
    Host(absl::StrCat(R"("command":"set_acting","staff":")", Anybody(),
                      R"(","for":")", Anybody(), R"(","from":")", Later(2),
                      R"(","to":")", Later(12), "\""));
  }
  void NewCase() {
    const std::string person =
        absl::StrCat(R"("person":{"system":"s","value":")", ++commands_, "\"}");
    Host(absl::StrCat(R"("command":"register_person",)", person));
    cases_.push_back(
        Host(absl::StrCat(R"("command":"receive_referral","route":"self",)",
                          person))
            .case_id);
  }
  void Work() {
    const std::string of = absl::StrCat(
        R"("reason":"r","case":")",
        cases_[Below(static_cast<uint32_t>(cases_.size()))], "\",");
    constexpr const char* kPools[] = {"few", "known", "by_turn", "team"};
    const std::string pool =
        absl::StrCat(R"("pool":")", kPools[Below(4)], "\"");
    const std::string by =
        absl::StrCat(R"("actor":{"role":"staff","staff":")", Anybody(), "\"},");
    if (Below(2) == 0) {
      Host(absl::StrCat(R"("command":"assign_case",)", of, pool,
                        R"(,"staff":")", Anybody(), "\""));
    } else if (Below(2) == 0) {
      Say(absl::StrCat(by, R"("command":"work_item","item":"call",)", of,
                       R"("action":"open")"));
    } else {
      Say(absl::StrCat(by, R"("command":"work_item","item":"call",)", of,
                       R"("action":"claim")"));
    }
  }

  bool IsOnLeave(const std::string& who) {
    const auto& leaves = leaves_[who];
    return std::any_of(leaves.begin(), leaves.end(), [&](const auto& leave) {
      return *TimeFromText(leave.first) <= now_ &&
             now_ < *TimeFromText(leave.second);
    });
  }
  // The lines of the query, of the kind; none when it may not be asked.
  std::set<std::string> Lines(WorklistQuery query, const char* kind) {
    query.kind = kind;
    query.limit = 1000;
    const auto list = service_->QueryWorklist(query, now_);
    std::set<std::string> lines;
    if (!list.ok()) return lines;
    for (const WorkLine& line : list->lines) {
      lines.insert(absl::StrCat(line.case_id, " ", line.kind, " ", line.what,
                                " ", line.ordinal));
    }
    return lines;
  }
  void ExpectAllSeen() {
    for (const char* kind : {"item", "patient"}) {
      std::set<std::string> seen;
      WorklistQuery query;
      query.whose = "unowned";
      seen.merge(Lines(query, kind));
      query.whose = "mine";
      for (int i = 0; i < kStaff; ++i) {
        query.viewer = absl::StrCat("s", i);
        if (!IsOnLeave(query.viewer)) seen.merge(Lines(query, kind));
      }
      const std::set<std::string> all = Lines(WorklistQuery(), kind);
      lines_ += all.size();
      EXPECT_EQ(seen, all) << kind << " at " << TimeText(now_);
    }
  }

  std::mt19937 dice_{11};  // NOLINT: the same run every time
  int commands_ = 0;
  size_t lines_ = 0;
  std::vector<std::string> cases_;
  std::map<std::string, std::map<std::string, std::string>> leaves_;
};

TEST_F(NothingUnseen, WhoeverComesAndGoes) {
  Open();
  for (int i = 0; i < kStaff; ++i) Enter(absl::StrCat("s", i));
  for (int step = 0; step < 300; ++step) {
    if (step % 25 == 0) NewCase();
    const uint32_t what = Below(10);
    if (what < 2) Enter(Anybody());
    if (what == 2) Leave();
    if (what == 3) Act();
    if (what > 3) Work();
    if (Below(3) == 0) {
      now_ = now_ + Hours(12 * (1 + static_cast<int>(Below(4))));
      ASSERT_OK(service_->Advance(now_, {}));
    }
    ExpectAllSeen();
    if (HasFailure()) return;
  }
  EXPECT_GT(lines_, 1000u);
}

}  // namespace
}  // namespace stepwell::host
