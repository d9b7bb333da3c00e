// What health says beyond broken laws: risk that comes to nobody, and times
// that lie ahead.
#include <gmock/gmock.h>

#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kRisk[] = R"("answers":[1,1,1,1,1,1,1,1,3])";
constexpr char kAdd[] =
    R"({"command":"add_staff","actor":{"role":"integration"},)";

TEST_F(HostTest, HealthNamesThePoolsThatRiskComesToWithoutAMember) {
  Begin();
  const std::string add = kAdd;
  Do(add + R"("id":"h1","staff":"anna","pools":["therapists"]})");
  Do(Patient("h2", kRisk));
  ASSERT_OK_AND_ASSIGN(const Health before, service_->CheckHealth(now_));
  EXPECT_THAT(before.violations, IsEmpty());
  EXPECT_EQ(before.open_alerts, 1u);
  EXPECT_EQ(before.unstaffed_alerts, 1u);
  EXPECT_THAT(before.warnings, Contains(HasSubstr("alert 0 lies with duty")));
  EXPECT_THAT(before.warnings, Contains(HasSubstr("on_call_fallback")));
  Do(add + R"("id":"h3","staff":"dora","pools":["duty","lead"]})");
  ASSERT_OK_AND_ASSIGN(const Health staffed, service_->CheckHealth(now_));
  EXPECT_EQ(staffed.unstaffed_alerts, 0u);
  EXPECT_THAT(staffed.warnings, ElementsAre(HasSubstr("on_call_fallback")));
  Do(add + R"("id":"h4","staff":"otto","pools":["on_call_fallback"]})");
  ASSERT_OK_AND_ASSIGN(const Health whole, service_->CheckHealth(now_));
  EXPECT_THAT(whole.warnings, IsEmpty());
}

TEST_F(HostTest, HealthNamesTheCaseWhoseTimeLiesAhead) {
  Begin();
  const Instant now = now_;
  now_ = now + Hours(2);
  Do(Patient("h1", kRisk));
  now_ = now;
  ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
  EXPECT_THAT(health.violations,
              ElementsAre(HasSubstr(case_ + ": 14: the stream's time lies 120 "
                                            "minutes ahead")));
}

}  // namespace
}  // namespace stepwell::host
