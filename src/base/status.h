// Status helpers: errors that say what, where and what would be right.
#ifndef STEPWELL_BASE_STATUS_H_
#define STEPWELL_BASE_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stepwell {

// Where in outside bytes an error lies.
struct ErrorPlace {
  std::string pointer;            // JSON pointer; empty = whole document
  std::optional<int64_t> offset;  // byte offset from the start
};

absl::Status MakeError(absl::StatusCode code, std::string_view message);
// kInvalidArgument whose place travels as payload and is part of the text.
absl::Status InvalidInput(std::string_view message, ErrorPlace place = {});
absl::Status NotFound(std::string_view message);
absl::Status Conflict(std::string_view message);      // kAborted
absl::Status Corrupt(std::string_view message);       // kDataLoss
absl::Status TooLarge(std::string_view message);      // kResourceExhausted
absl::Status Precondition(std::string_view message);  // kFailedPrecondition
absl::Status Unavailable(std::string_view message);   // locked, disk full
absl::Status Internal(std::string_view message);

// The place a status carries, or empty fields.
ErrorPlace PlaceOf(const absl::Status& status);

// The same status with `prefix` put before its message; payloads kept.
absl::Status Annotate(const absl::Status& status, std::string_view prefix);

}  // namespace stepwell

#define STEPWELL_CONCAT_INNER_(a, b) a##b
#define STEPWELL_CONCAT_(a, b) STEPWELL_CONCAT_INNER_(a, b)

#define STEPWELL_RETURN_IF_ERROR(expr)                                    \
  do {                                                                    \
    if (absl::Status stepwell_status_ = (expr); !stepwell_status_.ok()) { \
      return stepwell_status_;                                            \
    }                                                                     \
  } while (false)

#define STEPWELL_ASSIGN_OR_RETURN(lhs, expr)                                \
  STEPWELL_ASSIGN_OR_RETURN_IMPL_(STEPWELL_CONCAT_(stepwell_or_, __LINE__), \
                                  lhs, expr)

#define STEPWELL_ASSIGN_OR_RETURN_IMPL_(var, lhs, expr) \
  auto var = (expr);                                    \
  if (!var.ok()) return var.status();                   \
  lhs = *std::move(var)

#endif  // STEPWELL_BASE_STATUS_H_
