// Reading and writing fractions as decimal numbers.
#include "instruments/rational.h"

#include <charconv>

namespace stepwell::instruments {

std::optional<Rational> ParseRational(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  int64_t num = 0, den = 1;
  int before = 0, after = 0;
  bool point = false;
  size_t i = 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.' && !point) {
      point = true;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    if (before == 0 && !point && text[i] == '0' && i + 1 < text.size() &&
        text[i + 1] == '0') {
      return std::nullopt;  // no JSON number begins with two zeros
    }
    (point ? after : before)++;
    if (before > 9 || after > 6) return std::nullopt;
    num = num * 10 + (text[i] - '0');
    if (point) den *= 10;
  }
  if (before == 0 || (point && after == 0)) return std::nullopt;
  if (i < text.size()) {  // an exponent: small ones only
    std::string_view digits = text.substr(i + 1);
    if (digits.starts_with('+') && !digits.starts_with("+-")) {
      digits.remove_prefix(1);
    }
    int exponent = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (error != std::errc() || end != digits.data() + digits.size() ||
        exponent < -6 || exponent > 6) {
      return std::nullopt;
    }
    // The point moves before digits are added, so that these fit: nine before
    // the point and six more.
    for (; exponent > 0; --exponent) den > 1 ? den /= 10 : num *= 10;
    for (; exponent < 0; ++exponent) den *= 10;
    if (num / den >= 1'000'000'000) return std::nullopt;
  }
  while (den > 1 && num % 10 == 0) {
    num /= 10;
    den /= 10;
  }
  return Rational(negative ? -num : num, den);
}

std::string ToJsonNumber(const Rational& value) {
  char buffer[40];
  const auto result =
      value.IsInteger()
          ? std::to_chars(buffer, buffer + sizeof buffer, value.num / value.den)
          : std::to_chars(buffer, buffer + sizeof buffer, value.ToDouble());
  return std::string(buffer, result.ptr);
}

}  // namespace stepwell::instruments
