// Internal to the store room: what every store checks about a commit before
// it looks at its own contents, and how a failed check is told.
#ifndef STEPWELL_STORE_REQUEST_H_
#define STEPWELL_STORE_REQUEST_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "store/store.h"

namespace stepwell::store {

// kInvalidArgument with the place in the request that breaks a rule.
absl::Status CheckRequest(const CommitRequest& request);

// kAborted that CheckFailureOf can read.
absl::Status FailCheck(FailedCheck check, size_t index,
                       std::string_view message);

// The same words for the same failure in every store.
absl::Status CommandExists(const CommandRow& row);
absl::Status VersionMoved(FailedCheck check, size_t index,
                          const StreamCheck& wanted,
                          std::optional<uint64_t> found);
absl::Status ExternalIdTaken(size_t index, const ExternalIdRow& row);
absl::Status EffectPending(size_t index, uint64_t effect);

// The counter's value after `write`, or kAborted (bounds, overflow).
absl::StatusOr<int64_t> ChangedCounter(size_t index, const CounterWrite& write,
                                       int64_t value);

}  // namespace stepwell::store

#endif  // STEPWELL_STORE_REQUEST_H_
