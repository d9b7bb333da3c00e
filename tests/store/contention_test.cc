// Many writers on few streams, in threads and in processes: of two with the
// same expected version exactly one wins, and what it wrote is there.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "store/store.h"
#include "store/store_support.h"
#include "support/matchers.h"

namespace stepwell::store {
namespace {

constexpr uint64_t kStreams = 4;
constexpr int kRounds = 300;
constexpr int64_t kPlaces = 10;

// One line a commit that succeeded: "stream version record".
using History = std::vector<std::string>;

// A commit that fails must say that somebody else was first, or that the file
// was locked too long.
bool Won(const absl::Status& status, FailedCheck check) {
  if (status.ok()) return true;
  EXPECT_TRUE(CheckFailureOf(status).check == check ||
              absl::IsUnavailable(status))
      << status;
  return false;
}

void Contend(Store& store, uint64_t writer, History& history) {
  std::mt19937_64 random(writer);
  for (int round = 0; round < kRounds; ++round) {
    const StreamKey key = Case(1 + random() % kStreams);
    const auto state = Value(store.LoadState(key));
    const uint64_t version = state ? state->version : 0;
    std::this_thread::yield();  // somebody else may be first
    const std::string record = absl::StrCat(writer, ":", round);
    CommitRequest request = Commit(Write(key, version, {record}));
    request.command = CommandRow{record, "", ""};
    request.counters = {{"writes", 1, {}, {}}};
    if (Won(store.Commit(request), FailedCheck::kVersion)) {
      history.push_back(absl::StrCat(key.id, " ", version, " ", record));
    }
    CommitRequest place;
    place.counters = {{"places", 1, {}, kPlaces}};
    if (Won(store.Commit(place), FailedCheck::kCounter)) {
      history.push_back("place");
    }
  }
}

// Judges the history of all writers by what the store holds, knowing nothing
// of how it works.
void Judge(Store& store, const std::vector<History>& histories,
           size_t writers) {
  std::map<std::pair<uint64_t, uint64_t>, std::string> winners;
  int64_t places = 0;
  for (const History& history : histories) {
    for (const std::string& line : history) {
      if (line == "place") {
        ++places;
        continue;
      }
      const std::vector<std::string> parts = absl::StrSplit(line, ' ');
      ASSERT_EQ(parts.size(), 3u) << line;
      std::pair<uint64_t, uint64_t> at;
      ASSERT_TRUE(absl::SimpleAtoi(parts[0], &at.first));
      ASSERT_TRUE(absl::SimpleAtoi(parts[1], &at.second));
      EXPECT_TRUE(winners.emplace(at, parts[2]).second)
          << "two winners: " << line;
    }
  }
  uint64_t records = 0;
  for (uint64_t id = 1; id <= kStreams; ++id) {
    const auto stored = Value(store.ReadRecords(Case(id), 1, 1'000'000));
    EXPECT_EQ(Value(store.LoadState(Case(id)))->version, stored.size());
    for (uint64_t i = 0; i < stored.size(); ++i) {
      EXPECT_EQ(winners[std::make_pair(id, i)], stored[i]) << id << " " << i;
      EXPECT_TRUE(Value(store.FindCommand(stored[i])).has_value());
    }
    records += stored.size();
  }
  EXPECT_EQ(winners.size(), records);
  EXPECT_EQ(Value(store.Counter("writes")), static_cast<int64_t>(records));
  EXPECT_EQ(places, kPlaces);
  EXPECT_OK(store.CheckStructure());
  EXPECT_GT(records, size_t{kRounds});
  // They did meet.
  EXPECT_LT(records, kRounds * writers);
}

using OpenFor = std::function<Store*(size_t writer)>;

std::vector<History> RunThreads(size_t count, uint64_t first_writer,
                                const OpenFor& open) {
  std::vector<History> histories(count);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) {
    threads.emplace_back(
        [&, i] { Contend(*open(i), first_writer + i, histories[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  return histories;
}

TEST(ContentionTest, ThreadsShareAMemoryStore) {
  const auto store = NewMemoryStore();
  Judge(*store, RunThreads(4, 1, [&](size_t) { return store.get(); }), 4);
}

TEST(ContentionTest, ThreadsShareAnSqliteStore) {
  TempDir dir;
  const auto store =
      Value(OpenSqliteStore(dir.File("store.db"), OpenMode::kCreate));
  Judge(*store, RunThreads(4, 1, [&](size_t) { return store.get(); }), 4);
}

TEST(ContentionTest, ThreadsWithStoresOfTheirOwnShareAFile) {
  TempDir dir;
  const std::string path = dir.File("store.db");
  std::vector<std::unique_ptr<Store>> stores;
  stores.push_back(Value(OpenSqliteStore(path, OpenMode::kCreate)));
  for (int i = 1; i < 4; ++i) {
    stores.push_back(Value(OpenSqliteStore(path, OpenMode::kExisting)));
  }
  Judge(*stores[0], RunThreads(4, 1, [&](size_t i) { return stores[i].get(); }),
        4);
}

// A process of its own with two writers on one store; its history comes
// through the pipe.
pid_t StartProcess(const std::string& path, uint64_t first_writer, int* out) {
  int ends[2] = {};
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child != 0) {
    close(ends[1]);
    *out = ends[0];
    return child;
  }
  const auto store = Value(OpenSqliteStore(path, OpenMode::kExisting));
  std::string text;
  for (const History& history :
       RunThreads(2, first_writer, [&](size_t) { return store.get(); })) {
    for (const std::string& line : history) absl::StrAppend(&text, line, "\n");
  }
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = write(ends[1], rest.data(), rest.size());
    if (written <= 0) _exit(1);
    rest.remove_prefix(static_cast<size_t>(written));
  }
  _exit(::testing::Test::HasFailure() ? 1 : 0);
}

History FinishProcess(pid_t child, int in) {
  std::string text;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = read(in, buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(count));
  }
  close(in);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

TEST(ContentionTest, ProcessesShareAFile) {
  TempDir dir;
  const std::string path = dir.File("store.db");
  CheckOk(OpenSqliteStore(path, OpenMode::kCreate).status());
  int pipes[2] = {};
  pid_t children[2] = {};
  for (int i = 0; i < 2; ++i) {
    children[i] = StartProcess(path, uint64_t(1 + 2 * i), &pipes[i]);
  }
  std::vector<History> histories;
  for (int i = 0; i < 2; ++i) {
    histories.push_back(FinishProcess(children[i], pipes[i]));
  }
  Judge(*Value(OpenSqliteStore(path, OpenMode::kExisting)), histories, 4);
}

}  // namespace
}  // namespace stepwell::store
