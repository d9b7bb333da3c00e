/* One patient from referral to discharge, in C, on an SQLite file.
 * usage: first_case FILE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepwell.h"

#define DAY INT64_C(86400000000) /* in microseconds, like every time here */

static stepwell_service *service;
static int64_t now = INT64_C(1772442000000000); /* 2026-03-02T09:00:00Z */

/* tutorial: errors */
/* What a call gave, or the end of the program with the reason. */
static void show(const char *what, stepwell_status status, char *json,
                 stepwell_error *error) {
  if (status != STEPWELL_OK) {
    fprintf(stderr, "%s: %s\n", what, stepwell_error_message(error));
    exit(1);
  }
  printf("%s: %s\n", what, json);
  stepwell_string_free(json);
}
/* tutorial end */

/* tutorial: submit */
static void submit(const char *actor, const char *members) {
  static int number = 0;
  char command[512];
  char *reply;
  stepwell_error *error;
  stepwell_status status;
  snprintf(command, sizeof command,
           "{\"id\":\"first-%d\",\"actor\":%s,\"person\":{\"system\":"
           "\"urn:clinic\",\"value\":\"p-1\"},\"command\":%s}",
           ++number, actor, members);
  status = stepwell_service_submit(service, now, command, strlen(command),
                                   &reply, NULL, &error);
  show("reply", status, reply, error);
}
/* tutorial end */

static void advance(int days) {
  char *json;
  stepwell_error *error;
  stepwell_status status;
  now += days * DAY;
  status = stepwell_service_advance(service, now, NULL, &json, NULL, &error);
  show("clocks", status, json, error);
}

static const char host[] = "{\"role\":\"integration\"}";
static const char patient[] = "{\"role\":\"patient\"}";
static const char anna[] = "{\"role\":\"staff\",\"staff\":\"anna\"}";

int main(int argc, char **argv) {
  char url[512], *json;
  stepwell_error *error;
  stepwell_status status;
  stepwell_service_options options = {sizeof options, 0, 0, 0, 0, 0, 0, 0};
  snprintf(url, sizeof url, "sqlite:%s", argc > 1 ? argv[1] : "first_case.db");

  /* tutorial: create */
  options.store_url = url;
  options.store_url_len = strlen(url);
  options.protocol = "catalogue:minimal"; /* or the text of a document */
  options.protocol_len = strlen(options.protocol);
  options.flags = STEPWELL_SERVICE_PROTOTYPE; /* a draft, and no patients */
  if (stepwell_service_create(&options, now, &service, &error) != STEPWELL_OK) {
    fprintf(stderr, "%s\n", stepwell_error_message(error));
    return 1;
  }
  /* tutorial end */

  /* tutorial: story */
  submit(host, "\"add_staff\",\"staff\":\"anna\",\"pools\":[\"team\"]");
  submit(host, "\"register_person\"");
  submit(host, "\"receive_referral\",\"route\":\"self\"");
  advance(8); /* nobody answers the questionnaire: a reminder */
  status = stepwell_service_outbox(service, 0, 10, &json, NULL, &error);
  show("outbox", status, json, error);
  submit(patient,
         "\"submit_response\",\"item\":\"form\","
         "\"answers\":[1,2,1,1,0,1,0,1,0]");
  submit(anna,
         "\"work_item\",\"item\":\"call\",\"action\":\"complete\","
         "\"minutes\":20");
  submit(anna,
         "\"work_item\",\"item\":\"ending\",\"action\":\"complete\","
         "\"outcome\":\"helped\",\"reason\":\"feels better\"");
  /* tutorial end */

  status = stepwell_service_verify(service, &json, NULL, &error);
  show("replay", status, json, error);
  stepwell_service_free(service);
  return 0;
}
