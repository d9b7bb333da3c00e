/* What staff do beside treatment, through C: safe mode, second signs and
 * reviews (supervision), and what has been read. */
#include "capi/support.h"

#define STAFF(who) "\"actor\":{\"role\":\"staff\",\"staff\":\"" who "\"}"
#define HOST "\"actor\":{\"role\":\"integration\"}"
#define WHO "\"person\":{\"system\":\"s\",\"value\":\"1\"}"
/* In the month after. */
#define APRIL (NOW + 33 * DAY)

/* New staff are signed for, and of what is written one thread is reviewed. */
static const char protocol[] =
    "{\"protocol\":\"signed\",\"version\":\"1\",\"base\":\"minimal@1\","
    "\"status\":\"draft\",\"author\":\"A\","
    "\"documents\":{\"pools\":{\"leads\":{\"pool\":\"leads\",\"version\":\"1\","
    "\"role\":\"lead\",\"calendar\":\"always\"}}},"
    "\"imports\":{\"pools\":{\"leads\":\"leads@1\"}},"
    "\"clocks\":[{\"id\":\"sign_due\",\"budget\":\"1 day\","
    "\"source\":\"assumption\",\"ladder\":[{\"at\":\"100%\","
    "\"do\":[{\"escalate\":\"leads\"}]}]}],"
    "\"items_anywhere\":[{\"id\":\"thread_review\",\"kind\":\"task\","
    "\"who\":\"leads\",\"due\":\"sign_due\",\"title\":{\"en\":\"Review\"}}],"
    "\"supervision\":{\"second_sign\":{\"of\":[\"decision\"],"
    "\"who\":\"leads\",\"due\":\"sign_due\"},"
    "\"reviews\":[{\"id\":\"threads\",\"item\":\"thread_review\","
    "\"from\":\"threads\",\"number\":1,\"source\":\"assumption\"}]}}";

static stepwell_service *service;

static const char *submit(int64_t now_us, const char *command) {
  return JSON(stepwell_service_submit, service, now_us, T(command));
}

static void begin(void) {
  HAS(submit(NOW, "{\"id\":\"a\"," HOST ",\"command\":\"add_staff\","
                  "\"staff\":\"tea\",\"pools\":[\"team\"],"
                  "\"new_until\":\"2026-12-01T00:00:00Z\"}"),
      "\"result\":\"accepted\"");
  HAS(submit(NOW, "{\"id\":\"b\"," HOST ",\"command\":\"add_staff\","
                  "\"staff\":\"lena\",\"pools\":[\"leads\"]}"),
      "\"result\":\"accepted\"");
  HAS(submit(NOW,
             "{\"id\":\"c\"," HOST "," WHO ",\"command\":\"register_person\"}"),
      "\"result\":\"accepted\"");
  HAS(submit(NOW, "{\"id\":\"d\"," HOST "," WHO
                  ",\"command\":\"receive_referral\",\"route\":\"self\"}"),
      "\"result\":\"accepted\"");
}

static void test_messages_are_read(void) {
  static const char message[] = "{\"id\":\"m2\"," WHO
                                ",\"command\":\"receive_message\","
                                "\"message_id\":\"q\",\"text\":\"Another\"}";
  HAS(submit(NOW, "{\"id\":\"m1\"," WHO ",\"command\":\"receive_message\","
                  "\"message_id\":\"q\",\"text\":\"Is it hard?\"}"),
      "\"receipt\":\"q\"");
  HAS(submit(NOW, message), "\"receipt\":\"q/1\""); /* the id is taken */
  HAS(submit(NOW,
             "{\"id\":\"m3\"," STAFF(
                 "tea") "," WHO
                        ",\"command\":\"read_message\",\"message_id\":\"q\"}"),
      "\"MessageRead\"");
  HAS(submit(
          NOW,
          "{\"id\":\"m4\"," STAFF(
              "tea") "," WHO
                     ",\"command\":\"read_message\",\"message_id\":\"none\"}"),
      "\"code\":\"unknown_message\"");
  HAS(submit(NOW,
             "{\"id\":\"m5\"," STAFF(
                 "tea") "," WHO
                        ",\"command\":\"send_message\",\"message_id\":\"a\","
                        "\"thread\":\"t\",\"text\":\"Yes.\"}"),
      "\"MessageSent\"");
  HAS(JSON(stepwell_service_portal, service, NOW, T("s|1")),
      "\"message_id\":\"a\"");
  HAS(submit(NOW,
             "{\"id\":\"m7\"," STAFF(
                 "tea") "," WHO
                        ",\"command\":\"send_message\",\"message_id\":\"a\","
                        "\"text\":\"No.\"}"),
      "\"code\":\"message_known\"");
  HAS(submit(NOW, "{\"id\":\"m6\",\"actor\":{\"role\":\"patient\"}," WHO
                  ",\"command\":\"read_message\",\"message_id\":\"a\"}"),
      "\"MessageRead\"");
}

static void test_what_the_new_decide_is_signed(void) {
  HAS(submit(NOW, "{\"id\":\"s1\"," STAFF(
                      "tea") "," WHO
                             ",\"command\":\"work_item\",\"item\":\"ending\","
                             "\"action\":\"open\",\"reason\":\"moves away\"}"),
      "\"result\":\"accepted\"");
  HAS(submit(NOW,
             "{\"id\":\"s2\"," STAFF(
                 "tea") "," WHO
                        ",\"command\":\"work_item\",\"item\":\"ending\","
                        "\"action\":\"complete\",\"outcome\":\"redirected\"}"),
      "\"SignAsked\"");
  HAS(JSON(stepwell_service_worklist, service, NOW, T("{\"viewer\":\"lena\"}")),
      "\"state\":\"signed_once\"");
  HAS(submit(NOW, "{\"id\":\"s3\"," STAFF(
                      "tea") "," WHO
                             ",\"command\":\"work_item\",\"item\":\"ending\","
                             "\"action\":\"sign\"}"),
      "\"code\":\"own_work\"");
  HAS(submit(NOW,
             "{\"id\":\"s4\"," STAFF(
                 "lena") "," WHO
                         ",\"command\":\"work_item\",\"item\":\"ending\","
                         "\"action\":\"return\",\"reason\":\"ask her first\"}"),
      "\"SignSettled\"");
}

static void test_a_month_is_reviewed(void) {
  HAS(JSON(stepwell_service_health, service, APRIL),
      "the reviews of 2026-03 have not been drawn");
  HAS(submit(APRIL, "{\"id\":\"r0\"," HOST ",\"command\":\"draw_reviews\","
                    "\"month\":\"2025-01\",\"reason\":\"r\"}"),
      "\"code\":\"month_unknown\"");
  HAS(submit(APRIL, "{\"id\":\"r1\"," HOST ",\"command\":\"draw_reviews\","
                    "\"month\":\"2026-03\",\"reason\":\"r\"}"),
      "drawn: 1");
  HAS(JSON(stepwell_service_worklist, service, APRIL,
           T("{\"viewer\":\"lena\"}")),
      "\"of\":\"tea\"");
}

static void test_safe_mode_says_who_and_why(void) {
  HAS(submit(APRIL,
             "{\"id\":\"f0\",\"actor\":{\"role\":\"patient\"},"
             "\"command\":\"set_safe_mode\",\"on\":true,"
             "\"reason\":\"r\"}"),
      "safe mode is switched by staff and host");
  HAS(submit(APRIL, "{\"id\":\"f1\"," STAFF(
                        "lena") ","
                                "\"command\":\"set_safe_mode\",\"on\":true,"
                                "\"reason\":\"a wrong text\"}"),
      "\"result\":\"accepted\"");
  HAS(JSON(stepwell_service_health, service, APRIL),
      "\"by\":\"lena\",\"reason\":\"a wrong text\"");
  HAS(submit(APRIL, "{\"id\":\"f2\"," STAFF(
                        "lena") ","
                                "\"command\":\"set_safe_mode\",\"on\":false,"
                                "\"reason\":\"mended\"}"),
      "\"result\":\"accepted\"");
  HAS(JSON(stepwell_service_health, service, APRIL), "\"safe_off\":{");
  HAS(JSON(stepwell_service_verify, service), "\"differences\":[]");
}

int main(void) {
  service = support_create("memory:", protocol);
  begin();
  test_messages_are_read();
  test_what_the_new_decide_is_signed();
  test_a_month_is_reviewed();
  test_safe_mode_says_who_and_why();
  support_finish();
  stepwell_service_free(service);
  return CHECK_RESULT;
}
