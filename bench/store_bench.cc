// The store beside its floors, measured in the same run:
//   MemoryCommit/n        one typical commit, n cases in memory
//   SqliteCommit          one typical commit, synchronous FULL, in turn with
//                         the same statements issued bare through SQLite's C
//                         interface on a file of its own; `of_bare` is the
//                         bare median over ours (goal >= 0.8)
//   SqliteCommitCpu       the same without a disk under it: what we add
//   Replay/memory|sqlite  log records read, stream after stream; for SQLite in
//                         turn with a bare scan of the table (`of_bare`)
//   MemoryWorklist, SqliteWorklist /mine  "mine, overdue, by priority, first
//   50"
//                         of 100,200 lines of 300 owners (goal p99 < 5 ms)
//                         /whole  the same of all owners
//   MemoryCounts, SqliteCounts  /mine, /whole: how much of each kind there is,
//                         is overdue, is due next, in one walk (goal < 20 ms)
//
// A typical commit: one stream, 3 records of 60 bytes, 800 bytes of state, two
// clocks set, one removed, one work line, one effect, one acknowledgement, a
// receipt with a reply of 200 bytes.
#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "store/store.h"

namespace stepwell::store {
namespace {

void Check(bool fine, const std::string& what) {
  if (fine) return;
  std::fprintf(stderr, "store_bench: %s\n", what.c_str());
  std::abort();
}
void Check(const absl::Status& status) {
  Check(status.ok(), status.ToString());
}

template <class T>
T Value(absl::StatusOr<T> result) {
  Check(result.status());
  return *std::move(result);
}

class TempDir {
 public:
  explicit TempDir(const std::string& parent) {
    std::string name = parent + "/stepwell-bench-XXXXXX";
    Check(mkdtemp(name.data()) != nullptr, "no directory in " + parent);
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string File(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

const std::string kDisk = std::filesystem::temp_directory_path().string();
const char* const kNoDisk = "/dev/shm";

// Ids are hashes in real stores.
uint64_t Mix(uint64_t n) {
  n += 0x9e3779b97f4a7c15;
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return (n ^ (n >> 31)) | 1;
}

// The nth commit over `cases` cases, made in place: its making must not weigh
// in the measurement.
class TypicalCommit {
 public:
  explicit TypicalCommit(uint64_t cases) : cases_(cases) {
    StreamWrite& write = request_.streams.emplace_back();
    for (int i = 0; i < 3; ++i) write.records.push_back(std::string(60, 'r'));
    write.state = std::string(800, 's');
    write.clocks_set.resize(2);
    write.clocks_removed = {3};
    write.work_set.resize(1);
    write.work_set[0].payload.assign(100, 'w');
    write.outbox.resize(1);
    write.outbox[0].payload.assign(100, 'o');
    request_.outbox_acknowledged.resize(1);
    request_.command = CommandRow{std::string(36, 'c'), std::string(32, 'f'),
                                  std::string(200, 'p')};
  }

  const CommitRequest& Make(uint64_t n) {
    StreamWrite& write = request_.streams[0];
    const uint64_t turn = n / cases_;
    write.stream = {StreamKind::kCase, Mix(n % cases_)};
    write.expected_version = 3 * turn;
    const auto due = static_cast<int64_t>(n * 1000);
    write.clocks_set[0] = {1, Instant{due + 1'000'000}};
    write.clocks_set[1] = {2, Instant{due + 9'000'000}};
    WorkRow& work = write.work_set[0];
    work.key = 1;
    work.owner = Mix(n % 200);
    work.priority = static_cast<int32_t>(n % 5);
    work.due = Instant{due};
    write.outbox[0].effect = Mix(n);
    request_.outbox_acknowledged[0] = Mix(n - 1);
    std::snprintf(request_.command->id.data(), 37, "%036llx",
                  static_cast<unsigned long long>(Mix(n)));
    return request_;
  }

 private:
  uint64_t cases_;
  CommitRequest request_;
};

void MemoryCommit(benchmark::State& state) {
  const auto cases = static_cast<uint64_t>(state.range(0));
  TypicalCommit commit(cases);
  auto store = NewMemoryStore();
  uint64_t n = 0;
  for (; n < cases; ++n) Check(store->Commit(commit.Make(n)));
  for (auto _ : state) {
    const absl::Status status = store->Commit(commit.Make(n++));
    if (!status.ok()) state.SkipWithError("commit failed");
    if (n < cases + 400'000) continue;
    state.PauseTiming();  // or memory would fill up
    store = NewMemoryStore();
    for (n = 0; n < cases; ++n) Check(store->Commit(commit.Make(n)));
    state.ResumeTiming();
  }
}
BENCHMARK(MemoryCommit)->Arg(1'000)->Arg(100'000);

// What SqliteStore does for a typical commit, with nothing around it.
class Bare {
 public:
  explicit Bare(const std::string& path) {
    { Value(OpenSqliteStore(path, OpenMode::kCreate)); }
    Check(sqlite3_open_v2(path.c_str(), &db_,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                          nullptr) == SQLITE_OK,
          path);
    const char* const settings =
        "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;"
        "PRAGMA journal_size_limit = 67108864; PRAGMA cell_size_check = ON";
    Check(sqlite3_exec(db_, settings, nullptr, nullptr, nullptr) == SQLITE_OK,
          settings);
    begin_ = Prepare("BEGIN IMMEDIATE");
    commit_ = Prepare("COMMIT");
    command_ = Prepare(
        "INSERT INTO command (id, fingerprint, reply) VALUES (?, ?, ?)"
        " ON CONFLICT DO NOTHING");
    add_ = Prepare(
        "INSERT INTO stream (stream_kind, stream, version, state)"
        " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
    move_ = Prepare(
        "UPDATE stream SET version = ?, state = ?"
        " WHERE stream_kind = ? AND stream = ? AND version = ?");
    effect_ = Prepare(
        "INSERT INTO outbox (effect, stream_kind, stream, valid_until,"
        " payload) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
    record_ = Prepare(
        "INSERT INTO record (stream_kind, stream, seq, bytes)"
        " VALUES (?, ?, ?, ?)");
    unclock_ = Prepare(
        "DELETE FROM clock WHERE stream_kind = ? AND stream = ?"
        " AND clock = ?");
    clock_ = Prepare(
        "INSERT OR REPLACE INTO clock (due, stream_kind, stream, clock)"
        " VALUES (?, ?, ?, ?)");
    work_ = Prepare(
        "INSERT OR REPLACE INTO work (owner, rank, due, stream_kind, stream,"
        " key, kind, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    acknowledge_ = Prepare("DELETE FROM outbox WHERE effect = ?");
  }
  ~Bare() {
    for (sqlite3_stmt* statement : all_) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }

  void Commit(const CommitRequest& request) {
    const StreamWrite& write = request.streams[0];
    stream_ = Number(write.stream.id);
    Run(begin_);
    Text(command_, 1, request.command->id);
    Blob(command_, 2, request.command->fingerprint);
    Blob(command_, 3, request.command->reply);
    Run(command_);
    MoveStream(write);
    const OutboxRow& effect = write.outbox[0];
    Int(effect_, 1, Number(effect.effect));
    Stream(effect_, 2);
    Int(effect_, 4, effect.valid_until.us);
    Blob(effect_, 5, effect.payload);
    Run(effect_);
    AddRows(write);
    Int(acknowledge_, 1, Number(request.outbox_acknowledged[0]));
    Run(acknowledge_);
    Run(commit_);
  }

 private:
  static int64_t Number(uint64_t n) {
    return static_cast<int64_t>(n ^ (uint64_t{1} << 63));
  }
  static void Int(sqlite3_stmt* to, int at, int64_t value) {
    sqlite3_bind_int64(to, at, value);
  }
  static void Text(sqlite3_stmt* to, int at, const std::string& text) {
    sqlite3_bind_text(to, at, text.data(), static_cast<int>(text.size()),
                      SQLITE_STATIC);
  }
  static void Blob(sqlite3_stmt* to, int at, std::string_view bytes) {
    sqlite3_bind_blob(to, at, bytes.data(), static_cast<int>(bytes.size()),
                      SQLITE_STATIC);
  }
  void Stream(sqlite3_stmt* to, int at) const {
    Int(to, at, 1);
    Int(to, at + 1, stream_);
  }

  void MoveStream(const StreamWrite& write) {
    const auto version = static_cast<int64_t>(write.expected_version);
    if (version == 0) {
      Stream(add_, 1);
      Int(add_, 3, 3);
      Blob(add_, 4, *write.state);
      return Run(add_);
    }
    Int(move_, 1, version + 3);
    Blob(move_, 2, *write.state);
    Stream(move_, 3);
    Int(move_, 5, version);
    Run(move_);
    Check(sqlite3_changes(db_) == 1, "the bare stream has moved");
  }

  void AddRows(const StreamWrite& write) {
    auto seq = static_cast<int64_t>(write.expected_version);
    for (const std::string_view record : write.records) {
      Stream(record_, 1);
      Int(record_, 3, ++seq);
      Blob(record_, 4, record);
      Run(record_);
    }
    Stream(unclock_, 1);
    Int(unclock_, 3, Number(write.clocks_removed[0]));
    Run(unclock_);
    for (const ClockRow& row : write.clocks_set) {
      Int(clock_, 1, row.due.us);
      Stream(clock_, 2);
      Int(clock_, 4, Number(row.clock));
      Run(clock_);
    }
    const WorkRow& row = write.work_set[0];
    Int(work_, 1, Number(row.owner));
    Int(work_, 2, -row.priority);
    Int(work_, 3, row.due.us);
    Stream(work_, 4);
    Int(work_, 6, Number(row.key));
    Int(work_, 7, row.kind);
    Blob(work_, 8, row.payload);
    Run(work_);
  }

  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    Check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT,
                             &statement, nullptr) == SQLITE_OK,
          sql);
    all_.push_back(statement);
    return statement;
  }
  void Run(sqlite3_stmt* statement) {
    Check(sqlite3_step(statement) == SQLITE_DONE, sqlite3_sql(statement));
    sqlite3_reset(statement);
  }

  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> all_;
  sqlite3_stmt *begin_, *commit_, *command_, *add_, *move_, *effect_;
  sqlite3_stmt *record_, *unclock_, *clock_, *work_, *acknowledge_;
  int64_t stream_ = 0;
};

// Durations of the same kind of work.
class Times {
 public:
  template <class Work>
  double Add(Work work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - start;
    seconds_.push_back(time.count());
    return time.count();
  }
  double Quantile(double part) {
    if (seconds_.empty()) return 0;
    const auto at =
        seconds_.begin() +
        static_cast<ptrdiff_t>(part * static_cast<double>(seconds_.size() - 1));
    std::nth_element(seconds_.begin(), at, seconds_.end());
    return *at;
  }

 private:
  std::vector<double> seconds_;
};

// Ours and the bare statements take turns, so that the noise of the machine
// falls on both. The time shown is ours.
void CompareCommits(benchmark::State& state, const std::string& parent) {
  constexpr uint64_t kCases = 2'000;
  TempDir dir(parent);
  Bare bare(dir.File("bare.db"));
  const auto store =
      Value(OpenSqliteStore(dir.File("store.db"), OpenMode::kCreate));
  TypicalCommit commit(kCases);
  uint64_t n = 0;
  for (; n < 500; ++n) {
    bare.Commit(commit.Make(n));
    Check(store->Commit(commit.Make(n)));
  }
  Times bare_times;
  Times times;
  for (auto _ : state) {
    const CommitRequest& request = commit.Make(n++);
    const auto ours = [&] {
      state.SetIterationTime(times.Add([&] { Check(store->Commit(request)); }));
    };
    if (n % 2 == 0) ours();
    bare_times.Add([&] { bare.Commit(request); });
    if (n % 2 == 1) ours();
  }
  state.counters["bare_p50_us"] = bare_times.Quantile(0.5) * 1e6;
  state.counters["p50_us"] = times.Quantile(0.5) * 1e6;
  state.counters["p99_us"] = times.Quantile(0.99) * 1e6;
  state.counters["of_bare"] = bare_times.Quantile(0.5) / times.Quantile(0.5);
}

void SqliteCommit(benchmark::State& state) { CompareCommits(state, kDisk); }
BENCHMARK(SqliteCommit)->UseManualTime()->Iterations(1'000);

void SqliteCommitCpu(benchmark::State& state) {
  if (!std::filesystem::is_directory(kNoDisk)) {
    return state.SkipWithError("no /dev/shm");
  }
  CompareCommits(state, kNoDisk);
}
BENCHMARK(SqliteCommitCpu)->UseManualTime()->Iterations(10'000);

constexpr uint64_t kReplayCases = 5'000;
constexpr uint64_t kReplayCommits = 20 * kReplayCases;

size_t ReadAll(Store& store) {
  size_t records = 0;
  for (uint64_t i = 0; i < kReplayCases; ++i) {
    const StreamKey key = {StreamKind::kCase, Mix(i)};
    records += Value(store.ReadRecords(key, 1, 1'000)).size();
  }
  return records;
}

// Commits of 100 streams at once: the same rows, made faster.
void Fill(Store& store) {
  TypicalCommit commit(kReplayCases);
  for (uint64_t n = 0; n < kReplayCommits;) {
    CommitRequest batch;
    for (int i = 0; i < 100; ++i) {
      batch.streams.push_back(commit.Make(n++).streams[0]);
    }
    Check(store.Commit(batch));
  }
}

void ReplayMemory(benchmark::State& state) {
  const auto store = NewMemoryStore();
  Fill(*store);
  size_t records = 0;
  for (auto _ : state) records += ReadAll(*store);
  state.SetItemsProcessed(static_cast<int64_t>(records));
}
BENCHMARK(ReplayMemory)->Name("Replay/memory")->Unit(benchmark::kMillisecond);

void ReplaySqlite(benchmark::State& state) {
  TempDir dir(kDisk);
  const auto store =
      Value(OpenSqliteStore(dir.File("store.db"), OpenMode::kCreate));
  Fill(*store);
  sqlite3* db = nullptr;
  Check(sqlite3_open(dir.File("store.db").c_str(), &db) == SQLITE_OK, "open");
  sqlite3_stmt* scan = nullptr;
  sqlite3_prepare_v2(db, "SELECT bytes FROM record", -1, &scan, nullptr);
  Times bare_times;
  Times times;
  size_t records = 0;
  for (auto _ : state) {
    state.SetIterationTime(times.Add([&] { records += ReadAll(*store); }));
    bare_times.Add([&] {
      while (sqlite3_step(scan) == SQLITE_ROW) {
        benchmark::DoNotOptimize(sqlite3_column_blob(scan, 0));
      }
      sqlite3_reset(scan);
    });
  }
  sqlite3_finalize(scan);
  sqlite3_close(db);
  state.SetItemsProcessed(static_cast<int64_t>(records));
  state.counters["of_bare"] = bare_times.Quantile(0.5) / times.Quantile(0.5);
}
BENCHMARK(ReplaySqlite)
    ->Name("Replay/sqlite")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

constexpr uint64_t kLines = 100'200;  // the same for each owner
constexpr uint64_t kOwners = 300;

void FillWork(Store& store) {
  for (uint64_t n = 0; n < kLines;) {
    CommitRequest batch;
    for (int i = 0; i < 300; ++i, ++n) {
      StreamWrite& write = batch.streams.emplace_back();
      write.stream = {StreamKind::kCase, Mix(n)};
      write.records = {"r"};
      write.state = "s";
      WorkRow& row = write.work_set.emplace_back();
      row.owner = Mix(n % kOwners);
      row.kind = static_cast<uint32_t>(n % 7);
      row.priority = static_cast<int32_t>(Mix(n) % 5);
      row.due = Instant{static_cast<int64_t>(Mix(n) % 1'000'000)};
      row.payload.assign(100, 'w');
    }
    Check(store.Commit(batch));
  }
}

void ReadWorklist(benchmark::State& state, Store& store, bool mine) {
  FillWork(store);
  Times times;
  uint64_t n = 0;
  size_t lines = 0;
  for (auto _ : state) {
    WorkScan scan;
    if (mine) scan.owner = Mix(n++ % kOwners);
    scan.due_before = Instant{300'000};  // a third is overdue
    state.SetIterationTime(
        times.Add([&] { lines += Value(store.ScanWork(scan)).size(); }));
  }
  Check(lines == 50 * static_cast<size_t>(state.iterations()),
        "a worklist is short");
  state.counters["p50_us"] = times.Quantile(0.5) * 1e6;
  state.counters["p99_us"] = times.Quantile(0.99) * 1e6;
}

void MemoryWorklist(benchmark::State& state, bool mine) {
  ReadWorklist(state, *NewMemoryStore(), mine);
}
BENCHMARK_CAPTURE(MemoryWorklist, mine, true)->UseManualTime();
BENCHMARK_CAPTURE(MemoryWorklist, whole, false)->UseManualTime();

void SqliteWorklist(benchmark::State& state, bool mine) {
  TempDir dir(kDisk);
  ReadWorklist(state,
               *Value(OpenSqliteStore(dir.File("store.db"), OpenMode::kCreate)),
               mine);
}
BENCHMARK_CAPTURE(SqliteWorklist, mine, true)->UseManualTime();
BENCHMARK_CAPTURE(SqliteWorklist, whole, false)->UseManualTime();

void CountWorklist(benchmark::State& state, Store& store, bool mine) {
  FillWork(store);
  Times times;
  uint64_t n = 0, lines = 0;
  for (auto _ : state) {
    WorkScan scan;
    if (mine) scan.owner = Mix(n++ % kOwners);
    const WorkCuts cuts{Instant{300'000}, Instant{400'000}, 0};
    state.SetIterationTime(times.Add([&] {
      for (const WorkTally& tally : Value(store.TallyWork(scan, cuts))) {
        lines += tally.lines;
      }
    }));
  }
  Check(lines == (mine ? kLines / kOwners : kLines) *
                     static_cast<uint64_t>(state.iterations()),
        "lines were not counted");
  state.counters["p50_us"] = times.Quantile(0.5) * 1e6;
  state.counters["p99_us"] = times.Quantile(0.99) * 1e6;
}

void MemoryCounts(benchmark::State& state, bool mine) {
  CountWorklist(state, *NewMemoryStore(), mine);
}
BENCHMARK_CAPTURE(MemoryCounts, mine, true)->UseManualTime();
BENCHMARK_CAPTURE(MemoryCounts, whole, false)->UseManualTime();

void SqliteCounts(benchmark::State& state, bool mine) {
  TempDir dir(kDisk);
  CountWorklist(
      state, *Value(OpenSqliteStore(dir.File("store.db"), OpenMode::kCreate)),
      mine);
}
BENCHMARK_CAPTURE(SqliteCounts, mine, true)->UseManualTime();
BENCHMARK_CAPTURE(SqliteCounts, whole, false)->UseManualTime();

}  // namespace
}  // namespace stepwell::store
