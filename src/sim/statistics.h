// Internal to the simulator: what is said about the values of replications.
#ifndef STEPWELL_SIM_STATISTICS_H_
#define STEPWELL_SIM_STATISTICS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace stepwell::sim {

// The quantile of Student's t with `df` >= 1 degrees of freedom for
// 0.5 < p < 1, from its closed distribution function.
double StudentT(double p, int df);

struct Interval {
  double mean = 0;
  // Absent with fewer than two values.
  std::optional<double> low, high, standard_error;
};
// The mean of independent values with its interval; `values` is not empty.
Interval MeanInterval(std::span<const double> values, double level = 0.95);

// What a value can be at all.
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
// The ends that lie outside drawn to the limits. What is cut off cannot be, so
// the interval covers as often as Student's does.
Interval Within(Interval interval, const Limits& limits);

// Where a series has settled: MSER-5 (White, Cobb, Spratt 2000). Batches of
// five; as many of the first half are dropped as make the standard error of
// what is left smallest.
struct Truncation {
  size_t batches = 0;
  double mser = 0;
  bool at_limit = false;  // the best cut is the last one allowed
};
std::optional<Truncation> Mser5(std::span<const double> series);

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_STATISTICS_H_
