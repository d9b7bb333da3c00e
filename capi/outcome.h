// Internal to capi: how a call went, before it becomes a stepwell_status.
#ifndef STEPWELL_CAPI_OUTCOME_H_
#define STEPWELL_CAPI_OUTCOME_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "stepwell.h"

namespace stepwell::capi {

class Outcome {
 public:
  Outcome() = default;
  Outcome(absl::Status status);  // NOLINT(google-explicit-constructor)
  // The parts become one message. Out of line: gcc 12 misreads such texts
  // where they are put together inline.
  static Outcome Misuse(std::string_view message, std::string_view second = {},
                        std::string_view third = {});
  static Outcome CallbackFailed(std::string_view message);
  static Outcome TooLarge(std::string_view message);
  static Outcome Internal(std::string_view message);

  bool ok() const { return code_ == STEPWELL_OK; }
  stepwell_status code() const { return code_; }
  const absl::Status& status() const { return status_; }

 private:
  Outcome(stepwell_status code, std::string_view message);
  stepwell_status code_ = STEPWELL_OK;
  absl::Status status_;
};

// A text, or why there is none.
struct Answer {
  Outcome outcome;
  std::string text;
  Answer(std::string given) : text(std::move(given)) {}        // NOLINT
  Answer(Outcome failed) : outcome(std::move(failed)) {}       // NOLINT
  Answer(absl::Status failed) : outcome(std::move(failed)) {}  // NOLINT
  Answer(absl::StatusOr<std::string> either)                   // NOLINT
      : outcome(either.status()) {
    if (either.ok()) text = *std::move(either);
  }
};

// The stable word for a status.
const char* CodeWord(stepwell_status status);

// Puts an error into *error (if wanted) and gives its status back. Out of
// memory ends in an error that needs none.
stepwell_status Report(const Outcome& outcome, stepwell_error** error) noexcept;
stepwell_status ReportNoMemory(stepwell_error** error) noexcept;

// Runs one call: nothing that `body` throws gets out.
template <class Body>
stepwell_status Guard(stepwell_error** error, const Body& body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    const Outcome outcome = body();
    return outcome.ok() ? STEPWELL_OK : Report(outcome, error);
  } catch (const std::bad_alloc&) {
    return ReportNoMemory(error);
  } catch (const std::exception& caught) {
    return Report(Outcome::Internal(caught.what()), error);
  } catch (...) {
    return Report(Outcome::Internal("an unknown exception"), error);
  }
}

// A copy for the caller; `len` may be null.
Outcome HandOver(std::string_view text, char** out, size_t* len);

// A call whose result is a text.
template <class Body>
stepwell_status TextCall(char** out, size_t* len, stepwell_error** error,
                         const Body& body) noexcept {
  if (out != nullptr) *out = nullptr;
  if (len != nullptr) *len = 0;
  return Guard(error, [&]() -> Outcome {
    if (out == nullptr) return Outcome::Misuse("the out-parameter is NULL");
    const Answer answer = body();
    if (!answer.outcome.ok()) return answer.outcome;
    return HandOver(answer.text, out, len);
  });
}

}  // namespace stepwell::capi

// Returns the outcome of `expr` when it is a failure.
#define STEPWELL_CAPI_TRY(expr)                            \
  do {                                                     \
    ::stepwell::capi::Outcome stepwell_outcome_ = (expr);  \
    if (!stepwell_outcome_.ok()) return stepwell_outcome_; \
  } while (false)

#endif  // STEPWELL_CAPI_OUTCOME_H_
