// `stepwell eval`: one expression over one resource, as JSON text.
//
// A result is `[{"type": "...", "value": ...}, ...]`: type names are FHIR's
// ("boolean", "dateTime", "HumanName"), values are FHIRPath literals without
// quotes or `@`, complex elements are their JSON. A wrong or failing
// expression is `{"error": {"kind": "syntax|semantic|execution", "message":
// "...", "column": n}}`.
#ifndef STEPWELL_FHIR_EVAL_H_
#define STEPWELL_FHIR_EVAL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "fhirpath/fhirpath.h"
#include "stepwell/time.h"

namespace stepwell::fhir {

struct EvalRequest {
  std::string_view expression;
  std::optional<std::string_view> resource;  // JSON text
  // An expression over the resource; what it gives is the input. Empty: the
  // resource itself.
  std::string_view context;
  // A Questionnaire (JSON text) as %questionnaire and for weight().
  std::optional<std::string_view> questionnaire;
  // {"name": value} (JSON text): what %name stands for. An array is several
  // items; resources have FHIR's types.
  std::optional<std::string_view> variables;
  // Functions of the host; one replaces a function of FHIR's of the same name.
  std::vector<fhirpath::HostFunction> functions;
  bool r4_model = true;        // false: the JSON as it is
  std::optional<Instant> now;  // of now() and today(); absent: none asks
  int offset_minutes = 0;
  fhirpath::Limits limits;
};

struct EvalAnswer {
  bool ok = false;   // false: `json` is an error object
  std::string json;  // without a line end
};

EvalAnswer Eval(const EvalRequest& request);

// One expression for many resources: compiled once for each type of root.
// Threads may share it. Of the request, `resource` and `now` are not read.
class Evaluator {
 public:
  // Null when questionnaire or variables are no JSON; `error` then says how.
  static std::unique_ptr<Evaluator> Make(const EvalRequest& request,
                                         EvalAnswer* error);
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  // What is wrong with the expression whatever the resource; ok = nothing.
  EvalAnswer Check() const;
  // Without `now` an expression that asks for the time is an error.
  EvalAnswer Run(std::optional<std::string_view> resource,
                 std::optional<Instant> now) const;
  // {"text","column","evaluated","truth","values","error","parts":[...]}: the
  // tree of sub-expressions with what each gave; what is absent is left out.
  // Its root also has "reads": the paths that are read, "definite": places
  // that turn missing into definite ({"column","function","path"}), and
  // "uses_now".
  EvalAnswer Explain(std::optional<std::string_view> resource,
                     std::optional<Instant> now) const;

 private:
  class Session;
  struct Parts;
  explicit Evaluator(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

struct EvalBatchOptions {
  Instant now;
  int offset_minutes = 0;
  // Reads the file that a line's "resource_file" names.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read_file;
};

// One line of `eval --batch`: {"expression": "...", "resource": {...} or
// "resource_file": "...", "context": "...", "model": "r4|none",
// "questionnaire": {...}, "variables": {...}} with all but
// the expression optional. Never fails: what is wrong is in the answer.
EvalAnswer EvalLine(std::string_view line, const EvalBatchOptions& options);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_EVAL_H_
