// The loop: signals set off clocks and rules, in document order; when there
// are none left, work that has become possible opens; until nothing happens.
#include "engine/macrostep.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "base/status.h"

namespace stepwell::engine {

using protocol::Rule;
using protocol::Trigger;
using protocol::TriggerKind;

namespace {

bool Matches(const Trigger& trigger, const Signal& signal) {
  return trigger.kind == signal.kind &&
         (trigger.argument == 0xFFFF || trigger.argument == signal.argument) &&
         (trigger.outcome.IsNone() || trigger.outcome == signal.outcome);
}

bool AnyMatches(const std::vector<Trigger>& triggers, const Signal& signal) {
  for (const Trigger& trigger : triggers) {
    if (Matches(trigger, signal)) return true;
  }
  return false;
}

}  // namespace

Macrostep::Macrostep(const protocol::Protocol& protocol_in, CaseState& state_in,
                     const World& world_in, const Command& command_in,
                     Instant now_in, std::vector<Event> room)
    : protocol(protocol_in),
      state(state_in),
      available(protocol_in, state_in),
      world(world_in),
      command(command_in),
      was_open(state_in.Exists() && !state_in.IsClosed()),
      counted(was_open ? state_in.owner.staff : StaffId(0)),
      now(now_in),
      due_now(now_in),
      risk_now(now_in),
      events(std::move(room)),
      // What lies in the future has not happened yet.
      fact_at_(std::min(command_in.envelope.at.value_or(now_in), now_in)),
      guards_(protocol_in, state_in, now_in) {
  // Most commands record fewer: growing would move the events again and again.
  events.reserve(16);
}

void Macrostep::Raise(TriggerKind kind, uint16_t argument, OutcomeId outcome,
                      Subject subject, std::optional<Instant> at) {
  signals_.push_back({kind, argument, outcome, subject, !state.IsClosed(),
                      at.value_or(fact_at_)});
}

void Macrostep::Reject(std::string code, std::string reason) {
  rejection = Rejection{std::move(code), std::move(reason)};
}

namespace {

// What an event was about, for whoever has to find a loop: "phase open".
std::string Touched(const protocol::Protocol& protocol, const Event& event) {
  if (const auto* e = std::get_if<ItemOpened>(&event.body)) {
    return "item " + protocol.at(e->key.element).id;
  }
  if (const auto* e = std::get_if<TrackMoved>(&event.body)) {
    return "phase " + protocol.at(e->to).id;
  }
  if (const auto* e = std::get_if<FactRecorded>(&event.body)) {
    return "fact " + protocol.at(e->fact).id;
  }
  if (const auto* e = std::get_if<MilestoneReached>(&event.body)) {
    return "milestone " + protocol.milestones[e->milestone.value].id;
  }
  if (const auto* e = std::get_if<DecisionRecorded>(&event.body)) {
    return "decision " + protocol.at(e->element).id;
  }
  if (const auto* e = std::get_if<ClockStarted>(&event.body)) {
    return e->def.IsNone() ? "" : "clock " + protocol.at(e->def).id;
  }
  return "";
}

// The last elements that something happened to, each once.
std::string LastTouched(const protocol::Protocol& protocol,
                        std::span<const Event> events) {
  constexpr size_t kNamed = 8;
  constexpr size_t kLookedAt = 200;
  std::vector<std::string> names;
  const size_t from = events.size() - std::min(events.size(), kLookedAt);
  for (size_t i = events.size(); i-- > from && names.size() < kNamed;) {
    std::string name = Touched(protocol, events[i]);
    if (!name.empty() &&
        std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  std::reverse(names.begin(), names.end());
  return absl::StrJoin(names, ", ");
}

}  // namespace

absl::Status Macrostep::Settle() {
  for (size_t steps = 0; steps < limits::kMicrostepsMax;) {
    if (events.size() > limits::kEventsPerCommandMax) {
      return TooLarge(absl::StrCat("one command would record more than ",
                                   limits::kEventsPerCommandMax,
                                   " events: ", LastTouched(protocol, events)));
    }
    moved_tracks_ = 0;
    if (next_signal_ < signals_.size()) {
      const size_t before = events.size();
      const Signal signal = signals_[next_signal_++];
      fact_at_ = signal.at;
      RunClockTriggers(signal);
      // What happened after it closed sets off no rule: alerts, messages and
      // obligations live on without. What happened before still has those of
      // its consequences that hold after the end: the letter about it.
      if (signal.while_open) RunRules(signal);
      // What nothing follows from is no step of a loop.
      if (events.size() > before) ++steps;
      continue;
    }
    ++steps;
    if (NoteWindows()) continue;
    if (state.IsClosed()) {
      NoteIntake();
      return absl::OkStatus();
    }
    fact_at_ = now;  // what opens and is decided by itself does so now
    if (OpenAvailable()) continue;
    if (DecideAutomatically()) continue;
    if (NoteIntake()) continue;
    if (KeepToLimit()) continue;
    if (!AskWhatIsNext()) return absl::OkStatus();
  }
  return TooLarge(absl::StrCat("the case does not come to rest within ",
                               limits::kMicrostepsMax,
                               " steps: the protocol has a loop of rules: ",
                               LastTouched(protocol, events)));
}

void Macrostep::SettleInSilence() {
  for (size_t step = 0; step < limits::kMicrostepsMax; ++step) {
    if (!OpenAvailable()) break;
  }
  NoteWindows();
  NoteIntake();
  AskWhatIsNext();
  signals_.clear();
  next_signal_ = 0;
}

void Macrostep::RunRules(const Signal& signal) {
  for (uint16_t index : protocol.RulesFor(signal.kind)) {
    const Rule& rule = protocol.rules[index];
    if (!Matches(rule.on, signal)) continue;
    fhirpath::Tri truth = guards_.Evaluate(rule.guard);
    if (truth == fhirpath::Tri::kUnknown) {
      if (rule.guard.on_unknown == protocol::OnUnknown::kRaise) {
        truth = fhirpath::Tri::kTrue;
      } else if (rule.guard.on_unknown == protocol::OnUnknown::kAsk) {
        std::string details;
        for (const std::string& line : guards_.Unmet(rule.guard)) {
          absl::StrAppend(&details, "; ", line);
        }
        OpenReview(absl::StrCat("rule ", rule.id, " cannot decide"), details);
      }
    }
    if (truth != fhirpath::Tri::kTrue) continue;
    const PhaseId not_made = Perform(rule.actions, signal);
    if (!not_made.IsNone()) TellNotMade(rule, not_made);
  }
}

// Where two rules hear the same thing the first one moves; what the second one
// wanted is not lost in silence.
void Macrostep::TellNotMade(const Rule& rule, PhaseId to) {
  const TrackId track = protocol.at(to).track;
  OpenReview(absl::StrCat("rule ", rule.id, " did not move to ",
                          protocol.at(to).id, ": ", protocol.at(track).id,
                          " had just moved to ",
                          protocol.at(state.tracks[track.value].phase).id));
}

void Macrostep::RunClockTriggers(const Signal& signal) {
  for (const uint16_t index : protocol.ClocksFor(signal.kind)) {
    const protocol::ClockDef& def = protocol.clocks[index];
    const ClockDefId id(index);
    const bool stops = AnyMatches(def.stop, signal);
    const bool resets = AnyMatches(def.reset, signal);
    const bool starts = AnyMatches(def.start, signal);
    if (!stops && !resets && !starts) continue;
    if (stops) StopClocksOf(id);
    const Instant at = std::min(signal.at, due_now);
    const ClockState* running = nullptr;
    for (const ClockState& clock : state.clocks) {
      if (clock.def == id) running = &clock;
    }
    if (starts && running != nullptr && MovesWindow(id)) {
      StopClocksOf(id);
      running = nullptr;
    }
    if (running != nullptr && resets) {
      // News of long ago does not put the deadline back.
      const Instant from = std::max(at, running->started_at);
      StopClocksOf(id);
      StartClock(id, {}, from);
    } else if (running == nullptr && !state.IsClosed() && starts &&
               !IsOver(def) && !IsWindowOver(id)) {
      StartClock(id, {}, at);
    }
  }
}

}  // namespace stepwell::engine
