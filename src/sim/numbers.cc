#include "sim/numbers.h"

#include <bit>
#include <cmath>

namespace stepwell::sim {
namespace {

// ln 2 in two parts: the first has trailing zeros, so that n * it is exact.
constexpr double kLn2High = 0x1.62e42fee00000p-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kHalfPi = 0x1.921fb54442d18p+0;

// 2^n for a normal result.
double PowerOfTwo(int n) {
  return std::bit_cast<double>(static_cast<uint64_t>(n + 1023) << 52);
}

double Polynomial(const double* c, int degree, double x) {
  double sum = c[degree];
  for (int i = degree - 1; i >= 0; --i) sum = sum * x + c[i];
  return sum;
}

}  // namespace

double Log(double x) {
  // x = m * 2^n with m in [sqrt(1/2), sqrt(2)): ln x = n ln 2 + ln m.
  uint64_t bits = std::bit_cast<uint64_t>(x);
  int n = static_cast<int>(bits >> 52) - 1023;
  double m =
      std::bit_cast<double>((bits & 0xFFFFFFFFFFFFFull) | uint64_t{1023} << 52);
  if (m > 0x1.6a09e667f3bcdp+0) {
    m *= 0.5;
    ++n;
  }
  // ln m = 2 artanh(s) = 2 (s + s^3/3 + s^5/5 + ...), |s| <= 0.1716. The terms
  // from s^3 on stand in pairs, so that they are computed side by side.
  const double s = (m - 1) / (m + 1);
  const double z = s * s, z2 = z * z, z4 = z2 * z2;
  const double low = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
  const double middle =
      (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));
  const double high = 1.0 / 19 + z * (1.0 / 21);
  const double sum = z * (low + z4 * (middle + z4 * high));
  return n * kLn2High + (2 * s + (2 * s * sum + n * kLn2Low));
}

double Exp(double x) {
  if (x > 700) x = 700;
  if (x < -700) return 0;
  const int n = static_cast<int>(RoundToInt(x / (kLn2High + kLn2Low)));
  const double r = (x - n * kLn2High) - n * kLn2Low;  // |r| <= 0.35
  // 1 + r + r^2/2! + ... + r^14/14!, in pairs.
  const double r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
  const double a = 0.5 + r * (1.0 / 6);
  const double b =
      (1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040));
  const double c = (1.0 / 40320 + r * (1.0 / 362880)) +
                   r2 * (1.0 / 3628800 + r * (1.0 / 39916800));
  const double d =
      1.0 / 479001600 + r * (1.0 / 6227020800.0) + r2 * (1.0 / 87178291200.0);
  const double tail = r2 * a + r4 * b + r8 * (c + r4 * d);
  return (1 + (r + tail)) * PowerOfTwo(n);
}

double ArcTangent(double x) {
  if (x < 0) return -ArcTangent(-x);
  if (x > 1) return kHalfPi - ArcTangent(1 / x);
  // Twice: atan x = 2 atan(x / (1 + sqrt(1 + x^2))), down to |x| <= 0.2.
  const double half = x / (1 + std::sqrt(1 + x * x));
  const double quarter = half / (1 + std::sqrt(1 + half * half));
  const double z = quarter * quarter;
  // z - z^3/3 + z^5/5 - ..., from its small end.
  double sum = 0;
  for (int k = 25; k >= 1; k -= 2) sum = 1.0 / k - z * sum;
  return 4 * quarter * sum;
}

double NormalQuantile(double u) {
  static constexpr double kA[] = {
      3.3871328727963666080e0,  1.3314166789178437745e+2,
      1.9715909503065514427e+3, 1.3731693765509461125e+4,
      4.5921953931549871457e+4, 6.7265770927008700853e+4,
      3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static constexpr double kB[] = {1.0,
                                  4.2313330701600911252e+1,
                                  6.8718700749205790830e+2,
                                  5.3941960214247511077e+3,
                                  2.1213794301586595867e+4,
                                  3.9307895800092710610e+4,
                                  2.8729085735721942674e+4,
                                  5.2264952788528545610e+3};
  static constexpr double kC[] = {
      1.42343711074968357734e0,  4.63033784615654529590e0,
      5.76949722146069140550e0,  3.64784832476320460504e0,
      1.27045825245236838258e0,  2.41780725177450611770e-1,
      2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr double kD[] = {1.0,
                                  2.05319162663775882187e0,
                                  1.67638483018380384940e0,
                                  6.89767334985100004550e-1,
                                  1.48103976427480074590e-1,
                                  1.51986665636164571966e-2,
                                  5.47593808499534494600e-4,
                                  1.05075007164441684324e-9};
  static constexpr double kE[] = {
      6.65790464350110377720e0,  5.46378491116411436990e0,
      1.78482653991729133580e0,  2.96560571828504891230e-1,
      2.65321895265761230930e-2, 1.24266094738807843860e-3,
      2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr double kF[] = {1.0,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};
  const double q = u - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * Polynomial(kA, 7, r) / Polynomial(kB, 7, r);
  }
  double r = std::sqrt(-Log(q < 0 ? u : 1 - u));
  double value = 0;
  if (r <= 5) {
    r -= 1.6;
    value = Polynomial(kC, 7, r) / Polynomial(kD, 7, r);
  } else {
    r -= 5;
    value = Polynomial(kE, 7, r) / Polynomial(kF, 7, r);
  }
  return q < 0 ? -value : value;
}

int64_t RoundToInt(double x) {
  return static_cast<int64_t>(x < 0 ? x - 0.5 : x + 0.5);
}

uint32_t PurposeOf(std::string_view name) {
  uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  }
  return hash;
}

Distribution Distribution::LognormalOf(double mean, double sd) {
  const double ratio = sd / mean;
  const double variance = Log(1 + ratio * ratio);
  return {Kind::kLognormal, Log(mean) - variance / 2, std::sqrt(variance)};
}

double Distribution::Sample(double u) const {
  switch (kind) {
    case Kind::kConstant:
      return a;
    case Kind::kUniform:
      return a + (b - a) * u;
    case Kind::kExponential:
      return -a * Log(1 - u);
    case Kind::kLognormal:
      return Exp(a + b * NormalQuantile(u));
  }
  return a;
}

double Distribution::Mean() const {
  switch (kind) {
    case Kind::kUniform:
      return (a + b) / 2;
    case Kind::kLognormal:
      return Exp(a + b * b / 2);
    default:
      return a;
  }
}

}  // namespace stepwell::sim
