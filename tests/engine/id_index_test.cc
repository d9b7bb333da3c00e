// The index of a list says where to begin to look for an id: never too late,
// and at the end for what was never there.
#include "engine/id_index.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace stepwell::engine {
namespace {

struct Row {
  std::string id;
};

// Of the id, or of the id with an addition.
bool IsOf(const Row& row, const std::string& id) {
  return row.id == id || row.id.substr(0, row.id.rfind('/')) == id;
}

size_t FirstOf(const std::vector<Row>& list, const std::string& id) {
  size_t i = 0;
  while (i < list.size() && !IsOf(list[i], id)) ++i;
  return i;
}

TEST(IdIndex, NothingIsOverlookedWhateverComesAndGoes) {
  std::mt19937_64 random(7);
  const auto below = [&random](size_t n) { return random() % n; };
  IdIndex ids;
  std::vector<Row> list;
  size_t exact = 0;
  for (int step = 0; step < 20'000; ++step) {
    std::string id = absl::StrCat("m", below(80));
    if (below(3) == 0) absl::StrAppend(&id, "/", below(3));
    if (below(2) == 0) list.push_back({id});
    if (below(20) == 0) {
      std::erase_if(list, [&](const Row&) { return below(4) == 0; });
      ids.Forget();
    }
    const std::string asked = absl::StrCat("m", below(90));
    const size_t begin = ids.Begin(list, asked);
    ASSERT_LE(begin, FirstOf(list, asked)) << asked;
    if (list.size() > 16) {
      ASSERT_EQ(begin, FirstOf(list, asked)) << asked;
      ++exact;
    }
  }
  EXPECT_GT(exact, 10'000u);
}

// A state that is copied, or read from its row, is asked like any other.
TEST(IdIndex, ACopyGoesOnByItself) {
  IdIndex ids;
  std::vector<Row> list;
  for (int i = 0; i < 30; ++i) list.push_back({absl::StrCat("m", i)});
  EXPECT_EQ(ids.Begin(list, "m20"), 20u);
  IdIndex copy = ids;
  std::vector<Row> longer = list;
  longer.push_back({"new"});
  EXPECT_EQ(copy.Begin(longer, "new"), 30u);
  EXPECT_EQ(ids.Begin(list, "new"), 30u);  // the end
  EXPECT_EQ(IdIndex().Begin(longer, "m20"), 20u);
  EXPECT_TRUE(copy == ids);
}

}  // namespace
}  // namespace stepwell::engine
