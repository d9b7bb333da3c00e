// Quiet hours and safe contact: when and how a patient is written to. Risk
// waits for no morning, and what staff are told does not either.
#include <algorithm>

#include "base/zone.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::QuietHours;
using protocol::Recipient;

namespace {

LocalTime AtMinute(Date date, int minute) {
  return {date, int64_t{minute} * 60'000'000};
}

EffectSuppressed Suppressed(const HeldEffect& held, const char* why) {
  return {held.message_template, held.subject, why,
          std::nullopt,          held.since,   held.role,
          held.related};
}

Recipient RecipientOf(const HeldEffect& held) {
  return held.role.empty() ? Recipient::kPatient : Recipient::kRelated;
}

}  // namespace

std::optional<Instant> Macrostep::QuietUntil(Instant at, Recipient to) const {
  std::optional<QuietHours> hours = protocol.quiet_hours;
  // What the patient has asked for is of the patient.
  if (to == Recipient::kPatient && state.safe_contact &&
      state.safe_contact->quiet_from) {
    hours = QuietHours{*state.safe_contact->quiet_from,
                       *state.safe_contact->quiet_to, true};
  }
  if (!hours) return std::nullopt;
  protocol::ClockDef days;  // whose days they are
  days.patient_zone = hours->patient_zone;
  const Zone& zone = ZoneFor(&days);
  const LocalTime local = ToLocal(zone, at);
  // The window that began today, and the one that began yesterday.
  for (const int back : {0, 1}) {
    const Date began{local.date.days - back};
    const bool over_midnight = hours->to <= hours->from;
    const Instant from = FirstAtOrAfter(zone, AtMinute(began, hours->from));
    const Instant until = FirstAtOrAfter(
        zone, AtMinute(Date{began.days + (over_midnight ? 1 : 0)}, hours->to));
    if (from <= at && at < until) return until;
  }
  return std::nullopt;
}

bool Macrostep::Hold(const EffectRequested& effect, bool reminder,
                     std::optional<Instant> deferred_from) {
  if (!protocol::IsPatientsSide(effect.to) || IsAboutRisk(effect.subject)) {
    return false;
  }
  const std::optional<Instant> until = QuietUntil(due_now, effect.to);
  if (!until) return false;
  EffectSuppressed suppressed{
      effect.message_template, effect.subject, "quiet hours", std::nullopt,
      deferred_from,           effect.role,    effect.related};
  if (effect.valid_until <= *until) {
    suppressed.why = "it is valid no longer than the quiet hours";
  } else {
    suppressed.held = HeldEffect{effect.message_template,
                                 effect.subject,
                                 effect.clock,
                                 deferred_from.value_or(due_now),
                                 *until,
                                 effect.valid_until,
                                 reminder,
                                 effect.role,
                                 effect.related};
  }
  Emit(std::move(suppressed));
  return true;
}

std::vector<uint32_t> Macrostep::ReleaseHeld() {
  std::vector<uint32_t> clocks;
  for (const HeldEffect& held : std::vector<HeldEffect>(state.held_effects)) {
    if (held.until > due_now) continue;
    const bool of_ladder = held.clock != UINT32_MAX;
    const bool moot =
        held.reminder &&
        (state.IsClosed() || (of_ladder && FindClock(held.clock) == nullptr));
    // Its own waiting is no reason against it.
    const char* why = WhyNot(RecipientOf(held), held.reminder, UINT32_MAX);
    if (moot) why = "what it reminds of is done";
    if (held.valid_until <= due_now) why = "it is not valid any more";
    if (why != nullptr) {
      Emit(Suppressed(held, why));
      continue;
    }
    EffectRequested effect;
    effect.to = RecipientOf(held);
    effect.role = held.role;
    effect.related = held.related;
    effect.message_template = held.message_template;
    effect.subject = held.subject;
    effect.valid_until = held.valid_until;
    effect.clock = held.clock;
    effect.deferred_from = held.since;
    if (Hold(effect, held.reminder, held.since)) continue;
    Request(std::move(effect));
    if (of_ladder) clocks.push_back(held.clock);
  }
  return clocks;
}

void Macrostep::DropHeld(const char* why) {
  for (const HeldEffect& held : std::vector<HeldEffect>(state.held_effects)) {
    Emit(Suppressed(held, why));
  }
}

void Macrostep::StopWordsTo(PersonId person, const std::string& role,
                            const char* why) {
  const auto is_theirs = [&](const auto& word) {
    return word.role == role && state.Whom(word.related) == person;
  };
  for (const HeldEffect& held : std::vector<HeldEffect>(state.held_effects)) {
    if (is_theirs(held)) Emit(Suppressed(held, why));
  }
  for (const PendingEffectState& pending :
       std::vector<PendingEffectState>(state.pending_effects)) {
    if (is_theirs(pending)) EndEffect({pending.effect, false, why, true});
  }
}

void Handle(Macrostep& m, const SetSafeContact& c) {
  const bool outdone =
      m.state.safe_contact && m.fact_at() < m.state.safe_contact_at;
  m.Emit(SafeContactNoted{c.contact, outdone});
  if (outdone) {
    AskForOlder(m, "safe contact");
  } else if (c.contact.no_channel) {
    m.OpenReview("the patient has left no way to reach them: ask how");
  }
}

}  // namespace stepwell::engine
