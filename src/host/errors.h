// Internal to the host: statuses that carry more than a text.
#ifndef STEPWELL_HOST_ERRORS_H_
#define STEPWELL_HOST_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"
#include "json/json.h"
#include "stepwell/issue.h"

namespace stepwell::host {

// kInvalidArgument: "the protocol has errors: ..." with every issue in its
// parts. `what` is "protocol", "instrument".
absl::Status DocumentError(std::string_view what, const Issues& issues);
// kInvalidArgument of an expression; `error_json` is {"error": {...}} as
// `stepwell eval` prints it.
absl::Status ExpressionError(std::string_view error_json);

// [{"severity","code","pointer","message","hint"}, ...]
void WriteIssues(json::Writer& w, const Issues& issues);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_ERRORS_H_
