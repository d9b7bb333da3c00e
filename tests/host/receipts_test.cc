// What a reply names is what was kept, however often it is asked.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "host/host_support.h"

namespace stepwell::host {
namespace {

class Receipts : public HostTest {
 protected:
  // The receipt of a message m-1 with that text.
  std::string Write(const std::string& command, const std::string& text) {
    return Do(absl::StrCat(R"({"id":")", command,
                           R"(","command":"receive_message","actor":)",
                           R"({"role":"patient"},"case":")", case_,
                           R"(","message_id":"m-1","body_key":")", text, "\"}"))
        .receipt;
  }
};

TEST_F(Receipts, OfAMessageThatComesAgainAreTheSame) {
  Begin();
  EXPECT_EQ(Write("a", "one"), "m-1");
  EXPECT_EQ(Write("b", "two"), "m-1/1");
  EXPECT_EQ(Write("c", "two"), "m-1/1");
  EXPECT_EQ(Write("d", "one"), "m-1");
  EXPECT_EQ(Write("b", "two"), "m-1/1");  // as it was stored
  ExpectHealthy();
}

}  // namespace
}  // namespace stepwell::host
