// Internal to the events: what each of them has (event.h says the rules).
#ifndef STEPWELL_ENGINE_EVENT_MACRO_H_
#define STEPWELL_ENGINE_EVENT_MACRO_H_

#include <cstdint>

#define STEPWELL_EVENT(number, name)            \
  static constexpr uint16_t kType = number;     \
  static constexpr uint8_t kVersion = 1;        \
  static constexpr const char* kName = name;    \
  bool operator==(const Self&) const = default; \
  template <class S, class V>                   \
  static constexpr void Fields([[maybe_unused]] S& s, [[maybe_unused]] V&& v)

#endif  // STEPWELL_ENGINE_EVENT_MACRO_H_
