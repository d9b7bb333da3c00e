// A band of the PHQ-9 began too high, and an alert hangs on it: the look-back
// lists exactly the cases that plain arithmetic on the answers finds, and what
// was missed is raised. Killed in the middle, it goes on to the same report.
// STEPWELL_LOOK_BACK_CASES sets how many cases there are (1,000; `./dev long`
// asks for 10,000).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"
#include "json/json.h"
#include "migration/look_back_support.h"
#include "stepwell/export.h"
#include "stepwell/service.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"

namespace stepwell::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

uint64_t Cases() {
  const char* cases = std::getenv("STEPWELL_LOOK_BACK_CASES");
  return cases == nullptr ? 1000 : std::strtoull(cases, nullptr, 10);
}

TEST_F(LookBackTest, ListsExactlyThoseThatABadCutOffReached) {
  const uint64_t cases = Cases();
  Create("memory:");
  Fill(cases);
  Deploy(kRightFrom);
  now_ = now_ + Hours(1);
  const auto begin = std::chrono::steady_clock::now();
  const AmendmentReport dry = Amend(false);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  std::printf("look-back: %llu cases in %.3f s, %zu affected, %zu expected\n",
              static_cast<unsigned long long>(cases), took.count(),
              dry.cases.size(), expected_.size());
  ExpectExactly(dry);
  EXPECT_FALSE(dry.applied);
  EXPECT_EQ(dry.fine + dry.closed, cases);
  EXPECT_GT(dry.closed, 0u);
  EXPECT_EQ(dry.not_asked, 0u);
  EXPECT_EQ(dry.choice + dry.refused + dry.elsewhere, 0u);
  EXPECT_EQ(ToJson(Amend(false)), ToJson(dry));
  const AmendmentReport done = Amend(true);
  EXPECT_TRUE(done.applied);
  ExpectExactly(done);
  ExpectHealthy();
  // Each is owned and running now, and says why; in a closed case too.
  for (const auto& [id, affected] : expected_) {
    ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                         service_->QueryCase(id, now_));
    bool high = false, said = false;
    for (const WorkLine& alert : summary.open_alerts) {
      high = high || (alert.what == "high" && !alert.due.IsNever());
    }
    for (const WorkLine& item : summary.open_items) {
      said = said || item.note.find("amendment band_15") != std::string::npos;
    }
    EXPECT_TRUE(high && said) << id;
  }
  // Again: the same lines, and nothing is done twice.
  const AmendmentReport again = Amend(true);
  ExpectExactly(again);
  EXPECT_EQ(again.fine, 0u);
  EXPECT_EQ(again.there + again.closed, cases);
}

TEST_F(LookBackTest, IsTheSameAfterBeingKilled) {
  Create(Url());
  Fill(std::min<uint64_t>(Cases(), 300));
  Deploy(kRightFrom);
  const AmendmentReport dry = Amend(false);
  uint64_t partly = 0;
  for (int round = 1; round <= 12; ++round) {
    KillAfter(static_cast<useconds_t>(20'000 * round));
    const AmendmentReport rest = Amend(false);
    ExpectExactly(rest);
    partly += rest.there > 0 && rest.fine > 0;
    ExpectHealthy();
  }
  std::printf("killed 12 times, %llu times with some corrected\n",
              static_cast<unsigned long long>(partly));
  EXPECT_GT(partly, 0u) << "no kill came in the middle";
  const AmendmentReport done = Amend(true);
  ExpectExactly(done);
  EXPECT_EQ(done.cases.size(), dry.cases.size());
  ExpectHealthy();
}

TEST_F(LookBackTest, DocumentsThatSayTheSameDifferNowhere) {
  Create("memory:");
  Fill(100);
  Deploy(kWrongFrom);
  const AmendmentReport dry = Amend(false);
  EXPECT_THAT(dry.cases, IsEmpty());
  EXPECT_EQ(dry.fine + dry.closed, 100u);
  EXPECT_GT(dry.asked, 100u);
}

TEST_F(LookBackTest, ScoresStandCorrectedAndWhatWasTakenBackIsLeftOut) {
  Create("memory:");
  const std::string id = Refer(1);
  Answer(id, "1", {2, 2, 2, 2, 2, 2, 2, 2, 0});  // 16
  const std::string other = Refer(2);
  Answer(other, "2", {2, 2, 2, 2, 2, 2, 2, 2, 0});
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(other, now_));
  for (const auto& event : summary.timeline) {
    if (event.event != "ResponseReceived") continue;
    Do(absl::StrCat(
        R"({"id":"v1","command":"void_event","reason":"the wrong patient",)",
        R"("actor":{"role":"staff","staff":"anna"},"case":")", other,
        R"(","target":)", event.seq, "}"));
  }
  Deploy(kRightFrom);
  const AmendmentReport done = Amend(true);
  ASSERT_EQ(done.cases.size(), 1u);
  EXPECT_EQ(done.cases[0].case_id, id);
  ASSERT_OK_AND_ASSIGN(const CaseSummary after, service_->QueryCase(id, now_));
  std::string amended, note;
  for (const auto& event : after.timeline) {
    if (event.event == "Amended") amended = event.text;
  }
  for (const WorkLine& item : after.open_items) {
    if (!item.note.empty()) note = item.note;
  }
  EXPECT_THAT(amended, HasSubstr("approver="));
  EXPECT_THAT(amended, HasSubstr("band:phq9:moderate->moderately_severe"));
  EXPECT_THAT(note, HasSubstr("alert high none -> raised"));
  // From here on the rule reads the corrected band.
  Answer(id, "3", {2, 2, 2, 2, 2, 2, 2, 1, 0});
  ExpectHealthy();
}

// The scores of a service as FHIR gives them out: "status band", in the order
// in which they were recorded.
std::vector<std::string> Exported(Service& service, const std::string& who,
                                  Instant now) {
  ExportOptions options;
  options.layout = "ndjson";
  options.types = {"Observation"};
  options.who = who;
  std::string text;
  EXPECT_OK(service.Export(
      options,
      [&](std::string_view piece) {
        text += piece;
        return absl::OkStatus();
      },
      now));
  std::vector<std::string> out;
  for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const auto document = json::Parse(ToStd(line));
    EXPECT_OK(document);
    const json::Value score = document->root();
    out.push_back(absl::StrCat(ToAbsl(score.Find("status").string_value()), " ",
                               ToAbsl(score.Find("interpretation")
                                          .at(0)
                                          .Find("coding")
                                          .at(0)
                                          .Find("code")
                                          .string_value())));
  }
  return out;
}

// What a safety amendment corrects is `corrected`, which is more than `amended`
// (the patient's own words were replaced) and less than `entered-in-error`.
TEST_F(LookBackTest, ExportedScoresSayWhichOfThemWereCorrected) {
  Create("memory:");
  const std::string id = Refer(1);
  const std::string command = absl::StrCat(
      R"(","command":"submit_response","actor":{"role":"patient"},"case":")",
      id, R"(","response_id":"x1","instrument":"phq9","answers":)");
  Answer(id, "1", {1, 1, 1, 1, 1, 1, 1, 1, 0});                          // 8
  Do(absl::StrCat(R"({"id":"again)", command, "[2,2,2,2,2,2,2,2,0]}"));  // 16
  Answer(id, "2", {1, 1, 1, 1, 1, 1, 1, 1, 1});                          // 9
  const std::string other = Refer(2);
  Answer(other, "3", {2, 2, 2, 2, 2, 2, 2, 2, 0});  // 16
  EXPECT_THAT(Exported(*service_, id, now_),
              ElementsAre("entered-in-error phq-9/mild",
                          "amended phq-9/moderate", "final phq-9/mild"));
  Deploy(kRightFrom);
  ASSERT_TRUE(Amend(true).applied);
  EXPECT_THAT(
      Exported(*service_, id, now_),
      ElementsAre("entered-in-error phq-9/mild",
                  "corrected phq-9/moderately_severe", "final phq-9/mild"));
  EXPECT_THAT(Exported(*service_, other, now_),
              ElementsAre("corrected phq-9/moderately_severe"));
  // The patient corrects what had been corrected.
  Do(absl::StrCat(R"({"id":"third)", command, "[1,1,1,1,1,0,0,0,0]}"));
  EXPECT_THAT(Exported(*service_, id, now_),
              ElementsAre("entered-in-error phq-9/mild",
                          "entered-in-error phq-9/moderately_severe",
                          "final phq-9/mild", "amended phq-9/mild"));
}

// Version 1 took any answer but the highest for no risk, and its table sent
// scores up to 19 home.
std::string Careless(bool corrected) {
  std::string text = Protocol(corrected ? "2" : "1", kRightFrom);
  text = absl::StrReplaceAll(
      text,
      {{R"({"id": "call", "kind": "task")",
        absl::StrCat(
            R"({"id": "level", "kind": "decision", "needs": ["form"], "table": {
             "rules": [{"id": "heavy", "if": "phq9.score >= )",
            corrected ? 10 : 20,
            R"(", "on_unknown": "block", "outcome": "therapy",
              "source": "assumption"}],
             "otherwise": "course"}}, {"id": "call", "kind": "task")")},
       {R"({"id": "closed", "final": true})",
        R"({"id": "therapy", "items": [{"id": "see", "kind": "task",
          "who": "team", "due": "work"}]}, {"id": "closed", "final": true})"},
       {R"("rules": [{"id": "heavy", "on")",
        R"("rules": [{"id": "sent", "on": "decision:level=therapy",
          "do": [{"move": "pathway/therapy"}]},
          {"id": "seen", "on": "item.done:see", "do": [{"move": "pathway/open"}]},
          {"id": "heavy", "on")"}});
  if (corrected) return text;
  return absl::StrReplaceAll(text, {{R"("id": "risk_item9",
        "at_least": 1)",
                                     R"("id": "risk_item9",
        "at_least": 3)"}});
}

TEST_F(LookBackTest, FindsRiskThatWasOverheardAndDecisionsThatWereWrong) {
  ServiceOptions options;
  options.protocol = Careless(false);
  options.prototype = true;
  ASSERT_OK_AND_ASSIGN(service_, Service::Create("memory:", options, now_));
  const std::string risk = Refer(1), wrong = Refer(2), right = Refer(3);
  Answer(risk, "1", {0, 0, 0, 0, 0, 0, 0, 0, 1});
  Answer(risk, "1b", {0, 0, 0, 0, 0, 0, 0, 0, 2});
  Answer(wrong, "2", {2, 2, 2, 2, 2, 1, 0, 0, 0});
  Answer(right, "3", {1, 1, 1, 1, 1, 1, 0, 0, 0});
  DeployOptions newer;
  newer.protocol = Careless(true);
  newer.prototype = true;
  ASSERT_OK(service_->Deploy(newer, now_).status());
  const AmendmentReport done = Amend(true);
  ASSERT_TRUE(done.applied) << ToJson(done);
  std::map<std::string, std::vector<std::string>> found;
  for (const LookBackCase& line : done.cases) {
    for (const LookBackCase::Difference& d : line.differences) {
      found[line.case_id].push_back(
          absl::StrCat(d.kind, " ", d.what, " ", d.before, " ", d.after));
    }
  }
  EXPECT_THAT(found[risk],
              ::testing::ElementsAre(
                  "risk phq9 no yes", "alert unscreened none raised",
                  "risk phq9 no yes", "alert unscreened none raised"));
  EXPECT_THAT(found[wrong],
              ::testing::ElementsAre("decision level course therapy",
                                     "phase pathway stays therapy"));
  EXPECT_EQ(found.count(right), 0u);
  EXPECT_EQ(done.alerts, 1u);
  EXPECT_EQ(done.tasks, 1u);
  // One alert for both answers; the old decision stays, and a person looks.
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(risk, now_));
  EXPECT_EQ(summary.open_alerts.size(), 1u);
  ASSERT_OK_AND_ASSIGN(const CaseSummary decided,
                       service_->QueryCase(wrong, now_));
  EXPECT_EQ(decided.phases.at(0).second, "open");
  bool said = false;
  for (const WorkLine& item : decided.open_items) {
    said = said || item.note.find("decision level course -> therapy") !=
                       std::string::npos;
  }
  EXPECT_TRUE(said);
  EXPECT_THAT(ToText(done), HasSubstr("decision level: course -> therapy"));
  ExpectHealthy();
}

// Version 1 let people into its program from a PHQ-9 of 5 on, and took any
// GAD-7 for mastery.
std::string Admitting(bool corrected) {
  const std::string version = corrected ? "2" : "1";
  return absl::StrReplaceAll(
      CatalogueDocument("protocols/minimal.json").value(),
      {{R"("version": "1", "status")",
        absl::StrCat("\"version\": \"", version, "\", \"status\"")},
       {R"("imports": {)",
        absl::StrCat(
            R"("documents": {"programs": {"our": {"program": "our",
              "version": "1", "modules": [{"id": "m1", "exercises":
              [{"id": "worry", "instrument": "gad-7@1"}]}, {"id": "m2",
              "release": "on_mastery", "mastery": {"instrument": "gad-7@1",
              "source": "assumption", "at_most": )",
            corrected ? 9 : 20, R"(}}]}}}, "imports": {
              "programs": {"our": "our@1"},)")},
       {R"("instruments": {)", R"("instruments": {"gad7": "gad-7@1", )"},
       {R"({"id": "call", "kind": "task")",
        absl::StrCat(
            R"({"id": "course", "kind": "program", "program": "our",
              "when": "phq9.score >= )",
            corrected ? 15 : 5,
            R"(", "source": "assumption"}, {"id": "call", "kind": "task")")}});
}

TEST_F(LookBackTest, FindsWhoWasLetIntoAProgramOrAModule) {
  ServiceOptions options;
  options.protocol = Admitting(false);
  options.prototype = true;
  ASSERT_OK_AND_ASSIGN(service_, Service::Create("memory:", options, now_));
  // Answers to the PHQ-9 that sum up to `phq9`, and to the GAD-7 once the first
  // module is handed in.
  const auto course = [&](uint64_t n, int phq9, int gad7) {
    const std::string id = Refer(n);
    std::vector<int> answers(9), worries(7);
    for (int i = 0; i < phq9; ++i) ++answers[static_cast<size_t>(i % 8)];
    for (int i = 0; i < gad7; ++i) ++worries[static_cast<size_t>(i % 7)];
    Answer(id, absl::StrCat(n), answers);
    const std::string by = R"(","actor":{"role":"patient"},"case":")";
    Do(absl::StrCat(R"({"id":"m)", n, by, id,
                    R"(","command":"patient_item","item":"m1","done":true})"));
    Do(absl::StrCat(R"({"id":"g)", n, by, id,
                    R"(","command":"submit_response","response_id":"g)", n,
                    R"(","instrument":"gad7","answers":[)",
                    absl::StrJoin(worries, ","), "]}"));
    return id;
  };
  const std::string both = course(1, 8, 14), mastered = course(2, 16, 14);
  course(3, 16, 5);
  course(4, 3, 14);
  DeployOptions newer;
  newer.protocol = Admitting(true);
  newer.prototype = true;
  ASSERT_OK(service_->Deploy(newer, now_).status());
  const AmendmentReport done = Amend(true);
  ASSERT_TRUE(done.applied) << ToJson(done);
  std::map<std::string, std::vector<std::string>> found;
  for (const LookBackCase& line : done.cases) {
    for (const LookBackCase::Difference& d : line.differences) {
      found[line.case_id].push_back(
          absl::StrCat(d.kind, " ", d.what, " ", d.before, " ", d.after));
      EXPECT_TRUE(d.act);
    }
  }
  EXPECT_EQ(found.size(), 2u);
  EXPECT_THAT(found[both],
              ::testing::UnorderedElementsAre(
                  "program our begun none", "item m1 begun none",
                  "item m1_worry begun none", "item m2 begun none"));
  EXPECT_THAT(found[mastered], ::testing::ElementsAre("item m2 begun none"));
  EXPECT_EQ(done.tasks, 2u);
  ExpectHealthy();
}

TEST_F(LookBackTest, NeedsAnApproverAndGoesToAllOrToNone) {
  Create("memory:");
  const std::string id = Refer(1);
  Answer(id, "1", {2, 2, 2, 2, 2, 2, 2, 2, 0});
  Deploy(kRightFrom);
  AmendmentOptions options;
  options.amendment =
      absl::StrReplaceAll(kAmendment, {{"\"approver\"", "\"title\""}});
  EXPECT_THAT(service_->Amend(options, now_).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "approver"));
  // A case that cannot follow keeps all of them where they are.
  DeployOptions other;
  other.protocol = absl::StrReplaceAll(Protocol("3", kRightFrom),
                                       {{"\"call\"", "\"talk\""}});
  other.prototype = true;
  ASSERT_OK(service_->Deploy(other, now_).status());
  options.amendment =
      absl::StrReplaceAll(kAmendment, {{"minimal@2", "minimal@3"}});
  options.apply = true;
  Refer(2);
  ASSERT_OK_AND_ASSIGN(const AmendmentReport report,
                       service_->Amend(options, now_));
  EXPECT_FALSE(report.applied);
  EXPECT_EQ(report.choice, 1u);
  ASSERT_EQ(report.reasons.size(), 1u);
  EXPECT_THAT(report.reasons[0].reason, HasSubstr("call"));
  ASSERT_OK_AND_ASSIGN(const CaseSummary still, service_->QueryCase(id, now_));
  EXPECT_THAT(still.open_alerts, IsEmpty());
}

}  // namespace
}  // namespace stepwell::testing
