// The schemas of catalogue/schema that the code itself knows: events from
// their field lists, verbs from the reader. STEPWELL_UPDATE=1 writes what is
// generated; STEPWELL_SAMPLES=FILE writes real values for schemas_test.py.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/fingerprint.h"
#include "base/limits.h"
#include "json/json.h"
#include "schemas/event_schema.h"
#include "stepwell.h"
#include "stepwell/error.h"
#include "stepwell/expression.h"
#include "stepwell/protocol.h"
#include "stepwell/service.h"
#include "support/matchers.h"
#include "support/shared_data.h"
#include "wire/command_json.h"
#include "wire/event_json.h"
#include "wire/record.h"

namespace stepwell::testing {
namespace {

// The C border lets through what the largest reader takes.
static_assert(STEPWELL_TEXT_BYTES_MAX == limits::kFhirBytesMax);

const std::string kSchemas = STEPWELL_SOURCE_DIR "/catalogue/schema/";

std::string GeneratedEventSchema() {
  json::Writer w(/*pretty=*/true);
  w.BeginObject();
  w.Key("$schema").String("https://json-schema.org/draft/2020-12/schema");
  w.Key("$id").String("https://stepwell.dev/schema/event.schema.json");
  w.Key("title").String("An event of a case, a person or a service");
  w.Key("description")
      .String(
          "Made from the field lists of the code. What is absent is left "
          "out; a time that is never reached is null.");
  w.Key("oneOf").BeginArray();
  // The command that caused events stands in every stream.
  EventSchemas<engine::EventBody>(w);
  std::set<std::string> seen = {engine::CommandRecorded::kName};
  json::Writer rest;
  EventSchemas<engine::PersonEventBody>(rest.BeginArray());
  EventSchemas<engine::ServiceEventBody>(rest);
  EventSchemas<engine::GroupEventBody>(rest);
  rest.EndArray();
  const auto others = json::Parse(rest.text());
  for (json::Value other : json::Children(others->root())) {
    if (seen.insert(std::string(other.Find("title").string_value())).second) {
      w.Raw(json::ToText(other));
    }
  }
  w.EndArray().EndObject();
  const std::string text = w.Take();
  return json::ToText(json::Parse(text)->root(), /*pretty=*/true) + "\n";
}

TEST(PublishedSchemas, OfEventsIsThatOfTheFieldLists) {
  const std::string path = kSchemas + "event.schema.json";
  const std::string wanted = GeneratedEventSchema();
  if (std::getenv("STEPWELL_UPDATE") != nullptr) {
    std::ofstream(path, std::ios::binary) << wanted;
  }
  EXPECT_EQ(ReadFileText(path), wanted)
      << "run this test with STEPWELL_UPDATE=1 and look at what changed";
}

TEST(PublishedSchemas, OfCommandsHasEveryVerb) {
  ASSERT_OK_AND_ASSIGN(
      const json::Document schema,
      json::Parse(ReadFileText(kSchemas + "command.schema.json")));
  std::set<std::string> verbs;
  for (json::Value one : json::Children(schema.root().Find("oneOf"))) {
    verbs.emplace(
        one.Find("properties").Find("command").Find("const").string_value());
  }
  const std::vector<std::string> known = wire::CommandVerbs();
  EXPECT_EQ(verbs, std::set<std::string>(known.begin(), known.end()));
}

std::string FromHexText(const std::string& text) {
  std::string bytes, digits;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  }
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

void Sample(std::ofstream& out, const char* schema, const std::string& json) {
  out << "{\"schema\":\"" << schema << "\",\"value\":" << json << "}\n";
}

// What goes to other services.
void WriteLetters(std::ofstream& out, const Effect& effect) {
  // A letter to whoever referred.
  OutboxPage letter{{effect}, 1};
  letter.effects[0].kind = "letter";
  letter.effects[0].to = "referrer";
  letter.effects[0].referral_id = "0123456789ABC";
  letter.effects[0].referrer = "urn:gps|77";
  letter.effects[0].letter =
      R"({"definitions":"stepwell-letter@1","as_of":"2026-03-02T09:00:00Z",)"
      R"("episode":1,"outcome":null,"figures":[],"scores":[]})";
  letter.effects[0].referral_identifiers = {{"urn:gp:referrals", "R-1"}};
  const auto written = json::Parse(ToJson(letter));
  Sample(out, "effect", json::ToText(written->root().Find("effects").at(0)));
  // And one to the service that takes over.
  OutboxPage transfer{{effect}, 1};
  transfer.effects[0].kind = "letter";
  transfer.effects[0].to = "service";
  transfer.effects[0].receiver = "psychiatry";
  transfer.effects[0].body_key = "0f0f";
  transfer.effects[0].text = "History, scores and plan.";
  const auto handed = json::Parse(ToJson(transfer));
  Sample(out, "effect", json::ToText(handed->root().Find("effects").at(0)));
}

// What a service says: accepted, parked, and its outbox.
void WriteReplies(std::ofstream& out) {
  const Instant now{1'772'442'000'000'000};
  ASSERT_OK_AND_ASSIGN(
      const auto service,
      Service::Create("memory:", {"catalogue:icbt_base", "default", true},
                      now));
  const std::string who =
      R"("actor":{"role":"integration"},"person":{"system":"s","value":"1"}})";
  const std::string other =
      R"("actor":{"role":"integration"},"person":{"system":"s","value":"2"}})";
  for (const std::string& command :
       {R"({"id":"1","command":"register_person",)" + who,
        R"({"id":"2","command":"receive_referral","route":"self",)" + who,
        R"({"id":"2","command":"receive_referral","route":"self",)" + who,
        R"({"id":"3","command":"resume_case",)" + who,
        R"({"id":"6","command":"register_person",)" + other,
        R"({"id":"7","command":"adopt_case","owner":{"pool":"therapists"},)"
        R"("referrals":[{"route":"self",)"
        R"("received_at":"2026-01-05T09:00:00Z"}],"tracks":[{"track":)"
        R"("pathway","phase":"treatment","since":"2026-01-20T09:00:00Z"}],)" +
            other,
        std::string(R"({"id":"5","command":"submit_response",)"
                    R"("instrument":"phq9","answers":[1,1,1,1,1,1,1,1,3]})"),
        std::string(R"({"id":"4","command":"receive_message","text":"hello",)"
                    R"("actor":{"role":"patient"}})")}) {
    ASSERT_OK_AND_ASSIGN(const Reply reply, service->Submit(command, now));
    Sample(out, "reply", ToJson(reply));
  }
  ASSERT_OK(service->Advance(now + WallDays(30), {}));
  ASSERT_OK_AND_ASSIGN(const OutboxPage page, service->Outbox(0, 100));
  EXPECT_FALSE(page.effects.empty());
  const auto document = json::Parse(ToJson(page));
  for (json::Value e : json::Children(document->root().Find("effects"))) {
    Sample(out, "effect", json::ToText(e));
  }
  // One that was deferred, to somebody who says how they may be reached.
  OutboxPage deferred{{page.effects.front()}, 1};
  deferred.effects[0].channels = {"letter"};
  deferred.effects[0].leave_messages = false;
  deferred.effects[0].deferred_from = now;
  deferred.effects[0].cover = "bo";
  const auto shown = json::Parse(ToJson(deferred));
  Sample(out, "effect", json::ToText(shown->root().Find("effects").at(0)));
  // One to somebody who has left no way to reach them.
  OutboxPage unreachable{{page.effects.front()}, 1};
  unreachable.effects[0].channels.clear();
  unreachable.effects[0].no_channel = true;
  const auto kept = json::Parse(ToJson(unreachable));
  Sample(out, "effect", json::ToText(kept->root().Find("effects").at(0)));
  // And one to a guardian.
  OutboxPage theirs{{page.effects.front()}, 1};
  theirs.effects[0].to = "related";
  theirs.effects[0].role = "guardian";
  theirs.effects[0].related_id = "0123456789ABC";
  const auto told = json::Parse(ToJson(theirs));
  Sample(out, "effect", json::ToText(told->root().Find("effects").at(0)));
  WriteLetters(out, page.effects.front());
}

// Every golden record as JSON, without names: numbers stand in their place.
// Of windows, and of when something is said to have been.
std::vector<engine::EventBody> FollowUps() {
  const Instant day = Instant{} + WallDays(20'000);
  engine::FollowUpChanged planned;
  planned.window = engine::ClockDefId(0);
  planned.anchor = planned.opens = planned.due = planned.closes = day;
  planned.asked = {engine::ElementId(0)};
  engine::FollowUpAnswered answered;
  answered.window = planned.window;
  answered.element = engine::ElementId(0);
  answered.item = 0;
  return {
      planned, answered,
      engine::ClinicalTimeRuled{engine::TimeRuling::kLimited, day, day, day}};
}

// A word to a guardian that waits for the morning.
engine::EffectSuppressed HeldBack() {
  engine::EffectSuppressed held;
  held.subject = {engine::SubjectKind::kItem, 0};
  held.why = "a risk alert is open";
  held.role = "guardian";
  held.related = PersonId(7);
  held.held = engine::HeldEffect{{}, held.subject, 1,         {},          {},
                                 {}, false,        held.role, held.related};
  return held;
}

void SampleEvents(std::ofstream& out,
                  const std::vector<engine::EventBody>& bodies,
                  const wire::Names& names) {
  for (const engine::EventBody& body : bodies) {
    Sample(out, "event",
           wire::EventToJson(engine::Event{1, {}, {}, body}, names));
  }
}

// Whose work the item is, and until when it is put off.
std::vector<engine::EventBody> Ownership() {
  return {engine::ItemClaimed{0, {}}, engine::ItemReleased{0, {}},
          engine::ItemDeferred{0, {}}, engine::ItemReturned{0}};
}

// What is signed by a second person, and what is reviewed.
std::vector<engine::EventBody> Supervised() {
  engine::SignAsked asked;
  asked.by = StaffId(1);
  asked.minutes = 10;
  asked.value.kind = engine::FactValue::Kind::kBoolean;
  return {asked,
          engine::SignSettled{0, true, {}, 5},
          engine::ReviewDrawn{0, StaffId(1), "2026-03", "t1"},
          engine::MessageRead{0, "m1"},
          engine::RiskFlagged{"m1", "high", engine::TierId(0)},
          engine::ReviewAnswered{0, {{"warm", engine::Checked::kYes}}}};
}

TEST(PublishedSchemas, Samples) {
  const char* target = std::getenv("STEPWELL_SAMPLES");
  if (target == nullptr) GTEST_SKIP() << "no STEPWELL_SAMPLES";
  std::ofstream out(target);
  for (const auto& entry : std::filesystem::directory_iterator(
           STEPWELL_SOURCE_DIR "/tests/golden/records")) {
    const std::string name = entry.path().filename().string();
    const std::string bytes = FromHexText(ReadFileText(entry.path()));
    std::string event;
    if (name.rfind("case_", 0) == 0) {
      ASSERT_OK_AND_ASSIGN(const engine::Event e, wire::DecodeEvent(bytes));
      event = wire::EventToJson(e, {});
    } else if (name.rfind("person_", 0) == 0) {
      ASSERT_OK_AND_ASSIGN(const auto e, wire::DecodePersonEvent(bytes));
      event = wire::EventToJson(e, {});
    } else if (name.rfind("group_", 0) == 0) {
      ASSERT_OK_AND_ASSIGN(const auto e, wire::DecodeGroupEvent(bytes));
      event = wire::EventToJson(e, {});
    } else {
      ASSERT_OK_AND_ASSIGN(const auto e, wire::DecodeServiceEvent(bytes));
      event = wire::EventToJson(e, {});
    }
    Sample(out, "event", event);
  }
  // A reminder that was held back; about an item that has a name.
  ASSERT_OK_AND_ASSIGN(
      const protocol::LoadResult loaded,
      protocol::LoadProtocol(*CatalogueDocument("protocols/icbt_base.json"),
                             protocol::BuiltInCatalogue()));
  engine::CaseState state;
  state.items.emplace_back().key = {engine::ElementId(0), 1, 1};
  wire::Names names;
  names.protocol = loaded.protocol.get();
  names.state = &state;
  const engine::EffectSuppressed held = HeldBack();
  engine::ClockAdopted adopted;
  adopted.subject = held.subject;
  for (const engine::EventBody& body :
       {engine::EventBody(held), engine::EventBody(adopted),
        engine::EventBody(engine::ItemProgressed{0, 40, 600}),
        engine::EventBody(engine::InputKept{
            {{"/mood", "\"low\""}}, {"/mood: there is no member"}, "k"}),
        engine::EventBody(engine::ItemDrafted{0, "b", "a"}),
        engine::EventBody(
            engine::DraftEnded{0, "b", engine::DraftEnd::kHandedIn}),
        engine::EventBody(engine::SlotsOffered{0, {}}),
        engine::EventBody(engine::GroupTold{0, "g"}),
        engine::EventBody(engine::CaseAdmitted{
            "gp", {}, {{"monthly", "2026-03-01"}}, true})}) {
    Sample(out, "event",
           wire::EventToJson(engine::Event{1, {}, {}, body}, names));
  }
  SampleEvents(out, FollowUps(), names);
  SampleEvents(out, Ownership(), names);
  SampleEvents(out, Supervised(), names);
  WriteReplies(out);
  for (const absl::Status& status :
       {Protocol::Compile(R"({"protocol":"x"})").status(),
        Protocol::Compile(R"({"protocl":"x"})").status(),
        Protocol::Compile("{").status(),
        Expression::Compile("1 +", {}).status(),
        Service::Open("memory:").status()}) {
    EXPECT_FALSE(status.ok());
    Sample(out, "error", PartsOf(status).json);
  }
}

}  // namespace
}  // namespace stepwell::testing
