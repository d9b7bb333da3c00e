// The sums of the answers lie on a lattice: the two scores around the one in
// question decide.
#include "instruments/possible_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace stepwell::instruments {
namespace {

int64_t StepOf(const ValueSet& set) {
  if (set.listed.empty()) return 1;
  int64_t step = 0;
  for (const AnswerValue& listed : set.listed) {
    step = std::gcd(step, int64_t{listed.value});
  }
  return step;
}

// Half a unit of the last decimal that is given, and at least of the sixth: no
// more is read.
double Tolerance(const Rational& score) {
  constexpr double kALittleMore = 1.000001;
  for (int64_t places = 10; places < 1'000'000; places *= 10) {
    if (score.den == places) {
      return 0.5 / static_cast<double>(places) * kALittleMore;
    }
  }
  return 1e-6 * kALittleMore;
}

}  // namespace

PossibleScores::PossibleScores(const Instrument& instrument, const Scale& scale)
    : instrument_(instrument), scale_(scale) {
  for (const uint16_t i : scale.items) {
    const Item& item = instrument.items()[i];
    step_ = std::gcd(step_, StepOf(instrument.value_sets()[item.values]));
    const bool may_drop = item.not_applicable || item.only_for != Sex::kUnknown;
    always_ += may_drop ? 0 : 1;
  }
}

PossibleScores::Pair PossibleScores::NearestTo(const Rational& score,
                                               int64_t counted,
                                               int64_t given) const {
  const int64_t n = scale_.method == ScaleMethod::kMean ? counted : 1;
  const double sum = (score.ToDouble() - scale_.shift.ToDouble()) /
                     scale_.factor.ToDouble() * static_cast<double>(given * n) /
                     static_cast<double>(counted);
  const auto at =
      static_cast<int64_t>(std::floor(sum / static_cast<double>(step_)));
  const auto of = [&](int64_t steps) {
    return Transformed(scale_, steps * step_ * counted, given * n);
  };
  return {of(at), of(at + 1)};
}

bool PossibleScores::IsGivenBy(const Rational& exact,
                               const Rational& score) const {
  if (std::abs(exact.ToDouble() - score.ToDouble()) < Tolerance(score)) {
    return true;
  }
  return scale_.rounding == Rounding::kHalfUp &&
         Rational(exact.RoundHalfUp()) == score;
}

bool PossibleScores::SomeAnswersGive(const Rational& score) const {
  const int64_t missing_max =
      scale_.prorate_declared ? scale_.prorate_missing_max : 0;
  const auto items = static_cast<int64_t>(scale_.items.size());
  for (int64_t counted = std::max<int64_t>(always_, 1); counted <= items;
       ++counted) {
    const int64_t least = std::max<int64_t>(counted - missing_max, 1);
    for (int64_t given = least; given <= counted; ++given) {
      const Pair near = NearestTo(score, counted, given);
      if (IsGivenBy(near.below, score) || IsGivenBy(near.above, score)) {
        return true;
      }
    }
  }
  return false;
}

std::string PossibleScores::WhyNot(const Rational& score) const {
  if (score < scale_.min || score > scale_.max) {
    return absl::StrCat("lies outside ", ToJsonNumber(scale_.min), " to ",
                        ToJsonNumber(scale_.max), ", the scores of ",
                        instrument_.id());
  }
  // Digits side by side are no sum; a scale of zeros has one score.
  const bool has_lattice = scale_.method != ScaleMethod::kDigits && step_ > 0;
  if (!has_lattice || SomeAnswersGive(score)) return "";
  const auto items = static_cast<int64_t>(scale_.items.size());
  const Pair near = NearestTo(score, items, items);
  const auto shown = [&](const Rational& exact) {
    return ToJsonNumber(scale_.rounding == Rounding::kHalfUp
                            ? Rational(exact.RoundHalfUp())
                            : exact);
  };
  return absl::StrCat("comes from no answers to ", instrument_.id(),
                      ": the nearest scores are ", shown(near.below), " and ",
                      shown(near.above));
}

}  // namespace stepwell::instruments
