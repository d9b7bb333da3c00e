// A process that commits is killed at random moments. Whatever it had
// acknowledged is there, once; the commit it was at is there whole or not at
// all. STEPWELL_CRASH_CYCLES sets how often (60; long runs use 5000).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "store/sqlite_support.h"
#include "store/store.h"
#include "store/store_support.h"
#include "support/matchers.h"

namespace stepwell::store {
namespace {

constexpr uint64_t kStreams = 5;
constexpr int kCyclesPerFile = 40;

// The nth commit of a file's life, from 1.
CommitRequest NthCommit(uint64_t n) {
  const uint64_t turn = (n - 1) / kStreams;
  CommitRequest request =
      Commit(Write(Case((n - 1) % kStreams + 1), 2 * turn,
                   {absl::StrCat("record a of ", n), std::string(60, 'b')}));
  StreamWrite& write = request.streams[0];
  write.state = absl::StrCat("state of ", n, std::string(n % 1500, '.'));
  write.clocks_removed = {turn - 1};
  write.clocks_set = {{turn, Instant{int64_t(n)}}};
  write.work_set = {Work(turn % 3, n % 4, int32_t(n % 2), int64_t(n))};
  write.outbox = {{n, Instant::Never(), "send"}};
  request.command = CommandRow{absl::StrCat("c", n), "print", "reply"};
  request.counters = {{"commits", 1, {}, {}}};
  if (n > 3) request.outbox_acknowledged = {n - 3};
  request.documents = {
      {"raw", absl::StrCat(n % 20), std::string(n % 7000, 'd')}};
  return request;
}

// Commits until it is killed; tells each that came back.
[[noreturn]] void CommitForEver(const std::string& path, int log_pages,
                                int acknowledgements) {
  SqliteSpy spy;
  const auto store = Value(OpenSqliteStore(path, OpenMode::kExisting));
  Query(spy.db(), absl::StrCat("PRAGMA wal_autocheckpoint = ", log_pages));
  auto n = static_cast<uint64_t>(Value(store->Counter("commits")));
  while (true) {
    CheckOk(store->Commit(NthCommit(++n)));
    if (write(acknowledgements, &n, sizeof(n)) != sizeof(n)) _exit(1);
  }
}

class CrashTest : public ::testing::Test {
 protected:
  void NewFile(int cycle) {
    path_ = dir_.File(absl::StrCat("store", cycle, ".db"));
    CheckOk(OpenSqliteStore(path_, OpenMode::kCreate).status());
    model_ = NewMemoryStore();
    committed_ = 0;
  }

  // Lets a process commit for a while; returns its last acknowledgement.
  uint64_t KillOne() {
    int ends[2] = {};
    EXPECT_EQ(pipe(ends), 0);
    const int log_pages = 1 + static_cast<int>(random_() % 60);
    // Some die while they open the file, most after some commits: how many,
    // not how long, so that a slow disk does not empty the test.
    const uint64_t wanted = random_() % 4 == 0 ? 0 : 1 + random_() % 25;
    const auto delay =
        static_cast<useconds_t>(random_() % (wanted == 0 ? 20'000 : 2'000));
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      CommitForEver(path_, log_pages, ends[1]);
    }
    close(ends[1]);
    uint64_t last = committed_;
    uint64_t n = 0;
    for (uint64_t i = 0; i < wanted; ++i) {
      if (read(ends[0], &n, sizeof(n)) == sizeof(n)) last = n;
    }
    usleep(delay);
    kill(child, SIGKILL);
    while (read(ends[0], &n, sizeof(n)) == sizeof(n)) last = n;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return last;
  }

  // Opens what the dead process left.
  void Verify(uint64_t acknowledged) {
    const auto store = Value(OpenSqliteStore(path_, OpenMode::kExisting));
    ASSERT_OK(store->CheckStructure());
    const auto found = static_cast<uint64_t>(Value(store->Counter("commits")));
    ASSERT_GE(found, acknowledged);
    ASSERT_LE(found, acknowledged + 1);
    if (found > acknowledged) ++unacknowledged_;
    total_ += found - committed_;
    for (; committed_ < found; ++committed_) {
      const CommitRequest request = NthCommit(committed_ + 1);
      CheckOk(model_->Commit(request));
      ASSERT_TRUE(Value(store->FindCommand(request.command->id)).has_value());
    }
    ASSERT_FALSE(
        Value(store->FindCommand(absl::StrCat("c", found + 1))).has_value());
    ASSERT_EQ(Dump(*store), Dump(*model_));
  }

  // On the disk: most of a commit's time is then spent waiting for it.
  TempDir dir_{TempDir::On::kDisk};
  std::mt19937_64 random_{20260302};
  std::string path_;
  std::unique_ptr<Store> model_;
  uint64_t committed_ = 0;
  uint64_t total_ = 0;
  uint64_t unacknowledged_ = 0;
};

int Cycles() {
  const char* cycles = std::getenv("STEPWELL_CRASH_CYCLES");
  return cycles == nullptr ? 60 : std::atoi(cycles);
}

TEST_F(CrashTest, AKilledProcessLosesAndDoublesNothing) {
  for (int cycle = 0; cycle < Cycles(); ++cycle) {
    SCOPED_TRACE(absl::StrCat("cycle ", cycle));
    if (cycle % kCyclesPerFile == 0) NewFile(cycle);
    Verify(KillOne());
    if (HasFatalFailure()) return;
  }
  RecordProperty("commits", std::to_string(total_));
  RecordProperty("unacknowledged", std::to_string(unacknowledged_));
  // The processes lived long enough to be killed at work.
  EXPECT_GT(total_, static_cast<uint64_t>(Cycles()));
}

}  // namespace
}  // namespace stepwell::store
