// The structural check: no error on official examples, each seeded fault found.
#include "fhir/check.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::fhir {
namespace {

using ::stepwell::testing::ReadFileText;
using ::stepwell::testing::SharedPath;

// "key at expression" of each issue.
std::string Issues(std::string_view text) {
  const auto document = json::Parse(text);
  EXPECT_OK(document) << text;
  if (!document.ok()) return "no JSON";
  std::string out;
  for (const CheckIssue& issue : CheckStructure(*document)) {
    if (!out.empty()) out += "; ";
    absl::StrAppend(&out, issue.key, " at ", issue.expression);
  }
  return out;
}

TEST(CheckStructure, TheOfficialExamplesAreLegal) {
  STEPWELL_NEEDS_SHARED("fhir/examples-r4");
  size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(SharedPath("fhir/examples-r4"))) {
    ++files;
    const std::string text = ReadFileText(entry.path());
    if (entry.path().filename() != "Questionnaire-qs1.json") {
      EXPECT_EQ(Issues(text), "") << entry.path();
      continue;
    }
    // This one does lack linkIds, which R4 4.0.1 requires, and nothing else.
    ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(text));
    for (const CheckIssue& issue : CheckStructure(document)) {
      EXPECT_EQ(issue.message, "\"linkId\" is missing") << issue.expression;
    }
  }
  EXPECT_GE(files, 39u);
}

TEST(CheckStructure, BulkDataOfAnotherMakerIsLegal) {
  STEPWELL_NEEDS_SHARED("fhir/synthea-10");
  size_t lines = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(SharedPath("fhir/synthea-10"))) {
    const std::string text = ReadFileText(entry.path());
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      const std::string line = text.substr(at, end - at);
      at = end + 1;
      if (line.empty()) continue;
      ASSERT_EQ(Issues(line), "") << entry.path() << " " << line.substr(0, 200);
      ++lines;
    }
  }
  EXPECT_GT(lines, 800u);
}

struct Fault {
  const char* name;
  const char* text;
  const char* issues;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class SeededFault : public ::testing::TestWithParam<Fault> {};

TEST_P(SeededFault, IsFoundAtItsPlace) {
  EXPECT_EQ(Issues(GetParam().text), GetParam().issues) << GetParam().text;
}

#define P R"({"resourceType":"Patient",)"
INSTANTIATE_TEST_SUITE_P(
    All, SeededFault,
    ::testing::Values(
        Fault{"NoType", R"({"id":"1"})", "resource_type_missing at "},
        Fault{"UnknownType", R"({"resourceType":"Patiens"})",
              "resource_type_unknown at "},
        Fault{"AbstractType", R"({"resourceType":"DomainResource"})",
              "resource_type_unknown at "},
        Fault{"NoObject", "[]", "structure_type at "},
        Fault{"UnknownElement", P R"("nome":[{"text":"x"}]})",
              "structure_unknown at Patient.nome"},
        Fault{"UnknownNested", P R"("name":[{"first":"x"}]})",
              "structure_unknown at Patient.name[0].first"},
        Fault{"ChoiceWithoutType", P R"("deceased":true})",
              "structure_unknown at Patient.deceased"},
        Fault{"ChoiceOfWrongType", P R"("deceasedString":"yes"})",
              "structure_unknown at Patient.deceasedString"},
        Fault{"ChoiceTwice",
              P R"("deceasedBoolean":true,"deceasedDateTime":"2020"})",
              "choice_twice at Patient.deceased"},
        Fault{"ListExpected", P R"("name":{"text":"x"}})",
              "cardinality at Patient.name"},
        Fault{"NoListExpected", P R"("gender":["male"]})",
              "cardinality at Patient.gender"},
        Fault{"EmptyList", P R"("name":[]})", "empty at Patient.name"},
        Fault{"EmptyObject", P R"("name":[{}]})", "empty at Patient.name[0]"},
        Fault{"Null", P R"("gender":null})", "null at Patient.gender"},
        Fault{"NullInAList", P R"("name":[null]})", "null at Patient.name[0]"},
        Fault{"NullWithoutSibling", P R"("name":[{"given":["a",null]}]})",
              "null at Patient.name[0].given[1]"},
        Fault{"TextExpected", P R"("name":[{"text":7}]})",
              "format_string at Patient.name[0].text"},
        Fault{"BooleanExpected", P R"("active":"true"})",
              "format_boolean at Patient.active"},
        Fault{"ObjectExpected", P R"("maritalStatus":"M"})",
              "structure_type at Patient.maritalStatus"},
        Fault{"EmptyText", P R"("name":[{"text":""}]})",
              "format_string at Patient.name[0].text"},
        Fault{"BlankText", P R"("name":[{"text":" "}]})",
              "format_string at Patient.name[0].text"},
        Fault{"ControlCharacter", P R"("name":[{"text":"a\u0001"}]})",
              "format_string at Patient.name[0].text"},
        Fault{"BadId", P R"("id":"a_b"})", "format_id at Patient.id"},
        Fault{"BadDate", P R"("birthDate":"1985-02-30"})",
              "format_date at Patient.birthDate"},
        Fault{"DateTimeForDate", P R"("birthDate":"1985-02-03T00:00:00Z"})",
              "format_date at Patient.birthDate"},
        Fault{"TimeWithoutZone",
              P R"("deceasedDateTime":"2020-01-01T10:00:00"})",
              "format_dateTime at Patient.deceased"},
        Fault{"UnknownCode", P R"("gender":"w"})",
              "code_unknown at Patient.gender"},
        Fault{"CodeWithBlank", P R"("gender":"male "})",
              "format_code at Patient.gender"},
        Fault{"NestedCode", P R"("telecom":[{"system":"pigeon"}]})",
              "code_unknown at Patient.telecom[0].system"},
        Fault{"NotPositive", P R"("telecom":[{"rank":0}]})",
              "format_positiveInt at Patient.telecom[0].rank"},
        Fault{"NotWhole", P R"("telecom":[{"rank":1.5}]})",
              "format_positiveInt at Patient.telecom[0].rank"},
        Fault{"BlankInUri", P R"("identifier":[{"system":"a b"}]})",
              "format_uri at Patient.identifier[0].system"},
        Fault{"BadBase64", P R"("photo":[{"data":"abc"}]})",
              "format_base64Binary at Patient.photo[0].data"},
        Fault{"MissingInBackbone", P R"("link":[{"type":"seealso"}]})",
              "missing at Patient.link[0]"},
        Fault{"MissingExtensionUrl", P R"("extension":[{"valueString":"x"}]})",
              "missing at Patient.extension[0]"},
        Fault{"ExtensionOfAnObject", P R"("_name":[{"id":"x"}]})",
              "structure_unknown at Patient.name"},
        Fault{"PrimitiveExtensionIsNoObject", P R"("_gender":"x"})",
              "structure_type at Patient.gender"},
        Fault{"MissingRequired",
              R"({"resourceType":"Observation","code":{"text":"x"}})",
              "missing at Observation"},
        Fault{"UnknownStatus",
              R"({"resourceType":"Task","status":"done","intent":"order"})",
              "code_unknown at Task.status"},
        Fault{"FaultInContained",
              P R"("contained":[{"resourceType":"Flag","id":"f"}]})",
              "missing at Patient.contained[0]; missing at "
              "Patient.contained[0]; missing at Patient.contained[0]"},
        Fault{"FaultInABundle",
              R"({"resourceType":"Bundle","type":"collection","entry":[)"
              R"({"resource":{"resourceType":"Patient","gender":"w"}}]})",
              "code_unknown at Bundle.entry[0].resource.gender"},
        Fault{"NoTimeOfDay",
              R"({"resourceType":"Observation","status":"final",)"
              R"("code":{"text":"x"},"valueTime":"25:00:00"})",
              "format_time at Observation.value"},
        Fault{"Instant",
              R"({"resourceType":"Observation","status":"final",)"
              R"("code":{"text":"x"},"issued":"2020-01-01"})",
              "format_instant at Observation.issued"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CheckStructure, WhatLooksOddAndIsLegal) {
  EXPECT_EQ(Issues(R"({"resourceType":"Patient","_birthDate":{"extension":[)"
                   R"({"url":"x","valueCode":"unknown"}]}})"),
            "");
  EXPECT_EQ(Issues(R"({"resourceType":"Patient","name":[{"given":["a",null],)"
                   R"("_given":[null,{"id":"b"}]}]})"),
            "");
  EXPECT_EQ(Issues(R"({"resourceType":"Patient","telecom":[{"rank":2}],)"
                   R"("birthDate":"1985","deceasedDateTime":"2020-02"})"),
            "");
}

TEST(CheckStructure, TextsAreLimitedAndDataIsNot) {
  const size_t most = 1024 * 1024;
  const auto family = [](const std::string& text) {
    return Issues(R"({"resourceType":"Patient","name":[{"family":")" + text +
                  R"("}]})");
  };
  std::string umlauts;
  for (size_t i = 0; i < most; ++i) umlauts += "\u00e4";
  EXPECT_EQ(family(umlauts), "");
  EXPECT_EQ(family(umlauts + "a"), "format_string at Patient.name[0].family");
  EXPECT_EQ(Issues(R"({"resourceType":"Binary","contentType":"a/b","data":")" +
                   std::string(4 * most, 'A') + R"("})"),
            "");
}

TEST(CheckStructure, ManyFaultsAreBounded) {
  std::string text = R"({"resourceType":"Patient","name":[)";
  for (int i = 0; i < 5000; ++i) text += i == 0 ? "{}" : ",{}";
  const auto document = json::Parse(text + "]}");
  ASSERT_OK(document);
  const auto issues = CheckStructure(*document);
  EXPECT_EQ(issues.size(), 1001u);
  EXPECT_EQ(issues.back().key, "too_many");
}

}  // namespace
}  // namespace stepwell::fhir
