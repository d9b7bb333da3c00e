// Every rung of every ladder of the shipped protocols is shown by a scenario:
// whatever is changed of a clock, some scenario fails. What no scenario can
// notice is listed with the reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/catalogue.h"
#include "scenarios/files_support.h"
#include "scenarios/ladder_mutants_support.h"
#include "stepwell/scenario.h"

namespace stepwell::testing {
namespace {

struct Exception {
  const char* clock;
  const char* what;
};

// Rungs are coalesced that only speak to the patient and have one after them.
// These ladders have none, so `coalesce` and `fire` mean the same to them.
constexpr Exception kExceptions[] = {
    {"assessment_wait", "late: coalesce"}, {"start_wait", "late: coalesce"},
    {"feedback_due", "late: coalesce"},    {"reply_due", "late: coalesce"},
    {"letter_due", "late: coalesce"},      {"work_due", "late: coalesce"},
    {"follow_up", "late: fire"},           {"second_follow_up", "late: fire"},
    {"wait_to_start", "late: fire"},       {"make_up_due", "late: coalesce"},
    {"waiting_contact", "late: coalesce"},
};

// The checker does not take these at all; no scenario is needed.
constexpr const char* kRefusals[] = {
    // risk_clock_late, ladder_never_ends, and a deadline of risk of months
    "watches over risk: after a gap each of its rungs fires",
    "after this rung nobody is told of an alert any more",
    "this rung tells no member of staff of an alert",
    "an alert of `unscreened` would wait for",
    // window_order
    "the days of a follow-up window are its own",
};

enum class Verdict { kNoticed, kRefused, kUnnoticed, kNoProtocol };

class Ladders : public ::testing::TestWithParam<const char*> {
 protected:
  Ladders() {
    for (const ScenarioFile& file : ScenarioFiles()) {
      if (std::count(file.protocols.begin(), file.protocols.end(), GetParam()) >
          0) {
        files_.push_back(&file);
      }
    }
  }

  Verdict Try(const Mutant& mutant) {
    // Those that speak of the clock are the likeliest to notice.
    const std::string word = absl::StrCat("clock=", mutant.clock, " ");
    std::stable_partition(files_.begin(), files_.end(), [&](const auto* file) {
      return absl::StrContains(file->text, word);
    });
    ScenarioOptions options;
    options.protocol = mutant.document;
    for (const ScenarioFile* file : files_) {
      ++plays_;
      const auto result =
          PlayScenario(ScenarioText(*file, GetParam()), options);
      if (result.ok() && result->ok) continue;
      if (result.ok()) {
        said_ =
            absl::StrCat(file->name, ":", result->line, ": ", result->message);
        return Verdict::kNoticed;
      }
      said_ = std::string(result.status().message());
      for (const char* code : kRefusals) {
        if (absl::StrContains(said_, code)) return Verdict::kRefused;
      }
      return Verdict::kNoProtocol;
    }
    return Verdict::kUnnoticed;
  }

  static const Exception* ExceptionFor(const Mutant& mutant) {
    for (const Exception& exception : kExceptions) {
      if (mutant.clock == exception.clock && mutant.what == exception.what) {
        return &exception;
      }
    }
    return nullptr;
  }

  std::vector<const ScenarioFile*> files_;
  std::string said_;
  int plays_ = 0;
};

// Nobody of the service gives a command, or is said to have given one.
bool NobodyActs(const ScenarioFile& file) {
  for (const absl::string_view line : absl::StrSplit(file.text, '\n')) {
    const bool command = absl::StartsWith(line, "> ");
    if (absl::StrContains(line, R"("role":"staff")") ||
        (command && absl::StrContains(line, "} by "))) {
      return false;
    }
    for (const char* verb : {"handle_alert", "work_item", "settle_message"}) {
      if (command && absl::StrContains(line, verb)) return false;
    }
  }
  return true;
}

// Where nobody acts an alert waits to be acknowledged: each rung of that clock
// has to come.
TEST_P(Ladders, EachRungOfAnAlertComesWhereNobodyActsAtAll) {
  std::erase_if(files_, [](const auto* file) { return !NobodyActs(*file); });
  ASSERT_FALSE(files_.empty());
  int silent = 0;
  for (const Mutant& mutant : LadderMutants(GetParam())) {
    if (mutant.clock != "ack_urgent" && mutant.clock != "alert") continue;
    if (!absl::EndsWith(mutant.what, ": does nothing")) continue;
    const Verdict verdict = Try(mutant);
    EXPECT_TRUE(verdict == Verdict::kNoticed || verdict == Verdict::kRefused)
        << mutant.clock << ", " << mutant.what;
    ++silent;
  }
  EXPECT_GT(silent, 0);
}

// A scenario that fails anyhow would notice everything.
TEST_P(Ladders, TheDocumentAsItIsPassesThemAll) {
  EXPECT_EQ(Try(Unchanged(GetParam())), Verdict::kUnnoticed) << said_;
}

TEST_P(Ladders, NoChangeOfAClockGoesUnnoticed) {
  ASSERT_FALSE(files_.empty()) << "no scenario is played on " << GetParam();
  int noticed = 0, refused = 0, excused = 0;
  for (const Mutant& mutant : LadderMutants(GetParam())) {
    const Exception* exception = ExceptionFor(mutant);
    const std::string name = absl::StrCat(mutant.clock, ", ", mutant.what);
    switch (Try(mutant)) {
      case Verdict::kNoticed:
        ++noticed;
        EXPECT_EQ(exception, nullptr) << name << ": noticed, and excused";
        break;
      case Verdict::kRefused:
        ++refused;
        break;
      case Verdict::kUnnoticed:
        ++excused;
        EXPECT_NE(exception, nullptr) << name << ": no scenario notices it";
        break;
      case Verdict::kNoProtocol:
        ADD_FAILURE() << name << ": the mutant is not valid: " << said_;
    }
  }
  EXPECT_GT(noticed, 0);
  std::printf(
      "%s: %d changes noticed, %d refused by the checker, %d excused (%d "
      "plays)\n",
      GetParam(), noticed, refused, excused, plays_);
}

constexpr const char* kShipped[] = {
    "bench_p1",         "icbt_base",   "icbt_denmark",
    "icbt_netherlands", "icbt_norway", "icbt_scotland",
    "icbt_sweden",      "minimal",     "nhs_talking_therapies",
    "school_therapy"};

// A new service is in the suite, or this fails.
TEST(LaddersOf, EveryShippedService) {
  std::vector<std::string> shipped;
  for (const CatalogueFile& file : ListCatalogue("protocols/")) {
    const std::string_view name = file.path.substr(file.path.find('/') + 1);
    shipped.emplace_back(name.substr(0, name.find('.')));
  }
  EXPECT_EQ(shipped,
            std::vector<std::string>(std::begin(kShipped), std::end(kShipped)));
}

INSTANTIATE_TEST_SUITE_P(Shipped, Ladders, ::testing::ValuesIn(kShipped),
                         [](const auto& test) {
                           return std::string(test.param);
                         });

}  // namespace
}  // namespace stepwell::testing
