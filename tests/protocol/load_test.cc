// The shipped documents load, and what is compiled is what was written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/strings.h"
#include "json/json.h"
#include "protocol/load_stored.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::protocol {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What of a protocol must not change without somebody meaning it.
std::string Summary(const Protocol& protocol) {
  return absl::StrCat(
      "protocol ", protocol.id, "@", protocol.version, "\n", "hash ",
      ToHex(protocol.hash), "\n", "logic ", ToHex(protocol.logic_hash), "\n",
      "tracks ", protocol.tracks.size(), ", phases ", protocol.phases.size(),
      ", items ", protocol.elements.size(), ", clocks ", protocol.clocks.size(),
      ", rules ", protocol.rules.size(), "\n");
}

// STEPWELL_UPDATE_GOLDEN=1 writes the files anew; read the diff.
TEST(LoadTest, ShippedProtocolsHaveNoIssuesAndTheRecordedHash) {
  size_t loaded = 0;
  for (const CatalogueFile& file : ListCatalogue("protocols/")) {
    const LoadResult result = Load(file.text);
    EXPECT_EQ(Print(result.issues), "") << file.path;
    ASSERT_TRUE(result.protocol != nullptr) << file.path;
    const std::string path =
        absl::StrCat(STEPWELL_SOURCE_DIR, "/tests/golden/protocols/",
                     result.protocol->id, ".txt");
    const std::string summary = Summary(*result.protocol);
    if (std::getenv("STEPWELL_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(path, std::ios::binary) << summary;
    }
    EXPECT_EQ(testing::ReadFileText(path), summary) << file.path;
    ++loaded;
  }
  EXPECT_GE(loaded, 4u);
}

TEST(LoadTest, ShippedServicesAreShort) {
  for (const char* name : {"icbt_base", "icbt_sweden", "icbt_norway",
                           "icbt_denmark", "icbt_netherlands", "icbt_scotland",
                           "nhs_talking_therapies", "school_therapy"}) {
    const std::string_view text = Shipped(name);
    EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 300) << name;
  }
}

class BaseTest : public ::testing::Test {
 protected:
  BaseTest() : protocol_(Load(Shipped("icbt_base")).protocol) {}
  const Element& Find(std::string_view name) {
    const ElementId id = protocol_->FindElement(name);
    EXPECT_FALSE(id.IsNone()) << name;
    return protocol_->at(id);
  }
  std::shared_ptr<const Protocol> protocol_;
};

TEST_F(BaseTest, ProgramBecomesModulesWithTheirChecks) {
  const Element& m1 = Find("m1");
  const Element& m1_check = Find("m1_check");
  const Element& m2 = Find("m2");
  EXPECT_EQ(m1.kind, ItemKind::kModule);
  EXPECT_EQ(m1.performer, Performer::kPatient);
  EXPECT_EQ(m1.release, ReleasePolicy::kOnApproval);
  EXPECT_THAT(m1.needs, IsEmpty());
  EXPECT_EQ(m1.content, "depression/1");
  EXPECT_EQ(&protocol_->at(m1.check), &m1_check);
  EXPECT_EQ(&protocol_->at(m1_check.checks), &m1);
  EXPECT_EQ(m1_check.kind, ItemKind::kTask);
  EXPECT_EQ(m1_check.performer, Performer::kOwner);
  EXPECT_TRUE(m1_check.counts_as_contact);
  EXPECT_EQ(protocol_->at(m1_check.due).id, "feedback_due");
  EXPECT_THAT(m1_check.needs, ElementsAre(protocol_->FindElement("m1")));
  // The module before is found in the plan of the enrolment.
  EXPECT_TRUE(m2.chained);
  EXPECT_THAT(m2.needs, IsEmpty());
  EXPECT_EQ(m2.module, 1);
  ASSERT_EQ(protocol_->programs.size(), 1u);
  EXPECT_EQ(protocol_->programs[0].modules.size(), 10u);
}

TEST_F(BaseTest, PhaseOwnsItsItemsInDocumentOrder) {
  const Phase& phase = protocol_->at(protocol_->FindPhase("pathway", "start"));
  EXPECT_THAT(phase.elements,
              ElementsAre(protocol_->FindElement("start_treatment")));
  EXPECT_TRUE(protocol_->FindPhase("pathway", "nowhere").IsNone());
}

TEST_F(BaseTest, AutomaticDecisionHasTheBuiltInOutcomes) {
  const Element& eligibility = Find("eligibility");
  EXPECT_THAT(eligibility.outcomes,
              ElementsAre(kEligible, kIneligible, kUndetermined));
  ASSERT_EQ(eligibility.criteria.size(), 5u);
  EXPECT_EQ(eligibility.criteria[0].guard.on_unknown, OnUnknown::kAsk);
  EXPECT_TRUE(eligibility.criteria[0].guard.program != nullptr);
  EXPECT_EQ(protocol_->at(eligibility.question).id, "clarify");
  EXPECT_EQ(protocol_->outcomes[kAnsweredTwice.value], "answered_twice");
}

TEST_F(BaseTest, ClockIsCompiled) {
  const ClockDef& clock = protocol_->at(Find("start_treatment").due);
  EXPECT_EQ(clock.id, "start_wait");
  EXPECT_EQ(clock.budget, (Span{2, SpanUnit::kWorkdays}));
  EXPECT_EQ(clock.source, "se2");
  ASSERT_EQ(clock.ladder.size(), 3u);
  EXPECT_EQ(clock.ladder[0].percent, 75);
  EXPECT_EQ(clock.ladder[2].after, (Span{1, SpanUnit::kWorkdays}));
  EXPECT_EQ(clock.ladder[2].repeat, (Span{1, SpanUnit::kWorkdays}));
  EXPECT_EQ(clock.ladder[0].actions[0].kind, ActionKind::kPriority);
  EXPECT_EQ(clock.ladder[0].actions[0].amount, 20);
  EXPECT_FALSE(clock.ladder[0].speaks_to_patient);
  EXPECT_TRUE(
      protocol_->at(Find("weekly_phq9").due).ladder[0].speaks_to_patient);
  EXPECT_EQ(Find("weekly_phq9").every, (Span{7, SpanUnit::kDays}));
}

TEST_F(BaseTest, FollowUpCountsWeeksFromTheStartInThePatientsZone) {
  for (const ClockDef& clock : protocol_->clocks) {
    if (clock.id != "follow_up") continue;
    EXPECT_EQ(clock.budget, (Span{26, SpanUnit::kWeeks}));
    EXPECT_TRUE(clock.patient_zone);
    ASSERT_EQ(clock.start.size(), 1u);
    EXPECT_EQ(clock.start[0].kind, TriggerKind::kMilestone);
    EXPECT_EQ(clock.start[0].argument,
              protocol_->FindMilestone("started").value);
    return;
  }
  FAIL() << "no clock follow_up";
}

TEST_F(BaseTest, RulesAreFoundByTheirTrigger) {
  size_t rules = 0;
  for (const uint16_t i : protocol_->RulesFor(TriggerKind::kDecision)) {
    EXPECT_EQ(protocol_->rules[i].on.kind, TriggerKind::kDecision);
    ++rules;
  }
  EXPECT_GT(rules, 10u);
  EXPECT_THAT(protocol_->RulesFor(TriggerKind::kCasePaused), IsEmpty());
  ASSERT_EQ(protocol_->RulesFor(TriggerKind::kPatientActive).size(), 1u);
}

TEST_F(BaseTest, RiskPolicyIsWired) {
  const RiskPolicy& risk = protocol_->risk;
  ASSERT_EQ(risk.tiers.size(), 3u);
  EXPECT_EQ(protocol_->at(risk.unscreened).id, "unscreened");
  EXPECT_EQ(protocol_->at(risk.screen).id, "risk-screen");
  EXPECT_EQ(protocol_->at(risk.screen_element).id, "risk_form");
  EXPECT_EQ(protocol_->templates[risk.show_now.value], "crisis_info");
  ASSERT_EQ(risk.screen_rules.size(), 2u);
  EXPECT_EQ(risk.screen_rules[0].guard.on_unknown, OnUnknown::kRaise);
  EXPECT_EQ(protocol_->at(risk.screen_rules[0].tier).id, "high");
  // As the screen itself says, whatever the patient answers about means.
  EXPECT_EQ(protocol_->at(risk.screen_rules[1].tier).id, "moderate");
  EXPECT_EQ(risk.outcomes.size(), 5u);
}

TEST_F(BaseTest, NamesAreFound) {
  EXPECT_FALSE(protocol_->FindRoute("gp").IsNone());
  EXPECT_TRUE(protocol_->at(protocol_->FindRoute("gp")).referrer_feedback);
  EXPECT_FALSE(protocol_->FindPool("duty").IsNone());
  EXPECT_FALSE(protocol_->FindTier("high").IsNone());
  EXPECT_FALSE(protocol_->FindFact("age").IsNone());
  EXPECT_FALSE(protocol_->FindPurpose("feedback").IsNone());
  EXPECT_FALSE(protocol_->FindOutcome("dropped_out").IsNone());
  EXPECT_EQ(protocol_->FindInstrument("PHQ-9"),
            protocol_->FindInstrument("phq9"));
  EXPECT_TRUE(protocol_->FindInstrument("phq").IsNone());
  EXPECT_EQ(protocol_->at(protocol_->review_element).id, "review");
}

TEST_F(BaseTest, FactsComeFromTheirItem) {
  const Fact& age = protocol_->at(protocol_->FindFact("age"));
  EXPECT_EQ(age.kind, FactValue::Kind::kInteger);
  const auto& intake = protocol_->at(age.instrument).instrument;
  EXPECT_EQ(intake->items()[age.instrument_item].id, "age");
}

// A stored protocol loads from what it carries, whatever the catalogue says
// later.
TEST_F(BaseTest, LoadsAgainFromItsOwnParts) {
  const LoadResult again =
      Load(protocol_->document, CatalogueOf(protocol_->imports));
  ASSERT_TRUE(again.protocol != nullptr) << Print(again.issues);
  EXPECT_EQ(again.protocol->hash, protocol_->hash);
  EXPECT_EQ(again.protocol->logic_hash, protocol_->logic_hash);
  // And every symbol means the same: logs hold numbers.
  const auto names = [](const Protocol& protocol) {
    std::vector<std::string> out = protocol.outcomes;
    for (const auto& each : protocol.instruments) out.push_back(each.name);
    for (const auto& each : protocol.pools) out.push_back(each.id);
    for (const auto& each : protocol.calendars) out.push_back(each.name);
    for (const auto& each : protocol.elements) out.push_back(each.id);
    for (const auto& each : protocol.clocks) out.push_back(each.id);
    return out;
  };
  EXPECT_EQ(names(*again.protocol), names(*protocol_));
}

TEST_F(BaseTest, HashCoversImportsAndLogicHashLeavesTextsOut) {
  const auto with = [&](const std::vector<Change>& changes) {
    return Load(Changed(Shipped("icbt_base"), changes)).protocol;
  };
  const auto retitled = with({{"/tracks/0/phases/0/title", "\"Anything\""},
                              {"/templates/0/text/en", "\"Please.\""},
                              {"/author", "\"Somebody\""},
                              {"/version", "\"2\""}});
  EXPECT_NE(retitled->hash, protocol_->hash);
  EXPECT_EQ(retitled->logic_hash, protocol_->logic_hash);
  const auto faster = with({{"/clocks/0/budget", "\"15 days\""}});
  EXPECT_NE(faster->logic_hash, protocol_->logic_hash);

  std::string team(FindCatalogueFile("pools/therapists.json"));
  team.replace(team.find("40"), 2, "41");
  const LoadResult other = Load(
      Shipped("icbt_base"), CatalogueWith({{"pools/therapists.json", team}}));
  EXPECT_NE(other.protocol->hash, protocol_->hash);
  EXPECT_NE(other.protocol->logic_hash, protocol_->logic_hash);
}

TEST_F(BaseTest, WhiteSpaceAndOrderOfMembersDoNotChangeTheHash) {
  EXPECT_EQ(Load(protocol_->document).protocol->hash, protocol_->hash);
}

TEST(ProgramTest, ReleasePoliciesAndOwnNeeds) {
  const char program[] = R"({"program": "p", "version": "1",
    "release": "immediate", "modules": [
      {"id": "a"}, {"id": "b"}, {"id": "c", "needs": ["a"]},
      {"id": "d", "release": "on_homework"},
      {"id": "e", "release": "manual"}]})";
  const LoadResult result =
      Load(Changed(Shipped("minimal"),
                   {{"/imports/programs", R"({"p": "p@1"})"},
                    {"/tracks/0/phases/0/items/-",
                     R"({"id": "p", "kind": "program", "program": "p",
                         "prefix": "x_"})"}}),
           CatalogueWith({{"programs/p.json", program}}));
  ASSERT_TRUE(result.protocol != nullptr) << Print(result.issues);
  const Protocol& protocol = *result.protocol;
  const auto needs = [&](std::string_view name) {
    return protocol.at(protocol.FindElement(name)).needs;
  };
  EXPECT_THAT(needs("x_a"), IsEmpty());
  EXPECT_THAT(needs("x_b"), IsEmpty());
  EXPECT_THAT(needs("x_c"), ElementsAre(protocol.FindElement("x_a")));
  EXPECT_TRUE(protocol.at(protocol.FindElement("x_d")).chained);
  EXPECT_FALSE(protocol.at(protocol.FindElement("x_c")).chained);
  EXPECT_EQ(protocol.at(protocol.FindElement("x_e")).release,
            ReleasePolicy::kManual);
}

// A case stays on its pin: what a later version of the checker finds in a
// protocol that is stored must not make the store unreadable.
TEST(LoadStoredTest, TakesWhatTheChecksOfTheWholeWouldRefuse) {
  const std::string text =
      Changed(Shipped("minimal"), {{"/clocks/2/ladder/0/repeat", ""}});
  EXPECT_TRUE(Load(text).protocol == nullptr);
  ASSERT_OK_AND_ASSIGN(const LoadResult stored,
                       LoadStored(text, BuiltInCatalogue()));
  EXPECT_EQ(Print(stored.issues), "");
  ASSERT_TRUE(stored.protocol != nullptr);
  EXPECT_EQ(stored.protocol->rules.size(), 2u);
}

TEST(LoadStoredTest, TakesGuardsThatLaterVersionsRefuse) {
  const std::string text = Changed(
      Shipped("minimal"), {{"/risk/screen_rules/0/if",
                            "\"coalesce(risk_screen.tier, 'low') = 'high'\""},
                           {"/templates/2/text/en", "\" \""}});
  EXPECT_TRUE(Load(text).protocol == nullptr);
  ASSERT_OK_AND_ASSIGN(const LoadResult stored,
                       LoadStored(text, BuiltInCatalogue()));
  EXPECT_EQ(Print(stored.issues), "");
  EXPECT_TRUE(stored.protocol != nullptr);
}

TEST(LoadStoredTest, TakesPredictionsWithoutAnAge) {
  const std::string text =
      Changed(Shipped("decisions"), {{"/tracks/0/phases/1/items/5/predict/"
                                      "expected_response/max_age",
                                      ""}});
  EXPECT_TRUE(Load(text).protocol == nullptr);
  ASSERT_OK_AND_ASSIGN(const LoadResult stored,
                       LoadStored(text, BuiltInCatalogue()));
  EXPECT_EQ(Print(stored.issues), "");
  EXPECT_TRUE(stored.protocol != nullptr);
}

TEST(LoadStoredTest, TakesRemindersOfWhatHasBegun) {
  const std::string text = Changed(Shipped("minimal"), {{"/items_anywhere", R"([
      {"id": "risk_form", "kind": "questionnaire", "who": "patient",
       "instrument": "risk_screen"},
      {"id": "ask_risk", "kind": "task", "who": "team", "due": "alert"},
      {"id": "meeting", "kind": "appointment", "who": "team",
       "booking": {"before": ["answer"]}}])"}});
  const LoadResult refused = Load(text);
  EXPECT_TRUE(FindIssue(refused.issues, "booking_clock",
                        "/items_anywhere/2/booking/before/0"));
  ASSERT_OK_AND_ASSIGN(const LoadResult stored,
                       LoadStored(text, BuiltInCatalogue()));
  EXPECT_EQ(Print(stored.issues), "");
  EXPECT_TRUE(stored.protocol != nullptr);
}

TEST(LoadStoredTest, PinsAsTheCheckedLoadDoes) {
  ASSERT_OK_AND_ASSIGN(const LoadResult stored,
                       LoadStored(Shipped("icbt_base"), BuiltInCatalogue()));
  EXPECT_EQ(stored.protocol->hash, Load(Shipped("icbt_base")).protocol->hash);
}

TEST(LoadStoredTest, RefusesWhatIsNoProtocol) {
  ASSERT_OK_AND_ASSIGN(const LoadResult stored,
                       LoadStored(Changed(Shipped("minimal"), {{"/zone", ""}}),
                                  BuiltInCatalogue()));
  EXPECT_TRUE(stored.protocol == nullptr);
  EXPECT_TRUE(FindIssue(stored.issues, "missing_field", ""));
}

}  // namespace
}  // namespace stepwell::protocol
