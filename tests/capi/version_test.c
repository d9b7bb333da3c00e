/* The library that is loaded is the one that this header describes. */
#include <string.h>

#include "capi/check.h"
#include "stepwell.h"

static void test_number_and_header_agree(void) {
  CHECK(stepwell_version_number() == STEPWELL_VERSION_NUMBER);
  CHECK(STEPWELL_VERSION_NUMBER > 0);
}

static void test_build_info_names_what_counts(void) {
  char version[64];
  const char *info = stepwell_build_info();
  CHECK(info != NULL);
  if (info == NULL) return;
  snprintf(version, sizeof version, "\"version\":\"%d.%d.%d\"",
           STEPWELL_VERSION_MAJOR, STEPWELL_VERSION_MINOR,
           STEPWELL_VERSION_PATCH);
  CHECK(info[0] == '{');
  CHECK(strstr(info, version) != NULL);
  CHECK(strstr(info, "\"compiler\":\"") != NULL);
  CHECK(strstr(info, "\"features\":[") != NULL);
  CHECK(strstr(info, "\"tzdata\":\"20") != NULL);
  CHECK(strstr(info, "\"dependencies\":{\"abseil\":\"") != NULL);
  /* No version may be empty: the build did not find out what it links. */
  CHECK(strstr(info, "\"\"") == NULL);
}

static void test_build_info_is_borrowed_and_stays(void) {
  CHECK(stepwell_build_info() == stepwell_build_info());
}

int main(void) {
  test_number_and_header_agree();
  test_build_info_names_what_counts();
  test_build_info_is_borrowed_and_stays();
  return CHECK_RESULT;
}
