// Internal to capi: the handle of a service, and the shape of its calls.
#ifndef STEPWELL_CAPI_SERVICE_H_
#define STEPWELL_CAPI_SERVICE_H_

#include <memory>
#include <string>
#include <utility>

#include "handle.h"
#include "stepwell/service.h"
#include "text.h"

STEPWELL_CAPI_HANDLE(stepwell_service, kService,
                     std::unique_ptr<stepwell::Service>);

namespace stepwell::capi {

// The value as JSON, or why there is none.
template <class T>
Answer ToAnswer(const absl::StatusOr<T>& value) {
  if (!value.ok()) return value.status();
  return ToJson(*value);
}

// A call on a service whose result is JSON. `body` gets the service.
template <class Body>
stepwell_status ServiceCall(stepwell_service* service, char** result_json,
                            size_t* result_len, stepwell_error** error,
                            const Body& body) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    const Use use(service);
    STEPWELL_CAPI_TRY(use.outcome());
    return body(*use);
  });
}

// The same at a time; `body` gets the service and the time.
template <class Body>
stepwell_status TimedCall(stepwell_service* service, int64_t now_us,
                          char** result_json, size_t* result_len,
                          stepwell_error** error, const Body& body) noexcept {
  return ServiceCall(service, result_json, result_len, error,
                     [&](Service& opened) -> Answer {
                       Instant now;
                       STEPWELL_CAPI_TRY(TakeNow(now_us, &now));
                       return body(opened, now);
                     });
}

}  // namespace stepwell::capi

#endif  // STEPWELL_CAPI_SERVICE_H_
