// More than one amendment of a case, and answers that are taken back after one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "migration/look_back_support.h"
#include "stepwell/service.h"
#include "support/matchers.h"

namespace stepwell::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The lines of a report, as "CASE kind what before after".
std::vector<std::string> LinesOf(const AmendmentReport& report) {
  std::vector<std::string> lines;
  for (const LookBackCase& one : report.cases) {
    for (const LookBackCase::Difference& d : one.differences) {
      lines.push_back(
          absl::StrJoin({one.case_id, d.kind, d.what, d.before, d.after}, " "));
    }
  }
  return lines;
}

using AmendAgain = LookBackTest;

TEST_F(AmendAgain, WhatAnEarlierAmendmentToldIsLeftOut) {
  Create("memory:");
  const std::string told = Refer(1), later = Refer(2);
  Answer(told, "1", {2, 2, 2, 2, 2, 2, 2, 2, 0});   // 16
  Answer(later, "2", {2, 2, 2, 2, 2, 1, 1, 1, 0});  // 13
  Deploy(kRightFrom);
  EXPECT_THAT(LinesOf(Amend(true)),
              ::testing::UnorderedElementsAre(
                  told + " band phq9 moderate moderately_severe",
                  told + " alert high none raised"));
  for (const char* step :
       {R"("acknowledge")", R"("assess","outcome":"no_danger")",
        R"("close","reason":"she is well")"}) {
    Do(absl::StrCat(R"({"id":"h)", std::string(step).substr(1, 3),
                    R"(","command":"handle_alert","alert":0,)"
                    R"("actor":{"role":"staff","staff":"anna"},"case":")",
                    told, R"(","action":)", step, "}"));
  }
  Deploy(12, "3");
  const auto amend = [&](std::vector<std::pair<std::string, std::string>> as) {
    AmendmentOptions options;
    options.amendment = absl::StrReplaceAll(kAmendment, as);
    options.apply = true;
    auto report = service_->Amend(options, now_);
    EXPECT_OK(report);
    return report.ok() ? *std::move(report) : AmendmentReport();
  };
  EXPECT_THAT(LinesOf(amend({{"band_15", "band_12"},
                             {"minimal@1", "minimal@2"},
                             {"minimal@2", "minimal@3"}})),
              ::testing::UnorderedElementsAre(
                  later + " band phq9 moderate moderately_severe",
                  later + " alert high none raised"));
  ASSERT_OK_AND_ASSIGN(const CaseSummary first,
                       service_->QueryCase(told, now_));
  EXPECT_THAT(first.open_alerts, IsEmpty());
  // Back to where it began: the bands of both are again what they were.
  Deploy(kWrongFrom, "4");
  EXPECT_THAT(LinesOf(amend({{"band_15", "band_18"},
                             {"minimal@1", "minimal@3"},
                             {"minimal@2", "minimal@4"}})),
              ::testing::UnorderedElementsAre(
                  told + " band phq9 moderately_severe moderate",
                  later + " band phq9 moderately_severe moderate"));
  ExpectHealthy();
}

TEST_F(AmendAgain, WhatWasRaisedIsLookedAtWhenItsAnswersAreTakenBack) {
  Create("memory:");
  const std::string id = Refer(1);
  Answer(id, "1", {2, 2, 2, 2, 2, 2, 2, 2, 0});
  ASSERT_OK_AND_ASSIGN(const CaseSummary before, service_->QueryCase(id, now_));
  uint64_t response = 0;
  for (const auto& event : before.timeline) {
    if (event.event == "ResponseReceived") response = event.seq;
  }
  Deploy(kRightFrom);
  Amend(true);
  Do(absl::StrCat(
      R"({"id":"v1","command":"void_event","reason":"the wrong patient",)",
      R"("actor":{"role":"staff","staff":"anna"},"case":")", id,
      R"(","target":)", response, "}"));
  ASSERT_OK_AND_ASSIGN(const CaseSummary after, service_->QueryCase(id, now_));
  std::string voided;
  std::vector<std::string> notes;
  for (const auto& event : after.timeline) {
    if (event.event == "Voided") voided = event.text;
  }
  for (const WorkLine& item : after.open_items) notes.push_back(item.note);
  EXPECT_THAT(voided, HasSubstr("alerts_marked=0"));
  EXPECT_THAT(notes, ::testing::Contains(HasSubstr(
                         "was taken back: look at the alerts, messages")));
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::testing
