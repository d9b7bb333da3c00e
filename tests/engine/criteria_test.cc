// Who is eligible by which way in: every division of three criteria between two
// routes, every way of coming, and every answer, against the sentence of
// decision 25 written down plainly.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/case_support.h"
#include "engine/decisions.h"
#include "protocol/decisions.h"
#include "support/shared_data.h"

namespace stepwell::engine {
namespace {

using protocol::RouteId;

enum class Known { kNo, kYes, kUnknown };

constexpr const char* kFacts[] = {"willing", "adult", "lives_here"};

// By bits: 1 the first route, 2 the second. Of a criterion none: every route.
struct Shape {
  std::vector<int> asked_of;  // of each criterion
  std::vector<int> came_by;   // referrals in order: 0 or 1
  std::vector<Known> answers;

  bool Asks(int route, size_t criterion) const {
    return asked_of[criterion] == 0 ||
           (asked_of[criterion] & (1 << route)) != 0;
  }

  // By one route alone; where nothing is asked nobody knows.
  Known By(int route) const {
    bool asks = false, unknown = false;
    for (size_t i = 0; i < answers.size(); ++i) {
      if (!Asks(route, i)) continue;
      asks = true;
      if (answers[i] == Known::kNo) return Known::kNo;
      unknown = unknown || answers[i] == Known::kUnknown;
    }
    return asks && !unknown ? Known::kYes : Known::kUnknown;
  }

  protocol::OutcomeId Outcome() const {
    bool all_say_no = true;
    for (const int route : came_by) {
      if (By(route) == Known::kYes) return protocol::kEligible;
      all_say_no = all_say_no && By(route) == Known::kNo;
    }
    return all_say_no ? protocol::kIneligible : protocol::kUndetermined;
  }
};

std::string Print(const Shape& shape) {
  std::string text = "criteria of";
  for (const int routes : shape.asked_of) absl::StrAppend(&text, " ", routes);
  absl::StrAppend(&text, ", came by");
  for (const int route : shape.came_by) absl::StrAppend(&text, " ", route);
  absl::StrAppend(&text, ", known");
  for (const Known known : shape.answers) {
    absl::StrAppend(&text, " ", static_cast<int>(known));
  }
  return text;
}

class CriteriaTest : public CaseTest {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        auto loaded, protocol::LoadProtocol(
                         testing::ReadFileText(STEPWELL_SOURCE_DIR
                                               "/tests/protocols/doors.json"),
                         protocol::BuiltInCatalogue()));
    ASSERT_NE(loaded.protocol, nullptr);
    changed_ = std::make_shared<protocol::Protocol>(*loaded.protocol);
    protocol_ = changed_;
    decision_ = protocol_->FindElement("eligibility");
    changed_->elements[decision_.value].criteria.resize(3);
    now_ = *ParseInstant("2026-03-02T09:00:00Z");
  }

  Weighed Weigh(const Shape& shape) {
    auto& criteria = changed_->elements[decision_.value].criteria;
    for (size_t i = 0; i < criteria.size(); ++i) {
      criteria[i].routes.clear();
      for (uint16_t route = 0; route < 2; ++route) {
        if ((shape.asked_of[i] & (1 << route)) == 0) continue;
        criteria[i].routes.push_back(RouteId(route));
      }
    }
    CaseState state;
    state.episodes.push_back({});
    for (const int route : shape.came_by) {
      Referral referral;
      referral.id = ReferralId(state.referrals.size() + 1);
      referral.route = RouteId(static_cast<uint16_t>(route));
      referral.episode = state.episode();
      state.referrals.push_back(referral);
    }
    for (size_t i = 0; i < shape.answers.size(); ++i) {
      if (shape.answers[i] == Known::kUnknown) continue;
      FactState fact;
      fact.fact = protocol_->FindFact(kFacts[i]);
      fact.value.kind = protocol::FactValue::Kind::kBoolean;
      fact.value.number = shape.answers[i] == Known::kYes ? 1 : 0;
      fact.seq = 1;
      state.facts.push_back(fact);
    }
    GuardEvaluator guards(*protocol_, state, now_);
    return WeighDecision(*protocol_, state, guards, decision_, now_);
  }

  // What was not asked had no part in it, and what it rests on was asked.
  void ExpectToldWell(const Shape& shape, const Weighed& weighed) {
    const DecisionRecorded& decision = weighed.decision;
    for (size_t i = 0; i < decision.criteria.size(); ++i) {
      const Answer3 answer = decision.criteria[i];
      const Answer3 known = shape.answers[i] == Known::kYes ? Answer3::kYes
                            : shape.answers[i] == Known::kNo
                                ? Answer3::kNo
                                : Answer3::kUnknown;
      if (answer == Answer3::kNotAsked) {
        EXPECT_NE(shape.asked_of[i], 0);
      } else {
        EXPECT_EQ(answer, known);
      }
    }
    const bool eligible = decision.outcome == protocol::kEligible;
    EXPECT_FALSE(eligible && decision.rules.empty());
    EXPECT_EQ(weighed.unmet.empty(), eligible);
    EXPECT_EQ(weighed.ask, decision.outcome == protocol::kUndetermined &&
                               !decision.rules.empty());
  }

  std::shared_ptr<protocol::Protocol> changed_;
  ElementId decision_;
};

TEST_F(CriteriaTest, EligibleByOneWayInByAllThatItAsks) {
  const std::vector<int> ways[] = {{0}, {1}, {0, 1}, {1, 0}, {0, 0, 1}};
  size_t eligible = 0;
  Shape shape;
  for (int of = 0; of < 4 * 4 * 4; ++of) {
    shape.asked_of = {of % 4, of / 4 % 4, of / 16};
    for (const std::vector<int>& came_by : ways) {
      shape.came_by = came_by;
      for (int known = 0; known < 3 * 3 * 3; ++known) {
        shape.answers = {Known(known % 3), Known(known / 3 % 3),
                         Known(known / 9)};
        SCOPED_TRACE(Print(shape));
        const Weighed weighed = Weigh(shape);
        ASSERT_EQ(weighed.decision.outcome, shape.Outcome());
        ExpectToldWell(shape, weighed);
        if (HasFailure()) return;
        eligible += weighed.decision.outcome == protocol::kEligible ? 1 : 0;
      }
    }
  }
  EXPECT_GT(eligible, 500u);  // the loops do come to each kind
}

TEST_F(CriteriaTest, ARouteThatAsksNothingTellsOfNobody) {
  Shape shape;
  shape.asked_of = {1, 1, 1};
  shape.came_by = {1};
  shape.answers = {Known::kYes, Known::kYes, Known::kYes};
  const Weighed weighed = Weigh(shape);
  EXPECT_EQ(weighed.decision.outcome, protocol::kUndetermined);
  EXPECT_EQ(weighed.unmet,
            std::vector<std::string>({"no criterion is asked of route gp"}));
}

TEST_F(CriteriaTest, WithoutAnOpenReferralAllIsAsked) {
  Shape shape;
  shape.asked_of = {1, 2, 0};
  shape.answers = {Known::kYes, Known::kNo, Known::kYes};
  EXPECT_EQ(Weigh(shape).decision.outcome, protocol::kIneligible);
  shape.answers[1] = Known::kYes;
  EXPECT_EQ(Weigh(shape).decision.outcome, protocol::kEligible);
}

}  // namespace
}  // namespace stepwell::engine
