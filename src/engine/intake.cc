// The place of a case in the queue, kept up with all that decides on it; and
// the two ways in: its turn, and a person's word.
#include "engine/intake.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using fhirpath::Tri;
using protocol::Guard;
using protocol::Intake;
using protocol::OnUnknown;

std::vector<Hold> HoldsOf(const Intake& intake, const IntakeState& place,
                          const IntakeView& view) {
  std::vector<Hold> holds;
  if (place.held) holds.push_back({HoldKind::kHeld, ""});
  for (size_t i = 0; i < intake.throttles.size(); ++i) {
    const protocol::Throttle& throttle = intake.throttles[i];
    const bool counts =
        std::find(place.throttles.begin(), place.throttles.end(),
                  throttle.id) != place.throttles.end();
    if (counts && i < view.started.size() &&
        view.started[i] >= throttle.starts) {
      holds.push_back({HoldKind::kThrottle, throttle.id});
    }
  }
  if (!view.places) return holds;
  const int64_t free = *view.places - view.taken;
  if (free < 1) holds.push_back({HoldKind::kPlaces, ""});
  for (const std::string& name : place.rules) {
    const protocol::CapacityRule* rule = intake.FindRule(name);
    if (rule != nullptr && free < rule->free_min) {
      holds.push_back({HoldKind::kRule, name});
    }
  }
  return holds;
}

std::optional<int64_t> PlacesTakenMax(const Intake& intake,
                                      const IntakeState& place,
                                      const IntakeView& view) {
  if (!view.places) return std::nullopt;
  int64_t free_min = 1;
  for (const std::string& name : place.rules) {
    const protocol::CapacityRule* rule = intake.FindRule(name);
    if (rule != nullptr) free_min = std::max<int64_t>(free_min, rule->free_min);
  }
  return *view.places - free_min + 1;
}

namespace {

// What is asked when nobody can tell whether a class or a rule is meant.
std::string TopicOf(const std::string& name) {
  return absl::StrCat("the place in the queue: is it ", name, "?");
}

// Looks at guards in order and remembers which of them nobody can tell.
struct Placing {
  const CaseState& state;
  GuardEvaluator& guards;
  FoundPlace found = {};
  IntakePlaced& placed = found.placed;

  // Unknown: what `raise` says; or no, and it is asked.
  Tri Look(const std::string& name, const Guard& guard) {
    const Tri truth = guards.Evaluate(guard);
    if (truth != Tri::kUnknown) return truth;
    if (guard.on_unknown == OnUnknown::kRaise) return Tri::kTrue;
    placed.unknown.push_back(name);
    placed.held = placed.held || guard.on_unknown == OnUnknown::kBlock;
    found.asked.emplace_back(name, &guard);
    return truth;
  }

  void Class(const Intake& intake) {
    for (size_t i = 0; i < intake.classes.size(); ++i) {
      const protocol::IntakeClass& one = intake.classes[i];
      if (Look(one.id, one.guard) != Tri::kTrue) continue;
      placed.intake_class = one.id;
      placed.rank = static_cast<uint16_t>(i);
      return;
    }
  }

  // A rule that may concern the case concerns it until that is known.
  void Rules(const Intake& intake) {
    for (const protocol::CapacityRule& rule : intake.capacity.rules) {
      if (Look(rule.id, rule.guard) != Tri::kFalse) {
        placed.rules.push_back(rule.id);
      }
    }
  }

  void Throttles(const Intake& intake) {
    for (const protocol::Throttle& throttle : intake.throttles) {
      if (Counts(throttle)) placed.throttles.push_back(throttle.id);
    }
  }

  // Whoever came by another way too is not counted with this one.
  bool Counts(const protocol::Throttle& throttle) const {
    return throttle.routes.empty() ||
           std::all_of(state.referrals.begin(), state.referrals.end(),
                       [&](const Referral& referral) {
                         return referral.episode != state.episode() ||
                                referral.ended_as ||
                                std::find(throttle.routes.begin(),
                                          throttle.routes.end(),
                                          referral.route) !=
                                    throttle.routes.end();
                       });
  }

  // The wait that the law counts: of the earliest referral of the episode.
  void WaitsFrom(Instant otherwise) {
    placed.waits_from = otherwise;
    for (const Referral& referral : state.referrals) {
      if (referral.episode != state.episode() || referral.ended_as) continue;
      placed.waits_from = std::min(placed.waits_from, referral.wait_from);
    }
  }
};

bool SamePlace(const IntakeState& was, const IntakePlaced& is) {
  return was.intake_class == is.intake_class && was.rank == is.rank &&
         was.waits_from == is.waits_from && was.throttles == is.throttles &&
         was.rules == is.rules && was.unknown == is.unknown &&
         was.held == is.held;
}

enum class Standing { kOutside, kQueue, kPlace };

// By its own version, or by the newest one.
bool HasPlace(const Intake* intake, const World& world, PhaseId phase) {
  const auto newest = world.PlacesByNewest();
  return (intake != nullptr && intake->capacity.IsLimit() &&
          intake->Holds(phase)) ||
         std::find(newest.begin(), newest.end(), phase) != newest.end();
}

Standing StandingOf(const protocol::Protocol& protocol, const CaseState& state,
                    const World& world) {
  if (state.IsClosed()) return Standing::kOutside;
  const Intake* intake = protocol.intake.get();
  if (intake != nullptr && !state.died_at &&
      state.tracks[protocol.at(intake->phase).track.value].phase ==
          intake->phase) {
    return Standing::kQueue;
  }
  return std::any_of(state.tracks.begin(), state.tracks.end(),
                     [&](const TrackState& track) {
                       return HasPlace(intake, world, track.phase);
                     })
             ? Standing::kPlace
             : Standing::kOutside;
}

Standing StandingThen(const CaseState& state) {
  const IntakeState* was = state.Place();
  return was == nullptr ? Standing::kOutside
         : was->waiting ? Standing::kQueue
                        : Standing::kPlace;
}

}  // namespace

bool IsPlaceStale(const protocol::Protocol& protocol, const CaseState& state,
                  const World& world) {
  return StandingOf(protocol, state, world) != StandingThen(state);
}

FoundPlace PlaceOf(const protocol::Protocol& protocol, const CaseState& state,
                   GuardEvaluator& guards) {
  const Intake& intake = *protocol.intake;
  Placing placing{state, guards};
  // Nor is a case let in that is on its way to another service.
  placing.placed.held = state.paused_at.has_value() || state.transfer;
  placing.Class(intake);
  placing.Rules(intake);
  placing.Throttles(intake);
  placing.WaitsFrom(
      state.tracks[protocol.at(intake.phase).track.value].entered_at);
  return std::move(placing.found);
}

bool Macrostep::NoteIntake() {
  const Intake* intake = protocol.intake.get();
  if (intake == nullptr && state.intake.empty() &&
      world.PlacesByNewest().empty()) {
    return false;
  }
  const Standing standing = StandingOf(protocol, state, world);
  const size_t before = events.size();
  if (const IntakeState* was = state.Place()) {
    if (StandingThen(state) != standing) Emit(IntakeLeft{!was->waiting});
  }
  if (standing == Standing::kPlace && state.intake.empty()) Emit(PlaceTaken{});
  if (standing == Standing::kQueue) PlaceInQueue();
  return events.size() != before;
}

void Macrostep::PlaceInQueue() {
  const IntakeState* was = state.Place();
  FoundPlace found = PlaceOf(protocol, state, guards_);
  found.placed.joined = was == nullptr;
  // What blocks is asked for until it is known, the rest when it comes up.
  for (const auto& [name, guard] : found.asked) {
    const bool news =
        was == nullptr || std::find(was->unknown.begin(), was->unknown.end(),
                                    name) == was->unknown.end();
    if (!news && guard->on_unknown != OnUnknown::kBlock) continue;
    std::string details;
    for (const std::string& line : guards_.Unmet(*guard)) {
      absl::StrAppend(&details, "; ", line);
    }
    OpenReview(TopicOf(name), details);
  }
  // The questions have changed the state: `was` is looked for again.
  was = state.Place();
  if (was == nullptr || !SamePlace(*was, found.placed)) {
    Emit(std::move(found.placed));
  }
}

void Macrostep::Admit(bool by_person) {
  const IntakeState* place = state.Place();
  CaseAdmitted admitted;
  admitted.intake_class = place->intake_class;
  admitted.waits_from = place->waits_from;
  admitted.by_person = by_person;
  for (const std::string& name : place->throttles) {
    const protocol::Throttle* throttle = protocol.intake->FindThrottle(name);
    if (throttle == nullptr) continue;
    admitted.starts.push_back({name, PeriodOf(*throttle, now)});
  }
  Emit(std::move(admitted));
  Move(protocol.intake->to);
}

namespace {

// True when the case does not stand in the queue.
bool RefuseOutside(Macrostep& m) {
  const IntakeState* place = m.state.Place();
  if (m.protocol.intake != nullptr && place != nullptr && place->waiting) {
    return false;
  }
  m.Reject("not_waiting", "the case does not wait in the queue");
  return true;
}

}  // namespace

void Handle(Macrostep& m, const AdmitCase&) {
  if (RefuseClosed(m) || RefuseOutside(m)) return;
  if (m.command.envelope.actor.role != Role::kStaff) {
    m.Reject("person_required", "a person decides who need not wait");
  } else if (m.state.paused_at) {
    m.Reject("case_paused", "the case is paused: resume it first");
  } else if (m.command.envelope.reason.empty()) {
    m.Reject("reason_required", "letting somebody in before needs a reason");
  } else {
    m.Admit(true);
  }
}

// The case itself has nothing to do: its place is noted with all else.
void Handle(Macrostep&, const NotePlace&) {}

void Handle(Macrostep& m, const ReleaseCase&) {
  if (RefuseOutside(m)) return;
  const std::optional<IntakeView> view = m.world.Intake();
  if (!view || !HoldsOf(*m.protocol.intake, *m.state.Place(), *view).empty()) {
    m.Reject("not_waiting", "its turn has not come");
    return;
  }
  m.Admit(false);
}

}  // namespace stepwell::engine
