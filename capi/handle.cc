// Kinds, forks and what happens to a handle that is misused.
#include "handle.h"

#include <pthread.h>

#include <cassert>
#include <cstdlib>
#include <mutex>

namespace stepwell::capi {
namespace {

std::atomic<uint32_t> fork_generation{0};

extern "C" void CountFork() {
  fork_generation.fetch_add(1, std::memory_order_relaxed);
}

// Whoever comes first asks to be told of forks.
std::once_flag watch_forks;

#ifndef NDEBUG
// A list of what is kept, for leak checkers to find it reachable.
struct Kept {
  const void* closed;
  Kept* next;
};
std::atomic<Kept*> kept{nullptr};
#endif

}  // namespace

const char* KindName(Kind kind) {
  switch (kind) {
    case Kind::kClosed:
      return "closed handle";
    case Kind::kError:
      return "error";
    case Kind::kProtocol:
      return "protocol";
    case Kind::kInstrument:
      return "instrument";
    case Kind::kExpression:
      return "expression";
    case Kind::kService:
      return "service";
    case Kind::kDecision:
      return "decision";
    case Kind::kSimulation:
      return "simulation";
  }
  return "";
}

uint32_t ForkGeneration() {
  std::call_once(watch_forks, [] {
    static_cast<void>(pthread_atfork(nullptr, nullptr, CountFork));
  });
  return fork_generation.load(std::memory_order_relaxed);
}

bool MayFree(std::atomic<Kind>& kind, Kind wanted) noexcept {
  Kind found = wanted;
  if (kind.compare_exchange_strong(found, Kind::kClosed,
                                   std::memory_order_acq_rel)) {
    return true;
  }
  assert(found != Kind::kClosed && "stepwell: a handle was freed twice");
  assert(found == Kind::kClosed && "stepwell: freed by another kind's free");
  return false;
}

void Keep([[maybe_unused]] const void* closed) noexcept {
#ifndef NDEBUG
  auto* entry = static_cast<Kept*>(std::malloc(sizeof(Kept)));
  if (entry == nullptr) return;
  entry->closed = closed;
  entry->next = kept.load(std::memory_order_relaxed);
  while (!kept.compare_exchange_weak(entry->next, entry,
                                     std::memory_order_acq_rel)) {
  }
#endif
}

}  // namespace stepwell::capi
