// Each mistake an author can make: one row, the mistake put into a good
// document, and the issue that must come out. Here: shape, names, guards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/mistake_support.h"

namespace stepwell::protocol {
namespace {

using ::testing::HasSubstr;

class MistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsFound) { ExpectFound("minimal", GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Shape, MistakeTest,
    ::testing::Values(
        Mistake{"UnknownField",
                {{In(kForm, "instrumnet"), "\"phq9\""}},
                "unknown_field",
                In(kForm, "instrumnet"),
                "did you mean `instrument`?"},
        Mistake{"UnknownTopField",
                {{"/rule", "[]"}},
                "unknown_field",
                "/rule",
                "did you mean `rules`?"},
        Mistake{"FieldOfAnotherKind",
                {{In(kCall, "instrument"), "\"phq9\""}},
                "unknown_field",
                In(kCall, "instrument"),
                "questionnaire"},
        Mistake{"MissingZone", {{"/zone", ""}}, "missing_field", "", "`zone`"},
        Mistake{"MissingTracks",
                {{"/tracks", ""}},
                "missing_field",
                "",
                "`tracks`"},
        Mistake{"MissingInstrument",
                {{In(kForm, "instrument"), ""}},
                "missing_field",
                kForm,
                "`instrument`"},
        Mistake{"WrongType",
                {{"/clocks/0/budget", "7"}},
                "wrong_type",
                "/clocks/0/budget",
                "expected a string, found a number"},
        Mistake{"WrongTypeOfSection",
                {{"/rules", "{}"}},
                "wrong_type",
                "/rules",
                "an array"},
        Mistake{"TwoActionsInOne",
                {{"/rules/0/do/0",
                  R"({"move": "pathway/closed", "milestone": "x"})"}},
                "wrong_type",
                "/rules/0/do/0",
                "exactly one"},
        Mistake{"UnknownAction",
                {{"/rules/0/do/0", R"({"moove": "pathway/closed"})"}},
                "unknown_field",
                "/rules/0/do/0/moove",
                "did you mean `move`?"},
        Mistake{"UnknownValue",
                {{"/status", "\"aproved\""}},
                "unknown_value",
                "/status",
                "did you mean `approved`?"},
        Mistake{"ApprovedByNobody",
                {{"/status", "\"approved\""}},
                "missing_field",
                "/approver",
                "approver"},
        Mistake{"OutOfRange",
                {{"/risk/tiers/0/priority", "1000"}},
                "out_of_range",
                "/risk/tiers/0/priority",
                "0 to 100"},
        Mistake{"NoFraction",
                {{"/risk/tiers/0/priority", "1.5"}},
                "out_of_range",
                "/risk/tiers/0/priority",
                "1.5"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Names, MistakeTest,
    ::testing::Values(Mistake{"HyphenInName",
                              {{"/routes/0/id", "\"self-referral\""}},
                              "bad_name",
                              "/routes/0/id",
                              "write `self_referral`"},
                      Mistake{"CapitalInName",
                              {{"/routes/0/id", "\"Self\""}},
                              "bad_name",
                              "/routes/0/id",
                              "lower-case"},
                      Mistake{"OperatorAsName",
                              {{"/routes/0/id", "\"div\""}},
                              "bad_name",
                              "/routes/0/id",
                              "operator"},
                      Mistake{"EmptyName",
                              {{"/routes/0/id", "\"\""}},
                              "bad_name",
                              "/routes/0/id",
                              ""},
                      Mistake{
                          "InstrumentHidesView",
                          {{"/imports/instruments/risk", "\"risk-screen@1\""}},
                          "bad_name",
                          "/imports/instruments/risk",
                          "another name"},
                      Mistake{"BadProtocolId",
                              {{"/protocol", "\"Mini mal\""}},
                              "bad_name",
                              "/protocol",
                              ""},
                      Mistake{"DuplicateItem",
                              {{In(kCall, "id"), "\"form\""}},
                              "duplicate_id",
                              In(kCall, "id"),
                              "two items"},
                      Mistake{"DuplicateRule",
                              {{"/rules/1/id", "\"helped\""}},
                              "duplicate_id",
                              "/rules/1/id",
                              "two rules"},
                      Mistake{"ReviewIsTaken",
                              {{In(kCall, "id"), "\"review\""}},
                              "duplicate_id",
                              In(kCall, "id"),
                              "of its own"},
                      Mistake{"DanglingPhase",
                              {{"/rules/0/do/0/move", "\"pathway/close\""}},
                              "unknown_reference",
                              "/rules/0/do/0/move",
                              "did you mean `pathway/closed`?"},
                      Mistake{"DanglingPool",
                              {{In(kCall, "who"), "\"teem\""}},
                              "unknown_reference",
                              In(kCall, "who"),
                              "did you mean `team`?"},
                      Mistake{"DanglingNeed",
                              {{In(kCall, "needs"), R"(["from"])"}},
                              "unknown_reference",
                              In(kCall, "needs") + "/0",
                              "did you mean `form`?"},
                      Mistake{"DanglingOutcome",
                              {{"/rules/0/do/2/close_case", "\"done\""}},
                              "unknown_reference",
                              "/rules/0/do/2/close_case",
                              "helped"},
                      Mistake{"DanglingTrigger",
                              {{"/rules/0/on", "\"item.done:caller\""}},
                              "unknown_reference",
                              "/rules/0/on",
                              "did you mean `call`?"},
                      Mistake{"UnknownTrigger",
                              {{"/rules/0/on", "\"item.finished:call\""}},
                              "unknown_value",
                              "/rules/0/on",
                              "item."},
                      Mistake{"TriggerWithoutName",
                              {{"/rules/0/on", "\"item.done\""}},
                              "wrong_type",
                              "/rules/0/on",
                              "a name after a colon"},
                      Mistake{"TriggerWithName",
                              {{"/rules/0/on", "\"case.paused:x\""}},
                              "wrong_type",
                              "/rules/0/on",
                              "nothing after a colon"},
                      Mistake{"UnknownImport",
                              {{"/imports/instruments/phq9", "\"phq-99@1\""}},
                              "unknown_import",
                              "/imports/instruments/phq9",
                              "instruments/phq-99.json"},
                      Mistake{"ImportVersion",
                              {{"/imports/instruments/phq9", "\"phq-9@7\""}},
                              "import_version",
                              "/imports/instruments/phq9",
                              "version 7 is wanted"},
                      Mistake{"ImportWithoutVersion",
                              {{"/imports/instruments/phq9", "\"phq-9\""}},
                              "wrong_type",
                              "/imports/instruments/phq9",
                              "phq-9@1"},
                      Mistake{"UnknownBase",
                              {{"/base", "\"nothing@1\""}},
                              "unknown_import",
                              "/base",
                              "protocols/nothing.json"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Guards, MistakeTest,
    ::testing::Values(
        Mistake{"Syntax",
                {{In(kCall, "when"), "\"phq9.score >=\""}},
                "bad_guard",
                In(kCall, "when"),
                "column"},
        Mistake{"UnknownMember",
                {{In(kCall, "when"), "\"phq9.scor >= 10\""}},
                "bad_guard",
                In(kCall, "when"),
                "score"},
        Mistake{"IllTyped",
                {{In(kCall, "when"), "\"phq9.score >= 'ten'\""}},
                "bad_guard",
                In(kCall, "when"),
                "column"},
        Mistake{"NotTrueOrFalse",
                {{In(kCall, "when"), "\"phq9.score\""}},
                "bad_guard",
                In(kCall, "when"),
                "not true or false"},
        Mistake{"NowOutsideDecisions",
                {{In(kCall, "when"), "\"phq9.at < now()\""}},
                "bad_guard",
                In(kCall, "when"),
                "now"},
        Mistake{"HidesMissing",
                {{"/risk/screen_rules/0/if", "\"risk_screen.tier.exists()\""}},
                "guard_may_hide_missing",
                "/risk/screen_rules/0/if",
                "exists"},
        Mistake{"SaysNothingOfUnknown",
                {{"/risk/screen_rules/0/on_unknown", ""}},
                "on_unknown_missing",
                "/risk/screen_rules/0",
                "on_unknown"},
        Mistake{"EndingSaysNothingOfUnknown",
                {{"/rules/0/if", "\"route = 'self'\""}},
                "on_unknown_missing",
                "/rules/0",
                "on_unknown"},
        Mistake{"NobodyToAsk",
                {{"/risk/screen_rules/0/on_unknown", "\"ask\""}},
                "unknown_value",
                "/risk/screen_rules/0/on_unknown",
                "block or raise"},
        Mistake{"UnknownWithoutGuard",
                {{"/rules/0/on_unknown", "\"block\""}},
                "missing_field",
                "/rules/0/on_unknown",
                "`if`"},
        Mistake{"CriterionAsksNobody",
                {{In(kEnding, "outcomes"), ""},
                 {In(kEnding, "criteria"),
                  R"([{"id": "a", "if": "phq9.risk", "on_unknown": "ask"}])"}},
                "missing_field",
                kEnding,
                "question"},
        Mistake{"DecisionWithoutOutcomes",
                {{In(kEnding, "outcomes"), ""}},
                "missing_field",
                kEnding,
                "`outcomes`, `criteria`, `table` or `predict`"}),
    NameOf);

TEST(IssuesTest, AllAreCollected) {
  const LoadResult result = Load(
      Changed(Shipped("minimal"), {{"/zone", "\"Nowhere\""},
                                   {"/clocks/0/budget", "\"soon\""},
                                   {"/rules/0/do/0/move", "\"pathway/moon\""},
                                   {In(kForm, "needs"), R"(["call"])"},
                                   {"/extra", "1"}}));
  EXPECT_TRUE(FindIssue(result.issues, "bad_zone", "/zone"));
  EXPECT_TRUE(FindIssue(result.issues, "bad_span", "/clocks/0/budget"));
  EXPECT_TRUE(
      FindIssue(result.issues, "unknown_reference", "/rules/0/do/0/move"));
  EXPECT_TRUE(FindIssue(result.issues, "cycle", In(kForm, "needs")));
  EXPECT_TRUE(FindIssue(result.issues, "unknown_field", "/extra"));
  EXPECT_EQ(result.issues.size(), 5u) << Print(result.issues);
}

TEST(IssuesTest, KnownMakesADefiniteFunctionDeliberate) {
  const LoadResult result =
      Load(Changed(Shipped("minimal"), {{"/risk/screen_rules/0/if",
                                         "\"known(risk_screen.tier) and "
                                         "risk_screen.tier = 'high'\""}}));
  EXPECT_EQ(Print(result.issues), "");
  EXPECT_TRUE(result.protocol != nullptr);
}

TEST(IssuesTest, RulesMayAskAndAnEarlierRuleMayStandOnTheSameDecision) {
  const LoadResult result = Load(
      Changed(Shipped("minimal"),
              {{"/rules/0/id", "\"letter\""},
               {"/rules/0/do", R"([{"open": "ask_risk"}])"},
               {"/rules/0/if", "\"phq9.risk\""},
               {"/rules/0/on_unknown", "\"ask\""},
               {"/rules/-", R"({"id": "helped", "on": "decision:ending=helped",
                        "do": [{"move": "pathway/closed"},
                               {"answer_referrals": "helped"},
                               {"close_case": "helped"}]})"}}));
  EXPECT_EQ(Print(result.issues), "");
  ASSERT_TRUE(result.protocol != nullptr);
  EXPECT_EQ(result.protocol->rules[0].guard.on_unknown, OnUnknown::kAsk);
}

TEST(IssuesTest, PoolsThatFallBackOnEachOtherAreACycle) {
  const auto pool = [](const char* name, const char* fallback) {
    return std::string(R"({"pool": ")") + name +
           R"(", "version": "1", "role": "r", "calendar": "office",
              "fallback": ")" +
           fallback + "\"}";
  };
  const LoadResult result =
      Load(Changed(Shipped("minimal"),
                   {{"/imports/calendars/office", "\"weekdays@1\""},
                    {"/imports/pools/b", "\"b@1\""}}),
           CatalogueWith({{"pools/team.json", pool("team", "b")},
                          {"pools/b.json", pool("b", "team")}}));
  const Issue* issue = FindIssue(result.issues, "cycle", "/risk/tiers/0/pool");
  ASSERT_TRUE(issue != nullptr) << Print(result.issues);
  EXPECT_THAT(issue->message, HasSubstr("team -> b -> team"));
}

TEST(IssuesTest, MistakesOfImportsNameTheFile) {
  const LoadResult result =
      Load(Shipped("minimal"),
           CatalogueWith({{"pools/team.json",
                           R"({"pool": "team", "version": "1", "role": "r",
                          "calendar": "alwyas", "caseload_max": 3})"}}));
  const Issue* issue =
      FindIssue(result.issues, "unknown_reference", "/imports/pools/team");
  ASSERT_TRUE(issue != nullptr) << Print(result.issues);
  EXPECT_THAT(issue->message, HasSubstr("pools/team.json#/calendar"));
  EXPECT_THAT(issue->hint, HasSubstr("always"));
  EXPECT_TRUE(FindIssue(result.issues, "no_source", "/imports/pools/team"));
}

TEST(IssuesTest, TooManyItemsAreOneIssue) {
  std::string items;
  for (int i = 0; i < 60'001; ++i) {
    items +=
        R"({"id":"t)" + std::to_string(i) + R"(","kind":"task","who":"team"},)";
  }
  items.pop_back();
  const LoadResult result = Load(
      Changed(Shipped("minimal"), {{"/items_anywhere", "[" + items + "]"}}));
  size_t found = 0;
  for (const Issue& issue : result.issues) {
    found += issue.code == "element_limit";
  }
  EXPECT_EQ(found, 1u);
  EXPECT_TRUE(result.protocol == nullptr);
}

}  // namespace
}  // namespace stepwell::protocol
