// The functions behind published numbers, against other ways to compute them
// and against the shared vectors.
#include "sim/numbers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "json/json.h"
#include "sim/sim_support.h"
#include "sim/statistics.h"
#include "support/shared_data.h"

namespace stepwell::sim {
namespace {

TEST(Numbers, LogAndExpAgreeWithTheLibraryOfThisMachine) {
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    EXPECT_NEAR(Log(x), std::log(x), 1e-15 * std::abs(std::log(x)) + 1e-16)
        << x;
  }
  for (double x = -690; x < 690; x += 0.37) {
    EXPECT_NEAR(Exp(x) / std::exp(x), 1, 3e-15) << x;
  }
  for (double x = -40; x < 40; x += 0.013) {
    EXPECT_NEAR(ArcTangent(x), std::atan(x), 1e-15) << x;
  }
}

TEST(Numbers, TheNormalQuantileTurnsTheDistributionFunctionBack) {
  for (double z = -7.5; z < 7.5; z += 0.01) {
    const double u = std::erfc(-z / std::sqrt(2)) / 2;
    if (u < 0.999) {
      EXPECT_NEAR(NormalQuantile(u), z, 1e-11) << z;
    }
  }
  EXPECT_EQ(NormalQuantile(0.5), 0);
}

TEST(Numbers, LawsHaveTheirMeans) {
  const RandomStream random{3, 1};
  for (const Distribution& law :
       {Distribution{Distribution::Kind::kExponential, 2.5, 0},
        Distribution{Distribution::Kind::kUniform, 1, 4},
        Distribution{Distribution::Kind::kConstant, 7, 0},
        Distribution::LognormalOf(15, 8)}) {
    double sum = 0, squares = 0;
    constexpr int kDraws = 200'000;
    for (uint32_t i = 0; i < kDraws; ++i) {
      const double x = law.Sample(UniformOpen(random.Words(1, 2, i)));
      sum += x;
      squares += x * x;
    }
    const double mean = sum / kDraws;
    const double error =
        std::sqrt((squares / kDraws - mean * mean) / kDraws) + 1e-12;
    EXPECT_LT(std::abs(mean - law.Mean()), 3.5 * error);
  }
  EXPECT_NEAR(Distribution::LognormalOf(15, 8).Mean(), 15, 1e-12);
  // The vector mg1_LN: mean 1, squared variation 0.5.
  const auto law = Distribution::LognormalOf(1, std::sqrt(0.5));
  EXPECT_NEAR(law.a, -0.202732554054082, 1e-14);
  EXPECT_NEAR(law.b, 0.636761421655053, 1e-14);
}

TEST(Statistics, StudentTIsThatOfTheVectors) {
  STEPWELL_NEEDS_SHARED(kQueueingVectors);
  const json::Document vectors = QueueingVectors();
  const json::Value t = VectorOf(vectors, "student_t_975");
  for (const int df : {4, 9, 19, 29, 99}) {
    const double expected =
        *t.Find("expected").Find(absl::StrCat("df", df)).double_value();
    EXPECT_NEAR(StudentT(0.975, df) / expected, 1, 1e-9) << df;
  }
  // df 1 is Cauchy, df 2 has a closed quantile.
  EXPECT_NEAR(StudentT(0.975, 1), std::tan(M_PI * 0.475), 1e-9);
  EXPECT_NEAR(StudentT(0.9, 2), 0.8 * std::sqrt(2 / (1 - 0.64)), 1e-12);
}

TEST(Statistics, Mser5CutsWhereTheVectorSays) {
  STEPWELL_NEEDS_SHARED(kQueueingVectors);
  const json::Document vectors = QueueingVectors();
  const json::Value expected =
      VectorOf(vectors, "mser5_series").Find("expected");
  std::vector<double> series;
  uint64_t s = 12345;
  for (int i = 0; i < 1000; ++i) {
    s = (1103515245 * s + 12345) % (uint64_t{1} << 31);
    const double u = static_cast<double>(s) / 2147483648.0;
    series.push_back(10 * (1 - std::exp(-i / 60.0)) + 2 * (u - 0.5));
  }
  const auto cut = Mser5(series);
  ASSERT_TRUE(cut);
  EXPECT_EQ(
      cut->batches,
      static_cast<size_t>(*expected.Find("truncate_batches").int64_value()));
  EXPECT_NEAR(cut->mser / *expected.Find("mser").double_value(), 1, 1e-9);
  EXPECT_FALSE(cut->at_limit);
  EXPECT_FALSE(Mser5(std::vector<double>(9, 1.0)));
}

TEST(Statistics, PhiloxGivesTheWordsOfTheVectors) {
  STEPWELL_NEEDS_SHARED(kQueueingVectors);
  const json::Document vectors = QueueingVectors();
  const json::Value kat = VectorOf(vectors, "philox4x32_10_kat");
  const auto word = [](json::Value value) {
    return static_cast<uint32_t>(
        std::stoul(std::string(value.string_value()), nullptr, 16));
  };
  const json::Value inputs = kat.Find("params").Find("inputs");
  const json::Value outputs = kat.Find("expected").Find("outputs");
  ASSERT_EQ(inputs.size(), 3u);
  for (size_t i = 0; i < inputs.size(); ++i) {
    RandomWords counter{};
    for (size_t k = 0; k < 4; ++k) {
      counter[k] = word(inputs.at(i).Find("ctr").at(k));
    }
    const json::Value key = inputs.at(i).Find("key");
    const RandomWords words =
        Philox4x32(counter, {word(key.at(0)), word(key.at(1))});
    for (size_t k = 0; k < 4; ++k) {
      EXPECT_EQ(words[k], word(outputs.at(i).at(k)));
    }
  }
}

TEST(Statistics, AnIntervalNeedsTwoValues) {
  const double one[] = {3};
  EXPECT_EQ(MeanInterval(one).mean, 3);
  EXPECT_FALSE(MeanInterval(one).low);
  const double two[] = {1, 3};
  const Interval interval = MeanInterval(two);
  EXPECT_EQ(interval.mean, 2);
  EXPECT_NEAR(*interval.high - 2, StudentT(0.975, 1), 1e-12);
}

}  // namespace
}  // namespace stepwell::sim
