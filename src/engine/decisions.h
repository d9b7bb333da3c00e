// Internal to the engine: what a decision of criteria, a table or a prediction
// comes to in a case, and what it saw.
#ifndef STEPWELL_ENGINE_DECISIONS_H_
#define STEPWELL_ENGINE_DECISIONS_H_

#include <string>
#include <vector>

#include "engine/event.h"
#include "engine/view.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

struct Weighed {
  // As it would be recorded. The outcome is kUndetermined as long as what is
  // not known could change it; unknown decides nothing.
  DecisionRecorded decision;
  bool ask = false;  // something unknown asks for the question of the item
  // What stands in the way, or what an unsafe answer was given for:
  // "adult: facts.age >= 18; facts.age = unknown".
  std::vector<std::string> unmet;
  std::vector<ElementId> opens;  // items that open with the outcome
};

// The element is a decision with criteria, a table or a prediction.
Weighed WeighDecision(const protocol::Protocol& protocol,
                      const CaseState& state, GuardEvaluator& guards,
                      ElementId element, Instant now);

// criteria.cc: the same for criteria.
Weighed WeighCriteria(const protocol::Protocol& protocol,
                      const CaseState& state, const protocol::Element& element,
                      GuardEvaluator& guards);

// decision_point.cc: the same for an expected response or a linear predictor.
Weighed WeighPrediction(const protocol::Protocol& protocol,
                        const CaseState& state, GuardEvaluator& guards,
                        ElementId element, Instant now);

Answer3 AnswerOf(fhirpath::Tri truth);

// What stands in the way of the guard, under the id of its criterion or row.
void AddUnmet(Weighed& weighed, GuardEvaluator& guards, const std::string& id,
              const protocol::Guard& guard);

// Appends the lines that are not there yet.
void AddLines(std::vector<std::string>& to, std::vector<std::string> lines);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_DECISIONS_H_
