// The state row: what a state holds and nothing that can be told without it.
// It is made again from the log at any time, so it is packed as the log is not:
//
//   structure = varint: a bit for each field that is not as the structure is
//               made with (bit 0 = field 1), then the values of these in order
//   value     = number: varint (signed ones zigzag)
//               text: varint length, bytes; fingerprint: 32 bytes
//               list: varint count, { value }
//               optional: its value
//   instant   = varint, by its two lowest bits; the rest is
//               0: how many written instants back the same one stands
//               1: the minutes since the one before, zigzag
//               2: seconds since 1970
//               3: microseconds since 1970 plus 1; or 0, and a varint as in
//                  binary.h follows: "never", and what lies far away
//
// Most instants of a case are those of a few commands, and most deadlines lie
// whole minutes behind one. docs/formats/log.md is the grammar.
#ifndef STEPWELL_WIRE_ROW_H_
#define STEPWELL_WIRE_ROW_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/binary.h"

namespace stepwell::wire {

enum class TimeForm : uint64_t { kSeen, kMinutes, kSeconds, kMicroseconds };

inline constexpr int64_t kSecondUs = 1'000'000;
inline constexpr int64_t kMinuteUs = 60 * kSecondUs;

// All forms but the last are of these: sums of them do not overflow.
constexpr bool IsNear(Instant at) {
  return at.us >= 0 && at.us < int64_t{1} << 60;
}

// What each field is when T is made: as its varint, 0 where it is none. What a
// reader finds absent has this value.
#if STEPWELL_MADE_AT_RUN_TIME
inline constexpr size_t kFieldsMax = 64;  // kRoom holds fewer
inline void APartIsMadeOtherwiseThanItsType() {}
#else
void APartIsMadeOtherwiseThanItsType();  // not constexpr: does not compile
#endif
template <class T>
constexpr auto MadeWith() {
#if STEPWELL_MADE_AT_RUN_TIME
  std::array<uint64_t, kFieldsMax> made{};
#else
  std::array<uint64_t, CountFields<T>()> made{};
#endif
  size_t next = 0;
  T value{};  // not const: gcc 12 cannot make a constant string then
  T::Fields(value, [&]<class V>(uint32_t, const char*, const V& field) {
    if constexpr (kIsScalar<V>) {
      made[next] = ToVarint(field);
    } else if (!(field == V{})) {
      APartIsMadeOtherwiseThanItsType();
    }
    ++next;
  });
  return made;
}

class RowWriter : public Buffer {
 public:
  explicit RowWriter(std::string& out) : Buffer(out) {}

  template <class T>
  void Value(const T& value) {
    if constexpr (std::is_same_v<T, Instant>) {
      Time(value);
    } else if constexpr (kIsScalar<T>) {
      Varint(ToVarint(value));
    } else if constexpr (IsOptional<T>::value) {
      Value(*value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      Varint(value.size());
      Bytes(value);
    } else if constexpr (std::is_same_v<T, Fingerprint>) {
      Bytes(value);
    } else if constexpr (IsVector<T>::value) {
      Varint(value.size());
      for (const auto& element : value) {
        Room(0);
        Value(element);
      }
    } else {
      Fields(value);
    }
  }

 private:
  // A bit for each field that is to be written.
  template <class T>
  static uint64_t MaskOf(const T& value) {
    uint64_t mask = 0;
    size_t next = 0;
    T::Fields(value,
              [&]<class V>(uint32_t number, const char*, const V& field) {
                static STEPWELL_MADE auto kMadeWith = MadeWith<T>();
                bool differs = false;
                if constexpr (kIsScalar<V>) {
                  differs = ToVarint(field) != kMadeWith[next];
                } else if constexpr (IsOptional<V>::value) {
                  differs = field.has_value();
                } else if constexpr (std::is_same_v<V, std::string> ||
                                     IsVector<V>::value) {
                  differs = !field.empty();
                } else if constexpr (std::is_same_v<V, Fingerprint>) {
                  differs = field != V{};
                } else {
                  differs = MaskOf(field) != 0;
                }
                mask |= uint64_t{differs} << (number - 1);
                ++next;
              });
    return mask;
  }

  template <class T>
  static constexpr uint32_t LastNumber() {
    uint32_t last = 0;
    T value{};
    T::Fields(value, [&last](uint32_t number, auto...) { last = number; });
    return last;
  }

  template <class T>
  void Fields(const T& value) {
#if !STEPWELL_MADE_AT_RUN_TIME
    static_assert(LastNumber<T>() <= 64 &&
                  CountFields<T>() * kNumberMax <= kRoom);
#endif
    Room(0);
    const uint64_t mask = MaskOf(value);
    Varint(mask);
    T::Fields(value, [&](uint32_t number, const char*, const auto& field) {
      if ((mask >> (number - 1) & 1) != 0) Value(field);
    });
    Room(0);
  }

  void Time(Instant at) {
    if (!IsNear(at)) {
      Put(TimeForm::kMicroseconds, 0);
      Varint(ToVarint(at));
      return;
    }
    Seen& seen = seen_[static_cast<uint64_t>(at.us) * 0x9E3779B97F4A7C15 >> 56];
    const int64_t past = at.us - last_;
    if (seen.place != 0 && seen.us == at.us) {
      Put(TimeForm::kSeen, written_ - seen.place);
    } else if (past % kMinuteUs == 0) {
      Put(TimeForm::kMinutes, ZigZag(past / kMinuteUs));
    } else if (at.us % kSecondUs == 0) {
      Put(TimeForm::kSeconds, static_cast<uint64_t>(at.us / kSecondUs));
    } else {
      Put(TimeForm::kMicroseconds, ToVarint(at));
    }
    last_ = at.us;
    seen = {at.us, ++written_};
  }
  void Put(TimeForm form, uint64_t rest) {
    Varint(rest << 2 | static_cast<uint64_t>(form));
  }

  // Where an instant was last written, by a hash of it; what collides is
  // written out again.
  struct Seen {
    int64_t us;
    uint64_t place;  // from 1
  };
  std::array<Seen, 256> seen_{};
  uint64_t written_ = 0;
  int64_t last_ = 0;
};

// Reads what RowWriter wrote; bad bytes set `ok` to false and never crash.
class RowReader {
 public:
  explicit RowReader(std::string_view in) : in_(in) {}

  bool ok() const { return in_.ok(); }
  bool AtEnd() const { return in_.AtEnd(); }
  // A field was there that this version does not know.
  bool IsNewer() const { return newer_; }

  template <class T>
  void Value(T& value) {
    if (!ok()) return;
    if constexpr (std::is_same_v<T, Instant>) {
      value = Time();
    } else if constexpr (kIsScalar<T>) {
      FromVarint(in_.Varint(), value);
    } else if constexpr (IsOptional<T>::value) {
      Value(value.emplace());
    } else if constexpr (std::is_same_v<T, std::string>) {
      value.assign(in_.Bytes(in_.Varint()));
    } else if constexpr (std::is_same_v<T, Fingerprint>) {
      const std::string_view bytes = in_.Bytes(value.bytes.size());
      if (ok()) std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
    } else if constexpr (IsVector<T>::value) {
      const uint64_t count = in_.Count();
      value.clear();
      value.reserve(count);
      for (uint64_t i = 0; i < count && ok(); ++i) Value(value.emplace_back());
    } else {
      Fields(value);
    }
  }

 private:
  template <class T>
  void Fields(T& value) {
    uint64_t mask = in_.Varint();
    T::Fields(value, [&](uint32_t number, const char*, auto& field) {
      const uint64_t bit = uint64_t{1} << (number - 1);
      if ((mask & bit) == 0) return;
      mask &= ~bit;
      Value(field);
    });
    if (!ok() || mask == 0) return;
    newer_ = true;
    in_.Fail();
  }

  Instant Time() {
    const uint64_t raw = in_.Varint();
    const uint64_t rest = raw >> 2;
    Instant at;
    switch (static_cast<TimeForm>(raw & 3)) {
      case TimeForm::kSeen:
        if (rest >= written_.size()) {
          in_.Fail();
          return at;
        }
        at = written_[written_.size() - 1 - rest];
        break;
      case TimeForm::kMinutes:
        at.us = Last() + Scaled(UnZigZag(rest), kMinuteUs);
        break;
      case TimeForm::kSeconds:
        at.us = Scaled(static_cast<int64_t>(rest), kSecondUs);
        break;
      case TimeForm::kMicroseconds:
        FromVarint(rest == 0 ? in_.Varint() : rest, at);
        if (rest == 0) return at;
        break;
    }
    if (!IsNear(at)) in_.Fail();
    written_.push_back(at);
    return at;
  }
  int64_t Last() const { return written_.empty() ? 0 : written_.back().us; }
  // Damaged bytes may hold any number.
  int64_t Scaled(int64_t count, int64_t unit) {
    constexpr int64_t kFar = int64_t{1} << 60;
    if (count > -kFar / unit && count < kFar / unit) return count * unit;
    in_.Fail();
    return 0;
  }

  ByteReader in_;
  std::vector<Instant> written_;
  bool newer_ = false;
};

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_ROW_H_
