// Many rows at once are the rows one by one, whatever lies before them.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "stepwell/table.h"

namespace stepwell {
namespace {

using Type = Column::Type;

const std::vector<std::string> kWords = {"none", "", "mild", "very severe"};

// What a row holds in each of the columns, told by a number.
bool IsNull(uint64_t n) { return n % 5 == 0; }
double NumberOf(uint64_t n) {
  return IsNull(n) ? std::numeric_limits<double>::quiet_NaN()
                   : static_cast<double>(n % 28);
}
uint8_t BoolOf(uint64_t n) { return IsNull(n) ? 2 : n % 2; }
int8_t WordOf(uint64_t n) {
  return IsNull(n) ? int8_t{-1} : static_cast<int8_t>(n % kWords.size());
}

std::vector<Column> Columns() {
  return {{"number", Type::kNumber},
          {"integer", Type::kInteger},
          {"bool", Type::kBool},
          {"text", Type::kText}};
}

void PutOne(uint64_t n, std::vector<Column>& columns) {
  IsNull(n) ? columns[0].Null() : columns[0].Number(NumberOf(n));
  columns[1].Integer(static_cast<int64_t>(n % 1000));
  IsNull(n) ? columns[2].Null() : columns[2].Bool(n % 2 == 1);
  IsNull(n) ? columns[3].Null()
            : columns[3].Text(kWords[static_cast<size_t>(WordOf(n))]);
}

void PutAll(const std::vector<uint64_t>& rows, std::vector<Column>& columns) {
  std::vector<double> numbers;
  std::vector<uint16_t> integers;
  std::vector<uint8_t> bools;
  std::vector<int8_t> words;
  for (const uint64_t n : rows) {
    numbers.push_back(NumberOf(n));
    integers.push_back(static_cast<uint16_t>(n % 1000));
    bools.push_back(BoolOf(n));
    words.push_back(WordOf(n));
  }
  columns[0].Numbers(numbers);
  columns[1].Integers(integers);
  columns[2].Bools(bools);
  columns[3].Texts(words, kWords);
}

std::string Bytes(const void* data, size_t size) {
  std::string bytes(size, '\0');
  if (size > 0) std::memcpy(bytes.data(), data, size);
  return bytes;
}

// The buffers that a consumer reads.
std::vector<std::string> BuffersOf(const Column& column) {
  const size_t n = column.size();
  std::vector<std::string> out = {std::to_string(n),
                                  std::to_string(column.nulls())};
  out.push_back(column.validity() == nullptr
                    ? "all"
                    : Bytes(column.validity(), (n + 7) / 8));
  if (column.type() == Type::kText) {
    const auto* const offsets = static_cast<const int32_t*>(column.offsets());
    out.push_back(Bytes(offsets, (n + 1) * sizeof(int32_t)));
    out.push_back(Bytes(column.values(), static_cast<size_t>(offsets[n])));
  } else {
    const bool bits = column.type() == Type::kBool;
    out.push_back(Bytes(column.values(), bits ? (n + 7) / 8 : n * 8));
  }
  return out;
}

class TableBlocks : public ::testing::Test {
 protected:
  std::vector<uint64_t> Rows(size_t count, bool with_nulls) {
    std::vector<uint64_t> rows;
    while (rows.size() < count) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      const uint64_t n = state_ >> 33;
      if (with_nulls || !IsNull(n)) rows.push_back(n);
    }
    return rows;
  }
  void Put(const std::vector<uint64_t>& rows) {
    PutAll(rows, blocks_);
    for (const uint64_t n : rows) PutOne(n, one_by_one_);
  }
  void Compare() const {
    for (size_t i = 0; i < blocks_.size(); ++i) {
      EXPECT_EQ(BuffersOf(blocks_[i]), BuffersOf(one_by_one_[i]))
          << blocks_[i].name() << " of " << blocks_[i].size();
    }
  }

  uint64_t state_ = 7;
  std::vector<Column> blocks_ = Columns(), one_by_one_ = Columns();
};

TEST_F(TableBlocks, AreTheRowsOneByOne) {
  for (const size_t count : {1, 7, 8, 9, 3, 255, 256, 257, 1000, 0, 2, 513}) {
    Put(Rows(count, true));
    Compare();
  }
}

// The first null makes a bitmap for all that was there before it.
TEST_F(TableBlocks, HaveNoBitmapUntilSomethingIsNull) {
  for (const size_t before : {0, 1, 8, 13, 256, 600}) {
    blocks_ = Columns();
    one_by_one_ = Columns();
    Put(Rows(before, false));
    Compare();
    EXPECT_EQ(blocks_[0].validity(), nullptr);
    Put(Rows(300, true));
    Compare();
    EXPECT_NE(blocks_[0].validity(), nullptr);
  }
}

// Room that is kept changes nothing, large pages neither, and rows go on one by
// one behind a block.
TEST_F(TableBlocks, GoOnRowByRow) {
  for (const size_t room : {1'000, 1'000'000}) {
    blocks_ = Columns();
    one_by_one_ = Columns();
    for (Column& column : blocks_) column.Reserve(room, 8 * room);
    Put(Rows(300, false));
    for (const uint64_t n : Rows(20, true)) {
      PutOne(n, blocks_);
      PutOne(n, one_by_one_);
    }
    Put(Rows(70, true));
    Compare();
  }
}

}  // namespace
}  // namespace stepwell
