// The case view: what guards can read. This room owns its shape (names, types,
// member ids); the engine fills it. docs/formats/protocol.md lists it.
//
//   facts.<fact>                         boolean | integer | string | date
//   route                                string: route of the latest referral
//   routes.<route>                       boolean, never missing: a referral of
//                                        this episode came by it
//   items.<element>.state                string: blocked, available, active,
//                                        done, skipped, expired, cancelled
//   items.<element>.outcome              string; decisions and appointments
//   items.<element>.count                integer: occurrences done
//   items.<element>.percent              integer 0..100: how far the patient
//                                        says they are; missing when not told
//   items.<element>.mode                 string: how an appointment meets
//   items.<element>.missed               integer, never missing: missed or
//                                        called off late in the episode
//   items.<element>.appointment          string: proposed, booked, ...; missing
//                                        when there is none
//   milestones.<milestone>.at            dateTime
//   milestones.<milestone>.reached       boolean, never missing
//   tracks.<track>                       string, never missing: the active
//                                        phase
//   <instrument>.score                   decimal: the latest valid score
//   <instrument>.band                    string
//   <instrument>.tier                    string: of an instrument with tiers
//   <instrument>.at                      dateTime of the latest score
//   <instrument>.first                   decimal: first score of the episode;
//                                        beside .score missing until there is
//                                        a second one
//   <instrument>.all                     decimals: the scores of the episode
//                                        from first to last
//   <instrument>.count                   integer, never missing
//   <instrument>.risk                    boolean: any risk item; missing when
//                                        unknown
//   <instrument>.answers.<item>          integer | boolean | string
//   <instrument>.subscales.<id>.score    decimal, and .band: string; of the
//                                        latest answers
//   programs.<program>.done              integer: modules done, never missing
//   programs.<program>.completed         boolean, never missing
//   programs.<program>.enrolled          boolean, never missing: an enrolment
//                                        is running
//   programs.<program>.guidance          string: level of the last enrolment
//   enrolment.program                    string: of the enrolment that began
//                                        last of those that are running
//   consents.<purpose>                   boolean: of whoever decides, by age;
//                                        missing when never asked, run out or
//                                        the age that it hangs on is unknown
//   contacts.<role>                      boolean: a related person of the role
//                                        is on file; else missing
//   documents.<kind>.held                boolean: came with a referral of this
//                                        episode and is in force; else missing
//   documents.<kind>.verified            boolean: and somebody has looked at
//                                        it; else missing
//   case.episode                         integer, never missing
//   case.paused                          boolean, never missing
//   case.feedback_owed                   boolean, never missing: a referral of
//                                        this episode came by a route with
//                                        referrer_feedback
//   risk.open                            boolean, never missing
//   risk.tier                            string: of the most severe open alert
//   risk.acknowledged                    boolean: every open alert is
//   clocks.<clock>.running               boolean, never missing
//   clocks.<clock>.window                string: planned, open, answered, ...;
//                                        missing before its anchor. This and
//                                        the rest only of follow-up windows
//   clocks.<clock>.timing                string: early, on_time, late: of the
//                                        latest answer; missing without one
//   clocks.<clock>.opens, .due, .closes  dateTime
#ifndef STEPWELL_PROTOCOL_CASE_VIEW_H_
#define STEPWELL_PROTOCOL_CASE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.h"

namespace stepwell::protocol {

// What a member id means; the low 16 bits of the id are the symbol (fact,
// element, instrument item, ...) or 0. Node numbers use the same encoding: the
// node of `items.m1` is MakeViewId(kItem, m1).
enum class ViewField : uint8_t {
  kRoot = 0,
  kFacts,
  kFact,
  kRoute,
  kItems,
  kItem,
  kItemState,
  kItemOutcome,
  kItemCount,
  kMilestones,
  kMilestone,
  kMilestoneAt,
  kMilestoneReached,
  kTracks,
  kTrack,
  kInstrument,
  kScore,
  kBand,
  kScoreAt,
  kFirstScore,
  kScoreCount,
  kRiskFlag,
  kAnswers,
  kAnswer,
  kPrograms,
  kProgram,
  kProgramDone,
  kProgramCompleted,
  kConsents,
  kConsent,
  kCase,
  kCaseEpisode,
  kCasePaused,
  kRisk,
  kRiskOpen,
  kRiskTier,
  kRiskAcknowledged,
  kClocks,
  kClock,
  kClockRunning,
  kTierName,
  kFeedbackOwed,
  kItemPercent,
  kProgramEnrolled,
  kProgramGuidance,
  kEnrolment,
  kEnrolmentProgram,
  kContacts,
  kContact,
  kDocuments,
  kDocument,
  kDocumentHeld,
  kDocumentVerified,
  kItemMode,
  kItemMissed,
  kItemAppointment,
  kAllScores,
  kWindow,
  kWindowTiming,
  kWindowOpens,
  kWindowDue,
  kWindowCloses,
  kRoutes,
  kCameBy,
  kSubscales,
  kSubscale,
  kSubscaleScore,
  kSubscaleBand,
};

constexpr uint32_t MakeViewId(ViewField field, uint16_t symbol = 0) {
  return static_cast<uint32_t>(field) << 16 | symbol;
}
constexpr ViewField FieldOf(uint32_t id) {
  return static_cast<ViewField>(id >> 16);
}
constexpr uint16_t SymbolOf(uint32_t id) {
  return static_cast<uint16_t>(id & 0xFFFF);
}
// `answers.<item>` needs two numbers: the node of `answers` carries the
// instrument, the member carries the item. `subscales.<id>` has both in one
// symbol.
struct ScaleRef {
  uint16_t instrument = 0, scale = 0;  // of Instrument::scales()
};
inline constexpr size_t kInstrumentsWithSubscales =
    0x1'0000 / limits::kInstrumentScalesMax;
constexpr uint16_t ScaleSymbol(ScaleRef of) {
  return static_cast<uint16_t>(of.instrument * limits::kInstrumentScalesMax +
                               of.scale);
}
constexpr ScaleRef ScaleRefOf(uint32_t id) {
  constexpr size_t kScales = limits::kInstrumentScalesMax;
  return {static_cast<uint16_t>(SymbolOf(id) / kScales),
          static_cast<uint16_t>(SymbolOf(id) % kScales)};
}

// What `items.<item>.state` can be, by engine::ItemStatus; an item that has not
// opened is blocked.
inline constexpr std::string_view kItemStateNames[] = {
    "blocked", "available", "active",   "done",
    "skipped", "expired",   "cancelled"};
// By ContactMode, and by engine::AppointmentStatus.
inline constexpr std::string_view kContactModeNames[] = {"", "message", "phone",
                                                         "video", "visit"};
// By engine::WindowStatus, and by engine::Timing.
inline constexpr std::string_view kWindowNames[] = {
    "planned", "open",      "answered",   "missed",
    "skipped", "withdrawn", "superseded", "suspended"};
inline constexpr std::string_view kTimingNames[] = {"early", "on_time", "late",
                                                    "skipped"};
inline constexpr std::string_view kAppointmentNames[] = {
    "",     "proposed",  "booked",         "no_show",
    "held", "cancelled", "late_cancelled", "waiting"};

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_CASE_VIEW_H_
