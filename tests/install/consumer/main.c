/* A program of somebody else's, in plain C. */
#include <stdio.h>
#include <stepwell.h>

int main(void) {
  puts(stepwell_build_info());
  return stepwell_version_number() == STEPWELL_VERSION_NUMBER ? 0 : 1;
}
