// The terms of a member of staff, as the view of the register works them out.
#include <gtest/gtest.h>

#include <memory>

#include "base/catalogue.h"
#include "base/time_text.h"
#include "service/queue.h"
#include "service/world.h"
#include "support/matchers.h"

namespace stepwell::service {
namespace {

std::shared_ptr<const protocol::Protocol> Load(const char* file) {
  const auto loaded = protocol::LoadProtocol(FindCatalogueFile(file),
                                             protocol::BuiltInCatalogue());
  EXPECT_OK(loaded);
  return loaded.ok() ? loaded->protocol : nullptr;
}

// Cases stay on the version they began with, and hours may come with a later
// one.
TEST(Terms, HoursAreThoseOfTheNewestVersionWhereThatOfTheCaseHasNone) {
  const auto of_case = Load("protocols/minimal.json");
  const auto newest = Load("protocols/icbt_base.json");
  ASSERT_TRUE(of_case && newest);
  engine::ServiceState service;
  service.staff.push_back({"ida", {"team"}, {}});
  service.staff[0].calendar = "clinic";
  const Caseloads none;
  const protocol::PoolId team = of_case->FindPool("team");
  const Instant saturday = *ParseInstant("2026-03-07T12:00:00Z");
  const Instant monday = *ParseInstant("2026-03-09T12:00:00Z");
  const ServiceWorld alone(*of_case, service, none);
  EXPECT_EQ(alone.OnDuty(team, saturday), StaffId(1));
  const ServiceWorld world(*of_case, service, none, Instant::Never(), {},
                           newest.get());
  EXPECT_EQ(world.OnDuty(team, saturday), StaffId(0));
  EXPECT_EQ(world.OnDuty(team, monday), StaffId(1));
}

TEST(Terms, ALimitIsInHundredthsOfACase) {
  const Instant now = *ParseInstant("2026-03-02T09:00:00Z");
  protocol::Pool pool;
  EXPECT_EQ(LimitOf(pool, nullptr, now), 0);  // none
  pool.caseload_max = 25;
  engine::StaffState staff;
  EXPECT_EQ(LimitOf(pool, &staff, now), 2500);
  staff.share = 50;
  EXPECT_EQ(LimitOf(pool, &staff, now), 1250);
  staff.ramp_up = {{now + Hours(1), 3}, {now + Hours(2), 20}};
  EXPECT_EQ(LimitOf(pool, &staff, now), 300);
  EXPECT_EQ(LimitOf(pool, &staff, now + Hours(1)), 1250);
  staff.caseload_max = 30;  // of their own: it is not lessened
  EXPECT_EQ(LimitOf(pool, &staff, now + Hours(2)), 3000);
}

// Two members with a limit of two.
TEST(Terms, ThePlacesOfAPoolAreWhatWeightsLeave) {
  const auto of_case = Load("protocols/minimal.json");
  ASSERT_TRUE(of_case);
  protocol::Protocol protocol = *of_case;
  auto intake = std::make_shared<protocol::Intake>();
  intake->capacity.pool = protocol.FindPool("team");
  protocol.intake = intake;
  protocol.pools[intake->capacity.pool.value].caseload_max = 2;
  engine::ServiceState service;
  service.staff = {{"anna", {"team"}, {}}, {"bo", {"team"}, {}}};
  const Instant now = *ParseInstant("2026-03-02T09:00:00Z");
  Caseloads caseloads;
  EXPECT_EQ(PlacesNow(protocol, service, caseloads, now), 4);
  caseloads.Set(StaffId(1), {1, 100});  // one that weighs two
  EXPECT_EQ(PlacesNow(protocol, service, caseloads, now), 3);
  caseloads.Set(StaffId(2), {2, -100});  // two of a half
  EXPECT_EQ(PlacesNow(protocol, service, caseloads, now), 4);
  caseloads.Set(StaffId(1), {2, 900});  // far above the limit
  EXPECT_EQ(PlacesNow(protocol, service, caseloads, now), 0);
}

}  // namespace
}  // namespace stepwell::service
