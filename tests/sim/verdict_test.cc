// When a service is said not to keep up, and what is then withheld.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "sim/sim_support.h"
#include "sim/study.h"
#include "support/matchers.h"

namespace stepwell::sim {
namespace {

// Cases of half a year with an owner: minutes are plentiful, places are not.
constexpr char kPlacesProtocol[] = R"({
  "protocol": "places", "version": "1", "status": "draft",
  "author": "The Stepwell authors", "zone": "UTC",
  "title": {"en": "A place for half a year"},
  "imports": {"pools": {"team": "team@1"},
              "calendars": {"always": "always@1"}},
  "routes": [{"id": "door"}],
  "clocks": [
    {"id": "turn", "budget": "3000 weeks", "source": "assumption",
     "ladder": [{"at": "100%", "do": [{"priority": 1}]}]},
    {"id": "half_year", "budget": "26 weeks", "source": "assumption",
     "start": ["phase.entered:pathway/care"],
     "ladder": [{"at": "100%", "do": [{"open": "ending"}]}]}],
  "tracks": [{"id": "pathway", "initial": "waiting", "phases": [
    {"id": "waiting", "items": [
      {"id": "start", "kind": "decision", "who": "owner", "due": "turn",
       "outcomes": ["taken"]}]},
    {"id": "care", "items": [
      {"id": "ending", "kind": "decision", "who": "owner", "due": "turn",
       "mode": "discretionary", "outcomes": ["out"]}]},
    {"id": "gone", "final": true}]}],
  "rules": [
    {"id": "taken", "on": "decision:start=taken", "do": [
      {"move": "pathway/care"}]},
    {"id": "ended", "on": "decision:ending=out", "do": [
      {"move": "pathway/gone"}, {"answer_referrals": "out"},
      {"close_case": "out"}]}],
  "intake_pool": "team", "lead_pool": "team",
  "parking": {"pool": "team", "clock": "turn"},
  "messages": {"clock": "turn"}, "review": {"clock": "turn"}
})";

// 400 people a year need 200 places.
std::string PlacesPlan(int places_of_each) {
  return absl::StrCat(R"({
    "plan": "places", "version": "1", "protocol": "places",
    "horizon": {"start": "2026-01-01", "warm_up_days": 365, "days": 730,
                "source": "assumption"},
    "arrivals": [{"id": "door", "per_year": 400, "source": "assumption"}],
    "work": [
      {"id": "start", "items": ["start"], "minutes": {"minutes": 10},
       "outcomes": {"taken": 1}, "source": "assumption"},
      {"id": "ending", "items": ["ending"], "minutes": {"minutes": 10},
       "outcomes": {"out": 1}, "source": "assumption"},
      {"id": "reviews", "kinds": ["task"], "minutes": {"minutes": 5},
       "source": "assumption"}],
    "staff": [{"id": "therapist", "count": 2, "pools": ["team"],
               "weekly_minutes": 900, "source": "assumption"}],
    "pools": [{"id": "team", "caseload_max": )",
                      places_of_each, R"(, "source": "assumption"}],
    "measures": {"waits": [
      {"id": "place", "from": "referral", "to": "done:start"}]}
  })");
}

SimulationResult WithPlaces(int places_of_each) {
  SimulationOptions options;
  options.protocol = kPlacesProtocol;
  options.plan = PlacesPlan(places_of_each);
  options.replications = 6;
  options.threads = 2;
  auto result = Simulate(options);
  EXPECT_TRUE(result.ok() && result->ok) << result.status();
  return *std::move(result);
}

double PlacesTaken(const SimulationResult& result) {
  return MeasureOf(result, "load", "caseload team", "places_taken")
      .mean.value_or(-1);
}

void ExpectWithheld(const SimulationResult& result, const char* wait) {
  for (const char* statistic : {"mean", "p50", "p90"}) {
    const SimulationMeasure& measure =
        MeasureOf(result, "wait", wait, statistic);
    EXPECT_FALSE(measure.mean) << statistic;
    EXPECT_EQ(measure.note.rfind("unstable: ", 0), 0u) << measure.note;
  }
  // Neither the values of single replications: their mean is soon taken.
  for (const SimulationReplication& row : result.replications) {
    if (row.name != "wait" || row.stratum != wait) continue;
    const bool is_length = row.statistic == "mean" || row.statistic == "p50" ||
                           row.statistic == "p90";
    EXPECT_TRUE(!is_length || !row.value) << row.statistic;
  }
  const SimulationMeasure& share =
      MeasureOf(result, "wait", wait, "share_within_18_weeks");
  EXPECT_TRUE(share.mean);
  EXPECT_EQ(share.note.rfind("unstable: ", 0), 0u) << share.note;
  EXPECT_NE(result.sentences[0].find("cannot keep up"), std::string::npos);
}

TEST(Verdict, TooFewPlacesAreSaidThoughMinutesArePlenty) {
  const SimulationResult few = WithPlaces(40);
  ExpectWithheld(few, "place");
  EXPECT_LT(*MeasureOf(few, "load", "team team", "offered_to_capacity").mean,
            0.2);
  EXPECT_GT(PlacesTaken(few), 0.99);
  EXPECT_NE(few.sentences[0].find("caseload of pool team is full"),
            std::string::npos)
      << few.sentences[0];
  // Five places in a hundred too few.
  ExpectWithheld(WithPlaces(95), "place");
}

TEST(Verdict, EnoughPlacesHaveAMean) {
  const SimulationResult enough = WithPlaces(115);
  EXPECT_TRUE(MeasureOf(enough, "wait", "place", "mean").mean);
  EXPECT_EQ(enough.sentences[0].find("cannot keep up"), std::string::npos);
  // 200 places of 230, by Little's law.
  EXPECT_NEAR(PlacesTaken(enough), 200.0 / 230, 0.04);
}

// The diaries are full long before the minutes are used up: appointments do
// not fit into what is left of a day.
TEST(Verdict, FullDiariesAreSeenInThoseWhoWait) {
  SimulationOptions options = ShippedOptions(4, 2);
  options.set = {{"staff.assessor_1.weekly_minutes", "700"},
                 {"staff.assessor_2.weekly_minutes", "700"}};
  ASSERT_OK_AND_ASSIGN(const SimulationResult result, Simulate(options));
  ExpectWithheld(result, "referral_to_assessment");
  EXPECT_LT(
      *MeasureOf(result, "load", "team assessors", "offered_to_capacity").mean,
      0.8);
  EXPECT_NE(result.sentences[0].find("referral_to_assessment: those who wait "
                                     "become more"),
            std::string::npos)
      << result.sentences[0];
}

// A service that fills is no service that falls behind.
TEST(Verdict, AColdStartIsNoInstability) {
  SimulationOptions options = ShippedOptions(6, 2);
  for (const char* days : {"30", "90"}) {
    options.set = {{"horizon.warm_up_days", "0"}, {"horizon.days", days}};
    ASSERT_OK_AND_ASSIGN(const SimulationResult result, Simulate(options));
    EXPECT_TRUE(
        MeasureOf(result, "wait", "referral_to_assessment", "mean").mean)
        << days;
    EXPECT_EQ(result.sentences[0].find("cannot keep up"), std::string::npos);
  }
}

TEST(Verdict, ADifferenceOfWhatIsWithheldIsNone) {
  const SimulationResult few = WithPlaces(40), enough = WithPlaces(115);
  const auto find = [](const SimulationComparison& compared) {
    for (const SimulationMeasure& measure : compared.measures) {
      if (measure.name == "wait" && measure.statistic == "mean") return measure;
    }
    return SimulationMeasure();
  };
  ASSERT_OK_AND_ASSIGN(const auto after, Compare(enough, few));
  EXPECT_FALSE(find(after).mean);
  EXPECT_EQ(find(after).note,
            MeasureOf(few, "wait", "place", "mean").note + " (after)");
  ASSERT_OK_AND_ASSIGN(const auto before, Compare(few, enough));
  EXPECT_FALSE(find(before).mean);
  EXPECT_EQ(find(before).note,
            MeasureOf(few, "wait", "place", "mean").note + " (before)");
  // A share falls by one at most, however the pairs scatter.
  for (const SimulationMeasure& measure : after.measures) {
    if (measure.name != "wait" || measure.unit != "share") continue;
    EXPECT_GE(measure.low.value_or(0), -1) << measure.statistic;
    EXPECT_LE(measure.high.value_or(0), 1) << measure.statistic;
  }
}

}  // namespace
}  // namespace stepwell::sim
