/* Does the calls of files (docs/reference/cli.md, run --calls) through the
 * shared library: calls FILE... For each the name, then "CASE STATE_HASH" of
 * every case that a reply named, in the order of their first replies. */
#include "capi/support.h"

#define LINE_MAX_BYTES (1 << 21)
#define CASES_MAX 16
#define CASE_BYTES 32

static char line[LINE_MAX_BYTES];
static char cases[CASES_MAX][CASE_BYTES];
static size_t case_count;

static void remember(const char *reply) {
  char id[CASE_BYTES];
  size_t i;
  if (!support_member(reply, "case", id, sizeof id)) return;
  for (i = 0; i < case_count; ++i) {
    if (strcmp(cases[i], id) == 0) return;
  }
  CHECK(case_count < CASES_MAX);
  if (case_count < CASES_MAX) strcpy(cases[case_count++], id);
}

static stepwell_service *create(int64_t now, const char *protocol) {
  stepwell_service_options options;
  stepwell_service *service = NULL;
  stepwell_error *error = NULL;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.store_url = "memory:";
  options.store_url_len = strlen(options.store_url);
  options.protocol = protocol;
  options.protocol_len = strlen(protocol);
  options.flags = STEPWELL_SERVICE_PROTOTYPE;
  if (stepwell_service_create(&options, now, &service, &error) != STEPWELL_OK) {
    fprintf(stderr, "create: %s\n", stepwell_error_message(error));
    exit(1);
  }
  return service;
}

/* Errors are part of a scenario: what it expects is not looked at here. */
static void submit(stepwell_service *service, int64_t now, const char *text,
                   size_t length) {
  char *reply = NULL;
  stepwell_error *error = NULL;
  if (stepwell_service_submit(service, now, text, length, &reply, NULL,
                              &error) == STEPWELL_OK) {
    remember(reply);
  }
  stepwell_string_free(reply);
  stepwell_error_free(error);
}

static void advance(stepwell_service *service, int64_t now, int catch_up) {
  stepwell_advance_options options;
  char *result = NULL;
  stepwell_error *error = NULL;
  stepwell_status status;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.flags = catch_up ? STEPWELL_ADVANCE_CATCH_UP : 0;
  status =
      stepwell_service_advance(service, now, &options, &result, NULL, &error);
  if (status != STEPWELL_OK) stepwell_error_free(error);
  stepwell_string_free(result);
}

static void play(FILE *file) {
  stepwell_service *service = NULL;
  int64_t now = 0;
  size_t i;
  char hash[80], protocol[128];
  case_count = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    const size_t length = strcspn(line, "\n");
    const char *text = strstr(line, "\"submit\":");
    line[length] = '\0';
    if (sscanf(line, "{\"now_us\":%lld,", (long long *)&now) != 1) exit(1);
    if (support_member(line, "create", protocol, sizeof protocol) &&
        text == NULL) {
      service = create(now, protocol);
    } else if (text != NULL) {
      text += strlen("\"submit\":");
      submit(service, now, text, (size_t)(line + length - 1 - text));
    } else {
      advance(service, now, strstr(line, "\"catch_up\":true") != NULL);
    }
  }
  for (i = 0; i < case_count; ++i) {
    const char *one =
        JSON(stepwell_service_case, service, now, NULL, T(cases[i]));
    CHECK(support_member(one, "state_hash", hash, sizeof hash));
    printf("%s %s\n", cases[i], hash);
    support_finish();
  }
  stepwell_service_free(service);
}

int main(int argc, char **argv) {
  int i;
  for (i = 1; i < argc; ++i) {
    FILE *file = fopen(argv[i], "rb");
    if (file == NULL) return 1;
    printf("%s\n", argv[i]);
    play(file);
    fclose(file);
  }
  return check_failures != 0;
}
