// Instruments: questionnaires as checked, immutable values.
//
//   ASSIGN(LoadResult loaded, LoadInstrument(json_text));
//   if (!loaded.instrument) return Report(loaded.issues);
//   Answers answers(*loaded.instrument);            // instruments/answers.h
//   answers.SetValue(*loaded.instrument->FindItem("q1"), 2);
//   ScoreResult result = Score(*loaded.instrument, answers.view(), {});
//                                                   // instruments/score.h
// The document's format is docs/formats/instrument.md. An Instrument is
// thread-safe to read and is shared by pointer; items, scales, flags, risk
// markers, tiers are named by their index (u16) in the order of the document.
#ifndef STEPWELL_INSTRUMENTS_INSTRUMENT_H_
#define STEPWELL_INSTRUMENTS_INSTRUMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/fingerprint.h"
#include "instruments/rational.h"
#include "stepwell/issue.h"

namespace stepwell::instruments {

// How far a number of a document may be trusted: read in the cited source,
// from memory or second hand, or a choice of the service.
enum class Mark : uint8_t { kVerified, kUnverified, kAssumption };
std::string_view MarkName(Mark mark);

// Where a rule or number comes from.
struct Provenance {
  std::string source;
  std::string version;  // edition or year; may be empty
  Mark mark = Mark::kUnverified;
};

// A code in a terminology: slots only, no terminology content ships.
struct Code {
  std::string system;  // "loinc", "snomed", "local"
  std::string code;
  bool operator==(const Code&) const = default;
};

// One value that an item may take.
struct AnswerValue {
  int32_t value = 0;
  std::string id;  // a name for the value ("female"); may be empty
  std::vector<Code> codes;
};

// The values an item may take: listed, or the integers min..max. Items share
// sets; min and max are those of the list when there is one.
struct ValueSet {
  std::string id;  // empty for a set written inside its item
  int32_t min = 0;
  int32_t max = 0;
  std::vector<AnswerValue> listed;  // ascending; empty = every min..max

  bool Contains(int32_t value) const;
  // The listed value, or nullptr.
  const AnswerValue* Find(int32_t value) const;
};

enum class ItemKind : uint8_t { kChoice, kInteger, kBoolean, kText, kDate };
std::string_view ItemKindName(ItemKind kind);

// The item is skipped (and counts as 0 when unanswered) if the answers of
// `sum_of` are all given and sum to `equals`.
struct SkipRule {
  std::vector<uint16_t> sum_of;
  int32_t equals = 0;
};

enum class Sex : uint8_t { kUnknown, kFemale, kMale, kOther };
std::string_view SexName(Sex sex);
// False when `text` names none of them (lower case).
bool SexFromName(std::string_view text, Sex* out);

struct Item {
  std::string id;  // [a-z][a-z0-9_]*
  ItemKind kind = ItemKind::kChoice;
  uint16_t values = 0;   // index into value_sets(); kChoice, kInteger, kBoolean
  bool reverse = false;  // counts as min + max - value
  bool scored = true;    // part of the default scale
  bool required = true;  // its absence is reported as missing
  bool not_applicable = false;      // "not applicable" is a legal answer
  std::string not_applicable_flag;  // context flag that says so; may be empty
  Sex only_for = Sex::kUnknown;     // the item exists for this sex only
  std::vector<SkipRule> skip;       // any of them skips the item
  std::string group;                // column of a matrix; may be empty
  std::string link_id;              // FHIR linkId when it is not `id`
  std::vector<Code> codes;
};

// An item whose answer discloses risk when it is at least `at_least`.
struct RiskMarker {
  std::string id;
  uint16_t item = 0;
  int32_t at_least = 1;
  Provenance provenance;
};

struct Band {
  std::string id;
  Rational from;  // lowest score of the band
};

// The people that a part of a norm table holds for.
struct NormGroup {
  Sex sex = Sex::kUnknown;  // kUnknown: all
  int32_t age_from = 0;     // years; both ends belong to it
  int32_t age_to = INT32_MAX;
  std::vector<std::pair<Rational, Rational>>
      values;  // score -> norm, ascending
};

// A look-up from score to norm (a T score, a value of health states): the
// vendor supplies the numbers. A score that is not in the table has none.
struct NormTable {
  std::string id;
  std::vector<NormGroup> groups;  // the first that fits decides
  std::vector<Band> bands;        // of the norm; may be empty
  Provenance provenance;
};

class ScoreExpression;  // instruments/expression.h

// kDigits: the values as the digits of a number (a health state, 11213), to
// be looked up in a norm table.
enum class ScaleMethod : uint8_t { kSum, kMean, kDigits };
enum class Rounding : uint8_t { kHalfUp, kNone };

// A number made of items: the total (empty id) or a subscale.
struct Scale {
  std::string id;
  ScaleMethod method = ScaleMethod::kSum;
  std::vector<uint16_t> items;
  Rational factor{1};  // score = factor * sum + shift
  Rational shift{0};
  bool plain_sum = true;  // factor 1, shift 0
  Rounding rounding = Rounding::kHalfUp;
  // Prorating: allowed when declared, for at most so many missing items.
  bool prorate_declared = false;
  bool prorate_by_default = false;
  uint16_t prorate_missing_max = 0;
  Provenance prorate_provenance;
  std::vector<Code> codes;
  std::vector<Band> bands;  // ascending, without gaps; may be empty
  Provenance bands_provenance;
  std::vector<NormTable> norms;
  // Null unless the document asks for FHIRPath: then both rules must agree.
  std::shared_ptr<const ScoreExpression> expression;
  // The least and greatest score when every item counts.
  Rational min;
  Rational max;
};

// factor * sum / n + shift: exact, bounded by what the loader admits.
inline Rational Transformed(const Scale& scale, int64_t sum, int64_t n) {
  if (scale.plain_sum) return Rational(sum, n);
  const int64_t den = scale.factor.den * n;
  return Rational(
      scale.factor.num * sum * scale.shift.den + scale.shift.num * den,
      den * scale.shift.den);
}

// A compiled boolean rule: a tree in an array, children before parents.
struct RuleNode {
  enum class Op : uint8_t {
    kAll,    // children
    kAny,    // children
    kNot,    // one child
    kScale,  // the scale's score within [low, high]
    kItem,   // the item's counted value within [low, high]
    kCount,  // how many of `counted` reach their value, within [low, high]
    kSex,    // the respondent's sex is `sex`
  };
  struct Counted {
    uint16_t item = 0;
    int32_t at_least = 0;
  };
  Op op = Op::kAll;
  Sex sex = Sex::kUnknown;
  uint16_t index = 0;  // item, or scale index
  std::optional<Rational> low, high;
  std::vector<Counted> counted;
  std::vector<uint16_t> children;
};

struct Rule {
  std::vector<RuleNode> nodes;  // the root is the last; empty = no rule
};

// A named boolean beside the score (a diagnostic algorithm, a screen).
struct Flag {
  std::string id;
  Rule rule;
  int16_t profile = -1;  // index into profiles(); -1 = holds in all
  Provenance provenance;
};

enum class CutoffKind : uint8_t {
  kCaseness,        // a threshold: also evaluated as a flag
  kRemission,       // a threshold: also evaluated as a flag
  kReliableChange,  // points
  kMcid,            // points
  kResponse,        // per cent of the first score
};
std::string_view CutoffKindName(CutoffKind kind);

// A number of a profile. For thresholds `flag` is the index of its flag.
struct Cutoff {
  std::string id;
  CutoffKind kind = CutoffKind::kCaseness;
  uint16_t scale = 0;
  Rational value;
  int16_t flag = -1;
  uint16_t node = 0;             // the threshold in that flag's rule
  Sex only_for = Sex::kUnknown;  // thresholds may differ by sex
  Provenance provenance;
};

// The cut-offs that one service, country or definition uses.
struct Profile {
  std::string id;
  std::string title;
  std::string country;  // ISO 3166-1 alpha-2; may be empty
  std::vector<Cutoff> cutoffs;
};

// An ordered classification of the answers ("tier"): the first rule that is
// true decides; an unknown rule before it gives `on_unknown`.
struct TierRule {
  uint16_t tier = 0;
  Rule rule;
  Provenance provenance;
};

struct Tiers {
  std::vector<std::string> ids;  // empty = the instrument has no tiers
  std::vector<TierRule> rules;
  uint16_t otherwise = 0;
  uint16_t on_unknown = 0;
  Provenance provenance;
};

enum class Direction : uint8_t { kLowerIsBetter, kHigherIsBetter, kNone };

struct Reliability {
  uint16_t scale = 0;
  std::string kind;  // "alpha" or "retest"
  double value = 0;
  // Of first scores, for change statistics.
  std::optional<double> mean, sd;
  std::string population;
  Provenance provenance;
};

struct Licence {
  std::string status;  // "free", "own", "licensed", "conditional",
                       // "proprietary"
  std::string holder;
  std::string source;
  std::string attribution;  // text that must be shown; may be empty
  bool text_included = false;
};

// Wording in one language; only where the licence allows it.
struct Texts {
  std::string language;  // BCP 47
  std::string title;
  std::string stem;
  std::vector<std::pair<uint16_t, std::string>> items;  // by item index
  struct ValueText {
    uint16_t value_set = 0;
    int32_t value = 0;
    std::string text;
  };
  std::vector<ValueText> values;
};

// What scoring reads of an item, packed: a few items to a cache line.
struct ItemPlan {
  int32_t min = 0;
  int32_t max = 0;
  // A number whose set has no holes and which always applies and is never
  // skipped: `min <= value <= max` is all there is to check.
  bool plain = false;
  bool required = false;
  bool reverse = false;
};

class Instrument {
 public:
  const std::string& id() const { return id_; }
  const std::string& version() const { return version_; }
  const std::string& title() const { return title_; }
  const std::string& respondent() const { return respondent_; }
  const std::string& recall() const { return recall_; }  // "2 weeks"; or ""
  const std::string& coding() const { return coding_; }  // "0-3"; or ""
  Direction direction() const { return direction_; }
  const std::vector<Code>& codes() const { return codes_; }
  const Licence& licence() const { return licence_; }

  const std::vector<Item>& items() const { return items_; }
  // One entry an item; derived from items() and value_sets().
  const std::vector<ItemPlan>& plan() const { return plan_; }
  const std::vector<ValueSet>& value_sets() const { return value_sets_; }
  // scales()[0] is the total when has_total(); subscales follow.
  const std::vector<Scale>& scales() const { return scales_; }
  bool has_total() const { return has_total_; }
  const std::vector<RiskMarker>& risk_markers() const { return risks_; }
  const std::vector<Flag>& flags() const { return flags_; }
  const Tiers& tiers() const { return tiers_; }
  const std::vector<Profile>& profiles() const { return profiles_; }
  const std::vector<Reliability>& reliabilities() const {
    return reliabilities_;
  }
  // Of each group at least one item must be answered.
  const std::vector<std::vector<uint16_t>>& require_one_of() const {
    return require_one_of_;
  }
  const std::vector<Texts>& texts() const { return texts_; }

  // By item id, by linkId, or by LOINC code; ids without regard to case.
  std::optional<uint16_t> FindItem(std::string_view name) const;
  std::optional<uint16_t> FindFlag(std::string_view id) const;
  std::optional<uint16_t> FindRiskMarker(std::string_view id) const;
  // The total is found under the empty id.
  std::optional<uint16_t> FindScale(std::string_view id) const;
  std::optional<uint16_t> FindProfile(std::string_view id) const;
  // The first profile is the default; -1 when there is none.
  int16_t default_profile() const { return profiles_.empty() ? -1 : 0; }
  // The first cut-off of this kind on the total that holds for both sexes, or
  // nullptr.
  const Cutoff* FindCutoff(int16_t profile, CutoffKind kind) const;
  // Wording in this language, or nullptr.
  const Texts* FindTexts(std::string_view language) const;

  // BLAKE2b-256 of the canonical document, and of all of it but the texts:
  // equal logic scores equally.
  const Fingerprint& fingerprint() const { return fingerprint_; }
  const Fingerprint& logic_fingerprint() const { return logic_fingerprint_; }

 private:
  friend class InstrumentLoader;
  Instrument() = default;

  std::string id_, version_, title_, respondent_, recall_, coding_;
  Direction direction_ = Direction::kLowerIsBetter;
  std::vector<Code> codes_;
  Licence licence_;
  std::vector<Item> items_;
  std::vector<ItemPlan> plan_;
  std::vector<ValueSet> value_sets_;
  std::vector<Scale> scales_;
  bool has_total_ = false;
  std::vector<RiskMarker> risks_;
  std::vector<Flag> flags_;
  Tiers tiers_;
  std::vector<Profile> profiles_;
  std::vector<Reliability> reliabilities_;
  std::vector<std::vector<uint16_t>> require_one_of_;
  std::vector<Texts> texts_;
  absl::flat_hash_map<std::string, uint16_t> item_names_;
  Fingerprint fingerprint_, logic_fingerprint_;
};

struct LoadResult {
  std::shared_ptr<const Instrument> instrument;  // null when there are errors
  Issues issues;                                 // in document order
};

// Reads and checks a document. One with "extends": ID is the shipped document
// of this id with the members that it gives itself put in their place (a
// vendor's texts, licence and norms). The author's mistakes are issues, all of
// them; a status means that the text is no JSON or too large.
absl::StatusOr<LoadResult> LoadInstrument(std::string_view json);

// The norm of a score, by the person's sex and age; nothing when the table has
// none for them. The band of a norm, or an empty text.
std::optional<Rational> NormOf(const NormTable& table, const Rational& score,
                               Sex sex, std::optional<int32_t> age);
std::string_view NormBandId(const NormTable& table, const Rational& norm);

// The shipped instrument of this id, without regard to case; kNotFound names
// those that ship. When `coding` is given and is not that of the document,
// the document called ID-CODING ("k10-0-4") is taken, if there is one.
absl::StatusOr<std::shared_ptr<const Instrument>> LoadCatalogueInstrument(
    std::string_view id, std::string_view coding = {});
// The ids that ship, sorted.
std::vector<std::string> CatalogueInstrumentIds();

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_INSTRUMENT_H_
