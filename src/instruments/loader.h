// Internal: turns a JSON document into an Instrument. One object a document;
// each part of the document has a file of its own: load.cc (head, licence,
// codes), load_items.cc, load_scales.cc, load_norms.cc,
// load_rules.cc, load_texts.cc.
#ifndef STEPWELL_INSTRUMENTS_LOADER_H_
#define STEPWELL_INSTRUMENTS_LOADER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "instruments/instrument.h"
#include "instruments/reader.h"
#include "json/json.h"

namespace stepwell::instruments {

// Bounds that keep every sum and product of scoring inside 64 bits.
inline constexpr int32_t kValueMax = 1'000'000;
inline constexpr int32_t kScoredValueMax = 10'000;
inline constexpr int32_t kFactorMax = 1'000;  // three decimals at most
inline constexpr int64_t kFactorDenMax = 1'000;
inline constexpr int kRuleDepthMax = 16;
inline constexpr size_t kDigitsMax = 12;  // items of a health state
// No legal scale reaches it: what is beyond is reported elsewhere.
inline constexpr int64_t kScoreBound = 1'000'000'000'000'000;

class InstrumentLoader {
 public:
  // `root` must outlive the loader.
  explicit InstrumentLoader(json::Value root) : root_(root) {}
  LoadResult Load();

 private:
  // load.cc
  void LoadHead(ObjectReader& reader);
  void LoadLicence(ObjectReader& reader);
  void LoadReliability(ObjectReader& reader);
  std::vector<Code> LoadCodes(ObjectReader& reader);
  Provenance LoadProvenance(ObjectReader& reader);
  void Plan();
  void Seal();

  // load_items.cc
  void LoadValueSets(ObjectReader& reader);
  void LoadItems(ObjectReader& reader);
  void LoadItem(json::Value value);
  void LoadItemValues(ObjectReader& reader, Item& item);
  void LoadItemConditions(ObjectReader& reader, Item& item);
  void LoadRisk(ObjectReader& reader, uint16_t item);
  void LoadSkipRules();
  void LoadRequireOneOf(ObjectReader& reader);
  void NameItem(std::string_view name, uint16_t item, json::Value where);
  // The set written in `reader` ("min" and "max", or "values").
  ValueSet LoadValueSet(ObjectReader& reader);
  std::vector<AnswerValue> LoadListedValues(json::Value array);
  std::vector<uint16_t> LoadItemList(json::Value array, bool numeric);

  // load_scales.cc
  void LoadScales(ObjectReader& reader);
  Scale LoadScale(ObjectReader& reader, bool total);
  void LoadTransform(ObjectReader& reader, Scale& scale);
  void SetRange(Scale& scale);
  void CheckDigits(ObjectReader& reader, const Scale& scale);
  void LoadMissing(ObjectReader& reader, Scale& scale);
  void LoadBands(ObjectReader& reader, Scale& scale);
  void CheckBands(json::Value list, const std::vector<Rational>& to,
                  const Scale& scale);

  // load_norms.cc
  void LoadNorms(ObjectReader& reader);
  NormGroup LoadNormGroup(json::Value value);
  Rational NumberOf(json::Value value);
  void AddNormValue(json::Value where, const Rational& score,
                    const Rational& norm, NormGroup& group);
  void LoadNormBands(ObjectReader& reader, NormTable& norm);
  void LoadExpressions();
  void CheckExpression(json::Value where, const ScoreExpression& expression,
                       const Scale& scale);

  // load_rules.cc
  void LoadFlags(ObjectReader& reader);
  void LoadTiers(ObjectReader& reader);
  void LoadProfiles(ObjectReader& reader);
  void LoadCutoff(json::Value value, int16_t profile);
  void ClaimCutoff(const ObjectReader& reader, const Profile& profile,
                   const Cutoff& cutoff);
  void LoadThreshold(ObjectReader& reader, RuleNode node, int16_t profile,
                     Cutoff& cutoff);
  void CheckBothSexes(json::Value where, const Profile& profile);
  Rule LoadRule(json::Value value);
  // Appends the node of `value` and its children; its index.
  uint16_t LoadRuleNode(json::Value value, Rule& rule, int depth);
  void LoadRuleChildren(json::Value array, Rule& rule, int depth,
                        RuleNode& node);
  void LoadCount(json::Value array, RuleNode& node);
  void LoadBounds(ObjectReader& reader, RuleNode& node);
  // The item called by the text member `key`, with an issue if there is none.
  std::optional<uint16_t> ItemNamed(json::Value name, bool numeric);
  std::optional<uint16_t> SubscaleNamed(json::Value name);
  void CheckReachable(json::Value where, uint16_t item, const RuleNode& node);
  void CheckScaleReachable(json::Value where, const RuleNode& node);
  void CheckCutoffReachable(json::Value where, const Cutoff& cutoff,
                            const RuleNode& node);

  // load_texts.cc
  void LoadTexts(ObjectReader& reader);
  void LoadLanguage(json::Value value);
  void LoadItemTexts(json::Value value, Texts& texts);
  void LoadValueTexts(json::Value value, Texts& texts);

  // Reports `id` when the same kind of thing already has it.
  bool Claim(absl::flat_hash_set<std::string>& ids, const std::string& id,
             const std::string& pointer, std::string_view what);
  bool IsNumeric(uint16_t item) const;
  const ValueSet& SetOf(uint16_t item) const;

  json::Value root_;
  const ValueSet no_set_;
  Issues issues_;
  std::unique_ptr<Instrument> out_;
  absl::flat_hash_map<std::string, uint16_t> value_set_ids_;
  absl::flat_hash_map<std::string, uint16_t> item_ids_;
  // Flags, risk markers and threshold cut-offs share one name space: they
  // stand side by side in a report.
  absl::flat_hash_set<std::string> flag_ids_;
  std::vector<std::pair<uint16_t, json::Value>> skip_rules_;
  std::vector<std::pair<uint16_t, json::Value>> expressions_;  // by scale
};

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_LOADER_H_
