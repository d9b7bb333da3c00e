// The kernel decides what a service decides, and takes no bytes on trust.
#include "stepwell/kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "json/json.h"
#include "kernel/twin_support.h"
#include "stepwell/error.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::testing {
namespace {

using Code = absl::StatusCode;

constexpr char kReferral[] =
    R"({"id":"r","actor":{"role":"integration"},"command":"receive_referral",)"
    R"("person":{"system":"s","value":"1"},"route":"self"})";

// Some decision recorded an event of this name.
bool Holds(const Keeper& keeper, const std::string& event) {
  const std::string name = absl::StrCat("\"", event, "\"");
  return std::any_of(
      keeper.outputs.begin(), keeper.outputs.end(),
      [&](const std::string& o) { return o.find(name) != std::string::npos; });
}

class Kernel : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(protocol_, Protocol::Compile("catalogue:icbt_base"));
    ASSERT_OK_AND_ASSIGN(const KernelDecision opened, Decide("", kReferral));
    ASSERT_TRUE(opened.accepted) << opened.json;
    state_ = opened.state;
    records_ = opened.records;
    case_id_ = opened.case_id;
  }
  absl::StatusOr<KernelDecision> Decide(
      std::string_view state, std::string_view command,
      std::vector<std::string_view> history = {}) {
    return DecideKernel(*protocol_, {state, command, std::move(history)},
                        world_, now_);
  }
  // A command of the host's, by its other members.
  absl::StatusOr<KernelDecision> Host(const std::string& members) {
    return Decide(state_,
                  absl::StrCat(R"({"id":"x","actor":{"role":"integration"},)",
                               members, "}"));
  }

  std::shared_ptr<const Protocol> protocol_;
  KernelWorld world_;
  Instant now_ = *TimeFromText("2026-03-02T09:00:00Z");
  std::string state_, case_id_;
  std::vector<std::string> records_;
};

TEST(KernelTwins, KernelAndServiceAreAlikeThroughAWholeCase) {
  for (const char* protocol :
       {"catalogue:icbt_base", "catalogue:icbt_sweden"}) {
    SCOPED_TRACE(protocol);
    Twins twins(protocol);
    PlayWholeCase(twins);
    EXPECT_GT(twins.keeper.records.size(), 100u);
    twins.ExpectAlike();
  }
}

TEST(KernelTwins, FoldingTheRecordsGivesTheState) {
  Twins twins("catalogue:icbt_base");
  PlayWholeCase(twins);
  const Keeper& keeper = twins.keeper;
  const std::vector<std::string_view> all(keeper.records.begin(),
                                          keeper.records.end());
  ASSERT_OK_AND_ASSIGN(const std::string whole, FoldKernel("", all));
  EXPECT_EQ(whole, keeper.state);
  // From any point on as well.
  const std::span<const std::string_view> span(all);
  ASSERT_OK_AND_ASSIGN(const std::string half,
                       FoldKernel("", span.first(all.size() / 2)));
  ASSERT_OK_AND_ASSIGN(const std::string rest,
                       FoldKernel(half, span.subspan(all.size() / 2)));
  EXPECT_EQ(rest, whole);
}

// What a new member of staff completes waits for somebody else's sign.
Keeper WaitsForASign() {
  Keeper keeper(ReadFileText(std::string(STEPWELL_SOURCE_DIR) +
                             "/tests/protocols/supervision.json"));
  const Instant now = *TimeFromText("2026-03-02T09:00:00Z");
  KernelStaff tea{"tea", {"team", "of_the_next_version"}, 0, {}};
  tea.new_until = *TimeFromText("2026-06-01T00:00:00Z");
  keeper.world.staff = {std::move(tea), {"lena", {"leads"}, 0, {}}};
  keeper.Submit(kReferral, now);
  int number = 0;
  const auto say = [&](const char* actor, const char* members) {
    keeper.Submit(
        absl::StrCat(R"({"id":"s)", ++number, R"(","case":")", keeper.case_id,
                     R"(","actor":{)", actor, "},", members, "}"),
        now);
  };
  constexpr char kPatient[] = R"("role":"patient")";
  constexpr char kTea[] = R"("role":"staff","staff":"tea")";
  say(kTea, R"("command":"assign_case","pool":"team","staff":"tea")");
  say(kPatient, R"("command":"patient_item","item":"a","done":true)");
  say(kPatient, R"("command":"patient_item","item":"a_plan","done":true)");
  say(kTea, R"("command":"work_item","item":"a_check","action":"complete")");
  return keeper;
}

TEST(KernelSign, AwaitsASecondPerson) {
  const Keeper keeper = WaitsForASign();
  EXPECT_TRUE(Holds(keeper, "SignAsked"));
  bool of_tea = false;
  for (const auto& [key, line] : keeper.work) {
    of_tea = of_tea || line.find(R"("of":"tea")") != std::string::npos;
  }
  EXPECT_TRUE(of_tea);
}

// For tests/schemas/schemas_test.py, which holds them against the schemas.
TEST(KernelTwins, Samples) {
  const char* target = std::getenv("STEPWELL_SAMPLES");
  if (target == nullptr) GTEST_SKIP() << "no STEPWELL_SAMPLES";
  std::ofstream out(target);
  for (const char* protocol :
       {"catalogue:icbt_base", "catalogue:icbt_sweden"}) {
    Twins twins(protocol);
    PlayWholeCase(twins);
    for (const std::string& output : twins.keeper.outputs) {
      out << "{\"schema\":\"decision\",\"value\":" << output << "}\n";
    }
  }
  for (const std::string& output : WaitsForASign().outputs) {
    out << "{\"schema\":\"decision\",\"value\":" << output << "}\n";
  }
}

TEST_F(Kernel, TheSameInputGivesTheSameBytes) {
  ASSERT_OK_AND_ASSIGN(const KernelDecision a, Decide("", kReferral));
  ASSERT_OK_AND_ASSIGN(const KernelDecision b, Decide("", kReferral));
  EXPECT_EQ(a.json, b.json);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.records, b.records);
}

TEST_F(Kernel, TextsOfDraftsAreTheHostsToKeepAndToErase) {
  const auto parts = [&](const char* id, const char* members) {
    const auto decided = Decide(
        state_, absl::StrCat(R"({"id":")", id, R"(","command":"patient_item",)",
                             R"("item":"screen_phq9",)", members, "}"));
    EXPECT_OK(decided);
    state_ = decided->state;
    const auto json = json::Parse(decided->json);
    EXPECT_OK(json);
    return absl::StrCat(json::Canonical(json->root().Find("texts")), " ",
                        json::Canonical(json->root().Find("texts_erased")));
  };
  const std::string saved = parts("d1", R"("draft":{"q1":2})");
  EXPECT_NE(saved.find(R"("text":"{\"q1\":2}")"), std::string::npos) << saved;
  EXPECT_TRUE(saved.ends_with(" []")) << saved;
  const std::string key = saved.substr(saved.find(R"("key":")") + 7, 13);
  const std::string again = parts("d2", R"("draft":{"q1":3})");
  EXPECT_TRUE(again.ends_with(absl::StrCat(" [\"", key, "\"]"))) << again;
  const std::string thrown = parts("d3", R"("draft":"")");
  EXPECT_TRUE(thrown.starts_with("[] [")) << thrown;
  EXPECT_TRUE(parts("d4", R"("draft":"")").starts_with("[] []"));
}

TEST_F(Kernel, ARejectionIsAValueAndLeavesTheStateAlone) {
  ASSERT_OK_AND_ASSIGN(
      const KernelDecision refused,
      Decide(state_,
             absl::StrCat(R"({"id":"x","actor":{"role":"patient"},)",
                          R"("person":{"system":"s","value":"another"},)",
                          R"("command":"patient_item","item":"m1"})")));
  EXPECT_FALSE(refused.accepted);
  EXPECT_NE(refused.json.find("\"code\":\"wrong_person\""), std::string::npos)
      << refused.json;
  EXPECT_TRUE(refused.records.empty());
  EXPECT_EQ(refused.state, state_);
}

TEST_F(Kernel, AnUnknownRouteIsAnErrorWithItsPlace) {
  std::string command = kReferral;
  command.replace(command.find("self"), 4, "moon");
  const auto unknown = Decide("", command);
  EXPECT_THAT(unknown, StatusIs(Code::kInvalidArgument, "moon"));
  EXPECT_EQ(PartsOf(unknown.status()).pointer, "/route");
}

TEST_F(Kernel, DamagedStatesAreRefusedWhereverTheDamageIs) {
  const std::string command =
      R"({"id":"x","actor":{"role":"patient"},"command":"patient_item",)"
      R"("item":"m1"})";
  for (size_t i = 0; i < state_.size(); ++i) {
    std::string damaged = state_;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_FALSE(Decide(damaged, command).ok()) << "byte " << i;
    EXPECT_FALSE(Decide(state_.substr(0, i), command).ok() && i > 0) << i;
  }
  std::string newer = state_;
  newer[4] = 2;
  EXPECT_THAT(Decide(newer, command),
              StatusIs(Code::kUnimplemented, "newer version"));
}

TEST_F(Kernel, AStateBelongsToItsProtocol) {
  ASSERT_OK_AND_ASSIGN(const auto other,
                       Protocol::Compile("catalogue:icbt_sweden"));
  EXPECT_THAT(DecideKernel(*other, {state_, kReferral, {}}, world_, now_),
              StatusIs(Code::kFailedPrecondition, "pinned"));
  EXPECT_THAT(KernelStateToJson(*other, state_, world_),
              StatusIs(Code::kFailedPrecondition, "pinned"));
}

TEST_F(Kernel, CommandsToOthersAreErrorsWithAPlace) {
  const auto other_case =
      Host(R"("case":"0000000000ABC","command":"record_consent",)"
           R"("consent_purpose":"treatment","given":true)");
  EXPECT_THAT(other_case, StatusIs(Code::kInvalidArgument, ""));
  EXPECT_EQ(PartsOf(other_case.status()).pointer, "/case");
  const auto service = Host(R"("command":"add_staff","staff":"a","pools":[])");
  EXPECT_THAT(service, StatusIs(Code::kInvalidArgument, ""));
  EXPECT_EQ(PartsOf(service.status()).pointer, "/command");
  const auto none = Decide(
      "", R"({"id":"x","actor":{"role":"patient"},"command":"patient_item",)"
          R"("item":"m1"})");
  EXPECT_THAT(none, StatusIs(Code::kInvalidArgument, ""));
}

TEST(KernelTwins, ADeathAndAZoneReachTheCaseAsInAService) {
  Twins twins("catalogue:icbt_base");
  twins.AddStaff("anna", "therapists");
  twins.Register();
  twins.Host(R"("command":"receive_referral","route":"self")");
  twins.Tell("integration", R"("zone":"Asia/Tokyo")");
  EXPECT_TRUE(Holds(twins.keeper, "ZoneNoted"));
  twins.Wait(Hours(24));
  twins.Tell("patient", R"("died":true)");
  EXPECT_FALSE(Holds(twins.keeper, "DeathNoted"));
  twins.Tell("integration", R"("died":true)");
  EXPECT_TRUE(Holds(twins.keeper, "DeathNoted"));
  twins.Wait(Hours(24 * 30));
  twins.ExpectAlike();
}

TEST(KernelTwins, APatientInMidTreatmentIsAdoptedAsInAService) {
  Twins twins("catalogue:icbt_base");
  twins.AddStaff("anna", "therapists");
  twins.Register();
  twins.Host(
      R"("command":"adopt_case","reason":"go-live","referrals":[{"route":"gp",)"
      R"("received_at":"2026-01-05T09:00:00Z","documents":["referral_letter"]}],)"
      R"("tracks":[{"track":"pathway","phase":"treatment",)"
      R"("since":"2026-01-20T09:00:00Z"}],)"
      R"("owner":{"pool":"therapists","staff":"anna"})");
  EXPECT_TRUE(Holds(twins.keeper, "TrackMoved"));
  twins.Wait(Hours(24 * 8));
  twins.ExpectAlike();
}

std::string OfTests(const char* protocol) {
  return ReadFileText(absl::StrCat(STEPWELL_SOURCE_DIR, "/tests/protocols/",
                                   protocol, ".json"));
}

TEST(KernelTwins, TurnsAreThoseOfAService) {
  Twins twins(OfTests("assignment"));
  for (const char* who : {"anna", "bo", "cy"}) twins.AddStaff(who, "by_turn");
  twins.Register();
  twins.Host(R"("command":"receive_referral","route":"self")");
  for (int i = 0; i < 5; ++i) {
    twins.Host(R"("command":"assign_case","pool":"by_turn")");
  }
  EXPECT_EQ(twins.keeper.counters.at("turn/by_turn"), 2);  // anna, ..., bo
  EXPECT_EQ(twins.keeper.counters.at("caseload/bo"), 1);
  twins.ExpectAlike();
}

TEST(KernelTwins, HoursAndActingSayWhoIsOnDuty) {
  const auto owner = [](const char* terms) {
    Keeper keeper("catalogue:icbt_base");
    const auto world = KernelWorldFromJson(absl::StrCat(
        R"({"staff":[{"staff":"tess","pools":["therapists"],"acting":[)",
        R"({"from":"2026-03-07T00:00:00Z","to":"2026-03-09T00:00:00Z","for":"ida",)",
        R"("pools":["duty"]}]},{"staff":"ida","pools":["duty"])", terms,
        "}]}"));
    EXPECT_THAT(world, IsOk());
    keeper.world = *world;
    const Instant saturday = *TimeFromText("2026-03-07T12:00:00Z");
    keeper.Submit(kReferral, saturday);
    keeper.Submit(R"({"id":"a","command":"submit_response","actor":{"role":)"
                  R"("patient"},"instrument":"phq9","answers":)"
                  R"([1,1,1,1,1,1,1,1,1]})",
                  saturday);
    const std::string& told = keeper.outputs.back();
    return told.find(R"("staff":"tess")") != std::string::npos  ? "tess"
           : told.find(R"("staff":"ida")") != std::string::npos ? "ida"
                                                                : "nobody";
  };
  EXPECT_STREQ(owner(""), "ida");
  EXPECT_STREQ(owner(R"(,"calendar":"clinic")"), "tess");
}

TEST(KernelTwins, WhoeverIsAtHandTakesAnAlertWhileThePoolIsClosed) {
  const auto answer = [](const char* time) {
    Keeper keeper("catalogue:icbt_base");
    const auto world = KernelWorldFromJson(
        R"({"staff":[{"staff":"lena","pools":["lead"]},)"
        R"({"staff":"thea","pools":["therapists"],"calendar":"always"}]})");
    EXPECT_THAT(world, IsOk());
    keeper.world = *world;
    const Instant now = *TimeFromText(time);
    keeper.Submit(kReferral, now);
    keeper.Submit(R"({"id":"f","command":"flag_risk","actor":{"role":)"
                  R"("integration"},"source":"m-1","tier":"high"})",
                  now);
    keeper.Submit(R"({"id":"h","command":"handle_alert","actor":{"role":)"
                  R"("staff","staff":"thea"},"alert":0,"action":)"
                  R"("acknowledge"})",
                  now);
    return keeper.outputs.back();
  };
  EXPECT_THAT(answer("2026-03-02T10:00:00Z"),
              ::testing::HasSubstr(R"("code":"not_a_member")"));
  EXPECT_THAT(answer("2026-03-02T22:00:00Z"),
              ::testing::HasSubstr("AlertStepped"));
}

TEST(KernelTwins, WhoIsNotInTheRegisterIsRefusedAsInAService) {
  Twins twins(OfTests("assignment"));
  twins.AddStaff("anna", "few");
  twins.Register();
  twins.Host(R"("command":"receive_referral","route":"self")");
  const std::string before = twins.keeper.state;
  twins.Host(R"("command":"assign_case","pool":"few","staff":"nobody")");
  EXPECT_NE(twins.keeper.outputs.back().find(R"("code":"unknown_staff")"),
            std::string::npos)
      << twins.keeper.outputs.back();
  EXPECT_EQ(twins.keeper.state, before);
  twins.ExpectAlike();
}

TEST(KernelTwins, WeightsAreThoseOfAService) {
  Twins twins(OfTests("programs"));
  twins.AddStaff("anna", "team");
  twins.Register();
  twins.Host(R"("command":"receive_referral","route":"self")");
  twins.Host(R"("command":"assign_case","pool":"team")");
  twins.Host(R"("command":"record_fact","fact":"wants","value":"course")");
  EXPECT_EQ(twins.keeper.counters.at("weight/anna"), 50);
  twins.Host(R"("command":"record_fact","fact":"alone","value":true)");
  EXPECT_EQ(twins.keeper.counters.at("weight/anna"), -50);
  EXPECT_EQ(twins.keeper.counters.at("caseload/anna"), 1);
  twins.ExpectAlike();
}

TEST_F(Kernel, ARegistrationSaysWhatACaseCanHear) {
  const auto nothing =
      Host(R"("command":"register_person","person":{"system":"s","value":"1"},)"
           R"("name":"Karin Ek")");
  EXPECT_THAT(nothing, StatusIs(Code::kInvalidArgument, ""));
  EXPECT_NE(std::string(nothing.status().message()).find("died"),
            std::string::npos);
  ASSERT_OK_AND_ASSIGN(const KernelDecision other,
                       Host(R"("command":"register_person","died":true,)"
                            R"("person":{"system":"s","value":"another"})"));
  EXPECT_FALSE(other.accepted);
  EXPECT_NE(other.json.find("wrong_person"), std::string::npos) << other.json;
  ASSERT_OK_AND_ASSIGN(
      const KernelDecision adopted,
      Host(R"("command":"adopt_case","person":{"system":"s","value":"1"},)"
           R"("reason":"x","referrals":[{"route":"self",)"
           R"("received_at":"2026-01-05T09:00:00Z"}],"tracks":[{"track":)"
           R"("pathway","phase":"treatment","since":"2026-01-20T09:00:00Z"}],)"
           R"("owner":{"pool":"therapists"})"));
  EXPECT_FALSE(adopted.accepted);
  EXPECT_NE(adopted.json.find("case_known"), std::string::npos) << adopted.json;
}

TEST_F(Kernel, ACommandOfASimulationIsRefused) {
  std::string command = kReferral;
  command.replace(command.find("\"r\""), 3, "\"sim/r\"");
  EXPECT_THAT(Decide("", command), StatusIs(Code::kAlreadyExists, "simul"));
}

TEST_F(Kernel, AStaleVersionIsAConflict) {
  EXPECT_THAT(Host(R"("expected_version":1,"command":"resume_case")"),
              StatusIs(Code::kAborted, "version"));
}

TEST_F(Kernel, AClockThatIsNotDueDoesNothing) {
  ASSERT_OK_AND_ASSIGN(const KernelDecision early,
                       Decide(state_, R"({"command":"fire_clock","clock":0})"));
  EXPECT_TRUE(early.accepted);
  EXPECT_TRUE(early.records.empty());
  EXPECT_EQ(early.state, state_);
  EXPECT_THAT(Decide(state_, R"({"command":"fire_clock"})"),
              StatusIs(Code::kInvalidArgument, ""));
}

TEST_F(Kernel, RecordsMustFollowEachOther) {
  ASSERT_GE(records_.size(), 3u);
  const std::vector<std::string_view> gap = {records_[0], records_[2]};
  EXPECT_THAT(FoldKernel("", gap), StatusIs(Code::kDataLoss, "record 1"));
  const std::vector<std::string_view> noise = {"noise"};
  EXPECT_FALSE(FoldKernel("", noise).ok());
  EXPECT_FALSE(FoldKernel("", {}).ok());
}

TEST_F(Kernel, TheWorldIsReadStrictly) {
  ASSERT_OK_AND_ASSIGN(
      const KernelWorld world,
      KernelWorldFromJson(
          R"({"tenant":"north","turns":{"few":1},"staff":[)"
          R"({"staff":"anna","pools":["team"],"sites":["north"],)"
          R"("caseload":3,"leave":[{"from":"2026-07-01T00:00:00Z",)"
          R"("to":"2026-08-01T00:00:00Z"}],"skills":["trauma"],)"
          R"("languages":["ar"],"caseload_max":9,)"
          R"("left_at":"2027-01-01T00:00:00Z",)"
          R"("new_until":"2027-01-01T00:00:00Z","weight":-50,"share":50,)"
          R"("starts_at":"2026-01-01T00:00:00Z","ramp_up":[)"
          R"({"until":"2026-02-01T00:00:00Z","caseload_max":2}],)"
          R"("calendar":"clinic","acting":[{"from":"2026-03-01T00:00:00Z",)"
          R"("to":"2026-03-02T00:00:00Z","for":"bo","pools":["duty"]}],)"
          R"("cover":"bo"},{"staff":"bo"}]})"));
  EXPECT_EQ(world.tenant, "north");
  ASSERT_EQ(world.staff.size(), 2u);
  EXPECT_EQ(world.staff[0].caseload, 3);
  EXPECT_EQ(world.staff[0].leave.size(), 1u);
  EXPECT_EQ(world.staff[0].skills, std::vector<std::string>{"trauma"});
  EXPECT_EQ(world.staff[0].languages, std::vector<std::string>{"ar"});
  EXPECT_EQ(world.staff[0].caseload_max, 9);
  EXPECT_EQ(world.staff[0].left_at, Instant{1'798'761'600'000'000});
  EXPECT_EQ(world.staff[0].new_until, world.staff[0].left_at);
  EXPECT_EQ(world.staff[0].sites, std::vector<std::string>{"north"});
  ASSERT_EQ(world.turns.size(), 1u);
  EXPECT_EQ(world.turns[0].second, 1);
  EXPECT_FALSE(KernelWorldFromJson(R"({"turns":{"few":-1}})").ok());
  EXPECT_EQ(world.staff[0].weight, -50);
  EXPECT_EQ(world.staff[0].share, 50);
  EXPECT_EQ(world.staff[0].starts_at, Instant{1'767'225'600'000'000});
  ASSERT_EQ(world.staff[0].ramp_up.size(), 1u);
  EXPECT_EQ(world.staff[0].ramp_up[0].second, 2);
  EXPECT_EQ(world.staff[0].calendar, "clinic");
  ASSERT_EQ(world.staff[0].acting.size(), 1u);
  EXPECT_EQ(world.staff[0].acting[0].pools, std::vector<std::string>{"duty"});
  EXPECT_EQ(world.staff[0].acting[0].of, "bo");
  EXPECT_EQ(world.staff[0].cover, "bo");
  const auto wrong = KernelWorldFromJson(R"({"staff":[{"staf":"anna"}]})");
  EXPECT_THAT(wrong, StatusIs(Code::kInvalidArgument, ""));
  EXPECT_EQ(PartsOf(wrong.status()).pointer, "/staff/0/staff");
}

TEST_F(Kernel, AStateCanBeLookedInto) {
  ASSERT_OK_AND_ASSIGN(const std::string shown,
                       KernelStateToJson(*protocol_, state_, world_));
  EXPECT_NE(shown.find(case_id_), std::string::npos);
}

TEST_F(Kernel, AWorldThatDoesNotFitIsAnErrorWithItsPlace) {
  const std::pair<const char*, const char*> mistakes[] = {
      {R"("left_at":"2026-03-01T00:00:00Z","cover":"cleo")", "/staff/0/cover"},
      {R"("left_at":"2026-03-01T00:00:00Z","cover":"anna")", "/staff/0/cover"},
      {R"("cover":"bo")", "/staff/0/cover"},
      {R"("acting":[{"from":"2026-03-01T00:00:00Z",)"
       R"("to":"2026-03-02T00:00:00Z","for":"cleo"}])",
       "/staff/0/acting/0/for"},
      {R"("acting":[{"from":"2026-03-01T00:00:00Z",)"
       R"("to":"2026-03-02T00:00:00Z","for":"anna"}])",
       "/staff/0/acting/0/for"},
      {R"("acting":[{"from":"2026-03-02T00:00:00Z",)"
       R"("to":"2026-03-01T00:00:00Z","for":"bo"}])",
       "/staff/0/acting/0/to"},
      {R"("acting":[{"from":"2026-03-02T00:00:00Z",)"
       R"("to":"2027-03-04T00:00:00Z","for":"bo"}])",
       "/staff/0/acting/0/to"},
      {R"("leave":[{"from":"2026-03-01T00:00:00Z",)"
       R"("to":"2026-03-02T00:00:00Z","cover":"cleo"}])",
       "/staff/0/leave/0/cover"},
      {R"("leave":[{"from":"2026-03-01T00:00:00Z",)"
       R"("to":"2026-03-01T00:00:00Z"}])",
       "/staff/0/leave/0/to"},
      {R"("leave":[{"from":"2026-03-01T00:00:00Z",)"
       R"("to":"2026-03-05T00:00:00Z"},{"from":"2026-03-04T00:00:00Z",)"
       R"("to":"2026-03-06T00:00:00Z"}])",
       "/staff/0/leave/1/from"},
      {R"("starts_at":"2026-03-02T00:00:00Z",)"
       R"("left_at":"2026-03-01T00:00:00Z")",
       "/staff/0/left_at"},
      {R"("starts_at":"2026-03-02T00:00:00Z",)"
       R"("new_until":"2026-03-01T00:00:00Z")",
       "/staff/0/new_until"}};
  for (const auto& [members, place] : mistakes) {
    const auto world = KernelWorldFromJson(absl::StrCat(
        R"({"staff":[{"staff":"anna",)", members, R"(},{"staff":"bo"}]})"));
    EXPECT_EQ(PartsOf(world.status()).pointer, place) << members;
  }
  const std::pair<const char*, const char*> worlds[] = {
      {R"({"turns":{"few":1}})", "/turns/few"},
      {R"({"staff":[{"staff":"anna"},{"staff":"anna"}]})", "/staff/1/staff"},
      {R"({"staff":[{"staff":" "}]})", "/staff/0/staff"}};
  for (const auto& [text, place] : worlds) {
    EXPECT_EQ(PartsOf(KernelWorldFromJson(text).status()).pointer, place);
  }
}

// Another version may have them: it is told, and decided all the same.
TEST_F(Kernel, NamesThatTheProtocolDoesNotHaveAreWarnings) {
  ASSERT_OK_AND_ASSIGN(const KernelDecision right, Decide("", kReferral));
  EXPECT_EQ(right.json.find("warnings"), std::string::npos);
  ASSERT_OK_AND_ASSIGN(
      world_,
      KernelWorldFromJson(
          R"({"turns":{"few":1},"staff":[{"staff":"anna","pools":)"
          R"(["therapists","dutty"],"calendar":"clinc","acting":[)"
          R"({"from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z",)"
          R"("for":"bo","pools":["laed"]}]},{"staff":"bo"}]})"));
  ASSERT_OK_AND_ASSIGN(const KernelDecision decided, Decide("", kReferral));
  EXPECT_TRUE(decided.accepted);
  const std::string& wrong = decided.json;
  for (const char* told :
       {"/staff/0/pools/1: `dutty` is not known here; did you mean `duty`?",
        "/staff/0/acting/0/pools/0: `laed` is not known here",
        "/staff/0/calendar: `clinc` is not known here",
        "/turns/few: `few` is not known here"}) {
    EXPECT_NE(wrong.find(told), std::string::npos) << told << wrong;
  }
  EXPECT_EQ(wrong.find("/staff/0/pools/0"), std::string::npos);
}

}  // namespace
}  // namespace stepwell::testing
