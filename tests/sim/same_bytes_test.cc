// The same input gives the same bytes: for any number of threads, and a person
// stays the same person whatever else changes.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "sim/sim_support.h"
#include "sim/study.h"
#include "support/matchers.h"

namespace stepwell::sim {
namespace {

SimulationOptions ShortYear() {
  SimulationOptions options = ShippedOptions(7, 1);
  options.seed = 5;
  options.set = {{"horizon.warm_up_days", "30"}, {"horizon.days", "90"}};
  return options;
}

TEST(SameBytes, ForOneTwoAndSevenThreads) {
  SimulationOptions options = ShortYear();
  ASSERT_OK_AND_ASSIGN(const SimulationResult one, Simulate(options));
  ASSERT_TRUE(one.ok);
  const std::string bytes = ToJson(one);
  for (const uint32_t threads : {2u, 7u}) {
    options.threads = threads;
    ASSERT_OK_AND_ASSIGN(const SimulationResult other, Simulate(options));
    EXPECT_EQ(ToJson(other), bytes) << threads << " threads";
  }
  options.seed = 6;
  ASSERT_OK_AND_ASSIGN(const SimulationResult another, Simulate(options));
  EXPECT_NE(ToJson(another), bytes);
}

// A host at its limit of threads gets its answer by those that could be
// started, its own at least; and is not ended.
TEST(SameBytes, WhenTheSystemGivesNoMoreThreads) {
  const Loaded loaded =
      LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden",
               {{"horizon.warm_up_days", "30"}, {"horizon.days", "30"}});
  ASSERT_NE(loaded.plan, nullptr);
  StudyOptions options;
  options.replications = 5;
  const auto bytes = [&]() -> std::string {
    const auto all = Replicate(*loaded.protocol, *loaded.plan, options);
    EXPECT_TRUE(all.ok()) << all.status();
    if (!all.ok()) return "";
    SimulationResult result;
    Reduce(*loaded.protocol, *loaded.plan, *all, result);
    return ToJson(result);
  };
  const std::string wanted = bytes();
  options.threads = 5;
  for (const int given : {0, 1, 3}) {
    std::set<std::thread::id> seen;
    uint64_t last = 0;
    options.progress = [&](uint64_t done, uint64_t) {
      seen.insert(std::this_thread::get_id());
      last = done;
      return true;
    };
    int asked = 0, started = 0;
    options.start_thread = [&](std::function<void()> work) {
      ++asked;
      if (started == given) {
        throw std::system_error(
            std::make_error_code(std::errc::resource_unavailable_try_again));
      }
      ++started;
      return std::thread(std::move(work));
    };
    EXPECT_EQ(bytes(), wanted) << given << " threads could be started";
    EXPECT_EQ(started, given);
    EXPECT_EQ(asked, given + 1);
    EXPECT_EQ(seen, std::set{std::this_thread::get_id()});
    EXPECT_EQ(last, 500u);
  }
}

// What its callback throws ends nobody's process either.
TEST(SameBytes, WhenTheProgressThrows) {
  for (const uint32_t threads : {1u, 3u}) {
    SimulationOptions options = ShortYear();
    options.threads = threads;
    options.progress = [](uint64_t, uint64_t) -> bool { throw 1; };
    EXPECT_THAT(Simulate(options),
                testing::StatusIs(absl::StatusCode::kInternal, "threw"));
    options.progress = [](uint64_t, uint64_t) -> bool {
      throw std::runtime_error("the screen is gone");
    };
    EXPECT_THAT(
        Simulate(options),
        testing::StatusIs(absl::StatusCode::kInternal, "screen is gone"));
  }
}

// A replication does not depend on how many there are.
TEST(SameBytes, OfAReplicationAlone) {
  SimulationOptions options = ShortYear();
  ASSERT_OK_AND_ASSIGN(const SimulationResult seven, Simulate(options));
  options.replications = 2;
  ASSERT_OK_AND_ASSIGN(const SimulationResult two, Simulate(options));
  for (size_t i = 0; i < two.replications.size(); ++i) {
    ASSERT_EQ(two.replications[i].name, seven.replications[i].name);
    ASSERT_EQ(two.replications[i].value, seven.replications[i].value);
  }
}

TEST(SameBytes, CancelledFromTheProgress) {
  for (const uint32_t threads : {1u, 3u}) {
    SimulationOptions options = ShortYear();
    options.threads = threads;
    const std::thread::id here = std::this_thread::get_id();
    uint64_t last = 0;
    options.progress = [&](uint64_t done, uint64_t total) {
      EXPECT_EQ(std::this_thread::get_id(), here);
      EXPECT_LE(done, total);
      EXPECT_LE(last, done);
      last = done;
      return done < total / 3;
    };
    EXPECT_THAT(Simulate(options),
                testing::StatusIs(absl::StatusCode::kCancelled, "cancelled"));
  }
}

// What each person was: the first answers to every instrument.
struct People : Observer {
  std::map<PersonId, std::set<std::string>> seen;

  void Decided(const engine::Command& command, Instant,
               std::span<const engine::Event>,
               const engine::CaseState& state) override {
    const auto* response = std::get_if<engine::SubmitResponse>(&command.body);
    if (response == nullptr) return;
    // The two forms that eligibility waits for: when another is answered first
    // depends on the policy, and scores change with time.
    const std::string name = response->response_id;
    if (name != "intake-0" && name != "phq9-0") return;
    std::string text = absl::StrCat(name, ":");
    for (const engine::GivenAnswer& answer : response->answers) {
      absl::StrAppend(&text, answer.number.value_or(-1), ",");
    }
    seen[state.person].insert(text);
  }
};

std::map<PersonId, std::set<std::string>> PeopleOf(const Settings& settings) {
  const Loaded loaded =
      LoadBoth("catalogue:icbt_sweden", "catalogue:icbt_sweden", settings);
  if (loaded.plan == nullptr) {
    ADD_FAILURE() << loaded.issues[0].message;
    return {};
  }
  People people;
  SimulatorOptions options;
  options.random = {3, 0};
  options.observer = &people;
  EXPECT_TRUE(Simulator(*loaded.protocol, *loaded.plan, options).Run().ok());
  return people.seen;
}

// Common random numbers: other policies, the same people.
TEST(SameBytes, OtherPoliciesMeetTheSamePeople) {
  const Settings base = {{"horizon.warm_up_days", "0"},
                         {"horizon.days", "120"}};
  const auto before = PeopleOf(base);
  ASSERT_GT(before.size(), 300u);
  const std::vector<Settings> policies = {
      {{"arrivals.self.per_year", "2700"}},
      {{"staff.therapist_1.leave",
        R"([{"from": "2025-08-01", "to": "2025-09-01"}])"}},
      {{"staff.assessor_1.weekly_minutes", "300"}}};
  for (const Settings& policy : policies) {
    Settings settings = base;
    settings.insert(settings.end(), policy.begin(), policy.end());
    const auto after = PeopleOf(settings);
    size_t both = 0;
    for (const auto& [person, answers] : after) {
      const auto it = before.find(person);
      if (it == before.end()) continue;
      ++both;
      // Fewer or more forms may have been asked for; none differs.
      for (const std::string& answer : answers) {
        const std::string name = answer.substr(0, answer.find(':'));
        for (const std::string& known : it->second) {
          if (known.substr(0, known.find(':')) != name) continue;
          EXPECT_EQ(known, answer) << IdToText(person.value);
        }
      }
    }
    EXPECT_GT(both, 200u);
  }
}

}  // namespace
}  // namespace stepwell::sim
