// Random small protocols, walked exhaustively to depth 6 over a small alphabet
// of commands and steps of time; all laws hold after every one.
//   STEPWELL_PROPERTY_SEED       another stream of protocols
//   STEPWELL_SMALL_PROTOCOLS     how many (12; in a long run 60, with a bigger
//   alphabet) STEPWELL_SMALL_PROTOCOL      only this one
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "property/dice.h"
#include "property/small_protocol_support.h"
#include "property/walker_support.h"

namespace stepwell::testing {
namespace {

constexpr int kDepth = 6;

uint64_t Setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

bool IsLong() { return std::getenv("STEPWELL_LONG") != nullptr; }

// Some letters, one of them at least a step of time.
std::vector<int> AlphabetOf(uint32_t seed, uint32_t number, size_t size) {
  Dice dice(seed ^ 0xA1FA, number);
  std::vector<int> letters(Walker::kLetters);
  std::iota(letters.begin(), letters.end(), 0);
  for (size_t i = letters.size() - 1; i > 0; --i) {
    std::swap(letters[i], letters[dice.Below(i + 1)]);
  }
  letters.resize(size);
  if (std::none_of(letters.begin(), letters.end(),
                   [](int letter) { return letter > 10; })) {
    letters.back() = 11 + static_cast<int>(dice.Below(3));
  }
  return letters;
}

TEST(SmallProtocols, KeepTheirInvariantsOnEveryWay) {
  const auto seed = static_cast<uint32_t>(Setting("STEPWELL_PROPERTY_SEED", 7));
  const auto count = static_cast<uint32_t>(
      Setting("STEPWELL_SMALL_PROTOCOLS", IsLong() ? 60 : 12));
  const uint64_t only = Setting("STEPWELL_SMALL_PROTOCOL", UINT64_MAX);
  uint64_t words = 0, commands = 0, events = 0, refused = 0;
  int tried = 0;
  for (uint32_t number = 0; number < count; ++number) {
    if (only != UINT64_MAX && only != number) continue;
    const SmallProtocol small = MakeSmallProtocol(seed, number);
    Walker walker(small.protocol, AlphabetOf(seed, number, IsLong() ? 9 : 6));
    const std::string story = walker.Walk(kDepth);
    words += walker.words();
    commands += walker.commands();
    events += walker.events();
    refused += walker.refused();
    tried += small.tried;
    EXPECT_EQ(story, "") << "STEPWELL_PROPERTY_SEED=" << seed
                         << " STEPWELL_SMALL_PROTOCOL=" << number << "\n"
                         << small.text;
    if (::testing::Test::HasFailure()) return;
  }
  std::printf(
      "seed %u: %u protocols (%d refused by the checker), %lu words, "
      "%lu commands, %lu refused, %lu events\n",
      seed, count, tried, words, commands, refused, events);
  EXPECT_GT(events, words);
}

}  // namespace
}  // namespace stepwell::testing
