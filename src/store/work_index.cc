// Ordered worklists in memory.
#include "store/work_index.h"

#include <algorithm>
#include <utility>

namespace stepwell::store {

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
    return (!scan.kind || *scan.kind == line.second) &&
           (!scan.due_before || line.first.due < *scan.due_before);
  };
  const auto checked = [&](const List::value_type& line) {
    return !passes(line) || visit(line.first);
  };
  if (!scan.owner) return Merge(scan, checked);
  if (scan.but == scan.owner) return;
  const auto owner = owners_.find(*scan.owner);
  if (owner == owners_.end()) return;
  const List& list = owner->second;
  auto line =
      scan.after ? list.upper_bound(PlaceOf(*scan.after)) : list.begin();
  while (line != list.end() && checked(*line)) ++line;
}

// The lists of all owners as one. Places are unique, so the order does not
// depend on the map's.
template <class Visit>
void WorkIndex::Merge(const WorkScan& scan, Visit visit) const {
  using Head = std::pair<List::const_iterator, List::const_iterator>;
  std::vector<Head> heads;
  heads.reserve(owners_.size());
  for (const auto& [owner, list] : owners_) {
    if (scan.but == owner) continue;
    const auto begin =
        scan.after ? list.upper_bound(PlaceOf(*scan.after)) : list.begin();
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
