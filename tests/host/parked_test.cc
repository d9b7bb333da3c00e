// Imported answers that found no case: kept, filed by a person or by the next
// import, and never twice.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

class ParkedFhir : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    Begin();
  }

  // PHQ-9 of somebody whom the sender calls `patient`; the last item discloses.
  std::string Response(const std::string& patient) const {
    std::string items;
    for (int i = 1; i <= 9; ++i) {
      absl::StrAppend(&items, i == 1 ? "" : ",", R"({"linkId":"q)", i,
                      R"(","answer":[{"valueInteger":)", 1, "}]}");
    }
    return absl::StrCat(
        R"({"resourceType":"QuestionnaireResponse","id":"w1",)"
        R"("identifier":{"system":"urn:ehr","value":"w1"},)"
        R"("questionnaire":"https://stepwell.dev/fhir/Questionnaire/phq-9",)"
        R"("status":"completed","authored":"2026-02-27T10:00:00Z",)"
        R"("subject":{"identifier":{"system":"urn:clinic","value":")",
        patient, R"("}},"item":[)", items, "]}");
  }

  ImportReport Import(const std::string& text) {
    ImportOptions options;
    auto report = service_->Import(text, options, now_);
    EXPECT_OK(report);
    return report.ok() ? *report : ImportReport();
  }

  std::string FileTo(const std::string& id, const std::string& case_id) {
    return absl::StrCat(
        R"({"id":")", id,
        R"(","command":"file_parked","actor":{"role":"staff","staff":"anna"},)"
        R"("reason":"known by telephone","parked":"urn:ehr|w1","case":")",
        case_id, R"("})");
  }

  // Case of a second person, p-9, opened now.
  std::string OpenSecond() {
    const std::string host = R"("actor":{"role":"integration"})";
    const std::string person =
        R"("person":{"system":"urn:clinic","value":"p-9"})";
    Do(absl::StrCat(R"({"id":"p9","command":"register_person",)", host, ",",
                    person, "}"));
    return Do(absl::StrCat(R"({"id":"r9","command":"receive_referral",)", host,
                           ",", person, R"(,"route":"self"})"))
        .case_id;
  }

  // Scores and open alerts of the case, in words.
  std::string Judged(const std::string& case_id) {
    const auto summary = service_->QueryCase(case_id, now_);
    EXPECT_OK(summary);
    if (!summary.ok()) return "";
    const auto health = service_->CheckHealth(now_);
    EXPECT_OK(health);
    return absl::StrCat(summary->scores.size(), " scores, ",
                        health->open_alerts, " alerts, ", health->parked,
                        " parked");
  }
};

TEST_F(ParkedFhir, APersonFilesItAndItsRiskIsLookedAt) {
  EXPECT_EQ(Import(Response("p-9")).parked, 1u);
  EXPECT_EQ(Judged(case_), "0 scores, 0 alerts, 1 parked");
  const Reply filed = Do(FileTo("f1", case_));
  EXPECT_EQ(filed.kind, Reply::Kind::kAccepted);
  EXPECT_EQ(Judged(case_), "1 scores, 1 alerts, 0 parked");
  const auto summary = service_->QueryCase(case_, now_);
  ASSERT_OK(summary);
  bool dated = false;
  for (const TimelineEntry& entry : summary->timeline) {
    dated = dated || (entry.event == "ResponseReceived" &&
                      entry.at == TimeFromText("2026-02-27T10:00:00Z").value());
  }
  EXPECT_TRUE(dated);
  ExpectHealthy();
}

TEST_F(ParkedFhir, WhatWasFiledIsNotTakenInAgain) {
  Import(Response("p-9"));
  Do(FileTo("f1", case_));
  ImportReport again = Import(Response("p-9"));
  EXPECT_EQ(again.parked, 0u);
  EXPECT_EQ(again.unchanged, 1u);
  // Nor when the sender's name has come to mean somebody here.
  const std::string second = OpenSecond();
  again = Import(Response("p-9"));
  EXPECT_EQ(again.responses, 0u);
  EXPECT_EQ(again.unchanged, 1u);
  EXPECT_EQ(Judged(second), "0 scores, 1 alerts, 0 parked");
  // The command itself sent again is answered as before.
  EXPECT_TRUE(Do(FileTo("f1", case_)).repeated);
  ExpectHealthy();
}

TEST_F(ParkedFhir, WhatWasDismissedStaysDismissed) {
  Import(Response("p-9"));
  Do(R"({"id":"d1","command":"dismiss_parked","actor":{"role":"staff",)"
     R"("staff":"anna"},"reason":"of another clinic",)"
     R"("outcome":"not_reached","parked":"urn:ehr|w1"})");
  const std::string second = OpenSecond();
  const ImportReport again = Import(Response("p-9"));
  EXPECT_EQ(again.unchanged, 1u);
  EXPECT_EQ(Judged(second), "0 scores, 0 alerts, 0 parked");
  ExpectHealthy();
}

TEST_F(ParkedFhir, AnImportFilesWhatHasFoundItsCase) {
  Import(Response("p-9"));
  const std::string second = OpenSecond();
  const ImportReport again = Import(Response("p-9"));
  EXPECT_EQ(again.responses, 1u);
  EXPECT_EQ(Judged(second), "1 scores, 1 alerts, 0 parked");
  EXPECT_EQ(Try(FileTo("f1", second))->code, "parked_not_open");
  EXPECT_EQ(Import(Response("p-9")).unchanged, 1u);
  EXPECT_EQ(Judged(second), "1 scores, 1 alerts, 0 parked");
  ExpectHealthy();
}

// It would only be parked again, beside itself.
TEST_F(ParkedFhir, ARefusalThatIsSentAgainTakesNothingInAfterAll) {
  const std::string second = OpenSecond();
  EXPECT_EQ(Try(FileTo("f1", second))->code, "parked_not_open");
  Import(Response("nobody"));
  const auto again = Try(FileTo("f1", second));
  EXPECT_TRUE(!again.ok() || again->kind == Reply::Kind::kRejected);
  EXPECT_EQ(Judged(second), "0 scores, 0 alerts, 1 parked");
  EXPECT_EQ(Try(FileTo("f2", second))->kind, Reply::Kind::kAccepted);
  EXPECT_EQ(Judged(second), "1 scores, 1 alerts, 0 parked");
}

TEST_F(ParkedFhir, WhatDoesNotSayWhatItIsIsNotFiled) {
  ASSERT_OK_AND_ASSIGN(
      const Reply parked,
      Try(R"({"id":"k6","command":["x"],"actor":{"role":"patient"},"case":")" +
          case_ + R"(","answers":[1,1,1,1,1,1,1,1,3]})"));
  ASSERT_EQ(parked.kind, Reply::Kind::kParked);
  ASSERT_OK_AND_ASSIGN(
      const Reply filed,
      Try(R"({"id":"f1","command":"file_parked","actor":{"role":"staff",)"
          R"("staff":"anna"},"reason":"a test","parked":")" +
          parked.receipt + R"(","case":")" + case_ + R"("})"));
  EXPECT_EQ(filed.kind, Reply::Kind::kRejected);
  EXPECT_EQ(filed.code, "not_fileable");
  EXPECT_EQ(Judged(case_), "0 scores, 0 alerts, 1 parked");
}

// Who is told of risk that fitted nowhere, with the last word first.
TEST_F(ParkedFhir, AFailedWordAboutItsRiskGoesUpTheLine) {
  for (const auto& [name, pool] :
       {std::pair("lena", "lead"), std::pair("otto", "on_call_fallback")}) {
    Do(absl::StrCat(R"({"id":")", name, R"(","command":"add_staff","staff":")",
                    name, R"(","pools":[")", pool,
                    R"("],"actor":{"role":"integration"}})"));
  }
  Import(Response("nobody"));
  now_.us += 15 * 60'000'000LL;
  ASSERT_OK(service_->Advance(now_, {}));
  const auto word = [&] {
    const OutboxPage page = service_->Outbox(0, 10).value();
    return page.effects.empty() ? Effect() : page.effects.back();
  };
  const auto holder = [&] {
    WorklistQuery query;
    query.kind = "parked";
    const WorkLine line = service_->QueryWorklist(query, now_)->lines.at(0);
    return absl::StrCat(line.owner_pool, " ", line.owner_staff);
  };
  const auto fails = [&](bool delivered) {
    return Do(absl::StrCat(R"({"id":"e)", word().effect_id,
                           R"(","command":"settle_effect","actor":)",
                           R"({"role":"integration"},"effect":")",
                           word().effect_id, R"(","delivered":)",
                           delivered ? "true" : "false", "}"));
  };
  EXPECT_EQ(word().owner_staff, "anna");
  EXPECT_EQ(holder(), "duty anna");
  fails(false);
  EXPECT_EQ(word().owner_pool, "lead");
  EXPECT_EQ(word().owner_staff, "lena");
  EXPECT_EQ(word().message_template, "alert_waits");
  EXPECT_EQ(holder(), "lead lena");
  const std::string again = word().effect_id;
  fails(false);
  EXPECT_EQ(holder(), "on_call_fallback otto");
  // The end of the line: its own ladder tells again and again.
  fails(false);
  EXPECT_EQ(word().effect_id, "");
  EXPECT_EQ(holder(), "on_call_fallback otto");
  // The same answer once more changes nothing.
  EXPECT_TRUE(Do(absl::StrCat(R"({"id":"e)", again,
                              R"(","command":"settle_effect","actor":)",
                              R"({"role":"integration"},"effect":")", again,
                              R"(","delivered":false})"))
                  .repeated);
  EXPECT_EQ(word().effect_id, "");
  // It does not go back with the ladder.
  now_.us += 15 * 60'000'000LL;
  ASSERT_OK(service_->Advance(now_, {}));
  EXPECT_EQ(word().owner_staff, "lena");
  EXPECT_EQ(holder(), "on_call_fallback otto");
  // One that has arrived is done with.
  fails(true);
  EXPECT_EQ(word().effect_id, "");
  ExpectHealthy();
}

TEST_F(ParkedFhir, AnEffectOfACaseIsNotSettledBesideIt) {
  Do(Patient("a1", R"("response_id":"x","answers":[1,1,1,1,1,1,1,1,1])"));
  now_.us += 16 * 60'000'000LL;
  ASSERT_OK(service_->Advance(now_, {}));
  ASSERT_OK_AND_ASSIGN(const OutboxPage page, service_->Outbox(0, 10));
  ASSERT_EQ(page.effects.size(), 1u);
  const std::string settle = absl::StrCat(
      R"("command":"settle_effect","actor":{"role":"integration"},"effect":")",
      page.effects[0].effect_id, R"(","delivered":true)");
  EXPECT_EQ(Try(absl::StrCat(R"({"id":"e1",)", settle, "}"))->code,
            "case_required");
  EXPECT_EQ(service_->Outbox(0, 10)->effects.size(), 1u);
  Do(absl::StrCat(R"({"id":"e2","case":")", case_, "\",", settle, "}"));
  EXPECT_EQ(service_->Outbox(0, 10)->effects.size(), 0u);
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
