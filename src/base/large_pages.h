// Memory of large tables.
#ifndef STEPWELL_BASE_LARGE_PAGES_H_
#define STEPWELL_BASE_LARGE_PAGES_H_

#include <cstddef>

namespace stepwell {

// Says that so many bytes are about to be filled from one end to the other: on
// Linux the kernel then gives them in large pages, if whoever runs it lets it.
// Nothing follows for what is in them. Less than 4 MiB is left as it is.
void AskForLargePages(const void* data, size_t bytes);

}  // namespace stepwell

#endif  // STEPWELL_BASE_LARGE_PAGES_H_
