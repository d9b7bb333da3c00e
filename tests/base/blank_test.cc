#include "base/blank.h"

#include <gtest/gtest.h>

namespace stepwell {
namespace {

TEST(BlankTest, NothingToBeSeenIsBlank) {
  for (const char* text :
       {"", " ", " \t\r\n", "\x01\x7F", "\u00A0", " \u200B\u2060 ", "\uFEFF",
        "\u3000\u2003", "\u00AD"}) {
    EXPECT_TRUE(IsBlank(text)) << text;
  }
}

TEST(BlankTest, AnyCharacterIsSeen) {
  for (const char* text : {"a", "  .", "\u00E5", "\u200Bx", "0", "\u2012",
                           "\u65E5\u672C", "\xC2", "\xE2\x80"}) {
    EXPECT_FALSE(IsBlank(text)) << text;
  }
}

}  // namespace
}  // namespace stepwell
