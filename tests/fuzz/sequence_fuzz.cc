// Any sequence of commands and steps of time to a case of a small service by
// chance: every law holds after every one. The first two bytes choose the
// service, each other byte is a letter (tests/property/walker_support.h).
// support: property/checks property/words
// support: property/small_protocol property/walker
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <span>
#include <string>

#include "property/small_protocol_support.h"
#include "property/walker_support.h"

namespace {

using stepwell::testing::SmallProtocol;
using stepwell::testing::Walker;

constexpr size_t kLettersMax = 120;
constexpr uint32_t kServices = 256;

const SmallProtocol& Service(uint32_t number) {
  static auto* const made = new std::map<uint32_t, SmallProtocol>();
  const auto found = made->find(number);
  if (found != made->end()) return found->second;
  return (*made)[number] = stepwell::testing::MakeSmallProtocol(11, number);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const SmallProtocol& small =
      Service((uint32_t{data[0]} << 8 | data[1]) % kServices);
  const std::span<const uint8_t> letters(data + 2, size - 2);
  Walker walker(small.protocol, {});
  const std::string story =
      walker.Follow(letters.first(std::min(letters.size(), kLettersMax)));
  if (story.empty()) return 0;
  std::fprintf(stderr, "%s\n%s\n", small.text.c_str(), story.c_str());
  std::abort();
}
