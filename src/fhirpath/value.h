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

// System types by their bits. No bit: no plain value at all.
using TypeSet = uint16_t;
inline constexpr TypeSet TypeBit(TypeId system) {
  return static_cast<TypeSet>(1u << system);
}
inline constexpr TypeSet kAnyTypes = 0xFFFF;

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

// Three words, written and copied one by one: a copy that reads wider than what
// was written waits for it. A text of up to 16 bytes lies in the value itself,
// so what string() gives may end with the value.
class Value {
 public:
  Value() : Value(Kind::kBoolean) {}
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
    return Value(Kind::kNode, 0,
                 uint64_t{node.source} << kSourceShift | uint64_t{node.index}
                                                             << kMidShift);
  }
  static Value Boolean(bool truth) { return Value(Kind::kBoolean, truth); }
  static Value Integer(int64_t number) {
    return Value(Kind::kInteger, 0, 0, static_cast<uint64_t>(number));
  }
  static Value Of(const Decimal& number) {
    const auto c = static_cast<unsigned __int128>(number.coefficient());
    return Value(Kind::kDecimal, static_cast<uint64_t>(number.scale()), 0,
                 static_cast<uint64_t>(c), static_cast<uint64_t>(c >> 64));
  }
  // The bytes stay the caller's and must outlive the evaluation's result.
  static Value BorrowedString(std::string_view text) {
    return Value(Kind::kString, 0, uint64_t{text.size()} << kMidShift,
                 reinterpret_cast<uintptr_t>(text.data()));
  }
  static Value String(std::string_view text) { return Text(text); }  // owned
  // `a` and `b` as one text, owned.
  static Value Text(std::string_view a, std::string_view b = {});
  static Value Date(const Temporal& t) { return OfTemporal(Kind::kDate, t); }
  static Value DateTime(const Temporal& t) {
    return OfTemporal(Kind::kDateTime, t);
  }
  static Value Time(const Temporal& t) { return OfTemporal(Kind::kTime, t); }
  static Value Of(Quantity quantity);
  static Value Of(TypeInfo info);

  Kind kind() const { return static_cast<Kind>(head_ & 0xFF); }
  bool is(Kind kind) const { return this->kind() == kind; }
  bool is_node() const { return is(Kind::kNode); }
  // Each of the following needs the kind it names.
  Node node() const {
    return {static_cast<uint16_t>(head_ >> kSourceShift), mid()};
  }
  bool boolean() const { return flag() != 0; }
  int64_t integer() const { return static_cast<int64_t>(word_[0]); }
  Decimal decimal() const {
    const unsigned __int128 c = static_cast<unsigned __int128>(word_[1]) << 64;
    return Decimal(static_cast<int128>(c | word_[0]), static_cast<int>(flag()));
  }
  std::string_view string() const {
    return {head_ & kInlineText ? reinterpret_cast<const char*>(word_)
                                : reinterpret_cast<const char*>(word_[0]),
            mid()};
  }
  Temporal temporal() const {
    Temporal t;
    std::memcpy(&t, word_, sizeof(t));
    return t;
  }
  const Quantity& quantity() const;
  const TypeInfo& type_info() const;

  bool is_number() const { return is(Kind::kInteger) || is(Kind::kDecimal); }
  bool is_temporal() const {
    return is(Kind::kDate) || is(Kind::kDateTime) || is(Kind::kTime);
  }
  // The same value without a share in what it owns: good as long as this is.
  Value Borrowed() const {
    Value value;
    value.CopyBits(*this);
    value.head_ &= ~kOwns;
    return value;
  }

  // An integer or decimal as a decimal.
  Decimal number() const {
    return is(Kind::kInteger) ? Decimal(integer()) : decimal();
  }

 private:
  friend class Collection;
  friend class TextBuilder;

  // The head: kind, flag (a Boolean, the scale of a decimal), two bits, the
  // source of a node, and its index or the size of a text.
  static constexpr int kFlagShift = 8;
  static constexpr uint64_t kFlagMask = 0x3F;
  static constexpr uint64_t kInlineText = 1 << 14;
  static constexpr uint64_t kOwns = 1 << 15;
  static constexpr int kSourceShift = 16;
  static constexpr int kMidShift = 32;
  static_assert(Decimal::kDigitsMax <= static_cast<int>(kFlagMask));

  explicit Value(Kind kind, uint64_t flag = 0, uint64_t head = 0,
                 uint64_t low = 0, uint64_t high = 0)
      : head_(static_cast<uint64_t>(kind) | flag << kFlagShift | head),
        word_{low, high} {}
  static Value OfTemporal(Kind kind, const Temporal& t) {
    static_assert(sizeof(Temporal) == 16);
    uint64_t words[2];
    std::memcpy(words, &t, sizeof(t));
    return Value(kind, 0, 0, words[0], words[1]);
  }
  // A value that owns `blob`.
  static Value OfBlob(Kind kind, const Blob* blob, std::string_view text = {}) {
    return Value(kind, 0, kOwns | uint64_t{text.size()} << kMidShift,
                 reinterpret_cast<uintptr_t>(text.data()),
                 reinterpret_cast<uintptr_t>(blob));
  }
  uint64_t flag() const { return head_ >> kFlagShift & kFlagMask; }
  uint32_t mid() const { return static_cast<uint32_t>(head_ >> kMidShift); }
  bool owns() const { return (head_ & kOwns) != 0; }
  Blob* blob() const { return reinterpret_cast<Blob*>(word_[1]); }
  void CopyBits(const Value& other) {
    head_ = other.head_;
    word_[0] = other.word_[0];
    word_[1] = other.word_[1];
  }
  void CopyFrom(const Value& other) {
    CopyBits(other);
    if (owns()) blob()->references.fetch_add(1, std::memory_order_relaxed);
  }
  void MoveFrom(Value& other) {
    CopyBits(other);
    if (other.owns()) other.head_ = static_cast<uint64_t>(Kind::kBoolean);
  }
  void Release() {
    if (owns()) Drop();
  }
  void Drop();

  uint64_t head_;
  uint64_t word_[2];
};

static_assert(sizeof(Value) == 24);

// A text of a size that is known before, put together from its parts.
class TextBuilder {
 public:
  explicit TextBuilder(size_t size);
  ~TextBuilder();
  TextBuilder(const TextBuilder&) = delete;
  TextBuilder& operator=(const TextBuilder&) = delete;
  // All parts together are not longer than the size.
  void Add(std::string_view part) {
    if (!part.empty()) std::memcpy(end_, part.data(), part.size());
    end_ += part.size();
  }
  // Room for the next `size` bytes, to be written.
  char* Space(size_t size) {
    end_ += size;
    return end_ - size;
  }
  Value Take();

 private:
  Blob* blob_ = nullptr;
  char small_[16];
  char* begin_ = small_;
  char* end_ = nullptr;
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
      clear();
      Take(other);
    }
    return *this;
  }
  ~Collection() {
    clear();
    if (data_ != inline_) delete[] data_;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t capacity() const { return capacity_; }
  Value* begin() { return data_; }
  Value* end() { return data_ + size_; }
  const Value* begin() const { return data_; }
  const Value* end() const { return data_ + size_; }
  Value& operator[](size_t i) { return data_[i]; }
  const Value& operator[](size_t i) const { return data_[i]; }
  const Value& front() const { return data_[0]; }
  const Value& back() const { return data_[size_ - 1]; }
  std::span<const Value> span() const { return {data_, size_}; }

  void push_back(Value value) {
    if (size_ == capacity_) Grow(size_ + 1);
    data_[size_++].MoveFrom(value);
  }
  void Append(std::span<const Value> values) {
    if (size_ + values.size() > capacity_) Grow(size_ + values.size());
    for (const Value& value : values) data_[size_++].CopyFrom(value);
  }
  void AppendMoved(Collection& other) {
    if (size_ + other.size_ > capacity_) Grow(size_ + other.size_);
    for (Value& value : other) data_[size_++].MoveFrom(value);
    other.size_ = 0;
  }
  // Keeps the memory for the next use.
  void clear() { truncate(0); }
  void truncate(size_t size) {
    while (size_ > size) data_[--size_].Release();
  }
  void SetOnly(Value value) {
    clear();
    data_[0].MoveFrom(value);
    size_ = 1;
  }
  void swap(Collection& other) noexcept {
    Collection held(std::move(other));
    other.Take(*this);
    Take(held);
  }

 private:
  static constexpr size_t kInline = 2;
  // Takes the values of `other`, and gives it the memory that this one has no
  // need of. This one is empty.
  void Take(Collection& other) noexcept {
    if (other.data_ == other.inline_) {
      for (size_t i = 0; i < other.size_; ++i) {
        data_[i].MoveFrom(other.inline_[i]);
      }
    } else {
      Value* const mine = data_ == inline_ ? other.inline_ : data_;
      data_ = other.data_;
      other.data_ = mine;
      std::swap(capacity_, other.capacity_);
    }
    size_ = other.size_;
    other.size_ = 0;
  }
  void Grow(size_t needed);

  // What lies beyond the size owns nothing.
  Value* data_ = inline_;
  size_t size_ = 0;
  size_t capacity_ = kInline;
  Value inline_[kInline];
};

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_VALUE_H_
