// Every allocation of a commit to SQLite fails once, the store's own and
// SQLite's: the store is as before or as after, and can be used.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>
#include <new>
#include <string>

#include "absl/strings/str_cat.h"
#include "store/allocation_support.h"
#include "store/store.h"
#include "store/store_support.h"
#include "support/matchers.h"

namespace stepwell::store {
namespace {

constexpr int kAllocationsMax = 5000;

CommitRequest Earlier() {
  CommitRequest request = Commit(Write(Case(1), 0, {"one", "two"}));
  request.streams[0].clocks_set = {{1, Instant{5}}};
  request.streams[0].work_set = {Work(1, 9, 0, 5)};
  request.documents = {{"raw", "d", std::string(100, 'd')}};
  return request;
}

CommitRequest Later() {
  CommitRequest request = Commit(Write(Case(1), 2, {std::string(400, 'r')}));
  request.streams.push_back(Write(Case(2), 0, {std::string(80, 'n')}));
  StreamWrite& write = request.streams[1];
  write.state = std::string(2000, 's');
  write.clocks_set = {{1, Instant{6}}, {2, Instant{7}}};
  write.work_set = {Work(1, 8, 3, 4)};
  write.outbox = {{77, Instant::Never(), std::string(50, 'o')}};
  request.command = CommandRow{"the command", "print", std::string(99, 'r')};
  request.counters = {{"a counter with a long name", 1, {}, {}}};
  request.external_ids = {{"a system with a long name", "a long value", 1, 1}};
  request.documents = {{"raw", "a document with a long name", "bytes"}};
  request.audit = {{Instant{1}, std::string(70, 'a')}};
  return request;
}

class OutOfMemoryTest : public ::testing::Test {
 protected:
  OutOfMemoryTest() {
    const auto model = NewMemoryStore();
    CheckOk(model->Commit(Earlier()));
    before_ = Dump(*model);
    CheckOk(model->Commit(Later()));
    after_ = Dump(*model);
  }
  std::unique_ptr<Store> NewSqlite(int n) {
    return Value(
        OpenSqliteStore(dir_.File(absl::StrCat(n, ".db")), OpenMode::kCreate));
  }
  void ExpectWhole(Store& store, bool committed) {
    EXPECT_OK(store.CheckStructure());
    const std::string found = Dump(store);
    EXPECT_TRUE(found == after_ || (!committed && found == before_)) << found;
    if (found == before_) CheckOk(store.Commit(Later()));
    EXPECT_EQ(Dump(store), after_);
  }

  TempDir dir_;
  std::string before_;
  std::string after_;
};

// The nth allocation by operator new fails; a room lets bad_alloc pass.
absl::Status CommitShort(Store& store, const CommitRequest& request, int n,
                         bool& met) {
  absl::Status status;
  FailAllocation(n);
  try {
    status = store.Commit(request);
  } catch (const std::bad_alloc&) {
    status = absl::ResourceExhaustedError("");
  }
  met = AllocationFailed();
  return status;
}

TEST_F(OutOfMemoryTest, AnSqliteStoreRollsBack) {
  CommitRequest request = Later();
  request.streams[0].expected_version = 1;  // telling why needs memory
  int n = 1;
  for (bool met = true; met && n < kAllocationsMax; ++n) {
    SCOPED_TRACE(n);
    const auto store = NewSqlite(n);
    CheckOk(store->Commit(Earlier()));
    EXPECT_FALSE(CommitShort(*store, request, n, met).ok());
    ExpectWhole(*store, false);
  }
  EXPECT_GT(n, 3);
  EXPECT_LT(n, kAllocationsMax);
}

sqlite3_mem_methods real_memory;
int failing_malloc = 0;  // the allocation that fails, counted down; 0 = none

bool Fails(int& countdown) { return countdown > 0 && --countdown == 0; }

void* ShortMalloc(int size) {
  return Fails(failing_malloc) ? nullptr : real_memory.xMalloc(size);
}
void* ShortRealloc(void* old, int size) {
  return Fails(failing_malloc) ? nullptr : real_memory.xRealloc(old, size);
}

// SQLite's allocator can be changed while nothing is open.
class ShortMemory {
 public:
  ShortMemory() {
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods methods = real_memory;
    methods.xMalloc = ShortMalloc;
    methods.xRealloc = ShortRealloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    // Or a connection's small pieces would come from a stock of its own.
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    sqlite3_initialize();
  }
  ~ShortMemory() {
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_MALLOC, &real_memory);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 1200, 40);
    sqlite3_initialize();
  }
};

TEST_F(OutOfMemoryTest, SqlitesOwnAllocationsMayFail) {
  const ShortMemory memory;
  const CommitRequest request = Later();
  int n = 1;
  for (bool met = true; met && n < kAllocationsMax; ++n) {
    SCOPED_TRACE(n);
    const auto store = NewSqlite(n);
    CheckOk(store->Commit(Earlier()));
    failing_malloc = n;
    const absl::Status status = store->Commit(request);
    met = failing_malloc == 0;
    failing_malloc = 0;
    EXPECT_TRUE(status.ok() || absl::IsResourceExhausted(status) ||
                absl::IsUnavailable(status))
        << status;
    ExpectWhole(*store, status.ok());
  }
  EXPECT_GT(n, 20);
  EXPECT_LT(n, kAllocationsMax);
}

}  // namespace
}  // namespace stepwell::store
