// Worklists: the same lines in the same order on every store, whatever the
// page; counts that add up; and nobody sees what is not theirs to see.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "stepwell/requests.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::HasSubstr;

constexpr int kCases = 12;

class WorklistTest : public HostTest {
 protected:
  // Cases with work of all kinds: on the queue of the assessors, with them,
  // put off, and messages.
  void Fill(const std::string& url) {
    ServiceOptions options;
    options.protocol = "catalogue:icbt_base";
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create(url, options, now_));
    AddStaff("anna", R"("therapists")");
    AddStaff("carin", R"("assessors")");
    AddStaff("eva", R"("assessors","admin")");
    AddStaff("lena", R"("lead")");
    AddStaff("nobody", "");
    for (int i = 0; i < kCases; ++i) Enter(i);
  }
  void AddStaff(const std::string& name, const std::string& pools) {
    Do(absl::StrCat(R"({"id":"s-)", name, R"(","command":"add_staff",)",
                    R"("actor":{"role":"integration"},"staff":")", name,
                    R"(","pools":[)", pools, "]}"));
  }
  void Enter(int i) {
    const std::string who = absl::StrCat(
        R"("actor":{"role":"integration"},"person":{"system":"s","value":")", i,
        R"("})");
    Do(absl::StrCat(R"({"id":"r)", i, R"(","command":"register_person",)", who,
                    "}"));
    case_ =
        Do(absl::StrCat(R"({"id":"f)", i, R"(","command":"receive_referral",)",
                        who, R"(,"route":"self"})"))
            .case_id;
    Work(i, "open", R"("reason":"x")");
    if (i % 3 == 0) Work(i, "claim", R"("reason":"x")");
    if (i % 4 == 1) {
      Work(i, "defer", R"("until":"2026-04-01T00:00:00Z","reason":"x")");
    }
    if (i % 2 == 0) {
      Do(absl::StrCat(R"({"id":"m)", i, R"(","command":"receive_message",)",
                      R"("actor":{"role":"patient"},"case":")", case_,
                      R"(","text":"Hello"})"));
    }
    now_ = now_ + Hours(1);
  }
  void Work(int i, const std::string& action, const std::string& rest) {
    Do(absl::StrCat(R"({"id":")", action, i, R"(","command":"work_item",)",
                    R"("actor":{"role":"staff","staff":"carin"},"case":")",
                    case_, R"(","item":"redirect_review","action":")", action,
                    R"(",)", rest, "}"));
  }

  Worklist Ask(const std::string& query) {
    const auto read = WorklistQueryFromJson(query);
    EXPECT_OK(read);
    const auto list = service_->QueryWorklist(*read, now_);
    EXPECT_OK(list) << query;
    return list.ok() ? *list : Worklist();
  }
  absl::Status Refused(const std::string& query) {
    const auto read = WorklistQueryFromJson(query);
    return read.ok() ? service_->QueryWorklist(*read, now_).status()
                     : read.status();
  }
  // Every line, page by page.
  std::vector<std::string> Pages(const std::string& members, size_t limit) {
    std::vector<std::string> lines;
    std::string after;
    do {
      const Worklist page = Ask(
          absl::StrCat("{", members, members.empty() ? "" : ",", R"("limit":)",
                       limit, R"(,"after":")", after, R"("})"));
      for (const WorkLine& line : page.lines) {
        lines.push_back(absl::StrCat(line.priority, " ", line.kind, " ",
                                     line.what, " ", line.case_id, " ",
                                     line.due.us, " ", line.follow_up.us));
      }
      after = page.next;
    } while (!after.empty() && lines.size() < 1000);
    return lines;
  }
};

constexpr const char* kQueries[] = {
    "",
    R"("viewer":"carin")",
    R"("viewer":"lena","whose":"team")",
    R"("whose":"unowned")",
    R"("viewer":"carin","whose":"mine","deferred":false)",
    R"("deferred":true)",
    R"("kind":"message")",
    R"("kind":"patient")",
    R"("priority_min":0,"priority_max":0)"};

TEST_F(WorklistTest, PagesMakeUpTheWholeOnEveryStore) {
  std::vector<std::vector<std::string>> in_memory;
  const Instant began = now_;
  Fill("memory:");
  for (const char* query : kQueries) {
    in_memory.push_back(Pages(query, 1000));
    EXPECT_FALSE(in_memory.back().empty()) << query;
    for (const size_t limit : {1, 2, 5}) {
      EXPECT_EQ(Pages(query, limit), in_memory.back()) << query;
    }
    EXPECT_EQ(Ask(absl::StrCat("{", query, "}")).total,
              in_memory.back().size());
  }
  now_ = began;
  Fill(Url());
  for (size_t i = 0; i < std::size(kQueries); ++i) {
    EXPECT_EQ(Pages(kQueries[i], 3), in_memory[i]) << kQueries[i];
  }
  ExpectHealthy();
}

TEST_F(WorklistTest, CountsAddUpToTheTotal) {
  Fill("memory:");
  now_ = now_ + Hours(24 * 7);
  for (const char* query : kQueries) {
    const Worklist list = Ask(absl::StrCat(
        "{", query, *query == '\0' ? "" : ",", R"("with_counts":true})"));
    uint64_t total = 0, overdue = 0;
    std::set<std::string> kinds;
    for (const WorkCount& count : list.counts) {
      EXPECT_TRUE(kinds.insert(count.kind).second) << count.kind;
      total += count.total;
      overdue += count.overdue;
      EXPECT_LE(count.overdue + count.today, count.total);
    }
    EXPECT_EQ(total, list.total) << query;
    EXPECT_EQ(overdue, list.overdue) << query;
  }
  const Worklist list = Ask(
      R"({"viewer":"lena","whose":"team","kind":"item","with_counts":true})");
  ASSERT_EQ(list.counts.size(), 1u);
  EXPECT_EQ(list.counts[0].kind, "item");
  EXPECT_EQ(list.counts[0].total, uint64_t{kCases});
  EXPECT_EQ(list.counts[0].deferred, 3u);
  EXPECT_THAT(ToJson(list),
              HasSubstr(R"("counts":[{"kind":"item","total":12,)"));
  EXPECT_THAT(ToJson(Ask("{}")), ::testing::Not(HasSubstr("counts")));
}

TEST_F(WorklistTest, WhatIsPutOffStandsLastAndIsLateAllTheSame) {
  Fill("memory:");
  now_ = now_ + Hours(24 * 7);
  const Worklist list = Ask(R"({"kind":"item"})");
  ASSERT_EQ(list.lines.size(), size_t{kCases});
  for (int i = 0; i < kCases; ++i) {
    const WorkLine& line = list.lines[static_cast<size_t>(i)];
    EXPECT_EQ(!line.follow_up.IsNever(), i >= kCases - 3);
    EXPECT_TRUE(line.overdue);
    EXPECT_EQ(line.priority, 0);
  }
  EXPECT_THAT(ToJson(list), HasSubstr(R"("follow_up":"2026-04-01T00:00:00Z")"));
}

TEST_F(WorklistTest, TodayIsWhatIsStillToComeOfTheDay) {
  Fill("memory:");
  const Instant due = Ask(R"({"kind":"item"})").lines[0].due;
  const auto today = [&](Instant now) {
    now_ = now;
    for (const WorkLine& line : Ask(R"({"kind":"item","due":"today"})").lines) {
      if (line.due == due) return true;
    }
    return false;
  };
  EXPECT_FALSE(today(due - Hours(24)));
  EXPECT_TRUE(today(due - Hours(1)));
  EXPECT_TRUE(today(due));
  EXPECT_FALSE(today(due + Duration{1}));
  EXPECT_GT(Ask(R"({"kind":"item","due":"overdue"})").total, 0u);
}

TEST_F(WorklistTest, AViewerSeesTheirPoolsAndThoseTheyStandBehind) {
  Fill("memory:");
  EXPECT_EQ(Ask(R"({"viewer":"anna","whose":"team"})").total, 0u);
  EXPECT_GT(Ask(R"({"viewer":"lena","owner":"carin"})").total, 0u);
  EXPECT_GT(Ask(R"({"viewer":"eva","owner":"carin"})").total, 0u);
  EXPECT_OK(Refused(R"({"viewer":"lena","owner":"eva"})"));
  EXPECT_OK(Refused(R"({"viewer":"nobody"})"));
  for (const char* query :
       {R"({"viewer":"anna","owner":"carin"})",
        R"({"viewer":"anna","owner":"assessors"})",
        // Eva is an administrator too, and her list has that work as well.
        R"({"viewer":"carin","owner":"eva"})",
        R"({"viewer":"carin","owner":"lead"})",
        R"({"viewer":"lena","owner":"nobody"})"}) {
    const absl::Status status = Refused(query);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << query;
    EXPECT_THAT(std::string(status.message()), HasSubstr("does not see"));
  }
}

TEST_F(WorklistTest, WhomOneCoversForIsKnownToAnotherProcess) {
  Fill(Url());
  ASSERT_OK_AND_ASSIGN(const auto reader, Service::Open(Url()));
  WorklistQuery of_eva;
  of_eva.owner = "eva";
  of_eva.include_pools = false;
  ASSERT_OK_AND_ASSIGN(const Worklist before,
                       reader->QueryWorklist(of_eva, now_));
  EXPECT_EQ(before.total, 0u);
  Do(R"({"id":"l","command":"set_leave","actor":{"role":"integration"},)"
     R"("staff":"carin","from":"2026-03-01T00:00:00Z",)"
     R"("to":"2026-05-01T00:00:00Z","cover":"eva"})");
  ASSERT_OK_AND_ASSIGN(const Worklist covered,
                       reader->QueryWorklist(of_eva, now_));
  EXPECT_EQ(covered.total, kCases / 3);
}

TEST_F(WorklistTest, AQueryThatMakesNoSenseIsToldSo) {
  Fill("memory:");
  EXPECT_EQ(Refused(R"({"viewer":"x"})").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Refused(R"({"owner":"x"})").code(), absl::StatusCode::kNotFound);
  for (const char* query :
       {R"({"whose":"mine"})", R"({"whose":"team"})",
        R"({"whose":"unowned","owner":"anna"})", R"({"whose":"his"})",
        R"({"due":"tomorrow"})", R"({"kind":"letters"})",
        R"({"priority_min":"high"})", R"({"deferred":1})",
        R"({"priority_min":-101})", R"({"priority_max":101})",
        R"({"priority_min":10,"priority_max":5})",
        R"({"kind":"waiting","viewer":"anna"})",
        R"({"kind":"waiting","with_counts":true})"}) {
    EXPECT_EQ(Refused(query).code(), absl::StatusCode::kInvalidArgument)
        << query;
  }
  WorklistQuery query;
  query.due = "tomorrow";
  EXPECT_FALSE(service_->QueryWorklist(query, now_).ok());
  query.due.clear();
  query.kind = "letters";
  EXPECT_FALSE(service_->QueryWorklist(query, now_).ok());
}

}  // namespace
}  // namespace stepwell::host
