// Instruments as Questionnaires and back: legal R4, the same scores; forms of
// others, and what their rules are told to be.
#include "fhir/questionnaire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "fhir/validate.h"
#include "instruments/answers_json.h"
#include "instruments/score.h"
#include "support/chance.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::fhir {
namespace {

using testing::Chance;

using instruments::Answers;
using instruments::Instrument;
using InstrumentPointer = std::shared_ptr<const Instrument>;

std::string DocumentOf(const std::string& id) {
  return std::string(FindCatalogueFile("instruments/" + id + ".json"));
}

InstrumentPointer Loaded(const std::string& document) {
  const auto loaded = instruments::LoadInstrument(document);
  EXPECT_OK(loaded.status());
  EXPECT_NE(loaded->instrument, nullptr);
  return loaded->instrument;
}

std::set<std::string> Codes(const Issues& issues) {
  std::set<std::string> codes;
  for (const Issue& issue : issues) codes.insert(issue.code);
  return codes;
}

Answers RandomAnswers(const Instrument& instrument, Chance& chance) {
  Answers answers(instrument);
  const int gaps = chance.Below(3);
  for (uint16_t i = 0; i < instrument.items().size(); ++i) {
    const instruments::Item& item = instrument.items()[i];
    if (item.kind == instruments::ItemKind::kText ||
        item.kind == instruments::ItemKind::kDate ||
        (gaps > 0 && chance.Below(10) == 0)) {
      continue;
    }
    const auto& set = instrument.value_sets()[item.values];
    const int64_t width = static_cast<int64_t>(set.max) - set.min + 1;
    answers.SetValue(
        i, set.listed.empty()
               ? set.min +
                     static_cast<int32_t>(chance.Below(static_cast<int>(width)))
               : set.listed[chance.Below(static_cast<int>(set.listed.size()))]
                     .value);
  }
  return answers;
}

// Everything that a score says, as text.
std::string Said(const Instrument& instrument, const Answers& answers,
                 instruments::Sex sex) {
  instruments::ScoreContext context;
  context.sex = sex;
  const auto result = Score(instrument, answers.view(), context);
  std::string out;
  for (const auto& scale : result.scales) {
    absl::StrAppend(&out,
                    scale.score ? instruments::ToJsonNumber(*scale.score) : "-",
                    "/", scale.band, " ");
  }
  for (const auto flag : result.flags) {
    absl::StrAppend(&out, static_cast<int>(flag), " ");
  }
  for (const auto risk : result.risks) {
    absl::StrAppend(&out, "r", static_cast<int>(risk), " ");
  }
  absl::StrAppend(&out, "t", result.tier, " ", result.complete);
  return out;
}

class EachInstrument : public ::testing::TestWithParam<std::string> {};

TEST_P(EachInstrument, ComesBackAndScoresTheSame) {
  const std::string document = DocumentOf(GetParam());
  ASSERT_OK_AND_ASSIGN(const std::string form, WriteQuestionnaire(document));
  ASSERT_OK_AND_ASSIGN(const QuestionnaireReading back,
                       ReadQuestionnaire(form));
  for (const Issue& issue : back.issues) {
    ADD_FAILURE() << issue.code << " " << issue.pointer << " " << issue.message;
  }
  const InstrumentPointer one = Loaded(document), two = Loaded(back.document);
  ASSERT_NE(two, nullptr);
  EXPECT_EQ(two->id(), one->id());
  EXPECT_EQ(two->version(), one->version());
  Chance chance(7);
  for (int i = 0; i < 500; ++i) {
    const Answers answers = RandomAnswers(*one, chance);
    for (const auto sex :
         {instruments::Sex::kUnknown, instruments::Sex::kFemale,
          instruments::Sex::kMale}) {
      ASSERT_EQ(Said(*one, answers, sex), Said(*two, answers, sex));
    }
  }
  for (const instruments::Item& item : one->items()) {
    EXPECT_TRUE(two->FindItem(item.id).has_value());
    for (const instruments::Code& code : item.codes) {
      if (code.system != "loinc") continue;
      EXPECT_EQ(two->FindItem(code.code), one->FindItem(code.code));
    }
  }
  EXPECT_EQ(two->texts().size(), std::min<size_t>(1, one->texts().size()));
}

TEST_P(EachInstrument, IsLegalR4) {
  ASSERT_OK_AND_ASSIGN(const std::string form,
                       WriteQuestionnaire(DocumentOf(GetParam())));
  ASSERT_OK_AND_ASSIGN(const json::Document parsed, json::Parse(form));
  static Validator* const kValidator = new Validator;  // its rules are compiled
  for (const CheckIssue& issue : kValidator->Validate(parsed)) {
    if (issue.key == "dom-6") continue;  // a narrative: best practice only
    ADD_FAILURE() << issue.expression << " " << issue.key << " "
                  << issue.message;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, EachInstrument,
    ::testing::ValuesIn(instruments::CatalogueInstrumentIds()),
    [](const auto& each) {
      std::string name = each.param;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(Questionnaire, WordingGoesOutOnlyWhereTheLicenceAllowsIt) {
  ASSERT_OK_AND_ASSIGN(const std::string free,
                       WriteQuestionnaire(DocumentOf("phq-9")));
  EXPECT_THAT(free, ::testing::HasSubstr("Little interest"));
  EXPECT_THAT(free, ::testing::HasSubstr("Nearly every day"));
  EXPECT_THAT(free, ::testing::HasSubstr(
                        R"("url":"http://hl7.org/fhir/StructureDefinition/)"
                        R"(ordinalValue","valueDecimal":3)"));
  EXPECT_THAT(free, ::testing::HasSubstr("StructureDefinition/itemWeight"));
}

class LForms : public ::testing::TestWithParam<const char*> {};

TEST_P(LForms, ImportsAndItsMissingAsZeroRuleIsTold) {
  const std::string name = std::string("fhir/sdc-lforms/") + GetParam();
  STEPWELL_NEEDS_SHARED(name);
  const std::string form = testing::ReadFileText(testing::SharedPath(name));
  ASSERT_OK_AND_ASSIGN(const QuestionnaireReading read,
                       ReadQuestionnaire(form));
  EXPECT_THAT(Codes(read.issues),
              ::testing::ElementsAre("direction_unknown", "missing_as_zero",
                                     "no_risk_items", "texts_left_out"));
  const InstrumentPointer phq = Loaded(read.document);
  ASSERT_NE(phq, nullptr);
  EXPECT_EQ(phq->items().size(), 10u);
  EXPECT_EQ(phq->scales()[0].items.size(), 9u);
  EXPECT_EQ(phq->scales()[0].max, instruments::Rational(27));
  EXPECT_EQ(phq->scales()[0].codes[0].code, "44261-6");
  Answers answers(*phq);
  for (uint16_t i = 0; i < 9; ++i) answers.SetValue(i, 2);
  EXPECT_EQ(*Score(*phq, answers.view()).scales[0].score,
            instruments::Rational(18));
  answers.Set(4, {});
  EXPECT_FALSE(Score(*phq, answers.view()).scales[0].score.has_value());
  // Answers under the form's linkIds and codes find their items.
  ASSERT_OK_AND_ASSIGN(
      const json::Document given,
      json::Parse(R"({"/44250-9": {"code": "LA6571-9"}, "44260-8": 1})"));
  ASSERT_OK_AND_ASSIGN(const auto match,
                       instruments::ReadJsonAnswers(*phq, given.root()));
  EXPECT_TRUE(match.problems.empty());
  EXPECT_EQ(match.answers[0].value, 3);
  EXPECT_EQ(match.answers[8].value, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, LForms,
    ::testing::Values("phq9.json", "phq9-with-the-weight-function.json"));

TEST(Questionnaire, WeightsOfContainedValueSetsCount) {
  ASSERT_OK_AND_ASSIGN(const QuestionnaireReading read, ReadQuestionnaire(R"({
        "resourceType": "Questionnaire", "name": "Form", "contained": [
          {"resourceType": "ValueSet", "id": "s", "expansion": {"contains": [
            {"code": "a", "extension": [{"url":
              "http://hl7.org/fhir/StructureDefinition/itemWeight",
              "valueDecimal": 1}]},
            {"code": "b", "extension": [{"url":
              "http://hl7.org/fhir/StructureDefinition/ordinalValue",
              "valueDecimal": 4.0}]}]}}],
        "item": [{"linkId": "g", "type": "group", "item": [
          {"linkId": "1", "type": "choice", "answerValueSet": "#s"},
          {"linkId": "2", "type": "choice", "answerValueSet": "#s",
           "enableWhen": [{"question": "1", "operator": "exists"}]},
          {"linkId": "3", "type": "string"},
          {"linkId": "4", "type": "attachment"}]}]})"));
  EXPECT_THAT(Codes(read.issues),
              ::testing::ElementsAre("condition_left_out", "direction_unknown",
                                     "item_left_out", "no_risk_items",
                                     "texts_left_out"));
  const InstrumentPointer form = Loaded(read.document);
  EXPECT_EQ(form->scales()[0].max, instruments::Rational(8));
  EXPECT_EQ(form->FindItem("2"), 1);
}

TEST(Questionnaire, AnythingElseIsAnErrorOrHasNoScore) {
  EXPECT_FALSE(ReadQuestionnaire("{").ok());
  EXPECT_FALSE(ReadQuestionnaire(R"({"resourceType": "Patient"})").ok());
  ASSERT_OK_AND_ASSIGN(const auto empty, ReadQuestionnaire(R"({"resourceType":
                                          "Questionnaire"})"));
  EXPECT_TRUE(HasError(empty.issues));
  EXPECT_TRUE(empty.document.empty());
  ASSERT_OK_AND_ASSIGN(
      const auto bare,
      ReadQuestionnaire(R"({"resourceType": "Questionnaire", "item": [
        {"linkId": "1", "type": "choice", "answerOption": [
          {"valueCoding": {"code": "x"}}, {"valueCoding": {"code": "y"}}]}]})"));
  EXPECT_TRUE(Codes(bare.issues).contains("no_weights"));
  EXPECT_FALSE(bare.document.empty());
  EXPECT_FALSE(WriteQuestionnaire("{}").ok());
  EXPECT_FALSE(IsQuestionnaire(R"({"instrument": "x"})"));
}

}  // namespace
}  // namespace stepwell::fhir
