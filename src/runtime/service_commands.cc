// Commands to the service's own stream: staff, leave, and the queue of input
// that fitted nowhere.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/world.h"
#include "wire/binary.h"
#include "wire/record.h"

namespace stepwell::runtime {

using engine::ParkedState;
using protocol::Action;
using protocol::ActionKind;
using store::StreamKey;
using store::StreamKind;

namespace {

constexpr StreamKey kServiceStream = {StreamKind::kService, 1};
constexpr int kTriesMax = 8;
constexpr int kRiskPriority = 90;  // parked input that discloses risk

std::string Print(const engine::Envelope& envelope, std::string_view rest) {
  engine::Envelope bare = envelope;
  bare.command_id.clear();
  std::string content;
  wire::EncodeTo(bare, content);
  content += rest;
  const Fingerprint print = FingerprintOf(content);
  return std::string(reinterpret_cast<const char*>(print.bytes.data()),
                     print.bytes.size());
}

// The pool along the fallbacks that is on duty, and who of it.
std::pair<std::string, StaffId> OnDuty(const protocol::Protocol& protocol,
                                       const engine::World& world,
                                       protocol::PoolId pool, Instant now) {
  protocol::PoolId candidate = pool;
  std::string open_queue;
  for (size_t i = 0; i <= protocol.pools.size() && !candidate.IsNone(); ++i) {
    const protocol::Pool& definition = protocol.at(candidate);
    if (definition.calendar.IsNone() ||
        protocol.calendars[definition.calendar.value].calendar.IsOpen(now)) {
      const StaffId staff = world.OnDuty(candidate, now);
      if (staff.value != 0) return {definition.id, staff};
      if (open_queue.empty()) open_queue = definition.id;
    }
    candidate = definition.fallback;
  }
  return {open_queue.empty() ? protocol.at(pool).id : open_queue, StaffId(0)};
}

Instant After(const protocol::Protocol& protocol, const Span& span,
              const protocol::ClockDef& def, Instant from) {
  const WorkCalendar* calendar =
      def.calendar.IsNone() ? nullptr
                            : &protocol.calendars[def.calendar.value].calendar;
  return AddSpan(from, span, *protocol.zone, calendar).value_or(from);
}

}  // namespace

absl::StatusOr<Receipt> Runtime::CommitService(
    const engine::Envelope& envelope, const char* verb,
    std::vector<engine::ServiceEventBody> bodies, Receipt receipt,
    const std::string& fingerprint, Instant now, store::CommitRequest request) {
  engine::ServiceState state = service_;
  const Instant effective = std::max(now, state.last_at);
  store::StreamWrite write;
  write.stream = kServiceStream;
  write.expected_version = state.version;
  const size_t parked_before = state.parked.size();
  bodies.insert(bodies.begin(), engine::CommandRecorded{envelope, verb});
  for (engine::ServiceEventBody& body : bodies) {
    engine::ServiceEvent event{state.version + 1,
                               envelope.at.value_or(effective), effective,
                               std::move(body)};
    engine::Apply(event, state);
    write.records.push_back(wire::EncodeEvent(event));
    const auto* notified = std::get_if<engine::ParkedNotified>(&event.body);
    if (notified == nullptr) continue;
    EffectPayload payload;
    payload.effect.effect = notified->effect;
    payload.effect.to = protocol::Recipient::kPool;
    payload.pool = notified->pool;
    payload.message_template = notified->message_template;
    payload.receipt = state.parked[notified->parked].receipt;
    std::string bytes;
    wire::EncodeTo(payload, bytes);
    write.outbox.push_back(
        {notified->effect, Instant::Never(), std::move(bytes)});
  }
  write.state = wire::EncodeState(state);
  int64_t parked_open = 0;
  for (uint32_t i = 0; i < state.parked.size(); ++i) {
    const ParkedState& parked = state.parked[i];
    const bool is_new = i >= parked_before;
    if (!is_new && parked == service_.parked[i]) continue;
    const uint64_t key = service::WorkKey(service::WorkKind::kParked, i);
    if (parked.open) {
      write.work_set.push_back(ToWorkRow(parked, i));
      write.clocks_set.push_back({i, parked.next_due});
      parked_open += is_new ? 1 : 0;
    } else {
      write.work_removed.push_back(key);
      write.clocks_removed.push_back(i);
      parked_open -= is_new ? 0 : 1;
    }
  }
  if (parked_open != 0) {
    request.counters.push_back(
        {service::kParkedOpen, parked_open, 0, std::nullopt});
  }
  request.streams.push_back(std::move(write));
  if (!fingerprint.empty()) {
    request.command = ToCommandRow(envelope.command_id, fingerprint, receipt);
  }
  const absl::Status status = store_->Commit(request);
  if (!status.ok()) {
    if (status.code() == absl::StatusCode::kAborted) {
      STEPWELL_RETURN_IF_ERROR(Reload());
    }
    return status;
  }
  service_ = std::move(state);
  return receipt;
}

absl::StatusOr<Receipt> Runtime::AddStaff(const engine::Envelope& envelope,
                                          const engine::StaffState& staff,
                                          Instant now) {
  std::string content;
  wire::EncodeTo(staff, content);
  const std::string fingerprint = Print(envelope, content);
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<Receipt> earlier,
                            FindReceipt(envelope.command_id, fingerprint));
  if (earlier) return *earlier;
  Receipt receipt;
  for (const std::string& pool : staff.pools) {
    if (current_->FindPool(pool).IsNone()) {
      receipt.kind = ReceiptKind::kRejected;
      receipt.code = "unknown_pool";
      receipt.reason = absl::StrCat("the protocol has no pool \"", pool, "\"");
      return Remember(receipt, envelope.command_id, fingerprint);
    }
  }
  return CommitService(envelope, "add_staff", {engine::StaffAdded{staff}},
                       receipt, fingerprint, now);
}

absl::StatusOr<Receipt> Runtime::SetLeave(const engine::Envelope& envelope,
                                          StaffId staff,
                                          engine::LeaveState leave,
                                          Instant now) {
  std::string content;
  wire::EncodeTo(leave, content);
  const std::string fingerprint =
      Print(envelope, absl::StrCat(staff.value, content));
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<Receipt> earlier,
                            FindReceipt(envelope.command_id, fingerprint));
  if (earlier) return *earlier;
  Receipt receipt;
  if (staff.value == 0 || staff.value > service_.staff.size() ||
      leave.to <= leave.from) {
    receipt.kind = ReceiptKind::kRejected;
    receipt.code = staff.value == 0 ? "unknown_staff" : "leave_range";
    receipt.reason =
        "leave needs a registered member of staff and an end "
        "after its start";
    return Remember(receipt, envelope.command_id, fingerprint);
  }
  return CommitService(envelope, "set_leave", {engine::LeaveSet{staff, leave}},
                       receipt, fingerprint, now);
}

absl::StatusOr<Receipt> Runtime::Park(const ParkInput& input, Instant now) {
  for (int i = 0;; ++i) {
    absl::StatusOr<Receipt> receipt = TryPark(input, now);
    // Another process wrote to the service's stream: once more.
    if (receipt.status().code() != absl::StatusCode::kAborted ||
        i == kTriesMax) {
      return receipt;
    }
  }
}

absl::StatusOr<Receipt> Runtime::TryPark(const ParkInput& input, Instant now) {
  const std::string fingerprint = Print(input.envelope, input.raw);
  STEPWELL_ASSIGN_OR_RETURN(
      const std::optional<Receipt> earlier,
      FindReceipt(input.envelope.command_id, fingerprint));
  if (earlier) return *earlier;
  const protocol::Protocol& protocol = *current_;
  const service::ServiceWorld world(protocol, service_, caseload_);
  const bool risk = input.risk == engine::Answer3::kYes;
  // A disclosed risk gets an owner on duty and the deadline of an alert.
  const bool tiered = risk && !protocol.risk.tiers.empty();
  const protocol::PoolId pool = tiered
                                    ? protocol.at(protocol.risk.unscreened).pool
                                    : protocol.parking_pool;
  const protocol::ClockDefId clock =
      tiered ? protocol.at(protocol.risk.unscreened).acknowledge
             : protocol.parking_clock;
  const protocol::ClockDef& def = protocol.at(clock);
  const Instant effective = std::max(now, service_.last_at);
  ParkedState parked;
  parked.receipt = input.receipt;
  parked.raw_key = ToHex(FingerprintOf(input.raw));
  parked.code = input.code;
  parked.reason = input.reason;
  parked.risk = input.risk;
  std::tie(parked.owner_pool, parked.owner) =
      OnDuty(protocol, world, pool, effective);
  parked.priority = risk ? kRiskPriority : 0;
  parked.parked_at = effective;
  parked.clock = clock;
  parked.due = After(protocol, def.budget, def, effective);
  const int percent = def.ladder[0].percent.value_or(100);
  parked.next_due =
      def.ladder[0].after
          ? After(protocol, *def.ladder[0].after, def, effective)
          : effective + Duration{(parked.due - effective).us / 100 * percent};
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
                       {engine::InputParked{parked}}, receipt, fingerprint, now,
                       std::move(request));
}

absl::StatusOr<Receipt> Runtime::SettleParked(const engine::Envelope& envelope,
                                              uint32_t parked, CaseId filed_to,
                                              Instant now) {
  const std::string fingerprint =
      Print(envelope, absl::StrCat(parked, "/", filed_to.value));
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<Receipt> earlier,
                            FindReceipt(envelope.command_id, fingerprint));
  if (earlier) return *earlier;
  Receipt receipt;
  receipt.case_id = filed_to;
  receipt.kind = ReceiptKind::kRejected;
  if (parked >= service_.parked.size() || !service_.parked[parked].open) {
    receipt.code = "parked_not_open";
    receipt.reason = "there is no such parked input";
  } else if (envelope.actor.role != engine::Role::kStaff) {
    receipt.code = "person_required";
    receipt.reason = "parked input is settled by a member of staff";
  } else if (envelope.reason.empty()) {
    receipt.code = "reason_required";
    receipt.reason = "settling parked input needs a reason";
  } else {
    receipt.kind = ReceiptKind::kAccepted;
    return CommitService(envelope, "settle_parked",
                         {engine::ParkedSettled{parked, filed_to}}, receipt,
                         fingerprint, now);
  }
  return Remember(receipt, envelope.command_id, fingerprint);
}

absl::Status Runtime::FireParked(uint32_t ordinal, Instant now) {
  if (ordinal >= service_.parked.size()) {
    return Internal("a deadline of parked input points nowhere");
  }
  const ParkedState& parked = service_.parked[ordinal];
  const protocol::Protocol& protocol = *current_;
  const protocol::ClockDef& def = protocol.at(parked.clock);
  const service::ServiceWorld world(protocol, service_, caseload_);
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
    const protocol::Rung& next = def.ladder[rung + 1];
    fired.next_due = next.after
                         ? After(protocol, *next.after, def, parked.next_due)
                         : parked.due;
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
  std::vector<engine::ServiceEventBody> bodies;
  std::vector<engine::ServiceEventBody> notices;
  for (const Action& action : def.ladder[rung].actions) {
    if (action.kind == ActionKind::kEscalate ||
        action.kind == ActionKind::kEscalateRisk) {
      std::tie(fired.owner_pool, fired.owner) =
          OnDuty(protocol, world, action.pool, now);
    } else if (action.kind == ActionKind::kPriority) {
      fired.priority = static_cast<int8_t>(
          std::clamp(fired.priority + action.amount, -100, 100));
    } else if (action.kind == ActionKind::kNotify) {
      engine::ParkedNotified notice;
      notice.effect =
          DeriveId("effect", envelope.command_id, absl::StrCat(notices.size()));
      notice.parked = ordinal;
      notice.pool =
          action.pool.IsNone() ? fired.owner_pool : protocol.at(action.pool).id;
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
                       now)
      .status();
}

}  // namespace stepwell::runtime
