// What waits for whom: the query (docs/formats/worklist.md) and its answer. A
// service gives them (stepwell/service.h).
#ifndef STEPWELL_WORKLIST_H_
#define STEPWELL_WORKLIST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stepwell/case.h"

namespace stepwell {

struct WorklistQuery {
  std::string owner = "";  // staff reference ("anna"), pool name, or empty: all
  bool include_pools = true;  // with a staff owner: the queues of their pools
  bool overdue_only = false;
  // item, homework (items that answer what patients handed in), letter (items
  // that are letters to whoever referred), alert, message, unread (messages
  // that nobody has read), parked; empty: all of these.
  // waiting: the queue at the door, in its order. patient: one line a case in
  // care, by the priority of its worst open alert, then by when the patient is
  // to do something: late patients are overdue.
  std::string kind = "";
  size_t limit = 50;
  std::string after = "";  // cursor of an earlier page
  // What patients wrote stands in the lines of messages and of parked input;
  // a page then has at most 100 lines.
  bool with_text = false;
  // Who looks: a member of staff sees the queues of pools that they belong to
  // or stand behind (`fallback`), and the lists of those all of whose pools
  // these are. Absent: the host, which sees all.
  std::string viewer = "";
  // mine (of the viewer), team (all that the viewer may see), unowned (queues);
  // empty: `owner`, or the viewer with the queues of their pools.
  std::string whose = "";
  std::string due = "";  // overdue (as `overdue_only`), today: what is still to
                         // come of it, in the zone of the service
  std::optional<int> priority_min = {}, priority_max = {};  // both included
  std::optional<bool> deferred = {};  // only what is put off, or not
  bool with_counts = false;
};
// How much of a kind waits, of all that was asked for.
struct WorkCount {
  // item (but for homework and letters), homework, letter, alert, message, ...
  std::string kind;
  uint64_t total = 0, overdue = 0, today = 0, deferred = 0;
};
struct Worklist {
  // By priority descending, due, case, kind and ordinal; what is put off last.
  std::vector<WorkLine> lines;
  uint64_t total = 0, overdue = 0;
  std::string next;               // cursor; empty at the end
  std::vector<WorkCount> counts;  // when they were asked for; none that is 0
};
std::string ToJson(const Worklist& worklist);

}  // namespace stepwell

#endif  // STEPWELL_WORKLIST_H_
