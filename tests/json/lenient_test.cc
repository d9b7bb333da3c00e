// Texts that must not be lost: half surrogates are mended, repeated keys told.
#include "json/lenient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/matchers.h"

namespace stepwell::json {
namespace {

using ::stepwell::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Lenient, HalfASurrogatePairBecomesTheReplacementCharacter) {
  struct {
    const char* text;
    const char* mended;
  } const cases[] = {
      {R"("\ud83d")", R"("\ufffd")"},
      {R"("\uDE00")", R"("\ufffd")"},
      {R"("\ud83d\ude00")", R"("\ud83d\ude00")"},
      {R"("\ud83d\ud83d\ude00")", R"("\ufffd\ud83d\ude00")"},
      {R"("\ude00\ud83d")", R"("\ufffd\ufffd")"},
      {R"("\ud83dx\ude00")", R"("\ufffdx\ufffd")"},
      {R"("\ud83d\n\u0041")", R"("\ufffd\n\u0041")"},
      // Backslashes that are text themselves.
      {R"("\\ud83d")", R"("\\ud83d")"},
      {R"("\\\ud83d")", R"("\\\ufffd")"},
      {R"("\"\ud83d")", R"("\"\ufffd")"},
      {R"({"\ud83d":1})", R"({"\ufffd":1})"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(WithWholeSurrogates(one.text), one.mended) << one.text;
    ASSERT_OK_AND_ASSIGN(const LenientDocument read, ParseLenient(one.text));
    EXPECT_EQ(read.mended, std::string(one.text) != one.mended) << one.text;
    ASSERT_OK_AND_ASSIGN(const Document strict, Parse(one.mended));
    EXPECT_EQ(Canonical(read.document.root()), Canonical(strict.root()));
  }
}

// Every pair of code units, against what UTF-16 says.
TEST(Lenient, EveryPairOfUnitsReads) {
  const unsigned units[] = {0x0041, 0xD7FF, 0xD800, 0xDBFF,
                            0xDC00, 0xDFFF, 0xE000};
  for (const unsigned a : units) {
    for (const unsigned b : units) {
      char text[20];
      std::snprintf(text, sizeof(text), "\"\\u%04x\\u%04X\"", a, b);
      const auto half = [](unsigned u) { return u >= 0xD800 && u < 0xE000; };
      const bool pair = a >= 0xD800 && a < 0xDC00 && b >= 0xDC00 && b < 0xE000;
      ASSERT_OK_AND_ASSIGN(const LenientDocument read, ParseLenient(text));
      EXPECT_EQ(read.mended, !pair && (half(a) || half(b))) << text;
    }
  }
}

TEST(Lenient, CutOffEscapesAreNoJsonStill) {
  for (const char* text : {R"("\ud83)", R"("\ud83d)", R"("\)", R"("\u")",
                           R"("\udz00")", "", "{"}) {
    EXPECT_THAT(ParseLenient(text),
                StatusIs(absl::StatusCode::kInvalidArgument, ""))
        << text;
  }
  EXPECT_THAT(ParseLenient("[1,2]", {.bytes_max = 4}),
              StatusIs(absl::StatusCode::kResourceExhausted, "at most 4"));
}

TEST(Lenient, RepeatedKeysAreToldAndKept) {
  ASSERT_OK_AND_ASSIGN(
      const LenientDocument read,
      ParseLenient(R"({"a":1,"b":{"c":[{"d":1,"d":2,"e":3}]},"a":4,"a":5})"));
  EXPECT_THAT(read.repeated_keys, ElementsAre("/b/c/0/d", "/a", "/a"));
  EXPECT_FALSE(read.mended);
  EXPECT_EQ(read.document.root().Find("a").number_text(), "1");
  EXPECT_EQ(Unambiguous(read.document.root()),
            R"({"a":[1,4,5],"b":{"c":[{"d":[1,2],"e":3}]}})");
  // Two that are one only when mended are the same key too.
  ASSERT_OK_AND_ASSIGN(const LenientDocument same,
                       ParseLenient(R"({"\ud83d":1,"\ude00":2})"));
  EXPECT_EQ(same.repeated_keys.size(), 1u);
  ASSERT_OK_AND_ASSIGN(const LenientDocument plain,
                       ParseLenient(R"([{"a":1},{"a":"x"},null])"));
  EXPECT_THAT(plain.repeated_keys, IsEmpty());
  EXPECT_EQ(Unambiguous(plain.document.root()), R"([{"a":1},{"a":"x"},null])");
}

TEST(Lenient, ManyRepeatedKeysAreBounded) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"k\":1,";
  text += "\"k\":1}";
  ASSERT_OK_AND_ASSIGN(const LenientDocument read, ParseLenient(text));
  EXPECT_EQ(read.repeated_keys.size(), limits::kCommandProblemsMax);
  const std::string list = Unambiguous(read.document.root());
  EXPECT_EQ(list.substr(0, 9), R"({"k":[1,1)");
  EXPECT_EQ(list.size(), 200'009u);
}

}  // namespace
}  // namespace stepwell::json
