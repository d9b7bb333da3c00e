// Blocks of rows that fit the cache; in each, one loop an item, a scale, a part
// of a rule. The loops have no branches, so that compilers make vectors of
// them.
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
    case Type::kBool:
      for (size_t i = 0; i < n; ++i) {
        numbers[i] = Bit(static_cast<const uint8_t*>(column.values), at + i);
      }
      break;
  }
  if (column.validity == nullptr) return;
  for (size_t i = 0; i < n; ++i) given[i] = Bit(column.validity, at + i);
}

// Truths of a block, coded so that all() is the least and any() the greatest.
constexpr uint8_t kNo = 0, kPerhaps = 1, kYes = 2;

class BatchScorer {
 public:
  BatchScorer(const Instrument& instrument,
              std::span<const AnswerColumn> columns, size_t rows,
              const ScoreContext& context, std::span<const Sex> sexes)
      : instrument_(instrument),
        columns_(columns),
        context_(context),
        sexes_(sexes),
        numbers_(instrument.items().size()),
        given_(instrument.items().size()),
        needed_(instrument.items().size()),
        quick_(IsQuick()) {
    out_.rows = rows;
    out_.scales.resize(instrument.scales().size());
    for (ScaleColumn& scale : out_.scales) {
      scale.score.resize(rows);
      scale.exact.resize(rows);
      scale.band.resize(rows);
      scale.prorated.resize(rows);
    }
    out_.flags.assign(instrument.flags().size(), std::vector<Tri>(rows));
    out_.risks.assign(instrument.risk_markers().size(), std::vector<Tri>(rows));
    if (!instrument.tiers().ids.empty()) out_.tier.resize(rows);
    out_.missing.resize(rows);
    out_.out_of_range.resize(rows);
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
    if (!instrument_.tiers().ids.empty() ||
        !instrument_.require_one_of().empty()) {
      return false;
    }
    for (size_t i = 0; i < instrument_.items().size(); ++i) {
      const Item& item = instrument_.items()[i];
      if (!instrument_.plan()[i].plain || item.kind == ItemKind::kText) {
        return false;
      }
      needed_[i] = item.required;
    }
    for (const Scale& scale : instrument_.scales()) {
      if (scale.method != ScaleMethod::kSum || !scale.plain_sum ||
          scale.expression != nullptr) {
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
    for (size_t i = 0; i < columns_.size(); ++i) {
      ReadColumn(columns_[i], from, n, numbers_[i], given_[i]);
    }
    if (!quick_) {
      for (size_t i = 0; i < n; ++i) RunRow(from, i);
      return;
    }
    Bytes whole;  // complete and legal
    FindWhole(whole);
    for (size_t s = 0; s < sums_.size(); ++s) SumScale(s, from, n);
    for (size_t f = 0; f < out_.flags.size(); ++f) RunFlag(f, from, n);
    for (size_t r = 0; r < out_.risks.size(); ++r) RunRisk(r, from, n);
    std::fill_n(out_.missing.begin() + static_cast<ptrdiff_t>(from), n, 0);
    std::fill_n(out_.out_of_range.begin() + static_cast<ptrdiff_t>(from), n, 0);
    for (size_t i = 0; i < n; ++i) {
      if (!whole[i]) RunRow(from, i);
    }
  }

  void FindWhole(Bytes& whole) const {
    whole.fill(1);
    for (size_t item = 0; item < numbers_.size(); ++item) {
      const int32_t low = instrument_.plan()[item].min;
      const int32_t high = instrument_.plan()[item].max;
      const Numbers& numbers = numbers_[item];
      const Bytes& given = given_[item];
      const uint8_t spared = !needed_[item];
      for (size_t i = 0; i < kBlock; ++i) {
        const uint8_t legal = (numbers[i] >= low) & (numbers[i] <= high);
        whole[i] &= static_cast<uint8_t>((given[i] & legal) |
                                         (spared & (given[i] ^ 1)));
      }
    }
  }

  void SumScale(size_t index, size_t from, size_t n) {
    const Scale& scale = instrument_.scales()[index];
    Numbers& sum = sums_[index];
    sum.fill(0);
    for (const uint16_t item : scale.items) {
      const ItemPlan& plan = instrument_.plan()[item];
      const int32_t sign = plan.reverse ? -1 : 1;
      const int32_t base = plan.reverse ? plan.min + plan.max : 0;
      const Numbers& numbers = numbers_[item];
      // What is no value is scored row by row; unsigned, it may not overflow.
      for (size_t i = 0; i < kBlock; ++i) {
        sum[i] = static_cast<int32_t>(
            static_cast<uint32_t>(sum[i]) + static_cast<uint32_t>(base) +
            static_cast<uint32_t>(sign) * static_cast<uint32_t>(numbers[i]));
      }
    }
    ScaleColumn& out = out_.scales[index];
    for (size_t i = 0; i < n; ++i) {
      out.score[from + i] = out.exact[from + i] = sum[i];
    }
    std::array<int8_t, kBlock> band;
    band.fill(-1);
    for (const Band& edge : scale.bands) {
      // Sums are whole: from 9.5 on is from 10 on.
      const auto least = static_cast<int32_t>(std::ceil(edge.from.ToDouble()));
      for (size_t i = 0; i < kBlock; ++i) {
        band[i] = static_cast<int8_t>(band[i] + (sum[i] >= least));
      }
    }
    std::copy_n(band.begin(), n,
                out.band.begin() + static_cast<ptrdiff_t>(from));
    std::fill_n(out.prorated.begin() + static_cast<ptrdiff_t>(from), n, 0);
  }

  // The whole numbers within a node's bounds.
  static std::pair<int32_t, int32_t> BoundsOf(const RuleNode& node) {
    return {node.low ? static_cast<int32_t>(std::ceil(node.low->ToDouble()))
                     : INT32_MIN,
            node.high ? static_cast<int32_t>(std::floor(node.high->ToDouble()))
                      : INT32_MAX};
  }

  static void Within(const RuleNode& node, const Numbers& numbers, Bytes& out) {
    const auto [low, high] = BoundsOf(node);
    for (size_t i = 0; i < kBlock; ++i) {
      out[i] = static_cast<uint8_t>(
          kYes * ((numbers[i] >= low) & (numbers[i] <= high)));
    }
  }

  void CountWithin(const RuleNode& node, Bytes& out) const {
    Numbers count;
    count.fill(0);
    for (const RuleNode::Counted& counted : node.counted) {
      const Numbers& numbers = numbers_[counted.item];
      for (size_t i = 0; i < kBlock; ++i) {
        count[i] += numbers[i] >= counted.at_least;
      }
    }
    Within(node, count, out);
  }

  void Combine(const RuleNode& node, Bytes& out) const {
    const bool all = node.op == RuleNode::Op::kAll;
    out.fill(all ? kYes : kNo);
    for (const uint16_t child : node.children) {
      const Bytes& truth = truths_[child];
      for (size_t i = 0; i < kBlock; ++i) {
        out[i] = all ? std::min(out[i], truth[i]) : std::max(out[i], truth[i]);
      }
    }
  }

  // Children stand before their parents.
  void RunFlag(size_t index, size_t from, size_t n) {
    const Rule& rule = instrument_.flags()[index].rule;
    for (size_t k = 0; k < rule.nodes.size(); ++k) {
      const RuleNode& node = rule.nodes[k];
      Bytes& out = truths_[k];
      switch (node.op) {
        case RuleNode::Op::kScale:
          Within(node, sums_[node.index], out);
          break;
        case RuleNode::Op::kItem:
          Within(node, numbers_[node.index], out);
          break;
        case RuleNode::Op::kCount:
          CountWithin(node, out);
          break;
        case RuleNode::Op::kNot:
          for (size_t i = 0; i < kBlock; ++i) {
            out[i] = static_cast<uint8_t>(kYes - truths_[node.children[0]][i]);
          }
          break;
        default:
          Combine(node, out);
      }
    }
    const Bytes& truth = truths_[rule.nodes.size() - 1];
    std::vector<Tri>& out = out_.flags[index];
    // A complete response leaves nothing unknown.
    for (size_t i = 0; i < n; ++i) {
      out[from + i] = static_cast<Tri>(truth[i] >> 1);
    }
  }

  void RunRisk(size_t index, size_t from, size_t n) {
    const RiskMarker& marker = instrument_.risk_markers()[index];
    const int32_t least = context_.risk_at_least.value_or(marker.at_least);
    const Numbers& numbers = numbers_[marker.item];
    for (size_t i = 0; i < n; ++i) {
      out_.risks[index][from + i] = static_cast<Tri>(numbers[i] >= least);
    }
  }

  Answer AnswerOf(size_t item, size_t i) const {
    if (!given_[item][i]) return {};
    const ItemKind kind = instrument_.items()[item].kind;
    if (numbers_[item][i] == kNoValue || kind == ItemKind::kText) {
      return {Answer::State::kUnreadable, 0};
    }
    return Answer::Of(numbers_[item][i]);
  }

  void RunRow(size_t from, size_t i) {
    row_.resize(numbers_.size());
    for (size_t item = 0; item < row_.size(); ++item) {
      row_[item] = AnswerOf(item, i);
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
      out.exact[row] = score.exact ? score.exact->ToDouble() : kNothing;
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
  }

  const Instrument& instrument_;
  std::span<const AnswerColumn> columns_;
  const ScoreContext& context_;
  std::span<const Sex> sexes_;
  BatchScores out_;
  std::vector<Numbers> numbers_, sums_;
  std::vector<Bytes> given_, truths_;
  std::vector<uint8_t> needed_;
  std::vector<Answer> row_;
  bool quick_;
};

}  // namespace

BatchScores ScoreColumns(const Instrument& instrument,
                         std::span<const AnswerColumn> columns, size_t rows,
                         const ScoreContext& context,
                         std::span<const Sex> sexes) {
  return BatchScorer(instrument, columns, rows, context, sexes).Run();
}

}  // namespace stepwell::instruments
