// BM_P1Memory: BENCH-P1, 35 commands a case, on the memory store.
// BM_P1Many: the same with 2,000 cases side by side, for bench/peers.
// BM_MigrationDryRun: cases half way through it, each tried against the next
//   version of its protocol.
// BM_CommandSqlite: one command on an SQLite file, synchronous FULL.
// BM_RowsBare: the floor of the same run: the rows of those very commands,
//   written by bare prepared statements into the same tables.
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "allocations.h"
#include "case_driver.h"
#include "protocol/migration.h"

namespace stepwell {
namespace {

using engine::Role;

// Drives many cases of bench_p1 side by side.
class P1 : CaseDriver {
 public:
  P1(std::unique_ptr<store::Store> store, size_t cases)
      : CaseDriver(std::move(store), "bench_p1", cases) {
    triage_ = protocol_->FindElement("triage");
    screen_ = protocol_->FindElement("screen");
    discharge_ = protocol_->FindElement("discharge");
    discharged_ = protocol_->FindOutcome("discharged");
    phq9_ = protocol_->FindInstrument("phq9");
    for (int k = 1; k <= 8; ++k) {
      modules_.push_back(protocol_->FindElement("m" + std::to_string(k)));
      questions_.push_back(protocol_->FindElement("q" + std::to_string(k)));
      feedback_.push_back(protocol_->FindElement("f" + std::to_string(k)));
    }
  }

  // All 35 commands of every case; returns how many were dispatched.
  uint64_t Run() {
    uint64_t commands = Enter();
    for (size_t k = 0; k < 8; ++k) commands += Week(k);
    for (CaseId id : cases_) {
      Work(id, discharge_, discharged_);
      ++commands;
    }
    return commands;
  }

  uint64_t Enter() {
    for (CaseId id : cases_) {
      Work(id, triage_, {});
      Answer(id, screen_, 0);
    }
    return 2 * cases_.size();
  }
  uint64_t Week(size_t k) {
    for (size_t i = 0; i < cases_.size(); ++i) {
      Do(cases_[i], Role::kPatient,
         engine::PatientItem{modules_[k], true, "", {}, {}});
      Answer(cases_[i], questions_[k], Risk(k, i));
      Work(cases_[i], feedback_[k], {});
    }
    now_ = now_ + WallDays(7);
    return 3 * cases_.size() +
           Must(runtime_->Advance(now_, {true, 1'000'000})).fired;
  }

  // Every case has to go over as it is.
  void TryMigration() {
    const auto next = NextVersion();
    const protocol::MigrationResult plan = Must(protocol::LoadMigration(
        protocol::PlanByNames(*protocol_, *next).document, *protocol_, *next));
    if (plan.migration == nullptr) Die(plan.issues.front().message);
    engine::Envelope envelope = By(Role::kStaff);
    for (CaseId id : cases_) {
      const auto tried =
          Must(runtime_->MigrateCase(id, *next, *plan.migration, envelope, now_,
                                     runtime::MigrateMode::kDryRun));
      if (tried.outcome != runtime::CaseMigration::Outcome::kFine) {
        Die("a case cannot go over");
      }
    }
  }

  uint64_t Events() { return Must(runtime_->store().Info()).records; }
  // Every case must have come to its end, with all that was done in it: a fast
  // wrong answer is none. bench/peers holds other engines to the same.
  void Check() {
    for (size_t i = 0; i < cases_.size(); ++i) {
      const auto loaded = Must(runtime_->LoadCase(cases_[i]));
      CheckCase(*loaded.state, Risk(3, i) != 0);
    }
  }

 private:
  std::shared_ptr<const protocol::Protocol> NextVersion() const {
    std::string text = protocol_->document;
    const std::string_view version = R"("version":"1")";
    text.replace(text.find(version), version.size(), R"("version":"2")");
    auto loaded =
        Must(protocol::LoadProtocol(text, protocol::BuiltInCatalogue()));
    if (loaded.protocol == nullptr) Die(loaded.issues.front().message);
    return loaded.protocol;
  }

  // One case in 20 discloses a risk, once, with the fourth module.
  static int Risk(size_t module, size_t i) {
    return module == 3 && i % 20 == 0 ? 1 : 0;
  }

  void CheckCase(const engine::CaseState& state, bool flagged) const {
    if (!state.IsClosed()) Die("a case was not discharged");
    std::vector<int64_t> scores;
    for (const auto& score : state.scores) {
      scores.push_back(score.score.value_or(engine::Ratio{-1}).numerator);
    }
    std::vector<int64_t> expected(9, 15);
    if (flagged) expected[4] = 16;
    if (scores != expected) Die("a case has other scores");
    const auto done = std::count_if(
        state.items.begin(), state.items.end(), [](const auto& item) {
          return item.status == engine::ItemStatus::kDone;
        });
    if (done != 27) Die("a case has other items done");
    const auto phase =
        protocol_->FindPhase("risk", flagged ? "flagged" : "none");
    if (state.tracks[1].phase != phase || state.alerts.size() != flagged) {
      Die("a risk is flagged where none is, or the reverse");
    }
    if (state.milestones.size() != 1) Die("a case has not finished");
  }

  void Work(CaseId id, protocol::ElementId element,
            protocol::OutcomeId outcome) {
    engine::WorkItem work;
    work.element = element;
    work.outcome = outcome;
    work.minutes = 10;
    Do(id, Role::kStaff, work);
  }

  void Answer(CaseId id, protocol::ElementId element, int risk) {
    engine::SubmitResponse response;
    response.response_id = "r" + std::to_string(next_);
    response.instrument = phq9_;
    response.element = element;
    for (uint16_t i = 0; i < 9; ++i) {
      response.answers.push_back({i, i == 8 ? risk : 1 + i % 3, "", ""});
    }
    Do(id, Role::kPatient, response);
  }

  std::vector<protocol::ElementId> modules_, questions_, feedback_;
  protocol::ElementId triage_, screen_, discharge_;
  protocol::OutcomeId discharged_;
  protocol::InstrumentRef phq9_;
};

void RunP1(benchmark::State& state, size_t cases) {
  uint64_t commands = 0, events = 0, allocated = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto bench = std::make_unique<P1>(store::NewMemoryStore(), cases);
    const uint64_t before = bench->Events();
    const uint64_t allocated_before = allocations;
    state.ResumeTiming();
    const uint64_t dispatched = bench->Run();
    state.PauseTiming();
    allocated += allocations - allocated_before;
    // A flagged case has one more: the alert's clock fires, as eight times the
    // week's does.
    if (dispatched != 35 * cases + (cases + 19) / 20) {
      Die("other commands than BENCH-P1 has");
    }
    commands += dispatched;
    bench->Check();
    events += bench->Events() - before;
    bench.reset();
    state.ResumeTiming();
  }
  state.counters["commands"] = benchmark::Counter(static_cast<double>(commands),
                                                  benchmark::Counter::kIsRate);
  state.counters["log_events"] = benchmark::Counter(
      static_cast<double>(events), benchmark::Counter::kIsRate);
  // Those of making the commands, too.
  state.counters["allocations_a_command"] =
      static_cast<double>(allocated) / static_cast<double>(commands);
}
void BM_P1Memory(benchmark::State& state) { RunP1(state, 200); }
BENCHMARK(BM_P1Memory)->Unit(benchmark::kMillisecond);

void BM_P1Many(benchmark::State& state) { RunP1(state, 2000); }
BENCHMARK(BM_P1Many)->Unit(benchmark::kMillisecond);

void BM_MigrationDryRun(benchmark::State& state) {
  constexpr size_t kCases = 2000;
  P1 bench(store::NewMemoryStore(), kCases);
  bench.Enter();
  for (size_t k = 0; k < 4; ++k) bench.Week(k);
  for (auto _ : state) bench.TryMigration();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kCases));
}
BENCHMARK(BM_MigrationDryRun)->Unit(benchmark::kMillisecond);

// Keeps what is committed and passes it on.
class Recorder : public store::Store {
 public:
  explicit Recorder(std::unique_ptr<store::Store> inner)
      : inner_(std::move(inner)) {}
  std::vector<store::CommitRequest> requests;
  bool recording = false;

  absl::Status Commit(const store::CommitRequest& request) override {
    if (recording) requests.push_back(request);
    return inner_->Commit(request);
  }
  absl::StatusOr<std::optional<store::StoredState>> LoadState(
      store::StreamKey key) override {
    return inner_->LoadState(key);
  }
  absl::StatusOr<std::vector<std::string>> ReadRecords(store::StreamKey key,
                                                       uint64_t from,
                                                       size_t limit) override {
    return inner_->ReadRecords(key, from, limit);
  }
  absl::StatusOr<std::vector<store::StreamKey>> ListStreams(
      store::StreamKind kind, uint64_t after, size_t limit) override {
    return inner_->ListStreams(kind, after, limit);
  }
  absl::StatusOr<std::optional<store::CommandRow>> FindCommand(
      std::string_view id) override {
    return inner_->FindCommand(id);
  }
  absl::StatusOr<std::vector<store::DueClock>> DueClocks(
      Instant now, size_t limit) override {
    return inner_->DueClocks(now, limit);
  }
  absl::StatusOr<std::vector<store::ClockRow>> ClocksOf(
      store::StreamKey key) override {
    return inner_->ClocksOf(key);
  }
  absl::StatusOr<Instant> NextDue() override { return inner_->NextDue(); }
  absl::StatusOr<std::vector<store::WorkLine>> ScanWork(
      const store::WorkScan& scan) override {
    return inner_->ScanWork(scan);
  }
  absl::StatusOr<uint64_t> CountWork(const store::WorkScan& scan) override {
    return inner_->CountWork(scan);
  }
  absl::StatusOr<std::vector<store::WorkTally>> TallyWork(
      const store::WorkScan& scan, const store::WorkCuts& cuts) override {
    return inner_->TallyWork(scan, cuts);
  }
  absl::StatusOr<std::vector<store::PendingEffect>> PendingEffects(
      uint64_t after, size_t limit) override {
    return inner_->PendingEffects(after, limit);
  }
  absl::StatusOr<int64_t> Counter(std::string_view name) override {
    return inner_->Counter(name);
  }
  absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> Counters(
      std::string_view prefix) override {
    return inner_->Counters(prefix);
  }
  absl::StatusOr<std::optional<store::ExternalIdRow>> FindExternalId(
      std::string_view system, std::string_view value) override {
    return inner_->FindExternalId(system, value);
  }
  absl::StatusOr<std::vector<store::ExternalIdRow>> ExternalIdsOf(
      uint32_t kind, uint64_t target) override {
    return inner_->ExternalIdsOf(kind, target);
  }
  absl::StatusOr<std::optional<std::string>> GetDocument(
      std::string_view space, std::string_view key) override {
    return inner_->GetDocument(space, key);
  }
  absl::StatusOr<std::vector<std::string>> ListDocuments(
      std::string_view space, std::string_view after, size_t limit) override {
    return inner_->ListDocuments(space, after, limit);
  }
  absl::StatusOr<std::vector<store::AuditRow>> ReadAudit(
      uint64_t after, size_t limit) override {
    return inner_->ReadAudit(after, limit);
  }
  absl::StatusOr<store::StoreInfo> Info() override { return inner_->Info(); }
  absl::Status CheckStructure() override { return inner_->CheckStructure(); }

 private:
  std::unique_ptr<store::Store> inner_;
};

std::string TempFile(const char* name) {
  const auto path = std::filesystem::temp_directory_path() / name;
  for (const char* end : {"", "-wal", "-shm"}) {
    std::filesystem::remove(path.string() + end);
  }
  return path.string();
}

void BM_CommandSqlite(benchmark::State& state) {
  uint64_t commands = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto bench = std::make_unique<P1>(
        Must(store::OpenSqliteStore(TempFile("stepwell_bench.db"),
                                    store::OpenMode::kCreate)),
        20);
    state.ResumeTiming();
    commands += bench->Run();
    state.PauseTiming();
    bench->Check();
    bench.reset();
    state.ResumeTiming();
  }
  state.counters["commands"] = benchmark::Counter(static_cast<double>(commands),
                                                  benchmark::Counter::kIsRate);
}
BENCHMARK(BM_CommandSqlite)->Unit(benchmark::kMillisecond)->UseRealTime();

// A prepared statement and its parameters.
class Bare {
 public:
  explicit Bare(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) Die("open");
    Run("PRAGMA synchronous=FULL");
  }
  ~Bare() {
    for (auto& [text, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }

  void Run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      Die(sqlite3_errmsg(db_));
    }
  }

  struct Parameter {
    int64_t number = 0;
    std::optional<std::string_view> bytes = {};
  };
  void Step(const char* sql, const std::vector<Parameter>& parameters) {
    sqlite3_stmt* statement = Find(sql);
    int i = 0;
    for (const Parameter& p : parameters) {
      ++i;
      if (!p.bytes) {
        sqlite3_bind_int64(statement, i, p.number);
      } else {
        sqlite3_bind_blob(statement, i, p.bytes->data(),
                          static_cast<int>(p.bytes->size()), SQLITE_STATIC);
      }
    }
    if (sqlite3_step(statement) != SQLITE_DONE) Die(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }

 private:
  sqlite3_stmt* Find(const char* sql) {
    for (auto& [text, statement] : statements_) {
      if (text == sql) return statement;
    }
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) {
      Die(sqlite3_errmsg(db_));
    }
    statements_.push_back({sql, statement});
    return statement;
  }

  sqlite3* db_ = nullptr;
  std::vector<std::pair<const char*, sqlite3_stmt*>> statements_;
};

constexpr char kNoClock[] =
    "DELETE FROM clock WHERE stream_kind = ? AND stream = ? AND clock = ?";
constexpr char kNoWork[] =
    "DELETE FROM work WHERE stream_kind = ? AND stream = ? AND key = ?";

void WriteStream(Bare& bare, const store::StreamWrite& write) {
  const int64_t kind = static_cast<int64_t>(write.stream.kind);
  const int64_t id = static_cast<int64_t>(write.stream.id);
  int64_t seq = static_cast<int64_t>(write.expected_version);
  for (const std::string_view record : write.records) {
    bare.Step("INSERT INTO record VALUES (?, ?, ?, ?)",
              {{kind}, {id}, {++seq}, {0, record}});
  }
  if (write.state) {
    bare.Step(
        "INSERT INTO stream VALUES (?, ?, ?, ?) ON CONFLICT (stream_kind, "
        "stream) DO UPDATE SET version = excluded.version, state = "
        "excluded.state",
        {{kind}, {id}, {seq}, {0, *write.state}});
  } else {
    bare.Step(
        "UPDATE stream SET version = ? WHERE stream_kind = ? AND stream = ?",
        {{seq}, {kind}, {id}});
  }
  for (const store::ClockRow& clock : write.clocks_set) {
    const int64_t number = static_cast<int64_t>(clock.clock);
    bare.Step(kNoClock, {{kind}, {id}, {number}});
    bare.Step("INSERT INTO clock VALUES (?, ?, ?, ?)",
              {{clock.due.us}, {kind}, {id}, {number}});
  }
  for (uint64_t clock : write.clocks_removed) {
    bare.Step(kNoClock, {{kind}, {id}, {static_cast<int64_t>(clock)}});
  }
  for (const store::WorkRow& row : write.work_set) {
    const int64_t key = static_cast<int64_t>(row.key);
    bare.Step(kNoWork, {{kind}, {id}, {key}});
    bare.Step("INSERT INTO work VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
              {{static_cast<int64_t>(row.owner)},
               {-row.priority},
               {row.due.us},
               {kind},
               {id},
               {key},
               {row.kind},
               {0, row.payload}});
  }
  for (uint64_t key : write.work_removed) {
    bare.Step(kNoWork, {{kind}, {id}, {static_cast<int64_t>(key)}});
  }
  for (const store::OutboxRow& row : write.outbox) {
    bare.Step(
        "INSERT INTO outbox (effect, stream_kind, stream, valid_until, "
        "payload) VALUES (?, ?, ?, ?, ?)",
        {{static_cast<int64_t>(row.effect)},
         {kind},
         {id},
         {row.valid_until.us},
         {0, row.payload}});
  }
}

void WriteBare(Bare& bare, const store::CommitRequest& request) {
  bare.Run("BEGIN IMMEDIATE");
  for (const store::StreamWrite& write : request.streams) {
    WriteStream(bare, write);
  }
  if (request.command) {
    bare.Step("INSERT INTO command VALUES (CAST(? AS TEXT), ?, ?)",
              {{0, request.command->id},
               {0, request.command->fingerprint},
               {0, request.command->reply}});
  }
  for (const store::CounterWrite& counter : request.counters) {
    bare.Step(
        "INSERT INTO counter VALUES (CAST(? AS TEXT), ?) ON CONFLICT (name) "
        "DO UPDATE SET value = value + excluded.value",
        {{0, counter.name}, {counter.delta}});
  }
  bare.Run("COMMIT");
}

void BM_RowsBare(benchmark::State& state) {
  uint64_t commands = 0;
  auto recorder = std::make_unique<Recorder>(store::NewMemoryStore());
  Recorder* recorded = recorder.get();
  recorder->recording = true;
  P1 bench(std::move(recorder), 20);
  const size_t opening = recorded->requests.size();
  bench.Run();
  for (auto _ : state) {
    state.PauseTiming();
    const std::string path = TempFile("stepwell_bare.db");
    // The tables are those of an empty store.
    Must(store::OpenSqliteStore(path, store::OpenMode::kCreate)).reset();
    auto bare = std::make_unique<Bare>(path);
    for (size_t i = 0; i < opening; ++i) {
      WriteBare(*bare, recorded->requests[i]);
    }
    state.ResumeTiming();
    for (size_t i = opening; i < recorded->requests.size(); ++i) {
      WriteBare(*bare, recorded->requests[i]);
      ++commands;
    }
    state.PauseTiming();
    bare.reset();
    state.ResumeTiming();
  }
  state.counters["commands"] = benchmark::Counter(static_cast<double>(commands),
                                                  benchmark::Counter::kIsRate);
}
BENCHMARK(BM_RowsBare)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace stepwell
