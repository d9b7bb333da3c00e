#include "sim/statistics.h"

#include <algorithm>
#include <cmath>

#include "sim/numbers.h"

namespace stepwell::sim {
namespace {

constexpr double kPi = 0x1.921fb54442d18p+1;
constexpr size_t kBatch = 5;

// P(|T| <= t): Abramowitz and Stegun 26.7.3 and 26.7.4.
double WithinT(double t, int df) {
  const double n = df;
  const double sine = t / std::sqrt(n + t * t);
  const double cosine2 = n / (n + t * t);
  double term = 1, sum = 0;
  if (df % 2 == 0) {
    for (int k = 0; k < df; k += 2) {
      sum += term;
      term *= cosine2 * (k + 1) / (k + 2);
    }
    return sine * sum;
  }
  for (int k = 1; k < df; k += 2) {
    sum += term;
    term *= cosine2 * (k + 1) / (k + 2);
  }
  const double angle = ArcTangent(t / std::sqrt(n));
  return 2 / kPi * (angle + sine * std::sqrt(cosine2) * sum);
}

}  // namespace

double StudentT(double p, int df) {
  const double within = 2 * p - 1;
  double low = 0, high = 2;
  while (WithinT(high, df) < within && high < 1e9) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    (WithinT(middle, df) < within ? low : high) = middle;
  }
  return (low + high) / 2;
}

Interval MeanInterval(std::span<const double> values, double level) {
  Interval interval;
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  interval.mean = sum / n;
  if (values.size() < 2) return interval;
  double squares = 0;
  for (const double value : values) {
    squares += (value - interval.mean) * (value - interval.mean);
  }
  const double error = std::sqrt(squares / (n - 1) / n);
  const double half =
      error * StudentT((1 + level) / 2, static_cast<int>(values.size()) - 1);
  interval.standard_error = error;
  interval.low = interval.mean - half;
  interval.high = interval.mean + half;
  return interval;
}

Interval Within(Interval interval, const Limits& limits) {
  if (interval.low) interval.low = std::max(*interval.low, limits.low);
  if (interval.high) interval.high = std::min(*interval.high, limits.high);
  return interval;
}

std::optional<Truncation> Mser5(std::span<const double> series) {
  std::vector<double> means;
  for (size_t i = 0; i + kBatch <= series.size(); i += kBatch) {
    double sum = 0;
    for (size_t k = 0; k < kBatch; ++k) sum += series[i + k];
    means.push_back(sum / kBatch);
  }
  if (means.size() < 2) return std::nullopt;
  // From the end, so that each cut costs one step.
  const size_t last = means.size() / 2;
  std::optional<Truncation> best;
  double sum = 0, squares = 0;
  for (size_t cut = means.size(); cut-- > 0;) {
    sum += means[cut];
    squares += means[cut] * means[cut];
    if (cut > last) continue;
    const double n = static_cast<double>(means.size() - cut);
    const double mser = (squares - sum * sum / n) / (n * n);
    if (!best || mser <= best->mser) best = Truncation{cut, mser, cut == last};
  }
  return best;
}

}  // namespace stepwell::sim
