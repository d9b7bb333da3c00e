#include "protocol/past.h"

#include <algorithm>

#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// More turns than a real service has milestones that set each other off.
constexpr size_t kTurnsMax = 64;

}  // namespace

// The case was in `phase` before it came to `here`, or is in both.
bool Past::Was(PhaseId phase, PhaseId here) const {
  if (phase.IsNone() || protocol_.at(phase).track != protocol_.at(here).track) {
    return phase.IsNone() || reach_.entered(phase);
  }
  return reach_.entered(phase) && reach_.leads(phase, here);
}

bool Past::MayHaveOpened(ElementId id, PhaseId here) const {
  const Element& element = protocol_.at(id);
  if (!reach_.opens(id)) return false;
  const bool by_hand =
      element.mode == ItemMode::kDiscretionary && !reach_.has_opener(id);
  if (element.phase.IsNone() || by_hand) return true;
  // What is done in such a phase stays done when the case begins anew.
  const Phase& there = protocol_.at(element.phase);
  return Was(element.phase, here) ||
         (there.carries && reach_.entered(element.phase));
}

bool Past::MayHaveRun(ProgramRef id, PhaseId here) const {
  const ImportedProgram& program = protocol_.at(id);
  return program.used && Was(program.phase, here);
}

// A rule or a rung starts the clock, whatever starts it besides.
bool Past::IsStarted(ClockDefId id) const {
  const auto starts = [&](const std::vector<Action>& actions) {
    return std::any_of(actions.begin(), actions.end(), [&](const Action& a) {
      return a.kind == ActionKind::kStartClock && a.clock == id;
    });
  };
  for (size_t i = 0; i < protocol_.rules.size(); ++i) {
    if (reach_.runs(i) && starts(protocol_.rules[i].actions)) return true;
  }
  return std::any_of(
      protocol_.clocks.begin(), protocol_.clocks.end(), [&](const auto& clock) {
        return std::any_of(
            clock.ladder.begin(), clock.ladder.end(),
            [&](const Rung& rung) { return starts(rung.actions); });
      });
}

bool Past::MayRun(ClockDefId id) const {
  const ClockDef& clock = protocol_.at(id);
  const auto happens = [this](const Trigger& on) {
    return reach_.MayHappen(on);
  };
  return !protocol_.IsOfCase(id) || IsStarted(id) ||
         std::any_of(clock.start.begin(), clock.start.end(), happens) ||
         std::any_of(clock.reset.begin(), clock.reset.end(), happens);
}

bool Past::MayBeReached(MilestoneId milestone, PhaseId here) const {
  const auto [it, is_new] = reached_.try_emplace(here.value);
  if (is_new) it->second = ReachedIn(here);
  return it->second[milestone.value];
}

// From one milestone to the next that it sets off, until there is no news.
std::vector<bool> Past::ReachedIn(PhaseId here) const {
  std::vector<bool> reached(protocol_.milestones.size());
  // One that nothing reaches at all is told of where it is declared: those who
  // were in treatment when the service began may bring it along.
  for (size_t i = 0; i < reached.size(); ++i) {
    reached[i] = !reach_.has_reacher(MilestoneId(static_cast<uint16_t>(i)));
  }
  std::vector<const Rule*> rules;
  for (size_t i = 0; i < protocol_.rules.size(); ++i) {
    const Rule& rule = protocol_.rules[i];
    if (!Has(rule.actions, ActionKind::kMilestone) || !reach_.runs(i)) continue;
    const PhaseSet phases =
        PhasesOf(protocol_, protocol_.at(protocol_.at(here).track), rule);
    if (std::any_of(phases.begin(), phases.end(),
                    [&](PhaseId phase) { return Was(phase, here); })) {
      rules.push_back(&rule);
    }
  }
  bool news = true;
  const auto perform = [&](const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      if (action.kind != ActionKind::kMilestone ||
          reached[action.milestone.value]) {
        continue;
      }
      news = reached[action.milestone.value] = true;
    }
  };
  for (size_t turn = 0; news; ++turn) {
    if (turn == kTurnsMax) return std::vector<bool>(reached.size(), true);
    news = false;
    for (const Rule* rule : rules) {
      if (Happened(rule->on, here, reached)) perform(rule->actions);
    }
    for (size_t i = 0; i < protocol_.clocks.size(); ++i) {
      if (!Ran(i, here, reached)) continue;
      for (const Rung& rung : protocol_.clocks[i].ladder) perform(rung.actions);
    }
  }
  return reached;
}

// The clock may have run: of the case, of an item, or of anything else.
bool Past::Ran(size_t clock, PhaseId here,
               const std::vector<bool>& reached) const {
  const ClockDefId id(static_cast<uint16_t>(clock));
  const ClockDef& def = protocol_.clocks[clock];
  const bool speaks =
      std::any_of(def.ladder.begin(), def.ladder.end(), [](const Rung& rung) {
        return Has(rung.actions, ActionKind::kMilestone);
      });
  if (!speaks) return false;  // of no matter here
  bool of_item = false;
  for (size_t i = 0; i < protocol_.elements.size(); ++i) {
    const std::vector<ClockDefId> clocks = protocol_.elements[i].Clocks();
    if (std::find(clocks.begin(), clocks.end(), id) == clocks.end()) continue;
    if (MayHaveOpened(ElementId(static_cast<uint16_t>(i)), here)) return true;
    of_item = true;
  }
  if (def.start.empty() && def.reset.empty()) return !of_item || IsStarted(id);
  const auto happened = [&](const Trigger& on) {
    return Happened(on, here, reached);
  };
  return std::any_of(def.start.begin(), def.start.end(), happened) ||
         std::any_of(def.reset.begin(), def.reset.end(), happened) ||
         IsStarted(id);
}

bool Past::Happened(const Trigger& on, PhaseId here,
                    const std::vector<bool>& reached) const {
  if (!reach_.MayHappen(on)) return false;
  if (IsOfItem(on.kind)) return MayHaveOpened(ElementId(on.argument), here);
  switch (on.kind) {
    case TriggerKind::kPhaseEntered:
    case TriggerKind::kPhaseLeft:
      return Was(PhaseId(on.argument), here);
    case TriggerKind::kMilestone:
      return reached[on.argument];
    case TriggerKind::kProgramStarted:
    case TriggerKind::kProgramCompleted:
    case TriggerKind::kProgramEnded:
      return MayHaveRun(ProgramRef(on.argument), here);
    default:
      return true;
  }
}

}  // namespace stepwell::protocol
