// What a Status of this library carries beyond its text: for surfaces that
// hand errors on (the C interface, the command line).
#ifndef STEPWELL_ERROR_H_
#define STEPWELL_ERROR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace stepwell {

// The stable word for a status: "invalid", "not_found", "conflict", "id_used",
// "precondition", "too_large", "corrupt", "unavailable", "cancelled",
// "unsupported", "internal"; "ok".
std::string_view ErrorCode(const absl::Status& status);

struct ErrorParts {
  std::string pointer;            // JSON pointer; empty = none
  std::optional<int64_t> offset;  // byte of the text
  // {"code","message","pointer","offset"} and what only some errors have:
  // "issues" (of a document, docs/reference/cli.md), "expression" ({"kind",
  // "message","column"}).
  std::string json;
};
ErrorParts PartsOf(const absl::Status& status);
// The same under another word than the status's own.
ErrorParts PartsOf(const absl::Status& status, std::string_view code);

// kInvalidArgument at a byte of the text that was given.
absl::Status InvalidAt(std::string_view message, int64_t offset);

}  // namespace stepwell

#endif  // STEPWELL_ERROR_H_
