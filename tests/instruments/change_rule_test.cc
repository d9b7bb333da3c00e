// The statistical methods of change, each against its formula worked by hand,
// and what they refuse.
#include "instruments/change_rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

constexpr Direction kLower = Direction::kLowerIsBetter;
constexpr Direction kHigher = Direction::kHigherIsBetter;
using Use = ChangeRule::Use;

ChangeConstants Constants(double sd, double reliability) {
  ChangeConstants out;
  out.sd_pre = sd;
  out.reliability = reliability;
  return out;
}

ChangeRule Rule(ChangeMethod method, const ChangeConstants& constants,
                Direction direction = kLower, Use use = Use::kCohort) {
  auto rule = ChangeRule::Make(method, constants, direction, use);
  EXPECT_OK(rule.status());
  return *rule;
}

// s 10, r .84: SEM 4, Sdiff 5.65685, SEP 10 sqrt(1-.7056) = 5.42586.
ChangeConstants Whole() {
  ChangeConstants out = Constants(10, 0.84);
  out.mean_pre = 50;
  out.mean_post = 42;
  out.sd_post = 12;
  out.correlation = 0.5;
  return out;
}

double IndexOf(ChangeMethod method, const ChangeConstants& constants) {
  return *Rule(method, constants).Judge(Rational(60), Rational(45)).index;
}

TEST(ChangeRule, EachIndexIsItsFormula) {
  const ChangeConstants c = Whole();
  EXPECT_NEAR(IndexOf(ChangeMethod::kJacobsonTruax, c),
              -15 / (4 * std::sqrt(2.0)), 1e-12);
  const double sep = 10 * std::sqrt(1 - 0.84 * 0.84);
  // (45-50) - .84 (60-50) = -13.4; with the mean of last scores -5.4.
  EXPECT_NEAR(IndexOf(ChangeMethod::kGulliksenLordNovick, c), -13.4 / sep,
              1e-12);
  EXPECT_NEAR(IndexOf(ChangeMethod::kHsuLinnLord, c), -5.4 / sep, 1e-12);
  EXPECT_NEAR(IndexOf(ChangeMethod::kEdwardsNunnally, c), -13.4 / 4, 1e-12);
  // sqrt(.84^2 100 .16 + 100 .16)
  EXPECT_NEAR(IndexOf(ChangeMethod::kNunnallyKotsch, c),
              -13.4 / std::sqrt(11.2896 + 16), 1e-12);
  ChangeConstants worse = c;
  worse.reliability_post = 0.75;
  EXPECT_NEAR(IndexOf(ChangeMethod::kNunnallyKotsch, worse),
              -13.4 / std::sqrt(11.2896 + 25), 1e-12);
  // Variance of the difference 100 + 144 - 120 = 124, of error 32.
  const double r_dd = 92.0 / 124.0;
  EXPECT_NEAR(
      IndexOf(ChangeMethod::kHagemanArrindell, c),
      (-15 * r_dd + -8 * (1 - r_dd)) / (std::sqrt(r_dd) * std::sqrt(32.0)),
      1e-12);
  EXPECT_NEAR(
      *Rule(ChangeMethod::kHagemanArrindell, c).difference_reliability(), r_dd,
      1e-12);
}

TEST(ChangeRule, HagemanArrindellIsOneSided) {
  EXPECT_EQ(Rule(ChangeMethod::kHagemanArrindell, Whole()).critical(), 1.645);
  EXPECT_EQ(Rule(ChangeMethod::kJacobsonTruax, Whole()).critical(), 1.96);
}

TEST(ChangeRule, MethodsOfACohortAreRefusedForOneCase) {
  for (size_t i = 0; i < kChangeMethods; ++i) {
    const auto method = static_cast<ChangeMethod>(i);
    ChangeConstants constants = Whole();
    constants.by = 5;
    const auto rule =
        ChangeRule::Make(method, constants, kLower, Use::kOneCase);
    const bool cohort = method == ChangeMethod::kHsuLinnLord ||
                        method == ChangeMethod::kHagemanArrindell;
    EXPECT_EQ(rule.ok(), !cohort) << ChangeMethodName(method);
    EXPECT_EQ(FitsOneCase(method), !cohort);
    EXPECT_TRUE(ChangeRule::Make(method, constants, kLower, Use::kCohort).ok());
    EXPECT_EQ(ChangeMethodFromName(ChangeMethodName(method)), method);
    EXPECT_FALSE(ChangeMethodSource(method).empty());
  }
  EXPECT_FALSE(ChangeMethodFromName("hlm").has_value());
}

ChangeConstants JacobsonTruax(double sd, double reliability, double cutoff) {
  ChangeConstants out = Constants(sd, reliability);
  out.cutoff = cutoff;
  return out;
}

ChangeClass ClassOf(int pre, int post, Direction direction) {
  return Rule(ChangeMethod::kJacobsonTruax, JacobsonTruax(7.5, 0.8, 50),
              direction)
      .Judge(Rational(pre), Rational(post))
      .change;
}

TEST(JacobsonTruax, ClassesNeedTheCutoffToBeCrossed) {
  // The reliable change is 9.297 points.
  EXPECT_EQ(ClassOf(45, 55, kHigher), ChangeClass::kRecovered);
  EXPECT_EQ(ClassOf(30, 45, kHigher), ChangeClass::kImproved);
  EXPECT_EQ(ClassOf(52, 65, kHigher), ChangeClass::kImproved);
  EXPECT_EQ(ClassOf(45, 54, kHigher), ChangeClass::kUnchanged);
  EXPECT_EQ(ClassOf(45, 30, kHigher), ChangeClass::kDeteriorated);
  EXPECT_EQ(ClassOf(55, 45, kHigher), ChangeClass::kHarmed);
  EXPECT_EQ(ClassOf(65, 52, kHigher), ChangeClass::kDeteriorated);
  EXPECT_EQ(ClassOf(55, 45, kLower), ChangeClass::kRecovered);
  EXPECT_EQ(ClassOf(45, 55, kLower), ChangeClass::kHarmed);
  // A score on the cutoff is in neither range.
  EXPECT_EQ(ClassOf(40, 50, kHigher), ChangeClass::kImproved);
  EXPECT_EQ(ClassOf(50, 60, kHigher), ChangeClass::kImproved);
  EXPECT_EQ(ClassOf(60, 50, kHigher), ChangeClass::kDeteriorated);
  EXPECT_EQ(ClassOf(50, 40, kHigher), ChangeClass::kDeteriorated);
}

TEST(JacobsonTruax, WithoutScoresSaysOnlyWhatIsKnown) {
  const ChangeRule rule =
      Rule(ChangeMethod::kJacobsonTruax, Constants(5.8, 0.89));
  const auto none = rule.Judge(std::nullopt, Rational(3));
  EXPECT_FALSE(none.index.has_value());
  EXPECT_EQ(none.change, ChangeClass::kUndefined);
  EXPECT_EQ(rule.Judge(Rational(3), std::nullopt).change,
            ChangeClass::kUndefined);
  EXPECT_EQ(rule.smallest_integer_change(), 6);
  EXPECT_EQ(rule.Judge(Rational(15), Rational(9)).change,
            ChangeClass::kImproved);
}

TEST(JacobsonTruax, WholeNumbersAndRealsAgreeOnTheEdge) {
  for (double sd : {0.3, 1.0, 5.1, 5.8, 7.5, 40.0}) {
    for (double r : {0.0, 0.5, 0.8, 0.89, 0.92, 0.99}) {
      const ChangeRule rule =
          Rule(ChangeMethod::kJacobsonTruax, Constants(sd, r), kHigher);
      const int64_t least = rule.smallest_integer_change();
      for (const int64_t points : {least - 1, least, -least, 1 - least}) {
        const auto whole = rule.Judge(Rational(0), Rational(points));
        // Shifted by a half both scores are reals, the change is the same.
        const auto real =
            rule.Judge(Rational(1, 2), Rational(2 * points + 1, 2));
        EXPECT_EQ(whole.change, real.change) << sd << " " << r << " " << points;
        EXPECT_EQ(whole.change != ChangeClass::kUnchanged,
                  std::abs(points) >= least);
      }
    }
  }
}

TEST(ChangeRule, PercentAndPointsTakeTheirNumberAndACutoff) {
  ChangeConstants constants;
  constants.by = 50;
  constants.cutoff = 9.5;
  const ChangeRule half = Rule(ChangeMethod::kPercent, constants);
  EXPECT_EQ(half.Judge(Rational(18), Rational(9)).change,
            ChangeClass::kRecovered);
  EXPECT_EQ(half.Judge(Rational(0), Rational(9)).change,
            ChangeClass::kUndefined);
  constants.by = 5;
  const ChangeRule points = Rule(ChangeMethod::kMcid, constants);
  EXPECT_EQ(points.Judge(Rational(9), Rational(14)).change,
            ChangeClass::kHarmed);
  EXPECT_EQ(points.Judge(Rational(20), Rational(15)).change,
            ChangeClass::kImproved);
}

TEST(ChangeRule, RefusesConstantsThatMeanNothing) {
  const double inf = std::numeric_limits<double>::infinity();
  const auto invalid = absl::StatusCode::kInvalidArgument;
  const auto make = [](ChangeMethod method, const ChangeConstants& constants) {
    return ChangeRule::Make(method, constants, kLower, Use::kCohort);
  };
  for (const auto& [sd, r] :
       std::vector<std::pair<double, double>>{{0, 0.8},
                                              {-1, 0.8},
                                              {inf, 0.8},
                                              {NAN, 0.8},
                                              {1e-10, 0.8},
                                              {1e10, 0.8},
                                              {5, 1},
                                              {5, -0.1},
                                              {5, NAN}}) {
    EXPECT_THAT(make(ChangeMethod::kJacobsonTruax, Constants(sd, r)),
                testing::StatusIs(invalid, ""))
        << sd << " " << r;
  }
  for (const double critical : {0.0, -1.0, std::nan(""), inf, 1e4}) {
    ChangeConstants constants = Constants(5, 0.8);
    constants.critical = critical;
    EXPECT_THAT(make(ChangeMethod::kJacobsonTruax, constants),
                testing::StatusIs(invalid, "critical"));
  }
  EXPECT_THAT(make(ChangeMethod::kJacobsonTruax, JacobsonTruax(5, 0.8, inf)),
              testing::StatusIs(invalid, "cutoff"));
  EXPECT_THAT(make(ChangeMethod::kJacobsonTruax, {}),
              testing::StatusIs(invalid, "SD"));
  EXPECT_THAT(make(ChangeMethod::kGulliksenLordNovick, Constants(5, 0.8)),
              testing::StatusIs(invalid, "gln needs the mean of first"));
  ChangeConstants no_post = Constants(5, 0.8);
  no_post.mean_pre = 3;
  EXPECT_THAT(make(ChangeMethod::kHsuLinnLord, no_post),
              testing::StatusIs(invalid, "hll needs the mean of last"));
  no_post.reliability_post = 1.5;
  EXPECT_THAT(make(ChangeMethod::kNunnallyKotsch, no_post),
              testing::StatusIs(invalid, "reliability"));
  for (const double correlation : {std::nan(""), 1.5}) {
    ChangeConstants ha = Whole();
    ha.correlation = correlation;
    EXPECT_THAT(make(ChangeMethod::kHagemanArrindell, ha),
                testing::StatusIs(invalid, "correlation"));
  }
  ChangeConstants flat = Whole();
  flat.sd_post = 10;
  flat.correlation = 0.9;  // the difference varies by 20, error by 32
  EXPECT_THAT(make(ChangeMethod::kHagemanArrindell, flat),
              testing::StatusIs(invalid, "undefined"));
  flat.sd_post.reset();
  EXPECT_THAT(make(ChangeMethod::kHagemanArrindell, flat),
              testing::StatusIs(invalid, "SD of last"));
  EXPECT_THAT(make(ChangeMethod::kPercent, {}),
              testing::StatusIs(invalid, "percentage"));
  ChangeConstants none;
  none.by = 0;
  EXPECT_THAT(make(ChangeMethod::kMcid, none),
              testing::StatusIs(invalid, "points"));
  EXPECT_THAT(ChangeRule::Make(ChangeMethod::kMcid, none, Direction::kNone,
                               Use::kCohort),
              testing::StatusIs(invalid, "direction"));
}

}  // namespace
}  // namespace stepwell::instruments
