// PHQ-9 from columns, in one run, by the number of rows:
//   Phq9BareRows   floor: rows of nine bytes summed, checked, binned, with
//                  flags, into columns that are there
//   Phq9BareTable  the same into columns of its own, as the library gives
//   Phq9Columns    ScoreColumns() of the same rows as nine columns of bytes
//   Phq9Door       from an Arrow stream to the table: what C, C++ and Python
//                  call
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "exporter/arrow_abi.h"
#include "instruments/batch.h"
#include "phq9_floor.h"
#include "stepwell/instrument.h"
#include "stepwell/table.h"

namespace stepwell {
namespace {

using bench::Bare;
using bench::BareScore;
using bench::Row;
using bench::Rows;
using instruments::AnswerColumn;

// Few rows stay in the cache, with many each page of the result is a new one.
// No powers of two: columns so far apart would be in each other's way.
void Sizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
}

size_t RowsOf(const benchmark::State& state) {
  return static_cast<size_t>(state.range(0));
}

void Done(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// What a loop of one's own would write.
struct BareColumns {
  explicit BareColumns(size_t n)
      : rows(n),
        scores(std::make_unique_for_overwrite<double[]>(n)),
        bands(std::make_unique_for_overwrite<int8_t[]>(n)),
        truths(std::make_unique_for_overwrite<uint8_t[]>(5 * n)) {}

  void Take(const std::vector<Row>& in) {
    const size_t n = rows;
    double* const score = scores.get();
    int8_t* const band = bands.get();
    uint8_t* const valid = truths.get();
    for (size_t i = 0; i < n; ++i) {
      const Bare one = BareScore(in[i & 4095]);
      score[i] = one.score;
      band[i] = static_cast<int8_t>(one.band);
      valid[i] = one.valid;
      valid[i + n] = one.risk;
      valid[i + 2 * n] = one.caseness;
      valid[i + 3 * n] = one.mds;
      valid[i + 4 * n] = one.ods;
    }
    benchmark::ClobberMemory();
  }

  size_t rows;
  std::unique_ptr<double[]> scores;
  std::unique_ptr<int8_t[]> bands;
  std::unique_ptr<uint8_t[]> truths;
};

void Phq9BareRows(benchmark::State& state) {
  const std::vector<Row> rows = Rows();
  BareColumns out(RowsOf(state));
  for (auto _ : state) out.Take(rows);
  Done(state);
}
BENCHMARK(Phq9BareRows)->Apply(Sizes);

void Phq9BareTable(benchmark::State& state) {
  const std::vector<Row> rows = Rows();
  for (auto _ : state) BareColumns(RowsOf(state)).Take(rows);
  Done(state);
}
BENCHMARK(Phq9BareTable)->Apply(Sizes);

std::vector<std::vector<uint8_t>> ColumnsOfBytes(size_t n) {
  const std::vector<Row> rows = Rows();
  std::vector<std::vector<uint8_t>> values(9, std::vector<uint8_t>(n));
  for (size_t item = 0; item < 9; ++item) {
    for (size_t i = 0; i < n; ++i) values[item][i] = rows[i & 4095][item];
  }
  return values;
}

void Phq9Columns(benchmark::State& state) {
  const auto phq = *instruments::LoadCatalogueInstrument("phq-9");
  const auto values = ColumnsOfBytes(RowsOf(state));
  std::vector<AnswerColumn> columns(phq->items().size());
  for (size_t item = 0; item < 9; ++item) {
    columns[item].type = AnswerColumn::Type::kUInt8;
    columns[item].values = values[item].data();
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(ScoreColumns(*phq, columns, RowsOf(state)));
  }
  Done(state);
}
BENCHMARK(Phq9Columns)->Apply(Sizes);

// Nine columns of bytes as a stream of one batch; whoever reads it only
// borrows.
class ByteStream {
 public:
  explicit ByteStream(const std::vector<std::vector<uint8_t>>& values) {
    for (size_t i = 0; i < values.size(); ++i) {
      names_.push_back("q" + std::to_string(i + 1));
      buffers_.push_back({nullptr, values[i].data()});
    }
    schemas_.resize(values.size());
    arrays_.resize(values.size());
    rows_ = static_cast<int64_t>(values[0].size());
  }

  ArrowArrayStream* Begin() {
    done_ = false;
    stream_.get_schema = [](ArrowArrayStream* s, ArrowSchema* out) {
      static_cast<ByteStream*>(s->private_data)->Schema(out);
      return 0;
    };
    stream_.get_next = [](ArrowArrayStream* s, ArrowArray* out) {
      static_cast<ByteStream*>(s->private_data)->Next(out);
      return 0;
    };
    stream_.get_last_error = [](ArrowArrayStream*) -> const char* {
      return nullptr;
    };
    stream_.release = [](ArrowArrayStream* s) { s->release = nullptr; };
    stream_.private_data = this;
    return &stream_;
  }

 private:
  void Schema(ArrowSchema* out) {
    const auto release = [](ArrowSchema* s) { s->release = nullptr; };
    children_.clear();
    for (size_t i = 0; i < schemas_.size(); ++i) {
      schemas_[i] = {};
      schemas_[i].format = "C";
      schemas_[i].name = names_[i].c_str();
      schemas_[i].release = release;
      children_.push_back(&schemas_[i]);
    }
    *out = {};
    out->format = "+s";
    out->n_children = static_cast<int64_t>(children_.size());
    out->children = children_.data();
    out->release = release;
  }
  void Next(ArrowArray* out) {
    *out = {};
    if (done_) return;
    done_ = true;
    const auto release = [](ArrowArray* a) { a->release = nullptr; };
    columns_.clear();
    for (size_t i = 0; i < arrays_.size(); ++i) {
      arrays_[i] = {};
      arrays_[i].length = rows_;
      arrays_[i].n_buffers = 2;
      arrays_[i].buffers = buffers_[i].data();
      arrays_[i].release = release;
      columns_.push_back(&arrays_[i]);
    }
    out->length = rows_;
    out->n_buffers = 1;
    out->buffers = no_buffer_.data();
    out->n_children = static_cast<int64_t>(columns_.size());
    out->children = columns_.data();
    out->release = release;
  }

  std::vector<std::string> names_;
  std::vector<std::array<const void*, 2>> buffers_;
  std::array<const void*, 1> no_buffer_ = {nullptr};
  std::vector<ArrowSchema> schemas_;
  std::vector<ArrowArray> arrays_;
  std::vector<ArrowSchema*> children_;
  std::vector<ArrowArray*> columns_;
  ArrowArrayStream stream_ = {};
  int64_t rows_ = 0;
  bool done_ = false;
};

void Phq9Door(benchmark::State& state) {
  const auto phq = *stepwell::Instrument::Load("phq-9");
  const auto values = ColumnsOfBytes(RowsOf(state));
  ByteStream stream(values);
  for (auto _ : state) {
    auto table = phq->ScoreColumns(stream.Begin(), {});
    if (!table.ok() || table->rows() != RowsOf(state)) std::abort();
    benchmark::DoNotOptimize(*table);
  }
  Done(state);
}
BENCHMARK(Phq9Door)->Apply(Sizes);

}  // namespace
}  // namespace stepwell
