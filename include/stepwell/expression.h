// FHIRPath over FHIR R4 resources or any JSON (docs/reference/cli.md, eval).
#ifndef STEPWELL_EXPRESSION_H_
#define STEPWELL_EXPRESSION_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "stepwell/time.h"

namespace stepwell {

struct ExpressionRequest {
  std::string expression;
  std::optional<std::string> resource;  // JSON text
  // An expression over the resource: what it gives is the input.
  std::string context;
  // A Questionnaire (JSON text) for %questionnaire and weight().
  std::optional<std::string> questionnaire;
  bool r4_model = true;  // false: the JSON as it is, without FHIR's types
  Instant now;           // of now() and today()
  int offset_minutes = 0;
};

struct ExpressionAnswer {
  bool ok = false;   // false: `json` is {"error": {"kind","message","column"}}
  std::string json;  // [{"type": ..., "value": ...}, ...]
};

ExpressionAnswer EvaluateExpression(const ExpressionRequest& request);

struct ExpressionLineOptions {
  Instant now;
  int offset_minutes = 0;
  // Reads the file that a line's "resource_file" names.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read_file;
};

// One line of a batch: {"expression": ..., "resource": {...} or
// "resource_file": ..., "context": ..., "model": "r4|none"}.
ExpressionAnswer EvaluateExpressionLine(std::string_view line,
                                        const ExpressionLineOptions& options);

}  // namespace stepwell

#endif  // STEPWELL_EXPRESSION_H_
