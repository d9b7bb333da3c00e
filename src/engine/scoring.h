// Internal to the engine: what a response to a questionnaire scores, as it is
// recorded. A pure function of the instrument and the answers.
#ifndef STEPWELL_ENGINE_SCORING_H_
#define STEPWELL_ENGINE_SCORING_H_

#include <vector>

#include "engine/event.h"
#include "engine/state.h"
#include "instruments/answers.h"
#include "instruments/score.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

// The answers as the instrument reads them: what it cannot read is unreadable,
// never a value.
instruments::Answers ReadAnswers(const instruments::Instrument& instrument,
                                 const std::vector<GivenAnswer>& given);

// The answer is one that its item takes: only then does it say anything to
// facts and guards. What is unreadable, out of range, blank or "not applicable"
// leaves them unknown.
bool Says(const instruments::Instrument& instrument, const GivenAnswer& answer);

// What the case knows of the person that a score hangs on: the facts with the
// ids `sex` (female, male or other) and `age` (years, or the day of birth,
// which gives the age on the day of `at`). Sex and birth date in the register
// are erasable and no part of a case.
instruments::ScoreContext ContextOf(const protocol::Protocol& protocol,
                                    const CaseState& state, Instant at);

// What is recorded of the result, flags by the first profile, but for the
// response and the instrument that it is of.
ScoreRecorded ScoreOf(const instruments::Instrument& instrument,
                      const instruments::ScoreResult& result);

// The number of the band that a total lies in; 0xFF = none.
uint8_t BandOf(const instruments::Instrument& instrument,
               const instruments::Rational& total);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_SCORING_H_
