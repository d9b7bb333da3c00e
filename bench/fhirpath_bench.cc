// Expressions over a host's struct.
//   Guard/...      a compiled guard, evaluated; "allocations" must be 0
//   Compile        the first guard from text
//   Explain        the first guard explained
//   Floor          the same guard written in C++
#include <benchmark/benchmark.h>

#include "allocations.h"
#include "fhirpath/case_view.h"
#include "fhirpath/fhirpath.h"

namespace stepwell::fhirpath {
namespace {

constexpr std::string_view kGuards[] = {
    "facts.age >= 18 and phq9.score >= 10 and phq9.score < 20",
    "route = 'self' or route = 'gp'",
    "phq9.score >= 10 and known(facts.name)",
    "phq9.all.where($this > 10).exists()",
};

CompileOptions Options(const CaseModel& model) {
  CompileOptions options;
  options.model = &model;
  options.root_type = CaseModel::kCase;
  return options;
}

void BM_Guard(benchmark::State& state) {
  const CaseModel model;
  const CaseSource source;
  const auto compiled =
      Compile(kGuards[static_cast<size_t>(state.range(0))], Options(model));
  const Source* sources[] = {&source};
  EvaluateOptions options;
  options.sources = sources;
  Scratch scratch;
  auto truth = EvaluateTruth(*compiled.program, {0, 0}, options, &scratch);
  const CountAllocations count(state);
  for (auto _ : state) {
    truth = EvaluateTruth(*compiled.program, {0, 0}, options, &scratch);
    benchmark::DoNotOptimize(truth);
  }
}
BENCHMARK(BM_Guard)->DenseRange(0, 3);

void BM_Compile(benchmark::State& state) {
  const CaseModel model;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Compile(kGuards[0], Options(model)));
  }
}
BENCHMARK(BM_Compile);

void BM_Explain(benchmark::State& state) {
  const CaseModel model;
  const CaseSource source;
  const auto compiled = Compile(kGuards[0], Options(model));
  const Source* sources[] = {&source};
  EvaluateOptions options;
  options.sources = sources;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Explain(*compiled.program, {0, 0}, options));
  }
}
BENCHMARK(BM_Explain);

void BM_Floor(benchmark::State& state) {
  CaseSource source;
  for (auto _ : state) {
    benchmark::DoNotOptimize(source);
    bool truth = source.age && *source.age >= 18 && source.score &&
                 *source.score >= 10 && *source.score < 20;
    benchmark::DoNotOptimize(truth);
  }
}
BENCHMARK(BM_Floor);

}  // namespace
}  // namespace stepwell::fhirpath
