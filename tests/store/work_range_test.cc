// Scans of a part of the lists: by kinds, by priorities, by when it is due.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store_support.h"

namespace stepwell::store {
namespace {

std::vector<uint64_t> Keys(const std::vector<WorkLine>& lines) {
  std::vector<uint64_t> keys;
  for (const WorkLine& line : lines) keys.push_back(line.row.key);
  return keys;
}

// The five lines in order: 4 (priority 40) to 1, then 5 (kind 70).
void Fill(Store& store) {
  CommitRequest request = Commit(Write(Case(1), 0, {"a"}));
  request.streams[0].work_set = {
      Work(1, 50, 10, 5, 1), Work(2, 60, 20, 20, 2), Work(3, 50, 30, 10, 3),
      Work(4, 60, 40, 10, 63), Work(5, 50, -1000, 1, 70)};
  CheckOk(store.Commit(request));
}

void ExpectRanges(Store& store) {
  Fill(store);
  const auto expect = [&](const WorkScan& scan,
                          const std::vector<uint64_t>& keys) {
    EXPECT_EQ(Keys(Value(store.ScanWork(scan))), keys);
    EXPECT_EQ(Value(store.CountWork(scan)), keys.size());
    WorkScan of_stream = scan;
    of_stream.stream = Case(1);
    EXPECT_EQ(Keys(Value(store.ScanWork(of_stream))), keys);
  };
  WorkScan scan;
  expect(scan, {4, 3, 2, 1, 5});
  scan.kinds = 1 << 1 | 1 << 3;
  expect(scan, {3, 1});
  scan.kinds = uint64_t{1} << 63;
  expect(scan, {4});
  scan.kinds = ~uint64_t{0};  // of kinds below 64
  expect(scan, {4, 3, 2, 1});
  scan.kinds = 0;
  expect(scan, {});
  scan = {};
  scan.priority_min = 20;
  expect(scan, {4, 3, 2});
  scan.priority_max = 30;
  expect(scan, {3, 2});
  scan.after = WorkCursor{30, Instant{10}, Case(1), 3};
  expect(scan, {2});
  scan.after = WorkCursor{40, Instant{10}, Case(1), 4};  // above the range
  expect(scan, {3, 2});
  scan.priority_min = 31;
  expect(scan, {});
  scan = {};
  scan.owner = 50;
  scan.priority_max = 10;
  expect(scan, {1, 5});
  scan = {};
  scan.due_from = Instant{10};
  expect(scan, {4, 3, 2});
  scan.due_before = Instant{20};
  expect(scan, {4, 3});
}

// Kind, lines, due first and due last, low.
WorkTally Tally(uint32_t kind, uint64_t lines, uint64_t first, uint64_t last,
                uint64_t low) {
  return {kind, lines, first, last, low};
}

void ExpectTallies(Store& store) {
  Fill(store);
  const WorkCuts cuts{Instant{6}, Instant{20}, 10};
  EXPECT_THAT(
      Value(store.TallyWork({}, cuts)),
      ::testing::ElementsAre(Tally(1, 1, 1, 0, 1), Tally(2, 1, 0, 0, 0),
                             Tally(3, 1, 0, 1, 0), Tally(63, 1, 0, 1, 0),
                             Tally(70, 1, 1, 0, 1)));
  WorkScan scan;
  scan.owner = 50;
  scan.kinds = 1 << 1 | 1 << 2 | 1 << 3;
  const auto of_owner =
      ::testing::ElementsAre(Tally(1, 1, 1, 0, 1), Tally(3, 1, 0, 1, 0));
  EXPECT_THAT(Value(store.TallyWork(scan, cuts)), of_owner);
  scan.stream = Case(1);
  EXPECT_THAT(Value(store.TallyWork(scan, cuts)), of_owner);
  scan.owner = 51;
  EXPECT_THAT(Value(store.TallyWork(scan, cuts)), ::testing::IsEmpty());
}

TEST(WorkRangeTest, ListsAreCountedInMemory) {
  ExpectTallies(*NewMemoryStore());
}

TEST(WorkRangeTest, ListsAreCountedInAFile) {
  const TempDir folder;
  const auto store =
      Value(OpenSqliteStore(folder.File("work.db"), OpenMode::kCreate));
  ExpectTallies(*store);
}

TEST(WorkRangeTest, APartOfTheListsIsReadInMemory) {
  ExpectRanges(*NewMemoryStore());
}

TEST(WorkRangeTest, APartOfTheListsIsReadFromAFile) {
  const TempDir folder;
  const auto store =
      Value(OpenSqliteStore(folder.File("work.db"), OpenMode::kCreate));
  ExpectRanges(*store);
}

}  // namespace
}  // namespace stepwell::store
