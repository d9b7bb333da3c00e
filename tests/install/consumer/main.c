/* A program of somebody else's, in plain C: the library that it was built
 * with, and one case in a service of its own. */
#include <stdio.h>
#include <stepwell.h>
#include <string.h>

static int submit(stepwell_service *service, const char *command) {
  char *reply = NULL;
  int accepted = 0;
  if (stepwell_service_submit(service, 1772442000000000, command,
                              strlen(command), &reply, NULL,
                              NULL) == STEPWELL_OK) {
    accepted = strstr(reply, "\"result\":\"accepted\"") != NULL;
  }
  stepwell_string_free(reply);
  return accepted;
}

int main(void) {
  stepwell_service_options options = {sizeof options, 0, 0, 0, 0, 0, 0, 0};
  stepwell_service *service = NULL;
  int works;
  options.store_url = "memory:";
  options.store_url_len = 7;
  options.protocol = "catalogue:minimal";
  options.protocol_len = 17;
  options.flags = STEPWELL_SERVICE_PROTOTYPE;
  if (stepwell_service_create(&options, 1772442000000000, &service, NULL) !=
      STEPWELL_OK) {
    return 1;
  }
  works = submit(service,
                 "{\"id\":\"1\",\"actor\":{\"role\":\"integration\"},"
                 "\"command\":\"register_person\",\"person\":{\"value\":"
                 "\"1\"}}") &&
          submit(service,
                 "{\"id\":\"2\",\"actor\":{\"role\":\"integration\"},"
                 "\"command\":\"receive_referral\",\"route\":\"self\","
                 "\"person\":{\"value\":\"1\"}}");
  stepwell_service_free(service);
  puts(stepwell_build_info());
  return works && stepwell_version_number() == STEPWELL_VERSION_NUMBER ? 0 : 1;
}
