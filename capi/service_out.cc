// What leaves a service in bulk: FHIR in pieces, tables as Arrow streams.
#include <string>
#include <utility>

#include "columns.h"
#include "service.h"
#include "stepwell/requests.h"
#include "stepwell/tables.h"

using stepwell::Instant;
using stepwell::Service;
using stepwell::capi::Answer;
using stepwell::capi::Outcome;
using stepwell::capi::TakeText;

namespace {

// The host's callback as a sink. What went wrong in it is kept: a Status
// cannot say that it threw.
struct Sink {
  stepwell_piece_callback callback;
  void* user_data;
  Outcome* failure;

  absl::Status operator()(std::string_view piece) const {
    try {
      if (callback(user_data, piece.data(), piece.size()) == 0) {
        return absl::OkStatus();
      }
      *failure = absl::CancelledError("the callback stopped the export");
    } catch (...) {
      *failure = Outcome::CallbackFailed("the callback threw an exception");
    }
    return absl::CancelledError("stopped by the callback");
  }
};

}  // namespace

stepwell_status stepwell_service_export(
    stepwell_service* service, int64_t now_us, const char* options_json,
    size_t options_len, stepwell_piece_callback callback, void* user_data,
    char** result_json, size_t* result_len, stepwell_error** error) noexcept {
  return stepwell::capi::TimedCall(
      service, now_us, result_json, result_len, error,
      [&](Service& opened, Instant now) -> Answer {
        std::string_view text;
        STEPWELL_CAPI_TRY(
            TakeText(options_json, options_len, "options_json", &text));
        const auto outcomes = stepwell::OutcomesExportFromJson(text);
        if (!outcomes.ok()) return outcomes.status();
        if (outcomes->has_value()) {
          auto report = opened.QueryOutcomes(**outcomes, now);
          if (!report.ok()) return report.status();
          return std::move(report->json);
        }
        if (callback == nullptr) return Outcome::Misuse("callback is NULL");
        const auto options = stepwell::ExportOptionsFromJson(text);
        if (!options.ok()) return options.status();
        Outcome failure;
        const auto report =
            opened.Export(*options, Sink{callback, user_data, &failure}, now);
        if (!failure.ok()) return failure;
        return stepwell::capi::ToAnswer(report);
      });
}

stepwell_status stepwell_service_table(stepwell_service* service,
                                       int64_t now_us, const char* table,
                                       size_t table_len, const char* query_json,
                                       size_t query_len, ArrowArrayStream* out,
                                       stepwell_error** error) noexcept {
  return stepwell::capi::StreamCall(
      out, error, [&](stepwell::Table& made) -> Outcome {
        const stepwell::capi::Use use(service);
        STEPWELL_CAPI_TRY(use.outcome());
        Instant now;
        STEPWELL_CAPI_TRY(stepwell::capi::TakeNow(now_us, &now));
        std::string_view name, query;
        STEPWELL_CAPI_TRY(TakeText(table, table_len, "table", &name));
        STEPWELL_CAPI_TRY(
            TakeText(query_json, query_len, "query_json", &query));
        auto found = stepwell::ServiceTable(*use, name, query, now);
        if (!found.ok()) return found.status();
        made = *std::move(found);
        return {};
      });
}
