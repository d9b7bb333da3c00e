// Every leaf input of every protective guard of every shipped protocol, taken
// away: what is not known never clears anybody in silence. Three kinds of guard
// protect: those of decisions by data, those that re-tier an alert, and the
// risk items that instruments scan for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/case_support.h"
#include "engine/decisions.h"
#include "engine/explain.h"
#include "protocol/decisions.h"
#include "support/shared_data.h"

namespace stepwell::engine {
namespace {

using protocol::Element;
using protocol::Guard;
using Path = std::vector<std::string>;

struct Shipped {
  std::string name, text;
};

void PrintTo(const Shipped& shipped, std::ostream* out) {
  *out << shipped.name;
}

// The catalogue, and the test protocol that has a table of each kind.
std::vector<Shipped> AllProtocols() {
  std::vector<Shipped> all;
  for (const CatalogueFile& file : ListCatalogue("protocols/")) {
    const std::string path(file.path);
    const size_t slash = path.rfind('/') + 1;
    all.push_back(
        {path.substr(slash, path.rfind('.') - slash), std::string(file.text)});
  }
  all.push_back({"decisions",
                 testing::ReadFileText(absl::StrCat(
                     STEPWELL_SOURCE_DIR, "/tests/protocols/decisions.json"))});
  return all;
}

class UnknownLeafTest : public ::testing::TestWithParam<Shipped> {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        auto loaded,
        protocol::LoadProtocol(GetParam().text, protocol::BuiltInCatalogue()));
    protocol_ = loaded.protocol;
    ASSERT_NE(protocol_, nullptr);
    now_ = *ParseInstant("2026-03-02T09:00:00Z");
    ReceiveReferral referral;
    referral.person = PersonId(1);
    referral.referral.id = ReferralId(1);
    referral.referral.route = protocol::RouteId(0);
    referral.referral.received_at = now_;
    referral.referral.wait_from = now_;
    state_ = Do({}, Role::kIntegration, referral);
  }

  // The state after the command; its events are in `events_`.
  CaseState Do(const CaseState& before, Role role, CommandBody body) {
    Command command;
    command.case_id = CaseId(7);
    command.envelope.command_id = absl::StrCat("c", ++commands_);
    command.envelope.actor.role = role;
    command.envelope.reason = "test";
    command.body = std::move(body);
    auto outcome =
        Decide(*protocol_, before, EmptyWorld(), command, now_, events_);
    EXPECT_OK(outcome);
    if (!outcome.ok()) return before;
    EXPECT_FALSE(outcome->rejection) << outcome->rejection->code;
    events_ = outcome->events;
    return outcome->state;
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  CaseState state_;
  std::vector<Event> events_;
  Instant now_;
  int commands_ = 0;
};

// --- decisions by data

// A value that a leaf may have, as guards see it.
struct LeafValue {
  FactValue::Kind kind = FactValue::Kind::kInteger;
  int64_t number = 0;
};

// Puts the value into the state, or takes it out of it when there is none.
// False for a leaf that is never missing, or that this test cannot set.
bool Put(const protocol::Protocol& protocol, const Path& path,
         const std::optional<LeafValue>& value, CaseState& state) {
  const auto drop = [](auto& list, const auto& is) {
    list.erase(std::remove_if(list.begin(), list.end(), is), list.end());
  };
  if (path[0] == "facts") {
    const protocol::FactId fact = protocol.FindFact(path[1]);
    drop(state.facts, [&](const FactState& f) { return f.fact == fact; });
    if (!value) return true;
    FactState known{fact, {protocol.at(fact).kind, value->number, ""}, 1};
    state.facts.push_back(known);
    return true;
  }
  if (path[0] == "consents") {
    const protocol::PurposeId purpose = protocol.FindPurpose(path[1]);
    drop(state.consents,
         [&](const ConsentState& c) { return c.purpose == purpose; });
    if (!value) return true;
    state.consents.push_back({purpose, value->number != 0, {}});
    // Whoever decides, by whatever age, has said it.
    const std::string& guardian =
        protocol.purpose_rules[purpose.value].guardian;
    if (guardian.empty()) return true;
    state.consents.push_back(state.consents.back());
    state.consents.back().by = guardian;
    return true;
  }
  if (path[0] == "contacts") {
    drop(state.related,
         [&](const RelatedState& r) { return r.role == path[1]; });
    if (value) state.related.push_back({PersonId(7), path[1], {}, {}});
    return true;
  }
  const protocol::InstrumentRef instrument = protocol.FindInstrument(path[0]);
  if (instrument.IsNone()) return false;
  if (path.size() == 2 && path[1] == "score") {
    drop(state.scores,
         [&](const ScoreState& s) { return s.instrument == instrument; });
    if (!value) return true;
    ScoreState score;
    score.instrument = instrument;
    score.episode = state.episode();
    score.score = Ratio{value->number, 1};
    state.scores.push_back(score);
    return true;
  }
  if (path.size() == 3 && path[1] == "answers") {
    const auto item = protocol.at(instrument).instrument->FindItem(path[2]);
    for (AnswersState& answers : state.answers) {
      if (answers.instrument != instrument) continue;
      drop(answers.answers,
           [&](const GivenAnswer& a) { return a.item == *item; });
      if (value) answers.answers.push_back({*item, value->number, "", ""});
      return true;
    }
    if (value) {
      state.answers.push_back(
          {instrument, 1, {{*item, value->number, "", ""}}});
    }
    return true;
  }
  return false;
}

// Numbers around those that the guards compare with; truths are 0 and 1.
std::vector<LeafValue> ValuesOf(const std::vector<const Guard*>& guards) {
  std::set<int64_t> numbers = {0, 1};
  for (const Guard* guard : guards) {
    int64_t number = -1;
    for (const char c : guard->text + " ") {
      if (c >= '0' && c <= '9') {
        number = (number < 0 ? 0 : number) * 10 + (c - '0');
      } else if (number >= 0) {
        numbers.insert({number - 1, number, number + 1});
        number = -1;
      }
    }
  }
  std::vector<LeafValue> values;
  for (const int64_t number : numbers) {
    if (number >= 0) values.push_back({FactValue::Kind::kInteger, number});
  }
  return values;
}

std::vector<const Guard*> GuardsOf(const Element& element) {
  std::vector<const Guard*> guards;
  for (const auto& criterion : element.criteria) {
    guards.push_back(&criterion.guard);
  }
  if (element.table != nullptr) {
    for (const auto& rule : element.table->rules) guards.push_back(&rule.guard);
  }
  return guards;
}

std::vector<Path> LeavesOf(const std::vector<const Guard*>& guards) {
  std::set<Path> paths;
  for (const Guard* guard : guards) {
    for (const Path& path : guard->program->reads()) paths.insert(path);
  }
  return {paths.begin(), paths.end()};
}

// What clears somebody: eligible, or the rest of a table.
OutcomeId Cleared(const Element& element) {
  return element.table != nullptr ? element.table->otherwise[0]
                                  : protocol::kEligible;
}

class DecisionLeaf : public UnknownLeafTest {
 protected:
  OutcomeId Weigh(const CaseState& state, protocol::ElementId id) {
    GuardEvaluator guards(*protocol_, state, now_);
    return WeighDecision(*protocol_, state, guards, id, now_).decision.outcome;
  }

  // A state in which the decision clears, every leaf of it being known: the
  // values are tried one after the other, leaf by leaf.
  bool FindCleared(protocol::ElementId id, const std::vector<Path>& leaves,
                   const std::vector<LeafValue>& values, size_t at,
                   CaseState& state) {
    if (at == leaves.size()) {
      return Weigh(state, id) == Cleared(protocol_->at(id));
    }
    if (!Put(*protocol_, leaves[at], std::nullopt, state)) {
      return FindCleared(id, leaves, values, at + 1, state);
    }
    for (const LeafValue& value : values) {
      Put(*protocol_, leaves[at], value, state);
      // Once a rule speaks against it no further value helps.
      const OutcomeId so_far = Weigh(state, id);
      if (so_far != protocol::kUndetermined &&
          so_far != Cleared(protocol_->at(id)) &&
          protocol_->at(id).table == nullptr) {
        continue;
      }
      if (FindCleared(id, leaves, values, at + 1, state)) return true;
    }
    Put(*protocol_, leaves[at], std::nullopt, state);
    return false;
  }

  // The item of the decision is open, in its phase.
  CaseState WithOpen(protocol::ElementId id) const {
    CaseState state = state_;
    const Element& element = protocol_->at(id);
    if (!element.phase.IsNone()) {
      state.tracks[protocol_->at(element.phase).track.value].phase =
          element.phase;
    }
    ItemState item;
    item.key = {id, state.episode(), 1};
    item.owner = {OwnerKind::kPool, element.pool, {}};
    item.opened_at = now_;
    state.items.push_back(item);
    return state;
  }

  // Anything that happens makes the case look again.
  std::vector<DecisionRecorded> Decided(const CaseState& state,
                                        protocol::ElementId id,
                                        CaseState* after) {
    events_.clear();
    *after = Do(state, Role::kPatient,
                ReceiveMessage{absl::StrCat("m", commands_), "", ""});
    std::vector<DecisionRecorded> found;
    for (const Event& event : events_) {
      const auto* decision = std::get_if<DecisionRecorded>(&event.body);
      if (decision != nullptr && decision->element == id) {
        found.push_back(*decision);
      }
    }
    return found;
  }

  // True when no value of the leaf could change what it comes to.
  bool IsIrrelevant(const CaseState& state, protocol::ElementId id,
                    const Path& leaf, const std::vector<LeafValue>& values) {
    return std::all_of(values.begin(), values.end(),
                       [&](const LeafValue& value) {
                         CaseState with = state;
                         Put(*protocol_, leaf, value, with);
                         return Weigh(with, id) == Cleared(protocol_->at(id));
                       });
  }

  // The decision, live, without the leaf.
  void ExpectNotCleared(const CaseState& state, protocol::ElementId id,
                        const Path& leaf) {
    const Element& element = protocol_->at(id);
    const std::string name = absl::StrJoin(leaf, ".");
    CaseState after;
    const auto decided = Decided(state, id, &after);
    ASSERT_FALSE(decided.empty());
    EXPECT_THAT(decided[0].inputs,
                ::testing::Contains(absl::StrCat(name, " = unknown")));
    EXPECT_NE(decided[0].outcome, Cleared(element));
    if (decided[0].outcome != protocol::kUndetermined) return;  // it protects
    // It waits, and not in silence: somebody owns it and can see why, and is
    // asked where the document says so.
    const ItemState* item = LatestItem(*protocol_, after, id);
    ASSERT_TRUE(item != nullptr && IsOpen(item->status));
    EXPECT_FALSE(item->owner.IsNobody());
    EXPECT_FALSE(item->owner.IsPatient());
    const auto told = ExplainItem(*protocol_, after, id, now_);
    EXPECT_THAT(absl::StrJoin(told.reasons, "\n"),
                ::testing::HasSubstr(absl::StrCat(name, " = unknown")));
    GuardEvaluator guards(*protocol_, state, now_);
    if (!WeighDecision(*protocol_, state, guards, id, now_).ask) return;
    const ItemState* asked = LatestItem(*protocol_, after, element.question);
    ASSERT_TRUE(asked != nullptr && IsOpen(asked->status)) << name;
    EXPECT_THAT(asked->note, ::testing::HasSubstr(name));
  }
};

TEST_P(DecisionLeaf, NeverClearsInSilence) {
  size_t tried = 0;
  for (uint16_t i = 0; i < protocol_->elements.size(); ++i) {
    const protocol::ElementId id(i);
    const Element& element = protocol_->at(id);
    if (!element.by_data || GuardsOf(element).empty()) continue;
    if (element.predict != nullptr) continue;  // their colours: scenarios
    const auto guards = GuardsOf(element);
    const auto leaves = LeavesOf(guards);
    const auto values = ValuesOf(guards);
    CaseState good = WithOpen(id);
    ASSERT_TRUE(FindCleared(id, leaves, values, 0, good)) << element.id;
    CaseState after;
    const auto decided = Decided(good, id, &after);
    ASSERT_FALSE(decided.empty()) << element.id;
    EXPECT_EQ(decided[0].outcome, Cleared(element));
    for (const Path& leaf : leaves) {
      SCOPED_TRACE(
          absl::StrCat(element.id, " without ", absl::StrJoin(leaf, ".")));
      CaseState without = good;
      ASSERT_TRUE(Put(*protocol_, leaf, std::nullopt, without))
          << "a leaf of a new kind: teach this test to take it away";
      ++tried;
      if (IsIrrelevant(good, id, leaf, values)) continue;
      ExpectNotCleared(without, id, leaf);
    }
  }
  RecordProperty("leaves", static_cast<int>(tried));
  const std::string& name = GetParam().name;
  const size_t least = name == "icbt_scotland" || name == "decisions" ? 4
                       : name.starts_with("icbt")                     ? 5
                                                                      : 0;
  EXPECT_GE(tried, least);
}

// --- risk

class RiskLeaf : public UnknownLeafTest {
 protected:
  // All items answered with the least or the most that they allow.
  static std::vector<GivenAnswer> AllAnswers(
      const instruments::Instrument& instrument, bool most) {
    std::vector<GivenAnswer> answers;
    for (uint16_t i = 0; i < instrument.items().size(); ++i) {
      const auto& item = instrument.items()[i];
      if (item.kind == instruments::ItemKind::kText) continue;
      int64_t number = 0;
      if (most) number = item.kind == instruments::ItemKind::kBoolean ? 1 : 3;
      answers.push_back({i, number, "", ""});
    }
    return answers;
  }

  CaseState Answer(const CaseState& before, protocol::InstrumentRef instrument,
                   std::vector<GivenAnswer> answers) {
    SubmitResponse response;
    response.response_id = absl::StrCat("r", ++commands_);
    response.instrument = instrument;
    response.answers = std::move(answers);
    return Do(before, Role::kPatient, response);
  }

  // Somebody owns an open alert, or is asked about risk.
  bool SomebodyLooks(const CaseState& state) const {
    const bool alerted = std::any_of(
        state.alerts.begin(), state.alerts.end(), [](const AlertState& alert) {
          return alert.stage != AlertStage::kClosed && !alert.owner.IsNobody();
        });
    const protocol::ElementId asks = protocol_->risk.missing_element;
    const ItemState* item =
        asks.IsNone() ? nullptr : LatestItem(*protocol_, state, asks);
    return alerted || (item != nullptr && IsOpen(item->status) &&
                       !item->owner.IsNobody() && !item->owner.IsPatient());
  }
};

TEST_P(RiskLeaf, AnUnansweredRiskItemIsNotANo) {
  for (uint16_t i = 0; i < protocol_->instruments.size(); ++i) {
    const protocol::InstrumentRef ref(i);
    const auto& instrument = *protocol_->at(ref).instrument;
    if (instrument.risk_markers().empty()) continue;
    const auto none = AllAnswers(instrument, false);
    EXPECT_FALSE(SomebodyLooks(Answer(state_, ref, none)))
        << instrument.id() << ": answered with no, nobody need look";
    std::set<uint16_t> read;
    for (const auto& marker : instrument.risk_markers()) {
      read.insert(marker.item);
    }
    for (const uint16_t item : read) {
      auto answers = none;
      std::erase_if(answers,
                    [&](const GivenAnswer& a) { return a.item == item; });
      EXPECT_TRUE(SomebodyLooks(Answer(state_, ref, answers)))
          << protocol_->at(ref).name << " without "
          << instrument.items()[item].id;
    }
  }
}

TEST_P(RiskLeaf, AnAlertIsNotEasedByAnUnansweredScreen) {
  const protocol::RiskPolicy& risk = protocol_->risk;
  if (risk.screen.IsNone()) GTEST_SKIP() << "no screen";
  const auto& screen = *protocol_->at(risk.screen).instrument;
  CaseState alerted = state_;
  for (uint16_t i = 0; i < protocol_->instruments.size(); ++i) {
    const auto& instrument = *protocol_->instruments[i].instrument;
    if (instrument.risk_markers().empty() || instrument.id() == screen.id()) {
      continue;
    }
    alerted = Answer(state_, protocol::InstrumentRef(i),
                     AllAnswers(instrument, true));
    break;
  }
  // Where no form discloses risk, the screen that somebody hands out does.
  if (!HasOpenAlert(alerted)) {
    alerted = Answer(state_, risk.screen, AllAnswers(screen, true));
  }
  ASSERT_TRUE(HasOpenAlert(alerted));
  const auto severity = [&](const CaseState& state) {
    int worst = -1;
    for (const AlertState& alert : state.alerts) {
      if (alert.stage == AlertStage::kClosed) continue;
      worst = std::max(worst, protocol_->at(alert.tier).severity);
    }
    return worst;
  };
  const auto full = AllAnswers(screen, true);
  const int at_risk = severity(Answer(alerted, risk.screen, full));
  for (const GivenAnswer& leaf : full) {
    auto answers = full;
    std::erase_if(answers,
                  [&](const GivenAnswer& a) { return a.item == leaf.item; });
    const CaseState after = Answer(alerted, risk.screen, answers);
    EXPECT_TRUE(HasOpenAlert(after));
    EXPECT_GE(severity(after), std::min(at_risk, severity(alerted)))
        << "without " << screen.items()[leaf.item].id;
  }
  // Nothing answered at all: the tier itself is the leaf, and it is missing.
  const CaseState silent = Answer(alerted, risk.screen, {});
  EXPECT_TRUE(HasOpenAlert(silent));
  EXPECT_GE(severity(silent), severity(alerted));
}

// Rules that raise an alert or end care: `tried` of a protocol may be none, but
// no guard of one may say nothing of what is not known.
TEST_P(RiskLeaf, SafetyRulesSayWhatUnknownDoes) {
  for (const protocol::Rule& rule : protocol_->rules) {
    const bool ends = std::any_of(
        rule.actions.begin(), rule.actions.end(),
        [](const protocol::Action& action) {
          return action.kind == protocol::ActionKind::kCloseCase ||
                 action.kind == protocol::ActionKind::kAnswerReferrals;
        });
    if (!ends || rule.guard.program == nullptr) continue;
    EXPECT_NE(rule.guard.on_unknown, protocol::OnUnknown::kRaise)
        << rule.id << " ends care when it is not known whether it should";
  }
}

std::string Name(const ::testing::TestParamInfo<Shipped>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(All, DecisionLeaf, ::testing::ValuesIn(AllProtocols()),
                         Name);
INSTANTIATE_TEST_SUITE_P(All, RiskLeaf, ::testing::ValuesIn(AllProtocols()),
                         Name);

}  // namespace
}  // namespace stepwell::engine
