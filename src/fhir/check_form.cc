// What a form's own expression makes of a complete response, and of one with a
// gap: forms that count what is missing as 0 are told.
#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "fhir/eval.h"
#include "fhir/questionnaire_parts.h"
#include "fhir/read_element.h"
#include "fhir/read_questionnaire.h"
#include "instruments/answers.h"
#include "instruments/score.h"

namespace stepwell::fhir {
namespace {

using instruments::Instrument;

bool IsNamePart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_';
}

using Variables = std::map<std::string, std::string>;

// One round of replacing the form's %variables by what they stand for.
std::string ExpandedOnce(const std::string& text, const Variables& variables) {
  std::string out;
  size_t i = 0;
  while (i < text.size() && out.size() <= 4 * limits::kExpressionBytesMax) {
    const size_t percent = std::min(text.find('%', i), text.size());
    absl::StrAppend(&out, text.substr(i, percent - i));
    if (percent == text.size()) break;
    size_t end = percent + 1;
    while (end < text.size() && IsNamePart(text[end])) ++end;
    const auto known =
        variables.find(text.substr(percent + 1, end - percent - 1));
    if (known != variables.end()) {
      absl::StrAppend(&out, "(", known->second, ")");
    } else {
      absl::StrAppend(&out, text.substr(percent, end - percent));
    }
    i = end;
  }
  return out;
}

// Variables may use others, to a depth that forms in use do not reach.
std::string Expanded(const std::string& text, const Variables& variables) {
  const std::string once = ExpandedOnce(text, variables);
  const std::string twice = ExpandedOnce(once, variables);
  const std::string thrice = ExpandedOnce(twice, variables);
  return ExpandedOnce(thrice, variables);
}

std::string ExpressionIn(json::Value extension) {
  return std::string(StringOf(extension.Find("valueExpression"), "expression"));
}

class FormChecker {
 public:
  FormChecker(json::Value form, const Instrument& instrument, Issues& issues)
      : form_(form),
        text_(json::ToText(form)),
        instrument_(instrument),
        issues_(issues) {}

  void Check() {
    CollectVariables(form_);
    CheckItems(form_);
  }

 private:
  void CollectVariables(json::Value element) {
    for (json::Value extension : ListOf(element, "extension")) {
      if (StringOf(extension, "url") != kVariable) continue;
      const std::string_view name =
          StringOf(extension.Find("valueExpression"), "name");
      variables_[std::string(name)] = ExpressionIn(extension);
    }
    for (json::Value item : ListOf(element, "item")) CollectVariables(item);
  }

  // The first item with an expression is held to be the total.
  bool CheckItems(json::Value parent) {
    for (json::Value item : ListOf(parent, "item")) {
      const json::Value extension = FindExtension(item, kCalculatedExpression);
      if (extension) {
        CheckExpression(extension);
        return true;
      }
      if (CheckItems(item)) return true;
    }
    return false;
  }

  // Answers with the greatest value of each item but `gap`.
  std::string Response(std::optional<uint16_t> gap) const {
    json::Writer w;
    w.BeginObject().Key("resourceType").String("QuestionnaireResponse");
    w.Key("status").String("completed");
    WriteAnswers(w, form_, gap);
    w.EndObject();
    return w.Take();
  }

  void WriteAnswers(json::Writer& w, json::Value parent,
                    std::optional<uint16_t> gap) const {
    const auto items = ListOf(parent, "item");
    if (items.empty()) return;
    w.Key("item").BeginArray();
    for (json::Value item : items) {
      const std::string_view link_id = StringOf(item, "linkId");
      const auto index = instrument_.FindItem(link_id);
      w.BeginObject().Key("linkId").String(link_id);
      if (index.has_value() && index != gap) WriteAnswer(w, item, *index);
      WriteAnswers(w, item, gap);
      w.EndObject();
    }
    w.EndArray();
  }

  void WriteAnswer(json::Writer& w, json::Value item, uint16_t index) const {
    const instruments::Item& known = instrument_.items()[index];
    const std::string_view type = StringOf(item, "type");
    if (type != "choice" && type != "integer" && type != "boolean") return;
    const int32_t most = instrument_.value_sets()[known.values].max;
    w.Key("answer").BeginArray().BeginObject();
    if (type == "choice") {
      const json::Value coding = CodingOfWeight(item, most);
      coding ? w.Key("valueCoding").Raw(json::ToText(coding))
             : w.Key("valueInteger").Int(most);
    } else if (type == "integer") {
      w.Key("valueInteger").Int(most);
    } else {
      w.Key("valueBoolean").Bool(true);
    }
    w.EndObject().EndArray();
  }

  static bool HasWeight(json::Value element, int32_t weight) {
    double value = 0;
    return absl::SimpleAtod(ToAbsl(WeightOn(element)), &value) &&
           value == weight;
  }

  json::Value CodingOfWeight(json::Value item, int32_t weight) const {
    for (json::Value option : ListOf(item, "answerOption")) {
      const json::Value coding = option.Find("valueCoding");
      if (HasWeight(option, weight) || HasWeight(coding, weight)) return coding;
    }
    return {};
  }

  std::optional<double> ScoreOf(std::optional<uint16_t> gap) const {
    instruments::Answers answers(instrument_);
    for (uint16_t i = 0; i < instrument_.items().size(); ++i) {
      const instruments::Item& item = instrument_.items()[i];
      if (i != gap && item.kind != instruments::ItemKind::kText &&
          item.kind != instruments::ItemKind::kDate) {
        answers.SetValue(i, instrument_.value_sets()[item.values].max);
      }
    }
    const auto result = instruments::Score(instrument_, answers.view());
    const auto* total = result.total(instrument_);
    if (total == nullptr || !total->exact.has_value()) return std::nullopt;
    return total->exact->ToDouble();
  }

  // A number, or nothing; `failed` when it could not be evaluated.
  std::optional<double> Evaluate(const std::string& expression,
                                 std::optional<uint16_t> gap,
                                 bool* failed) const {
    const std::string response = Response(gap);
    // Forms in use write valueCoding where the model says value: both do.
    for (const bool model : {true, false}) {
      EvalRequest request;
      request.expression = expression;
      request.resource = response;
      request.questionnaire = text_;
      request.r4_model = model;
      const EvalAnswer answer = Eval(request);
      if (!answer.ok) continue;
      const auto parsed = json::Parse(answer.json);
      double value = 0;
      if (parsed.ok() && parsed->root().size() == 1 &&
          absl::SimpleAtod(ToAbsl(StringOf(parsed->root().at(0), "value")),
                           &value)) {
        return value;
      }
      if (parsed.ok() && parsed->root().size() == 0 && !model) {
        return std::nullopt;
      }
      if (parsed.ok() && parsed->root().size() == 0 && gap.has_value()) {
        return std::nullopt;
      }
    }
    *failed = true;
    return std::nullopt;
  }

  void CheckExpression(json::Value extension) {
    const std::string expression =
        Expanded(ExpressionIn(extension), variables_);
    const auto warn = [&](const char* code, std::string message,
                          std::string hint) {
      AddWarning(issues_, code, extension.pointer(), std::move(message),
                 std::move(hint));
    };
    bool failed = false;
    const auto whole = Evaluate(expression, std::nullopt, &failed);
    const auto expected = ScoreOf(std::nullopt);
    if (failed) {
      warn("expression_fails",
           "the form's expression could not be evaluated on a complete "
           "response",
           "the strict sum of the weights is taken");
      return;
    }
    if (whole != expected) {
      warn("expression_differs",
           absl::StrCat("on the greatest answers the form's expression gives ",
                        whole ? absl::StrCat(*whole) : "nothing",
                        ", the document ",
                        expected ? absl::StrCat(*expected) : "nothing"),
           "see which rule the form means");
      return;
    }
    if (!instrument_.has_total()) return;
    for (const uint16_t item : instrument_.scales()[0].items) {
      const auto gap = Evaluate(expression, item, &failed);
      if (!gap.has_value() || ScoreOf(item).has_value()) continue;
      warn("missing_as_zero",
           absl::StrCat("with \"", instrument_.items()[item].id,
                        "\" unanswered the form's expression still gives ",
                        *gap, ": it counts what is missing as 0"),
           "here a score is given only when every item is answered");
      return;
    }
  }

  json::Value form_;
  std::string text_;
  const Instrument& instrument_;
  Issues& issues_;
  Variables variables_;
};

}  // namespace

void CheckForm(json::Value questionnaire, std::string_view document,
               Issues& issues) {
  const auto loaded = instruments::LoadInstrument(document);
  if (!loaded.ok() || loaded->instrument == nullptr) return;
  FormChecker(questionnaire, *loaded->instrument, issues).Check();
}

}  // namespace stepwell::fhir
