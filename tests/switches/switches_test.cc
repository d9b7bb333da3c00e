// "A railroad with switches": every switch of a clinician works in every
// shipped service at some moment of its happy path, what comes of it replays to
// the same state, then and after the rest of the path, and the patient is not
// lost: somebody has something to do, within the rhythm of the service.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "scenarios/files_support.h"
#include "stepwell/scenario.h"
#include "stepwell/service.h"
#include "support/matchers.h"
#include "switches/candidates_support.h"

namespace stepwell::testing {
namespace {

struct Shipped {
  const char* name;
  const char* scenario;
};
constexpr Shipped kServices[] = {{"icbt_sweden", "sweden_happy_path"},
                                 {"icbt_norway", "norway_happy_path"},
                                 {"icbt_denmark", "denmark_happy_path"},
                                 {"icbt_netherlands", "netherlands_happy_path"},
                                 {"icbt_scotland", "scotland_happy_path"},
                                 {"nhs_talking_therapies", "nhs_happy_path"},
                                 {"school_therapy", "school_happy_path"}};

// What a service cannot have, and why.
struct Missing {
  const char* name;
  std::vector<const char*> services;
  const char* why;
};
const std::vector<Missing>& AllMissing() {
  static const auto* const all = new std::vector<Missing>{
      {"guidance",
       {"icbt_sweden", "icbt_norway", "icbt_denmark", "icbt_netherlands",
        "nhs_talking_therapies"},
       "its programs have one level of guidance"},
      {"switch_program",
       {"icbt_sweden", "icbt_scotland", "nhs_talking_therapies"},
       "it has one program"},
  };
  return *all;
}
// Of programs; the school has sessions with a therapist instead.
constexpr const char* kOfPrograms[] = {
    "reorder", "exclude",        "include",  "start",   "end",
    "booster", "switch_program", "guidance", "language"};

std::string WhyMissing(const std::string& name, const std::string& service) {
  if (service == "school_therapy" &&
      std::count(std::begin(kOfPrograms), std::end(kOfPrograms), name) > 0) {
    return "it has no program: sessions with a therapist are its treatment";
  }
  for (const Missing& missing : AllMissing()) {
    if (missing.name == name &&
        std::count(missing.services.begin(), missing.services.end(), service) >
            0) {
      return missing.why;
    }
  }
  return "";
}

class Switching : public ::testing::TestWithParam<Shipped> {
 protected:
  void SetUp() override {
    const std::string name = GetParam().name;
    const auto loaded = protocol::LoadProtocol(
        FindCatalogueFile(absl::StrCat("protocols/", name, ".json")),
        protocol::BuiltInCatalogue());
    ASSERT_OK(loaded);
    protocol_ = loaded->protocol;
    for (const ScenarioFile& file : ScenarioFiles()) {
      if (file.name != GetParam().scenario) continue;
      ScenarioOptions options;
      options.protocol = "catalogue:" + name;
      ASSERT_OK_AND_ASSIGN(const ScenarioResult played,
                           PlayScenario(ScenarioText(file, name), options));
      ASSERT_TRUE(played.ok) << played.message;
      calls_ = played.calls;
      case_ = played.cases.at(0).first;
    }
    ASSERT_GT(calls_.size(), 15u);
  }

  // Errors and refusals: after a switch the path may have become another.
  void Do(const ScenarioCall& call) {
    now_ = call.now;
    if (call.kind == ScenarioCall::Kind::kCreate) {
      ServiceOptions options;
      options.protocol = call.text;
      options.prototype = true;
      ASSERT_OK_AND_ASSIGN(service_, Service::Create("memory:", options, now_));
    } else if (call.kind == ScenarioCall::Kind::kSubmit) {
      service_->Submit(call.text, now_).IgnoreError();
    } else {
      AdvanceOptions options;
      options.catch_up = true;
      service_->Advance(now_, options).status().IgnoreError();
    }
  }

  absl::StatusOr<Reply> Send(const std::string& members) {
    return service_->Submit(
        absl::StrCat(R"({"id":"switch-)", ++sent_, R"(","case":")", case_,
                     R"(","actor":{"role":"staff","staff":"first"},)", members,
                     "}"),
        now_);
  }

  // A colleague in every pool, for the switches to another therapist.
  void AddColleagues() {
    for (const char* who : {"first", "second"}) {
      std::string pools;
      for (const protocol::Pool& pool : protocol_->pools) {
        absl::StrAppend(&pools, pools.empty() ? "" : ",", "\"", pool.id, "\"");
      }
      const auto reply = service_->Submit(
          absl::StrCat(R"({"id":"add-)", who,
                       R"(","command":"add_staff","actor":{"role":)",
                       R"("integration"},"staff":")", who, R"(","pools":[)",
                       pools, "]}"),
          now_);
      ASSERT_OK(reply);
    }
  }

  // The first candidate that is accepted with the events of the switch.
  std::string Set(const Switch& what) {
    const auto summary = service_->QueryCase(case_, now_);
    if (!summary.ok()) return "";
    if (what.before != nullptr &&
        std::none_of(summary->timeline.begin(), summary->timeline.end(),
                     [&](const TimelineEntry& entry) {
                       return entry.event == what.before;
                     })) {
      return "";
    }
    for (const std::string& members :
         Candidates(what.name, *protocol_, *summary, now_)) {
      const auto reply = Send(members);
      if (!reply.ok() || reply->kind != Reply::Kind::kAccepted) {
        refused_ = reply.ok() ? reply->code + ": " + reply->reason
                              : std::string(reply.status().message());
        continue;
      }
      return Shows(what, summary->version) ? members : "";
    }
    return "";
  }

  bool Shows(const Switch& what, uint64_t since) {
    const auto summary = service_->QueryCase(case_, now_);
    if (!summary.ok()) return false;
    size_t met = 0;
    for (const TimelineEntry& entry : summary->timeline) {
      if (entry.seq > since && met < what.events.size() &&
          entry.event == what.events[met]) {
        ++met;
      }
    }
    return met == what.events.size();
  }

  // What is stored is what the log folds to; every law holds.
  void ExpectReplays() {
    ASSERT_OK_AND_ASSIGN(const Verification proof, service_->Verify());
    EXPECT_TRUE(proof.differences.empty()) << proof.differences[0];
    ASSERT_OK_AND_ASSIGN(const Health health, service_->CheckHealth(now_));
    EXPECT_TRUE(health.violations.empty()) << health.violations[0];
  }

  // Somebody has work, or whoever is treated has; to measure is neither. Else a
  // clock comes within the fortnight after which services look for the silent;
  // what counts weeks from the start of a treatment is no such clock.
  void ExpectGoesOn(bool needs_staff) {
    // Whoever waits for a place is let in.
    ASSERT_OK_AND_ASSIGN(const AdvanceResult next, service_->Advance(now_, {}));
    ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                         service_->QueryCase(case_, now_));
    if (!summary.open || summary.paused || !summary.open_alerts.empty() ||
        !summary.open_messages.empty()) {
      return;
    }
    for (const WorkLine& line : summary.open_items) {
      const auto id = protocol_->FindElement(line.what);
      ASSERT_FALSE(id.IsNone()) << line.what;
      const protocol::Element& element = protocol_->at(id);
      if (!protocol::IsOutside(element.performer)) return;
      if (!needs_staff && !element.every) return;
    }
    EXPECT_FALSE(needs_staff) << "nobody of the service has this case";
    EXPECT_LE(next.next_due, now_ + WallDays(14))
        << "in " << summary.phases.at(0).second << " nothing is to be done";
  }

  // The path up to a moment of it.
  void Begin(size_t moment) {
    service_.reset();
    for (size_t i = 0; i < moment; ++i) {
      Do(calls_[i]);
      if (i == 0) AddColleagues();
    }
  }

  // What is open at this moment of the path.
  std::vector<std::string> OpenNow() {
    const auto summary = service_->QueryCase(case_, now_);
    std::vector<std::string> open;
    if (!summary.ok()) return open;
    for (const WorkLine& line : summary->open_items) open.push_back(line.what);
    return open;
  }

  // Some switches need another one first.
  void Prepare(const Switch& what) {
    const std::string name = what.name;
    for (const Switch& first : Switches()) {
      if ((name == "unlock" && std::string(first.name) == "lock") ||
          (name == "include" && std::string(first.name) == "exclude") ||
          (name == "resume" && std::string(first.name) == "pause") ||
          (name == "start" && std::string(first.name) == "end")) {
        Set(first);
      }
    }
  }

  // Where on the path the switch was set; -1: nowhere.
  int Try(const Switch& what, std::string& command) {
    for (size_t moment = 1; moment < calls_.size(); ++moment) {
      Begin(moment);
      Prepare(what);
      command = Set(what);
      if (command.empty()) continue;
      ExpectReplays();
      ExpectGoesOn(std::string(what.name) == "end");
      for (size_t i = moment; i < calls_.size(); ++i) Do(calls_[i]);
      ExpectReplays();
      return static_cast<int>(moment);
    }
    return -1;
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  std::vector<ScenarioCall> calls_;
  std::unique_ptr<Service> service_;
  std::string case_, refused_;
  Instant now_;
  int sent_ = 0;
};

TEST_P(Switching, EachSwitchWorksAndReplays) {
  int worked = 0, missing = 0;
  for (const Switch& what : Switches()) {
    SCOPED_TRACE(what.name);
    refused_.clear();
    std::string command;
    const std::string why = WhyMissing(what.name, GetParam().name);
    const int moment = Try(what, command);
    if (::testing::Test::HasFatalFailure()) return;
    if (moment >= 0) {
      ++worked;
      EXPECT_EQ(why, "") << "it has it: " << command;
    } else {
      ++missing;
      EXPECT_NE(why, "") << "found no moment for it in " << GetParam().scenario
                         << "; refused at last: " << refused_;
    }
  }
  std::printf("%s: %d switches work and replay, %d it cannot have\n",
              GetParam().name, worked, missing);
}

TEST_P(Switching, WhateverIsLeftOutTheCareGoesOn) {
  std::set<std::string> seen;
  int left_out = 0;
  for (size_t moment = 1; moment < calls_.size(); ++moment) {
    Begin(moment);
    for (const std::string& item : OpenNow()) {
      if (!seen.insert(item).second) continue;
      const auto id = protocol_->FindElement(item);
      ASSERT_FALSE(id.IsNone()) << item;
      const bool decides =
          protocol_->at(id).kind == protocol::ItemKind::kDecision;
      for (const char* action : {"skip", "cancel"}) {
        SCOPED_TRACE(absl::StrCat(action, " ", item));
        Begin(moment);
        ASSERT_OK_AND_ASSIGN(
            const Reply reply,
            Send(absl::StrCat(R"("command":"work_item","item":")", item,
                              R"(","action":")", action,
                              R"(","reason":"left out")")));
        ASSERT_EQ(reply.kind, Reply::Kind::kAccepted) << reply.reason;
        ExpectGoesOn(decides);
        ++left_out;
      }
    }
  }
  EXPECT_GT(left_out, 15);
}

INSTANTIATE_TEST_SUITE_P(Services, Switching, ::testing::ValuesIn(kServices),
                         [](const auto& test) {
                           return std::string(test.param.name);
                         });

}  // namespace
}  // namespace stepwell::testing
