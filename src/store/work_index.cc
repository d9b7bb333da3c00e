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

void AddTo(WorkTally& tally, const WorkCuts& cuts, int64_t priority,
           Instant due) {
  ++tally.lines;
  if (due < cuts.due_first) {
    ++tally.due_first;
  } else if (due < cuts.due_last) {
    ++tally.due_last;
  }
  if (priority <= cuts.priority_max) ++tally.low;
}

std::vector<WorkTally> ByKind(const std::map<uint32_t, WorkTally>& tallies) {
  std::vector<WorkTally> rows;
  for (const auto& [kind, tally] : tallies) {
    rows.push_back(tally);
    rows.back().kind = kind;
  }
  return rows;
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

// Calls visit(line) for every line that passes, in order, while it returns
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
    return !passes(line) || visit(line);
  };
  if (!scan.owner) return Merge(scan, checked);
  const auto owner = owners_.find(*scan.owner);
  if (owner == owners_.end()) return;
  const List& list = owner->second;
  auto line = Begin(scan, list);
  while (line != list.end() && checked(*line)) ++line;
}

// One list after the other: what is only counted needs no order.
template <class Visit>
void WorkIndex::WalkAny(const WorkScan& scan, Visit visit) const {
  if (scan.owner) return Walk(scan, visit);
  WorkScan one = scan;
  for (const auto& [owner, list] : owners_) {
    one.owner = owner;
    Walk(one, visit);
  }
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
  Walk(scan, [&](const List::value_type& line) {
    places.push_back(line.first);
    return places.size() < scan.limit;
  });
  return places;
}

uint64_t WorkIndex::Count(const WorkScan& scan) const {
  uint64_t count = 0;
  WalkAny(scan, [&](const List::value_type&) {
    ++count;
    return true;
  });
  return count;
}

std::vector<WorkTally> WorkIndex::Tally(const WorkScan& scan,
                                        const WorkCuts& cuts) const {
  std::map<uint32_t, WorkTally> tallies;
  WalkAny(scan, [&](const List::value_type& line) {
    AddTo(tallies[line.second], cuts, -line.first.rank, line.first.due);
    return true;
  });
  return ByKind(tallies);
}

}  // namespace stepwell::store
