// Counts what a program allocates. Include it in one source file of it only:
// it replaces the operators.
#ifndef STEPWELL_BENCH_ALLOCATIONS_H_
#define STEPWELL_BENCH_ALLOCATIONS_H_

#if defined(__GNUC__) && !defined(__clang__)
// The operators are a pair; inlined, gcc 12 takes them apart.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <new>

namespace stepwell {

inline size_t allocations = 0;

// Puts the allocations an iteration made into `state`, from here to the end of
// the block.
class CountAllocations {
 public:
  explicit CountAllocations(benchmark::State& state)
      : state_(state), before_(allocations) {}
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;
  ~CountAllocations() {
    state_.counters["allocations"] =
        benchmark::Counter(static_cast<double>(allocations - before_),
                           benchmark::Counter::kAvgIterations);
  }

 private:
  benchmark::State& state_;
  size_t before_;
};

}  // namespace stepwell

void* operator new(size_t size) {
  ++stepwell::allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

#endif  // STEPWELL_BENCH_ALLOCATIONS_H_
