// What a command changed in the indexes over all cases: worklist lines,
// deadlines, counters. Pure: from its events and the state after them.
#ifndef STEPWELL_SERVICE_PROJECTION_H_
#define STEPWELL_SERVICE_PROJECTION_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "engine/event.h"
#include "engine/state.h"
#include "protocol/protocol.h"
#include "service/caseload.h"

namespace stepwell::service {

enum class WorkKind : uint32_t {
  kItem = 1,
  kAlert = 2,
  kMessage = 3,
  kParked = 4,
  kWaiting = 5,   // a case in the queue at the door: no work, but an order
  kHomework = 6,  // filter only: an item that answers what a patient handed in
  kUnread = 8,    // filter only: a message that no member of staff has read
  kPatient = 7,   // a case in care: no work, but whoever looks after it
  kLetter = 9,    // filter only: an item that is a letter to whoever referred
};

// A line of somebody's worklist.
struct WorkEntry {
  WorkKind kind = WorkKind::kItem;
  uint32_t ordinal = 0;
  engine::Owner owner;
  int priority = 0;
  Instant due = Instant::Never();
  WorkKind filter = WorkKind::kItem;  // the kind by which scans find it
};

// The list that the line is on.
uint64_t ListKey(const protocol::Protocol& protocol, const WorkEntry& entry);

// What was put off stands at the end of its list until its date comes.
inline constexpr int kDeferredBelow = 1000;

constexpr uint64_t WorkKey(WorkKind kind, uint32_t ordinal) {
  return static_cast<uint64_t>(kind) << 32 | ordinal;
}
constexpr WorkKind KindOfKey(uint64_t key) {
  return static_cast<WorkKind>(key >> 32);
}
constexpr uint32_t OrdinalOfKey(uint64_t key) {
  return static_cast<uint32_t>(key);
}

// The number under which an owner's lines are found: a member of staff, or the
// queue of a pool by its name, which outlives a protocol.
uint64_t OwnerKey(StaffId staff);
uint64_t OwnerKeyOfPool(std::string_view pool);
uint64_t OwnerKey(const protocol::Protocol& protocol,
                  const engine::Owner& owner);
// The queue at the door lies on no worklist: its lines have a list of their
// own, in its order (class, start of the wait, case).
uint64_t QueueKey();
// The cases that an owner looks after have a list beside the owner's work: by
// the priority of their worst open alert, then by what the patient is to do
// next and until when.
uint64_t PatientsKey(uint64_t owner);

// The item of the patient that is due first, of those without a deadline the
// first; -1 when nothing is asked of them, or the case is paused.
int64_t NextOfPatient(const engine::CaseState& state, Instant* due);

struct ClockDue {
  uint32_t ordinal = 0;
  Instant next_due;
};

// A command changes few of each: they have room in here.
struct Projection {
  absl::InlinedVector<WorkEntry, 4> work_set;
  absl::InlinedVector<uint64_t, 4> work_removed;
  // With a deadline; engine::kExpiryClock among them.
  absl::InlinedVector<ClockDue, 4> clocks_set;
  absl::InlinedVector<uint32_t, 4> clocks_removed;
  // Counter name -> change; sorted. See kCounters.
  std::map<std::string, int64_t> counters;
  // One a pool. Their counters are beside those above: the turn counts only
  // while it is whose it was.
  absl::InlinedVector<TurnTaken, 1> turns;
};

// Names of the counters that the conservation laws read.
inline constexpr char kCasesOpen[] = "cases/open";
inline constexpr char kCasesClosed[] = "cases/closed";
inline constexpr char kReferralsIn[] = "referrals/in";
inline constexpr char kReferralsAnswered[] = "referrals/answered";
inline constexpr char kAlertsOpen[] = "alerts/open";
inline constexpr char kParkedOpen[] = "parked/open";
// One while the slot is booked: of two who book it one is told that it is gone.
inline constexpr char kSlotPrefix[] = "slot/";
std::string SlotCounter(std::string_view slot);
// Seats of the group that are taken.
inline constexpr char kGroupPrefix[] = "group/";
// Of the queue at the door: cases in it, how often its order has changed,
// places that are taken, and starts by throttle and first day of the period.
inline constexpr char kIntakeWaiting[] = "intake/waiting";
inline constexpr char kIntakePlaced[] = "intake/placed";
inline constexpr char kIntakePlaces[] = "intake/places";
inline constexpr char kIntakeStarts[] = "intake/starts/";
std::string StartsCounter(std::string_view throttle, std::string_view period);

// `before` is what the case counted before the events.
Projection Project(const protocol::Protocol& protocol, const CaseShare& before,
                   std::span<const engine::Event> events,
                   const engine::CaseState& state);

// When the clock of the index is due next, engine::kExpiryClock included;
// Never when the case has no such clock.
Instant DueOf(const engine::CaseState& state, uint64_t ordinal);

// Every line that a state should have, from scratch: what the index must hold.
std::vector<WorkEntry> AllWork(const protocol::Protocol& protocol,
                               const engine::CaseState& state);

// The line of one item, alert or message; false when it is not open or is the
// patient's.
bool LineOf(const protocol::Protocol& protocol, const engine::CaseState& state,
            WorkKind kind, uint32_t ordinal, WorkEntry* entry);

}  // namespace stepwell::service

#endif  // STEPWELL_SERVICE_PROJECTION_H_
