// Scores in FHIRPath: what an expression sees of the answers, and what is no
// score.
#include "instruments/expression.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
using Values = ScoreExpression::Values;

std::shared_ptr<const ScoreExpression> Of(const char* text) {
  const auto compiled = ScoreExpression::Compile(text, {"a", "b", "c"});
  EXPECT_OK(compiled.status()) << text;
  return *compiled;
}

TEST(ScoreExpressions, GiveOneNumber) {
  EXPECT_EQ(Of("a + b")->Evaluate({1, 2, 3})->value(), 3);
  EXPECT_EQ(Of("a / 2")->Evaluate({3, 2, 1})->value(), 1.5);
  EXPECT_EQ(Of("a + b")->text(), "a + b");
}

TEST(ScoreExpressions, AMissingItemIsNothingAndNotZero) {
  for (const Values& values : {Values{1, {}, 3}, Values{1}, Values{}}) {
    ASSERT_OK_AND_ASSIGN(const auto found, Of("a + b")->Evaluate(values));
    EXPECT_FALSE(found.has_value());
    EXPECT_FALSE(Of("a + b")->Gives(Rational(1), values));
  }
}

TEST(ScoreExpressions, WhatIsNoNumberIsNoScore) {
  const Values values = {1, 2, 3};
  for (const char* text : {"a > 1", "a | b", "'1'"}) {
    EXPECT_THAT(Of(text)->Evaluate(values),
                testing::StatusIs(kInvalid, "number"))
        << text;
    EXPECT_FALSE(Of(text)->Gives(Rational(1), values)) << text;
  }
  // One that cannot be evaluated gives an error, not a score.
  EXPECT_FALSE(Of("(a | b).single()")->Evaluate(values).ok());
}

TEST(ScoreExpressions, ChildrenAreTheItemsThatWereAnswered) {
  const auto above = Of("children().where($this > 1).count()");
  EXPECT_EQ(above->Evaluate({1, 2, 3})->value(), 2);
  EXPECT_EQ(above->Evaluate({1, {}, 3})->value(), 1);
  EXPECT_TRUE(above->Gives(Rational(2), {3, 2, 1}));
}

// Decimals are cut after many digits: thirds agree all the same.
TEST(ScoreExpressions, AgreeWithFractions) {
  const auto mean = Of("(a + b + c) / 3");
  EXPECT_TRUE(mean->Gives(Rational(4, 3), {1, 2, 1}));
  EXPECT_FALSE(mean->Gives(Rational(5, 3), {1, 2, 1}));
}

TEST(ScoreExpressions, ReadTheItemsOnly) {
  for (const char* bad : {"a + d", "a.b", "children().a", "now()", "a +"}) {
    EXPECT_THAT(ScoreExpression::Compile(bad, {"a", "b"}),
                testing::StatusIs(kInvalid, "column"))
        << bad;
  }
}

}  // namespace
}  // namespace stepwell::instruments
