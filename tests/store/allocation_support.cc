#include "store/allocation_support.h"

#include <cstdlib>
#include <new>

namespace stepwell::store {
namespace {

thread_local int countdown = 0;  // 0 = none fails
thread_local bool met = false;

}  // namespace

void FailAllocation(int n) {
  countdown = n;
  met = false;
}

bool AllocationFailed() {
  countdown = 0;
  return met;
}

static bool Fails() {
  if (countdown == 0 || --countdown > 0) return false;
  met = true;
  return true;
}

}  // namespace stepwell::store

void* operator new(size_t size) {
  void* const place =
      stepwell::store::Fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (place == nullptr) throw std::bad_alloc();
  return place;
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, size_t) noexcept { std::free(place); }
