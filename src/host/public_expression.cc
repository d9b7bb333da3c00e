#include "fhir/eval.h"
#include "stepwell/expression.h"

namespace stepwell {

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
