// The case as it clinically was at a time, by what is known now.
#ifndef STEPWELL_ENGINE_CLINICAL_H_
#define STEPWELL_ENGINE_CLINICAL_H_

#include <optional>
#include <span>
#include <vector>

#include "engine/event.h"
#include "engine/state.h"

namespace stepwell::engine {

struct ClinicalPast {
  CaseState state;
  // What led there, in clinical order. Their sequence numbers are those of the
  // log; the numbers of items, alerts, messages and enrolments count in this
  // order.
  std::vector<Event> events;
};

// Folds the commands whose clinical time is not after `at`, each whole, in
// clinical order, and as they were recorded where that is the same. What was
// taken back since is taken back at once. Nothing is decided again: what a
// command did stays as it was recorded, also where it stood on what came in
// later for an earlier time. An event about what comes later in this order, an
// item that opened after it was done, is taken as soon as that has come.
// `log` is all of the case; the result is in the numbers of the version that it
// is on now.
// Nothing when there was no case.
std::optional<ClinicalPast> ClinicallyAt(std::span<const Event> log,
                                         Instant at);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_CLINICAL_H_
