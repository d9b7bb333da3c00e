// What a person takes back. Part of engine/event.h.
#ifndef STEPWELL_ENGINE_VOID_EVENT_H_
#define STEPWELL_ENGINE_VOID_EVENT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/event_macro.h"
#include "engine/state.h"
#include "engine/types.h"

namespace stepwell::engine {

// An alert in the step that it was in before one that is taken back.
struct AlertBefore {
  uint32_t alert = 0;
  AlertStage stage = AlertStage::kRaised;
  Instant deadline;          // counted anew
  uint64_t stepped_seq = 0;  // of the step that led there
  bool operator==(const AlertBefore&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "alert", s.alert);
    v(2, "stage", s.stage);
    v(3, "deadline", s.deadline);
    v(4, "stepped_seq", s.stepped_seq);
  }
};

// What a person took back, as deltas on the state: nothing is re-decided.
struct Voided {
  using Self = Voided;
  uint64_t target = 0;              // seq of the event
  std::vector<uint64_t> responses;  // seqs
  std::vector<uint64_t> scores;     // seqs of ScoreRecorded
  std::vector<MilestoneId> milestones;
  std::vector<FactId> facts;
  std::vector<uint32_t> items_reopened;
  std::vector<uint32_t> alerts_marked;    // some evidence is void; still open
  std::vector<uint64_t> effects_sent;     // put before a person
  std::vector<ProgramRef> modules;        // one less done, once for each entry
  std::vector<ProgramRef> programs;       // no longer completed
  std::vector<uint64_t> window_answers;   // seqs of FollowUpAnswered
  std::vector<FactState> facts_restored;  // as they were before
  std::vector<uint64_t> responses_restored;    // versions that were amended
  std::vector<AnswersState> answers_restored;  // the latest again
  std::vector<AlertBefore> alerts_before;
  // Appointments that were held or missed and are booked again, at their time;
  // a late cancellation is an ordinary one again.
  std::vector<uint32_t> bookings_restored;
  std::vector<uint32_t> items_withdrawn;  // had opened because of it
  std::vector<ReferralId> referrals;      // of another patient, or of none
  std::vector<ConsentState> consents;     // that came with them, or one alone
  std::vector<ConsentState> consents_restored;  // as they were before
  bool safe_contact = false;  // how the patient wishes to be reached
  std::optional<SafeContact> safe_contact_restored;  // as it was before
  Instant safe_contact_at;                           // when that was said
  STEPWELL_EVENT(43, "Voided") {
    v(1, "target", s.target);
    v(2, "responses", s.responses);
    v(3, "scores", s.scores);
    v(4, "milestones", s.milestones);
    v(5, "facts", s.facts);
    v(6, "items_reopened", s.items_reopened);
    v(7, "alerts_marked", s.alerts_marked);
    v(8, "effects_sent", s.effects_sent);
    v(9, "modules", s.modules);
    v(10, "programs", s.programs);
    v(11, "window_answers", s.window_answers);
    v(12, "facts_restored", s.facts_restored);
    v(13, "responses_restored", s.responses_restored);
    v(14, "answers_restored", s.answers_restored);
    v(15, "alerts_before", s.alerts_before);
    v(16, "bookings_restored", s.bookings_restored);
    v(17, "items_withdrawn", s.items_withdrawn);
    v(18, "referrals", s.referrals);
    v(19, "consents", s.consents);
    v(20, "consents_restored", s.consents_restored);
    v(21, "safe_contact", s.safe_contact);
    v(22, "safe_contact_restored", s.safe_contact_restored);
    v(23, "safe_contact_at", s.safe_contact_at);
  }
};

// Of Apply: the deltas of the event, which happened at `at` and has the number
// `seq`.
void ApplyVoided(const Voided& voided, Instant at, uint64_t seq,
                 CaseState& state);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_VOID_EVENT_H_
