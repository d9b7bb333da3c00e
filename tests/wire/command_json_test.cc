#include "wire/command_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/time_text.h"
#include "support/matchers.h"
#include "support/shared_data.h"
#include "wire/json_support.h"

namespace stepwell::wire {
namespace {

using engine::Answer3;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

const std::string kStaff =
    R"("actor":{"role":"staff","staff":"anna"},"case":"0123456789ABC",)";

class CommandJson : public ::testing::Test {
 protected:
  void SetUp() override {
    protocol_ = CatalogueProtocol("icbt_base");
    ASSERT_NE(protocol_, nullptr);
    names_ = NamesOfProtocol(*protocol_);
  }

  // The head and, of a command to a case, the body.
  struct ReadBoth {
    CommandHead head;
    CommandBody body;
    std::optional<ServiceBody> service;
  };
  absl::StatusOr<ReadBoth> Read(const std::string& text) {
    STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                              ParseCommand(text));
    ReadBoth both;
    STEPWELL_ASSIGN_OR_RETURN(both.head, ReadCommandHead(document.root()));
    STEPWELL_RETURN_IF_ERROR(ResolveHead(both.head, names_));
    if (IsServiceVerb(both.head.verb)) {
      STEPWELL_ASSIGN_OR_RETURN(
          both.service, ReadServiceBody(both.head, document.root(), names_));
    } else {
      STEPWELL_ASSIGN_OR_RETURN(
          both.body, ReadCommandBody(both.head, document.root(), names_));
    }
    return both;
  }

  template <class T>
  T ReadAs(const std::string& text) {
    auto both = Read(text);
    EXPECT_OK(both) << text;
    if (!both.ok()) return T();
    const T* body = std::get_if<T>(&both->body.body);
    EXPECT_NE(body, nullptr) << text;
    return body == nullptr ? T() : *body;
  }

  // The pointer of the error that the text gives.
  std::string PlaceOfError(const std::string& text) {
    const auto both = Read(text);
    EXPECT_THAT(both, StatusIs(kInvalid, "")) << text;
    return PlaceOf(both.status()).pointer;
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  Names names_;
};

// "<!-- example: verb -->" followed by a fenced block.
std::multimap<std::string, std::string> ExamplesOfThePage() {
  const std::string page = testing::ReadFileText(
      std::string(STEPWELL_SOURCE_DIR) + "/docs/formats/command.md");
  std::multimap<std::string, std::string> examples;
  const std::string mark = "<!-- example: ";
  for (size_t at = page.find(mark); at != page.npos;
       at = page.find(mark, at + 1)) {
    const size_t name = at + mark.size();
    const std::string verb = page.substr(name, page.find(' ', name) - name);
    const size_t begin = page.find("```json\n", at) + 8;
    examples.emplace(verb, page.substr(begin, page.find("```", begin) - begin));
  }
  return examples;
}

TEST_F(CommandJson, EveryVerbHasAnExampleThatIsReadAsItself) {
  const auto examples = ExamplesOfThePage();
  for (const std::string& verb : CommandVerbs()) {
    EXPECT_GT(examples.count(verb), 0u) << "no example of " << verb;
  }
  for (const auto& [verb, text] : examples) {
    const auto both = Read(text);
    ASSERT_OK(both) << text;
    EXPECT_EQ(both->head.verb, verb);
    EXPECT_THAT(both->body.problems, IsEmpty()) << text;
    if (both->service) continue;
    std::visit([&, v = verb](const auto& body) { EXPECT_EQ(body.kVerb, v); },
               both->body.body);
  }
}

TEST_F(CommandJson, AnUnknownMemberOfAnyStaffVerbIsAnErrorAtItsPlace) {
  for (auto [verb, text] : ExamplesOfThePage()) {
    const size_t brace = text.rfind('}');
    text.insert(brace, R"(,"minuets":1)");
    const auto both = Read(text);
    if (IsPatientVerb(verb)) {
      ASSERT_OK(both);
      EXPECT_THAT(both->body.problems, ElementsAre(HasSubstr("/minuets")));
    } else {
      EXPECT_EQ(PlaceOf(both.status()).pointer, "/minuets") << text;
    }
  }
}

TEST_F(CommandJson, TheHeadIsRead) {
  ASSERT_OK_AND_ASSIGN(const ReadBoth both,
                       Read(R"({"id":"c1","command":"resume_case",
               "actor":{"role":"staff","staff":"bo"},
               "on_behalf_of":"anna","purpose":"care","reason":"back",
               "source_document":"d","cause":"c0","case":"0123456789ABC",
               "person":{"system":"urn:x","value":"p 1"},
               "at":"2026-03-02T09:00:00+01:00","expected_version":7})"));
  const CommandHead& head = both.head;
  EXPECT_EQ(head.envelope.command_id, "c1");
  EXPECT_EQ(head.envelope.actor.role, engine::Role::kStaff);
  EXPECT_EQ(head.envelope.actor.staff, StaffId(2));
  EXPECT_EQ(head.envelope.on_behalf_of, "anna");
  EXPECT_EQ(head.envelope.purpose, "care");
  EXPECT_EQ(head.envelope.source_document, "d");
  EXPECT_EQ(head.envelope.cause, "c0");
  EXPECT_EQ(head.envelope.reason, "back");
  EXPECT_EQ(head.envelope.at, ParseInstant("2026-03-02T08:00:00Z"));
  EXPECT_EQ(IdToText(head.case_id->value), "0123456789ABC");
  EXPECT_EQ(head.person->identifier, (Identifier{"urn:x", "p 1"}));
  EXPECT_EQ(head.expected_version, 7u);
  EXPECT_FALSE(head.from_patient);
}

// The clocks of the service stand an hour before UTC in winter, two in summer;
// a day on which they change is shorter or longer.
TEST_F(CommandJson, ADayIsItsEndWhereTheServiceIs) {
  const std::pair<const char*, const char*> table[] = {
      {"2026-03-02", "2026-03-02T22:59:59.999999Z"},
      {"2028-02-29", "2028-02-29T22:59:59.999999Z"},
      {"2026-03-29", "2026-03-29T21:59:59.999999Z"},
      {"2026-10-25", "2026-10-25T22:59:59.999999Z"},
  };
  protocol_ = CatalogueProtocol("minimal");
  names_ = NamesOfProtocol(*protocol_);
  for (const auto& [day, end] : table) {
    ASSERT_OK_AND_ASSIGN(
        const ReadBoth both,
        Read(absl::StrCat(R"({"id":"c1","command":"resume_case",)", kStaff,
                          R"("at":")", day, "\"}")));
    EXPECT_EQ(both.head.envelope.at, ParseInstant(end)) << day;
  }
  EXPECT_EQ(PlaceOfError(R"({"id":"c1","command":"resume_case",)" + kStaff +
                         R"("at":"2026-02-29"})"),
            "/at");
}

TEST_F(CommandJson, MistakesOfTheHeadNameTheirPlace) {
  const std::string actor = R"("actor":{"role":"staff","staff":"anna"})";
  const std::vector<std::pair<std::string, std::string>> table = {
      {R"({"command":"resume_case",)" + actor + "}", "/id"},
      {R"({"id":"","command":"resume_case",)" + actor + "}", "/id"},
      {R"({"id":7,"command":"resume_case",)" + actor + "}", "/id"},
      {R"({"id":"c",)" + actor + "}", "/command"},
      {R"({"id":"c","command":"resume_cas",)" + actor + "}", "/command"},
      {R"({"id":"c","command":3,)" + actor + "}", "/command"},
      {R"({"id":"c","command":"fire_clock",)" + actor + "}", "/command"},
      {R"({"id":"c","command":"resume_case"})", "/actor"},
      {R"({"id":"c","command":"resume_case","actor":"anna"})", "/actor"},
      {R"({"id":"c","command":"resume_case","actor":{"role":"stuff"}})",
       "/actor/role"},
      {R"({"id":"c","command":"resume_case","actor":{"role":"staff"}})",
       "/actor"},
      {R"({"id":"c","command":"resume_case","actor":{"role":"patient",
           "staff":"anna"}})",
       "/actor"},
      {R"({"id":"c","command":"resume_case","actor":{"role":"staff",
           "staff":"nobody"}})",
       "/actor/staff"},
      {R"({"id":"c","command":"resume_case","case":"short",)" + actor + "}",
       "/case"},
      {R"({"id":"c","command":"resume_case","person":"p",)" + actor + "}",
       "/person"},
      {R"({"id":"c","command":"resume_case","person":{"system":"s"},)" + actor +
           "}",
       "/person/value"},
      {R"({"id":"c","command":"resume_case","at":"2026-03-02 09:00",)" + actor +
           "}",
       "/at"},
      {R"({"id":"c","command":"resume_case","at":"2025-02-29T09:00:00Z",)" +
           actor + "}",
       "/at"},
      {R"({"id":"c","command":"resume_case","expected_version":-1,)" + actor +
           "}",
       "/expected_version"},
  };
  for (const auto& [text, pointer] : table) {
    EXPECT_EQ(PlaceOfError(text), pointer) << text;
  }
  EXPECT_THAT(Read("[]"), StatusIs(kInvalid, "a command is a JSON object"));
  EXPECT_THAT(Read("{"), StatusIs(kInvalid, "byte"));
  EXPECT_THAT(Read(""), StatusIs(kInvalid, ""));
  EXPECT_THAT(Read("{\"id\":\"\xff\"}"), StatusIs(kInvalid, ""));
  EXPECT_THAT(Read(std::string(2 << 20, ' ')),
              StatusIs(absl::StatusCode::kResourceExhausted, ""));
  EXPECT_THAT(Read(std::string(10000, '[') + std::string(10000, ']')),
              StatusIs(kInvalid, "nests deeper"));
}

// A command of staff with a mistake, its place, and what the error says.
struct Mistake {
  std::string body, pointer, text;
};

const std::vector<Mistake>& MistakesOfCaseCommands() {
  static const auto* const table = new std::vector<Mistake>{
      {R"("command":"work_item","action":"complete")", "/item", "needs `item`"},
      {R"("command":"send_message","text":"t","body_key":"k")", "/body_key",
       "there is a `text` too"},
      {R"("command":"work_item","item":"inclusoin","action":"complete")",
       "/item", "did you mean `inclusion`?"},
      {R"("command":"work_item","item":"inclusion","action":"done")", "/action",
       "complete"},
      {R"("command":"work_item","item":"inclusion","action":"complete",
          "outcome":"includ")",
       "/outcome", "did you mean `include`?"},
      {R"("command":"work_item","item":"inclusion","action":"complete",
          "minutes":2.5)",
       "/minutes", "whole number"},
      {R"("command":"work_item","item":"inclusion","action":"complete",
          "value":1)",
       "/value", "asks for no value"},
      {R"("command":"change_appointment","item":"video_assessment",
          "action":"book")",
       "/starts_at", "needs `starts_at`"},
      {R"("command":"change_appointment","item":"video_assessment",
          "action":"mode","mode":"vido")",
       "/mode", "did you mean `video`?"},
      {R"("command":"offer_slots","item":"video_assessment")", "/slots",
       "needs `slots`"},
      {R"("command":"offer_slots","item":"video_assessment","slots":{})",
       "/slots", "a list of at most 200"},
      {R"("command":"offer_slots","item":"video_assessment",
          "slots":[{"id":"a"}])",
       "/slots/0/starts_at", "needs `starts_at`"},
      {R"("command":"offer_slots","item":"video_assessment",
          "slots":[{"id":"a","starts_at":"2026-03-02T08:00:00Z","room":1}])",
       "/slots/0/room", "room"},
      {R"("command":"transfer_case","action":"hand_over")", "/to",
       "needs `to`"},
      {R"("command":"transfer_case","action":"hand")", "/action",
       "hand_over, confirm, withdraw"},
      {R"("command":"handle_alert","alert":0,"action":"assess",
          "outcome":"no_dangr")",
       "/outcome", "no_danger"},
      {R"("command":"handle_alert","action":"assess")", "/alert",
       "needs `alert`"},
      {R"("command":"handle_alert","alert":0,"action":"reviewed_unchanged")",
       "/until", "needs `until`"},
      {R"("command":"pause_case")", "/review_at", "needs `review_at`"},
      {R"("command":"record_fact","fact":"agee","value":3)", "/fact", "age"},
      {R"("command":"record_fact","fact":"age","value":"old")", "/value",
       "whole number"},
      {R"("command":"record_fact","fact":"parallel_therapy","value":1)",
       "/value", "true or false"},
      {R"("command":"record_consent","consent_purpose":"feedbak",
          "given":true)",
       "/consent_purpose", "feedback"},
      {R"("command":"void_event","target":0)", "/target", "whole number"},
      {R"("command":"settle_effect","effect":"?","delivered":true)", "/effect",
       "effect_id"},
  };
  return *table;
}

const std::vector<Mistake>& MistakesOfServiceCommands() {
  static const auto* const table = new std::vector<Mistake>{
      {R"("command":"receive_referral","person":{"value":"p"},
          "route":"gpp")",
       "/route", "gp"},
      {R"("command":"receive_referral","person":{"value":"p"},"route":"gp",
          "received_at":"2026-03-02T08:00:00Z",
          "wait_from":"2026-03-03T08:00:00Z")",
       "/wait_from", "no later"},
      {R"("command":"receive_referral","person":{"value":"p"},"route":"gp",
          "facts":{"aeg":4})",
       "/facts/aeg", "age"},
      {R"("command":"receive_referral","person":{"value":"p"},"route":"gp",
          "consents":{"care":"yes"})",
       "/consents/care", "true or false"},
      {R"("command":"register_person","person":{"value":"p"},
          "birth_date":"1985-02-30")",
       "/birth_date", "no date"},
      {R"("command":"register_person","person":{"value":"p"},
          "zone":"Europe/Stokholm")",
       "/zone", "IANA"},
      {R"("command":"receive_referral","person":{"value":"p"},"route":"gp",
          "zone":"CET+1")",
       "/zone", "no time zone"},
      {R"("command":"register_person")", "", "identifier"},
      {R"("command":"add_staff","staff":"cleo","pools":["therapist"])",
       "/pools/0", "therapists"},
      {R"("command":"dismiss_parked","parked":0)", "/reason", "reason"},
      {R"("command":"adopt_case","person":{"value":"p"},
          "owner":{"pool":"team"},"referrals":[{"route":"gp",
          "received_at":"2026-01-01T00:00:00Z"}],
          "tracks":[{"track":"pathway","phase":"treatmen",
          "since":"2026-01-01T00:00:00Z"}])",
       "/tracks/0/phase", "treatment"},
      {R"("command":"open_group","group":"g","kind":"course")", "/starts_at",
       "needs `starts_at`"},
      {R"("command":"open_group","group":"g","kind":"course","places":0,
          "starts_at":"2026-07-06T00:00:00Z")",
       "/places", "1 to 1000"},
      {R"("command":"open_group","group":" ","kind":"course",
          "starts_at":"2026-07-06T00:00:00Z")",
       "/group", "is blank"},
      {R"("command":"call_off_group","group":"g")", "/reason", "reason"},
      {R"("command":"set_safe_mode","on":true)", "/reason", "reason"},
      {R"("command":"set_safe_mode","reason":"r")", "/on", "safe mode"},
      {R"("command":"set_safe_mode","on":"yes","reason":"r")", "/on",
       "true or false"},
      {R"("command":"reassign_cases","from":"anna")", "/reason", "reason"},
      {R"("command":"reassign_cases","from":"ana","reason":"r")", "/from",
       "staff register"},
      {R"("command":"reassign_cases","from":"anna","pool":"therapist",
          "reason":"r")",
       "/pool", "therapists"},
  };
  return *table;
}

const std::vector<Mistake>& MistakesOfStaff() {
  static const auto* const table = new std::vector<Mistake>{
      {R"("command":"add_staff","staff":"cleo","pools":[],
          "caseload_max":0)",
       "/caseload_max", "1 to 1000000"},
      {R"("command":"adopt_case","person":{"value":"p"},
          "owner":{"pool":"team"},"referrals":[{"route":"gp",
          "received_at":"2026-01-01T00:00:00Z"}],
          "tracks":[{"track":"pathway","phase":"treatment",
          "since":"2026-01-01T00:00:00Z"}],
          "clocks":[{"clock":"inactivity","runs":false,
          "remaining":"3 days"}])",
       "/clocks/0", "does not run"},
  };
  return *table;
}

const std::vector<Mistake>& MistakesOfOwnership() {
  static const auto* const table = new std::vector<Mistake>{
      {R"("command":"assign_case","pool":"therapist")", "/pool", "therapists"},
      {R"("command":"assign_case","pool":"therapists","staff":"cleo")",
       "/staff", "add_staff"},
      {R"("command":"offer_slots","item":"video_assessment",
          "slots":[{"id":"a","starts_at":"2026-03-02T08:00:00Z",
                    "staff":"cleo"}])",
       "/slots/0/staff", "add_staff"},
      {R"("command":"draw_reviews")", "/month", "month"},
      {R"("command":"draw_reviews","month":"2026-13")", "/month", "2026-03"},
      {R"("command":"work_item","item":"inclusion","action":"complete",
          "checklist":{"warm":"yes"})",
       "/checklist", "no checklist"},
      {R"("command":"add_staff","staff":"cleo","pools":[],
          "skills":["trauma","trauma "])",
       "/skills/1", "spaces around"},
      {R"("command":"add_staff","staff":"cleo","pools":[],"languages":[""])",
       "/languages/0", "empty"},
      {R"("command":"work_item","item":"inclusion","action":"defer",
          "until":"tomorrow")",
       "/until", "is no time"},
      {R"("command":"work_item","item":"inclusion","action":"hand_over",
          "pool":"therapist")",
       "/pool", "did you mean `therapists`?"},
      {R"("command":"work_item","item":"inclusion","action":"hand_over",
          "member":"ana")",
       "/member", "staff register"},
  };
  return *table;
}

TEST_F(CommandJson, MistakesOfABodySayWhatWouldBeRight) {
  for (const auto* table :
       {&MistakesOfCaseCommands(), &MistakesOfServiceCommands(),
        &MistakesOfStaff(), &MistakesOfOwnership()}) {
    for (const Mistake& row : *table) {
      const auto both = Read(R"({"id":"c1",)" + kStaff + row.body + "}");
      EXPECT_THAT(both, StatusIs(kInvalid, row.text)) << row.body;
      EXPECT_EQ(PlaceOf(both.status()).pointer, row.pointer) << row.body;
    }
  }
}

TEST_F(CommandJson, AWorkItemIsReadWhole) {
  const auto work = ReadAs<engine::WorkItem>(
      R"({"id":"c1",)" + kStaff +
      R"("command":"work_item","item":"inclusion","occurrence":2,
         "action":"complete","outcome":"include","minutes":-1441})");
  EXPECT_EQ(work.element, protocol_->FindElement("inclusion"));
  EXPECT_EQ(work.occurrence, 2);
  EXPECT_EQ(work.action, engine::ItemVerb::kComplete);
  EXPECT_EQ(work.outcome, protocol_->FindOutcome("include"));
  EXPECT_EQ(work.minutes, -1441);  // the engine refuses it
  EXPECT_EQ(work.until, std::nullopt);
  EXPECT_TRUE(work.pool.IsNone());
}

TEST_F(CommandJson, NeedsAreSaidOrLeftAsTheyAre) {
  const std::string assign = R"({"id":"c1",)" + kStaff +
                             R"("command":"assign_case","pool":"therapists")";
  EXPECT_EQ(ReadAs<engine::AssignCase>(assign + "}").needs, std::nullopt);
  const auto none = ReadAs<engine::AssignCase>(assign + R"(,"skills":[]})");
  EXPECT_EQ(none.needs, engine::CaseNeeds());
  const auto some = ReadAs<engine::AssignCase>(
      assign + R"(,"skills":["trauma"],"languages":["ar","no"]})");
  EXPECT_EQ(some.needs, (engine::CaseNeeds{{"trauma"}, {"ar", "no"}}));
}

TEST_F(CommandJson, AMessagesTextIsHandedToWhoeverStoresIt) {
  ASSERT_OK_AND_ASSIGN(
      const ReadBoth both,
      Read(R"({"id":"m9","command":"receive_message","text":"hello"})"));
  EXPECT_EQ(both.body.text, "hello");
  EXPECT_EQ(std::get<engine::ReceiveMessage>(both.body.body).message_id, "m9");
  EXPECT_TRUE(both.head.from_patient);
}

// --- answers

std::string Phq9(const std::string& answers) {
  return R"({"id":"r1","command":"submit_response","instrument":"phq9",
             "answers":)" +
         answers + "}";
}

std::vector<std::optional<int64_t>> Numbers(
    const engine::SubmitResponse& response) {
  std::vector<std::optional<int64_t>> numbers;
  for (const auto& answer : response.answers) numbers.push_back(answer.number);
  return numbers;
}

TEST_F(CommandJson, AnswersComeInOrderOrByItem) {
  const auto array =
      ReadAs<engine::SubmitResponse>(Phq9("[2,1,2,1,0,1,2,0,null]"));
  EXPECT_THAT(Numbers(array), ElementsAre(2, 1, 2, 1, 0, 1, 2, 0));
  EXPECT_THAT(array.problems, IsEmpty());
  const auto object = ReadAs<engine::SubmitResponse>(
      Phq9(R"({"44250-9":"2","q2":1.0,"/44260-8":3})"));
  EXPECT_THAT(Numbers(object), ElementsAre(2, 1, 3));
  EXPECT_EQ(object.answers[2].item, 8);
  EXPECT_EQ(object.instrument, protocol_->FindInstrument("phq9"));
}

TEST_F(CommandJson, WhatCannotBeReadIsKeptAsItCame) {
  const auto response = ReadAs<engine::SubmitResponse>(
      Phq9(R"({"q1":7,"q2":"often","q99":1,"q3":{"a":1},"q4":null,
               "q9":"not-applicable"})"));
  ASSERT_EQ(response.answers.size(), 5u);
  EXPECT_EQ(response.answers[0].number, 7);  // out of range
  EXPECT_EQ(response.answers[0].text, "7");
  EXPECT_EQ(response.answers[1].text, "often");
  EXPECT_FALSE(response.answers[1].number);
  EXPECT_EQ(response.answers[2].item, 2);
  EXPECT_FALSE(response.answers[2].number);
  // It applies to everybody: kept, but not as the engine's own word.
  EXPECT_EQ(response.answers[3].item, 8);
  EXPECT_NE(response.answers[3].text, "not-applicable");
  EXPECT_EQ(response.answers[4].item, 0xFFFF);
  EXPECT_EQ(response.answers[4].name, "q99");
  EXPECT_EQ(response.answers[4].text, "1");
  EXPECT_EQ(response.problems.size(), 5u);
}

TEST_F(CommandJson, AWrongCountIsNotScoredButARiskAnswerIsSeen) {
  const auto calm = ReadAs<engine::SubmitResponse>(Phq9("[1,1]"));
  for (const auto& answer : calm.answers) {
    EXPECT_FALSE(answer.number.has_value());
    EXPECT_FALSE(answer.text.empty());
  }
  EXPECT_FALSE(calm.problems.empty());
  const auto risk =
      ReadAs<engine::SubmitResponse>(Phq9("[0,0,0,0,0,0,0,0,2,0,0,0,0,0]"));
  EXPECT_EQ(std::count_if(risk.answers.begin(), risk.answers.end(),
                          [](const auto& a) { return a.number.has_value(); }),
            1);
  EXPECT_EQ(risk.answers[8].number, 2);
}

TEST_F(CommandJson, NothingOfAPatientIsRefused) {
  const std::vector<std::string> table = {
      R"({"command":"submit_response"})",
      R"({"command":"submit_response","id":7,"answers":3})",
      R"({"command":"submit_response","id":"r","instrument":"phq99",
          "answers":{"a":[1,{"b":2}],"c":null}})",
      R"({"command":"submit_response","id":"r","instrument":["phq9"],
          "item":"nothing","answers":[[[]]]})",
      R"({"command":"submit_response","id":"r","case":"?","person":4,
          "actor":"me","at":"yesterday","expected_version":"x",
          "instrument":"phq9","answers":{}})",
      R"({"command":"submit_response","id":"r","instrument":"phq9",
          "actor":{"role":"staff","staff":"nobody"},"answers":[]})",
      R"({"command":"patient_item","id":"r","item":"nothing","done":"yes"})",
      R"({"command":"patient_item","id":"r"})",
      R"({"command":"receive_message","id":"r","text":7,"thread":[]})",
  };
  for (const std::string& text : table) {
    const auto both = Read(text);
    ASSERT_OK(both) << text;
    EXPECT_FALSE(both->body.problems.empty()) << text;
  }
}

TEST_F(CommandJson, AnswersToAnUnknownQuestionnaireAreKeptByName) {
  const auto response = ReadAs<engine::SubmitResponse>(
      R"({"command":"submit_response","id":"r","instrument":"phq99",
          "answers":{"a":2,"b":"x"}})");
  EXPECT_TRUE(response.instrument.IsNone());
  ASSERT_EQ(response.answers.size(), 2u);
  EXPECT_EQ(response.answers[0].name, "a");
  EXPECT_EQ(response.answers[0].text, "2");
  EXPECT_THAT(response.problems, ElementsAre(HasSubstr("did you mean")));
}

TEST_F(CommandJson, TheItemStandsInForAMisspeltInstrument) {
  const auto response = ReadAs<engine::SubmitResponse>(
      R"({"command":"submit_response","id":"r","instrument":"phq99",
          "item":"weekly_phq9","answers":[0,0,0,0,0,0,0,0,1]})");
  EXPECT_EQ(response.instrument, protocol_->FindInstrument("phq9"));
  EXPECT_EQ(response.problems.size(), 1u);
}

TEST_F(CommandJson, RiskIsReadFromInputThatFitsNowhere) {
  const auto scan = [&](const std::string& text, const Names& names) {
    auto document = ParseCommand(text);
    EXPECT_OK(document);
    return ScanRisk(document->root(), names);
  };
  EXPECT_EQ(scan(Phq9("[0,0,0,0,0,0,0,0,1]"), names_), Answer3::kYes);
  EXPECT_EQ(scan(Phq9("[0,0,0,0,0,0,0,0,0]"), names_), Answer3::kNo);
  EXPECT_EQ(scan(Phq9("[0,0,0,0,0,0,0,0,null]"), names_), Answer3::kUnknown);
  EXPECT_EQ(scan(Phq9("\"?\""), names_), Answer3::kUnknown);
  EXPECT_EQ(scan(R"({"instrument":"phq-9","answers":{"44260-8":2}})", Names()),
            Answer3::kYes);
  EXPECT_EQ(scan(R"({"instrument":"gad7","answers":[3,3,3,3,3,3,3]})", names_),
            Answer3::kNo);
  EXPECT_EQ(scan(R"({"instrument":"?","answers":[1]})", names_),
            Answer3::kUnknown);
  EXPECT_EQ(scan(R"({"command":"receive_message"})", names_), Answer3::kNo);
}

TEST_F(CommandJson, ATextThatIsTooLongIsCutBetweenCharacters) {
  std::string text = "a";
  while (text.size() <= 2 * limits::kAnswerTextBytesMax) text += "\u00e5";
  const auto response = ReadAs<engine::SubmitResponse>(
      R"({"command":"submit_response","id":"r","instrument":"intake",
          "answers":{"emergency_contact":")" +
      text + "\"}}");
  ASSERT_EQ(response.answers.size(), 1u);
  EXPECT_EQ(response.answers[0].text.size(), limits::kAnswerTextBytesMax - 1);
  EXPECT_EQ(text.find(response.answers[0].text), 0u);
  EXPECT_FALSE(response.problems.empty());
}

TEST_F(CommandJson, ProblemsAreBounded) {
  std::string text = R"({"command":"submit_response","id":"r",
      "instrument":"phq9","answers":{)";
  for (int i = 0; i < 900; ++i) {
    text += (i > 0 ? ",\"x" : "\"x") + std::to_string(i) + "\":1";
  }
  const auto response = ReadAs<engine::SubmitResponse>(text + "}}");
  EXPECT_LE(response.problems.size(), limits::kCommandProblemsMax);
  EXPECT_FALSE(response.problems.empty());
}

}  // namespace
}  // namespace stepwell::wire
