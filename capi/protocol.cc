// Protocols: checked, compiled, described.
#include "protocol.h"

#include <utility>

#include "stepwell/protocol_diff.h"
#include "stepwell/requests.h"
#include "text.h"

using stepwell::capi::Answer;
using stepwell::capi::Outcome;
using stepwell::capi::TakeText;
using stepwell::capi::TextCall;
using stepwell::capi::Use;

stepwell_status stepwell_protocol_check(const char* document,
                                        size_t document_len, char** result_json,
                                        size_t* result_len,
                                        stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    std::string_view text;
    STEPWELL_CAPI_TRY(TakeText(document, document_len, "document", &text));
    const auto check = stepwell::CheckProtocol(text);
    if (!check.ok()) return check.status();
    return ToJson(*check);
  });
}

stepwell_status stepwell_protocol_compile(const char* document,
                                          size_t document_len,
                                          stepwell_protocol** protocol,
                                          stepwell_error** error) noexcept {
  return MakeCall(protocol, error, [&](auto& value) -> Outcome {
    std::string_view text;
    STEPWELL_CAPI_TRY(TakeText(document, document_len, "document", &text));
    auto compiled = stepwell::Protocol::Compile(text);
    if (!compiled.ok()) return compiled.status();
    value = *std::move(compiled);
    return {};
  });
}

stepwell_status stepwell_protocol_info(const stepwell_protocol* protocol,
                                       char** result_json, size_t* result_len,
                                       stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    const Use use(protocol);
    STEPWELL_CAPI_TRY(use.outcome());
    return use->InfoJson();
  });
}

stepwell_status stepwell_protocol_draw(const stepwell_protocol* protocol,
                                       const char* options_json,
                                       size_t options_len, char** result_text,
                                       size_t* result_len,
                                       stepwell_error** error) noexcept {
  return TextCall(result_text, result_len, error, [&]() -> Answer {
    const Use use(protocol);
    STEPWELL_CAPI_TRY(use.outcome());
    std::string_view text;
    STEPWELL_CAPI_TRY(
        TakeText(options_json, options_len, "options_json", &text));
    const auto options = stepwell::DiagramOptionsFromJson(text);
    if (!options.ok()) return options.status();
    auto drawn = stepwell::Draw(*use, *options);
    if (!drawn.ok()) return drawn.status();
    return *std::move(drawn);
  });
}

stepwell_status stepwell_protocol_diff(const stepwell_protocol* before,
                                       const stepwell_protocol* after,
                                       char** result_json, size_t* result_len,
                                       stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    const Use use_before(before), use_after(after);
    STEPWELL_CAPI_TRY(use_before.outcome());
    STEPWELL_CAPI_TRY(use_after.outcome());
    return ToJson(stepwell::CompareProtocols(*use_before, *use_after));
  });
}

void stepwell_protocol_free(stepwell_protocol* protocol) noexcept {
  stepwell::capi::Free(protocol);
}
