// Triggers: "item.done:m1", "decision:inclusion=include", "patient.active".
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// What stands after the colon.
enum class Argument : uint8_t {
  kNone,
  kRoute,
  kPhase,
  kElement,
  kInstrument,
  kMilestone,
  kFact,
  kProgram,
  kTier,
  kPurpose,
  kClock,
};

struct Form {
  std::string_view name;
  TriggerKind kind;
  Argument argument;
  bool optional;  // the argument may be left out
};

constexpr Form kForms[] = {
    {"referral.received", TriggerKind::kReferralReceived, Argument::kRoute,
     true},
    {"phase.entered", TriggerKind::kPhaseEntered, Argument::kPhase, false},
    {"phase.left", TriggerKind::kPhaseLeft, Argument::kPhase, false},
    {"item.available", TriggerKind::kItemAvailable, Argument::kElement, false},
    {"item.done", TriggerKind::kItemDone, Argument::kElement, false},
    {"item.skipped", TriggerKind::kItemSkipped, Argument::kElement, false},
    {"item.expired", TriggerKind::kItemExpired, Argument::kElement, false},
    {"decision", TriggerKind::kDecision, Argument::kElement, false},
    {"response", TriggerKind::kResponse, Argument::kInstrument, false},
    {"appointment.no_show", TriggerKind::kNoShow, Argument::kElement, false},
    {"appointment.booked", TriggerKind::kBooked, Argument::kElement, false},
    {"appointment.cancelled", TriggerKind::kCancelled, Argument::kElement,
     false},
    {"appointment.late_cancelled", TriggerKind::kLateCancelled,
     Argument::kElement, false},
    {"series.completed", TriggerKind::kSeriesCompleted, Argument::kElement,
     false},
    {"group.started", TriggerKind::kGroupStarted, Argument::kElement, false},
    {"group.short", TriggerKind::kGroupShort, Argument::kElement, false},
    {"milestone", TriggerKind::kMilestone, Argument::kMilestone, false},
    {"fact", TriggerKind::kFact, Argument::kFact, false},
    {"patient.active", TriggerKind::kPatientActive, Argument::kNone, true},
    {"program.started", TriggerKind::kProgramStarted, Argument::kProgram,
     false},
    {"program.completed", TriggerKind::kProgramCompleted, Argument::kProgram,
     false},
    {"program.active", TriggerKind::kProgramActive, Argument::kProgram, true},
    {"program.ended", TriggerKind::kProgramEnded, Argument::kProgram, false},
    {"alert.raised", TriggerKind::kAlertRaised, Argument::kTier, true},
    {"alert.closed", TriggerKind::kAlertClosed, Argument::kNone, true},
    {"message.received", TriggerKind::kMessageReceived, Argument::kNone, true},
    {"transfer.confirmed", TriggerKind::kTransferred, Argument::kNone, true},
    {"transfer.failed", TriggerKind::kTransferFailed, Argument::kNone, true},
    {"case.reopened", TriggerKind::kCaseReopened, Argument::kNone, true},
    {"case.paused", TriggerKind::kCasePaused, Argument::kNone, true},
    {"case.resumed", TriggerKind::kCaseResumed, Argument::kNone, true},
    {"consent", TriggerKind::kConsent, Argument::kPurpose, false},
    {"follow_up.answered", TriggerKind::kFollowUpAnswered, Argument::kClock,
     false},
    {"follow_up.missed", TriggerKind::kFollowUpMissed, Argument::kClock, false},
};

const NameTable& TableOf(const Loading& loading, Argument argument) {
  switch (argument) {
    case Argument::kRoute:
      return loading.routes;
    case Argument::kPhase:
      return loading.phases;
    case Argument::kInstrument:
      return loading.instruments;
    case Argument::kMilestone:
      return loading.milestones;
    case Argument::kFact:
      return loading.facts;
    case Argument::kProgram:
      return loading.programs;
    case Argument::kTier:
      return loading.tiers;
    case Argument::kPurpose:
      return loading.purposes;
    case Argument::kClock:
      return loading.clocks;
    case Argument::kElement:
    case Argument::kNone:
      break;
  }
  return loading.elements;
}

const Form* FindForm(Loading& loading, std::string_view name,
                     const std::string& pointer) {
  for (const Form& form : kForms) {
    if (form.name == name) return &form;
  }
  std::vector<std::string_view> known;
  for (const Form& form : kForms) known.push_back(form.name);
  AddError(loading.issues, "unknown_value", pointer,
           absl::StrCat("nothing is called `", ToAbsl(name.substr(0, 80)),
                        "` among the events a rule can wait for"),
           SuggestName(name, known));
  return nullptr;
}

// "inclusion=include"; without outcome any outcome will do.
bool ReadDecision(Loading& loading, std::string_view argument,
                  const std::string& pointer, Trigger& trigger) {
  const size_t equals = argument.find('=');
  trigger.argument = ResolveIn(loading.elements, argument.substr(0, equals),
                               pointer, loading.issues);
  if (trigger.argument == NameTable::kNone) return false;
  if (equals == std::string_view::npos) return true;
  trigger.outcome = Resolve<OutcomeId>(
      loading.outcomes, argument.substr(equals + 1), pointer, loading.issues);
  return !trigger.outcome.IsNone();
}

}  // namespace

std::optional<Trigger> ReadTrigger(Loading& loading, json::Value value) {
  if (!value.is_string()) {
    if (value)
      WrongType(value, "a string like \"item.done:m1\"", loading.issues);
    return std::nullopt;
  }
  const std::string_view text = value.string_value();
  const std::string pointer = value.pointer();
  const size_t colon = text.find(':');
  const Form* form = FindForm(loading, text.substr(0, colon), pointer);
  if (form == nullptr) return std::nullopt;
  Trigger trigger;
  trigger.kind = form->kind;
  const bool has_argument = colon != std::string_view::npos;
  const bool takes_none = form->argument == Argument::kNone;
  if (has_argument ? takes_none : !form->optional) {
    AddError(
        loading.issues, "wrong_type", pointer,
        absl::StrCat("`", ToAbsl(form->name), "` takes ",
                     has_argument ? "nothing" : "a name", " after a colon"));
    return std::nullopt;
  }
  if (!has_argument) return trigger;
  const std::string_view argument = text.substr(colon + 1);
  if (form->kind == TriggerKind::kDecision) {
    if (!ReadDecision(loading, argument, pointer, trigger)) {
      return std::nullopt;
    }
    return trigger;
  }
  trigger.argument = ResolveIn(TableOf(loading, form->argument), argument,
                               pointer, loading.issues);
  if (trigger.argument == NameTable::kNone) return std::nullopt;
  return trigger;
}

std::vector<Trigger> ReadTriggers(Loading& loading, ObjectReader& object,
                                  std::string_view key) {
  std::vector<Trigger> triggers;
  for (const json::Value text : json::Children(object.Array(key))) {
    if (const auto trigger = ReadTrigger(loading, text)) {
      triggers.push_back(*trigger);
    }
  }
  return triggers;
}

}  // namespace stepwell::protocol
