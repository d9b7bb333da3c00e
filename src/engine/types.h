// Small types that commands, events and states share. Every struct lists its
// fields once in `Fields`: number (of the binary form), name (of the JSON
// form), member. Codecs, printing and comparison are visitors over that list.
// A field number is never reused.
#ifndef STEPWELL_ENGINE_TYPES_H_
#define STEPWELL_ENGINE_TYPES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fingerprint.h"
#include "protocol/protocol.h"
#include "protocol/symbols.h"
#include "stepwell/ids.h"
#include "stepwell/time.h"

namespace stepwell::engine {

using protocol::ClockDefId;
using protocol::ContactMode;
using protocol::ElementId;
using protocol::FactId;
using protocol::FactValue;
using protocol::InstrumentRef;
using protocol::MilestoneId;
using protocol::OutcomeId;
using protocol::PhaseId;
using protocol::PoolId;
using protocol::ProgramRef;
using protocol::PurposeId;
using protocol::RouteId;
using protocol::TemplateId;
using protocol::TierId;
using protocol::TrackId;

// Who acts. Numbers are part of the log format.
enum class Role : uint8_t {
  kSystem = 0,  // a fired clock, the engine itself
  kPatient = 1,
  kStaff = 2,
  kReferrer = 3,
  kIntegration = 4,  // the host, an import
};

// Whoever stands outside the service vouches for nothing.
constexpr bool IsOutsider(Role role) {
  return role == Role::kPatient || role == Role::kReferrer;
}

struct Actor {
  Role role = Role::kSystem;
  // Staff: the number in the register. Others: 0.
  StaffId staff;
  // The host's reference for anybody else; never a direct identifier.
  std::string reference;
  bool operator==(const Actor&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "role", s.role);
    v(2, "staff", s.staff);
    v(3, "reference", s.reference);
  }
};

// What surrounds every command, recorded with its events.
struct Envelope {
  std::string command_id;  // unique in the tenant
  Actor actor;
  std::string on_behalf_of;
  std::string purpose;
  std::string source_document;
  std::string cause;  // the command or event that led to this one
  std::string reason;
  // The clinical time: when it happened. Absent: when it was recorded.
  std::optional<Instant> at;
  bool operator==(const Envelope&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "command_id", s.command_id);
    v(2, "actor", s.actor);
    v(3, "on_behalf_of", s.on_behalf_of);
    v(4, "purpose", s.purpose);
    v(5, "source_document", s.source_document);
    v(6, "cause", s.cause);
    v(7, "reason", s.reason);
    v(8, "at", s.at);
  }
};

enum class OwnerKind : uint8_t {
  kPatient = 0,
  kPool = 1,
  kRelated = 2,  // a related person of the role that the item names
};

// Whose work something is. A pool without a staff member is its queue.
struct Owner {
  OwnerKind kind = OwnerKind::kPool;
  PoolId pool;
  StaffId staff;
  bool operator==(const Owner&) const = default;
  // On the patient's side: nobody of the service has to do it.
  bool IsPatient() const { return kind != OwnerKind::kPool; }
  bool IsNobody() const {
    return kind == OwnerKind::kPool && pool.IsNone() && staff.value == 0;
  }

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "kind", s.kind);
    v(2, "pool", s.pool);
    v(3, "staff", s.staff);
  }
};

inline Owner Patient() { return {OwnerKind::kPatient, {}, {}}; }

// What an item is, for ever: the element, the episode and the enrolment it
// belongs to, and which occurrence.
struct ItemKey {
  ElementId element;
  uint16_t episode = 0;
  uint16_t occurrence = 0;
  uint16_t enrolment = 0;  // number of the enrolment from 1; 0 = of none
  bool operator==(const ItemKey&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "element", s.element);
    v(2, "episode", s.episode);
    v(3, "occurrence", s.occurrence);
    v(4, "enrolment", s.enrolment);
  }
};

enum class ItemStatus : uint8_t {
  kAvailable = 1,
  kActive = 2,
  kDone = 3,
  kSkipped = 4,
  kExpired = 5,
  kCancelled = 6,
};

inline bool IsOpen(ItemStatus s) {
  return s == ItemStatus::kAvailable || s == ItemStatus::kActive;
}

enum class AppointmentStatus : uint8_t {
  kNone = 0,
  kProposed = 1,
  kBooked = 2,
  kNoShow = 3,
  kHeld = 4,
  kCancelled = 5,      // in time; to be booked again
  kLateCancelled = 6,  // with less notice than asked for: counts as missed
  kWaiting = 7,        // on the waiting list of a group
};

// A time that somebody keeps free. `id` is the host's, unique in the service.
struct Slot {
  std::string id;
  Instant starts_at;
  uint16_t minutes = 0;  // 0 = not said
  ContactMode mode = ContactMode::kNone;
  std::string place;
  StaffId staff;
  bool operator==(const Slot&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "id", s.id);
    v(2, "starts_at", s.starts_at);
    v(3, "minutes", s.minutes);
    v(4, "mode", s.mode);
    v(5, "place", s.place);
    v(6, "staff", s.staff);
  }
};

enum class AlertStage : uint8_t {
  kRaised = 1,
  kAcknowledged = 2,
  kAssessed = 3,
  kClosed = 4,
};

enum class MessageStatus : uint8_t { kOpen = 1, kAnswered = 2, kClosed = 3 };

// Three-valued answers in the log and the state.
enum class Answer3 : uint8_t {
  kNo = 0,
  kYes = 1,
  kUnknown = 2,
  kNotAsked = 3,  // of a criterion: not on this way in
};

// What a clock or an effect is about.
enum class SubjectKind : uint8_t {
  kCase = 0,
  kItem = 1,
  kAlert = 2,
  kMessage = 3,
  kCadence = 4,  // repetition of an element; the ordinal is the element
  kParked = 5,   // in the service stream
  kRelease = 6,  // of modules by time; see ReleaseSubject
};

// A clock that releases modules: the next weekly one of the enrolment, or one
// on its date.
inline constexpr uint16_t kNextWeekly = 0xFFFF;

struct Subject {
  SubjectKind kind = SubjectKind::kCase;
  uint32_t ordinal = 0;
  bool operator==(const Subject&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "kind", s.kind);
    v(2, "ordinal", s.ordinal);
  }
};

// `element` is a module with a date, or kNextWeekly.
inline bool IsDate(const Subject& subject) {
  return subject.kind == SubjectKind::kRelease &&
         static_cast<uint16_t>(subject.ordinal) != kNextWeekly;
}
inline Subject ReleaseSubject(uint16_t enrolment, uint16_t element) {
  return {SubjectKind::kRelease,
          static_cast<uint32_t>(enrolment) << 16 | element};
}

// An exact score: numerator / denominator.
struct Ratio {
  int64_t numerator = 0;
  int64_t denominator = 1;
  bool operator==(const Ratio&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "numerator", s.numerator);
    v(2, "denominator", s.denominator);
  }
};

// How this person may be reached, by their own wish.
struct SafeContact {
  std::vector<std::string> channels;  // no others; empty = any, or none
  bool no_channel = false;            // empty means none
  bool leave_messages = true;         // false: to be said to them alone
  // Minutes of their day in which nothing is sent, instead of those of the
  // protocol; both or none.
  std::optional<int32_t> quiet_from, quiet_to;
  bool operator==(const SafeContact&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "channels", s.channels);
    v(2, "leave_messages", s.leave_messages);
    v(3, "quiet_from", s.quiet_from);
    v(4, "quiet_to", s.quiet_to);
    v(5, "no_channel", s.no_channel);
  }
};

// A word to the patient, or to somebody who belongs to them, that was due in
// quiet hours and waits for their end.
struct HeldEffect {
  TemplateId message_template;
  Subject subject;
  uint32_t clock = UINT32_MAX;  // the clock whose rung asked for it
  Instant since, until;
  Instant valid_until = Instant::Never();
  bool reminder = false;
  std::string role = {};  // of the related person it is for
  PersonId related = {};  // none: the patient
  bool operator==(const HeldEffect&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "message_template", s.message_template);
    v(2, "subject", s.subject);
    v(3, "clock", s.clock);
    v(4, "since", s.since);
    v(5, "until", s.until);
    v(6, "valid_until", s.valid_until);
    v(7, "reminder", s.reminder);
    v(8, "role", s.role);
    v(9, "related", s.related);
  }
};

// How the care that a referral asked for had ended before it came here.
enum class EndedAs : uint8_t { kCompleted = 1, kRevoked = 2 };

// A paper that came with a referral, as whoever keeps it tells of it. What is
// empty was not told.
struct ReferralDocument {
  std::string kind;
  std::string hash;                    // of its bytes: "sha256:..."
  std::optional<Instant> valid_until;  // counts as missing from then on
  std::string verified_by;             // who has looked at it
  bool ended = false;                  // its time is over
  bool operator==(const ReferralDocument&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "kind", s.kind);
    v(2, "hash", s.hash);
    v(3, "valid_until", s.valid_until);
    v(4, "verified_by", s.verified_by);
    v(5, "ended", s.ended);
  }
};

struct Referral {
  ReferralId id;
  RouteId route;
  Instant received_at;
  // Where the legal wait starts; not later than received_at.
  Instant wait_from;
  std::string referrer;            // the host's reference; empty = the person
  std::string information_source;  // how the person heard of the service
  std::vector<std::string> documents;  // kinds that came with it
  // How it was answered; none = still owed an answer.
  OutcomeId disposition;
  Instant answered_at;
  uint16_t episode = 0;  // set when it is attached; 0: of care elsewhere
  // On file only: it asks for nothing, and nobody owes an answer to it.
  std::optional<EndedAs> ended_as;
  // Those of `documents` of which more is told than the kind.
  std::vector<ReferralDocument> papers;

  // A document of the kind came with it, and its time is not over.
  bool Holds(std::string_view kind) const;
  bool IsOwedAnswer() const { return disposition.IsNone() && !ended_as; }
  bool operator==(const Referral&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "id", s.id);
    v(2, "route", s.route);
    v(3, "received_at", s.received_at);
    v(4, "wait_from", s.wait_from);
    v(5, "referrer", s.referrer);
    v(6, "information_source", s.information_source);
    v(7, "documents", s.documents);
    v(8, "disposition", s.disposition);
    v(9, "answered_at", s.answered_at);
    v(10, "episode", s.episode);
    v(11, "ended_as", s.ended_as);
    v(12, "papers", s.papers);
  }
};

inline bool Referral::Holds(std::string_view kind) const {
  for (const ReferralDocument& paper : papers) {
    if (paper.kind == kind) return !paper.ended;
  }
  for (const std::string& known : documents) {
    if (known == kind) return true;
  }
  return false;
}

// What a question of a checklist was answered.
enum class Checked : uint8_t { kNo = 0, kYes = 1, kNotApplicable = 2 };

struct ChecklistAnswer {
  std::string question;  // by name: it outlives a protocol
  Checked answer = Checked::kNo;
  bool operator==(const ChecklistAnswer&) const = default;
  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "question", s.question);
    v(2, "answer", s.answer);
  }
};

// One answer of a response as it was given. `number` when it is one; the text
// is kept as it came when it is not, or is out of range.
struct GivenAnswer {
  uint16_t item = 0;  // index in the instrument; 0xFFFF = no such item
  std::optional<int64_t> number;
  std::string text;
  std::string name;  // as given, when there is no such item
  bool operator==(const GivenAnswer&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "item", s.item);
    v(2, "number", s.number);
    v(3, "text", s.text);
    v(4, "name", s.name);
  }
};

// A member of a patient's command that could not be read, as it came; the
// beginning of it when it is long.
struct UnreadMember {
  std::string pointer;
  std::string text;
  bool operator==(const UnreadMember&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "pointer", s.pointer);
    v(2, "text", s.text);
  }
};

// All of them, what is wrong with each, and where the command as it came is
// kept. Nothing when it was read in full.
struct Unread {
  std::vector<UnreadMember> members;
  std::vector<std::string> problems;
  std::string raw_key;
  bool operator==(const Unread&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "members", s.members);
    v(2, "problems", s.problems);
    v(3, "raw_key", s.raw_key);
  }
};

// How it came that there is no draft any more.
enum class DraftEnd : uint8_t {
  kHandedIn = 1,    // what it became was handed in
  kThrownAway = 2,  // by whoever wrote it
  kAbandoned = 3,   // its item ended otherwise
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_TYPES_H_
