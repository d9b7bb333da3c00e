// Worklists: which lists a query asks for, and the lines of them.
#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "host/lines.h"
#include "host/service_impl.h"
#include "service/sight.h"
#include "service/world.h"
#include "store/work_index.h"

namespace stepwell::host {

using service::WorkKind;

namespace {

using Lists = std::vector<ListAsked>;

constexpr size_t kLinesMax = 10'000;
constexpr size_t kLinesWithTextMax = 100;
constexpr int64_t kDayUs = int64_t{24} * 3600 * 1'000'000;
// Priorities lie between -100 and 100; what is put off lies below them all.
constexpr int kPriorityEnd = service::kDeferredBelow / 2;

constexpr WorkKind kCounted[] = {WorkKind::kAlert,    WorkKind::kMessage,
                                 WorkKind::kHomework, WorkKind::kLetter,
                                 WorkKind::kItem,     WorkKind::kParked,
                                 WorkKind::kPatient};

absl::StatusOr<uint64_t> KindsOf(const std::string& name) {
  if (name.empty()) return kWorkKinds;
  if (name == KindName(WorkKind::kItem)) {
    return Bit(WorkKind::kItem) | Bit(WorkKind::kHomework) |
           Bit(WorkKind::kLetter);
  }
  if (name == KindName(WorkKind::kMessage)) {
    return Bit(WorkKind::kMessage) | Bit(WorkKind::kUnread);
  }
  if (name == KindName(WorkKind::kUnread)) return Bit(WorkKind::kUnread);
  for (const WorkKind kind : kCounted) {
    if (name == KindName(kind)) return Bit(kind);
  }
  return InvalidInput(
      absl::StrCat("\"", name,
                   "\" is no kind of work: item, homework, letter, alert, "
                   "message, unread, parked, waiting or patient"));
}

bool IsOneOf(const std::string& word,
             std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

absl::Status CheckWords(const WorklistQuery& query) {
  if (!IsOneOf(query.whose, {"", "mine", "team", "unowned"})) {
    return InvalidInput("`whose` is mine, team or unowned");
  }
  if (!IsOneOf(query.due, {"", "overdue", "today"})) {
    return InvalidInput("`due` is overdue or today");
  }
  const auto outside = [](const std::optional<int>& priority) {
    return priority && (*priority < -100 || *priority > 100);
  };
  if (outside(query.priority_min) || outside(query.priority_max)) {
    return InvalidInput("priorities lie between -100 and 100");
  }
  if (query.priority_min && query.priority_max &&
      *query.priority_min > *query.priority_max) {
    return InvalidInput(
        "no priority is at least `priority_min` and at most `priority_max`");
  }
  if (!query.whose.empty() && !query.owner.empty()) {
    return InvalidInput("a list is asked for by `owner` or by `whose`");
  }
  if (IsOneOf(query.whose, {"mine", "team"}) && query.viewer.empty()) {
    return InvalidInput(
        absl::StrCat("whose \"", query.whose, "\" needs `viewer`: who looks"));
  }
  return absl::OkStatus();
}

// When the day of the service ends in which `now` lies.
Instant EndOfDay(const Zone& zone, Instant now) {
  return FirstAtOrAfter(zone, {ToLocal(zone, now).date, kDayUs});
}

void DueBefore(Instant end, store::WorkScan& scan) {
  scan.due_before = std::min(scan.due_before.value_or(end), end);
}

void AddPriorities(const WorklistQuery& query, store::WorkScan& scan) {
  if (!query.deferred && !query.priority_min && !query.priority_max) return;
  const int shift =
      query.deferred.value_or(false) ? -service::kDeferredBelow : 0;
  const auto within = [](int priority) {
    return std::clamp(priority, 1 - kPriorityEnd, kPriorityEnd - 1);
  };
  scan.priority_min =
      shift + within(query.priority_min.value_or(-kPriorityEnd));
  scan.priority_max = shift + within(query.priority_max.value_or(kPriorityEnd));
}

absl::StatusOr<store::WorkScan> ScanOf(const WorklistQuery& query,
                                       const Zone& zone, Instant now) {
  store::WorkScan scan;
  STEPWELL_ASSIGN_OR_RETURN(scan.kinds, KindsOf(query.kind));
  AddPriorities(query, scan);
  if (query.overdue_only || query.due == "overdue") scan.due_before = now;
  if (query.due == "today") {
    scan.due_from = now;
    DueBefore(EndOfDay(zone, now), scan);
  }
  if (!query.after.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(scan.after, ReadCursor(query.after));
  }
  scan.limit =
      std::min(query.limit, query.with_text ? kLinesWithTextMax : kLinesMax) +
      1;
  return scan;
}

constexpr auto kAlertKind = static_cast<uint32_t>(WorkKind::kAlert);
constexpr auto kParkedKind = static_cast<uint32_t>(WorkKind::kParked);

// The scan to what the list has.
void Narrow(const ListAsked& list, store::WorkScan& scan) {
  scan.owner = list.owner;
  if (!list.alerts_only) return;
  scan.kinds = scan.kinds.value_or(kWorkKinds) &
               (Bit(WorkKind::kAlert) | Bit(WorkKind::kParked));
  // Parked input without risk has none.
  scan.priority_min = std::max(scan.priority_min.value_or(1), 1);
}

void AddQueues(const std::vector<std::string>& pools, Lists& lists) {
  for (const std::string& pool : pools) {
    lists.push_back({service::OwnerKeyOfPool(pool)});
  }
}

void AddQueuesSeen(const service::Sight& sight, Lists& lists) {
  AddQueues(sight.pools(), lists);
  for (const std::string& pool : sight.deserted()) {
    if (!sight.Sees(pool)) lists.push_back({service::OwnerKeyOfPool(pool)});
  }
  for (const std::string& pool : sight.unguarded()) {
    if (sight.Finds(pool)) continue;
    lists.push_back({service::OwnerKeyOfPool(pool)});
    lists.back().alerts_only = true;
  }
}

// Their own list, and those of whom they cover for now.
void AddMember(StaffId staff, service::Sights& sights, Lists& lists) {
  lists.push_back({service::OwnerKey(staff)});
  for (uint32_t i = 1; i <= sights.service().staff.size(); ++i) {
    if (StaffId(i) != staff && service::DoerOf(sights, StaffId(i)) == staff) {
      lists.push_back({service::OwnerKey(StaffId(i))});
    }
  }
}

// What the viewer sees of a member's list.
ListAsked ListOf(const service::Sight& sight, StaffId member, StaffId viewer) {
  ListAsked list{service::OwnerKey(member)};
  if (!sight.Sees(member)) {
    list.left_by = member;
    list.viewer = viewer;
  }
  return list;
}

// Somebody acted for another, and does so no more: work that they took
// meanwhile may lie with them.
bool HasActed(const engine::StaffState& staff, Instant now) {
  return std::any_of(
      staff.delegations.begin(), staff.delegations.end(),
      [now](const engine::DelegationState& one) { return one.to <= now; });
}

// What lies with a member and is done by nobody: all of it while they are away
// and nobody covers; else what is of pools that are theirs no more, and alerts
// while they are off duty. Viewer 0: the host.
void AddUndone(StaffId viewer, service::Sights& sights, Lists& lists) {
  const engine::ServiceState& service = sights.service();
  for (uint32_t i = 1; i <= service.staff.size(); ++i) {
    const StaffId member(i);
    if (service::DoerOf(sights, member).value == 0) {
      lists.push_back(viewer.value == 0
                          ? ListAsked{service::OwnerKey(member)}
                          : ListOf(sights.Of(viewer), member, viewer));
    } else {
      const bool is_off = !sights.IsAtHand(member);
      const bool has_acted = HasActed(service.staff[i - 1], sights.now());
      if (!is_off && !has_acted) continue;
      lists.push_back({service::OwnerKey(member), member, viewer, is_off,
                       /*alerts_only=*/!has_acted});
    }
    lists.back().is_remainder = true;
  }
}

// Of all who ever left few have left something: one look at each is enough,
// however many they become.
absl::Status DropEmptyRemainders(store::Store& store, Lists& lists) {
  store::WorkScan any;
  any.limit = 1;
  Lists kept;
  for (ListAsked& list : lists) {
    if (list.is_remainder) {
      any.owner = list.owner;
      STEPWELL_ASSIGN_OR_RETURN(const auto found, store.ScanWork(any));
      if (found.empty()) continue;
    }
    kept.push_back(std::move(list));
  }
  lists = std::move(kept);
  return absl::OkStatus();
}

// A pool's name is the pool's, whoever else has it: its queue must be found.
StaffId MemberNamed(const std::string& name, service::Sights& sights) {
  const std::vector<std::string> pools = service::PoolsOf(sights.versions());
  return std::find(pools.begin(), pools.end(), name) == pools.end()
             ? sights.service().FindStaff(name)
             : StaffId();
}

Lists ListsOfMember(StaffId staff, bool with_pools, service::Sights& sights) {
  Lists lists;
  AddMember(staff, sights, lists);
  if (with_pools) {
    AddQueues(sights.service().staff[staff.value - 1].pools, lists);
  }
  return lists;
}

std::string PoolsText(const service::Sight& sight) {
  std::string text;
  for (const std::string& pool : sight.pools()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", pool);
  }
  return text;
}

}  // namespace

// What somebody sees who is not the host.
absl::StatusOr<Lists> ServiceImpl::ListsSeen(const WorklistQuery& query,
                                             StaffId viewer,
                                             service::Sights& sights,
                                             Instant now) {
  const engine::ServiceState& service = runtime_->service();
  const service::Sight& sight = sights.Of(viewer);
  Lists lists;
  if (query.whose == "unowned") {
    AddQueuesSeen(sight, lists);
    AddUndone(viewer, sights, lists);
    return lists;
  }
  if (query.whose == "team") {
    for (uint32_t i = 1; i <= service.staff.size(); ++i) {
      lists.push_back(ListOf(sight, StaffId(i), viewer));
      lists.back().is_shared = true;
    }
    AddQueuesSeen(sight, lists);
    return lists;
  }
  const StaffId staff =
      query.owner.empty() ? viewer : MemberNamed(query.owner, sights);
  const bool seen =
      staff.value != 0 ? sight.Sees(staff) : sight.Finds(query.owner);
  if (!seen && (staff.value != 0 || sight.FindsAlerts(query.owner))) {
    lists.push_back(staff.value != 0
                        ? ListOf(sight, staff, viewer)
                        : ListAsked{service::OwnerKeyOfPool(query.owner)});
    lists.back().is_shared = true;
    lists.back().alerts_only = staff.value == 0;
    store::WorkScan all;
    STEPWELL_ASSIGN_OR_RETURN(const auto left,
                              LinesOf(lists.front(), all, sights));
    if (!left.empty()) return lists;
  }
  if (!seen) {
    return Precondition(
        absl::StrCat(query.viewer, " does not see the list of ", query.owner,
                     ", but what lies with: ", PoolsText(sight)));
  }
  if (staff.value != 0) {
    return ListsOfMember(staff, query.include_pools && query.whose != "mine",
                         sights);
  }
  WorklistQuery shown = query;
  shown.viewer.clear();
  shown.whose.clear();
  return ListsOf(shown, sights, now);
}

// Everybody's, a pool's queue, or a member's own, those of whom they cover for,
// and the queues of the pools they belong to.
absl::StatusOr<Lists> ServiceImpl::ListsOf(const WorklistQuery& query,
                                           service::Sights& sights,
                                           Instant now) {
  const engine::ServiceState& service = runtime_->service();
  if (!query.viewer.empty()) {
    const StaffId viewer = service.FindStaff(query.viewer);
    if (viewer.value == 0) {
      return NotFound(
          absl::StrCat("\"", query.viewer, "\" is no member of staff"));
    }
    if (service.staff[viewer.value - 1].left_at <= now) {
      return Precondition(absl::StrCat(query.viewer, " has left the service"));
    }
    if (service.staff[viewer.value - 1].starts_at > now) {
      return Precondition(absl::StrCat(query.viewer, " begins later"));
    }
    return ListsSeen(query, viewer, sights, now);
  }
  Lists lists;
  if (query.whose == "unowned") {
    lists.push_back({service::OwnerKeyOfPool("")});
    AddQueues(service::PoolsOf(sights.versions()), lists);
    AddUndone(StaffId(0), sights, lists);
    return lists;
  }
  if (query.owner.empty()) {
    lists.push_back({});
    return lists;
  }
  const StaffId staff = MemberNamed(query.owner, sights);
  if (staff.value != 0) {
    return ListsOfMember(staff, query.include_pools, sights);
  }
  const std::vector<std::string> pools = service::PoolsOf(sights.versions());
  if (std::find(pools.begin(), pools.end(), query.owner) == pools.end()) {
    return NotFound(absl::StrCat("\"", query.owner,
                                 "\" is no member of staff and no pool"));
  }
  lists.push_back({service::OwnerKeyOfPool(query.owner)});
  return lists;
}

absl::StatusOr<std::vector<store::WorkLine>> ServiceImpl::LinesOf(
    const ListAsked& list, store::WorkScan scan, service::Sights& sights) {
  Narrow(list, scan);
  if (list.left_by.value == 0) return runtime_->store().ScanWork(scan);
  scan.limit = kLinesMax;
  STEPWELL_ASSIGN_OR_RETURN(auto page, runtime_->store().ScanWork(scan));
  std::vector<store::WorkLine> left;
  if (page.empty()) return left;  // before it is worked out what they see
  const service::Sight& holder = sights.Of(list.left_by);
  const bool is_undone = service::DoerOf(sights, list.left_by).value == 0;
  const auto is_seen = [&](const std::string& pool, bool is_alert) {
    if (list.viewer.value == 0) return true;
    const service::Sight& viewer = sights.Of(list.viewer);
    return is_alert ? viewer.FindsAlerts(pool) : viewer.Finds(pool);
  };
  while (true) {
    for (store::WorkLine& line : page) {
      scan.after = store::WorkCursor{line.row.priority, line.row.due,
                                     line.stream, line.row.key};
      STEPWELL_ASSIGN_OR_RETURN(const auto payload, ReadPayload(line.row));
      const bool is_alert =
          line.row.kind == kAlertKind ||
          (line.row.kind == kParkedKind && line.row.priority > 0);
      const bool is_left = is_undone || !holder.Sees(payload.pool) ||
                           (list.is_shared && is_alert);
      if (is_left && is_seen(payload.pool, is_alert)) {
        left.push_back(std::move(line));
      }
    }
    if (page.size() < scan.limit) return left;
    STEPWELL_ASSIGN_OR_RETURN(page, runtime_->store().ScanWork(scan));
  }
}

absl::StatusOr<std::vector<store::WorkTally>> ServiceImpl::TallyOf(
    const ListAsked& list, const store::WorkScan& scan,
    const store::WorkCuts& cuts, service::Sights& sights) {
  if (list.left_by.value == 0) {
    store::WorkScan of_list = scan;
    Narrow(list, of_list);
    return runtime_->store().TallyWork(of_list, cuts);
  }
  STEPWELL_ASSIGN_OR_RETURN(const auto lines, LinesOf(list, scan, sights));
  std::map<uint32_t, store::WorkTally> tallies;
  for (const store::WorkLine& line : lines) {
    store::AddTo(tallies[line.row.kind], cuts, line.row.priority, line.row.due);
  }
  return store::ByKind(tallies);
}

absl::Status ServiceImpl::AddCounts(const Lists& lists,
                                    const store::WorkScan& scan,
                                    service::Sights& sights, Instant now,
                                    bool by_kind, Worklist& result) {
  const store::WorkCuts cuts{now, EndOfDay(*runtime_->current()->zone, now),
                             -kPriorityEnd};
  std::map<WorkKind, WorkCount> counts;
  for (const auto& list : lists) {
    STEPWELL_ASSIGN_OR_RETURN(const auto tallies,
                              TallyOf(list, scan, cuts, sights));
    for (const store::WorkTally& tally : tallies) {
      const WorkKind kind = static_cast<WorkKind>(tally.kind);
      WorkCount& count =
          counts[kind == WorkKind::kUnread ? WorkKind::kMessage : kind];
      count.total += tally.lines;
      count.overdue += tally.due_first;
      count.today += tally.due_last;
      count.deferred += tally.low;
      result.total += tally.lines;
      result.overdue += tally.due_first;
    }
  }
  if (!by_kind) return absl::OkStatus();
  for (const WorkKind kind : kCounted) {
    const auto count = counts.find(kind);
    if (count == counts.end()) continue;
    count->second.kind = KindName(kind);
    result.counts.push_back(count->second);
  }
  return absl::OkStatus();
}

absl::StatusOr<Worklist> ServiceImpl::QueryWorklist(const WorklistQuery& query,
                                                    Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());  // who is away, and who covers
  STEPWELL_RETURN_IF_ERROR(CheckWords(query));
  if (query.kind == KindName(WorkKind::kWaiting)) return QueryQueue(query, now);
  STEPWELL_ASSIGN_OR_RETURN(store::WorkScan scan,
                            ScanOf(query, *runtime_->current()->zone, now));
  STEPWELL_ASSIGN_OR_RETURN(auto versions, runtime_->Versions());
  service::Sights sights(std::move(versions), runtime_->service(), now);
  STEPWELL_ASSIGN_OR_RETURN(Lists lists, ListsOf(query, sights, now));
  if (query.kind == KindName(WorkKind::kPatient)) {
    for (ListAsked& list : lists) {
      if (list.owner) list.owner = service::PatientsKey(*list.owner);
    }
  }
  STEPWELL_RETURN_IF_ERROR(DropEmptyRemainders(runtime_->store(), lists));
  Worklist result;
  std::vector<store::WorkLine> lines;
  for (const auto& list : lists) {
    STEPWELL_ASSIGN_OR_RETURN(auto found, LinesOf(list, scan, sights));
    std::move(found.begin(), found.end(), std::back_inserter(lines));
  }
  store::WorkScan whole = scan;
  whole.after.reset();
  STEPWELL_RETURN_IF_ERROR(
      AddCounts(lists, whole, sights, now, query.with_counts, result));
  std::sort(lines.begin(), lines.end(), WorkBefore);
  const size_t shown = std::min(lines.size(), scan.limit - 1);
  if (lines.size() > shown && shown > 0) {
    result.next = CursorText(lines[shown - 1]);
  }
  for (size_t i = 0; i < shown; ++i) {
    STEPWELL_ASSIGN_OR_RETURN(WorkLine line, ToWorkLine(lines[i], now));
    if (query.with_text) {
      STEPWELL_RETURN_IF_ERROR(AddText(lines[i].stream, line));
    }
    result.lines.push_back(std::move(line));
  }
  return result;
}

}  // namespace stepwell::host
