// Exact decimal numbers: a 128-bit coefficient and a scale that is kept as
// written, so 0.10 stays 0.10. Up to 38 digits; a result that needs more is
// rounded half away from zero, one that cannot be held is "no value".
#ifndef STEPWELL_FHIRPATH_DECIMAL_H_
#define STEPWELL_FHIRPATH_DECIMAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stepwell::fhirpath {

__extension__ typedef __int128 int128;

class Decimal {
 public:
  static constexpr int kDigitsMax = 38;

  Decimal() = default;
  explicit Decimal(int64_t integer) : coefficient_(integer) {}
  Decimal(int128 coefficient, int scale)
      : coefficient_(coefficient), scale_(scale) {}

  // Reads [+-]digits[.digits][e[+-]digits]; nothing else. Nothing when the
  // text is no number or has more than 38 digits.
  static std::optional<Decimal> Parse(std::string_view text);
  static std::optional<Decimal> FromDouble(double value);

  int128 coefficient() const { return coefficient_; }
  int scale() const { return scale_; }
  bool negative() const { return coefficient_ < 0; }
  bool zero() const { return coefficient_ == 0; }
  bool integral() const;  // no fraction other than zeros
  // The value as an integer when it is one and fits.
  std::optional<int64_t> ToInt64() const;
  double ToDouble() const;
  std::string ToString() const;

  Decimal Negated() const { return {-coefficient_, scale_}; }
  Decimal Abs() const { return negative() ? Negated() : *this; }
  // The same value without trailing zeros in its fraction.
  Decimal Stripped() const;
  // The value with `scale` fraction digits.
  enum class Rounding { kHalfUp, kFloor, kCeiling, kTruncate };
  std::optional<Decimal> Rescaled(int scale, Rounding rounding) const;

 private:
  int128 coefficient_ = 0;
  int scale_ = 0;  // 0..kDigitsMax
};

// -1, 0, 1 by value: 1.0 and 1 are equal.
int Compare(const Decimal& a, const Decimal& b);
std::optional<Decimal> Add(const Decimal& a, const Decimal& b);
std::optional<Decimal> Subtract(const Decimal& a, const Decimal& b);
std::optional<Decimal> Multiply(const Decimal& a, const Decimal& b);
// Nothing when b is zero. At least 16 digits after the point, then rounded;
// an exact quotient keeps no needless zeros.
std::optional<Decimal> Divide(const Decimal& a, const Decimal& b);
// The truncated quotient and the remainder with the sign of a.
std::optional<Decimal> DivideTruncated(const Decimal& a, const Decimal& b);
std::optional<Decimal> Remainder(const Decimal& a, const Decimal& b);

// Software arithmetic, the same on every machine. Nothing outside a
// function's domain or range.
std::optional<Decimal> SquareRoot(const Decimal& a);
std::optional<Decimal> Exponential(const Decimal& a);
std::optional<Decimal> NaturalLog(const Decimal& a);
std::optional<Decimal> Logarithm(const Decimal& a, const Decimal& base);
std::optional<Decimal> Power(const Decimal& a, const Decimal& exponent);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_DECIMAL_H_
