#include "kernel/twin_support.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/fingerprint.h"
#include "engine/apply.h"
#include "json/json.h"
#include "stepwell/time_text.h"
#include "support/matchers.h"
#include "wire/record.h"

namespace stepwell::testing {
namespace {

constexpr char kStart[] = "2026-03-02T09:00:00Z";
constexpr char kPerson[] = R"("person":{"system":"s","value":"1"})";

json::Document Parsed(const std::string& text) {
  auto document = json::Parse(text);
  EXPECT_THAT(document, IsOk()) << text;
  return *std::move(document);
}

}  // namespace

Keeper::Keeper(const std::string& text) {
  auto compiled = Protocol::Compile(text);
  EXPECT_THAT(compiled, IsOk());
  protocol = *std::move(compiled);
}

void Keeper::Keep(const KernelDecision& decision) {
  outputs.push_back(decision.json);
  state = decision.state;
  if (!decision.case_id.empty()) case_id = decision.case_id;
  records.insert(records.end(), decision.records.begin(),
                 decision.records.end());
  const json::Document document = Parsed(decision.json);
  const json::Value root = document.root();
  for (json::Value clock : json::Children(root.Find("clocks_set"))) {
    clocks[*clock.Find("clock").int64_value()] =
        Instant{*clock.Find("due_us").int64_value()};
  }
  for (json::Value clock : json::Children(root.Find("clocks_removed"))) {
    clocks.erase(*clock.int64_value());
  }
  for (json::Value line : json::Children(root.Find("work_set"))) {
    work[std::string(line.Find("key").string_value())] =
        json::ToText(line.Find("line"));
  }
  for (json::Value key : json::Children(root.Find("work_removed"))) {
    work.erase(std::string(key.string_value()));
  }
  for (json::Value effect : json::Children(root.Find("effects"))) {
    outbox.insert(std::string(effect.Find("effect").string_value()));
  }
  for (json::Value effect : json::Children(root.Find("effects_settled"))) {
    outbox.erase(std::string(effect.string_value()));
  }
  for (json::Value counter : json::Children(root.Find("counters"))) {
    const std::string name(counter.key());
    counters[name] += *counter.int64_value();
    if (name.starts_with("turn/")) {
      world.turns.emplace_back(name.substr(5),
                               static_cast<int>(*counter.int64_value()));
    }
    for (KernelStaff& member : world.staff) {
      if (name == "caseload/" + member.staff) {
        member.caseload += static_cast<int>(*counter.int64_value());
      } else if (name == "weight/" + member.staff) {
        member.weight += static_cast<int>(*counter.int64_value());
      }
    }
  }
}

std::string Keeper::Submit(const std::string& command, Instant now) {
  const std::vector<std::string_view> history(records.begin(), records.end());
  auto decided = DecideKernel(*protocol, {state, command, history}, world, now);
  EXPECT_THAT(decided, IsOk()) << command;
  if (!decided.ok()) return "";
  Keep(*decided);
  return json::Canonical(Parsed(decided->json).root().Find("reply"));
}

void Keeper::Advance(Instant now) {
  for (int fired = 0; fired < 10'000; ++fired) {
    const auto next = std::min_element(
        clocks.begin(), clocks.end(),
        [](const auto& a, const auto& b) { return a.second < b.second; });
    if (next == clocks.end() || next->second > now) return;
    Submit(
        absl::StrCat(R"({"command":"fire_clock","clock":)", next->first, "}"),
        now);
  }
  ADD_FAILURE() << "the clocks never come to rest";
}

Twins::Twins(const std::string& protocol)
    : keeper(protocol), now(*TimeFromText(kStart)) {
  path_ = absl::StrCat(::testing::TempDir(), "twins_", getpid(), ".db");
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::remove((path_ + suffix).c_str());
  }
  auto created =
      Service::Create("sqlite:" + path_, {protocol, "default", true}, now);
  EXPECT_THAT(created, IsOk());
  service_ = *std::move(created);
}

Twins::~Twins() {
  service_.reset();
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::remove((path_ + suffix).c_str());
  }
}

std::string Twins::Command(const std::string& actor,
                           const std::string& members) {
  return absl::StrCat(R"({"id":"c)", ++commands_, R"(","actor":)", actor, ",",
                      kPerson, ",", members, "}");
}

void Twins::Both(const std::string& actor, const std::string& members) {
  const std::string command = Command(actor, members);
  const auto live = service_->Submit(command, now);
  ASSERT_THAT(live, IsOk()) << command;
  const std::string kept = keeper.Submit(command, now);
  EXPECT_EQ(json::Canonical(Parsed(ToJson(*live)).root()), kept) << command;
}

void Twins::Staff(const std::string& who, const std::string& members) {
  Both(absl::StrCat(R"({"role":"staff","staff":")", who, "\"}"), members);
}
void Twins::Patient(const std::string& members) {
  Both(R"({"role":"patient"})", members);
}
void Twins::Host(const std::string& members) {
  Both(R"({"role":"integration"})", members);
}

void Twins::AddStaff(const std::string& who, const std::string& pool) {
  const auto reply = service_->Submit(
      absl::StrCat(R"({"id":"staff-)", who,
                   R"(","actor":{"role":"integration"},"command":"add_staff",)",
                   R"("staff":")", who, R"(","pools":[")", pool, "\"]}"),
      now);
  ASSERT_THAT(reply, IsOk());
  keeper.world.staff.push_back({who, {pool}, 0, {}});
}

void Twins::Register() {
  const auto reply = service_->Submit(
      absl::StrCat(R"({"id":"register","actor":{"role":"integration"},)",
                   R"("command":"register_person",)", kPerson, "}"),
      now);
  ASSERT_THAT(reply, IsOk());
}

void Twins::Tell(const std::string& role, const std::string& members) {
  const std::string command =
      Command(absl::StrCat(R"({"role":")", role, "\"}"),
              absl::StrCat(R"("command":"register_person",)", members));
  ASSERT_THAT(service_->Submit(command, now), IsOk()) << command;
  keeper.Submit(command, now);
}

void Twins::VoidFirst(const std::string& event) {
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(keeper.case_id, now));
  for (const TimelineEntry& entry : summary.timeline) {
    if (entry.event != event) continue;
    Staff("anna", absl::StrCat(R"("command":"void_event","target":)", entry.seq,
                               R"(,"reason":"another person's answers")"));
    return;
  }
  FAIL() << "there is no " << event;
}

void Twins::Wait(Duration time) {
  now = now + time;
  AdvanceOptions options;
  options.catch_up = true;
  ASSERT_THAT(service_->Advance(now, options), IsOk());
  keeper.Advance(now);
}

void Twins::AdvanceTo(const std::string& time) {
  Wait(*TimeFromText(time) - now);
}

void Twins::ExpectAlike() {
  service_.reset();
  ASSERT_OK_AND_ASSIGN(
      const auto store,
      store::OpenStore("sqlite:" + path_, store::OpenMode::kExisting));
  uint64_t id = 0;
  ASSERT_TRUE(IdFromText(keeper.case_id, &id));
  const store::StreamKey key{store::StreamKind::kCase, id};
  ASSERT_OK_AND_ASSIGN(const auto records, store->ReadRecords(key, 1, 100'000));
  EXPECT_EQ(records, keeper.records);
  ASSERT_OK_AND_ASSIGN(const auto row, store->LoadState(key));
  ASSERT_TRUE(row.has_value());
  // The kernel's bytes are a row behind a seal: that of the store, with the
  // records behind it.
  ASSERT_OK_AND_ASSIGN(engine::CaseState state, wire::DecodeState(row->bytes));
  for (size_t i = state.version; i < records.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const engine::Event event,
                         wire::DecodeEvent(records[i]));
    engine::Apply(event, state);
  }
  const std::string bytes = wire::EncodeState(state);
  ASSERT_GT(keeper.state.size(), bytes.size());
  EXPECT_EQ(keeper.state.substr(keeper.state.size() - bytes.size()), bytes);
  ASSERT_OK_AND_ASSIGN(const auto due,
                       store->DueClocks(Instant::Never(), 10'000));
  std::map<uint64_t, Instant> clocks;
  for (const store::DueClock& clock : due) clocks[clock.clock] = clock.due;
  EXPECT_EQ(clocks, keeper.clocks);
  ASSERT_OK_AND_ASSIGN(const auto pending, store->PendingEffects(0, 10'000));
  std::set<std::string> outbox;
  for (const auto& effect : pending) {
    outbox.insert(IdToText(effect.row.effect));
  }
  EXPECT_EQ(outbox, keeper.outbox);
  store::WorkScan scan;
  scan.limit = 10'000;
  ASSERT_OK_AND_ASSIGN(const auto lines, store->ScanWork(scan));
  EXPECT_EQ(lines.size(), keeper.work.size());
  ASSERT_OK_AND_ASSIGN(const int64_t open, store->Counter("cases/open"));
  EXPECT_EQ(open, keeper.counters["cases/open"]);
  ASSERT_OK_AND_ASSIGN(const int64_t answered,
                       store->Counter("referrals/answered"));
  EXPECT_EQ(answered, keeper.counters["referrals/answered"]);
}

namespace {

struct Step {
  const char* who;  // a member of staff, "patient", or "" = time passes
  const char* what;
};

// What goes wrong on purpose is rejected alike.
constexpr Step kWholeCase[] = {
    {"patient", R"("command":"submit_response","response_id":"f1",
       "instrument":"intake","answers":{"age":34,"parallel_therapy":false,
       "problem":1,"emergency_contact":"kin"})"},
    {"patient", R"("command":"submit_response","response_id":"g1",
       "instrument":"gad7","answers":[1,1,1,1,1,1,1])"},
    {"patient", R"("command":"submit_response","response_id":"a1",
       "instrument":"wsas","answers":[2,2,2,2,2])"},
    {"patient", R"("command":"submit_response","response_id":"p1",
       "instrument":"phq9","answers":[1,1,1,1,1,1,1,1,0])"},
    {"carin", R"("command":"change_appointment","item":"video_assessment",
       "action":"book","starts_at":"2026-03-06T09:00:00Z")"},
    {"", "2026-03-06T10:00:00Z"},
    {"carin", R"("command":"work_item","item":"video_assessment",
       "action":"complete","minutes":60)"},
    {"carin", R"("command":"work_item","item":"inclusion",
       "action":"complete")"},
    {"carin", R"("command":"work_item","item":"inclusion","action":"complete",
       "outcome":"include","minutes":5)"},
    {"anna", R"("command":"work_item","item":"start_treatment",
       "action":"start")"},
    {"anna", R"("command":"work_item","item":"start_treatment",
       "action":"complete","minutes":5)"},
    {"patient", R"("command":"patient_item","item":"m1","draft":"one")"},
    {"patient", R"("command":"patient_item","item":"m1","draft":"two","x":1)"},
    {"patient", R"("command":"patient_item","item":"m1","done":true)"},
    {"patient", R"("command":"receive_message","message_id":"m-1",
       "thread":"t-1","text":"How do I go on?")"},
    {"anna", R"("command":"send_message","answers":"m-1","text":"Like this",
       "minutes":6)"},
    {"anna", R"("command":"work_item","item":"m1_check","action":"claim")"},
    {"anna", R"("command":"work_item","item":"m1_check","action":"defer",
       "until":"2026-03-08T09:00:00Z","reason":"she writes again")"},
    {"anna", R"("command":"work_item","item":"m1_check","action":"complete",
       "minutes":12)"},
    {"", "2026-03-14T10:00:00Z"},
    {"patient", R"("command":"submit_response","response_id":"p2",
       "instrument":"phq9","answers":[1,1,1,1,1,1,1,1,2])"},
    {"", "2026-03-15T10:00:00Z"},
    {"dora", R"("command":"handle_alert","alert":0,"action":"acknowledge",
       "reason":"called")"},
    {"dora", R"("command":"handle_alert","alert":0,"action":"assess",
       "outcome":"safety_plan","minutes":25,"reason":"called")"},
    {"dora", R"("command":"handle_alert","alert":0,"action":"close",
       "reason":"safe")"},
    {"patient", R"("command":"submit_response","response_id":"p3",
       "instrument":"phq9","answers":[1,"what",9])"},
    {"anna", R"("command":"record_fact","fact":"age","value":35,
       "reason":"told on the phone")"},
    {"anna", R"("command":"pause_case","review_at":"2026-04-15T09:00:00Z",
       "reason":"travels")"},
    {"", "2026-03-25T10:00:00Z"},
    {"anna", R"("command":"resume_case","reason":"is back")"},
    {"", "2026-05-25T10:00:00Z"},
    {"", "2026-09-25T10:00:00Z"},
};

}  // namespace

void PlayWholeCase(Twins& t) {
  t.AddStaff("anna", "therapists");
  t.AddStaff("carin", "assessors");
  t.AddStaff("dora", "duty");
  t.AddStaff("lena", "lead");
  t.Register();
  t.Host(R"("command":"receive_referral","route":"self")");
  for (const Step& step : kWholeCase) {
    const std::string who = step.who;
    if (who.empty()) {
      t.AdvanceTo(step.what);
    } else if (who == "patient") {
      t.Patient(step.what);
    } else {
      t.Staff(who, step.what);
    }
  }
  t.VoidFirst("ResponseReceived");
}

}  // namespace stepwell::testing
