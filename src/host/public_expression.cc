#include <utility>

#include "fhir/eval.h"
#include "host/errors.h"
#include "stepwell/expression.h"

namespace stepwell {
namespace {

absl::StatusOr<std::string> ToResult(fhir::EvalAnswer answer) {
  if (!answer.ok) return host::ExpressionError(answer.json);
  return std::move(answer.json);
}

class ExpressionImpl final : public Expression {
 public:
  explicit ExpressionImpl(std::unique_ptr<fhir::Evaluator> evaluator)
      : evaluator_(std::move(evaluator)) {}

  absl::StatusOr<std::string> Evaluate(std::optional<std::string_view> resource,
                                       Instant now) const override {
    return ToResult(evaluator_->Run(resource, now));
  }
  absl::StatusOr<std::string> Explain(std::optional<std::string_view> resource,
                                      Instant now) const override {
    return ToResult(evaluator_->Explain(resource, now));
  }

 private:
  std::unique_ptr<fhir::Evaluator> evaluator_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Expression>> Expression::Compile(
    std::string_view expression, const ExpressionOptions& options) {
  fhir::EvalRequest request;
  request.expression = expression;
  request.context = options.context;
  if (options.questionnaire) request.questionnaire = *options.questionnaire;
  request.r4_model = options.r4_model;
  request.offset_minutes = options.offset_minutes;
  fhir::EvalAnswer answer;
  auto evaluator = fhir::Evaluator::Make(request, &answer);
  if (evaluator != nullptr) answer = evaluator->Check();
  if (!answer.ok) return host::ExpressionError(answer.json);
  return std::make_shared<const ExpressionImpl>(std::move(evaluator));
}

ExpressionAnswer EvaluateExpression(const ExpressionRequest& request) {
  fhir::EvalRequest eval;
  eval.expression = request.expression;
  if (request.resource) eval.resource = *request.resource;
  eval.context = request.context;
  if (request.questionnaire) eval.questionnaire = *request.questionnaire;
  eval.r4_model = request.r4_model;
  eval.now = request.now;
  eval.offset_minutes = request.offset_minutes;
  fhir::EvalAnswer answer = fhir::Eval(eval);
  return {answer.ok, std::move(answer.json)};
}

ExpressionAnswer EvaluateExpressionLine(std::string_view line,
                                        const ExpressionLineOptions& options) {
  fhir::EvalBatchOptions batch;
  batch.now = options.now;
  batch.offset_minutes = options.offset_minutes;
  batch.read_file = options.read_file;
  fhir::EvalAnswer answer = fhir::EvalLine(line, batch);
  return {answer.ok, std::move(answer.json)};
}

}  // namespace stepwell
