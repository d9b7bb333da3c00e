#include "json/json.h"

#include <gtest/gtest.h>

#include <string>

#include "support/matchers.h"

namespace stepwell::json {
namespace {

using ::stepwell::testing::StatusIs;

TEST(JsonParse, KeepsNumberTextAndPointers) {
  ASSERT_OK_AND_ASSIGN(
      Document doc, Parse(R"({"a":[1.50,{"b/c~d":-0}],"big":1E+2,"s":"å\n"})"));
  const Value a = doc.root().Find("a");
  EXPECT_EQ(a.at(0).number_text(), "1.50");
  EXPECT_EQ(a.at(1).Find("b/c~d").pointer(), "/a/1/b~1c~0d");
  EXPECT_EQ(doc.root().Find("big").number_text(), "1E+2");
  EXPECT_EQ(doc.root().Find("s").string_value(), "å\n");
  EXPECT_EQ(a.size(), 2u);
  EXPECT_FALSE(doc.root().Find("missing"));
  EXPECT_EQ(a.at(0).int64_value(), std::nullopt);
  EXPECT_EQ(a.at(1).first_child().int64_value(), 0);
}

TEST(JsonParse, CanonicalSortsKeysAndKeepsNumbers) {
  ASSERT_OK_AND_ASSIGN(Document doc,
                       Parse(" { \"b\" : 1.0 , \"a\" : [ null , true ] } "));
  EXPECT_EQ(Canonical(doc.root()), R"({"a":[null,true],"b":1.0})");
  EXPECT_EQ(ToText(doc.root(), true),
            "{\n  \"b\": 1.0,\n  \"a\": [\n    null,\n    true\n  ]\n}");
}

TEST(JsonParse, RefusesBadTextsWithThePlace) {
  EXPECT_THAT(Parse(R"({"a":1,"a":2})"),
              StatusIs(absl::StatusCode::kInvalidArgument, "/a"));
  EXPECT_THAT(Parse(R"({"a":)"),
              StatusIs(absl::StatusCode::kInvalidArgument, "byte 5"));
  EXPECT_THAT(Parse("{} x"),
              StatusIs(absl::StatusCode::kInvalidArgument, "byte 3"));
  EXPECT_THAT(Parse("\"\xff\""),
              StatusIs(absl::StatusCode::kInvalidArgument, "byte"));
  EXPECT_THAT(Parse(""), StatusIs(absl::StatusCode::kInvalidArgument, ""));
  EXPECT_THAT(Parse(std::string(10000, '[')),
              StatusIs(absl::StatusCode::kInvalidArgument, "256 levels"));
  EXPECT_THAT(Parse("[1,2]", {.bytes_max = 4}),
              StatusIs(absl::StatusCode::kResourceExhausted, "at most 4"));
}

TEST(JsonParse, ScalarsMayBeRoots) {
  ASSERT_OK_AND_ASSIGN(Document doc, Parse("12345678901234567890"));
  EXPECT_EQ(doc.root().number_text(), "12345678901234567890");
  EXPECT_EQ(doc.root().int64_value(), std::nullopt);
}

TEST(JsonWriter, EscapesAndNests) {
  Writer writer;
  writer.BeginObject().Key("a\"").BeginArray().Int(-1).String("\x01\\").Null();
  writer.EndArray().Key("b").Double(0.1).EndObject();
  EXPECT_EQ(writer.text(), "{\"a\\\"\":[-1,\"\\u0001\\\\\",null],\"b\":0.1}");
}

TEST(JsonWriter, BytesThatAreNoUtf8BecomeReplacementCharacters) {
  const std::string bad[] = {
      "\x80",          // a continuation without a lead
      "\xC3",          // cut short
      "\xC0\xAF",      // overlong
      "\xE0\x80\x80",  // overlong
      "\xED\xA0\x80",  // a surrogate
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",  // beyond U+10FFFF
      "\xE2\x82x",         // broken off by another character
  };
  for (const std::string& text : bad) {
    const auto document = Parse(Quote(text));
    ASSERT_OK(document) << Quote(text);
    EXPECT_EQ(document->root().string_value().find("\xEF\xBF\xBD"), 0u);
  }
  const std::string good = "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80";
  EXPECT_EQ(Quote(good), '"' + good + '"');
}

}  // namespace
}  // namespace stepwell::json
