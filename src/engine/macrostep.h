// Internal to the engine: one macrostep, from a command's first event until
// the case is quiet. Handlers (decide_*.cc) use it to emit events; nothing
// else changes the state.
#ifndef STEPWELL_ENGINE_MACROSTEP_H_
#define STEPWELL_ENGINE_MACROSTEP_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/apply.h"
#include "engine/command.h"
#include "engine/decide.h"
#include "engine/event.h"
#include "engine/state.h"
#include "engine/view.h"
#include "engine/world.h"
#include "protocol/protocol.h"

namespace stepwell::engine {

// Something that happened and may set rules and clocks in motion.
struct Signal {
  protocol::TriggerKind kind = protocol::TriggerKind::kPatientActive;
  uint16_t argument = 0xFFFF;
  OutcomeId outcome;
  Subject subject;         // what the actions are about
  bool while_open = true;  // it happened before the case closed
};

class Macrostep {
 public:
  Macrostep(const protocol::Protocol& protocol_in, CaseState& state_in,
            const World& world_in, const Command& command_in, Instant now_in);

  // Appends the event and applies it: the one way to change the state.
  // Returns its sequence number.
  template <class E>
  uint64_t Emit(E body, std::optional<Instant> at = std::nullopt) {
    Event event;
    event.seq = state.version + 1;
    event.recorded = now;
    event.at = at.value_or(at_);
    event.body = std::move(body);
    Apply(event, state);
    events.push_back(std::move(event));
    return state.version;
  }

  void Raise(protocol::TriggerKind kind, uint16_t argument = 0xFFFF,
             OutcomeId outcome = {}, Subject subject = {});
  void Reject(std::string code, std::string reason);

  // Works until nothing more happens. kResourceExhausted past the step limit.
  absl::Status Settle();

  const protocol::Protocol& protocol;
  CaseState& state;
  const World& world;
  const Command& command;
  const Instant now;
  std::vector<Event> events;
  std::optional<Rejection> rejection;
  TemplateId show_now;
  std::span<const Event> history;

  // --- items (items.cc)
  // Opens an occurrence of the element; returns its ordinal.
  uint32_t OpenItem(ElementId element, std::string note = "");
  void FinishItem(uint32_t ordinal, OutcomeId outcome,
                  std::optional<int32_t> minutes);
  void EndItem(uint32_t ordinal, ItemStatus status);
  // Says so when this was the last open part of its program.
  void CompleteProgram(ElementId id);
  // The open item of the element, or -1.
  int64_t OpenItemOf(ElementId element) const;
  // Cancels the open items of the element.
  void CancelItems(ElementId element);
  void OpenReview(std::string note);
  // Opens what has become available; true when anything happened.
  bool OpenAvailable();
  // Re-evaluates automatic decisions; true when anything happened.
  bool DecideAutomatically();
  Owner OwnerFor(const protocol::Element& element) const;
  // The pool, or the one along its fallbacks that is on duty now.
  Owner OnDuty(PoolId pool) const;

  // --- clocks (clocks.cc)
  void StartClock(ClockDefId def, Subject subject, Instant from);
  void StartCadence(ElementId element, Instant from);
  void StopClocks(Subject subject);
  void StopClocksOf(ClockDefId def);
  void StopClock(uint32_t ordinal);
  void PauseClocks();
  void ResumeClocks();
  Instant DueOf(ClockDefId def, Instant from) const;
  Instant FirstRungDue(ClockDefId def, Instant started, Instant due) const;
  // When rung `rung` is due, the one before having been due at `previous`.
  Instant RungDue(const protocol::ClockDef& def, size_t rung, Instant started,
                  Instant due, Instant previous) const;
  // When the next rung is due, counted from a delivery just now.
  Instant PlannedAfter(const ClockState& clock) const;
  Instant After(const Span& span, const protocol::ClockDef* def,
                Instant from) const;

  // --- alerts (alerts.cc)
  void RaiseAlert(TierId tier, uint64_t response_seq);
  void RetierAlert(uint32_t ordinal, TierId tier);
  void StepAlert(uint32_t ordinal, AlertStage stage, OutcomeId outcome,
                 std::optional<int32_t> minutes);
  void EscalateAlert(uint32_t ordinal, PoolId pool);

  // --- tracks, milestones, facts, people (actions.cc)
  void Perform(const std::vector<protocol::Action>& actions,
               const Signal& cause, uint32_t clock = UINT32_MAX);
  void Move(PhaseId phase);
  void Latch(MilestoneId milestone);
  void SetFact(FactId fact, const FactValue& value);
  void Assign(Owner owner);
  void CloseCase(OutcomeId reason);
  void AnswerReferrals(OutcomeId disposition);
  void StartTracks();

 private:
  friend absl::StatusOr<Outcome> Decide(const protocol::Protocol&, CaseState,
                                        const World&, const Command&, Instant,
                                        std::span<const Event>);
  void RunRules(const Signal& signal);
  void RunClockTriggers(const Signal& signal);
  void Notify(const protocol::Action& action, const Signal& cause,
              uint32_t clock);
  void EscalateSubject(PoolId pool, const Subject& subject);
  void RaisePriority(int amount, const Subject& subject);
  bool Wanted(const protocol::Element& element, ElementId id,
              const TrackState& track) const;
  bool NeedsMet(const protocol::Element& element) const;
  bool Released(const protocol::Element& element) const;
  bool IsFinished(ElementId element) const;
  // Open work, or a clock that will fire.
  bool HasNextStep() const;
  // What an automatic decision comes to now; whether somebody is to ask.
  DecisionRecorded Weigh(ElementId id, bool* ask);

  Instant at_;  // the clinical time of what this command does
  std::vector<Signal> signals_;
  size_t next_signal_ = 0;
  uint64_t moved_tracks_ = 0;  // tracks moved in this microstep
  GuardEvaluator guards_;
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_MACROSTEP_H_
