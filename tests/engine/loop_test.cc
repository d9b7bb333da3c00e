// A protocol whose rules never come to rest is stopped, with what goes round
// named. The checker refuses such documents; a stored one may be older than
// the check.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/limits.h"
#include "engine/case_support.h"
#include "protocol/load_stored.h"

namespace stepwell::engine {
namespace {

using ::stepwell::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct NoWorld : World {
  StaffId OnDuty(PoolId, Instant) const override { return {}; }
  Chosen ForCase(const Sought&, Instant) const override { return {}; }
  bool IsMember(PoolId, StaffId, Instant) const override { return true; }
  int LoadOf(StaffId) const override { return 0; }
};

// minimal.json with more facts, milestones, phases and rules; only loaded, not
// checked as a whole.
std::shared_ptr<const protocol::Protocol> Stored(const std::string& members) {
  auto loaded = protocol::LoadStored(
      absl::StrCat(R"({"protocol":"loop","base":"minimal@1","version":"1",)",
                   R"("status":"draft",)", members, "}"),
      protocol::BuiltInCatalogue());
  EXPECT_TRUE(loaded.ok());
  EXPECT_NE(loaded->protocol, nullptr);
  return loaded->protocol;
}

absl::StatusOr<Outcome> Refer(const protocol::Protocol& protocol) {
  Command command;
  command.envelope.command_id = "r";
  command.envelope.actor.role = Role::kIntegration;
  command.case_id = CaseId(1);
  ReceiveReferral referral;
  referral.person = PersonId(1);
  referral.referral.id = ReferralId(1);
  referral.referral.route = protocol.FindRoute("self");
  command.body = referral;
  return Decide(protocol, CaseState(), NoWorld(), command,
                *ParseInstant("2026-03-02T09:00:00Z"));
}

TEST(Loop, IsStoppedAndItsElementsAreNamed) {
  const auto protocol = Stored(
      R"("milestones":[{"id":"apart"}],"tracks":[{"id":"pathway","phases":[
         {"id":"there"},{"id":"back"}]}],"rules":[
         {"id":"r0","on":"referral.received","do":[{"milestone":"apart"}]},
         {"id":"r1","on":"milestone:apart","do":[{"move":"pathway/there"}]},
         {"id":"r2","on":"phase.entered:pathway/there",
          "do":[{"move":"pathway/back"}]},
         {"id":"r3","on":"phase.entered:pathway/back",
          "do":[{"move":"pathway/there"}]}])");
  EXPECT_THAT(Refer(*protocol), StatusIs(absl::StatusCode::kResourceExhausted,
                                         "within 1000 steps"));
  EXPECT_THAT(std::string(Refer(*protocol).status().message()),
              AllOf(HasSubstr("phase there"), HasSubstr("phase back"),
                    Not(HasSubstr("apart"))));
}

// A chain of milestones, each reached by a rule on the one before.
std::shared_ptr<const protocol::Protocol> Chain(int length) {
  std::string milestones,
      rules =
          R"({"id":"first","on":"referral.received","do":[{"milestone":"m1"}]})";
  for (int i = 1; i <= length; ++i) {
    absl::StrAppend(&milestones, i == 1 ? "" : ",", R"({"id":"m)", i, "\"}");
    if (i == length) break;
    absl::StrAppend(&rules, R"(,{"id":"r)", i, R"(","on":"milestone:m)", i,
                    R"(","do":[{"milestone":"m)", i + 1, "\"}]}");
  }
  return Stored(absl::StrCat("\"milestones\":[", milestones, "],\"rules\":[",
                             rules, "]"));
}

TEST(Loop, TheLastStepAndTheOneBeyond) {
  int length = 900;  // comes to rest
  ASSERT_TRUE(Refer(*Chain(length)).ok());
  while (length < 1'000 && Refer(*Chain(length + 1)).ok()) ++length;
  // Other signals of the referral and the quiet step at the end take steps too.
  EXPECT_GE(length, 985);
  EXPECT_LT(length, 1'000);
  EXPECT_THAT(Refer(*Chain(length + 1)),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       absl::StrCat("milestone m", length)));
}

// One rule that opens so many pieces of work; no loop in sight.
std::shared_ptr<const protocol::Protocol> Wide(int items) {
  std::string elements, opens;
  for (int i = 0; i < items; ++i) {
    absl::StrAppend(&elements, i == 0 ? "" : ",", R"({"id":"t)", i,
                    R"(","kind":"task","who":"team"})");
    absl::StrAppend(&opens, i == 0 ? "" : ",", R"({"open":"t)", i, "\"}");
  }
  return Stored(
      absl::StrCat(R"("items_anywhere":[)", elements,
                   R"(],"rules":[{"id":"all","on":"referral.received","do":[)",
                   opens, "]}]"));
}

TEST(Loop, ACommandThatRecordsTooMuchIsToldApartFromOne) {
  const auto most = Refer(*Wide(9'900));
  ASSERT_TRUE(most.ok()) << most.status();
  EXPECT_GT(most->events.size(), 9'900u);
  EXPECT_LE(most->events.size(), limits::kEventsPerCommandMax);
  const absl::Status beyond = Refer(*Wide(10'001)).status();
  EXPECT_THAT(beyond, StatusIs(absl::StatusCode::kResourceExhausted,
                               "more than 10000 events"));
  EXPECT_THAT(std::string(beyond.message()),
              AllOf(HasSubstr("item t10000"), Not(HasSubstr("loop"))));
}

}  // namespace
}  // namespace stepwell::engine
