// Services: created, opened, told and advanced.
#include "service.h"

#include <string>

#include "fields.h"

using stepwell::Instant;
using stepwell::Service;
using stepwell::capi::Answer;
using stepwell::capi::MakeCall;
using stepwell::capi::Outcome;
using stepwell::capi::TakeNow;
using stepwell::capi::TakeText;
using stepwell::capi::TimedCall;
using stepwell::capi::ToAnswer;

namespace {

struct Options {
  std::string_view store_url, protocol, tenant;
  bool prototype = false;
};

Outcome TakeServiceOptions(const stepwell_service_options* given,
                           Options* out) {
  if (given == nullptr) return Outcome::Misuse("options is NULL");
  stepwell_service_options known;
  STEPWELL_CAPI_TRY(stepwell::capi::TakeOptions(given, "options", &known));
  if ((known.flags & ~uint32_t{STEPWELL_SERVICE_PROTOTYPE}) != 0) {
    return Outcome::Misuse("options->flags has bits that nobody knows");
  }
  out->prototype = (known.flags & STEPWELL_SERVICE_PROTOTYPE) != 0;
  STEPWELL_CAPI_TRY(TakeText(known.store_url, known.store_url_len,
                             "options->store_url", &out->store_url));
  STEPWELL_CAPI_TRY(TakeText(known.protocol, known.protocol_len,
                             "options->protocol", &out->protocol));
  return TakeText(known.tenant, known.tenant_len, "options->tenant",
                  &out->tenant);
}

struct VersionOptions {
  bool deploys = false, amends = false;
  stepwell::DeployOptions deploy;
  stepwell::MigrationOptions migrate;
  stepwell::AmendmentOptions amend;
};

Outcome TakeString(const char* text, size_t length, const char* name,
                   std::string* out) {
  std::string_view taken;
  STEPWELL_CAPI_TRY(TakeText(text, length, name, &taken));
  out->assign(taken);
  return {};
}

Outcome TakeVersionOptions(const stepwell_version_options* given,
                           VersionOptions* out) {
  if (given == nullptr) return Outcome::Misuse("options is NULL");
  stepwell_version_options known;
  STEPWELL_CAPI_TRY(stepwell::capi::TakeOptions(given, "options", &known));
  constexpr uint32_t kOfDeploy =
      STEPWELL_VERSION_DEPLOY | STEPWELL_VERSION_PROTOTYPE;
  out->deploys = (known.flags & STEPWELL_VERSION_DEPLOY) != 0;
  out->amends = (known.flags & STEPWELL_VERSION_AMEND) != 0;
  constexpr uint32_t kOfAmend =
      STEPWELL_VERSION_AMEND | STEPWELL_VERSION_APPLY | STEPWELL_VERSION_CLOSED;
  const uint32_t allowed = out->deploys  ? kOfDeploy
                           : out->amends ? kOfAmend
                                         : uint32_t{STEPWELL_VERSION_APPLY};
  if ((known.flags & ~allowed) != 0) {
    return Outcome::Misuse(
        "options->flags has bits that nobody knows or that do not go together");
  }
  out->deploy.prototype = (known.flags & STEPWELL_VERSION_PROTOTYPE) != 0;
  out->migrate.apply = (known.flags & STEPWELL_VERSION_APPLY) != 0;
  out->migrate.cases_max = known.cases_max;
  STEPWELL_CAPI_TRY(TakeString(known.document, known.document_len,
                               "options->document", &out->deploy.protocol));
  STEPWELL_CAPI_TRY(TakeString(known.actor, known.actor_len, "options->actor",
                               &out->deploy.actor));
  STEPWELL_CAPI_TRY(TakeString(known.reason, known.reason_len,
                               "options->reason", &out->deploy.reason));
  STEPWELL_CAPI_TRY(TakeString(known.after, known.after_len, "options->after",
                               &out->migrate.after));
  out->migrate.migration = out->deploy.protocol;
  out->migrate.actor = out->deploy.actor;
  if (out->amends && (known.cases_max != 0 || !out->migrate.after.empty())) {
    return Outcome::Misuse(
        "an amendment reaches all cases: cases_max is 0 and after is empty");
  }
  out->amend = {out->migrate.migration, out->migrate.actor, out->migrate.apply,
                (known.flags & STEPWELL_VERSION_CLOSED) != 0};
  return {};
}

}  // namespace

stepwell_status stepwell_service_create(const stepwell_service_options* options,
                                        int64_t now_us,
                                        stepwell_service** service,
                                        stepwell_error** error) noexcept {
  return MakeCall(service, error, [&](auto& value) -> Outcome {
    Options known;
    STEPWELL_CAPI_TRY(TakeServiceOptions(options, &known));
    Instant now;
    STEPWELL_CAPI_TRY(TakeNow(now_us, &now));
    stepwell::ServiceOptions made;
    made.protocol = std::string(known.protocol);
    if (!known.tenant.empty()) made.tenant = std::string(known.tenant);
    made.prototype = known.prototype;
    auto created = Service::Create(known.store_url, made, now);
    if (!created.ok()) return created.status();
    value = *std::move(created);
    return {};
  });
}

stepwell_status stepwell_service_open(const stepwell_service_options* options,
                                      stepwell_service** service,
                                      stepwell_error** error) noexcept {
  return MakeCall(service, error, [&](auto& value) -> Outcome {
    Options known;
    STEPWELL_CAPI_TRY(TakeServiceOptions(options, &known));
    if (!known.protocol.empty() || !known.tenant.empty() || known.prototype) {
      return absl::InvalidArgumentError(
          "a service that exists has its protocol and tenant: leave both "
          "empty and flags 0, or use stepwell_service_create");
    }
    auto opened = Service::Open(known.store_url);
    if (!opened.ok()) return opened.status();
    value = *std::move(opened);
    return {};
  });
}

void stepwell_service_free(stepwell_service* service) noexcept {
  stepwell::capi::Free(service);
}

stepwell_status stepwell_service_submit(stepwell_service* service,
                                        int64_t now_us,
                                        const char* command_json,
                                        size_t command_len, char** result_json,
                                        size_t* result_len,
                                        stepwell_error** error) noexcept {
  return TimedCall(service, now_us, result_json, result_len, error,
                   [&](Service& opened, Instant now) -> Answer {
                     std::string_view command;
                     STEPWELL_CAPI_TRY(TakeText(command_json, command_len,
                                                "command_json", &command));
                     return ToAnswer(opened.Submit(command, now));
                   });
}

stepwell_status stepwell_service_advance(
    stepwell_service* service, int64_t now_us,
    const stepwell_advance_options* options, char** result_json,
    size_t* result_len, stepwell_error** error) noexcept {
  return TimedCall(
      service, now_us, result_json, result_len, error,
      [&](Service& opened, Instant now) -> Answer {
        stepwell_advance_options known;
        STEPWELL_CAPI_TRY(
            stepwell::capi::TakeOptions(options, "options", &known));
        constexpr uint32_t kFlags =
            STEPWELL_ADVANCE_CATCH_UP | STEPWELL_ADVANCE_PREVIEW;
        if ((known.flags & ~kFlags) != 0) {
          return Outcome::Misuse("options->flags has bits that nobody knows");
        }
        if ((known.flags & STEPWELL_ADVANCE_PREVIEW) != 0) {
          return ToAnswer(opened.PreviewAdvance(now));
        }
        stepwell::AdvanceOptions advance;
        advance.catch_up = (known.flags & STEPWELL_ADVANCE_CATCH_UP) != 0;
        if (known.clocks_max != 0) advance.clocks_max = known.clocks_max;
        return ToAnswer(opened.Advance(now, advance));
      });
}

stepwell_status stepwell_service_change_version(
    stepwell_service* service, int64_t now_us,
    const stepwell_version_options* options, char** result_json,
    size_t* result_len, stepwell_error** error) noexcept {
  return TimedCall(service, now_us, result_json, result_len, error,
                   [&](Service& opened, Instant now) -> Answer {
                     VersionOptions known;
                     STEPWELL_CAPI_TRY(TakeVersionOptions(options, &known));
                     if (known.amends) {
                       return ToAnswer(opened.Amend(known.amend, now));
                     }
                     return known.deploys
                                ? ToAnswer(opened.Deploy(known.deploy, now))
                                : ToAnswer(opened.Migrate(known.migrate, now));
                   });
}

stepwell_status stepwell_service_import(stepwell_service* service,
                                        int64_t now_us, const char* text,
                                        size_t text_len, const char* source,
                                        size_t source_len, char** result_json,
                                        size_t* result_len,
                                        stepwell_error** error) noexcept {
  return TimedCall(
      service, now_us, result_json, result_len, error,
      [&](Service& opened, Instant now) -> Answer {
        std::string_view fhir, sender;
        STEPWELL_CAPI_TRY(TakeText(text, text_len, "text", &fhir));
        STEPWELL_CAPI_TRY(TakeText(source, source_len, "source", &sender));
        return ToAnswer(opened.Import(fhir, {std::string(sender)}, now));
      });
}
