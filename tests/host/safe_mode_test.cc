// Safe mode: what is withheld, what waits, what goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "stepwell/tables.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

class SafeModeTest : public HostTest {
 protected:
  Reply Switch(const std::string& id, bool on) {
    return Do(absl::StrCat(
        R"({"id":")", id, R"(","command":"set_safe_mode","on":)",
        on ? "true" : "false", R"(,"actor":{"role":"staff","staff":"anna"},)",
        R"("reason":"wrong texts"})"));
  }
  // How many words to patients, and how many others, are offered.
  struct Offered {
    size_t patients = 0, others = 0;
    uint64_t withheld = 0;
  };
  Offered ReadOutbox() { return ReadOutbox(*service_); }
  // Reads pages of one effect until one is empty.
  static Offered ReadOutbox(Service& service) {
    Offered offered;
    uint64_t after = 0;
    while (true) {
      const auto page = service.Outbox(after, 1);
      EXPECT_OK(page);
      if (!page.ok()) return offered;
      offered.withheld += page->withheld;
      if (page->effects.empty()) return offered;
      ++(page->effects[0].to == "patient" ? offered.patients : offered.others);
      after = page->next;
    }
  }
};

TEST_F(SafeModeTest, WordsToPatientsWaitInTheOutbox) {
  Begin();
  // A reminder to the patient, and words to staff about another one.
  now_ = now_ + Hours(24 * 8);
  ASSERT_OK(service_->Advance(now_, {}));
  case_ = Do(R"({"id":"r2","command":"receive_referral","route":"self",)"
             R"("actor":{"role":"integration"},"person":)"
             R"({"system":"urn:clinic","value":"somebody-else"}})")
              .case_id;
  Do(Patient("q1", R"("response_id":"r1","answers":[1,1,1,1,1,1,1,1,1])"));
  now_ = now_ + Hours(5);
  ASSERT_OK(service_->Advance(now_, {}));
  const Offered before = ReadOutbox();
  EXPECT_GT(before.patients, 0u);
  EXPECT_GT(before.others, 0u);
  EXPECT_EQ(before.withheld, 0u);

  EXPECT_FALSE(Switch("on", true).repeated);
  EXPECT_TRUE(Switch("on", true).repeated);
  Switch("on again", true);
  const Offered held = ReadOutbox();
  EXPECT_EQ(held.patients, 0u);
  EXPECT_EQ(held.others, before.others);
  EXPECT_EQ(held.withheld, before.patients);
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_EQ(health.safe_since, now_);
  ASSERT_TRUE(health.safe_on.has_value());
  EXPECT_EQ(health.safe_on->by, "anna");
  EXPECT_EQ(health.safe_on->reason, "wrong texts");
  EXPECT_FALSE(health.safe_off.has_value());
  EXPECT_THAT(ToJson(health), HasSubstr(R"("by":"anna")"));
  EXPECT_THAT(health.warnings, Contains(HasSubstr("(anna: wrong texts)")));
  EXPECT_THAT(health.warnings, Contains(HasSubstr("in safe mode since")));
  ExpectHealthy();

  Switch("off", false);
  EXPECT_EQ(ReadOutbox().patients, before.patients);
  ASSERT_OK_AND_ASSIGN(const Health after, service_->CheckHealth(now_));
  EXPECT_EQ(after.safe_since, std::nullopt);
  ASSERT_TRUE(after.safe_off.has_value());
  EXPECT_EQ(after.safe_off->at, now_);
}

// Who switched it, and when, is in the log for ever.
TEST_F(SafeModeTest, TheLogOfTheServiceTellsWhoSwitched) {
  Begin();
  Switch("on", true);
  Switch("off", false);
  ASSERT_OK_AND_ASSIGN(const auto log, service_->QueryServiceLog(0, 1000));
  ASSERT_GE(log.size(), 4u);
  EXPECT_EQ(log[0].seq, 1u);
  const TimelineEntry& last = log.back();
  EXPECT_EQ(last.event, "SafeModeSet");
  EXPECT_EQ(last.actor, "anna");
  EXPECT_THAT(last.json, HasSubstr(R"("reason":"wrong texts")"));
  ASSERT_OK_AND_ASSIGN(const auto rest,
                       service_->QueryServiceLog(last.seq - 1, 1000));
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].actor, "anna");
  EXPECT_EQ(rest[0].json, last.json);
  ASSERT_OK_AND_ASSIGN(const Table table,
                       ServiceTable(*service_, "service_log", "", now_));
  EXPECT_EQ(table.rows(), log.size());
}

TEST_F(SafeModeTest, ClocksThatWaitDoNotHideTheOthers) {
  Begin();
  Switch("on", true);
  Do(Patient("q1", R"("response_id":"r1","answers":[1,1,1,1,1,1,1,1,1])"));
  now_ = now_ + Hours(24 * 10);
  ASSERT_OK_AND_ASSIGN(const AdvanceResult first, service_->Advance(now_, {}));
  EXPECT_GT(first.fired, 0u);  // the ladder of the alert
  EXPECT_GT(first.next_due, now_);
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_EQ(health.oldest_due_unfired_us, 0);
  EXPECT_GT(health.held_clocks, 0u);  // they wait, and are told so
  ASSERT_OK_AND_ASSIGN(const AdvancePreview preview,
                       service_->PreviewAdvance(now_));
  EXPECT_THAT(preview.by_clock,
              ElementsAre(Pair("held_by_safe_mode", health.held_clocks)));
  Switch("off", false);
  ASSERT_OK_AND_ASSIGN(const Health over, service_->CheckHealth(now_));
  EXPECT_EQ(over.held_clocks, health.held_clocks);
  EXPECT_EQ(over.oldest_due_unfired_us, 0);
  EXPECT_THAT(over.warnings, Contains(HasSubstr("wait for the next advance")));
  EXPECT_THAT(over.warnings, Not(Contains(HasSubstr("did not fire"))));
  ASSERT_OK_AND_ASSIGN(const AdvanceResult then, service_->Advance(now_, {}));
  EXPECT_EQ(then.fired, health.held_clocks);  // each once, and none is lost
  ASSERT_OK_AND_ASSIGN(const Health after, service_->CheckHealth(now_));
  EXPECT_EQ(after.oldest_due_unfired_us, 0);
  EXPECT_EQ(after.held_clocks, 0u);
  ExpectHealthy();
}

TEST_F(SafeModeTest, AnotherProcessHearsOfIt) {
  Begin();
  now_ = now_ + Hours(24 * 8);
  ASSERT_OK(service_->Advance(now_, {}));
  ASSERT_OK_AND_ASSIGN(const auto sender, Service::Open(Url()));
  EXPECT_GT(ReadOutbox(*sender).patients, 0u);
  Switch("on", true);
  EXPECT_EQ(ReadOutbox(*sender).patients, 0u);
  now_ = now_ + Hours(24 * 6 + 12);  // what was said is valid a week
  ASSERT_OK_AND_ASSIGN(const AdvanceResult held, sender->Advance(now_, {}));
  EXPECT_EQ(held.fired, 0u);
  ASSERT_OK_AND_ASSIGN(const Health health, sender->CheckHealth(now_));
  EXPECT_NE(health.safe_since, std::nullopt);
  Switch("off", false);
  ASSERT_OK_AND_ASSIGN(const AdvanceResult then, sender->Advance(now_, {}));
  EXPECT_GT(then.fired, 0u);
  EXPECT_GT(ReadOutbox(*sender).patients, 0u);
}

TEST_F(SafeModeTest, AlertsThatNobodyAcknowledgedAreCountedByAge) {
  Begin();
  const auto counts = [&] {
    const auto health = service_->CheckHealth(now_);
    EXPECT_OK(health);
    return absl::StrCat(health->unacknowledged_hour, " ",
                        health->unacknowledged_day, " ",
                        health->unacknowledged_older, " ",
                        health->oldest_unacknowledged_us / Hours(1).us);
  };
  EXPECT_EQ(counts(), "0 0 0 0");
  Do(Patient("q1", R"("response_id":"r1","answers":[1,1,1,1,1,1,1,1,1])"));
  EXPECT_EQ(counts(), "1 0 0 0");
  now_ = now_ + Hours(2);
  EXPECT_EQ(counts(), "0 1 0 2");
  now_ = now_ + Hours(23);
  EXPECT_EQ(counts(), "0 0 1 25");
  Do(Staff("h1", R"("command":"handle_alert","alert":0,)"
                 R"("action":"acknowledge")"));
  EXPECT_EQ(counts(), "0 0 0 0");
}

}  // namespace
}  // namespace stepwell::host
