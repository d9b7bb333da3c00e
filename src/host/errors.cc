// What a Status carries, and how it becomes JSON.
#include "host/errors.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "stepwell/error.h"

namespace stepwell {
namespace {

constexpr char kIssuesUrl[] = "stepwell/issues";
constexpr char kExpressionUrl[] = "stepwell/expression";
constexpr int kIssuesShownMax = 5;

void AddPayload(json::Writer& w, const absl::Status& status, const char* url,
                std::string_view key) {
  if (const auto payload = status.GetPayload(url)) {
    w.Key(key).Raw(std::string(*payload));
  }
}

}  // namespace

namespace host {

void WriteIssues(json::Writer& w, const Issues& issues) {
  static constexpr const char* kSeverities[] = {"error", "warning",
                                                "information"};
  w.BeginArray();
  for (const Issue& issue : issues) {
    w.BeginObject();
    w.Key("severity").String(kSeverities[static_cast<size_t>(issue.severity)]);
    w.Key("code").String(issue.code);
    w.Key("pointer").String(issue.pointer);
    w.Key("message").String(issue.message);
    if (!issue.hint.empty()) w.Key("hint").String(issue.hint);
    w.EndObject();
  }
  w.EndArray();
}

absl::Status DocumentError(std::string_view what, const Issues& issues) {
  std::string text;
  int shown = 0;
  const Issue* first = nullptr;
  for (const Issue& issue : issues) {
    if (issue.severity != Severity::kError) continue;
    if (first == nullptr) first = &issue;
    if (++shown > kIssuesShownMax) {
      absl::StrAppend(&text, "; and more");
      break;
    }
    absl::StrAppend(&text, text.empty() ? "" : "; ", issue.pointer, " ",
                    issue.message);
  }
  absl::Status status = InvalidInput(
      absl::StrCat("the ", ToAbsl(what), " has errors: ", text),
      {first == nullptr ? std::string() : first->pointer, std::nullopt});
  json::Writer w;
  WriteIssues(w, issues);
  status.SetPayload(kIssuesUrl, absl::Cord(w.Take()));
  return status;
}

absl::Status ExpressionError(std::string_view error_json) {
  const absl::StatusOr<json::Document> parsed = json::Parse(error_json);
  if (!parsed.ok()) return parsed.status();
  const json::Value error = parsed->root().Find("error");
  const json::Value message = error.Find("message");
  const json::Value column = error.Find("column");
  ErrorPlace place;
  // Columns count from 1; 0 is "not known".
  const int64_t number = column.int64_value().value_or(0);
  if (number > 0) place.offset = number - 1;
  absl::Status status = InvalidInput(
      message.is_string() ? message.string_value() : error_json, place);
  status.SetPayload(kExpressionUrl, absl::Cord(json::ToText(error)));
  return status;
}

}  // namespace host

std::string_view ErrorCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return "ok";
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return "invalid";
    case absl::StatusCode::kNotFound:
      return "not_found";
    case absl::StatusCode::kAborted:
      return "conflict";
    case absl::StatusCode::kAlreadyExists:
      return "id_used";
    case absl::StatusCode::kFailedPrecondition:
      return "precondition";
    case absl::StatusCode::kResourceExhausted:
      return "too_large";
    case absl::StatusCode::kDataLoss:
      return "corrupt";
    case absl::StatusCode::kUnavailable:
      return "unavailable";
    case absl::StatusCode::kCancelled:
      return "cancelled";
    case absl::StatusCode::kUnimplemented:
      return "unsupported";
    default:
      return "internal";
  }
}

absl::Status InvalidAt(std::string_view message, int64_t offset) {
  return InvalidInput(message, {"", offset});
}

ErrorParts PartsOf(const absl::Status& status) {
  return PartsOf(status, ErrorCode(status));
}

ErrorParts PartsOf(const absl::Status& status, std::string_view code) {
  const ErrorPlace place = PlaceOf(status);
  ErrorParts parts{place.pointer, place.offset, ""};
  json::Writer w;
  w.BeginObject();
  w.Key("code").String(code);
  w.Key("message").String(std::string(status.message()));
  if (!place.pointer.empty()) w.Key("pointer").String(place.pointer);
  if (place.offset) w.Key("offset").Int(*place.offset);
  AddPayload(w, status, kIssuesUrl, "issues");
  AddPayload(w, status, kExpressionUrl, "expression");
  w.EndObject();
  parts.json = w.Take();
  return parts;
}

}  // namespace stepwell
