// The queue at the door is simulated by the rules of the live service: as many
// places as servers wait as long as those, a throttle is never exceeded and
// always used, and nobody is let in before somebody who comes first.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sim/sim_support.h"
#include "sim/statistics.h"
#include "support/matchers.h"

namespace stepwell::sim {
namespace {

std::string DoorProtocol(const std::string& limits) {
  return absl::StrCat(R"({
    "protocol": "queue", "version": "1", "status": "draft",
    "author": "The Stepwell authors", "zone": "UTC",
    "title": {"en": "One piece of work a person, behind a door"},
    "imports": {"pools": {"team": "team@1"},
                "calendars": {"always": "always@1"}},
    "routes": [{"id": "door", "legal_clock": "legal"},
               {"id": "gp", "legal_clock": "legal"}],
    "clocks": [
      {"id": "turn", "budget": "3000 weeks", "source": "assumption",
       "ladder": [{"at": "100%", "do": [{"priority": 1}]}]},
      {"id": "legal", "budget": "3000 weeks", "source": "assumption",
       "ladder": [{"at": "100%", "do": [{"open": "late"}]}]}],
    "tracks": [{"id": "pathway", "initial": "here", "phases": [
      {"id": "here"}, {"id": "waiting"},
      {"id": "care", "items": [
        {"id": "service", "kind": "decision", "who": "team", "due": "turn",
         "outcomes": ["served"]}]},
      {"id": "gone", "final": true}]}],
    "items_anywhere": [
      {"id": "late", "kind": "task", "who": "team", "due": "turn"}],
    "rules": [
      {"id": "queue_up", "on": "referral.received",
       "do": [{"move": "pathway/waiting"}]},
      {"id": "served", "on": "decision:service=served", "do": [
      {"move": "pathway/gone"}, {"answer_referrals": "served"},
      {"close_case": "served"}]}],
    "intake": {"phase": "pathway/waiting", "to": "pathway/care", "classes": [
      {"id": "gp", "if": "route = 'gp'", "on_unknown": "raise"},
      {"id": "ordinary"}], )",
                      limits, R"(},
    "intake_pool": "team", "lead_pool": "team",
    "parking": {"pool": "team", "clock": "turn"},
    "messages": {"clock": "turn"}, "review": {"clock": "turn"}
  })");
}

// Two places and more servers than anybody needs are a queue with two servers.
// Erlang C of lambda 1.5, mu 1, c 2: 9/14, so Wq = (9/14) / (2 - 1.5) hours.
TEST(Door, PlacesAreServers) {
  QueuePlan plan;
  plan.arrivals_per_hour = 1.5;
  plan.servers = 40;
  plan.warm_up_days = 20;
  plan.days = 400;
  SimulationOptions options;
  options.protocol = DoorProtocol(
      R"("capacity": {"places": 2, "held_in": ["pathway/care"],
                      "source": "assumption"})");
  options.plan = PlanText(plan);
  options.replications = 12;
  options.seed = 7;
  options.threads = 2;
  const auto result = Simulate(options);
  ASSERT_OK(result);
  ASSERT_TRUE(result->ok) << ToJson(*result).substr(0, 2000);
  std::vector<double> means;
  for (const SimulationReplication& row : result->replications) {
    if (row.name == "wait" && row.value && row.statistic == "mean") {
      means.push_back(24 * *row.value);
    }
  }
  ASSERT_EQ(means.size(), 12u);
  const Interval hours = MeanInterval(means, 0.99);
  const double exact = 9.0 / 7.0;
  std::printf("  Wq %.4f h, exact %.4f, standard error %.4f\n", hours.mean,
              exact, *hours.standard_error);
  EXPECT_LE(std::abs(hours.mean - exact) / *hours.standard_error, 3.5);
  EXPECT_LE(*hours.standard_error, 0.05);
}

// What the queue does, event by event, with a queue of its own beside it.
struct Watch : Observer {
  using Key = std::tuple<int, Instant, uint64_t>;
  std::set<Key> queue;
  std::map<uint64_t, Key> of_case;
  std::map<int64_t, int> starts;       // by day
  std::map<std::string, int> counted;  // by the period of the first throttle
  size_t longest = 0;                  // of the queue
  uint64_t out_of_order = 0, admitted = 0;

  void Decided(const engine::Command&, Instant now,
               std::span<const engine::Event> events,
               const engine::CaseState& state) override {
    for (const engine::Event& event : events) {
      if (const auto* placed = std::get_if<engine::IntakePlaced>(&event.body)) {
        const Key key{placed->rank, placed->waits_from, state.id.value};
        queue.insert(key);
        longest = std::max(longest, queue.size());
        of_case[state.id.value] = key;
      } else if (const auto* admitted_event =
                     std::get_if<engine::CaseAdmitted>(&event.body)) {
        ++admitted;
        ++starts[now.us / WallDays(1).us];
        if (!admitted_event->starts.empty()) {
          ++counted[admitted_event->starts[0].period];
        }
        const Key key = of_case[state.id.value];
        out_of_order += key == *queue.begin() ? 0 : 1;
        queue.erase(key);
      }
    }
  }
};

TEST(Door, AThrottleIsKeptAndUsedInTheOrderOfTheQueue) {
  QueuePlan plan;
  plan.arrivals_per_hour = 0.5;  // 12 a day by each way in, 10 may start
  plan.servers = 40;
  plan.warm_up_days = 0;
  plan.days = 60;
  std::string text = PlanText(plan);
  const std::string one = R"("arrivals": [{"id": "door")";
  text.replace(text.find(one), one.size(),
               R"("arrivals": [{"id": "gp", "per_year": 1000,
                   "source": "assumption"}, {"id": "door")");
  const Loaded loaded = LoadBoth(
      DoorProtocol(R"("throttles": [{"id": "daily", "starts": 10, "per": "day",
                                     "source": "assumption"}])"),
      text);
  ASSERT_NE(loaded.plan, nullptr);
  Watch watch;
  SimulatorOptions options;
  options.observer = &watch;
  ASSERT_OK(Simulator(*loaded.protocol, *loaded.plan, options).Run());
  EXPECT_EQ(watch.out_of_order, 0u);
  EXPECT_GT(watch.queue.size(), 100u);  // four or five a day too many
  ASSERT_GE(watch.starts.size(), 59u);
  int whole_days = 0;
  for (const auto& [day, starts] : watch.starts) {
    EXPECT_LE(starts, 10) << day;
    whole_days += starts == 10 ? 1 : 0;
  }
  EXPECT_GE(whole_days, 55);
}

// The queue of the shipped service, with the plan that ships with it.
TEST(Door, TheSchoolLetsInThreeAWeek) {
  const Loaded loaded = LoadBoth(CatalogueText("protocols/school_therapy.json"),
                                 CatalogueText("plans/school_therapy.json"));
  ASSERT_NE(loaded.plan, nullptr);
  Watch watch;
  SimulatorOptions options;
  options.observer = &watch;
  ASSERT_OK(Simulator(*loaded.protocol, *loaded.plan, options).Run());
  EXPECT_EQ(watch.out_of_order, 0u);
  EXPECT_GT(watch.admitted, 100u);
  EXPECT_GT(watch.longest, 3u);  // it is a queue
  int full = 0;
  for (const auto& [week, starts] : watch.counted) {
    EXPECT_LE(starts, 3) << week;
    full += starts == 3 ? 1 : 0;
  }
  EXPECT_GT(full, 20);
}

}  // namespace
}  // namespace stepwell::sim
