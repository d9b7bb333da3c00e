// Applying what a person takes back: deltas on the state, and nothing else.
#include <algorithm>

#include "engine/event.h"

namespace stepwell::engine {
namespace {

template <class T>
T* At(std::vector<T>& list, size_t index) {
  return index < list.size() ? &list[index] : nullptr;
}

// What the same person has said of the same purpose.
bool IsWordOf(const ConsentState& one, const ConsentState& other) {
  return one.purpose == other.purpose && one.by == other.by &&
         one.related == other.related;
}

struct TakerBack {
  CaseState& state;
  Instant at;
  uint64_t seq = 0;

  void Response(uint64_t response_seq) {
    for (ResponseState& response : state.responses) {
      if (response.seq == response_seq) response.is_void = true;
    }
    std::erase_if(state.answers, [&](const AnswersState& answers) {
      return answers.response_seq == response_seq;
    });
  }

  // The version that stood before an amendment stands again.
  void Restore(uint64_t amendment, uint64_t version) {
    for (ResponseState& response : state.responses) {
      if (response.seq != amendment) continue;
      response.seq = version;
      response.is_void = false;
    }
    for (ScoreState& score : state.scores) {
      if (score.response_seq == version) score.is_void = false;
    }
  }

  void Refer(ReferralId id) {
    std::erase_if(state.referrals,
                  [&](const Referral& referral) { return referral.id == id; });
  }

  // It keeps its place: others count the consents.
  void Unsay(const ConsentState& said) {
    for (ConsentState& known : state.consents) {
      known.ended = known.ended || IsWordOf(known, said);
    }
  }

  // Also what a word with a name had taken the place of.
  void Say(const ConsentState& before) {
    for (ConsentState& known : state.consents) {
      if (!IsWordOf(known, before)) continue;
      known = before;
      return;
    }
    state.consents.push_back(before);
  }

  void Score(uint64_t score_seq) {
    for (ScoreState& score : state.scores) {
      if (score.seq == score_seq) score.is_void = true;
    }
  }

  void Milestone(MilestoneId id) {
    std::erase_if(state.milestones, [&](const MilestoneState& milestone) {
      return milestone.milestone == id;
    });
  }

  void Fact(FactId id) {
    std::erase_if(state.facts,
                  [&](const FactState& fact) { return fact.fact == id; });
  }

  void Reopen(uint32_t index) {
    ItemState* item = At(state.items, index);
    if (item == nullptr) return;
    item->status = ItemStatus::kAvailable;
    item->outcome = {};
    item->minutes.reset();
    item->ended_at = {};
    item->ended_seq = 0;
  }

  void BookAgain(uint32_t index) {
    ItemState* item = At(state.items, index);
    if (item == nullptr) return;
    const AppointmentStatus was = item->appointment;
    const bool late = was == AppointmentStatus::kLateCancelled;
    const bool missed = late || was == AppointmentStatus::kNoShow;
    bool seated = false;
    for (AppointmentState& booked : state.appointments) {
      if (booked.item != index) continue;
      seated = !booked.group.empty();
      if (missed && booked.missed > 0) --booked.missed;
    }
    // Its time or its place has been given back, unless the seat was kept.
    if (late && !seated) {
      item->appointment = AppointmentStatus::kCancelled;
    } else {
      item->appointment = AppointmentStatus::kBooked;
      item->status = ItemStatus::kActive;
    }
  }

  void Withdraw(uint32_t index) {
    ItemState* item = At(state.items, index);
    if (item == nullptr) return;
    item->status = ItemStatus::kCancelled;
    item->ended_at = at;
    item->ended_seq = seq;
    item->withdrawn = true;
    EndSign(state, index);
  }

  void StepBack(const AlertBefore& before) {
    AlertState* alert = At(state.alerts, before.alert);
    if (alert == nullptr) return;
    alert->stage = before.stage;
    alert->deadline = before.deadline;
    alert->stepped_seq = before.stepped_seq;
    if (before.stage != AlertStage::kAssessed) alert->outcome = {};
  }

  EnrolmentState* LatestEnrolment(ProgramRef program) {
    EnrolmentState* latest = nullptr;
    for (EnrolmentState& enrolment : state.enrolments) {
      if (enrolment.program == program) latest = &enrolment;
    }
    return latest;
  }
};

}  // namespace

void ApplyVoided(const Voided& e, Instant at, uint64_t seq, CaseState& state) {
  TakerBack taker{state, at, seq};
  for (uint64_t response : e.responses) taker.Response(response);
  for (const ReferralId id : e.referrals) taker.Refer(id);
  for (const ConsentState& said : e.consents) taker.Unsay(said);
  for (const ConsentState& before : e.consents_restored) taker.Say(before);
  if (e.safe_contact) {
    state.safe_contact = e.safe_contact_restored;
    state.safe_contact_at = e.safe_contact_at;
  }
  for (uint64_t score : e.scores) taker.Score(score);
  for (MilestoneId id : e.milestones) taker.Milestone(id);
  for (FactId id : e.facts) taker.Fact(id);
  state.facts.insert(state.facts.end(), e.facts_restored.begin(),
                     e.facts_restored.end());
  const size_t versions =
      std::min(e.responses.size(), e.responses_restored.size());
  for (size_t i = 0; i < versions; ++i) {
    taker.Restore(e.responses[i], e.responses_restored[i]);
  }
  state.answers.insert(state.answers.end(), e.answers_restored.begin(),
                       e.answers_restored.end());
  for (uint32_t index : e.items_reopened) taker.Reopen(index);
  for (uint32_t index : e.bookings_restored) taker.BookAgain(index);
  for (uint32_t index : e.items_withdrawn) taker.Withdraw(index);
  for (const AlertBefore& before : e.alerts_before) taker.StepBack(before);
  for (uint32_t index : e.alerts_marked) {
    if (AlertState* alert = At(state.alerts, index))
      alert->evidence_void = true;
  }
  TakeBack(state.follow_ups, e.window_answers);
  for (ProgramRef program : e.modules) {
    EnrolmentState* enrolment = taker.LatestEnrolment(program);
    if (enrolment != nullptr && enrolment->modules_done > 0) {
      --enrolment->modules_done;
    }
  }
  for (ProgramRef program : e.programs) {
    EnrolmentState* enrolment = taker.LatestEnrolment(program);
    if (enrolment != nullptr) enrolment->completed = false;
  }
}

}  // namespace stepwell::engine
