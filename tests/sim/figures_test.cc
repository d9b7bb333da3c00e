// What the figures of the shipped plan mean: who is counted, of whom they are,
// and when there is none.
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "sim/sim_support.h"
#include "sim/study.h"
#include "support/matchers.h"

namespace stepwell::sim {
namespace {

SimulationOptions Shipped() { return ShippedOptions(8, 2); }

const SimulationResult& AYear() {
  static const SimulationResult year = [] {
    auto result = Simulate(Shipped());
    EXPECT_TRUE(result.ok() && result->ok);
    return *std::move(result);
  }();
  return year;
}

double MeanOf(const SimulationResult& result, const char* name,
              const std::string& stratum, const char* statistic) {
  const SimulationMeasure& measure =
      MeasureOf(result, name, stratum, statistic);
  EXPECT_TRUE(measure.mean) << name << " " << stratum << ": " << measure.note;
  return measure.mean.value_or(-1);
}

// The same people, followed until the last treatment is over.
TEST(Figures, TreatmentsCutOffByTheEndDoNotBiasTheirFigures) {
  SimulationOptions options = Shipped();
  options.set = {{"horizon.days", "900"}, {"horizon.arrival_days", "365"}};
  ASSERT_OK_AND_ASSIGN(const SimulationResult followed, Simulate(options));
  const auto expect_same = [&](const char* name, const char* stratum,
                               const char* statistic) {
    const SimulationMeasure& a = MeasureOf(AYear(), name, stratum, statistic);
    const SimulationMeasure& b = MeasureOf(followed, name, stratum, statistic);
    ASSERT_TRUE(a.mean && b.mean) << a.note << b.note;
    EXPECT_LE(*a.low, *b.mean) << name;
    EXPECT_GE(*a.high, *b.mean) << name;
  };
  expect_same("modules_completed", "all", "mean");
  expect_same("modules_completed", "all", "sd");
  expect_same("program_completed", "started", "share");
  expect_same("wait", "referral_to_start", "share_reached");
}

TEST(Figures, NothingIsSaidOfTreatmentsThatNobodySawEnd) {
  SimulationOptions options = Shipped();
  options.replications = 2;
  options.set = {{"horizon.warm_up_days", "0"}, {"horizon.days", "60"}};
  ASSERT_OK_AND_ASSIGN(const SimulationResult result, Simulate(options));
  const SimulationMeasure& modules =
      MeasureOf(result, "modules_completed", "all", "mean");
  EXPECT_FALSE(modules.mean);
  EXPECT_NE(modules.note.find("take longer than the time"), std::string::npos);
  for (const std::string& sentence : result.sentences) {
    EXPECT_EQ(sentence.find("modules"), std::string::npos) << sentence;
  }
}

// Of all applicants about half start, though nearly all who wait on do in time.
TEST(Figures, StartingAtAllIsApartFromStartingInTime) {
  const char* wait = "referral_to_start";
  const double start = MeanOf(AYear(), "wait", wait, "share_reached");
  EXPECT_NEAR(start,
              MeanOf(AYear(), "wait", wait, "reached") /
                  (MeanOf(AYear(), "wait", wait, "reached") +
                   MeanOf(AYear(), "wait", wait, "left")),
              0.02);
  EXPECT_LT(start, 0.5);
  EXPECT_GT(MeanOf(AYear(), "wait", wait, "share_within_6_weeks"), 0.9);
  const std::string& said = AYear().sentences[2];
  EXPECT_NE(said.find(" % get there at all"), std::string::npos) << said;
  EXPECT_NE(said.find("Without those who left before: "), std::string::npos);
}

// Alerts are of whom they are put before: of who is on duty, not of therapists.
TEST(Figures, AlertsAreOfThePoolThatOwnsThem) {
  const auto load = [](const std::string& pool) {
    return MeanOf(AYear(), "alert_load", pool, "per_member_week");
  };
  EXPECT_EQ(load("pool therapists"), 0);
  EXPECT_GT(load("pool duty"), 20);
  EXPECT_NEAR(load("pool duty"),
              load("pool duty/first") + load("pool duty/repeated") +
                  load("pool duty/escalated") + load("pool duty/retiered"),
              1e-9);
  // Each of these pools has one member: together they have them all.
  EXPECT_NEAR(
      load("pool duty") + load("pool lead") + load("pool on_call_fallback"),
      MeanOf(AYear(), "alert_load", "all", "per_week"), 1e-9);
  for (const std::string& sentence : AYear().sentences) {
    EXPECT_EQ(sentence.find("therapist's week"), std::string::npos);
  }
}

// The same alerts, by what tiers are tuned by.
TEST(Figures, AlertsAddUpByTierAndByWhatTheyComeOf) {
  const auto sum = [](std::string_view prefix) {
    double all = 0;
    for (const SimulationMeasure& measure : AYear().measures) {
      if (measure.name == "alert_load" &&
          measure.stratum.rfind(prefix, 0) == 0 &&
          measure.stratum.find('/') == std::string::npos) {
        all += *measure.mean;
      }
    }
    return all;
  };
  const double all = MeanOf(AYear(), "alert_load", "all", "per_week");
  EXPECT_GT(all, 20);
  EXPECT_NEAR(sum("tier "), all, 1e-9);
  EXPECT_NEAR(sum("from "), all, 1e-9);
  const auto load = [](const char* stratum) {
    return MeanOf(AYear(), "alert_load", stratum, "per_week");
  };
  // Item 9 raises, the screen sorts: what it sorts comes into another tier.
  EXPECT_GT(load("from phq-9/first"), 0);
  EXPECT_EQ(load("from flag"), 0);
  EXPECT_EQ(load("tier unscreened/retiered"), 0);
  EXPECT_GT(load("retiered"), 0);
}

// Each piece of work is of one kind and of one team at most.
TEST(Figures, OverdueWorkAddsUpByKind) {
  const auto late = [](const char* stratum) {
    return MeanOf(AYear(), "overdue", stratum, "per_week");
  };
  EXPECT_GT(late("all"), 0);
  EXPECT_NEAR(late("item") + late("homework") + late("letter") + late("alert") +
                  late("message"),
              late("all"), 1e-9);
  const double share = MeanOf(AYear(), "overdue", "all", "share");
  EXPECT_GT(share, 0);
  EXPECT_LT(share, 1);
}

TEST(Figures, MinutesAreOfWhoDidTheWork) {
  const auto minutes = [](const std::string& stratum) {
    return MeanOf(AYear(), "staff_minutes", stratum, "per_week");
  };
  double teams = 0;
  for (const char* team : {"admin", "assessors", "therapists", "lead", "duty",
                           "on_call_fallback"}) {
    teams += minutes(absl::StrCat("team ", team));
  }
  EXPECT_NEAR(teams, minutes("all"), 1e-6);
  EXPECT_EQ(minutes("team therapists/check"), minutes("check"));
  EXPECT_EQ(minutes("team therapists/alert"), 0);
  EXPECT_GT(minutes("team duty/alert"), 0.99 * minutes("alert"));
  EXPECT_GT(minutes("team assessors/appointment"), 1000);
}

TEST(Figures, IntervalsStayWithinWhatCanBe) {
  for (const SimulationMeasure& measure : AYear().measures) {
    if (!measure.low || measure.name == "change") continue;
    EXPECT_GE(*measure.low, 0) << measure.name << " " << measure.stratum;
    const bool is_share = measure.unit == "share" && measure.name != "load";
    if (is_share) {
      EXPECT_LE(*measure.high, 1) << measure.stratum;
    }
  }
}

// Three replications by hand, one figure each; the name says what it is of.
SimulationResult Reduced(std::vector<std::optional<double>> values,
                         Range range) {
  const Loaded loaded =
      LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden");
  std::vector<Replication> replications;
  for (const auto& value : values) {
    Replication one;
    one.figures.push_back({"wait", "w", "p90", "days", value, range,
                           "too few are known to get there"});
    one.trends.resize(loaded.plan->waits.size());
    replications.push_back(std::move(one));
  }
  SimulationResult result;
  Reduce(*loaded.protocol, *loaded.plan, replications, result);
  return result;
}

// The replications that have a quantile are those with short waits.
TEST(Figures, WhatOneReplicationLacksHasNoMean) {
  const SimulationMeasure some =
      Reduced({10, std::nullopt, 20}, Range::kNotNegative).measures[0];
  EXPECT_FALSE(some.mean || some.low || some.high);
  EXPECT_EQ(some.n, 2u);
  EXPECT_EQ(some.note,
            "no value in 1 of 3 replications: too few are known to get there");
}

TEST(Figures, IntervalsAreDrawnToTheirLimits) {
  const SimulationMeasure count =
      Reduced({0, 0, 3}, Range::kNotNegative).measures[0];
  EXPECT_EQ(*count.mean, 1);
  EXPECT_EQ(*count.low, 0);
  EXPECT_GT(*count.high, 5);
  const SimulationMeasure share =
      Reduced({0.9, 1, 1}, Range::kShare).measures[0];
  EXPECT_EQ(*share.high, 1);
  EXPECT_GT(*share.low, 0.8);
  EXPECT_LT(*Reduced({0, 0, 3}, Range::kAny).measures[0].low, 0);
}

TEST(Figures, OnlyTheSamePeopleAreCompared) {
  SimulationResult other = AYear();
  EXPECT_OK(Compare(AYear(), other).status());
  other.manifest.seed = 2;
  EXPECT_THAT(Compare(AYear(), other).status(),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "seed"));
  other = AYear();
  other.manifest.replications = 3;
  EXPECT_THAT(Compare(AYear(), other).status(),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "pairs"));
  other.ok = false;
  EXPECT_FALSE(Compare(other, AYear()).ok());
}

// The same people twice: no difference, and no doubt about it. Another policy:
// a narrower interval than the two alone would give.
TEST(Figures, PairsTellMoreThanTwoIntervals) {
  ASSERT_OK_AND_ASSIGN(const auto same, Compare(AYear(), AYear()));
  for (const SimulationMeasure& measure : same.measures) {
    if (!measure.mean) continue;
    EXPECT_EQ(*measure.high - *measure.low, 0);
  }
  SimulationOptions options = Shipped();
  options.set = {{"staff.therapist_1.leave",
                  R"([{"from": "2026-08-01", "to": "2026-09-01"}])"}};
  ASSERT_OK_AND_ASSIGN(const SimulationResult leave, Simulate(options));
  ASSERT_OK_AND_ASSIGN(const auto compared, Compare(AYear(), leave));
  const SimulationMeasure& all =
      MeasureOf(AYear(), "staff_minutes", "all", "per_week");
  for (const SimulationMeasure& measure : compared.measures) {
    if (measure.name != "staff_minutes" || measure.stratum != "all") continue;
    EXPECT_LT(*measure.high - *measure.low, 0.5 * (*all.high - *all.low));
  }
}

}  // namespace
}  // namespace stepwell::sim
