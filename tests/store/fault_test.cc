// Every file operation of a commit fails once, and the process dies at every
// one: the store is always as before the commit or as after it, never between,
// and can be used.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "store/fault_support.h"
#include "store/sqlite_support.h"
#include "store/store.h"
#include "store/store_support.h"
#include "support/matchers.h"

namespace stepwell::store {
namespace {

using ::stepwell::testing::StatusIs;

// Far more than any of these actions has operations.
constexpr int kOperationsMax = 2000;

CommitRequest Earlier(uint64_t id) {
  CommitRequest request = Commit(Write(Case(id), 0, {"one", "two"}));
  request.streams[0].state = std::string(1500, 's');
  request.streams[0].clocks_set = {{1, Instant{5}}};
  request.streams[0].work_set = {Work(1, 9, 0, 5)};
  request.documents = {{"raw", absl::StrCat("d", id), std::string(5000, 'd')}};
  request.counters = {{"open", 1, {}, {}}};
  return request;
}

// Touches every table, deletes a document and so empties the log.
CommitRequest TheCommit() {
  CommitRequest request = Commit(Write(Case(1), 2, {"three", "four"}));
  request.streams.push_back(Write(Case(50), 0, {"new"}));
  StreamWrite& write = request.streams[0];
  write.state = std::string(7000, 't');
  write.clocks_removed = {1};
  write.clocks_set = {{2, Instant{6}}};
  write.work_set = {Work(1, 8, 3, 4)};
  write.outbox = {{77, Instant::Never(), "send"}};
  request.command = CommandRow{"the command", "print", "reply"};
  request.counters = {{"open", 1, {}, {}}};
  request.external_ids = {{"nhs", "1", 1, 1}};
  request.documents = {{"raw", "d2", std::nullopt},
                       {"raw", "new", std::string(9000, 'n')}};
  request.audit = {{Instant{1}, "who"}};
  return request;
}

class FaultTest : public ::testing::Test {
 protected:
  FaultTest() {
    const auto model = NewMemoryStore();
    for (uint64_t id = 1; id <= 3; ++id) CheckOk(model->Commit(Earlier(id)));
    before_ = Dump(*model);
    CheckOk(model->Commit(TheCommit()));
    after_ = Dump(*model);
  }

  // A closed store with the earlier commits at path_.
  void Make(int n) {
    path_ = dir_.File(absl::StrCat("store", n, ".db"));
    Remove(path_);
    const auto store = Value(OpenSqliteStore(path_, OpenMode::kCreate));
    for (uint64_t id = 1; id <= 3; ++id) CheckOk(store->Commit(Earlier(id)));
  }
  static void Remove(const std::string& path) {
    for (const char* companion : {"", "-wal", "-shm", "-journal"}) {
      std::filesystem::remove(path + companion);
    }
  }
  std::unique_ptr<Store> Open() {
    return Value(OpenSqliteStore(path_, OpenMode::kExisting));
  }
  // As before or as after; returns whether as after.
  bool ExpectWhole(Store& store) {
    EXPECT_OK(store.CheckStructure());
    const std::string found = Dump(store);
    EXPECT_TRUE(found == before_ || found == after_) << found;
    return found == after_;
  }
  // The files as they are now, as if the process had died here.
  void ExpectWholeCopy() {
    const std::string original = path_;
    path_ = dir_.File("copy.db");
    Remove(path_);
    for (const char* companion : {"", "-wal"}) {
      if (!std::filesystem::exists(original + companion)) continue;
      std::filesystem::copy_file(original + companion, path_ + companion);
    }
    ExpectWhole(*Open());
    path_ = original;
  }

  void FailCommitAt(int n, Fault fault, Extent extent, bool& met);

  TempDir dir_;
  std::string path_;
  std::string before_;
  std::string after_;
  SqliteSpy spy_;
  FaultyFiles files_;
};

void FaultTest::FailCommitAt(int n, Fault fault, Extent extent, bool& met) {
  Make(0);
  auto store = Open();
  // Every commit folds the log back into the file: those operations count.
  Query(spy_.db(), "PRAGMA wal_autocheckpoint = 1");
  files_.Arm(n, fault, extent);
  const absl::Status status = store->Commit(TheCommit());
  met = files_.Disarm();
  ExpectWholeCopy();
  if (status.ok()) {
    ASSERT_EQ(Dump(*store), after_);
  } else {
    ASSERT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, ""));
    if (!ExpectWhole(*store)) CheckOk(store->Commit(TheCommit()));
    ASSERT_EQ(Dump(*store), after_);
  }
  store.reset();
  store = Open();
  ASSERT_EQ(Dump(*store), after_);
  ASSERT_OK(store->CheckStructure());
}

TEST_F(FaultTest, ACommitWhoseNthOperationFailsIsWholeOrNothing) {
  for (const Fault fault : {Fault::kFull, Fault::kIo}) {
    for (const Extent extent : {Extent::kOne, Extent::kRest}) {
      int n = 1;
      for (bool met = true; met && n < kOperationsMax; ++n) {
        SCOPED_TRACE(absl::StrCat("operation ", n));
        FailCommitAt(n, fault, extent, met);
        if (HasFailure()) return;
      }
      EXPECT_GT(n, 20);  // there was something to fail
      EXPECT_LT(n, kOperationsMax);
    }
  }
}

TEST_F(FaultTest, OpeningThatFailsHalfWayHarmsNothing) {
  for (const Extent extent : {Extent::kOne, Extent::kRest}) {
    int n = 1;
    for (bool met = true; met && n < kOperationsMax; ++n) {
      Make(0);
      files_.Arm(n, Fault::kIo, extent);
      const auto store = OpenSqliteStore(path_, OpenMode::kExisting);
      met = files_.Disarm();
      EXPECT_TRUE(store.ok() || absl::IsUnavailable(store.status()))
          << n << " " << store.status();
      EXPECT_FALSE(ExpectWhole(*Open())) << n;
    }
    EXPECT_GT(n, 3);
  }
}

TEST_F(FaultTest, ACreationThatFailsLeavesNothing) {
  for (const Fault fault : {Fault::kFull, Fault::kIo}) {
    int n = 1;
    for (bool met = true; met && n < kOperationsMax; ++n) {
      path_ = dir_.File(absl::StrCat("new", n, ".db"));
      files_.Arm(n, fault, Extent::kRest);
      auto store = OpenSqliteStore(path_, OpenMode::kCreate);
      met = files_.Disarm();
      if (store.ok()) {
        EXPECT_OK((*store)->Commit(Earlier(1)));
      } else {
        EXPECT_THAT(store, StatusIs(absl::StatusCode::kUnavailable, path_));
        EXPECT_FALSE(std::filesystem::exists(path_)) << n;
        EXPECT_OK(OpenSqliteStore(path_, OpenMode::kCreate));
      }
      store = absl::UnknownError("closed");
      Remove(path_);
    }
    EXPECT_GT(n, 20);
  }
}

TEST_F(FaultTest, AReadThatFailsSaysSo) {
  Make(0);
  int n = 1;
  for (bool met = true; met && n < kOperationsMax; ++n) {
    const auto store = Open();
    files_.Arm(n, Fault::kIo, Extent::kRest);
    const auto state = store->LoadState(Case(1));
    const auto records = store->ReadRecords(Case(1), 1, 9);
    met = files_.Disarm();
    EXPECT_TRUE(state.ok() ? (*state)->bytes == std::string(1500, 's')
                           : absl::IsUnavailable(state.status()));
    EXPECT_TRUE(records.ok() ? records->size() == 2
                             : absl::IsUnavailable(records.status()));
    EXPECT_OK(store->LoadState(Case(1)));
  }
  EXPECT_GT(n, 2);
}

// Runs `body` in a process of its own; true when it came to its end.
template <class Body>
bool Survives(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
  return WIFEXITED(status);
}

TEST_F(FaultTest, AProcessKilledAtAnyOperationLeavesAWholeStore) {
  for (const Fault fault : {Fault::kKill, Fault::kKillTorn}) {
    int n = 1;
    int after = 0;
    for (bool done = false; !done && n < kOperationsMax; ++n) {
      SCOPED_TRACE(absl::StrCat("operation ", n));
      Make(0);
      // From opening through the commit and folding back to closing.
      done = Survives([&] {
        files_.Arm(n, fault, Extent::kOne);
        auto store = Open();
        Query(spy_.db(), "PRAGMA wal_autocheckpoint = 1");
        CheckOk(store->Commit(TheCommit()));
      });
      const auto store = Open();
      if (ExpectWhole(*store)) {
        ++after;
        continue;
      }
      ASSERT_OK(store->Commit(TheCommit()));
      ASSERT_EQ(Dump(*store), after_);
    }
    EXPECT_GT(n, 30);
    EXPECT_LT(n, kOperationsMax);
    EXPECT_GT(after, 5);  // killed on both sides of the decision
    EXPECT_LT(after, n - 5);
  }
}

TEST_F(FaultTest, AProcessKilledWhileCreatingLeavesAStoreOrNone) {
  int n = 1;
  for (bool done = false; !done && n < kOperationsMax; ++n) {
    path_ = dir_.File(absl::StrCat("new", n, ".db"));
    done = Survives([&] {
      files_.Arm(n, Fault::kKill, Extent::kOne);
      CheckOk(OpenSqliteStore(path_, OpenMode::kCreate).status());
    });
    const auto store = OpenSqliteStore(path_, OpenMode::kExisting);
    if (store.ok()) {
      EXPECT_OK((*store)->Commit(Earlier(1))) << n;
    } else {
      EXPECT_THAT(store, StatusIs(absl::StatusCode::kDataLoss, "empty")) << n;
    }
  }
  EXPECT_GT(n, 20);
}

}  // namespace
}  // namespace stepwell::store
