// What a service does at once for many cases. Goals:
// docs/reference/performance.md.
//
// BM_CoverLeave: a leave with cover of a member who has 150 cases, on an SQLite
//   file, synchronous FULL, and the list of whoever covers, read by another
//   process: all 150 are on it (goal < 1 s).
// BM_ReassignCases: the 150 cases go to another, each in its own transaction.
// BM_DueAtOnce: of 1,000,000 pending clocks 10,000 are due at once. They fire
// in
//   batches of 250, and between two batches a patient answers (goals: 10,000
//   fired/s; submit p99 < 20 ms).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "case_driver.h"
#include "stepwell/service.h"

namespace stepwell {
namespace {

using engine::Role;

constexpr size_t kCaseload = 150;
constexpr size_t kDue = 10'000;
constexpr size_t kBatch = 250;
constexpr size_t kPending = 1'000'000;
constexpr size_t kClocksEach = 100;

class Clinic : CaseDriver {
 public:
  Clinic(std::unique_ptr<store::Store> store, size_t cases)
      : CaseDriver(std::move(store), "minimal", cases) {}

  StaffId Add(const std::string& name) {
    engine::StaffState staff;
    staff.reference = name;
    staff.pools = {"team"};
    Accepted(runtime_->AddStaff(By(Role::kIntegration), staff, now_));
    return runtime_->service().FindStaff(name);
  }

  void GiveAll(StaffId staff) {
    for (const CaseId id : cases_) {
      Do(id, Role::kStaff,
         engine::AssignCase{protocol_->FindPool("team"), staff});
    }
  }

  void Cover(StaffId away, StaffId cover) {
    Accepted(runtime_->SetLeave(By(Role::kIntegration), away,
                                {now_, now_ + WallDays(21), cover}, now_));
  }

  void Reassign(StaffId from, StaffId to) {
    engine::Envelope batch = By(Role::kStaff);
    batch.reason = "leaves";
    Accepted(runtime_->ReassignCases(batch, {from, to, "", false}, now_));
  }

  // Clocks of streams that nothing is asked of, due from next year on.
  void AddPending(size_t clocks) {
    for (size_t n = 0; n < clocks; n += kClocksEach) {
      store::CommitRequest request;
      store::StreamWrite& write = request.streams.emplace_back();
      write.stream = {store::StreamKind::kCase, (n << 20) | 1};
      write.records = {"r"};
      write.state = "s";
      for (size_t i = 0; i < kClocksEach; ++i) {
        const auto minutes = static_cast<int64_t>((n + i) * 7919 % kPending);
        write.clocks_set.push_back(
            {i, now_ + WallDays(365) + Minutes(minutes)});
      }
      if (!runtime_->store().Commit(request).ok()) Die("no room for clocks");
    }
  }

  Instant now() const { return now_; }
  void Wait(int64_t days) { now_ = now_ + WallDays(days); }
  runtime::Advanced FireBatch() {
    return Must(runtime_->Advance(now_, {true, kBatch}));
  }
  void Answer(size_t i) {
    engine::SubmitResponse response;
    response.response_id = "r" + std::to_string(next_);
    response.instrument = protocol_->FindInstrument("phq9");
    for (uint16_t item = 0; item < 9; ++item) {
      response.answers.push_back({item, item == 8 ? 0 : 1, "", ""});
    }
    Do(cases_[i % cases_.size()], Role::kPatient, response);
  }

 private:
  static void Accepted(const absl::StatusOr<runtime::Receipt>& receipt) {
    if (!receipt.ok()) Die(std::string(receipt.status().message()));
    if (receipt->kind != runtime::ReceiptKind::kAccepted) Die(receipt->reason);
  }
};

std::string Path() {
  return (std::filesystem::temp_directory_path() / "stepwell_staff_bench.db")
      .string();
}

std::unique_ptr<store::Store> FreshFile() {
  for (const char* end : {"", "-wal", "-shm"}) {
    std::filesystem::remove(Path() + end);
  }
  return Must(store::OpenSqliteStore(Path(), store::OpenMode::kCreate));
}

// A member with a caseload on a fresh file, another member, and somebody else
// who looks at the lists.
struct Caseload {
  Clinic clinic{FreshFile(), kCaseload};
  StaffId from = clinic.Add("anna"), to = clinic.Add("bo");
  std::unique_ptr<Service> reader;

  Caseload() {
    clinic.GiveAll(from);
    reader = Must(Service::Open("sqlite:" + Path()));
  }
  // None is lost: all stand on the list.
  void ExpectAllWith(const std::string& member) {
    WorklistQuery query;
    query.kind = "patient";
    query.owner = member;
    query.include_pools = false;
    const Worklist list = Must(reader->QueryWorklist(query, clinic.now()));
    if (list.total != kCaseload) Die("a case was lost");
  }
};

void BM_CoverLeave(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto at_work = std::make_unique<Caseload>();
    state.ResumeTiming();
    at_work->clinic.Cover(at_work->from, at_work->to);
    at_work->ExpectAllWith("bo");
    state.PauseTiming();
    at_work.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_CoverLeave)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(10);

void BM_ReassignCases(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto at_work = std::make_unique<Caseload>();
    state.ResumeTiming();
    at_work->clinic.Reassign(at_work->from, at_work->to);
    at_work->ExpectAllWith("bo");
    state.PauseTiming();
    at_work.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_ReassignCases)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(10);

void DueAtOnce(benchmark::State& state, bool file) {
  uint64_t fired = 0;
  std::vector<double> answers;
  for (auto _ : state) {
    state.PauseTiming();
    auto clinic = std::make_unique<Clinic>(
        file ? FreshFile() : store::NewMemoryStore(), kDue);
    clinic->AddPending(kPending - kDue);
    clinic->Wait(7);
    uint64_t of_this = 0;
    size_t patient = 0;
    state.ResumeTiming();
    for (bool more = true; more;) {
      const runtime::Advanced batch = clinic->FireBatch();
      of_this += batch.fired;
      more = batch.more;
      // It takes the clock of its case away, when that has not fired.
      const auto began = std::chrono::steady_clock::now();
      clinic->Answer(patient++);
      const std::chrono::duration<double, std::micro> time =
          std::chrono::steady_clock::now() - began;
      answers.push_back(time.count());
    }
    state.PauseTiming();
    if (of_this + patient < kDue) Die("a clock was not fired");
    fired += of_this;
    clinic.reset();
    state.ResumeTiming();
  }
  std::sort(answers.begin(), answers.end());
  state.counters["fired"] = benchmark::Counter(static_cast<double>(fired),
                                               benchmark::Counter::kIsRate);
  state.counters["submit_p99_us"] = answers[(answers.size() - 1) * 99 / 100];
}
void BM_DueAtOnceMemory(benchmark::State& state) { DueAtOnce(state, false); }
BENCHMARK(BM_DueAtOnceMemory)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(3);
void BM_DueAtOnceSqlite(benchmark::State& state) { DueAtOnce(state, true); }
BENCHMARK(BM_DueAtOnceSqlite)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(3);

}  // namespace
}  // namespace stepwell
