// Random choices of the property tests: the same seed gives the same choices
// on any machine.
#ifndef STEPWELL_TESTS_PROPERTY_DICE_H_
#define STEPWELL_TESTS_PROPERTY_DICE_H_

#include <cstdint>
#include <vector>

#include "base/random.h"

namespace stepwell::testing {

class Dice {
 public:
  Dice(uint32_t seed, uint32_t replication) : stream_{seed, replication} {}

  // 0 to n - 1; 0 for an empty range.
  uint64_t Below(uint64_t n) {
    if (n == 0) return 0;
    const RandomWords words = stream_.Words(drawn_++, 0, 0);
    return (static_cast<uint64_t>(words[0]) << 32 | words[1]) % n;
  }
  bool Chance(uint64_t percent) { return Below(100) < percent; }
  template <class T>
  const T& Pick(const std::vector<T>& list) {
    return list[Below(list.size())];
  }

 private:
  RandomStream stream_;
  uint64_t drawn_ = 0;
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_PROPERTY_DICE_H_
