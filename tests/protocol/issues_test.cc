// Each mistake an author can make: one row, the mistake put into a good
// document, and the issue that must come out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/protocol_support.h"
#include "support/matchers.h"

namespace stepwell::protocol {
namespace {

using ::testing::HasSubstr;

struct Mistake {
  std::string name;
  std::vector<Change> changes;  // of minimal.json
  std::string code;
  std::string pointer;
  std::string text;  // part of the message or the hint
  bool warning = false;
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.name;
}

const char kForm[] = "/tracks/0/phases/0/items/0";
const char kCall[] = "/tracks/0/phases/0/items/1";
const char kEnding[] = "/tracks/0/phases/0/items/2";

std::string In(const char* pointer, const char* field) {
  return std::string(pointer) + "/" + field;
}

class MistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsFound) {
  const Mistake& mistake = GetParam();
  const LoadResult result = Load(Changed(Shipped("minimal"), mistake.changes));
  const Issue* issue = FindIssue(result.issues, mistake.code, mistake.pointer);
  ASSERT_TRUE(issue != nullptr) << Print(result.issues);
  EXPECT_THAT(issue->message + " | " + issue->hint, HasSubstr(mistake.text));
  EXPECT_FALSE(issue->message.empty());
  EXPECT_EQ(issue->severity == Severity::kWarning, mistake.warning);
  EXPECT_EQ(result.protocol != nullptr, mistake.warning);
}

std::string NameOf(const ::testing::TestParamInfo<Mistake>& info) {
  return info.param.name;
}

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
                "`outcomes` or `criteria`"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Time, MistakeTest,
    ::testing::Values(
        Mistake{"IsoDuration",
                {{"/clocks/0/budget", "\"P2D\""}},
                "bad_span",
                "/clocks/0/budget",
                "days"},
        Mistake{"NoSuchUnit",
                {{"/clocks/0/budget", "\"2 moons\""}},
                "bad_span",
                "/clocks/0/budget",
                "workdays"},
        Mistake{"WorkdaysWithoutCalendar",
                {{"/clocks/0/budget", "\"2 workdays\""}},
                "bad_span",
                "/clocks/0/budget",
                "calendar"},
        Mistake{"NoTime",
                {{"/clocks/0/budget", "\"0 days\""}},
                "bad_span",
                "/clocks/0/budget",
                "longer"},
        Mistake{"RepeatAtOnce",
                {{"/clocks/2/ladder/0/repeat", "\"0 hours\""}},
                "bad_span",
                "/clocks/2/ladder/0/repeat",
                "at once"},
        Mistake{"BadPercent",
                {{"/clocks/0/ladder/0/at", "\"all\""}},
                "bad_span",
                "/clocks/0/ladder/0/at",
                "75%"},
        Mistake{"BadZone",
                {{"/zone", "\"Europe/Stokholm\""}},
                "bad_zone",
                "/zone",
                "Europe/Stockholm"},
        Mistake{"NoRung",
                {{"/clocks/0/ladder", "[]"}},
                "missing_field",
                "/clocks/0/ladder",
                "rungs"},
        Mistake{"RungWithoutTime",
                {{"/clocks/0/ladder/0/at", ""}},
                "missing_field",
                "/clocks/0/ladder/0",
                "`at` or `after`"},
        Mistake{"RungsOutOfOrder",
                {{"/clocks/0/ladder/-", R"({"at": "50%", "do": []})"}},
                "rung_order",
                "/clocks/0/ladder/1",
                "order of time"},
        Mistake{"FirstRungAfterNothing",
                {{"/clocks/0/ladder/0/at", ""},
                 {"/clocks/0/ladder/0/after", "\"1 day\""}},
                "rung_order",
                "/clocks/0/ladder/0/after",
                "none before"},
        Mistake{"RepeatInTheMiddle",
                {{"/clocks/2/ladder/-",
                  R"({"after": "1 day", "repeat": "1 day", "do": []})"}},
                "rung_order",
                "/clocks/2/ladder/0/repeat",
                "last rung"},
        Mistake{"NumberWithoutSource",
                {{"/clocks/0/source", ""}},
                "no_source",
                "/clocks/0",
                "assumption"},
        Mistake{"RepetitionWithoutSource",
                {{In(kForm, "repeat"), R"({"every": "7 days"})"}},
                "no_source",
                In(kForm, "repeat"),
                "assumption"},
        Mistake{"GuardNumberWithoutSource",
                {{"/risk/screen_rules/0/if", "\"phq9.score > 20\""}},
                "no_source",
                "/risk/screen_rules/0",
                "assumption"},
        Mistake{"UnknownSource",
                {{"/clocks/0/source", "\"se9\""}},
                "unknown_reference",
                "/clocks/0/source",
                "source"},
        Mistake{"ClockOfTwoThings",
                {{"/clocks/1/start", R"(["patient.active"])"}},
                "clock_scope",
                "/clocks/1",
                "two clocks"},
        Mistake{"NothingToEscalate",
                {{"/clocks/-", R"({"id": "c", "budget": "1 day",
                   "source": "assumption", "start": ["patient.active"],
                   "ladder": [{"at": "100%",
                               "do": [{"escalate": "team"}]}]})"}},
                "no_subject",
                "/clocks/3/ladder/0/do/0",
                "its own clock"},
        Mistake{"ClockThatNeverStarts",
                {{"/clocks/-", R"({"id": "c", "budget": "1 day",
                   "source": "assumption",
                   "ladder": [{"at": "100%", "do": []}]})"}},
                "never_starts",
                "/clocks/3",
                "start",
                true}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Whole, MistakeTest,
    ::testing::Values(
        Mistake{"Cycle",
                {{In(kForm, "needs"), R"(["ending"])"}},
                "cycle",
                In(kForm, "needs"),
                "form -> ending -> call -> form"},
        Mistake{"NeedsItself",
                {{In(kForm, "needs"), R"(["form"])"}},
                "cycle",
                In(kForm, "needs"),
                "form -> form"},
        Mistake{"LadderEnds",
                {{"/clocks/2/ladder/0/repeat", ""}},
                "ladder_never_ends",
                "/clocks/2/ladder/0",
                "repeat"},
        Mistake{"ClosedAtNight",
                {{"/imports/calendars/always", "\"weekdays@1\""}},
                "pool_chain_closed",
                "/risk/tiers/0/pool",
                "team -> nobody"},
        Mistake{"DeadEnd",
                {{"/tracks/0/phases/-", R"({"id": "limbo"})"},
                 {"/rules/0/do/0/move", "\"pathway/limbo\""}},
                "dead_end",
                "/tracks/0/phases/2",
                "no rule leaves"},
        Mistake{"Unreachable",
                {{"/tracks/0/phases/-", R"({"id": "limbo", "final": true})"}},
                "unreachable",
                "/tracks/0/phases/2",
                "no rule moves",
                true},
        Mistake{"EndedByData",
                {{"/rules/0/on", "\"item.done:call\""}},
                "ending_without_person",
                "/rules/0/do/1",
                "person's decision"},
        Mistake{"EndedByPatient",
                {{In(kEnding, "who"), "\"patient\""}},
                "ending_without_person",
                "/rules/0/do/2",
                "person's decision"},
        Mistake{"EndedByClock",
                {{"/clocks/0/ladder/0/do/-", R"({"close_case": "helped"})"}},
                "ending_without_person",
                "/clocks/0/ladder/0/do/1",
                "person's decision"},
        Mistake{"NeverCloses",
                {{"/rules/0/do/2", ""}, {"/rules/1/do/2", ""}},
                "never_closes",
                "/rules",
                "no rule closes",
                true},
        Mistake{"RiskNotWired",
                {{"/risk", ""}},
                "risk_not_wired",
                "/imports/instruments/phq9",
                "nobody would act"},
        Mistake{"ScreenAsksOtherQuestions",
                {{"/items_anywhere/0/instrument", "\"phq9\""}},
                "wrong_type",
                "/risk/screen_element",
                "instrument of `screen`"},
        Mistake{"AutomaticItemOfNoPhase",
                {{"/items_anywhere/1/mode", "\"auto\""}},
                "unknown_value",
                "/items_anywhere/1/mode",
                "phase"}),
    NameOf);

// Rows that need the base service, which has facts and a program.
class BaseMistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(BaseMistakeTest, IsFound) {
  const Mistake& mistake = GetParam();
  const LoadResult result =
      Load(Changed(Shipped("icbt_base"), mistake.changes));
  const Issue* issue = FindIssue(result.issues, mistake.code, mistake.pointer);
  ASSERT_TRUE(issue != nullptr) << Print(result.issues);
  EXPECT_THAT(issue->message + " | " + issue->hint, HasSubstr(mistake.text));
  EXPECT_TRUE(result.protocol == nullptr);
}

const char kProgram[] = "/tracks/0/phases/3/items/0";
const char kEligibility[] = "/tracks/0/phases/0/items/4";

INSTANTIATE_TEST_SUITE_P(
    Base, BaseMistakeTest,
    ::testing::Values(
        Mistake{"FactFromUnknownItem",
                {{"/facts/0/from", "\"intake.agee\""}},
                "unknown_reference",
                "/facts/0/from",
                "did you mean `age`?"},
        Mistake{"FactOfAnotherType",
                {{"/facts/0/type", "\"boolean\""}},
                "wrong_type",
                "/facts/0/from",
                "type"},
        Mistake{"FactFromNowhere",
                {{"/facts/0/from", "\"age\""}},
                "unknown_reference",
                "/facts/0/from",
                "instrument.item"},
        Mistake{
            "FactValueOfAnotherType",
            {{"/rules/0/do/0", R"({"set": {"fact": "age", "value": "old"}})"}},
            "wrong_type",
            "/rules/0/do/0/set/value",
            "fact's type"},
        Mistake{"ApprovedByNobody",
                {{In(kProgram, "check"), ""}},
                "missing_field",
                kProgram,
                "nobody checks"},
        Mistake{"ProgramTwice",
                {{"/items_anywhere/-",
                  R"({"id": "again", "kind": "program",
                      "program": "depression"})"}},
                "duplicate_id",
                "/items_anywhere/14/program",
                "prefix"},
        Mistake{"UnknownProgram",
                {{In(kProgram, "program"), "\"panic\""}},
                "unknown_reference",
                In(kProgram, "program"),
                "depression"},
        Mistake{"WhoOnProgram",
                {{In(kProgram, "who"), "\"patient\""}},
                "unknown_field",
                In(kProgram, "who"),
                "patient's work"},
        Mistake{"EligibilityHidesMissing",
                {{In(kEligibility, "criteria") + "/0/if",
                  "\"facts.age.exists()\""}},
                "guard_may_hide_missing",
                In(kEligibility, "criteria") + "/0/if",
                "facts.age"},
        Mistake{"EligibilityHidesByIif",
                {{In(kEligibility, "criteria") + "/0/if",
                  "\"iif(facts.age < 18, false, true)\""}},
                "guard_may_hide_missing",
                In(kEligibility, "criteria") + "/0/if",
                "iif"},
        Mistake{"EligibilitySaysNothingOfUnknown",
                {{In(kEligibility, "criteria") + "/1/on_unknown", ""}},
                "on_unknown_missing",
                In(kEligibility, "criteria") + "/1",
                "ask"},
        Mistake{"EligibilityWithoutSource",
                {{In(kEligibility, "criteria") + "/0/source", ""}},
                "no_source",
                In(kEligibility, "criteria") + "/0",
                "assumption"}),
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
