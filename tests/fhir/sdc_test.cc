// weight() and ordinal() over the forms people use: the scores a person
// computes by hand.
#include <gtest/gtest.h>

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

class SdcTest : public ::testing::Test {
 protected:
  static void Load(const std::string& text, const R4Model& model,
                   uint16_t number, std::unique_ptr<json::Document>* document,
                   std::unique_ptr<JsonSource>* source) {
    auto parsed = json::Parse(text);
    ASSERT_OK(parsed);
    *document = std::make_unique<json::Document>(*std::move(parsed));
    *source = std::make_unique<JsonSource>(**document, &model, number);
  }
  void SetForm(const std::string& text) {
    Load(text, model_, 1, &form_text_, &form_);
  }
  void SetResponse(const std::string& text) {
    Load(text, model_, 0, &response_text_, &response_);
  }

  // The value of `expression` with the variables given before it.
  std::string Value(std::string_view expression) {
    SdcSources sdc;
    sdc.model = &model_;
    sdc.questionnaire = form_.get();
    fp::FunctionTable functions;
    AddFhirFunctions(sdc, &functions);
    fp::CompileOptions options;
    options.model = &model_;
    options.host_functions = &functions;
    options.root_type = response_->root_type();
    options.variables.push_back({"questionnaire", form_->root_type(), false});
    for (const auto& [name, value] : named_) {
      options.variables.push_back({name, fp::kAnyType, true});
    }
    const auto compiled = fp::Compile(expression, options);
    if (!compiled.program) {
      return "issue: " + compiled.issues[0].message + " at " +
             std::to_string(compiled.issues[0].column);
    }
    kept_.push_back(compiled.program);
    const fp::Source* sources[] = {response_.get(), form_.get()};
    std::vector<fp::Collection> variables = {
        fp::Collection(fp::Value::Of(form_->root()))};
    for (const auto& [name, value] : named_) variables.push_back(value);
    fp::EvaluateOptions evaluate;
    evaluate.sources = sources;
    evaluate.variables = variables;
    auto result = fp::Evaluate(*compiled.program, response_->root(), evaluate);
    if (!result.ok()) return std::string(result.status().message());
    last_ = *result;
    std::string out;
    for (const fp::Value& item : *result) {
      out += (out.empty() ? "" : " ");
      const JsonSource& source =
          item.is_node() && item.node().source == 1 ? *form_ : *response_;
      const auto plain = item.is_node() ? source.Primitive(item.node().index)
                                        : std::optional(item);
      out += plain ? fp::ToLiteral(*plain) : "complex";
    }
    return out;
  }

  // LForms' forms write `answer.valueCoding`: JSON names are members here.
  R4Model model_{true};
  std::unique_ptr<json::Document> form_text_, response_text_;
  std::unique_ptr<JsonSource> form_, response_;
  std::vector<std::pair<std::string, fp::Collection>> named_;
  std::vector<std::shared_ptr<const fp::Program>> kept_;
  fp::Collection last_;
};

// A response that gives the items of `form` the options of `answers`; -1
// leaves an item out.
std::string ResponseTo(json::Value form, const std::vector<int>& answers) {
  json::Writer out;
  out.BeginObject().Key("resourceType").String("QuestionnaireResponse");
  out.Key("status").String("completed").Key("item").BeginArray();
  size_t next = 0;
  for (json::Value item : json::Children(form.Find("item"))) {
    if (!item.Find("answerOption") || next == answers.size()) continue;
    const int answer = answers[next++];
    if (answer < 0) continue;
    const json::Value option =
        item.Find("answerOption").at(static_cast<size_t>(answer));
    const json::Value coding = option.Find("valueCoding");
    out.BeginObject().Key("linkId");
    out.String(item.Find("linkId").string_value());
    out.Key("answer").BeginArray().BeginObject().Key("valueCoding");
    out.BeginObject();
    if (coding.Find("system")) {
      out.Key("system").String(coding.Find("system").string_value());
    }
    out.Key("code").String(coding.Find("code").string_value());
    out.EndObject().EndObject().EndArray().EndObject();
  }
  out.EndArray().EndObject();
  return out.Take();
}

const std::vector<int> kAnswers = {0, 1, 2, 3, 0, 1, 2, 3, 1};  // 13 points

TEST_F(SdcTest, WeightSumsThePhq9OfLforms) {
  const std::string name = "fhir/sdc-lforms/phq9-with-the-weight-function.json";
  STEPWELL_NEEDS_SHARED(name);
  SetForm(ReadFileText(SharedPath(name)));
  SetResponse(ResponseTo(form_text_->root(), kAnswers));
  EXPECT_EQ(
      Value("%resource.item.where(linkId != '/69722-7').answer.weight().sum()"),
      "13");
  EXPECT_EQ(Value("%resource.item.answer.value.ordinal().sum()"), "13");
  SetResponse(ResponseTo(form_text_->root(), {3, -1, 3}));
  EXPECT_EQ(Value("item.answer.weight().sum()"), "6");
}

TEST_F(SdcTest, TheLongFormOfLformsGivesTheSameScore) {
  const std::string name = "fhir/sdc-lforms/phq9.json";
  STEPWELL_NEEDS_SHARED(name);
  SetForm(ReadFileText(SharedPath(name)));
  SetResponse(ResponseTo(form_text_->root(), kAnswers));
  // The form's variables, in order, then its calculated expression.
  json::Value total;
  for (json::Value item : json::Children(form_text_->root().Find("item"))) {
    if (item.Find("linkId").string_value() == "/44261-6") total = item;
  }
  ASSERT_TRUE(total);
  std::string score;
  for (json::Value extension : json::Children(total.Find("extension"))) {
    const json::Value expression = extension.Find("valueExpression");
    if (!expression) continue;
    score = Value(expression.Find("expression").string_value());
    const json::Value variable = expression.Find("name");
    if (variable) {
      named_.emplace_back(std::string(variable.string_value()), last_);
    }
  }
  EXPECT_EQ(score, "13");
}

TEST_F(SdcTest, ContainedValueSetsGiveTheWeight) {
  const std::string name =
      "fhir/sdc-lforms/q-with-contained-valueset-with-itemWeight.json";
  STEPWELL_NEEDS_SHARED(name);
  SetForm(ReadFileText(SharedPath(name)));
  SetResponse(R"({"resourceType": "QuestionnaireResponse",
    "status": "completed", "item": [{"linkId": "link-1", "item": [
      {"linkId": "link-1.1", "item": [
        {"linkId": "link-1.1.1", "answer": [{"valueCoding":
           {"system": "some-system-1", "code": "some-code-2"}}]},
        {"linkId": "link-1.1.2", "answer": [{"valueCoding":
           {"system": "some-system-2", "code": "some-code-2"}}]}]}]}]})");
  EXPECT_EQ(Value("%resource.repeat(item).answer.weight()"), "2 20");
  EXPECT_EQ(Value("%resource.repeat(item).answer.weight().sum()"), "22");
}

TEST_F(SdcTest, TheCodingItselfComesFirstAndCodeSystemsLast) {
  SetForm(R"({"resourceType": "Questionnaire", "status": "draft",
    "contained": [{"resourceType": "CodeSystem", "url": "s", "status": "draft",
      "content": "complete", "concept": [{"code": "a", "concept": [
        {"code": "b", "property": [{"code": "itemWeight",
                                    "valueDecimal": 2.5}]}]}]}],
    "item": [{"linkId": "1", "type": "choice"}]})");
  SetResponse(R"({"resourceType": "QuestionnaireResponse",
    "status": "completed", "item": [{"linkId": "1", "answer": [
      {"valueCoding": {"system": "s", "code": "b", "extension": [{
         "url": "http://hl7.org/fhir/StructureDefinition/itemWeight",
         "valueDecimal": 7}]}},
      {"valueCoding": {"system": "s", "code": "b"}},
      {"valueCoding": {"system": "s", "code": "unknown"}}]}]})");
  EXPECT_EQ(Value("item.answer.value.weight()"), "7 2.5");
}

TEST_F(SdcTest, NarrativesAreChecked) {
  SetForm(R"({"resourceType": "Questionnaire", "status": "draft"})");
  const auto checks = [this](const std::string& div) {
    SetResponse(R"({"resourceType": "QuestionnaireResponse",
      "status": "completed", "text": {"status": "generated", "div": )" +
                json::Quote(div) + "}}");
    return Value("text.`div`.htmlChecks()");
  };
  EXPECT_EQ(checks("<div xmlns=\"x\"><p>a<br/>b</p></div>"), "true");
  EXPECT_EQ(checks("<div><script>x</script></div>"), "false");
  EXPECT_EQ(checks("<div><p onclick=\"x\">a</p></div>"), "false");
  EXPECT_EQ(checks("<div><p>a</div>"), "false");
  EXPECT_EQ(checks("plain"), "false");
  EXPECT_EQ(checks("<div><p\tONclick='x'>a</p></div>"), "false");
  EXPECT_EQ(checks("<div><img alt=\"a > b on c\"/></div>"), "true");
  const auto says = [&](const std::string& div) {
    static_cast<void>(checks(div));
    return Value("text.`div`.htmlChecks2()");
  };
  EXPECT_EQ(says("<div><p>a</p></div>"), "true");
  EXPECT_EQ(says("<div><img src=\"#a\"/></div>"), "true");
  EXPECT_EQ(says("<div> <p>\n&nbsp;&#160;</p><!-- a --></div>"), "false");
  EXPECT_EQ(says("<div title=\"a > b\"></div>"), "false");
}

TEST_F(SdcTest, TooManyAnswersForTooLongAFormAreAnError) {
  std::string form = R"({"resourceType": "Questionnaire", "item": [{})";
  std::string response =
      R"({"resourceType": "QuestionnaireResponse", "item": [)"
      R"({"linkId": "x", "answer": [{"valueInteger": 1})";
  for (int i = 0; i < 30'000; ++i) {
    form += R"(,{"linkId": "a"})";
    response += R"(,{"valueInteger": 1})";
  }
  SetForm(form + "]}");
  SetResponse(response + "]}]}");
  EXPECT_NE(Value("item.answer.value.weight()").find("too many answers"),
            std::string::npos);
}

}  // namespace
}  // namespace stepwell::fhir
