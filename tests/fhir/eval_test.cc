// What `stepwell eval` prints.
#include "fhir/eval.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "fhir/eval_support.h"
#include "support/matchers.h"

namespace stepwell::fhir {
namespace {

constexpr char kPatient[] =
    R"({"resourceType":"Patient","active":true,"birthDate":"1974-12",)"
    R"("name":[{"use":"official","given":["Ada"]}],)"
    R"("multipleBirthInteger":2})";

TEST(EvalTest, PrintsTypesAndLiterals) {
  EXPECT_EQ(Json("1 | 0.10 | 'a' | true"),
            R"([{"type":"integer","value":"1"},)"
            R"({"type":"decimal","value":"0.10"},)"
            R"({"type":"string","value":"a"},)"
            R"({"type":"boolean","value":"true"}])");
  EXPECT_EQ(Json("@2014-01 | @T10:00 | @2014T"),
            R"([{"type":"date","value":"2014-01"},)"
            R"({"type":"time","value":"10:00"},)"
            R"({"type":"dateTime","value":"2014"}])");
  EXPECT_EQ(Json("1.0 'mg'"), R"([{"type":"Quantity","value":"1.0 'mg'"}])");
  EXPECT_EQ(Json("{}"), "[]");
}

TEST(EvalTest, ElementsHaveTheirFhirTypes) {
  EXPECT_EQ(Json("Patient.active | name.use", kPatient),
            R"([{"type":"boolean","value":"true"},)"
            R"({"type":"code","value":"official"}])");
  EXPECT_EQ(Json("birthDate", kPatient),
            R"([{"type":"date","value":"1974-12"}])");
  EXPECT_EQ(Json("multipleBirth", kPatient),
            R"([{"type":"integer","value":"2"}])");
  EXPECT_EQ(Json("name", kPatient), R"([{"type":"HumanName","value":)"
                                    R"({"use":"official","given":["Ada"]}}])");
}

TEST(EvalTest, TheContextIsEvaluatedFirst) {
  EXPECT_EQ(Json("given", kPatient, "Patient.name"),
            R"([{"type":"string","value":"Ada"}])");
  EXPECT_EQ(Json("%resource.active", kPatient, "name"),
            R"([{"type":"boolean","value":"true"}])");
  EXPECT_EQ(Json("familyy", kPatient, "Patient.name").substr(0, 28),
            R"({"error":{"kind":"semantic",)");
}

TEST(EvalTest, ErrorsSayKindMessageAndColumn) {
  EXPECT_EQ(Json("1 +"),
            R"({"error":{"kind":"syntax","message":)"
            R"("the expression ends where a value must stand","column":4}})");
  EXPECT_EQ(Json("name.gvien", kPatient),
            R"({"error":{"kind":"semantic","message":"`HumanName` has no )"
            R"(member `gvien`; did you mean `given`?","column":6}})");
  EXPECT_EQ(Json("(1 | 2).single()"),
            R"j({"error":{"kind":"execution","message":"single() takes one )j"
            R"j(item, here are 2 (column 9)","column":9}})j");
  EXPECT_EQ(Json("1", "{").substr(0, 29), R"({"error":{"kind":"execution",)");
}

TEST(EvalTest, WithoutAModelTheJsonIsTakenAsItIs) {
  EXPECT_EQ(Json("Patient.multipleBirthInteger", kPatient, "", false),
            R"([{"type":"integer","value":"2"}])");
  EXPECT_EQ(Json("name", kPatient, "", false).substr(0, 18),
            R"([{"type":"Element")");
}

TEST(EvalTest, BatchLinesStandAlone) {
  EvalBatchOptions options;
  options.read_file =
      [](const std::string& path) -> absl::StatusOr<std::string> {
    if (path == "p.json") return std::string(kPatient);
    return NotFound("no file " + path);
  };
  EXPECT_EQ(EvalLine(R"({"expression":"1 + 1"})", options).json,
            R"([{"type":"integer","value":"2"}])");
  EXPECT_EQ(
      EvalLine(R"({"expression":"active","resource_file":"p.json"})", options)
          .json,
      R"([{"type":"boolean","value":"true"}])");
  EXPECT_EQ(EvalLine(R"({"expression":"active","resource":)"
                     R"({"resourceType":"Patient","active":false}})",
                     options)
                .json,
            R"([{"type":"boolean","value":"false"}])");
  EXPECT_FALSE(
      EvalLine(R"({"expression":"1","resource_file":"x"})", options).ok);
  EXPECT_FALSE(EvalLine("no json", options).ok);
  EXPECT_FALSE(EvalLine("[]", options).ok);
}

TEST(EvalTest, BatchLinesSayWhatIsWrongWithTheirMembers) {
  const EvalBatchOptions options;
  for (const char* member :
       {R"("model":"r5")", R"("model":4)", R"("context":5)",
        R"("resource_file":5)", R"("questionnaire":5)", R"("resource":"{}")",
        R"("resource":[1])"}) {
    const EvalAnswer answer =
        EvalLine(absl::StrCat(R"({"expression":"1",)", member, "}"), options);
    EXPECT_FALSE(answer.ok) << member;
    EXPECT_TRUE(absl::StrContains(answer.json, " must be ") ||
                absl::StrContains(answer.json, " expected an "))
        << answer.json;
  }
  // Null is as left out; without a model any JSON is taken.
  for (const char* member :
       {R"("model":null,"resource":null,"questionnaire":null)",
        R"("model":"none","resource":[1])"}) {
    EXPECT_EQ(
        EvalLine(absl::StrCat(R"({"expression":"1",)", member, "}"), options)
            .json,
        R"([{"type":"integer","value":"1"}])");
  }
}

TEST(EvalTest, ABooleanThatHoldsSomethingElseIsNoTruth) {
  const char* resource = R"({"resourceType":"Patient","active":"false"})";
  for (const char* expression :
       {"active and true", "active.not()", "where(active)", "all(active)",
        "iif(active, 1, 2)"}) {
    EXPECT_EQ(Json(expression, resource).substr(0, 29),
              R"({"error":{"kind":"execution",)")
        << expression;
  }
  EXPECT_EQ(Json("active", resource),
            R"([{"type":"boolean","value":"false"}])");
}

TEST(EvalTest, ValuesAreTextsAlsoWhereNoDecimalHoldsThem) {
  const char* json = R"({"resourceType":"Observation","valueQuantity":)"
                     R"({"value":1e400}})";
  EXPECT_EQ(Json("value.value", json),
            R"([{"type":"decimal","value":"1e400"}])");
  EXPECT_EQ(Json("valueQuantity.value", json, "", false),
            R"([{"type":"decimal","value":"1e400"}])");
  EXPECT_EQ(Json("value.value + 1", json).substr(0, 29),
            R"({"error":{"kind":"execution",)");
}

TEST(EvalTest, BaseProfilesAreJudgedByType) {
  const std::string base = "http://hl7.org/fhir/StructureDefinition/";
  EXPECT_EQ(Json("conformsTo('" + base + "Patient')", kPatient),
            R"([{"type":"boolean","value":"true"}])");
  EXPECT_EQ(Json("conformsTo('" + base + "Person')", kPatient),
            R"([{"type":"boolean","value":"false"}])");
  EXPECT_EQ(Json("conformsTo('http://x')", kPatient).substr(0, 29),
            R"({"error":{"kind":"execution",)");
}

}  // namespace
}  // namespace stepwell::fhir
