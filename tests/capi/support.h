/* Short ways to call: texts by strlen, JSON out as a text that stays until
 * finish(). A call that fails unexpectedly says why. */
#ifndef STEPWELL_TESTS_CAPI_SUPPORT_H_
#define STEPWELL_TESTS_CAPI_SUPPORT_H_

#include <stdlib.h>
#include <string.h>

#include "capi/check.h"
#include "stepwell.h"

#define NOW INT64_C(1772442000000000) /* 2026-03-02T09:00:00Z */
#define DAY INT64_C(86400000000)
/* A text with its length. */
#define T(text) (text), strlen(text)

static char *support_texts[4096];
static size_t support_count = 0;

/* Frees what CALL gave. */
static inline void support_finish(void) {
  while (support_count > 0)
    stepwell_string_free(support_texts[--support_count]);
}

static inline const char *support_keep(stepwell_status status, char *text,
                                       stepwell_error *error, const char *file,
                                       int line) {
  if (status != STEPWELL_OK) {
    fprintf(stderr, "%s:%d: status %d: %s\n", file, line, (int)status,
            stepwell_error_message(error));
    ++check_failures;
    stepwell_error_free(error);
    return "";
  }
  if (support_count < sizeof support_texts / sizeof *support_texts) {
    support_texts[support_count++] = text;
  }
  return text;
}

/* The text that a call gives whose last arguments are out, length, error. */
static char *support_text;
static stepwell_error *support_error;
static stepwell_status support_status;
#define JSON(function, ...)                                            \
  (support_text = NULL, support_error = NULL,                          \
   support_status =                                                    \
       function(__VA_ARGS__, &support_text, NULL, &support_error),     \
   support_keep(support_status, support_text, support_error, __FILE__, \
                __LINE__))

#define HAS(text, part)                                                   \
  do {                                                                    \
    const char *has_text = (text);                                        \
    if (has_text == NULL || strstr(has_text, (part)) == NULL) {           \
      fprintf(stderr, "%s:%d: no %s in %s\n", __FILE__, __LINE__, (part), \
              has_text == NULL ? "NULL" : has_text);                      \
      ++check_failures;                                                   \
    }                                                                     \
  } while (0)

/* The value of the first member called `name` that is a text, into `out`. */
static inline int support_member(const char *json, const char *name, char *out,
                                 size_t size) {
  char key[64];
  const char *found;
  size_t i = 0;
  snprintf(key, sizeof key, "\"%s\":\"", name);
  found = strstr(json, key);
  if (found == NULL) return 0;
  for (found += strlen(key); *found != '"' && *found != '\0'; ++found) {
    if (i + 1 < size) out[i++] = *found;
  }
  out[i] = '\0';
  return 1;
}

static inline stepwell_service *support_create(const char *url,
                                               const char *protocol) {
  stepwell_service_options options;
  stepwell_service *service = NULL;
  stepwell_error *error = NULL;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.store_url = url;
  options.store_url_len = strlen(url);
  options.protocol = protocol;
  options.protocol_len = strlen(protocol);
  options.flags = STEPWELL_SERVICE_PROTOTYPE;
  if (stepwell_service_create(&options, NOW, &service, &error) != STEPWELL_OK) {
    fprintf(stderr, "create: %s\n", stepwell_error_message(error));
    ++check_failures;
  }
  return service;
}

#endif /* STEPWELL_TESTS_CAPI_SUPPORT_H_ */
