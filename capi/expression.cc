// FHIRPath expressions: compiled once, evaluated and explained many times.
#include "stepwell/expression.h"

#include <memory>
#include <optional>
#include <utility>

#include "handle.h"
#include "stepwell/requests.h"
#include "text.h"

STEPWELL_CAPI_HANDLE(stepwell_expression, kExpression,
                     std::shared_ptr<const stepwell::Expression>);

using stepwell::capi::Answer;
using stepwell::capi::MakeCall;
using stepwell::capi::Outcome;
using stepwell::capi::TakeText;
using stepwell::capi::TextCall;
using stepwell::capi::Use;

namespace {

using Method = absl::StatusOr<std::string> (stepwell::Expression::*)(
    std::optional<std::string_view>, std::optional<stepwell::Instant>) const;

// Evaluate or Explain.
stepwell_status Call(Method method, const stepwell_expression* expression,
                     int64_t now_us, const char* resource_json,
                     size_t resource_len, char** result_json,
                     size_t* result_len, stepwell_error** error) {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    const Use use(expression);
    STEPWELL_CAPI_TRY(use.outcome());
    std::optional<stepwell::Instant> now;
    if (now_us != STEPWELL_NEVER) {
      STEPWELL_CAPI_TRY(stepwell::capi::TakeNow(now_us, &now.emplace()));
    }
    std::string_view text;
    STEPWELL_CAPI_TRY(
        TakeText(resource_json, resource_len, "resource_json", &text));
    std::optional<std::string_view> resource;
    if (!text.empty()) resource = text;
    return ((*use).*method)(resource, now);
  });
}

}  // namespace

stepwell_status stepwell_expression_compile(const char* expression,
                                            size_t expression_len,
                                            const char* options_json,
                                            size_t options_len,
                                            stepwell_expression** out,
                                            stepwell_error** error) noexcept {
  return MakeCall(out, error, [&](auto& value) -> Outcome {
    std::string_view text, options_text;
    STEPWELL_CAPI_TRY(
        TakeText(expression, expression_len, "expression", &text));
    STEPWELL_CAPI_TRY(
        TakeText(options_json, options_len, "options_json", &options_text));
    const auto options = stepwell::ExpressionOptionsFromJson(options_text);
    if (!options.ok()) return options.status();
    auto compiled = stepwell::Expression::Compile(text, *options);
    if (!compiled.ok()) return compiled.status();
    value = *std::move(compiled);
    return {};
  });
}

stepwell_status stepwell_expression_evaluate(
    const stepwell_expression* expression, int64_t now_us,
    const char* resource_json, size_t resource_len, char** result_json,
    size_t* result_len, stepwell_error** error) noexcept {
  return Call(&stepwell::Expression::Evaluate, expression, now_us,
              resource_json, resource_len, result_json, result_len, error);
}

stepwell_status stepwell_expression_explain(
    const stepwell_expression* expression, int64_t now_us,
    const char* resource_json, size_t resource_len, char** result_json,
    size_t* result_len, stepwell_error** error) noexcept {
  return Call(&stepwell::Expression::Explain, expression, now_us, resource_json,
              resource_len, result_json, result_len, error);
}

void stepwell_expression_free(stepwell_expression* expression) noexcept {
  stepwell::capi::Free(expression);
}
