// Answers as JSON: arrays in item order, objects by item and by group.
#include "instruments/answers_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using State = Answer::State;

std::shared_ptr<const Instrument> Shipped(const char* id) {
  return *LoadCatalogueInstrument(id);
}

absl::StatusOr<MatchResult> FromJson(const Instrument& instrument,
                                     const std::string& text) {
  const auto document = json::Parse(text);
  if (!document.ok()) return document.status();
  return ReadJsonAnswers(instrument, document->root());
}

TEST(JsonAnswers, ArraysAreInItemOrderWithNullForNoAnswer) {
  const auto phq = Shipped("phq-9");
  ASSERT_OK_AND_ASSIGN(const MatchResult match,
                       FromJson(*phq, "[0,1,null,3,0,0,0,0,1]"));
  EXPECT_EQ(match.answers[1], Answer::Of(1));
  EXPECT_EQ(match.answers[2].state, State::kMissing);
  EXPECT_EQ(match.answers[9].state, State::kMissing);
  EXPECT_OK(FromJson(*phq, "[0,1,null,3,0,0,0,0,1,2]"));
}

TEST(JsonAnswers, AWrongCountIsAnErrorThatNamesTheRightOne) {
  const auto phq = Shipped("phq-9");
  for (const char* text :
       {"[]", "[0,1,2]", "[0,0,0,0,0,0,0,0]", "[0,0,0,0,0,0,0,0,0,0,0]"}) {
    EXPECT_THAT(
        FromJson(*phq, text),
        testing::StatusIs(absl::StatusCode::kInvalidArgument, "9 or 10"))
        << text;
  }
  EXPECT_THAT(FromJson(*phq, "3"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "array"));
}

TEST(JsonAnswers, ObjectsAreByItemAndMixTypes) {
  const auto phq = Shipped("phq-9");
  ASSERT_OK_AND_ASSIGN(
      const MatchResult match,
      FromJson(*phq, R"({"q1": 1, "44255-8": {"code": "LA6570-1"},
        "q3": {"code": "x", "ordinal": 3}, "q4": null, "q5": [1],
        "q6": {"a": 1}, "q7": true, "zz": 1})"));
  EXPECT_EQ(match.answers[0], Answer::Of(1));
  EXPECT_EQ(match.answers[1], Answer::Of(2));
  EXPECT_EQ(match.answers[2], Answer::Of(3));
  EXPECT_EQ(match.answers[3].state, State::kMissing);
  EXPECT_EQ(match.answers[4].state, State::kUnreadable);
  EXPECT_EQ(match.answers[5].state, State::kUnreadable);
  EXPECT_EQ(match.answers[6].state, State::kUnreadable);
  EXPECT_EQ(match.problems.size(), 4u);
}

// The short way over plain digits tells no other story than the long one.
TEST(JsonAnswers, DigitsInTheirOrderAreReadAsAnyOthers) {
  const auto phq = Shipped("phq-9");
  ASSERT_OK_AND_ASSIGN(
      const MatchResult all,
      FromJson(*phq, R"({"q1": 0, "q2": 1, "q3": 2, "q4": 3, "q5": 0, "q6": 1,
                         "q7": 2, "q8": 3, "q9": 1, "difficulty": 2})"));
  EXPECT_TRUE(all.problems.empty());
  EXPECT_EQ(all.answers[8], Answer::Of(1));
  EXPECT_EQ(all.answers[9], Answer::Of(2));
  ASSERT_OK_AND_ASSIGN(const MatchResult some,
                       FromJson(*phq, R"({"q1": 3, "q2": 0})"));
  EXPECT_EQ(some.answers[0], Answer::Of(3));
  EXPECT_EQ(some.answers[2].state, State::kMissing);
  ASSERT_OK_AND_ASSIGN(
      const MatchResult more,
      FromJson(*phq, R"({"q1": 0, "q2": 0, "q3": 0, "q4": 0, "q5": 0, "q6": 0,
                         "q7": 0, "q8": 0, "q9": 1, "difficulty": 2,
                         "q10": 1})"));
  EXPECT_EQ(more.answers[8], Answer::Of(1));
  ASSERT_EQ(more.problems.size(), 1u);
  EXPECT_EQ(more.problems[0].code, "unknown_item");
}

// What the short way must leave to the long one.
TEST(JsonAnswers, DigitsThatAreNoPlainAnswersAreReadWithCare) {
  const auto phq = Shipped("phq-9");
  const auto k10 = Shipped("k10");
  const auto phq15 = Shipped("phq-15");
  const auto form = Shipped("intake-form");
  const auto problem = [](const Instrument& instrument, const char* text) {
    const auto match = FromJson(instrument, text);
    EXPECT_OK(match.status());
    return match->problems.empty() ? "" : match->problems[0].code;
  };
  EXPECT_EQ(problem(*phq, R"({"q1": 10})"), "out_of_range");
  EXPECT_EQ(problem(*phq, R"({"q1": 4})"), "out_of_range");
  EXPECT_EQ(problem(*phq, R"({"q1": -1})"), "out_of_range");
  EXPECT_EQ(problem(*k10, R"({"q1": 0})"), "out_of_range");  // from 1
  // An item for women only is a number like another.
  ASSERT_OK_AND_ASSIGN(
      const MatchResult woman,
      FromJson(*phq15, R"({"q1": 0, "q2": 1, "q3": 1, "q4": 2})"));
  EXPECT_TRUE(woman.problems.empty());
  EXPECT_EQ(woman.answers[3], Answer::Of(2));
  EXPECT_EQ(problem(*form, R"({"age": 9, "birth_date": 0})"), "bad_date");
}

TEST(JsonAnswers, AFormWithoutRequiredItemsMayBeEmpty) {
  const auto loaded = LoadInstrument(R"({
    "instrument": "x", "version": "1", "title": "X", "respondent": "patient",
    "direction": "none",
    "licence": {"status": "own", "holder": "Us", "source": "Here",
                "text_included": false},
    "items": [{"id": "note", "kind": "text", "required": false},
              {"id": "more", "kind": "text", "required": false}]})");
  ASSERT_OK(loaded.status());
  ASSERT_NE(loaded->instrument, nullptr) << loaded->issues[0].message;
  const Instrument& notes = *loaded->instrument;
  ASSERT_OK_AND_ASSIGN(const MatchResult none, FromJson(notes, "[]"));
  EXPECT_EQ(none.answers[0].state, State::kMissing);
  EXPECT_THAT(FromJson(notes, R"(["a"])"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "0 or 2"));
  // A text may be one digit, and then it is still no number.
  ASSERT_OK_AND_ASSIGN(const MatchResult digit,
                       FromJson(notes, R"({"note": 3})"));
  EXPECT_EQ(digit.answers.text(0), "3");
}

TEST(JsonAnswers, FarMoreAnswersThanItemsAreRefused) {
  const auto phq = Shipped("phq-9");
  std::string text = R"({"q1": 1)";
  for (size_t i = 0; i <= 2 * limits::kInstrumentItemsMax; ++i) {
    text += ", \"x" + std::to_string(i) + "\": 1";
  }
  EXPECT_THAT(FromJson(*phq, text + "}"),
              testing::StatusIs(absl::StatusCode::kResourceExhausted,
                                "far more answers"));
}

// Items without a group are none that the empty name could stand for.
TEST(JsonAnswers, TheEmptyNameIsNoGroup) {
  const auto phq = Shipped("phq-9");
  ASSERT_OK_AND_ASSIGN(const MatchResult match,
                       FromJson(*phq, R"({"": [1, 1, 1, 1, 1, 1, 1, 1, 1]})"));
  ASSERT_EQ(match.problems.size(), 1u);
  EXPECT_EQ(match.problems[0].code, "unknown_item");
  EXPECT_EQ(match.answers[0].state, State::kMissing);
}

TEST(JsonAnswers, TrueAndFalseAnswerAQuestionOfYesAndNo) {
  const auto form = Shipped("intake-form");
  const uint16_t item = *form->FindItem("parallel_therapy");
  for (const auto& [text, value] :
       {std::pair(R"({"parallel_therapy": true})", 1),
        {R"({"parallel_therapy": false})", 0}}) {
    ASSERT_OK_AND_ASSIGN(const MatchResult match, FromJson(*form, text));
    EXPECT_EQ(match.answers[item], Answer::Of(value)) << text;
  }
}

TEST(JsonAnswers, GroupsOfAMatrixNeedTheirCount) {
  const auto lsas = Shipped("lsas-sr");
  EXPECT_THAT(FromJson(*lsas, R"({"fear": [1, 2]})"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument, "24"));
  ASSERT_OK_AND_ASSIGN(const MatchResult one,
                       FromJson(*lsas, R"({"fear_3": 2})"));
  EXPECT_EQ(one.answers[*lsas->FindItem("fear_3")], Answer::Of(2));
}

TEST(JsonAnswers, NotApplicableIsAnAnswerWhereItMayBe) {
  const auto wsas = Shipped("wsas");
  ASSERT_OK_AND_ASSIGN(
      const MatchResult match,
      FromJson(*wsas, R"(["not_applicable", 2, "not_applicable", 2, 2])"));
  EXPECT_EQ(match.answers[0].state, State::kNotApplicable);
  EXPECT_EQ(match.answers[2].state, State::kUnreadable);
  ASSERT_EQ(match.problems.size(), 1u);
  EXPECT_EQ(match.problems[0].code, "not_applicable_refused");
}

}  // namespace
}  // namespace stepwell::instruments
