#include "engine/invariants.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "engine/view.h"
#include "protocol/intake.h"

namespace stepwell::engine {
namespace {

bool HasClock(const CaseState& state, SubjectKind kind, uint32_t ordinal) {
  return std::any_of(
      state.clocks.begin(), state.clocks.end(), [&](const ClockState& clock) {
        return clock.subject.kind == kind && clock.subject.ordinal == ordinal &&
               !clock.next_due.IsNever();
      });
}

bool HasOwner(const Owner& owner) {
  return owner.kind == OwnerKind::kPool && !owner.pool.IsNone();
}

// 1: an open alert has an owner, a deadline and a clock that will fire again.
void CheckAlerts(const CaseState& state, std::vector<std::string>& out) {
  for (uint32_t i = 0; i < state.alerts.size(); ++i) {
    const AlertState& alert = state.alerts[i];
    if (alert.stage == AlertStage::kClosed) continue;
    if (!HasOwner(alert.owner)) {
      out.push_back(absl::StrCat("1: alert ", i, " has no owner"));
    }
    if (alert.deadline.IsNever()) {
      out.push_back(absl::StrCat("1: alert ", i, " has no deadline"));
    }
    if (!HasClock(state, SubjectKind::kAlert, i)) {
      out.push_back(absl::StrCat("1: alert ", i, " has no running clock"));
    }
  }
}

// 1: an answer that joined an alert has put it back to its beginning, or was
// logged under a mark that had not run out; what came after is a person's step.
void CheckJoined(const CaseState& state, std::vector<std::string>& out) {
  for (uint32_t i = 0; i < state.alerts.size(); ++i) {
    const AlertState& alert = state.alerts[i];
    for (const JoinedRisk& joined : alert.joined) {
      const bool marked =
          joined.reviewed_until && joined.at < *joined.reviewed_until;
      const bool acted =
          alert.stage == AlertStage::kRaised || alert.stepped_seq > joined.seq;
      if (joined.rearmed ? acted : marked) continue;
      out.push_back(absl::StrCat("1: the risk answer of event ",
                                 joined.response_seq, " joined alert ", i,
                                 " and did not re-arm it"));
    }
  }
}

// The alert was raised by the response, or the response joined it.
bool Covers(const AlertState& alert, uint64_t response_seq) {
  return alert.response_seq == response_seq ||
         std::any_of(alert.joined.begin(), alert.joined.end(),
                     [&](const JoinedRisk& joined) {
                       return joined.response_seq == response_seq;
                     });
}

// A screen that discloses puts an alert that is open into its tier.
bool WasOpenAt(const AlertState& alert, uint64_t seq) {
  return alert.raised_seq < seq &&
         (alert.stage != AlertStage::kClosed || alert.stepped_seq > seq);
}

// The question about a missing risk answer was open when it was needed, or
// was opened because of it.
bool WasAsked(const CaseState& state, ElementId element, uint64_t seq) {
  return std::any_of(state.items.begin(), state.items.end(),
                     [&](const ItemState& item) {
                       return item.key.element == element &&
                              (item.opened_seq > seq || item.ended_seq == 0 ||
                               item.ended_seq > seq);
                     });
}

// 1, 9: every valid risk answer has led to its alert, every unknown one to a
// question.
void CheckDisclosures(const protocol::Protocol& protocol,
                      const CaseState& state, std::vector<std::string>& out) {
  const protocol::RiskPolicy& risk = protocol.risk;
  if (risk.tiers.empty()) return;
  for (const ScoreState& score : state.scores) {
    // Of an adopted score the answers were read elsewhere: open risk of then is
    // declared as an alert.
    if (score.is_void || score.response_seq == 0) continue;
    const bool screen = score.instrument == risk.screen;
    if (score.risk == Answer3::kUnknown && !screen &&
        !WasAsked(state, risk.missing_element, score.seq)) {
      out.push_back(absl::StrCat("9: the unknown risk answer of event ",
                                 score.response_seq, " led to no question"));
    }
    if (score.risk != Answer3::kYes) continue;
    const bool alerted = std::any_of(
        state.alerts.begin(), state.alerts.end(), [&](const AlertState& alert) {
          return Covers(alert, score.response_seq) ||
                 (screen && WasOpenAt(alert, score.seq));
        });
    if (!alerted) {
      out.push_back(absl::StrCat("1: the risk answer of event ",
                                 score.response_seq, " led to no alert"));
    }
  }
}

// 2: a draft belongs to an item that is open, or says that it was abandoned; an
// item has one at most.
void CheckDrafts(const CaseState& state, std::vector<std::string>& out) {
  for (const DraftState& draft : state.drafts) {
    const bool is_open = draft.item < state.items.size() &&
                         IsOpen(state.items[draft.item].status);
    if (state.DraftOf(draft.item) != &draft) {
      out.push_back(absl::StrCat("2: item ", draft.item, " has two drafts"));
    } else if (draft.abandoned_at ? !draft.key.empty()
                                  : draft.key.empty() || !is_open) {
      out.push_back(absl::StrCat("2: the draft of item ", draft.item,
                                 " is neither kept nor abandoned"));
    }
  }
}

// 3: what waits for a second sign is open, of a pool, and has its clock.
void CheckSigns(const CaseState& state, std::vector<std::string>& out) {
  for (const SignState& sign : state.signs) {
    const bool waits = sign.item < state.items.size() &&
                       IsOpen(state.items[sign.item].status) &&
                       HasOwner(state.items[sign.item].owner) &&
                       state.SignOf(sign.item) == &sign;
    const bool timed = std::any_of(
        state.clocks.begin(), state.clocks.end(), [&](const ClockState& clock) {
          return clock.ordinal == sign.clock &&
                 clock.subject.kind == SubjectKind::kItem &&
                 clock.subject.ordinal == sign.item;
        });
    if (waits && timed) continue;
    out.push_back(absl::StrCat("3: the second sign of item ", sign.item,
                               " is awaited from nobody"));
  }
}

// 3: nothing waits to be sent to a person who has died.
void CheckDead(const CaseState& state, std::vector<std::string>& out) {
  if (!state.died_at) return;
  if (!state.held_effects.empty()) {
    out.push_back("3: a word waits for a patient who has died");
  }
  for (const PendingEffectState& effect : state.pending_effects) {
    if (effect.to_patient) {
      out.push_back(absl::StrCat("3: effect ", effect.effect,
                                 " is for a patient who has died"));
    }
  }
}

// 13: whoever is of no role for the patient any more decides nothing for them.
void CheckRelated(const CaseState& state, std::vector<std::string>& out) {
  for (const ConsentState& said : state.consents) {
    if (said.related == PersonId() || said.ended) continue;
    if (!state.IsOnFile(said.related, said.by)) {
      out.push_back(absl::StrCat("13: a consent counts of somebody who is not ",
                                 said.by, " any more"));
    }
  }
}

// 5: a ladder waits only for an effect that is offered still and will end.
void CheckWaits(const CaseState& state, std::vector<std::string>& out) {
  for (const ClockState& clock : state.clocks) {
    if (clock.waits_for_effect == 0) continue;
    const bool ends =
        std::any_of(state.pending_effects.begin(), state.pending_effects.end(),
                    [&](const PendingEffectState& effect) {
                      return effect.effect == clock.waits_for_effect &&
                             !effect.valid_until.IsNever();
                    });
    if (ends) continue;
    out.push_back(absl::StrCat("5: clock ", clock.ordinal,
                               " waits for an effect that never ends"));
  }
}

// 2: an open message has an owner; it has a running clock or is overdue by now
// and listed so (a ladder need not repeat).
void CheckMessages(const CaseState& state, Instant now,
                   std::vector<std::string>& out) {
  for (uint32_t i = 0; i < state.messages.size(); ++i) {
    if (state.messages[i].status != MessageStatus::kOpen) continue;
    if (!HasOwner(state.messages[i].owner)) {
      out.push_back(absl::StrCat("2: message ", i, " has no owner"));
    }
    if (state.messages[i].due > now &&
        !HasClock(state, SubjectKind::kMessage, i)) {
      out.push_back(absl::StrCat("2: message ", i,
                                 " is not overdue and has no running clock"));
    }
  }
}

// Something that a person has to do now.
bool HasWorkForStaff(const CaseState& state) {
  for (const ItemState& item : state.items) {
    if (IsOpen(item.status) && item.owner.kind == OwnerKind::kPool) return true;
  }
  for (const AlertState& alert : state.alerts) {
    if (alert.stage != AlertStage::kClosed) return true;
  }
  for (const MessageState& message : state.messages) {
    if (message.status == MessageStatus::kOpen) return true;
  }
  return false;
}

// The rung gives a person work. That somebody is told, or the patient asked,
// is none: nobody need do anything then.
bool GivesWork(const protocol::Protocol& protocol, const protocol::Rung& rung,
               SubjectKind about) {
  for (const protocol::Action& action : rung.actions) {
    switch (action.kind) {
      case protocol::ActionKind::kOpen:
        if (!protocol::IsOutside(protocol.at(action.element).performer)) {
          return true;
        }
        break;
      case protocol::ActionKind::kEscalate:
        if (about == SubjectKind::kItem) return true;
        break;
      case protocol::ActionKind::kRaiseAlert:
        return true;
      default:
        break;
    }
  }
  return false;
}

// A clock will put the case before a person some day.
bool WillHaveWork(const protocol::Protocol& protocol, const CaseState& state) {
  for (const ClockState& clock : state.clocks) {
    const bool runs = !clock.next_due.IsNever() || clock.waits_for_effect != 0;
    if (!runs || clock.paused_at) continue;
    if (clock.subject.kind == SubjectKind::kRelease) continue;
    if (clock.subject.kind == SubjectKind::kCadence) {
      const ElementId element(static_cast<uint16_t>(clock.subject.ordinal));
      if (!protocol::IsOutside(protocol.at(element).performer)) {
        return true;
      }
      continue;
    }
    const bool of_pause = clock.def == protocol.review_clock &&
                          clock.subject.kind == SubjectKind::kCase;
    if (of_pause && state.paused_at) return true;
    if (protocol.at(clock.def).window != nullptr) {
      const FollowUpState* known = FollowUpOf(state, clock.def);
      if (known != nullptr && known->IsAhead()) return true;
      continue;
    }
    const auto& ladder = protocol.at(clock.def).ladder;
    for (size_t rung = clock.next_rung; rung < ladder.size(); ++rung) {
      if (GivesWork(protocol, ladder[rung], clock.subject.kind)) return true;
    }
  }
  return false;
}

// 3: an open case has an owner and something that will happen next; what is
// open has an owner; a closed case owes no referral an answer.
void CheckCase(const protocol::Protocol& protocol, const CaseState& state,
               std::vector<std::string>& out) {
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    if (IsOpen(item.status) && !item.owner.IsPatient() &&
        !HasOwner(item.owner)) {
      out.push_back(absl::StrCat("3: item ", i, " has no owner"));
    }
  }
  if (state.IsClosed()) {
    for (const Referral& referral : state.referrals) {
      if (referral.IsOwedAnswer()) {
        out.push_back("3: the case is closed with an unanswered referral");
      }
    }
    return;
  }
  if (!HasOwner(state.owner)) out.push_back("3: the case has no owner");
  if (!HasWorkForStaff(state) && !WillHaveWork(protocol, state)) {
    out.push_back(
        "3: nobody has work in the open case, and no clock leads to some");
  }
}

// 4: nothing that has ended keeps a clock; a pause has a review.
void CheckClocks(const protocol::Protocol& protocol, const CaseState& state,
                 std::vector<std::string>& out) {
  for (const ClockState& clock : state.clocks) {
    const uint32_t n = clock.subject.ordinal;
    const bool idle =
        (clock.subject.kind == SubjectKind::kItem &&
         (n >= state.items.size() || !IsOpen(state.items[n].status))) ||
        (clock.subject.kind == SubjectKind::kAlert &&
         (n >= state.alerts.size() ||
          state.alerts[n].stage == AlertStage::kClosed)) ||
        (clock.subject.kind == SubjectKind::kMessage &&
         (n >= state.messages.size() ||
          state.messages[n].status != MessageStatus::kOpen));
    if (idle) {
      out.push_back(
          absl::StrCat("4: clock ", clock.ordinal, " runs for what has ended"));
    }
  }
  const bool review = std::any_of(
      state.clocks.begin(), state.clocks.end(), [&](const ClockState& clock) {
        return clock.def == protocol.review_clock &&
               clock.subject.kind == SubjectKind::kCase;
      });
  if (state.paused_at && !review) {
    out.push_back("4: the case is paused without a review");
  }
}

// 3: nobody is let go before the receiver has confirmed: a clock asks.
void CheckTransfer(const protocol::Protocol& protocol, const CaseState& state,
                   std::vector<std::string>& out) {
  if (!state.transfer || state.died_at) return;
  const bool asked = std::any_of(
      state.clocks.begin(), state.clocks.end(), [&](const ClockState& clock) {
        return clock.def == protocol.transfer.clock &&
               clock.subject.kind == SubjectKind::kCase;
      });
  if (!asked || state.IsClosed()) {
    out.push_back("3: a transfer is under way and no clock asks for it");
  }
}

// 4: a follow-up that is ahead has its clock; of those that are behind only one
// that was settled may still have it.
void CheckFollowUps(const CaseState& state, std::vector<std::string>& out) {
  for (const FollowUpState& follow_up : state.follow_ups) {
    const bool runs = std::any_of(state.clocks.begin(), state.clocks.end(),
                                  [&](const ClockState& clock) {
                                    return clock.ordinal == follow_up.clock;
                                  });
    if (follow_up.IsSettled() || runs == follow_up.IsAhead()) continue;
    out.push_back(absl::StrCat(
        "4: the follow-up of clock ", follow_up.clock,
        runs ? " is over, and its clock runs" : " is ahead, and has no clock"));
  }
}

// 7: who has a seat or a slot has an open appointment.
void CheckBookings(const CaseState& state, std::vector<std::string>& out) {
  for (const AppointmentState& booked : state.appointments) {
    const bool open = booked.item < state.items.size() &&
                      IsOpen(state.items[booked.item].status);
    if (!open && !booked.slot.empty()) {
      out.push_back(
          absl::StrCat("7: item ", booked.item, " has ended and holds a slot"));
    }
  }
}

// 7: the limits at the door count every case that is let in, and the queue
// holds each that waits and no other.
void CheckDoor(const protocol::Protocol& protocol, const CaseState& state,
               std::span<const PhaseId> by_newest,
               std::vector<std::string>& out) {
  bool waits = false, in_care = false, counted = false;
  for (const TrackState& track : state.tracks) {
    counted = counted || std::find(by_newest.begin(), by_newest.end(),
                                   track.phase) != by_newest.end();
  }
  if (protocol.intake != nullptr && !state.IsClosed()) {
    for (const TrackState& track : state.tracks) {
      waits = waits || (track.phase == protocol.intake->phase &&
                        !state.died_at.has_value());
      for (const PhaseId phase : protocol.intake->capacity.held_in) {
        in_care = in_care || track.phase == phase;
      }
    }
  }
  const bool queued = !state.intake.empty() && state.intake[0].waiting;
  const bool placed = !state.intake.empty() && !state.intake[0].waiting;
  if (queued != waits) {
    out.push_back(waits ? "7: the case waits and is not in the queue"
                        : "7: the case is in the queue and does not wait");
  }
  if (placed != (in_care && !waits) && !(placed && counted && !waits)) {
    out.push_back(placed ? "7: the case has a place and is not in care"
                         : "7: the case is in care and has no place");
  }
}

}  // namespace

std::vector<std::string> BrokenInvariants(const protocol::Protocol& protocol,
                                          const CaseState& state, Instant now,
                                          std::span<const PhaseId> by_newest) {
  std::vector<std::string> out;
  if (!state.Exists()) return out;
  CheckAlerts(state, out);
  CheckJoined(state, out);
  CheckDisclosures(protocol, state, out);
  CheckDrafts(state, out);
  CheckSigns(state, out);
  CheckDead(state, out);
  CheckRelated(state, out);
  CheckWaits(state, out);
  CheckMessages(state, now, out);
  CheckCase(protocol, state, out);
  CheckClocks(protocol, state, out);
  CheckTransfer(protocol, state, out);
  CheckBookings(state, out);
  CheckDoor(protocol, state, by_newest, out);
  CheckFollowUps(state, out);
  if (state.protocol != protocol.hash) {
    out.push_back("10: the case runs on another protocol than its pin");
  }
  const Duration ahead = state.last_at - now;
  if (ahead > Minutes(limits::kStaffSkewMinutesMax)) {
    out.push_back(absl::StrCat(
        "14: the stream's time lies ", ahead.us / Minutes(1).us,
        " minutes ahead: somebody's clock is wrong, set it right; work on the "
        "case goes on meanwhile"));
  }
  return out;
}

}  // namespace stepwell::engine
