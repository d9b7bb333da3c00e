// What patients send: never rejected. What fits nowhere is kept and put before
// a person; risk is looked for in everything that can be read.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/fingerprint.h"
#include "engine/handlers.h"
#include "engine/scoring.h"

namespace stepwell::engine {

using protocol::TriggerKind;

namespace {

// A patient answers for themselves; who passes on what a related person has
// said, staff or host, vouches for it.
bool IsTheirs(const Macrostep& m, const ItemState& item) {
  return !IsFromOutside(m) || item.owner.kind != OwnerKind::kRelated;
}

bool IsTheirs(const Macrostep& m, int64_t item) {
  return item < 0 || item >= static_cast<int64_t>(m.state.items.size()) ||
         IsTheirs(m, m.state.items[static_cast<size_t>(item)]);
}

// The open item that the response answers, or -1: rather one of whoever sends
// it than another's, and of where the case is now than one that a person has
// opened elsewhere.
int64_t ItemFor(const Macrostep& m, const SubmitResponse& c) {
  if (!c.element.IsNone() &&
      m.protocol.at(c.element).instrument == c.instrument) {
    return m.OpenItemOf(c.element);
  }
  int64_t elsewhere = -1, of_another = -1;
  for (size_t i = 0; i < m.state.items.size(); ++i) {
    const ItemState& item = m.state.items[i];
    const protocol::Element& element = m.protocol.at(item.key.element);
    if (!IsOpen(item.status) || element.instrument != c.instrument ||
        element.kind != protocol::ItemKind::kQuestionnaire) {
      continue;
    }
    const int64_t found = static_cast<int64_t>(i);
    if (!IsTheirs(m, item)) {
      of_another = found;
    } else if (m.IsCurrent(item.key)) {
      return found;
    } else if (elsewhere < 0) {
      elsewhere = found;
    }
  }
  return elsewhere >= 0 ? elsewhere : of_another;
}

// A response that was given before under the id.
const ResponseState* Given(CaseState& state, const std::string& id) {
  const std::vector<ResponseState>& responses = state.responses;
  const size_t begin = state.response_ids.Begin(responses, id);
  for (size_t i = responses.size(); i-- > begin;) {
    if (responses[i].id == id) return &responses[i];
  }
  return nullptr;
}

// The id under which the response is kept: the one given, unless that names an
// answer to another questionnaire. What is no amendment replaces nothing.
std::string IdFor(const Macrostep& m, const SubmitResponse& c) {
  std::string id = c.response_id;
  if (id.empty()) return id;
  for (const ResponseState* given = Given(m.state, id);
       given != nullptr && given->instrument != c.instrument;
       given = Given(m.state, id)) {
    absl::StrAppend(
        &id, "/",
        c.instrument.IsNone() ? "unknown" : m.protocol.at(c.instrument).name);
  }
  return id;
}

// What the answers say about the fact; nothing when that is missing or cannot
// be read.
std::optional<FactValue> SaidOf(const protocol::Fact& fact,
                                const SubmitResponse& c,
                                const instruments::Instrument& instrument) {
  std::optional<FactValue> said;
  for (const GivenAnswer& answer : c.answers) {
    if (answer.item != fact.instrument_item || !Says(instrument, answer)) {
      continue;
    }
    FactValue value;
    value.kind = fact.kind;
    if (fact.kind == FactValue::Kind::kText) {
      value.text = answer.text;
    } else {
      value.number = *answer.number;
    }
    said = std::move(value);
  }
  return said;
}

// What an amendment is of.
struct Amends {
  uint64_t response_seq = 0;  // 0: it is none
  Instant at;                 // when the answers were given
  uint16_t episode = 0;
  bool over = false;  // that episode
};

Amends AmendsOf(const CaseState& state, const ResponseState* earlier) {
  if (earlier == nullptr || earlier->is_void) return {};
  const ScoreState* score = state.ScoreOf(earlier->seq);
  if (score == nullptr) {
    return {earlier->seq, state.last_at, state.episode(), false};
  }
  return {earlier->seq, score->at, score->episode,
          score->episode != state.episode()};
}

struct Kept {
  uint64_t seq = 0;
  Answer3 risk = Answer3::kNo;
};

// An amendment is of the time and the episode of what it amends, unless it
// names another time.
Kept Keep(Macrostep& m, ResponseReceived received, ScoreRecorded score,
          const Amends& amends) {
  const bool named = m.command.envelope.at.has_value();
  const Instant at =
      amends.response_seq != 0 && !named ? amends.at : m.fact_at();
  score.instrument = received.instrument;
  if (amends.over) score.episode = amends.episode;
  Kept kept;
  kept.risk = score.risk;
  kept.seq = m.EmitAt(std::move(received), at);
  score.response_seq = kept.seq;
  m.EmitAt(std::move(score), at);
  return kept;
}

// What says it now was answered later than the response that came in.
bool IsSaidLater(const CaseState& state, FactId fact, uint64_t response_seq) {
  const ScoreState* score = state.ScoreOf(response_seq);
  for (const FactState& known : state.facts) {
    if (known.fact != fact || known.response_seq == 0 || score == nullptr) {
      continue;
    }
    const ScoreState* said = state.ScoreOf(known.response_seq);
    return said != nullptr && !said->is_void && IsLater(*said, *score);
  }
  return false;
}

// What a person has recorded stands, whatever an amendment of older answers
// says.
const FactState* RecordedByPerson(const CaseState& state, FactId fact) {
  for (const FactState& known : state.facts) {
    if (known.fact == fact) return known.response_seq == 0 ? &known : nullptr;
  }
  return nullptr;
}

// A fact that stands on the answer which is amended stands on the amendment
// from here on; when that does not say it, it is not known any more. Answers of
// an episode that is over say nothing else about the present one.
void TakeFacts(Macrostep& m, const SubmitResponse& c,
               const instruments::Instrument& instrument, const Amends& amends,
               uint64_t response_seq) {
  std::string taken_back, contradicted;
  for (size_t i = 0; i < m.protocol.facts.size(); ++i) {
    const protocol::Fact& fact = m.protocol.facts[i];
    if (fact.instrument != c.instrument) continue;
    const FactId id(static_cast<uint16_t>(i));
    const auto known = std::find_if(
        m.state.facts.begin(), m.state.facts.end(), [&](const FactState& f) {
          return f.fact == id && amends.response_seq != 0 &&
                 f.response_seq == amends.response_seq;
        });
    const bool amended = known != m.state.facts.end();
    const std::optional<FactValue> said = SaidOf(fact, c, instrument);
    const FactState* recorded =
        amends.response_seq == 0 ? nullptr : RecordedByPerson(m.state, id);
    if (recorded != nullptr) {
      if (said && recorded->value != *said) {
        absl::StrAppend(&contradicted, "; ", fact.id);
      }
      continue;
    }
    if (amended && (!said || known->value == *said)) {
      const bool news = known->value != said.value_or(FactValue());
      m.Emit(FactRecorded{id, said.value_or(FactValue()), response_seq});
      if (!news) continue;
      m.FollowFact(id);
      absl::StrAppend(&taken_back, "; ", fact.id);
    } else if (said && (amended || !amends.over) &&
               !IsSaidLater(m.state, id, response_seq)) {
      m.SetFact(id, *said, response_seq);
    }
  }
  if (!taken_back.empty()) {
    m.OpenReview("an amendment took back what was known of the patient",
                 taken_back);
  }
  if (!contradicted.empty()) {
    m.OpenReview("an amendment says otherwise than what a person has recorded",
                 contradicted);
  }
}

void OpenOnce(Macrostep& m, ElementId element, std::string note) {
  if (element.IsNone() || m.OpenItemOf(element) >= 0) return;
  const bool for_patient = m.OwnerFor(m.protocol.at(element)).IsPatient();
  if (!(m.state.died_at && for_patient)) {
    m.OpenItem(element, std::move(note));
  }
}

// What could not be read is in the answers, or in a member beside them, which
// says so by its pointer ("/occurrence: ...").
void AskAboutMisfit(Macrostep& m, const SubmitResponse& c,
                    const std::string& instrument, bool out_of_range) {
  std::vector<std::string> members;
  bool answers = out_of_range;
  for (const std::string& problem : c.problems) {
    std::string pointer = problem.substr(0, problem.find(": "));
    if (!pointer.starts_with("/") || pointer.starts_with("/answers")) {
      answers = true;
    } else if (!Contains(members, pointer)) {
      members.push_back(std::move(pointer));
    }
  }
  const std::string response =
      absl::StrCat("response ", c.response_id, " to ", instrument);
  const std::string beside = absl::StrJoin(members, " ");
  if (answers) {
    m.OpenReview(absl::StrCat(response, " has answers that do not fit"),
                 beside.empty() ? "" : absl::StrCat("; nor does: ", beside));
  } else if (!members.empty()) {
    m.OpenReview(
        absl::StrCat("of ", response, " not all was understood: ", beside));
  }
}

// A screen puts its alert into a tier: the first true rule wins, an unknown
// one before it leaves the alert where it is.
void ApplyScreen(Macrostep& m, uint64_t response_seq) {
  GuardEvaluator guards(m.protocol, m.state, m.now);
  TierId tier;
  for (const protocol::ScreenRule& rule : m.protocol.risk.screen_rules) {
    const fhirpath::Tri truth = guards.Evaluate(rule.guard);
    if (truth == fhirpath::Tri::kFalse) continue;
    if (truth == fhirpath::Tri::kTrue ||
        rule.guard.on_unknown == protocol::OnUnknown::kRaise) {
      tier = rule.tier;
    }
    break;
  }
  if (tier.IsNone()) return;
  for (uint32_t i = 0; i < m.state.alerts.size(); ++i) {
    const AlertState& alert = m.state.alerts[i];
    if (alert.tier == m.protocol.risk.unscreened &&
        alert.stage != AlertStage::kClosed) {
      if (tier != alert.tier) m.RetierAlert(i, tier);
      return;
    }
  }
  // A screen that nobody asked for still discloses what it discloses.
  m.RaiseAlert(tier, response_seq);
}

void WatchRisk(Macrostep& m, const SubmitResponse& c,
               const instruments::Instrument& instrument, Answer3 risk,
               uint64_t response_seq) {
  const protocol::RiskPolicy& policy = m.protocol.risk;
  if (policy.tiers.empty()) return;
  if (c.instrument == policy.screen) {
    ApplyScreen(m, response_seq);
    if (HasOpenAlert(m.state)) m.show_now = policy.show_now;
    return;
  }
  if (risk == Answer3::kYes) {
    m.RaiseAlert(policy.unscreened, response_seq);
    OpenOnce(m, policy.screen_element, "");
    m.show_now = policy.show_now;
  } else if (risk == Answer3::kUnknown) {
    OpenOnce(m, policy.missing_element,
             absl::StrCat("a risk item of ", instrument.id(),
                          " was not answered readably"));
  }
}

// The patient works on a program: what comes every week beside it does not.
void TellActive(Macrostep& m, int64_t item) {
  if (item < 0) return;
  const ElementId id = m.state.items[static_cast<size_t>(item)].key.element;
  const ProgramRef program = m.protocol.at(id).program;
  if (!program.IsNone()) m.Raise(TriggerKind::kProgramActive, program.value);
}

// Whoever was asked is still to answer; what the patient discloses is heard all
// the same.
void KeepForAnother(Macrostep& m, const SubmitResponse& c,
                    const instruments::Instrument& instrument, Answer3 risk,
                    uint64_t response_seq) {
  WatchRisk(m, c, instrument, risk, response_seq);
  m.OpenReview(absl::StrCat("answers to ", instrument.id(),
                            " came from the patient, and somebody related was "
                            "asked"));
  m.Raise(TriggerKind::kPatientActive);
}

// What was asked is done. Where nothing is open and it says what it answers,
// that was too early, or too late.
void Finish(Macrostep& m, const SubmitResponse& c, int64_t item,
            ResponseFit fit) {
  if (item >= 0) {
    m.FinishItem(static_cast<uint32_t>(item), {}, std::nullopt);
  } else if (fit == ResponseFit::kUnasked && !c.element.IsNone() &&
             m.protocol.at(c.element).instrument == c.instrument) {
    m.AnswerWindow(c.element, UINT32_MAX, /*skipped=*/false);
  }
}

}  // namespace

void Handle(Macrostep& m, const SubmitResponse& c) {
  ResponseReceived received;
  received.response_id = IdFor(m, c);
  received.instrument = c.instrument;
  received.answers = c.answers;
  received.language = c.language;
  received.raw_key = c.raw_key;
  received.problems = c.problems;
  if (c.instrument.IsNone()) {
    received.fit = ResponseFit::kUnreadable;
    m.Emit(std::move(received));
    m.OpenReview(absl::StrCat("response ", c.response_id,
                              " is to no questionnaire of this protocol"));
    m.Raise(TriggerKind::kPatientActive);
    return;
  }
  const ResponseState* earlier = received.response_id.empty()
                                     ? nullptr
                                     : Given(m.state, received.response_id);
  const Amends amends = AmendsOf(m.state, earlier);
  int64_t item = -1;
  if (amends.response_seq != 0) {
    received.fit = ResponseFit::kAmendment;
    received.item = earlier->item;
  } else {
    item = ItemFor(m, c);
    received.fit = item >= 0 ? ResponseFit::kItem : ResponseFit::kUnasked;
    if (item >= 0) received.item = static_cast<uint32_t>(item);
  }
  const bool theirs = IsTheirs(m, int64_t{received.item});
  if (!theirs) {
    // It says nothing in the name of whoever was asked, and takes no answer of
    // theirs back.
    received.fit = ResponseFit::kUnreadable;
    if (!received.response_id.empty()) received.response_id += "/patient";
    received.item = UINT32_MAX;
    received.instrument = InstrumentRef();
  }
  const instruments::Instrument& instrument =
      *m.protocol.at(c.instrument).instrument;
  const instruments::Answers answers = ReadAnswers(instrument, c.answers);
  const instruments::ScoreResult result = instruments::Score(
      instrument, answers.view(), ContextOf(m.protocol, m.state, m.now));

  const ResponseFit fit = received.fit;
  ScoreRecorded score = ScoreOf(instrument, result);
  if (!theirs) {
    const uint64_t seq = m.Emit(std::move(received));
    KeepForAnother(m, c, instrument, score.risk, seq);
    return;
  }
  const Kept kept = Keep(m, std::move(received), std::move(score), amends);
  TakeFacts(m, c, instrument, amends, kept.seq);
  WatchRisk(m, c, instrument, kept.risk, kept.seq);
  AskAboutMisfit(m, c, instrument.id(), !result.out_of_range.empty());
  Finish(m, c, item, fit);
  if (amends.over) {
    m.OpenReview("an answer of an episode that is over was amended",
                 absl::StrCat("; ", instrument.id()));
  } else {
    m.Raise(TriggerKind::kResponse, c.instrument.value);
  }
  TellActive(m, item);
  m.Raise(TriggerKind::kPatientActive);
}

namespace {

// What is told again as it was is no news.
void TellProgress(Macrostep& m, const PatientItem& c, uint32_t ordinal) {
  const ItemState& item = m.state.items[ordinal];
  ItemProgressed progressed{ordinal, c.percent, c.seconds};
  if (item.percent == progressed.percent) progressed.percent.reset();
  if (item.seconds == progressed.seconds) progressed.seconds.reset();
  if (progressed.percent || progressed.seconds) m.Emit(progressed);
}

// What could not be read is kept, and somebody looks at it. The same members
// are asked about once as long as nobody has looked.
void KeepUnread(Macrostep& m, const char* verb, const Unread& unread) {
  constexpr size_t kNamed = 8;
  if (unread.members.empty()) return;
  std::string topic = absl::StrCat("not all of ", verb, " was understood:");
  for (size_t i = 0; i < unread.members.size(); ++i) {
    if (i == kNamed) {
      absl::StrAppend(&topic, " and more");
      break;
    }
    absl::StrAppend(&topic, " ", unread.members[i].pointer);
  }
  m.Emit(InputKept{unread.members, unread.problems, unread.raw_key});
  m.OpenReview(std::move(topic));
}

std::string DraftKey(const Macrostep& m) {
  return IdToText(
      DeriveId("draft", m.command.envelope.command_id,
               absl::StrCat(m.state.id.value, "/", m.state.version + 1)));
}

void SaveDraft(Macrostep& m, const std::string& text, uint32_t ordinal) {
  if (text.empty()) {
    m.EndDraft(ordinal, DraftEnd::kThrownAway);
    return;
  }
  const DraftState* before = m.state.DraftOf(ordinal);
  m.Emit(ItemDrafted{ordinal, DraftKey(m),
                     before == nullptr ? std::string() : before->key});
}

// A draft of what is not open, or is handed in with it. It is nobody's to read,
// and yet it is not lost.
void KeepDraft(Macrostep& m) {
  m.Emit(InputKept{
      {},
      {"/draft: the item takes no draft now: it is kept, and nobody is shown "
       "it"},
      DraftKey(m)});
}

}  // namespace

void Handle(Macrostep& m, const PatientItem& c) {
  int64_t item = c.element.IsNone() ? -1 : m.OpenItemOf(c.element);
  if (item < 0 && !c.element.IsNone() && m.IsOffered(c.element)) {
    item = m.OpenItem(c.element);
  }
  const bool theirs =
      item >= 0 && IsTheirs(m, item) &&
      m.state.items[static_cast<size_t>(item)].owner.IsPatient();
  const uint32_t ordinal = static_cast<uint32_t>(item);
  // A questionnaire is done by its answers, and by nothing else.
  const bool done =
      c.done && theirs &&
      (m.protocol.at(c.element).kind == protocol::ItemKind::kModule ||
       m.protocol.at(c.element).kind == protocol::ItemKind::kTask);
  KeepUnread(m, PatientItem::kVerb, c.unread);
  if (theirs && !done &&
      m.state.items[ordinal].status == ItemStatus::kAvailable) {
    m.Emit(ItemStarted{ordinal});
  }
  if (theirs) TellProgress(m, c, ordinal);
  if (c.draft && theirs && !done) {
    SaveDraft(m, *c.draft, ordinal);
  } else if (c.draft && !c.draft->empty()) {
    KeepDraft(m);
  }
  if (done) m.FinishItem(ordinal, {}, std::nullopt);
  if (!theirs) {
    m.OpenReview(absl::StrCat(
        "the patient ", c.done ? "handed in " : "opened ",
        c.element.IsNone() ? c.name : m.protocol.at(c.element).id,
        item < 0 ? ", which is not open" : ", which is not asked of them"));
  } else {
    TellActive(m, item);
  }
  m.Raise(TriggerKind::kPatientActive);
}

namespace {

// The id under which the message is kept: the one given, unless another message
// has it.
std::string FreeMessageId(CaseState& state, const std::string& given) {
  std::string id = given;
  for (size_t n = state.messages.size(); !given.empty() && state.HasMessage(id);
       ++n) {
    id = absl::StrCat(given, "/", n);
  }
  return id;
}

}  // namespace

void Handle(Macrostep& m, const ReceiveMessage& c) {
  // The same message again changes nothing; another text under a used id is
  // another message.
  const size_t begin =
      m.state.message_ids.Begin(m.state.messages, c.message_id);
  if (m.state.Received(c.message_id, c.body_key, begin) == nullptr) {
    MessageReceived received;
    received.message_id = FreeMessageId(m.state, c.message_id);
    received.thread = c.thread;
    received.body_key = c.body_key;
    received.owner = m.CaseOwner();
    received.due = m.DueOf(m.protocol.reply_clock, m.due_now);
    const uint32_t ordinal = static_cast<uint32_t>(m.state.messages.size());
    m.Emit(std::move(received));
    const Subject subject = {SubjectKind::kMessage, ordinal};
    m.StartClock(m.protocol.reply_clock, subject, m.due_now);
    m.Raise(TriggerKind::kMessageReceived, 0xFFFF, {}, subject);
  }
  KeepUnread(m, ReceiveMessage::kVerb, c.unread);
  m.Raise(TriggerKind::kPatientActive);
}

// Taken of anybody, in whatever state the case is: who sees a risk is not
// asked first whether the tier is spelt as the protocol spells it.
void Handle(Macrostep& m, const FlagRisk& c) {
  const protocol::RiskPolicy& policy = m.protocol.risk;
  TierId tier = m.protocol.FindTier(c.tier);
  if (tier.IsNone()) tier = policy.unscreened;
  m.Emit(RiskFlagged{c.source, c.tier, tier});
  const uint64_t flag_seq = m.state.version;
  if (tier.IsNone()) {
    m.OpenReview(
        absl::StrCat("a possible risk in ", c.source, ": look at it now"));
    return;
  }
  m.RaiseAlert(tier, 0, flag_seq);
  if (tier == policy.unscreened) OpenOnce(m, policy.screen_element, "");
  const bool by_patient = m.command.envelope.actor.role == Role::kPatient;
  if (by_patient) m.show_now = policy.show_now;
}

}  // namespace stepwell::engine
