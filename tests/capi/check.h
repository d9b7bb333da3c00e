/* The least a C test needs: CHECK(condition), and CHECK_RESULT for main. */
#ifndef STEPWELL_TESTS_CAPI_CHECK_H_
#define STEPWELL_TESTS_CAPI_CHECK_H_

#include <stdio.h>

static int check_failures = 0;

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      ++check_failures;                                                       \
    }                                                                         \
  } while (0)

#define CHECK_RESULT (check_failures == 0 ? 0 : 1)

#endif /* STEPWELL_TESTS_CAPI_CHECK_H_ */
