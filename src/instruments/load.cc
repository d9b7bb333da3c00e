// The head of a document: identity, licence, codes, reliability; and what is
// computed from the whole of it (fingerprints).
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "instruments/loader.h"

namespace stepwell::instruments {

absl::StatusOr<LoadResult> LoadInstrument(std::string_view json) {
  json::ParseOptions options;
  options.bytes_max = limits::kInstrumentBytesMax;
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(json, options));
  return InstrumentLoader(document.root()).Load();
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
    LoadReliability(reader);
    LoadFlags(reader);
    LoadProfiles(reader);
    LoadTiers(reader);
    LoadTexts(reader);
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
  licence.Choice("status", {"free", "own", "conditional", "proprietary"});
  out_->licence_.status = licence.Text("status");
  out_->licence_.holder = licence.NeedText("holder");
  out_->licence_.source = licence.NeedText("source");
  out_->licence_.attribution = licence.Text("attribution");
  licence.Text("note");
  licence.Need("text_included");
  out_->licence_.text_included = licence.Bool("text_included", false);
  if (out_->licence_.text_included && out_->licence_.status != "free" &&
      out_->licence_.status != "own") {
    licence.Error("text_included", "text_not_licensed",
                  absl::StrCat("a licence of status \"", out_->licence_.status,
                               "\" does not let the wording ship"),
                  "set text_included to false and leave the texts to the "
                  "vendor");
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
    reliability.population = object.Text("population");
    if (const json::Value name = object.Get("subscale")) {
      reliability.scale = SubscaleNamed(name).value_or(0);
    } else if (!out_->has_total_ && value.is_object()) {
      AddError(issues_, "no_score", value.pointer(),
               "the instrument has no total score",
               "name a subscale, or declare a score");
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
  Plan();
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
