// Answers that their case cannot take: a protocol whose rules run in a circle.
// What comes in is kept, scanned for risk, given to somebody, and filed once
// the case can.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/catalogue.h"
#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

class UndecidedFhir : public HostTest {
 protected:
  // The base service with an item that is cancelled and opened without end as
  // long as the fact says so: a loop that no check of documents can see.
  void SetUp() override {
    HostTest::SetUp();
    Begin(absl::StrReplaceAll(
        std::string(FindCatalogueFile("protocols/icbt_base.json")),
        {{"\"rules\": [",
          R"("rules": [
            {"id": "loop_in", "on": "response:phq9",
             "if": "facts.problem = 3", "source": "assumption",
             "do": [{"open": "contact"}]},
            {"id": "loop", "on": "item.available:contact",
             "if": "facts.problem = 3", "source": "assumption",
             "do": [{"cancel": "contact"}, {"open": "contact"}]},)"}}));
    SetProblem("v1", 3);
  }

  void SetProblem(const std::string& id, int value) {
    Do(Staff(id, absl::StrCat(R"("command":"record_fact","fact":"problem",)",
                              R"("value":)", value)));
  }

  // Answers of p-1, each item with `value`.
  static std::string Response(const std::string& id,
                              const std::string& questionnaire, int items,
                              int value) {
    std::string answers;
    for (int i = 1; i <= items; ++i) {
      absl::StrAppend(&answers, i == 1 ? "" : ",", R"({"linkId":"q)", i,
                      R"(","answer":[{"valueInteger":)", value, "}]}");
    }
    return absl::StrCat(
        R"({"resourceType":"QuestionnaireResponse","id":")", id,
        R"(","identifier":{"system":"urn:ehr","value":")", id,
        R"("},"questionnaire":"https://stepwell.dev/fhir/Questionnaire/)",
        questionnaire, R"(","status":"completed",)",
        R"("authored":"2026-02-27T10:00:00Z","subject":{"identifier":)",
        R"({"system":"urn:clinic","value":"p-1"}},"item":[)", answers, "]}");
  }

  ImportReport Import(const std::string& text) {
    auto report = service_->Import(text, ImportOptions(), now_);
    EXPECT_OK(report);
    return report.ok() ? *report : ImportReport();
  }

  // The open parked inputs, as the staff see them.
  std::vector<WorkLine> Parked() {
    WorklistQuery query;
    query.kind = "parked";
    const auto list = service_->QueryWorklist(query, now_);
    EXPECT_OK(list);
    return list.ok() ? list->lines : std::vector<WorkLine>();
  }

  // The receipt of a parked text names it; `w1` is that of the tests.
  std::string FileW1(const std::string& id) const {
    return Staff(id, R"("command":"file_parked","parked":"urn:ehr|w1")");
  }

  std::string Scores() {
    const auto summary = service_->QueryCase(case_, now_);
    EXPECT_OK(summary);
    std::string text;
    for (const auto& [instrument, score] : summary->scores) {
      absl::StrAppend(&text, instrument, "=", score, " ");
    }
    return text;
  }
};

TEST_F(UndecidedFhir, WhatTheCaseCannotTakeIsParkedAndTheRestGoesIn) {
  const ImportReport report = Import(absl::StrCat(
      Response("w1", "phq-9", 9, 1), "\n", Response("w2", "gad-7", 7, 1)));
  EXPECT_EQ(report.entries, 2u);
  EXPECT_EQ(report.parked, 1u);
  EXPECT_EQ(report.responses, 1u);
  EXPECT_TRUE(report.refused.empty());
  EXPECT_EQ(Scores(), "gad-7=7 ");
  const auto parked = Parked();
  ASSERT_EQ(parked.size(), 1u);
  EXPECT_NE(parked[0].owner_pool, "");
  EXPECT_FALSE(parked[0].due.IsNever());
  EXPECT_NE(parked[0].note.find("loop of rules"), std::string::npos)
      << parked[0].note;
  ExpectHealthy();
}

TEST_F(UndecidedFhir, ARiskInItIsSeen) {
  Import(Response("w1", "phq-9", 9, 1));
  const auto health = service_->CheckHealth(now_);
  ASSERT_OK(health);
  EXPECT_EQ(health->parked, 1u);
  // It cannot be dismissed like any paper: somebody says what came of it.
  const std::string dismiss =
      R"("command":"dismiss_parked","parked":"urn:ehr|w1")";
  EXPECT_EQ(Try(Staff("d1", dismiss))->code, "outcome_required");
  EXPECT_EQ(Parked().size(), 1u);
}

TEST_F(UndecidedFhir, AgainItIsTheSameOneAndNothingElseChanges) {
  Import(Response("w1", "phq-9", 9, 1));
  const std::string before = Everything();
  const ImportReport again = Import(Response("w1", "phq-9", 9, 1));
  EXPECT_EQ(again.unchanged, 1u);
  EXPECT_EQ(again.parked, 0u);
  EXPECT_EQ(Everything(), before);
  // Filing it to a case that still cannot take it leaves it where it is.
  EXPECT_FALSE(Try(FileW1("f1")).ok());
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(Parked().size(), 1u);
}

TEST_F(UndecidedFhir, OnceTheCaseCanItIsFiledWithItsScoreAndItsAlert) {
  Import(Response("w1", "phq-9", 9, 1));
  SetProblem("v2", 1);
  EXPECT_EQ(Do(FileW1("f1")).kind, Reply::Kind::kAccepted);
  EXPECT_EQ(Scores(), "phq-9=9 ");
  EXPECT_TRUE(Parked().empty());
  EXPECT_EQ(service_->CheckHealth(now_)->open_alerts, 1u);
  EXPECT_EQ(Import(Response("w1", "phq-9", 9, 1)).unchanged, 1u);
  EXPECT_EQ(Scores(), "phq-9=9 ");
  ExpectHealthy();
}

TEST_F(UndecidedFhir, OnceTheCaseCanTheNextImportFilesIt) {
  Import(Response("w1", "phq-9", 9, 1));
  SetProblem("v2", 1);
  EXPECT_EQ(Import(Response("w1", "phq-9", 9, 1)).responses, 1u);
  EXPECT_EQ(Scores(), "phq-9=9 ");
  EXPECT_TRUE(Parked().empty());
  ExpectHealthy();
}

TEST_F(UndecidedFhir, TheSameByCommandIsParkedOnceAndFiled) {
  const auto reply =
      Try(Patient("a1", R"("response_id":"x","answers":[1,1,1,1,1,1,1,1,1])"));
  ASSERT_OK(reply);
  EXPECT_EQ(reply->kind, Reply::Kind::kParked);
  EXPECT_EQ(reply->code, "not_decided");
  EXPECT_EQ(Parked().size(), 1u);
  SetProblem("v2", 1);
  Do(Staff("f1", absl::StrCat(R"("command":"file_parked","parked":")",
                              reply->receipt, "\"")));
  EXPECT_EQ(Scores(), "phq-9=9 ");
  EXPECT_TRUE(Parked().empty());
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
