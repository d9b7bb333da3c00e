// Plays every tests/scenarios/*.scenario on the memory store and on SQLite.
#include "stepwell/scenario.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell {
namespace {

std::vector<std::string> ScenarioFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(STEPWELL_SOURCE_DIR) / "tests/scenarios")) {
    if (entry.path().extension() == ".scenario") {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string NameOf(const ::testing::TestParamInfo<std::string>& info) {
  return std::filesystem::path(info.param).stem().string();
}

class Scenario : public ::testing::TestWithParam<std::string> {};

TEST_P(Scenario, PlaysOnTheMemoryStore) {
  ASSERT_OK_AND_ASSIGN(
      const ScenarioResult result,
      PlayScenario(testing::ReadFileText(GetParam()), ScenarioOptions()));
  EXPECT_TRUE(result.ok) << GetParam() << ":" << result.line << ": "
                         << result.message << "\n"
                         << result.log;
  EXPECT_GT(result.expectations, 0u) << "a scenario must expect something";
}

TEST_P(Scenario, PlaysOnSqlite) {
  const std::string path =
      (std::filesystem::temp_directory_path() /
       ("scenario_" + std::filesystem::path(GetParam()).stem().string() +
        std::to_string(::getpid()) + ".db"))
          .string();
  const auto remove = [&] {
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path + end);
    }
  };
  remove();
  ScenarioOptions options;
  options.store = "sqlite:" + path;
  ASSERT_OK_AND_ASSIGN(
      const ScenarioResult result,
      PlayScenario(testing::ReadFileText(GetParam()), options));
  EXPECT_TRUE(result.ok) << GetParam() << ":" << result.line << ": "
                         << result.message;
  remove();
}

INSTANTIATE_TEST_SUITE_P(Files, Scenario, ::testing::ValuesIn(ScenarioFiles()),
                         NameOf);

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
