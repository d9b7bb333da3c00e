// Internal to capi: tables on their way out as Arrow streams.
#ifndef STEPWELL_CAPI_COLUMNS_H_
#define STEPWELL_CAPI_COLUMNS_H_

#include <cstring>
#include <utility>

#include "outcome.h"
#include "stepwell/table.h"

namespace stepwell::capi {

// ArrowArrayStream is five pointers by its specification, for ever.
inline constexpr size_t kArrowStreamBytes = 5 * sizeof(void*);

// A call whose result is a stream; `body` gives StatusOr<Table> or an Outcome
// through `table`.
template <class Body>
stepwell_status StreamCall(ArrowArrayStream* out, stepwell_error** error,
                           const Body& body) noexcept {
  if (out != nullptr) {
    std::memset(static_cast<void*>(out), 0, kArrowStreamBytes);
  }
  return Guard(error, [&]() -> Outcome {
    if (out == nullptr) return Outcome::Misuse("the out-parameter is NULL");
    Table table;
    STEPWELL_CAPI_TRY(body(table));
    return ToArrowStream(std::move(table), out);
  });
}

}  // namespace stepwell::capi

#endif  // STEPWELL_CAPI_COLUMNS_H_
