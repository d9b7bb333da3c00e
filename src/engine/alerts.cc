// The life of an alert: raised, acknowledged, assessed, closed; each step with
// an owner and a deadline. Acknowledged is not assessed.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"
#include "engine/safe_mode.h"

namespace stepwell::engine {

using protocol::Action;
using protocol::ActionKind;
using protocol::Recipient;
using protocol::Tier;
using protocol::TriggerKind;

namespace {

// A clock that does not run yet.
constexpr uint32_t kToStart = UINT32_MAX;

// Of one alert: of the step that it waits for, and of an assessment that was
// begun before new evidence came. That one was started first.
struct AlertClocks {
  std::optional<ClockState> step, assessment;
};

AlertClocks ClocksOf(const CaseState& state, uint32_t ordinal) {
  AlertClocks clocks;
  for (const ClockState& clock : state.clocks) {
    if (clock.subject != Subject{SubjectKind::kAlert, ordinal}) continue;
    clocks.assessment = std::exchange(clocks.step, clock);
  }
  if (state.alerts[ordinal].stage == AlertStage::kAcknowledged) {
    clocks.assessment = std::exchange(clocks.step, std::nullopt);
  }
  return clocks;
}

// The ladder of `before` has done what the rung does: whom it tells has been
// told, and the alert has come as far.
bool IsMade(const Macrostep& m, const protocol::Rung& rung,
            const ClockState& before, const Owner& owner, bool tells) {
  const auto& ladder = m.protocol.at(before.def).ladder;
  const auto fired = ladder.begin() +
                     std::min<ptrdiff_t>(before.next_rung, std::ssize(ladder));
  const auto is_made = [&](const Action& action) {
    if (action.kind == ActionKind::kEscalate ||
        action.kind == ActionKind::kEscalateRisk) {
      return owner.pool == action.pool || m.IsBeyond(owner, action.pool);
    }
    if (action.kind != ActionKind::kNotify ||
        (action.to != Recipient::kPool && action.to != Recipient::kOwner)) {
      return false;
    }
    if (tells && action.to == Recipient::kPool && action.pool == owner.pool) {
      return true;
    }
    return std::any_of(ladder.begin(), fired, [&](const protocol::Rung& each) {
      return std::any_of(
          each.actions.begin(), each.actions.end(), [&](const Action& done) {
            return done.kind == ActionKind::kNotify && done.to == action.to &&
                   done.pool == action.pool;
          });
    });
  };
  return std::all_of(rung.actions.begin(), rung.actions.end(), is_made);
}

// The clock of the step, in place of one that runs: that one itself, with the
// rungs that have fired, or one of another pace, which is due no later and
// leaves out what has been done. `tells`: whoever has it.
ClockState InPlaceOf(const Macrostep& m, const ClockState& running,
                     ClockDefId def, const Owner& owner, bool tells) {
  ClockState clock = m.Fresh(def, m.risk_now);
  const Instant fresh_due = clock.due;
  if (running.def == def && running.due <= fresh_due) return running;
  clock.ordinal = kToStart;
  if (running.def == def) return clock;  // it was set too late
  const auto& ladder = m.protocol.at(def).ladder;
  while (clock.next_rung + 1u < ladder.size() &&
         IsMade(m, ladder[clock.next_rung], running, owner, tells)) {
    ++clock.next_rung;
  }
  clock.due = std::min(clock.due, running.due);
  // What is late has no time left to take a share of: the pace is that of the
  // tier, and no rung comes later than it would have.
  const bool late = running.due <= m.risk_now;
  clock.next_due = m.RungDue(m.protocol.at(def), clock.next_rung, m.risk_now,
                             late ? fresh_due : clock.due, m.risk_now);
  if (late) clock.next_due = std::min(clock.next_due, running.next_due);
  return clock;
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
  if (next.staff.value != 0) return next;
  if (acknowledged && IsStillHere(m.world, owner.staff, m.risk_now)) {
    return owner;
  }
  const Owner last = m.LastOnDuty(m.protocol.at(alert.tier).pool);
  return last.staff.value != 0 ? last : next;
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

// Whom the answer lay with that was parked and is filed now, in the pools of
// the case; nothing: it has not waited.
std::optional<Owner> WaitedWith(const Macrostep& m) {
  if (!m.command.waited) return std::nullopt;
  const PoolId pool = m.protocol.FindPool(m.command.waited->pool);
  if (pool.IsNone()) return std::nullopt;
  return Owner{OwnerKind::kPool, pool, m.command.waited->staff};
}

// Its clock, as that of an alert that was raised when the answer came.
std::optional<ClockState> WaitedOn(const Macrostep& m) {
  const std::optional<Waited>& waited = m.command.waited;
  if (!waited) return std::nullopt;
  const ClockDefId def = m.protocol.at(m.protocol.risk.unscreened).acknowledge;
  ClockState clock = m.Fresh(def, waited->since);
  clock.ordinal = kToStart;
  clock.due = std::min(clock.due, waited->due);
  const size_t last = m.protocol.at(def).ladder.size() - 1;
  clock.next_rung =
      static_cast<uint8_t>(std::min<size_t>(waited->next_rung, last));
  clock.next_due = waited->next_due;
  return clock;
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
      KeepToMark(i, /*asks=*/true);
      return;
    }
    const Rearming again = RearmingOf(i, tier);
    added.owner = again.owner;
    added.deadline = again.deadline;
    Emit(added);
    Rearm(i, again);
    return;
  }
  const Rearming raising = RaisingOf(tier);
  AlertRaised raised;
  raised.tier = tier;
  raised.owner = raising.owner;
  raised.deadline = raising.deadline;
  raised.response_seq = response_seq;
  raised.flag_seq = flag_seq;
  const uint32_t ordinal = static_cast<uint32_t>(state.alerts.size());
  Emit(raised);
  RunClocks(ordinal, raising.clocks);
  StopReminders(*this, "a risk alert is open");
  if (raising.tells) TellHolder(ordinal);
  Raise(TriggerKind::kAlertRaised, tier.value, {},
        {SubjectKind::kAlert, ordinal}, now);
}

Macrostep::Rearming Macrostep::RaisingOf(TierId tier) const {
  const Tier& definition = protocol.at(tier);
  Rearming raising;
  if (const std::optional<ClockState> waited = WaitedOn(*this)) {
    AlertState alert;
    alert.tier = tier;
    alert.owner = WaitedWith(*this).value_or(OnDuty(definition.pool));
    raising.owner = KeptBy(*this, alert);
    raising.tells = true;
    raising.clocks.push_back(InPlaceOf(*this, *waited, definition.acknowledge,
                                       raising.owner, raising.tells));
  } else {
    raising.owner = OnDuty(definition.pool);
    raising.clocks.push_back(Fresh(definition.acknowledge, risk_now));
    raising.clocks.back().ordinal = kToStart;
  }
  raising.deadline = raising.clocks.back().due;
  return raising;
}

void Macrostep::RetierAlert(uint32_t ordinal, TierId tier, bool taken_back) {
  const Rearming again = RearmingOf(ordinal, tier, taken_back);
  AlertRetiered retiered;
  retiered.alert = ordinal;
  retiered.tier = tier;
  retiered.from = state.alerts[ordinal].tier;
  retiered.owner = again.owner;
  retiered.deadline = again.deadline;
  Emit(retiered);
  Rearm(ordinal, again);
}

Macrostep::Rearming Macrostep::RearmingOf(uint32_t ordinal, TierId tier,
                                          bool taken_back) const {
  const AlertState& alert = state.alerts[ordinal];
  const Tier& definition = protocol.at(tier);
  const Tier& before = protocol.at(alert.tier);
  // Another tier may be for other people, unless it has gone on beyond them.
  const bool of_others = definition.pool != before.pool &&
                         definition.pool != alert.owner.pool &&
                         !IsBeyond(alert.owner, definition.pool);
  Rearming again;
  again.owner = of_others ? OnDuty(definition.pool) : KeptBy(*this, alert);
  // A lower tier has time, unless it was there before.
  const bool keeps = taken_back || definition.severity >= before.severity;
  AlertClocks running = keeps && alert.stage < AlertStage::kAssessed
                            ? ClocksOf(state, ordinal)
                            : AlertClocks();
  const std::optional<ClockState> waited = WaitedOn(*this);
  if (waited && (!running.step || waited->due < running.step->due)) {
    running.step = waited;
    const std::optional<Owner> with = WaitedWith(*this);
    if (with && alert.stage == AlertStage::kRaised &&
        IsBeyond(*with, again.owner.pool)) {
      AlertState parked = alert;
      parked.owner = *with;
      const Owner kept = KeptBy(*this, parked);
      if (kept.staff.value != 0) again.owner = kept;
    }
  }
  again.tells = alert.stage != AlertStage::kRaised ||
                again.owner != alert.owner || waited.has_value();
  const auto in_place_of = [&](const ClockState& clock, ClockDefId def) {
    return InPlaceOf(*this, clock, def, again.owner, again.tells);
  };
  if (running.assessment) {
    again.clocks.push_back(in_place_of(*running.assessment, definition.assess));
  }
  if (running.step) {
    again.clocks.push_back(in_place_of(*running.step, definition.acknowledge));
  } else {
    again.clocks.push_back(Fresh(definition.acknowledge, risk_now));
    again.clocks.back().ordinal = kToStart;
  }
  again.deadline = again.clocks.back().due;
  for (const ClockState& clock : again.clocks) {
    again.deadline = std::min(again.deadline, clock.due);
  }
  if (keeps && alert.stage < AlertStage::kAssessed) {
    again.deadline = std::min(again.deadline, alert.deadline);
  }
  return again;
}

void Macrostep::Rearm(uint32_t ordinal, const Rearming& again) {
  RunClocks(ordinal, again.clocks);
  if (again.tells) TellHolder(ordinal);
  Raise(TriggerKind::kAlertRaised, state.alerts[ordinal].tier.value, {},
        {SubjectKind::kAlert, ordinal}, now);
}

void Macrostep::TellHolder(uint32_t ordinal) {
  const AlertState& alert = state.alerts[ordinal];
  EffectRequested told;
  told.to = protocol::Recipient::kPool;
  told.owner = alert.owner;
  told.message_template =
      WordOf(protocol.at(protocol.at(alert.tier).acknowledge));
  told.subject = {SubjectKind::kAlert, ordinal};
  if (!told.message_template.IsNone()) Request(std::move(told));
}

void Macrostep::RunClocks(uint32_t ordinal,
                          const std::vector<ClockState>& clocks) {
  const Subject subject = {SubjectKind::kAlert, ordinal};
  // Their order tells them apart: what follows a new one is started anew, too.
  size_t kept = 0;
  while (kept < clocks.size() && clocks[kept].ordinal != kToStart) ++kept;
  for (size_t i = state.clocks.size(); i-- > 0;) {
    const ClockState& clock = state.clocks[i];
    const bool runs_on = std::any_of(
        clocks.begin(), clocks.begin() + static_cast<ptrdiff_t>(kept),
        [&](const ClockState& each) { return each.ordinal == clock.ordinal; });
    if (clock.subject == subject && !runs_on) StopClock(clock.ordinal);
  }
  for (; kept < clocks.size(); ++kept) StartAs(clocks[kept], subject);
}

void Macrostep::KeepToMark(uint32_t ordinal, bool asks) {
  const AlertState& alert = state.alerts[ordinal];
  const std::optional<ClockState> closing = ClocksOf(state, ordinal).step;
  if (alert.stage != AlertStage::kAssessed || !alert.reviewed_until ||
      !closing) {
    return;
  }
  const Instant until = *alert.reviewed_until;
  ClockChanged changed;
  changed.clock = closing->ordinal;
  changed.started_at = closing->started_at;
  changed.due = asks ? until : std::max(closing->due, until);
  changed.next_due = asks ? until : std::max(closing->next_due, until);
  changed.paused_at = closing->paused_at;
  changed.waits_for_effect = closing->waits_for_effect;
  changed.held_due = closing->held_due;
  if (changed.due == closing->due && changed.next_due == closing->next_due) {
    return;
  }
  changed.subject_due = changed.due;
  Emit(std::move(changed));
}

void Macrostep::EndMark(uint32_t ordinal, Instant due) {
  const AlertState& alert = state.alerts[ordinal];
  const bool ends = alert.stage == AlertStage::kAssessed &&
                    alert.reviewed_until && *alert.reviewed_until == due;
  const bool asks =
      ends && std::any_of(alert.joined.begin(), alert.joined.end(),
                          [&](const JoinedRisk& joined) {
                            return !joined.rearmed &&
                                   joined.reviewed_until == due;
                          });
  if (!asks) return;
  OpenReview(absl::StrCat("the mark \"reviewed, unchanged\" of alert ", ordinal,
                          " has run out, and evidence came under it"));
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
  std::vector<ClockState> clocks;
  const std::optional<ClockState> begun = ClocksOf(state, ordinal).assessment;
  if (stage == AlertStage::kAcknowledged && begun) {
    // Acknowledged anew: the assessment that was begun goes on.
    clocks.push_back(InPlaceOf(*this, *begun, next, alert.owner, false));
  } else if (!next.IsNone()) {
    clocks.push_back(Fresh(next, risk_now));
    clocks.back().ordinal = kToStart;
  }
  stepped.deadline = clocks.empty() ? Instant::Never() : clocks.back().due;
  Emit(stepped);
  RunClocks(ordinal, clocks);
  if (stage == AlertStage::kClosed) {
    Raise(TriggerKind::kAlertClosed, 0xFFFF, {}, subject);
  }
}

bool Macrostep::IsBeyond(const Owner& owner, PoolId pool) const {
  return IsFurther(protocol, pool, owner.pool);
}

void Macrostep::EscalateAlert(uint32_t ordinal, PoolId pool) {
  const AlertState& alert = state.alerts[ordinal];
  if (!IsBeyond(alert.owner, pool)) {
    Emit(AlertEscalated{ordinal, OwnerIn(pool, {SubjectKind::kAlert, ordinal},
                                         /*passes=*/true)});
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

bool Macrostep::IsAskedOfStaff(const Subject& subject) const {
  if (subject.kind != SubjectKind::kItem || !IsAboutRisk(subject)) return false;
  const ItemState& item = state.items[subject.ordinal];
  return IsOpen(item.status) && !item.owner.IsPatient();
}

void Macrostep::EscalateQuestion(const PendingEffectState& effect) {
  const uint32_t ordinal = effect.subject.ordinal;
  const Owner before = state.items[ordinal].owner;
  const PoolId told =
      effect.owner.pool.IsNone() ? before.pool : effect.owner.pool;
  const PoolId next = protocol.at(told).fallback;
  // At the end of the line its own ladder tells again and again.
  if (next.IsNone() || effect.to_patient) return;
  if (!IsBeyond(before, next)) EscalateSubject(next, effect.subject);
  const StaffId missed = effect.owner.staff;
  if (missed.value != 0 && missed == state.items[ordinal].owner.staff) return;
  EffectRequested again;
  again.to = Recipient::kPool;
  again.owner = state.items[ordinal].owner;
  again.message_template = effect.message_template;
  again.subject = effect.subject;
  Request(std::move(again));
}

bool Macrostep::EscalateUndelivered(const PendingEffectState& effect) {
  if (!IsAboutRisk(effect.subject)) return false;
  const uint32_t about = effect.subject.ordinal;
  if (IsAskedOfStaff(effect.subject)) {
    EscalateQuestion(effect);
    return true;
  }
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
