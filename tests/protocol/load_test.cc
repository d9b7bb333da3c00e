// The shipped documents load, and what is compiled is what was written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/catalogue.h"
#include "protocol/protocol.h"
#include "support/matchers.h"

namespace stepwell::protocol {
namespace {

std::string Print(const Issues& issues) {
  std::string out;
  for (const Issue& issue : issues) {
    out += issue.code + " " + issue.pointer + ": " + issue.message + " (" +
           issue.hint + ")\n";
  }
  return out;
}

TEST(LoadTest, ShippedProtocolsHaveNoIssues) {
  size_t loaded = 0;
  for (const CatalogueFile& file : ListCatalogue("protocols/")) {
    ASSERT_OK_AND_ASSIGN(LoadResult result,
                         LoadProtocol(file.text, BuiltInCatalogue()));
    EXPECT_EQ(Print(result.issues), "") << file.path;
    EXPECT_TRUE(result.protocol != nullptr) << file.path;
    ++loaded;
  }
  EXPECT_GE(loaded, 2u);
}

}  // namespace
}  // namespace stepwell::protocol
