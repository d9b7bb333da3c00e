// Internal to capi: the fields of each option structure that a caller hands
// in, in their order. tests/capi/contract.h tries every size of each.
#ifndef STEPWELL_CAPI_FIELDS_H_
#define STEPWELL_CAPI_FIELDS_H_

#include <cstddef>

#include "stepwell.h"
#include "text.h"

// The end of one field of `Options`.
#define STEPWELL_CAPI_END(field) \
  offsetof(Options, field) + sizeof(Options::field)

namespace stepwell::capi {

template <>
struct FieldEnds<stepwell_service_options> {
  using Options = stepwell_service_options;
  static constexpr size_t kAll[] = {
      STEPWELL_CAPI_END(struct_size), STEPWELL_CAPI_END(flags),
      STEPWELL_CAPI_END(store_url),   STEPWELL_CAPI_END(store_url_len),
      STEPWELL_CAPI_END(protocol),    STEPWELL_CAPI_END(protocol_len),
      STEPWELL_CAPI_END(tenant),      STEPWELL_CAPI_END(tenant_len)};
};

template <>
struct FieldEnds<stepwell_advance_options> {
  using Options = stepwell_advance_options;
  static constexpr size_t kAll[] = {STEPWELL_CAPI_END(struct_size),
                                    STEPWELL_CAPI_END(flags),
                                    STEPWELL_CAPI_END(clocks_max)};
};

template <>
struct FieldEnds<stepwell_version_options> {
  using Options = stepwell_version_options;
  static constexpr size_t kAll[] = {
      STEPWELL_CAPI_END(struct_size), STEPWELL_CAPI_END(flags),
      STEPWELL_CAPI_END(document),    STEPWELL_CAPI_END(document_len),
      STEPWELL_CAPI_END(actor),       STEPWELL_CAPI_END(actor_len),
      STEPWELL_CAPI_END(reason),      STEPWELL_CAPI_END(reason_len),
      STEPWELL_CAPI_END(after),       STEPWELL_CAPI_END(after_len),
      STEPWELL_CAPI_END(cases_max)};
};

template <>
struct FieldEnds<stepwell_past_options> {
  using Options = stepwell_past_options;
  static constexpr size_t kAll[] = {STEPWELL_CAPI_END(struct_size),
                                    STEPWELL_CAPI_END(flags),
                                    STEPWELL_CAPI_END(as_of_us)};
};

template <>
struct FieldEnds<stepwell_kernel_input> {
  using Options = stepwell_kernel_input;
  static constexpr size_t kAll[] = {
      STEPWELL_CAPI_END(struct_size),  STEPWELL_CAPI_END(flags),
      STEPWELL_CAPI_END(state),        STEPWELL_CAPI_END(state_len),
      STEPWELL_CAPI_END(command_json), STEPWELL_CAPI_END(command_len),
      STEPWELL_CAPI_END(world_json),   STEPWELL_CAPI_END(world_len),
      STEPWELL_CAPI_END(history),      STEPWELL_CAPI_END(history_count)};
};

template <>
struct FieldEnds<stepwell_simulation_options> {
  using Options = stepwell_simulation_options;
  static constexpr size_t kAll[] = {
      STEPWELL_CAPI_END(struct_size), STEPWELL_CAPI_END(flags),
      STEPWELL_CAPI_END(protocol),    STEPWELL_CAPI_END(protocol_len),
      STEPWELL_CAPI_END(plan),        STEPWELL_CAPI_END(plan_len),
      STEPWELL_CAPI_END(set_json),    STEPWELL_CAPI_END(set_len),
      STEPWELL_CAPI_END(seed),        STEPWELL_CAPI_END(replications),
      STEPWELL_CAPI_END(threads),     STEPWELL_CAPI_END(progress),
      STEPWELL_CAPI_END(user_data),   STEPWELL_CAPI_END(against)};
};

}  // namespace stepwell::capi

#undef STEPWELL_CAPI_END

#endif  // STEPWELL_CAPI_FIELDS_H_
