// The compact binary form of everything that lists its `Fields`: tagged, so
// that old readers skip what they do not know and new ones see what is absent.
//
//   struct   = { tag value }, fields in ascending order of their number
//   tag      = varint: number << 1 | kind
//   value    = kind 0: varint (signed numbers zigzag)
//              kind 1: varint length, then that many bytes
//   instant  = varint: microseconds + 1 as unsigned; 0 = never
//   vector of structs or strings = kind 1: varint count, { length bytes }
//   vector of numbers            = kind 1: varint count, { varint }
//   optional = absent, or as its value
// Empty strings, vectors and optionals are absent. docs/formats/log.md is the
// grammar with its history.
#ifndef STEPWELL_WIRE_BINARY_H_
#define STEPWELL_WIRE_BINARY_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "protocol/symbols.h"
#include "stepwell/ids.h"
#include "stepwell/time.h"

// What runs for every byte of every event and state: gcc's own judgement makes
// calls of it.
#define STEPWELL_INLINE [[gnu::always_inline]] inline

// clang before 15 makes no constant of a std::string of libstdc++: it computes
// the same once at run time, and what must hold of it gcc alone has checked.
#if defined(__clang__) && __clang_major__ < 15
#define STEPWELL_MADE_AT_RUN_TIME 1
#define STEPWELL_MADE const
#else
#define STEPWELL_MADE_AT_RUN_TIME 0
#define STEPWELL_MADE constexpr
#endif

namespace stepwell::wire {

// A varint of seven bits a byte, least significant first, into room for ten
// bytes; returns how many it took. Instants take eight: those up to 56 bits
// are spread over their bytes at once instead of one after the other.
inline size_t WriteVarint(uint64_t value, char* at) {
  if (value < 0x80) {
    *at = static_cast<char>(value);
    return 1;
  }
  if (std::endian::native == std::endian::little && value >> 56 == 0) {
    const size_t bytes =
        value >> 49 != 0  // the instants of these days
            ? 8
            : (static_cast<size_t>(std::bit_width(value)) + 6) / 7;  // 2 to 8
    uint64_t x = value;
    x = (x & 0x00FFFFFFF0000000) << 4 | (x & 0x000000000FFFFFFF);
    x = (x & 0x0FFFC0000FFFC000) << 2 | (x & 0x00003FFF00003FFF);
    x = (x & 0x3F803F803F803F80) << 1 | (x & 0x007F007F007F007F);
    x |= 0x8080808080808080 >> (72 - 8 * bytes);
    std::memcpy(at, &x, sizeof x);
    return bytes;
  }
  size_t size = 0;
  while (value >= 0x80) {
    at[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  at[size++] = static_cast<char>(value);
  return size;
}

inline void PutVarint(uint64_t value, std::string& out) {
  char buffer[16];  // gcc 12 fears for ten
  out.append(buffer, WriteVarint(value, buffer));
}

constexpr uint64_t ZigZag(int64_t v) {
  return static_cast<uint64_t>(v) << 1 ^ static_cast<uint64_t>(v >> 63);
}
constexpr int64_t UnZigZag(uint64_t v) {
  return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
}

template <class T>
concept HasFields = requires(T& t) {
  T::Fields(t, [](auto...) {});
};
template <class T>
struct IsSymbol : std::false_type {};
template <class Tag>
struct IsSymbol<protocol::Symbol<Tag>> : std::true_type {};
template <class T>
struct IsStrongId : std::false_type {};
template <class Tag, class Rep>
struct IsStrongId<StrongId<Tag, Rep>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
// Values that are one varint.
template <class T>
inline constexpr bool kIsScalar =
    std::is_arithmetic_v<T> || std::is_enum_v<T> || IsSymbol<T>::value ||
    IsStrongId<T>::value || std::is_same_v<T, Instant>;

template <class T>
constexpr uint64_t ToVarint(const T& value) {
  if constexpr (std::is_same_v<T, Instant>) {
    return value.IsNever() ? 0 : static_cast<uint64_t>(value.us) + 1;
  } else if constexpr (IsSymbol<T>::value) {
    return value.IsNone() ? 0 : uint64_t{value.value} + 1;
  } else if constexpr (IsStrongId<T>::value) {
    return value.value;
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<uint64_t>(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? 1 : 0;
  } else if constexpr (std::is_signed_v<T>) {
    return ZigZag(value);
  } else {
    return value;
  }
}

template <class T>
void FromVarint(uint64_t raw, T& value) {
  if constexpr (std::is_same_v<T, Instant>) {
    value =
        raw == 0 ? Instant::Never() : Instant{static_cast<int64_t>(raw - 1)};
  } else if constexpr (IsSymbol<T>::value) {
    value = raw == 0 ? T() : T(static_cast<uint16_t>(raw - 1));
  } else if constexpr (IsStrongId<T>::value) {
    value.value = static_cast<decltype(value.value)>(raw);
  } else if constexpr (std::is_enum_v<T>) {
    value = static_cast<T>(raw);
  } else if constexpr (std::is_same_v<T, bool>) {
    value = raw != 0;
  } else if constexpr (std::is_signed_v<T>) {
    value = static_cast<T>(UnZigZag(raw));
  } else {
    value = static_cast<T>(raw);
  }
}

// How many fields T lists.
template <class T>
constexpr size_t CountFields() {
  size_t count = 0;
  T value{};
  T::Fields(value, [&count](auto...) { ++count; });
  return count;
}

// Collects bytes in room of its own and appends them to `out` at its end. At
// the start of a field there is always room for all numbers of a structure:
// they are written without a look at what is left.
class Buffer {
 public:
  explicit Buffer(std::string& out) : out_(out) {}
  ~Buffer() { Finish(); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // Gives what was written to `out`.
  void Finish() {
    out_.append(begin_, Size());
    at_ = begin_;
  }

  void Byte(uint8_t value) { *at_++ = static_cast<char>(value); }
  STEPWELL_INLINE void Varint(uint64_t value) {
    if (value < 0x80) {
      Byte(static_cast<uint8_t>(value));
    } else {
      at_ += WriteVarint(value, at_);
    }
  }
  // The bytes themselves, without a length.
  void Bytes(std::string_view bytes) {
    Room(bytes.size());
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void Bytes(const Fingerprint& print) {
    Bytes({reinterpret_cast<const char*>(print.bytes.data()),
           print.bytes.size()});
  }

 protected:
  // A number with its tag, with what WriteVarint touches behind it.
  static constexpr size_t kNumberMax = 20;
  static constexpr size_t kRoom = 1024;

  size_t Size() const { return static_cast<size_t>(at_ - begin_); }

  // Makes sure that `bytes` and then the numbers of a structure fit.
  STEPWELL_INLINE void Room(size_t bytes) {
    if (static_cast<size_t>(end_ - at_) < bytes + kRoom) Grow(bytes);
  }

  // Leaves a byte for the length of what is written next; Close writes it. The
  // length is nearly always one byte: room is made when it is not.
  size_t Open() {
    ++at_;
    return Size();
  }
  void Close(size_t from) {
    const size_t bytes = Size() - from;
    if (bytes < 0x80) {
      begin_[from - 1] = static_cast<char>(bytes);
    } else {
      Lengthen(from - 1, bytes);
    }
  }

 private:
  [[gnu::noinline]] void Grow(size_t bytes) {
    const size_t size = Size();
    const size_t room = std::max(size * 2, size + bytes + kRoom);
    std::unique_ptr<char[]> larger(new char[room]);
    std::memcpy(larger.get(), begin_, size);
    grown_ = std::move(larger);
    begin_ = grown_.get();
    at_ = begin_ + size;
    end_ = begin_ + room;
  }

  // Writes a length of several bytes at `at`, moving what follows.
  [[gnu::noinline]] void Lengthen(size_t at, size_t bytes) {
    char length[16];
    const size_t size = WriteVarint(bytes, length);
    Room(size);
    char* const start = begin_ + at;
    std::memmove(start + size, start + 1, bytes);
    std::memcpy(start, length, size);
    at_ += size - 1;
  }

  std::string& out_;
  std::unique_ptr<char[]> grown_;
  char first_[2048];  // enough for an event, and for most states
  char* begin_ = first_;
  char* at_ = first_;  // where the next byte goes
  char* end_ = first_ + sizeof first_;
};

class BinaryWriter : public Buffer {
 public:
  using Buffer::Buffer;

  template <class T>
  void Fields(const T& value) {
#if !STEPWELL_MADE_AT_RUN_TIME
    static_assert(CountFields<T>() * kNumberMax <= kRoom);
#endif
    T::Fields(value, *this);
  }

  template <class T>
  void operator()(uint32_t number, const char*, const T& value) {
    if constexpr (kIsScalar<T>) {
      Varint(number << 1);
      Varint(ToVarint(value));
    } else if constexpr (IsOptional<T>::value) {
      if (value) (*this)(number, "", *value);
    } else {
      if constexpr (std::is_same_v<T, std::string> || IsVector<T>::value) {
        if (value.empty()) return;
      }
      Varint(number << 1 | 1);
      Sized(value);
    }
  }

 private:
  // The value's bytes with their length before them.
  template <class T>
  void Sized(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      Varint(value.size());
      Bytes(value);
    } else {
      const size_t from = Open();
      Bare(value);
      Close(from);
    }
    Room(0);
  }

  template <class T>
  void Bare(const T& value) {
    if constexpr (IsVector<T>::value) {
      Varint(value.size());
      for (const auto& element : value) {
        using E = std::decay_t<decltype(element)>;
        if constexpr (kIsScalar<E>) {
          Varint(ToVarint(element));
          Room(0);
        } else {
          Sized(element);
        }
      }
    } else if constexpr (std::is_same_v<T, Fingerprint>) {
      Bytes(value);
    } else {
      Fields(value);
    }
  }
};

// Takes bytes from the front. Bad ones set `ok` to false and never crash.
class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return in_.empty(); }
  void Fail() { ok_ = false; }

  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (in_.empty()) break;
      const auto byte = static_cast<uint8_t>(in_.front());
      in_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  std::string_view Bytes(uint64_t size) {
    if (!ok_ || size > in_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view bytes = in_.substr(0, size);
    in_.remove_prefix(size);
    return bytes;
  }
  // Of a list. An element takes a byte at least: no count can exhaust memory.
  uint64_t Count() {
    const uint64_t count = Varint();
    ok_ = ok_ && count <= in_.size();
    return ok_ ? count : 0;
  }

 private:
  std::string_view in_;
  bool ok_ = true;
};

// Reads what BinaryWriter wrote.
class BinaryReader : public ByteReader {
 public:
  using ByteReader::ByteReader;

  template <class T>
  void operator()(uint32_t number, const char*, T& value) {
    while (ok() && PeekTag() && (tag_ >> 1) < number) SkipField();
    if (!ok() || !has_tag_ || (tag_ >> 1) != number) return;  // absent
    has_tag_ = false;
    if ((tag_ & 1) == 0) {
      ReadScalar(value);
    } else {
      ReadSized(Bytes(Varint()), value);
    }
  }

  // What a newer writer added at the end.
  void SkipRest() {
    while (ok() && PeekTag()) SkipField();
  }

 private:
  bool PeekTag() {
    if (has_tag_) return true;
    if (AtEnd()) return false;
    tag_ = Varint();
    has_tag_ = ok();
    return has_tag_;
  }

  void SkipField() {
    has_tag_ = false;
    const uint64_t number = Varint();
    if ((tag_ & 1) != 0) Bytes(number);
  }

  template <class T>
  void ReadScalar(T& value) {
    if constexpr (kIsScalar<T>) {
      FromVarint(Varint(), value);
    } else if constexpr (IsOptional<T>::value) {
      ReadScalar(value.emplace());
    } else {
      Fail();
    }
  }

  template <class T>
  void ReadSized(std::string_view bytes, T& value) {
    if (!ok()) return;
    if constexpr (kIsScalar<T>) {
      Fail();
    } else if constexpr (IsOptional<T>::value) {
      ReadSized(bytes, value.emplace());
    } else if constexpr (std::is_same_v<T, std::string>) {
      value.assign(bytes);
    } else if constexpr (std::is_same_v<T, Fingerprint>) {
      if (bytes.size() != value.bytes.size()) return Fail();
      std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
    } else {
      BinaryReader inner(bytes);
      inner.Bare(value);
      if (!inner.ok()) Fail();
    }
  }

  template <class T>
  void Bare(T& value) {
    if constexpr (IsVector<T>::value) {
      const uint64_t count = Count();
      value.clear();
      value.reserve(count);
      for (uint64_t i = 0; i < count && ok(); ++i) {
        auto& element = value.emplace_back();
        using E = std::decay_t<decltype(element)>;
        if constexpr (kIsScalar<E>) {
          FromVarint(Varint(), element);
        } else {
          ReadSized(Bytes(Varint()), element);
        }
      }
    } else {
      T::Fields(value, *this);
      SkipRest();
    }
  }

  uint64_t tag_ = 0;
  bool has_tag_ = false;
};

// The fields of `value`, without a length.
template <class T>
void EncodeTo(const T& value, std::string& out) {
  BinaryWriter writer(out);
  writer.Fields(value);
}

template <class T>
bool DecodeFrom(std::string_view bytes, T& value) {
  BinaryReader reader(bytes);
  T::Fields(value, reader);
  reader.SkipRest();
  return reader.ok() && reader.AtEnd();
}

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_BINARY_H_
