// Two runtimes on one file, as two processes have it: each holds copies that
// the other has made old.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/time_text.h"
#include "engine/caseload.h"
#include "engine/invariants.h"
#include "runtime/runtime.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::runtime {
namespace {

class TwoProcesses : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() /
             absl::StrCat("stepwell_two_", getpid(), ".db"))
                .string();
    now_ = *ParseInstant("2026-03-02T09:00:00Z");
    protocol_ = LoadIt();
    ASSERT_NE(protocol_, nullptr);
    ASSERT_OK_AND_ASSIGN(
        auto file, store::OpenSqliteStore(path_, store::OpenMode::kCreate));
    ASSERT_OK_AND_ASSIGN(
        a_, Runtime::Create(std::move(file), "test", protocol_, now_));
    ASSERT_OK_AND_ASSIGN(
        file, store::OpenSqliteStore(path_, store::OpenMode::kExisting));
    ASSERT_OK_AND_ASSIGN(b_, Runtime::Open(std::move(file)));
  }
  // Therapists have room for one case each.
  virtual std::shared_ptr<const protocol::Protocol> LoadIt() {
    const auto catalogue =
        [](std::string_view name) -> std::optional<std::string> {
      auto text = protocol::BuiltInCatalogue()(name);
      const std::string limit = "\"caseload_max\": 40";
      const size_t at = text ? text->find(limit) : std::string::npos;
      if (at != std::string::npos) {
        text->replace(at, limit.size(), "\"caseload_max\": 1");
      }
      return text;
    };
    const auto loaded = protocol::LoadProtocol(
        FindCatalogueFile("protocols/icbt_base.json"), catalogue);
    EXPECT_OK(loaded);
    EXPECT_EQ(loaded->protocol->at(loaded->protocol->FindPool("therapists"))
                  .caseload_max,
              1);
    return loaded->protocol;
  }
  void TearDown() override {
    a_.reset();
    b_.reset();
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path_ + end);
    }
  }

  engine::Envelope By(engine::Role role) {
    engine::Envelope envelope;
    envelope.command_id = absl::StrCat("c", ++commands_);
    envelope.actor.role = role;
    envelope.reason = "";
    return envelope;
  }

  void AddStaff(Runtime& runtime, const std::string& name,
                const std::string& pool, std::optional<int> limit = {}) {
    engine::StaffState staff;
    staff.reference = name;
    staff.pools = {pool};
    staff.caseload_max = limit;
    EXPECT_OK(runtime.AddStaff(By(engine::Role::kIntegration), staff, now_));
  }

  CaseId Refer(Runtime& runtime, const std::string& person) {
    RegisterPerson command;
    command.envelope = By(engine::Role::kIntegration);
    command.identifiers = {{"s", person}};
    const auto registered = runtime.Register(command, now_);
    EXPECT_OK(registered);
    NewReferral referral;
    referral.envelope = By(engine::Role::kIntegration);
    referral.person = registered->person;
    referral.route = "self";
    referral.referral.received_at = referral.referral.wait_from = now_;
    const auto receipt = runtime.Refer(referral, now_);
    EXPECT_OK(receipt);
    return receipt->case_id;
  }

  template <class Body>
  Receipt Do(Runtime& runtime, engine::Role role, CaseId id, Body body) {
    engine::Command command;
    command.envelope = By(role);
    command.case_id = id;
    command.body = std::move(body);
    const auto receipt = runtime.SubmitToCase(command, now_);
    EXPECT_OK(receipt);
    return receipt.ok() ? *receipt : Receipt();
  }

  engine::AssignCase ToTherapists() const {
    return {protocol_->FindPool("therapists"), StaffId(0)};
  }
  StaffId OwnerOf(Runtime& runtime, CaseId id) {
    return runtime.LoadCase(id)->state->owner.staff;
  }

  engine::CaseAssigned LastGiven(CaseId id) {
    engine::CaseAssigned last;
    const auto events = a_->ReadEvents(id, 1, 10'000);
    EXPECT_OK(events);
    for (const engine::Event& event : *events) {
      const auto* given = std::get_if<engine::CaseAssigned>(&event.body);
      if (given != nullptr) last = *given;
    }
    return last;
  }

  std::string path_;
  Instant now_;
  std::shared_ptr<const protocol::Protocol> protocol_;
  std::unique_ptr<Runtime> a_, b_;
  int commands_ = 0;
};

TEST_F(TwoProcesses, ARefusalIsOfTheCaseAsItStands) {
  const CaseId id = Refer(*a_, "p");
  engine::WorkItem start;
  start.element = protocol_->FindElement("contact");
  start.action = engine::ItemVerb::kCancel;
  // B has seen the case without the item.
  EXPECT_EQ(Do(*b_, engine::Role::kStaff, id, start).code, "item_not_open");
  engine::WorkItem open = start;
  open.action = engine::ItemVerb::kOpen;
  engine::Command command;
  command.envelope = By(engine::Role::kStaff);
  command.envelope.reason = "a call is needed";
  command.case_id = id;
  command.body = open;
  ASSERT_OK_AND_ASSIGN(const Receipt opened, a_->SubmitToCase(command, now_));
  EXPECT_EQ(opened.kind, ReceiptKind::kAccepted) << opened.reason;
  command.envelope = By(engine::Role::kStaff);
  command.envelope.reason = "no longer";
  command.body = start;
  ASSERT_OK_AND_ASSIGN(const Receipt done, b_->SubmitToCase(command, now_));
  EXPECT_EQ(done.kind, ReceiptKind::kAccepted) << done.code;
}

TEST_F(TwoProcesses, ACallersVersionIsComparedWithTheStore) {
  const CaseId id = Refer(*a_, "p");
  ASSERT_OK(b_->LoadCase(id));
  engine::ReceiveMessage message;
  message.message_id = "m";
  message.body_key = "k";
  const Receipt receipt = Do(*a_, engine::Role::kPatient, id, message);
  engine::Command command;
  command.envelope = By(engine::Role::kStaff);
  command.envelope.reason = "answered by telephone";
  command.case_id = id;
  command.expected_version = receipt.version;
  command.body = engine::CloseMessage{"m"};
  ASSERT_OK_AND_ASSIGN(const Receipt closed, b_->SubmitToCase(command, now_));
  EXPECT_EQ(closed.kind, ReceiptKind::kAccepted) << closed.code;
  command.envelope = By(engine::Role::kStaff);
  command.expected_version = receipt.version;
  EXPECT_EQ(a_->SubmitToCase(command, now_).status().code(),
            absl::StatusCode::kAborted);
}

TEST_F(TwoProcesses, OnlyOneTakesTheLastPlace) {
  AddStaff(*a_, "anna", "therapists");
  const CaseId first = Refer(*a_, "p1"), second = Refer(*a_, "p2");
  // Both have read that Anna has room.
  ASSERT_OK(b_->LoadCase(second));
  ASSERT_OK(b_->Refresh());
  Do(*a_, engine::Role::kStaff, first, ToTherapists());
  Do(*b_, engine::Role::kStaff, second, ToTherapists());
  EXPECT_EQ(OwnerOf(*a_, first), StaffId(1));
  // The other one waits in the queue of the pool.
  EXPECT_EQ(OwnerOf(*b_, second), StaffId(0));
  ASSERT_OK_AND_ASSIGN(const int64_t load, a_->store().Counter("caseload/1"));
  EXPECT_EQ(load, 1);
}

// Cases weigh by their guidance.
class TwoProcessesWithWeights : public TwoProcesses {
 protected:
  std::shared_ptr<const protocol::Protocol> LoadIt() override {
    const auto loaded = protocol::LoadProtocol(
        testing::ReadFileText(STEPWELL_SOURCE_DIR
                              "/tests/protocols/programs.json"),
        protocol::BuiltInCatalogue());
    EXPECT_OK(loaded);
    return loaded->protocol;
  }
  // In a course that weighs one case and a half, or half a case alone.
  void Enrol(Runtime& runtime, CaseId id, bool alone) {
    engine::FactValue course;
    course.kind = engine::FactValue::Kind::kText;
    course.text = "course";
    Do(runtime, engine::Role::kStaff, id,
       engine::RecordFact{protocol_->FindFact("wants"), course});
    if (!alone) return;
    engine::FactValue yes;
    yes.kind = engine::FactValue::Kind::kBoolean;
    yes.number = 1;
    Do(runtime, engine::Role::kStaff, id,
       engine::RecordFact{protocol_->FindFact("alone"), yes});
  }
  int WeightOf(CaseId id) {
    return engine::WeightOf(*protocol_, *a_->LoadCase(id)->state);
  }
};

TEST_F(TwoProcessesWithWeights, ACaseThatGrewHeavierLeavesNoRoom) {
  const engine::AssignCase to_team{protocol_->FindPool("team"), StaffId(0)};
  AddStaff(*a_, "anna", "team", 2);
  const CaseId first = Refer(*a_, "p1"), second = Refer(*a_, "p2");
  Do(*a_, engine::Role::kStaff, first, to_team);
  EXPECT_EQ(OwnerOf(*a_, first), StaffId(1));
  AddStaff(*a_, "anna", "team", 2);  // the register has changed: it is read
  ASSERT_OK(b_->Refresh());          // anew, with one case that weighs one
  Enrol(*a_, first, /*alone=*/false);
  Do(*b_, engine::Role::kStaff, second, to_team);
  EXPECT_EQ(OwnerOf(*b_, second), StaffId(0));
  ASSERT_OK_AND_ASSIGN(const int64_t cases, a_->store().Counter("caseload/1"));
  ASSERT_OK_AND_ASSIGN(const int64_t beyond, a_->store().Counter("weight/1"));
  EXPECT_EQ(cases, 1);
  EXPECT_EQ(beyond, 50);
  // At half a case it leaves one, in the eyes of both.
  Enrol(*a_, first, /*alone=*/true);
  AddStaff(*a_, "anna", "team", 2);
  ASSERT_OK(b_->Refresh());
  Do(*b_, engine::Role::kStaff, second, to_team);
  EXPECT_EQ(OwnerOf(*b_, second), StaffId(1));
}

// Each with a runtime of its own on the file, as a process has. Nobody is given
// more than the limit, and whoever waits in the queue has no room anywhere.
TEST_F(TwoProcessesWithWeights, ManyAtOnceFillTheLimitsAndNotMore) {
  constexpr size_t kWriters = 4, kCases = 24;
  const engine::AssignCase to_team{protocol_->FindPool("team"), StaffId(0)};
  const std::vector<int> limits = {3, 4, 5};
  for (size_t i = 0; i < limits.size(); ++i) {
    AddStaff(*a_, absl::StrCat("staff", i), "team", limits[i]);
  }
  std::vector<CaseId> cases;
  for (size_t i = 0; i < kCases; ++i) {
    cases.push_back(Refer(*a_, absl::StrCat("p", i)));
    if (i % 3 > 0) Enrol(*a_, cases.back(), /*alone=*/i % 3 == 1);
  }
  std::vector<std::thread> writers;
  for (size_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      auto file = store::OpenSqliteStore(path_, store::OpenMode::kExisting);
      ASSERT_OK(file);
      auto own = Runtime::Open(*std::move(file));
      ASSERT_OK(own);
      for (size_t i = writer; i < kCases; i += kWriters) {
        engine::Command command;
        command.envelope.command_id = absl::StrCat("give", i);
        command.envelope.actor.role = engine::Role::kStaff;
        command.case_id = cases[i];
        command.body = to_team;
        const auto receipt = (*own)->SubmitToCase(command, now_);
        ASSERT_OK(receipt);
        EXPECT_EQ(receipt->kind, ReceiptKind::kAccepted) << receipt->code;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  ASSERT_OK(a_->Refresh());
  std::vector<int> load(limits.size() + 1);
  for (const CaseId id : cases) load[OwnerOf(*a_, id).value] += WeightOf(id);
  for (uint32_t staff = 1; staff <= limits.size(); ++staff) {
    EXPECT_LE(load[staff], limits[staff - 1] * protocol::kCaseWeight);
    ASSERT_OK_AND_ASSIGN(const int64_t number,
                         a_->store().Counter(absl::StrCat("caseload/", staff)));
    ASSERT_OK_AND_ASSIGN(const int64_t beyond,
                         a_->store().Counter(absl::StrCat("weight/", staff)));
    EXPECT_EQ(number * protocol::kCaseWeight + beyond, load[staff]);
  }
  EXPECT_GT(load[0], 0);  // there were more than fit
  for (const CaseId id : cases) {
    if (OwnerOf(*a_, id).value != 0) continue;
    for (uint32_t staff = 1; staff <= limits.size(); ++staff) {
      EXPECT_GT(load[staff] + WeightOf(id),
                limits[staff - 1] * protocol::kCaseWeight);
    }
  }
}

TEST_F(TwoProcesses, TheSecondIsGivenToTheNextWhoHasRoom) {
  AddStaff(*a_, "anna", "therapists");
  AddStaff(*a_, "bert", "therapists");
  const CaseId first = Refer(*a_, "p1"), second = Refer(*a_, "p2");
  ASSERT_OK(b_->Refresh());
  Do(*a_, engine::Role::kStaff, first, ToTherapists());
  Do(*b_, engine::Role::kStaff, second, ToTherapists());
  EXPECT_EQ(OwnerOf(*a_, first), StaffId(1));
  EXPECT_EQ(OwnerOf(*b_, second), StaffId(2));
  // A person may pass the limit, with a reason.
  const CaseId third = Refer(*a_, "p3");
  engine::Command command;
  command.envelope = By(engine::Role::kStaff);
  command.case_id = third;
  command.body =
      engine::AssignCase{protocol_->FindPool("therapists"), StaffId(1)};
  ASSERT_OK_AND_ASSIGN(Receipt receipt, b_->SubmitToCase(command, now_));
  EXPECT_EQ(receipt.code, "caseload_full");
  command.envelope = By(engine::Role::kStaff);
  command.envelope.reason = "knows the family";
  ASSERT_OK_AND_ASSIGN(receipt, b_->SubmitToCase(command, now_));
  EXPECT_EQ(receipt.kind, ReceiptKind::kAccepted);
  EXPECT_EQ(OwnerOf(*a_, third), StaffId(1));
}

// The reason of a command lifts no limit that it has not been told of.
TEST_F(TwoProcesses, AReasonAloneDoesNotPassTheLimit) {
  AddStaff(*a_, "anna", "therapists");
  const CaseId first = Refer(*a_, "p1"), second = Refer(*a_, "p2");
  // Both have read that Anna has room.
  ASSERT_OK(b_->LoadCase(second));
  ASSERT_OK(b_->Refresh());
  const auto give = [&](Runtime& runtime, CaseId id) {
    engine::Command command;
    command.envelope = By(engine::Role::kStaff);
    command.envelope.reason = "asked for her";
    command.case_id = id;
    command.body =
        engine::AssignCase{protocol_->FindPool("therapists"), StaffId(1)};
    EXPECT_OK(runtime.SubmitToCase(command, now_));
  };
  give(*a_, first);
  give(*b_, second);
  EXPECT_EQ(OwnerOf(*a_, first), StaffId(1));
  EXPECT_EQ(OwnerOf(*b_, second), StaffId(1));
  EXPECT_EQ(LastGiven(first).passed, std::vector<std::string>());
  EXPECT_EQ(LastGiven(second).passed,
            std::vector<std::string>{"caseload_full"});
}

TEST_F(TwoProcessesWithWeights, TwoLightCasesShareAPlace) {
  const engine::AssignCase to_team{protocol_->FindPool("team"), StaffId(0)};
  AddStaff(*a_, "anna", "team", 1);
  const std::vector<CaseId> cases = {Refer(*a_, "p1"), Refer(*a_, "p2"),
                                     Refer(*a_, "p3")};
  for (const CaseId id : cases) Enrol(*a_, id, /*alone=*/true);
  for (const CaseId id : cases) ASSERT_OK(b_->LoadCase(id));
  ASSERT_OK(b_->Refresh());
  Do(*a_, engine::Role::kStaff, cases[0], to_team);
  Do(*b_, engine::Role::kStaff, cases[1], to_team);
  Do(*a_, engine::Role::kStaff, cases[2], to_team);
  EXPECT_EQ(OwnerOf(*a_, cases[0]), StaffId(1));
  EXPECT_EQ(OwnerOf(*b_, cases[1]), StaffId(1));
  EXPECT_EQ(OwnerOf(*a_, cases[2]), StaffId(0));
}

// Cases go by turns.
class TwoProcessesByTurn : public TwoProcesses {
 protected:
  std::shared_ptr<const protocol::Protocol> LoadIt() override {
    const auto loaded = protocol::LoadProtocol(
        testing::ReadFileText(STEPWELL_SOURCE_DIR
                              "/tests/protocols/weighing.json"),
        protocol::BuiltInCatalogue());
    EXPECT_OK(loaded);
    return loaded->protocol;
  }
  engine::AssignCase ByTurn() const {
    return {protocol_->FindPool("by_turn"), StaffId(0)};
  }
};

TEST_F(TwoProcessesByTurn, NobodyHasTheSameTurnAsAnother) {
  AddStaff(*a_, "anna", "by_turn");
  AddStaff(*a_, "bo", "by_turn");
  const CaseId first = Refer(*a_, "p1"), second = Refer(*a_, "p2");
  ASSERT_OK(b_->LoadCase(second));
  ASSERT_OK(b_->Refresh());
  Do(*a_, engine::Role::kStaff, first, ByTurn());
  Do(*b_, engine::Role::kStaff, second, ByTurn());
  EXPECT_EQ(OwnerOf(*a_, first), StaffId(1));
  EXPECT_EQ(OwnerOf(*b_, second), StaffId(2));
  EXPECT_EQ(LastGiven(first).choice->after, std::nullopt);
  EXPECT_EQ(LastGiven(second).choice->after, StaffId(1));
}

TEST_F(TwoProcessesByTurn, WhoHasTheTurnAgainIsToldAfterWhom) {
  engine::StaffState anna;
  anna.reference = "anna";
  anna.pools = {"by_turn"};
  anna.skills = {"trauma"};
  ASSERT_OK(a_->AddStaff(By(engine::Role::kIntegration), anna, now_));
  AddStaff(*a_, "bo", "by_turn");
  const std::vector<CaseId> cases = {Refer(*a_, "p1"), Refer(*a_, "p2"),
                                     Refer(*a_, "p3")};
  Do(*a_, engine::Role::kStaff, cases[0], ByTurn());
  for (const CaseId id : cases) ASSERT_OK(b_->LoadCase(id));
  AddStaff(*a_, "bo", "by_turn");
  ASSERT_OK(b_->Refresh());
  Do(*b_, engine::Role::kStaff, cases[1], ByTurn());
  EXPECT_EQ(OwnerOf(*b_, cases[1]), StaffId(2));
  // A has seen the turn of Anna, who alone can take this one.
  engine::AssignCase needs = ByTurn();
  needs.needs = engine::CaseNeeds{{"trauma"}, {}};
  Do(*a_, engine::Role::kStaff, cases[2], needs);
  EXPECT_EQ(OwnerOf(*a_, cases[2]), StaffId(1));
  EXPECT_EQ(LastGiven(cases[2]).choice->after, StaffId(2));
}

TEST_F(TwoProcesses, WhoIsOnLeaveElsewhereIsNotOnDutyHere) {
  AddStaff(*a_, "dora", "duty");
  AddStaff(*a_, "emil", "duty");
  const CaseId id = Refer(*a_, "p");
  ASSERT_OK(b_->Refresh());
  ASSERT_OK(a_->SetLeave(By(engine::Role::kIntegration), StaffId(1),
                         {now_, now_ + WallDays(7)}, now_));
  engine::SubmitResponse response;
  response.response_id = "r";
  response.instrument = protocol_->FindInstrument("phq9");
  for (uint16_t i = 0; i < 9; ++i) response.answers.push_back({i, 1, "", ""});
  Do(*b_, engine::Role::kPatient, id, response);
  const auto loaded = b_->LoadCase(id);
  ASSERT_EQ(loaded->state->alerts.size(), 1u);
  EXPECT_EQ(loaded->state->alerts[0].owner.staff, StaffId(2));
}

TEST_F(TwoProcesses, AClockFiresOnce) {
  const CaseId id = Refer(*a_, "p");
  ASSERT_OK(b_->LoadCase(id));
  now_ = now_ + WallDays(30);
  ASSERT_OK_AND_ASSIGN(const Advanced first, a_->Advance(now_, {}));
  EXPECT_GT(first.fired, 0u);
  ASSERT_OK_AND_ASSIGN(const Advanced second, b_->Advance(now_, {}));
  EXPECT_EQ(second.fired, 0u);
  EXPECT_TRUE(second.failed.empty());
}

TEST_F(TwoProcesses, ClocksFireInOneTransactionAndEachOnceAlthoughOneMoved) {
  constexpr int kCases = 80;
  std::vector<CaseId> cases;
  for (int i = 0; i < kCases; ++i) {
    cases.push_back(Refer(*a_, absl::StrCat("p", i)));
    ASSERT_OK(b_->LoadCase(cases.back()));
  }
  engine::ReceiveMessage message;
  message.message_id = "m";
  Do(*a_, engine::Role::kPatient, cases[kCases / 2], message);
  now_ = now_ + WallDays(10);
  ASSERT_OK_AND_ASSIGN(const Advanced there, b_->Advance(now_, {}));
  EXPECT_FALSE(there.more);
  EXPECT_TRUE(there.failed.empty());
  for (const CaseId id : cases) {
    ASSERT_OK_AND_ASSIGN(const auto events, a_->ReadEvents(id, 1, 1000));
    EXPECT_EQ(std::count_if(events.begin(), events.end(),
                            [&](const engine::Event& event) {
                              const auto* fired =
                                  std::get_if<engine::ClockFired>(&event.body);
                              return fired != nullptr && !fired->def.IsNone() &&
                                     protocol_->at(fired->def).id ==
                                         "forms_wait";
                            }),
              1);
  }
  ASSERT_OK_AND_ASSIGN(const Advanced here, a_->Advance(now_, {}));
  EXPECT_EQ(here.fired, 0u);
}

TEST_F(TwoProcesses, BothParkWithoutLosingAny) {
  for (int i = 0; i < 4; ++i) {
    ParkInput input;
    input.envelope = By(engine::Role::kPatient);
    input.receipt = absl::StrCat("r", i);
    input.raw = absl::StrCat("{\"n\":", i, "}");
    input.code = "unknown_person";
    EXPECT_OK((i % 2 == 0 ? a_ : b_)->Park(input, now_));
  }
  ASSERT_OK(a_->Refresh());
  EXPECT_EQ(a_->service().parked.size(), 4u);
  // Their deadlines fire, whoever asks, each once.
  now_ = now_ + WallDays(20);
  ASSERT_OK_AND_ASSIGN(const Advanced first, b_->Advance(now_, {}));
  ASSERT_OK_AND_ASSIGN(const Advanced second, a_->Advance(now_, {}));
  EXPECT_EQ(first.fired, 8u);
  EXPECT_EQ(second.fired, 0u);
  EXPECT_TRUE(first.failed.empty() && second.failed.empty());
}

}  // namespace
}  // namespace stepwell::runtime
