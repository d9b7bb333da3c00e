// BLAKE2b fingerprints and the ids derived from them.
#ifndef STEPWELL_BASE_FINGERPRINT_H_
#define STEPWELL_BASE_FINGERPRINT_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace stepwell {

// A BLAKE2b-256 digest.
struct Fingerprint {
  std::array<uint8_t, 32> bytes{};
  auto operator<=>(const Fingerprint&) const = default;
};

Fingerprint FingerprintOf(std::string_view data);
// 64 lower-case hexadecimal digits.
std::string ToHex(const Fingerprint& fingerprint);
// False when `text` is not 64 hexadecimal digits.
bool FromHex(std::string_view text, Fingerprint* out);

// A 64-bit id derived from the parts, each length-prefixed, so ("ab","c") and
// ("a","bc") differ. Never 0.
uint64_t DeriveId(std::string_view kind, std::string_view a,
                  std::string_view b = "");

// Ids as text: 13 letters of Crockford's base32, most significant first.
std::string IdToText(uint64_t id);
// Accepts lower case; false when `text` is not such an id.
bool IdFromText(std::string_view text, uint64_t* out);

}  // namespace stepwell

#endif  // STEPWELL_BASE_FINGERPRINT_H_
