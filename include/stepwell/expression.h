// FHIRPath over FHIR R4 resources or any JSON (docs/reference/cli.md, eval).
#ifndef STEPWELL_EXPRESSION_H_
#define STEPWELL_EXPRESSION_H_

#include <functional>
#include <memory>
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

struct ExpressionOptions {
  // An expression over the resource: what it gives is the input.
  std::string context;
  // A Questionnaire (JSON text) for %questionnaire and weight().
  std::optional<std::string> questionnaire;
  bool r4_model = true;  // false: the JSON as it is, without FHIR's types
  int offset_minutes = 0;
};

// An expression that is compiled once, for many resources. Immutable; threads
// may share it. Errors carry kind and column (stepwell/error.h).
class Expression {
 public:
  static absl::StatusOr<std::shared_ptr<const Expression>> Compile(
      std::string_view expression, const ExpressionOptions& options);
  virtual ~Expression() = default;

  // `resource`: JSON text; absent = on nothing. [{"type","value"}, ...].
  virtual absl::StatusOr<std::string> Evaluate(
      std::optional<std::string_view> resource, Instant now) const = 0;
  // The tree of its parts with what each gave: {"text","column","evaluated",
  // "truth","values","error","parts": [...]}; what is absent is left out.
  virtual absl::StatusOr<std::string> Explain(
      std::optional<std::string_view> resource, Instant now) const = 0;
};

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
