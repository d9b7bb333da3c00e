// Checks of words that have no effect: a reminder that the next turn overtakes,
// work after the end, a question or a wait that nothing ends, letters that
// nobody writes.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// The days of a span in dates of the calendar; nothing for other units.
std::optional<int64_t> Days(const Span& span) {
  if (span.unit == SpanUnit::kDays) return span.amount;
  if (span.unit == SpanUnit::kWeeks) return span.amount * 7;
  return std::nullopt;
}

// The next turn ends the one before, with its clock.
void CheckTurns(Loading& loading) {
  for (const Element& element : loading.protocol.elements) {
    if (!element.every || element.due.IsNone()) continue;
    const ClockDef& due = loading.protocol.at(element.due);
    const auto turn = Days(*element.every);
    const auto budget = Days(due.budget);
    const Rung& first = due.ladder.front();
    if (!turn || !budget || !first.percent ||
        *turn * 100 >= *budget * *first.percent) {
      continue;
    }
    AddWarning(loading.issues, "never_fires", Below(element.pointer, "due"),
               absl::StrCat("the next turn of `", element.id,
                            "` comes before the first step of its clock"),
               "a shorter budget, an earlier first step, or a longer `repeat`");
  }
}

// True when a rule or a rung does it.
template <class Does>
bool IsDone(const Protocol& protocol, Does does) {
  const auto any = [&](const std::vector<Action>& actions) {
    return std::any_of(actions.begin(), actions.end(), does);
  };
  return std::any_of(protocol.rules.begin(), protocol.rules.end(),
                     [&](const Rule& rule) { return any(rule.actions); }) ||
         std::any_of(protocol.clocks.begin(), protocol.clocks.end(),
                     [&](const ClockDef& clock) {
                       return std::any_of(
                           clock.ladder.begin(), clock.ladder.end(),
                           [&](const Rung& rung) { return any(rung.actions); });
                     });
}

// Nothing more is expected in a final phase.
void CheckFinalPhases(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  std::set<std::string> told;  // the modules of a program share their pointer
  for (const Phase& phase : protocol.phases) {
    if (!phase.final) continue;
    for (const ElementId id : phase.elements) {
      const Element& element = protocol.at(id);
      if (!told.insert(element.pointer).second) continue;
      AddWarning(loading.issues, "final_phase_item", element.pointer,
                 absl::StrCat("`", element.id, "` is work in `", phase.id,
                              "`, where nothing more is expected"),
                 "put it into a phase before the end, or into "
                 "`items_anywhere` with `keep_on_exit`");
    }
  }
}

// What a decision waits for is heard of when nobody answers.
void CheckQuestions(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  for (const Element& element : protocol.elements) {
    if (element.question.IsNone()) continue;
    const Element& question = protocol.at(element.question);
    if (!question.Clocks().empty()) continue;
    AddWarning(loading.issues, "question_without_due",
               Below(element.pointer, "question"),
               absl::StrCat("`", element.id, "` waits for `", question.id,
                            "`, which has no `due`: nobody would hear that it "
                            "is not answered"),
               absl::StrCat("give `", question.id, "` a `due`"));
  }
}

// A wait that only the end of the case stops is late for everybody whose
// treatment takes longer.
void CheckWaits(Loading& loading) {
  std::set<ClockDefId> seen;
  for (const Route& route : loading.protocol.routes) {
    if (route.legal_clock.IsNone() || !seen.insert(route.legal_clock).second) {
      continue;
    }
    const ClockDef& clock = loading.protocol.at(route.legal_clock);
    const bool stops =
        !clock.stop.empty() || IsDone(loading.protocol, [&](const Action& a) {
          return a.kind == ActionKind::kStopClock &&
                 a.clock == route.legal_clock;
        });
    if (stops) continue;
    AddWarning(loading.issues, "never_stops", clock.pointer,
               absl::StrCat("nothing stops the wait `", clock.id,
                            "`: it is late for everybody in treatment"),
               "name in `stop` what the patient waits for");
  }
}

bool Hears(const Trigger& on, const Trigger& event) {
  return on.kind == event.kind &&
         (on.argument == 0xFFFF || on.argument == event.argument) &&
         (on.outcome.IsNone() || on.outcome == event.outcome);
}

bool IsToReferrer(const Action& action) {
  return action.kind == ActionKind::kNotify &&
         action.to == Recipient::kReferrer;
}

// The events that rules on this one bring about by themselves, and it.
std::vector<Trigger> With(const Protocol& protocol, const Trigger& on) {
  std::vector<Trigger> events = {on};
  for (const Rule& rule : protocol.rules) {
    if (!Hears(rule.on, on)) continue;
    for (const Action& action : rule.actions) {
      if (action.kind == ActionKind::kMilestone) {
        events.push_back({TriggerKind::kMilestone, action.milestone.value, {}});
      } else if (action.kind == ActionKind::kMove) {
        events.push_back({TriggerKind::kPhaseEntered, action.phase.value, {}});
      }
    }
  }
  return events;
}

// A case ends, and whoever is owed a letter may never have one: no rule on what
// ends it opens or sends one.
void CheckLastLetter(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const auto writes = [&](const Action& action) {
    return IsToReferrer(action) ||
           (action.kind == ActionKind::kOpen &&
            protocol.at(action.element).kind == ItemKind::kMessage);
  };
  const auto written_on = [&](const Trigger& event) {
    return std::any_of(
        protocol.rules.begin(), protocol.rules.end(), [&](const Rule& rule) {
          return Hears(rule.on, event) &&
                 std::any_of(rule.actions.begin(), rule.actions.end(), writes);
        });
  };
  for (const Rule& rule : protocol.rules) {
    if (!Has(rule.actions, ActionKind::kCloseCase)) continue;
    const std::vector<Trigger> events = With(protocol, rule.on);
    if (std::any_of(events.begin(), events.end(), written_on)) continue;
    AddWarning(loading.issues, "ending_unwritten", rule.pointer,
               absl::StrCat("the rule `", rule.id,
                            "` closes the case, and no letter is opened for "
                            "a referrer who is owed one"),
               "open one by a rule on the same event, when "
               "`case.feedback_owed`, and a task where the consent is missing");
  }
}

// A route owes letters, and the document has nobody who writes one, or cases
// that end without one.
void CheckFeedback(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  const auto owes =
      std::find_if(protocol.routes.begin(), protocol.routes.end(),
                   [](const Route& route) { return route.referrer_feedback; });
  const bool written =
      std::any_of(protocol.elements.begin(), protocol.elements.end(),
                  [](const Element& element) {
                    return element.kind == ItemKind::kMessage;
                  }) ||
      IsDone(protocol, IsToReferrer);
  if (owes == protocol.routes.end()) return;
  if (written) return CheckLastLetter(loading);
  AddWarning(loading.issues, "feedback_unwritten", "/routes",
             absl::StrCat("referrers of the route `", owes->id,
                          "` are owed letters, and nobody writes one"),
             "an item of kind `message`, or `notify` to the referrer, when "
             "`case.feedback_owed`");
}

}  // namespace

void CheckIdle(Loading& loading) {
  CheckTurns(loading);
  CheckFinalPhases(loading);
  CheckQuestions(loading);
  CheckWaits(loading);
  CheckFeedback(loading);
}

}  // namespace stepwell::protocol
