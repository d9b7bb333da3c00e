// Columns grow in Arrow's layout, so that a stream only points at them.
#include "stepwell/table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "base/large_pages.h"

namespace stepwell {
namespace {

void AppendBit(std::vector<uint8_t>& bits, size_t at, bool value) {
  if (at % 8 == 0) bits.push_back(0);
  if (value) bits.back() |= static_cast<uint8_t>(1u << (at % 8));
}

// Rows that are looked at together: compilers make vectors of loops of a fixed
// length, so the last block is filled up.
constexpr size_t kBlock = 256;
template <class T>
using Block = std::array<T, kBlock>;
using Ones = Block<uint8_t>;  // 1: true

// n values, and `fill` behind them.
template <class T>
Block<T> Filled(const T* values, size_t n, T fill) {
  Block<T> block;
  std::copy_n(values, n, block.begin());
  std::fill(block.begin() + static_cast<std::ptrdiff_t>(n), block.end(), fill);
  return block;
}

size_t ZerosIn(const Ones& ones) {
  uint16_t sum = 0;
  for (const uint8_t one : ones) sum = static_cast<uint16_t>(sum + one);
  return kBlock - sum;
}

// Appends n bits behind the first `at`.
void AppendBits(const uint8_t* ones, size_t n, size_t at,
                std::vector<uint8_t>& bits) {
  bits.resize((at + n + 7) / 8);
  const auto put = [&](size_t i) {
    bits[(at + i) / 8] |= static_cast<uint8_t>(ones[i] << ((at + i) % 8));
  };
  size_t i = 0;
  for (; i < n && (at + i) % 8 != 0; ++i) put(i);
  for (; i + 8 <= n; i += 8) {
    // As a compiler likes to read eight bytes at once.
    const uint8_t* const in = ones + i;
    const uint64_t eight = uint64_t{in[0]} | uint64_t{in[1]} << 8 |
                           uint64_t{in[2]} << 16 | uint64_t{in[3]} << 24 |
                           uint64_t{in[4]} << 32 | uint64_t{in[5]} << 40 |
                           uint64_t{in[6]} << 48 | uint64_t{in[7]} << 56;
    // The k-th byte's lowest bit goes to the k-th bit of the highest byte.
    bits[(at + i) / 8] =
        static_cast<uint8_t>((eight * 0x0102040810204080u) >> 56);
  }
  for (; i < n; ++i) put(i);
}

// Calls visit(first, count) for each block of n rows.
template <class Visit>
void ForEachBlock(size_t n, Visit visit) {
  for (size_t at = 0; at < n; at += kBlock) visit(at, std::min(kBlock, n - at));
}

template <class T>
void ReserveMore(T& list, size_t more) {
  const size_t needed = list.size() + more;
  if (list.capacity() >= needed) return;
  list.reserve(std::max(needed, 2 * list.capacity()));
  AskForLargePages(list.data(), list.capacity() * sizeof(list[0]));
}

}  // namespace

Column::Column(std::string name, Type type)
    : name_(std::move(name)), type_(type) {
  if (type_ == Type::kText) offsets_.push_back(0);
}

void Column::Valid(bool valid) {
  const uint8_t one = valid ? 1 : 0;
  Valid(&one, 1, valid ? 0 : 1);
}

void Column::Valid(const uint8_t* ones, size_t n, size_t nulls) {
  if (nulls > 0 && nulls_ == 0) {  // all rows before are there
    validity_.assign(size_ / 8, 0xFF);
    if (size_ % 8 != 0) {
      validity_.push_back(static_cast<uint8_t>((1u << (size_ % 8)) - 1));
    }
  }
  nulls_ += nulls;
  if (nulls_ > 0) AppendBits(ones, n, size_, validity_);
  size_ += n;
}

void Column::Null() {
  switch (type_) {
    case Type::kInteger:
    case Type::kTime:
      integers_.push_back(0);
      break;
    case Type::kNumber:
      numbers_.push_back(0);
      break;
    case Type::kText:
      offsets_.push_back(offsets_.back());
      break;
    case Type::kBool:
      AppendBit(bits_, size_, false);
      break;
  }
  Valid(false);
}

void Column::Integer(int64_t value) {
  integers_.push_back(value);
  Valid(true);
}

void Column::Number(std::optional<double> value) {
  if (!value) return Null();
  numbers_.push_back(*value);
  Valid(true);
}

void Column::Text(std::string_view value) {
  bytes_.append(value);
  // Too long a column is found by ToArrowStream.
  constexpr size_t kMost = std::numeric_limits<int32_t>::max();
  offsets_.push_back(
      static_cast<int32_t>(bytes_.size() > kMost ? kMost : bytes_.size()));
  Valid(true);
}

void Column::Numbers(std::span<const double> values) {
  ForEachBlock(values.size(), [&](size_t from, size_t n) {
    Block<double> in = Filled(values.data() + from, n, 0.0);
    Ones there;
    for (size_t i = 0; i < kBlock; ++i) there[i] = in[i] == in[i];
    const size_t nulls = ZerosIn(there);
    for (size_t i = 0; nulls > 0 && i < n; ++i) {
      if (there[i] == 0) in[i] = 0;
    }
    numbers_.insert(numbers_.end(), in.begin(),
                    in.begin() + static_cast<std::ptrdiff_t>(n));
    Valid(there.data(), n, nulls);
  });
}

void Column::Integers(std::span<const uint16_t> values) {
  Ones there;
  there.fill(1);
  integers_.insert(integers_.end(), values.begin(), values.end());
  ForEachBlock(values.size(),
               [&](size_t, size_t n) { Valid(there.data(), n, 0); });
}

void Column::Bools(std::span<const uint8_t> values) {
  ForEachBlock(values.size(), [&](size_t from, size_t n) {
    const Ones in = Filled(values.data() + from, n, uint8_t{0});
    Ones truth, there;
    for (size_t i = 0; i < kBlock; ++i) {
      truth[i] = in[i] == 1;
      there[i] = in[i] <= 1;
    }
    AppendBits(truth.data(), n, size_, bits_);
    Valid(there.data(), n, ZerosIn(there));
  });
}

void Column::Texts(std::span<const int8_t> which,
                   std::span<const std::string> texts) {
  constexpr size_t kMost = std::numeric_limits<int32_t>::max();
  ForEachBlock(which.size(), [&](size_t from, size_t n) {
    Ones there;
    size_t nulls = 0;
    for (size_t i = 0; i < n; ++i) {
      const int8_t one = which[from + i];
      there[i] = one >= 0;
      nulls += one < 0;
      if (one >= 0) bytes_.append(texts[static_cast<size_t>(one)]);
      offsets_.push_back(static_cast<int32_t>(std::min(bytes_.size(), kMost)));
    }
    Valid(there.data(), n, nulls);
  });
}

void Column::Reserve(size_t rows, size_t bytes) {
  switch (type_) {
    case Type::kInteger:
    case Type::kTime:
      return ReserveMore(integers_, rows);
    case Type::kNumber:
      return ReserveMore(numbers_, rows);
    case Type::kBool:
      return ReserveMore(bits_, rows / 8 + 1);
    case Type::kText:
      ReserveMore(offsets_, rows);
      return ReserveMore(bytes_, bytes);
  }
}

void Column::TextOrNull(std::string_view value) {
  if (value.empty()) return Null();
  Text(value);
}

void Column::Bool(bool value) {
  AppendBit(bits_, size_, value);
  Valid(true);
}

void Column::Time(Instant value) {
  if (value.IsNever() || value == Instant()) return Null();
  integers_.push_back(value.us);
  Valid(true);
}

const void* Column::validity() const {
  return nulls_ == 0 ? nullptr : validity_.data();
}

const void* Column::offsets() const {
  return type_ == Type::kText ? offsets_.data() : nullptr;
}

const void* Column::values() const {
  switch (type_) {
    case Type::kInteger:
    case Type::kTime:
      return integers_.data();
    case Type::kNumber:
      return numbers_.data();
    case Type::kText:
      return bytes_.data();
    case Type::kBool:
      return bits_.data();
  }
  return nullptr;
}

}  // namespace stepwell
