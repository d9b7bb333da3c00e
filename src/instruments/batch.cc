// Blocks of rows that fit the cache; in each, one loop an item, a scale, a part
// of a rule. The loops have no branches, a fixed length and pointers that do
// not overlap: without that compilers make no vectors of them at -O2.
#include "instruments/batch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace stepwell::instruments {
namespace {

constexpr size_t kBlock = 512;
using Numbers = std::array<int32_t, kBlock>;
using Bytes = std::array<uint8_t, kBlock>;
// The quick loops work on short numbers; truths are 0 and -1.
using Shorts = std::array<int16_t, kBlock>;
constexpr int32_t kShortMax = 30'000;
constexpr int16_t kNoShort = INT16_MIN;       // not given
constexpr int16_t kBadShort = INT16_MIN + 1;  // given, and no legal value
// No value of any item: what a number becomes that is none.
constexpr int32_t kNoValue = INT32_MIN;

bool Bit(const uint8_t* bits, size_t i) { return (bits[i / 8] >> (i % 8)) & 1; }

template <class T>
int32_t NumberOf(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    const bool whole = value >= -1e9 && value <= 1e9 &&
                       value == static_cast<T>(static_cast<int32_t>(value));
    return whole ? static_cast<int32_t>(value) : kNoValue;
  } else if constexpr (sizeof(T) < 4 || std::is_same_v<T, int32_t>) {
    return static_cast<int32_t>(value);
  } else {
    const bool fits =
        value <= static_cast<T>(INT32_MAX) &&
        (!std::is_signed_v<T> || static_cast<int64_t>(value) > INT32_MIN);
    return fits ? static_cast<int32_t>(value) : kNoValue;
  }
}

// Rows [from, from + n). Here and below loops over a whole block have a fixed
// length, without which compilers make no vectors at -O2; what lies behind the
// rows of the last block is computed too and not looked at.
template <class T>
void ReadNumbers(const void* values, size_t from, size_t n, Numbers& out) {
  const T* const in = static_cast<const T*>(values) + from;
  for (size_t i = 0; i < n; ++i) {
    if constexpr (std::is_floating_point_v<T>) {
      const bool whole = in[i] >= -1e9 && in[i] <= 1e9 &&
                         in[i] == static_cast<T>(static_cast<int32_t>(in[i]));
      out[i] = whole ? static_cast<int32_t>(in[i]) : kNoValue;
    } else if constexpr (sizeof(T) < 4 || std::is_same_v<T, int32_t>) {
      out[i] = static_cast<int32_t>(in[i]);
    } else {
      const bool fits =
          in[i] <= static_cast<T>(INT32_MAX) &&
          (!std::is_signed_v<T> || static_cast<int64_t>(in[i]) > INT32_MIN);
      out[i] = fits ? static_cast<int32_t>(in[i]) : kNoValue;
    }
  }
}

// Rows [from, from + n) of a column; `given` is 1 where there is an answer.
void ReadColumn(const AnswerColumn& column, size_t from, size_t n,
                Numbers& numbers, Bytes& given) {
  using Type = AnswerColumn::Type;
  const size_t at = column.offset + from;
  given.fill(column.type != Type::kAbsent);
  switch (column.type) {
    case Type::kAbsent:
      numbers.fill(kNoValue);
      return;
    case Type::kInt8:
      ReadNumbers<int8_t>(column.values, at, n, numbers);
      break;
    case Type::kUInt8:
      ReadNumbers<uint8_t>(column.values, at, n, numbers);
      break;
    case Type::kInt16:
      ReadNumbers<int16_t>(column.values, at, n, numbers);
      break;
    case Type::kUInt16:
      ReadNumbers<uint16_t>(column.values, at, n, numbers);
      break;
    case Type::kInt32:
      ReadNumbers<int32_t>(column.values, at, n, numbers);
      break;
    case Type::kUInt32:
      ReadNumbers<uint32_t>(column.values, at, n, numbers);
      break;
    case Type::kInt64:
      ReadNumbers<int64_t>(column.values, at, n, numbers);
      break;
    case Type::kUInt64:
      ReadNumbers<uint64_t>(column.values, at, n, numbers);
      break;
    case Type::kFloat32:
      ReadNumbers<float>(column.values, at, n, numbers);
      break;
    case Type::kFloat64:
      ReadNumbers<double>(column.values, at, n, numbers);
      break;
    default:  // kBool
      for (size_t i = 0; i < n; ++i) {
        numbers[i] = Bit(static_cast<const uint8_t*>(column.values), at + i);
      }
      break;
  }
  if (column.validity == nullptr) return;
  for (size_t i = 0; i < n; ++i) given[i] = Bit(column.validity, at + i);
}

// --- Loops over a block

// Short numbers of what was read.
void Shorten(const Numbers& numbers, const Bytes& given, Shorts& out) {
  const int32_t* __restrict in = numbers.data();
  const uint8_t* __restrict is_given = given.data();
  int16_t* __restrict to = out.data();
  for (size_t i = 0; i < kBlock; ++i) {
    const bool fits = (int{in[i] >= -kShortMax} & int{in[i] <= kShortMax}) != 0;
    const int16_t value = fits ? static_cast<int16_t>(in[i]) : kBadShort;
    to[i] = is_given[i] ? value : kNoShort;
  }
}

void ShortenBytes(const uint8_t* __restrict in, int16_t* __restrict out) {
  for (size_t i = 0; i < kBlock; ++i) out[i] = in[i];
}

void ShortenBytes(const int8_t* __restrict in, int16_t* __restrict out) {
  for (size_t i = 0; i < kBlock; ++i) out[i] = in[i];
}

// out &= low <= in <= high (or none is given, where that is spared).
void KeepLegal(const int16_t* __restrict in, int16_t low, int16_t high,
               int16_t spared, int16_t* __restrict out) {
  for (size_t i = 0; i < kBlock; ++i) {
    const auto legal = static_cast<int16_t>(
        -static_cast<int16_t>(int{in[i] >= low} & int{in[i] <= high}));
    const auto none =
        static_cast<int16_t>(-static_cast<int16_t>(in[i] == kNoShort) & spared);
    out[i] = static_cast<int16_t>(out[i] & (legal | none));
  }
}

void AddTo(const int16_t* __restrict in, int16_t* __restrict sum) {
  for (size_t i = 0; i < kBlock; ++i) {
    sum[i] = static_cast<int16_t>(sum[i] + in[i]);
  }
}

void AddReversed(const int16_t* __restrict in, int16_t of,
                 int16_t* __restrict sum) {
  for (size_t i = 0; i < kBlock; ++i) {
    sum[i] = static_cast<int16_t>(sum[i] + of - in[i]);
  }
}

// out += in >= least
void CountFrom(const int16_t* __restrict in, int16_t least,
               int16_t* __restrict out) {
  for (size_t i = 0; i < kBlock; ++i) {
    out[i] = static_cast<int16_t>(out[i] + (in[i] >= least));
  }
}

void Within(const int16_t* __restrict in, int16_t low, int16_t high,
            int16_t* __restrict out) {
  for (size_t i = 0; i < kBlock; ++i) {
    out[i] = static_cast<int16_t>(
        -static_cast<int16_t>(int{in[i] >= low} & int{in[i] <= high}));
  }
}

void And(const int16_t* __restrict in, int16_t* __restrict out) {
  for (size_t i = 0; i < kBlock; ++i) {
    out[i] = static_cast<int16_t>(out[i] & in[i]);
  }
}

void Or(const int16_t* __restrict in, int16_t* __restrict out) {
  for (size_t i = 0; i < kBlock; ++i) {
    out[i] = static_cast<int16_t>(out[i] | in[i]);
  }
}

void Not(const int16_t* __restrict in, int16_t* __restrict out) {
  for (size_t i = 0; i < kBlock; ++i) out[i] = static_cast<int16_t>(~in[i]);
}

int16_t ToShort(double value) {
  return static_cast<int16_t>(std::clamp(value, -static_cast<double>(INT16_MAX),
                                         static_cast<double>(INT16_MAX)));
}

class BatchScorer {
 public:
  BatchScorer(const Instrument& instrument,
              std::span<const AnswerColumn> columns, size_t rows,
              const ScoreContext& context, std::span<const Sex> sexes,
              std::span<const AnswerColumn> not_applicable)
      : instrument_(instrument),
        columns_(columns),
        context_(context),
        sexes_(sexes),
        not_applicable_(not_applicable),
        numbers_(instrument.items().size()),
        shorts_(instrument.items().size()),
        given_(instrument.items().size()),
        needed_(instrument.items().size()),
        quick_(IsQuick()) {
    out_.rows = rows;
    out_.scales.resize(instrument.scales().size());
    for (ScaleColumn& scale : out_.scales) {
      scale.score.resize(rows);
      scale.band.resize(rows, -1);
      scale.prorated.resize(rows);
    }
    out_.flags.assign(instrument.flags().size(), std::vector<Tri>(rows));
    out_.risks.assign(instrument.risk_markers().size(), std::vector<Tri>(rows));
    if (!instrument.tiers().ids.empty()) out_.tier.resize(rows);
    out_.missing.resize(rows);
    out_.out_of_range.resize(rows);
    out_.against_skip.resize(rows);
    out_.ignored.resize(rows);
    size_t nodes = 0;
    for (const Flag& flag : instrument.flags()) {
      nodes = std::max(nodes, flag.rule.nodes.size());
    }
    truths_.resize(nodes);
    sums_.resize(instrument.scales().size());
  }

  BatchScores Run() {
    for (size_t from = 0; from < out_.rows; from += kBlock) {
      RunBlock(from, std::min(kBlock, out_.rows - from));
    }
    return std::move(out_);
  }

 private:
  // Plain sums and rules over them; everything else goes row by row.
  bool IsQuick() {
    for (const AnswerColumn& column : not_applicable_) {
      if (column.type != AnswerColumn::Type::kAbsent) return false;
    }
    if (!instrument_.tiers().ids.empty() ||
        !instrument_.require_one_of().empty()) {
      return false;
    }
    for (size_t i = 0; i < instrument_.items().size(); ++i) {
      const Item& item = instrument_.items()[i];
      if (!instrument_.plan()[i].plain) return false;
      if (std::abs(instrument_.plan()[i].min) > kShortMax ||
          std::abs(instrument_.plan()[i].max) > kShortMax) {
        return false;
      }
      needed_[i] = item.required;
    }
    for (const Scale& scale : instrument_.scales()) {
      if (scale.method != ScaleMethod::kSum || !scale.plain_sum ||
          scale.expression != nullptr || scale.max > Rational(kShortMax) ||
          scale.min < Rational(-kShortMax)) {
        return false;
      }
    }
    for (const RiskMarker& marker : instrument_.risk_markers()) {
      needed_[marker.item] = true;
    }
    for (const Flag& flag : instrument_.flags()) {
      for (const RuleNode& node : flag.rule.nodes) {
        if (node.op == RuleNode::Op::kSex) return false;
        if (node.op == RuleNode::Op::kItem) needed_[node.index] = true;
        for (const RuleNode::Counted& counted : node.counted) {
          needed_[counted.item] = true;
        }
      }
    }
    return true;
  }

  void RunBlock(size_t from, size_t n) {
    if (!quick_) {
      ReadNumbersOf(from, n);
      for (size_t i = 0; i < n; ++i) RunRow(from, i);
      return;
    }
    bool have_numbers = ReadShorts(from, n);
    Shorts whole;  // complete and legal
    FindWhole(whole);
    for (size_t s = 0; s < sums_.size(); ++s) SumScale(s, from, n);
    for (size_t f = 0; f < out_.flags.size(); ++f) RunFlag(f, from, n);
    for (size_t r = 0; r < out_.risks.size(); ++r) RunRisk(r, from, n);
    for (size_t i = 0; i < n; ++i) {
      if (whole[i] != 0) continue;
      if (!have_numbers) ReadNumbersOf(from, n);
      have_numbers = true;
      RunRow(from, i);
    }
  }

  void ReadNumbersOf(size_t from, size_t n) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      ReadColumn(columns_[i], from, n, numbers_[i], given_[i]);
    }
  }

  // Columns of bytes without a gap need no long numbers in between. False when
  // numbers_ and given_ were not filled on the way.
  bool ReadShorts(size_t from, size_t n) {
    using Type = AnswerColumn::Type;
    bool all_long = true;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const AnswerColumn& column = columns_[i];
      const size_t at = column.offset + from;
      const bool plain = n == kBlock && column.validity == nullptr;
      if (plain && column.type == Type::kUInt8) {
        ShortenBytes(static_cast<const uint8_t*>(column.values) + at,
                     shorts_[i].data());
        all_long = false;
      } else if (plain && column.type == Type::kInt8) {
        ShortenBytes(static_cast<const int8_t*>(column.values) + at,
                     shorts_[i].data());
        all_long = false;
      } else if (column.type == Type::kAbsent) {
        shorts_[i].fill(kNoShort);
        all_long = false;
      } else {
        ReadColumn(column, from, n, numbers_[i], given_[i]);
        Shorten(numbers_[i], given_[i], shorts_[i]);
      }
    }
    return all_long;
  }

  void FindWhole(Shorts& whole) const {
    whole.fill(-1);
    for (size_t item = 0; item < shorts_.size(); ++item) {
      const ItemPlan& plan = instrument_.plan()[item];
      KeepLegal(shorts_[item].data(), static_cast<int16_t>(plan.min),
                static_cast<int16_t>(plan.max),
                static_cast<int16_t>(needed_[item] ? 0 : -1), whole.data());
    }
  }

  void SumScale(size_t index, size_t from, size_t n) {
    const Scale& scale = instrument_.scales()[index];
    Shorts& sum = sums_[index];
    sum.fill(0);
    for (const uint16_t item : scale.items) {
      const ItemPlan& plan = instrument_.plan()[item];
      const int16_t* in = shorts_[item].data();
      plan.reverse ? AddReversed(in, static_cast<int16_t>(plan.min + plan.max),
                                 sum.data())
                   : AddTo(in, sum.data());
    }
    ScaleColumn& out = out_.scales[index];
    for (size_t i = 0; i < n; ++i) out.score[from + i] = sum[i];
    if (scale.bands.empty()) return;
    Shorts band;
    band.fill(-1);
    for (const Band& edge : scale.bands) {
      // Sums are whole: from 9.5 on is from 10 on.
      CountFrom(sum.data(), ToShort(std::ceil(edge.from.ToDouble())),
                band.data());
    }
    for (size_t i = 0; i < n; ++i) {
      out.band[from + i] = static_cast<int8_t>(band[i]);
    }
  }

  // The whole numbers within a node's bounds.
  static void WithinBounds(const RuleNode& node, const Shorts& numbers,
                           Shorts& out) {
    const int16_t low =
        node.low ? ToShort(std::ceil(node.low->ToDouble())) : INT16_MIN;
    const int16_t high =
        node.high ? ToShort(std::floor(node.high->ToDouble())) : INT16_MAX;
    Within(numbers.data(), low, high, out.data());
  }

  void CountWithin(const RuleNode& node, Shorts& out) const {
    Shorts count;
    count.fill(0);
    for (const RuleNode::Counted& counted : node.counted) {
      CountFrom(shorts_[counted.item].data(),
                static_cast<int16_t>(counted.at_least), count.data());
    }
    WithinBounds(node, count, out);
  }

  // Children stand before their parents.
  void RunNode(const RuleNode& node, Shorts& out) {
    switch (node.op) {
      case RuleNode::Op::kScale:
        return WithinBounds(node, sums_[node.index], out);
      case RuleNode::Op::kItem:
        return WithinBounds(node, shorts_[node.index], out);
      case RuleNode::Op::kCount:
        return CountWithin(node, out);
      case RuleNode::Op::kNot:
        return Not(truths_[node.children[0]].data(), out.data());
      case RuleNode::Op::kAny:
        out.fill(0);
        for (const uint16_t child : node.children) {
          Or(truths_[child].data(), out.data());
        }
        return;
      default:
        out.fill(-1);
        for (const uint16_t child : node.children) {
          And(truths_[child].data(), out.data());
        }
    }
  }

  void RunFlag(size_t index, size_t from, size_t n) {
    const Rule& rule = instrument_.flags()[index].rule;
    for (size_t k = 0; k < rule.nodes.size(); ++k) {
      RunNode(rule.nodes[k], truths_[k]);
    }
    PutTruths(truths_[rule.nodes.size() - 1], from, n, out_.flags[index]);
  }

  // A complete response leaves nothing unknown.
  static void PutTruths(const Shorts& truth, size_t from, size_t n,
                        std::vector<Tri>& out) {
    for (size_t i = 0; i < n; ++i) {
      out[from + i] = static_cast<Tri>(truth[i] & 1);
    }
  }

  void RunRisk(size_t index, size_t from, size_t n) {
    const RiskMarker& marker = instrument_.risk_markers()[index];
    const int32_t least = context_.risk_at_least.value_or(marker.at_least);
    Shorts truth;
    Within(shorts_[marker.item].data(), ToShort(least), INT16_MAX,
           truth.data());
    PutTruths(truth, from, n, out_.risks[index]);
  }

  Answer AnswerOf(size_t item, size_t i) const {
    if (!given_[item][i]) return {};
    const ItemKind kind = instrument_.items()[item].kind;
    if (numbers_[item][i] == kNoValue || kind == ItemKind::kText) {
      return {Answer::State::kUnreadable, 0};
    }
    return Answer::Of(numbers_[item][i]);
  }

  bool DoesNotApply(size_t item, size_t row) const {
    if (not_applicable_.empty()) return false;
    const AnswerColumn& column = not_applicable_[item];
    if (column.type == AnswerColumn::Type::kAbsent) return false;
    const size_t at = column.offset + row;
    return (column.validity == nullptr || Bit(column.validity, at)) &&
           Bit(static_cast<const uint8_t*>(column.values), at);
  }

  void RunRow(size_t from, size_t i) {
    row_.resize(numbers_.size());
    uint16_t ignored = 0;
    for (size_t item = 0; item < row_.size(); ++item) {
      row_[item] = AnswerOf(item, i);
      if (!DoesNotApply(item, from + i)) continue;
      ignored += row_[item].state == Answer::State::kValue ? 1 : 0;
      row_[item] = {Answer::State::kNotApplicable, 0};
    }
    ScoreContext context = context_;
    if (!sexes_.empty()) context.sex = sexes_[from + i];
    const ScoreResult result = Score(instrument_, row_, context);
    const size_t row = from + i;
    constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
    for (size_t s = 0; s < result.scales.size(); ++s) {
      const ScaleScore& score = result.scales[s];
      ScaleColumn& out = out_.scales[s];
      out.score[row] = score.score ? score.score->ToDouble() : kNothing;
      if (score.exact.has_value() && *score.exact != *score.score) {
        if (out.exact.empty()) out.exact.assign(out_.rows, kNothing);
        out.exact[row] = score.exact->ToDouble();
      }
      out.band[row] = static_cast<int8_t>(score.band);
      out.prorated[row] = score.prorated;
    }
    for (size_t f = 0; f < result.flags.size(); ++f) {
      out_.flags[f][row] = result.flags[f];
    }
    for (size_t r = 0; r < result.risks.size(); ++r) {
      out_.risks[r][row] = result.risks[r];
    }
    if (!out_.tier.empty()) out_.tier[row] = result.tier;
    out_.missing[row] = static_cast<uint16_t>(result.missing.size());
    out_.out_of_range[row] = static_cast<uint16_t>(result.out_of_range.size());
    out_.against_skip[row] = static_cast<uint16_t>(result.against_skip.size());
    out_.ignored[row] = static_cast<uint16_t>(ignored + result.ignored.size());
  }

  const Instrument& instrument_;
  std::span<const AnswerColumn> columns_;
  const ScoreContext& context_;
  std::span<const Sex> sexes_;
  std::span<const AnswerColumn> not_applicable_;
  BatchScores out_;
  std::vector<Numbers> numbers_;
  std::vector<Shorts> shorts_, sums_, truths_;
  std::vector<Bytes> given_;
  std::vector<uint8_t> needed_;
  std::vector<Answer> row_;
  bool quick_;
};

}  // namespace

BatchScores ScoreColumns(const Instrument& instrument,
                         std::span<const AnswerColumn> columns, size_t rows,
                         const ScoreContext& context,
                         std::span<const Sex> sexes,
                         std::span<const AnswerColumn> not_applicable) {
  return BatchScorer(instrument, columns, rows, context, sexes, not_applicable)
      .Run();
}

}  // namespace stepwell::instruments
