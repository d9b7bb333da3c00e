// What the library knows as tables of plain columns, for data frames. Columns
// keep their names and types; new ones come at the end.
#ifndef STEPWELL_TABLES_H_
#define STEPWELL_TABLES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "stepwell/service.h"
#include "stepwell/simulation.h"
#include "stepwell/table.h"
#include "stepwell/time.h"

namespace stepwell {

// A table of the service by its name:
//   worklist  a line of work; `query` as for WorklistQueryFromJson, all pages
//   timeline  an event of one case; `query` is {"who": ...}
//   service_log  an event of the service's own stream: staff, versions, safe
//             mode, parked input
//   summary   a figure of the service (section, name, statistic, value)
//   outcomes  a measure, of all and of each group; `query` as for
//             LogOutcomesRequestFromJson
//   rescored  a score that another document of an instrument gives otherwise;
//             `query` is {"instrument": {...}, "as_known_at"}
//   referral, episode, enrolment, response, answer, score, subscale, alert,
//   contact_minutes, clock_interval, assignment, staff_week, alert_week,
//   checklist, worklist_line, course: the log (docs/formats/tables.md); `query` is
//             {"as_known_at": time}, of `course` {"complaint": fact} too
absl::StatusOr<Table> ServiceTable(Service& service, std::string_view name,
                                   std::string_view query, Instant now);

// The tables of the log, in the order of their page; "rescored", which asks for
// a document, is none of them.
std::vector<std::string> LogTableNames();

// A table of a simulation: "measures", "replications", or "differences" of one
// that was compared (SimulationOptions::against).
absl::StatusOr<Table> SimulationTable(const SimulationResult& result,
                                      std::string_view name);

}  // namespace stepwell

#endif  // STEPWELL_TABLES_H_
