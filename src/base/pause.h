// Time budgets that stand still for a while.
#ifndef STEPWELL_BASE_PAUSE_H_
#define STEPWELL_BASE_PAUSE_H_

#include "base/span.h"

namespace stepwell {

// Where the end of a budget lies when nothing of it is used between `paused`
// and `resumed`: what was left of it at `paused`, counted in its unit from
// `resumed`.
//   - wall time moves by what a stopwatch shows;
//   - dates keep their distance by the local clock;
//   - of workdays those that were still to come are counted again (on the last
//     one none is: it ends at the next close of business), of workhours the
//     open time.
// What had come by `paused` stays for workdays and workhours, and moves along
// for all else. A later `end` never gives an earlier result. Without the
// calendar that a unit needs, and beyond the years 1 to 9999, wall time counts.
Instant EndAfterPause(Instant end, SpanUnit unit, Instant paused,
                      Instant resumed, const Zone& zone,
                      const WorkCalendar* calendar);

}  // namespace stepwell

#endif  // STEPWELL_BASE_PAUSE_H_
