// Small integer helpers: division that rounds down, strict reading of numbers.
#ifndef STEPWELL_BASE_NUMBERS_H_
#define STEPWELL_BASE_NUMBERS_H_

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stepwell {

// The quotient rounded towards minus infinity; `b` is positive.
constexpr int64_t FloorDiv(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
// The remainder that goes with FloorDiv: 0 .. b - 1.
constexpr int64_t FloorMod(int64_t a, int64_t b) {
  return a % b + (a % b < 0 ? b : 0);
}

// All of `text` as a decimal number: digits only (no sign, no blanks), nothing
// when it is empty, has anything else in it or does not fit.
inline std::optional<int64_t> ParseDigits(std::string_view text) {
  int64_t value = 0;
  if (text.empty() || text.front() == '-') return std::nullopt;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace stepwell

#endif  // STEPWELL_BASE_NUMBERS_H_
