// Rules: on an event, if a guard holds, do actions.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {

bool IsEntry(const Protocol& protocol, const Rule& rule) {
  return std::any_of(
      rule.actions.begin(), rule.actions.end(), [&](const Action& action) {
        if (action.kind == ActionKind::kEnrol) return true;
        if (action.kind != ActionKind::kMove) return false;
        const std::vector<ElementId>& items =
            protocol.at(action.phase).elements;
        return std::any_of(items.begin(), items.end(), [&](ElementId id) {
          return !protocol.at(id).program.IsNone();
        });
      });
}

namespace {

constexpr std::string_view kFields[] = {
    "id", "title", "on", "if", "do", "on_unknown", "max_age", "source"};

// Rules that raise or pass on risk, or that end something, must not fall
// silent because something is not known.
bool IsSafetyRule(const Rule& rule) {
  return std::any_of(rule.actions.begin(), rule.actions.end(),
                     [](const Action& action) {
                       return action.kind == ActionKind::kRaiseAlert ||
                              action.kind == ActionKind::kEscalateRisk ||
                              action.kind == ActionKind::kAnswerReferrals ||
                              action.kind == ActionKind::kCloseCase;
                     });
}

GuardUse UseOf(const Protocol& protocol, const Rule& rule) {
  if (IsSafetyRule(rule)) return GuardUse::kSafetyRule;
  return IsEntry(protocol, rule) ? GuardUse::kEntry : GuardUse::kRule;
}

void ReadRule(Loading& loading, json::Value value) {
  ObjectReader object(value, "a rule", kFields, loading.issues);
  const auto id = object.NeedText("id");
  if (!id) return;
  CheckName(*id, object.PointerTo("id"), loading.issues);
  loading.rules.Add(*id, object.PointerTo("id"), loading.issues);
  Rule rule;
  rule.id = *id;
  rule.pointer = value.pointer();
  object.CheckTexts("title");
  rule.actions = ReadActions(loading, object.NeedArray("do"));
  rule.guard = ReadGuard(loading, object, "if", UseOf(loading.protocol, rule));
  const bool valid_for = std::any_of(
      rule.actions.begin(), rule.actions.end(),
      [](const Action& action) { return action.valid_for.has_value(); });
  if (HasNumber(rule.guard.text) || rule.guard.max_age || valid_for ||
      object.Has("source")) {
    ReadSource(loading, object, "a number of this rule");
  }
  const auto trigger = ReadTrigger(loading, object.Need("on"));
  if (!trigger) return;
  rule.on = *trigger;
  loading.protocol.rules.push_back(std::move(rule));
}

// What a trigger may set in motion is looked for by its kind.
void ListByTrigger(Protocol& protocol) {
  protocol.rules_by_trigger.resize(kTriggerKinds);
  for (size_t i = 0; i < protocol.rules.size(); ++i) {
    protocol.rules_by_trigger[static_cast<size_t>(protocol.rules[i].on.kind)]
        .push_back(static_cast<uint16_t>(i));
  }
  protocol.clocks_by_trigger.resize(kTriggerKinds);
  for (size_t i = 0; i < protocol.clocks.size(); ++i) {
    const auto clock = static_cast<uint16_t>(i);
    const ClockDef& def = protocol.clocks[i];
    for (const auto* triggers : {&def.start, &def.stop, &def.reset}) {
      for (const Trigger& trigger : *triggers) {
        std::vector<uint16_t>& list =
            protocol.clocks_by_trigger[static_cast<size_t>(trigger.kind)];
        if (list.empty() || list.back() != clock) list.push_back(clock);
      }
    }
  }
}

}  // namespace

void ReadRules(Loading& loading) {
  Protocol& protocol = loading.protocol;
  const json::Value rules = loading.root.Find("rules");
  if (rules && !rules.is_array()) {
    WrongType(rules, "an array", loading.issues);
  } else if (rules.size() > limits::kElementsMax) {
    AddError(loading.issues, "element_limit", rules.pointer(),
             absl::StrCat("a protocol has at most ", limits::kElementsMax,
                          " rules"));
  } else {
    for (const json::Value rule : json::Children(rules)) {
      ReadRule(loading, rule);
    }
  }
  ListByTrigger(protocol);
}

}  // namespace stepwell::protocol
