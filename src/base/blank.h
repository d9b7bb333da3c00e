// Whether a text says anything.
#ifndef STEPWELL_BASE_BLANK_H_
#define STEPWELL_BASE_BLANK_H_

#include <string_view>

namespace stepwell {

// True when a reader sees nothing of it: no character, or only white space,
// control characters and marks without width (UTF-8).
bool IsBlank(std::string_view text);

}  // namespace stepwell

#endif  // STEPWELL_BASE_BLANK_H_
