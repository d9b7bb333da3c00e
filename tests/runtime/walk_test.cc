// The walk through a real service on the memory store, by typed commands.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/catalogue.h"
#include "base/time_text.h"
#include "engine/apply.h"
#include "runtime/runtime.h"
#include "support/matchers.h"
#include "wire/record.h"

namespace stepwell::runtime {
namespace {

using engine::WorkItem;

class Walk : public ::testing::Test {
 protected:
  void SetUp() override {
    auto text = FindCatalogueFile("protocols/icbt_base.json");
    ASSERT_FALSE(text.empty());
    auto loaded = protocol::LoadProtocol(text, protocol::BuiltInCatalogue());
    ASSERT_OK(loaded);
    for (const Issue& issue : loaded->issues) {
      EXPECT_NE(issue.severity, Severity::kError)
          << issue.pointer << " " << issue.message;
    }
    protocol_ = loaded->protocol;
    ASSERT_NE(protocol_, nullptr);
    now_ = *ParseInstant("2026-03-02T09:00:00Z");
    ASSERT_OK_AND_ASSIGN(runtime_, Runtime::Create(store::NewMemoryStore(),
                                                   "test", protocol_, now_));
  }

  engine::Envelope By(engine::Role role) {
    engine::Envelope envelope;
    envelope.command_id = "c" + std::to_string(++commands_);
    envelope.actor.role = role;
    envelope.reason = "test";
    return envelope;
  }

  void Refer(const std::string& route) {
    RegisterPerson person;
    person.envelope = By(engine::Role::kIntegration);
    person.identifiers = {{"urn:test", "p1"}};
    ASSERT_OK_AND_ASSIGN(const Receipt registered,
                         runtime_->Register(person, now_));
    NewReferral referral;
    referral.envelope = By(engine::Role::kIntegration);
    referral.person = registered.person;
    referral.route = route;
    referral.referral.received_at = now_;
    referral.referral.wait_from = now_;
    ASSERT_OK_AND_ASSIGN(const Receipt receipt,
                         runtime_->Refer(referral, now_));
    ASSERT_EQ(receipt.kind, ReceiptKind::kAccepted) << receipt.reason;
    case_ = receipt.case_id;
  }

  template <class Body>
  Receipt Do(engine::Role role, Body body) {
    engine::Command command;
    command.envelope = By(role);
    command.case_id = case_;
    command.body = std::move(body);
    auto receipt = runtime_->SubmitToCase(command, now_);
    EXPECT_OK(receipt);
    if (!receipt.ok()) return Receipt();
    EXPECT_EQ(receipt->kind, ReceiptKind::kAccepted)
        << receipt->code << ": " << receipt->reason;
    return *receipt;
  }

  Receipt Answer(const std::string& name, std::vector<int> answers) {
    engine::SubmitResponse response;
    response.response_id = "r" + std::to_string(commands_);
    response.instrument = protocol_->FindInstrument(name);
    EXPECT_FALSE(response.instrument.IsNone()) << name;
    for (uint16_t i = 0; i < answers.size(); ++i) {
      response.answers.push_back({i, answers[i], "", ""});
    }
    return Do(engine::Role::kPatient, response);
  }

  Receipt Complete(const std::string& element, const std::string& outcome) {
    WorkItem work;
    work.element = protocol_->FindElement(element);
    work.outcome = protocol_->FindOutcome(outcome);
    work.minutes = 10;
    return Do(engine::Role::kStaff, work);
  }

  Receipt HandIn(const std::string& module) {
    return Do(
        engine::Role::kPatient,
        engine::PatientItem{protocol_->FindElement(module), true, "", {}, {}});
  }

  void Pass(Duration duration) {
    now_ = now_ + duration;
    EXPECT_OK(runtime_->Advance(now_, {}));
  }

  const engine::CaseState& State() { return *runtime_->LoadCase(case_)->state; }
  std::string Phase() { return protocol_->at(State().tracks[0].phase).id; }
  std::string Log() {
    std::string text;
    const auto events = runtime_->ReadEvents(case_, 1, 10000);
    for (const auto& event : *events) {
      text +=
          std::to_string(event.seq) + " " +
          std::visit([](auto& e) { return std::string(e.kName); }, event.body) +
          "\n";
    }
    return text;
  }

  // Replay from the log gives the stored state byte for byte.
  void CheckReplay() {
    engine::CaseState replayed;
    const auto events = runtime_->ReadEvents(case_, 1, 100000);
    for (const auto& event : *events) {
      engine::Apply(event, replayed);
    }
    EXPECT_EQ(wire::EncodeState(replayed), wire::EncodeState(State()));
    // ... and so do the stored row and the records behind it.
    const auto stored = runtime_->StoredCase(case_);
    ASSERT_TRUE(stored.ok()) << stored.status();
    EXPECT_EQ(wire::EncodeState(*stored), wire::EncodeState(State()));
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  std::unique_ptr<Runtime> runtime_;
  Instant now_;
  CaseId case_;
  int commands_ = 0;
};

// However long a case is: what is written of its state is no more than its log,
// and whoever loads it reads a bounded part of that.
TEST_F(Walk, TheStateRowFollowsTheLogAtALengthThatIsWorthIt) {
  Refer("self");
  const store::StreamKey stream{store::StreamKind::kCase, case_.value};
  std::string row = runtime_->store().LoadState(stream).value()->bytes;
  size_t rows = row.size(), log = 0, behind = 0, lags = 0;
  uint64_t version = State().version;
  for (int i = 0; i < 300; ++i) {
    engine::ReceiveMessage message;
    message.message_id = "m" + std::to_string(i);
    Do(engine::Role::kPatient, message);
    ASSERT_OK_AND_ASSIGN(const auto records, runtime_->store().ReadRecords(
                                                 stream, version + 1, 1000));
    for (const std::string& record : records) {
      log += record.size();
      behind += record.size();
    }
    version += records.size();
    ASSERT_OK_AND_ASSIGN(const auto stored, runtime_->StoredCase(case_));
    ASSERT_EQ(wire::EncodeState(stored), wire::EncodeState(State())) << i;
    ASSERT_OK_AND_ASSIGN(const auto now, runtime_->store().LoadState(stream));
    ASSERT_EQ(now->version, version);
    if (now->bytes != row) {
      row = now->bytes;
      rows += row.size();
      behind = 0;
      EXPECT_EQ(wire::DecodeState(row)->version, version);
    }
    lags += behind > 0;
    ASSERT_LT(behind, std::max<size_t>(row.size(), 512)) << i;
  }
  EXPECT_GT(lags, 200u);
  EXPECT_LT(rows, 2 * log);
}

TEST_F(Walk, FromReferralToDischarge) {
  Refer("self");
  EXPECT_EQ(Phase(), "intake");
  const auto& intake =
      *protocol_->at(protocol_->FindInstrument("intake")).instrument;
  engine::SubmitResponse form;
  form.response_id = "form";
  form.instrument = protocol_->FindInstrument("intake");
  form.answers = {{*intake.FindItem("age"), 34, "", ""},
                  {*intake.FindItem("parallel_therapy"), 0, "", ""},
                  {*intake.FindItem("problem"), 1, "", ""}};
  Do(engine::Role::kPatient, form);
  EXPECT_EQ(Phase(), "intake");
  Answer("gad7", {1, 1, 1, 1, 1, 1, 1});
  Answer("wsas", {2, 2, 2, 2, 2});
  EXPECT_EQ(Phase(), "intake");
  Answer("phq9", {2, 2, 2, 2, 1, 1, 1, 1, 0});
  EXPECT_EQ(Phase(), "assessment") << Log();
  Do(engine::Role::kStaff,
     engine::ChangeAppointment{protocol_->FindElement("video_assessment"),
                               engine::AppointmentVerb::kBook,
                               now_ + WallDays(7)});
  Pass(WallDays(7));
  Complete("video_assessment", "");
  Complete("inclusion", "include");
  EXPECT_EQ(Phase(), "start");
  Complete("start_treatment", "");
  EXPECT_EQ(Phase(), "treatment");
  for (int i = 1; i <= 10; ++i) {
    HandIn("m" + std::to_string(i));
    Complete("m" + std::to_string(i) + "_check", "");
    Pass(WallDays(7));
  }
  EXPECT_EQ(Phase(), "follow_up") << Log();
  Answer("phq9", {1, 1, 1, 1, 1, 0, 0, 0, 0});
  Pass(WallDays(59));
  Pass(WallDays(59));
  Answer("phq9", {1, 1, 1, 1, 0, 0, 0, 0, 0});
  Complete("discharge", "completed");
  EXPECT_TRUE(State().IsClosed()) << Log();
  CheckReplay();
}

TEST_F(Walk, ARiskAnswerRaisesAnOwnedAlertThatTheScreenRetiers) {
  Refer("gp");
  const Receipt receipt = Answer("phq9", {2, 2, 2, 2, 1, 1, 1, 1, 1});
  EXPECT_FALSE(receipt.show_now.IsNone());
  ASSERT_EQ(State().alerts.size(), 1u);
  EXPECT_EQ(protocol_->at(State().alerts[0].tier).id, "unscreened");
  Pass(Hours(30));
  EXPECT_GT(State().alerts[0].escalations, 0);
  CheckReplay();
}

// Symbols must not depend on the order of an object's members: a store keeps
// the canonical text, and cases live longer than a process.
TEST_F(Walk, AProtocolReadBackNumbersItsNamesAlike) {
  ASSERT_OK_AND_ASSIGN(
      const protocol::LoadResult back,
      protocol::LoadProtocol(protocol_->document,
                             protocol::CatalogueOf(protocol_->imports)));
  ASSERT_NE(back.protocol, nullptr);
  EXPECT_EQ(back.protocol->hash, protocol_->hash);
  ASSERT_EQ(back.protocol->instruments.size(), protocol_->instruments.size());
  for (size_t i = 0; i < protocol_->instruments.size(); ++i) {
    EXPECT_EQ(back.protocol->instruments[i].name,
              protocol_->instruments[i].name);
  }
  for (size_t i = 0; i < protocol_->pools.size(); ++i) {
    EXPECT_EQ(back.protocol->pools[i].id, protocol_->pools[i].id);
  }
  EXPECT_EQ(back.protocol->outcomes, protocol_->outcomes);
  EXPECT_EQ(back.protocol->templates, protocol_->templates);
  for (size_t i = 0; i < protocol_->elements.size(); ++i) {
    EXPECT_EQ(back.protocol->elements[i].id, protocol_->elements[i].id);
  }
}

}  // namespace
}  // namespace stepwell::runtime
