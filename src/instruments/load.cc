// The head of a document: identity, licence, codes, reliability; and what is
// computed from the whole of it (fingerprints).
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/limits.h"
#include "base/strings.h"
#include "instruments/change_rule.h"
#include "instruments/document.h"
#include "instruments/loader.h"

namespace stepwell::instruments {

namespace {

// The shipped document with the members of `root` put in their place. The
// head, the licence, texts and norms are a vendor's to give; what decides
// about a score is not.
absl::StatusOr<std::string> Extended(json::Value root) {
  static constexpr std::string_view kOwn[] = {
      "extends", "instrument", "version", "title", "note",
      "licence", "norms",      "texts",   "codes", "$schema"};
  const json::Value name = root.Find("extends");
  const std::string_view base =
      name.is_string()
          ? FindCatalogueFile(absl::StrCat(
                "instruments/", ToAbsl(name.string_value()), ".json"))
          : std::string_view();
  if (base.empty()) {
    return InvalidInput("extends is the id of a shipped instrument",
                        {name.pointer(), std::nullopt});
  }
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document, json::Parse(base));
  json::Writer w;
  w.BeginObject();
  for (json::Value member : json::Children(document.root())) {
    if (!root.Find(member.key())) {
      w.Key(member.key()).Raw(json::ToText(member));
    }
  }
  for (json::Value member : json::Children(root)) {
    if (std::find(std::begin(kOwn), std::end(kOwn), member.key()) ==
        std::end(kOwn)) {
      return InvalidInput(
          absl::StrCat("a document that extends another may give instrument, "
                       "version, title, note, codes, licence, norms and "
                       "texts, not \"",
                       ToAbsl(member.key()), "\""),
          {member.pointer(), std::nullopt});
    }
    if (member.key() == "extends") continue;
    w.Key(member.key()).Raw(json::ToText(member));
  }
  w.EndObject();
  return w.Take();
}

}  // namespace

absl::StatusOr<std::string> WholeDocument(std::string_view id_or_document) {
  const size_t first = id_or_document.find_first_not_of(" \t\r\n");
  if (first == id_or_document.npos || id_or_document[first] != '{') {
    STEPWELL_ASSIGN_OR_RETURN(const auto known,
                              LoadCatalogueInstrument(id_or_document));
    return std::string(
        FindCatalogueFile(absl::StrCat("instruments/", known->id(), ".json")));
  }
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(id_or_document));
  if (document.root().Find("extends")) return Extended(document.root());
  return std::string(id_or_document);
}

absl::StatusOr<LoadResult> LoadInstrument(std::string_view json) {
  json::ParseOptions options;
  options.bytes_max = limits::kInstrumentBytesMax;
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(json, options));
  if (!document.root().Find("extends")) {
    return InstrumentLoader(document.root()).Load();
  }
  STEPWELL_ASSIGN_OR_RETURN(const std::string whole, Extended(document.root()));
  STEPWELL_ASSIGN_OR_RETURN(const json::Document extended,
                            json::Parse(whole, options));
  return InstrumentLoader(extended.root()).Load();
}

LoadResult InstrumentLoader::Load() {
  out_.reset(new Instrument());
  {
    ObjectReader reader(root_, issues_);
    reader.Get("$schema");
    LoadHead(reader);
    LoadLicence(reader);
    LoadValueSets(reader);
    LoadItems(reader);
    LoadScales(reader);
    LoadNorms(reader);
    LoadReliability(reader);
    LoadFlags(reader);
    LoadProfiles(reader);
    LoadTiers(reader);
    LoadTexts(reader);
  }
  if (!HasError(issues_)) {
    Plan();
    LoadExpressions();
  }
  LoadResult result;
  if (!HasError(issues_)) {
    Seal();
    result.instrument = std::move(out_);
  }
  result.issues = std::move(issues_);
  return result;
}

void InstrumentLoader::LoadHead(ObjectReader& reader) {
  out_->id_ = reader.NeedName("instrument", /*hyphens=*/true);
  out_->version_ = reader.NeedText("version");
  out_->title_ = reader.NeedText("title");
  out_->recall_ = reader.Text("recall");
  out_->coding_ = reader.Text("coding");
  reader.Text("note");
  static constexpr std::string_view kRespondents[] = {
      "patient", "parent", "teacher", "relative", "clinician"};
  reader.Need("respondent");
  if (const auto i = reader.Choice(
          "respondent",
          {"patient", "parent", "teacher", "relative", "clinician"})) {
    out_->respondent_ = std::string(kRespondents[*i]);
  }
  reader.Need("direction");
  if (const auto i = reader.Choice(
          "direction", {"lower_is_better", "higher_is_better", "none"})) {
    out_->direction_ = static_cast<Direction>(*i);
  }
  out_->codes_ = LoadCodes(reader);
}

void InstrumentLoader::LoadLicence(ObjectReader& reader) {
  const json::Value value = reader.Need("licence");
  if (!value) return;
  ObjectReader licence(value, issues_);
  licence.Need("status");
  licence.Choice("status",
                 {"free", "own", "licensed", "conditional", "proprietary"});
  out_->licence_.status = licence.Text("status");
  out_->licence_.holder = licence.NeedText("holder");
  out_->licence_.source = licence.NeedText("source");
  out_->licence_.attribution = licence.Text("attribution");
  licence.Text("note");
  licence.Need("text_included");
  out_->licence_.text_included = licence.Bool("text_included", false);
  const std::string& status = out_->licence_.status;
  if (out_->licence_.text_included && status != "free" && status != "own" &&
      status != "licensed") {
    licence.Error("text_included", "text_not_licensed",
                  absl::StrCat("a licence of status \"", status,
                               "\" does not let the wording ship"),
                  "set text_included to false; who holds a licence for the "
                  "wording says so with the status licensed");
  }
}

namespace {

// The last digit of a LOINC number checks the others (mod 10).
bool IsLoincNumber(std::string_view code) {
  const size_t hyphen = code.find('-');
  if (hyphen == std::string_view::npos || hyphen == 0 ||
      hyphen + 2 != code.size()) {
    return false;
  }
  int sum = 0;
  for (size_t i = 0; i < hyphen; ++i) {
    const char c = code[hyphen - 1 - i];
    if (c < '0' || c > '9') return false;
    const int digit = (c - '0') * (i % 2 == 0 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return code.back() == '0' + (10 - sum % 10) % 10;
}

// LOINC answer codes ("LA6568-5") have letters first; their check digit
// follows another rule and is not verified.
bool IsLoincAnswer(std::string_view code) {
  return code.size() > 4 && code.substr(0, 2) == "LA" &&
         code[code.size() - 2] == '-';
}

}  // namespace

std::vector<Code> InstrumentLoader::LoadCodes(ObjectReader& reader) {
  std::vector<Code> codes;
  const json::Value value = reader.Get("codes");
  if (!value) return codes;
  ObjectReader object(value, issues_);
  for (const char* system : {"loinc", "local", "snomed"}) {
    const std::string code = object.Text(system);
    if (code.empty()) continue;
    if (std::string_view(system) == "loinc" && !IsLoincNumber(code) &&
        !IsLoincAnswer(code)) {
      object.Error(system, "bad_code",
                   absl::StrCat("\"", code, "\" is no LOINC code"),
                   "a number whose check digit is right, or an answer code "
                   "that begins with LA");
    }
    codes.push_back({system, code});
  }
  return codes;
}

Provenance InstrumentLoader::LoadProvenance(ObjectReader& reader) {
  Provenance out;
  out.source = reader.NeedText("source");
  out.version = reader.Text("edition");
  reader.Text("note");
  reader.Need("mark");
  if (const auto i =
          reader.Choice("mark", {"verified", "unverified", "assumption"})) {
    out.mark = static_cast<Mark>(*i);
  }
  return out;
}

void InstrumentLoader::LoadReliability(ObjectReader& reader) {
  for (json::Value value : json::Children(reader.Array("reliability"))) {
    ObjectReader object(value, issues_);
    Reliability reliability;
    object.Need("kind");
    object.Choice("kind", {"alpha", "retest"});
    reliability.kind = object.Text("kind");
    object.Need("value");
    reliability.value = object.Real("value", 0, 1).value_or(0);
    reliability.sd = object.Real("sd", 0, kValueMax);
    reliability.mean = object.Real("mean", -kValueMax, kValueMax);
    // Nothing is measured without an error, nor without a spread.
    if (reliability.value == 1) {
      object.Error("value", "number_out_of_range", "a reliability is below 1");
    }
    if (reliability.sd.value_or(kSdMin) < kSdMin) {
      object.Error("sd", "number_out_of_range", "an SD is at least 1e-9");
    }
    reliability.population = object.Text("population");
    if (const json::Value name = object.Get("subscale")) {
      reliability.scale = SubscaleNamed(name).value_or(0);
    } else if (!out_->has_total_ && value.is_object()) {
      AddError(issues_, "no_score", value.pointer(),
               "the instrument has no total score",
               "name a subscale, or declare a score");
    }
    if (reliability.mean && reliability.scale < out_->scales_.size()) {
      const Scale& scale = out_->scales_[reliability.scale];
      if (*reliability.mean < scale.min.ToDouble() ||
          *reliability.mean > scale.max.ToDouble()) {
        object.Error(
            "mean", "number_out_of_range",
            absl::StrCat("the score lies between ", ToJsonNumber(scale.min),
                         " and ", ToJsonNumber(scale.max)));
      }
    }
    reliability.provenance = LoadProvenance(object);
    out_->reliabilities_.push_back(std::move(reliability));
  }
}

bool InstrumentLoader::Claim(absl::flat_hash_set<std::string>& ids,
                             const std::string& id, const std::string& pointer,
                             std::string_view what) {
  if (id.empty() || ids.insert(id).second) return true;
  AddError(issues_, "duplicate_id", pointer,
           absl::StrCat("there is already ", ToAbsl(what), " \"", id, "\""));
  return false;
}

bool InstrumentLoader::IsNumeric(uint16_t item) const {
  const ItemKind kind = out_->items_[item].kind;
  return kind != ItemKind::kText && kind != ItemKind::kDate;
}

const ValueSet& InstrumentLoader::SetOf(uint16_t item) const {
  const uint16_t index = out_->items_[item].values;
  // An item whose set is unknown has been reported; it has the set {0}.
  return index < out_->value_sets_.size() ? out_->value_sets_[index] : no_set_;
}

void InstrumentLoader::Plan() {
  for (const Item& item : out_->items_) {
    ItemPlan plan;
    plan.required = item.required;
    plan.reverse = item.reverse;
    if (item.kind != ItemKind::kText && item.kind != ItemKind::kDate) {
      const ValueSet& set = out_->value_sets_[item.values];
      plan.min = set.min;
      plan.max = set.max;
      const auto width = static_cast<int64_t>(set.max) - set.min + 1;
      plan.plain = item.skip.empty() && item.only_for == Sex::kUnknown &&
                   (set.listed.empty() ||
                    width == static_cast<int64_t>(set.listed.size()));
    }
    out_->plan_.push_back(plan);
  }
}

void InstrumentLoader::Seal() {
  out_->fingerprint_ = FingerprintOf(json::Canonical(root_));
  std::vector<json::Value> members;
  for (json::Value member : json::Children(root_)) {
    if (member.key() != "texts") members.push_back(member);
  }
  std::sort(members.begin(), members.end(),
            [](json::Value a, json::Value b) { return a.key() < b.key(); });
  json::Writer logic;
  logic.BeginObject();
  for (json::Value member : members) {
    logic.Key(member.key()).Raw(json::Canonical(member));
  }
  logic.EndObject();
  out_->logic_fingerprint_ = FingerprintOf(logic.text());
}

}  // namespace stepwell::instruments
