// Patients who leave at each module with the same chance: modules completed
// have a closed form.
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "protocol/protocol.h"
#include "sim/sim_support.h"
#include "sim/statistics.h"
#include "sim/study.h"

namespace stepwell::sim {
namespace {

// The sum of r^k over k = 1 .. n, and the standard deviation of the count.
struct Exact {
  double mean = 0, sd = 0;
};
Exact Retained(double r, int n) {
  double mean = 0, square = 0;
  for (int k = 1; k <= n; ++k) {
    const double reached = std::pow(r, k);
    mean += reached;
    square += (2 * k - 1) * reached;
  }
  return {mean, std::sqrt(square - mean * mean)};
}

// The shipped plan with patients who do all else at once, staff without limit,
// and time for everybody to come to an end.
Settings Unhindered(int days) {
  Settings settings = {
      {"horizon.warm_up_days", "0"},
      {"horizon.days", absl::StrCat(days + 500)},
      {"horizon.arrival_days", absl::StrCat(days)},
      {"patients.modules.depression.drop_out", "0.066"},
      {"patients.modules.depression.opens_after", R"({"days": 0.1})"},
      {"patients.modules.depression.hands_in_after", R"({"days": 1})"},
      {"pools.therapists.caseload_max", "0"}};
  for (const char* staff :
       {"assessor_1", "assessor_2", "therapist_1", "therapist_2", "therapist_3",
        "lead", "administrator"}) {
    settings.push_back(
        {absl::StrCat("staff.", staff, ".weekly_minutes"), "10080"});
  }
  return settings;
}

void ExpectClosedForm(const SimulationResult& result, int modules) {
  const Exact exact = Retained(0.934, modules);
  std::vector<double> means, sds;
  for (const SimulationReplication& row : result.replications) {
    if (row.name != "modules_completed" || row.stratum != "all") continue;
    if (row.statistic == "mean") means.push_back(*row.value);
    if (row.statistic == "sd") sds.push_back(*row.value);
  }
  const Interval mean = MeanInterval(means), sd = MeanInterval(sds);
  std::printf(
      "%d modules: mean %.4f (exact %.4f, z %+.2f), SD %.4f (%.4f, z "
      "%+.2f)\n",
      modules, mean.mean, exact.mean,
      (mean.mean - exact.mean) / *mean.standard_error, sd.mean, exact.sd,
      (sd.mean - exact.sd) / *sd.standard_error);
  EXPECT_LE(std::abs(mean.mean - exact.mean), 3.5 * *mean.standard_error);
  EXPECT_LE(std::abs(sd.mean - exact.sd), 3.5 * *sd.standard_error);
  EXPECT_LT(*mean.standard_error, 0.05);
}

TEST(ClosedForm, TheFormulasAreThePublishedNumbers) {
  EXPECT_NEAR(Retained(0.934, 12).mean, 7.9147, 5e-5);
  EXPECT_NEAR(Retained(0.934, 12).sd, 4.4269, 5e-5);
  EXPECT_NEAR(Retained(0.934, 10).mean, 7.0021, 5e-5);
  EXPECT_NEAR(Retained(0.934, 10).sd, 3.6283, 5e-5);
}

TEST(ClosedForm, TheShippedServiceOfTenModules) {
  SimulationOptions options = ShippedOptions(30, 2);
  options.set = Unhindered(IsLong() ? 1400 : 120);
  const auto result = Simulate(options);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_TRUE(result->ok) << ToJson(*result).substr(0, 2000);
  ExpectClosedForm(*result, 10);
}

// A protocol that is little more than a program of twelve modules.
constexpr char kTwelveProtocol[] = R"({
  "protocol": "twelve", "version": "1", "status": "draft",
  "author": "The Stepwell authors", "zone": "UTC",
  "title": {"en": "Twelve modules"},
  "imports": {"programs": {"twelve": "twelve@1"}, "pools": {"team": "team@1"},
              "calendars": {"always": "always@1"}},
  "routes": [{"id": "door"}],
  "clocks": [
    {"id": "silence", "budget": "30 days", "source": "assumption",
     "start": ["phase.entered:pathway/treatment"], "reset": ["patient.active"],
     "stop": ["phase.left:pathway/treatment"],
     "ladder": [{"at": "100%", "do": [{"open": "ending"}]}]},
    {"id": "work", "budget": "60 days", "source": "assumption",
     "ladder": [{"at": "100%", "do": [{"priority": 1}]}]}],
  "tracks": [{"id": "pathway", "initial": "treatment", "phases": [
    {"id": "treatment", "items": [
      {"id": "program", "kind": "program", "program": "twelve"},
      {"id": "ending", "kind": "decision", "who": "team", "due": "work",
       "mode": "discretionary", "outcomes": ["ended"]}]},
    {"id": "gone", "final": true}]}],
  "rules": [
    {"id": "all", "on": "program.completed:twelve", "do": [{"open": "ending"}]},
    {"id": "ended", "on": "decision:ending=ended", "do": [
      {"move": "pathway/gone"}, {"answer_referrals": "ended"},
      {"close_case": "ended"}]}],
  "intake_pool": "team", "lead_pool": "team",
  "parking": {"pool": "team", "clock": "work"},
  "messages": {"clock": "work"}, "review": {"clock": "work"}
})";

constexpr char kTwelvePlan[] = R"({
  "plan": "twelve", "version": "1", "protocol": "twelve",
  "sources": [{"id": "r22", "text": "Ritola et al. 2022: .066 a module"}],
  "horizon": {"start": "2026-01-01", "days": 200, "arrival_days": 100,
              "source": "assumption"},
  "arrivals": [{"id": "door", "per_year": 10000, "source": "assumption"}],
  "patients": {"modules": [{"id": "twelve", "drop_out": 0.066,
    "hands_in_after": {"days": {"exponential": {"mean": 1}}},
    "source": "r22"}]},
  "work": [{"id": "all", "kinds": ["decision", "task"],
    "minutes": {"minutes": 1}, "outcomes": {"ended": 1},
    "source": "assumption"}],
  "staff": [{"id": "team", "pools": ["team"], "weekly_minutes": 10080,
             "source": "assumption"}]
})";

// Each module is released when the one before is handed in.
std::string TwelveProgram() {
  std::string modules;
  for (int m = 1; m <= 12; ++m) {
    absl::StrAppend(&modules, m > 1 ? "," : "", R"({"id": "m)", m, R"("})");
  }
  return absl::StrCat(R"({"program": "twelve", "version": "1",
    "title": {"en": "Twelve"}, "release": "on_homework", "modules": [)",
                      modules, "]}");
}

TEST(ClosedForm, AProgramOfTwelveModules) {
  const auto built_in = protocol::BuiltInCatalogue();
  const auto read = protocol::LoadProtocol(
      kTwelveProtocol,
      [&](std::string_view path) -> std::optional<std::string> {
        if (path == "programs/twelve.json") return TwelveProgram();
        return built_in(path);
      });
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_NE(read->protocol, nullptr) << read->issues[0].message;
  const auto plan = LoadPlan(kTwelvePlan, {}, read->protocol);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_NE(plan->plan, nullptr)
      << plan->issues[0].pointer << plan->issues[0].message;
  StudyOptions options;
  options.replications = IsLong() ? 400 : 30;
  options.threads = 2;
  const auto all = Replicate(*plan->protocol, *plan->plan, options);
  ASSERT_TRUE(all.ok()) << all.status();
  SimulationResult result;
  Reduce(*plan->protocol, *plan->plan, *all, result);
  ExpectClosedForm(result, 12);
}

}  // namespace
}  // namespace stepwell::sim
