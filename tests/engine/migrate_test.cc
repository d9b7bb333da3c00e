// A case goes on under another version of its protocol: nothing is dropped,
// nothing is put back, and the way back leads to the same state.
#include "engine/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/apply.h"
#include "engine/case_support.h"
#include "engine/remap.h"
#include "property/dice.h"

namespace stepwell::engine {
namespace {

using protocol::Migration;
using protocol::Protocol;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Changes = std::vector<std::pair<std::string, std::string>>;

// Every occurrence of each text of the pairs is replaced.
std::string With(std::string text, const Changes& changes) {
  for (const auto& [from, to] : changes) {
    size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    for (; at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

std::shared_ptr<const Protocol> LoadVersion(const std::string& name,
                                            const Changes& changes) {
  const std::string text(
      FindCatalogueFile(absl::StrCat("protocols/", name, ".json")));
  auto loaded =
      protocol::LoadProtocol(With(text, changes), protocol::BuiltInCatalogue());
  EXPECT_OK(loaded);
  if (!loaded.ok()) return nullptr;
  for (const Issue& issue : loaded->issues) {
    EXPECT_NE(issue.severity, Severity::kError)
        << issue.pointer << " " << issue.message;
  }
  return loaded->protocol;
}

std::shared_ptr<const Migration> Plan(const Protocol& from, const Protocol& to,
                                      const std::string& members = "") {
  const std::string text =
      absl::StrCat(R"({"migration":"m","reason":"newer","from":")", from.id,
                   "@", from.version, R"(","to":")", to.id, "@", to.version,
                   "\"", members.empty() ? "" : ",", members, "}");
  auto loaded = protocol::LoadMigration(text, from, to);
  EXPECT_OK(loaded) << text;
  if (!loaded.ok()) return nullptr;
  for (const Issue& issue : loaded->issues) {
    ADD_FAILURE() << issue.pointer << " " << issue.message;
  }
  return loaded->migration;
}

// What a migration leaves as it was, whatever it is from and to.
CaseState Bare(CaseState state) {
  state.protocol = {};
  state.earlier_pins.clear();
  state.version = 0;
  state.last_at = {};
  return state;
}

class MigrateTest : public CaseTest {
 protected:
  MigratedCase To(const Protocol& to, const Migration& migration) {
    Envelope envelope;
    envelope.command_id = absl::StrCat("migrate/", ++commands_);
    auto moved = MigrateCase(*protocol_, to, migration, state_, EmptyWorld(),
                             envelope, now_);
    EXPECT_OK(moved);
    if (!moved.ok()) return {};
    CaseState replayed = state_;
    for (const Event& event : moved->events) engine::Apply(event, replayed);
    EXPECT_TRUE(replayed == moved->state) << "replay differs";
    return *std::move(moved);
  }

  // Goes over, whatever it takes; the case is then on `to`.
  void Move(std::shared_ptr<const Protocol> to,
            const std::string& members = "") {
    ASSERT_NE(to, nullptr);
    const auto plan = Plan(*protocol_, *to, members);
    ASSERT_NE(plan, nullptr);
    MigratedCase moved = To(*to, *plan);
    ASSERT_EQ(moved.verdict, MigrationVerdict::kFine)
        << ::testing::PrintToString(moved.reasons);
    state_ = std::move(moved.state);
    last_ = std::move(moved.events);
    protocol_ = std::move(to);
    EXPECT_THAT(BrokenInvariants(*protocol_, state_, now_), IsEmpty());
  }

  std::vector<std::string> ReasonsFor(const Protocol& to,
                                      MigrationVerdict verdict) {
    const auto plan = Plan(*protocol_, to);
    if (plan == nullptr) return {};
    const MigratedCase moved = To(to, *plan);
    EXPECT_EQ(moved.verdict, verdict);
    EXPECT_THAT(moved.events, IsEmpty());
    EXPECT_TRUE(moved.state == state_);
    return moved.reasons;
  }
};

const Changes kSecond = {
    {R"("version": "1", "status")", R"("version": "2", "status")"}};

Changes Second(Changes more) {
  more.insert(more.begin(), kSecond[0]);
  return more;
}

TEST_F(MigrateTest, WithTheSameNamesOnlyThePinIsAnother) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 1});
  const CaseState before = state_;
  const Fingerprint pin = protocol_->hash;
  Move(LoadVersion("minimal", kSecond));
  EXPECT_TRUE(Bare(state_) == Bare(before));
  EXPECT_EQ(state_.protocol, protocol_->hash);
  EXPECT_NE(state_.protocol, pin);
  ASSERT_EQ(state_.earlier_pins.size(), 1u);
  EXPECT_EQ(state_.earlier_pins[0].protocol, pin);
  EXPECT_EQ(state_.earlier_pins[0].until_seq, last_[1].seq);
  ASSERT_EQ(last_.size(), 2u);  // the command and the one event
  EXPECT_TRUE(std::get<Migrated>(last_[1].body).tables ==
              protocol::SymbolTables());
}

// Everything that can be renamed is, and new things stand before the old ones:
// no number is as it was.
const Changes kRenamed = {
    {"\"call\"", "\"talk\""},
    {"\"form\"", "\"sheet\""},
    {"\"ending\"", "\"finish\""},
    {"decision:ending", "decision:finish"},
    {"\"ask_risk\"", "\"look_at_risk\""},
    {"pathway/closed", "way/over"},
    {R"("id": "pathway", "initial": "open")",
     R"("id": "way", "initial": "running")"},
    {R"({"id": "open", "items": [)",
     R"({"id": "running", "items": [
       {"id": "first", "kind": "task", "who": "team", "mode": "discretionary"},)"},
    {R"({"id": "closed", "final")", R"({"id": "over", "final")"},
    {R"("clocks": [)",
     R"("clocks": [{"id": "early", "budget": "3 days", "source": "assumption",
       "ladder": [{"at": "100%", "do": [{"priority": 5}]}]},)"},
    {R"("mode": "discretionary"})",
     R"("mode": "discretionary", "due": "early"})"},
    {R"("templates": [)",
     R"("templates": [{"id": "hello", "text": {"en": "Hello."}},)"},
    {"\"crisis_info\"", "\"crisis\""},
    {R"({"id": "high", )", R"({"id": "grave", )"},
    {R"("tier": "high")", R"("tier": "grave")"},
};
constexpr char kThere[] =
    R"("items":{"call":"talk","form":"sheet","ending":"finish",
      "ask_risk":"look_at_risk"},"tracks":{"pathway":"way"},
      "phases":{"pathway/open":"way/running","pathway/closed":"way/over"},
      "templates":{"crisis_info":"crisis"},"tiers":{"high":"grave"})";
constexpr char kBack[] =
    R"("items":{"talk":"call","sheet":"form","finish":"ending",
      "look_at_risk":"ask_risk"},"tracks":{"way":"pathway"},
      "phases":{"way/running":"pathway/open","way/over":"pathway/closed"},
      "templates":{"crisis":"crisis_info"},"tiers":{"grave":"high"})";

TEST_F(MigrateTest, EverythingKeepsItsMeaningUnderItsNewName) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 2});
  ASSERT_EQ(state_.alerts.size(), 1u);
  Move(LoadVersion("minimal", Second(kRenamed)), kThere);
  EXPECT_NE(Latest("talk"), nullptr);
  ASSERT_NE(Latest("sheet"), nullptr);
  EXPECT_EQ(Latest("sheet")->status, ItemStatus::kDone);
  EXPECT_EQ(Latest("first"), nullptr);
  EXPECT_EQ(protocol_->at(state_.tracks[0].phase).id, "running");
  EXPECT_NE(ClockOf("alert"), nullptr);
  EXPECT_EQ(protocol_->at(state_.alerts[0].tier).id, "unscreened");
  // It goes on there.
  EXPECT_EQ(Staff("talk", ItemVerb::kComplete), "");
  EXPECT_NE(Latest("finish"), nullptr);
}

class RandomHistories : public MigrateTest {
 protected:
  // One random step of staff, patient or time.
  void Step(stepwell::testing::Dice& dice) {
    const uint64_t kind = dice.Below(6);
    if (kind == 0) {
      Pass(Hours(static_cast<int64_t>(dice.Below(60))));
    } else if (kind == 1) {
      std::vector<int> answers(9);
      for (int& answer : answers) answer = static_cast<int>(dice.Below(4));
      Answer(absl::StrCat("a", commands_), "phq9", answers);
    } else if (kind == 2) {
      Answer(absl::StrCat("s", commands_), "risk_screen",
             {static_cast<int>(dice.Below(2)), static_cast<int>(dice.Below(2)),
              static_cast<int>(dice.Below(2))});
    } else if (kind == 3) {
      HandleAlert alert;
      alert.alert = 0;
      alert.action = static_cast<AlertVerb>(1 + dice.Below(3));
      alert.outcome = protocol_->FindOutcome("safety_plan");
      Do(Role::kStaff, alert);
    } else {
      WorkItem work;
      work.element = ElementId(
          static_cast<uint16_t>(dice.Below(protocol_->elements.size())));
      work.action = static_cast<ItemVerb>(1 + dice.Below(9));
      if (protocol_->at(work.element).kind == protocol::ItemKind::kDecision) {
        work.action = ItemVerb::kStart;  // it stays open
      }
      Do(Role::kStaff, work);
    }
  }
};

TEST_F(RandomHistories, ThereAndBackIsTheSameState) {
  const auto second = LoadVersion("minimal", Second(kRenamed));
  ASSERT_NE(second, nullptr);
  uint64_t moved = 0;
  for (uint32_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    stepwell::testing::Dice dice(7, seed);
    state_ = CaseState();
    Open("minimal");
    const auto first = protocol_;
    const uint64_t steps = 1 + dice.Below(25);
    for (uint64_t i = 0; i < steps; ++i) Step(dice);
    ASSERT_FALSE(state_.IsClosed());
    const CaseState before = state_;
    Move(second, kThere);
    if (HasFatalFailure()) return;
    Move(first, kBack);
    if (HasFatalFailure()) return;
    EXPECT_TRUE(Bare(state_) == Bare(before));
    moved += state_.earlier_pins.size();
    for (int i = 0; i < 5; ++i) Step(dice);  // and goes on
  }
  EXPECT_EQ(moved, 300u);
}

TEST_F(MigrateTest, WhatTheNewVersionHasNotAsksForAChoice) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 0});
  ASSERT_NE(Latest("call"), nullptr);
  const auto second =
      LoadVersion("minimal", Second({{"\"call\"", "\"talk\""}}));
  ASSERT_NE(second, nullptr);
  EXPECT_THAT(ReasonsFor(*second, MigrationVerdict::kChoice),
              ElementsAre("items: call is nothing in version 2: say what "
                          "becomes of it"));
  Move(second, R"("items":{"call":"talk"})");
  EXPECT_TRUE(IsOpen(Latest("talk")->status));
}

TEST_F(MigrateTest, APhaseThatIsGoneAsksForAChoice) {
  Open("minimal");
  const auto second = LoadVersion(
      "minimal",
      Second({{R"({"id": "open", "items")", R"({"id": "start", "items")"},
              {R"("initial": "open")", R"("initial": "start")"}}));
  ASSERT_NE(second, nullptr);
  EXPECT_THAT(ReasonsFor(*second, MigrationVerdict::kChoice),
              ElementsAre(HasSubstr("phases: pathway/open is nothing")));
  Move(second, R"("phases":{"pathway/open":"pathway/start"})");
}

TEST_F(MigrateTest, AnItemOfAnotherKindIsRefusedWithItsReason) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 0});
  const auto second = LoadVersion(
      "minimal", Second({{R"("id": "call", "kind": "task")",
                          R"("id": "call", "kind": "appointment")"}}));
  ASSERT_NE(second, nullptr);
  EXPECT_THAT(ReasonsFor(*second, MigrationVerdict::kRefused),
              ElementsAre("items: call: it is an item of another kind"));
}

TEST_F(MigrateTest, AnItemThatIsCancelledTakesItsClockAlong) {
  Open("minimal");
  ASSERT_NE(ClockOf("answer"), nullptr);
  Move(LoadVersion("minimal", kSecond), R"("cancel":["form"])");
  EXPECT_EQ(Latest("form")->status, ItemStatus::kCancelled);
  EXPECT_EQ(ClockOf("answer"), nullptr);
  EXPECT_THAT(Recorded<ItemEnded>(), ::testing::SizeIs(1));
}

const Changes kLonger = {{R"("id": "answer", "budget": "7 days")",
                          R"("id": "answer", "budget": "10 days")"}};

TEST_F(MigrateTest, ADeadlineIsKeptUnlessTheDocumentSaysOtherwise) {
  Open("minimal");
  const Instant opened = now_;
  Pass(WallDays(2));
  const CaseState before = state_;
  const auto first = protocol_;
  const auto second = LoadVersion("minimal", Second(kLonger));
  ASSERT_NE(second, nullptr);
  Move(second);
  EXPECT_EQ(ClockOf("answer")->due, opened + WallDays(7));
  state_ = before, protocol_ = first;
  Move(second, R"("deadlines":{"answer":"remaining"})");
  EXPECT_EQ(ClockOf("answer")->due, opened + WallDays(10));
  EXPECT_EQ(ClockOf("answer")->next_due, opened + WallDays(10));
  EXPECT_EQ(Latest("form")->due, opened + WallDays(10));
  state_ = before, protocol_ = first;
  Move(second, R"("deadlines":{"answer":"restart"})");
  EXPECT_EQ(ClockOf("answer")->due, now_ + WallDays(10));
  EXPECT_EQ(Latest("form")->due, now_ + WallDays(10));
}

TEST_F(MigrateTest, ADeadlineOfRiskIsNeverPutBack) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 3});
  const Instant deadline = state_.alerts[0].deadline;
  now_ = now_ + Minutes(30);
  const auto first = protocol_;
  const CaseState before = state_;
  const Changes longer = {{R"("id": "alert", "budget": "1 hour")",
                           R"("id": "alert", "budget": "5 hours")"}};
  Move(LoadVersion("minimal", Second(longer)),
       R"("deadlines":{"alert":"restart"})");
  EXPECT_EQ(state_.alerts[0].deadline, deadline);
  EXPECT_EQ(ClockOf("alert")->next_due, deadline);
  // An earlier one counts.
  state_ = before, protocol_ = first;
  const Changes shorter = {{R"("id": "alert", "budget": "1 hour")",
                            R"("id": "alert", "budget": "40 minutes")"}};
  Move(LoadVersion("minimal", Second(shorter)),
       R"("deadlines":{"alert":"remaining"})");
  EXPECT_EQ(state_.alerts[0].deadline, deadline - Minutes(20));
  EXPECT_EQ(ClockOf("alert")->next_due, deadline - Minutes(20));
}

TEST_F(MigrateTest, ALadderThatBecameShorterGoesOnAtItsLastStep) {
  Open("minimal");
  Pass(WallDays(7));
  ASSERT_NE(Recorded<ClockFired>().size(), 0u);
  const uint64_t effect = state_.pending_effects.at(0).effect;
  Do(Role::kIntegration, SettleEffect{effect, true, ""});
  ASSERT_EQ(ClockOf("answer")->next_rung, 1);
  const Instant next = ClockOf("answer")->next_due;
  Move(LoadVersion(
      "minimal",
      Second({{R"("valid_for": "3 days"}}]},
      {"after": "7 days", "do": [{"open": "call"}]}]})",
               R"("valid_for": "3 days"}}, {"open": "call"}]}]})"}})));
  EXPECT_EQ(ClockOf("answer")->next_rung, 0);
  EXPECT_EQ(ClockOf("answer")->next_due, next);
  Pass(next - now_);
  EXPECT_NE(Latest("call"), nullptr);
}

TEST_F(MigrateTest, AClockOfTheCaseStopsOrStartsAsTheDocumentSays) {
  const std::string clock =
      R"({"id": "idle", "budget": "20 days", "source": "assumption",
          "start": ["referral.received"], "ladder": [
            {"at": "100%", "do": [{"open": "call"}]}]},)";
  Open("minimal");
  const auto first = protocol_;
  const auto second = LoadVersion(
      "minimal", Second({{R"("clocks": [)", "\"clocks\": [" + clock}}));
  ASSERT_NE(second, nullptr);
  Pass(WallDays(1));
  const CaseState before = state_;
  Move(second);
  EXPECT_EQ(ClockOf("idle"), nullptr);
  state_ = before, protocol_ = first;
  Move(second, R"("start":["idle"])");
  ASSERT_NE(ClockOf("idle"), nullptr);
  EXPECT_EQ(ClockOf("idle")->due, now_ + WallDays(20));
  // The way back has no such clock.
  EXPECT_THAT(ReasonsFor(*first, MigrationVerdict::kChoice),
              ElementsAre(HasSubstr("clocks: idle is nothing in version 1")));
  const size_t clocks = state_.clocks.size();
  Move(first, R"("clocks":{"idle":null})");
  EXPECT_EQ(state_.clocks.size(), clocks - 1);
  EXPECT_THAT(Recorded<ClockStopped>(), ::testing::SizeIs(1));
}

TEST_F(MigrateTest, AClockOfAnItemDoesNotJustStop) {
  Open("minimal");
  const auto second = LoadVersion("minimal", kSecond);
  const auto plan = Plan(*protocol_, *second, R"("clocks":{"answer":null})");
  ASSERT_NE(plan, nullptr);
  const MigratedCase moved = To(*second, *plan);
  EXPECT_EQ(moved.verdict, MigrationVerdict::kRefused);
  EXPECT_THAT(moved.reasons,
              ElementsAre(HasSubstr("clocks: answer runs for an item")));
}

TEST_F(MigrateTest, NewFactsAndTracksBeginAsTheDocumentSays) {
  Open("minimal");
  const auto second = LoadVersion(
      "minimal", Second({{R"("tracks": [)",
                          R"("facts": [{"id": "group", "type": "boolean"}],
                  "tracks": [{"id": "side", "initial": "quiet", "phases": [
                    {"id": "quiet", "final": true}]},)"}}));
  ASSERT_NE(second, nullptr);
  Move(second, R"("defaults":{"group":true})");
  ASSERT_EQ(state_.tracks.size(), 2u);
  EXPECT_EQ(protocol_->at(state_.tracks[0].phase).id, "quiet");
  EXPECT_EQ(protocol_->at(state_.tracks[1].phase).id, "open");
  ASSERT_EQ(state_.facts.size(), 1u);
  EXPECT_EQ(state_.facts[0].value.number, 1);
}

TEST_F(MigrateTest, WorkThatTheNewVersionAddsOpensByItself) {
  Open("minimal");
  Move(LoadVersion("minimal", Second({{R"({"id": "open", "items": [)",
                                       R"({"id": "open", "items": [
      {"id": "welcome", "kind": "task", "who": "team", "due": "work"},)"}})));
  ASSERT_NE(Latest("welcome"), nullptr);
  EXPECT_TRUE(IsOpen(Latest("welcome")->status));
  EXPECT_THAT(Recorded<Migrated>(), ::testing::SizeIs(1));
}

TEST_F(MigrateTest, ACaseInTreatmentGoesOverWithItsProgram) {
  Open("icbt_base");
  StartTreatment();
  Do(Role::kPatient,
     PatientItem{protocol_->FindElement("m1"), true, "", {}, {}});
  const CaseState before = state_;
  Move(LoadVersion(
      "icbt_base",
      {{absl::StrCat(R"("version": ")", protocol_->version, R"(", "status")"),
        R"("version": "77", "status")"}}));
  EXPECT_TRUE(Bare(state_) == Bare(before));
  Pass(WallDays(8));
  EXPECT_NE(Latest("m1_check"), nullptr);
}

TEST_F(MigrateTest, ACaseThatWouldBreakALawThereIsRefused) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1});  // not the one about risk
  ASSERT_NE(Latest("ask_risk"), nullptr);
  const auto second =
      LoadVersion("minimal", Second({{R"("missing_element": "ask_risk")",
                                      R"("missing_element": "ask_other")"},
                                     {R"("items_anywhere": [)",
                                      R"("items_anywhere": [
      {"id": "ask_other", "kind": "task", "who": "team", "due": "alert"},)"}}));
  ASSERT_NE(second, nullptr);
  EXPECT_THAT(ReasonsFor(*second, MigrationVerdict::kRefused),
              ElementsAre(HasSubstr("law 9: the unknown risk answer")));
  Move(second, R"("items":{"ask_risk":"ask_other"})");
  EXPECT_TRUE(IsOpen(Latest("ask_other")->status));
}

TEST_F(MigrateTest, ARepetitionThatTheNewVersionHasNotEnds) {
  Open("icbt_base");
  StartTreatment();
  const std::string gone =
      R"("due": "weekly_answer", "repeat": {"every": "7 days", "source": "se3"})";
  const auto cadences = [this] {
    return std::count_if(state_.clocks.begin(), state_.clocks.end(),
                         [](const ClockState& clock) {
                           return clock.subject.kind == SubjectKind::kCadence;
                         });
  };
  const auto before = cadences();
  ASSERT_GT(before, 0);
  Move(LoadVersion("icbt_base", {{R"("version": "1", "status")",
                                  R"("version": "2", "status")"},
                                 {gone, R"("due": "weekly_answer")"}}));
  EXPECT_LT(cadences(), before);
  Pass(WallDays(30));
}

TEST_F(MigrateTest, EventsFromBeforeAreReadInTheNewNumbersAndCanBeTakenBack) {
  Open("minimal");
  Answer("a", "phq9", {1, 1, 1, 1, 1, 1, 1, 1, 0});
  EXPECT_EQ(Staff("call", ItemVerb::kComplete), "");
  std::vector<Event> history = last_;
  Move(LoadVersion("minimal", Second(kRenamed)), kThere);
  IntoNumbersOf(std::get<Migrated>(last_[1].body), history);
  uint64_t done = 0;
  for (const Event& event : history) {
    if (const auto* opened = std::get_if<ItemOpened>(&event.body)) {
      EXPECT_EQ(protocol_->at(opened->key.element).id, "finish");
    }
    if (std::holds_alternative<ItemDone>(event.body)) done = event.seq;
  }
  EXPECT_EQ(Do(Role::kStaff, VoidEvent{done}, history), "");
  EXPECT_TRUE(IsOpen(Latest("talk")->status));
}

TEST_F(MigrateTest, OnlyAnOpenCaseOfThatVersionIsMoved) {
  Open("minimal");
  const auto second = LoadVersion("minimal", kSecond);
  const auto plan = Plan(*protocol_, *second);
  ASSERT_NE(plan, nullptr);
  state_.protocol = second->hash;
  EXPECT_FALSE(
      MigrateCase(*protocol_, *second, *plan, state_, EmptyWorld(), {}, now_)
          .ok());
}

// A subject holds the number of an element in disguise.
TEST(RemapOfSubjects, FollowsTheElement) {
  protocol::SymbolTables tables;
  tables.items = {ElementId(4), ElementId(), ElementId(9)};
  Subject cadence{SubjectKind::kCadence, 2};
  Subject dated = ReleaseSubject(3, 0);
  Subject weekly = ReleaseSubject(3, kNextWeekly);
  Subject item{SubjectKind::kItem, 2};
  for (Subject* subject : {&cadence, &dated, &weekly, &item}) {
    Remap(*subject, tables);
  }
  EXPECT_EQ(cadence, (Subject{SubjectKind::kCadence, 9}));
  EXPECT_EQ(dated, ReleaseSubject(3, 4));
  EXPECT_EQ(weekly, ReleaseSubject(3, kNextWeekly));
  EXPECT_EQ(item, (Subject{SubjectKind::kItem, 2}));
}

}  // namespace
}  // namespace stepwell::engine
