// Actions: the closed list of what rules and rungs may do.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// In the order of ActionKind.
constexpr std::string_view kActions[] = {"move",          "open",
                                         "cancel",        "milestone",
                                         "set",           "notify",
                                         "start_clock",   "stop_clock",
                                         "assign",        "escalate",
                                         "escalate_risk", "priority",
                                         "raise_alert",   "answer_referrals",
                                         "close_case",    "enrol",
                                         "end_enrolment", "choose_set",
                                         "guide"};
constexpr std::string_view kSetFields[] = {"fact", "value"};
constexpr std::string_view kNotifyFields[] = {"to", "template", "reminder",
                                              "valid_for"};
constexpr int kPriorityMax = 100;

}  // namespace

std::optional<FactValue> ReadFactValue(json::Value value,
                                       FactValue::Kind kind) {
  FactValue result{.kind = kind, .number = 0, .text = ""};
  switch (kind) {
    case FactValue::Kind::kBoolean:
      if (!value.is_bool()) return std::nullopt;
      result.number = value.bool_value() ? 1 : 0;
      return result;
    case FactValue::Kind::kInteger:
      if (!value.int64_value()) return std::nullopt;
      result.number = *value.int64_value();
      return result;
    case FactValue::Kind::kText:
      if (!value.is_string()) return std::nullopt;
      result.text = value.string_value();
      return result;
    case FactValue::Kind::kDate: {
      if (!value.is_string()) return std::nullopt;
      const auto date = ParseDate(value.string_value());
      if (!date) return std::nullopt;
      result.number = date->days;
      return result;
    }
    case FactValue::Kind::kNone:
      break;
  }
  return std::nullopt;
}

namespace {

void ReadSet(Loading& loading, json::Value value, Action& action) {
  ObjectReader object(value, "`set`", kSetFields, loading.issues);
  action.fact = ReadName<FactId>(loading, object, "fact", loading.facts, true);
  const json::Value given = object.Need("value");
  if (action.fact.IsNone() || !given) return;
  const FactValue::Kind kind = loading.protocol.at(action.fact).kind;
  if (const auto fact = ReadFactValue(given, kind)) {
    action.value = *fact;
  } else {
    WrongType(given, "a value of the fact's type", loading.issues);
  }
}

void ReadNotify(Loading& loading, json::Value value, Action& action) {
  ObjectReader object(value, "`notify`", kNotifyFields, loading.issues);
  if (const auto to = object.NeedText("to")) {
    if (*to == "patient") {
      action.to = Recipient::kPatient;
    } else if (*to == "owner") {
      action.to = Recipient::kOwner;
    } else if (*to == "referrer") {
      action.to = Recipient::kReferrer;
    } else if (loading.related.Find(*to) != NameTable::kNone) {
      action.to = Recipient::kRelated;
      action.role = *to;
    } else {
      action.to = Recipient::kPool;
      std::vector<std::string> known = loading.pools.names();
      known.insert(known.begin(), {"patient", "owner", "referrer"});
      const std::vector<std::string>& roles = loading.related.names();
      known.insert(known.end(), roles.begin(), roles.end());
      const uint16_t pool = loading.pools.Find(*to);
      if (pool == NameTable::kNone) {
        object.Error("to", "unknown_reference",
                     absl::StrCat("there is no recipient `",
                                  ToAbsl(to->substr(0, 80)), "`"),
                     SuggestName(*to, known));
      }
      action.pool = PoolId(pool);
    }
  }
  action.message_template = ReadName<TemplateId>(loading, object, "template",
                                                 loading.templates, true);
  action.reminder = object.Bool("reminder", false);
  action.valid_for = ReadSpan(object, "valid_for", false);
}

// "depression/sleep": a set of modules, or a level of guidance, of a program.
// The items are read before the rules are, so both are known.
void ReadOfProgram(Loading& loading, ObjectReader& object, Action& action) {
  const bool set = action.kind == ActionKind::kChooseSet;
  const std::string_view key = kActions[static_cast<size_t>(action.kind)];
  const auto text = object.Text(key);
  if (!text) return;
  const size_t slash = text->find('/');
  if (slash == std::string_view::npos) {
    object.Error(key, "wrong_type",
                 absl::StrCat("`", ToAbsl(key), "` names a program and ",
                              set ? "one of its sets of modules"
                                  : "one of its levels of guidance",
                              " after a slash"),
                 set ? "for example \"depression/sleep\""
                     : "for example \"depression/weekly\"");
    return;
  }
  action.program = Resolve<ProgramRef>(loading.programs, text->substr(0, slash),
                                       object.PointerTo(key), loading.issues);
  if (action.program.IsNone()) return;
  const ImportedProgram& program = loading.protocol.at(action.program);
  const std::vector<std::string>& known = set ? program.sets : program.guidance;
  const std::string_view wanted = text->substr(slash + 1);
  const auto it = std::find(known.begin(), known.end(), wanted);
  if (it == known.end()) {
    object.Error(key, "unknown_reference",
                 absl::StrCat("the program has no ",
                              set ? "set of modules `" : "level of guidance `",
                              ToAbsl(wanted.substr(0, 80)), "`"),
                 SuggestName(wanted, known));
    return;
  }
  action.number = static_cast<uint8_t>(it - known.begin());
}

// The action's one operand, which is a name or, for priority, a number.
void ReadOperand(Loading& loading, ObjectReader& object, Action& action) {
  const std::string_view key = kActions[static_cast<size_t>(action.kind)];
  const auto name = [&](const NameTable& table) {
    const auto text = object.Text(key);
    return text ? ResolveIn(table, *text, object.PointerTo(key), loading.issues)
                : NameTable::kNone;
  };
  switch (action.kind) {
    case ActionKind::kMove:
      action.phase = PhaseId(name(loading.phases));
      break;
    case ActionKind::kOpen:
    case ActionKind::kCancel:
      action.element = ElementId(name(loading.elements));
      break;
    case ActionKind::kMilestone:
      action.milestone = MilestoneId(name(loading.milestones));
      break;
    case ActionKind::kSetFact:
      ReadSet(loading, object.Get(key), action);
      break;
    case ActionKind::kNotify:
      ReadNotify(loading, object.Get(key), action);
      break;
    case ActionKind::kStartClock:
    case ActionKind::kStopClock:
      action.clock = ClockDefId(name(loading.clocks));
      break;
    case ActionKind::kAssign:
    case ActionKind::kEscalate:
    case ActionKind::kEscalateRisk:
      action.pool = PoolId(name(loading.pools));
      break;
    case ActionKind::kPriority:
      action.amount =
          static_cast<int>(object.Int(key, 1, kPriorityMax).value_or(0));
      break;
    case ActionKind::kRaiseAlert:
      action.tier = TierId(name(loading.tiers));
      break;
    case ActionKind::kAnswerReferrals:
    case ActionKind::kCloseCase:
      action.outcome = OutcomeId(name(loading.outcomes));
      break;
    case ActionKind::kEnrol:
    case ActionKind::kEndEnrolment:
      action.program = ProgramRef(name(loading.programs));
      break;
    case ActionKind::kChooseSet:
    case ActionKind::kGuide:
      ReadOfProgram(loading, object, action);
      break;
  }
}

std::optional<Action> ReadAction(Loading& loading, json::Value value) {
  const size_t before = loading.issues.size();
  ObjectReader object(value, "the list of actions", kActions, loading.issues);
  if (!object.ok() || loading.issues.size() != before) return std::nullopt;
  if (value.size() != 1) {
    AddError(loading.issues, "wrong_type", value.pointer(),
             "an action has exactly one member, its name",
             "write several actions as several objects of the list");
    return std::nullopt;
  }
  const auto kind = std::find(std::begin(kActions), std::end(kActions),
                              value.first_child().key());
  Action action;
  action.kind = static_cast<ActionKind>(kind - std::begin(kActions));
  ReadOperand(loading, object, action);
  if (loading.issues.size() != before) return std::nullopt;
  return action;
}

}  // namespace

std::vector<Action> ReadActions(Loading& loading, json::Value array) {
  std::vector<Action> actions;
  for (const json::Value value : json::Children(array)) {
    if (auto action = ReadAction(loading, value)) {
      actions.push_back(*std::move(action));
    }
  }
  return actions;
}

bool Has(const std::vector<Action>& actions, ActionKind kind) {
  return std::any_of(
      actions.begin(), actions.end(),
      [kind](const Action& action) { return action.kind == kind; });
}

bool SpeaksToPatient(const std::vector<Action>& actions) {
  return std::any_of(actions.begin(), actions.end(), [](const Action& a) {
    return a.kind == ActionKind::kNotify && IsPatientsSide(a.to);
  });
}

}  // namespace stepwell::protocol
