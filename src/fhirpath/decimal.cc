#include "fhirpath/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace stepwell::fhirpath {
namespace {

__extension__ typedef unsigned __int128 uint128;

constexpr std::array<int128, 39> MakePowers() {
  std::array<int128, 39> powers{};
  int128 power = 1;
  for (int i = 0; i < 39; ++i) {
    powers[i] = power;
    if (i < 38) power *= 10;
  }
  return powers;
}
constexpr std::array<int128, 39> kPowers = MakePowers();
constexpr int128 kLimit = kPowers[38];

bool Fits(int128 value) { return value < kLimit && value > -kLimit; }

bool Scale(int128 value, int digits, int128* out) {
  if (digits < 0 || digits > 38) return value == 0 ? (*out = 0, true) : false;
  int128 result;
  if (__builtin_mul_overflow(value, kPowers[digits], &result)) return false;
  if (!Fits(result)) return false;
  *out = result;
  return true;
}

int128 Drop(int128 value, int digits, Decimal::Rounding rounding) {
  if (digits > 38) digits = 38;
  const int128 power = kPowers[digits];
  int128 quotient = value / power;
  const int128 rest = value % power;
  switch (rounding) {
    case Decimal::Rounding::kTruncate:
      break;
    case Decimal::Rounding::kFloor:
      if (rest < 0) --quotient;
      break;
    case Decimal::Rounding::kCeiling:
      if (rest > 0) ++quotient;
      break;
    case Decimal::Rounding::kHalfUp:
      if (rest >= power - rest && rest > 0) ++quotient;
      if (-rest >= power + rest && rest < 0) --quotient;
      break;
  }
  return quotient;
}

int DigitCount(int128 value) {
  if (value < 0) value = -value;
  int digits = 1;
  while (digits < 39 && value >= kPowers[digits]) ++digits;
  return digits;
}

// Brings both to one scale; when the coefficients do not fit, the finer one
// is rounded.
bool Align(Decimal* a, Decimal* b) {
  if (a->scale() == b->scale()) return true;
  if (a->scale() > b->scale()) return Align(b, a);
  for (int scale = b->scale(); scale >= a->scale(); --scale) {
    auto x = a->Rescaled(scale, Decimal::Rounding::kHalfUp);
    if (!x) continue;
    *a = *x;
    *b = *b->Rescaled(scale, Decimal::Rounding::kHalfUp);
    return true;
  }
  return false;
}

// Reads digits and one point from *text into *value and *scale.
bool ReadDigits(std::string_view* text, int128* value, int* scale) {
  bool any = false;
  bool point = false;
  while (!text->empty()) {
    const char c = text->front();
    if (c == '.') {
      if (point || !any || text->size() < 2) return false;
      if ((*text)[1] < '0' || (*text)[1] > '9') return false;
      point = true;
    } else if (c >= '0' && c <= '9') {
      any = true;
      if (!Scale(*value, 1, value)) return false;
      *value += c - '0';
      if (point && ++*scale > Decimal::kDigitsMax) return false;
    } else {
      break;
    }
    text->remove_prefix(1);
  }
  return any;
}

}  // namespace

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int128 value = 0;
  int scale = 0;
  if (!ReadDigits(&text, &value, &scale)) return std::nullopt;
  if (!text.empty()) {
    if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
    text.remove_prefix(1);
    if (!text.empty() && text[0] == '+') text.remove_prefix(1);
    int exponent = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (error != std::errc() || end != text.data() + text.size()) {
      return std::nullopt;
    }
    if (exponent > kDigitsMax || exponent < -kDigitsMax) return std::nullopt;
    scale -= exponent;
    if (scale < 0) {
      if (!Scale(value, -scale, &value)) return std::nullopt;
      scale = 0;
    }
    if (scale > kDigitsMax) return std::nullopt;
  }
  return Decimal(negative ? -value : value, scale);
}

std::optional<Decimal> Decimal::FromDouble(double value) {
  char buffer[64];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof(buffer), value);
  if (error != std::errc()) return std::nullopt;
  return Parse(std::string_view(buffer, end - buffer));
}

bool Decimal::integral() const { return coefficient_ % kPowers[scale_] == 0; }

std::optional<int64_t> Decimal::ToInt64() const {
  if (!integral()) return std::nullopt;
  const int128 value = coefficient_ / kPowers[scale_];
  if (value > INT64_MAX || value < INT64_MIN) return std::nullopt;
  return static_cast<int64_t>(value);
}

double Decimal::ToDouble() const {
  const std::string text = ToString();
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string Decimal::ToString() const {
  int128 rest = coefficient_ < 0 ? -coefficient_ : coefficient_;
  std::string reversed;
  for (int i = 0; rest != 0 || i <= scale_; ++i) {
    if (i == scale_ && scale_ > 0) reversed += '.';
    reversed += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (coefficient_ < 0) reversed += '-';
  return std::string(reversed.rbegin(), reversed.rend());
}

Decimal Decimal::Stripped() const {
  Decimal result = *this;
  while (result.scale_ > 0 && result.coefficient_ % 10 == 0) {
    result.coefficient_ /= 10;
    --result.scale_;
  }
  return result;
}

std::optional<Decimal> Decimal::Rescaled(int scale, Rounding rounding) const {
  if (scale < 0 || scale > kDigitsMax) return std::nullopt;
  if (scale <= scale_) {
    return Decimal(Drop(coefficient_, scale_ - scale, rounding), scale);
  }
  int128 value;
  if (!Scale(coefficient_, scale - scale_, &value)) return std::nullopt;
  return Decimal(value, scale);
}

int Compare(const Decimal& a, const Decimal& b) {
  if (a.scale() == b.scale()) {
    return a.coefficient() < b.coefficient()   ? -1
           : a.coefficient() > b.coefficient() ? 1
                                               : 0;
  }
  if (a.scale() > b.scale()) return -Compare(b, a);
  const auto x = a.Rescaled(b.scale(), Decimal::Rounding::kTruncate);
  if (!x) return a.negative() ? -1 : 1;  // too large for b's scale
  return Compare(*x, b);
}

std::optional<Decimal> Add(const Decimal& a, const Decimal& b) {
  Decimal x = a;
  Decimal y = b;
  if (!Align(&x, &y)) return std::nullopt;
  int128 sum;
  if (__builtin_add_overflow(x.coefficient(), y.coefficient(), &sum) ||
      !Fits(sum)) {
    if (x.scale() == 0) return std::nullopt;
    return Add(*x.Rescaled(x.scale() - 1, Decimal::Rounding::kHalfUp),
               *y.Rescaled(y.scale() - 1, Decimal::Rounding::kHalfUp));
  }
  return Decimal(sum, x.scale());
}

std::optional<Decimal> Subtract(const Decimal& a, const Decimal& b) {
  return Add(a, b.Negated());
}

std::optional<Decimal> Multiply(const Decimal& a, const Decimal& b) {
  Decimal x = a;
  Decimal y = b;
  while (true) {
    int128 product;
    const int scale = x.scale() + y.scale();
    if (scale <= Decimal::kDigitsMax &&
        !__builtin_mul_overflow(x.coefficient(), y.coefficient(), &product) &&
        Fits(product)) {
      return Decimal(product, scale);
    }
    Decimal& finer = x.scale() >= y.scale() ? x : y;
    if (finer.scale() == 0) return std::nullopt;
    finer = *finer.Rescaled(finer.scale() - 1, Decimal::Rounding::kHalfUp);
  }
}

namespace {

struct Ratio {
  uint128 numerator;
  uint128 denominator;
  bool negative;
};

// |a| / |b| as integers, both below 3.4e37 so that a remainder times ten
// still fits.
std::optional<Ratio> AsRatio(Decimal a, Decimal b) {
  if (b.zero()) return std::nullopt;
  a = a.Stripped();
  b = b.Stripped();
  if (!Align(&a, &b) || b.zero()) return std::nullopt;
  const bool negative = a.negative() != b.negative();
  uint128 x = static_cast<uint128>(a.Abs().coefficient());
  uint128 y = static_cast<uint128>(b.Abs().coefficient());
  while (y >= static_cast<uint128>(kPowers[37]) * 3) {
    x /= 10;
    y /= 10;
  }
  return Ratio{x, y, negative};
}

}  // namespace

std::optional<Decimal> Divide(const Decimal& a, const Decimal& b) {
  const auto ratio = AsRatio(a, b);
  if (!ratio) return std::nullopt;
  uint128 quotient = ratio->numerator / ratio->denominator;
  uint128 rest = ratio->numerator % ratio->denominator;
  int scale = 0;
  constexpr uint128 kEnough = static_cast<uint128>(kPowers[16]);
  const uint128 room = static_cast<uint128>(kPowers[36]);
  while (rest != 0 && quotient < room && scale < 36 &&
         (scale < 16 || quotient < kEnough)) {
    rest *= 10;
    quotient = quotient * 10 + rest / ratio->denominator;
    rest %= ratio->denominator;
    ++scale;
  }
  if (rest >= ratio->denominator - rest && rest != 0) ++quotient;
  if (quotient >= static_cast<uint128>(kLimit)) return std::nullopt;
  const int128 value = static_cast<int128>(quotient);
  return Decimal(ratio->negative ? -value : value, scale);
}

std::optional<Decimal> DivideTruncated(const Decimal& a, const Decimal& b) {
  if (b.zero()) return std::nullopt;
  Decimal x = a;
  Decimal y = b;
  if (!Align(&x, &y) || y.zero()) return std::nullopt;
  return Decimal(x.coefficient() / y.coefficient(), 0);
}

std::optional<Decimal> Remainder(const Decimal& a, const Decimal& b) {
  if (b.zero()) return std::nullopt;
  Decimal x = a;
  Decimal y = b;
  if (!Align(&x, &y) || y.zero()) return std::nullopt;
  return Decimal(x.coefficient() % y.coefficient(), x.scale());
}

std::optional<Decimal> Power(const Decimal& a, const Decimal& exponent) {
  const auto n = exponent.ToInt64();
  if (n && *n >= 0 && *n <= 1024) {
    Decimal result(1);
    for (int64_t i = 0; i < *n; ++i) {
      auto next = Multiply(result, a);
      if (!next) return std::nullopt;
      result = *next;
      if (result.zero() ||
          (a.scale() == 0 && DigitCount(a.coefficient()) == 1 &&
           a.coefficient() == 1)) {
        return result;
      }
    }
    return result;
  }
  if (n && *n < 0 && *n >= -1024) {
    const auto positive = Power(a, Decimal(-*n));
    return positive ? Divide(Decimal(1), *positive) : std::nullopt;
  }
  if (a.zero()) return exponent.negative() ? std::nullopt : std::optional(a);
  const auto log = NaturalLog(a);
  if (!log) return std::nullopt;
  const auto product = Multiply(*log, exponent);
  return product ? Exponential(*product) : std::nullopt;
}

}  // namespace stepwell::fhirpath
