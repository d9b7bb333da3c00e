// Names for what the engine numbers: enum values, symbols of a protocol, ids.
// The JSON and text forms at the edge are written with these.
#ifndef STEPWELL_WIRE_NAMES_H_
#define STEPWELL_WIRE_NAMES_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/zone.h"
#include "engine/command.h"
#include "engine/event.h"
#include "engine/group.h"
#include "engine/state.h"
#include "protocol/protocol.h"

namespace stepwell::wire {

// What names are looked up in. Any part may be missing: numbers are then
// written in its place. All pointers must outlive the call they are given to.
struct Names {
  const protocol::Protocol* protocol = nullptr;
  // The pools that a member of staff can belong to; missing: those of the
  // protocol.
  std::function<std::vector<std::string>()> staff_pools;
  // The staff register: the reference of a number ("" = unknown), and back
  // (0 = unknown).
  std::function<std::string(StaffId)> staff_name;
  std::function<StaffId(std::string_view)> find_staff;
  // The person whom an outside system names; 0 = unknown.
  std::function<PersonId(const std::string& system, const std::string& value)>
      find_person;
  // Of the case after the event: items are then named by their element.
  const engine::CaseState* state = nullptr;
  // Texts for people give local times of this zone; null = UTC. JSON is
  // always UTC.
  const Zone* zone = nullptr;
};

// One table an enum; a number that is in none (written by a newer version)
// is shown as "#7".
template <class E>
struct EnumEntry {
  E value;
  std::string_view name;
};
template <class E>
struct EnumTable;

#define STEPWELL_ENUM_NAMES(E, ...)                           \
  template <>                                                 \
  struct EnumTable<E> {                                       \
    static constexpr EnumEntry<E> kEntries[] = {__VA_ARGS__}; \
  }

STEPWELL_ENUM_NAMES(engine::Role, {engine::Role::kSystem, "system"},
                    {engine::Role::kPatient, "patient"},
                    {engine::Role::kStaff, "staff"},
                    {engine::Role::kReferrer, "referrer"},
                    {engine::Role::kIntegration, "integration"});
STEPWELL_ENUM_NAMES(engine::OwnerKind, {engine::OwnerKind::kPatient, "patient"},
                    {engine::OwnerKind::kPool, "pool"},
                    {engine::OwnerKind::kRelated, "related"});
STEPWELL_ENUM_NAMES(engine::ItemStatus,
                    {engine::ItemStatus::kAvailable, "available"},
                    {engine::ItemStatus::kActive, "active"},
                    {engine::ItemStatus::kDone, "done"},
                    {engine::ItemStatus::kSkipped, "skipped"},
                    {engine::ItemStatus::kExpired, "expired"},
                    {engine::ItemStatus::kCancelled, "cancelled"});
STEPWELL_ENUM_NAMES(engine::AppointmentStatus,
                    {engine::AppointmentStatus::kNone, "none"},
                    {engine::AppointmentStatus::kProposed, "proposed"},
                    {engine::AppointmentStatus::kBooked, "booked"},
                    {engine::AppointmentStatus::kNoShow, "no_show"},
                    {engine::AppointmentStatus::kHeld, "held"},
                    {engine::AppointmentStatus::kCancelled, "cancelled"},
                    {engine::AppointmentStatus::kLateCancelled,
                     "late_cancelled"},
                    {engine::AppointmentStatus::kWaiting, "waiting"});
STEPWELL_ENUM_NAMES(protocol::ContactMode,
                    {protocol::ContactMode::kNone, "none"},
                    {protocol::ContactMode::kMessage, "message"},
                    {protocol::ContactMode::kPhone, "phone"},
                    {protocol::ContactMode::kVideo, "video"},
                    {protocol::ContactMode::kVisit, "visit"});
STEPWELL_ENUM_NAMES(engine::DraftEnd,
                    {engine::DraftEnd::kHandedIn, "handed_in"},
                    {engine::DraftEnd::kThrownAway, "thrown_away"},
                    {engine::DraftEnd::kAbandoned, "abandoned"});
STEPWELL_ENUM_NAMES(engine::GroupNews, {engine::GroupNews::kSeated, "seated"},
                    {engine::GroupNews::kStarted, "started"},
                    {engine::GroupNews::kShort, "short"},
                    {engine::GroupNews::kCalledOff, "called_off"},
                    {engine::GroupNews::kNoSeat, "no_seat"});
STEPWELL_ENUM_NAMES(engine::WindowStatus,
                    {engine::WindowStatus::kPlanned, "planned"},
                    {engine::WindowStatus::kOpen, "open"},
                    {engine::WindowStatus::kAnswered, "answered"},
                    {engine::WindowStatus::kMissed, "missed"},
                    {engine::WindowStatus::kSkipped, "skipped"},
                    {engine::WindowStatus::kWithdrawn, "withdrawn"},
                    {engine::WindowStatus::kSuperseded, "superseded"},
                    {engine::WindowStatus::kSuspended, "suspended"});
STEPWELL_ENUM_NAMES(engine::Timing, {engine::Timing::kEarly, "early"},
                    {engine::Timing::kOnTime, "on_time"},
                    {engine::Timing::kLate, "late"},
                    {engine::Timing::kSkipped, "skipped"});
STEPWELL_ENUM_NAMES(engine::ChosenBy, {engine::ChosenBy::kNobody, "nobody"},
                    {engine::ChosenBy::kCaseload, "caseload"},
                    {engine::ChosenBy::kContinuity, "continuity"},
                    {engine::ChosenBy::kManual, "manual"},
                    {engine::ChosenBy::kTurn, "turn"});
STEPWELL_ENUM_NAMES(engine::TimeRuling,
                    {engine::TimeRuling::kLimited, "limited"},
                    {engine::TimeRuling::kBeyond, "beyond"},
                    {engine::TimeRuling::kInFuture, "in_future"});
STEPWELL_ENUM_NAMES(engine::AlertStage, {engine::AlertStage::kRaised, "raised"},
                    {engine::AlertStage::kAcknowledged, "acknowledged"},
                    {engine::AlertStage::kAssessed, "assessed"},
                    {engine::AlertStage::kClosed, "closed"});
STEPWELL_ENUM_NAMES(engine::MessageStatus,
                    {engine::MessageStatus::kOpen, "open"},
                    {engine::MessageStatus::kAnswered, "answered"},
                    {engine::MessageStatus::kClosed, "closed"});
STEPWELL_ENUM_NAMES(engine::EndedAs, {engine::EndedAs::kCompleted, "completed"},
                    {engine::EndedAs::kRevoked, "revoked"});
STEPWELL_ENUM_NAMES(engine::Answer3, {engine::Answer3::kNo, "no"},
                    {engine::Answer3::kYes, "yes"},
                    {engine::Answer3::kUnknown, "unknown"},
                    {engine::Answer3::kNotAsked, "not_asked"});
STEPWELL_ENUM_NAMES(engine::SubjectKind, {engine::SubjectKind::kCase, "case"},
                    {engine::SubjectKind::kItem, "item"},
                    {engine::SubjectKind::kAlert, "alert"},
                    {engine::SubjectKind::kMessage, "message"},
                    {engine::SubjectKind::kCadence, "cadence"},
                    {engine::SubjectKind::kParked, "parked"},
                    {engine::SubjectKind::kRelease, "release"});
STEPWELL_ENUM_NAMES(engine::ResponseFit, {engine::ResponseFit::kItem, "item"},
                    {engine::ResponseFit::kUnasked, "unasked"},
                    {engine::ResponseFit::kAmendment, "amendment"},
                    {engine::ResponseFit::kUnreadable, "unreadable"});
STEPWELL_ENUM_NAMES(engine::EffectKind, {engine::EffectKind::kNotify, "notify"},
                    {engine::EffectKind::kLetter, "letter"});
STEPWELL_ENUM_NAMES(protocol::Recipient,
                    {protocol::Recipient::kPatient, "patient"},
                    {protocol::Recipient::kOwner, "owner"},
                    {protocol::Recipient::kPool, "pool"},
                    {protocol::Recipient::kReferrer, "referrer"},
                    {protocol::Recipient::kService, "service"},
                    {protocol::Recipient::kRelated, "related"});
STEPWELL_ENUM_NAMES(engine::TransferVerb,
                    {engine::TransferVerb::kHandOver, "hand_over"},
                    {engine::TransferVerb::kConfirm, "confirm"},
                    {engine::TransferVerb::kWithdraw, "withdraw"});
STEPWELL_ENUM_NAMES(engine::GroupStatus, {engine::GroupStatus::kOpen, "open"},
                    {engine::GroupStatus::kStarted, "started"},
                    {engine::GroupStatus::kShort, "short"},
                    {engine::GroupStatus::kCalledOff, "called_off"});
STEPWELL_ENUM_NAMES(protocol::FactValue::Kind,
                    {protocol::FactValue::Kind::kNone, "none"},
                    {protocol::FactValue::Kind::kBoolean, "boolean"},
                    {protocol::FactValue::Kind::kInteger, "integer"},
                    {protocol::FactValue::Kind::kText, "text"},
                    {protocol::FactValue::Kind::kDate, "date"});
STEPWELL_ENUM_NAMES(
    engine::ItemVerb, {engine::ItemVerb::kOpen, "open"},
    {engine::ItemVerb::kStart, "start"},
    {engine::ItemVerb::kComplete, "complete"},
    {engine::ItemVerb::kSkip, "skip"}, {engine::ItemVerb::kCancel, "cancel"},
    {engine::ItemVerb::kUnlock, "unlock"}, {engine::ItemVerb::kClaim, "claim"},
    {engine::ItemVerb::kLock, "lock"}, {engine::ItemVerb::kRepeat, "repeat"},
    {engine::ItemVerb::kRelease, "release"},
    {engine::ItemVerb::kDefer, "defer"},
    {engine::ItemVerb::kHandOver, "hand_over"},
    {engine::ItemVerb::kSign, "sign"}, {engine::ItemVerb::kReturn, "return"});
STEPWELL_ENUM_NAMES(engine::Checked, {engine::Checked::kNo, "no"},
                    {engine::Checked::kYes, "yes"},
                    {engine::Checked::kNotApplicable, "not_applicable"});
STEPWELL_ENUM_NAMES(engine::EnrolmentVerb,
                    {engine::EnrolmentVerb::kStart, "start"},
                    {engine::EnrolmentVerb::kEnd, "end"},
                    {engine::EnrolmentVerb::kSwitch, "switch"},
                    {engine::EnrolmentVerb::kReorder, "reorder"},
                    {engine::EnrolmentVerb::kInclude, "include"},
                    {engine::EnrolmentVerb::kExclude, "exclude"},
                    {engine::EnrolmentVerb::kGuidance, "guidance"},
                    {engine::EnrolmentVerb::kLanguage, "language"});
STEPWELL_ENUM_NAMES(engine::AppointmentVerb,
                    {engine::AppointmentVerb::kPropose, "propose"},
                    {engine::AppointmentVerb::kBook, "book"},
                    {engine::AppointmentVerb::kReschedule, "reschedule"},
                    {engine::AppointmentVerb::kNoShow, "no_show"},
                    {engine::AppointmentVerb::kCancel, "cancel"},
                    {engine::AppointmentVerb::kMode, "mode"});
STEPWELL_ENUM_NAMES(engine::AlertVerb,
                    {engine::AlertVerb::kAcknowledge, "acknowledge"},
                    {engine::AlertVerb::kAssess, "assess"},
                    {engine::AlertVerb::kClose, "close"},
                    {engine::AlertVerb::kReviewedUnchanged,
                     "reviewed_unchanged"});

#undef STEPWELL_ENUM_NAMES

template <class E>
std::string EnumName(E value) {
  for (const EnumEntry<E>& entry : EnumTable<E>::kEntries) {
    if (entry.value == value) return std::string(entry.name);
  }
  return "#" + std::to_string(static_cast<unsigned>(value));
}

template <class E>
std::optional<E> EnumFromName(std::string_view name) {
  for (const EnumEntry<E>& entry : EnumTable<E>::kEntries) {
    if (entry.name == name) return entry.value;
  }
  return std::nullopt;
}

// Every name of an enum, for messages.
template <class E>
std::vector<std::string> NamesOfEnum() {
  std::vector<std::string> names;
  for (const EnumEntry<E>& entry : EnumTable<E>::kEntries) {
    names.emplace_back(entry.name);
  }
  return names;
}

// The name of a symbol; "" for none, "#12" when the protocol has no such.
std::string NameOf(const Names& names, protocol::ElementId id);
std::string NameOf(const Names& names, protocol::TrackId id);
// "pathway/treatment".
std::string NameOf(const Names& names, protocol::PhaseId id);
std::string NameOf(const Names& names, protocol::ClockDefId id);
std::string NameOf(const Names& names, protocol::RuleId id);
std::string NameOf(const Names& names, protocol::MilestoneId id);
std::string NameOf(const Names& names, protocol::FactId id);
std::string NameOf(const Names& names, protocol::RouteId id);
std::string NameOf(const Names& names, protocol::PoolId id);
std::string NameOf(const Names& names, protocol::TierId id);
std::string NameOf(const Names& names, protocol::InstrumentRef id);
std::string NameOf(const Names& names, protocol::ProgramRef id);
std::string NameOf(const Names& names, protocol::CalendarRef id);
std::string NameOf(const Names& names, protocol::PurposeId id);
std::string NameOf(const Names& names, protocol::OutcomeId id);
std::string NameOf(const Names& names, protocol::TemplateId id);
// The staff reference, or "#7".
std::string NameOf(const Names& names, StaffId id);
// "patient", "anna", "therapists"; "" = nobody. With a pool and a member:
// "anna".
std::string NameOf(const Names& names, const engine::Owner& owner);
// The element of the item with this ordinal, or "".
std::string ItemName(const Names& names, uint32_t ordinal);
// "item:call", "alert:0", "case"; see SubjectKind.
std::string NameOf(const Names& names, const engine::Subject& subject);
// The id of an item of an instrument, or "#9".
std::string InstrumentItemName(const Names& names,
                               protocol::InstrumentRef instrument,
                               uint16_t item);
// The element of a module by its position in the program, or "".
std::string ModuleName(const Names& names, protocol::ProgramRef program,
                       uint16_t module);
// A level of guidance of the program, a set of its modules, or "#1"; "" when
// the program has no levels.
std::string GuidanceName(const Names& names, protocol::ProgramRef program,
                         uint8_t level);
std::string SetName(const Names& names, protocol::ProgramRef program,
                    uint8_t set);
// The id of a band of the instrument's total, or "#9".
std::string BandName(const Names& names, protocol::InstrumentRef instrument,
                     uint8_t band);

// The id of a tier of the instrument, or "#9".
std::string TierName(const Names& names, protocol::InstrumentRef instrument,
                     uint8_t tier);

// An instant for people: local without seconds when they are zero and a zone
// is given, else RFC 3339 in UTC; "never".
std::string TimeText(const Names& names, Instant instant);
// A questionnaire that asks nothing about risk says nothing about it. True
// where it is not at hand.
bool AsksRisk(const Names& names, protocol::InstrumentRef instrument);

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_NAMES_H_
