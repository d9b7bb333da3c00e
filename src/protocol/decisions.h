// What decisions go by: tables of rules, and predictions of a course. Both end
// in outcomes; neither decides anything by what is not known
// (docs/formats/protocol.md, "Decisions").
#ifndef STEPWELL_PROTOCOL_DECISIONS_H_
#define STEPWELL_PROTOCOL_DECISIONS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fhirpath/decimal.h"
#include "fhirpath/fhirpath.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {

// A row of a decision table.
struct TableRule {
  std::string id;
  Guard guard;
  std::vector<OutcomeId> outcomes;  // exactly one unless the table collects
  std::vector<ElementId> opens;     // items that open with it
  std::string pointer;              // where it stands in the document
};

enum class HitPolicy : uint8_t {
  kFirst,    // the first row that is true
  kCollect,  // all rows that are true
};

struct DecisionTable {
  HitPolicy hit = HitPolicy::kFirst;
  std::vector<TableRule> rules;      // in document order, never empty
  std::vector<OutcomeId> otherwise;  // when every row is false; never empty
};

// An expression over the case view that gives one number.
struct Number {
  std::string text;
  std::shared_ptr<const fhirpath::Program> program;
  // Scores that are older are missing in it; none: whatever their age.
  std::optional<Span> max_age;
};

// From when weeks count: exactly one is set.
struct WeekAnchor {
  MilestoneId milestone;
  PhaseId phase;
  ProgramRef program;
};

// What is expected in a week; a week without a row has that of the last one
// before it.
struct ExpectedWeek {
  int week = 0;
  fhirpath::Decimal green;                  // this or better
  std::optional<fhirpath::Decimal> yellow;  // else this or better; else red
};

struct ExpectedResponse {
  Number value;
  bool lower_is_better = true;
  WeekAnchor since;
  std::vector<ExpectedWeek> weeks;  // by week, ascending; never empty
};

struct LinearTerm {
  std::string id;
  Number value;
  fhirpath::Decimal coefficient;
  std::optional<fhirpath::Decimal> mean;  // stands in for a missing value
};

// What is known of the model that a service brings.
struct PredictorFacts {
  std::string name, population;
  int64_t training_n = 0;
  fhirpath::Decimal balanced_accuracy;  // 0..1
  std::string date;                     // when it was trained
};

// intercept + sum of coefficient * value, the higher the worse.
struct LinearPredictor {
  PredictorFacts model;
  fhirpath::Decimal intercept;
  std::optional<fhirpath::Decimal> yellow;  // at least this
  fhirpath::Decimal red;                    // at least this
  std::vector<LinearTerm> terms;            // never empty
};

// How a course is going: green, yellow or red. Exactly one of the two; a
// threshold is a table of the element (Element::table).
struct Prediction {
  OutcomeId green, yellow, red;
  OnUnknown on_unknown = OnUnknown::kBlock;
  std::optional<ExpectedResponse> expected;
  std::optional<LinearPredictor> linear;
};

// The rule id that is recorded when no row of a table held.
inline constexpr char kOtherwise[] = "otherwise";
// The one when a prediction took the unsafe side of what was not known.
inline constexpr char kUnknownRule[] = "on_unknown";

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DECISIONS_H_
