#include "service/queue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/time_text.h"
#include "service/projection.h"
#include "service/world.h"

namespace stepwell::service {

using engine::Hold;
using engine::HoldKind;
using engine::IntakeState;
using engine::IntakeView;
using protocol::Intake;
using protocol::Throttle;

namespace {

// Periods that are looked ahead: who waits longer is told nothing certain.
constexpr int64_t kPeriodsMax = 1000;

bool Concerns(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

int64_t PlacesNow(const protocol::Protocol& protocol,
                  const engine::ServiceState& service,
                  const Caseloads& caseloads, Instant now) {
  const protocol::Capacity& capacity = protocol.intake->capacity;
  if (capacity.places > 0) return capacity.places;
  const protocol::Pool& pool = protocol.at(capacity.pool);
  int64_t room = 0;  // for cases that weigh one, beside what there is
  for (uint32_t i = 1; i <= service.staff.size(); ++i) {
    const engine::StaffState& staff = service.staff[i - 1];
    if (!WorksIn(staff, pool.id, now) || IsOnLeave(staff, now)) continue;
    room += LimitOf(pool, &staff, now) - caseloads.Of(StaffId(i)).beyond;
  }
  return std::max<int64_t>(0, room) / protocol::kCaseWeight;
}

std::string WhoIsMissing(const protocol::Protocol& protocol,
                         const engine::ServiceState& service, Instant now) {
  const protocol::Pool& pool = protocol.at(protocol.intake->capacity.pool);
  const bool any = std::any_of(service.staff.begin(), service.staff.end(),
                               [&](const engine::StaffState& staff) {
                                 return WorksIn(staff, pool.id, now);
                               });
  return absl::StrCat(
      "the pool ", pool.id,
      any ? " has no member who is not on leave" : " has no member");
}

IntakeView LimitsNow(const protocol::Protocol& protocol,
                     const engine::ServiceState& service,
                     const Caseloads& caseloads, Instant now,
                     const CounterOf& counter) {
  const Intake& intake = *protocol.intake;
  IntakeView view;
  if (intake.capacity.IsLimit()) {
    view.places = PlacesNow(protocol, service, caseloads, now);
    view.taken = counter(kIntakePlaces);
  }
  for (const Throttle& throttle : intake.throttles) {
    view.started.push_back(
        counter(StartsCounter(throttle.id, PeriodOf(throttle, now))));
  }
  return view;
}

bool IsClosedToAll(const Intake& intake, const IntakeView& view) {
  if (view.places && view.taken >= *view.places) return true;
  for (size_t i = 0; i < intake.throttles.size(); ++i) {
    const Throttle& throttle = intake.throttles[i];
    if (throttle.routes.empty() && view.started[i] >= throttle.starts) {
      return true;
    }
  }
  return false;
}

Instant NextOpening(const Intake& intake, const IntakeView& view, Instant now) {
  Instant first = Instant::Never();
  for (size_t i = 0; i < intake.throttles.size(); ++i) {
    if (view.started[i] < intake.throttles[i].starts) continue;
    first = std::min(first, NextPeriod(intake.throttles[i], now));
  }
  return first;
}

void Ahead::Count(const IntakeState& place) {
  ++all;
  ++by_class[place.intake_class];
  for (const std::string& name : place.throttles) ++by_throttle[name];
}

const engine::ClockState* LegalClockOf(const protocol::Protocol& protocol,
                                       const engine::CaseState& state) {
  const engine::ClockState* first = nullptr;
  for (const engine::Referral& referral : state.referrals) {
    if (referral.episode != state.episode() || referral.ended_as) continue;
    const protocol::ClockDefId def = protocol.at(referral.route).legal_clock;
    if (def.IsNone()) continue;
    const engine::ClockState* clock = state.ClockOfCase(def);
    if (clock != nullptr && (first == nullptr || clock->due < first->due)) {
      first = clock;
    }
  }
  return first;
}

namespace {

// The start of the period in which the case fits when nobody comes before it:
// those ahead use what the throttle has left, then whole periods.
Instant FitsFrom(const Throttle& throttle, int64_t started, uint64_t ahead,
                 Instant now) {
  const int64_t left = std::max<int64_t>(0, throttle.starts - started);
  const int64_t before = static_cast<int64_t>(ahead);
  if (before < left) return now;
  const int64_t periods = (before - left) / throttle.starts + 1;
  if (periods > kPeriodsMax) return Instant::Never();
  Instant from = now;
  for (int64_t i = 0; i < periods; ++i) from = NextPeriod(throttle, from);
  return from;
}

class Teller {
 public:
  Teller(const protocol::Protocol& protocol, const engine::CaseState& state,
         const engine::ServiceState& service, const IntakeView& view,
         const Ahead& ahead, Instant now)
      : protocol_(protocol),
        service_(service),
        intake_(*protocol.intake),
        state_(state),
        place_(*state.Place()),
        view_(view),
        ahead_(ahead),
        now_(now) {}

  QueueWords Tell(uint64_t total) {
    Position(total);
    words_.not_before = now_;
    TellHeld();
    for (const Hold& hold : engine::HoldsOf(intake_, place_, view_)) {
      Tell(hold);
    }
    for (size_t i = 0; i < intake_.throttles.size(); ++i) TellThrottle(i);
    if (ahead_.all > 0) Opens("those before it are let in");
    if (words_.would_open.empty()) Opens("the next advance of the clocks");
    TellLegalWait();
    return std::move(words_);
  }

 private:
  void Because(std::string text) { words_.reasons.push_back(std::move(text)); }
  void Opens(std::string text) { words_.would_open.push_back(std::move(text)); }

  void Position(uint64_t total) {
    const int64_t own = static_cast<int64_t>(place_.rank);
    std::string text = absl::StrCat("position ", ahead_.all + 1, " of ", total,
                                    ", class ", place_.intake_class);
    std::vector<std::string> before;
    for (size_t i = 0; i < intake_.classes.size(); ++i) {
      const auto it = ahead_.by_class.find(intake_.classes[i].id);
      if (it == ahead_.by_class.end()) continue;
      before.push_back(absl::StrCat(
          it->second,
          static_cast<int64_t>(i) == own
              ? " of its class who came before it"
              : absl::StrCat(" of the class ", intake_.classes[i].id)));
    }
    Because(text);
    if (!before.empty()) {
      Because(absl::StrCat("before it are ", absl::StrJoin(before, ", ")));
    }
  }

  void TellHeld() {
    if (state_.paused_at) {
      Because("the case is paused: it keeps its place");
      Opens("the case is resumed");
    }
    if (place_.unknown.empty()) return;
    Because(absl::StrCat("not known: ", absl::StrJoin(place_.unknown, ", "),
                         place_.held ? "; it is not let in before" : ""));
    if (place_.held) Opens("the question about it is answered");
  }

  void Tell(const Hold& hold) {
    switch (hold.kind) {
      case HoldKind::kHeld:      // TellHeld
      case HoldKind::kThrottle:  // TellThrottle
        break;
      case HoldKind::kPlaces:
        if (*view_.places == 0) {
          Because("there are no places: " +
                  WhoIsMissing(protocol_, service_, now_));
          Opens(absl::StrCat("somebody is there of the pool ",
                             protocol_.at(intake_.capacity.pool).id));
          break;
        }
        Because(absl::StrCat(view_.taken, " of ", *view_.places,
                             " places are taken"));
        Opens("a place is given back");
        break;
      case HoldKind::kRule: {
        const protocol::CapacityRule* rule = intake_.FindRule(hold.name);
        Because(absl::StrCat(hold.name, ": only while ", rule->free_min,
                             " places are free, and ",
                             std::max<int64_t>(0, *view_.places - view_.taken),
                             " are"));
        Opens(absl::StrCat(rule->free_min, " places are free"));
        break;
      }
    }
  }

  void TellThrottle(size_t i) {
    const Throttle& throttle = intake_.throttles[i];
    if (!Concerns(place_.throttles, throttle.id)) return;
    const auto it = ahead_.by_throttle.find(throttle.id);
    const uint64_t ahead = it == ahead_.by_throttle.end() ? 0 : it->second;
    const Instant from = FitsFrom(throttle, view_.started[i], ahead, now_);
    if (from == now_) return;
    Because(absl::StrCat(throttle.id, ": ", view_.started[i], " of ",
                         throttle.starts, " starts of the period from ",
                         PeriodOf(throttle, now_), " are used, ", ahead,
                         " before it wait for one"));
    if (from.IsNever()) {
      Opens(
          absl::StrCat("a period of ", throttle.id, ", nobody can tell which"));
    } else {
      Opens(absl::StrCat("the period of ", throttle.id, " from ",
                         FormatInstant(from, *throttle.zone),
                         ", when nobody comes before it"));
    }
    if (words_.not_before < from) words_.not_before = from;
  }

  void TellLegalWait() {
    const engine::ClockState* clock = LegalClockOf(protocol_, state_);
    if (clock == nullptr) {
      Because("no wait that the law counts is running");
      return;
    }
    const std::string name = protocol_.at(clock->def).id;
    const std::string due = FormatInstant(clock->due, *protocol_.zone);
    if (clock->due < now_) {
      Because(absl::StrCat(name, " ended on ", due, ": the wait is too long"));
    } else if (words_.not_before > clock->due) {
      Because(absl::StrCat(name, " ends on ", due,
                           ", before it can be let in: it will be too long"));
    } else {
      Because(absl::StrCat(name, " ends on ", due));
    }
  }

  const protocol::Protocol& protocol_;
  const engine::ServiceState& service_;
  const Intake& intake_;
  const engine::CaseState& state_;
  const IntakeState& place_;
  const IntakeView& view_;
  const Ahead& ahead_;
  const Instant now_;
  QueueWords words_;
};

}  // namespace

QueueWords WordsOf(const protocol::Protocol& protocol,
                   const engine::CaseState& state,
                   const engine::ServiceState& service, const IntakeView& view,
                   const Ahead& ahead, uint64_t total, Instant now) {
  return Teller(protocol, state, service, view, ahead, now).Tell(total);
}

}  // namespace stepwell::service
