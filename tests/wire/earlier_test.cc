// What an earlier version wrote: read, and written again byte for byte. So a
// command that was sent to that version is the same command now.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "support/matchers.h"
#include "wire/record.h"

namespace stepwell::wire {
namespace {

TEST(Earlier, AMemberWithoutTermsIsWrittenAsBeforeThereWereAny) {
  const std::string bytes = absl::HexStringToBytes(
      "010001af02e7248090dcfcd981a606ffa7d6b907039901030b7265666572656e"
      "6365203205110207706f6f6c73203407706f6f6c732035072d0215028988aefe"
      "ec809303048a88aefeec80930306f20715028d88aefeec809303048e88aefeec"
      "80930306f60709150209736b696c6c7320313609736b696c6c732031370b1b02"
      "0c6c616e6775616765732031390c6c616e6775616765732032300c2b0e2f109a"
      "88aefeec809303269c88aefeec809303");
  ASSERT_OK_AND_ASSIGN(const auto event, DecodeServiceEvent(bytes));
  const auto& added = std::get<engine::StaffAdded>(event.body);
  EXPECT_EQ(added.staff.reference, "reference 2");
  EXPECT_EQ(added.staff.cover, std::nullopt);
  EXPECT_EQ(absl::BytesToHexString(EncodeEvent(event)),
            absl::BytesToHexString(bytes));
}

TEST(Earlier, AChoiceIsWrittenAsBeforeThereWereTurns) {
  const std::string bytes = absl::HexStringToBytes(
      "0100010be7248090dcfcd981a606ffa7d6b90703070201040406ec07050c0201"
      "040f0609080a0a0b0c0c");
  ASSERT_OK_AND_ASSIGN(const auto event, DecodeEvent(bytes));
  const auto& given = std::get<engine::CaseAssigned>(event.body);
  ASSERT_TRUE(given.choice);
  EXPECT_EQ(given.choice->after, std::nullopt);
  EXPECT_EQ(absl::BytesToHexString(EncodeEvent(event)),
            absl::BytesToHexString(bytes));
}

}  // namespace
}  // namespace stepwell::wire
