// Bridges between std::string_view and Debian's absl::string_view, which are
// different types there.
#ifndef STEPWELL_BASE_STRINGS_H_
#define STEPWELL_BASE_STRINGS_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace stepwell {

inline absl::string_view ToAbsl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

inline std::string_view ToStd(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

}  // namespace stepwell

#endif  // STEPWELL_BASE_STRINGS_H_
