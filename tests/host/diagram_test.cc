// Pictures and differences through the public C++ interface.
#include "stepwell/diagram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stepwell/protocol_diff.h"
#include "stepwell/requests.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

using ::stepwell::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Code = absl::StatusCode;
using Made = std::shared_ptr<const Protocol>;

Made Compiled(std::string_view document) {
  auto protocol = Protocol::Compile(document);
  EXPECT_OK(protocol);
  return protocol.ok() ? *protocol : nullptr;
}

TEST(Diagram, IsDrawnInEachFormatAndLanguage) {
  const Made protocol = Compiled("catalogue:icbt_sweden");
  ASSERT_NE(protocol, nullptr);
  ASSERT_OK_AND_ASSIGN(const std::string svg, Draw(*protocol, {}));
  EXPECT_THAT(svg, AllOf(StartsWith("<svg "), HasSubstr("Anmälan")));
  DiagramOptions options;
  options.language = "en";
  options.format = DiagramFormat::kDot;
  ASSERT_OK_AND_ASSIGN(const std::string dot, Draw(*protocol, options));
  EXPECT_THAT(dot, AllOf(StartsWith("digraph"), HasSubstr("Application")));
  options.format = DiagramFormat::kMermaid;
  ASSERT_OK_AND_ASSIGN(const std::string mermaid, Draw(*protocol, options));
  EXPECT_THAT(mermaid, StartsWith("flowchart LR\n"));
  for (const char* wrong : {"s v", "<script>", "\"", "sv_SE"}) {
    options.language = wrong;
    EXPECT_THAT(Draw(*protocol, options),
                StatusIs(Code::kInvalidArgument, "written as a language"));
  }
  options.language = std::string(36, 'a');
  EXPECT_FALSE(Draw(*protocol, options).ok());
}

TEST(Diagram, OptionsAreReadStrictly) {
  ASSERT_OK_AND_ASSIGN(
      const DiagramOptions options,
      DiagramOptionsFromJson(R"({"as":"mermaid","language":"sv"})"));
  EXPECT_EQ(options.format, DiagramFormat::kMermaid);
  EXPECT_EQ(options.language, "sv");
  EXPECT_OK(DiagramOptionsFromJson(""));
  for (const char* wrong :
       {R"({"as":"png"})", R"({"lang":"sv"})", R"({"as":1})", "[]", "{"}) {
    EXPECT_THAT(DiagramOptionsFromJson(wrong).status(),
                StatusIs(Code::kInvalidArgument, ""))
        << wrong;
  }
}

constexpr char kLocal[] = R"({
  "protocol": "clinic", "base": "minimal@1", "version": "2",
  "status": "reviewed", "author": "A",
  "templates": [{"id": "alert_open", "text": {"en": "Look now."}}],
  "clocks": [{"id": "answer", "budget": "5 days"},
             {"id": "alert", "budget": "30 minutes"}],
  "routes": [{"id": "self", "title": {"en": "On one's own"}}]})";

TEST(ProtocolDifference, ReadsAsATextForWhoeverApproves) {
  const Made base = Compiled("catalogue:minimal"), local = Compiled(kLocal);
  const ProtocolDiff diff = CompareProtocols(*base, *local);
  EXPECT_EQ(ToText(diff),
            "minimal 1 (draft) -> clinic 2 (reviewed): the logic differs\n"
            "Risk\n"
            "! clock alert: the time allowed is \"30 minutes\" (was \"1 "
            "hour\")\n"
            "! message alert_open: its text in en is \"Look now.\" (was \"A "
            "risk alert waits for somebody.\") (text only)\n"
            "identity\n"
            "  the protocol's id is \"clinic\" (was \"minimal\")\n"
            "clocks\n"
            "  clock answer: the time allowed is \"5 days\" (was \"7 days\")\n"
            "texts and sources only\n"
            "  the protocol's author is \"A\" (was \"The Stepwell authors\")\n"
            "  the protocol's status is \"reviewed\" (was \"draft\")\n"
            "  the protocol's version is \"2\" (was \"1\")\n"
            "  way in self (On one's own): its title in en is \"On one's "
            "own\" (was \"Self-referral\")\n");
  EXPECT_THAT(ToText(CompareProtocols(*base, *base)),
              HasSubstr(": the same\n"));
}

// Pointers lead into it, and it compiles to the same thing.
TEST(ProtocolDifference, LeadsIntoTheRenderedDocument) {
  const Made local = Compiled(kLocal);
  const std::string document = local->DocumentJson();
  EXPECT_THAT(document, AllOf(HasSubstr("\"budget\": \"5 days\""),
                              Not(HasSubstr("\"base\""))));
  EXPECT_EQ(Compiled(document)->hash(), local->hash());
  EXPECT_THAT(local->InfoJson(), HasSubstr("\"document\":{"));
}

TEST(ProtocolDifference, IsTheSameBothWays) {
  const Made base = Compiled("catalogue:minimal"), local = Compiled(kLocal);
  const ProtocolDiff there = CompareProtocols(*base, *local);
  const ProtocolDiff back = CompareProtocols(*local, *base);
  ASSERT_EQ(there.changes.size(), back.changes.size());
  for (size_t i = 0; i < there.changes.size(); ++i) {
    EXPECT_EQ(there.changes[i].before, back.changes[i].after);
    EXPECT_EQ(there.changes[i].after, back.changes[i].before);
    EXPECT_EQ(there.changes[i].pointer, back.changes[i].pointer);
  }
  EXPECT_THAT(ToJson(back), Not(HasSubstr("\"document\"")));
}

}  // namespace
}  // namespace stepwell::host
