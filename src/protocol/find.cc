// Symbols by name, and what is asked of them.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/strings.h"
#include "protocol/protocol.h"
#include "protocol/supervision.h"

namespace stepwell::protocol {
namespace {

const std::string& NameOf(const std::string& name) { return name; }
template <class T>
const std::string& NameOf(const T& value) {
  return value.id;
}

// Tables are short and this is the edge, not the hot path.
template <class Id, class Table>
Id FindIn(const Table& table, std::string_view name) {
  const auto it =
      std::find_if(table.begin(), table.end(),
                   [name](const auto& value) { return NameOf(value) == name; });
  return it == table.end() ? Id()
                           : Id(static_cast<uint16_t>(it - table.begin()));
}

}  // namespace

std::vector<ElementId> Protocol::WaitsFor(const Element& element) const {
  std::vector<ElementId> waits = element.needs;
  if (element.program.IsNone()) return waits;
  const ImportedProgram& of = at(element.program);
  waits.insert(waits.end(), of.needs.begin(), of.needs.end());
  if (!element.exercise_of.IsNone()) waits.push_back(element.exercise_of);
  if (!element.chained) return waits;
  ElementId before;
  for (const ElementId module : of.modules) {
    if (&at(module) == &element) break;
    if (!at(module).optional && at(module).set == 0xFF) before = module;
  }
  if (!before.IsNone()) waits.push_back(before);
  return waits;
}

bool Protocol::GiveWork(const std::vector<Action>& actions) const {
  return std::any_of(actions.begin(), actions.end(), [&](const Action& action) {
    return action.kind == ActionKind::kRaiseAlert ||
           (action.kind == ActionKind::kOpen &&
            !IsOutside(at(action.element).performer));
  });
}

ElementId Protocol::FindElement(std::string_view name) const {
  return FindIn<ElementId>(elements, name);
}

PhaseId Protocol::FindPhase(std::string_view track,
                            std::string_view phase) const {
  for (size_t i = 0; i < phases.size(); ++i) {
    if (phases[i].id == phase && at(phases[i].track).id == track) {
      return PhaseId(static_cast<uint16_t>(i));
    }
  }
  return PhaseId();
}

MilestoneId Protocol::FindMilestone(std::string_view name) const {
  return FindIn<MilestoneId>(milestones, name);
}
std::string FactText(const FactValue& value) {
  switch (value.kind) {
    case FactValue::Kind::kBoolean:
      return value.number != 0 ? "true" : "false";
    case FactValue::Kind::kInteger:
      return absl::StrCat(value.number);
    case FactValue::Kind::kDate:
      return FormatDate(Date{static_cast<int32_t>(value.number)});
    case FactValue::Kind::kText:
      return value.text;
    case FactValue::Kind::kNone:
      break;
  }
  return "";
}

bool Protocol::Outlives(ElementId item) const {
  return at(item).kind == ItemKind::kMessage || at(item).keep_on_exit ||
         item == review_element || item == risk.screen_element ||
         item == risk.missing_element ||
         (supervision != nullptr && supervision->ReviewOf(item) != nullptr);
}

bool Protocol::HoldsAfterClosing(const Action& action) const {
  switch (action.kind) {
    case ActionKind::kOpen:
      return Outlives(action.element);
    case ActionKind::kNotify:
      return !action.reminder;
    case ActionKind::kMove:
    case ActionKind::kStartClock:
    case ActionKind::kEnrol:
    case ActionKind::kChooseSet:
    case ActionKind::kGuide:
    case ActionKind::kCloseCase:
      return false;
    default:
      return true;
  }
}

bool Protocol::IsOfCase(ClockDefId clock) const {
  const auto starts = [&](const std::vector<Action>& actions) {
    return std::any_of(actions.begin(), actions.end(),
                       [&](const Action& action) {
                         return action.kind == ActionKind::kStartClock &&
                                action.clock == clock;
                       });
  };
  const auto rung_starts = [&](const Rung& rung) {
    return starts(rung.actions);
  };
  return !at(clock).start.empty() || !at(clock).reset.empty() ||
         std::any_of(
             routes.begin(), routes.end(),
             [&](const Route& route) { return route.legal_clock == clock; }) ||
         std::any_of(rules.begin(), rules.end(),
                     [&](const Rule& rule) { return starts(rule.actions); }) ||
         std::any_of(clocks.begin(), clocks.end(), [&](const ClockDef& other) {
           return std::any_of(other.ladder.begin(), other.ladder.end(),
                              rung_starts);
         });
}

FactId Protocol::FindFact(std::string_view name) const {
  return FindIn<FactId>(facts, name);
}
RouteId Protocol::FindRoute(std::string_view name) const {
  return FindIn<RouteId>(routes, name);
}
PoolId Protocol::FindPool(std::string_view name) const {
  return FindIn<PoolId>(pools, name);
}
TierId Protocol::FindTier(std::string_view name) const {
  return FindIn<TierId>(risk.tiers, name);
}
ProgramRef Protocol::FindProgram(std::string_view name) const {
  for (size_t i = 0; i < programs.size(); ++i) {
    if (programs[i].name == name) return ProgramRef(static_cast<uint16_t>(i));
  }
  return ProgramRef();
}
ProgramRef Protocol::FindProgramItem(std::string_view name) const {
  for (size_t i = 0; i < programs.size(); ++i) {
    if (programs[i].used && programs[i].item == name) {
      return ProgramRef(static_cast<uint16_t>(i));
    }
  }
  return ProgramRef();
}
OutcomeId Protocol::FindOutcome(std::string_view name) const {
  return FindIn<OutcomeId>(outcomes, name);
}
PurposeId Protocol::FindPurpose(std::string_view name) const {
  return FindIn<PurposeId>(purposes, name);
}
TemplateId Protocol::FindTemplate(std::string_view name) const {
  return FindIn<TemplateId>(templates, name);
}

InstrumentRef Protocol::FindInstrument(std::string_view name) const {
  for (size_t i = 0; i < instruments.size(); ++i) {
    if (absl::EqualsIgnoreCase(instruments[i].name, ToAbsl(name)) ||
        absl::EqualsIgnoreCase(instruments[i].id, ToAbsl(name))) {
      return InstrumentRef(static_cast<uint16_t>(i));
    }
  }
  return InstrumentRef();
}

}  // namespace stepwell::protocol
