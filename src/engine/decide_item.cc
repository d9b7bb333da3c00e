// Staff work on items: open, start, complete, skip, cancel, unlock. Every
// switch needs a reason. Whose work it is: decide_work.cc; second signs and
// reviews: supervision.cc.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/time_text.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::Element;
using protocol::ItemKind;
using protocol::TriggerKind;

namespace {

// Who comes early is met early; a meeting of another day is another time.
constexpr int64_t kHeldEarlyMinutes = 60;

// The occurrence that was named, and those that are open beside it; else the
// latest.
std::string WhyNotOpen(const Macrostep& m, const WorkItem& c) {
  const std::string& name = m.protocol.at(c.element).id;
  const auto is_named = [&c](const ItemState& item) {
    return item.key.element == c.element && item.key.occurrence == c.occurrence;
  };
  const auto named =
      std::find_if(m.state.items.rbegin(), m.state.items.rend(), is_named);
  if (named != m.state.items.rend()) {
    std::string open;
    for (const uint32_t ordinal : m.OpenItemsOf(c.element, std::nullopt)) {
      absl::StrAppend(&open, open.empty() ? "; open: " : ", ",
                      m.state.items[ordinal].key.occurrence);
    }
    return absl::StrCat("occurrence ", *c.occurrence, " of ", name, " is ",
                        StatusName(named->status).data(), ", not open", open);
  }
  const ItemState* latest = LatestItem(m.protocol, m.state, c.element);
  return absl::StrCat(
      name, " is ",
      latest == nullptr ? "blocked" : StatusName(latest->status).data(),
      latest != nullptr && IsOpen(latest->status)
          ? ", and has no such occurrence"
          : ", not open");
}

// The open item that is meant, or -1 when it was refused.
int64_t Find(Macrostep& m, const WorkItem& c) {
  const std::vector<uint32_t> open = m.OpenItemsOf(c.element, c.occurrence);
  if (open.empty()) {
    m.Reject("item_not_open", WhyNotOpen(m, c));
    return -1;
  }
  return AskWhich(m, open, c.occurrence) ? -1 : int64_t{open.back()};
}

bool NeedsReason(Macrostep& m, const char* what) {
  if (!m.command.envelope.reason.empty()) return false;
  m.Reject("reason_required", absl::StrCat(what, " needs a reason"));
  return true;
}

// What keeps a clinician from opening the element, for the first time or
// `again`. True when it was refused.
bool RefuseOpening(Macrostep& m, ElementId id, bool again) {
  const std::string& name = m.protocol.at(id).id;
  if (m.OpenItemOf(id) >= 0) {
    m.Reject("item_open", absl::StrCat(name, " is already open"));
  } else if (again && LatestItem(m.protocol, m.state, id) == nullptr) {
    m.Reject("item_blocked",
             absl::StrCat(name, " has not been there yet: open it"));
  } else if (m.available.IsLocked(id)) {
    m.Reject("item_locked", absl::StrCat(name, " is locked: unlock it"));
  } else {
    return false;
  }
  return true;
}

void Open(Macrostep& m, const WorkItem& c) {
  if (!RefuseOpening(m, c.element, false) &&
      !RefuseLettingOut(m, c.element, false) &&
      !NeedsReason(m, "opening an item by hand")) {
    m.OpenItem(c.element);
  }
}

// Once more. What has to be done with a module, exercises and check, comes
// again with it.
void Repeat(Macrostep& m, const WorkItem& c) {
  if (!RefuseOpening(m, c.element, true) && !NeedsReason(m, "repeating")) {
    m.OpenItem(c.element);
  }
}

ItemLocked LockOf(const Macrostep& m, ElementId element, bool locked) {
  const ItemKey key = m.NextKey(element);
  return {element, key.episode, key.enrolment, locked};
}

// Lets go what was locked; releases what waits.
void Unlock(Macrostep& m, const WorkItem& c) {
  const ItemState* latest = LatestItem(m.protocol, m.state, c.element);
  const bool locked = m.available.IsLocked(c.element);
  if (!locked && latest != nullptr) {
    m.Reject("item_not_blocked", absl::StrCat(m.protocol.at(c.element).id,
                                              " is not waiting for a release"));
  } else if (!RefuseLettingOut(m, c.element, false) &&
             !NeedsReason(m, "unlocking")) {
    if (locked) m.Emit(LockOf(m, c.element, false));
    // What had not been released before it was locked waits on; what locking
    // took from the patient is theirs again.
    if (!locked ||
        (latest != nullptr && latest->status == ItemStatus::kCancelled)) {
      m.OpenItem(c.element);
    }
  }
}

// What is over comes again by itself: in its rhythm, or as the next session.
bool ComesAgain(const Element& element) {
  return element.every ||
         (element.booking != nullptr && element.booking->sessions > 0);
}

// A lock takes back what is open: not what is about the actor.
bool RefuseOwnReviews(Macrostep& m, ElementId element) {
  const std::vector<uint32_t> open = m.OpenItemsOf(element, std::nullopt);
  return std::any_of(open.begin(), open.end(), [&m](uint32_t ordinal) {
    return RefuseOwnWork(m, ordinal);
  });
}

// A clinician withholds what the patient has not begun.
void Lock(Macrostep& m, const WorkItem& c) {
  const Element& element = m.protocol.at(c.element);
  const ItemState* latest = LatestItem(m.protocol, m.state, c.element);
  if (m.IsAboutRisk(c.element) || c.element == m.protocol.review_element) {
    m.Reject(
        "item_needed",
        absl::StrCat(element.id, " is asked for safety: no lock holds it"));
  } else if (m.available.IsLocked(c.element)) {
    m.Reject("item_locked", absl::StrCat(element.id, " is locked already"));
  } else if (latest != nullptr && latest->status != ItemStatus::kAvailable &&
             latest->status != ItemStatus::kCancelled &&
             (IsOpen(latest->status) || !ComesAgain(element))) {
    m.Reject("item_begun",
             absl::StrCat(element.id, " is ", StatusName(latest->status).data(),
                          ": what has begun is not locked"));
  } else if (!RefuseOwnReviews(m, c.element) && !NeedsReason(m, "locking")) {
    m.Emit(LockOf(m, c.element, true));
    m.CancelItems(c.element);
  }
}

// A clinician leaves out what has not opened yet.
void SkipBlocked(Macrostep& m, const WorkItem& c) {
  if (m.IsAboutRisk(c.element)) {
    m.Reject("item_needed", absl::StrCat(m.protocol.at(c.element).id,
                                         " is asked for safety: it is not "
                                         "left out ahead"));
  } else if (!RefuseLeavingOut(m, c.element) &&
             !RefuseLettingOut(m, c.element, true) &&
             !NeedsReason(m, "skipping")) {
    m.SkipAhead(c.element);
  }
}

std::string NamesOf(const Macrostep& m,
                    const std::vector<OutcomeId>& outcomes) {
  std::string names;
  for (OutcomeId outcome : outcomes) {
    absl::StrAppend(&names, names.empty() ? "" : ", ",
                    m.protocol.outcomes[outcome.value]);
  }
  return names;
}

void CompleteDecision(Macrostep& m, const WorkItem& c, uint32_t item) {
  const Element& element = m.protocol.at(c.element);
  if (m.command.envelope.actor.role != Role::kStaff) {
    m.Reject("person_required", "this decision is taken by a person");
    return;
  }
  const bool listed =
      std::find(element.outcomes.begin(), element.outcomes.end(), c.outcome) !=
      element.outcomes.end();
  // What a person could not decide stays open.
  if (c.outcome.IsNone() || !listed || c.outcome == protocol::kUndetermined) {
    m.Reject("outcome_required", absl::StrCat(element.id, " ends in one of: ",
                                              NamesOf(m, element.outcomes)));
    return;
  }
  Weighed seen;  // what the data said to the person who decides
  if (element.by_data || element.table != nullptr) {
    seen = m.Weigh(c.element);
    const OutcomeId proposed = seen.decision.outcome;
    if (proposed != protocol::kUndetermined) seen.decision.proposed = proposed;
    if (!seen.decision.proposed.IsNone() && proposed != c.outcome &&
        m.command.envelope.reason.empty()) {
      m.Reject("reason_required",
               absl::StrCat(m.protocol.outcomes[proposed.value],
                            " is proposed by ", seen.decision.rules.front(),
                            ": choosing otherwise needs a reason"));
      return;
    }
  }
  if (WaitsForSign(m, c, item)) return;
  seen.decision.element = c.element;
  seen.decision.outcome = c.outcome;
  seen.decision.automatic = false;
  seen.decision.outcomes.clear();
  seen.opens.clear();
  m.FinishDecision(item, seen, c.minutes);
}

// The question about a risk answer that was left out is for its pool. The
// screen is the patient's to answer: whoever its alert is for may end it.
bool RefuseStrangerTo(Macrostep& m, ElementId element, const ItemState& item) {
  const std::string& name = m.protocol.at(element).id;
  if (element == m.protocol.risk.missing_element) {
    return RefuseStranger(m, item.owner, m.protocol.at(element).pool, name);
  }
  Owner owner;
  TierId tier = m.protocol.risk.unscreened;
  for (const AlertState& alert : m.state.alerts) {
    if (alert.stage == AlertStage::kClosed) continue;
    owner = alert.owner;
    tier = alert.tier;
  }
  const PoolId pool = tier.IsNone() ? PoolId() : m.protocol.at(tier).pool;
  return RefuseStranger(m, owner, pool, name);
}

// What is asked for the patient's safety ends by a person whose it is; the
// question about a risk answer that was left out by its answer, and by nothing
// else. Handing that over would make it anybody's.
bool RefuseEndingOfRisk(Macrostep& m, const WorkItem& c,
                        const ItemState& item) {
  const bool ends = c.action == ItemVerb::kSkip ||
                    c.action == ItemVerb::kCancel ||
                    c.action == ItemVerb::kComplete;
  if (!m.IsAboutRisk(c.element)) return false;
  if (!ends) {
    return c.action == ItemVerb::kHandOver &&
           RefuseStrangerTo(m, c.element, item);
  }
  const std::string& name = m.protocol.at(c.element).id;
  if (m.command.envelope.actor.role != Role::kStaff) {
    m.Reject("person_required",
             absl::StrCat(name,
                          " is asked for safety: a member of staff ends "
                          "it"));
    return true;
  }
  if (c.action == ItemVerb::kComplete ||
      c.element != m.protocol.risk.missing_element) {
    return RefuseStrangerTo(m, c.element, item);
  }
  m.Reject("item_needed",
           absl::StrCat(name,
                        " asks about a risk answer that was left out: "
                        "it is completed with what came of it"));
  return true;
}

// Whoever was asked about a risk answer that was left out says what came of it.
bool LacksRiskOutcome(Macrostep& m, const WorkItem& c) {
  const auto& outcomes = m.protocol.risk.outcomes;
  if (c.element != m.protocol.risk.missing_element || outcomes.empty() ||
      std::find(outcomes.begin(), outcomes.end(), c.outcome) !=
          outcomes.end()) {
    return false;
  }
  m.Reject("outcome_required",
           absl::StrCat(
               m.protocol.at(c.element).id,
               " asks about risk and ends in one of: ", NamesOf(m, outcomes)));
  return true;
}

// Waits and contacts count from when people met: not from before they did.
bool IsAhead(Macrostep& m, const Element& element, const ItemState& item) {
  if (element.kind != ItemKind::kAppointment ||
      item.appointment_at - SaidAt(m) <= Minutes(kHeldEarlyMinutes)) {
    return false;
  }
  m.Reject("appointment_ahead",
           absl::StrCat(element.id, " is booked for ",
                        FormatInstantUtc(item.appointment_at),
                        ": reschedule it if they met before"));
  return true;
}

// Whoever leaves out a session keeps the seat for the others; before the group
// is settled nobody knows whether there are others. True when it was refused.
bool RefuseUnsettled(Macrostep& m, uint32_t ordinal) {
  const AppointmentState* known = m.state.AppointmentOf(ordinal);
  const auto& booking =
      m.protocol.at(m.state.items[ordinal].key.element).booking;
  if (known == nullptr || known->group.empty() || booking == nullptr ||
      booking->sessions == 0) {
    return false;
  }
  const std::optional<GroupView> group = m.world.Group(known->group);
  if (!group || !group->takes_bookings) return false;
  m.Reject(
      "group_not_settled",
      absl::StrCat("whether the group ", known->group,
                   " begins is not settled: skip the session when it is, "
                   "or give the seat up now by change_appointment cancel"));
  return true;
}

}  // namespace

bool AskWhich(Macrostep& m, const std::vector<uint32_t>& open,
              std::optional<uint16_t> occurrence) {
  constexpr size_t kNamed = 8;
  if (open.size() < 2 || occurrence) return false;
  std::string known;
  for (size_t i = 0; i < open.size() && i < kNamed; ++i) {
    const ItemState& item = m.state.items[open[i]];
    absl::StrAppend(&known, i == 0 ? "" : ", ", item.key.occurrence);
    if (!item.note.empty()) absl::StrAppend(&known, " (", item.note, ")");
  }
  if (open.size() > kNamed) absl::StrAppend(&known, ", ...");
  m.Reject("which_occurrence",
           absl::StrCat(m.protocol.at(m.state.items[open[0]].key.element).id,
                        " is open more than once, `occurrence` says which is "
                        "meant: ",
                        known));
  return true;
}

void Complete(Macrostep& m, const WorkItem& c, uint32_t ordinal) {
  const Element& element = m.protocol.at(c.element);
  const ItemState& item = m.state.items[ordinal];
  if (RefuseMinutes(m, c.minutes)) return;
  if (item.owner.IsPatient()) {
    m.Reject("patient_item",
             absl::StrCat(element.id,
                          " is the patient's to do; it can be "
                          "skipped or cancelled with a reason"));
    return;
  }
  if (RefuseOwnWork(m, ordinal) || RefuseChecklist(m, c)) return;
  if (LacksRiskOutcome(m, c)) return;
  if (element.kind == ItemKind::kDecision) {
    CompleteDecision(m, c, ordinal);
    return;
  }
  if (element.kind == ItemKind::kAppointment &&
      item.appointment != AppointmentStatus::kBooked) {
    m.Reject("not_booked",
             absl::StrCat(element.id, " is not booked: book it first"));
    return;
  }
  if (IsAhead(m, element, item)) return;
  if (!element.fact.IsNone() &&
      (!c.fact || c.fact->kind != m.protocol.at(element.fact).kind)) {
    m.Reject("fact_required",
             absl::StrCat(element.id, " asks for ",
                          m.protocol.at(element.fact).id, ": give its value"));
    return;
  }
  if (WaitsForSign(m, c, ordinal)) return;
  if (element.kind == ItemKind::kAppointment) {
    m.HoldAppointment(ordinal);
  }
  if (!element.fact.IsNone()) m.SetFact(element.fact, *c.fact);
  if (!c.checklist.empty()) m.Emit(ReviewAnswered{ordinal, c.checklist});
  m.FinishItem(ordinal, c.outcome, c.minutes);
}

namespace {

// Skipping an element that has not opened.
bool SkipsAhead(const Macrostep& m, const WorkItem& c) {
  return c.action == ItemVerb::kSkip && !c.occurrence &&
         LatestItem(m.protocol, m.state, c.element) == nullptr;
}

// What needs no open item. True when it was that.
bool HandleSwitch(Macrostep& m, const WorkItem& c) {
  void (*handle)(Macrostep&, const WorkItem&) =
      c.action == ItemVerb::kOpen     ? Open
      : c.action == ItemVerb::kUnlock ? Unlock
      : c.action == ItemVerb::kLock   ? Lock
      : c.action == ItemVerb::kRepeat ? Repeat
      : SkipsAhead(m, c)              ? SkipBlocked
                                      : nullptr;
  if (handle == nullptr) return false;
  if (!RefuseClosed(m)) handle(m, c);
  return true;
}

}  // namespace

void Handle(Macrostep& m, const WorkItem& c) {
  if (c.element.IsNone()) {
    m.Reject("unknown_item", "the protocol of the case has no such item");
    return;
  }
  if (HandleSwitch(m, c)) return;
  const int64_t found = Find(m, c);
  if (found < 0) return;
  const uint32_t ordinal = static_cast<uint32_t>(found);
  const ItemState item = m.state.items[ordinal];
  if (RefuseEndingOfRisk(m, c, item)) return;
  if (RefuseUnsigned(m, c, ordinal) || HandleOwnership(m, c, ordinal) ||
      RefuseClaimed(m, item) || HandleSign(m, c, ordinal)) {
    return;
  }
  switch (c.action) {
    case ItemVerb::kStart:
      if (item.owner.IsPatient()) {
        m.Reject("patient_item", "the patient starts it");
      } else if (item.status == ItemStatus::kAvailable) {
        m.Emit(ItemStarted{ordinal});
        m.ReturnItem(ordinal);
      }
      return;
    case ItemVerb::kComplete:
      Complete(m, c, ordinal);
      return;
    case ItemVerb::kSkip:
      if (!RefuseLettingOut(m, c.element, true) &&
          !NeedsReason(m, "skipping") && !RefuseUnsettled(m, ordinal)) {
        m.EndItem(ordinal, ItemStatus::kSkipped);
      }
      return;
    case ItemVerb::kCancel:
      if (!NeedsReason(m, "cancelling")) {
        m.EndItem(ordinal, ItemStatus::kCancelled);
      }
      return;
    case ItemVerb::kClaim:
    case ItemVerb::kRelease:
    case ItemVerb::kDefer:
    case ItemVerb::kHandOver:
    case ItemVerb::kSign:
    case ItemVerb::kReturn:
    case ItemVerb::kOpen:
    case ItemVerb::kUnlock:
    case ItemVerb::kLock:
    case ItemVerb::kRepeat:
      return;  // above
  }
  m.Reject("unknown_action",
           "items can be opened, started, completed, skipped, cancelled, "
           "locked, unlocked, repeated, claimed, released, deferred, handed "
           "over, signed and returned");
}

}  // namespace stepwell::engine
