/* What the generated contract test (tools/capi_contract.py) stands on: one
 * good and one closed handle of each kind, good arguments, and checks. */
#ifndef STEPWELL_TESTS_CAPI_CONTRACT_H_
#define STEPWELL_TESTS_CAPI_CONTRACT_H_

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "capi/arrow.h"
#include "capi/check.h"
#include "stepwell.h"

#define GOOD_NOW INT64_C(1772442000000000) /* 2026-03-02T09:00:00Z */

/* A closed handle is known for certain in debug builds only. */
#ifdef NDEBUG
#define CLOSED_KNOWN 0
#else
#define CLOSED_KNOWN 1
#endif
#define CLOSED_STATUS STEPWELL_MISUSE

static const char *contract_case = "";
static int contract_checks = 0;
static char poison[64];
static struct ArrowArrayStream poisoned_stream;
static void poisoned_release(struct ArrowArrayStream *stream) { (void)stream; }

/* A stream that is never read: what else is wrong is said first. */
static struct ArrowArrayStream *contract_stream(void) {
  static struct ArrowArrayStream stream;
  memset(&stream, 0, sizeof stream);
  stream.release = poisoned_release;
  return &stream;
}

static stepwell_protocol *good_protocol, *closed_protocol;
static stepwell_instrument *good_instrument, *closed_instrument;
static stepwell_expression *good_expression, *closed_expression;
static stepwell_service *good_service, *closed_service;
static stepwell_decision *good_decision;
static stepwell_simulation *good_simulation, *closed_simulation;
static stepwell_service_options good_service_options, unsized_service_options,
    flagged_service_options;
static stepwell_advance_options good_advance_options, unsized_advance_options,
    flagged_advance_options;
static stepwell_version_options good_version_options, unsized_version_options,
    flagged_version_options;
static stepwell_past_options good_past_options, unsized_past_options,
    flagged_past_options;
static stepwell_kernel_input good_kernel_input, unsized_kernel_input,
    flagged_kernel_input;
static stepwell_simulation_options good_simulation_options,
    unsized_simulation_options, flagged_simulation_options;

static int32_t good_piece_callback(void *user_data, const char *piece,
                                   size_t len) {
  (void)user_data, (void)piece, (void)len;
  return 0;
}

static void contract_fail(const char *file, int line, const char *what) {
  fprintf(stderr, "%s:%d: %s: not so: %s\n", file, line, contract_case, what);
  ++check_failures;
}

#define CONTRACT(condition)                                          \
  do {                                                               \
    ++contract_checks;                                               \
    if (!(condition)) contract_fail(__FILE__, __LINE__, #condition); \
  } while (0)

#define CONTRACT_STATUS(call, wanted)                                       \
  do {                                                                      \
    const stepwell_status contract_status = (call);                         \
    ++contract_checks;                                                      \
    if (contract_status != (wanted)) {                                      \
      fprintf(stderr, "%s:%d: %s: status %d, not %d\n", __FILE__, __LINE__, \
              contract_case, (int)contract_status, (int)(wanted));          \
      ++check_failures;                                                     \
    }                                                                       \
  } while (0)

/* The error of a failed call is whole; frees it. */
static void contract_error(stepwell_error **error) {
  CONTRACT(*error != NULL);
  CONTRACT(stepwell_error_status(*error) != STEPWELL_OK);
  CONTRACT(strlen(stepwell_error_code(*error)) > 0);
  CONTRACT(strlen(stepwell_error_message(*error)) > 0);
  CONTRACT(stepwell_error_json(*error)[0] == '{');
  CONTRACT(strstr(stepwell_error_json(*error), stepwell_error_code(*error)) !=
           NULL);
  stepwell_error_free(*error);
  *error = NULL;
}

/* Sizes: the ends of the fields from `flags` on, or beyond what is known. */
#define CONTRACT_END(type, field) \
  (offsetof(type, field) + sizeof(((type *)0)->field))
static int contract_fits(const size_t *ends, size_t count, size_t size) {
  size_t i;
  for (i = 0; i < count; ++i) {
    if (size == ends[i]) return 1;
  }
  return size > ends[count - 1];
}

/* `good`, cut or prolonged to `size`, in memory that holds no more (but the
 * size itself): a sanitizer sees what is read behind it. */
static void *contract_sized(const void *good, size_t whole, size_t size) {
  const uint32_t says = (uint32_t)size;
  unsigned char *bytes = malloc(size < sizeof says ? sizeof says : size);
  memset(bytes, 0xff, size < sizeof says ? sizeof says : size);
  memcpy(bytes, good, size < whole ? size : whole);
  memcpy(bytes, &says, sizeof says);
  return bytes;
}

/* Options of the three ways to be wrong. */
#define CONTRACT_OPTIONS(name)                     \
  do {                                             \
    good_##name.struct_size = sizeof good_##name;  \
    unsized_##name = flagged_##name = good_##name; \
    unsized_##name.struct_size = 0;                \
    flagged_##name.flags = 0x40000000;             \
  } while (0)

static void contract_options(void) {
  good_service_options.store_url = "memory:";
  good_service_options.store_url_len = 7;
  good_service_options.protocol = "catalogue:icbt_base";
  good_service_options.protocol_len = 19;
  good_service_options.flags = STEPWELL_SERVICE_PROTOTYPE;
  CONTRACT_OPTIONS(service_options);
  CONTRACT_OPTIONS(advance_options);
  /* The version that it runs already: deployed again it changes nothing. */
  good_version_options.flags =
      STEPWELL_VERSION_DEPLOY | STEPWELL_VERSION_PROTOTYPE;
  good_version_options.document = "catalogue:icbt_base";
  good_version_options.document_len = 19;
  CONTRACT_OPTIONS(version_options);
  good_past_options.as_of_us = STEPWELL_NEVER;
  CONTRACT_OPTIONS(past_options);
  good_kernel_input.command_json =
      "{\"id\":\"r\",\"actor\":{\"role\":\"integration\"},"
      "\"command\":\"receive_referral\",\"route\":\"self\","
      "\"person\":{\"system\":\"s\",\"value\":\"1\"}}";
  good_kernel_input.command_len = strlen(good_kernel_input.command_json);
  CONTRACT_OPTIONS(kernel_input);
  /* A simulation of nothing is cheap: mistakes in a plan are a result. */
  good_simulation_options.protocol = "catalogue:minimal";
  good_simulation_options.protocol_len = 17;
  good_simulation_options.plan = "{}";
  good_simulation_options.plan_len = 2;
  CONTRACT_OPTIONS(simulation_options);
}

static void contract_handles(void) {
  int i;
  for (i = 0; i < 2; ++i) {
    CONTRACT_STATUS(stepwell_protocol_compile("catalogue:icbt_base", 19,
                                              &good_protocol, NULL),
                    STEPWELL_OK);
    CONTRACT_STATUS(
        stepwell_instrument_load("phq-9", 5, &good_instrument, NULL),
        STEPWELL_OK);
    CONTRACT_STATUS(stepwell_expression_compile("1 = 1", 5, NULL, 0,
                                                &good_expression, NULL),
                    STEPWELL_OK);
    CONTRACT_STATUS(stepwell_service_create(&good_service_options, GOOD_NOW,
                                            &good_service, NULL),
                    STEPWELL_OK);
    CONTRACT_STATUS(stepwell_simulation_run(&good_simulation_options,
                                            &good_simulation, NULL),
                    STEPWELL_OK);
    if (i == 1) break;
    stepwell_protocol_free(good_protocol);
    closed_protocol = good_protocol;
    stepwell_instrument_free(good_instrument);
    closed_instrument = good_instrument;
    stepwell_expression_free(good_expression);
    closed_expression = good_expression;
    stepwell_service_free(good_service);
    closed_service = good_service;
    stepwell_simulation_free(good_simulation);
    closed_simulation = good_simulation;
  }
  CONTRACT_STATUS(stepwell_kernel_decide(good_protocol, &good_kernel_input,
                                         GOOD_NOW, &good_decision, NULL),
                  STEPWELL_OK);
}

static void contract_begin(void) {
  contract_case = "fixture";
  poisoned_stream.release = poisoned_release;
  contract_options();
  contract_handles();
  if (!CLOSED_KNOWN) {
    closed_protocol = NULL;
    closed_instrument = NULL;
    closed_expression = NULL;
    closed_service = NULL;
    closed_simulation = NULL;
  }
}

static int contract_end(void) {
  stepwell_decision_free(good_decision);
  stepwell_simulation_free(good_simulation);
  stepwell_service_free(good_service);
  stepwell_expression_free(good_expression);
  stepwell_instrument_free(good_instrument);
  stepwell_protocol_free(good_protocol);
  printf("%d checks of the contract, %d not so\n", contract_checks,
         check_failures);
  return CHECK_RESULT;
}

#endif /* STEPWELL_TESTS_CAPI_CONTRACT_H_ */
