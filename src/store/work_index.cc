// Ordered worklists in memory.
#include "store/work_index.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace stepwell::store {

bool HasKind(const WorkScan& scan, uint32_t kind) {
  return !scan.kinds || (kind < 64 && (*scan.kinds >> kind & 1) != 0);
}

bool IsDue(const WorkScan& scan, Instant due) {
  return (!scan.due_from || due >= *scan.due_from) &&
         (!scan.due_before || due < *scan.due_before);
}

bool HasPriority(const WorkScan& scan, int32_t priority) {
  return (!scan.priority_min || priority >= *scan.priority_min) &&
         (!scan.priority_max || priority <= *scan.priority_max);
}

WorkPlace PlaceOf(StreamKey stream, const WorkRow& row) {
  return {-static_cast<int64_t>(row.priority), row.due, stream, row.key};
}

WorkPlace PlaceOf(const WorkCursor& cursor) {
  return {-static_cast<int64_t>(cursor.priority), cursor.due, cursor.stream,
          cursor.key};
}

void WorkIndex::Insert(StreamKey stream, const WorkRow& row) {
  const bool added = owners_[row.owner]
                         .insert_or_assign(PlaceOf(stream, row), row.kind)
                         .second;
  if (added) ++size_;
}

void WorkIndex::Erase(StreamKey stream, const WorkRow& row) {
  const auto owner = owners_.find(row.owner);
  if (owner == owners_.end()) return;
  size_ -= owner->second.erase(PlaceOf(stream, row));
  if (owner->second.empty()) owners_.erase(owner);
}

bool WorkIndex::Contains(StreamKey stream, const WorkRow& row) const {
  const auto owner = owners_.find(row.owner);
  if (owner == owners_.end()) return false;
  const auto place = owner->second.find(PlaceOf(stream, row));
  return place != owner->second.end() && place->second == row.kind;
}

// Calls visit(place) for every line that passes, in order, while it returns
// true.
template <class Visit>
void WorkIndex::Walk(const WorkScan& scan, Visit visit) const {
  const auto passes = [&scan](const List::value_type& line) {
    return HasKind(scan, line.second) && IsDue(scan, line.first.due);
  };
  // Places are in the order of priorities: those above are stepped over at
  // once, and below them the walk ends.
  const int64_t last = scan.priority_min ? -int64_t{*scan.priority_min}
                                         : std::numeric_limits<int64_t>::max();
  const auto checked = [&](const List::value_type& line) {
    if (line.first.rank > last) return false;
    return !passes(line) || visit(line.first);
  };
  if (!scan.owner) return Merge(scan, checked);
  const auto owner = owners_.find(*scan.owner);
  if (owner == owners_.end()) return;
  const List& list = owner->second;
  auto line = Begin(scan, list);
  while (line != list.end() && checked(*line)) ++line;
}

WorkIndex::List::const_iterator WorkIndex::Begin(const WorkScan& scan,
                                                 const List& list) {
  constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
  const WorkPlace first{
      scan.priority_max ? -int64_t{*scan.priority_max} : kFirst,
      Instant{kFirst},
      {},
      0};
  if (!scan.after || PlaceOf(*scan.after) < first) {
    return list.lower_bound(first);
  }
  return list.upper_bound(PlaceOf(*scan.after));
}

// The lists of all owners as one. Places are unique, so the order does not
// depend on the map's.
template <class Visit>
void WorkIndex::Merge(const WorkScan& scan, Visit visit) const {
  using Head = std::pair<List::const_iterator, List::const_iterator>;
  std::vector<Head> heads;
  heads.reserve(owners_.size());
  for (const auto& [owner, list] : owners_) {
    const auto begin = Begin(scan, list);
    if (begin != list.end()) heads.emplace_back(begin, list.end());
  }
  const auto later = [](const Head& a, const Head& b) {
    return a.first->first > b.first->first;
  };
  std::make_heap(heads.begin(), heads.end(), later);
  while (!heads.empty()) {
    std::pop_heap(heads.begin(), heads.end(), later);
    Head& first = heads.back();
    if (!visit(*first.first)) return;
    if (++first.first == first.second) {
      heads.pop_back();
    } else {
      std::push_heap(heads.begin(), heads.end(), later);
    }
  }
}

std::vector<WorkPlace> WorkIndex::Scan(const WorkScan& scan) const {
  std::vector<WorkPlace> places;
  if (scan.limit == 0) return places;
  Walk(scan, [&](const WorkPlace& place) {
    places.push_back(place);
    return places.size() < scan.limit;
  });
  return places;
}

uint64_t WorkIndex::Count(const WorkScan& scan) const {
  uint64_t count = 0;
  Walk(scan, [&](const WorkPlace&) {
    ++count;
    return true;
  });
  return count;
}

}  // namespace stepwell::store
