// Internal: the few words of the library's own that stand in drawings, in the
// languages that it speaks.
#ifndef STEPWELL_PROTOCOL_DRAW_WORDS_H_
#define STEPWELL_PROTOCOL_DRAW_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace stepwell::protocol {

enum class Word : uint8_t {
  kWaysIn,
  kAnyPhase,
  kInAnyPhase,
  kModules,
  kClocks,
  kLimits,
  kQueue,
  kPlaces,
  kFree,
  kSettled,
  kQuietHours,
  kRisk,
  kBegins,
  kEnds,
  kPatient,
  kOwner,
  kReferrer,
  kWithin,
  kEvery,
  kAfter,
  kThenEvery,
  kOnDemand,
  kOffered,
  kConsents,
  kDocuments,
  kLettersOwed,
  kStarts,
  kRestarts,
  kStops,
  kUnscreened,
  kMayAlert,
  kAcknowledge,
  kAssess,
  kClose,
  kMoves,
  kOpens,
  kCancels,
  kReaches,
  kSets,
  kTells,
  kStartsClock,
  kStopsClock,
  kAssigns,
  kEscalates,
  kEscalatesRisk,
  kPriority,
  kRaises,
  kAnswers,
  kEndsCare,
  kReminder,
  kProgram,
  kQuestionnaire,
  kModule,
  kTask,
  kMessage,
  kAppointment,
  kDecision,
  kWords,  // how many there are
};

// In `language` ("sv", "sv-SE"), else in English.
std::string_view Say(Word word, std::string_view language);
// How a module is released: "on_homework" -> "efter hemuppgiften".
std::string SayRelease(std::string_view policy, std::string_view language);
// "3 workdays" -> "3 arbetsdagar"; what is no span stays as it is.
std::string SaySpan(std::string_view span, std::string_view language);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DRAW_WORDS_H_
