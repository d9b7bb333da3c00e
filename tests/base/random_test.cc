#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace stepwell {
namespace {

// The known answers of Random123's kat_vectors for philox4x32 with 10 rounds.
TEST(Philox, GivesThePublishedWords) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}),
            (RandomWords{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (RandomWords{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                       {0xa4093822, 0x299f31d0}),
            (RandomWords{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, PutsEveryArgumentIntoTheCounterOrKey) {
  const RandomStream stream{0x299f31d0, 7};
  EXPECT_EQ(stream.Words(0x85a308d3243f6a88, 3, 4),
            Philox4x32({0x243f6a88, 0x85a308d3, 3, 4}, {0x299f31d0, 7}));
  const std::set<RandomWords> distinct = {
      stream.Words(1, 2, 3),
      stream.Words(1, 2, 4),
      stream.Words(1, 3, 3),
      stream.Words(2, 2, 3),
      stream.Words(1ull << 32, 2, 3),
      RandomStream{1, 7}.Words(1, 2, 3),
      RandomStream{0x299f31d0, 8}.Words(1, 2, 3)};
  EXPECT_EQ(distinct.size(), 7u);
}

TEST(Uniform01, HasExactly53Bits) {
  EXPECT_EQ(Uniform01(0, 0), 0.0);
  EXPECT_EQ(Uniform01(0x80000000, 0), 0.5);
  EXPECT_EQ(Uniform01(0, 0x7ff), 0.0);  // the lowest 11 bits are dropped
  EXPECT_EQ(Uniform01(0, 0x800), 0x1p-53);
  EXPECT_EQ(Uniform01(~0u, ~0u), 1.0 - 0x1p-53);
}

TEST(Uniform01, IsEvenOverManyWords) {
  const RandomStream stream{42, 0};
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 200'000;
  for (uint32_t i = 0; i < kDraws; ++i) {
    const RandomWords words = stream.Words(1, 1, i);
    const double u = Uniform01(words[0], words[1]);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.003);  // 4.6 standard errors
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 0.003);
}

}  // namespace
}  // namespace stepwell
