// An instrument document, member by member, as a Questionnaire.
#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"
#include "fhir/questionnaire.h"
#include "fhir/questionnaire_parts.h"
#include "fhir/systems.h"
#include "fhir/write_element.h"
#include "instruments/instrument.h"
#include "json/json.h"

namespace stepwell::fhir {
namespace {

using instruments::Instrument;
using instruments::Item;
using instruments::ItemKind;

// The members of `object` but these, as canonical JSON; empty when none.
std::string Rest(json::Value object,
                 std::initializer_list<std::string_view> without) {
  std::vector<json::Value> members;
  for (json::Value member : json::Children(object)) {
    if (std::find(without.begin(), without.end(), member.key()) ==
        without.end()) {
      members.push_back(member);
    }
  }
  if (members.empty()) return "";
  std::sort(members.begin(), members.end(),
            [](json::Value a, json::Value b) { return a.key() < b.key(); });
  json::Writer w;
  w.BeginObject();
  for (json::Value member : members) {
    w.Key(member.key()).Raw(json::Canonical(member));
  }
  w.EndObject();
  return w.Take();
}

void PutExtension(json::Writer& w, std::string_view url,
                  const std::string& value) {
  w.BeginObject().Key("url").String(url);
  w.Key("valueString").String(value).EndObject();
}

std::string_view LoincOf(const std::vector<instruments::Code>& codes) {
  for (const instruments::Code& code : codes) {
    if (code.system == "loinc") return code.code;
  }
  return {};
}

void PutLoinc(json::Writer& w, const std::vector<instruments::Code>& codes) {
  const std::string_view code = LoincOf(codes);
  if (code.empty()) return;
  w.Key("code").BeginArray().BeginObject();
  w.Key("system").String(kLoinc).Key("code").String(code);
  w.EndObject().EndArray();
}

const char* TypeOf(ItemKind kind) {
  switch (kind) {
    case ItemKind::kChoice:
      return "choice";
    case ItemKind::kInteger:
      return "integer";
    case ItemKind::kBoolean:
      return "boolean";
    case ItemKind::kText:
      return "text";
    case ItemKind::kDate:
      return "date";
  }
  return "text";
}

class QuestionnaireWriter {
 public:
  QuestionnaireWriter(json::Value root, const Instrument& instrument)
      : root_(root), instrument_(instrument) {
    if (instrument.licence().text_included && !instrument.texts().empty()) {
      texts_ = &instrument.texts()[0];
    }
  }

  std::string Write() {
    w_.BeginObject().Key("resourceType").String("Questionnaire");
    if (texts_ != nullptr) w_.Key("language").String(texts_->language);
    w_.Key("extension").BeginArray();
    PutExtension(w_, kScoringExtension,
                 Rest(root_, {"$schema", "instrument", "version", "title",
                              "codes", "items", "value_sets", "texts"}));
    w_.EndArray();
    w_.Key("url").String(
        absl::StrCat(ToAbsl(kQuestionnaires), instrument_.id()));
    w_.Key("version").String(instrument_.version());
    w_.Key("name").String(MachineName());
    w_.Key("title").String(instrument_.title());
    w_.Key("status").String("active");
    w_.Key("subjectType").BeginArray().String("Patient").EndArray();
    const instruments::Licence& licence = instrument_.licence();
    w_.Key("copyright")
        .String(licence.attribution.empty()
                    ? absl::StrCat(licence.holder, ": ", licence.source)
                    : licence.attribution);
    PutLoinc(w_, instrument_.codes());
    w_.Key("item").BeginArray();
    WriteItems();
    WriteScore();
    w_.EndArray().EndObject();
    return w_.Take();
  }

 private:
  // R4 wants names that begin with a capital (qst-0).
  std::string MachineName() const {
    std::string name = absl::AsciiStrToUpper(instrument_.id());
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
  }

  std::string LinkId(const Item& item) const {
    return item.link_id.empty() ? item.id : item.link_id;
  }

  void WriteItems() {
    size_t i = 0;
    for (json::Value item : json::Children(root_.Find("items"))) {
      WriteItem(item, static_cast<uint16_t>(i++));
    }
  }

  void WriteItem(json::Value source, uint16_t index) {
    const Item& item = instrument_.items()[index];
    w_.BeginObject();
    const std::string rest = Rest(
        source, {"kind", "values", "codes", "link_id", "required", "note"});
    w_.Key("extension").BeginArray();
    PutExtension(w_, kItemExtension, rest);
    if (item.kind == ItemKind::kInteger) WriteBounds(item);
    w_.EndArray();
    w_.Key("linkId").String(LinkId(item));
    PutLoinc(w_, item.codes);
    if (const std::string text = TextOf(index); !text.empty()) {
      w_.Key("text").String(text);
    }
    w_.Key("type").String(TypeOf(item.kind));
    if (item.required) w_.Key("required").Bool(true);
    if (item.kind == ItemKind::kChoice) WriteOptions(item);
    w_.EndObject();
  }

  std::string TextOf(uint16_t index) const {
    if (texts_ == nullptr) return "";
    for (const auto& [item, text] : texts_->items) {
      if (item == index) return text;
    }
    return "";
  }

  void WriteBounds(const Item& item) {
    const instruments::ValueSet& set = instrument_.value_sets()[item.values];
    for (const auto& [url, value] :
         {std::pair(kMinValue, set.min), std::pair(kMaxValue, set.max)}) {
      w_.BeginObject().Key("url").String(url);
      w_.Key("valueInteger").Int(value).EndObject();
    }
  }

  void WriteOptions(const Item& item) {
    const instruments::ValueSet& set = instrument_.value_sets()[item.values];
    w_.Key("answerOption").BeginArray();
    if (!set.listed.empty()) {
      for (const instruments::AnswerValue& value : set.listed) {
        WriteOption(item.values, value);
      }
    } else {
      for (int32_t value = set.min; value <= set.max; ++value) {
        WriteOption(item.values, {value, "", {}});
      }
    }
    w_.EndArray();
  }

  void PutWeight(std::string_view url, int32_t weight) {
    w_.Key("extension").BeginArray().BeginObject();
    w_.Key("url").String(url).Key("valueDecimal").Int(weight);
    w_.EndObject().EndArray();
  }

  void WriteOption(uint16_t set, const instruments::AnswerValue& value) {
    w_.BeginObject();
    PutWeight(kOrdinalValue, value.value);
    w_.Key("valueCoding").BeginObject();
    PutWeight(kItemWeight, value.value);
    const std::string_view loinc = LoincOf(value.codes);
    w_.Key("system").String(loinc.empty() ? kAnswerSystem : kLoinc);
    w_.Key("code").String(!loinc.empty()      ? std::string(loinc)
                          : !value.id.empty() ? value.id
                                              : absl::StrCat(value.value));
    if (texts_ != nullptr) {
      for (const auto& text : texts_->values) {
        if (text.value_set == set && text.value == value.value) {
          w_.Key("display").String(text.text);
        }
      }
    }
    w_.EndObject().EndObject();
  }

  // The total in FHIRPath, for engines that know SDC only: a sum with +, so
  // that one missing item gives no score. Conditional items have no such form.
  std::string Expression() const {
    const instruments::Scale& scale = instrument_.scales()[0];
    std::vector<std::string> terms;
    for (uint16_t index : scale.items) {
      const Item& item = instrument_.items()[index];
      if (item.not_applicable || item.only_for != instruments::Sex::kUnknown ||
          !item.skip.empty() || item.kind == ItemKind::kBoolean) {
        return "";
      }
      std::string term = absl::StrCat(
          "%resource.item.where(linkId='", LinkId(item), "').answer.",
          item.kind == ItemKind::kChoice ? "weight()" : "value");
      if (item.reverse) {
        const auto& set = instrument_.value_sets()[item.values];
        term = absl::StrCat("(", set.min + set.max, " - ", term, ")");
      }
      terms.push_back(std::move(term));
    }
    std::string sum = absl::StrJoin(terms, " + ");
    if (scale.method == instruments::ScaleMethod::kDigits) return "";
    if (scale.method == instruments::ScaleMethod::kMean) {
      sum = absl::StrCat("(", sum, ") / ", terms.size());
    }
    if (scale.plain_sum) return sum;
    return absl::StrCat(instruments::ToJsonNumber(scale.factor), " * (", sum,
                        ") + ", instruments::ToJsonNumber(scale.shift));
  }

  void WriteScore() {
    if (!instrument_.has_total()) return;
    const std::string expression = Expression();
    if (expression.empty()) return;
    w_.BeginObject().Key("extension").BeginArray().BeginObject();
    w_.Key("url").String(kCalculatedExpression);
    w_.Key("valueExpression").BeginObject();
    w_.Key("language").String("text/fhirpath");
    w_.Key("expression").String(expression).EndObject();
    w_.EndObject().EndArray();
    w_.Key("linkId").String(kScoreLinkId);
    PutLoinc(w_, instrument_.scales()[0].codes);
    w_.Key("text").String("Score").Key("type").String("decimal");
    w_.Key("readOnly").Bool(true).EndObject();
  }

  json::Value root_;
  const Instrument& instrument_;
  const instruments::Texts* texts_ = nullptr;
  json::Writer w_;
};

}  // namespace

absl::StatusOr<std::string> WriteQuestionnaire(std::string_view document) {
  STEPWELL_ASSIGN_OR_RETURN(const instruments::LoadResult loaded,
                            instruments::LoadInstrument(document));
  if (loaded.instrument == nullptr) {
    return InvalidInput(absl::StrCat(
        "the instrument document has mistakes: ", loaded.issues[0].pointer,
        ": ", loaded.issues[0].message));
  }
  STEPWELL_ASSIGN_OR_RETURN(const json::Document parsed, json::Parse(document));
  return QuestionnaireWriter(parsed.root(), *loaded.instrument).Write();
}

}  // namespace stepwell::fhir
