// What is valid for a time or for an age only: consents, the papers of a
// referral; and the people who belong to a patient.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "engine/handlers.h"

namespace stepwell::engine {

using protocol::FactValue;
using protocol::PurposeRule;
using protocol::TriggerKind;

namespace {

// By what has been noted so far: nothing has run out meanwhile.
constexpr Instant kAsNoted = {};

bool RanOut(const ConsentState& said, Instant at) {
  return said.valid_until && *said.valid_until <= at;
}

bool IsOver(const ConsentState& said, Instant at) {
  return said.ended || RanOut(said, at);
}

// Of several who are of one role a refusal weighs most, and what counts no more
// least.
int WeightOf(const ConsentState& said, Instant at) {
  if (IsOver(said, at)) return 0;
  return said.given ? 1 : 2;
}

// One who is on file by two records has said what they said last.
bool IsOutdone(const CaseState& state, const ConsentState& said) {
  return said.related != PersonId() &&
         std::any_of(
             state.consents.begin(), state.consents.end(),
             [&](const ConsentState& other) {
               return other.purpose == said.purpose && other.by == said.by &&
                      other.related != said.related && said.at < other.at &&
                      state.Whom(other.related) == state.Whom(said.related) &&
                      state.IsOnFile(other.related, other.by);
             });
}

// What the patient (`by` is empty) or those of the role have said.
const ConsentState* SaidBy(const CaseState& state, PurposeId purpose,
                           std::string_view by, Instant at = kAsNoted) {
  const ConsentState* said = nullptr;
  for (const ConsentState& one : state.consents) {
    if (one.purpose != purpose || one.by != by || IsOutdone(state, one)) {
      continue;
    }
    if (said == nullptr || WeightOf(one, at) > WeightOf(*said, at)) said = &one;
  }
  return said;
}

// They are of one role, and one has said yes and another no.
bool AreDivided(const CaseState& state, PurposeId purpose,
                std::string_view by) {
  const auto says = [&](bool given) {
    return std::any_of(state.consents.begin(), state.consents.end(),
                       [&](const ConsentState& one) {
                         return one.purpose == purpose && one.by == by &&
                                !one.ended && one.given == given &&
                                !IsOutdone(state, one);
                       });
  };
  return says(true) && says(false);
}

Answer3 AnswerOf(const ConsentState* consent, Instant at = kAsNoted) {
  if (consent == nullptr || IsOver(*consent, at)) return Answer3::kUnknown;
  return consent->given ? Answer3::kYes : Answer3::kNo;
}

// What was refused in an earlier episode stands until it is said anew, and is
// no answer to what the present one asks.
bool IsRefusalOfBefore(const CaseState& state, const ConsentState& said) {
  return !said.given && !said.ended && state.episode() > 1 &&
         said.at < state.episodes.back().opened_at;
}

bool AsksFor(const protocol::Protocol& protocol, const Referral& referral,
             PurposeId purpose) {
  const auto& wanted = protocol.at(referral.route).consents;
  return std::find(wanted.begin(), wanted.end(), purpose) != wanted.end();
}

// The first referral of the episode that asks for the consent; nullptr: none.
const Referral* AskedBy(const protocol::Protocol& protocol,
                        const CaseState& state, PurposeId purpose) {
  for (const Referral& referral : state.referrals) {
    if (referral.episode == state.episode() &&
        AsksFor(protocol, referral, purpose)) {
      return &referral;
    }
  }
  return nullptr;
}

// Care does not go on in silence on what was known `before` and is not now.
void AskForLost(Macrostep& m, const std::vector<Answer3>& before) {
  if (m.state.IsClosed() || m.state.died_at) return;
  const std::vector<Answer3> now = KnownConsents(m);
  for (uint16_t i = 0; i < now.size(); ++i) {
    if (before[i] == Answer3::kUnknown || now[i] != Answer3::kUnknown ||
        AskedBy(m.protocol, m.state, PurposeId(i)) == nullptr) {
      continue;
    }
    m.OpenReview(absl::StrCat("the consent to ", m.protocol.purposes[i],
                              " counts no more: ask for it anew"));
  }
}

// Nothing when the age is not known.
std::optional<bool> IsOfAge(const CaseState& state, PurposeId purpose) {
  for (const ConsentAgeState& age : state.consent_ages) {
    if (age.purpose == purpose) return age.reached;
  }
  return std::nullopt;
}

// Whoever was so many years old by then is of age by the day that comes back;
// the birthday before it is not known.
Instant OfAgeAtTheLatest(const Macrostep& m, int64_t years, int64_t below) {
  const Date today = ToLocal(*m.protocol.zone, m.due_now).date;
  const int64_t missing = below - std::clamp<int64_t>(years, 0, below);
  return FirstAtOrAfter(*m.protocol.zone,
                        {AddMonths(today, int64_t{12} * missing), 0});
}

// It was told, or taken back to what it had been, in this very step.
bool IsNews(const Macrostep& m, FactId fact) {
  return std::any_of(m.events.begin(), m.events.end(), [&](const Event& event) {
    const auto* told = std::get_if<FactRecorded>(&event.body);
    const auto* voided = std::get_if<Voided>(&event.body);
    return (told != nullptr && told->fact == fact) ||
           (voided != nullptr && Contains(voided->facts, fact));
  });
}

// From when on the patient decides, by the fact that holds the age or the day
// of birth. Nothing when it does not say. `known`: as it was noted before.
std::optional<ConsentAgeNoted> AgeFor(const Macrostep& m, PurposeId purpose,
                                      const PurposeRule& rule,
                                      const ConsentAgeState* known) {
  for (const FactState& fact : m.state.facts) {
    if (fact.fact != rule.age || fact.value.kind == FactValue::Kind::kNone) {
      continue;
    }
    ConsentAgeNoted noted{purpose, std::nullopt, false, false};
    if (fact.value.kind != FactValue::Kind::kDate) {
      noted.reached = fact.value.number >= rule.below;
      if (noted.reached) return noted;
      if (known != nullptr && !IsNews(m, fact.fact)) {
        noted.from = known->from;
        noted.reached = known->reached;
      } else {
        noted.from = OfAgeAtTheLatest(m, fact.value.number, rule.below);
      }
      return noted;
    }
    const Date born{static_cast<int32_t>(fact.value.number)};
    const Date birthday = AddMonths(born, int64_t{12} * rule.below);
    noted.from = FirstAtOrAfter(*m.protocol.zone, {birthday, 0});
    noted.reached = *noted.from <= m.due_now;
    return noted;
  }
  return std::nullopt;
}

// They, or somebody of the role whose name nobody knows, have said something
// later that was not taken back and that nobody's leaving has ended.
bool IsOlderWord(const Macrostep& m, const ConsentRecorded& word) {
  return std::any_of(m.state.consents.begin(), m.state.consents.end(),
                     [&](const ConsentState& said) {
                       const bool theirs = said.related == word.related ||
                                           said.related == PersonId();
                       return said.purpose == word.consent_purpose &&
                              said.by == word.by && theirs &&
                              m.fact_at() < said.at &&
                              (!said.ended || RanOut(said, m.due_now));
                     });
}

// The consent without which the letter may not leave; none: it is no letter, or
// needs no consent.
PurposeId PurposeOf(const Macrostep& m, const PendingEffectState& effect) {
  if (!effect.letter) return {};
  const bool of_transfer =
      m.state.transfer && m.state.transfer->effect == effect.effect;
  return of_transfer ? m.protocol.transfer.purpose
                     : m.protocol.feedback_purpose;
}

// A person looks at the letters to referrers that are still to be written.
void LookAtUnwritten(Macrostep& m) {
  const bool writes = std::any_of(
      m.state.items.begin(), m.state.items.end(), [&](const ItemState& item) {
        return IsOpen(item.status) && m.protocol.at(item.key.element).kind ==
                                          protocol::ItemKind::kMessage;
      });
  if (writes) {
    m.OpenReview(
        "the consent to letters was withdrawn: look at those that are still to "
        "be written");
  }
}

bool IsAskedFor(const Macrostep& m, const Referral& referral,
                const std::string& kind) {
  const auto& wanted = m.protocol.at(referral.route).documents;
  return std::find(wanted.begin(), wanted.end(), kind) != wanted.end();
}

// The referral that is meant: by its id, else the latest one of this episode
// that needs such a document, else the latest one.
const Referral* ReferralFor(const Macrostep& m, const FileDocument& c) {
  const Referral* latest = nullptr;
  const auto& all = m.state.referrals;
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    if (c.referral != ReferralId()) {
      if (it->id == c.referral) return &*it;
      continue;
    }
    if (it->ended_as || it->episode != m.state.episode()) continue;
    if (latest == nullptr) latest = &*it;
    if (IsAskedFor(m, *it, c.document.kind)) return &*it;
  }
  return latest;
}

}  // namespace

std::vector<PersonId> CaseState::RelatedAs(std::string_view role) const {
  std::vector<PersonId> persons;
  for (const RelatedState& one : related) {
    if (one.role == role && !one.ended_at && !Contains(persons, one.Whom())) {
      persons.push_back(one.Whom());
    }
  }
  return persons;
}

PersonId CaseState::Whom(PersonId record) const {
  for (const RelatedState& one : related) {
    if (one.person == record) return one.Whom();
  }
  return record;
}

bool CaseState::IsOnFile(PersonId record, std::string_view role) const {
  return std::any_of(
      related.begin(), related.end(), [&](const RelatedState& one) {
        return one.person == record && one.role == role && !one.ended_at;
      });
}

PersonId CaseState::RecordOf(PersonId whom, std::string_view role) const {
  PersonId record;
  for (const RelatedState& one : related) {
    if (one.role != role || one.ended_at || one.Whom() != whom) continue;
    if (one.person == whom) return whom;
    record = one.person;
  }
  return record;
}

Answer3 ConsentOf(const protocol::Protocol& protocol, const CaseState& state,
                  PurposeId purpose, Instant at) {
  const Answer3 own = AnswerOf(SaidBy(state, purpose, "", at), at);
  const PurposeRule& rule = protocol.purpose_rules[purpose.value];
  if (rule.guardian.empty()) return own;
  const Answer3 guardian =
      AnswerOf(SaidBy(state, purpose, rule.guardian, at), at);
  const std::optional<bool> of_age = IsOfAge(state, purpose);
  if (of_age) return *of_age ? own : guardian;
  return own == guardian ? own : Answer3::kUnknown;
}

std::vector<Answer3> KnownConsents(const Macrostep& m) {
  std::vector<Answer3> known;
  for (uint16_t i = 0; i < m.protocol.purposes.size(); ++i) {
    known.push_back(ConsentOf(m.protocol, m.state, PurposeId(i)));
  }
  return known;
}

bool MayBeWritten(const protocol::Protocol& protocol, const CaseState& state,
                  Instant at) {
  const PurposeId purpose = protocol.feedback_purpose;
  return purpose.IsNone() ||
         ConsentOf(protocol, state, purpose, at) == Answer3::kYes;
}

bool IsWrittenTo(const protocol::Protocol& protocol, const Referral& referral) {
  return !referral.ended_as && (!referral.referrer.empty() ||
                                protocol.at(referral.route).referrer_feedback);
}

std::vector<const Referral*> WrittenTo(const protocol::Protocol& protocol,
                                       const CaseState& state) {
  std::vector<const Referral*> found;
  for (const Referral& referral : state.referrals) {
    if (referral.episode != state.episode()) continue;
    if (IsWrittenTo(protocol, referral)) found.push_back(&referral);
  }
  return found;
}

std::vector<AskedConsent> AskedConsents(const protocol::Protocol& protocol,
                                        const CaseState& state) {
  std::vector<AskedConsent> asked;
  if (state.IsClosed() || state.died_at) return asked;
  for (uint16_t i = 0; i < protocol.purposes.size(); ++i) {
    const PurposeId purpose(i);
    const Referral* first = AskedBy(protocol, state, purpose);
    if (first == nullptr) continue;
    const auto ask = [&](const std::string& of) {
      const ConsentState* said = SaidBy(state, purpose, of);
      const bool anew = said != nullptr && IsRefusalOfBefore(state, *said);
      if (AnswerOf(said) != Answer3::kUnknown && !anew) return;
      const bool ran_out = said != nullptr && said->valid_until;
      asked.push_back(
          {purpose, ran_out ? *said->valid_until : first->received_at, of});
    };
    const std::string& guardian = protocol.purpose_rules[i].guardian;
    const std::optional<bool> of_age = IsOfAge(state, purpose);
    if (guardian.empty() || of_age.value_or(true)) ask("");
    if (!guardian.empty() && !of_age.value_or(false)) ask(guardian);
  }
  return asked;
}

void AskRefusedAnew(Macrostep& m, const Referral& referral) {
  for (const ConsentState& said : std::vector<ConsentState>(m.state.consents)) {
    if (!AsksFor(m.protocol, referral, said.purpose) ||
        !IsRefusalOfBefore(m.state, said) ||
        ConsentOf(m.protocol, m.state, said.purpose) == Answer3::kYes) {
      continue;
    }
    m.OpenReview(absl::StrCat("the consent to ",
                              m.protocol.purposes[said.purpose.value],
                              " was refused in an earlier episode: ask anew"));
  }
}

void AskForOlder(Macrostep& m, std::string_view word) {
  if (m.state.IsClosed() || m.state.died_at) return;
  m.OpenReview(absl::StrCat(
      "an older word was entered after a newer one: ", ToAbsl(word), "; of ",
      ToAbsl(FormatInstantUtc(m.fact_at()))));
}

void StopUnconsented(Macrostep& m, PurposeId purpose) {
  m.StopLetters();
  if (purpose == m.protocol.feedback_purpose &&
      !MayBeWritten(m.protocol, m.state, m.due_now)) {
    LookAtUnwritten(m);
  }
}

void Macrostep::NoteConsent(PurposeId purpose, bool given,
                            const std::string& by, PersonId related) {
  const PurposeRule& rule = protocol.purpose_rules[purpose.value];
  const std::vector<PersonId> there = state.RelatedAs(by);
  const bool only = related == PersonId() && there.size() == 1;
  ConsentRecorded recorded{
      purpose, given, std::nullopt, by,
      state.RecordOf(only ? there.front() : state.Whom(related), by)};
  if (given && rule.valid_for) {
    recorded.valid_until = After(*rule.valid_for, nullptr, fact_at_);
  }
  recorded.outdone = IsOlderWord(*this, recorded);
  const bool outdone = recorded.outdone;
  Emit(std::move(recorded));
  if (outdone) {
    AskForOlder(*this, protocol.purposes[purpose.value]);
    return;
  }
  Raise(TriggerKind::kConsent, purpose.value);
  StopUnconsented(*this, purpose);
  if (!by.empty() && AreDivided(state, purpose, by)) {
    OpenReview(absl::StrCat("of the consent to ",
                            protocol.purposes[purpose.value], " one ", by,
                            " says yes and another no: it counts as refused"));
  }
}

namespace {

std::string NobodyOnFile(const std::string& role) {
  return absl::StrCat("nobody is on file as ", role,
                      ": relate_person enters somebody");
}

}  // namespace

void Macrostep::AskForRelated(const std::string& role, std::string_view what) {
  OpenReview(NobodyOnFile(role), absl::StrCat("; they ", ToAbsl(what)));
}

void Macrostep::StopLetters() {
  const auto holds = [this](PurposeId purpose) {
    return purpose.IsNone() ||
           ConsentOf(protocol, state, purpose) == Answer3::kYes;
  };
  for (const PendingEffectState& effect :
       std::vector<PendingEffectState>(state.pending_effects)) {
    const PurposeId purpose = PurposeOf(*this, effect);
    if (holds(purpose)) continue;
    StopEffect(effect.effect, "the consent was withdrawn");
    OpenReview(absl::StrCat("a letter was not sent: the consent to ",
                            protocol.purposes[purpose.value],
                            " does not hold any more"));
  }
  // It may have left already: whether the case is handed over all the same is
  // for a person to say.
  if (state.transfer && !holds(protocol.transfer.purpose)) {
    OpenReview("the consent to the transfer does not hold any more",
               absl::StrCat("; to ", state.transfer->to));
  }
}

void Macrostep::NoteConsentAges(bool news) {
  const std::vector<Answer3> before = KnownConsents(*this);
  for (uint16_t i = 0; i < protocol.purpose_rules.size(); ++i) {
    const PurposeId purpose(i);
    const PurposeRule& rule = protocol.purpose_rules[i];
    if (rule.guardian.empty()) continue;
    const auto known = std::find_if(
        state.consent_ages.begin(), state.consent_ages.end(),
        [&](const ConsentAgeState& age) { return age.purpose == purpose; });
    const bool is_known = known != state.consent_ages.end();
    const auto noted =
        AgeFor(*this, purpose, rule, is_known ? &*known : nullptr);
    if (!noted) {
      if (is_known) Emit(ConsentAgeNoted{purpose, std::nullopt, false, true});
      continue;
    }
    if (is_known && known->from == noted->from &&
        known->reached == noted->reached) {
      continue;
    }
    Emit(*noted);
    if (news) Raise(TriggerKind::kConsent, purpose.value);
  }
  StopLetters();
  if (!news) return;
  AskForLost(*this, before);
  AskForGuardians();
}

void Macrostep::AskForGuardians() {
  if (state.IsClosed() || state.died_at) return;
  for (uint16_t i = 0; i < protocol.purpose_rules.size(); ++i) {
    const PurposeId purpose(i);
    const std::string& role = protocol.purpose_rules[i].guardian;
    if (!role.empty() && AskedBy(protocol, state, purpose) != nullptr &&
        !IsOfAge(state, purpose).value_or(true) &&
        state.RelatedAs(role).empty()) {
      AskForRelated(role, "are to answer or to decide");
    }
  }
}

void Macrostep::EndValidity() {
  ValidityEnded over;
  const auto is_over = [&](const std::optional<Instant>& at) {
    return at && *at <= due_now;
  };
  for (const ConsentState& consent : state.consents) {
    if (consent.given && !consent.ended && is_over(consent.valid_until)) {
      over.consents.push_back(consent.purpose);
      over.related.push_back(consent.related);
    }
  }
  std::vector<std::string> topics;
  for (const Referral& referral : state.referrals) {
    if (referral.episode != state.episode()) continue;
    for (const ReferralDocument& paper : referral.papers) {
      if (paper.ended || !is_over(paper.valid_until)) continue;
      over.documents.push_back(paper.kind);
      if (!IsAskedFor(*this, referral, paper.kind)) continue;
      topics.push_back(absl::StrCat("of a referral by route ",
                                    protocol.at(referral.route).id, " ",
                                    paper.kind, " is out of date: ask for it"));
    }
  }
  for (const ConsentAgeState& age : state.consent_ages) {
    if (!age.reached && is_over(age.from)) over.of_age.push_back(age.purpose);
  }
  const ValidityEnded ended = over;
  const std::vector<Answer3> before = KnownConsents(*this);
  Emit(std::move(over));
  for (const PurposeId purpose : ended.consents) {
    Raise(TriggerKind::kConsent, purpose.value);
  }
  for (const PurposeId purpose : ended.of_age) {
    Raise(TriggerKind::kConsent, purpose.value);
  }
  StopLetters();
  AskForLost(*this, before);
  if (state.IsClosed() || state.died_at) return;
  for (std::string& topic : topics) OpenReview(std::move(topic));
}

void Handle(Macrostep& m, const RecordConsent& c) {
  if (c.consent_purpose.IsNone()) {
    m.Reject("unknown_purpose", "the protocol of the case has no such purpose");
    return;
  }
  // Nobody speaks in another's name; who passes on what was said, vouches.
  if (IsFromOutside(m) && !c.by.empty()) {
    m.Reject("not_for_role",
             "what a related person said is recorded by staff and host, not by "
             "patients and referrers");
    return;
  }
  if (c.by.empty()) {
    m.NoteConsent(c.consent_purpose, c.given, c.by);
    return;
  }
  const std::vector<PersonId> there = m.state.RelatedAs(c.by);
  const bool named = c.related != PersonId();
  if (there.empty() || (named && !Contains(there, m.state.Whom(c.related)))) {
    m.Reject("not_related",
             absl::StrCat(named ? "they are not on file as "
                                : "the case has no related person of the role ",
                          c.by, ": relate_person enters one"));
  } else if (!named && there.size() > 1) {
    m.Reject("related_required",
             absl::StrCat("the case has several of the role ", c.by,
                          ": `related` says whose word it is"));
  } else {
    m.NoteConsent(c.consent_purpose, c.given, c.by, c.related);
    if (IsOfAge(m.state, c.consent_purpose).value_or(false)) {
      m.remark = "the patient is of age and decides: this changes nothing";
    }
  }
}

void Handle(Macrostep& m, const FileDocument& c) {
  if (!c.document.verified_by.empty() && IsFromOutside(m)) {
    m.Reject("not_for_role",
             "whether a document was looked at is said by staff and host, not "
             "by patients and referrers");
    return;
  }
  const Referral* referral = ReferralFor(m, c);
  if (referral == nullptr) {
    m.Reject("unknown_referral", "the case has no such referral");
    return;
  }
  ReferralDocument document = c.document;
  document.ended = document.valid_until && *document.valid_until <= m.due_now;
  m.Emit(DocumentFiled{referral->id, std::move(document)});
}

namespace {

// Somebody of the role is to answer, or decides for the patient.
bool IsNeeded(const Macrostep& m, const std::string& role) {
  for (uint16_t i = 0; i < m.protocol.purpose_rules.size(); ++i) {
    if (m.protocol.purpose_rules[i].guardian == role &&
        AskedBy(m.protocol, m.state, PurposeId(i)) != nullptr &&
        !IsOfAge(m.state, PurposeId(i)).value_or(false)) {
      return true;
    }
  }
  return std::any_of(
      m.state.items.begin(), m.state.items.end(), [&](const ItemState& item) {
        return IsOpen(item.status) && item.owner.kind == OwnerKind::kRelated &&
               m.protocol.at(item.key.element).role == role;
      });
}

// Whoever is of the role no more consents no more, by whatever record.
void EndRelation(Macrostep& m, PersonId person, const std::string& role) {
  const std::vector<Answer3> before = KnownConsents(m);
  while (m.state.RecordOf(person, role) != PersonId()) {
    m.Emit(RelatedPersonNoted{m.state.RecordOf(person, role), role, true});
  }
  const bool nobody = m.state.RelatedAs(role).empty();
  for (const ConsentState& said : std::vector<ConsentState>(m.state.consents)) {
    // What it is not told who said goes with the last of them.
    const bool theirs = said.related == PersonId()
                            ? nobody
                            : m.state.Whom(said.related) == person;
    if (said.by != role || said.ended || !theirs) continue;
    m.Emit(ConsentLapsed{said.purpose, role, said.related});
    m.Raise(TriggerKind::kConsent, said.purpose.value);
  }
  m.StopLetters();
  AskForLost(m, before);
  m.StopWordsTo(person, role, "they are not on file in the role any more");
  if (nobody && !m.state.IsClosed() && !m.state.died_at && IsNeeded(m, role)) {
    m.AskForRelated(role, "are to answer or to decide");
  }
}

// The roles that they are on file in.
std::vector<std::string> RolesOf(const CaseState& state, PersonId person) {
  std::vector<std::string> roles;
  for (const RelatedState& related : state.related) {
    if (!related.ended_at && related.Whom() == person &&
        !Contains(roles, related.role)) {
      roles.push_back(related.role);
    }
  }
  return roles;
}

void NoteRelatedDeath(Macrostep& m, PersonId person) {
  for (const std::string& role : RolesOf(m.state, person)) {
    EndRelation(m, person, role);
    if (m.state.IsClosed() || m.state.died_at) continue;
    m.OpenReview(absl::StrCat("who was on file as ", role, " has died"));
  }
}

// From here on the records are the person: who was two may be one who says what
// they said last, and who was one two.
void Identify(Macrostep& m, const NoteRecords& c) {
  const std::vector<Answer3> before = KnownConsents(m);
  bool any = false;
  for (const PersonId record : c.records) {
    const bool is_news = std::any_of(
        m.state.related.begin(), m.state.related.end(),
        [&](const RelatedState& related) {
          return related.person == record && related.Whom() != c.person;
        });
    if (is_news) m.Emit(RelatedIdentified{record, c.person});
    any = any || is_news;
  }
  if (!any) return;
  const std::vector<Answer3> now = KnownConsents(m);
  for (uint16_t i = 0; i < now.size(); ++i) {
    if (now[i] != before[i]) m.Raise(TriggerKind::kConsent, i);
  }
  m.StopLetters();
  AskForLost(m, before);
}

// Records were taken for one person and are two: what was written down
// meanwhile may be the other's.
void LookAtParted(Macrostep& m, const NoteRecords& c) {
  if (m.state.IsClosed()) return;
  for (const PersonId record : c.records) {
    m.OpenReview(
        absl::StrCat("record ", IdToText(record.value),
                     " is of another person than it was taken for: look whose "
                     "is what was recorded meanwhile"));
  }
}

}  // namespace

void Handle(Macrostep& m, const NoteRecords& c) {
  Identify(m, c);
  if (c.died) NoteRelatedDeath(m, c.person);
  if (c.parted) LookAtParted(m, c);
}

void Handle(Macrostep& m, const RelatePerson& c) {
  if (c.related == m.state.person) {
    m.Reject("wrong_person", "nobody is a related person of their own");
    return;
  }
  const PersonId person = m.state.Whom(c.related);
  const bool is_there = m.state.RecordOf(person, c.role) != PersonId();
  if (c.ended && !is_there) {
    m.Reject("not_related",
             absl::StrCat("they are not on file as ", c.role, " of the case"));
    return;
  }
  if (c.ended) {
    EndRelation(m, person, c.role);
  } else if (m.world.HasDied(c.related)) {
    m.Reject("related_died", "they are registered as dead");
  } else if (!is_there) {
    m.Emit(RelatedPersonNoted{c.related, c.role, false});
    EndReviews(m, NobodyOnFile(c.role));
  }
}

}  // namespace stepwell::engine
