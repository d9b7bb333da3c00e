// Simulation: plans checked, studies run, results as JSON and as columns.
#include "stepwell/simulation.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "columns.h"
#include "fields.h"
#include "handle.h"
#include "stepwell/requests.h"
#include "stepwell/tables.h"
#include "text.h"

STEPWELL_CAPI_HANDLE(stepwell_simulation, kSimulation,
                     std::unique_ptr<const stepwell::SimulationResult>);

using stepwell::capi::Answer;
using stepwell::capi::MakeCall;
using stepwell::capi::Outcome;
using stepwell::capi::TakeText;
using stepwell::capi::TextCall;
using stepwell::capi::Use;

namespace {

Outcome TakeSimulation(const stepwell_simulation_options* given,
                       stepwell_simulation_options* known,
                       stepwell::SimulationOptions* out) {
  if (given == nullptr) return Outcome::Misuse("options is NULL");
  STEPWELL_CAPI_TRY(stepwell::capi::TakeOptions(given, "options", known));
  if (known->flags != 0) {
    return Outcome::Misuse("options->flags has bits that nobody knows");
  }
  std::string_view protocol, plan, set;
  STEPWELL_CAPI_TRY(TakeText(known->protocol, known->protocol_len,
                             "options->protocol", &protocol));
  STEPWELL_CAPI_TRY(
      TakeText(known->plan, known->plan_len, "options->plan", &plan));
  STEPWELL_CAPI_TRY(
      TakeText(known->set_json, known->set_len, "options->set_json", &set));
  auto settings = stepwell::PlanSettingsFromJson(set);
  if (!settings.ok()) return settings.status();
  out->protocol = std::string(protocol);
  out->plan = std::string(plan);
  out->set = *std::move(settings);
  out->seed = known->seed;
  if (known->replications != 0) out->replications = known->replications;
  if (known->threads != 0) out->threads = known->threads;
  return {};
}

// The host's callback. Once it threw it is not called again.
struct Progress {
  stepwell_progress_callback callback;
  void* user_data;
  bool* threw;

  bool operator()(uint64_t done, uint64_t total) const {
    if (*threw) return false;
    try {
      return callback(user_data, done, total) == 0;
    } catch (...) {
      *threw = true;
      return false;
    }
  }
};

}  // namespace

stepwell_status stepwell_simulation_check(
    const stepwell_simulation_options* options, char** result_json,
    size_t* result_len, stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    stepwell_simulation_options known;
    stepwell::SimulationOptions study;
    STEPWELL_CAPI_TRY(TakeSimulation(options, &known, &study));
    const auto check = stepwell::CheckPlan(study);
    if (!check.ok()) return check.status();
    return ToJson(*check);
  });
}

stepwell_status stepwell_simulation_run(
    const stepwell_simulation_options* options,
    stepwell_simulation** simulation, stepwell_error** error) noexcept {
  return MakeCall(simulation, error, [&](auto& value) -> Outcome {
    stepwell_simulation_options known;
    stepwell::SimulationOptions study;
    STEPWELL_CAPI_TRY(TakeSimulation(options, &known, &study));
    bool threw = false;
    if (known.progress != nullptr) {
      study.progress = Progress{known.progress, known.user_data, &threw};
    }
    std::optional<Use<stepwell_simulation>> against;
    if (known.against != nullptr) {
      against.emplace(known.against);
      STEPWELL_CAPI_TRY(against->outcome());
      study.against = &**against;
    }
    auto result = stepwell::Simulate(study);
    if (threw) {
      return Outcome::CallbackFailed("the progress callback threw");
    }
    if (!result.ok()) return result.status();
    value =
        std::make_unique<const stepwell::SimulationResult>(*std::move(result));
    return {};
  });
}

stepwell_status stepwell_simulation_result(
    const stepwell_simulation* simulation, char** result_json,
    size_t* result_len, stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    const Use use(simulation);
    STEPWELL_CAPI_TRY(use.outcome());
    return ToJson(*use);
  });
}

stepwell_status stepwell_simulation_table(const stepwell_simulation* simulation,
                                          const char* table, size_t table_len,
                                          ArrowArrayStream* out,
                                          stepwell_error** error) noexcept {
  return stepwell::capi::StreamCall(
      out, error, [&](stepwell::Table& made) -> Outcome {
        const Use use(simulation);
        STEPWELL_CAPI_TRY(use.outcome());
        std::string_view name;
        STEPWELL_CAPI_TRY(TakeText(table, table_len, "table", &name));
        auto found = stepwell::SimulationTable(*use, name);
        if (!found.ok()) return found.status();
        made = *std::move(found);
        return {};
      });
}

void stepwell_simulation_free(stepwell_simulation* simulation) noexcept {
  stepwell::capi::Free(simulation);
}
