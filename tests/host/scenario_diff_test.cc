// What the player of scenarios says when an expectation fails.
#include "host/scenario_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "stepwell/scenario.h"
#include "support/matchers.h"

namespace stepwell {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHead[] =
    "# protocol: catalogue:minimal\n"
    "clock 2026-03-02T09:00 UTC\n"
    "> add_staff {\"staff\":\"anna\",\"pools\":[\"team\"]}\n"
    "> register_person {\"person\":{\"system\":\"s\",\"value\":\"1\"}}\n"
    "> receive_referral {\"person\":{\"system\":\"s\",\"value\":\"1\"},"
    "\"route\":\"self\"}\n";
constexpr char kAnswer[] =
    "> submit_response {\"instrument\":\"phq9\","
    "\"answers\":[1,1,1,1,1,1,1,1,0]}\n";

// The message of a play that fails; its first line is line 6.
ScenarioResult Failed(const std::string& tail) {
  auto played = PlayScenario(absl::StrCat(kHead, tail), ScenarioOptions());
  EXPECT_OK(played);
  if (!played.ok()) return {};
  EXPECT_FALSE(played->ok) << tail;
  return *played;
}

TEST(ScenarioDifference, NamesTheFieldsThatDiffer) {
  const ScenarioResult played =
      Failed("ItemOpened item=form owner=anna occurrence=2\n");
  EXPECT_EQ(played.line, 6);
  EXPECT_EQ(
      played.message,
      "expected ItemOpened item=form owner=anna occurrence=2\n"
      "the nearest is: ItemOpened item=form owner=patient "
      "due=2026-03-09T10:00\n"
      "  owner: expected anna, was patient\n"
      "  occurrence: the event has no such field; it has item, owner, due");
}

TEST(ScenarioDifference, TheNearestIsTheOneWithTheFewestDifferences) {
  EXPECT_THAT(Failed("ClockStarted clock=answer about=item:form "
                     "due=2026-03-10T09:00\n")
                  .message,
              HasSubstr("\n  due: expected 2026-03-10T09:00, was "
                        "2026-03-09T10:00"));
}

TEST(ScenarioDifference, TellsOfEventsInAnotherOrder) {
  const ScenarioResult played = Failed("ItemOpened item=form\nCaseOpened\n");
  EXPECT_EQ(played.line, 7);
  EXPECT_EQ(played.message,
            "expected CaseOpened\nit came, but before what line 6 expects: "
            "put it above that line");
}

TEST(ScenarioDifference, OneEventMeetsOneLine) {
  EXPECT_EQ(Failed("CaseOpened\nCaseOpened\n").message,
            "expected CaseOpened\nit came once for each line that expects it: "
            "line 6 has met the last one");
}

TEST(ScenarioDifference, TellsOfEventsOfOtherCommands) {
  EXPECT_THAT(Failed(absl::StrCat(kAnswer, "CaseOpened\n")).message,
              HasSubstr("\nit came of an earlier command, line 5: "
                        "receive_referral {"));
  const ScenarioResult later =
      Failed(absl::StrCat("ItemOpened item=call\n", kAnswer, "! CaseOpened\n"));
  EXPECT_THAT(later.message, HasSubstr("\n  item: expected call, was form"));
  EXPECT_THAT(later.message, HasSubstr("\nit came of a later command, line 7: "
                                       "submit_response {"));
  // What is counted and logged is what happened up to the failure.
  EXPECT_EQ(later.commands, 3u);
  EXPECT_THAT(later.log, Not(HasSubstr("ScoreRecorded")));
  EXPECT_THAT(Failed("AlertRaised\n> nonsense\n").message,
              Not(HasSubstr("later")));
}

TEST(ScenarioDifference, CutsACommandBetweenCharacters) {
  host::ScenarioStep now, before;
  before.events = {"CaseOpened"};
  before.met_by = {0};
  for (size_t bytes = 57; bytes < 62; ++bytes) {
    before.command = std::string(bytes, 'x') + "\u00e5\u00e5\u00e5";
    const std::string text =
        host::EventDifference("CaseOpened", now, {&before, 1}, {});
    EXPECT_THAT(text, ::testing::EndsWith(
                          std::string(std::min<size_t>(bytes, 60), 'x') +
                          (bytes < 59 ? "\u00e5" : "") + "..."))
        << bytes;
  }
}

TEST(ScenarioDifference, ListsWhatCameWhenNothingIsNear) {
  const std::string message = Failed("AlertRaised tier=high\n").message;
  EXPECT_THAT(message, HasSubstr("expected AlertRaised tier=high\nthe command "
                                 "recorded:\n  CommandRecorded"));
  EXPECT_THAT(
      Failed("> add_staff {\"staff\":\"b\",\"pools\":[]}\nAlertRaised\n")
          .message,
      HasSubstr("the command recorded no events"));
}

TEST(ScenarioDifference, CountsShowWhatWasCounted) {
  EXPECT_THAT(
      Failed("2x CaseOpened\n").message,
      HasSubstr("expected 2x CaseOpened, got 1 of them:\n  CaseOpened"));
  EXPECT_THAT(Failed("1x ItemOpened item=call\n").message,
              HasSubstr("got none\nthe nearest is: ItemOpened item=form"));
}

TEST(ScenarioDifference, AnUnexpectedRefusalIsToldWithItsLine) {
  const std::string refused =
      "> work_item {\"item\":\"call\",\"action\":\"complete\"} by anna\n";
  const ScenarioResult left = Failed(absl::StrCat(refused, kAnswer));
  EXPECT_EQ(left.line, 6);
  EXPECT_THAT(left.message, HasSubstr("accepted, got rejected item_not_open"));
  EXPECT_THAT(Failed(absl::StrCat(refused, "ItemDone\n")).message,
              HasSubstr("expected ItemDone, got rejected item_not_open: "));
  EXPECT_EQ(Failed(absl::StrCat(refused, "ItemDone\n")).line, 6);
  EXPECT_EQ(Failed(absl::StrCat(refused, "2x ItemDone\n")).line, 6);
}

TEST(ScenarioDifference, AnErrorIsToldWithTheLineOfItsCommand) {
  const ScenarioResult played = Failed(absl::StrCat(
      "> work_item {\"item\":\"call\",\"action\":\"dance\"} by anna\n",
      "# and then\n", "ItemDone\n"));
  EXPECT_EQ(played.line, 6);
  EXPECT_THAT(played.message, HasSubstr("expected ItemDone, got "));
  EXPECT_THAT(played.message, HasSubstr("(at /action)"));
}

TEST(ScenarioDifference, SaysWhatIsWrongWithALine) {
  EXPECT_THAT(
      PlayScenario(absl::StrCat(kHead, "> pause_case {\"a\":1\n"),
                   ScenarioOptions())
          .status(),
      testing::StatusIs(absl::StatusCode::kInvalidArgument,
                        "line 6: the JSON of the command is cut short"));
  EXPECT_EQ(Failed("= closed\n").message, "expected closed, got open");
  EXPECT_EQ(Failed("= portal:\n").message,
            "expected portal: nothing, got form");
}

TEST(ScenarioDifference, ListsAreComparedLineByLine) {
  EXPECT_EQ(Failed("= portal: form call ending\n").message,
            "expected portal: form call ending, got form\n    form\n  - call\n"
            "  - ending");
  EXPECT_EQ(Failed("= phase: closed\n").message,
            "expected phase: closed, got open");
  EXPECT_EQ(Failed("= alerts: high raised anna\n").message,
            "expected alerts: high raised anna, got nothing");
}

TEST(ScenarioDifference, KeepsWhatListsHaveInCommon) {
  EXPECT_EQ(host::ListDifference({"a", "b", "c"}, {"b", "x", "c"}),
            "\n  - a\n    b\n  + x\n    c");
  EXPECT_EQ(host::ListDifference({"a", "b"}, {"b", "a"}),
            "\n  - a\n    b\n  + a");
  EXPECT_EQ(host::ListDifference({"a"}, {"b"}), "");
  EXPECT_EQ(host::ListDifference({"a", "b"}, {}), "");
  // Without end it would be the work of lists times lists.
  EXPECT_EQ(host::ListDifference(std::vector<std::string>(201, "a"), {"b"}),
            "");
}

TEST(ScenarioProtocol, IsWhatTheScriptNames) {
  EXPECT_EQ(ScenarioProtocol("# name: x\n  # protocol:  clinic.json \n"),
            "clinic.json");
  EXPECT_EQ(ScenarioProtocol("# protocol: catalogue:a\n# protocol: b\n"),
            "catalogue:a");
  EXPECT_EQ(ScenarioProtocol("clock 2026-03-02T09:00\n"), "");
  const auto played =
      PlayScenario("# protocol: clinic.json\n", ScenarioOptions());
  EXPECT_THAT(std::string(played.status().message()),
              HasSubstr("the file clinic.json"));
}

// Why a play could not be done.
std::string ErrorOf(const std::string& tail) {
  const auto played = PlayScenario(absl::StrCat(kHead, tail), {});
  return played.ok() ? "" : std::string(played.status().message());
}

TEST(ScenarioLines, WhatNoEventCanMeetIsAnError) {
  EXPECT_THAT(ErrorOf("! EffectRequestd\n"),
              HasSubstr("line 6: there is no event `EffectRequestd`"));
  EXPECT_THAT(ErrorOf("! EffectRequested tempalte=x\n"),
              HasSubstr("EffectRequested has no field `tempalte`"));
  EXPECT_THAT(ErrorOf("0x ItemOpen\n"),
              HasSubstr("there is no event `ItemOpen`"));
  EXPECT_EQ(ErrorOf("! EffectRequested template=x\n"), "");
  EXPECT_EQ(ErrorOf("! ItemOpened item=form occurrence=2\n"), "");
  EXPECT_EQ(ErrorOf("! ClockStarted clock=answer clock_no=9\n"), "");
  EXPECT_EQ(ErrorOf("! CommandRecorded verb=x actor=anna reason=y\n"), "");
}

TEST(ScenarioLines, TimeGoesForward) {
  EXPECT_THAT(ErrorOf("> advance -5m\n"), HasSubstr("time goes forward"));
  EXPECT_THAT(ErrorOf("> advance to 2019-01-01T09:00\n"),
              HasSubstr("time goes forward"));
  EXPECT_THAT(ErrorOf("> advance 99999999999d catch-up\n"),
              HasSubstr("advance 8d"));
  EXPECT_FALSE(PlayScenario("# protocol: catalogue:minimal\n", {}).ok());
}

}  // namespace
}  // namespace stepwell
