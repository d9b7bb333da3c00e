// Opening SQLite stores that are missing, foreign, newer, damaged, locked or
// out of reach: each is refused in its own words and nothing is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "store/sqlite_support.h"
#include "store/store.h"
#include "store/store_support.h"
#include "support/matchers.h"

namespace stepwell::store {
namespace {

using ::stepwell::testing::IsOk;
using ::stepwell::testing::StatusIs;
using Code = absl::StatusCode;

class SqliteOpenTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open(OpenMode mode) {
    return OpenSqliteStore(path_, mode);
  }
  // A closed store with a few pages.
  void Make() {
    auto store = Value(Open(OpenMode::kCreate));
    for (uint64_t id = 1; id <= 40; ++id) {
      CommitRequest request = Commit(Write(Case(id), 0, {"one", "two"}));
      request.streams[0].state = std::string(900, 's');
      request.streams[0].work_set = {Work(1, id % 3, 0, 5)};
      CheckOk(store->Commit(request));
    }
  }
  std::string Read() {
    std::ifstream in(path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  void Overwrite(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

  TempDir dir_;
  std::string path_ = dir_.File("store.db");
};

TEST_F(SqliteOpenTest, WhatIsThereIsNotCreatedAgain) {
  Make();
  const std::string before = Read();
  EXPECT_THAT(Open(OpenMode::kCreate), StatusIs(Code::kAlreadyExists, path_));
  EXPECT_EQ(Read(), before);
  Overwrite("");
  EXPECT_THAT(Open(OpenMode::kCreate), StatusIs(Code::kAlreadyExists, path_));
}

TEST_F(SqliteOpenTest, WhatIsMissingIsSaidToBe) {
  EXPECT_THAT(Open(OpenMode::kExisting), StatusIs(Code::kNotFound, path_));
  path_ = dir_.File("no/such/dir.db");
  EXPECT_THAT(Open(OpenMode::kExisting), StatusIs(Code::kNotFound, path_));
  EXPECT_THAT(Open(OpenMode::kCreate), StatusIs(Code::kNotFound, path_));
  EXPECT_FALSE(std::filesystem::exists(dir_.File("no")));
}

TEST_F(SqliteOpenTest, NamesThatAreNoFilesAreRefused) {
  for (const std::string& path :
       {std::string(), std::string(":memory:"), std::string("a\0b", 3)}) {
    path_ = path;
    EXPECT_THAT(Open(OpenMode::kCreate), StatusIs(Code::kInvalidArgument, ""));
  }
  path_ = dir_.File("");
  EXPECT_THAT(Open(OpenMode::kExisting),
              StatusIs(Code::kFailedPrecondition, "not a regular file"));
  EXPECT_THAT(OpenStore("file:x", OpenMode::kCreate),
              StatusIs(Code::kInvalidArgument, "memory: or sqlite:PATH"));
  EXPECT_THAT(OpenStore("sqlite:", OpenMode::kCreate),
              StatusIs(Code::kInvalidArgument, ""));
}

TEST_F(SqliteOpenTest, OnlyItsOwnerMayReadAStore) {
  Make();
  const auto store = Value(Open(OpenMode::kExisting));
  CheckOk(store->Commit(Commit(Write(Case(99), 0, {"x"}))));
  for (const char* companion : {"", "-wal", "-shm"}) {
    struct stat info = {};
    ASSERT_EQ(stat((path_ + companion).c_str(), &info), 0) << companion;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << companion;
  }
}

TEST_F(SqliteOpenTest, ForeignFilesAreRefusedAndLeftAlone) {
  for (const std::string& text :
       {std::string("x"), std::string("hello, this is a letter\n"),
        std::string(100'000, '\0'), std::string(5000, 'z')}) {
    Overwrite(text);
    EXPECT_THAT(Open(OpenMode::kExisting),
                StatusIs(Code::kFailedPrecondition, "no Stepwell store"))
        << text.size();
    EXPECT_EQ(Read(), text);
  }
  std::filesystem::remove(path_);
  Query(RawSqlite(path_).get(), "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  const std::string before = Read();
  EXPECT_THAT(Open(OpenMode::kExisting),
              StatusIs(Code::kFailedPrecondition, "another program"));
  EXPECT_EQ(Read(), before);
}

TEST_F(SqliteOpenTest, ANewerFormatIsRefused) {
  Make();
  Query(RawSqlite(path_).get(), "PRAGMA user_version = 2");
  EXPECT_THAT(Open(OpenMode::kExisting),
              StatusIs(Code::kFailedPrecondition, "newer Stepwell (format 2"));
  Query(RawSqlite(path_).get(), "PRAGMA user_version = -1");
  EXPECT_THAT(Open(OpenMode::kExisting), StatusIs(Code::kDataLoss, "-1"));
  Query(RawSqlite(path_).get(), "PRAGMA user_version = 1");
  EXPECT_THAT(Open(OpenMode::kExisting), IsOk());
}

TEST_F(SqliteOpenTest, MissingTablesAreDamage) {
  Make();
  Query(RawSqlite(path_).get(), "DROP TABLE audit");
  EXPECT_THAT(Open(OpenMode::kExisting), StatusIs(Code::kDataLoss, "audit"));
  Query(RawSqlite(path_).get(), "DROP TABLE meta");
  EXPECT_THAT(Open(OpenMode::kExisting), StatusIs(Code::kDataLoss, "meta"));
}

// As versions before it had the kind made it.
constexpr char kOldIndex[] =
    "DROP INDEX work_order; CREATE INDEX work_order ON work"
    " (rank, due, stream_kind, stream, key)";
constexpr char kTables[] =
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";

std::string Tallied(Store& store) {
  std::string text;
  for (const WorkTally& tally :
       Value(store.TallyWork({}, {Instant{4}, Instant{6}, 1}))) {
    absl::StrAppend(&text, tally.kind, ": ", tally.lines, " ", tally.due_first,
                    " ", tally.due_last, " ", tally.low, "; ");
  }
  return text;
}

TEST_F(SqliteOpenTest, AnOlderVersionsIndexIsMadeAnew) {
  Make();
  const std::string tables = Query(RawSqlite(path_).get(), kTables);
  const std::string before = Dump(*Value(Open(OpenMode::kExisting)));
  Query(RawSqlite(path_).get(), kOldIndex);
  ASSERT_NE(Query(RawSqlite(path_).get(), kTables), tables);
  const auto store = Value(Open(OpenMode::kExisting));
  EXPECT_EQ(Query(RawSqlite(path_).get(), kTables), tables);
  EXPECT_EQ(Dump(*store), before);
  EXPECT_EQ(Tallied(*store), "1: 40 0 40 40; ");
  EXPECT_OK(store->CheckStructure());
}

// Whoever has it open goes on: their statements find the new index.
TEST_F(SqliteOpenTest, AnOlderVersionsIndexIsUsedWhileSomebodyWrites) {
  Make();
  const std::string tables = Query(RawSqlite(path_).get(), kTables);
  RawSqlite other(path_);
  Query(other.get(), kOldIndex);
  Query(other.get(), "BEGIN IMMEDIATE");
  const auto store = Value(Open(OpenMode::kExisting));
  EXPECT_EQ(Tallied(*store), "1: 40 0 40 40; ");
  Query(other.get(), "ROLLBACK");
  EXPECT_NE(Query(other.get(), kTables), tables);
  const auto next = Value(Open(OpenMode::kExisting));
  EXPECT_EQ(Query(other.get(), kTables), tables);
  EXPECT_EQ(Tallied(*store), "1: 40 0 40 40; ");
  CheckOk(store->Commit(Commit(Write(Case(99), 0, {"x"}))));
  EXPECT_OK(next->CheckStructure());
}

TEST_F(SqliteOpenTest, AnEmptyFileIsNoStore) {
  Overwrite("");
  EXPECT_THAT(Open(OpenMode::kExisting), StatusIs(Code::kDataLoss, "empty"));
}

TEST_F(SqliteOpenTest, AFileCutOffAnywhereIsNoticed) {
  Make();
  const std::string whole = Read();
  ASSERT_GT(whole.size(), 20u * 4096);
  std::vector<size_t> sizes = {1, 15, 16, 17, 59, 99, 100, 511, 512, 4095};
  for (size_t size = 4096; size < whole.size(); size += 1111) {
    sizes.push_back(size);
  }
  for (const size_t size : sizes) {
    Overwrite(whole.substr(0, size));
    EXPECT_THAT(Open(OpenMode::kExisting), StatusIs(Code::kDataLoss, path_))
        << size;
  }
  Overwrite(whole);
  EXPECT_THAT(Open(OpenMode::kExisting), IsOk());
}

// Page 1 is seen on opening, the others by CheckStructure.
TEST_F(SqliteOpenTest, ADamagedPageIsFound) {
  Make();
  const std::string whole = Read();
  const size_t pages = whole.size() / 4096;
  for (size_t page = 0; page < pages; ++page) {
    for (const char byte : {'\0', '\xff'}) {
      std::string damaged = whole;
      damaged.replace(page * 4096, 4096, 4096, byte);
      Overwrite(damaged);
      auto store = Open(OpenMode::kExisting);
      const absl::Status status =
          store.ok() ? (*store)->CheckStructure() : store.status();
      const Code code = page == 0 ? Code::kFailedPrecondition : Code::kDataLoss;
      EXPECT_EQ(status.code(), code) << page << " " << status;
    }
  }
}

TEST_F(SqliteOpenTest, RowsThatPointNowhereAreFound) {
  const char* const kDamages[] = {
      "DELETE FROM record WHERE seq = 1 AND stream % 2 = 0",
      "DELETE FROM record WHERE seq = 2 AND stream % 2 = 0",
      "UPDATE stream SET version = 3",
      "DELETE FROM stream WHERE version = 2",
      "INSERT INTO clock VALUES (1, 1, 999, 1)",
      "INSERT INTO work VALUES (1, 1, 1, 1, 999, 1, 1, x'00')",
      "INSERT INTO outbox VALUES (1, 1, 1, 999, 1, x'00')",
      "INSERT INTO outbox SELECT 9, 1, stream_kind, stream, 1, x'' FROM stream"
      " LIMIT 1; UPDATE sqlite_sequence SET seq = 8",
      "INSERT INTO audit VALUES (2, 0, x'00')"};
  Make();
  const std::string whole = Read();
  for (const char* damage : kDamages) {
    Overwrite(whole);
    Query(RawSqlite(path_).get(), damage);
    const auto store = Value(Open(OpenMode::kExisting));
    EXPECT_THAT(store->CheckStructure(), StatusIs(Code::kDataLoss, ""))
        << damage;
  }
}

// Runs `body` as a user without rights; true when it returned true there.
template <class Body>
bool AsNobody(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    const bool gone = setgid(65534) == 0 && setuid(65534) == 0;
    _exit(gone && body() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(SqliteOpenTest, WhatMayNotBeWrittenIsUnavailable) {
  if (getuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  Make();
  const std::string before = Read();
  chmod(dir_.File("").c_str(), 0755);
  const auto refused = [this](const std::string& text) {
    const absl::Status status = Open(OpenMode::kExisting).status();
    return absl::IsUnavailable(status) &&
           std::string(status.message()).find(text) != std::string::npos;
  };
  // No right at all, then the right to read.
  EXPECT_TRUE(AsNobody([&] { return refused(""); }));
  chmod(path_.c_str(), 0644);
  EXPECT_TRUE(AsNobody([&] { return refused("read-only"); }));
  // A writable file in a directory where no companion can be made.
  chmod(path_.c_str(), 0666);
  EXPECT_TRUE(AsNobody([&] { return refused(""); }));
  EXPECT_TRUE(AsNobody([&] {
    path_ = dir_.File("new.db");
    return absl::IsUnavailable(Open(OpenMode::kCreate).status());
  }));
  chmod(path_.c_str(), 0600);
  EXPECT_EQ(Read(), before);
  EXPECT_OK(Value(Open(OpenMode::kExisting))->CheckStructure());
}

}  // namespace
}  // namespace stepwell::store
