// Internal to the room: the answers of a questionnaire as a command keeps
// them. Nothing is dropped: what cannot be read stands there as it came.
#ifndef STEPWELL_WIRE_GIVEN_ANSWERS_H_
#define STEPWELL_WIRE_GIVEN_ANSWERS_H_

#include <string>
#include <vector>

#include "engine/types.h"
#include "instruments/instrument.h"
#include "json/json.h"

namespace stepwell::wire {

struct GivenAnswers {
  std::vector<engine::GivenAnswer> answers;  // in item order
  std::vector<std::string> problems;
};

// `answers` as instruments/answers_json.h takes them. When it is unclear which
// answer belongs to which item (an array of a wrong length), every item is
// unreadable, so that nothing is scored wrongly and a risk item is unknown; a
// risk item is still read by its place when the answer there discloses risk.
GivenAnswers ReadGivenAnswers(const instruments::Instrument& instrument,
                              json::Value answers);

// Answers to no known instrument, kept by name.
std::vector<engine::GivenAnswer> UnknownAnswers(json::Value answers);

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_GIVEN_ANSWERS_H_
