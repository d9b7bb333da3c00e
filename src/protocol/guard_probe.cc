#include "protocol/guard_probe.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "protocol/case_view_model.h"

namespace stepwell::protocol {
namespace {

using fhirpath::Collection;
using fhirpath::Decimal;
using fhirpath::Value;
using Values = std::vector<std::optional<Value>>;
using Decimals = std::vector<Decimal>;

constexpr size_t kTriesMax = 4'096;
constexpr int64_t kRangeMax = 128;  // a range that is tried as a whole
constexpr int64_t kFar = 1'000'000;

Values Booleans(bool nullable) {
  Values values = {Value::Boolean(true), Value::Boolean(false)};
  if (nullable) values.emplace_back();
  return values;
}

// The words of a list; nullopt when there are more than are worth trying.
template <class List>
std::optional<Values> Words(const List& ids) {
  if (std::size(ids) > kRangeMax) return std::nullopt;
  Values values;
  for (const auto& id : ids) values.emplace_back(Value::BorrowedString(id));
  return values;
}

template <class List>
std::optional<Values> IdsOf(const List& list) {
  if (list.size() > kRangeMax) return std::nullopt;
  Values values;
  for (const auto& entry : list) {
    values.emplace_back(Value::BorrowedString(entry.id));
  }
  return values;
}

// A date is more than is tried.
std::optional<Values> ValueOf(const FactValue& fact) {
  switch (fact.kind) {
    case FactValue::Kind::kBoolean:
      return Values{Value::Boolean(fact.number != 0)};
    case FactValue::Kind::kInteger:
      return Values{Value::Integer(fact.number)};
    case FactValue::Kind::kText:
      return Values{Value::BorrowedString(fact.text)};
    default:
      return std::nullopt;
  }
}

std::optional<Values> OrMissing(std::optional<Values> values) {
  if (values) values->emplace_back();
  return values;
}

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// What these give are values that they were given, or follows from whether and
// how these compare. Any other function may make of a value what it likes.
constexpr std::string_view kPlainFunctions[] = {
    "known",     "not",      "exists",     "empty",    "iif",      "coalesce",
    "first",     "last",     "single",     "all",      "where",    "count",
    "hasValue",  "allTrue",  "anyTrue",    "allFalse", "anyFalse", "sum",
    "min",       "max",      "avg",        "union",    "combine",  "exclude",
    "intersect", "distinct", "isDistinct", "trace",    "subsetOf", "supersetOf",
    "abs",       "round",    "truncate",   "ceiling",  "floor",    "sqrt",
    "power"};

constexpr std::string_view kOperators[] = {"and", "or",       "xor", "implies",
                                           "in",  "contains", "mod", "div"};

// The expression without blanks, names in quotes as they are, texts as ''.
std::string Skeleton(std::string_view text) {
  std::string bones;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '"' || c == '`') {
      for (++i; i < text.size() && text[i] != c; ++i) {
        if (text[i] == '\\') ++i;
      }
      bones += c == '`' ? "x" : "''";
    } else if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      bones += c;
    } else if (!bones.empty() && IsWord(bones.back()) && i + 1 < text.size() &&
               IsWord(text[i + 1])) {
      bones += ' ';
    }
  }
  return bones;
}

// A function, or an order or joining of texts, with results that the values
// which are tried do not tell of.
bool IsOpaque(const std::string& bones) {
  for (const char* text :
       {"<''", ">''", "''<", "''>", "<=''", ">=''", "+''", "''+", "&"}) {
    if (bones.find(text) != std::string::npos) return true;
  }
  for (size_t at = bones.find('('); at != std::string::npos;
       at = bones.find('(', at + 1)) {
    size_t begin = at;
    while (begin > 0 && IsWord(bones[begin - 1])) --begin;
    const std::string_view name(bones.data() + begin, at - begin);
    const bool after_dot = begin > 0 && bones[begin - 1] == '.';
    const bool is_operator =
        !after_dot && std::find(std::begin(kOperators), std::end(kOperators),
                                name) != std::end(kOperators);
    if (!name.empty() && !is_operator &&
        std::find(std::begin(kPlainFunctions), std::end(kPlainFunctions),
                  name) == std::end(kPlainFunctions)) {
      return true;
    }
  }
  return false;
}

// The numbers of an expression, without those of names and texts.
std::vector<Decimal> NumbersIn(std::string_view text) {
  std::vector<Decimal> numbers;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '`' || c == '"') {
      for (++i; i < text.size() && text[i] != c; ++i) {
        if (text[i] == '\\') ++i;
      }
    } else if (c >= '0' && c <= '9') {
      size_t end = i;
      while (end < text.size() && (IsWord(text[end]) || text[end] == '.')) {
        ++end;
      }
      const auto number = Decimal::Parse(text.substr(i, end - i));
      if (number) numbers.push_back(*number);
      i = end - 1;
    } else {
      while (IsWord(c) && i + 1 < text.size() && IsWord(text[i + 1])) ++i;
    }
  }
  return numbers;
}

// Arithmetic moves the place at which a comparison turns. A sign after a value
// is a subtraction.
bool Calculates(const std::string& bones) {
  for (const char* word : {"*", "/", "+", " mod ", " div ", "power", "round",
                           "truncate", "ceiling", "floor", "sqrt", "abs"}) {
    if (bones.find(word) != std::string::npos) return true;
  }
  for (size_t at = bones.find('-'); at != std::string::npos;
       at = bones.find('-', at + 1)) {
    if (at > 0 && (IsWord(bones[at - 1]) || bones[at - 1] == ')' ||
                   bones[at - 1] == ']')) {
      return true;
    }
  }
  return false;
}

bool IsLess(const Decimal& a, const Decimal& b) { return Compare(a, b) < 0; }

// Between two numbers that a guard names there may be one more.
Decimals MiddlesOf(Decimals numbers) {
  std::sort(numbers.begin(), numbers.end(), IsLess);
  Decimals middles;
  for (size_t i = 1; i < numbers.size(); ++i) {
    const auto sum = fhirpath::Add(numbers[i - 1], numbers[i]);
    const auto middle = sum ? Multiply(*sum, Decimal(5, 1)) : std::nullopt;
    if (middle) middles.push_back(*middle);
  }
  return middles;
}

}  // namespace

GuardProbe::GuardProbe(const Protocol& protocol, size_t& tries_left)
    : protocol_(protocol), tries_left_(tries_left) {}

void GuardProbe::Assume(TrackId track, std::vector<PhaseId> phases) {
  phases_[track.value] = std::move(phases);
}

void GuardProbe::Assume(ElementId decision, OutcomeId outcome) {
  outcomes_[decision.value] = outcome;
}

void GuardProbe::Assume(RouteId route) { route_ = route; }

void GuardProbe::Assume(InstrumentRef instrument, std::string_view tier) {
  tiers_[instrument.value] = tier;
}

void GuardProbe::Assume(FactId fact, const FactValue& value) {
  facts_[fact.value] = &value;
}

void GuardProbe::Assume(const Past& past, PhaseId here) {
  past_ = &past;
  here_ = here;
}

std::optional<Values> GuardProbe::Numbers(std::optional<int64_t> min,
                                          std::optional<int64_t> max,
                                          bool whole) const {
  const bool closed = min && max && *max - *min <= kRangeMax;
  if (!closed && calculates_) return std::nullopt;
  std::vector<Decimal> tried = {Decimal(min.value_or(-kFar)),
                                Decimal(max.value_or(kFar)), Decimal(0)};
  // Of an open range some that have room between them: facts are compared with
  // each other.
  for (int64_t n = closed ? *min : 1; n <= (closed ? *max : 3); ++n) {
    tried.emplace_back(n);
  }
  for (const Decimal& number : numbers_) {
    for (const Decimal& step :
         {Decimal(-1), Decimal(-5, 1), Decimal(0), Decimal(5, 1), Decimal(1)}) {
      if (const auto sum = fhirpath::Add(number, step)) tried.push_back(*sum);
    }
  }
  if (!whole) {
    const Decimals middles = MiddlesOf(numbers_);
    tried.insert(tried.end(), middles.begin(), middles.end());
  }
  std::sort(tried.begin(), tried.end(), IsLess);
  Values values;
  const Decimal* last = nullptr;
  for (const Decimal& number : tried) {
    if (last != nullptr && Compare(*last, number) == 0) continue;
    last = &number;
    if (min && Compare(number, Decimal(*min)) < 0) continue;
    if (max && Compare(number, Decimal(*max)) > 0) continue;
    const auto integer = number.ToInt64();
    if (whole && !integer) continue;
    values.emplace_back(integer ? Value::Integer(*integer) : Value::Of(number));
  }
  return values;
}

std::optional<Values> GuardProbe::ValuesOfFact(uint16_t fact,
                                               uint32_t member) const {
  if (const auto set = facts_.find(fact); set != facts_.end()) {
    return ValueOf(*set->second);
  }
  switch (protocol_.facts[fact].kind) {
    case FactValue::Kind::kBoolean:
      return Booleans(true);
    case FactValue::Kind::kInteger:
      return OrMissing(Numbers(std::nullopt, std::nullopt));
    case FactValue::Kind::kText: {
      const auto it = texts_.find(member);
      if (it == texts_.end()) return std::nullopt;
      std::optional<Values> values = Words(it->second);
      if (values) values->emplace_back(Value::BorrowedString("another text"));
      return OrMissing(std::move(values));
    }
    default:
      return std::nullopt;
  }
}

std::optional<Values> GuardProbe::ValuesOfAnswer(uint16_t instrument,
                                                 uint16_t item) const {
  const instruments::Instrument& document =
      *protocol_.instruments[instrument].instrument;
  const instruments::Item& asked = document.items()[item];
  if (asked.kind == instruments::ItemKind::kBoolean) return Booleans(true);
  if (asked.kind != instruments::ItemKind::kChoice &&
      asked.kind != instruments::ItemKind::kInteger) {
    return std::nullopt;
  }
  const instruments::ValueSet& set = document.value_sets()[asked.values];
  return OrMissing(Numbers(set.min, set.max));
}

// The total, unless the member is one of a subscale.
const instruments::Scale& GuardProbe::ScaleAt(uint32_t member) const {
  const bool part = FieldOf(member) == ViewField::kSubscaleScore ||
                    FieldOf(member) == ViewField::kSubscaleBand;
  return ScaleOf(protocol_,
                 part ? ScaleRefOf(member) : ScaleRef{SymbolOf(member), 0});
}

std::optional<Values> GuardProbe::ValuesOfScale(
    const instruments::Scale& scale) const {
  if (!scale.min.IsInteger() || !scale.max.IsInteger()) return std::nullopt;
  return OrMissing(Numbers(scale.min.num / scale.min.den,
                           scale.max.num / scale.max.den, false));
}

std::optional<Values> GuardProbe::ValuesOfTrack(uint16_t track) const {
  const auto known = phases_.find(track);
  const std::vector<PhaseId>& phases =
      known != phases_.end() ? known->second : protocol_.tracks[track].phases;
  if (phases.size() > kRangeMax) return std::nullopt;
  Values values;
  for (const PhaseId phase : phases) {
    if (past_ != nullptr && !past_->entered(phase)) continue;
    values.emplace_back(Value::BorrowedString(protocol_.at(phase).id));
  }
  return values;
}

std::optional<Values> GuardProbe::ValuesOfOutcome(uint16_t element) const {
  const std::vector<OutcomeId>& outcomes = protocol_.elements[element].outcomes;
  const auto known = outcomes_.find(element);
  if (outcomes.size() > kRangeMax) return std::nullopt;
  Values values;
  for (const OutcomeId outcome : outcomes) {
    if (known != outcomes_.end() && known->second != outcome) continue;
    values.emplace_back(
        Value::BorrowedString(protocol_.outcomes[outcome.value]));
  }
  if (known == outcomes_.end() && !decided_) values.emplace_back();
  return values;
}

// What has not come about before has one value only. Nothing: it may have.
std::optional<Values> GuardProbe::ValuesBefore(uint32_t node,
                                               uint32_t member) const {
  const uint16_t symbol = SymbolOf(node);
  const auto opened = [&] {
    return past_->MayHaveOpened(ElementId(symbol), here_);
  };
  const auto run = [&] { return past_->MayHaveRun(ProgramRef(symbol), here_); };
  switch (FieldOf(member)) {
    case ViewField::kMilestoneReached:
      if (past_->MayBeReached(MilestoneId(symbol), here_)) break;
      return Values{Value::Boolean(false)};
    case ViewField::kItemState:
      if (opened()) break;
      return Values{Value::BorrowedString(kItemStateNames[0])};
    case ViewField::kItemOutcome:
      if (opened()) break;
      return Values{std::nullopt};
    case ViewField::kItemCount:
      if (opened()) break;
      return Values{Value::Integer(0)};
    case ViewField::kProgramDone:
      if (run()) break;
      return Values{Value::Integer(0)};
    case ViewField::kProgramCompleted:
    case ViewField::kProgramEnrolled:
      if (run()) break;
      return Values{Value::Boolean(false)};
    case ViewField::kClockRunning:
      if (past_->MayRun(ClockDefId(symbol))) break;
      return Values{Value::Boolean(false)};
    default:
      break;
  }
  return std::nullopt;
}

std::optional<Values> GuardProbe::ValuesOf(uint32_t node,
                                           uint32_t member) const {
  const uint16_t symbol = SymbolOf(node);
  if (past_ != nullptr) {
    if (auto values = ValuesBefore(node, member)) return values;
  }
  switch (FieldOf(member)) {
    case ViewField::kFact:
      return ValuesOfFact(SymbolOf(member), member);
    case ViewField::kRoute:
      if (route_) {
        return Values{
            Value::BorrowedString(protocol_.routes[route_->value].id)};
      }
      return OrMissing(IdsOf(protocol_.routes));
    case ViewField::kCameBy:
      return route_ == RouteId(SymbolOf(member)) ? Values{Value::Boolean(true)}
                                                 : Booleans(false);
    case ViewField::kTrack:
      return ValuesOfTrack(SymbolOf(member));
    case ViewField::kItemState:
      return Words(kItemStateNames);
    case ViewField::kItemOutcome:
      return ValuesOfOutcome(symbol);
    case ViewField::kItemCount:
    case ViewField::kScoreCount:
    case ViewField::kProgramDone:
      return Numbers(0, std::nullopt);
    case ViewField::kCaseEpisode:
      return Numbers(1, std::nullopt);
    case ViewField::kMilestoneReached:
    case ViewField::kProgramCompleted:
    case ViewField::kCasePaused:
    case ViewField::kRiskOpen:
    case ViewField::kClockRunning:
    case ViewField::kFeedbackOwed:
      return Booleans(false);
    case ViewField::kRiskFlag:
    case ViewField::kConsent:
    case ViewField::kRiskAcknowledged:
      return Booleans(true);
    case ViewField::kContact:
    case ViewField::kDocumentHeld:
    case ViewField::kDocumentVerified:
      return Values{std::nullopt, fhirpath::Value::Boolean(true)};
    case ViewField::kWindow:
      return OrMissing(Words(kWindowNames));
    case ViewField::kWindowTiming:
      return OrMissing(Words(std::span(kTimingNames).first(3)));
    case ViewField::kRiskTier:
      return OrMissing(IdsOf(protocol_.risk.tiers));
    case ViewField::kBand:
    case ViewField::kSubscaleBand:
      return OrMissing(IdsOf(ScaleAt(member).bands));
    case ViewField::kTierName:
      if (const auto tier = tiers_.find(symbol); tier != tiers_.end()) {
        return Values{Value::BorrowedString(tier->second)};
      }
      return OrMissing(
          Words(protocol_.instruments[symbol].instrument->tiers().ids));
    case ViewField::kScore:
    case ViewField::kFirstScore:
    case ViewField::kSubscaleScore:
      return ValuesOfScale(ScaleAt(member));
    case ViewField::kAnswer:
      return ValuesOfAnswer(symbol, SymbolOf(member));
    default:
      return std::nullopt;  // dates, and what later versions add
  }
}

// A node of the view holds no value of its own.
static bool IsNode(ViewField field) {
  switch (field) {
    case ViewField::kFacts:
    case ViewField::kItems:
    case ViewField::kItem:
    case ViewField::kMilestones:
    case ViewField::kMilestone:
    case ViewField::kTracks:
    case ViewField::kInstrument:
    case ViewField::kAnswers:
    case ViewField::kSubscales:
    case ViewField::kSubscale:
    case ViewField::kPrograms:
    case ViewField::kProgram:
    case ViewField::kConsents:
    case ViewField::kCase:
    case ViewField::kRisk:
    case ViewField::kClocks:
    case ViewField::kClock:
    case ViewField::kContacts:
    case ViewField::kRoutes:
    case ViewField::kDocuments:
    case ViewField::kDocument:
      return true;
    default:
      return false;
  }
}

void GuardProbe::Member(uint32_t node, uint32_t member_id, std::string_view,
                        Collection& out) const {
  if (IsNode(FieldOf(member_id))) {
    out.push_back(Value::Of(fhirpath::Node{0, member_id}));
    return;
  }
  const Key key = {node, member_id};
  auto it = std::find_if(variables_.begin(), variables_.end(),
                         [&](const auto& known) { return known.first == key; });
  if (it == variables_.end()) {
    auto values = ValuesOf(node, member_id);
    const bool unclear = !values;
    if (!values || values->empty()) values = Values{std::nullopt};
    variables_.push_back({key, {*std::move(values), 0, unclear}});
    it = variables_.end() - 1;
  }
  const Variable& variable = it->second;
  unclear_ = unclear_ || variable.unclear;
  any_unclear_ = any_unclear_ || variable.unclear;
  if (const auto& value = variable.values[variable.at]) out.push_back(*value);
}

void GuardProbe::AllChildren(uint32_t, Collection&) const {
  unclear_ = any_unclear_ = true;
}

std::optional<Value> GuardProbe::Primitive(uint32_t) const {
  return std::nullopt;
}

void GuardProbe::ReadGuard(const fhirpath::Program& guard) {
  for (const Decimal& number : NumbersIn(guard.text())) {
    numbers_.push_back(number);
  }
  for (const fhirpath::ComparedText& compared : guard.compared_texts()) {
    std::vector<std::string>& texts = texts_[compared.member];
    // Two facts may hold two texts that no guard names.
    if (texts.empty()) texts.push_back("a text of " + compared.path);
    texts.push_back(compared.text);
  }
  const std::string bones = Skeleton(guard.text());
  calculates_ = calculates_ || Calculates(bones);
  opaque_ = opaque_ || guard.uses_now() || IsOpaque(bones);
}

// The next values to try; false when all were. A variable that was read first
// in the last try is the last one, and the first to change.
bool GuardProbe::Next() {
  while (!variables_.empty()) {
    Variable& last = variables_.back().second;
    if (++last.at < last.values.size()) return true;
    variables_.pop_back();
  }
  return false;
}

// What nobody can tell is taken as missing: what is false even so is false.
// But for guards that make a missing value definite.
std::optional<bool> GuardProbe::AreTrue(Guards guards, Guards others,
                                        Guards denied) {
  const fhirpath::Source* sources[] = {this};
  fhirpath::EvaluateOptions options;
  options.sources = sources;
  fhirpath::Scratch scratch;
  // What the guard comes to with these values; `may_be`: or anything else.
  struct Truth {
    bool known, is_true, is_false, may_be, hides;
  };
  const auto ask = [&](const fhirpath::Program& guard) {
    unclear_ = false;
    const auto truth =
        fhirpath::EvaluateTruth(guard, {0, 0}, options, &scratch);
    if (!truth.ok()) return Truth{};
    const bool hides = unclear_ && !guard.definite_places().empty();
    return Truth{
        true, *truth == fhirpath::Tri::kTrue, *truth == fhirpath::Tri::kFalse,
        hides || (unclear_ && *truth == fhirpath::Tri::kUnknown), hides};
  };
  for (const fhirpath::Program* guard : guards) {
    const Truth truth = ask(*guard);
    if (!truth.known) return std::nullopt;
    if (!truth.is_true && !truth.may_be) return false;
  }
  for (const fhirpath::Program* guard : others) {
    const Truth truth = ask(*guard);
    if (!truth.known) return std::nullopt;
    if (truth.is_true && !truth.hides) return false;
  }
  for (const fhirpath::Program* guard : denied) {
    const Truth truth = ask(*guard);
    if (!truth.known) return std::nullopt;
    if (!truth.is_false && !truth.may_be) return false;
  }
  return true;
}

bool GuardProbe::MayAllBeTrue(Guards guards, Guards others, Guards denied) {
  numbers_.clear();
  texts_.clear();
  variables_.clear();
  calculates_ = opaque_ = found_ = false;
  for (const Guards& list : {guards, others, denied}) {
    for (const fhirpath::Program* guard : list) ReadGuard(*guard);
  }
  if (opaque_) return true;
  for (size_t tries = 0; tries < kTriesMax && tries_left_ > 0; ++tries) {
    --tries_left_;
    any_unclear_ = false;
    const std::optional<bool> are = AreTrue(guards, others, denied);
    found_ = are.value_or(false) && !any_unclear_;
    if (are.value_or(true)) return true;
    if (!Next()) return false;
  }
  return true;
}

}  // namespace stepwell::protocol
