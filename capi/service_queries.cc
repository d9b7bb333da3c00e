// What a service answers without changing.
#include <optional>
#include <string>
#include <vector>

#include "fields.h"
#include "service.h"
#include "stepwell/requests.h"

using stepwell::Instant;
using stepwell::Service;
using stepwell::capi::Answer;
using stepwell::capi::Outcome;
using stepwell::capi::ServiceCall;
using stepwell::capi::TakeNow;
using stepwell::capi::TakeText;
using stepwell::capi::TimedCall;
using stepwell::capi::ToAnswer;

namespace {

constexpr uint64_t kEffectsMax = 10'000;
constexpr uint64_t kCasesMax = 100'000;

absl::Status CheckLimit(uint64_t limit, uint64_t most) {
  if (limit >= 1 && limit <= most) return absl::OkStatus();
  return absl::InvalidArgumentError("limit is " + std::to_string(limit) +
                                    ": expected 1 to " + std::to_string(most));
}

struct Past {
  std::optional<Instant> as_of;
  stepwell::Axis axis = stepwell::Axis::kRecorded;
};

Outcome TakePast(const stepwell_past_options* given, Past* past) {
  if (given == nullptr) return {};
  stepwell_past_options known;
  STEPWELL_CAPI_TRY(stepwell::capi::TakeOptions(given, "past", &known));
  if ((known.flags & ~uint32_t{STEPWELL_PAST_CLINICAL}) != 0) {
    return Outcome::Misuse("past->flags has bits that nobody knows");
  }
  if ((known.flags & STEPWELL_PAST_CLINICAL) != 0) {
    past->axis = stepwell::Axis::kClinical;
  }
  if (known.as_of_us == STEPWELL_NEVER) return {};
  return TakeNow(known.as_of_us, &past->as_of.emplace());
}

}  // namespace

stepwell_status stepwell_service_worklist(stepwell_service* service,
                                          int64_t now_us,
                                          const char* query_json,
                                          size_t query_len, char** result_json,
                                          size_t* result_len,
                                          stepwell_error** error) noexcept {
  return TimedCall(
      service, now_us, result_json, result_len, error,
      [&](Service& opened, Instant now) -> Answer {
        std::string_view text;
        STEPWELL_CAPI_TRY(TakeText(query_json, query_len, "query_json", &text));
        const auto query = stepwell::WorklistQueryFromJson(text);
        if (!query.ok()) return query.status();
        return ToAnswer(opened.QueryWorklist(*query, now));
      });
}

stepwell_status stepwell_service_portal(stepwell_service* service,
                                        int64_t now_us, const char* who,
                                        size_t who_len, char** result_json,
                                        size_t* result_len,
                                        stepwell_error** error) noexcept {
  return TimedCall(service, now_us, result_json, result_len, error,
                   [&](Service& opened, Instant now) -> Answer {
                     std::string_view whom;
                     STEPWELL_CAPI_TRY(TakeText(who, who_len, "who", &whom));
                     return ToAnswer(opened.QueryPortal(whom, now));
                   });
}

stepwell_status stepwell_service_case(stepwell_service* service, int64_t now_us,
                                      const stepwell_past_options* past,
                                      const char* who, size_t who_len,
                                      char** result_json, size_t* result_len,
                                      stepwell_error** error) noexcept {
  return TimedCall(
      service, now_us, result_json, result_len, error,
      [&](Service& opened, Instant now) -> Answer {
        std::string_view whom;
        Past then;
        STEPWELL_CAPI_TRY(TakeText(who, who_len, "who", &whom));
        STEPWELL_CAPI_TRY(TakePast(past, &then));
        return ToAnswer(opened.QueryCase(whom, now, then.as_of, then.axis));
      });
}

stepwell_status stepwell_service_explain(stepwell_service* service,
                                         int64_t now_us,
                                         const stepwell_past_options* past,
                                         const char* who, size_t who_len,
                                         const char* item, size_t item_len,
                                         char** result_json, size_t* result_len,
                                         stepwell_error** error) noexcept {
  return TimedCall(
      service, now_us, result_json, result_len, error,
      [&](Service& opened, Instant now) -> Answer {
        std::string_view whom, what;
        Past then;
        STEPWELL_CAPI_TRY(TakeText(who, who_len, "who", &whom));
        STEPWELL_CAPI_TRY(TakeText(item, item_len, "item", &what));
        STEPWELL_CAPI_TRY(TakePast(past, &then));
        return ToAnswer(opened.Explain(whom, what, now, then.as_of, then.axis));
      });
}

stepwell_status stepwell_service_outbox(stepwell_service* service,
                                        uint64_t after, uint64_t limit,
                                        char** result_json, size_t* result_len,
                                        stepwell_error** error) noexcept {
  return ServiceCall(service, result_json, result_len, error,
                     [&](Service& opened) -> Answer {
                       STEPWELL_CAPI_TRY(CheckLimit(limit, kEffectsMax));
                       return ToAnswer(opened.Outbox(after, limit));
                     });
}

stepwell_status stepwell_service_health(stepwell_service* service,
                                        int64_t now_us, char** result_json,
                                        size_t* result_len,
                                        stepwell_error** error) noexcept {
  return TimedCall(service, now_us, result_json, result_len, error,
                   [](Service& opened, Instant now) {
                     return ToAnswer(opened.CheckHealth(now));
                   });
}

stepwell_status stepwell_service_verify(stepwell_service* service,
                                        char** result_json, size_t* result_len,
                                        stepwell_error** error) noexcept {
  return ServiceCall(service, result_json, result_len, error,
                     [](Service& opened) { return ToAnswer(opened.Verify()); });
}

stepwell_status stepwell_service_summary(stepwell_service* service,
                                         int64_t now_us, char** result_json,
                                         size_t* result_len,
                                         stepwell_error** error) noexcept {
  return TimedCall(service, now_us, result_json, result_len, error,
                   [](Service& opened, Instant now) {
                     return ToAnswer(opened.Summarise(now));
                   });
}

stepwell_status stepwell_service_list_cases(stepwell_service* service,
                                            const char* after, size_t after_len,
                                            uint64_t limit, char** result_json,
                                            size_t* result_len,
                                            stepwell_error** error) noexcept {
  return ServiceCall(
      service, result_json, result_len, error, [&](Service& opened) -> Answer {
        std::string_view from;
        STEPWELL_CAPI_TRY(TakeText(after, after_len, "after", &from));
        STEPWELL_CAPI_TRY(CheckLimit(limit, kCasesMax));
        const auto cases = opened.ListCases(from, limit);
        if (!cases.ok()) return cases.status();
        std::string list = "[";  // ids are letters and digits
        for (const std::string& id : *cases) {
          list += (list.size() > 1 ? ",\"" : "\"") + id + '"';
        }
        return list + "]";
      });
}
