// Error objects, and how an outcome becomes one.
#include "stepwell/error.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "handle.h"
#include "outcome.h"

// What a caller holds. Not tied to a process: an error may outlive a fork.
struct stepwell_error {
  std::atomic<stepwell::capi::Kind> kind{stepwell::capi::Kind::kError};
  stepwell_status status = STEPWELL_OK;
  std::string message;
  stepwell::ErrorParts parts;
  void Empty() {
    message = std::string();
    parts = stepwell::ErrorParts();
  }
};

namespace stepwell::capi {
namespace {

// The one error that must not allocate.
struct NoMemory {
  alignas(stepwell_error) unsigned char bytes[sizeof(stepwell_error)];
};
NoMemory no_memory;
constexpr char kNoMemoryText[] = "memory has run out";
constexpr char kNoMemoryJson[] =
    "{\"code\":\"no_memory\",\"message\":\"memory has run out\"}";

bool IsNoMemory(const stepwell_error* error) {
  return reinterpret_cast<const NoMemory*>(error) == &no_memory;
}

stepwell_status StatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return STEPWELL_OK;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return STEPWELL_INVALID;
    case absl::StatusCode::kNotFound:
      return STEPWELL_NOT_FOUND;
    case absl::StatusCode::kAborted:
      return STEPWELL_CONFLICT;
    case absl::StatusCode::kAlreadyExists:
      return STEPWELL_ID_USED;
    case absl::StatusCode::kFailedPrecondition:
      return STEPWELL_PRECONDITION;
    case absl::StatusCode::kResourceExhausted:
      return STEPWELL_TOO_LARGE;
    case absl::StatusCode::kDataLoss:
      return STEPWELL_CORRUPT;
    case absl::StatusCode::kUnavailable:
      return STEPWELL_UNAVAILABLE;
    case absl::StatusCode::kCancelled:
      return STEPWELL_CANCELLED;
    case absl::StatusCode::kUnimplemented:
      return STEPWELL_UNSUPPORTED;
    default:
      return STEPWELL_INTERNAL;
  }
}

// Null when it is no error of ours.
const stepwell_error* Known(const stepwell_error* error) {
  return error != nullptr &&
                 error->kind.load(std::memory_order_acquire) == Kind::kError
             ? error
             : nullptr;
}

}  // namespace

Outcome::Outcome(absl::Status status)
    : code_(StatusOf(status.code())), status_(std::move(status)) {}
Outcome::Outcome(stepwell_status code, std::string_view message)
    : code_(code),
      status_(absl::StatusCode::kUnknown,
              absl::string_view(message.data(), message.size())) {}
Outcome Outcome::Misuse(std::string_view message, std::string_view second,
                        std::string_view third) {
  std::string text(message);
  text.append(second).append(third);
  return Outcome(STEPWELL_MISUSE, text);
}
Outcome Outcome::CallbackFailed(std::string_view message) {
  return Outcome(STEPWELL_CALLBACK_FAILED, message);
}
Outcome Outcome::TooLarge(std::string_view message) {
  return Outcome(STEPWELL_TOO_LARGE, message);
}
Outcome Outcome::Internal(std::string_view message) {
  return Outcome(STEPWELL_INTERNAL, message);
}

const char* CodeWord(stepwell_status status) {
  static constexpr const char* kWords[] = {
      "ok",           "invalid",   "not_found", "conflict",        "id_used",
      "precondition", "too_large", "corrupt",   "unavailable",     "cancelled",
      "unsupported",  "no_memory", "misuse",    "callback_failed", "internal"};
  static_assert(std::size(kWords) == STEPWELL_INTERNAL + 1);
  return kWords[status];
}

stepwell_status ReportNoMemory(stepwell_error** error) noexcept {
  if (error != nullptr) {
    *error = reinterpret_cast<stepwell_error*>(&no_memory);
  }
  return STEPWELL_NO_MEMORY;
}

stepwell_status Report(const Outcome& outcome,
                       stepwell_error** error) noexcept {
  if (error == nullptr) return outcome.code();
  try {
    auto made = std::make_unique<stepwell_error>();
    made->status = outcome.code();
    made->message = std::string(outcome.status().message());
    made->parts = PartsOf(outcome.status(), CodeWord(outcome.code()));
    *error = made.release();
    return outcome.code();
  } catch (...) {
    return ReportNoMemory(error);
  }
}

Outcome HandOver(std::string_view text, char** out, size_t* len) {
  char* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  *out = copy;
  if (len != nullptr) *len = text.size();
  return {};
}

}  // namespace stepwell::capi

using stepwell::capi::CodeWord;
using stepwell::capi::IsNoMemory;
using stepwell::capi::Known;

void stepwell_string_free(char* text) noexcept { std::free(text); }

stepwell_status stepwell_error_status(const stepwell_error* error) noexcept {
  if (error == nullptr) return STEPWELL_OK;
  if (IsNoMemory(error)) return STEPWELL_NO_MEMORY;
  return Known(error) == nullptr ? STEPWELL_MISUSE : error->status;
}

const char* stepwell_error_code(const stepwell_error* error) noexcept {
  return error == nullptr ? "" : CodeWord(stepwell_error_status(error));
}

const char* stepwell_error_message(const stepwell_error* error) noexcept {
  if (error == nullptr) return "";
  if (IsNoMemory(error)) return stepwell::capi::kNoMemoryText;
  return Known(error) == nullptr ? "" : error->message.c_str();
}

const char* stepwell_error_json(const stepwell_error* error) noexcept {
  if (error == nullptr) return "";
  if (IsNoMemory(error)) return stepwell::capi::kNoMemoryJson;
  return Known(error) == nullptr ? "" : error->parts.json.c_str();
}

void stepwell_error_free(stepwell_error* error) noexcept {
  if (error == nullptr || IsNoMemory(error)) return;
  if (!stepwell::capi::MayFree(error->kind, stepwell::capi::Kind::kError)) {
    return;
  }
  stepwell::capi::Bury(error);
}
