// The service's own stream: staff and their leave, deployed protocols, and the
// input that fitted nowhere. The same rules as for cases.
#ifndef STEPWELL_ENGINE_SERVICE_STREAM_H_
#define STEPWELL_ENGINE_SERVICE_STREAM_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/event.h"
#include "engine/event_macro.h"

namespace stepwell::engine {

// `cover` does the work meanwhile, and owns none of it: who is back has their
// own as before. None: whoever looks after the pools.
struct LeaveState {
  Instant from, to;
  StaffId cover = {};
  bool operator==(const LeaveState&) const = default;
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "from", s.from);
    v(2, "to", s.to);
    v(3, "cover", s.cover);
  }
  bool Overlaps(Instant begin, Instant end) const {
    return from < end && begin < to;
  }
};

// They act for `of` in these pools: see their work, take it, and step in where
// nobody of the pool is there. No policy gives them a case of it.
struct DelegationState {
  Instant from, to;
  StaffId of;
  std::vector<std::string> pools;
  bool operator==(const DelegationState&) const = default;
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "from", s.from);
    v(2, "to", s.to);
    v(3, "of", s.of);
    v(4, "pools", s.pools);
  }
};

// Until then they may have so many cases: whoever is new begins with few.
struct RampStep {
  Instant until;
  int32_t caseload_max = 0;
  bool operator==(const RampStep&) const = default;
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "until", s.until);
    v(2, "caseload_max", s.caseload_max);
  }
};

// A member of staff; the id is 1 + the position in the register.
struct StaffState {
  std::string reference;           // the host's: "anna"
  std::vector<std::string> pools;  // by name: they outlive a protocol
  std::vector<LeaveState> leave;
  std::vector<std::string> skills = {}, languages = {};
  std::optional<int32_t> weekly_minutes = {};
  std::optional<int32_t> caseload_max = {};  // none: that of the pool
  Instant left_at = Instant::Never();     // from then on they work here no more
  std::optional<Instant> new_until = {};  // what they complete may be signed
  std::optional<Instant> starts_at = {};  // before it they are not here yet
  // Who does their work once they have left, until it is given to others. All
  // that came after `new_until` is left out where it says nothing: what was
  // sent before keeps its bytes.
  std::optional<StaffId> cover = {};
  std::optional<int32_t> share = {};   // of full time, in percent; none: all
  std::vector<RampStep> ramp_up = {};  // by their times
  std::vector<DelegationState> delegations = {};
  std::string calendar = {};  // their hours, by its name; empty: the pool's
  std::vector<std::string> sites = {};
  // Of their weekly minutes: with patients, for supervision, for the rest.
  std::optional<int32_t> direct_minutes = {}, supervision_minutes = {};
  std::optional<int32_t> admin_minutes = {};
  bool operator==(const StaffState&) const = default;
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "reference", s.reference);
    v(2, "pools", s.pools);
    v(3, "leave", s.leave);
    v(4, "skills", s.skills);
    v(5, "languages", s.languages);
    v(6, "weekly_minutes", s.weekly_minutes);
    v(7, "caseload_max", s.caseload_max);
    v(8, "left_at", s.left_at);
    v(9, "starts_at", s.starts_at);
    v(10, "cover", s.cover);
    v(11, "share", s.share);
    v(12, "ramp_up", s.ramp_up);
    v(13, "delegations", s.delegations);
    v(14, "calendar", s.calendar);
    v(15, "sites", s.sites);
    v(16, "direct_minutes", s.direct_minutes);
    v(17, "supervision_minutes", s.supervision_minutes);
    v(18, "admin_minutes", s.admin_minutes);
    v(19, "new_until", s.new_until);
  }
};

struct DeployedProtocol {
  Fingerprint hash;
  std::string id, version;
  bool operator==(const DeployedProtocol&) const = default;
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "hash", s.hash);
    v(2, "id", s.id);
    v(3, "version", s.version);
  }
};

// Patient input that fitted nowhere: kept raw, owned, with a clock.
struct ParkedState {
  std::string receipt;
  std::string raw_key;
  std::string code;  // why: unknown_case, wrong_person, ...
  std::string reason;
  Answer3 risk = Answer3::kUnknown;  // what its readable risk items say
  std::string owner_pool;
  StaffId owner;
  int8_t priority = 0;
  Instant parked_at;
  Instant due;
  ClockDefId clock;
  uint8_t next_rung = 0;
  Instant next_due;
  bool open = true;
  // Of an imported text: the command it would have been, and its content, so
  // that it is filed once, by whom and however often it comes again.
  std::string filed_as;
  std::string content;
  bool operator==(const ParkedState&) const = default;
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "receipt", s.receipt);
    v(2, "raw_key", s.raw_key);
    v(3, "code", s.code);
    v(4, "reason", s.reason);
    v(5, "risk", s.risk);
    v(6, "owner_pool", s.owner_pool);
    v(7, "owner", s.owner);
    v(8, "priority", s.priority);
    v(9, "parked_at", s.parked_at);
    v(10, "due", s.due);
    v(11, "clock", s.clock);
    v(12, "next_rung", s.next_rung);
    v(13, "next_due", s.next_due);
    v(14, "open", s.open);
    v(15, "filed_as", s.filed_as);
    v(16, "content", s.content);
  }
};

struct ServiceOpened {
  using Self = ServiceOpened;
  std::string tenant;
  STEPWELL_EVENT(301, "ServiceOpened") { v(1, "tenant", s.tenant); }
};

struct ProtocolDeployed {
  using Self = ProtocolDeployed;
  DeployedProtocol deployed;
  STEPWELL_EVENT(302, "ProtocolDeployed") { v(1, "deployed", s.deployed); }
};

struct StaffAdded {
  using Self = StaffAdded;
  // An earlier entry of the same reference is replaced, but for its leave and
  // for what it does for others.
  StaffState staff;
  STEPWELL_EVENT(303, "StaffAdded") { v(1, "staff", s.staff); }
};

struct LeaveSet {
  using Self = LeaveSet;
  StaffId staff;
  LeaveState leave;  // one of the same `from` is replaced
  STEPWELL_EVENT(304, "LeaveSet") {
    v(1, "staff", s.staff);
    v(2, "leave", s.leave);
  }
};

struct ActingSet {
  using Self = ActingSet;
  StaffId staff;
  DelegationState delegation;  // one of the same `from` and `of` is replaced
  STEPWELL_EVENT(330, "ActingSet") {
    v(1, "staff", s.staff);
    v(2, "delegation", s.delegation);
  }
};

struct InputParked {
  using Self = InputParked;
  ParkedState parked;
  STEPWELL_EVENT(305, "InputParked") { v(1, "parked", s.parked); }
};

struct ParkedClockFired {
  using Self = ParkedClockFired;
  uint32_t parked = 0;
  uint8_t rung = 0;
  Instant due;
  uint8_t next_rung = 0;
  Instant next_due;
  std::string owner_pool;  // after the rung
  StaffId owner;
  int8_t priority = 0;
  STEPWELL_EVENT(306, "ParkedClockFired") {
    v(1, "parked", s.parked);
    v(2, "rung", s.rung);
    v(3, "due", s.due);
    v(4, "next_rung", s.next_rung);
    v(5, "next_due", s.next_due);
    v(6, "owner_pool", s.owner_pool);
    v(7, "owner", s.owner);
    v(8, "priority", s.priority);
  }
};

// A person filed it to a case, or dismissed it with a reason.
struct ParkedSettled {
  using Self = ParkedSettled;
  uint32_t parked = 0;
  CaseId filed_to;  // 0 = dismissed
  // What the assessment of a dismissed disclosure came to, by name.
  std::string outcome;
  STEPWELL_EVENT(307, "ParkedSettled") {
    v(1, "parked", s.parked);
    v(2, "filed_to", s.filed_to);
    v(3, "outcome", s.outcome);
  }
};

// Somebody must be told of parked input. Passes on: a word before it reached
// nobody, and the input is theirs from now on.
struct ParkedNotified {
  using Self = ParkedNotified;
  uint64_t effect = 0;
  uint32_t parked = 0;
  std::string pool;
  std::string message_template;
  StaffId staff;
  bool passes_on = false;
  STEPWELL_EVENT(308, "ParkedNotified") {
    v(1, "effect", s.effect);
    v(2, "parked", s.parked);
    v(3, "pool", s.pool);
    v(4, "message_template", s.message_template);
    v(5, "staff", s.staff);
    v(6, "passes_on", s.passes_on);
  }
};

// A batch of assignments has come to its end. Each case's own log has its part:
// the commands have the id of the batch as their cause.
struct CasesReassigned {
  using Self = CasesReassigned;
  StaffId from, to;  // to = 0: by the policies of the pools
  std::string pool;  // of which; empty: of all
  uint32_t moved = 0, queued = 0, refused = 0;
  STEPWELL_EVENT(309, "CasesReassigned") {
    v(1, "from", s.from);
    v(2, "to", s.to);
    v(3, "pool", s.pool);
    v(4, "moved", s.moved);
    v(5, "queued", s.queued);
    v(6, "refused", s.refused);
  }
};

// The reviews of a month were drawn. Each case's own log has its part: the
// commands have the id of this one as their cause.
struct ReviewsDrawn {
  using Self = ReviewsDrawn;
  std::string month;  // "2026-03"
  uint32_t drawn = 0, refused = 0;
  STEPWELL_EVENT(320, "ReviewsDrawn") {
    v(1, "month", s.month);
    v(2, "drawn", s.drawn);
    v(3, "refused", s.refused);
  }
};

// What happens by itself stops, but for what watches over risk; or goes on.
struct SafeModeSet {
  using Self = SafeModeSet;
  bool on = false;
  // As the host names them: a member of staff, or a reference, or the role.
  std::string by;
  std::string reason;
  STEPWELL_EVENT(310, "SafeModeSet") {
    v(1, "on", s.on);
    v(2, "by", s.by);
    v(3, "reason", s.reason);
  }
};

// When the safe mode was switched, by whom and why.
struct SafeModeSwitch {
  Instant at;
  std::string by, reason;
  bool operator==(const SafeModeSwitch&) const = default;
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "at", s.at);
    v(2, "by", s.by);
    v(3, "reason", s.reason);
  }
};

using ServiceEventBody =
    std::variant<CommandRecorded, ServiceOpened, ProtocolDeployed, StaffAdded,
                 LeaveSet, InputParked, ParkedClockFired, ParkedSettled,
                 ParkedNotified, CasesReassigned, ReviewsDrawn, SafeModeSet,
                 ActingSet>;

struct ServiceEvent {
  uint64_t seq = 0;
  Instant at, recorded;
  ServiceEventBody body;
  bool operator==(const ServiceEvent&) const = default;
};

struct ServiceState {
  uint64_t version = 0;
  Instant last_at;
  Instant opened_at;
  std::string tenant;
  std::vector<StaffState> staff;
  std::vector<DeployedProtocol> protocols;  // the last is the current one
  std::vector<ParkedState> parked;
  std::optional<Instant> safe_since;      // in safe mode since then
  std::vector<std::string> drawn_months;  // whose reviews were drawn
  std::optional<SafeModeSwitch> safe_on = {}, safe_off = {};  // the last ones
  bool operator==(const ServiceState&) const = default;

  // 0 when the reference is not in the register.
  StaffId FindStaff(std::string_view reference) const {
    for (size_t i = 0; i < staff.size(); ++i) {
      if (staff[i].reference == reference) {
        return StaffId(static_cast<uint32_t>(i + 1));
      }
    }
    return StaffId(0);
  }
  std::string StaffName(StaffId id) const {
    if (id.value == 0 || id.value > staff.size()) return "";
    return staff[id.value - 1].reference;
  }

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "version", s.version);
    v(2, "last_at", s.last_at);
    v(3, "opened_at", s.opened_at);
    v(4, "tenant", s.tenant);
    v(5, "staff", s.staff);
    v(6, "protocols", s.protocols);
    v(7, "parked", s.parked);
    v(8, "safe_since", s.safe_since);
    v(15, "drawn_months", s.drawn_months);
    v(16, "safe_on", s.safe_on);
    v(17, "safe_off", s.safe_off);
  }
};

void Apply(const ServiceEvent& event, ServiceState& state);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_SERVICE_STREAM_H_
