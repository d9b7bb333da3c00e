// Names of questionnaires and what Questionnaire resources add to responses.
#include "fhir/read_questionnaire.h"

#include "absl/strings/ascii.h"
#include "base/strings.h"
#include "fhir/read_element.h"

namespace stepwell::fhir {
namespace {

constexpr std::string_view kLoinc = "http://loinc.org";

// "PHQ-9" and "phq9" are one name.
std::string LettersAndDigits(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(c)) out.push_back(absl::ascii_tolower(c));
  }
  return out;
}

std::string_view LastSegment(std::string_view url) {
  url = url.substr(0, url.find('|'));
  while (!url.empty() && url.back() == '/') url.remove_suffix(1);
  const size_t slash = url.find_last_of("/:");
  return slash == std::string_view::npos ? url : url.substr(slash + 1);
}

std::string_view LoincIn(json::Value object, std::string_view key) {
  for (json::Value element : ListOf(object, key)) {
    const Coding coding = ReadCoding(element);
    if (coding.system == kLoinc && !coding.code.empty()) return coding.code;
  }
  return {};
}

std::string_view NumberOf(json::Value extension) {
  for (const char* key : {"valueDecimal", "valueInteger"}) {
    const json::Value value = extension.Find(key);
    if (value.is_number()) return value.number_text();
  }
  return {};
}

}  // namespace

std::string_view LoincOf(std::string_view text) {
  const std::string_view code = LastSegment(text);
  const size_t dash = code.size() < 2 ? 0 : code.size() - 2;
  if (dash < 3 || dash > 7 || code[dash] != '-') return {};
  int sum = 0;
  for (size_t i = 0; i < dash; ++i) {
    const char c = code[dash - 1 - i];
    if (!absl::ascii_isdigit(c)) return {};
    const int digit = (c - '0') * (i % 2 == 0 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return code.back() - '0' == (10 - sum % 10) % 10 ? code : std::string_view{};
}

std::string_view WeightOn(json::Value element) {
  for (const char* url :
       {"http://hl7.org/fhir/StructureDefinition/ordinalValue",
        "http://hl7.org/fhir/StructureDefinition/itemWeight",
        "http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue",
        "http://hl7.org/fhir/StructureDefinition/valueset-ordinalValue",
        "http://hl7.org/fhir/StructureDefinition/iso21090-CO-value"}) {
    const std::string_view number = NumberOf(FindExtension(element, url));
    if (!number.empty()) return number;
  }
  return {};
}

InstrumentNames::InstrumentNames(const ReadOptions& options)
    : options_(options) {
  for (const std::string& id : instruments::CatalogueInstrumentIds()) {
    by_name_[LettersAndDigits(id)] = id;
  }
}

void InstrumentNames::LoadAll() {
  if (!loaded_.empty()) return;
  for (const auto& [name, id] : by_name_) {
    auto instrument = instruments::LoadCatalogueInstrument(id);
    if (!instrument.ok()) continue;
    for (const instruments::Code& code : (*instrument)->codes()) {
      if (code.system == "loinc") by_loinc_.emplace(code.code, id);
    }
    loaded_.push_back(*std::move(instrument));
  }
}

std::string InstrumentNames::ByCanonical(std::string_view url) {
  url = url.substr(0, url.find('|'));
  for (const auto& [alias, id] : options_.questionnaire_aliases) {
    if (alias == url) return id;
  }
  const auto known = by_name_.find(LettersAndDigits(LastSegment(url)));
  if (known != by_name_.end()) return known->second;
  return ByLoinc(LoincOf(url));
}

std::string InstrumentNames::ByLoinc(std::string_view code) {
  if (code.empty()) return "";
  LoadAll();
  const auto known = by_loinc_.find(std::string(code));
  return known == by_loinc_.end() ? "" : known->second;
}

std::string InstrumentNames::ByItems(
    const std::vector<std::string_view>& loinc_codes) {
  if (loinc_codes.empty()) return "";
  LoadAll();
  std::string found;
  for (const auto& instrument : loaded_) {
    bool all = true;
    for (const std::string_view code : loinc_codes) {
      all = all && instrument->FindItem(code).has_value();
    }
    if (!all) continue;
    if (!found.empty()) return "";
    found = instrument->id();
  }
  return found;
}

QuestionnaireItems::QuestionnaireItems(json::Value questionnaire)
    : loinc_(LoincIn(questionnaire, "code")) {
  AddItems(questionnaire);
  AddValueSets(questionnaire);
}

// Depth is bounded by the JSON parser.
void QuestionnaireItems::AddItems(json::Value parent) {
  for (json::Value item : ListOf(parent, "item")) {
    const std::string_view link_id = StringOf(item, "linkId");
    if (!link_id.empty()) {
      const std::string_view code = LoincIn(item, "code");
      if (!code.empty()) codes_.emplace(link_id, code);
      AddOptions(item, link_id);
    }
    AddItems(item);
  }
}

void QuestionnaireItems::AddOptions(json::Value item,
                                    std::string_view link_id) {
  for (json::Value option : ListOf(item, "answerOption")) {
    const json::Value coding = option.Find("valueCoding");
    const std::string_view on_coding = WeightOn(coding);
    const std::string_view weight =
        on_coding.empty() ? WeightOn(option) : on_coding;
    const std::string_view code = StringOf(coding, "code");
    if (!weight.empty()) weights_.emplace(Key(link_id, code), weight);
  }
  const std::string_view set = StringOf(item, "answerValueSet");
  if (!set.empty() && set[0] == '#') sets_.emplace(link_id, set.substr(1));
}

void QuestionnaireItems::AddValueSets(json::Value questionnaire) {
  if (sets_.empty()) return;
  for (json::Value set : ListOf(questionnaire, "contained")) {
    if (StringOf(set, "resourceType") != "ValueSet") continue;
    const std::string_view id = StringOf(set, "id");
    const auto add = [&](json::Value list, std::string_view key) {
      for (json::Value listed : ListOf(list, key)) {
        const std::string_view weight = WeightOn(listed);
        if (weight.empty()) continue;
        set_weights_.emplace(Key(id, StringOf(listed, "code")), weight);
      }
    };
    for (json::Value include : ListOf(set.Find("compose"), "include")) {
      add(include, "concept");
    }
    add(set.Find("expansion"), "contains");
  }
}

std::string_view QuestionnaireItems::CodeOf(std::string_view link_id) const {
  const auto known = codes_.find(link_id);
  return known == codes_.end() ? std::string_view{} : known->second;
}

std::string_view QuestionnaireItems::WeightOf(std::string_view link_id,
                                              std::string_view code) const {
  if (code.empty()) return {};
  const auto known = weights_.find({link_id, code});
  if (known != weights_.end()) return known->second;
  const auto set = sets_.find(link_id);
  if (set == sets_.end()) return {};
  const auto listed = set_weights_.find({set->second, code});
  return listed == set_weights_.end() ? std::string_view{} : listed->second;
}

QuestionnaireIndex::QuestionnaireIndex(const SourceText& text,
                                       const ReferenceIndex& references)
    : references_(references) {
  for (const Resource& resource : text.resources) {
    if (resource.type != "Questionnaire" || !resource.value) continue;
    const std::string_view url = StringOf(resource.value, "url");
    if (!url.empty()) by_url_.emplace(url, resource.value);
  }
}

json::Value QuestionnaireIndex::FindValue(std::string_view canonical,
                                          const Resource& from) const {
  const size_t bar = canonical.find('|');
  const std::string_view url = canonical.substr(0, bar);
  const std::string_view version = bar == std::string_view::npos
                                       ? std::string_view{}
                                       : canonical.substr(bar + 1);
  const auto [begin, end] = by_url_.equal_range(url);
  for (auto it = begin; it != end; ++it) {
    // Another version may weigh its answers otherwise.
    if (version.empty() || StringOf(it->second, "version") == version) {
      return it->second;
    }
  }
  const json::Value value = references_.FindValue(url, from);
  return StringOf(value, "resourceType") == "Questionnaire" ? value
                                                            : json::Value{};
}

const QuestionnaireItems& QuestionnaireIndex::Find(std::string_view canonical,
                                                   const Resource& from) {
  const json::Value value = FindValue(canonical, from);
  if (!value) return none_;
  const auto [it, is_new] =
      read_.try_emplace({value.document(), value.index()});
  if (is_new) it->second = QuestionnaireItems(value);
  return it->second;
}

}  // namespace stepwell::fhir
