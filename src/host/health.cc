// Health: counts, broken laws, and pools that risk comes to and nobody is in.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/time_text.h"
#include "base/zone.h"
#include "engine/invariants.h"
#include "host/lines.h"
#include "host/service_impl.h"
#include "protocol/approval.h"
#include "protocol/intake.h"
#include "protocol/supervision.h"
#include "runtime/rows.h"
#include "service/counted.h"
#include "service/deadlines.h"
#include "service/queue.h"
#include "service/sight.h"
#include "service/world.h"
#include "wire/record.h"

namespace stepwell::host {
namespace {

constexpr size_t kViolationsMax = 100;
constexpr size_t kHeldClocksMax = 1'000'000;  // counted of more

// Pools that risk comes to, and of which nobody works here: the alert is then
// owned by nobody, whatever its owner says.
class Unstaffed {
 public:
  Unstaffed(const protocol::Protocol& protocol,
            const engine::ServiceState& service, Instant now)
      : protocol_(protocol), service_(service), now_(now) {}

  bool IsEmpty(protocol::PoolId pool) const {
    return !pool.IsNone() && IsEmpty(protocol_.at(pool).id);
  }
  bool IsEmpty(const std::string& name) const {
    return std::none_of(service_.staff.begin(), service_.staff.end(),
                        [&](const engine::StaffState& staff) {
                          return service::ActsIn(service_, staff, name, now_);
                        });
  }

  // Of the tiers, of the rungs that escalate, and behind those.
  std::vector<protocol::PoolId> PoolsOfRisk() const {
    std::vector<protocol::PoolId> pools;
    for (const protocol::Tier& tier : protocol_.risk.tiers) {
      Add(tier.pool, pools);
      for (const auto clock : {tier.acknowledge, tier.assess, tier.close}) {
        for (const protocol::Rung& rung : protocol_.at(clock).ladder) {
          for (const protocol::Action& action : rung.actions) {
            Add(action.pool, pools);
          }
        }
      }
    }
    return pools;
  }

 private:
  void Add(protocol::PoolId pool, std::vector<protocol::PoolId>& pools) const {
    for (size_t i = 0; i <= protocol_.pools.size() && !pool.IsNone(); ++i) {
      if (std::find(pools.begin(), pools.end(), pool) == pools.end()) {
        pools.push_back(pool);
      }
      pool = protocol_.at(pool).fallback;
    }
  }

  const protocol::Protocol& protocol_;
  const engine::ServiceState& service_;
  const Instant now_;
};

std::string StreamText(store::StreamKey stream) {
  if (stream.kind == store::StreamKind::kService) return "parked input";
  return absl::StrCat(
      stream.kind == store::StreamKind::kGroup ? "group " : "case ",
      IdToText(stream.id));
}

void AddWarning(Health& health, std::string text) {
  if (health.warnings.size() < kViolationsMax) {
    health.warnings.push_back(std::move(text));
  }
}

void AddViolation(Health& health, std::string text) {
  if (health.violations.size() < kViolationsMax) {
    health.violations.push_back(std::move(text));
  }
}

void CountUnacknowledged(const engine::AlertState& alert, Health& health) {
  if (alert.stage != engine::AlertStage::kRaised) return;
  const Duration age = health.now - alert.raised_at;
  ++(age <= Hours(1)    ? health.unacknowledged_hour
     : age <= Hours(24) ? health.unacknowledged_day
                        : health.unacknowledged_older);
  health.oldest_unacknowledged_us =
      std::max(health.oldest_unacknowledged_us, age.us);
}

void LookAtAlerts(const engine::CaseState& state,
                  const protocol::Protocol& protocol,
                  const engine::ServiceState& staff, Health& health) {
  const Unstaffed unstaffed(protocol, staff, health.now);
  for (size_t i = 0; i < state.alerts.size(); ++i) {
    const engine::AlertState& alert = state.alerts[i];
    if (alert.stage == engine::AlertStage::kClosed) continue;
    ++health.open_alerts;
    CountUnacknowledged(alert, health);
    if (service::IsOverdue(alert.deadline, health.now)) ++health.overdue_alerts;
    if (!unstaffed.IsEmpty(alert.owner.pool)) continue;
    ++health.unstaffed_alerts;
    AddWarning(health,
               absl::StrCat("case ", CaseText(state.id), ": alert ", i,
                            " lies with ", protocol.at(alert.owner.pool).id,
                            ", which has no member"));
  }
}

// Parked input that discloses risk has the duty of an alert. What is not known
// to be harmless is only heard of when it is late.
void LookAtParked(const engine::ParkedState& parked, const Unstaffed& unstaffed,
                  Health& health) {
  if (!parked.open) return;
  ++health.parked;
  if (parked.risk == engine::Answer3::kNo) return;
  const bool discloses = parked.risk == engine::Answer3::kYes;
  const std::string what =
      absl::StrCat("parked input ", parked.receipt,
                   discloses ? " discloses risk" : " may disclose risk");
  if (parked.due < health.now) {
    AddWarning(health, absl::StrCat(what, " and is overdue: it lies with ",
                                    parked.owner_pool));
  }
  if (unstaffed.IsEmpty(parked.owner_pool)) {
    AddWarning(health, absl::StrCat(what, " and lies with ", parked.owner_pool,
                                    ", which has no member"));
  }
}

bool DrawsReviews(const protocol::Protocol& protocol) {
  return protocol.supervision != nullptr &&
         !protocol.supervision->reviews.empty();
}

Date MonthOf(Instant at, const Zone& zone) {
  const Date day = ToLocal(zone, at).date;
  return Date{day.days - (FieldsOf(day).day - 1)};
}

// The first day of each month in which a version that draws reviews was in
// force: of what was before, nothing is drawn late.
using Months = std::set<int32_t>;

absl::StatusOr<Months> SupervisedMonths(runtime::Runtime& runtime,
                                        Instant now) {
  constexpr size_t kPage = 1000;
  const protocol::Protocol& current = *runtime.current();
  Months months;
  if (!DrawsReviews(current)) return months;
  std::optional<Instant> since;
  const auto end = [&](Instant until) {
    if (!since) return;
    const Date last = MonthOf(until, *current.zone);
    for (Date month = MonthOf(*since, *current.zone); month.days <= last.days;
         month = AddMonths(month, 1)) {
      months.insert(month.days);
    }
    since.reset();
  };
  for (uint64_t next = 1; true; next += kPage) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto records, runtime.store().ReadRecords(
                                {store::StreamKind::kService, 1}, next, kPage));
    for (const std::string& record : records) {
      STEPWELL_ASSIGN_OR_RETURN(const engine::ServiceEvent event,
                                wire::DecodeServiceEvent(record));
      const auto* said = std::get_if<engine::ProtocolDeployed>(&event.body);
      if (said == nullptr) continue;
      end(event.recorded);
      const auto version = runtime.ProtocolOf(said->deployed.hash);
      if (absl::IsDataLoss(version.status())) continue;
      STEPWELL_RETURN_IF_ERROR(version.status());
      if (DrawsReviews(**version)) since = event.recorded;
    }
    if (records.size() < kPage) break;
  }
  end(now);
  return months;
}

// What supervision has not come to.
class Unsupervised {
 public:
  static absl::StatusOr<Unsupervised> In(runtime::Runtime& runtime,
                                         Instant now) {
    STEPWELL_ASSIGN_OR_RETURN(Months supervised,
                              SupervisedMonths(runtime, now));
    return Unsupervised(std::move(supervised), now);
  }

  void Add(const engine::CaseState& state, const protocol::Protocol& protocol) {
    CoverMonths(state, protocol);
    for (const engine::SignState& sign : state.signs) {
      ++signs_;
      for (const engine::ClockState& clock : state.clocks) {
        late_signs_ += clock.ordinal == sign.clock && clock.due < now_ ? 1 : 0;
      }
    }
    for (const engine::DrawnState& drawn : state.drawn) {
      if (drawn.item >= state.items.size()) continue;
      const engine::ItemState& item = state.items[drawn.item];
      if (!engine::IsOpen(item.status)) continue;
      ++reviews_;
      late_reviews_ += item.due < now_ ? 1 : 0;
    }
  }

  void Tell(const protocol::Protocol& current,
            const engine::ServiceState& service, Health& health) const {
    if (late_signs_ > 0) {
      AddWarning(health, absl::StrCat("second signs are overdue: ", late_signs_,
                                      " of ", signs_, " that are awaited"));
    }
    if (late_reviews_ > 0) {
      AddWarning(health,
                 absl::StrCat("reviews of staff are overdue: ", late_reviews_,
                              " of ", reviews_, " that are open"));
    }
    TellUndrawn(current, service, health);
  }

 private:
  Unsupervised(Months supervised, Instant now)
      : supervised_(std::move(supervised)), now_(now) {}

  // In these months something may have been done in the case.
  void CoverMonths(const engine::CaseState& state,
                   const protocol::Protocol& protocol) {
    if (!DrawsReviews(protocol) || state.episodes.empty()) return;
    const Zone& zone = *protocol.zone;
    const Date from = MonthOf(state.episodes.front().opened_at, zone);
    const Date to = MonthOf(state.IsClosed() ? state.last_at : now_, zone);
    months_.insert(supervised_.lower_bound(from.days),
                   supervised_.upper_bound(to.days));
  }

  // Months that are over, with cases to draw from.
  void TellUndrawn(const protocol::Protocol& current,
                   const engine::ServiceState& service, Health& health) const {
    const Date present = MonthOf(now_, *current.zone);
    const auto& drawn = service.drawn_months;
    std::vector<std::string> undrawn;
    for (const int32_t days : months_) {
      const std::string month = FormatDate(Date{days}).substr(0, 7);
      if (days < present.days &&
          std::find(drawn.begin(), drawn.end(), month) == drawn.end()) {
        undrawn.push_back(month);
      }
    }
    if (undrawn.empty()) return;
    AddWarning(health,
               absl::StrCat("the reviews of ", absl::StrJoin(undrawn, ", "),
                            " have not been drawn: draw_reviews"));
  }

  Months supervised_;
  Instant now_;
  Months months_;
  size_t signs_ = 0, late_signs_ = 0, reviews_ = 0, late_reviews_ = 0;
};

// A queue whose places are those of nobody never moves.
void LookAtPlaces(const engine::ServiceState& service,
                  const protocol::Protocol& current, Health& health) {
  if (current.intake == nullptr) return;
  const protocol::PoolId pool = current.intake->capacity.pool;
  if (pool.IsNone() ||
      service::PlacesNow(current, service, {}, health.now) > 0) {
    return;
  }
  AddWarning(health,
             absl::StrCat("the queue has no place to give: ",
                          service::WhoIsMissing(current, service, health.now)));
}

// What lies with somebody who has left is done by nobody.
absl::Status LookAtLeft(service::Sights& sights, store::Store& store,
                        Health& health) {
  const engine::ServiceState& service = sights.service();
  for (uint32_t i = 1; i <= service.staff.size(); ++i) {
    const engine::StaffState& staff = service.staff[i - 1];
    if (staff.left_at > health.now) continue;
    store::WorkScan scan;
    scan.owner = service::OwnerKey(StaffId(i));
    STEPWELL_ASSIGN_OR_RETURN(const uint64_t lines, store.CountWork(scan));
    scan.owner = service::PatientsKey(*scan.owner);
    STEPWELL_ASSIGN_OR_RETURN(const uint64_t cases, store.CountWork(scan));
    if (lines + cases == 0) continue;
    const StaffId doer = service::DoerOf(sights, StaffId(i));
    AddWarning(health, absl::StrCat(
                           staff.reference, " has left, and ", cases,
                           " cases and ", lines, " pieces of work are theirs; ",
                           doer.value != 0
                               ? absl::StrCat(service.StaffName(doer),
                                              " does them: give them to others")
                               : "nobody is there who does them"));
  }
  return absl::OkStatus();
}

// Who is named for a leave that is to come or runs, and leaves before its end.
void LookAtCover(const engine::ServiceState& service, Health& health) {
  for (const engine::StaffState& staff : service.staff) {
    for (const engine::LeaveState& leave : staff.leave) {
      if (leave.to <= health.now || leave.cover.value == 0) continue;
      const engine::StaffState& cover = service.staff[leave.cover.value - 1];
      if (cover.left_at >= leave.to) continue;
      AddWarning(health,
                 absl::StrCat(
                     cover.reference, " covers for ", staff.reference,
                     " until ", FormatInstantUtc(leave.to), ", and ",
                     cover.left_at <= health.now ? "has left" : "leaves before",
                     ": name another cover"));
    }
  }
}

// Who is to act for somebody who has left, or is of none of these pools any
// more: nothing comes of it, and nobody is told.
void LookAtActing(const engine::ServiceState& service, Health& health) {
  for (const engine::StaffState& staff : service.staff) {
    if (staff.left_at <= health.now) continue;
    for (const engine::DelegationState& acting : staff.delegations) {
      if (acting.to <= health.now || health.now < acting.from) continue;
      const engine::StaffState& other = service.staff[acting.of.value - 1];
      const bool has_left = other.left_at <= health.now;
      const bool works_there =
          std::any_of(acting.pools.begin(), acting.pools.end(),
                      [&](const std::string& pool) {
                        return service::WorksIn(other, pool, health.now);
                      });
      if (works_there) continue;
      AddWarning(health,
                 absl::StrCat(staff.reference, " acts for ", other.reference,
                              " until ", FormatInstantUtc(acting.to), ", who ",
                              has_left ? "has left" : "does not work there",
                              ": nothing comes of it, register who does"));
    }
  }
}

// Hours of a calendar that the version of new cases does not have.
void LookAtCalendars(const engine::ServiceState& service,
                     const protocol::Protocol& current, Health& health) {
  for (const engine::StaffState& staff : service.staff) {
    if (staff.calendar.empty() || staff.left_at <= health.now ||
        std::any_of(current.calendars.begin(), current.calendars.end(),
                    [&](const auto& calendar) {
                      return calendar.name == staff.calendar;
                    })) {
      continue;
    }
    AddWarning(
        health,
        absl::StrCat("the calendar ", staff.calendar, " of ", staff.reference,
                     " is not in the newest version of the protocol: in "
                     "its cases they are at work whenever their pool "
                     "is"));
  }
}

// Of the version that new cases begin with, and of those that open cases are
// on.
void LookAtPoolsOfRisk(const std::set<const protocol::Protocol*>& versions,
                       const engine::ServiceState& service, Health& health) {
  std::set<std::string> names, deserted;
  for (const protocol::Protocol* version : versions) {
    const Unstaffed unstaffed(*version, service, health.now);
    for (const protocol::PoolId pool : unstaffed.PoolsOfRisk()) {
      const std::string& name = version->at(pool).id;
      if (unstaffed.IsEmpty(pool)) {
        names.insert(name);
      } else if (service::IsDeserted(*version, pool, service, health.now)) {
        deserted.insert(name);
      }
    }
  }
  for (const std::string& pool : names) {
    AddWarning(health, absl::StrCat("risk comes to the pool ", pool,
                                    ", which has no member"));
  }
  for (const std::string& pool : deserted) {
    AddWarning(health, absl::StrCat("risk comes to the pool ", pool,
                                    ", and nobody of it, or behind it, is "
                                    "here"));
  }
}

std::optional<SafeModeSwitch> Told(
    const std::optional<engine::SafeModeSwitch>& said) {
  if (!said) return std::nullopt;
  return SafeModeSwitch{said->at, said->by, said->reason};
}

void LookAtService(const engine::ServiceState& service,
                   const protocol::Protocol& current, Health& health) {
  LookAtPlaces(service, current, health);
  health.safe_since = service.safe_since;
  health.safe_on = Told(service.safe_on);
  health.safe_off = Told(service.safe_off);
  if (service.safe_since) {
    const std::string who = service.safe_on
                                ? absl::StrCat(" (", service.safe_on->by, ": ",
                                               service.safe_on->reason, ")")
                                : "";
    AddWarning(health,
               absl::StrCat("the service is in safe mode since ",
                            FormatInstantUtc(*service.safe_since), who,
                            ": nothing is said to patients, and nothing "
                            "happens by itself but what watches over risk"));
  }
  LookAtCover(service, health);
  LookAtActing(service, health);
  LookAtCalendars(service, current, health);
  const Unstaffed unstaffed(current, service, health.now);
  const Duration ahead = service.last_at - health.now;
  if (ahead > Minutes(limits::kStaffSkewMinutesMax)) {
    AddViolation(health,
                 absl::StrCat("14: the time of the service's own stream lies ",
                              ahead.us / Minutes(1).us,
                              " minutes ahead: somebody's clock is wrong, set "
                              "it right; the service goes on meanwhile"));
  }
  for (const engine::ParkedState& parked : service.parked) {
    LookAtParked(parked, unstaffed, health);
  }
}

// Work that lies with somebody who is not of its pool, and stands behind it no
// more: whoever is sees it, and nobody is told that it is theirs.
class LeftBehind {
 public:
  LeftBehind(service::Versions versions, const engine::ServiceState& service,
             Instant now)
      : service_(service),
        now_(now),
        work_(service.staff.size()),
        cases_(service.staff.size()) {
    for (uint32_t i = 1; i <= service.staff.size(); ++i) {
      sights_.emplace_back(versions, service, StaffId(i), now);
    }
  }

  void Add(const protocol::Protocol& protocol, const engine::CaseState& state) {
    if (!state.IsClosed() && !state.owner.pool.IsNone()) {
      AddCase(state.owner.staff, protocol.at(state.owner.pool).id);
    }
    for (const service::WorkEntry& entry : service::AllWork(protocol, state)) {
      const bool is_work = (Bit(entry.filter) & kWorkKinds) != 0;
      if (!is_work || entry.owner.pool.IsNone()) continue;
      const std::string& pool = protocol.at(entry.owner.pool).id;
      Add(entry.owner.staff, pool);
      const bool is_told =
          entry.kind == service::WorkKind::kAlert &&
          Unstaffed(protocol, service_, now_).IsEmpty(entry.owner.pool);
      if (entry.owner.staff.value == 0 && !is_told &&
          service::IsDeserted(protocol, entry.owner.pool, service_, now_)) {
        ++deserted_[pool];
      }
    }
  }
  void Add(StaffId staff, const std::string& pool) {
    if (staff.value == 0 || staff.value > sights_.size()) return;
    const size_t i = staff.value - 1;
    const bool gone = service_.staff[i].left_at <= now_;  // told otherwise
    if (!gone && !sights_[i].Sees(pool)) ++work_[i];
  }

  void Tell(Health& health) const {
    for (const auto& [pool, pieces] : deserted_) {
      AddWarning(
          health,
          absl::StrCat(pieces,
                       pieces == 1 ? " piece of work lies with "
                                   : " pieces of work lie with ",
                       pool, ", and nobody of it, or behind it, is here"));
    }
    for (size_t i = 0; i < work_.size(); ++i) {
      if (cases_[i] > 0) {
        AddWarning(health, absl::StrCat(
                               "of the cases of ", service_.staff[i].reference,
                               ", ", cases_[i], cases_[i] == 1 ? " is" : " are",
                               " of a pool that they do not belong to any "
                               "more: assign them"));
      }
      if (work_[i] == 0) continue;
      AddWarning(health,
                 absl::StrCat("of the work that lies with ",
                              service_.staff[i].reference, ", ", work_[i],
                              work_[i] == 1 ? " piece is" : " pieces are",
                              " of a pool that they do not belong to: somebody "
                              "of it takes over, an item by hand_over, an "
                              "alert by its next step"));
    }
  }

 private:
  // Whoever stands behind a pool sees its cases, and has none of them.
  void AddCase(StaffId staff, const std::string& pool) {
    if (staff.value == 0 || staff.value > sights_.size()) return;
    const engine::StaffState& owner = service_.staff[staff.value - 1];
    const bool is_of = std::find(owner.pools.begin(), owner.pools.end(),
                                 pool) != owner.pools.end();
    if (!is_of && owner.left_at > now_) ++cases_[staff.value - 1];
  }

  const engine::ServiceState& service_;
  const Instant now_;
  std::vector<service::Sight> sights_;
  std::vector<size_t> work_, cases_;
  std::map<std::string, size_t> deserted_;  // in queues that nobody sees to
};

// Until then clocks were held: safe mode is on, or nobody has advanced since.
Instant HeldUntil(const Health& health, Instant last_advance) {
  if (health.safe_since) return health.now;
  if (!health.safe_off || health.safe_off->at < last_advance) return Instant();
  return health.safe_off->at;
}

// When a clock that is due was begun or put elsewhere, if that was after the
// last advance, which could not fire it: it began late, and nobody is behind.
absl::StatusOr<Instant> BegunSince(runtime::Runtime& runtime,
                                   const store::DueClock& due, Instant last) {
  constexpr uint64_t kPage = 100;
  if (due.stream.kind != store::StreamKind::kCase) return last;
  const auto loaded = runtime.LoadCase(CaseId(due.stream.id));
  if (!loaded.ok() || loaded->state->last_at <= last) return last;
  for (uint64_t end = loaded->state->version + 1; end > 1;) {
    const uint64_t from = end > kPage ? end - kPage : 1;
    STEPWELL_ASSIGN_OR_RETURN(
        const auto records,
        runtime.store().ReadRecords(due.stream, from, end - from));
    for (size_t i = records.size(); i-- > 0;) {
      STEPWELL_ASSIGN_OR_RETURN(const engine::Event event,
                                wire::DecodeEvent(records[i]));
      if (event.recorded <= last) return last;
      const auto* started = std::get_if<engine::ClockStarted>(&event.body);
      const auto* changed = std::get_if<engine::ClockChanged>(&event.body);
      if ((started != nullptr && started->clock == due.clock) ||
          (changed != nullptr && changed->clock == due.clock) ||
          std::holds_alternative<engine::Voided>(event.body)) {
        return event.recorded;
      }
    }
    end = from;
  }
  return last;
}

// How far the clocks are behind, and what an advance should have fired and
// could not. What waits for the end of safe mode, or for the first advance
// after it, is counted, and no fault.
absl::Status LookAtDueClocks(runtime::Runtime& runtime, Health& health) {
  STEPWELL_ASSIGN_OR_RETURN(const Instant last, runtime.LastAdvance());
  const Instant held_until = HeldUntil(health, last);
  STEPWELL_ASSIGN_OR_RETURN(
      const auto due,
      runtime.store().DueClocks(health.now, held_until == Instant()
                                                ? kViolationsMax
                                                : kHeldClocksMax));
  for (const store::DueClock& clock : due) {
    bool held = clock.due <= held_until;
    if (held && clock.stream.kind == store::StreamKind::kCase) {
      // As it is, and not as it was last seen here.
      const auto loaded = runtime.LoadCase(CaseId(clock.stream.id));
      if (absl::IsUnavailable(loaded.status())) return loaded.status();
    }
    if (held) {
      STEPWELL_ASSIGN_OR_RETURN(held, runtime.WaitsInSafeMode(clock));
    }
    if (held) {
      ++health.held_clocks;
      continue;
    }
    Instant since = clock.due;
    if (since <= last) {
      STEPWELL_ASSIGN_OR_RETURN(const Instant begun,
                                BegunSince(runtime, clock, last));
      if (begun > last) since = begun;
    }
    const Duration behind = health.now - since;
    health.oldest_due_unfired_us =
        std::max(health.oldest_due_unfired_us, behind.us);
    if (since > last) continue;
    AddWarning(health, absl::StrCat(
                           StreamText(clock.stream), ": clock ", clock.clock,
                           " was due ", behind.us / Minutes(1).us,
                           " minutes ago and did not fire when the clocks were "
                           "last advanced"));
  }
  if (health.held_clocks > 0 && !health.safe_since) {
    AddWarning(health,
               absl::StrCat("safe mode is over, and ", health.held_clocks,
                            " clocks that it held wait for the next "
                            "advance"));
  }
  return absl::OkStatus();
}

absl::Status CompareCounters(store::Store& store, service::Counts& counted,
                             Health& health) {
  std::set<std::string> names = {
      service::kCasesOpen,         service::kCasesClosed, service::kReferralsIn,
      service::kReferralsAnswered, service::kAlertsOpen,  service::kParkedOpen};
  for (const auto& [name, number] : counted) names.insert(name);
  for (const std::string_view prefix :
       {service::kCaseloadPrefix, service::kWeightPrefix}) {
    STEPWELL_ASSIGN_OR_RETURN(const auto kept, store.Counters(prefix));
    for (const auto& [name, number] : kept) names.insert(name);
  }
  for (const std::string& name : names) {
    STEPWELL_ASSIGN_OR_RETURN(const int64_t kept, store.Counter(name));
    if (kept == counted[name]) continue;
    AddViolation(health, absl::StrCat("the counter ", name, " is ", kept,
                                      ", counted are ", counted[name]));
  }
  return absl::OkStatus();
}

// Whose turn it was is counted from the logs (`verify`); here only whether they
// are of the register.
absl::Status LookAtTurns(const engine::ServiceState& service,
                         store::Store& store, Health& health) {
  STEPWELL_ASSIGN_OR_RETURN(const auto turns,
                            store.Counters(service::kTurnPrefix));
  for (const auto& [name, staff] : turns) {
    if (staff >= 0 && staff <= static_cast<int64_t>(service.staff.size())) {
      continue;
    }
    AddViolation(health, absl::StrCat("the counter ", name, " is ", staff,
                                      ", which is nobody of the register"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Health> ServiceImpl::CheckHealth(Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
  Health health;
  health.now = now;
  const std::string draft = protocol::StatusWarning(*runtime_->current());
  if (!draft.empty()) AddWarning(health, draft);
  service::Counts counted;
  size_t not_placed = 0;
  const auto current = runtime_->current();
  std::set<const protocol::Protocol*> versions = {current.get()};
  STEPWELL_ASSIGN_OR_RETURN(const auto deployed, runtime_->Versions());
  LeftBehind left(deployed, runtime_->service(), now);
  STEPWELL_ASSIGN_OR_RETURN(auto unsupervised,
                            Unsupervised::In(*runtime_, now));
  const auto unreadable = [&](CaseId id, const absl::Status& status) {
    AddViolation(health, absl::StrCat("case ", CaseText(id),
                                      " cannot be read: ", status.message()));
  };
  const auto look = [&](CaseId id, const engine::CaseState& state,
                        const protocol::Protocol& protocol) {
    service::CountCase(protocol, state, counted);
    if (!state.IsClosed()) versions.insert(&protocol);
    left.Add(protocol, state);
    unsupervised.Add(state, protocol);
    LookAtAlerts(state, protocol, runtime_->service(), health);
    const bool stale = runtime_->IsPlaceStale(protocol, state);
    not_placed += stale && state.protocol != runtime_->current()->hash ? 1 : 0;
    for (const std::string& broken : engine::BrokenInvariants(
             protocol, state, now, runtime_->PlacesByNewest(protocol))) {
      AddViolation(health, absl::StrCat("case ", CaseText(id), ": ", broken));
    }
    return absl::OkStatus();
  };
  STEPWELL_RETURN_IF_ERROR(ForEachCase(look, unreadable));
  if (not_placed > 0) {
    AddWarning(health, absl::StrCat(not_placed,
                                    " cases of earlier versions are not yet "
                                    "counted by the queue: deploy the version "
                                    "again"));
  }
  LookAtPoolsOfRisk(versions, runtime_->service(), health);
  LookAtService(runtime_->service(), *current, health);
  for (const engine::ParkedState& parked : runtime_->service().parked) {
    if (parked.open) left.Add(parked.owner, parked.owner_pool);
  }
  left.Tell(health);
  unsupervised.Tell(*current, runtime_->service(), health);
  counted[service::kParkedOpen] = static_cast<int64_t>(health.parked);
  store::Store& store = runtime_->store();
  STEPWELL_RETURN_IF_ERROR(CompareCounters(store, counted, health));
  STEPWELL_RETURN_IF_ERROR(LookAtTurns(runtime_->service(), store, health));
  service::Sights sights(deployed, runtime_->service(), now);
  STEPWELL_RETURN_IF_ERROR(LookAtLeft(sights, store, health));
  const auto count = [&](const char* name) {
    return static_cast<uint64_t>(counted[name]);
  };
  health.open_cases = count(service::kCasesOpen);
  health.closed_cases = count(service::kCasesClosed);
  health.referrals_in = count(service::kReferralsIn);
  health.referrals_answered = count(service::kReferralsAnswered);
  health.referrals_open = health.referrals_in - health.referrals_answered;
  STEPWELL_ASSIGN_OR_RETURN(const store::StoreInfo info, store.Info());
  health.outbox_pending = info.outbox;
  store::WorkScan unowned;
  unowned.owner = service::OwnerKeyOfPool("");
  STEPWELL_ASSIGN_OR_RETURN(health.unowned_work, store.CountWork(unowned));
  STEPWELL_RETURN_IF_ERROR(LookAtDueClocks(*runtime_, health));
  return health;
}

}  // namespace stepwell::host
