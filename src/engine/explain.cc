#include "engine/explain.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/date.h"
#include "base/time_text.h"
#include "engine/availability.h"
#include "engine/decisions.h"
#include "engine/view.h"
#include "protocol/case_view.h"

namespace stepwell::engine {

using protocol::Element;
using protocol::ItemMode;
using protocol::ReleasePolicy;

namespace {

std::string StateOf(const protocol::Protocol& protocol, const CaseState& state,
                    ElementId id) {
  const ItemState* item = LatestItem(protocol, state, id);
  return item == nullptr ? "blocked" : std::string(StatusName(item->status));
}

// One explanation in the making.
struct Explainer {
  const protocol::Protocol& protocol;
  const CaseState& state;
  ItemExplanation& out;
  GuardEvaluator& guards;
  const Availability available{protocol, state};

  void Say(std::string reason, std::string would_open) {
    out.reasons.push_back(std::move(reason));
    if (!would_open.empty()) out.would_open.push_back(std::move(would_open));
  }

  // Where the case is, and where it would have to be.
  void Place(ElementId id) {
    const PhaseId of = protocol.at(id).phase;
    if (state.IsClosed()) {
      Say("the case is closed", "a new referral, as a new episode");
    }
    if (of.IsNone() || available.IsOutside(id)) return;
    const protocol::Phase& phase = protocol.at(of);
    const PhaseId active = state.tracks[phase.track.value].phase;
    if (active == of) return;
    const std::string& track = protocol.at(phase.track).id;
    Say(absl::StrCat("tracks.", track, " = '",
                     active.IsNone() ? "" : protocol.at(active).id, "', not '",
                     phase.id, "'"),
        absl::StrCat("entering the phase ", track, "/", phase.id));
  }

  void Needs(const std::vector<ElementId>& needs) {
    for (ElementId need : needs) {
      if (available.IsFinished(need)) continue;
      const std::string& name = protocol.at(need).id;
      Say(absl::StrCat("needs ", name, ", which is ",
                       StateOf(protocol, state, need)),
          absl::StrCat("finishing or skipping ", name));
    }
  }

  // When the follow-up window is that asks for it.
  void Window(ClockDefId window) {
    if (window.IsNone()) return;
    const std::string& name = protocol.at(window).id;
    const FollowUpState* known = FollowUpOf(state, window);
    if (known == nullptr || !known->Listens()) {
      Say(absl::StrCat("the follow-up ", name,
                       " is not planned: what it is anchored on has not "
                       "happened"),
          "");
      return;
    }
    Say(absl::StrCat(
            "the follow-up ", name, " is ",
            std::string(
                protocol::kWindowNames[static_cast<size_t>(known->status)]),
            ": from ", FormatInstantUtc(known->opens), " to ",
            FormatInstantUtc(known->closes), ", due ",
            FormatInstantUtc(known->due), ", anchored on ",
            FormatInstantUtc(known->anchor)),
        known->status == WindowStatus::kPlanned ? "the opening of the window"
                                                : "");
  }

  void When(const protocol::Guard& guard, const char* what) {
    if (guards.Opens(guard)) return;
    for (const std::string& line : guards.Unmet(guard)) {
      out.reasons.push_back(absl::StrCat(what, ": ", line));
    }
  }

  // Nobody is enrolled, or no longer.
  void Enrolment(ProgramRef program) {
    const protocol::ImportedProgram& of = protocol.at(program);
    if (EnrolmentOf(protocol, state, program) >= 0) {
      Say(absl::StrCat("the enrolment in ", of.name, " has ended"),
          "starting another enrolment");
      return;
    }
    if (of.mode != ItemMode::kAuto) {
      Say(absl::StrCat("nobody is enrolled in ", of.name),
          "starting an enrolment");
    }
    Needs(of.needs);
    When(of.when, "enrolment");
  }

  void Program(ElementId id) {
    const Element& element = protocol.at(id);
    const int32_t index = RunningEnrolmentOf(protocol, state, element.program);
    if (index < 0) {
      Enrolment(element.program);
      return;
    }
    const EnrolmentState& enrolment =
        state.enrolments[static_cast<size_t>(index)];
    if (!available.IsPartOf(enrolment, id)) {
      Say("it is not in the sequence of the enrolment", "including it");
    } else if (!element.checks.IsNone()) {
      Needs(element.needs);
      if (!IsChecked(protocol, enrolment)) {
        out.reasons.push_back(
            "the homework is not checked at this level of "
            "guidance");
      }
    } else if (!element.exercise_of.IsNone()) {
      const std::string& module = protocol.at(element.exercise_of).id;
      Say(absl::StrCat("its module, ", module, ", is ",
                       StateOf(protocol, state, element.exercise_of)),
          absl::StrCat("opening ", module));
    } else {
      Needs(element.needs);
      Release(enrolment, id);
    }
  }

  void Release(const EnrolmentState& enrolment, ElementId id) {
    const Element& element = protocol.at(id);
    switch (element.release) {
      case ReleasePolicy::kImmediate:
        return;
      case ReleasePolicy::kManual:
        Say("a clinician unlocks it", "unlocking it");
        return;
      case ReleasePolicy::kWeekly:
        if (available.IsReleased(enrolment, id)) return;
        Say(absl::StrCat("its week has not come: it is number ",
                         available.WeeksBefore(enrolment, id) + 1,
                         " of the weekly modules, and ", enrolment.weeks + 1,
                         " are released"),
            "time, or unlocking it");
        return;
      case ReleasePolicy::kOnDate:
        if (available.IsReleased(enrolment, id)) return;
        Say(element.date
                ? absl::StrCat(
                      "it waits for ",
                      FormatDate(Date{static_cast<int32_t>(*element.date)}))
                : absl::StrCat("it waits for the date facts.",
                               protocol.at(element.date_fact).id),
            "time, or unlocking it");
        return;
      default:
        Before(enrolment, id);
    }
  }

  void Before(const EnrolmentState& enrolment, ElementId id) {
    const Element& element = protocol.at(id);
    for (const ElementId before : available.ModulesBefore(enrolment, id)) {
      const Element& previous = protocol.at(before);
      if (!available.IsHandedIn(before)) {
        HandIn(before);
      } else if (element.release == ReleasePolicy::kOnApproval &&
                 !available.IsApproved(enrolment, before)) {
        const std::string& check = protocol.at(previous.check).id;
        Say(absl::StrCat("the homework of ", previous.id,
                         " is not checked: ", check, " is ",
                         StateOf(protocol, state, previous.check)),
            absl::StrCat("completing ", check));
      } else if (element.release == ReleasePolicy::kOnMastery &&
                 !available.IsMastered(enrolment, id)) {
        Mastery(element, previous.id);
      }
    }
  }

  void HandIn(ElementId module) {
    const std::string& name = protocol.at(module).id;
    if (!available.IsFinished(module)) {
      Say(absl::StrCat("the module before, ", name, ", is ",
                       StateOf(protocol, state, module)),
          absl::StrCat("handing in ", name));
      return;
    }
    for (const ElementId exercise : protocol.at(module).exercises) {
      const std::string& own = protocol.at(exercise).id;
      if (protocol.at(exercise).optional || available.IsFinished(exercise)) {
        continue;
      }
      Say(absl::StrCat("the exercise ", own, " is ",
                       StateOf(protocol, state, exercise)),
          absl::StrCat("handing in ", own));
    }
  }

  void Mastery(const Element& module, const std::string& before) {
    const protocol::Mastery& mastery = module.mastery;
    std::string wanted = protocol.at(mastery.instrument).name;
    if (mastery.at_least) absl::StrAppend(&wanted, " >= ", *mastery.at_least);
    if (mastery.at_most) absl::StrAppend(&wanted, " <= ", *mastery.at_most);
    Say(absl::StrCat("no score since ", before, " was opened has ", wanted),
        absl::StrCat("a score with ", wanted, ", or unlocking it"));
  }
};

// What stands in the way of a decision by data, and what a table proposes.
void ExplainDecision(const protocol::Protocol& protocol, const CaseState& state,
                     ElementId id, Instant now, ItemExplanation& out) {
  const Element& element = protocol.at(id);
  if (!element.by_data && element.table == nullptr) return;
  GuardEvaluator guards(protocol, state, now);
  const Weighed weighed = WeighDecision(protocol, state, guards, id, now);
  out.reasons.insert(out.reasons.end(), weighed.unmet.begin(),
                     weighed.unmet.end());
  if (weighed.decision.outcome == protocol::kUndetermined) return;
  out.reasons.push_back(absl::StrCat(
      protocol.outcomes[weighed.decision.outcome.value], " is proposed by ",
      absl::StrJoin(weighed.decision.rules, ", "), ": ",
      absl::StrJoin(weighed.decision.inputs, ", ")));
}

}  // namespace

ItemExplanation ExplainProgram(const protocol::Protocol& protocol,
                               const CaseState& state, ProgramRef program,
                               Instant now) {
  ItemExplanation out;
  const int32_t latest = EnrolmentOf(protocol, state, program);
  if (RunningEnrolmentOf(protocol, state, program) >= 0) {
    out.state = "running";
    return out;
  }
  out.state = latest < 0 ? "blocked"
              : state.enrolments[static_cast<size_t>(latest)].completed
                  ? "completed"
                  : "ended";
  GuardEvaluator guards(protocol, state, now);
  Explainer explainer{protocol, state, out, guards};
  const std::vector<ElementId>& modules = protocol.at(program).modules;
  if (!modules.empty()) explainer.Place(modules.front());
  explainer.Enrolment(program);
  return out;
}

ItemExplanation ExplainItem(const protocol::Protocol& protocol,
                            const CaseState& state, ElementId id, Instant now) {
  const Element& element = protocol.at(id);
  ItemExplanation out;
  const ItemState* item = LatestItem(protocol, state, id);
  out.state = StateOf(protocol, state, id);
  GuardEvaluator guards(protocol, state, now);
  if (item != nullptr && item->status != ItemStatus::kCancelled) {
    if (!item->note.empty()) out.reasons.push_back(item->note);
    if (IsOpen(item->status)) ExplainDecision(protocol, state, id, now, out);
    return out;
  }
  Explainer explainer{protocol, state, out, guards};
  explainer.Place(id);
  if (explainer.available.IsOffered(id, guards)) {
    explainer.Say("the patient may take it, and has not", "the patient");
  } else if (element.mode == ItemMode::kDiscretionary) {
    explainer.Say("it opens only by a rule, a deadline or by hand",
                  "opening it by hand, with a reason");
  }
  if (explainer.available.IsLocked(id)) {
    explainer.Say("a clinician has locked it", "unlocking it");
  }
  if (element.program.IsNone()) {
    explainer.Needs(element.needs);
  } else {
    explainer.Program(id);
  }
  explainer.Window(element.window);
  explainer.When(element.when, "when");
  return out;
}

}  // namespace stepwell::engine
