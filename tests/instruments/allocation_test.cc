// The hot path of scoring does not allocate. This file replaces operator new
// of the test program to count; under AddressSanitizer, which has its own, the
// test is skipped.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "instruments/score.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// GCC looks through the inlined operators and takes malloc and free apart.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
namespace {
std::atomic<long> g_allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  ++g_allocations;
  if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
#endif

namespace stepwell::instruments {
namespace {

TEST(Allocations, ScoringTheShortFormsAllocatesNothing) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer has its own operator new";
#else
  for (const char* id : {"phq-9", "gad-7", "wsas", "risk-screen"}) {
    const auto instrument = *LoadCatalogueInstrument(id);
    const long before = g_allocations;
    Answers answers(*instrument);
    for (uint16_t i = 0; i < answers.size(); ++i) answers.SetValue(i, 1);
    const ScoreResult result = Score(*instrument, answers.view());
    EXPECT_EQ(g_allocations, before) << id;
    EXPECT_TRUE(result.complete) << id;
  }
#endif
}

}  // namespace
}  // namespace stepwell::instruments
