// Texts, bytes and times that come in.
#include "text.h"

#include <cstdint>
#include <string>

#include "stepwell/error.h"

namespace stepwell::capi {
namespace {

// The length of the sequence that begins at `at`, 0 when it is none: no
// overlong forms, no surrogates, nothing beyond U+10FFFF (RFC 3629).
size_t SequenceLength(const unsigned char* at, size_t left) {
  const unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (left < length) return 0;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (at[1] < low || at[1] > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((at[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

// The first byte that is no UTF-8; the size when all is well.
size_t FirstInvalid(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t i = 0;
  while (i < text.size()) {
    uint64_t eight;
    while (i + sizeof eight <= text.size()) {
      std::memcpy(&eight, bytes + i, sizeof eight);
      if ((eight & 0x8080808080808080u) != 0) break;
      i += sizeof eight;
    }
    if (i == text.size()) break;
    const size_t length = SequenceLength(bytes + i, text.size() - i);
    if (length == 0) return i;
    i += length;
  }
  return text.size();
}

}  // namespace

Outcome TakeBytes(const void* bytes, size_t len, const char* name,
                  std::string_view* out) {
  *out = {};
  if (len > STEPWELL_TEXT_BYTES_MAX) {
    return Outcome::TooLarge(
        std::string(name) + " has " + std::to_string(len) + " bytes, at most " +
        std::to_string(STEPWELL_TEXT_BYTES_MAX) + " are taken");
  }
  if (bytes == nullptr) {
    if (len == 0) return {};
    return Outcome::Misuse(name, " is NULL but has a length");
  }
  *out = std::string_view(static_cast<const char*>(bytes), len);
  return {};
}

Outcome TakeText(const char* text, size_t len, const char* name,
                 std::string_view* out) {
  STEPWELL_CAPI_TRY(TakeBytes(text, len, name, out));
  const size_t bad = FirstInvalid(*out);
  if (bad == out->size()) return {};
  *out = {};
  return InvalidAt(std::string(name) + " is no valid UTF-8",
                   static_cast<int64_t>(bad));
}

Outcome TakeNow(int64_t now_us, Instant* out) {
  *out = Instant{now_us};
  if (IsInCalendarRange(*out)) return {};
  return absl::InvalidArgumentError(
      "now_us lies outside the years 1 to 9999: it is microseconds since "
      "1970-01-01T00:00:00Z");
}

}  // namespace stepwell::capi
