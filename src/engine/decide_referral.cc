// Ways in: a new case, a second door to the open one, a return after closure.
#include <algorithm>

#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::TriggerKind;

namespace {

void RecordWhatIsKnown(Macrostep& m, const ReceiveReferral& c) {
  m.Emit(ReferralAttached{c.referral});
  for (const ConsentState& consent : c.consents) {
    m.Emit(ConsentRecorded{consent.purpose, consent.given});
  }
  for (const FactState& fact : c.facts) m.SetFact(fact.fact, fact.value);
}

}  // namespace

void Handle(Macrostep& m, const ReceiveReferral& c) {
  const bool known =
      std::any_of(m.state.referrals.begin(), m.state.referrals.end(),
                  [&](const Referral& r) { return r.id == c.referral.id; });
  if (known) {
    m.Reject("referral_known", "the case already holds this referral");
    return;
  }
  if (m.state.person != PersonId() && m.state.person != c.person) {
    m.Reject("wrong_person", "the case belongs to another person");
    return;
  }
  if (m.state.episodes.empty()) {
    m.Emit(CaseOpened{m.command.case_id, c.person, m.protocol.hash,
                      Owner{OwnerKind::kPool, m.protocol.intake_pool, {}},
                      static_cast<uint16_t>(m.protocol.tracks.size())});
    RecordWhatIsKnown(m, c);
    m.StartTracks();
  } else if (m.state.IsClosed()) {
    EpisodeOpened opened;
    opened.episode = static_cast<uint16_t>(m.state.episode() + 1);
    for (const FactState& fact : m.state.facts) {
      if (!m.protocol.at(fact.fact).carry) {
        opened.facts_dropped.push_back(fact.fact);
      }
    }
    m.Emit(std::move(opened));
    RecordWhatIsKnown(m, c);
    m.StartTracks();
    m.Raise(TriggerKind::kCaseReopened, 0xFFFF, {}, {}, m.now);
  } else {
    RecordWhatIsKnown(m, c);
  }
  // The legal wait starts with the referral, not with its arrival here.
  m.Raise(TriggerKind::kReferralReceived, c.referral.route.value, {}, {},
          std::min(c.referral.wait_from, m.now));
}

}  // namespace stepwell::engine
