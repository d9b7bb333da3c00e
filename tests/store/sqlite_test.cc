// What only the SQLite store can show: its statements and their plans, locks,
// a full disk, other users of the file, and what deletion leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "store/sqlite_support.h"
#include "store/store.h"
#include "store/store_support.h"
#include "support/matchers.h"

namespace stepwell::store {
namespace {

using ::stepwell::testing::IsOk;
using ::stepwell::testing::StatusIs;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Code = absl::StatusCode;

class SqliteTest : public ::testing::Test {
 protected:
  SqliteTest() { store_ = Value(OpenSqliteStore(path_, OpenMode::kCreate)); }

  void Reopen() {
    store_.reset();
    store_ = Value(OpenSqliteStore(path_, OpenMode::kExisting));
  }

  SqliteSpy spy_;
  TempDir dir_;
  std::string path_ = dir_.File("store.db");
  std::unique_ptr<Store> store_;
};

// A commit as a command makes it: three records, a clock moved and a clock
// gone, a work line, an effect, its receipt and a counter.
CommitRequest TypicalCommit(uint64_t version) {
  CommitRequest request = Commit(Write(Case(7), version, {"a", "b", "c"}));
  StreamWrite& write = request.streams[0];
  write.clocks_set = {{1, Instant{int64_t(version)}}};
  write.clocks_removed = {2};
  write.work_set = {Work(1, 50, 0, int64_t(version))};
  write.outbox = {{version + 1, Instant::Never(), "send"}};
  request.command = CommandRow{absl::StrCat("c", version), "print", "reply"};
  request.counters = {{"open", 1, 0, {}}};
  return request;
}

TEST_F(SqliteTest, ACommandTakesOneStatementARow) {
  ASSERT_OK(store_->Commit(TypicalCommit(0)));
  spy_.TakeStatements();
  ASSERT_OK(store_->Commit(TypicalCommit(3)));
  EXPECT_THAT(
      spy_.TakeStatements(),
      ElementsAre(
          "BEGIN IMMEDIATE", StartsWith("INSERT INTO command"),
          StartsWith("UPDATE stream"), StartsWith("SELECT value FROM counter"),
          StartsWith("INSERT OR REPLACE INTO counter"),
          StartsWith("INSERT INTO outbox"), StartsWith("INSERT INTO record"),
          StartsWith("INSERT INTO record"), StartsWith("INSERT INTO record"),
          StartsWith("DELETE FROM clock"),
          StartsWith("INSERT OR REPLACE INTO clock"),
          StartsWith("INSERT OR REPLACE INTO work"), "COMMIT"));
}

TEST_F(SqliteTest, ALostRaceTakesFourStatements) {
  ASSERT_OK(store_->Commit(Commit(Write(Case(7), 0, {"a"}))));
  spy_.TakeStatements();
  EXPECT_THAT(store_->Commit(Commit(Write(Case(7), 0, {"a"}))),
              StatusIs(Code::kAborted, ""));
  EXPECT_THAT(spy_.TakeStatements(),
              ElementsAre("BEGIN IMMEDIATE", StartsWith("INSERT INTO stream"),
                          StartsWith("SELECT version"), "ROLLBACK"));
}

TEST_F(SqliteTest, NothingToDoTakesNoStatement) {
  spy_.TakeStatements();
  ASSERT_OK(store_->Commit({}));
  EXPECT_THAT(spy_.TakeStatements(), ElementsAre());
}

TEST_F(SqliteTest, ReadsTakeOneStatement) {
  ASSERT_OK(store_->Commit(TypicalCommit(0)));
  spy_.TakeStatements();
  Value(store_->LoadState(Case(7)));
  Value(store_->ReadRecords(Case(7), 1, 100));
  Value(store_->DueClocks(Instant{5}, 100));
  Value(store_->NextDue());
  EXPECT_EQ(spy_.TakeStatements().size(), 4u);
}

// Every read finds its rows by an index and in the order it answers in: no
// scan of a table and no sorting, however much is stored.
TEST_F(SqliteTest, ReadsWalkAnIndex) {
  spy_.TakeStatements();
  WorkScan scan;
  Value(store_->ScanWork(scan));
  scan.after = WorkCursor{};
  Value(store_->ScanWork(scan));
  scan.owner = 5;
  scan.due_before = Instant{7};
  scan.kinds = 1 << 1;
  Value(store_->ScanWork(scan));
  scan.after.reset();
  Value(store_->ScanWork(scan));
  Value(store_->CountWork(scan));
  scan.priority_min = 3;
  scan.priority_max = 5;
  scan.due_from = Instant{6};
  Value(store_->ScanWork(scan));
  Value(store_->LoadState(Case(7)));
  Value(store_->ReadRecords(Case(7), 1, 100));
  Value(store_->ListStreams(StreamKind::kCase, 1, 100));
  Value(store_->FindCommand("c"));
  Value(store_->DueClocks(Instant{5}, 100));
  Value(store_->PendingEffects(1, 10));
  Value(store_->Counter("n"));
  Value(store_->Counters("n"));
  Value(store_->FindExternalId("a", "b"));
  Value(store_->ExternalIdsOf(1, 1));
  Value(store_->GetDocument("a", "b"));
  Value(store_->ListDocuments("a", "b", 1));
  Value(store_->ReadAudit(1, 1));
  const auto statements = spy_.TakeStatements();
  ASSERT_EQ(statements.size(), 19u);
  for (const std::string& sql : statements) {
    EXPECT_THAT(Query(spy_.db(), "EXPLAIN QUERY PLAN " + sql),
                AllOf(AnyOf(StartsWith("SEARCH"), HasSubstr("work_order")),
                      Not(HasSubstr("TEMP B-TREE"))))
        << sql;
  }
  // A stream's own few lines are found by the stream.
  scan = {};
  scan.stream = Case(1);
  scan.owner = 5;
  Value(store_->ScanWork(scan));
  EXPECT_THAT(
      Query(spy_.db(), "EXPLAIN QUERY PLAN " + spy_.TakeStatements()[0]),
      StartsWith("SEARCH work USING INDEX work_of_stream"));
  Value(store_->NextDue());
  EXPECT_THAT(
      Query(spy_.db(), "EXPLAIN QUERY PLAN " + spy_.TakeStatements()[0]),
      Not(HasSubstr("TEMP B-TREE")));
}

// Not the rows either, which are as long as what they show.
TEST_F(SqliteTest, CountsOfAllListsReadOneIndexAndNoRow) {
  WorkScan scan;
  spy_.TakeStatements();
  Value(store_->CountWork(scan));
  Value(store_->TallyWork(scan, {}));
  scan.kinds = 1 << 1;
  scan.due_before = Instant{7};
  Value(store_->CountWork(scan));
  Value(store_->TallyWork(scan, {}));
  const auto statements = spy_.TakeStatements();
  ASSERT_EQ(statements.size(), 4u);
  for (const std::string& sql : statements) {
    EXPECT_EQ(Query(spy_.db(), "EXPLAIN QUERY PLAN " + sql),
              "SCAN work USING COVERING INDEX work_order")
        << sql;
  }
}

TEST_F(SqliteTest, EveryCommitIsSyncedThroughAWriteAheadLog) {
  EXPECT_EQ(Query(spy_.db(), "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(Query(spy_.db(), "PRAGMA synchronous"), "2");
  Reopen();
  EXPECT_EQ(Query(spy_.db(), "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(Query(spy_.db(), "PRAGMA synchronous"), "2");
}

TEST_F(SqliteTest, AReopenedStoreIsTheSame) {
  for (uint64_t version = 0; version < 30; version += 3) {
    ASSERT_OK(store_->Commit(TypicalCommit(version)));
  }
  const std::string before = Dump(*store_);
  Reopen();
  EXPECT_EQ(Dump(*store_), before);
  EXPECT_EQ(Value(store_->FindCommand("c27"))->reply, "reply");
  EXPECT_THAT(store_->Commit(TypicalCommit(27)), StatusIs(Code::kAborted, ""));
}

// A copy of the file with a log beside it, as a crash leaves it, is not the
// same as the file alone.
TEST_F(SqliteTest, WhatIsStillInTheLogIsFound) {
  ASSERT_OK(store_->Commit(TypicalCommit(0)));
  const std::string copy = dir_.File("copy.db");
  for (const char* companion : {"", "-wal"}) {
    std::filesystem::copy_file(path_ + companion, copy + companion);
  }
  const auto other = Value(OpenSqliteStore(copy, OpenMode::kExisting));
  EXPECT_EQ(Dump(*other), Dump(*store_));
}

TEST_F(SqliteTest, AnotherUsersChangeIsSeenAndGuarded) {
  const auto other = Value(OpenSqliteStore(path_, OpenMode::kExisting));
  ASSERT_OK(store_->Commit(Commit(Write(Case(1), 0, {"mine"}))));
  EXPECT_EQ(Value(other->LoadState(Case(1)))->version, 1u);
  ASSERT_OK(other->Commit(Commit(Write(Case(1), 1, {"theirs"}))));
  const absl::Status status =
      store_->Commit(Commit(Write(Case(1), 1, {"late"})));
  EXPECT_EQ(CheckFailureOf(status).check, FailedCheck::kVersion);
  EXPECT_THAT(status, StatusIs(Code::kAborted, "is at version 2"));
  EXPECT_THAT(Value(store_->ReadRecords(Case(1), 1, 9)),
              ElementsAre("mine", "theirs"));
}

TEST_F(SqliteTest, ALockedFileIsUnavailableAndThenUsable) {
  ASSERT_OK(store_->Commit(TypicalCommit(0)));
  const std::string before = Dump(*store_);
  EXPECT_EQ(Query(spy_.db(), "PRAGMA busy_timeout"), "5000");
  sqlite3_busy_timeout(spy_.db(), 20);
  RawSqlite other(path_);
  Query(other.get(), "BEGIN IMMEDIATE");
  EXPECT_THAT(store_->Commit(TypicalCommit(3)),
              StatusIs(Code::kUnavailable, "locked"));
  EXPECT_EQ(Dump(*store_), before);  // readers are not in the way
  Query(other.get(), "ROLLBACK");
  EXPECT_OK(store_->Commit(TypicalCommit(3)));
}

TEST_F(SqliteTest, AShortLockIsWaitedFor) {
  RawSqlite other(path_);
  Query(other.get(), "BEGIN IMMEDIATE");
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    Query(other.get(), "ROLLBACK");
  });
  EXPECT_OK(store_->Commit(TypicalCommit(0)));
  release.join();
}

TEST_F(SqliteTest, AFullDiskLosesNothing) {
  ASSERT_OK(store_->Commit(TypicalCommit(0)));
  const std::string before = Dump(*store_);
  Query(spy_.db(), "PRAGMA max_page_count = 1");  // as few as there are
  CommitRequest large = TypicalCommit(3);
  large.streams[0].state = std::string(100'000, 'x');
  EXPECT_THAT(store_->Commit(large), StatusIs(Code::kUnavailable, "full"));
  EXPECT_EQ(Dump(*store_), before);
  EXPECT_OK(store_->CheckStructure());
  Query(spy_.db(), "PRAGMA max_page_count = 100000");
  EXPECT_OK(store_->Commit(large));
  EXPECT_EQ(Value(store_->LoadState(Case(7)))->bytes.size(), 100'000u);
}

TEST_F(SqliteTest, AFileTakenAwayIsUnavailable) {
  ASSERT_OK(store_->Commit(TypicalCommit(0)));
  std::filesystem::rename(path_, dir_.File("elsewhere.db"));
  EXPECT_THAT(store_->Commit(TypicalCommit(3)),
              StatusIs(Code::kUnavailable, "moved or deleted"));
  std::filesystem::rename(dir_.File("elsewhere.db"), path_);
  EXPECT_OK(store_->Commit(TypicalCommit(3)));
}

// How often `needle` occurs in the files of the directory.
int Occurrences(const std::string& directory, const std::string& needle) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    size_t at = bytes.find(needle);
    while (at != std::string::npos) {
      ++count;
      at = bytes.find(needle, at + 1);
    }
  }
  return count;
}

TEST_F(SqliteTest, ADeletedDocumentLeavesNoByteBehind) {
  const std::string name = "Canary-Augusta-Byron";
  for (int i = 0; i < 300; ++i) {  // small and large ones, in many places
    CommitRequest request;
    std::string text(i % 10 == 0 ? 9000 : i % 50, '.');
    request.documents = {{"person", absl::StrCat("p", i), text + name + text},
                         {"person", absl::StrCat("q", i), text}};
    ASSERT_OK(store_->Commit(request));
    // Replaced as well: the old text must go with the row.
    request.documents[0].bytes = name + "2" + text + text;
    ASSERT_OK(store_->Commit(request));
  }
  EXPECT_GT(Occurrences(dir_.File(""), name), 300);
  CommitRequest erase;
  for (int i = 0; i < 300; ++i) {
    erase.documents.push_back({"person", absl::StrCat("p", i), std::nullopt});
  }
  ASSERT_OK(store_->Commit(erase));
  EXPECT_EQ(Occurrences(dir_.File(""), name), 0);
  EXPECT_EQ(Value(store_->ListDocuments("person", "", 999)).size(), 300u);
}

TEST_F(SqliteTest, AReaderInTheWayDelaysErasureOnly) {
  const std::string name = "Canary-Augusta-Byron";
  CommitRequest request;
  request.documents = {{"person", "p", name}};
  ASSERT_OK(store_->Commit(request));
  RawSqlite reader(path_);
  Query(reader.get(), "BEGIN; SELECT COUNT(*) FROM document");
  request.documents[0].bytes.reset();
  ASSERT_OK(store_->Commit(request));
  EXPECT_GT(Occurrences(dir_.File(""), name), 0);
  Query(reader.get(), "COMMIT");
  ASSERT_OK(store_->Commit(Commit(Write(Case(1), 0, {"any"}))));
  EXPECT_EQ(Occurrences(dir_.File(""), name), 0);
}

}  // namespace
}  // namespace stepwell::store
