// Many responses at once: columns of answers in, columns of scores out. The
// same rules as Score(): responses that are complete and legal go through
// loops over columns, every other one through Score() itself.
#ifndef STEPWELL_INSTRUMENTS_BATCH_H_
#define STEPWELL_INSTRUMENTS_BATCH_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "instruments/score.h"

namespace stepwell::instruments {

// One item's answers, as Arrow lays columns out. Borrowed for the call.
struct AnswerColumn {
  enum class Type : uint8_t {
    kAbsent,  // nobody answered: the table has no such column
    kInt8,
    kUInt8,
    kInt16,
    kUInt16,
    kInt32,
    kUInt32,
    kInt64,
    kUInt64,
    kFloat32,  // a number that is not whole is no value of an item
    kFloat64,
    kBool,  // a bitmap
  };
  Type type = Type::kAbsent;
  const void* values = nullptr;
  // A bit a row, least first; null: all are there. A row without its bit is
  // missing.
  const uint8_t* validity = nullptr;
  size_t offset = 0;  // of the first row, in values and validity
};

struct ScaleColumn {
  std::vector<double> score;  // NaN where no score can be given
  // Where the exact value is another one (prorated and rounded); NaN where it
  // is not, and empty when it nowhere is.
  std::vector<double> exact;
  double ExactAt(size_t row) const {
    return exact.empty() || std::isnan(exact[row]) ? score[row] : exact[row];
  }
  std::vector<int8_t> band;  // -1: none
  std::vector<uint8_t> prorated;
};

// A column a scale, flag and risk marker, in the instrument's order.
struct BatchScores {
  size_t rows = 0;
  std::vector<ScaleColumn> scales;
  std::vector<std::vector<Tri>> flags, risks;
  std::vector<int16_t> tier;  // empty: the instrument has none
  // How many items; the last two as of ScoreResult.
  std::vector<uint16_t> missing, out_of_range, against_skip, ignored;
};

// `columns` has one entry an item; `sexes` is empty, or has one a row and
// takes the place of context.sex. `not_applicable` is empty, or has a column of
// truths an item (kAbsent: none) that says where the item does not apply.
BatchScores ScoreColumns(const Instrument& instrument,
                         std::span<const AnswerColumn> columns, size_t rows,
                         const ScoreContext& context = {},
                         std::span<const Sex> sexes = {},
                         std::span<const AnswerColumn> not_applicable = {});

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_BATCH_H_
