#include "base/fingerprint.h"

#include <gtest/gtest.h>

namespace stepwell {
namespace {

TEST(Fingerprint, IsBlake2b256) {
  // The digest of the empty message, RFC 7693's function with 32 bytes output.
  EXPECT_EQ(ToHex(FingerprintOf("")),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  Fingerprint back;
  EXPECT_TRUE(FromHex(ToHex(FingerprintOf("x")), &back));
  EXPECT_EQ(back, FingerprintOf("x"));
  EXPECT_FALSE(FromHex("zz", &back));
}

TEST(DerivedIds, KeepPartsApartAndReadBack) {
  EXPECT_NE(DeriveId("case", "ab", "c"), DeriveId("case", "a", "bc"));
  const uint64_t id = DeriveId("case", "command-1");
  uint64_t back = 0;
  EXPECT_TRUE(IdFromText(IdToText(id), &back));
  EXPECT_EQ(back, id);
  EXPECT_EQ(IdToText(1), "0000000000001");
  EXPECT_FALSE(IdFromText("ZZZZZZZZZZZZZ", &back));  // beyond 64 bits
  EXPECT_FALSE(IdFromText("U000000000000", &back));
}

}  // namespace
}  // namespace stepwell
