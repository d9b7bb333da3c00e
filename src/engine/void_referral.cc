// A referral that is taken back: the legal wait that ran from it, and the
// letters to whoever sent it.
#include "engine/void_referral.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/clock_history.h"
#include "engine/handlers.h"
#include "engine/view.h"

namespace stepwell::engine {
namespace {

// The event that attached the referral; 0: the log does not hold it.
uint64_t AttachedBy(std::span<const Event> log, ReferralId id) {
  for (const Event& event : log) {
    const auto* attached = std::get_if<ReferralAttached>(&event.body);
    if (attached != nullptr && attached->referral.id == id) return event.seq;
  }
  return 0;
}

// What the referrals that are left in the episode say of a legal wait.
struct WaitLeft {
  std::optional<Instant> earliest;  // of all of them
  std::optional<Instant> before;    // of those that came before the one gone
  uint64_t first = 0;               // the event that attached the first
};

WaitLeft WaitLeftBy(const Macrostep& m, ClockDefId def, uint64_t target) {
  WaitLeft left;
  for (const Referral& other : m.state.referrals) {
    if (other.episode != m.state.episode() || other.ended_as ||
        m.protocol.at(other.route).legal_clock != def) {
      continue;
    }
    const uint64_t seq = AttachedBy(m.log, other.id);
    if (!left.earliest) left.first = seq;
    left.earliest = std::min(left.earliest.value_or(m.now), other.wait_from);
    if (seq > target) continue;
    left.before = std::min(left.before.value_or(m.now), other.wait_from);
  }
  return left;
}

// The wait that the law counts runs as if the referral that was of another
// patient had never come, and no later than those that are left ask for.
void UncountLegalWait(Macrostep& m, const Referral& gone, uint64_t target) {
  const ClockDefId def = m.protocol.at(gone.route).legal_clock;
  const ClockState* running = m.state.ClockOfCase(def);
  if (def.IsNone() || running == nullptr) return;
  const WaitLeft left = WaitLeftBy(m, def, target);
  // It did not run from this one.
  if (left.earliest && *left.earliest <= gone.wait_from) return;
  const uint32_t ordinal = running->ordinal;
  const auto before = ClockBefore(m.log, ordinal, target);
  m.StopClock(ordinal);
  if (!left.earliest) return;
  if (before) {
    m.RunOn(AsRested(m, *before, target));
    const Instant counted = left.before.value_or(before->started_at);
    if (*left.earliest < counted) {
      m.PutBack(m.state.clocks.back(), counted - *left.earliest);
    }
  } else if (RestsSince(m.log, left.first).empty()) {
    m.StartClock(def, {}, *left.earliest);
  } else {
    m.RunOn(AsRested(m, m.Fresh(def, *left.earliest), left.first));
  }
}

// A letter about the patient has reached whoever sent the referral.
bool WasWrittenTo(const Macrostep& m, ReferralId id) {
  std::vector<uint64_t> letters;
  for (const Event& event : m.log) {
    if (const auto* letter = std::get_if<EffectRequested>(&event.body)) {
      if (letter->referral == id) letters.push_back(letter->effect);
    } else if (const auto* ended = std::get_if<EffectSettled>(&event.body)) {
      if (ended->delivered && Contains(letters, ended->effect)) return true;
    }
  }
  return false;
}

// Nobody is told of a patient whom they never referred. A letter of an early
// version does not say whose it is.
void StopLettersOf(Macrostep& m, const Referral& gone) {
  for (const PendingEffectState& effect :
       std::vector<PendingEffectState>(m.state.pending_effects)) {
    const bool of_transfer =
        m.state.transfer && m.state.transfer->effect == effect.effect;
    const bool unsaid =
        effect.letter && !of_transfer && effect.referral == ReferralId();
    if (effect.referral == gone.id) {
      m.StopEffect(effect.effect, "the referral was taken back");
    } else if (unsaid && IsWrittenTo(m.protocol, gone)) {
      m.StopEffect(effect.effect, "the referral was taken back");
      m.OpenReview(
          "a letter was not sent: it may be to the referrer of a referral that "
          "was taken back");
    }
  }
  if (WasWrittenTo(m, gone.id)) {
    m.OpenReview(
        "a letter about the patient has gone to the referrer of a referral "
        "that was taken back");
  }
}

}  // namespace

bool TakeBackReferrals(Macrostep& m, const Voided& voided,
                       const std::vector<Referral>& before) {
  for (const Referral& gone : before) {
    if (Contains(voided.referrals, gone.id)) {
      UncountLegalWait(m, gone, voided.target);
      StopLettersOf(m, gone);
    }
  }
  for (const ConsentState& said : voided.consents) {
    m.Raise(protocol::TriggerKind::kConsent, said.purpose.value);
    StopUnconsented(m, said.purpose);
  }
  return !voided.referrals.empty();
}

}  // namespace stepwell::engine
