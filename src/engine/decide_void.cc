// Taking back what an event did, by deltas on the state. The past is never
// re-decided: what cannot be undone by itself is put before a person.
#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"

namespace stepwell::engine {
namespace {

// What the events of the target's command did, from the target on.
struct Deltas {
  const Macrostep& m;
  const CaseState& state;
  Voided& out;
  std::vector<AlertRetiered>& retiered;
  bool stays_done = false;  // an item that does not reopen

  void operator()(const ResponseReceived&, uint64_t seq) {
    out.responses.push_back(seq);
  }
  void operator()(const ScoreRecorded&, uint64_t seq) {
    out.scores.push_back(seq);
  }
  void operator()(const MilestoneReached& e, uint64_t seq) {
    for (const MilestoneState& milestone : state.milestones) {
      if (milestone.milestone == e.milestone && milestone.seq == seq) {
        out.milestones.push_back(e.milestone);
      }
    }
  }
  void operator()(const FactRecorded& e, uint64_t seq) {
    for (const FactState& fact : state.facts) {
      if (fact.fact == e.fact && fact.seq == seq) out.facts.push_back(e.fact);
    }
  }
  void operator()(const ItemDone& e, uint64_t seq) {
    if (e.item < state.items.size() &&
        state.items[e.item].status == ItemStatus::kDone &&
        state.items[e.item].ended_seq == seq) {
      if (!MayReopen(state.items[e.item])) {
        stays_done = true;
        return;
      }
      out.items_reopened.push_back(e.item);
    }
  }
  void operator()(const AlertRaised&, uint64_t seq) {
    for (uint32_t i = 0; i < state.alerts.size(); ++i) {
      if (state.alerts[i].raised_seq == seq) out.alerts_marked.push_back(i);
    }
  }
  void operator()(const AlertEvidenceAdded& e, uint64_t) {
    out.alerts_marked.push_back(e.alert);
  }
  void operator()(const AlertRetiered& e, uint64_t) { retiered.push_back(e); }
  void operator()(const EffectRequested& e, uint64_t) {
    out.effects_sent.push_back(e.effect);
  }
  void operator()(const ModuleCompleted& e, uint64_t) {
    out.modules.push_back(e.program);
  }
  void operator()(const ProgramCompleted& e, uint64_t) {
    out.programs.push_back(e.program);
  }
  template <class E>
  void operator()(const E&, uint64_t) {}

 private:
  // Where the case has gone on, the patient is asked nothing for the past, and
  // nothing is decided by itself; a person may still take their step again.
  bool MayReopen(const ItemState& item) const {
    if (m.IsCurrent(item.key)) return true;
    return !state.IsClosed() && item.key.episode == state.episode() &&
           !item.owner.IsPatient() && !m.protocol.at(item.key.element).by_data;
  }
};

bool IsVoidable(const EventBody& body) {
  return std::holds_alternative<ResponseReceived>(body) ||
         std::holds_alternative<FactRecorded>(body) ||
         std::holds_alternative<MilestoneReached>(body) ||
         std::holds_alternative<ItemDone>(body);
}

// The finished item is open again by the deltas: nothing newer has replaced it.
bool Reopens(const Event& done, const Voided& voided) {
  const uint32_t item = std::get<ItemDone>(done.body).item;
  return std::find(voided.items_reopened.begin(), voided.items_reopened.end(),
                   item) != voided.items_reopened.end();
}

// A response that stands: neither taken back nor amended since.
bool Stands(const CaseState& state, uint64_t target) {
  for (const ResponseState& response : state.responses) {
    if (response.seq == target) return !response.is_void;
  }
  return false;
}

// Stops the clocks that the command started by milestones now taken back: when
// one is reached again, they start from then. True when there were any.
bool StopClocksOfMilestones(Macrostep& m, const Voided& voided) {
  bool any = false;
  for (const Event& event : m.history) {
    const auto* started = std::get_if<ClockStarted>(&event.body);
    if (started == nullptr || event.seq < voided.target ||
        started->def.IsNone() || m.FindClock(started->clock) == nullptr) {
      continue;
    }
    for (const protocol::Trigger& trigger : m.protocol.at(started->def).start) {
      const bool taken_back =
          trigger.kind == protocol::TriggerKind::kMilestone &&
          std::find(voided.milestones.begin(), voided.milestones.end(),
                    MilestoneId(trigger.argument)) != voided.milestones.end();
      if (!taken_back) continue;
      m.StopClock(started->clock);
      any = true;
      break;
    }
  }
  return any;
}

// An alert that a screen put into its tier goes back to the tier it came from,
// with that tier's clock: what tiered it was never said. True when there were
// any; those that are closed by now are for the review.
bool RestoreTiers(Macrostep& m, const std::vector<AlertRetiered>& retiered) {
  for (const AlertRetiered& e : retiered) {
    const AlertState& alert = m.state.alerts[e.alert];
    if (alert.stage == AlertStage::kClosed || alert.tier != e.tier) continue;
    m.RetierAlert(e.alert,
                  e.from.IsNone() ? m.protocol.risk.unscreened : e.from);
  }
  return !retiered.empty();
}

// What the case went on to do may stand on what is taken back: a milestone, or
// a track that has moved since.
bool OthersStandOn(const Macrostep& m, const Voided& voided) {
  return !voided.milestones.empty() ||
         std::any_of(m.state.tracks.begin(), m.state.tracks.end(),
                     [&](const TrackState& track) {
                       return track.entered_seq > voided.target;
                     });
}

void RejectVoid(Macrostep& m) {
  m.Reject("not_voidable",
           "responses, facts, milestones and finished items can be taken "
           "back, each once, as long as nothing newer has replaced them; the "
           "patient's items and automatic decisions while their phase lasts");
}

}  // namespace

void Handle(Macrostep& m, const VoidEvent& c) {
  if (m.command.envelope.reason.empty()) {
    m.Reject("reason_required", "taking an event back needs a reason");
    return;
  }
  const Event* target = nullptr;
  for (const Event& event : m.history) {
    if (event.seq == c.target) target = &event;
  }
  if (target == nullptr) {
    m.Reject("unknown_event", "the case has no such event");
    return;
  }
  const bool response = std::holds_alternative<ResponseReceived>(target->body);
  const bool item = std::holds_alternative<ItemDone>(target->body);
  if (!IsVoidable(target->body) || (response && !Stands(m.state, c.target))) {
    RejectVoid(m);
    return;
  }
  Voided voided;
  voided.target = c.target;
  std::vector<AlertRetiered> retiered;
  Deltas deltas{m, m.state, voided, retiered};
  for (const Event& event : m.history) {
    if (event.seq < c.target) continue;
    // A fact and a milestone stand for themselves; an answer and a finished
    // item go with what their command did because of them.
    if (event.seq > c.target && !response && !item) break;
    std::visit([&](const auto& body) { deltas(body, event.seq); }, event.body);
  }
  const bool found =
      response || (item ? Reopens(*target, voided)
                        : !voided.facts.empty() || !voided.milestones.empty());
  if (!found) {
    RejectVoid(m);
    return;
  }
  m.Emit(voided);
  if (!voided.facts.empty()) m.NoteConsentAges();
  for (uint32_t ordinal : voided.items_reopened) {
    const ElementId id = m.state.items[ordinal].key.element;
    if (!m.protocol.at(id).due.IsNone()) {
      m.StartClock(m.protocol.at(id).due, {SubjectKind::kItem, ordinal},
                   m.TimeFor(id));
    }
  }
  const bool stopped = StopClocksOfMilestones(m, voided);
  const bool restored = RestoreTiers(m, retiered);
  if (stopped || restored || !voided.alerts_marked.empty() ||
      !voided.effects_sent.empty()) {
    m.OpenReview(absl::StrCat("event ", c.target,
                              " was taken back: look at the alerts, messages "
                              "and deadlines that it caused"));
  }
  if (deltas.stays_done || OthersStandOn(m, voided)) {
    m.OpenReview(absl::StrCat("event ", c.target,
                              " was taken back, and the case has gone on "
                              "since: is it where it belongs?"));
  }
}

}  // namespace stepwell::engine
