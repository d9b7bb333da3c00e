// Random services: whatever people, hosts and clocks do, in whatever order,
// the laws of the design hold after every command.
//   STEPWELL_PROPERTY_COMMANDS         how many in all (100,000)
//   STEPWELL_PROPERTY_SQLITE_COMMANDS  how many of the comparison (20,000)
//   STEPWELL_PROPERTY_SEED             another stream of choices
//   STEPWELL_PROPERTY_SERVICE          only this one of the services
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/event.h"
#include "property/driver_support.h"
#include "support/matchers.h"

namespace stepwell::testing {
namespace {

// Requests to one service: enough for a case to pass through every phase more
// than once, few enough that its log stays short.
constexpr uint64_t kRequestsPerService = 2'000;
constexpr int kProblemsShown = 10;

uint64_t Setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

DriverOptions OptionsOf(uint32_t service) {
  DriverOptions options;
  options.seed = static_cast<uint32_t>(Setting("STEPWELL_PROPERTY_SEED", 7));
  options.service = service;
  // All that ship, the real service most often; some are crowded.
  constexpr const char* kProtocols[] = {
      "icbt_base",      "icbt_sweden",
      "icbt_base",      "bench_p1",
      "minimal",        "supervision",
      "speaking",       "decisions",
      "programs",       "icbt_norway",
      "icbt_denmark",   "icbt_netherlands",
      "icbt_scotland",  "nhs_talking_therapies",
      "school_therapy", "declared",
      "routes",         "booking",
      "transfer",       "intake",
      "handover",       "intake",
      "flow",           "follow_ups",
      "booking",        "supervision",
      "assignment",     "icbt_base"};
  options.protocol = kProtocols[service % std::size(kProtocols)];
  options.persons = service % 3 == 2 ? 40 : 8;
  options.calm = service % 4 == 1;
  return options;
}

// Runs one service; the story of its first problem, or "".
std::string RunService(Driver& driver, uint64_t requests) {
  for (uint64_t i = 0; i < requests; ++i) {
    const std::string wrong = driver.Step();
    if (!wrong.empty()) return absl::StrCat(wrong, "\n", driver.Story());
  }
  const std::string wrong = driver.Finish();
  return wrong.empty() ? "" : absl::StrCat(wrong, "\n", driver.Story());
}

template <size_t... I>
std::vector<std::string> EventNames(std::index_sequence<I...>) {
  return {std::variant_alternative_t<I, engine::EventBody>::kName...};
}

void Print(const std::map<std::string, uint64_t>& seen) {
  if (std::getenv("STEPWELL_PROPERTY_VERBOSE") == nullptr) return;
  for (const auto& [what, count] : seen) {
    std::printf("%8lu %s\n", count, what.c_str());
  }
}

TEST(RandomService, KeepsItsInvariantsWhateverHappens) {
  const uint64_t commands = Setting("STEPWELL_PROPERTY_COMMANDS", 100'000);
  const uint64_t only = Setting("STEPWELL_PROPERTY_SERVICE", UINT32_MAX);
  const auto services = static_cast<uint32_t>(
      (commands + kRequestsPerService - 1) / kRequestsPerService);
  std::map<std::string, uint64_t> seen;
  int problems = 0;
  for (uint32_t i = 0; i < services && problems < kProblemsShown; ++i) {
    if (only != UINT32_MAX && only != i) continue;
    Driver driver(OptionsOf(i), store::NewMemoryStore());
    const std::string story = RunService(driver, kRequestsPerService);
    for (const auto& [what, count] : driver.seen()) seen[what] += count;
    if (story.empty()) continue;
    ++problems;
    ADD_FAILURE() << story;
  }
  Print(seen);
  if (only != UINT32_MAX || commands < 50'000 || problems > 0) return;
  // The choices reach everything that can happen to a case.
  for (const std::string& name :
       EventNames(std::make_index_sequence<
                  std::variant_size_v<engine::EventBody>>())) {
    EXPECT_GT(seen[name], 0u) << name << " never happened";
  }
  EXPECT_GT(seen[kKeptOverLeave], 30u);
}

// Cases are given to somebody and become heavier or lighter in one command, and
// by going over to another version.
TEST(RandomService, KeepsToLimitsThoughWeightsChange) {
  std::map<std::string, uint64_t> seen;
  for (uint32_t i = 0; i < 12; ++i) {
    DriverOptions options = OptionsOf(2000 + i);
    options.protocol = "weighing";
    Driver driver(options, store::NewMemoryStore());
    ASSERT_EQ(RunService(driver, kRequestsPerService), "");
    for (const auto& [what, count] : driver.seen()) seen[what] += count;
  }
  Print(seen);
  EXPECT_GT(seen[kChosenAgain], 0u);
  EXPECT_GT(seen[kPassedLimit], 0u);
  EXPECT_GT(seen[kOtherWeight], 0u);
}

// A folder in memory where there is one: what is compared here is what the
// file holds, not whether the disk keeps it (kill_test.cc does that).
std::filesystem::path QuickFolder() {
  std::error_code error;
  const std::filesystem::path memory = "/dev/shm";
  return access(memory.c_str(), W_OK) == 0
             ? memory
             : std::filesystem::temp_directory_path(error);
}

void CompareOneService(uint32_t service, uint64_t requests) {
  SCOPED_TRACE(absl::StrCat("service ", service));
  const std::string path =
      (QuickFolder() / absl::StrCat("stepwell_property_", getpid(), ".db"))
          .string();
  const auto remove = [&] {
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path + end);
    }
  };
  remove();
  ASSERT_OK_AND_ASSIGN(auto file,
                       store::OpenSqliteStore(path, store::OpenMode::kCreate));
  Driver on_file(OptionsOf(service), std::move(file));
  Driver in_memory(OptionsOf(service), store::NewMemoryStore());
  EXPECT_EQ(RunService(in_memory, requests), "");
  EXPECT_EQ(RunService(on_file, requests), "");
  EXPECT_EQ(on_file.receipts(), in_memory.receipts());
  EXPECT_EQ(AllRecords(on_file.runtime()), AllRecords(in_memory.runtime()));
  remove();
}

TEST(RandomService, IsTheSameOnSqliteAsInMemory) {
  const uint64_t requests =
      Setting("STEPWELL_PROPERTY_SQLITE_COMMANDS", 20'000);
  for (uint32_t i = 0; i * kRequestsPerService < requests; ++i) {
    CompareOneService(1000 + i, kRequestsPerService);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace stepwell::testing
