// What is simulated never becomes live: a service refuses commands of a
// simulation, whoever sends them; what looks like a patient's input is kept.
#include <gtest/gtest.h>

#include "sim/sim_support.h"
#include "stepwell/service.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"

namespace stepwell {
namespace {

class Live : public ::testing::Test {
 protected:
  void SetUp() override {
    now_ = *TimeFromText("2026-03-02T09:00", "UTC");
    ServiceOptions options;
    options.protocol = "catalogue:minimal";
    options.prototype = true;
    ASSERT_OK_AND_ASSIGN(service_, Service::Create("memory:", options, now_));
    Do(R"({"id": "p", "command": "register_person",
           "actor": {"role": "integration"},
           "person": {"system": "urn:x", "value": "1"}})");
    const Reply reply = Do(R"({"id": "r", "command": "receive_referral",
      "actor": {"role": "integration"}, "route": "self",
      "person": {"system": "urn:x", "value": "1"}})");
    case_ = reply.case_id;
  }

  Reply Do(const std::string& command) {
    auto reply = service_->Submit(command, now_);
    EXPECT_OK(reply);
    return reply.ok() ? *reply : Reply();
  }

  Instant now_;
  std::unique_ptr<Service> service_;
  std::string case_;
};

TEST_F(Live, ASimulatedCommandIsRefused) {
  EXPECT_THAT(
      service_->Submit(R"({"id": "sim/c1", "command": "register_person",
        "actor": {"role": "integration"},
        "person": {"system": "urn:x", "value": "2"}})",
                       now_),
      testing::StatusIs(absl::StatusCode::kAlreadyExists, "simulation"));
  EXPECT_THAT(
      service_->Submit(R"({"id": "sim/c2", "command": "receive_referral",
        "actor": {"role": "integration"}, "route": "self",
        "person": {"system": "urn:x", "value": "1"}})",
                       now_),
      testing::StatusIs(absl::StatusCode::kAlreadyExists, "simulation"));
  EXPECT_THAT(
      service_->Submit(
          R"({"id": "sim/c3", "command": "settle_effect", "case": ")" + case_ +
              R"(", "actor": {"role": "integration"},
        "effect": "0000000000001", "delivered": true})",
          now_),
      testing::StatusIs(absl::StatusCode::kAlreadyExists, "simulation"));
  ASSERT_OK_AND_ASSIGN(const OutboxPage outbox, service_->Outbox(0, 100));
  EXPECT_TRUE(outbox.effects.empty());
}

TEST_F(Live, APatientsInputUnderSuchAnIdIsKeptAndParked) {
  const Reply reply =
      Do(R"({"id": "sim/c9", "command": "submit_response", "case": ")" + case_ +
         R"(", "actor": {"role": "patient"}, "instrument": "phq9",
        "response_id": "r1", "answers": [0,0,0,0,0,0,0,0,0]})");
  EXPECT_EQ(reply.kind, Reply::Kind::kParked);
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_EQ(health.parked, 1u);
}

// The ids of a real simulation are of that kind: all of them.
TEST_F(Live, EveryCommandOfASimulationIsNamedAsOne) {
  struct Names : sim::Observer {
    uint64_t live = 0, all = 0;
    void Decided(const engine::Command& command, Instant,
                 std::span<const engine::Event>,
                 const engine::CaseState&) override {
      ++all;
      live += command.envelope.command_id.rfind("sim/", 0) == 0 ? 0 : 1;
    }
  } names;
  const sim::Loaded loaded =
      sim::LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden",
                    {{"horizon.warm_up_days", "0"}, {"horizon.days", "40"}});
  ASSERT_NE(loaded.plan, nullptr);
  sim::SimulatorOptions options;
  options.observer = &names;
  ASSERT_OK(sim::Simulator(*loaded.protocol, *loaded.plan, options).Run());
  EXPECT_GT(names.all, 1000u);
  EXPECT_EQ(names.live, 0u);
}

}  // namespace
}  // namespace stepwell
