// Every scenario of the seven services comes to the same states by every door:
// played live through the public C++ interface, its calls once more one by
// one, and the same under a virtual clock. doors_test.py does it from C, from
// Python and by the command line; STEPWELL_CALLS names the folder where it
// finds the scenarios, their calls and the hashes of the states.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "doors/virtual_support.h"
#include "scenarios/files_support.h"
#include "stepwell/scenario.h"
#include "stepwell/service.h"
#include "support/matchers.h"

namespace stepwell::testing {
namespace {

using States = std::map<std::string, std::string>;  // hash by case

constexpr const char* kServices[] = {"icbt_sweden",   "icbt_norway",
                                     "icbt_denmark",  "icbt_netherlands",
                                     "icbt_scotland", "nhs_talking_therapies",
                                     "school_therapy"};

struct Play {
  std::string name, script, protocol;
};

std::vector<Play> Plays(const std::string& service) {
  std::vector<Play> plays;
  for (const ScenarioFile& file : ScenarioFiles()) {
    if (std::count(file.protocols.begin(), file.protocols.end(), service) ==
        0) {
      continue;
    }
    plays.push_back({absl::StrCat(file.name, "_on_", service),
                     ScenarioText(file, service),
                     absl::StrCat("catalogue:", service)});
  }
  return plays;
}

ScenarioResult Live(const Play& play) {
  ScenarioOptions options;
  options.protocol = play.protocol;
  auto result = PlayScenario(play.script, options);
  EXPECT_OK(result);
  if (!result.ok()) return {};
  EXPECT_TRUE(result->ok) << play.name << ":" << result->line << ": "
                          << result->message;
  return *std::move(result);
}

States StatesOf(const ScenarioResult& result) {
  return {result.cases.begin(), result.cases.end()};
}

class Doors : public ::testing::TestWithParam<const char*> {};

TEST_P(Doors, TheCallsAloneComeToTheSameStates) {
  for (const Play& play : Plays(GetParam())) {
    SCOPED_TRACE(play.name);
    const ScenarioResult live = Live(play);
    std::unique_ptr<Service> service;
    Instant now;
    for (const ScenarioCall& call : live.calls) {
      now = call.now;
      if (call.kind == ScenarioCall::Kind::kCreate) {
        ServiceOptions options;
        options.protocol = call.text;
        options.prototype = true;
        ASSERT_OK_AND_ASSIGN(service, Service::Create("memory:", options, now));
      } else if (call.kind == ScenarioCall::Kind::kSubmit) {
        service->Submit(call.text, now).IgnoreError();
      } else {
        AdvanceOptions options;
        options.catch_up = call.catch_up;
        service->Advance(now, options).status().IgnoreError();
      }
    }
    States states;
    for (const auto& [id, hash] : live.cases) {
      ASSERT_OK_AND_ASSIGN(const CaseSummary one, service->QueryCase(id, now));
      states[id] = one.state_hash;
    }
    EXPECT_FALSE(states.empty());
    EXPECT_EQ(states, StatesOf(live));
  }
}

TEST_P(Doors, AVirtualClockComesToTheSameStates) {
  size_t played = 0;
  std::string left_out;
  for (const Play& play : Plays(GetParam())) {
    SCOPED_TRACE(play.name);
    const ScenarioResult live = Live(play);
    VirtualService service;
    absl::Status status;
    for (const ScenarioCall& call : live.calls) {
      status = service.Do(call);
      if (!status.ok()) break;
    }
    if (absl::IsUnimplemented(status)) {
      absl::StrAppend(&left_out, " ", play.name, " (", status.message(), ")");
      continue;
    }
    ++played;
    ASSERT_OK(status);
    EXPECT_EQ(service.Hashes(), StatesOf(live));
  }
  EXPECT_GT(played, 4u);
  std::printf("%s: %zu scenarios under a virtual clock; left out:%s\n",
              GetParam(), played, left_out.c_str());
  EXPECT_LE(std::count(left_out.begin(), left_out.end(), '('), 5)
      << "what no case is concerned with:" << left_out;
}

TEST_P(Doors, AnotherHistoryComesToAnotherState) {
  for (const Play& play : Plays(GetParam())) {
    const ScenarioResult live = Live(play);
    VirtualService service;
    absl::Status status;
    for (size_t i = 0; i + 1 < live.calls.size() && status.ok(); ++i) {
      status = service.Do(live.calls[i]);
    }
    if (absl::IsUnimplemented(status)) continue;
    ASSERT_OK(status);
    EXPECT_NE(service.Hashes(), StatesOf(live)) << "the last call is left out";
    return;
  }
  FAIL() << "no scenario was played";
}

// For doors_test.py.
TEST(DoorsFiles, AreWritten) {
  const char* const folder = std::getenv("STEPWELL_CALLS");
  if (folder == nullptr) GTEST_SKIP() << "no STEPWELL_CALLS";
  for (const char* service : kServices) {
    for (const Play& play : Plays(service)) {
      const ScenarioResult live = Live(play);
      const std::string path = absl::StrCat(folder, "/", play.name);
      std::ofstream(path + ".scenario") << play.script;
      std::ofstream calls(path + ".calls"), hashes(path + ".hashes");
      for (const ScenarioCall& call : live.calls) calls << ToJson(call) << "\n";
      for (const auto& [id, hash] : live.cases)
        hashes << id << " " << hash << "\n";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Services, Doors, ::testing::ValuesIn(kServices),
                         [](const auto& test) {
                           return std::string(test.param);
                         });

}  // namespace
}  // namespace stepwell::testing
