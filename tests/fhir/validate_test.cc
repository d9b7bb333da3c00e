// Invariants: every one compiles, official examples pass, seeded violations
// are found.
#include "fhir/validate.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fhir/r4_invariants_data.h"
#include "fhir/sdc_functions.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::fhir {
namespace {

using ::stepwell::testing::ReadFileText;
using ::stepwell::testing::SharedPath;

std::string Show(const CheckIssue& issue) {
  return absl::StrCat(issue.key, " at ", issue.expression);
}

// The errors, or the warnings, a line each.
std::string Issues(std::string_view text, CheckSeverity severity) {
  const auto document = json::Parse(text);
  EXPECT_OK(document) << text;
  if (!document.ok()) return "no JSON";
  static Validator* validator = new Validator;
  std::string out;
  for (const CheckIssue& issue : validator->Validate(*document)) {
    if (issue.severity != severity) continue;
    absl::StrAppend(&out, out.empty() ? "" : "; ", Show(issue));
  }
  return out;
}

TEST(Validate, EveryInvariantCompiles) {
  const R4Model model;
  SdcSources sources;
  sources.model = &model;
  fhirpath::FunctionTable functions;
  AddFhirFunctions(sources, &functions);
  EXPECT_EQ(r4::kInvariantCount, 238u);
  for (size_t i = 0; i < r4::kInvariantCount; ++i) {
    fhirpath::CompileOptions options;
    options.model = &model;
    options.host_functions = &functions;
    if (const auto type = model.FindType(r4::kInvariants[i].path)) {
      options.root_type = *type;
    }
    const auto result =
        fhirpath::Compile(r4::kInvariants[i].expression, options);
    EXPECT_NE(result.program, nullptr)
        << r4::kInvariants[i].key << " " << r4::kInvariants[i].expression
        << " column " << result.issues[0].column << ": "
        << result.issues[0].message;
  }
}

TEST(Validate, EveryInvariantThatExamplesMeetIsEvaluated) {
  STEPWELL_NEEDS_SHARED("fhir/examples-r4");
  Validator validator;
  for (const auto& entry :
       std::filesystem::directory_iterator(SharedPath("fhir/examples-r4"))) {
    ASSERT_OK_AND_ASSIGN(const json::Document document,
                         json::Parse(ReadFileText(entry.path())));
    for (const CheckIssue& issue : validator.Validate(document)) {
      EXPECT_FALSE(absl::EndsWith(issue.key, "?"))
          << entry.path() << " " << Show(issue) << " " << issue.message;
    }
  }
}

TEST(Validate, TheOfficialExamplesHaveNoFalseErrors) {
  STEPWELL_NEEDS_SHARED("fhir/examples-r4");
  size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(SharedPath("fhir/examples-r4"))) {
    ++files;
    // It lacks linkIds that R4 4.0.1 requires: true errors (check_test.cc).
    if (entry.path().filename() == "Questionnaire-qs1.json") continue;
    EXPECT_EQ(Issues(ReadFileText(entry.path()), CheckSeverity::kError), "")
        << entry.path();
  }
  EXPECT_GE(files, 39u);
}

TEST(Validate, TheDefinitionsThemselvesAreLegal) {
  STEPWELL_NEEDS_SHARED("fhir/r4-structuredefinitions");
  for (const auto& entry : std::filesystem::directory_iterator(
           SharedPath("fhir/r4-structuredefinitions"))) {
    EXPECT_EQ(Issues(ReadFileText(entry.path()), CheckSeverity::kError), "")
        << entry.path();
  }
}

struct Violation {
  const char* name;
  const char* text;
  const char* errors;
};

void PrintTo(const Violation& violation, std::ostream* out) {
  *out << violation.name;
}

class SeededViolation : public ::testing::TestWithParam<Violation> {};

TEST_P(SeededViolation, IsFoundAtItsPlace) {
  EXPECT_EQ(Issues(GetParam().text, CheckSeverity::kError), GetParam().errors)
      << GetParam().text;
}

#define PATIENT R"({"resourceType":"Patient",)"
#define OBSERVATION \
  R"({"resourceType":"Observation","status":"final","code":{"text":"x"},)"
#define TASK R"({"resourceType":"Task","status":"ready","intent":"order",)"
#define BUNDLE R"({"resourceType":"Bundle","type":)"
#define FORM R"({"resourceType":"Questionnaire","status":"draft","item":[)"
#define TIMING                                                              \
  R"({"resourceType":"ServiceRequest","status":"active","intent":"order",)" \
  R"("subject":{"display":"x"},"occurrenceTiming":{"repeat":)"

INSTANTIATE_TEST_SUITE_P(
    Types, SeededViolation,
    ::testing::Values(
        Violation{"ElementWithIdOnly", PATIENT R"("name":[{"id":"n"}]})",
                  "ele-1 at Patient.name[0]"},
        Violation{"ExtensionWithoutValue",
                  PATIENT R"("extension":[{"url":"u"}]})",
                  "ext-1 at Patient.extension[0]"},
        Violation{"ExtensionWithBoth",
                  PATIENT R"("extension":[{"url":"u","valueString":"x",)"
                          R"("extension":[{"url":"v","valueString":"y"}]}]})",
                  "ext-1 at Patient.extension[0]"},
        Violation{"PeriodEndsBeforeItStarts",
                  PATIENT R"("name":[{"text":"x","period":{"start":)"
                          R"("2020-02-01","end":"2020-01-01"}}]})",
                  "per-1 at Patient.name[0].period"},
        Violation{"QuantityCodeWithoutSystem",
                  OBSERVATION R"("valueQuantity":{"value":1,"code":"mg"}})",
                  "qty-3 at Observation.value"},
        Violation{"RangeUpsideDown",
                  OBSERVATION R"("valueRange":{"low":{"value":2},)"
                              R"("high":{"value":1}}})",
                  "rng-2 at Observation.value"},
        Violation{"RatioOfHalf",
                  OBSERVATION R"("valueRatio":{"numerator":{"value":2}}})",
                  "rat-1 at Observation.value"},
        Violation{"ContactWithoutSystem",
                  PATIENT R"("telecom":[{"value":"1"}]})",
                  "cpt-2 at Patient.telecom[0]"},
        Violation{"AttachmentWithoutType",
                  PATIENT R"("photo":[{"data":"YQ=="}]})",
                  "att-1 at Patient.photo[0]"},
        Violation{"LocalReferenceToNothing",
                  PATIENT R"("managingOrganization":{"reference":"#o"}})",
                  "ref-1 at Patient.managingOrganization"},
        Violation{"NarrativeWithScript",
                  PATIENT R"("text":{"status":"generated","div":"<div)"
                          R"( xmlns=\"http://www.w3.org/1999/xhtml\"><script>)"
                          R"(x</script></div>"}})",
                  "txt-1 at Patient.text.div; txt-2 at Patient.text.div"},
        Violation{"DurationWithoutUnit", TIMING R"({"duration":1}}})",
                  "tim-1 at ServiceRequest.occurrence.repeat"},
        Violation{"PeriodWithoutUnit", TIMING R"({"period":1}}})",
                  "tim-2 at ServiceRequest.occurrence.repeat"},
        Violation{"NegativeDuration",
                  TIMING R"({"duration":-1,"durationUnit":"h"}}})",
                  "tim-4 at ServiceRequest.occurrence.repeat"},
        Violation{"NegativePeriod",
                  TIMING R"({"period":-1,"periodUnit":"h"}}})",
                  "tim-5 at ServiceRequest.occurrence.repeat"},
        Violation{"PeriodMaxAlone", TIMING R"({"periodMax":1}}})",
                  "tim-6 at ServiceRequest.occurrence.repeat"},
        Violation{"DurationMaxAlone", TIMING R"({"durationMax":1}}})",
                  "tim-7 at ServiceRequest.occurrence.repeat"},
        Violation{"CountMaxAlone", TIMING R"({"countMax":1}}})",
                  "tim-8 at ServiceRequest.occurrence.repeat"},
        Violation{"OffsetAlone", TIMING R"({"offset":1}}})",
                  "tim-9 at ServiceRequest.occurrence.repeat"},
        Violation{"TimeOfDayAndWhen",
                  TIMING R"({"timeOfDay":["10:00:00"],"when":["MORN"]}}})",
                  "tim-10 at ServiceRequest.occurrence.repeat"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Resources, SeededViolation,
    ::testing::Values(
        Violation{"ContactOfNobody",
                  PATIENT R"("contact":[{"gender":"female"}]})",
                  "pat-1 at Patient.contact[0]"},
        Violation{"ValueAndNoValue",
                  OBSERVATION R"("valueInteger":1,"dataAbsentReason":)"
                              R"({"text":"x"}})",
                  "obs-6 at Observation"},
        Violation{"ComponentOfTheSameCode",
                  R"({"resourceType":"Observation","status":"final","code":)"
                  R"({"coding":[{"system":"s","code":"c"}]},"valueInteger":1,)"
                  R"("component":[{"code":{"coding":[{"system":"s",)"
                  R"("code":"c"}]},"valueInteger":1}]})",
                  "obs-7 at Observation"},
        Violation{"EmptyReferenceRange",
                  OBSERVATION R"("referenceRange":[{"type":{"text":"x"}}]})",
                  "obs-3 at Observation.referenceRange[0]"},
        Violation{"ModifiedBeforeAuthored",
                  TASK R"("authoredOn":"2020-02-02T00:00:00Z",)"
                       R"("lastModified":"2020-02-01T00:00:00Z"})",
                  "inv-1 at Task"},
        Violation{"ContainedOfContained",
                  PATIENT R"("contained":[{"resourceType":"Organization",)"
                          R"("id":"o","name":"n","contained":[{"resourceType":)"
                          R"("Organization","id":"p","name":"n"}]}],)"
                          R"("managingOrganization":{"reference":"#o"}})",
                  "dom-2 at Patient; dom-3 at Patient.contained[0]"},
        Violation{"ContainedOfNoUse",
                  PATIENT R"("contained":[{"resourceType":"Organization",)"
                          R"("id":"o","name":"n"}]})",
                  "dom-3 at Patient"},
        Violation{"ContainedWithAVersion",
                  PATIENT R"("contained":[{"resourceType":"Organization",)"
                          R"("id":"o","name":"n","meta":{"versionId":"1"}}],)"
                          R"("managingOrganization":{"reference":"#o"}})",
                  "dom-4 at Patient"},
        Violation{"ContainedWithSecurity",
                  PATIENT R"("contained":[{"resourceType":"Organization",)"
                          R"("id":"o","name":"n","meta":{"security":)"
                          R"([{"code":"R"}]}}],)"
                          R"("managingOrganization":{"reference":"#o"}})",
                  "dom-5 at Patient"},
        Violation{"NamelessOrganization",
                  R"({"resourceType":"Organization","active":true})",
                  "org-1 at Organization"},
        Violation{"OrganizationWithAHome",
                  R"({"resourceType":"Organization","name":"n","address":)"
                  R"([{"use":"home","city":"x"}],"telecom":[{"use":"home",)"
                  R"("system":"phone","value":"1"}]})",
                  "org-2 at Organization.address[0]; "
                  "org-3 at Organization.telecom[0]"},
        Violation{"ConsentWithoutPolicy",
                  R"({"resourceType":"Consent","status":"active","scope":)"
                  R"({"text":"x"},"category":[{"text":"x"}]})",
                  "ppc-1 at Consent"},
        Violation{"DetailWithoutCode",
                  R"({"resourceType":"ServiceRequest","status":"active",)"
                  R"("intent":"order","subject":{"display":"x"},)"
                  R"("orderDetail":[{"text":"x"}]})",
                  "prr-1 at ServiceRequest"},
        Violation{"ActivityTwice",
                  R"({"resourceType":"CarePlan","status":"active","intent":)"
                  R"("plan","subject":{"display":"x"},"activity":[{)"
                  R"("reference":{"display":"y"},"detail":{"status":)"
                  R"("scheduled"}}]})",
                  "cpl-3 at CarePlan.activity[0]"},
        Violation{"TargetWithoutMeasure",
                  R"({"resourceType":"Goal","lifecycleStatus":"active",)"
                  R"("description":{"text":"x"},"subject":{"display":"x"},)"
                  R"("target":[{"detailInteger":1}]})",
                  "gol-1 at Goal.target[0]"},
        Violation{"AppointmentWithAStartOnly",
                  R"({"resourceType":"Appointment","status":"booked",)"
                  R"("start":"2020-01-01T00:00:00Z","participant":[{)"
                  R"("status":"accepted","actor":{"display":"x"}}]})",
                  "app-2 at Appointment; app-3 at Appointment"},
        Violation{"ParticipantWhoIsNobody",
                  R"({"resourceType":"Appointment","status":"proposed",)"
                  R"("participant":[{"status":"accepted"}]})",
                  "app-1 at Appointment.participant[0]"},
        Violation{"AbatedAndActive",
                  R"({"resourceType":"Condition","subject":{"display":"x"},)"
                  R"("abatementString":"over","clinicalStatus":{"coding":[{)"
                  R"("system":"http://terminology.hl7.org/CodeSystem/)"
                  R"(condition-clinical","code":"active"}]}})",
                  "con-4 at Condition"},
        Violation{"EmptySection",
                  R"({"resourceType":"Composition","status":"final","type":)"
                  R"({"text":"x"},"date":"2020","author":[{"display":"x"}],)"
                  R"("title":"t","section":[{"title":"s"}]})",
                  "cmp-1 at Composition.section[0]"},
        Violation{"ListEmptyAndNot",
                  R"({"resourceType":"List","status":"current","mode":)"
                  R"("working","emptyReason":{"text":"x"},"entry":[{"item":)"
                  R"({"display":"x"}}]})",
                  "lst-1 at List"},
        Violation{"ParameterOfNothing",
                  R"({"resourceType":"Parameters","parameter":[{"name":"n"}]})",
                  "inv-1 at Parameters.parameter[0]"},
        Violation{"ConceptAndFilter",
                  R"({"resourceType":"ValueSet","status":"draft","compose":)"
                  R"({"include":[{"system":"s","concept":[{"code":"c"}],)"
                  R"("filter":[{"property":"p","op":"=","value":"v"}]}]}})",
                  "vsd-3 at ValueSet.compose.include[0]"},
        Violation{"CodesTwice",
                  R"({"resourceType":"CodeSystem","status":"draft","content":)"
                  R"("complete","concept":[{"code":"a"},{"code":"a"}]})",
                  "csd-1 at CodeSystem"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    BundlesAndForms, SeededViolation,
    ::testing::Values(
        Violation{"TotalOfACollection", BUNDLE R"("collection","total":1})",
                  "bdl-1 at Bundle"},
        Violation{"SearchInACollection",
                  BUNDLE R"("collection","entry":[{"search":{"mode":)"
                         R"("match"},"resource":{"resourceType":"Patient",)"
                         R"("active":true}}]})",
                  "bdl-2 at Bundle"},
        Violation{"TransactionWithoutRequest",
                  BUNDLE R"("transaction","entry":[{"resource":)"
                         R"({"resourceType":"Patient","active":true}}]})",
                  "bdl-3 at Bundle"},
        Violation{"ResponseInACollection",
                  BUNDLE R"("collection","entry":[{"response":{"status":)"
                         R"("200"},"resource":{"resourceType":"Patient",)"
                         R"("active":true}}]})",
                  "bdl-4 at Bundle"},
        Violation{"EntryOfNothing",
                  BUNDLE R"("collection","entry":[{"fullUrl":"urn:x:1"}]})",
                  "bdl-5 at Bundle.entry[0]"},
        Violation{"FullUrlTwice",
                  BUNDLE R"("collection","entry":[{"fullUrl":"urn:x:1",)"
                         R"("resource":{"resourceType":"Patient","active":)"
                         R"(true}},{"fullUrl":"urn:x:1","resource":)"
                         R"({"resourceType":"Patient","active":true}}]})",
                  "bdl-7 at Bundle"},
        Violation{"FullUrlWithAVersion",
                  BUNDLE R"("collection","entry":[{"fullUrl":)"
                         R"("http://x/Patient/1/_history/2","resource":)"
                         R"({"resourceType":"Patient","active":true}}]})",
                  "bdl-8 at Bundle.entry[0]"},
        Violation{"DocumentOfAPatient",
                  BUNDLE R"("document","timestamp":"2020-01-01T00:00:00Z",)"
                         R"("identifier":{"system":"s","value":"v"},"entry":)"
                         R"([{"resource":{"resourceType":"Patient","active":)"
                         R"(true}}]})",
                  "bdl-11 at Bundle"},
        Violation{"InsideABundle",
                  BUNDLE R"("collection","entry":[{"resource":{)"
                         R"("resourceType":"Patient","contact":[{"gender":)"
                         R"("male"}]}}]})",
                  "pat-1 at Bundle.entry[0].resource.contact[0]"},
        Violation{"LinkIdTwice",
                  FORM R"({"linkId":"a","type":"string"},)"
                       R"({"linkId":"a","type":"string"}]})",
                  "que-2 at Questionnaire"},
        Violation{"GroupOfNothing", FORM R"({"linkId":"a","type":"group"}]})",
                  "que-1 at Questionnaire.item[0]"},
        Violation{"OptionsTwice",
                  FORM R"({"linkId":"a","type":"choice","answerValueSet":)"
                       R"("http://x","answerOption":[{"valueInteger":1}]}]})",
                  "que-4 at Questionnaire.item[0]"},
        Violation{"OptionsOfABoolean",
                  FORM R"({"linkId":"a","type":"boolean","answerOption":)"
                       R"([{"valueInteger":1}]}]})",
                  "que-5 at Questionnaire.item[0]"},
        Violation{"RequiredDisplay",
                  FORM R"({"linkId":"a","type":"display","required":true}]})",
                  "que-6 at Questionnaire.item[0]"},
        Violation{"ExistsOfAString",
                  FORM R"({"linkId":"a","type":"string","enableWhen":[{)"
                       R"("question":"b","operator":"exists","answerString":)"
                       R"("x"}]}]})",
                  "que-7 at Questionnaire.item[0].enableWhen[0]"},
        Violation{"DeepInAForm",
                  FORM R"({"linkId":"a","type":"group","item":[{"linkId":"b",)"
                       R"("type":"display","readOnly":true}]}]})",
                  "que-9 at Questionnaire.item[0].item[0]"},
        Violation{"AnswerAndItem",
                  R"({"resourceType":"QuestionnaireResponse","status":)"
                  R"("completed","item":[{"linkId":"a","answer":[{)"
                  R"("valueInteger":1}],"item":[{"linkId":"b"}]}]})",
                  "qrs-1 at QuestionnaireResponse.item[0]"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Validate, AWarningIsNoError) {
  const char* text = R"({"resourceType":"Patient","active":true})";
  EXPECT_EQ(Issues(text, CheckSeverity::kError), "");
  EXPECT_EQ(Issues(text, CheckSeverity::kWarning), "dom-6 at Patient");
}

TEST(Validate, WhatIsMissingBreaksNoRule) {
  // A reference by name alone, dates of different precision.
  EXPECT_EQ(Issues(R"({"resourceType":"Patient","managingOrganization":)"
                   R"({"display":"x"},"name":[{"text":"x","period":{"start":)"
                   R"("2020","end":"2020-02"}}]})",
                   CheckSeverity::kError),
            "");
}

TEST(Validate, ManyViolationsAreBounded) {
  std::string text = R"({"resourceType":"Patient","telecom":[)";
  for (int i = 0; i < 5000; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", R"({"value":"1"})");
  }
  const auto document = json::Parse(text + "]}");
  ASSERT_OK(document);
  Validator validator;
  const auto issues = validator.Validate(*document);
  EXPECT_EQ(issues.size(), 2001u);
  EXPECT_EQ(issues.back().key, "too_many");
}

}  // namespace
}  // namespace stepwell::fhir
