// Taking back what an event did, by deltas on the state. The past is never
// re-decided: what cannot be undone by itself is put before a person.
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"

namespace stepwell::engine {
namespace {

// What the events of the target's command did, from the target on.
struct Deltas {
  const CaseState& state;
  Voided& out;

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
      out.items_reopened.push_back(e.item);
    }
  }
  void operator()(const AlertRaised&, uint64_t seq) {
    for (uint32_t i = 0; i < state.alerts.size(); ++i) {
      // The alert was raised by the response that is now void.
      if (!out.responses.empty() &&
          state.alerts[i].response_seq == out.responses.front() &&
          seq > out.responses.front()) {
        out.alerts_marked.push_back(i);
      }
    }
  }
  void operator()(const AlertEvidenceAdded& e, uint64_t) {
    out.alerts_marked.push_back(e.alert);
  }
  void operator()(const EffectRequested& e, uint64_t) {
    out.effects_sent.push_back(e.effect);
  }
  template <class E>
  void operator()(const E&, uint64_t) {}
};

bool IsVoidable(const EventBody& body) {
  return std::holds_alternative<ResponseReceived>(body) ||
         std::holds_alternative<FactRecorded>(body) ||
         std::holds_alternative<MilestoneReached>(body) ||
         std::holds_alternative<ItemDone>(body);
}

// A response that stands: neither taken back nor amended since.
bool Stands(const CaseState& state, uint64_t target) {
  for (const ResponseState& response : state.responses) {
    if (response.seq == target) return !response.is_void;
  }
  return false;
}

void RejectVoid(Macrostep& m) {
  m.Reject("not_voidable",
           "responses, facts, milestones and finished items can be taken "
           "back, each once, as long as nothing newer has replaced them");
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
  if (!IsVoidable(target->body) || (response && !Stands(m.state, c.target))) {
    RejectVoid(m);
    return;
  }
  Voided voided;
  voided.target = c.target;
  Deltas deltas{m.state, voided};
  for (const Event& event : m.history) {
    if (event.seq < c.target) continue;
    if (event.seq > c.target && !response) break;  // a single delta
    std::visit([&](const auto& body) { deltas(body, event.seq); }, event.body);
  }
  if (!response && voided.facts.empty() && voided.milestones.empty() &&
      voided.items_reopened.empty()) {
    RejectVoid(m);
    return;
  }
  const bool review =
      !voided.alerts_marked.empty() || !voided.effects_sent.empty();
  m.Emit(voided);
  for (uint32_t item : voided.items_reopened) {
    const ElementId id = m.state.items[item].key.element;
    if (!m.protocol.at(id).due.IsNone()) {
      m.StartClock(m.protocol.at(id).due, {SubjectKind::kItem, item}, m.now);
    }
  }
  if (review) {
    m.OpenReview(absl::StrCat("event ", c.target,
                              " was taken back: look at the alert and the "
                              "messages that it caused"));
  }
}

}  // namespace stepwell::engine
