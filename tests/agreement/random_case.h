// Cases of any content under a protocol, for tests and benchmarks that look at
// the case view and not at how a case came to be.
#ifndef STEPWELL_TESTS_AGREEMENT_RANDOM_CASE_H_
#define STEPWELL_TESTS_AGREEMENT_RANDOM_CASE_H_

#include <algorithm>
#include <cstdint>
#include <random>

#include "engine/state.h"
#include "protocol/protocol.h"

namespace stepwell {

class RandomCase {
 public:
  RandomCase(const protocol::Protocol& protocol, uint32_t seed)
      : protocol_(protocol), random_(seed) {}

  // Every part of the view is sometimes there and sometimes not.
  engine::CaseState Make() {
    engine::CaseState state;
    state.episodes.resize(1 + Below(2));
    AddFacts(&state);
    AddWork(&state);
    AddMeasures(&state);
    AddCare(&state);
    return state;
  }

 private:
  size_t Below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  bool Chance(int percent) { return Below(100) < static_cast<size_t>(percent); }
  uint16_t Symbol(size_t size) { return static_cast<uint16_t>(Below(size)); }
  Instant Time() {
    return Instant{1'700'000'000'000'000} +
           Seconds(static_cast<int64_t>(Below(100'000'000)));
  }

  void AddFacts(engine::CaseState* state) {
    using Kind = protocol::FactValue::Kind;
    static constexpr const char* kTexts[] = {"gp", "self", "f", "m", "x", ""};
    for (uint16_t i = 0; i < protocol_.facts.size(); ++i) {
      if (Chance(30)) continue;
      engine::FactState fact;
      fact.fact = protocol::FactId(i);
      fact.value.kind = protocol_.facts[i].kind;
      switch (fact.value.kind) {
        case Kind::kBoolean:
          fact.value.number = Chance(50);
          break;
        case Kind::kInteger:
          fact.value.number = static_cast<int64_t>(Below(100));
          break;
        case Kind::kText:
          fact.value.text = kTexts[Below(std::size(kTexts))];
          break;
        case Kind::kDate:
          fact.value.number = static_cast<int64_t>(Below(30'000)) - 10'000;
          break;
        case Kind::kNone:
          break;
      }
      state->facts.push_back(fact);
    }
  }

  void AddWork(engine::CaseState* state) {
    for (uint16_t i = 0; i < protocol_.tracks.size(); ++i) {
      engine::TrackState track;
      for (uint16_t p = 0; p < protocol_.phases.size(); ++p) {
        const bool first = track.phase.IsNone();
        if (protocol_.phases[p].track.value != i) continue;
        if (first || Chance(40)) track.phase = protocol::PhaseId(p);
      }
      state->tracks.push_back(track);
    }
    for (uint16_t i = 0; i < protocol_.elements.size(); ++i) {
      for (size_t n = Below(3); n > 0; --n) {
        engine::ItemState item;
        item.key.element = protocol::ElementId(i);
        item.key.episode = static_cast<uint16_t>(1 + Below(2));
        item.status = static_cast<engine::ItemStatus>(1 + Below(6));
        if (!protocol_.outcomes.empty() && Chance(50)) {
          item.outcome = protocol::OutcomeId(Symbol(protocol_.outcomes.size()));
        }
        state->items.push_back(item);
      }
    }
    for (uint16_t i = 0; i < protocol_.clocks.size(); ++i) {
      if (Chance(70)) continue;
      engine::ClockState clock;
      clock.def = protocol::ClockDefId(i);
      state->clocks.push_back(clock);
    }
  }

  void AddMeasures(engine::CaseState* state) {
    for (uint16_t i = 0; i < protocol_.instruments.size(); ++i) {
      const auto& instrument = *protocol_.instruments[i].instrument;
      for (size_t n = Below(4); n > 0; --n) {
        engine::ScoreState score;
        score.instrument = protocol::InstrumentRef(i);
        score.episode = static_cast<uint16_t>(1 + Below(2));
        score.at = Time();
        score.is_void = Chance(10);
        score.risk = static_cast<engine::Answer3>(Below(3));
        if (Chance(80)) {
          score.score = engine::Ratio{static_cast<int64_t>(Below(28)),
                                      static_cast<int64_t>(1 + Below(3))};
        }
        if (Chance(70)) score.band = static_cast<uint8_t>(Below(5));
        if (Chance(50)) score.tier = static_cast<uint8_t>(Below(3));
        state->scores.push_back(score);
      }
      if (Chance(40)) continue;
      engine::AnswersState answers;
      answers.instrument = protocol::InstrumentRef(i);
      for (uint16_t item = 0; item < instrument.items().size(); ++item) {
        if (Chance(20)) continue;
        engine::GivenAnswer answer;
        answer.item = item;
        if (Chance(90)) answer.number = static_cast<int64_t>(Below(4));
        answer.text = "words";
        answers.answers.push_back(answer);
      }
      state->answers.push_back(answers);
    }
  }

  void AddCare(engine::CaseState* state) {
    for (uint16_t i = 0; i < protocol_.milestones.size(); ++i) {
      if (Chance(50))
        state->milestones.push_back({protocol::MilestoneId(i), Time(), 0});
    }
    for (uint16_t i = 0; i < protocol_.purposes.size(); ++i) {
      if (Chance(50)) {
        state->consents.push_back({protocol::PurposeId(i), Chance(70), Time()});
      }
    }
    for (uint16_t i = 0; i < protocol_.programs.size(); ++i) {
      if (Chance(40)) continue;
      engine::EnrolmentState enrolment;
      enrolment.program = protocol::ProgramRef(i);
      enrolment.modules_done = static_cast<uint16_t>(Below(9));
      enrolment.completed = Chance(30);
      state->enrolments.push_back(enrolment);
    }
    if (Chance(80) && !protocol_.routes.empty()) {
      engine::Referral referral;
      referral.route = protocol::RouteId(Symbol(protocol_.routes.size()));
      referral.episode = static_cast<uint16_t>(1 + Below(2));
      state->referrals.push_back(referral);
    }
    if (protocol_.risk.tiers.empty()) return;
    for (size_t n = Below(3); n > 0; --n) {
      engine::AlertState alert;
      alert.tier = protocol::TierId(Symbol(protocol_.risk.tiers.size()));
      alert.stage = static_cast<engine::AlertStage>(1 + Below(4));
      state->alerts.push_back(alert);
    }
    if (Chance(20)) state->paused_at = Time();
  }

  const protocol::Protocol& protocol_;
  std::mt19937 random_;
};

}  // namespace stepwell

#endif  // STEPWELL_TESTS_AGREEMENT_RANDOM_CASE_H_
