#include "service/projection.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/strings.h"

namespace stepwell::service {

using namespace engine;  // NOLINT: the events' names, here and only here

namespace {

// An alert without a priority of its own still comes before ordinary work.
constexpr int kAlertPriority = 50;

struct Touched {
  absl::InlinedVector<uint64_t, 8> work;
  absl::InlinedVector<uint32_t, 8> clocks;
  std::map<std::string, int64_t>& counters;
  absl::InlinedVector<TurnTaken, 1>& turns;
  bool papers_change = false;  // another episode: those of the last one rest

  void Item(uint32_t n) { work.push_back(WorkKey(WorkKind::kItem, n)); }
  void Alert(uint32_t n) {
    work.push_back(WorkKey(WorkKind::kAlert, n));
    Patient();
  }
  void Message(uint32_t n) { work.push_back(WorkKey(WorkKind::kMessage, n)); }
  void Queue() { work.push_back(WorkKey(WorkKind::kWaiting, 0)); }
  void Patient() { work.push_back(WorkKey(WorkKind::kPatient, 0)); }
};

// Ordinals of what events open are counted from the state after them.
struct Visitor {
  const protocol::Protocol& protocol;
  const CaseState& state;
  Touched& touched;
  uint32_t next_item, next_alert, next_message;

  void Item(uint32_t n) {
    touched.Item(n);
    if (n < state.items.size() && state.items[n].owner.IsPatient()) {
      touched.Patient();
    }
  }
  void FollowUp(uint32_t n) {
    if (!state.items[n].follow_up.IsNever()) {
      touched.clocks.push_back(kFollowUpClock);
    }
  }

  void operator()(const CaseOpened&) {
    ++touched.counters[kCasesOpen];
    touched.Patient();
  }
  void operator()(const EpisodeOpened&) {
    touched.papers_change = true;
    touched.Patient();
    ++touched.counters[kCasesOpen];
    --touched.counters[kCasesClosed];
  }
  void operator()(const EpisodeClosed&) {
    touched.Patient();
    --touched.counters[kCasesOpen];
    ++touched.counters[kCasesClosed];
  }
  void operator()(const ReferralAttached& e) {
    ++touched.counters[kReferralsIn];
    if (!e.referral.papers.empty()) touched.clocks.push_back(kValidityClock);
  }
  void operator()(const ReferralAnswered&) {
    ++touched.counters[kReferralsAnswered];
  }
  void operator()(const ItemOpened&) { Item(next_item++); }
  void operator()(const ItemStarted& e) { Item(e.item); }
  void operator()(const ItemDone& e) {
    Item(e.item);
    FollowUp(e.item);
  }
  void operator()(const ItemEnded& e) {
    Item(e.item);
    FollowUp(e.item);
    if (state.items[e.item].again_at) touched.clocks.push_back(kWeekClock);
  }
  void operator()(const DecisionRecorded& e) {
    if (protocol.at(e.element).predict == nullptr) return;
    touched.clocks.push_back(kWeekClock);
  }
  void operator()(const ItemMoved& e) { touched.Item(e.item); }
  void operator()(const ItemClaimed& e) { touched.Item(e.item); }
  void operator()(const ItemReleased& e) { touched.Item(e.item); }
  void operator()(const SignAsked& e) { Item(e.item); }
  void operator()(const SignSettled& e) { Item(e.item); }
  void operator()(const ReviewDrawn& e) { Item(e.item); }
  void operator()(const ItemDeferred& e) {
    touched.Item(e.item);
    touched.clocks.push_back(kFollowUpClock);
  }
  void operator()(const ItemReturned& e) {
    touched.Item(e.item);
    touched.clocks.push_back(kFollowUpClock);
  }
  void operator()(const CasePaused&) { touched.Patient(); }
  void operator()(const CaseResumed&) { touched.Patient(); }
  void operator()(const AppointmentChanged& e) {
    touched.Item(e.item);
    if (!e.took.empty()) ++touched.counters[SlotCounter(e.took)];
    if (!e.freed.empty()) --touched.counters[SlotCounter(e.freed)];
  }
  void operator()(const AlertRaised&) {
    ++touched.counters[kAlertsOpen];
    touched.Alert(next_alert++);
  }
  void operator()(const AlertEvidenceAdded& e) { touched.Alert(e.alert); }
  void operator()(const AlertRetiered& e) { touched.Alert(e.alert); }
  void operator()(const AlertStepped& e) {
    if (e.stage == AlertStage::kClosed) --touched.counters[kAlertsOpen];
    touched.Alert(e.alert);
  }
  void operator()(const AlertEscalated& e) { touched.Alert(e.alert); }
  void operator()(const MessageReceived&) { touched.Message(next_message++); }
  void operator()(const MessageSettled& e) { touched.Message(e.message); }
  void operator()(const MessageMoved& e) { touched.Message(e.message); }
  void operator()(const MessageRead& e) {
    if (e.message != UINT32_MAX) touched.Message(e.message);
  }
  void operator()(const DecisionsHeld&) {
    touched.clocks.push_back(kHeldClock);
  }
  void operator()(const ClockStarted& e) { touched.clocks.push_back(e.clock); }
  void operator()(const ClockAdopted& e) { touched.clocks.push_back(e.clock); }
  void operator()(const ClockFired& e) { touched.clocks.push_back(e.clock); }
  void operator()(const ClockStopped& e) { touched.clocks.push_back(e.clock); }
  void operator()(const ClockChanged& e) {
    touched.clocks.push_back(e.clock);
    if (e.subject_due || state.IsSignClock(e.clock)) DeadlineOf(e.clock);
  }
  // Of a clock that was stopped since it may have been any.
  void DeadlineOf(uint32_t ordinal) {
    for (const engine::ClockState& clock : state.clocks) {
      if (clock.ordinal == ordinal) return Line(clock.subject);
    }
    for (uint32_t i = 0; i < state.items.size(); ++i) Item(i);
    for (uint32_t i = 0; i < state.messages.size(); ++i) touched.Message(i);
  }
  void Line(const Subject& about) {
    if (about.kind == SubjectKind::kItem) Item(about.ordinal);
    if (about.kind == SubjectKind::kMessage) touched.Message(about.ordinal);
    if (about.kind == SubjectKind::kAlert) touched.Alert(about.ordinal);
  }
  void operator()(const EffectRequested& e) {
    if (!e.valid_until.IsNever()) touched.clocks.push_back(kExpiryClock);
    if (e.deferred_from) touched.clocks.push_back(kQuietClock);
  }
  void operator()(const EffectSettled&) {
    touched.clocks.push_back(kExpiryClock);
  }
  void operator()(const ConsentRecorded& e) {
    if (e.valid_until || !e.given) touched.clocks.push_back(kValidityClock);
  }
  void operator()(const DocumentFiled&) {
    touched.clocks.push_back(kValidityClock);
  }
  void operator()(const ValidityEnded&) {
    touched.clocks.push_back(kValidityClock);
  }
  void operator()(const ConsentAgeNoted&) {
    touched.clocks.push_back(kValidityClock);
  }
  void operator()(const EffectSuppressed& e) {
    if (e.held || e.deferred_from) touched.clocks.push_back(kQuietClock);
  }
  void operator()(const CaseAssigned& e) {
    if (state.Place() != nullptr) touched.Queue();
    touched.Patient();
    const auto turn = TurnIn(protocol, e);
    if (!turn) return;
    // Of several in a command the last one had the turn.
    for (TurnTaken& known : touched.turns) {
      if (known.pool != turn->pool) continue;
      known = *turn;
      return;
    }
    touched.turns.push_back(*turn);
  }
  void operator()(const IntakePlaced& e) {
    touched.Queue();
    ++touched.counters[kIntakePlaced];
    if (e.joined) ++touched.counters[kIntakeWaiting];
  }
  void operator()(const CaseAdmitted& e) {
    touched.Queue();
    --touched.counters[kIntakeWaiting];
    for (const CountedStart& start : e.starts) {
      ++touched.counters[StartsCounter(start.throttle, start.period)];
    }
  }
  void operator()(const PlaceTaken&) { ++touched.counters[kIntakePlaces]; }
  void operator()(const IntakeLeft& e) {
    touched.Queue();
    --touched.counters[e.had_place ? kIntakePlaces : kIntakeWaiting];
  }
  void operator()(const Voided& e) {
    for (const auto* items :
         {&e.items_reopened, &e.bookings_restored, &e.items_withdrawn}) {
      for (const uint32_t item : *items) {
        Item(item);
        FollowUp(item);
      }
    }
    for (const engine::AlertBefore& before : e.alerts_before) {
      // It is a closed one that is back among the assessed.
      if (before.stage == engine::AlertStage::kAssessed) {
        ++touched.counters[kAlertsOpen];
      }
      touched.Alert(before.alert);
    }
    touched.counters[kReferralsIn] -= static_cast<int64_t>(e.referrals.size());
    if (!e.referrals.empty() || !e.consents.empty()) {
      touched.clocks.push_back(kValidityClock);
    }
  }
  void operator()(const ConsentLapsed&) {
    touched.clocks.push_back(kValidityClock);
  }
  template <class E>
  void operator()(const E&) {}
};

template <class List>
void SortUnique(List& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// Under another version of the protocol every line and deadline is written
// anew: they hold its numbers.
void TouchAll(const CaseState& state, Touched& touched) {
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    if (IsOpen(state.items[i].status)) touched.Item(i);
  }
  for (uint32_t i = 0; i < state.alerts.size(); ++i) touched.Alert(i);
  for (uint32_t i = 0; i < state.messages.size(); ++i) touched.Message(i);
  for (const ClockState& clock : state.clocks) {
    touched.clocks.push_back(clock.ordinal);
  }
  touched.clocks.push_back(kValidityClock);
  touched.clocks.push_back(kWeekClock);
  touched.Queue();
  touched.Patient();
}

template <class E>
uint32_t CountOf(std::span<const Event> events) {
  return static_cast<uint32_t>(
      std::count_if(events.begin(), events.end(), [](const Event& event) {
        return std::holds_alternative<E>(event.body);
      }));
}

void CountShare(const CaseShare& share, int sign,
                std::map<std::string, int64_t>& counters) {
  if (share.staff.value == 0) return;
  counters[CaseloadCounter(share.staff)] += sign;
  if (share.weight == protocol::kCaseWeight) return;
  counters[WeightCounter(share.staff)] +=
      sign * (share.weight - protocol::kCaseWeight);
}

// What no protocol declares, as one more clock of the case: the deadline of the
// effects that wait, the end of what is valid for a time.
void AddInner(uint32_t ordinal, const CaseState& state, Projection& result) {
  const Instant due = state.InnerDue(ordinal);
  if (due.IsNever()) {
    result.clocks_removed.push_back(ordinal);
  } else {
    result.clocks_set.push_back({ordinal, due});
  }
}

// Papers count in their own episode only.
bool HasPapers(const CaseState& state) {
  return std::any_of(
      state.referrals.begin(), state.referrals.end(),
      [](const Referral& referral) { return !referral.papers.empty(); });
}

}  // namespace

uint64_t OwnerKey(StaffId staff) { return uint64_t{1} << 62 | staff.value; }

uint64_t OwnerKeyOfPool(std::string_view pool) {
  return protocol::PoolNumber(pool) >> 2;
}

uint64_t OwnerKey(const protocol::Protocol& protocol, const Owner& owner) {
  if (owner.staff.value != 0) return OwnerKey(owner.staff);
  return owner.pool.IsNone() ? OwnerKeyOfPool("")
                             : protocol.at(owner.pool).number >> 2;
}

uint64_t PatientsKey(uint64_t owner) { return owner | uint64_t{1} << 63; }

// No pool has such a name.
uint64_t QueueKey() { return OwnerKeyOfPool("intake/queue"); }

uint64_t ListKey(const protocol::Protocol& protocol, const WorkEntry& entry) {
  if (entry.kind == WorkKind::kWaiting) return QueueKey();
  const uint64_t owner = OwnerKey(protocol, entry.owner);
  return entry.kind == WorkKind::kPatient ? PatientsKey(owner) : owner;
}

std::string StartsCounter(std::string_view throttle, std::string_view period) {
  return absl::StrCat(kIntakeStarts, ToAbsl(throttle), "/", ToAbsl(period));
}

std::string SlotCounter(std::string_view slot) {
  return absl::StrCat(kSlotPrefix, ToAbsl(slot));
}

namespace {

int PriorityOf(const protocol::Tier& tier) {
  return tier.priority != 0 ? tier.priority : kAlertPriority + tier.severity;
}

bool PatientLine(const protocol::Protocol& protocol, const CaseState& state,
                 WorkEntry* entry) {
  if (state.episodes.empty() || state.IsClosed()) return false;
  entry->owner = state.owner;
  for (const AlertState& alert : state.alerts) {
    if (alert.stage == AlertStage::kClosed) continue;
    entry->priority =
        std::max(entry->priority, PriorityOf(protocol.at(alert.tier)));
  }
  NextOfPatient(state, &entry->due);
  return true;
}

}  // namespace

int64_t NextOfPatient(const CaseState& state, Instant* due) {
  *due = Instant::Never();
  if (state.paused_at) return -1;
  int64_t next = -1;
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    if (!IsOpen(item.status) || !item.owner.IsPatient()) continue;
    if (next >= 0 && item.due >= *due) continue;
    *due = item.due;
    next = i;
  }
  return next;
}

namespace {

// When the second sign on the item is due; Never: none is waited for, or its
// clock stands still.
Instant SignDue(const CaseState& state, uint32_t item) {
  const SignState* sign = state.SignOf(item);
  if (sign == nullptr) return Instant::Never();
  for (const ClockState& clock : state.clocks) {
    if (clock.ordinal == sign->clock && !clock.paused_at) return clock.due;
  }
  return Instant::Never();
}

}  // namespace

bool LineOf(const protocol::Protocol& protocol, const CaseState& state,
            WorkKind kind, uint32_t ordinal, WorkEntry* entry) {
  entry->kind = kind;
  entry->filter = kind;
  entry->ordinal = ordinal;
  switch (kind) {
    case WorkKind::kItem: {
      if (ordinal >= state.items.size()) return false;
      const ItemState& item = state.items[ordinal];
      if (!IsOpen(item.status) || item.owner.IsPatient()) return false;
      entry->owner = item.owner;
      entry->priority =
          item.priority - (item.follow_up.IsNever() ? 0 : kDeferredBelow);
      entry->due = std::min(item.due, SignDue(state, ordinal));
      if (!protocol.at(item.key.element).checks.IsNone()) {
        entry->filter = WorkKind::kHomework;
      } else if (protocol.at(item.key.element).kind ==
                 protocol::ItemKind::kMessage) {
        entry->filter = WorkKind::kLetter;
      }
      return true;
    }
    case WorkKind::kAlert: {
      if (ordinal >= state.alerts.size()) return false;
      const AlertState& alert = state.alerts[ordinal];
      if (alert.stage == AlertStage::kClosed) return false;
      entry->owner = alert.owner;
      entry->priority = PriorityOf(protocol.at(alert.tier));
      entry->due = alert.deadline;
      return true;
    }
    case WorkKind::kMessage: {
      if (ordinal >= state.messages.size()) return false;
      const MessageState& message = state.messages[ordinal];
      if (message.status != MessageStatus::kOpen) return false;
      entry->owner = message.owner;
      entry->priority = message.priority;
      entry->due = message.due;
      if (!message.read_at) entry->filter = WorkKind::kUnread;
      return true;
    }
    case WorkKind::kPatient:
      return ordinal == 0 && PatientLine(protocol, state, entry);
    case WorkKind::kHomework:  // a line of the kind item
    case WorkKind::kLetter:    // of the kind item
    case WorkKind::kUnread:    // of the kind message
    case WorkKind::kParked:    // in the service stream
      return false;
    case WorkKind::kWaiting: {
      const IntakeState* place = state.Place();
      if (ordinal != 0 || place == nullptr || !place->waiting) return false;
      entry->owner = state.owner;
      entry->priority = -int{place->rank};
      entry->due = place->waits_from;
      return true;
    }
  }
  return false;
}

Projection Project(const protocol::Protocol& protocol, const CaseShare& before,
                   std::span<const Event> events, const CaseState& state) {
  Projection result;
  Touched touched{{}, {}, result.counters, result.turns};
  Visitor visitor{
      protocol,
      state,
      touched,
      static_cast<uint32_t>(state.items.size()) - CountOf<ItemOpened>(events),
      static_cast<uint32_t>(state.alerts.size()) - CountOf<AlertRaised>(events),
      static_cast<uint32_t>(state.messages.size()) -
          CountOf<MessageReceived>(events)};
  for (const Event& event : events) std::visit(visitor, event.body);
  if (CountOf<Migrated>(events) > 0) TouchAll(state, touched);
  if (touched.papers_change && HasPapers(state)) {
    touched.clocks.push_back(kValidityClock);
  }
  if (const CaseShare after = ShareOf(protocol, state); after != before) {
    CountShare(before, -1, result.counters);
    CountShare(after, 1, result.counters);
  }
  SortUnique(touched.work);
  SortUnique(touched.clocks);
  for (uint64_t key : touched.work) {
    WorkEntry entry;
    if (LineOf(protocol, state, KindOfKey(key), OrdinalOfKey(key), &entry)) {
      result.work_set.push_back(entry);
    } else {
      result.work_removed.push_back(key);
    }
  }
  for (uint32_t ordinal : touched.clocks) {
    if (ordinal >= kInnerClocks[0]) {
      AddInner(ordinal, state, result);
      continue;
    }
    const auto it = std::find_if(
        state.clocks.begin(), state.clocks.end(),
        [&](const ClockState& clock) { return clock.ordinal == ordinal; });
    if (it == state.clocks.end() || it->next_due.IsNever()) {
      result.clocks_removed.push_back(ordinal);
    } else {
      result.clocks_set.push_back({ordinal, it->next_due});
    }
  }
  return result;
}

Instant DueOf(const CaseState& state, uint64_t ordinal) {
  if (ordinal >= kInnerClocks[0]) {
    return state.InnerDue(static_cast<uint32_t>(ordinal));
  }
  for (const ClockState& clock : state.clocks) {
    if (clock.ordinal == ordinal) return clock.next_due;
  }
  return Instant::Never();
}

std::vector<WorkEntry> AllWork(const protocol::Protocol& protocol,
                               const CaseState& state) {
  std::vector<WorkEntry> lines;
  const auto add = [&](WorkKind kind, size_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      WorkEntry entry;
      if (LineOf(protocol, state, kind, i, &entry)) lines.push_back(entry);
    }
  };
  add(WorkKind::kItem, state.items.size());
  add(WorkKind::kAlert, state.alerts.size());
  add(WorkKind::kMessage, state.messages.size());
  add(WorkKind::kWaiting, state.intake.size());
  add(WorkKind::kPatient, 1);
  return lines;
}

}  // namespace stepwell::service
