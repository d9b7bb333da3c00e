#include "base/fingerprint.h"

#include <sodium.h>

namespace stepwell {
namespace {

constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void UpdateWithLength(crypto_generichash_state& state, std::string_view part) {
  const uint64_t size = part.size();
  unsigned char length[8];
  for (int i = 0; i < 8; ++i) {
    length[i] = static_cast<unsigned char>(size >> (8 * i));
  }
  crypto_generichash_update(&state, length, sizeof length);
  crypto_generichash_update(
      &state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
}

int DigitValue(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  for (int i = 0; i < 32; ++i) {
    if (kAlphabet[i] == c) return i;
  }
  return -1;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Fingerprint FingerprintOf(std::string_view data) {
  Fingerprint result;
  crypto_generichash(result.bytes.data(), result.bytes.size(),
                     reinterpret_cast<const unsigned char*>(data.data()),
                     data.size(), nullptr, 0);
  return result;
}

std::string ToHex(const Fingerprint& fingerprint) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(fingerprint.bytes.size() * 2);
  for (uint8_t byte : fingerprint.bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

bool FromHex(std::string_view text, Fingerprint* out) {
  if (text.size() != out->bytes.size() * 2) return false;
  for (size_t i = 0; i < out->bytes.size(); ++i) {
    const int high = HexValue(text[2 * i]);
    const int low = HexValue(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out->bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

uint64_t DeriveId(std::string_view kind, std::string_view a,
                  std::string_view b) {
  crypto_generichash_state state;
  unsigned char digest[16];
  crypto_generichash_init(&state, nullptr, 0, sizeof digest);
  UpdateWithLength(state, kind);
  UpdateWithLength(state, a);
  UpdateWithLength(state, b);
  crypto_generichash_final(&state, digest, sizeof digest);
  uint64_t id = 0;
  for (int i = 0; i < 8; ++i) id = id << 8 | digest[i];
  return id == 0 ? 1 : id;
}

std::string IdToText(uint64_t id) {
  std::string text(13, '0');
  for (int i = 12; i >= 0; --i) {
    text[static_cast<size_t>(i)] = kAlphabet[id & 31];
    id >>= 5;
  }
  return text;
}

bool IdFromText(std::string_view text, uint64_t* out) {
  if (text.size() != 13) return false;
  uint64_t id = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const int digit = DigitValue(text[i]);
    if (digit < 0 || (i == 0 && digit > 15)) return false;
    id = id << 5 | static_cast<uint64_t>(digit);
  }
  *out = id;
  return true;
}

}  // namespace stepwell
