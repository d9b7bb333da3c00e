// A scan of everybody's lines that leaves out those of one owner: the queue at
// the door lies in the same index, and on nobody's worklist.
#include <gtest/gtest.h>

#include "store/store_support.h"

namespace stepwell::store {
namespace {

std::vector<uint64_t> Keys(const std::vector<WorkLine>& lines) {
  std::vector<uint64_t> keys;
  for (const WorkLine& line : lines) keys.push_back(line.row.key);
  return keys;
}

void ExpectLeftOut(Store& store) {
  CommitRequest request = Commit(Write(Case(1), 0, {"a"}));
  request.streams[0].work_set = {Work(1, 50, 9, 5), Work(2, 60, 8, 20),
                                 Work(3, UINT64_MAX, 7, 10),
                                 Work(4, 50, 6, 10)};
  CheckOk(store.Commit(request));
  const auto expect = [&](const WorkScan& scan,
                          const std::vector<uint64_t>& keys) {
    EXPECT_EQ(Keys(Value(store.ScanWork(scan))), keys);
    EXPECT_EQ(Value(store.CountWork(scan)), keys.size());
  };
  WorkScan scan;
  scan.but = 50;
  expect(scan, {2, 3});
  scan.due_before = Instant{15};
  expect(scan, {3});
  scan = {};
  scan.but = UINT64_MAX;
  expect(scan, {1, 2, 4});
  scan.owner = 50;
  expect(scan, {1, 4});
  scan.but = 50;
  expect(scan, {});
  scan = {};
  scan.but = 50;
  scan.stream = Case(1);
  expect(scan, {2, 3});
}

TEST(WorkButTest, OneOwnerIsLeftOutInMemory) {
  ExpectLeftOut(*NewMemoryStore());
}

TEST(WorkButTest, OneOwnerIsLeftOutInAFile) {
  const TempDir folder;
  const auto store =
      Value(OpenSqliteStore(folder.File("work.db"), OpenMode::kCreate));
  ExpectLeftOut(*store);
}

}  // namespace
}  // namespace stepwell::store
