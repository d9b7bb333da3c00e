// PHQ-9 and GAD-7 over all answers, against a second, plain implementation
// written from the published rules and not from the documents.
#include <gtest/gtest.h>

#include <string>

#include "instruments/score.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

constexpr int kMissing = -1;

struct Plain {
  int score = kMissing;
  std::string band;
  int risk = 0;  // 0 no, 1 yes, 2 unknown
  int caseness = 2, mds = 2, ods = 2;
};

std::string PlainBand(int score, bool phq) {
  if (score < 5) return phq ? "none" : "minimal";
  if (score < 10) return "mild";
  if (score < 15) return "moderate";
  if (!phq) return "severe";
  return score < 20 ? "moderately_severe" : "severe";
}

Plain PlainPhq9(const int* a) {
  Plain out;
  int sum = 0, symptoms = 0, missing = 0;
  for (int i = 0; i < 9; ++i) {
    if (a[i] == kMissing) {
      ++missing;
      continue;
    }
    sum += a[i];
    if (a[i] >= 2 || (i == 8 && a[i] == 1)) ++symptoms;
  }
  out.risk = a[8] == kMissing ? 2 : a[8] > 0;
  if (missing == 0) {
    out.score = sum;
    out.band = PlainBand(sum, true);
    out.caseness = sum >= 10;
    const bool core = a[0] >= 2 || a[1] >= 2;
    out.mds = core && symptoms >= 5;
    out.ods = core && symptoms >= 2 && symptoms <= 4;
  }
  return out;
}

// Whether a flag is the same for every value of the missing items: then it
// may be given although the score may not.
template <class F>
int Forced(const int* a, int n, F&& flag) {
  int copy[9];
  std::copy(a, a + n, copy);
  for (int i = 0; i < n; ++i) {
    if (a[i] != kMissing) continue;
    int first = 2;
    for (int v = 0; v < 4; ++v) {
      copy[i] = v;
      const int value = Forced(copy, n, flag);
      if (v == 0) first = value;
      if (value != first) return 2;
    }
    return first;
  }
  return flag(copy);
}

Answers ToAnswers(const Instrument& instrument, const int* a, int n) {
  Answers answers(instrument);
  for (int i = 0; i < n; ++i) {
    if (a[i] != kMissing) answers.SetValue(static_cast<uint16_t>(i), a[i]);
  }
  return answers;
}

class Exhaustive : public ::testing::Test {
 protected:
  void CheckPhq9(const int* a) {
    const Plain plain = PlainPhq9(a);
    const ScoreResult r = Score(*phq_, ToAnswers(*phq_, a, 9).view());
    bool same = r.scales[0].score.has_value() == (plain.score != kMissing);
    if (plain.score != kMissing && same) {
      same = *r.scales[0].score == Rational(plain.score) &&
             *r.scales[0].exact == Rational(plain.score) &&
             BandId(*phq_, r) == plain.band && r.complete && r.missing.empty();
    } else {
      same = same && BandId(*phq_, r).empty() && !r.complete;
    }
    const auto flag = [&](const char* id) {
      return static_cast<int>(r.flags[*phq_->FindFlag(id)]);
    };
    same =
        same && static_cast<int>(r.risks[0]) == plain.risk &&
        flag("caseness") ==
            Forced(a, 9, [](const int* c) { return PlainPhq9(c).caseness; }) &&
        !r.scales[0].prorated &&
        flag("mds") ==
            Forced(a, 9, [](const int* c) { return PlainPhq9(c).mds; });
    if (plain.score != kMissing) same = same && flag("ods") == plain.ods;
    if (!same) {
      std::string text;
      for (int i = 0; i < 9; ++i) text += std::to_string(a[i]) + " ";
      ADD_FAILURE() << "differs for " << text;
    }
  }

  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(phq_, LoadCatalogueInstrument("phq-9"));
    ASSERT_OK_AND_ASSIGN(gad_, LoadCatalogueInstrument("gad-7"));
  }
  std::shared_ptr<const Instrument> phq_, gad_;
};

TEST_F(Exhaustive, Phq9EqualsThePlainImplementation) {
  int a[9];
  for (int code = 0; code < 1 << 18 && !HasFailure(); ++code) {
    for (int i = 0; i < 9; ++i) a[i] = code >> (2 * i) & 3;
    CheckPhq9(a);
  }
}

TEST_F(Exhaustive, Phq9WithOneItemMissing) {
  int a[9];
  for (int missing = 0; missing < 9; ++missing) {
    for (int code = 0; code < 1 << 16 && !HasFailure(); ++code) {
      for (int i = 0, k = 0; i < 9; ++i) {
        a[i] = i == missing ? kMissing : code >> (2 * k++) & 3;
      }
      CheckPhq9(a);
    }
  }
}

TEST_F(Exhaustive, Gad7AndItsSingleMissingVariants) {
  int a[7];
  for (int missing = -1; missing < 7; ++missing) {
    for (int code = 0; code < 1 << 14 && !HasFailure(); ++code) {
      int sum = 0;
      for (int i = 0; i < 7; ++i) {
        a[i] = i == missing ? kMissing : code >> (2 * i) & 3;
        sum += i == missing ? 0 : a[i];
      }
      const ScoreResult r = Score(*gad_, ToAnswers(*gad_, a, 7).view());
      const auto flag = [&](const char* id) {
        return r.flags[*gad_->FindFlag(id)];
      };
      if (missing >= 0) {
        EXPECT_FALSE(r.scales[0].score.has_value());
        // The missing answer adds 0 to 3.
        EXPECT_EQ(flag("caseness_iapt8"), sum >= 8       ? Tri::kTrue
                                          : sum + 3 >= 8 ? Tri::kUnknown
                                                         : Tri::kFalse);
        ASSERT_EQ(r.missing.size(), 1u);
        EXPECT_EQ(r.missing[0], missing);
        continue;
      }
      ASSERT_TRUE(r.scales[0].score.has_value());
      EXPECT_EQ(*r.scales[0].score, Rational(sum));
      EXPECT_EQ(BandId(*gad_, r), PlainBand(sum, false));
      EXPECT_EQ(flag("caseness_iapt8") == Tri::kTrue, sum >= 8);
      EXPECT_EQ(flag("screen10") == Tri::kTrue, sum >= 10);
    }
  }
}

}  // namespace
}  // namespace stepwell::instruments
