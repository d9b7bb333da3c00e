// One pass over the items decides what counts; scales, flags, risk markers
// and tiers read that pass only.
#include "instruments/score.h"

#include <algorithm>

#include "instruments/expression.h"

namespace stepwell::instruments {
namespace {

// What an item contributes.
enum class Count : uint8_t {
  kValue,    // its value
  kSkipped,  // nothing, rightly: counts as 0 and is not missing
  kDropped,  // does not exist for this person: neither sum nor range has it
  kMissing,  // should be there and is not
  kBad,      // a value outside the item's set
};

struct Counted {
  Count count = Count::kMissing;
  int32_t value = 0;  // as answered
};

// Everything that the evaluation of one response reads.
struct Pass {
  const Instrument& instrument;
  const ScoreContext& context;
  ScoreResult& result;
  absl::InlinedVector<Counted, 32> items;
};

bool IsSkipped(const Pass& pass, const Item& item,
               std::span<const Answer> answers) {
  return std::any_of(
      item.skip.begin(), item.skip.end(), [&](const SkipRule& rule) {
        int64_t sum = 0;
        for (uint16_t i : rule.sum_of) {
          const ValueSet& set =
              pass.instrument.value_sets()[pass.instrument.items()[i].values];
          if (i >= answers.size() ||
              answers[i].state != Answer::State::kValue ||
              !set.Contains(answers[i].value)) {
            return false;
          }
          sum += answers[i].value;
        }
        return sum == rule.equals;
      });
}

Count CountOf(const Pass& pass, const Item& item, const Answer& answer,
              std::span<const Answer> answers) {
  const Sex sex = pass.context.sex;
  // A sex that is unknown, or other, does not take the item away: then its
  // absence is missing.
  if ((item.only_for == Sex::kFemale && sex == Sex::kMale) ||
      (item.only_for == Sex::kMale && sex == Sex::kFemale)) {
    return Count::kDropped;
  }
  switch (answer.state) {
    case Answer::State::kValue:
      if (item.kind == ItemKind::kDate) return Count::kValue;
      return item.kind != ItemKind::kText &&
                     pass.instrument.value_sets()[item.values].Contains(
                         answer.value)
                 ? Count::kValue
                 : Count::kBad;
    case Answer::State::kText:
      return item.kind == ItemKind::kText ? Count::kValue : Count::kBad;
    case Answer::State::kNotApplicable:
      return item.not_applicable ? Count::kDropped : Count::kBad;
    case Answer::State::kUnreadable:
      return Count::kBad;
    default:  // kMissing
      break;
  }
  return !item.skip.empty() && IsSkipped(pass, item, answers) ? Count::kSkipped
                                                              : Count::kMissing;
}

void CountItems(std::span<const Answer> answers, Pass& pass) {
  const std::vector<Item>& items = pass.instrument.items();
  const std::vector<ItemPlan>& plan = pass.instrument.plan();
  pass.items.resize(items.size());
  for (size_t i = 0; i < plan.size(); ++i) {
    const Answer answer = i < answers.size() ? answers[i] : Answer{};
    if (plan[i].plain && answer.state == Answer::State::kValue &&
        answer.value >= plan[i].min && answer.value <= plan[i].max) {
      pass.items[i] = {Count::kValue, answer.value};
      continue;
    }
    const Item& item = items[i];
    const Count count = CountOf(pass, item, answer, answers);
    pass.items[i] = {count, answer.value};
    const auto index = static_cast<uint16_t>(i);
    if (count == Count::kBad) {
      pass.result.out_of_range.push_back(index);
    } else if (count == Count::kMissing && item.required) {
      pass.result.missing.push_back(index);
    } else if (count == Count::kDropped &&
               answer.state == Answer::State::kValue) {
      pass.result.ignored.push_back(index);
    } else if (count == Count::kValue && !item.skip.empty() &&
               IsSkipped(pass, item, answers)) {
      pass.result.against_skip.push_back(index);
    }
  }
}

void CheckRequiredGroups(Pass& pass) {
  for (const auto& group : pass.instrument.require_one_of()) {
    const bool answered = std::any_of(
        group.begin(), group.end(),
        [&](uint16_t item) { return pass.items[item].count == Count::kValue; });
    if (answered) continue;
    auto& missing = pass.result.missing;
    for (uint16_t item : group) {
      if (pass.items[item].count == Count::kMissing &&
          std::find(missing.begin(), missing.end(), item) == missing.end()) {
        missing.push_back(item);
      }
    }
    std::sort(missing.begin(), missing.end());
  }
}

bool MayProrate(const Scale& scale, MissingPolicy policy) {
  if (!scale.prorate_declared || policy == MissingPolicy::kStrict) {
    return false;
  }
  return policy == MissingPolicy::kProrate || scale.prorate_by_default;
}

int16_t BandOf(const Scale& scale, const Rational& score) {
  int16_t band = -1;
  for (size_t i = 0; i < scale.bands.size(); ++i) {
    if (score >= scale.bands[i].from) band = static_cast<int16_t>(i);
  }
  return band;
}

// The document's FHIRPath must give what the declarative rule gives: when it
// does not, neither is to be trusted.
bool ExpressionAgrees(const Pass& pass, const Scale& scale,
                      const Rational& exact) {
  ScoreExpression::Values values(pass.items.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (pass.items[i].count == Count::kValue) values[i] = pass.items[i].value;
    if (pass.items[i].count == Count::kSkipped) values[i] = 0;
  }
  return scale.expression->Gives(exact, values);
}

ScaleScore ScoreScale(const Pass& pass, const Scale& scale) {
  ScaleScore out;
  const std::vector<ItemPlan>& plan = pass.instrument.plan();
  int64_t low = 0, high = 0;
  uint16_t missing = 0;
  bool bad = false;
  const int64_t base = scale.method == ScaleMethod::kDigits ? 10 : 1;
  for (uint16_t i : scale.items) {
    const Counted& counted = pass.items[i];
    if (counted.count == Count::kDropped) continue;
    const ItemPlan& item = plan[i];
    ++out.counted;
    low = low * base + item.min;
    high = high * base + item.max;
    if (counted.count == Count::kValue) {
      ++out.answered;
      out.sum =
          out.sum * base +
          (item.reverse ? item.min + item.max - counted.value : counted.value);
    } else if (counted.count == Count::kMissing) {
      ++missing;
    } else if (counted.count == Count::kBad) {
      bad = true;
    }
  }
  // What divides a mean: skipped items count as zeros, dropped ones do not
  // count.
  const int64_t n = scale.method == ScaleMethod::kMean ? out.counted : 1;
  if (n == 0 || out.counted == 0) return out;
  out.min = Transformed(scale, low, n);
  out.max = Transformed(scale, high, n);
  if (bad) return out;
  if (missing > 0) {
    // Values outside the coding are no reason to guess; too many missing
    // ones are none either.
    if (!MayProrate(scale, pass.context.missing) || out.answered == 0 ||
        missing > scale.prorate_missing_max) {
      return out;
    }
    const int64_t given = out.counted - missing;
    out.exact = Transformed(scale, out.sum * out.counted, given * n);
    out.prorated = true;
  } else {
    out.exact = Transformed(scale, out.sum, n);
    if (scale.expression != nullptr &&
        !ExpressionAgrees(pass, scale, *out.exact)) {
      out.exact.reset();
      out.rules_disagree = true;
      return out;
    }
  }
  out.score = scale.rounding == Rounding::kHalfUp
                  ? Rational(out.exact->RoundHalfUp())
                  : *out.exact;
  out.band = BandOf(scale, *out.score);
  return out;
}

Tri Within(const RuleNode& node, const Rational& value) {
  const bool low = !node.low.has_value() || value >= *node.low;
  const bool high = !node.high.has_value() || value <= *node.high;
  return low && high ? Tri::kTrue : Tri::kFalse;
}

// What a missing, or unusable, answer can still add to a sum: from `low` to
// `high`. Who skips the item, or to whom it does not apply, adds nothing.
void AddPossible(const Item& item, const ItemPlan& plan, int64_t& low,
                 int64_t& high) {
  const bool may_drop = item.only_for != Sex::kUnknown || item.not_applicable ||
                        !item.skip.empty();
  low += may_drop ? std::min(plan.min, 0) : plan.min;
  high += may_drop ? std::max(plan.max, 0) : plan.max;
}

// Without a score: what the least and the greatest possible one both say. Of
// sums only, for a mean also hangs on how many items count.
Tri EvaluateMissingScale(const Pass& pass, const RuleNode& node) {
  const Scale& scale = pass.instrument.scales()[node.index];
  if (scale.method != ScaleMethod::kSum ||
      pass.result.scales[node.index].counted == 0 ||
      pass.result.scales[node.index].rules_disagree) {
    return Tri::kUnknown;
  }
  int64_t low = pass.result.scales[node.index].sum, high = low;
  for (const uint16_t i : scale.items) {
    const Count count = pass.items[i].count;
    if (count != Count::kMissing && count != Count::kBad) continue;
    AddPossible(pass.instrument.items()[i], pass.instrument.plan()[i], low,
                high);
  }
  const auto score = [&](int64_t sum) {
    const Rational exact = Transformed(scale, sum, 1);
    return scale.rounding == Rounding::kHalfUp ? Rational(exact.RoundHalfUp())
                                               : exact;
  };
  const Rational a = score(low), b = score(high);
  const Rational least = std::min(a, b), greatest = std::max(a, b);
  if (Within(node, least) == Tri::kTrue &&
      Within(node, greatest) == Tri::kTrue) {
    return Tri::kTrue;
  }
  const bool out = (node.low.has_value() && greatest < *node.low) ||
                   (node.high.has_value() && least > *node.high);
  return out ? Tri::kFalse : Tri::kUnknown;
}

// A count with unanswered items is an interval.
Tri EvaluateCount(const Pass& pass, const RuleNode& node) {
  int64_t least = 0, unknown = 0;
  for (const RuleNode::Counted& counted : node.counted) {
    // Without branches: what people answer cannot be predicted.
    const Counted& item = pass.items[counted.item];
    least += (item.count == Count::kValue) & (item.value >= counted.at_least);
    unknown += (item.count == Count::kMissing) | (item.count == Count::kBad);
  }
  const int64_t most = least + unknown;
  const Tri at_least = Within(node, Rational(least));
  for (int64_t n = least + 1; n <= most; ++n) {
    if (Within(node, Rational(n)) != at_least) return Tri::kUnknown;
  }
  return at_least;
}

Tri EvaluateItem(const Pass& pass, const RuleNode& node) {
  const Counted& item = pass.items[node.index];
  switch (item.count) {
    case Count::kValue:
      return Within(node, Rational(item.value));
    case Count::kSkipped:
      return Within(node, Rational(0));
    case Count::kDropped:
      return Tri::kFalse;
    default:
      return Tri::kUnknown;
  }
}

Tri Evaluate(const Pass& pass, const Rule& rule, size_t index) {
  const RuleNode& node = rule.nodes[index];
  switch (node.op) {
    case RuleNode::Op::kAll:
    case RuleNode::Op::kAny: {
      const Tri decides =
          node.op == RuleNode::Op::kAll ? Tri::kFalse : Tri::kTrue;
      Tri out = decides == Tri::kFalse ? Tri::kTrue : Tri::kFalse;
      for (uint16_t child : node.children) {
        const Tri value = Evaluate(pass, rule, child);
        if (value == decides) return decides;
        if (value == Tri::kUnknown) out = Tri::kUnknown;
      }
      return out;
    }
    case RuleNode::Op::kNot: {
      const Tri value = Evaluate(pass, rule, node.children[0]);
      if (value == Tri::kUnknown) return value;
      return value == Tri::kTrue ? Tri::kFalse : Tri::kTrue;
    }
    case RuleNode::Op::kScale: {
      const std::optional<Rational>& score =
          pass.result.scales[node.index].score;
      return score.has_value() ? Within(node, *score)
                               : EvaluateMissingScale(pass, node);
    }
    case RuleNode::Op::kItem:
      return EvaluateItem(pass, node);
    case RuleNode::Op::kCount:
      return EvaluateCount(pass, node);
    default:  // kSex
      if (pass.context.sex == Sex::kUnknown ||
          pass.context.sex == Sex::kOther) {
        return Tri::kUnknown;
      }
      return pass.context.sex == node.sex ? Tri::kTrue : Tri::kFalse;
  }
}

Tri RiskOf(const Pass& pass, const RiskMarker& marker) {
  const Counted& item = pass.items[marker.item];
  if (item.count != Count::kValue) return Tri::kUnknown;
  const int32_t threshold =
      pass.context.risk_at_least.value_or(marker.at_least);
  return item.value >= threshold ? Tri::kTrue : Tri::kFalse;
}

int16_t TierOf(const Pass& pass) {
  const Tiers& tiers = pass.instrument.tiers();
  if (tiers.ids.empty()) return -1;
  for (const TierRule& rule : tiers.rules) {
    const Tri value = Evaluate(pass, rule.rule, rule.rule.nodes.size() - 1);
    if (value == Tri::kTrue) return static_cast<int16_t>(rule.tier);
    if (value == Tri::kUnknown) return static_cast<int16_t>(tiers.on_unknown);
  }
  return static_cast<int16_t>(tiers.otherwise);
}

}  // namespace

Tri ScoreResult::risk() const {
  Tri out = Tri::kFalse;
  for (Tri marker : risks) {
    if (marker == Tri::kTrue) return Tri::kTrue;
    if (marker == Tri::kUnknown) out = Tri::kUnknown;
  }
  return out;
}

ScoreResult Score(const Instrument& instrument, std::span<const Answer> answers,
                  const ScoreContext& context) {
  ScoreResult result;
  Pass pass{instrument, context, result, {}};
  CountItems(answers, pass);
  CheckRequiredGroups(pass);
  result.complete = result.missing.empty() && result.out_of_range.empty();
  result.scales.reserve(instrument.scales().size());
  for (const Scale& scale : instrument.scales()) {
    result.scales.push_back(ScoreScale(pass, scale));
  }
  result.flags.reserve(instrument.flags().size());
  for (const Flag& flag : instrument.flags()) {
    result.flags.push_back(
        Evaluate(pass, flag.rule, flag.rule.nodes.size() - 1));
  }
  for (const RiskMarker& marker : instrument.risk_markers()) {
    result.risks.push_back(RiskOf(pass, marker));
  }
  result.tier = TierOf(pass);
  return result;
}

std::string_view BandId(const Instrument& instrument,
                        const ScoreResult& result) {
  const ScaleScore* total = result.total(instrument);
  if (total == nullptr || total->band < 0) return {};
  return instrument.scales()[0].bands[total->band].id;
}

std::string_view TierId(const Instrument& instrument,
                        const ScoreResult& result) {
  return result.tier < 0 ? std::string_view()
                         : instrument.tiers().ids[result.tier];
}

}  // namespace stepwell::instruments
