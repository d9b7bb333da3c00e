// The life of an alert: raised, acknowledged, assessed, closed; each step with
// an owner and a deadline. Acknowledged is not assessed.
#include "engine/handlers.h"
#include "engine/safe_mode.h"

namespace stepwell::engine {

using protocol::Tier;
using protocol::TriggerKind;

ClockDefId ClockOf(const Tier& tier, AlertStage stage) {
  switch (stage) {
    case AlertStage::kRaised:
      return tier.acknowledge;
    case AlertStage::kAcknowledged:
      return tier.assess;
    case AlertStage::kAssessed:
      return tier.close;
    case AlertStage::kClosed:
      break;
  }
  return {};
}

void Macrostep::RaiseAlert(TierId tier, uint64_t response_seq,
                           uint64_t flag_seq) {
  const Tier& definition = protocol.at(tier);
  for (uint32_t i = 0; i < state.alerts.size(); ++i) {
    const AlertState& open = state.alerts[i];
    if (open.tier != tier || open.stage == AlertStage::kClosed) continue;
    const bool reviewed = open.reviewed_until && now < *open.reviewed_until;
    AlertEvidenceAdded added;
    added.alert = i;
    added.response_seq = response_seq;
    added.flag_seq = flag_seq;
    added.rearmed = !reviewed;
    if (reviewed) {
      Emit(added);
      return;
    }
    added.owner = OnDuty(definition.pool);
    added.deadline = DueOf(definition.acknowledge, risk_now);
    Emit(added);
    const Subject subject = {SubjectKind::kAlert, i};
    StopClocks(subject);
    StartClock(definition.acknowledge, subject, risk_now);
    Raise(TriggerKind::kAlertRaised, tier.value, {}, subject, now);
    return;
  }
  AlertRaised raised;
  raised.tier = tier;
  raised.owner = OnDuty(definition.pool);
  raised.deadline = DueOf(definition.acknowledge, risk_now);
  raised.response_seq = response_seq;
  raised.flag_seq = flag_seq;
  const uint32_t ordinal = static_cast<uint32_t>(state.alerts.size());
  Emit(raised);
  const Subject subject = {SubjectKind::kAlert, ordinal};
  StartClock(definition.acknowledge, subject, risk_now);
  StopReminders(*this, "a risk alert is open");
  Raise(TriggerKind::kAlertRaised, tier.value, {}, subject, now);
}

void Macrostep::RetierAlert(uint32_t ordinal, TierId tier) {
  const Tier& definition = protocol.at(tier);
  const Subject subject = {SubjectKind::kAlert, ordinal};
  StopClocks(subject);
  AlertRetiered retiered;
  retiered.alert = ordinal;
  retiered.tier = tier;
  retiered.from = state.alerts[ordinal].tier;
  retiered.owner = OnDuty(definition.pool);
  retiered.deadline = DueOf(definition.acknowledge, risk_now);
  Emit(retiered);
  StartClock(definition.acknowledge, subject, risk_now);
  Raise(TriggerKind::kAlertRaised, tier.value, {}, subject, now);
}

void Macrostep::StepAlert(uint32_t ordinal, AlertStage stage, OutcomeId outcome,
                          std::optional<int32_t> minutes) {
  const Subject subject = {SubjectKind::kAlert, ordinal};
  const AlertState& alert = state.alerts[ordinal];
  const ClockDefId next = ClockOf(protocol.at(alert.tier), stage);
  AlertStepped stepped;
  stepped.alert = ordinal;
  stepped.stage = stage;
  stepped.outcome = outcome;
  stepped.minutes = minutes;
  stepped.owner = alert.owner;
  // Who takes the step owns the rest of the life.
  if (command.envelope.actor.staff.value != 0) {
    stepped.owner.staff = command.envelope.actor.staff;
  }
  stepped.deadline = next.IsNone() ? Instant::Never() : DueOf(next, risk_now);
  Emit(stepped);
  StopClocks(subject);
  if (!next.IsNone()) StartClock(next, subject, risk_now);
  if (stage == AlertStage::kClosed) {
    Raise(TriggerKind::kAlertClosed, 0xFFFF, {}, subject);
  }
}

bool Macrostep::IsBeyond(const Owner& owner, PoolId pool) const {
  if (owner.pool.IsNone() || owner.pool == pool) return false;
  const auto leads = [this](PoolId from, PoolId to) {
    for (size_t i = 0; i <= protocol.pools.size() && !from.IsNone(); ++i) {
      from = protocol.at(from).fallback;
      if (from == to) return true;
    }
    return false;
  };
  // Of pools that stand in for each other none is further than the other.
  return leads(pool, owner.pool) && !leads(owner.pool, pool);
}

void Macrostep::EscalateAlert(uint32_t ordinal, PoolId pool) {
  Emit(AlertEscalated{ordinal, OnDuty(pool)});
}

bool Macrostep::IsAboutRisk(const Subject& subject) const {
  return subject.kind == SubjectKind::kAlert ||
         (subject.kind == SubjectKind::kItem &&
          subject.ordinal < state.items.size() &&
          IsAboutRisk(state.items[subject.ordinal].key.element));
}

bool Macrostep::IsAboutRisk(ElementId element) const {
  return element == protocol.risk.screen_element ||
         element == protocol.risk.missing_element;
}

bool Macrostep::IsOfRisk(const ClockState& clock) const {
  return engine::IsOfRisk(protocol, state, clock);
}

bool Macrostep::MayWait(const ClockState& clock) const {
  return IsOfPatient(clock.subject) && !IsOfRisk(clock);
}

bool Macrostep::EscalateUndelivered(const PendingEffectState& effect) {
  if (!IsAboutRisk(effect.subject)) return false;
  const uint32_t about = effect.subject.ordinal;
  const bool of_alert = effect.subject.kind == SubjectKind::kAlert;
  // A clock that still runs: nobody has done what its ladder asks for.
  const bool asks = FindClock(effect.clock) != nullptr;
  bool any = false;
  for (uint32_t i = 0; i < state.alerts.size(); ++i) {
    const AlertState alert = state.alerts[i];
    if (alert.stage == AlertStage::kClosed || (of_alert && i != about) ||
        (!asks && alert.stage != AlertStage::kRaised)) {
      continue;
    }
    any = true;
    const PoolId told =
        effect.owner.pool.IsNone() ? alert.owner.pool : effect.owner.pool;
    const PoolId next = protocol.at(told).fallback;
    EscalateAlert(i, next.IsNone() ? told : next);
    // At the end of the line the alert's own ladder tells again and again.
    if (next.IsNone() || effect.to_patient) continue;
    EffectRequested again;
    again.to = protocol::Recipient::kPool;
    again.owner = state.alerts[i].owner;
    again.message_template = effect.message_template;
    again.subject = {SubjectKind::kAlert, i};
    Request(std::move(again));
  }
  return any;
}

}  // namespace stepwell::engine
