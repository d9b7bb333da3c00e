// Whatever comes from outside: an error or issues, soon, and no crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "json/json.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"

namespace stepwell::protocol {
namespace {

using ::stepwell::testing::StatusIs;

absl::StatusOr<LoadResult> Try(std::string_view text) {
  return LoadProtocol(text, BuiltInCatalogue());
}

TEST(BadBytesTest, NothingAtAll) {
  EXPECT_THAT(Try(""), StatusIs(absl::StatusCode::kInvalidArgument, ""));
}

TEST(BadBytesTest, EveryTruncationIsAnError) {
  const std::string_view text = Shipped("minimal");
  const size_t end = text.rfind('}');
  for (size_t length = 0; length <= end; length += 7) {
    EXPECT_THAT(Try(text.substr(0, length)),
                StatusIs(absl::StatusCode::kInvalidArgument, ""))
        << length;
  }
}

TEST(BadBytesTest, HundredMegabytesAreRefused) {
  EXPECT_THAT(Try(std::string(100u << 20, ' ')),
              StatusIs(absl::StatusCode::kResourceExhausted, ""));
}

TEST(BadBytesTest, DepthOfTenThousandIsRefused) {
  EXPECT_FALSE(Try("{\"tracks\":" + std::string(10'000, '[')).ok());
  EXPECT_FALSE(Try(std::string(10'000, '[') + std::string(10'000, ']')).ok());
}

TEST(BadBytesTest, InvalidUtf8IsRefused) {
  EXPECT_THAT(Try("{\"protocol\": \"\xC3\x28\"}"),
              StatusIs(absl::StatusCode::kInvalidArgument, ""));
}

TEST(BadBytesTest, OtherThingsThanObjectsAreIssues) {
  for (const char* text : {"[]", "null", "1", "\"protocol\""}) {
    const LoadResult result = Load(text);
    EXPECT_TRUE(FindIssue(result.issues, "wrong_type", "")) << text;
    EXPECT_TRUE(result.protocol == nullptr);
  }
}

TEST(BadBytesTest, EmptyObjectListsWhatIsMissing) {
  const LoadResult result = Load("{}");
  EXPECT_TRUE(HasError(result.issues));
  EXPECT_GE(result.issues.size(), 8u) << Print(result.issues);
}

// Each value of a good document becomes something of another type, or goes.
// Most are mistakes; none may crash, and a null protocol has a reason.
TEST(BadBytesTest, EveryValueMayBeWrong) {
  const std::string_view text = Shipped("minimal");
  ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(text));
  size_t refused = 0, tried = 0;
  for (uint32_t i = 1; i < document.size(); ++i) {
    const std::string pointer = document.value(i).pointer();
    for (const char* value : {"", "null", "-1", "\"zz\"", "[]", "[{}]",
                              "{\"id\":\"zz\"}", "[[1]]"}) {
      const LoadResult result = Load(Changed(text, {{pointer, value}}));
      EXPECT_EQ(result.protocol == nullptr, HasError(result.issues))
          << pointer << " " << value;
      refused += result.protocol == nullptr;
      ++tried;
    }
  }
  EXPECT_GT(tried, 1'000u);
  EXPECT_GT(refused, tried / 2);
}

TEST(BadBytesTest, ManyMistakesEndInABoundedList) {
  std::string rules = "[";
  for (int i = 0; i < 20'000; ++i) rules += "{\"x\":1},";
  rules.back() = ']';
  const LoadResult result =
      Load(Changed(Shipped("minimal"), {{"/rules", rules}}));
  EXPECT_LE(result.issues.size(), limits::kProtocolIssuesMax + 1);
  EXPECT_EQ(result.issues.back().code, "too_many_issues");
}

TEST(BadBytesTest, LongChainOfNeedsDoesNotExhaustTheStack) {
  std::string items;
  for (int i = 0; i < 50'000; ++i) {
    items += R"({"id":"t)" + std::to_string(i) +
             R"(","kind":"task","who":"team","needs":["t)" +
             std::to_string(i + 1) + R"("]},)";
  }
  items += R"({"id":"t50000","kind":"task","who":"team","needs":["t0"]})";
  const LoadResult result = Load(Changed(
      Shipped("minimal"), {{"/tracks/0/phases/1/items", "[" + items + "]"}}));
  EXPECT_TRUE(
      FindIssue(result.issues, "cycle", "/tracks/0/phases/1/items/0/needs"));
}

}  // namespace
}  // namespace stepwell::protocol
