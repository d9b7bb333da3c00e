// The case as guards see it: a FHIRPath source over a CaseState that builds
// nothing. The shape is protocol/case_view.h.
#ifndef STEPWELL_ENGINE_VIEW_H_
#define STEPWELL_ENGINE_VIEW_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/state.h"
#include "fhirpath/fhirpath.h"
#include "protocol/case_view.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {
struct Number;
}

namespace stepwell::engine {

class CaseView final : public fhirpath::Source {
 public:
  // Both must outlive the view; the state may change between evaluations.
  CaseView(const protocol::Protocol& protocol, const CaseState& state)
      : protocol_(protocol), state_(state) {}

  void Member(uint32_t node, uint32_t member_id, std::string_view name,
              fhirpath::Collection& out) const override;
  void AllChildren(uint32_t node, fhirpath::Collection& out) const override;
  std::optional<fhirpath::Value> Primitive(uint32_t node) const override;
  std::string ToText(uint32_t node) const override;

  // From here on the program looks: scores and answers that are older than
  // `max_age` are unknown; none: whatever their age.
  void LookBy(const fhirpath::Program& program,
              const std::optional<Span>& max_age, Instant now) const {
    program_ = &program;
    max_age_ = max_age;
    now_ = now;
  }

 private:
  // The score counts in the present episode and is not too old.
  bool IsOfNow(const ScoreState& score) const;
  bool IsFresh(const ScoreState& score) const;
  // The program compares the first score of the instrument with the latest.
  bool IsCompared(uint16_t instrument) const;
  void AllScores(uint16_t instrument, fhirpath::Collection& out) const;
  void ItemMember(uint32_t member, fhirpath::Collection& out) const;
  void AppointmentMember(const ItemState* item, protocol::ViewField field,
                         fhirpath::Collection& out) const;
  void ScoreMember(uint32_t member, uint16_t instrument,
                   fhirpath::Collection& out) const;
  void SubscaleMember(uint32_t member, fhirpath::Collection& out) const;
  void AnswerMember(uint16_t instrument, uint16_t item,
                    fhirpath::Collection& out) const;
  void RiskMember(uint32_t member, fhirpath::Collection& out) const;
  void ProgramMember(ProgramRef program, protocol::ViewField field,
                     fhirpath::Collection& out) const;
  // Of the ways in: documents and related persons.
  void WindowMember(ClockDefId window, protocol::ViewField field,
                    fhirpath::Collection& out) const;
  void DoorMember(uint16_t symbol, uint32_t member,
                  fhirpath::Collection& out) const;
  void PlainMember(uint32_t node, uint32_t member,
                   fhirpath::Collection& out) const;

  const protocol::Protocol& protocol_;
  const CaseState& state_;
  // How it is looked at, not what it is.
  mutable const fhirpath::Program* program_ = nullptr;
  mutable std::optional<Span> max_age_;
  mutable Instant now_;
};

// Evaluates guards against one case. Not thread-safe; keep one a thread.
class GuardEvaluator {
 public:
  GuardEvaluator(const protocol::Protocol& protocol, const CaseState& state,
                 Instant now);

  // An empty guard is true. An error of the evaluation is unknown.
  fhirpath::Tri Evaluate(const protocol::Guard& guard);
  // Whether what the guard stands before may open: it is true, or unknown and
  // `raise` opens it all the same.
  bool Opens(const protocol::Guard& guard);
  // What the guard saw, as `sub-expression = value` texts of its unmet leaves.
  std::vector<std::string> Unmet(const protocol::Guard& guard);
  // All that it reads, as `path = value` texts in the order of the paths,
  // whatever came of it. What is missing is "unknown".
  std::vector<std::string> Read(const protocol::Guard& guard) const;
  std::vector<std::string> Read(const protocol::Number& number) const;
  // The number that the expression gives; nothing when it is missing.
  std::optional<fhirpath::Decimal> NumberOf(const protocol::Number& number);

 private:
  fhirpath::EvaluateOptions Options() const;
  std::string ValueAt(const std::vector<std::string>& path) const;
  std::vector<std::string> ReadAll(const fhirpath::Program& program) const;

  const protocol::Protocol& protocol_;
  CaseView view_;
  const fhirpath::Source* sources_[1];
  Instant now_;
  fhirpath::Scratch scratch_;
};

// Whether an open alert exists; an open alert suppresses reminders.
bool HasOpenAlert(const CaseState& state);
// The latest item of the element in the present episode (any episode when the
// element's phase carries over); nullptr when there is none.
const ItemState* LatestItem(const protocol::Protocol& protocol,
                            const CaseState& state, ElementId element);
// Appointments of the element that were missed, or called off too late, in the
// present episode.
// The window as it stands; nullptr before its first anchor (follow_ups.cc).
const FollowUpState* FollowUpOf(const CaseState& state, ClockDefId window);
// Of the latest answer to it; nothing without one.
std::optional<Timing> TimingOf(const FollowUpState& follow_up);
int MissedOf(const CaseState& state, ElementId element);
// The referral that came last of those that asked for care here; nullptr when
// there is none.
const Referral* LatestReferral(const CaseState& state);
// consents.cc: what holds of a purpose now: of the patient, or below the age
// that the protocol says of the guardian. Unknown when it was never asked, when
// its time is over, and when it hangs on an age that is not known. `at`: what
// has run out by then counts no more, also where nothing has marked it yet.
Answer3 ConsentOf(const protocol::Protocol& protocol, const CaseState& state,
                  PurposeId purpose, Instant at = {});
// A letter may go to whoever referred: the consent that the protocol names for
// it holds, whoever wrote it.
bool MayBeWritten(const protocol::Protocol& protocol, const CaseState& state,
                  Instant at);
// consents.cc: the referrals of the episode to whose referrer letters go. None:
// nobody is named.
std::vector<const Referral*> WrittenTo(const protocol::Protocol& protocol,
                                       const CaseState& state);
// The route promises letters, or somebody is named to write to.
bool IsWrittenTo(const protocol::Protocol& protocol, const Referral& referral);
// The purposes that the routes of the episode's referrals ask for and that were
// neither given nor refused, or have run out, in the order of the document.
// None when the case is closed or the person has died.
struct AskedConsent {
  PurposeId purpose;
  Instant since;   // of the first referral that asks, or when it ran out
  std::string of;  // a role of related persons; empty = the patient
};
std::vector<AskedConsent> AskedConsents(const protocol::Protocol& protocol,
                                        const CaseState& state);
std::string_view StatusName(ItemStatus status);

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_VIEW_H_
