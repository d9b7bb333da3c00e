// Columns of responses give what Score() gives row by row, for every shipped
// instrument and every type of column.
#include "instruments/batch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/chance.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using testing::Chance;

// Rows of answers; INT32_MIN is missing.
struct Rows {
  size_t rows = 0;
  std::vector<std::vector<int32_t>> items;
  std::vector<std::vector<uint8_t>> validity;

  std::vector<AnswerColumn> Columns() const {
    std::vector<AnswerColumn> out;
    for (size_t i = 0; i < items.size(); ++i) {
      AnswerColumn column;
      column.type = AnswerColumn::Type::kInt32;
      column.values = items[i].data();
      column.validity = validity[i].data();
      out.push_back(column);
    }
    return out;
  }
};

Rows RandomRows(const Instrument& instrument, size_t rows) {
  Chance chance(11);
  Rows out;
  out.rows = rows;
  for (const Item& item : instrument.items()) {
    std::vector<int32_t> values(rows);
    std::vector<uint8_t> validity(rows / 8 + 1);
    const bool numeric =
        item.kind != ItemKind::kText && item.kind != ItemKind::kDate;
    for (size_t i = 0; i < rows; ++i) {
      if (numeric) {
        const ValueSet& set = instrument.value_sets()[item.values];
        values[i] = set.min + chance.Below(set.max - set.min + 1);
      }
      if (chance.Below(300) == 0) values[i] = 2'000'000 * (1 - chance.Below(3));
      const bool given = numeric && (i % 3 == 0 || chance.Below(20) != 0);
      validity[i / 8] |= static_cast<uint8_t>(given << (i % 8));
      if (!given) values[i] = chance.Below(1000) - 500;
    }
    out.items.push_back(std::move(values));
    out.validity.push_back(std::move(validity));
  }
  return out;
}

bool Same(double batch, const std::optional<Rational>& one) {
  return one ? batch == one->ToDouble() : std::isnan(batch);
}

void CheckRow(const Instrument& instrument, const BatchScores& batch,
              const ScoreResult& one, size_t row) {
  bool same = batch.missing[row] == one.missing.size() &&
              batch.out_of_range[row] == one.out_of_range.size();
  for (size_t s = 0; s < one.scales.size(); ++s) {
    const ScaleColumn& column = batch.scales[s];
    same = same && Same(column.score[row], one.scales[s].score) &&
           Same(column.ExactAt(row), one.scales[s].exact) &&
           column.band[row] == one.scales[s].band &&
           column.prorated[row] == one.scales[s].prorated;
  }
  for (size_t f = 0; f < one.flags.size(); ++f) {
    same = same && batch.flags[f][row] == one.flags[f];
  }
  for (size_t r = 0; r < one.risks.size(); ++r) {
    same = same && batch.risks[r][row] == one.risks[r];
  }
  if (!batch.tier.empty()) same = same && batch.tier[row] == one.tier;
  ASSERT_TRUE(same) << instrument.id() << " row " << row;
}

TEST(Batch, EqualsScoreRowByRow) {
  constexpr size_t kRows = 3000;  // several blocks and a rest
  for (const std::string& id : CatalogueInstrumentIds()) {
    const auto instrument = *LoadCatalogueInstrument(id);
    const Rows rows = RandomRows(*instrument, kRows);
    std::vector<Sex> sexes;
    for (size_t i = 0; i < kRows; ++i) sexes.push_back(static_cast<Sex>(i % 4));
    for (const auto policy :
         {MissingPolicy::kDocument, MissingPolicy::kProrate}) {
      ScoreContext context;
      context.missing = policy;
      const BatchScores batch =
          ScoreColumns(*instrument, rows.Columns(), kRows, context, sexes);
      for (size_t i = 0; i < kRows && !::testing::Test::HasFailure(); ++i) {
        std::vector<Answer> answers(rows.items.size());
        for (size_t k = 0; k < answers.size(); ++k) {
          const bool given = (rows.validity[k][i / 8] >> (i % 8)) & 1;
          if (given) answers[k] = Answer::Of(rows.items[k][i]);
        }
        context.sex = sexes[i];
        CheckRow(*instrument, batch, Score(*instrument, answers, context), i);
      }
    }
  }
}

template <class T>
BatchScores OfType(AnswerColumn::Type type, const std::vector<T>& values) {
  const auto gad = *LoadCatalogueInstrument("gad-2");
  AnswerColumn column;
  column.type = type;
  column.values = values.data();
  column.offset = 1;
  const std::vector<AnswerColumn> columns = {column, column};
  return ScoreColumns(*gad, columns, values.size() - 1);
}

TEST(Batch, EveryTypeOfColumnIsRead) {
  using Type = AnswerColumn::Type;
  const auto check = [](const BatchScores& scores) {
    EXPECT_EQ(scores.scales[0].score[0], 6);
    EXPECT_EQ(scores.scales[0].score[1], 0);
    EXPECT_TRUE(std::isnan(scores.scales[0].score[2]));
    EXPECT_EQ(scores.out_of_range[2], 2);
  };
  check(OfType<int8_t>(Type::kInt8, {9, 3, 0, -1}));
  check(OfType<uint8_t>(Type::kUInt8, {9, 3, 0, 255}));
  check(OfType<int16_t>(Type::kInt16, {9, 3, 0, 300}));
  check(OfType<uint16_t>(Type::kUInt16, {9, 3, 0, 65535}));
  check(OfType<int32_t>(Type::kInt32, {9, 3, 0, INT32_MIN}));
  check(OfType<uint32_t>(Type::kUInt32, {9, 3, 0, UINT32_MAX}));
  check(OfType<int64_t>(Type::kInt64, {9, 3, 0, INT64_MIN}));
  check(OfType<uint64_t>(Type::kUInt64, {9, 3, 0, UINT64_MAX}));
  check(OfType<float>(Type::kFloat32, {9, 3, 0, 1.5f}));
  check(OfType<double>(Type::kFloat64, {9, 3, 0, std::nan("")}));
  check(OfType<double>(Type::kFloat64, {9, 3, 0, 1e300}));
}

TEST(Batch, AnAbsentColumnIsMissingEverywhere) {
  const auto gad = *LoadCatalogueInstrument("gad-2");
  const std::vector<uint8_t> bits = {0b01};
  AnswerColumn bools;
  bools.type = AnswerColumn::Type::kBool;
  bools.values = bits.data();
  const BatchScores scores = ScoreColumns(*gad, {{bools, {}}}, 2);
  EXPECT_TRUE(std::isnan(scores.scales[0].score[0]));
  EXPECT_EQ(scores.missing[1], 1);
  EXPECT_EQ(ScoreColumns(*gad, {{bools, bools}}, 2).scales[0].score[0], 2);
  EXPECT_EQ(ScoreColumns(*gad, {{bools, bools}}, 0).rows, 0u);
}

TEST(Batch, WhatDoesNotApplyIsReadRowByRow) {
  const auto wsas = *LoadCatalogueInstrument("wsas");
  const std::vector<uint8_t> work = {8, 8, 8}, others = {2, 2, 2};
  const auto column = [](AnswerColumn::Type type, const void* values) {
    AnswerColumn out;
    out.type = type;
    out.values = values;
    return out;
  };
  std::vector<AnswerColumn> answers(
      5, column(AnswerColumn::Type::kUInt8, others.data()));
  answers[0] = column(AnswerColumn::Type::kUInt8, work.data());
  // Said of the first and the last row; of the last nobody knows.
  const std::vector<uint8_t> without_work = {0b101}, known = {0b011};
  std::vector<AnswerColumn> not_applicable(5);
  not_applicable[0] = column(AnswerColumn::Type::kBool, without_work.data());
  const auto scores = [&] {
    const BatchScores batch =
        ScoreColumns(*wsas, answers, 3, {}, {}, not_applicable);
    return batch.scales[0].score;
  };
  EXPECT_EQ(scores(), (std::vector<double>{8, 16, 8}));
  not_applicable[0].validity = known.data();
  EXPECT_EQ(scores(), (std::vector<double>{8, 16, 16}));
  // Not answered where it does not apply: nothing is ignored.
  const std::vector<uint8_t> answered = {0b110};
  answers[0].validity = answered.data();
  EXPECT_EQ(scores()[0], 8);
  answers[0].validity = nullptr;
  const std::vector<AnswerColumn> none(5);
  EXPECT_EQ(ScoreColumns(*wsas, answers, 3, {}, {}, none).scales[0].score,
            (std::vector<double>{16, 16, 16}));
}

}  // namespace
}  // namespace stepwell::instruments
