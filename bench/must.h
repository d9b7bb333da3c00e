// What benchmarks do where something fails.
#ifndef STEPWELL_BENCH_MUST_H_
#define STEPWELL_BENCH_MUST_H_

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace stepwell {

[[noreturn]] inline void Die(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::abort();
}

template <class T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) Die(std::string(result.status().message()));
  return *std::move(result);
}

}  // namespace stepwell

#endif  // STEPWELL_BENCH_MUST_H_
