// Example values of everything that lists its `Fields`: every field filled,
// every number different, so that no two fields can be mixed up unseen.
#ifndef STEPWELL_TESTS_WIRE_RECORD_SUPPORT_H_
#define STEPWELL_TESTS_WIRE_RECORD_SUPPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "wire/binary.h"

namespace stepwell::testing {

class Filler {
 public:
  template <class T>
  void operator()(uint32_t, const char* name, T& value) {
    Fill(name, value);
  }

 private:
  template <class T>
  void Fill(const char* name, T& value) {
    ++next_;
    if constexpr (std::is_same_v<T, bool>) {
      value = true;
    } else if constexpr (std::is_same_v<T, engine::GroupNews>) {
      value = engine::GroupNews::kShort;  // 1 is what an empty event holds
    } else if constexpr (std::is_same_v<T, engine::DraftEnd>) {
      value = engine::DraftEnd::kAbandoned;  // likewise
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(1);
    } else if constexpr (wire::IsSymbol<T>::value) {
      value = T(static_cast<uint16_t>(next_));
    } else if constexpr (wire::IsStrongId<T>::value) {
      value.value = static_cast<decltype(value.value)>(1000 + next_);
    } else if constexpr (std::is_same_v<T, Instant>) {
      value = Instant{1'772'442'000'000'000 + next_};
    } else if constexpr (std::is_signed_v<T>) {
      value = static_cast<T>(-static_cast<int>(next_ % 100));
    } else if constexpr (std::is_unsigned_v<T>) {
      value = static_cast<T>(next_);
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = absl::StrCat(name, " ", next_);
    } else if constexpr (wire::IsOptional<T>::value) {
      Fill(name, value.emplace());
    } else if constexpr (wire::IsVector<T>::value) {
      Fill(name, value.emplace_back());
      Fill(name, value.emplace_back());
    } else if constexpr (std::is_same_v<T, Fingerprint>) {
      for (uint8_t& byte : value.bytes) {
        byte = static_cast<uint8_t>(++next_);
      }
    } else {
      T::Fields(value, *this);
    }
  }

  uint32_t next_ = 0;
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_WIRE_RECORD_SUPPORT_H_
