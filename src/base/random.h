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

// The bare function: four words of 32 bits from a counter and a key.
RandomWords Philox4x32(const RandomWords& counter,
                       const std::array<uint32_t, 2>& key);

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
double Uniform01(uint32_t high, uint32_t low);

}  // namespace stepwell

#endif  // STEPWELL_BASE_RANDOM_H_
