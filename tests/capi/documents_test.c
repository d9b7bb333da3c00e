/* What works without a service: catalogue, protocols, instruments,
 * expressions, and the parts of an error. */
#include "capi/support.h"

static void test_catalogue(void) {
  char *list = NULL;
  size_t len = 0;
  stepwell_error *error = NULL;
  CHECK(stepwell_catalogue_document(NULL, 0, &list, &len, &error) ==
        STEPWELL_OK);
  CHECK(list != NULL && strlen(list) == len);
  HAS(list, "\"protocols/icbt_base.json\"");
  stepwell_string_free(list);
  HAS(JSON(stepwell_catalogue_document, T("instruments/phq-9.json")),
      "\"phq-9\"");
  CHECK(stepwell_catalogue_document(T("instruments/none.json"), &list, NULL,
                                    &error) == STEPWELL_NOT_FOUND);
  CHECK(strcmp(stepwell_error_code(error), "not_found") == 0);
  stepwell_error_free(error);
}

static void test_mistakes_of_a_protocol_are_a_result_or_an_error(void) {
  stepwell_protocol *protocol = NULL;
  stepwell_error *error = NULL;
  const char *bad = "{\"protocol\": \"x\", \"colour\": 1}";
  const char *check = JSON(stepwell_protocol_check, T(bad));
  HAS(check, "\"ok\":false");
  HAS(check, "\"pointer\":\"/colour\"");
  CHECK(stepwell_protocol_compile(T(bad), &protocol, &error) ==
        STEPWELL_INVALID);
  CHECK(protocol == NULL);
  CHECK(stepwell_error_status(error) == STEPWELL_INVALID);
  HAS(stepwell_error_message(error), "the protocol has errors");
  HAS(stepwell_error_json(error), "\"issues\":[{\"severity\":\"error\"");
  HAS(stepwell_error_json(error), "\"pointer\":\"/colour\"");
  stepwell_error_free(error);
  CHECK(stepwell_protocol_check(T("{\"a\":"), &support_text, NULL, &error) ==
        STEPWELL_INVALID);
  HAS(stepwell_error_json(error), "\"offset\":5");
  stepwell_error_free(error);
}

static void test_protocol(void) {
  stepwell_protocol *protocol = NULL;
  CHECK(stepwell_protocol_compile(T("catalogue:icbt_sweden"), &protocol,
                                  NULL) == STEPWELL_OK);
  HAS(JSON(stepwell_protocol_info, protocol), "\"id\":\"icbt_sweden\"");
  HAS(JSON(stepwell_protocol_info, protocol), "\"logic_hash\"");
  stepwell_protocol_free(protocol);
}

static void test_a_protocol_is_drawn(void) {
  stepwell_protocol *protocol = NULL;
  stepwell_error *error = NULL;
  size_t len = 0;
  CHECK(stepwell_protocol_compile(T("catalogue:icbt_sweden"), &protocol,
                                  NULL) == STEPWELL_OK);
  HAS(JSON(stepwell_protocol_draw, protocol, NULL, 0), "<svg xmlns=");
  HAS(JSON(stepwell_protocol_draw, protocol, T("{}")), "Egenanm");
  HAS(JSON(stepwell_protocol_draw, protocol,
           T("{\"as\":\"dot\",\"language\":\"en\"}")),
      "label=\"Self-referral");
  HAS(JSON(stepwell_protocol_draw, protocol, T("{\"as\":\"mermaid\"}")),
      "flowchart LR\n");
  CHECK(stepwell_protocol_draw(protocol, T("{\"as\":\"png\"}"), &support_text,
                               &len, &error) == STEPWELL_INVALID);
  CHECK(support_text == NULL && len == 0);
  HAS(stepwell_error_json(error), "\"pointer\":\"/as\"");
  stepwell_error_free(error);
  CHECK(stepwell_protocol_draw(protocol, T("{\"language\":\"<x>\"}"),
                               &support_text, NULL,
                               &error) == STEPWELL_INVALID);
  stepwell_error_free(error);
  stepwell_protocol_free(protocol);
}

static void test_two_protocols_are_compared(void) {
  stepwell_protocol *base = NULL, *sweden = NULL, *newer = NULL;
  const char *diff;
  CHECK(stepwell_protocol_compile(T("catalogue:icbt_base"), &base, NULL) ==
        STEPWELL_OK);
  CHECK(stepwell_protocol_compile(T("catalogue:icbt_sweden"), &sweden, NULL) ==
        STEPWELL_OK);
  HAS(JSON(stepwell_protocol_diff, base, base), "\"changes\":[]");
  CHECK(stepwell_protocol_compile(
            T("{\"protocol\":\"icbt_base\",\"base\":\"icbt_base@1\","
              "\"version\":\"2\",\"status\":\"draft\"}"),
            &newer, NULL) == STEPWELL_OK);
  HAS(JSON(stepwell_protocol_diff, base, newer), "\"migration\":{\"document\"");
  stepwell_protocol_free(newer);
  diff = JSON(stepwell_protocol_diff, base, sweden);
  HAS(diff, "\"logic_changed\":true");
  HAS(diff, "\"before\":\"90 days\",\"after\":\"30 days\",\"logic\":true");
  HAS(diff, "\"text\":\"icbt_base 1 (draft) -> icbt_sweden 1 (draft)");
  stepwell_protocol_free(base);
  stepwell_protocol_free(sweden);
}

static void test_instrument(void) {
  stepwell_instrument *instrument = NULL;
  stepwell_error *error = NULL;
  CHECK(stepwell_instrument_load(T("phq-9"), &instrument, NULL) == STEPWELL_OK);
  HAS(JSON(stepwell_instrument_info, instrument), "\"id\":\"q9\"");
  HAS(JSON(stepwell_instrument_score, instrument, T("[3,3,3,3,3,3,3,3,3]"),
           NULL, 0),
      "\"score\":27");
  /* Missing is not zero: no score without leave to prorate. */
  HAS(JSON(stepwell_instrument_score, instrument, T("[1,1,1,1,1,1,1,1,null]"),
           T("{\"missing\":\"strict\"}")),
      "\"score\":null");
  HAS(JSON(stepwell_instrument_change, instrument,
           T("{\"pre\":18,\"post\":null}"), NULL),
      "\"post\":null");
  HAS(JSON(stepwell_instrument_change, instrument,
           T("{\"csv\":\"a,b\\n20,6\\n18,17\\n\",\"pre\":\"a\","
             "\"post\":\"b\",\"sd\":5.8,\"cutoff\":\"b\","
             "\"functional\":{\"mean\":4,\"sd\":3}}"),
           NULL),
      "\"recovered\":1,");
  CHECK(stepwell_instrument_change(
            instrument,
            T("{\"csv\":\"a,b\\n20\\n\",\"pre\":\"a\",\"post\":\"b\"}"), NULL,
            &support_text, NULL, &error) == STEPWELL_INVALID);
  HAS(stepwell_error_message(error), "line 2");
  stepwell_error_free(error);
  CHECK(stepwell_instrument_score(instrument, T("[1]"), T("{\"missin\":1}"),
                                  &support_text, NULL,
                                  &error) == STEPWELL_INVALID);
  HAS(stepwell_error_json(error), "\"pointer\":\"/missin\"");
  stepwell_error_free(error);
  stepwell_instrument_free(instrument);
  instrument = (stepwell_instrument *)&error;
  CHECK(stepwell_instrument_load(T("{\"instrument\":\"x\"}"), &instrument,
                                 &error) == STEPWELL_INVALID);
  CHECK(instrument == NULL);
  HAS(stepwell_error_json(error), "\"issues\":[");
  stepwell_error_free(error);
}

static void test_outcomes(void) {
  stepwell_error *error = NULL;
  const char *head =
      "phq9_first,phq9_last,gad7_first,gad7_last,treatment_contacts\n";
  char csv[256];
  snprintf(csv, sizeof csv, "%s15,6,12,5,3\n12,,10,,2\n", head);
  HAS(JSON(stepwell_outcomes_count, T(csv), NULL, NULL, 0), "\"percent\":50}");
  HAS(JSON(stepwell_outcomes_count, T(csv), NULL, T("{\"suppress_below\":5}")),
      "\"suppressed\":true");
  snprintf(csv, sizeof csv, "%s15,6,12,5,x\n", head);
  CHECK(stepwell_outcomes_count(T(csv), NULL, NULL, 0, &support_text, NULL,
                                &error) == STEPWELL_INVALID);
  HAS(stepwell_error_message(error), "treatment_contacts");
  stepwell_error_free(error);
}

static void test_expression(void) {
  stepwell_expression *expression = NULL;
  stepwell_error *error = NULL;
  const char *patient =
      "{\"resourceType\":\"Patient\",\"birthDate\":\"1990-01-01\"}";
  CHECK(stepwell_expression_compile(T("birthDate < today()"), NULL, 0,
                                    &expression, NULL) == STEPWELL_OK);
  HAS(JSON(stepwell_expression_evaluate, expression, NOW, T(patient)),
      "[{\"type\":\"boolean\",\"value\":\"true\"}]");
  /* A day before that birthday: `now` is all there is of today. */
  HAS(JSON(stepwell_expression_evaluate, expression, INT64_C(631065600000000),
           T(patient)),
      "\"value\":\"false\"");
  HAS(JSON(stepwell_expression_explain, expression, NOW, T(patient)),
      "\"values\":[\"1990-01-01\"]");
  CHECK(stepwell_expression_evaluate(expression, NOW, T("{\"a\":"),
                                     &support_text, NULL,
                                     &error) == STEPWELL_INVALID);
  stepwell_error_free(error);
  stepwell_expression_free(expression);
  CHECK(stepwell_expression_compile(T("1 + + 'a"), NULL, 0, &expression,
                                    &error) == STEPWELL_INVALID);
  CHECK(expression == NULL);
  HAS(stepwell_error_json(error), "\"expression\":{\"kind\":\"syntax\"");
  HAS(stepwell_error_json(error), "\"offset\":");
  stepwell_error_free(error);
}

static void test_an_expression_of_typed_resources(void) {
  stepwell_expression *expression = NULL;
  stepwell_error *error = NULL;
  const char *patient =
      "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":2,"
      "\"name\":[{\"use\":\"official\"}]}";
  CHECK(stepwell_expression_compile(
            T("multipleBirth | name.use | %scores.where($this > 9)"),
            T("{\"variables\":{\"scores\":[9,14]}}"), &expression,
            NULL) == STEPWELL_OK);
  /* It asks for no time, so none needs to be given. */
  HAS(JSON(stepwell_expression_evaluate, expression, STEPWELL_NEVER,
           T(patient)),
      "[{\"type\":\"integer\",\"value\":\"2\"},{\"type\":\"code\","
      "\"value\":\"official\"},{\"type\":\"integer\",\"value\":\"14\"}]");
  HAS(JSON(stepwell_expression_explain, expression, STEPWELL_NEVER, T(patient)),
      "\"reads\":[\"multipleBirth\",\"name.use\"]");
  stepwell_expression_free(expression);
  CHECK(stepwell_expression_compile(T("today() > @2020"), NULL, 0, &expression,
                                    NULL) == STEPWELL_OK);
  CHECK(stepwell_expression_evaluate(expression, STEPWELL_NEVER, T(patient),
                                     &support_text, NULL,
                                     &error) == STEPWELL_INVALID);
  HAS(stepwell_error_message(error), "asks for the time");
  stepwell_error_free(error);
  stepwell_expression_free(expression);
  CHECK(stepwell_expression_compile(T("Patient.nam"), NULL, 0, &expression,
                                    &error) == STEPWELL_INVALID);
  stepwell_error_free(error);
  CHECK(stepwell_expression_compile(T("1"), T("{\"variables\":[1]}"),
                                    &expression, &error) == STEPWELL_INVALID);
  stepwell_error_free(error);
}

static void test_fhir(void) {
  const char *patient =
      "{\"resourceType\":\"Patient\",\"contact\":[{\"gender\":\"male\"}]}";
  const char *result = JSON(stepwell_fhir_validate, T(patient));
  HAS(result, "{\"valid\":false,\"resources\":1,\"errors\":1,");
  HAS(result, "\"code\":\"pat-1\"");
  HAS(result, "\"expression\":[\"Patient.contact[0]\"]");
  /* What is no JSON is a result too, and so is nothing. */
  HAS(JSON(stepwell_fhir_validate, T("[")), "\"code\":\"no_json\"");
  HAS(JSON(stepwell_fhir_validate, NULL, 0), "\"valid\":false");
}

static void test_surrogates_in_json_are_text_or_an_error(void) {
  stepwell_expression *expression = NULL;
  stepwell_error *error = NULL;
  CHECK(stepwell_expression_compile(T("text"), T("{\"model\":\"none\"}"),
                                    &expression, NULL) == STEPWELL_OK);
  /* A pair is one character. */
  HAS(JSON(stepwell_expression_evaluate, expression, NOW,
           T("{\"text\":\"\\ud83d\\ude00\"}")),
      "\xf0\x9f\x98\x80");
  /* Half a pair is no text. */
  CHECK(stepwell_expression_evaluate(expression, NOW,
                                     T("{\"text\":\"\\ud83d\"}"), &support_text,
                                     NULL, &error) == STEPWELL_INVALID);
  CHECK(support_text == NULL);
  stepwell_error_free(error);
  stepwell_expression_free(expression);
}

static void test_huge_documents_are_refused_by_their_limit(void) {
  const size_t size = (size_t)65 << 20; /* a document has at most 64 MiB */
  char *huge = malloc(size);
  stepwell_error *error = NULL;
  if (huge == NULL) return;
  memset(huge, ' ', size);
  CHECK(stepwell_protocol_check(huge, size, &support_text, NULL, &error) ==
        STEPWELL_TOO_LARGE);
  CHECK(strcmp(stepwell_error_code(error), "too_large") == 0);
  stepwell_error_free(error);
  free(huge);
}

int main(void) {
  test_catalogue();
  test_mistakes_of_a_protocol_are_a_result_or_an_error();
  test_protocol();
  test_a_protocol_is_drawn();
  test_two_protocols_are_compared();
  test_instrument();
  test_outcomes();
  test_expression();
  test_an_expression_of_typed_resources();
  test_fhir();
  test_surrogates_in_json_are_text_or_an_error();
  test_huge_documents_are_refused_by_their_limit();
  support_finish();
  return CHECK_RESULT;
}
