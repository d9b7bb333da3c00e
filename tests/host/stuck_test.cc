// A case whose clock cannot be fired holds nobody else back, and is named again
// and again until somebody mends it.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kMove[] = "UPDATE clock SET due = due ";
constexpr char kClock[] =
    " 3600000000 * 24 * 365 WHERE stream_kind = 1 AND clock ="
    " (SELECT MAX(clock) FROM clock WHERE stream_kind = 1)";
constexpr int kCases = 12;

class StuckClock : public HostTest {
 protected:
  // Cases with a risk alert each, whose clocks are due together.
  void BeginMany() {
    Begin();
    for (int n = 0; n < kCases; ++n) {
      const std::string person = absl::StrCat(
          R"("person":{"system":"urn:clinic","value":"q)", n, R"("})");
      Do(absl::StrCat(R"({"id":"p-q)", n, R"(","command":"register_person",)",
                      R"("actor":{"role":"integration"},)", person, "}"));
      case_ = Do(absl::StrCat(R"({"id":"r-q)", n,
                              R"(","command":"receive_referral",)",
                              R"("actor":{"role":"integration"},)", person,
                              R"(,"route":"self"})"))
                  .case_id;
      Do(Patient(absl::StrCat("a-q", n), R"("answers":[1,1,1,1,1,1,1,1,1])"));
    }
  }

  void Sql(const std::string& sql) {
    service_.reset();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(Path().c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(db);
    EXPECT_GE(sqlite3_changes(db), 1) << "nothing was damaged";
    sqlite3_close(db);
    ASSERT_OK_AND_ASSIGN(service_, Service::Open(Url()));
  }
  // Of the case that is due first: what it is cannot be read.
  void Break() {
    Sql("UPDATE stream SET state = CAST(x'0102' AS BLOB) WHERE stream_kind = 1"
        " AND stream = (SELECT stream FROM clock WHERE stream_kind = 1"
        " ORDER BY due, stream LIMIT 1)");
  }
  Instant LastAdvance() {
    const auto preview = service_->PreviewAdvance(now_);
    EXPECT_OK(preview);
    return preview.ok() ? preview->last_advance : Instant();
  }
};

TEST_F(StuckClock, TheHostsLoopFiresAllOthers) {
  BeginMany();
  AdvanceOptions few;
  few.clocks_max = 7;
  Break();
  const Instant before = LastAdvance();
  now_ = now_ + Hours(20);
  uint64_t fired = 0;
  AdvanceResult result;
  do {
    ASSERT_OK_AND_ASSIGN(result, service_->Advance(now_, few));
    EXPECT_THAT(result.failed, ElementsAre(HasSubstr("clock")));
    fired += result.fired;
    // Not done yet, and nobody is told that it was.
    if (result.more) {
      EXPECT_EQ(result.fired, 7u);
      EXPECT_EQ(LastAdvance(), before);
    }
  } while (result.more);
  EXPECT_GE(fired, uint64_t{kCases - 1});
  EXPECT_EQ(LastAdvance(), now_);
  ASSERT_OK_AND_ASSIGN(result, service_->Advance(now_, {}));
  EXPECT_EQ(result.fired, 0u) << "the loop left clocks that could be fired";
  EXPECT_FALSE(result.more);
  EXPECT_THAT(result.failed, ElementsAre(HasSubstr("clock")));
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(health.violations, Contains(HasSubstr("cannot be read")));
  EXPECT_THAT(health.warnings, Contains(HasSubstr("did not fire")));
}

// The same clocks, the same states: whether another case is stuck or not.
TEST_F(StuckClock, OthersFireAsIfNothingWere) {
  BeginMany();
  const std::string healthy = case_;
  std::filesystem::copy_file(Path(), folder_ / "twin.db");
  for (const char* end : {"-wal", "-shm"}) {
    if (std::filesystem::exists(Path() + end)) {
      std::filesystem::copy_file(Path() + end,
                                 (folder_ / "twin.db").string() + end);
    }
  }
  Break();
  now_ = now_ + WallDays(50);
  ASSERT_OK_AND_ASSIGN(AdvanceResult result, service_->Advance(now_, {}));
  EXPECT_EQ(result.failed.size(), 1u);
  ASSERT_OK_AND_ASSIGN(
      const auto twin,
      Service::Open("sqlite:" + (folder_ / "twin.db").string()));
  ASSERT_OK_AND_ASSIGN(result, twin->Advance(now_, {}));
  ASSERT_OK_AND_ASSIGN(const CaseSummary here,
                       service_->QueryCase(healthy, now_));
  ASSERT_OK_AND_ASSIGN(const CaseSummary there, twin->QueryCase(healthy, now_));
  EXPECT_EQ(ToJson(here), ToJson(there));
}

// Its index says what its state does not: health can still count, and warns.
TEST_F(StuckClock, IsToldByHealthUntilItIsMended) {
  Begin();
  Do(Patient("a1", R"("answers":[1,1,1,1,1,1,1,1,1])"));
  Sql(absl::StrCat(kMove, "-", kClock));
  ASSERT_OK_AND_ASSIGN(AdvanceResult result, service_->Advance(now_, {}));
  EXPECT_THAT(result.failed, ElementsAre(HasSubstr("not in the state")));
  EXPECT_FALSE(result.more);
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(health.warnings,
              Contains(HasSubstr(absl::StrCat("case ", case_, ": clock"))));
  Sql(absl::StrCat(kMove, "+", kClock));
  ASSERT_OK_AND_ASSIGN(result, service_->Advance(now_, {}));
  EXPECT_TRUE(result.failed.empty());
  ASSERT_OK_AND_ASSIGN(const Health mended, service_->CheckHealth(now_));
  EXPECT_EQ(ToJson(mended).find("did not fire"), std::string::npos);
}

// A broken case does not lock the service up after 60 days.
TEST_F(StuckClock, DoesNotHoldTheTimeBack) {
  Begin();
  Do(Patient("a1", R"("answers":[1,1,1,1,1,1,1,1,1])"));
  Break();
  for (int day = 0; day < 130; day += 10) {
    now_ = now_ + WallDays(10);
    ASSERT_OK_AND_ASSIGN(const AdvanceResult result,
                         service_->Advance(now_, {}));
    EXPECT_EQ(result.failed.size(), 1u);
  }
  Do(R"({"id":"s9","command":"add_staff","actor":{"role":"integration"},)"
     R"("staff":"bert","pools":["duty"]})");
}

}  // namespace
}  // namespace stepwell::host
