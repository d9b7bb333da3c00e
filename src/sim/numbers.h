// Internal to the simulator: functions and draws whose results are published.
// Only +, -, *, / and square roots, which IEEE 754 rounds exactly: the same
// bits on any machine, whatever its mathematical library.
#ifndef STEPWELL_SIM_NUMBERS_H_
#define STEPWELL_SIM_NUMBERS_H_

#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace stepwell::sim {

// Natural logarithm of x > 0 and exponential function: relative error below
// 1e-15 over the range that draws use.
double Log(double x);
double Exp(double x);
double ArcTangent(double x);

// The standard normal quantile of 0 < u < 1: Wichura (1988), algorithm AS 241.
double NormalQuantile(double u);

// The nearest integer, halves away from zero.
int64_t RoundToInt(double x);

// A purpose of draws by its name ("minutes/m3"): adding another purpose, item
// or patient changes no draw of this one.
uint32_t PurposeOf(std::string_view name);

// A uniform number in (0, 1).
inline double UniformOpen(const RandomWords& words) {
  const double u = Uniform01(words[0], words[1]);
  return u == 0 ? 0x1p-54 : u;
}

// A law of positive amounts; one uniform number a draw, by inversion, so that
// draws of two policies stay aligned.
struct Distribution {
  enum class Kind : uint8_t { kConstant, kUniform, kExponential, kLognormal };
  Kind kind = Kind::kConstant;
  // kConstant: the value. kUniform: from `a` to `b`. kExponential: the mean.
  // kLognormal: mean and standard deviation of the logarithm.
  double a = 0, b = 0;

  static Distribution LognormalOf(double mean, double sd);
  double Sample(double u) const;
  double Mean() const;
  bool operator==(const Distribution&) const = default;
};

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_NUMBERS_H_
