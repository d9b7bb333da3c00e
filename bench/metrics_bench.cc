// metrics: a million courses by the NHS definitions.
//   CountMillion    the counts of columns that are there
//   ReadMillion     the same courses as CSV text, read and checked
// bench/outcomes_bench.py sets polars beside CountMillion, on the same columns:
// STEPWELL_COURSES_CSV names the file they are read from.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "metrics/course_table.h"
#include "metrics/measures.h"

namespace stepwell::metrics {
namespace {

std::string MadeCourses() {
  std::string csv =
      "phq9_first,phq9_last,gad7_first,gad7_last,treatment_contacts\n";
  uint64_t state = 42;
  const auto below = [&](uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
  };
  for (int i = 0; i < 1'000'000; ++i) {
    for (const uint64_t n : {28, 28, 22, 22}) {
      if (below(20) != 0) csv += std::to_string(below(n));
      csv += ',';
    }
    csv += std::to_string(below(12)) + '\n';
  }
  return csv;
}

const std::string& Courses() {
  static const std::string* const kCsv = [] {
    const char* path = std::getenv("STEPWELL_COURSES_CSV");
    if (path == nullptr) return new std::string(MadeCourses());
    std::ifstream in(path, std::ios::binary);
    return new std::string(std::istreambuf_iterator<char>(in), {});
  }();
  return *kCsv;
}

// Read once, however often they are counted.
const absl::StatusOr<CourseTable>& Table() {
  static const auto* const kTable =
      new absl::StatusOr<CourseTable>(ReadCourses(Courses(), ""));
  return *kTable;
}

void CountMillion(benchmark::State& state) {
  const auto& table = Table();
  if (!table.ok()) {
    state.SkipWithError(std::string(table.status().message()).c_str());
    return;
  }
  const CourseColumns columns = table->view();
  for (auto _ : state) {
    benchmark::DoNotOptimize(FiguresOf(CountCourses(columns, {}, 1, {})[0]));
  }
  const NhsCounts counts = CountCourses(columns, {}, 1, {})[0];
  const std::pair<const char*, uint64_t> kShown[] = {
      {"finished", counts.finished},
      {"at_caseness", counts.at_caseness},
      {"not_at_caseness", counts.not_at_caseness},
      {"recovered", counts.recovered},
      {"improved", counts.improved},
      {"deteriorated", counts.deteriorated},
      {"no_change", counts.no_change},
      {"reliable_recovery", counts.reliable_recovery},
      {"unclassified", counts.unclassified},
  };
  for (const auto& [name, count] : kShown) {
    state.counters[name] = static_cast<double>(count);
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(state.iterations() * columns.rows));
}
BENCHMARK(CountMillion)->Unit(benchmark::kMillisecond);

void ReadMillion(benchmark::State& state) {
  const std::string& csv = Courses();
  for (auto _ : state) benchmark::DoNotOptimize(ReadCourses(csv, ""));
  state.SetBytesProcessed(
      static_cast<int64_t>(state.iterations() * csv.size()));
}
BENCHMARK(ReadMillion)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stepwell::metrics
