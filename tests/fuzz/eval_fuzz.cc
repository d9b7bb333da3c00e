// An expression, a blank line and a resource, all of any bytes: a value, an
// error or an issue, within limits, and the same again. With FHIR's types and
// without, with the resource as its own questionnaire, and explained.
// tools/fuzz/fhirpath_seeds.py makes seeds of the official suite.
// room: fhir
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fhir/eval.h"

namespace {

using stepwell::fhir::EvalAnswer;
using stepwell::fhir::EvalRequest;
using stepwell::fhir::Evaluator;

void Require(bool holds) {
  if (!holds) std::abort();
}

void Check(const EvalAnswer& answer) {
  Require(answer.json.rfind(answer.ok ? "[" : "{\"error\":{", 0) == 0);
}

void Try(EvalRequest request) {
  request.now = stepwell::Instant{1'767'225'600'000'000};
  request.limits = {.steps_max = 20'000, .items_max = 5'000};
  EvalAnswer error;
  const auto evaluator = Evaluator::Make(request, &error);
  if (evaluator == nullptr) return Check(error);
  (void)evaluator->Check();
  const EvalAnswer answer = evaluator->Run(request.resource, request.now);
  Check(answer);
  const EvalAnswer again = evaluator->Run(request.resource, request.now);
  Require(answer.ok == again.ok && answer.json == again.json);
  (void)evaluator->Explain(request.resource, request.now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t blank = text.find("\n\n");
  EvalRequest request;
  request.expression = text.substr(0, blank);
  if (blank != std::string_view::npos) {
    request.resource = text.substr(blank + 2);
  }
  Try(request);
  request.r4_model = false;
  Try(request);
  if (request.resource && size % 4 == 0) {
    request.r4_model = true;
    request.questionnaire = request.resource;
    Try(request);
  }
  return 0;
}
