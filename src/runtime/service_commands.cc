// Commands to the service's own stream: staff, leave, safe mode.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/sight.h"
#include "service/world.h"
#include "wire/binary.h"
#include "wire/names.h"
#include "wire/record.h"

namespace stepwell::runtime {

using engine::ParkedState;
using store::StreamKey;
using store::StreamKind;

namespace {

constexpr StreamKey kServiceStream = {StreamKind::kService, 1};

// `pointer`: the member of the command that it lies with, as InvalidInput names
// it.
void Reject(const char* code, std::string_view reason, std::string_view pointer,
            Receipt& receipt) {
  receipt.kind = ReceiptKind::kRejected;
  receipt.code = code;
  receipt.reason = std::string(
      InvalidInput(reason, {std::string(pointer), std::nullopt}).message());
}

// A leave of the register that meets the time; one that begins with it is the
// same leave, which is being changed.
bool IsAway(const engine::StaffState& staff, const engine::LeaveState& then,
            bool changes) {
  return std::any_of(staff.leave.begin(), staff.leave.end(),
                     [&](const engine::LeaveState& leave) {
                       return leave.Overlaps(then.from, then.to) &&
                              !(changes && leave.from == then.from);
                     });
}

// Whom the member covers for at some time of the leave; empty: nobody.
std::string CoveredBy(const engine::ServiceState& service, StaffId cover,
                      const engine::LeaveState& then) {
  for (const engine::StaffState& staff : service.staff) {
    for (const engine::LeaveState& leave : staff.leave) {
      if (leave.cover == cover && leave.Overlaps(then.from, then.to)) {
        return staff.reference;
      }
    }
  }
  return "";
}

bool HasBegun(const engine::StaffState& staff, Instant when) {
  return !staff.starts_at || *staff.starts_at <= when;
}

bool IsRegistered(const engine::ServiceState& service, StaffId staff) {
  return staff.value != 0 && staff.value <= service.staff.size();
}

constexpr char kNobody[] = "no such member of staff is registered";
constexpr char kCoverStranger[] =
    "who covers belongs to the pools of whom they cover for, or stands behind "
    "them";

// Who covers for all of the leave.
bool IsThere(const engine::StaffState& cover, const engine::LeaveState& leave) {
  return leave.to <= cover.left_at && HasBegun(cover, leave.from) &&
         !IsAway(cover, leave, false);
}

// Says in the receipt why it cannot be; nothing when it can.
void RefuseLeave(service::Versions versions,
                 const engine::ServiceState& service, StaffId staff,
                 const engine::LeaveState& leave, Receipt& receipt) {
  const bool is_covered = leave.cover.value != 0;
  if (!IsRegistered(service, staff)) {
    Reject("unknown_staff", kNobody, "/staff", receipt);
  } else if (is_covered && !IsRegistered(service, leave.cover)) {
    Reject("unknown_staff", kNobody, "/cover", receipt);
  } else if (leave.to <= leave.from) {
    Reject("leave_range", "the leave ends after it begins", "/to", receipt);
  } else if (IsAway(service.staff[staff.value - 1], leave, true)) {
    Reject("leave_overlaps", "another leave of theirs meets this one", "/from",
           receipt);
  } else if (leave.cover == staff ||
             (is_covered &&
              !IsThere(service.staff[leave.cover.value - 1], leave))) {
    Reject("cover_away", "who covers is away at that time", "/cover", receipt);
  } else if (is_covered &&
             !service::Sight(versions, service, leave.cover, leave.from)
                  .Sees(staff)) {
    Reject("not_a_member", kCoverStranger, "/cover", receipt);
  } else if (const std::string covered = CoveredBy(service, staff, leave);
             !covered.empty()) {
    Reject("covers_another",
           absl::StrCat("they cover for ", covered,
                        " at that time: give that leave another cover first"),
           "/staff", receipt);
  }
}

// Pools of theirs of which nobody will be here when the leave begins, nor
// behind them: what comes there is for whoever is at hand.
std::string LeftAlone(const protocol::Protocol& protocol,
                      engine::ServiceState service, StaffId staff,
                      const engine::LeaveState& leave) {
  service.staff[staff.value - 1].leave.push_back(leave);
  std::string pools;
  for (const std::string& name : service.staff[staff.value - 1].pools) {
    const protocol::PoolId pool = protocol.FindPool(name);
    if (pool.IsNone() ||
        !service::IsDeserted(protocol, pool, service, leave.from)) {
      continue;
    }
    absl::StrAppend(&pools, pools.empty() ? "" : ", ", name);
  }
  return pools.empty() ? ""
                       : absl::StrCat("nobody of ", pools,
                                      ", or of a pool behind, is here then");
}

bool KnowsCalendar(service::Versions versions, std::string_view name) {
  return std::any_of(
      versions.begin(), versions.end(), [name](const auto& protocol) {
        return std::any_of(
            protocol->calendars.begin(), protocol->calendars.end(),
            [name](const auto& calendar) { return calendar.name == name; });
      });
}

// It ends after it begins; one that is known is taken back by ending as it
// begins.
bool IsRange(const engine::StaffState& staff,
             const engine::DelegationState& acting) {
  if (acting.to > acting.from + WallDays(service::kActingDaysMax)) return false;
  const bool is_known =
      std::any_of(staff.delegations.begin(), staff.delegations.end(),
                  [&acting](const engine::DelegationState& one) {
                    return one.from == acting.from && one.of == acting.of;
                  });
  return acting.to > acting.from || (is_known && acting.to == acting.from);
}

// Who may let somebody act for another: that one, somebody of these pools or
// behind them, and the host.
bool MayGrant(const service::Sight* by, StaffId staff,
              const engine::DelegationState& acting) {
  return by == nullptr || staff == acting.of ||
         std::all_of(acting.pools.begin(), acting.pools.end(),
                     [&](const std::string& pool) { return by->Sees(pool); });
}

// The same of somebody who is to act for another; fills in the pools. `sight`:
// of `by`, who says it; nullptr: the host.
void RefuseActing(const engine::ServiceState& service,
                  const service::Sight* sight, StaffId by, StaffId staff,
                  engine::DelegationState& acting, Receipt& receipt) {
  if (!IsRegistered(service, staff) || !IsRegistered(service, acting.of)) {
    Reject("unknown_staff", kNobody,
           IsRegistered(service, staff) ? "/for" : "/staff", receipt);
    return;
  }
  const engine::StaffState& member = service.staff[staff.value - 1];
  const engine::StaffState& other = service.staff[acting.of.value - 1];
  const std::vector<std::string>& theirs = other.pools;
  const bool is_named = !acting.pools.empty();
  if (!is_named) acting.pools = theirs;
  const bool are_theirs = std::all_of(
      acting.pools.begin(), acting.pools.end(), [&](const std::string& pool) {
        return std::find(theirs.begin(), theirs.end(), pool) != theirs.end();
      });
  if (acting.of == staff) {
    Reject("acts_for_oneself", "one acts for somebody else", "/for", receipt);
  } else if (by == staff) {
    Reject("own_entry",
           "nobody lets themselves act for another: whoever is acted for says "
           "it, or somebody else of the pool or behind it",
           "/staff", receipt);
  } else if (!IsRange(member, acting)) {
    Reject("acting_range",
           absl::StrCat("acting for somebody ends after it begins, and within ",
                        service::kActingDaysMax, " days"),
           "/to", receipt);
  } else if (acting.pools.empty() || !are_theirs) {
    Reject("not_a_member", "one acts for another in a pool that is theirs",
           is_named ? "/pool" : "/for", receipt);
  } else if (member.left_at <= acting.from || other.left_at <= acting.from) {
    Reject("has_left", "they have left the service by then",
           member.left_at <= acting.from ? "/staff" : "/for", receipt);
  } else if (!MayGrant(sight, by, acting)) {
    Reject("not_a_member",
           "whoever is acted for says it, or somebody of the pools or behind "
           "them",
           "/actor/staff", receipt);
  }
}

// Who covers is asked about when it is said, and not when what was said before
// is said again with other things; nor where both have left: then it is the
// past that is corrected.
bool SaysCoverAnew(const engine::ServiceState& service,
                   const engine::StaffState& staff, Instant now) {
  const StaffId known = service.FindStaff(staff.reference);
  if (known.value == 0) return true;
  const engine::StaffState& entry = service.staff[known.value - 1];
  if (entry.cover != staff.cover) return true;
  const bool is_over = entry.left_at <= now && staff.left_at <= now &&
                       service.staff[staff.cover->value - 1].left_at <= now;
  return !is_over &&
         (entry.left_at != staff.left_at || entry.pools != staff.pools);
}

// The same of an entry in the register.
void RefuseEntry(service::Versions versions,
                 const engine::ServiceState& service,
                 const engine::StaffState& staff, Instant now,
                 Receipt& receipt) {
  const std::vector<std::string> known = service::PoolsOf(versions);
  for (size_t i = 0; i < staff.pools.size(); ++i) {
    if (std::find(known.begin(), known.end(), staff.pools[i]) == known.end()) {
      Reject("unknown_pool",
             absl::StrCat("no version of the protocol has a pool \"",
                          staff.pools[i], "\""),
             absl::StrCat("/pools/", i), receipt);
      return;
    }
  }
  if (!staff.calendar.empty() && !KnowsCalendar(versions, staff.calendar)) {
    Reject("unknown_calendar",
           absl::StrCat("no version of the protocol has a calendar \"",
                        staff.calendar, "\""),
           "/calendar", receipt);
    return;
  }
  if (!staff.cover) return;
  if (!IsRegistered(service, *staff.cover)) {
    Reject("unknown_staff", kNobody, "/cover", receipt);
    return;
  }
  if (!SaysCoverAnew(service, staff, now)) return;
  const engine::StaffState& cover = service.staff[staff.cover->value - 1];
  const service::Sight sight(versions, service, *staff.cover, staff.left_at);
  if (cover.reference == staff.reference || cover.left_at <= staff.left_at ||
      !HasBegun(cover, staff.left_at)) {
    Reject("cover_away", "who covers is not here then", "/cover", receipt);
  } else if (!std::all_of(
                 staff.pools.begin(), staff.pools.end(),
                 [&](const std::string& pool) { return sight.Sees(pool); })) {
    Reject("not_a_member", kCoverStranger, "/cover", receipt);
  }
}

}  // namespace

std::string PrintOf(const engine::Envelope& envelope, std::string_view rest) {
  engine::Envelope bare = envelope;
  bare.command_id.clear();
  std::string content;
  wire::EncodeTo(bare, content);
  content += rest;
  const Fingerprint print = FingerprintOf(content);
  return std::string(reinterpret_cast<const char*>(print.bytes.data()),
                     print.bytes.size());
}

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
    engine::ServiceEvent event{
        state.version + 1, std::min(envelope.at.value_or(effective), effective),
        effective, std::move(body)};
    engine::Apply(event, state);
    write.records.push_back(wire::EncodeEvent(event));
    const auto* notified = std::get_if<engine::ParkedNotified>(&event.body);
    if (notified == nullptr) continue;
    write.outbox.push_back(
        ToOutboxRow(*notified, state.parked[notified->parked].receipt));
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
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  service_ = std::move(state);
  return receipt;
}

absl::StatusOr<Receipt> Runtime::CommitEntry(const engine::Envelope& envelope,
                                             const char* verb,
                                             engine::ServiceEventBody entry,
                                             const Receipt& receipt,
                                             const std::string& fingerprint,
                                             Instant now) {
  if (receipt.code.empty()) {
    return CommitService(envelope, verb, {std::move(entry)}, receipt,
                         fingerprint, now);
  }
  return Remember(receipt, envelope.command_id, fingerprint, {},
                  {ServiceSeen()});
}

absl::StatusOr<Receipt> Runtime::AddStaff(const engine::Envelope& envelope,
                                          const engine::StaffState& staff,
                                          Instant now) {
  std::string content;
  wire::EncodeTo(staff, content);
  const std::string fingerprint = PrintOf(envelope, content);
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    Receipt receipt;
    STEPWELL_ASSIGN_OR_RETURN(const auto versions, Versions());
    const StaffId self = envelope.actor.staff;
    if (self.value != 0 && service_.FindStaff(staff.reference) == self) {
      Reject("own_entry", "nobody changes their own entry in the register",
             "/staff", receipt);
    } else {
      RefuseEntry(versions, service_, staff, now, receipt);
    }
    return CommitEntry(envelope, "add_staff", engine::StaffAdded{staff},
                       receipt, fingerprint, now);
  });
}

absl::StatusOr<Receipt> Runtime::SetLeave(const engine::Envelope& envelope,
                                          StaffId staff,
                                          engine::LeaveState leave,
                                          Instant now) {
  std::string content;
  wire::EncodeTo(leave, content);
  const std::string fingerprint =
      PrintOf(envelope, absl::StrCat(staff.value, content));
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    Receipt receipt;
    STEPWELL_ASSIGN_OR_RETURN(const auto versions, Versions());
    RefuseLeave(versions, service_, staff, leave, receipt);
    if (receipt.code.empty()) {
      receipt.reason = LeftAlone(*current_, service_, staff, leave);
    }
    return CommitEntry(envelope, "set_leave", engine::LeaveSet{staff, leave},
                       receipt, fingerprint, now);
  });
}

namespace {

// As the host names them.
std::string WhoSends(const engine::Envelope& envelope,
                     const engine::ServiceState& service) {
  const engine::Actor& actor = envelope.actor;
  if (actor.staff.value != 0) return service.StaffName(actor.staff);
  return actor.reference.empty() ? std::string(wire::EnumName(actor.role))
                                 : actor.reference;
}

}  // namespace

absl::StatusOr<Receipt> Runtime::SetSafeMode(const engine::Envelope& envelope,
                                             bool on, Instant now) {
  const std::string fingerprint =
      PrintOf(envelope, on ? "safe_mode/on" : "safe_mode/off");
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    if (service_.safe_since.has_value() == on) {
      return Remember(Receipt(), envelope.command_id, fingerprint, {},
                      {ServiceSeen()});
    }
    return CommitService(envelope, "set_safe_mode",
                         {engine::SafeModeSet{on, WhoSends(envelope, service_),
                                              envelope.reason}},
                         Receipt(), fingerprint, now);
  });
}

absl::StatusOr<Receipt> Runtime::SetActing(const engine::Envelope& envelope,
                                           StaffId staff,
                                           engine::DelegationState acting,
                                           Instant now) {
  std::string content;
  wire::EncodeTo(acting, content);
  const std::string fingerprint =
      PrintOf(envelope, absl::StrCat("acting/", staff.value, content));
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    Receipt receipt;
    engine::DelegationState named = acting;
    STEPWELL_ASSIGN_OR_RETURN(const auto versions, Versions());
    const StaffId by = envelope.actor.staff;
    std::optional<service::Sight> sight;
    if (by.value != 0) sight.emplace(versions, service_, by, now);
    RefuseActing(service_, sight ? &*sight : nullptr, by, staff, named,
                 receipt);
    return CommitEntry(envelope, "set_acting", engine::ActingSet{staff, named},
                       receipt, fingerprint, now);
  });
}

}  // namespace stepwell::runtime
