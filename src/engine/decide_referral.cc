// Ways in: a new case, a second door to the open one, a return after closure.
// And the end that no service decides: a death.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/time_text.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::TriggerKind;

Referral AsAttached(const Macrostep& m, Referral referral) {
  if (referral.information_source.empty()) {
    referral.information_source =
        m.protocol.at(referral.route).information_source;
  }
  for (ReferralDocument& paper : referral.papers) {
    paper.ended = paper.valid_until && *paper.valid_until <= m.due_now;
  }
  return referral;
}

// One question a kind.
void AskForDocuments(Macrostep& m, const Referral& referral, bool missing) {
  const protocol::Route& route = m.protocol.at(referral.route);
  for (const std::string& kind : route.documents) {
    if (referral.Holds(kind)) continue;
    const bool came =
        std::find(referral.documents.begin(), referral.documents.end(), kind) !=
        referral.documents.end();
    if (!came && !missing) continue;
    m.OpenReview(came ? absl::StrCat("of a referral by route ", route.id, " ",
                                     kind, " is out of date: ask for it")
                      : absl::StrCat("a referral by route ", route.id,
                                     " came without ", kind, ": ask for it"));
  }
}

namespace {

void NoteZoneIn(Macrostep& m, const std::string& zone) {
  if (!zone.empty() && zone != m.state.zone) m.Emit(ZoneNoted{zone});
}

// A referral of a patient's own that was on its way so long is believed.
constexpr Duration kOnItsWay = Hours(24);
// By so much a sender's clock, or a date without its zone, may be ahead.
constexpr Duration kAhead = Hours(24);

// What somebody outside tells at the door and the service does not take from
// them: it is put before a person as it was told, and changes nothing.
struct Untaken {
  std::string facts, contradicted, looked_at, waits, ahead;

  // The patient is asked such a fact anyway, and nobody has recorded another.
  bool Takes(const Macrostep& m, const FactState& told) {
    const protocol::Fact& fact = m.protocol.at(told.fact);
    const std::string line =
        absl::StrCat("; ", fact.id, " = ", protocol::FactText(told.value));
    if (fact.instrument.IsNone()) {
      facts += line;
      return false;
    }
    const auto known =
        std::find_if(m.state.facts.begin(), m.state.facts.end(),
                     [&](const FactState& f) { return f.fact == told.fact; });
    const bool stands = known != m.state.facts.end() &&
                        known->response_seq == 0 && known->value != told.value;
    if (stands) contradicted += line;
    return !stands;
  }

  void Ask(Macrostep& m) const {
    const auto ask = [&m](const char* topic, const std::string& details) {
      if (!details.empty()) m.OpenReview(topic, details);
    };
    ask("a referral tells what staff find out: record what is so", facts);
    ask("a referral says otherwise than what a person has recorded",
        contradicted);
    ask("a referral says who has looked at its documents: look at them",
        looked_at);
    ask("a referral says that it comes from the future: when did it come?",
        ahead);
    ask("a patient's own referral counts a wait of before it came: is it so?",
        waits);
  }
};

// Whether a document was looked at is said by staff and host. And when a
// patient's own wait began, the service knows itself.
void TakeLess(const Macrostep& m, Referral& referral, Untaken& untaken) {
  for (ReferralDocument& paper : referral.papers) {
    if (paper.verified_by.empty()) continue;
    absl::StrAppend(&untaken.looked_at, "; ", paper.kind, ": ",
                    paper.verified_by);
    paper.verified_by.clear();
  }
  if (m.command.envelope.actor.role != Role::kPatient ||
      m.due_now - referral.wait_from <= kOnItsWay) {
    return;
  }
  untaken.waits = "; " + FormatInstantUtc(referral.wait_from);
  referral.wait_from = m.due_now;
  referral.received_at = m.due_now;
}

// What is there has come: a time ahead is a slip, and would put the wait off. A
// day is believed to be one of clocks and zones, and nobody is asked.
void KeepToNow(const Macrostep& m, Referral& referral, Untaken& untaken) {
  const Instant latest = std::max(referral.received_at, referral.wait_from);
  if (latest - m.due_now > kAhead) {
    untaken.ahead = "; " + FormatInstantUtc(latest);
  }
  referral.received_at = std::min(referral.received_at, m.due_now);
  referral.wait_from = std::min(referral.wait_from, m.due_now);
}

// At the time that the letter gives it, else at that of the referral.
void NoteConsentOf(Macrostep& m, const ConsentState& told) {
  const Instant referred = m.fact_at();
  const bool has_time = told.at != Instant();
  m.set_fact_at(has_time ? std::min(told.at, referred) : referred);
  m.NoteConsent(told.purpose, told.given, told.by);
  m.set_fact_at(referred);
}

bool IsRefused(const CaseState& state, const ConsentState& told) {
  return std::any_of(state.consents.begin(), state.consents.end(),
                     [&](const ConsentState& said) {
                       return said.purpose == told.purpose &&
                              said.by == told.by && !said.given && !said.ended;
                     });
}

// Nobody consents in the name of another, and whoever refers somebody does not
// know better than they what they have refused.
void TakeConsent(Macrostep& m, const ConsentState& told, bool by_another) {
  if (IsFromOutside(m) && !told.by.empty()) {
    const bool patient = m.command.envelope.actor.role == Role::kPatient;
    m.OpenReview(absl::StrCat(patient ? "a patient" : "a referrer",
                              " consented in the name of ", told.by,
                              ": ask them"));
  } else if (by_another && told.given && IsRefused(m.state, told)) {
    m.OpenReview(
        absl::StrCat("a referral says yes to what was refused: ask "
                     "about the consent to ",
                     m.protocol.purposes[told.purpose.value]));
  } else {
    NoteConsentOf(m, told);
  }
}

void RecordWhatIsKnown(Macrostep& m, const ReceiveReferral& c) {
  const bool from_outside = IsFromOutside(m);
  Referral referral = AsAttached(m, c.referral);
  Untaken untaken;
  KeepToNow(m, referral, untaken);
  if (from_outside) TakeLess(m, referral, untaken);
  m.Emit(ReferralAttached{std::move(referral)});
  NoteZoneIn(m, c.zone);
  const bool by_another = m.command.envelope.actor.role == Role::kReferrer ||
                          !c.referral.referrer.empty();
  for (const ConsentState& told : c.consents) TakeConsent(m, told, by_another);
  for (const FactState& fact : c.facts) {
    if (from_outside && !untaken.Takes(m, fact)) continue;
    m.SetFact(fact.fact, fact.value);
  }
  untaken.Ask(m);
}

// The wait that the law counts runs from the referral's own time. Of several
// referrals of one episode the earliest counts: a running clock goes back to
// it. One that has stopped, because what the patient waited for has come, does
// not begin again.
void CountLegalWait(Macrostep& m, const Referral& referral) {
  const ClockDefId def = m.protocol.at(referral.route).legal_clock;
  if (def.IsNone()) return;
  const Instant from = std::min(referral.wait_from, m.now);
  std::optional<Instant> before;  // the earliest of the other referrals
  for (const Referral& other : m.state.referrals) {
    if (other.id == referral.id || other.episode != m.state.episode() ||
        m.protocol.at(other.route).legal_clock != def) {
      continue;
    }
    const Instant waits = std::min(other.wait_from, m.now);
    before = std::min(before.value_or(waits), waits);
  }
  if (!before) {
    if (m.IsOver(m.protocol.at(def))) return;
    m.StopClocksOf(def);
    m.StartClock(def, {}, from);
    return;
  }
  const ClockState* clock = m.state.ClockOfCase(def);
  if (clock != nullptr && from < *before) m.PutBack(*clock, *before - from);
}

// What was to reach the patient and has not, reaches them no more; the ladders
// that waited for it go on.
void RecallEffects(Macrostep& m) {
  m.DropHeld("the person has died");
  for (const PendingEffectState& effect :
       std::vector<PendingEffectState>(m.state.pending_effects)) {
    if (!effect.to_patient) continue;
    m.EndEffect({effect.effect, false, "the person has died", true});
  }
}

// The clocks of the care that has ended. Those of alerts, messages and of the
// work of staff run on.
void StopClocksOfPatient(Macrostep& m) {
  for (const ClockState& clock : std::vector<ClockState>(m.state.clocks)) {
    const bool of_pause = clock.def == m.protocol.review_clock;
    if (m.IsOfPatient(clock.subject) && !of_pause) m.StopClock(clock.ordinal);
  }
}

void NoteDeathIn(Macrostep& m) {
  if (m.state.died_at) return;
  m.Emit(DeathNoted{});
  RecallEffects(m);
  StopClocksOfPatient(m);
  // Whoever waits for the time or the seat gets it.
  for (uint32_t i = 0; i < m.state.items.size(); ++i) {
    if (IsOpen(m.state.items[i].status)) m.ReleaseBooking(i);
  }
}

void OpenCase(Macrostep& m, PersonId person) {
  m.Emit(CaseOpened{m.command.case_id, person, m.protocol.hash,
                    Owner{OwnerKind::kPool, m.protocol.intake_pool, {}},
                    static_cast<uint16_t>(m.protocol.tracks.size())});
}

// A case that has no care here yet stands closed, where a service ends, and
// without a deed: no form, no wait, no letter comes of care that has ended.
void OpenClosed(Macrostep& m, const ReceiveReferral& c) {
  OpenCase(m, c.person);
  for (uint16_t i = 0; i < m.protocol.phases.size(); ++i) {
    const protocol::Phase& phase = m.protocol.phases[i];
    if (phase.final && m.state.tracks[phase.track.value].phase.IsNone()) {
      m.Emit(TrackMoved{phase.track, {}, PhaseId(i)});
    }
  }
  m.Emit(EpisodeClosed{m.state.episode(), c.referral.disposition});
  if (c.died) m.Emit(DeathNoted{});
}

// Of consents with care that has ended a refusal counts whatever was said
// before, and a yes only where nothing is known.
void RecordOldConsent(Macrostep& m, const ConsentState& consent) {
  for (const ConsentState& known : m.state.consents) {
    if (known.purpose != consent.purpose || known.by != consent.by) continue;
    if (!known.given || consent.given) return;
  }
  NoteConsentOf(m, consent);
}

// Care that ended before it came here is on file beside what goes on, which it
// changes nothing of: for that a consent of then is not one that was asked.
void FileEnded(Macrostep& m, const ReceiveReferral& c) {
  if (m.state.episodes.empty()) OpenClosed(m, c);
  m.Emit(EndedReferralFiled{c.referral});
  if (m.state.zone.empty()) NoteZoneIn(m, c.zone);
  if (!m.state.IsClosed()) return;
  for (const ConsentState& consent : c.consents) RecordOldConsent(m, consent);
}

}  // namespace

void Handle(Macrostep& m, const NoteDeath&) {
  if (IsOutsider(m.command.envelope.actor.role)) {
    m.Reject("not_for_role",
             "a death is registered by staff and host, not by patients and "
             "referrers");
    return;
  }
  if (m.state.died_at) {
    m.Reject("death_noted", "the case knows of the death");
    return;
  }
  NoteDeathIn(m);
  if (!m.state.IsClosed()) {
    m.OpenReview(
        "the person has died: end the care, and answer whoever "
        "referred");
  }
}

void Handle(Macrostep& m, const NoteZone& c) { NoteZoneIn(m, c.zone); }

void Handle(Macrostep& m, const ReceiveReferral& c) {
  // What is on file as ended can be asked for anew: care begins.
  const bool known = std::any_of(
      m.state.referrals.begin(), m.state.referrals.end(),
      [&](const Referral& r) {
        return r.id == c.referral.id && (c.referral.ended_as || !r.ended_as);
      });
  if (known) {
    m.Reject("referral_known", "the case already holds this referral");
    return;
  }
  if (m.state.person != PersonId() && m.state.person != c.person) {
    m.Reject("wrong_person", "the case belongs to another person");
    return;
  }
  if (c.referral.ended_as) {
    FileEnded(m, c);
    return;
  }
  if (m.state.episodes.empty()) {
    OpenCase(m, c.person);
    RecordWhatIsKnown(m, c);
    if (!c.died) m.StartTracks();
  } else if (m.state.IsClosed()) {
    EpisodeOpened opened;
    opened.episode = static_cast<uint16_t>(m.state.episode() + 1);
    for (const FactState& fact : m.state.facts) {
      if (!m.protocol.at(fact.fact).carry) {
        opened.facts_dropped.push_back(fact.fact);
      }
    }
    m.Emit(std::move(opened));
    m.ComeBack();
    m.NoteConsentAges();
    RecordWhatIsKnown(m, c);
    if (!c.died) m.StartTracks();
    if (!c.died) m.ResumeWindows();
    if (!c.died) m.Raise(TriggerKind::kCaseReopened, 0xFFFF, {}, {}, m.now);
  } else {
    RecordWhatIsKnown(m, c);
  }
  if (c.died) {
    // No forms and no waits for the dead: a person answers whoever referred.
    NoteDeathIn(m);
    m.OpenReview("a referral came for a person who has died");
    return;
  }
  const Referral attached = m.state.referrals.back();
  // A referral without a document that its route requires is taken in.
  AskForDocuments(m, attached, /*missing=*/true);
  AskRefusedAnew(m, attached);
  m.AskForGuardians();
  CountLegalWait(m, attached);
  // The legal wait starts with the referral, not with its arrival here.
  m.Raise(TriggerKind::kReferralReceived, c.referral.route.value, {}, {},
          std::min(attached.wait_from, m.now));
}

}  // namespace stepwell::engine
