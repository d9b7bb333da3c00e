// Internal to the store room: the order of all work lines in memory, one
// ordered list an owner. It holds places, not payloads; the rows themselves
// stay with their streams.
#ifndef STEPWELL_STORE_WORK_INDEX_H_
#define STEPWELL_STORE_WORK_INDEX_H_

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "store/store.h"

namespace stepwell::store {

// Where a line stands: ascending in this order.
struct WorkPlace {
  int64_t rank = 0;  // minus the priority
  Instant due;
  StreamKey stream;
  uint64_t key = 0;
  auto operator<=>(const WorkPlace&) const = default;
};

// The filters of a scan, one by one.
bool HasKind(const WorkScan& scan, uint32_t kind);
bool IsDue(const WorkScan& scan, Instant due);
bool HasPriority(const WorkScan& scan, int32_t priority);

// One more line of the tally's kind.
void AddTo(WorkTally& tally, const WorkCuts& cuts, int64_t priority,
           Instant due);
std::vector<WorkTally> ByKind(const std::map<uint32_t, WorkTally>& tallies);

WorkPlace PlaceOf(StreamKey stream, const WorkRow& row);
WorkPlace PlaceOf(const WorkCursor& cursor);

class WorkIndex {
 public:
  void Insert(StreamKey stream, const WorkRow& row);
  void Erase(StreamKey stream, const WorkRow& row);
  // True when the row stands where its last Insert put it.
  bool Contains(StreamKey stream, const WorkRow& row) const;

  // Places that pass the scan's filters but `stream`, in order.
  std::vector<WorkPlace> Scan(const WorkScan& scan) const;
  uint64_t Count(const WorkScan& scan) const;
  std::vector<WorkTally> Tally(const WorkScan& scan,
                               const WorkCuts& cuts) const;

  size_t size() const { return size_; }

 private:
  using List = absl::btree_map<WorkPlace, uint32_t>;  // to the row's kind

  // The first line that is not before the scan's priorities and its cursor.
  static List::const_iterator Begin(const WorkScan& scan, const List& list);
  template <class Visit>
  void Walk(const WorkScan& scan, Visit visit) const;
  template <class Visit>
  void WalkAny(const WorkScan& scan, Visit visit) const;
  template <class Visit>
  void Merge(const WorkScan& scan, Visit visit) const;

  absl::flat_hash_map<uint64_t, List> owners_;
  size_t size_ = 0;
};

}  // namespace stepwell::store

#endif  // STEPWELL_STORE_WORK_INDEX_H_
