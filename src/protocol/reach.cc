#include "protocol/reach.h"

#include <algorithm>
#include <string>

#include "protocol/decisions.h"
#include "protocol/guard_probe.h"
#include "protocol/intake.h"

namespace stepwell::protocol {
namespace {

PhaseSet Only(const Track& track, PhaseId only) {
  const bool here = std::find(track.phases.begin(), track.phases.end(), only) !=
                    track.phases.end();
  return here ? PhaseSet{only} : track.phases;
}

// An item acts in its phase only, unless it outlives it.
PhaseSet PhasesOfItem(const Track& track, const Element& element) {
  if (element.keep_on_exit || element.phase.IsNone()) return track.phases;
  return Only(track, element.phase);
}

// How many values the probe of one guard may try in one phase.
constexpr size_t kTriesOfPhase = 500;

// A guard that says `tracks.pathway = 'dormant'` narrows the set to the phases
// in which it can be true.
PhaseSet Narrow(const Protocol& protocol, TrackId track, PhaseSet set,
                const Guard& guard) {
  if (guard.program == nullptr ||
      guard.text.find("tracks") == std::string::npos) {
    return set;
  }
  const fhirpath::Program* programs[] = {guard.program.get()};
  PhaseSet narrowed;
  for (const PhaseId phase : set) {
    size_t tries = kTriesOfPhase;
    GuardProbe probe(protocol, tries);
    probe.Assume(track, {phase});
    if (probe.MayAllBeTrue(programs)) narrowed.push_back(phase);
  }
  return narrowed;
}

// More phases in a track, or more turns, than a real service has.
constexpr size_t kTrackPhasesMax = 256;
constexpr size_t kTurnsMax = 256;

// Sets the flag; true when it was not set before.
bool Set(std::vector<bool>& flags, size_t at) {
  if (flags[at]) return false;
  flags[at] = true;
  return true;
}

}  // namespace

const char* WhyNeverOf(const Element& element, TriggerKind kind) {
  const Booking* booking = element.booking.get();
  switch (kind) {
    case TriggerKind::kItemExpired:
      return element.every || (booking != nullptr &&
                               (booking->make_ups || booking->group >= 0))
                 ? nullptr
                 : "does not repeat, so it never expires";
    case TriggerKind::kNoShow:
    case TriggerKind::kBooked:
    case TriggerKind::kCancelled:
      return element.kind == ItemKind::kAppointment ? nullptr
                                                    : "is no appointment";
    case TriggerKind::kLateCancelled:
      return booking != nullptr && booking->notice
                 ? nullptr
                 : "asks for no `notice`, so it is never called off too late";
    case TriggerKind::kSeriesCompleted:
      return booking != nullptr && booking->sessions > 0 ? nullptr
                                                         : "is no series";
    case TriggerKind::kGroupStarted:
    case TriggerKind::kGroupShort:
      return booking != nullptr && booking->group >= 0
                 ? nullptr
                 : "is no seat in a group";
    default:
      return nullptr;
  }
}

PhaseSet PhasesOf(const Protocol& protocol, const Track& track,
                  const Trigger& trigger) {
  if (IsOfItem(trigger.kind)) {
    return PhasesOfItem(track, protocol.at(ElementId(trigger.argument)));
  }
  switch (trigger.kind) {
    case TriggerKind::kPhaseEntered:
      return Only(track, PhaseId(trigger.argument));
    case TriggerKind::kPhaseLeft: {
      PhaseSet others = track.phases;
      std::erase(others, PhaseId(trigger.argument));
      return others;
    }
    default:
      return track.phases;
  }
}

PhaseSet PhasesOf(const Protocol& protocol, const Track& track,
                  const Rule& rule) {
  const TrackId id(static_cast<uint16_t>(&track - protocol.tracks.data()));
  return Narrow(protocol, id, PhasesOf(protocol, track, rule.on), rule.guard);
}

Reach::Reach(const Protocol& protocol)
    : protocol_(protocol),
      entered_(protocol.phases.size()),
      opens_(protocol.elements.size()),
      opener_(protocol.elements.size()),
      runs_(protocol.rules.size()),
      reached_(protocol.milestones.size()),
      reacher_(protocol.milestones.size()),
      raised_(protocol.risk.tiers.size()),
      clock_started_(protocol.clocks.size()),
      due_(protocol.clocks.size()),
      place_(protocol.phases.size()),
      edge_(protocol.phases.size()),
      rule_phases_(protocol.rules.size()) {
  Number();
  for (const Track& track : protocol.tracks) {
    if (!track.initial.IsNone()) entered_[track.initial.value] = true;
  }
  const RiskPolicy& risk = protocol.risk;
  if (!risk.unscreened.IsNone()) raised_[risk.unscreened.value] = true;
  for (const ScreenRule& rule : risk.screen_rules) {
    if (!rule.tier.IsNone()) raised_[rule.tier.value] = true;
  }
  FindOpeners();
  // Each turn sets at least one flag, or is the last.
  size_t turns = 0;
  while (!gave_up_ && Step()) gave_up_ = ++turns == kTurnsMax;
  Close();
}

void Reach::Number() {
  for (const Track& track : protocol_.tracks) {
    const size_t size = track.phases.size();
    gave_up_ = gave_up_ || size > kTrackPhasesMax;
    if (gave_up_) return;
    for (size_t i = 0; i < size; ++i) {
      place_[track.phases[i].value] = i;
      edge_[track.phases[i].value].resize(size);
    }
  }
  for (size_t i = 0; i < protocol_.elements.size(); ++i) {
    for (const ClockDefId clock : protocol_.elements[i].Clocks()) {
      due_[clock.value].emplace_back(static_cast<uint16_t>(i));
    }
  }
}

void Reach::FindOpeners() {
  const auto add = [&](ElementId element) {
    if (!element.IsNone()) opener_[element.value] = true;
  };
  const auto visit = [&](const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      if (action.kind == ActionKind::kOpen) add(action.element);
      if (action.kind == ActionKind::kMilestone) {
        reacher_[action.milestone.value] = true;
      }
    }
  };
  for (const Rule& rule : protocol_.rules) visit(rule.actions);
  for (const ClockDef& clock : protocol_.clocks) {
    for (const Rung& rung : clock.ladder) visit(rung.actions);
  }
  for (const Element& element : protocol_.elements) {
    add(element.question);
    if (element.table == nullptr) continue;
    for (const TableRule& rule : element.table->rules) {
      for (const ElementId id : rule.opens) add(id);
    }
  }
  add(protocol_.risk.screen_element);
  add(protocol_.risk.missing_element);
  add(protocol_.review_element);
  add(protocol_.transfer.ask);
}

bool Reach::Step() {
  bool news = StepElements();
  news = StepRules() || news;
  news = StepClocks() || news;
  news = StepIntake() || news;
  return news;
}

// Whose turn it is goes on from the queue.
bool Reach::StepIntake() {
  if (protocol_.intake == nullptr) return false;
  return Move(protocol_.intake->to, [this](const Track&) {
    return PhaseSet{protocol_.intake->phase};
  });
}

bool Reach::StepElements() {
  bool news = false;
  for (size_t i = 0; i < protocol_.elements.size(); ++i) {
    if (!opens_[i]) {
      if (!MayOpen(i)) continue;
      news = true;
      opens_[i] = true;
    }
    news = OpenWith(protocol_.elements[i]) || news;
  }
  return news;
}

// What a decision opens: its question while it waits, the items of its rows.
bool Reach::OpenWith(const Element& element) {
  bool news = false;
  const auto open = [&](ElementId id) {
    if (id.IsNone() || opens_[id.value]) return;
    opens_[id.value] = true;
    news = true;
  };
  open(element.question);
  if (element.table == nullptr) return news;
  for (const TableRule& rule : element.table->rules) {
    for (const ElementId id : rule.opens) open(id);
  }
  return news;
}

bool Reach::MayOpen(size_t i) const {
  const Element& element = protocol_.elements[i];
  if (element.mode == ItemMode::kDiscretionary) {
    const ElementId id(static_cast<uint16_t>(i));
    const RiskPolicy& risk = protocol_.risk;
    // Opened by the engine itself, or by hand where nothing else opens it.
    return id == risk.screen_element || id == risk.missing_element ||
           id == protocol_.review_element || id == protocol_.transfer.ask ||
           !opener_[i];
  }
  const std::vector<ElementId> waits = protocol_.WaitsFor(element);
  return (element.phase.IsNone() || entered_[element.phase.value]) &&
         std::all_of(waits.begin(), waits.end(),
                     [this](ElementId need) { return opens_[need.value]; });
}

bool Reach::StepRules() {
  bool news = false;
  for (size_t i = 0; i < protocol_.rules.size(); ++i) {
    const Rule& rule = protocol_.rules[i];
    if (!runs_[i] && !MayHappen(rule.on)) continue;
    news = Set(runs_, i) || news;
    news = Perform(rule.actions) || news;
    for (const Action& action : rule.actions) {
      if (action.kind != ActionKind::kMove) continue;
      news = Move(action.phase,
                  [&](const Track& track) { return PhasesOfRule(track, i); }) ||
             news;
    }
  }
  return news;
}

bool Reach::StepClocks() {
  bool news = false;
  for (size_t i = 0; i < protocol_.clocks.size(); ++i) {
    if (!ClockRuns(i)) continue;
    for (const Rung& rung : protocol_.clocks[i].ladder) {
      news = Perform(rung.actions) || news;
      for (const Action& action : rung.actions) {
        if (action.kind != ActionKind::kMove) continue;
        news =
            Move(action.phase,
                 [&](const Track& track) { return PhasesOfClock(track, i); }) ||
            news;
      }
    }
  }
  return news;
}

// A clock of the case runs when something starts it, one of an item with the
// item. Those of alerts and duties may always run.
bool Reach::ClockRuns(size_t i) const {
  const ClockDef& clock = protocol_.clocks[i];
  if (clock_started_[i]) return true;
  const auto happens = [this](const Trigger& t) { return MayHappen(t); };
  if (!clock.start.empty() || !clock.reset.empty()) {
    return std::any_of(clock.start.begin(), clock.start.end(), happens) ||
           std::any_of(clock.reset.begin(), clock.reset.end(), happens);
  }
  return due_[i].empty() ||
         std::any_of(due_[i].begin(), due_[i].end(),
                     [this](ElementId item) { return opens_[item.value]; });
}

bool Reach::Perform(const std::vector<Action>& actions) {
  bool news = false;
  for (const Action& action : actions) {
    switch (action.kind) {
      case ActionKind::kOpen:
        news = Set(opens_, action.element.value) || news;
        break;
      case ActionKind::kMilestone:
        news = Set(reached_, action.milestone.value) || news;
        break;
      case ActionKind::kStartClock:
        news = Set(clock_started_, action.clock.value) || news;
        break;
      case ActionKind::kRaiseAlert:
        news = Set(raised_, action.tier.value) || news;
        break;
      default:
        break;
    }
  }
  return news;
}

template <class PhasesOn>
bool Reach::Move(PhaseId to, PhasesOn phases_on) {
  const Track& track = protocol_.at(protocol_.at(to).track);
  bool news = false;
  for (const PhaseId phase : phases_on(track)) {
    if (phase == to || !entered_[phase.value]) continue;
    news = Set(edge_[phase.value], place_[to.value]) || news;
    news = Set(entered_, to.value) || news;
  }
  return news;
}

// Asked again in every turn: found once for each track.
const PhaseSet& Reach::PhasesOfRule(const Track& track, size_t rule) {
  const size_t number = static_cast<size_t>(&track - protocol_.tracks.data());
  const auto [it, is_new] = rule_phases_[rule].try_emplace(number);
  if (is_new) {
    it->second = PhasesOf(protocol_, track, protocol_.rules[rule]);
  }
  return it->second;
}

PhaseSet Reach::PhasesOfClock(const Track& track, size_t clock) const {
  if (due_[clock].empty()) return track.phases;
  PhaseSet phases;
  for (const ElementId item : due_[clock]) {
    const PhaseSet more = PhasesOfItem(track, protocol_.at(item));
    phases.insert(phases.end(), more.begin(), more.end());
  }
  return phases;
}

// Of every phase, all that can come after it.
void Reach::Close() {
  if (gave_up_) return;
  path_ = edge_;
  for (const Track& track : protocol_.tracks) {
    for (size_t via = 0; via < track.phases.size(); ++via) {
      const std::vector<bool> on = path_[track.phases[via].value];
      for (const PhaseId from : track.phases) {
        std::vector<bool>& to = path_[from.value];
        if (!to[via]) continue;
        for (size_t i = 0; i < on.size(); ++i) to[i] = to[i] || on[i];
      }
    }
  }
}

bool Reach::left(PhaseId phase) const {
  if (gave_up_) return true;
  const std::vector<bool>& to = edge_[phase.value];
  return std::find(to.begin(), to.end(), true) != to.end();
}

bool Reach::leads(PhaseId from, PhaseId to) const {
  return gave_up_ || from == to || path_[from.value][place_[to.value]];
}

bool Reach::NeverMet(ElementId id, ElementId need_id) const {
  if (gave_up_) return false;
  const Element& element = protocol_.at(id);
  const Element& need = protocol_.at(need_id);
  if (!opens_[need_id.value]) return true;
  if (need.mode == ItemMode::kDiscretionary && !opener_[need_id.value]) {
    return true;  // by hand only
  }
  if (element.phase.IsNone() || need.phase.IsNone()) return false;
  const Phase& here = protocol_.at(element.phase);
  const Phase& there = protocol_.at(need.phase);
  // What is done in such a phase stays done when the case begins anew.
  const bool again =
      there.carries && leads(protocol_.at(here.track).initial, element.phase);
  return here.track == there.track && !leads(need.phase, element.phase) &&
         !again;
}

bool Reach::MayHappen(const Trigger& trigger) const {
  if (gave_up_) return true;
  if (IsOfItem(trigger.kind)) {
    return opens_[trigger.argument] &&
           WhyNeverOf(protocol_.at(ElementId(trigger.argument)),
                      trigger.kind) == nullptr;
  }
  const bool any = trigger.argument == 0xFFFF;
  switch (trigger.kind) {
    case TriggerKind::kPhaseEntered:
      return entered_[trigger.argument];
    case TriggerKind::kPhaseLeft:
      return left(PhaseId(trigger.argument));
    case TriggerKind::kMilestone:
      return reached_[trigger.argument];
    case TriggerKind::kProgramStarted:
    case TriggerKind::kProgramEnded:
    case TriggerKind::kProgramCompleted: {
      const auto& modules = protocol_.programs[trigger.argument].modules;
      return !modules.empty() && std::all_of(modules.begin(), modules.end(),
                                             [this](ElementId module) {
                                               return opens_[module.value];
                                             });
    }
    case TriggerKind::kProgramActive:
      return any || !protocol_.programs[trigger.argument].modules.empty();
    case TriggerKind::kAlertRaised:
      return any ? !raised_.empty() : raised_[trigger.argument];
    case TriggerKind::kAlertClosed:
      return !raised_.empty();
    case TriggerKind::kFollowUpAnswered:
    case TriggerKind::kFollowUpMissed:
      return protocol_.clocks[trigger.argument].window != nullptr &&
             ClockRuns(trigger.argument);
    case TriggerKind::kTransferred:
    case TriggerKind::kTransferFailed:
      return protocol_.transfer.allowed;
    default:
      return true;
  }
}

}  // namespace stepwell::protocol
