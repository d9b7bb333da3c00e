// Scores: which items, how they become a number, what a number is called.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "instruments/loader.h"

namespace stepwell::instruments {

void InstrumentLoader::LoadScales(ObjectReader& reader) {
  if (const json::Value value = reader.Get("score")) {
    ObjectReader object(value, issues_);
    out_->has_total_ = true;
    out_->scales_.push_back(LoadScale(object, /*total=*/true));
  }
  absl::flat_hash_set<std::string> ids;
  for (json::Value value : json::Children(reader.Array("subscales"))) {
    ObjectReader object(value, issues_);
    const std::string id = object.NeedText("id");
    if (!id.empty() && !IsName(id, /*hyphens=*/false, /*upper=*/true)) {
      object.Error("id", "bad_name", absl::StrCat("\"", id, "\" is no name"),
                   "letters, digits and underscores, a letter first");
    }
    Claim(ids, id, object.PointerTo("id"), "a subscale");
    Scale scale = LoadScale(object, /*total=*/false);
    scale.id = id;
    out_->scales_.push_back(std::move(scale));
    if (out_->scales_.size() > limits::kInstrumentScalesMax) {
      AddError(issues_, "too_many", value.pointer(), "too many subscales");
      return;
    }
  }
}

Scale InstrumentLoader::LoadScale(ObjectReader& reader, bool total) {
  Scale scale;
  reader.Need("method");
  const auto method = reader.Choice("method", {"sum", "mean", "digits"});
  scale.method = static_cast<ScaleMethod>(method.value_or(0));
  scale.rounding =
      scale.method == ScaleMethod::kMean ? Rounding::kNone : Rounding::kHalfUp;
  if (const auto rounding = reader.Choice("rounding", {"half_up", "none"})) {
    scale.rounding = static_cast<Rounding>(*rounding);
  }
  reader.Text("note");
  if (const json::Value items = reader.Array("items")) {
    scale.items = LoadItemList(items, /*numeric=*/true);
  } else if (!total) {
    reader.Need("items");
  } else if (!reader.Get("items")) {
    for (size_t i = 0; i < out_->items_.size(); ++i) {
      if (out_->items_[i].scored) {
        scale.items.push_back(static_cast<uint16_t>(i));
      }
    }
    if (scale.items.empty()) {
      AddError(issues_, "empty_list", reader.pointer(),
               "no item of the instrument is scored");
    }
  }
  scale.codes = LoadCodes(reader);
  LoadTransform(reader, scale);
  LoadMissing(reader, scale);
  LoadBands(reader, scale);
  if (scale.method == ScaleMethod::kDigits) CheckDigits(reader, scale);
  reader.Text("fhirpath");
  if (const json::Value text = reader.Get("fhirpath"); text.is_string()) {
    expressions_.emplace_back(static_cast<uint16_t>(out_->scales_.size()),
                              text);
  }
  return scale;
}

void InstrumentLoader::CheckDigits(ObjectReader& reader, const Scale& scale) {
  bool fits = scale.items.size() <= kDigitsMax && scale.plain_sum &&
              !scale.prorate_declared;
  for (uint16_t item : scale.items) {
    fits = fits && SetOf(item).min >= 0 && SetOf(item).max <= 9;
  }
  if (fits) return;
  reader.Error("method", "bad_rule",
               absl::StrCat("digits takes at most ", kDigitsMax,
                            " items with values from 0 to 9, without "
                            "transform and prorating"));
}

void InstrumentLoader::LoadTransform(ObjectReader& reader, Scale& scale) {
  const json::Value value = reader.Get("transform");
  if (value) {
    ObjectReader object(value, issues_);
    scale.factor = object.Number("factor").value_or(Rational(1));
    scale.shift = object.Number("shift").value_or(Rational(0));
    object.Text("note");
    if (scale.factor <= Rational(0) || scale.factor > Rational(kFactorMax) ||
        scale.factor.den > kFactorDenMax) {
      object.Error("factor", "number_out_of_range",
                   absl::StrCat("the factor must be above 0 and at most ",
                                kFactorMax, ", with at most three decimals"));
      scale.factor = Rational(1);
    }
    if (scale.shift > Rational(kScoredValueMax) ||
        scale.shift < Rational(-kScoredValueMax) ||
        scale.shift.den > kFactorDenMax) {
      object.Error("shift", "number_out_of_range",
                   absl::StrCat("the shift must lie within ", kScoredValueMax,
                                ", with at most three decimals"));
      scale.shift = Rational(0);
    }
    scale.plain_sum = scale.factor == Rational(1) && scale.shift == Rational(0);
  }
  for (uint16_t item : scale.items) {
    if (!out_->items_[item].required) {
      AddError(issues_, "optional_in_score", reader.pointer(),
               absl::StrCat("the item \"", out_->items_[item].id,
                            "\" is not required, but part of a score"),
               "a strict score needs every item: state required, or take the "
               "item out of the score");
    }
    if (SetOf(item).min < -kScoredValueMax ||
        SetOf(item).max > kScoredValueMax) {
      AddError(issues_, "number_out_of_range", reader.pointer(),
               absl::StrCat("the item \"", out_->items_[item].id,
                            "\" is scored: its values must lie within ",
                            kScoredValueMax));
      return;
    }
  }
  SetRange(scale);
}

void InstrumentLoader::SetRange(Scale& scale) {
  const int64_t base = scale.method == ScaleMethod::kDigits ? 10 : 1;
  int64_t low = 0, high = 0;
  for (uint16_t item : scale.items) {
    low = (low * base + SetOf(item).min) % kScoreBound;
    high = (high * base + SetOf(item).max) % kScoreBound;
  }
  const auto n = scale.method == ScaleMethod::kMean
                     ? std::max<int64_t>(1, scale.items.size())
                     : 1;
  scale.min = Transformed(scale, low, n);
  scale.max = Transformed(scale, high, n);
}

void InstrumentLoader::LoadMissing(ObjectReader& reader, Scale& scale) {
  const json::Value value = reader.Get("missing");
  if (!value) return;
  ObjectReader object(value, issues_);
  const auto rule = object.Choice("default", {"strict", "prorate"});
  scale.prorate_by_default = rule == 1;
  if (const json::Value prorate = object.Get("prorate")) {
    ObjectReader inner(prorate, issues_);
    scale.prorate_declared = true;
    const auto most = static_cast<int32_t>(scale.items.size()) - 1;
    scale.prorate_missing_max = static_cast<uint16_t>(
        inner.NeedInt("missing_max", 1, std::max(1, most)).value_or(1));
    scale.prorate_provenance = LoadProvenance(inner);
  } else if (scale.prorate_by_default) {
    AddError(issues_, "prorate_not_declared", value.pointer(),
             "the default is prorate, but no prorate rule is given",
             "add \"prorate\": {\"missing_max\": ..., \"source\": ..., "
             "\"mark\": ...}");
  }
}

void InstrumentLoader::LoadBands(ObjectReader& reader, Scale& scale) {
  const json::Value value = reader.Get("bands");
  if (!value) return;
  ObjectReader object(value, issues_);
  scale.bands_provenance = LoadProvenance(object);
  const json::Value list = object.NeedArray("list");
  absl::flat_hash_set<std::string> ids;
  std::vector<Rational> to;
  for (json::Value entry : json::Children(list)) {
    ObjectReader band(entry, issues_);
    Band out;
    out.id = band.NeedName("id");
    Claim(ids, out.id, band.PointerTo("id"), "a band");
    out.from = band.NeedNumber("from").value_or(Rational(0));
    to.push_back(band.NeedNumber("to").value_or(out.from));
    scale.bands.push_back(std::move(out));
  }
  if (list && list.size() == 0) {
    AddError(issues_, "empty_list", list.pointer(), "the list is empty");
  } else if (list && !HasError(issues_)) {
    CheckBands(list, to, scale);
  }
}

void InstrumentLoader::CheckBands(json::Value list,
                                  const std::vector<Rational>& to,
                                  const Scale& scale) {
  const std::vector<Band>& bands = scale.bands;
  const auto report = [&](size_t i, std::string code, std::string message) {
    AddError(issues_, std::move(code), list.at(i).pointer(), std::move(message),
             "bands cover the whole range of the score, "
             "in ascending order");
  };
  if (bands[0].from != scale.min) {
    report(
        0, "band_gap",
        absl::StrCat("the first band begins at ", ToJsonNumber(bands[0].from),
                     ", the score at ", ToJsonNumber(scale.min)));
  }
  for (size_t i = 0; i < bands.size(); ++i) {
    if (to[i] < bands[i].from) {
      report(i, "empty_range", "the band ends before it begins");
    }
    if (i == 0) continue;
    // A rounded score has no values between two integers; an unrounded one
    // has, so that there each band must begin where the one before it ends.
    const Rational& end = to[i - 1];
    const Rational next = scale.rounding == Rounding::kHalfUp
                              ? Rational(end.num + end.den, end.den)
                              : end;
    if (bands[i].from == next) continue;
    report(i, bands[i].from < next ? "band_overlap" : "band_gap",
           absl::StrCat("the band begins at ", ToJsonNumber(bands[i].from),
                        " instead of ", ToJsonNumber(next)));
  }
  if (to.back() != scale.max) {
    report(bands.size() - 1, "band_gap",
           absl::StrCat("the last band ends at ", ToJsonNumber(to.back()),
                        ", the score at ", ToJsonNumber(scale.max)));
  }
}

}  // namespace stepwell::instruments
