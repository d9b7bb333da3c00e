// Which numbers the scores of a questionnaire can be: a typing error in a score
// that is given by hand is found by that.
#ifndef STEPWELL_INSTRUMENTS_POSSIBLE_SCORES_H_
#define STEPWELL_INSTRUMENTS_POSSIBLE_SCORES_H_

#include <cstdint>
#include <string>

#include "instruments/instrument.h"

namespace stepwell::instruments {

// Of one scale of an instrument, both of which must outlive it.
class PossibleScores {
 public:
  PossibleScores(const Instrument& instrument, const Scale& scale);

  // Why `score` is none: "lies outside 0 to 27, ..."; empty when some answers
  // give it, exactly or rounded, and prorated where the document declares it.
  // A score in tenths, hundredths and so on is compared to as many places, any
  // other to six: nobody writes down the whole of a third.
  std::string WhyNot(const Rational& score) const;

 private:
  // The scores on both sides of one when `counted` items concern the person
  // and `given` of them are answered.
  struct Pair {
    Rational below, above;
  };
  Pair NearestTo(const Rational& score, int64_t counted, int64_t given) const;
  bool IsGivenBy(const Rational& exact, const Rational& score) const;
  bool SomeAnswersGive(const Rational& score) const;

  const Instrument& instrument_;
  const Scale& scale_;
  int64_t step_ = 0;    // every value of every item is a multiple
  int64_t always_ = 0;  // items that concern everybody
};

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_POSSIBLE_SCORES_H_
