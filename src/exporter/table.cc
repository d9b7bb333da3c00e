// Columns grow in Arrow's layout, so that a stream only points at them.
#include "stepwell/table.h"

#include <limits>
#include <utility>

namespace stepwell {
namespace {

void AppendBit(std::vector<uint8_t>& bits, size_t at, bool value) {
  if (at % 8 == 0) bits.push_back(0);
  if (value) bits.back() |= static_cast<uint8_t>(1u << (at % 8));
}

}  // namespace

Column::Column(std::string name, Type type)
    : name_(std::move(name)), type_(type) {
  if (type_ == Type::kText) offsets_.push_back(0);
}

void Column::Valid(bool valid) {
  AppendBit(validity_, size_, valid);
  nulls_ += valid ? 0 : 1;
  ++size_;
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
