// What deserves care in an export: what is missing, taken back, unknown,
// erased, or there twice.
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "host/export_support.h"
#include "store/store.h"

namespace stepwell {
namespace {

constexpr std::string_view kNow = "2026-03-02T09:00:00Z";

// A service with staff, one person and, unless left out, a self-referral.
class ExportedCase : public ::testing::Test {
 protected:
  void SetUp() override {
    service_ = NewService();
    Submit(R"("command":"add_staff","staff":"anna",)"
           R"("pools":["therapists","assessors","duty","lead"])",
           "integration");
    Submit(R"("command":"register_person",)" + kPerson_ +
               R"(,"name":"Karin Ek","birth_date":"1985-06-30","sex":"female")",
           "integration");
  }

  Reply Submit(const std::string& members, const std::string& role,
               std::string_view now = kNow) {
    const std::string actor = role == "staff"
                                  ? R"({"role":"staff","staff":"anna"})"
                                  : absl::StrCat("{\"role\":\"", role, "\"}");
    return Do(*service_,
              absl::StrCat("{\"id\":\"c", ++commands_, "\",\"actor\":", actor,
                           ",", members, "}"),
              now);
  }
  void Refer(const std::string& route = "self", const std::string& more = "") {
    case_ = Submit(R"("command":"receive_referral",)" + kPerson_ +
                       R"(,"route":")" + route + "\"" + more,
                   "referrer")
                .case_id;
  }
  std::string OfCase(const std::string& members) const {
    return "\"case\":\"" + case_ + "\"," + members;
  }
  void Answer(const std::string& answers, const std::string& id = "r1") {
    Submit(OfCase(R"("command":"submit_response","instrument":"phq9",)"
                  R"("response_id":")" +
                  id + R"(","answers":)" + answers),
           "patient");
  }
  // Valid until the next one.
  const Exported& Export() {
    exported_ = std::make_unique<Exported>(Ndjson(*service_));
    EXPECT_EQ(StructureErrors(*exported_), "");
    return *exported_;
  }

  const std::string kPerson_ = R"("person":{"system":"urn:s","value":"1"})";
  std::unique_ptr<Service> service_;
  std::unique_ptr<Exported> exported_;
  std::string case_;
  int commands_ = 0;
};

TEST_F(ExportedCase, APersonWithoutACaseIsAPatientAlone) {
  const Exported& exported = Export();
  ASSERT_EQ(exported.all().size(), 1u);
  const json::Value patient = exported.Only("Patient");
  EXPECT_EQ(TextIn(patient, "identifier/0/system"), "urn:s");
  EXPECT_EQ(TextIn(patient, "name/0/text"), "Karin Ek");
  EXPECT_EQ(TextIn(patient, "birthDate"), "1985-06-30");
  EXPECT_EQ(TextIn(patient, "gender"), "female");
  EXPECT_FALSE(patient.Find("deceasedBoolean"));
}

TEST_F(ExportedCase, AMissingAnswerIsAbsentAndNoScoreSaysWhy) {
  Refer();
  Answer("[3,3,3,null,null,null,3,3,null]");
  const Exported& exported = Export();
  const json::Value response = exported.Only("QuestionnaireResponse");
  EXPECT_EQ(response.Find("item").size(), 5u);
  const json::Value score = exported.Only("Observation");
  EXPECT_FALSE(score.Find("valueQuantity"));
  EXPECT_EQ(TextIn(score, "dataAbsentReason/coding/0/code"), "unknown");
  EXPECT_EQ(TextIn(score, "note/0/text"),
            "Without a usable answer: q4, q5, q6, q9");
  // The risk item was not answered: that is not a no.
  EXPECT_FALSE(In(score, "component/0/valueBoolean"));
  EXPECT_EQ(TextIn(score, "component/0/dataAbsentReason/coding/0/code"),
            "unknown");
}

TEST_F(ExportedCase, AnAnswerOutOfRangeOrUnreadableGoesOutAsItCame) {
  Refer();
  Answer(R"([9,"often",1,1,1,1,1,1,0])");
  const json::Value items = Export().Only("QuestionnaireResponse").Find("item");
  ASSERT_EQ(items.size(), 9u);
  EXPECT_EQ(TextIn(items, "0/answer/0/valueInteger"), "9");
  EXPECT_EQ(TextIn(items, "1/answer/0/valueString"), "often");
}

TEST_F(ExportedCase, ACorrectedResponseIsOneResourceWithItsLastWords) {
  Refer();
  Answer("[1,1,1,1,1,1,1,1,0]");
  Answer("[2,1,1,1,1,1,1,1,0]");
  const Exported& exported = Export();
  const json::Value response = exported.Only("QuestionnaireResponse");
  EXPECT_EQ(TextIn(response, "status"), "amended");
  EXPECT_EQ(TextIn(response,
                   "item/0/answer/0/valueCoding/extension/0/"
                   "valueDecimal"),
            "2");
  std::string statuses;
  for (json::Value score : exported.Of("Observation")) {
    absl::StrAppend(&statuses, TextIn(score, "status"), " ",
                    TextIn(score, "valueQuantity/value"), ";");
  }
  EXPECT_EQ(statuses, "entered-in-error 8;amended 9;");
}

TEST_F(ExportedCase, WhatWasTakenBackIsEnteredInError) {
  const Folder folder;
  const auto service = PlayedService("void", folder);
  const Exported exported(Ndjson(*service));
  size_t responses = 0, scores = 0;
  for (json::Value one : exported.Of("QuestionnaireResponse")) {
    responses += TextIn(one, "status") == "entered-in-error";
  }
  for (json::Value one : exported.Of("Observation")) {
    scores += TextIn(one, "status") == "entered-in-error";
  }
  EXPECT_EQ(responses, 1u);
  EXPECT_EQ(scores, 1u);
}

TEST_F(ExportedCase, AReferralTakenBackIsEnteredInErrorAndSaysNoMore) {
  const Folder folder;
  const auto service = PlayedService("letters_of_two", folder);
  const Exported exported(Ndjson(*service));
  std::vector<json::Value> wrong;
  for (json::Value one : exported.Of("ServiceRequest")) {
    if (TextIn(one, "status") == "entered-in-error") wrong.push_back(one);
  }
  ASSERT_EQ(wrong.size(), 1u);
  EXPECT_FALSE(wrong[0].Find("requester"));
  EXPECT_FALSE(wrong[0].Find("category"));
  const std::string reference =
      absl::StrCat("ServiceRequest/", TextIn(wrong[0], "id"));
  // The letter that did not leave was about it.
  size_t letters = 0;
  for (json::Value one : exported.Of("Communication")) {
    if (TextIn(one, "basedOn/0/reference") != reference) continue;
    ++letters;
    EXPECT_NE(TextIn(one, "status"), "completed");
  }
  EXPECT_EQ(letters, 1u);
}

TEST_F(ExportedCase, TwoReferralsAreTwoRequestsOfOneEpisode) {
  Refer("self");
  Refer("gp", R"(,"referrer":"urn:gps|77","documents":["referral_letter"],)"
              R"("consents":{"care":true,"feedback":false},)"
              R"("wait_from":"2026-02-20T00:00:00Z",)"
              R"("referral":{"system":"urn:ref","value":"R-1"})");
  const Exported& exported = Export();
  ASSERT_EQ(exported.Of("ServiceRequest").size(), 2u);
  EXPECT_EQ(exported.Only("EpisodeOfCare").Find("referralRequest").size(), 2u);
  for (json::Value request : exported.Of("ServiceRequest")) {
    const bool gp = TextIn(request, "category/0/coding/0/code") == "gp";
    EXPECT_EQ(TextIn(request, "status"), "active");
    if (!gp) {
      EXPECT_EQ(TextIn(request, "requester/reference").substr(0, 8),
                "Patient/");
      continue;
    }
    EXPECT_EQ(TextIn(request, "identifier/0/value"), "R-1");
    EXPECT_EQ(TextIn(request, "intent"), "order");
    EXPECT_EQ(TextIn(request, "requester/identifier/system"), "urn:gps");
    EXPECT_EQ(TextIn(request, "authoredOn"), "2026-02-20");
    EXPECT_EQ(TextIn(request, "supportingInfo/0/identifier/type/coding/0/code"),
              "referral_letter");
  }
  std::string consents;
  for (json::Value consent : exported.Of("Consent")) {
    absl::StrAppend(&consents, TextIn(consent, "category/0/coding/0/code"), " ",
                    TextIn(consent, "status"), ";");
  }
  EXPECT_EQ(consents, "care active;feedback rejected;");
}

TEST_F(ExportedCase, APausedCaseIsOnHold) {
  Refer();
  Submit(OfCase(R"("command":"pause_case","reason":"holiday",)"
                R"("review_at":"2026-03-20T08:00:00Z")"),
         "staff", "2026-03-03T09:00:00Z");
  const json::Value episode = Export().Only("EpisodeOfCare");
  EXPECT_EQ(TextIn(episode, "status"), "onhold");
  EXPECT_EQ(TextIn(episode, "statusHistory/0/period/end"),
            "2026-03-03T09:00:00Z");
}

TEST_F(ExportedCase, AReopenedCaseHasTwoEpisodes) {
  const Folder folder;
  const auto service = PlayedService("return", folder);
  const Exported exported(Ndjson(*service));
  ASSERT_EQ(exported.Of("EpisodeOfCare").size(), 2u);
  const json::Value first = exported.Of("EpisodeOfCare").front();
  const json::Value second = exported.Of("EpisodeOfCare").back();
  EXPECT_FALSE(TextIn(first, "period/end").empty());
  EXPECT_LE(TextIn(first, "period/end"), TextIn(second, "period/start"));
  EXPECT_NE(TextIn(first, "referralRequest/0/reference"),
            TextIn(second, "referralRequest/0/reference"));
}

TEST_F(ExportedCase, MinutesThatNobodyNotedAreNotThere) {
  Refer();
  Submit(OfCase(R"("command":"work_item","item":"call_applicant",)"
                R"("action":"open","reason":"asked for it")"),
         "staff");
  Submit(OfCase(R"("command":"work_item","item":"call_applicant",)"
                R"("action":"complete")"),
         "staff");
  bool found = false;
  for (json::Value task : Export().Of("Task")) {
    if (TextIn(task, "status") != "completed") continue;
    found = true;
    EXPECT_FALSE(task.Find("output"));
  }
  EXPECT_TRUE(found);
}

TEST_F(ExportedCase, InputThatFittedNowhereIsATaskOfNobody) {
  const auto reply = service_->Submit(
      R"({"id":"x","command":"submit_response","actor":{"role":"patient"},)"
      R"("person":{"system":"urn:s","value":"nobody"},"instrument":"phq9",)"
      R"("answers":[1,1,1,1,1,1,1,1,3]})",
      At(kNow));
  ASSERT_OK(reply);
  ASSERT_EQ(reply->kind, Reply::Kind::kParked);
  const json::Value task = Export().Only("Task");
  EXPECT_EQ(TextIn(task, "code/coding/0/code"), "file-input");
  EXPECT_EQ(TextIn(task, "statusReason/coding/0/code"), "unknown_person");
  EXPECT_FALSE(task.Find("for"));
  EXPECT_EQ(TextIn(task, "input/0/valueCode"), "disclosed");
  std::string raw;
  ASSERT_TRUE(
      absl::Base64Unescape(TextIn(task, "input/1/valueAttachment/data"), &raw));
  EXPECT_NE(raw.find("\"answers\":[1,1,1,1,1,1,1,1,3]"), std::string::npos);
}

TEST_F(ExportedCase, MessagesCarryTheirTextAndTheirAnswer) {
  Refer();
  Submit(OfCase(R"("command":"receive_message","message_id":"m-1",)"
                R"("text":"How <long>?\n\"Soon\" \u0007")"),
         "patient");
  Submit(OfCase(R"("command":"send_message","message_id":"m-2",)"
                R"("text":"Ten minutes.","answers":"m-1","minutes":5)"),
         "staff");
  for (json::Value one : Export().Of("Communication")) {
    const bool ours = TextIn(one, "identifier/0/value") == "m-2";
    EXPECT_EQ(TextIn(one, "payload/0/contentString"),
              ours ? "Ten minutes." : "How <long>?\n\"Soon\" \xEF\xBF\xBD");
    EXPECT_EQ(TextIn(one, "inResponseTo/0/reference"),
              ours ? "Communication/" + case_ + "-m0" : "");
    EXPECT_EQ(TextIn(one, "sender/identifier/value"), ours ? "anna" : "");
  }
}

// After erasure the case is there and nothing says whose it is.
TEST(ExportOfAnErasedPerson, HoldsNothingOfThem) {
  const Folder folder;
  const std::string url = "sqlite:" + folder / "s.db";
  ServiceOptions options;
  options.protocol = "catalogue:icbt_base";
  options.prototype = true;
  std::string person;
  {
    ASSERT_OK_AND_ASSIGN(const auto service,
                         Service::Create(url, options, At(kNow)));
    person = Do(*service,
                R"({"id":"p","command":"register_person",)"
                R"("actor":{"role":"integration"},)"
                R"("person":{"system":"urn:s","value":"1"},)"
                R"("name":"Karin Ek","birth_date":"1985-06-30"})",
                kNow)
                 .person_id;
  }
  {
    ASSERT_OK_AND_ASSIGN(const auto store,
                         store::OpenStore(url, store::OpenMode::kExisting));
    store::CommitRequest request;
    request.documents.push_back({"person", person, std::nullopt});
    ASSERT_OK(store->Commit(request));
  }
  ASSERT_OK_AND_ASSIGN(const auto service, Service::Open(url));
  const std::string text = Ndjson(*service);
  EXPECT_EQ(text.find("Ek"), std::string::npos);
  EXPECT_EQ(text.find("1985"), std::string::npos);
  EXPECT_EQ(StructureErrors(Exported(text)), "");
  // Taking it in again brings nothing back and writes nothing.
  ASSERT_OK_AND_ASSIGN(const ImportReport report,
                       service->Import(text, {}, At(kNow)));
  EXPECT_EQ(report.unchanged, 1u) << ToJson(report);
  EXPECT_EQ(Ndjson(*service), text);
}

TEST(ExportOfPersonalData, LeavesOutWhatIsNoLegalR4AndSaysSo) {
  const auto service = NewService();
  ASSERT_OK_AND_ASSIGN(
      const ImportReport report,
      service->Import(
          R"({"resourceType":"Patient","id":"p","identifier":[)"
          R"({"system":"urn:s","value":"1"}],"name":[{"family":"Ek"}],)"
          R"("telecom":[{"system":"pigeon","value":"7"}],"birthDate":"1985-06",)"
          R"("address":"somewhere"})",
          {}, At(kNow)));
  EXPECT_EQ(report.persons, 1u);
  ExportOptions options;
  options.layout = "ndjson";
  ExportReport exported;
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ExportText(*service, options, At(kNow), &exported));
  EXPECT_EQ(StructureErrors(Exported(text)), "");
  const Exported read(text);
  const json::Value patient = read.Only("Patient");
  EXPECT_EQ(TextIn(patient, "name/0/family"), "Ek");
  EXPECT_EQ(TextIn(patient, "birthDate"), "1985-06");
  EXPECT_FALSE(patient.Find("telecom"));
  ASSERT_EQ(exported.left_out.size(), 2u);
  EXPECT_NE(exported.left_out[0].find("telecom"), std::string::npos);
  EXPECT_NE(exported.left_out[1].find("address"), std::string::npos);
}

TEST_F(ExportedCase, AFlagIsEvidenceWithItsSourceAndItsAuthor) {
  Refer();
  Submit(OfCase(R"("command":"receive_message","message_id":"m-1",)"
                R"("text":"I give up")"),
         "patient");
  const std::string flag = R"("command":"flag_risk","tier":"high","source":)";
  Submit(OfCase(flag + R"("m-1")"), "staff");
  Submit(OfCase(flag + R"("call of Monday")"), "integration");
  Submit(OfCase(flag + R"("m-1")"), "integration");
  const Exported& exported = Export();
  const json::Value issue = exported.Only("DetectedIssue");
  EXPECT_EQ(TextIn(issue, "author/identifier/value"), "anna");
  EXPECT_EQ(TextIn(exported.Only("Flag"), "author/identifier/value"), "anna");
  const json::Value evidence = issue.Find("evidence");
  ASSERT_EQ(evidence.size(), 2u);
  EXPECT_EQ(TextIn(evidence, "0/code/0/coding/0/code"), "flag");
  EXPECT_EQ(TextIn(evidence, "0/code/0/text"), "m-1");
  EXPECT_EQ(TextIn(exported.Get(TextIn(evidence, "0/detail/0/reference")),
                   "identifier/0/value"),
            "m-1");
  EXPECT_EQ(TextIn(evidence, "1/code/0/text"), "call of Monday");
  EXPECT_FALSE(In(evidence, "1/detail/0"));
}

}  // namespace
}  // namespace stepwell
