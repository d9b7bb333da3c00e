// A Questionnaire as an instrument document: items from what R4 says, scoring
// from our own extension or, in a form of somebody else's, a strict sum of
// what has weights.
#include <map>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/strings.h"
#include "fhir/questionnaire.h"
#include "fhir/questionnaire_parts.h"
#include "fhir/read_element.h"
#include "fhir/read_questionnaire.h"
#include "instruments/instrument.h"

namespace stepwell::fhir {
namespace {

constexpr std::string_view kLoincSystem = "http://loinc.org";

struct Option {
  std::string code, system, display;
  std::optional<int32_t> weight;
};

// A whole number, also as "2.0".
std::optional<int32_t> WholeNumber(std::string_view text) {
  double value = 0;
  if (text.empty() || !absl::SimpleAtod(ToAbsl(text), &value) ||
      value != static_cast<double>(static_cast<int32_t>(
                   std::min(1e6, std::max(-1e6, value))))) {
    return std::nullopt;
  }
  return static_cast<int32_t>(value);
}

// [a-z][a-z0-9_]*, or with hyphens: what documents take as a name.
std::string NameOf(std::string_view text, char joint) {
  std::string out;
  for (const char c : text.substr(0, limits::kNameBytesMax)) {
    if (absl::ascii_isalnum(c)) {
      out.push_back(absl::ascii_tolower(c));
    } else if (!out.empty() && out.back() != joint) {
      out.push_back(joint);
    }
  }
  while (!out.empty() && out.back() == joint) out.pop_back();
  if (out.empty() || !absl::ascii_isalpha(out[0])) return "";
  return out;
}

bool IsItemName(std::string_view text) { return NameOf(text, '_') == text; }

class FormReader {
 public:
  explicit FormReader(json::Value root) : root_(root) {}

  QuestionnaireReading Read() {
    ReadScoring();
    AddItems(root_);
    json::Writer w;
    w.BeginObject();
    w.Key("instrument").String(Id());
    w.Key("version").String(Text("version", "1"));
    w.Key("title").String(Text("title", Text("name", Id())));
    PutCodes(w, root_);
    if (scoring_) {
      for (json::Value member : json::Children(scoring_)) {
        w.Key(member.key()).Raw(json::ToText(member));
      }
    } else {
      WriteForeignHead(w);
    }
    WriteValueSets(w);
    WriteItems(w);
    WriteTexts(w);
    w.EndObject();
    out_.document = w.Take();
    return std::move(out_);
  }

 private:
  struct FormItem {
    std::string document;  // members but values, rendered without braces
    std::string id, text;
    int set = -1;        // index of sets_
    std::string bounds;  // of an integer: the set, rendered
  };

  std::string Text(std::string_view key, std::string_view otherwise) const {
    const std::string_view text = StringOf(root_, key);
    return std::string(text.empty() ? otherwise : text);
  }

  void Warn(std::string code, json::Value where, std::string message,
            std::string hint = "") {
    AddWarning(out_.issues, std::move(code), where ? where.pointer() : "",
               std::move(message), std::move(hint));
  }

  void ReadScoring() {
    const json::Value text =
        FindExtension(root_, kScoringExtension).Find("valueString");
    if (!text.is_string()) return;
    auto parsed = json::Parse(text.string_value());
    if (!parsed.ok() || !parsed->root().is_object()) {
      AddError(out_.issues, "bad_scoring", text.pointer(),
               "the scoring extension is no JSON object");
      return;
    }
    scoring_text_.push_back(*std::move(parsed));
    scoring_ = scoring_text_.back().root();
  }

  std::string Id() const {
    const std::string_view url = StringOf(root_, "url");
    const size_t slash = url.find_last_of("/:");
    for (const std::string_view name :
         {slash == url.npos ? url : url.substr(slash + 1),
          StringOf(root_, "name"), StringOf(root_, "title"),
          StringOf(root_, "id")}) {
      std::string id = NameOf(name, '-');
      if (!id.empty()) return id;
    }
    return "questionnaire";
  }

  // Slots of the codes that an instrument document keeps.
  void PutCodes(json::Writer& w, json::Value element) {
    for (json::Value code : ListOf(element, "code")) {
      const Coding coding = ReadCoding(code);
      if (coding.system != kLoincSystem || LoincOf(coding.code).empty()) {
        continue;
      }
      w.Key("codes").BeginObject().Key("loinc").String(coding.code);
      w.EndObject();
      return;
    }
  }

  void WriteForeignHead(json::Writer& w) {
    Warn("direction_unknown", root_,
         "the form does not say which scores are better: none is taken",
         "a copy of the document may say so; change needs it");
    w.Key("respondent").String("patient").Key("direction").String("none");
    w.Key("licence").BeginObject();
    w.Key("status").String("conditional");
    w.Key("holder").String(Text("publisher", "not stated"));
    w.Key("source").String(
        Text("copyright", "a FHIR Questionnaire without a copyright"));
    w.Key("text_included").Bool(false).EndObject();
    Warn("no_risk_items", root_,
         "the form does not say which answers disclose a risk, nor what its "
         "scores mean: nobody is alerted, and there are no bands and cut-offs",
         "mark the items in a copy of the document, or take the shipped "
         "instrument of the same form");
    Warn("texts_left_out", root_,
         "the form does not say that its wording may be copied: it is left out",
         "who holds a licence adds texts, with the status licensed");
    if (scored_.empty()) {
      Warn("no_weights", root_, "no item has weights: there is no score");
      return;
    }
    w.Key("score").BeginObject().Key("method").String("sum");
    w.Key("items").BeginArray();
    for (const std::string& id : scored_) w.String(id);
    w.EndArray();
    if (!score_loinc_.empty()) {
      w.Key("codes").BeginObject().Key("loinc").String(score_loinc_);
      w.EndObject();
    }
    w.EndObject();
  }

  // Depth is bounded by the JSON parser.
  void AddItems(json::Value parent) {
    for (json::Value item : ListOf(parent, "item")) {
      AddItem(item);
      AddItems(item);
    }
  }

  void AddItem(json::Value item) {
    const std::string_view type = StringOf(item, "type");
    if (type == "group" || type == "display") return;
    if (FindExtension(item, kCalculatedExpression) ||
        StringOf(item, "linkId") == kScoreLinkId) {
      for (json::Value code : ListOf(item, "code")) {
        const Coding coding = ReadCoding(code);
        if (coding.system == kLoincSystem && !LoincOf(coding.code).empty()) {
          score_loinc_ = std::string(coding.code);
        }
      }
      return;
    }
    static const std::map<std::string_view, std::string_view> kKinds = {
        {"choice", "choice"}, {"integer", "integer"}, {"boolean", "boolean"},
        {"string", "text"},   {"text", "text"},       {"date", "date"}};
    const auto kind = kKinds.find(type);
    const std::string_view link_id = StringOf(item, "linkId");
    if (kind == kKinds.end() || link_id.empty()) {
      Warn("item_left_out", item,
           absl::StrCat("an item of type \"", ToAbsl(type.substr(0, 40)),
                        "\" has no place in an instrument"));
      return;
    }
    AddKind(item, std::string(kind->second));
  }

  void AddKind(json::Value item, const std::string& kind) {
    FormItem made;
    const json::Value own =
        FindExtension(item, kItemExtension).Find("valueString");
    json::Value more;
    if (own.is_string()) {
      auto parsed = json::Parse(own.string_value());
      if (parsed.ok()) {
        item_texts_.push_back(
            std::make_unique<json::Document>(*std::move(parsed)));
        more = item_texts_.back()->root();
      }
    }
    made.id = std::string(StringOf(more, "id"));
    if (made.id.empty()) made.id = IdOf(item);
    made.text = std::string(StringOf(item, "text"));
    const bool scored = AddValues(item, kind, made);
    const bool own_form = bool(scoring_);
    if (!own_form && scored) scored_.push_back(made.id);
    if (!own_form && scored && item.Find("enableWhen")) {
      Warn("condition_left_out", item,
           "the item is asked under a condition, which scoring does not know: "
           "unanswered it is missing");
    }
    made.document = Members(item, kind, made.id, more, scored, own_form);
    items_.push_back(std::move(made));
  }

  std::string Members(json::Value item, const std::string& kind,
                      const std::string& id, json::Value more, bool scored,
                      bool own_form) {
    json::Writer w;
    w.BeginObject().Key("id").String(id).Key("kind").String(kind);
    for (json::Value member : json::Children(more)) {
      if (member.key() == "id") continue;
      w.Key(member.key()).Raw(json::ToText(member));
    }
    PutCodes(w, item);
    const std::string_view link_id = StringOf(item, "linkId");
    if (link_id != id) w.Key("link_id").String(link_id);
    const json::Value required = item.Find("required");
    const bool needed = required.is_bool() && required.bool_value();
    w.Key("required").Bool(needed || (scored && !own_form));
    if (!own_form &&
        (kind == "choice" || kind == "integer" || kind == "boolean")) {
      w.Key("scored").Bool(scored);
    }
    w.EndObject();
    std::string text = w.Take();
    text.pop_back();
    return text;
  }

  std::string IdOf(json::Value item) {
    const std::string link_id(StringOf(item, "linkId"));
    std::string id =
        IsItemName(link_id) ? link_id : absl::StrCat("q", items_.size() + 1);
    while (!ids_.insert(id).second) id += "_";
    return id;
  }

  // False when the item has no numbers to be added up.
  bool AddValues(json::Value item, const std::string& kind, FormItem& made) {
    if (kind == "integer") {
      const auto bound = [&](std::string_view url, int32_t otherwise) {
        const json::Value value = FindExtension(item, url).Find("valueInteger");
        const auto number = value ? value.int64_value() : std::nullopt;
        return number.value_or(otherwise);
      };
      constexpr int32_t kMost = 1'000'000;
      made.bounds = absl::StrCat("{\"min\":", bound(kMinValue, -kMost),
                                 ",\"max\":", bound(kMaxValue, kMost), "}");
      return false;
    }
    if (kind != "choice") return false;
    std::vector<Option> options = OptionsOf(item);
    bool weighed = !options.empty();
    for (const Option& option : options) weighed &= option.weight.has_value();
    if (!weighed) {
      // Numbers for codes that have none: in the form's order, never scored.
      int32_t number = 0;
      for (Option& option : options) option.weight = number++;
    }
    std::map<int32_t, Option> by_weight;
    for (Option& option : options) {
      if (!by_weight.emplace(*option.weight, option).second) {
        Warn("item_left_out", item,
             absl::StrCat("two options have the weight ", *option.weight,
                          ": the second is left out"));
      }
    }
    if (by_weight.empty()) by_weight[0] = Option{"0", "", "", 0};
    made.set = SetOf(by_weight);
    return weighed;
  }

  std::vector<Option> OptionsOf(json::Value item) {
    std::vector<Option> out;
    const auto add = [&](json::Value coding, json::Value around) {
      const std::string_view on = WeightOn(coding);
      const Coding read = ReadCoding(coding);
      out.push_back({std::string(read.code), std::string(read.system),
                     std::string(read.display),
                     WholeNumber(on.empty() ? WeightOn(around) : on)});
    };
    for (json::Value option : ListOf(item, "answerOption")) {
      if (const json::Value coding = option.Find("valueCoding")) {
        add(coding, option);
      } else if (const json::Value number = option.Find("valueInteger")) {
        out.push_back({"", "", "", WholeNumber(number.number_text())});
      }
    }
    const std::string_view set = StringOf(item, "answerValueSet");
    if (set.empty()) return out;
    for (json::Value contained : ListOf(root_, "contained")) {
      const bool named =
          (set[0] == '#' && StringOf(contained, "id") == set.substr(1)) ||
          StringOf(contained, "url") == set;
      if (!named || StringOf(contained, "resourceType") != "ValueSet") continue;
      for (json::Value code : ListOf(contained.Find("expansion"), "contains")) {
        add(code, code);
      }
      for (json::Value include : ListOf(contained.Find("compose"), "include")) {
        for (json::Value code : ListOf(include, "concept")) add(code, code);
      }
    }
    return out;
  }

  // Equal lists of options are one value set.
  int SetOf(const std::map<int32_t, Option>& options) {
    json::Writer values, texts;
    values.BeginArray();
    texts.BeginObject();
    for (const auto& [weight, option] : options) {
      values.BeginObject().Key("value").Int(weight);
      const bool loinc = option.system == kLoincSystem;
      const bool own = option.system == kAnswerSystem;
      if (own && IsItemName(option.code)) values.Key("id").String(option.code);
      if (!own && !option.code.empty()) {
        values.Key("codes").BeginObject();
        values.Key(loinc ? "loinc" : "local").String(option.code).EndObject();
      }
      values.EndObject();
      if (!option.display.empty()) {
        texts.Key(absl::StrCat(weight)).String(option.display);
      }
    }
    values.EndArray();
    texts.EndObject();
    const std::pair<std::string, std::string> key(values.Take(), texts.Take());
    for (size_t i = 0; i < sets_.size(); ++i) {
      if (sets_[i] == key) return static_cast<int>(i);
    }
    sets_.push_back(key);
    return static_cast<int>(sets_.size()) - 1;
  }

  void WriteValueSets(json::Writer& w) {
    w.Key("value_sets").BeginArray();
    for (size_t i = 0; i < sets_.size(); ++i) {
      w.BeginObject().Key("id").String(absl::StrCat("v", i + 1));
      w.Key("values").Raw(sets_[i].first).EndObject();
    }
    w.EndArray();
  }

  void WriteItems(json::Writer& w) {
    w.Key("items").BeginArray();
    for (const FormItem& item : items_) {
      std::string text = item.document;
      if (item.set >= 0) {
        absl::StrAppend(&text, ",\"values\":\"v", item.set + 1, "\"");
      } else if (!item.bounds.empty()) {
        absl::StrAppend(&text, ",\"values\":", item.bounds);
      }
      w.Raw(text + "}");
    }
    w.EndArray();
  }

  void WriteTexts(json::Writer& w) {
    const json::Value included = scoring_.Find("licence").Find("text_included");
    if (!included.is_bool() || !included.bool_value()) return;
    w.Key("texts").BeginObject().Key(Text("language", "en")).BeginObject();
    w.Key("items").BeginObject();
    for (const FormItem& item : items_) {
      if (!item.text.empty()) w.Key(item.id).String(item.text);
    }
    w.EndObject().Key("values").BeginObject();
    for (size_t i = 0; i < sets_.size(); ++i) {
      w.Key(absl::StrCat("v", i + 1)).Raw(sets_[i].second);
    }
    w.EndObject().EndObject().EndObject();
  }

  json::Value root_, scoring_;
  std::vector<json::Document> scoring_text_;
  std::vector<std::unique_ptr<json::Document>> item_texts_;
  QuestionnaireReading out_;
  std::vector<FormItem> items_;
  std::vector<std::pair<std::string, std::string>> sets_;
  std::set<std::string> ids_;
  std::vector<std::string> scored_;
  std::string score_loinc_;
};

}  // namespace

bool IsQuestionnaire(std::string_view json) {
  // A look at the text, before it is parsed for good.
  return json.find("\"Questionnaire\"") != json.npos &&
         json.find("\"resourceType\"") != json.npos;
}

absl::StatusOr<QuestionnaireReading> ReadQuestionnaire(std::string_view json) {
  json::ParseOptions options;
  options.bytes_max = limits::kInstrumentBytesMax;
  STEPWELL_ASSIGN_OR_RETURN(const json::Document parsed,
                            json::Parse(json, options));
  if (StringOf(parsed.root(), "resourceType") != "Questionnaire") {
    return InvalidInput("the resource is no Questionnaire");
  }
  QuestionnaireReading out = FormReader(parsed.root()).Read();
  STEPWELL_ASSIGN_OR_RETURN(const instruments::LoadResult loaded,
                            instruments::LoadInstrument(out.document));
  for (const Issue& issue : loaded.issues) {
    if (issue.severity == Severity::kError) out.issues.push_back(issue);
  }
  if (HasError(out.issues)) {
    out.document.clear();
  } else {
    CheckForm(parsed.root(), out.document, out.issues);
  }
  return out;
}

}  // namespace stepwell::fhir
