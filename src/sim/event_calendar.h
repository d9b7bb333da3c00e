// Internal to the simulator: what is to happen, in order of time, then of
// priority, then of the order in which it was planned.
#ifndef STEPWELL_SIM_EVENT_CALENDAR_H_
#define STEPWELL_SIM_EVENT_CALENDAR_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "stepwell/time.h"

namespace stepwell::sim {

template <class What>
class EventCalendar {
 public:
  struct Entry {
    Instant at;
    uint64_t order = 0;  // priority in the upper 8 bits, sequence below
    What what;
  };

  // At equal times the lower priority number comes first.
  void Add(Instant at, uint8_t priority, const What& what) {
    AddOrdered(at, priority, sequence_++, what);
  }
  // With a sequence of the caller's, below 2^56: entries of one priority whose
  // order must not depend on when they were planned.
  void AddOrdered(Instant at, uint8_t priority, uint64_t sequence,
                  const What& what) {
    heap_.push_back({at, uint64_t{priority} << 56 | sequence, what});
    std::push_heap(heap_.begin(), heap_.end(), Later());
  }

  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  // The next entry; the calendar must not be empty.
  const Entry& next() const { return heap_.front(); }
  Entry Take() {
    std::pop_heap(heap_.begin(), heap_.end(), Later());
    const Entry entry = heap_.back();
    heap_.pop_back();
    return entry;
  }

 private:
  struct Later {  // a type, so that the heap's functions take it in
    bool operator()(const Entry& a, const Entry& b) const {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  std::vector<Entry> heap_;
  uint64_t sequence_ = 0;
};

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_EVENT_CALENDAR_H_
