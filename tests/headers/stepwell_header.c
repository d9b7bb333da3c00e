/* Valid C and C++ alike; includes nothing before the header, and it twice. */
#include "stepwell.h"

int32_t version_of_the_header(void);
int32_t version_of_the_header(void) { return STEPWELL_VERSION_NUMBER; }

const char *info(void);
const char *info(void) { return stepwell_build_info(); }
