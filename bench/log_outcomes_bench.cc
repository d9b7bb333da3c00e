// Outcomes of a service from its log on SQLite: kCases whole courses.
//   LogRowScan             the floor: every row of the table of records, bare
//   LogOutcomesFull        a service that has just been opened: every event is
//                          read, decoded, hashed for the stamp and projected,
//                          then the courses are counted
//   LogOutcomesOneMore     the same service again after one more questionnaire
//   LogOutcomesAgain       the same again, nothing new
// Rates are events of the log a second.
#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "must.h"
#include "stepwell/service.h"
#include "stepwell/time_text.h"

namespace stepwell {
namespace {

constexpr int kCases = 500;

// The courses of tests/scenarios/happy_path.scenario, side by side.
class LogStore {
 public:
  LogStore() {
    Remove();
    service_ = Must(
        Service::Create(Url(), {"catalogue:icbt_base", "bench", true}, now_));
    Begin();
    Advance("2026-03-16T10:00:00Z");
    for (const std::string& id : cases_) Treat(id);
    Advance("2026-09-14T10:00:00Z");
    for (const std::string& id : cases_) End(id);
    service_.reset();
  }
  ~LogStore() { Remove(); }

  std::string Path() const {
    return (std::filesystem::temp_directory_path() /
            absl::StrCat("stepwell_log_bench_", getpid(), ".db"))
        .string();
  }
  std::string Url() const { return "sqlite:" + Path(); }
  Instant now() const { return now_; }

  // One more event of a case that has ended: kept, scored, counted nowhere.
  void AnswerOnce(Service& service) {
    Send(service, "patient", cases_[next_ % cases_.size()],
         R"("command":"submit_response","instrument":"phq9","answers":)"
         "[1,1,0,0,0,0,0,0,0]");
  }

 private:
  void Remove() const {
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(Path() + end);
    }
  }

  std::string Send(Service& service, const std::string& role,
                   const std::string& id, const std::string& body) {
    const std::string actor =
        role == "patient" || role == "integration"
            ? absl::StrCat("{\"role\":\"", role, "\"}")
            : absl::StrCat("{\"role\":\"staff\",\"staff\":\"", role, "\"}");
    const std::string command =
        absl::StrCat("{\"id\":\"c", ++next_, "\",\"actor\":", actor,
                     id.empty() ? "" : absl::StrCat(",\"case\":\"", id, "\""),
                     ",", body, "}");
    const Reply reply = Must(service.Submit(command, now_));
    if (reply.kind != Reply::Kind::kAccepted) Die(command + reply.reason);
    return reply.case_id;
  }
  void Staff(const std::string& name, const std::string& id,
             const std::string& item, const std::string& more) {
    Send(*service_, name, id,
         absl::StrCat(R"("command":"work_item","action":"complete","item":")",
                      item, "\"", more));
  }
  void Form(const std::string& id, const std::string& name,
            const std::string& answers) {
    Send(*service_, "patient", id,
         absl::StrCat(R"("command":"submit_response","instrument":")", name,
                      R"(","answers":)", answers));
  }
  void Advance(const std::string& to) {
    now_ = *TimeFromText(to);
    AdvanceOptions options;
    options.catch_up = true;
    Must(service_->Advance(now_, options));
  }

  void Begin() {
    const std::string host = "integration";
    Send(*service_, host, "",
         R"("command":"add_staff","staff":"anna",)"
         R"("pools":["therapists"])");
    Send(*service_, host, "",
         R"("command":"add_staff","staff":"carin",)"
         R"("pools":["assessors"])");
    for (int i = 0; i < kCases; ++i) {
      const std::string person =
          absl::StrCat(R"("person":{"system":"s","value":")", i, "\"}");
      Send(*service_, host, "", "\"command\":\"register_person\"," + person);
      cases_.push_back(
          Send(*service_, host, "",
               R"("command":"receive_referral","route":"self",)" + person));
      Apply(cases_.back());
    }
  }
  void Apply(const std::string& id) {
    Form(id, "intake",
         R"({"age":34,"parallel_therapy":false,"problem":1,)"
         R"("emergency_contact":"kin"})");
    Form(id, "gad7", "[1,1,1,1,1,1,1]");
    Form(id, "wsas", "[2,2,2,2,2]");
    Form(id, "phq9", "[1,1,1,1,1,1,1,1,0]");
    Send(*service_, "carin", id,
         R"("command":"change_appointment","item":"video_assessment",)"
         R"("action":"book","starts_at":"2026-03-16T09:00:00Z")");
  }
  void Treat(const std::string& id) {
    Staff("carin", id, "video_assessment", R"(,"minutes":60)");
    Staff("carin", id, "inclusion", R"(,"outcome":"include","minutes":5)");
    Staff("anna", id, "start_treatment", R"(,"minutes":5)");
    for (int module = 1; module <= 10; ++module) {
      const std::string name = absl::StrCat("m", module);
      Send(*service_, "patient", id,
           absl::StrCat(R"("command":"patient_item","done":true,"item":")",
                        name, "\""));
      Staff("anna", id, name + "_check", R"(,"minutes":12)");
    }
    Form(id, "phq9", "[1,1,1,0,0,0,0,0,0]");
  }
  void End(const std::string& id) {
    Form(id, "phq9", "[1,1,0,0,0,0,0,0,0]");
    Staff("anna", id, "discharge", R"(,"outcome":"completed","minutes":10)");
  }

  Instant now_ = *TimeFromText("2026-03-02T09:00:00Z");
  std::unique_ptr<Service> service_;
  std::vector<std::string> cases_;
  uint64_t next_ = 0;
};

LogStore& Log() {
  static LogStore log;
  return log;
}

int64_t ScanRows() {
  sqlite3* db = nullptr;
  sqlite3_stmt* scan = nullptr;
  if (sqlite3_open(Log().Path().c_str(), &db) != SQLITE_OK ||
      sqlite3_prepare_v2(db, "SELECT bytes FROM record", -1, &scan, nullptr) !=
          SQLITE_OK) {
    Die("the store cannot be read");
  }
  int64_t rows = 0;
  while (sqlite3_step(scan) == SQLITE_ROW) {
    benchmark::DoNotOptimize(sqlite3_column_blob(scan, 0));
    ++rows;
  }
  sqlite3_finalize(scan);
  sqlite3_close(db);
  return rows;
}

void LogRowScan(benchmark::State& state) {
  Log();
  int64_t rows = 0;
  for (auto _ : state) rows += ScanRows();
  state.SetItemsProcessed(rows);
}
BENCHMARK(LogRowScan)->Unit(benchmark::kMillisecond);

void Count(Service& service) {
  const auto report = Must(service.QueryOutcomes({}, Log().now()));
  if (!report.ok) Die("nobody has finished");
}

void LogOutcomesFull(benchmark::State& state) {
  Log();
  for (auto _ : state) {
    state.PauseTiming();
    auto service = Must(Service::Open(Log().Url()));
    state.ResumeTiming();
    Count(*service);
    state.PauseTiming();
    service.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) *
                          ScanRows());
}
BENCHMARK(LogOutcomesFull)->Unit(benchmark::kMillisecond);

void Again(benchmark::State& state, bool one_more) {
  auto service = Must(Service::Open(Log().Url()));
  Count(*service);
  for (auto _ : state) {
    if (one_more) {
      state.PauseTiming();
      Log().AnswerOnce(*service);
      state.ResumeTiming();
    }
    Count(*service);
  }
}

void LogOutcomesOneMore(benchmark::State& state) { Again(state, true); }
BENCHMARK(LogOutcomesOneMore)->Unit(benchmark::kMillisecond);

void LogOutcomesAgain(benchmark::State& state) { Again(state, false); }
BENCHMARK(LogOutcomesAgain)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stepwell
