// instruments: what a score costs.
//   Phq9BareLoop     floor: nine bytes summed, checked, binned, flags set
//   Phq9Score        Score() on ready answers
//   Phq9Match        MatchAnswers() of nine raw answers
//   Phq9JsonParse    floor: the JSON parse of a response
//   Phq9JsonScore    the same response, parsed, matched and scored
//   LoadPhq9         the document, read and checked
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/catalogue.h"
#include "instruments/answers_json.h"
#include "instruments/score.h"
#include "phq9_floor.h"

namespace stepwell::instruments {
namespace {

using bench::BareScore;
using bench::Row;
using bench::Rows;

std::shared_ptr<const Instrument> Phq9() {
  return *LoadCatalogueInstrument("phq-9");
}

void Phq9BareLoop(benchmark::State& state) {
  const std::vector<Row> rows = Rows();
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(BareScore(rows[i++ & 4095]));
  }
}
BENCHMARK(Phq9BareLoop);

void Phq9Score(benchmark::State& state) {
  const auto phq = Phq9();
  std::vector<Answers> answers;
  for (const Row& row : Rows()) {
    answers.emplace_back(*phq);
    for (uint16_t i = 0; i < 9; ++i) answers.back().SetValue(i, row[i]);
  }
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Score(*phq, answers[i++ & 4095].view()));
  }
}
BENCHMARK(Phq9Score);

void Phq9Match(benchmark::State& state) {
  const auto phq = Phq9();
  std::vector<RawAnswer> raw;
  for (size_t i = 0; i < 9; ++i) {
    raw.push_back({phq->items()[i].id, RawAnswer::Type::kNumber, "2", "", ""});
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(MatchAnswers(*phq, raw));
  }
}
BENCHMARK(Phq9Match);

constexpr char kResponse[] =
    R"({"q1":2,"q2":1,"q3":3,"q4":0,"q5":1,"q6":2,"q7":1,"q8":0,"q9":1})";

void Phq9JsonParse(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(json::Parse(kResponse));
}
BENCHMARK(Phq9JsonParse);

void Phq9JsonScore(benchmark::State& state) {
  const auto phq = Phq9();
  for (auto _ : state) {
    const auto document = json::Parse(kResponse);
    const auto match = ReadJsonAnswers(*phq, document->root());
    benchmark::DoNotOptimize(Score(*phq, match->answers.view()));
  }
}
BENCHMARK(Phq9JsonScore);

void LoadPhq9(benchmark::State& state) {
  const std::string_view text = FindCatalogueFile("instruments/phq-9.json");
  for (auto _ : state) benchmark::DoNotOptimize(LoadInstrument(text));
}
BENCHMARK(LoadPhq9);

}  // namespace
}  // namespace stepwell::instruments
