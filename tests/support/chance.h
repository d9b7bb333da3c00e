// The same chance on every machine, for tests that try many things.
#ifndef STEPWELL_TESTS_SUPPORT_CHANCE_H_
#define STEPWELL_TESTS_SUPPORT_CHANCE_H_

#include <cstdint>

namespace stepwell::testing {

class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}
  // 0 to n - 1.
  int Below(int n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((state_ >> 33) % static_cast<uint64_t>(n));
  }

 private:
  uint64_t state_;
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_SUPPORT_CHANCE_H_
