// Scores that answers can give, and numbers that none can.
#include "instruments/possible_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "instruments/good_document.h"
#include "instruments/score.h"
#include "support/chance.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using ::testing::HasSubstr;

std::string WhyNot(const char* id, const char* scale, const Rational& score) {
  const auto instrument = *LoadCatalogueInstrument(id);
  const Scale& of = instrument->scales()[*instrument->FindScale(scale)];
  return PossibleScores(*instrument, of).WhyNot(score);
}

TEST(PossibleScores, AreWholeWhereAnswersAreAdded) {
  EXPECT_EQ(WhyNot("phq-9", "", 15), "");
  EXPECT_THAT(WhyNot("phq-9", "", {155, 10}),
              HasSubstr("no answers to phq-9: the nearest scores are 15 and "
                        "16"));
  EXPECT_THAT(WhyNot("phq-9", "", 28), HasSubstr("outside 0 to 27"));
  EXPECT_THAT(WhyNot("phq-9", "", -1), HasSubstr("outside 0 to 27"));
}

TEST(PossibleScores, AreEvenWhereSumsAreDoubled) {
  EXPECT_EQ(WhyNot("dass-21", "D", 12), "");
  EXPECT_THAT(WhyNot("dass-21", "D", 13), HasSubstr("are 12 and 14"));
}

TEST(PossibleScores, AreThoseThatProratingGivesWhereItIsDeclared) {
  EXPECT_EQ(WhyNot("phq-9", "", {13 * 9, 8}), "");
  EXPECT_EQ(WhyNot("core-10", "", {160, 9}), "");
  // As it is printed, and cut to six decimals.
  EXPECT_EQ(WhyNot("core-10", "", {17'777'778, 1'000'000}), "");
  for (const char* shorter : {"17.778", "17.78", "17.8"}) {
    EXPECT_EQ(WhyNot("core-10", "", *ParseRational(shorter)), "") << shorter;
  }
  for (const char* other : {"17.777", "17.77", "17.7", "17.50"}) {
    EXPECT_NE(WhyNot("core-10", "", *ParseRational(other)), "") << other;
  }
  EXPECT_NE(WhyNot("pswq", "", {13 * 16, 15}), "");
}

// Without work four items of WSAS are left; a man has 14 of the PHQ-15.
TEST(PossibleScores, HoldForWhomAnItemDoesNotConcern) {
  EXPECT_EQ(WhyNot("wsas", "", 32), "");
  EXPECT_EQ(WhyNot("phq-15", "", 28), "");
  const auto demo = LoadInstrument(kGood)->instrument;
  const PossibleScores mean(*demo, demo->scales()[1]);
  EXPECT_EQ(mean.WhyNot({3, 2}), "");
  EXPECT_THAT(mean.WhyNot({5, 4}), HasSubstr("1 and 1.5"));
}

TEST(PossibleScores, KeepToTheValuesThatAreListed) {
  std::string text = kGood;
  const std::string set = R"({"id": "many", "min": 0, "max": 4})";
  text.replace(text.find(set), set.size(),
               R"({"id": "many", "values": [0, 2, 4]})");
  const std::string often = R"({"value": 1, "codes": {"loinc": "LA6569-3"}},)";
  text.erase(text.find(often), often.size());
  const LoadResult loaded = *LoadInstrument(text);
  ASSERT_NE(loaded.instrument, nullptr);
  const PossibleScores total(*loaded.instrument,
                             loaded.instrument->scales()[0]);
  EXPECT_EQ(total.WhyNot(5), "");  // 2 * 2 + 1
  EXPECT_THAT(total.WhyNot(3), HasSubstr("1 and 5"));
}

std::shared_ptr<const Instrument> OfTwoItems(const char* values,
                                             const char* method) {
  auto loaded = LoadInstrument(absl::StrCat(R"({
    "instrument": "state", "version": "1", "title": "State",
    "respondent": "patient", "direction": "lower_is_better",
    "licence": {"status": "own", "holder": "Us", "source": "Here",
                "text_included": false},
    "value_sets": [{"id": "level", )",
                                            values, R"(}],
    "items": [{"id": "a", "kind": "choice", "values": "level"},
              {"id": "b", "kind": "choice", "values": "level"}],
    "score": {"method": ")",
                                            method, R"("}})"));
  return loaded->instrument;
}

// Digits side by side are looked up, not added: only their range is held to.
TEST(PossibleScores, OfDigitsAreNotJudgedWithinTheirRange) {
  const auto state = OfTwoItems(R"("min": 1, "max": 5)", "digits");
  ASSERT_NE(state, nullptr);
  const PossibleScores possible(*state, state->scales()[0]);
  EXPECT_EQ(possible.WhyNot(32), "");
  EXPECT_EQ(possible.WhyNot({655, 20}), "");
  EXPECT_THAT(possible.WhyNot(56), HasSubstr("outside 11 to 55"));
}

// Nothing but zeros can be answered: there is no step from score to score.
TEST(PossibleScores, OfZerosAreZero) {
  const auto zeros = OfTwoItems(R"("values": [0])", "sum");
  ASSERT_NE(zeros, nullptr);
  const PossibleScores possible(*zeros, zeros->scales()[0]);
  EXPECT_EQ(possible.WhyNot(0), "");
  EXPECT_THAT(possible.WhyNot(1), HasSubstr("outside 0 to 0"));
}

// Whatever any questionnaire scores is a possible score of it.
TEST(PossibleScores, AreWhatRandomAnswersGive) {
  testing::Chance chance(7);
  std::set<std::string> scored;
  for (const std::string& id : CatalogueInstrumentIds()) {
    const auto instrument = *LoadCatalogueInstrument(id);
    ScoreContext context;
    context.missing = MissingPolicy::kProrate;
    for (int round = 0; round < 300; ++round) {
      Answers answers(*instrument);
      for (uint16_t i = 0; i < instrument->items().size(); ++i) {
        const Item& item = instrument->items()[i];
        if (item.kind == ItemKind::kText || chance.Below(30) == 0) continue;
        if (item.not_applicable && chance.Below(2) == 0) {
          answers.Set(i, {Answer::State::kNotApplicable, 0});
          continue;
        }
        const ValueSet& set = instrument->value_sets()[item.values];
        answers.SetValue(
            i, set.listed.empty()
                   ? set.min + chance.Below(set.max - set.min + 1)
                   : set.listed[static_cast<size_t>(chance.Below(
                                    static_cast<int>(set.listed.size())))]
                         .value);
      }
      context.sex = round % 2 == 0 ? Sex::kFemale : Sex::kMale;
      const ScoreResult result = Score(*instrument, answers.view(), context);
      for (size_t i = 0; i < result.scales.size(); ++i) {
        if (!result.scales[i].score.has_value()) continue;
        scored.insert(id);
        const PossibleScores possible(*instrument, instrument->scales()[i]);
        EXPECT_EQ(possible.WhyNot(*result.scales[i].score), "") << id;
        EXPECT_EQ(possible.WhyNot(*result.scales[i].exact), "") << id;
      }
    }
  }
  EXPECT_GT(scored.size(), 30u);
}

}  // namespace
}  // namespace stepwell::instruments
