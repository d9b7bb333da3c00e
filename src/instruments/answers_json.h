// Answers as JSON: an array in item order, or an object by item.
#ifndef STEPWELL_INSTRUMENTS_ANSWERS_JSON_H_
#define STEPWELL_INSTRUMENTS_ANSWERS_JSON_H_

#include <vector>

#include "absl/status/statusor.h"
#include "instruments/answers.h"
#include "json/json.h"

namespace stepwell::instruments {

// Reads one of
//   [0, 1, null, 2]                     in item order; null = not answered.
//                                       One entry an item; the optional items
//                                       at the end may be left out together
//   {"q1": 0, "44255-8": 1}             by item id, LOINC code or linkId
//   {"fear": [0, 1], "avoidance": [2]}  by group of a matrix, in item order
// An answer is a number, a boolean, a string (text, a date, a value's id or
// code, "not_applicable") or {"code": ..., "system": ..., "ordinal": ...}.
// Answers that cannot be read are problems of the result; a status means that
// it is unclear which answer belongs to which item (a wrong count).
absl::StatusOr<MatchResult> ReadJsonAnswers(const Instrument& instrument,
                                            json::Value answers);

// The same before it is matched, in the order of the document; the views live
// as long as the document. For callers that keep what came as it came.
absl::StatusOr<std::vector<RawAnswer>> ReadRawAnswers(
    const Instrument& instrument, json::Value answers);

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_ANSWERS_JSON_H_
