#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "fhir/eval.h"
#include "fhir/eval_values.h"
#include "host/errors.h"
#include "stepwell/expression.h"

namespace stepwell {

namespace fp = ::stepwell::fhirpath;

namespace {

constexpr int kArgumentsMax = 16;

absl::StatusOr<std::string> ToResult(fhir::EvalAnswer answer) {
  if (!answer.ok) return host::ExpressionError(answer.json);
  return std::move(answer.json);
}

std::optional<fp::TypeId> TypeNamed(std::string_view name,
                                    fp::Kind last = fp::Kind::kTime) {
  if (name.empty()) return fp::kAnyType;
  for (int kind = 1; kind <= static_cast<int>(last); ++kind) {
    if (fp::SystemTypeName(static_cast<fp::Kind>(kind)) == name) {
      return fp::SystemTypeOf(static_cast<fp::Kind>(kind));
    }
  }
  return std::nullopt;
}

// What may be given where `name` is asked for; nothing when it is no type.
std::optional<fp::TypeSet> TypesTaken(std::string_view name) {
  const auto type = TypeNamed(name, fp::Kind::kQuantity);
  if (!type) return std::nullopt;
  if (*type == fp::kAnyType) return fp::kAnyTypes;
  fp::TypeSet types = fp::TypeBit(*type);
  if (*type == fp::kDecimalType || *type == fp::kQuantityType) {
    types |= fp::TypeBit(fp::kIntegerType) | fp::TypeBit(fp::kDecimalType);
  } else if (*type == fp::kDateTimeType) {
    types |= fp::TypeBit(fp::kDateType);
  }
  return types;
}

absl::Status DeclareTypes(const ExpressionFunction& function,
                          fp::HostFunction* out) {
  std::vector<std::string> names = function.argument_types;
  names.insert(names.begin(), function.input_type);
  for (const std::string& name : names) {
    const auto types = TypesTaken(name);
    if (!types) {
      return InvalidInput(absl::StrCat(
          "the function \"", function.name, "\" takes a \"", name,
          "\", which is no type; there are Boolean, Integer, Decimal, String, "
          "Date, DateTime, Time and Quantity"));
    }
    out->argument_types.push_back(*types);
  }
  out->input_types = out->argument_types.front();
  out->argument_types.erase(out->argument_types.begin());
  // What is not told may be anything, also after what is.
  if (!out->argument_types.empty()) {
    out->argument_types.push_back(fp::kAnyTypes);
  }
  return absl::OkStatus();
}

absl::Status CallHost(const ExpressionFunction& function, fp::TypeId type,
                      const fhir::R4Model* model, const fp::HostCall& call) {
  std::vector<std::string> arguments;
  for (const fp::Collection& argument : call.arguments) {
    arguments.push_back(
        fhir::ItemsToJson(argument.span(), call.options, model));
  }
  STEPWELL_ASSIGN_OR_RETURN(
      const std::string given,
      function.call(fhir::ItemsToJson(call.input, call.options, model),
                    arguments));
  STEPWELL_RETURN_IF_ERROR(fhir::ItemsFromJson(given, type, &call.out));
  if (!function.many && call.out.size() > 1) {
    return InvalidInput("gave several values and is declared to give one");
  }
  return absl::OkStatus();
}

// The host's function as the engine takes it.
absl::StatusOr<fp::HostFunction> ToEngine(const ExpressionFunction& function,
                                          bool r4_model) {
  const auto type = TypeNamed(function.type);
  if (function.name.empty() || !function.call || !type ||
      function.arguments_min < 0 || function.arguments_max > kArgumentsMax ||
      function.arguments_min > function.arguments_max) {
    return InvalidInput(absl::StrCat(
        "the function \"", function.name, "\" needs a name, a call, 0 to ",
        kArgumentsMax, " arguments, and a type of FHIRPath's or none"));
  }
  static const fhir::R4Model kModel;
  const fhir::R4Model* model = r4_model ? &kModel : nullptr;
  fp::HostFunction out;
  out.name = function.name;
  out.arguments_min = function.arguments_min;
  out.arguments_max = function.arguments_max;
  out.type = *type;
  out.many = function.many;
  out.definite = function.definite;
  STEPWELL_RETURN_IF_ERROR(DeclareTypes(function, &out));
  out.call = [function, type, model](const fp::HostCall& call) {
    return CallHost(function, *type, model, call);
  };
  return out;
}

class ExpressionImpl final : public Expression {
 public:
  explicit ExpressionImpl(std::unique_ptr<fhir::Evaluator> evaluator)
      : evaluator_(std::move(evaluator)) {}

  absl::StatusOr<std::string> Evaluate(
      std::optional<std::string_view> resource,
      std::optional<Instant> now) const override {
    return ToResult(evaluator_->Run(resource, now));
  }
  absl::StatusOr<std::string> Explain(
      std::optional<std::string_view> resource,
      std::optional<Instant> now) const override {
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
  if (options.variables) request.variables = *options.variables;
  request.r4_model = options.r4_model;
  for (const ExpressionFunction& function : options.functions) {
    STEPWELL_ASSIGN_OR_RETURN(fp::HostFunction given,
                              ToEngine(function, options.r4_model));
    request.functions.push_back(std::move(given));
  }
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
