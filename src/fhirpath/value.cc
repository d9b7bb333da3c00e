#include "fhirpath/value.h"

#include <algorithm>
#include <bit>

namespace stepwell::fhirpath {
namespace {

// The bytes follow it in the same memory.
struct StringBlob : Blob {
  static StringBlob* Make(size_t size) {
    return new (::operator new(sizeof(StringBlob) + size)) StringBlob;
  }
  static void operator delete(void* memory) { ::operator delete(memory); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
};

struct QuantityBlob : Blob {
  explicit QuantityBlob(Quantity q) : quantity(std::move(q)) {}
  const Quantity quantity;
};

struct TypeInfoBlob : Blob {
  explicit TypeInfoBlob(TypeInfo i) : info(std::move(i)) {}
  const TypeInfo info;
};

std::string QuantityToText(const Quantity& quantity) {
  std::string text = quantity.value.ToString() + " ";
  if (!quantity.calendar) return text + "'" + quantity.unit + "'";
  const bool one = Compare(quantity.value, Decimal(1)) == 0;
  return text + quantity.unit + (one ? "" : "s");
}

__extension__ typedef unsigned __int128 Words;
constexpr size_t kInlineBytes = sizeof(Words);

template <class Word>
Word Load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Up to 16 bytes, the first the lowest, put together in registers: no wait for
// narrow stores.
Words Gathered(std::string_view text) {
  const size_t n = text.size();
  const char* const p = text.data();
  if (n >= 8) {
    const Words last = Load<uint64_t>(p + n - 8);
    return Words{Load<uint64_t>(p)} | last << (8 * (n - 8));
  }
  if (n >= 4) {
    const uint64_t last = Load<uint32_t>(p + n - 4);
    return uint64_t{Load<uint32_t>(p)} | last << (8 * (n - 4));
  }
  uint64_t words = 0;
  for (size_t i = 0; i < n; ++i) {
    words |= uint64_t{static_cast<unsigned char>(p[i])} << (8 * i);
  }
  return words;
}

// `a` and `b`, together up to 16 bytes, as they lie in memory.
Words Joined(std::string_view a, std::string_view b) {
  if constexpr (std::endian::native == std::endian::little) {
    if (b.empty()) return Gathered(a);
    return Gathered(a) | Gathered(b) << (8 * a.size());
  }
  uint64_t halves[2] = {0, 0};
  std::string text(a);
  text += b;
  std::memcpy(halves, text.data(), text.size());
  return Words{halves[1]} << 64 | halves[0];
}

}  // namespace

Value Value::Text(std::string_view a, std::string_view b) {
  const size_t size = a.size() + b.size();
  if (size > kInlineBytes) {
    TextBuilder builder(size);
    builder.Add(a);
    builder.Add(b);
    return builder.Take();
  }
  const Words words = Joined(a, b);
  return Value(Kind::kString, 0, kInlineText | uint64_t{size} << kMidShift,
               static_cast<uint64_t>(words),
               static_cast<uint64_t>(words >> 64));
}

TextBuilder::TextBuilder(size_t size) {
  if (size > sizeof(small_)) {
    auto* const blob = StringBlob::Make(size);
    blob_ = blob;
    begin_ = blob->bytes();
  }
  end_ = begin_;
}

TextBuilder::~TextBuilder() { delete blob_; }

Value TextBuilder::Take() {
  const std::string_view text(begin_, static_cast<size_t>(end_ - begin_));
  if (blob_ == nullptr) return Value::Text(text);
  return Value::OfBlob(Kind::kString, std::exchange(blob_, nullptr), text);
}

Value Value::Of(Quantity quantity) {
  return OfBlob(Kind::kQuantity, new QuantityBlob(std::move(quantity)));
}

Value Value::Of(TypeInfo info) {
  return OfBlob(Kind::kTypeInfo, new TypeInfoBlob(std::move(info)));
}

const Quantity& Value::quantity() const {
  return static_cast<const QuantityBlob*>(blob())->quantity;
}

const TypeInfo& Value::type_info() const {
  return static_cast<const TypeInfoBlob*>(blob())->info;
}

void Value::Drop() {
  Blob* const held = blob();
  if (held->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete held;
  }
  head_ &= ~kOwns;
}

void Collection::Grow(size_t needed) {
  const size_t capacity = std::max(needed, capacity_ * 2);
  Value* values = new Value[capacity];
  for (size_t i = 0; i < size_; ++i) values[i].MoveFrom(data_[i]);
  if (data_ != inline_) delete[] data_;
  data_ = values;
  capacity_ = capacity;
}

std::string ToLiteral(const Value& value) {
  switch (value.kind()) {
    case Kind::kNode:
      return "";
    case Kind::kBoolean:
      return value.boolean() ? "true" : "false";
    case Kind::kInteger:
      return std::to_string(value.integer());
    case Kind::kDecimal:
      return value.decimal().ToString();
    case Kind::kString:
      return std::string(value.string());
    case Kind::kDate:
      return DateToText(value.temporal());
    case Kind::kDateTime:
      return DateTimeToText(value.temporal());
    case Kind::kTime:
      return TimeToText(value.temporal());
    case Kind::kQuantity:
      return QuantityToText(value.quantity());
    case Kind::kTypeInfo:
      return value.type_info().space + "." + value.type_info().name;
  }
  return "";
}

std::string_view SystemTypeName(Kind kind) {
  switch (kind) {
    case Kind::kNode:
      return "";
    case Kind::kBoolean:
      return "Boolean";
    case Kind::kInteger:
      return "Integer";
    case Kind::kDecimal:
      return "Decimal";
    case Kind::kString:
      return "String";
    case Kind::kDate:
      return "Date";
    case Kind::kDateTime:
      return "DateTime";
    case Kind::kTime:
      return "Time";
    case Kind::kQuantity:
      return "Quantity";
    case Kind::kTypeInfo:
      return "TypeInfo";
  }
  return "";
}

}  // namespace stepwell::fhirpath
