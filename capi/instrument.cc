// Questionnaires: loaded, described, scored.
#include "stepwell/instrument.h"

#include <memory>
#include <utility>

#include "columns.h"
#include "handle.h"
#include "stepwell/measure.h"
#include "stepwell/requests.h"
#include "text.h"

STEPWELL_CAPI_HANDLE(stepwell_instrument, kInstrument,
                     std::shared_ptr<const stepwell::Instrument>);

using stepwell::capi::Answer;
using stepwell::capi::MakeCall;
using stepwell::capi::Outcome;
using stepwell::capi::StreamCall;
using stepwell::capi::TakeText;
using stepwell::capi::TextCall;
using stepwell::capi::Use;

stepwell_status stepwell_instrument_load(const char* instrument,
                                         size_t instrument_len,
                                         stepwell_instrument** out,
                                         stepwell_error** error) noexcept {
  return MakeCall(out, error, [&](auto& value) -> Outcome {
    std::string_view text;
    STEPWELL_CAPI_TRY(
        TakeText(instrument, instrument_len, "instrument", &text));
    auto loaded = stepwell::Instrument::Load(text);
    if (!loaded.ok()) return loaded.status();
    value = *std::move(loaded);
    return {};
  });
}

stepwell_status stepwell_instrument_info(const stepwell_instrument* instrument,
                                         char** result_json, size_t* result_len,
                                         stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    const Use use(instrument);
    STEPWELL_CAPI_TRY(use.outcome());
    return use->InfoJson();
  });
}

stepwell_status stepwell_instrument_score(
    const stepwell_instrument* instrument, const char* answers_json,
    size_t answers_len, const char* options_json, size_t options_len,
    char** result_json, size_t* result_len, stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    const Use use(instrument);
    STEPWELL_CAPI_TRY(use.outcome());
    std::string_view answers, options;
    STEPWELL_CAPI_TRY(
        TakeText(answers_json, answers_len, "answers_json", &answers));
    STEPWELL_CAPI_TRY(
        TakeText(options_json, options_len, "options_json", &options));
    auto request = stepwell::ScoreRequestFromJson(options);
    if (!request.ok()) return request.status();
    request->answers = std::string(answers);
    auto report = use->Score(*request);
    if (!report.ok()) return report.status();
    return std::move(report->json);
  });
}

stepwell_status stepwell_instrument_score_columns(
    const stepwell_instrument* instrument, ArrowArrayStream* answers,
    const char* options_json, size_t options_len, ArrowArrayStream* out,
    stepwell_error** error) noexcept {
  // Taken, whatever comes of it.
  const stepwell::StreamReleaser releaser(answers);
  return StreamCall(out, error, [&](stepwell::Table& table) -> Outcome {
    const Use use(instrument);
    STEPWELL_CAPI_TRY(use.outcome());
    if (answers == nullptr) return Outcome::Misuse("answers is NULL");
    std::string_view options;
    STEPWELL_CAPI_TRY(
        TakeText(options_json, options_len, "options_json", &options));
    const auto request = stepwell::ScoreRequestFromJson(options);
    if (!request.ok()) return request.status();
    auto scores = use->ScoreColumns(answers, *request);
    if (!scores.ok()) return scores.status();
    table = *std::move(scores);
    return {};
  });
}

stepwell_status stepwell_outcomes_count(const char* csv, size_t csv_len,
                                        ArrowArrayStream* columns,
                                        const char* options_json,
                                        size_t options_len, char** result_json,
                                        size_t* result_len,
                                        stepwell_error** error) noexcept {
  // Taken, whatever comes of it.
  const stepwell::StreamReleaser releaser(columns);
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    std::string_view table, options;
    STEPWELL_CAPI_TRY(TakeText(csv, csv_len, "csv", &table));
    STEPWELL_CAPI_TRY(
        TakeText(options_json, options_len, "options_json", &options));
    auto request = stepwell::OutcomesRequestFromJson(options);
    if (!request.ok()) return request.status();
    request->csv = std::string(table);
    request->columns = columns;
    auto report = stepwell::OutcomesOfTable(*request);
    if (!report.ok()) return report.status();
    return std::move(report->json);
  });
}

stepwell_status stepwell_instrument_change(
    const stepwell_instrument* instrument, const char* request_json,
    size_t request_len, ArrowArrayStream* table, char** result_json,
    size_t* result_len, stepwell_error** error) noexcept {
  // Taken, whatever comes of it.
  const stepwell::StreamReleaser releaser(table);
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    const Use use(instrument);
    STEPWELL_CAPI_TRY(use.outcome());
    std::string_view text;
    STEPWELL_CAPI_TRY(
        TakeText(request_json, request_len, "request_json", &text));
    auto of_table =
        stepwell::TableChangeRequestFromJson(text, table != nullptr);
    if (!of_table.ok()) return of_table.status();
    if (of_table->has_value()) {
      (*of_table)->columns = table;
      auto cohort = use->ChangeOfTable(**of_table);
      if (!cohort.ok()) return cohort.status();
      return std::move(cohort->json);
    }
    const auto request = stepwell::ChangeRequestFromJson(text);
    if (!request.ok()) return request.status();
    auto report = use->Change(*request);
    if (!report.ok()) return report.status();
    return std::move(report->json);
  });
}

void stepwell_instrument_free(stepwell_instrument* instrument) noexcept {
  stepwell::capi::Free(instrument);
}
