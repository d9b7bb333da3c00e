// The queue of input that fitted nowhere: parked with an owner and a clock,
// filed or dismissed by a person, and never forgotten.
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/world.h"
#include "wire/binary.h"

namespace stepwell::runtime {

using engine::ParkedState;
using protocol::Action;
using protocol::ActionKind;

namespace {

constexpr int kRiskPriority = 90;  // parked input that discloses risk

// The pool along the fallbacks that is on duty, and who of it.
std::pair<std::string, StaffId> OnDuty(const protocol::Protocol& protocol,
                                       const engine::World& world,
                                       protocol::PoolId pool, Instant now) {
  const engine::OnDutyIn first =
      engine::FirstOnDuty(protocol, world, pool, now);
  return {protocol.at(first.pool).id, first.staff};
}

Instant After(const protocol::Protocol& protocol, const Span& span,
              const protocol::ClockDef& def, Instant from) {
  const WorkCalendar* calendar =
      def.calendar.IsNone() ? nullptr
                            : &protocol.calendars[def.calendar.value].calendar;
  return AddSpan(from, span, *protocol.zone, calendar).value_or(from);
}

// A person, or an import that has found the case by the sender's own name.
bool MaySettle(const engine::Envelope& envelope, const ParkedState& parked,
               CaseId filed_to) {
  const engine::Role role = envelope.actor.role;
  return role == engine::Role::kStaff ||
         (role == engine::Role::kIntegration && !parked.filed_as.empty() &&
          filed_to.value != 0);
}

// It discloses risk, and is to be handled as an alert is.
bool IsTiered(const protocol::Protocol& protocol, const ParkedState& parked) {
  return parked.risk == engine::Answer3::kYes && !protocol.risk.tiers.empty();
}

// Its line has come further along the fallbacks than the pool, and does not go
// back there: as an alert.
bool IsBeyond(const protocol::Protocol& protocol, const ParkedState& parked,
              protocol::PoolId pool) {
  return IsTiered(protocol, parked) &&
         engine::IsFurther(protocol, pool,
                           protocol.FindPool(parked.owner_pool));
}

// Whether a rung passes it on, or only names whoever gets it.
enum class Passes : bool { kNo, kYes };

// Who gets parked input by a rung that names the pool. While nobody is there,
// it stays with whoever has it and is. Risk goes to the last on duty of those
// whom it comes to, and passes from who is silent to a colleague.
std::pair<std::string, StaffId> OwnerIn(const protocol::Protocol& protocol,
                                        const engine::World& world,
                                        protocol::PoolId pool,
                                        const ParkedState& parked,
                                        Passes passes, Instant now) {
  const std::pair<std::string, StaffId> next =
      OnDuty(protocol, world, pool, now);
  if (next.second.value != 0) return next;
  const std::pair<std::string, StaffId> holder = {parked.owner_pool,
                                                  parked.owner};
  const bool stays = world.IsAtHand(parked.owner, now);
  if (!IsTiered(protocol, parked)) return stays ? holder : next;
  const engine::OnDutyIn last = engine::LastOnDuty(
      protocol, world, protocol.at(protocol.risk.unscreened).pool, now);
  const protocol::PoolId has = protocol.FindPool(parked.owner_pool);
  const bool is_further =
      last.staff.value != 0 && engine::IsFurther(protocol, has, last.pool);
  if (!stays || is_further) {
    return last.staff.value == 0
               ? next
               : std::pair(protocol.at(last.pool).id, last.staff);
  }
  if (passes == Passes::kNo || has.IsNone() ||
      !engine::IsOpen(protocol, has, now)) {
    return holder;
  }
  const StaffId other = world.NextOnDuty(has, parked.owner, now);
  return other.value == 0 ? holder : std::pair(parked.owner_pool, other);
}

// The clock of parked input: as the current version says, which may be another
// than that of the time when it was parked.
protocol::ClockDefId ClockOf(const protocol::Protocol& protocol,
                             const ParkedState& parked) {
  return IsTiered(protocol, parked)
             ? protocol.at(protocol.risk.unscreened).acknowledge
             : protocol.parking_clock;
}

// When the rung is due, the one before having been due at `next_due`.
Instant RungDue(const protocol::Protocol& protocol,
                const protocol::ClockDef& def, size_t rung,
                const ParkedState& parked) {
  const protocol::Rung& step = def.ladder[rung];
  if (step.after) return After(protocol, *step.after, def, parked.next_due);
  const int percent = step.percent.value_or(100);
  if (percent == 100) return parked.due;
  const __int128 span = (parked.due - parked.parked_at).us;
  return parked.parked_at +
         Duration{static_cast<int64_t>(span * percent / 100)};
}

}  // namespace

absl::StatusOr<Receipt> Runtime::Park(const ParkInput& input, Instant now) {
  return Retrying(CaseId(), [&] { return TryPark(input, now); });
}

absl::StatusOr<Receipt> Runtime::TryPark(const ParkInput& input, Instant now) {
  const std::string fingerprint = PrintOf(input.envelope, input.raw);
  STEPWELL_ASSIGN_OR_RETURN(
      const std::optional<Receipt> earlier,
      FindReceipt(input.envelope.command_id, fingerprint));
  if (earlier) return *earlier;
  const protocol::Protocol& protocol = *current_;
  const service::ServiceWorld world(protocol, service_, caseloads_);
  const bool risk = input.risk == engine::Answer3::kYes;
  // A disclosed risk gets an owner on duty and the deadline of an alert.
  const bool tiered = risk && !protocol.risk.tiers.empty();
  const protocol::PoolId pool = tiered
                                    ? protocol.at(protocol.risk.unscreened).pool
                                    : protocol.parking_pool;
  STEPWELL_ASSIGN_OR_RETURN(const Instant confirmed, Confirmed(now));
  const Instant believed =
      std::min(now, confirmed + WallDays(limits::kAdvanceDaysMax));
  // As for a case: a deadline that may be one of risk counts from a time that
  // is sure, whatever times others have given.
  const Instant since =
      std::min(now, confirmed + Hours(limits::kTimeTrustedHoursMax));
  ParkedState parked;
  parked.receipt = input.receipt;
  parked.raw_key = ToHex(FingerprintOf(input.raw));
  parked.code = input.code;
  parked.reason = input.reason;
  parked.risk = input.risk;
  const protocol::ClockDefId clock = ClockOf(protocol, parked);
  const protocol::ClockDef& def = protocol.at(clock);
  std::tie(parked.owner_pool, parked.owner) =
      OnDuty(protocol, world, pool, since);
  parked.priority = risk ? kRiskPriority : 0;
  parked.parked_at = since;
  parked.clock = clock;
  parked.due = After(protocol, def.budget, def, since);
  parked.next_due = RungDue(protocol, def, 0, parked);
  parked.filed_as = input.filed_as;
  parked.content = input.content;
  Receipt receipt;
  receipt.kind = ReceiptKind::kParked;
  receipt.code = input.code;
  receipt.reason = input.reason;
  receipt.receipt = input.receipt;
  receipt.protocol = protocol.hash;
  if (risk) receipt.show_now = protocol.risk.show_now;
  store::CommitRequest request;
  request.documents.push_back({"raw", parked.raw_key, input.raw});
  return CommitService(input.envelope, "park_input",
                       {engine::InputParked{parked}}, receipt, fingerprint,
                       believed, std::move(request));
}

namespace {

std::string PrintOfSettling(const engine::Envelope& envelope,
                            const engine::ParkedSettled& settled) {
  return PrintOf(
      envelope,
      absl::StrCat(settled.parked, "/", settled.filed_to.value,
                   settled.outcome.empty() ? "" : "/", settled.outcome));
}

}  // namespace

absl::StatusOr<std::optional<Receipt>> Runtime::SettledBefore(
    const engine::Envelope& envelope, const engine::ParkedSettled& settled) {
  return FindReceipt(envelope.command_id, PrintOfSettling(envelope, settled));
}

absl::StatusOr<Receipt> Runtime::SettleParked(
    const engine::Envelope& envelope, const engine::ParkedSettled& settled,
    Instant now) {
  const std::string fingerprint = PrintOfSettling(envelope, settled);
  return Retrying(CaseId(), [&] {
    return TrySettleParked(envelope, settled, fingerprint, now);
  });
}

absl::StatusOr<Receipt> Runtime::TrySettleParked(
    const engine::Envelope& envelope, const engine::ParkedSettled& settled,
    const std::string& fingerprint, Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<Receipt> earlier,
                            FindReceipt(envelope.command_id, fingerprint));
  if (earlier) return *earlier;
  STEPWELL_RETURN_IF_ERROR(CheckAhead(now));
  // What a patient sent is filed by anybody.
  Receipt receipt = settled.filed_to.value == 0
                        ? RefusalOfAbsent(service_, envelope, now)
                        : Receipt();
  receipt.case_id = settled.filed_to;
  receipt.kind = ReceiptKind::kRejected;
  const uint32_t parked = settled.parked;
  if (!receipt.code.empty()) {
    // told above
  } else if (parked >= service_.parked.size() ||
             !service_.parked[parked].open) {
    receipt.code = "parked_not_open";
    receipt.reason = "there is no such parked input";
  } else if (!MaySettle(envelope, service_.parked[parked], settled.filed_to)) {
    receipt.code = "person_required";
    receipt.reason = "parked input is settled by a member of staff";
  } else if (envelope.reason.empty()) {
    receipt.code = "reason_required";
    receipt.reason = "settling parked input needs a reason";
  } else if (settled.filed_to.value == 0 &&
             service_.parked[parked].risk != engine::Answer3::kNo) {
    RefuseDismissal(envelope.actor.staff, settled, now, receipt);
  }
  if (!receipt.code.empty()) {
    return Remember(receipt, envelope.command_id, fingerprint, {},
                    {ServiceSeen()});
  }
  receipt.kind = ReceiptKind::kAccepted;
  return CommitService(envelope, "settle_parked", {settled}, receipt,
                       fingerprint, now);
}

void Runtime::RefuseDismissal(StaffId staff,
                              const engine::ParkedSettled& settled, Instant now,
                              Receipt& receipt) const {
  const protocol::Protocol& protocol = *current_;
  const protocol::RiskPolicy& risk = protocol.risk;
  if (risk.tiers.empty()) return;
  const ParkedState& parked = service_.parked[settled.parked];
  const protocol::PoolId meant = parked.risk == engine::Answer3::kYes
                                     ? protocol.at(risk.unscreened).pool
                                     : protocol.parking_pool;
  const service::ServiceWorld world(protocol, service_, caseloads_);
  if (!engine::StandsBehind(protocol, world,
                            protocol.FindPool(parked.owner_pool), staff, now) &&
      !engine::StandsBehind(protocol, world, meant, staff, now)) {
    receipt.code = "not_a_member";
    receipt.reason =
        absl::StrCat("it may disclose risk: a member of ", parked.owner_pool,
                     " dismisses it, or of a pool that stands behind");
    return;
  }
  const protocol::OutcomeId outcome = protocol.FindOutcome(settled.outcome);
  if (!outcome.IsNone() && std::find(risk.outcomes.begin(), risk.outcomes.end(),
                                     outcome) != risk.outcomes.end()) {
    return;
  }
  receipt.code = "outcome_required";
  receipt.reason =
      "it may disclose risk: dismissing it needs an outcome of an assessment";
}

namespace {

// The latest that waits under the receipt.
std::optional<uint32_t> OpenUnder(const engine::ServiceState& service,
                                  std::string_view receipt) {
  for (size_t i = service.parked.size(); i-- > 0;) {
    const ParkedState& parked = service.parked[i];
    if (parked.open && parked.receipt == receipt) {
      return static_cast<uint32_t>(i);
    }
  }
  return std::nullopt;
}

// Whoever stands behind the pool that the word did not reach gets the line,
// unless it has come further, and is told. Nothing: at the end of the line,
// where its own ladder tells again and again, and where no risk waits.
std::optional<engine::ParkedNotified> PassOn(
    const protocol::Protocol& protocol, const engine::World& world,
    const engine::ServiceState& service, const EffectPayload& word,
    Instant now) {
  const std::optional<uint32_t> ordinal = OpenUnder(service, word.receipt);
  if (!ordinal || !IsTiered(protocol, service.parked[*ordinal])) {
    return std::nullopt;
  }
  const ParkedState& parked = service.parked[*ordinal];
  const protocol::PoolId told = protocol.FindPool(word.pool);
  const protocol::PoolId next =
      told.IsNone() ? told : protocol.at(told).fallback;
  if (next.IsNone()) return std::nullopt;
  engine::ParkedNotified notice;
  notice.parked = *ordinal;
  notice.message_template = word.message_template;
  notice.passes_on = !IsBeyond(protocol, parked, next);
  if (notice.passes_on) {
    std::tie(notice.pool, notice.staff) =
        OwnerIn(protocol, world, next, parked, Passes::kYes, now);
  } else {
    notice.pool = parked.owner_pool;
    notice.staff = parked.owner;
  }
  // Nobody is there but whom the word did not reach.
  const StaffId missed = word.effect.owner.staff;
  if (missed.value != 0 && missed == notice.staff) return std::nullopt;
  return notice;
}

}  // namespace

absl::StatusOr<Receipt> Runtime::SettleParkedWord(
    const engine::Envelope& envelope, const std::string& fingerprint,
    const store::OutboxRow& word, bool delivered, Instant now) {
  return Retrying(CaseId(), [&]() -> absl::StatusOr<Receipt> {
    EffectPayload payload;
    if (!wire::DecodeFrom(word.payload, payload)) {
      return Corrupt("an effect of the outbox cannot be read");
    }
    const service::ServiceWorld world(*current_, service_, caseloads_);
    std::optional<engine::ParkedNotified> notice =
        delivered ? std::nullopt
                  : PassOn(*current_, world, service_, payload, now);
    if (!notice) {
      return Remember(Receipt(), envelope.command_id, fingerprint,
                      {word.effect});
    }
    notice->effect = DeriveId("effect", envelope.command_id, "parked");
    store::CommitRequest request;
    request.outbox_acknowledged = {word.effect};
    return CommitService(envelope, engine::SettleEffect::kVerb,
                         {*std::move(notice)}, Receipt(), fingerprint, now,
                         std::move(request));
  });
}

absl::StatusOr<bool> Runtime::FireParked(uint32_t ordinal, Instant now) {
  STEPWELL_RETURN_IF_ERROR(Refresh());
  if (ordinal >= service_.parked.size()) {
    return Internal("a deadline of parked input points nowhere");
  }
  const uint64_t before = service_.version;
  STEPWELL_RETURN_IF_ERROR(
      Retrying(CaseId(), [&] { return TryFireParked(ordinal, now); }).status());
  return service_.version != before;
}

absl::StatusOr<Receipt> Runtime::TryFireParked(uint32_t ordinal, Instant now) {
  const ParkedState& parked = service_.parked[ordinal];
  // Another process was first.
  if (!parked.open || parked.next_due > now) return Receipt();
  const protocol::Protocol& protocol = *current_;
  const protocol::ClockDef& def = protocol.at(ClockOf(protocol, parked));
  const service::ServiceWorld world(protocol, service_, caseloads_);
  const size_t rung = std::min<size_t>(parked.next_rung, def.ladder.size() - 1);
  engine::ParkedClockFired fired;
  fired.parked = ordinal;
  fired.rung = static_cast<uint8_t>(rung);
  fired.due = parked.next_due;
  fired.owner_pool = parked.owner_pool;
  fired.owner = parked.owner;
  fired.priority = parked.priority;
  if (rung + 1 < def.ladder.size()) {
    fired.next_rung = static_cast<uint8_t>(rung + 1);
    fired.next_due = RungDue(protocol, def, rung + 1, parked);
  } else {
    // Again and again: what is parked is never forgotten.
    fired.next_rung = static_cast<uint8_t>(rung);
    fired.next_due =
        After(protocol, def.ladder[rung].repeat.value_or(def.budget), def, now);
    if (fired.next_due <= now) fired.next_due = now + Hours(24);
  }
  engine::Envelope envelope;
  envelope.command_id =
      absl::StrCat("clock/parked/", ordinal, "/", parked.next_due.us);
  const bool tiered = IsTiered(protocol, parked);
  std::vector<engine::ServiceEventBody> bodies;
  std::vector<engine::ServiceEventBody> notices;
  for (const Action& action : def.ladder[rung].actions) {
    if (action.kind == ActionKind::kEscalate ||
        action.kind == ActionKind::kEscalateRisk) {
      if (IsBeyond(protocol, parked, action.pool)) continue;
      std::tie(fired.owner_pool, fired.owner) =
          OwnerIn(protocol, world, action.pool, parked, Passes::kYes, now);
    } else if (action.kind == ActionKind::kPriority) {
      fired.priority = static_cast<int8_t>(
          std::clamp(fired.priority + action.amount, -100, 100));
    } else if (action.kind == ActionKind::kNotify) {
      engine::ParkedNotified notice;
      notice.effect =
          DeriveId("effect", envelope.command_id, absl::StrCat(notices.size()));
      notice.parked = ordinal;
      if (action.pool.IsNone()) {
        notice.pool = fired.owner_pool;
        notice.staff = fired.owner;
      } else if (tiered) {
        // The word names who has it by then.
        ParkedState moved = parked;
        moved.owner_pool = fired.owner_pool;
        moved.owner = fired.owner;
        std::tie(notice.pool, notice.staff) =
            OwnerIn(protocol, world, action.pool, moved, Passes::kNo, now);
      } else {
        notice.pool = protocol.at(action.pool).id;
      }
      if (!action.message_template.IsNone()) {
        notice.message_template =
            protocol.templates[action.message_template.value];
      }
      notices.push_back(notice);
    }
  }
  bodies.push_back(fired);
  for (auto& notice : notices) bodies.push_back(std::move(notice));
  return CommitService(envelope, "fire_clock", std::move(bodies), Receipt(), "",
                       now);
}

}  // namespace stepwell::runtime
