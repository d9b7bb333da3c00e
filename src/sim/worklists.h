// Internal to the simulator: the worklists of the staff and the queues of the
// pools, in the order of the service (priority, due, case, line).
#ifndef STEPWELL_SIM_WORKLISTS_H_
#define STEPWELL_SIM_WORKLISTS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/types.h"
#include "sim/plan.h"
#include "stepwell/time.h"

namespace stepwell::sim {

// A line as it lies in a list. It counts as long as its case still holds the
// stamp; lines that were moved or done stay behind and are passed over.
struct QueuedLine {
  int priority = 0;
  Instant due;
  CaseId case_id;
  uint64_t key = 0;   // service::WorkKey
  uint32_t slot = 0;  // of the case
  uint32_t stamp = 0;

  // Whether `a` is worked after `b`.
  static bool Later(const QueuedLine& a, const QueuedLine& b) {
    if (a.priority != b.priority) return a.priority < b.priority;
    if (a.due != b.due) return a.due > b.due;
    if (a.case_id != b.case_id) return a.case_id > b.case_id;
    return a.key > b.key;
  }
};

// One list: of a member of staff, or of a pool.
class LineList {
 public:
  void Add(const QueuedLine& line) {
    heap_.push_back(line);
    std::push_heap(heap_.begin(), heap_.end(), QueuedLine::Later);
  }
  // The first line that `is_live` holds for; null when there is none.
  template <class IsLive>
  const QueuedLine* First(const IsLive& is_live) {
    while (!heap_.empty() && !is_live(heap_.front())) RemoveFirst();
    return heap_.empty() ? nullptr : &heap_.front();
  }
  void RemoveFirst() {
    std::pop_heap(heap_.begin(), heap_.end(), QueuedLine::Later);
    heap_.pop_back();
  }

 private:
  std::vector<QueuedLine> heap_;
};

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_WORKLISTS_H_
