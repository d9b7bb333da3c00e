// What patients wrote can be read where the work is listed.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"
#include "stepwell/requests.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

class WorkText : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    Begin();
  }

  void Write(const std::string& id, const std::string& text) {
    Do(absl::StrCat(
        R"({"id":")", id,
        R"(","command":"receive_message","actor":{"role":"patient"},"case":")",
        case_, R"(","message_id":")", id, R"(","text":")", text, R"("})"));
  }

  Worklist List(const std::string& kind, bool with_text, size_t limit = 50) {
    WorklistQuery query;
    query.kind = kind;
    query.with_text = with_text;
    query.limit = limit;
    auto list = service_->QueryWorklist(query, now_);
    EXPECT_OK(list);
    return list.ok() ? *std::move(list) : Worklist();
  }
};

TEST_F(WorkText, OfAMessageIsInItsLineWhenAskedForAndInItsCase) {
  Write("m1", "Hello\\nAnna");
  ASSERT_EQ(List("message", false).lines.size(), 1u);
  EXPECT_EQ(List("message", false).lines[0].text, "");
  ASSERT_EQ(List("message", true).lines.size(), 1u);
  EXPECT_EQ(List("message", true).lines[0].text, "Hello\nAnna");
  ASSERT_OK_AND_ASSIGN(const CaseSummary summary,
                       service_->QueryCase(case_, now_));
  ASSERT_EQ(summary.open_messages.size(), 1u);
  EXPECT_EQ(summary.open_messages[0].text, "Hello\nAnna");
  EXPECT_NE(ToJson(summary).find(R"("text":"Hello\nAnna")"), std::string::npos);
  for (const WorkLine& line : List("item", true).lines) {
    EXPECT_EQ(line.text, "");
  }
}

TEST_F(WorkText, OfParkedInputIsAsItCame) {
  const std::string sent =
      R"({"id":"q","command":"receive_message","actor":{"role":"patient"},)"
      R"("person":{"system":"urn:x","value":"nobody"},"text":"I am here"})";
  ASSERT_OK_AND_ASSIGN(const Reply reply, Try(sent));
  EXPECT_EQ(reply.kind, Reply::Kind::kParked);
  const Worklist list = List("parked", true);
  ASSERT_EQ(list.lines.size(), 1u);
  EXPECT_NE(list.lines[0].text.find("I am here"), std::string::npos);
}

TEST_F(WorkText, IsTheWholeCommandWhenItIsNoText) {
  Do(absl::StrCat(
      R"({"id":"m","command":"receive_message","actor":{"role":"patient"},)"
      R"("case":")",
      case_, R"(","message_id":"m","text":{"said":"I cannot go on"}})"));
  const Worklist list = List("message", true);
  ASSERT_EQ(list.lines.size(), 1u);
  EXPECT_NE(list.lines[0].text.find("I cannot go on"), std::string::npos);
}

TEST_F(WorkText, OfGreatLengthIsItsBeginningAndSaysSo) {
  // Too long for a text: all that came is kept. The cut does not go through a
  // character.
  std::string text;
  while (text.size() < 70'000) text += "å";
  Write("long", text);
  const Worklist list = List("message", true);
  ASSERT_EQ(list.lines.size(), 1u);
  EXPECT_TRUE(list.lines[0].text_cut);
  const std::string& shown = list.lines[0].text;
  EXPECT_GE(shown.size(), 65'535u);
  EXPECT_LE(shown.size(), 65'536u);
  EXPECT_TRUE(shown.substr(shown.size() - 2) == "å");
}

TEST_F(WorkText, MakesPagesOfAHundredLines) {
  for (int i = 0; i < 101; ++i) Write(absl::StrCat("m", i), "short");
  EXPECT_EQ(List("message", true, 1000).lines.size(), 100u);
  EXPECT_NE(List("message", true, 1000).next, "");
  EXPECT_EQ(List("message", false, 1000).lines.size(), 101u);
}

TEST(WorklistQueryOfJson, KnowsWithText) {
  ASSERT_OK_AND_ASSIGN(const WorklistQuery query,
                       WorklistQueryFromJson(R"({"with_text":true})"));
  EXPECT_TRUE(query.with_text);
  EXPECT_FALSE(WorklistQueryFromJson(R"({"with_text":1})").ok());
}

}  // namespace
}  // namespace stepwell::host
