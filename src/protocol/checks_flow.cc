// Checks of the flow: cycles, dead ends, clocks that nothing uses.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// Depth-first over `needs` without recursion: a document may chain thousands.
class CycleFinder {
 public:
  explicit CycleFinder(const Protocol& protocol)
      : protocol_(protocol), state_(protocol.elements.size(), kNew) {}

  // The items of a cycle that can be reached from `start`, first = last;
  // empty when there is none.
  std::vector<ElementId> From(ElementId start) {
    if (state_[start.value] != kNew) return {};
    Push(start);
    while (!path_.empty()) {
      Step& step = path_.back();
      const auto& needs = protocol_.at(step.element).needs;
      if (step.next == needs.size()) {
        state_[step.element.value] = kDone;
        path_.pop_back();
        continue;
      }
      const ElementId need = needs[step.next++];
      if (state_[need.value] == kOpen) return Found(need);
      if (state_[need.value] == kNew) Push(need);
    }
    return {};
  }

 private:
  enum State : uint8_t { kNew, kOpen, kDone };
  struct Step {
    ElementId element;
    size_t next = 0;
  };

  void Push(ElementId element) {
    state_[element.value] = kOpen;
    path_.push_back({element, 0});
  }

  std::vector<ElementId> Found(ElementId repeated) {
    std::vector<ElementId> cycle;
    auto it = path_.rbegin();
    while (it->element != repeated) ++it;
    for (auto at = it.base() - 1; at != path_.end(); ++at) {
      cycle.push_back(at->element);
    }
    cycle.push_back(repeated);
    for (const Step& step : path_) state_[step.element.value] = kDone;
    path_.clear();
    return cycle;
  }

  const Protocol& protocol_;
  std::vector<State> state_;
  std::vector<Step> path_;
};

void CheckNeeds(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  CycleFinder finder(protocol);
  for (size_t i = 0; i < protocol.elements.size(); ++i) {
    const auto cycle = finder.From(ElementId(static_cast<uint16_t>(i)));
    if (cycle.empty()) continue;
    std::vector<std::string> names;
    for (const ElementId id : cycle) names.push_back(protocol.at(id).id);
    AddError(loading.issues, "cycle",
             Below(protocol.at(cycle.front()).pointer, "needs"),
             absl::StrCat("these items wait for each other: ",
                          absl::StrJoin(names, " -> ")),
             "one of them must be able to begin");
  }
}

// Every instrument that can disclose risk needs somebody who acts on it.
void CheckRiskWired(Loading& loading) {
  if (loading.root.Find("risk")) return;
  for (const ImportedInstrument& imported : loading.protocol.instruments) {
    if (imported.instrument == nullptr ||
        imported.instrument->risk_markers().empty()) {
      continue;
    }
    AddError(loading.issues, "risk_not_wired",
             absl::StrCat("/imports/instruments/", imported.name),
             absl::StrCat("`", imported.name,
                          "` has risk items, and the protocol has no `risk` "
                          "section: nobody would act on an answer"),
             "add `risk` with tiers, owners and deadlines");
  }
}

// The phases of one track in which something can happen.
using PhaseSet = std::vector<PhaseId>;

PhaseSet PhasesOf(const Track& track, PhaseId only) {
  const bool here = std::find(track.phases.begin(), track.phases.end(), only) !=
                    track.phases.end();
  return here ? PhaseSet{only} : track.phases;
}

// An item acts in its phase only, unless it outlives it.
PhaseSet PhasesOf(const Track& track, const Element& element) {
  if (element.keep_on_exit || element.phase.IsNone()) return track.phases;
  return PhasesOf(track, element.phase);
}

PhaseSet PhasesOf(const Protocol& protocol, const Track& track,
                  const Trigger& trigger) {
  switch (trigger.kind) {
    case TriggerKind::kPhaseEntered:
      return PhasesOf(track, PhaseId(trigger.argument));
    case TriggerKind::kItemAvailable:
    case TriggerKind::kItemDone:
    case TriggerKind::kItemSkipped:
    case TriggerKind::kItemExpired:
    case TriggerKind::kDecision:
    case TriggerKind::kNoShow:
      return PhasesOf(track, protocol.at(ElementId(trigger.argument)));
    default:
      return track.phases;
  }
}

// A guard that says `tracks.pathway = 'dormant'` narrows the set. This reads
// the text and not the logic, which is enough to find forgotten exits.
PhaseSet Narrow(const Protocol& protocol, const Track& track, PhaseSet set,
                std::string_view guard) {
  std::string text(guard);
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  const std::string left = absl::StrCat("tracks.", track.id, "='");
  if (text.find(left) == std::string::npos) return set;
  PhaseSet narrowed;
  for (const PhaseId phase : set) {
    const std::string whole = absl::StrCat(left, protocol.at(phase).id, "'");
    if (text.find(whole) != std::string::npos) narrowed.push_back(phase);
  }
  return narrowed;
}

class ExitFinder {
 public:
  explicit ExitFinder(const Protocol& protocol)
      : protocol_(protocol),
        left_(protocol.phases.size()),
        entered_(protocol.phases.size()) {}

  void Run() {
    for (const Rule& rule : protocol_.rules) {
      Visit(rule.actions, [&](const Track& track) {
        return Narrow(protocol_, track, PhasesOf(protocol_, track, rule.on),
                      rule.guard.text);
      });
    }
    for (size_t i = 0; i < protocol_.clocks.size(); ++i) {
      const ClockDefId clock(static_cast<uint16_t>(i));
      for (const Rung& rung : protocol_.clocks[i].ladder) {
        Visit(rung.actions,
              [&](const Track& track) { return PhasesOfClock(track, clock); });
      }
    }
  }

  bool left(PhaseId phase) const { return left_[phase.value]; }
  bool entered(PhaseId phase) const { return entered_[phase.value]; }

 private:
  template <class PhasesOn>
  void Visit(const std::vector<Action>& actions, PhasesOn phases_on) {
    for (const Action& action : actions) {
      if (action.kind != ActionKind::kMove) continue;
      const Track& track = protocol_.at(protocol_.at(action.phase).track);
      for (const PhaseId phase : phases_on(track)) {
        if (phase == action.phase) continue;
        left_[phase.value] = true;
        entered_[action.phase.value] = true;
      }
    }
  }

  PhaseSet PhasesOfClock(const Track& track, ClockDefId clock) const {
    PhaseSet phases;
    bool of_items = false;
    for (const Element& element : protocol_.elements) {
      if (element.due != clock) continue;
      of_items = true;
      const PhaseSet more = PhasesOf(track, element);
      phases.insert(phases.end(), more.begin(), more.end());
    }
    return of_items ? phases : track.phases;
  }

  const Protocol& protocol_;
  std::vector<bool> left_, entered_;
};

void CheckPhases(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  ExitFinder exits(protocol);
  exits.Run();
  for (const Track& track : protocol.tracks) {
    if (track.phases.empty()) {
      AddError(loading.issues, "missing_field", "/tracks",
               absl::StrCat("the track `", track.id, "` has no phase"));
    }
    for (const PhaseId id : track.phases) {
      const Phase& phase = protocol.at(id);
      if (track.phases.size() > 1 && !phase.final && !exits.left(id)) {
        AddError(loading.issues, "dead_end", phase.pointer,
                 absl::StrCat("no rule leaves the phase `", phase.id, "`"),
                 "add a rule that moves on, or mark the phase `final`");
      }
      if (id != track.initial && !exits.entered(id)) {
        AddWarning(loading.issues, "unreachable", phase.pointer,
                   absl::StrCat("no rule moves to the phase `", phase.id, "`"));
      }
    }
  }
}

// What an instance of each clock is about follows from who uses it. A clock of
// the case starts and stops by events, all others with their subject.
class ClockUse {
 public:
  explicit ClockUse(const Protocol& protocol) : uses_(protocol.clocks.size()) {
    for (const Element& element : protocol.elements) {
      Add(element.due, "items");
    }
    for (const Tier& tier : protocol.risk.tiers) {
      for (const ClockDefId clock :
           {tier.acknowledge, tier.assess, tier.close}) {
        Add(clock, "alerts");
      }
    }
    Add(protocol.reply_clock, "messages");
    Add(protocol.parking_clock, "parked input");
    for (size_t i = 0; i < protocol.clocks.size(); ++i) {
      const ClockDef& clock = protocol.clocks[i];
      if (!clock.start.empty() || !clock.reset.empty()) {
        Add(ClockDefId(static_cast<uint16_t>(i)), "the case");
      }
    }
    const auto started = [&](const std::vector<Action>& actions) {
      for (const Action& action : actions) {
        if (action.kind == ActionKind::kStartClock) {
          Add(action.clock, "the case");
        }
      }
    };
    for (const Rule& rule : protocol.rules) started(rule.actions);
    for (const ClockDef& clock : protocol.clocks) {
      for (const Rung& rung : clock.ladder) started(rung.actions);
    }
  }

  const std::vector<std::string>& of(size_t clock) const {
    return uses_[clock];
  }

 private:
  void Add(ClockDefId clock, const char* use) {
    if (clock.IsNone()) return;
    std::vector<std::string>& uses = uses_[clock.value];
    if (std::find(uses.begin(), uses.end(), use) == uses.end()) {
      uses.push_back(use);
    }
  }
  std::vector<std::vector<std::string>> uses_;
};

// A rung of the case has no item, alert or message to pass on.
void CheckSubject(Loading& loading, const ClockDef& clock) {
  for (size_t r = 0; r < clock.ladder.size(); ++r) {
    const auto& actions = clock.ladder[r].actions;
    for (size_t a = 0; a < actions.size(); ++a) {
      if (actions[a].kind != ActionKind::kEscalate &&
          actions[a].kind != ActionKind::kPriority) {
        continue;
      }
      AddError(loading.issues, "no_subject",
               absl::StrCat(clock.pointer, "/ladder/", r, "/do/", a),
               "a clock of the case has nothing to escalate",
               "open an item here, and let its own clock escalate");
    }
  }
}

void CheckClocks(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const ClockUse use(protocol);
  for (size_t i = 0; i < protocol.clocks.size(); ++i) {
    const ClockDef& clock = protocol.clocks[i];
    const std::vector<std::string>& uses = use.of(i);
    if (uses.empty()) {
      AddWarning(loading.issues, "never_starts", clock.pointer,
                 absl::StrCat("nothing starts the clock `", clock.id, "`"),
                 "give it `start`, or name it where something is due");
      continue;
    }
    const bool of_case =
        std::find(uses.begin(), uses.end(), "the case") != uses.end();
    if (of_case && uses.size() > 1) {
      AddError(loading.issues, "clock_scope", clock.pointer,
               absl::StrCat("the clock `", clock.id, "` serves ",
                            absl::StrJoin(uses, " and ")),
               "write two clocks: one of the case starts by events, the "
               "other with its subject");
    } else if (of_case) {
      CheckSubject(loading, clock);
    } else if (!clock.stop.empty()) {
      AddError(
          loading.issues, "clock_scope", Below(clock.pointer, "stop"),
          absl::StrCat("a clock of ", uses[0], " ends when its subject does"));
    }
  }
}

}  // namespace

void CheckAlways(Loading& loading) {
  CheckNeeds(loading);
  CheckRiskWired(loading);
}

void CheckFlow(Loading& loading) {
  CheckPhases(loading);
  CheckClocks(loading);
}

}  // namespace stepwell::protocol
