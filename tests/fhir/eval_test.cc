// What `stepwell eval` prints.
#include "fhir/eval.h"

#include <gtest/gtest.h>

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
