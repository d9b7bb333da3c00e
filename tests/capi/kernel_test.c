/* The kernel through C: a host that keeps state and records by itself. */
#include "capi/support.h"

#define PATIENT "\"actor\":{\"role\":\"patient\"}"

static stepwell_protocol *protocol;
static stepwell_bytes records[512];
static size_t record_count = 0;
static stepwell_bytes state;

static void *copy(const void *bytes, size_t len) {
  void *made = malloc(len + 1);
  if (made != NULL) memcpy(made, bytes, len);
  return made;
}

static stepwell_decision *decide(const char *command, stepwell_error **error) {
  stepwell_kernel_input input;
  stepwell_decision *decision = NULL;
  memset(&input, 0, sizeof input);
  input.struct_size = sizeof input;
  input.state = state.data;
  input.state_len = state.len;
  input.command_json = command;
  input.command_len = strlen(command);
  input.world_json =
      "{\"staff\":[{\"staff\":\"anna\",\"pools\":[\"therapists\"]}]}";
  input.world_len = strlen(input.world_json);
  input.history = records;
  input.history_count = record_count;
  CHECK(stepwell_kernel_decide(protocol, &input, NOW, &decision, error) ==
            STEPWELL_OK ||
        (decision == NULL && (error == NULL || *error != NULL)));
  return decision;
}

static void keep(const stepwell_decision *decision) {
  size_t i, len = 0;
  const void *bytes = stepwell_decision_state(decision, &len);
  free((void *)state.data);
  state.data = copy(bytes, len);
  state.len = len;
  for (i = 0; i < stepwell_decision_record_count(decision); ++i) {
    bytes = stepwell_decision_record(decision, i, &len);
    records[record_count].data = copy(bytes, len);
    records[record_count++].len = len;
  }
  CHECK(stepwell_decision_record(decision, i, &len) == NULL && len == 0);
}

static void test_a_case_is_opened_and_goes_on(void) {
  size_t len = 0;
  const char *json;
  stepwell_decision *decision = decide(
      "{\"id\":\"1\",\"actor\":{\"role\":\"integration\"},"
      "\"command\":\"receive_referral\",\"route\":\"self\","
      "\"person\":{\"system\":\"s\",\"value\":\"1\"}}",
      NULL);
  CHECK(stepwell_decision_accepted(decision) == 1);
  json = stepwell_decision_json(decision, &len);
  CHECK(json != NULL && strlen(json) == len);
  HAS(json, "\"event\":\"CaseOpened\"");
  HAS(json, "\"clocks_set\":[{\"clock\":");
  keep(decision);
  stepwell_decision_free(decision);
  decision = decide("{\"id\":\"2\"," PATIENT
                    ",\"command\":\"submit_response\",\"instrument\":\"phq9\","
                    "\"answers\":[1,1,1,1,1,1,1,1,2]}",
                    NULL);
  HAS(stepwell_decision_json(decision, NULL), "\"event\":\"AlertRaised\"");
  HAS(stepwell_decision_json(decision, NULL), "\"show_now\":{");
  keep(decision);
  stepwell_decision_free(decision);
}

static void test_a_refusal_is_a_value(void) {
  size_t len = 0;
  stepwell_decision *decision = decide(
      "{\"id\":\"3\",\"actor\":{\"role\":\"staff\",\"staff\":\"anna\"},"
      "\"command\":\"work_item\",\"item\":\"discharge\","
      "\"action\":\"complete\",\"outcome\":\"completed\"}",
      NULL);
  CHECK(stepwell_decision_accepted(decision) == 0);
  CHECK(stepwell_decision_record_count(decision) == 0);
  CHECK(memcmp(stepwell_decision_state(decision, &len), state.data,
               state.len) == 0);
  CHECK(len == state.len);
  HAS(stepwell_decision_json(decision, NULL), "\"result\":\"rejected\"");
  stepwell_decision_free(decision);
}

static void test_the_records_fold_to_the_state(void) {
  char *folded = NULL;
  size_t len = 0;
  CHECK(stepwell_kernel_fold(NULL, 0, records, record_count, &folded, &len,
                             NULL) == STEPWELL_OK);
  CHECK(len == state.len && memcmp(folded, state.data, len) == 0);
  stepwell_string_free(folded);
  CHECK(stepwell_kernel_fold(NULL, 0, records + 1, record_count - 1, &folded,
                             &len, NULL) == STEPWELL_CORRUPT);
  CHECK(folded == NULL && len == 0);
  HAS(JSON(stepwell_kernel_show, protocol, state.data, state.len, NULL, 0),
      "\"alerts\":");
}

static void test_damage_is_found(void) {
  stepwell_error *error = NULL;
  char *bytes = (char *)state.data;
  bytes[state.len / 2] ^= 1;
  CHECK(decide("{\"command\":\"fire_clock\",\"clock\":0}", &error) == NULL);
  CHECK(stepwell_error_status(error) == STEPWELL_CORRUPT);
  stepwell_error_free(error);
  bytes[state.len / 2] ^= 1;
}

int main(void) {
  CHECK(stepwell_protocol_compile(T("catalogue:icbt_base"), &protocol, NULL) ==
        STEPWELL_OK);
  test_a_case_is_opened_and_goes_on();
  test_a_refusal_is_a_value();
  test_the_records_fold_to_the_state();
  test_damage_is_found();
  support_finish();
  while (record_count > 0) free((void *)records[--record_count].data);
  free((void *)state.data);
  stepwell_protocol_free(protocol);
  return CHECK_RESULT;
}
