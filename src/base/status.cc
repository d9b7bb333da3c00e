#include "base/status.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace stepwell {
namespace {

constexpr char kPointerUrl[] = "stepwell/pointer";
constexpr char kOffsetUrl[] = "stepwell/offset";

}  // namespace

absl::Status MakeError(absl::StatusCode code, std::string_view message) {
  return absl::Status(code, ToAbsl(message));
}

absl::Status InvalidInput(std::string_view message, ErrorPlace place) {
  std::string text(message);
  if (!place.pointer.empty())
    absl::StrAppend(&text, " (at ", place.pointer, ")");
  if (place.offset) absl::StrAppend(&text, " (byte ", *place.offset, ")");
  absl::Status status(absl::StatusCode::kInvalidArgument, text);
  if (!place.pointer.empty()) {
    status.SetPayload(kPointerUrl, absl::Cord(place.pointer));
  }
  if (place.offset) {
    status.SetPayload(kOffsetUrl, absl::Cord(absl::StrCat(*place.offset)));
  }
  return status;
}

absl::Status NotFound(std::string_view message) {
  return MakeError(absl::StatusCode::kNotFound, message);
}
absl::Status Conflict(std::string_view message) {
  return MakeError(absl::StatusCode::kAborted, message);
}
absl::Status Corrupt(std::string_view message) {
  return MakeError(absl::StatusCode::kDataLoss, message);
}
absl::Status TooLarge(std::string_view message) {
  return MakeError(absl::StatusCode::kResourceExhausted, message);
}
absl::Status Precondition(std::string_view message) {
  return MakeError(absl::StatusCode::kFailedPrecondition, message);
}
absl::Status Unavailable(std::string_view message) {
  return MakeError(absl::StatusCode::kUnavailable, message);
}
absl::Status Internal(std::string_view message) {
  return MakeError(absl::StatusCode::kInternal, message);
}

ErrorPlace PlaceOf(const absl::Status& status) {
  ErrorPlace place;
  if (auto pointer = status.GetPayload(kPointerUrl)) {
    place.pointer = std::string(*pointer);
  }
  if (auto offset = status.GetPayload(kOffsetUrl)) {
    int64_t value = 0;
    if (absl::SimpleAtoi(std::string(*offset), &value)) place.offset = value;
  }
  return place;
}

absl::Status Annotate(const absl::Status& status, std::string_view prefix) {
  if (status.ok()) return status;
  absl::Status result(status.code(),
                      absl::StrCat(ToAbsl(prefix), ": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    result.SetPayload(url, payload);
  });
  return result;
}

}  // namespace stepwell
