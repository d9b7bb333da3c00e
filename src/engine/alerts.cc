// The life of an alert: raised, acknowledged, assessed, closed; each step with
// an owner and a deadline. Acknowledged is not assessed.
#include <algorithm>

#include "engine/handlers.h"
#include "engine/safe_mode.h"

namespace stepwell::engine {

using protocol::Tier;
using protocol::TriggerKind;

namespace {

// Nobody has acknowledged the alert: what runs goes on, with the rungs that
// have fired, unless the clock of the tier comes first. A lower tier has time.
bool RunsOn(const Macrostep& m, uint32_t ordinal, TierId tier) {
  const AlertState& alert = m.state.alerts[ordinal];
  const Tier& definition = m.protocol.at(tier);
  if (alert.stage != AlertStage::kRaised ||
      definition.severity < m.protocol.at(alert.tier).severity) {
    return false;
  }
  const Instant due = m.DueOf(definition.acknowledge, m.risk_now);
  return std::any_of(
      m.state.clocks.begin(), m.state.clocks.end(),
      [&](const ClockState& clock) {
        return clock.subject == Subject{SubjectKind::kAlert, ordinal} &&
               clock.due <= due &&
               (clock.def == definition.acknowledge || clock.next_due <= due);
      });
}

// Whoever has it keeps it while they are there. Else it goes to whoever is on
// duty as far along the fallbacks as it has come; when nobody is, whoever has
// acknowledged it is still the one who knows.
Owner KeptBy(const Macrostep& m, const AlertState& alert) {
  const Owner& owner = alert.owner;
  const bool acknowledged = alert.stage != AlertStage::kRaised;
  if (m.world.IsAtHand(owner.staff, m.risk_now) &&
      (acknowledged || !m.IsNoMore(owner))) {
    return owner;
  }
  const Owner next = m.OnDuty(owner.pool);
  const bool knows = acknowledged && owner.staff.value != 0 &&
                     !m.world.HasLeft(owner.staff, m.risk_now) &&
                     !m.world.IsOnLeave(owner.staff, m.risk_now);
  return knows && next.staff.value == 0 ? owner : next;
}

// The first word to staff of the ladder that nobody answers.
TemplateId WordOf(const protocol::ClockDef& def) {
  for (const protocol::Rung& rung : def.ladder) {
    for (const protocol::Action& action : rung.actions) {
      if (action.kind == protocol::ActionKind::kNotify &&
          (action.to == protocol::Recipient::kPool ||
           action.to == protocol::Recipient::kOwner)) {
        return action.message_template;
      }
    }
  }
  return {};
}

}  // namespace

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
    const Rearming again = RearmingOf(i, tier);
    added.owner = again.owner;
    added.deadline = again.deadline;
    Emit(added);
    Rearm(i, again);
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
  const Rearming again = RearmingOf(ordinal, tier);
  AlertRetiered retiered;
  retiered.alert = ordinal;
  retiered.tier = tier;
  retiered.from = state.alerts[ordinal].tier;
  retiered.owner = again.owner;
  retiered.deadline = again.deadline;
  Emit(retiered);
  Rearm(ordinal, again);
}

Macrostep::Rearming Macrostep::RearmingOf(uint32_t ordinal, TierId tier) const {
  const AlertState& alert = state.alerts[ordinal];
  const Tier& definition = protocol.at(tier);
  const Tier& before = protocol.at(alert.tier);
  // Another tier may be for other people, unless it has gone on beyond them.
  const bool of_others = definition.pool != before.pool &&
                         definition.pool != alert.owner.pool &&
                         !IsBeyond(alert.owner, definition.pool);
  Rearming again;
  again.owner = of_others ? OnDuty(definition.pool) : KeptBy(*this, alert);
  again.runs_on = RunsOn(*this, ordinal, tier);
  again.tells =
      alert.stage != AlertStage::kRaised || again.owner != alert.owner;
  again.deadline = DueOf(definition.acknowledge, risk_now);
  if (alert.stage == AlertStage::kRaised &&
      definition.severity >= before.severity) {
    again.deadline = std::min(again.deadline, alert.deadline);
  }
  return again;
}

void Macrostep::Rearm(uint32_t ordinal, const Rearming& again) {
  const Subject subject = {SubjectKind::kAlert, ordinal};
  const TierId tier = state.alerts[ordinal].tier;
  const ClockDefId acknowledge = protocol.at(tier).acknowledge;
  if (!again.runs_on) {
    StopClocks(subject);
    StartClock(acknowledge, subject, risk_now);
  }
  const TemplateId word = WordOf(protocol.at(acknowledge));
  if (again.tells && !word.IsNone()) {
    EffectRequested told;
    told.to = protocol::Recipient::kPool;
    told.owner = again.owner;
    told.message_template = word;
    told.subject = subject;
    Request(std::move(told));
  }
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
  const AlertState& alert = state.alerts[ordinal];
  if (!IsBeyond(alert.owner, pool)) {
    Emit(
        AlertEscalated{ordinal, OwnerIn(pool, {SubjectKind::kAlert, ordinal})});
    return;
  }
  // It has come further than this pool, and does not go back.
  const Owner owner = KeptBy(*this, alert);
  if (owner != alert.owner) Emit(AlertEscalated{ordinal, owner});
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
    // At the end of the line the alert's own ladder tells again and again; so
    // it does where nobody is there but whom the word did not reach.
    const StaffId missed = effect.owner.staff;
    const bool is_stuck =
        missed.value != 0 && missed == state.alerts[i].owner.staff;
    if (next.IsNone() || effect.to_patient || is_stuck) continue;
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
