#include "base/large_pages.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstdint>

namespace stepwell {

void AskForLargePages([[maybe_unused]] const void* data,
                      [[maybe_unused]] size_t bytes) {
#ifdef MADV_HUGEPAGE
  constexpr uintptr_t kPage = uintptr_t{2} << 20;
  const auto begin = reinterpret_cast<uintptr_t>(data);
  // Whole pages within the memory, which is that of others around it.
  const uintptr_t from = (begin + kPage - 1) / kPage * kPage;
  const uintptr_t to = (begin + bytes) / kPage * kPage;
  if (bytes < 2 * kPage || from >= to) return;
  // Refused, it is as it was: small pages.
  static_cast<void>(
      madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE));
#endif
}

}  // namespace stepwell
