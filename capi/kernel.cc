// The pure kernel: decisions without a store.
#include "stepwell/kernel.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fields.h"
#include "handle.h"
#include "protocol.h"
#include "text.h"

STEPWELL_CAPI_HANDLE(stepwell_decision, kDecision,
                     std::unique_ptr<const stepwell::KernelDecision>);

using stepwell::capi::Answer;
using stepwell::capi::MakeCall;
using stepwell::capi::Outcome;
using stepwell::capi::TakeBytes;
using stepwell::capi::TakeText;
using stepwell::capi::TextCall;
using stepwell::capi::Use;

namespace {

Outcome TakeRecords(const stepwell_bytes* records, size_t count,
                    const char* name, std::vector<std::string_view>* out) {
  if (records == nullptr && count != 0) {
    return Outcome::Misuse(name, " is NULL but has a count");
  }
  if (count > STEPWELL_TEXT_BYTES_MAX / sizeof(stepwell_bytes)) {
    return Outcome::TooLarge(std::string(name) + " has too many records");
  }
  out->reserve(count);
  for (size_t i = 0; i < count; ++i) {
    std::string_view bytes;
    STEPWELL_CAPI_TRY(TakeBytes(records[i].data, records[i].len, name, &bytes));
    out->push_back(bytes);
  }
  return {};
}

Outcome TakeWorld(const char* text, size_t len, const char* name,
                  stepwell::KernelWorld* out) {
  std::string_view world;
  STEPWELL_CAPI_TRY(TakeText(text, len, name, &world));
  auto read = stepwell::KernelWorldFromJson(world);
  if (!read.ok()) return read.status();
  *out = *std::move(read);
  return {};
}

Outcome TakeInput(const stepwell_kernel_input* given,
                  stepwell::KernelInput* input, stepwell::KernelWorld* world) {
  if (given == nullptr) return Outcome::Misuse("input is NULL");
  stepwell_kernel_input known;
  STEPWELL_CAPI_TRY(stepwell::capi::TakeOptions(given, "input", &known));
  if (known.flags != 0) {
    return Outcome::Misuse("input->flags has bits that nobody knows");
  }
  STEPWELL_CAPI_TRY(
      TakeBytes(known.state, known.state_len, "input->state", &input->state));
  STEPWELL_CAPI_TRY(TakeText(known.command_json, known.command_len,
                             "input->command_json", &input->command_json));
  STEPWELL_CAPI_TRY(TakeRecords(known.history, known.history_count,
                                "input->history", &input->history));
  return TakeWorld(known.world_json, known.world_len, "input->world_json",
                   world);
}

// Borrows `text` from a decision; NULL when the handle is none.
template <class Pick>
const char* Borrow(const stepwell_decision* decision, size_t* len,
                   const Pick& pick) noexcept {
  if (len != nullptr) *len = 0;
  try {
    const Use use(decision);
    if (!use.outcome().ok()) return nullptr;
    const std::string* text = pick(*use);
    if (text == nullptr) return nullptr;
    if (len != nullptr) *len = text->size();
    return text->c_str();
  } catch (...) {
    return nullptr;
  }
}

}  // namespace

stepwell_status stepwell_kernel_decide(const stepwell_protocol* protocol,
                                       const stepwell_kernel_input* input,
                                       int64_t now_us,
                                       stepwell_decision** decision,
                                       stepwell_error** error) noexcept {
  return MakeCall(decision, error, [&](auto& value) -> Outcome {
    const Use use(protocol);
    STEPWELL_CAPI_TRY(use.outcome());
    stepwell::KernelInput given;
    stepwell::KernelWorld world;
    STEPWELL_CAPI_TRY(TakeInput(input, &given, &world));
    stepwell::Instant now;
    STEPWELL_CAPI_TRY(stepwell::capi::TakeNow(now_us, &now));
    auto decided = stepwell::DecideKernel(*use, given, world, now);
    if (!decided.ok()) return decided.status();
    value =
        std::make_unique<const stepwell::KernelDecision>(*std::move(decided));
    return {};
  });
}

stepwell_status stepwell_kernel_fold(const void* state, size_t state_len,
                                     const stepwell_bytes* records,
                                     size_t count, char** result_state,
                                     size_t* result_len,
                                     stepwell_error** error) noexcept {
  return TextCall(result_state, result_len, error, [&]() -> Answer {
    std::string_view bytes;
    STEPWELL_CAPI_TRY(TakeBytes(state, state_len, "state", &bytes));
    std::vector<std::string_view> given;
    STEPWELL_CAPI_TRY(TakeRecords(records, count, "records", &given));
    return stepwell::FoldKernel(bytes, given);
  });
}

stepwell_status stepwell_kernel_show(const stepwell_protocol* protocol,
                                     const void* state, size_t state_len,
                                     const char* world_json, size_t world_len,
                                     char** result_json, size_t* result_len,
                                     stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    const Use use(protocol);
    STEPWELL_CAPI_TRY(use.outcome());
    std::string_view bytes;
    STEPWELL_CAPI_TRY(TakeBytes(state, state_len, "state", &bytes));
    stepwell::KernelWorld world;
    STEPWELL_CAPI_TRY(TakeWorld(world_json, world_len, "world_json", &world));
    return stepwell::KernelStateToJson(*use, bytes, world);
  });
}

int32_t stepwell_decision_accepted(const stepwell_decision* decision) noexcept {
  try {
    const Use use(decision);
    if (!use.outcome().ok()) return -1;
    return use->accepted ? 1 : 0;
  } catch (...) {
    return -1;
  }
}

const char* stepwell_decision_json(const stepwell_decision* decision,
                                   size_t* len) noexcept {
  return Borrow(decision, len,
                [](const stepwell::KernelDecision& d) { return &d.json; });
}

const void* stepwell_decision_state(const stepwell_decision* decision,
                                    size_t* len) noexcept {
  return Borrow(decision, len,
                [](const stepwell::KernelDecision& d) { return &d.state; });
}

size_t stepwell_decision_record_count(
    const stepwell_decision* decision) noexcept {
  try {
    const Use use(decision);
    return use.outcome().ok() ? use->records.size() : 0;
  } catch (...) {
    return 0;
  }
}

const void* stepwell_decision_record(const stepwell_decision* decision,
                                     size_t index, size_t* len) noexcept {
  return Borrow(decision, len, [index](const stepwell::KernelDecision& d) {
    return index < d.records.size() ? &d.records[index] : nullptr;
  });
}

void stepwell_decision_free(stepwell_decision* decision) noexcept {
  stepwell::capi::Free(decision);
}
