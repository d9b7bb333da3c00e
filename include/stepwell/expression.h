// FHIRPath over FHIR R4 resources or any JSON (docs/reference/fhirpath.md).
#ifndef STEPWELL_EXPRESSION_H_
#define STEPWELL_EXPRESSION_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// A function of the host. Pure: the same arguments give the same values, and
// nothing is read or written. It may be called by several threads at once.
struct ExpressionFunction {
  std::string name;
  int arguments_min = 0;
  int arguments_max = 0;
  // Of its values: "Boolean", "Integer", "Decimal", "String", "Date",
  // "DateTime" or "Time"; empty: they are what they are, and are not checked
  // when an expression is compiled.
  std::string type;
  bool many = false;  // may give more than one value
  // True when it gives a value where its input is missing.
  bool definite = false;
  // `input` and each argument are what Evaluate gives. The result is a JSON
  // array of booleans, numbers and texts.
  std::function<absl::StatusOr<std::string>(
      std::string_view input, const std::vector<std::string>& arguments)>
      call;
  // What an item of its input, and of each argument in turn, is: named as
  // `type` is, "Quantity" too; empty or left out: anything. A number may stand
  // for a Decimal or a Quantity. An expression that gives it anything else does
  // not compile.
  std::string input_type;
  std::vector<std::string> argument_types;
};

struct ExpressionOptions {
  // An expression over the resource: what it gives is the input.
  std::string context;
  // A Questionnaire (JSON text) for %questionnaire and weight().
  std::optional<std::string> questionnaire;
  // {"name": value} (JSON text): what %name stands for. An array is several
  // items, null none; resources have FHIR's types.
  std::optional<std::string> variables;
  // One replaces a function of FHIR's of the same name, conformsTo() and
  // memberOf() too; those of FHIRPath itself cannot be replaced.
  std::vector<ExpressionFunction> functions;
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

  // `resource`: JSON text; absent = on nothing. `now`: what now() and today()
  // give; absent = an expression that asks for the time is an error.
  // [{"type","value"}, ...].
  virtual absl::StatusOr<std::string> Evaluate(
      std::optional<std::string_view> resource,
      std::optional<Instant> now = std::nullopt) const = 0;
  // The tree of its parts with what each gave: {"text","column","evaluated",
  // "truth","values","error","parts": [...]}; what is absent is left out. The
  // root also has "reads": the paths that are read; "definite": the places
  // that turn what is missing into something definite, {"column","function",
  // "path"}; and "uses_now".
  virtual absl::StatusOr<std::string> Explain(
      std::optional<std::string_view> resource,
      std::optional<Instant> now = std::nullopt) const = 0;
};

struct ExpressionLineOptions {
  Instant now;
  int offset_minutes = 0;
  // Reads the file that a line's "resource_file" names.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read_file;
};

// One line of a batch: {"expression": ..., "resource": {...} or
// "resource_file": ..., "context": ..., "model": "r4|none", "questionnaire":
// {...}, "variables": {...}}.
ExpressionAnswer EvaluateExpressionLine(std::string_view line,
                                        const ExpressionLineOptions& options);

}  // namespace stepwell

#endif  // STEPWELL_EXPRESSION_H_
