// Plays every tests/scenarios/*.scenario on the memory store and on SQLite.
#include "stepwell/scenario.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/files_support.h"
#include "support/matchers.h"

namespace stepwell {
namespace {

using testing::ScenarioFile;
using testing::ScenarioFiles;

// One file on one protocol.
struct Play {
  const ScenarioFile* file;
  std::string protocol;
  std::string Name() const {
    return file->name + "_on_" +
           std::filesystem::path(protocol).stem().string();
  }
};

std::vector<Play> Plays() {
  std::vector<Play> plays;
  for (const ScenarioFile& file : ScenarioFiles()) {
    for (const std::string& protocol : file.protocols) {
      plays.push_back({&file, protocol});
    }
  }
  return plays;
}

class Scenario : public ::testing::TestWithParam<Play> {
 protected:
  void PlayOn(const std::string& store) {
    ScenarioOptions options;
    options.protocol = testing::ProtocolGiven(GetParam().protocol);
    options.store = store;
    const ScenarioFile& file = *GetParam().file;
    ASSERT_OK_AND_ASSIGN(
        const ScenarioResult result,
        PlayScenario(testing::ScenarioText(file, GetParam().protocol),
                     options));
    EXPECT_TRUE(result.ok) << file.path << ":" << result.line << ": "
                           << result.message << "\n"
                           << result.log;
    EXPECT_GT(result.expectations, 0u) << "a scenario must expect something";
  }
};

TEST_P(Scenario, PlaysOnTheMemoryStore) { PlayOn("memory:"); }

TEST_P(Scenario, PlaysOnSqlite) {
  const std::string path =
      (std::filesystem::temp_directory_path() /
       ("scenario_" + GetParam().Name() + std::to_string(::getpid()) + ".db"))
          .string();
  const auto remove = [&] {
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path + end);
    }
  };
  remove();
  PlayOn("sqlite:" + path);
  remove();
}

INSTANTIATE_TEST_SUITE_P(Files, Scenario, ::testing::ValuesIn(Plays()),
                         [](const auto& test) { return test.param.Name(); });

// A player that accepts everything would prove nothing.
TEST(ScenarioPlayer, SeesWhatDidNotHappen) {
  constexpr char kHead[] =
      "# protocol: catalogue:icbt_base\n"
      "clock 2026-03-02T09:00 UTC\n"
      "> register_person {\"person\":{\"system\":\"s\",\"value\":\"1\"}}\n"
      "> receive_referral {\"person\":{\"system\":\"s\",\"value\":\"1\"},"
      "\"route\":\"self\"}\n";
  const auto play = [&](const std::string& tail) {
    auto result = PlayScenario(kHead + tail, ScenarioOptions());
    return result.ok() && result->ok;
  };
  EXPECT_TRUE(play("CaseOpened\n= phase: intake\n= healthy\n"));
  EXPECT_FALSE(play("AlertRaised\n"));
  EXPECT_FALSE(play("CaseOpened owner=nobody\n"));
  EXPECT_FALSE(play("! CaseOpened\n"));
  EXPECT_TRUE(play("1x CaseOpened\n4x ItemOpened owner=patient\n"));
  EXPECT_FALSE(play("2x CaseOpened\n"));
  EXPECT_FALSE(play("0x CaseOpened\n"));
  EXPECT_FALSE(play("= phase: treatment\n"));
  EXPECT_FALSE(play("rejected\n"));
  // A rejection that nobody expected fails too.
  EXPECT_FALSE(
      play("> add_staff {\"staff\":\"a\",\"pools\":[\"lead\"]}\n"
           "> work_item {\"item\":\"inclusion\","
           "\"action\":\"complete\"} by a\n"));
}

}  // namespace
}  // namespace stepwell
