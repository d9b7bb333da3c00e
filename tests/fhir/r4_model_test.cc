// The R4 type table: members, bases, choices, and what the compiler says with
// it.
#include "fhir/r4_model.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "fhir/json_source.h"
#include "fhir/sdc_functions.h"
#include "json/json.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::fhir {
namespace {

namespace fp = ::stepwell::fhirpath;
using ::stepwell::testing::ReadFileText;
using ::stepwell::testing::SharedPath;

class R4ModelTest : public ::testing::Test {
 protected:
  fp::TypeId Type(std::string_view name) {
    return model_.FindType(name).value_or(fp::kAnyType);
  }
  // "1: message | hint" of the first issue, or "none".
  std::string Issue(std::string_view expression, std::string_view root = "") {
    fp::CompileOptions options;
    options.model = &model_;
    options.root_type = root.empty() ? fp::kAnyType : Type(root);
    const auto result = fp::Compile(expression, options);
    if (result.issues.empty()) return "none";
    const fp::CompileIssue& issue = result.issues[0];
    return std::to_string(issue.column) + ": " + issue.message +
           (issue.hint.empty() ? "" : " | " + issue.hint);
  }
  R4Model model_;
};

TEST_F(R4ModelTest, MembersHaveTypesAndCardinality) {
  const auto name = model_.FindMember(Type("Patient"), "name");
  ASSERT_TRUE(name);
  EXPECT_EQ(model_.TypeName(name->type), "HumanName");
  EXPECT_TRUE(name->many);
  const auto status = model_.FindMember(Type("Observation"), "status");
  ASSERT_TRUE(status);
  EXPECT_FALSE(status->many);
  EXPECT_FALSE(status->nullable);
  EXPECT_EQ(model_.TypeName(status->type), "code");
}

TEST_F(R4ModelTest, InheritedMembersAreFound) {
  EXPECT_TRUE(model_.FindMember(Type("Patient"), "contained"));
  EXPECT_TRUE(model_.FindMember(Type("Patient"), "id"));
  EXPECT_TRUE(model_.FindMember(Type("Age"), "value"));
  EXPECT_TRUE(model_.FindMember(Type("code"), "extension"));
  EXPECT_FALSE(model_.FindMember(Type("Patient"), "valueQuantity"));
}

TEST_F(R4ModelTest, SubtypesFollowTheDefinitions) {
  EXPECT_TRUE(model_.IsSubtype(Type("code"), Type("string")));
  EXPECT_TRUE(model_.IsSubtype(Type("Age"), Type("Quantity")));
  EXPECT_TRUE(model_.IsSubtype(Type("Patient"), Type("Resource")));
  EXPECT_FALSE(model_.IsSubtype(Type("string"), Type("code")));
  EXPECT_EQ(model_.SystemType(Type("positiveInt")), fp::kIntegerType);
  EXPECT_EQ(model_.SystemType(Type("instant")), fp::kDateTimeType);
  EXPECT_EQ(model_.SystemType(Type("Age")), fp::kQuantityType);
  EXPECT_EQ(model_.SystemType(Type("HumanName")), fp::kAnyType);
}

TEST_F(R4ModelTest, AJsonKeyNamesTheChoiceAndItsType) {
  const auto found = model_.FindJsonKey(Type("Observation"), "valueQuantity");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "value");
  EXPECT_EQ(model_.TypeName(found->type), "Quantity");
  EXPECT_FALSE(model_.FindJsonKey(Type("Observation"), "value"));
  EXPECT_FALSE(model_.FindJsonKey(Type("Observation"), "valueAddress"));
  const auto when =
      model_.FindJsonKey(Type("Observation"), "effectiveDateTime");
  ASSERT_TRUE(when);
  EXPECT_EQ(model_.TypeName(when->type), "dateTime");
}

TEST_F(R4ModelTest, ElementsCarryRequiredBindings) {
  bool found = false;
  for (const R4Model::Element& element : model_.Elements(Type("Task"))) {
    if (element.name != "status") continue;
    found = true;
    EXPECT_EQ(element.value_set,
              "http://hl7.org/fhir/ValueSet/task-status|4.0.1");
    EXPECT_TRUE(element.required);
  }
  EXPECT_TRUE(found);
}

TEST_F(R4ModelTest, WrongNamesAreCompileTimeIssues) {
  EXPECT_EQ(Issue("Patient.name.givenn", "Patient"),
            "14: `HumanName` has no member `givenn` | did you mean `given`?");
  EXPECT_EQ(Issue("Encounter.status", "Patient"),
            "1: the context is a `Patient`, not a `Encounter`");
  EXPECT_EQ(Issue("contact.nam", "Patient"),
            "9: `Patient.contact` has no member `nam` | did you mean `name`?");
  EXPECT_EQ(Issue("Observation.valueQuantity", "Observation").substr(0, 14),
            "13: `Observati");
  EXPECT_EQ(Issue("gender > 3", "Patient"),
            "8: `>` has no meaning between code and Integer | toInteger() and "
            "toDecimal() read a number from a text");
  EXPECT_EQ(Issue("birthDate + 3", "Patient"),
            "11: `+` has no meaning between date and Integer");
  EXPECT_EQ(Issue("name is Foo", "Patient").substr(0, 32),
            "9: there is no type `Foo` | Syst");
}

TEST_F(R4ModelTest, OpenTypesAdmitTheElementsOfTheirSubtypes) {
  EXPECT_EQ(Issue("entry.resource.birthDate", "Bundle"), "none");
  EXPECT_EQ(Issue("contained.where(code.exists())", "Patient"), "none");
  EXPECT_NE(Issue("entry.resource.nothingLikeIt", "Bundle"), "none");
}

TEST_F(R4ModelTest, JsonNamesOfChoicesAreMembersOnRequest) {
  const R4Model lenient(true);
  fp::CompileOptions options;
  options.model = &lenient;
  options.root_type = Type("Observation");
  auto document = json::Parse(
      R"({"resourceType": "Observation", "valueQuantity": {"value": 3}})");
  ASSERT_OK(document);
  const JsonSource source(*document, &lenient);
  const fp::Source* sources[] = {&source};
  fp::EvaluateOptions evaluate;
  evaluate.sources = sources;
  const auto value_of = [&](std::string_view text) {
    const auto compiled = fp::Compile(text, options);
    EXPECT_TRUE(compiled.program) << text;
    auto result = fp::Evaluate(*compiled.program, source.root(), evaluate);
    EXPECT_OK(result);
    return result->size();
  };
  EXPECT_EQ(value_of("valueQuantity.value"), 1u);
  EXPECT_EQ(value_of("valueString"), 0u);
  EXPECT_EQ(value_of("value"), 1u);
}

TEST_F(R4ModelTest, EveryR4InvariantCompiles) {
  STEPWELL_NEEDS_SHARED("fhir/r4-invariants.json");
  auto rows = json::Parse(ReadFileText(SharedPath("fhir/r4-invariants.json")));
  ASSERT_OK(rows);
  SdcSources sdc;
  sdc.model = &model_;
  fp::FunctionTable functions;
  AddFhirFunctions(sdc, &functions);
  size_t count = 0;
  for (json::Value row : json::Children(rows->root())) {
    fp::CompileOptions options;
    options.model = &model_;
    options.host_functions = &functions;
    // Logical models are no types; cid-0 reads an element that
    // ChargeItemDefinition does not have (an error of R4 itself).
    if (row.Find("kind").string_value() == "logical") continue;
    if (row.Find("key").string_value() == "cid-0") continue;
    // The context is the element the invariant stands at.
    const std::string path(row.Find("path").string_value());
    size_t dot = path.find('.');
    options.root_type = Type(path.substr(0, dot));
    while (dot != std::string::npos) {
      const size_t next = path.find('.', dot + 1);
      std::string name = path.substr(
          dot + 1, next == std::string::npos ? next : next - dot - 1);
      if (name.size() > 3 && name.substr(name.size() - 3) == "[x]") {
        name.resize(name.size() - 3);
      }
      const auto member = model_.FindMember(options.root_type, name);
      ASSERT_TRUE(member) << path;
      options.root_type = member->type;
      dot = next;
    }
    const auto compiled =
        fp::Compile(row.Find("expression").string_value(), options);
    ++count;
    EXPECT_TRUE(compiled.program)
        << row.Find("key").string_value() << " at " << path << ": "
        << row.Find("expression").string_value() << "\n  "
        << compiled.issues[0].column << ": " << compiled.issues[0].message;
  }
  EXPECT_GT(count, 200u);
}

std::string OutputOf(const std::string& command) {
  std::string out;
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"),
                                             &pclose);
  if (pipe == nullptr) return out;
  char buffer[65536];
  while (const size_t n = fread(buffer, 1, sizeof(buffer), pipe.get())) {
    out.append(buffer, n);
  }
  return out;
}

TEST_F(R4ModelTest, TheCheckedInTableIsWhatTheGeneratorWrites) {
  STEPWELL_NEEDS_SHARED("fhir/r4-elements.json");
  const std::string root = STEPWELL_SOURCE_DIR;
  const std::string fresh =
      OutputOf("python3 '" + root + "/tools/r4_model/generate.py' '" +
               SharedPath("fhir/r4-elements.json").string() + "'");
  EXPECT_GT(fresh.size(), 100'000u);
  EXPECT_TRUE(fresh == ReadFileText(root + "/src/fhir/r4_model_data.cc"))
      << "run tools/r4_model/generate.py again";
}

}  // namespace
}  // namespace stepwell::fhir
