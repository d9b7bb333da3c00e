// Norm tables, and FHIRPath scores held against their declarative rules.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "base/strings.h"
#include "instruments/answers.h"
#include "instruments/expression.h"
#include "instruments/loader.h"
#include "instruments/score.h"

namespace stepwell::instruments {

void InstrumentLoader::LoadNorms(ObjectReader& reader) {
  absl::flat_hash_set<std::string> ids;
  size_t values = 0;
  for (json::Value value : json::Children(reader.Array("norms"))) {
    ObjectReader object(value, issues_);
    NormTable norm;
    norm.id = object.NeedName("id");
    uint16_t scale = 0;
    if (const json::Value name = object.Get("subscale")) {
      scale = SubscaleNamed(name).value_or(0);
    } else if (!out_->has_total_ && value.is_object()) {
      AddError(issues_, "no_score", value.pointer(),
               "the instrument has no total score", "name a subscale");
    }
    Claim(ids, absl::StrCat(scale, "/", norm.id), object.PointerTo("id"),
          "a norm");
    norm.provenance = LoadProvenance(object);
    for (json::Value group : json::Children(object.NeedArray("groups"))) {
      norm.groups.push_back(LoadNormGroup(group));
      values += norm.groups.back().values.size();
    }
    LoadNormBands(object, norm);
    if (values > limits::kNormValuesMax) {
      AddError(issues_, "too_many", value.pointer(),
               absl::StrCat("norm tables have at most ", limits::kNormValuesMax,
                            " values"));
      return;
    }
    if (scale < out_->scales_.size()) {
      out_->scales_[scale].norms.push_back(std::move(norm));
    }
  }
}

NormGroup InstrumentLoader::LoadNormGroup(json::Value value) {
  ObjectReader object(value, issues_);
  NormGroup group;
  if (const auto sex = object.Choice("sex", {"female", "male"})) {
    group.sex = *sex == 0 ? Sex::kFemale : Sex::kMale;
  }
  constexpr int32_t kAgeMax = 150;
  group.age_from = object.Int("age_from", 0, kAgeMax).value_or(0);
  group.age_to = object.Int("age_to", 0, kAgeMax).value_or(INT32_MAX);
  if (group.age_from > group.age_to) {
    object.Error("age_to", "empty_range", "age_to lies below age_from");
  }
  const json::Value list = object.Array("values"),
                    table = object.Array("table");
  const auto from = object.Int("from", -kValueMax, kValueMax);
  if (bool(list) == bool(table) || bool(list) != from.has_value()) {
    object.Error("values", "bad_rule",
                 "a group has from and values, or a table",
                 "\"from\": the score of the first of \"values\"; or "
                 "\"table\": [[score, norm], ...]");
    return group;
  }
  int64_t score = from.value_or(0);
  for (json::Value entry : json::Children(list ? list : table)) {
    const json::Value of = list ? json::Value() : entry.at(0);
    const json::Value norm = list ? entry : entry.at(1);
    AddNormValue(entry, list ? Rational(score++) : NumberOf(of), NumberOf(norm),
                 group);
  }
  return group;
}

Rational InstrumentLoader::NumberOf(json::Value value) {
  const auto number =
      value.is_number() ? ParseRational(value.number_text()) : std::nullopt;
  if (!number.has_value()) {
    AddError(issues_, "wrong_type", value ? value.pointer() : "",
             "expected a number of at most nine digits before and six after "
             "the point");
  }
  return number.value_or(Rational(0));
}

void InstrumentLoader::AddNormValue(json::Value where, const Rational& score,
                                    const Rational& norm, NormGroup& group) {
  if (!group.values.empty() && score <= group.values.back().first) {
    AddError(issues_, "values_not_ascending", where.pointer(),
             "the scores of a table ascend, each stands once");
  }
  group.values.emplace_back(score, norm);
}

void InstrumentLoader::LoadNormBands(ObjectReader& reader, NormTable& norm) {
  absl::flat_hash_set<std::string> ids;
  for (json::Value value : json::Children(reader.Array("bands"))) {
    ObjectReader object(value, issues_);
    Band band;
    band.id = object.NeedName("id");
    Claim(ids, band.id, object.PointerTo("id"), "a band");
    band.from = object.NeedNumber("from").value_or(Rational(0));
    if (!norm.bands.empty() && band.from <= norm.bands.back().from) {
      object.Error("from", "values_not_ascending", "bands ascend");
    }
    norm.bands.push_back(std::move(band));
  }
}

namespace {

// Every item at its least and at its greatest value, each item at each of its
// values, then chance: the same responses on every machine.
std::vector<std::vector<int32_t>> Probes(const Instrument& instrument,
                                         const Scale& scale) {
  constexpr size_t kEachMax = 200, kRandom = 200;
  std::vector<int32_t> low, high;
  for (const Item& item : instrument.items()) {
    const bool numeric =
        item.kind != ItemKind::kText && item.kind != ItemKind::kDate;
    const ValueSet none;
    const ValueSet& set = numeric ? instrument.value_sets()[item.values] : none;
    low.push_back(set.min);
    high.push_back(set.max);
  }
  std::vector<std::vector<int32_t>> out = {low, high};
  const auto legal = [&](size_t i, uint64_t pick) {
    const ValueSet& set = instrument.value_sets()[instrument.items()[i].values];
    return set.listed.empty()
               ? static_cast<int32_t>(
                     set.min +
                     static_cast<int64_t>(
                         pick % (static_cast<uint64_t>(set.max - set.min) + 1)))
               : set.listed[pick % set.listed.size()].value;
  };
  for (uint16_t item : scale.items) {
    for (uint64_t pick = 0; pick < 16 && out.size() < kEachMax; ++pick) {
      out.push_back(low);
      out.back()[item] = legal(item, pick);
    }
  }
  uint64_t state = 1;
  for (size_t k = 0; k < kRandom; ++k) {
    out.push_back(low);
    for (uint16_t item : scale.items) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      out.back()[item] = legal(item, state >> 33);
    }
  }
  return out;
}

}  // namespace

void InstrumentLoader::LoadExpressions() {
  std::vector<std::string> ids;
  for (const Item& item : out_->items_) ids.push_back(item.id);
  for (const auto& [scale, value] : expressions_) {
    auto compiled = ScoreExpression::Compile(value.string_value(), ids);
    if (!compiled.ok()) {
      AddError(issues_, "bad_expression", value.pointer(),
               std::string(compiled.status().message()));
      continue;
    }
    CheckExpression(value, **compiled, out_->scales_[scale]);
    out_->scales_[scale].expression = *std::move(compiled);
  }
}

// Only a document without mistakes can be scored.
void InstrumentLoader::CheckExpression(json::Value where,
                                       const ScoreExpression& expression,
                                       const Scale& scale) {
  const auto index = static_cast<size_t>(&scale - out_->scales_.data());
  for (uint16_t item : scale.items) {
    const Item& one = out_->items_[item];
    if (one.only_for == Sex::kUnknown && !one.not_applicable) continue;
    AddError(issues_, "expression_differs", where.pointer(),
             absl::StrCat("\"", one.id,
                          "\" does not concern everybody: to an expression it "
                          "is unanswered then, and there is no score"),
             "leave the expression out, or score the item of everybody");
    return;
  }
  const std::vector<std::vector<int32_t>> probes = Probes(*out_, scale);
  for (const std::vector<int32_t>& probe : probes) {
    Answers answers(*out_);
    for (uint16_t item : scale.items) answers.SetValue(item, probe[item]);
    const auto score = Score(*out_, answers.view()).scales[index].exact;
    if (!score.has_value() ||
        expression.Gives(*score, {probe.begin(), probe.end()})) {
      continue;
    }
    AddError(issues_, "expression_differs", where.pointer(),
             absl::StrCat("the expression does not give ", ToJsonNumber(*score),
                          " for the answers ", absl::StrJoin(probe, ", "),
                          ", as method and transform do"));
    return;
  }
  // The trap of forms that count what is missing as 0.
  for (uint16_t item : scale.items) {
    ScoreExpression::Values gap(probes[1].begin(), probes[1].end());
    gap[item].reset();
    const auto found = expression.Evaluate(gap);
    if (found.ok() && !found->has_value()) continue;
    AddError(issues_, "expression_fills_missing", where.pointer(),
             absl::StrCat("with \"", out_->items_[item].id,
                          "\" unanswered the expression does not give "
                          "nothing"),
             "add the items with +, which gives nothing when one is missing; "
             "sum() and iif() count it as 0");
    return;
  }
}

}  // namespace stepwell::instruments
