// Exact fractions of 64-bit integers: scores stay exact through prorating and
// linear transforms, so that no cut-off depends on binary floating point.
#ifndef STEPWELL_INSTRUMENTS_RATIONAL_H_
#define STEPWELL_INSTRUMENTS_RATIONAL_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stepwell::instruments {

// num / den with den > 0; not necessarily in lowest terms. The loader bounds
// values, item counts and factors so that sums and products fit.
struct Rational {
  int64_t num = 0;
  int64_t den = 1;

  constexpr Rational() = default;
  constexpr Rational(int64_t n, int64_t d = 1) : num(n), den(d) {}

  double ToDouble() const {
    return static_cast<double>(num) / static_cast<double>(den);
  }
  bool IsInteger() const { return num % den == 0; }
  // The nearest integer; halves go up (towards +infinity).
  int64_t RoundHalfUp() const {
    // An integer needs no division: the common case of a sum.
    if (den == 1) return num;
    const __int128 twice = 2 * static_cast<__int128>(num) + den;
    const __int128 two_den = 2 * static_cast<__int128>(den);
    __int128 quotient = twice / two_den;
    if (twice < 0 && twice % two_den != 0) --quotient;
    return static_cast<int64_t>(quotient);
  }

  friend bool operator==(const Rational& a, const Rational& b) {
    return static_cast<__int128>(a.num) * b.den ==
           static_cast<__int128>(b.num) * a.den;
  }
  friend std::strong_ordering operator<=>(const Rational& a,
                                          const Rational& b) {
    if (a.den == 1 && b.den == 1) return a.num <=> b.num;
    const __int128 left = static_cast<__int128>(a.num) * b.den;
    const __int128 right = static_cast<__int128>(b.num) * a.den;
    return left < right   ? std::strong_ordering::less
           : left > right ? std::strong_ordering::greater
                          : std::strong_ordering::equal;
  }
};

// The number that a JSON number lexeme writes ("2.3", "-4", "1e1"), or
// nothing when it has more than nine digits before or six after the point.
std::optional<Rational> ParseRational(std::string_view text);

// The fraction as a JSON number: an integer without a point, else the
// shortest decimal that reads back as the same double.
std::string ToJsonNumber(const Rational& value);

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_RATIONAL_H_
