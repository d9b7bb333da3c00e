// Fractions: what a number in a text says, exactly, and how they are written.
#include "instruments/rational.h"

#include <gtest/gtest.h>

namespace stepwell::instruments {
namespace {

TEST(Rationals, ReadExactlyWhatANumberSays) {
  EXPECT_EQ(*ParseRational("2.50"), Rational(5, 2));
  EXPECT_EQ(*ParseRational("-0.5"), Rational(-1, 2));
  EXPECT_EQ(*ParseRational("25e-1"), Rational(5, 2));
  EXPECT_EQ(*ParseRational("1E+2"), Rational(100));
  for (const char* bad : {"", "-", ".5", "5.", "1e", "1e99", "1.2.3", "0x1",
                          "1234567890", "0.1234567", "1 ", "NaN", "00", "1ex",
                          "1e2x", "1e-7", "1e7", "1e99999999999", "1e+-2"}) {
    EXPECT_FALSE(ParseRational(bad).has_value()) << bad;
  }
}

// Nine digits before the point are the limit, whoever moved the point.
TEST(Rationals, AnExponentMakesNoLargerNumbers) {
  EXPECT_EQ(*ParseRational("0.999999e6"), Rational(999'999));
  EXPECT_EQ(*ParseRational("1.5e1"), Rational(15));
  EXPECT_EQ(*ParseRational("999.999999e6"), Rational(999'999'999));
  EXPECT_EQ(*ParseRational("123456789.123456e-6"),
            Rational(123'456'789'123'456, 1'000'000'000'000));
  for (const char* bad : {"1000e6", "12345e5", "-999999999e1",
                          "999999999.999999e6", "18446744.073710e6"}) {
    EXPECT_FALSE(ParseRational(bad).has_value()) << bad;
  }
}

TEST(Rationals, AreWrittenAsJsonNumbers) {
  EXPECT_EQ(ToJsonNumber(Rational(45, 4)), "11.25");
  EXPECT_EQ(ToJsonNumber(Rational(8, 4)), "2");
}

}  // namespace
}  // namespace stepwell::instruments
