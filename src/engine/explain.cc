#include "engine/explain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/decisions.h"
#include "engine/view.h"

namespace stepwell::engine {

using protocol::Element;
using protocol::ItemKind;
using protocol::ItemMode;
using protocol::ReleasePolicy;

namespace {

std::string StateOf(const protocol::Protocol& protocol, const CaseState& state,
                    ElementId id) {
  const ItemState* item = LatestItem(protocol, state, id);
  return item == nullptr ? "blocked" : std::string(StatusName(item->status));
}

bool IsFinished(const protocol::Protocol& protocol, const CaseState& state,
                ElementId id) {
  const ItemState* item = LatestItem(protocol, state, id);
  return item != nullptr && (item->status == ItemStatus::kDone ||
                             item->status == ItemStatus::kSkipped);
}

void ExplainPlace(const protocol::Protocol& protocol, const CaseState& state,
                  const Element& element, ItemExplanation& out) {
  if (state.IsClosed()) {
    out.reasons.push_back("the case is closed");
    out.would_open.push_back("a new referral, as a new episode");
  }
  if (element.phase.IsNone()) return;
  const protocol::Phase& phase = protocol.at(element.phase);
  const PhaseId active = state.tracks[phase.track.value].phase;
  if (active == element.phase) return;
  const std::string& track = protocol.at(phase.track).id;
  out.reasons.push_back(absl::StrCat(
      "tracks.", track, " = '", active.IsNone() ? "" : protocol.at(active).id,
      "', not '", phase.id, "'"));
  out.would_open.push_back(
      absl::StrCat("entering the phase ", track, "/", phase.id));
}

void ExplainNeeds(const protocol::Protocol& protocol, const CaseState& state,
                  const Element& element, ItemExplanation& out) {
  for (ElementId need : element.needs) {
    if (IsFinished(protocol, state, need)) continue;
    const std::string& name = protocol.at(need).id;
    out.reasons.push_back(absl::StrCat("needs ", name, ", which is ",
                                       StateOf(protocol, state, need)));
    out.would_open.push_back(absl::StrCat("finishing or skipping ", name));
  }
}

void ExplainRelease(const protocol::Protocol& protocol, const CaseState& state,
                    const Element& element, ItemExplanation& out) {
  if (element.kind != ItemKind::kModule || element.program.IsNone()) return;
  if (element.release == ReleasePolicy::kManual) {
    out.reasons.push_back("a clinician unlocks it");
    out.would_open.push_back("unlocking it");
    return;
  }
  if (element.module == 0 || element.release == ReleasePolicy::kImmediate) {
    return;
  }
  const auto& modules = protocol.programs[element.program.value].modules;
  const ElementId before = modules[element.module - 1u];
  const Element& previous = protocol.at(before);
  const auto& needs = element.needs;
  if (!IsFinished(protocol, state, before)) {
    // Where the program makes it a need, it has been said.
    if (std::find(needs.begin(), needs.end(), before) != needs.end()) return;
    out.reasons.push_back(absl::StrCat("the module before, ", previous.id,
                                       ", is ",
                                       StateOf(protocol, state, before)));
    out.would_open.push_back(absl::StrCat("handing in ", previous.id));
  } else if (element.release == ReleasePolicy::kOnApproval &&
             !previous.check.IsNone() &&
             !IsFinished(protocol, state, previous.check)) {
    out.reasons.push_back(
        absl::StrCat("the homework of ", previous.id,
                     " is not checked: ", protocol.at(previous.check).id,
                     " is ", StateOf(protocol, state, previous.check)));
    out.would_open.push_back(
        absl::StrCat("completing ", protocol.at(previous.check).id));
  }
}

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
  ExplainPlace(protocol, state, element, out);
  if (element.mode != ItemMode::kAuto) {
    out.reasons.push_back("it opens only by a rule, a deadline or by hand");
    out.would_open.push_back("opening it by hand, with a reason");
  }
  ExplainNeeds(protocol, state, element, out);
  ExplainRelease(protocol, state, element, out);
  if (guards.Evaluate(element.when) != fhirpath::Tri::kTrue) {
    for (std::string& line : guards.Unmet(element.when)) {
      out.reasons.push_back(absl::StrCat("when: ", line));
    }
  }
  return out;
}

}  // namespace stepwell::engine
