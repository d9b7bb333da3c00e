// What the probe can tell of a guard, and where it rightly says nothing.
#include "protocol/guard_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "protocol/case_view_model.h"
#include "protocol/protocol_support.h"
#include "protocol/reach.h"

namespace stepwell::protocol {
namespace {

class GuardProbeTest : public ::testing::Test {
 protected:
  GuardProbeTest()
      : protocol_(
            Load(Changed(Shipped("icbt_base"),
                         {{"/facts/-", R"({"id": "region", "type": "string"})"},
                          {"/facts/-", R"({"id": "born", "type": "date"})"},
                          {"/imports/instruments/hads", R"("hads@1")"}}))
                .protocol) {}

  std::shared_ptr<const fhirpath::Program> Compiled(std::string_view text) {
    fhirpath::CompileOptions options;
    options.model = protocol_->view.get();
    options.root_type = kCaseViewType;
    auto compiled = fhirpath::Compile(text, options);
    EXPECT_TRUE(compiled.program != nullptr) << text;
    return compiled.program;
  }

  bool MayBeTrue(std::string_view text) {
    size_t tries = 10'000;
    GuardProbe probe(*protocol_, tries);
    const auto program = Compiled(text);
    const fhirpath::Program* programs[] = {program.get()};
    return probe.MayAllBeTrue(programs);
  }

  std::shared_ptr<const Protocol> protocol_;
};

TEST_F(GuardProbeTest, FindsTheGuardsThatNothingMakesTrue) {
  for (const char* never : {
           "phq9.score > 27",
           "phq9.score >= 20 and phq9.score < 10",
           "phq9.first - phq9.score > 27",
           "phq9.answers.q9 = 4",
           "hads.subscales.anxiety.score > 21",
           "hads.subscales.anxiety.band = 'normal' and "
           "hads.subscales.anxiety.band = 'abnormal'",
           "phq9.band = 'severe' and phq9.band = 'mild'",
           "facts.age < 16 and facts.age >= 18",
           "facts.age = 18.5",
           "facts.region = 'a' and facts.region = 'b'",
           "facts.parallel_therapy and facts.parallel_therapy = false",
           "route = 'self' and route = 'gp'",
           "tracks.pathway = 'intake' and tracks.pathway = 'closed'",
           "items.inclusion.outcome = 'include' and "
           "items.inclusion.outcome = 'redirect'",
           "items.inclusion.count < 0",
           "case.episode < 1",
           "risk.open and risk.open = false",
           "risk_screen.tier = 'high' and risk_screen.tier = 'moderate'",
           "tracks.pathway = 'intake' and tracks.pathway = 'closed' and "
           "milestones.started.at > @2020-01-01T00:00:00Z",
           "false",
       }) {
    EXPECT_FALSE(MayBeTrue(never)) << never;
  }
}

TEST_F(GuardProbeTest, KnowsThoseThatCanBeTrue) {
  for (const char* may : {
           "phq9.score >= 27",
           "phq9.score = 13.5",
           "phq9.score <= 0",
           "phq9.first - phq9.score >= 6",
           "phq9.score * 2 >= 54",
           "phq9.score mod 7 = 3",
           "phq9.answers.q9 = 3",
           "hads.subscales.anxiety.score = 21 and "
           "hads.subscales.depression.score = 0",
           "hads.subscales.anxiety.band = 'normal' and "
           "hads.subscales.depression.band = 'abnormal'",
           "facts.age >= 18 and facts.age < 19",
           "facts.age > 1000",
           "facts.region != 'a'",
           "facts.region = 'a' or facts.region = 'b'",
           "items.inclusion.outcome != 'include'",
           "items.weekly_phq9.count = 17",
           "programs.depression.done >= 10",
           "route != 'self'",
           "case.feedback_owed and consents.feedback != true",
           "tracks.pathway in ('dormant' | 'treatment')",
           "facts.region != 'SE110' and facts.region.startsWith('SE')",
           "facts.region != 'a' and facts.region < 'b'",
           "facts.region != 'a' and facts.region + 'x' = 'bx'",
           "facts.region != 'a' and facts.region & 'x' = 'bx'",
           "facts.age < facts.problem and facts.problem < phq9.answers.q1",
           "facts.age-5 = 2 and facts.age != 0",
           "gad7.score > 4.2 and gad7.score < 4.3",
           "true",
       }) {
    EXPECT_TRUE(MayBeTrue(may)) << may;
  }
}

// Dates, arithmetic over what has no bounds, and the time of day.
TEST_F(GuardProbeTest, SaysNothingWhereItCannotTell) {
  for (const char* unclear : {
           "facts.born > @2200-01-01",
           "milestones.started.at > @1900-01-01T00:00:00Z",
           "facts.age * 7 = 22",
           "now() < @2000-01-01",
       }) {
    EXPECT_TRUE(MayBeTrue(unclear)) << unclear;
  }
}

TEST_F(GuardProbeTest, HoldsToWhatIsAssumed) {
  size_t tries = 1'000;
  const auto resting = Compiled("tracks.pathway = 'dormant'");
  const fhirpath::Program* programs[] = {resting.get()};
  GuardProbe here(*protocol_, tries);
  here.Assume(TrackId(0), {protocol_->FindPhase("pathway", "treatment")});
  EXPECT_FALSE(here.MayAllBeTrue(programs));
  GuardProbe there(*protocol_, tries);
  there.Assume(TrackId(0), {protocol_->FindPhase("pathway", "treatment"),
                            protocol_->FindPhase("pathway", "dormant")});
  EXPECT_TRUE(there.MayAllBeTrue(programs));

  const auto redirected = Compiled("items.inclusion.outcome = 'redirect'");
  const fhirpath::Program* outcomes[] = {redirected.get()};
  GuardProbe included(*protocol_, tries);
  included.Assume(protocol_->FindElement("inclusion"),
                  protocol_->FindOutcome("include"));
  EXPECT_FALSE(included.MayAllBeTrue(outcomes));
}

TEST_F(GuardProbeTest, AllTogetherIsMoreThanEachAlone) {
  size_t tries = 10'000;
  GuardProbe probe(*protocol_, tries);
  const auto a = Compiled("facts.age >= 18");
  const auto b = Compiled("facts.age < 18");
  const fhirpath::Program* both[] = {a.get(), b.get()};
  EXPECT_FALSE(probe.MayAllBeTrue(both));
  const fhirpath::Program* one[] = {a.get()};
  EXPECT_TRUE(probe.MayAllBeTrue(one));
}

TEST_F(GuardProbeTest, TellsWhatIsTrueOnlyWhereAnotherIs) {
  size_t tries = 10'000;
  GuardProbe probe(*protocol_, tries);
  const auto wide = Compiled("phq9.score >= 5");
  const auto narrow = Compiled("phq9.score >= 20");
  const auto older = Compiled("phq9.score >= 20 or facts.age > 60");
  const fhirpath::Program* before[] = {wide.get()};
  const fhirpath::Program* hidden[] = {narrow.get()};
  EXPECT_FALSE(probe.MayAllBeTrue(hidden, before));
  EXPECT_TRUE(probe.MayAllBeTrue(before, hidden));
  const fhirpath::Program* other[] = {older.get()};
  EXPECT_TRUE(probe.MayAllBeTrue(other, before));
}

TEST_F(GuardProbeTest, KnowsTheRouteThatIsAssumed) {
  size_t tries = 10'000;
  const auto gp = Compiled("(route = 'self').not()");
  const fhirpath::Program* programs[] = {gp.get()};
  GuardProbe self(*protocol_, tries);
  self.Assume(protocol_->FindRoute("self"));
  EXPECT_FALSE(self.MayAllBeTrue(programs));
  GuardProbe other(*protocol_, tries);
  other.Assume(protocol_->FindRoute("gp"));
  EXPECT_TRUE(other.MayAllBeTrue(programs));
}

TEST_F(GuardProbeTest, StopsWhenTheTriesOfTheDocumentAreUsed) {
  size_t tries = 3;
  GuardProbe probe(*protocol_, tries);
  const auto never = Compiled("phq9.score > 27");
  const fhirpath::Program* programs[] = {never.get()};
  EXPECT_TRUE(probe.MayAllBeTrue(programs));
  EXPECT_EQ(tries, 0u);
}

TEST(ReachTest, FollowsTheShippedServiceFromItsFirstPhase) {
  const auto protocol = Load(Shipped("icbt_base")).protocol;
  const Reach reach(*protocol);
  const auto phase = [&](const char* name) {
    return protocol->FindPhase("pathway", name);
  };
  for (const char* name : {"intake", "assessment", "treatment", "closed"}) {
    EXPECT_TRUE(reach.entered(phase(name))) << name;
  }
  EXPECT_TRUE(reach.leads(phase("intake"), phase("follow_up")));
  EXPECT_TRUE(reach.leads(phase("dormant"), phase("treatment")));
  EXPECT_FALSE(reach.leads(phase("treatment"), phase("intake")));
  EXPECT_TRUE(reach.left(phase("dormant")));
  EXPECT_FALSE(reach.has_opener(protocol->FindElement("contact")));
  EXPECT_TRUE(reach.has_opener(protocol->FindElement("clarify")));
}

// More phases than any service has: nothing is said rather than much computed.
TEST(ReachTest, GivesUpOnATrackWithoutMeasure) {
  const auto with = [](int phases) {
    std::string more = "[";
    for (int i = 0; i < phases; ++i) {
      more += (i > 0 ? R"(,{"id": "p)" : R"({"id": "p)") + std::to_string(i) +
              "\"}";
    }
    return Load(Changed(
        Shipped("minimal"),
        {{"/tracks/-",
          R"({"id": "side", "initial": "p0", "phases": )" + more + "]}"}}));
  };
  EXPECT_TRUE(FindIssue(with(100).issues, "dead_end", "/tracks/1/phases/0") !=
              nullptr);
  EXPECT_EQ(Print(with(300).issues), "");
}

}  // namespace
}  // namespace stepwell::protocol
