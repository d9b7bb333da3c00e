// One item of a FHIRPath collection, and the collection. Values are 24 bytes;
// only computed strings, quantities and type names own memory (shared,
// immutable).
#ifndef STEPWELL_FHIRPATH_VALUE_H_
#define STEPWELL_FHIRPATH_VALUE_H_

#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "fhirpath/decimal.h"
#include "fhirpath/temporal.h"

namespace stepwell::fhirpath {

// A place in some host tree: which source of the evaluation, and where in it.
struct Node {
  uint16_t source = 0;
  uint32_t index = 0;
  bool operator==(const Node&) const = default;
};

enum class Tri : uint8_t { kFalse, kTrue, kUnknown };

// 0 is any or unknown; the System types follow; a model's own types start at
// kFirstModelType.
using TypeId = uint32_t;
inline constexpr TypeId kAnyType = 0;
inline constexpr TypeId kBooleanType = 1;
inline constexpr TypeId kIntegerType = 2;
inline constexpr TypeId kDecimalType = 3;
inline constexpr TypeId kStringType = 4;
inline constexpr TypeId kDateType = 5;
inline constexpr TypeId kDateTimeType = 6;
inline constexpr TypeId kTimeType = 7;
inline constexpr TypeId kQuantityType = 8;
inline constexpr TypeId kTypeInfoType = 9;
inline constexpr TypeId kFirstModelType = 16;

enum class Kind : uint8_t {
  kNode,
  kBoolean,
  kInteger,
  kDecimal,
  kString,
  kDate,
  kDateTime,
  kTime,
  kQuantity,
  kTypeInfo,
};

// A number with a unit: a UCUM code, or a calendar duration when `calendar`
// (then `unit` is singular: "year", "month", ..., "millisecond").
struct Quantity {
  Decimal value;
  std::string unit = "1";
  bool calendar = false;
};

// What type() returns.
struct TypeInfo {
  std::string space;  // "System", "FHIR", ...
  std::string name;
  std::string base;  // with its namespace; may be empty
};

// Shared, immutable heap part of a value.
struct Blob {
  std::atomic<uint32_t> references{1};
  virtual ~Blob() = default;
};

class Value {
 public:
  Value() : Value(false) {}
  Value(const Value& other) { CopyFrom(other); }
  Value(Value&& other) noexcept { MoveFrom(other); }
  Value& operator=(const Value& other) {
    if (this != &other) {
      Release();
      CopyFrom(other);
    }
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    if (this != &other) {
      Release();
      MoveFrom(other);
    }
    return *this;
  }
  ~Value() { Release(); }

  static Value Of(Node node) {
    Value value(Kind::kNode);
    value.small_ = node.source;
    value.mid_ = node.index;
    return value;
  }
  static Value Boolean(bool truth) { return Value(truth); }
  static Value Integer(int64_t number) {
    Value value(Kind::kInteger);
    value.word_[0] = static_cast<uint64_t>(number);
    return value;
  }
  static Value Of(const Decimal& number) {
    Value value(Kind::kDecimal);
    const int128 c = number.coefficient();
    std::memcpy(value.word_, &c, sizeof(c));
    value.flag_ = static_cast<uint8_t>(number.scale());
    return value;
  }
  // The bytes stay the caller's and must outlive the evaluation's result.
  static Value BorrowedString(std::string_view text) {
    Value value(Kind::kString);
    value.SetText(text);
    return value;
  }
  static Value String(std::string text);  // owned
  static Value Date(const Temporal& t) { return OfTemporal(Kind::kDate, t); }
  static Value DateTime(const Temporal& t) {
    return OfTemporal(Kind::kDateTime, t);
  }
  static Value Time(const Temporal& t) { return OfTemporal(Kind::kTime, t); }
  static Value Of(Quantity quantity);
  static Value Of(TypeInfo info);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_node() const { return kind_ == Kind::kNode; }
  // Each of the following needs the kind it names.
  Node node() const { return {small_, mid_}; }
  bool boolean() const { return flag_ != 0; }
  int64_t integer() const { return static_cast<int64_t>(word_[0]); }
  Decimal decimal() const {
    int128 c;
    std::memcpy(&c, word_, sizeof(c));
    return Decimal(c, flag_);
  }
  std::string_view string() const {
    const char* data;
    std::memcpy(&data, &word_[0], sizeof(data));
    return {data, mid_};
  }
  Temporal temporal() const {
    Temporal t;
    std::memcpy(&t, word_, sizeof(t));
    return t;
  }
  const Quantity& quantity() const;
  const TypeInfo& type_info() const;

  bool is_number() const {
    return kind_ == Kind::kInteger || kind_ == Kind::kDecimal;
  }
  bool is_temporal() const {
    return kind_ == Kind::kDate || kind_ == Kind::kDateTime ||
           kind_ == Kind::kTime;
  }
  // An integer or decimal as a decimal.
  Decimal number() const {
    return is(Kind::kInteger) ? Decimal(integer()) : decimal();
  }

 private:
  explicit Value(bool truth) : kind_(Kind::kBoolean), flag_(truth) {}
  explicit Value(Kind kind) : kind_(kind) {}
  static Value OfTemporal(Kind kind, const Temporal& t) {
    static_assert(sizeof(Temporal) == 16);
    Value value(kind);
    std::memcpy(value.word_, &t, sizeof(t));
    return value;
  }
  void SetText(std::string_view text) {
    const char* data = text.data();
    std::memcpy(&word_[0], &data, sizeof(data));
    mid_ = static_cast<uint32_t>(text.size());
  }
  void SetBlob(const Blob* blob) {
    owns_ = true;
    std::memcpy(&word_[1], &blob, sizeof(blob));
  }
  const Blob* blob() const {
    Blob* blob;
    std::memcpy(&blob, &word_[1], sizeof(blob));
    return blob;
  }
  void CopyFrom(const Value& other) {
    CopyBits(other);
    if (owns_) {
      const_cast<Blob*>(blob())->references.fetch_add(
          1, std::memory_order_relaxed);
    }
  }
  void MoveFrom(Value& other) {
    CopyBits(other);
    other.owns_ = false;
    other.kind_ = Kind::kBoolean;
    other.flag_ = 0;
  }
  void CopyBits(const Value& other) {
    kind_ = other.kind_;
    flag_ = other.flag_;
    small_ = other.small_;
    mid_ = other.mid_;
    owns_ = other.owns_;
    word_[0] = other.word_[0];
    word_[1] = other.word_[1];
  }
  void Release() {
    if (owns_) Drop();
  }
  void Drop();

  Kind kind_;
  uint8_t flag_ = 0;  // boolean, decimal scale
  bool owns_ = false;
  uint16_t small_ = 0;  // source
  uint32_t mid_ = 0;    // node index, text size
  uint64_t word_[2] = {0, 0};
};

// The FHIRPath literal without quotes or `@`: `true`, `4`, `0.10`, `2014-01`,
// `1.0 'mg'`, `1 week`. Nodes have none: empty.
std::string ToLiteral(const Value& value);
// "Boolean", "Integer", ...; empty for a node.
std::string_view SystemTypeName(Kind kind);
inline constexpr TypeId SystemTypeOf(Kind kind) {
  return static_cast<TypeId>(kind);  // kNode is kAnyType
}

// An ordered list of values. One or two need no memory of their own.
class Collection {
 public:
  Collection() = default;
  explicit Collection(Value value) { push_back(std::move(value)); }
  Collection(const Collection& other) { Append(other.span()); }
  Collection(Collection&& other) noexcept { Take(other); }
  Collection& operator=(const Collection& other) {
    if (this != &other) {
      clear();
      Append(other.span());
    }
    return *this;
  }
  Collection& operator=(Collection&& other) noexcept {
    if (this != &other) {
      Free();
      Take(other);
    }
    return *this;
  }
  ~Collection() { Free(); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Value* begin() { return data(); }
  Value* end() { return data() + size_; }
  const Value* begin() const { return data(); }
  const Value* end() const { return data() + size_; }
  Value& operator[](size_t i) { return data()[i]; }
  const Value& operator[](size_t i) const { return data()[i]; }
  const Value& front() const { return data()[0]; }
  const Value& back() const { return data()[size_ - 1]; }
  std::span<const Value> span() const { return {data(), size_}; }

  void push_back(Value value) {
    if (size_ == capacity_) Grow(size_ + 1);
    data()[size_++] = std::move(value);
  }
  void Append(std::span<const Value> values) {
    if (size_ + values.size() > capacity_) Grow(size_ + values.size());
    for (const Value& value : values) data()[size_++] = value;
  }
  void AppendMoved(Collection& other) {
    if (size_ + other.size_ > capacity_) Grow(size_ + other.size_);
    for (Value& value : other) data()[size_++] = std::move(value);
    other.clear();
  }
  // Keeps the memory for the next use.
  void clear() {
    Value* values = data();
    for (size_t i = 0; i < size_; ++i) values[i] = Value();
    size_ = 0;
  }
  void truncate(size_t size) {
    while (size_ > size) data()[--size_] = Value();
  }
  void SetOnly(Value value) {
    if (size_ == 0) {
      push_back(std::move(value));
    } else {
      truncate(1);
      data()[0] = std::move(value);
    }
  }
  void swap(Collection& other) noexcept { std::swap(*this, other); }

 private:
  static constexpr size_t kInline = 2;
  Value* data() { return heap_ != nullptr ? heap_ : inline_; }
  const Value* data() const { return heap_ != nullptr ? heap_ : inline_; }
  void Grow(size_t needed);
  void Free() {
    delete[] heap_;
    heap_ = nullptr;
    size_ = 0;
    capacity_ = kInline;
  }
  void Take(Collection& other) {
    size_ = other.size_;
    if (other.heap_ != nullptr) {
      heap_ = std::exchange(other.heap_, nullptr);
      capacity_ = std::exchange(other.capacity_, kInline);
    } else {
      for (size_t i = 0; i < size_; ++i) {
        inline_[i] = std::move(other.inline_[i]);
      }
    }
    other.size_ = 0;
  }

  Value* heap_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = kInline;
  Value inline_[kInline];
};

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_VALUE_H_
