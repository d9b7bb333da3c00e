// QuestionnaireResponses: never refused, read as far as they can be read.
#include <string>

#include "base/date.h"
#include "base/limits.h"
#include "fhir/import_support.h"
#include "instruments/answers.h"

namespace stepwell::fhir {
namespace {

constexpr const char* kPatient =
    R"({"resourceType":"Patient","id":"p1",)"
    R"("identifier":[{"system":"urn:example:patient","value":"t1"}]})";

std::string Response(const std::string& members) {
  return R"({"resourceType":"QuestionnaireResponse","id":"q1",)"
         R"("subject":{"reference":"Patient/p1"})" +
         (members.empty() ? "" : "," + members) + "}";
}

ImportedResponse Read(const std::string& members) {
  const ImportBatch batch = MustRead(BundleOf({kPatient, Response(members)}));
  EXPECT_TRUE(batch.refused.empty()) << Show(batch.refused);
  return Only<ImportedResponse>(batch);
}

ImportedResponse WithItems(const std::string& items) {
  return Read(R"("status":"completed","questionnaire":)"
              R"("http://x.example/Questionnaire/phq-9|1.0","item":)" +
              items);
}

// One answer of item q1.
ImportedResponse WithAnswer(const std::string& answer) {
  return WithItems(R"([{"linkId":"q1","answer":[)" + answer + "]}]");
}

std::string At(const char* element) {
  return std::string("Bundle.entry[1].resource.") + element;
}

std::string Shape(const ImportedResponse& response) {
  std::string text;
  for (const ImportedAnswer& answer : response.answers) {
    text += (text.empty() ? "" : " ") + answer.link_id + "=" + answer.value;
  }
  return text;
}

TEST(ImportResponse, HeadsAreRead) {
  const auto response = Read(
      R"("status":"amended","language":"sv","authored":"2026-01-13T10:00:00Z",)"
      R"("identifier":{"system":"urn:q","value":"7"},)"
      R"("questionnaire":"https://x.example/Questionnaire/gad-7|2")");
  EXPECT_EQ(response.key, (Identifier{"urn:q", "7"}));
  EXPECT_EQ(response.subject, (Identifier{"urn:example:patient", "t1"}));
  EXPECT_TRUE(response.subject_found);
  EXPECT_EQ(response.questionnaire, "https://x.example/Questionnaire/gad-7");
  EXPECT_EQ(response.version, "2");
  EXPECT_EQ(response.instrument, "gad-7");
  EXPECT_EQ(response.status, "amended");
  EXPECT_EQ(response.language, "sv");
  EXPECT_TRUE(response.authored.has_value());
  EXPECT_TRUE(response.problems.empty()) << Show(response.problems);
}

TEST(ImportResponse, WhatIsWrongStandsBesideTheAnswers) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("item":[])", "missing"},
      {R"("status":"done")", "unknown_code"},
      {R"("status":["x"])", "missing"},
      {R"("status":"completed","authored":"yesterday")", "bad_time"},
      {R"("status":"entered-in-error")", "entered_in_error"},
      {R"("status":"completed","item":"q1")", "wrong_type"},
      {R"("status":"completed","item":[{"answer":[]}])", "missing"},
      {R"("status":"completed","item":[{"linkId":"a","modifierExtension":[{}]}])",
       "modifier"},
      {R"("status":"completed","implicitRules":"urn:x")", "modifier"}};
  for (const auto& [members, code] : cases) {
    const auto response = Read(members);
    ASSERT_FALSE(response.problems.empty()) << members;
    EXPECT_EQ(response.problems[0].code,
              std::string(code) == "modifier" ? "unknown_questionnaire" : code);
    bool found = false;
    for (const Finding& problem : response.problems) {
      found = found || problem.code == code;
      EXPECT_EQ(problem.path.rfind("Bundle.entry[1].resource", 0), 0u);
    }
    EXPECT_TRUE(found) << members << Show(response.problems);
    EXPECT_NE(response.raw, "");
  }
}

TEST(ImportResponse, AnUnknownSubjectIsNamedAndNotRefused) {
  const auto read = [](const std::string& subject) {
    return Only<ImportedResponse>(
        MustRead(R"({"resourceType":"QuestionnaireResponse","id":"q1",)"
                 R"("status":"completed")" +
                 subject + "}"));
  };
  const auto unknown = read(R"(,"subject":{"reference":"Patient/xyz"})");
  EXPECT_EQ(unknown.subject, (Identifier{"reference", "Patient/xyz"}));
  EXPECT_FALSE(unknown.subject_found);
  EXPECT_TRUE(Has(unknown.problems, "subject_unresolved",
                  "QuestionnaireResponse.subject"));
  const auto nobody = read("");
  EXPECT_TRUE(nobody.subject.IsNone());
  EXPECT_TRUE(
      Has(nobody.problems, "no_subject", "QuestionnaireResponse.subject"));
  const auto group = read(R"(,"subject":{"reference":"Group/g"})");
  EXPECT_TRUE(group.subject.IsNone());
  const auto source = read(R"(,"source":{"reference":"Patient/s"})");
  EXPECT_EQ(source.subject.value, "Patient/s");
  const auto helper = read(R"(,"source":{"reference":"RelatedPerson/s"},)"
                           R"("author":{"reference":"Patient/a"})");
  EXPECT_EQ(helper.subject.value, "Patient/a");
}

TEST(ImportResponse, AContainedResponseBelongsToItsOwnersSubject) {
  const ImportBatch batch = MustRead(BundleOf(
      {kPatient,
       R"({"resourceType":"ServiceRequest","id":"r1","status":"x",)"
       R"("subject":{"reference":"Patient/p1"},"contained":[)"
       R"({"resourceType":"QuestionnaireResponse","status":"completed",)"
       R"("questionnaire":"urn:x:phq-9"}]})"}));
  // The referral is refused; the answers are not.
  EXPECT_EQ(batch.refused.size(), 1u);
  const auto response = Only<ImportedResponse>(batch);
  EXPECT_EQ(response.subject.value, "t1");
  EXPECT_EQ(response.instrument, "phq-9");
  EXPECT_TRUE(IsAccountedFor(batch));
}

TEST(ImportResponse, TheInstrumentIsNamedByUrlCodeAliasOrItems) {
  const auto instrument = [](const std::string& url,
                             const std::string& item = "x") {
    ReadOptions options;
    options.questionnaire_aliases = {{"urn:oid:1.2.3", "wsas"}};
    return Only<ImportedResponse>(
               MustRead(Response(R"("questionnaire":")" + url +
                                 R"(","item":[{"linkId":")" + item +
                                 R"(","answer":[{"valueInteger":1}]}])"),
                        options))
        .instrument;
  };
  EXPECT_EQ(instrument("https://x.example/Questionnaire/phq-9|1"), "phq-9");
  EXPECT_EQ(instrument("https://x.example/Questionnaire/PHQ9/"), "phq-9");
  EXPECT_EQ(instrument("http://loinc.org/q/44249-1"), "phq-9");
  EXPECT_EQ(instrument("Questionnaire/69737-5"), "gad-7");
  EXPECT_EQ(instrument("urn:oid:1.2.3"), "wsas");
  EXPECT_EQ(instrument("http://x.example/other"), "");
  EXPECT_EQ(instrument("http://x.example/other", "/69725-0"), "");
  EXPECT_EQ(instrument("http://x.example/other", "/44260-8"), "phq-9");
  EXPECT_EQ(instrument("", ""), "");
}

TEST(ImportResponse, GroupsAndNestedItemsAreFlattenedInOrder) {
  const auto response = WithItems(
      R"([{"linkId":"g","item":[{"linkId":"q1","answer":[{"valueInteger":1,)"
      R"("item":[{"linkId":"q1a","answer":[{"valueString":"why"}]}]},)"
      R"({"valueInteger":2}]},{"linkId":"q2","answer":[{"valueBoolean":true}])"
      R"(,"item":[{"linkId":"q2a","answer":[{"valueDate":"2026-01-01"}]}]}]},)"
      R"({"linkId":"q3","answer":[{"valueDecimal":1.50}]}])");
  EXPECT_EQ(Shape(response),
            "q1=1 q1a=why q1=2 q2=true q2a=2026-01-01 q3=1.50");
  EXPECT_EQ(response.answers[1].path,
            "item[0].item[0].answer[0].item[0].answer[0]");
  EXPECT_TRUE(response.problems.empty()) << Show(response.problems);
}

TEST(ImportResponse, EveryKindOfValueIsRead) {
  const auto check = [](const std::string& answer, AnswerType type,
                        const std::string& value) {
    const auto response = WithAnswer(answer);
    ASSERT_EQ(response.answers.size(), 1u) << answer;
    EXPECT_EQ(response.answers[0].type, type) << answer;
    EXPECT_EQ(response.answers[0].value, value);
    EXPECT_TRUE(response.problems.empty()) << Show(response.problems);
  };
  check(R"({"valueBoolean":false})", AnswerType::kBoolean, "false");
  check(R"({"valueDecimal":1.2E+2})", AnswerType::kDecimal, "1.2E+2");
  check(R"({"valueInteger":-3})", AnswerType::kInteger, "-3");
  check(R"({"valueDate":"2026-01"})", AnswerType::kDate, "2026-01");
  check(R"({"valueDateTime":"2026-01-01T00:00:00Z"})", AnswerType::kDateTime,
        "2026-01-01T00:00:00Z");
  check(R"({"valueTime":"10:00:00"})", AnswerType::kTime, "10:00:00");
  check(R"({"valueString":""})", AnswerType::kString, "");
  check(R"({"valueUri":"urn:x"})", AnswerType::kUri, "urn:x");
  check(R"({"valueCoding":{"system":"urn:s","code":"c"}})", AnswerType::kCoding,
        "c");
  check(R"({"valueQuantity":{"value":12.0,"unit":"kg"}})",
        AnswerType::kQuantity, "12.0");
  check(R"({"valueReference":{"reference":"A/1"}})", AnswerType::kReference,
        "A/1");
  check(R"({"valueAttachment":{"title":"t"}})", AnswerType::kAttachment, "t");
  check(R"({"_valueInteger":{"extension":[{"url":"http://hl7.org/fhir/)"
        R"(StructureDefinition/data-absent-reason",)"
        R"("valueCode":"not-applicable"}]}})",
        AnswerType::kNotApplicable, "not-applicable");
  check("{}", AnswerType::kAbsent, "");
}

TEST(ImportResponse, ValuesOfTheWrongTypeAreReadByWhatTheyAre) {
  const auto check = [](const std::string& answer, AnswerType type,
                        const std::string& value) {
    const auto response = WithAnswer(answer);
    ASSERT_FALSE(response.answers.empty()) << answer;
    EXPECT_EQ(response.answers[0].type, type) << answer;
    EXPECT_EQ(response.answers[0].value, value) << answer;
    EXPECT_FALSE(response.problems.empty()) << answer;
    EXPECT_EQ(response.problems[0].path, At("item[0].answer[0]")) << answer;
  };
  check(R"({"valueInteger":"2"})", AnswerType::kString, "2");
  check(R"({"valueInteger":2.5})", AnswerType::kDecimal, "2.5");
  check(R"({"valueBoolean":1})", AnswerType::kInteger, "1");
  check(R"({"valueDate":"2026-02-30"})", AnswerType::kString, "2026-02-30");
  check(R"({"valueCoding":"c"})", AnswerType::kString, "c");
  check(R"({"valueNumber":{"a":1}})", AnswerType::kUnreadable, R"({"a":1})");
  check(R"({"valueInteger":[1]})", AnswerType::kUnreadable, "[1]");
  check(R"({"valueQuantity":{"value":5,"comparator":"<"}})",
        AnswerType::kUnreadable, R"({"comparator":"<","value":5})");
  check(R"({"valueInteger":1,"valueString":"b"})", AnswerType::kInteger, "1");
  check("3", AnswerType::kInteger, "3");
}

TEST(ImportResponse, WeightsComeFromTheResponseOrItsQuestionnaire) {
  const auto own = WithAnswer(
      R"({"valueCoding":{"code":"x","extension":[{"url":"http://hl7.org/fhir/)"
      R"(StructureDefinition/itemWeight","valueDecimal":3}]}})");
  EXPECT_EQ(own.answers[0].ordinal, "3");
  const ImportBatch batch = MustRead(BundleOf(
      {kPatient,
       R"({"resourceType":"Questionnaire","url":"urn:mine","version":"2",)"
       R"("code":[{"system":"http://loinc.org","code":"44249-1"}],"item":[)"
       R"({"linkId":"a","code":[{"system":"http://loinc.org",)"
       R"("code":"44260-8"}],"answerOption":[{"valueCoding":{"code":"x",)"
       R"("extension":[{"url":"http://hl7.org/fhir/StructureDefinition/)"
       R"(ordinalValue","valueDecimal":2}]}}]}]})",
       Response(R"("status":"completed","questionnaire":"urn:mine|2","item":)"
                R"([{"linkId":"a","answer":[{"valueCoding":{"code":"x"}}]}])"),
       Response(
           R"("status":"completed","questionnaire":"urn:mine|1","item":)"
           R"([{"linkId":"a","answer":[{"valueCoding":{"code":"x"}}]}])")}));
  const auto responses = All<ImportedResponse>(batch);
  ASSERT_EQ(responses.size(), 2u);
  EXPECT_EQ(responses[0].instrument, "phq-9");
  EXPECT_EQ(responses[0].answers[0].code, "44260-8");
  EXPECT_EQ(responses[0].answers[0].ordinal, "2");
  // Another version is another questionnaire.
  EXPECT_EQ(responses[1].answers[0].ordinal, "");
}

TEST(ImportResponse, AContainedQuestionnaireAndValueSetAreUsed) {
  const auto response = Read(
      R"("status":"completed","questionnaire":"#f","contained":[)"
      R"({"resourceType":"Questionnaire","id":"f","contained":[)"
      R"({"resourceType":"ValueSet","id":"v","compose":{"include":[{"concept":)"
      R"([{"code":"y","extension":[{"url":"http://hl7.org/fhir/)"
      R"(StructureDefinition/itemWeight","valueDecimal":1}]}]}]}}],"item":[)"
      R"({"linkId":"a","answerValueSet":"#v"}]}],"item":[{"linkId":"a",)"
      R"("answer":[{"valueCoding":{"code":"y"}}]}])");
  EXPECT_EQ(response.answers[0].ordinal, "1");
}

TEST(ImportResponse, AnswersReachTheInstrumentByIdOrLoincCode) {
  const auto phq9 = *instruments::LoadCatalogueInstrument("phq-9");
  const auto value_of_item9 = [&](const std::string& link_id) {
    const auto response = WithItems(R"([{"linkId":")" + link_id +
                                    R"(","answer":[{"valueInteger":2}]}])");
    const auto raw = RawAnswersOf(response, *phq9);
    const auto match = instruments::MatchAnswers(*phq9, raw);
    EXPECT_TRUE(match.problems.empty()) << link_id;
    return match.answers[*phq9->FindItem("q9")];
  };
  for (const char* link_id :
       {"q9", "44260-8", "/44260-8", "/44249-1/44260-8"}) {
    EXPECT_EQ(value_of_item9(link_id), instruments::Answer::Of(2)) << link_id;
  }
  // Not answered is left out: missing, never zero.
  const auto absent = WithItems(R"([{"linkId":"q9","answer":[{}]}])");
  EXPECT_TRUE(RawAnswersOf(absent, *phq9).empty());
}

TEST(ImportResponse, OnlyAnExactRepetitionIsDropped) {
  const std::string one = Response(R"("status":"completed")");
  const std::string two = Response(R"("status":"amended")");
  const ImportBatch same = MustRead(BundleOf({kPatient, one, one}));
  EXPECT_EQ(Only<ImportedResponse>(same).status, "completed");
  EXPECT_TRUE(Has(same.notes, "merged", "Bundle.entry[1].resource"));
  const ImportBatch amended = MustRead(BundleOf({kPatient, one, two}));
  const auto responses = All<ImportedResponse>(amended);
  ASSERT_EQ(responses.size(), 2u);
  EXPECT_EQ(responses[0].key, responses[1].key);
  EXPECT_EQ(responses[1].status, "amended");
  EXPECT_TRUE(Has(amended.notes, "amended", "Bundle.entry[2].resource"));
  EXPECT_TRUE(IsAccountedFor(amended));
}

TEST(ImportResponse, AFloodOfAnswersIsReadUpToItsLimitAndKeptRaw) {
  std::string items = "[";
  for (size_t i = 0; i < limits::kFhirAnswersMax + 5; ++i) {
    items += (i == 0 ? "" : ",") +
             std::string(R"({"linkId":"q","answer":[{"valueInteger":1}]})");
  }
  const auto response = WithItems(items + "]");
  EXPECT_EQ(response.answers.size(), limits::kFhirAnswersMax);
  EXPECT_TRUE(Has(response.problems, "too_many", At("item[10000]")))
      << Show(response.problems);
  EXPECT_GT(response.raw.size(), items.size() / 2);
}

TEST(ImportResponse, AsManyProblemsAreToldAsTheLimitSays) {
  const auto problems = [](size_t count) {
    std::string items = "[";
    for (size_t i = 0; i < count; ++i) {
      items += (i == 0 ? "" : ",") +
               std::string(R"({"linkId":"q","answer":[{"valueInteger":"x"}]})");
    }
    return WithItems(items + "]").problems.size();
  };
  EXPECT_EQ(problems(limits::kFhirProblemsMax - 1),
            limits::kFhirProblemsMax - 1);
  EXPECT_EQ(problems(limits::kFhirProblemsMax + 1), limits::kFhirProblemsMax);
}

TEST(ImportResponse, DeepItemsAreRead) {
  std::string text = R"({"linkId":"x","answer":[{"valueInteger":1}]})";
  for (int i = 0; i < 100; ++i) {
    text = R"({"linkId":"g","item":[)" + text + "]}";
  }
  EXPECT_EQ(Shape(WithItems("[" + text + "]")), "x=1");
}

}  // namespace
}  // namespace stepwell::fhir
