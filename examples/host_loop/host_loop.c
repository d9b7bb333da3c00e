/* The loop that every host of a service has: fire what is due, deliver what
 * waits, and start again where it stopped. Time is played: an hour a turn.
 * usage: host_loop FILE */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepwell.h"

#define HOUR INT64_C(3600000000)

static stepwell_service *service;
static int64_t now = INT64_C(1772442000000000); /* 2026-03-02T09:00:00Z */
static int delivered = 0, failures = 0, restarts = 0;

static void must(const char *what, stepwell_status status,
                 stepwell_error *error) {
  if (status == STEPWELL_OK) return;
  fprintf(stderr, "%s: %s\n", what, stepwell_error_message(error));
  exit(1);
}

static void submit(const char *command) {
  char *reply;
  stepwell_error *error;
  must("submit",
       stepwell_service_submit(service, now, command, strlen(command), &reply,
                               NULL, &error),
       error);
  stepwell_string_free(reply);
}

/* tutorial: deliver */
/* A letter, a text message, a task in the EHR. Twice in three times the line
 * is dead. */
static int deliver(const char *effect) {
  static int attempts = 0;
  (void)effect;
  return ++attempts % 3 == 0;
}

/* The text of a member of the object that begins at `json`. */
static void member(const char *json, const char *name, char out[64]) {
  char key[32];
  const char *found;
  size_t n = 0;
  snprintf(key, sizeof key, "\"%s\":\"", name);
  found = strstr(json, key);
  if (found != NULL) {
    found += strlen(key);
    while (found[n] != '"' && n < 63) ++n;
    memcpy(out, found, n);
  }
  out[n] = '\0';
}

/* Delivers what waits. What fails stays in the outbox and comes again in the
 * next turn; what was delivered is settled, under an id made from the effect,
 * so that a crash in between settles it twice and changes nothing. */
static void consume_outbox(void) {
  char *page;
  const char *at;
  stepwell_error *error;
  must("outbox", stepwell_service_outbox(service, 0, 100, &page, NULL, &error),
       error);
  for (at = strstr(page, "{\"effect\""); at != NULL;
       at = strstr(at + 1, "{\"effect\"")) {
    char effect[64], patient_case[64], command[512];
    member(at, "effect", effect);
    member(at, "case", patient_case);
    if (!deliver(effect)) {
      ++failures;
      continue;
    }
    ++delivered;
    snprintf(command, sizeof command,
             "{\"id\":\"settle/%s\",\"actor\":{\"role\":\"integration\"},"
             "\"case\":\"%s\",\"command\":\"settle_effect\","
             "\"effect\":\"%s\",\"delivered\":true}",
             effect, patient_case, effect);
    submit(command);
  }
  stepwell_string_free(page);
}
/* tutorial end */

/* tutorial: tick */
static void tick(void) {
  char *result;
  stepwell_error *error;
  must("advance",
       stepwell_service_advance(service, now, NULL, &result, NULL, &error),
       error);
  stepwell_string_free(result);
  consume_outbox();
}
/* tutorial end */

/* tutorial: restart */
/* The process may end at any time: all that counts is in the store. */
static void restart(const stepwell_service_options *where) {
  stepwell_error *error;
  stepwell_service_free(service);
  must("open", stepwell_service_open(where, &service, &error), error);
  ++restarts;
}
/* tutorial end */

int main(int argc, char **argv) {
  char url[512], *json;
  stepwell_error *error;
  stepwell_service_options where = {sizeof where, 0, 0, 0, 0, 0, 0, 0};
  stepwell_service_options made;
  int hour;
  snprintf(url, sizeof url, "sqlite:%s", argc > 1 ? argv[1] : "host_loop.db");
  where.store_url = url;
  where.store_url_len = strlen(url);
  made = where;
  made.protocol = "catalogue:minimal";
  made.protocol_len = strlen(made.protocol);
  made.flags = STEPWELL_SERVICE_PROTOTYPE; /* the catalogue holds drafts */
  must("create", stepwell_service_create(&made, now, &service, &error), error);
  submit(
      "{\"id\":\"1\",\"actor\":{\"role\":\"integration\"},\"command\":"
      "\"register_person\",\"person\":{\"system\":\"s\",\"value\":\"1\"}}");
  submit(
      "{\"id\":\"2\",\"actor\":{\"role\":\"integration\"},\"command\":"
      "\"receive_referral\",\"route\":\"self\","
      "\"person\":{\"system\":\"s\",\"value\":\"1\"}}");
  /* A risk answer: the alert speaks to the team every hour until somebody
   * acts. */
  submit(
      "{\"id\":\"3\",\"actor\":{\"role\":\"patient\"},\"command\":"
      "\"submit_response\",\"item\":\"form\","
      "\"person\":{\"system\":\"s\",\"value\":\"1\"},"
      "\"answers\":[1,1,1,1,1,1,1,1,1]}");

  /* tutorial: loop */
  for (hour = 1; hour <= 24; ++hour) {
    now += HOUR;
    if (hour % 10 == 0) restart(&where);
    tick();
  }
  /* tutorial end */

  must("health", stepwell_service_health(service, now, &json, NULL, &error),
       error);
  printf("%d delivered, %d attempts failed, %d restarts\n%s\n", delivered,
         failures, restarts, json);
  stepwell_string_free(json);
  stepwell_service_free(service);
  return 0;
}
