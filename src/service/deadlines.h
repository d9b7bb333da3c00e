// When work is late: one rule for lists, tables and the simulator.
#ifndef STEPWELL_SERVICE_DEADLINES_H_
#define STEPWELL_SERVICE_DEADLINES_H_

#include "stepwell/time.h"

namespace stepwell::service {

// What is done at the very deadline is in time; no deadline is never late.
constexpr bool IsOverdue(Instant due, Instant now) { return due < now; }

// The deadlines of one line while it is on a list: steps of an alert have one
// each, a pause moves them.
struct LineDeadlines {
  Instant due = Instant::Never();           // that holds
  Instant overdue_from = Instant::Never();  // the first that passed

  // Before another deadline holds, when the line goes, and when one looks.
  void PassTo(Instant now) {
    if (overdue_from.IsNever() && IsOverdue(due, now)) overdue_from = due;
  }
  bool WasOverdue() const { return !overdue_from.IsNever(); }
};

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_DEADLINES_H_
