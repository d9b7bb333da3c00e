/* Tables as Arrow C streams: schema, buffers and who frees what. */
#include "capi/arrow.h"

#include "capi/support.h"

static stepwell_service *service;

static void open_stream(const char *table, const char *query,
                        struct ArrowArrayStream *stream) {
  stepwell_error *error = NULL;
  memset(stream, 0, sizeof *stream);
  if (stepwell_service_table(service, NOW, T(table), T(query), stream,
                             &error) != STEPWELL_OK) {
    fprintf(stderr, "%s: %s\n", table, stepwell_error_message(error));
    ++check_failures;
    stepwell_error_free(error);
  }
}

static int64_t column(const struct ArrowSchema *schema, const char *name) {
  int64_t i;
  for (i = 0; i < schema->n_children; ++i) {
    if (strcmp(schema->children[i]->name, name) == 0) return i;
  }
  return -1;
}

static int is_null(const struct ArrowArray *array, int64_t row) {
  const unsigned char *bits = array->buffers[0];
  return bits != NULL && ((bits[row / 8] >> (row % 8)) & 1) == 0;
}

static void text(const struct ArrowArray *array, int64_t row, char *out) {
  const int32_t *offsets = array->buffers[1];
  const size_t len = (size_t)(offsets[row + 1] - offsets[row]);
  memcpy(out, (const char *)array->buffers[2] + offsets[row], len);
  out[len] = '\0';
}

/* Columns and rows fit together as the specification asks. */
static void check_shape(const struct ArrowSchema *schema,
                        const struct ArrowArray *array) {
  int64_t i, row, nulls;
  CHECK(strcmp(schema->format, "+s") == 0);
  CHECK(array->n_buffers == 1 && array->n_children == schema->n_children);
  for (i = 0; i < array->n_children; ++i) {
    const struct ArrowArray *child = array->children[i];
    const char *format = schema->children[i]->format;
    CHECK(child->length == array->length && child->offset == 0);
    CHECK(child->n_buffers == (strcmp(format, "u") == 0 ? 3 : 2));
    CHECK(schema->children[i]->flags == 2);
    for (row = nulls = 0; row < child->length; ++row) {
      nulls += is_null(child, row);
    }
    CHECK(child->null_count == nulls);
    CHECK(child->release != NULL);
  }
}

/* A stream of one batch of nine int8 columns, made by hand. */
static struct ArrowSchema answer_schemas[9], *answer_schema_list[9];
static struct ArrowArray answer_arrays[9], *answer_array_list[9];
static const void *answer_buffers[9][2], *batch_buffers[1];
static const signed char answer_values[9][4] = {
    {9, 0, 3, 1}, {9, 0, 3, 1}, {9, 0, 3, 1}, {9, 0, 3, 1}, {9, 0, 3, 1},
    {9, 0, 3, 1}, {9, 0, 3, 1}, {9, 0, 3, 1}, {9, 0, 3, 1}};
static const unsigned char answer_bits[1] = {0x07}; /* row 3 is missing */
static int answer_batches, answers_released;

static void release_answer_schema(struct ArrowSchema *schema) {
  schema->release = NULL;
}
static void release_answers(struct ArrowArray *array) { array->release = NULL; }
static void release_answer_stream(struct ArrowArrayStream *stream) {
  ++answers_released;
  stream->release = NULL;
}
static int answer_schema(struct ArrowArrayStream *stream,
                         struct ArrowSchema *out) {
  static const char *const names[9] = {"q1", "44255-8", "q3", "q4", "q5",
                                       "q6", "q7",      "q8", "q9"};
  int i;
  (void)stream;
  memset(out, 0, sizeof *out);
  for (i = 0; i < 9; ++i) {
    memset(&answer_schemas[i], 0, sizeof answer_schemas[i]);
    answer_schemas[i].format = "c";
    answer_schemas[i].name = names[i];
    answer_schema_list[i] = &answer_schemas[i];
  }
  out->format = "+s";
  out->n_children = 9;
  out->children = answer_schema_list;
  out->release = release_answer_schema;
  return 0;
}
static int answer_batch(struct ArrowArrayStream *stream,
                        struct ArrowArray *out) {
  int i;
  (void)stream;
  memset(out, 0, sizeof *out);
  if (answer_batches-- <= 0) return 0;
  for (i = 0; i < 9; ++i) {
    memset(&answer_arrays[i], 0, sizeof answer_arrays[i]);
    answer_arrays[i].length = 3;
    answer_arrays[i].offset = 1;
    answer_arrays[i].n_buffers = 2;
    answer_buffers[i][0] = i == 8 ? answer_bits : NULL;
    answer_buffers[i][1] = answer_values[i];
    answer_arrays[i].buffers = answer_buffers[i];
    answer_array_list[i] = &answer_arrays[i];
  }
  out->length = 3;
  out->n_buffers = 1;
  out->buffers = batch_buffers;
  out->n_children = 9;
  out->children = answer_array_list;
  out->release = release_answers;
  return 0;
}
static const char *no_answer_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return "broken";
}
static int broken_batch(struct ArrowArrayStream *stream,
                        struct ArrowArray *out) {
  (void)stream, (void)out;
  return 5;
}

static struct ArrowArrayStream answer_stream(void) {
  struct ArrowArrayStream stream;
  stream.get_schema = answer_schema;
  stream.get_next = answer_batch;
  stream.get_last_error = no_answer_error;
  stream.release = release_answer_stream;
  stream.private_data = NULL;
  answer_batches = 2;
  return stream;
}

static void test_columns_of_answers_become_columns_of_scores(void) {
  stepwell_instrument *instrument;
  stepwell_error *error = NULL;
  struct ArrowArrayStream answers = answer_stream(), out;
  struct ArrowSchema schema;
  struct ArrowArray array;
  const double *scores;
  char band[32];
  CHECK(stepwell_instrument_load(T("phq-9"), &instrument, NULL) == STEPWELL_OK);
  CHECK(stepwell_instrument_score_columns(instrument, &answers, NULL, 0, &out,
                                          &error) == STEPWELL_OK);
  CHECK(answers_released == 1 && answers.release == NULL);
  CHECK(out.get_schema(&out, &schema) == 0);
  CHECK(out.get_next(&out, &array) == 0);
  check_shape(&schema, &array);
  CHECK(array.length == 6); /* two batches of three */
  scores = array.children[column(&schema, "score")]->buffers[1];
  CHECK(scores[0] == 0 && scores[1] == 27 && scores[3] == 0);
  CHECK(is_null(array.children[column(&schema, "score")], 2));
  text(array.children[column(&schema, "band")], 1, band);
  CHECK(strcmp(band, "severe") == 0);
  CHECK(is_null(array.children[column(&schema, "flag_risk_item9")], 2));
  CHECK(!is_null(array.children[column(&schema, "flag_risk_item9")], 1));
  array.release(&array);
  schema.release(&schema);
  out.release(&out);
  answers = answer_stream();
  answers.get_next = broken_batch;
  CHECK(stepwell_instrument_score_columns(instrument, &answers, NULL, 0, &out,
                                          &error) == STEPWELL_INVALID);
  HAS(stepwell_error_message(error), "broken");
  stepwell_error_free(error);
  CHECK(answers_released == 2 && out.release == NULL);
  answers = answer_stream();
  CHECK(stepwell_instrument_score_columns(instrument, &answers, T("{\"a\":1}"),
                                          &out, NULL) == STEPWELL_INVALID);
  CHECK(answers_released == 3);
  stepwell_instrument_free(instrument);
}

static void test_a_cohort_and_courses_come_as_columns(void) {
  stepwell_instrument *instrument;
  stepwell_error *error = NULL;
  struct ArrowArrayStream table = answer_stream();
  const int released = answers_released;
  const char *request =
      "{\"pre\":\"q1\",\"post\":\"q9\",\"method\":\"mcid\",\"by\":2}";
  CHECK(stepwell_instrument_load(T("phq-9"), &instrument, NULL) == STEPWELL_OK);
  HAS(JSON(stepwell_instrument_change, instrument, T(request), &table),
      "\"missing\":2,\"n\":4,");
  CHECK(answers_released == released + 1 && table.release == NULL);
  table = answer_stream();
  CHECK(stepwell_instrument_change(
            instrument, T("{\"csv\":\"a,b\\n1,2\\n\",\"pre\":\"a\"}"), &table,
            &support_text, NULL, &error) == STEPWELL_INVALID);
  HAS(stepwell_error_message(error), "twice");
  stepwell_error_free(error);
  CHECK(answers_released == released + 2);
  stepwell_instrument_free(instrument);
  table = answer_stream();
  CHECK(stepwell_outcomes_count(NULL, 0, &table, NULL, 0, &support_text, NULL,
                                &error) != STEPWELL_OK);
  HAS(stepwell_error_message(error), "phq9_first");
  stepwell_error_free(error);
  CHECK(answers_released == released + 3);
  /* What the service gives as a table counts as it does itself. */
  open_stream("course", "", &table);
  HAS(JSON(stepwell_outcomes_count, NULL, 0, &table, NULL, 0),
      "\"courses\":1,");
  CHECK(table.release == NULL);
}

static void test_a_worklist_is_a_table(void) {
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  struct ArrowArray array, end;
  char value[256];
  int64_t kind, due, overdue;
  open_stream("worklist", "{\"limit\":1}", &stream);
  CHECK(stream.get_schema(&stream, &schema) == 0);
  CHECK(stream.get_next(&stream, &array) == 0);
  check_shape(&schema, &array);
  CHECK(array.length == 2); /* every page, whatever the size of one */
  kind = column(&schema, "kind");
  due = column(&schema, "due");
  overdue = column(&schema, "overdue");
  CHECK(kind >= 0 && due >= 0 && overdue >= 0);
  text(array.children[kind], 0, value);
  CHECK(strcmp(value, "parked") == 0);
  CHECK(strcmp(schema.children[due]->format, "tsu:UTC") == 0);
  CHECK(((const int64_t *)array.children[due]->buffers[1])[0] > NOW);
  CHECK(strcmp(schema.children[overdue]->format, "b") == 0);
  CHECK(is_null(array.children[column(&schema, "case")], 0));
  CHECK(stream.get_next(&stream, &end) == 0);
  CHECK(end.release == NULL); /* the end */
  array.release(&array);
  CHECK(array.release == NULL);
  schema.release(&schema);
  CHECK(schema.release == NULL);
  stream.release(&stream);
  CHECK(stream.release == NULL);
}

static void test_arrays_outlive_stream_and_parent(void) {
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  struct ArrowArray array, moved;
  char value[256];
  open_stream("timeline", "{\"who\":\"s|1\"}", &stream);
  CHECK(stream.get_schema(&stream, &schema) == 0);
  CHECK(stream.get_next(&stream, &array) == 0);
  stream.release(&stream);
  check_shape(&schema, &array);
  CHECK(array.length > 5);
  /* A consumer may take a column and drop the rest. */
  moved = *array.children[column(&schema, "event")];
  array.children[column(&schema, "event")]->release = NULL;
  array.release(&array);
  schema.release(&schema);
  text(&moved, 1, value);
  CHECK(strcmp(value, "CaseOpened") == 0);
  moved.release(&moved);
  CHECK(moved.release == NULL);
}

static void test_a_summary_has_gaps_as_nulls(void) {
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  struct ArrowArray array;
  open_stream("summary", "", &stream);
  CHECK(stream.get_schema(&stream, &schema) == 0);
  CHECK(stream.get_next(&stream, &array) == 0);
  check_shape(&schema, &array);
  CHECK(strcmp(schema.children[column(&schema, "value")]->format, "g") == 0);
  /* Nobody started yet: there is no mean wait. */
  CHECK(array.children[column(&schema, "value")]->null_count > 0);
  schema.release(&schema);
  array.release(&array);
  stream.release(&stream);
}

static void test_a_stream_that_nobody_reads_is_freed(void) {
  struct ArrowArrayStream stream;
  open_stream("summary", "", &stream);
  stream.release(&stream);
}

static void test_what_is_no_table_is_refused(void) {
  struct ArrowArrayStream stream;
  stepwell_error *error = NULL;
  memset(&stream, 1, sizeof stream);
  CHECK(stepwell_service_table(service, NOW, T("chairs"), NULL, 0, &stream,
                               &error) == STEPWELL_INVALID);
  CHECK(stream.release == NULL && stream.private_data == NULL);
  HAS(stepwell_error_message(error),
      "no table \"chairs\": worklist, timeline, summary, outcomes");
  stepwell_error_free(error);
  CHECK(stepwell_service_table(service, NOW, T("timeline"), NULL, 0, &stream,
                               NULL) == STEPWELL_INVALID);
  CHECK(stepwell_service_table(service, NOW, T("summary"), T("{}"), &stream,
                               NULL) == STEPWELL_INVALID);
}

int main(void) {
  const char *commands[] = {
      "{\"id\":\"1\",\"actor\":{\"role\":\"integration\"},\"person\":"
      "{\"system\":\"s\",\"value\":\"1\"},\"command\":\"register_person\"}",
      "{\"id\":\"2\",\"actor\":{\"role\":\"integration\"},\"person\":"
      "{\"system\":\"s\",\"value\":\"1\"},\"command\":\"receive_referral\","
      "\"route\":\"self\"}",
      "{\"id\":\"3\",\"actor\":{\"role\":\"patient\"},\"person\":"
      "{\"system\":\"s\",\"value\":\"2\"},\"command\":\"receive_message\","
      "\"text\":\"hello\"}",
      "{\"id\":\"4\",\"actor\":{\"role\":\"patient\"},\"person\":"
      "{\"system\":\"s\",\"value\":\"3\"},\"command\":\"receive_message\","
      "\"text\":\"hello\"}"};
  size_t i;
  service = support_create("memory:", "catalogue:icbt_base");
  for (i = 0; i < sizeof commands / sizeof *commands; ++i) {
    HAS(JSON(stepwell_service_submit, service, NOW, T(commands[i])),
        "\"result\":");
  }
  test_columns_of_answers_become_columns_of_scores();
  test_a_cohort_and_courses_come_as_columns();
  test_a_worklist_is_a_table();
  test_arrays_outlive_stream_and_parent();
  test_a_summary_has_gaps_as_nulls();
  test_a_stream_that_nobody_reads_is_freed();
  test_what_is_no_table_is_refused();
  support_finish();
  stepwell_service_free(service);
  return CHECK_RESULT;
}
