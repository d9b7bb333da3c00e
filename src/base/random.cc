#include "base/random.h"

namespace stepwell {

RandomWords Philox4x32(const RandomWords& counter,
                       const std::array<uint32_t, 2>& key) {
  constexpr int kRounds = 10;
  constexpr uint64_t kMultiplier0 = 0xD2511F53;
  constexpr uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9;  // the golden ratio
  constexpr uint32_t kWeyl1 = 0xBB67AE85;  // the square root of 3, less 1
  RandomWords x = counter;
  uint32_t key0 = key[0];
  uint32_t key1 = key[1];
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t a = kMultiplier0 * x[0];
    const uint64_t b = kMultiplier1 * x[2];
    x = {static_cast<uint32_t>(b >> 32) ^ x[1] ^ key0, static_cast<uint32_t>(b),
         static_cast<uint32_t>(a >> 32) ^ x[3] ^ key1,
         static_cast<uint32_t>(a)};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return x;
}

double Uniform01(uint32_t high, uint32_t low) {
  const uint64_t bits = uint64_t{high} << 21 | low >> 11;
  return static_cast<double>(bits) * 0x1p-53;
}

}  // namespace stepwell
