// Internal to the engine: one handler a command. A handler rejects before it
// emits anything.
#ifndef STEPWELL_ENGINE_HANDLERS_H_
#define STEPWELL_ENGINE_HANDLERS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "engine/macrostep.h"

namespace stepwell::engine {

// A closed case does no new work. True when it was refused.
inline bool RefuseClosed(Macrostep& m) {
  if (!m.state.IsClosed()) return false;
  m.Reject("case_closed", "the case is closed: it takes a new referral");
  return true;
}

inline bool IsFromOutside(const Macrostep& m) {
  return IsOutsider(m.command.envelope.actor.role);
}

// The word was asked for in this macrostep.
bool WasAskedNow(const Macrostep& m, uint64_t effect);
// What ladders remind the patient of is not sent any more.
void StopReminders(Macrostep& m, const char* why);

// What the patient, or who decides for them, has refused in an earlier episode
// and the referral asks for: a person asks again before care begins on it.
void AskRefusedAnew(Macrostep& m, const Referral& referral);

// What is known of each purpose.
std::vector<Answer3> KnownConsents(const Macrostep& m);
// The consent may have gone: letters that it was for are not sent, and a person
// looks at those that are still to be written.
void StopUnconsented(Macrostep& m, PurposeId purpose);

// What was so earlier was told after what came later: that stands, and a person
// looks whether it should. Each time that is told has a review of its own.
void AskForOlder(Macrostep& m, std::string_view word);

// With the route's source of information where the referral names none, and
// marks on the papers that have run out.
Referral AsAttached(const Macrostep& m, Referral referral);
// Somebody asks for a document that the route requires and that is out of date,
// and with `missing` for those that never came.
void AskForDocuments(Macrostep& m, const Referral& referral, bool missing);

// Minutes of one piece of work. True when they were refused.
bool RefuseMinutes(Macrostep& m, std::optional<int32_t> minutes);

// Of several open items of an element it is said which one is meant. True when
// it was not, and was refused.
bool AskWhich(Macrostep& m, const std::vector<uint32_t>& open,
              std::optional<uint16_t> occurrence);
// When what is told happened, or was said: what is passed on later was before.
Instant SaidAt(const Macrostep& m);

// What is about risk is for its owner, for the members of the owner's pool and
// of `pool`, and for those behind them; while nobody of these is at work, for
// whoever is at hand. Staff who are not named are the host's word. True when it
// was refused.
bool RefuseStranger(Macrostep& m, const Owner& owner, PoolId pool,
                    std::string_view what);
// What another member of staff has claimed is theirs. True when it was refused.
bool RefuseClaimed(Macrostep& m, const ItemState& item);
// decide_work.cc: claim, release, defer, hand over. False when it is none.
bool HandleOwnership(Macrostep& m, const WorkItem& c, uint32_t ordinal);

// supervision.cc: sign, return. False when it is neither.
bool HandleSign(Macrostep& m, const WorkItem& c, uint32_t ordinal);
// What the actor completes waits for a second person, and is asked for; what
// they sign is settled. True when nothing follows yet.
bool WaitsForSign(Macrostep& m, const WorkItem& c, uint32_t ordinal);
// Whoever did it does not take it away from whom it waits for; and who is new
// leaves nothing out that is signed for them. True when it was refused.
bool RefuseUnsigned(Macrostep& m, const WorkItem& c, uint32_t ordinal);
bool RefuseLeavingOut(Macrostep& m, ElementId element);
// Nor do they open by hand, or by leaving the module out, what comes after a
// check that is signed for them. True when it was refused.
bool RefuseLettingOut(Macrostep& m, ElementId module, bool skipped);
// Nobody reviews what they did themselves. True when it was refused.
bool RefuseOwnWork(Macrostep& m, uint32_t ordinal);
// A review has an answer to each question. True when it was refused.
bool RefuseChecklist(Macrostep& m, const WorkItem& c);
// decide_item.cc: as `complete` does.
void Complete(Macrostep& m, const WorkItem& c, uint32_t ordinal);

void Handle(Macrostep& m, const ReceiveReferral& c);
void Handle(Macrostep& m, const SubmitResponse& c);
void Handle(Macrostep& m, const PatientItem& c);
void Handle(Macrostep& m, const ReceiveMessage& c);
void Handle(Macrostep& m, const FlagRisk& c);
void Handle(Macrostep& m, const WorkItem& c);
void Handle(Macrostep& m, const ChangeEnrolment& c);
void Handle(Macrostep& m, const ChangeAppointment& c);
void Handle(Macrostep& m, const HandleAlert& c);
void Handle(Macrostep& m, const SendMessage& c);
void Handle(Macrostep& m, const CloseMessage& c);
void Handle(Macrostep& m, const ReadMessage& c);
void Handle(Macrostep& m, const AssignCase& c);
void Handle(Macrostep& m, const PauseCase& c);
void Handle(Macrostep& m, const ResumeCase& c);
void Handle(Macrostep& m, const RecordFact& c);
void Handle(Macrostep& m, const RecordConsent& c);
void Handle(Macrostep& m, const VoidEvent& c);
void Handle(Macrostep& m, const SettleEffect& c);
void Handle(Macrostep& m, const FireClock& c);
void Handle(Macrostep& m, const NoteDeath& c);
void Handle(Macrostep& m, const NoteZone& c);
void Handle(Macrostep& m, const AdoptCase& c);
void Handle(Macrostep& m, const FileDocument& c);
void Handle(Macrostep& m, const RelatePerson& c);
void Handle(Macrostep& m, const NoteRecords& c);
void Handle(Macrostep& m, const SetSafeContact& c);
void Handle(Macrostep& m, const OfferSlots& c);
void Handle(Macrostep& m, const NoteGroup& c);
void Handle(Macrostep& m, const TransferCase& c);
void Handle(Macrostep& m, const AdmitCase& c);
void Handle(Macrostep& m, const ReleaseCase& c);
void Handle(Macrostep& m, const NotePlace& c);
void Handle(Macrostep& m, const DrawReview& c);

inline constexpr char kPauseIsUp[] =
    "the pause of the case is up for review";
// What the open reviews of this topic asked about is settled: they end.
void EndReviews(Macrostep& m, std::string_view topic);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_HANDLERS_H_
