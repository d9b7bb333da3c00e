// Internal. Which shipped instrument a questionnaire is, and what a
// Questionnaire in the text says about its items.
#ifndef STEPWELL_FHIR_READ_QUESTIONNAIRE_H_
#define STEPWELL_FHIR_READ_QUESTIONNAIRE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/bundle.h"
#include "fhir/import.h"
#include "json/json.h"

namespace stepwell::fhir {

// "44260-8", also as "/44260-8" or "/44249-1/44260-8": the code, or empty when
// it is no LOINC code (its last digit checks the others).
std::string_view LoincOf(std::string_view text);

// Names of the shipped instruments. Documents are read when first needed.
class InstrumentNames {
 public:
  explicit InstrumentNames(const ReadOptions& options);

  // By the last segment of a canonical URL ("phq-9", "PHQ9", a LOINC code), or
  // by an alias of the options; empty when it is none.
  std::string ByCanonical(std::string_view url);
  std::string ByLoinc(std::string_view code);
  // The one instrument that has all these items; empty when there is none or
  // several have them.
  std::string ByItems(const std::vector<std::string_view>& loinc_codes);

 private:
  void LoadAll();

  const ReadOptions& options_;
  std::map<std::string, std::string> by_name_;   // letters and digits -> id
  std::map<std::string, std::string> by_loinc_;  // code -> id
  std::vector<std::shared_ptr<const instruments::Instrument>> loaded_;
};

// A Questionnaire of the text: codes of its items and weights of its answers.
class QuestionnaireItems {
 public:
  QuestionnaireItems() = default;
  explicit QuestionnaireItems(json::Value questionnaire);

  std::string_view loinc() const { return loinc_; }  // of the whole
  // The LOINC code of an item, or empty.
  std::string_view CodeOf(std::string_view link_id) const;
  // The weight of an answer by its code, as written, or empty.
  std::string_view WeightOf(std::string_view link_id,
                            std::string_view code) const;

 private:
  void AddItems(json::Value parent);
  void AddOptions(json::Value item, std::string_view link_id);
  void AddValueSets(json::Value questionnaire);

  using Key = std::pair<std::string_view, std::string_view>;
  std::string_view loinc_;
  std::map<std::string_view, std::string_view> codes_;
  std::map<Key, std::string_view> weights_;            // (linkId, code)
  std::map<std::string_view, std::string_view> sets_;  // linkId -> "#id"
  std::map<Key, std::string_view> set_weights_;        // (id, code)
};

// ordinalValue or itemWeight on a coding, an answer or an option: the number
// as written, or empty.
std::string_view WeightOn(json::Value element);

// The Questionnaires of a text by URL and by reference.
class QuestionnaireIndex {
 public:
  QuestionnaireIndex(const SourceText& text, const ReferenceIndex& references);
  // Of this canonical ("url|version") as `from` says it; empty when the text
  // does not hold it. Valid as long as the index.
  const QuestionnaireItems& Find(std::string_view canonical,
                                 const Resource& from);

 private:
  json::Value FindValue(std::string_view canonical, const Resource& from) const;

  const ReferenceIndex& references_;
  std::multimap<std::string_view, json::Value> by_url_;
  const QuestionnaireItems none_;
  // Read once, however many responses there are.
  std::map<std::pair<const json::Document*, uint32_t>, QuestionnaireItems>
      read_;
};

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_READ_QUESTIONNAIRE_H_
