// Mutants of a protocol document: one thing of one clock is changed, and the
// document stays valid.
#ifndef STEPWELL_TESTS_SCENARIOS_LADDER_MUTANTS_SUPPORT_H_
#define STEPWELL_TESTS_SCENARIOS_LADDER_MUTANTS_SUPPORT_H_

#include <string>
#include <vector>

namespace stepwell::testing {

struct Mutant {
  std::string clock;
  std::string what;      // "rung 1: do nothing", "late: fire", ...
  std::string document;  // the whole protocol document
};

// Of every clock of a protocol of the catalogue: each rung does something
// harmless instead of what it does; leaves out one of its deeds; comes earlier; comes after twice the span;
// repeats half as often, or never; the budget is twice as long; and each other
// lateness policy, where the ladder has more than one rung (with one there is
// nothing to coalesce or to shift). A follow-up window opens earlier, closes
// later, and does something else when it is missed. An overlay has the clocks
// of its base.
std::vector<Mutant> LadderMutants(const std::string& protocol);

// The document through the same hands, with nothing changed.
Mutant Unchanged(const std::string& protocol);

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_SCENARIOS_LADDER_MUTANTS_SUPPORT_H_
