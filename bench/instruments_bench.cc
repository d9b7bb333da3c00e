// instruments: what a score costs.
//   Phq9BareLoop     floor: nine bytes summed, checked, binned, flags set
//   Phq9Score        Score() on ready answers
//   Phq9BareRows    floor: rows of nine bytes summed, checked, binned, with
//                   flags, into columns
//   Phq9Columns     ScoreColumns() of the same rows as nine columns of bytes
//   Phq9Match        MatchAnswers() of nine raw answers
//   Phq9JsonParse    floor: the JSON parse of a response
//   Phq9JsonScore    the same response, parsed, matched and scored
//   LoadPhq9         the document, read and checked
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/catalogue.h"
#include "instruments/answers_json.h"
#include "instruments/batch.h"
#include "instruments/score.h"

namespace stepwell::instruments {
namespace {

using Row = std::array<uint8_t, 9>;

// All kinds of answers, so that the branch predictor learns none of them.
std::vector<Row> Rows() {
  std::vector<Row> rows(4096);
  uint64_t state = 42;
  for (Row& row : rows) {
    for (uint8_t& value : row) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      value = static_cast<uint8_t>(state >> 62);
    }
  }
  return rows;
}

std::shared_ptr<const Instrument> Phq9() {
  return *LoadCatalogueInstrument("phq-9");
}

struct Bare {
  int score = 0, band = 0;
  bool valid = true, risk = false, caseness = false, mds = false, ods = false;
};

Bare BareScore(const Row& row) {
  Bare out;
  int symptoms = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    out.valid = out.valid && row[i] <= 3;
    out.score += row[i];
    symptoms += row[i] >= 2 || (i == 8 && row[i] >= 1);
  }
  out.band = (out.score >= 5) + (out.score >= 10) + (out.score >= 15) +
             (out.score >= 20);
  out.risk = row[8] >= 1;
  out.caseness = out.score >= 10;
  const bool core = row[0] >= 2 || row[1] >= 2;
  out.mds = core && symptoms >= 5;
  out.ods = core && symptoms >= 2 && symptoms <= 4;
  return out;
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

constexpr size_t kRows = 1 << 17;

struct BareColumns {
  std::vector<double> score = std::vector<double>(kRows);
  std::vector<int8_t> band = std::vector<int8_t>(kRows);
  std::vector<uint8_t> valid = std::vector<uint8_t>(kRows);
  std::vector<uint8_t> risk = valid, caseness = valid, mds = valid, ods = valid;
};

void Phq9BareRows(benchmark::State& state) {
  const std::vector<Row> rows = Rows();
  BareColumns out;
  for (auto _ : state) {
    for (size_t i = 0; i < kRows; ++i) {
      const Bare one = BareScore(rows[i & 4095]);
      out.score[i] = one.score;
      out.band[i] = static_cast<int8_t>(one.band);
      out.valid[i] = one.valid;
      out.risk[i] = one.risk;
      out.caseness[i] = one.caseness;
      out.mds[i] = one.mds;
      out.ods[i] = one.ods;
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}
BENCHMARK(Phq9BareRows);

void Phq9Columns(benchmark::State& state) {
  const auto phq = Phq9();
  const std::vector<Row> rows = Rows();
  std::vector<std::vector<uint8_t>> values(9, std::vector<uint8_t>(kRows));
  std::vector<AnswerColumn> columns(phq->items().size());
  for (size_t item = 0; item < 9; ++item) {
    for (size_t i = 0; i < kRows; ++i) values[item][i] = rows[i & 4095][item];
    columns[item].type = AnswerColumn::Type::kUInt8;
    columns[item].values = values[item].data();
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(ScoreColumns(*phq, columns, kRows));
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}
BENCHMARK(Phq9Columns);

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
