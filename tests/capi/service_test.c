/* A service through C: commands and their replies, clocks, what is asked of
 * it, import and what comes out. */
#include "capi/support.h"

#define ROLE(role) "\"actor\":{\"role\":\"" role "\"}"
#define WHO "\"person\":{\"system\":\"s\",\"value\":\"1\"}"

static stepwell_service *service;
static char case_id[32];

static const char *submit(int64_t now_us, const char *command) {
  return JSON(stepwell_service_submit, service, now_us, T(command));
}

static void test_commands_are_accepted_rejected_repeated_or_parked(void) {
  const char *referral = "{\"id\":\"2\"," ROLE(
      "integration") "," WHO
                     ",\"command\":\"receive_referral\",\"route\":\"self\"}";
  const char *reply;
  HAS(submit(NOW,
             "{\"id\":\"1\"," ROLE(
                 "integration") "," WHO ",\"command\":\"register_person\"}"),
      "\"result\":\"accepted\"");
  HAS(submit(NOW,
             "{\"id\":\"s\"," ROLE(
                 "integration") ",\"command\":\"add_staff\",\"staff\":\"anna\","
                                "\"pools\":[\"therapists\"]}"),
      "\"result\":\"accepted\"");
  reply = submit(NOW, referral);
  HAS(reply, "\"repeated\":false");
  CHECK(support_member(reply, "case", case_id, sizeof case_id));
  HAS(submit(NOW, referral), "\"repeated\":true");
  HAS(submit(
          NOW,
          "{\"id\":\"3\",\"actor\":{\"role\":\"staff\",\"staff\":\"anna\"}," WHO
          ",\"command\":\"work_item\",\"item\":\"discharge\","
          "\"action\":\"complete\",\"outcome\":\"completed\"}"),
      "\"result\":\"rejected\"");
  HAS(submit(
          NOW,
          "{\"id\":\"4\"," ROLE(
              "patient") ",\"person\":{\"system\":\"s\",\"value\":\"nobody\"},"
                         "\"command\":\"receive_message\",\"text\":\"hello\"}"),
      "\"result\":\"parked\"");
}

/* Appointments, groups and transfers need no function of their own. */
static void test_bookings_reach_through_submit(void) {
  HAS(submit(NOW,
             "{\"id\":\"n1\",\"actor\":{\"role\":\"staff\",\"staff\":\"anna\"}"
             "," WHO ",\"command\":\"work_item\",\"item\":\"contact\","
             "\"action\":\"open\",\"reason\":\"to talk\"}"),
      "\"result\":\"accepted\"");
  HAS(submit(NOW,
             "{\"id\":\"n2\",\"actor\":{\"role\":\"staff\",\"staff\":\"anna\"}"
             "," WHO
             ",\"command\":\"offer_slots\",\"item\":\"contact\",\"slots\":[{"
             "\"id\":\"a\",\"starts_at\":\"2026-06-01T09:00:00Z\"}]}"),
      "\"SlotsOffered\"");
  HAS(submit(NOW, "{\"id\":\"n3\"," ROLE(
                      "patient") "," WHO ",\"command\":\"change_appointment\","
                                 "\"item\":\"contact\",\"action\":\"book\","
                                 "\"slot\":\"a\",\"mode\":\"visit\"}"),
      "\"result\":\"accepted\"");
  HAS(submit(NOW,
             "{\"id\":\"n4\"," ROLE(
                 "integration") ",\"command\":\"open_group\",\"group\":\"g\","
                                "\"kind\":\"none\","
                                "\"starts_at\":\"2026-06-01T09:00:00Z\"}"),
      "\"code\":\"unknown_group\"");
  HAS(submit(NOW,
             "{\"id\":\"n5\",\"actor\":{\"role\":\"staff\",\"staff\":\"anna\"}"
             "," WHO ",\"command\":\"transfer_case\",\"action\":\"hand_over\","
             "\"to\":\"hospital\",\"reason\":\"ill\",\"text\":\"Dear\"}"),
      "\"code\":\"no_transfer\"");
}

/* Nothing that a patient sends is lost for its spelling. */
static void test_patients_texts_are_taken(void) {
  static const char begins[] =
      "{\"command\":\"receive_message\"," WHO ",\"text\":\"x\"";
  static char huge[(1 << 20) + 200];
  stepwell_error *error = NULL;
  HAS(submit(NOW, "{\"id\":\"h\"," ROLE(
                      "patient") "," WHO ",\"command\":\"receive_message\","
                                 "\"message_id\":\"h\","
                                 "\"text\":\"to die \\ud83d\"}"),
      "\"result\":\"accepted\"");
  HAS(submit(NOW, "{\"id\":\"k\"," ROLE(
                      "patient") "," WHO ",\"command\":\"receive_message\","
                                 "\"message_id\":\"k\","
                                 "\"text\":\"a\",\"text\":\"b\"}"),
      "\"code\":\"repeated_key\"");
  /* Beyond the bound of a command: an error, and nothing is kept. */
  memset(huge, ' ', sizeof huge);
  memcpy(huge, begins, sizeof begins - 1);
  huge[sizeof huge - 1] = '}';
  CHECK(stepwell_service_submit(service, NOW, huge, sizeof huge, &support_text,
                                NULL, &error) == STEPWELL_TOO_LARGE);
  CHECK(support_text == NULL);
  stepwell_error_free(error);
}

static void test_errors_have_a_status_and_a_place(void) {
  stepwell_error *error = NULL;
  CHECK(stepwell_service_submit(
            service, NOW,
            T("{\"id\":\"2\"," ROLE(
                "integration") "," WHO ",\"command\":\"receive_referral\","
                               "\"route\":\"gp\"}"),
            &support_text, NULL, &error) == STEPWELL_ID_USED);
  CHECK(support_text == NULL);
  stepwell_error_free(error);
  CHECK(stepwell_service_submit(
            service, NOW,
            T("{\"id\":\"9\"," ROLE("integration") ",\"command\":\"dance\"}"),
            &support_text, NULL, &error) == STEPWELL_INVALID);
  HAS(stepwell_error_json(error), "\"pointer\":\"/command\"");
  stepwell_error_free(error);
  CHECK(stepwell_service_case(service, NOW, NULL, T("s|nobody"), &support_text,
                              NULL, &error) == STEPWELL_NOT_FOUND);
  stepwell_error_free(error);
}

static void test_outcomes(void) {
  stepwell_error *error = NULL;
  HAS(JSON(stepwell_service_export, service, NOW,
           T("{\"format\":\"outcomes\",\"by\":\"route\"}"), NULL, NULL),
      "\"log_head\":");
  CHECK(stepwell_service_export(
            service, NOW, T("{\"format\":\"outcomes\",\"by\":\"x\"}"), NULL,
            NULL, &support_text, NULL, &error) == STEPWELL_INVALID);
  HAS(stepwell_error_json(error), "\"pointer\":\"/by\"");
  stepwell_error_free(error);
}

static void test_lists_and_explanations(void) {
  stepwell_past_options past;
  stepwell_error *error = NULL;
  const char *page;
  HAS(JSON(stepwell_service_worklist, service, NOW, NULL, 0),
      "\"kind\":\"parked\"");
  page = JSON(stepwell_service_worklist, service, NOW,
              T("{\"kind\":\"alert\",\"limit\":5}"));
  HAS(page, "\"total\":0");
  page = JSON(stepwell_service_worklist, service, NOW,
              T("{\"kind\":\"parked\",\"with_text\":true}"));
  HAS(page, "\"text\":\"{");
  HAS(JSON(stepwell_service_portal, service, NOW, T(case_id)),
      "\"item\":\"screen_phq9\"");
  HAS(JSON(stepwell_service_case, service, NOW, NULL, T("s|1")), case_id);
  HAS(JSON(stepwell_service_explain, service, NOW, NULL, T("s|1"), T("m1")),
      "\"state\":\"blocked\"");
  /* What was known then: the case, and no case before it. */
  memset(&past, 0, sizeof past);
  past.struct_size = sizeof past;
  past.as_of_us = NOW;
  HAS(JSON(stepwell_service_case, service, NOW, &past, T("s|1")), case_id);
  past.flags = STEPWELL_PAST_CLINICAL;
  HAS(JSON(stepwell_service_case, service, NOW, &past, T("s|1")), case_id);
  past.flags = 0;
  past.as_of_us = NOW - INT64_C(1000000);
  CHECK(stepwell_service_explain(service, NOW, &past, T("s|1"), T("m1"),
                                 &support_text, NULL,
                                 &error) == STEPWELL_NOT_FOUND);
  HAS(stepwell_error_message(error), "there was no case");
  stepwell_error_free(error);
  page = JSON(stepwell_service_list_cases, service, NULL, 0, UINT64_C(10));
  HAS(page, case_id);
  page = JSON(stepwell_service_list_cases, service, T(case_id), UINT64_C(10));
  CHECK(strcmp(page, "[]") == 0);
  CHECK(stepwell_service_list_cases(service, NULL, 0, 0, &support_text, NULL,
                                    NULL) == STEPWELL_INVALID);
  CHECK(stepwell_service_outbox(service, 0, 1000000, &support_text, NULL,
                                NULL) == STEPWELL_INVALID);
}

/* A newer version of the protocol, and the case that goes over to it. */
static void test_versions(void) {
  const char *newer =
      "{\"protocol\":\"icbt_base\",\"base\":\"icbt_base@1\","
      "\"version\":\"2\",\"status\":\"draft\"}";
  const char *plan =
      "{\"migration\":\"m\",\"reason\":\"r\",\"from\":\"icbt_base@1\","
      "\"to\":\"icbt_base@2\"}";
  stepwell_version_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.flags = STEPWELL_VERSION_DEPLOY;
  options.document = newer;
  options.document_len = strlen(newer);
  CHECK(stepwell_service_change_version(service, NOW, &options, &support_text,
                                        NULL, NULL) == STEPWELL_PRECONDITION);
  options.flags |= STEPWELL_VERSION_PROTOTYPE;
  HAS(JSON(stepwell_service_change_version, service, NOW, &options),
      "\"deployed\":true");
  options.flags = 0;
  options.document = plan;
  options.document_len = strlen(plan);
  HAS(JSON(stepwell_service_change_version, service, NOW, &options),
      "\"applied\":false,\"fine\":1");
  options.flags = STEPWELL_VERSION_APPLY | STEPWELL_VERSION_DEPLOY;
  CHECK(stepwell_service_change_version(service, NOW, &options, &support_text,
                                        NULL, NULL) == STEPWELL_MISUSE);
  options.flags = STEPWELL_VERSION_APPLY;
  HAS(JSON(stepwell_service_change_version, service, NOW, &options),
      "\"applied\":true,\"fine\":1");
  HAS(JSON(stepwell_service_change_version, service, NOW, &options),
      "\"there\":1");
  options.flags = STEPWELL_VERSION_AMEND | STEPWELL_VERSION_CLOSED;
  CHECK(stepwell_service_change_version(service, NOW, &options, &support_text,
                                        NULL, NULL) == STEPWELL_INVALID);
  options.document =
      "{\"migration\":\"fix\",\"reason\":\"r\",\"approver\":\"Dr. Lind\","
      "\"from\":\"icbt_base@1\",\"to\":\"icbt_base@2\"}";
  options.document_len = strlen(options.document);
  HAS(JSON(stepwell_service_change_version, service, NOW, &options),
      "\"approver\":\"Dr. Lind\",\"reason\":\"r\",\"applied\":false");
  options.flags |= STEPWELL_VERSION_APPLY;
  HAS(JSON(stepwell_service_change_version, service, NOW, &options),
      "\"applied\":true");
  options.cases_max = 1;
  CHECK(stepwell_service_change_version(service, NOW, &options, &support_text,
                                        NULL, NULL) == STEPWELL_MISUSE);
}

/* A patient in mid-treatment: a command like any other. */
static void test_adoption(void) {
  static const char adopt[] =
      "\"command\":\"adopt_case\"," ROLE("integration") ",\"person\":{"
      "\"system\":\"s\",\"value\":\"adopted\"},\"owner\":{\"pool\":"
      "\"therapists\"},\"referrals\":[{\"route\":\"self\",\"received_at\":"
      "\"2026-01-02T09:00:00Z\"}],\"tracks\":[{\"track\":\"pathway\","
      "\"phase\":\"intake\",\"since\":\"2026-01-02T09:00:00Z\"}]}";
  char command[512];
  HAS(submit(NOW, "{\"id\":\"adp\",\"command\":\"register_person\"," ROLE(
                      "integration") ",\"person\":{\"system\":\"s\","
                                     "\"value\":\"adopted\"}}"),
      "accepted");
  snprintf(command, sizeof command, "{\"id\":\"ad\",%s", adopt);
  HAS(submit(NOW, command), "\"result\":\"accepted\"");
  HAS(submit(NOW, command), "\"repeated\":true");
  snprintf(command, sizeof command, "{\"id\":\"ad2\",%s", adopt);
  HAS(submit(NOW, command), "\"code\":\"case_known\"");
}

static void test_clocks_and_effects(void) {
  char effect[32], command[256];
  stepwell_advance_options options;
  const char *outbox;
  CHECK(stepwell_service_advance(service, NOW + 90 * DAY, NULL, &support_text,
                                 NULL, NULL) == STEPWELL_PRECONDITION);
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.flags = STEPWELL_ADVANCE_PREVIEW;
  HAS(JSON(stepwell_service_advance, service, NOW + 90 * DAY, &options),
      "\"needs_catch_up\":true");
  options.flags = 0;
  options.clocks_max = 1;
  HAS(JSON(stepwell_service_advance, service, NOW + 20 * DAY, &options),
      "\"more\":true");
  HAS(JSON(stepwell_service_advance, service, NOW + 20 * DAY, NULL),
      "\"more\":false");
  options.flags = STEPWELL_ADVANCE_CATCH_UP;
  options.clocks_max = 0;
  HAS(JSON(stepwell_service_advance, service, NOW + 90 * DAY, &options),
      "\"failed\":[]");
  outbox = JSON(stepwell_service_outbox, service, UINT64_C(0), UINT64_C(100));
  CHECK(support_member(outbox, "effect", effect, sizeof effect));
  snprintf(
      command, sizeof command,
      "{\"id\":\"settle\"," ROLE(
          "integration") "," WHO
                         ",\"command\":\"settle_effect\",\"effect\":\"%s\","
                         "\"delivered\":true}",
      effect);
  HAS(submit(NOW + 90 * DAY, command), "\"result\":");
}

static void test_health_is_proved(void) {
  HAS(JSON(stepwell_service_health, service, NOW + 90 * DAY),
      "\"violations\":[]");
  HAS(JSON(stepwell_service_verify, service), "\"differences\":[]");
  HAS(JSON(stepwell_service_summary, service, NOW + 90 * DAY),
      "\"referrals\":2");
}

static void test_import(void) {
  HAS(JSON(stepwell_service_import, service, NOW + 90 * DAY,
           T("{\"resourceType\":\"Patient\",\"identifier\":[{\"system\":"
             "\"urn:x\",\"value\":\"7\"}],\"birthDate\":\"1980-01-01\"}"),
           T("urn:clinic")),
      "\"persons\":1");
}

static void test_live_services_begin_with_what_is_approved(void) {
  static const char approved[] =
      "{\"protocol\":\"clinic\",\"base\":\"minimal@1\",\"version\":\"1\","
      "\"status\":\"approved\",\"approver\":\"Dr B\"}";
  stepwell_service_options options;
  stepwell_service *live = NULL;
  stepwell_error *error = NULL;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.store_url = "memory:";
  options.store_url_len = strlen(options.store_url);
  options.protocol = "catalogue:minimal"; /* a draft */
  options.protocol_len = strlen(options.protocol);
  CHECK(stepwell_service_create(&options, NOW, &live, &error) ==
        STEPWELL_PRECONDITION);
  CHECK(live == NULL);
  HAS(stepwell_error_message(error), "not approved");
  stepwell_error_free(error);
  options.protocol = approved;
  options.protocol_len = strlen(approved);
  CHECK(stepwell_service_create(&options, NOW, &live, &error) == STEPWELL_OK);
  stepwell_service_free(live);
  /* Whatever runs was let in once: the flag says nothing to open. */
  options.protocol_len = 0;
  options.flags = STEPWELL_SERVICE_PROTOTYPE;
  CHECK(stepwell_service_open(&options, &live, NULL) == STEPWELL_INVALID);
}

static void test_a_service_outlives_its_handle(void) {
  stepwell_service_options options;
  stepwell_service *again = NULL;
  stepwell_error *error = NULL;
  remove("capi_service_test.db");
  again = support_create("sqlite:capi_service_test.db", "catalogue:minimal");
  stepwell_service_free(again);
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.store_url = "sqlite:capi_service_test.db";
  options.store_url_len = strlen(options.store_url);
  CHECK(stepwell_service_open(&options, &again, &error) == STEPWELL_OK);
  HAS(JSON(stepwell_service_verify, again), "\"differences\":[]");
  stepwell_service_free(again);
  options.protocol = "catalogue:minimal";
  options.protocol_len = strlen(options.protocol);
  CHECK(stepwell_service_open(&options, &again, &error) == STEPWELL_INVALID);
  CHECK(again == NULL);
  stepwell_error_free(error);
  /* A structure of an older caller, which ends before the protocol. */
  options.struct_size = (uint32_t)offsetof(stepwell_service_options, protocol);
  CHECK(stepwell_service_open(&options, &again, &error) == STEPWELL_OK);
  stepwell_service_free(again);
  remove("capi_service_test.db");
}

int main(void) {
  service = support_create("memory:", "catalogue:icbt_base");
  test_commands_are_accepted_rejected_repeated_or_parked();
  test_bookings_reach_through_submit();
  test_patients_texts_are_taken();
  test_errors_have_a_status_and_a_place();
  test_outcomes();
  test_lists_and_explanations();
  test_versions();
  test_adoption();
  test_clocks_and_effects();
  test_health_is_proved();
  test_import();
  test_live_services_begin_with_what_is_approved();
  test_a_service_outlives_its_handle();
  support_finish();
  stepwell_service_free(service);
  return CHECK_RESULT;
}
