// One overload an event: a gap does not compile.
#include "engine/apply.h"

#include <algorithm>
#include <variant>

#include "engine/remap.h"

namespace stepwell::engine {
namespace {

template <class T>
T* At(std::vector<T>& list, size_t index) {
  return index < list.size() ? &list[index] : nullptr;
}

template <class T, class Pred>
T* FindIf(std::vector<T>& list, Pred pred) {
  const auto it = std::find_if(list.begin(), list.end(), pred);
  return it == list.end() ? nullptr : &*it;
}

template <class T>
bool IsIn(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <class T, class Pred>
void EraseIf(std::vector<T>& list, Pred pred) {
  list.erase(std::remove_if(list.begin(), list.end(), pred), list.end());
}

struct Applier {
  const Event& event;
  CaseState& state;

  ClockState* Clock(uint32_t ordinal) {
    return FindIf(state.clocks, [&](const ClockState& clock) {
      return clock.ordinal == ordinal;
    });
  }

  // The response that came under the id before; nullptr: none.
  ResponseState* Given(const std::string& id) {
    if (id.empty()) return nullptr;
    std::vector<ResponseState>& responses = state.responses;
    size_t i = state.response_ids.Begin(responses, id);
    while (i < responses.size() && responses[i].id != id) ++i;
    return At(responses, i);
  }

  void operator()(const CommandRecorded&) {}

  void operator()(const CaseOpened& e) {
    state.id = e.id;
    state.person = e.person;
    state.protocol = e.protocol;
    state.owner = e.owner;
    state.tracks.resize(e.tracks);
    state.episodes.push_back({event.at, std::nullopt, {}});
  }

  void operator()(const EpisodeOpened& e) {
    state.episodes.push_back({event.at, std::nullopt, {}});
    EraseIf(state.facts, [&](const FactState& fact) {
      return std::find(e.facts_dropped.begin(), e.facts_dropped.end(),
                       fact.fact) != e.facts_dropped.end();
    });
    // What was reached in an earlier episode stays in its events.
    state.milestones.clear();
    state.paused_at.reset();
  }

  void operator()(const EpisodeClosed& e) {
    if (state.episodes.empty()) return;
    state.episodes.back().closed_at = event.at;
    state.episodes.back().reason = e.reason;
    state.paused_at.reset();
  }

  void operator()(const ReferralAttached& e) {
    // Asked for anew, one that was on file as ended is of care here.
    std::erase_if(state.referrals, [&](const Referral& known) {
      return known.id == e.referral.id && known.ended_as;
    });
    state.referrals.push_back(e.referral);
    state.referrals.back().episode = state.episode();
  }

  void operator()(const EndedReferralFiled& e) {
    state.referrals.push_back(e.referral);
    state.referrals.back().episode = 0;
  }

  void operator()(const ReferralAnswered& e) {
    Referral* referral = FindIf(
        state.referrals, [&](const Referral& r) { return r.id == e.referral; });
    if (referral == nullptr) return;
    referral->disposition = e.disposition;
    referral->answered_at = event.at;
  }

  void operator()(const ConsentRecorded& e) {
    if (e.outdone) return;
    const auto said_by = [&](PersonId related) {
      return FindIf(state.consents, [&](const ConsentState& c) {
        return c.purpose == e.consent_purpose && c.by == e.by &&
               c.related == related;
      });
    };
    ConsentState* consent = said_by(e.related);
    // What nobody knows who said gives way to a word that has a name.
    ConsentState* unnamed = said_by(PersonId());
    if (consent == nullptr) {
      consent = unnamed;
    } else if (unnamed != nullptr) {
      unnamed->ended = true;
    }
    const ConsentState said = {e.consent_purpose, e.given, event.at,
                               e.valid_until,     false,   e.by,
                               e.related};
    if (consent == nullptr) {
      state.consents.push_back(said);
    } else {
      *consent = said;
    }
  }

  void operator()(const ConsentLapsed& e) {
    for (ConsentState& c : state.consents) {
      c.ended = c.ended || (c.purpose == e.consent_purpose && c.by == e.by &&
                            c.related == e.related);
    }
  }

  void operator()(const ValidityEnded& e) {
    const auto is_over = [&](const std::optional<Instant>& until) {
      return until && *until <= event.recorded;
    };
    // By their time: `related` tells readers of the log whose they were.
    for (ConsentState& consent : state.consents) {
      if (!is_over(consent.valid_until)) continue;
      consent.ended = consent.ended || IsIn(e.consents, consent.purpose);
    }
    for (Referral& referral : state.referrals) {
      for (ReferralDocument& paper : referral.papers) {
        if (!is_over(paper.valid_until)) continue;
        paper.ended = paper.ended || IsIn(e.documents, paper.kind);
      }
    }
    for (ConsentAgeState& age : state.consent_ages) {
      age.reached = age.reached || IsIn(e.of_age, age.purpose);
    }
  }

  void operator()(const DocumentFiled& e) {
    Referral* referral = FindIf(
        state.referrals, [&](const Referral& r) { return r.id == e.referral; });
    if (referral == nullptr) return;
    if (!IsIn(referral->documents, e.document.kind)) {
      referral->documents.push_back(e.document.kind);
    }
    EraseIf(referral->papers, [&](const ReferralDocument& known) {
      return known.kind == e.document.kind;
    });
    referral->papers.push_back(e.document);
  }

  void operator()(const RelatedPersonNoted& e) {
    RelatedState* known =
        FindIf(state.related, [&](const RelatedState& related) {
          return related.person == e.related && related.role == e.role;
        });
    if (known == nullptr) {
      state.related.push_back({e.related, e.role, event.at, std::nullopt});
      known = &state.related.back();
    }
    if (e.ended) {
      known->ended_at = event.at;
    } else if (known->ended_at) {
      *known = {e.related, e.role, event.at, std::nullopt};
    }
  }

  void operator()(const RelatedIdentified& e) {
    for (RelatedState& known : state.related) {
      if (known.person != e.related) continue;
      known.one_with.reset();
      if (e.person != e.related) known.one_with = e.person;
    }
  }

  void operator()(const ConsentAgeNoted& e) {
    EraseIf(state.consent_ages, [&](const ConsentAgeState& known) {
      return known.purpose == e.consent_purpose;
    });
    if (e.unknown) return;
    state.consent_ages.push_back({e.consent_purpose, e.from, e.reached});
  }

  void operator()(const TrackMoved& e) {
    TrackState* track = At(state.tracks, e.track.value);
    if (track != nullptr) *track = {e.to, event.at, event.seq};
  }

  void operator()(const FactRecorded& e) {
    if (e.outdone) return;
    FactState* fact = FindIf(
        state.facts, [&](const FactState& f) { return f.fact == e.fact; });
    const FactState said = {e.fact, e.value, event.seq, e.response_seq,
                            event.at};
    if (fact == nullptr) {
      state.facts.push_back(said);
    } else {
      *fact = said;
    }
  }

  void operator()(const MilestoneReached& e) {
    state.milestones.push_back({e.milestone, event.at, event.seq});
  }

  void operator()(const CaseAssigned& e) { state.owner = e.owner; }
  void operator()(const NeedsStated& e) { state.needs = e.needs; }
  void operator()(const DecisionsHeld& e) {
    state.held_since.reset();
    if (e.held) state.held_since = event.recorded;
  }

  void operator()(const ItemOpened& e) {
    ItemState item;
    item.key = e.key;
    item.owner = e.owner;
    item.priority = e.priority;
    item.opened_at = event.at;
    item.due = e.due;
    item.note = e.note;
    item.opened_seq = event.seq;
    state.items.push_back(std::move(item));
  }

  void operator()(const ItemStarted& e) {
    ItemState* item = At(state.items, e.item);
    if (item != nullptr) item->status = ItemStatus::kActive;
  }

  void operator()(const ItemDone& e) {
    ItemState* item = At(state.items, e.item);
    if (item == nullptr) return;
    item->status = ItemStatus::kDone;
    item->outcome = e.outcome;
    item->minutes = e.minutes;
    item->ended_at = event.at;
    item->ended_seq = event.seq;
  }

  void operator()(const ItemEnded& e) {
    ItemState* item = At(state.items, e.item);
    if (item == nullptr) return;
    item->status = e.status;
    item->ended_at = event.at;
    item->ended_seq = event.seq;
    EndSign(state, e.item);
  }

  void operator()(const ItemMoved& e) {
    ItemState* item = At(state.items, e.item);
    if (item == nullptr) return;
    // Raised in priority it stays with whoever has claimed it.
    item->claimed = item->claimed && item->owner == e.owner;
    item->owner = e.owner;
    item->priority = e.priority;
  }

  void operator()(const ItemClaimed& e) { TakeOn(e.item, e.owner, true); }
  void operator()(const ItemReleased& e) { TakeOn(e.item, e.owner, false); }

  void TakeOn(uint32_t ordinal, const Owner& owner, bool claimed) {
    ItemState* item = At(state.items, ordinal);
    if (item == nullptr) return;
    item->owner = owner;
    item->claimed = claimed;
  }

  void operator()(const ItemDeferred& e) {
    ItemState* item = At(state.items, e.item);
    if (item != nullptr) item->follow_up = e.until;
  }

  void operator()(const ItemReturned& e) {
    ItemState* item = At(state.items, e.item);
    if (item != nullptr) item->follow_up = Instant::Never();
  }

  void operator()(const SignAsked& e) {
    ApplyTo(state, e, event.at);
    TakeOn(e.item, e.owner, false);
  }
  void operator()(const SignSettled& e) {
    EndSign(state, e.item);
    TakeOn(e.item, e.owner, false);
  }
  void operator()(const ReviewDrawn& e) {
    state.drawn.push_back({e.item, e.of, e.month, e.about});
  }
  void operator()(const ReviewAnswered&) {}

  void operator()(const AppointmentChanged& e) {
    ItemState* item = At(state.items, e.item);
    if (item == nullptr) return;
    item->appointment = e.status;
    item->appointment_at = e.starts_at;
    if (e.status == AppointmentStatus::kBooked) {
      item->status = ItemStatus::kActive;
    } else if (e.status == AppointmentStatus::kNoShow ||
               e.status == AppointmentStatus::kCancelled ||
               e.status == AppointmentStatus::kLateCancelled) {
      item->status = ItemStatus::kAvailable;  // to be booked again
    }
    NoteBooking(e);
  }

  void operator()(const SlotsOffered& e) {
    if (At(state.items, e.item) == nullptr) return;
    Booked(e.item).offered = e.slots;
  }

  void operator()(const GroupTold&) {}

  void operator()(const TransferAsked& e) {
    state.transfer = TransferState{e.to, e.body_key, e.effect, event.at};
  }

  void operator()(const TransferEnded&) { state.transfer.reset(); }

  void operator()(const IntakePlaced& e) {
    const Instant joined_at =
        state.intake.empty() ? event.at : state.intake[0].joined_at;
    state.intake = {IntakeState{true, e.intake_class, e.rank, e.waits_from,
                                joined_at, e.throttles, e.rules, e.unknown,
                                e.held}};
  }

  void operator()(const CaseAdmitted&) { state.intake.clear(); }
  void operator()(const PlaceTaken&) { state.intake = {IntakeState{}}; }
  void operator()(const IntakeLeft&) { state.intake.clear(); }

  void operator()(const FollowUpChanged& e) { ApplyTo(state.follow_ups, e); }
  void operator()(const FollowUpAnswered& e) {
    ApplyTo(state.follow_ups, e, event.seq, event.at);
  }
  void operator()(const ClinicalTimeRuled&) {}

  AppointmentState& Booked(uint32_t item) {
    AppointmentState* known =
        FindIf(state.appointments,
               [&](const AppointmentState& a) { return a.item == item; });
    if (known != nullptr) return *known;
    state.appointments.push_back({});
    state.appointments.back().item = item;
    return state.appointments.back();
  }

  // Nothing for events of early logs, whose states hold none of it.
  void NoteBooking(const AppointmentChanged& e) {
    const bool says = e.mode != ContactMode::kNone || e.moved || e.missed ||
                      !e.slot.empty() || !e.freed.empty() || !e.group.empty();
    if (!says && state.AppointmentOf(e.item) == nullptr) return;
    AppointmentState& booked = Booked(e.item);
    if (e.mode != ContactMode::kNone) booked.mode = e.mode;
    booked.missed = static_cast<uint16_t>(booked.missed + (e.missed ? 1 : 0));
    booked.moved = static_cast<uint16_t>(booked.moved + (e.moved ? 1 : 0));
    booked.slot = e.slot;
    booked.place = e.place;
    booked.staff = e.staff;
    booked.minutes = e.minutes;
    const bool seated = e.keeps_seat ||
                        e.status == AppointmentStatus::kBooked ||
                        e.status == AppointmentStatus::kWaiting ||
                        e.status == AppointmentStatus::kHeld ||
                        e.status == AppointmentStatus::kNoShow;
    booked.group = seated ? e.group : "";
  }

  // An open automatic decision remembers what it last came to.
  void operator()(const DecisionRecorded& e) {
    if (!e.automatic) return;
    for (ItemState& item : state.items) {
      if (item.key.element == e.element && IsOpen(item.status)) {
        item.outcome = e.outcome;
        item.again_at = e.again_at;
      }
    }
  }

  void operator()(const ResponseReceived& e) {
    ResponseState* known = Given(e.response_id);
    const ResponseState response = {e.response_id, event.seq, e.instrument,
                                    e.item, false};
    if (known == nullptr) {
      state.responses.push_back(response);
    } else {
      RetractScores(known->seq);
      DropAnswers(known->seq);
      *known = response;
    }
    if (e.instrument.IsNone()) return;
    state.answers.push_back({e.instrument, event.seq, e.answers});
  }

  void operator()(const ScoreRecorded& e) {
    state.scores.push_back(
        {e.instrument, e.episode == 0 ? state.episode() : e.episode, event.seq,
         e.response_seq, event.at, e.score, e.band, e.tier, e.risk, false});
    if (e.response_seq != 0) KeepLatestAnswers(e.instrument);
  }

  void operator()(const ClockStarted& e) { AddClock(e); }

  void operator()(const ClockFired& e) {
    ClockState* clock = Clock(e.clock);
    if (clock == nullptr) return;
    clock->next_rung = e.next_rung;
    clock->next_due = e.next_due;
    clock->waits_for_effect = e.waits_for_effect;
  }

  void operator()(const ClockStopped& e) {
    EraseIf(state.clocks,
            [&](const ClockState& clock) { return clock.ordinal == e.clock; });
  }

  void operator()(const ClockChanged& e) {
    ClockState* clock = Clock(e.clock);
    if (clock == nullptr) return;
    clock->started_at = e.started_at;
    clock->due = e.due;
    clock->next_due = e.next_due;
    clock->paused_at = e.paused_at;
    clock->waits_for_effect = e.waits_for_effect;
    clock->held_due = e.held_due;
    if (e.subject_due) SetDue(clock->subject, *e.subject_due);
  }

  void SetDue(const Subject& about, Instant due) {
    if (about.kind == SubjectKind::kItem) {
      if (ItemState* item = At(state.items, about.ordinal)) item->due = due;
    } else if (about.kind == SubjectKind::kMessage) {
      if (MessageState* m = At(state.messages, about.ordinal)) m->due = due;
    } else if (about.kind == SubjectKind::kAlert) {
      // An assessment that was begun has a clock of its own: the earlier.
      for (const ClockState& clock : state.clocks) {
        if (clock.subject == about) due = std::min(due, clock.due);
      }
      if (AlertState* alert = At(state.alerts, about.ordinal)) {
        alert->deadline = due;
      }
    }
  }

  void operator()(const AlertRaised& e) {
    AlertState alert;
    alert.tier = e.tier;
    alert.owner = e.owner;
    alert.raised_at = event.at;
    alert.deadline = e.deadline;
    alert.response_seq = e.response_seq;
    alert.raised_seq = event.seq;
    state.alerts.push_back(std::move(alert));
  }

  void operator()(const AlertEvidenceAdded& e) {
    AlertState* alert = At(state.alerts, e.alert);
    if (alert == nullptr) return;
    ++alert->evidence;
    alert->joined.push_back({e.response_seq, event.seq, event.recorded,
                             e.rearmed, alert->reviewed_until});
    if (!e.rearmed) return;
    alert->stage = AlertStage::kRaised;
    alert->owner = e.owner;
    alert->deadline = e.deadline;
    alert->outcome = {};
  }

  void operator()(const AlertRetiered& e) {
    AlertState* alert = At(state.alerts, e.alert);
    if (alert == nullptr) return;
    alert->tier = e.tier;
    alert->stage = AlertStage::kRaised;
    alert->owner = e.owner;
    alert->deadline = e.deadline;
    alert->reviewed_until.reset();
  }

  void operator()(const AlertStepped& e) {
    AlertState* alert = At(state.alerts, e.alert);
    if (alert == nullptr) return;
    alert->stage = e.stage;
    alert->stepped_seq = event.seq;
    alert->owner = e.owner;
    alert->deadline = e.deadline;
    if (!e.outcome.IsNone()) alert->outcome = e.outcome;
  }

  void operator()(const AlertEscalated& e) {
    AlertState* alert = At(state.alerts, e.alert);
    if (alert == nullptr) return;
    alert->owner = e.owner;
    ++alert->escalations;
  }

  void operator()(const AlertReviewed& e) {
    AlertState* alert = At(state.alerts, e.alert);
    if (alert != nullptr) alert->reviewed_until = e.until;
  }

  void operator()(const MessageReceived& e) {
    MessageState message;
    message.id = e.message_id;
    message.owner = e.owner;
    message.received_at = event.at;
    message.due = e.due;
    message.body_key = e.body_key;
    message.thread = e.thread;
    state.messages.push_back(std::move(message));
  }

  void operator()(const MessageSettled& e) {
    MessageState* message = At(state.messages, e.message);
    if (message != nullptr) message->status = e.status;
  }

  void operator()(const MessageMoved& e) {
    MessageState* message = At(state.messages, e.message);
    if (message == nullptr) return;
    message->owner = e.owner;
    message->priority = e.priority;
  }

  void operator()(const MessageSent& e) { ApplyTo(state, e, event.at); }
  void operator()(const MessageRead& e) { ApplyTo(state, e, event.at); }

  void operator()(const EnrolmentStarted& e) {
    EnrolmentState enrolment;
    enrolment.program = e.program;
    enrolment.episode = state.episode();
    enrolment.started_at = event.at;
    enrolment.guidance = e.guidance;
    enrolment.language = e.language;
    enrolment.outside = e.outside;
    state.enrolments.push_back(std::move(enrolment));
  }

  void operator()(const ModuleCompleted& e) {
    EnrolmentState* enrolment = LatestEnrolment(e.program);
    if (enrolment != nullptr) ++enrolment->modules_done;
  }

  void operator()(const ProgramCompleted& e) {
    EnrolmentState* enrolment = LatestEnrolment(e.program);
    if (enrolment != nullptr) enrolment->completed = true;
  }

  void operator()(const EnrolmentEnded& e) {
    EnrolmentState* enrolment = At(state.enrolments, e.enrolment - size_t{1});
    if (enrolment != nullptr) enrolment->ended_at = event.at;
  }

  void operator()(const EnrolmentChanged& e) {
    EnrolmentState* enrolment = At(state.enrolments, e.enrolment - size_t{1});
    if (enrolment == nullptr) return;
    enrolment->guidance = e.guidance;
    enrolment->language = e.language;
    enrolment->sequence = e.sequence;
    enrolment->sets = e.sets;
  }

  void operator()(const ModuleReleased& e) {
    EnrolmentState* enrolment = At(state.enrolments, e.enrolment - size_t{1});
    if (enrolment == nullptr) return;
    if (e.element.IsNone()) {
      ++enrolment->weeks;
    } else {
      enrolment->released.push_back(e.element);
    }
  }

  void operator()(const ItemLocked& e) {
    EraseIf(state.locks, [&](const LockState& lock) {
      return lock.element == e.element && lock.episode == e.episode &&
             lock.enrolment == e.enrolment;
    });
    if (e.locked) {
      state.locks.push_back({e.element, e.episode, e.enrolment, event.seq});
    }
  }

  void operator()(const ItemProgressed& e) {
    ItemState* item = At(state.items, e.item);
    if (item == nullptr) return;
    if (e.percent) item->percent = e.percent;
    if (e.seconds) item->seconds = e.seconds;
  }

  void operator()(const InputKept&) {}
  void operator()(const RiskFlagged&) {}  // the alert says what comes of it

  void operator()(const ItemDrafted& e) {
    if (At(state.items, e.item) == nullptr) return;
    DraftState* draft = FindIf(
        state.drafts, [&](const DraftState& d) { return d.item == e.item; });
    if (draft == nullptr) {
      state.drafts.push_back({});
      draft = &state.drafts.back();
    }
    const bool goes_on = !draft->key.empty();
    *draft = {e.item, e.draft_key, goes_on ? draft->since : event.at, event.at,
              std::nullopt};
  }

  void operator()(const DraftEnded& e) {
    const auto is_it = [&](const DraftState& d) { return d.item == e.item; };
    if (e.how != DraftEnd::kAbandoned) {
      EraseIf(state.drafts, is_it);
    } else if (DraftState* draft = FindIf(state.drafts, is_it)) {
      draft->key.clear();
      draft->abandoned_at = event.at;
    }
  }

  void operator()(const CasePaused&) { state.paused_at = event.at; }
  void operator()(const CaseResumed&) { state.paused_at.reset(); }

  void operator()(const EffectRequested& e) {
    if (e.deferred_from) Released(e, *e.deferred_from);
    state.pending_effects.push_back(
        {e.effect, e.subject, protocol::IsPatientsSide(e.to), e.clock,
         e.valid_until, e.message_template, e.owner,
         e.kind == EffectKind::kLetter, e.role, e.related, e.referral});
  }

  void operator()(const EffectSuppressed& e) {
    if (e.deferred_from) Released(e, *e.deferred_from);
    if (e.held) state.held_effects.push_back(*e.held);
  }

  void operator()(const SafeContactNoted& e) {
    if (e.outdone) return;
    state.safe_contact = e.contact;
    state.safe_contact_at = event.at;
  }

  // It waits no longer.
  template <class E>
  void Released(const E& e, Instant since) {
    const auto held =
        std::find_if(state.held_effects.begin(), state.held_effects.end(),
                     [&](const HeldEffect& each) {
                       return each.message_template == e.message_template &&
                              each.subject == e.subject &&
                              each.related == e.related && each.since == since;
                     });
    if (held != state.held_effects.end()) state.held_effects.erase(held);
  }

  void operator()(const EffectSettled& e) {
    EraseIf(state.pending_effects, [&](const PendingEffectState& effect) {
      return effect.effect == e.effect;
    });
    if (!e.delivered && state.transfer && state.transfer->effect == e.effect) {
      state.transfer->undelivered = true;
    }
  }

  void operator()(const SkewRecorded&) {}

  void operator()(const DeathNoted&) { state.died_at = event.at; }
  void operator()(const ZoneNoted& e) { state.zone = e.zone; }

  void operator()(const Voided& e) {
    ApplyVoided(e, event.at, event.seq, state);
  }

  void operator()(const Migrated& e) {
    state.earlier_pins.push_back({state.protocol, event.seq});
    state.protocol = e.to;
    const std::vector<ClockState> before = state.clocks;
    Remap(state, e.tables);
    // Tracks are found by their number.
    std::vector<TrackState> tracks(e.track_count);
    for (size_t i = 0; i < state.tracks.size(); ++i) {
      const TrackId track = e.tables.Map(TrackId(static_cast<uint16_t>(i)));
      if (TrackState* to = At(tracks, track.value)) *to = state.tracks[i];
    }
    state.tracks = std::move(tracks);
    // A clock that the new version has not would be taken for a cadence.
    for (const ClockState& old : before) {
      if (old.def.IsNone() || !e.tables.Map(old.def).IsNone()) continue;
      EraseIf(state.clocks, [&](const ClockState& clock) {
        return clock.ordinal == old.ordinal;
      });
    }
    EraseIf(state.follow_ups,
            [](const FollowUpState& known) { return known.window.IsNone(); });
    for (const MigratedClock& moved : e.clocks) MoveClock(moved);
  }

  void operator()(const Amended& e) {
    for (const CorrectedScore& corrected : e.scores) {
      ScoreState* score = FindIf(state.scores, [&](const ScoreState& s) {
        return s.seq == corrected.seq;
      });
      if (score == nullptr) continue;
      score->score = corrected.score;
      score->band = corrected.band;
      score->tier = corrected.tier;
      score->risk = corrected.risk;
    }
  }

  void operator()(const ClockAdopted& e) {
    AddClock(e).next_rung = e.next_rung;
  }

 private:
  template <class E>
  ClockState& AddClock(const E& e) {
    ClockState clock;
    clock.ordinal = e.clock;
    clock.def = e.def;
    clock.subject = e.subject;
    clock.started_at = e.started_at;
    clock.due = e.due;
    clock.next_due = e.next_due;
    state.next_clock = std::max(state.next_clock, e.clock + 1);
    return state.clocks.emplace_back(std::move(clock));
  }

  // With the deadline of what the clock is about.
  void MoveClock(const MigratedClock& moved) {
    ClockState* clock = Clock(moved.clock);
    if (clock == nullptr) return;
    const bool other = clock->due != moved.due;
    clock->started_at = moved.started_at;
    clock->due = moved.due;
    clock->next_rung = moved.next_rung;
    clock->next_due = moved.next_due;
    if (!other) return;
    clock->held_due.reset();  // it was that of the other deadline
    if (!state.IsSignClock(moved.clock)) SetDue(clock->subject, moved.due);
  }

  EnrolmentState* LatestEnrolment(ProgramRef program) {
    EnrolmentState* latest = nullptr;
    for (EnrolmentState& enrolment : state.enrolments) {
      if (enrolment.program == program) latest = &enrolment;
    }
    return latest;
  }

  void DropAnswers(uint64_t response_seq) {
    EraseIf(state.answers, [&](const AnswersState& answers) {
      return answers.response_seq == response_seq;
    });
  }

  // Of the answers to an instrument those are kept that are clinically last.
  void KeepLatestAnswers(InstrumentRef instrument) {
    const ScoreState* last = nullptr;
    for (const AnswersState& answers : state.answers) {
      if (answers.instrument != instrument) continue;
      const ScoreState* score = state.ScoreOf(answers.response_seq);
      if (score != nullptr && (last == nullptr || IsLater(*score, *last))) {
        last = score;
      }
    }
    if (last == nullptr) return;
    EraseIf(state.answers, [&](const AnswersState& answers) {
      return answers.instrument == instrument &&
             answers.response_seq != last->response_seq;
    });
  }

  // An amended response takes its earlier score out of the figures.
  void RetractScores(uint64_t response_seq) {
    for (ScoreState& score : state.scores) {
      if (score.response_seq == response_seq) score.is_void = true;
    }
  }
};

}  // namespace

void Apply(const Event& event, CaseState& state) {
  std::visit(Applier{event, state}, event.body);
  state.version = event.seq;
  if (state.last_at < event.recorded) state.last_at = event.recorded;
}

}  // namespace stepwell::engine
