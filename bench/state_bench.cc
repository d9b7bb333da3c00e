// What an open case costs: memory, and time as it grows old.
//
//   BM_BareRecord    a record of 400 bytes a case in the same hash map: the
//   floor BM_OpenCases     bytes a case in the memory store: its state, clocks
//   and
//                    lines of work, and the indexes over them; no log, replies
//                    or outbox. icbt_sweden as it stands after a year by its
//                    shipped plan; every shipped service as its scenarios leave
//                    it after a third, two thirds and the whole of each
//   BM_RowByField    what of the state row is of which field: mean bytes a case
//   BM_YoungCase     one command of a case that has up to 60 events
//   BM_OldCase       the same commands of a case that has 2,000 to 2,326
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "case_driver.h"
#include "engine/apply.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "sim/plan.h"
#include "sim/simulator.h"
#include "stepwell/scenario.h"
#include "store/store.h"
#include "wire/record.h"

namespace stepwell {
namespace {

using engine::Role;

// What the store keeps of an open case beside its log.
struct CaseRows {
  std::string state;
  std::vector<store::ClockRow> clocks;
  std::vector<store::WorkRow> work;
  std::map<std::string, double> by_field;  // bytes of `state`
};

// What the row is longer by than without the field.
std::map<std::string, double> BytesByField(const engine::CaseState& state) {
  std::map<std::string, double> bytes;
  const auto size_of = [](const engine::CaseState& of) {
    return static_cast<double>(wire::EncodeState(of).size());
  };
  const double whole = size_of(state);
  engine::CaseState::Fields(
      state, [&](uint32_t number, const char* name, const auto&) {
        engine::CaseState without = state;
        engine::CaseState::Fields(
            without, [number]<class V>(uint32_t other, const char*, V& field) {
              if (other == number) field = V{};
            });
        bytes[name] = whole - size_of(without);
      });
  return bytes;
}

CaseRows RowsOf(const protocol::Protocol& protocol,
                const engine::CaseState& state) {
  CaseRows rows{wire::EncodeState(state), {}, {}, BytesByField(state)};
  const auto add_clock = [&](uint64_t clock) {
    const Instant due = service::DueOf(state, clock);
    if (due != Instant::Never()) rows.clocks.push_back({clock, due});
  };
  for (const engine::ClockState& clock : state.clocks) add_clock(clock.ordinal);
  add_clock(engine::kExpiryClock);
  for (const auto& entry : service::AllWork(protocol, state)) {
    rows.work.push_back(runtime::ToWorkRow(protocol, state, entry));
  }
  return rows;
}

// The last state of every case of a simulation.
struct LastStates : sim::Observer {
  absl::flat_hash_map<CaseId, engine::CaseState> cases;
  void Decided(const engine::Command&, Instant, std::span<const engine::Event>,
               const engine::CaseState& state) override {
    cases[state.id] = state;
  }
};

std::vector<CaseRows> Simulated(const std::string& name) {
  const auto protocol = Load(name);
  const auto plan = Must(sim::LoadPlan(
      FindCatalogueFile(absl::StrCat("plans/", name, ".json")), {}, protocol));
  if (plan.plan == nullptr) Die("the plan does not load");
  LastStates last;
  sim::SimulatorOptions options;
  options.observer = &last;
  Must(sim::Simulator(*protocol, *plan.plan, options).Run());
  std::vector<CaseRows> cases;
  for (const auto& [id, state] : last.cases) {
    if (!state.IsClosed()) cases.push_back(RowsOf(*protocol, state));
  }
  return cases;
}

std::vector<std::string> Lines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Whether the script names the service, as its own or as another that it is
// played on.
bool PlaysOn(const std::vector<std::string>& lines, const std::string& name) {
  for (const std::string& line : lines) {
    if (line.rfind("# protocol: ", 0) != 0 && line.rfind("# also: ", 0) != 0) {
      continue;
    }
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word == "catalogue:" + name) return true;
    }
  }
  return false;
}

// Plays the first lines of a script and adds the cases that it leaves open.
void AddPlayed(const std::vector<std::string>& lines, size_t count,
               const std::string& name, std::vector<CaseRows>& cases) {
  const auto path = std::filesystem::temp_directory_path() /
                    absl::StrCat("stepwell_state_bench_", getpid(), ".db");
  for (const char* end : {"", "-wal", "-shm"}) {
    std::filesystem::remove(path.string() + end);
  }
  std::string script;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&script, lines[i], "\n");
  ScenarioOptions options;
  options.protocol = "catalogue:" + name;
  options.store = "sqlite:" + path.string();
  const auto played = PlayScenario(script, options);
  if (!played.ok() || !played->ok) return;
  const auto protocol = Load(name);
  {
    const auto store =
        Must(store::OpenSqliteStore(path.string(), store::OpenMode::kExisting));
    for (const auto key :
         Must(store->ListStreams(store::StreamKind::kCase, 0, 1000))) {
      engine::CaseState state;
      for (const auto& record : Must(store->ReadRecords(key, 1, 100'000))) {
        engine::Apply(Must(wire::DecodeEvent(record)), state);
      }
      if (!state.IsClosed()) cases.push_back(RowsOf(*protocol, state));
    }
  }
  std::filesystem::remove(path);
}

std::vector<CaseRows> Played(const std::string& name) {
  std::vector<CaseRows> cases;
  const std::filesystem::path folder = STEPWELL_SOURCE_DIR "/tests/scenarios";
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".scenario") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    const auto lines = Lines(path);
    if (!PlaysOn(lines, name)) continue;
    for (size_t third = 1; third <= 3; ++third) {
      AddPlayed(lines, lines.size() * third / 3, name, cases);
    }
  }
  return cases;
}

void RowByField(benchmark::State& state, const std::string& name,
                std::vector<CaseRows> (*cases_of)(const std::string&)) {
  const std::vector<CaseRows> cases = cases_of(name);
  if (cases.empty()) return state.SkipWithError("no open case");
  for (auto _ : state) {
    for (const CaseRows& rows : cases) {
      for (const auto& [field, bytes] : rows.by_field) {
        state.counters[field] += bytes;
      }
    }
  }
  for (auto& [field, counter] : state.counters) {
    counter.value /= static_cast<double>(cases.size());
  }
}

constexpr size_t kCases = 10'000;

size_t HeapBytes() { return mallinfo2().uordblks; }

// Puts the cases into a store again and again, until there are kCases.
void Fill(store::Store& store, const std::vector<CaseRows>& cases) {
  for (size_t i = 0; i < kCases; ++i) {
    const CaseRows& rows = cases[i % cases.size()];
    store::CommitRequest request;
    auto& write = request.streams.emplace_back();
    write.stream = {store::StreamKind::kCase, 0x9E3779B97F4A7C15u * (i + 1)};
    // A stream begins with a record; one byte is what it can be least.
    write.records = {"x"};
    write.state = rows.state;
    write.clocks_set.assign(rows.clocks.begin(), rows.clocks.end());
    write.work_set.assign(rows.work.begin(), rows.work.end());
    const auto status = store.Commit(request);
    if (!status.ok()) Die(std::string(status.message()));
  }
}

void OpenCases(benchmark::State& state, const std::string& name,
               std::vector<CaseRows> (*cases_of)(const std::string&)) {
  const std::vector<CaseRows> cases = cases_of(name);
  if (cases.empty()) return state.SkipWithError("no open case");
  double bytes = 0;
  for (auto _ : state) {
    const auto store = store::NewMemoryStore();
    const size_t before = HeapBytes();
    Fill(*store, cases);
    bytes = static_cast<double>(HeapBytes() - before) / kCases;
  }
  double states = 0, clocks = 0, lines = 0;
  for (const CaseRows& rows : cases) {
    states += static_cast<double>(rows.state.size());
    clocks += static_cast<double>(rows.clocks.size());
    lines += static_cast<double>(rows.work.size());
  }
  const auto count = static_cast<double>(cases.size());
  state.counters["cases"] = count;
  state.counters["state_bytes"] = states / count;
  state.counters["clocks"] = clocks / count;
  state.counters["work_lines"] = lines / count;
  state.counters["bytes_per_case"] = bytes;
}

void BM_BareRecord(benchmark::State& state) {
  double bytes = 0;
  for (auto _ : state) {
    absl::flat_hash_map<uint64_t, std::unique_ptr<std::string>> records;
    const size_t before = HeapBytes();
    for (size_t i = 0; i < kCases; ++i) {
      records[i] = std::make_unique<std::string>(400, 'x');
    }
    bytes = static_cast<double>(HeapBytes() - before) / kCases;
    benchmark::DoNotOptimize(records);
  }
  state.counters["bytes_per_case"] = bytes;
}
BENCHMARK(BM_BareRecord)->Iterations(1);

const bool kRegistered = [] {
  benchmark::RegisterBenchmark("BM_OpenCases/icbt_sweden/by_plan",
                               [](benchmark::State& state) {
                                 OpenCases(state, "icbt_sweden", Simulated);
                               })
      ->Iterations(1);
  benchmark::RegisterBenchmark("BM_RowByField/icbt_sweden/by_plan",
                               [](benchmark::State& state) {
                                 RowByField(state, "icbt_sweden", Simulated);
                               })
      ->Iterations(1);
  for (const char* name :
       {"icbt_sweden", "icbt_norway", "icbt_denmark", "icbt_netherlands",
        "icbt_scotland", "nhs_talking_therapies", "school_therapy"}) {
    benchmark::RegisterBenchmark(
        ("BM_OpenCases/" + std::string(name)).c_str(),
        [name](benchmark::State& state) { OpenCases(state, name, Played); })
        ->Iterations(1);
  }
  return true;
}();

// Cases of the shipped service in which the patient writes and fills in, and
// their therapist answers: what goes on for years.
class LongCases : CaseDriver {
 public:
  explicit LongCases(size_t cases)
      : CaseDriver(store::NewMemoryStore(), "bench_p1", cases),
        phq9_(protocol_->FindInstrument("phq9")) {}

  // Three commands a case: a message, its answer, a questionnaire.
  void Round() {
    for (CaseId id : cases_) {
      now_ = now_ + Microseconds(1'000'000);
      const std::string number = std::to_string(++turns_);
      Do(id, Role::kPatient,
         engine::ReceiveMessage{"m" + number, "thread", "body" + number});
      Do(id, Role::kStaff,
         engine::SendMessage{"a" + number, "thread", "text" + number,
                             "m" + number, 5});
      engine::SubmitResponse response;
      response.response_id = "r" + number;
      response.instrument = phq9_;
      for (uint16_t i = 0; i < 9; ++i) {
        response.answers.push_back({i, i == 8 ? 0 : 1 + i % 3, "", ""});
      }
      Do(id, Role::kPatient, response);
    }
  }

  uint64_t Events() {
    return Must(runtime_->LoadCase(cases_.front())).state->version;
  }
  size_t StateBytes() {
    return wire::EncodeState(*Must(runtime_->LoadCase(cases_.front())).state)
        .size();
  }

 private:
  protocol::InstrumentRef phq9_;
  uint64_t turns_ = 0;
};

// `rounds` are measured, of cases that begin with so many events.
void RunLong(benchmark::State& state, uint64_t events, int rounds) {
  constexpr size_t kSide = 20;
  uint64_t commands = 0, from = 0, to = 0;
  size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto cases = std::make_unique<LongCases>(kSide);
    while (cases->Events() < events) cases->Round();
    from = cases->Events();
    state.ResumeTiming();
    for (int i = 0; i < rounds; ++i) cases->Round();
    state.PauseTiming();
    commands += static_cast<size_t>(rounds) * kSide * 3;
    to = cases->Events();
    bytes = cases->StateBytes();
    cases.reset();
    state.ResumeTiming();
  }
  state.counters["commands"] = benchmark::Counter(static_cast<double>(commands),
                                                  benchmark::Counter::kIsRate);
  state.counters["events_before"] = static_cast<double>(from);
  state.counters["events_after"] = static_cast<double>(to);
  state.counters["state_bytes"] = static_cast<double>(bytes);
}

void BM_YoungCase(benchmark::State& state) { RunLong(state, 0, 4); }
BENCHMARK(BM_YoungCase)->Unit(benchmark::kMillisecond);

// So many rounds that every case has its row written once: all at one command,
// for they are all of one age.
void BM_OldCase(benchmark::State& state) { RunLong(state, 2'000, 32); }
BENCHMARK(BM_OldCase)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stepwell
