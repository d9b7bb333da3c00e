/* A simulation through C: checked, run, cancelled, read. */
#include "capi/arrow.h"
#include "capi/support.h"

static stepwell_simulation_options options;

static stepwell_simulation *run(void) {
  stepwell_simulation *simulation = NULL;
  stepwell_error *error = NULL;
  if (stepwell_simulation_run(&options, &simulation, &error) != STEPWELL_OK) {
    fprintf(stderr, "run: %s\n", stepwell_error_message(error));
    ++check_failures;
    stepwell_error_free(error);
  }
  return simulation;
}

static void test_a_plan_is_checked(void) {
  stepwell_error *error = NULL;
  HAS(JSON(stepwell_simulation_check, &options), "\"ok\":true");
  options.set_json = "{\"arrivals.self.per_year\": -5}";
  options.set_len = strlen(options.set_json);
  HAS(JSON(stepwell_simulation_check, &options), "\"ok\":false");
  options.set_json = "[1]";
  options.set_len = 3;
  CHECK(stepwell_simulation_check(&options, &support_text, NULL, &error) ==
        STEPWELL_INVALID);
  stepwell_error_free(error);
  options.set_json = NULL;
  options.set_len = 0;
}

static int32_t count(void *user_data, uint64_t done, uint64_t total) {
  uint64_t *seen = user_data;
  CHECK(done <= total && total > 0 && done >= *seen);
  *seen = done;
  return 0;
}

static void test_the_result_does_not_depend_on_threads(void) {
  char *one = NULL, *two = NULL;
  uint64_t seen = 0;
  stepwell_simulation *simulation;
  options.progress = count;
  options.user_data = &seen;
  simulation = run();
  CHECK(stepwell_simulation_result(simulation, &one, NULL, NULL) ==
        STEPWELL_OK);
  stepwell_simulation_free(simulation);
  CHECK(seen > 0);
  options.progress = NULL;
  options.threads = 2;
  simulation = run();
  CHECK(stepwell_simulation_result(simulation, &two, NULL, NULL) ==
        STEPWELL_OK);
  stepwell_simulation_free(simulation);
  CHECK(one != NULL && two != NULL && strcmp(one, two) == 0);
  HAS(one, "\"measures\":[");
  stepwell_string_free(one);
  stepwell_string_free(two);
  options.threads = 1;
}

static void test_the_result_is_columns_too(void) {
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  struct ArrowArray array;
  stepwell_simulation *simulation = run();
  CHECK(stepwell_simulation_table(simulation, T("measures"), &stream, NULL) ==
        STEPWELL_OK);
  stream.release(&stream);
  CHECK(stepwell_simulation_table(simulation, T("chairs"), &stream, NULL) ==
        STEPWELL_INVALID);
  CHECK(stepwell_simulation_table(simulation, T("replications"), &stream,
                                  NULL) == STEPWELL_OK);
  stepwell_simulation_free(simulation);
  CHECK(stream.get_schema(&stream, &schema) == 0);
  CHECK(strcmp(schema.children[0]->name, "replication") == 0);
  CHECK(stream.get_next(&stream, &array) == 0);
  CHECK(array.length > 10);
  CHECK(((const int64_t *)array.children[0]->buffers[1])[array.length - 1] ==
        options.replications - 1);
  array.release(&array);
  schema.release(&schema);
  stream.release(&stream);
}

static void test_two_policies_are_compared(void) {
  struct ArrowArrayStream stream;
  stepwell_error *error = NULL;
  char *text = NULL;
  stepwell_simulation *other = NULL, *before = run();
  CHECK(stepwell_simulation_table(before, T("differences"), &stream, NULL) ==
        STEPWELL_INVALID);
  options.against = before;
  options.set_json = "{\"arrivals.self.per_year\": 2700}";
  options.set_len = strlen(options.set_json);
  other = run();
  CHECK(stepwell_simulation_result(other, &text, NULL, NULL) == STEPWELL_OK);
  HAS(text, "\"against\":{\"differences\":[");
  stepwell_string_free(text);
  CHECK(stepwell_simulation_table(other, T("differences"), &stream, NULL) ==
        STEPWELL_OK);
  stream.release(&stream);
  stepwell_simulation_free(other);
  /* Other people make no pairs; this is said before anything is simulated. */
  options.seed = 8;
  CHECK(stepwell_simulation_run(&options, &other, &error) == STEPWELL_INVALID);
  CHECK(other == NULL);
  HAS(stepwell_error_message(error), "seed");
  stepwell_error_free(error);
  options.seed = 7;
  stepwell_simulation_free(before);
  options.against = NULL;
  options.set_json = NULL;
  options.set_len = 0;
}

static int32_t stop(void *user_data, uint64_t done, uint64_t total) {
  (void)user_data, (void)done, (void)total;
  return 1;
}

static void test_a_callback_cancels(void) {
  stepwell_simulation *simulation = (stepwell_simulation *)&options;
  stepwell_error *error = NULL;
  options.progress = stop;
  CHECK(stepwell_simulation_run(&options, &simulation, &error) ==
        STEPWELL_CANCELLED);
  CHECK(simulation == NULL);
  CHECK(strcmp(stepwell_error_code(error), "cancelled") == 0);
  stepwell_error_free(error);
  options.progress = NULL;
}

/* A time in which no office opens: said instead of waits without end. */
static void test_a_time_without_working_hours_is_a_mistake(void) {
  const stepwell_simulation_options before = options;
  const char *weekend =
      "{\"horizon.start\":\"2026-01-03\","
      "\"horizon.days\":2,\"horizon.warm_up_days\":0}";
  options.set_json = weekend;
  options.set_len = strlen(weekend);
  HAS(JSON(stepwell_simulation_check, &options), "\"never_opens\"");
  options = before;
}

static void test_a_number_out_of_range_is_an_error(void) {
  stepwell_simulation *simulation = NULL;
  stepwell_error *error = NULL;
  options.threads = 100000;
  CHECK(stepwell_simulation_run(&options, &simulation, &error) ==
        STEPWELL_INVALID);
  HAS(stepwell_error_message(error), "threads");
  stepwell_error_free(error);
  options.threads = 1;
}

int main(void) {
  options.struct_size = sizeof options;
  options.protocol = options.plan = "catalogue:icbt_sweden";
  options.protocol_len = options.plan_len = strlen(options.plan);
  options.replications = 2;
  options.seed = 7;
  test_a_plan_is_checked();
  test_the_result_does_not_depend_on_threads();
  test_the_result_is_columns_too();
  test_two_policies_are_compared();
  test_a_callback_cancels();
  test_a_time_without_working_hours_is_a_mistake();
  test_a_number_out_of_range_is_an_error();
  support_finish();
  return CHECK_RESULT;
}
