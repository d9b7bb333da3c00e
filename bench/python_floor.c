/* The floor of bench/python_bench.py: the same submits by a C loop, on the same
 * library in the same process. */
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "stepwell.h"

typedef stepwell_status (*submit_function)(stepwell_service *, int64_t,
                                           const char *, size_t, char **,
                                           size_t *, stepwell_error **);
typedef void (*free_function)(char *);

/* Seconds of processor time for `count` commands, one text each; -1 when one
 * fails. */
double stepwell_python_floor(submit_function submit, free_function string_free,
                             stepwell_service *service, int64_t now_us,
                             const char **commands, size_t count);

double stepwell_python_floor(submit_function submit, free_function string_free,
                             stepwell_service *service, int64_t now_us,
                             const char **commands, size_t count) {
  struct timespec begin, end;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  for (size_t i = 0; i < count; ++i) {
    char *reply;
    if (submit(service, now_us, commands[i], strlen(commands[i]), &reply, NULL,
               NULL) != STEPWELL_OK) {
      return -1;
    }
    string_free(reply);
  }
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return (double)(end.tv_sec - begin.tv_sec) +
         (double)(end.tv_nsec - begin.tv_nsec) * 1e-9;
}
