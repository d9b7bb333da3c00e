// Deadlines that have come, and the world's answers to effects.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::ClockDef;
using protocol::LatePolicy;

namespace {

// The length of a date unit on average; nothing for other units.
Duration MeanOf(SpanUnit unit) {
  switch (unit) {
    case SpanUnit::kDays:
      return WallDays(1);
    case SpanUnit::kWeeks:
      return WallDays(7);
    case SpanUnit::kMonths:
      return Seconds(2'629'746);
    default:
      return {};
  }
}

// The turn after `due`. Turns are counted from the start: what one of them
// lacks, in a short month or where a clock skips an hour, the next one has. Of
// a rhythm that was moved they are counted from the turn before.
Instant NextTurn(const Macrostep& m, const Span& every, Instant started,
                 Instant due) {
  constexpr int kTries = 16;  // no turn lies further from the mean
  const int64_t mean = MeanOf(every.unit).us * every.amount;
  if (mean == 0) return m.After(every, nullptr, due);
  const Duration slack = WallDays(4);
  int64_t k = std::max<int64_t>(1, (due - started - slack).us / mean);
  const auto turn = [&](int64_t n) {
    return m.After({n * every.amount, every.unit}, nullptr, started);
  };
  for (int i = 0; i < kTries; ++i, ++k) {
    const Instant at = turn(k);
    if (at == due) return turn(k + 1);
    if (at > due) break;
  }
  return m.After(every, nullptr, due);
}

// A repeated item: the open occurrence expires, the next one opens unless
// something holds it. Missed occurrences are not made up for: the rhythm goes
// on from the next one.
void FireCadence(Macrostep& m, const ClockState& clock) {
  const ElementId element(static_cast<uint16_t>(clock.subject.ordinal));
  const Span& every = *m.protocol.at(element).every;
  ClockFired fired;
  fired.clock = clock.ordinal;
  fired.subject = clock.subject;
  fired.due = clock.next_due;
  fired.next_due = NextTurn(m, every, clock.started_at, clock.next_due);
  if (fired.next_due <= m.due_now) {
    Instant next = fired.next_due;
    for (int i = 0; i < 100'000 && next <= m.due_now; ++i) {
      next = NextTurn(m, every, clock.started_at, next);
    }
    fired.next_due =
        next <= m.due_now ? m.After(every, nullptr, m.due_now) : next;
  }
  m.Emit(fired);
  const int64_t open = m.OpenItemOf(element);
  if (open >= 0) m.EndItem(static_cast<uint32_t>(open), ItemStatus::kExpired);
  if (m.MayOpen(element)) m.OpenItem(element);
}

bool OnlySpeaksToPatient(const protocol::Rung& rung) {
  return std::all_of(rung.actions.begin(), rung.actions.end(),
                     [](const protocol::Action& action) {
                       return action.kind == protocol::ActionKind::kNotify &&
                              protocol::IsPatientsSide(action.to);
                     });
}

ClockFired NextOf(const Macrostep& m, const ClockDef& def,
                  const ClockState& clock) {
  ClockFired fired;
  fired.clock = clock.ordinal;
  fired.def = clock.def;
  fired.subject = clock.subject;
  fired.rung = clock.next_rung;
  fired.due = clock.next_due;
  const size_t next = clock.next_rung + 1u;
  if (next < def.ladder.size()) {
    fired.next_rung = static_cast<uint8_t>(next);
    fired.next_due =
        m.RungDue(def, next, clock.started_at, clock.due, clock.next_due);
    if (def.late == LatePolicy::kShift && m.due_now > clock.next_due) {
      fired.next_due = fired.next_due + (m.due_now - clock.next_due);
    }
  } else if (def.ladder.back().repeat) {
    // Again and again until a person acts, counted from when it fired.
    fired.next_rung = clock.next_rung;
    const Instant from = m.TimeFor(clock.subject);
    fired.next_due = m.After(*def.ladder.back().repeat, &def, from);
    // A calendar that opens no more must not fire for ever in one advance.
    if (fired.next_due <= from) fired.next_due = from + Hours(24);
  } else {
    fired.next_rung = static_cast<uint8_t>(next);
    fired.next_due = Instant::Never();
  }
  return fired;
}

// A rung that speaks to the patient waits until the one before was delivered.
// Risk and the duties of staff wait for nobody: their rungs fire, and only the
// word to the patient is left out (Notify).
void WaitForDelivery(Macrostep& m, const ClockDef& def, uint32_t ordinal) {
  const ClockState* clock = m.FindClock(ordinal);
  if (clock == nullptr || clock->next_rung >= def.ladder.size() ||
      !def.ladder[clock->next_rung].speaks_to_patient || !m.MayWait(*clock)) {
    return;
  }
  for (const PendingEffectState& effect : m.state.pending_effects) {
    if (effect.clock != ordinal || !effect.to_patient) continue;
    m.Emit(ClockChanged{ordinal, clock->started_at, clock->due,
                        Instant::Never(), clock->paused_at, effect.effect,
                        std::nullopt});
    return;
  }
}

// Nobody confirmed these as long as they were valid: they are offered no more.
void SettleExpired(Macrostep& m) {
  for (const PendingEffectState& effect :
       std::vector<PendingEffectState>(m.state.pending_effects)) {
    if (effect.valid_until > m.due_now) continue;
    m.EndEffect({effect.effect, false, "", true});
    if (m.EscalateUndelivered(effect)) {
      m.OpenReview("a notification about risk was never confirmed");
    } else if (effect.clock == UINT32_MAX) {
      // Of a ladder's others the next rung makes up for it.
      m.OpenReview("a notification was never confirmed");
    }
  }
}

// The time of a pause is up. The ladder is that of the review, which has a
// clock of its own: nothing is late yet.
void ReviewPause(Macrostep& m, const ClockState& clock) {
  ClockFired fired;
  fired.clock = clock.ordinal;
  fired.def = clock.def;
  fired.rung = clock.next_rung;
  fired.due = clock.next_due;
  fired.next_rung =
      static_cast<uint8_t>(m.protocol.at(clock.def).ladder.size());
  fired.next_due = Instant::Never();
  m.Emit(fired);
  m.OpenReview(kPauseIsUp);
}

// Words that have waited for the end of quiet hours.
void EndQuiet(Macrostep& m) {
  for (const uint32_t spoke : m.ReleaseHeld()) {
    const ClockState* clock = m.FindClock(spoke);
    if (clock != nullptr && !clock->def.IsNone()) {
      WaitForDelivery(m, m.protocol.at(clock->def), spoke);
    }
  }
}

// One of kInnerClocks.
void FireInner(Macrostep& m, uint32_t clock) {
  switch (clock) {
    case kHeldClock:
      m.Emit(DecisionsHeld{false});  // and they are made as the case settles
      return;
    case kFollowUpClock:
      m.ReturnDeferred();
      return;
    case kWeekClock:
      m.EndWaits();
      return;
    case kQuietClock:
      EndQuiet(m);
      return;
    case kValidityClock:
      m.EndValidity();
      return;
    default:
      SettleExpired(m);
      return;
  }
}

}  // namespace

void Handle(Macrostep& m, const FireClock& c) {
  if (c.clock >= kInnerClocks[0]) {
    FireInner(m, c.clock);
    return;
  }
  const ClockState clock = *m.FindClock(c.clock);  // Decide has looked
  if (clock.subject.kind == SubjectKind::kCadence) {
    FireCadence(m, clock);
    return;
  }
  if (clock.subject.kind == SubjectKind::kRelease) {
    m.FireRelease(clock);
    return;
  }
  const ClockDef& def = m.protocol.at(clock.def);
  if (clock.next_rung >= def.ladder.size()) {
    m.Emit(ClockStopped{clock.ordinal});  // used up
    return;
  }
  if (clock.def == m.protocol.review_clock &&
      clock.subject.kind == SubjectKind::kCase && m.state.paused_at) {
    ReviewPause(m, clock);
    return;
  }
  ClockFired fired = NextOf(m, def, clock);
  // Coalesced: of several overdue rungs those that only speak to the patient
  // give way to the next. What opens work for people always fires.
  while (def.late == LatePolicy::kCoalesce && fired.next_due <= m.due_now &&
         def.ladder[fired.rung].kind == protocol::RungKind::kStep &&
         fired.next_rung > fired.rung && fired.next_rung < def.ladder.size() &&
         OnlySpeaksToPatient(def.ladder[fired.rung])) {
    ClockState later = clock;
    later.next_rung = fired.next_rung;
    later.next_due = fired.next_due;
    fired = NextOf(m, def, later);
  }
  const uint8_t rung = fired.rung;
  m.Emit(fired);
  if (clock.subject.kind == SubjectKind::kAlert) {
    m.EndMark(clock.subject.ordinal, fired.due);
  }
  Signal cause;
  cause.subject = clock.subject;
  if (def.window == nullptr) {
    m.Perform(def.ladder[rung].actions, cause, clock.ordinal);
  } else {
    m.FireWindow(clock, rung);
  }
  WaitForDelivery(m, def, clock.ordinal);
}

void Handle(Macrostep& m, const SettleEffect& c) {
  const auto it = std::find_if(m.state.pending_effects.begin(),
                               m.state.pending_effects.end(),
                               [&](const PendingEffectState& effect) {
                                 return effect.effect == c.effect;
                               });
  if (it == m.state.pending_effects.end()) {
    m.Reject("effect_settled", "no such effect is waiting for an answer");
    return;
  }
  const PendingEffectState effect = *it;
  m.EndEffect({c.effect, c.delivered, c.detail, false});
  if (c.delivered) return;
  m.EscalateUndelivered(effect);
  m.OpenReview(
      "a notification could not be delivered",
      absl::StrCat("; ", c.detail.empty() ? "no reason given" : c.detail));
}

}  // namespace stepwell::engine
