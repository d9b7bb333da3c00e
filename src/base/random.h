// Random words as a pure function of where they are used: Philox4x32-10
// (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// There is no state to share or to advance, so any number of threads gives the
// same words, and a new purpose never shifts the words of another.
#ifndef STEPWELL_BASE_RANDOM_H_
#define STEPWELL_BASE_RANDOM_H_

#include <array>
#include <cstdint>

namespace stepwell {

using RandomWords = std::array<uint32_t, 4>;

// The bare function: four words of 32 bits from a counter and a key. Inline:
// simulations draw more often than they do anything else.
inline RandomWords Philox4x32(const RandomWords& counter,
                              const std::array<uint32_t, 2>& key) {
  constexpr int kRounds = 10;
  constexpr uint64_t kMultiplier0 = 0xD2511F53;
  constexpr uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9;  // the golden ratio
  constexpr uint32_t kWeyl1 = 0xBB67AE85;  // the square root of 3, less 1
  uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
  uint32_t key0 = key[0], key1 = key[1];
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t a = kMultiplier0 * x0;
    const uint64_t b = kMultiplier1 * x2;
    x0 = static_cast<uint32_t>(b >> 32) ^ x1 ^ key0;
    x1 = static_cast<uint32_t>(b);
    x2 = static_cast<uint32_t>(a >> 32) ^ x3 ^ key1;
    x3 = static_cast<uint32_t>(a);
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return {x0, x1, x2, x3};
}

// All words of one replication of one experiment.
struct RandomStream {
  uint32_t seed = 0;
  uint32_t replication = 0;

  // Four words for one use: distinct arguments, distinct counters.
  RandomWords Words(uint64_t entity, uint32_t purpose, uint32_t index) const {
    return Philox4x32({static_cast<uint32_t>(entity),
                       static_cast<uint32_t>(entity >> 32), purpose, index},
                      {seed, replication});
  }
};

// A number in [0, 1) that is a multiple of 2^-53: the 32 bits of `high` and the
// upper 21 bits of `low`. The same bits on any machine.
inline double Uniform01(uint32_t high, uint32_t low) {
  const uint64_t bits = uint64_t{high} << 21 | low >> 11;
  return static_cast<double>(bits) * 0x1p-53;
}

}  // namespace stepwell

#endif  // STEPWELL_BASE_RANDOM_H_
