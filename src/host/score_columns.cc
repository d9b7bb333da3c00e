// Columns in by item, columns out by score, flag and scale.
#include "host/score_columns.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/strings.h"
#include "exporter/arrow_reader.h"
#include "instruments/batch.h"

namespace stepwell::host {
namespace {

using exporter::ArrowReader;
using instruments::AnswerColumn;
using instruments::BatchScores;
using instruments::Instrument;
using instruments::Tri;

constexpr std::string_view kSexColumn = "sex";
// What lies between answers and table stays in the cache.
constexpr size_t kRowsAtOnce = 8192;

// kAbsent when Arrow's type is none that holds answers.
AnswerColumn::Type TypeOf(const std::string& format) {
  using Type = AnswerColumn::Type;
  static constexpr std::pair<char, Type> kTypes[] = {
      {'c', Type::kInt8},    {'C', Type::kUInt8},  {'s', Type::kInt16},
      {'S', Type::kUInt16},  {'i', Type::kInt32},  {'I', Type::kUInt32},
      {'l', Type::kInt64},   {'L', Type::kUInt64}, {'f', Type::kFloat32},
      {'g', Type::kFloat64}, {'b', Type::kBool}};
  if (format.size() != 1) return Type::kAbsent;
  for (const auto& [letter, type] : kTypes) {
    if (letter == format[0]) return type;
  }
  return Type::kAbsent;
}

// Which column of the stream is which item.
struct Places {
  std::vector<std::optional<size_t>> items;
  std::vector<std::optional<size_t>> not_applicable;  // by item
  std::optional<size_t> sex;
};

// "work_not_applicable": where the item does not apply.
absl::Status PlaceFlag(const Instrument& instrument, const ArrowReader& reader,
                       size_t column, Places& out) {
  const std::string name = reader.name(column);
  for (size_t i = 0; i < instrument.items().size(); ++i) {
    const std::string& flag = instrument.items()[i].not_applicable_flag;
    if (flag.empty() || flag != name) continue;
    if (reader.format(column) != "b") {
      return InvalidInput(
          absl::StrCat("the column \"", name, "\" holds true and false"));
    }
    out.not_applicable[i] = column;
  }
  return absl::OkStatus();
}

absl::StatusOr<Places> PlacesOf(const Instrument& instrument,
                                const ArrowReader& reader) {
  Places out;
  out.items.resize(instrument.items().size());
  out.not_applicable.resize(instrument.items().size());
  size_t found = 0;
  for (size_t i = 0; i < reader.columns(); ++i) {
    const std::string name = reader.name(i);
    const auto item = instrument.FindItem(name);
    if (!item.has_value()) {
      if (name == kSexColumn) out.sex = i;
      STEPWELL_RETURN_IF_ERROR(PlaceFlag(instrument, reader, i, out));
      continue;
    }
    if (out.items[*item].has_value()) {
      return InvalidInput(absl::StrCat("two columns hold the item \"",
                                       instrument.items()[*item].id, "\""));
    }
    if (TypeOf(reader.format(i)) == AnswerColumn::Type::kAbsent &&
        reader.format(i) != "n") {
      return InvalidInput(absl::StrCat(
          "column \"", name, "\" has the Arrow type \"", reader.format(i),
          "\"; answers are integers, floats or booleans"));
    }
    if (reader.format(i) == "b" &&
        instrument.items()[*item].kind != instruments::ItemKind::kBoolean) {
      return InvalidInput(absl::StrCat(
          "column \"", name, "\" holds true and false; the answers of \"",
          instrument.items()[*item].id, "\" are numbers"));
    }
    out.items[*item] = i;
    ++found;
  }
  if (out.sex && !ArrowReader::IsText(reader.format(*out.sex))) {
    return InvalidInput("the column \"sex\" is text: female, male, other");
  }
  if (found > 0) return out;
  return InvalidInput(absl::StrCat("no column is an item of ", instrument.id(),
                                   "; its first is \"",
                                   instrument.items()[0].id, "\""));
}

std::vector<AnswerColumn> ColumnsOf(
    const std::vector<std::optional<size_t>>& places,
    const ArrowReader& reader) {
  std::vector<AnswerColumn> out(places.size());
  for (size_t i = 0; i < out.size(); ++i) {
    if (!places[i].has_value()) continue;
    const size_t at = *places[i];
    const ArrowArray& array = reader.column(at);
    out[i].type = TypeOf(reader.format(at));
    if (out[i].type == AnswerColumn::Type::kAbsent) continue;
    out[i].values = array.buffers[1];
    out[i].validity = static_cast<const uint8_t*>(array.buffers[0]);
    out[i].offset = static_cast<size_t>(array.offset);
  }
  return out;
}

absl::StatusOr<std::vector<instruments::Sex>> SexesOf(
    const Places& places, const ArrowReader& reader) {
  std::vector<instruments::Sex> out;
  if (!places.sex.has_value()) return out;
  for (size_t row = 0; row < reader.rows(); ++row) {
    const std::string text = reader.text(*places.sex, row);
    instruments::Sex sex = instruments::Sex::kUnknown;
    if (!text.empty() && !instruments::SexFromName(text, &sex)) {
      return InvalidInput(absl::StrCat("row ", row + 1, ": \"",
                                       text.substr(0, 40),
                                       "\" is no sex: female, male, other or "
                                       "unknown"));
    }
    out.push_back(sex);
  }
  return out;
}

// The columns of the result, filled batch by batch.
class ScoreTable {
 public:
  ScoreTable(const Instrument& instrument, int16_t profile)
      : instrument_(instrument), profile_(profile) {
    using Type = Column::Type;
    table_.name = "scores";
    for (const instruments::Scale& scale : instrument.scales()) {
      bands_.emplace_back();
      for (const auto& band : scale.bands) bands_.back().push_back(band.id);
    }
    if (instrument.has_total()) {
      Add("score", Type::kNumber);
      Add("score_exact", Type::kNumber);
      Add("band", Type::kText);
    }
    for (size_t i = First(); i < instrument.scales().size(); ++i) {
      const std::string& id = instrument.scales()[i].id;
      Add("subscale_" + id, Type::kNumber);
      if (!instrument.scales()[i].bands.empty()) {
        Add("band_" + id, Type::kText);
      }
    }
    for (size_t i = 0; i < instrument.flags().size(); ++i) {
      if (Shows(i)) Add("flag_" + instrument.flags()[i].id, Type::kBool);
    }
    for (const auto& marker : instrument.risk_markers()) {
      Add("flag_" + marker.id, Type::kBool);
    }
    if (!instrument.tiers().ids.empty()) Add("tier", Type::kText);
    Add("missing", Type::kInteger);
    Add("out_of_range", Type::kInteger);
    Add("complete", Type::kBool);
    Add("prorated", Type::kBool);
    for (const instruments::Item& item : instrument.items()) {
      may_skip_ = may_skip_ || !item.skip.empty();
      may_ignore_ = may_ignore_ || item.not_applicable ||
                    item.only_for != instruments::Sex::kUnknown;
    }
    if (may_skip_) Add("against_skip", Type::kInteger);
    if (may_ignore_) Add("ignored", Type::kInteger);
  }

  // Room for so many more rows.
  void Reserve(size_t rows) {
    size_t longest = 0;
    for (const std::vector<std::string>& names : bands_) {
      for (const std::string& name : names) {
        longest = std::max(longest, name.size());
      }
    }
    for (const std::string& tier : instrument_.tiers().ids) {
      longest = std::max(longest, tier.size());
    }
    for (Column& column : table_.columns) {
      column.Reserve(rows,
                     column.type() == Column::Type::kText ? rows * longest : 0);
    }
  }

  void Append(const BatchScores& scores) {
    auto column = table_.columns.begin();
    prorated_.assign(scores.rows, 0);
    for (size_t i = 0; i < scores.scales.size(); ++i) {
      const instruments::ScaleColumn& scale = scores.scales[i];
      (column++)->Numbers(scale.score);
      if (i < First()) Exact(*column++, scale);
      if (i < First() || !bands_[i].empty()) {
        (column++)->Texts(scale.band, bands_[i]);
      }
      for (size_t row = 0; row < scores.rows; ++row) {
        prorated_[row] |= scale.prorated[row];
      }
    }
    for (size_t i = 0; i < scores.flags.size(); ++i) {
      if (Shows(i)) (column++)->Bools(Bytes(scores.flags[i]));
    }
    for (const std::vector<Tri>& risk : scores.risks) {
      (column++)->Bools(Bytes(risk));
    }
    if (!scores.tier.empty()) {
      tiers_.assign(scores.tier.begin(), scores.tier.end());
      (column++)->Texts(tiers_, instrument_.tiers().ids);
    }
    (column++)->Integers(scores.missing);
    (column++)->Integers(scores.out_of_range);
    complete_.resize(scores.rows);
    for (size_t row = 0; row < scores.rows; ++row) {
      complete_[row] =
          (scores.missing[row] | scores.out_of_range[row]) == 0 ? 1 : 0;
    }
    (column++)->Bools(complete_);
    (column++)->Bools(prorated_);
    if (may_skip_) (column++)->Integers(scores.against_skip);
    if (may_ignore_) column->Integers(scores.ignored);
  }

  Table Take() { return std::move(table_); }

 private:
  void Add(const std::string& name, Column::Type type) {
    table_.columns.emplace_back(name, type);
  }
  size_t First() const { return instrument_.has_total() ? 1 : 0; }
  bool Shows(size_t flag) const {
    const int16_t of = instrument_.flags()[flag].profile;
    return of < 0 || of == profile_;
  }

  // Truths as the bytes that they are.
  static std::span<const uint8_t> Bytes(const std::vector<Tri>& truths) {
    static_assert(static_cast<int>(Tri::kFalse) == 0 &&
                  static_cast<int>(Tri::kTrue) == 1);
    return {reinterpret_cast<const uint8_t*>(truths.data()), truths.size()};
  }

  void Exact(Column& column, const instruments::ScaleColumn& scale) {
    if (scale.exact.empty()) return column.Numbers(scale.score);
    exact_.resize(scale.score.size());
    for (size_t row = 0; row < exact_.size(); ++row) {
      exact_[row] = scale.ExactAt(row);
    }
    column.Numbers(exact_);
  }

  const Instrument& instrument_;
  int16_t profile_;
  Table table_;
  bool may_skip_ = false, may_ignore_ = false;
  std::vector<std::vector<std::string>> bands_;  // ids, by scale
  // Of one batch.
  std::vector<uint8_t> prorated_, complete_;
  std::vector<double> exact_;
  std::vector<int8_t> tiers_;
};

}  // namespace

absl::StatusOr<Table> ScoreStream(const Instrument& instrument,
                                  ArrowArrayStream* answers,
                                  const instruments::ScoreOptions& options) {
  STEPWELL_ASSIGN_OR_RETURN(const instruments::PreparedOptions prepared,
                            instruments::PrepareOptions(instrument, options));
  STEPWELL_ASSIGN_OR_RETURN(ArrowReader reader, ArrowReader::Open(answers));
  STEPWELL_ASSIGN_OR_RETURN(const Places places, PlacesOf(instrument, reader));
  ScoreTable out(instrument, prepared.profile);
  size_t rows = 0;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) return out.Take();
    rows += reader.rows();
    if (rows > limits::kTableRowsMax) {
      return TooLarge(absl::StrCat("at most ", limits::kTableRowsMax,
                                   " responses are scored at once"));
    }
    STEPWELL_ASSIGN_OR_RETURN(const auto sexes, SexesOf(places, reader));
    out.Reserve(reader.rows());
    std::vector<AnswerColumn> columns = ColumnsOf(places.items, reader);
    std::vector<AnswerColumn> flags = ColumnsOf(places.not_applicable, reader);
    for (size_t from = 0; from < reader.rows(); from += kRowsAtOnce) {
      const size_t n = std::min(kRowsAtOnce, reader.rows() - from);
      out.Append(instruments::ScoreColumns(
          instrument, columns, n, prepared.context,
          std::span(sexes).subspan(sexes.empty() ? 0 : from,
                                   sexes.empty() ? 0 : n),
          flags));
      for (auto* const list : {&columns, &flags}) {
        for (AnswerColumn& column : *list) column.offset += n;
      }
    }
  }
}

}  // namespace stepwell::host
