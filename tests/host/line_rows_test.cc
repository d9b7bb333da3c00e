// The lines that a case has had on worklists, as a table: what is open in it is
// what the lists show, and what was late stays so.
#include "host/line_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/time_text.h"
#include "host/table_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::testing::ElementsAre;
using LineRowsTest = TableTest;

// Late is what was on a list when its deadline passed, also when it is done by
// now; and by what was known then.
TEST_F(LineRowsTest, ALineIsOverdueFromTheDeadlineThatPassed) {
  const std::string late = Refer();
  Answer(late, "phq9", 5);
  const std::string then = FormatInstantUtc(now_);
  Later(1);
  const std::string in_time = Refer();
  Answer(in_time, "phq9", 5);
  Work(in_time, "call");
  const auto calls = [&](const std::string& query) {
    std::vector<std::string> found;
    for (const std::string& line :
         Select(Read("worklist_line", query),
                {"case", "item", "overdue_from", "due", "ended_at"})) {
      if (line.find(" call ") != std::string::npos) found.push_back(line);
    }
    return found;
  };
  ASSERT_OK_AND_ASSIGN(const Worklist open, service_->QueryWorklist({}, now_));
  ASSERT_FALSE(open.lines.empty());
  const Instant due = open.lines[0].due;
  ASSERT_EQ(open.lines[0].case_id, late);
  EXPECT_THAT(calls(""), ::testing::UnorderedElementsAre(
                             absl::StrCat(late, " call null ", due.us, " null"),
                             absl::StrCat(in_time, " call null ",
                                          (due + Hours(24)).us, " ", now_.us)));
  Later(20);
  Work(late, "call");
  EXPECT_THAT(calls(""),
              ::testing::Contains(absl::StrCat(late, " call ", due.us, " ",
                                               due.us, " ", now_.us)));
  EXPECT_THAT(calls(absl::StrCat(R"({"as_known_at":")", then, "\"}")),
              ElementsAre(absl::StrCat(late, " call null ", due.us, " null")));
}

// Random services: what the table says is on the lists now is what they show.
TEST_F(LineRowsTest, LinesAreThoseOfTheWorklists) {
  std::mt19937 dice(17);  // NOLINT: the same run every time
  uint64_t overdue = 0;
  for (int step = 0; step < 150; ++step) {
    RandomStep(dice);
    if (step % 10 != 0) continue;
    WorklistQuery all;
    all.limit = 10'000;
    ASSERT_OK_AND_ASSIGN(const Worklist list,
                         service_->QueryWorklist(all, now_));
    std::vector<std::string> shown, told;
    for (const WorkLine& line : list.lines) {
      shown.push_back(absl::StrCat(
          line.case_id, " ", line.ordinal, " ",
          line.letter     ? "letter"
          : line.homework ? "homework"
                          : line.kind,
          " ", line.owner_pool, " ",
          line.owner_staff.empty() ? "null" : line.owner_staff, " ",
          line.due.IsNever() ? "null" : absl::StrCat(line.due.us)));
    }
    const Table table = Read("worklist_line");
    const auto rows =
        Select(table, {"case", "ordinal", "kind", "pool", "staff", "due"});
    const auto ended = Select(table, {"ended_at"}),
               due = Select(table, {"due"});
    uint64_t late = 0;
    for (size_t row = 0; row < rows.size(); ++row) {
      if (ended[row] != "null") continue;
      told.push_back(rows[row]);
      late += due[row] != "null" && std::stoll(due[row]) < now_.us ? 1 : 0;
    }
    EXPECT_THAT(told, ::testing::UnorderedElementsAreArray(shown)) << step;
    EXPECT_EQ(late, list.overdue) << step;
    overdue += late;
  }
  EXPECT_GT(overdue, 20u);
}

}  // namespace
}  // namespace stepwell::host
